/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What was seen to fail: how often, and for how long. Agencies tell of themselves when they are left alone; what is always to be there (a
 * network's links, Redis) is looked at every tick, and its seconds are counted as they pass, so that an outage that nobody lives to see the
 * end of is in the tallies, too. */
#include <talloc.h>

#include <osmocom/core/utils.h>

#include "gateway/usage_priv.h"
#include "sessions/clock.h"

#define SECOND_MS 1000           /* what is away for less is no outage: a link that binds anew */

struct usage_watched {
	gw_usage_name dims[2];
	bool away, counted;
	int64_t until_ms;        /* monotonic: away since, or counted up to here */
};

void gw_usage_outage(struct gw_usage *usage, const char *what, const char *name, int64_t away_ms)
{
	gw_usage_name dims[2];

	if (!usage)
		return;
	dims[0] = gw_usage_name_of(usage->cells, what);
	dims[1] = gw_usage_name_of(usage->cells, name);
	usage_add(usage, GW_USAGE_OUTAGES, dims, 2, 1);
	usage_add(usage, GW_USAGE_AWAY, dims, 2, (uint64_t)OSMO_MAX(away_ms, 0) / SECOND_MS);
}

/* NULL: there are too many. */
static struct usage_watched *find(struct gw_usage *usage, const char *what, const char *name)
{
	const gw_usage_name dims[2] = { gw_usage_name_of(usage->cells, what), gw_usage_name_of(usage->cells, name) };

	for (size_t i = 0; i < usage->n_watched; i++)
		if (usage->watched[i].dims[0] == dims[0] && usage->watched[i].dims[1] == dims[1])
			return &usage->watched[i];
	if (usage->n_watched == GW_USAGE_WATCHED_MAX)
		return NULL;
	usage->watched = talloc_realloc(usage, usage->watched, struct usage_watched, (unsigned int)usage->n_watched + 1);
	usage->watched[usage->n_watched] = (struct usage_watched){ .dims = { dims[0], dims[1] } };
	return &usage->watched[usage->n_watched++];
}

void gw_usage_watch(struct gw_usage *usage, const char *what, const char *name, bool up)
{
	struct usage_watched *watched = usage ? find(usage, what, name) : NULL;
	int64_t now_ms = sess_clock_ms(), seconds;

	if (!watched)
		return;
	if (up || !watched->away) {
		watched->away = !up;
		watched->counted = false;
		watched->until_ms = now_ms;
		return;
	}
	seconds = (now_ms - watched->until_ms) / SECOND_MS;
	if (seconds < 1)
		return;
	if (!watched->counted)
		usage_add(usage, GW_USAGE_OUTAGES, watched->dims, 2, 1);
	watched->counted = true;
	watched->until_ms += seconds * SECOND_MS;
	usage_add(usage, GW_USAGE_AWAY, watched->dims, 2, (uint64_t)seconds);
}
