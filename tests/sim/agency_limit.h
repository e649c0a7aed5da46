/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* How often a number may ask: a window for each number and kind of question, kept in the database. A question that was refused counts for
 * ten, so that whoever tries IDs is stopped soon. Some IDs are blocked from the start, so that it can be seen what then comes. */
#pragma once

#include <stdbool.h>

#include "tests/sim/agency_db.h"

struct sim_limit {
	const char *agency, *route;   /* of which kind */
	const char *msisdn, *subject; /* who asks, about what */
	unsigned int times, window_s; /* times 0: as often as they like, but for what is blocked */
};

/* False: too often. */
bool sim_limit_take(struct sim_db *db, const struct sim_limit *limit);
void sim_limit_refused(struct sim_db *db, const struct sim_limit *limit);
