/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The traffic police: fines, plates, appointments. A time is offered as the centre's plan of the morning says; taking it is what decides. */
#include "tests/sim/agency_country.h"

#define OWNS "SELECT 1 FROM vehicles JOIN numbers USING (national_id) WHERE msisdn = :msisdn AND national_id = :national_id AND "
#define OF_PLATE "two = :two AND letter = :letter AND three = :three AND iran = :iran"
#define PLATE "two || letter || three || '-' || iran AS plate"
#define FINES "SELECT " PLATE ", amount, count, bill_id, payment_id FROM fines JOIN vehicles ON id = vehicle JOIN bills USING (bill_id) WHERE unpaid AND "
#define TURN "SELECT code, fa AS center_fa, en AS center_en, at FROM turns JOIN times ON id = time JOIN words ON word = centre WHERE msisdn = :msisdn"

static bool has_one(struct sim_call *call)
{
	json_t *row = sim_db_row(call->db, "SELECT 1 FROM turns WHERE msisdn = :msisdn AND NOT EXISTS (SELECT 1 FROM turns WHERE time = :time)", call->given);

	json_decref(row);
	return row != NULL;
}

/* A number has one appointment: who has one is told so, unless the time is gone anyway. */
static unsigned int book(struct sim_call *call)
{
	json_t *time = sim_db_row(call->db, "SELECT id AS time FROM times WHERE ref_is(:ref, 'time', id, :msisdn)", call->given);

	if (!time)
		return sim_call_says(call, 404, "error", "NOTHING_THERE");
	json_object_update(call->given, time);
	json_decref(time);
	call->answer = sim_db_row(call->db, TURN " AND time = :time", call->given);
	if (call->answer) /* theirs already */
		return 200;
	if (sim_db_run(call->db, "INSERT INTO turns VALUES (:time, :msisdn)", call->given) <= 0)
		return sim_call_says(call, 409, "error", has_one(call) ? "HAS_ONE" : "TAKEN");
	call->answer = sim_db_row(call->db, TURN, call->given);
	return 200;
}

static unsigned int cancel(struct sim_call *call)
{
	if (sim_db_run(call->db, "DELETE FROM turns WHERE msisdn = :msisdn AND time IN (SELECT id FROM times WHERE code = :code)", call->given) > 0)
		return 200;
	return sim_call_says(call, 404, "error", "NOTHING_THERE");
}

static const struct sim_route routes[] = {
	{ "POST", "/v1/fines/plate", "two letter three iran national_id msisdn", .subject = "national_id", .may = OWNS OF_PLATE, .one = FINES OF_PLATE },
	{ "POST", "/v1/fines/vin", "vin national_id msisdn", .subject = "national_id", .may = OWNS "vin = :vin", .one = FINES "vin = :vin" },
	{ "POST", "/v1/fines/ref", "ref msisdn", .one = FINES "ref_is(:ref, 'vehicle', id, :msisdn)" },
	{ "POST", "/v1/plates", "national_id msisdn", .subject = "national_id", .may = SIM_MAY_PERSON, .list = "plates",
	  .rows = "SELECT ref('vehicle', id, :msisdn) AS ref, " PLATE ", fa AS state_fa, en AS state_en, since FROM vehicles JOIN words ON word = state "
	          "WHERE national_id = :national_id ORDER BY since DESC" },
	{ "POST", "/v1/times", "national_id msisdn", .subject = "national_id", .may = SIM_MAY_PERSON, .list = "times",
	  .rows = "SELECT ref('time', id, :msisdn) AS ref, fa AS center_fa, en AS center_en, at FROM times JOIN words ON word = centre "
	          "WHERE national_id = :national_id ORDER BY at" },
	{ "POST", "/v1/turns", "ref msisdn", .act = book },
	{ "GET", "/v1/subscribers/{msisdn}/turn", .one = TURN },
	{ "POST", "/v1/turns/cancel", "code msisdn", .act = cancel },
	{ 0 },
};

const struct sim_agency sim_police = { "police", routes };
