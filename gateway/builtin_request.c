/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Requests as menus reach them (builtin.h; paths and answers: menus/agencies.md): a citizen's own, how one stands, and a new one, which
 * is the same request that an SMS would have made. The number is that of the session: a code of somebody else's is as unknown as one
 * that does not exist.
 *
 * What comes by another door is the same, but that nothing has checked its fields on the way: here it is done, and what is wrong is
 * told as {"errors": [{"pointer", "detail"}, ...]} with 422. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>

#include "gateway/builtin_ask.h"
#include "gateway/builtin_path.h"
#include "gateway/request_fields.h"
#include "gateway/request_record.h"
#include "gateway/requests.h"
#include "menus/keyword.h"

#define ROWS_MAX 31             /* of a list's page, if more are asked for */
#define ONCE_MS INT64_C(259200000) /* of what an account asks for: as of its notices */

/* ---- what a menu gets ---- */

static const char *state_in_words(const struct gw_builtin_ask *ask, const json_t *record, char *out, size_t cap)
{
	const struct menu_set *set = menu_pins_current(ask->gw->pins);

	out[0] = '\0';
	if (set)
		menu_set_say(set, (enum menu_phrase)(MENU_PHRASE_STATE_RECEIVED + (int)gw_request_state(record)), ask->language, NULL, 0, out, cap);
	return out;
}

/* The last answer that may be read by who has the phone. */
static const char *last_answer(const json_t *record, const char *language)
{
	const json_t *answers = json_object_get(record, "answers");

	for (size_t i = json_array_size(answers); i-- > 0;) {
		const json_t *text = json_object_get(json_array_get(answers, i), "text");
		const char *said = gw_request_text(text, language);

		if (text)
			return said[0] ? said : gw_request_text(text, strcmp(language, "fa") == 0 ? "en" : "fa");
	}
	return "";
}

static json_t *show(const struct gw_builtin_ask *ask, const json_t *record)
{
	char words[160];

	return json_pack("{s:O, s:s, s:O, s:s, s:I, s:s}", "code", json_object_get(record, "code"), "title", gw_request_title(record, ask->language),
			 "state", json_object_get(record, "state"), "state_text", state_in_words(ask, record, words, sizeof(words)), "at",
			 (json_int_t)(json_integer_value(json_object_get(record, "received")) / 1000), "answer", last_answer(record, ask->language));
}

/* ---- one ---- */

static void on_loaded(void *ctx, uint64_t token, enum sess_ledger_result result, const json_t *record)
{
	(void)token;
	gw_builtin_ask_one(ctx, result, record, show);
}

static void serve_one(const struct gw_builtin_call *call, const char *const *params)
{
	struct gw_builtin_ask *ask = gw_builtin_ask(call, call->gw->requests);
	char code[GW_REQUEST_CODE_OCTETS];

	if (!ask)
		return;
	if (!gw_request_code_read(params[0], code))
		gw_builtin_ask_answer(ask, 404, NULL);
	else if (gw_requests_load(ask->gw->requests, code, on_loaded, ask, 0) < 0)
		gw_builtin_ask_answer(ask, 503, NULL);
}

/* ---- many ---- */

static void on_list(void *ctx, uint64_t token, enum sess_ledger_result result, json_t *const *records, size_t n, const char *next)
{
	(void)token;
	(void)next;
	gw_builtin_ask_list(ctx, result, "requests", records, n, show);
}

static void serve_list(const struct gw_builtin_call *call, const char *const *params)
{
	struct gw_builtin_ask *ask = gw_builtin_ask(call, call->gw->requests);

	(void)params;
	if (!ask)
		return;
	ask->skip = gw_builtin_skip(call->path, GW_BUILTIN_SKIP_MAX);
	ask->limit = gw_builtin_limit(call->path, GW_BUILTIN_ROWS, ROWS_MAX);
	if (gw_requests_of_citizen(ask->gw->requests, ask->msisdn, ask->skip, ask->limit + 1, on_list, ask, 0) < 0)
		gw_builtin_ask_answer(ask, 503, NULL);
}

/* ---- a new one ---- */

static void on_raised(void *ctx, uint64_t token, enum sess_ledger_result result, const char *code)
{
	struct gw_builtin_ask *ask = ctx;

	(void)token;
	if (result == SESS_LEDGER_OK || result == SESS_LEDGER_THERE)
		gw_builtin_ask_answer(ask, 201, json_pack("{s:s}", "code", code));
	else
		gw_builtin_ask_answer(ask, result == SESS_LEDGER_CONFLICT ? 409 : 503, NULL);
}

/* The keyword that asks for the same; NULL: there is none. */
static const struct menu_keyword *find_keyword(const struct gw_builtin_ask *ask, const char *agency, const char *service)
{
	const struct menu_set *set = menu_pins_current(ask->gw->pins);

	return menu_keywords_find(set ? menu_set_keywords(set) : NULL, agency, service);
}

/* Titles: what the menu says; else of the keyword; else the service's name. */
static void find_titles(const struct menu_keyword *keyword, const json_t *body, struct gw_request_new *request)
{
	const json_t *title = json_object_get(body, "title");

	request->title_fa = json_string_value(json_object_get(title, "fa"));
	request->title_en = json_string_value(json_object_get(title, "en"));
	if (keyword && (!request->title_fa || !request->title_en)) {
		request->title_fa = keyword->titles[0];
		request->title_en = keyword->titles[1];
	}
	request->title_fa = request->title_fa ? request->title_fa : request->service;
	request->title_en = request->title_en ? request->title_en : request->service;
}

/* False: it is no request. */
static bool read_body(const struct gw_builtin_ask *ask, const json_t *body, struct gw_request_new *request)
{
	json_t *fields = json_object_get(body, "fields"), *value;
	const char *name;

	request->agency = json_string_value(json_object_get(body, "agency"));
	request->service = json_string_value(json_object_get(body, "service"));
	if (!request->agency || !request->service || !request->service[0] || (fields && !json_is_object(fields)) ||
	    json_object_size(fields) > GW_REQUEST_FIELDS_MAX)
		return false;
	json_object_foreach(fields, name, value) {
		if (!json_is_string(value))
			return false;
		request->fields[request->n_fields++] = (struct gw_request_field){ name, json_string_value(value) };
	}
	find_titles(find_keyword(ask, request->agency, request->service), body, request);
	return true;
}

/* ---- a new one by another door ---- */

static void refuse(struct gw_builtin_ask *ask, const struct gw_mistakes *mistakes)
{
	json_t *errors = json_array();

	gw_mistakes_show(mistakes, "", errors);
	gw_builtin_ask_answer(ask, 422, json_pack("{s:o}", "errors", errors));
}

/* What an account asks for under one key is one request, and stays what it was. */
static void serve_checked(const struct gw_builtin_call *call, struct gw_builtin_ask *ask, struct gw_request_new *request)
{
	const char *agency = json_string_value(json_object_get(call->body, "agency")), *service = json_string_value(json_object_get(call->body, "service"));
	const struct menu_keyword *keyword = find_keyword(ask, agency, service);
	struct gw_request_fields *fields = talloc(ask, struct gw_request_fields);
	struct gw_mistakes mistakes;
	char *content;
	int rc;

	if (!gw_request_fields_read(call->body, keyword, fields, &mistakes)) {
		refuse(ask, &mistakes);
		return;
	}
	request->agency = agency;
	request->service = service;
	for (size_t i = 0; i < fields->n; i++)
		request->fields[i] = (struct gw_request_field){ fields->at[i].name, fields->at[i].value };
	request->n_fields = fields->n;
	find_titles(keyword, keyword ? NULL : call->body, request);
	content = json_dumps(call->body, JSON_COMPACT | JSON_SORT_KEYS);
	request->content = content;
	request->content_octets = strlen(content);
	request->once_ms = ONCE_MS;
	rc = gw_requests_raise(ask->gw->requests, request, on_raised, ask, 0);
	free(content);
	if (rc < 0)
		gw_builtin_ask_answer(ask, rc == -ENOENT ? 404 : rc == -EINVAL ? 422 : 503, NULL);
}

static void serve_new(const struct gw_builtin_call *call, const char *const *params)
{
	struct gw_builtin_ask *ask = gw_builtin_ask(call, call->gw->requests);
	struct gw_request_new request = { .msisdn = call->msisdn, .channel = call->door, .language = call->language, .once = &call->idempotency,
		.once_octets = sizeof(call->idempotency), .silent = !json_is_true(json_object_get(call->body, "sms")) };
	int rc;

	(void)params;
	if (!ask)
		return;
	if (!call->idempotency)
		request.once = NULL;
	if (call->account[0]) {
		serve_checked(call, ask, &request);
		return;
	}
	rc = read_body(ask, call->body, &request) ? gw_requests_raise(ask->gw->requests, &request, on_raised, ask, 0) : -EINVAL;
	if (rc < 0)
		gw_builtin_ask_answer(ask, rc == -ENOENT ? 404 : rc == -EINVAL ? 422 : 503, NULL);
}

const struct gw_builtin_row gw_builtin_request_rows[] = {
	{ "GET", "/requests", serve_list, true },
	{ "GET", "/requests/{code}", serve_one, true },
	{ "POST", "/requests", serve_new, false },
	{ 0 },
};
