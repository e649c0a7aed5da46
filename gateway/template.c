/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See template.h. */
#include "gateway/template.h"

#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/rfc3339.h"
#include "menus/filter.h"
#include "menus/piece.h"

#define FILTERED_OCTETS (2 * GW_TEMPLATE_VALUE_OCTETS)
#define NUMBER_OCTETS 24

struct gw_template_piece {
	const char *text;                /* NULL: the value of a field, */
	size_t field;
	const struct menu_filter *filter;/* as it is shown by this; NULL: as it is */
};

struct compiling {
	struct gw_template *template;
	struct gw_mistakes *mistakes;
	size_t language;
	char pointer[16];                /* "/text/fa" */
};

static int free_template(struct gw_template *template)
{
	json_decref(template->text);
	return 0;
}

/* ---- names ---- */

static bool is_name(const char *name, const char *characters, size_t max)
{
	size_t n = strlen(name);

	return name[0] >= 'a' && name[0] <= 'z' && n <= max && strspn(name, characters) == n;
}

bool gw_template_name_is_good(const char *name)
{
	return is_name(name, "abcdefghijklmnopqrstuvwxyz0123456789_-", GW_TEMPLATE_NAME_MAX);
}

/* -1: there is no such field. */
static int find_field(const struct gw_template *template, const char *name)
{
	for (size_t i = 0; i < template->n_fields; i++)
		if (strcmp(template->fields[i], name) == 0)
			return (int)i;
	return -1;
}

/* ---- compiling ---- */

static struct gw_template_piece *add_piece(struct compiling *c)
{
	struct gw_template *template = c->template;
	struct gw_template_piece **pieces = &template->pieces[c->language];
	size_t n = template->n_pieces[c->language]++;

	*pieces = talloc_realloc(template, *pieces, struct gw_template_piece, (unsigned int)(n + 1));
	(*pieces)[n] = (struct gw_template_piece){ .text = NULL };
	return &(*pieces)[n];
}

static void add_text(struct compiling *c, const char *text, size_t octets)
{
	add_piece(c)->text = talloc_strndup(c->template, text, octets);
}

static void add_value(struct compiling *c, const struct menu_piece *piece)
{
	struct gw_template *template = c->template;
	const struct menu_filter *filter = piece->has_filter ? menu_filter_find(piece->filter) : NULL;
	int field = find_field(template, piece->name);
	struct gw_template_piece *added;

	if (piece->has_filter && !filter)
		gw_mistakes_add(c->mistakes, c->pointer, "what stands behind a | is no filter");
	if (!is_name(piece->name, "abcdefghijklmnopqrstuvwxyz0123456789_", MENU_PIECE_NAME_OCTETS - 1))
		gw_mistakes_add(c->mistakes, c->pointer, "a field is named by small letters, digits and _, a letter first");
	else if (field < 0 && template->n_fields == GW_TEMPLATE_FIELDS_MAX)
		gw_mistakes_add(c->mistakes, c->pointer, "it has more than %d fields", GW_TEMPLATE_FIELDS_MAX);
	if (c->mistakes->n)
		return;
	if (field < 0) {
		field = (int)template->n_fields++;
		template->fields[field] = talloc_strdup(template, piece->name);
	}
	added = add_piece(c);
	added->field = (size_t)field;
	added->filter = filter;
}

static void compile_text(struct compiling *c, const char *text)
{
	enum menu_piece_kind kind;
	struct menu_piece piece;

	while ((kind = menu_piece_next(&text, &piece)) != MENU_PIECE_END) {
		if (kind == MENU_PIECE_BAD) {
			gw_mistakes_add(c->mistakes, c->pointer, "it has a { without its } ({{ stands for a brace)");
			return;
		}
		if (kind == MENU_PIECE_TEXT)
			add_text(c, piece.text, piece.octets);
		else
			add_value(c, &piece);
	}
}

static void compile_language(struct compiling *c, const json_t *value)
{
	const char *text = json_string_value(value);

	snprintf(c->pointer, sizeof(c->pointer), "/text/%s", gw_notice_languages[c->language]);
	if (!text)
		gw_mistakes_add(c->mistakes, c->pointer, "it is a text");
	else if (!text[0] || json_string_length(value) > GW_NOTICE_TEXT_OCTETS)
		gw_mistakes_add(c->mistakes, c->pointer, "it has 1 to %d octets of UTF-8", GW_NOTICE_TEXT_OCTETS);
	else if (!gw_notice_text_is_clean(text, true))
		gw_mistakes_add(c->mistakes, c->pointer, "it has a control character: only \\n is taken");
	else
		compile_text(c, text);
}

struct gw_template *gw_template_compile(void *ctx, const char *name, const json_t *text, struct gw_mistakes *mistakes)
{
	struct gw_template *template = talloc_zero(ctx, struct gw_template);
	struct compiling c = { .template = template, .mistakes = mistakes };
	size_t known = 0;

	talloc_set_destructor(template, free_template);
	OSMO_STRLCPY_ARRAY(template->name, name);
	template->text = json_deep_copy(text);
	for (c.language = 0; c.language < GW_NOTICE_LANGUAGES; c.language++) {
		const json_t *value = json_object_get(text, gw_notice_languages[c.language]);

		if (!value)
			continue;
		known++;
		compile_language(&c, value);
	}
	if (!json_is_object(text) || !known || known != json_object_size(text))
		gw_mistakes_add(mistakes, "/text", "it is an object with fa, en or both, and nothing else");
	if (mistakes->n)
		TALLOC_FREE(template);
	return template;
}

/* ---- filling ---- */

struct filling {
	const struct gw_template *template;
	struct gw_mistakes *mistakes;
	const char *values[GW_TEMPLATE_FIELDS_MAX];
	char numbers[GW_TEMPLATE_FIELDS_MAX][NUMBER_OCTETS];
};

static void take_value(struct filling *f, size_t field, const json_t *value, const char *pointer)
{
	const char *text = json_string_value(value);

	f->values[field] = "";
	if (json_is_integer(value)) {
		snprintf(f->numbers[field], sizeof(f->numbers[field]), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		f->values[field] = f->numbers[field];
	} else if (!text) {
		gw_mistakes_add(f->mistakes, pointer, "it is a text or a whole number");
	} else if (!text[0] || json_string_length(value) > GW_TEMPLATE_VALUE_OCTETS) {
		gw_mistakes_add(f->mistakes, pointer, "it has 1 to %d octets of UTF-8", GW_TEMPLATE_VALUE_OCTETS);
	} else if (!gw_notice_text_is_clean(text, false)) {
		gw_mistakes_add(f->mistakes, pointer, "it is one line without control characters");
	} else {
		f->values[field] = text;
	}
}

static void take_fields(struct filling *f, const json_t *fields)
{
	char pointer[GW_MISTAKE_POINTER_OCTETS];
	const char *name;
	json_t *value;

	if (fields && !json_is_object(fields))
		gw_mistakes_add(f->mistakes, "/fields", "it is an object");
	json_object_foreach((json_t *)(uintptr_t)fields, name, value) {
		int field = find_field(f->template, name);

		gw_mistake_pointer(pointer, "/fields", name);
		if (field < 0)
			gw_mistakes_add(f->mistakes, pointer, "the template has no such field");
		else
			take_value(f, (size_t)field, value, pointer);
	}
	for (size_t i = 0; i < f->template->n_fields; i++) {
		if (f->values[i])
			continue;
		gw_mistake_pointer(pointer, "/fields", f->template->fields[i]);
		gw_mistakes_add(f->mistakes, pointer, "the template needs it");
	}
}

static bool append(char *text, size_t *at, const char *more)
{
	size_t n = strlen(more);

	if (*at + n > GW_NOTICE_TEXT_OCTETS)
		return false;
	memcpy(text + *at, more, n + 1);
	*at += n;
	return true;
}

/* False: it is too long. */
static bool fill_language(const struct filling *f, size_t language, char text[GW_NOTICE_TEXT_OCTETS + 1])
{
	char filtered[FILTERED_OCTETS];
	size_t at = 0;

	for (size_t i = 0; i < f->template->n_pieces[language]; i++) {
		const struct gw_template_piece *piece = &f->template->pieces[language][i];
		const char *value = piece->text ? piece->text : f->values[piece->field];

		if (piece->filter && piece->filter->apply(gw_notice_languages[language], value, filtered, sizeof(filtered)) >= 0)
			value = filtered;
		if (!append(text, &at, value))
			return false;
	}
	return true;
}

bool gw_template_fill(const struct gw_template *template, const json_t *fields, struct gw_notice *notice, struct gw_mistakes *mistakes)
{
	struct filling f = { .template = template, .mistakes = mistakes };
	char text[GW_NOTICE_TEXT_OCTETS + 1];
	size_t before = mistakes->n;

	take_fields(&f, fields);
	for (size_t i = 0; i < GW_NOTICE_LANGUAGES && mistakes->n == before; i++) {
		if (!template->n_pieces[i])
			continue;
		if (fill_language(&f, i, text))
			gw_notice_set(notice, &notice->text[i], text);
		else
			gw_mistakes_add(mistakes, "/fields", "with these the text would have more than %d octets", GW_NOTICE_TEXT_OCTETS);
	}
	return mistakes->n == before;
}

/* ---- kept and shown ---- */

char *gw_template_encode(const struct gw_template *template, size_t *octets)
{
	json_t *json = json_pack("{s:I, s:O}", "at", (json_int_t)template->changed_ms, "text", template->text);
	char *text = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	*octets = text ? strlen(text) : 0;
	return text;
}

struct gw_template *gw_template_decode(void *ctx, const char *name, const void *value, size_t octets)
{
	json_t *json = json_loadb(value, octets, 0, NULL);
	struct gw_mistakes mistakes = { 0 };
	struct gw_template *template = gw_template_compile(ctx, name, json_object_get(json, "text"), &mistakes);

	if (template)
		template->changed_ms = json_integer_value(json_object_get(json, "at"));
	json_decref(json);
	return template;
}

json_t *gw_template_show(const struct gw_template *template)
{
	json_t *fields = json_array();
	char changed[GW_RFC3339_OCTETS];

	for (size_t i = 0; i < template->n_fields; i++)
		json_array_append_new(fields, json_string(template->fields[i]));
	gw_rfc3339_print(template->changed_ms, changed);
	return json_pack("{s:s, s:O, s:o, s:s}", "name", template->name, "text", template->text, "fields", fields, "changed_at", changed);
}
