/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* An agency that fetches what it is told: pages, cursors, patience, acknowledgements, and what is not its own. */
#include "tests/unit/gateway/event_world.h"

#include <poll.h>

static struct api_reply reply;
static struct account_wish tax = { .name = "tax", .scopes = 1u << GW_SCOPE_EVENTS, .fetches = true };
static struct account_wish police = { .name = "police", .scopes = 1u << GW_SCOPE_EVENTS | 1u << GW_SCOPE_DEAD, .fetches = true };
static struct account_wish blind = { .name = "blind", .scopes = 1u << GW_SCOPE_DEAD };

static int begin(void **state)
{
	(void)state;
	api_world_begin("deadline_ms = 3000;");
	account_world_add(&tax);
	account_world_add(&police);
	account_world_add(&blind);
	return 0;
}

static int end(void **state)
{
	(void)state;
	api_world_end();
	return 0;
}

static void tell(const char *agency, unsigned int n)
{
	static const char *const codes[] = { "100000001", "100000002", "100000003", "100000004", "100000005" };
	for (unsigned int i = 0; i < n; i++) {
		event_world_tell(agency, "request.received", i * 13 % 64, codes[i]);
		event_world_until(agency, GW_WEBHOOK_CTR_FED, i + 1);
	}
}

static size_t fetch(const struct account_wish *who, const char *query)
{
	char path[256];
	snprintf(path, sizeof(path), "/v1/events%s", query);
	api_call(&reply, "GET", path, who->key, "", NULL);
	if (reply.status != 200)
		print_message("%s\n", reply.text);
	assert_int_equal(reply.status, 200);
	assert_int_equal(json_object_size(reply.json), 3);
	return json_array_size(json_object_get(reply.json, "events"));
}

static const char *code_at(size_t index)
{
	const json_t *event = json_array_get(json_object_get(reply.json, "events"), index);
	assert_int_equal(json_object_size(event), 4);
	return json_string_value(json_object_get(json_object_get(event, "data"), "code"));
}

static bool has_more(void)
{
	return json_is_true(json_object_get(reply.json, "more"));
}

static void acknowledge(const struct account_wish *who, const char *cursor)
{
	char body[128];
	snprintf(body, sizeof(body), "{\"cursor\":\"%s\"}", cursor);
	api_call(&reply, "POST", "/v1/events/ack", who->key, "", body);
}

static void fetched_page_by_page_and_acknowledged(void **state)
{
	char query[128], next[64];
	(void)state;
	assert_int_equal(fetch(&tax, ""), 0);
	assert_true(json_is_null(json_object_get(reply.json, "next")));
	tell("tax", 5);
	assert_int_equal(fetch(&tax, "?limit=2"), 2);
	assert_string_equal(code_at(0), "100000001");
	assert_true(has_more());
	OSMO_STRLCPY_ARRAY(next, api_text(&reply, "next"));
	snprintf(query, sizeof(query), "?limit=3&after=%s", next);
	assert_int_equal(fetch(&tax, query), 3);
	assert_string_equal(code_at(2), "100000005");
	assert_false(has_more());
	snprintf(query, sizeof(query), "?after=%s", api_text(&reply, "next"));
	assert_int_equal(fetch(&tax, query), 0);
	assert_string_equal(api_text(&reply, "next"), query + 7);
	assert_int_equal(fetch(&tax, ""), 5); /* nothing goes by being fetched */
	acknowledge(&tax, next);
	assert_int_equal(reply.status, 204);
	assert_int_equal(fetch(&tax, ""), 3);
	assert_string_equal(code_at(0), "100000003");
	acknowledge(&tax, next);
	assert_int_equal(reply.status, 204);
	acknowledge(&tax, query + 7);
	assert_int_equal(fetch(&tax, ""), 0);
}

static void nobody_sees_anothers(void **state)
{
	char next[64];
	(void)state;
	tell("tax", 2);
	assert_int_equal(fetch(&police, ""), 0);
	assert_int_equal(fetch(&tax, ""), 2);
	OSMO_STRLCPY_ARRAY(next, api_text(&reply, "next"));
	acknowledge(&police, next);
	assert_api_problem(&reply, 422, "bad-field"); /* nothing was ever told to it */
	assert_int_equal(fetch(&tax, ""), 2);
	api_call(&reply, "GET", "/v1/events", blind.key, "", NULL);
	assert_api_problem(&reply, 403, "forbidden-scope");
	api_call(&reply, "GET", "/v1/events", NULL, "", NULL);
	assert_api_problem(&reply, 401, "unauthorized");
}

static void cursors_and_numbers_that_are_none(void **state)
{
	static const char *const queries[] = { "?after=", "?after=x", "?after=1-1-1", "?after=%24", "?after=99999999999999999999-1", "?limit=0", "?limit=201", "?limit=x",
	                                       "?wait=31", "?wait=-1" };
	static const char *const bodies[] = { "{}", "{\"cursor\":1}", "{\"cursor\":\"\"}", "{\"cursor\":\"x\"}", "{\"cursor\":\"1-1\",\"more\":1}", "[]",
	                                      "{\"cursor\":\"999999999999999999-0\"}" };
	char path[128];
	(void)state;
	tell("tax", 1);
	for (size_t i = 0; i < ARRAY_SIZE(queries); i++) {
		snprintf(path, sizeof(path), "/v1/events%s", queries[i]);
		api_call(&reply, "GET", path, tax.key, "", NULL);
		assert_api_problem(&reply, 400, "bad-query");
	}
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		api_call(&reply, "POST", "/v1/events/ack", tax.key, "", bodies[i]);
		assert_api_problem(&reply, 422, "bad-field");
	}
	assert_int_equal(fetch(&tax, ""), 1);
}

static int ask_to_wait(const char *query)
{
	char request[512];
	int fd = api_connect();
	snprintf(request, sizeof(request), "GET /v1/events?%s HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer %s\r\n\r\n", query, tax.key);
	world_send(fd, request);
	for (int i = 0; i < 30; i++)
		gw_loop_turn();
	return fd;
}

static void who_waits_hears_at_once(void **state)
{
	int fd = ask_to_wait("wait=30");
	int64_t began_ms = gw_clock_ms();
	(void)state;
	assert_int_equal(poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 0), 0);
	event_world_tell("tax", "request.received", 7, "100000001");
	api_take(&reply, fd);
	close(fd);
	assert_int_equal(reply.status, 200);
	assert_string_equal(code_at(0), "100000001");
	assert_true(gw_clock_ms() - began_ms < 1900); /* before its time was over */
}

static void who_waits_in_vain_hears_so(void **state)
{
	int fd = ask_to_wait("wait=1");
	(void)state;
	api_take(&reply, fd);
	close(fd);
	assert_int_equal(reply.status, 200);
	assert_int_equal(json_array_size(json_object_get(reply.json, "events")), 0);
	/* and longer than a call may take nobody waits */
	fd = ask_to_wait("wait=30");
	api_take(&reply, fd);
	close(fd);
	assert_int_equal(reply.status, 200);
}

static void who_waits_may_hang_up(void **state)
{
	int fds[20];
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = ask_to_wait("wait=30");
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
	for (int i = 0; i < 200; i++)
		gw_loop_turn();
	tell("tax", 1);
	assert_int_equal(fetch(&tax, ""), 1);
	ask_to_wait("wait=30"); /* and the gateway may be stopped meanwhile */
}

static void without_redis_it_is_said(void **state)
{
	(void)state;
	redis_server_kill(&api_redis);
	for (int i = 0; i < WORLD_TURNS_MAX && sess_redis_up(world.gw->ledger_redis); i++)
		gw_loop_turn();
	api_call(&reply, "GET", "/v1/events", tax.key, "", NULL);
	assert_int_equal(reply.status, 503);
	acknowledge(&tax, "1-1");
	assert_api_problem(&reply, 503, "ledger-down");
	redis_server_restart(&api_redis);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(fetched_page_by_page_and_acknowledged),
		TEST(nobody_sees_anothers),
		TEST(cursors_and_numbers_that_are_none),
		TEST(who_waits_hears_at_once),
		TEST(who_waits_in_vain_hears_so),
		TEST(who_waits_may_hang_up),
		TEST(without_redis_it_is_said),
	};

	return cmocka_run_group_tests(tests, world_init, NULL);
}
