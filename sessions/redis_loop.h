/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* hiredis <-> osmo_fd: one asynchronous context on the owner's loop. Private to sessions/.
 *
 * What it adds to hiredis 0.14.1, whose ways these are:
 * - a command is not written at once but by sess_redis_loop_flush, with one write for all that gathered; when the
 *   socket takes only a part, writability is waited for;
 * - the context may free itself in any of its handlers: the adapter lives until the handler has returned;
 * - a server that answers what was not asked would fail an assertion in hiredis: here that is a broken connection. */
#pragma once

#include <hiredis/async.h>

#include "sessions/redis.h"

struct sess_redis_loop;

/* Takes over the context's event hooks and reader; freed with it. on_closed is called once, when hiredis lets go of the
 * context for whatever reason (then `error` is its text, never NULL), not after sess_redis_loop_close. NULL: no memory
 * or no fd, the context is still the caller's. */
struct sess_redis_loop *sess_redis_loop_open(redisAsyncContext *ac, const struct sess_redis_io *io,
					     void (*on_closed)(void *ctx, const char *error), void *ctx);
void sess_redis_loop_flush(struct sess_redis_loop *loop);
/* Frees the context (later, if one of its callbacks is running) and never calls on_closed. */
void sess_redis_loop_close(struct sess_redis_loop *loop);
