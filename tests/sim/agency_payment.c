/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The payment agency: pays bills of all issuers from a number's account. An id is one payment for ever: asked again it says what became of it,
 * voided it is never paid, even if the request comes later. Only whose money is limited has a wallet. */
#include <string.h>

#include "tests/sim/agency_country.h"

/* What is known of the id; false: nothing. */
static bool tell(struct sim_call *call)
{
	json_decref(call->answer);
	call->answer = sim_db_row(call->db, "SELECT state, reference, why FROM payments WHERE id = :id", call->given);
	return call->answer != NULL;
}

static bool is_state(const struct sim_call *call, const char *state)
{
	const char *now = json_string_value(json_object_get(call->answer, "state"));

	return now && strcmp(now, state) == 0;
}

static unsigned int refuse(struct sim_call *call, const char *why)
{
	json_object_set_new(call->given, "why", json_string(why));
	if (sim_db_run(call->db, "INSERT INTO payments (id, state, msisdn, bill_id, payment_id, amount, why) VALUES (:id, 'refused', :msisdn, "
	                         ":bill_id, :payment_id, :amount, :why)", call->given) <= 0 || !tell(call))
		return sim_call_says(call, 500, "error", "INTERNAL");
	return 402;
}

static unsigned int settle(struct sim_call *call)
{
	static const char *const steps[] = {
		"UPDATE bills SET unpaid = 0 WHERE bill_id = :bill_id",
		"INSERT INTO payments (id, state, msisdn, bill_id, payment_id, amount, reference) SELECT :id, 'paid', :msisdn, :bill_id, :payment_id, "
		":amount, 'R' || next FROM counters WHERE name = 'payments'",
		"UPDATE counters SET next = next + 1 WHERE name = 'payments'",
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (sim_db_run(call->db, steps[i], call->given) <= 0)
			return sim_call_says(call, 500, "error", "INTERNAL");
	return tell(call) ? 200 : sim_call_says(call, 500, "error", "INTERNAL");
}

static bool holds(struct sim_call *call, const char *sql)
{
	json_t *row = sim_db_row(call->db, sql, call->given);

	json_decref(row);
	return row != NULL;
}

/* NULL: it may be paid. The first that holds is why not. */
static const char *why_not(struct sim_call *call)
{
	static const struct { const char *sql; bool row; const char *why; } rows[] = {
		{ "SELECT 1 FROM bills WHERE bill_id = :bill_id", false, "unknown_bill" },
		{ "SELECT 1 FROM bills WHERE bill_id = :bill_id AND payment_id = :payment_id", false, "wrong_payment_id" },
		{ "SELECT 1 FROM bills WHERE bill_id = :bill_id AND amount = :amount", false, "wrong_amount" },
		{ "SELECT 1 FROM wallets WHERE msisdn = :msisdn AND rial < :amount", true, "not_enough_money" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (holds(call, rows[i].sql) == rows[i].row)
			return rows[i].why;
	return NULL;
}

/* An id is one payment: asked for again with anything else in it, it tells nothing of it. What was voided unseen is nobody's. */
static bool is_another(struct sim_call *call)
{
	return holds(call, "SELECT 1 FROM payments WHERE id = :id AND state <> 'void' AND NOT (msisdn = :msisdn AND bill_id = :bill_id AND "
	                   "payment_id = :payment_id AND amount = :amount)");
}

static unsigned int pay(struct sim_call *call)
{
	const char *why;

	if (is_another(call))
		return sim_call_says(call, 422, "error", "ID_OF_ANOTHER_PAYMENT");
	if (tell(call))
		return is_state(call, "paid") ? 200 : 402;
	if (holds(call, "SELECT 1 FROM bills WHERE bill_id = :bill_id AND NOT unpaid"))
		return sim_call_says(call, 409, "state", "refused");
	why = why_not(call);
	if (why)
		return refuse(call, why);
	sim_db_run(call->db, "UPDATE wallets SET rial = rial - :amount WHERE msisdn = :msisdn", call->given);
	return settle(call);
}

static unsigned int void_it(struct sim_call *call)
{
	if (sim_db_run(call->db, "INSERT OR IGNORE INTO payments (id, state) VALUES (:id, 'void')", call->given) < 0 || !tell(call))
		return sim_call_says(call, 500, "error", "INTERNAL");
	return 200;
}

#define PAYMENT "/v1/payments/{id}"

static const struct sim_route routes[] = {
	{ "PUT", PAYMENT, "msisdn bill_id payment_id", .counts = "amount", .act = pay },
	{ "GET", PAYMENT, .one = "SELECT state, reference, why FROM payments WHERE id = :id" },
	{ "DELETE", PAYMENT, .act = void_it },
	{ 0 },
};

const struct sim_agency sim_payment = { "payment", routes };
