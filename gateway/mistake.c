/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See mistake.h. */
#include "gateway/mistake.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <osmocom/core/utils.h>

void gw_mistakes_add(struct gw_mistakes *mistakes, const char *pointer, const char *format, ...)
{
	struct gw_mistake *mistake = &mistakes->at[mistakes->n];
	va_list args;

	if (mistakes->n == GW_MISTAKES_MAX)
		return;
	mistakes->n++;
	osmo_strlcpy(mistake->pointer, pointer, sizeof(mistake->pointer));
	va_start(args, format);
	vsnprintf(mistake->detail, sizeof(mistake->detail), format, args);
	va_end(args);
}

bool gw_mistake_pointer(char pointer[GW_MISTAKE_POINTER_OCTETS], const char *before, const char *name)
{
	size_t begin = strlen(before), at = begin;

	osmo_strlcpy(pointer, before, GW_MISTAKE_POINTER_OCTETS);
	if (at + 1 >= GW_MISTAKE_POINTER_OCTETS)
		return false;
	for (pointer[at++] = '/'; *name && at + 2 < GW_MISTAKE_POINTER_OCTETS; name++) {
		bool special = *name == '~' || *name == '/';

		if (special)
			pointer[at++] = '~';
		pointer[at++] = special ? (*name == '~' ? '0' : '1') : *name;
	}
	pointer[*name ? begin : at] = '\0';
	return !*name;
}

void gw_mistakes_show(const struct gw_mistakes *mistakes, const char *prefix, json_t *list)
{
	char pointer[2 * GW_MISTAKE_POINTER_OCTETS];

	for (size_t i = 0; i < mistakes->n; i++) {
		snprintf(pointer, sizeof(pointer), "%s%s", prefix, mistakes->at[i].pointer);
		json_array_append_new(list, json_pack("{s:s, s:s}", "pointer", pointer, "detail", mistakes->at[i].detail));
	}
}
