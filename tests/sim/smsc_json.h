/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One JSON object written into a fixed buffer: smsc_json_open, then members, then smsc_json_close. What does not fit is cut
 * and smsc_json_close says so. (A library would do; but one line a command is all there is.) */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct smsc_json {
	char *out;
	size_t cap, used;
	bool full;
};

void smsc_json_open(struct smsc_json *json, char *out, size_t cap);
void smsc_json_text(struct smsc_json *json, const char *name, const char *utf8, size_t octets);
void smsc_json_number(struct smsc_json *json, const char *name, double value);
void smsc_json_bool(struct smsc_json *json, const char *name, bool value);
/* An object as the value: begins with "{", ended by smsc_json_end. */
void smsc_json_begin(struct smsc_json *json, const char *name);
void smsc_json_end(struct smsc_json *json);
/* False if it did not fit; out is a NUL-terminated string in either case. */
bool smsc_json_close(struct smsc_json *json);
