/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The hash of a record: what binds it to all that came before. chain_seal.c appends, chain_walk.c reads it all again. Pure. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sodium.h>

#include "sessions/chain.h"

void sess_chain_hash(unsigned int partition, uint64_t n, const char before[SESS_CHAIN_HASH_OCTETS], const void *body, size_t octets,
		     char hash[SESS_CHAIN_HASH_OCTETS])
{
	crypto_hash_sha256_state state;
	unsigned char digest[crypto_hash_sha256_BYTES];
	char head[160];
	int length = snprintf(head, sizeof(head), "dolat-chain-1\n%u\n%" PRIu64 "\n%.64s\n", partition, n, before);
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const unsigned char *)head, (unsigned long long)length);
	crypto_hash_sha256_update(&state, body, octets);
	crypto_hash_sha256_final(&state, digest);
	sodium_bin2hex(hash, SESS_CHAIN_HASH_OCTETS, digest, sizeof(digest));
}
