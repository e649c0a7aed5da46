/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Text between UTF-8 and the alphabets of mobile networks: GSM 7-bit with extension (3GPP TS 23.038 6.2.1, 6.2.1.1),
 * Latin-1, ASCII and UCS-2 (sent as UTF-16BE, so that a character outside the BMP costs two units), and how much room
 * it takes. Text has a length: in GSM 7-bit '@' is 0x00. Nothing allocates. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum smpp_alphabet {
	SMPP_ALPHABET_GSM7,         /* one septet in each octet, as nearly every SMSC wants it */
	SMPP_ALPHABET_GSM7_PACKED,  /* eight septets in seven octets, TS 23.038 6.1.2.3 (USSD packing, CR padding) */
	SMPP_ALPHABET_LATIN1,
	SMPP_ALPHABET_ASCII,
	SMPP_ALPHABET_UCS2,
	SMPP_ALPHABET_OCTETS,       /* not text: decoding is refused */
};

#define SMPP_USSD_SEPTETS 182
#define SMPP_USSD_UCS2_UNITS 80
#define SMPP_SMS_SEPTETS 160
#define SMPP_SMS_UCS2_UNITS 70

/* UTF-8 -> alphabet. Octets written, -EILSEQ: a character that the alphabet lacks or invalid UTF-8, -ENOSPC. */
ssize_t smpp_text_encode(enum smpp_alphabet alphabet, const char *utf8, size_t octets, uint8_t *out, size_t cap);
/* Alphabet -> UTF-8 (not NUL-terminated). Octets written, -ENOSPC, -EINVAL for OCTETS. Never fails on bad input: what
 * is not a character (a lone surrogate, an odd last octet, an escape without a table entry) becomes U+FFFD or, for an
 * unknown extension, the character of the basic table (TS 23.038 6.2.1.1 note). U+0000 never comes out. */
ssize_t smpp_text_decode(enum smpp_alphabet alphabet, const uint8_t *in, size_t octets, char *utf8, size_t cap);
/* Septets (extension counted twice), octets or UTF-16 units that the text takes; -EILSEQ as above. */
ssize_t smpp_text_units(enum smpp_alphabet alphabet, const char *utf8, size_t octets);
/* GSM7 if every character is in its tables, else UCS2. */
enum smpp_alphabet smpp_text_choose(const char *utf8, size_t octets);
/* "GSM7", "UCS2" ... */
const char *smpp_text_alphabet_name(enum smpp_alphabet alphabet);
bool smpp_text_alphabet_find(const char *name, enum smpp_alphabet *alphabet);
/* The octets of whole characters at the start of text that take at most `units` in the alphabet (never inside an escape
 * pair or a surrogate pair). */
size_t smpp_text_cut(enum smpp_alphabet alphabet, const char *utf8, size_t octets, size_t units);
