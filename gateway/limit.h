/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* How often one number may dial, or write, in a minute: a table of fixed size, so that a surge costs no memory. Two numbers may share
 * an entry only if their 32-bit hashes are equal; when a set is full the entry that dialled least is forgotten. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GW_LIMIT_SETS 16384
#define GW_LIMIT_WAYS 4

struct gw_limit_entry { uint32_t hash; uint16_t minute, count; };
struct gw_limit { struct gw_limit_entry entries[GW_LIMIT_SETS][GW_LIMIT_WAYS]; }; /* zeroed is empty */

/* Counts one, and tells how many it were in this minute, this one included. */
unsigned int gw_limit_count(struct gw_limit *limit, const char *msisdn, int64_t now_ms);
/* Counts one dial; false if the number has more than `most` in this minute (most 0: no limit). */
bool gw_limit_dial(struct gw_limit *limit, const char *msisdn, int64_t now_ms, unsigned int most);
