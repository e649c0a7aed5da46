/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The outbox: takes notices from the lanes of the operators (lane.h) and brings them to their citizens, many at once, each citizen's in
 * order. It takes no more than the networks have room for, so that what waits, waits in the ledger and not in this process.
 *
 *   taken ──load──> is it still to be sent, and now? ──no──> later, or settled as what it is
 *                      │ yes
 *                      v
 *              commit the intent ──> hand the parts over ──> what became of each ──> commit it, and settle the entry
 *
 * Nothing is handed to a network that the ledger does not know of: who finds an intent without an outcome, and is not the one who is
 * waiting for it, cannot know whether the parts went out. Such parts are of *unknown outcome*: their receipts are waited for
 * (unsure_wait_ms), then it is sent again or given up, as the notice says. They are counted and listed; only they can reach a
 * citizen twice.
 *
 * What is asked of ledger and networks is answered later, never from inside a call. */
#pragma once

#include "gateway/bearer.h"
#include "gateway/bulk.h"
#include "gateway/lane.h"
#include "gateway/notices.h"
#include "gateway/quiet.h"
#include "sessions/ledger.h"
#include "sessions/store.h"

struct gw_outbox;

struct gw_outbox_config {
	struct sess_ledger *ledger;
	struct gw_lanes *lanes;
	struct gw_notices *notices;
	struct sess_store *store;        /* the citizens' languages; NULL: not known */
	struct gw_quiet quiet;
	unsigned int in_work;            /* notices at once */
	int64_t unsure_wait_ms;
	/* May a notice of this job go? NULL: always. */
	enum gw_bulk_state (*bulk_state)(void *ctx, const char *id);
	/* What an SMS says of a sensitive notice, or a push of one that is too long for a page: that it is there, and how it is read. */
	size_t (*announce)(void *ctx, const char *language, const struct gw_notice *notice, char *out, size_t cap);
	/* Shows it by USSD: begins a dialog that leads to it, or shows the text. As gw_bearer_ops.push; what became of it is told to
	 * gw_outbox_on_push. NULL: the text is shown. */
	int (*push)(void *ctx, const struct gw_route *route, const struct gw_notice *notice, const char *text, uint64_t token);
	void *ctx;
};

/* All but the last are counts since alloc, of what is committed. */
struct gw_outbox_counters {
	uint64_t taken, claimed;         /* entries; from a process that is gone */
	uint64_t sent, failed, expired, refused, cancelled;
	uint64_t parts, put_off;         /* handed to a network; refused by it for now */
	uint64_t unknown, unknown_again, unknown_given_up; /* notices: outcome not known; sent once more; not */
	uint64_t quiet, early, paused;   /* put off: quiet hours; before their time; their job pauses */
	uint64_t lost, conflicts, failures; /* entries that became another's; races; the ledger was down or busy */
};

/* A child of ctx. */
struct gw_outbox *gw_outbox_alloc(void *ctx, const struct gw_outbox_config *config);
/* After each turn of the loop, before what gathered for Redis and the networks is sent. */
void gw_outbox_turn(struct gw_outbox *outbox);
void gw_outbox_tick(struct gw_outbox *outbox);   /* every GW_LOOP_TICK_MS */
/* The bearers' gw_text_user: what became of parts and pushes. */
void gw_outbox_on_sms(struct gw_outbox *outbox, const struct gw_sms_result *result);
void gw_outbox_on_push(struct gw_outbox *outbox, uint64_t token, enum gw_sent sent);
/* Takes nothing more, gives back what was not handed over yet. True when nothing is in work any more. */
bool gw_outbox_close(struct gw_outbox *outbox);
unsigned int gw_outbox_in_work(const struct gw_outbox *outbox);
const struct gw_outbox_counters *gw_outbox_counters(const struct gw_outbox *outbox);
