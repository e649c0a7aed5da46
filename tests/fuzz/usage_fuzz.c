/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Any lines as the tallies of a day, `NAME=NUMBER` each: what can be read is what was written, a report can be made of whatever there is,
 * and the same names counted here are printed so that they can be read. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "gateway/report_data.h"
#include "gateway/usage_cells.h"
#include "menus/unicode.h"

#define HOLD(condition) do { if (!(condition)) abort(); } while (0)
#define DAY 20000
#define DAYS 3

static size_t count_dims(enum gw_usage_table table)
{
	size_t n = 0;

	while (n < GW_USAGE_DIMS_MAX && gw_usage_tables[table].dims[n])
		n++;
	return n;
}

static void check_parse(const char *name)
{
	char text[GW_USAGE_PRINTED_OCTETS], again[GW_USAGE_PRINTED_OCTETS];
	const char *dims[GW_USAGE_DIMS_MAX] = { NULL };
	enum gw_usage_table table = GW_USAGE_USES;
	int n;

	if (strlen(name) >= sizeof(text))
		return;
	memcpy(text, name, strlen(name) + 1);
	if (!gw_usage_parse(text, &table, dims))
		return;
	HOLD(table < GW_USAGE_TABLES);
	n = snprintf(again, sizeof(again), "%s", gw_usage_tables[table].name);
	for (size_t i = 0; i < count_dims(table); i++) {
		HOLD(dims[i]);
		n += snprintf(again + n, sizeof(again) - (size_t)n, "|%s", dims[i]);
		HOLD((size_t)n < sizeof(again));
	}
	HOLD(strcmp(again, name) == 0);
}

/* The name as all dimensions of each table, counted and then sent. */
static void check_count(const char *name)
{
	static struct gw_usage_cells *cells;
	gw_usage_name number, dims[GW_USAGE_DIMS_MAX];
	struct gw_usage_cell *cell;
	size_t at = 0, seen = 0;

	if (!cells)
		cells = gw_usage_cells_alloc(NULL);
	number = gw_usage_name_of(cells, name);
	for (size_t i = 0; i < GW_USAGE_DIMS_MAX; i++)
		dims[i] = number;
	HOLD(strlen(gw_usage_name_text(cells, number)) < GW_USAGE_NAME_OCTETS);
	for (int table = 0; table < GW_USAGE_TABLES; table++)
		gw_usage_cells_add(cells, DAY, (enum gw_usage_table)table, dims, count_dims((enum gw_usage_table)table), 1);
	while ((cell = gw_usage_cells_next(cells, DAY, &at))) {
		char text[GW_USAGE_PRINTED_OCTETS];
		const char *read[GW_USAGE_DIMS_MAX];
		enum gw_usage_table table;

		HOLD(gw_usage_print(cells, cell, text, sizeof(text)));
		HOLD(gw_usage_parse(text, &table, read) && table == cell->table);
		for (size_t i = 0; i < count_dims(table); i++)
			HOLD(strcmp(read[i], gw_usage_name_text(cells, number)) == 0);
		cell->sent = (uint32_t)cell->value;
		seen++;
	}
	gw_usage_cells_settle(cells);
	HOLD(seen == GW_USAGE_TABLES && gw_usage_cells_lost(cells) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_named_const(NULL, 0, "fuzz");
	char *text = talloc_strndup(ctx, (const char *)data, size), *save = NULL;
	struct gw_report_data *report;
	unsigned int n = 0;

	menu_unicode_init();
	report = gw_report_data_alloc(ctx, DAY, DAY + DAYS - 1, DAY + DAYS);
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save), n++) {
		char *number = strrchr(line, '=');

		if (number)
			*number++ = '\0';
		check_parse(line);
		if (n == 0)
			check_count(line);
		gw_report_data_tally(report, (uint16_t)(DAY + n % DAYS), line, number ? strtoll(number, NULL, 10) : 1);
	}
	HOLD(gw_report_make(report));
	talloc_free(ctx);
	return 0;
}
