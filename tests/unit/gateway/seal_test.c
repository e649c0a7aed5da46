/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A sealed place comes back whole, and only with the right key, for the right number, untouched. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <osmocom/core/talloc.h>
#include <sodium.h>

#include "gateway/seal.h"

static const char key[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
static const char other[] = "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
static const char alice[] = "989121234567", bob[] = "989121234568";

static void it_comes_back(void **state)
{
	struct gw_seal *seal = gw_seal_alloc(NULL, key);
	uint8_t place[128] = "PIN 4321", out[128];

	(void)state;
	assert_non_null(seal);
	assert_int_equal(gw_seal_close(seal, alice, place, 8, sizeof(place)), 8 + GW_SEAL_OCTETS);
	assert_null(memmem(place, sizeof(place), "4321", 4));
	assert_int_equal(gw_seal_open(seal, alice, place, 8 + GW_SEAL_OCTETS, out), 8);
	assert_memory_equal(out, "PIN 4321", 8);
	talloc_free(seal);
}

static void nobody_else_opens_it(void **state)
{
	struct gw_seal *seal = gw_seal_alloc(NULL, key), *wrong = gw_seal_alloc(NULL, other);
	uint8_t place[128] = "PIN 4321", out[128];
	const size_t sealed = 8 + GW_SEAL_OCTETS;

	(void)state;
	gw_seal_close(seal, alice, place, 8, sizeof(place));
	assert_int_equal(gw_seal_open(wrong, alice, place, sealed, out), -EBADMSG);
	assert_int_equal(gw_seal_open(seal, bob, place, sealed, out), -EBADMSG);
	for (size_t i = 0; i < sealed; i++) {
		assert_int_equal(gw_seal_open(seal, alice, place, i, out), -EBADMSG);
		place[i] ^= 1;
		assert_int_equal(gw_seal_open(seal, alice, place, sealed, out), -EBADMSG);
		place[i] ^= 1;
	}
	assert_int_equal(gw_seal_open(seal, alice, place, sealed, out), 8);
	talloc_free(seal);
	talloc_free(wrong);
}

static void it_needs_room_and_a_key(void **state)
{
	struct gw_seal *seal = gw_seal_alloc(NULL, key);
	uint8_t place[GW_SEAL_OCTETS + 7] = "PIN 4321";
	char longer[66];

	(void)state;
	assert_int_equal(gw_seal_close(seal, alice, place, 8, sizeof(place)), -ENOSPC);
	assert_memory_equal(place, "PIN 4321", 8);
	assert_null(gw_seal_alloc(NULL, ""));
	assert_null(gw_seal_alloc(NULL, "0011"));
	memcpy(longer, key, 64);
	memcpy(longer + 64, "0", 2);
	assert_null(gw_seal_alloc(NULL, longer));
	longer[63] = 'g';
	longer[64] = '\0';
	assert_null(gw_seal_alloc(NULL, longer));
	talloc_free(seal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_comes_back),
		cmocka_unit_test(nobody_else_opens_it),
		cmocka_unit_test(it_needs_room_and_a_key),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
