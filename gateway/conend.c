/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See conend.h. Where we are wider than the convention: a number may be given in any of its forms, the code with or without its star
 * and number sign, a field as text or, in JSON, as a whole number; fields that no dialect names are not looked at. Where we are
 * narrower: a field twice is refused, for it says two things. What is typed may hold a '*' only where the network tells the last
 * input alone; where it tells all of them, that would be two inputs, and nobody can know better. */
#include "gateway/conend.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "gateway/api_route.h"
#include "smpp/addr.h"
#include "smpp/text.h"

#define FIELDS_MAX 16
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- dialects ---- */

#define STANDARD .session = "sessionId", .number = "phoneNumber", .code = "serviceCode", .typed = "text", .begins = "", .sequence = "", \
	.message = "message", .goes_on = "continue", .page_septets = SMPP_USSD_SEPTETS, .page_ucs2_units = SMPP_USSD_UCS2_UNITS

static const struct conend_dialect rows[] = {
	{ .name = "conend", .text = "a form; all that was typed; CON or END before the page", STANDARD, .form = CONEND_FORM, .cumulative = true,
	  .answer = CONEND_PREFIX },
	{ .name = "conend-get", .text = "the same in the query of a GET", STANDARD, .form = CONEND_QUERY, .cumulative = true, .answer = CONEND_PREFIX },
	{ .name = "conend-json", .text = "the same as a JSON object", STANDARD, .form = CONEND_JSON, .cumulative = true, .answer = CONEND_PREFIX },
	{ .name = "json", .text = "a JSON object, and one as the answer; all that was typed", STANDARD, .form = CONEND_JSON, .cumulative = true,
	  .answer = CONEND_OBJECT },
	{ .name = "turns", .text = "a JSON object of one turn: only what was typed last, and whether it begins a session; the answer says session and number again",
	  .form = CONEND_JSON, .session = "sessionID", .number = "msisdn", .code = "", .typed = "userData", .begins = "newSession", .sequence = "",
	  .cumulative = false, .answer = CONEND_OBJECT, .message = "message", .goes_on = "continueSession", .echo = true,
	  .page_septets = SMPP_USSD_SEPTETS, .page_ucs2_units = SMPP_USSD_UCS2_UNITS },
};

const struct conend_dialect *conend_dialect_row(size_t index)
{
	return index < COUNT(rows) ? &rows[index] : NULL;
}

const struct conend_dialect *conend_dialect_find(const char *name)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

/* It is the aggregator who encodes the page for its network: in GSM 7-bit where it can be. */
bool conend_fits(const void *ctx, const char *utf8, size_t octets)
{
	const struct conend_dialect *dialect = ctx;
	enum smpp_alphabet alphabet = smpp_text_choose(utf8, octets);
	ssize_t units = smpp_text_units(alphabet, utf8, octets);

	return units >= 0 && (size_t)units <= (alphabet == SMPP_ALPHABET_GSM7 ? dialect->page_septets : dialect->page_ucs2_units);
}

bool conend_is_exact(const struct conend_dialect *dialect)
{
	return dialect->cumulative || dialect->sequence[0];
}

/* ---- forms ---- */

/* "name=value" up to '&'; '+' is a space. False: not a field, or one too many, or a second one. */
static bool add_field(json_t *fields, const char *text, size_t octets)
{
	char raw[3 * GW_TEXT_OCTETS + 1], name[CONEND_NAME_MAX + 1], value[GW_TEXT_OCTETS + 1];
	const char *sign;
	json_t *string;

	if (octets == 0)
		return true; /* "a=1&" */
	if (octets >= sizeof(raw) || json_object_size(fields) == FIELDS_MAX)
		return false;
	for (size_t i = 0; i < octets; i++)
		raw[i] = text[i] == '+' ? ' ' : text[i];
	raw[octets] = '\0';
	sign = memchr(raw, '=', octets);
	if (!sign || api_decode(raw, (size_t)(sign - raw), name, sizeof(name)) < 0 ||
	    api_decode(sign + 1, octets - (size_t)(sign - raw) - 1, value, sizeof(value)) < 0)
		return false;
	string = json_string(value); /* NULL if it is not UTF-8 */
	if (!string || json_object_get(fields, name)) {
		json_decref(string);
		return false;
	}
	return json_object_set_new(fields, name, string) == 0; /* not if the name is no UTF-8 */
}

json_t *conend_form_parse(const char *text, size_t octets)
{
	json_t *fields = json_object();
	size_t at = 0;

	while (fields && at < octets) {
		const char *end = memchr(text + at, '&', octets - at);
		size_t n = end ? (size_t)(end - text) - at : octets - at;

		if (!add_field(fields, text + at, n)) {
			json_decref(fields);
			return NULL;
		}
		at += n + 1;
	}
	return fields;
}

/* ---- fields ---- */

/* A text, a whole number or null, as text. NULL: good. */
static const char *take(const json_t *fields, const char *name, bool needed, char *out, size_t cap, char *why, size_t why_cap)
{
	const json_t *value = name[0] ? json_object_get(fields, name) : NULL;
	int n = 0;

	out[0] = '\0';
	if (!value && name[0] && needed)
		n = snprintf(why, why_cap, "the field %s is missing", name);
	else if (json_is_string(value) && json_string_length(value) < cap)
		memcpy(out, json_string_value(value), json_string_length(value) + 1);
	else if (json_is_string(value))
		n = snprintf(why, why_cap, "the field %s has more than %zu octets", name, cap - 1);
	else if (json_is_integer(value))
		snprintf(out, cap, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (value && !json_is_null(value))
		n = snprintf(why, why_cap, "the field %s is a text", name);
	return n ? why : NULL;
}

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

/* true, "true", 1, "1", "yes": it begins. */
static void take_begins(const struct conend_dialect *dialect, const json_t *fields, struct conend_request *out)
{
	static const char *const yes[] = { "true", "1", "yes", "y", "new" };
	const json_t *value = dialect->begins[0] ? json_object_get(fields, dialect->begins) : NULL;

	out->says_begins = value && !json_is_null(value);
	out->begins = json_is_true(value) || (json_is_integer(value) && json_integer_value(value) == 1);
	for (size_t i = 0; json_is_string(value) && i < COUNT(yes); i++)
		out->begins |= strcasecmp(json_string_value(value), yes[i]) == 0;
}

const char *conend_read(const struct conend_dialect *dialect, const json_t *fields, struct conend_request *out, char *why, size_t cap)
{
	const struct { const char *name; bool needed; char *to; size_t cap; } texts[] = {
		{ dialect->session, true, out->session, sizeof(out->session) },
		{ dialect->number, true, out->number, sizeof(out->number) },
		{ dialect->code, true, out->code, sizeof(out->code) },
		{ dialect->typed, true, out->typed, sizeof(out->typed) },
		{ dialect->sequence, true, out->sequence, sizeof(out->sequence) },
	};

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < COUNT(texts); i++)
		if (take(fields, texts[i].name, texts[i].needed, texts[i].to, texts[i].cap, why, cap))
			return why;
	if (!out->session[0] || !is_printable(out->session)) {
		snprintf(why, cap, "the field %s is 1 to %d printable ASCII characters", dialect->session, CONEND_SESSION_MAX);
		return why;
	}
	take_begins(dialect, fields, out);
	out->session_value = json_object_get(fields, dialect->session);
	out->number_value = json_object_get(fields, dialect->number);
	return NULL;
}

int conend_msisdn(const char *number, const char *country, char *out, size_t cap)
{
	char international[CONEND_NUMBER_MAX + 2];
	const struct smpp_address address = { .digits = international };

	if (strlen(number) > CONEND_NUMBER_MAX)
		return -EINVAL;
	snprintf(international, sizeof(international), "%s%s", number[0] == ' ' ? "+" : "", number + (number[0] == ' '));
	return smpp_addr_msisdn(&address, country, out, cap);
}

void conend_code(const char *code, char out[CONEND_CODE_MAX + 3])
{
	size_t n = strlen(code), digits;

	out[0] = '\0';
	if (n && code[n - 1] == '#')
		n--;
	if (!n || n > CONEND_CODE_MAX)
		return;
	snprintf(out, CONEND_CODE_MAX + 3, "%s%.*s", code[0] == '*' ? "" : "*", (int)n, code);
	digits = strspn(out, "0123456789*");
	if (out[digits] || strstr(out, "**") || out[strlen(out) - 1] == '*')
		out[0] = '\0';
}

/* ---- what it asks for ---- */

static const char *last_of(const char *typed)
{
	const char *star = strrchr(typed, '*');

	return star ? star + 1 : typed;
}

/* A network that tells only the last input says what begins a session, or it is seen: nothing was typed, or a code. */
static bool is_beginning(const struct conend_dialect *dialect, const struct conend_request *request)
{
	if (request->says_begins)
		return request->begins;
	return !request->typed[0] || (!dialect->cumulative && request->typed[0] == '*');
}

void conend_step(const struct conend_dialect *dialect, const struct conend_request *request, const char *code, struct conend_step *out)
{
	const char *typed = request->typed;
	bool begins = is_beginning(dialect, request), all = dialect->cumulative || begins;

	*out = (struct conend_step){ .kind = GW_STEP_INPUT, .text = dialect->cumulative ? last_of(typed) : typed };
	if (begins && typed[0] == '*') { /* a code itself */
		snprintf(out->dial, sizeof(out->dial), "%s%s", typed, strchr(typed, '#') ? "" : "#");
		out->kind = GW_STEP_DIAL;
		out->text = out->dial;
		return;
	}
	if (all)
		snprintf(out->dial, sizeof(out->dial), "%s%s%s#", code, typed[0] ? "*" : "", typed);
	if (!typed[0] && (begins || dialect->cumulative)) {
		out->kind = GW_STEP_DIAL;
		out->text = out->dial;
	}
	out->has_dial = all && out->kind == GW_STEP_INPUT;
	out->order = dialect->cumulative ? (uint32_t)strlen(typed) : 0;
}

bool conend_map(struct conend_step *step, const char *network_code, const char *our_code)
{
	size_t from = strlen(network_code), to = strlen(our_code), rest;

	if (strncmp(step->dial, network_code, from) != 0 || !strchr("*#", step->dial[from]) || !step->dial[from])
		return false;
	rest = strlen(step->dial + from) + 1;
	if (to + rest > sizeof(step->dial))
		return false;
	memmove(step->dial + to, step->dial + from, rest);
	memcpy(step->dial, our_code, to);
	return true;
}

/* ---- the answer ---- */

static char *write_object(const struct conend_dialect *dialect, const struct conend_request *request, const char *page, size_t octets, bool ends)
{
	json_t *object = json_object();
	char *text;

	if (dialect->echo) {
		json_object_set(object, dialect->session, request->session_value);
		json_object_set(object, dialect->number, request->number_value);
	}
	json_object_set_new(object, dialect->message, json_stringn(page, octets));
	json_object_set_new(object, dialect->goes_on, json_boolean(!ends));
	text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	return text;
}

char *conend_write(const struct conend_dialect *dialect, const struct conend_request *request, const char *page, size_t octets, bool ends,
		   size_t *out_octets, const char **type)
{
	char *text;

	if (dialect->answer == CONEND_OBJECT) {
		text = write_object(dialect, request, page, octets, ends);
		*type = "application/json";
		*out_octets = text ? strlen(text) : 0;
		return text;
	}
	*type = "text/plain; charset=utf-8";
	*out_octets = octets + 4;
	text = malloc(octets + 5);
	if (text) {
		memcpy(text, ends ? "END " : "CON ", 4);
		memcpy(text + 4, page, octets);
		text[octets + 4] = '\0';
	}
	return text;
}
