/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Dead letters of all queues, as the console and the API see them: by an id of their own, "<queue>.<partition>.<ms>-<seq>", and
 * listed through all queues with a cursor. What is told is told later, never from inside a call. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "gateway/queues.h"

#define GW_DEAD_ID_OCTETS 80
#define GW_DEAD_LOOK_MAX 2000   /* letters looked at for one list: others' may be many */

struct gw_dead_at { const struct gw_queue *queue; struct sess_queue_dead_id id; };
void gw_dead_id_print(const struct gw_dead_at *at, char out[GW_DEAD_ID_OCTETS]);
/* False: it is no such id, or there is no such queue here. */
bool gw_dead_id_read(const struct gw_queues *queues, const char *text, struct gw_dead_at *at);

/* A letter; valid during the call. agency: "": nobody's. */
struct gw_dead { struct gw_dead_at at; const struct sess_queue_dead *dead; char agency[GW_QUEUE_AGENCY_OCTETS]; };
/* {"id", "queue", "reason", "attempts", "added_at", "buried_at", "entry": what it carries}; a new reference. */
json_t *gw_dead_show(const struct gw_dead *letter);

struct gw_dead_list {
	const struct gw_queues *queues;
	const struct gw_queue *only;     /* NULL: all of them */
	const char *agency;              /* its letters; NULL: everybody's */
	struct gw_dead_at after;         /* to go on behind; queue NULL: from the first */
	unsigned int n;                  /* at most; fewer do not mean that there are no more */
};
typedef void gw_dead_cb(void *ctx, uint64_t token, const struct gw_dead *letter);
/* result: OK, DOWN, BUSY. next: to go on behind it; NULL: that were all. */
typedef void gw_dead_end_cb(void *ctx, uint64_t token, enum sess_queue_result result, const struct gw_dead_at *next);
/* on_letter for each, then on_end, once. */
void gw_dead_list(const struct gw_dead_list *list, gw_dead_cb *on_letter, gw_dead_end_cb *on_end, void *ctx, uint64_t token);
/* One letter: on_letter, if it is there, then on_end. */
void gw_dead_find(const struct gw_dead_at *at, gw_dead_cb *on_letter, gw_dead_end_cb *on_end, void *ctx, uint64_t token);
