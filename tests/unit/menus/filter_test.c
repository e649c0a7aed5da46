/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What stands on the screen, and that it stands there in order: Unicode's own algorithm (ICU) lays out each result after
 * Persian letters, and every number must come out whole. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <unicode/ubidi.h>
#include <unicode/ustring.h>

#include "menus/filter.h"
#include "menus/unicode.h"

static char out[256];

static const char *apply(const char *filter, const char *language, const char *value)
{
	ssize_t octets;

	assert_non_null(menu_filter_find(filter));
	octets = menu_filter_find(filter)->apply(language, value, out, sizeof(out));
	assert_int_equal(octets, strlen(out));
	return out;
}

static const struct { const char *filter, *value, *fa, *en; } rows[] = {
	{ "rial", "120000", "120,000 ریال", "120,000 rial" },
	{ "rial", "0", "0 ریال", "0 rial" },
	{ "rial", "999", "999 ریال", "999 rial" },
	{ "rial", "-12345", "منفی 12,345 ریال", "-12,345 rial" },
	{ "rial", "-0", "0 ریال", "0 rial" },
	{ "rial", "0001500.00", "1,500 ریال", "1,500 rial" },
	{ "rial", "1234567890123456789", "1,234,567,890,123,456,789 ریال", "1,234,567,890,123,456,789 rial" },
	{ "rial", "1e5", "1e5", "1e5" },
	{ "rial", "", "", "" },
	{ "toman", "120000", "12,000 تومان", "12,000 toman" },
	{ "toman", "12345", "1,234.5 تومان", "1,234.5 toman" },
	{ "toman", "5", "0.5 تومان", "0.5 toman" },
	{ "toman", "0", "0 تومان", "0 toman" },
	{ "toman", "-50", "منفی 5 تومان", "-5 toman" },
	{ "toman", "free", "free", "free" },
	{ "number", "1234567", "1,234,567", "1,234,567" },
	{ "number", "1234.50", "1,234.5", "1,234.5" },
	{ "number", "12.", "12.", "12." },
	{ "number", "1234567890123456789012345", "1234567890123456789012345", "1234567890123456789012345" },
	{ "date", "2020-03-15", "1398/12/25", "1398/12/25" },
	{ "date", "1584264600", "1398/12/25", "1398/12/25" },
	{ "date", "۱۳۹۸/۱۲/۲۵", "1398/12/25", "1398/12/25" },
	{ "date", "1398/1/5", "1398/01/05", "1398/01/05" },
	{ "date", "soon", "soon", "soon" },
	{ "time", "2020-03-15T09:30:00Z", "13:00", "13:00" },
	{ "time", "2020-03-15", "2020-03-15", "2020-03-15" },
	{ "datetime", "2020-03-15T09:30:00Z", "1398/12/25 ساعت 13:00", "1398/12/25 13:00" },
	{ "datetime", "2020-03-15", "1398/12/25", "1398/12/25" },
	{ "plate", "12ب145-47", "12 ب 145 ایران 47", "12 B 145 IR 47" },
	{ "plate", "11الف22233", "11 الف 222 ایران 33", "11 A 222 IR 33" },
	{ "plate", "99D99911", "99 D 999 ایران 11", "99 D 999 IR 11" },
	{ "plate", "12145478", "121 روی 45478", "121 / 45478" },
	{ "plate", "no plate", "no plate", "no plate" },
	{ "masked", "0063300095", "xxxx0095", "xxxx0095" },
	{ "masked", "+989123456789", "xxxx6789", "xxxx6789" },
	{ "masked", "123456", "xxxx456", "xxxx456" },
	{ "masked", "1", "xxxx", "xxxx" },
	{ "masked", "", "", "" },
	{ "masked", "رضا رضایی", "xxxxضایی", "xxxxضایی" },
	{ "last4", "6037999970559289", "9289", "9289" },
	{ "last4", "12", "2", "2" },
	{ "phone", "+989123456789", "09123456789", "09123456789" },
	{ "phone", "989123456789", "09123456789", "09123456789" },
	{ "phone", "09123456789", "09123456789", "09123456789" },
	{ "phone", "+12025550123", "12025550123", "12025550123" },
	{ "phone", "1420", "1420", "1420" },
	{ "group", "7748317800142", "7748.3178.00142", "7748.3178.00142" },
	{ "group", "12345678", "1234.5678", "1234.5678" },
	{ "group", "12345", "12345", "12345" },
	{ "group", "DH1234567", "DH1234567", "DH1234567" },
	{ "upper", "irfcswg2", "IRFCSWG2", "IRFCSWG2" },
	{ "upper", "قبض a", "قبض A", "قبض A" },
};

static void writes_what_stands_on_the_screen(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_string_equal(apply(rows[i].filter, "fa", rows[i].value), rows[i].fa);
		assert_string_equal(apply(rows[i].filter, "en", rows[i].value), rows[i].en);
	}
}

/* The visual order, left to right, of a Persian line. */
static void lay_out(const char *text, UBiDiLevel base, char *visual, size_t cap)
{
	UErrorCode error = U_ZERO_ERROR;
	UChar logical[256], ordered[256];
	int32_t n = 0;
	UBiDi *bidi = ubidi_open();

	u_strFromUTF8(logical, 256, &n, text, -1, &error);
	ubidi_setPara(bidi, logical, n, base, NULL, &error);
	n = ubidi_writeReordered(bidi, ordered, 256, UBIDI_DO_MIRRORING, &error);
	u_strToUTF8(visual, (int32_t)cap, NULL, ordered, n, &error);
	assert_true(U_SUCCESS(error));
	ubidi_close(bidi);
}

/* Each stretch of ASCII without a space (a number, a date, a masked number) is read from the screen as it was written. */
static void assert_numbers_stay_whole(const char *text, UBiDiLevel base)
{
	char line[512], visual[512], *word, *save;

	snprintf(line, sizeof(line), "مبلغ قبض شما: %s است", text);
	lay_out(line, base, visual, sizeof(visual));
	for (word = strtok_r(line, " ", &save); word; word = strtok_r(NULL, " ", &save))
		if ((unsigned char)word[0] < 0x80 && !strstr(visual, word))
			fail_msg("%s is not whole in %s", word, visual);
}

static void is_safe_against_bidi(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* what no filter could read, and a masked word of Persian, are the agency's business */
		if (strcmp(rows[i].fa, rows[i].value) == 0 || strstr(rows[i].fa, "xxxxض"))
			continue;
		assert_numbers_stay_whole(rows[i].fa, 1);
		assert_numbers_stay_whole(rows[i].fa, UBIDI_DEFAULT_LTR); /* auto: the line begins with a Persian letter */
	}
}

/* In a line from right to left the parts of a plate stand in the order in which they are read aloud. */
static void a_plate_is_read_in_order(void **state)
{
	char visual[256];
	const char *province, *serial, *first;

	(void)state;
	lay_out("پلاک: 12 ب 145 ایران 47", 1, visual, sizeof(visual));
	province = strstr(visual, "47");
	serial = strstr(visual, "145");
	first = strstr(visual, "12");
	assert_true(province && serial && first && province < serial && serial < first);
}

/* The layout does find what the filters avoid: the test above can fail. */
static void the_layout_sees_what_is_unsafe(void **state)
{
	char visual[256];

	(void)state;
	lay_out("تلفن 021-12345678", 1, visual, sizeof(visual));
	assert_null(strstr(visual, "021-12345678"));
	lay_out("کارت 6037***9289", 1, visual, sizeof(visual));
	assert_null(strstr(visual, "6037***9289"));
}

static void nothing_is_cut_in_silence(void **state)
{
	char small[4];

	(void)state;
	for (size_t i = 0; menu_filter_row(i); i++) {
		const struct menu_filter *filter = menu_filter_row(i);

		assert_ptr_equal(menu_filter_find(filter->name), filter);
		assert_true(filter->text[0]);
		assert_int_equal(filter->apply("fa", strcmp(filter->name, "last4") == 0 ? "123456789" : "1584264600", small, sizeof(small)), -ENOSPC);
		assert_int_equal(filter->apply("fa", "", small, sizeof(small)), 0);
	}
	assert_null(menu_filter_find("no-such-filter"));
}

/* Wasted units: what would turn an English text into UCS-2, or show as a box. */
static void no_invisible_characters(void **state)
{
	static const char *const wasted[] = { "\u200e", "\u200f", "\u00a0", "\u202f", "\u200c" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t w = 0; w < sizeof(wasted) / sizeof(wasted[0]); w++) {
			assert_null(strstr(apply(rows[i].filter, "fa", rows[i].value), wasted[w]));
			assert_null(strstr(apply(rows[i].filter, "en", rows[i].value), wasted[w]));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_what_stands_on_the_screen),
		cmocka_unit_test(is_safe_against_bidi),
		cmocka_unit_test(a_plate_is_read_in_order),
		cmocka_unit_test(the_layout_sees_what_is_unsafe),
		cmocka_unit_test(nothing_is_cut_in_silence),
		cmocka_unit_test(no_invisible_characters),
	};

	menu_unicode_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
