/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Long SMS from citizens: parts that may come to different gateways, joined in the ledger. What smpp/join.h decides of parts in one
 * table - late, twice, in any order, a reference used again, numbers that make no sense - is decided by the same code here: a record
 * `join:{pNN}:<msisdn>.<hash>` holds the parts of one message, and is put through a small table whenever another comes.
 *
 * A part is kept when the commit that has it is done: only then may its ticket be accepted. A message that is whole is handed out,
 * and once more for each of its parts that is repeated, because whoever got it first may have died with it. One that stays incomplete
 * is listed by its time in `joins:{pNN}`; whichever gateway meets it then takes it out, and what is said about it is in the same commit.
 *
 * Asynchronous as the ledger is; freed after it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "gateway/bearer.h"
#include "sessions/ledger.h"

struct gw_long_sms;

/* A message of which some parts never came. */
struct gw_long_sms_lost { const char *msisdn, *to; uint16_t route; const char *text; size_t octets; /* with "…" where they would stand */ };

struct gw_long_sms_config {
	struct sess_ledger *ledger;
	int64_t join_ms;                 /* parts are waited for so long */
	/* What becomes of it, into the commit that takes it out: five operations at most. */
	void (*lost)(void *ctx, struct sess_ledger_commit *commit, const struct gw_long_sms_lost *lost);
	void *ctx;
};

enum gw_joined {
	GW_JOINED_KEPT,                  /* others are still missing; this one is safe */
	GW_JOINED_WHOLE,
	GW_JOINED_ALONE,                 /* cannot be joined: it is a message of its own */
	GW_JOINED_LATER,                 /* the ledger is down or busy: the part is not safe */
};

/* A child of ctx. */
struct gw_long_sms *gw_long_sms_alloc(void *ctx, const struct gw_long_sms_config *config);
/* text: with WHOLE; valid during the callback. */
typedef void gw_long_sms_cb(void *ctx, uint64_t token, enum gw_joined joined, const char *text, size_t octets);
/* A part (total above 1); read during the call only. 0; -EINVAL: it cannot be joined, as ALONE; -ENOTCONN. */
int gw_long_sms_take(struct gw_long_sms *sms, const struct gw_text *text, gw_long_sms_cb *cb, void *ctx, uint64_t token);
/* Every GW_LOOP_TICK_MS: looks for incomplete ones in one partition after the other. */
void gw_long_sms_tick(struct gw_long_sms *sms);

struct gw_long_sms_counters { uint64_t parts, repeated, whole, alone, lost, conflicts, failures; };
const struct gw_long_sms_counters *gw_long_sms_counters(const struct gw_long_sms *sms);
