/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The session store: load, save over the version that was loaded, find steps that a dead process left waiting.
 *
 * Key `ussd:{pNN}:<id>`, NN = CRC16(id) mod 64 (redis.md: why a partition tag). A save is a compare-and-set of the first
 * SESS_STAMP_OCTETS by a script; it answers with the value that stands there if somebody else was faster. A save whose
 * answer was lost may be sent again: the stamp carries a nonce, so that our own write is recognised as ours.
 * A bounded cache holds what this process saved last, so that a step is one round trip; a stale entry costs a failed
 * comparison, never a wrong answer.
 *
 * Asynchronous means later: no callback comes from inside the call that asked for it, but with sess_redis_flush to be called
 * once a turn. Every load and save has exactly one answer; freeing the store answers what is pending with SESS_STORE_DOWN
 * (and what is asked from inside those last answers, not at all).
 * A value that this program cannot read (a later format, rubbish) counts as none: a load says NONE, a save over version 0
 * says CONFLICT with version 0, and `replace` overwrites it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sessions/redis.h"
#include "sessions/session.h"

struct sess_store;

enum sess_store_result {
	SESS_STORE_OK,
	SESS_STORE_NONE,        /* load: there is no session */
	SESS_STORE_CONFLICT,    /* save: somebody else wrote; *session is what stands there now (version 0: nothing) */
	SESS_STORE_DOWN,        /* Redis does not answer, or refuses; nothing is known of the save */
	SESS_STORE_BUSY,        /* too much is pending */
};

struct sess_store_config {
	unsigned int cache_entries;    /* sessions kept in this process, 520 octets each (see cache.h); 0: none */
};

/* session: valid during the callback; NULL unless OK (load), CONFLICT. */
typedef void sess_store_cb(void *ctx, uint64_t token, enum sess_store_result result, const struct session *session);
typedef void sess_store_due_cb(void *ctx, const char *id);

/* failures: answered DOWN or BUSY. unreadable: values met that are no session of ours. reloads: saves that found the script gone. */
struct sess_store_counters { uint64_t loads, cache_hits, saves, conflicts, failures, unreadable, reloads; };

/* A child of ctx. redis must live as long, or be freed just before; log_category is that of redis. */
struct sess_store *sess_store_alloc(void *ctx, struct sess_redis *redis, const struct sess_store_config *config);
/* A hit in the cache is answered at once: returns the session (valid until the next call into the store) and calls nothing.
 * NULL: cb will come, later. */
const struct session *sess_store_cached(struct sess_store *store, const char *id);
void sess_store_load(struct sess_store *store, const char *id, sess_store_cb *cb, void *ctx, uint64_t token);
/* Saves over session->version (0: there must be none, or it is overwritten if `replace`), sets the next version and a
 * nonce in *session, expires at expire_ms (wall clock). wait_until_ms > 0 lists the session as waiting until then (see
 * sess_store_due), 0 takes it off that list if `was_waiting`. *session is read and set during the call only.
 *
 * The version is set although the save may fail: until the answer is OK, *session is an attempt over the stamp in its
 * base_version and base_nonce. After DOWN or BUSY it may be sent `again`, with the same content: over the same base,
 * under the same version and nonce; if the first attempt was done after all, Redis holds just that stamp and the answer is
 * OK. After CONFLICT go on from the session that came with it.
 *
 * `replace` is for version 0 and a dial that does not care what was before. It is a plain SET: held up in a server that
 * hangs, it may overwrite what came after it. Who has loaded the old session better saves over its version. */
struct sess_store_save {
	const char *id;
	struct session *session;
	int64_t expire_ms, wait_until_ms;
	bool was_waiting, replace, again;
};
void sess_store_save(struct sess_store *store, const struct sess_store_save *save, sess_store_cb *cb, void *ctx, uint64_t token);
/* Calls cb, later, for each id whose wait_until_ms has passed (at most `limit` of each partition). An id stays listed until a
 * save with was_waiting, or sess_store_unlist when its session turns out to be none or not to wait. While a look is under way, another
 * call does nothing. */
void sess_store_due(struct sess_store *store, int64_t now_ms, unsigned int limit, sess_store_due_cb *cb, void *ctx);
void sess_store_unlist(struct sess_store *store, const char *id);
/* Small values beside the session, in the same partition: `sub:` the subscriber's profile (language). */
void sess_store_get_profile(struct sess_store *store, const char *id, sess_redis_cb *cb, void *ctx, uint64_t token);
int sess_store_set_profile(struct sess_store *store, const char *id, const char *profile, size_t octets);
const struct sess_store_counters *sess_store_counters(const struct sess_store *store);
unsigned int sess_store_partition(const char *id);
