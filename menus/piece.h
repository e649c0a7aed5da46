/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* How texts with values are written: "{bill.amount|rial}" is a value through a filter, "{{" a brace, all else stands as it is. Here a
 * text is taken apart, piece by piece; what a name means is up to whoever asks. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define MENU_PIECE_NAME_OCTETS 64

enum menu_piece_kind { MENU_PIECE_END, MENU_PIECE_TEXT, MENU_PIECE_VALUE, MENU_PIECE_BAD /* a "{" without its "}": no more comes */ };

struct menu_piece {
	const char *text;                /* TEXT */
	size_t octets;
	char name[MENU_PIECE_NAME_OCTETS + 1], filter[MENU_PIECE_NAME_OCTETS + 1]; /* VALUE; filter "": none; what is too long is cut, and names nothing */
	bool has_filter;                 /* there is a '|', whatever stands behind it */
};

/* The next piece of *text, which moves behind it. */
enum menu_piece_kind menu_piece_next(const char **text, struct menu_piece *piece);
