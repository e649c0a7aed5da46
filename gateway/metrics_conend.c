/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The numbers of USSD over HTTP, by route; and of its server, which is of the same kind as the API's. */
#include <osmocom/core/utils.h>

#include "gateway/api.h"
#include "gateway/bearer_conend.h"
#include "gateway/gateway.h"
#include "gateway/metrics_priv.h"
#include "gateway/prom.h"

static void print_counter(FILE *to, const struct gw *gw, size_t which)
{
	const struct gw_conend_ctr_row *row = gw_conend_ctr_row(which);
	const struct gw_prom_family family = { "dolat_http_ussd_", row->name, GW_PROM_COUNTER, row->text };
	struct gw_conend_info info;

	gw_prom_family(to, &family);
	for (size_t i = 0; gw_bearer_conend_at(gw->http_ussd, i, &info); i++)
		gw_prom_count(to, &family, "", GW_PROM_LABELS({ "operator", info.route->name }), info.counters[which]);
}

static void print_open(FILE *to, const struct gw *gw)
{
	static const struct gw_prom_family family = { "dolat_http_ussd_", "open", GW_PROM_GAUGE, "requests without an answer yet" };
	struct gw_conend_info info;

	gw_prom_family(to, &family);
	for (size_t i = 0; gw_bearer_conend_at(gw->http_ussd, i, &info); i++)
		gw_prom_count(to, &family, "", GW_PROM_LABELS({ "operator", info.route->name }), info.open);
}

static void print_server(FILE *to, const struct gw_api_counters *counters)
{
	const struct { const char *name; uint64_t value; const char *help; } rows[] = {
		{ "calls", counters->calls, "requests that came, to whatever path" },
		{ "refused_secrets", counters->refused_keys, "of these, with a wrong secret, or from where too many came" },
		{ "hung_up", counters->hung_up, "whose client did not wait for, or not take, the answer" },
		{ "too_slow", counters->too_slow, "connections that were cut for being too slow" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct gw_prom_family family = { "dolat_http_ussd_server_", rows[i].name, GW_PROM_COUNTER, rows[i].help };

		gw_prom_family(to, &family);
		gw_prom_count(to, &family, "", GW_PROM_NO_LABELS, rows[i].value);
	}
}

void gw_metrics_print_conend(FILE *to, const struct gw *gw)
{
	if (!gw->http_ussd)
		return;
	print_open(to, gw);
	for (size_t c = 0; gw_conend_ctr_row(c); c++)
		print_counter(to, gw, c);
	print_server(to, gw_api_counters(gw_bearer_conend_server(gw->http_ussd)));
}
