/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Taking and claiming. A take visits partitions in waves: first those of which we have reason to expect something, all at once
 * with an equal share of what is wanted; then the others, from where the last take ended. It ends when it has enough or has
 * emptied every partition. A claim goes from partition to partition until it finds one entry, and the next begins there.
 *
 * What it finds it copies, and hands over once. If a later wave fails, what is there already is handed over. */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "sessions/queue_priv.h"

#include <osmocom/core/utils.h>

/* It lives until its answer; the asks under way hold it. */
struct take {
	struct sess_queue *queue;
	sess_queue_take_cb *cb;
	void *ctx;
	uint64_t token;
	unsigned int n, got, outstanding;
	unsigned int idle_ms;            /* of a claim */
	uint64_t left;                   /* partitions not yet visited */
	bool failed, busy;
	struct sess_queue_entry *entries;
};

#define BIT(partition) ((uint64_t)1 << (partition))

static struct take *take_new(struct sess_queue *queue, unsigned int n, sess_queue_take_cb *cb, void *ctx, uint64_t token)
{
	struct take *take = talloc_zero(NULL, struct take);
	OSMO_ASSERT(take);
	*take = (struct take){ .queue = queue, .cb = cb, .ctx = ctx, .token = token, .n = n, .left = UINT64_MAX };
	take->entries = talloc_array(take, struct sess_queue_entry, n);
	OSMO_ASSERT(take->entries);
	return take;
}

/* The last thing that its caller does. */
static void take_end(struct take *take)
{
	enum sess_queue_result result = !take->failed || take->got ? SESS_QUEUE_OK : take->busy ? SESS_QUEUE_BUSY : SESS_QUEUE_DOWN;
	if (take->queue->asks.closing)
		result = SESS_QUEUE_DOWN; /* nobody could settle them: they are claimed in time */
	take->cb(take->ctx, take->token, result, result == SESS_QUEUE_OK ? take->entries : NULL, result == SESS_QUEUE_OK ? take->got : 0);
	talloc_free(take);
}

/* ------------------------------------------------------------------ what comes back */

/* The values of k, o and b stand second, fourth and sixth; what somebody else wrote may have fewer, and counts as empty. */
static void keep_fields(struct take *take, struct sess_queue_entry *entry, const struct sess_redis_reply *fields)
{
	struct sess_redis_reply key = sess_reply_at(fields, 1), order = sess_reply_at(fields, 3), body = sess_reply_at(fields, 5);
	entry->key = talloc_strndup(take, key.text ? key.text : "", key.octets);
	entry->octets = body.octets;
	entry->body = talloc_memdup(take, body.text ? body.text : "", body.octets + 1);
	OSMO_ASSERT(entry->key && entry->body);
	if (order.octets <= SESS_ID_MAX && order.text)
		memcpy(entry->handle.order, order.text, order.octets);
}

/* {id, attempt, fields} */
static void keep_entry(struct take *take, unsigned int partition, const struct sess_redis_reply *found, bool claimed)
{
	struct sess_redis_reply id = sess_reply_at(found, 0), attempt = sess_reply_at(found, 1), fields = sess_reply_at(found, 2);
	struct sess_queue_entry *entry = &take->entries[take->got];
	memset(entry, 0, sizeof(*entry));
	if (take->got >= take->n || !sess_queue_parse_id(&entry->handle.id, id.text, id.octets))
		return;
	entry->handle.attempt = (uint32_t)attempt.integer;
	entry->handle.partition = (uint8_t)partition;
	entry->handle.claimed = claimed;
	keep_fields(take, entry, &fields);
	take->got++;
}

static void take_failed(struct take *take, enum sess_queue_result result)
{
	take->failed = true;
	take->busy = result == SESS_QUEUE_BUSY;
}

/* ------------------------------------------------------------------ take */

static void take_wave(struct take *take);

static void on_taken(struct queue_ask *ask, enum sess_queue_result result, const struct sess_redis_reply *reply)
{
	struct take *take = ask->to.walk;
	struct sess_queue *queue = ask->queue;
	unsigned int before = take->got;
	take->outstanding--;
	if (result != SESS_QUEUE_OK) {
		take_failed(take, result);
	} else {
		for (size_t i = 1; i < reply->n; i++) {
			struct sess_redis_reply found = sess_reply_at(reply, i);
			keep_entry(take, ask->partition, &found, false);
		}
		if (sess_reply_at(reply, 0).integer)
			queue->hints |= BIT(ask->partition);
		else
			queue->hints &= ~BIT(ask->partition);
		/* Where there is more it is visited again, once all had their share. */
		if (take->got > before && queue->hints & BIT(ask->partition))
			take->left |= BIT(ask->partition);
	}
	queue->counters.taken += take->got - before;
	if (take->outstanding)
		return;
	if (take->failed || take->got >= take->n || !take->left || queue->asks.closing)
		take_end(take);
	else
		take_wave(take);
}

static void take_ask(struct take *take, unsigned int partition, unsigned int share)
{
	struct sess_queue *queue = take->queue;
	struct queue_ask *ask = sess_queue_ask_new(queue, QUEUE_SCRIPT_TAKE, partition, 0, 4,
						   strlen(queue->group) + strlen(queue->consumer) + 48, on_taken);
	ask->to.walk = take;
	sess_resp_text(&ask->sent.resp, queue->group);
	sess_resp_text(&ask->sent.resp, queue->consumer);
	sess_resp_integer(&ask->sent.resp, share);
	sess_resp_integer(&ask->sent.resp, queue->held_max);
	take->outstanding++;
	take->left &= ~BIT(partition);
	sess_queue_ask_go(ask);
}

static unsigned int count_bits(uint64_t bits)
{
	return (unsigned int)__builtin_popcountll(bits);
}

/* The shares add up to no more than what is still wanted. */
static void take_wave(struct take *take)
{
	struct sess_queue *queue = take->queue;
	unsigned int room = take->n - take->got;
	uint64_t pick = take->left & queue->hints ? take->left & queue->hints : take->left;
	unsigned int visits = OSMO_MIN(count_bits(pick), room);
	unsigned int share = room / visits, extra = room % visits, partition = queue->take_from;
	while (visits) {
		if (pick & BIT(partition)) {
			take_ask(take, partition, share + (extra ? 1 : 0));
			extra -= extra ? 1 : 0;
			visits--;
		}
		partition = (partition + 1) % SESS_QUEUE_PARTITIONS;
	}
	queue->take_from = partition;
}

int sess_queue_take(struct sess_queue *queue, unsigned int n, sess_queue_take_cb *cb, void *ctx, uint64_t token)
{
	if (queue->asks.closing)
		return -ENOTCONN;
	if (!n || n > SESS_QUEUE_TAKE_MAX)
		return -EINVAL;
	take_wave(take_new(queue, n, cb, ctx, token));
	return 0;
}

bool sess_queue_likely(const struct sess_queue *queue)
{
	return queue->hints != 0;
}

/* ------------------------------------------------------------------ claim */

static void claim_next(struct take *take);

static void on_claimed(struct queue_ask *ask, enum sess_queue_result result, const struct sess_redis_reply *reply)
{
	struct take *take = ask->to.walk;
	struct sess_queue *queue = ask->queue;
	if (result != SESS_QUEUE_OK)
		take_failed(take, result);
	else if (reply->kind == SESS_REPLY_ARRAY)
		keep_entry(take, ask->partition, reply, true);
	queue->counters.claimed += take->got;
	if (take->got || take->failed || !take->left || queue->asks.closing) {
		take_end(take);
		return;
	}
	queue->claim_from = (ask->partition + 1) % SESS_QUEUE_PARTITIONS;
	claim_next(take);
}

static void claim_next(struct take *take)
{
	struct sess_queue *queue = take->queue;
	unsigned int partition = queue->claim_from;
	while (!(take->left & BIT(partition)))  /* two claims at once move claim_from for each other */
		partition = (partition + 1) % SESS_QUEUE_PARTITIONS;
	struct queue_ask *ask = sess_queue_ask_new(queue, QUEUE_SCRIPT_CLAIM, partition, 0, 5,
						   strlen(queue->group) + strlen(queue->consumer) + 48, on_claimed);
	ask->to.walk = take;
	take->left &= ~BIT(partition);
	sess_resp_text(&ask->sent.resp, queue->group);
	sess_resp_text(&ask->sent.resp, queue->consumer);
	sess_resp_integer(&ask->sent.resp, take->idle_ms);
	sess_resp_integer(&ask->sent.resp, queue->claims_max);
	sess_resp_text(&ask->sent.resp, queue->shared ? "1" : "");
	sess_queue_ask_go(ask);
}

int sess_queue_claim(struct sess_queue *queue, unsigned int idle_ms, sess_queue_take_cb *cb, void *ctx, uint64_t token)
{
	if (queue->asks.closing)
		return -ENOTCONN;
	struct take *take = take_new(queue, 1, cb, ctx, token);
	take->idle_ms = idle_ms;
	claim_next(take);
	return 0;
}
