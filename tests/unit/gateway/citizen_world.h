/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A citizen's menu at two gateways that share nothing but a real ledger: it calls the gateway's own operations, and what they leave in
 * Redis is looked at with redis-cli. Of a gateway there is what these operations stand on; what else a test needs, it adds. Each test
 * is one program, so all of it is static. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <osmocom/core/application.h>
#include <osmocom/core/fsm.h>
#include <osmocom/core/logging.h>
#include <osmocom/core/select.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/builtin.h"
#include "gateway/gateway.h"
#include "gateway/lane.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "gateway/notices.h"
#include "sessions/store.h"
#include "tests/unit/redis_server.h"

#define CITIZEN "989121234567"
#define OTHER "989127654321"
#define GATEWAYS 2
#define PATIENCE_S 60

struct gateway {
	struct gw gw;
	struct sess_redis *redis;
	struct gw_lanes *lanes;
	bool alive;
};
static struct gateway gateways[GATEWAYS];

/* What a call was told; several may be under way. */
struct told { bool done; unsigned int status; char *text; };
static struct told last;

static struct { void *ctx; struct redis_server redis; struct gw_route route; } world;

/* ---- turns ---- */

static inline void world_after_turn(void *ctx)
{
	(void)ctx;
	for (size_t i = 0; i < GATEWAYS; i++)
		if (gateways[i].alive) {
			if (gateways[i].gw.agencies)
				gw_agencies_turn(gateways[i].gw.agencies);
			gw_builtin_collect(gateways[i].gw.builtin);
			sess_redis_flush(gateways[i].redis);
		}
}

static inline void world_every_tick(void *ctx)
{
	(void)ctx;
	for (size_t i = 0; i < GATEWAYS; i++)
		if (gateways[i].alive) {
			if (gateways[i].gw.agencies)
				gw_agencies_tick(gateways[i].gw.agencies);
			sess_redis_tick(gateways[i].redis);
		}
}

static inline void turn_until(const bool *done, const char *what)
{
	time_t end = time(NULL) + PATIENCE_S;

	while (!*done) {
		gw_loop_turn();
		if (time(NULL) > end)
			fail_msg("waited in vain for %s", what);
	}
}

/* ---- life ---- */

static inline void world_begin(void)
{
	memset(&world, 0, sizeof(world));
	world.ctx = talloc_named_const(NULL, 0, "test");
	world.route = (struct gw_route){ .name = "its", .id = gw_route_id("its") };
	redis_server_start(&world.redis, NULL);
	assert_int_equal(0, gw_loop_init(world.ctx));
	gw_loop_after_turn(world_after_turn, NULL);
	gw_loop_every(world_every_tick, NULL);
}

/* After the gateways have ended. */
static inline void world_end(void)
{
	talloc_free(world.ctx);
	gw_loop_fini();
	osmo_select_main_ctx(1);
	redis_server_stop(&world.redis);
	free(last.text);
	memset(&last, 0, sizeof(last));
}

static inline const struct gw_route *world_only_route(const void *ctx, const char *msisdn)
{
	(void)ctx;
	(void)msisdn;
	return &world.route;
}

static inline const char *gateway_consumer(const struct gateway *gateway)
{
	return gateway == gateways ? "one" : "two";
}

/* deadline_ms: of what the ledger is asked, and of connecting to it. The loop must not turn before the test has added what it needs. */
static inline void gateway_begin(struct gateway *gateway, unsigned int deadline_ms)
{
	static const char key[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
	const struct sess_redis_config redis = {
		.name = "ledger", .path = world.redis.path, .deadline_ms = deadline_ms, .connect_ms = deadline_ms, .retry_min_ms = 10, .retry_max_ms = 50,
		.pending_max = 1000, .io = { gw_loop_add, gw_loop_update, gw_loop_del }, .log_category = GW_LOG_REDIS,
	};
	struct gw *gw = &gateway->gw;

	memset(gateway, 0, sizeof(*gateway));
	gw->builtin = gw_builtin_alloc(world.ctx, gw, gw_builtin_tables);
	gateway->redis = sess_redis_alloc(world.ctx, &redis, NULL, NULL);
	sess_redis_start(gateway->redis);
	gw->ledger = sess_ledger_alloc(world.ctx, gateway->redis);
	gw->seal = gw_seal_alloc(world.ctx, key);
	gateway->lanes = gw_lanes_alloc(world.ctx, gateway->redis, gateway_consumer(gateway), world_only_route, NULL);
	assert_int_equal(0, gw_lanes_add(gateway->lanes, &world.route));
}

static inline void gateway_until_up(struct gateway *gateway)
{
	time_t end = time(NULL) + PATIENCE_S;

	gateway->alive = true;
	while (!sess_redis_up(gateway->redis) && time(NULL) < end)
		gw_loop_turn();
	assert_true(sess_redis_up(gateway->redis));
}

/* ---- what Redis has ---- */

/* What redis-cli prints. */
static inline const char *redis(const char *format, ...)
{
	static char out[262144];
	char command[1024], words[900];
	va_list args;
	FILE *pipe;
	size_t n;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	snprintf(command, sizeof(command), "redis-cli -s %s --raw %s", world.redis.path, words);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	n = fread(out, 1, sizeof(out) - 1, pipe);
	out[n] = '\0';
	for (size_t i = 0; i < n; i++)
		if (!out[i])
			out[i] = '?'; /* of a record's stamp */
	pclose(pipe);
	return out;
}

static inline unsigned int count(const char *text, const char *part)
{
	unsigned int n = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		n++;
	return n;
}

/* How often this was noted of the citizen for the audit chain. */
static inline unsigned int notes(const char *what)
{
	char line[64];

	snprintf(line, sizeof(line), "\"what\":\"%s\"", what);
	return count(redis("XRANGE 'audit:{p%02u}' - +", sess_store_partition(CITIZEN)), line);
}

/* ---- calls ---- */

static inline void on_done(void *ctx, unsigned int status, const json_t *body)
{
	struct told *told = ctx;

	told->done = true;
	told->status = status;
	free(told->text);
	told->text = body ? json_dumps(body, JSON_COMPACT) : strdup("");
}

/* As a menu in English calls that can wait; of the request the test says what is called, by whom and from where. */
static inline void begin_call(struct gateway *gateway, const struct gw_builtin_request *call, struct told *told)
{
	struct gw_builtin_request request = *call;

	request.body_octets = call->body ? strlen(call->body) : 0;
	request.language = "en";
	request.until_ms = INT64_MAX;
	told->done = false;
	assert_int_equal(0, gw_builtin_start(gateway->gw.builtin, &request, on_done, told));
	assert_false(told->done);
}
