/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See agency_db.h. */
#include "tests/sim/agency_db.h"

#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STATEMENTS_MAX 256
#define HOUR_S 3600
#define REF_OCTETS 10                   /* 80 bits, 16 letters */
#define REF_LETTERS 16

struct sim_db {
	sqlite3 *lite;
	struct statement { const char *sql; sqlite3_stmt *prepared; } statements[STATEMENTS_MAX];
	size_t n_statements;
	unsigned char key[crypto_generichash_KEYBYTES]; /* of refs */
};

static void complain(const struct sim_db *db, const char *what)
{
	fprintf(stderr, "dolat-agency: country: %s: %s\n", what, sqlite3_errmsg(db->lite));
}

/* --- functions of ours --- */

static void ref_of(const struct sim_db *db, int64_t hour, sqlite3_value **values, char *ref)
{
	static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789_"; /* 32, none to be taken for another */
	unsigned char hash[crypto_generichash_BYTES_MIN];
	const char *kind = (const char *)sqlite3_value_text(values[0]), *msisdn = (const char *)sqlite3_value_text(values[2]);
	char what[256];
	uint64_t bits = 0;
	int n = snprintf(what, sizeof(what), "%lld|%s|%lld|%s", (long long)hour, kind ? kind : "", (long long)sqlite3_value_int64(values[1]),
	                 msisdn ? msisdn : "");

	crypto_generichash(hash, sizeof(hash), (const unsigned char *)what, n < (int)sizeof(what) ? (size_t)n : sizeof(what) - 1, db->key,
	                   sizeof(db->key));
	for (size_t i = 0; i < REF_LETTERS; i++) {
		if (i % 8 == 0)
			for (size_t j = 0; j < REF_OCTETS / 2; j++)
				bits = bits << 8 | hash[i / 8 * REF_OCTETS / 2 + j];
		ref[i] = letters[bits & 31];
		bits >>= 5;
	}
	ref[REF_LETTERS] = '\0';
}

static void lite_ref(sqlite3_context *context, int n, sqlite3_value **values)
{
	char ref[REF_LETTERS + 1];

	(void)n;
	ref_of(sqlite3_user_data(context), time(NULL) / HOUR_S, values, ref);
	sqlite3_result_text(context, ref, -1, SQLITE_TRANSIENT);
}

static void lite_ref_is(sqlite3_context *context, int n, sqlite3_value **values)
{
	const char *given = (const char *)sqlite3_value_text(values[0]);
	char ref[REF_LETTERS + 1];
	bool is = false;

	(void)n;
	for (int64_t hour = time(NULL) / HOUR_S, i = 0; i < 2 && given && strlen(given) == REF_LETTERS; i++) {
		ref_of(sqlite3_user_data(context), hour - i, values + 1, ref);
		is |= sodium_memcmp(ref, given, REF_LETTERS) == 0;
	}
	sqlite3_result_int(context, is);
}

static void lite_now(sqlite3_context *context, int n, sqlite3_value **values)
{
	(void)n, (void)values;
	sqlite3_result_int64(context, time(NULL));
}

static void lite_now_text(sqlite3_context *context, int n, sqlite3_value **values)
{
	time_t now = time(NULL);
	char text[32];
	struct tm local;

	(void)n, (void)values;
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", localtime_r(&now, &local));
	sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
}

static bool add_functions(struct sim_db *db)
{
	static const struct { const char *name; int n; void (*call)(sqlite3_context *, int, sqlite3_value **); } functions[] = {
		{ "ref", 3, lite_ref }, { "ref_is", 4, lite_ref_is }, { "now", 0, lite_now }, { "now_text", 0, lite_now_text },
	};
	bool good = true;

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		good &= sqlite3_create_function(db->lite, functions[i].name, functions[i].n, SQLITE_UTF8, db, functions[i].call, NULL, NULL) ==
		        SQLITE_OK;
	return good;
}

/* --- statements --- */

static sqlite3_stmt *prepared(struct sim_db *db, const char *sql)
{
	struct statement *s = db->statements;

	for (size_t i = 0; i < db->n_statements; i++)
		if (s[i].sql == sql)
			return s[i].prepared;
	if (db->n_statements == STATEMENTS_MAX) {
		fprintf(stderr, "dolat-agency: country: more than %d statements\n", STATEMENTS_MAX);
		return NULL;
	}
	s += db->n_statements;
	if (sqlite3_prepare_v3(db->lite, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->prepared, NULL) != SQLITE_OK) {
		complain(db, sql);
		return NULL;
	}
	s->sql = sql;
	db->n_statements++;
	return s->prepared;
}

/* Texts are the caller's until the statement is reset. */
static int bind(sqlite3_stmt *s, int at, const json_t *value)
{
	if (json_is_string(value))
		return sqlite3_bind_text(s, at, json_string_value(value), (int)json_string_length(value), SQLITE_STATIC);
	if (json_is_integer(value))
		return sqlite3_bind_int64(s, at, json_integer_value(value));
	if (json_is_boolean(value))
		return sqlite3_bind_int(s, at, json_is_true(value));
	return sqlite3_bind_null(s, at);
}

static sqlite3_stmt *bound(struct sim_db *db, const char *sql, const json_t *values)
{
	sqlite3_stmt *s = prepared(db, sql);
	int n = s ? sqlite3_bind_parameter_count(s) : 0;

	for (int i = 1; i <= n; i++) {
		const char *name = sqlite3_bind_parameter_name(s, i);

		if (bind(s, i, name ? json_object_get(values, name + 1) : NULL) != SQLITE_OK)
			complain(db, sql);
	}
	return s;
}

static void release(sqlite3_stmt *s)
{
	sqlite3_reset(s);
	sqlite3_clear_bindings(s);
}

static json_t *value_at(sqlite3_stmt *s, int column)
{
	const char *type = sqlite3_column_decltype(s, column);

	switch (sqlite3_column_type(s, column)) {
	case SQLITE_INTEGER:
		if (type && strcmp(type, "BOOLEAN") == 0)
			return json_boolean(sqlite3_column_int(s, column));
		return json_integer(sqlite3_column_int64(s, column));
	case SQLITE_TEXT:
		return json_string((const char *)sqlite3_column_text(s, column));
	default:
		return NULL;
	}
}

static json_t *object_of(sqlite3_stmt *s)
{
	json_t *object = json_object();

	for (int i = 0; i < sqlite3_column_count(s); i++) {
		json_t *value = value_at(s, i);

		if (value)
			json_object_set_new(object, sqlite3_column_name(s, i), value);
	}
	return object;
}

json_t *sim_db_row(struct sim_db *db, const char *sql, const json_t *values)
{
	sqlite3_stmt *s = bound(db, sql, values);
	int result = s ? sqlite3_step(s) : SQLITE_ERROR;
	json_t *row = result == SQLITE_ROW ? object_of(s) : NULL;

	if (result != SQLITE_ROW && result != SQLITE_DONE)
		complain(db, sql);
	if (s)
		release(s);
	return row;
}

json_t *sim_db_rows(struct sim_db *db, const char *sql, const json_t *values)
{
	sqlite3_stmt *s = bound(db, sql, values);
	json_t *rows = json_array();

	while (s && json_array_size(rows) < SIM_DB_ROWS_MAX && sqlite3_step(s) == SQLITE_ROW)
		json_array_append_new(rows, object_of(s));
	if (s)
		release(s);
	return rows;
}

int sim_db_run(struct sim_db *db, const char *sql, const json_t *values)
{
	sqlite3_stmt *s = bound(db, sql, values);
	int result = s ? sqlite3_step(s) : SQLITE_ERROR, changes = 0;

	if (result == SQLITE_DONE || result == SQLITE_ROW)
		changes = sqlite3_changes(db->lite);
	else if (result != SQLITE_CONSTRAINT) {
		complain(db, sql);
		changes = -1;
	}
	if (s)
		release(s);
	return changes;
}

bool sim_db_begin(struct sim_db *db)
{
	return sim_db_run(db, "BEGIN IMMEDIATE", NULL) >= 0;
}

bool sim_db_end(struct sim_db *db, bool keep)
{
	if (keep && sim_db_run(db, "COMMIT", NULL) >= 0)
		return true;
	if (!sqlite3_get_autocommit(db->lite))
		sim_db_run(db, "ROLLBACK", NULL);
	return false;
}

bool sim_db_script(struct sim_db *db, const char *name, const char *sql)
{
	if (sqlite3_exec(db->lite, sql, NULL, NULL, NULL) == SQLITE_OK)
		return true;
	complain(db, name);
	return false;
}

/* All tables but that of the keys. */
bool sim_db_clear(struct sim_db *db)
{
	json_t *tables = sim_db_rows(db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'keys'", NULL);
	json_t *table;
	bool good = sim_db_script(db, "clear", "PRAGMA foreign_keys = OFF");
	size_t i;

	json_array_foreach(tables, i, table) {
		char sql[128];

		snprintf(sql, sizeof(sql), "DROP TABLE %s", json_string_value(json_object_get(table, "name")));
		good &= sim_db_script(db, "clear", sql);
	}
	json_decref(tables);
	return sim_db_script(db, "clear", "PRAGMA foreign_keys = ON") && good;
}

/* --- life --- */

/* Refs are good over a restart, so their key is kept with the rest. */
static bool find_key(struct sim_db *db)
{
	char hex[2 * sizeof(db->key) + 1];
	json_t *row, *values;
	bool good;

	randombytes_buf(db->key, sizeof(db->key));
	sodium_bin2hex(hex, sizeof(hex), db->key, sizeof(db->key));
	values = json_pack("{s:s}", "key", hex);
	good = sim_db_script(db, "keys", "CREATE TABLE IF NOT EXISTS keys (name TEXT PRIMARY KEY, key TEXT NOT NULL)") &&
	       sim_db_run(db, "INSERT OR IGNORE INTO keys VALUES ('ref', :key)", values) >= 0;
	row = good ? sim_db_row(db, "SELECT key FROM keys WHERE name = 'ref'", NULL) : NULL;
	good = row && sodium_hex2bin(db->key, sizeof(db->key), json_string_value(json_object_get(row, "key")), sizeof(hex) - 1, NULL, NULL, NULL) == 0;
	json_decref(row);
	json_decref(values);
	return good;
}

static bool is_fresh(struct sim_db *db)
{
	json_t *row = sim_db_row(db, "SELECT 1 FROM sqlite_schema WHERE name = 'people'", NULL);
	bool fresh = !row;

	json_decref(row);
	return fresh;
}

/* A write-ahead log: a country in a file answers within a millisecond, and loses nothing when it is killed. */
struct sim_db *sim_db_open(const char *file, bool *fresh)
{
	struct sim_db *db = calloc(1, sizeof(*db));

	if (!db)
		return NULL;
	if (sodium_init() < 0 || sqlite3_open(file ? file : ":memory:", &db->lite) != SQLITE_OK || !add_functions(db) ||
	    !sim_db_script(db, file ? file : "memory", "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;") ||
	    !find_key(db)) {
		complain(db, file ? file : "memory");
		sim_db_close(db);
		return NULL;
	}
	*fresh = is_fresh(db);
	return db;
}

void sim_db_close(struct sim_db *db)
{
	for (size_t i = 0; i < db->n_statements; i++)
		sqlite3_finalize(db->statements[i].prepared);
	sqlite3_close(db->lite);
	sodium_memzero(db->key, sizeof(db->key));
	free(db);
}
