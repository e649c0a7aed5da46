/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Any octets as an aggregator's request, in each dialect (the first octet says in which): refused with a sentence, or a step within its
 * bounds, and an answer that says the page as it is. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/api_json.h"
#include "gateway/conend.h"

#define HOLD(condition) do { if (!(condition)) abort(); } while (0)

static const char page[] = "خوش آمدید\n1 \"قبض\" \\";

static void check_code(const char *code)
{
	HOLD(strlen(code) <= CONEND_CODE_MAX + 1 && strspn(code, "*0123456789") == strlen(code));
	HOLD(!code[0] || (code[0] == '*' && code[1] && code[strlen(code) - 1] != '*' && !strstr(code, "**")));
}

static void check_step(const struct conend_dialect *dialect, const struct conend_request *request, const char *code)
{
	static const char *const ours[] = { "*4", "*4*1" };
	struct conend_step step, again;

	conend_step(dialect, request, code, &step);
	conend_step(dialect, request, code, &again);
	HOLD(step.kind == again.kind && step.order == again.order && strcmp(step.dial, again.dial) == 0 && strcmp(step.text, again.text) == 0);
	HOLD(step.kind == GW_STEP_DIAL || step.kind == GW_STEP_INPUT);
	HOLD(strlen(step.dial) < sizeof(step.dial) - 1 && strlen(step.text) <= sizeof(step.dial));
	HOLD(!step.dial[0] || strchr(step.dial, '#'));
	HOLD(step.has_dial ? step.kind == GW_STEP_INPUT && step.dial[0] : true);
	HOLD(step.kind != GW_STEP_DIAL || step.text == step.dial);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]) && step.dial[0]; i++) {
		again = step;
		if (conend_map(&again, code, ours[i]))
			HOLD(strncmp(again.dial, ours[i], strlen(ours[i])) == 0 && strcmp(again.dial + strlen(ours[i]), step.dial + strlen(code)) == 0);
	}
}

static void check_answer(const struct conend_dialect *dialect, const struct conend_request *request, bool ends)
{
	const char *type = NULL;
	size_t octets = 0;
	char *text = conend_write(dialect, request, page, strlen(page), ends, &octets, &type);
	json_t *json;

	HOLD(text && type && strlen(text) == octets);
	if (dialect->answer == CONEND_PREFIX) {
		HOLD(strncmp(text, ends ? "END " : "CON ", 4) == 0 && strcmp(text + 4, page) == 0);
	} else {
		json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
		HOLD(json && strcmp(json_string_value(json_object_get(json, dialect->message)), page) == 0);
		HOLD(json_is_false(json_object_get(json, dialect->goes_on)) == ends);
		HOLD(!dialect->echo || json_equal(json_object_get(json, dialect->session), request->session_value));
		json_decref(json);
	}
	free(text);
}

static void check_request(const struct conend_dialect *dialect, const struct conend_request *request)
{
	char msisdn[GW_MSISDN_MAX + 1] = "", code[CONEND_CODE_MAX + 3];

	HOLD(request->session[0] && strlen(request->session) <= CONEND_SESSION_MAX && strlen(request->typed) <= GW_TEXT_OCTETS);
	if (conend_msisdn(request->number, "98", msisdn, sizeof(msisdn)) == 0)
		HOLD(msisdn[0] && strspn(msisdn, "0123456789") == strlen(msisdn));
	conend_code(request->code, code);
	check_code(code);
	check_step(dialect, request, code[0] ? code : "*4");
	check_answer(dialect, request, false);
	check_answer(dialect, request, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct conend_request request;
	const struct conend_dialect *dialect;
	char why[200] = "", *body;
	json_t *fields;

	if (size < 1 || !(dialect = conend_dialect_row(data[0] % 5)))
		return 0;
	body = malloc(size);                     /* exactly as long as it is: a step beyond is seen */
	memcpy(body, data + 1, size - 1);
	fields = dialect->form == CONEND_JSON ? api_json_parse(body, size - 1, why, sizeof(why)) : conend_form_parse(body, size - 1);
	HOLD(fields || dialect->form != CONEND_JSON || why[0]);
	if (fields) {
		why[0] = '\0';
		if (conend_read(dialect, fields, &request, why, sizeof(why)))
			HOLD(why[0]);
		else
			check_request(dialect, &request);
	}
	json_decref(fields);
	free(body);
	return 0;
}
