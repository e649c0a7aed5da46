/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See as_of.h. A hash table of entries that are also in a list by last use. An entry is one allocation: head, values,
 * then key and texts, wiped when it goes, for they are about people. */
#include "gateway/as_of.h"

#include <stdbool.h>
#include <string.h>
#include <talloc.h>

#define AS_OF_BUCKETS 1024

struct entry {
	struct entry *chain;
	struct entry *newer, *older;
	uint64_t hash;
	size_t key_octets, octets;       /* octets: of the whole entry */
	const char *key;
	struct menu_answer answer;
	struct menu_value values[];
};

struct gw_as_of {
	struct entry *buckets[AS_OF_BUCKETS];
	struct entry *newest, *oldest;
	size_t octets, octets_max;
};

static uint64_t hash_of(const void *key, size_t octets)
{
	const unsigned char *k = key;
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < octets; i++)
		hash = (hash ^ k[i]) * 1099511628211u;
	return hash;
}

struct gw_as_of *gw_as_of_alloc(void *ctx, size_t octets_max)
{
	struct gw_as_of *as_of = talloc_zero(ctx, struct gw_as_of);

	as_of->octets_max = octets_max;
	return as_of;
}

static struct entry **slot(struct gw_as_of *as_of, uint64_t hash, const void *key, size_t octets)
{
	struct entry **at = &as_of->buckets[hash % AS_OF_BUCKETS];

	while (*at && ((*at)->hash != hash || (*at)->key_octets != octets || memcmp((*at)->key, key, octets) != 0))
		at = &(*at)->chain;
	return at;
}

static void unlink_use(struct gw_as_of *as_of, struct entry *entry)
{
	*(entry->newer ? &entry->newer->older : &as_of->newest) = entry->older;
	*(entry->older ? &entry->older->newer : &as_of->oldest) = entry->newer;
}

static void link_newest(struct gw_as_of *as_of, struct entry *entry)
{
	entry->newer = NULL;
	entry->older = as_of->newest;
	*(entry->older ? &entry->older->newer : &as_of->oldest) = entry;
	as_of->newest = entry;
}

static void drop(struct gw_as_of *as_of, struct entry *entry)
{
	*slot(as_of, entry->hash, entry->key, entry->key_octets) = entry->chain;
	unlink_use(as_of, entry);
	as_of->octets -= entry->octets;
	explicit_bzero(entry, entry->octets);
	talloc_free(entry);
}

static size_t texts_octets(const struct menu_answer *answer)
{
	size_t octets = strlen(answer->outcome) + 1;

	for (size_t i = 0; i < answer->n; i++) {
		const struct menu_value *v = &answer->values[i];
		octets += strlen(v->name) + strlen(v->value) + 2 + (v->list ? strlen(v->list) + 1 : 0);
	}
	return octets;
}

static const char *keep(char **at, const char *text)
{
	char *kept = *at;
	size_t octets = strlen(text) + 1;

	memcpy(kept, text, octets);
	*at += octets;
	return kept;
}

static struct entry *entry_of(struct gw_as_of *as_of, size_t size, const void *key, size_t octets, const struct menu_answer *answer)
{
	struct entry *entry = talloc_zero_size(as_of, size);
	char *at = (char *)&entry->values[answer->n];

	entry->octets = size;
	entry->key = at;
	entry->key_octets = octets;
	memcpy(at, key, octets);
	at += octets;
	entry->answer = (struct menu_answer){ .outcome = keep(&at, answer->outcome), .n = answer->n, .values = entry->values };
	for (size_t i = 0; i < answer->n; i++) {
		const struct menu_value *v = &answer->values[i];
		entry->values[i] = (struct menu_value){
			.name = keep(&at, v->name), .value = keep(&at, v->value), .list = v->list ? keep(&at, v->list) : NULL, .row = v->row,
		};
	}
	return entry;
}

void gw_as_of_put(struct gw_as_of *as_of, const void *key, size_t octets, const struct menu_answer *answer, int64_t now_ms)
{
	size_t size = sizeof(struct entry) + answer->n * sizeof(struct menu_value) + octets + texts_octets(answer);
	uint64_t hash = hash_of(key, octets);
	struct entry **at = slot(as_of, hash, key, octets), *entry;

	if (*at)
		drop(as_of, *at);
	if (size > as_of->octets_max)
		return;
	while (as_of->octets + size > as_of->octets_max)
		drop(as_of, as_of->oldest);
	entry = entry_of(as_of, size, key, octets, answer);
	entry->hash = hash;
	entry->answer.as_of_ms = now_ms;
	entry->chain = as_of->buckets[hash % AS_OF_BUCKETS];
	as_of->buckets[hash % AS_OF_BUCKETS] = entry;
	link_newest(as_of, entry);
	as_of->octets += size;
}

const struct menu_answer *gw_as_of_find(struct gw_as_of *as_of, const void *key, size_t octets, int64_t age_ms, int64_t now_ms)
{
	struct entry *entry = *slot(as_of, hash_of(key, octets), key, octets);

	/* an answer from the future: the wall clock was set back; nobody knows how old it is */
	if (!entry || now_ms - entry->answer.as_of_ms > age_ms || entry->answer.as_of_ms > now_ms)
		return NULL;
	unlink_use(as_of, entry);
	link_newest(as_of, entry);
	return &entry->answer;
}

size_t gw_as_of_octets(const struct gw_as_of *as_of)
{
	return as_of->octets;
}
