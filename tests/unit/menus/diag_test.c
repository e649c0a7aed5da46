/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Diagnostics come out in the order of file and line, each once, and never without bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "menus/diag.h"

static void test_they_are_sorted_by_file_and_line(void **state)
{
	struct menu_diags *d = menu_diags_alloc(NULL);
	char *text = NULL;
	size_t octets;
	FILE *to = open_memstream(&text, &octets);

	(void)state;
	menu_diag_add(d, "b.cfg", 2, "unknown-key", "second of b");
	menu_diag_add(d, "a.cfg", 9, "missing-key", "of a: %s", "screens");
	menu_diag_add(d, "b.cfg", 1, "syntax", "first of b");
	menu_diag_add(d, "b.cfg", 2, "wrong-type", "third of b");
	menu_diag_add(d, "b.cfg", 2, "wrong-type", "third of b");
	menu_diags_print(d, to);
	fclose(to);
	assert_string_equal(text, "a.cfg:9: missing-key: of a: screens\n"
	                          "b.cfg:1: syntax: first of b\n"
	                          "b.cfg:2: unknown-key: second of b\n"
	                          "b.cfg:2: wrong-type: third of b\n"
	                          "4 mistakes\n");
	assert_int_equal(menu_diags_count(d), 4);
	assert_null(menu_diags_at(d, 4));
	free(text);
	talloc_free(d);
}

static void test_a_flood_is_bounded(void **state)
{
	struct menu_diags *d = menu_diags_alloc(NULL);
	unsigned int i;

	(void)state;
	for (i = 0; i < 5000; i++)
		menu_diag_add(d, "a.cfg", i, "syntax", "number %u", i);
	assert_int_equal(menu_diags_count(d), 1000);
	assert_string_equal(menu_diags_at(d, 999)->rule, "too-many");
	talloc_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_they_are_sorted_by_file_and_line),
		cmocka_unit_test(test_a_flood_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
