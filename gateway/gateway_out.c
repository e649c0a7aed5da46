/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See gateway_out.h. */
#include "gateway/gateway_out.h"

#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/account.h"
#include "gateway/bearer_smpp.h"
#include "gateway/bulk.h"
#include "gateway/consent.h"
#include "gateway/lane.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "gateway/notices.h"
#include "gateway/outbox.h"
#include "gateway/push.h"
#include "gateway/queues.h"
#include "gateway/receipts.h"
#include "gateway/say.h"

#define DAY_MS INT64_C(86400000)
#define INBOX "inbox"           /* the menu's service in which notices are read */

/* ---- the operators' lanes ---- */

static const struct gw_route *route_of(const void *ctx, const char *msisdn)
{
	return gw_bearer_smpp_route_of(ctx, msisdn);
}

static void list_queues(struct gw *gw)
{
	static const char *const texts[GW_LANES] = {
		[GW_LANE_URGENT] = "notices that cannot wait", [GW_LANE_NORMAL] = "notices", [GW_LANE_BULK] = "notices of bulk jobs",
	};
	const struct gw_lane *lane;

	for (size_t i = 0; (lane = gw_lane_at(gw->lanes, i)); i++)
		gw_queues_add(gw->queues, lane->name, texts[lane->kind], lane->queue, gw_queue_agency_json);
}

static bool make_lanes(struct gw *gw)
{
	const struct gw_route *route;

	gw->lanes = gw_lanes_alloc(gw, gw->ledger_redis, gw->consumer, route_of, gw->smpp);
	for (size_t i = 0; (route = gw->smpp->ops->route(gw->smpp, i)); i++)
		if (gw_lanes_add(gw->lanes, route) < 0) {
			LOGP(GW_LOG_MAIN, LOGL_ERROR, "operator %s: with a ledger there are at most %d operators\n", route->name, GW_LANE_OPERATORS_MAX);
			return false;
		}
	list_queues(gw);
	return true;
}

/* ---- what an SMS says of a notice that it must not tell ---- */

static size_t announce(void *ctx, const char *language, const struct gw_notice *notice, char *out, size_t cap)
{
	const struct gw *gw = ctx;
	const struct menu_set *set = menu_pins_current(gw->pins);
	const struct gw_account *account = gw_accounts_find(gw->accounts, notice->agency);
	const char *who = !account ? "" : language[0] == 'e' ? account->title_en : account->title_fa;
	char dial[MENU_DIAL_OCTETS] = "", text[GW_SAY_OCTETS];

	menu_set_dial(set, INBOX, "", dial, sizeof(dial));
	gw_say(set, MENU_PHRASE_SMS_SENSITIVE, language, who, dial, "", text);
	osmo_strlcpy(out, text, cap);
	return strlen(out);
}

/* ---- by USSD ---- */

static void on_pushed(void *ctx, uint64_t token, enum gw_sent sent)
{
	struct gw *gw = ctx;

	gw_outbox_on_push(gw->outbox, token, sent);
}

static int push(void *ctx, const struct gw_route *route, const struct gw_notice *notice, const char *text, uint64_t token)
{
	struct gw *gw = ctx;
	const struct gw_push_notice from = {
		.route = route, .msisdn = notice->msisdn, .notice = notice->channels & GW_CHANNEL_INBOX ? notice->id : "", .text = text,
	};

	return gw_push_notice(gw->pushes, &from, on_pushed, gw, token);
}

static enum gw_bulk_state bulk_state(void *ctx, const char *id)
{
	const struct gw *gw = ctx;

	return gw_bulk_state(gw->bulk, id);
}

/* ---- what dialogs send ---- */

/* At any hour: the citizen is waiting for it. */
int gw_out_text(void *ctx, const struct gw_dialog_text *text, gw_dialog_text_cb *cb, void *cb_ctx, uint64_t token)
{
	struct gw *gw = ctx;
	struct gw_notice *notice = gw_notice_alloc(gw);
	int language = gw_notice_name_find(gw_notice_languages, text->language), rc;

	OSMO_STRLCPY_ARRAY(notice->msisdn, text->msisdn);
	gw_notice_make_id(notice->id, text->msisdn, text->name, strlen(text->name));
	gw_notice_set(notice, &notice->text[language < 0 ? 0 : language], text->text);
	if (language >= 0)
		OSMO_STRLCPY_ARRAY(notice->language, text->language);
	notice->klass = GW_NOTICE_SERVICE;
	notice->priority = GW_NOTICE_URGENT;
	notice->channels = GW_CHANNEL_SMS;
	notice->route = text->route->id;
	rc = gw_notices_accept(gw->notices, notice, cb, cb_ctx, token);
	talloc_free(notice);
	return rc;
}

/* ---- the national inbox ---- */

/* There is one; of several accounts the first by name. */
static const char *national(void *ctx)
{
	const struct gw *gw = ctx;
	const struct gw_account *account;

	for (size_t i = 0; (account = gw_accounts_at(gw->accounts, i)); i++)
		if (!account->disabled && (account->scopes & 1u << GW_SCOPE_KARPOUSHEH))
			return account->name;
	return NULL;
}

/* ---- life ---- */

bool gw_out_make(struct gw *gw)
{
	const struct gw_config_notices *config = &gw->config->notices;

	if (!gw->ledger)
		return true;
	if (!make_lanes(gw))
		return false;
	gw->notices = gw_notices_alloc(gw, &(struct gw_notices_config){ .ledger = gw->ledger, .lanes = gw->lanes, .events = gw->events,
		.seal = gw->seal, .keep_ms = config->keep_days * DAY_MS, .on_state = gw_bulk_count, .usage = gw->usage,
		.national = national, .ctx = gw });
	gw->consent = gw_consent_alloc(gw, gw->ledger);
	gw->pushes = gw_pushes_alloc(gw, gw->dialogs, gw->pins);
	gw->outbox = gw_outbox_alloc(gw, &(struct gw_outbox_config){ .ledger = gw->ledger, .lanes = gw->lanes, .notices = gw->notices,
		.store = gw->store, .quiet = config->quiet, .in_work = config->in_work, .unsure_wait_ms = (int64_t)config->unsure_wait_s * 1000,
		.bulk_state = bulk_state, .announce = announce, .push = push, .ctx = gw });
	gw->receipts = gw_receipts_alloc(gw, &(struct gw_receipts_config){ .ledger = gw->ledger, .notices = gw->notices,
		.in_work = config->receipts_in_work });
	gw->bulk = gw_bulk_alloc(gw);
	return true;
}

void gw_out_turn(struct gw *gw)
{
	if (gw->outbox)
		gw_outbox_turn(gw->outbox);
}

void gw_out_tick(struct gw *gw)
{
	if (!gw->outbox)
		return;
	gw_outbox_tick(gw->outbox);
	gw_pushes_tick(gw->pushes);
	gw_receipts_tick(gw->receipts);
	gw_bulk_tick(gw->bulk);
}

bool gw_out_close(struct gw *gw)
{
	bool fed = !gw->bulk || gw_bulk_close(gw->bulk);

	return (!gw->outbox || gw_outbox_close(gw->outbox)) && fed;
}
