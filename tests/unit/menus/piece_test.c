/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Texts taken apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "menus/piece.h"

/* "text" "<name|filter>" "!": what comes of it, one behind the other. */
static const char *apart(const char *text)
{
	static char out[4096];
	struct menu_piece piece;
	enum menu_piece_kind kind;

	out[0] = '\0';
	while ((kind = menu_piece_next(&text, &piece)) != MENU_PIECE_END) {
		size_t n = strlen(out);

		if (kind == MENU_PIECE_TEXT)
			snprintf(out + n, sizeof(out) - n, "'%.*s'", (int)piece.octets, piece.text);
		else if (kind == MENU_PIECE_VALUE)
			snprintf(out + n, sizeof(out) - n, "<%s%s%s>", piece.name, piece.has_filter ? "|" : "", piece.filter);
		else
			return strcat(out, "!");
	}
	return out;
}

static void pieces(void **state)
{
	static const struct { const char *text, *apart; } table[] = {
		{ "", "" }, { "a", "'a'" }, { "{a}", "<a>" }, { "{a|rial}", "<a|rial>" }, { "x{a}y{b|date}z", "'x'<a>'y'<b|date>'z'" },
		{ "{{", "'{'" }, { "{{a}", "'{''a}'" }, { "{{{a}", "'{'<a>" }, { "}", "'}'" }, { "{}", "<>" }, { "{|}", "<|>" }, { "{a|}", "<a|>" },
		{ "{a|b|c}", "<a|b|c>" }, { "{ a }", "< a >" }, { "{", "!" }, { "x{", "'x'!" }, { "{a", "!" }, { "{a{b}}", "!" }, { "{a\n}", "!" },
		{ "سلام {نام}", "'سلام '<نام>" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_string_equal(apart(table[i].text), table[i].apart);
}

static void long_names_are_cut(void **state)
{
	char text[512] = "{", expected[512] = "<";

	(void)state;
	memset(text + 1, 'a', 200);
	strcpy(text + 201, "|");
	memset(text + 202, 'b', 200);
	strcpy(text + 402, "}");
	memset(expected + 1, 'a', MENU_PIECE_NAME_OCTETS);
	expected[MENU_PIECE_NAME_OCTETS + 1] = '|';
	memset(expected + MENU_PIECE_NAME_OCTETS + 2, 'b', MENU_PIECE_NAME_OCTETS);
	strcpy(expected + 2 * MENU_PIECE_NAME_OCTETS + 2, ">");
	assert_string_equal(apart(text), expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(pieces), cmocka_unit_test(long_names_are_cut) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
