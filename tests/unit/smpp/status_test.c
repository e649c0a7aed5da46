/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* smpp/status: the names are libsmpp34's, nothing it knows is missing, and the verdicts are those we mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "smpp/status.h"
/* After status.h: the same names as macros. */
#include <smpp34.h>

static void test_names_are_those_of_libsmpp34(void **state)
{
	static const struct {
		uint32_t status;
		const char *name;
	} theirs[] = {
#define OPERACION(status) { status, #status },
#include <def_list/command_status.list>
#undef OPERACION
	};
	(void)state;
	for (size_t i = 0; i < sizeof(theirs) / sizeof(theirs[0]); i++)
		assert_string_equal(smpp_status_name(theirs[i].status), theirs[i].name);
}

static void test_every_status_has_name_text_and_verdict(void **state)
{
	static const uint32_t edges[] = { 0x09, 0x113, 0x3FF, 0x400, 0x4FF, 0x500, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF };
	(void)state;
	for (uint32_t status = 0; status < 0x600; status++) {
		assert_true(strlen(smpp_status_name(status)) >= 8);
		assert_true(strlen(smpp_status_text(status)) >= 8);
		assert_int_equal(smpp_status_verdict(status) == SMPP_VERDICT_OK, status == 0);
	}
	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		assert_int_equal(smpp_status_verdict(edges[i]), SMPP_VERDICT_REFUSED);
		assert_int_equal(strncmp(smpp_status_name(edges[i]), "0x", 2), 0);
		assert_int_equal(strlen(smpp_status_name(edges[i])), 10);
	}
	assert_string_equal(smpp_status_name(0x400), "0x00000400");
	assert_string_not_equal(smpp_status_text(0x400), smpp_status_text(0x500));
	assert_string_equal(smpp_status_text(0x4FF), smpp_status_text(0x400));
}

static void test_verdicts(void **state)
{
	static const struct {
		uint32_t status;
		enum smpp_verdict verdict;
	} cases[] = {
		{ 0x00, SMPP_VERDICT_OK },
		{ 0x58, SMPP_VERDICT_SLOW_DOWN }, { 0x14, SMPP_VERDICT_SLOW_DOWN },
		{ 0x08, SMPP_VERDICT_RETRY }, { 0x64, SMPP_VERDICT_RETRY }, { 0x45, SMPP_VERDICT_RETRY }, { 0xFF, SMPP_VERDICT_RETRY },
		{ 0x0A, SMPP_VERDICT_REFUSED }, { 0x0B, SMPP_VERDICT_REFUSED }, { 0x0C, SMPP_VERDICT_REFUSED },
		{ 0x0E, SMPP_VERDICT_REFUSED }, { 0x0F, SMPP_VERDICT_REFUSED }, { 0x15, SMPP_VERDICT_REFUSED },
		{ 0x33, SMPP_VERDICT_REFUSED }, { 0x65, SMPP_VERDICT_REFUSED }, { 0x66, SMPP_VERDICT_REFUSED },
		{ 0xC0, SMPP_VERDICT_REFUSED }, { 0xFE, SMPP_VERDICT_REFUSED }, { 0x400, SMPP_VERDICT_REFUSED },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(smpp_status_verdict(cases[i].status), cases[i].verdict);
}

static void test_found_by_name_or_number(void **state)
{
	static const char *const bad[] = { "", "x", "ESME_", "esme_rthrottled", "0x", "0xg", "88 ", "-1", "+1", "4294967296", "0x100000000",
		"99999999999999999999999", " 88", "ESME_RTHROTTLED " };
	uint32_t found = 7;

	(void)state;
	for (uint32_t status = 0; status < 0x600; status++) {
		char number[24];

		assert_true(smpp_status_find(smpp_status_name(status), &found));
		assert_int_equal(found, status);
		snprintf(number, sizeof(number), "%u", status);
		assert_true(smpp_status_find(number, &found));
		assert_int_equal(found, status);
	}
	assert_true(smpp_status_find("0xFFFFFFFF", &found));
	assert_int_equal(found, UINT32_MAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(smpp_status_find(bad[i], &found));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_those_of_libsmpp34),
		cmocka_unit_test(test_every_status_has_name_text_and_verdict),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_found_by_name_or_number),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
