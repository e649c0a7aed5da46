/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What of a number's letters, requests and payments is for who has it now. A number may be in another hand before anybody proves anything with it,
 * so where it is known whose it was, the agency is asked about the SIM, once in a dialog and gateway; another one drops what was proved at once, as
 * a step of the ladder would. It is an ask that climbs nothing: the record, at most one fact, an answer. */
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/identity_priv.h"
#include "gateway/loop.h"

static void end(struct gw_identity_ask *ask, enum sess_ledger_result result, int64_t from_ms)
{
	gw_identity_from_cb *view = ask->view;
	void *ctx = ask->view_ctx;
	uint64_t token = ask->view_token;

	talloc_free(ask);
	view(ctx, token, result, from_ms);
}

void gw_identity_view_fail(struct gw_identity_ask *ask)
{
	end(ask, SESS_LEDGER_DOWN, 0);
}

static void on_dropped(void *ctx, uint64_t token, enum sess_ledger_result result)
{
	(void)token;
	end(ctx, result, gw_clock_wall_ms());
}

static bool was_asked(const struct gw_identity_ask *ask)
{
	uint64_t dialog = ask->request.dialog;

	return dialog && ask->identities->sims[dialog % SIMS_KEPT].dialog == dialog &&
	       strcmp(ask->identities->sims[dialog % SIMS_KEPT].since, ask->loaded.since) == 0;
}

static void keep_asked(const struct gw_identity_ask *ask)
{
	uint64_t dialog = ask->request.dialog;

	ask->identities->sims[dialog % SIMS_KEPT].dialog = dialog;
	OSMO_STRLCPY_ARRAY(ask->identities->sims[dialog % SIMS_KEPT].since, ask->loaded.since);
}

static bool is_another_sim(const struct gw_identity_ask *ask)
{
	return strcmp(ask->facts.sim_since, ask->loaded.since) != 0;
}

void gw_identity_view_go_on(struct gw_identity_ask *ask)
{
	struct gw_identities *identities = ask->identities;

	if (!ask->loaded.id[0] || was_asked(ask)) {
		end(ask, SESS_LEDGER_OK, gw_identity_from_ms(&identities->config.limits, &ask->loaded, gw_clock_wall_ms()));
	} else if (ask->facts.sim == GW_FACT_UNKNOWN) {
		ask->verdict.need = GW_NEED_SIM;
		gw_identity_find_out(ask);
	} else if (!is_another_sim(ask)) {
		keep_asked(ask);
		end(ask, SESS_LEDGER_OK, gw_identity_from_ms(&identities->config.limits, &ask->loaded, gw_clock_wall_ms()));
	} else if (gw_identities_drop(identities, ask->msisdn, "sim", identities->config.agency, on_dropped, ask, 0) < 0) {
		gw_identity_view_fail(ask);
	}
}

void gw_identities_from(struct gw_identities *identities, struct gw_builtin *builtin, const char *msisdn, uint64_t dialog, gw_identity_from_cb *cb,
			void *ctx, uint64_t token)
{
	struct gw_identity_ask *ask = talloc_zero(builtin, struct gw_identity_ask);

	talloc_set_destructor(ask, gw_identity_ask_free);
	ask->identities = identities;
	ask->builtin = builtin;
	ask->view = cb;
	ask->view_ctx = ctx;
	ask->view_token = token;
	ask->request.dialog = dialog;
	OSMO_STRLCPY_ARRAY(ask->msisdn, msisdn);
	gw_identity_load(ask);
}
