/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The session store. It owns its cache and a record (struct op) of each request in flight; redis is only used.
 *
 * A save is a compare-and-set by a script that Redis keeps (EVALSHA); when Redis has forgotten it (SCRIPT FLUSH, a
 * failover) the same command is sent once more with the script's text (EVAL). So a record keeps the value until its answer, which
 * then also enters the cache. Sets that need no comparison (`replace`) are a plain SET. A first save is a SET NX, at half of a
 * script's cost; only if something stands there is the script asked, which tells what it is.
 *
 * What cannot even be sent is answered from a timer, never from inside the call. A record outlives a store that is freed: the
 * store answers its caller with DOWN and leaves it behind, `store` NULL, for the reply to find. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <talloc.h>
#define typeof __typeof__ /* linuxlist.h asks for GNU C, and we compile as C11 */
#include <osmocom/core/linuxlist.h>
#include <osmocom/core/timer.h>
#include <osmocom/core/utils.h>

#include "sessions/cache.h"
#include "sessions/clock.h"
#include "sessions/resp.h"
#include "sessions/store.h"

#define PARTITIONS 64
#define KEY_OCTETS_MAX (16 + SESS_ID_MAX)
#define VALUE_INLINE 512                          /* most values; larger ones are allocated */
#define OPS_KEPT 256                              /* free records kept for the next request */
#define SCRIPT_SHA 40
#define COMMAND_OCTETS_MAX (SESS_VALUE_OCTETS_MAX + 1024)  /* with a script's text */

/* Save ARGV[2] until ARGV[3] if the value's head is the stamp ARGV[1] ("": no value); else tell what stands there. Numbers
 * are quoted: Lua would make them floats, and Redis print those; a tenth of what the script costs. */
static const char save_lua[] =
	"local c,k,a=redis.call,KEYS[1],ARGV "
	"if c('GETRANGE',k,'0','7')==a[1] then c('SET',k,a[2],'PXAT',a[3]) return 1 end "
	"return c('GET',k)";

/* The same, and lists ARGV[5] as waiting until ARGV[4], or takes it off if that is empty. ARGV[1] "*": whatever stands there. */
static const char save_waiting_lua[] =
	"local c,k,a=redis.call,KEYS[1],ARGV "
	"if a[1]=='*' or c('GETRANGE',k,'0','7')==a[1] then c('SET',k,a[2],'PXAT',a[3]) "
	"if a[4]=='' then c('ZREM',KEYS[2],a[5]) else c('ZADD',KEYS[2],a[4],a[5]) end return 1 end "
	"return c('GET',k)";

enum op_kind { OP_LOAD, OP_SAVE, OP_PROFILE };

/* One request in flight. */
struct op {
	struct llist_head list;          /* in store->ops, store->refused or store->kept */
	struct sess_store *store;        /* NULL: the store is gone, and its caller answered */
	enum op_kind kind;
	sess_store_cb *cb;
	sess_redis_cb *profile_cb;
	void *ctx;
	uint64_t token;
	enum sess_store_result refusal;  /* while in store->refused */
	char id[SESS_ID_MAX + 1];
	/* Of a save, what it takes to send it again. */
	bool replace, waiting, reloaded, occupied;
	uint8_t base[SESS_STAMP_OCTETS];
	uint8_t base_octets;             /* 0: there must be no value */
	int64_t expire_ms, wait_until_ms;
	size_t octets;
	uint8_t *value;                  /* value_inline, or allocated */
	uint8_t value_inline[VALUE_INLINE];
};

struct sess_store {
	struct sess_redis *redis;
	struct sess_cache *cache;
	const char *save_sha, *save_waiting_sha;   /* redis' */
	struct llist_head ops, refused, kept;
	unsigned int kept_n;
	struct due *due;                           /* the look at the waiting list that is under way */
	struct osmo_timer_list refused_timer;
	uint64_t nonces;                           /* where the next nonce comes from */
	struct sess_store_counters counters;
	struct session cached, answered;           /* what the caller is shown, until the next call or during a callback */
	uint8_t value[SESS_VALUE_OCTETS_MAX];
	char command[COMMAND_OCTETS_MAX];
};

/* ------------------------------------------------------------------ keys */

/* CRC16 as Redis Cluster takes it (XMODEM: polynomial 0x1021, from 0), four bits at a time. */
static uint16_t crc16(const char *text)
{
	static const uint16_t table[16] = {
		0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50a5, 0x60c6, 0x70e7,
		0x8108, 0x9129, 0xa14a, 0xb16b, 0xc18c, 0xd1ad, 0xe1ce, 0xf1ef,
	};
	uint16_t crc = 0;
	for (const uint8_t *at = (const uint8_t *)text; *at; at++) {
		crc = (uint16_t)(crc << 4) ^ table[crc >> 12 ^ *at >> 4];
		crc = (uint16_t)(crc << 4) ^ table[crc >> 12 ^ (*at & 15)];
	}
	return crc;
}

unsigned int sess_store_partition(const char *id)
{
	return crc16(id) % PARTITIONS;
}

/* prefix + "{pNN}" + ":" + id, or without the id if that is NULL. */
static size_t make_key(char key[KEY_OCTETS_MAX], const char *prefix, unsigned int partition, const char *id)
{
	char *at = stpcpy(key, prefix);
	*at++ = '{';
	*at++ = 'p';
	*at++ = (char)('0' + partition / 10);
	*at++ = (char)('0' + partition % 10);
	*at++ = '}';
	if (id) {
		*at++ = ':';
		at = stpcpy(at, id);
	}
	return (size_t)(at - key);
}

static void add_key(struct sess_resp *resp, const char *prefix, unsigned int partition, const char *id)
{
	char key[KEY_OCTETS_MAX];
	sess_resp_arg(resp, key, make_key(key, prefix, partition, id));
}

/* ------------------------------------------------------------------ records */

static void op_detach_value(struct op *op)
{
	if (op->value != op->value_inline)
		free(op->value);
	op->value = op->value_inline;
	op->octets = 0;
}

static struct op *op_alloc(struct sess_store *store, enum op_kind kind, const char *id, void *ctx, uint64_t token)
{
	struct op *op;
	OSMO_ASSERT(strlen(id) <= SESS_ID_MAX);
	if (store->kept_n) {
		op = llist_first_entry(&store->kept, struct op, list);
		llist_del(&op->list);
		store->kept_n--;
	} else {
		op = malloc(sizeof(*op));
		OSMO_ASSERT(op);
		op->value = op->value_inline;
	}
	op->store = store;
	op->kind = kind;
	op->cb = NULL;
	op->profile_cb = NULL;
	op->ctx = ctx;
	op->token = token;
	op->octets = 0;
	strcpy(op->id, id);
	llist_add_tail(&op->list, &store->ops);
	return op;
}

/* Out of its list; kept for the next, up to a limit. */
static void op_free(struct op *op)
{
	struct sess_store *store = op->store;
	op_detach_value(op);
	if (store)
		llist_del(&op->list);
	if (!store || store->kept_n >= OPS_KEPT) {
		free(op);
		return;
	}
	llist_add(&op->list, &store->kept);
	store->kept_n++;
}

/* The last thing that its caller does: the callback may free the store. */
static void op_answer(struct op *op, enum sess_store_result result, const struct session *session)
{
	sess_store_cb *cb = op->cb;
	void *ctx = op->ctx;
	uint64_t token = op->token;
	if (result == SESS_STORE_DOWN || result == SESS_STORE_BUSY)
		op->store->counters.failures++;
	op_free(op);
	if (cb)
		cb(ctx, token, result, session);
}

/* DOWN or BUSY, whichever kind it is. */
static void op_fail(struct op *op, enum sess_store_result result)
{
	sess_redis_cb *profile_cb = op->profile_cb;
	void *ctx = op->ctx;
	uint64_t token = op->token;
	if (op->kind != OP_PROFILE) {
		op_answer(op, result, NULL);
		return;
	}
	op->store->counters.failures++;
	op_free(op);
	profile_cb(ctx, token, SESS_REDIS_LOST, NULL);
}

/* A callback may free the store, which then answers the others: so one at a time, and the timer again for the next. */
static void on_refused_timer(void *data)
{
	struct sess_store *store = data;
	struct op *op = llist_first_entry_or_null(&store->refused, struct op, list);
	if (!op)
		return;
	if (op->list.next != &store->refused)
		osmo_timer_schedule(&store->refused_timer, 0, 0);
	op_fail(op, op->refusal);
}

/* It could not be sent: to be answered in the next turn. */
static void op_refuse(struct op *op, int error)
{
	struct sess_store *store = op->store;
	op->refusal = error == -EAGAIN ? SESS_STORE_BUSY : SESS_STORE_DOWN;
	llist_move_tail(&op->list, &store->refused);
	if (!osmo_timer_pending(&store->refused_timer))
		osmo_timer_schedule(&store->refused_timer, 0, 0);
}

static int send(struct sess_store *store, sess_redis_cb *cb, void *ctx, uint64_t token, const struct sess_resp *resp)
{
	size_t octets = sess_resp_octets(resp);
	OSMO_ASSERT(octets);
	return sess_redis_raw(store->redis, cb, ctx, token, resp->buf, octets);
}

/* ------------------------------------------------------------------ values */

/* A reply's value into *session; false, and an empty session, if there is none that we can read. */
static bool read_value(struct sess_store *store, struct session *session, const struct sess_redis_reply *reply)
{
	if (reply->kind == SESS_REPLY_STRING) {
		if (sess_session_decode(session, (const uint8_t *)reply->text, reply->octets) == 0)
			return true;
		store->counters.unreadable++;
	}
	memset(session, 0, offsetof(struct session, place));
	return false;
}

const struct session *sess_store_cached(struct sess_store *store, const char *id)
{
	struct sess_cache_entry *entry = sess_cache_find(store->cache, id, sess_clock_wall_ms());
	if (!entry || sess_session_decode(&store->cached, entry->value, entry->octets) < 0)
		return NULL;
	store->counters.cache_hits++;
	return &store->cached;
}

/* ------------------------------------------------------------------ load */

static void on_loaded(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	struct op *op = ctx;
	struct sess_store *store = op->store;
	(void)token;
	if (!store)
		op_free(op);
	else if (outcome != SESS_REDIS_OK)
		op_answer(op, SESS_STORE_DOWN, NULL);
	else if (read_value(store, &store->answered, reply))
		op_answer(op, SESS_STORE_OK, &store->answered);
	else
		op_answer(op, SESS_STORE_NONE, NULL);
}

void sess_store_load(struct sess_store *store, const char *id, sess_store_cb *cb, void *ctx, uint64_t token)
{
	struct op *op = op_alloc(store, OP_LOAD, id, ctx, token);
	struct sess_resp resp;
	op->cb = cb;
	store->counters.loads++;
	sess_cache_drop(store->cache, id);
	sess_resp_begin(&resp, store->command, sizeof(store->command), 2);
	sess_resp_text(&resp, "GET");
	add_key(&resp, "ussd:", sess_store_partition(id), id);
	int rc = send(store, on_loaded, op, token, &resp);
	if (rc < 0)
		op_refuse(op, rc);
}

/* ------------------------------------------------------------------ save */

static void save_plain(struct sess_resp *resp, struct sess_store *store, const struct op *op)
{
	sess_resp_begin(resp, store->command, sizeof(store->command), op->replace ? 5 : 6);
	sess_resp_text(resp, "SET");
	add_key(resp, "ussd:", sess_store_partition(op->id), op->id);
	sess_resp_arg(resp, op->value, op->octets);
	sess_resp_text(resp, "PXAT");
	sess_resp_integer(resp, op->expire_ms);
	if (!op->replace)
		sess_resp_text(resp, "NX");
}

/* By the script's digest, or by its text if Redis does not know it (yet). */
static void save_script(struct sess_resp *resp, struct sess_store *store, const struct op *op)
{
	const char *sha = op->waiting ? store->save_waiting_sha : store->save_sha;
	unsigned int partition = sess_store_partition(op->id);
	sess_resp_begin(resp, store->command, sizeof(store->command), op->waiting ? 10 : 7);
	if (op->reloaded || !*sha) {
		sess_resp_text(resp, "EVAL");
		sess_resp_text(resp, op->waiting ? save_waiting_lua : save_lua);
	} else {
		sess_resp_text(resp, "EVALSHA");
		sess_resp_arg(resp, sha, SCRIPT_SHA);
	}
	sess_resp_integer(resp, op->waiting ? 2 : 1);
	add_key(resp, "ussd:", partition, op->id);
	if (op->waiting)
		add_key(resp, "waiting:", partition, NULL);
	if (op->replace)
		sess_resp_text(resp, "*");
	else
		sess_resp_arg(resp, op->base, op->base_octets);
	sess_resp_arg(resp, op->value, op->octets);
	sess_resp_integer(resp, op->expire_ms);
	if (!op->waiting)
		return;
	if (op->wait_until_ms > 0)
		sess_resp_integer(resp, op->wait_until_ms);
	else
		sess_resp_text(resp, "");
	sess_resp_text(resp, op->id);
}

/* Nothing is to be compared: whatever stands there is replaced, or nothing may stand there (and we have not met anything). */
static bool is_plain(const struct op *op)
{
	return !op->waiting && (op->replace || (!op->base_octets && !op->occupied));
}

static sess_redis_cb on_saved;

static int save_send(struct sess_store *store, struct op *op)
{
	struct sess_resp resp;
	if (is_plain(op))
		save_plain(&resp, store, op);
	else
		save_script(&resp, store, op);
	return send(store, on_saved, op, op->token, &resp);
}

static bool forgotten(enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	return outcome == SESS_REDIS_ERROR && reply->octets >= 8 && memcmp(reply->text, "NOSCRIPT", 8) == 0;
}

/* What stands there is what we wrote: an attempt whose answer was lost. */
static bool is_ours(const struct op *op, const struct sess_redis_reply *reply)
{
	return reply->kind == SESS_REPLY_STRING && reply->octets >= SESS_STAMP_OCTETS &&
	       memcmp(reply->text, op->value, SESS_STAMP_OCTETS) == 0;
}

static void save_again(struct op *op)
{
	if (save_send(op->store, op) < 0)
		op_answer(op, SESS_STORE_DOWN, NULL);
}

static void on_saved(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	struct op *op = ctx;
	struct sess_store *store = op->store;
	(void)token;
	if (!store) {
		op_free(op);
		return;
	}
	if (forgotten(outcome, reply) && !op->reloaded) {
		op->reloaded = true;
		store->counters.reloads++;
		save_again(op);
		return;
	}
	if (outcome == SESS_REDIS_OK && reply->kind == SESS_REPLY_NIL && is_plain(op)) {
		op->occupied = true;
		save_again(op);
		return;
	}
	if (outcome != SESS_REDIS_OK) {
		op_answer(op, SESS_STORE_DOWN, NULL);
		return;
	}
	if (reply->kind == SESS_REPLY_INTEGER || reply->kind == SESS_REPLY_STATUS || is_ours(op, reply)) {
		sess_cache_put(store->cache, op->id, op->value, op->octets, op->expire_ms);
		op_answer(op, SESS_STORE_OK, NULL);
		return;
	}
	store->counters.conflicts++;
	sess_cache_drop(store->cache, op->id);
	read_value(store, &store->answered, reply);
	op_answer(op, SESS_STORE_CONFLICT, &store->answered);
}

/* Never the same twice in this process, and another sequence in every other: a bijective mix of a counter that began at random. */
static uint32_t next_nonce(struct sess_store *store)
{
	uint64_t x = store->nonces += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)(x >> 32);
}

/* The session becomes the next version, over what it is now; `again` leaves it the attempt that it is. */
static void stamp_attempt(struct sess_store *store, const struct sess_store_save *save)
{
	struct session *s = save->session;
	if (save->again && s->version)
		return;
	s->base_version = s->version;
	s->base_nonce = s->version ? s->nonce : 0;
	s->version = s->version == UINT32_MAX ? 1 : s->version + 1;
	s->nonce = next_nonce(store);
}

static void op_keep_value(struct op *op, const uint8_t *value, size_t octets)
{
	if (octets > VALUE_INLINE) {
		op->value = malloc(octets);
		OSMO_ASSERT(op->value);
	}
	memcpy(op->value, value, octets);
	op->octets = octets;
}

void sess_store_save(struct sess_store *store, const struct sess_store_save *save, sess_store_cb *cb, void *ctx, uint64_t token)
{
	struct op *op = op_alloc(store, OP_SAVE, save->id, ctx, token);
	struct session *s = save->session;
	stamp_attempt(store, save);
	op->cb = cb;
	op->replace = save->replace && !s->base_version;
	op->waiting = save->wait_until_ms > 0 || save->was_waiting;
	op->reloaded = op->occupied = false;
	op->base_octets = s->base_version ? SESS_STAMP_OCTETS : 0;
	sess_session_stamp(s->base_version, s->base_nonce, op->base);
	op->expire_ms = save->expire_ms;
	op->wait_until_ms = save->wait_until_ms;
	store->counters.saves++;
	sess_cache_drop(store->cache, save->id);
	ssize_t octets = sess_session_encode(s, store->value, sizeof(store->value));
	OSMO_ASSERT(octets > 0); /* the caller's session is out of bounds */
	op_keep_value(op, store->value, (size_t)octets);
	int rc = save_send(store, op);
	if (rc < 0)
		op_refuse(op, rc);
}

/* ------------------------------------------------------------------ the waiting list */

/* One look at all partitions; freed with its last reply. */
struct due {
	struct sess_store *store;    /* NULL: the store is gone */
	sess_store_due_cb *cb;
	void *ctx;
	unsigned int left;           /* replies to come, and one while it is being sent */
};

static void due_put(struct due *due)
{
	if (--due->left)
		return;
	if (due->store)
		due->store->due = NULL;
	free(due);
}

static void on_due(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	struct due *due = ctx;
	struct sess_redis_reply element;
	char id[SESS_ID_MAX + 1];
	(void)token;
	size_t n = outcome == SESS_REDIS_OK && reply->kind == SESS_REPLY_ARRAY ? reply->n : 0;
	for (size_t i = 0; i < n && due->store; i++) {
		sess_redis_element(reply, i, &element);
		if (element.kind != SESS_REPLY_STRING || element.octets > SESS_ID_MAX)
			continue;
		memcpy(id, element.text, element.octets);
		id[element.octets] = 0;
		due->cb(due->ctx, id);
	}
	due_put(due);
}

static int due_send(struct sess_store *store, struct due *due, unsigned int partition, int64_t now_ms, unsigned int limit)
{
	struct sess_resp resp;
	sess_resp_begin(&resp, store->command, sizeof(store->command), 7);
	sess_resp_text(&resp, "ZRANGEBYSCORE");
	add_key(&resp, "waiting:", partition, NULL);
	sess_resp_text(&resp, "-inf");
	sess_resp_integer(&resp, now_ms);
	sess_resp_text(&resp, "LIMIT");
	sess_resp_integer(&resp, 0);
	sess_resp_integer(&resp, limit);
	return send(store, on_due, due, partition, &resp);
}

void sess_store_due(struct sess_store *store, int64_t now_ms, unsigned int limit, sess_store_due_cb *cb, void *ctx)
{
	if (store->due)
		return; /* the last look is still under way */
	struct due *due = malloc(sizeof(*due));
	OSMO_ASSERT(due);
	*due = (struct due){ .store = store, .cb = cb, .ctx = ctx, .left = 1 };
	store->due = due;
	for (unsigned int partition = 0; partition < PARTITIONS; partition++) {
		if (due_send(store, due, partition, now_ms, limit) < 0)
			break;
		due->left++;
	}
	due_put(due);
}

void sess_store_unlist(struct sess_store *store, const char *id)
{
	struct sess_resp resp;
	sess_resp_begin(&resp, store->command, sizeof(store->command), 3);
	sess_resp_text(&resp, "ZREM");
	add_key(&resp, "waiting:", sess_store_partition(id), NULL);
	sess_resp_text(&resp, id);
	send(store, NULL, NULL, 0, &resp); /* not sent: it is met again */
}

/* ------------------------------------------------------------------ profiles */

static void on_profile(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	struct op *op = ctx;
	sess_redis_cb *cb = op->profile_cb;
	void *cb_ctx = op->ctx;
	bool orphan = !op->store;
	op_free(op);
	if (!orphan)
		cb(cb_ctx, token, outcome, reply);
}

void sess_store_get_profile(struct sess_store *store, const char *id, sess_redis_cb *cb, void *ctx, uint64_t token)
{
	struct op *op = op_alloc(store, OP_PROFILE, id, ctx, token);
	struct sess_resp resp;
	op->profile_cb = cb;
	sess_resp_begin(&resp, store->command, sizeof(store->command), 2);
	sess_resp_text(&resp, "GET");
	add_key(&resp, "sub:", sess_store_partition(id), id);
	int rc = send(store, on_profile, op, token, &resp);
	if (rc < 0)
		op_refuse(op, rc);
}

int sess_store_set_profile(struct sess_store *store, const char *id, const char *profile, size_t octets)
{
	struct sess_resp resp;
	if (strlen(id) > SESS_ID_MAX || octets > SESS_VALUE_OCTETS_MAX)
		return -EINVAL;
	sess_resp_begin(&resp, store->command, sizeof(store->command), 3);
	sess_resp_text(&resp, "SET");
	add_key(&resp, "sub:", sess_store_partition(id), id);
	sess_resp_arg(&resp, profile, octets);
	return send(store, NULL, NULL, 0, &resp);
}

/* ------------------------------------------------------------------ life */

static void op_tell(struct op *op)
{
	if (op->kind == OP_PROFILE)
		op->profile_cb(op->ctx, op->token, SESS_REDIS_LOST, NULL);
	else if (op->cb)
		op->cb(op->ctx, op->token, SESS_STORE_DOWN, NULL);
}

/* The lists are taken aside first: who asks again from inside such an answer would keep us here for ever. */
static void answer_and_leave(struct sess_store *store)
{
	struct llist_head ops, refused;
	struct op *op, *next;
	INIT_LLIST_HEAD(&ops);
	INIT_LLIST_HEAD(&refused);
	llist_splice_init(&store->ops, &ops);
	llist_splice_init(&store->refused, &refused);
	llist_for_each_entry_safe(op, next, &refused, list) {
		op_tell(op);
		op_detach_value(op);
		free(op);
	}
	while (!llist_empty(&ops)) {
		/* Its request is with Redis: the record stays behind for the reply. */
		op = llist_first_entry(&ops, struct op, list);
		llist_del_init(&op->list);
		op->store = NULL;
		op_tell(op);
	}
}

static void free_all(struct llist_head *ops)
{
	struct op *op, *next;
	llist_for_each_entry_safe(op, next, ops, list) {
		op_detach_value(op);
		free(op);
	}
}

static int store_free(struct sess_store *store)
{
	struct op *op;
	if (store->due)
		store->due->store = NULL;
	store->due = NULL;
	answer_and_leave(store);
	free_all(&store->refused);
	free_all(&store->kept);
	llist_for_each_entry(op, &store->ops, list)
		op->store = NULL;
	osmo_timer_del(&store->refused_timer);
	return 0;
}

struct sess_store *sess_store_alloc(void *ctx, struct sess_redis *redis, const struct sess_store_config *config)
{
	struct sess_store *store = talloc_zero(ctx, struct sess_store);
	OSMO_ASSERT(store);
	OSMO_ASSERT(getrandom(&store->nonces, sizeof(store->nonces), 0) == sizeof(store->nonces));
	store->redis = redis;
	store->cache = sess_cache_alloc(store, config->cache_entries, (uint32_t)store->nonces);
	OSMO_ASSERT(store->cache);
	store->save_sha = sess_redis_script(redis, save_lua);
	store->save_waiting_sha = sess_redis_script(redis, save_waiting_lua);
	INIT_LLIST_HEAD(&store->ops);
	INIT_LLIST_HEAD(&store->refused);
	INIT_LLIST_HEAD(&store->kept);
	osmo_timer_setup(&store->refused_timer, on_refused_timer, store);
	talloc_set_destructor(store, store_free);
	return store;
}

const struct sess_store_counters *sess_store_counters(const struct sess_store *store)
{
	return &store->counters;
}
