/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A listening socket of our own, so that what is wrong with it can be said, and the problem documents (RFC 9457) with which a
 * server says what is wrong with a request: what the local port (http.c) and the agencies' API (api.c) have in common. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A non-blocking socket that listens at a numeric address. *port: 0 is any; what it has become. Else -errno (-EINVAL: not an address). */
int gw_http_listen(const char *address, uint16_t *port);
/* A sentence for what gw_http_listen returned. */
const char *gw_http_listen_error(int rc);
bool gw_http_is_loopback(const char *address);

#define GW_HTTP_PROBLEM_TYPE "application/problem+json"
struct gw_http_problem {
	const char *type, *title;      /* "about:blank", or an address */
	unsigned int status;
	const char *detail;            /* NULL: none; and so below */
	const char *pointer;           /* JSON Pointer to what is at fault in the request's body */
	struct json_t *errors;         /* if more than one thing may be: an array of {"pointer", "detail"}; borrowed */
	const char *request_id;
};
/* A new reference. */
struct json_t *gw_http_problem_show(const struct gw_http_problem *problem);
/* malloc'ed JSON; NULL: there is no memory. */
char *gw_http_problem_print(const struct gw_http_problem *problem, size_t *octets);
