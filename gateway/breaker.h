/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A circuit breaker: after some failures in a row an agency is left alone for a while; then one call tries whether it
 * works again. Pure: the caller brings the time. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum gw_breaker_state { GW_BREAKER_CLOSED, GW_BREAKER_OPEN, GW_BREAKER_HALF_OPEN };
/* A permission to make one attempt; handed back with its result, so that attempts from before an opening decide nothing. */
enum gw_breaker_pass { GW_BREAKER_REFUSED, GW_BREAKER_PASSED, GW_BREAKER_PROBE };

struct gw_breaker {
	unsigned int failures_max;      /* 0: never opens */
	unsigned int open_ms;
	enum gw_breaker_state state;
	unsigned int failures;          /* in a row */
	int64_t open_until_ms;
	bool probing;
};

enum gw_breaker_pass gw_breaker_ask(struct gw_breaker *breaker, int64_t now_ms);
/* Each pass is reported once. True if this report opened the breaker. */
bool gw_breaker_report(struct gw_breaker *breaker, enum gw_breaker_pass pass, bool good, int64_t now_ms);
const char *gw_breaker_state_name(enum gw_breaker_state state);
