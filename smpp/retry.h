/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Which refusals of a text message are not for good: by command_status, how often it is tried again, after which pause, and
 * whether everything else must rest meanwhile. The rows that ship are what large gateways do; an operator's configuration sets
 * them anew, or adds its vendor's own (0x400 to 0x4FF). A status without a row is a refusal for good. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SMPP_RETRIES_MAX 64

struct smpp_retry {
	uint32_t status;
	unsigned int times;         /* 0: never again */
	unsigned int pause_ms;      /* of the one message */
	unsigned int rest_ms;       /* of the whole route, after which the same message goes again, first; 0: the others go on */
};

struct smpp_retries {
	size_t n;
	struct smpp_retry at[SMPP_RETRIES_MAX];
};

/* The rows that ship; NULL past the last. */
const struct smpp_retry *smpp_retry_row(size_t index);
/* Begins with the rows that ship. */
void smpp_retries_init(struct smpp_retries *retries);
/* Sets the row of its status, or adds one. 0, -ENOSPC. */
int smpp_retries_set(struct smpp_retries *retries, const struct smpp_retry *retry);
/* NULL: a refusal for good. */
const struct smpp_retry *smpp_retries_find(const struct smpp_retries *retries, uint32_t status);
