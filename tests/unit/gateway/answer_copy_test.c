/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A copy of an answer has nothing in common with what it was copied from, and goes as one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <osmocom/core/talloc.h>

#include "gateway/answer_copy.h"

static void it_outlives_the_answer(void **state)
{
	char outcome[] = "ok", name[] = "bill.amount", value[] = "مبلغ", list[] = "bills", row_name[] = "id";
	struct menu_value values[] = { { .name = name, .value = value }, { .name = row_name, .value = name, .list = list, .row = 39 } };
	const struct menu_answer answer = { .outcome = outcome, .as_of_ms = 1234567890123, .n = 2, .values = values };
	void *ctx = talloc_named_const(NULL, 0, "test");
	struct menu_answer *copy = gw_answer_copy(ctx, &answer);

	(void)state;
	memset(outcome, 'x', 2);
	memset(value, 'x', 4);
	memset(list, 'x', 4);
	memset(row_name, 'x', 2);
	assert_string_equal(copy->outcome, "ok");
	assert_int_equal(copy->as_of_ms, 1234567890123);
	assert_int_equal(copy->n, 2);
	assert_string_equal(copy->values[0].name, "bill.amount");
	assert_string_equal(copy->values[0].value, "مبلغ");
	assert_null(copy->values[0].list);
	assert_string_equal(copy->values[1].name, "id");
	assert_string_equal(copy->values[1].value, "bill.amount");
	assert_string_equal(copy->values[1].list, "bills");
	assert_int_equal(copy->values[1].row, 39);
	talloc_free(copy);
	assert_int_equal(talloc_total_blocks(ctx), 1);
	talloc_free(ctx);
}

static void it_may_hold_nothing(void **state)
{
	const struct menu_answer answer = { .outcome = "failed" };
	struct menu_answer *copy = gw_answer_copy(NULL, &answer);

	(void)state;
	assert_string_equal(copy->outcome, "failed");
	assert_int_equal(copy->n, 0);
	talloc_free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(it_outlives_the_answer), cmocka_unit_test(it_may_hold_nothing) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
