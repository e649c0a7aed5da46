/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What agencies answer, and what a menu gets of it: one table of bodies, then the attacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "gateway/agency_answer.h"

static const struct menu_field fields[] = { { "a", "/a", false, false, false }, { "b.c", "/b/c", true, false, false } };
static const struct menu_field each[] = { { "id", "/id", true, false, false }, { "sum", "/sum", false, false, false } };
static const struct menu_list lists[] = { { .name = "rows", .pointer = "/rows", .rows_max = 30, .n_fields = 2, .fields = each } };
static const struct menu_status_rule rules[] = {
	{ 400, 409, "/error", "PAID", "paid" }, { 410, 410, NULL, NULL, "gone" }, { 200, 200, "/state", "empty", "nothing" },
};
static const struct menu_operation inquire = { .fields = fields, .n_fields = 2, .lists = lists, .n_lists = 1, .rules = rules, .n_rules = 3 };
static const struct menu_operation bare = { .name = "bare" };
static struct gw_agency_answer answer;

static void read_as(const struct menu_operation *op, unsigned int status, const char *type, const char *body)
{
	gw_agency_answer_read(&answer, op, status, type, body, strlen(body));
}

/* "name=value;rows[0].id=1;..." */
static const char *shown(void)
{
	static char text[32768];
	size_t used = 0;
	text[0] = '\0';
	for (size_t i = 0; i < answer.answer.n; i++) {
		const struct menu_value *v = &answer.answer.values[i];
		if (v->list)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s[%u].", v->list, v->row);
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s=%s;", v->name, v->value);
	}
	return text;
}

#define J "application/json"
#define OF(v) "{\"b\":{\"c\":" v "}}"

static const struct row {
	unsigned int status;
	const char *type, *body, *outcome, *shown;
	enum gw_agency_fault fault;
} rows[] = {
	{ 200, J, "{\"a\":\"x\",\"b\":{\"c\":5}}", "ok", "a=x;b.c=5;", 0 },
	{ 201, "Application/JSON ; charset=utf-8", OF("true"), "ok", "b.c=true;", 0 },
	{ 200, "application/vnd.agency+json", OF("false"), "ok", "b.c=false;", 0 },
	{ 200, J, OF("9223372036854775807"), "ok", "b.c=9223372036854775807;", 0 },
	{ 200, J, OF("-9223372036854775808"), "ok", "b.c=-9223372036854775808;", 0 },
	{ 200, J, OF("1500000.0"), "ok", "b.c=1500000;", 0 },
	{ 200, J, OF("1.5e6"), "ok", "b.c=1500000;", 0 },
	{ 200, J, OF("0.1"), "ok", "b.c=0.1;", 0 },
	{ 200, J, OF("-12.34"), "ok", "b.c=-12.34;", 0 },
	{ 200, J, OF("0.30000000000000004"), "ok", "b.c=0.30000000000000004;", 0 },
	{ 200, J, OF("\"\\u0642\\u0628\\u0636\""), "ok", "b.c=قبض;", 0 },
	{ 200, J, OF("\"a\\nb\\u001b[2J\""), "ok", "b.c=a b [2J;", 0 },
	{ 200, J, OF("\"\""), "ok", "b.c=;", 0 },
	{ 200, J, "{\"a\":null,\"b\":{\"c\":1}}", "ok", "b.c=1;", 0 },
	{ 200, J, "{\"a\":[1],\"b\":{\"c\":1}}", "ok", "b.c=1;", 0 },
	{ 200, J, "{\"b\":{\"c\":1},\"rows\":[{\"id\":1,\"sum\":2},{\"id\":3}]}", "ok", "b.c=1;rows[0].id=1;rows[0].sum=2;rows[1].id=3;", 0 },
	{ 200, J, "{\"b\":{\"c\":1},\"rows\":[]}", "ok", "b.c=1;", 0 },
	{ 200, J, "{\"b\":{\"c\":1},\"rows\":null}", "ok", "b.c=1;", 0 },
	{ 200, J, "{\"state\":\"empty\"}", "nothing", "", 0 },
	/* statuses that speak for themselves */
	{ 404, "text/html", "<h1>no</h1>", "not_found", "", 0 },
	{ 404, J, "{\"a\":\"why\"}", "not_found", "a=why;", 0 },
	{ 410, NULL, "", "gone", "", 0 },
	{ 409, J, "{\"error\":\"PAID\",\"a\":1}", "paid", "a=1;", 0 },
	/* failures */
	{ 409, J, "{\"error\":\"OTHER\"}", "failed", "", GW_AGENCY_FAULT_STATUS },
	{ 409, "text/plain", "{\"error\":\"PAID\"}", "failed", "", GW_AGENCY_FAULT_STATUS },
	{ 500, J, OF("1"), "failed", "", GW_AGENCY_FAULT_STATUS },
	{ 302, J, OF("1"), "failed", "", GW_AGENCY_FAULT_STATUS },
	{ 200, NULL, OF("1"), "failed", "", GW_AGENCY_FAULT_TYPE },
	{ 200, "text/html", OF("1"), "failed", "", GW_AGENCY_FAULT_TYPE },
	{ 200, "application/jsonp", OF("1"), "failed", "", GW_AGENCY_FAULT_TYPE },
	{ 200, "application/xml+xml", OF("1"), "failed", "", GW_AGENCY_FAULT_TYPE },
	{ 200, J, "", "failed", "", GW_AGENCY_FAULT_JSON },
	{ 200, J, "{\"b\":{\"c\":1}", "failed", "", GW_AGENCY_FAULT_JSON },
	{ 200, J, OF("1") "x", "failed", "", GW_AGENCY_FAULT_JSON },
	{ 200, J, OF("NaN"), "failed", "", GW_AGENCY_FAULT_JSON },
	{ 200, J, "{\"b\":{\"c\":1,}}", "failed", "", GW_AGENCY_FAULT_JSON },
	{ 200, J, OF("\"\xff\""), "failed", "", GW_AGENCY_FAULT_UTF8 },
	{ 200, J, OF("\"\xc0\x80\""), "failed", "", GW_AGENCY_FAULT_UTF8 },
	{ 200, J, OF("\"\xed\xa0\x80\""), "failed", "", GW_AGENCY_FAULT_UTF8 },
	{ 200, J, OF("\"\\u0000\""), "failed", "", GW_AGENCY_FAULT_NUL },
	{ 200, J, OF("9223372036854775808"), "failed", "", GW_AGENCY_FAULT_NUMBER },
	{ 200, J, OF("1e999"), "failed", "", GW_AGENCY_FAULT_NUMBER },
	{ 200, J, "{\"b\":{\"c\":1},\"a\":1,\"a\":2}", "failed", "", GW_AGENCY_FAULT_DUPLICATE },
	{ 200, J, "{\"b\":{\"c\":1,\"c\":1}}", "failed", "", GW_AGENCY_FAULT_DUPLICATE },
	{ 200, J, "{\"a\":1}", "failed", "", GW_AGENCY_FAULT_MISSING },
	{ 200, J, OF("null"), "failed", "", GW_AGENCY_FAULT_MISSING },
	{ 200, J, OF("{}"), "failed", "", GW_AGENCY_FAULT_MISSING },
	{ 200, J, "[]", "failed", "", GW_AGENCY_FAULT_MISSING },
	{ 200, J, "{\"b\":{\"c\":1},\"rows\":{}}", "failed", "", GW_AGENCY_FAULT_MISSING },
	{ 200, J, "{\"b\":{\"c\":1},\"rows\":[{\"sum\":1}]}", "failed", "", GW_AGENCY_FAULT_MISSING },
	{ 200, J, "{\"b\":{\"c\":1},\"rows\":[7]}", "failed", "", GW_AGENCY_FAULT_MISSING },
};

static void every_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		read_as(&inquire, rows[i].status, rows[i].type, rows[i].body);
		if (strcmp(answer.answer.outcome, rows[i].outcome) != 0 || answer.fault != rows[i].fault || strcmp(shown(), rows[i].shown) != 0)
			fail_msg("%u %s: %s, fault %d, %s", rows[i].status, rows[i].body, answer.answer.outcome, answer.fault, shown());
		assert_int_equal(answer.answer.as_of_ms, 0);
	}
}

static void what_takes_nothing_needs_nothing(void **state)
{
	(void)state;
	read_as(&bare, 204, NULL, "");
	assert_string_equal(answer.answer.outcome, "ok");
	read_as(&bare, 200, "text/html", "<p>thanks");
	assert_string_equal(answer.answer.outcome, "ok");
	read_as(&bare, 503, NULL, "");
	assert_string_equal(answer.answer.outcome, "failed");
}

static void nesting(void **state)
{
	char body[4096] = "{\"b\":{\"c\":1},\"a\":";
	size_t head = strlen(body), deepest = GW_AGENCY_DEPTH_MAX - 1;
	(void)state;
	memset(body + head, '[', deepest);
	memset(body + head + deepest, ']', deepest);
	strcpy(body + head + 2 * deepest, "}");
	read_as(&inquire, 200, J, body);
	assert_string_equal(answer.answer.outcome, "ok");
	memset(body + head, '[', deepest + 1);
	memset(body + head + deepest + 1, ']', deepest + 1);
	strcpy(body + head + 2 * deepest + 2, "}");
	read_as(&inquire, 200, J, body);
	assert_int_equal(answer.fault, GW_AGENCY_FAULT_DEPTH);
	memset(body, '[', sizeof(body) - 1);
	body[sizeof(body) - 1] = '\0';
	read_as(&inquire, 200, J, body);
	assert_int_equal(answer.fault, GW_AGENCY_FAULT_DEPTH);
	read_as(&inquire, 200, J, "{\"b\":{\"c\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[\"}}");
	assert_string_equal(answer.answer.outcome, "ok"); /* brackets in a text are a text */
}

static void long_texts_are_cut_at_a_character(void **state)
{
	char body[2048] = "{\"b\":{\"c\":\"x";
	(void)state;
	for (int i = 0; i < 300; i++)
		strcat(body, "ق");
	strcat(body, "\"}}");
	read_as(&inquire, 200, J, body);
	assert_string_equal(answer.answer.outcome, "ok");
	assert_int_equal(strlen(answer.answer.values[0].value), MENU_OPERATION_VALUE_OCTETS - 1);
}

static void what_is_long_keeps_its_lines(void **state)
{
	static const struct menu_field letter[] = {
		{ "one", "/one", false, true, false }, { "n", "/n", false, true, false }, { "two", "/two", false, true, false }, { "short", "/one", false, false, false },
	};
	static const struct menu_operation read = { .fields = letter, .n_fields = 4 };
	static char body[8192];
	(void)state;
	strcpy(body, "{\"n\":7,\"one\":\"a\\r\\n\\tb\",\"two\":\"x");
	for (int i = 0; i < 1500; i++)
		strcat(body, "ق");
	strcat(body, "\"}");
	read_as(&read, 200, J, body);
	assert_string_equal(answer.answer.outcome, "ok");
	assert_int_equal(answer.answer.n, 4);
	assert_string_equal(answer.answer.values[0].value, "a \n b");
	assert_string_equal(answer.answer.values[1].value, "7");
	assert_int_equal(strlen(answer.answer.values[2].value), MENU_OPERATION_LONG_OCTETS - 1);
	assert_string_equal(answer.answer.values[3].value, "a   b");
	read_as(&read, 200, J, body); /* as much room as the first time */
	assert_int_equal(strlen(answer.answer.values[2].value), MENU_OPERATION_LONG_OCTETS - 1);
}

static void a_document_needs_no_text(void **state)
{
	json_t *document = json_pack("{s:i,s:{s:s}}", "a", 1, "b", "c", "two");
	(void)state;
	gw_agency_answer_take(&answer, &inquire, 200, document);
	assert_string_equal(answer.answer.outcome, "ok");
	assert_string_equal(shown(), "a=1;b.c=two;");
	gw_agency_answer_take(&answer, &inquire, 200, NULL);
	assert_string_equal(answer.answer.outcome, "failed");
	gw_agency_answer_take(&answer, &inquire, 410, NULL);
	assert_string_equal(answer.answer.outcome, "gone");
	gw_agency_answer_take(&answer, &inquire, 503, document);
	assert_string_equal(answer.answer.outcome, "failed");
	json_decref(document);
}

static void rows_beyond_what_fits_are_left_out_whole(void **state)
{
	char body[4096] = "{\"b\":{\"c\":1},\"rows\":[";
	(void)state;
	for (int i = 0; i < 60; i++)
		sprintf(body + strlen(body), "%s{\"id\":%d,\"sum\":1}", i ? "," : "", i);
	strcat(body, "]}");
	read_as(&inquire, 200, J, body);
	assert_string_equal(answer.answer.outcome, "ok");
	assert_int_equal(answer.answer.n, 47); /* one field, 23 rows of two; half a row is none */
	assert_string_equal(answer.answer.values[46].name, "sum");
	assert_int_equal(answer.answer.values[46].row, 22);
}

static void pointers(void **state)
{
	static const struct menu_field f[] = {
		{ "v1", "/a~1b", false, false, false }, { "v2", "/m~0n", false, false, false }, { "v3", "/~01", false, false, false }, { "v4", "/list/1", false, false, false }, { "v5", "/list/01", false, false, false },
		{ "v6", "/list/-", false, false, false }, { "v7", "/", false, false, false }, { "v8", "/list/9", false, false, false }, { "v9", "/x/y/z", false, false, false }, { "v10", "/list/99999999999", false, false, false },
	};
	static const struct menu_operation op = { .fields = f, .n_fields = 10 };
	(void)state;
	read_as(&op, 200, J, "{\"a/b\":1,\"m~n\":2,\"~1\":3,\"list\":[0,4],\"\":7,\"x\":{\"y\":5}}");
	assert_string_equal(shown(), "v1=1;v2=2;v3=3;v4=4;v7=7;");
}

static void every_prefix_of_an_answer_fails(void **state)
{
	static const char whole[] = "{\"a\":\"\\u0642 ق\",\"b\":{\"c\":-1.5e3},\"rows\":[{\"id\":true}]}";
	(void)state;
	read_as(&inquire, 200, J, whole);
	assert_string_equal(answer.answer.outcome, "ok");
	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		gw_agency_answer_read(&answer, &inquire, 200, J, whole, n);
		assert_string_equal(answer.answer.outcome, "failed");
		assert_int_equal(answer.answer.n, 0);
	}
	gw_agency_answer_read(&answer, &inquire, 200, J, whole, sizeof(whole)); /* and with its NUL */
	assert_string_equal(answer.answer.outcome, "failed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_answer),
		cmocka_unit_test(what_takes_nothing_needs_nothing),
		cmocka_unit_test(nesting),
		cmocka_unit_test(long_texts_are_cut_at_a_character),
		cmocka_unit_test(what_is_long_keeps_its_lines),
		cmocka_unit_test(a_document_needs_no_text),
		cmocka_unit_test(rows_beyond_what_fits_are_left_out_whole),
		cmocka_unit_test(pointers),
		cmocka_unit_test(every_prefix_of_an_answer_fails),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
