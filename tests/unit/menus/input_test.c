/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Input checks: every line of the vector files, the tables against their sources, what comes out beside the normal form,
 * and that each refusal can be read on a phone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "menus/input.h"
#include "menus/input_rules.h"
#include "menus/input_tables.h"
#include "menus/unicode.h"

#define REASON_UNITS_MAX 60

static struct menu_input_result result;

/* Fields of a line, split at tabs; missing ones are "". */
static void split(char *line, char *fields[3])
{
	line[strcspn(line, "\n")] = '\0';
	for (int i = 0; i < 3; i++) {
		char *tab = strchr(line, '\t');

		fields[i] = line;
		line = tab ? tab + 1 : line + strlen(line);
		if (tab)
			*tab = '\0';
	}
}

static FILE *open_data(const char *folder, const char *name)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "tests/data/%s/%s.tsv", folder, name);
	file = fopen(path, "r");
	assert_non_null(file);
	return file;
}

/* Characters outside the BMP do not occur in our sentences. */
static size_t ucs2_units(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}

static void assert_reasons_are_readable(void)
{
	assert_non_null(result.rule);
	assert_true(result.reason_fa[0] && result.reason_en[0]);
	assert_true(ucs2_units(result.reason_fa) <= REASON_UNITS_MAX);
	assert_true(strlen(result.reason_en) <= REASON_UNITS_MAX);
	assert_null(strchr(result.reason_fa, '{'));
	assert_null(strchr(result.reason_en, '{'));
	assert_int_equal(result.n_facts, 0);
	assert_string_equal(result.normal, "");
}

static bool check_with(const char *kind, const char *text, const char *name, const char *value)
{
	struct menu_input_with with = { name, value };

	memset(&result, 0xA5, sizeof(result)); /* nothing of the last check may help */
	assert_non_null(menu_input_find(kind));
	menu_input_check(menu_input_find(kind), text, strlen(text), &with, name ? 1 : 0, &result);
	if (!result.ok)
		assert_reasons_are_readable();
	else
		assert_true(result.rule == NULL && result.reason_fa[0] == '\0' && result.reason_en[0] == '\0');
	for (size_t i = 0; i < result.n_facts; i++) { /* a menu may only use what the kind says that it gives */
		const char *const *known = menu_input_find(kind)->facts;

		while (*known && strcmp(*known, result.facts[i].name) != 0)
			known++;
		assert_non_null(*known);
	}
	return result.ok;
}

static bool check(const char *kind, const char *text)
{
	return check_with(kind, text, NULL, NULL);
}

static const char *fact(const char *name)
{
	for (size_t i = 0; i < result.n_facts; i++)
		if (strcmp(result.facts[i].name, name) == 0)
			return result.facts[i].value;
	return "(none)";
}

static void holds_every_vector(void **state)
{
	static const struct { const char *file, *kind; size_t lines; bool normal_in_note; } files[] = {
		{ "national_id", "national-id", 32, false },   { "legal_id", "legal-id", 27, false },
		{ "bill_id", "bill-id", 31, false },           { "bill_barcode", "bill-barcode", 7, false },
		{ "bank_card", "bank-card", 32, false },       { "sheba", "sheba", 31, false },
		{ "mobile", "mobile", 25, true },              { "landline", "landline", 16, true },
		{ "postal_code", "postal-code", 18, false },   { "vehicle_plate", "plate", 20, true },
		{ "vin", "vin", 14, false },                   { "workshop_code", "workshop-code", 14, false },
		{ "social_security_number", "insurance-number", 14, false },
		{ "judicial_case_number", "case-number", 14, false },
		{ "sayad_cheque_id", "cheque-id", 14, false }, { "jalali_date", "jalali-date", 17, true },
		{ "dial_string", "dial-code", 17, true },
	};
	char line[512], *f[3];

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		FILE *file = open_data("vectors", files[i].file);
		size_t lines = 0;

		while (fgets(line, sizeof(line), file)) {
			if (strncmp(line, "# ", 2) == 0)
				continue;
			split(line, f);
			lines++;
			if (check(files[i].kind, f[0]) != (strcmp(f[1], "valid") == 0))
				fail_msg("%s: \"%s\" should be %s (%s)", files[i].kind, f[0], f[1], result.ok ? "ok" : result.rule);
			f[2][strcspn(f[2], ";")] = '\0';
			if (result.ok && files[i].normal_in_note)
				assert_string_equal(result.normal, f[2]);
		}
		assert_int_equal(lines, files[i].lines);
		fclose(file);
	}
}

static void holds_the_vectors_of_bills_and_payments(void **state)
{
	FILE *file = open_data("vectors", "bill_and_payment_id");
	char line[512], *f[3];
	size_t lines = 0;

	(void)state;
	for (; fgets(line, sizeof(line), file); lines++) {
		char *payment, *amount;

		if (strncmp(line, "# ", 2) == 0)
			continue;
		split(line, f);
		payment = strchr(f[0], ' ');
		*payment++ = '\0';
		if (strcmp(f[1], "valid") != 0) {
			bool both = check("bill-id", f[0]) && check_with("payment-id", payment, "bill_id", f[0]);

			assert_false(both);
			continue;
		}
		assert_true(check_with("payment-id", payment, "bill_id", f[0]));
		amount = strrchr(f[2], ';') + 2;
		amount[strcspn(amount, " ")] = '\0';
		assert_string_equal(fact("amount"), amount);
		assert_true(check("bill-id", f[0]));
		assert_true(strstr(f[2], "traffic fine") ? strcmp(fact("kind"), "traffic-fine") == 0
		                                         : f[2][10] < 'a' || strstr(f[2], fact("kind")) != NULL);
	}
	assert_int_equal(lines, 31);
	fclose(file);
}

static void a_payment_belongs_to_its_bill(void **state)
{
	(void)state;
	assert_true(check_with("payment-id", "1770160", "bill_id", "7748317800142"));
	assert_string_equal(fact("amount"), "17000");
	assert_true(check_with("payment-id", "۰۱۷۷۰۱۶۰", "bill_id", "۰۷۷۴۸۳۱۷۸۰۰۱۴۲"));
	assert_string_equal(result.normal, "1770160");
	assert_true(check("payment-id", "1770160"));
	assert_false(check_with("payment-id", "1770160", "bill_id", "5247410154610"));
	assert_string_equal(result.rule, "bill");
	assert_false(check_with("payment-id", "1770160", "bill_id", ""));
	assert_false(check_with("payment-id", "1770160", "bill_id", "77483178001421234567890123456789012345678901234567890123456789012"));
	assert_false(check("payment-id", "1770170"));
	assert_string_equal(result.rule, "check-digit");
}

static void a_barcode_gives_both_numbers(void **state)
{
	(void)state;
	assert_true(check("bill-barcode", "01243095658520000432180343"));
	assert_string_equal(fact("bill_id"), "124309565852");
	assert_string_equal(fact("payment_id"), "432180343");
	assert_string_equal(fact("kind"), "mobile");
	assert_string_equal(fact("amount"), "4321000");
	assert_false(check("bill-barcode", "01243095658520000432180342"));
	assert_false(check("bill-barcode", "00000000000000000000000000"));
}

static void facts_and_normal_forms(void **state)
{
	(void)state;
	assert_true(check("bill-id", "7748.3178.00142"));
	assert_string_equal(result.normal, "7748317800142");
	assert_string_equal(fact("kind"), "landline");
	assert_true(check("bank-card", "6037-9999 7055 9289"));
	assert_string_equal(fact("bank"), "Melli");
	assert_false(check("bank-card", "4000000000000002"));
	assert_string_equal(result.rule, "bank");
	assert_true(check("sheba", "130100466359854901350903"));
	assert_string_equal(result.normal, "IR130100466359854901350903");
	assert_string_equal(fact("bank_code"), "010");
	assert_true(check("sheba", "ir13 0100 4663 5985 4901 3509 03"));
	assert_true(check("mobile", "9122002580"));
	assert_string_equal(fact("operator"), "MCI (Hamrah-e Avval)");
	assert_true(check("landline", "+98 21 37236445"));
	assert_string_equal(fact("province"), "Tehran");
	assert_true(check("plate", "11\u200cالف\u200c111-10"));
	assert_string_equal(result.normal, "11الف111-10");
	assert_string_equal(fact("class"), "government");
	assert_true(check("plate", "12هـ34511"));
	assert_string_equal(fact("vehicle"), "car");
	assert_true(check("plate", "123-45678"));
	assert_string_equal(fact("vehicle"), "motorcycle");
	assert_true(check("national-id", "006-330009-5"));
	assert_string_equal(result.normal, "0063300095");
	assert_true(check("jalali-date", "1400-6-1"));
	assert_string_equal(result.normal, "1400/06/01");
	assert_false(check("jalali-date", "1400-6/1"));
}

static void amounts(void **state)
{
	(void)state;
	assert_true(check("amount", "۱۲۰٬۰۰۰ ریال"));
	assert_string_equal(result.normal, "120000");
	assert_true(check("amount", "12,000 Toman"));
	assert_string_equal(result.normal, "120000");
	assert_true(check("amount", "000500"));
	assert_string_equal(result.normal, "500");
	assert_false(check("amount", "0"));
	assert_string_equal(result.rule, "min");
	assert_false(check("amount", "1.5"));
	assert_string_equal(result.rule, "digits");
	assert_false(check("amount", "ریال"));
	assert_false(check("amount", "-5"));
	assert_false(check("amount", "1000000000000000"));
	assert_string_equal(result.rule, "length");
	assert_false(check("amount", "100000000000000 toman"));
	assert_true(check("amount", "999999999999999"));
	assert_true(check_with("amount", "0", "min", "0"));
	assert_false(check_with("amount", "9999", "min", "10000"));
	assert_non_null(strstr(result.reason_fa, "10,000"));
	assert_non_null(strstr(result.reason_en, "10,000"));
	assert_true(check_with("amount", "10000", "min", "10000"));
	assert_true(check_with("amount", "999999999999998", "max", "999999999999998"));
	assert_false(check_with("amount", "999999999999999", "max", "999999999999998"));
}

static void digits_and_texts_have_lengths(void **state)
{
	(void)state;
	assert_true(check("digits", "۰۰۱۲"));
	assert_string_equal(result.normal, "0012");
	assert_false(check_with("digits", "123", "length", "4"));
	assert_non_null(strstr(result.reason_fa, "4 "));
	assert_true(check_with("digits", "1234", "length", "4"));
	assert_false(check_with("digits", "123", "min_length", "4"));
	assert_false(check_with("digits", "12345", "max_length", "4"));
	assert_true(check_with("digits", "1234", "max_length", "4"));
	assert_false(check("digits", "12a"));
	assert_true(check_with("text", "  سلام  دنيا ", "max_length", "9"));
	assert_string_equal(result.normal, "سلام دنیا");
	assert_false(check_with("text", "سلام دنیا", "max_length", "8"));
	assert_false(check_with("text", "ی", "min_length", "2"));
	assert_false(check("text", " \u200c "));
	assert_string_equal(result.rule, "empty");
}

static void choices(void **state)
{
	static const char list[] = "آب|برق|گاز\u200cشهری|Phone";

	(void)state;
	assert_true(check_with("choice", "برق", "choices", list));
	assert_true(check_with("choice", "گازشهري.", "choices", list));
	assert_string_equal(result.normal, "گاز\u200cشهری");
	assert_true(check_with("choice", " PHONE ", "choices", list));
	assert_string_equal(result.normal, "Phone");
	assert_false(check_with("choice", "phon", "choices", list));
	assert_false(check_with("choice", "برق|گاز", "choices", list));
	assert_false(check_with("choice", "x", "choices", "|||"));
	assert_false(check("choice", "x"));
}

/* Whatever is typed at any kind, there is an answer that can be shown. */
static void every_kind_answers_to_anything(void **state)
{
	char long_text[2000];
	const char *const texts[] = { "", " ", "\xff\xfe", "0", "a", "۱۲", "IR", "+", "12ب", "12ب1", "*", "1/", "1398/", "1398/1/", "9", "98", "0098",
		                      "000000", "00000000000000000000000000", "ایران", "12غ34567", "1.2", long_text };

	(void)state;
	memset(long_text, '7', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	for (size_t k = 0; menu_input_row(k); k++) {
		const struct menu_input_kind *kind = menu_input_row(k);

		assert_ptr_equal(menu_input_find(kind->name), kind);
		assert_true(kind->title[0] && kind->format_fa[0] && kind->format_en[0]);
		for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
			check(kind->name, texts[i]);
		assert_false(check(kind->name, ""));
		assert_false(check(kind->name, long_text));
		assert_string_equal(result.rule, "too-long");
		assert_false(check(kind->name, "\xff"));
		assert_string_equal(result.rule, "encoding");
	}
	assert_null(menu_input_find("no-such-kind"));
}

/* Each sentence fits with the longest bound that a menu can set; its digits are ASCII, no ZWNJ; each kind's rules are told once. */
static void reasons_fit_a_phone(void **state)
{
	const struct menu_input_reason *row;

	(void)state;
	for (size_t i = 0; (row = menu_input_reason_row(i)); i++) {
		size_t bound = strchr(row->fa, '{') ? strlen("999,999,999,999,999") : 0;
		size_t holes = strchr(row->fa, '{') ? (size_t)(strchr(row->fa, '}') - strchr(row->fa, '{') + 1) : 0;

		assert_true(ucs2_units(row->fa) - holes + bound <= REASON_UNITS_MAX);
		assert_true(strlen(row->en) - holes + bound <= REASON_UNITS_MAX);
		assert_true((unsigned char)row->fa[0] >= 0xD8); /* begins with a Persian letter: it gives the page its direction */
		for (const char *c = row->fa; *c; c++)
			assert_false((unsigned char)c[0] == 0xDB && (unsigned char)c[1] >= 0xB0 && (unsigned char)c[1] <= 0xB9);
		assert_null(strstr(row->fa, "\u200c"));
		for (size_t j = 0; j < i; j++)
			assert_false(strcmp(menu_input_reason_row(j)->kind, row->kind) == 0 && strcmp(menu_input_reason_row(j)->rule, row->rule) == 0);
		assert_true(*row->kind == '\0' || menu_input_find(row->kind));
	}
}

/* Every rule that a check can break has its own sentence: the general last one is for what was forgotten. */
static void each_refusal_has_its_sentence(void **state)
{
	static const struct { const char *kind, *text, *rule; } refusals[] = {
		{ "national-id", "1", "length" }, { "national-id", "1111111111", "repeated" }, { "national-id", "1234567890", "check-digit" },
		{ "legal-id", "x", "digits" }, { "legal-id", "11111111111", "repeated" }, { "bill-id", "12345", "length" },
		{ "bill-id", "x", "digits" }, { "payment-id", "123", "length" }, { "bill-barcode", "1", "length" },
		{ "bank-card", "1", "length" }, { "bank-card", "6037999970559288", "check-digit" }, { "sheba", "1", "format" },
		{ "mobile", "x", "digits" }, { "mobile", "0", "format" }, { "mobile", "09060000001", "prefix" },
		{ "landline", "x", "digits" }, { "landline", "1", "area" }, { "landline", "021", "length" },
		{ "landline", "02107236445", "subscriber" }, { "postal-code", "1", "length" }, { "postal-code", "0000000000", "format" },
		{ "plate", "1", "layout" }, { "plate", "12غ14547", "letter" }, { "plate", "10ب14547", "zero" }, { "plate", "12ب14550", "province" },
		{ "vin", "-", "letters" }, { "vin", "A", "length" }, { "vin", "IRFC123456789012O", "letter-o" },
		{ "vin", "NRFC123456789012I", "letter-i" }, { "vin", "NRFC123456789012Q", "letter-q" },
		{ "workshop-code", "0003630045", "branch" }, { "workshop-code", "0183630000", "file" }, { "workshop-code", "1", "length" },
		{ "insurance-number", "1", "length" }, { "case-number", "1", "length" }, { "case-number", "150068920000000012", "year" },
		{ "cheque-id", "1", "length" }, { "cheque-id", "0000000000000000", "zeros" }, { "jalali-date", "x", "format" },
		{ "jalali-date", "1400/13/01", "month" }, { "jalali-date", "1400/12/30", "day" }, { "amount", "x", "digits" },
		{ "digits", "x", "digits" }, { "choice", "x", "unknown" }, { "dial-code", "x", "format" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct menu_input_reason *reason = menu_input_reason_find(refusals[i].kind, refusals[i].rule);

		assert_false(check(refusals[i].kind, refusals[i].text));
		if (strcmp(result.rule, refusals[i].rule) != 0)
			fail_msg("%s \"%s\": %s, not %s", refusals[i].kind, refusals[i].text, result.rule, refusals[i].rule);
		assert_string_equal(reason->rule, refusals[i].rule);
		assert_string_equal(reason->kind, refusals[i].kind);
	}
	assert_string_equal(menu_input_reason_find("x", "y")->rule, "refused");
}

static FILE *table;
static char table_line[512], *table_fields[3];

static bool next_row(void)
{
	do {
		if (!fgets(table_line, sizeof(table_line), table))
			return false;
	} while (table_line[0] == '#');
	split(table_line, table_fields);
	return true;
}

static void tables_are_their_sources(void **state)
{
	size_t i;

	(void)state;
	table = open_data("tables", "card_bins");
	for (i = 0; next_row(); i++) {
		assert_string_equal(menu_input_bins[i].digits, table_fields[0]);
		assert_string_equal(menu_input_bins[i].bank, table_fields[1]);
	}
	assert_null(menu_input_bins[i].digits);
	fclose(table);
	table = open_data("tables", "area_codes");
	for (i = 0; next_row(); i++) {
		assert_string_equal(menu_input_areas[i].digits, table_fields[0]);
		assert_string_equal(menu_input_areas[i].province, table_fields[1]);
	}
	assert_null(menu_input_areas[i].digits);
	fclose(table);
	table = open_data("tables", "plate_letters");
	for (i = 0; next_row(); i++) {
		assert_string_equal(menu_input_letters[i].letter, table_fields[0]);
		assert_string_equal(menu_input_letters[i].class, table_fields[1]);
	}
	assert_null(menu_input_letters[i].letter);
	fclose(table);
}

static void prefixes_are_their_source(void **state)
{
	size_t i = 0;

	(void)state;
	table = open_data("tables", "mobile_prefixes");
	while (next_row())
		for (char *save, *part = strtok_r(table_fields[0], ",", &save); part; part = strtok_r(NULL, ",", &save), i++) {
			char *dash = strchr(part, '-');

			if (dash)
				*dash++ = '\0';
			assert_string_equal(menu_input_prefixes[i].from, part);
			assert_string_equal(menu_input_prefixes[i].to, dash ? dash : part);
			assert_string_equal(menu_input_prefixes[i].operator, table_fields[1]);
		}
	assert_null(menu_input_prefixes[i].from);
	fclose(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_every_vector),
		cmocka_unit_test(holds_the_vectors_of_bills_and_payments),
		cmocka_unit_test(a_payment_belongs_to_its_bill),
		cmocka_unit_test(a_barcode_gives_both_numbers),
		cmocka_unit_test(facts_and_normal_forms),
		cmocka_unit_test(amounts),
		cmocka_unit_test(digits_and_texts_have_lengths),
		cmocka_unit_test(choices),
		cmocka_unit_test(every_kind_answers_to_anything),
		cmocka_unit_test(reasons_fit_a_phone),
		cmocka_unit_test(each_refusal_has_its_sentence),
		cmocka_unit_test(tables_are_their_sources),
		cmocka_unit_test(prefixes_are_their_source),
	};

	menu_unicode_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
