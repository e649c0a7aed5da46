/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See breaker.h. closed --failures in a row--> open --open_ms, next call--> half-open --its result--> closed or open. */
#include "gateway/breaker.h"

enum gw_breaker_pass gw_breaker_ask(struct gw_breaker *breaker, int64_t now_ms)
{
	if (breaker->state == GW_BREAKER_CLOSED)
		return GW_BREAKER_PASSED;
	if (breaker->state == GW_BREAKER_OPEN && now_ms >= breaker->open_until_ms)
		breaker->state = GW_BREAKER_HALF_OPEN;
	if (breaker->state == GW_BREAKER_OPEN || breaker->probing)
		return GW_BREAKER_REFUSED;
	breaker->probing = true;
	return GW_BREAKER_PROBE;
}

static bool open_now(struct gw_breaker *breaker, int64_t now_ms)
{
	breaker->state = GW_BREAKER_OPEN;
	breaker->open_until_ms = now_ms + breaker->open_ms;
	return true;
}

bool gw_breaker_report(struct gw_breaker *breaker, enum gw_breaker_pass pass, bool good, int64_t now_ms)
{
	if (pass == GW_BREAKER_PROBE)
		breaker->probing = false;
	else if (pass != GW_BREAKER_PASSED || breaker->state != GW_BREAKER_CLOSED)
		return false;
	if (good) {
		breaker->failures = 0;
		breaker->state = GW_BREAKER_CLOSED;
		return false;
	}
	breaker->failures++;
	if (pass == GW_BREAKER_PROBE)
		return open_now(breaker, now_ms);
	return breaker->failures_max && breaker->failures >= breaker->failures_max && open_now(breaker, now_ms);
}

const char *gw_breaker_state_name(enum gw_breaker_state state)
{
	static const char *const names[] = { "closed", "open", "half-open" };

	return names[state];
}
