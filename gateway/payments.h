/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Payments of bills by citizens. The money is moved by a payment agency, which may lose a question or its answer, and this process may
 * die at any moment. What holds all the same:
 *
 * - what a citizen confirmed is an intent in the ledger before the agency hears of it, together with an entry of the queue `payments`:
 *   whoever is alive goes on with it, until the agency has said what became of it (payment_decide.h says how);
 * - the agency knows a payment by our id, and does each id once;
 * - who is told that a payment has not begun is not charged by it: where an intent may have been written, that is not what is said;
 * - while a payment of a bill is not over, the same citizen begins no other of the same bill; what is paid is not paid again;
 * - the outcome, the notice that tells the citizen, the event to the bill's issuer and the note in the audit chain are one commit;
 * - what nobody can tell becomes a dead letter and is listed (gw_payments_unsure), until the operators send it back. It never expires.
 *
 * Asynchronous as the ledger is: nothing is called back from inside a call; every call that returned 0 has exactly one answer. Freed
 * after the ledger, which answers what is pending; before it, what is pending is not answered any more. */
#pragma once

#include "gateway/event.h"
#include "gateway/lane.h"
#include "gateway/notices.h"
#include "gateway/payment_decide.h"
#include "sessions/ledger.h"

#define GW_PAYMENTS_PAGE_MAX SESS_LEDGER_LOAD_MAX

struct gw_payments;
struct menu_pins;

struct gw_payments_config {
	struct sess_ledger *ledger;
	const char *consumer;            /* this process, as for every queue */
	struct gw_lanes *lanes;          /* a number that no operator serves could not be told */
	struct gw_notices *notices;
	struct gw_events *events;
	const struct menu_pins *pins;    /* whose words the receipts have */
	struct gw_payment_settings settings;
	int64_t answer_ms;               /* who waits is told within this, that it is not known yet if need be */
	int64_t idle_ms;                 /* an entry that was held so long belonged to a dead process; longer than any call takes */
	int64_t keep_ms;                 /* a record is kept so long after it is over */
	unsigned int in_work;            /* payments being worked on at once */
	/* Puts the question to the payment agency; what comes is told by gw_payments_heard, later and once. Not 0: it cannot be put. */
	int (*call)(void *ctx, enum gw_payment_act what, const json_t *record, uint64_t token);
	void *ctx;
};
/* A child of ctx; NULL: the consumer's name is not valid. */
struct gw_payments *gw_payments_alloc(void *ctx, const struct gw_payments_config *config);
/* What the agency said. reference, why: NULL, or its words, read during the call. What came too late is dropped. */
void gw_payments_heard(struct gw_payments *payments, uint64_t token, enum gw_payment_event event, const char *reference, const char *why);

enum gw_paid {
	GW_PAID_NOW,                     /* record: as it is; it may be refused, or not known yet (gw_payment_word) */
	GW_PAID_BEFORE,                  /* the same payment (`once`): record likewise */
	GW_PAID_OTHERWISE,               /* `once` was used for another content; no record */
	GW_PAID_ALREADY,                 /* another payment of this bill: record of that one, or NULL. It is paid, or not over */
	GW_PAID_UNKNOWN,                 /* it is not known whether it was written; no record. Once it is found it is gone on with */
};
/* result: OK with a verdict; else it has not begun, and never will. */
typedef void gw_payments_cb(void *ctx, uint64_t token, enum sess_ledger_result result, enum gw_paid verdict, const json_t *record);
/* The bill was checked. 0; -EINVAL: it is no payment, or no operator serves the number; -EBUSY: too many are being worked on, it is
 * being closed, or Redis is away. Read during the call only. */
int gw_payments_pay(struct gw_payments *payments, const struct gw_payment_new *payment, gw_payments_cb *cb, void *ctx, uint64_t token);

/* One; NULL: there is none (OK), or no answer. Borrowed. -EINVAL: that is no code. */
typedef void gw_payments_load_cb(void *ctx, uint64_t token, enum sess_ledger_result result, const json_t *record);
int gw_payments_load(struct gw_payments *payments, const char *code, gw_payments_load_cb *cb, void *ctx, uint64_t token);
/* Many; borrowed. */
typedef void gw_payments_list_cb(void *ctx, uint64_t token, enum sess_ledger_result result, json_t *const *records, size_t n);
/* Of a citizen, newest first. */
int gw_payments_of_citizen(struct gw_payments *payments, const char *msisdn, unsigned int skip, unsigned int limit, gw_payments_list_cb *cb, void *ctx,
			   uint64_t token);
/* Those that nobody can tell the outcome of, oldest first in each partition; at most GW_PAYMENTS_PAGE_MAX. */
int gw_payments_unsure(struct gw_payments *payments, gw_payments_list_cb *cb, void *ctx, uint64_t token);

struct sess_queue *gw_payments_queue(const struct gw_payments *payments);
/* About ten times a second. */
void gw_payments_tick(struct gw_payments *payments);
/* Begins nothing more; true when nothing is being worked on. */
bool gw_payments_close(struct gw_payments *payments);

struct gw_payments_counters {
	uint64_t begun, repeated, already, paid, refused, voided, unsure, asked, silent, taken, claimed, conflicts, failures;
};
const struct gw_payments_counters *gw_payments_counters(const struct gw_payments *payments);
unsigned int gw_payments_in_work(const struct gw_payments *payments);
