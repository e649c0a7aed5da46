/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The sample agencies of the national menu: every agency of menus/dolat-hamrah/agencies, each below a path of its own (/tax/v1/debts), with
 * made-up people, companies and bills in one SQLite database. What an agency serves is a table of routes; most rows are a question
 * to the database and nothing else.
 *
 * A call is answered in this order: 404 where nobody serves the path, 405 with another method, 400 if something is missing or is not what it
 * should be (`detail` says what), 429 if its number has asked too often, 403 if what it asks about is not its own (the same look-up, and the
 * same answer, whether it is somebody else's or nobody's), 404 if there is nothing, 200.
 * What changes something does so in one transaction, and once for an Idempotency-Key: a repetition gets the first answer. The key is that of
 * one call: with another method, path or body, so of another number, it is 422 and nothing is done or told. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "tests/sim/agency_db.h"

/* --- an agency --- */

struct sim_call {
	struct sim_db *db;
	json_t *given;                /* what came in path, query and body: texts and whole numbers, by name */
	json_t *answer;               /* what goes back; NULL: {} */
};

struct sim_route {
	const char *method, *path;    /* "/v1/bills/{bill_id}", below the agency's own path */
	const char *needs;            /* names of the texts that a body must bring, a blank between two */
	const char *counts;           /* and of the whole numbers above 0 */
	const char *subject;          /* the name of what it asks about, if asking is counted; NULL: it is not */
	unsigned int times, window_s; /* a number may ask so often in so long; 0: as the country's limit is */
	const char *may;              /* a statement that must give a row, else 403 */
	const char *there;            /* a statement that must give a row, else 404 */
	const char *one;              /* a statement whose first row is the answer; none: 404 */
	const char *list, *rows;      /* a member of the answer, and the statement of its rows; none: 404, unless `there` or `one` gave one */
	unsigned int (*act)(struct sim_call *call); /* in place of one and list: changes something, gives the status */
};

struct sim_agency {
	const char *name;             /* "tax": its path, and its name for faults */
	const struct sim_route *routes; /* ends with a row without method */
};

/* For `may`: the number is this person's; and this person may speak for the company. */
#define SIM_MAY_PERSON "SELECT 1 FROM numbers WHERE msisdn = :msisdn AND national_id = :national_id"
#define SIM_MAY_REPRESENT "SELECT 1 FROM representatives JOIN numbers USING (national_id) WHERE msisdn = :msisdn AND national_id = :national_id AND legal_id = :legal_id"

/* A row of what is asked about a company: who asks for it must represent it; its name is part of the answer. */
#define SIM_OF_COMPANY(path_) "POST", path_, "legal_id national_id msisdn", .subject = "legal_id", .may = SIM_MAY_REPRESENT
#define SIM_COMPANY_NAME "SELECT title_fa, title_en FROM companies WHERE legal_id = :legal_id"

/* For `act`: an answer of one text, and its status. */
unsigned int sim_call_says(struct sim_call *call, unsigned int status, const char *name, const char *text);
/* The given text, "" if there is none. */
const char *sim_call_text(const struct sim_call *call, const char *name);

extern const struct sim_agency sim_bills, sim_tax, sim_tamin, sim_salamat, sim_takmili, sim_pension;
extern const struct sim_agency sim_welfare, sim_bank, sim_civil, sim_tazirat, sim_directory;
extern const struct sim_agency sim_identity, sim_payment, sim_water, sim_power, sim_gas, sim_telecom, sim_municipality;
extern const struct sim_agency sim_police, sim_judiciary, sim_letters;

/* --- all of them --- */

struct sim_country;

struct sim_country_config {
	const char *file;             /* keeps it over a restart; NULL: in memory */
	unsigned int asks;            /* so many questions of one kind an hour for a number, and one refused counts for ten; 0: no limit */
};
#define SIM_COUNTRY_ASKS 120

/* NULL with a line on stderr. */
struct sim_country *sim_country_open(const struct sim_country_config *config);
void sim_country_close(struct sim_country *country);
/* As at the first start. */
bool sim_country_reset(struct sim_country *country);

/* The number has another SIM card from now on; false: there is no such number. */
bool sim_country_new_sim(struct sim_country *country, const char *msisdn);

/* The agency whose path this is, SIM_AGENCIES_MAX if none; its name, NULL past the last. */
size_t sim_country_agency(const char *path);
const char *sim_country_name(size_t agency);
#define SIM_AGENCIES_MAX 40

struct sim_country_ask {
	const char *method, *path;
	const char *key;              /* Idempotency-Key, or NULL */
	json_t *query;                /* texts by name */
	const char *body;
	size_t octets;
};
/* A JSON text, freed by free(). */
char *sim_country_answer(struct sim_country *country, const struct sim_country_ask *ask, unsigned int *status);
