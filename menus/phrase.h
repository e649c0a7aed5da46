/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The words of the machine itself, one row for each enum menu_phrase: its name in the root file's `phrases` and what it is
 * in each language if the menu does not say otherwise. */
#pragma once

#include "menus/tree.h"

struct menu_phrase_row { const char *name, *help, *text[MENU_LANGUAGES]; };
extern const struct menu_phrase_row menu_phrase_table[MENU_PHRASES];

/* The text with these values in place of their {names}; of one that is not given nothing is left. Octets written; 0: it does not fit. */
size_t menu_phrase_say(const char *text, const struct menu_say *values, size_t n, char *out, size_t cap);
