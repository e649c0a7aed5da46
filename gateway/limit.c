/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See limit.h. */
#include "gateway/limit.h"

static uint32_t hash_of(const char *text)
{
	uint32_t hash = 2166136261u;

	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * 16777619u;
	return hash ? hash : 1;
}

/* In this minute: what an entry counted before is forgotten first. */
static unsigned int dials_of(const struct gw_limit_entry *entry, uint16_t minute)
{
	return entry->minute == minute ? entry->count : 0;
}

static struct gw_limit_entry *entry_of(struct gw_limit *limit, uint32_t hash, uint16_t minute)
{
	struct gw_limit_entry *set = limit->entries[hash % GW_LIMIT_SETS], *least = &set[0];

	for (int i = 0; i < GW_LIMIT_WAYS; i++) {
		if (set[i].hash == hash)
			return &set[i];
		if (dials_of(&set[i], minute) < dials_of(least, minute))
			least = &set[i];
	}
	*least = (struct gw_limit_entry){ .hash = hash, .minute = minute };
	return least;
}

unsigned int gw_limit_count(struct gw_limit *limit, const char *msisdn, int64_t now_ms)
{
	uint16_t minute = (uint16_t)(now_ms / 60000);
	struct gw_limit_entry *entry = entry_of(limit, hash_of(msisdn), minute);

	if (entry->minute != minute) {
		entry->minute = minute;
		entry->count = 0;
	}
	if (entry->count < UINT16_MAX)
		entry->count++;
	return entry->count;
}

bool gw_limit_dial(struct gw_limit *limit, const char *msisdn, int64_t now_ms, unsigned int most)
{
	return !most || gw_limit_count(limit, msisdn, now_ms) <= most;
}
