/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See feed.h. A reader is found again by its token: it may be forgotten while Redis is asked. */
#include "gateway/feed.h"

#include <errno.h>
#include <string.h>

#include <osmocom/core/linuxlist.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "sessions/clock.h"

#define LOOK_MS 400

struct reader {
	struct llist_head list;
	uint64_t token;
	char name[SESS_FEED_NAME_MAX + 1], after[SESS_FEED_CURSOR_OCTETS];
	bool from_first, looking;
	unsigned int n;
	int64_t until_ms, look_ms;
	sess_feed_read_cb *cb;
	void *ctx;
};

struct gw_feed_readers {
	struct sess_feeds *feeds;
	struct llist_head list;
	unsigned int count;
};

static struct reader *find(const struct gw_feed_readers *readers, uint64_t token)
{
	struct reader *reader;

	llist_for_each_entry(reader, &readers->list, list)
		if (reader->token == token)
			return reader;
	return NULL;
}

static void drop(struct gw_feed_readers *readers, struct reader *reader)
{
	llist_del(&reader->list);
	readers->count--;
	talloc_free(reader);
}

/* It leaves the list first: whoever is told may read again under the same token. */
static void tell(struct gw_feed_readers *readers, struct reader *reader, enum sess_feed_result result, const struct sess_feed_entry *entries, size_t n)
{
	sess_feed_read_cb *cb = reader->cb;
	void *ctx = reader->ctx;
	uint64_t token = reader->token;

	drop(readers, reader);
	cb(ctx, token, result, entries, n);
}

static void on_read(void *ctx, uint64_t token, enum sess_feed_result result, const struct sess_feed_entry *entries, size_t n)
{
	struct gw_feed_readers *readers = ctx;
	struct reader *reader = find(readers, token);
	int64_t now_ms = sess_clock_ms();

	if (!reader || !reader->looking)
		return;
	reader->looking = false;
	reader->look_ms = now_ms + LOOK_MS;
	if (result != SESS_FEED_OK || n || now_ms >= reader->until_ms)
		tell(readers, reader, result, entries, n);
}

static int look(struct gw_feed_readers *readers, struct reader *reader)
{
	int rc = sess_feed_read(readers->feeds, reader->name, reader->from_first ? NULL : reader->after, reader->n, on_read, readers, reader->token);

	reader->looking = rc == 0;
	return rc;
}

int gw_feed_read(struct gw_feed_readers *readers, const struct gw_feed_read *read, sess_feed_read_cb *cb, void *ctx, uint64_t token)
{
	struct reader *reader;
	int rc;

	if (readers->count >= GW_FEED_READERS_MAX)
		return -EAGAIN;
	if (strlen(read->name) > SESS_FEED_NAME_MAX || (read->after && strlen(read->after) >= SESS_FEED_CURSOR_OCTETS))
		return -EINVAL;
	reader = talloc_zero(readers, struct reader);
	reader->token = token;
	OSMO_STRLCPY_ARRAY(reader->name, read->name);
	reader->from_first = !read->after;
	OSMO_STRLCPY_ARRAY(reader->after, read->after ? read->after : "");
	reader->n = read->n;
	reader->until_ms = sess_clock_ms() + read->wait_ms;
	reader->cb = cb;
	reader->ctx = ctx;
	llist_add_tail(&reader->list, &readers->list);
	readers->count++;
	rc = look(readers, reader);
	if (rc < 0)
		drop(readers, reader);
	return rc;
}

void gw_feed_forget(struct gw_feed_readers *readers, uint64_t token)
{
	struct reader *reader = find(readers, token);

	if (reader)
		drop(readers, reader);
}

void gw_feed_readers_tick(struct gw_feed_readers *readers, int64_t now_ms)
{
	struct reader *reader, *next;

	llist_for_each_entry_safe(reader, next, &readers->list, list) {
		if (reader->looking || (now_ms < reader->look_ms && now_ms < reader->until_ms))
			continue;
		look(readers, reader);
	}
}

struct gw_feed_readers *gw_feed_readers_alloc(void *ctx, struct sess_feeds *feeds)
{
	struct gw_feed_readers *readers = talloc_zero(ctx, struct gw_feed_readers);

	readers->feeds = feeds;
	INIT_LLIST_HEAD(&readers->list);
	return readers;
}
