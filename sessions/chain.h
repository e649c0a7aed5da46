/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The audit chain: an append-only list of records for each partition, of which each carries the hash of the one before, so
 * that nothing can be changed, left out or slipped in without its being seen.
 *
 * sess_ledger_note puts a line into the stream `audit:{pNN}` in the same commit as what it tells of. Sealing takes lines from
 * there in their order, hashes them in this process (Redis has only SHA-1), and appends them to the stream `chain:{pNN}` by a
 * script that first compares the chain's head (`chain-head:{pNN}`: number and hash of the last): whoever of several processes is
 * first, wins; the other begins anew. A crash in between loses nothing and seals nothing twice.
 *
 *   hash(n) = SHA-256( "dolat-chain-1\n" partition "\n" n "\n" hash(n-1) "\n" body ), hash(0) = 64 zeros; hashes as 64 small
 *   hexadecimal digits, numbers as decimal digits without zeros before them, n from 1.
 *
 * Verification reads the chains, computes all hashes again, and tells of the first record that is not as it should be. Who can write to
 * this Redis could still cut off the end of a chain together with its head, or write all of it anew: only a head that was kept
 * elsewhere proves that this was not done.
 *
 * Asynchronous means later, as everywhere; freeing the chain ends a verification with no verdict. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sessions/redis.h"

#define SESS_CHAIN_HASH_OCTETS 65    /* hexadecimal, with its NUL */

/* Pure: the hash of record n. before and hash may be the same memory. */
void sess_chain_hash(unsigned int partition, uint64_t n, const char before[SESS_CHAIN_HASH_OCTETS], const void *body, size_t octets,
                     char hash[SESS_CHAIN_HASH_OCTETS]);

struct sess_chain;
/* Seals. A child of ctx; redis must live as long, or be freed just before. */
struct sess_chain *sess_chain_alloc(void *ctx, struct sess_redis *redis);
/* Something may be there to be sealed in this partition: after each commit with a note. */
void sess_chain_hint(struct sess_chain *chain, unsigned int partition);
/* Starts what is due: hinted partitions soon (batches of lines, at most a few at once), all of them in turn every few seconds, for
 * what a dead process left. now_ms: monotonic. Call it every tick. */
void sess_chain_tick(struct sess_chain *chain, int64_t now_ms);
/* sealed: records. raced: batches of which another was first. failures: no answer, or a head that cannot be read. */
struct sess_chain_counters { uint64_t sealed, raced, failures, reloads; };
const struct sess_chain_counters *sess_chain_counters(const struct sess_chain *chain);

/* ---- reading it: for `audit verify` and `audit export`. */
struct sess_chain_record {
	unsigned int partition;
	uint64_t n;
	const char *hash;            /* as it stands there */
	const void *body;
	size_t octets;
};
struct sess_chain_verdict {
	bool good;
	uint64_t records;            /* verified */
	uint64_t unsealed;           /* lines that wait to be sealed */
	unsigned int partition;      /* of what is wrong */
	uint64_t n;
	char why[96];                /* "record 7 was changed", "record 8 is missing", "the head is not that of the last record" ... */
};
/* on_record (may be NULL) is told each record that verified, in the order of partitions and numbers. on_end: once; the verdict
 * is valid during the call. verdict NULL: Redis did not answer. At most one at a time for a chain: -EBUSY; -ENOTCONN: it is being
 * freed. on_record must not free the chain. What comes first is told; what was rewritten with hashes that fit is told at the record
 * behind it, since that one was made over what stood there. */
typedef void sess_chain_record_cb(void *ctx, const struct sess_chain_record *record);
typedef void sess_chain_end_cb(void *ctx, const struct sess_chain_verdict *verdict);
int sess_chain_verify(struct sess_chain *chain, sess_chain_record_cb *on_record, sess_chain_end_cb *on_end, void *ctx);
