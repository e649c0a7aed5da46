/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* POST /v1/reports/bills: how many bills an agency issued in a month, on paper and without (paper_bills.h). */
#include <string.h>

#include <osmocom/core/utils.h>
#include <talloc.h>

#include "gateway/api.h"
#include "gateway/gateway.h"
#include "gateway/paper_bills.h"

/* It lives until the ledger has answered, whatever becomes of the call. */
struct telling { struct gw *gw; uint64_t handle; struct gw_paper_bills bills; };

static void on_told(void *ctx, uint64_t token, enum sess_ledger_result result)
{
	struct telling *telling = ctx;
	struct gw_api_call *call = gw_api_call_at(telling->gw->api, telling->handle);
	const struct gw_paper_bills *bills = &telling->bills;

	(void)token;
	if (call && result == SESS_LEDGER_OK)
		gw_api_answer(call, 200, json_pack("{s:s, s:I, s:I}", "period", bills->period, "paper", (json_int_t)bills->paper, "paperless",
						   (json_int_t)bills->paperless));
	else if (call)
		gw_api_problem_ledger(call, result);
	talloc_free(telling);
}

/* False: it was answered. */
static bool read_number(struct gw_api_call *call, const char *name, int64_t *into)
{
	const json_t *value = json_object_get(call->body, name);
	char pointer[16] = "/";

	osmo_strlcpy(pointer + 1, name, sizeof(pointer) - 1);
	*into = json_integer_value(value);
	if (json_is_integer(value) && *into >= 0 && *into <= GW_PAPER_BILLS_MAX)
		return true;
	gw_api_problem_at(call, 422, "bad-field", pointer, "%s is how many bills, 0 to %lld", name, GW_PAPER_BILLS_MAX);
	return false;
}

static bool knows_fields(struct gw_api_call *call)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)call->body, name, value)
		if (strcmp(name, "period") != 0 && strcmp(name, "paper") != 0 && strcmp(name, "paperless") != 0) {
			gw_api_problem_at(call, 422, "bad-field", "", "bills have period, paper and paperless, and nothing else");
			return false;
		}
	return true;
}

static bool read_bills(struct gw_api_call *call, struct gw_paper_bills *bills)
{
	const char *period = json_string_value(json_object_get(call->body, "period"));
	uint16_t day;

	if (!json_is_object(call->body)) {
		gw_api_problem_at(call, 422, "bad-field", "", "bills are an object");
		return false;
	}
	if (!knows_fields(call))
		return false;
	if (!period || !gw_paper_bills_day(period, &day)) {
		gw_api_problem_at(call, 422, "bad-field", "/period", "period is a month of the Persian calendar, \"1405/08\"");
		return false;
	}
	OSMO_STRLCPY_ARRAY(bills->period, period);
	OSMO_STRLCPY_ARRAY(bills->agency, call->agency);
	return read_number(call, "paper", &bills->paper) && read_number(call, "paperless", &bills->paperless);
}

static void begin_bills(struct gw_api_call *call)
{
	struct telling *telling = talloc_zero(call->gw, struct telling);

	telling->gw = call->gw;
	telling->handle = gw_api_handle(call);
	if (!read_bills(call, &telling->bills)) {
		talloc_free(telling);
	} else if (gw_paper_bills_tell(call->gw, call->gw->ledger, &telling->bills, on_told, telling, 0) < 0) {
		gw_api_problem_ledger(call, SESS_LEDGER_DOWN);
		talloc_free(telling);
	}
}

const struct gw_api_route gw_api_report_routes[] = {
	{ .method = "POST", .path = "/v1/reports/bills", .scope = GW_SCOPE_REPORT, .body = GW_API_JSON, .begin = begin_bills },
	{ .path = NULL },
};
