/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Input checks: what a citizen types -> its normal form, or a reason that a citizen understands. One table of kinds.
 * Digits and letters are normalised first (menus/unicode.h). Rules and their sources: README.md. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MENU_INPUT_OCTETS 512

struct menu_input_kind {
	const char *name;              /* "bill-id" */
	const char *title;             /* what it is, English, for tools */
	const char *with[3];           /* names of other values the check can use: payment-id uses bill_id; NULL-terminated */
	const char *bounds[4];         /* names of the bounds that a menu may set: "min", "max", "length", "choices"; NULL-terminated */
	const char *format_fa, *format_en; /* "۱۰ رقم": shown in help */
	const char *facts[5];          /* names of what may come out beside the normal form; NULL-terminated */
};

/* A parameter of a check: other values (bill_id), or a bound from the menu (min, max, length, choices "a|b|c"). */
struct menu_input_with { const char *name, *value; };

struct menu_input_result {
	bool ok;
	char normal[MENU_INPUT_OCTETS + 1];  /* if ok: ASCII digits, canonical letters */
	const char *rule;                    /* if not: which rule, "check-digit" */
	char reason_fa[192], reason_en[96];  /* if not: one short sentence, at most 60 UCS-2 units, that says what to do; else "" */
	/* values that come out of a check beside the normal form: payment-id gives amount (rial), bill-id gives kind ...
	 * Names and values are lower-case ASCII or English: README.md lists them. */
	size_t n_facts;
	struct { const char *name; char value[48]; } facts[4];
};

/* NULL if there is no such kind; menu_input_row lists them (NULL past the last). */
const struct menu_input_kind *menu_input_find(const char *name);
const struct menu_input_kind *menu_input_row(size_t index);
/* Values in `with` that the kind does not know are ignored (a tool may tell: see .with and .bounds). menu_unicode_init() first. */
void menu_input_check(const struct menu_input_kind *kind, const char *text, size_t octets,
                      const struct menu_input_with *with, size_t n_with, struct menu_input_result *result);
