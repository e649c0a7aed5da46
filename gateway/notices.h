/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The notices of this gateway: accepting, finding, changing them in the ledger. Sending them is the outbox's work (outbox.h).
 *
 * Asynchronous as the ledger is: nothing is called back from inside a call; every call that returned 0 has exactly one answer.
 * Freed after the ledger, which answers what is pending; before it, what is pending is not answered any more. */
#pragma once

#include "gateway/counter.h"
#include "gateway/event.h"
#include "gateway/lane.h"
#include "gateway/notice.h"
#include "gateway/seal.h"
#include "sessions/ledger.h"

struct gw_notices;
struct gw_usage;

struct gw_notices_config {
	struct sess_ledger *ledger;
	struct gw_lanes *lanes;
	struct gw_events *events;        /* NULL: nobody is told (tests) */
	const struct gw_seal *seal;      /* NULL: no key, so no sensitive notices */
	int64_t keep_ms;                 /* how long a record is kept after it was last changed */
	/* Told of each state that a notice comes to, and from which (a new one that is sent at once: ACCEPTED), in the commit that says so;
	 * it may add three operations. NULL: nobody is. */
	void (*on_state)(struct sess_ledger_commit *commit, const struct gw_notice *notice, enum gw_notice_state before);
	/* The account that is told of all agencies' notices, the national inbox; NULL: there is none (or no such function). */
	const char *(*national)(void *ctx);
	void *ctx;
	struct gw_usage *usage;          /* where states are counted; NULL: nowhere */
};
/* A child of ctx. */
struct gw_notices *gw_notices_alloc(void *ctx, const struct gw_notices_config *config);

/* Puts everything that a new notice needs into a commit on the partition of its number: the record, its place in the outbox
 * (unless it is for the inbox only) and in the inbox, its line in the audit chain, what the national inbox is told. What is not set is
 * set: id, time, route. It takes five operations of the commit, six of one with a job. -EINVAL: no operator can take it. */
int gw_notices_add(struct gw_notices *notices, struct sess_ledger_commit *commit, struct gw_notice *notice);

/* OK: accepted now; THERE: accepted before under this id; FULL, DOWN, BUSY: not, try again. */
typedef void gw_notices_cb(void *ctx, uint64_t token, enum sess_ledger_result result);
/* One notice in a commit of its own. The notice is read during the call only. 0, -EINVAL, -ENOTCONN. */
int gw_notices_accept(struct gw_notices *notices, struct gw_notice *notice, gw_notices_cb *cb, void *ctx, uint64_t token);

/* notice: NULL unless OK (no such notice: OK and NULL); valid during the callback; steal it to keep it. -EINVAL: that is no id. */
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
/* A citizen's inbox, newest first, without what was deleted and what is not due yet; of the 256 newest. count, unread: of all of these. */
#define GW_NOTICES_INBOX_MAX 32
typedef void gw_notices_inbox_cb(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_notice *const *notices, size_t n, unsigned int count,
				 unsigned int unread);
int gw_notices_inbox(struct gw_notices *notices, const char *msisdn, int64_t from_ms, unsigned int skip, unsigned int n, gw_notices_inbox_cb *cb, void *ctx,
		     uint64_t token);

/* For use inside a change: the national inbox is told ("karpousheh.read") of an agency's notice, unless it did it itself (account). */
void gw_notices_tell_national(struct gw_notices *notices, struct sess_ledger_commit *commit, const struct gw_notice *notice, const char *what,
			      const char *account);

/* ---- sensitive ones */
/* Seals the texts and remembers whose they are. -ENOKEY: there is no key. */
int gw_notices_seal(struct gw_notices *notices, struct gw_notice *notice, const char *national_id);
/* Is this whose it is? */
bool gw_notices_opens(const struct gw_notices *notices, const struct gw_notice *notice, const char *national_id);
/* The text as gw_notice_text, opened if it is sealed; its octets, or -EBADMSG (another key), -ENOSPC. */
ssize_t gw_notices_read(const struct gw_notices *notices, const struct gw_notice *notice, const char *language, char *out, size_t cap);

/* ---- for those who make commits of their own (outbox, receipts) */
#define GW_NOTICE_UNKNOWN "outcome unknown" /* the error of one that was given up because nobody knows whether it arrived */
/* Parts have changed: sets the state that follows - delivered when all parts are, sent when the network has all; if one failed, the next
 * way begins, or the notice has failed. Nothing while a part is still to be sent or its outcome unknown. At most six operations. */
void gw_notices_follow(struct gw_notices *notices, struct gw_notice *notice, struct sess_ledger_commit *commit);
/* By this way it has failed: the next way, or the end. */
void gw_notices_fail(struct gw_notices *notices, struct gw_notice *notice, const char *error, struct sess_ledger_commit *commit);
/* The index of a citizen's notices of unknown outcome, and the list of all that ever were in a partition ("<agency> <id>"). */
bool gw_unsure_key(char key[SESS_LEDGER_KEY_OCTETS], const char *msisdn);
bool gw_unsure_log_key(char key[SESS_LEDGER_KEY_OCTETS], unsigned int partition);
bool gw_notices_key(char key[SESS_LEDGER_KEY_OCTETS], const char *id); /* false: that is no id */
/* The record over the one that was loaded. */
void gw_notices_put(struct gw_notices *notices, struct sess_ledger_commit *commit, const struct gw_notice *notice, sess_ledger_stamp over);
/* Its place in the outbox, for the way that notice->by says. */
int gw_notices_enqueue(struct gw_notices *notices, struct sess_ledger_commit *commit, const struct gw_notice *notice, const char *key);
/* A line of the audit chain: what happened ("notice.receipt"), to which, and `more` (taken over; NULL: nothing). */
void gw_notices_note(struct sess_ledger_commit *commit, const struct gw_notice *notice, const char *what, json_t *more);
