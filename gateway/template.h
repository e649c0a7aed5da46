/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A template of an agency: texts with fields and filters, written as in menus ("{amount|rial}"), compiled when it is stored and when it
 * is used; and the texts that come of it for the fields of one notice. Pure.
 *
 * Unlike a menu, where an agency's odd value must not take a page away, a notice with a field too few, too many, or of the wrong kind is
 * refused: nothing has been sent yet, and whoever asked can do better. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "gateway/mistake.h"
#include "gateway/notice.h"

#define GW_TEMPLATE_NAME_MAX 40          /* small letters, digits, '_', '-'; begins with a letter */
#define GW_TEMPLATE_FIELDS_MAX 32
#define GW_TEMPLATE_VALUE_OCTETS 500     /* of a field */

struct gw_template {
	char name[GW_TEMPLATE_NAME_MAX + 1];
	int64_t changed_ms;
	json_t *text;                    /* as it was written: {"fa": .., "en": ..} */
	size_t n_fields;
	const char *fields[GW_TEMPLATE_FIELDS_MAX]; /* of both languages, in the order in which they are met */
	size_t n_pieces[GW_NOTICE_LANGUAGES];
	struct gw_template_piece *pieces[GW_NOTICE_LANGUAGES];
};

bool gw_template_name_is_good(const char *name);
/* text: borrowed. A child of ctx; NULL and mistakes, with pointers from the template on ("/text/fa"). */
struct gw_template *gw_template_compile(void *ctx, const char *name, const json_t *text, struct gw_mistakes *mistakes);
/* The texts of a notice. fields: NULL: none were given. False and mistakes, with pointers from the notice on ("/fields/amount"). */
bool gw_template_fill(const struct gw_template *template, const json_t *fields, struct gw_notice *notice, struct gw_mistakes *mistakes);

/* What the ledger keeps of it: malloc'ed text; and back: NULL if it is none. */
char *gw_template_encode(const struct gw_template *template, size_t *octets);
struct gw_template *gw_template_decode(void *ctx, const char *name, const void *value, size_t octets);
/* What the API shows; a new reference. */
json_t *gw_template_show(const struct gw_template *template);
