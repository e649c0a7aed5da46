/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See agency_answer.h. When is JSON needed? For an outcome "ok" of an operation that takes anything from its answer.
 * Another status (a 404 with a page of HTML) speaks for itself; its document is used if there is a good one. */
#include "gateway/agency_answer.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "menus/utf8.h"

/* --- bytes -> document --- */

/* "application/json", "application/problem+json; charset=utf-8" */
static bool is_json_type(const char *type)
{
	size_t n;

	if (!type)
		return false;
	type += strspn(type, " \t");
	n = strcspn(type, "; \t");
	if (n == 16 && strncasecmp(type, "application/json", n) == 0)
		return true;
	return n > 17 && strncasecmp(type, "application/", 12) == 0 && strncasecmp(type + n - 5, "+json", 5) == 0;
}

/* jansson recurses: what is nested too deeply never reaches it. Brackets in strings do not count. */
static bool is_too_deep(const char *body, size_t octets)
{
	unsigned int depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < octets; i++) {
		char c = body[i];
		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '[' || c == '{') {
			if (++depth > GW_AGENCY_DEPTH_MAX)
				return true;
		} else if ((c == ']' || c == '}') && depth > 0) {
			depth--;
		}
	}
	return false;
}

static enum gw_agency_fault fault_of(enum json_error_code code)
{
	switch (code) {
	case json_error_invalid_utf8:
		return GW_AGENCY_FAULT_UTF8;
	case json_error_stack_overflow:
		return GW_AGENCY_FAULT_DEPTH;
	case json_error_duplicate_key:
		return GW_AGENCY_FAULT_DUPLICATE;
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return GW_AGENCY_FAULT_NUL;
	case json_error_numeric_overflow:
		return GW_AGENCY_FAULT_NUMBER;
	default:
		return GW_AGENCY_FAULT_JSON;
	}
}

static json_t *document(const char *type, const char *body, size_t octets, enum gw_agency_fault *fault)
{
	json_error_t error;
	json_t *json;

	*fault = GW_AGENCY_FAULT_NONE;
	if (!is_json_type(type)) {
		*fault = GW_AGENCY_FAULT_TYPE;
		return NULL;
	}
	if (is_too_deep(body, octets)) {
		*fault = GW_AGENCY_FAULT_DEPTH;
		return NULL;
	}
	json = json_loadb(body, octets, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		*fault = fault_of(json_error_code(&error));
	return json;
}

/* --- pointers (RFC 6901; their form was checked when the operation was read) --- */

/* The octets of a token, ~0 and ~1 decoded; -1 if it is longer than any key we care for. */
static int unescape(const char *token, size_t n, char *out, size_t cap)
{
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		char c = token[i];
		if (c == '~' && i + 1 < n)
			c = token[++i] == '1' ? '/' : '~';
		if (used + 1 >= cap)
			return -1;
		out[used++] = c;
	}
	out[used] = '\0';
	return (int)used;
}

/* An array's index has no leading zero. */
static const json_t *element(const json_t *array, const char *token)
{
	size_t n = strlen(token);

	if (n == 0 || n > 6 || strspn(token, "0123456789") != n || (token[0] == '0' && n > 1))
		return NULL;
	return json_array_get(array, (size_t)strtoul(token, NULL, 10));
}

static const json_t *at(const json_t *json, const char *pointer)
{
	char token[256];

	while (json && *pointer == '/') {
		size_t n = strcspn(++pointer, "/");
		if (unescape(pointer, n, token, sizeof(token)) < 0)
			return NULL;
		json = json_is_array(json) ? element(json, token) : json_object_get(json, token);
		pointer += n;
	}
	return json;
}

/* --- values --- */

/* A screen has lines of its own: an agency's control characters must not make or break them. Only a long text has lines. */
static void text_of_string(const json_t *json, char *out, size_t cap, bool lines)
{
	const char *text = json_string_value(json);
	size_t n = menu_utf8_floor(text, json_string_length(json), cap);

	memcpy(out, text, n);
	out[n] = '\0';
	for (char *c = out; *c; c++)
		if (((unsigned char)*c < 0x20 && !(lines && *c == '\n')) || *c == 0x7f)
			*c = ' ';
}

/* Shortest text that reads back the same; without an exponent where a person would not write one. */
static void text_of_real(double real, char *out)
{
	size_t cap = MENU_OPERATION_VALUE_OCTETS;

	if (fabs(real) < 9007199254740992.0 && floor(real) >= real) {
		snprintf(out, cap, "%lld", (long long)real);
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(out, cap, "%.*g", digits, real);
		if (strtod(out, NULL) <= real && strtod(out, NULL) >= real)
			return;
	}
}

/* False: no value (null, missing, a container). */
static bool text_of(const json_t *json, char *out)
{
	switch (json ? json_typeof(json) : JSON_NULL) {
	case JSON_STRING:
		text_of_string(json, out, MENU_OPERATION_VALUE_OCTETS, false);
		return true;
	case JSON_INTEGER:
		snprintf(out, MENU_OPERATION_VALUE_OCTETS, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
		return true;
	case JSON_REAL:
		text_of_real(json_real_value(json), out);
		return true;
	case JSON_TRUE:
	case JSON_FALSE:
		strcpy(out, json_is_true(json) ? "true" : "false");
		return true;
	default:
		return false;
	}
}

/* False: a required field is missing. */
static bool take(struct gw_agency_answer *a, const json_t *from, const struct menu_field *field, const char *list, size_t row, bool demanding)
{
	const json_t *json = at(from, field->pointer);
	size_t n = a->answer.n;
	char *text = a->texts[n < MENU_OPERATION_VALUES_MAX ? n : 0];

	if (n == MENU_OPERATION_VALUES_MAX)
		return true;
	if (field->is_long && json_is_string(json) && a->n_longs < MENU_OPERATION_LONGS_MAX) {
		text = a->longs[a->n_longs++];
		text_of_string(json, text, MENU_OPERATION_LONG_OCTETS, true);
	} else if (!text_of(json, text)) {
		return !(field->required && demanding);
	}
	a->values[n] = (struct menu_value){ .name = field->name, .value = text, .list = list, .row = (uint16_t)row };
	a->answer.n++;
	return true;
}

/* Whole rows only: half a bill is worse than none. */
static bool take_list(struct gw_agency_answer *a, const json_t *document, const struct menu_list *list, bool demanding)
{
	const json_t *rows = at(document, list->pointer);

	if (!rows || json_is_null(rows))
		return true;
	if (!json_is_array(rows))
		return !demanding;
	for (size_t i = 0; i < json_array_size(rows) && i < list->rows_max; i++) {
		if (a->answer.n + list->n_fields > MENU_OPERATION_VALUES_MAX)
			return true;
		for (size_t j = 0; j < list->n_fields; j++)
			if (!take(a, json_array_get(rows, i), &list->fields[j], list->name, i, demanding))
				return false;
	}
	return true;
}

static bool take_all(struct gw_agency_answer *a, const struct menu_operation *op, const json_t *document, bool demanding)
{
	for (size_t i = 0; i < op->n_fields; i++)
		if (!take(a, document, &op->fields[i], NULL, 0, demanding))
			return false;
	for (size_t i = 0; i < op->n_lists; i++)
		if (!take_list(a, document, &op->lists[i], demanding))
			return false;
	return true;
}

/* --- outcome --- */

static bool rule_holds(const struct menu_status_rule *rule, unsigned int status, const json_t *document)
{
	char text[MENU_OPERATION_VALUE_OCTETS + 1];

	if (status < rule->status_from || status > rule->status_to)
		return false;
	return !rule->pointer || (text_of(at(document, rule->pointer), text) && strcmp(text, rule->equals) == 0);
}

/* NULL: no rule and no custom knows this status. */
static const char *outcome_of(const struct menu_operation *op, unsigned int status, const json_t *document)
{
	for (size_t i = 0; i < op->n_rules; i++)
		if (rule_holds(&op->rules[i], status, document))
			return op->rules[i].outcome;
	if (status >= 200 && status <= 299)
		return "ok";
	return status == 404 ? "not_found" : NULL;
}

/* Does any rule look into the document of an answer with this status? Then a broken document is no answer. */
static bool rules_need_document(const struct menu_operation *op, unsigned int status)
{
	for (size_t i = 0; i < op->n_rules; i++)
		if (op->rules[i].pointer && status >= op->rules[i].status_from && status <= op->rules[i].status_to)
			return true;
	return false;
}

static void fail(struct gw_agency_answer *answer, enum gw_agency_fault fault)
{
	answer->fault = fault;
	answer->answer.outcome = "failed";
	answer->answer.n = 0;
}

static void judge(struct gw_agency_answer *a, const struct menu_operation *op, unsigned int status, const json_t *document,
                  enum gw_agency_fault fault)
{
	const char *outcome = outcome_of(op, status, document);
	bool ok = outcome && strcmp(outcome, "ok") == 0;
	bool needed = ok && (op->n_fields || op->n_lists || rules_need_document(op, status));

	if (!outcome) {
		fail(a, GW_AGENCY_FAULT_STATUS);
	} else if (needed && !document) {
		fail(a, fault);
	} else {
		a->answer.outcome = outcome;
		if (document && !take_all(a, op, document, ok))
			fail(a, GW_AGENCY_FAULT_MISSING);
	}
}

void gw_agency_answer_take(struct gw_agency_answer *answer, const struct menu_operation *operation, unsigned int status, const json_t *json)
{
	answer->answer = (struct menu_answer){ .outcome = "failed", .values = answer->values };
	answer->fault = GW_AGENCY_FAULT_NONE;
	answer->n_longs = 0;
	judge(answer, operation, status, json, GW_AGENCY_FAULT_JSON);
}

void gw_agency_answer_read(struct gw_agency_answer *answer, const struct menu_operation *operation, unsigned int status,
                           const char *content_type, const char *body, size_t octets)
{
	enum gw_agency_fault fault;
	json_t *json = document(content_type, body, octets, &fault);

	answer->answer = (struct menu_answer){ .outcome = "failed", .values = answer->values };
	answer->fault = GW_AGENCY_FAULT_NONE;
	answer->n_longs = 0;
	judge(answer, operation, status, json, fault);
	json_decref(json);
}
