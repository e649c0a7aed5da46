/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Durable queues on Redis Streams: what was added is done, or stands among the dead letters with a reason; nothing in between.
 *
 * A queue is 64 streams `<name>:{pNN}`, one for each partition (sess_store_partition), read by one consumer group. Any number of
 * processes take from it; an entry that was taken belongs to its taker until it is settled, or until it has been idle for so
 * long that another claims it.
 *
 *     sess_queue_add ──> waiting ──take──> taken ──done──> gone, its effect written by the same script
 *                           ^                │──later──> delayed ──(due)──> waiting, before all new ones
 *                           │                │──bury───> dead letter ──retry──> waiting, as a new entry
 *                           └──claim (idle)──┘                     └──drop───> gone
 *
 * What holds:
 * - an add with a key that is repeated (its answer was lost) adds once, and tells the id of the first;
 * - delivery is at least once; an effect inside Redis that rides on `done` is exactly once; an effect outside needs the entry's
 *   key on the other side;
 * - who no longer holds an entry cannot settle it: the handle carries the attempt, and Redis compares;
 * - entries of one ordering key are out one at a time, in the order in which they were added: while one is taken, delayed or
 *   idle with a dead process, its followers are held (at most held_max of a partition; beyond, the partition gives nothing
 *   new). A buried entry lets its followers go; when it is retried it comes after them;
 * - a stream is trimmed only behind what every group has acknowledged, by id, never by length.
 *
 * Asynchronous means later: nothing is called back from inside a call. Every call that returned 0 has exactly one answer; freeing
 * the queue answers what is pending with SESS_QUEUE_DOWN (and what is asked from inside those answers, with -ENOTCONN). Any
 * callback may free the queue. What is pending is bounded by pending_max of the redis below. sess_redis_flush, once a turn, sends. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sessions/redis.h"
#include "sessions/session.h"

#define SESS_QUEUE_PARTITIONS 64
#define SESS_QUEUE_NAME_MAX 16
#define SESS_QUEUE_KEY_MAX 80            /* an idempotency key */
#define SESS_QUEUE_BODY_MAX 65536
#define SESS_QUEUE_REASON_MAX 120        /* of a dead letter; what is longer is cut */
#define SESS_QUEUE_TAKE_MAX 1024

struct sess_queue;

enum sess_queue_result {
	SESS_QUEUE_OK,
	SESS_QUEUE_AGAIN,       /* add: it stands there already; done: the effect was written before */
	SESS_QUEUE_GONE,        /* settle: settled already, perhaps by an attempt whose answer was lost; dead: no such letter */
	SESS_QUEUE_LOST,        /* settle: another holds it now, and will settle it */
	SESS_QUEUE_FULL,        /* add: length_max entries stand in the partition */
	SESS_QUEUE_DOWN,        /* Redis does not answer, or refuses; nothing is known of what was asked */
	SESS_QUEUE_BUSY,        /* too much is pending; nothing was done */
};

struct sess_queue_config {
	const char *name;              /* "outbox", "requests", "events": small letters, digits, '-' */
	const char *group;             /* the consumer group of this program's kind */
	const char *consumer;          /* this process; unique among all that live or died recently; "parked" is taken */
	bool shared;                   /* other groups read it too: a settled entry stays until it is trimmed */
	unsigned int held_max;         /* followers held back in a partition; 0: 1,000 */
	unsigned int length_max;       /* entries in a partition beyond which an add is FULL; 0: no limit */
	unsigned int claims_max;       /* an entry that so many takers died with (or let idle) is buried; 0: 5 */
};

struct sess_queue_id { uint64_t ms, seq; };    /* ms: wall clock of the server when it was added */

/* What crosses callbacks: names an entry as it was taken once. Plain data, to be copied. */
struct sess_queue_handle {
	struct sess_queue_id id;
	uint32_t attempt;              /* deliveries so far, this one included: 1, 2 ... */
	uint8_t partition;
	bool claimed;                  /* from another that let it idle: its effect outside Redis may have happened */
	char order[SESS_ID_MAX + 1];   /* the ordering key, or "" */
};

struct sess_queue_entry {
	struct sess_queue_handle handle;
	const char *key;               /* the idempotency key that it was added with, or "" */
	const void *body;
	size_t octets;
};

/* counts since alloc. failures: DOWN and BUSY. reloads: scripts that Redis had forgotten. */
struct sess_queue_counters { uint64_t added, repeated, taken, claimed, done, delayed, buried, lost, failures, reloads; };

/* A child of ctx; NULL if the config is not valid. redis must live as long, or be freed just before. */
struct sess_queue *sess_queue_alloc(void *ctx, struct sess_redis *redis, const struct sess_queue_config *config);
const struct sess_queue_counters *sess_queue_counters(const struct sess_queue *queue);

/* All functions below: 0 and one answer; -EINVAL (a bound above, a character), -ENOTCONN (being freed): nothing is called.
 * cb may be NULL. Everything handed in is read during the call only. */

/* ---- add */
struct sess_queue_add {
	const char *partition_by;      /* the number, or the id, whose partition it goes to */
	const char *key;               /* idempotency key within queue and partition; NULL: a repeated add adds twice */
	unsigned int key_ms;           /* how long the key is remembered; 0: a day */
	const char *order;             /* ordering key, usually the number: letters, digits, "+-._"; NULL: none */
	const void *body;
	size_t octets;
};
/* id: of the entry; NULL unless OK or AGAIN. */
typedef void sess_queue_add_cb(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_id *id);
int sess_queue_add(struct sess_queue *queue, const struct sess_queue_add *add, sess_queue_add_cb *cb, void *ctx, uint64_t token);

/* ---- take */
/* entries: valid during the callback; OK with n 0: there are none. */
typedef void sess_queue_take_cb(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_entry *entries, size_t n);
/* At most n entries, a fair share of each partition, the oldest first within one; retries that are due come before new ones.
 * Nothing blocks: call it when sess_queue_likely says so, and otherwise from time to time (a tenth of a second to a second),
 * because others add too and retries become due; such a look costs Redis some 0.5 ms. cb must not be NULL. */
int sess_queue_take(struct sess_queue *queue, unsigned int n, sess_queue_take_cb *cb, void *ctx, uint64_t token);
/* This process has reason to believe that a take finds something now. */
bool sess_queue_likely(const struct sess_queue *queue);
/* One entry that its taker has let idle (neither settled nor renewed) for idle_ms, if there is any: from the dead, and from
 * this process too, if the answer to a take was lost. Take one, settle it, claim the next: so an entry that kills its takers
 * is told from its neighbours. idle_ms must be longer than the longest time between take, renew and settle. */
int sess_queue_claim(struct sess_queue *queue, unsigned int idle_ms, sess_queue_take_cb *cb, void *ctx, uint64_t token);

/* ---- settle */
/* What `done` writes in the same script, only if the entry is still ours and `key` is not there yet. */
struct sess_queue_effect {
	const char *key;               /* a whole key of Redis with the tag {pNN} of the entry's partition; NULL: none */
	const void *value;
	size_t octets;
	unsigned int expire_ms;        /* 0: never */
	struct sess_queue *next_queue; /* an entry for another queue on the same redis; NULL: none */
	struct sess_queue_add next;    /* partition_by is not looked at: it is the same partition */
};
typedef void sess_queue_settle_cb(void *ctx, uint64_t token, enum sess_queue_result result);
int sess_queue_done(struct sess_queue *queue, const struct sess_queue_handle *handle, const struct sess_queue_effect *effect,
		    sess_queue_settle_cb *cb, void *ctx, uint64_t token);
/* Gives it back, to be taken by anybody not before pause_ms from now. */
int sess_queue_later(struct sess_queue *queue, const struct sess_queue_handle *handle, unsigned int pause_ms,
		     sess_queue_settle_cb *cb, void *ctx, uint64_t token);
/* To the dead letters. */
int sess_queue_bury(struct sess_queue *queue, const struct sess_queue_handle *handle, const char *reason,
		    sess_queue_settle_cb *cb, void *ctx, uint64_t token);
/* It is being worked on: not idle from now on. */
int sess_queue_renew(struct sess_queue *queue, const struct sess_queue_handle *handle, sess_queue_settle_cb *cb, void *ctx, uint64_t token);

/* ---- dead letters */
struct sess_queue_dead_id { uint8_t partition; struct sess_queue_id id; };
struct sess_queue_dead {
	struct sess_queue_dead_id id;  /* its own; id.id.ms is when it was buried */
	struct sess_queue_id entry;    /* as it was; entry.ms is when it was added */
	uint32_t attempts;
	const char *reason, *key, *order;
	const void *body;
	size_t octets;
};
/* From after *after (NULL: from the first) in the order of partitions; fewer than asked for: there are no more. */
typedef void sess_queue_dead_cb(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_dead *dead, size_t n);
int sess_queue_dead_list(struct sess_queue *queue, const struct sess_queue_dead_id *after, unsigned int n, sess_queue_dead_cb *cb, void *ctx, uint64_t token);
/* Back into the queue as a new entry (its id is told), with the same key, order and body, and no attempts. */
int sess_queue_dead_retry(struct sess_queue *queue, const struct sess_queue_dead_id *id, sess_queue_add_cb *cb, void *ctx, uint64_t token);
int sess_queue_dead_drop(struct sess_queue *queue, const struct sess_queue_dead_id *id, sess_queue_settle_cb *cb, void *ctx, uint64_t token);

/* ---- upkeep */
/* Trims behind the oldest entry that any group still needs, forgets consumers that hold nothing and were silent for an hour,
 * frees followers whose leader was deleted by hand. Call it every few seconds; any process may. */
int sess_queue_tend(struct sess_queue *queue, sess_queue_settle_cb *cb, void *ctx, uint64_t token);

struct sess_queue_stats {
	uint64_t length;               /* in the streams: waiting, taken, delayed and held (shared: settled and not yet trimmed, too) */
	uint64_t taken, delayed, held, dead;
	int64_t oldest_ms;             /* wall clock: when the oldest unsettled entry was added; 0: there is none */
	int64_t dead_oldest_ms;        /* when the oldest letter was buried; 0: there is none */
};
/* stats: NULL unless OK. */
typedef void sess_queue_stats_cb(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_stats *stats);
int sess_queue_stats(struct sess_queue *queue, sess_queue_stats_cb *cb, void *ctx, uint64_t token);
