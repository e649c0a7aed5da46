/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See gateway.h. Here the parts are made, in the order in which they need one another, and hooked into the loop. */
#include <errno.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/account.h"
#include "gateway/api.h"
#include "gateway/bearer_conend.h"
#include "gateway/bearer_smpp.h"
#include "gateway/builtin.h"
#include "gateway/catalogue.h"
#include "gateway/event.h"
#include "gateway/feed.h"
#include "gateway/gateway.h"
#include "gateway/gateway_identity.h"
#include "gateway/gateway_pay.h"
#include "gateway/gateway_out.h"
#include "gateway/gateway_sms.h"
#include "gateway/http.h"
#include "gateway/lane.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "gateway/notices.h"
#include "gateway/payment_call.h"
#include "gateway/payments.h"
#include "gateway/queues.h"
#include "gateway/quota.h"
#include "gateway/usage.h"
#include "gateway/webhook.h"
#include "menus/unicode.h"

#define STOP_MS 5000            /* for unbinding, after the drain */
#define KEEP_MENU_MS 3600000    /* a version that was replaced is kept for its dialogs' longest life */

static void log_diags(const struct menu_diags *diags)
{
	for (size_t i = 0; i < menu_diags_count(diags); i++) {
		const struct menu_diag *diag = menu_diags_at(diags, i);

		LOGP(GW_LOG_MENU, LOGL_ERROR, "%s:%u: %s: %s\n", diag->file, diag->line, diag->rule, diag->text);
	}
}

struct menu_set *gw_read_menus(void *ctx, const struct gw_config *config, struct menu_diags *diags)
{
	struct menu_set *set = menu_set_load(ctx, config->menus, config->n_menus, diags);
	size_t before = menu_diags_count(diags);

	if (!set)
		return NULL;
	gw_builtin_check(gw_builtin_tables, menu_set_agencies(set), diags);
	gw_payment_call_check(config, menu_set_agencies(set), diags);
	if (menu_set_has_secrets(set) && !config->session_key_file)
		menu_diag_add(diags, config->file, 0, "missing-key", "the menu asks for secrets, or gets what is private: session_key_file is needed to seal it");
	if (menu_diags_count(diags) == before)
		return set;
	talloc_free(set);
	return NULL;
}

/* What it tells is nothing that citizens are served by: with mistakes in it the one before stays, or none. */
static void read_catalogue(struct gw *gw)
{
	struct menu_diags *diags = menu_diags_alloc(gw);
	const struct gw_catalogue *catalogue = gw->config->catalogue ? gw_catalogue_read(gw, gw->config->catalogue, diags) : NULL;

	if (catalogue) {
		talloc_free((void *)(uintptr_t)gw->catalogue);
		gw->catalogue = catalogue;
	}
	log_diags(diags);
	talloc_free(diags);
}

int gw_reload(struct gw *gw, struct menu_diags *given)
{
	struct menu_diags *diags = given ? given : menu_diags_alloc(gw);
	struct menu_set *set = gw_read_menus(gw, gw->config, diags);
	bool good = set != NULL;

	if (good) {
		LOGP(GW_LOG_MENU, LOGL_NOTICE, "menu version %016llx is current\n", (unsigned long long)menu_set_version(set));
		gw_agencies_adopt(gw->agencies, menu_set_agencies(set), diags);
		menu_pins_publish(gw->pins, set, gw_clock_ms());
		gw->reloads++;
	} else {
		gw->reload_failures++;
	}
	log_diags(diags);
	if (!good)
		LOGP(GW_LOG_MENU, LOGL_ERROR, "the menu was refused%s\n", menu_pins_current(gw->pins) ? ": the one before stays" : "");
	if (!given)
		talloc_free(diags);
	read_catalogue(gw);
	return good ? 0 : -EINVAL;
}

/* False: there is a key file, and it is no good. */
static bool make_seal(struct gw *gw)
{
	char key[96] = "";
	int rc = gw->config->session_key_file ? gw_config_secret(gw->config->session_key_file, key, sizeof(key)) : 0;

	if (rc == 0 && gw->config->session_key_file && !(gw->seal = gw_seal_alloc(gw, key)))
		rc = -EINVAL;
	sodium_memzero(key, sizeof(key));
	if (rc < 0)
		LOGP(GW_LOG_MAIN, LOGL_ERROR, "session_key_file %s must hold 64 hexadecimal digits: %s\n", gw->config->session_key_file,
		     strerror(-rc));
	return rc == 0;
}

/* ---- bearers ---- */

const struct gw_route *gw_find_route(const struct gw *gw, uint16_t id)
{
	const struct gw_route *route = NULL;

	for (size_t i = 0; i < gw->n_bearers && !route; i++)
		route = gw_bearer_find(gw->bearers[i], id);
	return route;
}

size_t gw_bearers_waiting(const struct gw *gw)
{
	size_t n = 0;

	for (size_t i = 0; i < gw->n_bearers; i++)
		n += gw->bearers[i]->ops->waiting(gw->bearers[i]);
	return n;
}

/* The same verb to each. */
static void tell_bearers(struct gw *gw, void (*verb)(struct gw_bearer *bearer))
{
	for (size_t i = 0; i < gw->n_bearers; i++)
		verb(gw->bearers[i]);
}

static void bearer_start(struct gw_bearer *bearer)
{
	bearer->ops->start(bearer);
}

static void bearer_flush(struct gw_bearer *bearer)
{
	bearer->ops->flush(bearer);
}

static void bearer_tick(struct gw_bearer *bearer)
{
	bearer->ops->tick(bearer);
}

static void bearer_stop(struct gw_bearer *bearer)
{
	bearer->ops->stop(bearer);
}

static bool bearers_stopped(const struct gw *gw)
{
	for (size_t i = 0; i < gw->n_bearers; i++)
		if (!gw->bearers[i]->ops->stopped(gw->bearers[i]))
			return false;
	return true;
}

static bool bearers_ready(const struct gw *gw)
{
	for (size_t i = 0; i < gw->n_bearers; i++)
		if (!gw->bearers[i]->ops->ready(gw->bearers[i]))
			return false;
	return true;
}

/* False after a log line. */
static bool make_bearers(struct gw *gw)
{
	gw->smpp = gw_bearer_smpp_alloc(gw, gw->config, gw_dialogs_user(gw->dialogs), &gw->counters);
	if (!gw->smpp)
		return false;
	gw->bearers[gw->n_bearers++] = gw->smpp;
	if (!gw->config->n_operators)
		LOGP(GW_LOG_MAIN, LOGL_NOTICE, "there are no operators: dialogs come by http_ussd, and text messages go out to nobody\n");
	if (!gw->config->http_ussd.n_routes)
		return true;
	gw->http_ussd = gw_bearer_conend_alloc(gw, gw_dialogs_user(gw->dialogs));
	if (!gw->http_ussd)
		return false;
	gw->bearers[gw->n_bearers++] = gw->http_ussd;
	return true;
}

/* ---- dialogs ---- */

static const struct gw_route *find_route(void *ctx, uint16_t id)
{
	return gw_find_route(ctx, id);
}

static struct gw_dialogs *make_dialogs(struct gw *gw)
{
	const struct gw_dialogs_config config = {
		.store = gw->store, .acked = gw->acked, .pins = gw->pins, .seal = gw->seal, .agencies = gw->agencies, .counters = &gw->counters,
		.usage = gw->usage, .in_flight_max = gw->config->limits.dialogs_in_flight, .busy_at = gw->config->limits.busy_at,
		.dials_per_minute = gw->config->limits.dials_per_minute, .agency_calls = gw->config->limits.agency_calls,
		.late_calls = gw->config->limits.late_calls, .find_route = find_route, .find_route_ctx = gw,
		.text = gw->ledger ? gw_out_text : NULL, .text_ctx = gw,
	};

	return gw_dialogs_alloc(gw, &config);
}

/* ---- what agencies are told ---- */
static bool accounts_loaded(void *ctx)
{
	const struct gw *gw = ctx;

	return gw_accounts_loaded(gw->accounts);
}

static const struct gw_account *find_account(void *ctx, const char *agency)
{
	const struct gw *gw = ctx;

	return gw_accounts_find(gw->accounts, agency);
}

/* As long as nobody knows the accounts, whoever may have one is told. */
static bool may_have_account(void *ctx, const char *agency)
{
	const struct gw *gw = ctx;

	return !gw_accounts_loaded(gw->accounts) || gw_accounts_find(gw->accounts, agency);
}

static void draw_consumer(struct gw *gw)
{
	unsigned char random[8];

	randombytes_buf(random, sizeof(random));
	memcpy(gw->consumer, "gw-", 3);
	sodium_bin2hex(gw->consumer + 3, sizeof(gw->consumer) - 3, random, sizeof(random));
}

/* False after a log line. */
static bool make_events(struct gw *gw)
{
	static const struct gw_agency_io io = { gw_loop_add, gw_loop_update, gw_loop_del };
	const struct gw_events_config events = { .redis = gw->ledger_redis, .consumer = gw->consumer, .known = may_have_account, .ctx = gw };
	struct gw_webhooks_config webhooks = { .settings = &gw->config->webhooks, .io = &io, .loaded = accounts_loaded, .find = find_account, .ctx = gw };

	gw->events = gw_events_alloc(gw, &events);
	gw->feeds = sess_feeds_alloc(gw, gw->ledger_redis, gw->config->webhooks.feed_length);
	gw->feed_readers = gw_feed_readers_alloc(gw, gw->feeds);
	webhooks.queue = gw_events_queue(gw->events);
	webhooks.feeds = gw->feeds;
	gw->webhooks = gw_webhooks_alloc(gw, &webhooks);
	gw_queues_add(gw->queues, "events", "what agencies are told", webhooks.queue, gw_event_agency);
	return gw->webhooks != NULL;
}

/* What stands on the ledger, in the order in which it is needed. False after a log line. */
static bool make_ledger(struct gw *gw)
{
	if (!gw->config->has_ledger)
		return true;
	gw->ledger_redis = gw_redis_role_alloc(gw, "ledger", &gw->config->ledger, gw_ledger_on_state, &gw->ledger_promise);
	if (!gw->ledger_redis)
		return false;
	gw->ledger = sess_ledger_alloc(gw, gw->ledger_redis);
	gw->chain = sess_chain_alloc(gw, gw->ledger_redis);
	sess_ledger_seal_by(gw->ledger, gw->chain);
	gw->accounts = gw_accounts_alloc(gw, gw->ledger);
	gw->quotas = gw_quotas_alloc(gw, gw->ledger, gw->config->notices.quiet.utc_offset);
	draw_consumer(gw);
	gw->queues = gw_queues_alloc(gw);
	return make_events(gw);
}

/* Commands to Redis leave before the answers of the next turn do: what was saved is what is answered. */
static void after_turn(void *ctx)
{
	struct gw *gw = ctx;

	if (gw->api)
		gw_api_turn(gw->api);
	if (gw->http_ussd)
		gw_bearer_conend_turn(gw->http_ussd);
	gw_agencies_turn(gw->agencies);
	if (gw->webhooks)
		gw_webhooks_turn(gw->webhooks);
	gw_out_turn(gw);
	sess_redis_flush(gw->redis);
	if (gw->ledger_redis)
		sess_redis_flush(gw->ledger_redis);
	tell_bearers(gw, bearer_flush);
}

static bool is_idle(struct gw *gw)
{
	return gw_dialogs_in_flight(gw->dialogs) == 0 && gw_bearers_waiting(gw) == 0 && (!gw->api || gw_api_open(gw->api) == 0) &&
	       (!gw->webhooks || gw_webhooks_close(gw->webhooks)) && gw_sms_close(gw) && gw_out_close(gw) &&
	       gw_pay_close(gw) && gw_usage_close(gw->usage);
}

static void tick_drain(struct gw *gw)
{
	int64_t now_ms = gw_clock_ms();

	if (gw->life == GW_DRAINING && (is_idle(gw) || now_ms >= gw->life_until_ms)) {
		if (gw_dialogs_in_flight(gw->dialogs))
			LOGP(GW_LOG_MAIN, LOGL_NOTICE, "%u steps did not end within drain_ms; another process takes them over\n",
			     gw_dialogs_in_flight(gw->dialogs));
		gw->life = GW_STOPPING;
		gw->life_until_ms = now_ms + STOP_MS;
		tell_bearers(gw, bearer_stop);
	}
	if (gw->life == GW_STOPPING && (bearers_stopped(gw) || now_ms >= gw->life_until_ms))
		gw->life = GW_STOPPED;
}

/* The networks are met when there is a store to serve them from: not a moment of "try again" at every start. And when it is known who is
 * told of what happens: the national inbox is to miss nothing. */
static void tick_start(struct gw *gw)
{
	if (gw->met_networks || gw->life != GW_SERVING || !sess_redis_up(gw->redis) || (gw->accounts && !gw_accounts_loaded(gw->accounts)))
		return;
	gw->met_networks = true;
	tell_bearers(gw, bearer_start);
}

static void tick_ledger(struct gw *gw)
{
	if (!gw->ledger_redis)
		return;
	sess_redis_tick(gw->ledger_redis);
	sess_chain_tick(gw->chain, gw_clock_ms());
	gw_accounts_tick(gw->accounts, gw_clock_ms(), gw_clock_wall_ms());
	gw_quotas_tick(gw->quotas, gw_clock_ms());
	gw_queues_tick(gw->queues, gw_clock_ms());
	gw_webhooks_tick(gw->webhooks);
	gw_feed_readers_tick(gw->feed_readers, gw_clock_ms());
	gw_sms_tick(gw);
	gw_out_tick(gw);
	gw_pay_tick(gw);
	if (gw->api)
		gw_api_tick(gw->api);
}

static void every_tick(void *ctx)
{
	struct gw *gw = ctx;

	tick_start(gw);
	sess_redis_tick(gw->redis);
	gw_watch_tick(gw);
	gw_usage_tick(gw->usage);
	tick_ledger(gw);
	gw_agencies_tick(gw->agencies);
	tell_bearers(gw, bearer_tick);
	gw_dialogs_tick(gw->dialogs);
	menu_pins_sweep(gw->pins, gw_clock_ms(), KEEP_MENU_MS);
	tick_drain(gw);
}

/* What is freed answers what it has pending: the dialogs must be there to hear it, and have nothing left to say. */
static int free_gw(struct gw *gw)
{
	if (gw->dialogs)
		gw_dialogs_abandon(gw->dialogs);
	TALLOC_FREE(gw->api); /* what is answered from here on is for nobody */
	TALLOC_FREE(gw->http);
	TALLOC_FREE(gw->store);
	TALLOC_FREE(gw->redis);
	TALLOC_FREE(gw->feeds);
	TALLOC_FREE(gw->events);
	TALLOC_FREE(gw->webhooks); /* these ask the two, and hear that they are gone */
	TALLOC_FREE(gw->feed_readers);
	TALLOC_FREE(gw->ledger);
	TALLOC_FREE(gw->payments);
	TALLOC_FREE(gw->lanes); /* their queues tell the outbox, which must be there */
	TALLOC_FREE(gw->chain);
	TALLOC_FREE(gw->ledger_redis);
	TALLOC_FREE(gw->agencies);
	TALLOC_FREE(gw->identities); /* its thread ends, and what waited for it hears so */
	for (; gw->n_bearers; gw->n_bearers--)
		talloc_free(gw->bearers[gw->n_bearers - 1]);
	return 0;
}

#define DAY_MS INT64_C(86400000)

/* Beside what it counts: in the ledger, and without one in the sessions' Redis. */
static void make_usage(struct gw *gw)
{
	const struct gw_usage_config config = {
		.redis = gw->ledger_redis ? gw->ledger_redis : gw->redis, .utc_offset = gw->config->notices.quiet.utc_offset,
		.keep_ms = gw->config->report.keep_days * DAY_MS,
	};

	gw->usage = gw_usage_alloc(gw, &config);
	gw_agencies_count_in(gw->agencies, gw->usage);
}

struct gw *gw_alloc(void *ctx, const struct gw_config *config)
{
	const struct gw_agency_io io = { gw_loop_add, gw_loop_update, gw_loop_del };
	const struct sess_store_config store = { .cache_entries = config->sessions.cache_sessions };
	struct gw *gw = talloc_zero(ctx, struct gw);

	talloc_set_destructor(gw, free_gw);
	gw->config = config;
	gw->started_ms = gw_clock_wall_ms();
	menu_unicode_init();
	gw->pins = menu_pins_alloc(gw);
	gw->builtin = gw_builtin_alloc(gw, gw, gw_builtin_tables);
	gw->agencies = gw_agencies_alloc(gw, &io, GW_LOG_AGENCY);
	gw_agencies_serve_own(gw->agencies, gw->builtin);
	gw->redis = gw_redis_role_alloc(gw, "sessions", &config->sessions, NULL, NULL);
	if (!gw->redis || !make_ledger(gw) || !make_seal(gw) || gw_reload(gw, NULL) < 0)
		goto failed;
	make_usage(gw);
	gw->store = sess_store_alloc(gw, gw->redis, &store);
	gw->acked = sess_acked_alloc(gw, gw->redis);
	gw->dialogs = make_dialogs(gw);
	gw->http = make_bearers(gw) ? gw_http_alloc(gw, config->http.listen, (uint16_t)config->http.port) : NULL;
	if (!gw->http)
		goto failed;
	if (!gw_out_make(gw) || !gw_identity_make(gw) || !gw_pay_make(gw))
		goto failed;
	gw_sms_make(gw);
	if (config->has_api && !(gw->api = gw_api_alloc(gw)))
		goto failed;
	gw_loop_after_turn(after_turn, gw);
	gw_loop_every(every_tick, gw);
	sess_redis_start(gw->redis);
	if (gw->ledger_redis)
		sess_redis_start(gw->ledger_redis);
	gw->life = GW_SERVING;
	return gw;
failed:
	talloc_free(gw);
	return NULL;
}

void gw_drain(struct gw *gw)
{
	if (gw->life != GW_SERVING)
		return;
	LOGP(GW_LOG_MAIN, LOGL_NOTICE, "draining: %u steps at work\n", gw_dialogs_in_flight(gw->dialogs));
	gw->life = GW_DRAINING;
	gw->life_until_ms = gw_clock_ms() + gw->config->drain_ms;
	gw_dialogs_close(gw->dialogs);
	if (gw->webhooks)
		gw_webhooks_close(gw->webhooks);
	if (gw->api)
		gw_api_close(gw->api);
	gw_sms_close(gw);
	gw_out_close(gw);
	gw_pay_close(gw);
}

bool gw_ready(const struct gw *gw, const char **why)
{
	*why = gw->life != GW_SERVING ? "it is being stopped" :
	       !menu_pins_current(gw->pins) ? "no menu is loaded" :
	       !sess_redis_up(gw->redis) ? "the session store is down" :
	       gw->ledger_redis && !sess_redis_up(gw->ledger_redis) ? "the ledger is down" :
	       !bearers_ready(gw) ? "an operator has no link that takes and gives" : NULL;
	return !*why;
}
