/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Fields of requests that come by another door: checked by the sample menu's keywords as those of an SMS are; plain ones where there is no
 * keyword; and whatever else may stand in a body. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <talloc.h>

#include "gateway/request_fields.h"
#include "menus/set.h"
#include "menus/unicode.h"

static void *ctx;
static const struct menu_set *set;
static struct gw_request_fields fields;
static struct gw_mistakes mistakes;

static int begin(void **state)
{
	static const char *const paths[] = { "menus/sample" };
	struct menu_diags *diags;

	(void)state;
	menu_unicode_init();
	ctx = talloc_named_const(NULL, 0, "test");
	diags = menu_diags_alloc(ctx);
	set = menu_set_load(ctx, paths, 1, diags);
	assert_non_null(set);
	return 0;
}

static int end(void **state)
{
	(void)state;
	talloc_free(ctx);
	return 0;
}

static const struct menu_keyword *keyword(const char *service)
{
	const struct menu_keywords *all = menu_set_keywords(set);

	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->at[i].agency, "bills") == 0 && strcmp(all->at[i].service, service) == 0)
			return &all->at[i];
	fail_msg("the sample has no %s", service);
	return NULL;
}

/* True: it is taken. The body lives until the next one. */
static bool read_body(const char *text, const struct menu_keyword *by)
{
	static json_t *body;

	json_decref(body);
	body = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
	assert_int_equal(body != NULL, text != NULL);
	return gw_request_fields_read(body, by, &fields, &mistakes);
}

static void assert_mistake(const char *pointer)
{
	assert_int_equal(mistakes.n, 1);
	assert_string_equal(mistakes.at[0].pointer, pointer);
	assert_true(mistakes.at[0].detail[0]);
}

#define HEAD "{\"agency\":\"bills\",\"service\":\"bill\","

static void test_by_keyword(void **state)
{
	(void)state;
	assert_true(read_body(HEAD "\"fields\":{\"bill_id\":\"۷۷۴۸۳۱۷۸۰۰۱۴۲\"}}", keyword("bill")));
	assert_int_equal(fields.n, 1);
	assert_string_equal(fields.at[0].name, "bill_id");
	assert_string_equal(fields.at[0].value, "7748317800142"); /* the normal form of the check */
	assert_false(read_body(HEAD "\"fields\":{}}", keyword("bill")));
	assert_mistake("/fields/bill_id");
	assert_false(read_body(HEAD "\"fields\":{\"bill_id\":7748317800142}}", keyword("bill")));
	assert_mistake("/fields/bill_id");
	assert_false(read_body(HEAD "\"fields\":{\"bill_id\":\"7748317800143\"}}", keyword("bill")));
	assert_mistake("/fields/bill_id");
	assert_false(read_body(HEAD "\"fields\":{\"bill_id\":\"7748317800142\",\"a/b\":\"\"}}", keyword("bill")));
	assert_mistake("/fields/a~1b");
	assert_false(read_body("{\"agency\":\"bills\",\"service\":\"bill\"}", keyword("bill")));
}

/* A payment ID is checked with the bill ID before it, a reading within the menu's bounds, whatever the order in the body. */
static void test_fields_together(void **state)
{
	(void)state;
	assert_true(read_body(HEAD "\"fields\":{\"payment_id\":\"1770160\",\"bill_id\":\"7748317800142\"}}", keyword("bill.paid")));
	assert_string_equal(fields.at[1].name, "payment_id");
	assert_false(read_body(HEAD "\"fields\":{\"payment_id\":\"1770161\",\"bill_id\":\"7748317800142\"}}", keyword("bill.paid")));
	assert_mistake("/fields/payment_id");
	assert_false(read_body(HEAD "\"fields\":{\"bill_id\":\"7748317800142\",\"reading\":\"123456789\"}}", keyword("meter")));
	assert_mistake("/fields/reading");
	assert_false(read_body(HEAD "\"fields\":{}}", keyword("meter")));
	assert_int_equal(mistakes.n, 2); /* all at once */
}

#define PLAIN HEAD "\"title\":{\"fa\":\"شکایت\",\"en\":\"Complaint\"},"

static void test_plain(void **state)
{
	char text[4096], long_one[600];

	(void)state;
	assert_true(read_body(PLAIN "\"fields\":{\"words\":\"one\\ntwo\",\"file\":\"77\"},\"sms\":true}", NULL));
	assert_int_equal(fields.n, 2);
	assert_false(read_body(HEAD "\"fields\":{\"words\":\"one\"}}", NULL));
	assert_mistake("/title");
	assert_false(read_body(HEAD "\"title\":{\"fa\":\"x\",\"en\":\"a\\u0007b\"}}", NULL));
	assert_mistake("/title");
	assert_false(read_body(PLAIN "\"fields\":{\"words\":\"\"}}", NULL));
	assert_mistake("/fields/words");
	assert_false(read_body(PLAIN "\"fields\":{\"words\":\"a\\u001bb\"}}", NULL));
	assert_mistake("/fields/words");
	assert_false(read_body(PLAIN "\"fields\":{\"Words\":\"a\"}}", NULL));
	assert_mistake("/fields/Words");
	memset(long_one, 'x', sizeof(long_one) - 1);
	long_one[sizeof(long_one) - 1] = '\0';
	snprintf(text, sizeof(text), PLAIN "\"fields\":{\"words\":\"%s\"}}", long_one);
	assert_false(read_body(text, NULL));
	assert_mistake("/fields/words");
	strcpy(text, PLAIN "\"fields\":{");
	for (int i = 0; i < 40; i++)
		sprintf(text + strlen(text), "%s\"f%d\":\"v\"", i ? "," : "", i);
	strcat(text, "}}");
	assert_false(read_body(text, NULL));
	assert_mistake("/fields");
	assert_int_equal(fields.n, GW_REQUEST_FIELDS_MAX);
}

static void test_bodies_that_are_none(void **state)
{
	static const char *const bodies[] = {
		"[]", "7", "\"x\"", "{}", "{\"agency\":1,\"service\":\"a\"}", "{\"agency\":\"\",\"service\":\"a\"}", "{\"agency\":\"a\",\"service\":\"\"}",
		"{\"agency\":\"a\",\"service\":\"A\"}", "{\"agency\":\"a/b\",\"service\":\"a\"}", "{\"agency\":\"a\",\"service\":\"a\",\"fields\":[]}",
		"{\"agency\":\"a\",\"service\":\"a\",\"sms\":1}", "{\"agency\":\"a\",\"service\":\"a\",\"msisdn\":\"989120000001\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		for (int by = 0; by < 2; by++) {
			assert_false(read_body(bodies[i], by ? keyword("bill") : NULL));
			assert_true(mistakes.n > 0);
		}
	assert_false(read_body(NULL, NULL));
	assert_mistake("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_keyword),
		cmocka_unit_test(test_fields_together),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_bodies_that_are_none) /* the last leaves no body */,
	};

	return cmocka_run_group_tests(tests, begin, end);
}
