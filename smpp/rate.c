/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See rate.h. The level is kept in thousandths of a part: at N parts a second the bucket gains exactly N of them each
 * millisecond, so that there is no division and no remainder. */
#include "smpp/rate.h"

#define MILLI 1000

static int64_t capacity(const struct smpp_rate *rate)
{
	return (int64_t)rate->burst_parts * MILLI;
}

/* What must be in the bucket: never more than it holds. */
static int64_t price(const struct smpp_rate *rate, uint32_t parts)
{
	return (int64_t)(parts < rate->burst_parts ? parts : rate->burst_parts) * MILLI;
}

/* The level at now_ms. Time before the last update (a pause still running, a clock that stepped back) adds nothing. */
static int64_t level_at(const struct smpp_rate *rate, int64_t now_ms)
{
	int64_t elapsed_ms = now_ms - rate->updated_ms;
	int64_t missing = capacity(rate) - rate->level_milliparts;

	if (elapsed_ms <= 0)
		return rate->level_milliparts;
	/* compared before it is multiplied: a link that slept for years must not overflow */
	if (elapsed_ms > missing / rate->parts_per_second)
		return capacity(rate);
	return rate->level_milliparts + elapsed_ms * rate->parts_per_second;
}

void smpp_rate_init(struct smpp_rate *rate, uint32_t parts_per_second, uint32_t burst_parts, int64_t now_ms)
{
	*rate = (struct smpp_rate){ .parts_per_second = parts_per_second,
				    .burst_parts = burst_parts ? burst_parts : 1,
				    .updated_ms = now_ms,
				    .paused_until_ms = INT64_MIN };
	rate->level_milliparts = capacity(rate);
}

bool smpp_rate_take(struct smpp_rate *rate, uint32_t parts, int64_t now_ms)
{
	int64_t level;

	if (now_ms < rate->paused_until_ms)
		return false;
	if (rate->parts_per_second == 0)
		return true;
	level = level_at(rate, now_ms);
	if (level < price(rate, parts))
		return false;
	rate->level_milliparts = level - (int64_t)parts * MILLI;
	if (now_ms > rate->updated_ms)
		rate->updated_ms = now_ms;
	return true;
}

void smpp_rate_give_back(struct smpp_rate *rate, uint32_t parts)
{
	rate->level_milliparts += (int64_t)parts * MILLI;
	if (rate->level_milliparts > capacity(rate))
		rate->level_milliparts = capacity(rate);
}

int64_t smpp_rate_wait_ms(const struct smpp_rate *rate, uint32_t parts, int64_t now_ms)
{
	int64_t pause_ms = now_ms < rate->paused_until_ms ? rate->paused_until_ms - now_ms : 0;
	int64_t missing;

	if (rate->parts_per_second == 0)
		return pause_ms;
	missing = price(rate, parts) - level_at(rate, now_ms + pause_ms);
	if (missing <= 0)
		return pause_ms;
	/* the bucket may start to fill only at a time still to come */
	if (rate->updated_ms > now_ms + pause_ms)
		pause_ms = rate->updated_ms - now_ms;
	return pause_ms + (missing + rate->parts_per_second - 1) / rate->parts_per_second;
}

void smpp_rate_pause(struct smpp_rate *rate, int64_t until_ms)
{
	if (until_ms <= rate->paused_until_ms)
		return;
	rate->paused_until_ms = until_ms;
	if (rate->level_milliparts > 0)
		rate->level_milliparts = 0;
	if (until_ms > rate->updated_ms)
		rate->updated_ms = until_ms;
}
