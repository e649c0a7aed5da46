/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The queue: its life, adding and settling, and the asks below all of it. queue_take.c takes and claims, queue_admin.c lists the
 * dead and keeps up, queue_lua.c is what happens in Redis.
 *
 * An ask is one command in flight (ask.h): a script with the keys of a partition, or a plain command. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "sessions/queue_priv.h"
#include "sessions/store.h"

#include <osmocom/core/utils.h>

#define HELD_MAX_DEFAULT 1000
#define CLAIMS_MAX_DEFAULT 5
#define EFFECT_KEY_MAX 256

/* ------------------------------------------------------------------ asks */

static void on_answer(struct sess_ask *sent, enum sess_ask_result result, const struct sess_redis_reply *reply)
{
	static const enum sess_queue_result results[] = {
		[SESS_ASK_OK] = SESS_QUEUE_OK, [SESS_ASK_DOWN] = SESS_QUEUE_DOWN, [SESS_ASK_BUSY] = SESS_QUEUE_BUSY,
	};
	struct queue_ask *ask = (struct queue_ask *)sent;
	ask->answered(ask, results[result], reply);
}

struct queue_ask *sess_queue_ask_new(struct sess_queue *queue, enum queue_script script, unsigned int partition,
				     unsigned int extra_keys, unsigned int args, size_t room, queue_ask_cb *answered)
{
	bool plain = script == QUEUE_SCRIPT_NONE;
	unsigned int keys = plain ? 0 : script == QUEUE_SCRIPT_ADD ? 1 : QUEUE_KEYS;
	struct queue_ask *ask = sess_ask_new(&queue->asks, sizeof(*ask), plain ? NULL : &queue->scripts[script], keys + extra_keys,
					     args - extra_keys, room + keys * QUEUE_KEY_OCTETS, on_answer);
	ask->queue = queue;
	ask->answered = answered;
	ask->script = script;
	ask->partition = partition;
	for (unsigned int key = 0; key < keys; key++)
		sess_resp_text(&ask->sent.resp, queue->keys[partition][key]);
	return ask;
}

void sess_queue_put_id(struct sess_resp *resp, const struct sess_queue_id *id)
{
	char text[QUEUE_ID_OCTETS];
	int octets = snprintf(text, sizeof(text), "%llu-%llu", (unsigned long long)id->ms, (unsigned long long)id->seq);
	sess_resp_arg(resp, text, (size_t)octets);
}

void sess_queue_ask_id(struct queue_ask *ask, const struct sess_queue_id *id)
{
	sess_queue_put_id(&ask->sent.resp, id);
}

void sess_queue_ask_go(struct queue_ask *ask)
{
	sess_ask_go(&ask->sent);
}

/* ------------------------------------------------------------------ replies */

bool sess_queue_parse_id(struct sess_queue_id *id, const char *text, size_t octets)
{
	char copy[48], *end;
	if (!text || octets >= sizeof(copy))
		return false;
	memcpy(copy, text, octets);
	copy[octets] = 0;
	id->ms = strtoull(copy, &end, 10);
	if (end == copy || *end != '-')
		return false;
	char *seq = end + 1;
	id->seq = strtoull(seq, &end, 10);
	return end != seq && !*end;
}

/* ------------------------------------------------------------------ add */

static bool order_ok(const char *order)
{
	static const char also[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-._";
	return !order || (strlen(order) <= SESS_ID_MAX && strspn(order, also) == strlen(order));
}

bool sess_queue_add_ok(const struct sess_queue_add *add)
{
	return order_ok(add->order) && (!add->key || strlen(add->key) <= SESS_QUEUE_KEY_MAX) && add->octets <= SESS_QUEUE_BODY_MAX;
}

size_t sess_queue_done_key(char key[QUEUE_DONE_KEY_OCTETS], const struct sess_queue *queue, unsigned int partition, const char *add_key)
{
	return (size_t)snprintf(key, QUEUE_DONE_KEY_OCTETS, "done:{p%02u}:%s:%s", partition, queue->name, add_key ? add_key : "");
}

static void put_done_key(struct queue_ask *ask, const struct sess_queue *queue, const struct sess_queue_add *add)
{
	char key[QUEUE_DONE_KEY_OCTETS];
	sess_resp_arg(&ask->sent.resp, key, sess_queue_done_key(key, queue, ask->partition, add->key));
}

void sess_queue_put_add(struct sess_resp *resp, const struct sess_queue_add *add)
{
	sess_resp_text(resp, add->key ? add->key : "");
	sess_resp_text(resp, add->order ? add->order : "");
	sess_resp_arg(resp, add->body, add->octets);
	sess_resp_integer(resp, add->key_ms ? add->key_ms : QUEUE_KEY_MS_DEFAULT);
}

static void on_added(struct queue_ask *ask, enum sess_queue_result result, const struct sess_redis_reply *reply)
{
	struct sess_queue *queue = ask->queue;
	struct sess_queue_id id = { 0 };
	bool known = false;
	if (result == SESS_QUEUE_OK) {
		struct sess_redis_reply was = sess_reply_at(reply, 0);
		if (reply->kind == SESS_REPLY_ARRAY)
			result = SESS_QUEUE_AGAIN;
		else if (reply->kind == SESS_REPLY_INTEGER)
			result = SESS_QUEUE_FULL;
		else if (reply->kind == SESS_REPLY_NIL)
			result = SESS_QUEUE_GONE;
		else
			was = *reply;
		known = sess_queue_parse_id(&id, was.text, was.octets);
		if (result == SESS_QUEUE_OK) {
			queue->counters.added++;
			queue->hints |= (uint64_t)1 << ask->partition;
		} else if (result == SESS_QUEUE_AGAIN)
			queue->counters.repeated++;
	}
	if (ask->to.add)
		ask->to.add(ask->ctx, ask->token, result, known ? &id : NULL);
}

int sess_queue_add(struct sess_queue *queue, const struct sess_queue_add *add, sess_queue_add_cb *cb, void *ctx, uint64_t token)
{
	if (queue->asks.closing)
		return -ENOTCONN;
	if (!sess_queue_add_ok(add) || !add->partition_by)
		return -EINVAL;
	struct queue_ask *ask = sess_queue_ask_new(queue, QUEUE_SCRIPT_ADD, sess_store_partition(add->partition_by), 1, 6,
						   QUEUE_DONE_KEY_OCTETS + SESS_QUEUE_KEY_MAX + SESS_ID_MAX + add->octets, on_added);
	ask->to.add = cb;
	ask->ctx = ctx;
	ask->token = token;
	put_done_key(ask, queue, add);
	sess_queue_put_add(&ask->sent.resp, add);
	sess_resp_integer(&ask->sent.resp, queue->length_max);
	sess_queue_ask_go(ask);
	return 0;
}

int sess_queue_dead_retry(struct sess_queue *queue, const struct sess_queue_dead_id *id, sess_queue_add_cb *cb, void *ctx, uint64_t token)
{
	if (queue->asks.closing)
		return -ENOTCONN;
	if (id->partition >= SESS_QUEUE_PARTITIONS)
		return -EINVAL;
	struct queue_ask *ask = sess_queue_ask_new(queue, QUEUE_SCRIPT_REVIVE, id->partition, 0, 1, QUEUE_KEY_OCTETS, on_added);
	ask->to.add = cb;
	ask->ctx = ctx;
	ask->token = token;
	sess_queue_ask_id(ask, &id->id);
	sess_queue_ask_go(ask);
	return 0;
}

/* ------------------------------------------------------------------ settle */

enum { SETTLED_ALREADY = -1, SETTLED_LOST = 0, SETTLED_BEFORE = 2, SETTLED_FOLLOWER = 4 };

static void on_settled(struct queue_ask *ask, enum sess_queue_result result, const struct sess_redis_reply *reply)
{
	struct sess_queue *queue = ask->queue;
	if (result == SESS_QUEUE_OK) {
		int64_t said = reply->integer;
		if (said == SETTLED_ALREADY)
			result = SESS_QUEUE_GONE;
		else if (said == SETTLED_LOST)
			result = SESS_QUEUE_LOST;
		else if (said & SETTLED_BEFORE)
			result = SESS_QUEUE_AGAIN;
		if (said > 0 && said & SETTLED_FOLLOWER)
			queue->hints |= (uint64_t)1 << ask->partition;
		if (result == SESS_QUEUE_GONE || result == SESS_QUEUE_LOST)
			queue->counters.lost++;
		else if (ask->counted)
			++*ask->counted;
	}
	if (ask->to.settle)
		ask->to.settle(ask->ctx, ask->token, result);
}

bool sess_queue_handle_ok(const struct sess_queue_handle *handle)
{
	return handle->partition < SESS_QUEUE_PARTITIONS && memchr(handle->order, 0, sizeof(handle->order)) && order_ok(handle->order);
}

/* The part that all verbs share; `args` beyond it, and `extra_keys`, are to be added (the keys first). */
static struct queue_ask *settle_new(struct sess_queue *queue, const struct sess_queue_handle *handle, unsigned int extra_keys,
				    unsigned int args, size_t room)
{
	return sess_queue_ask_new(queue, QUEUE_SCRIPT_SETTLE, handle->partition, extra_keys, 8 + extra_keys + args,
				  200 + strlen(queue->group) + strlen(queue->consumer) + room, on_settled);
}

static void put_handle(struct queue_ask *ask, const struct sess_queue_handle *handle, const char *verb)
{
	struct sess_queue *queue = ask->queue;
	sess_resp_text(&ask->sent.resp, queue->group);
	sess_resp_text(&ask->sent.resp, queue->consumer);
	sess_queue_ask_id(ask, &handle->id);
	sess_resp_integer(&ask->sent.resp, handle->attempt);
	sess_resp_text(&ask->sent.resp, handle->order);
	sess_resp_text(&ask->sent.resp, queue->shared ? "1" : "");
	sess_resp_text(&ask->sent.resp, handle->claimed ? "1" : "");
	sess_resp_text(&ask->sent.resp, verb);
}

static int settle_go(struct queue_ask *ask, sess_queue_settle_cb *cb, void *ctx, uint64_t token)
{
	ask->to.settle = cb;
	ask->ctx = ctx;
	ask->token = token;
	sess_queue_ask_go(ask);
	return 0;
}

static int settle_check(const struct sess_queue *queue, const struct sess_queue_handle *handle)
{
	if (queue->asks.closing)
		return -ENOTCONN;
	return sess_queue_handle_ok(handle) ? 0 : -EINVAL;
}

/* A key elsewhere would not be in the same slot, and the effect not atomic in a cluster. */
static bool effect_ok(const struct sess_queue *queue, const struct sess_queue_handle *handle, const struct sess_queue_effect *effect)
{
	char tag[8];
	snprintf(tag, sizeof(tag), "{p%02u}", (unsigned int)(handle->partition % SESS_QUEUE_PARTITIONS));
	if (effect->key && (strlen(effect->key) > EFFECT_KEY_MAX || effect->octets > SESS_QUEUE_BODY_MAX || !strstr(effect->key, tag)))
		return false;
	return !effect->next_queue || (effect->next_queue->redis == queue->redis && sess_queue_add_ok(&effect->next));
}

int sess_queue_done(struct sess_queue *queue, const struct sess_queue_handle *handle, const struct sess_queue_effect *effect,
		    sess_queue_settle_cb *cb, void *ctx, uint64_t token)
{
	static const struct sess_queue_effect none;
	int rc = settle_check(queue, handle);
	if (rc < 0)
		return rc;
	if (!effect)
		effect = &none;
	if (!effect_ok(queue, handle, effect))
		return -EINVAL;
	struct sess_queue *next = effect->next_queue;
	struct queue_ask *ask = settle_new(queue, handle, (effect->key ? 1 : 0) + (next ? 2 : 0), 8,
					   EFFECT_KEY_MAX + QUEUE_DONE_KEY_OCTETS * 2 + effect->octets + (next ? effect->next.octets : 0));
	if (effect->key)
		sess_resp_text(&ask->sent.resp, effect->key);
	if (next) {
		sess_resp_text(&ask->sent.resp, next->keys[handle->partition][QUEUE_KEY_STREAM]);
		put_done_key(ask, next, &effect->next);
	}
	put_handle(ask, handle, "done");
	sess_resp_text(&ask->sent.resp, effect->key ? "1" : "");
	sess_resp_arg(&ask->sent.resp, effect->value, effect->key ? effect->octets : 0);
	sess_resp_integer(&ask->sent.resp, effect->expire_ms);
	sess_resp_text(&ask->sent.resp, next ? "1" : "");
	sess_queue_put_add(&ask->sent.resp, next ? &effect->next : &none.next);
	ask->counted = &queue->counters.done;
	if (next)
		next->hints |= (uint64_t)1 << handle->partition;
	return settle_go(ask, cb, ctx, token);
}

int sess_queue_later(struct sess_queue *queue, const struct sess_queue_handle *handle, unsigned int pause_ms,
		     sess_queue_settle_cb *cb, void *ctx, uint64_t token)
{
	int rc = settle_check(queue, handle);
	if (rc < 0)
		return rc;
	struct queue_ask *ask = settle_new(queue, handle, 0, 1, 24);
	put_handle(ask, handle, "later");
	sess_resp_integer(&ask->sent.resp, pause_ms);
	ask->counted = &queue->counters.delayed;
	return settle_go(ask, cb, ctx, token);
}

int sess_queue_bury(struct sess_queue *queue, const struct sess_queue_handle *handle, const char *reason,
		    sess_queue_settle_cb *cb, void *ctx, uint64_t token)
{
	int rc = settle_check(queue, handle);
	if (rc < 0)
		return rc;
	struct queue_ask *ask = settle_new(queue, handle, 0, 1, SESS_QUEUE_REASON_MAX);
	put_handle(ask, handle, "bury");
	sess_resp_arg(&ask->sent.resp, reason, strnlen(reason, SESS_QUEUE_REASON_MAX));
	ask->counted = &queue->counters.buried;
	return settle_go(ask, cb, ctx, token);
}

int sess_queue_renew(struct sess_queue *queue, const struct sess_queue_handle *handle, sess_queue_settle_cb *cb, void *ctx, uint64_t token)
{
	int rc = settle_check(queue, handle);
	if (rc < 0)
		return rc;
	struct queue_ask *ask = settle_new(queue, handle, 0, 0, 0);
	put_handle(ask, handle, "renew");
	return settle_go(ask, cb, ctx, token);
}

/* ------------------------------------------------------------------ life */

void sess_queue_watch(struct queue_watch *watch, struct sess_queue *queue)
{
	watch->queue = queue;
	llist_add_tail(&watch->list, &queue->watches);
}

void sess_queue_unwatch(struct queue_watch *watch)
{
	if (watch->queue)
		llist_del(&watch->list);
	watch->queue = NULL;
}

static int queue_free(struct sess_queue *queue)
{
	struct queue_watch *watch;
	sess_asks_fini(&queue->asks);
	while ((watch = llist_first_entry_or_null(&queue->watches, struct queue_watch, list)))
		sess_queue_unwatch(watch);
	return 0;
}

static void name_keys(struct sess_queue *queue)
{
	static const char *const prefix[QUEUE_KEYS] = {
		[QUEUE_KEY_LATER] = "later", [QUEUE_KEY_HELD] = "held", [QUEUE_KEY_TURN] = "turn",
		[QUEUE_KEY_CLAIMS] = "claims", [QUEUE_KEY_DEAD] = "dead",
	};
	for (unsigned int p = 0; p < SESS_QUEUE_PARTITIONS; p++) {
		snprintf(queue->keys[p][QUEUE_KEY_STREAM], QUEUE_KEY_OCTETS, "%s:{p%02u}", queue->name, p);
		for (int key = QUEUE_KEY_LATER; key < QUEUE_KEYS; key++)
			snprintf(queue->keys[p][key], QUEUE_KEY_OCTETS, "%s:{p%02u}:%s", prefix[key], p, queue->name);
	}
}

static bool config_ok(const struct sess_queue_config *config)
{
	size_t octets = strlen(config->name);
	return octets > 0 && octets <= SESS_QUEUE_NAME_MAX && strspn(config->name, "abcdefghijklmnopqrstuvwxyz0123456789-") == octets &&
	       config->group && *config->group && config->consumer && *config->consumer && strcmp(config->consumer, "parked") != 0;
}

struct sess_queue *sess_queue_alloc(void *ctx, struct sess_redis *redis, const struct sess_queue_config *config)
{
	if (!config_ok(config))
		return NULL;
	struct sess_queue *queue = talloc_zero(ctx, struct sess_queue);
	OSMO_ASSERT(queue);
	queue->redis = redis;
	strcpy(queue->name, config->name);
	queue->group = talloc_strdup(queue, config->group);
	queue->consumer = talloc_strdup(queue, config->consumer);
	queue->shared = config->shared;
	queue->held_max = config->held_max ? config->held_max : HELD_MAX_DEFAULT;
	queue->length_max = config->length_max;
	queue->claims_max = config->claims_max ? config->claims_max : CLAIMS_MAX_DEFAULT;
	name_keys(queue);
	for (int script = QUEUE_SCRIPT_ADD; script < QUEUE_SCRIPTS; script++)
		queue->scripts[script] = (struct sess_script){ sess_queue_lua[script], sess_redis_script(redis, sess_queue_lua[script]) };
	sess_asks_init(&queue->asks, redis, &queue->counters.failures, &queue->counters.reloads);
	INIT_LLIST_HEAD(&queue->watches);
	talloc_set_destructor(queue, queue_free);
	return queue;
}

const struct sess_queue_counters *sess_queue_counters(const struct sess_queue *queue)
{
	return &queue->counters;
}
