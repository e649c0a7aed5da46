/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See builtin_guard.h. The call is kept while the identity ladder looks: a copy, a child of the builtin. An account that acts for a citizen has
 * authenticated them itself. */
#include "gateway/builtin_guard.h"

#include <osmocom/core/talloc.h>

#include "gateway/builtin_path.h"
#include "gateway/gateway.h"
#include "gateway/identity.h"

struct guarded {
	const struct gw_builtin_row *row;
	struct gw_builtin_call call;
	json_t *body;
};

static int guarded_free(struct guarded *guarded)
{
	json_decref(guarded->body);
	return 0;
}

static struct guarded *keep(const struct gw_builtin_row *row, const struct gw_builtin_call *call)
{
	struct guarded *guarded = talloc_zero(call->builtin, struct guarded);

	guarded->row = row;
	guarded->call = *call;
	guarded->body = call->body ? json_deep_copy(call->body) : NULL;
	guarded->call.body = guarded->body;
	guarded->call.msisdn = talloc_strdup(guarded, call->msisdn);
	guarded->call.method = row->method;
	guarded->call.path = talloc_strdup(guarded, call->path);
	guarded->call.language = talloc_strdup(guarded, call->language);
	guarded->call.door = talloc_strdup(guarded, call->door);
	guarded->call.account = "";
	talloc_set_destructor(guarded, guarded_free);
	return guarded;
}

static void on_from(void *ctx, uint64_t token, enum sess_ledger_result result, int64_t from_ms)
{
	struct guarded *guarded = ctx;
	struct gw_builtin_params params;

	(void)token;
	guarded->call.from_ms = from_ms;
	if (result != SESS_LEDGER_OK)
		gw_builtin_answer(guarded->call.builtin, guarded->call.token, 503, NULL);
	else if (gw_builtin_match(guarded->row->path, guarded->call.path, &params))
		guarded->row->serve(&guarded->call, params.at);
	talloc_free(guarded);
}

bool gw_builtin_guard(const struct gw_builtin_row *row, const struct gw_builtin_call *call)
{
	if (!row->kept || call->account[0] || !call->gw || !call->gw->identities)
		return false;
	gw_identities_from(call->gw->identities, call->builtin, call->msisdn, call->dialog, on_from, keep(row, call), 0);
	return true;
}
