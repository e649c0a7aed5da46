/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The SMPP bearer: operators as routes, their links, their dialects. */
#pragma once

#include "gateway/bearer.h"
#include "gateway/config.h"
#include "gateway/counter.h"
#include "smpp/link.h"

/* Opens nothing yet. A child of ctx; config must outlive it. outgoing_max: answers and text messages that may be on their way
 * at once. NULL: a secret could not be read or a link's configuration is refused (logged). */
struct gw_bearer *gw_bearer_smpp_alloc(void *ctx, const struct gw_config *config, const struct gw_bearer_user *user,
				       struct gw_counters *counters);

/* Listing, for the VTY and metrics. NULL past the last. */
const struct smpp_link *gw_bearer_smpp_link(const struct gw_bearer *bearer, size_t index, const struct gw_route **route);
/* How many links an operator has; only_bound: that are bound now. */
unsigned int gw_bearer_smpp_links(const struct gw_bearer *bearer, const struct gw_route *route, bool only_bound);
/* Whose network a number is by its prefix: the longest that fits, else the default operator, else the first. NULL: there are no operators. */
const struct gw_route *gw_bearer_smpp_route_of(const struct gw_bearer *bearer, const char *msisdn);
