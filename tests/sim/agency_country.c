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

static const struct sim_route *find_route(const struct sim_agency *agency, const char *method, const char *path, json_t *given)
{
	for (const struct sim_route *r = agency->routes; r->method; r++) {
		json_t *segments = json_object();
		bool fits = strcmp(r->method, method) == 0 && path_fits(r->path, path, segments);

		if (fits)
			json_object_update(given, segments);
		json_decref(segments);
		if (fits)
			return r;
	}
	return NULL;
}

/* --- what came --- */

static bool is_plain(const json_t *value)
{
	return json_is_integer(value) || json_is_boolean(value) || (json_is_string(value) && json_string_length(value) <= TEXT_OCTETS_MAX);
}

/* The body's members; what the path says stands above them. */
static bool take_body(const struct sim_country_ask *ask, json_t *given)
{
	json_t *body = ask->octets ? json_loadb(ask->body, ask->octets, JSON_REJECT_DUPLICATES, NULL) : json_object(), *value;
	bool good = json_is_object(body);
	const char *name;

	json_object_foreach(body, name, value)
		good &= is_plain(value);
	if (good)
		json_object_update_missing(given, body);
	json_decref(body);
	return good;
}

static bool has_all(const char *names, const json_t *given)
{
	char name[32];

	for (const char *at = names ? names : ""; *at; at += strcspn(at, " "), at += strspn(at, " ")) {
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(at, " "), at);
		if (!json_is_string(json_object_get(given, name)))
			return false;
	}
	return true;
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

/* True: this key was answered before; the answer is the same again. */
static bool answered_before(struct sim_call *call)
{
	json_t *row = sim_db_row(call->db, "SELECT answer FROM answered WHERE key = :key AND path = :path", call->given);

	if (row)
		call->answer = json_loads(json_string_value(json_object_get(row, "answer")), 0, NULL);
	json_decref(row);
	return row != NULL;
}

static void remember(struct sim_call *call)
{
	char *text = json_dumps(call->answer, JSON_COMPACT);

	json_object_set_new(call->given, "answer", json_string(text ? text : "{}"));
	sim_db_run(call->db, "INSERT INTO answered VALUES (:key, :path, :answer)", call->given);
	free(text);
}

static unsigned int act(const struct sim_route *r, struct sim_call *call, const struct sim_country_ask *ask)
{
	unsigned int status;

	json_object_set_new(call->given, "key", ask->key ? json_string(ask->key) : json_null());
	json_object_set_new(call->given, "path", json_string(ask->path));
	if (ask->key && answered_before(call))
		return 200;
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

char *sim_country_answer(struct sim_country *country, const struct sim_country_ask *ask, unsigned int *status)
{
	struct sim_call call = { .db = country->db, .given = json_object() };
	size_t at = sim_country_agency(ask->path);
	const struct sim_route *r;
	char *text;

	r = at < AGENCIES ? find_route(agencies[at], ask->method, ask->path + 1 + strlen(agencies[at]->name), call.given) : NULL;
	json_object_update_missing(call.given, ask->query);
	if (!r)
		*status = sim_call_says(&call, 404, "error", "NO_SUCH_PATH");
	else if (!take_body(ask, call.given) || !has_all(r->needs, call.given))
		*status = sim_call_says(&call, 400, "error", "BAD_REQUEST");
	else
		*status = serve(country, agencies[at]->name, r, &call, ask);
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
