/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the files of the outbox share; nobody else includes this. In the order of an entry's way:
 *
 *   outbox.c          lanes: taking and claiming entries; upkeep of what is in work
 *   outbox_decide.c   its records are loaded: is it to be sent, and now?
 *   outbox_send.c     intent, handing over, what became of it
 *   outbox_commit.c   the commits, again until the ledger has answered; settling
 *
 * An entry in work is a *job*, from a bounded pool. After a call that can end it (settle, report, ...) it must not be touched;
 * callbacks find it by its handle. */
#pragma once

#include <osmocom/core/linuxlist.h>

#include "gateway/early.h"
#include "gateway/outbox.h"
#include "menus/step.h"

#define CLAIM_IDLE_MS 30000     /* an entry that nobody renewed for so long is of a process that is gone */
#define RENEW_MS 8000
#define SAFE_MS 20000           /* since it was taken or renewed: so long it is surely ours */
#define READY_MS 5000           /* waits for room here for so long, then in the ledger */
#define OUTCOME_MS 1200000      /* bearers promise an outcome; this is for the day when one does not keep it */
#define RECEIPT_KEEP_MS (7 * 86400000LL)
#define UNKNOWNS_MAX 3          /* sent again so often, then given up whatever the policy */
#define RETRY_MIN_MS 50
#define RETRY_MAX_MS 5000

enum job_stage {
	JOB_FREE,
	JOB_LOADING,    /* its records */
	JOB_PROFILE,    /* the citizen's language */
	JOB_READY,      /* waits for room at the network */
	JOB_INTENT,     /* being committed */
	JOB_HANDING,    /* to the network, which had no room after all */
	JOB_SENDING,    /* the network has it */
	JOB_REPORTING,  /* what became of it is being committed; or being loaded again, for that */
	JOB_SETTLING,   /* nothing but its entry */
};
enum job_verb { VERB_DONE, VERB_LATER, VERB_BURY };

struct gw_job {
	struct llist_head entry;         /* in the list of the free, of those READY (in their order), or of all others in work */
	struct gw_outbox *outbox;
	uint32_t index, generation;
	enum job_stage stage;
	const struct gw_lane *lane;
	struct route_state *to;
	struct sess_queue_handle handle;
	char id[GW_NOTICE_ID_OCTETS], msisdn[GW_MSISDN_MAX + 1];
	bool lost;                       /* the entry is another's: nothing is settled any more */
	int64_t ours_ms, renew_ms;       /* monotonic: surely ours until; to be renewed at */
	int64_t since_ms;                /* in this stage */
	int64_t retry_ms, pause_ms;      /* what the ledger did not answer goes again at; the pause before that */

	struct gw_notice *notice;        /* as loaded, then as handed over */
	sess_ledger_stamp stamp, early_stamp;
	sess_ledger_stamp receipt_stamps[GW_SMS_PARTS_MAX]; /* of receipt keys that stand there already */
	struct gw_early *early;          /* NULL: there are none */
	bool early_used;                 /* some were taken out */
	bool listed;                     /* parts of it were of unknown outcome already: it is in the citizen's index of those */
	bool again;                      /* and are sent once more */
	bool refused;                    /* the citizen has stopped the sender */
	char language[MENU_LANGUAGE_OCTETS];
	char *text;                      /* to be sent */
	unsigned int room;               /* parts that are to be sent and not handed over yet */
	unsigned int waiting;            /* outcomes still to come */
	uint32_t mask;                   /* parts of this attempt */
	unsigned int later_ms;           /* the network wants a pause */

	/* of a commit */
	struct sess_ledger_commit *commit; /* on its way; kept, for when its answer is lost */
	enum job_verb verb;              /* of the commit, or of SETTLING */
	unsigned int verb_ms;            /* LATER: from now */
	const char *reason;              /* BURY */
	uint64_t *counts[4];             /* counters that grow when it is committed */
};

/* An operator: parts that will be handed to it soon, and of these, those whose intent is (being) committed. */
struct route_state { const struct gw_route *route; unsigned int reserved, intended, room /* as last asked */; };

struct lane_state {
	struct gw_outbox *outbox;
	const struct gw_lane *lane;
	struct route_state *to;
	unsigned int taking;             /* so many may come of a take that is under way */
	bool claiming;
	int64_t next_take_ms, next_claim_ms, pause_ms;
};

struct gw_outbox {
	struct gw_outbox_config config;
	struct gw_outbox_counters counters;
	size_t n_lanes;
	struct lane_state *lanes;
	struct route_state *routes;      /* one for each GW_LANES lanes */
	struct gw_job *jobs;
	struct llist_head free, ready, work;
	unsigned int n_jobs, n_taking;
	bool closing;
	int64_t now_ms, wall_ms;         /* of this turn */
};

/* ---- outbox.c ---- */
void gw_outbox_now(struct gw_outbox *outbox);
uint64_t gw_job_token(const struct gw_job *job);
struct gw_job *gw_job_at(struct gw_outbox *outbox, uint64_t token);
void gw_job_stage(struct gw_job *job, enum job_stage stage);
void gw_job_reserve(struct gw_job *job, unsigned int parts);
void gw_job_free(struct gw_job *job);

/* ---- outbox_decide.c ---- */
void gw_jobs_load(struct gw_outbox *outbox, struct gw_job *const *jobs, size_t n);
void gw_job_decide(struct gw_job *job);
/* Texts and room are known: it may go as soon as there is room. */
void gw_job_prepare(struct gw_job *job);

/* ---- outbox_send.c ---- */
void gw_outbox_pump(struct gw_outbox *outbox);
void gw_job_hand_over(struct gw_job *job);
/* The records as they are now, after a conflict; then what became of it is put into them. */
void gw_job_merge(struct gw_job *job, struct gw_notice *present);
void gw_job_report(struct gw_job *job);
/* Early receipts that are this notice's, into its parts. False: there are none. */
bool gw_job_hear(struct gw_job *job);

/* ---- outbox_commit.c ---- */
struct sess_ledger_commit *gw_job_commit(struct gw_job *job);
/* The record, the early receipts that were used or must not have changed, the lists of unknown outcomes; and it goes. */
void gw_job_go(struct gw_job *job, enum job_stage stage, enum job_verb verb, unsigned int verb_ms);
void gw_job_count(struct gw_job *job, uint64_t *counter);
/* Without a commit: nothing of the notice has changed. */
void gw_job_settle(struct gw_job *job, enum job_verb verb, unsigned int verb_ms, const char *reason);
void gw_job_again(struct gw_job *job);
void gw_job_pause(struct gw_job *job);
