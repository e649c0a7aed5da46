/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Checks of bills, cards, accounts, cheques and amounts.
 *
 * A bill ID is file (up to 8 digits), company (3), kind (1) and a check digit; a payment ID is the amount in 1000 rial (up to
 * 8), year (1), period (2) and two check digits: the first over itself, the second over bill ID and payment ID. Leading
 * zeros change no check digit, so the normal form has none and one bill has one form. */
#include <stdlib.h>
#include <strings.h>

#include <osmocom/core/utils.h>

#include "menus/input_checks.h"
#include "menus/input_tables.h"
#include "menus/unicode.h"

#define BILL_DIGITS_MIN 6
#define BILL_DIGITS_MAX 13
#define AMOUNT_DIGITS_MAX 15

/* Weights 2..7 from the right, over and over; modulo 11. */
static char check_digit(const char *digits, size_t n)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += menu_check_digit(digits, n - 1 - i) * (unsigned int)(2 + i % 6);
	sum %= 11;
	return (char)('0' + (sum < 2 ? 0 : 11 - sum));
}

static const char *without_zeros(const char *digits, size_t *n)
{
	while (*n > 1 && *digits == '0') {
		digits++;
		(*n)--;
	}
	return digits;
}

static const char *bill_rule(const char *digits, size_t n)
{
	if (!menu_check_is_digits(digits, n))
		return "digits";
	if (n < BILL_DIGITS_MIN || n > BILL_DIGITS_MAX)
		return "length";
	return check_digit(digits, n - 1) == digits[n - 1] ? NULL : "check-digit";
}

static void bill_facts(struct menu_check *check, const char *digits, size_t n)
{
	static const char *const kinds[] = { "other", "water", "electricity", "gas", "landline", "mobile", "municipality", "other",
	                                     "tax", "traffic-fine" };
	const char *kind = kinds[menu_check_digit(digits, n - 2)];

	menu_check_fact(check, "kind", kind, strlen(kind));
}

const char *menu_check_bill_id(struct menu_check *check)
{
	size_t n = check->n;
	const char *digits = without_zeros(check->text, &n), *rule = bill_rule(digits, n);

	if (rule)
		return rule;
	menu_check_normal(check, "%s", digits);
	bill_facts(check, digits, n);
	return NULL;
}

/* The amount is what stands before the last five digits, in thousands. */
static void payment_facts(struct menu_check *check, const char *digits, size_t n)
{
	char amount[BILL_DIGITS_MAX + 4] = { 0 };

	memcpy(amount, digits, n - 5);
	memcpy(amount + n - 5, "000", 3);
	menu_check_fact(check, "amount", amount, n - 5 + 3);
}

static const char *payment_rule(const char *digits, size_t n, const char *bill, size_t n_bill)
{
	char both[2 * BILL_DIGITS_MAX];

	if (!menu_check_is_digits(digits, n))
		return "digits";
	if (n < BILL_DIGITS_MIN || n > BILL_DIGITS_MAX)
		return "length";
	if (check_digit(digits, n - 2) != digits[n - 2])
		return "check-digit";
	if (!bill)
		return NULL;
	if (bill_rule(bill, n_bill))
		return "bill";
	memcpy(both, bill, n_bill);
	memcpy(both + n_bill, digits, n - 1);
	return check_digit(both, n_bill + n - 1) == digits[n - 1] ? NULL : "bill";
}

const char *menu_check_payment_id(struct menu_check *check)
{
	char folded[64];
	const char *with = menu_check_with(check, "bill_id"), *bill = NULL, *rule, *digits;
	size_t n = check->n, n_bill = 0;

	if (with) {
		ssize_t octets = menu_unicode_digits(with, strlen(with), folded, sizeof(folded));

		if (octets <= 0)
			return "bill";
		n_bill = (size_t)octets;
		bill = without_zeros(folded, &n_bill);
	}
	digits = without_zeros(check->text, &n);
	rule = payment_rule(digits, n, bill, n_bill);
	if (rule)
		return rule;
	menu_check_normal(check, "%s", digits);
	payment_facts(check, digits, n);
	return NULL;
}

/* Both numbers, each padded with zeros to 13 digits. */
const char *menu_check_bill_barcode(struct menu_check *check)
{
	size_t n_bill = BILL_DIGITS_MAX, n_payment = BILL_DIGITS_MAX;
	const char *bill, *payment, *rule = menu_check_exactly(check->text, check->n, n_bill + n_payment);

	if (rule)
		return rule;
	bill = without_zeros(check->text, &n_bill);
	payment = without_zeros(check->text + BILL_DIGITS_MAX, &n_payment);
	if (bill_rule(bill, n_bill) || payment_rule(payment, n_payment, bill, n_bill))
		return "check-digit";
	menu_check_fact(check, "bill_id", bill, n_bill);
	menu_check_fact(check, "payment_id", payment, n_payment);
	bill_facts(check, bill, n_bill);
	payment_facts(check, payment, n_payment);
	return NULL;
}

static bool luhn_holds(const char *digits, size_t n)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned int digit = menu_check_digit(digits, n - 1 - i) * (unsigned int)(1 + i % 2);

		sum += digit > 9 ? digit - 9 : digit;
	}
	return sum % 10 == 0;
}

const char *menu_check_bank_card(struct menu_check *check)
{
	const char *rule = menu_check_exactly(check->text, check->n, 16);
	const struct menu_input_bin *bin = menu_input_bins;

	if (rule)
		return rule;
	if (!luhn_holds(check->text, check->n))
		return "check-digit";
	while (bin->digits && strncmp(check->text, bin->digits, strlen(bin->digits)) != 0)
		bin++;
	if (!bin->digits)
		return "bank";
	menu_check_fact(check, "bank", bin->bank, strlen(bin->bank));
	return NULL;
}

/* ISO 13616 with 24 digits. A keypad has no IR: without it the digits alone are taken. */
const char *menu_check_sheba(struct menu_check *check)
{
	const char *digits = strncasecmp(check->text, "IR", 2) == 0 ? check->text + 2 : check->text;
	unsigned int rest = 0;

	if (strlen(digits) != 24 || !menu_check_is_digits(digits, 24))
		return "format";
	/* What is divided: the last 22 digits, I and R as 18 and 27, the first two. */
	for (size_t i = 2; i < 24; i++)
		rest = (rest * 10 + menu_check_digit(digits, i)) % 97;
	rest = (rest * 10000 + 1827) % 97;
	rest = (rest * 100 + menu_check_digit(digits, 0) * 10 + menu_check_digit(digits, 1)) % 97;
	if (rest != 1)
		return "check-digit";
	menu_check_normal(check, "IR%s", digits);
	menu_check_fact(check, "bank_code", digits + 2, 3);
	return NULL;
}

/* The central bank asks for the digits alone: spaces and hyphens are refused, no check digit is known. */
const char *menu_check_cheque_id(struct menu_check *check)
{
	const char *rule = menu_check_exactly(check->text, check->n, 16);

	if (rule)
		return rule;
	return menu_check_all_same(check->text, check->n) && check->text[0] == '0' ? "zeros" : NULL;
}

/* Cuts the unit behind the digits; true if it was toman (ten rial). */
static bool cut_unit(struct menu_check *check)
{
	static const struct { const char *word; bool toman; } units[] = {
		{ "ریال", false }, { "rials", false }, { "rial", false }, { "irr", false },
		{ "تومان", true }, { "تومن", true }, { "tomans", true }, { "toman", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		size_t n = strlen(units[i].word);

		if (check->n <= n || strcasecmp(check->text + check->n - n, units[i].word) != 0)
			continue;
		check->n -= n;
		check->text[check->n] = '\0';
		return units[i].toman;
	}
	return false;
}

const char *menu_check_amount(struct menu_check *check)
{
	bool toman = cut_unit(check);
	int64_t amount, min = 1, max;
	const char *digits;

	if (!menu_check_is_digits(check->text, check->n))
		return "digits";
	digits = without_zeros(check->text, &check->n);
	if (check->n + toman > AMOUNT_DIGITS_MAX)
		return "length";
	amount = strtoll(digits, NULL, 10) * (toman ? 10 : 1);
	menu_check_bound(check, "min", &min);
	if (amount < min)
		return "min";
	if (menu_check_bound(check, "max", &max) && amount > max)
		return "max";
	menu_check_normal(check, "%lld", (long long)amount);
	return NULL;
}
