/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See webhook_pause.h. */
#include "gateway/webhook_pause.h"

#include <stddef.h>

#define STEPS (sizeof(steps_ms) / sizeof(steps_ms[0]))
static const unsigned int steps_ms[] = { 5000, 30000, 120000, 600000, 1800000, 3600000, 7200000 };

/* How many pauses, taken at their shortest, an event of this age has behind it. */
static size_t steps_of_age(int64_t age_ms)
{
	int64_t sum_ms = 0;
	size_t step = 0;

	while (step < STEPS - 1 && age_ms >= (sum_ms += steps_ms[step] / 5 * 4))
		step++;
	return step;
}

unsigned int gw_webhook_pause_ms(int64_t age_ms, unsigned int attempts, uint32_t random)
{
	size_t step = steps_of_age(age_ms), tried = attempts ? attempts - 1 : 0;
	int64_t pause_ms, left_ms = GW_WEBHOOK_LIFE_MS - age_ms;

	if (tried < step)
		step = tried;
	pause_ms = steps_ms[step] / 5 * 4 + random % (steps_ms[step] / 5 * 2 + 1);
	if (left_ms > 0 && pause_ms > left_ms)
		pause_ms = left_ms;
	return (unsigned int)pause_ms;
}
