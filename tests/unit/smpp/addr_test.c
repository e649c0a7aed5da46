/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* smpp/addr: one normal form for every way a network writes a number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <cmocka.h>

#include "smpp/addr.h"

#define TON_ANY 0xFF /* the case holds for every TON but national */
#define NOT_A_NUMBER NULL

static const struct {
	uint8_t ton;
	const char *digits, *expected;
} cases[] = {
	{ TON_ANY, "989121234567", "989121234567" },
	{ TON_ANY, "+989121234567", "989121234567" },
	{ TON_ANY, "00989121234567", "989121234567" },
	{ TON_ANY, "09121234567", "989121234567" },
	{ 2, "09121234567", "989121234567" },
	{ 2, "9121234567", "989121234567" },
	{ 2, "+989121234567", "989121234567" },
	{ 2, "00989121234567", "989121234567" },
	{ 2, "989121234567", "989121234567" },     /* called national, but longer than any */
	{ 2, "9812345678", "989812345678" },       /* ten digits are a national number whatever they begin with */
	{ TON_ANY, "9121234567", "9121234567" },   /* bare digits are international unless the TON says otherwise */
	{ TON_ANY, "+12025550123", "12025550123" },
	{ TON_ANY, "02188776655", "982188776655" },
	{ 2, "2188776655", "982188776655" },
	{ TON_ANY, "12345", "12345" },
	{ TON_ANY, "123456789012345", "123456789012345" },
	{ TON_ANY, "1234", NOT_A_NUMBER },
	{ TON_ANY, "1234567890123456", NOT_A_NUMBER },
	{ TON_ANY, "00123456789012345", "123456789012345" },
	{ TON_ANY, "001234567890123456", NOT_A_NUMBER },
	{ 2, "123", "98123" },
	{ 2, "12", NOT_A_NUMBER },
	{ 2, "1234567890123", "981234567890123" },
	{ 2, "12345678901234", NOT_A_NUMBER },
	{ TON_ANY, "", NOT_A_NUMBER },
	{ TON_ANY, "+", NOT_A_NUMBER },
	{ TON_ANY, "0", NOT_A_NUMBER },
	{ TON_ANY, "00", NOT_A_NUMBER },
	{ TON_ANY, "000989121234567", NOT_A_NUMBER },
	{ TON_ANY, "+09121234567", NOT_A_NUMBER },
	{ TON_ANY, "++989121234567", NOT_A_NUMBER },
	{ TON_ANY, "98912123456+", NOT_A_NUMBER },
	{ TON_ANY, "98912 1234567", NOT_A_NUMBER },
	{ TON_ANY, "98912123456x", NOT_A_NUMBER },
	{ TON_ANY, "*4*2020#", NOT_A_NUMBER },
	{ TON_ANY, "DOLAT", NOT_A_NUMBER },
	{ TON_ANY, "\xdb\xb0\xdb\xb9\xdb\xb1\xdb\xb2", NOT_A_NUMBER },
	{ TON_ANY, "-989121234567", NOT_A_NUMBER },
};

static void check(uint8_t ton, const char *digits, const char *expected)
{
	char out[32];
	struct smpp_address address = { ton, 1, digits };
	int result = smpp_addr_msisdn(&address, "98", out, sizeof(out));
	if ((result == 0) != (expected != NULL) || (expected && strcmp(out, expected) != 0))
		fail_msg("TON %u \"%s\": %d \"%s\"", ton, digits, result, result == 0 ? out : "");
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (cases[i].ton != TON_ANY)
			check(cases[i].ton, cases[i].digits, cases[i].expected);
		for (unsigned int ton = 0; ton <= 0xFF && cases[i].ton == TON_ANY; ton++)
			if (ton != 2)
				check((uint8_t)ton, cases[i].digits, cases[i].expected);
	}
}

static void test_another_country(void **state)
{
	char out[32];
	struct smpp_address address = { 2, 1, "0551234567" };
	(void)state;
	assert_int_equal(smpp_addr_msisdn(&address, "966", out, sizeof(out)), 0);
	assert_string_equal(out, "966551234567");
	/* Digits with a code of their own are none of the country's business. */
	address = (struct smpp_address){ 1, 1, "989121234567" };
	assert_int_equal(smpp_addr_msisdn(&address, "966", out, sizeof(out)), 0);
	assert_string_equal(out, "989121234567");
}

static void test_every_cap(void **state)
{
	struct smpp_address address = { 0, 0, "09121234567" };
	(void)state;
	for (size_t cap = 0; cap <= 14; cap++) {
		char *out = malloc(cap + 1);
		int result = smpp_addr_msisdn(&address, "98", out, cap);
		assert_int_equal(result, cap > 12 ? 0 : -EINVAL);
		free(out);
	}
}

static void test_no_digits(void **state)
{
	char out[32];
	struct smpp_address address = { 0, 0, NULL };
	(void)state;
	assert_int_equal(smpp_addr_msisdn(&address, "98", out, sizeof(out)), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_another_country),
		cmocka_unit_test(test_every_cap),
		cmocka_unit_test(test_no_digits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
