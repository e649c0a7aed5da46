/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Live versions of the menu. A dialog pins the version that it began with; publishing makes another one current and moves
 * nobody. An old version goes when nobody in this process holds it and its last dialogs must have ended. */
#pragma once

#include <stdint.h>

#include "menus/set.h"

struct menu_pins;

struct menu_pins *menu_pins_alloc(void *ctx);
/* Makes set the current one and takes it over (talloc_steal). The same version published again is freed instead. */
void menu_pins_publish(struct menu_pins *pins, struct menu_set *set, int64_t now_ms);
const struct menu_set *menu_pins_current(const struct menu_pins *pins); /* NULL before the first publish */
const struct menu_set *menu_pins_find(const struct menu_pins *pins, uint64_t version); /* or NULL */
/* Counted: what holds a pointer into a set (an operation being called) across callbacks gets it and puts it back. */
void menu_pins_get(struct menu_pins *pins, const struct menu_set *set);
void menu_pins_put(struct menu_pins *pins, const struct menu_set *set);
/* Frees the versions that were replaced more than keep_ms ago and that nobody holds. */
void menu_pins_sweep(struct menu_pins *pins, int64_t now_ms, int64_t keep_ms);
unsigned int menu_pins_count(const struct menu_pins *pins);
