/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Receipts: what networks say became of parts. A receipt finds its part by a key that the outbox wrote when the network took the part;
 * or, of a part of unknown outcome, by the notice's reference; else it waits among the early ones (early.h) for a day. It is
 * accepted from the network when what it says is in the ledger, so that the network says it again if we die.
 *
 * Every repetition is harmless: a part that has arrived stays so, and what is repeated changes nothing. */
#pragma once

#include "gateway/bearer.h"
#include "gateway/notices.h"
#include "sessions/ledger.h"

struct gw_receipts;
struct gw_receipts_config {
	struct sess_ledger *ledger;
	struct gw_notices *notices;
	unsigned int in_work;            /* receipts at once; beyond, the network is told to come later */
};
/* counts since alloc */
struct gw_receipts_counters {
	uint64_t heard;                  /* verdicts that came */
	uint64_t delivered, failed;      /* parts */
	uint64_t repeated;               /* or of a notice that is over */
	uint64_t early;                  /* before the part was known */
	uint64_t resolved;               /* of a part of unknown outcome */
	uint64_t unmatched;              /* nobody knew them for a day, or too many of one number waited */
	uint64_t later;                  /* the network was told to come later */
};

/* A child of ctx. */
struct gw_receipts *gw_receipts_alloc(void *ctx, const struct gw_receipts_config *config);
/* The bearers' on_receipt: settles its ticket, once, later or at once. */
void gw_receipts_hear(struct gw_receipts *receipts, const struct gw_receipt *receipt);
/* Drops and counts what waited for a day: a partition at a time. Every GW_LOOP_TICK_MS. */
void gw_receipts_tick(struct gw_receipts *receipts);
const struct gw_receipts_counters *gw_receipts_counters(const struct gw_receipts *receipts);

/* The record by which a receipt finds its part: ["<notice>", part]. An id that does not fit into a key stands there as its hash. */
void gw_receipt_key(char key[SESS_LEDGER_KEY_OCTETS], uint16_t route, const char *msisdn, const char *id);
