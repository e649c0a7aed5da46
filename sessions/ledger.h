/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The ledger: what must not be lost - requests, notices, accounts - as records in Redis that change together with the queues.
 *
 * A *record* is a value under a key of a partition, with a stamp that each write changes. A *commit* is one atomic script: it
 * checks every condition of its operations first (records as they were loaded, a new one not there yet, a queue entry still
 * ours, no queue full), and only then does all of them. So a record, the entries that it causes in queues, the settling of the
 * entry that caused it, and the note for the audit chain are there together or not at all, over any crash.
 *
 *     load records ──> decide in C ──> commit ──OK──> done
 *         ^                              │──CONFLICT──┐ (another was faster)
 *         └──────────────────────────────┴────────────┘
 *
 * A commit whose answer was lost (DOWN) may be made again as it is: its stamp is its own (drawn by sess_ledger_commit_begin), and
 * Redis remembers for two minutes which commits were made, whatever became of their records since; so the answer is OK, and
 * nothing is done twice. After that the records tell, as long as one bears the stamp.
 *
 * All keys of a commit belong to one partition: `kind:{pNN}:id` (sess_ledger_key). Partitions are those of the session store
 * and of the queues (sess_store_partition). The ledger's redis ought to run with appendonly yes and appendfsync always
 * (sessions/durable.h).
 *
 * Asynchronous means later: nothing is called back from inside a call; every call that returned 0 has exactly one answer;
 * freeing the ledger answers what is pending with SESS_LEDGER_DOWN. Everything handed in is read during the call only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sessions/queue.h"
#include "sessions/redis.h"

#define SESS_LEDGER_KEY_OCTETS 128       /* of a whole key, with its NUL */
#define SESS_LEDGER_VALUE_MAX 65536
#define SESS_LEDGER_OPS_MAX 32
#define SESS_LEDGER_LOAD_MAX 64
#define SESS_LEDGER_RANGE_MAX 1000

struct sess_ledger;

enum sess_ledger_result {
	SESS_LEDGER_OK,
	SESS_LEDGER_THERE,      /* commit: a NEW record exists already; nothing was done, and *there is its value */
	SESS_LEDGER_CONFLICT,   /* commit: a record is not as it was loaded (changed, gone); nothing was done */
	SESS_LEDGER_LOST,       /* commit: the entry to be settled is another's now, or settled already; nothing was done */
	SESS_LEDGER_FULL,       /* commit: a queue is full (length_max); nothing was done */
	SESS_LEDGER_DOWN,       /* Redis does not answer, or refuses; nothing is known of the commit */
	SESS_LEDGER_BUSY,       /* too much is pending; nothing was done */
};

/* Which write of a record: 0 for none. Compared for equality only. */
typedef uint64_t sess_ledger_stamp;

/* A child of ctx. redis must live as long, or be freed just before. */
struct sess_ledger *sess_ledger_alloc(void *ctx, struct sess_redis *redis);
struct sess_redis *sess_ledger_redis(struct sess_ledger *ledger);
/* Whoever seals learns of what was noted (sess_chain_hint), so that no caller has to say it. chain: on the same redis; it must live as
 * long as the ledger, or be taken away before (NULL). */
struct sess_chain;
void sess_ledger_seal_by(struct sess_ledger *ledger, struct sess_chain *chain);

/* "kind:{pNN}:id". kind: small letters and '-'; id: printable ASCII but space, '{' and '}'. False: it does not fit, or is not that. */
bool sess_ledger_key(char key[SESS_LEDGER_KEY_OCTETS], const char *kind, unsigned int partition, const char *id);

/* ---- load */
struct sess_ledger_record {
	sess_ledger_stamp stamp;       /* 0: there is none; value is NULL then */
	const void *value;             /* NUL behind it */
	size_t octets;
};
/* records: n of them in the order asked for, valid during the callback; NULL unless OK. */
typedef void sess_ledger_load_cb(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n);
/* Keys of one partition or of several; one command. -EINVAL, -ENOTCONN (being freed): nothing is called. */
int sess_ledger_load(struct sess_ledger *ledger, const char *const *keys, size_t n, sess_ledger_load_cb *cb, void *ctx, uint64_t token);

/* Members of an index (INDEX below) with scores from min to max, ascending or, if `newest_first`, descending; at most n of
 * them after leaving out `skip`. */
struct sess_ledger_member { const char *member; double score; };
typedef void sess_ledger_range_cb(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_member *members, size_t n);
struct sess_ledger_range { const char *key; double min, max; bool newest_first; unsigned int skip, n; };
int sess_ledger_range(struct sess_ledger *ledger, const struct sess_ledger_range *range, sess_ledger_range_cb *cb, void *ctx, uint64_t token);
/* How many members an index has. count: -1 unless OK. */
typedef void sess_ledger_count_cb(void *ctx, uint64_t token, enum sess_ledger_result result, int64_t count);
int sess_ledger_size(struct sess_ledger *ledger, const char *key, sess_ledger_count_cb *cb, void *ctx, uint64_t token);
/* And how many of them have scores from min to max; however many: they are counted there, not fetched. */
int sess_ledger_between(struct sess_ledger *ledger, const char *key, double min, double max, sess_ledger_count_cb *cb, void *ctx, uint64_t token);
/* A tally (TALLY below); 0 if there is none. */
int sess_ledger_tally(struct sess_ledger *ledger, const char *key, sess_ledger_count_cb *cb, void *ctx, uint64_t token);

/* ---- commit: begin, add operations, go. */
struct sess_ledger_commit;
/* On the partition given; a child of ctx, which the caller frees when it will not be made again (go copies it). The ledger and
 * the queues that it names must live until it has gone for the last time. */
struct sess_ledger_commit *sess_ledger_commit_begin(void *ctx, struct sess_ledger *ledger, unsigned int partition);
/* The stamp that records have after this commit. */
sess_ledger_stamp sess_ledger_commit_stamp(const struct sess_ledger_commit *commit);

/* Each: what does not fit (a key of another partition, a bound above, too many) marks the commit as bad; go says -EINVAL.
 * expire_ms is from when it is done, 0: never; at most a hundred years. */
void sess_ledger_new(struct sess_ledger_commit *commit, const char *key, const void *value, size_t octets, int64_t expire_ms);
/* over: the stamp that was loaded; 0: there was none (then it must still not be there, else CONFLICT). */
void sess_ledger_put(struct sess_ledger_commit *commit, const char *key, sess_ledger_stamp over, const void *value, size_t octets, int64_t expire_ms);
void sess_ledger_drop(struct sess_ledger_commit *commit, const char *key, sess_ledger_stamp over);
/* Must still be as it was loaded; nothing is written. */
void sess_ledger_check(struct sess_ledger_commit *commit, const char *key, sess_ledger_stamp as);
/* An entry for a queue on the same redis. A commit is made once: the entry needs a key only where another commit may add the same.
 * add->partition_by is not looked at: it is the commit's partition. An entry with a key that stands there already is not added
 * again, and that is no failure. */
void sess_ledger_enqueue(struct sess_ledger_commit *commit, struct sess_queue *queue, const struct sess_queue_add *add);
/* Settles an entry that was taken: done; later (pause_ms); bury (reason). At most one of these in a commit. */
void sess_ledger_done(struct sess_ledger_commit *commit, struct sess_queue *queue, const struct sess_queue_handle *handle);
void sess_ledger_later(struct sess_ledger_commit *commit, struct sess_queue *queue, const struct sess_queue_handle *handle, unsigned int pause_ms);
void sess_ledger_bury(struct sess_ledger_commit *commit, struct sess_queue *queue, const struct sess_queue_handle *handle, const char *reason);
/* Sorted sets that list records: a score (mostly a wall clock in ms) and a member. */
void sess_ledger_index(struct sess_ledger_commit *commit, const char *key, double score, const char *member);
void sess_ledger_unindex(struct sess_ledger_commit *commit, const char *key, const char *member);
/* Adds `by` to a number that is its own key, which expires expire_ms after it was begun (0: never). Done again after a lost
 * answer it counts once, as all of a commit. */
void sess_ledger_tally_add(struct sess_ledger_commit *commit, const char *key, int64_t by, int64_t expire_ms);
/* A line for the audit chain of this partition (sessions/chain.h): sealed into it within moments if somebody hints, or within seconds. */
void sess_ledger_note(struct sess_ledger_commit *commit, const void *body, size_t octets);

/* done is called when the commit is known as made (result OK), just before the commit's own callback; once, however often it went. For what
 * is to be counted with it. At most SESS_LEDGER_THEN_MAX; beyond, the commit is bad. ctx must live until the answer. */
#define SESS_LEDGER_THEN_MAX 8
typedef void sess_ledger_done_cb(void *ctx, uint64_t token);
void sess_ledger_then(struct sess_ledger_commit *commit, sess_ledger_done_cb *done, void *ctx, uint64_t token);

/* there: with THERE, the record that stands in the way; else NULL. Valid during the callback. */
typedef void sess_ledger_commit_cb(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there);
/* Sends it. It may be gone on with a second time, unchanged, after DOWN or BUSY. 0, -EINVAL, -ENOTCONN. */
int sess_ledger_commit_go(const struct sess_ledger_commit *commit, sess_ledger_commit_cb *cb, void *ctx, uint64_t token);

/* commits: OK. failures: DOWN and BUSY, of any call. reloads: a script that Redis had forgotten. */
struct sess_ledger_counters { uint64_t loads, commits, conflicts, lost, full, failures, reloads; };
const struct sess_ledger_counters *sess_ledger_counters(const struct sess_ledger *ledger);
