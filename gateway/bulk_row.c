/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See bulk_row.h. Whether a notice is good - its number, its text, its length - is not judged here, but by the same code that judges
 * those that come one by one. */
#include "gateway/bulk_row.h"

#include <stdio.h>
#include <string.h>

#include "gateway/api_json.h"

/* Where a column goes: a member, or a member of one. */
static const struct { const char *name, *outer, *member; } known[] = {
	{ "to", NULL, "to" }, { "text_fa", "text", "fa" }, { "text_en", "text", "en" }, { "reference", NULL, "reference" },
	{ "language", NULL, "language" },
};
#define KNOWN (sizeof(known) / sizeof(known[0]))
#define COLUMN_TO 0
#define COLUMN_FIELD (-1)

static const char *const faults[] = {
	[GW_BULK_ROW_NUL] = "an octet 0 stands in it", [GW_BULK_ROW_UTF8] = "it is not UTF-8",
	[GW_BULK_ROW_QUOTES] = "a quote stands where none may: quotes enclose a whole field, and within one they are doubled",
	[GW_BULK_ROW_COLUMNS] = "it has too many columns",
};

static bool blame(struct gw_bulk_bad *bad, const char *pointer, const char *detail)
{
	snprintf(bad->pointer, sizeof(bad->pointer), "%s", pointer);
	snprintf(bad->detail, sizeof(bad->detail), "%s", detail);
	return false;
}

/* ---- the head line ---- */

static int find_known(const char *name)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (strcmp(known[i].name, name) == 0)
			return (int)i;
	return COLUMN_FIELD;
}

/* Spreadsheets leave spaces around what people type. */
static bool copy_name(struct gw_bulk_column *column, const char *text)
{
	size_t n;

	text += strspn(text, " \t");
	n = strlen(text);
	while (n && (text[n - 1] == ' ' || text[n - 1] == '\t'))
		n--;
	if (n == 0 || n > GW_BULK_COLUMN_OCTETS)
		return false;
	memcpy(column->name, text, n);
	column->name[n] = '\0';
	return true;
}

static bool is_twice(const struct gw_bulk_columns *columns, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(columns->at[i].name, columns->at[index].name) == 0)
			return true;
	return false;
}

static bool read_column(struct gw_bulk_columns *columns, const char *text, bool has_template, struct gw_bulk_bad *bad)
{
	struct gw_bulk_column *column = &columns->at[columns->n];

	bad->pointer[0] = '\0';
	if (!copy_name(column, text))
		return blame(bad, "", "a column of the head line has no name, or one that is too long");
	if (is_twice(columns, columns->n)) {
		snprintf(bad->detail, sizeof(bad->detail), "the head line names the column \"%s\" twice", column->name);
		return false;
	}
	column->known = find_known(column->name);
	if (column->known == COLUMN_FIELD && !has_template) {
		snprintf(bad->detail, sizeof(bad->detail), "the head line names a column \"%s\": without a template there are to, text_fa, text_en, "
			 "reference and language", column->name);
		return false;
	}
	columns->n++;
	return true;
}

bool gw_bulk_columns_read(struct gw_bulk_columns *columns, const struct gw_bulk_row *row, bool has_template, struct gw_bulk_bad *bad)
{
	bool has_to = false;

	columns->n = 0;
	if (row->fault != GW_BULK_ROW_GOOD)
		return blame(bad, "", faults[row->fault]);
	for (size_t i = 0; i < row->n; i++) {
		if (!read_column(columns, row->fields[i], has_template, bad))
			return false;
		has_to = has_to || columns->at[i].known == COLUMN_TO;
	}
	return has_to || blame(bad, "", "the head line names no column \"to\"");
}

/* ---- a row ---- */

static json_t *inner(json_t *object, const char *name)
{
	json_t *found = json_object_get(object, name);

	if (!found) {
		found = json_object();
		json_object_set_new_nocheck(object, name, found);
	}
	return found;
}

static json_t *read_csv(const struct gw_bulk_columns *columns, const struct gw_bulk_row *row, struct gw_bulk_bad *bad)
{
	json_t *object;

	if (row->n != columns->n) {
		blame(bad, "", "");
		snprintf(bad->detail, sizeof(bad->detail), "it has %zu fields, the head line has %zu", row->n, columns->n);
		return NULL;
	}
	object = json_object();
	for (size_t i = 0; i < row->n; i++) {
		const struct gw_bulk_column *column = &columns->at[i];
		const char *outer = column->known == COLUMN_FIELD ? "fields" : known[column->known].outer;

		if (row->octets[i])
			json_object_set_new(outer ? inner(object, outer) : object,
					    column->known == COLUMN_FIELD ? column->name : known[column->known].member,
					    json_stringn(row->fields[i], row->octets[i]));
	}
	return object;
}

static json_t *read_json(const struct gw_bulk_row *row, struct gw_bulk_bad *bad)
{
	json_t *object;

	blame(bad, "", "it is no JSON object");
	object = api_json_parse(row->fields[0], row->octets[0], bad->detail, sizeof(bad->detail));
	if (object && !json_is_object(object)) {
		json_decref(object);
		object = NULL;
		blame(bad, "", "it is no JSON object");
	}
	return object;
}

json_t *gw_bulk_row_read(const struct gw_bulk_columns *columns, const struct gw_bulk_row *row, struct gw_bulk_bad *bad)
{
	if (row->fault != GW_BULK_ROW_GOOD) {
		blame(bad, "", faults[row->fault]);
		return NULL;
	}
	return columns ? read_csv(columns, row, bad) : read_json(row, bad);
}
