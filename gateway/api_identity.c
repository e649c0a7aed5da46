/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* POST /v1/identity/changes: an operator's or the registry's word that a number's SIM or owner has changed. What was proved of the number is
 * dropped, whether there was anything or not: the answer does not tell. Said again it is done again, which changes nothing. */
#include <string.h>

#include "gateway/api.h"
#include "gateway/gateway.h"
#include "gateway/identity.h"
#include "menus/input.h"

static void on_dropped(void *ctx, uint64_t token, enum sess_ledger_result result)
{
	const struct gw *gw = ctx;
	struct gw_api_call *call = gw_api_call_at(gw->api, token);

	if (!call)
		return;
	if (result == SESS_LEDGER_OK)
		gw_api_answer(call, 204, NULL);
	else
		gw_api_problem_ledger(call, result);
}

/* With its country code; NULL: it was answered. */
static const char *read_number(struct gw_api_call *call, struct menu_input_result *result)
{
	const char *text = json_string_value(json_object_get(call->body, "msisdn"));

	result->ok = false;
	if (text)
		menu_input_check(menu_input_find("mobile"), text, strlen(text), NULL, 0, result);
	if (result->ok)
		return result->normal + 1; /* "+98912..." */
	gw_api_problem_at(call, 422, "bad-field", "/msisdn", "it is a mobile number, \"989121234567\"");
	return NULL;
}

static const char *read_what(struct gw_api_call *call)
{
	const char *what = json_string_value(json_object_get(call->body, "what"));

	if (what && (strcmp(what, "sim") == 0 || strcmp(what, "owner") == 0))
		return what;
	gw_api_problem_at(call, 422, "bad-field", "/what", "it is \"sim\" or \"owner\"");
	return NULL;
}

static void change(struct gw_api_call *call)
{
	struct menu_input_result result;
	const char *msisdn = read_number(call, &result), *what = msisdn ? read_what(call) : NULL;

	if (!what)
		return;
	if (json_object_size(call->body) != 2)
		gw_api_problem(call, 422, "bad-field", "the body is {\"msisdn\": ..., \"what\": ...}, and nothing else");
	else if (!call->gw->identities)
		gw_api_answer(call, 204, NULL); /* nothing is remembered of anybody */
	else if (gw_identities_drop(call->gw->identities, msisdn, what, call->agency, on_dropped, call->gw, gw_api_handle(call)) < 0)
		gw_api_problem_ledger(call, SESS_LEDGER_DOWN);
}

const struct gw_api_route gw_api_identity_routes[] = {
	{ .method = "POST", .path = "/v1/identity/changes", .scope = GW_SCOPE_IDENTITY, .body = GW_API_JSON, .body_max = 1024, .begin = change },
	{ .path = NULL },
};
