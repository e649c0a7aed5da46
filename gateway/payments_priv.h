/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What payments.c (the works), payments_begin.c (new ones), payments_queue.c (taking, settling), payments_commit.c (what is written) and payments_list.c share.
 *
 * A *work* is a payment that this process is busy with: begun here, with somebody who waits for its outcome, or taken from the queue.
 * It is found again by its token. */
#pragma once

#include <osmocom/core/linuxlist.h>

#include "gateway/payments.h"

enum payment_phase {
	PAYMENT_INTENT,                  /* its intent is being committed */
	PAYMENT_LOOKING,                 /* at what stands in its way; nothing of it is tried again */
	PAYMENT_LOADING, PAYMENT_CALLING, PAYMENT_COMMITTING, PAYMENT_SETTLING,
};

struct payment_work {
	struct llist_head list;
	struct gw_payments *payments;
	uint64_t token;
	enum payment_phase phase;
	int64_t since_ms, again_ms;      /* monotonic: begun; when what failed is tried again, or 0 */
	char code[GW_REQUEST_CODE_OCTETS];
	json_t *record;
	sess_ledger_stamp stamp;
	enum gw_payment_act asked;       /* PUT, GET or DELETE, in CALLING */
	struct gw_payment_next next;     /* being committed; its words: */
	char reference[GW_PAYMENT_WORD_OCTETS], why[GW_PAYMENT_WORD_OCTETS];
	struct sess_ledger_commit *commit;
	unsigned int tries, draws;
	bool held;
	struct sess_queue_handle handle;
	bool uncertain;                  /* its intent may have been written: it was sent, and no answer came */
	char once[SESS_LEDGER_KEY_OCTETS]; /* "": none */
	char bill[SESS_LEDGER_KEY_OCTETS];
	enum gw_paid verdict;
	gw_payments_cb *cb;              /* NULL: nobody waits (any more) */
	void *ctx;
	uint64_t cb_token;
};

struct gw_payments {
	struct gw_payments_config config;
	struct gw_payments_counters counters;
	struct sess_queue *queue;
	struct llist_head works;
	struct payment_work **by_token;
	unsigned int n_works, n_held, n_asked; /* n_asked: entries that may be on their way to us */
	uint64_t last_token;
	bool taking, claiming, closing;
	int64_t looked_ms, claimed_ms;
};

/* ---- payments.c */
struct payment_work *payment_work_alloc(struct gw_payments *payments); /* NULL: there is no place */
struct payment_work *payment_work_at(struct gw_payments *payments, uint64_t token);
void payment_work_free(struct payment_work *work);
/* Tells who waits, if anybody does. */
void payment_tell(struct payment_work *work, enum sess_ledger_result result, enum gw_paid verdict, const json_t *record);
/* Something has happened: does what follows. */
void payment_happened(struct payment_work *work, enum gw_payment_event event, const char *reference, const char *why);
/* Loads the record; what follows is TAKEN. */
void payment_load(struct payment_work *work);
/* In a moment: what the phase was about. */
void payment_again(struct payment_work *work);

/* ---- payments_begin.c */
void payment_begin_again(struct payment_work *work);
void payment_begin_late(struct payment_work *work); /* who waits has waited long enough; the work may be gone */

/* ---- payments_queue.c: settles the entry, by work->next: DONE, LATER, or BURY (its record cannot be read). */
void payment_settle(struct payment_work *work);
void payments_take(struct gw_payments *payments, int64_t now_ms);

/* ---- payments_commit.c */
bool payment_key(char key[SESS_LEDGER_KEY_OCTETS], const char *code);
bool payment_bill_key(char key[SESS_LEDGER_KEY_OCTETS], const char *msisdn, const char *bill_id, const char *payment_id);
bool payment_citizen_key(char key[SESS_LEDGER_KEY_OCTETS], const char *msisdn);
bool payment_unsure_key(char key[SESS_LEDGER_KEY_OCTETS], unsigned int partition);
/* All that belongs to a new one, into a commit on its citizen's partition. */
void payment_put_intent(struct payment_work *work, struct sess_ledger_commit *commit);
/* All that belongs to work->next (MARK, SETTLE, BURY), the record in its new state and the entry's settling among it. */
void payment_put_outcome(struct payment_work *work, struct sess_ledger_commit *commit);
