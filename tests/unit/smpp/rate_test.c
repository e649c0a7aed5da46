/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The token bucket: what it lets pass in a second, debts of long messages, pauses, and clocks that jump. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "smpp/rate.h"

static void bucket_starts_full_and_refuses_when_empty(void **state)
{
	struct smpp_rate rate;

	(void)state;
	smpp_rate_init(&rate, 10, 3, 1000);
	for (int i = 0; i < 3; i++)
		assert_true(smpp_rate_take(&rate, 1, 1000));
	assert_false(smpp_rate_take(&rate, 1, 1000));
	assert_int_equal(smpp_rate_wait_ms(&rate, 1, 1000), 100);
	assert_false(smpp_rate_take(&rate, 1, 1099));
	assert_true(smpp_rate_take(&rate, 1, 1100));
}

/* Asked every millisecond or every 7, at rates that do not divide 1000: exactly rate * seconds pass. */
static void nothing_is_lost_to_rounding(void **state)
{
	static const uint32_t rates[] = { 1, 3, 7, 30, 333, 999, 1001, 12345 };

	(void)state;
	for (unsigned int i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		for (int step = 1; step <= 7; step += 6) {
			struct smpp_rate rate;
			uint64_t passed = 0;
			int64_t now;

			smpp_rate_init(&rate, rates[i], 1000, 0);
			while (smpp_rate_take(&rate, 1, 0))
				passed++;
			assert_int_equal(passed, 1000);
			passed = 0;
			for (now = step; now <= 7000; now += step)
				while (smpp_rate_take(&rate, 1, now))
					passed++;
			assert_int_equal(passed, rates[i] * 7ull);
		}
	}
}

static void parts_are_counted_not_messages(void **state)
{
	struct smpp_rate rate;

	(void)state;
	smpp_rate_init(&rate, 10, 10, 0);
	assert_true(smpp_rate_take(&rate, 7, 0));
	assert_false(smpp_rate_take(&rate, 4, 0));
	assert_true(smpp_rate_take(&rate, 3, 0));
	assert_int_equal(smpp_rate_wait_ms(&rate, 4, 0), 400);
}

static void longer_than_the_burst_passes_and_is_paid_for(void **state)
{
	struct smpp_rate rate;

	(void)state;
	smpp_rate_init(&rate, 10, 2, 0);
	assert_true(smpp_rate_take(&rate, 16, 0));
	assert_int_equal(smpp_rate_wait_ms(&rate, 1, 0), 1500);
	assert_false(smpp_rate_take(&rate, 1, 1499));
	assert_true(smpp_rate_take(&rate, 1, 1500));
	assert_int_equal(smpp_rate_wait_ms(&rate, 16, 1500), 200);
	assert_false(smpp_rate_take(&rate, 16, 1699));
	assert_true(smpp_rate_take(&rate, 16, 1700));
}

static void no_limit_is_no_limit(void **state)
{
	struct smpp_rate rate;

	(void)state;
	smpp_rate_init(&rate, 0, 0, 0);
	for (int i = 0; i < 100000; i++)
		assert_true(smpp_rate_take(&rate, 16, 0));
	assert_int_equal(smpp_rate_wait_ms(&rate, 16, 0), 0);
}

static void a_burst_of_nothing_is_one(void **state)
{
	struct smpp_rate rate;

	(void)state;
	smpp_rate_init(&rate, 5, 0, 0);
	assert_true(smpp_rate_take(&rate, 1, 0));
	assert_false(smpp_rate_take(&rate, 1, 199));
	assert_true(smpp_rate_take(&rate, 1, 200));
}

static void a_pause_stops_everything_and_starts_empty(void **state)
{
	struct smpp_rate rate, free_of_limit;

	(void)state;
	smpp_rate_init(&rate, 10, 10, 0);
	smpp_rate_pause(&rate, 1000);
	assert_false(smpp_rate_take(&rate, 1, 999));
	assert_int_equal(smpp_rate_wait_ms(&rate, 1, 400), 700);
	smpp_rate_pause(&rate, 500); /* never shortened */
	assert_false(smpp_rate_take(&rate, 1, 1099));
	assert_true(smpp_rate_take(&rate, 1, 1100));

	smpp_rate_init(&free_of_limit, 0, 1, 0);
	smpp_rate_pause(&free_of_limit, 1000);
	assert_int_equal(smpp_rate_wait_ms(&free_of_limit, 1, 250), 750);
	assert_false(smpp_rate_take(&free_of_limit, 1, 999));
	assert_true(smpp_rate_take(&free_of_limit, 1, 1000));
}

static void what_did_not_leave_is_given_back_once_at_most(void **state)
{
	struct smpp_rate rate;

	(void)state;
	smpp_rate_init(&rate, 10, 2, 0);
	assert_true(smpp_rate_take(&rate, 2, 0));
	smpp_rate_give_back(&rate, 2);
	assert_true(smpp_rate_take(&rate, 2, 0));
	smpp_rate_give_back(&rate, 5); /* never above the burst */
	assert_true(smpp_rate_take(&rate, 2, 0));
	assert_false(smpp_rate_take(&rate, 1, 0));
}

static void clocks_that_jump_do_no_harm(void **state)
{
	struct smpp_rate rate;

	(void)state;
	smpp_rate_init(&rate, UINT32_MAX, UINT32_MAX, 0);
	assert_true(smpp_rate_take(&rate, UINT32_MAX, 0));
	assert_true(smpp_rate_take(&rate, UINT32_MAX, INT64_MAX / 2)); /* years later: full, no overflow */
	smpp_rate_init(&rate, 10, 1, 5000);
	assert_true(smpp_rate_take(&rate, 1, 5000));
	assert_false(smpp_rate_take(&rate, 1, 1000)); /* a step back adds nothing */
	assert_int_equal(smpp_rate_wait_ms(&rate, 1, 4000), 1100);
	assert_true(smpp_rate_take(&rate, 1, 5100));
}

/* The wait is exact: one millisecond before it the bucket still refuses. */
static void the_wait_is_exact(void **state)
{
	(void)state;
	for (uint32_t per_second = 1; per_second < 2000; per_second += 17) {
		struct smpp_rate rate, early;
		int64_t wait;

		smpp_rate_init(&rate, per_second, 5, 0);
		while (smpp_rate_take(&rate, 1, 0))
			continue;
		wait = smpp_rate_wait_ms(&rate, 3, 0);
		assert_true(wait > 0);
		early = rate;
		assert_false(smpp_rate_take(&early, 3, wait - 1));
		assert_true(smpp_rate_take(&rate, 3, wait));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bucket_starts_full_and_refuses_when_empty),
		cmocka_unit_test(nothing_is_lost_to_rounding),
		cmocka_unit_test(parts_are_counted_not_messages),
		cmocka_unit_test(longer_than_the_burst_passes_and_is_paid_for),
		cmocka_unit_test(no_limit_is_no_limit),
		cmocka_unit_test(a_burst_of_nothing_is_one),
		cmocka_unit_test(a_pause_stops_everything_and_starts_empty),
		cmocka_unit_test(what_did_not_leave_is_given_back_once_at_most),
		cmocka_unit_test(clocks_that_jump_do_no_harm),
		cmocka_unit_test(the_wait_is_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
