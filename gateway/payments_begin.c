/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A new payment: its intent, written before the agency hears of it. What stands in the way is the same payment (`once`), another one
 * of the same bill, or, rarely, another one with the code that was drawn.
 *
 * An intent whose commit is not answered in time may have been written or not, and whoever finds it in the queue pays it, whatever
 * becomes of this process. So who waits is told that it is not known, never that it has not begun, and the commit is tried on. Only
 * what was never handed to Redis has not begun. */
#include "gateway/payments_priv.h"

#include <errno.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "sessions/clock.h"
#include "sessions/store.h"

#define CODES_MAX 8             /* draws until one is free */

static void on_intent(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there);

static int go(struct payment_work *work)
{
	work->phase = PAYMENT_INTENT;
	return sess_ledger_commit_go(work->commit, on_intent, work->payments, work->token);
}

static int draw(struct payment_work *work)
{
	unsigned int partition = sess_store_partition(gw_request_text(work->record, "msisdn"));

	work->draws++;
	gw_payment_draw_code(partition, work->code);
	json_object_set_new(work->record, "code", json_string(work->code));
	work->commit = sess_ledger_commit_begin(work, work->payments->config.ledger, partition);
	payment_put_intent(work, work->commit);
	return go(work);
}

/* ---- what stands in the way ---- */

static void give_up(struct payment_work *work, enum sess_ledger_result result)
{
	payment_tell(work, result, GW_PAID_NOW, NULL);
	payment_work_free(work);
}

/* Nothing came of the look. The same payment is there all the same; another one of the bill stands in the way. */
static void tell_blindly(struct payment_work *work)
{
	payment_tell(work, SESS_LEDGER_OK, work->verdict == GW_PAID_BEFORE ? GW_PAID_UNKNOWN : work->verdict, NULL);
}

static void on_other(void *ctx, uint64_t token, enum sess_ledger_result result, const json_t *record)
{
	struct payment_work *work = payment_work_at(ctx, token);
	const char *content;

	if (!work)
		return;
	content = gw_request_text(work->record, "content");
	if (result != SESS_LEDGER_OK || !record)
		tell_blindly(work);
	else if (work->verdict == GW_PAID_BEFORE && strcmp(content, gw_request_text(record, "content")) != 0)
		payment_tell(work, SESS_LEDGER_OK, GW_PAID_OTHERWISE, NULL);
	else
		payment_tell(work, SESS_LEDGER_OK, work->verdict, record);
	payment_work_free(work);
}

static void look_at(struct payment_work *work, const char *code, enum gw_paid verdict)
{
	work->verdict = verdict;
	work->phase = PAYMENT_LOOKING;
	work->payments->counters.repeated += verdict == GW_PAID_BEFORE;
	work->payments->counters.already += verdict == GW_PAID_ALREADY;
	if (gw_payments_load(work->payments, code, on_other, work->payments, work->token) < 0) {
		tell_blindly(work);
		payment_work_free(work);
	}
}

static void on_there(struct payment_work *work, const struct sess_ledger_record *there)
{
	json_t *record = json_loadb(there->value, there->octets, 0, NULL);
	const char *once = gw_request_text(record, "once"), *paying = gw_request_text(record, "paying");

	if (once[0])
		look_at(work, once, GW_PAID_BEFORE);
	else if (paying[0])
		look_at(work, paying, GW_PAID_ALREADY);
	else if (work->draws >= CODES_MAX || draw(work) < 0)
		give_up(work, SESS_LEDGER_FULL);
	json_decref(record);
}

/* ---- the intent ---- */

/* Where it is not known when, another may be at it already: it is looked at first. */
static void written(struct payment_work *work)
{
	if (!work->cb)
		work->since_ms = sess_clock_ms();
	if (work->uncertain)
		payment_load(work);
	else
		payment_happened(work, GW_PAYMENT_BEGUN, NULL, NULL);
}

static void on_intent(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct payment_work *work = payment_work_at(ctx, token);

	if (!work)
		return;
	work->uncertain = work->uncertain || result == SESS_LEDGER_DOWN;
	if (result == SESS_LEDGER_DOWN || result == SESS_LEDGER_BUSY) {
		payment_again(work);
		return;
	}
	work->stamp = sess_ledger_commit_stamp(work->commit);
	TALLOC_FREE(work->commit);
	if (result == SESS_LEDGER_THERE) {
		on_there(work, there);
	} else if (result != SESS_LEDGER_OK) {
		give_up(work, result);
	} else {
		work->payments->counters.begun++;
		written(work);
	}
}

void payment_begin_again(struct payment_work *work)
{
	if (go(work) < 0)
		payment_work_free(work);
}

/* Its commit is under way (none is waited for to be tried again), or one was. */
static bool may_be_written(const struct payment_work *work)
{
	return work->uncertain || !work->again_ms;
}

void payment_begin_late(struct payment_work *work)
{
	if (work->phase == PAYMENT_LOOKING) {
		tell_blindly(work);
	} else if (may_be_written(work)) {
		work->uncertain = true;
		payment_tell(work, SESS_LEDGER_OK, GW_PAID_UNKNOWN, NULL);
	} else {
		give_up(work, SESS_LEDGER_DOWN);
	}
}

static bool make_once(struct payment_work *work, const struct gw_payment_new *payment)
{
	const struct gw_piece pieces[] = { { "payment", 7 }, { payment->account, strlen(payment->account) }, { payment->msisdn, strlen(payment->msisdn) },
		{ payment->once, payment->once_octets } };
	char hash[GW_REQUEST_HASH_OCTETS];

	if (!payment->once)
		return true;
	gw_request_hash(pieces, ARRAY_SIZE(pieces), hash);
	return sess_ledger_key(work->once, "once", sess_store_partition(payment->msisdn), hash);
}

static int begin(struct payment_work *work, const struct gw_payment_new *payment)
{
	work->record = gw_payment_make(payment, sess_store_partition(payment->msisdn), sess_clock_wall_ms());
	if (!work->record || !make_once(work, payment) || !payment_bill_key(work->bill, payment->msisdn, payment->bill_id, payment->payment_id))
		return -EINVAL;
	return draw(work);
}

int gw_payments_pay(struct gw_payments *payments, const struct gw_payment_new *payment, gw_payments_cb *cb, void *ctx, uint64_t token)
{
	struct payment_work *work;
	int rc;

	if (!gw_lanes_route(payments->config.lanes, payment->msisdn))
		return -EINVAL;
	work = payments->closing || !sess_redis_up(sess_ledger_redis(payments->config.ledger)) ? NULL : payment_work_alloc(payments);
	if (!work)
		return -EBUSY;
	rc = begin(work, payment);
	if (rc < 0) {
		payment_work_free(work);
		return rc;
	}
	work->cb = cb;
	work->ctx = ctx;
	work->cb_token = token;
	return 0;
}
