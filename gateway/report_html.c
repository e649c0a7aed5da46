/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A report as one HTML file for people, in one language: no scripts, nothing fetched, printable. A bar is the background of its cell. All
 * that came from elsewhere is escaped. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "gateway/report_table.h"

static const char style[] =
	"body{font-family:Vazirmatn,'Noto Sans Arabic','DejaVu Sans',Tahoma,sans-serif;margin:2em auto;max-width:76em;padding:0 1em;color:#1a1a1a;line-height:1.6}\n"
	"h1{font-size:1.6em;margin-bottom:0}h2{font-size:1.15em;margin:2.2em 0 0;border-bottom:2px solid #1c6b5a}p{margin:.3em 0}\n"
	"p.note{font-size:.85em;color:#444;max-width:60em}\n"
	"table{border-collapse:collapse;min-width:40%;font-size:.85em;margin-top:.6em}\n"
	"th,td{border:1px solid #ccc;padding:.25em .6em;text-align:start;vertical-align:top}th{background:#e8f1ee;font-weight:600}\n"
	"td.n,th.n{text-align:right}td.n{white-space:nowrap;font-variant-numeric:tabular-nums}td.u{color:#999}\n"
	"td.b{min-width:7em;background:linear-gradient(to left,#cfe9e1 var(--w),transparent 0);print-color-adjust:exact;-webkit-print-color-adjust:exact}\n"
	"[dir=ltr] td.b{background:linear-gradient(to right,#cfe9e1 var(--w),transparent 0)}\n"
	"nav{columns:3;font-size:.9em;margin-top:1em}nav a{display:block;color:#1c6b5a;text-decoration:none}\n"
	"@media print{body{margin:0;max-width:none;font-size:9pt}nav{display:none}h2,p.note{break-after:avoid}tr{break-inside:avoid}"
	"thead{display:table-header-group}@page{size:A4 landscape;margin:12mm}}\n";

static void put(FILE *to, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '&': fputs("&amp;", to); break;
		case '<': fputs("&lt;", to); break;
		case '>': fputs("&gt;", to); break;
		case '"': fputs("&quot;", to); break;
		case '\'': fputs("&#39;", to); break;
		default: fputc(*text, to);
		}
}

static void put_cell(FILE *to, const struct gw_report_table *table, size_t c, const struct gw_report_cell *cell, enum gw_report_language language)
{
	const struct gw_report_column *column = &table->columns[c];
	bool is_text = column->kind >= GW_REPORT_TEXT;
	char text[64];

	fprintf(to, "<td class=\"%s", is_text ? "t" : "n");
	if (!cell->known)
		fputs(" u", to);
	if (column->bar && cell->known && cell->number > 0)
		fprintf(to, " b\" style=\"--w:%" PRId64 "%%", cell->number * 100 / gw_report_max(table, c));
	fputs(is_text ? "\"><bdi>" : "\">", to); /* a name in a line of another direction stands by itself */
	put(to, gw_report_shown(column, cell, language, text, sizeof(text)));
	fputs(is_text ? "</bdi></td>" : "</td>", to);
}

static void put_row(FILE *to, const struct gw_report_table *table, const struct gw_report_row *row, enum gw_report_language language)
{
	fputs("<tr>", to);
	for (size_t c = 0; c < table->n_columns; c++)
		if (gw_report_has(&table->columns[c], language))
			put_cell(to, table, c, &row->cells[c], language);
	fputs("</tr>\n", to);
}

static void put_heads(FILE *to, const struct gw_report_table *table, enum gw_report_language language)
{
	fputs("<table><thead><tr>", to);
	for (size_t c = 0; c < table->n_columns; c++) {
		const struct gw_report_column *column = &table->columns[c];

		if (!gw_report_has(column, language))
			continue;
		fputs(column->kind >= GW_REPORT_TEXT ? "<th>" : "<th class=\"n\">", to);
		put(to, language == GW_REPORT_FA ? column->fa : column->en);
		fputs("</th>", to);
	}
	fputs("</tr></thead>\n<tbody>\n", to);
}

static void put_table(FILE *to, const struct gw_report_table *table, enum gw_report_language language)
{
	fprintf(to, "<section id=\"%s\">\n<h2>", table->name);
	put(to, language == GW_REPORT_FA ? table->fa : table->en);
	fputs("</h2>\n", to);
	if (table->note_en[0]) {
		fputs("<p class=\"note\">", to);
		put(to, language == GW_REPORT_FA ? table->note_fa : table->note_en);
		fputs("</p>\n", to);
	}
	put_heads(to, table, language);
	for (size_t i = 0; i < table->n; i++)
		put_row(to, table, &table->rows[i], language);
	if (!table->n)
		fprintf(to, "<tr><td class=\"u\" colspan=\"%zu\">%s</td></tr>\n", table->n_columns, gw_report_word("none", language));
	fputs("</tbody></table>\n</section>\n", to);
}

static void put_head(FILE *to, const struct gw_report *report, enum gw_report_language language)
{
	const char *title = gw_report_title[language];
	char period[192], remark[256];

	gw_report_period(report, language, period);
	gw_report_remark(report, language, remark);
	fprintf(to, "<!DOCTYPE html>\n<html lang=\"%s\" dir=\"%s\">\n<head><meta charset=\"utf-8\">"
		"<meta name=\"viewport\" content=\"width=device-width\"><title>",
		language == GW_REPORT_FA ? "fa" : "en", language == GW_REPORT_FA ? "rtl" : "ltr");
	put(to, title);
	fprintf(to, "</title>\n<style>\n%s</style></head>\n<body>\n<h1>", style);
	put(to, title);
	fputs("</h1>\n<p>", to);
	put(to, period);
	fputs("</p>\n<p class=\"note\">", to);
	put(to, remark);
	fputs("</p>\n<nav>\n", to);
	for (size_t i = 0; i < report->n; i++) {
		fprintf(to, "<a href=\"#%s\">", report->tables[i].name);
		put(to, language == GW_REPORT_FA ? report->tables[i].fa : report->tables[i].en);
		fputs("</a>\n", to);
	}
	fputs("</nav>\n", to);
}

char *gw_report_html(const struct gw_report *report, enum gw_report_language language, size_t *octets)
{
	char *text = NULL;
	FILE *to = open_memstream(&text, octets);

	if (!to)
		return NULL;
	put_head(to, report, language);
	for (size_t i = 0; i < report->n; i++)
		put_table(to, &report->tables[i], language);
	fputs("</body></html>\n", to);
	return fclose(to) == 0 ? text : (free(text), NULL);
}
