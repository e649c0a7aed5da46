/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Does a server keep what it has accepted, whatever happens to its process? It does with appendonly yes and appendfsync always. */
#pragma once

#include <stdint.h>

#include "sessions/redis.h"

enum sess_durable { SESS_DURABLE_UNKNOWN, SESS_DURABLE_YES, SESS_DURABLE_NO };

/* how: "appendonly yes, appendfsync always", or what the server said when it does not tell; valid during the callback. */
typedef void sess_durable_cb(void *ctx, uint64_t token, enum sess_durable durable, const char *how);
/* 0 and one answer; -ENOTCONN, -EAGAIN as sess_redis_command, and nothing is called. */
int sess_durable_check(struct sess_redis *redis, sess_durable_cb *cb, void *ctx, uint64_t token);
