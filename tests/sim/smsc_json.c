/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See smsc_json.h. */
#include "tests/sim/smsc_json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void put(struct smsc_json *json, const char *text, size_t octets)
{
	if (json->used + octets + 1 > json->cap) {
		json->full = true;
		return;
	}
	memcpy(json->out + json->used, text, octets);
	json->used += octets;
	json->out[json->used] = '\0';
}

static void put_string(struct smsc_json *json, const char *utf8, size_t octets)
{
	char escape[8] = "";

	put(json, "\"", 1);
	for (size_t i = 0; i < octets; i++) {
		unsigned char c = (unsigned char)utf8[i];

		if (c == '"' || c == '\\') {
			put(json, "\\", 1);
			put(json, utf8 + i, 1);
		} else if (c < 0x20 || c == 0x7F) {
			snprintf(escape, sizeof(escape), "\\u%04x", c);
			put(json, escape, strlen(escape));
		} else {
			put(json, utf8 + i, 1);
		}
	}
	put(json, "\"", 1);
}

static void put_name(struct smsc_json *json, const char *name)
{
	if (json->used && json->out[json->used - 1] != '{')
		put(json, ", ", 2);
	put_string(json, name, strlen(name));
	put(json, ": ", 2);
}

void smsc_json_open(struct smsc_json *json, char *out, size_t cap)
{
	*json = (struct smsc_json){ .out = out, .cap = cap };
	put(json, "{", 1);
}

void smsc_json_text(struct smsc_json *json, const char *name, const char *utf8, size_t octets)
{
	put_name(json, name);
	put_string(json, utf8, octets);
}

void smsc_json_number(struct smsc_json *json, const char *name, double value)
{
	char digits[40];
	int octets = snprintf(digits, sizeof(digits), floor(value) == value ? "%.0f" : "%.2f", value);

	put_name(json, name);
	put(json, digits, octets > 0 && (size_t)octets < sizeof(digits) ? (size_t)octets : 0);
}

void smsc_json_bool(struct smsc_json *json, const char *name, bool value)
{
	put_name(json, name);
	put(json, value ? "true" : "false", value ? 4 : 5);
}

void smsc_json_begin(struct smsc_json *json, const char *name)
{
	put_name(json, name);
	put(json, "{", 1);
}

void smsc_json_end(struct smsc_json *json)
{
	put(json, "}", 1);
}

bool smsc_json_close(struct smsc_json *json)
{
	put(json, "}", 1);
	return !json->full;
}
