/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A call from its head to its answer: see api.h for what a handler sees, api_priv.h for what it is made of.
 *
 * libmicrohttpd calls us with the head, with each piece of the body, and at the end; again at the end when a connection that was
 * suspended goes on. It takes an answer at the head (and then closes the connection, for the body was not read) or at the end, at
 * no other time. So an answer that is there early waits until the rest of the body has come and was thrown away, if that is
 * little; else it is sent at the head, or not at all: a client that goes on sending is cut off.
 * A connection is never suspended at the head, because the head would come again: a call that must wait then is held before its
 * first piece. In a chunked body libmicrohttpd offers the next piece although the connection was suspended in the last one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <microhttpd.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/api_json.h"
#include "gateway/api_mhd.h"
#include "gateway/api_priv.h"
#include "gateway/http_listen.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "gateway/loop_mhd.h"
#include "gateway/quota.h"


static struct api_call *call_of(const struct gw_api_call *pub)
{
	return (struct api_call *)pub;
}

/* ---- links ---- */
struct api_link *api_link_of(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

void api_phase(struct api_link *link, enum api_phase phase)
{
	link->phase = phase;
	link->since_ms = gw_clock_ms();
	link->octets_then = link->call ? link->call->octets : 0;
}

/* ---- making and ending ---- */
static void set_request_id(struct api_call *call)
{
	const char *given = api_header(call, "X-Request-Id");
	static const char sane[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-";
	uint8_t random[12];

	if (given && given[0] && strspn(given, sane) == strlen(given) && strlen(given) < sizeof(call->pub.request_id)) {
		OSMO_STRLCPY_ARRAY(call->pub.request_id, given);
		return;
	}
	randombytes_buf(random, sizeof(random));
	strcpy(call->pub.request_id, "req_");
	sodium_bin2hex(call->pub.request_id + 4, sizeof(call->pub.request_id) - 4, random, sizeof(random));
}

/* There are as many places as connections. */
static struct api_call *make_call(struct gw_api *api, struct MHD_Connection *connection)
{
	struct api_call *call;
	unsigned int place = 0;

	while (place < api->places && api->calls[place])
		place++;
	if (place == api->places)
		return NULL;
	call = talloc_zero(api, struct api_call);
	call->handle = ++api->sequence << 16 | place;
	call->connection = connection;
	call->link = api_link_of(connection);
	call->link->call = call;
	call->pub.gw = api->gw;
	call->pub.api = api;
	api->calls[place] = call;
	api->open++;
	api->counters.calls++;
	set_request_id(call);
	return call;
}

/* The handler hears the last of it. The call itself stays until libmicrohttpd is done with the request. */
static void end_call(struct api_call *call)
{
	if (call->over)
		return;
	call->over = true;
	if (call->begun && call->route->gone)
		call->route->gone(&call->pub);
	json_decref(call->json);
	json_decref(call->query);
	call->json = call->query = NULL;
	if (call->gathered)
		sodium_memzero(call->gathered, call->n_gathered); /* a citizen may have typed a secret */
	TALLOC_FREE(call->gathered);
	call->pub.raw = NULL;
}

void api_on_completed(void *ctx, struct MHD_Connection *connection, void **request_ctx, enum MHD_RequestTerminationCode code)
{
	struct gw_api *api = ctx;
	struct api_call *call = *request_ctx;

	(void)connection;
	if (!call)
		return;
	if (!call->answer.status) {
		call->answer.status = 499; /* never seen: it is over for gw_api_call_at */
		api->open--;
	}
	if (code != MHD_REQUEST_TERMINATED_COMPLETED_OK)
		api->counters.hung_up++;
	end_call(call);
	if (call->begun && call->route->done)
		call->route->done(&call->pub, call->handed_over && code == MHD_REQUEST_TERMINATED_COMPLETED_OK);
	free(call->answer.text);
	call->link->call = NULL;
	api_phase(call->link, API_PHASE_HEAD);
	api->calls[call->handle & 0xffff] = NULL;
	talloc_free(call);
	*request_ctx = NULL;
}

uint64_t gw_api_handle(const struct gw_api_call *call)
{
	return call_of(call)->handle;
}

struct gw_api_call *gw_api_call_at(struct gw_api *api, uint64_t handle)
{
	struct api_call *call = api && (handle & 0xffff) < api->places ? api->calls[handle & 0xffff] : NULL;

	return call && call->handle == handle && !call->answer.status ? &call->pub : NULL;
}

/* ---- waiting ---- */
static void set_suspended(struct api_call *call, bool suspended)
{
	if (call->suspended == suspended)
		return;
	call->suspended = suspended;
	if (suspended) {
		MHD_suspend_connection(call->connection);
	} else {
		MHD_resume_connection(call->connection);
		gw_loop_mhd_want(call->pub.api->mhd);
	}
}

static unsigned int patience_ms(const struct api_call *call)
{
	return call->route->deadline_ms ? call->route->deadline_ms : call->pub.api->server.config->deadline_ms;
}

/* It is our turn now, until it is answered or the handler wants more of the body. */
static void set_ours(struct api_call *call)
{
	call->deadline_ms = gw_clock_ms() + patience_ms(call);
	api_phase(call->link, API_PHASE_HANDLER);
}

static void set_theirs(struct api_call *call)
{
	call->deadline_ms = 0;
	api_phase(call->link, API_PHASE_BODY);
}

static bool is_held(const struct api_call *call)
{
	return call->paused || call->parked;
}

void gw_api_pause(struct gw_api_call *pub)
{
	struct api_call *call = call_of(pub);

	if (call->paused || call->answer.status)
		return;
	call->paused = true;
	set_ours(call);
}

void gw_api_go_on(struct gw_api_call *pub)
{
	struct api_call *call = call_of(pub);

	if (!call->paused || call->answer.status)
		return;
	call->paused = false;
	set_theirs(call);
	if (!is_held(call))
		set_suspended(call, false);
}

/* ---- answering ---- */
void api_give(struct api_call *call, const struct api_answer *answer)
{
	struct gw_api *api = call->pub.api;

	if (call->answer.status) {
		LOGP(GW_LOG_API, LOGL_ERROR, "api: a second answer to %s\n", call->pub.request_id);
		free(answer->text);
		return;
	}
	call->answer = *answer;
	api->open--;
	api->counters.answers[answer->status / 100 < 6 ? answer->status / 100 : 0]++;
	set_theirs(call);
	set_suspended(call, false);
}

void gw_api_answer(struct gw_api_call *pub, unsigned int status, json_t *body)
{
	struct api_answer answer = { .status = status };

	answer.text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	answer.octets = answer.text ? strlen(answer.text) : 0;
	if (body && !answer.text)
		gw_api_problem(pub, 500, "internal", "the answer cannot be written as JSON");
	else
		api_give(call_of(pub), &answer);
	json_decref(body);
}

void gw_api_answer_text(struct gw_api_call *pub, unsigned int status, const char *type, const char *text, size_t octets,
			unsigned int retry_after_s)
{
	struct api_answer answer = { .status = status, .type = type, .octets = octets, .retry_after_s = retry_after_s };

	answer.text = malloc(octets + 1);
	OSMO_ASSERT(answer.text);
	memcpy(answer.text, text, octets);
	api_give(call_of(pub), &answer);
}

static struct MHD_Response *make_response(struct api_answer *answer)
{
	struct MHD_Response *response;

	if (answer->still)
		return MHD_create_response_from_buffer(answer->octets, (void *)answer->still, MHD_RESPMEM_PERSISTENT);
	response = MHD_create_response_from_buffer(answer->octets, answer->text, answer->text ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
	if (response)
		answer->text = NULL; /* taken over */
	return response;
}

static void add_headers(struct MHD_Response *response, const struct api_call *call)
{
	const struct api_answer *answer = &call->answer;
	char seconds[16];

	if (answer->octets)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type ? answer->type : "application/json");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(response, "X-Request-Id", call->pub.request_id);
	if (call->allow[0] && answer->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, call->allow);
	if (answer->status == MHD_HTTP_UNAUTHORIZED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, answer->challenge ? answer->challenge : "Bearer");
	if (answer->retry_after_s) {
		snprintf(seconds, sizeof(seconds), "%u", answer->retry_after_s);
		MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
	}
	if (call->pub.api->closing)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
}

static enum MHD_Result send_answer(struct api_call *call)
{
	struct MHD_Response *response = make_response(&call->answer);
	enum MHD_Result result;

	LOGP(GW_LOG_API, LOGL_DEBUG, "api %s %s %s: %u (%s)\n", call->pub.agency[0] ? call->pub.agency : "-", call->pub.method,
	     call->route ? call->route->path : "elsewhere", call->answer.status, call->pub.request_id);
	if (!response)
		return MHD_NO; /* no memory: the connection is closed */
	add_headers(response, call);
	api_phase(call->link, API_PHASE_ANSWER);
	result = MHD_queue_response(call->connection, call->answer.status, response);
	MHD_destroy_response(response);
	call->handed_over = result == MHD_YES;
	end_call(call);
	return result;
}

/* ---- the handler's turns ---- */
/* The account may be another since the head came, or be gone. */
static bool find_account(struct api_call *call)
{
	if (call->route->scope == GW_SCOPE_NONE)
		return true;
	call->pub.account = gw_accounts_find(call->pub.gw->accounts, call->pub.agency);
	if (!call->pub.account)
		gw_api_problem(&call->pub, 401, "unauthorized", "a good key is needed");
	return call->pub.account != NULL;
}

static void begin(struct api_call *call)
{
	if (!find_account(call))
		return;
	call->begun = true;
	call->route->begin(&call->pub);
	call->pub.account = NULL;
}

static bool quota_is_known(const struct api_call *call)
{
	const struct gw_account *account;

	if (call->route->scope == GW_SCOPE_NONE)
		return true;
	account = gw_accounts_find(call->pub.gw->accounts, call->pub.agency);
	return !account || !account->notices_per_day || gw_quotas_known(call->pub.gw->quotas, call->pub.agency, gw_clock_wall_ms());
}

/* Whoever may take from the quota begins when it is known, so that taking is no matter of waiting. */
static void start(struct api_call *call)
{
	call->parked = !quota_is_known(call);
	if (call->parked)
		set_ours(call);
	else
		begin(call);
}

static void start_with_json(struct api_call *call)
{
	char why[200];

	if (call->pub.idempotency_key)
		crypto_generichash(call->pub.body_hash, sizeof(call->pub.body_hash), (const uint8_t *)call->gathered, call->n_gathered, NULL, 0);
	call->json = api_json_parse(call->gathered, call->n_gathered, why, sizeof(why));
	TALLOC_FREE(call->gathered);
	call->pub.body = call->json;
	if (call->json)
		start(call);
	else
		gw_api_problem(&call->pub, 400, "bad-json", "%s", why);
}

static void start_with_raw(struct api_call *call)
{
	call->pub.raw = call->gathered ? call->gathered : "";
	call->pub.raw_octets = call->n_gathered;
	start(call);
}

static void finish(struct api_call *call)
{
	call->ended = true;
	set_ours(call);
	switch (call->route->body) {
	case GW_API_JSON:
		start_with_json(call);
		return;
	case GW_API_RAW:
		start_with_raw(call);
		return;
	case GW_API_NO_BODY:
		start(call);
		return;
	case GW_API_STREAM:
		call->pub.account = gw_accounts_find(call->pub.gw->accounts, call->pub.agency);
		call->route->end(&call->pub);
		call->pub.account = NULL;
		return;
	}
}

/* ---- libmicrohttpd's turns ---- */
/* An answer at the head closes the connection. Who waits for "100 Continue" has sent no body yet. */
static bool is_answered_early(const struct api_call *call)
{
	return call->answer.status && api_has_body(call) &&
	       (api_told_octets(call) > API_DRAIN_OCTETS || api_header(call, MHD_HTTP_HEADER_EXPECT));
}

static enum MHD_Result on_head(struct api_call *call, const char *path, const char *method)
{
	api_phase(call->link, API_PHASE_BODY);
	api_check_head(call, path, method);
	if (!call->answer.status && call->route->body == GW_API_STREAM)
		start(call);
	return is_answered_early(call) ? send_answer(call) : MHD_YES;
}

/* What comes behind the answer. A STREAM's client may have much on its way and hears the answer all the same, if it is quick. */
static enum MHD_Result drain(struct api_call *call, size_t octets)
{
	call->drained += octets;
	return call->drained > API_DRAIN_OCTETS && !(call->begun && call->route->body == GW_API_STREAM) ? MHD_NO : MHD_YES;
}

static void gather(struct api_call *call, const char *data, size_t octets)
{
	size_t size = call->gathered ? talloc_get_size(call->gathered) : 0, need = call->n_gathered + octets;

	if (need > size)
		call->gathered = talloc_realloc_size(call, call->gathered, need > 2 * size ? need : 2 * size);
	OSMO_ASSERT(call->gathered);
	memcpy(call->gathered + call->n_gathered, data, octets);
	call->n_gathered = need;
}

static enum MHD_Result on_piece(struct api_call *call, const char *data, size_t *octets)
{
	size_t n = *octets;

	if (!call->answer.status && is_held(call)) {
		set_suspended(call, true); /* it is offered again */
		return MHD_YES;
	}
	*octets = 0;
	if (call->answer.status)
		return drain(call, n);
	call->octets += n;
	if (call->octets > api_body_max(call)) {
		api_say_too_large(call);
	} else if (call->route->body == GW_API_JSON || call->route->body == GW_API_RAW) {
		gather(call, data, n);
	} else if (call->route->body == GW_API_STREAM) {
		call->route->piece(&call->pub, data, n);
		if (!call->answer.status && is_held(call))
			set_suspended(call, true);
	}
	return MHD_YES;
}

static enum MHD_Result on_end(struct api_call *call)
{
	if (!call->answer.status && !call->ended && !is_held(call))
		finish(call);
	if (call->answer.status)
		return send_answer(call);
	set_suspended(call, true);
	return MHD_YES;
}

enum MHD_Result api_on_request(void *ctx, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
			       const char *upload, size_t *octets, void **request_ctx)
{
	struct api_call *call = *request_ctx;

	(void)version;
	if (!call) {
		*request_ctx = call = make_call(ctx, connection);
		return call ? on_head(call, url, method) : MHD_NO;
	}
	if (call->suspended)
		return MHD_YES;
	return *octets ? on_piece(call, upload, octets) : on_end(call);
}

/* ---- what waits ---- */
static void tick_call(struct api_call *call, int64_t now_ms)
{
	if (call->answer.status || !call->deadline_ms)
		return;
	if (now_ms >= call->deadline_ms) {
		call->pub.api->counters.late++;
		if (call->begun && call->route->late)
			call->route->late(&call->pub);
		else
			gw_api_problem(&call->pub, 503, "too-late", "there was no answer within %u ms", patience_ms(call));
	} else if (call->parked && quota_is_known(call)) {
		call->parked = false;
		if (call->route->body == GW_API_STREAM)
			set_theirs(call);
		begin(call);
		if (call->route->body == GW_API_STREAM && !call->answer.status && !is_held(call))
			set_suspended(call, false);
	}
}

void api_calls_tick(struct gw_api *api, int64_t now_ms)
{
	for (unsigned int i = 0; api->open && i < api->places; i++)
		if (api->calls[i])
			tick_call(api->calls[i], now_ms);
}

void api_calls_abandon(struct gw_api *api)
{
	for (unsigned int i = 0; i < api->places; i++)
		if (api->calls[i] && !api->calls[i]->answer.status)
			gw_api_problem(&api->calls[i]->pub, 503, "closing", "ask again: another one takes over");
}

/* ---- what a handler takes ---- */
bool gw_api_take_quota(struct gw_api_call *pub, unsigned int n)
{
	struct gw *gw = pub->gw;
	const struct gw_account *account = gw_accounts_find(gw->accounts, pub->agency);
	int64_t now_ms = gw_clock_wall_ms();

	if (!account || gw_quotas_take(gw->quotas, pub->agency, account->notices_per_day, n, now_ms))
		return true;
	pub->api->counters.refused_quota++;
	api_problem_retry(call_of(pub), 429, "quota-used-up", gw_quotas_day_left_s(gw->quotas, now_ms), "%u notices a day, of which %llu are left today",
			  account->notices_per_day,
			  (unsigned long long)gw_quotas_left(gw->quotas, pub->agency, account->notices_per_day, now_ms));
	return false;
}
