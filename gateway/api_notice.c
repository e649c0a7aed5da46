/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* /v1/notices: routes, and one notice by its id. What is another agency's is not there, and takes as long to be found missing. */
#include <errno.h>
#include <string.h>

#include <osmocom/core/talloc.h>

#include "gateway/api_notice.h"
#include "gateway/gateway.h"
#include "gateway/notices.h"

static void tell_unknown(struct gw_api_call *call)
{
	gw_api_problem(call, 404, "unknown-notice", "no notice of %s has this id", call->agency);
}

/* rc of a call to the notices that has no answer. */
static void tell_failure(struct gw_api_call *call, int rc)
{
	if (rc == -EINVAL)
		tell_unknown(call);
	else
		gw_api_problem_ledger(call, SESS_LEDGER_DOWN);
}

static bool is_theirs(const struct gw_api_call *call, const struct gw_notice *notice)
{
	return notice && strcmp(notice->agency, call->agency) == 0;
}

/* ---- shown ---- */

static void on_loaded(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_notice *notice)
{
	struct gw *gw = ctx;
	struct gw_api_call *call = gw_api_call_at(gw->api, token);

	if (!call)
		return;
	if (result != SESS_LEDGER_OK)
		gw_api_problem_ledger(call, result);
	else if (is_theirs(call, notice))
		gw_api_answer(call, 200, gw_notice_show(notice));
	else
		tell_unknown(call);
}

static void serve_one(struct gw_api_call *call)
{
	int rc = gw_notices_load(call->gw->notices, call->params[0], on_loaded, call->gw, gw_api_handle(call));

	if (rc < 0)
		tell_failure(call, rc);
}

/* ---- cancelled ---- */

/* Lives until the notices have answered, whatever becomes of the call. */
struct cancelling {
	struct gw *gw;
	uint64_t handle;
	char agency[33];
	bool too_late;
};

/* Nothing has gone out, and nothing may be under way. */
static bool is_untouched(const struct gw_notice *notice)
{
	if (notice->state != GW_NOTICE_ACCEPTED && notice->state != GW_NOTICE_SENDING)
		return false;
	for (unsigned int i = 0; i < notice->n_parts; i++)
		if (notice->parts[i].state != GW_PART_WAITING)
			return false;
	return true;
}

/* One that is cancelled already was cancelled by the same call, whose answer was lost. What the citizen has read stays in the inbox. */
static bool cancel_it(void *ctx, struct gw_notice *notice, struct sess_ledger_commit *commit)
{
	struct cancelling *cancelling = ctx;

	if (strcmp(notice->agency, cancelling->agency) != 0 || notice->state == GW_NOTICE_CANCELLED)
		return false;
	cancelling->too_late = !is_untouched(notice);
	if (cancelling->too_late)
		return false;
	if (notice->inbox == GW_INBOX_UNREAD)
		notice->inbox = GW_INBOX_DELETED;
	gw_notices_set_state(cancelling->gw->notices, notice, GW_NOTICE_CANCELLED, NULL, commit);
	return true;
}

static void on_cancelled(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_notice *notice)
{
	struct cancelling *cancelling = ctx;
	struct gw_api_call *call = gw_api_call_at(cancelling->gw->api, cancelling->handle);

	(void)token;
	if (!call)
		;
	else if (result != SESS_LEDGER_OK)
		gw_api_problem_ledger(call, result);
	else if (!is_theirs(call, notice))
		tell_unknown(call);
	else if (cancelling->too_late)
		gw_api_problem(call, 409, "wrong-state", "it is %s: what is under way cannot be called back", gw_notice_state_name(notice->state));
	else
		gw_api_answer(call, 200, gw_notice_show(notice));
	talloc_free(cancelling);
}

static void begin_cancel(struct gw_api_call *call)
{
	struct cancelling *cancelling = talloc_zero(call->gw, struct cancelling);
	int rc;

	cancelling->gw = call->gw;
	cancelling->handle = gw_api_handle(call);
	memcpy(cancelling->agency, call->agency, sizeof(cancelling->agency));
	rc = gw_notices_change(call->gw->notices, call->params[0], cancel_it, cancelling, on_cancelled, cancelling, 0);
	if (rc == 0)
		return;
	tell_failure(call, rc);
	talloc_free(cancelling);
}

const struct gw_api_route gw_api_notice_routes[] = {
	{ .method = "POST", .path = "/v1/notices", .scope = GW_SCOPE_NOTICES_SEND, .body = GW_API_JSON, .begin = api_notice_post },
	{ .method = "GET", .path = "/v1/notices/unsure", .scope = GW_SCOPE_NOTICES_READ, .begin = api_notice_unsure },
	{ .method = "GET", .path = "/v1/notices/{id}", .scope = GW_SCOPE_NOTICES_READ, .begin = serve_one },
	{ .method = "POST", .path = "/v1/notices/{id}/cancel", .scope = GW_SCOPE_NOTICES_SEND, .begin = begin_cancel },
	{ .path = NULL },
};
