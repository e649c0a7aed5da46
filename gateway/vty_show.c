/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the console's `show` prints: for eyes, where metrics.c prints the same for machines. A name that an operator wrote is
 * the last column, so that its length and its direction of writing disturb no other. */
#include <inttypes.h>

#include <osmocom/core/utils.h>

#include "gateway/bearer_conend.h"
#include "gateway/bearer_smpp.h"
#include "gateway/bulk.h"
#include "gateway/gateway.h"
#include "gateway/vty_priv.h"
#include "gateway/webhook.h"

void gw_vty_show_links(struct vty *vty, struct gw *gw, const char *argument)
{
	const struct gw_route *route;
	const struct smpp_link *link;

	(void)argument;
	gw_vty_line(vty, "%-12s %9s %10s %10s %8s %8s %8s %9s  %s", "state", "in flight", "in", "out", "lost", "refused", "timeouts",
		    "malformed", "link (operator)");
	for (size_t i = 0; (link = gw_bearer_smpp_link(gw->smpp, i, &route)); i++) {
		const struct smpp_link_counters *at = smpp_link_counters(link);

		gw_vty_line(vty, "%-12s %9u %10" PRIu64 " %10" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %9" PRIu64 "  %s (%s)",
			    smpp_link_state_name(smpp_link_state(link)), smpp_link_in_flight(link), at->pdus_in, at->pdus_out, at->losses,
			    at->bind_refusals, at->timeouts, at->malformed, smpp_link_name(link), route->name);
	}
}

/* Networks that ask over HTTP. */
static void show_http_routes(struct vty *vty, const struct gw *gw)
{
	struct gw_conend_info info;

	for (size_t i = 0; gw_bearer_conend_at(gw->http_ussd, i, &info); i++) {
		const uint64_t *at = info.counters;

		if (i == 0)
			gw_vty_line(vty, "%5s %10s %10s %10s %8s %8s %8s  %-16s %s", "open", "requests", "pages", "ends", "refused", "busy", "late",
				    "dialect", "path (route over HTTP)");
		gw_vty_line(vty, "%5u %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64 "  %-16s %s (%s)", info.open,
			    at[GW_CONEND_CTR_REQUESTS], at[GW_CONEND_CTR_PAGES], at[GW_CONEND_CTR_ENDS],
			    at[GW_CONEND_CTR_BAD] + at[GW_CONEND_CTR_SECRETS] + at[GW_CONEND_CTR_ADDRESSES], at[GW_CONEND_CTR_BUSY],
			    at[GW_CONEND_CTR_LATE], info.dialect, info.path, info.route->name);
	}
}

void gw_vty_show_operators(struct vty *vty, struct gw *gw, const char *argument)
{
	(void)argument;
	gw_vty_line(vty, "%5s %5s %9s %8s %10s %9s  %-16s %s", "links", "bound", "answer ms", "user ms", "session ms", "resume ms", "dialect",
		    "operator");
	for (size_t i = 0; i < gw->config->n_operators; i++) {
		const struct gw_config_operator *op = &gw->config->operators[i];
		const struct gw_route *route = gw_bearer_find(gw->smpp, gw_route_id(op->name));

		gw_vty_line(vty, "%5zu %5u %9u %8u %10u %9u  %-16s %s", op->n_links, gw_bearer_smpp_links(gw->smpp, route, true), op->answer_ms, op->user_ms,
			    op->session_ms, op->resume_ms, op->dialect_name, op->name);
	}
	show_http_routes(vty, gw);
}

static void show_redis(struct vty *vty, const struct sess_redis *redis, const struct gw_config_redis *config)
{
	const struct sess_redis_counters *at = sess_redis_counters(redis);

	gw_vty_line(vty, "redis: %s, %u pending (at most %u); %" PRIu64 " commands, %" PRIu64 " errors, %" PRIu64 " timeouts, %" PRIu64
			 " lost, %" PRIu64 " connects", sess_redis_up(redis) ? "up" : "down", sess_redis_pending(redis), config->pending,
		    at->commands, at->errors, at->timeouts, at->lost, at->connects);
	if (config->path)
		gw_vty_line(vty, "redis: at %s", config->path);
	else
		gw_vty_line(vty, "redis: at %s, port %u", config->host, config->port);
}

void gw_vty_show_sessions(struct vty *vty, struct gw *gw, const char *argument)
{
	const struct gw_config_redis *config = &gw->config->sessions;
	const struct sess_store_counters *store = sess_store_counters(gw->store);

	(void)argument;
	gw_vty_line(vty, "steps: %u at work (at most %u), %u of them wait for an agency; %zu answers wait for a link",
		    gw_dialogs_in_flight(gw->dialogs), gw->config->limits.dialogs_in_flight, gw_dialogs_calling(gw->dialogs),
		    gw_bearers_waiting(gw));
	gw_vty_line(vty, "cache: %u sessions at most; %" PRIu64 " hits, %" PRIu64 " loads", config->cache_sessions, store->cache_hits, store->loads);
	gw_vty_line(vty, "store: %" PRIu64 " saves, %" PRIu64 " conflicts, %" PRIu64 " failures, %" PRIu64 " unreadable", store->saves,
		    store->conflicts, store->failures, store->unreadable);
	show_redis(vty, gw->redis, config);
}

void gw_vty_show_ledger(struct vty *vty, struct gw *gw, const char *argument)
{
	const struct gw_config_redis *config = &gw->config->ledger;
	const struct sess_ledger_counters *ledger;

	(void)argument;
	if (!gw->ledger) {
		gw_vty_line(vty, "%% there is no ledger: redis.ledger is not configured");
		return;
	}
	ledger = sess_ledger_counters(gw->ledger);
	gw_vty_line(vty, "promise: %s (%s)", gw->ledger_promise.durable == SESS_DURABLE_YES ? "kept" :
		    gw->ledger_promise.durable == SESS_DURABLE_NO ? "NOT KEPT: what is accepted can be lost" : "unknown", gw->ledger_promise.how);
	gw_vty_line(vty, "ledger: %" PRIu64 " commits, %" PRIu64 " loads, %" PRIu64 " conflicts, %" PRIu64 " lost, %" PRIu64 " full, %" PRIu64
			 " failures", ledger->commits, ledger->loads, ledger->conflicts, ledger->lost, ledger->full, ledger->failures);
	show_redis(vty, gw->ledger_redis, config);
}

static void show_agency(struct vty *vty, const struct gw_agency_info *info)
{
	const struct gw_agency_ctr_row *row;
	uint64_t answered = info->counters[GW_AGENCY_CTR_ANSWERED];

	gw_vty_line(vty, "%s: %s, %s", info->name, info->title_en ? info->title_en : "", info->base_url);
	gw_vty_line(vty, "  breaker %s; %u of %u on their way, %u of %u queued, %u retrying; %" PRIu64 " ms an answer", info->breaker,
		    info->in_flight, info->concurrency, info->queued, info->queue, info->retrying, answered ? info->answer_ms / answered : 0);
	for (size_t i = 0; (row = gw_agency_ctr_row(i)); i++)
		if (info->counters[i])
			gw_vty_line(vty, "  %12" PRIu64 "  %s (%s)", info->counters[i], row->text, row->name);
}

void gw_vty_show_agencies(struct vty *vty, struct gw *gw, const char *argument)
{
	struct gw_agency_info info;

	(void)argument;
	for (size_t i = 0; i < gw_agencies_count(gw->agencies); i++) {
		gw_agencies_info(gw->agencies, i, &info);
		show_agency(vty, &info);
	}
	gw_vty_line(vty, "%zu agencies, %u calls without an answer yet", gw_agencies_count(gw->agencies), gw_agencies_open_calls(gw->agencies));
}

void gw_vty_show_webhooks(struct vty *vty, struct gw *gw, const char *argument)
{
	const struct gw_webhook_ctr_row *row;
	struct gw_webhook_info info;

	(void)argument;
	for (size_t i = 0; gw->webhooks && i < gw_webhooks_count(gw->webhooks); i++) {
		uint64_t attempts;

		gw_webhooks_info(gw->webhooks, i, &info);
		attempts = info.counters[GW_WEBHOOK_CTR_ATTEMPTS];
		gw_vty_line(vty, "%s: breaker %s; %u on their way, %u waiting; %" PRIu64 " ms an answer", info.agency, info.breaker, info.sending,
			    info.waiting, attempts ? info.answer_ms / attempts : 0);
		for (size_t c = 0; (row = gw_webhook_ctr_row(c)); c++)
			if (info.counters[c])
				gw_vty_line(vty, "  %12" PRIu64 "  %s (%s)", info.counters[c], row->text, row->name);
	}
	if (gw->webhooks)
		gw_vty_line(vty, "%zu agencies, %u events held by this process", gw_webhooks_count(gw->webhooks), gw_webhooks_held(gw->webhooks));
	else
		gw_vty_line(vty, "%% there are no webhooks: redis.ledger is not configured");
}

void gw_vty_show_menus(struct vty *vty, struct gw *gw, const char *argument)
{
	const struct menu_set *set = menu_pins_current(gw->pins);
	struct menu_service_info info;

	(void)argument;
	if (!set) {
		gw_vty_line(vty, "%% no menu is loaded");
		return;
	}
	gw_vty_line(vty, "version %016" PRIx64 " is current; %u versions in memory; read %" PRIu64 " times, refused %" PRIu64 " times",
		    menu_set_version(set), menu_pins_count(gw->pins), gw->reloads, gw->reload_failures);
	gw_vty_line(vty, "%8s %8s  %s", "dial", "screens", "service");
	for (size_t i = 0; i < menu_set_services(set); i++) {
		menu_set_service(set, i, &info);
		gw_vty_line(vty, "%8s %8zu  %s, %s: %s, %s", info.dial ? info.dial : "", info.screens, info.name, info.file,
			    info.title_en ? info.title_en : "", info.title_fa ? info.title_fa : "");
	}
}

void gw_vty_show_counters(struct vty *vty, struct gw *gw, const char *argument)
{
	uint64_t steps = 0;

	(void)argument;
	for (size_t i = 0; i < GW_COUNTERS; i++)
		gw_vty_line(vty, "%12" PRIu64 "  %-20s %s", gw->counters.at[i], gw_counter_infos[i].name, gw_counter_infos[i].text);
	for (size_t i = 0; i < GW_STEP_BUCKETS; i++)
		steps += gw->counters.step_us[i];
	gw_vty_line(vty, "%12" PRIu64 "  %-20s %s", steps, "steps", "steps that were answered");
	gw_vty_line(vty, "%12" PRIu64 "  %-20s %s", steps ? gw->counters.step_us_sum / steps : 0, "step_us", "microseconds a step, on average");
}

void gw_vty_show_bulk(struct vty *vty, struct gw *gw, const char *argument)
{
	struct gw_bulk_info info;

	(void)argument;
	if (!gw->bulk) {
		gw_vty_line(vty, "%% there is no bulk sending: redis.ledger is not configured");
		return;
	}
	gw_vty_line(vty, "%-23s %-10s %10s %10s %10s %9s %-5s  %s", "job", "state", "rows", "accepted", "failed", "in flight", "ours", "agency");
	for (size_t i = 0; gw_bulk_at(gw->bulk, i, &info); i++)
		gw_vty_line(vty, "%-23s %-10s %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %9u %-5s  %s", info.id, gw_bulk_state_name(info.state), info.rows,
			    info.accepted, info.failed, info.in_flight, info.ours ? "yes" : "no", info.agency);
}
