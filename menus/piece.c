/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See piece.h. */
#include "menus/piece.h"

#include <stdio.h>
#include <string.h>

static enum menu_piece_kind take_text(const char **text, size_t octets, size_t skip, struct menu_piece *piece)
{
	piece->text = *text;
	piece->octets = octets;
	*text += octets + skip;
	return MENU_PIECE_TEXT;
}

static void take_value(const char *inside, size_t octets, struct menu_piece *piece)
{
	const char *bar = memchr(inside, '|', octets);
	size_t n = bar ? (size_t)(bar - inside) : octets;

	piece->has_filter = bar;
	snprintf(piece->name, sizeof(piece->name), "%.*s", (int)(n < sizeof(piece->name) ? n : sizeof(piece->name) - 1), inside);
	n = bar ? octets - n - 1 : 0;
	snprintf(piece->filter, sizeof(piece->filter), "%.*s", (int)(n < sizeof(piece->filter) ? n : sizeof(piece->filter) - 1), bar ? bar + 1 : "");
}

enum menu_piece_kind menu_piece_next(const char **text, struct menu_piece *piece)
{
	const char *at = *text;
	size_t inside;

	if (!*at)
		return MENU_PIECE_END;
	if (*at != '{')
		return take_text(text, strcspn(at, "{"), 0, piece);
	if (at[1] == '{')
		return take_text(text, 1, 1, piece);
	inside = strcspn(at + 1, "{}\n");
	if (at[1 + inside] != '}')
		return MENU_PIECE_BAD;
	take_value(at + 1, inside, piece);
	*text += inside + 2;
	return MENU_PIECE_VALUE;
}
