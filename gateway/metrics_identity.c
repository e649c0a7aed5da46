/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The numbers of the identity ladder and of its hasher. */
#include <assert.h>

#include <osmocom/core/utils.h>

#include "gateway/gateway.h"
#include "gateway/identity.h"
#include "gateway/metrics_priv.h"
#include "gateway/prom.h"

#define IDENTITY(name, field, help) { name, offsetof(struct gw_identity_counters, field), help }
static const struct gw_metrics_field identity[] = {
	IDENTITY("asked", asked, "steps of the ladder that menus asked for"),
	IDENTITY("proved_1", proved[0], "proofs that a number is a person's, where something was asked for"),
	IDENTITY("proved_2", proved[1], "proofs by PIN"),
	IDENTITY("proved_3", proved[2], "proofs by code"),
	IDENTITY("refused_ids", refused_ids, "national IDs that are not the number's"),
	IDENTITY("refused_legal_ids", refused_legal_ids, "legal IDs that the person does not represent"),
	IDENTITY("wrong_pins", wrong_pins, "wrong PINs, but those that locked a number out"),
	IDENTITY("wrong_codes", wrong_codes, "wrong codes"),
	IDENTITY("lockouts", lockouts, "numbers locked out by wrong PINs"),
	IDENTITY("too_often", too_often, "steps refused because a limit of their number was reached"),
	IDENTITY("pins_set", pins_set, "PINs set for the first time"),
	IDENTITY("pins_reset", pins_reset, "PINs that were forgotten, and set anew"),
	IDENTITY("codes_sent", codes_sent, "codes sent by SMS"),
	IDENTITY("dropped", dropped, "identities dropped because SIM or owner changed, or by an operator"),
	IDENTITY("conflicts", conflicts, "commits that another was faster with"),
	IDENTITY("failures", failures, "steps that failed: the ledger, the agency or the hasher did not answer"),
};
static_assert(sizeof(struct gw_identity_counters) == ARRAY_SIZE(identity) * sizeof(uint64_t), "every counter of identities is printed");

#define HASHER(field, help) { #field, offsetof(struct gw_hasher_counters, field), help }
static const struct gw_metrics_field hasher[] = {
	HASHER(hashed, "PINs hashed"),
	HASHER(verified, "PINs compared with their hash"),
	HASHER(refused, "PINs that found the queue full"),
	HASHER(failed, "hashes that could not be computed"),
};
static_assert(sizeof(struct gw_hasher_counters) == ARRAY_SIZE(hasher) * sizeof(uint64_t), "every counter of the hasher is printed");

void gw_metrics_print_identity(FILE *to, const struct gw *gw)
{
	static const struct gw_prom_family pending = { "dolat_hasher_", "pending", GW_PROM_GAUGE, "PINs that wait for their hash" };

	if (!gw->identities)
		return;
	gw_metrics_print_fields(to, "dolat_identity_", identity, ARRAY_SIZE(identity), gw_identity_counters(gw->identities));
	gw_prom_family(to, &pending);
	gw_prom_count(to, &pending, "", GW_PROM_NO_LABELS, gw_hasher_pending(gw_identities_hasher(gw->identities)));
	gw_metrics_print_fields(to, "dolat_hasher_", hasher, ARRAY_SIZE(hasher), gw_hasher_counters(gw_identities_hasher(gw->identities)));
}
