/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Compiled texts and conditions. "{bill.amount|rial}" is a variable through a filter, "{{" a brace, everything else stands as
 * it is; ZWNJ is left out (it costs a character of a page, and some phones show a box for it). */
#pragma once

#include "menus/diag.h"
#include "menus/place.h"
#include "menus/tree.h"

/* Where something stands that is compiled, and what it may speak of. */
struct menu_site {
	void *ctx;                         /* the owner of what is compiled */
	const struct menu_service *service;
	struct menu_diags *diags;
	const char *file;
	unsigned int line;
};

/* Mistakes go to diags: bad-template, unknown-variable, unknown-filter, secret-shown. */
struct menu_template menu_template_compile(const struct menu_site *site, const char *text);
/* "bill.unpaid and not bill.kind == 'tax' or language == 'en'": bad-condition, unknown-variable. */
struct menu_condition menu_condition_compile(const struct menu_site *site, const char *text);
/* The text without ZWNJ, a child of ctx. */
char *menu_template_plain(void *ctx, const char *text);

/* What a template sees at run time. */
struct menu_view {
	struct menu_place *place;
	const struct menu_medium *medium;
	const struct menu_screen *screen;  /* whose list the row is of; else NULL */
	unsigned int row;
};
/* NULL if it has no value now. Holds until the place changes. */
const char *menu_view_value(const struct menu_view *view, uint16_t var);
/* Octets written, NUL-terminated; what does not fit is cut at a character. */
size_t menu_template_render(const struct menu_template *template, const struct menu_view *view, char *out, size_t cap);
bool menu_condition_holds(const struct menu_condition *condition, const struct menu_view *view);
