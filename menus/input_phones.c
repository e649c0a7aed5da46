/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Checks of numbers that are dialled. Normal forms are E.164 with their plus: the way to a person is one however written. */
#include "menus/input_checks.h"
#include "menus/input_tables.h"
#include "menus/unicode.h"

static bool cut_prefix(const char **text, const char *prefix)
{
	size_t n = strlen(prefix);

	if (strncmp(*text, prefix, n) != 0)
		return false;
	*text += n;
	return true;
}

/* A prefix tells who was given the range, not who serves the number today. */
static const struct menu_input_prefix *range_of(const char *number)
{
	for (const struct menu_input_prefix *row = menu_input_prefixes; row->from; row++) {
		size_t n = strlen(row->from);

		if (strncmp(number, row->from, n) >= 0 && strncmp(number, row->to, n) <= 0)
			return row;
	}
	return NULL;
}

/* (+98 | 0098 | 98 | 0)? 9XXXXXXXXX */
const char *menu_check_mobile(struct menu_check *check)
{
	const char *number = check->text;
	const struct menu_input_prefix *range;

	if (!menu_check_is_digits(number + (*number == '+'), check->n - (*number == '+')))
		return "digits";
	if (!cut_prefix(&number, "+98") && !cut_prefix(&number, "0098") && !(check->n == 12 && cut_prefix(&number, "98")))
		cut_prefix(&number, "0");
	if (strlen(number) != 10 || *number != '9')
		return "format";
	range = range_of(number);
	if (!range)
		return "prefix";
	menu_check_normal(check, "+98%s", number);
	menu_check_fact(check, "operator", range->operator, strlen(range->operator));
	return NULL;
}

/* Area code of two digits and eight digits that begin with 2..9. Within the country the 0 must be there: a local number
 * alone does not tell where it is. */
const char *menu_check_landline(struct menu_check *check)
{
	const char *number = check->text;
	const struct menu_input_area *area = menu_input_areas;

	if (!menu_check_is_digits(number + (*number == '+'), check->n - (*number == '+')))
		return "digits";
	if (!cut_prefix(&number, "+98") && !cut_prefix(&number, "0098") && !(check->n == 12 && cut_prefix(&number, "98")) &&
	    !cut_prefix(&number, "0"))
		return "area";
	while (area->digits && strncmp(number, area->digits + 1, 2) != 0)
		area++;
	if (!area->digits)
		return "area";
	if (strlen(number) != 10)
		return "length";
	if (number[2] < '2')
		return "subscriber";
	menu_check_normal(check, "+98%s", number);
	menu_check_fact(check, "province", area->province, strlen(area->province));
	return NULL;
}

const char *menu_check_dial_code(struct menu_check *check)
{
	return menu_dial_normalise(check->text, check->n, check->result->normal, sizeof(check->result->normal)) < 0 ? "format" : NULL;
}
