/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* /v1/citizens: the other doors. A portal acts for a citizen whom it has authenticated, and the national inbox tells what was read
 * there. What they do is what the citizen does in a dialog: the same operations of the gateway (builtin.h), with the same bounds, so
 * that a notice or a request is the same on every way; here is only how the API says it.
 *
 * Each act is a line of the audit chain, with the account and with whom it acts for, written before it is done: also what was looked
 * at in vain was looked at. An act lives until it is answered; its call may be gone before. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/api_citizen.h"
#include "gateway/api_citizen_priv.h"
#include "gateway/api_priv.h"
#include "gateway/audit_note.h"
#include "gateway/builtin.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "gateway/notice.h"
#include "gateway/request_record.h"
#include "gateway/requests.h"
#include "gateway/rfc3339.h"
#include "gateway/usage.h"
#include "menus/input.h"
#include "menus/keyword.h"
#include "sessions/store.h"

#define ROWS 20                          /* of a page */
#define ROWS_MAX 30
#define SKIP_MAX 1000
#define INBOX_SKIP_MAX 255            /* the newest 256 are looked at */
#define BODY_OCTETS 16384
#define TRIES_S 3600                     /* in which wrong national IDs are counted */

static int free_act(struct api_citizen_act *act)
{
	json_decref(act->body);
	return 0;
}

/* ---- as what it is counted ---- */

static enum gw_usage_outcome outcome_of(unsigned int status)
{
	if (status >= 200 && status < 300)
		return GW_USAGE_SUCCESS;
	if (status == 404)
		return GW_USAGE_NOT_FOUND;
	return status >= 400 && status < 500 ? GW_USAGE_REFUSED : GW_USAGE_FAILED;
}

/* A new request is of its keyword, as one by SMS is; where there is none, what it names is whatever a portal likes to write. */
static void count(const struct api_citizen_act *act, enum gw_usage_outcome outcome)
{
	const char *agency = json_string_value(json_object_get(act->body, "agency"));
	const char *service = json_string_value(json_object_get(act->body, "service"));
	const struct menu_set *set = menu_pins_current(act->gw->pins);
	const struct menu_keyword *keyword = menu_keywords_find(set ? menu_set_keywords(set) : NULL, agency, service);
	char name[GW_USAGE_NAME_OCTETS];

	if (keyword)
		snprintf(name, sizeof(name), "%s.%s", keyword->agency, keyword->service);
	gw_usage_act(act->gw->usage, act->account, keyword ? name : act->manner->service, act->language, outcome);
}

static void end(struct api_citizen_act *act, unsigned int status, const char *type, const char *detail)
{
	struct gw_api_call *call = gw_api_call_at(act->gw->api, act->handle);

	count(act, call ? GW_USAGE_FAILED : GW_USAGE_CUT);
	if (call)
		gw_api_problem(call, status, type, "%s", detail);
	talloc_free(act);
}

/* ---- what the API says of it ---- */

/* Menus have seconds and marks; the API has moments. */
static void dress(json_t *object)
{
	json_t *at = json_object_get(object, "at");
	char text[GW_RFC3339_OCTETS];

	json_object_del(object, "mark");
	if (!json_is_integer(at))
		return;
	gw_rfc3339_print(json_integer_value(at) * 1000, text);
	json_object_set_new(object, "at", json_string(text));
}

static json_t *dressed(const json_t *body)
{
	static const char *const lists[] = { "notices", "requests", "payments" };
	json_t *whole = json_deep_copy(body);

	dress(whole);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		json_t *list = json_object_get(whole, lists[i]);

		for (size_t k = 0; k < json_array_size(list); k++)
			dress(json_array_get(list, k));
		if (list && !json_object_get(whole, "next"))
			json_object_set_new(whole, "next", json_null());
	}
	return whole;
}

static void say_mistakes(struct gw_api_call *call, const json_t *body)
{
	json_t *errors = json_object_get(body, "errors");

	if (json_array_size(errors))
		gw_api_problem_list(call, 422, "bad-field", json_deep_copy(errors));
	else
		gw_api_problem(call, 422, "bad-field", "no operator of this gateway serves the number");
}

static const char *code_of(const json_t *body)
{
	const char *code = json_string_value(json_object_get(body, "code"));

	return code ? code : "";
}

static void say(const struct api_citizen_act *act, struct gw_api_call *call, unsigned int status, const json_t *body)
{
	switch (status) {
	case 200:
	case 201:
	case 202:
		gw_api_answer(call, act->manner->told ? status : 204, act->manner->told ? dressed(body) : NULL);
		break;
	case 402: /* it is over, and that is what is answered */
		gw_api_answer(call, 200, dressed(body));
		break;
	case 403:
		gw_api_problem(call, 403, act->manner->forbidden, "it is sensitive");
		break;
	case 404:
		gw_api_problem(call, 404, act->manner->unknown, "for this citizen there is none");
		break;
	case 409:
		if (body && act->manner->standing)
			gw_api_problem(call, 409, act->manner->standing, "another payment of this bill: \"%s\"", code_of(body));
		else
			gw_api_problem(call, 409, act->manner->conflict, "it was done before, otherwise");
		break;
	case 422:
		say_mistakes(call, body);
		break;
	case 429:
		api_problem_retry((struct api_call *)call, 429, "too-many-tries", TRIES_S, "wait, and ask who it is");
		break;
	case 500:
		gw_api_problem(call, 500, "internal", "the notice cannot be opened with this gateway's key");
		break;
	default:
		gw_api_problem_ledger(call, SESS_LEDGER_DOWN);
	}
}

static void on_done(void *ctx, unsigned int status, const json_t *body)
{
	struct api_citizen_act *act = ctx;
	struct gw_api_call *call = gw_api_call_at(act->gw->api, act->handle);

	count(act, outcome_of(status));
	if (call)
		say(act, call, status, body);
	talloc_free(act);
}

/* ---- noted, then done ---- */

static void on_noted(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct api_citizen_act *act = ctx;
	char *body = act->body ? json_dumps(act->body, JSON_COMPACT) : NULL;
	const struct gw_builtin_request request = {
		.method = act->method, .path = act->path, .body = body, .body_octets = body ? strlen(body) : 0, .msisdn = act->msisdn,
		.language = act->language, .door = act->door, .account = act->account, .idempotency = act->idempotency,
		.until_ms = gw_clock_ms() + act->gw->config->api.deadline_ms,
	};
	int rc = -ECANCELED;

	(void)token;
	(void)there;
	if (result == SESS_LEDGER_OK && gw_api_call_at(act->gw->api, act->handle)) /* who has hung up wants nothing any more */
		rc = gw_builtin_start(act->gw->builtin, &request, on_done, act);
	if (body)
		sodium_memzero(body, strlen(body)); /* it may have a national ID */
	free(body);
	if (rc == -EBUSY)
		end(act, 503, "ledger-busy", "nothing was done");
	else if (rc < 0)
		end(act, 503, "ledger-down", "nothing was done");
}

static void note(struct sess_ledger_commit *commit, const struct api_citizen_act *act)
{
	json_t *line = json_pack("{s:s, s:s, s:s}", "account", act->account, "door", act->door, "citizen", gw_log_mask(act->msisdn));

	if (act->on[0])
		json_object_set_new(line, "on", json_string(act->on));
	gw_audit_note(commit, gw_clock_wall_ms(), act->manner->what, line);
}

void api_citizen_go(struct api_citizen_act *act)
{
	struct sess_ledger_commit *commit = sess_ledger_commit_begin(act, act->gw->ledger, sess_store_partition(act->msisdn));
	int rc;

	note(commit, act);
	act->gw->api->counters.for_citizens++;
	rc = sess_ledger_commit_go(commit, on_noted, act, 0);
	if (rc < 0)
		end(act, 503, "ledger-down", "nothing was done");
	else
		talloc_free(commit);
}

/* ---- an act ---- */

/* False: it was answered. */
static bool read_language(struct gw_api_call *call, char language[4])
{
	const char *given = gw_api_query(call, "language");

	osmo_strlcpy(language, given ? given : "fa", 4);
	if (strcmp(given ? given : "fa", "fa") == 0 || strcmp(given, "en") == 0)
		return true;
	gw_api_problem(call, 400, "bad-query", "language is fa or en");
	return false;
}

static bool read_number(struct gw_api_call *call, const char *number, char msisdn[GW_MSISDN_MAX + 1])
{
	struct menu_input_result result;

	menu_input_check(menu_input_find("mobile"), number, strlen(number), NULL, 0, &result);
	if (result.ok) /* "+98912..." */
		osmo_strlcpy(msisdn, result.normal + 1, GW_MSISDN_MAX + 1);
	else
		gw_api_problem(call, 400, "bad-number", "%s", result.reason_en);
	return result.ok;
}

struct api_citizen_act *api_citizen_act(struct gw_api_call *call, const char *number, const struct api_citizen_manner *manner,
					const char *method)
{
	char msisdn[GW_MSISDN_MAX + 1], language[4];
	struct api_citizen_act *act;

	if (!read_language(call, language) || !read_number(call, number, msisdn))
		return NULL;
	act = talloc_zero(call->gw, struct api_citizen_act);
	talloc_set_destructor(act, free_act);
	act->gw = call->gw;
	act->handle = gw_api_handle(call);
	act->manner = manner;
	act->method = method;
	act->door = "portal";
	memcpy(act->msisdn, msisdn, sizeof(act->msisdn));
	memcpy(act->language, language, sizeof(act->language));
	OSMO_STRLCPY_ARRAY(act->account, call->agency);
	return act;
}

/* The same of a notice. */
static struct api_citizen_act *act_on_notice(struct gw_api_call *call, const struct api_citizen_manner *manner, const char *method,
					     const char *rest)
{
	struct api_citizen_act *act;

	if (gw_notice_partition(call->params[1]) < 0) {
		gw_api_problem(call, 404, "unknown-notice", "for this citizen there is none");
		return NULL;
	}
	act = api_citizen_act(call, call->params[0], manner, method);
	if (!act)
		return NULL;
	OSMO_STRLCPY_ARRAY(act->on, call->params[1]);
	snprintf(act->path, sizeof(act->path), "/inbox/%s%s", act->on, rest);
	return act;
}

/* ---- bodies ---- */

/* The one member that a body has, or may have. False: it was answered. */
static bool read_one(struct gw_api_call *call, const char *name, const char *pointer, bool needed, const json_t **value)
{
	*value = json_object_get(call->body, name);
	if (json_is_object(call->body) && json_object_size(call->body) == (*value ? 1 : 0) && (*value || !needed))
		return true;
	gw_api_problem_at(call, 422, "bad-field", json_is_object(call->body) ? pointer : "", "the body has the member %s%s, and no other", name,
			  needed ? "" : " or none");
	return false;
}

/* False: it was answered. id: NULL unless given. */
static bool read_national_id(struct gw_api_call *call, bool needed, const json_t **id)
{
	struct menu_input_result result;

	if (!read_one(call, "national_id", "/national_id", needed, id))
		return false;
	if (!*id)
		return true;
	menu_input_check(menu_input_find("national-id"), json_is_string(*id) ? json_string_value(*id) : "", json_string_length(*id), NULL, 0, &result);
	if (!result.ok)
		gw_api_problem_at(call, 422, "bad-field", "/national_id", "10 digits with a good check digit");
	sodium_memzero(result.normal, sizeof(result.normal));
	return result.ok;
}

/* ---- the inbox ---- */

static void serve_inbox(struct gw_api_call *call)
{
	static const struct api_citizen_manner manner = { .what = "citizen.inbox", .service = "inbox", .unknown = "unknown-notice", .told = true };
	unsigned int skip, limit;
	struct api_citizen_act *act;

	if (!gw_api_query_number(call, "skip", 0, INBOX_SKIP_MAX, 0, &skip) || !gw_api_query_number(call, "limit", 1, ROWS_MAX, ROWS, &limit))
		return;
	act = api_citizen_act(call, call->params[0], &manner, "GET");
	if (!act)
		return;
	snprintf(act->path, sizeof(act->path), "/inbox?skip=%u&limit=%u", skip, limit);
	api_citizen_go(act);
}

/* HEAD shows nobody anything: the notice stays unread. */
static void serve_notice(struct gw_api_call *call)
{
	static const struct api_citizen_manner manner = { .what = "citizen.notice", .service = "inbox",
					      .unknown = "unknown-notice", .forbidden = "identity-needed", .told = true };
	struct api_citizen_act *act = act_on_notice(call, &manner, "GET", call->head ? "/title" : "");

	if (act)
		api_citizen_go(act);
}

static void open_it(struct gw_api_call *call, const struct api_citizen_manner *manner, const json_t *id, const char *door)
{
	struct api_citizen_act *act = act_on_notice(call, manner, "POST", "/open");

	if (!act)
		return;
	act->door = door;
	act->body = json_pack("{s:O}", "national_id", id);
	api_citizen_go(act);
}

static void serve_open(struct gw_api_call *call)
{
	static const struct api_citizen_manner manner = { .what = "citizen.notice.open", .service = "inbox",
					      .unknown = "unknown-notice", .forbidden = "identity-refused", .told = true };
	const json_t *id;

	if (read_national_id(call, true, &id))
		open_it(call, &manner, id, "portal");
}

static void serve_reply(struct gw_api_call *call)
{
	static const struct api_citizen_manner manner = { .what = "citizen.notice.reply", .service = "inbox",
					      .unknown = "unknown-notice", .forbidden = "identity-needed",
					      .conflict = "wrong-state" };
	const json_t *choice;
	struct api_citizen_act *act;

	if (!read_one(call, "choice", "/choice", true, &choice))
		return;
	if (!json_is_integer(choice) || json_integer_value(choice) < 1 || json_integer_value(choice) > GW_NOTICE_REPLIES_MAX) {
		gw_api_problem_at(call, 422, "bad-field", "/choice", "the number of one of its replies");
		return;
	}
	act = act_on_notice(call, &manner, "POST", "/reply");
	if (!act)
		return;
	act->body = json_pack("{s:O}", "choice", choice);
	api_citizen_go(act);
}

static void serve_delete(struct gw_api_call *call)
{
	static const struct api_citizen_manner manner = { .what = "citizen.notice.delete", .service = "inbox", .unknown = "unknown-notice" };
	struct api_citizen_act *act = act_on_notice(call, &manner, "POST", "/delete");

	if (act)
		api_citizen_go(act);
}

/* The national inbox has it, too: there it was read. Of a sensitive one by whom it is for, whose national ID proves it. */
static void serve_read(struct gw_api_call *call)
{
	static const struct api_citizen_manner manner = { .what = "citizen.notice.read", .service = "inbox",
					      .unknown = "unknown-notice", .forbidden = "identity-needed" };
	static const struct api_citizen_manner sensitive = { .what = "citizen.notice.read", .service = "inbox",
					      .unknown = "unknown-notice", .forbidden = "identity-refused" };
	const json_t *id;
	struct api_citizen_act *act;

	if (!read_national_id(call, false, &id))
		return;
	if (id) {
		open_it(call, &sensitive, id, "karpousheh");
		return;
	}
	act = act_on_notice(call, &manner, "GET", "");
	if (!act)
		return;
	act->door = "karpousheh";
	api_citizen_go(act);
}

/* ---- requests ---- */

static void serve_requests(struct gw_api_call *call)
{
	static const struct api_citizen_manner manner = { .what = "citizen.requests", .service = "requests",
					      .unknown = "unknown-request", .told = true };
	unsigned int skip, limit;
	struct api_citizen_act *act;

	if (!gw_api_query_number(call, "skip", 0, SKIP_MAX, 0, &skip) || !gw_api_query_number(call, "limit", 1, ROWS_MAX, ROWS, &limit))
		return;
	act = api_citizen_act(call, call->params[0], &manner, "GET");
	if (!act)
		return;
	snprintf(act->path, sizeof(act->path), "/requests?skip=%u&limit=%u", skip, limit);
	api_citizen_go(act);
}

uint64_t api_citizen_idempotency(const struct gw_api_call *call)
{
	crypto_generichash_state state;
	uint8_t hash[crypto_generichash_BYTES_MIN];
	uint64_t value;

	if (!call->idempotency_key)
		return 0;
	crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	crypto_generichash_update(&state, (const uint8_t *)call->agency, strlen(call->agency) + 1);
	crypto_generichash_update(&state, (const uint8_t *)call->idempotency_key, strlen(call->idempotency_key));
	crypto_generichash_final(&state, hash, sizeof(hash));
	memcpy(&value, hash, sizeof(value));
	return value ? value : 1; /* 0: there is none */
}

static void serve_request_new(struct gw_api_call *call)
{
	static const struct api_citizen_manner manner = { .what = "citizen.request", .service = "requests",
					      .unknown = "unknown-agency", .conflict = "idempotency-conflict", .told = true };
	struct api_citizen_act *act = api_citizen_act(call, call->params[0], &manner, "POST");

	if (!act)
		return;
	OSMO_STRLCPY_ARRAY(act->path, "/requests");
	act->body = json_incref((json_t *)(uintptr_t)call->body);
	act->idempotency = api_citizen_idempotency(call);
	api_citizen_go(act);
}

void api_citizen_request(struct gw_api_call *call, const char *citizen)
{
	static const struct api_citizen_manner manner = { .what = "citizen.request.look", .service = "requests",
					      .unknown = "unknown-request", .told = true };
	char code[GW_REQUEST_CODE_OCTETS];
	struct api_citizen_act *act;

	if (!gw_request_code_read(call->params[0], code)) {
		gw_api_problem(call, 404, "unknown-request", "for this citizen there is none");
		return;
	}
	act = api_citizen_act(call, citizen, &manner, "GET");
	if (!act)
		return;
	OSMO_STRLCPY_ARRAY(act->on, code);
	snprintf(act->path, sizeof(act->path), "/requests/%s", code);
	api_citizen_go(act);
}

#define CITIZEN "/v1/citizens/{msisdn}"
#define NOTICE CITIZEN "/inbox/{id}"

const struct gw_api_route gw_api_citizen_routes[] = {
	{ .method = "GET", .path = CITIZEN "/inbox", .scope = GW_SCOPE_PORTAL, .begin = serve_inbox },
	{ .method = "GET", .path = NOTICE, .scope = GW_SCOPE_PORTAL, .begin = serve_notice },
	{ .method = "DELETE", .path = NOTICE, .scope = GW_SCOPE_PORTAL, .begin = serve_delete },
	{ .method = "POST", .path = NOTICE "/open", .scope = GW_SCOPE_PORTAL, .body = GW_API_JSON, .body_max = 1024, .begin = serve_open },
	{ .method = "POST", .path = NOTICE "/reply", .scope = GW_SCOPE_PORTAL, .body = GW_API_JSON, .body_max = 1024, .begin = serve_reply },
	{ .method = "POST", .path = NOTICE "/read", .scope = GW_SCOPE_KARPOUSHEH, .body = GW_API_JSON, .body_max = 1024, .begin = serve_read },
	{ .method = "GET", .path = CITIZEN "/requests", .scope = GW_SCOPE_PORTAL, .begin = serve_requests },
	{ .method = "POST", .path = CITIZEN "/requests", .scope = GW_SCOPE_PORTAL, .body = GW_API_JSON, .body_max = BODY_OCTETS, .begin = serve_request_new },
	{ .path = NULL },
};
