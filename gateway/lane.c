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
	size_t n;                        /* operators */
	const char *prefixes[GW_LANE_OPERATORS_MAX];
	struct gw_lane lanes[GW_LANE_OPERATORS_MAX][GW_LANES];
};

static const char *const suffixes[GW_LANES] = { [GW_LANE_URGENT] = "-u", [GW_LANE_NORMAL] = "", [GW_LANE_BULK] = "-b" };

struct gw_lanes *gw_lanes_alloc(void *ctx, struct sess_redis *redis, const char *consumer)
{
	struct gw_lanes *lanes = talloc_zero(ctx, struct gw_lanes);

	lanes->redis = redis;
	lanes->consumer = talloc_strdup(lanes, consumer);
	return lanes;
}

int gw_lanes_add(struct gw_lanes *lanes, const struct gw_route *route, const char *prefixes)
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
	lanes->prefixes[lanes->n++] = talloc_strdup(lanes, prefixes);
	return 0;
}

/* How many digits of the number stand in the list as a prefix; 0: none; an empty list serves as the shortest of all. */
static size_t fit(const char *prefixes, const char *msisdn)
{
	size_t best = 0;

	for (const char *at = prefixes; *at; at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");

		if (n > best && strncmp(at, msisdn, n) == 0)
			best = n;
		at += n;
	}
	return best;
}

const struct gw_route *gw_lanes_route(const struct gw_lanes *lanes, const char *msisdn)
{
	const struct gw_route *found = NULL;
	size_t best = 0;

	for (size_t i = 0; i < lanes->n; i++) {
		size_t n = fit(lanes->prefixes[i], msisdn);

		if (n > best || (!found && !lanes->prefixes[i][strspn(lanes->prefixes[i], " ")])) {
			found = lanes->lanes[i][0].route;
			best = n;
		}
	}
	return found;
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
