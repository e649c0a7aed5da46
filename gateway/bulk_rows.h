/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A stream of octets -> rows of a file: CSV (RFC 4180) or NDJSON, however the stream is cut. Pure; its memory is fixed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GW_BULK_ROW_OCTETS 16384u     /* of one row, without its quotes: two texts of 2,048, and their escapes in JSON */
#define GW_BULK_COLUMNS_MAX 40u

enum gw_bulk_format { GW_BULK_CSV, GW_BULK_NDJSON };

/* What is wrong with a row that has an end nevertheless. */
enum gw_bulk_fault {
	GW_BULK_ROW_GOOD,
	GW_BULK_ROW_NUL,             /* it has an octet 0 */
	GW_BULK_ROW_UTF8,            /* it is not UTF-8 */
	GW_BULK_ROW_QUOTES,          /* a quote within a field that did not begin with one, or something behind the closing one */
	GW_BULK_ROW_COLUMNS,         /* more than GW_BULK_COLUMNS_MAX */
};

struct gw_bulk_row {
	uint64_t line;               /* of the file at which it begins, from 1 */
	enum gw_bulk_fault fault;
	size_t n;                    /* NDJSON: 1, the line */
	const char *fields[GW_BULK_COLUMNS_MAX]; /* in the reader's memory, until the next call; each with a NUL behind it */
	size_t octets[GW_BULK_COLUMNS_MAX];
};

struct gw_bulk_rows {
	enum gw_bulk_format format;
	int state;
	uint64_t line, begun;        /* where the stream is; where the row began */
	enum gw_bulk_fault fault;
	bool after_cr, too_long;
	unsigned int mark;           /* octets of the byte order mark that were met */
	size_t octets, n;
	size_t at[GW_BULK_COLUMNS_MAX], length[GW_BULK_COLUMNS_MAX];
	char buffer[GW_BULK_ROW_OCTETS + GW_BULK_COLUMNS_MAX + 1];
};

void gw_bulk_rows_init(struct gw_bulk_rows *rows, enum gw_bulk_format format);
/* Takes octets from *data until a row is whole. 1: it is (and *data stands behind it); 0: all were taken, more are needed;
 * -EMSGSIZE: the row that began at rows->begun is longer than GW_BULK_ROW_OCTETS, mostly because a quote is not closed: nothing
 * behind it can be trusted, so that is the end. Empty lines are no rows. */
int gw_bulk_rows_take(struct gw_bulk_rows *rows, const char **data, size_t *octets, struct gw_bulk_row *row);
/* There are no more octets. 1: a last row that had no line end; 0: none; -EBADMSG: a quote was never closed. */
int gw_bulk_rows_end(struct gw_bulk_rows *rows, struct gw_bulk_row *row);
