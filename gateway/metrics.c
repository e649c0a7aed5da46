/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See metrics.h. One function for each owner of numbers; in each, family by family, because the format wants all samples of
 * a family together: the lists (links, agencies) are therefore walked once for each family. */
#include <assert.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "gateway/api.h"
#include "gateway/bearer_smpp.h"
#include "gateway/gateway.h"
#include "gateway/metrics.h"
#include "gateway/metrics_priv.h"
#include "gateway/process.h"
#include "gateway/prom.h"
#include "gateway/payments.h"
#include "gateway/requests.h"
#include "gateway/text.h"

static void one_count(FILE *to, const char *prefix, const char *name, enum gw_prom_type type, uint64_t value, const char *help)
{
	const struct gw_prom_family family = { prefix, name, type, help };

	gw_prom_family(to, &family);
	gw_prom_count(to, &family, "", GW_PROM_NO_LABELS, value);
}

static void one_real(FILE *to, const char *prefix, const char *name, enum gw_prom_type type, double value, const char *help)
{
	const struct gw_prom_family family = { prefix, name, type, help };

	gw_prom_family(to, &family);
	gw_prom_real(to, &family, "", GW_PROM_NO_LABELS, value);
}

/* ---- counters that lie in a struct, one uint64_t each ---- */
static uint64_t field_of(const struct gw_metrics_field *field, const void *base)
{
	return *(const uint64_t *)((const char *)base + field->offset);
}

void gw_metrics_print_fields(FILE *to, const char *prefix, const struct gw_metrics_field *fields, size_t n, const void *base)
{
	for (size_t i = 0; i < n; i++)
		one_count(to, prefix, fields[i].name, GW_PROM_COUNTER, field_of(&fields[i], base), fields[i].help);
}

/* ---- the gateway itself ---- */
static void print_counters(FILE *to, const struct gw_counters *counters)
{
	for (size_t i = 0; i < GW_COUNTERS; i++)
		one_count(to, "dolat_", gw_counter_infos[i].name, GW_PROM_COUNTER, counters->at[i], gw_counter_infos[i].text);
}

/* Bucket i holds whole microseconds from 2^i to 2^(i+1) - 1; the last one everything above, which is Prometheus's +Inf. */
static void print_steps(FILE *to, const struct gw_counters *counters)
{
	static const struct gw_prom_family family = { "dolat_", "step_seconds", GW_PROM_HISTOGRAM,
						      "time from a step's arrival to its answer" };
	uint64_t sum = 0;
	char bound[32];

	gw_prom_family(to, &family);
	for (unsigned int i = 0; i < GW_STEP_BUCKETS; i++) {
		sum += counters->step_us[i];
		snprintf(bound, sizeof(bound), i + 1 < GW_STEP_BUCKETS ? "%.9g" : "+Inf", (double)((uint64_t)2 << i) / 1e6);
		gw_prom_count(to, &family, "_bucket", GW_PROM_LABELS({ "le", bound }), sum);
	}
	gw_prom_real(to, &family, "_sum", GW_PROM_NO_LABELS, (double)counters->step_us_sum / 1e6);
	gw_prom_count(to, &family, "_count", GW_PROM_NO_LABELS, sum);
}

static void print_gateway(FILE *to, const struct gw *gw)
{
	static const struct gw_prom_family info = { "dolat_", "build_info", GW_PROM_GAUGE, "always 1; the version is its label" };
	const char *why;

	gw_prom_family(to, &info);
	gw_prom_count(to, &info, "", GW_PROM_LABELS({ "version", DOLAT_VERSION }), 1);
	one_count(to, "dolat_", "ready", GW_PROM_GAUGE, gw_ready(gw, &why), "1: citizens can be served");
	one_count(to, "dolat_", "draining", GW_PROM_GAUGE, gw->life != GW_SERVING, "1: no new dialogs are taken");
	one_count(to, "dolat_", "steps_in_flight", GW_PROM_GAUGE, gw_dialogs_in_flight(gw->dialogs), "steps being worked on");
	one_count(to, "dolat_", "steps_calling", GW_PROM_GAUGE, gw_dialogs_calling(gw->dialogs), "steps that wait for an agency");
	one_count(to, "dolat_", "answers_waiting", GW_PROM_GAUGE, gw_bearers_waiting(gw),
		  "answers and text messages not handed to a link yet");
	one_count(to, "dolat_", "agency_calls_open", GW_PROM_GAUGE, gw_agencies_open_calls(gw->agencies), "calls to agencies without an answer yet");
}

static void print_menus(FILE *to, const struct gw *gw)
{
	static const struct gw_prom_family info = { "dolat_", "menu_info", GW_PROM_GAUGE, "always 1; the current menu's version is its label" };
	const struct menu_set *set = menu_pins_current(gw->pins);
	char version[24];

	gw_prom_family(to, &info);
	if (set) {
		snprintf(version, sizeof(version), "%016" PRIx64, menu_set_version(set));
		gw_prom_count(to, &info, "", GW_PROM_LABELS({ "version", version }), 1);
	}
	one_count(to, "dolat_", "menu_services", GW_PROM_GAUGE, set ? menu_set_services(set) : 0, "services of the current menu");
	one_count(to, "dolat_", "menu_versions", GW_PROM_GAUGE, menu_pins_count(gw->pins), "versions of the menu in memory, old ones included");
	one_count(to, "dolat_", "menu_reloads", GW_PROM_COUNTER, gw->reloads, "menus that were read and taken");
	one_count(to, "dolat_", "menu_reload_failures", GW_PROM_COUNTER, gw->reload_failures, "menus that were refused for a mistake");
}

/* ---- links and operators ---- */
#define LINK_FIELD(field, key, help) { key, offsetof(struct smpp_link_counters, field), help }
static const struct gw_metrics_field link_fields[] = {
	LINK_FIELD(pdus_in, "received_pdus", "PDUs received"),
	LINK_FIELD(pdus_out, "sent_pdus", "PDUs sent"),
	LINK_FIELD(octets_in, "received_octets", "octets received"),
	LINK_FIELD(octets_out, "sent_octets", "octets sent"),
	LINK_FIELD(connects, "connects", "connections that were tried"),
	LINK_FIELD(bind_refusals, "bind_refusals", "binds that the SMSC refused"),
	LINK_FIELD(losses, "losses", "times that a bound link was lost"),
	LINK_FIELD(timeouts, "timeouts", "our requests without a response in time"),
	LINK_FIELD(malformed, "malformed_pdus", "PDUs that could not be read"),
	LINK_FIELD(unmatched, "unmatched_responses", "responses to nothing that we had asked"),
};
static_assert(sizeof(struct smpp_link_counters) == ARRAY_SIZE(link_fields) * sizeof(uint64_t), "every counter of a link is printed");

typedef void link_sample(FILE *to, const struct gw_prom_family *family, const struct smpp_link *link, const struct gw_route *route);

static void each_link(FILE *to, const struct gw *gw, const struct gw_prom_family *family, link_sample *sample)
{
	const struct gw_route *route;
	const struct smpp_link *link;

	gw_prom_family(to, family);
	for (size_t i = 0; (link = gw_bearer_smpp_link(gw->smpp, i, &route)); i++)
		sample(to, family, link, route);
}

/* One sample for each state, of which one is 1: so a graph shows them and an alert names them. */
static void sample_state(FILE *to, const struct gw_prom_family *family, const struct smpp_link *link, const struct gw_route *route)
{
	for (int state = SMPP_LINK_DOWN; state <= SMPP_LINK_STOPPED; state++)
		gw_prom_count(to, family, "", GW_PROM_LABELS({ "operator", route->name }, { "link", smpp_link_name(link) },
							     { "state", smpp_link_state_name((enum smpp_link_state)state) }),
			      smpp_link_state(link) == (enum smpp_link_state)state);
}

static void sample_in_flight(FILE *to, const struct gw_prom_family *family, const struct smpp_link *link, const struct gw_route *route)
{
	gw_prom_count(to, family, "", GW_PROM_LABELS({ "operator", route->name }, { "link", smpp_link_name(link) }), smpp_link_in_flight(link));
}

static void print_link_field(FILE *to, const struct gw *gw, const struct gw_metrics_field *field)
{
	const struct gw_prom_family family = { "dolat_link_", field->name, GW_PROM_COUNTER, field->help };
	const struct gw_route *route;
	const struct smpp_link *link;

	gw_prom_family(to, &family);
	for (size_t i = 0; (link = gw_bearer_smpp_link(gw->smpp, i, &route)); i++)
		gw_prom_count(to, &family, "", GW_PROM_LABELS({ "operator", route->name }, { "link", smpp_link_name(link) }),
			      field_of(field, smpp_link_counters(link)));
}

static void print_links(FILE *to, const struct gw *gw)
{
	static const struct gw_prom_family state = { "dolat_link_", "state", GW_PROM_GAUGE, "1 for the state that the link is in, 0 for the others" };
	static const struct gw_prom_family in_flight = { "dolat_link_", "requests_in_flight", GW_PROM_GAUGE, "our requests without a response yet" };

	each_link(to, gw, &state, sample_state);
	each_link(to, gw, &in_flight, sample_in_flight);
	for (size_t i = 0; i < ARRAY_SIZE(link_fields); i++)
		print_link_field(to, gw, &link_fields[i]);
}

static void print_operators(FILE *to, const struct gw *gw)
{
	static const struct gw_prom_family families[] = {
		{ "dolat_operator_", "links", GW_PROM_GAUGE, "links that are configured" },
		{ "dolat_operator_", "links_bound", GW_PROM_GAUGE, "links that are bound" },
	};
	const struct gw_route *route;

	for (size_t f = 0; f < ARRAY_SIZE(families); f++) {
		gw_prom_family(to, &families[f]);
		for (size_t i = 0; (route = gw->smpp->ops->route(gw->smpp, i)); i++)
			gw_prom_count(to, &families[f], "", GW_PROM_LABELS({ "operator", route->name }),
				      gw_bearer_smpp_links(gw->smpp, route, f == 1));
	}
}

/* ---- agencies ---- */
static void print_agency_counters(FILE *to, const struct gw *gw)
{
	const struct gw_agency_ctr_row *row;
	struct gw_agency_info info;

	for (size_t c = 0; (row = gw_agency_ctr_row(c)); c++) {
		const struct gw_prom_family family = { "dolat_agency_", row->name, GW_PROM_COUNTER, row->text };

		gw_prom_family(to, &family);
		for (size_t i = 0; i < gw_agencies_count(gw->agencies); i++) {
			gw_agencies_info(gw->agencies, i, &info);
			gw_prom_count(to, &family, "", GW_PROM_LABELS({ "agency", info.name }), info.counters[c]);
		}
	}
}

static const struct { const char *name; size_t offset; const char *help; } agency_gauges[] = {
	{ "in_flight", offsetof(struct gw_agency_info, in_flight), "attempts on their way" },
	{ "queued", offsetof(struct gw_agency_info, queued), "calls that wait for a place" },
	{ "retrying", offsetof(struct gw_agency_info, retrying), "calls that pause before the next attempt" },
	{ "concurrency", offsetof(struct gw_agency_info, concurrency), "attempts that may be on their way at once" },
	{ "queue", offsetof(struct gw_agency_info, queue), "calls that may wait for a place" },
};

static void print_agency_gauges(FILE *to, const struct gw *gw)
{
	struct gw_agency_info info;

	for (size_t g = 0; g < ARRAY_SIZE(agency_gauges); g++) {
		const struct gw_prom_family family = { "dolat_agency_", agency_gauges[g].name, GW_PROM_GAUGE, agency_gauges[g].help };

		gw_prom_family(to, &family);
		for (size_t i = 0; i < gw_agencies_count(gw->agencies); i++) {
			gw_agencies_info(gw->agencies, i, &info);
			gw_prom_count(to, &family, "", GW_PROM_LABELS({ "agency", info.name }),
				      *(const unsigned int *)((const char *)&info + agency_gauges[g].offset));
		}
	}
}

static void print_agency_times(FILE *to, const struct gw *gw)
{
	static const struct gw_prom_family seconds = { "dolat_agency_", "answer_seconds", GW_PROM_COUNTER, "time that answered attempts took, summed" };
	struct gw_agency_info info;

	gw_prom_family(to, &seconds);
	for (size_t i = 0; i < gw_agencies_count(gw->agencies); i++) {
		gw_agencies_info(gw->agencies, i, &info);
		gw_prom_real(to, &seconds, "", GW_PROM_LABELS({ "agency", info.name }), (double)info.answer_ms / 1e3);
	}
}

static void print_breakers(FILE *to, const struct gw *gw)
{
	static const struct gw_prom_family family = { "dolat_agency_", "breaker", GW_PROM_GAUGE, "1 for the state of the circuit breaker, 0 for the others" };
	static const char *const states[] = { "closed", "open", "half-open" };
	struct gw_agency_info info;

	gw_prom_family(to, &family);
	for (size_t i = 0; i < gw_agencies_count(gw->agencies); i++) {
		gw_agencies_info(gw->agencies, i, &info);
		for (size_t s = 0; s < ARRAY_SIZE(states); s++)
			gw_prom_count(to, &family, "", GW_PROM_LABELS({ "agency", info.name }, { "state", states[s] }),
				      strcmp(info.breaker, states[s]) == 0);
	}
}

/* ---- sessions ---- */
#define REDIS_FIELD(field, help) { #field, offsetof(struct sess_redis_counters, field), help }
static const struct gw_metrics_field redis_fields[] = {
	REDIS_FIELD(commands, "commands sent"),
	REDIS_FIELD(errors, "commands that the server answered with an error"),
	REDIS_FIELD(timeouts, "commands without an answer in time"),
	REDIS_FIELD(lost, "commands whose connection broke before the answer"),
	REDIS_FIELD(connects, "connections that were made"),
};
static_assert(sizeof(struct sess_redis_counters) == ARRAY_SIZE(redis_fields) * sizeof(uint64_t), "every counter of Redis is printed");
#define STORE_FIELD(field, help) { #field, offsetof(struct sess_store_counters, field), help }
static const struct gw_metrics_field store_fields[] = {
	STORE_FIELD(loads, "sessions asked of Redis"),
	STORE_FIELD(cache_hits, "sessions found in this process"),
	STORE_FIELD(saves, "sessions saved"),
	STORE_FIELD(conflicts, "saves over a session that another process had changed"),
	STORE_FIELD(failures, "loads and saves that were not done"),
	STORE_FIELD(unreadable, "stored values that are no session of ours"),
	STORE_FIELD(reloads, "saves that found the script gone"),
};
static_assert(sizeof(struct sess_store_counters) == ARRAY_SIZE(store_fields) * sizeof(uint64_t), "every counter of the store is printed");

static void print_sessions(FILE *to, const struct gw *gw)
{
	one_count(to, "dolat_redis_", "up", GW_PROM_GAUGE, sess_redis_up(gw->redis), "1: commands are taken");
	one_count(to, "dolat_redis_", "pending", GW_PROM_GAUGE, sess_redis_pending(gw->redis), "commands without an answer yet");
	gw_metrics_print_fields(to, "dolat_redis_", redis_fields, ARRAY_SIZE(redis_fields), sess_redis_counters(gw->redis));
	gw_metrics_print_fields(to, "dolat_store_", store_fields, ARRAY_SIZE(store_fields), sess_store_counters(gw->store));
}

/* ---- the ledger ---- */
#define LEDGER_FIELD(field, help) { #field, offsetof(struct sess_ledger_counters, field), help }
static const struct gw_metrics_field ledger_fields[] = {
	LEDGER_FIELD(loads, "records asked of the ledger"),
	LEDGER_FIELD(commits, "commits that were done"),
	LEDGER_FIELD(conflicts, "commits over a record that another had changed"),
	LEDGER_FIELD(lost, "commits over work that another had taken"),
	LEDGER_FIELD(full, "commits that a full queue refused"),
	LEDGER_FIELD(failures, "loads and commits of which nothing is known, or that were too many"),
	LEDGER_FIELD(reloads, "commits that found the script gone"),
};
static_assert(sizeof(struct sess_ledger_counters) == ARRAY_SIZE(ledger_fields) * sizeof(uint64_t), "every counter of the ledger is printed");

#define CHAIN_FIELD(field, help) { #field, offsetof(struct sess_chain_counters, field), help }
static const struct gw_metrics_field chain_fields[] = {
	CHAIN_FIELD(sealed, "lines sealed into the audit chain"),
	CHAIN_FIELD(raced, "times that another gateway was faster to seal"),
	CHAIN_FIELD(failures, "times that sealing was not done"),
	CHAIN_FIELD(reloads, "seals that found the script gone"),
};
static_assert(sizeof(struct sess_chain_counters) == ARRAY_SIZE(chain_fields) * sizeof(uint64_t), "every counter of the chain is printed");

#define REQUEST_FIELD(field, help) { #field, offsetof(struct gw_requests_counters, field), help }
static const struct gw_metrics_field request_fields[] = {
	REQUEST_FIELD(raised, "requests of citizens that were accepted"),
	REQUEST_FIELD(repeated, "that were there already"),
	REQUEST_FIELD(delivered, "requests that their agency has taken"),
	REQUEST_FIELD(answered, "answers of agencies to requests"),
	REQUEST_FIELD(collisions, "tracking codes that were taken, so that another was drawn"),
	REQUEST_FIELD(conflicts, "changes that another was faster with"),
	REQUEST_FIELD(failures, "requests and answers that were not accepted: the ledger was down or busy"),
	REQUEST_FIELD(swept, "expired requests that were taken out of the lists"),
};
static_assert(sizeof(struct gw_requests_counters) == ARRAY_SIZE(request_fields) * sizeof(uint64_t), "every counter of requests is printed");

#define PAYMENT_FIELD(field, help) { #field, offsetof(struct gw_payments_counters, field), help }
static const struct gw_metrics_field payment_fields[] = {
	PAYMENT_FIELD(begun, "payments that were begun"),
	PAYMENT_FIELD(repeated, "payments that were asked for again"),
	PAYMENT_FIELD(already, "payments not begun: the same citizen has paid the bill, or is about to"),
	PAYMENT_FIELD(paid, "payments that were made"),
	PAYMENT_FIELD(refused, "payments that were refused"),
	PAYMENT_FIELD(voided, "payments that took too long and will never be made"),
	PAYMENT_FIELD(unsure, "payments given to the operators: nobody says what became of them"),
	PAYMENT_FIELD(asked, "questions to the payment agency"),
	PAYMENT_FIELD(silent, "questions to the payment agency without an answer"),
	PAYMENT_FIELD(taken, "entries taken from the queue"),
	PAYMENT_FIELD(claimed, "entries taken over from dead processes"),
	PAYMENT_FIELD(conflicts, "changes that another was faster with"),
	PAYMENT_FIELD(failures, "steps tried again: the ledger was down or busy"),
};
static_assert(sizeof(struct gw_payments_counters) == ARRAY_SIZE(payment_fields) * sizeof(uint64_t), "every counter of payments is printed");

static void print_payments(FILE *to, const struct gw *gw)
{
	if (!gw->payments)
		return;
	gw_metrics_print_fields(to, "dolat_payments_", payment_fields, ARRAY_SIZE(payment_fields), gw_payments_counters(gw->payments));
	one_count(to, "dolat_payments_", "in_work", GW_PROM_GAUGE, gw_payments_in_work(gw->payments), "payments that are being worked on");
}

static void print_requests(FILE *to, const struct gw *gw)
{
	const struct gw_text_ctr_row *row;

	if (!gw->requests)
		return;
	gw_metrics_print_fields(to, "dolat_requests_", request_fields, ARRAY_SIZE(request_fields), gw_requests_counters(gw->requests));
	one_count(to, "dolat_texts_", "in_work", GW_PROM_GAUGE, gw_texts_in_work(gw->texts), "messages of citizens that are being worked on");
	for (size_t i = 0; (row = gw_text_ctr_row(i)); i++)
		one_count(to, "dolat_texts_", row->name, GW_PROM_COUNTER, gw_texts_counter(gw->texts, (enum gw_text_ctr)i), row->text);
}

static void print_ledger(FILE *to, const struct gw *gw)
{
	if (!gw->ledger)
		return;
	one_count(to, "dolat_ledger_redis_", "up", GW_PROM_GAUGE, sess_redis_up(gw->ledger_redis), "1: commands are taken");
	one_count(to, "dolat_ledger_redis_", "pending", GW_PROM_GAUGE, sess_redis_pending(gw->ledger_redis), "commands without an answer yet");
	one_count(to, "dolat_ledger_redis_", "durable", GW_PROM_GAUGE, gw->ledger_promise.durable == SESS_DURABLE_YES,
		  "1: the server says that it keeps what it has accepted (appendfsync always)");
	gw_metrics_print_fields(to, "dolat_ledger_redis_", redis_fields, ARRAY_SIZE(redis_fields), sess_redis_counters(gw->ledger_redis));
	gw_metrics_print_fields(to, "dolat_ledger_", ledger_fields, ARRAY_SIZE(ledger_fields), sess_ledger_counters(gw->ledger));
	gw_metrics_print_fields(to, "dolat_audit_", chain_fields, ARRAY_SIZE(chain_fields), sess_chain_counters(gw->chain));
}

/* ---- the API ---- */
#define API_FIELD(field, key, help) { key, offsetof(struct gw_api_counters, field), help }
static const struct gw_metrics_field api_fields[] = {
	API_FIELD(calls, "calls", "calls that came, whole heads"),
	API_FIELD(refused_keys, "refused_keys", "calls with a wrong key, or from where too many came"),
	API_FIELD(refused_quota, "refused_quota", "calls refused for the calls of a minute or the notices of a day"),
	API_FIELD(hung_up, "hung_up", "calls whose client did not wait for, or not take, the answer"),
	API_FIELD(for_citizens, "for_citizens", "acts for citizens, by a portal or the national inbox"),
	API_FIELD(too_slow, "too_slow", "connections that were cut for being too slow"),
	API_FIELD(late, "late", "calls that were not answered within deadline_ms"),
};
static_assert(sizeof(struct gw_api_counters) == (ARRAY_SIZE(api_fields) + 6) * sizeof(uint64_t), "every counter of the API is printed, and the answers");

static void print_api(FILE *to, const struct gw *gw)
{
	static const struct gw_prom_family answers = { "dolat_api_", "answers", GW_PROM_COUNTER, "answers, by the hundreds of their status" };
	const struct gw_api_counters *counters;
	char class[8];

	if (!gw->api)
		return;
	counters = gw_api_counters(gw->api);
	one_count(to, "dolat_api_", "open", GW_PROM_GAUGE, gw_api_open(gw->api), "calls without an answer yet");
	gw_metrics_print_fields(to, "dolat_api_", api_fields, ARRAY_SIZE(api_fields), counters);
	gw_prom_family(to, &answers);
	for (unsigned int i = 2; i < ARRAY_SIZE(counters->answers); i++) {
		snprintf(class, sizeof(class), "%uxx", i);
		gw_prom_count(to, &answers, "", GW_PROM_LABELS({ "status", class }), counters->answers[i]);
	}
}

/* ---- the process: the names that Prometheus's own libraries use ---- */
static void print_process(FILE *to, const struct gw *gw)
{
	struct gw_process process;

	gw_process_read(&process);
	one_count(to, "process_", "resident_memory_bytes", GW_PROM_GAUGE, process.resident_octets, "memory that the process holds");
	one_count(to, "process_", "open_fds", GW_PROM_GAUGE, process.open_fds, "open file descriptors");
	one_count(to, "process_", "max_fds", GW_PROM_GAUGE, process.max_fds, "file descriptors that may be open at once");
	one_real(to, "process_", "cpu_seconds", GW_PROM_COUNTER, process.cpu_seconds, "user and system time");
	one_real(to, "process_", "start_time_seconds", GW_PROM_GAUGE, (double)gw->started_ms / 1e3, "when the gateway started, since 1970");
}

void gw_metrics_print(FILE *to, const struct gw *gw)
{
	print_gateway(to, gw);
	print_counters(to, &gw->counters);
	print_steps(to, &gw->counters);
	print_menus(to, gw);
	print_operators(to, gw);
	print_links(to, gw);
	gw_metrics_print_conend(to, gw);
	print_agency_gauges(to, gw);
	print_breakers(to, gw);
	print_agency_times(to, gw);
	print_agency_counters(to, gw);
	print_sessions(to, gw);
	print_ledger(to, gw);
	gw_metrics_print_events(to, gw);
	gw_metrics_print_bulk(to, gw);
	gw_metrics_print_usage(to, gw);
	print_api(to, gw);
	gw_metrics_print_notices(to, gw);
	print_requests(to, gw);
	print_payments(to, gw);
	gw_metrics_print_identity(to, gw);
	print_process(to, gw);
}
