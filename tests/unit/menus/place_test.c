/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Places: small, read back as they were written, and refused as a whole when they are not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "menus/place.h"

static struct menu_set *set;
static struct menu_run run;
static struct menu_place *place;
static uint8_t bytes[MENU_PLACE_OCTETS];

static uint16_t var(const char *name)
{
	uint16_t found = menu_tree_var(menu_place_service(place), name);
	assert_int_not_equal(found, MENU_NONE);
	return found;
}

static uint16_t screen(const char *service, const char *name)
{
	uint16_t i;
	for (i = 0; i < set->n_screens; i++)
		if (strcmp(set->screens[i].name, name) == 0 && strcmp(set->services[set->screens[i].service].name, service) == 0)
			return i;
	fail_msg("no screen %s of %s", name, service);
	return 0;
}

/* In the middle of a dialog: three pages deep, with values. */
static void in_the_middle(void)
{
	menu_run_init(&run, set);
	place->state = MENU_ST_WAIT;
	place->screen = screen("many", "list");
	place->page = 2;
	place->tries = 1;
	place->language = 1;
	place->back[place->depth++] = (struct menu_back){ set->root, 0 };
	place->back[place->depth++] = (struct menu_back){ screen("pay", "amount"), 3 };
	assert_true(menu_place_set(place, var("rows[].name"), 0, "یک", 4));
	assert_true(menu_place_set(place, var("rows[].name"), 39, "", 0));
	assert_true(menu_place_set(place, var("item.n"), 0, "7", 1));
}

static void test_it_reads_back(void **state)
{
	struct menu_run again;
	const struct menu_place *read = menu_place_of(&again);
	ssize_t n, k;
	uint8_t second[MENU_PLACE_OCTETS];
	(void)state;
	in_the_middle();
	n = menu_run_encode(&run, bytes, sizeof(bytes));
	assert_true(n > 0 && n < 50);
	assert_int_equal(menu_run_decode(&again, set, bytes, (size_t)n), 0);
	assert_int_equal(read->screen, place->screen);
	assert_int_equal(read->page, 2);
	assert_int_equal(read->tries, 1);
	assert_int_equal(read->language, 1);
	assert_int_equal(read->depth, 2);
	assert_int_equal(read->back[1].page, 3);
	assert_string_equal(menu_place_value(read, var("rows[].name"), 0), "یک");
	assert_string_equal(menu_place_value(read, var("rows[].name"), 39), "");
	assert_null(menu_place_value(read, var("rows[].name"), 1));
	assert_string_equal(menu_run_value(&again, "item.n"), "7");
	assert_null(menu_run_value(&again, "nothing"));
	k = menu_run_encode(&again, second, sizeof(second));
	assert_int_equal(k, n);
	assert_memory_equal(bytes, second, (size_t)n);
	assert_int_equal(menu_run_encode(&run, second, (size_t)n - 1), -ENOSPC);
}

static void test_a_page_without_values_is_small(void **state)
{
	(void)state;
	menu_run_init(&run, set);
	place->state = MENU_ST_WAIT;
	place->screen = screen("pay", "amount");
	place->back[place->depth++] = (struct menu_back){ set->root, 0 };
	assert_true(menu_run_encode(&run, bytes, sizeof(bytes)) <= 12);
}

static void test_values_are_replaced_and_dropped(void **state)
{
	(void)state;
	in_the_middle();
	assert_true(menu_place_set(place, var("item.n"), 0, "longer than before", 18));
	assert_string_equal(menu_run_value(&run, "item.n"), "longer than before");
	menu_place_drop(place, var("rows[].name"), 0);
	assert_null(menu_place_value(place, var("rows[].name"), 0));
	assert_string_equal(menu_place_value(place, var("rows[].name"), 39), "");
	assert_string_equal(menu_run_value(&run, "item.n"), "longer than before");
	menu_place_drop(place, var("item.n"), 0);
	menu_place_drop(place, var("item.n"), 0);
	assert_null(menu_run_value(&run, "item.n"));
	assert_null(memmem(place->values, sizeof(place->values), "longer", 6)); /* nor does it lie around */
}

static void test_it_never_grows_beyond_its_bound(void **state)
{
	char text[256];
	unsigned int row;
	ssize_t n;
	(void)state;
	memset(text, 'x', sizeof(text));
	in_the_middle();
	for (row = 0; row < 40 && menu_place_set(place, var("rows[].name"), row, text, sizeof(text)); row++)
		;
	assert_true(row > 15 && row < 40);
	place->depth = MENU_BACK_MAX;
	n = menu_run_encode(&run, bytes, sizeof(bytes));
	assert_true(n > 5000 && n <= MENU_PLACE_OCTETS);
	assert_false(menu_place_set(place, var("item.n"), 0, text, MENU_INPUT_OCTETS + 1));
}

/* Every prefix, and every octet changed in every way: refused, or a place that is one; never more. The copy on the heap has
 * exactly its size, for the sanitizer to see. */
static void test_octets_from_elsewhere(void **state)
{
	struct menu_run again;
	uint8_t second[MENU_PLACE_OCTETS];
	ssize_t n, k;
	size_t i;
	unsigned int bit;
	(void)state;
	in_the_middle();
	n = menu_run_encode(&run, bytes, sizeof(bytes));
	for (i = 0; i < (size_t)n; i++) {
		uint8_t *prefix = malloc(i ? i : 1);
		memcpy(prefix, bytes, i);
		if (menu_run_decode(&again, set, prefix, i) == 0)
			assert_true(i >= 13); /* a whole number of values */
		free(prefix);
	}
	for (i = 0; i < (size_t)n; i++)
		for (bit = 1; bit < 256; bit++) {
			uint8_t *changed = malloc((size_t)n);
			memcpy(changed, bytes, (size_t)n);
			changed[i] ^= (uint8_t)bit;
			if (i < 5)
				assert_int_equal(menu_run_decode(&again, set, changed, (size_t)n), -EBADMSG); /* form, version */
			else if (menu_run_decode(&again, set, changed, (size_t)n) == 0) {
				k = menu_run_encode(&again, second, sizeof(second));
				assert_true(k > 0 && menu_run_decode(&again, set, second, (size_t)k) == 0);
			}
			free(changed);
		}
}

static int setup_all(void **state)
{
	static const char *const paths[] = { "tests/data/menus/story" };
	struct menu_diags *diags = menu_diags_alloc(NULL);
	(void)state;
	set = menu_set_load(NULL, paths, 1, diags);
	place = menu_place_of(&run);
	talloc_free(diags);
	return set ? 0 : -1;
}

static int teardown_all(void **state)
{
	(void)state;
	talloc_free(set);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_reads_back),
		cmocka_unit_test(test_a_page_without_values_is_small),
		cmocka_unit_test(test_values_are_replaced_and_dropped),
		cmocka_unit_test(test_it_never_grows_beyond_its_bound),
		cmocka_unit_test(test_octets_from_elsewhere),
	};
	return cmocka_run_group_tests(tests, setup_all, teardown_all);
}
