/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Any octets as a file of rows, cut where the first octets say: the same rows come out as in one piece, within their bounds. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/bulk_rows.h"
#include "menus/utf8.h"

#define HOLD(condition) do { if (!(condition)) abort(); } while (0)

struct sum { uint64_t hash, rows; int rc; };

static void mix(struct sum *sum, const void *data, size_t octets)
{
	for (size_t i = 0; i < octets; i++)
		sum->hash = (sum->hash ^ ((const uint8_t *)data)[i]) * 0x100000001b3u;
}

static void look(struct sum *sum, const struct gw_bulk_row *row)
{
	HOLD(row->n >= 1 && row->n <= GW_BULK_COLUMNS_MAX && row->line >= 1);
	for (size_t i = 0; i < row->n; i++) {
		HOLD(strlen(row->fields[i]) == row->octets[i] && row->octets[i] <= GW_BULK_ROW_OCTETS);
		HOLD(row->fault != GW_BULK_ROW_GOOD || menu_utf8_valid(row->fields[i], row->octets[i]));
		mix(sum, row->fields[i], row->octets[i] + 1);
	}
	mix(sum, &row->line, sizeof(row->line));
	mix(sum, &row->fault, sizeof(row->fault));
	sum->rows++;
}

static struct sum read_file(enum gw_bulk_format format, const char *data, size_t octets, size_t piece)
{
	static struct gw_bulk_rows rows;
	struct sum sum = { 0xcbf29ce484222325u, 0, 0 };
	struct gw_bulk_row row;

	gw_bulk_rows_init(&rows, format);
	while (octets && sum.rc == 0) {
		const char *at = data;
		size_t n = piece < octets ? piece : octets;

		data += n;
		octets -= n;
		while ((sum.rc = gw_bulk_rows_take(&rows, &at, &n, &row)) == 1)
			look(&sum, &row);
		HOLD(sum.rc < 0 || n == 0);
	}
	if (sum.rc == 0 && (sum.rc = gw_bulk_rows_end(&rows, &row)) == 1)
		look(&sum, &row);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sum whole, cut;
	enum gw_bulk_format format;

	if (size < 2)
		return 0;
	format = data[0] & 1 ? GW_BULK_CSV : GW_BULK_NDJSON;
	whole = read_file(format, (const char *)data + 2, size - 2, size);
	cut = read_file(format, (const char *)data + 2, size - 2, 1u + data[1] % 7);
	HOLD(whole.hash == cut.hash && whole.rows == cut.rows && whole.rc == cut.rc);
	return 0;
}
