/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The sessions that this process saved last, as they stand in Redis: a table of fixed size, four places for each hash, of
 * which the longest unused gives way. It is a memory, never an authority: what it says is always proved by the comparison of the
 * next save. It takes SESS_CACHE_ENTRY_OCTETS and 8 more for each entry asked for (rounded up to a power of two), of which the
 * kernel gives only what was used. Values above SESS_CACHE_VALUE_MAX are not kept. Pure: the time is a parameter. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sessions/session.h"

#define SESS_CACHE_ENTRY_OCTETS 512
#define SESS_CACHE_VALUE_MAX 476

struct sess_cache_entry {
	int64_t expire_ms;             /* wall clock */
	uint16_t octets;
	char id[SESS_ID_MAX + 1];
	uint8_t value[SESS_CACHE_VALUE_MAX];
};

struct sess_cache;

/* entries 0: a cache that keeps nothing. `seed` makes the places unpredictable. */
struct sess_cache *sess_cache_alloc(void *ctx, unsigned int entries, uint32_t seed);
/* NULL, or an entry that has not expired; valid until the next call. */
struct sess_cache_entry *sess_cache_find(struct sess_cache *cache, const char *id, int64_t now_ms);
void sess_cache_put(struct sess_cache *cache, const char *id, const uint8_t *value, size_t octets, int64_t expire_ms);
void sess_cache_drop(struct sess_cache *cache, const char *id);
