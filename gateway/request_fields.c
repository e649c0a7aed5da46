/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See request_fields.h. */
#include "gateway/request_fields.h"

#include <string.h>

#include "gateway/notice.h"

#define NAME_MAX_OCTETS 32
#define SERVICE_MAX_OCTETS 64

/* ---- by a keyword ---- */

static bool is_field(const struct menu_keyword *keyword, const char *name)
{
	for (size_t i = 0; i < keyword->n_fields; i++)
		if (strcmp(keyword->fields[i].name, name) == 0)
			return true;
	return false;
}

static void check(const struct menu_keyword_field *field, const json_t *value, struct gw_request_fields *fields, struct gw_mistakes *mistakes)
{
	struct menu_input_with with[MENU_KEYWORD_BOUNDS_MAX + GW_REQUEST_FIELDS_MAX];
	struct menu_input_result result;
	char pointer[GW_MISTAKE_POINTER_OCTETS];
	size_t n = field->n_with;

	gw_mistake_pointer(pointer, "/fields", field->name);
	if (!json_is_string(value)) {
		if (value || !field->optional)
			gw_mistakes_add(mistakes, pointer, value ? "it is a text" : "it is missing");
		return;
	}
	if (n)
		memcpy(with, field->with, n * sizeof(with[0]));
	for (size_t i = 0; i < fields->n; i++)
		with[n++] = (struct menu_input_with){ fields->at[i].name, fields->at[i].value };
	menu_input_check(field->check, json_string_value(value), json_string_length(value), with, n, &result);
	if (!result.ok) {
		gw_mistakes_add(mistakes, pointer, "%s", result.reason_en);
		return;
	}
	fields->at[fields->n].name = field->name;
	memcpy(fields->at[fields->n++].value, result.normal, strlen(result.normal) + 1);
}

static void read_by_keyword(const json_t *given, const struct menu_keyword *keyword, struct gw_request_fields *fields, struct gw_mistakes *mistakes)
{
	char pointer[GW_MISTAKE_POINTER_OCTETS];
	const char *name;
	json_t *value;

	for (size_t i = 0; i < keyword->n_fields; i++)
		check(&keyword->fields[i], json_object_get(given, keyword->fields[i].name), fields, mistakes);
	json_object_foreach((json_t *)(uintptr_t)given, name, value)
		if (!is_field(keyword, name)) {
			gw_mistake_pointer(pointer, "/fields", name);
			gw_mistakes_add(mistakes, pointer, "the service has no such field");
		}
}

/* ---- without ---- */

static bool is_name(const char *name)
{
	size_t n = strlen(name);

	return n && n <= NAME_MAX_OCTETS && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

static bool is_text(const json_t *value, size_t max, bool lines)
{
	const char *text = json_string_value(value);

	return text && text[0] && json_string_length(value) <= max && strlen(text) == json_string_length(value) && gw_notice_text_is_clean(text, lines);
}

static void read_plain(const json_t *body, const json_t *given, struct gw_request_fields *fields, struct gw_mistakes *mistakes)
{
	const json_t *title = json_object_get(body, "title");
	char pointer[GW_MISTAKE_POINTER_OCTETS];
	const char *name;
	json_t *value;

	if (!is_text(json_object_get(title, "fa"), GW_NOTICE_TITLE_OCTETS, false) || !is_text(json_object_get(title, "en"), GW_NOTICE_TITLE_OCTETS, false))
		gw_mistakes_add(mistakes, "/title", "no keyword has this service: it needs a title, fa and en, of at most %d octets each", GW_NOTICE_TITLE_OCTETS);
	if (json_object_size(given) > GW_REQUEST_FIELDS_MAX)
		gw_mistakes_add(mistakes, "/fields", "at most %d of them", GW_REQUEST_FIELDS_MAX);
	json_object_foreach((json_t *)(uintptr_t)given, name, value) {
		gw_mistake_pointer(pointer, "/fields", name);
		if (!is_name(name))
			gw_mistakes_add(mistakes, pointer, "a name has at most %d small letters, digits and '_'", NAME_MAX_OCTETS);
		else if (!is_text(value, MENU_INPUT_OCTETS, true))
			gw_mistakes_add(mistakes, pointer, "a text of 1 to %d octets, without control characters", MENU_INPUT_OCTETS);
		else if (fields->n < GW_REQUEST_FIELDS_MAX) {
			fields->at[fields->n].name = name;
			memcpy(fields->at[fields->n++].value, json_string_value(value), json_string_length(value) + 1);
		}
	}
}

/* ---- the rest of the body ---- */

static bool is_service(const char *name)
{
	size_t n = name ? strlen(name) : 0;

	return n && n <= SERVICE_MAX_OCTETS && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.") == n;
}

static void read_members(const json_t *body, struct gw_mistakes *mistakes)
{
	static const char *const known[] = { "agency", "service", "title", "fields", "sms" };
	char pointer[GW_MISTAKE_POINTER_OCTETS];
	const char *name, *agency = json_string_value(json_object_get(body, "agency"));
	const json_t *given = json_object_get(body, "fields"), *sms = json_object_get(body, "sms");
	json_t *value;

	if (!agency || !is_name(agency))
		gw_mistakes_add(mistakes, "/agency", "the name of an account");
	if (!is_service(json_string_value(json_object_get(body, "service"))))
		gw_mistakes_add(mistakes, "/service", "a name: at most %d small letters, digits, '_' and '.'", SERVICE_MAX_OCTETS);
	if (given && !json_is_object(given))
		gw_mistakes_add(mistakes, "/fields", "an object");
	if (sms && !json_is_boolean(sms))
		gw_mistakes_add(mistakes, "/sms", "true or false");
	json_object_foreach((json_t *)(uintptr_t)body, name, value) {
		size_t i = 0;

		while (i < sizeof(known) / sizeof(known[0]) && strcmp(known[i], name) != 0)
			i++;
		gw_mistake_pointer(pointer, "", name);
		if (i == sizeof(known) / sizeof(known[0]))
			gw_mistakes_add(mistakes, pointer, "a request has no such member");
	}
}

bool gw_request_fields_read(const json_t *body, const struct menu_keyword *keyword, struct gw_request_fields *fields, struct gw_mistakes *mistakes)
{
	const json_t *given = json_object_get(body, "fields");

	fields->n = 0;
	mistakes->n = 0;
	if (json_is_object(body))
		read_members(body, mistakes);
	else
		gw_mistakes_add(mistakes, "", "an object");
	if (mistakes->n)
		return false;
	if (keyword)
		read_by_keyword(given, keyword, fields, mistakes);
	else
		read_plain(body, given, fields, mistakes);
	return mistakes->n == 0;
}
