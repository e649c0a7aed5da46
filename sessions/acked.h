/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Which answers the networks have taken: what tells a step that the network repeats ("1") from a new one that looks the same
 * (on the next page, "1" again). Nobody can have reacted to an answer before the network took it.
 *
 * This process notes its own in a table of fixed size. While another gateway lives on the same Redis it also writes them to
 * `acked:{pNN}:<id>` ("version time", for two minutes), because the next step may come to that one; each gateway notes itself
 * in the sorted set `gateways:{p00}` every second, so that one alone pays nothing. Times are wall clock (us since 1970), so that they
 * can be compared between machines (whose clocks must agree to some 100 ms). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sessions/redis.h"

struct sess_acked;

/* A child of ctx. Free redis first: what is pending there is answered to us. */
struct sess_acked *sess_acked_alloc(void *ctx, struct sess_redis *redis);
/* Notes that this gateway lives and counts the others; call it often, it acts once a second. now_ms: monotonic. */
void sess_acked_tick(struct sess_acked *acked, int64_t now_ms);
/* How many other gateways were alive a moment ago. */
unsigned int sess_acked_others(const struct sess_acked *acked);
/* The network has taken the answer of this version, at this time. */
void sess_acked_note(struct sess_acked *acked, const char *id, uint32_t version, int64_t now_wall_us);
/* When it took the answer of this version, as far as this process knows; 0: unknown. */
int64_t sess_acked_when(const struct sess_acked *acked, const char *id, uint32_t version);
/* Asks what the others know. cb: `when`, or 0. 0, or -errno and cb is not called. */
typedef void sess_acked_cb(void *ctx, uint64_t token, uint32_t version, int64_t when_us);
int sess_acked_ask(struct sess_acked *acked, const char *id, sess_acked_cb *cb, void *ctx, uint64_t token);
