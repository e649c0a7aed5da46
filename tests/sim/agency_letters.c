/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The secretariat: letters of agencies, read, replied to by choice, passed on to another person and taken back. That one was read is recorded; one
 * that was withdrawn is still in the list of the morning.
 *
 * A letter is passed on to a national ID, not to a person: whether anybody has it is never looked up, so that no answer and no time tells it. */
#include "tests/sim/agency_country.h"

#include <string.h>

#define HANDED "(SELECT delegate FROM delegations WHERE letter = letters.id)"
#define SPEAKS "EXISTS (SELECT 1 FROM representatives WHERE legal_id = letters.legal_id AND national_id = :national_id)"
/* The number is this person's, and the letter is theirs, or was passed on to them, or is to a company that they represent. */
#define FIND "SELECT id AS letter, national_id IS :national_id AS own FROM letters WHERE ref_is(:ref, 'letter', id, :msisdn) AND NOT withdrawn " \
	"AND EXISTS (" SIM_MAY_PERSON ") AND (national_id = :national_id OR :national_id = " HANDED " OR " SPEAKS ")"

/* Its letter is known to the call from then on; false: there is none of this number and person. */
static bool find(struct sim_call *call)
{
	json_t *row = sim_db_row(call->db, FIND, call->given);

	if (row)
		json_object_update(call->given, row);
	json_decref(row);
	return row != NULL;
}

/* One that is this very person's own. */
static bool find_own(struct sim_call *call)
{
	return find(call) && json_integer_value(json_object_get(call->given, "own"));
}

static unsigned int read_it(struct sim_call *call)
{
	if (!find(call))
		return sim_call_says(call, 404, "error", "NOTHING_THERE");
	sim_db_run(call->db, "UPDATE letters SET read_at = now_text() WHERE id = :letter AND read_at IS NULL AND :national_id IS NOT " HANDED, call->given);
	sim_db_run(call->db, "UPDATE delegations SET read_at = now_text() WHERE letter = :letter AND read_at IS NULL AND delegate = :national_id", call->given);
	call->answer = sim_db_row(call->db, "SELECT number, text_fa, text_en, at, can_reply, :own AS can_delegate, "
	                                    "CASE WHEN :own THEN substr(" HANDED ", -4) END AS delegate, "
	                                    ":national_id IS " HANDED " AS handed "
	                                    "FROM letters WHERE id = :letter", call->given);
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
	if (sim_db_run(call->db, "UPDATE letters SET reply = CAST(:choice AS INTEGER), reply_number = '98/' || (41387 + id) "
	                         "WHERE id = :letter AND can_reply AND reply IS NULL", call->given) <= 0)
		return sim_call_says(call, 409, "error", "REPLIED");
	call->answer = sim_db_row(call->db, "SELECT reply_number AS number FROM letters WHERE id = :letter", call->given);
	return 200;
}

static unsigned int delegate(struct sim_call *call)
{
	if (!find_own(call))
		return sim_call_says(call, 404, "error", "NOTHING_THERE");
	if (strcmp(sim_call_text(call, "to"), sim_call_text(call, "national_id")) == 0)
		return sim_call_says(call, 409, "error", "SELF");
	return sim_db_run(call->db, "INSERT OR REPLACE INTO delegations VALUES (:letter, :to, now_text(), NULL)", call->given) > 0 ? 200 : 500;
}

static unsigned int take_back(struct sim_call *call)
{
	if (!find_own(call))
		return sim_call_says(call, 404, "error", "NOTHING_THERE");
	return sim_db_run(call->db, "DELETE FROM delegations WHERE letter = :letter", call->given) >= 0 ? 200 : 500;
}

#define UNREAD(when) "CASE WHEN " when " IS NULL THEN '* ' ELSE '' END"
#define LETTERS_OF(mark, whose) .list = "letters", \
	.rows = "SELECT ref('letter', id, :msisdn) AS ref, " mark " AS mark, s.fa AS from_fa, s.en AS from_en, " \
	        "t.fa AS title_fa, t.en AS title_en FROM letters JOIN words s ON s.word = sender JOIN words t ON t.word = title " \
	        "WHERE " whose " ORDER BY at DESC"

static const struct sim_route routes[] = {
	{ "POST", "/v1/letters", "national_id msisdn", .subject = "national_id", .may = SIM_MAY_PERSON, LETTERS_OF(
	  "CASE WHEN national_id = :national_id THEN " UNREAD("read_at") " ELSE '+ ' END", "national_id = :national_id OR :national_id = " HANDED) },
	{ SIM_OF_COMPANY("/v1/companies/letters"), .one = SIM_COMPANY_NAME, LETTERS_OF(UNREAD("read_at"), "legal_id = :legal_id") },
	{ "POST", "/v1/letters/{ref}/read", "national_id msisdn", .act = read_it },
	{ "POST", "/v1/letters/{ref}/reply", "choice national_id msisdn", .act = reply },
	{ "POST", "/v1/letters/{ref}/delegate", "to national_id msisdn", .subject = "national_id", .act = delegate },
	{ "POST", "/v1/letters/{ref}/take_back", "national_id msisdn", .act = take_back },
	{ 0 },
};

const struct sim_agency sim_letters = { "letters", routes };
