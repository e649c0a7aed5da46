/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Paths to routes, and bodies to JSON: the pure parts of the API. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <osmocom/core/utils.h>

#include "gateway/api_json.h"
#include "gateway/api_route.h"

static const struct gw_api_route routes[] = {
	{ .method = "GET", .path = "/v1/things" },
	{ .method = "POST", .path = "/v1/things" },
	{ .method = "GET", .path = "/v1/things/{id}" },
	{ .method = "DELETE", .path = "/v1/things/{id}" },
	{ .path = NULL },
};
static const struct gw_api_route more_routes[] = {
	{ .method = "POST", .path = "/v1/things/{id}/parts/{part}" },
	{ .method = "GET", .path = "/v1/do", .no_head = true },
	{ .method = "GET", .path = "/v1/things/all" }, /* behind {id}: the first that fits is taken */
	{ .path = NULL },
};
static const struct gw_api_route *const tables[] = { routes, more_routes, NULL };
static char buffer[256];
static struct api_match match;

static enum api_found find(const char *method, const char *path)
{
	return api_route_find(tables, method, path, buffer, sizeof(buffer), &match);
}

static void routes_are_found(void **state)
{
	(void)state;
	assert_int_equal(find("GET", "/v1/things"), API_FOUND);
	assert_ptr_equal(match.route, &routes[0]);
	assert_int_equal(find("HEAD", "/v1/things"), API_FOUND);
	assert_ptr_equal(match.route, &routes[0]);
	assert_int_equal(find("DELETE", "/v1/things/n12~x"), API_FOUND);
	assert_ptr_equal(match.route, &routes[3]);
	assert_int_equal(match.n_params, 1);
	assert_string_equal(match.params[0], "n12~x");
	assert_int_equal(find("POST", "/v1/things/a%3ab/parts/%7E1"), API_FOUND);
	assert_ptr_equal(match.route, &more_routes[0]);
	assert_int_equal(match.n_params, 2);
	assert_string_equal(match.params[0], "a:b");
	assert_string_equal(match.params[1], "~1");
}

static void methods_that_a_path_takes(void **state)
{
	(void)state;
	assert_int_equal(find("PUT", "/v1/things"), API_NO_METHOD);
	assert_string_equal(match.allow, "GET, HEAD, POST");
	assert_int_equal(find("POST", "/v1/things/x"), API_NO_METHOD);
	assert_string_equal(match.allow, "GET, HEAD, DELETE");
	assert_int_equal(find("HEAD", "/v1/things/x/parts/y"), API_NO_METHOD);
	assert_string_equal(match.allow, "POST");
	assert_int_equal(find("", "/v1/things"), API_NO_METHOD);
	assert_int_equal(find("GET", "/v1/do"), API_FOUND);
	assert_int_equal(find("HEAD", "/v1/do"), API_NO_METHOD); /* nobody would see what it did */
	assert_string_equal(match.allow, "GET");
}

static void tricks_name_nothing(void **state)
{
	static const char *const tricks[] = {
		"", "/", "//", "v1/things", "/v1", "/v1/", "/v1/things/", "/v1//things", "//v1/things", "/V1/things", "/v1/things/x/", "/v1/things/./parts/y",
		"/v1/things/../parts/y", "/v1/things/%2e%2e/parts/y", "/v1/things/%2e", "/v1/things/a%2fb", "/v1/things/a%2Fparts%2Fy", "/v1/things/%00",
		"/v1/things/a%00b", "/v1/things/%", "/v1/things/%4", "/v1/things/%zz", "/v1/things/%+1", "/v1/things/a b", "/v1/things/a%20b", "/v1/things/%d8%b3",
		"/v1/things/\xd8\xb3", "/v1/things/a%0ab", "/v1/things/%7f", "/v1/things;x", "/v1/things%3f", "/v1/%74hings", "*", "http://x/v1/things",
		"/v1/things/{id}/x", "\\v1\\things",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(tricks); i++)
		if (find("GET", tricks[i]) != API_NO_PATH)
			fail_msg("%s was found", tricks[i]);
}

static void parameters_are_bounded(void **state)
{
	char path[1024], small[8];

	(void)state;
	memset(path, 'a', sizeof(path));
	memcpy(path, "/v1/things/", 11);
	path[11 + 128] = '\0';
	assert_int_equal(find("GET", path), API_FOUND);
	path[11 + 128] = 'a';
	path[11 + 129] = '\0';
	assert_int_equal(find("GET", path), API_NO_PATH);
	path[11 + 129] = 'a';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(find("GET", path), API_NO_PATH);
	assert_int_equal(api_route_find(tables, "GET", "/v1/things/1234567", small, sizeof(small), &match), API_FOUND);
	assert_int_equal(api_route_find(tables, "GET", "/v1/things/12345678", small, sizeof(small), &match), API_NO_PATH);
}

static void decoding_is_strict(void **state)
{
	char out[8];

	(void)state;
	assert_int_equal(api_decode("a%41%7e", 7, out, sizeof(out)), 3);
	assert_string_equal(out, "aA~");
	assert_int_equal(api_decode("", 0, out, sizeof(out)), 0);
	assert_int_equal(api_decode("%4", 2, out, sizeof(out)), -1);
	assert_int_equal(api_decode("%41", 2, out, sizeof(out)), -1); /* what stands behind the end is not looked at */
	assert_int_equal(api_decode("1234567", 7, out, sizeof(out)), 7);
	assert_int_equal(api_decode("12345678", 8, out, sizeof(out)), -1);
	assert_int_equal(api_decode("a\0b", 3, out, sizeof(out)), -1);
}

/* ---- JSON */
static char why[200];

static bool parses(const char *text, size_t octets)
{
	json_t *json = api_json_parse(text, octets, why, sizeof(why));
	bool good = json != NULL;

	json_decref(json);
	return good;
}

static void json_is_strict(void **state)
{
	static const char *const good[] = { "{}", "[]", " [1, -2.5e3, \"\\u0633\", null, true] \n", "{\"\xd8\xb3\": {\"a\": [{}]}}", "{\"a\": \"[[[[\\\"[[[[\"}" };
	static const char *const bad[] = {
		"", " ", "null", "1", "\"text\"", "{", "[", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1,]", "{a:1}", "{'a':1}", "{\"a\":1}{}", "[] x", "{\"a\":1,\"a\":2}",
		"{\"a\":1,\"\\u0061\":2}", "[\"\x80\"]", "[\"\xff\"]", "[\"\xc0\xaf\"]", "[\"\xed\xa0\x80\"]", "[\"\\ud800\"]", "[\"\\u0000\"]", "\xef\xbb\xbf{}",
		"[99999999999999999999]", "[1e999]", "[NaN]", "[01]", "[+1]", "[.5]", "[\"\n\"]", "// x\n{}", "\xfe\xff\0{",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		if (!parses(good[i], strlen(good[i])))
			fail_msg("%s: %s", good[i], why);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (parses(bad[i], strlen(bad[i])))
			fail_msg("%s is taken", bad[i]);
		assert_true(why[0]);
	}
	assert_false(parses("{\"a\0b\": 1}", 10));
	assert_false(parses("{}\0", 3));
	assert_false(parses(NULL, 0));
}

static void json_is_not_deep(void **state)
{
	static char text[400000];

	(void)state;
	for (unsigned int depth = 1; depth <= 40; depth++) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		assert_int_equal(parses(text, (size_t)2 * depth), depth <= API_JSON_DEPTH);
	}
	memset(text, '[', sizeof(text));
	assert_false(parses(text, sizeof(text)));
	for (size_t i = 0; i + 5 <= sizeof(text); i += 5)
		memcpy(text + i, "{\"a\":", 5);
	assert_false(parses(text, sizeof(text)));
	memset(text, ']', sizeof(text));
	assert_false(parses(text, sizeof(text)));
}

/* Nothing is read behind what came: the last octet lies before a page that may not be touched; and what is told of a mistake repeats
 * nothing of what the client sent. */
static void json_ends_where_it_ends(void **state)
{
	static const char whole[] = "{\"secret\": [\"word\", 1.5, {\"a\\\\\": \"\xd8\xb3\"}]}";
	size_t page = (size_t)sysconf(_SC_PAGESIZE), n = strlen(whole);
	char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_true(pages != MAP_FAILED);
	assert_int_equal(mprotect(pages + page, page, PROT_NONE), 0);
	for (size_t cut = 0; cut <= n; cut++) {
		memcpy(pages + page - cut, whole, cut);
		assert_int_equal(parses(pages + page - cut, cut), cut == n);
		assert_null(cut < n ? strstr(why, "word") : NULL);
	}
	munmap(pages, 2 * page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes_are_found),
		cmocka_unit_test(methods_that_a_path_takes),
		cmocka_unit_test(tricks_name_nothing),
		cmocka_unit_test(parameters_are_bounded),
		cmocka_unit_test(decoding_is_strict),
		cmocka_unit_test(json_is_strict),
		cmocka_unit_test(json_is_not_deep),
		cmocka_unit_test(json_ends_where_it_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
