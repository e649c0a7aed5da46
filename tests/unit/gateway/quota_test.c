/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What accounts use, counted by two gateways over one ledger, with days that change and a ledger that goes away. */
#include "gateway/quota.h"
#include "tests/unit/gateway/gw_world.h"
#include "tests/unit/redis_server.h"

#define NOON INT64_C(1584261000000)    /* 2020-03-15 12:00 in Tehran */
#define DAY INT64_C(86400000)
#define TEHRAN 210

static struct redis_server redis;
static struct gw_quotas *one, *two;

static int begin(void **state)
{
	(void)state;
	redis_server_start(&redis, NULL);
	world_begin_with(redis.path, true, "");
	for (int i = 0; i < WORLD_TURNS_MAX && !sess_redis_up(world.gw->ledger_redis); i++)
		gw_loop_turn();
	one = gw_quotas_alloc(world.gw, world.gw->ledger, TEHRAN);
	two = gw_quotas_alloc(world.gw, world.gw->ledger, TEHRAN);
	return 0;
}

static int end(void **state)
{
	(void)state;
	world_end();
	redis_server_stop(&redis);
	return 0;
}

static void turn_ms(int64_t ms)
{
	for (int64_t until_ms = gw_clock_ms() + ms; gw_clock_ms() < until_ms;) {
		gw_loop_turn();
		gw_quotas_tick(one, gw_clock_ms());
		gw_quotas_tick(two, gw_clock_ms());
	}
}

static void turn_until_known(struct gw_quotas *quotas, const char *agency, int64_t wall_ms)
{
	for (int i = 0; i < 500 && !gw_quotas_known(quotas, agency, wall_ms); i++)
		turn_ms(10);
	assert_true(gw_quotas_known(quotas, agency, wall_ms));
}

static void the_day_begins_where_it_is_told(void **state)
{
	struct gw_quotas *here = gw_quotas_alloc(world_ctx, NULL, TEHRAN), *west = gw_quotas_alloc(world_ctx, NULL, -60);

	(void)state;
	assert_int_equal(gw_quotas_day_left_s(here, NOON), 43200);
	assert_int_equal(gw_quotas_day_left_s(here, NOON + DAY / 2), 86400);
	assert_int_equal(gw_quotas_day_left_s(here, NOON + DAY / 2 - 1), 1);
	assert_int_equal(gw_quotas_day_left_s(west, NOON), 43200 + 4 * 3600 + 1800);
	talloc_free(here);
	talloc_free(west);
}

static void calls_of_a_minute(void **state)
{
	struct gw_quotas *quotas = gw_quotas_alloc(world_ctx, NULL, TEHRAN);

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(gw_quotas_call(quotas, "free", 0, 1000), 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(gw_quotas_call(quotas, "tax", 5, 1000 + i), 0);
	assert_int_equal(gw_quotas_call(quotas, "tax", 5, 2000), 59);
	assert_int_equal(gw_quotas_call(quotas, "tax", 5, 60999), 1);
	assert_int_equal(gw_quotas_call(quotas, "bills", 5, 2000), 0);
	assert_int_equal(gw_quotas_call(quotas, "tax", 5, 61000), 0);
	talloc_free(quotas);
}

static void taking(void **state)
{
	(void)state;
	turn_until_known(one, "tax", NOON);
	assert_true(gw_quotas_take(one, "tax", 10, 7, NOON));
	assert_false(gw_quotas_take(one, "tax", 10, 4, NOON));
	assert_false(gw_quotas_take(one, "tax", 10, UINT32_MAX, NOON));
	assert_int_equal(gw_quotas_left(one, "tax", 10, NOON), 3); /* what was refused is not taken */
	assert_true(gw_quotas_take(one, "tax", 10, 3, NOON));
	assert_false(gw_quotas_take(one, "tax", 10, 1, NOON));
	assert_true(gw_quotas_take(one, "tax", 0, 1000, NOON)); /* no limit any more */
	assert_int_equal(gw_quotas_left(one, "tax", 10, NOON), 0);
	assert_true(gw_quotas_take(one, "bills", 10, 10, NOON));
}

static void two_gateways_share(void **state)
{
	(void)state;
	turn_until_known(one, "tax", NOON);
	turn_until_known(two, "tax", NOON);
	for (int i = 0; i < 30; i++) {
		assert_true(gw_quotas_take(one, "tax", 100, 1, NOON));
		assert_true(gw_quotas_take(two, "tax", 100, 2, NOON));
		turn_ms(10);
	}
	turn_ms(3000);
	assert_int_equal(gw_quotas_used(one, "tax", NOON), 90);
	assert_int_equal(gw_quotas_used(two, "tax", NOON), 90);
	assert_false(gw_quotas_take(two, "tax", 100, 11, NOON));
	assert_true(gw_quotas_take(two, "tax", 100, 10, NOON));
	two = gw_quotas_alloc(world.gw, world.gw->ledger, TEHRAN); /* it died; what it took in its last moment is lost with it */
	turn_until_known(two, "tax", NOON);
	assert_int_equal(gw_quotas_used(two, "tax", NOON), 90);
}

static void another_day_begins_at_nothing(void **state)
{
	(void)state;
	turn_until_known(one, "tax", NOON);
	assert_true(gw_quotas_take(one, "tax", 10, 10, NOON));
	assert_false(gw_quotas_known(one, "tax", NOON + DAY)); /* it is asked anew */
	turn_until_known(one, "tax", NOON + DAY);
	assert_int_equal(gw_quotas_left(one, "tax", 10, NOON + DAY), 10);
	assert_true(gw_quotas_take(one, "tax", 10, 1, NOON + DAY));
	turn_ms(1000);
	assert_int_equal(gw_quotas_used(one, "tax", NOON + DAY), 1);
}

/* What was taken while the ledger was away is counted when it is back, once. */
static void the_ledger_goes_and_comes(void **state)
{
	static const char *const keep[] = { "--appendonly", "yes", "--appendfsync", "always", NULL };

	(void)state;
	redis.options[0] = NULL;
	for (size_t i = 0; keep[i]; i++)
		redis.options[i] = keep[i], redis.options[i + 1] = NULL;
	redis_server_kill(&redis);
	redis_server_restart(&redis);
	turn_until_known(one, "tax", NOON);
	for (int i = 0; i < 5; i++) {
		assert_true(gw_quotas_take(one, "tax", 100, 3, NOON));
		turn_ms(i % 2 ? 20 : 300);
		redis_server_kill(&redis);
		assert_true(gw_quotas_take(one, "tax", 100, 4, NOON));
		turn_ms(300);
		redis_server_restart(&redis);
		turn_ms(300);
	}
	turn_ms(3000);
	assert_int_equal(gw_quotas_used(one, "tax", NOON), 35);
	turn_until_known(two, "tax", NOON);
	assert_int_equal(gw_quotas_used(two, "tax", NOON), 35);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_day_begins_where_it_is_told),
		cmocka_unit_test(calls_of_a_minute),
		cmocka_unit_test_setup_teardown(taking, begin, end),
		cmocka_unit_test_setup_teardown(two_gateways_share, begin, end),
		cmocka_unit_test_setup_teardown(another_day_begins_at_nothing, begin, end),
		cmocka_unit_test_setup_teardown(the_ledger_goes_and_comes, begin, end),
	};

	return cmocka_run_group_tests(tests, world_init, NULL);
}
