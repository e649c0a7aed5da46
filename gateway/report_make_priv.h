/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What those share that make the report's tables: report_make.c and report_uses.c. */
#pragma once

#include "gateway/report_data.h"

#define TOTAL(data, table, ...) gw_report_total(data, table, (const char *const[GW_USAGE_DIMS_MAX]){ __VA_ARGS__ })
#define COLUMN(id, persian, english, what, is_bar) { .name = id, .fa = persian, .en = english, .kind = GW_REPORT_##what, .bar = is_bar }
#define TEXT(id, persian, english) COLUMN(id, persian, english, TEXT, false)
#define WORD(id, persian, english) COLUMN(id, persian, english, WORD, false)
#define NUMBER(id, persian, english) COLUMN(id, persian, english, NUMBER, false)
#define BAR(id, persian, english) COLUMN(id, persian, english, NUMBER, true)
#define DAY(id, persian, english) COLUMN(id, persian, english, DAY, false)
#define TITLE(language, id, persian, english) { .name = id, .fa = persian, .en = english, .kind = GW_REPORT_TEXT, .only = { [GW_REPORT_##language] = true } }
#define LAST { .name = NULL }

/* All rows that a table is grouped into: the different values of a dimension (or of two, "a|b"; second: -1 for none), in order. */
struct report_groups { const char **names; size_t n; };
struct report_groups report_group_by(struct gw_report_data *data, enum gw_usage_table table, unsigned int first, int second);
/* "a|b" to its two parts; children of data. */
void report_halves(struct gw_report_data *data, const char *pair, const char *parts[2]);
/* A row that begins with them. */
struct gw_report_cell *report_pair_row(struct gw_report_data *data, struct gw_report *report, struct gw_report_table *table, const char *pair,
				       const char *parts[2]);

/* ---- report_uses.c */
void report_make_uses(struct gw_report_data *data, struct gw_report *report);
void report_make_visits(struct gw_report_data *data, struct gw_report *report); /* behind uses */
void report_make_screens(struct gw_report_data *data, struct gw_report *report);
