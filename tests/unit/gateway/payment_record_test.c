/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The record of a payment: made and read again, what a bill's numbers must be, words of an agency, and a ledger that lies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>

#include "gateway/payment_record.h"
#include "menus/unicode.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define AT_MS INT64_C(1584264600123)

static json_t *made(void)
{
	const struct gw_payment_new new = { .msisdn = "989121234567", .channel = "ussd", .account = "", .language = "fa", .bill_id = "7748317800142",
		.payment_id = "1770160", .amount = 17000, .kind_fa = "برق", .kind_en = "Electricity", .issuer = "bills" };
	json_t *record = gw_payment_make(&new, 7, AT_MS);

	assert_non_null(record);
	return record;
}

static json_t *decoded(const json_t *record)
{
	char *text = json_dumps(record, JSON_COMPACT);
	json_t *back = gw_payment_decode(text, strlen(text));

	free(text);
	return back;
}

/* ---- bills */

static void numbers_of_a_bill(void **state)
{
	static const struct { const char *bill, *payment; int64_t amount; const char *fault; } table[] = {
		{ "7748317800142", "1770160", 17000, NULL },
		{ "۷۷۴۸۳۱۷۸۰۰۱۴۲", "۱۷۷۰۱۶۰", 17000, NULL },
		{ "0007748317800142", "0001770160", 17000, NULL },
		{ "2273482444320", "9876580379", 98765000, NULL },
		{ "7748317800143", "1770160", 17000, "bill_id" },
		{ "", "1770160", 17000, "bill_id" },
		{ "77483178001427748317800142", "1770160", 17000, "bill_id" },
		{ "7748317800142", "1770161", 17000, "payment_id" },
		{ "7748317800142", "", 17000, "payment_id" },
		{ "7748317800142", "9876580379", 98765000, "payment_id" }, /* of another bill */
		{ "7748317800142", "1770160", 17001, "amount" },
		{ "7748317800142", "1770160", 0, "amount" },
		{ "7748317800142", "1770160", -17000, "amount" },
		{ "7748317800142", "1770160", INT64_MAX, "amount" },
		{ "7748317800142", "1770160", INT64_MIN, "amount" },
	};
	char bill[GW_PAYMENT_NUMBER_OCTETS], payment[GW_PAYMENT_NUMBER_OCTETS];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const char *fault = gw_payment_check_bill(table[i].bill, table[i].payment, table[i].amount, bill, payment);

		if ((fault == NULL) != (table[i].fault == NULL) || (fault && strcmp(fault, table[i].fault) != 0))
			fail_msg("row %zu: %s", i, fault ? fault : "good");
	}
	assert_null(gw_payment_check_bill("0007748317800142", "0001770160", 17000, bill, payment));
	assert_string_equal("7748317800142", bill);
	assert_string_equal("1770160", payment);
}

static void codes_are_not_those_of_requests(void **state)
{
	char code[GW_REQUEST_CODE_OCTETS], read[GW_REQUEST_CODE_OCTETS];

	(void)state;
	for (unsigned int i = 0; i < 500; i++) {
		gw_payment_draw_code(i % 16, code);
		assert_true(gw_payment_code_read(code, read));
		assert_string_equal(code, read);
		gw_request_draw_code(i % 16, code);
		assert_true(gw_request_code_read(code, read));
		assert_false(gw_payment_code_read(code, read));
	}
	assert_false(gw_payment_code_read("", read));
	assert_false(gw_payment_code_read("12345678901234567890", read));
}

/* ---- made, read, changed, shown */

static void made_and_read(void **state)
{
	json_t *record = made(), *back = decoded(record), *shown;

	(void)state;
	assert_non_null(back);
	assert_true(json_equal(record, back));
	assert_int_equal(GW_PAYMENT_OPEN, gw_payment_state(back));
	assert_string_equal("unknown", gw_payment_word(back));
	assert_string_equal("برق", gw_payment_kind(back, "fa"));
	assert_string_equal("Electricity", gw_payment_kind(back, "en"));
	assert_string_equal("برق", gw_payment_kind(back, "de"));
	shown = gw_payment_show(back);
	assert_string_equal("2020-03-15T09:30:00.123Z", gw_request_text(shown, "at"));
	assert_null(json_object_get(shown, "id")); /* between us and the payment agency */
	assert_null(json_object_get(shown, "content"));
	json_decref(shown);
	json_decref(back);
	json_decref(record);
}

static void each_state_is_read_back(void **state)
{
	(void)state;
	for (int i = 0; gw_payment_states[i]; i++) {
		json_t *record = made(), *back;

		gw_payment_set(record, (enum gw_payment_state)i, "R1", "no", AT_MS + 5);
		back = decoded(record);
		assert_non_null(back);
		assert_int_equal(i, gw_payment_state(back));
		assert_string_equal(gw_payment_over((enum gw_payment_state)i) ? gw_payment_states[i] : "unknown", gw_payment_word(back));
		json_decref(back);
		json_decref(record);
	}
}

static void no_record_of_what_is_not_utf8(void **state)
{
	struct gw_payment_new new = { .msisdn = "989121234567", .channel = "ussd", .account = "", .language = "fa", .bill_id = "7748317800142",
		.payment_id = "1770160", .amount = 17000, .kind_fa = "\xff\xfe", .kind_en = "x", .issuer = "bills" };

	(void)state;
	assert_null(gw_payment_make(&new, 7, AT_MS));
}

/* ---- the words of an agency */

static void words(void **state)
{
	static const char x64[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	static const struct { const char *said, *kept; } table[] = {
		{ "", "" }, { "funds", "funds" }, { "not enough money", "not enough money" }, { "  not   enough\tmoney \n", "not enough money" },
		{ "a\r\nb", "a b" }, { "\x01\x02", "" }, { "موجودی", "" }, { "bank موجودی closed", "bank closed" }, { "\xff\xfe" "a\x7f" "b", "a b" },
		{ "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", x64 },
		{ "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx y", x64 },
		{ "\"},\"state\":\"paid", "\"},\"state\":\"paid" },
	};
	char *long_one = malloc(100001);

	(void)state;
	memset(long_one, 'x', 100000);
	long_one[100000] = '\0';
	for (size_t i = 0; i <= COUNT(table); i++) {
		json_t *record = made(), *back;
		const char *said = i < COUNT(table) ? table[i].said : long_one, *kept = i < COUNT(table) ? table[i].kept : x64;

		gw_payment_set(record, GW_PAYMENT_REFUSED, said, said, AT_MS);
		assert_string_equal(kept, gw_request_text(record, "reference"));
		assert_string_equal(kept, gw_request_text(record, "why"));
		back = decoded(record);
		assert_non_null(back);
		assert_int_equal(GW_PAYMENT_REFUSED, gw_payment_state(back));
		json_decref(back);
		json_decref(record);
	}
	free(long_one);
}

/* ---- a ledger that lies: one thing of a good record is another */

static void lies(void **state)
{
	static const struct { const char *name, *json; bool good; } table[] = {
		{ "at", "0", true }, { "at", "253402300799999", true }, { "at", "-1", false }, { "at", "253402300800000", false },
		{ "at", "9223372036854775807", false }, { "at", "-9223372036854775808", false }, { "at", "1.5", false }, { "at", "\"5\"", false },
		{ "at", "null", false }, { "changed", "-1", false }, { "changed", "9223372036854775807", false }, { "changed", "[]", false },
		{ "amount", "1", true }, { "amount", "99999999000", true }, { "amount", "0", false }, { "amount", "-17000", false },
		{ "amount", "99999999001", false }, { "amount", "9223372036854775807", false }, { "amount", "1e3", false }, { "amount", "true", false },
		{ "code", "\"\"", false }, { "code", "\"123456789\"", false }, { "code", "7", false },
		{ "code", "\"../../../etc/passwd\"", false },
		{ "id", "\"\"", false }, { "id", "\"pxx-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", false }, { "id", "{}", false },
		{ "msisdn", "\"\"", false }, { "msisdn", "\"989121234567989121234\"", false }, { "msisdn", "\"98\\n\"", false },
		{ "bill_id", "\"1234567890123456\"", false }, { "bill_id", "\"\"", false }, { "payment_id", "\"1234567890123456\"", false },
		{ "payment_id", "false", false },
		{ "issuer", "\"\"", true }, { "issuer", "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"", false },
		{ "account", "\"\\u0001\"", false }, { "reference", "\"\\u0645\"", false }, { "why", "\"not enough money\"", true },
		{ "state", "\"\"", false }, { "state", "\"PAID\"", false }, { "state", "\"paid \"", false }, { "state", "3", false },
		{ "kind", "7", true }, { "kind", "{\"fa\":7}", true }, { "language", "[]", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		json_t *record = made(), *back;

		json_object_set_new(record, table[i].name, json_loads(table[i].json, JSON_DECODE_ANY, NULL));
		back = decoded(record);
		if ((back != NULL) != table[i].good)
			fail_msg("%s: %s", table[i].name, table[i].json);
		if (back) {
			json_t *shown = gw_payment_show(back);

			assert_non_null(gw_payment_kind(back, "fa"));
			json_decref(shown);
		}
		json_decref(back);
		json_decref(record);
	}
}

static void what_is_missing(void **state)
{
	static const char *const names[] = { "code", "id", "msisdn", "bill_id", "payment_id", "amount", "state", "at", "changed" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		json_t *record = made();

		json_object_del(record, names[i]);
		assert_null(decoded(record));
		json_decref(record);
	}
}

static void what_is_no_json(void **state)
{
	static const char *const texts[] = { "", "{", "null", "[]", "7", "\"paid\"", "{}", "{\"state\":\"paid\",\"state\":\"paid\"}", "{\"state\":\"paid\"}x" };
	json_t *record = made();
	char *text = json_dumps(record, JSON_COMPACT);

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_null(gw_payment_decode(texts[i], strlen(texts[i])));
	for (size_t n = 0; n < strlen(text); n++)
		assert_null(gw_payment_decode(text, n)); /* each prefix */
	free(text);
	json_decref(record);
}

static int begin(void **state)
{
	(void)state;
	menu_unicode_init();
	return sodium_init() < 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_of_a_bill), cmocka_unit_test(codes_are_not_those_of_requests), cmocka_unit_test(made_and_read),
		cmocka_unit_test(each_state_is_read_back), cmocka_unit_test(no_record_of_what_is_not_utf8), cmocka_unit_test(words),
		cmocka_unit_test(lies), cmocka_unit_test(what_is_missing), cmocka_unit_test(what_is_no_json),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
