/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Anything typed at any input check, and through every filter: a normal form that is accepted again as itself, or a
 * sentence; never more than the room that was given. The first octet chooses the kind, the second a bound. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "menus/filter.h"
#include "menus/input.h"
#include "menus/unicode.h"

#define HOLD(condition) do { if (!(condition)) abort(); } while (0)

static void check(const struct menu_input_kind *kind, const char *text, size_t octets, const char *bound)
{
	static const char *const names[] = { "min", "max", "length", "min_length", "max_length", "choices", "bill_id" };
	struct menu_input_with with[sizeof(names) / sizeof(names[0])];
	struct menu_input_result first, second;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		with[i] = (struct menu_input_with){ names[i], bound };
	menu_input_check(kind, text, octets, with, sizeof(names) / sizeof(names[0]), &first);
	HOLD(first.ok == (first.rule == NULL));
	HOLD(first.ok ? first.normal[0] != '\0' : first.reason_fa[0] && first.reason_en[0]);
	if (!first.ok)
		return;
	menu_input_check(kind, first.normal, strlen(first.normal), with, sizeof(names) / sizeof(names[0]), &second);
	HOLD(second.ok && strcmp(first.normal, second.normal) == 0);
}

static void fold(const char *text, size_t octets)
{
	static char once[8192], twice[8192];
	ssize_t n = menu_unicode_fold(text, octets, once, sizeof(once));

	if (n < 0)
		return;
	HOLD(strlen(once) == (size_t)n);
	HOLD(menu_unicode_fold(once, (size_t)n, twice, sizeof(twice)) == n && memcmp(once, twice, (size_t)n) == 0);
	HOLD(menu_unicode_key(text, octets, twice, sizeof(twice)) >= 0 || octets > 1000);
	HOLD(menu_unicode_digits(text, octets, twice, sizeof(twice)) <= n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char bound[4], value[512], *text;
	size_t kinds = 0, octets;

	if (size < 2)
		return 0;
	while (menu_input_row(kinds))
		kinds++;
	octets = size - 2;
	text = malloc(octets ? octets : 1); /* exactly as long as it is: a step beyond is seen */
	memcpy(text, data + 2, octets);
	snprintf(bound, sizeof(bound), "%u", data[1]);
	check(menu_input_row(data[0] % kinds), text, octets, bound);
	fold(text, octets);
	snprintf(value, sizeof(value), "%.*s", (int)(octets < 511 ? octets : 511), text);
	for (size_t i = 0; menu_filter_row(i); i++) {
		char out[64];
		ssize_t n = menu_filter_row(i)->apply(data[1] & 1 ? "fa" : "en", value, out, sizeof(out));

		HOLD(n < 0 || (n < (ssize_t)sizeof(out) && out[n] == '\0'));
	}
	free(text);
	return 0;
}
