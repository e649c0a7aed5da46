/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Good answers of agencies, kept for a while, so that an older one can stand in for one that does not come. Pure.
 *
 * The key is the whole request, written out, and is compared whole: one citizen's answer can never be shown to another.
 * Memory is bounded: the least recently used answers go first. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "menus/operation.h"

struct gw_as_of;

/* A talloc object; octets_max of keys and answers together. */
struct gw_as_of *gw_as_of_alloc(void *ctx, size_t octets_max);
/* Keeps a copy. outcome and names too: the menu that they come from may go. now_ms: wall clock. */
void gw_as_of_put(struct gw_as_of *as_of, const void *key, size_t octets, const struct menu_answer *answer, int64_t now_ms);
/* NULL, or the answer with as_of_ms set, if it is at most age_ms old. Valid until the next call of put. */
const struct menu_answer *gw_as_of_find(struct gw_as_of *as_of, const void *key, size_t octets, int64_t age_ms, int64_t now_ms);
size_t gw_as_of_octets(const struct gw_as_of *as_of);
