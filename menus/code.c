/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See code.h. One digit that is wrong, and two neighbours that changed places (but 0 and 9), break the check digit: a slip of
 * the thumb does not lead to somebody else's request. */
#include "menus/code.h"

#include <string.h>

#include "menus/unicode.h"

#define TYPED_OCTETS 64

char menu_code_check_digit(const char *eight)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < MENU_CODE_DIGITS - 1; i++) {
		unsigned int digit = (unsigned int)(eight[i] - '0') * (i % 2 == 1 ? 2 : 1);

		sum += digit > 9 ? digit - 9 : digit;
	}
	return (char)('0' + (10 - sum % 10) % 10);
}

bool menu_code_read(const char *text, size_t octets, char code[MENU_CODE_DIGITS + 1])
{
	static const char marks[] = " -.*#:/"; /* between groups, and what is copied along */
	char folded[TYPED_OCTETS];
	ssize_t n = menu_unicode_key(text, octets, folded, sizeof(folded));
	size_t digits = 0;
	bool good = n > 0;

	for (ssize_t i = 0; i < n && good; i++) {
		if (strchr(marks, folded[i]))
			continue;
		good = folded[i] >= '0' && folded[i] <= '9' && digits < MENU_CODE_DIGITS;
		if (good)
			code[digits++] = folded[i];
	}
	good = good && digits == MENU_CODE_DIGITS && code[0] != '0' && code[MENU_CODE_DIGITS - 1] == menu_code_check_digit(code);
	code[good ? digits : 0] = '\0';
	return good;
}
