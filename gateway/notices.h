/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The notices of this gateway: accepting, finding, changing them in the ledger. Sending them is the outbox's work (outbox.h). */
#pragma once

#include "gateway/notice.h"
#include "sessions/ledger.h"

struct gw;
struct gw_notices;
struct gw_events;

/* Puts everything that a new notice needs into a commit on the partition of its number: the record, its place in the outbox
 * (unless it is for the inbox only) and in the inbox, its line in the audit chain. -EINVAL: no operator can take it. */
int gw_notices_add(struct gw_notices *notices, struct sess_ledger_commit *commit, struct gw_notice *notice);

/* OK: accepted now; THERE: accepted before under this id; FULL, DOWN, BUSY: not, try again. */
typedef void gw_notices_cb(void *ctx, uint64_t token, enum sess_ledger_result result);
/* One notice in a commit of its own. The notice is read during the call only. */
int gw_notices_accept(struct gw_notices *notices, struct gw_notice *notice, gw_notices_cb *cb, void *ctx, uint64_t token);

/* notice: NULL unless OK (no such notice: OK and NULL); valid during the callback; steal it to keep it. */
typedef void gw_notices_load_cb(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_notice *notice);
int gw_notices_load(struct gw_notices *notices, const char *id, gw_notices_load_cb *cb, void *ctx, uint64_t token);

/* Loads, lets `change` change it and add to the commit (events, notes), commits; again on CONFLICT. change: false: leave it. It
 * may be called several times, and only its last call counts. cb: OK with the notice as it is now (changed or left), or NULL: there is none. */
typedef bool gw_notice_change(void *ctx, struct gw_notice *notice, struct sess_ledger_commit *commit);
int gw_notices_change(struct gw_notices *notices, const char *id, gw_notice_change *change, void *change_ctx, gw_notices_load_cb *cb,
		      void *ctx, uint64_t token);
/* The change that sets a state: writes state and time, the event "notice.<state>", the audit line. For use inside a change. */
void gw_notices_set_state(struct gw_notices *notices, struct gw_notice *notice, enum gw_notice_state state, const char *error,
			  struct sess_ledger_commit *commit);
/* A citizen's inbox, newest first, without what was deleted. */
typedef void gw_notices_inbox_cb(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_notice *const *notices, size_t n, unsigned int unread);
int gw_notices_inbox(struct gw_notices *notices, const char *msisdn, unsigned int skip, unsigned int n, gw_notices_inbox_cb *cb, void *ctx, uint64_t token);
