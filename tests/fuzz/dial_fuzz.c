/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Dial strings: what is accepted is in canonical order, and is itself when read again; times: what is read as one has a
 * day in the calendar. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "menus/unicode.h"

#define HOLD(condition) do { if (!(condition)) abort(); } while (0)

static void dial(const char *text, size_t octets)
{
	char once[256], twice[256];
	ssize_t n = menu_dial_normalise(text, octets, once, sizeof(once));

	if (n < 0)
		return;
	HOLD(n >= 3 && strlen(once) == (size_t)n && once[0] == '*' && once[n - 1] == '#');
	HOLD(strspn(once, "*0123456789") == (size_t)n - 1 && !strstr(once, "**") && once[n - 2] != '*');
	HOLD(menu_dial_normalise(once, (size_t)n, twice, sizeof(twice)) == n && strcmp(once, twice) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct menu_jalali jalali;
	int64_t ms;
	bool has_clock;

	memcpy(text, data, size);
	text[size] = '\0';
	dial(text, size);
	if (menu_unicode_time(text, &ms, &has_clock) && menu_unicode_jalali(ms, &jalali))
		HOLD(menu_unicode_jalali_valid(jalali.year, jalali.month, jalali.day));
	free(text);
	return 0;
}
