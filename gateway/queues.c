/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See queues.h. A round over all queues takes ROUND_MS, whatever their number; each is tended and then counted. Both go to all 64
 * partitions at once, some 0.5 ms of Redis each. */
#include "gateway/queues.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#define ROUND_MS 5000
#define STALE_MS 30000          /* without an answer for so long a sample is none */

struct row {
	struct gw_queue pub;
	int64_t sampled_ms;
};

struct gw_queues {
	struct row **rows;
	size_t n, next;
	int64_t next_ms, now_ms;
};

struct gw_queues *gw_queues_alloc(void *ctx)
{
	return talloc_zero(ctx, struct gw_queues);
}

void gw_queues_add(struct gw_queues *queues, const char *name, const char *text, struct sess_queue *queue, gw_queue_agency *agency)
{
	struct row *row = talloc_zero(queues, struct row);

	row->pub = (struct gw_queue){ .name = talloc_strdup(row, name), .text = talloc_strdup(row, text), .queue = queue, .agency = agency };
	queues->rows = talloc_realloc(queues, queues->rows, struct row *, (unsigned int)queues->n + 1);
	queues->rows[queues->n++] = row;
}

const struct gw_queue *gw_queues_at(const struct gw_queues *queues, size_t index)
{
	return index < queues->n ? &queues->rows[index]->pub : NULL;
}

const struct gw_queue *gw_queues_find(const struct gw_queues *queues, const char *name, size_t octets)
{
	for (size_t i = 0; i < queues->n; i++)
		if (strlen(queues->rows[i]->pub.name) == octets && memcmp(queues->rows[i]->pub.name, name, octets) == 0)
			return &queues->rows[i]->pub;
	return NULL;
}

bool gw_queue_agency_json(const void *body, size_t octets, char agency[GW_QUEUE_AGENCY_OCTETS])
{
	json_t *json = json_loadb(body, octets, 0, NULL);
	const char *name = json_string_value(json_object_get(json, "agency"));
	bool known = name && *name && strlen(name) < GW_QUEUE_AGENCY_OCTETS;

	if (known)
		strcpy(agency, name);
	json_decref(json);
	return known;
}

static void on_stats(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_stats *stats)
{
	struct gw_queues *queues = ctx;
	struct row *row = queues->rows[token];

	if (result != SESS_QUEUE_OK)
		return;
	row->pub.stats = *stats;
	row->pub.sampled = true;
	row->sampled_ms = queues->now_ms;
}

void gw_queues_tick(struct gw_queues *queues, int64_t now_ms)
{
	struct row *row;

	queues->now_ms = now_ms;
	if (!queues->n || now_ms < queues->next_ms)
		return;
	queues->next_ms = now_ms + ROUND_MS / (int64_t)queues->n;
	queues->next = (queues->next + 1) % queues->n;
	row = queues->rows[queues->next];
	if (now_ms - row->sampled_ms > STALE_MS)
		row->pub.sampled = false;
	sess_queue_tend(row->pub.queue, NULL, NULL, 0);
	sess_queue_stats(row->pub.queue, on_stats, queues, queues->next);
}
