/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* How much more the outbox takes. Bulk notices have lanes of their own (lane.h), so nobody else stands behind them; but what is in a
 * lane is beyond the job's reach until the outbox asks for its state, and lies twice in Redis. So jobs keep the lanes filled for
 * some seconds of sending, and the rest waits as rows.
 *
 * The longest lane of a kind decides: rows are taken in their order, so an operator that takes nothing holds up the others
 * once its lane is full. What is delayed there (quiet hours, a network that refuses for now) counts less, but is bounded, too.
 * Lanes are asked every tenth of a second while something is fed; what was fed since is taken off. */
#include <string.h>

#include <osmocom/core/utils.h>

#include "gateway/bulk_priv.h"
#include "gateway/lane.h"
#include "sessions/clock.h"

#define ROOM_MS 100
#define WAITING_MAX 2000             /* in a lane, ready to go */
#define DELAYED_MAX 20000            /* in a lane, to go later */
#define WANTED_MS 2000               /* since somebody wanted to know */

/* -1: there is no operator. */
static int kind_of(const struct gw_bulk *bulk, enum gw_notice_priority priority)
{
	const struct gw_lane *any = gw_lane_at(bulk->gw->lanes, 0);

	return any ? (int)gw_lane_of(bulk->gw->lanes, any->route->id, priority)->kind : -1;
}

static void on_stats(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_stats *stats)
{
	struct gw_bulk *bulk = ctx;
	struct bulk_room *room = &bulk->room[token];

	bulk->room_asked--;
	if (result == SESS_QUEUE_OK) {
		room->waiting_new = OSMO_MAX(room->waiting_new, stats->length - OSMO_MIN(stats->delayed, stats->length));
		room->delayed_new = OSMO_MAX(room->delayed_new, stats->delayed);
	} else {
		room->waiting_new = WAITING_MAX; /* not known: nothing is fed */
	}
	if (bulk->room_asked)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(bulk->room); i++)
		bulk->room[i] = (struct bulk_room){ .known = true, .waiting = bulk->room[i].waiting_new, .delayed = bulk->room[i].delayed_new };
}

void bulk_room_tick(struct gw_bulk *bulk, int64_t now_ms)
{
	const struct gw_lane *lane;

	if (bulk->room_asked || now_ms - bulk->room_ms < ROOM_MS || now_ms - bulk->room_wanted_ms > WANTED_MS)
		return;
	bulk->room_ms = now_ms;
	for (size_t i = 0; i < ARRAY_SIZE(bulk->room); i++)
		bulk->room[i].waiting_new = bulk->room[i].delayed_new = 0;
	for (size_t i = 0; (lane = gw_lane_at(bulk->gw->lanes, i)); i++)
		if (sess_queue_stats(lane->queue, on_stats, bulk, lane->kind) == 0)
			bulk->room_asked++;
}

uint64_t bulk_room(struct gw_bulk *bulk, enum gw_notice_priority priority)
{
	int kind = kind_of(bulk, priority);
	const struct bulk_room *room = kind < 0 ? NULL : &bulk->room[kind];

	bulk->room_wanted_ms = sess_clock_ms();
	if (!room || !room->known || room->delayed + room->taken >= DELAYED_MAX || room->waiting + room->taken >= WAITING_MAX)
		return 0;
	return WAITING_MAX - room->waiting - room->taken;
}

void bulk_room_take(struct gw_bulk *bulk, enum gw_notice_priority priority)
{
	int kind = kind_of(bulk, priority);

	if (kind >= 0)
		bulk->room[kind].taken++;
}
