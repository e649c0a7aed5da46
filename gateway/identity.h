/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Who a number belongs to, and how that is proved: the identity ladder (identity_step.h) at work. Menus reach it as the gateway's own
 * operation `POST /identity` (menus/agencies.md); it asks the identity agency of the menu, the hasher and the ledger, and answers once.
 *
 *     {"level": 3, "subject": "person", "proved": 0, "asked": "pin", "typed": "..."}
 *     200 {"ask": "code", "hint": "", "left": 3}                                put this question
 *     200 {"ask": "", "level": 3, "id": "...", "legal_id": "...", "province": "..."}   it is proved
 *     403 {"why": "not_represented" | "changed"}     429 {"why": "often" | "locked", "until": seconds since 1970}
 *     503                                            the agency, the ledger or the hasher is not there
 *
 * Everything of a number is one record in its partition of the ledger, `identity:{pNN}:<number>`, written over what was loaded: gateways
 * share limits and lock-outs. What is answered was committed before.
 *
 * Freed before the ledger and the agencies or after: what is pending is a child of the builtin, and is answered by their ends. */
#pragma once

#include "gateway/agency.h"
#include "gateway/builtin.h"
#include "gateway/hasher.h"
#include "gateway/identity_step.h"
#include "gateway/notices.h"
#include "menus/pin.h"
#include "sessions/ledger.h"

struct gw_identities;

struct gw_identities_config {
	struct sess_ledger *ledger;
	struct gw_notices *notices;      /* codes are sent as these */
	const struct gw_seal *seal;
	struct menu_pins *pins;
	struct gw_agencies *agencies;
	const char *agency;              /* by its name in the current menu: operations match, sim, represents */
	struct gw_identity_limits limits;
	struct gw_hasher_config hasher;
};

/* A child of ctx; NULL after a log line. */
struct gw_identities *gw_identities_alloc(void *ctx, const struct gw_identities_config *config);
/* The row of the builtin table. */
extern const struct gw_builtin_row gw_builtin_identity_rows[];

/* What is remembered of a number. record: NULL unless OK, and where there is nothing. Valid during the callback. */
typedef void gw_identity_cb(void *ctx, uint64_t token, enum sess_ledger_result result, const struct gw_identity *record);
int gw_identities_load(struct gw_identities *identities, const char *msisdn, gw_identity_cb *cb, void *ctx, uint64_t token);
/* From when on what is kept of this number is for who has it now (gw_identity_from_ms). Where it is known whose the number is, the agency is
 * asked whether the SIM still is the one that was, once in a dialog (0: it is not known which); if it is not, what was proved is dropped
 * first. result: OK, or DOWN where one of them does not answer: then nobody can tell. May call back at once; a child of the builtin. */
typedef void gw_identity_from_cb(void *ctx, uint64_t token, enum sess_ledger_result result, int64_t from_ms);
void gw_identities_from(struct gw_identities *identities, struct gw_builtin *builtin, const char *msisdn, uint64_t dialog, gw_identity_from_cb *cb,
			void *ctx, uint64_t token);
/* Drops what was proved of it: "sim", "owner" as an agency (`by`) tells, "operator": with its limits and lock-outs. There may have been
 * nothing to drop, which is as good. 0, -EINVAL: that is no number. */
typedef void gw_identity_dropped_cb(void *ctx, uint64_t token, enum sess_ledger_result result);
int gw_identities_drop(struct gw_identities *identities, const char *msisdn, const char *why, const char *by, gw_identity_dropped_cb *cb, void *ctx,
		       uint64_t token);

/* Since alloc; of what is committed. */
struct gw_identity_counters {
	uint64_t asked;                  /* steps */
	uint64_t proved[3];              /* by level */
	uint64_t refused_ids, refused_legal_ids, wrong_pins, wrong_codes, lockouts, too_often;
	uint64_t pins_set, pins_reset, codes_sent;
	uint64_t dropped;                /* SIM or owner changed */
	uint64_t conflicts, failures;    /* another process was faster; the ledger, the agency or the hasher did not answer */
};
const struct gw_identity_counters *gw_identity_counters(const struct gw_identities *identities);
const struct gw_hasher *gw_identities_hasher(const struct gw_identities *identities);
