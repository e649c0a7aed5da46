/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See catalogue_state.h. Here is one service as JSON: out of the file, put together with what the ledger has, and read. */
#include <stdio.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "gateway/catalogue_state.h"
#include "menus/unicode.h"

#define DAY_MS INT64_C(86400000)
#define YEAR_MS (INT64_C(31556952) * 1000)
#define YEAR_0_MS INT64_C(-42531892200000) /* near the first day of year 1 in Tehran, before it */

/* What changes, and so is the ledger's where it has a record. */
static const char *const workflow[] = { "state", "proposed", "final", "notified", "live", "due", "rejected", "why", "acknowledged",
					"after_closing", "by_api" };
static const char *const dates[GW_CATALOGUE_DATES] = {
	[GW_CATALOGUE_ON_PROPOSED] = "proposed", [GW_CATALOGUE_ON_FINAL] = "final", [GW_CATALOGUE_ON_NOTIFIED] = "notified",
	[GW_CATALOGUE_ON_LIVE] = "live", [GW_CATALOGUE_DUE] = "due",
};
static const char *const states[] = {
	[GW_CATALOGUE_PROPOSED] = "proposed", [GW_CATALOGUE_FINAL] = "final", [GW_CATALOGUE_NOTIFIED] = "notified", [GW_CATALOGUE_LIVE] = "live",
	[GW_CATALOGUE_LATE] = "late", [GW_CATALOGUE_REJECTED] = "rejected",
};

const char *gw_service_state_name(enum gw_catalogue_state state)
{
	return states[state];
}

const char *gw_service_text(const json_t *record, const char *name)
{
	const char *text = json_string_value(json_object_get(record, name));

	return text ? text : "";
}

bool gw_service_name_ok(const char *name)
{
	size_t n = strlen(name);

	return n && n <= GW_SERVICE_NAME_MAX && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

/* ---- days ---- */

void gw_service_day(int64_t wall_ms, char day[GW_DAY_OCTETS])
{
	struct menu_jalali jalali;

	if (!menu_unicode_jalali(wall_ms, &jalali))
		memset(&jalali, 0, sizeof(jalali));
	snprintf(day, GW_DAY_OCTETS, "%04d/%02d/%02d", jalali.year % 10000, jalali.month % 100, jalali.day % 100);
}

/* There is a way from moments to days only: the moment is searched for between two that lie around it. */
int64_t gw_service_day_end(const char *day)
{
	int year, month, date, n = 0;
	int64_t low, high;

	if (sscanf(day, "%4d/%2d/%2d%n", &year, &month, &date, &n) != 3 || n != 10 || day[n] || !menu_unicode_jalali_valid(year, month, date))
		return 0;
	low = YEAR_0_MS + (int64_t)(year - 1) * YEAR_MS - 10 * DAY_MS;
	high = low + YEAR_MS + 20 * DAY_MS;
	while (low + 1 < high) {
		int64_t middle = low + (high - low) / 2;
		char then[GW_DAY_OCTETS];

		gw_service_day(middle, then);
		if (strcmp(then, day) > 0)
			high = middle;
		else
			low = middle;
	}
	return low;
}

/* ---- out of the file ---- */

static void set_text(json_t *record, const char *name, const char *text)
{
	if (text)
		json_object_set_new(record, name, json_string(text));
}

static void set_list(json_t *record, const char *name, const char *const *texts, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_string(texts[i]));
	json_object_set_new(record, name, list);
}

/* What the file calls late is notified, and was due: whether it still is, today decides. */
json_t *gw_service_of_file(const struct gw_catalogue_entry *entry)
{
	const char *channels[2];
	size_t n = 0;
	json_t *record = json_pack("{s:s, s:{s:s, s:s}, s:s, s:s, s:s, s:i, s:i, s:s, s:b}", "name", entry->name, "title", "fa", entry->title_fa, "en",
				   entry->title_en, "agency", entry->agency, "kind", entry->general ? "general" : "specific", "domain", entry->domain,
				   "level", (int)entry->level, "order", (int)entry->order, "state",
				   states[entry->state == GW_CATALOGUE_LATE ? GW_CATALOGUE_NOTIFIED : entry->state], "after_closing", entry->after_closing);

	if (entry->ussd)
		channels[n++] = "ussd";
	if (entry->sms)
		channels[n++] = "sms";
	set_list(record, "channels", channels, n);
	set_list(record, "inputs", entry->inputs, entry->n_inputs);
	set_list(record, "keywords", entry->keywords, entry->n_keywords);
	set_text(record, "service", entry->service);
	set_text(record, "dial", entry->dial);
	set_text(record, "waits_for", entry->waits_for);
	if (entry->visits >= 0)
		json_object_set_new(record, "visits", json_integer(entry->visits));
	for (size_t i = 0; i < GW_CATALOGUE_DATES; i++)
		set_text(record, dates[i], entry->dates[i]);
	return record;
}

json_t *gw_service_merge(const json_t *file, const json_t *ledger)
{
	json_t *merged = json_deep_copy(file ? file : ledger);

	for (size_t i = 0; file && ledger && i < ARRAY_SIZE(workflow); i++) {
		json_t *value = json_object_get(ledger, workflow[i]);

		if (value)
			json_object_set_new(merged, workflow[i], json_deep_copy(value));
		else
			json_object_del(merged, workflow[i]);
	}
	return merged;
}

/* ---- read ---- */

static const char *text_or_null(const json_t *record, const char *name)
{
	return json_string_value(json_object_get(record, name));
}

static int state_of(const json_t *record, const char *today)
{
	const char *name = gw_service_text(record, "state"), *due = gw_service_text(record, "due");
	int state = GW_CATALOGUE_REJECTED;

	while (state >= 0 && strcmp(states[state], name) != 0)
		state--;
	return state == GW_CATALOGUE_NOTIFIED && due[0] && strcmp(due, today) < 0 ? GW_CATALOGUE_LATE : state;
}

bool gw_service_read(json_t *record, const char *today, struct gw_service *service)
{
	const json_t *title = json_object_get(record, "title");
	int state = state_of(record, today);

	*service = (struct gw_service){
		.name = gw_service_text(record, "name"), .title_fa = gw_service_text(title, "fa"), .title_en = gw_service_text(title, "en"),
		.agency = gw_service_text(record, "agency"), .kind = gw_service_text(record, "kind"), .domain = gw_service_text(record, "domain"),
		.service = text_or_null(record, "service"), .acknowledged = text_or_null(record, "acknowledged"),
		.after_closing = json_is_true(json_object_get(record, "after_closing")), .by_api = json_is_true(json_object_get(record, "by_api")),
	};
	if (state < 0 || !service->name[0] || !service->agency[0])
		return false;
	service->state = (enum gw_catalogue_state)state;
	for (size_t i = 0; i < GW_CATALOGUE_DATES; i++)
		service->dates[i] = text_or_null(record, dates[i]);
	service->record = json_incref(record);
	return true;
}
