/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The connections to Redis by what they are for: `sessions` (fast, may lose a second) and `ledger` (must keep what it has
 * accepted). The ledger is asked, each time it comes up, whether it does; what it says is logged, and told by the VTY and the metrics. */
#pragma once

#include "gateway/config.h"
#include "sessions/durable.h"
#include "sessions/redis.h"

/* Makes a connection, not started; a child of ctx. NULL after a log line: its password cannot be read. */
struct sess_redis *gw_redis_role_alloc(void *ctx, const char *name, const struct gw_config_redis *config, sess_redis_state_cb *on_state,
				       void *on_state_ctx);

struct gw_ledger_promise { enum sess_durable durable; char how[96]; };
/* For on_state of the ledger; ctx is a struct gw_ledger_promise. */
void gw_ledger_on_state(void *ctx, struct sess_redis *redis, bool up);
