/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A report as PDF, in one language: A4, landscape, the tables of the HTML, shaped by Pango (Persian is written right, from right to left, and
 * so its columns stand), drawn by cairo. Each page has the period at its head and its number at its foot; a table that goes on has its heads
 * again. The document is walked twice: first to count the pages. Its date is the day on which the report was drawn up, so the same report
 * is the same file. */
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
#define PART_MAX 90.0           /* of a number's column */
#define FONT "DejaVu Sans"

struct page {
	const struct gw_report *report;
	cairo_t *cairo;
	PangoContext *pango;
	bool counting;                           /* nothing is drawn */
	unsigned int number, n;
	double y;
	enum gw_report_language language;
	char period[192];
};

/* START is where a line of the language begins: on the right in Persian. Pango's sides are those of the paper. */
enum align { ALIGN_START, ALIGN_END, ALIGN_CENTER };

static PangoLayout *layout(struct page *page, const char *text, double size, bool bold, double width, enum align align)
{
	PangoLayout *made = pango_layout_new(page->pango);
	PangoFontDescription *font = pango_font_description_from_string(FONT);
	bool persian = page->language == GW_REPORT_FA;

	pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
	pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
	pango_layout_set_font_description(made, font);
	pango_font_description_free(font);
	/* the sides are ours, whatever the text's own direction is */
	pango_layout_set_auto_dir(made, FALSE);
	pango_context_set_base_dir(pango_layout_get_context(made), persian ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR);
	pango_layout_set_alignment(made, align == ALIGN_CENTER ? PANGO_ALIGN_CENTER :
					 (align == ALIGN_START) == persian ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
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
	char number[64];

	page->number++;
	page->y = HEAD;
	gw_report_page(page->number, page->n, page->language, number);
	if (!page->counting)
		colour(page, 0x1a1a1a);
	text(page, gw_report_title[page->language], 8, true, MARGIN, MARGIN - 6, INNER, ALIGN_START, true);
	text(page, page->period, 8, false, MARGIN, MARGIN - 6, INNER, ALIGN_END, true);
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

/* ---- tables ---- */

/* Only those that the report of this language has. */
struct columns { size_t n, at[GW_REPORT_COLUMNS_MAX]; double x[GW_REPORT_COLUMNS_MAX], width[GW_REPORT_COLUMNS_MAX]; };

static double parts_of(const struct gw_report_column *column)
{
	return column->kind >= GW_REPORT_TEXT ? 1.8 : 1;
}

/* From where a line begins to its end. Few columns do not fill the page: what belongs together stands together. */
static void place_columns(const struct page *page, const struct gw_report_table *table, struct columns *columns)
{
	double parts = 0, width, x = page->language == GW_REPORT_FA ? WIDTH - MARGIN : MARGIN;

	columns->n = 0;
	for (size_t c = 0; c < table->n_columns; c++)
		if (gw_report_has(&table->columns[c], page->language)) {
			columns->at[columns->n++] = c;
			parts += parts_of(&table->columns[c]);
		}
	width = OSMO_MIN(INNER / parts, PART_MAX);
	for (size_t i = 0; i < columns->n; i++) {
		columns->width[i] = width * parts_of(&table->columns[columns->at[i]]);
		x -= page->language == GW_REPORT_FA ? columns->width[i] : 0;
		columns->x[i] = x;
		x += page->language == GW_REPORT_FA ? 0 : columns->width[i];
	}
}

static double width_of(const struct columns *columns)
{
	double width = 0;

	for (size_t i = 0; i < columns->n; i++)
		width += columns->width[i];
	return width;
}

/* Numbers stand with their last digits one below the other, which is on the right in both languages. */
static enum align align_of(const struct page *page, const struct gw_report_column *column)
{
	return column->kind >= GW_REPORT_TEXT || page->language == GW_REPORT_FA ? ALIGN_START : ALIGN_END;
}

static double draw_heads(struct page *page, const struct gw_report_table *table, const struct columns *columns, bool draw)
{
	double height = 0, width = width_of(columns);

	for (int drawing = 0; drawing <= (draw ? 1 : 0); drawing++) {
		if (drawing)
			box(page, page->language == GW_REPORT_FA ? WIDTH - MARGIN - width : MARGIN, page->y, width, height, 0xe8f1ee);
		for (size_t i = 0; i < columns->n; i++) {
			const struct gw_report_column *column = &table->columns[columns->at[i]];
			const char *title = page->language == GW_REPORT_FA ? column->fa : column->en;

			height = OSMO_MAX(height, 2 * PAD + text(page, title, 8, true, columns->x[i] + PAD, page->y + PAD, columns->width[i] - 2 * PAD,
								 align_of(page, column), drawing));
		}
	}
	if (draw)
		page->y += height;
	return height;
}

/* Its height; drawn where `draw`. */
static double draw_cell(struct page *page, const struct gw_report_column *column, const struct gw_report_cell *cell, double x, double width,
			bool draw)
{
	const char *what;
	char into[64];

	what = gw_report_shown(column, cell, page->language, into, sizeof(into));
	if (draw && !page->counting)
		colour(page, cell->known ? 0x1a1a1a : 0x999999);
	return text(page, what, 8, false, x + PAD, page->y + PAD, width - 2 * PAD, align_of(page, column), draw) + 2 * PAD;
}

static double row_height(struct page *page, const struct gw_report_table *table, const struct columns *columns, const struct gw_report_row *row)
{
	double height = 0;

	for (size_t i = 0; i < columns->n; i++)
		height = OSMO_MAX(height, draw_cell(page, &table->columns[columns->at[i]], &row->cells[columns->at[i]], 0, columns->width[i], false));
	return height;
}

/* A bar grows from where the cell begins, behind its number. */
static void draw_bar(struct page *page, const struct gw_report_table *table, size_t c, const struct gw_report_cell *cell, double x, double width,
		     double height)
{
	int64_t most = table->columns[c].bar && cell->known ? gw_report_max(table, c) : 0;
	double bar = most > 0 ? width * (double)cell->number / (double)most : 0;

	if (bar > 0)
		box(page, page->language == GW_REPORT_FA ? x + width - bar : x, page->y + 1, bar, height - 2, 0xcfe9e1);
}

static void draw_row(struct page *page, const struct gw_report_table *table, const struct columns *columns, const struct gw_report_row *row, double height)
{
	double width = width_of(columns);

	for (size_t i = 0; i < columns->n; i++) {
		size_t c = columns->at[i];

		draw_bar(page, table, c, &row->cells[c], columns->x[i], columns->width[i], height);
		draw_cell(page, &table->columns[c], &row->cells[c], columns->x[i], columns->width[i], true);
	}
	box(page, page->language == GW_REPORT_FA ? WIDTH - MARGIN - width : MARGIN, page->y + height - 0.4, width, 0.4, 0xcccccc);
	page->y += height;
}

static double title_height(struct page *page, const struct gw_report_table *table, bool draw)
{
	bool persian = page->language == GW_REPORT_FA;
	double at = page->y + 16;

	at += text(page, persian ? table->fa : table->en, 12, true, MARGIN, at, INNER, ALIGN_START, draw) + 2;
	if (table->note_en[0])
		at += text(page, persian ? table->note_fa : table->note_en, 7.5, false, MARGIN, at, INNER, ALIGN_START, draw) + 3;
	if (draw)
		box(page, MARGIN, at, INNER, 1, 0x1c6b5a);
	return at + 1 - page->y;
}

static void draw_table(struct page *page, const struct gw_report_table *table)
{
	struct columns columns;
	double height;

	place_columns(page, table, &columns);
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
		page->y += text(page, gw_report_word("none", page->language), 8, false, MARGIN + PAD, page->y + PAD, INNER - 2 * PAD, ALIGN_START,
				true) + 2 * PAD;
}

static void draw_all(struct page *page, bool counting)
{
	char remark[256];

	gw_report_remark(page->report, page->language, remark);
	page->counting = counting;
	page->number = 0;
	begin_page(page);
	page->y += text(page, gw_report_title[page->language], 18, true, MARGIN, page->y, INNER, ALIGN_START, true) + 4;
	page->y += text(page, page->period, 10, false, MARGIN, page->y, INNER, ALIGN_START, true) + 2;
	page->y += text(page, remark, 8, false, MARGIN, page->y, INNER, ALIGN_START, true);
	for (size_t i = 0; i < page->report->n; i++)
		draw_table(page, &page->report->tables[i]);
	if (!counting)
		cairo_show_page(page->cairo);
}

/* What the libraries keep for the next time: there is none, and leak checkers ask. */
static void forget_fonts(void)
{
	pango_cairo_font_map_set_default(NULL);
	cairo_debug_reset_static_data();
	FcFini();
}

int gw_report_pdf(const struct gw_report *report, enum gw_report_language language, const char *path)
{
	cairo_surface_t *surface = cairo_pdf_surface_create(path, WIDTH, HEIGHT);
	struct page page = { .report = report, .language = language };
	char at[40], day[16];
	cairo_status_t status;
	PangoFontMap *fonts;

	gw_usage_day_text(report->drawn, day);
	snprintf(at, sizeof(at), "%sT00:00:00Z", day);
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, at);
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, gw_report_title[language]);
	page.cairo = cairo_create(surface);
	fonts = pango_cairo_font_map_new();
	page.pango = pango_font_map_create_context(fonts);
	pango_cairo_update_context(page.cairo, page.pango);
	gw_report_period(report, language, page.period);
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
