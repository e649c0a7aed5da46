/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Any octets as an answer of the identity or the payment agency, read by the files that the national menu has for them: what is taken for
 * "ok" has the values that somebody's proof or money hangs on, and nothing else is. The first two octets say operation and status. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "gateway/agency_answer.h"
#include "menus/utf8.h"

#define HOLD(condition) do { if (!(condition)) abort(); } while (0)

static const struct { const char *operation, *needs; } rows[] = {
	{ "identity.match", "since" }, { "identity.sim", "since" }, { "identity.represents", NULL },
	{ "payment.pay", "payment.state" }, { "payment.state", "payment.state" }, { "payment.void", "payment.state" },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct menu_operation *find(size_t row)
{
	static const char *const files[] = { "menus/dolat-hamrah/agencies/identity.cfg", "menus/dolat-hamrah/agencies/payment.cfg" };
	static struct menu_agencies *agencies;
	struct menu_diags *diags;

	if (!agencies) {
		diags = menu_diags_alloc(NULL);
		agencies = menu_agencies_load(NULL, files, sizeof(files) / sizeof(files[0]), diags);
		HOLD(menu_diags_count(diags) == 0);
		talloc_free(diags);
	}
	return menu_operation_find(agencies, rows[row].operation);
}

static bool gives(const struct menu_answer *answer, const char *name)
{
	for (size_t i = 0; i < answer->n; i++)
		if (!answer->values[i].list && strcmp(answer->values[i].name, name) == 0)
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned int statuses[] = { 200, 200, 201, 402, 403, 404, 409, 500 };
	static struct gw_agency_answer answer;
	const struct menu_operation *operation;
	unsigned int status;
	size_t row;

	if (size < 2)
		return 0;
	row = data[0] % ROWS;
	status = statuses[data[1] % 8];
	operation = find(row);
	HOLD(operation);
	gw_agency_answer_read(&answer, operation, status, "application/json", (const char *)data + 2, size - 2);
	HOLD(answer.fault == GW_AGENCY_FAULT_NONE || (strcmp(answer.answer.outcome, "failed") == 0 && answer.answer.n == 0));
	HOLD(menu_operation_has_outcome(operation, answer.answer.outcome) || strcmp(answer.answer.outcome, "failed") == 0);
	if (strcmp(answer.answer.outcome, "ok") == 0)
		HOLD(status < 300 && (!rows[row].needs || gives(&answer.answer, rows[row].needs)));
	for (size_t i = 0; i < answer.answer.n; i++)
		HOLD(menu_utf8_valid(answer.answer.values[i].value, strlen(answer.answer.values[i].value)));
	return 0;
}
