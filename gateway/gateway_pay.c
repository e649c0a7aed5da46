/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See gateway_pay.h. */
#include "gateway/gateway_pay.h"

#include "gateway/log.h"
#include "gateway/payment_call.h"
#include "gateway/queues.h"

#define DAY_MS INT64_C(86400000)
#define SLACK_MS 120000         /* an entry that is held for longer than a process leaves a new one alone and that belonged to a dead one */

bool gw_pay_make(struct gw *gw)
{
	const struct gw_config_payments *config = &gw->config->payments;

	if (!config->agency || !gw->ledger)
		return true;
	gw->payments = gw_payments_alloc(gw, &(struct gw_payments_config){ .ledger = gw->ledger, .consumer = gw->consumer, .lanes = gw->lanes,
		.notices = gw->notices, .events = gw->events, .pins = gw->pins, .answer_ms = config->answer_ms, .idle_ms = config->call_ms + SLACK_MS,
		.keep_ms = config->keep_days * DAY_MS, .in_work = config->in_work, .call = gw_payment_call, .ctx = gw,
		.settings = { .call_ms = config->call_ms, .pause_min_ms = config->pause_min_ms, .pause_max_ms = config->pause_max_ms,
			      .void_after_ms = (int64_t)config->void_after_s * 1000, .unsure_after_ms = (int64_t)config->unsure_after_s * 1000 } });
	if (!gw->payments) {
		LOGP(GW_LOG_MAIN, LOGL_ERROR, "payments: the queue cannot be made\n");
		return false;
	}
	gw_queues_add(gw->queues, "payments", "payments that are not over", gw_payments_queue(gw->payments), NULL);
	return true;
}

void gw_pay_tick(struct gw *gw)
{
	if (gw->payments)
		gw_payments_tick(gw->payments);
}

bool gw_pay_close(struct gw *gw)
{
	return !gw->payments || gw_payments_close(gw->payments);
}
