/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See builtin.h. A call lives in a slot, known outside by slot and generation; it is in the list of those that run or of those
 * that are answered. Telling its end frees it. */
#include "gateway/builtin.h"

#include <errno.h>
#include <string.h>

#include <osmocom/core/linuxlist.h>
#include <osmocom/core/talloc.h>

#include "gateway/builtin_guard.h"
#include "gateway/builtin_path.h"

struct call {
	struct llist_head list;
	uint32_t slot, generation;
	gw_builtin_done *done;
	void *ctx;
	int64_t until_ms;
	unsigned int status;
	json_t *body;
};

struct gw_builtin {
	struct gw *gw;
	const struct gw_builtin_row *const *tables;
	struct llist_head running, answered, spare;
	struct call *slots[GW_BUILTIN_CALLS_MAX];
	uint32_t n_slots;
};

static struct call *take(struct gw_builtin *builtin)
{
	struct call *call = llist_first_entry_or_null(&builtin->spare, struct call, list);

	if (call) {
		llist_del(&call->list);
		return call;
	}
	if (builtin->n_slots == GW_BUILTIN_CALLS_MAX)
		return NULL;
	call = talloc_zero(builtin, struct call);
	call->slot = builtin->n_slots;
	call->generation = 1;
	builtin->slots[builtin->n_slots++] = call;
	return call;
}

/* The one end of a call. It is nobody's before its owner hears, who may start another. */
static void end(struct gw_builtin *builtin, struct call *call)
{
	gw_builtin_done *done = call->done;
	void *ctx = call->ctx;
	unsigned int status = call->status;
	json_t *body = call->body;

	llist_del(&call->list);
	call->generation++;
	call->status = 0;
	call->body = NULL;
	llist_add(&call->list, &builtin->spare);
	done(ctx, status, body);
	json_decref(body);
}

/* NULL: nobody serves it. */
static const struct gw_builtin_row *row_of(const struct gw_builtin *builtin, const struct gw_builtin_request *request,
					   struct gw_builtin_params *params)
{
	for (size_t i = 0; builtin->tables[i]; i++)
		for (const struct gw_builtin_row *row = builtin->tables[i]; row->path; row++)
			if (strcmp(row->method, request->method) == 0 && gw_builtin_match(row->path, request->path, params))
				return row;
	return NULL;
}

static uint64_t token_of(const struct call *call)
{
	return (uint64_t)call->generation << 32 | call->slot;
}

static void serve(struct gw_builtin *builtin, const struct gw_builtin_request *request, const json_t *body, uint64_t token)
{
	const struct gw_builtin_call call = {
		.gw = builtin->gw, .builtin = builtin, .msisdn = request->msisdn, .method = request->method, .path = request->path, .body = body,
		.language = request->language, .door = request->door ? request->door : "ussd", .account = request->account ? request->account : "",
		.idempotency = request->idempotency, .dialog = request->dialog, .route = request->route, .token = token,
	};
	struct gw_builtin_params params;
	const struct gw_builtin_row *row = row_of(builtin, request, &params);

	if (!row)
		gw_builtin_answer(builtin, token, 501, NULL);
	else if (!gw_builtin_guard(row, &call))
		row->serve(&call, params.at);
}

int gw_builtin_start(struct gw_builtin *builtin, const struct gw_builtin_request *request, gw_builtin_done *done, void *ctx)
{
	json_t *body = request->body ? json_loadb(request->body, request->body_octets, JSON_REJECT_DUPLICATES, NULL) : NULL;
	struct call *call;

	if (request->body && !body)
		return -EINVAL;
	call = take(builtin);
	if (!call) {
		json_decref(body);
		return -EBUSY;
	}
	call->done = done;
	call->ctx = ctx;
	call->until_ms = request->until_ms;
	llist_add_tail(&call->list, &builtin->running);
	serve(builtin, request, body, token_of(call));
	json_decref(body);
	return 0;
}

void gw_builtin_answer(struct gw_builtin *builtin, uint64_t token, unsigned int status, json_t *body)
{
	uint32_t slot = (uint32_t)token;
	struct call *call = slot < builtin->n_slots ? builtin->slots[slot] : NULL;

	if (!call || call->generation != (uint32_t)(token >> 32) || call->status) {
		json_decref(body);
		return;
	}
	call->status = status;
	call->body = body;
	llist_del(&call->list);
	llist_add_tail(&call->list, &builtin->answered);
}

bool gw_builtin_collect(struct gw_builtin *builtin)
{
	struct llist_head now;
	struct call *call;
	bool any = !llist_empty(&builtin->answered);

	INIT_LLIST_HEAD(&now);
	llist_splice_init(&builtin->answered, &now); /* what is answered meanwhile is told the next time */
	while ((call = llist_first_entry_or_null(&now, struct call, list)))
		end(builtin, call);
	return any;
}

void gw_builtin_tick(struct gw_builtin *builtin, int64_t now_ms)
{
	struct call *call, *next;
	struct llist_head late;

	INIT_LLIST_HEAD(&late);
	llist_for_each_entry_safe(call, next, &builtin->running, list)
		if (now_ms >= call->until_ms)
			llist_move_tail(&call->list, &late);
	while ((call = llist_first_entry_or_null(&late, struct call, list)))
		end(builtin, call);
}

void gw_builtin_abort(struct gw_builtin *builtin)
{
	struct call *call;

	while ((call = llist_first_entry_or_null(&builtin->running, struct call, list)))
		end(builtin, call);
	while (gw_builtin_collect(builtin))
		;
}

struct gw_builtin *gw_builtin_alloc(void *ctx, struct gw *gw, const struct gw_builtin_row *const *tables)
{
	struct gw_builtin *builtin = talloc_zero(ctx, struct gw_builtin);

	builtin->gw = gw;
	builtin->tables = tables;
	INIT_LLIST_HEAD(&builtin->running);
	INIT_LLIST_HEAD(&builtin->answered);
	INIT_LLIST_HEAD(&builtin->spare);
	return builtin;
}

static bool is_served(const struct gw_builtin_row *const *tables, const struct menu_operation *op)
{
	for (size_t i = 0; tables[i]; i++)
		for (const struct gw_builtin_row *row = tables[i]; row->path; row++)
			if (strcmp(row->method, op->method) == 0 && gw_builtin_matches_template(row->path, op->path))
				return true;
	return false;
}

void gw_builtin_check(const struct gw_builtin_row *const *tables, const struct menu_agencies *agencies, struct menu_diags *diags)
{
	const struct menu_agency *agency;

	for (size_t i = 0; (agency = menu_agencies_at(agencies, i)); i++)
		for (size_t k = 0; agency->own && k < agency->n_operations; k++) {
			const struct menu_operation *op = &agency->operations[k];
			if (!is_served(tables, op))
				menu_diag_add(diags, op->file, op->line, "gateway", "%s: the gateway does not serve %s %s", op->name, op->method, op->path);
		}
}
