/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See report_data.h. Tallies are summed by their text; for the tables they are cut into dimensions once, in the order of their text, so that
 * the same data is the same report. */
#include "gateway/report_data.h"

#include <stdlib.h>
#include <string.h>

#include <osmocom/core/utils.h>
#include <talloc.h>

static int data_free(struct gw_report_data *data)
{
	json_decref(data->sums);
	return 0;
}

struct gw_report_data *gw_report_data_alloc(void *ctx, uint16_t from, uint16_t to, uint16_t today)
{
	struct gw_report_data *data = talloc_zero(ctx, struct gw_report_data);
	unsigned int n = to - from + 1u;

	OSMO_ASSERT(from <= to && n <= GW_REPORT_DAYS_MAX);
	talloc_set_destructor(data, data_free);
	data->from = from;
	data->to = to;
	data->today = today;
	data->sums = json_object();
	data->days = talloc_zero_size(data, n * sizeof(*data->days));
	data->counted = talloc_zero_array(data, bool, n);
	return data;
}

static void count_day(struct gw_report_data *data, uint16_t day, const char *outcome, int64_t value)
{
	static const enum gw_usage_outcome kept[] = { GW_USAGE_BEGUN, GW_USAGE_FINISHED, GW_USAGE_SUCCESS };

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (strcmp(outcome, gw_usage_outcomes[kept[i]]) == 0)
			data->days[day - data->from][i] += value;
}

void gw_report_data_tally(struct gw_report_data *data, uint16_t day, const char *name, int64_t value)
{
	char text[GW_USAGE_PRINTED_OCTETS];
	enum gw_usage_table table;
	const char *dims[GW_USAGE_DIMS_MAX];

	if (strlen(name) >= sizeof(text) || value < 0 || value > GW_REPORT_TALLY_MAX)
		return;
	osmo_strlcpy(text, name, sizeof(text));
	if (!gw_usage_parse(text, &table, dims))
		return;
	data->counted[day - data->from] = true;
	if (table == GW_USAGE_USES)
		count_day(data, day, dims[3], value);
	/* a name that is no UTF-8 is refused here */
	json_object_set_new(data->sums, name, json_integer(value + json_integer_value(json_object_get(data->sums, name))));
}

int64_t gw_report_total(const struct gw_report_data *data, enum gw_usage_table table, const char *const dims[GW_USAGE_DIMS_MAX])
{
	int64_t total = 0;

	for (size_t i = 0; i < data->n_sums; i++) {
		const struct gw_report_sum *sum = &data->list[i];
		bool same = sum->table == table;

		for (size_t d = 0; same && d < GW_USAGE_DIMS_MAX; d++)
			same = !dims[d] || strcmp(dims[d], sum->dims[d]) == 0;
		total += same ? sum->value : 0;
	}
	return total;
}

bool gw_report_is_of(const struct gw_catalogue_entry *entry, const char *channel, const char *service)
{
	if (strcmp(channel, "sms") != 0 && entry->service && strcmp(entry->service, service) == 0)
		return true;
	for (size_t k = 0; strcmp(channel, "ussd") != 0 && k < entry->n_keywords; k++)
		if (strcmp(entry->keywords[k], service) == 0)
			return true;
	return false;
}

/* Several entries of one service must agree, or nothing is known: which of them it was is not counted. */
struct gw_report_cell gw_report_visits(const struct gw_report_data *data, const char *channel, const char *service)
{
	bool found = false;
	int visits = -1;

	for (size_t i = 0; data->catalogue && i < data->catalogue->n; i++) {
		const struct gw_catalogue_entry *entry = &data->catalogue->entries[i];
		bool named = gw_report_is_of(entry, channel, service);

		if (named && found && visits != entry->visits)
			return (struct gw_report_cell){ 0 };
		if (named)
			visits = entry->visits;
		found |= named;
	}
	if (visits < 0)
		return (struct gw_report_cell){ 0 };
	return gw_report_number(visits);
}

static struct gw_report_cell titled(const struct gw_report_title *titles, size_t n, const char *name)
{
	struct gw_report_cell cell = gw_report_text(name);

	for (size_t i = 0; cell.known && i < n; i++)
		if (strcmp(titles[i].name, name) == 0)
			memcpy(cell.title, titles[i].title, sizeof(cell.title));
	return cell;
}

struct gw_report_cell gw_report_service(const struct gw_report_data *data, const char *name)
{
	return titled(data->services, data->n_services, name);
}

struct gw_report_cell gw_report_agency(const struct gw_report_data *data, const char *name)
{
	return titled(data->agencies, data->n_agencies, name);
}
