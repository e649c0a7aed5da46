/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What is told of counting itself (usage.h), as the metrics have it. */
#include <stdio.h>

#include <osmocom/core/utils.h>

#include "gateway/gateway.h"
#include "gateway/metrics_priv.h"
#include "gateway/prom.h"
#include "gateway/usage.h"

void gw_metrics_print_usage(FILE *to, const struct gw *gw)
{
	const struct { const char *name, *help; uint64_t value; } rows[] = {
		{ "flushes", "adds of tallies that are in Redis", gw_usage_flushes(gw->usage) },
		{ "failures", "adds without an answer, which are sent again", gw_usage_failures(gw->usage) },
		{ "lost", "counts for which the table had no room", gw_usage_lost(gw->usage) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct gw_prom_family family = { "dolat_usage_", rows[i].name, GW_PROM_COUNTER, rows[i].help };

		gw_prom_family(to, &family);
		gw_prom_count(to, &family, "", GW_PROM_NO_LABELS, rows[i].value);
	}
}
