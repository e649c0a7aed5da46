/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Remembered answers: age, whole keys, bounded memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "gateway/as_of.h"

static const struct menu_value values[] = { { "bill.amount", "1000", NULL, 0 }, { "id", "7", "bills", 3 } };
static const struct menu_answer good = { .outcome = "ok", .n = 2, .values = values };

static void found_until_too_old(void **state)
{
	struct gw_as_of *a = gw_as_of_alloc(NULL, 100000);
	const struct menu_answer *found;
	(void)state;
	assert_null(gw_as_of_find(a, "key", 3, 1000, 5000));
	gw_as_of_put(a, "key", 3, &good, 5000);
	found = gw_as_of_find(a, "key", 3, 1000, 6000);
	assert_non_null(found);
	assert_int_equal(found->as_of_ms, 5000);
	assert_string_equal(found->outcome, "ok");
	assert_int_equal(found->n, 2);
	assert_string_equal(found->values[0].name, "bill.amount");
	assert_null(found->values[0].list);
	assert_string_equal(found->values[1].list, "bills");
	assert_int_equal(found->values[1].row, 3);
	assert_ptr_not_equal(found->values[1].list, values[1].list);
	assert_null(gw_as_of_find(a, "key", 3, 1000, 6001));
	assert_null(gw_as_of_find(a, "key", 3, 1000, 4999)); /* the clock was set back */
	assert_null(gw_as_of_find(a, "ke", 2, 1000, 5000));
	assert_null(gw_as_of_find(a, "kez", 3, 1000, 5000));
	talloc_free(a);
}

static void a_newer_answer_replaces(void **state)
{
	struct gw_as_of *a = gw_as_of_alloc(NULL, 100000);
	struct menu_answer none = { .outcome = "not_found" };
	size_t octets;
	(void)state;
	gw_as_of_put(a, "key", 3, &good, 1);
	octets = gw_as_of_octets(a);
	gw_as_of_put(a, "key", 3, &good, 2);
	assert_int_equal(gw_as_of_octets(a), octets);
	gw_as_of_put(a, "key", 3, &none, 3);
	assert_string_equal(gw_as_of_find(a, "key", 3, 10, 3)->outcome, "not_found");
	talloc_free(a);
}

static void memory_is_bounded_and_the_used_stay(void **state)
{
	struct gw_as_of *a = gw_as_of_alloc(NULL, 20000);
	(void)state;
	gw_as_of_put(a, "dear", 4, &good, 1);
	for (int i = 0; i < 5000; i++) {
		char key[32];
		int n = sprintf(key, "key-%d", i);
		gw_as_of_put(a, key, (size_t)n, &good, 1);
		assert_non_null(gw_as_of_find(a, key, (size_t)n, 10, 1));
		assert_non_null(gw_as_of_find(a, "dear", 4, 10, 1));
		assert_true(gw_as_of_octets(a) <= 20000);
		assert_true(talloc_total_size(a) < 60000);
	}
	assert_null(gw_as_of_find(a, "key-1", 5, 10, 1));
	talloc_free(a);
}

static void what_is_larger_than_all_is_not_kept(void **state)
{
	struct gw_as_of *a = gw_as_of_alloc(NULL, 64);
	(void)state;
	gw_as_of_put(a, "key", 3, &good, 1);
	assert_null(gw_as_of_find(a, "key", 3, 10, 1));
	assert_int_equal(gw_as_of_octets(a), 0);
	talloc_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found_until_too_old),
		cmocka_unit_test(a_newer_answer_replaces),
		cmocka_unit_test(memory_is_bounded_and_the_used_stay),
		cmocka_unit_test(what_is_larger_than_all_is_not_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
