/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The queues of this gateway by name: who owns one adds it here, and it is trimmed, counted, and seen at the console, in the
 * metrics and by the API. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sessions/queue.h"

#define GW_QUEUE_AGENCY_OCTETS 33

struct gw_queues;

/* Whose entry is it? False: nobody's but the gateway's. */
typedef bool gw_queue_agency(const void *body, size_t octets, char agency[GW_QUEUE_AGENCY_OCTETS]);

struct gw_queue {
	const char *name, *text;         /* "events"; what it carries */
	struct sess_queue *queue;
	gw_queue_agency *agency;
	bool sampled;                    /* stats are there, a few seconds old at most while Redis is up */
	struct sess_queue_stats stats;
};

/* A child of ctx. To be freed after its queues: what was asked of them is answered here. */
struct gw_queues *gw_queues_alloc(void *ctx);
/* name: that of the sess_queue. Name and text are copied. */
void gw_queues_add(struct gw_queues *queues, const char *name, const char *text, struct sess_queue *queue, gw_queue_agency *agency);
/* Upkeep and samples: each queue every few seconds, one after the other. */
void gw_queues_tick(struct gw_queues *queues, int64_t now_ms);
const struct gw_queue *gw_queues_at(const struct gw_queues *queues, size_t index); /* as they were added; NULL past the last. Lives as long as queues */
const struct gw_queue *gw_queues_find(const struct gw_queues *queues, const char *name, size_t octets);

/* Of bodies that are JSON with a member "agency". */
gw_queue_agency gw_queue_agency_json;
