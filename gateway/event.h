/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Events: what an agency is told. An event is an entry of the queue `events`, added in the commit that causes it, so that what
 * has happened is told, whatever dies. It goes out as a signed webhook (webhook.c) or into the agency's feed (feed.c).
 *
 * Its body, as the agency gets it: {"id": "evt_...", "type": "request.received", "at": "2020-03-15T09:30:00.123Z", "data": {...}}.
 * The entry's idempotency key is the id; its octets are a line "<agency> <type>\n" and then the body, so that the body is sent
 * exactly as it was written once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "sessions/ledger.h"

struct gw_events;

#define GW_EVENT_ID_OCTETS 32
#define GW_EVENT_TYPE_OCTETS 32
#define GW_EVENT_AGENCY_OCTETS 33

/* Every type with a sentence for the documentation; NULL past the last. An event of another type is our bug. */
struct gw_event_type { const char *name, *text; };
const struct gw_event_type *gw_event_type(size_t index);

struct gw_events_config {
	struct sess_redis *redis;        /* the ledger's */
	const char *consumer;            /* this process: unique among all that live or died recently */
	/* Has this agency an account, as far as can be told now? What is told to an agency without one is dropped. */
	bool (*known)(void *ctx, const char *agency);
	void *ctx;
};
/* A child of ctx; NULL: the consumer's name is not valid. */
struct gw_events *gw_events_alloc(void *ctx, const struct gw_events_config *config);
/* For who takes events out, lists the dead and keeps up the queue. */
struct sess_queue *gw_events_queue(const struct gw_events *events);

/* Adds an event to a commit. data: borrowed. Nothing is added for agency "" and for one that has no account (it was taken away).
 * Each call draws an id: a commit whose answer was lost is to be made again as it is. */
void gw_event_add(struct gw_events *events, struct sess_ledger_commit *commit, const char *agency, const char *type, const json_t *data);
/* "2020-03-15T09:30:00.123Z" */
void gw_event_time(int64_t wall_ms, char out[32]);

/* An entry's octets, read; body points into them. */
struct gw_event { char agency[GW_EVENT_AGENCY_OCTETS], type[GW_EVENT_TYPE_OCTETS]; const char *body; size_t octets; };
/* False: it is no event. */
bool gw_event_read(const void *entry, size_t octets, struct gw_event *event);
/* Whose event an entry is (gw_queue_agency of queues.h). */
bool gw_event_agency(const void *entry, size_t octets, char agency[GW_EVENT_AGENCY_OCTETS]);
/* The octets of an entry, a child of ctx; what gw_event_add puts into the queue. id is written. */
char *gw_event_write(void *ctx, const char *agency, const char *type, int64_t wall_ms, const json_t *data, char id[GW_EVENT_ID_OCTETS], size_t *octets);
