/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Accounts: their JSON, keys and addresses; and how changes of them, made side by side, reach a gateway. */
#include <sodium.h>

#include "tests/unit/gateway/account_world.h"
#include "tests/unit/redis_server.h"

static struct redis_server redis;

static void names(void **state)
{
	static const char *const good[] = { "a", "tax", "a_1", "0", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
	static const char *const bad[] = { "", "Tax", "a-b", "a b", "a.b", "مالیات", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "a{b", "a/b" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(account_name_is_good(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(account_name_is_good(bad[i]));
}

static void addresses(void **state)
{
	static const char *const good[] = { "192.0.2.7", "192.0.2.0/24", "0.0.0.0/0", "192.0.2.7/32", "2001:db8::/32", "::1", "::/0", "10.128.0.0/9" };
	static const char *const bad[] = { "", "/", "192.0.2.7/24", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/ 8", "192.0.2.0/", "192.0.2.0/8x", "192.0.2", "host",
					   "2001:db8::/31x", "2001:db8::1/32", "::/129", "192.0.2.0/24/8", "192.0.2.0/0x8", "::ffff:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0" };
	static const struct { const char *cidr, *address; bool has; } pairs[] = {
		{ "192.0.2.0/24", "192.0.2.255", true }, { "192.0.2.0/24", "192.0.3.0", false }, { "192.0.2.0/24", "::1", false }, { "10.128.0.0/9", "10.127.0.1", false },
		{ "10.128.0.0/9", "10.255.0.1", true }, { "192.0.2.7", "192.0.2.7", true }, { "192.0.2.7", "192.0.2.6", false }, { "0.0.0.0/0", "1.2.3.4", true },
		{ "0.0.0.0/0", "::1", false }, { "2001:db8::/33", "2001:db8:7fff::1", true }, { "2001:db8::/33", "2001:db8:8000::1", false }, { "::/0", "ff::1", true },
		{ "::/0", "", false }, { "::/0", "nonsense", false }, { "nonsense", "::1", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		if (!account_address_is_good(good[i]))
			fail_msg("%s is refused", good[i]);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (account_address_is_good(bad[i]))
			fail_msg("%s is taken", bad[i]);
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		if (account_address_has(pairs[i].cidr, pairs[i].address) != pairs[i].has)
			fail_msg("%s and %s", pairs[i].cidr, pairs[i].address);
}

static void keys_and_secrets(void **state)
{
	char one[ACCOUNT_KEY_OCTETS], two[ACCOUNT_KEY_OCTETS], id[ACCOUNT_KEY_ID_OCTETS], secret[ACCOUNT_SECRET_OCTETS];
	uint8_t hash[ACCOUNT_HASH_OCTETS], octets[32];
	size_t n;

	(void)state;
	account_key_make(one);
	account_key_make(two);
	assert_string_not_equal(one, two);
	assert_int_equal(strlen(one), 55);
	assert_true(account_key_id(one, id));
	assert_memory_equal(one + 3, id, 8);
	assert_false(account_key_id("", id));
	assert_false(account_key_id("dh_aaaaaaaa_", id));
	account_key_hash("abc", hash); /* FIPS 180-2's own example */
	assert_memory_equal(hash, "\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23\xb0\x03\x61\xa3\x96\x17\x7a\x9c\xb4\x10\xff\x61\xf2\x00\x15\xad", 32);
	account_secret_make(secret);
	assert_memory_equal(secret, "whsec_", 6);
	assert_int_equal(sodium_base642bin(octets, sizeof(octets), secret + 6, strlen(secret + 6), NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL), 0);
	assert_int_equal(n, 32);
}

static const char whole[] =
	"{\"name\": \"tax\", \"title_fa\": \"مالیات\", \"title_en\": \"Tax\", \"disabled\": true, \"sender\": \"TAX\", \"scopes\": [\"notices:send\", \"of_a_later_program\", "
	"\"dead\"], \"notices_per_day\": 1000, \"calls_per_minute\": 60, \"webhook\": \"https://tax.example/hook\", \"addresses\": [\"192.0.2.0/24\", \"2001:db8::/32\"], "
	"\"keys\": [{\"id\": \"aaaaaaaa\", \"hash\": \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\", \"made\": 1, \"ends\": 0}], "
	"\"secrets\": [\"whsec_one\", \"whsec_two\"], \"before_until\": 99, \"made\": 7}";

static void json_there_and_back(void **state)
{
	struct account *account = account_read(world_ctx, whole, strlen(whole)), *again;
	json_t *json;
	char *text;

	(void)state;
	for (int round = 0; round < 2; round++) {
		assert_non_null(account);
		assert_string_equal(account->pub.name, "tax");
		assert_string_equal(account->pub.title_fa, "مالیات");
		assert_true(account->pub.disabled);
		assert_int_equal(account->pub.scopes, 1u << GW_SCOPE_NOTICES_SEND | 1u << GW_SCOPE_DEAD);
		assert_int_equal(account->pub.notices_per_day, 1000);
		assert_int_equal(account->pub.calls_per_minute, 60);
		assert_int_equal(account->pub.delivery, GW_DELIVERY_WEBHOOK);
		assert_int_equal(account->pub.n_addresses, 2);
		assert_string_equal(account->pub.webhook_secrets[1], "whsec_two");
		assert_int_equal(account->n_keys, 1);
		assert_int_equal(account->keys[0].hash[0], 0xba);
		assert_int_equal(account->before_until_ms, 99);
		json = account_print(account);
		text = json_dumps(json, 0);
		again = account_read(world_ctx, text, strlen(text));
		talloc_free(account);
		account = again;
		free(text);
		json_decref(json);
	}
	talloc_free(account);
}

/* Whatever stands in the ledger: an account, or none; never a crash. */
static void rubbish_is_no_account(void **state)
{
	static const char *const bad[] = { "", "{", "[]", "null", "{}", "{\"name\": 7}", "{\"name\": \"tax\"}", "{\"name\": \"Tax\", \"title_fa\": \"a\", \"title_en\": \"b\"}",
		"{\"name\": \"tax\", \"title_fa\": \"a\", \"title_en\": \"b\", \"keys\": [7]}", "{\"name\": \"tax\", \"title_fa\": \"a\", \"title_en\": \"b\", \"addresses\": [7]}",
		"{\"name\": \"tax\", \"title_fa\": \"a\", \"title_en\": \"b\", \"keys\": [{\"id\": \"aaaaaaaa\", \"hash\": \"ba78\"}]}",
		"{\"name\": \"tax\", \"title_fa\": \"a\\nb\", \"title_en\": \"b\"}", "{\"name\": \"tax\", \"title_fa\": \"a\", \"title_en\": \"b\", \"webhook\": \"ftp://x\"}" };
	char damaged[sizeof(whole)];
	unsigned int seed = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_null(account_read(world_ctx, bad[i], strlen(bad[i])));
	for (size_t n = 0; n < strlen(whole); n++)
		assert_null(account_read(world_ctx, whole, n));
	for (int i = 0; i < 5000; i++) {
		memcpy(damaged, whole, sizeof(whole));
		for (int k = rand_r(&seed) % 3; k >= 0; k--)
			damaged[rand_r(&seed) % (sizeof(whole) - 1)] = (char)rand_r(&seed);
		talloc_free(account_read(world_ctx, damaged, strlen(whole)));
	}
}

static void what_an_account_may_be(void **state)
{
	static const struct { const char *sender, *webhook, *title; bool good; } rows[] = {
		{ "", "", "a", true }, { "4040", "", "a", true }, { "+982140400000", "", "a", true }, { "TAX OFFICE1", "", "a", true }, { "TAX OFFICE12", "", "a", false },
		{ "+", "", "a", false }, { "123456789012345678901", "", "a", false }, { "مالیات", "", "a", false }, { "", "https://x", "a", true },
		{ "", "http://10.0.0.1:8080/a?b", "a", true }, { "", "https://", "a", false }, { "", "x", "a", false }, { "", "https://a b", "a", false }, { "", "", "", false },
		{ "", "", "a\x01", false }, { "", "", "\xff", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct account account = { .pub = { .name = "a", .title_fa = "a", .title_en = rows[i].title, .sender = rows[i].sender, .webhook_url = rows[i].webhook } };

		if (!account_check(&account) != rows[i].good)
			fail_msg("row %zu: %s", i, account_check(&account) ? account_check(&account) : "taken");
	}
}

/* ---- with a ledger */
static int begin(void **state)
{
	(void)state;
	redis_server_start(&redis, NULL);
	world_begin_with(redis.path, true, "");
	return 0;
}

static int end(void **state)
{
	(void)state;
	world_end();
	redis_server_stop(&redis);
	return 0;
}

static void turn_until_known(size_t n)
{
	for (int i = 0; i < WORLD_TURNS_MAX && (!gw_accounts_loaded(world.gw->accounts) || !gw_accounts_at(world.gw->accounts, n - 1)); i++)
		gw_loop_turn();
	assert_non_null(gw_accounts_at(world.gw->accounts, n - 1));
	assert_null(gw_accounts_at(world.gw->accounts, n));
}

static void accounts_are_known_by_name(void **state)
{
	struct account_wish wish = { .name = "" };
	char name[16];

	(void)state;
	for (int i = 0; i < WORLD_TURNS_MAX && !gw_accounts_loaded(world.gw->accounts); i++)
		gw_loop_turn();
	assert_null(gw_accounts_at(world.gw->accounts, 0));
	assert_null(gw_accounts_find(world.gw->accounts, "a"));
	for (int i = 99; i >= 0; i--) { /* more than one batch */
		snprintf(name, sizeof(name), "a%02d", i);
		wish.name = name;
		account_key_make(wish.key);
		assert_int_equal(account_world_change(name, true, account_as_wished, &wish), ACCOUNT_CHANGED);
	}
	turn_until_known(100);
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "a%02d", i);
		assert_string_equal(gw_accounts_at(world.gw->accounts, (size_t)i)->name, name);
		assert_ptr_equal(gw_accounts_find(world.gw->accounts, name), gw_accounts_at(world.gw->accounts, (size_t)i));
	}
	assert_null(gw_accounts_find(world.gw->accounts, "a1"));
	assert_null(gw_accounts_find(world.gw->accounts, ""));
}

static void a_change_is_known_in_two_seconds(void **state)
{
	struct account_wish wish = { .name = "tax" };
	int64_t before_ms;

	(void)state;
	account_world_add(&wish);
	wish.notices_per_day = 77;
	assert_int_equal(account_world_change("tax", false, account_as_wished, &wish), ACCOUNT_CHANGED);
	before_ms = gw_clock_ms();
	while (gw_accounts_find(world.gw->accounts, "tax")->notices_per_day != 77 && gw_clock_ms() - before_ms < 10000)
		gw_loop_turn();
	assert_true(gw_clock_ms() - before_ms < 2000);
}

static const char *refuse(void *ctx, struct account *account)
{
	(void)ctx;
	(void)account;
	return "not so";
}

static const char *spoil(void *ctx, struct account *account)
{
	(void)ctx;
	account->pub.webhook_url = "nonsense";
	return NULL;
}

static void changes_that_cannot_be(void **state)
{
	struct account_wish wish = { .name = "tax" };

	(void)state;
	account_world_add(&wish);
	assert_int_equal(account_world_change("tax", true, account_as_wished, &wish), ACCOUNT_THERE);
	assert_int_equal(account_world_change("none", false, account_as_wished, &wish), ACCOUNT_NONE);
	assert_int_equal(account_world_change("tax", false, refuse, NULL), ACCOUNT_REFUSED);
	assert_string_equal(account_why, "not so");
	assert_int_equal(account_world_change("tax", false, spoil, NULL), ACCOUNT_REFUSED);
	assert_non_null(strstr(account_why, "webhook"));
	redis_server_kill(&redis);
	for (int i = 0; i < WORLD_TURNS_MAX && sess_redis_up(world.gw->ledger_redis); i++)
		gw_loop_turn();
	assert_string_equal(gw_accounts_find(world.gw->accounts, "tax")->title_en, "Office"); /* known all the same */
}

/* Twenty changes at once, each adding one to what it finds: none is lost. */
static unsigned int finished;
static const char *add_one(void *ctx, struct account *account)
{
	(void)ctx;
	account->pub.notices_per_day++;
	return NULL;
}

static void count_finished(void *ctx, enum account_changed changed, const struct account *account, const char *why)
{
	unsigned int *good = ctx;

	(void)account;
	(void)why;
	finished++;
	*good += changed == ACCOUNT_CHANGED;
}

static void changes_side_by_side(void **state)
{
	struct account_wish wish = { .name = "tax" };
	unsigned int good = 0;
	const struct account_change change = { .name = "tax", .what = "account.test", .edit = add_one, .cb = count_finished, .ctx = &good };

	(void)state;
	finished = 0;
	account_world_add(&wish);
	for (int i = 0; i < 20; i++)
		assert_int_equal(account_change(world.gw, world.gw->ledger, &change), 0);
	for (int i = 0; i < WORLD_TURNS_MAX && finished < 20; i++)
		gw_loop_turn();
	assert_int_equal(finished, 20);
	assert_true(good >= 8); /* the last of them gave up after eight tries */
	for (int i = 0; i < WORLD_TURNS_MAX && gw_accounts_find(world.gw->accounts, "tax")->notices_per_day != good; i++)
		gw_loop_turn();
	assert_int_equal(gw_accounts_find(world.gw->accounts, "tax")->notices_per_day, good);
}

static const char *with_secrets(void *ctx, struct account *account)
{
	account->pub.webhook_secrets[0] = "whsec_new";
	account->pub.webhook_secrets[1] = "whsec_old";
	account->before_until_ms = *(const int64_t *)ctx;
	return NULL;
}

static void the_secret_before_ends(void **state)
{
	struct account_wish wish = { .name = "tax" };
	int64_t until_ms = gw_clock_wall_ms() + 3000;

	(void)state;
	account_world_add(&wish);
	assert_int_equal(account_world_change("tax", false, with_secrets, &until_ms), ACCOUNT_CHANGED);
	for (int i = 0; i < WORLD_TURNS_MAX && !gw_accounts_find(world.gw->accounts, "tax")->webhook_secrets[0]; i++)
		gw_loop_turn();
	assert_string_equal(gw_accounts_find(world.gw->accounts, "tax")->webhook_secrets[1], "whsec_old");
	for (int i = 0; i < WORLD_TURNS_MAX && gw_accounts_find(world.gw->accounts, "tax")->webhook_secrets[1]; i++)
		gw_loop_turn();
	assert_string_equal(gw_accounts_find(world.gw->accounts, "tax")->webhook_secrets[0], "whsec_new");
	assert_true(gw_clock_wall_ms() >= until_ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(addresses),
		cmocka_unit_test(keys_and_secrets),
		cmocka_unit_test(json_there_and_back),
		cmocka_unit_test(rubbish_is_no_account),
		cmocka_unit_test(what_an_account_may_be),
		cmocka_unit_test_setup_teardown(accounts_are_known_by_name, begin, end),
		cmocka_unit_test_setup_teardown(a_change_is_known_in_two_seconds, begin, end),
		cmocka_unit_test_setup_teardown(changes_that_cannot_be, begin, end),
		cmocka_unit_test_setup_teardown(changes_side_by_side, begin, end),
		cmocka_unit_test_setup_teardown(the_secret_before_ends, begin, end),
	};

	return cmocka_run_group_tests(tests, world_init, NULL);
}
