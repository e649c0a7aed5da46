/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Sets of four entries; an id belongs to one set by its hash, and within a set the entry unused for longest is
 * overwritten. An expired entry is freed when it is met. The entries come from calloc, not talloc, so that pages which
 * were never used are never touched. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "sessions/cache.h"

#define WAYS 4

static_assert(sizeof(struct sess_cache_entry) == SESS_CACHE_ENTRY_OCTETS, "what the header promises");

struct sess_cache {
	struct sess_cache_entry *entries;  /* NULL: keeps nothing */
	uint32_t mask;                     /* of sets */
	uint32_t seed;
	uint32_t clock;                    /* ticks at each use; see tick() for its end */
};

static int cache_free(struct sess_cache *cache)
{
	free(cache->entries);
	return 0;
}

struct sess_cache *sess_cache_alloc(void *ctx, unsigned int entries, uint32_t seed)
{
	struct sess_cache *cache = talloc_zero(ctx, struct sess_cache);
	uint32_t sets = 1;
	if (!cache)
		return NULL;
	cache->seed = seed;
	talloc_set_destructor(cache, cache_free);
	while (sets < UINT32_MAX / 2 / WAYS && sets * WAYS < entries)
		sets *= 2;
	cache->mask = sets - 1;
	if (entries)
		cache->entries = calloc((size_t)sets * WAYS, sizeof(*cache->entries));
	return cache;
}

/* FNV-1a with a seed and a final mix, since neighbouring numbers differ in their last digits only. */
static uint32_t hash_of(const struct sess_cache *cache, const char *id)
{
	uint32_t h = 2166136261u ^ cache->seed;
	for (; *id; id++)
		h = (h ^ (uint8_t)*id) * 16777619u;
	h ^= h >> 15;
	h *= 0x85ebca6bu;
	return h ^ h >> 13;
}

static struct sess_cache_entry *set_of(const struct sess_cache *cache, uint32_t hash)
{
	return cache->entries + (size_t)(hash & cache->mask) * WAYS;
}

/* When the clock comes round, everything looks newer than it is: forget it all, once in four thousand million uses. */
static uint32_t tick(struct sess_cache *cache)
{
	if (++cache->clock == 0) {
		for (size_t i = 0; i < ((size_t)cache->mask + 1) * WAYS; i++)
			cache->entries[i].used = 0;
		cache->clock = 1;
	}
	return cache->clock;
}

static struct sess_cache_entry *look_up(const struct sess_cache *cache, const char *id, uint32_t hash)
{
	struct sess_cache_entry *set = set_of(cache, hash);
	for (int i = 0; i < WAYS; i++)
		if (set[i].used && set[i].hash == hash && strcmp(set[i].id, id) == 0)
			return &set[i];
	return NULL;
}

struct sess_cache_entry *sess_cache_find(struct sess_cache *cache, const char *id, int64_t now_ms)
{
	if (!cache->entries)
		return NULL;
	uint32_t now = tick(cache);
	struct sess_cache_entry *entry = look_up(cache, id, hash_of(cache, id));
	if (!entry)
		return NULL;
	if (entry->expire_ms <= now_ms) {
		entry->used = 0;
		return NULL;
	}
	entry->used = now;
	return entry;
}

static struct sess_cache_entry *oldest(struct sess_cache_entry *set)
{
	struct sess_cache_entry *found = set;
	for (int i = 1; i < WAYS; i++)
		if (set[i].used < found->used)
			found = &set[i];
	return found;
}

void sess_cache_put(struct sess_cache *cache, const char *id, const uint8_t *value, size_t octets, int64_t expire_ms)
{
	if (octets > SESS_CACHE_VALUE_MAX || strlen(id) > SESS_ID_MAX) {
		sess_cache_drop(cache, id);
		return;
	}
	if (!cache->entries)
		return;
	uint32_t hash = hash_of(cache, id), now = tick(cache);
	struct sess_cache_entry *entry = look_up(cache, id, hash);
	if (!entry)
		entry = oldest(set_of(cache, hash));
	entry->expire_ms = expire_ms;
	entry->used = now;
	entry->hash = hash;
	entry->octets = (uint16_t)octets;
	entry->acknowledged = false;
	strcpy(entry->id, id);
	memcpy(entry->value, value, octets);
}

void sess_cache_drop(struct sess_cache *cache, const char *id)
{
	struct sess_cache_entry *entry = cache->entries ? look_up(cache, id, hash_of(cache, id)) : NULL;
	if (entry)
		entry->used = 0;
}
