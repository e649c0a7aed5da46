/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Dials of a number in a minute, by moving the clock; and what a full table forgets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "gateway/limit.h"

#define MINUTE 60000

static struct gw_limit *limit;

static int begin(void **state)
{
	(void)state;
	limit = calloc(1, sizeof(*limit));
	return limit ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	free(limit);
	return 0;
}

static void so_many_and_no_more(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(gw_limit_dial(limit, "989121234567", 5 * MINUTE + i, 3));
	assert_false(gw_limit_dial(limit, "989121234567", 5 * MINUTE + 59999, 3));
	assert_true(gw_limit_dial(limit, "989121234568", 5 * MINUTE + 59999, 3)); /* another number */
	assert_true(gw_limit_dial(limit, "989121234567", 6 * MINUTE, 3));
}

static void none_is_no_limit(void **state)
{
	(void)state;
	for (int i = 0; i < 100000; i++)
		assert_true(gw_limit_dial(limit, "989121234567", MINUTE, 0));
	assert_true(gw_limit_dial(limit, "989121234567", MINUTE, 1)); /* and nothing was counted */
}

static void the_count_does_not_wrap(void **state)
{
	(void)state;
	for (int i = 0; i < 70000; i++)
		gw_limit_dial(limit, "989121234567", MINUTE, 10);
	assert_false(gw_limit_dial(limit, "989121234567", MINUTE, 10));
}

/* Numbers of one set of the table: FNV-1a, as the table hashes. */
static unsigned int set_of(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619u;
	return hash % GW_LIMIT_SETS;
}

static void find_companions(char names[GW_LIMIT_WAYS + 1][24])
{
	size_t n = 0;

	for (unsigned long i = 0; n <= GW_LIMIT_WAYS; i++) {
		snprintf(names[n], sizeof(names[n]), "98912%lu", i);
		n += set_of(names[n]) == 7;
	}
	gw_limit_dial(limit, names[0], MINUTE, 10);
	assert_int_not_equal(limit->entries[7][0].hash, 0); /* it does hash so */
	memset(limit, 0, sizeof(*limit));
}

static void dial(const char *name, int times, int64_t now_ms)
{
	for (int i = 0; i < times; i++)
		gw_limit_dial(limit, name, now_ms, 1000);
}

/* When a set is full, what dialled in an earlier minute goes before what dials now, however often it had dialled. */
static void the_past_is_forgotten_first(void **state)
{
	char names[GW_LIMIT_WAYS + 1][24];

	(void)state;
	find_companions(names);
	dial(names[0], 50, MINUTE);
	for (int i = 1; i < GW_LIMIT_WAYS; i++)
		dial(names[i], i, 2 * MINUTE);
	dial(names[GW_LIMIT_WAYS], 1, 2 * MINUTE);
	assert_false(gw_limit_dial(limit, names[1], 2 * MINUTE, 1)); /* it dialled once, and that is still known */
	assert_false(gw_limit_dial(limit, names[2], 2 * MINUTE, 2));
	assert_true(gw_limit_dial(limit, names[0], 2 * MINUTE, 1));  /* forgotten */
}

static void then_who_dialled_least(void **state)
{
	char names[GW_LIMIT_WAYS + 1][24];

	(void)state;
	find_companions(names);
	for (int i = 0; i < GW_LIMIT_WAYS; i++)
		dial(names[i], i == 2 ? 1 : 5, MINUTE);
	dial(names[GW_LIMIT_WAYS], 3, MINUTE);
	for (int i = 0; i < GW_LIMIT_WAYS; i++)
		if (i != 2)
			assert_false(gw_limit_dial(limit, names[i], MINUTE, 5));
	assert_false(gw_limit_dial(limit, names[GW_LIMIT_WAYS], MINUTE, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(so_many_and_no_more, begin, end),
		cmocka_unit_test_setup_teardown(none_is_no_limit, begin, end),
		cmocka_unit_test_setup_teardown(the_count_does_not_wrap, begin, end),
		cmocka_unit_test_setup_teardown(the_past_is_forgotten_first, begin, end),
		cmocka_unit_test_setup_teardown(then_who_dialled_least, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
