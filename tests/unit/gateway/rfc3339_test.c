/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Moments: written and read again, offsets, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "gateway/rfc3339.h"

static void written_and_read(void **state)
{
	static const int64_t moments[] = { 0, 1, 999, 1584264600123, 951782400000 /* 2000-02-29 */, 253402300799999 };
	char text[GW_RFC3339_OCTETS];
	int64_t back;

	(void)state;
	gw_rfc3339_print(1584264600123, text);
	assert_string_equal("2020-03-15T09:30:00.123Z", text);
	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		gw_rfc3339_print(moments[i], text);
		assert_true(gw_rfc3339_parse(text, &back));
		assert_int_equal(moments[i], back);
	}
	gw_rfc3339_print(-5, text);
	assert_string_equal("1970-01-01T00:00:00.000Z", text);
	gw_rfc3339_print(INT64_MAX, text);
	assert_string_equal("9999-12-31T23:59:59.999Z", text);
}

static void forms(void **state)
{
	static const struct { const char *text; int64_t ms; } good[] = {
		{ "2020-03-15T13:00:00+03:30", 1584264600000 }, { "2020-03-15t09:30:00z", 1584264600000 },
		{ "2020-03-15 04:30:00.5-05:00", 1584264600500 }, { "2020-03-15T09:30:00.1234567Z", 1584264600123 },
		{ "2016-12-31T23:59:60Z", 1483228800000 },
	};
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(gw_rfc3339_parse(good[i].text, &ms));
		assert_int_equal(good[i].ms, ms);
	}
}

static void none(void **state)
{
	static const char *const bad[] = {
		"", "2020", "2020-03-15", "2020-03-15T09:30Z", "2020-03-15T09:30:00", "2020-02-30T09:30:00Z", "2019-02-29T00:00:00Z",
		"2020-00-15T09:30:00Z", "2020-13-15T09:30:00Z", "2020-03-00T09:30:00Z", "2020-03-15T24:00:00Z", "2020-03-15T09:60:00Z",
		"2020-03-15T09:30:61Z", "2020-03-15T09:30:00.Z", "2020-03-15T09:30:00+0330", "2020-03-15T09:30:00+24:00", "2020-03-15T09:30:00Z ",
		"+020-03-15T09:30:00Z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01", "tomorrow",
	};
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(gw_rfc3339_parse(bad[i], &ms));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(written_and_read), cmocka_unit_test(forms), cmocka_unit_test(none) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
