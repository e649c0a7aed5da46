/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See join.h. A slot is free, in one of two lists (filling, whole; oldest first, which is the order of their time-outs), or just
 * handed out. As many buckets as slots; a slot carries the bucket of its own number. One slot is kept free, so that
 * a new message can be begun while the one that made way is still being read. */
#include "smpp/join.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define NONE UINT32_MAX
#define GAP "\xE2\x80\xA6"

/* ---- slots ---- */

static void list_add(struct smpp_join *join, uint32_t index, bool whole)
{
	struct smpp_join_slot *slot = &join->slots[index];

	slot->whole = whole;
	slot->newer = NONE;
	slot->older = join->lists[whole].newest;
	if (slot->older != NONE)
		join->slots[slot->older].newer = index;
	else
		join->lists[whole].oldest = index;
	join->lists[whole].newest = index;
}

static void list_del(struct smpp_join *join, uint32_t index)
{
	const struct smpp_join_slot *slot = &join->slots[index];

	if (slot->older != NONE)
		join->slots[slot->older].newer = slot->newer;
	else
		join->lists[slot->whole].oldest = slot->newer;
	if (slot->newer != NONE)
		join->slots[slot->newer].older = slot->older;
	else
		join->lists[slot->whole].newest = slot->older;
}

static void put_free(struct smpp_join *join, uint32_t index)
{
	join->slots[index].newer = join->free;
	join->free = index;
}

/* Out of the table. It is not free yet. */
static void forget(struct smpp_join *join, uint32_t index)
{
	uint32_t *link = &join->slots[join->slots[index].hash % join->n].bucket;

	while (*link != index)
		link = &join->slots[*link].next;
	*link = join->slots[index].next;
	list_del(join, index);
	join->n_used--;
}

static void drop(struct smpp_join *join, uint32_t index)
{
	forget(join, index);
	put_free(join, index);
}

static const struct smpp_join_message *hand_out(struct smpp_join *join, uint32_t index)
{
	forget(join, index);
	join->handed = index;
	return &join->slots[index].message;
}

static void take_back(struct smpp_join *join)
{
	if (join->handed != NONE)
		put_free(join, join->handed);
	join->handed = NONE;
}

void smpp_join_init(struct smpp_join *join, struct smpp_join_slot *slots, size_t n, int64_t timeout_ms)
{
	*join = (struct smpp_join){ .slots = slots, .n = n, .timeout_ms = timeout_ms, .free = NONE, .handed = NONE };
	join->lists[false].oldest = join->lists[false].newest = join->lists[true].oldest = join->lists[true].newest = NONE;
	for (size_t i = n; i-- > 0;) {
		slots[i].bucket = NONE;
		put_free(join, (uint32_t)i);
	}
}

/* ---- messages ---- */

static uint32_t hash_octet(uint32_t hash, unsigned int octet)
{
	return (hash ^ octet) * 16777619u;
}

/* FNV-1a of all that names a message. */
static uint32_t hash_of(const struct smpp_join_part *part)
{
	uint32_t hash = 2166136261u;

	for (const char *at = part->source; *at; at++)
		hash = hash_octet(hash, (uint8_t)*at);
	hash = hash_octet(hash, 0);
	for (const char *at = part->destination; *at; at++)
		hash = hash_octet(hash, (uint8_t)*at);
	hash = hash_octet(hash, part->mode);
	hash = hash_octet(hash, part->reference >> 8);
	hash = hash_octet(hash, part->reference & 0xFF);
	return hash_octet(hash, part->total);
}

static uint32_t find(const struct smpp_join *join, const struct smpp_join_part *part, uint32_t hash)
{
	uint32_t index = join->slots[hash % join->n].bucket;

	for (; index != NONE; index = join->slots[index].next) {
		const struct smpp_join_message *message = &join->slots[index].message;

		if (message->reference == part->reference && message->total == part->total && message->mode == part->mode &&
		    strcmp(message->source, part->source) == 0 && strcmp(message->destination, part->destination) == 0)
			break;
	}
	return index;
}

/* The slot of a new message; the caller has seen to it that one is free. */
static uint32_t begin(struct smpp_join *join, const struct smpp_join_part *part, uint32_t hash, int64_t now_ms)
{
	uint32_t index = join->free, *bucket = &join->slots[hash % join->n].bucket;
	struct smpp_join_slot *slot = &join->slots[index];

	assert(slot && join->n_used < join->n); /* one is always kept free */
	join->free = slot->newer;
	join->n_used++;
	slot->hash = hash;
	slot->next = *bucket;
	*bucket = index;
	slot->since_ms = now_ms;
	list_add(join, index, false);
	memcpy(slot->message.source, part->source, strlen(part->source) + 1);
	memcpy(slot->message.destination, part->destination, strlen(part->destination) + 1);
	slot->message.mode = part->mode;
	slot->message.reference = part->reference;
	slot->message.total = part->total;
	slot->message.n_came = 0;
	slot->message.octets = 0;
	memset(slot->message.pieces, 0, sizeof(slot->message.pieces));
	return index;
}

static void add_piece(struct smpp_join_message *message, const struct smpp_join_part *part)
{
	message->pieces[part->number - 1] = (struct smpp_join_piece){
		.came = true, .alphabet = part->alphabet, .at = message->octets, .octets = (uint16_t)part->octets, .tag = part->tag,
	};
	if (part->octets)
		memcpy(message->data + message->octets, part->data, part->octets);
	message->octets = (uint16_t)(message->octets + part->octets);
	message->n_came++;
}

static bool is_same(const struct smpp_join_message *message, const struct smpp_join_part *part)
{
	const struct smpp_join_piece *piece = &message->pieces[part->number - 1];

	return piece->octets == part->octets && piece->alphabet == part->alphabet &&
	       (!part->octets || memcmp(message->data + piece->at, part->data, part->octets) == 0);
}

static bool makes_sense(const struct smpp_join_part *part)
{
	return part->total > 1 && part->total <= SMPP_JOIN_PARTS_MAX && part->number >= 1 && part->number <= part->total &&
	       part->octets <= SMPP_JOIN_OCTETS && part->mode != SMPP_CONCAT_PAYLOAD && strlen(part->source) <= SMPP_ADDRESS_MAX &&
	       strlen(part->destination) <= SMPP_ADDRESS_MAX;
}

/* Whole ones go first: they are only remembered. */
static const struct smpp_join_message *make_room(struct smpp_join *join)
{
	if (join->n_used < join->n - 1)
		return NULL;
	if (join->lists[true].oldest == NONE)
		return hand_out(join, join->lists[false].oldest);
	drop(join, join->lists[true].oldest);
	return NULL;
}

/* The reference is used again. */
static const struct smpp_join_message *replace(struct smpp_join *join, uint32_t index)
{
	if (!join->slots[index].whole)
		return hand_out(join, index);
	drop(join, index);
	return NULL;
}

enum smpp_join_taken smpp_join_take(struct smpp_join *join, const struct smpp_join_part *part, int64_t now_ms,
                                    const struct smpp_join_message **message)
{
	uint32_t hash, index;
	struct smpp_join_slot *slot;

	take_back(join);
	*message = NULL;
	if (!makes_sense(part))
		return SMPP_JOIN_ALONE;
	hash = hash_of(part);
	index = find(join, part, hash);
	if (index != NONE && join->slots[index].message.pieces[part->number - 1].came) {
		if (is_same(&join->slots[index].message, part))
			return SMPP_JOIN_REPEATED;
		*message = replace(join, index);
		index = NONE;
	}
	if (index == NONE) {
		if (!*message)
			*message = make_room(join);
		index = begin(join, part, hash, now_ms);
	}
	slot = &join->slots[index];
	if (part->octets > (size_t)(SMPP_JOIN_OCTETS - slot->message.octets))
		return SMPP_JOIN_ALONE; /* what came is handed out when its time is over */
	add_piece(&slot->message, part);
	if (slot->message.n_came < part->total)
		return SMPP_JOIN_KEPT;
	list_del(join, index);
	slot->since_ms = now_ms;
	list_add(join, index, true);
	*message = &slot->message;
	return SMPP_JOIN_WHOLE;
}

const struct smpp_join_message *smpp_join_expired(struct smpp_join *join, int64_t now_ms)
{
	int64_t before_ms = now_ms - join->timeout_ms;

	take_back(join);
	while (join->lists[true].oldest != NONE && join->slots[join->lists[true].oldest].since_ms <= before_ms)
		drop(join, join->lists[true].oldest);
	if (join->lists[false].oldest != NONE && join->slots[join->lists[false].oldest].since_ms <= before_ms)
		return hand_out(join, join->lists[false].oldest);
	return NULL;
}

/* ---- text ---- */

static bool is_run(const struct smpp_join_message *message, unsigned int i, enum smpp_alphabet alphabet)
{
	return i < message->total && message->pieces[i].came && message->pieces[i].alphabet == alphabet;
}

/* The pieces from *i on that are in one alphabet, decoded as one, so that a pair cut in two comes out right. Packed text begins anew
 * in each. */
static ssize_t decode_run(const struct smpp_join_message *message, unsigned int *i, char *utf8, size_t cap)
{
	uint8_t data[SMPP_JOIN_OCTETS];
	enum smpp_alphabet alphabet = message->pieces[*i].alphabet;
	size_t octets = 0;

	do {
		const struct smpp_join_piece *piece = &message->pieces[(*i)++];

		memcpy(data + octets, message->data + piece->at, piece->octets);
		octets += piece->octets;
	} while (alphabet != SMPP_ALPHABET_GSM7_PACKED && is_run(message, *i, alphabet));
	return smpp_text_decode(alphabet, data, octets, utf8, cap);
}

static ssize_t put_gap(const struct smpp_join_message *message, unsigned int *i, char *utf8, size_t cap)
{
	while (*i < message->total && !message->pieces[*i].came)
		++*i;
	if (cap < sizeof(GAP) - 1)
		return -ENOSPC;
	memcpy(utf8, GAP, sizeof(GAP) - 1);
	return sizeof(GAP) - 1;
}

ssize_t smpp_join_text(const struct smpp_join_message *message, char *utf8, size_t cap)
{
	size_t written = 0;

	for (unsigned int i = 0; i < message->total;) {
		ssize_t n = (message->pieces[i].came ? decode_run : put_gap)(message, &i, utf8 + written, cap - written);

		if (n < 0)
			return n;
		written += (size_t)n;
	}
	return (ssize_t)written;
}
