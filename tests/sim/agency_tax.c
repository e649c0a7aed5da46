/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The tax administration: what a person or a company owes (a bill, which is paid as any other), and what became of returns. */
#include "tests/sim/agency_country.h"

#define DEBT_OF(names, who) "SELECT amount, due, bill_id, payment_id" names " WHERE unpaid AND debtor = " who
#define NAMELESS " FROM tax_debts JOIN bills USING (bill_id)"
#define NAMED ", title_fa, title_en" NAMELESS " JOIN companies ON legal_id = debtor"
#define RETURNS_OF(who) .list = "returns", .rows = "SELECT year, fa AS state_fa, en AS state_en, at FROM tax_returns JOIN words ON word = state " \
	"WHERE payer = " who " ORDER BY year DESC"

static const struct sim_route routes[] = {
	{ "POST", "/v1/debts", "national_id msisdn", .subject = "national_id", .may = SIM_MAY_PERSON, .one = DEBT_OF(NAMELESS, ":national_id") },
	{ SIM_OF_COMPANY("/v1/companies/debts"), .one = DEBT_OF(NAMED, ":legal_id") },
	{ "POST", "/v1/returns", "national_id msisdn", .subject = "national_id", .may = SIM_MAY_PERSON, RETURNS_OF(":national_id") },
	{ SIM_OF_COMPANY("/v1/companies/returns"), .one = SIM_COMPANY_NAME, RETURNS_OF(":legal_id") },
	{ 0 },
};

const struct sim_agency sim_tax = { "tax", routes };
