/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The numbers of bulk sending by this gateway: files that came in, rows that became notices. */
#include <assert.h>
#include <stddef.h>

#include <osmocom/core/utils.h>

#include "gateway/bulk.h"
#include "gateway/gateway.h"
#include "gateway/metrics_priv.h"
#include "gateway/prom.h"

#define FIELD(field, help) { #field, offsetof(struct gw_bulk_counters, field), help }
static const struct { const char *name; size_t offset; const char *help; } fields[] = {
	FIELD(uploads, "files of bulk sending that were begun"),
	FIELD(uploads_broken, "files that broke off or were refused"),
	FIELD(rows, "rows that came in"),
	FIELD(rows_refused, "rows that were bad"),
	FIELD(fed, "rows that became notices"),
	FIELD(feed_failures, "rows that could not become notices when their turn came"),
	FIELD(takeovers, "jobs that were taken over from a gateway that is gone"),
	FIELD(finished, "jobs that were fed to their end"),
};
static_assert(sizeof(struct gw_bulk_counters) == ARRAY_SIZE(fields) * sizeof(uint64_t), "every counter is printed");

static uint64_t jobs_of_ours(const struct gw *gw)
{
	struct gw_bulk_info info;
	uint64_t n = 0;

	for (size_t i = 0; gw_bulk_at(gw->bulk, i, &info); i++)
		n += info.ours;
	return n;
}

void gw_metrics_print_bulk(FILE *to, const struct gw *gw)
{
	static const struct gw_prom_family feeding = { "dolat_bulk_", "feeding", GW_PROM_GAUGE, "jobs that this gateway feeds" };
	const char *counters;

	if (!gw->bulk)
		return;
	counters = (const char *)gw_bulk_counters(gw->bulk);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const struct gw_prom_family family = { "dolat_bulk_", fields[i].name, GW_PROM_COUNTER, fields[i].help };

		gw_prom_family(to, &family);
		gw_prom_count(to, &family, "", GW_PROM_NO_LABELS, *(const uint64_t *)(counters + fields[i].offset));
	}
	gw_prom_family(to, &feeding);
	gw_prom_count(to, &feeding, "", GW_PROM_NO_LABELS, jobs_of_ours(gw));
}
