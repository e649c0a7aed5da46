/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The lanes of the outbox: for each operator three queues - what cannot wait, what is usual, what is sent by the hundred thousand - so
 * that the last never stands in the way of the first. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "gateway/bearer.h"
#include "gateway/notice.h"
#include "sessions/queue.h"

#define GW_LANE_OPERATORS_MAX 32

enum gw_lane_kind { GW_LANE_URGENT /* and HIGH */, GW_LANE_NORMAL, GW_LANE_BULK, GW_LANES };

struct gw_lane {
	const struct gw_route *route;
	enum gw_lane_kind kind;
	char name[SESS_QUEUE_NAME_MAX + 1]; /* "outbox-1f3a" and a letter: the operator's number, not its name */
	struct sess_queue *queue;
};

/* By which operator a number is reached; NULL: by none. */
typedef const struct gw_route *gw_lanes_route_of(const void *ctx, const char *msisdn);

struct gw_lanes;
/* A child of ctx. redis: the ledger's; consumer: this process, unique among all that live or died recently. */
struct gw_lanes *gw_lanes_alloc(void *ctx, struct sess_redis *redis, const char *consumer, gw_lanes_route_of *route_of, const void *route_ctx);
int gw_lanes_add(struct gw_lanes *lanes, const struct gw_route *route); /* 0, -ENOSPC */
const struct gw_route *gw_lanes_route(const struct gw_lanes *lanes, const char *msisdn);
/* NULL: there is no such operator (any more). */
const struct gw_lane *gw_lane_of(const struct gw_lanes *lanes, uint16_t route, enum gw_notice_priority priority);
const struct gw_lane *gw_lane_at(const struct gw_lanes *lanes, size_t index); /* NULL past the last */
