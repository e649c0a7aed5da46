/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See agency.h. A call goes: queue -> attempt -> (pause -> queue -> attempt)* -> answer. We queue ourselves, because curl's
 * own queueing above a connection limit costs half as much again for each call; so a transfer never waits inside curl.
 *
 * Who owns a call: exactly one of its agency's queue, its running transfer (as ctx), its agency's pauses, or the function
 * that answers it. Answering frees it. */
#include "gateway/agency.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <osmocom/core/linuxlist.h>
#include <osmocom/core/logging.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/timer.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/agency_answer.h"
#include "gateway/agency_http.h"
#include "gateway/agency_text.h"
#include "gateway/agency_together.h"
#include "gateway/as_of.h"
#include "gateway/bearer.h"
#include "gateway/breaker.h"
#include "gateway/builtin.h"
#include "gateway/usage.h"
#include "menus/step.h"

#define AS_OF_OCTETS_MAX (8 * 1024 * 1024)
#define PAUSE_FIRST_MS 100      /* before the first retry; doubled for each further one */
#define PAUSE_LONGEST_MS 3000
#define SPARE_CALLS_MAX 64
#define ROUNDS_MAX 8            /* of starting and collecting in one turn */

struct agency {
	struct llist_head list;
	struct gw_agencies *all;
	const char *name, *title_en, *base_url;
	unsigned int concurrency, queue_max;
	bool own;                                /* the gateway itself: served by all->builtin */
	struct gw_agency_http *http;
	struct gw_breaker breaker;
	struct llist_head queue, pauses;
	unsigned int queued, paused, in_flight;
	uint64_t answer_ms;
	uint64_t counters[GW_AGENCY_CTRS];
};

struct call {
	struct llist_head list;
	struct agency *agency;
	const struct menu_operation *operation;
	gw_agency_cb *cb;
	void *ctx;
	uint64_t token, idempotency, dialog;
	uint16_t route;
	int64_t deadline_ms, attempt_ms, due_ms; /* monotonic: no attempt after; when this one began; when the next may */
	unsigned int attempts;
	enum gw_breaker_pass pass;
	char msisdn[GW_MSISDN_MAX + 1], language[MENU_LANGUAGE_OCTETS]; /* of the gateway's own operations */
	struct gw_agency_text text;
	size_t key_octets;                       /* of what stands in written: signature, URL, body */
	char written[GW_AGENCY_REQUEST_OCTETS];
};

struct gw_agencies {
	int log_category;
	struct gw_loop_curl *loop;
	struct gw_builtin *builtin;              /* or NULL */
	struct gw_usage *usage;                  /* or NULL */
	struct gw_as_of *as_of;
	struct gw_agency_together *together;
	struct llist_head agencies;              /* by name */
	struct llist_head refused;               /* calls that were decided without an attempt, to be answered this turn */
	struct llist_head spare;
	unsigned int n_spare, open_calls;
	bool work;                               /* some queue is not empty, or something is refused */
	bool closing;
	struct gw_agency_answer answer;          /* of the transfer that is being read */
	struct call *probe;                      /* scratch of gw_agency_as_of */
};

#define LOGPAGENCY(agency, level, format, ...) \
	LOGP((agency)->all->log_category, level, "agency(%s) " format, (agency)->name, ##__VA_ARGS__)

static const struct gw_agency_ctr_row ctr_rows[GW_AGENCY_CTRS] = {
	[GW_AGENCY_CTR_CALLS] = { "calls", "calls accepted" },
	[GW_AGENCY_CTR_REFUSED] = { "refused", "calls refused: the queue was full" },
	[GW_AGENCY_CTR_ATTEMPTS] = { "attempts", "requests sent" },
	[GW_AGENCY_CTR_RETRIES] = { "retries", "requests sent again" },
	[GW_AGENCY_CTR_CONNECTS] = { "connects", "new connections" },
	[GW_AGENCY_CTR_ANSWERED] = { "answered", "calls answered with an outcome of the agency" },
	[GW_AGENCY_CTR_FAILED] = { "failed", "calls answered \"failed\"" },
	[GW_AGENCY_CTR_AS_OF] = { "as_of", "calls answered with an older answer" },
	[GW_AGENCY_CTR_BREAKER_OPENS] = { "breaker_opens", "times the breaker opened" },
	[GW_AGENCY_CTR_BREAKER_REFUSED] = { "breaker_refused", "requests not sent: the breaker was open" },
	[GW_AGENCY_CTR_QUEUE_LATE] = { "queue_late", "calls that waited for a place beyond their deadline" },
	[GW_AGENCY_CTR_NO_CONNECT] = { "no_connect", "requests failed: no connection" },
	[GW_AGENCY_CTR_TLS] = { "tls", "requests failed: TLS or certificate" },
	[GW_AGENCY_CTR_TIMEOUT] = { "timeout", "requests failed: no answer in time" },
	[GW_AGENCY_CTR_BROKEN] = { "broken", "requests failed: connection lost in mid-answer, or not HTTP" },
	[GW_AGENCY_CTR_TOO_LARGE] = { "too_large", "answers too large" },
	[GW_AGENCY_CTR_STATUS] = { "status", "answers with a status that no rule knows" },
	[GW_AGENCY_CTR_TYPE] = { "type", "answers that are not application/json" },
	[GW_AGENCY_CTR_JSON] = { "json", "answers that are not JSON" },
	[GW_AGENCY_CTR_UTF8] = { "utf8", "answers that are not UTF-8" },
	[GW_AGENCY_CTR_DEPTH] = { "depth", "answers nested too deeply" },
	[GW_AGENCY_CTR_DUPLICATE] = { "duplicate", "answers with a name given twice" },
	[GW_AGENCY_CTR_NUL] = { "nul", "answers with a NUL" },
	[GW_AGENCY_CTR_NUMBER] = { "number", "answers with a number beyond 64 bits" },
	[GW_AGENCY_CTR_MISSING] = { "missing", "answers without a required field" },
	[GW_AGENCY_CTR_UNFIT] = { "unfit", "requests that could not be sent: no secret, no memory" },
};

const struct gw_agency_ctr_row *gw_agency_ctr_row(size_t index)
{
	return index < GW_AGENCY_CTRS ? &ctr_rows[index] : NULL;
}

static int64_t clock_ms(clockid_t clock)
{
	struct timespec now;

	osmo_clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- calls --- */

static struct call *take_call(struct gw_agencies *all)
{
	struct call *call = llist_first_entry_or_null(&all->spare, struct call, list);

	if (!call)
		return talloc(all, struct call);
	llist_del(&call->list);
	all->n_spare--;
	return call;
}

/* What was written has a citizen's input in it: wiped, not only freed. */
static void put_call(struct gw_agencies *all, struct call *call)
{
	explicit_bzero(call->written, call->key_octets);
	if (all->n_spare == SPARE_CALLS_MAX) {
		talloc_free(call);
		return;
	}
	llist_add(&call->list, &all->spare);
	all->n_spare++;
}

/* What an answer's shape depends on: an older menu's answer must not stand in for a newer one's. */
static uint32_t signature_of(const struct menu_operation *op)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < op->n_fields; i++)
		for (const char *c = op->fields[i].name; *c; c++)
			hash = (hash ^ (unsigned char)*c) * 16777619u;
	for (size_t i = 0; i < op->n_lists; i++)
		for (size_t j = 0; j < op->lists[i].n_fields; j++)
			for (const char *c = op->lists[i].fields[j].name; *c; c++)
				hash = (hash ^ (unsigned char)*c) * 16777619u;
	return hash;
}

/* Signature, URL and body one after the other: together they are the key of a remembered answer. */
static int write_request(struct call *call, const struct agency *agency, const struct gw_agency_request *request)
{
	const struct menu_operation *op = request->operation;
	int head = 0, rc;

	call->key_octets = 0;
	if (op->as_of_s)
		head = snprintf(call->written, sizeof(call->written), "%08" PRIx32 " %s ", signature_of(op), op->name);
	if (head < 0 || (size_t)head >= sizeof(call->written))
		return -EMSGSIZE;
	rc = gw_agency_text_write(&call->text, call->written + head, sizeof(call->written) - (size_t)head, agency->base_url, op,
	                          request->value, request->value_ctx);
	if (rc) {
		explicit_bzero(call->written, sizeof(call->written));
		return rc;
	}
	call->key_octets = call->text.body ? (size_t)(call->text.body - call->written) + call->text.body_octets
	                                   : (size_t)(call->text.url - call->written) + strlen(call->text.url);
	return 0;
}

/* The one end of a call. */
static void answer_call(struct call *call, const struct menu_answer *answer)
{
	struct agency *agency = call->agency;
	struct gw_agencies *all = agency->all;
	const struct menu_operation *op = call->operation;
	const struct menu_answer *older = NULL;

	if (op->as_of_s && strcmp(answer->outcome, "ok") == 0)
		gw_as_of_put(all->as_of, call->written, call->key_octets, answer, clock_ms(CLOCK_REALTIME));
	else if (op->as_of_s && strcmp(answer->outcome, "failed") == 0)
		older = gw_as_of_find(all->as_of, call->written, call->key_octets, (int64_t)op->as_of_s * 1000, clock_ms(CLOCK_REALTIME));
	agency->counters[older ? GW_AGENCY_CTR_AS_OF : strcmp(answer->outcome, "failed") == 0 ? GW_AGENCY_CTR_FAILED : GW_AGENCY_CTR_ANSWERED]++;
	LOGPAGENCY(agency, LOGL_DEBUG, "%s: %s after %u attempts%s\n", op->name, answer->outcome, call->attempts, older ? ", an older answer stands in" : "");
	all->open_calls--;
	call->cb(call->ctx, call->token, older ? older : answer);
	put_call(all, call);
}

static void fail_call(struct call *call)
{
	static const struct menu_answer failed = { .outcome = "failed" };

	answer_call(call, &failed);
}

/* --- attempts --- */

static int64_t pause_ms(const struct call *call, int64_t retry_after_s)
{
	unsigned int doublings = call->attempts < 6 ? call->attempts - 1 : 5;
	int64_t longest = (int64_t)PAUSE_FIRST_MS << doublings, pause;

	longest = longest > PAUSE_LONGEST_MS ? PAUSE_LONGEST_MS : longest;
	pause = longest / 2 + randombytes_uniform((uint32_t)longest / 2 + 1); /* so that a crowd does not come back at once */
	return retry_after_s * 1000 > pause ? retry_after_s * 1000 : pause;
}

/* Whatever is not safe carries its Idempotency-Key, so that a repetition does nothing twice. */
static bool try_again(struct call *call, int64_t retry_after_s, int64_t now_ms)
{
	struct agency *agency = call->agency;
	int64_t due_ms;

	if (agency->all->closing || call->attempts > call->operation->retries)
		return false;
	due_ms = now_ms + pause_ms(call, retry_after_s);
	if (due_ms > call->deadline_ms)
		return false;
	call->due_ms = due_ms;
	llist_add_tail(&call->list, &agency->pauses);
	agency->paused++;
	return true;
}

static void report(struct call *call, bool good, int64_t now_ms)
{
	struct agency *agency = call->agency;
	enum gw_breaker_state before = agency->breaker.state;

	if (gw_breaker_report(&agency->breaker, call->pass, good, now_ms)) {
		agency->counters[GW_AGENCY_CTR_BREAKER_OPENS]++;
		gw_usage_outage(agency->all->usage, "agency", agency->name, agency->breaker.open_ms);
		LOGPAGENCY(agency, LOGL_ERROR, "%u failures in a row: left alone for %u ms\n", agency->breaker.failures, agency->breaker.open_ms);
	} else if (before != GW_BREAKER_CLOSED && agency->breaker.state == GW_BREAKER_CLOSED) {
		LOGPAGENCY(agency, LOGL_NOTICE, "answers again\n");
	}
}

static enum gw_agency_ctr counter_of_transport(enum gw_agency_http_fault fault)
{
	static const enum gw_agency_ctr counters[] = {
		[GW_AGENCY_HTTP_NO_CONNECT] = GW_AGENCY_CTR_NO_CONNECT, [GW_AGENCY_HTTP_TLS] = GW_AGENCY_CTR_TLS,
		[GW_AGENCY_HTTP_TIMEOUT] = GW_AGENCY_CTR_TIMEOUT, [GW_AGENCY_HTTP_BROKEN] = GW_AGENCY_CTR_BROKEN,
		[GW_AGENCY_HTTP_TOO_LARGE] = GW_AGENCY_CTR_TOO_LARGE, [GW_AGENCY_HTTP_ABORTED] = GW_AGENCY_CTR_BROKEN,
	};

	return counters[fault];
}

static enum gw_agency_ctr counter_of_answer(enum gw_agency_fault fault)
{
	static const enum gw_agency_ctr counters[GW_AGENCY_FAULTS] = {
		[GW_AGENCY_FAULT_STATUS] = GW_AGENCY_CTR_STATUS, [GW_AGENCY_FAULT_TYPE] = GW_AGENCY_CTR_TYPE,
		[GW_AGENCY_FAULT_JSON] = GW_AGENCY_CTR_JSON, [GW_AGENCY_FAULT_UTF8] = GW_AGENCY_CTR_UTF8,
		[GW_AGENCY_FAULT_DEPTH] = GW_AGENCY_CTR_DEPTH, [GW_AGENCY_FAULT_DUPLICATE] = GW_AGENCY_CTR_DUPLICATE,
		[GW_AGENCY_FAULT_NUL] = GW_AGENCY_CTR_NUL, [GW_AGENCY_FAULT_NUMBER] = GW_AGENCY_CTR_NUMBER,
		[GW_AGENCY_FAULT_MISSING] = GW_AGENCY_CTR_MISSING,
	};

	return counters[fault];
}

/* A refusal (400, 401 ...) is final and shows an agency that works. A fault of its own may pass. */
static bool may_pass(enum gw_agency_fault fault, unsigned int status)
{
	if (fault == GW_AGENCY_FAULT_STATUS)
		return status == 429 || status == 500 || (status >= 502 && status <= 504);
	return fault != GW_AGENCY_FAULT_NONE;
}

/* all->answer has been read. */
static void on_answer(struct call *call, unsigned int status, int64_t retry_after_s, int64_t now_ms)
{
	struct agency *agency = call->agency;
	struct gw_agency_answer *answer = &agency->all->answer;
	bool passing = may_pass(answer->fault, status);

	agency->answer_ms += (uint64_t)(now_ms - call->attempt_ms);
	gw_usage_called(agency->all->usage, agency->name, now_ms - call->attempt_ms, answer->fault == GW_AGENCY_FAULT_NONE);
	report(call, !passing, now_ms);
	if (answer->fault != GW_AGENCY_FAULT_NONE) {
		agency->counters[counter_of_answer(answer->fault)]++;
		LOGPAGENCY(agency, LOGL_INFO, "%s: status %u, not understood: %s\n", call->operation->name, status,
		           ctr_rows[counter_of_answer(answer->fault)].name);
	}
	if (!passing || !try_again(call, retry_after_s, now_ms))
		answer_call(call, &answer->answer);
}

static void on_fault(struct call *call, enum gw_agency_ctr counter, const char *why, int64_t now_ms)
{
	call->agency->counters[counter]++;
	gw_usage_called(call->agency->all->usage, call->agency->name, 0, false);
	LOGPAGENCY(call->agency, LOGL_INFO, "%s: %s\n", call->operation->name, why);
	report(call, false, now_ms);
	if (!try_again(call, 0, now_ms))
		fail_call(call);
}

static void on_done(void *transfer_ctx, const struct gw_agency_http_result *result)
{
	struct call *call = transfer_ctx;
	struct agency *agency = call->agency;
	int64_t now_ms = clock_ms(CLOCK_MONOTONIC);

	agency->in_flight--;
	agency->counters[GW_AGENCY_CTR_CONNECTS] += result->connects;
	agency->all->work = true; /* a place is free */
	if (result->fault != GW_AGENCY_HTTP_NONE) {
		on_fault(call, counter_of_transport(result->fault), result->why, now_ms);
		return;
	}
	gw_agency_answer_read(&agency->all->answer, call->operation, result->status, result->content_type, result->body, result->octets);
	on_answer(call, result->status, result->retry_after_s, now_ms);
}

static void on_own_done(void *ctx, unsigned int status, const json_t *body)
{
	struct call *call = ctx;
	struct gw_agencies *all = call->agency->all;
	int64_t now_ms = clock_ms(CLOCK_MONOTONIC);

	call->agency->in_flight--;
	all->work = true;
	if (!status) {
		on_fault(call, GW_AGENCY_CTR_TIMEOUT, "no answer in time", now_ms);
		return;
	}
	gw_agency_answer_take(&all->answer, call->operation, status, body);
	on_answer(call, status, 0, now_ms);
}

static int start_http(struct call *call)
{
	const struct menu_operation *op = call->operation;
	const struct gw_agency_http_request request = {
		.method = op->method, .url = call->text.url, .body = call->text.body, .body_octets = call->text.body_octets,
		.keyed = !op->safe, .idempotency = call->idempotency, .timeout_ms = op->timeout_ms,
	};

	return gw_agency_http_start(call->agency->http, &request, call);
}

static int start_own(struct call *call, int64_t now_ms)
{
	const struct menu_operation *op = call->operation;
	const struct gw_builtin_request request = {
		.method = op->method, .path = call->text.url + strlen(call->agency->base_url), .body = call->text.body,
		.body_octets = call->text.body_octets, .msisdn = call->msisdn, .language = call->language,
		.idempotency = op->safe ? 0 : call->idempotency, .dialog = call->dialog, .route = call->route, .until_ms = now_ms + op->timeout_ms,
	};

	return call->agency->all->builtin ? gw_builtin_start(call->agency->all->builtin, &request, on_own_done, call) : -ENOTSUP;
}

static int start_attempt(struct call *call, int64_t now_ms)
{
	int rc = call->agency->own ? start_own(call, now_ms) : start_http(call);

	if (rc)
		return rc;
	call->attempt_ms = now_ms;
	call->agency->in_flight++;
	call->agency->counters[GW_AGENCY_CTR_ATTEMPTS]++;
	if (call->attempts++)
		call->agency->counters[GW_AGENCY_CTR_RETRIES]++;
	return 0;
}

/* Starts the attempt, or counts why there is none. */
static bool attempt(struct call *call, int64_t now_ms)
{
	struct agency *agency = call->agency;
	enum gw_agency_ctr why;

	if (now_ms > call->deadline_ms) {
		why = GW_AGENCY_CTR_QUEUE_LATE;
	} else if ((call->pass = gw_breaker_ask(&agency->breaker, now_ms)) == GW_BREAKER_REFUSED) {
		why = GW_AGENCY_CTR_BREAKER_REFUSED;
	} else if (start_attempt(call, now_ms) == 0) {
		return true;
	} else {
		why = GW_AGENCY_CTR_UNFIT;
		report(call, false, now_ms);
	}
	agency->counters[why]++;
	return false;
}

static void start_queued(struct agency *agency, int64_t now_ms)
{
	struct call *call;

	while (agency->in_flight < agency->concurrency && (call = llist_first_entry_or_null(&agency->queue, struct call, list))) {
		llist_del(&call->list);
		agency->queued--;
		if (!attempt(call, now_ms))
			llist_add_tail(&call->list, &agency->all->refused);
	}
}

/* --- agencies --- */

static struct agency *agency_named(const struct gw_agencies *all, const char *name)
{
	struct agency *agency;

	llist_for_each_entry(agency, &all->agencies, list)
		if (strcmp(agency->name, name) == 0)
			return agency;
	return NULL;
}

static struct agency *new_agency(struct gw_agencies *all, const char *name)
{
	struct agency *agency = talloc_zero(all, struct agency), *before;
	struct llist_head *at = &all->agencies;

	agency->all = all;
	agency->name = talloc_strdup(agency, name);
	agency->http = gw_agency_http_alloc(agency, all->loop, on_done);
	INIT_LLIST_HEAD(&agency->queue);
	INIT_LLIST_HEAD(&agency->pauses);
	llist_for_each_entry(before, &all->agencies, list)
		if (strcmp(before->name, name) < 0)
			at = &before->list;
	llist_add(&agency->list, at);
	return agency;
}

static void adopt(struct gw_agencies *all, const struct menu_agency *settings, struct menu_diags *diags)
{
	struct agency *agency = agency_named(all, settings->name);
	char why[512] = "";
	int rc;

	if (!agency)
		agency = new_agency(all, settings->name);
	talloc_free((void *)(uintptr_t)agency->title_en);
	talloc_free((void *)(uintptr_t)agency->base_url);
	agency->title_en = talloc_strdup(agency, settings->title_en);
	agency->base_url = talloc_strdup(agency, settings->base_url);
	agency->concurrency = settings->concurrency;
	agency->queue_max = settings->queue;
	agency->breaker.failures_max = settings->breaker_failures;
	agency->breaker.open_ms = settings->breaker_open_ms;
	agency->own = settings->own;
	if (agency->own)
		return;
	rc = gw_agency_http_configure(agency->http, settings, why, sizeof(why));
	if (rc && diags)
		menu_diag_add(diags, settings->file, 0, "secret", "%s", why);
	else if (why[0])
		LOGPAGENCY(agency, rc ? LOGL_ERROR : LOGL_NOTICE, "%s\n", why);
}

static void keep_connections(struct gw_agencies *all)
{
	struct agency *agency;
	long connections = 8;

	llist_for_each_entry(agency, &all->agencies, list)
		connections += agency->own ? 0 : (long)agency->concurrency;
	curl_multi_setopt(gw_loop_curl_multi(all->loop), CURLMOPT_MAXCONNECTS, connections);
}

void gw_agencies_adopt(struct gw_agencies *all, const struct menu_agencies *set, struct menu_diags *diags)
{
	for (size_t i = 0; i < menu_agencies_count(set); i++)
		adopt(all, menu_agencies_at(set, i), diags);
	keep_connections(all);
}

void gw_agencies_serve_own(struct gw_agencies *all, struct gw_builtin *builtin)
{
	all->builtin = builtin;
}

void gw_agencies_count_in(struct gw_agencies *all, struct gw_usage *usage)
{
	all->usage = usage;
}

static struct agency *agency_of(struct gw_agencies *all, const struct menu_operation *operation)
{
	struct agency *agency = agency_named(all, operation->agency->name);

	if (agency)
		return agency;
	adopt(all, operation->agency, NULL); /* of a set that was not adopted, so that its calls do not fail for that */
	keep_connections(all);
	return agency_named(all, operation->agency->name);
}

int gw_agency_call(struct gw_agencies *all, const struct gw_agency_request *request, gw_agency_cb *cb, void *ctx, uint64_t token)
{
	struct agency *agency;
	struct call *call;
	int rc;

	if (request->operation->n_members)
		return gw_agency_together_call(all->together, request, cb, ctx, token);
	agency = agency_of(all, request->operation);
	if (all->closing || agency->in_flight + agency->queued + agency->paused >= agency->concurrency + agency->queue_max) {
		agency->counters[GW_AGENCY_CTR_REFUSED]++;
		return -EBUSY;
	}
	if (agency->own && (!request->msisdn || !request->msisdn[0]))
		return -EINVAL; /* whose? */
	call = take_call(all);
	rc = write_request(call, agency, request);
	if (rc) {
		put_call(all, call);
		return rc;
	}
	call->agency = agency;
	call->operation = request->operation;
	call->cb = cb;
	call->ctx = ctx;
	call->token = token;
	call->idempotency = request->idempotency;
	call->dialog = request->dialog;
	call->route = request->route;
	osmo_strlcpy(call->msisdn, request->msisdn ? request->msisdn : "", sizeof(call->msisdn));
	osmo_strlcpy(call->language, request->language ? request->language : "", sizeof(call->language));
	call->deadline_ms = clock_ms(CLOCK_MONOTONIC) + request->deadline_ms;
	call->attempts = 0;
	llist_add_tail(&call->list, &agency->queue);
	agency->queued++;
	agency->counters[GW_AGENCY_CTR_CALLS]++;
	all->open_calls++;
	all->work = true;
	return 0;
}

const struct menu_answer *gw_agency_as_of(struct gw_agencies *all, const struct gw_agency_request *request)
{
	const struct menu_operation *op = request->operation;
	const struct menu_answer *answer;

	if (!op->as_of_s || write_request(all->probe, agency_of(all, op), request) != 0)
		return NULL;
	answer = gw_as_of_find(all->as_of, all->probe->written, all->probe->key_octets, (int64_t)op->as_of_s * 1000, clock_ms(CLOCK_REALTIME));
	explicit_bzero(all->probe->written, all->probe->key_octets);
	return answer;
}

/* --- the loop --- */

static void start_all(struct gw_agencies *all)
{
	struct agency *agency;
	struct call *call;
	int64_t now_ms = clock_ms(CLOCK_MONOTONIC);

	all->work = false;
	llist_for_each_entry(agency, &all->agencies, list)
		start_queued(agency, now_ms);
	while ((call = llist_first_entry_or_null(&all->refused, struct call, list))) {
		llist_del(&call->list);
		fail_call(call);
	}
}

void gw_agencies_turn(struct gw_agencies *all)
{
	for (int i = 0; i < ROUNDS_MAX; i++) {
		if (all->work)
			start_all(all);
		if (gw_loop_curl_turn(all->loop))
			gw_agency_http_collect(all->loop);
		if (all->builtin)
			gw_builtin_collect(all->builtin);
		if (!all->work)
			return;
	}
}

static void end_pauses(struct agency *agency, int64_t now_ms)
{
	struct call *call, *next;

	llist_for_each_entry_safe(call, next, &agency->pauses, list) {
		if (call->due_ms > now_ms)
			continue;
		llist_del(&call->list);
		agency->paused--;
		llist_add_tail(&call->list, &agency->queue);
		agency->queued++;
		agency->all->work = true;
	}
}

/* A queue is in the order of arrival, deadlines are not: all of it is looked at, a few times a second. */
static void end_waiting(struct agency *agency, int64_t now_ms)
{
	struct call *call, *next;

	llist_for_each_entry_safe(call, next, &agency->queue, list) {
		if (now_ms <= call->deadline_ms)
			continue;
		llist_del(&call->list);
		agency->queued--;
		agency->counters[GW_AGENCY_CTR_QUEUE_LATE]++;
		llist_add_tail(&call->list, &agency->all->refused);
		agency->all->work = true;
	}
}

void gw_agencies_tick(struct gw_agencies *all)
{
	struct agency *agency;
	int64_t now_ms = clock_ms(CLOCK_MONOTONIC);

	llist_for_each_entry(agency, &all->agencies, list) {
		end_pauses(agency, now_ms);
		end_waiting(agency, now_ms);
	}
	if (all->builtin)
		gw_builtin_tick(all->builtin, now_ms);
	gw_agency_together_tick(all->together);
	gw_agencies_turn(all);
}

unsigned int gw_agencies_open_calls(const struct gw_agencies *all)
{
	return all->open_calls;
}

/* --- life --- */

static void fail_list(struct llist_head *calls)
{
	struct call *call;

	while ((call = llist_first_entry_or_null(calls, struct call, list))) {
		llist_del(&call->list);
		fail_call(call);
	}
}

static int destroy(struct gw_agencies *all)
{
	struct agency *agency, *next;

	all->closing = true; /* a callback that calls again is refused */
	llist_for_each_entry(agency, &all->agencies, list) {
		fail_list(&agency->queue);
		fail_list(&agency->pauses);
		gw_agency_http_abort(agency->http);
	}
	if (all->builtin)
		gw_builtin_abort(all->builtin);
	fail_list(&all->refused);
	llist_for_each_entry_safe(agency, next, &all->agencies, list)
		talloc_free(agency);
	talloc_free(all->loop);
	return 0;
}

struct gw_agencies *gw_agencies_alloc(void *ctx, const struct gw_agency_io *io, int log_category)
{
	struct gw_agencies *all = talloc_zero(ctx, struct gw_agencies);

	all->log_category = log_category;
	INIT_LLIST_HEAD(&all->agencies);
	INIT_LLIST_HEAD(&all->refused);
	INIT_LLIST_HEAD(&all->spare);
	all->loop = gw_loop_curl_alloc(all, io);
	if (!all->loop) {
		talloc_free(all);
		return NULL;
	}
	all->as_of = gw_as_of_alloc(all, AS_OF_OCTETS_MAX);
	all->together = gw_agency_together_alloc(all, all, log_category);
	all->probe = talloc_zero(all, struct call);
	talloc_set_destructor(all, destroy);
	return all;
}

size_t gw_agencies_count(const struct gw_agencies *all)
{
	return llist_count(&all->agencies);
}

void gw_agencies_info(const struct gw_agencies *all, size_t index, struct gw_agency_info *info)
{
	struct agency *agency;

	memset(info, 0, sizeof(*info));
	llist_for_each_entry(agency, &all->agencies, list) {
		if (index-- > 0)
			continue;
		info->name = agency->name;
		info->title_en = agency->title_en;
		info->base_url = agency->base_url;
		info->breaker = gw_breaker_state_name(agency->breaker.state);
		info->in_flight = agency->in_flight;
		info->queued = agency->queued;
		info->retrying = agency->paused;
		info->concurrency = agency->concurrency;
		info->queue = agency->queue_max;
		info->answer_ms = agency->answer_ms;
		memcpy(info->counters, agency->counters, sizeof(info->counters));
		return;
	}
}
