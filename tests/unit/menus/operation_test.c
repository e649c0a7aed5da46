/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* agencies/NAME.cfg: what a good one becomes, and every rule that a bad one breaks, with its line. */
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

#include "menus/operation.h"

#define OWN "title = { fa = \"درگاه\"; en = \"Gateway\"; };\nurl = \"gateway:\";\n"
#define HEAD "title = { fa = \"قبض\"; en = \"Bills\"; };\nurl = \"http://127.0.0.1:8080/\";\n"

struct story {
	void *ctx;
	char folder[64];
	struct menu_diags *diags;
	struct menu_agencies *agencies;
};

static int setup(void **state)
{
	struct story *s = calloc(1, sizeof(*s));
	strcpy(s->folder, "/tmp/operation-test-XXXXXX");
	assert_non_null(mkdtemp(s->folder));
	s->ctx = talloc_named_const(NULL, 0, "test");
	s->diags = menu_diags_alloc(s->ctx);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct story *s = *state;
	char command[128];
	snprintf(command, sizeof(command), "rm -r '%s'", s->folder);
	assert_int_equal(system(command), 0);
	talloc_free(s->ctx);
	free(s);
	return 0;
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static const struct menu_agency *load_named(struct story *s, const char *name, const char *text)
{
	char path[128];
	const char *paths[] = { path };
	snprintf(path, sizeof(path), "%s/%s", s->folder, name);
	write_file(path, text);
	s->agencies = menu_agencies_load(s->ctx, paths, 1, s->diags);
	assert_non_null(s->agencies);
	return menu_agencies_at(s->agencies, 0);
}

static const char good[] = HEAD
	"auth = { kind = \"header\"; header = \"X-Api-Key\"; secret_file = \"bills.secret\"; };\n"
	"ca_file = \"/etc/agency/ca.pem\"; concurrency = 8; queue = 99; breaker = { failures = 3; open_ms = 2000; };\n"
	"answer_octets = 4096;\n"
	"operations = {\n"
	"  inquire = { path = \"/v1/bills/{bill_id}?of={msisdn}&again={bill_id}\"; timeout_ms = 1500; retries = 2; as_of_s = 60;\n"
	"    answer = { id = \"/id\"; bill = { amount = \"/amount\"; kind = \"/a~1b/~0/0\"; }; }; required = ( \"bill.amount\" );\n"
	"    lists = { parts = { at = \"/parts\"; rows = 4; each = { sum = \"/sum\"; name = \"\"; }; required = ( \"sum\" ); }; };\n"
	"    outcomes = ( { status = [ 400, 410 ]; at = \"/error\"; equals = \"PAID\"; outcome = \"paid\"; }, { status = 410; outcome = \"gone\"; } ); };\n"
	"  pay = { method = \"POST\"; path = \"/v1/payments\"; body = \"{\\\"bill\\\":\\\"{bill.id}\\\",\\\"sum\\\":{sum}}\"; };\n"
	"};\n";

static void a_good_file(void **state)
{
	struct story *s = *state;
	const struct menu_agency *a = load_named(s, "bills.cfg", good);
	const struct menu_operation *op = menu_operation_find(s->agencies, "bills.inquire");
	char beside[128];

	menu_diags_print(s->diags, stdout);
	assert_int_equal(menu_diags_count(s->diags), 0);
	assert_int_equal(menu_agencies_count(s->agencies), 1);
	assert_null(menu_agencies_at(s->agencies, 1));
	assert_string_equal(a->name, "bills");
	assert_string_equal(a->title_fa, "قبض");
	assert_string_equal(a->base_url, "http://127.0.0.1:8080");
	assert_int_equal(a->auth, MENU_AUTH_HEADER);
	assert_string_equal(a->auth_header, "X-Api-Key");
	snprintf(beside, sizeof(beside), "%s/bills.secret", s->folder);
	assert_string_equal(a->auth_secret_file, beside);
	assert_string_equal(a->ca_file, "/etc/agency/ca.pem");
	assert_int_equal(a->concurrency, 8);
	assert_int_equal(a->queue, 99);
	assert_int_equal(a->breaker_failures, 3);
	assert_int_equal(a->breaker_open_ms, 2000);
	assert_int_equal(a->answer_octets_max, 4096);
	assert_non_null(op);
	assert_ptr_equal(op->agency, a);
	assert_string_equal(op->method, "GET");
	assert_true(op->safe);
	assert_int_equal(op->timeout_ms, 1500);
	assert_int_equal(op->retries, 2);
	assert_int_equal(op->as_of_s, 60);
	assert_int_equal(op->n_inputs, 2);
	assert_string_equal(op->inputs[0], "bill_id");
	assert_string_equal(op->inputs[1], "msisdn");
	assert_int_equal(op->n_fields, 3);
	assert_string_equal(op->fields[0].name, "id");
	assert_false(op->fields[0].required);
	assert_string_equal(op->fields[1].name, "bill.amount");
	assert_true(op->fields[1].required);
	assert_string_equal(op->fields[2].pointer, "/a~1b/~0/0");
	assert_int_equal(op->n_lists, 1);
	assert_string_equal(op->lists[0].name, "parts");
	assert_int_equal(op->lists[0].rows_max, 4);
	assert_int_equal(op->lists[0].n_fields, 2);
	assert_true(op->lists[0].fields[0].required);
	assert_int_equal(op->n_rules, 2);
	assert_int_equal(op->rules[0].status_to, 410);
	assert_string_equal(op->rules[0].equals, "PAID");
	assert_null(op->rules[1].pointer);
	assert_true(menu_operation_has_outcome(op, "paid"));
	assert_true(menu_operation_has_outcome(op, "late"));
	assert_false(menu_operation_has_outcome(op, "lost"));
	op = menu_operation_find(s->agencies, "bills.pay");
	assert_non_null(op);
	assert_false(op->safe);
	assert_int_equal(op->retries, 0);
	assert_string_equal(op->inputs[0], "bill.id");
	assert_string_equal(op->inputs[1], "sum");
	assert_null(menu_operation_find(s->agencies, "bills.none"));
}

#define IN(text) HEAD "operations = { a = { path = \"/a\";\n" text " }; };\n"

static const struct bad { const char *text, *rule; unsigned int line; } bads[] = {
	{ HEAD "operations = { };\ncolour = 1;\n", "unknown-key", 4 },
	{ "title = { fa = \"a\"; };\nurl = \"http://h\"; operations = { };", "missing", 1 },
	{ "title = { fa = \"a\"; en = \"a\"; };\noperations = { };", "missing", 0 },
	{ HEAD "operations = ( );\n", "type", 3 },
	{ "title = 5;\nurl = \"http://h\"; operations = { };", "type", 1 },
	{ "title = { fa = \"a\"; en = \"a\"; };\nurl = \"ftp://h\"; operations = { };", "url", 2 },
	{ "title = { fa = \"a\"; en = \"a\"; };\nurl = \"http://me@h\"; operations = { };", "url", 2 },
	{ "title = { fa = \"a\"; en = \"a\"; };\nurl = \"https://\"; operations = { };", "url", 2 },
	{ HEAD "concurrency = 0; operations = { };\n", "bounds", 3 },
	{ HEAD "concurrency = \"8\"; operations = { };\n", "type", 3 },
	{ HEAD "auth = { kind = \"magic\"; secret_file = \"x\"; }; operations = { };\n", "auth", 3 },
	{ HEAD "auth = { kind = \"header\"; secret_file = \"x\"; }; operations = { };\n", "auth", 3 },
	{ HEAD "auth = { kind = \"header\"; header = \"A: b\"; secret_file = \"x\"; }; operations = { };\n", "auth", 3 },
	{ HEAD "auth = { kind = \"bearer\"; header = \"A\"; secret_file = \"x\"; }; operations = { };\n", "auth", 3 },
	{ HEAD "auth = { kind = \"bearer\"; }; operations = { };\n", "missing", 3 },
	{ HEAD "breaker = { open_ms = 1; }; operations = { };\n", "bounds", 3 },
	{ HEAD "operations = { Bad = { path = \"/\"; }; };\n", "name", 3 },
	{ HEAD "operations = { a = { }; };\n", "missing", 3 },
	{ HEAD "operations = { a = { path = \"v1\"; }; };\n", "path", 3 },
	{ HEAD "operations = { a = { path = \"/v1/{Bill}\"; }; };\n", "path", 3 },
	{ HEAD "operations = { a = { path = \"/v1/a b\"; }; };\n", "path", 3 },
	{ HEAD "operations = { a = { path = \"/v1/#x\"; }; };\n", "path", 3 },
	{ HEAD "operations = { a = { path = \"/v1/ق\"; }; };\n", "path", 3 },
	{ IN("method = \"PATCH\";"), "method", 3 },
	{ IN("body = \"{}\";"), "method", 3 },
	{ IN("method = \"POST\"; body = \"{\\\"a\\\":}\";"), "body", 4 },
	{ IN("method = \"POST\"; body = \"{\\\"a\\\":\\\"{x}}\";"), "body", 4 },
	{ IN("method = \"POST\"; body = \"[{x}, {\\\"a\\\":1,\\\"a\\\":2}]\";"), "body", 4 },
	{ IN("method = \"POST\"; as_of_s = 5;"), "as-of", 3 },
	{ IN("timeout_ms = 1;"), "bounds", 4 },
	{ IN("safe = 1;"), "type", 4 },
	{ IN("answer = { x = \"x\"; };"), "pointer", 4 },
	{ IN("answer = { x = \"/x~2\"; };"), "pointer", 4 },
	{ IN("answer = { x = \"/x~\"; };"), "pointer", 4 },
	{ IN("answer = { X = \"/x\"; };"), "name", 4 },
	{ IN("answer = { x = { y = { z = \"/x\"; }; }; };"), "type", 4 },
	{ IN("answer = { x = \"/x\"; };\nrequired = ( \"y\" );"), "unknown-field", 5 },
	{ IN("lists = { l = { at = \"/x\"; }; };"), "missing", 4 },
	{ IN("lists = { l = { at = \"/x\"; rows = 99; each = { a = \"\"; }; }; };"), "bounds", 4 },
	{ IN("lists = { l = { at = \"/x\"; each = { a = \"\"; }; required = ( \"b\" ); }; };"), "unknown-field", 4 },
	{ IN("outcomes = ( { status = 99; outcome = \"x\"; } );"), "bounds", 4 },
	{ IN("outcomes = ( { status = [ 300, 200 ]; outcome = \"x\"; } );"), "bounds", 4 },
	{ IN("outcomes = ( { status = \"x\"; outcome = \"x\"; } );"), "type", 4 },
	{ IN("outcomes = ( { status = 300; } );"), "missing", 4 },
	{ IN("outcomes = ( { status = 300; outcome = \"late\"; } );"), "outcome", 4 },
	{ IN("outcomes = ( { status = 300; outcome = \"x\"; at = \"/a\"; } );"), "missing", 4 },
	{ IN("answer = { x = \"/x\"; };\nlong = ( \"y\" );"), "unknown-field", 5 },
	{ IN("answer = { x = \"/x\"; };\nlong = \"x\";"), "type", 5 },
	{ IN("answer = { x = \"/x\"; y = \"/y\"; z = \"/z\"; };\nlong = ( \"x\", \"y\", \"z\" );"), "bounds", 5 },
	{ OWN "auth = { kind = \"bearer\"; secret_file = \"x\"; }; operations = { };\n", "gateway", 3 },
	{ OWN "operations = { };\nca_file = \"x\";\n", "gateway", 4 },
	{ OWN "concurrency = 8; operations = { };\n", "gateway", 3 },
	{ OWN "queue = 8; operations = { };\n", "gateway", 3 },
	{ OWN "breaker = { failures = 3; }; operations = { };\n", "gateway", 3 },
	{ OWN "answer_octets = 300; operations = { };\n", "gateway", 3 },
	{ OWN "operations = { a = { path = \"/a\"; as_of_s = 60; }; };\n", "gateway", 3 },
	{ "title = { fa = \"a\"; en = \"a\"; };\nurl = \"gateway:/inbox\"; operations = { };", "url", 2 },
	{ "title = { fa = \"a\"; en = \"a\"; };\nurl = \"Gateway:\"; operations = { };", "url", 2 },
	{ "title = ;", "syntax", 1 },
};

static void every_mistake_has_a_rule_and_a_line(void **state)
{
	struct story *s = *state;
	for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
		const struct menu_diag *diag;
		s->diags = menu_diags_alloc(s->ctx);
		load_named(s, "bills.cfg", bads[i].text);
		diag = menu_diags_count(s->diags) ? menu_diags_at(s->diags, 0) : NULL;
		if (menu_diags_count(s->diags) != 1 || strcmp(diag->rule, bads[i].rule) != 0 || (bads[i].line && diag->line != bads[i].line)) {
			menu_diags_print(s->diags, stdout);
			fail_msg("expected one %s at line %u of:\n%s", bads[i].rule, bads[i].line, bads[i].text);
		}
	}
}

static void all_mistakes_at_once(void **state)
{
	struct story *s = *state;
	load_named(s, "bills.cfg", HEAD "x = 1;\nqueue = -1;\noperations = { a = { path = \"a\";\nretries = 99; }; B = { path = \"/\"; }; };\n");
	assert_int_equal(menu_diags_count(s->diags), 5);
	assert_int_equal(menu_diags_at(s->diags, 0)->line, 3);
	assert_int_equal(menu_diags_at(s->diags, 4)->line, 6);
}

static void names_of_files(void **state)
{
	struct story *s = *state;
	char one[128], two[128];
	const char *paths[] = { one, two, "/nonexistent/three.cfg" };
	snprintf(one, sizeof(one), "%s/one.cfg", s->folder);
	snprintf(two, sizeof(two), "%s/../%s/one.cfg", s->folder, strrchr(s->folder, '/') + 1);
	write_file(one, HEAD "operations = { };\n");
	s->agencies = menu_agencies_load(s->ctx, paths, 3, s->diags);
	assert_int_equal(menu_agencies_count(s->agencies), 1);
	assert_int_equal(menu_diags_count(s->diags), 2); /* the same name twice, and a file that is not there */
	s->diags = menu_diags_alloc(s->ctx);
	load_named(s, "Bad Name.cfg", HEAD "operations = { };\n");
	assert_int_equal(menu_diags_count(s->diags), 1);
	assert_string_equal(menu_diags_at(s->diags, 0)->rule, "name");
}

/* The url may stand behind the operations that are judged by it. */
static void the_gateway_itself(void **state)
{
	struct story *s = *state;
	const struct menu_agency *a = load_named(s, "gateway.cfg",
		"operations = { read = { path = \"/inbox/{id}\"; answer = { text = \"/text\"; title = \"/title\"; }; long = ( \"text\" ); }; };\n"
		"url = \"gateway:\";\ntitle = { fa = \"درگاه\"; en = \"Gateway\"; };\n");
	const struct menu_operation *op = menu_operation_find(s->agencies, "gateway.read");

	menu_diags_print(s->diags, stdout);
	assert_int_equal(menu_diags_count(s->diags), 0);
	assert_true(a->own);
	assert_string_equal(a->base_url, "gateway:");
	assert_true(op->fields[0].is_long);
	assert_false(op->fields[1].is_long);
	assert_false(load_named(s, "bills.cfg", good)->own);
}

static void variables(void **state)
{
	(void)state;
	assert_int_equal(menu_operation_variable("{bill_id}/x"), 9);
	assert_int_equal(menu_operation_variable("{bill.id2}"), 10);
	assert_int_equal(menu_operation_variable("{\"a\":1}"), 0);
	assert_int_equal(menu_operation_variable("{}"), 0);
	assert_int_equal(menu_operation_variable("{bill"), 0);
	assert_int_equal(menu_operation_variable("{A}"), 0);
	assert_int_equal(menu_operation_variable(""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_good_file, setup, teardown),
		cmocka_unit_test_setup_teardown(every_mistake_has_a_rule_and_a_line, setup, teardown),
		cmocka_unit_test_setup_teardown(all_mistakes_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(names_of_files, setup, teardown),
		cmocka_unit_test_setup_teardown(the_gateway_itself, setup, teardown),
		cmocka_unit_test(variables),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
