/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* smpp/concat against segmentation.tsv, against the octets of TS 23.040, and against itself: parts put together again are
 * the text. */
#include "smpp/concat.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MAX SMPP_CONCAT_PARTS_MAX

/* "a\nb" as the vectors write it */
static void unescape(char *text)
{
	char *at;

	while ((at = strstr(text, "\\n"))) {
		*at = '\n';
		memmove(at + 1, at + 2, strlen(at + 2) + 1);
	}
}

static void segmentation_vectors(void **state)
{
	(void)state;
	FILE *file = fopen("tests/data/vectors/segmentation.tsv", "r");
	char line[4096];
	unsigned int rows = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		char *text = strtok(line, "\t"), *encoding = strtok(NULL, "\t"), *units = strtok(NULL, "\t"), *parts = strtok(NULL, "\t");
		struct smpp_concat_part split[MAX];
		enum smpp_alphabet alphabet;

		if (line[0] == '#' || !parts)
			continue;
		unescape(text);
		alphabet = smpp_text_choose(text, strlen(text));
		assert_string_equal(smpp_text_alphabet_name(alphabet), encoding);
		assert_int_equal(smpp_text_units(alphabet, text, strlen(text)), atoi(units));
		assert_int_equal(smpp_concat_count(SMPP_CONCAT_UDH8, alphabet, text, strlen(text)), atoi(parts));
		assert_int_equal(smpp_concat_split(SMPP_CONCAT_UDH8, alphabet, text, strlen(text), 1, split, MAX), atoi(parts));
		rows++;
	}
	fclose(file);
	assert_in_range(rows, 10, 1000);
}

static void one_part_has_no_header(void **state)
{
	(void)state;
	struct smpp_concat_part part;

	assert_int_equal(smpp_concat_split(SMPP_CONCAT_UDH8, SMPP_ALPHABET_GSM7, "a@", 2, 9, &part, 1), 1);
	assert_int_equal(part.octets, 2);
	assert_memory_equal(part.data, "a\0", 2);
	assert_int_equal(smpp_concat_split(SMPP_CONCAT_UDH8, SMPP_ALPHABET_UCS2, "", 0, 9, &part, 1), 1);
	assert_int_equal(part.octets, 0);
}

static void headers_of_two_parts(void **state)
{
	(void)state;
	struct smpp_concat_part parts[MAX];
	char text[162] = "";

	memset(text, 'a', 161);
	assert_int_equal(smpp_concat_split(SMPP_CONCAT_UDH8, SMPP_ALPHABET_GSM7, text, 161, 0xAB, parts, 2), 2);
	assert_memory_equal(parts[0].data, "\x05\x00\x03\xAB\x02\x01" "aaa", 9);
	assert_int_equal(parts[0].octets, 6 + 153);
	assert_memory_equal(parts[1].data, "\x05\x00\x03\xAB\x02\x02" "aaaaaaaa", 14);
	assert_int_equal(parts[1].octets, 6 + 8);
	assert_int_equal(smpp_concat_split(SMPP_CONCAT_UDH8, SMPP_ALPHABET_GSM7, text, 161, 0xAB, parts, 1), -E2BIG);
}

/* A pair that would lie across the end of a part begins the next one, and may cost a part more. */
static void pairs_stay_whole(void **state)
{
	(void)state;
	struct smpp_concat_part parts[MAX];
	char text[400] = "";

	memset(text, 'a', 305);
	text[152] = '[';
	assert_int_equal(smpp_text_units(SMPP_ALPHABET_GSM7, text, 305), 306);
	assert_int_equal(smpp_concat_split(SMPP_CONCAT_UDH8, SMPP_ALPHABET_GSM7, text, 305, 1, parts, MAX), 3);
	assert_int_equal(parts[0].octets, 6 + 152);
	assert_memory_equal(parts[1].data + 6, "\x1B\x3C", 2);
	assert_int_equal(parts[2].octets, 6 + 1);

	text[0] = '\0';
	for (size_t i = 0; i < 66; i++)
		strcat(text, "ق");
	strcat(text, "\xF0\x9F\x93\xB1ققق");
	assert_int_equal(smpp_concat_split(SMPP_CONCAT_UDH8, SMPP_ALPHABET_UCS2, text, strlen(text), 1, parts, MAX), 2);
	assert_int_equal(parts[0].octets, 6 + 132);
	assert_memory_equal(parts[1].data + 6, "\xD8\x3D\xDC\xF1\x06\x42", 6);
}

static void refusals(void **state)
{
	(void)state;
	static char text[4000];
	struct smpp_concat_part parts[MAX];

	memset(text, 'a', sizeof(text));
	assert_int_equal(smpp_concat_split(SMPP_CONCAT_UDH8, SMPP_ALPHABET_GSM7, text, MAX * 153, 1, parts, MAX), MAX);
	assert_int_equal(smpp_concat_split(SMPP_CONCAT_UDH8, SMPP_ALPHABET_GSM7, text, MAX * 153 + 1, 1, parts, MAX), -E2BIG);
	assert_int_equal(smpp_concat_split(SMPP_CONCAT_UDH8, SMPP_ALPHABET_GSM7, text, MAX * 153 + 1, 1, parts, 100), -E2BIG);
	assert_int_equal(smpp_concat_count(SMPP_CONCAT_UDH8, SMPP_ALPHABET_GSM7, text, MAX * 153 + 1), MAX + 1);
	assert_int_equal(smpp_concat_count(SMPP_CONCAT_UDH8, SMPP_ALPHABET_GSM7, "ق", 2), -EILSEQ);
	assert_int_equal(smpp_concat_split(SMPP_CONCAT_UDH8, SMPP_ALPHABET_GSM7, "ق", 2, 1, parts, MAX), -EILSEQ);
	assert_int_equal(smpp_concat_count(SMPP_CONCAT_UDH8, SMPP_ALPHABET_UCS2, "\xC0", 1), -EILSEQ);
	assert_int_equal(smpp_concat_count(SMPP_CONCAT_UDH8, SMPP_ALPHABET_GSM7_PACKED, "a", 1), -EILSEQ);
	assert_int_equal(smpp_concat_count(SMPP_CONCAT_UDH8, SMPP_ALPHABET_OCTETS, "a", 1), -EILSEQ);
	assert_int_equal(smpp_concat_count(SMPP_CONCAT_PAYLOAD, SMPP_ALPHABET_GSM7, text, sizeof(text)), 1);
	assert_int_equal(smpp_concat_count(SMPP_CONCAT_PAYLOAD, SMPP_ALPHABET_GSM7, "ق", 2), -EILSEQ);
	assert_int_equal(smpp_concat_split(SMPP_CONCAT_PAYLOAD, SMPP_ALPHABET_GSM7, "a", 1, 1, parts, MAX), -EINVAL);
}

/* The longest single text, the longest part, and the octets of the second part's header, of each alphabet in each mode. */
static void room_of_each_mode(void **state)
{
	(void)state;
	static const struct {
		const char *name, *header;
		size_t header_octets;
		size_t units[4];
	} rows[] = {
		{ "udh8", "\x05\x00\x03\xEF\x02\x02", 6, { 153, 134, 134, 67 } },
		{ "udh16", "\x06\x08\x04\xBE\xEF\x02\x02", 7, { 152, 133, 133, 66 } },
		{ "sar", "", 0, { 152, 133, 133, 66 } },
	};
	static const enum smpp_alphabet alphabets[] = { SMPP_ALPHABET_GSM7, SMPP_ALPHABET_LATIN1, SMPP_ALPHABET_ASCII, SMPP_ALPHABET_UCS2 };
	static const size_t single[] = { 160, 140, 140, 70 };
	struct smpp_concat_part parts[MAX];
	char text[400];

	memset(text, 'a', sizeof(text));
	for (size_t r = 0; r < 3; r++)
		for (size_t a = 0; a < 4; a++) {
			size_t width = a == 3 ? 2 : 1, units = rows[r].units[a], header = rows[r].header_octets;
			enum smpp_concat_mode mode;

			assert_true(smpp_concat_mode_find(rows[r].name, &mode));
			assert_int_equal(smpp_concat_split(mode, alphabets[a], text, single[a], 0xBEEF, parts, MAX), 1);
			assert_true(smpp_concat_is_single(alphabets[a], text, single[a]));
			assert_false(smpp_concat_is_single(alphabets[a], text, single[a] + 1));
			assert_int_equal(parts[0].octets, single[a] * width);
			assert_int_equal(smpp_concat_split(mode, alphabets[a], text, 2 * units, 0xBEEF, parts, MAX), 2);
			assert_int_equal(smpp_concat_split(mode, alphabets[a], text, 2 * units + 1, 0xBEEF, parts, MAX), 3);
			assert_int_equal(smpp_concat_split(mode, alphabets[a], text, 2 * units, 0xBEEF, parts, MAX), 2);
			assert_int_equal(parts[1].octets, header + units * width);
			assert_memory_equal(parts[1].data, rows[r].header, header);
		}
}

static void names_of_modes(void **state)
{
	(void)state;
	enum smpp_concat_mode mode = SMPP_CONCAT_UDH8;
	char names[] = SMPP_CONCAT_MODES;
	unsigned int n = 0;

	for (const char *name = strtok(names, "|"); name; name = strtok(NULL, "|"), n++) {
		assert_true(smpp_concat_mode_find(name, &mode));
		assert_int_equal(mode, n);
	}
	assert_int_equal(n, SMPP_CONCAT_PAYLOAD + 1);
	assert_false(smpp_concat_mode_find("udh", &mode));
	assert_false(smpp_concat_mode_find("", &mode));
}

/* Texts of every length, mixed of characters of one and two units: numbered right, at most full, and whole again. */
static void parts_make_the_text_in(enum smpp_concat_mode mode, size_t header)
{
	static const char *const mixed[2][4] = { { "a", "[", "€", "Δ" }, { "ق", "a", "\xF0\x9F\x93\xB1", "۴" } };
	static const enum smpp_alphabet alphabets[2] = { SMPP_ALPHABET_GSM7, SMPP_ALPHABET_UCS2 };

	for (size_t a = 0; a < 2; a++) {
		char text[4096] = "";

		for (size_t i = 0; i < 700; i++) {
			struct smpp_concat_part parts[MAX];
			char back[8192];
			size_t n = 0;
			int count = smpp_concat_split(mode, alphabets[a], text, strlen(text), (uint16_t)i, parts, MAX);

			assert_in_range(count, 1, MAX);
			assert_int_equal(smpp_concat_count(mode, alphabets[a], text, strlen(text)), count);
			for (int p = 0; p < count; p++) {
				size_t head = count > 1 ? header : 0;

				assert_in_range(parts[p].octets, head, alphabets[a] == SMPP_ALPHABET_GSM7 ? 160 : 140);
				if (head)
					assert_memory_equal(parts[p].data + head - 3, ((uint8_t[]){ (uint8_t)i, (uint8_t)count, (uint8_t)(p + 1) }), 3);
				n += (size_t)smpp_text_decode(alphabets[a], parts[p].data + head, parts[p].octets - head, back + n, sizeof(back) - n);
			}
			assert_int_equal(n, strlen(text));
			assert_memory_equal(back, text, n);
			strcat(text, mixed[a][i * i % 7 % 4]);
		}
	}
}

static void parts_make_the_text(void **state)
{
	(void)state;
	parts_make_the_text_in(SMPP_CONCAT_UDH8, 6);
	parts_make_the_text_in(SMPP_CONCAT_UDH16, 7);
	parts_make_the_text_in(SMPP_CONCAT_SAR, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segmentation_vectors), cmocka_unit_test(one_part_has_no_header), cmocka_unit_test(headers_of_two_parts),
		cmocka_unit_test(pairs_stay_whole), cmocka_unit_test(refusals), cmocka_unit_test(parts_make_the_text),
		cmocka_unit_test(room_of_each_mode), cmocka_unit_test(names_of_modes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
