/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Filters of templates, `{bill.amount|rial}`: a value -> what stands on the screen. One table. Results are safe against
 * bidi reordering as README.md ("Text") explains, and cost no needless units (no U+200E, U+00A0, U+202F). */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* language: "fa" or "en". Octets written into out (NUL-terminated), -ENOSPC; a value that the filter cannot read is
 * written as it is (an agency's odd value must not take the page away). */
typedef ssize_t menu_filter_fn(const char *language, const char *value, char *out, size_t cap);
struct menu_filter { const char *name, *text; menu_filter_fn *apply; };
const struct menu_filter *menu_filter_find(const char *name);
const struct menu_filter *menu_filter_row(size_t index);
