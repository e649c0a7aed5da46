/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See inflight.h. The pool grows by one step at a time up to its bound and never shrinks: its size is the most that was ever
 * at work at once. */
#include <stddef.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/inflight.h"

#define BUCKETS 8192

struct gw_inflights {
	struct gw_inflight **all;
	uint32_t *free;
	unsigned int n_all, n_free, max;
	struct llist_head buckets[BUCKETS];
};

struct gw_inflights *gw_inflights_alloc(void *ctx, unsigned int max)
{
	struct gw_inflights *pool = talloc_zero(ctx, struct gw_inflights);

	pool->max = max;
	pool->all = talloc_array(pool, struct gw_inflight *, max);
	pool->free = talloc_array(pool, uint32_t, max);
	for (unsigned int i = 0; i < BUCKETS; i++)
		INIT_LLIST_HEAD(&pool->buckets[i]);
	return pool;
}

static struct llist_head *bucket_of(struct gw_inflights *pool, const char *msisdn)
{
	uint32_t hash = 2166136261u;

	for (; *msisdn; msisdn++)
		hash = (hash ^ (uint8_t)*msisdn) * 16777619u;
	return &pool->buckets[(hash ^ (hash >> 15)) % BUCKETS];
}

static struct gw_inflight *grow(struct gw_inflights *pool)
{
	struct gw_inflight *step;

	if (pool->n_all == pool->max)
		return NULL;
	step = talloc_size(pool, sizeof(*step));
	step->index = pool->n_all;
	step->generation = 1;
	pool->all[pool->n_all++] = step;
	return step;
}

struct gw_inflight *gw_inflight_get(struct gw_inflights *pool, const char *msisdn)
{
	struct gw_inflight *step = pool->n_free ? pool->all[pool->free[--pool->n_free]] : grow(pool);
	uint32_t index, generation;

	if (!step)
		return NULL;
	index = step->index;
	generation = step->generation;
	memset(step, 0, offsetof(struct gw_inflight, text)); /* what follows is large and is written before it is read */
	step->index = index;
	step->generation = generation;
	step->in_use = true;
	step->session.version = 0;
	osmo_strlcpy(step->msisdn, msisdn, sizeof(step->msisdn));
	return step;
}

void gw_inflight_put(struct gw_inflights *pool, struct gw_inflight *step)
{
	gw_inflight_unlist(step);
	step->in_use = false;
	step->generation++;
	pool->free[pool->n_free++] = step->index;
}

struct gw_inflight *gw_inflight_find(struct gw_inflights *pool, const char *msisdn)
{
	struct gw_inflight *step;

	llist_for_each_entry(step, bucket_of(pool, msisdn), entry)
		if (strcmp(step->msisdn, msisdn) == 0)
			return step;
	return NULL;
}

void gw_inflight_renew(struct gw_inflight *step)
{
	step->generation++;
}

uint64_t gw_inflight_handle(const struct gw_inflight *step)
{
	return (uint64_t)step->generation << 32 | step->index;
}

struct gw_inflight *gw_inflight_at(struct gw_inflights *pool, uint64_t handle)
{
	uint32_t index = (uint32_t)handle;

	if (index >= pool->n_all || pool->all[index]->generation != (uint32_t)(handle >> 32))
		return NULL;
	return pool->all[index];
}

void gw_inflight_list(struct gw_inflights *pool, struct gw_inflight *step)
{
	llist_add(&step->entry, bucket_of(pool, step->msisdn));
	step->listed = true;
}

void gw_inflight_unlist(struct gw_inflight *step)
{
	if (step->listed)
		llist_del(&step->entry);
	step->listed = false;
}

struct gw_inflight *gw_inflights_next(struct gw_inflights *pool, unsigned int *at)
{
	while (*at < pool->n_all) {
		struct gw_inflight *step = pool->all[(*at)++];

		if (step->in_use)
			return step;
	}
	return NULL;
}

unsigned int gw_inflights_count(const struct gw_inflights *pool)
{
	return pool->n_all - pool->n_free;
}
