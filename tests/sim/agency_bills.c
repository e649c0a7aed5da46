/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Issuers of bills, behind one address. Whoever has a bill's ID may see it; what is a subscriber's own is for the number on the
 * subscription. */
#include "tests/sim/agency_country.h"

#define BILL "SELECT bill_id, fa AS kind_fa, en AS kind_en, amount, due, unpaid, CASE WHEN unpaid THEN payment_id END AS payment_id " \
	"FROM bills JOIN words ON word = kind WHERE "

/* The second wish for the same is told from the first. */
static unsigned int stop_paper(struct sim_call *call)
{
	if (sim_db_run(call->db, "UPDATE bills SET paperless = 1 WHERE bill_id = :bill_id AND NOT paperless", call->given) > 0)
		return 200;
	return sim_call_says(call, 409, "error", "ALREADY");
}

static const struct sim_route routes[] = {
	{ "GET", "/v1/bills/{bill_id}", .one = BILL "bill_id = :bill_id" },
	{ "GET", "/v1/phones/{phone}/bill", .one = BILL "phone = :phone ORDER BY unpaid DESC, due DESC" },
	{ "GET", "/v1/meters/{kind}/{meter}/bill", .one = BILL "meter = :meter AND kind = :kind ORDER BY unpaid DESC, due DESC" },
	{ "GET", "/v1/subscribers/{msisdn}/bills", .list = "bills", .rows = BILL "msisdn = :msisdn AND unpaid ORDER BY due, bill_id DESC" },
	{ SIM_OF_COMPANY("/v1/companies/bills"), .one = SIM_COMPANY_NAME, .list = "bills",
	  .rows = BILL "unpaid AND bill_id IN (SELECT bill_id FROM company_bills WHERE legal_id = :legal_id) ORDER BY due, bill_id" },
	{ "POST", "/v1/bills/{bill_id}/paperless", .needs = "msisdn", .may = "SELECT 1 FROM bills WHERE bill_id = :bill_id AND msisdn = :msisdn",
	  .act = stop_paper },
	{ 0 },
};

const struct sim_agency sim_bills = { "bills", routes };
