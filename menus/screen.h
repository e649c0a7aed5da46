/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the citizen sees of the screen where a place stands, and what a number on it means. Changes nothing but the number of
 * the page (to one that exists). */
#pragma once

#include "menus/place.h"

/* The page, with a hint above it (or NULL), into result->text. True if another page follows. */
bool menu_screen_show(struct menu_place *place, const struct menu_medium *medium, const char *hint, struct menu_result *result);
/* The whole screen without pages, numbers and navigation, for an SMS. */
void menu_screen_whole(struct menu_place *place, const struct menu_medium *medium, struct menu_result *result);
/* True if a page follows the one that is shown. */
bool menu_screen_has_more(struct menu_place *place, const struct menu_medium *medium);

/* Which of the screen's choices this number is: the index of an option, a row, a language; 0 yes and 1 no; 0 go on and 1 anew.
 * -1: none. */
int menu_screen_choice(struct menu_place *place, const struct menu_medium *medium, const char *typed);
