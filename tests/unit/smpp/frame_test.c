/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* smpp/frame: where a PDU ends in a stream, however the stream is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <cmocka.h>

#include "smpp/frame.h"
#include "smpp/pdu.h"

#define CAP 4096

static void put_length(uint8_t *at, uint32_t length)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(length >> (24 - 8 * i));
}

/* The octets in a heap block of just their size, so that a read past them is seen. */
static ssize_t next_exact(const uint8_t *data, size_t octets, size_t max)
{
	uint8_t *copy = malloc(octets ? octets : 1);
	assert_non_null(copy);
	memcpy(copy, data, octets);
	ssize_t result = smpp_frame_next(octets ? copy : copy + 1, octets, max);
	free(copy);
	return result;
}

static void test_one_octet_at_a_time(void **state)
{
	uint8_t data[40] = { 0 };
	(void)state;
	put_length(data, sizeof(data));
	for (size_t have = 0; have < sizeof(data); have++)
		assert_int_equal(next_exact(data, have, CAP), 0);
	assert_int_equal(next_exact(data, sizeof(data), CAP), sizeof(data));
}

static void test_joined(void **state)
{
	static const uint32_t lengths[] = { 16, 17, 70, 16, 300, CAP, 16 };
	static uint8_t data[2 * CAP];
	size_t total = 0, at = 0;
	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		put_length(data + total, lengths[i]);
		total += lengths[i];
	}
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		assert_int_equal(smpp_frame_next(data + at, total - at, CAP), lengths[i]);
		at += lengths[i];
	}
	assert_int_equal(smpp_frame_next(data + at, total - at, CAP), 0);
}

/* What follows a whole PDU is not looked at, even if it is garbage. */
static void test_garbage_behind(void **state)
{
	uint8_t data[24];
	(void)state;
	memset(data, 0xFF, sizeof(data));
	put_length(data, 16);
	assert_int_equal(next_exact(data, sizeof(data), CAP), 16);
	assert_int_equal(next_exact(data + 16, 8, CAP), -EBADMSG);
}

static void test_lengths_out_of_range(void **state)
{
	static const uint32_t bad[] = { CAP + 1, CAP + 2, 0x00010000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF };
	uint8_t data[16] = { 0 };
	(void)state;
	for (uint32_t length = 0; length < SMPP_HEADER_OCTETS; length++) {
		put_length(data, length);
		assert_int_equal(next_exact(data, 4, CAP), -EBADMSG);
		assert_int_equal(next_exact(data, sizeof(data), CAP), -EBADMSG);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put_length(data, bad[i]);
		/* Judged as soon as it is known: nobody waits for 4 GB. */
		assert_int_equal(next_exact(data, 3, CAP), 0);
		assert_int_equal(next_exact(data, 4, CAP), -EBADMSG);
		assert_int_equal(next_exact(data, sizeof(data), CAP), -EBADMSG);
	}
}

static void test_bounds_are_inside(void **state)
{
	static uint8_t data[SMPP_PDU_OCTETS_MAX];
	(void)state;
	put_length(data, 16);
	assert_int_equal(smpp_frame_next(data, 16, 16), 16);
	put_length(data, 17);
	assert_int_equal(smpp_frame_next(data, 17, 16), -EBADMSG);
	put_length(data, SMPP_PDU_OCTETS_MAX);
	assert_int_equal(smpp_frame_next(data, sizeof(data) - 1, SMPP_PDU_OCTETS_MAX), 0);
	assert_int_equal(smpp_frame_next(data, sizeof(data), SMPP_PDU_OCTETS_MAX), SMPP_PDU_OCTETS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_octet_at_a_time),
		cmocka_unit_test(test_joined),
		cmocka_unit_test(test_garbage_behind),
		cmocka_unit_test(test_lengths_out_of_range),
		cmocka_unit_test(test_bounds_are_inside),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
