/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See dead.h. A walk goes through the queues, and through each in pages; it lives until its last answer. */
#include "gateway/dead.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/timer.h>
#include <osmocom/core/utils.h>

#include "gateway/event.h"

#define PAGE 100

/* ---- ids ---- */

void gw_dead_id_print(const struct gw_dead_at *at, char out[GW_DEAD_ID_OCTETS])
{
	snprintf(out, GW_DEAD_ID_OCTETS, "%s.%02u.%" PRIu64 "-%" PRIu64, at->queue->name, at->id.partition, at->id.id.ms, at->id.id.seq);
}

/* Digits that fit. */
static bool read_number(const char **at, uint64_t *number)
{
	size_t digits = strspn(*at, "0123456789");

	errno = 0;
	*number = strtoull(*at, NULL, 10);
	*at += digits;
	return digits > 0 && errno == 0;
}

bool gw_dead_id_read(const struct gw_queues *queues, const char *text, struct gw_dead_at *at)
{
	size_t name = strcspn(text, ".");
	const char *rest = text + name;
	uint64_t partition;

	at->queue = gw_queues_find(queues, text, name);
	if (!at->queue || *rest++ != '.' || !read_number(&rest, &partition) || partition >= SESS_QUEUE_PARTITIONS || *rest++ != '.')
		return false;
	at->id.partition = (uint8_t)partition;
	return read_number(&rest, &at->id.id.ms) && *rest++ == '-' && read_number(&rest, &at->id.id.seq) && !*rest;
}

/* ---- what is shown ---- */

/* What an entry carries, as JSON: an event's body stands behind a line. */
static json_t *entry_of(const struct sess_queue_dead *dead)
{
	struct gw_event event;
	json_t *entry = json_loadb(dead->body, dead->octets, 0, NULL);

	if (!entry && gw_event_read(dead->body, dead->octets, &event))
		entry = json_loadb(event.body, event.octets, 0, NULL);
	return entry ? entry : json_null();
}

json_t *gw_dead_show(const struct gw_dead *letter)
{
	char id[GW_DEAD_ID_OCTETS], added[32], buried[32];

	gw_dead_id_print(&letter->at, id);
	gw_event_time((int64_t)letter->dead->entry.ms, added);
	gw_event_time((int64_t)letter->at.id.id.ms, buried);
	return json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:o}", "id", id, "queue", letter->at.queue->name, "reason", letter->dead->reason, "attempts",
			 (json_int_t)letter->dead->attempts, "added_at", added, "buried_at", buried, "entry", entry_of(letter->dead));
}

/* ---- walking ---- */

struct walk {
	const struct gw_queues *queues;
	const struct gw_queue *only;
	char agency[GW_QUEUE_AGENCY_OCTETS];
	bool any_agency;
	struct gw_dead_at at;            /* to go on behind */
	bool from_first;                 /* of at.queue */
	unsigned int n, told, looked;
	gw_dead_cb *on_letter;
	gw_dead_end_cb *on_end;
	void *ctx;
	uint64_t token;
	struct osmo_timer_list timer;    /* for what is told without having been asked */
	enum sess_queue_result refusal;
};

static sess_queue_dead_cb on_page;

static void end(struct walk *walk, enum sess_queue_result result, bool more)
{
	walk->on_end(walk->ctx, walk->token, result, result == SESS_QUEUE_OK && more ? &walk->at : NULL);
	talloc_free(walk);
}

static void on_refused(void *data)
{
	struct walk *walk = data;

	end(walk, walk->refusal, false);
}

static void end_later(struct walk *walk, enum sess_queue_result result)
{
	walk->refusal = result;
	osmo_timer_setup(&walk->timer, on_refused, walk);
	osmo_timer_schedule(&walk->timer, 0, 0);
}

static void next_page(struct walk *walk)
{
	if (sess_queue_dead_list(walk->at.queue->queue, walk->from_first ? NULL : &walk->at.id, PAGE, on_page, walk, 0) < 0)
		end_later(walk, SESS_QUEUE_DOWN);
}

static const struct gw_queue *queue_behind(const struct walk *walk, const struct gw_queue *queue)
{
	const struct gw_queue *row;

	for (size_t i = 0; (row = gw_queues_at(walk->queues, i)); i++)
		if (row == queue)
			return walk->only ? NULL : gw_queues_at(walk->queues, i + 1);
	return NULL;
}

static void tell(struct walk *walk, const struct sess_queue_dead *dead)
{
	struct gw_dead letter = { .at = { walk->at.queue, dead->id }, .dead = dead };
	const struct gw_queue *queue = walk->at.queue;

	if (!queue->agency || !queue->agency(dead->body, dead->octets, letter.agency))
		letter.agency[0] = '\0';
	if (!walk->any_agency && strcmp(walk->agency, letter.agency) != 0)
		return;
	walk->told++;
	walk->on_letter(walk->ctx, walk->token, &letter);
}

static bool has_enough(const struct walk *walk)
{
	return walk->told >= walk->n || walk->looked >= GW_DEAD_LOOK_MAX;
}

static void on_page(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_dead *dead, size_t n)
{
	struct walk *walk = ctx;

	(void)token;
	if (result != SESS_QUEUE_OK) {
		end(walk, result, false);
		return;
	}
	for (size_t i = 0; i < n && !has_enough(walk); i++) {
		walk->at.id = dead[i].id;
		walk->from_first = false;
		walk->looked++;
		tell(walk, &dead[i]);
	}
	if (has_enough(walk)) {
		end(walk, SESS_QUEUE_OK, true);
		return;
	}
	if (n < PAGE) {
		const struct gw_queue *next = queue_behind(walk, walk->at.queue);

		if (!next) {
			end(walk, SESS_QUEUE_OK, false);
			return;
		}
		walk->at.queue = next;
		walk->from_first = true;
	}
	next_page(walk);
}

static struct walk *walk_new(gw_dead_cb *on_letter, gw_dead_end_cb *on_end, void *ctx, uint64_t token)
{
	struct walk *walk = talloc_zero(NULL, struct walk);

	OSMO_ASSERT(walk);
	walk->on_letter = on_letter;
	walk->on_end = on_end;
	walk->ctx = ctx;
	walk->token = token;
	return walk;
}

void gw_dead_list(const struct gw_dead_list *list, gw_dead_cb *on_letter, gw_dead_end_cb *on_end, void *ctx, uint64_t token)
{
	struct walk *walk = walk_new(on_letter, on_end, ctx, token);

	walk->queues = list->queues;
	walk->only = list->only;
	walk->any_agency = !list->agency;
	OSMO_STRLCPY_ARRAY(walk->agency, list->agency ? list->agency : "");
	walk->at = list->after;
	walk->n = list->n;
	walk->from_first = !walk->at.queue;
	if (walk->from_first)
		walk->at.queue = list->only ? list->only : gw_queues_at(list->queues, 0);
	if (walk->at.queue)
		next_page(walk);
	else
		end_later(walk, SESS_QUEUE_OK);
}

/* ---- one ---- */

static void on_one(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_dead *dead, size_t n)
{
	struct walk *walk = ctx;

	(void)token;
	if (result == SESS_QUEUE_OK && n && memcmp(&dead[0].id.id, &walk->at.id.id, sizeof(dead[0].id.id)) == 0 &&
	    dead[0].id.partition == walk->at.id.partition)
		tell(walk, &dead[0]);
	end(walk, result, false);
}

void gw_dead_find(const struct gw_dead_at *at, gw_dead_cb *on_letter, gw_dead_end_cb *on_end, void *ctx, uint64_t token)
{
	struct walk *walk = walk_new(on_letter, on_end, ctx, token);
	struct sess_queue_dead_id before = at->id;

	walk->at = *at;
	walk->any_agency = true;
	if (before.id.seq-- == 0 && before.id.ms-- == 0)
		end_later(walk, SESS_QUEUE_OK); /* nothing has the number 0-0 */
	else if (sess_queue_dead_list(at->queue->queue, &before, 1, on_one, walk, 1) < 0)
		end_later(walk, SESS_QUEUE_DOWN);
}
