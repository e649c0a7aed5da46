/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Operations that ask others side by side: what they are made of, and every rule that a bad one breaks, with its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "menus/operation_together.h"

#define HEAD "title = { fa = \"آ\"; en = \"A\"; }; url = \"http://127.0.0.1:8080\"; operations = {\n"
#define LIST(fields) "lists = { bills = { at = \"/bills\"; rows = 5; each = { " fields " }; }; };"
#define TWO "id = \"/id\"; amount = \"/amount\";"

static const char water[] = HEAD "mine = { path = \"/{msisdn}/bills?of={year}\"; answer = { total = \"/total\"; }; " LIST(TWO) " };\n"
	"late = { path = \"/late\"; lists = { arrears = { at = \"/a\"; each = { sum = \"/sum\"; }; }; }; };\n"
	"wide = { path = \"/wide\"; lists = { bills = { at = \"\"; each = { a = \"/a\"; b = \"/b\"; c = \"/c\"; d = \"/d\"; e = \"/e\"; f = \"/f\"; g = \"/g\"; h = \"/h\";"
	"  i = \"/i\"; j = \"/j\"; k = \"/k\"; l = \"/l\"; m = \"/m\"; n = \"/n\"; o = \"/o\"; p = \"/p\"; q = \"/q\"; r = \"/r\"; s = \"/s\"; t = \"/t\"; u = \"/u\"; v = \"/v\"; }; }; }; };\n"
	"wide2 = { path = \"/wide\"; lists = { bills = { at = \"\"; each = { a = \"/a\"; b = \"/b\"; c = \"/c\"; d = \"/d\"; e = \"/e\"; f = \"/f\"; g = \"/g\"; h = \"/h\";"
	"  i = \"/i\"; j = \"/j\"; k = \"/k\"; l = \"/l\"; m = \"/m\"; n = \"/n\"; o = \"/o\"; p = \"/p\"; q = \"/q\"; r = \"/r\"; s = \"/s\"; t = \"/t\"; u = \"/u\"; v = \"/v\"; }; }; }; };\n"
	"told = { path = \"/told/{identity.id}\"; requires = 1; " LIST(TWO) " }; firm = { path = \"/firm\"; requires = 2; subject = \"business\"; " LIST(TWO) " };\n"
	"one = { path = \"/one\"; }; other = { path = \"/other\"; };\n"
	"pay = { method = \"POST\"; path = \"/pay\"; " LIST(TWO) " }; };\n";
static const char power[] = HEAD "mine = { path = \"/bills/{msisdn}\"; " LIST("amount = \"/sum\"; id = \"/number\";") " };\n"
	"less = { path = \"/less\"; " LIST("id = \"/id\";") " }; };\n";

static struct {
	void *ctx;
	char folder[64];
	struct menu_diags *diags;
	struct menu_agencies *agencies;
} t;

static int setup(void **state)
{
	(void)state;
	t.ctx = talloc_named_const(NULL, 0, "test");
	strcpy(t.folder, "/tmp/together-test-XXXXXX");
	assert_non_null(mkdtemp(t.folder));
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -r '%s'", t.folder);
	assert_int_equal(system(command), 0);
	talloc_free(t.ctx);
	return 0;
}

static const char *file(const char *name, const char *text)
{
	char *path = talloc_asprintf(t.ctx, "%s/%s", t.folder, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	return path;
}

/* The agency that asks is read first: its members are found all the same. */
static const struct menu_operation *load(const char *bills)
{
	const char *paths[] = { file("bills.cfg", bills), file("power.cfg", power), file("water.cfg", water) };

	t.diags = menu_diags_alloc(t.ctx);
	t.agencies = menu_agencies_load(t.ctx, paths, 3, t.diags);
	return menu_operation_find(t.agencies, "bills.mine");
}

static void it_requires_what_its_members_require(void **state)
{
	const struct menu_operation *op = load(HEAD "mine = { together = ( \"power.mine\", \"water.told\" ); }; };\n");

	(void)state;
	assert_int_equal(menu_diags_count(t.diags), 0);
	assert_int_equal(op->requires, 1);
	assert_false(op->business);
	op = load(HEAD "mine = { together = ( \"water.firm\", \"water.told\", \"power.mine\" ); }; };\n");
	assert_int_equal(menu_diags_count(t.diags), 0);
	assert_int_equal(op->requires, 2);
	assert_true(op->business);
	op = load(HEAD "mine = { together = ( \"water.mine\", \"power.mine\" ); }; };\n");
	assert_int_equal(op->requires, 0);
}

static void what_it_is_made_of(void **state)
{
	const struct menu_operation *op = load(HEAD "mine = { together = ( \"water.mine\", \"power.mine\", \"water.late\" ); timeout_ms = 2500; rows = 12; }; };\n");

	(void)state;
	menu_diags_print(t.diags, stdout);
	assert_int_equal(menu_diags_count(t.diags), 0);
	assert_int_equal(op->n_members, 3);
	assert_ptr_equal(op->members[0], menu_operation_find(t.agencies, "water.mine"));
	assert_ptr_equal(op->members[1], menu_operation_find(t.agencies, "power.mine"));
	assert_int_equal(op->timeout_ms, 2500);
	assert_int_equal(op->retries, 0);
	assert_int_equal(op->as_of_s, 0);
	assert_true(op->safe);
	assert_int_equal(op->n_inputs, 2);
	assert_string_equal(op->inputs[0], "msisdn");
	assert_string_equal(op->inputs[1], "year");
	assert_int_equal(op->n_lists, 2);
	assert_string_equal(op->lists[0].name, "bills");
	assert_int_equal(op->lists[0].n_fields, 2);
	assert_int_equal(op->lists[0].rows_max, 12);
	assert_string_equal(op->lists[1].name, "arrears");
	assert_int_equal(op->n_fields, MENU_TOGETHER_FIELDS);
	assert_string_equal(op->fields[MENU_TOGETHER_SILENT_FA].name, "silent_fa");
	assert_int_equal(op->members[0]->lists[0].rows_max, 5); /* the member stays what it is */
	assert_true(menu_operation_has_outcome(op, "ok"));
	assert_true(menu_operation_has_outcome(op, "failed"));
	assert_false(menu_operation_has_outcome(op, "not_found"));
	assert_true(menu_operation_has_outcome(op->members[0], "not_found"));
}

#define MINE(text) HEAD "mine = {\n" text " }; };\n"
#define BOTH "together = ( \"water.mine\", \"power.mine\" );"

static const struct { const char *text, *rule; unsigned int line; } bads[] = {
	{ MINE("together = \"water.mine\";"), "type", 3 },
	{ MINE("together = ( \"water.mine\" );"), "bounds", 3 },
	{ MINE("together = ( \"a.a\", \"a.b\", \"a.c\", \"a.d\", \"a.e\", \"a.f\", \"a.g\", \"a.h\", \"a.i\" );"), "bounds", 3 },
	{ MINE("together = ( \"water.mine\", 5, \"power.mine\" );"), "type", 3 },
	{ MINE("together = ( \"water.mine\", \"power.mine\",\n\"water.mine\" );"), "together", 4 },
	{ MINE("together = ( \"water.mine\", \"gas.mine\" );"), "together", 2 },
	{ MINE("together = ( \"water.mine\", \"water.pay\" );"), "together", 2 },
	{ MINE("together = ( \"water.mine\", \"bills.mine\" );"), "together", 2 },
	{ MINE("together = ( \"water.mine\", \"power.less\" );"), "together", 2 },
	{ MINE("together = ( \"water.one\", \"water.other\" );"), "together", 2 },
	{ MINE("together = ( \"water.wide\", \"water.wide2\" );"), "bounds", 2 },
	{ MINE("together = ( \"water.mine\", \"power.mine\", \"water.late\" ); rows = 2;"), "bounds", 2 },
	{ MINE(BOTH " rows = 99;"), "bounds", 3 },
	{ MINE(BOTH "\npath = \"/x\";"), "together", 4 },
	{ MINE(BOTH "\nas_of_s = 60;"), "together", 4 },
	{ MINE(BOTH "\nretries = 1;"), "together", 4 },
	{ MINE(BOTH "\noutcomes = ( );"), "together", 4 },
	{ MINE(BOTH "\ncolour = 1;"), "unknown-key", 4 },
	{ MINE("path = \"/x\";\nrows = 5;"), "together", 4 },
	{ MINE("timeout_ms = 100;"), "missing", 2 },
	{ "title = { fa = \"a\"; en = \"a\"; };\nurl = \"gateway:\"; operations = { mine = { " BOTH " }; };\n", "gateway", 2 },
};

static void every_mistake_has_a_rule_and_a_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
		const struct menu_diag *diag;

		load(bads[i].text);
		diag = menu_diags_count(t.diags) ? menu_diags_at(t.diags, 0) : NULL;
		if (menu_diags_count(t.diags) != 1 || strcmp(diag->rule, bads[i].rule) != 0 || diag->line != bads[i].line) {
			menu_diags_print(t.diags, stdout);
			fail_msg("expected one %s at line %u of:\n%s", bads[i].rule, bads[i].line, bads[i].text);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_it_is_made_of, setup, teardown),
		cmocka_unit_test_setup_teardown(it_requires_what_its_members_require, setup, teardown),
		cmocka_unit_test_setup_teardown(every_mistake_has_a_rule_and_a_line, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
