/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Webhooks: takes events out of their queue and brings each to its agency, at least once: by HTTP POST of exactly the event's body
 * with the headers of Standard Webhooks (webhook_sign.h), or into its feed.
 *
 *   2xx                        done
 *   410                        the agency wants no more of it: buried
 *   any other, no connection   again after a growing pause (webhook_pause.h); Retry-After is heeded; buried when it is a day old
 *   no such account            buried
 *   account disabled, no URL   as if it did not answer
 *
 * Every agency has a line of its own: so many requests at once, so many events waiting, and a breaker. What does not fit is given
 * back to the queue, to come again when its turn can be expected; so a slow or dead agency holds up nobody else, and does not spin.
 *
 * A URL is https, to any address: the certificate must be the name's, so that nobody else's server is told anything. http is
 * refused unless `plain` is set, and then goes to near addresses only (near.h), whatever the name resolves to: never in clear over
 * a public network. Redirects are not followed; an answer is read up to 64 KiB and dropped, only its status counts. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/account.h"
#include "gateway/agency.h"
#include "gateway/webhook_settings.h"
#include "sessions/feed.h"
#include "sessions/queue.h"

struct gw_webhooks;

struct gw_webhooks_config {
	const struct gw_webhooks_settings *settings; /* copied, but for the text */
	struct sess_queue *queue;        /* of events; freed just before the webhooks are */
	struct sess_feeds *feeds;        /* the same */
	const struct gw_agency_io *io;
	bool (*loaded)(void *ctx);       /* are the accounts known? Before, nothing is taken */
	const struct gw_account *(*find)(void *ctx, const char *agency);
	void *ctx;
};

/* A child of ctx. NULL after a log line: an authority that cannot be read, no memory. */
struct gw_webhooks *gw_webhooks_alloc(void *ctx, const struct gw_webhooks_config *config);
/* Called when an agency has taken a request.received, by its code, maybe more than once. */
typedef void gw_webhooks_delivered(void *ctx, const char *code);
void gw_webhooks_on_delivered(struct gw_webhooks *webhooks, gw_webhooks_delivered *hook, void *ctx);
/* After each turn of the loop; cheap when there is nothing. */
void gw_webhooks_turn(struct gw_webhooks *webhooks);
/* Some times a second: looks for work that others added, claims that of the dead, gives back what waited too long. */
void gw_webhooks_tick(struct gw_webhooks *webhooks);
/* Takes nothing more and gives back what waits. True: nothing is held any more. */
bool gw_webhooks_close(struct gw_webhooks *webhooks);

/* ---- for the VTY and metrics */
enum gw_webhook_ctr {
	GW_WEBHOOK_CTR_ATTEMPTS, GW_WEBHOOK_CTR_DELIVERED, GW_WEBHOOK_CTR_FED, GW_WEBHOOK_CTR_FAILED, GW_WEBHOOK_CTR_BURIED,
	GW_WEBHOOK_CTR_GONE, GW_WEBHOOK_CTR_CROWDED, GW_WEBHOOK_CTR_BREAKER_OPENS, GW_WEBHOOK_CTR_BREAKER_REFUSED, GW_WEBHOOK_CTR_UNFIT,
	GW_WEBHOOK_CTR_FEED_FULL, GW_WEBHOOK_CTR_NO_CONNECT, GW_WEBHOOK_CTR_TLS, GW_WEBHOOK_CTR_TIMEOUT, GW_WEBHOOK_CTR_BROKEN, GW_WEBHOOK_CTR_STATUS,
	GW_WEBHOOK_CTRS
};
struct gw_webhook_ctr_row { const char *name, *text; };
const struct gw_webhook_ctr_row *gw_webhook_ctr_row(size_t index); /* NULL past the last */
struct gw_webhook_info {
	const char *agency;              /* those to whom there was something to tell since the start, in the order of their first event */
	const char *breaker;             /* "closed", "open", "half-open" */
	unsigned int sending, waiting;
	uint64_t answer_ms;              /* sum over all answered attempts */
	uint64_t counters[GW_WEBHOOK_CTRS];
};
size_t gw_webhooks_count(const struct gw_webhooks *webhooks);
void gw_webhooks_info(const struct gw_webhooks *webhooks, size_t index, struct gw_webhook_info *info);
unsigned int gw_webhooks_held(const struct gw_webhooks *webhooks);   /* events in this process */
