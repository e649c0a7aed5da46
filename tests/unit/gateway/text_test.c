/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What citizens write, from the bearer to the ledger and back: two gateways, one ledger, a network that is this file. Requests that
 * are accepted only when they are there, copies, help, states, stop and start, long messages whose parts go anywhere, machines. */
#include "tests/unit/gateway/request_world.h"

#include "gateway/text.h"
#include "smpp/concat.h"
#include "smpp/join.h"
#include "smpp/text.h"

#define TO "40402020"
#define BILL "7748317800142"
#define JOIN_MS 300

static struct gw_texts *texts[2];
static struct gw_bearer bearer;
static struct { unsigned int accepted, refused_later, refused_text; } tickets;
static struct { char sender[32]; bool stopped; unsigned int times; enum sess_ledger_result result; } consent;

/* ---- the network ---- */

static void on_accept(struct gw_bearer *of, const struct gw_ticket *ticket)
{
	assert_ptr_equal(of, &bearer);
	assert_int_equal(ticket->link, 3);
	tickets.accepted++;
}

static void on_refuse(struct gw_bearer *of, const struct gw_ticket *ticket, enum gw_refusal why)
{
	assert_ptr_equal(of, &bearer);
	assert_int_equal(ticket->link, 3);
	tickets.refused_later += why == GW_REFUSE_LATER;
	tickets.refused_text += why == GW_REFUSE_TEXT;
}

static const struct gw_bearer_ops ops = { .accept = on_accept, .refuse = on_refuse };

static unsigned int settled(void)
{
	return tickets.accepted + tickets.refused_later + tickets.refused_text;
}

static void deliver(unsigned int gateway, const char *msisdn, const char *to, const struct smpp_join_part *part)
{
	const struct gw_text text = { .route = &route, .msisdn = msisdn, .to = to, .part = part, .ticket = { .link = 3 } };

	gw_texts_on_text(texts[gateway], &text);
}

static void write_by(unsigned int gateway, const char *to, const char *utf8)
{
	enum smpp_alphabet alphabet = smpp_text_choose(utf8, strlen(utf8));
	uint8_t data[1024];
	ssize_t n = smpp_text_encode(alphabet, utf8, strlen(utf8), data, sizeof(data));
	const struct smpp_join_part part = { .source = NUMBER, .destination = to, .total = 1, .number = 1, .alphabet = alphabet, .data = data, .octets = (size_t)n };

	assert_true(n >= 0);
	deliver(gateway, NUMBER, to, &part);
}

static void settle(unsigned int n)
{
	TURN_UNTIL(settled() >= n);
	assert_int_equal(settled(), n);
}

static void write_and_settle(const char *to, const char *utf8)
{
	unsigned int before = settled();

	write_by(0, to, utf8);
	settle(before + 1);
}

/* ---- what stands in the ledger ---- */

static int64_t requests(void)
{
	return count("ZCARD", "asks", NUMBER);
}

static int64_t answers(void)
{
	return count("XLEN", gw_lane_of(gateways[0].lanes, route.id, GW_NOTICE_URGENT)->name, NULL);
}

static void on_notice(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_notice *notice)
{
	(void)token;
	assert_int_equal(result, SESS_LEDGER_OK);
	assert_non_null(notice);
	snprintf(ctx, 512, "%s|%s|%s", notice->sender, notice->language, gw_notice_text(notice, notice->language));
}

/* "SENDER|LANGUAGE|TEXT" of the notice that came last. */
static const char *last_answer(void)
{
	static char text[512];
	struct world_answer answer;
	char stream[64];

	snprintf(stream, sizeof(stream), "%s:{p%02u}", gw_lane_of(gateways[0].lanes, route.id, GW_NOTICE_URGENT)->name, sess_store_partition(NUMBER));
	answer = REDIS("EVAL", "local e = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1) for i, v in ipairs(e[1][2]) do "
		       "local n = string.match(v, '\"notice\":\"([^\"]+)\"') if n then return n end end", "1", stream);
	text[0] = '\0';
	assert_int_equal(gw_notices_load(gateways[0].notices, answer.text, on_notice, text, 0), 0);
	TURN_UNTIL(text[0]);
	return text;
}

/* ---- the world ---- */

static int set_consent(struct gw_consent *of, const char *msisdn, const char *sender, bool stopped, const char *via, gw_notices_cb *cb, void *ctx, uint64_t token)
{
	assert_null(of);
	assert_string_equal(msisdn, NUMBER);
	assert_string_equal(via, "sms");
	snprintf(consent.sender + strlen(consent.sender), sizeof(consent.sender) - strlen(consent.sender), "%s,", sender);
	consent.stopped = stopped;
	consent.times++;
	cb(ctx, token, consent.result);
	return 0;
}

static bool own(void *ctx, const struct gw_route *of, const char *to)
{
	(void)ctx;
	assert_ptr_equal(of, &route);
	return strcmp(to, "98404000") == 0;
}

static struct gw_texts_config config_of(unsigned int i)
{
	return (struct gw_texts_config){ .ledger = gateways[i].ledger, .requests = gateways[i].requests, .notices = gateways[i].notices,
		.set_consent = set_consent, .pins = pins, .join_ms = JOIN_MS, .texts_per_minute = 0, .answers_per_hour = 0, .in_work = 100, .own = own };
}

static void tick_texts(void)
{
	for (unsigned int i = 0; i < 2; i++)
		if (texts[i])
			gw_texts_tick(texts[i]);
}

static int begin_test(void **state)
{
	(void)state;
	accounts_known = true;
	memset(&tickets, 0, sizeof(tickets));
	memset(&consent, 0, sizeof(consent));
	bearer.ops = &ops;
	route.bearer = &bearer;
	world_connect(WORLD_REDISES - 1, 256, 5000);
	REDIS("FLUSHALL");
	for (unsigned int i = 0; i < 2; i++) {
		const struct gw_texts_config config = (start(i, 600000), config_of(i));

		texts[i] = gw_texts_alloc(root, &config);
	}
	return 0;
}

static int end_test(void **state)
{
	(void)state;
	world_tick = NULL;
	assert_int_equal(gw_texts_in_work(texts[0]) + gw_texts_in_work(texts[1]), 0); /* each ticket was settled */
	for (unsigned int i = 0; i < 2; i++) {
		stop(i);
		TALLOC_FREE(texts[i]);
	}
	world_disconnect(WORLD_REDISES - 1);
	osmo_select_main_ctx(1);
	return 0;
}

static void restart_texts(unsigned int texts_per_minute, unsigned int answers_per_hour, unsigned int in_work)
{
	struct gw_texts_config config = config_of(0);

	config.texts_per_minute = texts_per_minute;
	config.answers_per_hour = answers_per_hour;
	config.in_work = in_work;
	talloc_free(texts[0]);
	texts[0] = gw_texts_alloc(root, &config);
}

/* ---- short ones ---- */

static void test_a_request(void **state)
{
	(void)state;
	write_and_settle(TO, "قبض ۷۷۴۸۳۱۷۸۰۰۱۴۲");
	assert_int_equal(tickets.accepted, 1);
	assert_int_equal(requests(), 1);
	assert_int_equal(answers(), 1);
	assert_int_equal(count("XLEN", "events", NULL), 1);
	assert_int_equal(strncmp(last_answer(), TO "|fa|استعلام قبض ثبت شد.", strlen(TO "|fa|استعلام قبض ثبت شد.")), 0);
	assert_int_equal(gw_texts_counter(texts[0], GW_TEXT_CTR_REQUESTS), 1);
}

static void test_a_copy_is_the_same_request(void **state)
{
	(void)state;
	write_by(0, TO, "bill " BILL);
	write_by(1, TO, "bill " BILL);  /* the network thinks the first was lost, and has another link */
	settle(2);
	write_and_settle(TO, "bill " BILL);
	assert_int_equal(tickets.accepted, 3);
	assert_int_equal(requests(), 1);
	assert_int_equal(count("XLEN", "events", NULL), 1);
	assert_true(answers() >= 2); /* the same code again: who sends again wants to know */
	assert_non_null(strstr(last_answer(), "|en|Received: Bill inquiry."));
	write_and_settle(TO, "bill 1770160"); /* another text */
	assert_int_equal(gw_texts_counter(texts[0], GW_TEXT_CTR_REPEATED) + gw_texts_counter(texts[1], GW_TEXT_CTR_REPEATED), 2);
}

static void test_nothing_is_accepted_that_is_not_there(void **state)
{
	(void)state;
	redis_server_kill(&server);
	write_by(0, TO, "bill " BILL);
	write_by(0, TO, "help bill");
	settle(2);
	assert_int_equal(tickets.refused_later, 2);
	redis_server_restart(&server);
	for (unsigned int i = 0; i < WORLD_REDISES; i++)
		TURN_UNTIL(sess_redis_up(redises[i]));
	write_and_settle(TO, "bill " BILL);
	assert_int_equal(tickets.accepted, 1);
	accounts_known = false; /* the accounts are not read yet */
	write_and_settle(TO, "bill " BILL);
	assert_int_equal(tickets.refused_later, 3);
}

static void test_help_and_what_is_wrong(void **state)
{
	(void)state;
	write_and_settle(TO, "bill 123");
	assert_non_null(strstr(last_answer(), "Send: bill (bill ID)"));
	write_and_settle(TO, "راهنما");
	assert_non_null(strstr(last_answer(), "|fa|بفرستید:\nقبض (شناسه قبض)"));
	write_and_settle(TO, "how are you");
	assert_non_null(strstr(last_answer(), "|en|Send:\nbill (bill ID)"));
	assert_int_equal(tickets.accepted, 3);
	assert_int_equal(answers(), 3);
	assert_int_equal(requests(), 0);
}

static void test_an_agency_that_is_not_there(void **state)
{
	(void)state;
	absent = "balance";
	write_and_settle("40401463", "balance 0063300095");
	assert_int_equal(requests(), 0);
	assert_int_equal(tickets.accepted, 1);
	assert_non_null(strstr(last_answer(), "not available"));
	absent = "nobody";
	write_and_settle("40401463", "balance 0063300095");
	assert_int_equal(requests(), 1);
}

static void test_states(void **state)
{
	char code[GW_REQUEST_CODE_OCTETS], text[64];
	const char *said;

	(void)state;
	write_and_settle(TO, "bill " BILL);
	said = strstr(last_answer(), "code: ");
	assert_non_null(said);
	snprintf(code, sizeof(code), "%.9s", said + 6);
	write_and_settle(TO, code);
	assert_non_null(strstr(last_answer(), "ثبت شده"));       /* digits say nothing of a language: the menu's */
	snprintf(text, sizeof(text), "status %s", code);
	write_and_settle(TO, text);
	assert_non_null(strstr(last_answer(), "|en|Bill inquiry: received\nTracking code: "));
	write_and_settle(TO, "status");
	assert_non_null(strstr(last_answer(), code));
	write_and_settle(TO, "status 123456006");
	assert_non_null(strstr(last_answer(), "There is no such request"));
	write_and_settle(TO, "status 12");
	assert_non_null(strstr(last_answer(), "There is no such request"));
	assert_int_equal(tickets.accepted, 6);
	assert_int_equal(requests(), 1);
}

static void keep(void *ctx, uint64_t token, enum sess_ledger_result result, const char *code)
{
	(void)token;
	assert_int_equal(result, SESS_LEDGER_OK);
	strcpy(ctx, code);
}

/* Of somebody else's request nothing is told, not even that it is there. */
static void test_the_state_of_others(void **state)
{
	const struct gw_request_new theirs = { .agency = "bills", .service = "bill", .title_fa = "قبض", .title_en = "Bill", .msisdn = "989120000002",
		.channel = "sms", .language = "fa", .route = 77, .silent = true };
	char code[16] = "", text[64];

	(void)state;
	assert_int_equal(gw_requests_raise(gateways[0].requests, &theirs, keep, code, 0), 0);
	TURN_UNTIL(code[0]);
	snprintf(text, sizeof(text), "status %s", code);
	write_and_settle(TO, text);
	assert_non_null(strstr(last_answer(), "There is no such request"));
}

static void test_stop_and_start(void **state)
{
	(void)state;
	write_and_settle("98" TO, "لغو ۱۱");
	assert_string_equal(consent.sender, TO ",");
	assert_true(consent.stopped);
	write_and_settle("5000", "start");                      /* a number without keywords hears these, too */
	assert_false(consent.stopped);
	consent.sender[0] = '\0';
	write_and_settle("98404000", "STOP");                      /* the operator's own: what names no sender comes from it */
	assert_string_equal(consent.sender, "404000,,");
	assert_int_equal(answers(), 3);
	consent.result = SESS_LEDGER_DOWN;
	write_and_settle(TO, "stop");
	assert_int_equal(tickets.refused_later, 1);
	assert_int_equal(tickets.accepted, 3);
	assert_int_equal(gw_texts_counter(texts[0], GW_TEXT_CTR_STOPS), 2);
}

static void test_what_nobody_hears(void **state)
{
	const struct smpp_join_part part = { .total = 1, .number = 1, .alphabet = SMPP_ALPHABET_GSM7, .data = (const uint8_t *)"bill", .octets = 4 };
	const struct smpp_join_part binary = { .total = 1, .number = 1, .alphabet = SMPP_ALPHABET_OCTETS, .data = (const uint8_t *)"\1\2", .octets = 2 };
	const struct smpp_join_part nothing = { .total = 1, .number = 1, .alphabet = SMPP_ALPHABET_GSM7, .data = NULL, .octets = 0 };

	(void)state;
	write_and_settle("5000", "bill " BILL);                 /* a number without keywords */
	deliver(0, "", TO, &part);                              /* a name wrote */
	deliver(0, NUMBER, TO, &binary);
	deliver(0, NUMBER, "4040404040404040404040404040404040404040", &part);
	settle(4);
	assert_int_equal(tickets.refused_text, 4);
	deliver(0, NUMBER, TO, &nothing);
	settle(5);
	assert_int_equal(tickets.accepted, 1);                  /* an empty one is answered with the list */
}

/* ---- machines and crowds ---- */

static void test_too_often_is_said_once(void **state)
{
	(void)state;
	restart_texts(3, 0, 100);
	for (unsigned int i = 0; i < 8; i++)
		write_and_settle(TO, "hello");
	assert_int_equal(tickets.accepted, 8);
	assert_int_equal(gw_texts_counter(texts[0], GW_TEXT_CTR_TOO_OFTEN), 5);
	assert_non_null(strstr(last_answer(), "پی در پی"));
	assert_true(answers() <= 3); /* "hello" has one answer in half a minute, and one more if that begins anew */
}

static void test_machines_are_answered_so_often(void **state)
{
	char text[32];

	(void)state;
	restart_texts(0, 5, 100);
	for (unsigned int i = 0; i < 12; i++) {
		snprintf(text, sizeof(text), "out of office %u", i);
		write_and_settle(TO, text);
	}
	assert_int_equal(answers(), 5);
	assert_int_equal(tickets.accepted, 12);
	write_and_settle(TO, "bill " BILL);                     /* a request is a request */
	assert_int_equal(requests(), 1);
	assert_int_equal(answers(), 6);
}

static void test_no_more_at_once_than_there_is_room(void **state)
{
	(void)state;
	restart_texts(0, 0, 2);
	for (unsigned int i = 0; i < 5; i++)
		write_by(0, TO, "bill " BILL);
	assert_int_equal(tickets.refused_later, 3);
	settle(5);
	assert_false(tickets.accepted != 2);
	gw_texts_close(texts[0]);
	write_and_settle(TO, "bill " BILL);
	assert_int_equal(tickets.refused_later, 4);
}

/* ---- long ones ---- */

static const char complaint[] = "شکایت 7748317800142 برق خانه ما از هفته گذشته هر روز چند ساعت قطع است و کسی پاسخ نمی دهد. لطفا رسیدگی کنید که یخچال ما خراب شد";

static struct smpp_concat_part pieces[SMPP_CONCAT_PARTS_MAX];

static struct smpp_join_part part_of(unsigned int total, unsigned int number, uint16_t reference)
{
	return (struct smpp_join_part){ .source = NUMBER, .destination = TO, .mode = SMPP_CONCAT_UDH8, .reference = reference, .total = (uint8_t)total,
		.number = (uint8_t)number, .alphabet = SMPP_ALPHABET_UCS2, .data = pieces[number - 1].data + 6, .octets = (size_t)pieces[number - 1].octets - 6 };
}

static unsigned int cut(const char *text, uint16_t reference)
{
	int n = smpp_concat_split(SMPP_CONCAT_UDH8, SMPP_ALPHABET_UCS2, text, strlen(text), reference, pieces, SMPP_CONCAT_PARTS_MAX);

	assert_true(n > 1);
	return (unsigned int)n;
}

static void deliver_part(unsigned int gateway, unsigned int total, unsigned int number, uint16_t reference)
{
	struct smpp_join_part part = part_of(total, number, reference);

	deliver(gateway, NUMBER, TO, &part);
}

static void test_parts_to_two_gateways_in_any_order(void **state)
{
	unsigned int n = cut(complaint, 9);

	(void)state;
	assert_int_equal(n, 2);
	for (unsigned int order = 0; order < 4; order++) {
		unsigned int before = settled();
		uint16_t reference = (uint16_t)(10 + order);

		cut(complaint, reference);
		deliver_part(0, n, order % 2 ? 2 : 1, reference);
		if (order < 2)
			settle(before + 1);                     /* else both at once: one of them is written over the other's */
		deliver_part(1, n, order % 2 ? 1 : 2, reference);
		settle(before + 2);
		assert_int_equal(tickets.accepted, before + 2);
	}
	assert_int_equal(requests(), 1);                        /* the same words within the time: one request */
	assert_int_equal(gw_texts_counter(texts[0], GW_TEXT_CTR_WHOLE) + gw_texts_counter(texts[1], GW_TEXT_CTR_WHOLE), 4);
	assert_int_equal(count("ZCARD", "joins", NULL), 0);
}

/* The gateway that joined them died before the request was there: the network brings its part again, and another does it. */
static void test_a_part_again_does_it_again(void **state)
{
	unsigned int n = cut(complaint, 9);

	(void)state;
	deliver_part(0, n, 1, 9);
	settle(1);
	accounts_known = false;
	deliver_part(0, n, 2, 9);
	settle(2);
	assert_int_equal(tickets.refused_later, 1);             /* joined, but no request */
	assert_int_equal(requests(), 0);
	accounts_known = true;
	deliver_part(1, n, 2, 9);
	settle(3);
	assert_int_equal(tickets.accepted, 2);
	assert_int_equal(requests(), 1);
	deliver_part(0, n, 1, 9);                               /* and the first one, late: nothing new */
	settle(4);
	assert_int_equal(requests(), 1);
}

static void test_a_part_that_never_comes(void **state)
{
	unsigned int n = cut(complaint, 9);

	(void)state;
	deliver_part(0, n, 1, 9);
	settle(1);
	assert_int_equal(tickets.accepted, 1);
	assert_int_equal(count("ZCARD", "joins", NULL), 1);
	world_tick = tick_texts;
	TURN_UNTIL(count("ZCARD", "joins", NULL) == 0);
	assert_int_equal(answers(), 1);                         /* said by one of them */
	assert_non_null(strstr(last_answer(), "بخشی از پیامک شما نرسید"));
	TURN_UNTIL(gw_texts_counter(texts[0], GW_TEXT_CTR_LOST) + gw_texts_counter(texts[1], GW_TEXT_CTR_LOST) == 1);
	deliver_part(0, n, 2, 9);                               /* too late: the first of a message that will not be whole either */
	settle(2);
	assert_int_equal(count("ZCARD", "joins", NULL), 1);
	assert_int_equal(requests(), 0);
	TURN_UNTIL(count("ZCARD", "joins", NULL) == 0);
}

static void test_a_reference_used_again(void **state)
{
	static const char other[] = "شکایت 7748317800142 آب خانه ما از هفته گذشته هر روز چند ساعت قطع است و کسی پاسخ نمی دهد. لطفا رسیدگی کنید که یخچال ما خراب شد";
	unsigned int n = cut(complaint, 9);

	(void)state;
	deliver_part(0, n, 1, 9);
	settle(1);
	cut(other, 9);
	deliver_part(1, n, 1, 9);                               /* another message: the first one can never be whole */
	settle(2);
	assert_int_equal(answers(), 1);
	assert_int_equal(gw_texts_counter(texts[1], GW_TEXT_CTR_LOST), 1);
	deliver_part(0, n, 2, 9);
	settle(3);
	assert_int_equal(requests(), 1);
	cut(complaint, 9);
	deliver_part(0, n, 1, 9);                               /* and again, after it was whole: nothing was lost */
	settle(4);
	assert_int_equal(answers(), 2);
	deliver_part(1, n, 2, 9);
	settle(5);
	assert_int_equal(requests(), 2);
	assert_int_equal(tickets.accepted, 5);
}

static void test_parts_that_cannot_be_joined(void **state)
{
	unsigned int n = cut("bill 7748317800142 and many more words that make it long enough for two", 9);
	struct smpp_join_part part = part_of(n, 1, 9);

	(void)state;
	part.number = 5;                                        /* of two */
	deliver(0, NUMBER, TO, &part);
	part.number = 1;
	part.total = 200;
	deliver(0, NUMBER, TO, &part);
	settle(2);
	assert_int_equal(tickets.accepted, 2);                  /* taken as messages of their own */
	assert_int_equal(gw_texts_counter(texts[0], GW_TEXT_CTR_TEXTS), 2);
}

static void test_a_record_that_is_rubbish(void **state)
{
	unsigned int n = cut(complaint, 9);
	char pattern[96];

	(void)state;
	deliver_part(0, n, 1, 9);
	settle(1);
	snprintf(pattern, sizeof(pattern), "join:{p%02u}:*", sess_store_partition(NUMBER));
	REDIS("EVAL", "for _, k in ipairs(redis.call('KEYS', ARGV[1])) do local v = redis.call('GET', k) redis.call('SET', k, string.sub(v, 1, 8) .. 'rubbish') end",
	      "0", pattern);
	deliver_part(0, n, 2, 9);
	settle(2);
	deliver_part(0, n, 1, 9);
	settle(3);
	assert_int_equal(tickets.accepted + tickets.refused_later, 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_test, end_test)
	const struct CMUnitTest tests[] = {
		TEST(test_a_request),
		TEST(test_a_copy_is_the_same_request),
		TEST(test_nothing_is_accepted_that_is_not_there),
		TEST(test_help_and_what_is_wrong),
		TEST(test_an_agency_that_is_not_there),
		TEST(test_states),
		TEST(test_the_state_of_others),
		TEST(test_stop_and_start),
		TEST(test_what_nobody_hears),
		TEST(test_too_often_is_said_once),
		TEST(test_machines_are_answered_so_often),
		TEST(test_no_more_at_once_than_there_is_room),
		TEST(test_parts_to_two_gateways_in_any_order),
		TEST(test_a_part_again_does_it_again),
		TEST(test_a_part_that_never_comes),
		TEST(test_a_reference_used_again),
		TEST(test_parts_that_cannot_be_joined),
		TEST(test_a_record_that_is_rubbish),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
