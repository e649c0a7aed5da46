/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the sample agencies know, in SQLite: a file, or memory that ends with us. The only user of sqlite3.h.
 *
 * Statements are written with names (:msisdn) and bound from a JSON object of the same names; a name that the object lacks is NULL.
 * Each is prepared once, known by the address of its text (so it must be a literal), and never made from what a caller sent.
 * A row comes back as a JSON object: columns by their names, NULL left out, a column declared BOOLEAN as true or false.
 *
 * In statements there are, besides SQLite's own: ref(kind, id, msisdn), an address that nobody can guess, good for that number, until
 * the end of the next hour; ref_is(ref, kind, id, msisdn), whether it is that; now(), seconds since 1970; now_text(), our local time. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

struct sim_db;

/* file: NULL for memory. *fresh: there was nothing in it. NULL with a line on stderr. */
struct sim_db *sim_db_open(const char *file, bool *fresh);
void sim_db_close(struct sim_db *db);

/* A script of many statements without parameters. False with a line on stderr that has its name. */
bool sim_db_script(struct sim_db *db, const char *name, const char *sql);
/* As at the first start: nothing is in it, but refs stay good. */
bool sim_db_clear(struct sim_db *db);

/* The first row, NULL if there is none. */
json_t *sim_db_row(struct sim_db *db, const char *sql, const json_t *values);
/* All rows, at most SIM_DB_ROWS_MAX; an empty array if there are none. */
json_t *sim_db_rows(struct sim_db *db, const char *sql, const json_t *values);
/* How many rows were changed; 0 too where a constraint forbids it; -1, with a line on stderr, where the database fails. */
int sim_db_run(struct sim_db *db, const char *sql, const json_t *values);
#define SIM_DB_ROWS_MAX 1000

/* All or nothing; end(false) takes back what was done since begin. False: it is not kept. */
bool sim_db_begin(struct sim_db *db);
bool sim_db_end(struct sim_db *db, bool keep);
