/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Text between UTF-8 and the alphabets of mobile networks, by table: one look-up a character, no allocation.
 *
 * Follows 3GPP TS 23.038 6.2.1 (basic table), 6.2.1.1 (extension table) and 6.1.2.3 (USSD packing), Unicode 3.9 for what
 * is well-formed UTF-8. Both GSM tables are written down once, as lists, and every array below is made of those lists.
 *
 * Deviations: none of the national language tables (no Persian exists, and USSD has no header to announce one). U+0000 is
 * in no alphabet of ours: encoding it is -EILSEQ, and a NUL from the network (padding) is dropped. */
#include "smpp/text.h"

#include <errno.h>
#include <strings.h>

#define ESCAPE 0x1B
#define CR 0x0D
#define REPLACEMENT 0xFFFDu
#define DIRECT 0x400 /* every GSM character but the euro is below this */
#define EURO 0x20ACu
#define EURO_SEPTET 0x65

/* X(septet, code point), TS 23.038 6.2.1; 0x1B is the escape. */
#define GSM7_BASIC(X) \
	X(0x00, 0x040) X(0x01, 0x0A3) X(0x02, 0x024) X(0x03, 0x0A5) X(0x04, 0x0E8) X(0x05, 0x0E9) X(0x06, 0x0F9) X(0x07, 0x0EC) \
	X(0x08, 0x0F2) X(0x09, 0x0C7) X(0x0A, 0x00A) X(0x0B, 0x0D8) X(0x0C, 0x0F8) X(0x0D, 0x00D) X(0x0E, 0x0C5) X(0x0F, 0x0E5) \
	X(0x10, 0x394) X(0x11, 0x05F) X(0x12, 0x3A6) X(0x13, 0x393) X(0x14, 0x39B) X(0x15, 0x3A9) X(0x16, 0x3A0) X(0x17, 0x3A8) \
	X(0x18, 0x3A3) X(0x19, 0x398) X(0x1A, 0x39E) X(0x1C, 0x0C6) X(0x1D, 0x0E6) X(0x1E, 0x0DF) X(0x1F, 0x0C9) \
	X(0x20, 0x020) X(0x21, 0x021) X(0x22, 0x022) X(0x23, 0x023) X(0x24, 0x0A4) X(0x25, 0x025) X(0x26, 0x026) X(0x27, 0x027) \
	X(0x28, 0x028) X(0x29, 0x029) X(0x2A, 0x02A) X(0x2B, 0x02B) X(0x2C, 0x02C) X(0x2D, 0x02D) X(0x2E, 0x02E) X(0x2F, 0x02F) \
	X(0x30, 0x030) X(0x31, 0x031) X(0x32, 0x032) X(0x33, 0x033) X(0x34, 0x034) X(0x35, 0x035) X(0x36, 0x036) X(0x37, 0x037) \
	X(0x38, 0x038) X(0x39, 0x039) X(0x3A, 0x03A) X(0x3B, 0x03B) X(0x3C, 0x03C) X(0x3D, 0x03D) X(0x3E, 0x03E) X(0x3F, 0x03F) \
	X(0x40, 0x0A1) X(0x41, 0x041) X(0x42, 0x042) X(0x43, 0x043) X(0x44, 0x044) X(0x45, 0x045) X(0x46, 0x046) X(0x47, 0x047) \
	X(0x48, 0x048) X(0x49, 0x049) X(0x4A, 0x04A) X(0x4B, 0x04B) X(0x4C, 0x04C) X(0x4D, 0x04D) X(0x4E, 0x04E) X(0x4F, 0x04F) \
	X(0x50, 0x050) X(0x51, 0x051) X(0x52, 0x052) X(0x53, 0x053) X(0x54, 0x054) X(0x55, 0x055) X(0x56, 0x056) X(0x57, 0x057) \
	X(0x58, 0x058) X(0x59, 0x059) X(0x5A, 0x05A) X(0x5B, 0x0C4) X(0x5C, 0x0D6) X(0x5D, 0x0D1) X(0x5E, 0x0DC) X(0x5F, 0x0A7) \
	X(0x60, 0x0BF) X(0x61, 0x061) X(0x62, 0x062) X(0x63, 0x063) X(0x64, 0x064) X(0x65, 0x065) X(0x66, 0x066) X(0x67, 0x067) \
	X(0x68, 0x068) X(0x69, 0x069) X(0x6A, 0x06A) X(0x6B, 0x06B) X(0x6C, 0x06C) X(0x6D, 0x06D) X(0x6E, 0x06E) X(0x6F, 0x06F) \
	X(0x70, 0x070) X(0x71, 0x071) X(0x72, 0x072) X(0x73, 0x073) X(0x74, 0x074) X(0x75, 0x075) X(0x76, 0x076) X(0x77, 0x077) \
	X(0x78, 0x078) X(0x79, 0x079) X(0x7A, 0x07A) X(0x7B, 0x0E4) X(0x7C, 0x0F6) X(0x7D, 0x0F1) X(0x7E, 0x0FC) X(0x7F, 0x0E0)

/* The same for what stands behind an escape, 6.2.1.1. The euro is beyond the direct table and stands apart. */
#define GSM7_EXTENSION(X) \
	X(0x0A, 0x00C) X(0x14, 0x05E) X(0x28, 0x07B) X(0x29, 0x07D) X(0x2F, 0x05C) \
	X(0x3C, 0x05B) X(0x3D, 0x07E) X(0x3E, 0x05D) X(0x40, 0x07C)

#define SEPTET_TO_CHAR(septet, code) [septet] = code,
static const uint16_t basic_chars[128] = { GSM7_BASIC(SEPTET_TO_CHAR) };
static const uint16_t extension_chars[128] = { GSM7_EXTENSION(SEPTET_TO_CHAR) [EURO_SEPTET] = EURO };

/* By code point: 0 not in GSM 7-bit, BASIC_BIT + septet, or the septet behind an escape (none of those is 0). */
#define BASIC_BIT 0x80
#define CHAR_TO_BASIC(septet, code) [code] = BASIC_BIT | (septet),
#define CHAR_TO_EXTENSION(septet, code) [code] = (septet),
static const uint8_t septets[DIRECT] = { GSM7_BASIC(CHAR_TO_BASIC) GSM7_EXTENSION(CHAR_TO_EXTENSION) };

static const char *const alphabet_names[] = {
	[SMPP_ALPHABET_GSM7] = "GSM7",
	[SMPP_ALPHABET_GSM7_PACKED] = "GSM7_PACKED",
	[SMPP_ALPHABET_LATIN1] = "LATIN1",
	[SMPP_ALPHABET_ASCII] = "ASCII",
	[SMPP_ALPHABET_UCS2] = "UCS2",
	[SMPP_ALPHABET_OCTETS] = "OCTETS",
};
#define N_ALPHABETS (sizeof(alphabet_names) / sizeof(alphabet_names[0]))

/* What septets[] holds, for any code point. */
static inline unsigned int gsm7_of(uint32_t code)
{
	if (code < DIRECT)
		return septets[code];
	return code == EURO ? EURO_SEPTET : 0;
}

/* --- UTF-8 --- */

/* A character of two or more octets. */
static size_t utf8_take_long(const uint8_t *at, size_t left, uint32_t *code)
{
	uint32_t c = at[0], least;
	size_t octets;

	if (c >= 0xC2 && c <= 0xDF) {
		octets = 2, c &= 0x1F, least = 0x80;
	} else if ((c & 0xF0) == 0xE0) {
		octets = 3, c &= 0x0F, least = 0x800;
	} else if (c >= 0xF0 && c <= 0xF4) {
		octets = 4, c &= 0x07, least = 0x10000;
	} else {
		return 0;
	}
	if (left < octets)
		return 0;
	for (size_t i = 1; i < octets; i++) {
		if ((at[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (at[i] & 0x3Fu);
	}
	if (c < least || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	*code = c;
	return octets;
}

/* The character at `at`: its octets, or 0 if none that is well-formed (nor U+0000) stands there. Nearly all of a Persian page
 * has two octets: those are taken here, without a call. */
static inline size_t utf8_take(const uint8_t *at, size_t left, uint32_t *code)
{
	if (at[0] < 0x80) {
		*code = at[0];
		return at[0] != 0;
	}
	if (at[0] >= 0xC2 && at[0] <= 0xDF && left >= 2 && (at[1] & 0xC0) == 0x80) {
		*code = (at[0] & 0x1Fu) << 6 | (at[1] & 0x3Fu);
		return 2;
	}
	return utf8_take_long(at, left, code);
}

static inline size_t utf8_octets(uint32_t code)
{
	return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/* A place to write UTF-8 to. What did not fit is seen at the end, by `full`. */
struct sink {
	uint8_t *at, *end;
	bool full;
};

static inline void sink_put(struct sink *sink, uint32_t code)
{
	static const uint8_t lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
	size_t octets = utf8_octets(code);

	if (code == 0)
		return;
	if ((size_t)(sink->end - sink->at) < octets) {
		sink->full = true;
		return;
	}
	for (size_t i = octets - 1; i > 0; i--, code >>= 6)
		sink->at[i] = (uint8_t)(0x80 | (code & 0x3F));
	sink->at[0] = (uint8_t)(lead[octets] | code);
	sink->at += octets;
}

/* --- units --- */

/* What one character takes in the alphabet; 0 if the alphabet lacks it. */
static inline unsigned int units_of(enum smpp_alphabet alphabet, uint32_t code)
{
	switch (alphabet) {
	case SMPP_ALPHABET_GSM7:
	case SMPP_ALPHABET_GSM7_PACKED: {
		unsigned int septet = gsm7_of(code);
		return septet == 0 ? 0 : septet & BASIC_BIT ? 1 : 2;
	}
	case SMPP_ALPHABET_LATIN1:
		return code < 0x100;
	case SMPP_ALPHABET_ASCII:
		return code < 0x80;
	case SMPP_ALPHABET_UCS2:
		return code < 0x10000 ? 1 : 2;
	case SMPP_ALPHABET_OCTETS:
		break;
	}
	return 0;
}

/* Walks whole characters while they fit in `units`; returns their octets and what they take in *taken. Always inlined, so that
 * walk() makes a loop of its own for each alphabet that pages are counted in. */
static inline __attribute__((always_inline)) size_t walk_in(enum smpp_alphabet alphabet, const uint8_t *in, size_t octets, size_t units,
							    size_t *taken)
{
	size_t at = 0, used = 0;

	while (at < octets) {
		uint32_t code;
		size_t n = utf8_take(in + at, octets - at, &code);
		unsigned int cost = n == 0 ? 0 : units_of(alphabet, code);

		if (cost == 0 || cost > units - used)
			break;
		at += n;
		used += cost;
	}
	*taken = used;
	return at;
}

static size_t walk(enum smpp_alphabet alphabet, const uint8_t *in, size_t octets, size_t units, size_t *taken)
{
	switch (alphabet) {
	case SMPP_ALPHABET_UCS2:
		return walk_in(SMPP_ALPHABET_UCS2, in, octets, units, taken);
	case SMPP_ALPHABET_GSM7:
	case SMPP_ALPHABET_GSM7_PACKED:
		return walk_in(SMPP_ALPHABET_GSM7, in, octets, units, taken);
	default:
		return walk_in(alphabet, in, octets, units, taken);
	}
}

ssize_t smpp_text_units(enum smpp_alphabet alphabet, const char *utf8, size_t octets)
{
	size_t taken;

	if (walk(alphabet, (const uint8_t *)utf8, octets, SIZE_MAX, &taken) < octets)
		return -EILSEQ;
	return (ssize_t)taken;
}

size_t smpp_text_cut(enum smpp_alphabet alphabet, const char *utf8, size_t octets, size_t units)
{
	size_t taken;

	return walk(alphabet, (const uint8_t *)utf8, octets, units, &taken);
}

enum smpp_alphabet smpp_text_choose(const char *utf8, size_t octets)
{
	return smpp_text_units(SMPP_ALPHABET_GSM7, utf8, octets) >= 0 ? SMPP_ALPHABET_GSM7 : SMPP_ALPHABET_UCS2;
}

/* --- encoding: one function for each alphabet, all of one shape --- */

static ssize_t encode_gsm7(const uint8_t *in, size_t octets, uint8_t *out, size_t cap)
{
	size_t n = 0, took;

	for (size_t at = 0; at < octets; at += took) {
		uint32_t code;
		unsigned int septet;

		took = utf8_take(in + at, octets - at, &code);
		if (took == 0 || (septet = gsm7_of(code)) == 0)
			return -EILSEQ;
		if (cap - n < (septet & BASIC_BIT ? 1u : 2u))
			return -ENOSPC;
		if (!(septet & BASIC_BIT))
			out[n++] = ESCAPE;
		out[n++] = (uint8_t)(septet & 0x7F);
	}
	return (ssize_t)n;
}

/* Septets gather in `bits`, the first in the lowest, and leave eight bits at a time. */
struct packer {
	uint8_t *out;
	size_t n, cap;
	unsigned int bits, n_bits;
};

static bool packer_put(struct packer *packer, unsigned int septet)
{
	packer->bits |= septet << packer->n_bits;
	packer->n_bits += 7;
	if (packer->n_bits < 8)
		return true;
	if (packer->n == packer->cap)
		return false;
	packer->out[packer->n++] = (uint8_t)packer->bits;
	packer->bits >>= 8;
	packer->n_bits -= 8;
	return true;
}

/* Seven spare bits would read as '@', so they become a CR; a text whose own CR ends on an octet would lose it in the
 * handset, so it gets a second one (6.1.2.3.1). */
static bool packer_finish(struct packer *packer, size_t n_septets, bool cr_last)
{
	if (n_septets % 8 == 7 || (n_septets % 8 == 0 && cr_last)) {
		if (!packer_put(packer, CR))
			return false;
	}
	if (packer->n_bits == 0)
		return true;
	if (packer->n == packer->cap)
		return false;
	packer->out[packer->n++] = (uint8_t)packer->bits;
	return true;
}

static ssize_t encode_packed(const uint8_t *in, size_t octets, uint8_t *out, size_t cap)
{
	struct packer packer = { .out = out, .cap = cap };
	size_t n_septets = 0, took;
	unsigned int septet = 0;

	for (size_t at = 0; at < octets; at += took) {
		uint32_t code;

		took = utf8_take(in + at, octets - at, &code);
		if (took == 0 || (septet = gsm7_of(code)) == 0)
			return -EILSEQ;
		if (!(septet & BASIC_BIT)) {
			n_septets++;
			if (!packer_put(&packer, ESCAPE))
				return -ENOSPC;
		}
		n_septets++;
		if (!packer_put(&packer, septet & 0x7F))
			return -ENOSPC;
	}
	if (!packer_finish(&packer, n_septets, septet == (BASIC_BIT | CR)))
		return -ENOSPC;
	return (ssize_t)packer.n;
}

/* Latin-1 and ASCII: code points below `limit`, as they are. */
static ssize_t encode_narrow(uint32_t limit, const uint8_t *in, size_t octets, uint8_t *out, size_t cap)
{
	size_t n = 0, took;

	for (size_t at = 0; at < octets; at += took) {
		uint32_t code;

		took = utf8_take(in + at, octets - at, &code);
		if (took == 0 || code >= limit)
			return -EILSEQ;
		if (n == cap)
			return -ENOSPC;
		out[n++] = (uint8_t)code;
	}
	return (ssize_t)n;
}

static inline void put_unit(uint8_t *out, uint32_t unit)
{
	out[0] = (uint8_t)(unit >> 8);
	out[1] = (uint8_t)unit;
}

static ssize_t encode_ucs2(const uint8_t *in, size_t octets, uint8_t *out, size_t cap)
{
	size_t n = 0, took;

	for (size_t at = 0; at < octets; at += took) {
		uint32_t code;

		took = utf8_take(in + at, octets - at, &code);
		if (took == 0)
			return -EILSEQ;
		if (cap - n < (code < 0x10000 ? 2u : 4u))
			return -ENOSPC;
		if (code >= 0x10000) {
			code -= 0x10000;
			put_unit(out + n, 0xD800 | code >> 10);
			n += 2;
			code = 0xDC00 | (code & 0x3FF);
		}
		put_unit(out + n, code);
		n += 2;
	}
	return (ssize_t)n;
}

ssize_t smpp_text_encode(enum smpp_alphabet alphabet, const char *utf8, size_t octets, uint8_t *out, size_t cap)
{
	const uint8_t *in = (const uint8_t *)utf8;

	switch (alphabet) {
	case SMPP_ALPHABET_GSM7:
		return encode_gsm7(in, octets, out, cap);
	case SMPP_ALPHABET_GSM7_PACKED:
		return encode_packed(in, octets, out, cap);
	case SMPP_ALPHABET_LATIN1:
		return encode_narrow(0x100, in, octets, out, cap);
	case SMPP_ALPHABET_ASCII:
		return encode_narrow(0x80, in, octets, out, cap);
	case SMPP_ALPHABET_UCS2:
		return encode_ucs2(in, octets, out, cap);
	case SMPP_ALPHABET_OCTETS:
		break;
	}
	return -EILSEQ;
}

/* --- decoding --- */

/* The character behind an escape: an unknown one is that of the basic table, a second escape is shown as a space. */
static uint32_t escaped(unsigned int septet)
{
	if (septet == ESCAPE)
		return ' ';
	return extension_chars[septet] ? extension_chars[septet] : basic_chars[septet];
}

/* One septet after the other; *in_escape is the state between them. */
static inline void septet_put(struct sink *sink, bool *in_escape, unsigned int septet)
{
	if (*in_escape) {
		*in_escape = false;
		sink_put(sink, escaped(septet));
	} else if (septet == ESCAPE) {
		*in_escape = true;
	} else {
		sink_put(sink, basic_chars[septet]);
	}
}

static void decode_gsm7(struct sink *sink, const uint8_t *in, size_t octets)
{
	bool in_escape = false;

	for (size_t i = 0; i < octets; i++) {
		if (in[i] < 0x80) {
			septet_put(sink, &in_escape, in[i]);
		} else {
			in_escape = false;
			sink_put(sink, REPLACEMENT);
		}
	}
	if (in_escape)
		sink_put(sink, REPLACEMENT);
}

static unsigned int packed_septet(const uint8_t *in, size_t octets, size_t index)
{
	size_t bit = index * 7, octet = bit / 8;
	unsigned int pair = in[octet] | (octet + 1 < octets ? (unsigned int)in[octet + 1] << 8 : 0);

	return pair >> (bit % 8) & 0x7F;
}

static void decode_packed(struct sink *sink, const uint8_t *in, size_t octets)
{
	size_t n = octets * 8 / 7;
	bool in_escape = false;

	/* a CR that ends on an octet is padding (6.1.2.3.1) */
	if (n > 0 && n % 8 == 0 && packed_septet(in, octets, n - 1) == CR)
		n--;
	for (size_t i = 0; i < n; i++)
		septet_put(sink, &in_escape, packed_septet(in, octets, i));
	if (in_escape)
		sink_put(sink, REPLACEMENT);
}

static void decode_narrow(struct sink *sink, uint32_t limit, const uint8_t *in, size_t octets)
{
	for (size_t i = 0; i < octets; i++)
		sink_put(sink, in[i] < limit ? in[i] : REPLACEMENT);
}

static inline uint32_t get_unit(const uint8_t *in)
{
	return (uint32_t)in[0] << 8 | in[1];
}

static void decode_ucs2(struct sink *sink, const uint8_t *in, size_t octets)
{
	size_t at = 0;

	while (octets - at >= 2) {
		uint32_t unit = get_unit(in + at), low;

		at += 2;
		if ((unit & 0xF800) != 0xD800) {
			sink_put(sink, unit);
		} else if (unit < 0xDC00 && octets - at >= 2 && ((low = get_unit(in + at)) & 0xFC00) == 0xDC00) {
			at += 2;
			sink_put(sink, 0x10000 + ((unit & 0x3FF) << 10 | (low & 0x3FF)));
		} else {
			sink_put(sink, REPLACEMENT);
		}
	}
	if (at < octets)
		sink_put(sink, REPLACEMENT);
}

ssize_t smpp_text_decode(enum smpp_alphabet alphabet, const uint8_t *in, size_t octets, char *utf8, size_t cap)
{
	struct sink sink = { .at = (uint8_t *)utf8, .end = (uint8_t *)utf8 + cap };

	switch (alphabet) {
	case SMPP_ALPHABET_GSM7:
		decode_gsm7(&sink, in, octets);
		break;
	case SMPP_ALPHABET_GSM7_PACKED:
		decode_packed(&sink, in, octets);
		break;
	case SMPP_ALPHABET_LATIN1:
		decode_narrow(&sink, 0x100, in, octets);
		break;
	case SMPP_ALPHABET_ASCII:
		decode_narrow(&sink, 0x80, in, octets);
		break;
	case SMPP_ALPHABET_UCS2:
		decode_ucs2(&sink, in, octets);
		break;
	case SMPP_ALPHABET_OCTETS:
		return -EINVAL;
	}
	if (sink.full)
		return -ENOSPC;
	return sink.at - (uint8_t *)utf8;
}

/* --- names --- */

const char *smpp_text_alphabet_name(enum smpp_alphabet alphabet)
{
	return (size_t)alphabet < N_ALPHABETS ? alphabet_names[alphabet] : "?";
}

bool smpp_text_alphabet_find(const char *name, enum smpp_alphabet *alphabet)
{
	for (size_t i = 0; i < N_ALPHABETS; i++) {
		if (strcasecmp(name, alphabet_names[i]) == 0) {
			*alphabet = (enum smpp_alphabet)i;
			return true;
		}
	}
	return false;
}
