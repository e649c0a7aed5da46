/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See event.h. An id has 26 characters of 32 kinds, drawn at random: 130 bits, so that no two gateways draw the same. */
#include "gateway/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <osmocom/core/logging.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/log.h"
#include "sessions/clock.h"

#define ID_CHARACTERS 26

struct gw_events {
	struct sess_queue *queue;
	bool (*known)(void *ctx, const char *agency);
	void *ctx;
};

static const struct gw_event_type types[] = {
	{ "request.received", "a citizen has sent a request; its answer is awaited" },
	{ "notice.sent", "the network has taken all parts of a notice" },
	{ "notice.delivered", "the notice is on the citizen's phone" },
	{ "notice.failed", "the notice could not be delivered; `error` says why" },
	{ "notice.expired", "its latest time came before it could be sent" },
	{ "notice.cancelled", "the notice was cancelled before it was sent" },
	{ "notice.refused", "the citizen does not want notices of this kind" },
	{ "notice.read", "the citizen has opened the notice in the inbox" },
	{ "notice.replied", "the citizen has chosen one of its replies" },
	{ "karpousheh.notice", "to the national inbox: an agency's notice was accepted; the whole, but of a sensitive one no text" },
	{ "karpousheh.state", "to the national inbox: what became of it by SMS or USSD in the end" },
	{ "karpousheh.read", "to the national inbox: the citizen has opened it; `read_by` says where" },
	{ "karpousheh.replied", "to the national inbox: the citizen has chosen one of its replies" },
	{ "karpousheh.deleted", "to the national inbox: the citizen has taken it out of the inbox" },
	{ "catalogue.final", "a service that the agency proposed is to be in the catalogue" },
	{ "catalogue.rejected", "it is not; `why` says why" },
	{ "catalogue.notified", "it is to be served, by the day `due` if there is one: acknowledge it" },
	{ "catalogue.live", "it is served" },
	{ "payment.paid", "a citizen has paid a bill of the agency, or an account has for a citizen" },
	{ "payment.refused", "a payment was refused; `why` says by which word" },
	{ "payment.void", "a payment took too long and will never be made; told only to the account that asked for it" },
	{ "bulk.finished", "every notice of a bulk job was sent or never will be" },
	{ "bulk.cancelled", "a bulk job was cancelled; `accepted` tells how far it had come" },
};

const struct gw_event_type *gw_event_type(size_t index)
{
	return index < ARRAY_SIZE(types) ? &types[index] : NULL;
}

static bool is_type(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strcmp(types[i].name, type) == 0)
			return true;
	return false;
}

/* ---- writing and reading ---- */

static void draw_id(char id[GW_EVENT_ID_OCTETS])
{
	static const char kinds[32] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char random[ID_CHARACTERS];

	randombytes_buf(random, sizeof(random));
	memcpy(id, "evt_", 4);
	for (size_t i = 0; i < ID_CHARACTERS; i++)
		id[4 + i] = kinds[random[i] % sizeof(kinds)];
	id[4 + ID_CHARACTERS] = '\0';
}

void gw_event_time(int64_t wall_ms, char out[32])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm utc;
	size_t n;

	gmtime_r(&seconds, &utc);
	n = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(out + n, 32 - n, ".%03dZ", (int)(wall_ms % 1000));
}

char *gw_event_write(void *ctx, const char *agency, const char *type, int64_t wall_ms, const json_t *data, char id[GW_EVENT_ID_OCTETS], size_t *octets)
{
	char at[32], *body, *entry;
	json_t *event;

	draw_id(id);
	gw_event_time(wall_ms, at);
	event = json_pack("{s:s, s:s, s:s, s:O}", "id", id, "type", type, "at", at, "data", data);
	body = json_dumps(event, JSON_COMPACT);
	json_decref(event);
	OSMO_ASSERT(body);
	entry = talloc_asprintf(ctx, "%s %s\n%s", agency, type, body);
	OSMO_ASSERT(entry);
	*octets = strlen(entry);
	free(body);
	return entry;
}

/* The word at *at that ends with `end`, into out. */
static bool read_word(const char **at, const char *past, char end, char *out, size_t cap)
{
	const char *stop = memchr(*at, end, (size_t)(past - *at));
	size_t n = stop ? (size_t)(stop - *at) : 0;

	if (n == 0 || n >= cap)
		return false;
	memcpy(out, *at, n);
	out[n] = '\0';
	*at = stop + 1;
	return strlen(out) == n;
}

bool gw_event_read(const void *entry, size_t octets, struct gw_event *event)
{
	const char *at = entry, *past = at + octets;

	if (!read_word(&at, past, ' ', event->agency, sizeof(event->agency)) || !read_word(&at, past, '\n', event->type, sizeof(event->type)))
		return false;
	event->body = at;
	event->octets = (size_t)(past - at);
	return event->octets > 0;
}

bool gw_event_agency(const void *entry, size_t octets, char agency[GW_EVENT_AGENCY_OCTETS])
{
	struct gw_event event;

	if (!gw_event_read(entry, octets, &event))
		return false;
	memcpy(agency, event.agency, sizeof(event.agency));
	return true;
}

/* ---- adding ---- */

void gw_event_add(struct gw_events *events, struct sess_ledger_commit *commit, const char *agency, const char *type, const json_t *data)
{
	struct sess_queue_add add = { 0 };
	char id[GW_EVENT_ID_OCTETS], *entry;

	OSMO_ASSERT(is_type(type));
	if (!agency[0] || !events->known(events->ctx, agency))
		return;
	entry = gw_event_write(events, agency, type, sess_clock_wall_ms(), data, id, &add.octets);
	add.key = id;
	add.body = entry;
	sess_ledger_enqueue(commit, events->queue, &add);
	LOGP(GW_LOG_AGENCY, LOGL_DEBUG, "event(%s) %s for %s\n", id, type, agency);
	talloc_free(entry);
}

/* ---- life ---- */

struct gw_events *gw_events_alloc(void *ctx, const struct gw_events_config *config)
{
	const struct sess_queue_config queue = { .name = "events", .group = "gateway", .consumer = config->consumer };
	struct gw_events *events = talloc_zero(ctx, struct gw_events);

	events->known = config->known;
	events->ctx = config->ctx;
	events->queue = sess_queue_alloc(events, config->redis, &queue);
	if (events->queue)
		return events;
	talloc_free(events);
	return NULL;
}

struct sess_queue *gw_events_queue(const struct gw_events *events)
{
	return events->queue;
}
