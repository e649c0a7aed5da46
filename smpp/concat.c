/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Long SMS, split. Counting and splitting walk the same way, part by part, because how many parts there are depends on
 * where pairs must not be cut: a text of 306 septets may need three parts. */
#include "smpp/concat.h"

#include <errno.h>

#define UDH_OCTETS 6
#define PART_SEPTETS 153
#define PART_UCS2_UNITS 67

/* The units of the only part, and of each of several; 0: an alphabet that no SMS of ours is in. */
static size_t single_units(enum smpp_alphabet alphabet)
{
	return alphabet == SMPP_ALPHABET_GSM7 ? SMPP_SMS_SEPTETS : alphabet == SMPP_ALPHABET_UCS2 ? SMPP_SMS_UCS2_UNITS : 0;
}

static size_t part_units(enum smpp_alphabet alphabet)
{
	return alphabet == SMPP_ALPHABET_GSM7 ? PART_SEPTETS : PART_UCS2_UNITS;
}

int smpp_concat_count(enum smpp_alphabet alphabet, const char *utf8, size_t octets)
{
	ssize_t units = single_units(alphabet) ? smpp_text_units(alphabet, utf8, octets) : -EILSEQ;
	int parts = 0;

	if (units < 0)
		return (int)units;
	if ((size_t)units <= single_units(alphabet))
		return 1;
	for (size_t at = 0; at < octets; parts++)
		at += smpp_text_cut(alphabet, utf8 + at, octets - at, part_units(alphabet));
	return parts;
}

/* TS 23.040 9.2.3.24.1: length of the header, element 0 of three octets: reference, how many parts, which of them. */
static void put_header(struct smpp_concat_part *part, uint8_t reference, unsigned int parts, unsigned int number)
{
	const uint8_t header[UDH_OCTETS] = { UDH_OCTETS - 1, 0x00, 0x03, reference, (uint8_t)parts, (uint8_t)number };

	for (size_t i = 0; i < UDH_OCTETS; i++)
		part->data[i] = header[i];
}

static int put_part(struct smpp_concat_part *part, enum smpp_alphabet alphabet, const char *utf8, size_t octets, size_t header)
{
	ssize_t n = smpp_text_encode(alphabet, utf8, octets, part->data + header, sizeof(part->data) - header);

	if (n < 0)
		return (int)n;
	part->octets = (uint8_t)((size_t)n + header);
	return 0;
}

int smpp_concat_split(enum smpp_alphabet alphabet, const char *utf8, size_t octets, uint8_t reference,
                      struct smpp_concat_part *parts, unsigned int max)
{
	int count = smpp_concat_count(alphabet, utf8, octets), rc;
	size_t at = 0;

	if (count < 0)
		return count;
	if ((unsigned int)count > max || count > SMPP_CONCAT_PARTS_MAX)
		return -E2BIG;
	if (count == 1)
		return (rc = put_part(&parts[0], alphabet, utf8, octets, 0)) < 0 ? rc : 1;
	for (int i = 0; i < count; i++) {
		size_t piece = smpp_text_cut(alphabet, utf8 + at, octets - at, part_units(alphabet));

		put_header(&parts[i], reference, (unsigned int)count, (unsigned int)i + 1);
		if ((rc = put_part(&parts[i], alphabet, utf8 + at, piece, UDH_OCTETS)) < 0)
			return rc;
		at += piece;
	}
	return count;
}
