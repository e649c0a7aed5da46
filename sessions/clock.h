/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The two clocks of this floor, both libosmocore's, so that a test may move them: one that never jumps, for deadlines,
 * and the wall clock, for what Redis expires (PXAT). Nothing here reads the time in another way. */
#pragma once

#include <stdint.h>
#include <time.h>
#include <sys/time.h>
#include <osmocom/core/timer.h>

static inline int64_t sess_clock_ms(void)
{
	struct timespec now = { 0 };
	osmo_clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline int64_t sess_clock_wall_ms(void)
{
	struct timeval now = { 0 };
	osmo_gettimeofday(&now, NULL);
	return (int64_t)now.tv_sec * 1000 + now.tv_usec / 1000;
}
