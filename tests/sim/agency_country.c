/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See agency_country.h. The scripts of tests/sim/country are part of the program, as the API's description is of the gateway. */
#include "tests/sim/agency_country.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/agency_limit.h"
#include "tests/sim/agency_people.h"

#define TEXT_OCTETS_MAX 2048
#define SEGMENT_OCTETS_MAX 256
#define KEY_OCTETS_MAX 128
#define HOUR_S 3600

struct sim_country {
	struct sim_db *db;
	unsigned int asks;
};

static const struct sim_agency *const agencies[] = {
	&sim_bills, &sim_tax, &sim_tamin, &sim_salamat, &sim_takmili, &sim_pension,
	&sim_welfare, &sim_bank, &sim_civil, &sim_tazirat, &sim_directory,
	&sim_identity, &sim_payment, &sim_water, &sim_power, &sim_gas, &sim_telecom, &sim_municipality,
	&sim_police, &sim_judiciary, &sim_letters,
};
#define AGENCIES (sizeof(agencies) / sizeof(agencies[0]))
_Static_assert(AGENCIES <= SIM_AGENCIES_MAX, "agencies");

/* --- finding the route --- */

size_t sim_country_agency(const char *path)
{
	for (size_t i = 0; i < AGENCIES; i++) {
		size_t n = strlen(agencies[i]->name);

		if (path[0] == '/' && strncmp(path + 1, agencies[i]->name, n) == 0 && path[1 + n] == '/')
			return i;
	}
	return SIM_AGENCIES_MAX;
}

const char *sim_country_name(size_t agency)
{
	return agency < AGENCIES ? agencies[agency]->name : NULL;
}

/* One segment for a {name}; it goes into `given`, if it is a text. */
static bool take_segment(const char **pattern, const char **path, json_t *given)
{
	size_t n_name = strcspn(*pattern, "}") - 1, n = strcspn(*path, "/");
	char name[32];

	if (n == 0 || n > SEGMENT_OCTETS_MAX || n_name >= sizeof(name))
		return false;
	memcpy(name, *pattern + 1, n_name);
	name[n_name] = '\0';
	json_object_set_new(given, name, json_stringn(*path, n));
	*pattern += n_name + 2;
	*path += n;
	return json_object_get(given, name) != NULL;
}

static bool path_fits(const char *pattern, const char *path, json_t *given)
{
	while (*pattern) {
		if (*pattern == '{') {
			if (!take_segment(&pattern, &path, given))
				return false;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return *path == '\0';
}

/* NULL: there is none; *other: but for another method. */
static const struct sim_route *find_route(const struct sim_agency *agency, const char *method, const char *path, json_t *given, bool *other)
{
	for (const struct sim_route *r = agency->routes; r->method; r++) {
		json_t *segments = json_object();
		bool fits = path_fits(r->path, path, segments), same = strcmp(r->method, method) == 0;

		if (fits && same)
			json_object_update(given, segments);
		json_decref(segments);
		if (fits && same)
			return r;
		*other |= fits;
	}
	return NULL;
}

/* --- what came --- */

/* What goes by these names is so many digits. */
static const struct form { const char *name; unsigned int low, high; } forms[] = {
	{ "msisdn", 8, 15 }, { "national_id", 10, 10 }, { "legal_id", 11, 11 }, { "employer", 10, 11 }, { "workshop", 10, 10 }, { "bill_id", 1, 18 },
	{ "payment_id", 1, 18 }, { "cheque_id", 16, 16 }, { "case_number", 1, 20 }, { "skip", 1, 6 }, { "to", 10, 10 },
};

static bool is_digits(const json_t *value, unsigned int low, unsigned int high)
{
	const char *text = json_string_value(value);
	size_t n = text ? strspn(text, "0123456789") : 0;

	return text && json_string_length(value) == n && n >= low && n <= high;
}

static bool is_plain(const json_t *value)
{
	return json_is_integer(value) || json_is_boolean(value) || (json_is_string(value) && json_string_length(value) <= TEXT_OCTETS_MAX);
}

/* 0, or 400 with what is wrong. Names are the caller's: one that is no name is not said again. */
static unsigned int bad(struct sim_call *call, const char *name, const char *what)
{
	bool said = strlen(name) <= 32 && strspn(name, "abcdefghijklmnopqrstuvwxyz_") == strlen(name);

	json_decref(call->answer);
	call->answer = json_pack("{s:s, s:o}", "error", "BAD_REQUEST", "detail", json_sprintf("%s %s", said ? name : "a member", what));
	return 400;
}

/* The body's members; what the path says stands above them. */
static unsigned int take_body(const struct sim_country_ask *ask, struct sim_call *call)
{
	json_t *body = ask->octets ? json_loadb(ask->body, ask->octets, JSON_REJECT_DUPLICATES, NULL) : json_object(), *value;
	unsigned int status = json_is_object(body) ? 0 : bad(call, "body", "is no JSON object");
	const char *name;

	json_object_foreach(body, name, value)
		if (!status && !is_plain(value))
			status = bad(call, name, "is neither a text of at most 2048 octets nor a whole number nor true or false");
	if (!status)
		json_object_update_missing(call->given, body);
	json_decref(body);
	return status;
}

/* Goes over names with blanks between them: true while there is one. */
static bool next_name(const char **at, char name[32])
{
	size_t n;

	*at += strspn(*at, " ");
	n = strcspn(*at, " ");
	snprintf(name, 32, "%.*s", (int)n, *at);
	*at += n;
	return n > 0;
}

static unsigned int check(const struct sim_route *r, struct sim_call *call)
{
	const char *needs = r->needs ? r->needs : "", *counts = r->counts ? r->counts : "";
	char name[32];

	while (next_name(&needs, name))
		if (!json_is_string(json_object_get(call->given, name)))
			return bad(call, name, "is missing, or no text");
	while (next_name(&counts, name))
		if (json_integer_value(json_object_get(call->given, name)) <= 0)
			return bad(call, name, "is no whole number above 0");
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		const json_t *value = json_object_get(call->given, forms[i].name);

		if (value && !is_digits(value, forms[i].low, forms[i].high))
			return bad(call, forms[i].name, "has not as many digits as it should, and nothing else");
	}
	return 0;
}

/* --- answering --- */

const char *sim_call_text(const struct sim_call *call, const char *name)
{
	const char *text = json_string_value(json_object_get(call->given, name));

	return text ? text : "";
}

unsigned int sim_call_says(struct sim_call *call, unsigned int status, const char *name, const char *text)
{
	json_decref(call->answer);
	call->answer = json_pack("{s:s}", name, text);
	return status;
}

static bool gives_row(struct sim_call *call, const char *sql)
{
	json_t *row = sql ? sim_db_row(call->db, sql, call->given) : NULL;

	json_decref(row);
	return !sql || row;
}

static unsigned int nothing(struct sim_call *call)
{
	return sim_call_says(call, 404, "error", "NOTHING_THERE");
}

static unsigned int look_up(const struct sim_route *r, struct sim_call *call)
{
	json_t *rows;

	if (!gives_row(call, r->there))
		return nothing(call);
	call->answer = r->one ? sim_db_row(call->db, r->one, call->given) : json_object();
	if (!call->answer)
		return nothing(call);
	if (!r->list)
		return 200;
	rows = sim_db_rows(call->db, r->rows, call->given);
	json_object_set(call->answer, r->list, rows);
	json_decref(rows);
	return json_array_size(rows) || r->there || r->one ? 200 : nothing(call);
}

/* What the key stands for: all of the call. */
static json_t *call_of(const struct sim_country_ask *ask, const struct sim_call *call)
{
	char *given = json_dumps(call->given, JSON_COMPACT | JSON_SORT_KEYS);
	json_t *text = json_sprintf("%s %s %s", ask->method, ask->path, given ? given : "");

	free(given);
	return text;
}

/* 0: this key is new. Else the answer is there: the same again, or that the key is another call's. */
static unsigned int answered_before(struct sim_call *call)
{
	json_t *row = sim_db_row(call->db, "SELECT call = :call AS same, answer FROM answered WHERE key = :key", call->given);
	bool same = json_integer_value(json_object_get(row, "same")) == 1;
	unsigned int status = row ? 200 : 0;

	if (row && same)
		call->answer = json_loads(json_string_value(json_object_get(row, "answer")), 0, NULL);
	else if (row)
		status = sim_call_says(call, 422, "error", "KEY_OF_ANOTHER_CALL");
	json_decref(row);
	return status;
}

static void remember(struct sim_call *call)
{
	char *text = json_dumps(call->answer, JSON_COMPACT);

	json_object_set_new(call->given, "answer", json_string(text ? text : "{}"));
	sim_db_run(call->db, "INSERT INTO answered VALUES (:key, :call, :answer)", call->given);
	free(text);
}

static unsigned int act(const struct sim_route *r, struct sim_call *call, const struct sim_country_ask *ask)
{
	json_t *whole = call_of(ask, call);
	unsigned int status;

	json_object_set_new(call->given, "key", ask->key ? json_string(ask->key) : json_null());
	json_object_set_new(call->given, "call", whole);
	if (ask->key && (!json_object_get(call->given, "key") || strlen(ask->key) > KEY_OCTETS_MAX))
		return bad(call, "key", "is no text of at most 128 octets");
	status = ask->key ? answered_before(call) : 0;
	if (status)
		return status;
	if (!sim_db_begin(call->db))
		return sim_call_says(call, 500, "error", "INTERNAL");
	status = r->act(call);
	if (ask->key && status == 200)
		remember(call);
	return sim_db_end(call->db, status < 500) || status >= 500 ? status : sim_call_says(call, 500, "error", "INTERNAL");
}

static unsigned int serve(const struct sim_country *country, const char *agency, const struct sim_route *r, struct sim_call *call,
                          const struct sim_country_ask *ask)
{
	const struct sim_limit limit = {
		.agency = agency, .route = r->path, .msisdn = sim_call_text(call, "msisdn"), .subject = r->subject ? sim_call_text(call, r->subject) : "",
		.times = r->times && country->asks ? r->times : country->asks, .window_s = r->window_s ? r->window_s : HOUR_S,
	};

	if (r->subject && !sim_limit_take(country->db, &limit))
		return sim_call_says(call, 429, "error", "TOO_OFTEN");
	if (!gives_row(call, r->may)) {
		if (r->subject)
			sim_limit_refused(country->db, &limit);
		return sim_call_says(call, 403, "error", "NOT_YOURS");
	}
	return r->act ? act(r, call, ask) : look_up(r, call);
}

static unsigned int answer(struct sim_country *country, const struct sim_country_ask *ask, struct sim_call *call)
{
	size_t at = sim_country_agency(ask->path);
	const struct sim_route *r = NULL;
	unsigned int status;
	bool other = false;

	if (at < AGENCIES)
		r = find_route(agencies[at], ask->method, ask->path + 1 + strlen(agencies[at]->name), call->given, &other);
	if (!r)
		return sim_call_says(call, other ? 405 : 404, "error", other ? "NO_SUCH_METHOD" : "NO_SUCH_PATH");
	json_object_update_missing(call->given, ask->query);
	status = take_body(ask, call);
	status = status ? status : check(r, call);
	return status ? status : serve(country, agencies[at]->name, r, call, ask);
}

char *sim_country_answer(struct sim_country *country, const struct sim_country_ask *ask, unsigned int *status)
{
	struct sim_call call = { .db = country->db, .given = json_object() };
	char *text;

	*status = answer(country, ask, &call);
	text = call.answer ? json_dumps(call.answer, JSON_COMPACT) : strdup("{}");
	json_decref(call.answer);
	json_decref(call.given);
	return text;
}

/* --- life --- */

#define SCRIPTS(each) each(schema) each(stories)
#define EMBED(name) \
	__asm__(".pushsection .rodata\n" \
		"country_" #name ": .incbin \"tests/sim/country/" #name ".sql\"\n" \
		".byte 0\n" \
		".popsection\n"); \
	extern const char country_##name[];
#define RUN(name) good = good && sim_db_script(country->db, #name ".sql", country_##name);

SCRIPTS(EMBED)

static bool populate(struct sim_country *country)
{
	bool good = sim_db_begin(country->db);

	SCRIPTS(RUN)
	good = good && sim_people_add(country->db);
	return sim_db_end(country->db, good) && good;
}

bool sim_country_reset(struct sim_country *country)
{
	return sim_db_clear(country->db) && populate(country);
}

bool sim_country_new_sim(struct sim_country *country, const char *msisdn)
{
	json_t *values = json_pack("{s:s}", "msisdn", msisdn);
	bool good = sim_db_run(country->db, "UPDATE sims SET since = 's' || (substr(since, 2) + 1) WHERE msisdn = :msisdn", values) > 0;

	json_decref(values);
	return good;
}

struct sim_country *sim_country_open(const struct sim_country_config *config)
{
	struct sim_country *country = calloc(1, sizeof(*country));
	bool fresh;

	if (!country)
		return NULL;
	country->asks = config->asks;
	country->db = sim_db_open(config->file, &fresh);
	if (!country->db || (fresh && !populate(country))) {
		fprintf(stderr, "dolat-agency: %s: there is no country in it\n", config->file ? config->file : "memory");
		sim_country_close(country);
		return NULL;
	}
	return country;
}

void sim_country_close(struct sim_country *country)
{
	if (country->db)
		sim_db_close(country->db);
	free(country);
}
