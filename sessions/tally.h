/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Many tallies at once: numbers under names in a hash, to which every gateway adds what it has counted. One add is one atomic script, and
 * is done once, however often it is sent: it bears its adder's name and a number that only grows, and Redis keeps the last number of each
 * adder. So an add whose answer was lost is sent again as it was, at any time; a command that a hung server does late finds that number, too.
 *
 * The price: one add of an adder is under way at a time, and what an adder had counted and not added when it died is lost.
 *
 * Asynchronous as the ledger is: nothing is called back from inside a call; every call that returned 0 has exactly one answer; freeing
 * answers what is pending as failed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sessions/redis.h"

#define SESS_TALLY_ADD_MAX 1024          /* items in one add */
#define SESS_TALLY_NAME_OCTETS 256       /* of a name, with its NUL */

struct sess_tallies;

struct sess_tally { const char *name; int64_t value; };

/* A child of ctx. redis must live as long, or be freed just before. */
struct sess_tallies *sess_tallies_alloc(void *ctx, struct sess_redis *redis);

/* ok: it is done, now or by an attempt before. */
typedef void sess_tallies_add_cb(void *ctx, bool ok);
struct sess_tallies_add {
	const char *key;                 /* the hash */
	const char *mark;                /* the adder's, of the same partition: where its last number stands */
	uint64_t number;                 /* above all that this adder has used */
	int64_t keep_ms, mark_keep_ms;   /* both expire so long after the last add; 0: never */
	const struct sess_tally *items;
	size_t n;
};
/* Read during the call only. 0, -EINVAL, -ENOTCONN. */
int sess_tallies_add(struct sess_tallies *tallies, const struct sess_tallies_add *add, sess_tallies_add_cb *cb, void *ctx);

/* All of a hash, in no order, valid during the callback; items NULL: Redis does not answer. */
typedef void sess_tallies_load_cb(void *ctx, uint64_t token, const struct sess_tally *items, size_t n);
int sess_tallies_load(struct sess_tallies *tallies, const char *key, sess_tallies_load_cb *cb, void *ctx, uint64_t token);

struct sess_tallies_counters { uint64_t adds, repeated, failures, reloads; };
const struct sess_tallies_counters *sess_tallies_counters(const struct sess_tallies *tallies);
