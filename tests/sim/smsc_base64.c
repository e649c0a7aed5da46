/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See smsc_base64.h. */
#include "tests/sim/smsc_base64.h"

#include <stdint.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t smsc_base64_encode(const char *in, size_t octets, char *out, size_t cap)
{
	size_t at = 0;

	for (size_t i = 0; i < octets && at + 5 <= cap; i += 3) {
		size_t left = octets - i;
		uint32_t bits = (uint32_t)(uint8_t)in[i] << 16;

		if (left > 1)
			bits |= (uint32_t)(uint8_t)in[i + 1] << 8;
		if (left > 2)
			bits |= (uint8_t)in[i + 2];
		out[at++] = digits[bits >> 18];
		out[at++] = digits[bits >> 12 & 63];
		out[at++] = left > 1 ? digits[bits >> 6 & 63] : '=';
		out[at++] = left > 2 ? digits[bits & 63] : '=';
	}
	if (at < cap)
		out[at] = '\0';
	return at;
}

ssize_t smsc_base64_decode(const char *in, size_t characters, char *out, size_t cap)
{
	uint32_t bits = 0;
	int held = 0;
	size_t at = 0;

	while (characters && in[characters - 1] == '=')
		characters--;
	for (size_t i = 0; i < characters; i++) {
		const char *digit = in[i] ? strchr(digits, in[i]) : NULL;

		if (!digit)
			return -1;
		bits = bits << 6 | (uint32_t)(digit - digits);
		held += 6;
		if (held >= 8) {
			held -= 8;
			if (at == cap)
				return -1;
			out[at++] = (char)(bits >> held & 0xFF);
		}
	}
	return (ssize_t)at;
}
