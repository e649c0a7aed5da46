/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A report for machines: JSON, all of it in one object, null for what is not known; and CSV (RFC 4180), a file for each table, an empty field
 * for what is not known. Days are written YYYY-MM-DD. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <osmocom/core/utils.h>

#include "gateway/report_table.h"
#include "gateway/usage.h"

static json_t *cell_json(const struct gw_report_column *column, const struct gw_report_cell *cell)
{
	char text[16];

	if (!cell->known)
		return json_null();
	if (column->kind == GW_REPORT_NUMBER)
		return json_integer(cell->number);
	if (column->kind >= GW_REPORT_TEXT)
		return json_string(cell->text);
	gw_usage_day_text((uint16_t)cell->number, text);
	return json_string(text);
}

static json_t *table_json(const struct gw_report_table *table)
{
	json_t *columns = json_array(), *rows = json_array();

	for (size_t c = 0; c < table->n_columns; c++)
		json_array_append_new(columns, json_pack("{s:s, s:s, s:s}", "name", table->columns[c].name, "fa", table->columns[c].fa, "en",
							 table->columns[c].en));
	for (size_t i = 0; i < table->n; i++) {
		json_t *row = json_object();

		for (size_t c = 0; c < table->n_columns; c++)
			json_object_set_new(row, table->columns[c].name, cell_json(&table->columns[c], &table->rows[i].cells[c]));
		json_array_append_new(rows, row);
	}
	return json_pack("{s:s, s:{s:s, s:s}, s:{s:s, s:s}, s:o, s:o}", "name", table->name, "title", "fa", table->fa, "en", table->en, "note", "fa",
			 table->note_fa, "en", table->note_en, "columns", columns, "rows", rows);
}

static json_t *day_json(uint16_t day)
{
	char text[16], jalali[16];

	gw_usage_day_text(day, text);
	gw_report_jalali(day, jalali);
	return json_pack("{s:s, s:s}", "day", text, "jalali", jalali);
}

char *gw_report_json(const struct gw_report *report, size_t *octets)
{
	json_t *tables = json_array(), *whole;
	char *text;

	for (size_t i = 0; i < report->n; i++)
		json_array_append_new(tables, table_json(&report->tables[i]));
	whole = json_pack("{s:s, s:i, s:o, s:o, s:o, s:s, s:o}", "report", "dolat-hamrah", "version", 1, "from", day_json(report->from), "to",
			  day_json(report->to), "drawn", day_json(report->drawn), "time_zone", report->zone, "tables", tables);
	text = json_dumps(whole, JSON_INDENT(1));
	json_decref(whole);
	*octets = text ? strlen(text) : 0;
	return text;
}

/* ---- CSV ---- */

static void put_field(FILE *to, const char *text)
{
	if (!text[strcspn(text, "\",\r\n")]) {
		fputs(text, to);
		return;
	}
	fputc('"', to);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', to);
		fputc(*text, to);
	}
	fputc('"', to);
}

static void put_cell(FILE *to, const struct gw_report_column *column, const struct gw_report_cell *cell)
{
	char text[16];

	if (!cell->known)
		return;
	if (column->kind == GW_REPORT_NUMBER) {
		fprintf(to, "%" PRId64, cell->number);
	} else if (column->kind >= GW_REPORT_TEXT) {
		put_field(to, cell->text);
	} else {
		gw_usage_day_text((uint16_t)cell->number, text);
		fputs(text, to);
	}
}

char *gw_report_csv(const struct gw_report_table *table, size_t *octets)
{
	char *text = NULL;
	FILE *to = open_memstream(&text, octets);

	if (!to)
		return NULL;
	for (size_t c = 0; c < table->n_columns; c++)
		fprintf(to, "%s%s", c ? "," : "", table->columns[c].name);
	fputs("\r\n", to);
	for (size_t i = 0; i < table->n; i++) {
		for (size_t c = 0; c < table->n_columns; c++) {
			if (c)
				fputc(',', to);
			put_cell(to, &table->columns[c], &table->rows[i].cells[c]);
		}
		fputs("\r\n", to);
	}
	return fclose(to) == 0 ? text : (free(text), NULL);
}
