/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* smpp/join: parts in every order, late, twice, contradicting, never; nothing that came is lost. */
#include "smpp/join.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SLOTS 5
#define TIMEOUT 1000

static struct smpp_join join;
static struct smpp_join_slot slots[SLOTS];
static const struct smpp_join_message *out;
static char text[SMPP_JOIN_UTF8_MAX + 1];

static int start(void **state)
{
	(void)state;
	memset(slots, 0xA5, sizeof(slots));
	smpp_join_init(&join, slots, SLOTS, TIMEOUT);
	return 0;
}

/* Part `number` of `total`, a text in GSM 7-bit. */
static enum smpp_join_taken take(unsigned int reference, unsigned int total, unsigned int number, const char *gsm7, int64_t now_ms)
{
	struct smpp_join_part part = {
		.source = "989121234567", .destination = "4040", .mode = SMPP_CONCAT_UDH8, .reference = (uint16_t)reference,
		.total = (uint8_t)total, .number = (uint8_t)number, .alphabet = SMPP_ALPHABET_GSM7, .data = (const uint8_t *)gsm7,
		.octets = strlen(gsm7), .tag = number * 100u,
	};

	return smpp_join_take(&join, &part, now_ms, &out);
}

static const char *text_of(const struct smpp_join_message *message)
{
	ssize_t n;

	assert_non_null(message);
	n = smpp_join_text(message, text, sizeof(text) - 1);
	assert_true(n >= 0);
	text[n] = '\0';
	return text;
}

static void every_order_of_four(void **state)
{
	static const char *const pieces[] = { "one ", "two ", "three ", "four" };

	(void)state;
	for (unsigned int order = 0; order < 256; order++) {
		unsigned int seen = 0;

		for (unsigned int i = 0; i < 4; i++)
			seen |= 1u << (order >> 2 * i & 3);
		if (seen != 15)
			continue;
		for (unsigned int i = 0; i < 4; i++) {
			unsigned int number = order >> 2 * i & 3;

			assert_int_equal(take(order, 4, number + 1, pieces[number], 0), i < 3 ? SMPP_JOIN_KEPT : SMPP_JOIN_WHOLE);
			if (i < 3)
				assert_null(out);
		}
		assert_string_equal(text_of(out), "one two three four");
		assert_int_equal(out->n_came, 4);
		assert_int_equal(out->pieces[2].tag, 300);
		assert_string_equal(out->source, "989121234567");
		assert_string_equal(out->destination, "4040");
	}
}

static void twice(void **state)
{
	(void)state;
	assert_int_equal(take(1, 2, 1, "a", 0), SMPP_JOIN_KEPT);
	assert_int_equal(take(1, 2, 1, "a", 0), SMPP_JOIN_REPEATED);
	assert_int_equal(take(1, 2, 2, "b", 0), SMPP_JOIN_WHOLE);
	assert_string_equal(text_of(out), "ab");
	/* the network did not hear our response */
	assert_int_equal(take(1, 2, 2, "b", TIMEOUT - 1), SMPP_JOIN_REPEATED);
	assert_int_equal(take(1, 2, 1, "a", TIMEOUT - 1), SMPP_JOIN_REPEATED);
	assert_null(smpp_join_expired(&join, TIMEOUT));
	/* forgotten: it is the first of a new one */
	assert_int_equal(take(1, 2, 1, "a", TIMEOUT), SMPP_JOIN_KEPT);
}

static void a_reference_is_used_again(void **state)
{
	(void)state;
	assert_int_equal(take(1, 2, 1, "a", 0), SMPP_JOIN_KEPT);
	assert_int_equal(take(1, 2, 1, "x", 1), SMPP_JOIN_KEPT);
	assert_string_equal(text_of(out), "a…");
	assert_int_equal(take(1, 2, 2, "y", 2), SMPP_JOIN_WHOLE);
	assert_string_equal(text_of(out), "xy");
	/* also after a whole one, which is not handed out again */
	assert_int_equal(take(1, 2, 2, "q", 3), SMPP_JOIN_KEPT);
	assert_null(out);
	assert_int_equal(take(1, 2, 1, "p", 3), SMPP_JOIN_WHOLE);
	assert_string_equal(text_of(out), "pq");
}

static void what_tells_messages_apart(void **state)
{
	struct smpp_join_part first = { .source = "1", .destination = "23", .mode = SMPP_CONCAT_UDH8, .reference = 7, .total = 2, .number = 1,
		.alphabet = SMPP_ALPHABET_GSM7, .data = (const uint8_t *)"a", .octets = 1 };
	struct smpp_join_part others[5];
	const struct smpp_join_message *message;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		others[i] = first;
		others[i].number = 2;
	}
	others[0].source = "12";
	others[0].destination = "3";
	others[1].mode = SMPP_CONCAT_UDH16;
	others[2].mode = SMPP_CONCAT_SAR;
	others[3].reference = 7 + 256;
	others[4].total = 3; /* conflicting totals: two messages, neither whole */
	for (size_t i = 0; i < 5; i++) {
		start(NULL);
		assert_int_equal(smpp_join_take(&join, &first, 0, &message), SMPP_JOIN_KEPT);
		assert_int_equal(smpp_join_take(&join, &others[i], 0, &message), SMPP_JOIN_KEPT);
		assert_string_equal(text_of(smpp_join_expired(&join, TIMEOUT)), "a…");
		assert_string_equal(text_of(smpp_join_expired(&join, TIMEOUT)), i == 4 ? "…a…" : "…a");
		assert_null(smpp_join_expired(&join, TIMEOUT));
	}
}

static void numbers_that_make_no_sense(void **state)
{
	static const unsigned int rows[][2] = { { 0, 0 }, { 0, 1 }, { 1, 1 }, { 2, 0 }, { 2, 3 }, { 255, 1 }, { SMPP_JOIN_PARTS_MAX + 1, 1 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(take(1, rows[i][0], rows[i][1], "a", 0), SMPP_JOIN_ALONE);
		assert_null(out);
	}
	assert_null(smpp_join_expired(&join, INT64_MAX));
}

static void times_out(void **state)
{
	(void)state;
	take(1, 3, 2, "b", 100);
	take(2, 2, 2, "d", 200);
	take(1, 3, 3, "c", 900);
	assert_null(smpp_join_expired(&join, 100 + TIMEOUT - 1));
	assert_string_equal(text_of(smpp_join_expired(&join, 100 + TIMEOUT)), "…bc");
	assert_null(smpp_join_expired(&join, 100 + TIMEOUT));
	/* the late one is not lost either */
	assert_int_equal(take(1, 3, 1, "a", 1150), SMPP_JOIN_KEPT);
	assert_string_equal(text_of(smpp_join_expired(&join, 200 + TIMEOUT)), "…d");
	assert_null(smpp_join_expired(&join, 200 + TIMEOUT));
	assert_string_equal(text_of(smpp_join_expired(&join, INT64_MAX)), "a…");
	assert_null(smpp_join_expired(&join, INT64_MAX));
}

static void full(void **state)
{
	(void)state;
	for (unsigned int i = 1; i < SLOTS; i++) {
		assert_int_equal(take(i, 2, 1, "a", i), SMPP_JOIN_KEPT);
		assert_null(out);
	}
	assert_int_equal(take(1, 2, 2, "b", 10), SMPP_JOIN_WHOLE);
	/* one that is whole goes before one that is not, though that is older */
	assert_int_equal(take(50, 2, 1, "e", 20), SMPP_JOIN_KEPT);
	assert_null(out);
	assert_int_equal(take(51, 2, 1, "f", 21), SMPP_JOIN_KEPT);
	assert_int_equal(out->reference, 2);
	assert_string_equal(text_of(out), "a…");
	assert_int_equal(take(52, 2, 1, "g", 22), SMPP_JOIN_KEPT);
	assert_int_equal(out->reference, 3);
	assert_int_equal(take(50, 2, 2, "!", 23), SMPP_JOIN_WHOLE);
	assert_string_equal(text_of(out), "e!");
}

static void too_much(void **state)
{
	static char big[SMPP_JOIN_OCTETS + 2];

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	assert_int_equal(take(1, 2, 1, big, 0), SMPP_JOIN_ALONE);
	assert_int_equal(take(1, 3, 1, big + 2, 0), SMPP_JOIN_KEPT);
	assert_int_equal(take(1, 3, 2, "abc", 0), SMPP_JOIN_ALONE);
	assert_int_equal(take(1, 3, 3, "c", 0), SMPP_JOIN_KEPT);
	assert_int_equal(smpp_join_expired(&join, TIMEOUT)->n_came, 2);
}

/* Parts in alphabets of their own; pairs that were cut between parts. */
static void alphabets(void **state)
{
	static const struct { enum smpp_alphabet alphabet; const char *data; size_t octets; } parts[] = {
		{ SMPP_ALPHABET_UCS2, "\xD8\x3D", 2 }, { SMPP_ALPHABET_UCS2, "\xDC\xF1", 2 }, { SMPP_ALPHABET_GSM7, "a\x1B", 2 },
		{ SMPP_ALPHABET_GSM7, "<", 1 }, { SMPP_ALPHABET_GSM7, "", 0 }, { SMPP_ALPHABET_GSM7_PACKED, "\x61", 1 },
		{ SMPP_ALPHABET_GSM7_PACKED, "\x62", 1 }, { SMPP_ALPHABET_LATIN1, "\xE9", 1 },
	};
	const struct smpp_join_message *message;

	(void)state;
	for (unsigned int i = 0; i < 8; i++) {
		struct smpp_join_part part = { .source = "1", .destination = "2", .total = 8, .number = (uint8_t)(i + 1), .alphabet = parts[i].alphabet,
			.data = (const uint8_t *)parts[i].data, .octets = parts[i].octets };

		assert_int_equal(smpp_join_take(&join, &part, 0, &message), i < 7 ? SMPP_JOIN_KEPT : SMPP_JOIN_WHOLE);
	}
	assert_string_equal(text_of(message), "\xF0\x9F\x93\xB1" "a[abé");
	assert_int_equal(smpp_join_text(message, text, 3), -ENOSPC);
}

static void data_is_no_text(void **state)
{
	const struct smpp_join_message *message;

	(void)state;
	for (unsigned int i = 1; i <= 2; i++) {
		struct smpp_join_part part = { .source = "1", .destination = "2", .total = 2, .number = (uint8_t)i, .alphabet = SMPP_ALPHABET_OCTETS,
			.data = (const uint8_t *)"a", .octets = 1 };

		smpp_join_take(&join, &part, 0, &message);
	}
	assert_int_equal(smpp_join_text(message, text, sizeof(text)), -EINVAL);
}

/* Many senders at once, parts shuffled and repeated, through a table that is too small: every part is in exactly one message that
 * is handed out, but for those that are whole and come again. */
static void nothing_is_lost(void **state)
{
	static unsigned int given[64][4], got[64][4];
	uint32_t random = 1;
	int64_t now_ms = 0;

	(void)state;
	for (unsigned int step = 0; step < 20000; step++) {
		unsigned int reference, number;
		char piece[16];
		enum smpp_join_taken taken;

		random = random * 1664525u + 1013904223u;
		reference = random >> 26;
		number = (random >> 20) % 4;
		now_ms += (random >> 10) % 64;
		snprintf(piece, sizeof(piece), "%u.%u;", reference, number);
		taken = take(reference, 4, number + 1, piece, now_ms);
		assert_true(taken != SMPP_JOIN_ALONE);
		given[reference][number] += taken != SMPP_JOIN_REPEATED;
		do {
			for (unsigned int i = 0; out && i < 4; i++)
				got[out->reference][i] += out->pieces[i].came;
			if (out && out->n_came == 4) {
				snprintf(piece, sizeof(piece), "%u.0;", out->reference);
				assert_true(strncmp(text_of(out), piece, strlen(piece)) == 0 && !strstr(text, "…"));
			}
		} while ((out = smpp_join_expired(&join, step == 19999 ? INT64_MAX : now_ms)));
	}
	assert_memory_equal(given, got, sizeof(given));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup(name, start)
	const struct CMUnitTest tests[] = {
		CASE(every_order_of_four), CASE(twice), CASE(a_reference_is_used_again), CASE(what_tells_messages_apart),
		CASE(numbers_that_make_no_sense), CASE(times_out), CASE(full), CASE(too_much), CASE(alphabets), CASE(data_is_no_text),
		CASE(nothing_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
