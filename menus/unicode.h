/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Persian text: folding what phones send to one form, Jalali dates, numbers; the only user of ICU in this floor.
 * Rules and why: README.md ("Text"). Results go into the caller's buffer. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Opens ICU's data once (1.7 ms): call it at start. */
void menu_unicode_init(void);
/* Display form: NFKC; Persian and Arabic-Indic digits -> ASCII; yeh, kaf folded; kashida, harakat, direction marks dropped;
 * stars and number signs folded; spaces folded and trimmed; ZWNJ kept. Octets written (NUL-terminated), -ENOSPC, -EILSEQ. */
ssize_t menu_unicode_fold(const char *utf8, size_t octets, char *out, size_t cap);
/* For comparing: the same without ZWNJ, lower case. */
ssize_t menu_unicode_key(const char *utf8, size_t octets, char *out, size_t cap);
/* For number fields: the same as fold, then separators (, ، ٬ . between groups, spaces) dropped. */
ssize_t menu_unicode_digits(const char *utf8, size_t octets, char *out, size_t cap);

/* A dial string in canonical order ("*4*1420#"), accepting the visual order in which Persian pages store it ("#1420*4*"),
 * other digits and stars, direction marks. Octets written, or -EINVAL if it is not a dial string. */
ssize_t menu_dial_normalise(const char *utf8, size_t octets, char *out, size_t cap);

struct menu_jalali { int year, month, day, hour, minute; };
/* ms since 1970 -> Tehran's wall clock in the Persian calendar. */
bool menu_unicode_jalali(int64_t ms, struct menu_jalali *jalali);
bool menu_unicode_jalali_valid(int year, int month, int day);
/* "2020-03-15", "2020-03-15T13:00:00+03:30", "1398/12/25" or seconds since 1970 -> ms since 1970; false if it is none. */
bool menu_unicode_time(const char *text, int64_t *ms, bool *has_clock);
