/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* An operation and the values of its inputs -> the URL and the body of a request. Pure.
 *
 * A value never breaks out of its place: in a URL all but unreserved characters are percent-encoded, and a path that would
 * have an empty, "." or ".." segment by a value is refused; in a JSON text it is escaped; outside of quotes only a whole
 * number may stand. */
#pragma once

#include <stddef.h>

#include "menus/operation.h"

struct gw_agency_text {
	const char *url;          /* both are NUL-terminated and stand in the caller's buffer, one after the other */
	const char *body;         /* NULL: none */
	size_t body_octets;
};

typedef const char *gw_agency_value_fn(void *ctx, const char *name);

/* 0; -EINVAL: a value is missing or cannot stand where it should; -EMSGSIZE. */
int gw_agency_text_write(struct gw_agency_text *text, char *out, size_t cap, const char *base_url,
                         const struct menu_operation *operation, gw_agency_value_fn *value, void *ctx);
