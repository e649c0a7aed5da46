/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A report as PDF: A4, landscape, the tables of the HTML, shaped by Pango (Persian is written right, from right to left), drawn by cairo. Each
 * page has the period at its head and its number at its foot; a table that goes on has its heads again. The document is walked twice:
 * first to count the pages. Its date is the day on which the report was drawn up, so the same report is the same file. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <cairo-pdf.h>
#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>

#include <osmocom/core/utils.h>

#include "gateway/report_table.h"
#include "gateway/usage.h"

#define WIDTH 841.89
#define HEIGHT 595.28
#define MARGIN 36.0
#define HEAD (MARGIN + 18)
#define FOOT (HEIGHT - MARGIN - 14)
#define INNER (WIDTH - 2 * MARGIN)
#define PAD 3.0
#define BAR_HEIGHT 3.0
#define FONT "DejaVu Sans"

struct page {
	const struct gw_report *report;
	cairo_t *cairo;
	PangoContext *pango;
	bool counting;                           /* nothing is drawn */
	unsigned int number, n;
	double y;
	char period[2][192];
};

enum align { ALIGN_RIGHT, ALIGN_LEFT, ALIGN_CENTER };

static PangoLayout *layout(struct page *page, const char *text, double size, bool bold, double width, enum align align)
{
	PangoLayout *made = pango_layout_new(page->pango);
	PangoFontDescription *font = pango_font_description_from_string(FONT);
	bool persian = align == ALIGN_RIGHT;

	pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
	pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
	pango_layout_set_font_description(made, font);
	pango_font_description_free(font);
	/* the sides are ours, whatever the text's own direction is */
	pango_layout_set_auto_dir(made, FALSE);
	pango_context_set_base_dir(pango_layout_get_context(made), persian ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR);
	pango_layout_set_alignment(made, align == ALIGN_CENTER ? PANGO_ALIGN_CENTER : persian ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
	pango_layout_set_width(made, (int)(width * PANGO_SCALE));
	pango_layout_set_wrap(made, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_text(made, text, -1);
	pango_layout_context_changed(made);
	return made;
}

/* Its height; drawn at x, y where `draw`. */
static double text(struct page *page, const char *what, double size, bool bold, double x, double y, double width, enum align align, bool draw)
{
	PangoLayout *made = layout(page, what, size, bold, width, align);
	int height;

	pango_layout_get_size(made, NULL, &height);
	if (draw && !page->counting) {
		cairo_move_to(page->cairo, x, y);
		pango_cairo_show_layout(page->cairo, made);
	}
	g_object_unref(made);
	return (double)height / PANGO_SCALE;
}

static void colour(struct page *page, unsigned int rgb)
{
	cairo_set_source_rgb(page->cairo, (rgb >> 16) / 255.0, (rgb >> 8 & 255) / 255.0, (rgb & 255) / 255.0);
}

static void box(struct page *page, double x, double y, double width, double height, unsigned int rgb)
{
	if (page->counting)
		return;
	colour(page, rgb);
	cairo_rectangle(page->cairo, x, y, width, height);
	cairo_fill(page->cairo);
	colour(page, 0x1a1a1a);
}

/* ---- pages ---- */

static void begin_page(struct page *page)
{
	char number[32];

	page->number++;
	page->y = HEAD;
	snprintf(number, sizeof(number), "%u / %u", page->number, page->n);
	if (!page->counting)
		colour(page, 0x1a1a1a);
	text(page, page->period[0], 8, false, MARGIN, MARGIN - 6, INNER, ALIGN_RIGHT, true);
	text(page, page->period[1], 8, false, MARGIN, MARGIN - 6, INNER, ALIGN_LEFT, true);
	box(page, MARGIN, MARGIN + 8, INNER, 0.7, 0x1c6b5a);
	text(page, number, 8, false, MARGIN, FOOT + 6, INNER, ALIGN_CENTER, true);
}

static void next_page(struct page *page)
{
	if (!page->counting)
		cairo_show_page(page->cairo);
	begin_page(page);
}

static bool fits(const struct page *page, double height)
{
	return page->y + height <= FOOT;
}

/* ---- tables: columns stand from right to left ---- */

struct columns { double x[GW_REPORT_COLUMNS_MAX], width[GW_REPORT_COLUMNS_MAX]; };

static void place_columns(const struct gw_report_table *table, struct columns *columns)
{
	double parts = 0, at = WIDTH - MARGIN;

	for (size_t c = 0; c < table->n_columns; c++)
		parts += table->columns[c].kind >= GW_REPORT_TEXT ? 1.6 : 1;
	for (size_t c = 0; c < table->n_columns; c++) {
		columns->width[c] = INNER * (table->columns[c].kind >= GW_REPORT_TEXT ? 1.6 : 1) / parts;
		at -= columns->width[c];
		columns->x[c] = at;
	}
}

static double draw_heads(struct page *page, const struct gw_report_table *table, const struct columns *columns, bool draw)
{
	double height = 0;

	for (int drawing = 0; drawing <= (draw ? 1 : 0); drawing++) {
		if (drawing)
			box(page, MARGIN, page->y, INNER, height, 0xe8f1ee);
		for (size_t c = 0; c < table->n_columns; c++) {
			double x = columns->x[c] + PAD, width = columns->width[c] - 2 * PAD;
			double fa = text(page, table->columns[c].fa, 8, true, x, page->y + PAD, width, ALIGN_RIGHT, drawing);
			double en = text(page, table->columns[c].en, 6.5, false, x, page->y + PAD + fa, width, ALIGN_RIGHT, drawing);

			height = OSMO_MAX(height, fa + en + 2 * PAD);
		}
	}
	if (draw)
		page->y += height;
	return height;
}

static const char *shown(const struct gw_report_table *table, size_t c, const struct gw_report_cell *cell, char *into, size_t cap)
{
	return gw_report_shown(&table->columns[c], cell, 0, into, cap);
}

static double row_height(struct page *page, const struct gw_report_table *table, const struct columns *columns, const struct gw_report_row *row)
{
	double height = 0;
	char into[64];

	for (size_t c = 0; c < table->n_columns; c++)
		height = OSMO_MAX(height, text(page, shown(table, c, &row->cells[c], into, sizeof(into)), 8, false, 0, 0, columns->width[c] - 2 * PAD,
					       ALIGN_RIGHT, false) + (table->columns[c].bar ? BAR_HEIGHT + 1 : 0));
	return height + 2 * PAD;
}

static void draw_row(struct page *page, const struct gw_report_table *table, const struct columns *columns, const struct gw_report_row *row, double height)
{
	char into[64];

	for (size_t c = 0; c < table->n_columns; c++) {
		const struct gw_report_cell *cell = &row->cells[c];
		double width = columns->width[c] - 2 * PAD, x = columns->x[c] + PAD;
		int64_t most = table->columns[c].bar ? gw_report_max(table, c) : 0;
		double bar = most && cell->known ? width * (double)cell->number / (double)most : 0;

		if (!page->counting)
			colour(page, cell->known ? 0x1a1a1a : 0x999999);
		text(page, shown(table, c, cell, into, sizeof(into)), 8, false, x, page->y + PAD, width, ALIGN_RIGHT, true);
		if (bar > 0)
			box(page, x + width - bar, page->y + height - PAD - BAR_HEIGHT, bar, BAR_HEIGHT, 0x2f9e83);
	}
	box(page, MARGIN, page->y + height - 0.4, INNER, 0.4, 0xcccccc);
	page->y += height;
}

static double title_height(struct page *page, const struct gw_report_table *table, bool draw)
{
	double at = page->y + 14, half = INNER / 2;
	double fa = text(page, table->fa, 12, true, MARGIN + half, at, half, ALIGN_RIGHT, draw);
	double en = text(page, table->en, 10, false, MARGIN, at, half, ALIGN_LEFT, draw);

	at += OSMO_MAX(fa, en) + 2;
	if (table->note_en[0]) {
		fa = text(page, table->note_fa, 7, false, MARGIN + half + 6, at, half - 6, ALIGN_RIGHT, draw);
		en = text(page, table->note_en, 7, false, MARGIN, at, half - 6, ALIGN_LEFT, draw);
		at += OSMO_MAX(fa, en) + 3;
	}
	if (draw)
		box(page, MARGIN, at, INNER, 1, 0x1c6b5a);
	return at + 1 - page->y;
}

static void draw_table(struct page *page, const struct gw_report_table *table)
{
	struct columns columns;
	double height;

	place_columns(table, &columns);
	/* a title never stands alone at the foot */
	if (!fits(page, title_height(page, table, false) + draw_heads(page, table, &columns, false) + 40))
		next_page(page);
	page->y += title_height(page, table, true);
	draw_heads(page, table, &columns, true);
	for (size_t i = 0; i < table->n; i++) {
		height = row_height(page, table, &columns, &table->rows[i]);
		if (!fits(page, height)) {
			next_page(page);
			draw_heads(page, table, &columns, true);
		}
		draw_row(page, table, &columns, &table->rows[i], height);
	}
	if (!table->n)
		page->y += text(page, "هیچ · none", 8, false, MARGIN + PAD, page->y + PAD, INNER - 2 * PAD, ALIGN_RIGHT, true) + 2 * PAD;
}

static void draw_all(struct page *page, bool counting)
{
	char note[256];

	page->counting = counting;
	page->number = 0;
	begin_page(page);
	page->y += text(page, "گزارش دولت همراه", 18, true, MARGIN, page->y, INNER, ALIGN_RIGHT, true);
	page->y += text(page, "Dolat Hamrah: report", 11, false, MARGIN, page->y, INNER, ALIGN_RIGHT, true) + 6;
	page->y += text(page, page->period[0], 10, false, MARGIN, page->y, INNER, ALIGN_RIGHT, true);
	snprintf(note, sizeof(note), "نامعلوم یعنی داده ای نیست؛ هرگز صفر نیست. روزها از نیمه شب \u2066UTC%s\u2069.", page->report->zone);
	page->y += text(page, note, 8, false, MARGIN, page->y, INNER, ALIGN_RIGHT, true);
	snprintf(note, sizeof(note), "\u2067نامعلوم\u2069: unknown, that is, there is no data; never zero. Days begin at midnight, UTC%s.", page->report->zone);
	page->y += text(page, note, 8, false, MARGIN, page->y, INNER, ALIGN_LEFT, true);
	for (size_t i = 0; i < page->report->n; i++)
		draw_table(page, &page->report->tables[i]);
	if (!counting)
		cairo_show_page(page->cairo);
}

static void write_period(struct page *page)
{
	const struct gw_report *report = page->report;
	char from[16], to[16], drawn[16];

	gw_report_jalali(report->from, from);
	gw_report_jalali(report->to, to);
	gw_report_jalali(report->drawn, drawn);
	/* left-to-right isolates keep the days whole */
	snprintf(page->period[0], sizeof(page->period[0]), "دولت همراه: از \u2066%s\u2069 تا \u2066%s\u2069؛ تهیه شده در \u2066%s\u2069", from, to, drawn);
	gw_usage_day_text(report->from, from);
	gw_usage_day_text(report->to, to);
	gw_usage_day_text(report->drawn, drawn);
	snprintf(page->period[1], sizeof(page->period[1]), "Dolat Hamrah: from %s to %s; drawn up on %s", from, to, drawn);
}

/* What the libraries keep for the next time: there is none, and leak checkers ask. */
static void forget_fonts(void)
{
	pango_cairo_font_map_set_default(NULL);
	cairo_debug_reset_static_data();
	FcFini();
}

int gw_report_pdf(const struct gw_report *report, const char *path)
{
	cairo_surface_t *surface = cairo_pdf_surface_create(path, WIDTH, HEIGHT);
	struct page page = { .report = report };
	char at[40], day[16];
	cairo_status_t status;
	PangoFontMap *fonts;

	gw_usage_day_text(report->drawn, day);
	snprintf(at, sizeof(at), "%sT00:00:00Z", day);
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, at);
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, "Dolat Hamrah: report");
	page.cairo = cairo_create(surface);
	fonts = pango_cairo_font_map_new();
	page.pango = pango_font_map_create_context(fonts);
	pango_cairo_update_context(page.cairo, page.pango);
	write_period(&page);
	draw_all(&page, true);
	page.n = page.number;
	draw_all(&page, false);
	cairo_destroy(page.cairo);
	cairo_surface_finish(surface);
	status = cairo_surface_status(surface);
	cairo_surface_destroy(surface);
	g_object_unref(page.pango);
	g_object_unref(fonts);
	forget_fonts();
	return status == CAIRO_STATUS_SUCCESS ? 0 : -EIO;
}
