/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See api_route.h. */
#include <string.h>

#include "gateway/api_route.h"

#define SEGMENT_MAX 128

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int api_decode(const char *text, size_t n, char *out, size_t cap)
{
	size_t length = 0;

	for (size_t i = 0; i < n; i++) {
		int octet = (unsigned char)text[i];

		if (text[i] == '%') {
			if (i + 2 >= n || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0)
				return -1;
			octet = hex(text[i + 1]) * 16 + hex(text[i + 2]);
			i += 2;
		}
		if (octet == 0 || length + 1 >= cap)
			return -1;
		out[length++] = (char)octet;
	}
	out[length] = '\0';
	return (int)length;
}

static bool is_name(const char *text)
{
	size_t n = strlen(text);

	if (n == 0 || n > SEGMENT_MAX || strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
		return false;
	for (; *text; text++)
		if (*text <= ' ' || *text > '~' || *text == '/')
			return false;
	return true;
}

/* The raw path against a route's: segment by segment, the parameters into the buffer. */
static bool matches(const char *pattern, const char *path, char *buffer, size_t cap, struct api_match *match)
{
	match->n_params = 0;
	while (*pattern == '/' && *path == '/') {
		size_t n_pattern = strcspn(++pattern, "/"), n_path = strcspn(++path, "/");

		if (*pattern == '{') {
			int n = api_decode(path, n_path, buffer, cap);

			if (n < 0 || !is_name(buffer) || match->n_params == GW_API_PARAMS_MAX)
				return false;
			match->params[match->n_params++] = buffer;
			buffer += n + 1;
			cap -= (size_t)n + 1;
		} else if (n_pattern != n_path || memcmp(pattern, path, n_path) != 0) {
			return false;
		}
		pattern += n_pattern;
		path += n_path;
	}
	return !*pattern && !*path;
}

static void add_allowed(struct api_match *match, const struct gw_api_route *route)
{
	const char *method = route->method;
	size_t n = strlen(match->allow);

	if (n + strlen(method) + 8 >= sizeof(match->allow) || strstr(match->allow, method))
		return;
	strcat(match->allow, n ? ", " : "");
	strcat(match->allow, strcmp(method, "GET") == 0 && !route->no_head ? "GET, HEAD" : method);
}

enum api_found api_route_find(const struct gw_api_route *const *tables, const char *method, const char *raw_path, char *buffer, size_t cap,
			      struct api_match *match)
{
	bool head = strcmp(method, "HEAD") == 0;
	const char *wanted = head ? "GET" : method;

	memset(match, 0, sizeof(*match));
	for (; *tables; tables++)
		for (const struct gw_api_route *route = *tables; route->path; route++) {
			if (!matches(route->path, raw_path, buffer, cap, match))
				continue;
			if (strcmp(route->method, wanted) == 0 && !(head && route->no_head)) {
				match->route = route;
				return API_FOUND;
			}
			add_allowed(match, route);
		}
	return match->allow[0] ? API_NO_METHOD : API_NO_PATH;
}
