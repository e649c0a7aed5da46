/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The other doors (/v1/citizens): a whole gateway, real HTTP, a real ledger. A portal acts for citizens, the national inbox says what was
 * read there; what the one does, the other and the citizen's dialog see. Then the attacks: what is another's, what no key may do, bodies
 * and paths that are rubbish, national IDs guessed, and a ledger that goes away. */
#include "tests/unit/gateway/api_world.h"

#include "gateway/notice.h"
#include "gateway/notices.h"
#include "gateway/request_record.h"
#include "gateway/usage.h"
#include "sessions/store.h"

#define CITIZEN "989120000001"
#define OTHER "989120000002"
#define THEIRS "0013542419"
#define NOT_THEIRS "0063300095"

static struct api_reply reply;
static struct account_wish portal = { .name = "portal", .scopes = 1u << GW_SCOPE_PORTAL };
static struct account_wish karpousheh = { .name = "karpousheh", .scopes = 1u << GW_SCOPE_KARPOUSHEH | 1u << GW_SCOPE_EVENTS, .fetches = true };
static struct account_wish bills = { .name = "bills", .fetches = true,
	.scopes = 1u << GW_SCOPE_REQUESTS_READ | 1u << GW_SCOPE_NOTICES_READ | 1u << GW_SCOPE_EVENTS };

static int begin(void **state)
{
	struct account_wish *const all[] = { &portal, &karpousheh, &bills };
	int rc = world_init(state);

	if (rc < 0)
		return rc;
	api_world_begin("");
	account_world_add_all(all, ARRAY_SIZE(all));
	return 0;
}

static int end(void **state)
{
	(void)state;
	json_decref(reply.json);
	api_world_end();
	return 0;
}

/* ---- notices ---- */

static void on_accepted(void *ctx, uint64_t token, enum sess_ledger_result result)
{
	(void)token;
	assert_int_equal(result, SESS_LEDGER_OK);
	*(bool *)ctx = true;
}

static void make_notice(const char *msisdn, const char *text, const char *national_id, char id[GW_NOTICE_ID_OCTETS])
{
	struct gw_notice *notice = gw_notice_alloc(world_ctx);
	bool done = false;

	strcpy(notice->msisdn, msisdn);
	gw_notice_set(notice, &notice->agency, "bills");
	gw_notice_set(notice, &notice->text[1], text);
	notice->channels = GW_CHANNEL_INBOX;
	notice->n_replies = 2;
	notice->replies[0] = talloc_strdup(notice, "Yes");
	notice->replies[1] = talloc_strdup(notice, "No");
	gw_notice_make_id(notice->id, msisdn, NULL, 0);
	if (national_id)
		assert_int_equal(gw_notices_seal(world.gw->notices, notice, national_id), 0);
	strcpy(id, notice->id);
	assert_int_equal(gw_notices_accept(world.gw->notices, notice, on_accepted, &done, 0), 0);
	for (int i = 0; i < WORLD_TURNS_MAX && !done; i++)
		gw_loop_turn();
	assert_true(done);
	talloc_free(notice);
}

/* ---- calls ---- */

static void ask(const struct account_wish *who, const char *method, const char *msisdn, const char *rest, const char *more, const char *body)
{
	char path[256];

	snprintf(path, sizeof(path), "/v1/citizens/%s%s", msisdn, rest);
	api_call(&reply, method, path, who->key, more, body);
}

static void on_notice(const struct account_wish *who, const char *method, const char *msisdn, const char *id, const char *what, const char *body)
{
	char rest[128];

	snprintf(rest, sizeof(rest), "/inbox/%s%s", id, what);
	ask(who, method, msisdn, rest, "", body);
}

static json_t *member(const char *name)
{
	return json_object_get(reply.json, name);
}

/* What the agency sees of its notice. */
static void look_as_agency(const char *id)
{
	char path[96];

	snprintf(path, sizeof(path), "/v1/notices/%s", id);
	api_call(&reply, "GET", path, bills.key, "", NULL);
	assert_int_equal(reply.status, 200);
}

/* Lines of the audit chain, sealed or not yet, in which all of these stand. */
static unsigned int noted(const char *what, const char *more)
{
	static char lines[1 << 20];
	char command[256];
	unsigned int n = 0;
	FILE *pipe;
	size_t octets;

	snprintf(command, sizeof(command), "for s in audit chain; do redis-cli -s %s --raw XRANGE \"$s:{p%02u}\" - +; done", api_redis.path,
		 sess_store_partition(CITIZEN));
	pipe = popen(command, "r");
	assert_non_null(pipe);
	octets = fread(lines, 1, sizeof(lines) - 1, pipe);
	lines[octets] = '\0';
	pclose(pipe);
	for (char *line = strtok(lines, "\n"); line; line = strtok(NULL, "\n"))
		n += strstr(line, what) && strstr(line, more);
	return n;
}

/* ---- the portal and the inbox ---- */

static void test_reads(void **state)
{
	char id[GW_NOTICE_ID_OCTETS];

	(void)state;
	make_notice(CITIZEN, "Your bill is ready.", NULL, id);
	ask(&portal, "GET", "09120000001", "/inbox?language=en", "", NULL);
	assert_int_equal(reply.status, 200);
	assert_int_equal(json_integer_value(member("unread")), 1);
	assert_string_equal(json_string_value(json_object_get(json_array_get(member("notices"), 0), "title")), "Your bill is ready.");
	assert_non_null(strstr(reply.body, "\"next\":null"));
	assert_null(strstr(reply.body, "mark"));
	on_notice(&portal, "HEAD", CITIZEN, id, "", NULL); /* shows nobody anything */
	look_as_agency(id);
	assert_string_equal(api_text(&reply, "inbox"), "unread");
	on_notice(&portal, "GET", "%2b" CITIZEN, id, "?language=en", NULL);
	assert_int_equal(reply.status, 200);
	assert_string_equal(api_text(&reply, "text"), "Your bill is ready.");
	assert_string_equal(api_text(&reply, "from"), "Office");
	assert_true(json_is_false(member("unread")));
	look_as_agency(id);
	assert_string_equal(api_text(&reply, "inbox"), "read");
	assert_string_equal(api_text(&reply, "read_by"), "portal");
	assert_int_equal(noted("citizen.notice\"", "\"account\":\"portal\""), 2);
	assert_int_equal(noted("notice.read", "\"account\":\"portal\""), 1);
	assert_int_equal(noted("citizen.inbox", "\"door\":\"portal\""), 1);
	assert_int_equal(noted("citizen.", CITIZEN), 0); /* numbers are masked */
}

static void test_replies_and_deletes(void **state)
{
	char id[GW_NOTICE_ID_OCTETS];

	(void)state;
	make_notice(CITIZEN, "Will you come?", NULL, id);
	on_notice(&portal, "POST", CITIZEN, id, "/reply", "{\"choice\":3}");
	assert_api_problem(&reply, 404, "unknown-notice");
	for (int i = 0; i < 2; i++) {
		on_notice(&portal, "POST", CITIZEN, id, "/reply", "{\"choice\":2}");
		assert_int_equal(reply.status, 204);
	}
	on_notice(&portal, "POST", CITIZEN, id, "/reply", "{\"choice\":1}");
	assert_api_problem(&reply, 409, "wrong-state");
	for (int i = 0; i < 2; i++) {
		on_notice(&portal, "DELETE", CITIZEN, id, "", NULL);
		assert_int_equal(reply.status, 204);
	}
	on_notice(&portal, "GET", CITIZEN, id, "", NULL);
	assert_api_problem(&reply, 404, "unknown-notice");
	assert_int_equal(noted("notice.replied", "\"account\":\"portal\""), 1);
	assert_int_equal(noted("notice.deleted", "\"account\":\"portal\""), 1);
}

static void test_pages(void **state)
{
	char id[GW_NOTICE_ID_OCTETS];

	(void)state;
	for (int i = 0; i < 3; i++)
		make_notice(OTHER, "One of three", NULL, id);
	ask(&portal, "GET", OTHER, "/inbox?limit=2", "", NULL);
	assert_int_equal(json_array_size(member("notices")), 2);
	assert_int_equal(json_integer_value(member("next")), 2);
	ask(&portal, "GET", OTHER, "/inbox?limit=2&skip=2", "", NULL);
	assert_int_equal(json_array_size(member("notices")), 1);
	assert_true(json_is_null(member("next")));
}

static void test_sensitive(void **state)
{
	char id[GW_NOTICE_ID_OCTETS];

	(void)state;
	make_notice(CITIZEN, "You owe 5 rial", THEIRS, id);
	on_notice(&portal, "GET", CITIZEN, id, "", NULL);
	assert_api_problem(&reply, 403, "identity-needed");
	on_notice(&portal, "POST", CITIZEN, id, "/open", "{\"national_id\":\"" NOT_THEIRS "\"}");
	assert_api_problem(&reply, 403, "identity-refused");
	on_notice(&portal, "POST", CITIZEN, id, "/open?language=en", "{\"national_id\":\"" THEIRS "\"}");
	assert_int_equal(reply.status, 200);
	assert_string_equal(api_text(&reply, "text"), "You owe 5 rial");
	on_notice(&karpousheh, "POST", CITIZEN, id, "/read", "{\"national_id\":\"" NOT_THEIRS "\"}"); /* the tries are counted together */
	assert_api_problem(&reply, 403, "identity-refused");
	on_notice(&portal, "POST", CITIZEN, id, "/open", "{\"national_id\":\"" NOT_THEIRS "\"}");
	assert_api_problem(&reply, 403, "identity-refused");
	on_notice(&portal, "POST", CITIZEN, id, "/open", "{\"national_id\":\"" THEIRS "\"}");
	assert_api_problem(&reply, 429, "too-many-tries");
	assert_non_null(strstr(reply.text, "Retry-After: 3600\r\n"));
	assert_int_equal(noted("national_id", ""), 0);
	assert_int_equal(noted(THEIRS, ""), 0);
}

static void test_what_is_anothers(void **state)
{
	char id[GW_NOTICE_ID_OCTETS], nobodys[GW_NOTICE_ID_OCTETS];

	(void)state;
	make_notice(CITIZEN, "Mine", NULL, id);
	gw_notice_make_id(nobodys, CITIZEN, NULL, 0);
	for (int i = 0; i < 2; i++) {
		const char *it = i ? nobodys : id, *who = i ? CITIZEN : OTHER;

		on_notice(&portal, "GET", who, it, "", NULL);
		assert_api_problem(&reply, 404, "unknown-notice");
		on_notice(&portal, "DELETE", who, it, "", NULL);
		assert_api_problem(&reply, 404, "unknown-notice");
		on_notice(&portal, "POST", who, it, "/reply", "{\"choice\":1}");
		assert_api_problem(&reply, 404, "unknown-notice");
		on_notice(&portal, "POST", who, it, "/open", "{\"national_id\":\"" THEIRS "\"}");
		assert_api_problem(&reply, 404, "unknown-notice");
		on_notice(&karpousheh, "POST", who, it, "/read", "{}");
		assert_api_problem(&reply, 404, "unknown-notice");
	}
	look_as_agency(id);
	assert_string_equal(api_text(&reply, "inbox"), "unread");
}

/* ---- the national inbox ---- */

/* The event of this type about this notice that the account has in its feed; NULL: there is none. Waited for, if it is wanted. */
static json_t *event_of(const char *type, const char *id, bool wanted)
{
	for (int tries = 0; tries < (wanted ? 200 : 1); tries++) {
		api_call(&reply, "GET", "/v1/events?limit=200", karpousheh.key, "", NULL);
		assert_int_equal(reply.status, 200);
		for (size_t i = 0; i < json_array_size(member("events")); i++) {
			json_t *event = json_array_get(member("events"), i), *data = json_object_get(event, "data");

			if (strcmp(gw_request_text(event, "type"), type) == 0 && strcmp(gw_request_text(data, "id"), id) == 0)
				return data;
		}
		for (int i = 0; i < 10; i++)
			gw_loop_turn();
	}
	return NULL;
}

static void test_the_national_inbox(void **state)
{
	char id[GW_NOTICE_ID_OCTETS], secret[GW_NOTICE_ID_OCTETS];
	json_t *data;

	(void)state;
	make_notice(CITIZEN, "For the record", NULL, id);
	make_notice(CITIZEN, "A secret", THEIRS, secret);
	data = event_of("karpousheh.notice", id, true);
	assert_non_null(data);
	assert_string_equal(gw_request_text(data, "agency"), "bills");
	assert_string_equal(gw_request_text(data, "to"), CITIZEN);
	assert_string_equal(gw_request_text(json_object_get(data, "text"), "en"), "For the record");
	assert_int_equal(json_array_size(json_object_get(data, "replies")), 2);
	data = event_of("karpousheh.notice", secret, true);
	assert_non_null(data);
	assert_null(json_object_get(data, "text"));
	assert_null(strstr(reply.body, "A secret"));
	on_notice(&portal, "GET", CITIZEN, id, "", NULL);       /* read elsewhere: it hears of it */
	assert_int_equal(reply.status, 200);
	assert_string_equal(gw_request_text(event_of("karpousheh.read", id, true), "read_by"), "portal");
	make_notice(CITIZEN, "Another", NULL, id);
	for (int i = 0; i < 2; i++) {                           /* read there: all others do */
		on_notice(&karpousheh, "POST", CITIZEN, id, "/read", "{}");
		assert_int_equal(reply.status, 204);
	}
	look_as_agency(id);
	assert_string_equal(api_text(&reply, "read_by"), "karpousheh");
	assert_null(event_of("karpousheh.read", id, false));
	on_notice(&karpousheh, "POST", CITIZEN, secret, "/read", "{}");
	assert_api_problem(&reply, 403, "identity-needed");
	on_notice(&portal, "POST", CITIZEN, id, "/reply", "{\"choice\":1}");
	assert_non_null(event_of("karpousheh.replied", id, true));
	on_notice(&portal, "DELETE", CITIZEN, id, "", NULL);
	assert_non_null(event_of("karpousheh.deleted", id, true));
}

/* ---- who may ---- */

static void test_scopes(void **state)
{
	static const char *const rows[][3] = { /* method, path behind the number, body */
		{ "GET", "/inbox", NULL }, { "GET", "/inbox/n00aaaaaaaaaaaaaaaaaaaa", NULL }, { "DELETE", "/inbox/n00aaaaaaaaaaaaaaaaaaaa", NULL },
		{ "POST", "/inbox/n00aaaaaaaaaaaaaaaaaaaa/open", "{}" }, { "POST", "/inbox/n00aaaaaaaaaaaaaaaaaaaa/reply", "{}" },
		{ "GET", "/requests", NULL }, { "POST", "/requests", "{}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		ask(&bills, rows[i][0], CITIZEN, rows[i][1], "", rows[i][2]);
		assert_api_problem(&reply, 403, "forbidden-scope");
		ask(&karpousheh, rows[i][0], CITIZEN, rows[i][1], "", rows[i][2]);
		assert_api_problem(&reply, 403, "forbidden-scope");
	}
	ask(&portal, "POST", CITIZEN, "/inbox/n00aaaaaaaaaaaaaaaaaaaa/read", "", "{}");
	assert_api_problem(&reply, 403, "forbidden-scope");
}

static void test_rubbish(void **state)
{
	static const struct { const char *method, *msisdn, *rest, *body; unsigned int status; const char *type; } rows[] = {
		{ "GET", "nobody", "/inbox", NULL, 400, "bad-number" }, { "GET", "02188888888", "/inbox", NULL, 400, "bad-number" },
		{ "GET", "0912..0000001", "/inbox", NULL, 400, "bad-number" }, { "GET", CITIZEN, "/inbox?language=de", NULL, 400, "bad-query" },
		{ "GET", CITIZEN, "/inbox?skip=256", NULL, 400, "bad-query" }, { "GET", CITIZEN, "/inbox?limit=31", NULL, 400, "bad-query" },
		{ "GET", CITIZEN, "/inbox?limit=0", NULL, 400, "bad-query" }, { "GET", CITIZEN, "/inbox?skip=-1", NULL, 400, "bad-query" },
		{ "GET", CITIZEN, "/inbox/title", NULL, 404, "unknown-notice" }, { "GET", CITIZEN, "/inbox/n99aaaaaaaaaaaaaaaaaaaa", NULL, 404, "unknown-notice" },
		{ "GET", CITIZEN, "/inbox/%3fskip=3", NULL, 404, "unknown-notice" }, { "GET", CITIZEN, "/requests?limit=31", NULL, 400, "bad-query" },
		{ "POST", CITIZEN, "/inbox/n00aaaaaaaaaaaaaaaaaaaa/open", "{\"national_id\":5}", 422, "bad-field" },
		{ "POST", CITIZEN, "/inbox/n00aaaaaaaaaaaaaaaaaaaa/open", "{\"national_id\":\"1234567890\"}", 422, "bad-field" },
		{ "POST", CITIZEN, "/inbox/n00aaaaaaaaaaaaaaaaaaaa/open", "{}", 422, "bad-field" },
		{ "POST", CITIZEN, "/inbox/n00aaaaaaaaaaaaaaaaaaaa/open", "[]", 422, "bad-field" },
		{ "POST", CITIZEN, "/inbox/n00aaaaaaaaaaaaaaaaaaaa/reply", "{\"choice\":0}", 422, "bad-field" },
		{ "POST", CITIZEN, "/inbox/n00aaaaaaaaaaaaaaaaaaaa/reply", "{\"choice\":\"1\"}", 422, "bad-field" },
		{ "POST", CITIZEN, "/inbox/n00aaaaaaaaaaaaaaaaaaaa/reply", "{\"choice\":1,\"x\":1}", 422, "bad-field" },
		{ "POST", CITIZEN, "/requests", "[]", 422, "bad-field" }, { "POST", CITIZEN, "/requests", "{}", 422, "bad-field" },
		{ "POST", CITIZEN, "/requests", "{\"agency\":\"BILLS\",\"service\":\"bill\"}", 422, "bad-field" },
		{ "POST", CITIZEN, "/requests", "{\"agency\":\"bills\",\"service\":\"bill\",\"fields\":[]}", 422, "bad-field" },
		{ "POST", CITIZEN, "/requests", "{\"agency\":\"bills\",\"service\":\"bill\",\"fields\":{}}", 422, "bad-field" },
		{ "POST", CITIZEN, "/requests", "{\"agency\":\"bills\",\"service\":\"bill\",\"fields\":{\"bill_id\":\"1\"}}", 422, "bad-field" },
		{ "POST", CITIZEN, "/requests", "{\"agency\":\"bills\",\"service\":\"bill\",\"fields\":{\"bill_id\":\"7748317800142\",\"x\":\"\"}}", 422, "bad-field" },
		{ "POST", CITIZEN, "/requests", "{\"agency\":\"bills\",\"service\":\"state\"}", 422, "bad-field" },
		{ "POST", CITIZEN, "/requests", "{\"agency\":\"bills\",\"service\":\"state\",\"title\":{\"fa\":\"x\",\"en\":\"y\\u0007\"}}", 422, "bad-field" },
		{ "POST", CITIZEN, "/requests", "{\"agency\":\"bills\",\"service\":\"state\",\"title\":{\"fa\":\"x\",\"en\":\"y\"},\"fields\":{\"A b\":\"c\"}}", 422, "bad-field" },
		{ "POST", CITIZEN, "/requests", "{\"agency\":\"nobody\",\"service\":\"state\",\"title\":{\"fa\":\"x\",\"en\":\"y\"}}", 404, "unknown-agency" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		ask(&portal, rows[i].method, rows[i].msisdn, rows[i].rest, "", rows[i].body);
		assert_api_problem(&reply, rows[i].status, rows[i].type);
	}
}

/* ---- requests ---- */

#define BILL "{\"agency\":\"bills\",\"service\":\"bill\",\"fields\":{\"bill_id\":\"7748-3178-00142\"}}"

static void test_requests(void **state)
{
	unsigned int before = noted("citizen.request\"", "");
	char code[16], path[96];

	(void)state;
	ask(&portal, "POST", CITIZEN, "/requests", "Idempotency-Key: k1\r\n", BILL);
	assert_int_equal(reply.status, 201);
	snprintf(code, sizeof(code), "%s", api_text(&reply, "code"));
	ask(&portal, "POST", CITIZEN, "/requests", "Idempotency-Key: k1\r\n", BILL);
	assert_string_equal(api_text(&reply, "code"), code);
	ask(&portal, "POST", CITIZEN, "/requests", "Idempotency-Key: k1\r\n", "{\"agency\":\"bills\",\"service\":\"bill\",\"sms\":true,\"fields\":{\"bill_id\":\"7748317800142\"}}");
	assert_api_problem(&reply, 409, "idempotency-conflict");
	snprintf(path, sizeof(path), "/v1/requests/%s", code);
	api_call(&reply, "GET", path, bills.key, "", NULL); /* the agency has it as by SMS, in the check's normal form */
	assert_string_equal(api_text(&reply, "channel"), "portal");
	assert_string_equal(gw_request_text(member("fields"), "bill_id"), "7748317800142");
	assert_string_equal(gw_request_text(member("title"), "en"), "Bill inquiry");
	api_call(&reply, "GET", path, portal.key, "", NULL);
	assert_api_problem(&reply, 400, "bad-query"); /* whose? */
	snprintf(path, sizeof(path), "/v1/requests/%s?citizen=09120000001&language=en", code);
	api_call(&reply, "GET", path, portal.key, "", NULL);
	assert_int_equal(reply.status, 200);
	assert_true(api_text(&reply, "state_text")[0]); /* received, or with the agency already */
	api_call(&reply, "GET", path, bills.key, "", NULL);
	assert_api_problem(&reply, 403, "forbidden-scope");
	snprintf(path, sizeof(path), "/v1/requests/%s?citizen=%s", code, OTHER);
	api_call(&reply, "GET", path, portal.key, "", NULL);
	assert_api_problem(&reply, 404, "unknown-request");
	api_call(&reply, "GET", "/v1/requests/nonsense?citizen=" OTHER, portal.key, "", NULL);
	assert_api_problem(&reply, 404, "unknown-request");
	ask(&portal, "GET", CITIZEN, "/requests?language=en", "", NULL);
	assert_int_equal(json_array_size(member("requests")), 1);
	ask(&portal, "GET", OTHER, "/requests", "", NULL);
	assert_int_equal(json_array_size(member("requests")), 0);
	ask(&portal, "POST", CITIZEN, "/requests", "",
	    "{\"agency\":\"bills\",\"service\":\"state\",\"title\":{\"fa\":\"وضعیت\",\"en\":\"State\"},\"fields\":{\"file\":\"77\"},\"sms\":true}");
	assert_int_equal(reply.status, 201);
	assert_int_equal(noted("citizen.request\"", "\"account\":\"portal\"") - before, 4);
}

/* What the account did stands among the uses, and the keyword's own request under the keyword's name. */
static void test_counted(void **state)
{
	static const char *const names[] = { "uses|api|portal|inbox|success|en|", "uses|api|portal|inbox|not_found|fa|", "uses|api|karpousheh|inbox|success|fa|",
		"uses|api|portal|bills.bill|success|fa|", "uses|api|portal|bills.bill|refused|fa|", "uses|api|portal|requests|success|fa|" };
	char key[GW_USAGE_KEY_OCTETS], command[256], *end;

	(void)state;
	for (int i = 0; i < WORLD_TURNS_MAX && !gw_usage_close(world.gw->usage); i++)
		gw_loop_turn();
	gw_usage_key(gw_usage_day(gw_clock_wall_ms(), 210), key);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char line[32] = "";
		FILE *pipe;

		snprintf(command, sizeof(command), "redis-cli -s %s --raw HGET '%s' '%s'", api_redis.path, key, names[i]);
		pipe = popen(command, "r");
		assert_non_null(pipe);
		assert_non_null(fgets(line, sizeof(line), pipe));
		pclose(pipe);
		if (strtol(line, &end, 10) < 1)
			fail_msg("%s: %s", names[i], line);
	}
}

static void test_no_ledger_no_answer(void **state)
{
	(void)state;
	redis_server_kill(&api_redis);
	ask(&portal, "GET", CITIZEN, "/inbox", "", NULL);
	assert_int_equal(reply.status, 503);
	ask(&portal, "POST", CITIZEN, "/requests", "", BILL);
	assert_int_equal(reply.status, 503);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_replies_and_deletes),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_what_is_anothers),
		cmocka_unit_test(test_sensitive),
		cmocka_unit_test(test_the_national_inbox),
		cmocka_unit_test(test_scopes),
		cmocka_unit_test(test_rubbish),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_counted),
		cmocka_unit_test(test_no_ledger_no_answer), /* the last */
	};

	return cmocka_run_group_tests(tests, begin, end);
}
