/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The outbox on a real Redis, with a network that the test plays: what goes out and when, what the network answers, and what stands in
 * the ledger then. What happens when processes die is in outbox_crash_test.c. */
#include "tests/unit/gateway/outbox_world.h"

static void it_goes_out(void **state)
{
	const char *id = accept_notice(one, notice_new(CITIZEN, "short"));

	(void)state;
	assert_int_equal(SESS_LEDGER_OK, accept_result);
	TURN_UNTIL(one->n_sent == 1);
	assert_string_equal("short", one->sent[0].text);
	assert_int_equal(GW_NOTICE_SENDING, find(id)->state); /* the intent stands there before the network has it */
	assert_int_equal(GW_PART_INTENT, found->parts[0].state);
	assert_int_equal(1, found->attempts);
	outcome(one, &one->sent[0], 0, GW_SENT_TAKEN, "00ab");
	UNTIL_STATE(id, GW_NOTICE_SENT);
	assert_string_equal("00ab", found->parts[0].id);
	assert_true(lanes_empty());
	TURN_UNTIL(gw_outbox_in_work(one->outbox) == 0);
	assert_int_equal(1, gw_outbox_counters(one->outbox)->sent);
	assert_int_equal(1, one->n_sent);
}

static void parts_with_outcomes_of_their_own(void **state)
{
	const char *id = accept_notice(one, notice_new(CITIZEN, "a text of forty-one octets has three parts"));

	(void)state;
	TURN_UNTIL(one->n_sent == 1);
	assert_int_equal(7, one->sent[0].parts);
	outcome(one, &one->sent[0], 1, GW_SENT_TAKEN, "b");
	outcome(one, &one->sent[0], 1, GW_SENT_TAKEN, "b"); /* twice: harmless */
	outcome(one, &one->sent[0], 7, GW_SENT_TAKEN, "x"); /* no such part */
	outcome(one, &one->sent[0], 0, GW_SENT_LATER, "");
	assert_int_equal(GW_NOTICE_SENDING, find(id)->state);
	outcome(one, &one->sent[0], 2, GW_SENT_TAKEN, "c");
	TURN_UNTIL(one->n_sent == 2);
	assert_int_equal(1, one->sent[1].parts); /* only what was refused */
	assert_int_equal(one->sent[0].reference, one->sent[1].reference);
	outcome(one, &one->sent[1], 0, GW_SENT_TAKEN, "a");
	UNTIL_STATE(id, GW_NOTICE_SENT);
	assert_string_equal("a", found->parts[0].id);
	assert_string_equal("b", found->parts[1].id);
	assert_int_equal(2, found->attempts);
}

static void refused_for_now_too_often(void **state)
{
	const char *id = accept_notice(one, notice_new(CITIZEN, "short"));

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		TURN_UNTIL(one->n_sent == i + 1);
		outcome(one, &one->sent[i], 0, GW_SENT_LATER, "");
	}
	UNTIL_STATE(id, GW_NOTICE_FAILED);
	assert_string_equal("ESME_RTHROTTLED", found->error);
	assert_true(lanes_empty());
}

static void a_citizens_order_survives_throttling(void **state)
{
	const char *first = accept_notice(one, notice_new(CITIZEN, "first"));
	const char *second = accept_notice(one, notice_new(CITIZEN, "second"));

	(void)state;
	accept_notice(one, notice_new("989359876543", "another's"));
	TURN_UNTIL(one->n_sent == 2); /* the first, and another's */
	for (unsigned int i = 0; i < 2; i++)
		if (strcmp(one->sent[i].text, "first") == 0)
			outcome(one, &one->sent[i], 0, GW_SENT_LATER, "");
	TURN_UNTIL(one->n_sent == 3);
	assert_string_equal("first", one->sent[2].text);
	assert_int_equal(GW_NOTICE_ACCEPTED, find(second)->state);
	outcome(one, &one->sent[2], 0, GW_SENT_TAKEN, "1");
	UNTIL_STATE(first, GW_NOTICE_SENT);
	TURN_UNTIL(one->n_sent == 4);
	assert_string_equal("second", one->sent[3].text);
}

static void no_more_than_there_is_room_for(void **state)
{
	char msisdn[GW_MSISDN_MAX + 1];

	(void)state;
	one->room = 0;
	for (unsigned int i = 0; i < 10; i++) {
		snprintf(msisdn, sizeof(msisdn), "9891200000%02u", i);
		accept_notice(one, notice_new(msisdn, "short"));
	}
	for (int i = 0; i < 300; i++)
		turn();
	assert_int_equal(0, one->n_sent);
	one->room = 3;
	TURN_UNTIL(one->n_sent >= 3);
	one->room = 0;
	for (int i = 0; i < 300; i++)
		turn();
	assert_in_range(one->n_sent, 3, 6); /* what was taken while there was room */
	one->room = 100;
	TURN_UNTIL(one->n_sent == 10);
}

static void refused_goes_on_as_a_push(void **state)
{
	struct gw_notice *notice = notice_new(CITIZEN, "short");
	const char *id;

	(void)state;
	notice->channels = GW_CHANNEL_SMS | GW_CHANNEL_USSD;
	id = accept_notice(one, notice);
	TURN_UNTIL(one->n_sent == 1);
	outcome(one, &one->sent[0], 0, GW_SENT_REFUSED, "");
	TURN_UNTIL(one->n_sent == 2);
	assert_true(one->sent[1].push);
	assert_string_equal("short", one->sent[1].text);
	gw_outbox_on_push(one->outbox, one->sent[1].token, GW_SENT_TAKEN);
	UNTIL_STATE(id, GW_NOTICE_SENT);
	assert_int_equal(GW_CHANNEL_USSD, found->by);
	assert_true(lanes_empty());
}

static struct { unsigned int times; char id[GW_NOTICE_ID_OCTETS], text[64]; uint64_t token; int result; } begun;

static int begin_dialog(void *ctx, const struct gw_route *route, const struct gw_notice *notice, const char *text, uint64_t token)
{
	(void)ctx;
	assert_ptr_equal(&one->route, route);
	begun.times++;
	begun.token = token;
	snprintf(begun.id, sizeof(begun.id), "%s", notice->id);
	snprintf(begun.text, sizeof(begun.text), "%s", text);
	return begun.result;
}

static void a_push_that_begins_a_dialog(void **state)
{
	struct gw_notice *notice = notice_new(CITIZEN, "short");
	const char *id;

	(void)state;
	memset(&begun, 0, sizeof(begun));
	settings.push = begin_dialog;
	gateway_kill(one);
	gateway_again(one);
	notice->channels = GW_CHANNEL_USSD | GW_CHANNEL_INBOX;
	id = accept_notice(one, notice);
	TURN_UNTIL(begun.times == 1);
	assert_int_equal(0, one->n_sent);
	assert_string_equal(id, begun.id);
	assert_string_equal("short", begun.text);
	gw_outbox_on_push(one->outbox, begun.token, GW_SENT_TAKEN);
	UNTIL_STATE(id, GW_NOTICE_SENT);
	begun.result = -EMSGSIZE;
	notice = notice_new(CITIZEN, "short");
	notice->channels = GW_CHANNEL_USSD;
	id = accept_notice(one, notice);
	UNTIL_STATE(id, GW_NOTICE_FAILED);
	assert_string_equal("the text is too long for a page", found->error);
	assert_true(lanes_empty());
}

static void no_way_is_left(void **state)
{
	struct gw_notice *notice = notice_new(CITIZEN, "short");
	const char *id;

	(void)state;
	notice->channels = GW_CHANNEL_SMS | GW_CHANNEL_USSD;
	one->push_result = -ENOTSUP;
	id = accept_notice(one, notice);
	TURN_UNTIL(one->n_sent == 1);
	outcome(one, &one->sent[0], 0, GW_SENT_REFUSED, "");
	UNTIL_STATE(id, GW_NOTICE_FAILED);
	assert_string_equal("the network takes no pushes", found->error);
	one->sms_result = -EINVAL;
	id = accept_notice(one, notice_new(CITIZEN, "short"));
	UNTIL_STATE(id, GW_NOTICE_FAILED);
	assert_string_equal("the network takes no such sender", found->error);
	assert_true(lanes_empty());
}

static void too_long(void **state)
{
	char text[400];
	struct gw_notice *notice;
	const char *id;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	id = accept_notice(one, notice_new(CITIZEN, text));
	UNTIL_STATE(id, GW_NOTICE_FAILED);
	assert_string_equal("the text is too long", found->error);
	text[100] = '\0';
	notice = notice_new(CITIZEN, text);
	notice->channels = GW_CHANNEL_USSD;
	id = accept_notice(one, notice);
	UNTIL_STATE(id, GW_NOTICE_FAILED);
	assert_string_equal("the text is too long for a page", found->error);
	notice = notice_new(CITIZEN, text);
	notice->channels = GW_CHANNEL_USSD | GW_CHANNEL_INBOX; /* there it can be read */
	accept_notice(one, notice);
	TURN_UNTIL(one->n_sent == 1);
	assert_string_equal("read it: fa", one->sent[0].text);
}

static void before_and_after_its_time(void **state)
{
	struct gw_notice *notice = notice_new(CITIZEN, "tomorrow");
	const char *id;
	int64_t now = sess_clock_wall_ms();

	(void)state;
	clock_to(now);
	notice->not_before_ms = now + 24 * HOUR_MS;
	notice->not_after_ms = now + 48 * HOUR_MS;
	id = accept_notice(one, notice);
	accept_notice(one, notice_new(CITIZEN, "today")); /* is not held up by it */
	TURN_UNTIL(one->n_sent == 1 && gw_outbox_counters(one->outbox)->early == 1);
	assert_string_equal("today", one->sent[0].text);
	clock_to(now + 25 * HOUR_MS);
	all_due();
	TURN_UNTIL(one->n_sent == 2);
	outcome(one, &one->sent[1], 0, GW_SENT_LATER, "");
	TURN_UNTIL(one->n_sent == 3);
	one->room = 0;
	outcome(one, &one->sent[2], 0, GW_SENT_LATER, "");
	TURN_UNTIL(gw_outbox_in_work(one->outbox) == 1); /* today's */
	clock_to(now + 48 * HOUR_MS);
	one->room = 100;
	UNTIL_STATE(id, GW_NOTICE_EXPIRED);
}

static void quiet_hours(void **state)
{
	struct gw_notice *notice;
	int64_t night = sess_clock_wall_ms() / (24 * HOUR_MS) * 24 * HOUR_MS + 47 * HOUR_MS;

	(void)state;
	gateway_kill(one);
	settings.quiet = (struct gw_quiet){ .from = 22 * 60, .to = 8 * 60 };
	gateway_again(one);
	clock_to(night);
	accept_notice(one, notice_new(CITIZEN, "sleep"));
	notice = notice_new(CITIZEN, "wake up");
	notice->priority = GW_NOTICE_URGENT;
	accept_notice(one, notice);
	TURN_UNTIL(one->n_sent == 1 && gw_outbox_counters(one->outbox)->quiet == 1);
	assert_string_equal("wake up", one->sent[0].text);
	TURN_UNTIL(gw_outbox_in_work(one->outbox) == 1);
	assert_in_range(REDIS("EVAL", "local n=0 for _,k in ipairs(redis.call('KEYS','later:*')) do for _,m in ipairs(redis.call('ZRANGE',k,0,-1)) do "
			      "n=redis.call('ZSCORE',k,m)-redis.call('TIME')[1]*1000 end end return n", "0").integer, 9 * HOUR_MS - 5000, 9 * HOUR_MS + 301000);
	clock_to(night + 10 * HOUR_MS);
	all_due();
	TURN_UNTIL(one->n_sent == 2);
	assert_string_equal("sleep", one->sent[1].text);
}

static void what_the_citizen_stopped(void **state)
{
	struct gw_consent *consent = gw_consent_alloc(root, one->ledger);
	struct gw_notice *notice = notice_new(CITIZEN, "news");
	unsigned int before = accepts;
	const char *id;

	(void)state;
	assert_int_equal(0, gw_consent_set(consent, CITIZEN, "+4040", true, "sms", on_accept, NULL, 0));
	TURN_UNTIL(accepts > before);
	assert_int_equal(SESS_LEDGER_OK, accept_result);
	gw_notice_set(notice, &notice->sender, "4040");
	id = accept_notice(one, notice);
	UNTIL_STATE(id, GW_NOTICE_REFUSED);
	notice = notice_new(CITIZEN, "the law");
	notice->klass = GW_NOTICE_LEGAL;
	gw_notice_set(notice, &notice->sender, "4040");
	accept_notice(one, notice);
	TURN_UNTIL(one->n_sent == 1);
	outcome(one, &one->sent[0], 0, GW_SENT_TAKEN, "1");
	notice = notice_new(CITIZEN, "another sender's");
	gw_notice_set(notice, &notice->sender, "4041");
	accept_notice(one, notice);
	TURN_UNTIL(one->n_sent == 2);
	outcome(one, &one->sent[1], 0, GW_SENT_TAKEN, "2");
	before = accepts;
	assert_int_equal(0, gw_consent_set(consent, CITIZEN, "4040", false, "sms", on_accept, NULL, 0));
	TURN_UNTIL(accepts > before);
	notice = notice_new(CITIZEN, "news again");
	gw_notice_set(notice, &notice->sender, "4040");
	accept_notice(one, notice);
	TURN_UNTIL(one->n_sent == 3);
	talloc_free(consent);
}

static void of_a_job(void **state)
{
	struct gw_notice *notice = notice_new(CITIZEN, "bulk");
	const char *id;

	(void)state;
	settings.bulk = GW_BULK_PAUSED;
	gw_notice_set(notice, &notice->bulk, "b17job");
	notice->priority = GW_NOTICE_BULK;
	id = accept_notice(one, notice);
	TURN_UNTIL(gw_outbox_counters(one->outbox)->paused == 1);
	settings.bulk = GW_BULK_CANCELLED;
	TURN_UNTIL(gw_outbox_in_work(one->outbox) == 0);
	all_due();
	UNTIL_STATE(id, GW_NOTICE_CANCELLED);
	assert_int_equal(0, one->n_sent);
}

static bool cancel(void *ctx, struct gw_notice *notice, struct sess_ledger_commit *commit)
{
	if (notice->state != GW_NOTICE_ACCEPTED)
		return false;
	gw_notices_set_state(ctx, notice, GW_NOTICE_CANCELLED, NULL, commit);
	return true;
}

static void cancelled_in_time(void **state)
{
	unsigned int before = finds;
	const char *id;

	(void)state;
	one->room = 0;
	id = accept_notice(one, notice_new(CITIZEN, "never"));
	assert_int_equal(0, gw_notices_change(one->notices, id, cancel, one->notices, on_find, NULL, 0));
	TURN_UNTIL(finds > before);
	assert_int_equal(GW_NOTICE_CANCELLED, found->state);
	one->room = 100;
	TURN_UNTIL(lanes_empty());
	assert_int_equal(0, one->n_sent);
	before = finds;
	assert_int_equal(0, gw_notices_change(one->notices, id, cancel, one->notices, on_find, NULL, 0));
	TURN_UNTIL(finds > before); /* nothing to be changed */
	assert_int_equal(GW_NOTICE_CANCELLED, found->state);
}

static bool read_it(void *ctx, struct gw_notice *notice, struct sess_ledger_commit *commit)
{
	(void)ctx;
	(void)commit;
	notice->inbox = GW_INBOX_READ;
	return true;
}

/* While the network has it, the record is changed by another. */
static void read_while_it_is_sent(void **state)
{
	struct gw_notice *notice = notice_new(CITIZEN, "short");
	unsigned int before;
	const char *id;

	(void)state;
	notice->channels = GW_CHANNEL_SMS | GW_CHANNEL_INBOX;
	id = accept_notice(one, notice);
	TURN_UNTIL(one->n_sent == 1);
	before = finds;
	assert_int_equal(0, gw_notices_change(one->notices, id, read_it, NULL, on_find, NULL, 0));
	TURN_UNTIL(finds > before);
	outcome(one, &one->sent[0], 0, GW_SENT_TAKEN, "1");
	UNTIL_STATE(id, GW_NOTICE_SENT);
	assert_int_equal(GW_INBOX_READ, found->inbox);
	assert_int_equal(1, gw_outbox_counters(one->outbox)->conflicts);
	assert_int_equal(1, one->n_sent);
}

static unsigned int inbox_n, inbox_unread, inboxes;
static char inbox_first[64];

static void on_inbox(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_notice *const *notices, size_t n, unsigned int count,
		     unsigned int unread)
{
	(void)ctx;
	(void)token;
	assert_int_equal(SESS_LEDGER_OK, result);
	inbox_n = (unsigned int)n;
	inbox_unread = unread;
	assert_true(count >= unread && count >= n);
	snprintf(inbox_first, sizeof(inbox_first), "%s", n ? notices[0]->text[0] : "");
	inboxes++;
}

static void look_into_inbox(unsigned int skip, unsigned int n)
{
	unsigned int before = inboxes;

	assert_int_equal(0, gw_notices_inbox(one->notices, CITIZEN, 0, skip, n, on_inbox, NULL, 0));
	TURN_UNTIL(inboxes > before);
}

static void the_inbox(void **state)
{
	char text[16], key[SESS_LEDGER_KEY_OCTETS];
	const char *ids[80];
	static char kept[80][GW_NOTICE_ID_OCTETS];
	unsigned int before;

	(void)state;
	look_into_inbox(0, 10);
	assert_int_equal(0, inbox_n);
	for (unsigned int i = 0; i < 80; i++) {
		struct gw_notice *notice;

		snprintf(text, sizeof(text), "nr %u", i);
		notice = notice_new(CITIZEN, text);
		notice->channels = GW_CHANNEL_INBOX;
		notice->accepted_ms = 1000 + i;
		memcpy(kept[i], accept_notice(one, notice), GW_NOTICE_ID_OCTETS);
		ids[i] = kept[i];
	}
	assert_int_equal(GW_NOTICE_SENT, find(ids[0])->state);
	assert_int_equal(0, count_of("outbox-*", "XLEN"));
	look_into_inbox(0, 10);
	assert_int_equal(10, inbox_n);
	assert_int_equal(80, inbox_unread);
	assert_string_equal("nr 79", inbox_first);
	before = finds;
	assert_int_equal(0, gw_notices_change(one->notices, ids[78], read_it, NULL, on_find, NULL, 0));
	TURN_UNTIL(finds > before);
	gw_notices_key(key, ids[79]); /* expired */
	REDIS("DEL", key);
	look_into_inbox(0, 10);
	assert_int_equal(78, inbox_unread);
	assert_string_equal("nr 78", inbox_first);
	TURN_UNTIL(count_of("inbox:*", "ZCARD") == 79); /* and it is no member any more */
	look_into_inbox(76, 10);
	assert_int_equal(3, inbox_n);
	assert_string_equal("nr 2", inbox_first);
}

static void sensitive(void **state)
{
	struct gw_notice *notice = notice_new(CITIZEN, "you are summoned");
	char text[GW_NOTICE_TEXT_OCTETS + 1], key[SESS_LEDGER_KEY_OCTETS];
	const char *id;

	(void)state;
	assert_int_equal(0, gw_notices_seal(one->notices, notice, "0012345679"));
	id = accept_notice(one, notice);
	TURN_UNTIL(one->n_sent == 1);
	assert_string_equal("read it: fa", one->sent[0].text);
	gw_notices_key(key, id);
	assert_null(strstr(REDIS("GETRANGE", key, "8", "-1").text, "summoned"));
	find(id);
	assert_true(gw_notices_opens(one->notices, found, "0012345679"));
	assert_false(gw_notices_opens(one->notices, found, "0012345678"));
	assert_int_equal(16, gw_notices_read(one->notices, found, "fa", text, sizeof(text)));
	assert_string_equal("you are summoned", text);
	gw_notice_set(found, &found->text[0], "AAAA");
	assert_int_equal(-EBADMSG, gw_notices_read(one->notices, found, "fa", text, sizeof(text)));
}

/* A code: sealed where it lies, said where it goes. */
static void sensitive_but_aloud(void **state)
{
	struct gw_notice *notice = notice_new(CITIZEN, "code: 480913");
	char key[SESS_LEDGER_KEY_OCTETS];
	const char *id;

	(void)state;
	notice->aloud = true;
	assert_int_equal(0, gw_notices_seal(one->notices, notice, "0012345679"));
	id = accept_notice(one, notice);
	TURN_UNTIL(one->n_sent == 1);
	assert_string_equal("code: 480913", one->sent[0].text);
	gw_notices_key(key, id);
	assert_null(strstr(REDIS("GETRANGE", key, "8", "-1").text, "480913"));
	find(id);
	assert_true(found->aloud);
	outcome(one, &one->sent[0], 0, GW_SENT_TAKEN, "a1");
	UNTIL_STATE(id, GW_NOTICE_SENT);
	/* sealed with a key that is not ours any more */
	notice = notice_new(CITIZEN, "AAAA");
	notice->sensitive = notice->aloud = true;
	id = accept_notice(one, notice);
	UNTIL_STATE(id, GW_NOTICE_FAILED);
	find(id);
	assert_string_equal("its text is sealed with another key", found->error);
	assert_int_equal(1, one->n_sent);
}

static void accepted_twice_is_one(void **state)
{
	struct gw_notice *notice = notice_new(CITIZEN, "once");

	(void)state;
	gw_notice_make_id(notice->id, CITIZEN, "key", 3);
	accept_notice(one, notice);
	assert_int_equal(SESS_LEDGER_OK, accept_result);
	notice = notice_new(CITIZEN, "once");
	gw_notice_make_id(notice->id, CITIZEN, "key", 3);
	accept_notice(one, notice);
	assert_int_equal(SESS_LEDGER_THERE, accept_result);
	TURN_UNTIL(one->n_sent == 1);
	outcome(one, &one->sent[0], 0, GW_SENT_TAKEN, "1");
	TURN_UNTIL(lanes_empty());
	assert_int_equal(1, one->n_sent);
}

static void nobody_serves_the_number(void **state)
{
	struct gw_notice *notice = notice_new("4912345678", "x");

	(void)state;
	assert_int_equal(-EINVAL, gw_notices_accept(one->notices, notice, on_accept, NULL, 0));
	notice->channels = GW_CHANNEL_INBOX; /* there it can be read all the same */
	accept_notice(one, notice);
	assert_int_equal(SESS_LEDGER_OK, accept_result);
	assert_string_equal("outbox-1f3a-b", gw_lane_of(one->lanes, 0x1f3a, GW_NOTICE_BULK)->name);
	assert_null(gw_lane_of(one->lanes, 4, GW_NOTICE_BULK));
}

/* Entries and records that nobody of ours wrote. */
static void rubbish(void **state)
{
	const struct gw_lane *lane = gw_lane_of(one->lanes, one->route.id, GW_NOTICE_NORMAL);
	static const char *const bodies[] = { "", "rubbish", "{}", "{\"notice\":7}", "{\"notice\":\"n17aaaaaaaaaaaaaaaaaaaa\",\"to\":\"989121234567\"}" };
	char body[128], id[GW_NOTICE_ID_OCTETS], key[SESS_LEDGER_KEY_OCTETS];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++)
		sess_queue_add(lane->queue, &(struct sess_queue_add){ .partition_by = CITIZEN, .body = bodies[i], .octets = strlen(bodies[i]) }, NULL, NULL, 0);
	gw_notice_make_id(id, CITIZEN, NULL, 0);
	gw_notices_key(key, id);
	REDIS("SET", key, "12345678rubbish");
	snprintf(body, sizeof(body), "{\"notice\":\"%s\",\"to\":\"%s\"}", id, CITIZEN);
	sess_queue_add(lane->queue, &(struct sess_queue_add){ .partition_by = CITIZEN, .body = body, .octets = strlen(body) }, NULL, NULL, 0);
	TURN_UNTIL(count_of("dead:*", "XLEN") == 6 || (count_of("dead:*", "XLEN") == 5 && count_of("outbox-*", "XLEN") == 0));
	assert_int_equal(0, one->n_sent);
}

int main(void)
{
#define STORY(story) cmocka_unit_test_setup_teardown(story, story_begin, story_end)
	const struct CMUnitTest tests[] = {
		STORY(it_goes_out), STORY(parts_with_outcomes_of_their_own), STORY(refused_for_now_too_often),
		STORY(a_citizens_order_survives_throttling), STORY(no_more_than_there_is_room_for), STORY(refused_goes_on_as_a_push), STORY(a_push_that_begins_a_dialog),
		STORY(no_way_is_left), STORY(too_long), STORY(before_and_after_its_time), STORY(quiet_hours), STORY(what_the_citizen_stopped),
		STORY(of_a_job), STORY(cancelled_in_time), STORY(read_while_it_is_sent), STORY(the_inbox), STORY(sensitive), STORY(sensitive_but_aloud),
		STORY(accepted_twice_is_one), STORY(nobody_serves_the_number), STORY(rubbish),
	};
	return cmocka_run_group_tests(tests, group_begin, group_end);
}
