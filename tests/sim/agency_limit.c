/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See agency_limit.h. */
#include "tests/sim/agency_limit.h"

#define REFUSED_COSTS 10

static json_t *values_of(const struct sim_limit *limit, unsigned int costs)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:i,s:i,s:i}", "agency", limit->agency, "route", limit->route, "msisdn", limit->msisdn, "subject",
	                 limit->subject, "times", (int)limit->times, "window", (int)limit->window_s, "costs", (int)costs);
}

static bool has_row(struct sim_db *db, const char *sql, const json_t *values)
{
	json_t *row = sim_db_row(db, sql, values);

	json_decref(row);
	return row != NULL;
}

/* A window that is over begins anew. */
static void spend(struct sim_db *db, const json_t *values)
{
	sim_db_run(db,
	           "INSERT INTO asked VALUES (:agency, :route, :msisdn, now(), :costs) ON CONFLICT DO UPDATE SET "
	           "spent = CASE WHEN since + :window > now() THEN spent + :costs ELSE :costs END, "
	           "since = CASE WHEN since + :window > now() THEN since ELSE now() END", values);
}

bool sim_limit_take(struct sim_db *db, const struct sim_limit *limit)
{
	json_t *values = values_of(limit, 1);
	bool good = values && !has_row(db, "SELECT 1 FROM blocked WHERE agency IN (:agency, '') AND msisdn IN (:msisdn, '') AND subject = :subject", values);

	if (good && limit->times) {
		good = !has_row(db, "SELECT 1 FROM asked WHERE agency = :agency AND route = :route AND msisdn = :msisdn AND spent >= :times AND "
		                    "since + :window > now()", values);
		if (good)
			spend(db, values);
	}
	json_decref(values);
	return good;
}

void sim_limit_refused(struct sim_db *db, const struct sim_limit *limit)
{
	json_t *values = values_of(limit, REFUSED_COSTS);

	if (values && limit->times)
		spend(db, values);
	json_decref(values);
}
