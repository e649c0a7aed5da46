/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The gateway as an agency: operations of an agency file whose url is `gateway:` are served in this process, so that a menu
 * reaches the inbox and requests as it reaches any agency, by a call with outcomes, answers and lists.
 *
 * A path and its method name a service of the table ("GET /inbox"); the answer is a status and JSON, read by the same rules as
 * an HTTP answer. The number is that of the session, never what a menu says. */
#pragma once

#include <stdint.h>

#include <jansson.h>

struct gw;

struct gw_builtin_call {
	struct gw *gw;
	const char *msisdn;              /* of the citizen in the dialog */
	const char *method, *path;       /* the path with its variables in place, percent-encoded, with its query */
	const json_t *body;              /* or NULL */
	const char *language;
	uint64_t idempotency;            /* the same in every attempt of what is not safe */
	uint64_t token;                  /* for gw_builtin_answer */
};
/* Answers later or at once, with the token; body: taken over, or NULL. Exactly once. */
void gw_builtin_answer(struct gw *gw, uint64_t token, unsigned int status, json_t *body);

struct gw_builtin_row {
	const char *method, *path;       /* "/inbox/{id}" */
	void (*serve)(const struct gw_builtin_call *call, const char *const *params);
};
/* Tables of those who serve, ended by a row without a path; builtin.c lists them. */
extern const struct gw_builtin_row gw_builtin_inbox_rows[], gw_builtin_request_rows[];
