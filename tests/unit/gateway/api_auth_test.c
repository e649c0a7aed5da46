/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Who may call: keys good, wrong, ended and revoked, accounts that are disabled or from elsewhere, scopes, and how often. */
#include "gateway/api_priv.h"
#include "tests/unit/gateway/api_world.h"

static struct api_reply reply;
static struct account_wish good, ended, disabled, elsewhere, hasty;
static unsigned int begun;

static void say_ok(struct gw_api_call *call)
{
	begun++;
	if (gw_api_take_quota(call, 4))
		gw_api_answer(call, 200, json_object());
}

static const struct gw_api_route routes[] = {
	{ .method = "GET", .path = "/v1/test/any", .scope = GW_SCOPE_ANY, .begin = say_ok },
	{ .method = "POST", .path = "/v1/test/send", .scope = GW_SCOPE_NOTICES_SEND, .body = GW_API_JSON, .begin = say_ok },
	{ .path = NULL },
};
static const struct gw_api_route *const tables[] = { gw_api_base_routes, routes, NULL };

static int begin(void **state)
{
	(void)state;
	begun = 0;
	good = (struct account_wish){ .name = "good", .scopes = 1u << GW_SCOPE_NOTICES_READ, .notices_per_day = 10 };
	ended = (struct account_wish){ .name = "ended", .ends_ms = 1 };
	disabled = (struct account_wish){ .name = "disabled", .disabled = true };
	elsewhere = (struct account_wish){ .name = "elsewhere", .address = "192.0.2.0/24" };
	hasty = (struct account_wish){ .name = "hasty", .calls_per_minute = 2 };
	api_world_begin("failures_per_minute = 8;");
	account_world_add(&good);
	account_world_add(&ended);
	account_world_add(&disabled);
	account_world_add(&elsewhere);
	account_world_add(&hasty);
	world.gw->api->tables = tables;
	return 0;
}

static int end(void **state)
{
	(void)state;
	json_decref(reply.json);
	reply.json = NULL;
	api_world_end();
	return 0;
}

static const char *drop_keys(void *ctx, struct account *account)
{
	(void)ctx;
	account->n_keys = 0;
	return NULL;
}

/* Waits until the key is answered so. */
static void until(const char *key, unsigned int status)
{
	for (int i = 0; i < 1000; i++) {
		api_call(&reply, "GET", "/v1/test/any", key, "", NULL);
		if (reply.status == status)
			return;
		for (int k = 0; k < 10; k++)
			gw_loop_turn();
	}
	fail_msg("it stayed %u", reply.status);
}

/* Whatever is wrong with a key, the answer is the same but for the name of the call. */
static void wrong_keys_are_wrong_in_one_way(void **state)
{
	char almost[ACCOUNT_KEY_OCTETS], first[512], *id;

	(void)state;
	memcpy(almost, good.key, sizeof(almost));
	almost[ACCOUNT_KEY_OCTETS - 2] ^= 1;
	const char *const wrong[] = { NULL, "", "x", "dh_aaaaaaaa_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", almost, ended.key };

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		api_call(&reply, "GET", "/v1/test/any", wrong[i], "X-Request-Id: same\r\n", NULL);
		assert_api_problem(&reply, 401, "unauthorized");
		assert_non_null(strstr(reply.text, "WWW-Authenticate: Bearer\r\n"));
		id = strstr(reply.text, "Date: ");
		if (id)
			memset(id, 'D', 35);
		if (i == 0)
			snprintf(first, sizeof(first), "%.511s", reply.text);
		else
			assert_string_equal(reply.text, first);
	}
	assert_int_equal(begun, 0);
	assert_int_equal(gw_api_counters(world.gw->api)->refused_keys, ARRAY_SIZE(wrong));
	assert_null(strstr(world.lines, almost));
}

static void ways_to_give_a_key(void **state)
{
	static const struct { const char *before, *behind; bool good; } ways[] = {
		{ "Authorization: Bearer ", "", true }, { "authorization: bearer ", "", true }, { "Authorization:Bearer   ", "", true },
		{ "Authorization: Basic ", "", false }, { "Authorization: ", "", false }, { "Authorization: Bearer ", "x", false }, { "X-Key: ", "", false },
	};
	char line[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		snprintf(line, sizeof(line), "%s%s%s\r\n", ways[i].before, good.key, ways[i].behind);
		api_call(&reply, "GET", "/v1/account", NULL, line, NULL);
		assert_int_equal(reply.status, ways[i].good ? 200 : 401);
	}
	/* in the address it would stand in logs: there it is none */
	snprintf(line, sizeof(line), "/v1/account?key=%s", good.key);
	api_call(&reply, "GET", line, NULL, "", NULL);
	assert_int_equal(reply.status, 401);
}

static void only_who_has_the_key_hears_more(void **state)
{
	(void)state;
	api_call(&reply, "GET", "/v1/test/any", disabled.key, "", NULL);
	assert_api_problem(&reply, 403, "account-disabled");
	api_call(&reply, "GET", "/v1/test/any", elsewhere.key, "", NULL);
	assert_api_problem(&reply, 403, "forbidden-address");
	api_call(&reply, "POST", "/v1/test/send", good.key, "", "{}");
	assert_api_problem(&reply, 403, "forbidden-scope");
	assert_non_null(strstr(api_text(&reply, "detail"), "notices:send"));
	assert_int_equal(begun, 0);
}

static void a_revoked_key_is_wrong_soon(void **state)
{
	(void)state;
	until(good.key, 200);
	assert_int_equal(account_world_change("good", false, drop_keys, NULL), ACCOUNT_CHANGED);
	until(good.key, 401);
}

/* Whoever guesses is not listened to any more, not even when they are right. */
static void guessing_ends_soon(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 8; i++) {
		api_call(&reply, "GET", "/v1/test/any", "dh_guess", "", NULL);
		assert_api_problem(&reply, 401, "unauthorized");
	}
	api_call(&reply, "GET", "/v1/test/any", good.key, "", NULL);
	assert_api_problem(&reply, 429, "too-many-failures");
	assert_non_null(strstr(reply.text, "Retry-After: 60\r\n"));
	api_call(&reply, "GET", "/v1/openapi.json", NULL, "", NULL); /* no key, no guess */
	assert_int_equal(reply.status, 200);
}

static void failures_are_of_an_address(void **state)
{
	struct gw_api_failures *failures = api_failures_alloc(world_ctx);
	char address[64];

	(void)state;
	for (unsigned int i = 0; i < 5; i++) {
		assert_false(api_failures_many(failures, "192.0.2.1", 5, 1000 + i));
		api_failures_count(failures, "192.0.2.1", 1000 + i);
	}
	assert_true(api_failures_many(failures, "192.0.2.1", 5, 2000));
	assert_false(api_failures_many(failures, "192.0.2.1", 0, 2000)); /* no limit */
	assert_false(api_failures_many(failures, "192.0.2.2", 5, 2000));
	assert_false(api_failures_many(failures, "192.0.2.1", 5, 61000)); /* the minute is over */
	for (unsigned int i = 0; i < 5; i++) { /* a network of IPv6 is one */
		snprintf(address, sizeof(address), "2001:db8:1:2:%x::1", i);
		api_failures_count(failures, address, 2000);
	}
	assert_true(api_failures_many(failures, "2001:db8:1:2::9", 5, 3000));
	assert_false(api_failures_many(failures, "2001:db8:1:3::9", 5, 3000));
	for (unsigned int i = 0; i < 100000; i++) { /* more of them than there is room: those with many failures stay */
		snprintf(address, sizeof(address), "10.%u.%u.%u", i / 65536, i / 256 % 256, i % 256);
		api_failures_count(failures, address, 3000);
	}
	assert_true(api_failures_many(failures, "2001:db8:1:2::9", 5, 4000));
	talloc_free(failures);
}

static void calls_of_a_minute_are_counted(void **state)
{
	unsigned int seconds;

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		api_call(&reply, "GET", "/v1/test/any", hasty.key, "", NULL);
		assert_int_equal(reply.status, 200);
	}
	api_call(&reply, "GET", "/v1/test/any", hasty.key, "", NULL);
	assert_api_problem(&reply, 429, "too-many-calls");
	assert_non_null(strstr(reply.text, "Retry-After: "));
	seconds = (unsigned int)strtoul(strstr(reply.text, "Retry-After: ") + 13, NULL, 10);
	assert_in_range(seconds, 1, 60);
	api_call(&reply, "GET", "/v1/test/any", good.key, "", NULL);
	assert_int_equal(reply.status, 200);
}

static void the_quota_of_a_day_is_counted(void **state)
{
	(void)state;
	for (unsigned int left = 10; left >= 4; left -= 4) {
		api_call(&reply, "GET", "/v1/account", good.key, "", NULL);
		assert_int_equal(json_integer_value(json_object_get(reply.json, "notices_left_today")), left);
		api_call(&reply, "GET", "/v1/test/any", good.key, "", NULL);
		assert_int_equal(reply.status, 200);
	}
	api_call(&reply, "GET", "/v1/test/any", good.key, "", NULL);
	assert_api_problem(&reply, 429, "quota-used-up");
	assert_string_equal(api_text(&reply, "detail"), "10 notices a day, of which 2 are left today");
	assert_int_equal(gw_api_counters(world.gw->api)->refused_quota, 1);
}

/* Accounts serve on while the ledger is away; what must know it says so. */
static void without_a_ledger(void **state)
{
	(void)state;
	redis_server_kill(&api_redis);
	api_call(&reply, "GET", "/v1/account", disabled.key, "", NULL);
	assert_api_problem(&reply, 403, "account-disabled");
	redis_server_restart(&api_redis);
	until(good.key, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(wrong_keys_are_wrong_in_one_way, begin, end),
		cmocka_unit_test_setup_teardown(ways_to_give_a_key, begin, end),
		cmocka_unit_test_setup_teardown(only_who_has_the_key_hears_more, begin, end),
		cmocka_unit_test_setup_teardown(a_revoked_key_is_wrong_soon, begin, end),
		cmocka_unit_test_setup_teardown(guessing_ends_soon, begin, end),
		cmocka_unit_test_setup_teardown(failures_are_of_an_address, NULL, NULL),
		cmocka_unit_test_setup_teardown(calls_of_a_minute_are_counted, begin, end),
		cmocka_unit_test_setup_teardown(the_quota_of_a_day_is_counted, begin, end),
		cmocka_unit_test_setup_teardown(without_a_ledger, begin, end),
	};

	return cmocka_run_group_tests(tests, world_init, NULL);
}
