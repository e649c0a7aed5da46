/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What is to be done next about a payment: its record and what has happened -> one act. Pure: no clock, no ledger, no agency.
 *
 * Rules:
 * - who has committed an intent pays (PUT, by our id, so that the agency does it once however often it is asked);
 * - an outcome that nobody knows is asked for (GET) before anything else; only what the agency has never seen is paid again;
 * - once it is to be voided it is never paid again: VOIDING is committed before the first DELETE, and only the agency's word ends it;
 * - where the agency says that the bill was paid already, it is voided, too: an earlier request of ours may have been the one that paid,
 *   or may still be on its way;
 * - what is paid, refused or void stays so. */
#pragma once

#include "gateway/payment_record.h"

enum gw_payment_event {
	GW_PAYMENT_BEGUN,                /* by who has just committed the intent */
	GW_PAYMENT_TAKEN,                /* out of the queue, by anybody */
	/* answers to PUT; */
	GW_PAYMENT_PUT_PAID, GW_PAYMENT_PUT_REFUSED, GW_PAYMENT_PUT_ALREADY, GW_PAYMENT_PUT_SILENT,
	/* to GET; */
	GW_PAYMENT_GET_PAID, GW_PAYMENT_GET_REFUSED, GW_PAYMENT_GET_VOID, GW_PAYMENT_GET_NEVER, GW_PAYMENT_GET_SILENT,
	/* to DELETE */
	GW_PAYMENT_DELETE_VOID, GW_PAYMENT_DELETE_PAID, GW_PAYMENT_DELETE_REFUSED, GW_PAYMENT_DELETE_SILENT,
	GW_PAYMENT_EVENTS
};

struct gw_payment_happened {
	enum gw_payment_event event;
	const char *reference, *why;     /* the agency's words, or NULL */
	bool held;                       /* an entry of the queue is ours, to be settled with what follows */
	uint32_t attempt;                /* so often was the entry taken; 1 ... */
	int64_t now_ms;                  /* wall clock */
	uint32_t random;                 /* of all bits, for the pauses */
};

struct gw_payment_settings {
	int64_t call_ms;                 /* who began it has so long before another looks */
	int64_t pause_min_ms, pause_max_ms;
	int64_t void_after_ms;           /* since it was begun: no more paying */
	int64_t unsure_after_ms;         /* since it was begun: the operators get it */
};

enum gw_payment_act {
	GW_PAYMENT_PUT, GW_PAYMENT_GET, GW_PAYMENT_DELETE, /* call the agency, and tell what came */
	GW_PAYMENT_MARK,                 /* commit the state, then TAKEN again without a new taking */
	GW_PAYMENT_SETTLE,               /* commit the state, tell everybody, done with the entry */
	GW_PAYMENT_LATER,                /* give the entry back for pause_ms; where none is held: leave it to the queue */
	GW_PAYMENT_BURY,                 /* commit the state, the entry is a dead letter */
	GW_PAYMENT_DONE,                 /* it is over already: done with the entry */
};
struct gw_payment_next {
	enum gw_payment_act act;
	enum gw_payment_state state;     /* of MARK, SETTLE, BURY */
	const char *reference, *why;     /* likewise; never NULL */
	int64_t pause_ms;                /* of LATER */
};
struct gw_payment_next gw_payment_decide(const json_t *record, const struct gw_payment_happened *happened, const struct gw_payment_settings *settings);
