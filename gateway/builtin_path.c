/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See builtin_path.h. A pattern and a path are walked segment by segment; neither "." nor ".." means anything here. */
#include "gateway/builtin_path.h"

#include <stdlib.h>
#include <string.h>

#include "menus/utf8.h"

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The octet that stands at text, and how many characters it takes; -1: none. */
static int octet(const char *text, size_t left, size_t *n)
{
	int high, low;

	*n = 1;
	if (text[0] != '%')
		return (unsigned char)text[0];
	high = left >= 3 ? hex(text[1]) : -1;
	low = high >= 0 ? hex(text[2]) : -1;
	*n = 3;
	return low < 0 ? -1 : 16 * high + low;
}

/* False: not text without control characters, or too long. */
static bool decode(const char *text, size_t octets, char *out, size_t cap)
{
	size_t used = 0, n;

	for (size_t i = 0; i < octets; i += n) {
		int value = octet(text + i, octets - i, &n);
		if (value < 0x20 || value == 0x7f || used + 1 >= cap)
			return false;
		out[used++] = (char)value;
	}
	out[used] = '\0';
	return menu_utf8_valid(out, used);
}

static size_t segment(const char *path)
{
	return strcspn(path, "/?");
}

bool gw_builtin_match(const char *pattern, const char *path, struct gw_builtin_params *params)
{
	size_t n_params = 0;

	for (; *pattern == '/' && *path == '/'; pattern += segment(pattern), path += segment(path)) {
		size_t wanted = segment(++pattern), given = segment(++path);

		if (*pattern != '{') {
			if (wanted != given || memcmp(pattern, path, given) != 0)
				return false;
		} else if (given == 0 || n_params == GW_BUILTIN_PARAMS_MAX ||
			   !decode(path, given, params->texts[n_params], sizeof(params->texts[n_params]))) {
			return false;
		} else {
			params->at[n_params] = params->texts[n_params];
			n_params++;
		}
	}
	return *pattern == '\0' && (*path == '\0' || *path == '?');
}

bool gw_builtin_matches_template(const char *pattern, const char *path)
{
	for (; *pattern == '/' && *path == '/'; pattern += segment(pattern), path += segment(path)) {
		size_t wanted = segment(++pattern), given = segment(++path);

		if (given == 0 || (*pattern != '{' && (wanted != given || memcmp(pattern, path, given) != 0)))
			return false;
	}
	return *pattern == '\0' && (*path == '\0' || *path == '?');
}

bool gw_builtin_query(const char *path, const char *name, char *out, size_t cap)
{
	const char *at = strchr(path, '?');
	size_t octets = strlen(name), n;

	for (; at; at = at[n] == '&' ? at + n : NULL) {
		n = strcspn(++at, "&");
		if (n > octets && at[octets] == '=' && memcmp(at, name, octets) == 0)
			return decode(at + octets + 1, n - octets - 1, out, cap);
	}
	return false;
}

/* What is no number is 0. */
static unsigned int number(const char *path, const char *name, unsigned int max)
{
	char text[8];
	unsigned long n;

	if (!gw_builtin_query(path, name, text, sizeof(text)) || strspn(text, "0123456789") != strlen(text))
		return 0;
	n = strtoul(text, NULL, 10);
	return n < max ? (unsigned int)n : max;
}

unsigned int gw_builtin_skip(const char *path, unsigned int max)
{
	return number(path, "skip", max);
}

unsigned int gw_builtin_limit(const char *path, unsigned int standard, unsigned int max)
{
	unsigned int n = number(path, "limit", max);

	return n ? n : standard;
}
