/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See redis_role.h. */
#include <errno.h>
#include <string.h>

#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/log.h"
#include "gateway/loop.h"
#include "gateway/redis_role.h"

struct sess_redis *gw_redis_role_alloc(void *ctx, const char *name, const struct gw_config_redis *config, sess_redis_state_cb *on_state,
				       void *on_state_ctx)
{
	char password[256] = "";
	struct sess_redis_config redis = {
		.name = name, .path = config->path, .host = config->host, .port = (uint16_t)config->port, .user = config->user,
		.database = config->database, .deadline_ms = config->deadline_ms, .connect_ms = config->connect_ms,
		.retry_min_ms = config->retry_min_ms, .retry_max_ms = config->retry_max_ms, .pending_max = config->pending,
		.io = { gw_loop_add, gw_loop_update, gw_loop_del }, .log_category = GW_LOG_REDIS,
	};
	struct sess_redis *made;
	int rc = config->password_file ? gw_config_secret(config->password_file, password, sizeof(password)) : 0;

	if (rc < 0) {
		LOGP(GW_LOG_REDIS, LOGL_ERROR, "redis(%s) password file %s: %s\n", name, config->password_file, strerror(-rc));
		return NULL;
	}
	redis.password = config->password_file ? password : NULL;
	made = sess_redis_alloc(ctx, &redis, on_state, on_state_ctx);
	sodium_memzero(password, sizeof(password));
	return made;
}

static void on_durable(void *ctx, uint64_t token, enum sess_durable durable, const char *how)
{
	struct gw_ledger_promise *promise = ctx;

	(void)token;
	promise->durable = durable;
	osmo_strlcpy(promise->how, how, sizeof(promise->how));
	if (durable == SESS_DURABLE_NO)
		LOGP(GW_LOG_REDIS, LOGL_ERROR, "redis(ledger) may forget what it has accepted (%s): requests and notices can be lost; "
		     "it must run with appendonly yes and appendfsync always\n", how);
	else if (durable == SESS_DURABLE_UNKNOWN)
		LOGP(GW_LOG_REDIS, LOGL_ERROR, "redis(ledger) does not tell whether it keeps what it has accepted: %s\n", how);
	else
		LOGP(GW_LOG_REDIS, LOGL_NOTICE, "redis(ledger) keeps what it has accepted: %s\n", how);
}

void gw_ledger_on_state(void *ctx, struct sess_redis *redis, bool up)
{
	struct gw_ledger_promise *promise = ctx;

	promise->durable = SESS_DURABLE_UNKNOWN;
	osmo_strlcpy(promise->how, up ? "not told yet" : "down", sizeof(promise->how));
	if (up)
		sess_durable_check(redis, on_durable, promise, 0);
}
