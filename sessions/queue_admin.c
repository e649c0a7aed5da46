/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* For operators: the dead letters, the upkeep, the numbers, and whether the server keeps what it accepts. A list of the dead goes
 * from partition to partition; upkeep and numbers ask all of them at once. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "sessions/queue_priv.h"

#include <osmocom/core/utils.h>

/* ------------------------------------------------------------------ dead letters */

struct listing {
	struct sess_queue *queue;
	sess_queue_dead_cb *cb;
	void *ctx;
	uint64_t token;
	unsigned int n, got;
	struct sess_queue_dead_id at;    /* to go on behind */
	struct sess_queue_dead *dead;
};

static void list_more(struct listing *listing);

static const char *keep_text(void *ctx, const struct sess_redis_reply *text)
{
	const char *kept = talloc_strndup(ctx, text->text ? text->text : "", text->octets);
	OSMO_ASSERT(kept);
	return kept;
}

/* {id, {r, reason, i, entry, n, attempts, k, key, o, order, b, body}} */
static bool keep_dead(struct listing *listing, const struct sess_redis_reply *found)
{
	struct sess_queue_dead *dead = &listing->dead[listing->got];
	struct sess_redis_reply id = sess_reply_at(found, 0), fields = sess_reply_at(found, 1), value[12] = { 0 };
	if (!sess_queue_parse_id(&listing->at.id, id.text, id.octets))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(value); i++)
		value[i] = sess_reply_at(&fields, i);
	memset(dead, 0, sizeof(*dead));
	dead->id = listing->at;
	sess_queue_parse_id(&dead->entry, value[3].text, value[3].octets);
	dead->attempts = value[5].text ? (uint32_t)strtoul(value[5].text, NULL, 10) : 0;
	dead->reason = keep_text(listing, &value[1]);
	dead->key = keep_text(listing, &value[7]);
	dead->order = keep_text(listing, &value[9]);
	dead->body = talloc_memdup(listing, value[11].text ? value[11].text : "", value[11].octets + 1);
	OSMO_ASSERT(dead->body);
	dead->octets = value[11].octets;
	listing->got++;
	return true;
}

static void list_end(struct listing *listing, enum sess_queue_result result)
{
	bool ok = result == SESS_QUEUE_OK;
	listing->cb(listing->ctx, listing->token, result, ok ? listing->dead : NULL, ok ? listing->got : 0);
	talloc_free(listing);
}

static void on_listed(struct queue_ask *ask, enum sess_queue_result result, const struct sess_redis_reply *reply)
{
	struct listing *listing = ask->to.walk;
	if (result == SESS_QUEUE_OK) {
		for (size_t i = 0; i < reply->n && listing->got < listing->n; i++) {
			struct sess_redis_reply found = sess_reply_at(reply, i);
			keep_dead(listing, &found);
		}
	}
	if (result != SESS_QUEUE_OK || listing->got >= listing->n || listing->at.partition + 1 >= SESS_QUEUE_PARTITIONS) {
		list_end(listing, result);
		return;
	}
	listing->at = (struct sess_queue_dead_id){ .partition = (uint8_t)(listing->at.partition + 1) };
	list_more(listing);
}

static void list_more(struct listing *listing)
{
	struct sess_queue *queue = listing->queue;
	char after[48];
	int octets = snprintf(after, sizeof(after), "(%llu-%llu", (unsigned long long)listing->at.id.ms, (unsigned long long)listing->at.id.seq);
	struct queue_ask *ask = sess_queue_ask_new(queue, QUEUE_SCRIPT_NONE, listing->at.partition, 0, 6, QUEUE_KEY_OCTETS * 3, on_listed);
	ask->to.walk = listing;
	sess_resp_text(&ask->sent.resp, "XRANGE");
	sess_resp_text(&ask->sent.resp, queue->keys[listing->at.partition][QUEUE_KEY_DEAD]);
	sess_resp_arg(&ask->sent.resp, after, (size_t)octets);
	sess_resp_text(&ask->sent.resp, "+");
	sess_resp_text(&ask->sent.resp, "COUNT");
	sess_resp_integer(&ask->sent.resp, listing->n - listing->got);
	sess_queue_ask_go(ask);
}

int sess_queue_dead_list(struct sess_queue *queue, const struct sess_queue_dead_id *after, unsigned int n, sess_queue_dead_cb *cb, void *ctx, uint64_t token)
{
	if (queue->asks.closing)
		return -ENOTCONN;
	if (!n || n > SESS_QUEUE_TAKE_MAX || (after && after->partition >= SESS_QUEUE_PARTITIONS))
		return -EINVAL;
	struct listing *listing = talloc_zero(NULL, struct listing);
	OSMO_ASSERT(listing);
	*listing = (struct listing){ .queue = queue, .cb = cb, .ctx = ctx, .token = token, .n = n };
	if (after)
		listing->at = *after;
	listing->dead = talloc_array(listing, struct sess_queue_dead, n);
	OSMO_ASSERT(listing->dead);
	list_more(listing);
	return 0;
}

static void on_dropped(struct queue_ask *ask, enum sess_queue_result result, const struct sess_redis_reply *reply)
{
	if (result == SESS_QUEUE_OK && reply->integer == 0)
		result = SESS_QUEUE_GONE;
	if (ask->to.settle)
		ask->to.settle(ask->ctx, ask->token, result);
}

int sess_queue_dead_drop(struct sess_queue *queue, const struct sess_queue_dead_id *id, sess_queue_settle_cb *cb, void *ctx, uint64_t token)
{
	if (queue->asks.closing)
		return -ENOTCONN;
	if (id->partition >= SESS_QUEUE_PARTITIONS)
		return -EINVAL;
	struct queue_ask *ask = sess_queue_ask_new(queue, QUEUE_SCRIPT_NONE, id->partition, 0, 3, QUEUE_KEY_OCTETS * 3, on_dropped);
	ask->to.settle = cb;
	ask->ctx = ctx;
	ask->token = token;
	sess_resp_text(&ask->sent.resp, "XDEL");
	sess_resp_text(&ask->sent.resp, queue->keys[id->partition][QUEUE_KEY_DEAD]);
	sess_queue_ask_id(ask, &id->id);
	sess_queue_ask_go(ask);
	return 0;
}

/* ------------------------------------------------------------------ all partitions at once */

struct round {
	sess_queue_settle_cb *settle;    /* one of the two is its asker's */
	sess_queue_stats_cb *stats_cb;
	void *ctx;
	uint64_t token;
	unsigned int outstanding;
	enum sess_queue_result result;
	struct sess_queue_stats stats;
};

static void earliest(int64_t *oldest, const struct sess_redis_reply *text)
{
	struct sess_queue_id id;
	if (sess_queue_parse_id(&id, text->text, text->octets) && (!*oldest || (int64_t)id.ms < *oldest))
		*oldest = (int64_t)id.ms;
}

static void add_stats(struct sess_queue_stats *stats, const struct sess_redis_reply *reply)
{
	struct sess_redis_reply value[7];
	for (size_t i = 0; i < ARRAY_SIZE(value); i++)
		value[i] = sess_reply_at(reply, i);
	uint64_t pending = (uint64_t)value[1].integer, delayed = (uint64_t)value[2].integer, held = (uint64_t)value[3].integer;
	stats->length += (uint64_t)value[0].integer;
	stats->taken += pending > delayed + held ? pending - delayed - held : 0;
	stats->delayed += delayed;
	stats->held += held;
	stats->dead += (uint64_t)value[4].integer;
	earliest(&stats->oldest_ms, &value[5]);
	earliest(&stats->dead_oldest_ms, &value[6]);
}

static void on_round(struct queue_ask *ask, enum sess_queue_result result, const struct sess_redis_reply *reply)
{
	struct round *round = ask->to.walk;
	if (result != SESS_QUEUE_OK)
		round->result = result;
	else if (ask->script == QUEUE_SCRIPT_STATS)
		add_stats(&round->stats, reply);
	if (--round->outstanding)
		return;
	if (round->stats_cb)
		round->stats_cb(round->ctx, round->token, round->result, round->result == SESS_QUEUE_OK ? &round->stats : NULL);
	else if (round->settle)
		round->settle(round->ctx, round->token, round->result);
	talloc_free(round);
}

static int go_round(struct sess_queue *queue, enum queue_script script, struct round *round)
{
	bool tend = script == QUEUE_SCRIPT_TEND;
	round->outstanding = SESS_QUEUE_PARTITIONS;
	for (unsigned int partition = 0; partition < SESS_QUEUE_PARTITIONS; partition++) {
		struct queue_ask *ask = sess_queue_ask_new(queue, script, partition, 0, tend ? 2 : 1,
							   strlen(queue->group) + strlen(queue->consumer), on_round);
		ask->to.walk = round;
		sess_resp_text(&ask->sent.resp, queue->group);
		if (tend)
			sess_resp_text(&ask->sent.resp, queue->consumer);
		sess_queue_ask_go(ask);
	}
	return 0;
}

static struct round *round_new(void *ctx, uint64_t token)
{
	struct round *round = talloc_zero(NULL, struct round);
	OSMO_ASSERT(round);
	round->ctx = ctx;
	round->token = token;
	round->result = SESS_QUEUE_OK;
	return round;
}

int sess_queue_tend(struct sess_queue *queue, sess_queue_settle_cb *cb, void *ctx, uint64_t token)
{
	if (queue->asks.closing)
		return -ENOTCONN;
	struct round *round = round_new(ctx, token);
	round->settle = cb;
	return go_round(queue, QUEUE_SCRIPT_TEND, round);
}

int sess_queue_stats(struct sess_queue *queue, sess_queue_stats_cb *cb, void *ctx, uint64_t token)
{
	if (queue->asks.closing)
		return -ENOTCONN;
	struct round *round = round_new(ctx, token);
	round->stats_cb = cb;
	return go_round(queue, QUEUE_SCRIPT_STATS, round);
}
