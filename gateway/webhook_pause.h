/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* How long an event waits before it is tried again: 5 s, 30 s, 2 min, 10 min, 30 min, 1 h, then 2 h, each a fifth more or less, until
 * it is a day old. The step is that of its attempts or that of its age, whichever is the shorter pause: an event that was given
 * back without having been tried has many deliveries but is young; one that waited while all gateways were down is old but fresh. Pure. */
#pragma once

#include <stdint.h>

#define GW_WEBHOOK_LIFE_MS INT64_C(86400000)

/* attempts: from 1. random: any number. The last pause ends when the life does. */
unsigned int gw_webhook_pause_ms(int64_t age_ms, unsigned int attempts, uint32_t random);
