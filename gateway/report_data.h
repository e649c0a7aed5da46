/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a report is made from: the tallies of a period, summed (usage.h); the catalogue; what agencies told of their bills; requests that
 * wait too long. Filled by report_load.c from the ledger, or by a test; made to tables by gw_report_make. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "gateway/catalogue.h"
#include "gateway/report_table.h"
#include "gateway/usage.h"

#define GW_REPORT_DAYS_MAX 1200u
#define GW_REPORT_TALLY_MAX INT64_C(1000000000000) /* of a day: more is no count, and sums of such cannot overflow */

struct gw_report_bills { const char *agency, *period; int64_t paper, paperless; uint16_t told; /* the day */ };
struct gw_report_overdue { const char *agency; int64_t n; };
struct gw_report_title { const char *name, *title[GW_REPORT_LANGUAGES]; };
struct gw_report_sum { enum gw_usage_table table; const char *dims[GW_USAGE_DIMS_MAX]; int64_t value; };

struct gw_report_data {
	uint16_t from, to, today;
	int utc_offset;                          /* minutes: where a day begins; set before it is filled */
	unsigned int late_days;
	json_t *sums;                            /* object: a tally's text -> integer, over the period */
	int64_t (*days)[3];                      /* of each day, from `from` on: begun, finished, success */
	bool *counted;                           /* and whether anything was counted on it */
	const struct gw_catalogue *catalogue;    /* NULL: not known */
	size_t n_services, n_agencies;
	struct gw_report_title *services, *agencies; /* what people call them: of the menu's services and keywords; of agencies */
	bool has_ledger;                         /* else bills and overdue are not known */
	size_t n_bills, n_overdue;
	struct gw_report_bills *bills;
	struct gw_report_overdue *overdue;       /* unanswered for more than late_days, of agencies that have such */
	/* sorted by gw_report_make */
	size_t n_sums;
	struct gw_report_sum *list;
};

/* A child of ctx; at most GW_REPORT_DAYS_MAX days. */
struct gw_report_data *gw_report_data_alloc(void *ctx, uint16_t from, uint16_t to, uint16_t today);
/* One tally of a day; what cannot be read is left out. */
void gw_report_data_tally(struct gw_report_data *data, uint16_t day, const char *name, int64_t value);
/* The whole report; a child of data. */
struct gw_report *gw_report_make(struct gw_report_data *data);

/* Sum over all that has these dimensions; NULL: any. */
int64_t gw_report_total(const struct gw_report_data *data, enum gw_usage_table table, const char *const dims[GW_USAGE_DIMS_MAX]);
/* Whether uses of this are uses of this entry: in dialogs the menu's service, by SMS a keyword, by the API either. */
bool gw_report_is_of(const struct gw_catalogue_entry *entry, const char *channel, const char *service);
/* A name as machines have it, which people see as its title. */
struct gw_report_cell gw_report_service(const struct gw_report_data *data, const char *name);
struct gw_report_cell gw_report_agency(const struct gw_report_data *data, const char *name);
/* How many visits a use takes the place of, by the catalogue. */
struct gw_report_cell gw_report_visits(const struct gw_report_data *data, const char *channel, const char *service);
