/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The fields of a request that did not come through a menu or an SMS, where they have been checked on the way: a portal's form. They
 * are checked as an SMS is: by the keyword of the same agency and service. What has no keyword (a general service, which every agency
 * has) has a title and plain texts. Pure. */
#pragma once

#include <stdbool.h>

#include <jansson.h>

#include "gateway/mistake.h"
#include "gateway/requests.h"
#include "menus/keyword.h"

struct gw_request_fields {
	size_t n;
	struct { const char *name; char value[MENU_INPUT_OCTETS + 1]; } at[GW_REQUEST_FIELDS_MAX]; /* names: the keyword's or the body's */
};

/* body: {"agency", "service", "title": {fa, en}, "fields": {...}, "sms"} as it came, or anything else; keyword: NULL if there is none. False
 * with mistakes; else the fields, in the normal form of their checks. They point into both. */
bool gw_request_fields_read(const json_t *body, const struct menu_keyword *keyword, struct gw_request_fields *fields, struct gw_mistakes *mistakes);
