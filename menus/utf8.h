/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The little that this floor must know of UTF-8 itself, where ICU would be too slow or too much: is it valid, and where may
 * it be cut. Everything that changes text is in unicode.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Octets of the well-formed character at text (1..4), or 0: overlong, surrogate, beyond U+10FFFF, cut off. */
static inline size_t menu_utf8_char(const char *text, size_t octets)
{
	const unsigned char *t = (const unsigned char *)text;
	size_t n, i;
	if (octets == 0)
		return 0;
	if (t[0] < 0x80)
		return 1;
	n = t[0] >= 0xf0 ? 4 : t[0] >= 0xe0 ? 3 : 2;
	if (t[0] < 0xc2 || t[0] > 0xf4 || octets < n)
		return 0;
	for (i = 1; i < n; i++)
		if ((t[i] & 0xc0) != 0x80)
			return 0;
	if ((t[0] == 0xe0 && t[1] < 0xa0) || (t[0] == 0xed && t[1] > 0x9f) || (t[0] == 0xf0 && t[1] < 0x90) ||
	    (t[0] == 0xf4 && t[1] > 0x8f))
		return 0;
	return n;
}

static inline bool menu_utf8_valid(const char *text, size_t octets)
{
	while (octets) {
		size_t n = menu_utf8_char(text, octets);
		if (n == 0)
			return false;
		text += n;
		octets -= n;
	}
	return true;
}

/* The largest length <= cut at which no character is split (text is valid UTF-8 of at least cut octets, or ends there). */
static inline size_t menu_utf8_floor(const char *text, size_t octets, size_t cut)
{
	if (cut >= octets)
		return octets;
	while (cut > 0 && ((unsigned char)text[cut] & 0xc0) == 0x80)
		cut--;
	return cut;
}
