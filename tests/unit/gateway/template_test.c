/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Templates: what is refused when they are written, what comes of them, and what is refused when they are filled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/template.h"
#include "menus/unicode.h"

static void *ctx;
static struct gw_mistakes mistakes;

static int begin(void **state)
{
	(void)state;
	ctx = talloc_named_const(NULL, 0, "test");
	menu_unicode_init();
	return 0;
}

static int end(void **state)
{
	size_t blocks = talloc_total_blocks(ctx);

	(void)state;
	talloc_free(ctx);
	return blocks != 1; /* nothing was left */
}

static struct gw_template *compile(json_t *text)
{
	struct gw_template *template;

	mistakes.n = 0;
	template = gw_template_compile(ctx, "bill", text, &mistakes);
	assert_int_equal(template != NULL, mistakes.n == 0);
	json_decref(text);
	return template;
}

static struct gw_notice *fill(const struct gw_template *template, const char *fields)
{
	struct gw_notice *notice = gw_notice_alloc(ctx);
	json_t *json = fields ? json_loads(fields, JSON_DECODE_ANY, NULL) : NULL;

	assert_int_equal(json != NULL, fields != NULL);
	mistakes.n = 0;
	if (!gw_template_fill(template, json, notice, &mistakes))
		TALLOC_FREE(notice);
	assert_int_equal(notice != NULL, mistakes.n == 0);
	json_decref(json);
	return notice;
}

static void a_bill(void **state)
{
	struct gw_template *template = compile(json_pack("{s:s, s:s}", "fa", "قبض {kind} شما: {amount|rial}\nمهلت: {due|date} {{", "en",
							 "Your bill: {amount|rial}, card {card|masked}"));
	struct gw_notice *notice = fill(template, "{\"kind\": \"برق\", \"amount\": 1250000, \"due\": \"2020-03-15\", \"card\": \"6037991234560095\"}");

	(void)state;
	assert_int_equal(template->n_fields, 4);
	assert_string_equal(template->fields[0], "kind");
	assert_string_equal(template->fields[3], "card");
	assert_string_equal(notice->text[0], "قبض برق شما: 1,250,000 ریال\nمهلت: 1398/12/25 {");
	assert_string_equal(notice->text[1], "Your bill: 1,250,000 rial, card xxxx0095");
	talloc_free(notice);
	talloc_free(template);
}

static void bad_ones_are_refused(void **state)
{
	static const struct { const char *text, *pointer; } bad[] = {
		{ "null", "/text" }, { "\"x\"", "/text" }, { "[]", "/text" }, { "{}", "/text" }, { "{\"de\": \"x\"}", "/text" },
		{ "{\"fa\": \"x\", \"de\": \"x\"}", "/text" }, { "{\"fa\": 1}", "/text/fa" }, { "{\"fa\": \"\"}", "/text/fa" },
		{ "{\"fa\": null, \"en\": \"x\"}", "/text/fa" }, { "{\"en\": \"a {b\"}", "/text/en" }, { "{\"en\": \"{\"}", "/text/en" },
		{ "{\"en\": \"{}\"}", "/text/en" }, { "{\"en\": \"{a|}\"}", "/text/en" }, { "{\"en\": \"{a|dollar}\"}", "/text/en" },
		{ "{\"en\": \"{a|rial|date}\"}", "/text/en" }, { "{\"en\": \"{A}\"}", "/text/en" }, { "{\"en\": \"{a.b}\"}", "/text/en" },
		{ "{\"en\": \"{ a }\"}", "/text/en" }, { "{\"en\": \"{1}\"}", "/text/en" }, { "{\"en\": \"{نام}\"}", "/text/en" }, { "{\"en\": \"a\\tb\"}", "/text/en" },
		{ "{\"en\": \"{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}\"}", "/text/en" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (compile(json_loads(bad[i].text, JSON_DECODE_ANY, NULL)))
			fail_msg("it is taken for good: %s", bad[i].text);
		assert_string_equal(mistakes.at[0].pointer, bad[i].pointer);
	}
	assert_null(compile(json_pack("{s:s, s:s}", "fa", "{a|x}", "en", "{")));
	assert_int_equal(mistakes.n, 2); /* all at once */
}

static void bounds(void **state)
{
	char text[4096] = "";
	struct gw_template *template;

	(void)state;
	for (int i = 0; i < GW_TEMPLATE_FIELDS_MAX; i++)
		sprintf(text + strlen(text), "{f%d}{f%d}", i, i);
	template = compile(json_pack("{s:s}", "en", text));
	assert_int_equal(template->n_fields, GW_TEMPLATE_FIELDS_MAX);
	talloc_free(template);
	strcat(text, "{more}");
	assert_null(compile(json_pack("{s:s}", "en", text)));
	memset(text, 'x', GW_NOTICE_TEXT_OCTETS);
	text[GW_NOTICE_TEXT_OCTETS] = '\0';
	template = compile(json_pack("{s:s}", "en", text));
	talloc_free(fill(template, NULL));
	talloc_free(fill(template, "{}"));
	talloc_free(template);
	strcat(text, "x");
	assert_null(compile(json_pack("{s:s}", "en", text)));
}

static void bad_fields_are_told(void **state)
{
	static const struct { const char *fields, *pointers; } bad[] = {
		{ NULL, "/fields/a /fields/b" }, { "{}", "/fields/a /fields/b" }, { "[]", "/fields /fields/a /fields/b" }, { "7", "/fields /fields/a /fields/b" },
		{ "{\"a\": 1}", "/fields/b" }, { "{\"a\": 1, \"b\": \"x\", \"c\": 1}", "/fields/c" }, { "{\"a\": 1, \"b\": \"x\", \"A/~\": 1}", "/fields/A~1~0" },
		{ "{\"a\": null, \"b\": true}", "/fields/a /fields/b" }, { "{\"a\": 1.5, \"b\": []}", "/fields/a /fields/b" },
		{ "{\"a\": {}, \"b\": \"\"}", "/fields/a /fields/b" }, { "{\"a\": \"1\\n2\", \"b\": \"\\u0001\"}", "/fields/a /fields/b" },
	};
	struct gw_template *template = compile(json_pack("{s:s}", "fa", "{a|rial} {b}"));

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char pointers[512] = "";

		assert_null(fill(template, bad[i].fields));
		for (size_t k = 0; k < mistakes.n; k++)
			sprintf(pointers + strlen(pointers), "%s%s", k ? " " : "", mistakes.at[k].pointer);
		assert_string_equal(pointers, bad[i].pointers);
	}
	talloc_free(template);
}

static void what_becomes_too_long(void **state)
{
	char text[2048] = "", fields[1024];
	struct gw_template *template;

	(void)state;
	for (int i = 0; i < 5; i++)
		strcat(text, "{a}");
	template = compile(json_pack("{s:s}", "en", text));
	snprintf(fields, sizeof(fields), "{\"a\": \"%0400d\"}", 0);
	talloc_free(fill(template, fields));
	snprintf(fields, sizeof(fields), "{\"a\": \"%0500d\"}", 0);
	assert_null(fill(template, fields));
	assert_string_equal(mistakes.at[0].pointer, "/fields");
	snprintf(fields, sizeof(fields), "{\"a\": \"%0501d\"}", 0);
	assert_null(fill(template, fields));
	assert_string_equal(mistakes.at[0].pointer, "/fields/a");
	talloc_free(template);
}

/* What a value says is text, whatever it looks like. */
static void values_are_not_looked_into(void **state)
{
	struct gw_template *template = compile(json_pack("{s:s}", "en", "{a} {b}"));
	struct gw_notice *notice = fill(template, "{\"a\": \"{b}\", \"b\": \"{{%s}\"}");

	(void)state;
	assert_string_equal(notice->text[1], "{b} {{%s}");
	talloc_free(notice);
	talloc_free(template);
}

static void kept_and_read_again(void **state)
{
	struct gw_template *template = compile(json_pack("{s:s}", "fa", "سلام {a}")), *again;
	size_t octets;
	char *text;
	json_t *shown;

	(void)state;
	template->changed_ms = 1584262800000;
	text = gw_template_encode(template, &octets);
	again = gw_template_decode(ctx, "bill", text, octets);
	assert_int_equal(again->changed_ms, template->changed_ms);
	assert_true(json_equal(again->text, template->text));
	shown = gw_template_show(again);
	assert_string_equal(json_string_value(json_object_get(shown, "changed_at")), "2020-03-15T09:00:00.000Z");
	json_decref(shown);
	for (size_t n = 0; n < octets; n++)
		assert_null(gw_template_decode(ctx, "bill", text, n));
	free(text);
	talloc_free(template);
	talloc_free(again);
}

static void names(void **state)
{
	static const char *const bad[] = { "", "A", "1", "_a", "a b", "a/b", "a.b", "a{p00}", "نام", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };

	(void)state;
	assert_true(gw_template_name_is_good("a") && gw_template_name_is_good("bill-2_x") &&
		    gw_template_name_is_good("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(gw_template_name_is_good(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bill), cmocka_unit_test(bad_ones_are_refused), cmocka_unit_test(bounds), cmocka_unit_test(bad_fields_are_told),
		cmocka_unit_test(what_becomes_too_long), cmocka_unit_test(values_are_not_looked_into), cmocka_unit_test(kept_and_read_again),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
