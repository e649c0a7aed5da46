/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The gateway as a whole: what it is made of, and its life: start, serve, reload, drain, stop. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "gateway/agency.h"
#include "gateway/bearer.h"
#include "gateway/config.h"
#include "gateway/counter.h"
#include "gateway/dialog.h"
#include "gateway/redis_role.h"
#include "menus/pin.h"
#include "sessions/chain.h"
#include "sessions/ledger.h"
#include "sessions/redis.h"
#include "sessions/store.h"

enum gw_life { GW_STARTING, GW_SERVING, GW_DRAINING, GW_STOPPING, GW_STOPPED };

#define GW_BEARERS_MAX 2

struct gw {
	const struct gw_config *config;
	enum gw_life life;
	bool met_networks;               /* the links were started */
	int64_t life_until_ms;           /* of DRAINING and STOPPING */
	int64_t started_ms;              /* wall clock */
	struct gw_counters counters;
	struct gw_usage *usage;          /* what citizens did, for the report */
	struct menu_pins *pins;
	struct sess_redis *redis;
	struct sess_store *store;
	struct sess_acked *acked;
	struct gw_agencies *agencies;
	struct gw_builtin *builtin;      /* the gateway as an agency */
	struct gw_dialogs *dialogs;
	struct gw_bearer *smpp;          /* the operators */
	struct gw_bearer *http_ussd;     /* aggregators that ask over HTTP; NULL: none is configured */
	struct gw_bearer *bearers[GW_BEARERS_MAX]; /* all of them, the operators first */
	size_t n_bearers;
	struct gw_seal *seal;
	struct gw_http *http;
	/* what stands on the ledger: all NULL where none is configured */
	struct sess_redis *ledger_redis;
	struct gw_ledger_promise ledger_promise;
	struct sess_ledger *ledger;
	struct sess_chain *chain;
	struct gw_accounts *accounts;
	struct gw_quotas *quotas;        /* what accounts have used */
	char consumer[24];               /* this process among those that take from the queues */
	struct gw_queues *queues;        /* all of them, by name */
	struct gw_events *events;        /* makes them; */
	struct gw_webhooks *webhooks;    /* takes them out; */
	struct sess_feeds *feeds;        /* or here they are fetched */
	struct gw_feed_readers *feed_readers;
	struct gw_lanes *lanes;          /* the outbox's queues, by operator */
	struct gw_notices *notices;
	struct gw_consent *consent;      /* who wants none */
	struct gw_identities *identities; /* who is who; NULL without a session key, too */
	struct gw_text_user text_user;   /* what the bearers call for text messages and receipts */
	int64_t sweep_at_ms;             /* of the agencies' lists of requests: when, */
	uint64_t sweep_next;             /* and which */
	struct gw_outbox *outbox;
	struct gw_pushes *pushes;        /* notices by USSD */
	struct gw_receipts *receipts;
	struct gw_requests *requests;
	struct gw_payments *payments;    /* NULL: nothing is paid */
	struct gw_texts *texts;          /* what citizens write */
	struct gw_bulk *bulk;
	struct gw_api *api;
	const struct gw_catalogue *catalogue; /* the file, as it was read with the menus; NULL: there is none, or it is no good */
	uint64_t reloads, reload_failures;
};

/* Makes everything and opens the links; a child of ctx. NULL after a log line that says why. The loop and the log are
 * running already. */
struct gw *gw_alloc(void *ctx, const struct gw_config *config);
/* Reads and checks the configured menus. NULL and diagnostics if there is a mistake. */
struct menu_set *gw_read_menus(void *ctx, const struct gw_config *config, struct menu_diags *diags);
/* Reads the menus again. A menu with a mistake changes nothing; what is wrong is logged, and told to `diags` if not NULL. */
int gw_reload(struct gw *gw, struct menu_diags *diags);
/* The route with this id (from a stored session), whoever carries it; NULL: there is none. */
const struct gw_route *gw_find_route(const struct gw *gw, uint16_t id);
/* What waits in all bearers. */
size_t gw_bearers_waiting(const struct gw *gw);
/* Takes no new dialogs; running steps end within drain_ms, then the links unbind and gw->life becomes GW_STOPPED. */
void gw_drain(struct gw *gw);
/* True if the citizens can be served: menus loaded, Redis up, every operator has a link both ways, not draining. *why: the
 * first thing that is missing, for /readyz. */
bool gw_ready(const struct gw *gw, const char **why);
/* gateway_watch.c, every tick: what is away. */
void gw_watch_tick(struct gw *gw);
