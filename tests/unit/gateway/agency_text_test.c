/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Values that try to break out of a URL or a JSON body. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "gateway/agency_text.h"

static const char *only_value(void *ctx, const char *name)
{
	return strcmp(name, "v") == 0 ? ctx : NULL;
}

static char out[4096];

static int write_with(const char *path, const char *body, const char *value, struct gw_agency_text *text)
{
	struct menu_operation op = { .path = path, .body = body };
	return gw_agency_text_write(text, out, sizeof(out), "http://h:1", &op, only_value, (void *)(uintptr_t)value);
}

static void urls(void **state)
{
	static const struct { const char *path, *value, *url; } rows[] = {
		{ "/v1/bills", NULL, "http://h:1/v1/bills" },
		{ "/v1/{v}", "7748317800142", "http://h:1/v1/7748317800142" },
		{ "/v1/{v}/x?y={v}", "a-b._~Z9", "http://h:1/v1/a-b._~Z9/x?y=a-b._~Z9" },
		{ "/v1/{v}", "../../etc", "http://h:1/v1/..%2F..%2Fetc" },
		{ "/v1/{v}", "a?b=c&d#e", "http://h:1/v1/a%3Fb%3Dc%26d%23e" },
		{ "/v1/{v}", "a\r\nHost: evil", "http://h:1/v1/a%0D%0AHost%3A%20evil" },
		{ "/v1/{v}", "12ب345", "http://h:1/v1/12%D8%A8345" },
		{ "/v1/{v}", "%2e%2e", "http://h:1/v1/%252e%252e" },
		{ "/v1/{v}", "@:;+\"'<>\\", "http://h:1/v1/%40%3A%3B%2B%22%27%3C%3E%5C" },
		{ "/v1/{v}", "...", "http://h:1/v1/..." },
		{ "/v1?y={v}", "", "http://h:1/v1?y=" },
		{ "/v1?y={v}", "..", "http://h:1/v1?y=.." },
		{ "/v1/", NULL, "http://h:1/v1/" },
		{ "/v1/{v}", ".", NULL }, { "/v1/{v}", "..", NULL }, { "/v1/{v}{v}", ".", NULL }, { "/v1/.{v}", ".", NULL },
		{ "/v1/{v}", "", NULL }, { "/v1/{v}/x", "", NULL }, { "/v1/{v}?a", "", NULL },
		{ "/v1/{w}", "x", NULL },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gw_agency_text text;
		int rc = write_with(rows[i].path, NULL, rows[i].value, &text);
		assert_int_equal(rc, rows[i].url ? 0 : -EINVAL);
		if (rows[i].url)
			assert_string_equal(text.url, rows[i].url);
		assert_null(text.body);
	}
}

/* Whatever the value: the body is an object of one text that reads back as the value. */
static void texts_in_a_body_read_back(void **state)
{
	static const char *const values[] = {
		"", "plain", "\"", "\\", "\\\"", "\",\"admin\":true,\"x\":\"", "a\nb\r\t\x01\x1f\x7f", "قبض ۱۲۳", "😀", "{v}", "</script>", "\\u0000",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct gw_agency_text text;
		json_t *json;
		assert_int_equal(write_with("/x", "{\"a\\\"{\":\"<{v}>\"}", values[i], &text), 0);
		assert_int_equal(strlen(text.body), text.body_octets);
		json = json_loads(text.body, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(json);
		assert_int_equal(json_object_size(json), 1);
		{
			const char *got = json_string_value(json_object_get(json, "a\"{"));
			size_t n = strlen(values[i]);
			assert_int_equal(strlen(got), n + 2);
			assert_memory_equal(got + 1, values[i], n);
		}
		json_decref(json);
	}
}

static void numbers_in_a_body_are_whole(void **state)
{
	static const struct { const char *value; int rc; } rows[] = {
		{ "0", 0 }, { "15000", 0 }, { "-7", 0 }, { "999999999999999999", 0 },
		{ "", -EINVAL }, { "-", -EINVAL }, { "007", -EINVAL }, { "+1", -EINVAL }, { "1.5", -EINVAL }, { "1e9", -EINVAL },
		{ "1,\"x\":2", -EINVAL }, { "null", -EINVAL }, { "1000000000000000000", -EINVAL }, { "۱", -EINVAL },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gw_agency_text text;
		assert_int_equal(write_with("/x", "{\"a\":{v}}", rows[i].value, &text), rows[i].rc);
	}
}

static void bytes_that_are_no_text_are_refused_in_a_body(void **state)
{
	struct gw_agency_text text;
	(void)state;
	assert_int_equal(write_with("/x", "{\"a\":\"{v}\"}", "\xd8", &text), -EINVAL);
	assert_int_equal(write_with("/{v}", NULL, "\xd8", &text), 0); /* in a URL they are octets like others */
	assert_string_equal(text.url, "http://h:1/%D8");
}

/* Each size of the buffer: fits, or is refused, and never a byte beyond (the sanitizer watches). */
static void every_size_of_buffer(void **state)
{
	struct menu_operation op = { .path = "/v1/{v}", .body = "{\"a\":\"{v}\",\"b\":1}" };
	struct gw_agency_text text;
	size_t need = strlen("http://h:1/v1/%22x") + 1 + strlen("{\"a\":\"\\\"x\",\"b\":1}") + 1;
	(void)state;
	for (size_t cap = 1; cap < 80; cap++) {
		char *buffer = test_malloc(cap);
		int rc = gw_agency_text_write(&text, buffer, cap, "http://h:1", &op, only_value, (void *)(uintptr_t)"\"x");
		assert_int_equal(rc, cap >= need ? 0 : -EMSGSIZE);
		test_free(buffer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls),
		cmocka_unit_test(texts_in_a_body_read_back),
		cmocka_unit_test(numbers_in_a_body_are_whole),
		cmocka_unit_test(bytes_that_are_no_text_are_refused_in_a_body),
		cmocka_unit_test(every_size_of_buffer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
