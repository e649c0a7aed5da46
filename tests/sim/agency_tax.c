/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The tax administration: what a person or a company owes (a bill, which is paid as any other), and what became of returns. */
#include "tests/sim/agency_country.h"

#define DEBT_OF(who) "SELECT amount, due, bill_id, payment_id FROM tax_debts JOIN bills USING (bill_id) WHERE unpaid AND debtor = " who

static const struct sim_route routes[] = {
	{ "POST", "/v1/debts", "national_id msisdn", .subject = "national_id", .may = SIM_MAY_PERSON, .one = DEBT_OF(":national_id") },
	{ "POST", "/v1/companies/debts", "legal_id msisdn", .subject = "legal_id", .may = SIM_MAY_REPRESENT, .one = DEBT_OF(":legal_id") },
	{ "POST", "/v1/returns", "national_id msisdn", .subject = "national_id", .may = SIM_MAY_PERSON, .list = "returns",
	  .rows = "SELECT year, fa AS state_fa, en AS state_en, at FROM tax_returns JOIN words ON word = state "
	          "WHERE national_id = :national_id ORDER BY year DESC" },
	{ 0 },
};

const struct sim_agency sim_tax = { "tax", routes };
