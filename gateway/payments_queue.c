/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The queue `payments`: an entry is `{"payment": CODE}`, added with the intent and there until the payment is over. Who has begun a payment
 * does not hold its entry: whoever takes it too early gives it back, and who takes it later finds what became of it. Half of the places
 * are kept for those who wait at a phone. */
#include "gateway/payments_priv.h"

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "sessions/clock.h"

#define LOOK_MS 250             /* for what others added and what became due */
#define CLAIM_MS 1000
#define TAKE_AT_ONCE 32

/* ---- settling ---- */

static void on_settled(void *ctx, uint64_t token, enum sess_queue_result result)
{
	struct payment_work *work = payment_work_at(ctx, token);

	if (!work)
		return;
	if (result == SESS_QUEUE_DOWN || result == SESS_QUEUE_BUSY)
		payment_again(work);
	else
		payment_work_free(work);
}

void payment_settle(struct payment_work *work)
{
	struct sess_queue *queue = work->payments->queue;
	int rc;

	work->phase = PAYMENT_SETTLING;
	if (work->record)
		payment_tell(work, SESS_LEDGER_OK, work->verdict, work->record);
	if (!work->held)
		rc = -1;
	else if (work->next.act == GW_PAYMENT_LATER)
		rc = sess_queue_later(queue, &work->handle, (unsigned int)OSMO_MAX(work->next.pause_ms, 1), on_settled, work->payments, work->token);
	else if (work->next.act == GW_PAYMENT_BURY)
		rc = sess_queue_bury(queue, &work->handle, "its record cannot be read", on_settled, work->payments, work->token);
	else
		rc = sess_queue_done(queue, &work->handle, NULL, on_settled, work->payments, work->token);
	if (rc < 0)
		payment_work_free(work);
}

/* ---- taking ---- */

static void on_buried(void *ctx, uint64_t token, enum sess_queue_result result)
{
	(void)ctx;
	(void)token;
	(void)result; /* if it was not, it is claimed, and buried then */
}

static void receive(struct gw_payments *payments, const struct sess_queue_entry *entry)
{
	json_t *body = json_loadb(entry->body, entry->octets, 0, NULL);
	struct payment_work *work;
	char code[GW_REQUEST_CODE_OCTETS];

	if (!gw_payment_code_read(gw_request_text(body, "payment"), code)) {
		sess_queue_bury(payments->queue, &entry->handle, "it is no payment", on_buried, payments, 0);
	} else if ((work = payment_work_alloc(payments))) {
		work->held = true;
		payments->n_held++;
		work->handle = entry->handle;
		OSMO_STRLCPY_ARRAY(work->code, code);
		payment_load(work);
	}
	json_decref(body);
}

static void receive_all(struct gw_payments *payments, const struct sess_queue_entry *entries, size_t n)
{
	for (size_t i = 0; i < n && !payments->closing; i++)
		receive(payments, &entries[i]);
}

static void on_taken(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_entry *entries, size_t n)
{
	struct gw_payments *payments = ctx;

	(void)result;
	payments->taking = false;
	payments->n_asked -= (unsigned int)token;
	payments->counters.taken += n;
	receive_all(payments, entries, n);
}

static void on_claimed(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_entry *entries, size_t n)
{
	struct gw_payments *payments = ctx;

	(void)token;
	(void)result;
	payments->claiming = false;
	payments->n_asked--;
	payments->counters.claimed += n;
	if (n)
		payments->claimed_ms = 0; /* where one was there may be more */
	receive_all(payments, entries, n);
}

/* Places are kept for what is on its way to us. */
static unsigned int room(const struct gw_payments *payments)
{
	unsigned int places = payments->config.in_work, here = OSMO_MAX(payments->n_held + places / 2, payments->n_works) + payments->n_asked;

	return places > here ? places - here : 0;
}

static void claim(struct gw_payments *payments, int64_t now_ms)
{
	if (payments->claiming || !room(payments) || now_ms - payments->claimed_ms < CLAIM_MS)
		return;
	payments->claimed_ms = now_ms;
	payments->claiming = sess_queue_claim(payments->queue, (unsigned int)payments->config.idle_ms + CLAIM_MS, on_claimed, payments, 0) == 0;
	payments->n_asked += payments->claiming;
}

static void take(struct gw_payments *payments, int64_t now_ms)
{
	unsigned int n = OSMO_MIN(room(payments), TAKE_AT_ONCE);

	if (payments->taking || !n || now_ms - payments->looked_ms < LOOK_MS)
		return;
	payments->looked_ms = now_ms;
	payments->taking = sess_queue_take(payments->queue, n, on_taken, payments, n) == 0;
	payments->n_asked += payments->taking ? n : 0;
}

/* The claim first: it takes one place only, and what is left by the dead has waited longest. */
void payments_take(struct gw_payments *payments, int64_t now_ms)
{
	if (payments->closing)
		return;
	claim(payments, now_ms);
	take(payments, now_ms);
}
