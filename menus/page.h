/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Pages: a text that may be longer than a phone can show -> the page with this number, its navigation lines below.
 *
 * A page is cut where the most fits: behind a whole line, where not even one fits behind a word, else behind a character. What is
 * to be read (`prose`) is cut behind a word, too, where whole lines would leave half of the page empty.
 * Every page but the last says how to see more; the line for home gives way where there is no room for it (the key works). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "menus/step.h"
#include "menus/tree.h"

struct menu_page {
	const char *text;                     /* the whole, lines separated by \n */
	size_t octets;
	size_t head;                          /* octets at its beginning that give way to a hint */
	const char *hint;                     /* above the page, if it fits; or NULL */
	size_t prose;                         /* octets before the first line that can be chosen */
	const struct menu_line *back, *home, *more; /* lines below; back, home: NULL for none */
	bool (*fits)(const void *ctx, const char *utf8, size_t octets);
	const void *ctx;
};

/* Writes page *index (the last one if there are fewer; *index says which) into out, cap >= MENU_PAGE_OCTETS + 1. Octets
 * written, NUL-terminated. *more: another page follows. */
size_t menu_page_cut(const struct menu_page *page, unsigned int *index, char *out, bool *more);
