/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A histogram of times with three significant digits from 1 ns to hours (after HdrHistogram's idea: octaves, each cut into
 * equal parts). Recording is two shifts and an addition. */
#pragma once

#include <stdint.h>

#define SMSC_HIST_PARTS 512       /* of an octave */
#define SMSC_HIST_OCTAVES 36

struct smsc_hist {
	uint64_t count, max_ns;
	uint32_t buckets[SMSC_HIST_OCTAVES * SMSC_HIST_PARTS];
};

void smsc_hist_add(struct smsc_hist *hist, int64_t ns);
/* The time that a share (0..1) of what was recorded does not exceed, in microseconds; 0 when empty. */
double smsc_hist_quantile_us(const struct smsc_hist *hist, double share);
