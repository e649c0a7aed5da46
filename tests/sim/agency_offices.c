/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Welfare, the central bank, civil registration, Ta'zirat, and the directory of all agencies. Of a cheque only its colour is told, of a card by its
 * tracking code only its state; a complaint is the complainant's number's. The directory is public. */
#include "tests/sim/agency_country.h"

#define OF_PERSON(path_) "POST", path_, "national_id msisdn", .subject = "national_id", .may = SIM_MAY_PERSON
#define DAY_S 86400

static const struct sim_route welfare[] = {
	{ OF_PERSON("/v1/balances"), .one = "SELECT amount, as_of FROM subsidies WHERE national_id = :national_id" },
	{ OF_PERSON("/v1/kalabarg"), .one = "SELECT kalabarg AS amount, until FROM subsidies WHERE national_id = :national_id" },
	{ 0 },
};

static const struct sim_route bank[] = {
	{ "POST", "/v1/cheques", "cheque_id msisdn", .subject = "cheque_id", .times = 4, .window_s = DAY_S,
	  .one = "SELECT c.fa AS colour_fa, c.en AS colour_en, t.fa AS text_fa, t.en AS text_en FROM cheques JOIN words c ON c.word = colour "
	         "JOIN words t ON t.word = colour || '.text' WHERE cheque_id = :cheque_id" },
	{ OF_PERSON("/v1/loans"), .list = "loans",
	  .rows = "SELECT fa AS bank_fa, en AS bank_en, amount, due, \"left\" FROM loans JOIN words ON word = bank "
	          "WHERE national_id = :national_id ORDER BY due" },
	{ 0 },
};

#define CARD "SELECT fa AS state_fa, en AS state_en, at FROM cards JOIN words ON word = state WHERE "

static const struct sim_route civil[] = {
	{ OF_PERSON("/v1/cards"), .one = CARD "national_id = :national_id" },
	{ "POST", "/v1/cards/tracked", "code msisdn", .subject = "code", .one = CARD "code = :code" },
	{ 0 },
};

static const struct sim_route tazirat[] = {
	{ "POST", "/v1/complaints", "code msisdn", .subject = "code",
	  .one = "SELECT fa AS state_fa, en AS state_en, at FROM complaints JOIN words ON word = state WHERE code = :code AND msisdn = :msisdn" },
	{ 0 },
};

#define NAMED "(:name IS NULL OR instr(title_fa, :name) OR instr(lower(title_en), lower(:name)))"
#define SKIP "max(0, CAST(ifnull(:skip, 0) AS INTEGER))"

static const struct sim_route directory[] = {
	{ "GET", "/v1/agencies", .one = "SELECT CASE WHEN count(*) > 6 + " SKIP " THEN 6 + " SKIP " END AS next FROM offices WHERE " NAMED,
	  .list = "agencies", .rows = "SELECT number, title_fa, title_en FROM offices WHERE " NAMED " ORDER BY position LIMIT 6 OFFSET " SKIP },
	{ "GET", "/v1/agencies/{number}",
	  .one = "SELECT name, title_fa, title_en, phone, hours_fa, hours_en, address_fa, address_en FROM offices WHERE number = :number" },
	{ 0 },
};

const struct sim_agency sim_welfare = { "welfare", welfare }, sim_bank = { "bank", bank }, sim_civil = { "civil", civil };
const struct sim_agency sim_tazirat = { "tazirat", tazirat }, sim_directory = { "directory", directory };
