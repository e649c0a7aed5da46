/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Several answers as one: order, fair shares, what is left out, who is silent; and answers that should not be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "gateway/together.h"

static const struct menu_agency agencies[] = {
	{ .name = "water", .title_fa = "آب", .title_en = "Water" },
	{ .name = "power", .title_fa = "برق", .title_en = "Power" },
	{ .name = "gas", .title_fa = "گاز", .title_en = "Gas" },
};
static const struct menu_operation members[] = { { .agency = &agencies[0] }, { .agency = &agencies[1] }, { .agency = &agencies[2] } };
static const struct menu_operation *const all[] = { &members[0], &members[1], &members[2] };
static const struct menu_field columns[] = { { .name = "id" }, { .name = "amount" } };
static const struct menu_list bills = { .name = "bills", .rows_max = 9, .n_fields = 2, .fields = columns };
static const struct menu_operation op = { .n_members = 3, .members = all, .n_lists = 1, .lists = &bills };

static struct gw_together t;
static char shown[4096];

/* So many rows of this member: "w0", "w1" ... with no amount, so that rows of one value are met, too. */
struct made { struct menu_answer answer; struct menu_value values[MENU_OPERATION_ROWS_MAX]; char texts[MENU_OPERATION_ROWS_MAX][16]; };

static const struct menu_answer *rows(struct made *made, const char *letter, unsigned int n, const char *outcome)
{
	for (unsigned int i = 0; i < n; i++) {
		snprintf(made->texts[i], sizeof(made->texts[i]), "%s%u", letter, i);
		made->values[i] = (struct menu_value){ "id", made->texts[i], "bills", (uint16_t)i };
	}
	made->answer = (struct menu_answer){ .outcome = outcome, .n = n, .values = made->values };
	return &made->answer;
}

/* "0:w0 1:w1 ... answered=3 silent=0 silent_fa= silent_en= more=0" */
static const char *merged(const struct menu_operation *operation, const struct menu_answer *a, const struct menu_answer *b, const struct menu_answer *c)
{
	const struct menu_answer *const answers[] = { a, b, c };
	size_t used = 0;

	gw_together_merge(&t, operation, answers);
	shown[0] = '\0';
	for (size_t i = 0; i < t.answer.n; i++) {
		const struct menu_value *v = &t.answer.values[i];
		used += (size_t)(v->list ? snprintf(shown + used, sizeof(shown) - used, "%u:%s ", v->row, v->value)
		                         : snprintf(shown + used, sizeof(shown) - used, "%s=%s ", v->name, v->value));
		assert_true(used < sizeof(shown));
	}
	return shown;
}

static void in_the_members_order(void **state)
{
	struct made a, b, c;

	(void)state;
	assert_string_equal(merged(&op, rows(&a, "w", 2, "ok"), rows(&b, "p", 1, "ok"), rows(&c, "g", 1, "ok")),
	                    "0:w0 1:w1 2:p0 3:g0 answered=3 silent=0 silent_fa= silent_en= more=0 ");
	assert_string_equal(t.answer.outcome, "ok");
	assert_int_equal(t.answer.as_of_ms, 0);
}

static void nobody_takes_anothers_place(void **state)
{
	struct made a, b, c;

	(void)state;
	assert_string_equal(merged(&op, rows(&a, "w", 30, "ok"), rows(&b, "p", 1, "ok"), rows(&c, "g", 3, "ok")),
	                    "0:w0 1:w1 2:w2 3:w3 4:w4 5:p0 6:g0 7:g1 8:g2 answered=3 silent=0 silent_fa= silent_en= more=25 ");
}

static void who_is_silent(void **state)
{
	struct made a, b, c;

	(void)state;
	assert_string_equal(merged(&op, rows(&a, "w", 1, "ok"), NULL, rows(&c, "g", 0, "failed")),
	                    "0:w0 answered=1 silent=2 silent_fa=برق، گاز silent_en=Power, Gas more=0 ");
	assert_string_equal(merged(&op, NULL, rows(&b, "p", 0, "not_found"), NULL),
	                    "answered=1 silent=2 silent_fa=آب، گاز silent_en=Water, Gas more=0 ");
	assert_string_equal(t.answer.outcome, "ok"); /* it is known that there is nothing of it */
	assert_string_equal(merged(&op, rows(&a, "w", 2, "often"), NULL, NULL), /* what came with another outcome is no list */
	                    "answered=0 silent=3 silent_fa=آب، برق، گاز silent_en=Water, Power, Gas more=0 ");
	assert_string_equal(t.answer.outcome, "failed");
}

static void as_old_as_the_oldest(void **state)
{
	struct made a, b, c;

	(void)state;
	rows(&a, "w", 1, "ok");
	rows(&b, "p", 1, "ok");
	rows(&c, "g", 1, "failed");
	a.answer.as_of_ms = 5000;
	b.answer.as_of_ms = 3000;
	c.answer.as_of_ms = 1000;
	merged(&op, &a.answer, &b.answer, &c.answer);
	assert_int_equal(t.answer.as_of_ms, 3000);
}

static void room_is_shared_by_lists(void **state)
{
	static const struct menu_field many[21] = { { .name = "id" } };
	const struct menu_list lists[] = { { .name = "bills", .rows_max = 40, .n_fields = 21, .fields = many },
	                                   { .name = "others", .rows_max = 40, .n_fields = 1, .fields = columns } };
	const struct menu_operation two = { .n_members = 3, .members = all, .n_lists = 2, .lists = lists };
	struct made a, b;

	(void)state;
	rows(&a, "w", 40, "ok");
	rows(&b, "p", 40, "ok");
	for (size_t i = 0; i < 40; i++)
		b.values[i].list = "others";
	merged(&two, &a.answer, &b.answer, NULL); /* 43 values: one row of 21, of which one came; then 42 of width 1 */
	assert_int_equal(t.answer.n, 1 + 40 + 5);
	assert_non_null(strstr(shown, "39:p39 answered=2 silent=1"));
	assert_non_null(strstr(shown, " more=39 "));
}

/* What a member's file or an odd agency may do: rows beyond all bounds, values of lists that nobody knows, long names. */
static void hostile(void **state)
{
	static char endless[300];
	struct menu_agency long_named[] = { agencies[0], agencies[1] };
	struct menu_operation mine[] = { { .agency = &long_named[0] }, { .agency = &long_named[1] } };
	const struct menu_operation *const both[] = { &mine[0], &mine[1] };
	const struct menu_operation two = { .n_members = 2, .members = both, .n_lists = 1, .lists = &bills };
	struct menu_value values[] = { { "id", "far", "bills", 65535 }, { "id", "odd", "strangers", 0 }, { "total", "5", NULL, 0 }, { "id", "good", "bills", 1 } };
	const struct menu_answer odd = { .outcome = "ok", .n = 4, .values = values };

	(void)state;
	assert_string_equal(merged(&op, &odd, NULL, NULL), "1:good answered=1 silent=2 silent_fa=برق، گاز silent_en=Power, Gas more=0 ");
	memset(endless, 'x', sizeof(endless) - 1);
	long_named[0].title_en = long_named[0].title_fa = endless;
	assert_string_equal(merged(&two, NULL, NULL, NULL), "answered=0 silent=2 silent_fa=برق silent_en=Power more=0 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_the_members_order), cmocka_unit_test(nobody_takes_anothers_place), cmocka_unit_test(who_is_silent),
		cmocka_unit_test(as_old_as_the_oldest), cmocka_unit_test(room_is_shared_by_lists), cmocka_unit_test(hostile),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
