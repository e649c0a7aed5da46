/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* CON/END requests and answers: every form of a number, a code and a form; which step each dialect makes of them; hostile ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "gateway/conend.h"

static char why[200];

static json_t *form(const char *text)
{
	return conend_form_parse(text, strlen(text));
}

static void forms(void **state)
{
	static const char *const good[][2] = {
		{ "a=1", "1" }, { "a=", "" }, { "a=+1", " 1" }, { "a=%2B1", "+1" }, { "a=1%2A2", "1*2" }, { "a=%D9%82", "ق" }, { "b=2&a=1&", "1" },
		{ "a=x=y", "x=y" },
	};
	static const char *const bad[] = { "a", "a=%", "a=%4", "a=%zz", "a=%00", "a=%ff", "a=1&a=2", "%ff=1",
		"a=&b=&c=&d=&e=&f=&g=&h=&i=&j=&k=&l=&m=&n=&o=&p=&q=" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		json_t *fields = form(good[i][0]);

		assert_non_null(fields);
		assert_string_equal(json_string_value(json_object_get(fields, "a")), good[i][1]);
		json_decref(fields);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_null(form(bad[i]));
	json_decref(form(""));
}

static void numbers(void **state)
{
	static const char *const good[] = { "+989121234567", " 989121234567", "989121234567", "00989121234567", "09121234567" };
	static const char *const bad[] = { "", "+", "98", "+98 912", "98912123456789012", "98912x", "tel:98912" };
	char msisdn[GW_MSISDN_MAX + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(conend_msisdn(good[i], "98", msisdn, sizeof(msisdn)), 0);
		assert_string_equal(msisdn, "989121234567");
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_true(conend_msisdn(bad[i], "98", msisdn, sizeof(msisdn)) < 0);
}

static void codes(void **state)
{
	static const char *const good[][2] = { { "*4#", "*4" }, { "*4", "*4" }, { "4#", "*4" }, { "*384*77#", "*384*77" } };
	static const char *const bad[] = { "", "#", "*#", "**4#", "*4**5#", "*4*#", "*4x#", "#4*", "*4#5" };
	char code[CONEND_CODE_MAX + 3], longest[CONEND_CODE_MAX + 2];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		conend_code(good[i][0], code);
		assert_string_equal(code, good[i][1]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		conend_code(bad[i], code);
		assert_string_equal(code, "");
	}
	memset(longest, '4', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	conend_code(longest, code);
	assert_string_equal(code, "");
	conend_code(longest + 1, code);
	assert_int_equal(strlen(code), CONEND_CODE_MAX + 1);
}

static const char *read_json(const char *dialect, const char *text, struct conend_request *request)
{
	json_t *fields = json_loads(text, 0, NULL);
	const char *wrong;

	assert_non_null(fields);
	wrong = conend_read(conend_dialect_find(dialect), fields, request, why, sizeof(why));
	json_decref(fields);
	return wrong;
}

static void fields(void **state)
{
	static const char *const bad[][2] = {
		{ "{}", "sessionId is missing" },
		{ "[]", "sessionId is missing" },
		{ "{\"sessionId\":\"s\"}", "phoneNumber is missing" },
		{ "{\"sessionId\":\"s\",\"phoneNumber\":1,\"serviceCode\":\"\"}", "text is missing" },
		{ "{\"sessionId\":{},\"phoneNumber\":1,\"serviceCode\":\"\",\"text\":\"\"}", "sessionId is a text" },
		{ "{\"sessionId\":\"\",\"phoneNumber\":1,\"serviceCode\":\"\",\"text\":\"\"}", "printable" },
		{ "{\"sessionId\":\"\\u0642\",\"phoneNumber\":1,\"serviceCode\":\"\",\"text\":\"\"}", "printable" },
		{ "{\"sessionId\":\"s\",\"phoneNumber\":\"123456789012345678901234567890123\",\"serviceCode\":\"\",\"text\":\"\"}", "more than 32 octets" },
	};
	struct conend_request request;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const char *wrong = read_json("json", bad[i][0], &request);

		assert_non_null(wrong);
		assert_non_null(strstr(wrong, bad[i][1]));
	}
	assert_null(read_json("json", "{\"sessionId\":7,\"phoneNumber\":989121234567,\"serviceCode\":\"*4#\",\"text\":null,\"more\":[]}", &request));
	assert_string_equal(request.session, "7");
	assert_string_equal(request.number, "989121234567");
	assert_string_equal(request.typed, "");
	assert_false(request.says_begins);
	assert_null(read_json("turns", "{\"sessionID\":\"s\",\"msisdn\":\"1\",\"userData\":\"1\",\"newSession\":true}", &request));
	assert_true(request.says_begins && request.begins);
	assert_null(read_json("turns", "{\"sessionID\":\"s\",\"msisdn\":\"1\",\"userData\":\"1\",\"newSession\":\"False\"}", &request));
	assert_true(request.says_begins && !request.begins);
}

/* What each request asks for: D dial, I input of a session, A input with all before it. */
static void steps(void **state)
{
	static const struct { const char *dialect, *typed; int begins; char kind; const char *text, *dial; uint32_t order; } rows[] = {
		{ "conend", "", -1, 'D', "*4#", "*4#", 0 },
		{ "conend", "1", -1, 'A', "1", "*4*1#", 1 },
		{ "conend", "1*2*33", -1, 'A', "33", "*4*1*2*33#", 6 },
		{ "conend", "1*", -1, 'A', "", "*4*1*#", 2 },
		{ "conend", "قبض", -1, 'A', "قبض", "*4*قبض#", 6 },
		{ "turns", "", 1, 'D', "*4#", "*4#", 0 },
		{ "turns", "*384*1#", 1, 'D', "*384*1#", "*384*1#", 0 },
		{ "turns", "*384", -1, 'D', "*384#", "*384#", 0 },
		{ "turns", "2020", 1, 'A', "2020", "*4*2020#", 0 },
		{ "turns", "1*2", 0, 'I', "1*2", "", 0 },
		{ "turns", "", 0, 'I', "", "", 0 },
		{ "turns", "1", -1, 'I', "1", "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct conend_request request = { .says_begins = rows[i].begins >= 0, .begins = rows[i].begins == 1 };
		struct conend_step step;

		strcpy(request.typed, rows[i].typed);
		conend_step(conend_dialect_find(rows[i].dialect), &request, "*4", &step);
		assert_int_equal(step.kind, rows[i].kind == 'D' ? GW_STEP_DIAL : GW_STEP_INPUT);
		assert_int_equal(step.has_dial, rows[i].kind == 'A');
		assert_string_equal(step.text, rows[i].text);
		assert_string_equal(step.dial, rows[i].dial);
		assert_int_equal(step.order, rows[i].order);
	}
}

static void codes_of_networks(void **state)
{
	struct conend_step step = { .dial = "*384*77*1#" };

	(void)state;
	assert_false(conend_map(&step, "*384*7", "*4"));
	assert_false(conend_map(&step, "*99", "*4"));
	assert_true(conend_map(&step, "*384*77", "*4"));
	assert_string_equal(step.dial, "*4*1#");
	assert_true(conend_map(&step, "*4", "*384*77*5"));
	assert_string_equal(step.dial, "*384*77*5*1#");
	memset(step.dial, '1', sizeof(step.dial));
	memcpy(step.dial, "*4*", 3);
	step.dial[sizeof(step.dial) - 1] = '\0';
	assert_false(conend_map(&step, "*4", "*4444"));
}

static void answers(void **state)
{
	static const struct { const char *dialect; bool ends; const char *text, *type; } rows[] = {
		{ "conend", false, "CON a\n\"b\"", "text/plain; charset=utf-8" },
		{ "conend", true, "END a\n\"b\"", "text/plain; charset=utf-8" },
		{ "json", false, "{\"message\":\"a\\n\\\"b\\\"\",\"continue\":true}", "application/json" },
		{ "turns", true, "{\"sessionID\":7,\"msisdn\":\"98\",\"message\":\"a\\n\\\"b\\\"\",\"continueSession\":false}", "application/json" },
	};
	json_t *session = json_integer(7), *number = json_string("98");
	const struct conend_request request = { .session_value = session, .number_value = number };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *type;
		size_t octets;
		char *text = conend_write(conend_dialect_find(rows[i].dialect), &request, "a\n\"b\"", 5, rows[i].ends, &octets, &type);

		assert_non_null(text);
		assert_int_equal(octets, strlen(rows[i].text));
		assert_memory_equal(text, rows[i].text, octets);
		assert_string_equal(type, rows[i].type);
		free(text);
	}
	json_decref(session);
	json_decref(number);
}

static void pages(void **state)
{
	struct conend_dialect dialect = *conend_dialect_find("conend");

	(void)state;
	assert_null(conend_dialect_find("none"));
	for (size_t i = 0; conend_dialect_row(i); i++)
		assert_ptr_equal(conend_dialect_find(conend_dialect_row(i)->name), conend_dialect_row(i));
	dialect.page_septets = 4;
	dialect.page_ucs2_units = 2;
	assert_true(conend_fits(&dialect, "abcd", 4));
	assert_false(conend_fits(&dialect, "abc[", 4));
	assert_true(conend_fits(&dialect, "قب", 4));
	assert_false(conend_fits(&dialect, "قبض", 6));
	assert_false(conend_fits(&dialect, "\xff", 1));
	assert_true(conend_is_exact(&dialect));
	dialect.cumulative = false;
	assert_false(conend_is_exact(&dialect));
	dialect.sequence = "seq";
	assert_true(conend_is_exact(&dialect));
}

/* Whatever comes: a step is made of it, or a sentence; in an allocation of its own size, so that the sanitizers see each octet. */
static void hostile(void **state)
{
	static const char letters[] = "sessionId=phoneNumber=serviceCode=text=&&&%*#+0123456789abc%D9%82\xd9\x82\xff\0";
	struct conend_request request;
	struct conend_step step;

	(void)state;
	srand(7);
	for (int i = 0; i < 20000; i++) {
		size_t octets = (size_t)(rand() % 300);
		char *text = malloc(octets ? octets : 1);
		json_t *parsed;

		for (size_t k = 0; k < octets; k++)
			text[k] = letters[(size_t)rand() % (sizeof(letters) - 1)];
		parsed = conend_form_parse(text, octets);
		free(text);
		if (!parsed)
			continue;
		for (size_t d = 0; conend_dialect_row(d); d++)
			if (!conend_read(conend_dialect_row(d), parsed, &request, why, sizeof(why)))
				conend_step(conend_dialect_row(d), &request, "*4", &step);
		json_decref(parsed);
	}
	memset(&request, 0, sizeof(request));
	memset(request.typed, '*', sizeof(request.typed) - 1);
	for (size_t d = 0; conend_dialect_row(d); d++)
		conend_step(conend_dialect_row(d), &request, "*4", &step);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms), cmocka_unit_test(numbers), cmocka_unit_test(codes), cmocka_unit_test(fields), cmocka_unit_test(steps),
		cmocka_unit_test(codes_of_networks), cmocka_unit_test(answers), cmocka_unit_test(pages), cmocka_unit_test(hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
