/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* USSD dialogs: where bearers, sessions, menus and agencies meet.
 *
 * A step is: load the session, make one step of the menu, save the session over what was loaded, and only then acknowledge
 * to the network and answer the citizen. With an agency call the session is saved as *waiting* before the call leaves. So
 * whatever dies, and whenever: what was not saved was not acknowledged and comes again, what was saved is found again, by
 * this process or by another (gw_dialogs_tick looks for steps that a dead one left waiting).
 *
 * Only steps at work are in memory; an open dialog in which the citizen thinks costs this process nothing. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "gateway/agency.h"
#include "gateway/bearer.h"
#include "gateway/counter.h"
#include "gateway/inflight.h"
#include "gateway/seal.h"
#include "menus/pin.h"
#include "sessions/acked.h"
#include "sessions/ledger.h"
#include "sessions/store.h"

struct gw_dialogs;

/* A text message that a dialog sends. */
struct gw_dialog_text {              /* valid during the call */
	const struct gw_route *route;
	const char *msisdn, *language, *text;
	const char *name;            /* the same for the same text, whoever sends it: it is sent once */
};
typedef void gw_dialog_text_cb(void *ctx, uint64_t token, enum sess_ledger_result result);

struct gw_dialogs_config {
	struct sess_store *store;
	struct sess_acked *acked;
	struct menu_pins *pins;
	const struct gw_seal *seal;          /* NULL: no menu has secret questions */
	struct gw_agencies *agencies;
	struct gw_counters *counters;
	struct gw_usage *usage;              /* NULL: nobody counts what citizens do */
	unsigned int in_flight_max, busy_at, dials_per_minute, agency_calls, late_calls;
	/* The route with this id, for a step that another process left; NULL: not ours. */
	const struct gw_route *(*find_route)(void *ctx, uint16_t id);
	void *find_route_ctx;
	/* Accepts a text, to be sent whatever happens: 0, and cb is called, once, later: OK, or THERE (it was accepted before). Else it is
	 * not accepted, or nobody knows. NULL: there is no ledger, texts are sent from memory. */
	int (*text)(void *ctx, const struct gw_dialog_text *text, gw_dialog_text_cb *cb, void *cb_ctx, uint64_t token);
	void *text_ctx;
};

struct gw_dialogs *gw_dialogs_alloc(void *ctx, const struct gw_dialogs_config *config);
/* What a bearer is given. */
const struct gw_bearer_user *gw_dialogs_user(const struct gw_dialogs *dialogs);

/* Begins a dialog: makes the first page as if the citizen had dialled, and hands it to the network. */
struct gw_dialog_push {
	const struct gw_route *route;
	const char *msisdn, *dial;           /* "*4*100*n42...#" */
	uint64_t token;                      /* for cb, and for the bearer's on_push */
};
/* 0: cb is called, once, later. -EBUSY: not now (a step of the citizen's is at work, no room, closing); -EINVAL: the dial string. */
int gw_dialogs_push(struct gw_dialogs *dialogs, const struct gw_dialog_push *push, gw_dialog_push_cb *cb, void *ctx);
/* The network did not show it: unless the citizen has gone on with it all the same, the session is ended. */
void gw_dialogs_pull(struct gw_dialogs *dialogs, const struct gw_route *route, const char *msisdn, uint32_t version);

void gw_dialogs_tick(struct gw_dialogs *dialogs);    /* every GW_LOOP_TICK_MS: deadlines, what others left */
/* No new dialogs: a dial gets the closing page. Running ones go on. */
void gw_dialogs_close(struct gw_dialogs *dialogs);
/* Forgets every step at work, so that what the store and the agencies still answer while they are freed finds nobody. What
 * was not settled with the network comes again; what waits for an agency is taken over by another process. */
void gw_dialogs_abandon(struct gw_dialogs *dialogs);
/* Steps at work, and texts that are being accepted. */
unsigned int gw_dialogs_in_flight(const struct gw_dialogs *dialogs);
unsigned int gw_dialogs_calling(const struct gw_dialogs *dialogs);
