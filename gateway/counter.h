/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the gateway counts: one table, from which /metrics and the VTY are printed. Counters only ever grow; what goes up
 * and down (a gauge) is asked of its owner when it is printed. */
#pragma once

#include <stdint.h>

enum gw_counter {
	GW_CTR_DIALS, GW_CTR_INPUTS, GW_CTR_GONE, GW_CTR_REPEATED, GW_CTR_STALE, GW_CTR_RESUMED,
	GW_CTR_BEGUN, GW_CTR_BEGUN_REPLIES,
	GW_CTR_ENDED, GW_CTR_CUT, GW_CTR_CALLS, GW_CTR_LATE, GW_CTR_LATE_SENT, GW_CTR_TAKEN_OVER, GW_CTR_DIALOG_TEXTS, GW_CTR_DIALOG_TEXTS_MEMORY,
	GW_CTR_BUSY, GW_CTR_TOO_OFTEN, GW_CTR_REFUSED_LATER, GW_CTR_TOO_LONG, GW_CTR_STORE_DOWN, GW_CTR_CONFLICTS,
	GW_CTR_SMS_OUT, GW_CTR_SMS_LOST, GW_CTR_SMS_PUT_OFF, GW_CTR_SMS_IN, GW_CTR_SMS_UNUSABLE, GW_CTR_RECEIPTS, GW_CTR_RECEIPTS_UNREADABLE,
	GW_CTR_TEXTS_LATER, GW_CTR_PUSHES, GW_CTR_PUSHES_FAILED, GW_CTR_ANSWERS, GW_CTR_ANSWERS_REFUSED, GW_CTR_ANSWERS_UNKNOWN, GW_CTR_ANSWERS_UNSENT, GW_CTR_LANGUAGE,
	GW_COUNTERS
};

struct gw_counter_info { const char *name, *text; };
extern const struct gw_counter_info gw_counter_infos[GW_COUNTERS];

/* Time from a step's arrival to its answer, in powers of two of a microsecond: a histogram for /metrics. */
#define GW_STEP_BUCKETS 24
struct gw_counters {
	uint64_t at[GW_COUNTERS];
	uint64_t step_us[GW_STEP_BUCKETS], step_us_sum;
};

void gw_counter_step(struct gw_counters *counters, uint64_t us);
