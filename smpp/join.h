/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Long SMS: joining the parts that come. They come late, twice, in any order, or never; what came of a message that stays
 * incomplete is handed out too, so that nobody's words are lost without a trace. The table is the caller's, bounded, and
 * allocates nothing; time is a parameter. Pure.
 *
 * A message is known by source, destination, kind of reference, reference and total. Those that are whole stay for the same time, so
 * that a part that the network sends again is not the first of another message. A part that is not what came before under its
 * number begins a new message: references are reused. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "smpp/concat.h"
#include "smpp/pdu.h"
#include "smpp/text.h"

#define SMPP_JOIN_PARTS_MAX 32
#define SMPP_JOIN_OCTETS 4096          /* of all parts of a message */
#define SMPP_JOIN_UTF8_MAX (3 * SMPP_JOIN_OCTETS + 3 * SMPP_JOIN_PARTS_MAX) /* what smpp_join_text writes at most */

struct smpp_join_part {
	const char *source, *destination;  /* at most SMPP_ADDRESS_MAX characters */
	enum smpp_concat_mode mode;
	uint16_t reference;
	uint8_t total, number;             /* number from 1 */
	enum smpp_alphabet alphabet;
	const uint8_t *data;               /* behind any header */
	size_t octets;
	uint64_t tag;                      /* the caller's own; comes back with the message */
};

struct smpp_join_piece {
	bool came;
	enum smpp_alphabet alphabet;
	uint16_t at, octets;               /* in data[] */
	uint64_t tag;
};

struct smpp_join_message {
	char source[SMPP_ADDRESS_MAX + 1], destination[SMPP_ADDRESS_MAX + 1];
	enum smpp_concat_mode mode;
	uint16_t reference;
	uint8_t total, n_came;             /* whole if they are equal */
	struct smpp_join_piece pieces[SMPP_JOIN_PARTS_MAX]; /* by number - 1 */
	uint16_t octets;
	uint8_t data[SMPP_JOIN_OCTETS];    /* in the order of arrival */
};

/* One place of the table; its fields are private. */
struct smpp_join_slot {
	struct smpp_join_message message;
	int64_t since_ms;                  /* begun; or whole */
	uint32_t hash;
	uint32_t bucket, next;             /* head of the chain of this number; next in the chain that this slot is in */
	uint32_t older, newer;             /* in its list; `newer` also links the free ones */
	bool whole;
};

struct smpp_join {
	struct smpp_join_slot *slots;
	size_t n, n_used;
	int64_t timeout_ms;
	uint32_t free, handed;             /* handed out by the last call */
	struct { uint32_t oldest, newest; } lists[2]; /* filling, whole */
};

enum smpp_join_taken {
	SMPP_JOIN_KEPT,                    /* parts are missing still */
	SMPP_JOIN_REPEATED,                /* it came before: nothing to do */
	SMPP_JOIN_WHOLE,                   /* it was the last one missing: *message is the whole */
	SMPP_JOIN_ALONE,                   /* cannot be joined (numbers that make no sense, or too much): take it as a message of its own */
};

/* slots: n of them, 2 or more; n - 1 messages are kept. */
void smpp_join_init(struct smpp_join *join, struct smpp_join_slot *slots, size_t n, int64_t timeout_ms);
/* Takes a part. *message: the whole one; or, with KEPT, an incomplete one that had to go (the oldest, when all slots are in use,
 * or one whose reference is used again); else NULL. It is valid until the next call. */
enum smpp_join_taken smpp_join_take(struct smpp_join *join, const struct smpp_join_part *part, int64_t now_ms,
                                    const struct smpp_join_message **message);
/* An incomplete message that has waited since timeout_ms, valid until the next call; NULL: none. Ask until NULL; with INT64_MAX
 * everything that waits comes out. */
const struct smpp_join_message *smpp_join_expired(struct smpp_join *join, int64_t now_ms);
/* The text of a message, whole or not: where parts are missing stands one U+2026. Octets of UTF-8, -ENOSPC, -EINVAL if it is not text. */
ssize_t smpp_join_text(const struct smpp_join_message *message, char *utf8, size_t cap);
