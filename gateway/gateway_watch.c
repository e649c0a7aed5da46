/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the gateway stands on, looked at every tick: for the report of what was away (usage_outage.c). An operator is away when none of its
 * links is bound. Not before the networks were met, and not while the gateway drains: it is the gateway then that is away. */
#include "gateway/bearer_smpp.h"
#include "gateway/gateway.h"
#include "gateway/usage.h"

void gw_watch_tick(struct gw *gw)
{
	const struct gw_route *route;

	if (gw->life != GW_SERVING)
		return;
	gw_usage_watch(gw->usage, "redis", "sessions", sess_redis_up(gw->redis));
	if (gw->ledger_redis)
		gw_usage_watch(gw->usage, "redis", "ledger", sess_redis_up(gw->ledger_redis));
	for (size_t i = 0; gw->met_networks && (route = gw->smpp->ops->route(gw->smpp, i)); i++)
		gw_usage_watch(gw->usage, "operator", route->name, gw_bearer_smpp_links(gw->smpp, route, true) > 0);
}
