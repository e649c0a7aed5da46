/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Quiet hours: from when to when, in the country's time, nobody is woken by what can wait. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct gw_quiet {
	int from, to;                    /* minutes of the day, 0 .. 1439; equal: there are none. from > to: over midnight */
	int utc_offset;                  /* minutes east of Greenwich */
};

/* "22:00" to minutes of the day; -1: it is no time. */
int gw_quiet_time(const char *text);
/* How long it is still quiet; 0: it is not. */
int64_t gw_quiet_left_ms(const struct gw_quiet *quiet, int64_t wall_ms);
