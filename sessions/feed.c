/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See feed.h. What must be atomic is a script, sent whole each time (EVAL): a few hundred octets, and nothing to load again when a
 * server has forgotten it; Redis knows a text that it has compiled.
 *
 * An ask outlives feeds that are freed: its asker is told DOWN, and it stays behind, `feeds` NULL, for the reply to find. */
#include "sessions/feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#define typeof __typeof__ /* linuxlist.h asks for GNU C, and we compile as C11 */
#include <osmocom/core/linuxlist.h>
#include <osmocom/core/utils.h>

#include "sessions/store.h"

#define LENGTH_MAX_DEFAULT 1000000
#define MARK_MS "172800000" /* two days: longer than anybody tries to put something again */
#define KEY_OCTETS 128
#define BODY_MAX 65536

struct sess_feeds {
	struct sess_redis *redis;
	char length_max[16];
	struct llist_head asks;
	bool closing;
};

struct feed_ask {
	struct llist_head list;
	struct sess_feeds *feeds;        /* NULL: gone, and the asker was told */
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

static struct feed_ask *ask_new(struct sess_feeds *feeds, void *ctx, uint64_t token)
{
	struct feed_ask *ask = calloc(1, sizeof(*ask));

	OSMO_ASSERT(ask);
	ask->feeds = feeds;
	ask->ctx = ctx;
	ask->token = token;
	llist_add_tail(&ask->list, &feeds->asks);
	return ask;
}

static void tell(const struct feed_ask *ask, enum sess_feed_result result, const struct sess_feed_entry *entries, size_t n)
{
	if (ask->read_cb)
		ask->read_cb(ask->ctx, ask->token, result, entries, n);
	else if (ask->cb)
		ask->cb(ask->ctx, ask->token, result);
}

/* {id, {k, key, b, body}}; what somebody else wrote may have less, and is left out. */
static bool read_entry(const struct sess_redis_reply *reply, size_t index, struct sess_feed_entry *entry)
{
	struct sess_redis_reply found, id, fields, body;

	sess_redis_element(reply, index, &found);
	if (found.kind != SESS_REPLY_ARRAY || found.n != 2)
		return false;
	sess_redis_element(&found, 0, &id);
	sess_redis_element(&found, 1, &fields);
	if (!id.text || id.octets >= sizeof(entry->cursor) || fields.kind != SESS_REPLY_ARRAY || fields.n < 4)
		return false;
	sess_redis_element(&fields, 3, &body);
	memcpy(entry->cursor, id.text, id.octets);
	entry->cursor[id.octets] = '\0';
	entry->body = body.text;
	entry->octets = body.octets;
	return body.text != NULL;
}

static void tell_entries(const struct feed_ask *ask, const struct sess_redis_reply *reply)
{
	size_t most = reply->kind == SESS_REPLY_ARRAY ? reply->n : 0, n = 0;
	struct sess_feed_entry *entries = calloc(most + 1, sizeof(*entries));

	OSMO_ASSERT(entries);
	for (size_t i = 0; i < most; i++)
		n += read_entry(reply, i, &entries[n]);
	tell(ask, SESS_FEED_OK, entries, n);
	free(entries);
}

static void on_reply(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	static const enum sess_feed_result said[] = { SESS_FEED_OK, SESS_FEED_AGAIN, SESS_FEED_FULL, SESS_FEED_UNKNOWN };
	struct feed_ask *ask = ctx;

	(void)token;
	if (ask->feeds)
		llist_del(&ask->list);
	if (ask->feeds && outcome != SESS_REDIS_OK)
		tell(ask, SESS_FEED_DOWN, NULL, 0);
	else if (ask->feeds && ask->read_cb)
		tell_entries(ask, reply);
	else if (ask->feeds)
		tell(ask, said[(size_t)reply->integer % ARRAY_SIZE(said)], NULL, 0);
	free(ask);
}

static int ask_go(struct feed_ask *ask, int argc, const char *const *argv, const size_t *octets)
{
	int rc = sess_redis_command(ask->feeds->redis, on_reply, ask, 0, argc, argv, octets);

	if (rc < 0) {
		llist_del(&ask->list);
		free(ask);
	}
	return rc;
}

/* ---- what can be asked ---- */

int sess_feed_put(struct sess_feeds *feeds, const char *name, const char *key, const void *body, size_t octets, sess_feed_cb *cb, void *ctx,
                  uint64_t token)
{
	char stream[KEY_OCTETS], mark[KEY_OCTETS];
	static const size_t body_at = 6;
	const char *argv[] = { "EVAL", put_lua, "2", stream, mark, key, body, feeds->length_max, MARK_MS };
	size_t lengths[ARRAY_SIZE(argv)];
	struct feed_ask *ask;

	if (feeds->closing)
		return -ENOTCONN;
	if (!name_ok(name) || !key_ok(key) || octets > BODY_MAX)
		return -EINVAL;
	stream_key(stream, name);
	snprintf(mark, sizeof(mark), "fed:{p%02u}:%s.%s", sess_store_partition(name), name, key);
	for (size_t i = 0; i < ARRAY_SIZE(argv); i++)
		lengths[i] = i == body_at ? octets : strlen(argv[i]);
	ask = ask_new(feeds, ctx, token);
	ask->cb = cb;
	return ask_go(ask, ARRAY_SIZE(argv), argv, lengths);
}

int sess_feed_read(struct sess_feeds *feeds, const char *name, const char *after, unsigned int n, sess_feed_read_cb *cb, void *ctx, uint64_t token)
{
	char stream[KEY_OCTETS], from[SESS_FEED_CURSOR_OCTETS] = "-", count[16];
	const char *argv[] = { "XRANGE", stream, from, "+", "COUNT", count };
	struct feed_ask *ask;

	if (feeds->closing)
		return -ENOTCONN;
	if (!name_ok(name) || (after && !sess_feed_cursor_ok(after)) || !n || n > SESS_FEED_READ_MAX)
		return -EINVAL;
	stream_key(stream, name);
	if (after)
		snprintf(from, sizeof(from), "(%s", after);
	snprintf(count, sizeof(count), "%u", n);
	ask = ask_new(feeds, ctx, token);
	ask->read_cb = cb;
	return ask_go(ask, ARRAY_SIZE(argv), argv, NULL);
}

int sess_feed_ack(struct sess_feeds *feeds, const char *name, const char *cursor, sess_feed_cb *cb, void *ctx, uint64_t token)
{
	char stream[KEY_OCTETS], behind[SESS_FEED_CURSOR_OCTETS];
	const char *argv[] = { "EVAL", ack_lua, "1", stream, cursor, behind };
	struct feed_ask *ask;
	uint64_t ms, seq;

	if (feeds->closing)
		return -ENOTCONN;
	if (!name_ok(name) || !read_cursor(cursor, &ms, &seq))
		return -EINVAL;
	stream_key(stream, name);
	snprintf(behind, sizeof(behind), "%llu-%llu", (unsigned long long)ms, (unsigned long long)seq + 1);
	ask = ask_new(feeds, ctx, token);
	ask->cb = cb;
	return ask_go(ask, ARRAY_SIZE(argv), argv, NULL);
}

/* ---- life ---- */

static int feeds_free(struct sess_feeds *feeds)
{
	struct feed_ask *ask;

	feeds->closing = true;
	while ((ask = llist_first_entry_or_null(&feeds->asks, struct feed_ask, list))) {
		llist_del(&ask->list);
		tell(ask, SESS_FEED_DOWN, NULL, 0);
		ask->feeds = NULL;
	}
	return 0;
}

struct sess_feeds *sess_feeds_alloc(void *ctx, struct sess_redis *redis, unsigned int length_max)
{
	struct sess_feeds *feeds = talloc_zero(ctx, struct sess_feeds);

	OSMO_ASSERT(feeds);
	feeds->redis = redis;
	snprintf(feeds->length_max, sizeof(feeds->length_max), "%u", length_max ? length_max : LENGTH_MAX_DEFAULT);
	INIT_LLIST_HEAD(&feeds->asks);
	talloc_set_destructor(feeds, feeds_free);
	return feeds;
}
