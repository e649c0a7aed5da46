/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Events: what an agency is told. An event is an entry of the queue `events`, added in the commit that causes it, so that what
 * has happened is told, whatever dies. It goes out as a signed webhook (webhook.c) or into the agency's feed (feed.c).
 *
 * Its body, as the agency gets it: {"id": "evt_...", "type": "request.received", "at": "2020-03-15T09:30:00.123Z", "data": {...}}. */
#pragma once

#include <jansson.h>

#include "sessions/ledger.h"

struct gw_accounts;
struct gw_events;

#define GW_EVENT_ID_OCTETS 32

/* Every type with a sentence for the documentation; NULL past the last. An event of another type is our bug. */
struct gw_event_type { const char *name, *text; };
const struct gw_event_type *gw_event_type(size_t index);

/* Adds an event to a commit. data: borrowed. Nothing is added for agency "" and for one that has no account (it was taken away). */
void gw_event_add(struct gw_events *events, struct sess_ledger_commit *commit, const char *agency, const char *type, const json_t *data);
/* "2020-03-15T09:30:00.123Z" */
void gw_event_time(int64_t wall_ms, char out[32]);
