/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Tallies as a process keeps them until they are in the ledger: *cells*, each a number for one day, one table and the names of its
 * dimensions ("uses" by channel, operator, service ...). Names are numbered once, so that a cell is sixteen octets of key and counting is
 * two short looks into tables; nothing is allocated after gw_usage_cells_alloc. Pure.
 *
 * The tables are bounded. A name beyond NAMES_MAX is counted under "other"; what finds no cell is counted as lost, and that is told, too. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GW_USAGE_DIMS_MAX 6
#define GW_USAGE_NAMES_MAX 2048u
#define GW_USAGE_CELLS_MAX 8192u         /* a power of two; three quarters are filled at most */
#define GW_USAGE_NAME_OCTETS 40          /* with its NUL: longer names are cut */
#define GW_USAGE_PRINTED_OCTETS (GW_USAGE_DIMS_MAX * GW_USAGE_NAME_OCTETS + 24)

enum gw_usage_table {
	GW_USAGE_USES,         /* what became of uses of services */
	GW_USAGE_STEPS,        /* pages that citizens were given */
	GW_USAGE_SCREENS,      /* which pages were shown, answered, read */
	GW_USAGE_CALLS,        /* answers of agencies, by the time they took; "sum": all times (ms), "failed": no answer that is one */
	GW_USAGE_ANSWERS,      /* our own answers, by the same */
	GW_USAGE_REQUESTS,     /* requests of citizens, by how far they came */
	GW_USAGE_WAITS,        /* answered requests, by the time they took; "sum": all times (s) */
	GW_USAGE_NOTICES,      /* notices, by the states that they came to */
	GW_USAGE_OUTAGES,      /* what was seen to fail: how often */
	GW_USAGE_AWAY,         /* and for how long (s) */
	GW_USAGE_TABLES
};
/* The dimensions' names in their order; NULL past the last. */
struct gw_usage_table_row { const char *name, *dims[GW_USAGE_DIMS_MAX]; };
extern const struct gw_usage_table_row gw_usage_tables[GW_USAGE_TABLES];

typedef uint16_t gw_usage_name;          /* a name's number; 0 is "": not known */

struct gw_usage_cell {
	uint16_t day;                    /* since 1970-01-01 */
	uint8_t table, used;
	gw_usage_name dims[GW_USAGE_DIMS_MAX];
	uint32_t sent;                   /* of value: under way to the ledger */
	uint64_t value;
};
struct gw_usage_cells;

struct gw_usage_cells *gw_usage_cells_alloc(void *ctx);
/* The number of a name; NULL is "". What would not stand in a tally's text (control characters, '|') is "other". */
gw_usage_name gw_usage_name_of(struct gw_usage_cells *cells, const char *name);
const char *gw_usage_name_text(const struct gw_usage_cells *cells, gw_usage_name name);
/* n: how many of the table's dimensions are given; the rest are not known. */
void gw_usage_cells_add(struct gw_usage_cells *cells, uint16_t day, enum gw_usage_table table, const gw_usage_name *dims, size_t n, uint64_t by);

/* Sending: the next cell of the oldest day that has something to send, from *at on (begin with 0); NULL: there is none. */
bool gw_usage_cells_oldest(const struct gw_usage_cells *cells, uint16_t *day);
struct gw_usage_cell *gw_usage_cells_next(struct gw_usage_cells *cells, uint16_t day, size_t *at);
/* What was marked as sent is in the ledger: it is taken off, and where the table is half full empty cells are given back. */
void gw_usage_cells_settle(struct gw_usage_cells *cells);
size_t gw_usage_cells_used(const struct gw_usage_cells *cells);
/* Counts that found no cell, since alloc. */
uint64_t gw_usage_cells_lost(const struct gw_usage_cells *cells);

/* "uses|ussd|mci|bills|success|fa|": as the ledger has it. False: it does not fit. */
bool gw_usage_print(const struct gw_usage_cells *cells, const struct gw_usage_cell *cell, char *text, size_t cap);
/* And back, cut in place: the dimensions point into text. False: it is none. */
bool gw_usage_parse(char *text, enum gw_usage_table *table, const char *dims[GW_USAGE_DIMS_MAX]);
