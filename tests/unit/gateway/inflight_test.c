/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The pool of steps: bounded, found by subscriber or by handle, and a handle of what is over finds nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <osmocom/core/talloc.h>

#include "gateway/inflight.h"

#define MAX 5000

static struct gw_inflights *pool;

static int begin(void **state)
{
	(void)state;
	pool = gw_inflights_alloc(NULL, MAX);
	return 0;
}

static int end(void **state)
{
	(void)state;
	talloc_free(pool);
	return 0;
}

static const char *name_of(unsigned int i)
{
	static char name[24];

	snprintf(name, sizeof(name), "98912%07u", i);
	return name;
}

static void it_is_bounded(void **state)
{
	static struct gw_inflight *steps[MAX];

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (unsigned int i = 0; i < MAX; i++) {
			steps[i] = gw_inflight_get(pool, name_of(i));
			assert_non_null(steps[i]);
			gw_inflight_list(pool, steps[i]);
			assert_int_equal(gw_inflights_count(pool), i + 1);
		}
		assert_null(gw_inflight_get(pool, name_of(MAX)));
		for (unsigned int i = 0; i < MAX; i++)
			assert_ptr_equal(gw_inflight_find(pool, name_of(i)), steps[i]);
		for (unsigned int i = 0; i < MAX; i++)
			gw_inflight_put(pool, steps[i]);
		assert_int_equal(gw_inflights_count(pool), 0);
		assert_null(gw_inflight_find(pool, name_of(7)));
	}
}

static void a_handle_ends_with_its_step(void **state)
{
	struct gw_inflight *step = gw_inflight_get(pool, name_of(1)), *next;
	uint64_t handle = gw_inflight_handle(step);

	(void)state;
	assert_int_not_equal(handle, 0);
	assert_ptr_equal(gw_inflight_at(pool, handle), step);
	gw_inflight_put(pool, step);
	assert_null(gw_inflight_at(pool, handle));
	next = gw_inflight_get(pool, name_of(2));
	assert_ptr_equal(next, step); /* the same place */
	assert_null(gw_inflight_at(pool, handle));
	assert_ptr_equal(gw_inflight_at(pool, gw_inflight_handle(next)), next);
	assert_null(gw_inflight_at(pool, 0));
	assert_null(gw_inflight_at(pool, UINT64_MAX));
	assert_null(gw_inflight_at(pool, (uint64_t)1 << 32 | MAX));
}

static void a_step_begins_empty(void **state)
{
	struct gw_inflight *step = gw_inflight_get(pool, name_of(1));

	(void)state;
	step->n_tickets = GW_INFLIGHT_TICKETS;
	step->gone = step->takeover = step->was_waiting = step->late = true;
	step->session.version = 9;
	step->queued = step;
	memset(step->context, 0xff, sizeof(step->context));
	gw_inflight_put(pool, step);
	step = gw_inflight_get(pool, name_of(2));
	assert_true(step->in_use);
	assert_false(step->gone || step->takeover || step->was_waiting || step->late || step->listed || step->is_calling);
	assert_int_equal(step->n_tickets, 0);
	assert_int_equal(step->session.version, 0);
	assert_null(step->queued);
	assert_int_equal(step->context[0], 0);
	assert_string_equal(step->msisdn, name_of(2));
}

static void only_what_is_listed_is_found(void **state)
{
	struct gw_inflight *first = gw_inflight_get(pool, name_of(1)), *second;

	(void)state;
	assert_null(gw_inflight_find(pool, name_of(1)));
	gw_inflight_list(pool, first);
	assert_ptr_equal(gw_inflight_find(pool, name_of(1)), first);
	gw_inflight_unlist(first); /* a new dial replaces it */
	gw_inflight_unlist(first);
	second = gw_inflight_get(pool, name_of(1));
	gw_inflight_list(pool, second);
	assert_ptr_equal(gw_inflight_find(pool, name_of(1)), second);
	assert_ptr_equal(gw_inflight_at(pool, gw_inflight_handle(first)), first);
	gw_inflight_put(pool, first);
	assert_ptr_equal(gw_inflight_find(pool, name_of(1)), second);
}

static void a_number_that_is_too_long_is_cut(void **state)
{
	struct gw_inflight *step = gw_inflight_get(pool, "1234567890123456789012345");

	(void)state;
	assert_string_equal(step->msisdn, "12345678901234567890");
}

static void all_in_use_are_met(void **state)
{
	uint64_t handles[10];
	struct gw_inflight *step;
	unsigned int at = 0, met = 0;

	(void)state;
	for (unsigned int i = 0; i < 10; i++) {
		step = gw_inflight_get(pool, name_of(i));
		gw_inflight_list(pool, step);
		handles[i] = gw_inflight_handle(step);
	}
	gw_inflight_put(pool, gw_inflight_get(pool, name_of(11)));
	while ((step = gw_inflights_next(pool, &at))) { /* each may be put back while they are met */
		gw_inflight_put(pool, step);
		met++;
	}
	assert_int_equal(met, 10);
	assert_int_equal(gw_inflights_count(pool), 0);
	for (unsigned int i = 0; i < 10; i++) {
		assert_null(gw_inflight_at(pool, handles[i]));
		assert_null(gw_inflight_find(pool, name_of(i)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_is_bounded, begin, end),
		cmocka_unit_test_setup_teardown(a_handle_ends_with_its_step, begin, end),
		cmocka_unit_test_setup_teardown(a_step_begins_empty, begin, end),
		cmocka_unit_test_setup_teardown(only_what_is_listed_is_found, begin, end),
		cmocka_unit_test_setup_teardown(a_number_that_is_too_long_is_cut, begin, end),
		cmocka_unit_test_setup_teardown(all_in_use_are_met, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
