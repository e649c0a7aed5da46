/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Long SMS, split. Counting and splitting walk the same way, part by part, because how many parts there are depends on
 * where pairs must not be cut: a text of 306 septets may need three parts. */
#include "smpp/concat.h"

#include <errno.h>
#include <string.h>

#define SMS_OCTETS 140
#define UDH_OCTETS_MAX 7

static const struct {
	const char *name;
	uint8_t reserved;       /* octets of a part that are the header's, ours or the network's */
	bool has_header;
} modes[] = {
	[SMPP_CONCAT_UDH8] = { "udh8", 6, true },
	[SMPP_CONCAT_UDH16] = { "udh16", 7, true },
	[SMPP_CONCAT_SAR] = { "sar", 7, false },
	[SMPP_CONCAT_PAYLOAD] = { "payload", 0, false },
};
#define MODES (sizeof(modes) / sizeof(modes[0]))

bool smpp_concat_mode_find(const char *name, enum smpp_concat_mode *mode)
{
	for (size_t i = 0; i < MODES; i++)
		if (strcmp(name, modes[i].name) == 0) {
			*mode = (enum smpp_concat_mode)i;
			return true;
		}
	return false;
}

/* Units that fit so many octets of user data on the air; 0: an alphabet that no SMS of ours is in. */
static size_t units_in(enum smpp_alphabet alphabet, size_t octets)
{
	switch (alphabet) {
	case SMPP_ALPHABET_GSM7: return octets * 8 / 7;
	case SMPP_ALPHABET_LATIN1: case SMPP_ALPHABET_ASCII: return octets;
	case SMPP_ALPHABET_UCS2: return octets / 2;
	default: return 0;
	}
}

bool smpp_concat_is_single(enum smpp_alphabet alphabet, const char *utf8, size_t octets)
{
	size_t room = units_in(alphabet, SMS_OCTETS);
	ssize_t units = room ? smpp_text_units(alphabet, utf8, octets) : -EILSEQ;

	return units >= 0 && (size_t)units <= room;
}

static size_t cut(enum smpp_concat_mode mode, enum smpp_alphabet alphabet, const char *utf8, size_t octets)
{
	return smpp_text_cut(alphabet, utf8, octets, units_in(alphabet, SMS_OCTETS - (size_t)modes[mode].reserved));
}

int smpp_concat_count(enum smpp_concat_mode mode, enum smpp_alphabet alphabet, const char *utf8, size_t octets)
{
	ssize_t units = units_in(alphabet, SMS_OCTETS) ? smpp_text_units(alphabet, utf8, octets) : -EILSEQ;
	int parts = 0;

	if (units < 0)
		return (int)units;
	if (mode == SMPP_CONCAT_PAYLOAD || smpp_concat_is_single(alphabet, utf8, octets))
		return 1;
	for (size_t at = 0; at < octets; parts++)
		at += cut(mode, alphabet, utf8 + at, octets - at);
	return parts;
}

/* TS 23.040 9.2.3.24.1 and .8: length of the header, an element of three or four octets: reference, how many parts, which. */
static size_t put_header(enum smpp_concat_mode mode, uint8_t *out, uint16_t reference, unsigned int parts, unsigned int number)
{
	const uint8_t low = (uint8_t)reference, high = (uint8_t)(reference >> 8), all = (uint8_t)parts, this = (uint8_t)number;
	const uint8_t headers[2][UDH_OCTETS_MAX] = { { 5, 0x00, 3, low, all, this }, { 6, 0x08, 4, high, low, all, this } };

	if (!modes[mode].has_header)
		return 0;
	for (size_t i = 0; i < modes[mode].reserved; i++)
		out[i] = headers[mode == SMPP_CONCAT_UDH16][i];
	return modes[mode].reserved;
}

static int put_part(struct smpp_concat_part *part, enum smpp_alphabet alphabet, const char *utf8, size_t octets, size_t header)
{
	ssize_t n = smpp_text_encode(alphabet, utf8, octets, part->data + header, sizeof(part->data) - header);

	if (n < 0)
		return (int)n;
	part->octets = (uint8_t)((size_t)n + header);
	return 0;
}

int smpp_concat_split(enum smpp_concat_mode mode, enum smpp_alphabet alphabet, const char *utf8, size_t octets, uint16_t reference,
                      struct smpp_concat_part *parts, unsigned int max)
{
	int count = mode == SMPP_CONCAT_PAYLOAD ? -EINVAL : smpp_concat_count(mode, alphabet, utf8, octets), rc;
	size_t at = 0;

	if (count < 0)
		return count;
	if ((unsigned int)count > max || count > SMPP_CONCAT_PARTS_MAX)
		return -E2BIG;
	if (count == 1)
		return (rc = put_part(&parts[0], alphabet, utf8, octets, 0)) < 0 ? rc : 1;
	for (int i = 0; i < count; i++) {
		size_t piece = cut(mode, alphabet, utf8 + at, octets - at);
		size_t header = put_header(mode, parts[i].data, reference, (unsigned int)count, (unsigned int)i + 1);

		if ((rc = put_part(&parts[i], alphabet, utf8 + at, piece, header)) < 0)
			return rc;
		at += piece;
	}
	return count;
}
