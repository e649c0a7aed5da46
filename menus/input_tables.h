/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What input checks look up; each table ends with a row of NULLs. */
#pragma once

#include <stddef.h>

struct menu_input_bin { const char *digits, *bank; };             /* the first six digits of a card */
struct menu_input_prefix { const char *from, *to, *operator; };   /* of a mobile number, after +98: from and to are equally long */
struct menu_input_area { const char *digits, *province; };        /* with its 0 */
struct menu_input_letter { const char *letter, *latin, *class; }; /* of a number plate */

extern const struct menu_input_bin menu_input_bins[];
extern const struct menu_input_prefix menu_input_prefixes[];
extern const struct menu_input_area menu_input_areas[];
extern const struct menu_input_letter menu_input_letters[];
