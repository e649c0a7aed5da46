/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Quiet hours, by moving the clock through a day; what is no time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "gateway/quiet.h"

#define HOUR 3600000LL
#define MIDNIGHT_UTC 1584230400000LL /* 2020-03-15 */

static void times(void **state)
{
	(void)state;
	assert_int_equal(22 * 60, gw_quiet_time("22:00"));
	assert_int_equal(0, gw_quiet_time("00:00"));
	assert_int_equal(1439, gw_quiet_time("23:59"));
	for (const char *const *text = (const char *const[]){ "", "2", "2200", "24:00", "22:60", "22:0", "22:000", "-1:00", "aa:bb", NULL }; *text; text++)
		assert_int_equal(-1, gw_quiet_time(*text));
}

static void over_midnight_in_tehran(void **state)
{
	const struct gw_quiet quiet = { .from = 22 * 60, .to = 8 * 60, .utc_offset = 210 };
	int64_t ten = MIDNIGHT_UTC + 22 * HOUR - 210 * 60000; /* 22:00 in Tehran */

	(void)state;
	assert_int_equal(0, gw_quiet_left_ms(&quiet, ten - 1));
	assert_int_equal(10 * HOUR, gw_quiet_left_ms(&quiet, ten));
	assert_int_equal(7 * HOUR, gw_quiet_left_ms(&quiet, ten + 3 * HOUR));
	assert_int_equal(1, gw_quiet_left_ms(&quiet, ten + 10 * HOUR - 1));
	assert_int_equal(0, gw_quiet_left_ms(&quiet, ten + 10 * HOUR));
}

static void within_a_day_and_west(void **state)
{
	const struct gw_quiet quiet = { .from = 13 * 60, .to = 15 * 60, .utc_offset = -300 };

	(void)state;
	assert_int_equal(0, gw_quiet_left_ms(&quiet, MIDNIGHT_UTC + 18 * HOUR - 1));
	assert_int_equal(2 * HOUR, gw_quiet_left_ms(&quiet, MIDNIGHT_UTC + 18 * HOUR));
	assert_int_equal(0, gw_quiet_left_ms(&quiet, MIDNIGHT_UTC + 20 * HOUR));
	assert_int_equal(0, gw_quiet_left_ms(&quiet, MIDNIGHT_UTC));
}

static void none(void **state)
{
	const struct gw_quiet quiet = { .from = 480, .to = 480 };

	(void)state;
	for (int64_t at = 0; at < 24 * HOUR; at += 60000)
		assert_int_equal(0, gw_quiet_left_ms(&quiet, MIDNIGHT_UTC + at));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times), cmocka_unit_test(over_midnight_in_tehran), cmocka_unit_test(within_a_day_and_west), cmocka_unit_test(none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
