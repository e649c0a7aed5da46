/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Inside the ledger: the commit as it is gathered, and the ask. ledger.c loads, ledger_commit.c commits, ledger_lua.c is what
 * happens in Redis. */
#pragma once

#include "sessions/ask.h"
#include "sessions/ledger.h"
#include "sessions/queue_priv.h"

#define LEDGER_STAMP_OCTETS 8          /* the head of a value: what a commit compares */
#define LEDGER_MARK_MS "120000"        /* how long a commit is known as made */

/* One script does all commits. */
extern const char sess_ledger_lua[];
/* Its integers: what was done, or what stands in the way. */
enum {
	LEDGER_BEFORE = 0,             /* done by an attempt before */
	LEDGER_DONE = 1,               /* and the sum of: */
	LEDGER_FOLLOWER = 2,           /* a follower of the settled entry is due */
	LEDGER_CONFLICT = -1, LEDGER_LOST = -2, LEDGER_FULL = -3,
};

#define LEDGER_STAMPS 32
struct sess_ledger {
	struct sess_asks asks;
	struct sess_script script;
	struct sess_chain *chain;                  /* who seals, or NULL */
	sess_ledger_stamp stamps[LEDGER_STAMPS];   /* drawn in advance */
	unsigned int stamps_left;
	struct sess_ledger_counters counters;
};

/* The entry that a commit settles; in this order as verbs[] and as the queue's counters. */
enum ledger_verb { LEDGER_VERB_NONE, LEDGER_VERB_DONE, LEDGER_VERB_LATER, LEDGER_VERB_BURY };

struct ledger_then { sess_ledger_done_cb *done; void *ctx; uint64_t token; };

struct ledger_ask {
	struct sess_ask sent;
	struct sess_ledger *ledger;
	union {
		sess_ledger_load_cb *load;
		sess_ledger_range_cb *range;
		sess_ledger_count_cb *count;
		sess_ledger_commit_cb *commit;
	} to;
	void *ctx;
	uint64_t token;
	/* Of a load, how many; of a commit, the queues that it touches: those it adds to, and last the one that it settles in. */
	unsigned int n, partition;
	enum ledger_verb verb;
	bool noted;
	unsigned int n_then;
	struct ledger_then then[SESS_LEDGER_THEN_MAX];
	struct queue_watch watches[];
};

/* The record that a value is. */
struct sess_ledger_record sess_ledger_read(const struct sess_redis_reply *value);
enum sess_ledger_result sess_ledger_failure(enum sess_ask_result result);
