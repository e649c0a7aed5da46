/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A report as one HTML file for people: Persian from right to left with English beside, no scripts, nothing fetched, printable. Bars are
 * SVG. All that came from elsewhere is escaped. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "gateway/report_table.h"
#include "gateway/usage.h"

#define BAR_WIDTH 80

static const char style[] =
	"body{font-family:Vazirmatn,'Noto Sans Arabic','DejaVu Sans',Tahoma,sans-serif;margin:2em auto;max-width:76em;padding:0 1em;color:#1a1a1a;line-height:1.6}\n"
	"h1{font-size:1.6em;margin-bottom:0}h2{font-size:1.15em;margin:2em 0 0;border-bottom:2px solid #1c6b5a}\n"
	".en{direction:ltr;unicode-bidi:isolate;color:#555;font-size:.8em;font-weight:normal;display:inline-block}\n"
	"p.note{margin:.3em 0;font-size:.85em;color:#444}p.note .en{display:block;text-align:left}\n"
	"table{border-collapse:collapse;width:100%;font-size:.85em;margin-top:.6em}\n"
	"th,td{border:1px solid #ccc;padding:.25em .5em;text-align:start;vertical-align:top}th{background:#e8f1ee;font-weight:600}th .en{display:block;text-align:right}\n"
	"td.n{direction:ltr;text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}td.u{color:#999}svg{vertical-align:middle}\n"
	"nav{columns:3;font-size:.9em}nav a{display:block;color:#1c6b5a;text-decoration:none}\n"
	"@media print{body{margin:0;max-width:none;font-size:9pt}nav{display:none}h2{break-after:avoid}tr{break-inside:avoid}thead{display:table-header-group}"
	"@page{size:A4 landscape;margin:12mm}}\n";

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

static void put_bar(FILE *to, int64_t value, int64_t most)
{
	fprintf(to, " <svg width=\"%d\" height=\"9\" role=\"img\" aria-hidden=\"true\"><rect width=\"%" PRId64 "\" height=\"9\" fill=\"#2f9e83\"/></svg>",
		BAR_WIDTH, most ? value * BAR_WIDTH / most : 0);
}

static void put_cell(FILE *to, const struct gw_report_table *table, size_t c, const struct gw_report_cell *cell)
{
	const struct gw_report_column *column = &table->columns[c];
	char text[64];
	const char *fa = gw_report_shown(column, cell, 0, text, sizeof(text));

	fprintf(to, "<td class=\"%s\">", !cell->known ? "u" : column->kind >= GW_REPORT_TEXT ? "t" : "n");
	if (column->kind >= GW_REPORT_TEXT) /* a name of ours in a Persian line stands by itself */
		fputs("<bdi>", to);
	put(to, fa);
	if (column->kind >= GW_REPORT_TEXT)
		fputs("</bdi>", to);
	if (column->bar && cell->known)
		put_bar(to, cell->number, gw_report_max(table, c));
	fputs("</td>", to);
}

static void put_title(FILE *to, const char *fa, const char *en)
{
	put(to, fa);
	fputs(" <span class=\"en\" lang=\"en\">", to);
	put(to, en);
	fputs("</span>", to);
}

static void put_table(FILE *to, const struct gw_report_table *table)
{
	fprintf(to, "<section id=\"%s\">\n<h2>", table->name);
	put_title(to, table->fa, table->en);
	fputs("</h2>\n", to);
	if (table->note_en[0]) {
		fputs("<p class=\"note\">", to);
		put_title(to, table->note_fa, table->note_en);
		fputs("</p>\n", to);
	}
	fputs("<table><thead><tr>", to);
	for (size_t c = 0; c < table->n_columns; c++) {
		fputs("<th>", to);
		put_title(to, table->columns[c].fa, table->columns[c].en);
		fputs("</th>", to);
	}
	fputs("</tr></thead>\n<tbody>\n", to);
	for (size_t i = 0; i < table->n; i++) {
		fputs("<tr>", to);
		for (size_t c = 0; c < table->n_columns; c++)
			put_cell(to, table, c, &table->rows[i].cells[c]);
		fputs("</tr>\n", to);
	}
	if (!table->n)
		fprintf(to, "<tr><td class=\"u\" colspan=\"%zu\">هیچ <span class=\"en\" lang=\"en\">none</span></td></tr>\n", table->n_columns);
	fputs("</tbody></table>\n</section>\n", to);
}

static void put_head(FILE *to, const struct gw_report *report)
{
	char from[2][16], until[2][16], drawn[2][16];

	gw_report_jalali(report->from, from[0]);
	gw_report_jalali(report->to, until[0]);
	gw_report_jalali(report->drawn, drawn[0]);
	gw_usage_day_text(report->from, from[1]);
	gw_usage_day_text(report->to, until[1]);
	gw_usage_day_text(report->drawn, drawn[1]);
	fprintf(to, "<!DOCTYPE html>\n<html lang=\"fa\" dir=\"rtl\">\n<head><meta charset=\"utf-8\">"
		"<meta name=\"viewport\" content=\"width=device-width\"><title>گزارش دولت همراه %s – %s</title>\n<style>\n%s</style></head>\n<body>\n"
		"<h1>گزارش دولت همراه <span class=\"en\" lang=\"en\">Dolat Hamrah: report</span></h1>\n"
		"<p>از <bdi>%s</bdi> تا <bdi>%s</bdi>؛ تهیه شده در <bdi>%s</bdi> <span class=\"en\" lang=\"en\">From %s to %s; drawn up on %s</span></p>\n",
		from[0], until[0], style, from[0], until[0], drawn[0], from[1], until[1], drawn[1]);
	fprintf(to, "<p class=\"note\">نامعلوم یعنی داده ای نیست؛ هرگز صفر نیست. روزها از نیمه شب <bdi>UTC%s</bdi>. <span class=\"en\" lang=\"en\">Unknown means that "
		"there is no data; it is never zero. Days begin at midnight, UTC%s.</span></p>\n<nav>\n", report->zone, report->zone);
	for (size_t i = 0; i < report->n; i++) {
		fprintf(to, "<a href=\"#%s\">", report->tables[i].name);
		put(to, report->tables[i].fa);
		fputs("</a>\n", to);
	}
	fputs("</nav>\n", to);
}

char *gw_report_html(const struct gw_report *report, size_t *octets)
{
	char *text = NULL;
	FILE *to = open_memstream(&text, octets);

	if (!to)
		return NULL;
	put_head(to, report);
	for (size_t i = 0; i < report->n; i++)
		put_table(to, &report->tables[i]);
	fputs("</body></html>\n", to);
	return fclose(to) == 0 ? text : (free(text), NULL);
}
