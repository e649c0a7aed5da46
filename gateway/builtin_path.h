/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Paths of the gateway's own operations: which row a path names, what stands for its {names}, what its query says. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define GW_BUILTIN_PARAMS_MAX 2
#define GW_BUILTIN_PARAM_OCTETS 128      /* of one, decoded, with its NUL */

struct gw_builtin_params {
	const char *at[GW_BUILTIN_PARAMS_MAX]; /* into texts */
	char texts[GW_BUILTIN_PARAMS_MAX][GW_BUILTIN_PARAM_OCTETS];
};

/* True if the path (percent-encoded; its query is not looked at) is of this pattern, "/inbox/{id}". A parameter is never empty, and
 * what is not UTF-8 without control characters when it is decoded is none. */
bool gw_builtin_match(const char *pattern, const char *path, struct gw_builtin_params *params);
/* True if an operation's path, "/inbox/{notice.id}?skip={skip}", is of this pattern whatever its variables hold. */
bool gw_builtin_matches_template(const char *pattern, const char *path);
/* The value of this name in the query, decoded; false: it is not there, or too long, or no text. */
bool gw_builtin_query(const char *path, const char *name, char *out, size_t cap);
/* The number `skip` of the query, at most max; 0 where there is none, or what is no number: the list from its beginning is as good as any. */
unsigned int gw_builtin_skip(const char *path, unsigned int max);
/* The number `limit` of the query, 1 to max: how many rows a page has; `standard` where there is none, or what is no such number. */
unsigned int gw_builtin_limit(const char *path, unsigned int standard, unsigned int max);
