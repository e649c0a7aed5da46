/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The outbox when processes die, links break and the ledger is away: nothing is lost, and only what was listed as of unknown outcome can
 * reach a citizen twice. */
#include "tests/unit/gateway/outbox_world.h"

#define COUNTED(what) (gw_outbox_counters(one->outbox)->what)

/* Killed between the intent and the outcome; another takes it up. */
static const char *killed_behind_intent(struct gw_notice *notice)
{
	const char *id = accept_notice(one, notice);

	TURN_UNTIL(one->n_sent == 1);
	gateway_kill(one);
	gateway_again(one);
	all_idle();
	TURN_UNTIL(COUNTED(unknown) == 1);
	return id;
}

static void killed_before_intent(void **state)
{
	const char *id;

	(void)state;
	one->room = 0;
	id = accept_notice(one, notice_new(CITIZEN, "short"));
	one->room = 1;
	TURN_UNTIL(gw_outbox_counters(one->outbox)->taken == 1);
	one->n_sent = 0;
	gateway_kill(one); /* perhaps its intent is on its way */
	gateway_again(one);
	one->room = 100;
	all_idle();
	TURN_UNTIL(COUNTED(claimed) == 1);
	TURN_UNTIL(one->n_sent == 1 || COUNTED(unknown) == 1);
	if (COUNTED(unknown))
		return;
	outcome(one, &one->sent[0], 0, GW_SENT_TAKEN, "1");
	UNTIL_STATE(id, GW_NOTICE_SENT);
	assert_true(lanes_empty());
}

static void then_its_receipt_comes(void **state)
{
	const char *id = killed_behind_intent(notice_new(CITIZEN, "short"));

	(void)state;
	assert_int_equal(GW_PART_UNKNOWN, find(id)->parts[0].state);
	assert_int_equal(1, found->unknowns);
	assert_int_equal(1, count_of("unsure:*", "ZCARD"));
	receipt_of(one, CITIZEN, "00ab", true, one->sent[0].reference);
	UNTIL_STATE(id, GW_NOTICE_DELIVERED);
	TURN_UNTIL(one->accepted == 1);
	assert_int_equal(0, count_of("unsure:*", "ZCARD"));
	assert_int_equal(1, count_of("unsure-log:*", "ZCARD")); /* it stays listed */
	receipt_of(one, CITIZEN, "00ab", true, -1); /* again, and without its reference */
	TURN_UNTIL(one->accepted == 2);
	assert_int_equal(1, gw_receipts_counters(one->receipts)->repeated);
	all_due();
	TURN_UNTIL(lanes_empty());
	assert_int_equal(1, one->n_sent);
}

static void its_receipt_came_before_it_was_found(void **state)
{
	const char *id = accept_notice(one, notice_new(CITIZEN, "short"));

	(void)state;
	TURN_UNTIL(one->n_sent == 1);
	receipt_of(one, CITIZEN, "00ab", true, one->sent[0].reference);
	TURN_UNTIL(one->accepted == 1);
	gateway_kill(one);
	gateway_again(one);
	all_idle();
	UNTIL_STATE(id, GW_NOTICE_DELIVERED);
	assert_int_equal(0, COUNTED(unknown));
	TURN_UNTIL(lanes_empty());
	assert_int_equal(0, count_of("early:*", "STRLEN"));
	assert_int_equal(1, one->n_sent);
}

/* A network that says no reference: the only receipt since, when it has been unknown for a while. */
static void a_receipt_without_a_name(void **state)
{
	const char *id;
	int64_t now = sess_clock_wall_ms();

	(void)state;
	clock_to(now);
	id = killed_behind_intent(notice_new(CITIZEN, "short"));
	receipt_of(one, CITIZEN, "00ab", true, -1);
	TURN_UNTIL(one->accepted == 1);
	assert_int_equal(GW_PART_UNKNOWN, find(id)->parts[0].state);
	clock_to(now + 61000);
	all_due();
	UNTIL_STATE(id, GW_NOTICE_DELIVERED);
	assert_int_equal(1, one->n_sent);
}

static void two_receipts_without_names_are_nobodys(void **state)
{
	int64_t now = sess_clock_wall_ms();

	(void)state;
	clock_to(now);
	killed_behind_intent(notice_new(CITIZEN, "short"));
	receipt_of(one, CITIZEN, "00ab", true, -1);
	TURN_UNTIL(one->accepted == 1);
	gw_receipts_hear(one->receipts, &(struct gw_receipt){ .route = &one->route, .msisdn = CITIZEN, .verdict = GW_RECEIPT_FAILED,
		.state = "UNDELIV", .error = "", .n_ids = 1, .ids = { "00ac" } });
	TURN_UNTIL(one->accepted == 2);
	clock_to(now + 61000);
	all_due();
	TURN_UNTIL(one->n_sent == 2); /* as if there were none */
}

static void sent_again(void **state)
{
	const char *id;
	int64_t now = sess_clock_wall_ms();

	(void)state;
	clock_to(now);
	id = killed_behind_intent(notice_new(CITIZEN, "a text of forty-one octets has three parts"));
	all_due(); /* too early */
	for (int i = 0; i < 1000; i++)
		turn();
	assert_int_equal(1, one->n_sent);
	clock_to(now + 61000);
	all_due();
	TURN_UNTIL(one->n_sent == 2);
	assert_int_equal(1, COUNTED(unknown_again));
	assert_int_equal(0, count_of("unsure:*", "ZCARD"));
	for (unsigned int i = 0; i < 3; i++)
		outcome(one, &one->sent[1], i, GW_SENT_TAKEN, (const char *const[]){ "1", "2", "3" }[i]);
	UNTIL_STATE(id, GW_NOTICE_SENT);
	assert_int_equal(2, found->attempts);
	assert_true(lanes_empty());
}

static void given_up_and_heard_of_later(void **state)
{
	struct gw_notice *notice = notice_new(CITIZEN, "short");
	const char *id;
	int64_t now = sess_clock_wall_ms();

	(void)state;
	clock_to(now);
	notice->give_up = true;
	id = killed_behind_intent(notice);
	clock_to(now + 61000);
	all_due();
	UNTIL_STATE(id, GW_NOTICE_FAILED);
	assert_string_equal(GW_NOTICE_UNKNOWN, found->error);
	assert_int_equal(1, COUNTED(unknown_given_up));
	assert_true(lanes_empty());
	receipt_of(one, CITIZEN, "00ab", true, one->sent[0].reference);
	UNTIL_STATE(id, GW_NOTICE_DELIVERED);
	assert_string_equal("", found->error);
	assert_int_equal(1, one->n_sent);
}

/* The network never answered. */
static void no_response(void **state)
{
	const char *id = accept_notice(one, notice_new(CITIZEN, "twenty and one more octets"));
	int64_t now = sess_clock_wall_ms();

	(void)state;
	clock_to(now + 1000);
	TURN_UNTIL(one->n_sent == 1);
	outcome(one, &one->sent[0], 1, GW_SENT_UNKNOWN, "");
	outcome(one, &one->sent[0], 0, GW_SENT_TAKEN, "1");
	TURN_UNTIL(COUNTED(unknown) == 1);
	assert_int_equal(GW_PART_SENT, find(id)->parts[0].state);
	assert_int_equal(GW_PART_UNKNOWN, found->parts[1].state);
	clock_to(now + 62000);
	all_due();
	TURN_UNTIL(one->n_sent == 2);
	assert_int_equal(2, one->sent[1].parts); /* only that one */
	outcome(one, &one->sent[1], 1, GW_SENT_TAKEN, "2");
	UNTIL_STATE(id, GW_NOTICE_SENT);
}

/* It never answers: not for ever. */
static void again_and_again(void **state)
{
	const char *id = accept_notice(one, notice_new(CITIZEN, "short"));
	int64_t now = sess_clock_wall_ms();

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		clock_to(now + i * 61000);
		all_due();
		TURN_UNTIL(one->n_sent == i + 1);
		outcome(one, &one->sent[i], 0, GW_SENT_UNKNOWN, "");
		TURN_UNTIL(COUNTED(unknown) == i + 1);
	}
	clock_to(now + 4 * 61000);
	all_due();
	UNTIL_STATE(id, GW_NOTICE_FAILED);
	assert_int_equal(4, found->unknowns);
	assert_true(lanes_empty());
}

/* One that hung so long that another took its entry over, and then hears from the network. */
static void it_was_not_dead(void **state)
{
	const char *id = accept_notice(one, notice_new(CITIZEN, "short"));

	(void)state;
	TURN_UNTIL(one->n_sent == 1);
	gateway_begin(1);
	one->stuck = true;
	TURN_UNTIL(sess_redis_up(redises[1]));
	all_idle();
	TURN_UNTIL(gw_outbox_counters(two->outbox)->unknown == 1);
	one->stuck = false;
	outcome(one, &one->sent[0], 0, GW_SENT_TAKEN, "00ab");
	UNTIL_STATE(id, GW_NOTICE_SENT); /* what the network has said is not lost */
	assert_int_equal(0, count_of("unsure:*", "ZCARD"));
	receipt_of(two, CITIZEN, "00ab", true, -1);
	UNTIL_STATE(id, GW_NOTICE_DELIVERED);
	all_due();
	TURN_UNTIL(lanes_empty());
	assert_int_equal(1, one->n_sent);
	assert_int_equal(0, two->n_sent);
}

/* Two gateways share what there is; each is sent once. */
static void two_gateways(void **state)
{
	char msisdn[GW_MSISDN_MAX + 1], id[40];
	unsigned int seen[400] = { 0 }, answered[2] = { 0, 0 };

	(void)state;
	gateway_begin(1);
	TURN_UNTIL(sess_redis_up(redises[1]));
	for (unsigned int i = 0; i < 400; i++) {
		snprintf(msisdn, sizeof(msisdn), "98912%07u", i % 100);
		snprintf(id, sizeof(id), "%u", i);
		accept_notice(i % 2 ? one : two, notice_new(msisdn, id));
	}
	for (int turns = 0; one->n_sent + two->n_sent < 400 || answered[0] + answered[1] < 400; turns++) {
		assert_in_range(turns, 0, 100000);
		turn();
		for (unsigned int g = 0; g < 2; g++)
			for (; answered[g] < gateways[g].n_sent; answered[g]++) {
				snprintf(id, sizeof(id), "%u-%u", g, answered[g]);
				outcome(&gateways[g], &gateways[g].sent[answered[g]], 0, GW_SENT_TAKEN, id);
			}
	}
	for (unsigned int g = 0; g < 2; g++)
		for (unsigned int i = 0; i < gateways[g].n_sent; i++)
			assert_int_equal(1, ++seen[atoi(gateways[g].sent[i].text)]);
	TURN_UNTIL(lanes_empty());
	assert_int_equal(400, gw_outbox_counters(one->outbox)->sent + gw_outbox_counters(two->outbox)->sent);
}

/* The ledger does not answer while the network has it. */
static void the_ledger_hangs(void **state)
{
	const char *id = accept_notice(one, notice_new(CITIZEN, "short"));
	uint64_t failures;

	(void)state;
	TURN_UNTIL(one->n_sent == 1);
	redis_server_hang(&server);
	outcome(one, &one->sent[0], 0, GW_SENT_TAKEN, "1");
	receipt_of(one, "989359876543", "x", true, -1);
	TURN_UNTIL(COUNTED(failures) > 1 && one->refused == 1);
	failures = COUNTED(failures);
	for (int i = 0; i < 500; i++)
		turn();
	assert_in_range(COUNTED(failures), failures, failures + 40); /* it does not spin */
	redis_server_resume(&server);
	TURN_UNTIL(sess_redis_up(redises[0]));
	UNTIL_STATE(id, GW_NOTICE_SENT);
	TURN_UNTIL(lanes_empty());
	assert_int_equal(1, one->n_sent);
	assert_int_equal(1, found->attempts);
}

static void closed_in_order(void **state)
{
	(void)state;
	accept_notice(one, notice_new(CITIZEN, "short"));
	TURN_UNTIL(one->n_sent == 1);
	assert_false(gw_outbox_close(one->outbox));
	accept_notice(one, notice_new(CITIZEN, "another"));
	outcome(one, &one->sent[0], 0, GW_SENT_TAKEN, "1");
	TURN_UNTIL(gw_outbox_close(one->outbox));
	for (int i = 0; i < 500; i++)
		turn();
	assert_int_equal(1, one->n_sent);
}

int main(void)
{
#define STORY(story) cmocka_unit_test_setup_teardown(story, story_begin, story_end)
	const struct CMUnitTest tests[] = {
		STORY(killed_before_intent), STORY(then_its_receipt_comes), STORY(its_receipt_came_before_it_was_found),
		STORY(a_receipt_without_a_name), STORY(two_receipts_without_names_are_nobodys), STORY(sent_again),
		STORY(given_up_and_heard_of_later), STORY(no_response), STORY(again_and_again), STORY(it_was_not_dead), STORY(two_gateways),
		STORY(the_ledger_hangs), STORY(closed_in_order),
	};
	return cmocka_run_group_tests(tests, group_begin, group_end);
}
