/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Feeds: what waits to be fetched, one list for each name, in the order in which it came; read with a cursor, and kept until it is
 * acknowledged. A feed is a stream `feed:{pNN}:<name>` (pNN: sess_store_partition of the name).
 *
 *     sess_feed_put ──> kept ──read, read again ...──> kept ──ack(cursor)──> gone, and all before it
 *
 * A put with a key that was put before does nothing, for two days. A full feed takes nothing: it is trimmed only behind what was
 * acknowledged, never by length. One reader each is meant; several see the same, and an ack is everybody's.
 *
 * Asynchronous means later: nothing is called back from inside a call; every call that returned 0 has exactly one answer; freeing
 * the feeds answers what is pending with SESS_FEED_DOWN. Everything handed in is read during the call only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sessions/redis.h"

#define SESS_FEED_NAME_MAX 32            /* small letters, digits, '_', '-' */
#define SESS_FEED_KEY_MAX 64             /* printable ASCII without space, '{' and '}' */
#define SESS_FEED_READ_MAX 1000
#define SESS_FEED_CURSOR_OCTETS 48

struct sess_feeds;

enum sess_feed_result {
	SESS_FEED_OK,
	SESS_FEED_AGAIN,        /* put: it was put before */
	SESS_FEED_FULL,         /* put: so much waits to be acknowledged */
	SESS_FEED_UNKNOWN,      /* ack: nothing so far ahead was ever put: not a cursor of this feed */
	SESS_FEED_DOWN,         /* Redis does not answer, or refuses; nothing is known of what was asked */
	SESS_FEED_BUSY,         /* too much is pending; nothing was done */
};

/* A child of ctx. redis must live as long, or be freed just before. length_max: entries of a feed; 0: a million. */
struct sess_feeds *sess_feeds_alloc(void *ctx, struct sess_redis *redis, unsigned int length_max);

/* failures: DOWN and BUSY. reloads: scripts that Redis had forgotten. */
struct sess_feeds_counters { uint64_t failures, reloads; };
const struct sess_feeds_counters *sess_feeds_counters(const struct sess_feeds *feeds);

/* All below: 0 and one answer; -EINVAL (a bound above, a character), -ENOTCONN (being freed): nothing is called. cb may be NULL
 * but for a read. */
typedef void sess_feed_cb(void *ctx, uint64_t token, enum sess_feed_result result);
int sess_feed_put(struct sess_feeds *feeds, const char *name, const char *key, const void *body, size_t octets, sess_feed_cb *cb, void *ctx,
                  uint64_t token);

struct sess_feed_entry { char cursor[SESS_FEED_CURSOR_OCTETS]; const char *body; size_t octets; };
/* entries: valid during the callback; NULL unless OK. */
typedef void sess_feed_read_cb(void *ctx, uint64_t token, enum sess_feed_result result, const struct sess_feed_entry *entries, size_t n);
/* At most n behind the cursor; after NULL: from the first that is kept. */
int sess_feed_read(struct sess_feeds *feeds, const char *name, const char *after, unsigned int n, sess_feed_read_cb *cb, void *ctx, uint64_t token);
/* That one and all before it are gone. Done again it does nothing more. */
int sess_feed_ack(struct sess_feeds *feeds, const char *name, const char *cursor, sess_feed_cb *cb, void *ctx, uint64_t token);

/* It could be one: digits, '-', digits. */
bool sess_feed_cursor_ok(const char *cursor);
