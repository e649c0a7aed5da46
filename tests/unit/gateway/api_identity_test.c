/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What is done to a number's identity from outside: told of by an agency, looked at and forgotten at the console. */
#include "tests/unit/gateway/api_world.h"
#include "tests/unit/gateway/vty_world.h"

#include "gateway/identity_priv.h"
#include "gateway/metrics.h"
#include "sessions/store.h"

#define CITIZEN "989121234567"
#define THEIRS "0012345679"
#define CHANGES "/v1/identity/changes"

static struct api_reply reply;
static struct account_wish registry = { .name = "registry", .scopes = 1u << GW_SCOPE_IDENTITY };
static struct account_wish tax = { .name = "tax", .scopes = 1u << GW_SCOPE_NOTICES_SEND };
static char text[65536];
static bool done;
static struct gw_identity seen;

static int begin(void **state)
{
	(void)state;
	api_world_begin("");
	vty_world_open();
	account_world_add(&registry);
	account_world_add(&tax);
	return 0;
}

static int end(void **state)
{
	(void)state;
	api_world_end();
	return 0;
}

static void until_done(void)
{
	for (int i = 0; i < WORLD_TURNS_MAX && !done; i++)
		gw_loop_turn();
	assert_true(done);
}

static void on_put(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	(void)ctx;
	(void)token;
	(void)there;
	assert_int_equal(SESS_LEDGER_OK, result);
	done = true;
}

/* Somebody who proved it all, guessed wrong and is locked out. */
static void remember(void)
{
	struct gw_identity record = { .id = THEIRS, .since = "a-sim", .province = "tehran", .matched_ms = 1584264600000, .until_ms = 4102444800000,
		.pin = "$argon2id$", .pin_ms = 1584264600000, .locks = 2, .locked_ms = 4102444800000, .code = "c0de", .code_ms = 4102444800000,
		.ids = { 1584264600000, 1584264600000, 2, 5 } };
	struct sess_ledger_commit *commit = sess_ledger_commit_begin(world_ctx, world.gw->ledger, sess_store_partition(CITIZEN));

	gw_identity_put(world.gw->identities, commit, CITIZEN, &record, 0);
	done = false;
	assert_int_equal(0, sess_ledger_commit_go(commit, on_put, NULL, 0));
	talloc_free(commit);
	until_done();
}

static void on_seen(void *ctx, uint64_t token, enum sess_ledger_result result, const struct gw_identity *record)
{
	(void)ctx;
	(void)token;
	assert_int_equal(SESS_LEDGER_OK, result);
	memset(&seen, 0, sizeof(seen));
	if (record)
		seen = *record;
	done = true;
}

static const struct gw_identity *see(void)
{
	done = false;
	assert_int_equal(0, gw_identities_load(world.gw->identities, CITIZEN, on_seen, NULL, 0));
	until_done();
	return &seen;
}

static void on_forgotten(void *ctx, uint64_t token, enum sess_ledger_result result)
{
	(void)ctx;
	(void)token;
	assert_int_equal(SESS_LEDGER_OK, result);
	done = true;
}

static void forget(void)
{
	done = false;
	assert_int_equal(0, gw_identities_drop(world.gw->identities, CITIZEN, "operator", "test", on_forgotten, NULL, 0));
	until_done();
}

static void tell(const struct account_wish *who, const char *body)
{
	api_call(&reply, "POST", CHANGES, who->key, "", body);
	if (reply.status != 204)
		print_message("%s\n%s", reply.text, world.lines);
	assert_int_equal(204, reply.status);
}

/* Said to the console, which says this within ten seconds. */
static void say(const char *commands, const char *until)
{
	int64_t until_ms = gw_clock_ms() + 10000;

	vty_world_say(text, sizeof(text), commands, until);
	assert_true(gw_clock_ms() < until_ms);
}

static void told_of(const char *what, const char *msisdn)
{
	char body[128];

	remember();
	assert_string_equal(THEIRS, see()->id);
	snprintf(body, sizeof(body), "{\"msisdn\":\"%s\",\"what\":\"%s\"}", msisdn, what);
	tell(&registry, body);
	assert_string_equal("", see()->id);
	assert_string_equal("", seen.pin);
	assert_string_equal("", seen.code);
	assert_int_equal(2, seen.locks); /* who tells gives nobody new tries */
	assert_int_equal(5, seen.ids.in_day);
	tell(&registry, body); /* and again */
	forget();
	assert_int_equal(0, see()->locks);
}

/* What came before is for whom it was, if anybody; also when an operator has forgotten the number. */
static void told_of_a_sim(void **state)
{
	(void)state;
	told_of("sim", "989121234567");
	assert_true(seen.changed_ms > 0 && seen.hidden_ms == 0);
	assert_string_equal(THEIRS, seen.was);
	say("show identity " CITIZEN, "what came before is not shown");
}

static void told_of_an_owner(void **state)
{
	(void)state;
	told_of("owner", "09121234567");
	assert_true(seen.changed_ms == 0 && seen.hidden_ms > 0);
	assert_string_equal("", seen.was);
}

/* Nobody learns whether anything was known. */
static void told_of_nobody(void **state)
{
	(void)state;
	tell(&registry, "{\"msisdn\":\"989129999999\",\"what\":\"sim\"}");
	api_call(&reply, "POST", CHANGES, tax.key, "", "{\"msisdn\":\"989129999999\",\"what\":\"sim\"}");
	assert_api_problem(&reply, 403, "forbidden-scope");
}

static void bodies_that_are_wrong(void **state)
{
	static const char *const bad[] = {
		"{}", "[]", "{\"msisdn\":\"989121234567\"}", "{\"what\":\"sim\"}", "{\"msisdn\":989121234567,\"what\":\"sim\"}",
		"{\"msisdn\":\"98912\",\"what\":\"sim\"}", "{\"msisdn\":\"989121234567\",\"what\":\"operator\"}", "{\"msisdn\":\"989121234567\",\"what\":7}",
		"{\"msisdn\":\"989121234567\",\"what\":\"sim\",\"more\":1}", "{\"msisdn\":\"989121234567{p01}\",\"what\":\"sim\"}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		api_call(&reply, "POST", CHANGES, registry.key, "", bad[i]);
		assert_api_problem(&reply, 422, "bad-field");
	}
}

static void at_the_console(void **state)
{
	(void)state;
	say("show identity " CITIZEN, "nothing is remembered");
	remember();
	say("show identity +" CITIZEN, "in the day from");
	assert_non_null(strstr(text, "level 1: matched with a national ID 2020-03-15T09:30:00.000Z, good until 2100-01-01T00:00:00.000Z"));
	assert_non_null(strstr(text, "level 2: a PIN since 2020-03-15T09:30:00.000Z, 0 wrong in a row"));
	assert_non_null(strstr(text, "locked out until 2100-01-01T00:00:00.000Z, 2 times in a row"));
	assert_non_null(strstr(text, "level 3: a code is out, good until 2100-01-01T00:00:00.000Z, 0 wrong"));
	assert_non_null(strstr(text, "wrong national IDs: 2 in the hour from 2020-03-15T09:30:00.000Z, 5 in the day from"));
	assert_null(strstr(text, THEIRS)); /* the console echoes what was typed, and says nothing of whose it is */
	assert_null(strstr(text, "argon2id"));
	assert_null(strstr(text, "c0de"));
	say("show identity 98912x", "% that is no number");
	say("identity forget " CITIZEN, "% "); /* it changes something */
	assert_string_equal(THEIRS, see()->id);
	say("enable\r\nidentity forget " CITIZEN, "98912*****67 is forgotten");
	assert_string_equal("", see()->id);
	assert_int_equal(0, seen.locks);
}

static void counted(void **state)
{
	char *printed;
	size_t octets;
	FILE *to = open_memstream(&printed, &octets);

	(void)state;
	remember();
	tell(&registry, "{\"msisdn\":\"989121234567\",\"what\":\"sim\"}");
	gw_metrics_print(to, world.gw);
	fclose(to);
	assert_non_null(strstr(printed, "dolat_identity_dropped_total 1\n"));
	assert_non_null(strstr(printed, "dolat_identity_lockouts_total 0\n"));
	assert_non_null(strstr(printed, "dolat_hasher_pending 0\n"));
	assert_non_null(strstr(printed, "dolat_hasher_refused_total 0\n"));
	free(printed);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = { STORY(told_of_a_sim), STORY(told_of_an_owner), STORY(told_of_nobody), STORY(bodies_that_are_wrong), STORY(at_the_console), STORY(counted) };

	return cmocka_run_group_tests(tests, vty_world_init, NULL);
}
