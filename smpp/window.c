/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The requests in flight. A request's place is its sequence number modulo the size of the ring, so that a response
 * finds it in one step; a number whose place is still taken by an older request is skipped, which is also why no number
 * in flight is given twice. The ring is at least twice as large as the window: skipping never takes long.
 *
 * Deadlines are not kept in order. `earliest_ms` is a lower bound that makes the usual question, "is anything late?",
 * one comparison; only when it is passed is the ring searched, and a search that finds nothing raises it again. */
#include "smpp/window.h"

#include <string.h>

#define SEQUENCE_MAX 0x7FFFFFFFu

static struct smpp_window_entry *place(const struct smpp_window *window, uint32_t sequence)
{
	return &window->entries[sequence & (window->slots - 1)];
}

static uint32_t after(uint32_t sequence)
{
	return sequence >= SEQUENCE_MAX ? 1 : sequence + 1;
}

static void release(struct smpp_window *window, struct smpp_window_entry *entry, struct smpp_window_entry *copy)
{
	*copy = *entry;
	entry->sequence = 0;
	if (--window->used == 0)
		window->earliest_ms = INT64_MAX;
}

void smpp_window_init(struct smpp_window *window, struct smpp_window_entry *entries, uint32_t slots, uint32_t limit)
{
	*window = (struct smpp_window){
		.entries = entries, .slots = slots, .limit = limit, .next_sequence = 1, .earliest_ms = INT64_MAX,
	};
	memset(entries, 0, slots * sizeof(*entries));
}

bool smpp_window_full(const struct smpp_window *window)
{
	return window->used >= window->limit;
}

uint32_t smpp_window_add(struct smpp_window *window, uint32_t command_id, uint64_t token, int64_t now_ms, int64_t deadline_ms)
{
	if (smpp_window_full(window))
		return 0;
	uint32_t sequence = window->next_sequence;
	while (place(window, sequence)->sequence)
		sequence = after(sequence);
	*place(window, sequence) = (struct smpp_window_entry){
		.sequence = sequence, .command_id = command_id, .token = token, .deadline_ms = deadline_ms, .sent_ms = now_ms,
	};
	window->next_sequence = after(sequence);
	window->used++;
	if (deadline_ms < window->earliest_ms)
		window->earliest_ms = deadline_ms;
	return sequence;
}

bool smpp_window_take(struct smpp_window *window, uint32_t sequence, struct smpp_window_entry *entry)
{
	struct smpp_window_entry *found = place(window, sequence);
	if (sequence == 0 || found->sequence != sequence)
		return false;
	release(window, found, entry);
	return true;
}

bool smpp_window_expire(struct smpp_window *window, int64_t now_ms, struct smpp_window_entry *entry)
{
	if (window->used == 0 || now_ms < window->earliest_ms)
		return false;
	int64_t earliest_ms = INT64_MAX;
	for (uint32_t i = 0; i < window->slots; i++) {
		struct smpp_window_entry *at = &window->entries[i];
		if (at->sequence && at->deadline_ms <= now_ms) {
			release(window, at, entry);
			return true;
		}
		if (at->sequence && at->deadline_ms < earliest_ms)
			earliest_ms = at->deadline_ms;
	}
	window->earliest_ms = earliest_ms;
	return false;
}
