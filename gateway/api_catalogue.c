/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* /v1/catalogue: what there is, what agencies propose for it, and that they know what was decided. What operators decide, they do by
 * command (command_catalogue.c).
 *
 * A proposal is a commit of its record, its line in the audit chain, and its key, if it has one. Before, the whole catalogue is read:
 * a name is given once, by the file or by an agency. Who proposes the same name in the same moment is second, and hears so. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/account.h"
#include "gateway/api.h"
#include "gateway/catalogue_state.h"
#include "gateway/gateway.h"
#include "gateway/rfc3339.h"
#include "gateway/service_proposal.h"
#include "sessions/clock.h"

#define BODY_OCTETS 8192
#define ONCE_MS INT64_C(259200000)       /* a key is remembered: three days */
#define TRIES_MAX 4

/* ---- what is shown ---- */

/* What was proposed and not decided is nobody's business but its agency's; what was rejected neither. */
static bool is_public(const struct gw_service *service)
{
	return service->state != GW_CATALOGUE_REJECTED && !(service->by_api && service->state == GW_CATALOGUE_PROPOSED);
}

static json_t *show(const struct gw_service *service)
{
	json_t *shown = json_deep_copy(service->record);

	json_object_set_new(shown, "state", json_string(gw_service_state_name(service->state)));
	return shown;
}

static json_t *moment(int64_t ms)
{
	char text[GW_RFC3339_OCTETS];

	if (!ms)
		return json_null();
	gw_rfc3339_print(ms, text);
	return json_string(text);
}

/* agency: whose own are wanted, all of them; NULL: what is public. */
static void answer_list(struct gw_api_call *call, const struct gw_services *services, const char *agency)
{
	json_t *list = json_array();

	for (size_t i = 0; i < services->n; i++) {
		const struct gw_service *service = &services->at[i];

		if (agency ? strcmp(service->agency, agency) == 0 : is_public(service))
			json_array_append_new(list, show(service));
	}
	gw_api_answer(call, 200, json_pack("{s:o, s:b, s:o}", "closing_at", moment(services->closing_ms), "open",
					   !services->closing_ms || sess_clock_wall_ms() <= services->closing_ms, "services", list));
}

static void on_services(struct gw *gw, uint64_t token, enum sess_ledger_result result, const struct gw_services *services, bool own)
{
	struct gw_api_call *call = gw_api_call_at(gw->api, token);

	if (!call)
		return;
	if (result != SESS_LEDGER_OK)
		gw_api_problem_ledger(call, result);
	else
		answer_list(call, services, own ? call->agency : NULL);
}

static void on_all(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_services *services)
{
	on_services(ctx, token, result, services, false);
}

static void on_own(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_services *services)
{
	on_services(ctx, token, result, services, true);
}

static void load(struct gw_api_call *call, gw_services_cb *cb)
{
	if (gw_services_load(call->gw, call->gw->ledger, call->gw->catalogue, cb, call->gw, gw_api_handle(call)) < 0)
		gw_api_problem_ledger(call, SESS_LEDGER_DOWN);
}

static void serve_all(struct gw_api_call *call)
{
	load(call, on_all);
}

static void serve_own(struct gw_api_call *call)
{
	load(call, on_own);
}

/* ---- a proposal ---- */

struct proposing {
	struct gw *gw;
	uint64_t handle;
	char agency[33], name[GW_SERVICE_NAME_MAX + 1], once[SESS_LEDGER_KEY_OCTETS], content[65];
	sess_ledger_stamp over;          /* of a record that was rejected and is proposed anew; else 0 */
	json_t *body, *record;
	unsigned int tries;
};

static int free_proposing(struct proposing *proposing)
{
	json_decref(proposing->body);
	json_decref(proposing->record);
	return 0;
}

/* NULL: nobody waits any more, and it is over. */
static struct gw_api_call *caller(struct proposing *proposing)
{
	struct gw_api_call *call = gw_api_call_at(proposing->gw->api, proposing->handle);

	if (!call)
		talloc_free(proposing);
	return call;
}

static void fail(struct proposing *proposing, enum sess_ledger_result result)
{
	struct gw_api_call *call = caller(proposing);

	if (!call)
		return;
	gw_api_problem_ledger(call, result);
	talloc_free(proposing);
}

static int look(struct proposing *proposing);

/* The key is there: the same proposal, or another one. */
static void answer_again(struct proposing *proposing, const struct sess_ledger_record *there)
{
	json_t *once = json_loadb(there->value, there->octets, 0, NULL);
	struct gw_api_call *call = caller(proposing);

	if (call && strcmp(gw_service_text(once, "content"), proposing->content) == 0)
		gw_api_answer(call, 201, json_deep_copy(json_object_get(once, "service")));
	else if (call)
		gw_api_problem(call, 409, "idempotency-conflict", "the key belongs to another proposal");
	json_decref(once);
	if (call)
		talloc_free(proposing);
}

static void on_proposed(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct proposing *proposing = ctx;
	struct gw_api_call *call;

	(void)token;
	if (result == SESS_LEDGER_THERE) {
		answer_again(proposing, there);
	} else if (result == SESS_LEDGER_CONFLICT && ++proposing->tries < TRIES_MAX && look(proposing) == 0) {
		return; /* somebody has this name since */
	} else if (result != SESS_LEDGER_OK) {
		fail(proposing, result);
	} else if ((call = caller(proposing))) {
		gw_api_answer(call, 201, json_deep_copy(proposing->record));
		talloc_free(proposing);
	}
}

static void put_once(const struct proposing *proposing, struct sess_ledger_commit *commit)
{
	json_t *once = json_pack("{s:s, s:O}", "content", proposing->content, "service", proposing->record);
	char *text = json_dumps(once, JSON_COMPACT);

	sess_ledger_new(commit, proposing->once, text, strlen(text), ONCE_MS);
	free(text);
	json_decref(once);
}

static int commit(struct proposing *proposing)
{
	struct sess_ledger_commit *commit = sess_ledger_commit_begin(proposing, proposing->gw->ledger, GW_SERVICE_PARTITION);
	char key[SESS_LEDGER_KEY_OCTETS] = "", *text = json_dumps(proposing->record, JSON_COMPACT);
	bool late = json_is_true(json_object_get(proposing->record, "after_closing"));
	int rc;

	gw_service_key(key, proposing->name);
	sess_ledger_put(commit, key, proposing->over, text, strlen(text), 0);
	free(text);
	sess_ledger_index(commit, GW_SERVICES_INDEX, 0, proposing->name);
	if (proposing->once[0])
		put_once(proposing, commit);
	gw_service_note(commit, "catalogue.proposed", proposing->name, proposing->agency, json_pack("{s:b}", "late", late));
	rc = sess_ledger_commit_go(commit, on_proposed, proposing, 0);
	talloc_free(commit);
	return rc;
}

/* May it have this name, and one more service? False: it was answered. */
static bool check_room(const struct proposing *proposing, const struct gw_services *services, struct gw_api_call *call)
{
	const struct gw_service *there = gw_services_find(services, proposing->name);
	size_t own = 0;

	for (size_t i = 0; i < services->n; i++)
		own += services->at[i].by_api && strcmp(services->at[i].agency, proposing->agency) == 0;
	if (there && (there->state != GW_CATALOGUE_REJECTED || strcmp(there->agency, proposing->agency) != 0))
		gw_api_problem(call, 409, "name-taken", "a service of this name is there already");
	else if (!there && own >= GW_SERVICES_OF_AGENCY_MAX)
		gw_api_problem(call, 409, "too-many-services", "the account has proposed %d", GW_SERVICES_OF_AGENCY_MAX);
	else if (!there && services->n >= GW_SERVICES_MAX)
		gw_api_problem(call, 409, "too-many-services", "the catalogue has %d", GW_SERVICES_MAX);
	else
		return true;
	return false;
}

static void on_catalogue(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_services *services)
{
	struct proposing *proposing = ctx;
	struct gw_api_call *call = caller(proposing);
	char today[GW_DAY_OCTETS];
	struct gw_mistakes mistakes;

	(void)token;
	if (!call)
		return;
	if (result != SESS_LEDGER_OK) {
		fail(proposing, result);
		return;
	}
	if (!check_room(proposing, services, call)) {
		talloc_free(proposing);
		return;
	}
	gw_service_day(sess_clock_wall_ms(), today);
	json_decref(proposing->record);
	proposing->record = gw_service_proposal(proposing->body, proposing->agency, today,
						services->closing_ms && sess_clock_wall_ms() > services->closing_ms, &mistakes);
	if (commit(proposing) < 0)
		fail(proposing, SESS_LEDGER_DOWN);
}

static void on_there(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct proposing *proposing = ctx;
	struct gw *gw = proposing->gw;

	(void)token;
	if (result != SESS_LEDGER_OK) {
		fail(proposing, result);
		return;
	}
	proposing->over = records[0].stamp;
	if (n > 1 && records[1].stamp)
		answer_again(proposing, &records[1]);
	else if (gw_services_load(gw, gw->ledger, gw->catalogue, on_catalogue, proposing, 0) < 0)
		fail(proposing, SESS_LEDGER_DOWN);
}

/* The record of this name first: if it changes while the rest is read, the commit finds out. */
static int look(struct proposing *proposing)
{
	char key[SESS_LEDGER_KEY_OCTETS];
	const char *const keys[] = { key, proposing->once };

	if (!gw_service_key(key, proposing->name))
		return -EINVAL;
	return sess_ledger_load(proposing->gw->ledger, keys, proposing->once[0] ? 2 : 1, on_there, proposing, 0);
}

/* The key as it lies in the ledger: a hash over account and key. */
static void make_once(const struct gw_api_call *call, struct proposing *proposing)
{
	crypto_generichash_state state;
	uint8_t hash[16];
	char text[2 * sizeof(hash) + 1];

	if (!call->idempotency_key)
		return;
	crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	crypto_generichash_update(&state, (const uint8_t *)"catalogue", sizeof("catalogue"));
	crypto_generichash_update(&state, (const uint8_t *)call->agency, strlen(call->agency) + 1);
	crypto_generichash_update(&state, (const uint8_t *)call->idempotency_key, strlen(call->idempotency_key));
	crypto_generichash_final(&state, hash, sizeof(hash));
	sess_ledger_key(proposing->once, "once", GW_SERVICE_PARTITION, sodium_bin2hex(text, sizeof(text), hash, sizeof(hash)));
	sodium_bin2hex(proposing->content, sizeof(proposing->content), call->body_hash, sizeof(call->body_hash));
}

static void serve_proposal(struct gw_api_call *call)
{
	struct gw_mistakes mistakes;
	char today[GW_DAY_OCTETS];
	json_t *record, *errors;
	struct proposing *proposing;

	gw_service_day(sess_clock_wall_ms(), today);
	record = gw_service_proposal(call->body, call->agency, today, false, &mistakes);
	if (!record) {
		errors = json_array();
		gw_mistakes_show(&mistakes, "", errors);
		gw_api_problem_list(call, 422, "bad-field", errors);
		return;
	}
	proposing = talloc_zero(call->gw, struct proposing);
	talloc_set_destructor(proposing, free_proposing);
	proposing->gw = call->gw;
	proposing->handle = gw_api_handle(call);
	proposing->record = record;
	proposing->body = json_deep_copy(call->body);
	OSMO_STRLCPY_ARRAY(proposing->agency, call->agency);
	OSMO_STRLCPY_ARRAY(proposing->name, gw_service_text(record, "name"));
	make_once(call, proposing);
	if (look(proposing) < 0)
		fail(proposing, SESS_LEDGER_DOWN);
}

/* ---- its agency knows ---- */

static const char *acknowledge(void *ctx, json_t *record, const char *today)
{
	const char *state = gw_service_text(record, "state");

	(void)ctx;
	if (strcmp(state, "notified") != 0 && strcmp(state, "live") != 0)
		return "it has not been notified";
	if (!json_object_get(record, "acknowledged"))
		json_object_set_new(record, "acknowledged", json_string(today));
	return NULL;
}

static void on_acknowledged(void *ctx, uint64_t token, enum gw_service_changed changed, const json_t *record, const char *why)
{
	struct gw *gw = ctx;
	struct gw_api_call *call = gw_api_call_at(gw->api, token);
	char today[GW_DAY_OCTETS];
	struct gw_service service;

	if (!call)
		return;
	switch (changed) {
	case GW_SERVICE_CHANGED:
		gw_service_day(sess_clock_wall_ms(), today);
		if (gw_service_read((json_t *)(uintptr_t)record, today, &service)) {
			gw_api_answer(call, 200, show(&service));
			json_decref(service.record);
		} else {
			gw_api_problem(call, 500, "internal", "the record cannot be read");
		}
		break;
	case GW_SERVICE_NONE:
		gw_api_problem(call, 404, "unknown-service", "%s has no service of this name", call->agency);
		break;
	case GW_SERVICE_REFUSED:
		gw_api_problem(call, 409, "wrong-state", "%s", why);
		break;
	case GW_SERVICE_FAILED:
		gw_api_problem_ledger(call, SESS_LEDGER_DOWN);
	}
}

static void serve_acknowledge(struct gw_api_call *call)
{
	const struct gw_service_change change = {
		.ledger = call->gw->ledger, .file = call->gw->catalogue, .name = call->params[0], .agency = call->agency, .by = call->agency,
		.what = "catalogue.acknowledged", .edit = acknowledge, .cb = on_acknowledged, .cb_ctx = call->gw, .token = gw_api_handle(call),
	};
	int rc = gw_service_change(call->gw, &change);

	if (rc == -EINVAL)
		gw_api_problem(call, 404, "unknown-service", "%s has no service of this name", call->agency);
	else if (rc < 0)
		gw_api_problem_ledger(call, SESS_LEDGER_DOWN);
}

const struct gw_api_route gw_api_catalogue_routes[] = {
	{ .method = "GET", .path = "/v1/catalogue", .scope = GW_SCOPE_ANY, .begin = serve_all },
	{ .method = "GET", .path = "/v1/catalogue/proposals", .scope = GW_SCOPE_PROPOSE, .begin = serve_own },
	{ .method = "POST", .path = "/v1/catalogue/proposals", .scope = GW_SCOPE_PROPOSE, .body = GW_API_JSON, .body_max = BODY_OCTETS, .begin = serve_proposal },
	{ .method = "POST", .path = "/v1/catalogue/{name}/acknowledge", .scope = GW_SCOPE_PROPOSE, .begin = serve_acknowledge },
	{ .path = NULL },
};
