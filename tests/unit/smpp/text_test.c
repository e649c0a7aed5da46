/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* smpp/text against the tables of TS 23.038 as they print (characters, not code points), against every code point there
 * is, and against what networks send that is not text. */
#include "smpp/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* TS 23.038 6.2.1, sixteen septets a row; the escape stands for itself. */
static const char *const basic_rows[8] = {
	"@£$¥èéùìòÇ\nØø\rÅå", "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ", " !\"#¤%&'()*+,-./", "0123456789:;<=>?",
	"¡ABCDEFGHIJKLMNO", "PQRSTUVWXYZÄÖÑÜ§", "¿abcdefghijklmno", "pqrstuvwxyzäöñüà",
};
static const struct { uint8_t septet; const char *character; } extension[] = {
	{ 0x0A, "\f" }, { 0x14, "^" }, { 0x28, "{" }, { 0x29, "}" }, { 0x2F, "\\" },
	{ 0x3C, "[" }, { 0x3D, "~" }, { 0x3E, "]" }, { 0x40, "|" }, { 0x65, "€" },
};

static size_t sequence_octets(uint8_t lead)
{
	return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/* Copies into memory that ends where the text ends, so that a read beyond it is seen. */
static char *exact(const char *text, size_t octets)
{
	char *copy = malloc(octets ? octets : 1);

	assert_non_null(copy);
	memcpy(copy, text, octets);
	return copy;
}

static void assert_encodes(enum smpp_alphabet alphabet, const char *utf8, size_t octets, const void *want, size_t n)
{
	char *in = exact(utf8, octets);
	uint8_t *out = malloc(n ? n : 1);

	assert_non_null(out);
	assert_int_equal(smpp_text_encode(alphabet, in, octets, out, n), n);
	assert_memory_equal(out, want, n);
	for (size_t cap = 0; cap < n; cap++)
		assert_int_equal(smpp_text_encode(alphabet, in, octets, out, cap), -ENOSPC);
	free(out);
	free(in);
}

static void assert_decodes(enum smpp_alphabet alphabet, const void *octets, size_t n, const char *want)
{
	uint8_t *in = (uint8_t *)exact(octets, n);
	size_t want_n = strlen(want);
	char *out = malloc(want_n + 1);

	assert_non_null(out);
	assert_int_equal(smpp_text_decode(alphabet, in, n, out, want_n), want_n);
	assert_memory_equal(out, want, want_n);
	if (want_n > 0)
		assert_int_equal(smpp_text_decode(alphabet, in, n, out, want_n - 1), -ENOSPC);
	free(out);
	free(in);
}

static void assert_both(enum smpp_alphabet alphabet, const char *utf8, const void *octets, size_t n)
{
	assert_encodes(alphabet, utf8, strlen(utf8), octets, n);
	assert_decodes(alphabet, octets, n, utf8);
}

static void whole_basic_table(void **state)
{
	(void)state;
	uint8_t septet = 0;

	for (size_t row = 0; row < 8; row++) {
		for (const char *at = basic_rows[row]; *at; septet++) {
			size_t n = sequence_octets((uint8_t)*at);
			char one[5] = { 0 };

			memcpy(one, at, n);
			at += n;
			if (septet == 0x1B)
				continue;
			assert_both(SMPP_ALPHABET_GSM7, one, &septet, 1);
			assert_int_equal(smpp_text_units(SMPP_ALPHABET_GSM7, one, n), 1);
		}
		assert_int_equal(septet, (row + 1) * 16);
	}
}

static void whole_extension_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(extension) / sizeof(extension[0]); i++) {
		const uint8_t pair[2] = { 0x1B, extension[i].septet };

		assert_both(SMPP_ALPHABET_GSM7, extension[i].character, pair, 2);
		assert_int_equal(smpp_text_units(SMPP_ALPHABET_GSM7, extension[i].character, strlen(extension[i].character)), 2);
	}
}

static size_t put_utf8(char *out, uint32_t code)
{
	if (code < 0x80)
		return out[0] = (char)code, 1;
	if (code < 0x800)
		return out[0] = (char)(0xC0 | code >> 6), out[1] = (char)(0x80 | (code & 63)), 2;
	if (code < 0x10000)
		return out[0] = (char)(0xE0 | code >> 12), out[1] = (char)(0x80 | (code >> 6 & 63)), out[2] = (char)(0x80 | (code & 63)), 3;
	out[0] = (char)(0xF0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 63));
	out[2] = (char)(0x80 | (code >> 6 & 63));
	out[3] = (char)(0x80 | (code & 63));
	return 4;
}

/* Every code point there is, in each alphabet: it goes and comes back, or is refused; surrogates always. */
static void every_code_point(void **state)
{
	(void)state;
	unsigned int in_gsm7 = 0;

	for (uint32_t code = 1; code <= 0x10FFFF; code++) {
		bool surrogate = code >= 0xD800 && code <= 0xDFFF;
		char utf8[4], back[4];
		uint8_t out[4];
		size_t n = put_utf8(utf8, code);

		for (unsigned int a = 0; a <= SMPP_ALPHABET_UCS2; a++) {
			enum smpp_alphabet alphabet = (enum smpp_alphabet)a;
			ssize_t octets = smpp_text_encode(alphabet, utf8, n, out, sizeof(out));
			ssize_t units = smpp_text_units(alphabet, utf8, n);
			bool wanted = !surrogate && (alphabet == SMPP_ALPHABET_UCS2 || (alphabet == SMPP_ALPHABET_LATIN1 && code < 0x100) ||
			                             (alphabet == SMPP_ALPHABET_ASCII && code < 0x80));

			if (octets < 0) {
				assert_int_equal(octets, -EILSEQ);
				assert_int_equal(units, -EILSEQ);
				if (alphabet != SMPP_ALPHABET_GSM7 && alphabet != SMPP_ALPHABET_GSM7_PACKED)
					assert_false(wanted);
				continue;
			}
			assert_false(surrogate);
			assert_int_equal(units, alphabet == SMPP_ALPHABET_UCS2 ? octets / 2 : octets);
			if (smpp_text_decode(alphabet, out, (size_t)octets, back, sizeof(back)) != (ssize_t)n || memcmp(back, utf8, n) != 0)
				fail_msg("U+%04X does not survive %s", code, smpp_text_alphabet_name(alphabet));
			in_gsm7 += alphabet == SMPP_ALPHABET_GSM7;
		}
	}
	assert_int_equal(in_gsm7, 127 + 10);
}

static void at_sign_survives(void **state)
{
	(void)state;
	assert_both(SMPP_ALPHABET_GSM7, "a@b@", "a\0b\0", 4);
	assert_both(SMPP_ALPHABET_GSM7_PACKED, "@", "\0", 1);
	assert_both(SMPP_ALPHABET_GSM7_PACKED, "@@@@@@@@", "\0\0\0\0\0\0\0", 7);
}

static void persian_is_ucs2(void **state)
{
	(void)state;
	assert_both(SMPP_ALPHABET_UCS2, "قبض ۴", "\x06\x42\x06\x28\x06\x36\x00\x20\x06\xF4", 10);
	assert_int_equal(smpp_text_choose("قبض", strlen("قبض")), SMPP_ALPHABET_UCS2);
	assert_int_equal(smpp_text_choose("Bill [1] €", strlen("Bill [1] €")), SMPP_ALPHABET_GSM7);
	assert_int_equal(smpp_text_choose("", 0), SMPP_ALPHABET_GSM7);
	assert_int_equal(smpp_text_units(SMPP_ALPHABET_GSM7, "[€", strlen("[€")), 4);
}

static void surrogate_pairs(void **state)
{
	(void)state;
	assert_both(SMPP_ALPHABET_UCS2, "a\xF0\x9F\x93\xB1", "\x00\x61\xD8\x3D\xDC\xF1", 6);
	assert_both(SMPP_ALPHABET_UCS2, "\xF4\x8F\xBF\xBF", "\xDB\xFF\xDF\xFF", 4);
	assert_int_equal(smpp_text_units(SMPP_ALPHABET_UCS2, "\xF0\x9F\x93\xB1", 4), 2);
	/* alone, the wrong way round, cut by the end, followed by something else */
	assert_decodes(SMPP_ALPHABET_UCS2, "\xD8\x3D", 2, "\uFFFD");
	assert_decodes(SMPP_ALPHABET_UCS2, "\xDC\xF1\xD8\x3D", 4, "\uFFFD\uFFFD");
	assert_decodes(SMPP_ALPHABET_UCS2, "\xD8\x3D\xDC", 3, "\uFFFD\uFFFD");
	assert_decodes(SMPP_ALPHABET_UCS2, "\xD8\x3D\x00\x61", 4, "\uFFFDa");
	assert_decodes(SMPP_ALPHABET_UCS2, "\xD8\x3D\xD8\x3D\xDC\xF1", 6, "\uFFFD\xF0\x9F\x93\xB1");
}

static void what_is_not_text(void **state)
{
	(void)state;
	assert_decodes(SMPP_ALPHABET_UCS2, "\x00\x61\x00", 3, "a\uFFFD");
	assert_decodes(SMPP_ALPHABET_UCS2, "\x00\x31\x00\x00", 4, "1");
	assert_decodes(SMPP_ALPHABET_ASCII, "1\0\x80", 3, "1\uFFFD");
	assert_decodes(SMPP_ALPHABET_LATIN1, "\xE9\0", 2, "é");
	assert_decodes(SMPP_ALPHABET_GSM7, "1\xFF", 2, "1\uFFFD");
	/* unknown extension: the basic character; a second escape: a space; an escape at the end or cut off: nothing known */
	assert_decodes(SMPP_ALPHABET_GSM7, "\x1B" "A", 2, "A");
	assert_decodes(SMPP_ALPHABET_GSM7, "\x1B\x1B" "A", 3, " A");
	assert_decodes(SMPP_ALPHABET_GSM7, "A\x1B", 2, "A\uFFFD");
	assert_decodes(SMPP_ALPHABET_GSM7, "\x1B\x80", 2, "\uFFFD");
	assert_decodes(SMPP_ALPHABET_GSM7_PACKED, "\x1B", 1, "\uFFFD");
	assert_int_equal(smpp_text_decode(SMPP_ALPHABET_OCTETS, (const uint8_t *)"1", 1, (char[4]){ 0 }, 4), -EINVAL);
	assert_int_equal(smpp_text_encode(SMPP_ALPHABET_OCTETS, "1", 1, (uint8_t[4]){ 0 }, 4), -EILSEQ);
}

static void malformed_utf8_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3\x28", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xE2\x82", "\xE2\x28\xAC",
		"\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
		"\xF0\x9F\x93", "\xF0\x9F\x93\x28", "\xFE", "\xFF", "\xF8\x88\x80\x80\x80",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *in;
		size_t n = strlen(bad[i]) + 1;
		char text[8] = "x";
		uint8_t out[64];

		strcat(text, bad[i]);
		in = exact(text, n);
		for (unsigned int a = 0; a <= SMPP_ALPHABET_UCS2; a++) {
			assert_int_equal(smpp_text_encode((enum smpp_alphabet)a, in, n, out, sizeof(out)), -EILSEQ);
			assert_int_equal(smpp_text_units((enum smpp_alphabet)a, in, n), -EILSEQ);
			assert_int_equal(smpp_text_cut((enum smpp_alphabet)a, in, n, 100), 1);
		}
		free(in);
	}
	assert_int_equal(smpp_text_units(SMPP_ALPHABET_UCS2, "a\0b", 3), -EILSEQ);
}

/* TS 23.038 6.1.2.3.1. The vectors are packed by hand from the figure of 6.1.2.3. */
static void ussd_packing(void **state)
{
	(void)state;
	assert_both(SMPP_ALPHABET_GSM7_PACKED, "", "", 0);
	assert_both(SMPP_ALPHABET_GSM7_PACKED, "1", "\x31", 1);
	assert_both(SMPP_ALPHABET_GSM7_PACKED, "hello", "\xE8\x32\x9B\xFD\x06", 5);
	assert_both(SMPP_ALPHABET_GSM7_PACKED, "*100#", "\xAA\x18\x0C\x36\x02", 5);
	/* seven septets leave seven bits: CR, not '@' */
	assert_both(SMPP_ALPHABET_GSM7_PACKED, "1234567", "\x31\xD9\x8C\x56\xB3\xDD\x1A", 7);
	assert_both(SMPP_ALPHABET_GSM7_PACKED, "12345678", "\x31\xD9\x8C\x56\xB3\xDD\x70", 7);
	/* a CR that would end on an octet gets a second one, which the handset shows as one */
	assert_encodes(SMPP_ALPHABET_GSM7_PACKED, "1234567\r", 8, "\x31\xD9\x8C\x56\xB3\xDD\x1A\x0D", 8);
	assert_both(SMPP_ALPHABET_GSM7_PACKED, "€", "\x9B\x32", 2);
}

static void packing_round_trips(void **state)
{
	(void)state;
	static const char alphabet[] = "0123456789*#abc@[]";

	for (size_t n = 0; n <= 182; n++) {
		char text[200], back[200];
		uint8_t out[200];
		ssize_t octets, septets;

		for (size_t i = 0; i < n; i++)
			text[i] = alphabet[(i * 7 + n) % (sizeof(alphabet) - 1)];
		septets = smpp_text_units(SMPP_ALPHABET_GSM7_PACKED, text, n);
		octets = smpp_text_encode(SMPP_ALPHABET_GSM7_PACKED, text, n, out, sizeof(out));
		assert_int_equal(octets, (septets * 7 + 7) / 8);
		assert_int_equal(smpp_text_decode(SMPP_ALPHABET_GSM7_PACKED, out, (size_t)octets, back, sizeof(back)), n);
		assert_memory_equal(text, back, n);
	}
}

static void cuts_between_characters(void **state)
{
	(void)state;
	static const struct { enum smpp_alphabet alphabet; const char *text; size_t units, octets; } rows[] = {
		{ SMPP_ALPHABET_GSM7, "abc", 2, 2 }, { SMPP_ALPHABET_GSM7, "abc", 3, 3 }, { SMPP_ALPHABET_GSM7, "abc", 9, 3 },
		{ SMPP_ALPHABET_GSM7, "a[b", 2, 1 }, { SMPP_ALPHABET_GSM7, "a[b", 3, 2 }, { SMPP_ALPHABET_GSM7, "€", 1, 0 },
		{ SMPP_ALPHABET_GSM7, "aقb", 9, 1 }, { SMPP_ALPHABET_GSM7, "abc", 0, 0 }, { SMPP_ALPHABET_GSM7, "", 5, 0 },
		{ SMPP_ALPHABET_UCS2, "قبض", 2, 4 }, { SMPP_ALPHABET_UCS2, "ق\xF0\x9F\x93\xB1", 2, 2 },
		{ SMPP_ALPHABET_UCS2, "ق\xF0\x9F\x93\xB1", 3, 6 }, { SMPP_ALPHABET_LATIN1, "éق", 9, 2 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(smpp_text_cut(rows[i].alphabet, rows[i].text, strlen(rows[i].text), rows[i].units), rows[i].octets);
}

static void names(void **state)
{
	(void)state;
	enum smpp_alphabet alphabet;

	for (unsigned int a = 0; a <= SMPP_ALPHABET_OCTETS; a++) {
		assert_true(smpp_text_alphabet_find(smpp_text_alphabet_name((enum smpp_alphabet)a), &alphabet));
		assert_int_equal(alphabet, a);
	}
	assert_true(smpp_text_alphabet_find("ucs2", &alphabet));
	assert_int_equal(alphabet, SMPP_ALPHABET_UCS2);
	assert_false(smpp_text_alphabet_find("UTF-7", &alphabet));
	assert_string_equal(smpp_text_alphabet_name((enum smpp_alphabet)99), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_basic_table), cmocka_unit_test(whole_extension_table), cmocka_unit_test(every_code_point),
		cmocka_unit_test(at_sign_survives), cmocka_unit_test(persian_is_ucs2), cmocka_unit_test(surrogate_pairs),
		cmocka_unit_test(what_is_not_text), cmocka_unit_test(malformed_utf8_is_refused), cmocka_unit_test(ussd_packing),
		cmocka_unit_test(packing_round_trips), cmocka_unit_test(cuts_between_characters), cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
