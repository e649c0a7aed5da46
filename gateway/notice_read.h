/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A notice as an agency writes it (JSON: POST /v1/notices, rows of bulk sending) -> a notice that can be accepted, or all that is
 * wrong with it at once, each with where it stands. Pure; what it takes is described in openapi/notices.json ("NewNotice").
 *
 * Strict: a name that is not known, a null, a number where a text is wanted are mistakes, not to be guessed around - what is meant goes
 * to a citizen, and cannot be taken back. No sentence repeats what was written. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "gateway/mistake.h"
#include "gateway/notice.h"
#include "gateway/template.h"

#define GW_NATIONAL_ID_OCTETS 11         /* with its NUL */

/* What holds for all notices of whoever calls. */
struct gw_notice_terms {
	const char *agency;              /* whose they are */
	const char *sender;              /* the account's; "": the operator's own */
	int64_t now_ms;                  /* wall clock */
	bool can_seal;                   /* there is a key: sensitive ones are taken */
	size_t n_templates;              /* those that may be named */
	struct gw_template *const *templates;
};

struct gw_notice_reading {
	struct gw_notice *notice;        /* NULL: something is wrong. Its texts in clear, without an id, channels as wanted */
	char to[GW_MSISDN_MAX + 1];      /* also of a notice that is wrong elsewhere; "": the number is */
	char national_id[GW_NATIONAL_ID_OCTETS]; /* of a sensitive one, to seal it with (gw_notices_seal); wipe it */
	struct gw_mistakes mistakes;     /* with pointers from the notice on */
};

/* notice: a child of ctx. False: there are mistakes. */
bool gw_notice_read(void *ctx, const json_t *object, const struct gw_notice_terms *terms, struct gw_notice_reading *reading);
