/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Which answers the networks have taken, shared among gateways. The store's cache knows it of the answers of this process;
 * a step that comes to another one ("1", and on the next page "1" again) must be told from a repetition there, too.
 *
 * `acked:{pNN}:<id>` holds the version that was taken, for two minutes. It is written only while another gateway lives on
 * the same Redis (each notes itself in the sorted set `gateways:{p00}` every second), so that one alone pays nothing. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sessions/redis.h"

struct sess_acked;

/* A child of ctx. Free redis first: what is pending there is answered to us. */
struct sess_acked *sess_acked_alloc(void *ctx, struct sess_redis *redis);
/* Notes that this gateway lives and counts the others; call it often, it acts once a second. */
void sess_acked_tick(struct sess_acked *acked, int64_t now_wall_ms);
/* How many other gateways were alive a moment ago. */
unsigned int sess_acked_others(const struct sess_acked *acked);
/* The network has taken the answer of this version. Not told to anybody if there is nobody. */
void sess_acked_note(struct sess_acked *acked, const char *id, uint32_t version);
/* Asks which version was taken last: a string reply of decimal digits, or nil. 0, or -errno and cb is not called. */
int sess_acked_ask(struct sess_acked *acked, const char *id, sess_redis_cb *cb, void *ctx, uint64_t token);
