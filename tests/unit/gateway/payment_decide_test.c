/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What is done next about a payment, by a table: each event in each state, and what never may happen, for all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "gateway/payment_decide.h"
#include "gateway/rfc3339.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define AT_MS INT64_C(1584264600000)

static const struct gw_payment_settings settings = { .call_ms = 1000, .pause_min_ms = 100, .pause_max_ms = 800, .void_after_ms = 5000, .unsure_after_ms = 9000 };

static json_t *record_of(enum gw_payment_state state, const char *why, int64_t at_ms)
{
	return json_pack("{s:s, s:s, s:I}", "state", gw_payment_states[state], "why", why, "at", (json_int_t)at_ms);
}

static struct gw_payment_next decided(enum gw_payment_state state, const char *why, struct gw_payment_happened happened)
{
	json_t *record = record_of(state, why, AT_MS);
	struct gw_payment_next next;

	next = gw_payment_decide(record, &happened, &settings);
	next.reference = next.reference[0] ? "R" : ""; /* they may be the record's */
	next.why = next.why[0] ? strcmp(next.why, "already") == 0 ? "already" : "other" : "";
	json_decref(record);
	return next;
}

/* ---- row by row */

#define HELD true
#define FREE false
#define YOUNG 10
#define TAKEN_LATE 1000         /* call_ms */
#define OLD 5000                /* void_after_ms */
#define VERY_OLD 9000           /* unsure_after_ms */

static void row_by_row(void **state)
{
	static const struct {
		enum gw_payment_state state;
		const char *why;
		enum gw_payment_event event;
		bool held;
		int64_t age_ms;
		uint32_t attempt;
		enum gw_payment_act act;
		enum gw_payment_state to;       /* of MARK, SETTLE, BURY */
		const char *to_why;
	} table[] = {
		/* begun */
		{ GW_PAYMENT_OPEN, "", GW_PAYMENT_BEGUN, FREE, 0, 0, GW_PAYMENT_PUT, 0, "" },
		{ GW_PAYMENT_VOIDING, "", GW_PAYMENT_BEGUN, FREE, 0, 0, GW_PAYMENT_DELETE, 0, "" },
		{ GW_PAYMENT_OPEN, "", GW_PAYMENT_TAKEN, FREE, YOUNG, 0, GW_PAYMENT_GET, 0, "" }, /* by who does not know when it was written */
		/* taken: not while who began it may be at it; asked for, never paid at once */
		{ GW_PAYMENT_OPEN, "", GW_PAYMENT_TAKEN, HELD, YOUNG, 1, GW_PAYMENT_LATER, 0, "" },
		{ GW_PAYMENT_OPEN, "", GW_PAYMENT_TAKEN, HELD, TAKEN_LATE, 1, GW_PAYMENT_GET, 0, "" },
		{ GW_PAYMENT_OPEN, "", GW_PAYMENT_TAKEN, HELD, -5000, 1, GW_PAYMENT_GET, 0, "" }, /* a clock went back */
		{ GW_PAYMENT_VOIDING, "", GW_PAYMENT_TAKEN, HELD, YOUNG, 1, GW_PAYMENT_DELETE, 0, "" },
		{ GW_PAYMENT_UNSURE, "", GW_PAYMENT_TAKEN, HELD, VERY_OLD, 1, GW_PAYMENT_DELETE, 0, "" },
		{ GW_PAYMENT_PAID, "", GW_PAYMENT_TAKEN, HELD, YOUNG, 1, GW_PAYMENT_DONE, 0, "" },
		/* PUT */
		{ GW_PAYMENT_OPEN, "", GW_PAYMENT_PUT_PAID, FREE, YOUNG, 0, GW_PAYMENT_SETTLE, GW_PAYMENT_PAID, "" },
		{ GW_PAYMENT_OPEN, "", GW_PAYMENT_PUT_REFUSED, FREE, YOUNG, 0, GW_PAYMENT_SETTLE, GW_PAYMENT_REFUSED, "other" },
		{ GW_PAYMENT_OPEN, "", GW_PAYMENT_PUT_ALREADY, FREE, YOUNG, 0, GW_PAYMENT_MARK, GW_PAYMENT_VOIDING, "already" },
		{ GW_PAYMENT_OPEN, "", GW_PAYMENT_PUT_SILENT, FREE, YOUNG, 0, GW_PAYMENT_LATER, 0, "" },
		{ GW_PAYMENT_OPEN, "", GW_PAYMENT_PUT_SILENT, HELD, TAKEN_LATE, 1, GW_PAYMENT_LATER, 0, "" },
		{ GW_PAYMENT_OPEN, "", GW_PAYMENT_PUT_SILENT, HELD, OLD, 3, GW_PAYMENT_MARK, GW_PAYMENT_VOIDING, "" },
		/* GET */
		{ GW_PAYMENT_OPEN, "", GW_PAYMENT_GET_PAID, HELD, OLD, 3, GW_PAYMENT_SETTLE, GW_PAYMENT_PAID, "" },
		{ GW_PAYMENT_OPEN, "", GW_PAYMENT_GET_REFUSED, HELD, OLD, 3, GW_PAYMENT_SETTLE, GW_PAYMENT_REFUSED, "other" },
		{ GW_PAYMENT_OPEN, "", GW_PAYMENT_GET_NEVER, HELD, TAKEN_LATE, 1, GW_PAYMENT_PUT, 0, "" },
		{ GW_PAYMENT_OPEN, "", GW_PAYMENT_GET_NEVER, HELD, OLD - 1, 1, GW_PAYMENT_PUT, 0, "" },
		{ GW_PAYMENT_OPEN, "", GW_PAYMENT_GET_NEVER, HELD, OLD, 1, GW_PAYMENT_MARK, GW_PAYMENT_VOIDING, "" },
		{ GW_PAYMENT_OPEN, "", GW_PAYMENT_GET_VOID, HELD, TAKEN_LATE, 1, GW_PAYMENT_SETTLE, GW_PAYMENT_VOID, "" },
		{ GW_PAYMENT_OPEN, "", GW_PAYMENT_GET_SILENT, HELD, TAKEN_LATE, 1, GW_PAYMENT_LATER, 0, "" },
		{ GW_PAYMENT_OPEN, "", GW_PAYMENT_GET_SILENT, HELD, VERY_OLD, 9, GW_PAYMENT_MARK, GW_PAYMENT_VOIDING, "" },
		/* DELETE */
		{ GW_PAYMENT_VOIDING, "", GW_PAYMENT_DELETE_VOID, HELD, OLD, 1, GW_PAYMENT_SETTLE, GW_PAYMENT_VOID, "" },
		{ GW_PAYMENT_VOIDING, "already", GW_PAYMENT_DELETE_VOID, FREE, YOUNG, 0, GW_PAYMENT_SETTLE, GW_PAYMENT_REFUSED, "already" },
		{ GW_PAYMENT_VOIDING, "already", GW_PAYMENT_DELETE_PAID, FREE, YOUNG, 0, GW_PAYMENT_SETTLE, GW_PAYMENT_PAID, "" },
		{ GW_PAYMENT_VOIDING, "", GW_PAYMENT_DELETE_REFUSED, HELD, OLD, 1, GW_PAYMENT_SETTLE, GW_PAYMENT_REFUSED, "other" },
		{ GW_PAYMENT_VOIDING, "", GW_PAYMENT_DELETE_SILENT, HELD, OLD, 4, GW_PAYMENT_LATER, 0, "" },
		{ GW_PAYMENT_VOIDING, "already", GW_PAYMENT_DELETE_SILENT, HELD, VERY_OLD, 4, GW_PAYMENT_BURY, GW_PAYMENT_UNSURE, "already" },
		{ GW_PAYMENT_VOIDING, "", GW_PAYMENT_DELETE_SILENT, FREE, VERY_OLD, 0, GW_PAYMENT_LATER, 0, "" },
		/* unsure, and sent back by the operators */
		{ GW_PAYMENT_UNSURE, "", GW_PAYMENT_DELETE_SILENT, HELD, VERY_OLD, 4, GW_PAYMENT_LATER, 0, "" },
		{ GW_PAYMENT_UNSURE, "", GW_PAYMENT_DELETE_SILENT, HELD, VERY_OLD, 5, GW_PAYMENT_BURY, GW_PAYMENT_UNSURE, "" },
		{ GW_PAYMENT_UNSURE, "", GW_PAYMENT_DELETE_PAID, HELD, VERY_OLD, 1, GW_PAYMENT_SETTLE, GW_PAYMENT_PAID, "" },
		{ GW_PAYMENT_UNSURE, "", GW_PAYMENT_DELETE_VOID, HELD, VERY_OLD, 1, GW_PAYMENT_SETTLE, GW_PAYMENT_VOID, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const struct gw_payment_next next = decided(table[i].state, table[i].why, (struct gw_payment_happened){ .event = table[i].event,
			.reference = "R1398", .why = "funds", .held = table[i].held, .attempt = table[i].attempt, .now_ms = AT_MS + table[i].age_ms });

		if (next.act != table[i].act || next.state != table[i].to || strcmp(next.why, table[i].to_why) != 0)
			fail_msg("row %zu: act %d, state %d, why %s", i, next.act, next.state, next.why);
		assert_string_equal(next.act == GW_PAYMENT_SETTLE && next.state == GW_PAYMENT_PAID ? "R" : "", next.reference);
	}
}

/* ---- for every event, state, age and holder */

typedef void each(enum gw_payment_state state, const struct gw_payment_happened *happened, const struct gw_payment_next *next);

static void everything(each *visit)
{
	static const int64_t ages[] = { INT64_MIN / 2, -1, 0, 999, 1000, 4999, 5000, 8999, 9000, GW_RFC3339_MS_MAX };
	static const uint32_t attempts[] = { 0, 1, 5, 21, UINT32_MAX };

	for (int state = 0; gw_payment_states[state]; state++)
		for (int event = 0; event < GW_PAYMENT_EVENTS; event++)
			for (size_t i = 0; i < COUNT(ages) * COUNT(attempts) * 2; i++) {
				const struct gw_payment_happened happened = { .event = (enum gw_payment_event)event, .held = i % 2,
					.now_ms = AT_MS + ages[i / 2 % COUNT(ages)], .attempt = attempts[i / 2 / COUNT(ages)], .random = UINT32_MAX };
				const struct gw_payment_next next = decided((enum gw_payment_state)state, "", happened);

				visit((enum gw_payment_state)state, &happened, &next);
			}
}

static void what_is_over_stays(enum gw_payment_state state, const struct gw_payment_happened *happened, const struct gw_payment_next *next)
{
	(void)happened;
	if (gw_payment_over(state))
		assert_int_equal(GW_PAYMENT_DONE, next->act);
	else
		assert_int_not_equal(GW_PAYMENT_DONE, next->act);
}

/* Once voiding it is never paid again, and never open again. */
static void no_way_back(enum gw_payment_state state, const struct gw_payment_happened *happened, const struct gw_payment_next *next)
{
	(void)happened;
	if (state == GW_PAYMENT_OPEN)
		return;
	assert_int_not_equal(GW_PAYMENT_PUT, next->act);
	if (next->act == GW_PAYMENT_MARK || next->act == GW_PAYMENT_SETTLE || next->act == GW_PAYMENT_BURY)
		assert_int_not_equal(GW_PAYMENT_OPEN, next->state);
}

/* Paid by who has just begun it, or by who was told that the agency never saw it; voided only after VOIDING is committed. */
static void in_order(enum gw_payment_state state, const struct gw_payment_happened *happened, const struct gw_payment_next *next)
{
	if (next->act == GW_PAYMENT_PUT)
		assert_true(happened->event == GW_PAYMENT_BEGUN || happened->event == GW_PAYMENT_GET_NEVER);
	if (next->act == GW_PAYMENT_DELETE)
		assert_true(state == GW_PAYMENT_VOIDING || state == GW_PAYMENT_UNSURE);
	if (next->act == GW_PAYMENT_BURY)
		assert_true(happened->held && next->state == GW_PAYMENT_UNSURE);
}

static void pauses_are_bounded(enum gw_payment_state state, const struct gw_payment_happened *happened, const struct gw_payment_next *next)
{
	(void)state;
	(void)happened;
	assert_non_null(next->reference);
	assert_non_null(next->why);
	assert_in_range(next->pause_ms, 0, settings.call_ms);
}

/* An agency's words may be missing. */
static void in_every_case(void **state)
{
	(void)state;
	everything(what_is_over_stays);
	everything(no_way_back);
	everything(in_order);
	everything(pauses_are_bounded);
}

static void pauses_double(void **state)
{
	static const struct { uint32_t attempt; int64_t longest_ms; } table[] = { { 1, 100 }, { 2, 200 }, { 3, 400 }, { 4, 800 }, { 5, 800 }, { 4000000000U, 800 } };

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++)
		for (uint32_t random = 0; random < 4000; random += 7) {
			const struct gw_payment_next next = decided(GW_PAYMENT_OPEN, "", (struct gw_payment_happened){ .event = GW_PAYMENT_GET_SILENT,
				.held = true, .attempt = table[i].attempt, .now_ms = AT_MS + 1000, .random = random });

			assert_int_equal(GW_PAYMENT_LATER, next.act);
			assert_in_range(next.pause_ms, table[i].longest_ms / 2, table[i].longest_ms);
		}
}

/* A record at the ends of what may be read (payment_record.h), and a clock anywhere between. */
static void ends_of_time(void **state)
{
	static const int64_t moments[] = { 0, GW_RFC3339_MS_MAX };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		json_t *record = record_of(GW_PAYMENT_OPEN, "", moments[i % 2]);
		const struct gw_payment_happened taken = { .event = GW_PAYMENT_TAKEN, .held = true, .attempt = 1, .now_ms = moments[i / 2] };
		struct gw_payment_next next = gw_payment_decide(record, &taken, &settings);

		assert_int_equal(i % 2 == i / 2 ? GW_PAYMENT_LATER : GW_PAYMENT_GET, next.act);
		json_decref(record);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(row_by_row), cmocka_unit_test(in_every_case), cmocka_unit_test(pauses_double), cmocka_unit_test(ends_of_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
