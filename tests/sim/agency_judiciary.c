/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Courts: notices and files. A notice is served when its text is first read. Wrong codes are counted for a day, the right one between them or not;
 * after three of them nothing is opened. */
#include "tests/sim/agency_country.h"

#define WITHIN_A_DAY "since > now() - 86400"

/* 0, or the status that ends it. right: a statement that gives a row if the code is right. */
static unsigned int try_code(struct sim_call *call, const char *what, const char *right)
{
	json_t *row;

	json_object_set_new(call->given, "what", json_string(what));
	row = sim_db_row(call->db, "SELECT 1 FROM tries WHERE what = :what AND msisdn = :msisdn AND times >= 3 AND " WITHIN_A_DAY, call->given);
	if (row) {
		json_decref(row);
		return sim_call_says(call, 429, "error", "LOCKED");
	}
	row = sim_db_row(call->db, right, call->given);
	if (row) {
		json_object_update(call->given, row);
		json_decref(row);
		return 0;
	}
	sim_db_run(call->db, "INSERT INTO tries VALUES (:what, :msisdn, now(), 1) ON CONFLICT DO UPDATE SET times = CASE WHEN " WITHIN_A_DAY
	           " THEN times + 1 ELSE 1 END, since = CASE WHEN " WITHIN_A_DAY " THEN since ELSE now() END", call->given);
	return sim_call_says(call, 403, "error", "WRONG");
}

static unsigned int open_notice(struct sim_call *call)
{
	json_t *there = sim_db_row(call->db, "SELECT 1 FROM notices WHERE ref_is(:ref, 'notice', id, :msisdn)", call->given);
	unsigned int status;

	json_decref(there);
	if (!there)
		return sim_call_says(call, 404, "error", "NOTHING_THERE");
	status = try_code(call, "notice", "SELECT id AS notice FROM notices WHERE ref_is(:ref, 'notice', id, :msisdn) AND code = :code");
	if (status)
		return status;
	sim_db_run(call->db, "UPDATE notices SET read_at = now_text() WHERE id = :notice AND read_at IS NULL", call->given);
	call->answer = sim_db_row(call->db, "SELECT text, read_at FROM notices WHERE id = :notice", call->given);
	return 200;
}

static unsigned int open_file(struct sim_call *call)
{
	unsigned int status = try_code(call, "file", "SELECT 1 FROM files JOIN numbers USING (national_id) WHERE case_number = :case_number "
	                                             "AND code = :code AND msisdn = :msisdn");

	if (status)
		return status;
	call->answer = sim_db_row(call->db, "SELECT branch_fa, branch_en, fa AS state_fa, en AS state_en, hearing FROM files JOIN words ON word = state "
	                                    "WHERE case_number = :case_number", call->given);
	return 200;
}

static const struct sim_route routes[] = {
	{ "POST", "/v1/notices", "national_id msisdn", .subject = "national_id", .may = SIM_MAY_PERSON, .list = "notices",
	  .rows = "SELECT ref('notice', id, :msisdn) AS ref, fa AS title_fa, en AS title_en, deadline, number FROM notices JOIN words ON word = title "
	          "WHERE national_id = :national_id ORDER BY deadline" },
	{ "POST", "/v1/notices/{ref}/open", "code msisdn", .act = open_notice },
	{ "POST", "/v1/files", "case_number code msisdn", .act = open_file },
	{ 0 },
};

const struct sim_agency sim_judiciary = { "judiciary", routes };
