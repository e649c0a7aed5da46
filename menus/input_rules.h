/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a citizen is told when an input is refused: one sentence for each rule of each kind. */
#pragma once

#include <stddef.h>

struct menu_input_reason {
	const char *kind, *rule; /* kind "": for all kinds that have no sentence of their own */
	const char *fa, *en;     /* {min}, {max}, {length}, {min_length}, {max_length}: the menu's bound */
};

/* NULL past the last. */
const struct menu_input_reason *menu_input_reason_row(size_t index);
/* Never NULL: the last row serves where there is no other. */
const struct menu_input_reason *menu_input_reason_find(const char *kind, const char *rule);
