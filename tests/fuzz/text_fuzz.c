/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Any octets as UTF-8 and as every alphabet: what can be encoded comes back as it was, what is decoded is well-formed, and
 * units, cuts and octets agree. */
#include <stdlib.h>
#include <string.h>

#include "smpp/concat.h"
#include "smpp/text.h"

#define CAP 4096
#define INPUT_MAX 1000
#define MUST(what) do { if (!(what)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t octets);

/* TS 23.038 6.1.2.3.1: a CR that ends on an octet is doubled, and a CR CR at the end reads as one. */
static bool ends_in_cr(const char *text, size_t octets)
{
	return octets > 0 && text[octets - 1] == '\r';
}

static void encode(enum smpp_alphabet alphabet, const char *text, size_t octets)
{
	static uint8_t out[CAP];
	static char back[CAP];
	ssize_t n = smpp_text_encode(alphabet, text, octets, out, sizeof(out));
	ssize_t units = smpp_text_units(alphabet, text, octets);
	ssize_t m;

	MUST((n < 0) == (units < 0));
	if (n < 0)
		return;
	MUST(smpp_text_cut(alphabet, text, octets, (size_t)units) == octets);
	MUST(units == 0 || smpp_text_cut(alphabet, text, octets, (size_t)units - 1) < octets);
	MUST(alphabet == SMPP_ALPHABET_GSM7_PACKED || n == units * (alphabet == SMPP_ALPHABET_UCS2 ? 2 : 1));
	m = smpp_text_decode(alphabet, out, (size_t)n, back, sizeof(back));
	if (alphabet == SMPP_ALPHABET_GSM7_PACKED && ends_in_cr(text, octets))
		return;
	MUST((size_t)m == octets && memcmp(back, text, octets) == 0);
}

static void decode(enum smpp_alphabet alphabet, const uint8_t *data, size_t octets)
{
	static char out[CAP];
	ssize_t n = smpp_text_decode(alphabet, data, octets, out, sizeof(out));

	MUST(n >= 0 && !memchr(out, '\0', (size_t)n));
	MUST(smpp_text_units(SMPP_ALPHABET_UCS2, out, (size_t)n) >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t octets)
{
	static struct smpp_concat_part parts[SMPP_CONCAT_PARTS_MAX];
	const char *text = (const char *)data;
	enum smpp_alphabet chosen;

	if (octets > INPUT_MAX)
		return 0;
	for (unsigned int a = 0; a <= SMPP_ALPHABET_UCS2; a++) {
		encode((enum smpp_alphabet)a, text, octets);
		decode((enum smpp_alphabet)a, data, octets);
	}
	chosen = smpp_text_choose(text, octets);
	if (smpp_text_units(chosen, text, octets) >= 0)
		for (unsigned int mode = SMPP_CONCAT_UDH8; mode <= SMPP_CONCAT_SAR; mode++)
			MUST(smpp_concat_split(mode, chosen, text, octets, 7, parts, SMPP_CONCAT_PARTS_MAX) ==
			     smpp_concat_count(mode, chosen, text, octets));
	return 0;
}
