/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See lane.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/lane.h"

struct gw_lanes {
	struct sess_redis *redis;
	const char *consumer;
	gw_lanes_route_of *route_of;
	const void *route_ctx;
	size_t n;                        /* operators */
	struct gw_lane lanes[GW_LANE_OPERATORS_MAX][GW_LANES];
};

static const char *const suffixes[GW_LANES] = { [GW_LANE_URGENT] = "-u", [GW_LANE_NORMAL] = "", [GW_LANE_BULK] = "-b" };

struct gw_lanes *gw_lanes_alloc(void *ctx, struct sess_redis *redis, const char *consumer, gw_lanes_route_of *route_of, const void *route_ctx)
{
	struct gw_lanes *lanes = talloc_zero(ctx, struct gw_lanes);

	lanes->redis = redis;
	lanes->consumer = talloc_strdup(lanes, consumer);
	lanes->route_of = route_of;
	lanes->route_ctx = route_ctx;
	return lanes;
}

int gw_lanes_add(struct gw_lanes *lanes, const struct gw_route *route)
{
	if (lanes->n == GW_LANE_OPERATORS_MAX)
		return -ENOSPC;
	for (int kind = 0; kind < GW_LANES; kind++) {
		struct gw_lane *lane = &lanes->lanes[lanes->n][kind];
		struct sess_queue_config config = { .name = lane->name, .group = "gateway", .consumer = lanes->consumer };

		lane->route = route;
		lane->kind = (enum gw_lane_kind)kind;
		snprintf(lane->name, sizeof(lane->name), "outbox-%04x%s", route->id, suffixes[kind]);
		lane->queue = sess_queue_alloc(lanes, lanes->redis, &config);
		OSMO_ASSERT(lane->queue);
	}
	lanes->n++;
	return 0;
}

const struct gw_route *gw_lanes_route(const struct gw_lanes *lanes, const char *msisdn)
{
	return lanes->route_of(lanes->route_ctx, msisdn);
}

static enum gw_lane_kind kind_of(enum gw_notice_priority priority)
{
	switch (priority) {
	case GW_NOTICE_URGENT:
	case GW_NOTICE_HIGH:
		return GW_LANE_URGENT;
	case GW_NOTICE_BULK:
		return GW_LANE_BULK;
	case GW_NOTICE_NORMAL:
		break;
	}
	return GW_LANE_NORMAL;
}

const struct gw_lane *gw_lane_of(const struct gw_lanes *lanes, uint16_t route, enum gw_notice_priority priority)
{
	for (size_t i = 0; i < lanes->n; i++)
		if (lanes->lanes[i][0].route->id == route)
			return &lanes->lanes[i][kind_of(priority)];
	return NULL;
}

const struct gw_lane *gw_lane_at(const struct gw_lanes *lanes, size_t index)
{
	return index < lanes->n * GW_LANES ? &lanes->lanes[index / GW_LANES][index % GW_LANES] : NULL;
}
