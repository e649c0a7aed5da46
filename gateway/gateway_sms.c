/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See gateway_sms.h. */
#include "gateway/gateway_sms.h"

#include <string.h>

#include "gateway/account.h"
#include "gateway/consent.h"
#include "gateway/loop.h"
#include "gateway/notices.h"
#include "gateway/outbox.h"
#include "gateway/push.h"
#include "gateway/receipts.h"
#include "gateway/requests.h"
#include "gateway/text.h"
#include "gateway/webhook.h"
#include "menus/keyword.h"

#define DAY_MS INT64_C(86400000)
#define SWEEP_MS 1000           /* between two partitions of two agencies' lists */

static const struct gw_config_operator *operator_of(const struct gw *gw, const struct gw_route *route)
{
	for (size_t i = 0; i < gw->config->n_operators; i++)
		if (strcmp(gw->config->operators[i].name, route->name) == 0)
			return &gw->config->operators[i];
	return NULL;
}

/* ---- requests and texts ---- */

static enum gw_agency_there agency_there(void *ctx, const char *name)
{
	const struct gw *gw = ctx;
	const struct gw_account *account = gw_accounts_find(gw->accounts, name);

	if (!gw_accounts_loaded(gw->accounts))
		return GW_AGENCY_NOT_KNOWN_YET;
	return account && !account->disabled ? GW_AGENCY_THERE : GW_AGENCY_NOT_THERE;
}

static bool is_own(void *ctx, const struct gw_route *route, const char *to)
{
	const struct gw_config_operator *operator = operator_of(ctx, route);
	char own[32], number[32];

	return operator && operator->sms_sender && menu_keyword_number(operator->sms_sender, own, sizeof(own)) &&
	       menu_keyword_number(to, number, sizeof(number)) && strcmp(own, number) == 0;
}

static void make_requests(struct gw *gw)
{
	const struct gw_config_requests *config = &gw->config->requests;

	gw->requests = gw_requests_alloc(gw, &(struct gw_requests_config){ .ledger = gw->ledger, .notices = gw->notices, .events = gw->events,
		.pins = gw->pins, .agency = agency_there, .ctx = gw, .usage = gw->usage, .repeat_ms = (int64_t)config->repeat_s * 1000, .keep_ms = config->keep_days * DAY_MS });
	gw->texts = gw_texts_alloc(gw, &(struct gw_texts_config){ .ledger = gw->ledger, .requests = gw->requests, .notices = gw->notices,
		.consent = gw->consent, .set_consent = gw_consent_set, .store = gw->store, .pins = gw->pins, .join_ms = config->join_ms,
		.texts_per_minute = config->texts_per_minute, .answers_per_hour = config->answers_per_hour, .in_work = config->in_work,
		.own = is_own, .ctx = gw, .usage = gw->usage });
}

/* ---- what the bearers call ---- */

static void on_text(void *ctx, const struct gw_text *text)
{
	struct gw *gw = ctx;

	gw_texts_on_text(gw->texts, text);
}

static void on_receipt(void *ctx, const struct gw_receipt *receipt)
{
	struct gw *gw = ctx;

	gw_receipts_hear(gw->receipts, receipt);
}

static void on_sms(void *ctx, const struct gw_route *route, const struct gw_sms_result *result)
{
	struct gw *gw = ctx;

	(void)route;
	gw_outbox_on_sms(gw->outbox, result);
}

static void on_push(void *ctx, const struct gw_route *route, const char *msisdn, uint64_t token, enum gw_sent sent)
{
	struct gw *gw = ctx;

	(void)route;
	(void)msisdn;
	gw_pushes_on_push(gw->pushes, token, sent);
}

static void on_delivered(void *ctx, const char *code)
{
	struct gw *gw = ctx;

	gw_requests_delivered(gw->requests, code);
}

void gw_sms_make(struct gw *gw)
{
	if (!gw->ledger)
		return;
	make_requests(gw);
	gw_webhooks_on_delivered(gw->webhooks, on_delivered, gw);
	gw->text_user = (struct gw_text_user){ gw, on_text, on_receipt, on_sms, on_push };
	for (size_t i = 0; i < gw->n_bearers; i++)
		gw->bearers[i]->texts = &gw->text_user;
}

/* One agency and one partition at a time, all of them in turn. */
static void sweep(struct gw *gw)
{
	const struct gw_account *account;
	size_t n = 0;

	if (gw_clock_ms() < gw->sweep_at_ms)
		return;
	gw->sweep_at_ms = gw_clock_ms() + SWEEP_MS;
	while (gw_accounts_at(gw->accounts, n))
		n++;
	account = n ? gw_accounts_at(gw->accounts, gw->sweep_next / SESS_QUEUE_PARTITIONS % n) : NULL;
	if (account)
		gw_requests_sweep(gw->requests, account->name, (unsigned int)(gw->sweep_next % SESS_QUEUE_PARTITIONS));
	gw->sweep_next++;
}

void gw_sms_tick(struct gw *gw)
{
	if (!gw->texts)
		return;
	gw_texts_tick(gw->texts);
	sweep(gw);
}

bool gw_sms_close(struct gw *gw)
{
	return !gw->texts || gw_texts_close(gw->texts);
}
