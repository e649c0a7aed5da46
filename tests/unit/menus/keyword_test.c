/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Keywords: what people really type, as a table; the words of the gateway's own; numbers; what is said back; and texts that
 * nobody should be able to do anything with. The keywords are those of the sample menu. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "menus/keyword.h"
#include "menus/set.h"
#include "menus/unicode.h"

#define BILLS "40402020"
#define BALANCE "40401463"
#define BILL "7748317800142"
#define PAYMENT "1770160"
#define ID "0499370899"         /* computed: of nobody */

static void *ctx;
static const struct menu_keywords *keywords;
static struct menu_sms sms;

static int begin(void **state)
{
	const char *const folder[] = { "menus/sample" };
	struct menu_diags *diags;
	struct menu_set *set;

	(void)state;
	ctx = talloc_new(NULL);
	menu_unicode_init();
	diags = menu_diags_alloc(ctx);
	set = menu_set_load(ctx, folder, 1, diags);
	menu_diags_print(diags, stdout);
	keywords = set ? menu_set_keywords(set) : NULL;
	return keywords ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	return talloc_free(ctx);
}

/* "request bill bill_id=7748317800142", "help bill length", "state 123456782", "nothing". */
static const char *told(const char *to, const char *text, size_t octets)
{
	static char out[2048];
	int n;

	memset(&sms, 0xA5, sizeof(sms));
	menu_sms_read(keywords, to, text, octets, &sms);
	n = snprintf(out, sizeof(out), "%s", menu_sms_kind_name(sms.kind));
	if (sms.keyword)
		n += snprintf(out + n, sizeof(out) - (size_t)n, " %s", sms.keyword->service);
	for (size_t i = 0; i < sms.n_fields; i++)
		n += snprintf(out + n, sizeof(out) - (size_t)n, " %s=%s", sms.fields[i].name, sms.fields[i].value);
	if (sms.rule)
		n += snprintf(out + n, sizeof(out) - (size_t)n, " %s", sms.rule);
	if (sms.kind == MENU_SMS_STATE)
		snprintf(out + n, sizeof(out) - (size_t)n, " %s", sms.code);
	return out;
}

struct row { const char *to, *text, *told; };

static void judge(const struct row *rows, size_t n)
{
	unsigned int bad = 0;

	for (size_t i = 0; i < n; i++) {
		const char *is = told(rows[i].to, rows[i].text, strlen(rows[i].text));

		if (strcmp(is, rows[i].told) == 0)
			continue;
		print_message("\"%s\" is %s, wanted %s\n", rows[i].text, is, rows[i].told);
		bad++;
	}
	assert_int_equal(bad, 0);
}
#define JUDGE(rows) judge(rows, sizeof(rows) / sizeof(rows[0]))

static void test_one_value_in_all_its_spellings(void **state)
{
	static const char *const texts[] = {
		"bill " BILL, "BILL " BILL, "Bill  " BILL " ", "bill\n" BILL, "bill\r\n\r\n" BILL, "bill\t" BILL, "bill*" BILL, "bill#" BILL,
		"bill," BILL, "bill, " BILL ".", "bill:" BILL, "bill: " BILL, "bill=" BILL, "bill-" BILL, "bill/" BILL, "bill;" BILL,
		"bill" BILL, "*bill*" BILL "#", "\"bill " BILL "\"", "bill (" BILL ")", "bill <" BILL ">", "[bill] [" BILL "]",
		"قبض " BILL, "قبض " "۷۷۴۸۳۱۷۸۰۰۱۴۲", "قبض " "٧٧٤٨٣١٧٨٠٠١٤٢", "قبض۷۷۴۸۳۱۷۸۰۰۱۴۲", "قبض:۷۷۴۸۳۱۷۸۰۰۱۴۲", "قَبض " BILL, "قـبـض " BILL,
		"«قبض» " BILL, "قبض، " BILL, "قبض؛" BILL, "\u200Fقبض\u200E " BILL "\u200F", "\u202Bقبض " BILL "\u202C", "قبض\u00A0" BILL, "قبض\u200C" BILL,
		"1 " BILL, "1*" BILL, "1#" BILL, "*1*" BILL "#", "*1*" BILL "*", "#1*" BILL "*", "۱*۷۷۴۸۳۱۷۸۰۰۱۴۲#", "٭۱٭۷۷۴۸۳۱۷۸۰۰۱۴۲＃",
		BILL " bill", BILL " قبض", BILL "*1", "#" BILL "*1*", BILL "#1", BILL "قبض", BILL ".", BILL, "*" BILL "#", "#" BILL "*", " " BILL "\n",
		"7748-3178-00142", "7748 3178 00142", "7748.3178.00142", "bill 7748 3178 00142", "قبض ۷۷۴۸ ۳۱۷۸ ۰۰۱۴۲", "bill 7748-3178-00142",
	};
	unsigned int bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *is = told(BILLS, texts[i], strlen(texts[i]));
		bool wanted = strcmp(is, "request bill bill_id=" BILL) == 0;

		if (!wanted)
			print_message("\"%s\" is %s\n", texts[i], is);
		bad += !wanted;
	}
	assert_int_equal(bad, 0);
}

static void test_several_values_and_sub_keywords(void **state)
{
	static const char paid[] = "request bill.paid bill_id=" BILL " payment_id=" PAYMENT;
	static const char meter[] = "request meter bill_id=" BILL " reading=4711";
	static const struct row rows[] = {
		{ BILLS, "bill paid " BILL " " PAYMENT, paid },
		{ BILLS, "*1*2*" BILL "*" PAYMENT "#", paid },
		{ BILLS, "1#2#" BILL "#" PAYMENT, paid },
		{ BILLS, "#" PAYMENT "*" BILL "*2*1*", paid },           /* as a Persian line shows it */
		{ BILLS, BILL " " PAYMENT " پرداخت قبض", paid },
		{ BILLS, "قبض پرداخت\n" BILL "\n" PAYMENT, paid },
		{ BILLS, "قبض پرداخت ۷۷۴۸ ۳۱۷۸ ۰۰۱۴۲ ۱۷۷۰۱۶۰", paid },       /* groups, and no mark says where one ends */
		{ BILLS, "bill paid 7748-3178-00142, 177-0160", paid },
		{ BILLS, "قبض پرداخت " PAYMENT " " BILL, paid },           /* turned around by the line's direction */
		{ BILLS, "meter " BILL " 4711", meter },
		{ BILLS, "کنتور*" BILL "*4711#", meter },
		{ BILLS, "كنتور " BILL " ٤٧١١", meter },                 /* an Arabic kaf and Arabic digits */
		{ BILLS, "3," BILL ",4,711", meter },
		{ BILLS, "complaint " BILL " no light since Monday, please help", "request complaint bill_id=" BILL " words=no light since Monday, please help" },
		{ BILLS, "شكايت " BILL " برق نداریم", "request complaint bill_id=" BILL " words=برق نداریم" },
		{ BALANCE, "مانده " ID, "request balance national_id=" ID },
		{ BALANCE, "مانده یارانه " ID, "request balance national_id=" ID },
		{ BALANCE, "مانده‌یارانه " ID, "request balance national_id=" ID },
		{ BALANCE, "ماندهیارانه" ID, "request balance national_id=" ID },
		{ BALANCE, "049-937089-9", "request balance national_id=" ID },
		{ BALANCE, "account " ID " IR062960000000100324200001", "request account national_id=" ID " sheba=IR062960000000100324200001" },
		{ BALANCE, "حساب*" ID "*062960000000100324200001#", "request account national_id=" ID " sheba=IR062960000000100324200001" },
	};

	(void)state;
	JUDGE(rows);
}

static void test_what_is_wrong_is_told(void **state)
{
	static const struct row rows[] = {
		{ BILLS, "bill", "help bill missing" },
		{ BILLS, "قبض؟", "help bill missing" },
		{ BILLS, "*1#", "help bill missing" },
		{ BILLS, "bill 123", "help bill length" },
		{ BILLS, "bill " BILL "1", "help bill length" },
		{ BILLS, "bill 7748317800143", "help bill check-digit" },
		{ BILLS, "bill yes please", "help bill digits" },
		{ BILLS, "7748317800143", "help bill check-digit" },      /* the only keyword that takes a value alone */
		{ BILLS, "bill paid " BILL, "help bill.paid missing" },
		{ BILLS, "bill paid " BILL " 1770161", "help bill.paid bill" },
		{ BILLS, "meter*" BILL "*1*2", "help meter too-many" },
		{ BILLS, "شکایت " BILL, "help complaint missing" },
		{ BILLS, "help bill", "help bill" },
		{ BILLS, "راهنما قبض", "help bill" },
		{ BILLS, "قبض راهنما", "help bill" },
		{ BILLS, "راهنمای قبض", "help bill" },
		{ BILLS, "help bill paid", "help bill.paid" },
		{ BILLS, "how are you", "nothing" },
		{ BILLS, "سلام", "nothing" },
		{ BILLS, "balance " ID, "nothing" },                      /* a keyword of another number */
		{ BILLS, "billing " BILL, "nothing" },
		{ BILLS, "1" BILL, "help bill length" },                  /* no space between two numbers */
		{ "5000", "bill " BILL, "nothing" },
		{ BILLS, "", "nothing" },
		{ BILLS, " \n ", "nothing" },
		{ BILLS, "***###", "nothing" },
	};

	(void)state;
	JUDGE(rows);
}

static void test_our_own_words(void **state)
{
	static const struct row rows[] = {
		{ BILLS, "*11#", "stop" },           { BILLS, "Stop.", "stop" },              { BILLS, "لغو", "stop" },
		{ BILLS, " لغو  ۱۱ ", "stop" },      { BILLS, "stop all", "stop" },           { BILLS, "وصل", "start" },
		{ BILLS, "0", "list" },              { BILLS, "؟؟", "list" },                  { BILLS, "?", "list" },
		{ BILLS, "1 1", "help bill length" },{ BILLS, "stop bill", "help bill digits" },
		{ BILLS, "cancel 123", "nothing" },  { BILLS, "راهنمایی", "list" },            { BILLS, "list", "list" },
		{ BILLS, "123456782", "state 123456782" },      { BILLS, "۱۲۳ ۴۵۶ ۷۸۲", "state 123456782" },
		{ BILLS, "*123456782#", "state 123456782" },    { BILLS, "پیگیری 123456782", "state 123456782" },
		{ BILLS, "پیگیری123456782", "state 123456782" }, { BILLS, "کد پیگیری: 123-456-782", "state 123456782" },
		{ BILLS, "state 123456782", "state 123456782" }, { BILLS, "123456782 پیگیری", "state 123456782" },
		{ BILLS, "پیگیری", "state " },       { BILLS, "status", "state " },
		{ BILLS, "پیگیری 123456783", "state code " },   { BILLS, "status 12", "state code " },
		{ BILLS, "023456787", "help bill check-digit" },  /* no code: it begins with 0 */
	};

	(void)state;
	JUDGE(rows);
}

static void test_stop_words_of_the_vectors(void **state)
{
	FILE *file = fopen("tests/data/vectors/optout_words.tsv", "re");
	static const struct { const char *verdict, *told; } names[] = { { "optout", "stop" }, { "optin", "start" }, { "help", "list" }, { "none", "nothing" } };
	char line[512];
	unsigned int n = 0;

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		char *verdict = strchr(line, '\t'), *note;
		size_t i;

		if (line[0] == '#' || !verdict)
			continue;
		*verdict++ = '\0';
		note = strchr(verdict, '\t');
		assert_non_null(note);
		*note = '\0';
		for (i = 0; strcmp(names[i].verdict, verdict) != 0; i++)
			assert_true(i < 3);
		if (strcmp(told(BALANCE, line, strlen(line)), names[i].told) != 0)
			fail_msg("\"%s\" is %s, wanted %s", line, told(BALANCE, line, strlen(line)), names[i].told);
		n++;
	}
	fclose(file);
	assert_true(n > 15);
}

static void test_a_bill_that_reads_as_a_code(void **state)
{
	(void)state;
	/* A bill ID of nine digits whose last digit is good in both ways: a request, and the router may look for the code. */
	for (unsigned int i = 10000000; i < 10010000; i++) {
		char text[16];

		snprintf(text, sizeof(text), "%08u", i);
		snprintf(text, sizeof(text), "%08u%c", i, menu_code_check_digit(text));
		told(BILLS, text, strlen(text));
		assert_string_equal(sms.code, text);
		if (sms.kind == MENU_SMS_REQUEST) {
			assert_string_equal(sms.fields[0].value, text);
			return;
		}
		assert_int_equal(sms.kind, MENU_SMS_STATE);
	}
	fail_msg("no such bill ID was found");
}

static void test_codes(void **state)
{
	char code[MENU_CODE_DIGITS + 1];

	(void)state;
	assert_true(menu_code_read("123456782", 9, code));
	for (unsigned int at = 0; at < 9; at++)
		for (char digit = '0'; digit <= '9'; digit++) { /* one wrong digit is always seen */
			char text[] = "123456782";

			text[at] = digit;
			assert_int_equal(menu_code_read(text, 9, code), strcmp(text, "123456782") == 0);
		}
	assert_false(menu_code_read("1234567820", 10, code));
	assert_string_equal(code, "");
	assert_false(menu_code_read("", 0, code));
	assert_false(menu_code_read("\xff\xfe", 2, code));
	assert_false(menu_code_read("12345678x", 9, code));
}

static void test_numbers(void **state)
{
	static const char *const same[] = { BILLS, "+98" BILLS, "98" BILLS, "0098" BILLS, "0" BILLS };

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		assert_string_equal(told(same[i], "bill " BILL, strlen("bill " BILL)), "request bill bill_id=" BILL);
	assert_string_equal(told("", "bill " BILL, strlen("bill " BILL)), "nothing");
	assert_string_equal(told("11111111111111111111111111111111111111111111111111", "bill", 4), "nothing");
	assert_string_equal(menu_keywords_of(keywords, BILLS, 0)->service, "bill");
	assert_string_equal(menu_keywords_of(keywords, BILLS, 2)->service, "complaint");
	assert_null(menu_keywords_of(keywords, BILLS, 3));
	assert_null(menu_keywords_of(keywords, "5000", 0));
}

/* ---- what is said back ---- */

static bool one_part(const void *arg, const char *text, size_t octets)
{
	size_t units = 0;
	bool wide = false;

	(void)arg;
	for (size_t i = 0; i < octets; i++) {
		wide = wide || (unsigned char)text[i] >= 0x80;
		units += ((unsigned char)text[i] & 0xC0) != 0x80;
	}
	return units <= (wide ? 70 : 160);
}

static void test_help_says_what_is_wrong_and_how_it_is_right(void **state)
{
	char text[1024];
	size_t n;

	(void)state;
	told(BILLS, "bill 123", 8);
	n = menu_sms_help(&sms, 0, one_part, NULL, text, sizeof(text));
	assert_int_equal(n, strlen(text));
	assert_non_null(strstr(text, "قبض (شناسه قبض)"));
	assert_non_null(strchr(text, '\n'));              /* and the reason above it */
	menu_sms_help(&sms, 1, one_part, NULL, text, sizeof(text));
	assert_non_null(strstr(text, "Send: bill (bill ID)"));
	told(BILLS, "bill paid", 9);
	menu_sms_help(&sms, 1, one_part, NULL, text, sizeof(text));
	assert_string_equal(text, "Please add: bill ID\nSend: bill paid (bill ID) (payment ID)\nbill ID: 6 to 13 digits\npayment ID: 6 to 13 digits");
	told(BILLS, "help meter", 10);
	menu_sms_help(&sms, 1, one_part, NULL, text, sizeof(text));
	assert_non_null(strstr(text, "Meter reading\nSend: meter (bill ID) (reading)"));
	n = menu_sms_list(keywords, BILLS, 1, one_part, NULL, text, sizeof(text));
	assert_int_equal(n, strlen(text));
	assert_string_equal(text, "Send:\nbill (bill ID)\nmeter (bill ID) (reading)\ncomplaint (bill ID) (your words)");
	assert_int_equal(menu_sms_list(keywords, BILLS, 0, one_part, NULL, text, 8), 0);
}

/* All helps of all keywords, after each thing that can be wrong, are one part; and what they show can be sent back. */
static void test_every_help_is_one_part(void **state)
{
	char text[1024], message[256];

	(void)state;
	for (size_t i = 0; i < keywords->n; i++)
		for (unsigned int language = 0; language < MENU_LANGUAGES; language++) {
			const struct menu_keyword *keyword = &keywords->at[i];
			const char *to = keyword->numbers ? (keyword->parent ? keyword->parent : keyword)->numbers[0] : "";

			snprintf(message, sizeof(message), "%s %s %s", keyword->parent ? keyword->parent->shown[language] : "", keyword->shown[language], "x y 1");
			told(to, message, strlen(message));
			assert_int_equal(sms.kind == MENU_SMS_HELP || sms.kind == MENU_SMS_REQUEST, true);
			assert_ptr_equal(sms.keyword, keyword);
			assert_true(menu_sms_help(&sms, language, one_part, NULL, text, sizeof(text)) > 0);
			assert_true(one_part(NULL, text, strlen(text)));
			assert_true(menu_keyword_format(keyword, language, text, sizeof(text)) > 0);
			told(to, text, strlen(text));
			assert_ptr_equal(sms.keyword, keyword); /* sent back as it stands it is known at least */
		}
}

/* ---- hostile ---- */

static void test_hostile_texts(void **state)
{
	static char text[8192];
	unsigned int seed = 7;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_string_equal(told(BILLS, text, sizeof(text)), "nothing");
	assert_string_equal(told(BILLS, text, MENU_KEYWORD_TEXT_OCTETS), "nothing");
	for (size_t i = 0; i < MENU_KEYWORD_TEXT_OCTETS; i++) /* a thousand fields */
		text[i] = i % 2 ? '*' : '1';
	assert_string_equal(told(BILLS, text, MENU_KEYWORD_TEXT_OCTETS), "help bill too-long");
	memcpy(text, "complaint 7748317800142", 23);
	told(BILLS, text, MENU_KEYWORD_TEXT_OCTETS);
	assert_int_equal(sms.kind, MENU_SMS_HELP);
	for (size_t i = 0; i + 3 <= MENU_KEYWORD_TEXT_OCTETS; i += 3) /* one letter that folds to eighteen: more than any room */
		memcpy(text + i, "\uFDFA", 3);
	assert_string_equal(told(BILLS, text, MENU_KEYWORD_TEXT_OCTETS - 2), "nothing");
	assert_string_equal(told(BILLS, "bill\0 7748317800142", 19), "request bill bill_id=" BILL);
	assert_string_equal(told(BILLS, "bill \xff\xff", 7), "nothing");
	assert_string_equal(told(BILLS, "bill \xd9", 6), "nothing"); /* half a letter */
	for (unsigned int round = 0; round < 3000; round++) {
		size_t n = (size_t)(rand_r(&seed) % 60);

		for (size_t i = 0; i < n; i++)
			text[i] = "1279*# ,.-/:billق\xd9\x82\xd8\xa8\n"[rand_r(&seed) % 24];
		told(BILLS, text, n);
		assert_true(sms.kind < MENU_SMS_KINDS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_value_in_all_its_spellings),
		cmocka_unit_test(test_several_values_and_sub_keywords),
		cmocka_unit_test(test_what_is_wrong_is_told),
		cmocka_unit_test(test_our_own_words),
		cmocka_unit_test(test_stop_words_of_the_vectors),
		cmocka_unit_test(test_a_bill_that_reads_as_a_code),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_help_says_what_is_wrong_and_how_it_is_right),
		cmocka_unit_test(test_every_help_is_one_part),
		cmocka_unit_test(test_hostile_texts),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
