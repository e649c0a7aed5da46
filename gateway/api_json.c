/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See api_json.h. jansson does the work; its own bound of depth is 2,048, and it goes down by recursion, so that what is too deep is
 * found before it is asked. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "gateway/api_json.h"

static bool is_too_deep(const char *text, size_t octets)
{
	unsigned int depth = 0;
	bool in_text = false;

	for (size_t i = 0; i < octets; i++) {
		if (in_text) {
			if (text[i] == '\\')
				i++;
			else if (text[i] == '"')
				in_text = false;
		} else if (text[i] == '"') {
			in_text = true;
		} else if (text[i] == '{' || text[i] == '[') {
			if (++depth > API_JSON_DEPTH)
				return true;
		} else if ((text[i] == '}' || text[i] == ']') && depth) {
			depth--;
		}
	}
	return false;
}

json_t *api_json_parse(const char *text, size_t octets, char *why, size_t cap)
{
	json_error_t error;
	json_t *json;

	if (is_too_deep(text, octets)) {
		snprintf(why, cap, "it is nested more than %d deep", API_JSON_DEPTH);
		return NULL;
	}
	json = json_loadb(octets ? text : "", octets, JSON_REJECT_DUPLICATES, &error);
	/* what stands there is the client's own and is not repeated */
	if (!json)
		snprintf(why, cap, "line %d, column %d: %.*s", error.line, error.column, (int)strcspn(error.text, "'"), error.text);
	return json;
}
