/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What an account has used: its notices of a day, counted by all gateways together, and its calls of a minute, counted by each
 * gateway for itself (behind a balancer an account may therefore make its calls_per_minute at each of them).
 *
 * Notices are counted in a tally of the ledger for each day (which begins at midnight in the gateway's time zone). Taking does not wait:
 * it looks at the tally as it was last read, and at what was taken here since. What was taken is added to the tally, and the tally
 * read again, four times a second while anything is taken and every two seconds while the account is in use. So one gateway never
 * goes above the limit; several may, by what the others accepted within the last quarter (or, after a pause, two seconds). A
 * gateway that dies forgets what it took within its last quarter of a second. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sessions/ledger.h"

struct gw_quotas;

/* A child of ctx. ledger must live as long, or be freed just before. utc_offset: minutes, where a day begins. */
struct gw_quotas *gw_quotas_alloc(void *ctx, struct sess_ledger *ledger, int utc_offset);
/* Every tick; now_ms: monotonic. */
void gw_quotas_tick(struct gw_quotas *quotas, int64_t now_ms);
/* One call more. 0, or the seconds until the minute is over: the account has made per_minute (0: no limit) already. */
unsigned int gw_quotas_call(struct gw_quotas *quotas, const char *agency, unsigned int per_minute, int64_t now_ms);
/* Was today's tally read? If not it will be, soon. */
bool gw_quotas_known(struct gw_quotas *quotas, const char *agency, int64_t wall_ms);
/* Takes n of per_day (0: no limit, but it is counted all the same). False: there are not so many left; nothing is taken. */
bool gw_quotas_take(struct gw_quotas *quotas, const char *agency, unsigned int per_day, unsigned int n, int64_t wall_ms);
/* Gives back what was taken for notices that were not accepted after all. (What was taken before midnight is not missed after it.) */
void gw_quotas_give(struct gw_quotas *quotas, const char *agency, unsigned int n, int64_t wall_ms);
uint64_t gw_quotas_used(struct gw_quotas *quotas, const char *agency, int64_t wall_ms);
uint64_t gw_quotas_left(struct gw_quotas *quotas, const char *agency, unsigned int per_day, int64_t wall_ms);
/* Seconds until the day ends. */
unsigned int gw_quotas_day_left_s(const struct gw_quotas *quotas, int64_t wall_ms);
