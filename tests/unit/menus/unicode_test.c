/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Text as it comes from phones and people: the vectors of folding and of dial strings, and dates in both calendars. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "menus/unicode.h"

/* The next line of a vector file as its fields; false at the end. Comments are skipped. */
static bool next_vector(FILE *file, char *line, size_t cap, char *fields[3])
{
	while (fgets(line, (int)cap, file)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' && line[1] == ' ')
			continue;
		for (int i = 0; i < 3; i++) {
			char *tab = strchr(line, '\t');

			fields[i] = line;
			line = tab ? tab + 1 : line + strlen(line);
			if (tab)
				*tab = '\0';
		}
		return true;
	}
	return false;
}

static FILE *open_vectors(const char *path)
{
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	return file;
}

static void folds_the_vectors(void **state)
{
	FILE *file = open_vectors("tests/data/vectors/text_normalise.tsv");
	char line[512], out[256], *f[3];
	size_t lines = 0;

	(void)state;
	for (; next_vector(file, line, sizeof(line), f); lines++) {
		if (strstr(f[2], "number field"))
			assert_int_equal(menu_unicode_digits(f[0], strlen(f[0]), out, sizeof(out)), strlen(f[1]));
		else if (strstr(f[2], "keyword matching")) {
			assert_true(menu_unicode_key(f[0], strlen(f[0]), out, sizeof(out)) > 0);
			assert_int_equal(strcasecmp(out, f[1]), 0);
			continue;
		} else
			assert_int_equal(menu_unicode_fold(f[0], strlen(f[0]), out, sizeof(out)), strlen(f[1]));
		assert_string_equal(out, f[1]);
	}
	assert_int_equal(lines, 14);
	fclose(file);
}

static void assert_fold(const char *text, const char *wanted)
{
	char out[256];

	assert_int_equal(menu_unicode_fold(text, strlen(text), out, sizeof(out)), strlen(wanted));
	assert_string_equal(out, wanted);
}

static void folds_what_else_phones_send(void **state)
{
	(void)state;
	assert_fold("1", "1");
	assert_fold("  a \t b\r\n", "a b");
	assert_fold("a\x01" "b\x7f", "ab");
	assert_fold("", "");
	assert_fold(" \u200c ", "");
	assert_fold("\u200cقبض\u200c \u200c آب\u200c", "قبض آب");
	assert_fold("می\u200c\u200cشود", "می\u200cشود");
	assert_fold("１２＊＃", "12*#");               /* full width */
	assert_fold("०१२", "012");                     /* any script's digits */
	assert_fold("1\u00a02\u202f3", "1 2 3");
	assert_fold("ك\u0640\u0640ي\u0640ف", "کیف");
	assert_fold("ا\u0640\u0653", "آ");             /* the mark meets its letter when the kashida is gone */
	assert_fold("\ufeff\u2067سلام\u2069\u061c", "سلام");
	assert_fold("2020\u201303\u201115", "2020-03-15");
}

/* Everything that folding gives stays what it is when it is folded again. */
static void folding_twice_is_folding_once(void **state)
{
	static const char *const texts[] = { "ا\u0640\u0653 ﷺ ﷲ ½ ﬁ ẞ İ", "هٔ ۀ ئ ئ ؤ", "\u1e9b\u0323", "a\u0300\u0301\u064b b", "가각" };
	char once[256], twice[256];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		ssize_t n = menu_unicode_fold(texts[i], strlen(texts[i]), once, sizeof(once));

		assert_true(n > 0);
		assert_int_equal(menu_unicode_fold(once, (size_t)n, twice, sizeof(twice)), n);
		assert_string_equal(once, twice);
	}
	/* A NUL between a letter and its mark is dropped like any control character, and then the two are one. */
	assert_int_equal(menu_unicode_fold("x\0\xCC\x87", 4, once, sizeof(once)), 3);
	assert_string_equal(once, "\u1E8B");
}

static void refuses_what_is_not_text_or_does_not_fit(void **state)
{
	static const char *const bad[] = { "\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "ab\xd9", "\xe2\x80" };
	char out[8];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(menu_unicode_fold(bad[i], strlen(bad[i]), out, sizeof(out)), -EILSEQ);
	assert_int_equal(menu_unicode_fold("12345678", 8, out, sizeof(out)), -ENOSPC);
	assert_int_equal(menu_unicode_fold("1234567", 7, out, sizeof(out)), 7);
	assert_int_equal(menu_unicode_fold("سلام", 8, out, sizeof(out)), -ENOSPC);
	assert_int_equal(menu_unicode_fold("سلا", 6, out, sizeof(out)), 6);
	assert_int_equal(menu_unicode_fold("", 0, out, 0), -ENOSPC);
}

static void key_compares_as_people_do(void **state)
{
	char a[64], b[64];

	(void)state;
	assert_true(menu_unicode_key("کتاب\u200cخانه!", strlen("کتاب\u200cخانه!"), a, sizeof(a)) > 0);
	assert_true(menu_unicode_key("كتابخانه", strlen("كتابخانه"), b, sizeof(b)) > 0);
	assert_string_equal(a, b);
	assert_int_equal(menu_unicode_key("BILL ...", 8, a, sizeof(a)), 4);
	assert_string_equal(a, "bill");
	assert_int_equal(menu_unicode_key("ÉTÉ", strlen("ÉTÉ"), a, sizeof(a)), strlen("été"));
	assert_string_equal(a, "été");
	assert_int_equal(menu_unicode_key("؟", strlen("؟"), a, sizeof(a)), strlen("؟")); /* alone it is the word */
}

static void assert_digits(const char *text, const char *wanted)
{
	char out[64];

	assert_int_equal(menu_unicode_digits(text, strlen(text), out, sizeof(out)), strlen(wanted));
	assert_string_equal(out, wanted);
}

static void digits_lose_the_separators_of_thousands_only(void **state)
{
	(void)state;
	assert_digits("12,345,678", "12345678");
	assert_digits("۱۲٬۳۴۵٬۶۷۸", "12345678");
	assert_digits("12 345 678", "12345678");
	assert_digits("1, 234", "1234");
	assert_digits("1.234.567", "1234567");
	assert_digits("1.5", "1.5");
	assert_digits("1,23", "1,23");
	assert_digits("1,2345", "1,2345");
	assert_digits(",123", ",123");
	assert_digits("123,", "123,");
	assert_digits("12a,345", "12a,345");
}

static void reads_the_dial_strings(void **state)
{
	FILE *file = open_vectors("tests/data/vectors/dial_string.tsv");
	char line[512], out[256], *f[3];
	size_t lines = 0;

	(void)state;
	for (; next_vector(file, line, sizeof(line), f); lines++) {
		ssize_t n = menu_dial_normalise(f[0], strlen(f[0]), out, sizeof(out));

		if (strcmp(f[1], "invalid") == 0) {
			assert_int_equal(n, -EINVAL);
			continue;
		}
		f[2][strcspn(f[2], ";")] = '\0';
		assert_int_equal(n, strlen(f[2]));
		assert_string_equal(out, f[2]);
	}
	assert_int_equal(lines, 17);
	fclose(file);
}

static void dial_strings_are_bounded(void **state)
{
	char out[8], dots[256];

	(void)state;
	assert_int_equal(menu_dial_normalise("*4*123#", 7, out, 8), 7);
	assert_int_equal(menu_dial_normalise("*4*123#", 7, out, 7), -EINVAL);
	assert_int_equal(menu_dial_normalise(" * 4 # ", 7, out, 8), 3);
	assert_int_equal(menu_dial_normalise("#2*1*4*", 7, out, 8), 7);
	assert_string_equal(out, "*4*1*2#");
	dots[0] = '*';
	for (size_t i = 1; i < 255; i++)
		dots[i] = i % 2 ? '1' : '*';
	dots[255] = '#'; /* more parts than any code has */
	assert_int_equal(menu_dial_normalise(dots, 256, dots, 256), -EINVAL);
}

static void tehran_has_its_own_clock(void **state)
{
	struct menu_jalali j;

	(void)state;
	assert_true(menu_unicode_jalali(INT64_C(1584264600000), &j)); /* 2020-03-15 13:00 in Tehran */
	assert_int_equal(j.year * 10000 + j.month * 100 + j.day, 13981225);
	assert_int_equal(j.hour * 100 + j.minute, 1300);
	assert_true(menu_unicode_jalali(0, &j));
	assert_int_equal(j.year * 10000 + j.month * 100 + j.day, 13481011);
	assert_int_equal(j.hour * 100 + j.minute, 330);
	assert_true(menu_unicode_jalali(INT64_C(1592218800000), &j)); /* 2020-06-15 11:00 UTC: summer time */
	assert_int_equal(j.hour * 100 + j.minute, 1530);
}

static void knows_the_leap_years(void **state)
{
	static const int leap[] = { 1370, 1375, 1379, 1383, 1387, 1391, 1395, 1399, 1403, 1408, 1412, 1416, 1420, 0 };
	size_t next = 0;

	(void)state;
	for (int year = 1370; year <= 1420; year++) {
		bool is_leap = year == leap[next];

		assert_int_equal(menu_unicode_jalali_valid(year, 12, 30), is_leap);
		assert_true(menu_unicode_jalali_valid(year, 12, 29));
		assert_true(menu_unicode_jalali_valid(year, 6, 31));
		assert_false(menu_unicode_jalali_valid(year, 7, 31));
		next += is_leap;
	}
	assert_false(menu_unicode_jalali_valid(1399, 13, 1));
	assert_false(menu_unicode_jalali_valid(1399, 0, 1));
	assert_false(menu_unicode_jalali_valid(1399, 1, 0));
	assert_false(menu_unicode_jalali_valid(0, 1, 1));
}

static void reads_times(void **state)
{
	static const struct { const char *text; int64_t ms; bool clock; } good[] = {
		{ "2020-03-15T13:00:00+03:30", INT64_C(1584264600000), true },
		{ "2020-03-15T09:30:00Z", INT64_C(1584264600000), true },
		{ "2020-03-15T09:30:00.250Z", INT64_C(1584264600000), true },
		{ "2020-03-15 13:00", INT64_C(1584264600000), true },   /* without a zone it is Tehran's */
		{ "1398/12/25 13:00", INT64_C(1584264600000), true },
		{ "1398-12-25T13:00:00", INT64_C(1584264600000), true },
		{ "1584264600", INT64_C(1584264600000), true },
		{ "1584264600000", INT64_C(1584264600000), true },
		{ "2020-03-15", INT64_C(1584217800000), false },        /* midnight in Tehran */
		{ "1398/12/25", INT64_C(1584217800000), false },
		{ "13981225", INT64_C(1584217800000), false },
		{ "20200315", INT64_C(1584217800000), false },
		{ "1969-12-31T23:59:59Z", -1000, true },
	};
	static const char *const bad[] = {
		"", "x", "2020", "2020-13-01", "2020-02-30", "1398/12/30", "1398/12/25 24:00", "2020-03-15T13", "2020-03-15T13:00:00+",
		"2020-03-15T13:00:00+3:30", "2020/03-15", "98/12/25", "15842646000000", "-1584264600", "2020-03-15Z", "1398/12/25T13:00Z",
		"2020-3-", "2020-03-15T13:00:", "2020-03-15 13:00x", "0000-00-00", "9999-01-01",
	};
	int64_t ms;
	bool clock;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (!menu_unicode_time(good[i].text, &ms, &clock) || ms != good[i].ms || clock != good[i].clock)
			fail_msg("%s: %lld", good[i].text, (long long)ms);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (menu_unicode_time(bad[i], &ms, &clock))
			fail_msg("%s was read", bad[i]);
}

/* The first of Farvardin begins at one o'clock in the years of summer time: the day must stay the day. */
static void a_date_without_a_clock_stays_its_day(void **state)
{
	struct menu_jalali j;
	int64_t ms;
	bool clock;

	(void)state;
	for (int year = 1370; year <= 1420; year++) {
		char text[32];

		for (int month = 1; month <= 12; month++) {
			snprintf(text, sizeof(text), "%d/%02d/01", year, month);
			assert_true(menu_unicode_time(text, &ms, &clock));
			assert_true(menu_unicode_jalali(ms, &j));
			assert_int_equal(j.year * 10000 + j.month * 100 + j.day, year * 10000 + month * 100 + 1);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folds_the_vectors),
		cmocka_unit_test(folds_what_else_phones_send),
		cmocka_unit_test(folding_twice_is_folding_once),
		cmocka_unit_test(refuses_what_is_not_text_or_does_not_fit),
		cmocka_unit_test(key_compares_as_people_do),
		cmocka_unit_test(digits_lose_the_separators_of_thousands_only),
		cmocka_unit_test(reads_the_dial_strings),
		cmocka_unit_test(dial_strings_are_bounded),
		cmocka_unit_test(tehran_has_its_own_clock),
		cmocka_unit_test(knows_the_leap_years),
		cmocka_unit_test(reads_times),
		cmocka_unit_test(a_date_without_a_clock_stays_its_day),
	};

	menu_unicode_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
