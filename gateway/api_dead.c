/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* /v1/dead: what could not be delivered to an agency, or for it. An agency sees its own letters only; one of another is, for it,
 * not there. */
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/api.h"
#include "gateway/dead.h"
#include "gateway/gateway.h"

#define LIMIT_MAX 100
#define LIMIT 20

/* Of a call that lists, or that asks for one letter. */
struct state { json_t *letters; struct gw_dead_at at; bool drops, found; };

static int free_state(struct state *state)
{
	json_decref(state->letters);
	return 0;
}

static struct state *state_new(struct gw_api_call *call)
{
	struct state *state = talloc_zero(call, struct state);

	talloc_set_destructor(state, free_state);
	call->state = state;
	return state;
}

static void refuse(struct gw_api_call *call, enum sess_queue_result result)
{
	gw_api_problem_ledger(call, result == SESS_QUEUE_BUSY ? SESS_LEDGER_BUSY : SESS_LEDGER_DOWN);
}

static void unknown(struct gw_api_call *call)
{
	gw_api_problem(call, 404, "unknown-dead", "no dead letter of this account has this id");
}

/* ---- a list ---- */

static void on_listed(void *ctx, uint64_t token, const struct gw_dead *letter)
{
	const struct gw *gw = ctx;
	struct gw_api_call *call = gw_api_call_at(gw->api, token);

	if (call)
		json_array_append_new(((struct state *)call->state)->letters, gw_dead_show(letter));
}

static void on_list_end(void *ctx, uint64_t token, enum sess_queue_result result, const struct gw_dead_at *next)
{
	const struct gw *gw = ctx;
	struct gw_api_call *call = gw_api_call_at(gw->api, token);
	char cursor[GW_DEAD_ID_OCTETS];

	if (!call)
		return;
	if (result != SESS_QUEUE_OK) {
		refuse(call, result);
		return;
	}
	if (next)
		gw_dead_id_print(next, cursor);
	gw_api_answer(call, 200, json_pack("{s:O, s:o, s:b}", "dead", ((struct state *)call->state)->letters, "next",
					   next ? json_string(cursor) : json_null(), "more", next != NULL));
}

static void list(struct gw_api_call *call)
{
	const char *queue = gw_api_query(call, "queue"), *cursor = gw_api_query(call, "cursor");
	struct gw_dead_list wanted = { .queues = call->gw->queues, .agency = call->agency };

	if (!gw_api_query_number(call, "limit", 1, LIMIT_MAX, LIMIT, &wanted.n))
		return;
	if (queue && !(wanted.only = gw_queues_find(call->gw->queues, queue, strlen(queue)))) {
		gw_api_problem(call, 400, "bad-query", "queue names none");
		return;
	}
	if (cursor && (!gw_dead_id_read(call->gw->queues, cursor, &wanted.after) || (wanted.only && wanted.after.queue != wanted.only))) {
		gw_api_problem(call, 400, "bad-query", "cursor is not one that this list gave");
		return;
	}
	state_new(call)->letters = json_array();
	gw_dead_list(&wanted, on_listed, on_list_end, call->gw, gw_api_handle(call));
}

/* ---- one letter: is it the caller's? then what is to be done with it ---- */

static void on_retried(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_id *id)
{
	const struct gw *gw = ctx;
	struct gw_api_call *call = gw_api_call_at(gw->api, token);

	(void)id;
	if (!call)
		return;
	if (result == SESS_QUEUE_OK)
		gw_api_answer(call, 200, json_pack("{s:s, s:b}", "id", call->params[0], "retried", true));
	else if (result == SESS_QUEUE_GONE)
		unknown(call);
	else
		refuse(call, result);
}

static void on_dropped(void *ctx, uint64_t token, enum sess_queue_result result)
{
	const struct gw *gw = ctx;
	struct gw_api_call *call = gw_api_call_at(gw->api, token);

	if (!call)
		return;
	if (result == SESS_QUEUE_OK)
		gw_api_answer(call, 204, NULL);
	else if (result == SESS_QUEUE_GONE)
		unknown(call);
	else
		refuse(call, result);
}

static void on_found(void *ctx, uint64_t token, const struct gw_dead *letter)
{
	const struct gw *gw = ctx;
	struct gw_api_call *call = gw_api_call_at(gw->api, token);

	if (call)
		((struct state *)call->state)->found = strcmp(letter->agency, call->agency) == 0;
}

static void on_find_end(void *ctx, uint64_t token, enum sess_queue_result result, const struct gw_dead_at *next)
{
	const struct gw *gw = ctx;
	struct gw_api_call *call = gw_api_call_at(gw->api, token);
	const struct state *state;
	int rc;

	(void)next;
	if (!call)
		return;
	state = call->state;
	if (result != SESS_QUEUE_OK) {
		refuse(call, result);
		return;
	}
	if (!state->found) {
		unknown(call);
		return;
	}
	if (state->drops)
		rc = sess_queue_dead_drop(state->at.queue->queue, &state->at.id, on_dropped, ctx, token);
	else
		rc = sess_queue_dead_retry(state->at.queue->queue, &state->at.id, on_retried, ctx, token);
	if (rc < 0)
		refuse(call, SESS_QUEUE_DOWN);
}

static void find(struct gw_api_call *call, bool drops)
{
	struct state *state = state_new(call);

	state->drops = drops;
	if (gw_dead_id_read(call->gw->queues, call->params[0], &state->at))
		gw_dead_find(&state->at, on_found, on_find_end, call->gw, gw_api_handle(call));
	else
		unknown(call);
}

static void retry(struct gw_api_call *call)
{
	find(call, false);
}

static void drop(struct gw_api_call *call)
{
	find(call, true);
}

const struct gw_api_route gw_api_dead_routes[] = {
	{ .method = "GET", .path = "/v1/dead", .scope = GW_SCOPE_DEAD, .begin = list },
	{ .method = "POST", .path = "/v1/dead/{id}/retry", .scope = GW_SCOPE_DEAD, .begin = retry },
	{ .method = "DELETE", .path = "/v1/dead/{id}", .scope = GW_SCOPE_DEAD, .begin = drop },
	{ .path = NULL },
};
