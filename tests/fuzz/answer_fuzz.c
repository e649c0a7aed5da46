/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Any octets as an agency's answer: an outcome that the operation knows, bounded values that are clean text, or a fault and
 * nothing else. The first octet chooses status and type, the rest is the body. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/agency_answer.h"
#include "menus/utf8.h"

#define HOLD(condition) do { if (!(condition)) abort(); } while (0)

static const struct menu_field fields[] = { { "a", "/a", false, false, false }, { "b.c", "/b/c", true, false, false }, { "d", "/d~1e/0", false, false, false }, { "all", "", false, true, false } };
static const struct menu_field each[] = { { "id", "/id", true, false, false }, { "sum", "/sum", false, false, false } };
static const struct menu_list lists[] = {
	{ .name = "rows", .pointer = "/rows", .rows_max = 40, .n_fields = 2, .fields = each },
	{ .name = "root", .pointer = "", .rows_max = 5, .n_fields = 1, .fields = each + 1 },
};
static const struct menu_status_rule rules[] = { { 200, 299, "/error", "PAID", "paid" }, { 410, 410, NULL, NULL, "gone" } };
static const struct menu_operation operations[] = {
	{ .fields = fields, .n_fields = 4, .lists = lists, .n_lists = 1, .rules = rules, .n_rules = 2 },
	{ .lists = lists, .n_lists = 2 },
};

static void check(const struct gw_agency_answer *a)
{
	HOLD(a->answer.outcome && a->answer.n <= MENU_OPERATION_VALUES_MAX && a->answer.as_of_ms == 0);
	HOLD(a->fault == GW_AGENCY_FAULT_NONE || (strcmp(a->answer.outcome, "failed") == 0 && a->answer.n == 0));
	for (size_t i = 0; i < a->answer.n; i++) {
		const struct menu_value *v = &a->answer.values[i];
		size_t octets = strlen(v->value);
		bool is_long = strcmp(v->name, "all") == 0;
		HOLD(octets <= (is_long ? MENU_OPERATION_LONG_OCTETS : MENU_OPERATION_VALUE_OCTETS) && menu_utf8_valid(v->value, octets));
		HOLD(v->row < MENU_OPERATION_ROWS_MAX && (v->list || v->row == 0));
		for (const char *c = v->value; *c; c++)
			HOLD(((unsigned char)*c >= 0x20 && *c != 0x7f) || (is_long && *c == '\n'));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned int statuses[] = { 200, 200, 200, 404, 410, 500, 204, 302 };
	static const char *const types[] = { "application/json", "application/problem+json; x", "text/html", NULL };
	static struct gw_agency_answer answer;

	if (size == 0)
		return 0;
	gw_agency_answer_read(&answer, &operations[data[0] >> 7], statuses[data[0] & 7], types[(data[0] >> 3) & 3],
	                      (const char *)data + 1, size - 1);
	check(&answer);
	return 0;
}
