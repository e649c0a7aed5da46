/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Receipts on a real Redis: in their time, before their time, twice, of nobody, of several parts; and what is remembered of them. */
#include "tests/unit/gateway/outbox_world.h"

#define HEARD(what) (gw_receipts_counters(one->receipts)->what)
#define THREE_PARTS "a text of forty-one octets has three parts"

/* Sent, in so many parts, under the ids "0", "1" ... */
static const char *sent(struct gw_notice *notice)
{
	static const char *const ids[] = { "0", "1", "2" };
	const char *id = accept_notice(one, notice);
	const struct handed *last;

	TURN_UNTIL(one->n_sent == 1);
	last = &one->sent[0];
	for (unsigned int i = 0; i < last->n; i++)
		outcome(one, last, i, GW_SENT_TAKEN, ids[i]);
	UNTIL_STATE(id, GW_NOTICE_SENT);
	return id;
}

static void hear(const char *id, bool delivered)
{
	unsigned int before = one->accepted;

	receipt_of(one, CITIZEN, id, delivered, -1);
	TURN_UNTIL(one->accepted == before + 1);
}

static void each_part(void **state)
{
	const char *id = sent(notice_new(CITIZEN, THREE_PARTS));

	(void)state;
	hear("1", true);
	assert_int_equal(GW_NOTICE_SENT, find(id)->state);
	assert_int_equal(GW_PART_DELIVERED, found->parts[1].state);
	hear("1", true);
	hear("0", true);
	hear("2", true);
	assert_int_equal(GW_NOTICE_DELIVERED, find(id)->state);
	assert_string_equal("DELIVRD", found->parts[2].error);
	assert_int_equal(3, HEARD(delivered));
	assert_int_equal(1, HEARD(repeated));
	hear("2", false); /* nothing undoes that it arrived */
	assert_int_equal(GW_NOTICE_DELIVERED, find(id)->state);
	assert_int_equal(GW_PART_DELIVERED, found->parts[2].state);
}

/* All at once: they change the same record. */
static void at_once(void **state)
{
	const char *id = sent(notice_new(CITIZEN, THREE_PARTS));

	(void)state;
	for (unsigned int i = 0; i < 9; i++)
		receipt_of(one, CITIZEN, (const char *const[]){ "0", "1", "2" }[i % 3], true, -1);
	TURN_UNTIL(one->accepted + one->refused == 9);
	assert_int_equal(GW_NOTICE_DELIVERED, find(id)->state);
	assert_int_equal(0, one->refused);
	assert_int_equal(3, HEARD(delivered));
	assert_int_equal(6, HEARD(repeated));
}

static void one_fails(void **state)
{
	const char *id = sent(notice_new(CITIZEN, THREE_PARTS));

	(void)state;
	hear("0", true);
	hear("1", false);
	assert_int_equal(GW_NOTICE_FAILED, find(id)->state);
	assert_string_equal("UNDELIV", found->error);
	hear("2", true);
	assert_int_equal(GW_NOTICE_FAILED, find(id)->state);
}

static void what_fails_goes_on_as_a_push(void **state)
{
	struct gw_notice *notice = notice_new(CITIZEN, "short");
	const char *id;

	(void)state;
	notice->channels = GW_CHANNEL_SMS | GW_CHANNEL_USSD;
	id = sent(notice);
	hear("0", false);
	TURN_UNTIL(one->n_sent == 2);
	assert_true(one->sent[1].push);
	hear("0", false); /* once more: it is not the push that failed */
	gw_outbox_on_push(one->outbox, one->sent[1].token, GW_SENT_TAKEN);
	UNTIL_STATE(id, GW_NOTICE_SENT);
	assert_int_equal(GW_CHANNEL_USSD, found->by);
	TURN_UNTIL(lanes_empty());
}

/* The network tells the outcome before it has answered the submit_sm. */
static void before_its_time(void **state)
{
	const char *id = accept_notice(one, notice_new(CITIZEN, "twenty and one more octets"));

	(void)state;
	TURN_UNTIL(one->n_sent == 1);
	hear("1", true);
	assert_int_equal(1, HEARD(early));
	hear("1", true); /* and again */
	outcome(one, &one->sent[0], 1, GW_SENT_TAKEN, "1");
	outcome(one, &one->sent[0], 0, GW_SENT_TAKEN, "0");
	UNTIL_STATE(id, GW_NOTICE_SENT);
	assert_int_equal(GW_PART_DELIVERED, found->parts[1].state);
	assert_int_equal(0, count_of("early:*", "STRLEN"));
	hear("0", true);
	assert_int_equal(GW_NOTICE_DELIVERED, find(id)->state);
}

/* While the outcome is being committed. */
static void in_the_very_moment(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 30; i++) {
		char network[16];
		const char *id = accept_notice(one, notice_new(CITIZEN, "short"));

		TURN_UNTIL(one->n_sent == i + 1);
		snprintf(network, sizeof(network), "id%u", i);
		if (i % 3 == 0)
			receipt_of(one, CITIZEN, network, true, -1);
		for (unsigned int k = 0; i % 3 == 1 && k < i / 3; k++)
			turn();
		outcome(one, &one->sent[i], 0, GW_SENT_TAKEN, network);
		if (i % 3)
			receipt_of(one, CITIZEN, network, true, -1);
		UNTIL_STATE(id, GW_NOTICE_DELIVERED);
	}
	TURN_UNTIL(one->accepted == 30);
	assert_int_equal(0, count_of("early:*", "STRLEN"));
	assert_true(lanes_empty());
}

static void of_nobody(void **state)
{
	int64_t now = sess_clock_wall_ms();
	char id[16];

	(void)state;
	clock_to(now);
	for (unsigned int i = 0; i < GW_EARLY_MAX + 3; i++) {
		snprintf(id, sizeof(id), "s%u", i);
		gw_receipts_hear(one->receipts, &(struct gw_receipt){ .route = &one->route, .msisdn = CITIZEN, .verdict = GW_RECEIPT_FAILED,
			.state = "\xff\x01odd", .error = "", .n_ids = 1, .ids = { id } });
		TURN_UNTIL(one->accepted == i + 1);
	}
	assert_int_equal(3, HEARD(unmatched)); /* so many had no place */
	clock_to(now + 25 * HOUR_MS);
	osmo_clock_override_enable(CLOCK_MONOTONIC, true);
	*osmo_clock_override_gettimespec(CLOCK_MONOTONIC) = (struct timespec){ .tv_sec = 1000000000 };
	for (int i = 0; HEARD(unmatched) < GW_EARLY_MAX + 3; i++) { /* a partition each second; a busy machine may need several rounds */
		assert_in_range(i, 0, 2000);
		osmo_clock_override_add(CLOCK_MONOTONIC, 1, 0);
		for (int k = 0; k < 30; k++)
			turn();
	}
	osmo_clock_override_enable(CLOCK_MONOTONIC, false);
	assert_int_equal(0, count_of("early:*", "STRLEN"));
	TURN_UNTIL(count_of("early-log:*", "ZCARD") == 0);
}

static void too_many_at_once(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 150; i++)
		receipt_of(one, CITIZEN, "x", true, -1);
	assert_int_equal(50, one->refused);
	TURN_UNTIL(one->accepted + one->refused == 150);
}

static void what_says_nothing(void **state)
{
	(void)state;
	gw_receipts_hear(one->receipts, &(struct gw_receipt){ .route = &one->route, .msisdn = CITIZEN, .verdict = GW_RECEIPT_PENDING });
	gw_receipts_hear(one->receipts, &(struct gw_receipt){ .route = &one->route, .msisdn = "", .verdict = GW_RECEIPT_FAILED });
	assert_int_equal(2, one->accepted);
	gw_receipts_hear(one->receipts, &(struct gw_receipt){ .route = &one->route, .msisdn = CITIZEN, .verdict = GW_RECEIPT_FAILED, .state = "",
		.error = "", .n_ids = 2, .ids = { "", "a b{c}\xff" } });
	TURN_UNTIL(one->accepted == 3);
}

int main(void)
{
#define STORY(story) cmocka_unit_test_setup_teardown(story, story_begin, story_end)
	const struct CMUnitTest tests[] = {
		STORY(each_part), STORY(at_once), STORY(one_fails), STORY(what_fails_goes_on_as_a_push), STORY(before_its_time),
		STORY(in_the_very_moment), STORY(of_nobody), STORY(too_many_at_once), STORY(what_says_nothing),
	};
	return cmocka_run_group_tests(tests, group_begin, group_end);
}
