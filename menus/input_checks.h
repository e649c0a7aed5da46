/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Inside of the input checks: what a check is given and how it answers. Not for users of menus/input.h.
 *
 * A check reads `text` (folded, and without the characters that its kind drops), writes the normal form with
 * check_normal() where it differs from the text, and returns NULL or the rule that was broken, a string constant that
 * menus/input_rules.c has a sentence for. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "menus/input.h"

struct menu_check {
	char text[MENU_INPUT_OCTETS + 1];
	size_t n;
	const struct menu_input_with *with;
	size_t n_with;
	struct menu_input_result *result;
};

typedef const char *menu_check_fn(struct menu_check *check);

static inline bool menu_check_is_digits(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] < '0' || text[i] > '9')
			return false;
	return n > 0;
}

static inline bool menu_check_all_same(const char *text, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (text[i] != text[0])
			return false;
	return true;
}

static inline unsigned int menu_check_digit(const char *text, size_t at)
{
	return (unsigned int)(text[at] - '0');
}

/* NULL, "digits" or "length". */
static inline const char *menu_check_exactly(const char *text, size_t n, size_t wanted)
{
	return !menu_check_is_digits(text, n) ? "digits" : n != wanted ? "length" : NULL;
}

/* menus/input.c */
void menu_check_fact(struct menu_check *check, const char *name, const char *value, size_t octets);
void menu_check_normal(struct menu_check *check, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *menu_check_with(const struct menu_check *check, const char *name); /* NULL if it was not given */
bool menu_check_bound(const struct menu_check *check, const char *name, int64_t *value);

/* menus/input_codes.c: what offices give to persons, places and things */
menu_check_fn menu_check_national_id, menu_check_legal_id, menu_check_postal_code, menu_check_workshop_code,
	menu_check_insurance_number, menu_check_case_number, menu_check_vin, menu_check_plate;
/* menus/input_money.c */
menu_check_fn menu_check_bill_id, menu_check_payment_id, menu_check_bill_barcode, menu_check_bank_card, menu_check_sheba,
	menu_check_cheque_id, menu_check_amount;
/* menus/input_phones.c */
menu_check_fn menu_check_mobile, menu_check_landline, menu_check_dial_code;
/* menus/input_plain.c */
menu_check_fn menu_check_digits, menu_check_text, menu_check_choice, menu_check_jalali_date;
