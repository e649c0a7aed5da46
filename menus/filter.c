/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The filters of templates. Each takes the value as an agency or a check gives it and writes what a citizen reads.
 *
 * Bidi, which is why some look as they do: after a Persian letter, digits that are joined by a hyphen or a space show in
 * the wrong order, joined by / , : . they stay. So groups are joined by '.', date and clock by a word, a negative number
 * begins with a word, and what is masked begins with 'x', which holds its digits as Latin letters do. Nothing here needs
 * an invisible mark, which would cost a unit and shows as a box on old phones.
 *
 * Dates are those of the Persian calendar in both languages: it is the one that stands on the bill. */
#include "menus/filter.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "menus/input.h"
#include "menus/input_tables.h"
#include "menus/unicode.h"

#define NUMBER_OCTETS 64 /* of a number with its separators */
#define TAIL_CHARACTERS 4

static bool is_persian(const char *language)
{
	return strcmp(language, "en") != 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static ssize_t print(char *out, size_t cap, const char *format, ...) __attribute__((format(printf, 3, 4)));
static ssize_t print(char *out, size_t cap, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(out, cap, format, args);
	va_end(args);
	return n < 0 || (size_t)n >= cap ? -ENOSPC : n;
}

static ssize_t as_it_is(const char *value, char *out, size_t cap)
{
	return print(out, cap, "%s", value);
}

/* ---- numbers ---- */

struct number {
	bool negative;
	char whole[24];    /* digits without leading zeros */
	char fraction[8];  /* digits without closing zeros, at most what fits */
};

/* "-0012.500" -> {true, "12", "5"}; false: no number that can be told exactly. */
static bool read_number(const char *value, struct number *number)
{
	size_t n = 0, at = 0;

	number->negative = *value == '-';
	value += number->negative;
	if (!is_digit(*value))
		return false;
	while (*value == '0' && is_digit(value[1]))
		value++;
	for (; is_digit(*value); value++)
		if (n + 1 < sizeof(number->whole))
			number->whole[n++] = *value;
		else
			return false;
	number->whole[n] = number->fraction[0] = '\0';
	if (*value == '\0')
		return true;
	if (*value++ != '.' || !is_digit(*value))
		return false;
	for (; is_digit(*value); value++)
		if (at + 1 < sizeof(number->fraction))
			number->fraction[at++] = *value;
	while (at > 0 && number->fraction[at - 1] == '0')
		at--;
	number->fraction[at] = '\0';
	return *value == '\0';
}

static bool is_zero(const struct number *number)
{
	return strcmp(number->whole, "0") == 0 && number->fraction[0] == '\0';
}

static void group_thousands(const char *digits, char *out)
{
	size_t n = strlen(digits);

	for (size_t i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			*out++ = ',';
		*out++ = digits[i];
	}
	*out = '\0';
}

/* With "منفی" for a minus: the sign would stand at the wrong end. */
static ssize_t print_number(const char *language, const struct number *number, const char *unit, char *out, size_t cap)
{
	char grouped[NUMBER_OCTETS];
	const char *minus = !number->negative || is_zero(number) ? "" : is_persian(language) ? "منفی " : "-";

	group_thousands(number->whole, grouped);
	return print(out, cap, "%s%s%s%s%s", minus, grouped, number->fraction[0] ? "." : "", number->fraction, unit);
}

static ssize_t filter_number(const char *language, const char *value, char *out, size_t cap)
{
	struct number number;

	return read_number(value, &number) ? print_number(language, &number, "", out, cap) : as_it_is(value, out, cap);
}

/* There is no part of a rial. */
static ssize_t filter_rial(const char *language, const char *value, char *out, size_t cap)
{
	struct number number;

	if (!read_number(value, &number))
		return as_it_is(value, out, cap);
	number.fraction[0] = '\0';
	return print_number(language, &number, is_persian(language) ? " ریال" : " rial", out, cap);
}

/* A tenth of the rial. */
static ssize_t filter_toman(const char *language, const char *value, char *out, size_t cap)
{
	struct number number;
	size_t last;

	if (!read_number(value, &number))
		return as_it_is(value, out, cap);
	last = strlen(number.whole) - 1;
	snprintf(number.fraction, sizeof(number.fraction), "%s", number.whole[last] == '0' ? "" : &number.whole[last]);
	if (last == 0)
		number.whole[0] = '0';
	else
		number.whole[last] = '\0';
	return print_number(language, &number, is_persian(language) ? " تومان" : " toman", out, cap);
}

/* ---- times ---- */

static bool read_time(const char *value, struct menu_jalali *jalali, bool *has_clock)
{
	char folded[64];
	int64_t ms;

	return menu_unicode_fold(value, strlen(value), folded, sizeof(folded)) > 0 && menu_unicode_time(folded, &ms, has_clock) &&
	       menu_unicode_jalali(ms, jalali);
}

static ssize_t filter_date(const char *language, const char *value, char *out, size_t cap)
{
	struct menu_jalali j;
	bool has_clock;

	(void)language;
	if (!read_time(value, &j, &has_clock))
		return as_it_is(value, out, cap);
	return print(out, cap, "%04d/%02d/%02d", j.year, j.month, j.day);
}

static ssize_t filter_time(const char *language, const char *value, char *out, size_t cap)
{
	struct menu_jalali j;
	bool has_clock;

	(void)language;
	if (!read_time(value, &j, &has_clock) || !has_clock)
		return as_it_is(value, out, cap);
	return print(out, cap, "%02d:%02d", j.hour, j.minute);
}

static ssize_t filter_datetime(const char *language, const char *value, char *out, size_t cap)
{
	struct menu_jalali j;
	bool has_clock;

	if (!read_time(value, &j, &has_clock))
		return as_it_is(value, out, cap);
	if (!has_clock)
		return filter_date(language, value, out, cap);
	return print(out, cap, "%04d/%02d/%02d %s%02d:%02d", j.year, j.month, j.day, is_persian(language) ? "ساعت " : "", j.hour, j.minute);
}

/* ---- numbers of things ---- */

static const char *latin_letter(const char *letter, size_t octets)
{
	for (const struct menu_input_letter *row = menu_input_letters; row->letter; row++)
		if (strlen(row->letter) == octets && memcmp(row->letter, letter, octets) == 0)
			return row->latin;
	return "?";
}

/* As it is read aloud: "12 ب 145 ایران 47"; a word stands between any two numbers, so they keep their order. */
static ssize_t filter_plate(const char *language, const char *value, char *out, size_t cap)
{
	struct menu_input_result result;
	const char *normal = result.normal, *dash;
	size_t letter;

	menu_input_check(menu_input_find("plate"), value, strlen(value), NULL, 0, &result);
	if (!result.ok)
		return as_it_is(value, out, cap);
	dash = strchr(normal, '-');
	if (dash - normal == 3) /* a motorcycle's two rows */
		return print(out, cap, is_persian(language) ? "%.3s روی %s" : "%.3s / %s", normal, dash + 1);
	letter = (size_t)(dash - normal) - 5;
	if (!is_persian(language))
		return print(out, cap, "%.2s %s %.3s IR %s", normal, latin_letter(normal + 2, letter), dash - 3, dash + 1);
	return print(out, cap, "%.2s %.*s %.3s ایران %s", normal, (int)letter, normal + 2, dash - 3, dash + 1);
}

/* As it is dialled within the country: a plus would move to the other end. */
static ssize_t filter_phone(const char *language, const char *value, char *out, size_t cap)
{
	size_t n;

	(void)language;
	if (strncmp(value, "+98", 3) == 0 && value[3])
		return print(out, cap, "0%s", value + 3);
	n = strspn(value, "0123456789");
	if (n == 12 && value[n] == '\0' && strncmp(value, "98", 2) == 0)
		return print(out, cap, "0%s", value + 2);
	return as_it_is(*value == '+' ? value + 1 : value, out, cap);
}

/* The last characters, as many as show at most half of a short value. */
static const char *tail(const char *value)
{
	size_t octets = strlen(value), characters = 0, keep, at = 0;

	for (size_t i = 0; i < octets; i++)
		characters += ((unsigned char)value[i] & 0xC0) != 0x80;
	keep = characters / 2 < TAIL_CHARACTERS ? characters / 2 : TAIL_CHARACTERS;
	for (size_t skip = characters - keep; skip > 0; skip--)
		do
			at++;
		while (at < octets && ((unsigned char)value[at] & 0xC0) == 0x80);
	return value + at;
}

/* Always four x: the length of what is hidden is nobody's business, and it saves room. */
static ssize_t filter_masked(const char *language, const char *value, char *out, size_t cap)
{
	(void)language;
	return *value ? print(out, cap, "xxxx%s", tail(value)) : as_it_is(value, out, cap);
}

static ssize_t filter_last4(const char *language, const char *value, char *out, size_t cap)
{
	(void)language;
	return as_it_is(tail(value), out, cap);
}

/* 7748317800142 -> 7748.3178.00142: four by four, no lone digits at the end. */
static ssize_t filter_group(const char *language, const char *value, char *out, size_t cap)
{
	size_t n = strspn(value, "0123456789"), to = 0;

	(void)language;
	if (value[n] != '\0' || n < 6)
		return as_it_is(value, out, cap);
	for (size_t i = 0; i < n; i++) {
		if (to + 2 >= cap)
			return -ENOSPC;
		if (i > 0 && i % 4 == 0 && n - i > 1)
			out[to++] = '.';
		out[to++] = value[i];
	}
	out[to] = '\0';
	return (ssize_t)to;
}

static ssize_t filter_upper(const char *language, const char *value, char *out, size_t cap)
{
	ssize_t n = as_it_is(value, out, cap);

	(void)language;
	for (ssize_t i = 0; i < n; i++)
		if (out[i] >= 'a' && out[i] <= 'z')
			out[i] = (char)(out[i] - 'a' + 'A');
	return n;
}

static const struct menu_filter filters[] = {
	{ "rial", "amount in rial: 120,000 ریال", filter_rial },
	{ "toman", "amount in rial, shown in toman: 12,000 تومان", filter_toman },
	{ "number", "number with separators: 120,000", filter_number },
	{ "date", "day in the Persian calendar: 1398/12/25", filter_date },
	{ "time", "clock in Tehran: 13:00", filter_time },
	{ "datetime", "both: 1398/12/25 ساعت 13:00", filter_datetime },
	{ "plate", "number plate in parts: 12 ب 145 ایران 47", filter_plate },
	{ "masked", "the last four characters, the rest hidden: xxxx0095", filter_masked },
	{ "last4", "the last four characters: 0095", filter_last4 },
	{ "phone", "number as it is dialled: 09123456789", filter_phone },
	{ "group", "long number in groups: 7748.3178.00142", filter_group },
	{ "upper", "Latin letters in upper case", filter_upper },
};

const struct menu_filter *menu_filter_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++)
		if (strcmp(filters[i].name, name) == 0)
			return &filters[i];
	return NULL;
}

const struct menu_filter *menu_filter_row(size_t index)
{
	return index < ARRAY_SIZE(filters) ? &filters[index] : NULL;
}
