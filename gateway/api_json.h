/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A request's body as JSON, strictly: UTF-8, one object or array and nothing behind it, no name twice, no NUL in a text, no number
 * that cannot be kept, nested at most API_JSON_DEPTH deep. Pure. */
#pragma once

#include <stddef.h>

#include <jansson.h>

#define API_JSON_DEPTH 32

/* NULL and a sentence. */
json_t *api_json_parse(const char *text, size_t octets, char *why, size_t cap);
