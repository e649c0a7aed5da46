/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One row of a file -> a notice as POST /v1/notices takes it, without what all notices of the job have in common. Pure.
 *
 * CSV: the head line names the columns. `to` must be there; text_fa, text_en, reference and language may be; every other one is a
 * field of the job's template, and without a template there is no other. An empty field is one that is not there.
 * NDJSON: each line is such a notice. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "gateway/bulk_rows.h"

#define GW_BULK_COLUMN_OCTETS 64

/* What is wrong, and where: a JSON Pointer into the notice ("/text/fa"), or "" for the row as a whole. */
struct gw_bulk_bad { char pointer[GW_BULK_COLUMN_OCTETS + 16], detail[160]; };

struct gw_bulk_columns {
	size_t n;
	struct gw_bulk_column { int known; char name[GW_BULK_COLUMN_OCTETS + 1]; } at[GW_BULK_COLUMNS_MAX];
};
/* The head line. has_template: names that are not known are its fields. False: bad->detail says why; the file cannot be read. */
bool gw_bulk_columns_read(struct gw_bulk_columns *columns, const struct gw_bulk_row *row, bool has_template, struct gw_bulk_bad *bad);
/* A row of either format (columns: NULL for NDJSON). A new reference; NULL: it is bad. */
json_t *gw_bulk_row_read(const struct gw_bulk_columns *columns, const struct gw_bulk_row *row, struct gw_bulk_bad *bad);
