/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* How many parts a second may be sent: a token bucket. A long SMS costs as many as it has parts, because that is how
 * operators count. Pure: the caller brings the time (monotonic milliseconds); integers only, so that nothing is lost to
 * rounding however often it is asked. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct smpp_rate {
	uint32_t parts_per_second;  /* 0: no limit */
	uint32_t burst_parts;
	int64_t level_milliparts;   /* below 0: in debt after a message longer than the burst */
	int64_t updated_ms;
	int64_t paused_until_ms;
};

/* Starts full. A burst of 0 is taken as 1: a bucket without room would never let anything pass. */
void smpp_rate_init(struct smpp_rate *rate, uint32_t parts_per_second, uint32_t burst_parts, int64_t now_ms);
/* Takes `parts` if they are there. A message of more parts than the burst passes when the bucket is full and leaves a debt,
 * so that it is slow but never stuck. */
bool smpp_rate_take(struct smpp_rate *rate, uint32_t parts, int64_t now_ms);
/* Gives back what was taken for a message that then did not leave. */
void smpp_rate_give_back(struct smpp_rate *rate, uint32_t parts);
/* Milliseconds after which smpp_rate_take would succeed if nobody else took; 0: now. */
int64_t smpp_rate_wait_ms(const struct smpp_rate *rate, uint32_t parts, int64_t now_ms);
/* The peer said "slow down" (SMPP_VERDICT_SLOW_DOWN): nothing passes before until_ms, and the bucket starts empty then.
 * Never shortens a pause. */
void smpp_rate_pause(struct smpp_rate *rate, int64_t until_ms);
