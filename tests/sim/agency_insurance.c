/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Insurers and pension funds: social security (and the lists of workshops), basic health insurance, supplementary insurance, pensions.
 * Of those covered no names are given, of a claim no diagnosis. */
#include "tests/sim/agency_country.h"

#define OF_PERSON(path_) "POST", path_, "national_id msisdn", .subject = "national_id", .may = SIM_MAY_PERSON

/* An employer of ten digits is a person, one of eleven a company. */
#define EMPLOYS "SELECT 1 FROM workshops WHERE workshop = :workshop AND employer = :employer AND (EXISTS " \
	"(SELECT 1 FROM numbers WHERE msisdn = :msisdn AND national_id = :employer) OR EXISTS " \
	"(SELECT 1 FROM representatives JOIN numbers USING (national_id) WHERE msisdn = :msisdn AND legal_id = :employer))"

static const struct sim_route tamin[] = {
	{ OF_PERSON("/v1/booklets"), .one = "SELECT valid, until FROM booklets WHERE national_id = :national_id" },
	{ OF_PERSON("/v1/covered"), .there = "SELECT 1 FROM booklets WHERE national_id = :national_id", .list = "covered",
	  .rows = "SELECT fa AS who_fa, en AS who_en, until FROM covered JOIN words ON word = who WHERE national_id = :national_id ORDER BY n" },
	{ OF_PERSON("/v1/records"), .one = "SELECT days, last FROM records WHERE national_id = :national_id" },
	{ "POST", "/v1/workshops", "workshop employer msisdn", .subject = "employer", .may = EMPLOYS,
	  .one = "SELECT month, fa AS state_fa, en AS state_en, amount, due, payment_id FROM workshops JOIN words ON word = state "
	         "WHERE workshop = :workshop AND employer = :employer" },
	{ SIM_OF_COMPANY("/v1/companies/workshops"), .one = SIM_COMPANY_NAME, .list = "workshops",
	  .rows = "SELECT workshop, month, fa AS state_fa, en AS state_en, amount, due, payment_id FROM workshops JOIN words ON word = state "
	          "WHERE employer = :legal_id ORDER BY workshop" },
	{ 0 },
};

static const struct sim_route salamat[] = {
	{ OF_PERSON("/v1/covers"), .one = "SELECT valid, until, fa AS fund_fa, en AS fund_en FROM covers LEFT JOIN words ON word = fund "
	                                  "WHERE national_id = :national_id" },
	{ 0 },
};

static const struct sim_route takmili[] = {
	{ OF_PERSON("/v1/policies"),
	  .one = "SELECT fa AS insurer_fa, en AS insurer_en, \"left\", until FROM policies JOIN words ON word = insurer WHERE national_id = :national_id",
	  .list = "claims",
	  .rows = "SELECT at, fa AS state_fa, en AS state_en, amount FROM claims JOIN words ON word = state "
	          "WHERE national_id = :national_id ORDER BY at DESC" },
	{ 0 },
};

static const struct sim_route pension[] = {
	{ OF_PERSON("/v1/slips"), .one = "SELECT next, alive_until FROM pensions WHERE national_id = :national_id", .list = "slips",
	  .rows = "SELECT month, gross, cuts, gross - cuts AS net FROM slips WHERE national_id = :national_id ORDER BY month DESC" },
	{ 0 },
};

const struct sim_agency sim_tamin = { "tamin", tamin }, sim_salamat = { "salamat", salamat };
const struct sim_agency sim_takmili = { "takmili", takmili }, sim_pension = { "pension", pension };
