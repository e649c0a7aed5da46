/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Templates and conditions: what they compile to is what they render. Mistakes are in set_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "menus/template.h"
#include "menus/unicode.h"

static const struct menu_service *service;
static struct menu_set *set;
static struct menu_run run;
static struct menu_diags *diags;
static const struct menu_medium medium = { NULL, NULL, 1584264600000, "+989120000000", "" };

static struct menu_site site(void)
{
	return (struct menu_site){ diags, service, diags, "t.cfg", 1 };
}

static struct menu_view view(void)
{
	return (struct menu_view){ menu_place_of(&run), &medium, NULL, 0 };
}

static void renders(const char *text, const char *wanted)
{
	struct menu_site here = site();
	struct menu_view now = view();
	struct menu_template template = menu_template_compile(&here, text);
	char out[256];
	assert_int_equal(menu_diags_count(diags), 0);
	assert_int_equal(menu_template_render(&template, &now, out, sizeof(out)), strlen(wanted));
	assert_string_equal(out, wanted);
}

static bool holds(const char *text)
{
	struct menu_site here = site();
	struct menu_view now = view();
	struct menu_condition condition = menu_condition_compile(&here, text);
	assert_int_equal(menu_diags_count(diags), 0);
	return menu_condition_holds(&condition, &now);
}

static void give(const char *name, const char *value)
{
	uint16_t var = menu_tree_var(service, name);
	assert_int_not_equal(var, MENU_NONE);
	assert_true(menu_place_set(menu_place_of(&run), var, 0, value, strlen(value)));
}

static void test_texts(void **state)
{
	(void)state;
	renders("", "");
	renders("plain\ntwo", "plain\ntwo");
	renders("{{not a variable}", "{not a variable}");
	renders("می‌شود", "میشود"); /* ZWNJ costs a character of the page */
	renders("{bill.kind_fa}", ""); /* no value yet */
	give("bill.kind_fa", "بر‌ق");
	renders("<{bill.kind_fa}>", "<برق>");
	renders("{msisdn} {language}", "+989120000000 fa");
	renders("{now|date}", "1398/12/25");
	give("bill.amount", "1450000");
	renders("{bill.amount|rial}{bill.amount}", "1,450,000 ریال1450000");
	give("bill.amount", "a lot"); /* what a filter cannot read stays */
	renders("{bill.amount|rial}", "a lot");
}

static void test_what_does_not_fit_is_cut_at_a_character(void **state)
{
	struct menu_site here = site();
	struct menu_view now = view();
	struct menu_template template = menu_template_compile(&here, "سلام {bill.kind_fa}");
	char out[16];
	size_t cap;
	(void)state;
	give("bill.kind_fa", "برق");
	for (cap = 1; cap <= sizeof(out); cap++) {
		size_t n = menu_template_render(&template, &now, out, cap);
		assert_true(n < cap && n + 2 >= (cap - 1 < 15 ? cap - 1 : 15));
		assert_int_equal(strlen(out), n);
		assert_int_equal(n % 2, n > 8); /* letters of two octets, a space behind four of them */
	}
}

static void test_conditions(void **state)
{
	(void)state;
	assert_false(holds("bill.unpaid"));
	assert_true(holds("not bill.unpaid"));
	give("bill.unpaid", "false");
	assert_false(holds("bill.unpaid"));
	give("bill.unpaid", "0");
	assert_false(holds("bill.unpaid"));
	give("bill.unpaid", "true");
	assert_true(holds("bill.unpaid"));
	give("bill.amount", "1000");
	assert_true(holds("bill.amount == 1000"));
	assert_true(holds("bill.amount=='1000'"));
	assert_false(holds("bill.amount != 1000"));
	assert_true(holds("bill.amount >= 1000 and bill.amount<1001"));
	assert_false(holds("bill.amount > 1000 or bill.amount < 1000"));
	assert_true(holds("language == 'en' or bill.amount <= 1000 and language == 'fa'"));
	assert_true(holds("language == 'fa' or bill.amount > 9 and language == 'en'"));
	assert_false(holds("not language == 'fa'"));
	give("bill.amount", "much"); /* no number: no comparison holds */
	assert_false(holds("bill.amount < 5"));
	assert_false(holds("bill.amount >= 5"));
	assert_true(holds("bill.kind_fa == ''"));
}

static int setup(void **state)
{
	static const char *const paths[] = { "menus/sample" };
	(void)state;
	menu_unicode_init();
	diags = menu_diags_alloc(NULL);
	set = menu_set_load(NULL, paths, 1, diags);
	if (!set)
		return -1;
	service = &set->services[1];
	menu_run_init(&run, set);
	menu_place_of(&run)->screen = service->start;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	talloc_free(set);
	talloc_free(diags);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_texts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_does_not_fit_is_cut_at_a_character, setup, teardown),
		cmocka_unit_test_setup_teardown(test_conditions, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
