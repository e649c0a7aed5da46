/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What usage.c and usage_dialog.c share. */
#pragma once

#include "gateway/usage.h"
#include "sessions/tally.h"

struct usage_names {
	gw_usage_name ussd, sms, api, sum, shown, answered, read, outcomes[GW_USAGE_OUTCOMES], times[GW_USAGE_TIMES], waits[GW_USAGE_WAITS_N];
};

struct gw_usage {
	struct gw_usage_config config;
	struct gw_usage_cells *cells;
	struct sess_tallies *tallies;
	struct usage_names name;                 /* those that are always the same */
	char process[17];                        /* random: this process among those that add */
	int64_t next_ms;
	uint16_t today;                          /* as of the last tick: the clock is not asked for each count */
	/* the add that is under way, or must be sent again as it is: n items of a day */
	bool under_way;
	uint64_t number;
	uint16_t day;
	size_t n;
	struct sess_tally items[SESS_TALLY_ADD_MAX];
	char texts[SESS_TALLY_ADD_MAX][GW_USAGE_PRINTED_OCTETS];
	uint64_t flushes, failures, lost_told;
	struct usage_watched *watched;           /* usage_outage.c */
	size_t n_watched;
};

void usage_add(struct gw_usage *usage, enum gw_usage_table table, const gw_usage_name *dims, size_t n, uint64_t by);
void usage_add_time(struct gw_usage *usage, enum gw_usage_table table, gw_usage_name *dims, size_t n, const gw_usage_name *names,
		    const unsigned int *bounds, uint64_t time);
