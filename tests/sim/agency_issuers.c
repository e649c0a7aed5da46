/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The issuers of bills, each with its own subscribers: what a number has still to pay there. */
#include "tests/sim/agency_country.h"

#define ISSUER(name_) \
	static const struct sim_route name_[] = { \
		{ "GET", "/v1/subscribers/{msisdn}/bills", .list = "bills", \
		  .rows = "SELECT bill_id, fa AS kind_fa, en AS kind_en, amount, due FROM bills JOIN words ON word = kind " \
		          "WHERE issuer = '" #name_ "' AND msisdn = :msisdn AND unpaid ORDER BY due, bill_id DESC" }, \
		{ 0 }, \
	}; \
	const struct sim_agency sim_##name_ = { #name_, name_ };

ISSUER(water)
ISSUER(power)
ISSUER(gas)
ISSUER(telecom)
ISSUER(municipality)
