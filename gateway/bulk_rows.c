/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See bulk_rows.h. One machine, one octet at a time, so that no cut of the stream can matter; JSON lines are its simplest case.
 *
 * From RFC 4180 we deviate as files from spreadsheets make us: a byte order mark is skipped, a line may end in LF, CRLF or CR, a
 * line without anything is no row, and a row may have fewer fields than the head line (its reader judges that). A quote where none may
 * stand makes the row bad, but not the file: the row ends with its line. */
#include "gateway/bulk_rows.h"

#include <errno.h>
#include <string.h>

#include "menus/utf8.h"

enum state {
	BEGIN,       /* of a field */
	PLAIN,       /* in a field without quotes */
	QUOTED,
	QUOTE,       /* a quote was met in a quoted field: its end, or half of a doubled one */
	JSON,        /* NDJSON: in the line */
};

static const char byte_order_mark[] = "\xef\xbb\xbf";

void gw_bulk_rows_init(struct gw_bulk_rows *rows, enum gw_bulk_format format)
{
	memset(rows, 0, offsetof(struct gw_bulk_rows, length)); /* the rest is written before it is read */
	rows->format = format;
	rows->state = format == GW_BULK_CSV ? BEGIN : JSON;
	rows->line = rows->begun = 1;
}

static void blame(struct gw_bulk_rows *rows, enum gw_bulk_fault fault)
{
	if (rows->fault == GW_BULK_ROW_GOOD)
		rows->fault = fault;
}

static void keep(struct gw_bulk_rows *rows, char octet)
{
	if (octet == '\0')
		blame(rows, GW_BULK_ROW_NUL);
	else if (rows->octets >= GW_BULK_ROW_OCTETS)
		rows->too_long = true;
	else
		rows->buffer[rows->octets++ + rows->n] = octet;
}

/* Behind each field stands a NUL, which `octets` does not count: the n-th field begins n octets further on. */
static void end_field(struct gw_bulk_rows *rows)
{
	rows->state = BEGIN;
	if (rows->n == GW_BULK_COLUMNS_MAX) {
		blame(rows, GW_BULK_ROW_COLUMNS);
		return;
	}
	rows->buffer[rows->octets + rows->n] = '\0';
	rows->length[rows->n] = rows->octets + rows->n - rows->at[rows->n];
	rows->n++;
	if (rows->n < GW_BULK_COLUMNS_MAX)
		rows->at[rows->n] = rows->octets + rows->n;
}

static bool is_blank(const struct gw_bulk_rows *rows)
{
	if (rows->fault != GW_BULK_ROW_GOOD)
		return false;
	if (rows->format == GW_BULK_CSV)
		return rows->n == 0 && rows->state == BEGIN;
	for (size_t i = 0; i < rows->octets; i++)
		if (rows->buffer[i] != ' ' && rows->buffer[i] != '\t')
			return false;
	return true;
}

/* True: it is one. */
static bool end_row(struct gw_bulk_rows *rows, struct gw_bulk_row *row)
{
	bool blank = is_blank(rows);

	if (!blank) {
		end_field(rows);
		row->line = rows->begun;
		row->n = rows->n;
		for (size_t i = 0; i < rows->n; i++) {
			row->fields[i] = rows->buffer + rows->at[i];
			row->octets[i] = rows->length[i];
			if (!menu_utf8_valid(row->fields[i], row->octets[i]))
				blame(rows, GW_BULK_ROW_UTF8);
		}
		row->fault = rows->fault;
	}
	rows->state = rows->format == GW_BULK_CSV ? BEGIN : JSON;
	rows->fault = GW_BULK_ROW_GOOD;
	rows->octets = rows->n = 0;
	rows->begun = rows->line;
	return !blank;
}

static void step_csv(struct gw_bulk_rows *rows, char octet)
{
	if (rows->state == QUOTED) {
		if (octet == '"')
			rows->state = QUOTE;
		else
			keep(rows, octet);
	} else if (octet == ',') {
		end_field(rows);
	} else if (octet == '"' && rows->state == BEGIN) {
		rows->state = QUOTED;
	} else if (octet == '"' && rows->state == QUOTE) {
		keep(rows, octet);
		rows->state = QUOTED;
	} else {
		if (rows->state == QUOTE || octet == '"')
			blame(rows, GW_BULK_ROW_QUOTES);
		keep(rows, octet);
		rows->state = PLAIN;
	}
}

/* The first octets of all: true as long as they are those of the mark. */
static bool skip_mark(struct gw_bulk_rows *rows, char octet)
{
	if (rows->mark >= 3)
		return false;
	if (octet == byte_order_mark[rows->mark]) {
		rows->mark++;
		return true;
	}
	for (unsigned int i = 0; i < rows->mark; i++) { /* what looked like it was the row's own */
		if (rows->format == GW_BULK_CSV)
			step_csv(rows, byte_order_mark[i]);
		else
			keep(rows, byte_order_mark[i]);
	}
	rows->mark = 3;
	return false;
}

/* True: a row ended with this octet. */
static bool step(struct gw_bulk_rows *rows, char octet, struct gw_bulk_row *row)
{
	bool second = rows->after_cr && octet == '\n'; /* of CRLF: the line ended before it */

	if (skip_mark(rows, octet))
		return false;
	rows->after_cr = octet == '\r';
	if ((octet == '\n' || octet == '\r') && !second)
		rows->line++;
	if ((octet == '\n' || octet == '\r') && rows->state != QUOTED) {
		if (!second)
			return end_row(rows, row);
		return false;
	}
	if (rows->format == GW_BULK_CSV)
		step_csv(rows, octet);
	else
		keep(rows, octet);
	return false;
}

int gw_bulk_rows_take(struct gw_bulk_rows *rows, const char **data, size_t *octets, struct gw_bulk_row *row)
{
	while (*octets && !rows->too_long) {
		char octet = *(*data)++;

		(*octets)--;
		if (step(rows, octet, row))
			return 1;
	}
	return rows->too_long ? -EMSGSIZE : 0;
}

int gw_bulk_rows_end(struct gw_bulk_rows *rows, struct gw_bulk_row *row)
{
	if (rows->too_long)
		return -EMSGSIZE;
	if (rows->state == QUOTED)
		return -EBADMSG;
	return end_row(rows, row);
}
