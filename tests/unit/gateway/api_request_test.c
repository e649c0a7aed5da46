/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Requests as the agency sees them (/v1/requests) and as menus do (the gateway's own operations): a whole gateway, real HTTP, a real
 * ledger. What is another agency's, or another citizen's, is not there. */
#include "tests/unit/gateway/api_world.h"
#include "tests/unit/gateway/vty_world.h"

#include "gateway/builtin.h"
#include "gateway/request_record.h"
#include "gateway/requests.h"

#define CITIZEN "989120000001"
#define OTHER "989120000002"
#define DIALLER "989120000003"
#define NEIGHBOUR "989120000004"

static struct api_reply reply;
static struct account_wish bills = { .name = "bills", .scopes = 1u << GW_SCOPE_REQUESTS_READ | 1u << GW_SCOPE_REQUESTS_ANSWER };
static struct account_wish tax = { .name = "tax", .scopes = 1u << GW_SCOPE_REQUESTS_READ | 1u << GW_SCOPE_REQUESTS_ANSWER };
static struct account_wish reader = { .name = "reader", .scopes = 1u << GW_SCOPE_REQUESTS_READ };

/* One world for all tests, for a gateway takes a second to hear of an account: each test has citizens of its own. */
static int begin(void **state)
{
	int rc = vty_world_init(state);

	if (rc < 0)
		return rc;
	api_world_begin("");
	account_world_add(&bills);
	account_world_add(&tax);
	account_world_add(&reader);
	return 0;
}

static int end(void **state)
{
	(void)state;
	json_decref(reply.json);
	api_world_end();
	return 0;
}

/* ---- a request, as an SMS makes it ---- */

static void on_raised(void *ctx, uint64_t token, enum sess_ledger_result result, const char *code)
{
	(void)token;
	assert_int_equal(result, SESS_LEDGER_OK);
	strcpy(ctx, code);
}

static void ask(const char *msisdn, char code[16])
{
	const struct gw_request_new request = { .agency = "bills", .service = "bill", .title_fa = "استعلام قبض", .title_en = "Bill inquiry", .msisdn = msisdn,
		.channel = "sms", .language = "en", .to = "40402020", .n_fields = 1, .fields = { { "bill_id", "7748317800142" } } };

	code[0] = '\0';
	assert_int_equal(gw_requests_raise(world.gw->requests, &request, on_raised, code, 0), 0);
	for (int i = 0; i < WORLD_TURNS_MAX && !code[0]; i++)
		gw_loop_turn();
	assert_true(code[0]);
}

/* rest: "/123456006", "?state=answered", "" */
static void get(const struct account_wish *who, const char *rest, const char *more)
{
	char path[160];

	snprintf(path, sizeof(path), "/v1/requests%s%s", rest, more);
	api_call(&reply, "GET", path, who->key, "", NULL);
}

static void answer(const struct account_wish *who, const char *code, const char *key, const char *body)
{
	char path[96], more[96] = "";

	snprintf(path, sizeof(path), "/v1/requests/%s/answer", code);
	if (key)
		snprintf(more, sizeof(more), "Idempotency-Key: %s\r\n", key);
	api_call(&reply, "POST", path, who->key, more, body);
}

/* ---- the agency ---- */

static void test_one(void **state)
{
	char code[16];

	(void)state;
	ask(CITIZEN, code);
	get(&bills, "/", code);
	assert_int_equal(reply.status, 200);
	assert_string_equal(api_text(&reply, "code"), code);
	assert_string_equal(api_text(&reply, "service"), "bill");
	assert_string_equal(api_text(&reply, "from"), CITIZEN);
	assert_string_equal(api_text(&reply, "state"), "received");
	assert_string_equal(gw_request_text(json_object_get(reply.json, "fields"), "bill_id"), "7748317800142");
	get(&tax, "/", code);                     /* another's */
	assert_api_problem(&reply, 404, "unknown-request");
	get(&bills, "/", "123456006");
	assert_api_problem(&reply, 404, "unknown-request");
	get(&bills, "/", "nonsense");
	assert_api_problem(&reply, 404, "unknown-request");
}

static void test_lists(void **state)
{
	char codes[3][16], next[64];

	(void)state;
	for (unsigned int i = 0; i < 3; i++)
		ask(i == 1 ? OTHER : CITIZEN, codes[i]);
	get(&bills, "?limit=2", "");
	assert_int_equal(reply.status, 200);
	assert_int_equal(json_array_size(json_object_get(reply.json, "requests")), 2);
	assert_non_null(api_text(&reply, "next"));
	snprintf(next, sizeof(next), "%s", api_text(&reply, "next"));
	get(&bills, "?limit=2&cursor=", next);
	assert_int_equal(json_array_size(json_object_get(reply.json, "requests")), 1);
	assert_true(json_is_null(json_object_get(reply.json, "next")));
	get(&bills, "?state=", "answered");
	assert_int_equal(json_array_size(json_object_get(reply.json, "requests")), 0);
	get(&tax, "", "");
	assert_int_equal(json_array_size(json_object_get(reply.json, "requests")), 0);
	get(&bills, "?state=", "lost");
	assert_api_problem(&reply, 400, "bad-query");
	get(&bills, "?cursor=", "yesterday");
	assert_api_problem(&reply, 400, "bad-query");
	get(&bills, "?limit=", "65");
	assert_api_problem(&reply, 400, "bad-query");
}

static void test_answers(void **state)
{
	char code[16], notice[32];
	const json_t *said;

	(void)state;
	ask(CITIZEN, code);
	answer(&bills, code, "k1", "{\"state\":\"progress\",\"text\":{\"en\":\"We are looking.\"}}");
	assert_int_equal(reply.status, 200);
	assert_string_equal(api_text(&reply, "state"), "progress");
	said = json_array_get(json_object_get(reply.json, "answers"), 0);
	snprintf(notice, sizeof(notice), "%s", gw_request_text(said, "notice"));
	assert_true(notice[0]);
	answer(&bills, code, "k1", "{\"state\":\"progress\",\"text\":{\"en\":\"We are looking.\"}}");
	assert_int_equal(reply.status, 200);                    /* the same, once */
	assert_int_equal(json_array_size(json_object_get(reply.json, "answers")), 1);
	answer(&bills, code, "k1", "{\"state\":\"refused\"}");
	assert_api_problem(&reply, 409, "idempotency-conflict");
	answer(&tax, code, "k2", "{\"state\":\"answered\"}");
	assert_api_problem(&reply, 404, "unknown-request");
	answer(&reader, code, "k2", "{\"state\":\"answered\"}");
	assert_api_problem(&reply, 403, "forbidden-scope");
	answer(&bills, code, NULL, "{\"state\":\"answered\",\"text\":{\"fa\":\"پرداخت شده است.\"},\"sensitive\":true,\"national_id\":\"0063300095\"}");
	assert_int_equal(reply.status, 200);
	assert_true(json_is_true(json_object_get(reply.json, "closed")));
	assert_null(json_object_get(reply.json, "fields"));
	assert_null(strstr(reply.body, "پرداخت"));              /* sealed: it stands in the notice only */
	assert_null(strstr(reply.body, "0063300095"));
	answer(&bills, code, NULL, "{\"state\":\"progress\"}");
	assert_api_problem(&reply, 409, "wrong-state");
}

static void test_answers_that_are_none(void **state)
{
	static const struct { const char *body, *pointer; } rows[] = {
		{ "{}", "/state" }, { "{\"state\":\"received\"}", "/state" }, { "{\"state\":4}", "/state" }, { "[]", "" },
		{ "{\"state\":\"progress\",\"colour\":\"red\"}", "/colour" }, { "{\"state\":\"progress\",\"text\":\"words\"}", "/text" },
		{ "{\"state\":\"progress\",\"text\":{}}", "/text" }, { "{\"state\":\"progress\",\"text\":{\"de\":\"Ja\"}}", "/text" },
		{ "{\"state\":\"progress\",\"text\":{\"fa\":\"\"}}", "/text/fa" }, { "{\"state\":\"progress\",\"text\":{\"en\":7}}", "/text/en" },
		{ "{\"state\":\"progress\",\"close\":\"yes\"}", "/close" }, { "{\"state\":\"progress\",\"sensitive\":1}", "/sensitive" },
		{ "{\"state\":\"progress\",\"sensitive\":true}", "/sensitive" },
		{ "{\"state\":\"progress\",\"text\":{\"en\":\"x\"},\"sensitive\":true}", "/national_id" },
		{ "{\"state\":\"progress\",\"text\":{\"en\":\"x\"},\"sensitive\":true,\"national_id\":\"1234567890\"}", "/national_id" },
		{ "{\"state\":\"progress\",\"national_id\":\"0063300095\"}", "/national_id" },
	};
	char code[16];

	(void)state;
	ask(CITIZEN, code);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		answer(&bills, code, NULL, rows[i].body);
		assert_api_problem(&reply, 422, "bad-field");
		assert_string_equal(api_text(&reply, "pointer") ? api_text(&reply, "pointer") : "", rows[i].pointer);
	}
	get(&bills, "/", code);
	assert_int_equal(json_array_size(json_object_get(reply.json, "answers")), 0);
}

static void test_no_ledger_no_answer(void **state)
{
	char code[16];

	(void)state;
	ask(CITIZEN, code);
	redis_server_kill(&api_redis);
	get(&bills, "/", code);
	assert_int_equal(reply.status, 503);
	get(&bills, "", "");
	assert_int_equal(reply.status, 503);
	answer(&bills, code, "k", "{\"state\":\"answered\"}");
	assert_int_equal(reply.status, 503);
}

/* ---- menus ---- */

static struct { bool done; unsigned int status; json_t *body; } menu;

static void on_menu(void *ctx, unsigned int status, const json_t *body)
{
	(void)ctx;
	menu.done = true;
	menu.status = status;
	menu.body = body ? json_deep_copy(body) : NULL;
}

static void by_menu(const char *msisdn, const char *method, const char *path, const char *body, uint64_t idempotency)
{
	const struct gw_builtin_request request = { .method = method, .path = path, .body = body, .body_octets = body ? strlen(body) : 0, .msisdn = msisdn,
		.language = "en", .idempotency = idempotency, .until_ms = gw_clock_ms() + 20000 };

	json_decref(menu.body);
	memset(&menu, 0, sizeof(menu));
	assert_int_equal(gw_builtin_start(world.gw->builtin, &request, on_menu, NULL), 0);
	for (int i = 0; i < WORLD_TURNS_MAX && !menu.done; i++) {
		gw_loop_turn();
		gw_builtin_collect(world.gw->builtin);
	}
	assert_true(menu.done);
}

static void test_by_menu(void **state)
{
	static const char meter[] = "{\"agency\":\"bills\",\"service\":\"meter\",\"fields\":{\"bill_id\":\"7748317800142\",\"reading\":\"4711\"}}";
	char code[16], path[64];

	(void)state;
	by_menu(DIALLER, "POST", "/requests", meter, 77);
	assert_int_equal(menu.status, 201);
	snprintf(code, sizeof(code), "%s", gw_request_text(menu.body, "code"));
	by_menu(DIALLER, "POST", "/requests", meter, 77);       /* a second attempt of the same call */
	assert_string_equal(gw_request_text(menu.body, "code"), code);
	get(&bills, "/", code);
	assert_string_equal(api_text(&reply, "channel"), "ussd");
	assert_string_equal(gw_request_text(json_object_get(reply.json, "title"), "en"), "Meter reading"); /* as the keyword has it */
	answer(&bills, code, NULL, "{\"state\":\"answered\",\"text\":{\"en\":\"Thank you.\"}}");
	assert_int_equal(reply.status, 200);
	snprintf(path, sizeof(path), "/requests/%s", code);
	by_menu(DIALLER, "GET", path, NULL, 0);
	assert_int_equal(menu.status, 200);
	assert_string_equal(gw_request_text(menu.body, "answer"), "Thank you.");
	assert_string_equal(gw_request_text(menu.body, "state_text"), "answered");
	by_menu(NEIGHBOUR, "GET", path, NULL, 0);                   /* not theirs */
	assert_int_equal(menu.status, 404);
	by_menu(DIALLER, "GET", "/requests?skip=0", NULL, 0);
	assert_int_equal(json_array_size(json_object_get(menu.body, "requests")), 1);
	by_menu(NEIGHBOUR, "GET", "/requests?skip=x", NULL, 0);
	assert_int_equal(json_array_size(json_object_get(menu.body, "requests")), 0);
	json_decref(menu.body);
	menu.body = NULL;
}

static void test_by_menu_what_is_none(void **state)
{
	(void)state;
	by_menu(CITIZEN, "GET", "/requests/123", NULL, 0);
	assert_int_equal(menu.status, 404);
	by_menu(CITIZEN, "POST", "/requests", "{\"agency\":\"nobody\",\"service\":\"x\"}", 1);
	assert_int_equal(menu.status, 404);
	by_menu(CITIZEN, "POST", "/requests", "{\"agency\":\"bills\"}", 2);
	assert_int_equal(menu.status, 422);
	by_menu(CITIZEN, "POST", "/requests", "{\"agency\":\"bills\",\"service\":\"x\",\"fields\":{\"a\":{}}}", 3);
	assert_int_equal(menu.status, 422);
	by_menu(CITIZEN, "POST", "/requests", NULL, 4);
	assert_int_equal(menu.status, 422);
	json_decref(menu.body);
	menu.body = NULL;
}

/* ---- the console ---- */

static bool is_told(const char *into)
{
	return strstr(into, "closed") || strstr(into, "received 2") || strstr(into, "% ");
}

static void test_the_console(void **state)
{
	static char text[8192];
	char code[16], command[64];
	int fd;

	(void)state;
	ask(CITIZEN, code);
	vty_world_open();
	fd = world_connect(world_number("vty port "));
	text[0] = '\0';
	snprintf(command, sizeof(command), "show request %s\r\n", code);
	world_send(fd, command);
	world_read(fd, text, sizeof(text), is_told);
	assert_non_null(strstr(text, "bills.bill of 98912"));
	assert_null(strstr(text, CITIZEN));
	assert_null(strstr(text, "7748317800142"));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists), /* while there are no others */
		cmocka_unit_test(test_one),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_answers_that_are_none),
		cmocka_unit_test(test_by_menu),
		cmocka_unit_test(test_by_menu_what_is_none),
		cmocka_unit_test(test_the_console),
		cmocka_unit_test(test_no_ledger_no_answer), /* the last */
	};

	return cmocka_run_group_tests(tests, begin, end);
}
