/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See payments.h. Here are the works, and how an act follows from what has happened.
 *
 *   pay ──> INTENT ──┐                        ┌──────────── heard ────────────┐
 *   take ─> LOADING ─┴─> payment_decide ──> CALLING   COMMITTING ──MARK──> payment_decide
 *                              │                        ^   └──SETTLE, BURY──> over
 *                              ├────────────────────────┘
 *                              └──> SETTLING (the entry is given back, or done with) ──> over
 *
 * A commit whose answer was lost is made again as it is. A work that has been at it for idle_ms is dropped: whoever claims its entry
 * goes on. An intent is tried for as long as it may be paid. */
#include "gateway/payments_priv.h"

#include <errno.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/log.h"
#include "sessions/clock.h"
#include "sessions/store.h"

#define AGAIN_MS 500
#define CHANGES_MAX 8           /* tries against others who change the same record */

/* ---- works ---- */

static struct payment_work **place_of(struct gw_payments *payments, uint64_t token)
{
	return &payments->by_token[token % payments->config.in_work];
}

struct payment_work *payment_work_at(struct gw_payments *payments, uint64_t token)
{
	struct payment_work *work = *place_of(payments, token);

	return work && work->token == token ? work : NULL;
}

static int work_free(struct payment_work *work)
{
	json_decref(work->record);
	return 0;
}

struct payment_work *payment_work_alloc(struct gw_payments *payments)
{
	struct payment_work *work;

	if (payments->n_works == payments->config.in_work)
		return NULL;
	work = talloc_zero(payments, struct payment_work);
	talloc_set_destructor(work, work_free);
	while (*place_of(payments, ++payments->last_token))
		;
	work->payments = payments;
	work->token = payments->last_token;
	work->since_ms = sess_clock_ms();
	*place_of(payments, work->token) = work;
	llist_add_tail(&work->list, &payments->works);
	payments->n_works++;
	return work;
}

void payment_work_free(struct payment_work *work)
{
	struct gw_payments *payments = work->payments;

	*place_of(payments, work->token) = NULL;
	payments->n_works--;
	payments->n_held -= work->held;
	llist_del(&work->list);
	talloc_free(work);
}

void payment_tell(struct payment_work *work, enum sess_ledger_result result, enum gw_paid verdict, const json_t *record)
{
	gw_payments_cb *cb = work->cb;

	work->cb = NULL;
	if (cb)
		cb(work->ctx, work->cb_token, result, verdict, record);
}

/* Nothing more is done here, and the record is as far as it can be said. */
static void over(struct payment_work *work)
{
	payment_tell(work, SESS_LEDGER_OK, work->verdict, work->record);
	payment_work_free(work);
}

void payment_again(struct payment_work *work)
{
	work->payments->counters.failures++;
	work->again_ms = sess_clock_ms() + AGAIN_MS;
}

/* ---- loading ---- */

/* Never written, or expired: then it has been over for long. One that is there and cannot be read is not forgotten: somebody must look. */
static void no_record(struct payment_work *work)
{
	work->next = (struct gw_payment_next){ .act = work->stamp ? GW_PAYMENT_BURY : GW_PAYMENT_DONE };
	if (work->stamp)
		LOGP(GW_LOG_AGENCY, LOGL_ERROR, "payment(%s): its record cannot be read\n", work->code);
	payment_tell(work, SESS_LEDGER_OK, GW_PAID_UNKNOWN, NULL);
	payment_settle(work);
}

static void on_loaded(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct payment_work *work = payment_work_at(ctx, token);

	(void)n;
	if (!work)
		return;
	if (result != SESS_LEDGER_OK) {
		payment_again(work);
		return;
	}
	json_decref(work->record);
	work->record = records->stamp ? gw_payment_decode(records->value, records->octets) : NULL;
	work->stamp = records->stamp;
	if (!work->record)
		no_record(work);
	else
		payment_happened(work, GW_PAYMENT_TAKEN, NULL, NULL);
}

void payment_load(struct payment_work *work)
{
	char key[SESS_LEDGER_KEY_OCTETS] = "";
	const char *keys[] = { key };

	work->phase = PAYMENT_LOADING;
	payment_key(key, work->code);
	if (sess_ledger_load(work->payments->config.ledger, keys, 1, on_loaded, work->payments, work->token) < 0)
		payment_work_free(work); /* the ledger is being freed */
}

/* ---- committing ---- */

static void count(struct payment_work *work)
{
	struct gw_payments_counters *counters = &work->payments->counters;
	enum gw_payment_state state = gw_payment_state(work->record);

	counters->paid += state == GW_PAYMENT_PAID;
	counters->refused += state == GW_PAYMENT_REFUSED;
	counters->voided += state == GW_PAYMENT_VOID;
	counters->unsure += state == GW_PAYMENT_UNSURE;
	LOGP(GW_LOG_AGENCY, state == GW_PAYMENT_UNSURE ? LOGL_ERROR : LOGL_INFO, "payment(%s) of %s: %s\n", work->code,
	     gw_log_mask(gw_request_text(work->record, "msisdn")), gw_payment_states[state]);
}

static void on_committed(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct payment_work *work = payment_work_at(ctx, token);

	(void)there;
	if (!work)
		return;
	if (result == SESS_LEDGER_DOWN || result == SESS_LEDGER_BUSY || result == SESS_LEDGER_FULL) {
		payment_again(work);
		return;
	}
	work->stamp = sess_ledger_commit_stamp(work->commit);
	TALLOC_FREE(work->commit);
	if (result == SESS_LEDGER_OK && work->next.act == GW_PAYMENT_MARK) {
		payment_happened(work, GW_PAYMENT_TAKEN, NULL, NULL);
	} else if (result == SESS_LEDGER_OK) {
		count(work);
		over(work);
	} else if (result == SESS_LEDGER_LOST || ++work->tries == CHANGES_MAX) { /* another has the entry, and finds what we have found */
		json_object_set_new(work->record, "state", json_string(gw_payment_states[GW_PAYMENT_OPEN]));
		over(work);
	} else {
		work->payments->counters.conflicts++;
		payment_load(work);
	}
}

static void go(struct payment_work *work)
{
	work->phase = PAYMENT_COMMITTING;
	if (sess_ledger_commit_go(work->commit, on_committed, work->payments, work->token) < 0)
		payment_work_free(work);
}

static void commit(struct payment_work *work)
{
	unsigned int partition = sess_store_partition(gw_request_text(work->record, "msisdn"));

	work->commit = sess_ledger_commit_begin(work, work->payments->config.ledger, partition);
	payment_put_outcome(work, work->commit);
	go(work);
}

/* ---- calling ---- */

static void call(struct payment_work *work, enum gw_payment_act what)
{
	static const enum gw_payment_event silences[] = {
		[GW_PAYMENT_PUT] = GW_PAYMENT_PUT_SILENT, [GW_PAYMENT_GET] = GW_PAYMENT_GET_SILENT, [GW_PAYMENT_DELETE] = GW_PAYMENT_DELETE_SILENT,
	};

	work->phase = PAYMENT_CALLING;
	work->asked = what;
	work->payments->counters.asked++;
	if (work->payments->config.call(work->payments->config.ctx, what, work->record, work->token) != 0)
		payment_happened(work, silences[what], NULL, NULL);
}

static bool answers(enum gw_payment_act asked, enum gw_payment_event event)
{
	return asked == GW_PAYMENT_PUT ? event >= GW_PAYMENT_PUT_PAID && event <= GW_PAYMENT_PUT_SILENT :
	       asked == GW_PAYMENT_GET ? event >= GW_PAYMENT_GET_PAID && event <= GW_PAYMENT_GET_SILENT :
	                                 event >= GW_PAYMENT_DELETE_VOID && event <= GW_PAYMENT_DELETE_SILENT;
}

void gw_payments_heard(struct gw_payments *payments, uint64_t token, enum gw_payment_event event, const char *reference, const char *why)
{
	struct payment_work *work = payment_work_at(payments, token);

	if (!work || work->phase != PAYMENT_CALLING || !answers(work->asked, event))
		return;
	payments->counters.silent += event == GW_PAYMENT_PUT_SILENT || event == GW_PAYMENT_GET_SILENT || event == GW_PAYMENT_DELETE_SILENT;
	payment_happened(work, event, reference, why);
}

/* ---- what follows ---- */

void payment_happened(struct payment_work *work, enum gw_payment_event event, const char *reference, const char *why)
{
	const struct gw_payment_happened happened = { .event = event, .reference = reference, .why = why, .held = work->held,
		.attempt = work->held ? work->handle.attempt : 0, .now_ms = sess_clock_wall_ms(), .random = randombytes_random() };

	work->next = gw_payment_decide(work->record, &happened, &work->payments->config.settings);
	switch (work->next.act) {
	case GW_PAYMENT_PUT:
	case GW_PAYMENT_GET:
	case GW_PAYMENT_DELETE:
		call(work, work->next.act);
		break;
	case GW_PAYMENT_MARK:
	case GW_PAYMENT_SETTLE:
	case GW_PAYMENT_BURY:
		OSMO_STRLCPY_ARRAY(work->reference, work->next.reference);
		OSMO_STRLCPY_ARRAY(work->why, work->next.why);
		commit(work);
		break;
	default:
		payment_settle(work);
	}
}

/* ---- time ---- */

static void go_on(struct payment_work *work)
{
	work->again_ms = 0;
	if (work->phase == PAYMENT_INTENT)
		payment_begin_again(work);
	else if (work->phase == PAYMENT_LOADING)
		payment_load(work);
	else if (work->phase == PAYMENT_COMMITTING)
		go(work);
	else
		payment_settle(work);
}

/* Who waits has waited long enough. */
static void answer_late(struct payment_work *work)
{
	json_t *shown = json_copy(work->record);

	if (work->phase == PAYMENT_COMMITTING) /* it is not said before it is written */
		json_object_set_new(shown, "state", json_string(gw_payment_states[GW_PAYMENT_OPEN]));
	payment_tell(work, SESS_LEDGER_OK, work->verdict, shown);
	json_decref(shown);
}

/* It has taken too long. What was written is found in the queue. */
static void drop(struct payment_work *work)
{
	if (work->phase == PAYMENT_INTENT)
		LOGP(GW_LOG_AGENCY, LOGL_ERROR, "payment(%s): nobody knows whether it was written: paid later, or not at all\n", work->code);
	payment_work_free(work);
}

static void tick_work(struct payment_work *work, int64_t now_ms)
{
	uint64_t token = work->token;
	struct gw_payments *payments = work->payments;
	int64_t age_ms = now_ms - work->since_ms;
	bool begins = work->phase == PAYMENT_INTENT || work->phase == PAYMENT_LOOKING;

	if (work->cb && age_ms >= payments->config.answer_ms && begins)
		payment_begin_late(work);
	else if (work->cb && age_ms >= payments->config.answer_ms)
		answer_late(work);
	if (payment_work_at(payments, token) != work)
		return;
	if (age_ms >= (begins ? payments->config.settings.void_after_ms : payments->config.idle_ms))
		drop(work);
	else if (work->again_ms && now_ms >= work->again_ms)
		go_on(work);
}

void gw_payments_tick(struct gw_payments *payments)
{
	int64_t now_ms = sess_clock_ms();
	struct payment_work *work, *next;

	llist_for_each_entry_safe(work, next, &payments->works, list)
		tick_work(work, now_ms);
	payments_take(payments, now_ms);
}

/* ---- life ---- */

bool gw_payments_close(struct gw_payments *payments)
{
	payments->closing = true;
	return payments->n_works == 0 && !payments->taking && !payments->claiming;
}

struct sess_queue *gw_payments_queue(const struct gw_payments *payments)
{
	return payments->queue;
}

const struct gw_payments_counters *gw_payments_counters(const struct gw_payments *payments)
{
	return &payments->counters;
}

unsigned int gw_payments_in_work(const struct gw_payments *payments)
{
	return payments->n_works;
}

/* What is being worked on goes with it, and is claimed by another in time. The queue tells of what was pending: to nobody. */
static int destroy(struct gw_payments *payments)
{
	payments->closing = true;
	while (!llist_empty(&payments->works))
		payment_work_free(llist_first_entry(&payments->works, struct payment_work, list));
	TALLOC_FREE(payments->queue);
	return 0;
}

struct gw_payments *gw_payments_alloc(void *ctx, const struct gw_payments_config *config)
{
	/* However many die with it, a payment is gone on with. */
	const struct sess_queue_config queue = { .name = "payments", .group = "gateway", .consumer = config->consumer, .claims_max = INT32_MAX };
	struct gw_payments *payments = talloc_zero(ctx, struct gw_payments);

	payments->config = *config;
	INIT_LLIST_HEAD(&payments->works);
	payments->by_token = talloc_zero_array(payments, struct payment_work *, config->in_work);
	payments->queue = sess_queue_alloc(payments, sess_ledger_redis(config->ledger), &queue);
	if (!payments->queue) {
		talloc_free(payments);
		return NULL;
	}
	talloc_set_destructor(payments, destroy);
	return payments;
}
