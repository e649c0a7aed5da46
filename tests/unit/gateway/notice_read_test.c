/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What agencies write as a notice: good ones and what comes of them, bad ones and where it is said that they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/notice_read.h"
#include "menus/unicode.h"

#define NOW_MS 1584262800000LL /* 2020-03-15T09:00:00Z */

static void *ctx;
static struct gw_notice_terms terms = { .agency = "tax", .sender = "MALIAT", .now_ms = NOW_MS, .can_seal = true };
static struct gw_notice_reading reading;

static struct gw_template *bill[1];

static int begin(void **state)
{
	json_t *text;

	(void)state;
	ctx = talloc_named_const(NULL, 0, "test");
	menu_unicode_init();
	text = json_pack("{s:s}", "fa", "مبلغ: {amount|rial}");
	bill[0] = gw_template_compile(ctx, "bill", text, &(struct gw_mistakes){ 0 });
	json_decref(text);
	terms.n_templates = 1;
	terms.templates = bill;
	return sodium_init() < 0;
}

static int end(void **state)
{
	(void)state;
	talloc_free(ctx);
	return 0;
}

static bool read_json(json_t *json)
{
	bool good = gw_notice_read(ctx, json, &terms, &reading);

	assert_int_equal(good, reading.notice != NULL);
	assert_int_equal(good, reading.mistakes.n == 0);
	json_decref(json);
	return good;
}

static bool read_text(const char *text)
{
	json_error_t error;
	json_t *json = json_loads(text, JSON_DECODE_ANY, &error);

	if (!json)
		fail_msg("%s: %s", text, error.text);
	return read_json(json);
}

static struct gw_notice *read_good(const char *text)
{
	if (!read_text(text))
		fail_msg("%s\n  %s: %s", text, reading.mistakes.at[0].pointer, reading.mistakes.at[0].detail);
	return reading.notice;
}

static void the_least_that_is_a_notice(void **state)
{
	struct gw_notice *notice = read_good("{\"to\": \"09123456789\", \"text\": {\"fa\": \"قبض شما صادر شد.\\nمهلت: فردا\"}}");

	(void)state;
	assert_string_equal(notice->msisdn, "989123456789");
	assert_string_equal(reading.to, "989123456789");
	assert_string_equal(notice->text[0], "قبض شما صادر شد.\nمهلت: فردا");
	assert_string_equal(notice->text[1], "");
	assert_string_equal(notice->agency, "tax");
	assert_string_equal(notice->sender, "MALIAT");
	assert_int_equal(notice->klass, GW_NOTICE_INFO);
	assert_int_equal(notice->priority, GW_NOTICE_NORMAL);
	assert_int_equal(notice->channels, GW_CHANNEL_SMS | GW_CHANNEL_INBOX);
	assert_false(notice->give_up || notice->flash || notice->sensitive);
	assert_string_equal(notice->id, "");
	assert_string_equal(reading.national_id, "");
	talloc_free(notice);
}

static void all_that_a_notice_can_say(void **state)
{
	struct gw_notice *notice = read_good(
		"{\"to\": \"+98 (912) 345-6789\", \"text\": {\"fa\": \"سلام\", \"en\": \"Hello\"}, \"title\": \"وقت\", \"class\": \"legal\", "
		"\"priority\": \"urgent\", \"channels\": [\"inbox\", \"sms\", \"ussd\"], \"reference\": \"پرونده 77/a\", \"language\": \"en\", "
		"\"not_before\": \"2020-03-15T13:00:00+03:30\", \"not_after\": \"2020-03-16T00:00:00Z\", \"on_unknown\": \"give_up\", "
		"\"replies\": [\"می‌آیم\", \"نمی‌آیم\"], \"sensitive\": true, \"national_id\": \"001-354241-9\", \"flash\": true, \"sender\": \"MALIAT\"}");

	(void)state;
	assert_string_equal(notice->msisdn, "989123456789");
	assert_string_equal(notice->text[1], "Hello");
	assert_string_equal(notice->title, "وقت");
	assert_string_equal(notice->reference, "پرونده 77/a");
	assert_string_equal(notice->language, "en");
	assert_int_equal(notice->klass, GW_NOTICE_LEGAL);
	assert_int_equal(notice->priority, GW_NOTICE_URGENT);
	assert_int_equal(notice->channels, GW_CHANNEL_SMS | GW_CHANNEL_USSD | GW_CHANNEL_INBOX);
	assert_int_equal(notice->not_before_ms, NOW_MS + 1800000);
	assert_int_equal(notice->not_after_ms, NOW_MS + 15 * 3600000);
	assert_true(notice->give_up && notice->sensitive && notice->flash);
	assert_int_equal(notice->n_replies, 2);
	assert_string_equal(notice->replies[1], "نمی‌آیم");
	assert_string_equal(reading.national_id, "0013542419");
	talloc_free(notice);
}

static void numbers_in_every_form(void **state)
{
	static const char *const forms[] = { "09123456789", "9123456789", "989123456789", "+989123456789", "00989123456789", "0912 345 6789",
					     "۰۹۱۲۳۴۵۶۷۸۹", "٠٩١٢٣٤٥٦٧٨٩", "+98-912-345-6789", "‎09123456789" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		json_t *json = json_pack("{s:s, s:{s:s}}", "to", forms[i], "text", "en", "x");

		assert_true(read_json(json));
		assert_string_equal(reading.notice->msisdn, "989123456789");
		talloc_free(reading.notice);
	}
}

#define TO "\"to\": \"09123456789\""
#define TEXT "\"text\": {\"en\": \"x\"}"
#define GOOD TO ", " TEXT

static void a_template_with_its_fields(void **state)
{
	struct gw_notice *notice = read_good("{" TO ", \"template\": \"bill\", \"fields\": {\"amount\": 120000}}");

	(void)state;
	assert_string_equal(notice->text[0], "مبلغ: 120,000 ریال");
	assert_string_equal(notice->text[1], "");
	talloc_free(notice);
}

static void bad_ones_say_where(void **state)
{
	size_t blocks = talloc_total_blocks(ctx);
	static const struct { const char *text, *pointers; } bad[] = {
		{ "{}", "/to /text" }, { "[]", "." }, { "null", "." }, { "\"text\"", "." }, { "7", "." }, { "[{" GOOD "}]", "." },
		{ "{" TEXT "}", "/to" }, { "{" TO "}", "/text" },
		{ "{\"to\": 9123456789, " TEXT "}", "/to" }, { "{\"to\": null, " TEXT "}", "/to" }, { "{\"to\": \"\", " TEXT "}", "/to" },
		{ "{\"to\": [\"09123456789\"], " TEXT "}", "/to" }, { "{\"to\": \"02188776655\", " TEXT "}", "/to" },
		{ "{\"to\": \"0912345678\", " TEXT "}", "/to" }, { "{\"to\": \"091234567890\", " TEXT "}", "/to" },
		{ "{\"to\": \"+15551234567\", " TEXT "}", "/to" }, { "{\"to\": \"*4#\", " TEXT "}", "/to" }, { "{\"to\": \"نه\", " TEXT "}", "/to" },
		{ "{" TO ", \"text\": \"x\"}", "/text" }, { "{" TO ", \"text\": {}}", "/text" }, { "{" TO ", \"text\": []}", "/text" },
		{ "{" TO ", \"text\": {\"de\": \"x\"}}", "/text" }, { "{" TO ", \"text\": {\"en\": \"x\", \"de\": \"x\"}}", "/text" },
		{ "{" TO ", \"text\": {\"en\": 7}}", "/text/en" }, { "{" TO ", \"text\": {\"en\": \"\"}}", "/text/en" },
		{ "{" TO ", \"text\": {\"fa\": null, \"en\": \"x\"}}", "/text/fa" }, { "{" TO ", \"text\": {\"fa\": \"a\\tb\"}}", "/text/fa" },
		{ "{" TO ", \"text\": {\"fa\": \"\\u001b[2J\", \"en\": \"a\\u007fb\"}}", "/text/fa /text/en" },
		{ "{" GOOD ", \"title\": \"a\\nb\"}", "/title" }, { "{" GOOD ", \"title\": \"\"}", "/title" }, { "{" GOOD ", \"title\": {}}", "/title" },
		{ "{" GOOD ", \"class\": \"Legal\"}", "/class" }, { "{" GOOD ", \"class\": 1}", "/class" }, { "{" GOOD ", \"class\": null}", "/class" },
		{ "{" GOOD ", \"priority\": \"low\"}", "/priority" }, { "{" GOOD ", \"language\": \"de\"}", "/language" },
		{ "{" GOOD ", \"on_unknown\": true}", "/on_unknown" }, { "{" GOOD ", \"on_unknown\": \"never\"}", "/on_unknown" },
		{ "{" GOOD ", \"channels\": []}", "/channels" }, { "{" GOOD ", \"channels\": \"sms\"}", "/channels" },
		{ "{" GOOD ", \"channels\": [\"sms\", \"fax\"]}", "/channels/1" }, { "{" GOOD ", \"channels\": [\"sms\", \"sms\"]}", "/channels/1" },
		{ "{" GOOD ", \"channels\": [7, \"sms\"]}", "/channels/0" }, { "{" GOOD ", \"reference\": \"a\\nb\"}", "/reference" },
		{ "{" GOOD ", \"not_before\": \"tomorrow\"}", "/not_before" }, { "{" GOOD ", \"not_before\": 1584262800}", "/not_before" },
		{ "{" GOOD ", \"not_before\": \"2030-01-01T00:00:00Z\"}", "/not_before" }, { "{" GOOD ", \"not_after\": \"2020-03-15T08:59:59Z\"}", "/not_after" },
		{ "{" GOOD ", \"not_after\": \"9999-12-31T23:59:59Z\"}", "/not_after" },
		{ "{" GOOD ", \"not_before\": \"2020-04-01T00:00:00Z\", \"not_after\": \"2020-03-20T00:00:00Z\"}", "/not_after" },
		{ "{" GOOD ", \"replies\": []}", "/replies" }, { "{" GOOD ", \"replies\": [\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\"]}", "/replies" },
		{ "{" GOOD ", \"replies\": [\"yes\", \"\", 3]}", "/replies/1 /replies/2" }, { "{" GOOD ", \"replies\": \"yes\"}", "/replies" },
		{ "{" GOOD ", \"replies\": [\"yes\"], \"channels\": [\"sms\"]}", "/replies" },
		{ "{" GOOD ", \"flash\": 1}", "/flash" }, { "{" GOOD ", \"flash\": true, \"channels\": [\"inbox\"]}", "/flash" },
		{ "{" GOOD ", \"sensitive\": \"yes\"}", "/sensitive" }, { "{" GOOD ", \"sensitive\": true}", "/national_id" },
		{ "{" GOOD ", \"national_id\": \"0013542419\"}", "/national_id" }, { "{" GOOD ", \"sensitive\": true, \"national_id\": \"0013542418\"}", "/national_id" },
		{ "{" GOOD ", \"sensitive\": true, \"national_id\": 13542419}", "/national_id" },
		{ "{" GOOD ", \"sensitive\": true, \"national_id\": \"0013542419\", \"channels\": [\"sms\"]}", "/channels" },
		{ "{" GOOD ", \"sender\": \"BANK\"}", "/sender" }, { "{" GOOD ", \"sender\": \"\"}", "/sender" }, { "{" GOOD ", \"sender\": null}", "/sender" },
		{ "{" TO ", \"template\": \"none\"}", "/template" }, { "{" TO ", \"template\": 7}", "/template" },
		{ "{" GOOD ", \"template\": \"bill\", \"fields\": {\"amount\": 1}}", "/text" }, { "{" GOOD ", \"fields\": {}}", "/fields" },
		{ "{" TO ", \"template\": \"bill\"}", "/fields/amount" }, { "{" TO ", \"template\": \"bill\", \"fields\": {\"amount\": []}}", "/fields/amount" },
		{ "{" TO ", \"template\": \"bill\", \"fields\": {\"amount\": 1, \"x\": 1}, \"class\": 1}", "/fields/x /class" },
		{ "{" GOOD ", \"txt\": 1}", "/txt" }, { "{" GOOD ", \"a/b~c\": 1}", "/a~1b~0c" }, { "{" GOOD ", \"\": 1}", "/" }, { "{" GOOD ", \"To\": 1}", "/To" },
		{ "{" GOOD ", \"id\": \"n00\", \"state\": \"sent\", \"agency\": \"police\"}", "/id /state /agency" },
		{ "{" GOOD ", \"01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890\": 1}", "." },
		{ "{\"to\": 1, \"text\": {\"fa\": \"\"}, \"class\": \"x\", \"flash\": 0}", "/to /text/fa /class /flash" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char pointers[1024] = "";

		if (read_text(bad[i].text))
			fail_msg("it is taken for good: %s", bad[i].text);
		for (size_t k = 0; k < reading.mistakes.n; k++) {
			const char *pointer = reading.mistakes.at[k].pointer;

			snprintf(pointers + strlen(pointers), sizeof(pointers) - strlen(pointers), "%s%s", k ? " " : "", *pointer ? pointer : ".");
			assert_true(strlen(reading.mistakes.at[k].detail) > 10);
		}
		if (strcmp(pointers, bad[i].pointers) != 0)
			fail_msg("%s\n  says %s, not %s", bad[i].text, pointers, bad[i].pointers);
	}
	assert_int_equal(talloc_total_blocks(ctx), blocks); /* nothing of them stays */
}

static void to_whom_is_known_where_it_can_be(void **state)
{
	(void)state;
	assert_false(read_text("{\"to\": \"09123456789\", \"text\": 1}"));
	assert_string_equal(reading.to, "989123456789");
	assert_false(read_text("{\"to\": \"nobody\", \"text\": {\"en\": \"x\"}}"));
	assert_string_equal(reading.to, "");
}

/* n times a letter. */
static json_t *long_notice(const char *member, const char *letter, size_t n)
{
	char *text = talloc_zero_size(ctx, n * strlen(letter) + 1);
	json_t *json;

	for (size_t i = 0; i < n; i++)
		memcpy(text + i * strlen(letter), letter, strlen(letter));
	if (strcmp(member, "text") == 0)
		json = json_pack("{s:s, s:{s:s}}", "to", "09123456789", "text", "fa", text);
	else
		json = json_pack("{s:s, s:{s:s}, s:s}", "to", "09123456789", "text", "fa", "x", member, text);
	talloc_free(text);
	return json;
}

static void lengths(void **state)
{
	(void)state;
	assert_true(read_json(long_notice("text", "x", 2048)));
	talloc_free(reading.notice);
	assert_true(read_json(long_notice("text", "ب", 1024)));
	talloc_free(reading.notice);
	assert_false(read_json(long_notice("text", "x", 2049)));
	assert_string_equal(reading.mistakes.at[0].pointer, "/text/fa");
	assert_false(read_json(long_notice("text", "x", 1000000)));
	assert_true(read_json(long_notice("title", "x", 160)));
	talloc_free(reading.notice);
	assert_false(read_json(long_notice("title", "x", 161)));
	assert_true(read_json(long_notice("reference", "x", 128)));
	talloc_free(reading.notice);
	assert_false(read_json(long_notice("reference", "x", 129)));
	assert_false(read_json(long_notice("to", "0", 100000)));
}

/* One letter that GSM 7-bit lacks, and each character takes twice the room: 31 parts. By another way it may go. */
static void a_text_that_no_sms_can_carry(void **state)
{
	json_t *json = long_notice("text", "x", 2000), *channels;

	(void)state;
	json_object_set_new(json_object_get(json, "text"), "fa",
			    json_sprintf("ب%s", json_string_value(json_object_get(json_object_get(json, "text"), "fa"))));
	assert_false(read_json(json_incref(json)));
	assert_string_equal(reading.mistakes.at[0].pointer, "/text/fa");
	channels = json_pack("[s]", "inbox");
	json_object_set_new(json, "channels", channels);
	assert_true(read_json(json));
	talloc_free(reading.notice);
}

static void without_a_key_nothing_is_sensitive(void **state)
{
	(void)state;
	terms.can_seal = false;
	assert_false(read_text("{" GOOD ", \"sensitive\": true, \"national_id\": \"0013542419\"}"));
	assert_string_equal(reading.mistakes.at[0].pointer, "/sensitive");
	assert_true(read_text("{" GOOD ", \"sensitive\": false}"));
	talloc_free(reading.notice);
	terms.can_seal = true;
}

static void an_account_without_a_sender_has_none(void **state)
{
	(void)state;
	terms.sender = "";
	assert_false(read_text("{" GOOD ", \"sender\": \"\"}"));
	assert_false(read_text("{" GOOD ", \"sender\": \"MALIAT\"}"));
	assert_true(read_text("{" GOOD "}"));
	assert_string_equal(reading.notice->sender, "");
	talloc_free(reading.notice);
	terms.sender = "MALIAT";
}

static void there_is_an_end_of_mistakes(void **state)
{
	json_t *json = json_object(), *channels = json_array();
	char name[16];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "x%d", i);
		json_object_set_new(json, name, json_null());
		json_array_append_new(channels, json_integer(i));
	}
	json_object_set_new(json, "channels", channels);
	assert_false(read_json(json));
	assert_int_equal(reading.mistakes.n, GW_MISTAKES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_least_that_is_a_notice),
		cmocka_unit_test(all_that_a_notice_can_say),
		cmocka_unit_test(numbers_in_every_form),
		cmocka_unit_test(a_template_with_its_fields),
		cmocka_unit_test(bad_ones_say_where),
		cmocka_unit_test(to_whom_is_known_where_it_can_be),
		cmocka_unit_test(lengths),
		cmocka_unit_test(a_text_that_no_sms_can_carry),
		cmocka_unit_test(without_a_key_nothing_is_sensitive),
		cmocka_unit_test(an_account_without_a_sender_has_none),
		cmocka_unit_test(there_is_an_end_of_mistakes),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
