/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The queue: its life, adding and settling, and the ask below all of it. queue_take.c takes and claims, queue_admin.c lists the
 * dead and keeps up, queue_lua.c is what happens in Redis.
 *
 * An ask is one command in flight, kept as it was sent: when Redis has forgotten the script (SCRIPT FLUSH, a failover), the
 * script is loaded and the same command sent once more. What cannot even be sent is answered from a timer. An ask outlives a
 * queue that is freed: its asker is told DOWN, and the ask stays behind, `queue` NULL, for the reply to find. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "sessions/queue_priv.h"
#include "sessions/store.h"

#include <osmocom/core/utils.h>

#define KEY_MS_DEFAULT (24u * 3600 * 1000)
#define HELD_MAX_DEFAULT 1000
#define CLAIMS_MAX_DEFAULT 5
#define DONE_KEY_OCTETS (32 + SESS_QUEUE_NAME_MAX + SESS_QUEUE_KEY_MAX)
#define EFFECT_KEY_MAX 256
#define SHA_DIGITS 40

/* ------------------------------------------------------------------ asks */

/* EVALSHA, or EVAL while redis has not told the digest: queues opened on a connection that is up already. */
static void put_script(struct queue_ask *ask, unsigned int extra_keys)
{
	struct sess_queue *queue = ask->queue;
	bool add = ask->script == QUEUE_SCRIPT_ADD;
	const char *sha = queue->sha[ask->script];
	sess_resp_text(&ask->resp, *sha ? "EVALSHA" : "EVAL");
	sess_resp_text(&ask->resp, *sha ? sha : sess_queue_lua[ask->script]);
	sess_resp_integer(&ask->resp, (add ? 1 : QUEUE_KEYS) + extra_keys);
	for (int key = 0; key < (add ? 1 : QUEUE_KEYS); key++)
		sess_resp_text(&ask->resp, queue->keys[ask->partition][key]);
}

struct queue_ask *sess_queue_ask_new(struct sess_queue *queue, enum queue_script script, unsigned int partition,
				     unsigned int extra_keys, unsigned int args, size_t room, queue_ask_cb *answered)
{
	size_t cap = room + (args + 1) * SESS_RESP_ARG_OVERHEAD + 1;
	if (script != QUEUE_SCRIPT_NONE) {
		args += 3 + (script == QUEUE_SCRIPT_ADD ? 1 : QUEUE_KEYS);
		cap += (3 + QUEUE_KEYS) * (SESS_RESP_ARG_OVERHEAD + QUEUE_KEY_OCTETS);
		cap += *queue->sha[script] ? SHA_DIGITS : strlen(sess_queue_lua[script]);
	}
	struct queue_ask *ask = malloc(sizeof(*ask) + cap);
	OSMO_ASSERT(ask);
	*ask = (struct queue_ask){ .queue = queue, .answered = answered, .script = script, .partition = partition };
	llist_add_tail(&ask->list, &queue->asks);
	sess_resp_begin(&ask->resp, ask->command, cap, args);
	if (script != QUEUE_SCRIPT_NONE)
		put_script(ask, extra_keys);
	return ask;
}

void sess_queue_ask_id(struct queue_ask *ask, const struct sess_queue_id *id)
{
	char text[48];
	int octets = snprintf(text, sizeof(text), "%llu-%llu", (unsigned long long)id->ms, (unsigned long long)id->seq);
	sess_resp_arg(&ask->resp, text, (size_t)octets);
}

/* The last thing that its caller does: the asker may free the queue. */
static void ask_answer(struct queue_ask *ask, enum sess_queue_result result, const struct sess_redis_reply *reply)
{
	llist_del(&ask->list);
	if (result != SESS_QUEUE_OK)
		ask->queue->counters.failures++;
	ask->answered(ask, result, reply);
	free(ask);
}

static void on_refused_timer(void *data)
{
	struct sess_queue *queue = data;
	struct queue_ask *ask = llist_first_entry_or_null(&queue->refused, struct queue_ask, list);
	if (!ask)
		return;
	if (ask->list.next != &queue->refused)
		osmo_timer_schedule(&queue->refused_timer, 0, 0);
	ask_answer(ask, ask->refusal, NULL);
}

static sess_redis_cb on_reply;

static int ask_send(struct queue_ask *ask)
{
	size_t octets = sess_resp_octets(&ask->resp);
	OSMO_ASSERT(octets);
	return sess_redis_raw(ask->queue->redis, on_reply, ask, 0, ask->command, octets);
}

void sess_queue_ask_go(struct queue_ask *ask)
{
	struct sess_queue *queue = ask->queue;
	int rc = ask_send(ask);
	if (rc == 0)
		return;
	ask->refusal = rc == -EAGAIN ? SESS_QUEUE_BUSY : SESS_QUEUE_DOWN;
	llist_move_tail(&ask->list, &queue->refused);
	if (!osmo_timer_pending(&queue->refused_timer))
		osmo_timer_schedule(&queue->refused_timer, 0, 0);
}

/* Commands are done in order: the script is there when the same command comes again. */
static bool ask_again(struct queue_ask *ask)
{
	const char *argv[] = { "SCRIPT", "LOAD", sess_queue_lua[ask->script] };
	ask->reloaded = true;
	ask->queue->counters.reloads++;
	return sess_redis_command(ask->queue->redis, NULL, NULL, 0, 3, argv, NULL) == 0 && ask_send(ask) == 0;
}

static bool forgotten(const struct queue_ask *ask, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	return outcome == SESS_REDIS_ERROR && ask->script != QUEUE_SCRIPT_NONE && !ask->reloaded && reply->octets >= 8 &&
	       memcmp(reply->text, "NOSCRIPT", 8) == 0;
}

static void on_reply(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	struct queue_ask *ask = ctx;
	(void)token;
	if (!ask->queue) {
		free(ask);
		return;
	}
	if (forgotten(ask, outcome, reply) && ask_again(ask))
		return;
	/* The error's text is for who asked a plain command; a script's asker learns only that it failed. */
	ask_answer(ask, outcome == SESS_REDIS_OK ? SESS_QUEUE_OK : SESS_QUEUE_DOWN,
		   outcome == SESS_REDIS_OK || outcome == SESS_REDIS_ERROR ? reply : NULL);
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

struct sess_redis_reply sess_queue_at(const struct sess_redis_reply *reply, size_t index)
{
	struct sess_redis_reply element = { .kind = SESS_REPLY_NIL };
	if (reply->kind == SESS_REPLY_ARRAY && index < reply->n)
		sess_redis_element(reply, index, &element);
	return element;
}

/* ------------------------------------------------------------------ add */

static bool order_ok(const char *order)
{
	static const char also[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-._";
	return !order || (strlen(order) <= SESS_ID_MAX && strspn(order, also) == strlen(order));
}

static bool add_ok(const struct sess_queue_add *add)
{
	return order_ok(add->order) && (!add->key || strlen(add->key) <= SESS_QUEUE_KEY_MAX) && add->octets <= SESS_QUEUE_BODY_MAX;
}

static void put_done_key(struct queue_ask *ask, const struct sess_queue *queue, const struct sess_queue_add *add)
{
	char key[DONE_KEY_OCTETS];
	int octets = snprintf(key, sizeof(key), "done:{p%02u}:%s:%s", ask->partition, queue->name, add->key ? add->key : "");
	sess_resp_arg(&ask->resp, key, (size_t)octets);
}

/* key, order, body, key_ms: as the scripts take them. */
static void put_add(struct queue_ask *ask, const struct sess_queue_add *add)
{
	sess_resp_text(&ask->resp, add->key ? add->key : "");
	sess_resp_text(&ask->resp, add->order ? add->order : "");
	sess_resp_arg(&ask->resp, add->body, add->octets);
	sess_resp_integer(&ask->resp, add->key_ms ? add->key_ms : KEY_MS_DEFAULT);
}

static void on_added(struct queue_ask *ask, enum sess_queue_result result, const struct sess_redis_reply *reply)
{
	struct sess_queue *queue = ask->queue;
	struct sess_queue_id id = { 0 };
	bool known = false;
	if (result == SESS_QUEUE_OK) {
		struct sess_redis_reply was = sess_queue_at(reply, 0);
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
	if (queue->closing)
		return -ENOTCONN;
	if (!add_ok(add) || !add->partition_by)
		return -EINVAL;
	struct queue_ask *ask = sess_queue_ask_new(queue, QUEUE_SCRIPT_ADD, sess_store_partition(add->partition_by), 1, 6,
						   DONE_KEY_OCTETS + SESS_QUEUE_KEY_MAX + SESS_ID_MAX + add->octets, on_added);
	ask->to.add = cb;
	ask->ctx = ctx;
	ask->token = token;
	put_done_key(ask, queue, add);
	put_add(ask, add);
	sess_resp_integer(&ask->resp, queue->length_max);
	sess_queue_ask_go(ask);
	return 0;
}

int sess_queue_dead_retry(struct sess_queue *queue, const struct sess_queue_dead_id *id, sess_queue_add_cb *cb, void *ctx, uint64_t token)
{
	if (queue->closing)
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

static bool handle_ok(const struct sess_queue_handle *handle)
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
	sess_resp_text(&ask->resp, queue->group);
	sess_resp_text(&ask->resp, queue->consumer);
	sess_queue_ask_id(ask, &handle->id);
	sess_resp_integer(&ask->resp, handle->attempt);
	sess_resp_text(&ask->resp, handle->order);
	sess_resp_text(&ask->resp, queue->shared ? "1" : "");
	sess_resp_text(&ask->resp, handle->claimed ? "1" : "");
	sess_resp_text(&ask->resp, verb);
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
	if (queue->closing)
		return -ENOTCONN;
	return handle_ok(handle) ? 0 : -EINVAL;
}

/* A key elsewhere would not be in the same slot, and the effect not atomic in a cluster. */
static bool effect_ok(const struct sess_queue *queue, const struct sess_queue_handle *handle, const struct sess_queue_effect *effect)
{
	char tag[8];
	snprintf(tag, sizeof(tag), "{p%02u}", (unsigned int)(handle->partition % SESS_QUEUE_PARTITIONS));
	if (effect->key && (strlen(effect->key) > EFFECT_KEY_MAX || effect->octets > SESS_QUEUE_BODY_MAX || !strstr(effect->key, tag)))
		return false;
	return !effect->next_queue || (effect->next_queue->redis == queue->redis && add_ok(&effect->next));
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
					   EFFECT_KEY_MAX + DONE_KEY_OCTETS * 2 + effect->octets + (next ? effect->next.octets : 0));
	if (effect->key)
		sess_resp_text(&ask->resp, effect->key);
	if (next) {
		sess_resp_text(&ask->resp, next->keys[handle->partition][QUEUE_KEY_STREAM]);
		put_done_key(ask, next, &effect->next);
	}
	put_handle(ask, handle, "done");
	sess_resp_text(&ask->resp, effect->key ? "1" : "");
	sess_resp_arg(&ask->resp, effect->value, effect->key ? effect->octets : 0);
	sess_resp_integer(&ask->resp, effect->expire_ms);
	sess_resp_text(&ask->resp, next ? "1" : "");
	put_add(ask, next ? &effect->next : &none.next);
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
	sess_resp_integer(&ask->resp, pause_ms);
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
	sess_resp_arg(&ask->resp, reason, strnlen(reason, SESS_QUEUE_REASON_MAX));
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

static void tell_down(struct queue_ask *ask)
{
	ask->answered(ask, SESS_QUEUE_DOWN, NULL);
}

/* `closing` refuses new asks, so that the lists only become shorter. */
static int queue_free(struct sess_queue *queue)
{
	struct queue_ask *ask, *next;
	queue->closing = true;
	llist_for_each_entry_safe(ask, next, &queue->refused, list) {
		tell_down(ask);
		free(ask);
	}
	while ((ask = llist_first_entry_or_null(&queue->asks, struct queue_ask, list))) {
		/* Its command is with Redis: it stays behind for the reply. */
		llist_del_init(&ask->list);
		tell_down(ask);
		ask->queue = NULL;
	}
	osmo_timer_del(&queue->refused_timer);
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
		queue->sha[script] = sess_redis_script(redis, sess_queue_lua[script]);
	INIT_LLIST_HEAD(&queue->asks);
	INIT_LLIST_HEAD(&queue->refused);
	osmo_timer_setup(&queue->refused_timer, on_refused_timer, queue);
	talloc_set_destructor(queue, queue_free);
	return queue;
}

const struct sess_queue_counters *sess_queue_counters(const struct sess_queue *queue)
{
	return &queue->counters;
}
