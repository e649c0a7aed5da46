/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See feed.h. A put and an ack are scripts: what they look at and what they change is one. */
#include "sessions/feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "sessions/ask.h"
#include "sessions/store.h"

#include <osmocom/core/utils.h>

#define LENGTH_MAX_DEFAULT 1000000
#define MARK_MS 172800000 /* two days: longer than anybody tries to put something again */
#define KEY_OCTETS 128
#define BODY_MAX 65536

struct sess_feeds {
	struct sess_asks asks;
	struct sess_script put, ack;
	unsigned int length_max;
	struct sess_feeds_counters counters;
};

struct feed_ask {
	struct sess_ask ask;
	sess_feed_cb *cb;                /* one of the two */
	sess_feed_read_cb *read_cb;
	void *ctx;
	uint64_t token;
};

/* KEYS: stream, mark. ARGV: key, body, length_max, mark_ms. What can fail comes before what writes. */
static const char put_lua[] =
	"if redis.call('EXISTS',KEYS[2])==1 then return 1 end "
	"if redis.call('XLEN',KEYS[1])>=tonumber(ARGV[3]) then return 2 end "
	"redis.call('XADD',KEYS[1],'*','k',ARGV[1],'b',ARGV[2]) "
	"redis.call('SET',KEYS[2],'1','PX',ARGV[4]) return 0";

/* KEYS: stream. ARGV: cursor, the id behind it. Ids sort as text when both halves are padded. */
static const char ack_lua[] =
	"local function pad(id) local m,s=id:match('(%d+)-(%d+)') return ('0'):rep(20-#m)..m..'-'..('0'):rep(20-#s)..s end "
	"local x=redis.pcall('XINFO','STREAM',KEYS[1]) "
	"if x.err then if x.err:find('no such key',1,true) then return 3 end return x end "
	"for i=1,#x,2 do if x[i]=='last-generated-id' and pad(x[i+1])<pad(ARGV[1]) then return 3 end end "
	"redis.call('XTRIM',KEYS[1],'MINID','=',ARGV[2]) return 0";

/* ---- names and cursors ---- */

static bool name_ok(const char *name)
{
	size_t octets = strlen(name);

	return octets > 0 && octets <= SESS_FEED_NAME_MAX && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == octets;
}

static bool key_ok(const char *key)
{
	size_t octets = strlen(key);

	for (const char *at = key; *at; at++)
		if (*at <= ' ' || *at > '~' || *at == '{' || *at == '}')
			return false;
	return octets > 0 && octets <= SESS_FEED_KEY_MAX;
}

static void stream_key(char key[KEY_OCTETS], const char *name)
{
	snprintf(key, KEY_OCTETS, "feed:{p%02u}:%s", sess_store_partition(name), name);
}

/* A number of at most 18 digits: below what an id can hold, so that one more is still an id. */
static bool read_half(const char **at, uint64_t *half)
{
	size_t digits = strspn(*at, "0123456789");

	*half = strtoull(*at, NULL, 10);
	*at += digits;
	return digits > 0 && digits <= 18;
}

static bool read_cursor(const char *cursor, uint64_t *ms, uint64_t *seq)
{
	const char *at = cursor;

	return read_half(&at, ms) && *at++ == '-' && read_half(&at, seq) && !*at;
}

bool sess_feed_cursor_ok(const char *cursor)
{
	uint64_t ms, seq;

	return read_cursor(cursor, &ms, &seq);
}

/* ---- asks ---- */

static struct feed_ask *ask_new(struct sess_feeds *feeds, const struct sess_script *script, unsigned int keys, unsigned int args, size_t room,
                                sess_ask_cb *answered, void *ctx, uint64_t token)
{
	struct feed_ask *ask = sess_ask_new(&feeds->asks, sizeof(*ask), script, keys, args, room, answered);

	ask->ctx = ctx;
	ask->token = token;
	return ask;
}

static enum sess_feed_result failure(enum sess_ask_result result)
{
	return result == SESS_ASK_BUSY ? SESS_FEED_BUSY : SESS_FEED_DOWN;
}

/* {id, {k, key, b, body}}; what somebody else wrote may have less, and is left out. */
static bool read_entry(const struct sess_redis_reply *reply, size_t index, struct sess_feed_entry *entry)
{
	struct sess_redis_reply found = sess_reply_at(reply, index), id = sess_reply_at(&found, 0), fields = sess_reply_at(&found, 1);
	struct sess_redis_reply body = sess_reply_at(&fields, 3);

	if (!id.text || id.octets >= sizeof(entry->cursor) || !body.text)
		return false;
	memcpy(entry->cursor, id.text, id.octets);
	entry->cursor[id.octets] = '\0';
	entry->body = body.text;
	entry->octets = body.octets;
	return true;
}

static void on_read(struct sess_ask *sent, enum sess_ask_result result, const struct sess_redis_reply *reply)
{
	const struct feed_ask *ask = (struct feed_ask *)sent;
	struct sess_feed_entry *entries;
	size_t n = 0;

	if (result != SESS_ASK_OK) {
		ask->read_cb(ask->ctx, ask->token, failure(result), NULL, 0);
		return;
	}
	entries = calloc(reply->n + 1, sizeof(*entries));
	OSMO_ASSERT(entries);
	for (size_t i = 0; i < reply->n; i++)
		n += read_entry(reply, i, &entries[n]);
	ask->read_cb(ask->ctx, ask->token, SESS_FEED_OK, entries, n);
	free(entries);
}

static void on_done(struct sess_ask *sent, enum sess_ask_result result, const struct sess_redis_reply *reply)
{
	static const enum sess_feed_result said[] = { SESS_FEED_OK, SESS_FEED_AGAIN, SESS_FEED_FULL, SESS_FEED_UNKNOWN };
	const struct feed_ask *ask = (struct feed_ask *)sent;

	if (ask->cb)
		ask->cb(ask->ctx, ask->token, result == SESS_ASK_OK ? said[(size_t)reply->integer % ARRAY_SIZE(said)] : failure(result));
}

/* ---- what can be asked ---- */

int sess_feed_put(struct sess_feeds *feeds, const char *name, const char *key, const void *body, size_t octets, sess_feed_cb *cb, void *ctx,
                  uint64_t token)
{
	char stream[KEY_OCTETS], mark[KEY_OCTETS];
	struct feed_ask *ask;

	if (feeds->asks.closing)
		return -ENOTCONN;
	if (!name_ok(name) || !key_ok(key) || octets > BODY_MAX)
		return -EINVAL;
	stream_key(stream, name);
	snprintf(mark, sizeof(mark), "fed:{p%02u}:%s.%s", sess_store_partition(name), name, key);
	ask = ask_new(feeds, &feeds->put, 2, 4, KEY_OCTETS * 2 + SESS_FEED_KEY_MAX + octets + 64, on_done, ctx, token);
	ask->cb = cb;
	sess_resp_text(&ask->ask.resp, stream);
	sess_resp_text(&ask->ask.resp, mark);
	sess_resp_text(&ask->ask.resp, key);
	sess_resp_arg(&ask->ask.resp, body, octets);
	sess_resp_integer(&ask->ask.resp, feeds->length_max);
	sess_resp_integer(&ask->ask.resp, MARK_MS);
	sess_ask_go(&ask->ask);
	return 0;
}

int sess_feed_read(struct sess_feeds *feeds, const char *name, const char *after, unsigned int n, sess_feed_read_cb *cb, void *ctx, uint64_t token)
{
	char stream[KEY_OCTETS], from[SESS_FEED_CURSOR_OCTETS] = "-";
	struct feed_ask *ask;

	if (feeds->asks.closing)
		return -ENOTCONN;
	if (!name_ok(name) || (after && !sess_feed_cursor_ok(after)) || !n || n > SESS_FEED_READ_MAX)
		return -EINVAL;
	stream_key(stream, name);
	if (after)
		snprintf(from, sizeof(from), "(%s", after);
	ask = ask_new(feeds, NULL, 0, 6, KEY_OCTETS + SESS_FEED_CURSOR_OCTETS + 48, on_read, ctx, token);
	ask->read_cb = cb;
	sess_resp_text(&ask->ask.resp, "XRANGE");
	sess_resp_text(&ask->ask.resp, stream);
	sess_resp_text(&ask->ask.resp, from);
	sess_resp_text(&ask->ask.resp, "+");
	sess_resp_text(&ask->ask.resp, "COUNT");
	sess_resp_integer(&ask->ask.resp, n);
	sess_ask_go(&ask->ask);
	return 0;
}

int sess_feed_ack(struct sess_feeds *feeds, const char *name, const char *cursor, sess_feed_cb *cb, void *ctx, uint64_t token)
{
	char stream[KEY_OCTETS], behind[SESS_FEED_CURSOR_OCTETS];
	struct feed_ask *ask;
	uint64_t ms, seq;

	if (feeds->asks.closing)
		return -ENOTCONN;
	if (!name_ok(name) || !read_cursor(cursor, &ms, &seq))
		return -EINVAL;
	stream_key(stream, name);
	snprintf(behind, sizeof(behind), "%llu-%llu", (unsigned long long)ms, (unsigned long long)seq + 1);
	ask = ask_new(feeds, &feeds->ack, 1, 2, KEY_OCTETS + 2 * SESS_FEED_CURSOR_OCTETS, on_done, ctx, token);
	ask->cb = cb;
	sess_resp_text(&ask->ask.resp, stream);
	sess_resp_text(&ask->ask.resp, cursor);
	sess_resp_text(&ask->ask.resp, behind);
	sess_ask_go(&ask->ask);
	return 0;
}

/* ---- life ---- */

static int feeds_free(struct sess_feeds *feeds)
{
	sess_asks_fini(&feeds->asks);
	return 0;
}

struct sess_feeds *sess_feeds_alloc(void *ctx, struct sess_redis *redis, unsigned int length_max)
{
	struct sess_feeds *feeds = talloc_zero(ctx, struct sess_feeds);

	OSMO_ASSERT(feeds);
	feeds->length_max = length_max ? length_max : LENGTH_MAX_DEFAULT;
	feeds->put = (struct sess_script){ put_lua, sess_redis_script(redis, put_lua) };
	feeds->ack = (struct sess_script){ ack_lua, sess_redis_script(redis, ack_lua) };
	sess_asks_init(&feeds->asks, redis, &feeds->counters.failures, &feeds->counters.reloads);
	talloc_set_destructor(feeds, feeds_free);
	return feeds;
}

const struct sess_feeds_counters *sess_feeds_counters(const struct sess_feeds *feeds)
{
	return &feeds->counters;
}
