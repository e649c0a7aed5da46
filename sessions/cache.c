/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Sets of four entries; an id belongs to one set by its hash, and within a set the entry unused for longest is
 * overwritten. An expired entry is freed when it is met. Hashes and ages stand apart from the entries, a set of them in half a
 * cache line, so that a look is one or two memory misses and not five (they lead the profile of a step). All come from
 * calloc, not talloc, so that pages which were never used are never touched. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "sessions/cache.h"

#define WAYS 4

static_assert(sizeof(struct sess_cache_entry) == SESS_CACHE_ENTRY_OCTETS, "what the header promises");

struct set {
	uint32_t hash[WAYS];
	uint32_t used[WAYS];               /* tick of the last use, 0: free */
};

struct sess_cache {
	struct set *sets;                  /* NULL: keeps nothing */
	struct sess_cache_entry *entries;  /* WAYS for each set */
	uint32_t mask;                     /* of sets */
	uint32_t seed;
	uint32_t clock;                    /* ticks at each use; see tick() for its end */
};

static int cache_free(struct sess_cache *cache)
{
	free(cache->sets);
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
	if (!entries)
		return cache;
	cache->sets = calloc(sets, sizeof(*cache->sets));
	cache->entries = calloc((size_t)sets * WAYS, sizeof(*cache->entries));
	if (!cache->sets || !cache->entries) {
		talloc_free(cache);
		return NULL;
	}
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

/* When the clock comes round, everything looks newer than it is: forget it all, once in four thousand million uses. */
static uint32_t tick(struct sess_cache *cache)
{
	if (++cache->clock == 0) {
		memset(cache->sets, 0, ((size_t)cache->mask + 1) * sizeof(*cache->sets));
		cache->clock = 1;
	}
	return cache->clock;
}

static struct sess_cache_entry *entry_at(const struct sess_cache *cache, uint32_t hash, int way)
{
	return cache->entries + (size_t)(hash & cache->mask) * WAYS + way;
}

/* Which of its set's entries has the id; -1: none. */
static int look_up(const struct sess_cache *cache, const char *id, uint32_t hash)
{
	const struct set *set = &cache->sets[hash & cache->mask];
	for (int way = 0; way < WAYS; way++)
		if (set->used[way] && set->hash[way] == hash && strcmp(entry_at(cache, hash, way)->id, id) == 0)
			return way;
	return -1;
}

struct sess_cache_entry *sess_cache_find(struct sess_cache *cache, const char *id, int64_t now_ms)
{
	if (!cache->sets)
		return NULL;
	uint32_t now = tick(cache), hash = hash_of(cache, id);
	int way = look_up(cache, id, hash);
	if (way < 0)
		return NULL;
	struct sess_cache_entry *entry = entry_at(cache, hash, way);
	bool expired = entry->expire_ms <= now_ms;
	cache->sets[hash & cache->mask].used[way] = expired ? 0 : now;
	return expired ? NULL : entry;
}

static int oldest(const struct set *set)
{
	int found = 0;
	for (int way = 1; way < WAYS; way++)
		if (set->used[way] < set->used[found])
			found = way;
	return found;
}

void sess_cache_put(struct sess_cache *cache, const char *id, const uint8_t *value, size_t octets, int64_t expire_ms)
{
	if (octets > SESS_CACHE_VALUE_MAX || strlen(id) > SESS_ID_MAX) {
		sess_cache_drop(cache, id);
		return;
	}
	if (!cache->sets)
		return;
	uint32_t now = tick(cache), hash = hash_of(cache, id);
	struct set *set = &cache->sets[hash & cache->mask];
	int way = look_up(cache, id, hash);
	if (way < 0)
		way = oldest(set);
	set->hash[way] = hash;
	set->used[way] = now;
	struct sess_cache_entry *entry = entry_at(cache, hash, way);
	entry->expire_ms = expire_ms;
	entry->octets = (uint16_t)octets;
	strcpy(entry->id, id);
	memcpy(entry->value, value, octets);
}

void sess_cache_drop(struct sess_cache *cache, const char *id)
{
	if (!cache->sets)
		return;
	uint32_t hash = hash_of(cache, id);
	int way = look_up(cache, id, hash);
	if (way >= 0)
		cache->sets[hash & cache->mask].used[way] = 0;
}
