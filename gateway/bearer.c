/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See bearer.h: what all bearers have in common. */
#include "gateway/bearer.h"

uint16_t gw_route_id(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619u;
	hash = (hash >> 16) ^ (hash & 0xffff);
	return hash ? (uint16_t)hash : 1;
}

const struct gw_route *gw_bearer_find(const struct gw_bearer *bearer, uint16_t id)
{
	const struct gw_route *route;

	for (size_t i = 0; (route = bearer->ops->route(bearer, i)); i++)
		if (route->id == id)
			return route;
	return NULL;
}
