/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The table of input checks and the way of every check: fold what was typed, drop what people put between digits, ask the
 * kind's own function, and tell its verdict in words. The functions are in input_codes.c, input_money.c, input_phones.c and
 * input_plain.c; the sentences in input_rules.c.
 *
 * What a kind drops is what people (and printers) put there and what cannot be meant otherwise; a cheque's or a case's
 * number is told to be entered without hyphens, so these are refused there. */
#include "menus/input.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "menus/input_checks.h"
#include "menus/input_rules.h"
#include "menus/unicode.h"

enum prepare {
	PREPARE_TEXT,  /* folded, as it will be shown */
	PREPARE_CODE,  /* and without ZWNJ */
	PREPARE_DIGITS /* and without spaces and separators of thousands */
};

struct kind_row {
	struct menu_input_kind kind;
	enum prepare prepare;
	const char *drops; /* characters that are dropped wherever they stand */
	menu_check_fn *check;
};

static const struct kind_row kinds[] = {
	{ { "national-id", "national ID of a person", { NULL }, { NULL }, "10 رقم", "10 digits", { NULL } },
	  PREPARE_CODE, " -", menu_check_national_id },
	{ { "legal-id", "national ID of a company or an office", { NULL }, { NULL }, "11 رقم", "11 digits", { NULL } },
	  PREPARE_CODE, " -", menu_check_legal_id },
	{ { "bill-id", "bill ID", { NULL }, { NULL }, "6 تا 13 رقم", "6 to 13 digits", { "kind" } },
	  PREPARE_CODE, " -.", menu_check_bill_id },
	{ { "payment-id", "payment ID of a bill", { "bill_id" }, { NULL }, "6 تا 13 رقم", "6 to 13 digits", { "amount" } },
	  PREPARE_CODE, " -.", menu_check_payment_id },
	{ { "bill-barcode", "barcode of a bill: its bill ID and payment ID", { NULL }, { NULL }, "26 رقم", "26 digits", { "bill_id", "payment_id", "kind", "amount" } },
	  PREPARE_CODE, " -.", menu_check_bill_barcode },
	{ { "bank-card", "number of a bank card", { NULL }, { NULL }, "16 رقم", "16 digits", { "bank" } },
	  PREPARE_CODE, " -.", menu_check_bank_card },
	{ { "sheba", "IBAN of an Iranian account", { NULL }, { NULL }, "24 رقم، با IR یا بی آن", "24 digits, with or without IR", { "bank_code" } },
	  PREPARE_CODE, " -.", menu_check_sheba },
	{ { "mobile", "mobile number", { NULL }, { NULL }, "11 رقم، مانند 09121234567", "11 digits, such as 09121234567", { "operator" } },
	  PREPARE_CODE, " -()", menu_check_mobile },
	{ { "landline", "landline number with its area code", { NULL }, { NULL }, "11 رقم با کد شهر", "11 digits with the area code", { "province" } },
	  PREPARE_CODE, " -()", menu_check_landline },
	{ { "postal-code", "postal code", { NULL }, { NULL }, "10 رقم", "10 digits", { NULL } },
	  PREPARE_CODE, " -", menu_check_postal_code },
	{ { "plate", "number plate of a car or a motorcycle", { NULL }, { NULL },
	    "2 رقم، حرف، 3 رقم، 2 رقم", "2 digits, a letter, 3 digits, 2 digits", { "vehicle", "class" } },
	  PREPARE_CODE, " -", menu_check_plate },
	{ { "vin", "identification number of a vehicle", { NULL }, { NULL }, "17 رقم و حرف لاتین", "17 Latin letters and digits", { NULL } },
	  PREPARE_CODE, "", menu_check_vin },
	{ { "workshop-code", "code of a workshop at social security", { NULL }, { NULL }, "10 رقم", "10 digits", { NULL } },
	  PREPARE_CODE, " -", menu_check_workshop_code },
	{ { "insurance-number", "social security number", { NULL }, { NULL }, "8 یا 10 رقم", "8 or 10 digits", { NULL } },
	  PREPARE_CODE, "", menu_check_insurance_number },
	{ { "case-number", "number of a judicial case", { NULL }, { NULL }, "16 یا 18 رقم", "16 or 18 digits", { NULL } },
	  PREPARE_CODE, "", menu_check_case_number },
	{ { "cheque-id", "Sayad ID of a cheque", { NULL }, { NULL }, "16 رقم", "16 digits", { NULL } },
	  PREPARE_CODE, "", menu_check_cheque_id },
	{ { "jalali-date", "date of the Persian calendar", { NULL }, { NULL }, "سال/ماه/روز", "year/month/day", { NULL } },
	  PREPARE_CODE, " ", menu_check_jalali_date },
	{ { "amount", "amount in rial (toman, if that is written behind it)", { NULL }, { "min", "max" }, "مبلغ به ریال", "rial", { NULL } },
	  PREPARE_DIGITS, "", menu_check_amount },
	{ { "digits", "digits", { NULL }, { "length", "min_length", "max_length" }, "رقم", "digits", { NULL } },
	  PREPARE_DIGITS, "-", menu_check_digits },
	{ { "text", "words, length counted in characters", { NULL }, { "min_length", "max_length" }, "نوشته", "text", { NULL } },
	  PREPARE_TEXT, "", menu_check_text },
	{ { "choice", "one of the choices \"a|b|c\"", { NULL }, { "choices" }, "یکی از آنها", "one of the choices", { NULL } },
	  PREPARE_TEXT, "", menu_check_choice },
	{ { "dial-code", "a USSD code", { NULL }, { NULL }, "از ستاره تا مربع", "from its star to its #", { NULL } },
	  PREPARE_TEXT, "", menu_check_dial_code },
};

const struct menu_input_kind *menu_input_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strcmp(kinds[i].kind.name, name) == 0)
			return &kinds[i].kind;
	return NULL;
}

const struct menu_input_kind *menu_input_row(size_t index)
{
	return index < ARRAY_SIZE(kinds) ? &kinds[index].kind : NULL;
}

void menu_check_fact(struct menu_check *check, const char *name, const char *value, size_t octets)
{
	struct menu_input_result *result = check->result;
	size_t room = sizeof(result->facts[0].value) - 1, n = octets < room ? octets : room;

	OSMO_ASSERT(result->n_facts < ARRAY_SIZE(result->facts));
	result->facts[result->n_facts].name = name;
	memcpy(result->facts[result->n_facts].value, value, n);
	result->facts[result->n_facts].value[n] = '\0';
	result->n_facts++;
}

void menu_check_normal(struct menu_check *check, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(check->result->normal, sizeof(check->result->normal), format, args);
	va_end(args);
}

const char *menu_check_with(const struct menu_check *check, const char *name)
{
	for (size_t i = 0; i < check->n_with; i++)
		if (strcmp(check->with[i].name, name) == 0)
			return check->with[i].value;
	return NULL;
}

bool menu_check_bound(const struct menu_check *check, const char *name, int64_t *value)
{
	const char *text = menu_check_with(check, name);
	char *end;

	if (!text || *text == '\0')
		return false;
	errno = 0;
	*value = strtoll(text, &end, 10);
	return errno == 0 && *end == '\0';
}

/* "10000" -> "10,000"; another text stays. */
static void print_bound(const char *value, char *out, size_t cap)
{
	size_t n = strlen(value), to = 0;

	if (!menu_check_is_digits(value, n) || n > 18) {
		snprintf(out, cap, "%.*s", (int)cap - 1, value);
		return;
	}
	for (size_t i = 0; i < n && to + 2 < cap; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			out[to++] = ',';
		out[to++] = value[i];
	}
	out[to] = '\0';
}

/* The sentence with the menu's bounds in the place of {min} and the like. */
static void print_reason(const struct menu_check *check, const char *sentence, char *out, size_t cap)
{
	size_t to = 0;

	while (*sentence && to + 32 < cap) {
		const char *close = *sentence == '{' ? strchr(sentence, '}') : NULL;
		char name[16], number[32];
		const char *value;

		if (!close) {
			out[to++] = *sentence++;
			continue;
		}
		snprintf(name, sizeof(name), "%.*s", (int)(close - sentence - 1), sentence + 1);
		value = menu_check_with(check, name);
		print_bound(value ? value : "1", number, sizeof(number));
		to += (size_t)snprintf(out + to, cap - to, "%s", number);
		sentence = close + 1;
	}
	out[to] = '\0';
}

/* Folds into check->text. NULL or the rule. */
static const char *prepare(const struct kind_row *row, const char *text, size_t octets, struct menu_check *check)
{
	static const char zwnj[] = "\u200C";
	size_t to = 0, at = 0;
	ssize_t n = row->prepare == PREPARE_DIGITS ? menu_unicode_digits(text, octets, check->text, sizeof(check->text))
	                                           : menu_unicode_fold(text, octets, check->text, sizeof(check->text));

	if (n < 0)
		return n == -ENOSPC ? "too-long" : "encoding";
	while (at < (size_t)n) {
		if (row->prepare != PREPARE_TEXT && strncmp(check->text + at, zwnj, sizeof(zwnj) - 1) == 0)
			at += sizeof(zwnj) - 1;
		else if (strchr(row->drops, check->text[at]))
			at++;
		else
			check->text[to++] = check->text[at++];
	}
	check->text[to] = '\0';
	check->n = to;
	return to == 0 ? "empty" : NULL;
}

void menu_input_check(const struct menu_input_kind *kind, const char *text, size_t octets,
                      const struct menu_input_with *with, size_t n_with, struct menu_input_result *result)
{
	const struct kind_row *row = (const struct kind_row *)kind; /* kind is the row's first member */
	struct menu_check check = { .with = with, .n_with = n_with, .result = result };
	const struct menu_input_reason *reason;

	result->n_facts = 0;
	result->normal[0] = result->reason_fa[0] = result->reason_en[0] = '\0';
	result->rule = prepare(row, text, octets, &check);
	if (!result->rule)
		result->rule = row->check(&check);
	result->ok = !result->rule;
	if (result->ok) {
		if (result->normal[0] == '\0')
			memcpy(result->normal, check.text, check.n + 1);
		return;
	}
	result->n_facts = 0;
	result->normal[0] = '\0';
	reason = menu_input_reason_find(kind->name, result->rule);
	print_reason(&check, reason->fa, result->reason_fa, sizeof(result->reason_fa));
	print_reason(&check, reason->en, result->reason_en, sizeof(result->reason_en));
}
