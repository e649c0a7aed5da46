/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Which route a request means. Pure.
 *
 * A path is split at '/' before it is decoded, so that "%2f" is no separator; what stands for a {name} is 1 to 128 printable ASCII
 * characters without '/', and not "." or "..". Whatever else a path holds names nothing. HEAD is GET. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "gateway/api.h"

enum api_found { API_FOUND, API_NO_PATH, API_NO_METHOD };
struct api_match {
	const struct gw_api_route *route;
	size_t n_params;
	const char *params[GW_API_PARAMS_MAX];
	char allow[64];                  /* of API_NO_METHOD: "GET, HEAD, POST" */
};

/* tables: ended by NULL; each ended by a row without a path. buffer: for the parameters. */
enum api_found api_route_find(const struct gw_api_route *const *tables, const char *method, const char *raw_path, char *buffer, size_t cap,
			      struct api_match *match);
/* Percent-decoding of n octets, strict: the length, or -1 (a bad escape, a NUL, no room). out is NUL-ended. */
int api_decode(const char *text, size_t n, char *out, size_t cap);
