/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The identity agency: whose number it is, since when it has this card and this owner, for which company a person may speak. It counts nothing: who
 * guesses is the gateway's to stop, which alone can reach it. */
#include "tests/sim/agency_country.h"

#define MATCHED SIM_MAY_PERSON " UNION SELECT 1 FROM moved WHERE msisdn = :msisdn AND national_id = :national_id"

static const struct sim_route routes[] = {
	{ "POST", "/v1/match", "msisdn national_id", .may = MATCHED,
	  .one = "SELECT since, province FROM sims, people WHERE msisdn = :msisdn AND national_id = :national_id" },
	{ "GET", "/v1/sims/{msisdn}", .one = "SELECT since FROM sims WHERE msisdn = :msisdn" },
	{ "POST", "/v1/represents", "national_id legal_id",
	  .may = "SELECT 1 FROM representatives WHERE national_id = :national_id AND legal_id = :legal_id",
	  .one = "SELECT title_fa, title_en FROM companies WHERE legal_id = :legal_id" },
	{ 0 },
};

const struct sim_agency sim_identity = { "identity", routes };
