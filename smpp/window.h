/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Requests that await a response, by sequence number and deadline: a fixed ring, no allocation after init.
 * Sequence numbers run 1..0x7FFFFFFF and wrap (SMPP v3.4 3.2); a number still in flight is never given again. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct smpp_window_entry {
	uint32_t sequence;       /* 0: free */
	uint32_t command_id;
	uint64_t token;          /* the sender's own */
	int64_t deadline_ms;
	int64_t sent_ms;
};

struct smpp_window {
	struct smpp_window_entry *entries; /* room for `slots`, a power of two */
	uint32_t slots, limit, used;       /* limit: how many may be in flight, at most slots */
	uint32_t next_sequence;
	int64_t earliest_ms;               /* no entry is due before this; INT64_MAX when empty */
};

/* entries: the caller's memory, zeroed, `slots` of them (a power of two >= 2 * limit). */
void smpp_window_init(struct smpp_window *window, struct smpp_window_entry *entries, uint32_t slots, uint32_t limit);
bool smpp_window_full(const struct smpp_window *window);
/* Takes a place and returns its sequence number, or 0 if the window is full. */
uint32_t smpp_window_add(struct smpp_window *window, uint32_t command_id, uint64_t token, int64_t now_ms, int64_t deadline_ms);
/* Settles the request with this sequence number: copies it to *entry and frees its place; false if there is none. */
bool smpp_window_take(struct smpp_window *window, uint32_t sequence, struct smpp_window_entry *entry);
/* Takes one request whose deadline is at or before now_ms (INT64_MAX: any); false if there is none. */
bool smpp_window_expire(struct smpp_window *window, int64_t now_ms, struct smpp_window_entry *entry);
