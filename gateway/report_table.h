/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A report as what it is made of: tables of cells, said in two languages. Made once (report_make.c), printed as JSON and CSV for machines,
 * as HTML and PDF for people, in Persian and in English. A cell that is not known says so; it is never zero for that. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GW_REPORT_COLUMNS_MAX 14
#define GW_REPORT_TABLES_MAX 24

enum gw_report_language { GW_REPORT_FA, GW_REPORT_EN, GW_REPORT_LANGUAGES };
/* WORD: a TEXT that is one of ours, and that people read in their language. */
enum gw_report_kind { GW_REPORT_NUMBER, GW_REPORT_DAY, GW_REPORT_TEXT, GW_REPORT_WORD };
struct gw_report_column {
	const char *name, *fa, *en;              /* name: for machines; NULL ends a list */
	enum gw_report_kind kind;
	bool bar;                                /* people see it as a bar, too */
	bool only[2];                            /* people see it in the Persian report only, in the English one only */
};
struct gw_report_cell {
	bool known;
	int64_t number;                          /* of NUMBER; of a DAY: since 1970 */
	const char *text;                        /* of TEXT: for machines; people see a WORD in theirs (gw_report_word) */
	const char *title[2];                    /* and these in place of a TEXT that is a name: Persian, English; NULL: itself */
};
struct gw_report_row { struct gw_report_cell cells[GW_REPORT_COLUMNS_MAX]; };
struct gw_report_table {
	const char *name, *fa, *en;
	const char *note_fa, *note_en;           /* what it counts; "" */
	const struct gw_report_column *columns;
	size_t n_columns, n;
	struct gw_report_row *rows;
};
struct gw_report {
	uint16_t from, to, drawn;                /* days since 1970, `to` included; drawn: on which day */
	char zone[8];                            /* "+03:30": where they begin */
	size_t n;
	struct gw_report_table tables[GW_REPORT_TABLES_MAX];
};

/* Another table; columns ends with a NULL name and stays. */
struct gw_report_table *gw_report_add(struct gw_report *report, const char *name, const char *fa, const char *en, const char *note_fa,
				      const char *note_en, const struct gw_report_column *columns);
/* The same before all others; pointers to those are not good any more. */
struct gw_report_table *gw_report_add_first(struct gw_report *report, const char *name, const char *fa, const char *en, const char *note_fa,
					    const char *note_en, const struct gw_report_column *columns);
/* Another row, nothing of it known. Child of ctx; good until the next. */
struct gw_report_cell *gw_report_row(void *ctx, struct gw_report_table *table);
static inline struct gw_report_cell gw_report_number(int64_t number)
{
	return (struct gw_report_cell){ .known = true, .number = number };
}
/* "" and NULL are not known. */
static inline struct gw_report_cell gw_report_text(const char *text)
{
	return (struct gw_report_cell){ .known = text && *text, .text = text };
}
/* Does this column stand in the report of this language? */
static inline bool gw_report_has(const struct gw_report_column *column, enum gw_report_language language)
{
	return !column->only[language == GW_REPORT_FA ? GW_REPORT_EN : GW_REPORT_FA];
}
const struct gw_report_table *gw_report_find(const struct gw_report *report, const char *name);
int64_t gw_report_max(const struct gw_report_table *table, size_t column);

/* What people read for a word of ours ("sms", "late"), or the word itself. */
const char *gw_report_word(const char *word, enum gw_report_language language);
/* "12,345" or "۱۲٬۳۴۵", "2026-11-01" or "۱۴۰۵/۰۸/۱۰", a word, "نامعلوم": what people read. Into text (cap at least 64); the result. */
const char *gw_report_shown(const struct gw_report_column *column, const struct gw_report_cell *cell, enum gw_report_language language, char *text,
			    size_t cap);
/* A day as people read it. */
void gw_report_day(uint16_t day, enum gw_report_language language, char text[32]);
/* "1405/08/10" of a day. */
void gw_report_jalali(uint16_t day, char text[16]);
/* "From ... to ..., drawn up on ...": a line. */
void gw_report_period(const struct gw_report *report, enum gw_report_language language, char text[192]);
/* What holds for all tables: what is not known, where days begin. */
void gw_report_remark(const struct gw_report *report, enum gw_report_language language, char text[256]);
/* "Page 3 of 13". */
void gw_report_page(unsigned int page, unsigned int n, enum gw_report_language language, char text[64]);
extern const char *const gw_report_title[GW_REPORT_LANGUAGES];

/* ---- printed: malloc'ed text, *octets of it */
char *gw_report_json(const struct gw_report *report, size_t *octets);
char *gw_report_csv(const struct gw_report_table *table, size_t *octets);
char *gw_report_html(const struct gw_report *report, enum gw_report_language language, size_t *octets);
/* 0 or -errno. The same report is the same file. */
int gw_report_pdf(const struct gw_report *report, enum gw_report_language language, const char *path);
