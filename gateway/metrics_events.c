/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The numbers of queues and webhooks. Those of a queue are some seconds old (queues.c samples them); one that is not known is left out. */
#include <assert.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "gateway/gateway.h"
#include "gateway/loop.h"
#include "gateway/metrics_priv.h"
#include "gateway/prom.h"
#include "gateway/queues.h"
#include "gateway/webhook.h"

/* ---- queues ---- */
static double age_s(int64_t then_ms)
{
	return then_ms ? (double)(gw_clock_wall_ms() - then_ms) / 1e3 : 0;
}

static double length_of(const struct sess_queue_stats *stats)
{
	return (double)stats->length;
}

static double taken_of(const struct sess_queue_stats *stats)
{
	return (double)stats->taken;
}

static double delayed_of(const struct sess_queue_stats *stats)
{
	return (double)stats->delayed;
}

static double held_of(const struct sess_queue_stats *stats)
{
	return (double)stats->held;
}

static double dead_of(const struct sess_queue_stats *stats)
{
	return (double)stats->dead;
}

static double oldest_of(const struct sess_queue_stats *stats)
{
	return age_s(stats->oldest_ms);
}

static double dead_oldest_of(const struct sess_queue_stats *stats)
{
	return age_s(stats->dead_oldest_ms);
}

static const struct { const char *name, *help; double (*value)(const struct sess_queue_stats *stats); } queue_gauges[] = {
	{ "length", "entries: waiting, taken, delayed and held", length_of },
	{ "taken", "entries that a process works on", taken_of },
	{ "delayed", "entries that wait to be tried again", delayed_of },
	{ "held", "entries that wait for the one before them", held_of },
	{ "oldest_seconds", "age of the oldest entry that is not settled", oldest_of },
	{ "dead", "dead letters", dead_of },
	{ "dead_oldest_seconds", "how long the oldest letter has been dead", dead_oldest_of },
};

static void print_queues(FILE *to, const struct gw *gw)
{
	const struct gw_queue *queue;

	for (size_t g = 0; g < ARRAY_SIZE(queue_gauges); g++) {
		const struct gw_prom_family family = { "dolat_queue_", queue_gauges[g].name, GW_PROM_GAUGE, queue_gauges[g].help };

		gw_prom_family(to, &family);
		for (size_t i = 0; (queue = gw_queues_at(gw->queues, i)); i++)
			if (queue->sampled)
				gw_prom_real(to, &family, "", GW_PROM_LABELS({ "queue", queue->name }), queue_gauges[g].value(&queue->stats));
	}
}

/* What this process did with them. */
#define COUNTER(field, help) { #field, offsetof(struct sess_queue_counters, field), help }
static const struct { const char *name; size_t offset; const char *help; } queue_counters[] = {
	COUNTER(added, "entries added beside commits"),
	COUNTER(repeated, "entries that were there already"),
	COUNTER(taken, "entries taken"),
	COUNTER(claimed, "entries taken over from processes that let them idle"),
	COUNTER(done, "entries done beside commits"),
	COUNTER(delayed, "entries given back, to come again later"),
	COUNTER(buried, "entries that became dead letters"),
	COUNTER(lost, "settlements that came too late"),
	COUNTER(failures, "commands that Redis did not do"),
	COUNTER(reloads, "commands that found their script gone"),
};
static_assert(sizeof(struct sess_queue_counters) == ARRAY_SIZE(queue_counters) * sizeof(uint64_t), "every counter of a queue is printed");

static void print_queue_counters(FILE *to, const struct gw *gw)
{
	const struct gw_queue *queue;

	for (size_t c = 0; c < ARRAY_SIZE(queue_counters); c++) {
		const struct gw_prom_family family = { "dolat_queue_entries_", queue_counters[c].name, GW_PROM_COUNTER, queue_counters[c].help };

		gw_prom_family(to, &family);
		for (size_t i = 0; (queue = gw_queues_at(gw->queues, i)); i++)
			gw_prom_count(to, &family, "", GW_PROM_LABELS({ "queue", queue->name }),
				      *(const uint64_t *)((const char *)sess_queue_counters(queue->queue) + queue_counters[c].offset));
	}
}

/* ---- webhooks ---- */
static void print_webhook_counters(FILE *to, const struct gw *gw)
{
	const struct gw_webhook_ctr_row *row;
	struct gw_webhook_info info;

	for (size_t c = 0; (row = gw_webhook_ctr_row(c)); c++) {
		const struct gw_prom_family family = { "dolat_webhook_", row->name, GW_PROM_COUNTER, row->text };

		gw_prom_family(to, &family);
		for (size_t i = 0; i < gw_webhooks_count(gw->webhooks); i++) {
			gw_webhooks_info(gw->webhooks, i, &info);
			gw_prom_count(to, &family, "", GW_PROM_LABELS({ "agency", info.agency }), info.counters[c]);
		}
	}
}

static void print_webhook_gauges(FILE *to, const struct gw *gw)
{
	static const struct gw_prom_family families[] = {
		{ "dolat_webhook_", "sending", GW_PROM_GAUGE, "requests on their way" },
		{ "dolat_webhook_", "waiting", GW_PROM_GAUGE, "events that wait for a place in this process" },
		{ "dolat_webhook_", "breaker_open", GW_PROM_GAUGE, "1: the agency is left alone" },
		{ "dolat_webhook_", "answer_seconds", GW_PROM_COUNTER, "time that requests took, summed" },
	};
	struct gw_webhook_info info;

	for (size_t f = 0; f < ARRAY_SIZE(families); f++) {
		gw_prom_family(to, &families[f]);
		for (size_t i = 0; i < gw_webhooks_count(gw->webhooks); i++) {
			gw_webhooks_info(gw->webhooks, i, &info);
			const double values[] = { info.sending, info.waiting, strcmp(info.breaker, "closed") != 0, (double)info.answer_ms / 1e3 };
			static_assert(ARRAY_SIZE(values) == ARRAY_SIZE(families), "a value for each");

			gw_prom_real(to, &families[f], "", GW_PROM_LABELS({ "agency", info.agency }), values[f]);
		}
	}
}

void gw_metrics_print_events(FILE *to, const struct gw *gw)
{
	if (!gw->queues)
		return;
	print_queues(to, gw);
	print_queue_counters(to, gw);
	print_webhook_gauges(to, gw);
	print_webhook_counters(to, gw);
}
