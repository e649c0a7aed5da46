/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See report_load.h. One answer is waited for at a time, but for the requests that wait too long: those are many small questions. */
#include "gateway/report_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <osmocom/core/utils.h>
#include <talloc.h>

#include "gateway/account.h"
#include "gateway/catalogue_state.h"
#include "gateway/gateway.h"
#include "gateway/loop.h"
#include "gateway/paper_bills.h"
#include "gateway/requests_priv.h"
#include "menus/keyword.h"
#include "menus/unicode.h"
#include "sessions/tally.h"

#define ACCOUNTS_MS 10000
#define DAY_TRIES 5
#define RETRY_MS 1000
#define DAY_MS INT64_C(86400000)

struct load {
	struct gw_command_world *world;
	struct gw_report_data *data;
	bool done, failed;
	unsigned int waiting;                    /* questions of overdue that are not answered yet */
	int64_t n;                               /* of an agency, so far */
};

static bool answered(struct load *load)
{
	gw_command_wait(&load->done);
	if (load->failed)
		gw_command_fail("the ledger cannot be read: Redis does not answer");
	return !load->failed;
}

/* ---- tallies ---- */

static void on_day(void *ctx, uint64_t token, const struct sess_tally *items, size_t n)
{
	struct load *load = ctx;

	load->done = true;
	load->failed = items == NULL;
	for (size_t i = 0; items && i < n; i++)
		gw_report_data_tally(load->data, (uint16_t)token, items[i].name, items[i].value);
}

/* A day is a lot at once, and a Redis that is at work may be late with it: it is asked some times. */
static bool load_day(struct load *load, struct sess_tallies *tallies, uint16_t day)
{
	char key[GW_USAGE_KEY_OCTETS];

	gw_usage_key(day, key);
	for (int i = 0; i < DAY_TRIES; i++) {
		load->done = load->failed = false;
		if (sess_tallies_load(tallies, key, on_day, load, day) < 0)
			break;
		gw_command_wait(&load->done);
		if (!load->failed)
			return true;
		gw_command_pause(RETRY_MS);
	}
	gw_command_fail("the tallies cannot be read: Redis does not answer");
	return false;
}

static bool load_days(struct load *load)
{
	struct sess_tallies *tallies = sess_tallies_alloc(load->world->ctx, load->world->redis);
	bool good = true;

	for (unsigned int day = load->data->from; good && day <= load->data->to; day++)
		good = load_day(load, tallies, (uint16_t)day);
	talloc_free(tallies);
	return good;
}

/* ---- bills ---- */

static void on_bills(void *ctx, bool ok, const struct gw_paper_bills *bills, size_t n)
{
	struct load *load = ctx;
	struct gw_report_data *data = load->data;

	load->done = true;
	load->failed = !ok;
	data->bills = talloc_zero_array(data, struct gw_report_bills, (unsigned int)n + 1);
	for (size_t i = 0; i < n; i++) {
		uint16_t begins;

		if (!gw_paper_bills_day(bills[i].period, &begins) || begins < data->from || begins > data->to)
			continue;
		data->bills[data->n_bills++] = (struct gw_report_bills){ .agency = talloc_strdup(data->bills, bills[i].agency),
			.period = talloc_strdup(data->bills, bills[i].period), .paper = bills[i].paper, .paperless = bills[i].paperless,
			.told = gw_usage_day(bills[i].told_ms, data->utc_offset) };
	}
}

static bool load_bills(struct load *load)
{
	load->done = false;
	return gw_paper_bills_load(load->world->ctx, load->world->ledger, on_bills, load) == 0 && answered(load);
}

/* ---- requests that wait too long ---- */

static void on_overdue(void *ctx, uint64_t token, enum sess_ledger_result result, int64_t count)
{
	struct load *load = ctx;

	(void)token;
	load->failed |= result != SESS_LEDGER_OK;
	load->n += count;
	load->done = --load->waiting == 0;
}

/* Those of an agency that are in an open state in a partition. */
static bool ask_overdue(struct load *load, const char *agency, unsigned int partition, enum gw_request_state state)
{
	char key[SESS_LEDGER_KEY_OCTETS];
	const int64_t before_ms = gw_clock_wall_ms() - load->data->late_days * DAY_MS;

	if (!gw_requests_list_key(key, partition, agency, gw_request_states[state]))
		return true;
	load->waiting++;
	return sess_ledger_between(load->world->ledger, key, 0, (double)before_ms, on_overdue, load, 0) == 0;
}

static bool load_overdue_of(struct load *load, const char *agency)
{
	static const enum gw_request_state open[] = { GW_REQUEST_RECEIVED, GW_REQUEST_DELIVERED, GW_REQUEST_PROGRESS };
	struct gw_report_data *data = load->data;

	load->done = false;
	load->n = 0;
	for (unsigned int p = 0; p < SESS_QUEUE_PARTITIONS; p++)
		for (size_t s = 0; s < ARRAY_SIZE(open); s++)
			if (!ask_overdue(load, agency, p, open[s]))
				return false;
	if (!answered(load))
		return false;
	if (load->n)
		data->overdue[data->n_overdue++] = (struct gw_report_overdue){ talloc_strdup(data->overdue, agency), load->n };
	return true;
}

static bool load_overdue(struct load *load)
{
	struct gw_accounts *accounts = gw_accounts_alloc(load->world->ctx, load->world->ledger);
	int64_t until_ms = gw_clock_ms() + ACCOUNTS_MS;
	const struct gw_account *account;
	size_t n = 0;
	bool good = true;

	while (!gw_accounts_loaded(accounts) && gw_clock_ms() < until_ms) {
		gw_accounts_tick(accounts, gw_clock_ms(), gw_clock_wall_ms());
		gw_loop_turn();
	}
	if (!gw_accounts_loaded(accounts)) {
		gw_command_fail("the accounts cannot be read");
		talloc_free(accounts);
		return false;
	}
	while (gw_accounts_at(accounts, n))
		n++;
	load->data->overdue = talloc_zero_array(load->data, struct gw_report_overdue, (unsigned int)n + 1);
	for (size_t i = 0; good && (account = gw_accounts_at(accounts, i)); i++)
		good = load_overdue_of(load, account->name);
	talloc_free(accounts);
	return good;
}

/* ---- the catalogue ---- */

static void load_titles(struct gw_report_data *data, const struct menu_set *set)
{
	const struct menu_agencies *agencies = menu_set_agencies(set);
	const struct menu_keywords *keywords = menu_set_keywords(set);
	size_t n = menu_set_services(set);

	data->services = talloc_zero_array(data, struct gw_report_title, (unsigned int)(n + keywords->n + 1));
	for (size_t i = 0; i < n; i++) {
		struct menu_service_info info;

		menu_set_service(set, i, &info);
		data->services[data->n_services++] = (struct gw_report_title){ info.name, { info.title_fa, info.title_en } };
	}
	for (size_t i = 0; i < keywords->n; i++)
		if (!keywords->at[i].group)
			data->services[data->n_services++] = (struct gw_report_title){
				talloc_asprintf(data->services, "%s.%s", keywords->at[i].agency, keywords->at[i].service),
				{ keywords->at[i].titles[0], keywords->at[i].titles[1] } };
	data->agencies = talloc_zero_array(data, struct gw_report_title, (unsigned int)menu_agencies_count(agencies) + 1);
	for (size_t i = 0; i < menu_agencies_count(agencies); i++) {
		const struct menu_agency *agency = menu_agencies_at(agencies, i);

		data->agencies[data->n_agencies++] = (struct gw_report_title){ agency->name, { agency->title_fa, agency->title_en } };
	}
}

/* Of the first folder that has one; a menu or a catalogue with a mistake is told, and then nothing is known of the services. */
static void load_catalogue(struct load *load)
{
	const struct gw_config *config = load->world->config;
	struct menu_diags *diags = menu_diags_alloc(load->data);
	struct menu_set *set = gw_read_menus(load->data, config, diags);

	for (size_t i = 0; set && i < config->n_menus && !load->data->catalogue; i++) {
		const char *path = talloc_asprintf(load->data, "%s/catalogue.cfg", config->menus[i]);

		if (access(path, R_OK) == 0)
			load->data->catalogue = gw_catalogue_load(load->data, config->menus[i], set, diags);
	}
	if (set)
		load_titles(load->data, set);
	if (menu_diags_count(diags))
		menu_diags_print(diags, stderr);
}

/* An entry as the ledger has it now; what only the file knows of it (keywords, visits) is kept. */
static void put_service(struct gw_catalogue *catalogue, const struct gw_service *service)
{
	struct gw_catalogue_entry *entry = NULL;

	for (size_t i = 0; i < catalogue->n && !entry; i++)
		if (strcmp(catalogue->entries[i].name, service->name) == 0)
			entry = &catalogue->entries[i];
	if (!entry) {
		entry = &catalogue->entries[catalogue->n++];
		*entry = (struct gw_catalogue_entry){ .name = service->name, .title_fa = service->title_fa, .title_en = service->title_en,
			.agency = service->agency, .domain = service->domain, .service = service->service, .visits = -1 };
	}
	entry->state = service->state;
	memcpy(entry->dates, service->dates, sizeof(entry->dates));
}

static void on_services(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_services *services)
{
	struct load *load = ctx;
	const struct gw_catalogue *file = load->data->catalogue;
	struct gw_catalogue *now = talloc_zero(load->data, struct gw_catalogue);

	(void)token;
	load->done = true;
	load->failed = result != SESS_LEDGER_OK;
	if (load->failed)
		return;
	talloc_steal(now, services);
	now->entries = talloc_zero_array(now, struct gw_catalogue_entry, (unsigned int)(services->n + (file ? file->n : 0) + 1));
	now->n = file ? file->n : 0;
	if (now->n)
		memcpy(now->entries, file->entries, now->n * sizeof(now->entries[0]));
	for (size_t i = 0; i < services->n; i++)
		if (services->at[i].state < GW_CATALOGUE_STATES)
			put_service(now, &services->at[i]);
	if (now->n)
		load->data->catalogue = now;
}

static bool load_services(struct load *load)
{
	load->done = false;
	return gw_services_load(load->world->ctx, load->world->ledger, load->data->catalogue, on_services, load, 0) == 0 && answered(load);
}

bool gw_report_load(struct gw_command_world *world, struct gw_report_data *data)
{
	struct load load = { .world = world, .data = data };

	data->late_days = world->config->report.late_days;
	data->has_ledger = world->ledger != NULL;
	load_catalogue(&load);
	return load_days(&load) && (!world->ledger || (load_services(&load) && load_bills(&load) && load_overdue(&load)));
}
