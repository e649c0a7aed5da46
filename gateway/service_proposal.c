/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See service_proposal.h. A table says which function reads which member. */
#include "gateway/service_proposal.h"

#include <string.h>

#include <osmocom/core/utils.h>

#include "menus/input.h"

#define TITLE_OCTETS 160
#define TEXT_OCTETS 500

struct reading { json_t *record; struct gw_mistakes *mistakes; };

static bool is_text(const json_t *value, size_t max)
{
	const char *text = json_string_value(value);

	if (!text || !text[0] || json_string_length(value) > max || strlen(text) != json_string_length(value))
		return false;
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

static void read_name(struct reading *r, const json_t *value)
{
	if (json_is_string(value) && gw_service_name_ok(json_string_value(value)))
		json_object_set(r->record, "name", (json_t *)(uintptr_t)value);
	else
		gw_mistakes_add(r->mistakes, "/name", "at most %d small letters, digits and '_'", GW_SERVICE_NAME_MAX);
}

static void read_title(struct reading *r, const json_t *value)
{
	static const char *const pointers[] = { "/title/fa", "/title/en" };

	for (size_t i = 0; i < ARRAY_SIZE(pointers); i++)
		if (!is_text(json_object_get(value, pointers[i] + strlen("/title/")), TITLE_OCTETS))
			gw_mistakes_add(r->mistakes, pointers[i], "a line of at most %d octets", TITLE_OCTETS);
	if (json_object_size(value) != ARRAY_SIZE(pointers))
		gw_mistakes_add(r->mistakes, "/title", "an object with fa and en");
	json_object_set(r->record, "title", (json_t *)(uintptr_t)value);
}

static void read_choice(struct reading *r, const json_t *value, const char *name, const char *pointer, bool (*is_one)(const char *text))
{
	if (json_is_string(value) && is_one(json_string_value(value)))
		json_object_set(r->record, name, (json_t *)(uintptr_t)value);
	else
		gw_mistakes_add(r->mistakes, pointer, "that is no %s", name);
}

static bool is_kind(const char *text)
{
	return strcmp(text, "specific") == 0 || strcmp(text, "general") == 0;
}

static void read_kind(struct reading *r, const json_t *value)
{
	read_choice(r, value, "kind", "/kind", is_kind);
}

static void read_domain(struct reading *r, const json_t *value)
{
	read_choice(r, value, "domain", "/domain", gw_catalogue_is_domain);
}

static bool is_channel(const char *text)
{
	return strcmp(text, "ussd") == 0 || strcmp(text, "sms") == 0;
}

static bool is_input(const char *text)
{
	return menu_input_find(text) != NULL;
}

static void read_list(struct reading *r, const json_t *value, const char *name, size_t min, size_t max, bool (*is_one)(const char *text), const char *what)
{
	char pointer[GW_MISTAKE_POINTER_OCTETS];
	bool good = json_is_array(value) && json_array_size(value) >= min && json_array_size(value) <= max;

	for (size_t i = 0; good && i < json_array_size(value); i++) {
		const char *text = json_string_value(json_array_get(value, i));

		good = text && is_one(text);
		for (size_t k = 0; good && k < i; k++)
			good = strcmp(json_string_value(json_array_get(value, k)), text) != 0;
	}
	gw_mistake_pointer(pointer, "", name);
	if (good)
		json_object_set(r->record, name, (json_t *)(uintptr_t)value);
	else
		gw_mistakes_add(r->mistakes, pointer, "%zu to %zu %s, none twice", min, max, what);
}

static void read_channels(struct reading *r, const json_t *value)
{
	read_list(r, value, "channels", 1, 2, is_channel, "of ussd and sms");
}

static void read_inputs(struct reading *r, const json_t *value)
{
	if (value)
		read_list(r, value, "inputs", 0, GW_CATALOGUE_INPUTS_MAX, is_input, "names of input checks");
	else
		json_object_set_new(r->record, "inputs", json_array());
}

static void read_level(struct reading *r, const json_t *value)
{
	if (json_is_integer(value) && json_integer_value(value) >= 0 && json_integer_value(value) <= 3)
		json_object_set(r->record, "level", (json_t *)(uintptr_t)value);
	else
		gw_mistakes_add(r->mistakes, "/level", "0 to 3");
}

static void read_waits_for(struct reading *r, const json_t *value)
{
	if (value && !is_text(value, TEXT_OCTETS))
		gw_mistakes_add(r->mistakes, "/waits_for", "a line of at most %d octets", TEXT_OCTETS);
	else if (value)
		json_object_set(r->record, "waits_for", (json_t *)(uintptr_t)value);
}

static const struct { const char *name; void (*read)(struct reading *r, const json_t *value); } members[] = {
	{ "name", read_name }, { "title", read_title }, { "kind", read_kind }, { "domain", read_domain }, { "channels", read_channels },
	{ "inputs", read_inputs }, { "level", read_level }, { "waits_for", read_waits_for },
};

static void refuse_others(const json_t *body, struct gw_mistakes *mistakes)
{
	char pointer[GW_MISTAKE_POINTER_OCTETS];
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)body, name, value) {
		size_t i = 0;

		while (i < ARRAY_SIZE(members) && strcmp(members[i].name, name) != 0)
			i++;
		gw_mistake_pointer(pointer, "", name);
		if (i == ARRAY_SIZE(members))
			gw_mistakes_add(mistakes, pointer, "a proposal has no such member");
	}
}

json_t *gw_service_proposal(const json_t *body, const char *agency, const char *today, bool late, struct gw_mistakes *mistakes)
{
	struct reading r = { .record = json_object(), .mistakes = mistakes };

	mistakes->n = 0;
	if (json_is_object(body)) {
		for (size_t i = 0; i < ARRAY_SIZE(members); i++)
			members[i].read(&r, json_object_get(body, members[i].name));
		refuse_others(body, mistakes);
	} else {
		gw_mistakes_add(mistakes, "", "an object");
	}
	if (mistakes->n) {
		json_decref(r.record);
		return NULL;
	}
	json_object_set_new(r.record, "agency", json_string(agency));
	json_object_set_new(r.record, "keywords", json_array());
	json_object_set_new(r.record, "state", json_string("proposed"));
	json_object_set_new(r.record, "proposed", json_string(today));
	json_object_set_new(r.record, "after_closing", json_boolean(late));
	json_object_set_new(r.record, "by_api", json_true());
	return r.record;
}
