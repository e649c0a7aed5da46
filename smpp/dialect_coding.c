/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* data_coding means two things at once: SMPP's own table (v3.4 5.2.19) up to 14, and from there, because a USSD centre
 * copies it through, the Cell Broadcast Data Coding Scheme, which is USSD's (3GPP TS 23.038 5).
 *
 * Deviations: 0 and 8-bit data are what the operator's file says. 0x18 to 0x1B are reserved in the CBS scheme (to be taken
 * for GSM 7-bit), but are sent for UCS-2 by those who think in the SMS scheme. 0x11 (UCS-2 after a language) is GSM
 * 7-bit class 1 in the SMS scheme: it is believed only if a language really stands there. */
#include "smpp/dialect_coding.h"

#include <stdbool.h>

#define CBS_GSM7_LANGUAGE 0x10
#define CBS_UCS2_LANGUAGE 0x11
#define COMPRESSED 0x20
#define CLASS_IS_8BIT 0x04

/* Bits 3 and 2 of the general groups. */
static const enum smpp_alphabet general[4] = {
	SMPP_ALPHABET_GSM7, SMPP_ALPHABET_OCTETS, SMPP_ALPHABET_UCS2, SMPP_ALPHABET_GSM7 /* reserved */
};

/* SMPP v3.4 5.2.19; 0, 2 and 4 are looked up in the dialect. 5 JIS, 6 Cyrillic, 7 Hebrew, 9, 10, 13, 14: no alphabet of ours. */
static const enum smpp_alphabet smpp_own[15] = {
	[1] = SMPP_ALPHABET_ASCII, [3] = SMPP_ALPHABET_LATIN1, [5] = SMPP_ALPHABET_OCTETS, [6] = SMPP_ALPHABET_OCTETS,
	[7] = SMPP_ALPHABET_OCTETS, [8] = SMPP_ALPHABET_UCS2, [9] = SMPP_ALPHABET_OCTETS, [10] = SMPP_ALPHABET_OCTETS,
	[11] = SMPP_ALPHABET_GSM7, [12] = SMPP_ALPHABET_GSM7, [13] = SMPP_ALPHABET_OCTETS, [14] = SMPP_ALPHABET_OCTETS,
};

static bool is_letter(unsigned int c)
{
	return c >= 'a' && c <= 'z';
}

/* Two letters packed into two octets, before UCS-2. */
static bool packed_language(const uint8_t *text, size_t octets)
{
	return octets >= 2 && is_letter(text[0] & 0x7Fu) && is_letter((text[0] >> 7 | (unsigned int)text[1] << 1) & 0x7Fu);
}

/* Two letters and a CR, before GSM 7-bit. */
static bool plain_language(const uint8_t *text, size_t octets)
{
	return octets >= 3 && is_letter(text[0]) && is_letter(text[1]) && text[2] == '\r';
}

static enum smpp_alphabet after_language(uint8_t data_coding, const uint8_t *text, size_t octets, size_t *skip)
{
	if (!text)
		return SMPP_ALPHABET_OCTETS;
	if (data_coding == CBS_UCS2_LANGUAGE) {
		if (!packed_language(text, octets))
			return SMPP_ALPHABET_GSM7;
		*skip = 2;
		return SMPP_ALPHABET_UCS2;
	}
	*skip = plain_language(text, octets) ? 3 : 0;
	return SMPP_ALPHABET_GSM7;
}

static enum smpp_alphabet cbs(uint8_t data_coding, const uint8_t *text, size_t octets, size_t *skip)
{
	switch (data_coding >> 4) {
	case 0x1:
		if (data_coding == CBS_GSM7_LANGUAGE || data_coding == CBS_UCS2_LANGUAGE)
			return after_language(data_coding, text, octets, skip);
		return data_coding >= 0x18 && data_coding <= 0x1B ? SMPP_ALPHABET_UCS2 : SMPP_ALPHABET_GSM7;
	case 0x4: case 0x5: case 0x6: case 0x7:
		return data_coding & COMPRESSED ? SMPP_ALPHABET_OCTETS : general[data_coding >> 2 & 3];
	case 0x9: /* a user data header stands before the text */
	case 0xD: /* I1 protocol */
	case 0xE: /* WAP */
		return SMPP_ALPHABET_OCTETS;
	case 0xF:
		return data_coding & CLASS_IS_8BIT ? SMPP_ALPHABET_OCTETS : SMPP_ALPHABET_GSM7;
	default: /* languages, and reserved groups: GSM 7-bit */
		return SMPP_ALPHABET_GSM7;
	}
}

static bool is_eight_bit(uint8_t data_coding)
{
	unsigned int group = data_coding >> 4;

	return data_coding == 2 || data_coding == 4 || ((group == 4 || group == 5) && (data_coding >> 2 & 3) == 1) ||
	       (group == 0xF && (data_coding & CLASS_IS_8BIT));
}

enum smpp_alphabet smpp_dialect_alphabet(const struct smpp_dialect *dialect, uint8_t data_coding, const uint8_t *text, size_t octets,
                                         size_t *skip)
{
	enum smpp_alphabet alphabet;

	*skip = 0;
	if (data_coding == 0)
		return dialect->default_alphabet;
	if (is_eight_bit(data_coding))
		return dialect->eight_bit_alphabet;
	alphabet = data_coding < 15 ? smpp_own[data_coding] : cbs(data_coding, text, octets, skip);
	if (alphabet == SMPP_ALPHABET_GSM7 && dialect->default_alphabet == SMPP_ALPHABET_GSM7_PACKED)
		return SMPP_ALPHABET_GSM7_PACKED;
	return alphabet;
}
