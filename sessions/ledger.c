/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The ledger: its life, its keys, and reading. ledger_commit.c gathers and sends commits, ledger_lua.c is what happens in Redis.
 *
 * A record in Redis: eight octets of stamp, then the value. What is shorter was not written by us, and counts as none. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "sessions/ledger_priv.h"

#include <osmocom/core/utils.h>

bool sess_ledger_key(char key[SESS_LEDGER_KEY_OCTETS], const char *kind, unsigned int partition, const char *id)
{
	if (!*kind || strspn(kind, "abcdefghijklmnopqrstuvwxyz-") != strlen(kind) || !*id || partition >= SESS_QUEUE_PARTITIONS)
		return false;
	for (const char *at = id; *at; at++) {
		if (*at <= ' ' || *at > '~' || *at == '{' || *at == '}')
			return false;
	}
	int octets = snprintf(key, SESS_LEDGER_KEY_OCTETS, "%s:{p%02u}:%s", kind, partition, id);
	return octets > 0 && octets < SESS_LEDGER_KEY_OCTETS;
}

/* ------------------------------------------------------------------ asks */

enum sess_ledger_result sess_ledger_failure(enum sess_ask_result result)
{
	return result == SESS_ASK_BUSY ? SESS_LEDGER_BUSY : SESS_LEDGER_DOWN;
}

static struct ledger_ask *ask_new(struct sess_ledger *ledger, unsigned int args, size_t room, sess_ask_cb *answered, void *ctx, uint64_t token)
{
	struct ledger_ask *ask = sess_ask_new(&ledger->asks, sizeof(*ask), NULL, 0, args, room, answered);
	ask->ledger = ledger;
	ask->ctx = ctx;
	ask->token = token;
	return ask;
}

static bool key_fits(const char *key)
{
	return *key && strlen(key) < SESS_LEDGER_KEY_OCTETS;
}

/* ------------------------------------------------------------------ load */

struct sess_ledger_record sess_ledger_read(const struct sess_redis_reply *value)
{
	struct sess_ledger_record record = { 0 };
	if (value->kind != SESS_REPLY_STRING || value->octets < LEDGER_STAMP_OCTETS)
		return record;
	memcpy(&record.stamp, value->text, LEDGER_STAMP_OCTETS);
	if (!record.stamp)
		return record;
	record.value = value->text + LEDGER_STAMP_OCTETS;
	record.octets = value->octets - LEDGER_STAMP_OCTETS;
	return record;
}

static void on_loaded(struct sess_ask *sent, enum sess_ask_result result, const struct sess_redis_reply *reply)
{
	struct ledger_ask *ask = (struct ledger_ask *)sent;
	struct sess_ledger_record records[SESS_LEDGER_LOAD_MAX];
	if (result != SESS_ASK_OK) {
		ask->to.load(ask->ctx, ask->token, sess_ledger_failure(result), NULL, 0);
		return;
	}
	for (unsigned int i = 0; i < ask->n; i++) {
		struct sess_redis_reply value = sess_reply_at(reply, i);
		records[i] = sess_ledger_read(&value);
	}
	ask->to.load(ask->ctx, ask->token, SESS_LEDGER_OK, records, ask->n);
}

int sess_ledger_load(struct sess_ledger *ledger, const char *const *keys, size_t n, sess_ledger_load_cb *cb, void *ctx, uint64_t token)
{
	if (ledger->asks.closing)
		return -ENOTCONN;
	if (!n || n > SESS_LEDGER_LOAD_MAX)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		if (!key_fits(keys[i]))
			return -EINVAL;
	}
	struct ledger_ask *ask = ask_new(ledger, (unsigned int)n + 1, 4 + n * SESS_LEDGER_KEY_OCTETS, on_loaded, ctx, token);
	ask->to.load = cb;
	ask->n = (unsigned int)n;
	sess_resp_text(&ask->sent.resp, "MGET");
	for (size_t i = 0; i < n; i++)
		sess_resp_text(&ask->sent.resp, keys[i]);
	ledger->counters.loads++;
	sess_ask_go(&ask->sent);
	return 0;
}

/* ------------------------------------------------------------------ indexes and tallies */

/* The members are the reply's; {member, score, member, score, ...}. */
static void on_range(struct sess_ask *sent, enum sess_ask_result result, const struct sess_redis_reply *reply)
{
	struct ledger_ask *ask = (struct ledger_ask *)sent;
	if (result != SESS_ASK_OK) {
		ask->to.range(ask->ctx, ask->token, sess_ledger_failure(result), NULL, 0);
		return;
	}
	size_t n = reply->n / 2;
	struct sess_ledger_member *members = calloc(n ? n : 1, sizeof(*members));
	OSMO_ASSERT(members);
	for (size_t i = 0; i < n; i++) {
		struct sess_redis_reply member = sess_reply_at(reply, 2 * i), score = sess_reply_at(reply, 2 * i + 1);
		members[i].member = member.text ? member.text : "";
		members[i].score = score.text ? strtod(score.text, NULL) : 0;
	}
	ask->to.range(ask->ctx, ask->token, SESS_LEDGER_OK, members, n);
	free(members);
}

static void put_score(struct sess_resp *resp, double score)
{
	char text[40];
	snprintf(text, sizeof(text), "%.17g", score);
	sess_resp_text(resp, text);
}

int sess_ledger_range(struct sess_ledger *ledger, const struct sess_ledger_range *range, sess_ledger_range_cb *cb, void *ctx, uint64_t token)
{
	if (ledger->asks.closing)
		return -ENOTCONN;
	if (!key_fits(range->key) || !range->n || range->n > SESS_LEDGER_RANGE_MAX || isnan(range->min) || isnan(range->max))
		return -EINVAL;
	struct ledger_ask *ask = ask_new(ledger, 8, SESS_LEDGER_KEY_OCTETS + 200, on_range, ctx, token);
	struct sess_resp *resp = &ask->sent.resp;
	ask->to.range = cb;
	sess_resp_text(resp, range->newest_first ? "ZREVRANGEBYSCORE" : "ZRANGEBYSCORE");
	sess_resp_text(resp, range->key);
	put_score(resp, range->newest_first ? range->max : range->min);
	put_score(resp, range->newest_first ? range->min : range->max);
	sess_resp_text(resp, "WITHSCORES");
	sess_resp_text(resp, "LIMIT");
	sess_resp_integer(resp, range->skip);
	sess_resp_integer(resp, range->n);
	sess_ask_go(&ask->sent);
	return 0;
}

/* An integer, or a string that is one (GET); nothing is 0. */
static void on_count(struct sess_ask *sent, enum sess_ask_result result, const struct sess_redis_reply *reply)
{
	struct ledger_ask *ask = (struct ledger_ask *)sent;
	if (result != SESS_ASK_OK)
		ask->to.count(ask->ctx, ask->token, sess_ledger_failure(result), -1);
	else
		ask->to.count(ask->ctx, ask->token, SESS_LEDGER_OK,
			      reply->kind == SESS_REPLY_STRING ? (int64_t)strtoll(reply->text, NULL, 10) : reply->integer);
}

static int count(struct sess_ledger *ledger, const char *command, const char *key, sess_ledger_count_cb *cb, void *ctx, uint64_t token)
{
	if (ledger->asks.closing)
		return -ENOTCONN;
	if (!key_fits(key))
		return -EINVAL;
	struct ledger_ask *ask = ask_new(ledger, 2, SESS_LEDGER_KEY_OCTETS + 8, on_count, ctx, token);
	ask->to.count = cb;
	sess_resp_text(&ask->sent.resp, command);
	sess_resp_text(&ask->sent.resp, key);
	sess_ask_go(&ask->sent);
	return 0;
}

int sess_ledger_size(struct sess_ledger *ledger, const char *key, sess_ledger_count_cb *cb, void *ctx, uint64_t token)
{
	return count(ledger, "ZCARD", key, cb, ctx, token);
}

int sess_ledger_between(struct sess_ledger *ledger, const char *key, double min, double max, sess_ledger_count_cb *cb, void *ctx, uint64_t token)
{
	if (ledger->asks.closing)
		return -ENOTCONN;
	if (!key_fits(key) || isnan(min) || isnan(max))
		return -EINVAL;
	struct ledger_ask *ask = ask_new(ledger, 4, SESS_LEDGER_KEY_OCTETS + 100, on_count, ctx, token);
	ask->to.count = cb;
	sess_resp_text(&ask->sent.resp, "ZCOUNT");
	sess_resp_text(&ask->sent.resp, key);
	put_score(&ask->sent.resp, min);
	put_score(&ask->sent.resp, max);
	sess_ask_go(&ask->sent);
	return 0;
}

int sess_ledger_tally(struct sess_ledger *ledger, const char *key, sess_ledger_count_cb *cb, void *ctx, uint64_t token)
{
	return count(ledger, "GET", key, cb, ctx, token);
}

/* ------------------------------------------------------------------ life */

static int ledger_free(struct sess_ledger *ledger)
{
	sess_asks_fini(&ledger->asks);
	return 0;
}

struct sess_ledger *sess_ledger_alloc(void *ctx, struct sess_redis *redis)
{
	struct sess_ledger *ledger = talloc_zero(ctx, struct sess_ledger);
	OSMO_ASSERT(ledger);
	ledger->script = (struct sess_script){ sess_ledger_lua, sess_redis_script(redis, sess_ledger_lua) };
	sess_asks_init(&ledger->asks, redis, &ledger->counters.failures, &ledger->counters.reloads);
	talloc_set_destructor(ledger, ledger_free);
	return ledger;
}

struct sess_redis *sess_ledger_redis(struct sess_ledger *ledger)
{
	return ledger->asks.redis;
}

void sess_ledger_seal_by(struct sess_ledger *ledger, struct sess_chain *chain)
{
	ledger->chain = chain;
}

const struct sess_ledger_counters *sess_ledger_counters(const struct sess_ledger *ledger)
{
	return &ledger->counters;
}
