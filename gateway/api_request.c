/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* /v1/requests: what citizens have asked of the agency that calls, and its answers. What is somebody else's is not there. A portal asks
 * for a citizen, whom it names. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/account.h"
#include "gateway/api_citizen.h"
#include "gateway/gateway.h"
#include "gateway/notice.h"
#include "gateway/request_record.h"
#include "gateway/requests.h"
#include "menus/input.h"

#define PAGE_STANDARD 20
#define ANSWER_OCTETS 16384

static void tell_unknown(struct gw_api_call *call)
{
	gw_api_problem(call, 404, "unknown-request", "no request of %s has this code", call->agency);
}

/* ---- one ---- */

static void on_loaded(void *ctx, uint64_t token, enum sess_ledger_result result, const json_t *record)
{
	struct gw *gw = ctx;
	struct gw_api_call *call = gw_api_call_at(gw->api, token);

	if (!call)
		return;
	if (result != SESS_LEDGER_OK)
		gw_api_problem_ledger(call, result);
	else if (!record || strcmp(gw_request_text(record, "agency"), call->agency) != 0)
		tell_unknown(call);
	else
		gw_api_answer(call, 200, gw_request_show(record));
}

static bool has(const struct gw_api_call *call, enum gw_scope scope)
{
	return call->account->scopes & 1u << scope;
}

static void serve_one(struct gw_api_call *call)
{
	const char *citizen = gw_api_query(call, "citizen");
	char code[GW_REQUEST_CODE_OCTETS];

	if (citizen && !has(call, GW_SCOPE_PORTAL))
		gw_api_problem(call, 403, "forbidden-scope", "the scope portal is needed to ask for a citizen");
	else if (!citizen && !has(call, GW_SCOPE_REQUESTS_READ))
		gw_api_problem(call, 400, "bad-query", "citizen is needed: the number of whom the request is");
	else if (citizen)
		api_citizen_request(call, citizen);
	else if (!gw_request_code_read(call->params[0], code))
		tell_unknown(call);
	else if (gw_requests_load(call->gw->requests, code, on_loaded, call->gw, gw_api_handle(call)) < 0)
		gw_api_problem_ledger(call, SESS_LEDGER_DOWN);
}

/* ---- many ---- */

static void on_list(void *ctx, uint64_t token, enum sess_ledger_result result, json_t *const *records, size_t n, const char *next)
{
	struct gw *gw = ctx;
	struct gw_api_call *call = gw_api_call_at(gw->api, token);
	json_t *list;

	if (!call)
		return;
	if (result != SESS_LEDGER_OK) {
		gw_api_problem_ledger(call, result);
		return;
	}
	list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, gw_request_show_briefly(records[i]));
	gw_api_answer(call, 200, json_pack("{s:o, s:o}", "requests", list, "next", next[0] ? json_string(next) : json_null()));
}

static void serve_list(struct gw_api_call *call)
{
	const char *state = gw_api_query(call, "state"), *cursor = gw_api_query(call, "cursor");
	int wanted = state ? gw_request_state_find(state) : -1;
	unsigned int limit;
	int rc;

	if (!gw_api_query_number(call, "limit", 1, GW_REQUESTS_PAGE_MAX, PAGE_STANDARD, &limit))
		return;
	if (state && wanted < 0) {
		gw_api_problem(call, 400, "bad-query", "state is received, delivered, progress, answered or refused");
		return;
	}
	rc = gw_requests_of_agency(call->gw->requests, call->agency, wanted, cursor, limit, on_list, call->gw, gw_api_handle(call));
	if (cursor && rc == -EINVAL)
		gw_api_problem(call, 400, "bad-query", "cursor is the next of a list before");
	else if (rc < 0)
		gw_api_problem_ledger(call, SESS_LEDGER_DOWN);
}

/* ---- an answer ---- */

static void on_answered(void *ctx, uint64_t token, enum sess_ledger_result result, enum gw_answered verdict, const json_t *record)
{
	struct gw *gw = ctx;
	struct gw_api_call *call = gw_api_call_at(gw->api, token);

	if (!call)
		return;
	if (result != SESS_LEDGER_OK) {
		gw_api_problem_ledger(call, result);
		return;
	}
	switch (verdict) {
	case GW_ANSWERED:
	case GW_ANSWERED_BEFORE:
		gw_api_answer(call, 200, gw_request_show(record));
		break;
	case GW_ANSWERED_NO_REQUEST:
		tell_unknown(call);
		break;
	case GW_ANSWERED_CLOSED:
		gw_api_problem(call, 409, "wrong-state", "the request is closed");
		break;
	case GW_ANSWERED_OTHERWISE:
		gw_api_problem(call, 409, "idempotency-conflict", "the request was answered with other words under this key");
		break;
	case GW_ANSWERED_TOO_OFTEN:
		gw_api_problem(call, 409, "wrong-state", "a request has at most %d answers; this one has them", GW_REQUEST_ANSWERS_MAX);
		break;
	case GW_ANSWERED_NO_SEAL:
		gw_api_problem_at(call, 422, "bad-field", "/sensitive", "this gateway has no key to seal what is sensitive");
		break;
	default:
		gw_api_problem(call, 409, "wrong-state", "no operator of this gateway serves the citizen's number");
	}
}

static bool bad_field(struct gw_api_call *call, const char *pointer, const char *why)
{
	gw_api_problem_at(call, 422, "bad-field", pointer, "%s", why);
	return false;
}

/* Each of these: false after a problem. */
static bool check_names(struct gw_api_call *call)
{
	static const char *const known[] = { "state", "text", "sensitive", "national_id", "close" };
	char pointer[80];
	const char *name;
	json_t *value;

	if (!json_is_object(call->body))
		return bad_field(call, "", "an object is wanted");
	json_object_foreach((json_t *)(uintptr_t)call->body, name, value) {
		size_t i = 0;

		while (i < ARRAY_SIZE(known) && strcmp(known[i], name) != 0)
			i++;
		snprintf(pointer, sizeof(pointer), "/%.60s", name);
		if (i == ARRAY_SIZE(known))
			return bad_field(call, strpbrk(name, "~/") ? "" : pointer, "an answer has no such field");
	}
	return true;
}

static bool read_state(struct gw_api_call *call, struct gw_request_answer *answer)
{
	const char *name = json_string_value(json_object_get(call->body, "state"));
	int state = name ? gw_request_state_find(name) : -1;

	if (state < GW_REQUEST_PROGRESS)
		return bad_field(call, "/state", "progress, answered or refused");
	answer->state = (enum gw_request_state)state;
	return true;
}

static bool read_text(struct gw_api_call *call, struct gw_request_answer *answer)
{
	static const char *const pointers[] = { "/text/fa", "/text/en" };
	const json_t *text = json_object_get(call->body, "text");
	size_t known = 0;

	if (text && !json_is_object(text))
		return bad_field(call, "/text", "an object: fa, en, or both");
	for (size_t i = 0; i < ARRAY_SIZE(pointers); i++) {
		const json_t *value = json_object_get(text, pointers[i] + strlen("/text/"));

		known += value != NULL;
		answer->text[i] = json_string_value(value);
		if (value && (!answer->text[i] || !answer->text[i][0] || json_string_length(value) > GW_NOTICE_TEXT_OCTETS))
			return bad_field(call, pointers[i], "a text of at most 2,048 octets");
	}
	if (text && known != json_object_size(text))
		return bad_field(call, "/text", "languages are fa and en");
	if (text && known == 0)
		return bad_field(call, "/text", "a text in one language at least");
	return true;
}

static bool read_bool(struct gw_api_call *call, const char *name, const char *pointer, bool *out)
{
	const json_t *value = json_object_get(call->body, name);

	if (value && !json_is_boolean(value))
		return bad_field(call, pointer, "true or false");
	*out = json_is_true(value);
	return true;
}

/* Who may open it, if not everybody who has the phone. */
static bool read_sensitive(struct gw_api_call *call, struct gw_request_answer *answer, struct menu_input_result *checked)
{
	const char *id = json_string_value(json_object_get(call->body, "national_id"));
	bool sensitive;

	if (!read_bool(call, "sensitive", "/sensitive", &sensitive))
		return false;
	if (!sensitive)
		return !json_object_get(call->body, "national_id") || bad_field(call, "/national_id", "only with sensitive");
	if (!answer->text[0] && !answer->text[1])
		return bad_field(call, "/sensitive", "there is no text");
	menu_input_check(menu_input_find("national-id"), id ? id : "", id ? strlen(id) : 0, NULL, 0, checked);
	if (!checked->ok)
		return bad_field(call, "/national_id", "the national ID of whom it is meant for: 10 digits with a good check digit");
	answer->national_id = checked->normal;
	return true;
}

static void serve_answer(struct gw_api_call *call)
{
	struct gw_request_answer answer = { .agency = call->agency, .sender = call->account->sender, .once = call->idempotency_key,
		.once_octets = call->idempotency_key ? strlen(call->idempotency_key) : 0 };
	struct menu_input_result checked;
	char code[GW_REQUEST_CODE_OCTETS];

	if (!gw_request_code_read(call->params[0], code))
		tell_unknown(call);
	else if (check_names(call) && read_state(call, &answer) && read_text(call, &answer) && read_bool(call, "close", "/close", &answer.close) &&
		 read_sensitive(call, &answer, &checked) &&
		 gw_requests_answer(call->gw->requests, code, &answer, on_answered, call->gw, gw_api_handle(call)) < 0)
		gw_api_problem_ledger(call, SESS_LEDGER_DOWN);
}

const struct gw_api_route gw_api_request_routes[] = {
	{ .method = "GET", .path = "/v1/requests", .scope = GW_SCOPE_REQUESTS_READ, .begin = serve_list },
	{ .method = "GET", .path = "/v1/requests/{code}", .scope = GW_SCOPE_REQUESTS_READ, .other_scope = GW_SCOPE_PORTAL, .begin = serve_one },
	{ .method = "POST", .path = "/v1/requests/{code}/answer", .scope = GW_SCOPE_REQUESTS_ANSWER, .body = GW_API_JSON, .body_max = ANSWER_OCTETS,
	  .begin = serve_answer },
	{ .path = NULL },
};
