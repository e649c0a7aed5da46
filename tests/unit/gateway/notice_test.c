/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A notice's record: written and read again, whatever is in it; cut, changed and hostile records are no notices; what is shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <osmocom/core/talloc.h>
#include <sodium.h>

#include "gateway/notice.h"
#include "sessions/store.h"

#define CITIZEN "989121234567"

static void *ctx;

static int begin(void **state)
{
	(void)state;
	ctx = talloc_named_const(NULL, 0, "test");
	return sodium_init() < 0 ? -1 : 0;
}

static int end(void **state)
{
	(void)state;
	assert_int_equal(1, talloc_total_blocks(ctx));
	talloc_free(ctx);
	return 0;
}

static struct gw_notice *full(void)
{
	struct gw_notice *notice = gw_notice_alloc(ctx);

	gw_notice_make_id(notice->id, CITIZEN, NULL, 0);
	strcpy(notice->msisdn, CITIZEN);
	gw_notice_set(notice, &notice->agency, "tax");
	gw_notice_set(notice, &notice->sender, "40401526");
	gw_notice_set(notice, &notice->title, "مالیات");
	gw_notice_set(notice, &notice->text[0], "مالیات شما \"۱۲۰٬۰۰۰\" ریال است\n");
	gw_notice_set(notice, &notice->text[1], "Your tax\\is due");
	gw_notice_set(notice, &notice->reference, "1398/7");
	gw_notice_set(notice, &notice->error, "ESME_RTHROTTLED");
	notice->klass = GW_NOTICE_LEGAL;
	notice->priority = GW_NOTICE_URGENT;
	notice->channels = GW_CHANNEL_SMS | GW_CHANNEL_INBOX;
	notice->flash = notice->give_up = true;
	notice->accepted_ms = 1584264600123;
	notice->not_after_ms = INT64_MAX;
	strcpy(notice->language, "fa");
	notice->route = 65535;
	notice->sms_reference = 7;
	notice->replies[notice->n_replies++] = talloc_strdup(notice, "بله");
	notice->replies[notice->n_replies++] = talloc_strdup(notice, "خیر");
	notice->reply = 1;
	notice->state = GW_NOTICE_SENT;
	notice->state_ms = 1584264600999;
	notice->by = GW_CHANNEL_SMS;
	notice->attempts = 3;
	notice->unknowns = 1;
	notice->n_parts = 2;
	notice->parts[0] = (struct gw_notice_part){ .state = GW_PART_DELIVERED, .id = "00ab", .error = "DELIVRD", .at_ms = 5 };
	notice->parts[1] = (struct gw_notice_part){ .state = GW_PART_INTENT, .at_ms = 6, .status = 0x58, .tries = 2 };
	notice->inbox = GW_INBOX_READ;
	notice->read_ms = 9;
	return notice;
}

static void written_and_read(void **state)
{
	struct gw_notice *notice = full(), *back;
	size_t octets, again;
	char *text = gw_notice_encode(notice, &octets), *second;

	(void)state;
	back = gw_notice_decode(ctx, text, octets);
	assert_non_null(back);
	second = gw_notice_encode(back, &again);
	assert_int_equal(octets, again);
	assert_memory_equal(text, second, octets);
	assert_string_equal(notice->text[0], back->text[0]);
	assert_int_equal(GW_NOTICE_LEGAL, back->klass);
	assert_int_equal(GW_PART_INTENT, back->parts[1].state);
	assert_int_equal(0x58, back->parts[1].status);
	assert_int_equal(2, back->parts[1].tries);
	assert_int_equal(1, back->reply);
	assert_true(back->give_up);
	assert_false(back->sensitive);
	free(text);
	free(second);
	talloc_free(notice);
	talloc_free(back);
}

static void an_empty_one(void **state)
{
	struct gw_notice *notice = gw_notice_alloc(ctx), *back;
	size_t octets;
	char *text;

	(void)state;
	gw_notice_make_id(notice->id, CITIZEN, NULL, 0);
	strcpy(notice->msisdn, CITIZEN);
	text = gw_notice_encode(notice, &octets);
	assert_true(octets < 64); /* what is empty costs nothing */
	back = gw_notice_decode(ctx, text, octets);
	assert_non_null(back);
	assert_int_equal(-1, back->reply);
	assert_string_equal("", back->agency);
	assert_string_equal("", gw_notice_text(back, "fa"));
	free(text);
	talloc_free(notice);
	talloc_free(back);
}

/* No prefix of a record is one, and no octet that is changed makes it crash. */
static void hostile(void **state)
{
	struct gw_notice *notice = full();
	size_t octets;
	char *text = gw_notice_encode(notice, &octets);

	(void)state;
	for (size_t n = 0; n < octets; n++) {
		char *cut = malloc(n ? n : 1); /* a guard of the sanitizer's behind it */

		memcpy(cut, text, n);
		assert_null(gw_notice_decode(ctx, cut, n));
		free(cut);
	}
	for (size_t i = 0; i < octets; i++)
		for (unsigned int bit = 0; bit < 8; bit++) {
			text[i] = (char)(text[i] ^ 1 << bit);
			talloc_free(gw_notice_decode(ctx, text, octets));
			text[i] = (char)(text[i] ^ 1 << bit);
		}
	free(text);
	talloc_free(notice);
}

#define HEAD "\"id\":\"n17aaaaaaaaaaaaaaaaaaaa\",\"to\":\"989121234567\""

static void no_notices(void **state)
{
	static const char *const bad[] = {
		"null", "[]", "{}", "7", "{\"id\":\"n17aaaaaaaaaaaaaaaaaaaa\"}", "{\"id\":\"n64aaaaaaaaaaaaaaaaaaaa\",\"to\":\"989121234567\"}",
		"{\"id\":\"x17aaaaaaaaaaaaaaaaaaaa\",\"to\":\"989121234567\"}", "{\"id\":\"n17aaaaaaaaaaaaaaaaaaaa\",\"to\":\"98912+\"}",
		"{\"id\":\"n17aaaaaaaaaaaaaaaaaaaa\",\"to\":\"989121234567989121234567\"}", "{" HEAD ",\"state\":\"lost\"}", "{" HEAD ",\"state\":7}",
		"{" HEAD ",\"class\":\"\"}", "{" HEAD ",\"channels\":8}", "{" HEAD ",\"channels\":-1}", "{" HEAD ",\"by\":3}", "{" HEAD ",\"at\":-1}",
		"{" HEAD ",\"at\":\"1\"}", "{" HEAD ",\"agency\":7}", "{" HEAD ",\"agency\":\"a123456789012345678901234567890123\"}",
		"{" HEAD ",\"replies\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\"]}", "{" HEAD ",\"replies\":[7]}", "{" HEAD ",\"reply\":0}",
		"{" HEAD ",\"parts\":[{}]}", "{" HEAD ",\"parts\":[7]}", "{" HEAD ",\"parts\":[{\"s\":\"no\"}]}", "{" HEAD ",\"route\":65536}",
		"{" HEAD ",\"parts\":[{\"s\":\"sent\",\"at\":-1}]}", "{" HEAD ",\"parts\":[{\"s\":\"sent\",\"id\":\"1\\u00002\"}]}",
		"{" HEAD ",\"language\":\"farsi\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_null(gw_notice_decode(ctx, bad[i], strlen(bad[i])));
}

static void of_a_later_version(void **state)
{
	const char *text = "{" HEAD ",\"colour\":{\"of\":[\"later\"]},\"state\":\"sent\",\"parts\":[{\"s\":\"sent\",\"new\":1}]}";
	struct gw_notice *notice = gw_notice_decode(ctx, text, strlen(text));

	(void)state;
	assert_non_null(notice);
	assert_int_equal(GW_NOTICE_SENT, notice->state);
	talloc_free(notice);
}

static void ids(void **state)
{
	char id[GW_NOTICE_ID_OCTETS], again[GW_NOTICE_ID_OCTETS];

	(void)state;
	gw_notice_make_id(id, CITIZEN, NULL, 0);
	gw_notice_make_id(again, CITIZEN, NULL, 0);
	assert_string_not_equal(id, again);
	assert_int_equal(sess_store_partition(CITIZEN), gw_notice_partition(id));
	gw_notice_make_id(id, CITIZEN, "tax.7", 5);
	gw_notice_make_id(again, CITIZEN, "tax.7", 5);
	assert_string_equal(id, again);
	gw_notice_make_id(again, CITIZEN, "tax.8", 5);
	assert_string_not_equal(id, again);
	for (const char *const *bad = (const char *const[]){ "", "n", "n17", "n64aaaaaaaaaaaaaaaaaaaa", "n1xaaaaaaaaaaaaaaaaaaaa",
			"n17aaaaaaaaaaaaaaaaaaa", "n17aaaaaaaaaaaaaaaaaaaaa", "n17aaaaaaaaaaaaaaaaaaA!", "m17aaaaaaaaaaaaaaaaaaaa", NULL }; *bad; bad++)
		assert_int_equal(-1, gw_notice_partition(*bad));
}

static void languages(void **state)
{
	struct gw_notice *notice = full();

	(void)state;
	assert_string_equal(notice->text[1], gw_notice_text(notice, "en"));
	assert_string_equal(notice->text[0], gw_notice_text(notice, "ar"));
	gw_notice_set(notice, &notice->text[0], "");
	assert_string_equal(notice->text[1], gw_notice_text(notice, "fa"));
	talloc_free(notice);
}

static void shown(void **state)
{
	struct gw_notice *notice = full();
	json_t *object = gw_notice_show(notice);

	(void)state;
	assert_string_equal("sent", json_string_value(json_object_get(object, "state")));
	assert_string_equal("sms", json_string_value(json_object_get(object, "by")));
	assert_string_equal("2020-03-15T09:30:00.123Z", json_string_value(json_object_get(object, "accepted_at")));
	assert_int_equal(2, json_array_size(json_object_get(object, "parts")));
	assert_string_equal("waiting", json_string_value(json_object_get(json_array_get(json_object_get(object, "parts"), 1), "state")));
	assert_string_equal(notice->text[0], json_string_value(json_object_get(json_object_get(object, "text"), "fa")));
	json_decref(object);
	notice->sensitive = true;
	object = gw_notice_show(notice);
	assert_null(json_object_get(object, "text"));
	assert_null(json_object_get(object, "title"));
	json_decref(object);
	object = gw_notice_show_briefly(notice);
	assert_null(json_object_get(object, "title"));
	assert_string_equal("1398/7", json_string_value(json_object_get(object, "reference")));
	json_decref(object);
	talloc_free(notice);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written_and_read), cmocka_unit_test(an_empty_one), cmocka_unit_test(hostile), cmocka_unit_test(no_notices),
		cmocka_unit_test(of_a_later_version), cmocka_unit_test(ids), cmocka_unit_test(languages), cmocka_unit_test(shown),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
