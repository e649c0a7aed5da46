/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Requests in a real ledger, as two gateways that share nothing else: what is raised is there with its notice, its event and its
 * line, or not at all; the same twice is one; answers; lists; and what is typed for a code. */
#include "tests/unit/gateway/request_world.h"

#include "gateway/say.h"

static int begin_test(void **state)
{
	(void)state;
	accounts_known = true;
	world_connect(WORLD_REDISES - 1, 256, 5000);
	REDIS("FLUSHALL");
	start(0, 600000);
	start(1, 600000);
	return 0;
}

static int end_test(void **state)
{
	(void)state;
	stop(0);
	stop(1);
	world_disconnect(WORLD_REDISES - 1);
	osmo_select_main_ctx(1);
	return 0;
}

/* ---- raising ---- */

struct raised { bool answered; enum sess_ledger_result result; char code[16]; };

static void on_raised(void *ctx, uint64_t token, enum sess_ledger_result result, const char *code)
{
	struct raised *raised = ctx;

	assert_int_equal(token, 7);
	assert_false(raised->answered);
	raised->answered = true;
	raised->result = result;
	snprintf(raised->code, sizeof(raised->code), "%s", code ? code : "");
}

static const struct gw_request_new bill = {
	.agency = "bills", .service = "bill", .title_fa = "استعلام قبض", .title_en = "Bill inquiry", .msisdn = NUMBER, .channel = "sms", .language = "fa",
	.to = "40402020", .route = 77, .n_fields = 1, .fields = { { "bill_id", "7748317800142" } }, .once = "one", .once_octets = 3,
};

static struct raised raise_by(unsigned int i, const struct gw_request_new *request)
{
	struct raised raised = { 0 };

	assert_int_equal(gw_requests_raise(gateways[i].requests, request, on_raised, &raised, 7), 0);
	assert_false(raised.answered); /* never from inside */
	TURN_UNTIL(raised.answered);
	return raised;
}

static void test_what_is_raised_is_all_there(void **state)
{
	struct raised raised = raise_by(0, &bill);
	char key[SESS_LEDGER_KEY_OCTETS], code[GW_REQUEST_CODE_OCTETS];
	struct world_answer answer;

	(void)state;
	assert_int_equal(raised.result, SESS_LEDGER_OK);
	assert_true(gw_request_code_read(raised.code, code));
	assert_int_equal(gw_request_partition(code), sess_store_partition(NUMBER));
	snprintf(key, sizeof(key), "request:{p%02u}:%s", sess_store_partition(NUMBER), code);
	answer = REDIS("GET", key);
	assert_non_null(strstr(answer.text, "\"bill_id\":\"7748317800142\""));
	assert_int_equal(count("ZCARD", "asked", "bills"), 1);
	assert_int_equal(count("ZCARD", "asked", "bills.received"), 1);
	assert_int_equal(count("ZCARD", "asks", NUMBER), 1);
	assert_int_equal(count("XLEN", "events", NULL), 1);
	assert_int_equal(count("XLEN", "audit", NULL), 2);      /* the request and its notice */
	assert_int_equal(count("XLEN", gw_lane_of(gateways[0].lanes, 77, GW_NOTICE_URGENT)->name, NULL), 1);
	assert_true(REDIS("PTTL", key).integer > KEEP_MS / 2);
}

static void test_the_same_twice_is_one(void **state)
{
	struct gw_request_new other = bill;
	struct raised first = raise_by(0, &bill), second = raise_by(1, &bill), third;

	(void)state;
	assert_int_equal(first.result, SESS_LEDGER_OK);
	assert_int_equal(second.result, SESS_LEDGER_THERE);
	assert_string_equal(first.code, second.code);
	assert_int_equal(count("XLEN", "events", NULL), 1);
	other.once = "two";
	third = raise_by(1, &other);
	assert_int_equal(third.result, SESS_LEDGER_OK);
	assert_string_not_equal(first.code, third.code);
	other.once = NULL;                                      /* what may be repeated */
	assert_int_equal(raise_by(0, &other).result, SESS_LEDGER_OK);
	assert_int_equal(raise_by(0, &other).result, SESS_LEDGER_OK);
	assert_int_equal(count("XLEN", "events", NULL), 4);
	assert_int_equal(gw_requests_counters(gateways[1].requests)->repeated, 1);
}

static void test_after_its_time_it_is_another(void **state)
{
	struct raised first;

	(void)state;
	stop(0);
	start(0, 30);
	first = raise_by(0, &bill);
	usleep(50000);
	assert_string_not_equal(raise_by(0, &bill).code, first.code);
}

static void test_who_cannot_be_asked(void **state)
{
	struct gw_request_new request = bill;
	struct raised raised = { 0 };

	(void)state;
	request.agency = "nobody";
	assert_int_equal(gw_requests_raise(gateways[0].requests, &request, on_raised, &raised, 7), -ENOENT);
	accounts_known = false;
	assert_int_equal(gw_requests_raise(gateways[0].requests, &bill, on_raised, &raised, 7), -EAGAIN);
	accounts_known = true;
	request = bill;
	request.msisdn = "989350000001";                        /* nobody serves it */
	request.route = 0;
	assert_int_equal(gw_requests_raise(gateways[0].requests, &request, on_raised, &raised, 7), -EINVAL);
	request.silent = true;                                  /* nothing is to be sent */
	assert_int_equal(raise_by(0, &request).result, SESS_LEDGER_OK);
	request = bill;
	request.fields[0].value = "\xff\xfe";
	assert_int_equal(gw_requests_raise(gateways[0].requests, &request, on_raised, &raised, 7), -EINVAL);
	assert_false(raised.answered);
}

static void test_a_dead_redis_says_so(void **state)
{
	struct raised raised = { 0 };

	(void)state;
	redis_server_kill(&server);
	assert_int_equal(gw_requests_raise(gateways[0].requests, &bill, on_raised, &raised, 7), 0);
	TURN_UNTIL(raised.answered);
	assert_int_equal(raised.result, SESS_LEDGER_DOWN);
	assert_string_equal(raised.code, "");
	redis_server_restart(&server);
	for (unsigned int i = 0; i < WORLD_REDISES; i++)
		TURN_UNTIL(sess_redis_up(redises[i]));
	assert_int_equal(raise_by(0, &bill).result, SESS_LEDGER_OK);
}

/* ---- loading, delivered ---- */

struct seen { bool answered; enum sess_ledger_result result; json_t *record; };

static void on_seen(void *ctx, uint64_t token, enum sess_ledger_result result, const json_t *request)
{
	struct seen *seen = ctx;

	(void)token;
	seen->answered = true;
	seen->result = result;
	seen->record = request ? json_deep_copy(request) : NULL;
}

static json_t *look_at(unsigned int i, const char *code)
{
	struct seen seen = { 0 };

	assert_int_equal(gw_requests_load(gateways[i].requests, code, on_seen, &seen, 0), 0);
	TURN_UNTIL(seen.answered);
	assert_int_equal(seen.result, SESS_LEDGER_OK);
	return seen.record;
}

static bool is_state(const char *code, const char *state)
{
	json_t *record = look_at(0, code);
	bool is = record && strcmp(gw_request_text(record, "state"), state) == 0;

	json_decref(record);
	return is;
}

static void test_what_was_delivered(void **state)
{
	struct raised raised = raise_by(0, &bill);
	struct seen seen = { 0 };

	(void)state;
	assert_true(is_state(raised.code, "received"));
	assert_int_equal(gw_requests_delivered(gateways[0].requests, raised.code), 0);
	assert_int_equal(gw_requests_delivered(gateways[1].requests, raised.code), 0); /* a race that one of them loses */
	TURN_UNTIL(is_state(raised.code, "delivered"));
	assert_int_equal(count("ZCARD", "asked", "bills.received"), 0);
	assert_int_equal(count("ZCARD", "asked", "bills.delivered"), 1);
	assert_int_equal(gw_requests_load(gateways[0].requests, "123456783", on_seen, &seen, 0), -EINVAL);
	assert_int_equal(gw_requests_delivered(gateways[0].requests, "nonsense"), -EINVAL);
	assert_null(look_at(0, "123456006"));
}

/* ---- answers ---- */

struct answered { bool answered; enum sess_ledger_result result; enum gw_answered verdict; char state[16], notice[32]; bool closed, fields; };

static void on_answered(void *ctx, uint64_t token, enum sess_ledger_result result, enum gw_answered verdict, const json_t *request)
{
	struct answered *answered = ctx;
	json_t *answers = json_object_get(request, "answers");

	(void)token;
	assert_false(answered->answered);
	answered->answered = true;
	answered->result = result;
	answered->verdict = verdict;
	if (!request)
		return;
	snprintf(answered->state, sizeof(answered->state), "%s", gw_request_text(request, "state"));
	if (json_array_size(answers) > 0)
		snprintf(answered->notice, sizeof(answered->notice), "%s", gw_request_text(json_array_get(answers, json_array_size(answers) - 1), "notice"));
	answered->closed = json_is_true(json_object_get(request, "closed"));
	answered->fields = json_object_get(request, "fields") != NULL;
}

static struct answered answer_by(unsigned int i, const char *code, const struct gw_request_answer *answer)
{
	struct answered answered = { 0 };

	assert_int_equal(gw_requests_answer(gateways[i].requests, code, answer, on_answered, &answered, 0), 0);
	TURN_UNTIL(answered.answered);
	return answered;
}

static void test_an_agency_answers(void **state)
{
	struct raised raised = raise_by(0, &bill);
	struct gw_request_answer answer = { .agency = "bills", .state = GW_REQUEST_PROGRESS, .text = { "در دست بررسی است.", "" }, .once = "k1", .once_octets = 2 };
	struct answered answered = answer_by(0, raised.code, &answer), again;
	struct answered none;

	(void)state;
	assert_int_equal(answered.verdict, GW_ANSWERED);
	assert_string_equal(answered.state, "progress");
	assert_true(answered.notice[0] && answered.fields && !answered.closed);
	assert_int_equal(count("ZCARD", "inbox", NUMBER), 1);
	again = answer_by(1, raised.code, &answer);             /* the same call again: nothing more */
	assert_int_equal(again.verdict, GW_ANSWERED_BEFORE);
	assert_string_equal(again.notice, answered.notice);
	assert_int_equal(count("ZCARD", "inbox", NUMBER), 1);
	answer.text[0] = "چیز دیگر";
	assert_int_equal(answer_by(1, raised.code, &answer).verdict, GW_ANSWERED_OTHERWISE);
	answer.agency = "tax";                                  /* not its request: as if there were none */
	assert_int_equal(answer_by(1, raised.code, &answer).verdict, GW_ANSWERED_NO_REQUEST);
	answer = (struct gw_request_answer){ .agency = "bills", .state = GW_REQUEST_ANSWERED, .text = { "", "Paid." } };
	answered = answer_by(1, raised.code, &answer);
	assert_int_equal(answered.verdict, GW_ANSWERED);
	assert_true(answered.closed && !answered.fields);       /* what was personal is gone */
	assert_int_equal(answer_by(0, raised.code, &answer).verdict, GW_ANSWERED_CLOSED);
	assert_int_equal(count("ZCARD", "asked", "bills.answered"), 1);
	assert_int_equal(count("ZCARD", "asked", "bills.progress"), 0);
	assert_int_equal(count("ZCARD", "asked", "bills"), 1);
	none = answer_by(0, "123456006", &answer);
	assert_int_equal(none.verdict, GW_ANSWERED_NO_REQUEST);
}

static void test_answers_that_say_nothing_or_too_much(void **state)
{
	struct raised raised = raise_by(0, &bill);
	struct gw_request_answer answer = { .agency = "bills", .state = GW_REQUEST_PROGRESS };

	(void)state;
	assert_int_equal(answer_by(0, raised.code, &answer).verdict, GW_ANSWERED);
	assert_int_equal(count("ZCARD", "inbox", NUMBER), 0);   /* a state alone: the citizen is not told */
	answer.text[1] = "Yours only.";
	answer.national_id = "0063300095";                      /* no key: it cannot be sealed */
	assert_int_equal(answer_by(0, raised.code, &answer).verdict, GW_ANSWERED_NO_SEAL);
	answer.national_id = NULL;
	for (unsigned int i = 1; i < GW_REQUEST_ANSWERS_MAX; i++)
		assert_int_equal(answer_by(i % 2, raised.code, &answer).verdict, GW_ANSWERED);
	assert_int_equal(answer_by(0, raised.code, &answer).verdict, GW_ANSWERED_TOO_OFTEN);
}

/* Both gateways answer at once: both answers stand there, one of them written over the other's. */
static void test_two_answer_at_once(void **state)
{
	struct raised raised = raise_by(0, &bill);
	const struct gw_request_answer answer = { .agency = "bills", .state = GW_REQUEST_PROGRESS, .text = { "", "Soon." } };
	struct answered answered[2] = { { 0 } };
	json_t *record;

	(void)state;
	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(gw_requests_answer(gateways[i].requests, raised.code, &answer, on_answered, &answered[i], 0), 0);
	TURN_UNTIL(answered[0].answered && answered[1].answered);
	record = look_at(0, raised.code);
	assert_int_equal(json_array_size(json_object_get(record, "answers")), 2);
	json_decref(record);
	assert_int_equal(count("ZCARD", "inbox", NUMBER), 2);
}

/* ---- lists ---- */

struct list { bool answered; enum sess_ledger_result result; size_t n; char codes[GW_REQUESTS_PAGE_MAX][16], next[64]; };

static void on_list(void *ctx, uint64_t token, enum sess_ledger_result result, json_t *const *records, size_t n, const char *next)
{
	struct list *list = ctx;

	(void)token;
	list->answered = true;
	list->result = result;
	list->n = n;
	for (size_t i = 0; i < n; i++)
		snprintf(list->codes[i], sizeof(list->codes[i]), "%s", gw_request_text(records[i], "code"));
	snprintf(list->next, sizeof(list->next), "%s", next);
}

static struct list list_of(const char *agency, int in_state, const char *cursor, unsigned int limit)
{
	struct list list = { 0 };

	assert_int_equal(gw_requests_of_agency(gateways[1].requests, agency, in_state, cursor, limit, on_list, &list, 0), 0);
	TURN_UNTIL(list.answered);
	assert_int_equal(list.result, SESS_LEDGER_OK);
	return list;
}

static void test_lists(void **state)
{
	struct gw_request_new request = bill;
	char codes[50][16], cursor[64] = "", number[16];
	struct list list;
	size_t at = 0;

	(void)state;
	request.once = NULL;
	request.msisdn = number;
	for (unsigned int i = 0; i < 50; i++) {
		snprintf(number, sizeof(number), "98912%07u", i % 10);
		strcpy(codes[i], raise_by(i % 2, &request).code);
		usleep(1100);                                   /* a millisecond each: their order is known */
	}
	do {
		list = list_of("bills", -1, cursor[0] ? cursor : NULL, 7);
		for (size_t i = 0; i < list.n; i++)
			assert_string_equal(list.codes[i], codes[at++]);
		strcpy(cursor, list.next);
	} while (cursor[0]);
	assert_int_equal(at, 50);
	assert_int_equal(list_of("bills", GW_REQUEST_RECEIVED, NULL, 64).n, 50);
	assert_int_equal(list_of("bills", GW_REQUEST_ANSWERED, NULL, 64).n, 0);
	assert_int_equal(list_of("tax", -1, NULL, 64).n, 0);
	memset(&list, 0, sizeof(list));
	assert_int_equal(gw_requests_of_agency(gateways[0].requests, "bills", -1, "rubbish", 5, on_list, &list, 0), -EINVAL);
	assert_int_equal(gw_requests_of_agency(gateways[0].requests, "bills", -1, "12.123456783", 5, on_list, &list, 0), -EINVAL);
	assert_int_equal(gw_requests_of_citizen(gateways[0].requests, "989120000003", 0, 3, on_list, &list, 0), 0);
	TURN_UNTIL(list.answered);
	assert_int_equal(list.n, 3);
	assert_string_equal(list.codes[0], codes[43]);          /* the newest first */
	assert_string_equal(list.codes[1], codes[33]);
}

static void test_what_has_expired_leaves_the_lists(void **state)
{
	struct raised raised = raise_by(0, &bill), stays;
	struct gw_request_new other = bill;
	char key[SESS_LEDGER_KEY_OCTETS];

	(void)state;
	other.once = NULL;
	stays = raise_by(0, &other);
	snprintf(key, sizeof(key), "request:{p%02u}:%s", sess_store_partition(NUMBER), raised.code);
	REDIS("DEL", key);
	assert_string_equal(list_of("bills", -1, NULL, 5).codes[0], stays.code);
	TURN_UNTIL(count("ZCARD", "asked", "bills") == 1 && count("ZCARD", "asks", NUMBER) == 1);
	snprintf(key, sizeof(key), "request:{p%02u}:%s", sess_store_partition(NUMBER), stays.code);
	REDIS("DEL", key);
	stop(0);
	start(0, 1000);
	gateways[0].requests = gw_requests_alloc(root, &(struct gw_requests_config){ .ledger = gateways[0].ledger, .keep_ms = -1000 });
	gw_requests_sweep(gateways[0].requests, "bills", sess_store_partition(NUMBER));
	TURN_UNTIL(count("ZCARD", "asked", "bills") == 0 && count("ZCARD", "asked", "bills.received") == 0 && count("ZCARD", "asks", NUMBER) == 0);
}

/* ---- codes and words ---- */

static void test_codes(void **state)
{
	char code[GW_REQUEST_CODE_OCTETS];

	(void)state;
	for (unsigned int i = 0; i < 1000; i++) {
		gw_request_draw_code(i % 64, code);
		assert_int_equal(strlen(code), 9);
		assert_true(code[0] != '0');
		assert_int_equal(gw_request_partition(code), i % 64);
	}
	assert_true(gw_request_code_read("۱۲۳ ۴۵۶ ۰۰۶", code));
	assert_string_equal(code, "123456006");
	assert_false(gw_request_code_read("123456642", code));  /* there is no partition 64 */
	assert_string_equal(code, "");
}

static void test_what_is_said_is_one_part(void **state)
{
	static const enum menu_phrase phrases[] = { MENU_PHRASE_SMS_RECEIVED, MENU_PHRASE_SMS_STATE, MENU_PHRASE_SMS_NO_REQUEST, MENU_PHRASE_SMS_STOPPED,
		MENU_PHRASE_SMS_STARTED, MENU_PHRASE_SMS_UNKNOWN, MENU_PHRASE_SMS_TOO_OFTEN, MENU_PHRASE_SMS_PART_MISSING, MENU_PHRASE_SMS_CLOSED };
	static const char what[] = "یک درخواست با نامی بسیار دراز که هرگز در یک پیامک جا نمی شود مگر آن که بریده شود";
	char text[GW_SAY_OCTETS];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(phrases); i++)
		for (int k = 0; k < 2; k++) {
			size_t n = gw_say(menu_pins_current(pins), phrases[i], k ? "en" : "fa", what, "123456782", "رسیده به دستگاه", text);

			assert_int_equal(n, strlen(text));
			assert_true(n > 0 && gw_say_fits(NULL, text, n));
			assert_null(strchr(text, '{'));
		}
	assert_string_equal(gw_say_script("قبض 1", strlen("قبض 1")), "fa");
	assert_string_equal(gw_say_script("bill 1", 6), "en");
	assert_string_equal(gw_say_script("۱*۲۳#", strlen("۱*۲۳#")), "");
	assert_string_equal(gw_say_script("1*23#", 5), "");
	assert_string_equal(gw_say_script("\xd9", 1), "fa");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_test, end_test)
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_raised_is_all_there),
		TEST(test_the_same_twice_is_one),
		TEST(test_after_its_time_it_is_another),
		TEST(test_who_cannot_be_asked),
		TEST(test_a_dead_redis_says_so),
		TEST(test_what_was_delivered),
		TEST(test_an_agency_answers),
		TEST(test_answers_that_say_nothing_or_too_much),
		TEST(test_two_answer_at_once),
		TEST(test_lists),
		TEST(test_what_has_expired_leaves_the_lists),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_what_is_said_is_one_part),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
