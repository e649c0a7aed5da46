/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The breaker's whole life, by moving the clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "gateway/breaker.h"

static struct gw_breaker opened(void)
{
	struct gw_breaker b = { .failures_max = 3, .open_ms = 1000 };
	assert_false(gw_breaker_report(&b, gw_breaker_ask(&b, 0), false, 0));
	assert_false(gw_breaker_report(&b, gw_breaker_ask(&b, 0), false, 0));
	assert_true(gw_breaker_report(&b, gw_breaker_ask(&b, 0), false, 5));
	assert_int_equal(b.state, GW_BREAKER_OPEN);
	return b;
}

static void opens_after_failures_in_a_row(void **state)
{
	struct gw_breaker b = opened();
	(void)state;
	assert_int_equal(gw_breaker_ask(&b, 5), GW_BREAKER_REFUSED);
	assert_int_equal(gw_breaker_ask(&b, 1004), GW_BREAKER_REFUSED);
}

static void a_good_one_between_begins_anew(void **state)
{
	struct gw_breaker b = { .failures_max = 2, .open_ms = 10 };
	(void)state;
	for (int i = 0; i < 10; i++) {
		assert_false(gw_breaker_report(&b, GW_BREAKER_PASSED, false, 0));
		assert_false(gw_breaker_report(&b, GW_BREAKER_PASSED, true, 0));
	}
	assert_int_equal(gw_breaker_ask(&b, 0), GW_BREAKER_PASSED);
}

static void one_probe_at_a_time_and_a_good_one_closes(void **state)
{
	struct gw_breaker b = opened();
	(void)state;
	assert_int_equal(gw_breaker_ask(&b, 1005), GW_BREAKER_PROBE);
	assert_int_equal(b.state, GW_BREAKER_HALF_OPEN);
	assert_int_equal(gw_breaker_ask(&b, 1005), GW_BREAKER_REFUSED);
	assert_int_equal(gw_breaker_ask(&b, 99999), GW_BREAKER_REFUSED);
	assert_false(gw_breaker_report(&b, GW_BREAKER_PROBE, true, 1006));
	assert_int_equal(gw_breaker_ask(&b, 1006), GW_BREAKER_PASSED);
	assert_int_equal(b.failures, 0);
}

static void a_bad_probe_opens_again(void **state)
{
	struct gw_breaker b = opened();
	(void)state;
	assert_int_equal(gw_breaker_ask(&b, 2000), GW_BREAKER_PROBE);
	assert_true(gw_breaker_report(&b, GW_BREAKER_PROBE, false, 2100));
	assert_int_equal(gw_breaker_ask(&b, 3099), GW_BREAKER_REFUSED);
	assert_int_equal(gw_breaker_ask(&b, 3100), GW_BREAKER_PROBE);
}

static void attempts_from_before_decide_nothing(void **state)
{
	struct gw_breaker b = opened();
	(void)state;
	assert_false(gw_breaker_report(&b, GW_BREAKER_PASSED, true, 6));
	assert_int_equal(b.state, GW_BREAKER_OPEN);
	assert_int_equal(gw_breaker_ask(&b, 1005), GW_BREAKER_PROBE);
	assert_false(gw_breaker_report(&b, GW_BREAKER_PASSED, true, 1005));
	assert_false(gw_breaker_report(&b, GW_BREAKER_PASSED, false, 1005));
	assert_int_equal(b.state, GW_BREAKER_HALF_OPEN);
	assert_false(gw_breaker_report(&b, GW_BREAKER_REFUSED, false, 1005));
	assert_true(b.probing);
}

static void zero_never_opens(void **state)
{
	struct gw_breaker b = { .failures_max = 0, .open_ms = 10 };
	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_false(gw_breaker_report(&b, gw_breaker_ask(&b, i), false, i));
	assert_int_equal(b.state, GW_BREAKER_CLOSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_after_failures_in_a_row),
		cmocka_unit_test(a_good_one_between_begins_anew),
		cmocka_unit_test(one_probe_at_a_time_and_a_good_one_closes),
		cmocka_unit_test(a_bad_probe_opens_again),
		cmocka_unit_test(attempts_from_before_decide_nothing),
		cmocka_unit_test(zero_never_opens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
