/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Argon2id beside the event loop: a PIN's hash is meant to cost a tenth of a second and tens of megabytes, which no dialog may wait for. One
 * thread computes, one after the other; who asks is answered on the loop. The queue is bounded: beyond, it is said at once, and the
 * citizen is told to try again a little later, which is the right answer to a flood of PINs.
 *
 * Asynchronous means later: nothing is called back from inside a call, and every call that returned 0 has exactly one answer. Freeing it
 * waits for the hash that is being computed, no longer, and answers the others with FAILED. Secrets are copied and wiped. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "gateway/agency.h"

#define GW_HASHER_SECRET_OCTETS 128      /* with its NUL */
#define GW_HASHER_HASH_OCTETS 128        /* crypto_pwhash_STRBYTES */
#define GW_HASHER_MEMORY_KIB_MAX 1048576u /* of any hash: one that would take more, */
#define GW_HASHER_COST_MAX 8388608u      /* or whose passes times KiB are more (some seconds), is not computed */

struct gw_hasher;

struct gw_hasher_config {
	unsigned int passes, memory_kib; /* of Argon2id */
	unsigned int queue;              /* hashes at once, the one that is being computed included */
	const struct gw_agency_io *io;   /* where its fd lives */
};
enum gw_hashed { GW_HASHED_YES, GW_HASHED_NO /* it does not fit */, GW_HASHED_FAILED /* no memory, it is no hash, it costs too much; or it is being freed */ };
/* hash: of gw_hasher_hash; of gw_hasher_verify a new one, if it fits and was made with other parameters than today's; else "". */
typedef void gw_hasher_cb(void *ctx, uint64_t token, enum gw_hashed result, const char *hash);

/* A child of ctx; NULL after a log line. sodium_init has been called. */
struct gw_hasher *gw_hasher_alloc(void *ctx, const struct gw_hasher_config *config);
/* 0; -EBUSY: the queue is full, or it is being freed; -EINVAL: longer than the bounds above. */
int gw_hasher_hash(struct gw_hasher *hasher, const char *secret, gw_hasher_cb *cb, void *ctx, uint64_t token);
int gw_hasher_verify(struct gw_hasher *hasher, const char *secret, const char *hash, gw_hasher_cb *cb, void *ctx, uint64_t token);

struct gw_hasher_counters { uint64_t hashed, verified, refused, failed; };
const struct gw_hasher_counters *gw_hasher_counters(const struct gw_hasher *hasher);
unsigned int gw_hasher_pending(const struct gw_hasher *hasher);
