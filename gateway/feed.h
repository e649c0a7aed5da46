/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Reading feeds, with patience: a reader that finds nothing may wait for something to come. It holds nothing but its place in a
 * bounded list; the feed is looked at again from time to time, since others put into it, too. */
#pragma once

#include <stdint.h>

#include "sessions/feed.h"

#define GW_FEED_READERS_MAX 4096

struct gw_feed_readers;

/* A child of ctx; to be freed behind the feeds. */
struct gw_feed_readers *gw_feed_readers_alloc(void *ctx, struct sess_feeds *feeds);

struct gw_feed_read {
	const char *name;
	const char *after;               /* NULL: from the first that is kept */
	unsigned int n;
	unsigned int wait_ms;            /* 0: answer what is there */
};
/* Answered once, later, unless it is forgotten: with entries, or with none when the time is over. `token` is the reader's name here,
 * too. 0; -EINVAL, -ENOTCONN (being freed), -EAGAIN (too many wait): nothing is called. */
int gw_feed_read(struct gw_feed_readers *readers, const struct gw_feed_read *read, sess_feed_read_cb *cb, void *ctx, uint64_t token);
/* Who asked is gone. */
void gw_feed_forget(struct gw_feed_readers *readers, uint64_t token);
void gw_feed_readers_tick(struct gw_feed_readers *readers, int64_t now_ms);
