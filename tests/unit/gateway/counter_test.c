/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The histogram's buckets at their edges, and the table of counters: names that metrics can carry, none twice. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "gateway/counter.h"

static unsigned int bucket_of(uint64_t us)
{
	struct gw_counters counters = { 0 };
	unsigned int found = GW_STEP_BUCKETS;

	gw_counter_step(&counters, us);
	assert_int_equal(counters.step_us_sum, us);
	for (unsigned int i = 0; i < GW_STEP_BUCKETS; i++)
		if (counters.step_us[i]) {
			assert_int_equal(found, GW_STEP_BUCKETS); /* in one only */
			assert_int_equal(counters.step_us[i], 1);
			found = i;
		}
	return found;
}

static void buckets_are_powers_of_two(void **state)
{
	(void)state;
	assert_int_equal(bucket_of(0), 0);
	assert_int_equal(bucket_of(1), 0);
	for (unsigned int i = 1; i < GW_STEP_BUCKETS; i++) {
		assert_int_equal(bucket_of((uint64_t)1 << i), i);
		assert_int_equal(bucket_of(((uint64_t)1 << i) - 1), i - 1);
	}
	assert_int_equal(bucket_of((uint64_t)1 << GW_STEP_BUCKETS), GW_STEP_BUCKETS - 1);
	assert_int_equal(bucket_of(UINT64_MAX), GW_STEP_BUCKETS - 1);
}

static void every_counter_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < GW_COUNTERS; i++) {
		const char *name = gw_counter_infos[i].name;

		assert_non_null(name);
		assert_true(strlen(gw_counter_infos[i].text) > 5);
		for (; *name; name++)
			assert_true(islower((unsigned char)*name) || *name == '_');
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(gw_counter_infos[i].name, gw_counter_infos[j].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buckets_are_powers_of_two),
		cmocka_unit_test(every_counter_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
