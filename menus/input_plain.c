/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Checks of plain values, whose bounds the menu sets. */
#include "menus/input_checks.h"
#include "menus/unicode.h"

const char *menu_check_digits(struct menu_check *check)
{
	int64_t bound;

	if (!menu_check_is_digits(check->text, check->n))
		return "digits";
	if (menu_check_bound(check, "length", &bound) && (int64_t)check->n != bound)
		return "length";
	if (menu_check_bound(check, "min_length", &bound) && (int64_t)check->n < bound)
		return "min_length";
	if (menu_check_bound(check, "max_length", &bound) && (int64_t)check->n > bound)
		return "max_length";
	return NULL;
}

static int64_t characters(const char *utf8, size_t octets)
{
	int64_t n = 0;

	for (size_t i = 0; i < octets; i++)
		n += ((unsigned char)utf8[i] & 0xC0) != 0x80;
	return n;
}

const char *menu_check_text(struct menu_check *check)
{
	int64_t n = characters(check->text, check->n), bound;

	if (menu_check_bound(check, "min_length", &bound) && n < bound)
		return "min_length";
	if (menu_check_bound(check, "max_length", &bound) && n > bound)
		return "max_length";
	return NULL;
}

/* Compared without regard to case, ZWNJ, marks; the result is written as the menu writes it. */
const char *menu_check_choice(struct menu_check *check)
{
	char typed[MENU_INPUT_OCTETS + 1], key[MENU_INPUT_OCTETS + 1];
	const char *at = menu_check_with(check, "choices");

	if (menu_unicode_key(check->text, check->n, typed, sizeof(typed)) < 0)
		return "unknown";
	while (at && *at) {
		size_t n = strcspn(at, "|");

		if (menu_unicode_key(at, n, key, sizeof(key)) > 0 && strcmp(key, typed) == 0)
			return menu_unicode_fold(at, n, check->result->normal, sizeof(check->result->normal)) > 0 ? NULL : "unknown";
		at += n + (at[n] == '|');
	}
	return "unknown";
}

/* A number of min..max digits, moves *at past it; -1 if there is none. */
static int take_number(const char **at, int digits_min, int digits_max)
{
	int value = 0, n = 0;

	for (; n < digits_max && menu_check_is_digits(*at, 1); n++, (*at)++)
		value = value * 10 + (**at - '0');
	return n < digits_min ? -1 : value;
}

/* yyyy/m/d, with / - or . between, or yyyymmdd. The year has four digits: 98 is not guessed to be 1398. */
const char *menu_check_jalali_date(struct menu_check *check)
{
	const char *at = check->text;
	bool compact = check->n == 8 && menu_check_is_digits(at, 8);
	int year = take_number(&at, 4, 4), month, day;
	char separator = compact ? '\0' : *at;

	if (year < 1000 || (!compact && !(separator && strchr("/-.", *at++))))
		return "format";
	month = take_number(&at, compact ? 2 : 1, 2);
	if (month < 0 || (!compact && *at++ != separator))
		return "format";
	day = take_number(&at, compact ? 2 : 1, 2);
	if (day < 0 || *at != '\0')
		return "format";
	if (month < 1 || month > 12)
		return "month";
	if (!menu_unicode_jalali_valid(year, month, day))
		return "day";
	menu_check_normal(check, "%04d/%02d/%02d", year, month, day);
	return NULL;
}
