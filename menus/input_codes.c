/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Checks of what offices give to persons, places and things. Where no check digit is known (postal code, insurance number,
 * case number, workshop code, VIN) only the form is checked: a wrong number is then told by the agency. */
#include <osmocom/core/utils.h>

#include "menus/input_checks.h"
#include "menus/input_tables.h"

/* Weights 10..2, modulo 11. The first three digits tell a place, but no list of them is complete: they are not checked. */
const char *menu_check_national_id(struct menu_check *check)
{
	const char *rule = menu_check_exactly(check->text, check->n, 10);
	unsigned int sum = 0;

	if (rule)
		return rule;
	if (menu_check_all_same(check->text, check->n))
		return "repeated";
	for (size_t i = 0; i < 9; i++)
		sum += menu_check_digit(check->text, i) * (unsigned int)(10 - i);
	sum %= 11;
	return menu_check_digit(check->text, 9) == (sum < 2 ? sum : 11 - sum) ? NULL : "check-digit";
}

const char *menu_check_legal_id(struct menu_check *check)
{
	static const unsigned int weights[] = { 29, 27, 23, 19, 17 };
	const char *rule = menu_check_exactly(check->text, check->n, 11);
	unsigned int sum = 0, plus;

	if (rule)
		return rule;
	if (menu_check_all_same(check->text, check->n))
		return "repeated";
	plus = menu_check_digit(check->text, 9) + 2;
	for (size_t i = 0; i < 10; i++)
		sum += (menu_check_digit(check->text, i) + plus) * weights[i % ARRAY_SIZE(weights)];
	return menu_check_digit(check->text, 10) == sum % 11 % 10 ? NULL : "check-digit";
}

/* Neither 0 nor 2 stands in the first five digits, and the first four are not all the same. */
const char *menu_check_postal_code(struct menu_check *check)
{
	const char *rule = menu_check_exactly(check->text, check->n, 10);

	if (rule)
		return rule;
	for (size_t i = 0; i < 5; i++)
		if (check->text[i] == '0' || check->text[i] == '2')
			return "format";
	return menu_check_all_same(check->text, 4) ? "format" : NULL;
}

/* Branch (3), activity (3), file (4). */
const char *menu_check_workshop_code(struct menu_check *check)
{
	const char *rule = menu_check_exactly(check->text, check->n, 10);

	if (rule)
		return rule;
	if (memcmp(check->text, "000", 3) == 0)
		return "branch";
	return memcmp(check->text + 6, "0000", 4) == 0 ? "file" : NULL;
}

const char *menu_check_insurance_number(struct menu_check *check)
{
	if (!menu_check_is_digits(check->text, check->n))
		return "digits";
	return check->n == 8 || check->n == 10 ? NULL : "length";
}

/* 16 digits with a year of two, or 18 with one of four. The form is not confirmed by the judiciary. */
const char *menu_check_case_number(struct menu_check *check)
{
	if (!menu_check_is_digits(check->text, check->n))
		return "digits";
	if (check->n == 16)
		return NULL;
	if (check->n != 18)
		return "length";
	return memcmp(check->text, "13", 2) == 0 || memcmp(check->text, "14", 2) == 0 ? NULL : "year";
}

/* ISO 3779, but numbers given in Iran begin with IR, against its ban of the letter I. The check digit of North America is
 * not used here. */
const char *menu_check_vin(struct menu_check *check)
{
	char *text = check->text;

	for (size_t i = 0; i < check->n; i++) {
		if (text[i] >= 'a' && text[i] <= 'z')
			text[i] = (char)(text[i] - 'a' + 'A');
		if (!menu_check_is_digits(text + i, 1) && !(text[i] >= 'A' && text[i] <= 'Z'))
			return "letters";
	}
	if (check->n != 17)
		return "length";
	return strchr(text, 'O') ? "letter-o" : strchr(text + 1, 'I') ? "letter-i" : strchr(text, 'Q') ? "letter-q" : NULL;
}

/* Three digits without a zero, then five that do not begin with one. */
static const char *check_motorcycle(struct menu_check *check)
{
	for (size_t i = 0; i < 4; i++)
		if (check->text[i] == '0')
			return "zero";
	menu_check_normal(check, "%.3s-%s", check->text, check->text + 3);
	menu_check_fact(check, "vehicle", "motorcycle", strlen("motorcycle"));
	return NULL;
}

/* The longest letter of the table at text: one begins another nowhere today, but the table may grow. */
static const struct menu_input_letter *plate_letter(const char *text)
{
	const struct menu_input_letter *found = NULL;

	for (const struct menu_input_letter *row = menu_input_letters; row->letter; row++)
		if (strncmp(text, row->letter, strlen(row->letter)) == 0 && (!found || strlen(row->letter) > strlen(found->letter)))
			found = row;
	return found;
}

/* 10, 20, 30 and 40 are provinces' codes, no other with a zero is; which of 11..99 are in use changes. */
static bool province_is_known(const char *code)
{
	return code[0] != '0' && (code[1] != '0' || code[0] <= '4');
}

const char *menu_check_plate(struct menu_check *check)
{
	static const char iran[] = "ایران";
	const struct menu_input_letter *letter;
	const char *rest, *province;

	for (char *c = check->text; *c; c++)
		if (*c == 'd' || *c == 's')
			*c = (char)(*c - 'a' + 'A');
	if (menu_check_is_digits(check->text, check->n))
		return check->n == 8 ? check_motorcycle(check) : "layout";
	if (check->n < 2 || !menu_check_is_digits(check->text, 2) || menu_check_is_digits(check->text + 2, 1))
		return "layout";
	letter = plate_letter(check->text + 2);
	rest = check->text + 2 + (letter ? strlen(letter->letter) : 0);
	if (!letter)
		return "letter";
	if (strlen(rest) < 5 || !menu_check_is_digits(rest, 3))
		return "layout";
	province = strncmp(rest + 3, iran, strlen(iran)) == 0 ? rest + 3 + strlen(iran) : rest + 3;
	if (strlen(province) != 2 || !menu_check_is_digits(province, 2))
		return "layout";
	if (check->text[0] == '0' || check->text[1] == '0' || rest[0] == '0')
		return "zero";
	if (!province_is_known(province))
		return "province";
	menu_check_normal(check, "%.2s%s%.3s-%s", check->text, letter->letter, rest, province);
	menu_check_fact(check, "vehicle", "car", strlen("car"));
	menu_check_fact(check, "class", letter->class, strlen(letter->class));
	return NULL;
}
