/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* /v1/events: an agency fetches what it is told, with a cursor, and acknowledges it. An agency with a webhook may read, too: what was
 * put into its feed before it had one is there until it is acknowledged. */
#include <errno.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "gateway/account.h"
#include "gateway/api.h"
#include "gateway/feed.h"
#include "gateway/gateway.h"

#define LIMIT_MAX 200
#define LIMIT 50
#define WAIT_MAX_S 30
#define ANSWER_OCTETS (1024 * 1024)     /* beyond, the rest is for the next call */
#define SPARE_MS 1000                   /* before the call's deadline */

static void refuse(struct gw_api_call *call, enum sess_feed_result result)
{
	gw_api_problem_ledger(call, result == SESS_FEED_BUSY ? SESS_LEDGER_BUSY : SESS_LEDGER_DOWN);
}

/* ---- fetching ---- */

static void on_read(void *ctx, uint64_t token, enum sess_feed_result result, const struct sess_feed_entry *entries, size_t n)
{
	const struct gw *gw = ctx;
	struct gw_api_call *call = gw_api_call_at(gw->api, token);
	json_t *events;
	size_t octets = 0, i;
	const char *next;

	if (!call)
		return;
	if (result != SESS_FEED_OK) {
		refuse(call, result);
		return;
	}
	next = gw_api_query(call, "after");
	events = json_array();
	/* One more was asked for than is wanted: it tells whether there is more. */
	for (i = 0; i < n && i < *(const unsigned int *)call->state && octets < ANSWER_OCTETS; i++) {
		json_t *event = json_loadb(entries[i].body, entries[i].octets, 0, NULL);

		if (event)
			json_array_append_new(events, event);
		octets += entries[i].octets;
		next = entries[i].cursor;
	}
	gw_api_answer(call, 200, json_pack("{s:o, s:o, s:b}", "events", events, "next", next ? json_string(next) : json_null(), "more", i < n));
}

static void fetch(struct gw_api_call *call)
{
	unsigned int limit, wait_s, deadline_ms = call->gw->config->api.deadline_ms, *wanted;
	struct gw_feed_read read = { .name = call->agency, .after = gw_api_query(call, "after") };
	int rc;

	if (!gw_api_query_number(call, "limit", 1, LIMIT_MAX, LIMIT, &limit) || !gw_api_query_number(call, "wait", 0, WAIT_MAX_S, 0, &wait_s))
		return;
	if (read.after && !sess_feed_cursor_ok(read.after)) {
		gw_api_problem(call, 400, "bad-query", "after is not a cursor that was given here");
		return;
	}
	read.n = limit + 1;
	read.wait_ms = OSMO_MIN(wait_s * 1000, deadline_ms > SPARE_MS ? deadline_ms - SPARE_MS : 0);
	wanted = talloc(call, unsigned int);
	*wanted = limit;
	call->state = wanted;
	rc = gw_feed_read(call->gw->feed_readers, &read, on_read, call->gw, gw_api_handle(call));
	if (rc < 0)
		refuse(call, rc == -EAGAIN ? SESS_FEED_BUSY : SESS_FEED_DOWN);
}

static void forget(struct gw_api_call *call)
{
	gw_feed_forget(call->gw->feed_readers, gw_api_handle(call));
}

/* ---- acknowledging ---- */

static void on_acknowledged(void *ctx, uint64_t token, enum sess_feed_result result)
{
	const struct gw *gw = ctx;
	struct gw_api_call *call = gw_api_call_at(gw->api, token);

	if (!call)
		return;
	if (result == SESS_FEED_OK)
		gw_api_answer(call, 204, NULL);
	else if (result == SESS_FEED_UNKNOWN)
		gw_api_problem_at(call, 422, "bad-field", "/cursor", "nothing so far ahead was ever told to this account");
	else
		refuse(call, result);
}

static void acknowledge(struct gw_api_call *call)
{
	const char *cursor = json_string_value(json_object_get(call->body, "cursor"));

	if (!cursor || !sess_feed_cursor_ok(cursor) || json_object_size(call->body) != 1) {
		gw_api_problem_at(call, 422, "bad-field", "/cursor", "the body is {\"cursor\": ...}, with a cursor that was given here");
		return;
	}
	if (sess_feed_ack(call->gw->feeds, call->agency, cursor, on_acknowledged, call->gw, gw_api_handle(call)) < 0)
		refuse(call, SESS_FEED_DOWN);
}

const struct gw_api_route gw_api_event_routes[] = {
	{ .method = "GET", .path = "/v1/events", .scope = GW_SCOPE_EVENTS, .begin = fetch, .gone = forget },
	{ .method = "POST", .path = "/v1/events/ack", .scope = GW_SCOPE_EVENTS, .body = GW_API_JSON, .body_max = 1024, .begin = acknowledge },
	{ .path = NULL },
};
