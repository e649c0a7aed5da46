/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Rows to notices, and the record of a job: head lines that are none, fields that go where they belong, rows that are bad; records that
 * come back as they were, and rubbish that is no record. */
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

#include "gateway/bulk_job.h"
#include "gateway/bulk_notice.h"
#include "gateway/bulk_row.h"
#include "sessions/store.h"

static struct gw_bulk_rows rows;
static struct gw_bulk_row row;
static struct gw_bulk_columns columns;
static struct gw_bulk_bad bad;

static const struct gw_bulk_row *one_row(enum gw_bulk_format format, const char *text)
{
	const char *at = text;
	size_t octets = strlen(text);

	gw_bulk_rows_init(&rows, format);
	if (gw_bulk_rows_take(&rows, &at, &octets, &row) != 1)
		assert_int_equal(gw_bulk_rows_end(&rows, &row), 1);
	return &row;
}

static bool head(const char *text, bool has_template)
{
	return gw_bulk_columns_read(&columns, one_row(GW_BULK_CSV, text), has_template, &bad);
}

/* expected: JSON, or NULL for a bad row. */
static void assert_csv(const char *text, const char *expected)
{
	json_t *object = gw_bulk_row_read(&columns, one_row(GW_BULK_CSV, text), &bad), *wanted = expected ? json_loads(expected, 0, NULL) : NULL;

	assert_int_equal(json_equal(object, wanted), expected != NULL);
	assert_int_equal(object == NULL, expected == NULL);
	json_decref(object);
	json_decref(wanted);
}

static void head_lines(void **state)
{
	static const char *const none[] = { "", "text_fa", "to,to", "to,,x", "to,colour", "to, ", "\xff,to", "\"to\"x" };
	char long_name[100] = "to,";

	(void)state;
	memset(long_name + 3, 'x', 65);
	for (size_t i = 1; i < ARRAY_SIZE(none); i++)
		assert_false(head(none[i], i != 4));
	assert_false(head("to,colour", false));
	assert_non_null(strstr(bad.detail, "colour"));
	assert_true(head("to,colour", true));
	assert_true(head("to", false));
	assert_true(head(" language ,reference,text_en,text_fa,to\t", false));
	assert_int_equal(columns.n, 5);
	assert_false(head(long_name, true));
	long_name[67] = '\0';
	assert_true(head(long_name, true));
}

static void fields_go_where_they_belong(void **state)
{
	(void)state;
	assert_true(head("to,text_fa,text_en,reference,language", false));
	assert_csv("1,سلام,hi,r,fa", "{\"to\":\"1\",\"text\":{\"fa\":\"سلام\",\"en\":\"hi\"},\"reference\":\"r\",\"language\":\"fa\"}");
	assert_csv("1,,,,", "{\"to\":\"1\"}");
	assert_csv(",,hi,,", "{\"text\":{\"en\":\"hi\"}}");
	assert_csv("1,2", NULL);
	assert_string_equal(bad.detail, "it has 2 fields, the head line has 5");
	assert_csv("1,2,3,4,5,6", NULL);
	assert_csv("1,\"a\"b,,,", NULL);
	assert_true(head("name,to", true));
	assert_csv("علی,1", "{\"to\":\"1\",\"fields\":{\"name\":\"علی\"}}");
}

static void lines_of_json(void **state)
{
	static const char *const none[] = { "{", "[]", "1", "{\"a\":1,\"a\":2}", "{}x", "null", "{\"a\":\"\\u0000\"}" };
	json_t *object;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		bad.detail[0] = '\0';
		assert_null(gw_bulk_row_read(NULL, one_row(GW_BULK_NDJSON, none[i]), &bad));
		assert_true(bad.detail[0]);
	}
	object = gw_bulk_row_read(NULL, one_row(GW_BULK_NDJSON, "{\"to\":\"1\"}"), &bad);
	assert_string_equal(json_string_value(json_object_get(object, "to")), "1");
	json_decref(object);
}

/* ---- the record ---- */

static struct gw_bulk_job *a_job(void)
{
	struct gw_bulk_job *job = gw_bulk_job_alloc(NULL);

	gw_bulk_make_id(job->id, "tax", "june");
	gw_bulk_make_nonce(job->nonce);
	strcpy(job->agency, "tax");
	strcpy(job->sender, "TAX");
	strcpy(job->feeder, "0123456789abcdef");
	job->state = GW_BULK_PAUSED;
	job->created_ms = 1584264600000;
	job->state_ms = job->created_ms + 5;
	job->rows = 1000000;
	job->failed = 7;
	job->accepted = 400;
	job->chunks = 6000;
	job->place = 3;
	json_object_set_new(job->notice, "class", json_string("legal"));
	return job;
}

static void a_record_comes_back(void **state)
{
	struct gw_bulk_job *job = a_job(), *back;
	size_t octets, again;
	char *text = gw_bulk_job_encode(job, &octets), *second;

	(void)state;
	back = gw_bulk_job_decode(job, text, octets);
	assert_non_null(back);
	assert_true(json_equal(back->notice, job->notice));
	second = gw_bulk_job_encode(back, &again);
	assert_string_equal(text, second);
	for (size_t i = 0; i < octets; i++) /* cut anywhere, it is none */
		assert_null(gw_bulk_job_decode(job, text, i));
	free(text);
	free(second);
	talloc_free(job);
}

static void rubbish_is_no_record(void **state)
{
	static const struct { const char *from, *to; } changes[] = {
		{ "\"rows\":1000000", "\"rows\":-1     " }, { "\"rows\":1000000", "\"rows\":\"10000\"" }, { "paused", "posing" }, { "\"tax\"", "\"tex\"" },
		{ "\"place\":3", "\"chunks\":1,\"place\":3" }, { "\"nonce\":\"", "\"nonce\":\"{" }, { "0123456789abcdef", "0123456789abcdef0" },
		{ "{\"class\":\"legal\"}", "[]" },
	};
	struct gw_bulk_job *job = a_job();
	size_t octets;
	char *text = gw_bulk_job_encode(job, &octets), other[2048];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		const char *at = strstr(text, changes[i].from);

		assert_non_null(at);
		snprintf(other, sizeof(other), "%.*s%s%s", (int)(at - text), text, changes[i].to, at + strlen(changes[i].from));
		assert_null(gw_bulk_job_decode(job, other, strlen(other)));
	}
	assert_null(gw_bulk_job_decode(job, NULL, 0));
	free(text);
	talloc_free(job);
}

static void ids(void **state)
{
	char one[GW_BULK_ID_OCTETS], two[GW_BULK_ID_OCTETS];

	(void)state;
	gw_bulk_make_id(one, "tax", "june");
	gw_bulk_make_id(two, "tax", "june");
	assert_string_equal(one, two);
	assert_int_equal(gw_bulk_partition(one), sess_store_partition("tax"));
	gw_bulk_make_id(two, "police", "june");
	assert_string_not_equal(one + 3, two + 3);
	gw_bulk_make_id(one, "tax", NULL);
	gw_bulk_make_id(two, "tax", NULL);
	assert_string_not_equal(one, two);
	for (const char *const *none = (const char *const[]){ "", "b", "n01aaaaaaaaaaaaaaaaaaaa", "b64aaaaaaaaaaaaaaaaaaaa", "b0xaaaaaaaaaaaaaaaaaaaa",
		"b01aaaaaaaaaaaaaaaaaaa", "b01aaaaaaaaaaaaaaaaaaaaa", "b01aaaaaaaaaaaaaaaaaaa}", NULL }; *none; none++)
		assert_int_equal(gw_bulk_partition(*none), -1);
}

/* ---- notices ---- */

static void rows_become_notices(void **state)
{
	struct gw_bulk_job *job = a_job();
	struct gw_bulk_maker *maker = gw_bulk_maker_alloc(job, job, &bad);
	json_t *object = json_pack("{s:s, s:{s:s}}", "to", "09121234567", "text", "fa", "x");
	struct gw_notice *notice, *again;

	(void)state;
	assert_non_null(maker);
	notice = gw_bulk_maker_make(maker, job, object, 2, &bad);
	again = gw_bulk_maker_make(maker, job, object, 2, &bad);
	assert_non_null(notice);
	assert_string_equal(notice->id, again->id);
	assert_string_equal(notice->msisdn, "989121234567");
	assert_string_equal(notice->agency, "tax");
	assert_string_equal(notice->sender, "TAX");
	assert_string_equal(notice->bulk, job->id);
	assert_int_equal(notice->klass, GW_NOTICE_LEGAL);
	again = gw_bulk_maker_make(maker, job, object, 3, &bad);
	assert_string_not_equal(notice->id, again->id);
	json_object_set_new(object, "class", json_string("info")); /* what a row says itself goes before */
	assert_int_equal(gw_bulk_maker_make(maker, job, object, 3, &bad)->klass, GW_NOTICE_INFO);
	json_object_set_new(object, "sensitive", json_true());
	assert_null(gw_bulk_maker_make(maker, job, object, 3, &bad));
	assert_string_equal(bad.pointer, "/sensitive");
	json_object_set_new(job->notice, "priority", json_string("soon"));
	assert_null(gw_bulk_maker_alloc(job, job, &bad));
	assert_string_equal(bad.pointer, "/priority");
	json_decref(object);
	talloc_free(job);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(head_lines),
		cmocka_unit_test(fields_go_where_they_belong),
		cmocka_unit_test(lines_of_json),
		cmocka_unit_test(a_record_comes_back),
		cmocka_unit_test(rubbish_is_no_record),
		cmocka_unit_test(ids),
		cmocka_unit_test(rows_become_notices),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
