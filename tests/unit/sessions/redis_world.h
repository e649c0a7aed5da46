/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A world with a redis-server and a few connections to it, for the tests of what stands on both. Each test is one program, so
 * all of it is static. */
#pragma once

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>
#include <cmocka.h>
#include <osmocom/core/application.h>
#include <osmocom/core/fsm.h>
#include <osmocom/core/logging.h>
#include <osmocom/core/utils.h>

#include "sessions/clock.h"
#include "sessions/redis.h"
#include "tests/unit/redis_server.h"

#define WORLD_REDISES 3      /* connections: of two processes, and one to look on with */

static struct redis_server server;
static void *root;
static struct sess_redis *redises[WORLD_REDISES];
static void (*world_tick)(void);            /* what the test wants done each turn, or NULL */
static unsigned int world_nap_us = 100;     /* after each turn: others want to work, too */

static inline void world_update(struct osmo_fd *ofd, unsigned int when)
{
	osmo_fd_update_when(ofd, 0, when);
}

static inline void world_connect(unsigned int i, unsigned int pending_max, unsigned int deadline_ms)
{
	const struct sess_redis_config config = {
		.name = "test", .path = server.path, .deadline_ms = deadline_ms, .connect_ms = 5000, .retry_min_ms = 10, .retry_max_ms = 40,
		.pending_max = pending_max, .io = { osmo_fd_register, world_update, osmo_fd_unregister }, .log_category = DLGLOBAL,
	};
	redises[i] = sess_redis_alloc(root, &config, NULL, NULL);
	sess_redis_start(redises[i]);
}

static inline void world_disconnect(unsigned int i)
{
	if (redises[i])
		talloc_free(redises[i]);
	redises[i] = NULL;
}

static inline void turn(void)
{
	osmo_select_main_ctx(1);
	if (world_tick)
		world_tick();
	for (unsigned int i = 0; i < WORLD_REDISES; i++) {
		if (redises[i])
			sess_redis_tick(redises[i]);
		if (redises[i])
			sess_redis_flush(redises[i]);
	}
	if (world_nap_us)
		usleep(world_nap_us);
}

#define TURN_UNTIL(condition) \
	do { \
		for (int turns_ = 0; !(condition); turns_++) { \
			assert_in_range(turns_, 0, 200000); \
			turn(); \
		} \
	} while (0)

/* Up, and nothing there of the test before. */
static inline void world_empty(unsigned int i)
{
	TURN_UNTIL(sess_redis_up(redises[i]));
	assert_int_equal(sess_redis_command(redises[i], NULL, NULL, 0, 1, (const char *const[]){ "FLUSHALL" }, NULL), 0);
}

/* ------------------------------------------------------------------ any command, by its words */

struct world_answer { bool there; int64_t integer; char text[400]; size_t n; };

/* Of an array, its length and its first text, however deep. */
static inline void world_on_reply(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	struct world_answer *answer = ctx;
	struct sess_redis_reply at = *reply;
	(void)token;
	if (outcome != SESS_REDIS_OK)
		fail_msg("redis: %s", reply->text);
	answer->there = true;
	answer->integer = reply->integer;
	answer->n = reply->n;
	while (at.kind == SESS_REPLY_ARRAY && at.n) {
		struct sess_redis_reply array = at;
		sess_redis_element(&array, 0, &at);
	}
	snprintf(answer->text, sizeof(answer->text), "%.*s", at.text ? (int)at.octets : 0, at.text ? at.text : "");
}

static inline struct world_answer redis_says(int argc, const char *const *argv)
{
	struct world_answer answer = { 0 };
	struct sess_redis *redis = redises[WORLD_REDISES - 1];
	TURN_UNTIL(sess_redis_up(redis));
	assert_int_equal(sess_redis_command(redis, world_on_reply, &answer, 0, argc, argv, NULL), 0);
	TURN_UNTIL(answer.there);
	return answer;
}

#define REDIS(...) redis_says((int)ARRAY_SIZE(((const char *const[]){ __VA_ARGS__ })), (const char *const[]){ __VA_ARGS__ })

static inline void world_begin(const char *name, const char *const *options)
{
	signal(SIGPIPE, SIG_IGN);
	root = talloc_named_const(NULL, 0, name);
	osmo_init_logging2(root, NULL);
	log_set_category_filter(osmo_stderr_target, DLGLOBAL, 0, LOGL_FATAL);
	osmo_fsm_set_dealloc_ctx(OTC_SELECT);
	redis_server_start(&server, options);
}

static inline void world_end(void)
{
	redis_server_stop(&server);
	talloc_free(root);
}
