/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Steps being worked on, in a bounded pool: found by subscriber (one at work for each) or by handle, which is what crosses
 * callbacks: a handle of a step that is over finds nothing. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <osmocom/core/linuxlist.h>

#include "gateway/bearer.h"
#include "gateway/usage.h"
#include "menus/set.h"
#include "menus/step.h"
#include "sessions/session.h"

#define GW_INFLIGHT_TICKETS 4

/* What became of a dialog that was to begin with us. BUSY: not now, the citizen has one, or we have no room; UNABLE: the network has no
 * such thing; FAILED: the menu or the page; DOWN: no store. */
enum gw_push_result { GW_PUSH_SHOWN /* handed over; on_push tells the rest */, GW_PUSH_BUSY, GW_PUSH_UNABLE, GW_PUSH_FAILED, GW_PUSH_DOWN };
/* version: of the session, for gw_dialogs_pull. */
typedef void gw_dialog_push_cb(void *ctx, uint64_t token, enum gw_push_result result, uint32_t version);

enum gw_stage {
	GW_STAGE_QUEUED,      /* behind another step of the same subscriber */
	GW_STAGE_LOADING,     /* session, and for a dial the profile */
	GW_STAGE_PROMISING,   /* the text messages that come of it are handed to the ledger */
	GW_STAGE_SAVING,      /* the outcome; then `then` is done */
	GW_STAGE_CALLING,     /* an agency was asked */
	GW_STAGE_HELD,        /* it looks repeated, and whether its answer was taken is not known yet: until hold_until_ms */
};
enum gw_then { GW_THEN_ANSWER, GW_THEN_CALL, GW_THEN_LATE /* say so, the call goes on */, GW_THEN_NOTHING };

/* A dialog that begins with us (dialog_push.c). */
struct gw_pushing {
	bool begun;
	enum gw_push_result result;          /* what is told when the step is over */
	uint32_t pulled;                     /* not to be begun: the session of this version is taken back */
	gw_dialog_push_cb *cb;
	void *ctx;
	uint64_t token;
};

struct gw_inflight {
	struct llist_head entry;             /* in its hash bucket */
	struct llist_head calling;           /* in the list of those that wait for an agency, or are held */
	uint32_t index, generation;
	struct gw_inflight *queued;          /* the next step of the same subscriber */
	enum gw_stage stage;
	enum gw_then then;
	bool in_use;
	bool listed;                         /* found by subscriber: false while it is queued, or set aside */
	bool is_calling;                     /* in the list */
	bool late;                           /* the dialog was ended; what comes goes out by SMS */
	bool gone;                           /* the citizen hung up while it was being worked on */
	bool takeover;                       /* begun by no step: another process had left it */
	bool was_waiting;                    /* the stored session is on the list of those that wait for an agency */
	bool from_cache;                     /* the session is as this process saved it last; it may have gone on elsewhere */
	bool replace;                        /* save over whatever stands there */
	bool asked, held;                    /* a step that looks repeated: others were asked, it was waited for a while */
	unsigned int conflicts;              /* saves that found another's */
	struct gw_pushing push;
	int64_t taken_us;                    /* when the network took the last answer, wall clock; 0: not known */
	int64_t arrived_wall_us;
	unsigned int awaiting;               /* of LOADING and PROMISING: answers of the store, of the ledger still to come */
	int64_t arrived_us, deadline_ms, hold_until_ms; /* monotonic */

	enum gw_step_kind kind;
	const struct gw_route *route;
	char msisdn[GW_MSISDN_MAX + 1];
	char language[MENU_LANGUAGE_OCTETS];
	uint32_t session_hash, fingerprint, link;
	uint8_t context[GW_CONTEXT_OCTETS];
	uint8_t context_octets;
	struct gw_ticket tickets[GW_INFLIGHT_TICKETS];
	unsigned int n_tickets;

	const struct menu_set *set;          /* held while an operation of it is called */
	const struct menu_operation *operation;
	struct menu_answer *answer;          /* came while the session was being saved */
	char *sms;                           /* to be sent beside the page, and not promised yet */
	bool page_promised;                  /* the page, of a late step */
	bool is_private;                     /* page and sms may say what must not be kept as plain text */
	uint64_t call_key;                   /* of the call that was made last: the same for whoever makes it again */
	uint8_t cause[16];                   /* names the texts that come of the step (dialog_text.c) */
	struct gw_usage_step use;            /* what the menu's step did, until it is saved and counts */
	bool typed;                          /* the dial string is what was typed on page after page */
	uint32_t order;
	uint16_t dial_octets;                /* of an input of which all before it is told, too; 0: it is not */
	uint16_t octets, page_octets;
	char text[GW_TEXT_OCTETS + 1];       /* what was dialled or typed */
	char page[MENU_PAGE_OCTETS + 1];     /* what is to be shown when the session is safe; of a late step, sent by SMS */
	char dial[MENU_DIAL_OCTETS + 1];
	struct session session;              /* last: it is large and mostly unused */
};

struct gw_inflights;

struct gw_inflights *gw_inflights_alloc(void *ctx, unsigned int max);
/* NULL if the pool is empty. It is found by its subscriber only after gw_inflight_list: if gw_inflight_find finds one already,
 * the caller queues the new step there instead. */
struct gw_inflight *gw_inflight_get(struct gw_inflights *pool, const char *msisdn);
void gw_inflight_put(struct gw_inflights *pool, struct gw_inflight *step);
struct gw_inflight *gw_inflight_find(struct gw_inflights *pool, const char *msisdn);
/* Another handle: what was asked with the one before finds nobody any more. */
void gw_inflight_renew(struct gw_inflight *step);
uint64_t gw_inflight_handle(const struct gw_inflight *step);
struct gw_inflight *gw_inflight_at(struct gw_inflights *pool, uint64_t handle);
void gw_inflight_list(struct gw_inflights *pool, struct gw_inflight *step);
void gw_inflight_unlist(struct gw_inflight *step);
/* All in use, one after the other: *at begins with 0. NULL: that was the last. */
struct gw_inflight *gw_inflights_next(struct gw_inflights *pool, unsigned int *at);
unsigned int gw_inflights_count(const struct gw_inflights *pool);
