/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The secretariat: letters of agencies, read and replied to by choice. That one was read is recorded; one that was withdrawn is still in the list of
 * the morning. */
#include "tests/sim/agency_country.h"

/* Its letter is known to the call from then on; false: there is none of this number. */
static bool find(struct sim_call *call)
{
	json_t *row = sim_db_row(call->db, "SELECT id AS letter FROM letters WHERE ref_is(:ref, 'letter', id, :msisdn) AND NOT withdrawn", call->given);

	if (row)
		json_object_update(call->given, row);
	json_decref(row);
	return row != NULL;
}

static unsigned int read_it(struct sim_call *call)
{
	if (!find(call))
		return sim_call_says(call, 404, "error", "NOTHING_THERE");
	sim_db_run(call->db, "UPDATE letters SET read_at = now_text() WHERE id = :letter AND read_at IS NULL", call->given);
	call->answer = sim_db_row(call->db, "SELECT number, text_fa, text_en, at, can_reply FROM letters WHERE id = :letter", call->given);
	json_object_set_new(call->answer, "replies", sim_db_rows(call->db, "SELECT n, text_fa, text_en FROM replies WHERE letter = :letter ORDER BY n",
	                                                         call->given));
	return 200;
}

static unsigned int reply(struct sim_call *call)
{
	json_t *choice;

	if (!find(call))
		return sim_call_says(call, 404, "error", "NOTHING_THERE");
	choice = sim_db_row(call->db, "SELECT 1 FROM replies WHERE letter = :letter AND CAST(n AS TEXT) = :choice", call->given);
	json_decref(choice);
	if (!choice)
		return sim_call_says(call, 400, "error", "BAD_REQUEST");
	if (sim_db_run(call->db, "UPDATE letters SET reply = CAST(:choice AS INTEGER), reply_number = (SELECT '98/' || next FROM counters WHERE name = 'letters') "
	                         "WHERE id = :letter AND can_reply AND reply IS NULL", call->given) <= 0)
		return sim_call_says(call, 409, "error", "REPLIED");
	sim_db_run(call->db, "UPDATE counters SET next = next + 1 WHERE name = 'letters'", call->given);
	call->answer = sim_db_row(call->db, "SELECT reply_number AS number FROM letters WHERE id = :letter", call->given);
	return 200;
}

#define LETTERS_OF(whose) .list = "letters", \
	.rows = "SELECT ref('letter', id, :msisdn) AS ref, CASE WHEN read_at IS NULL THEN '* ' ELSE '' END AS mark, s.fa AS from_fa, s.en AS from_en, " \
	        "t.fa AS title_fa, t.en AS title_en FROM letters JOIN words s ON s.word = sender JOIN words t ON t.word = title " \
	        "WHERE " whose " ORDER BY at DESC"

static const struct sim_route routes[] = {
	{ "POST", "/v1/letters", "national_id msisdn", .subject = "national_id", .may = SIM_MAY_PERSON, LETTERS_OF("national_id = :national_id") },
	{ SIM_OF_COMPANY("/v1/companies/letters"), .one = SIM_COMPANY_NAME, LETTERS_OF("legal_id = :legal_id") },
	{ "POST", "/v1/letters/{ref}/read", "msisdn", .act = read_it },
	{ "POST", "/v1/letters/{ref}/reply", "choice msisdn", .act = reply },
	{ 0 },
};

const struct sim_agency sim_letters = { "letters", routes };
