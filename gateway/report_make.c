/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Tallies to tables: one function for each. A table of which nothing was counted is there, and empty; a cell of which nothing can be known
 * is unknown. What a word counts is said once, in the note of its table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/utils.h>
#include <talloc.h>

#include "gateway/catalogue_state.h"
#include "gateway/report_make_priv.h"

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct report_groups report_group_by(struct gw_report_data *data, enum gw_usage_table table, unsigned int first, int second)
{
	struct report_groups groups = { talloc_zero_array(data, const char *, (unsigned int)data->n_sums + 1), 0 };
	size_t n = 0;

	for (size_t i = 0; i < data->n_sums; i++) {
		const struct gw_report_sum *sum = &data->list[i];

		if (sum->table != table)
			continue;
		groups.names[groups.n++] = second < 0 ? sum->dims[first] : talloc_asprintf(groups.names, "%s|%s", sum->dims[first], sum->dims[second]);
	}
	qsort(groups.names, groups.n, sizeof(groups.names[0]), by_text);
	for (size_t i = 0; i < groups.n; i++)
		if (i == 0 || strcmp(groups.names[i], groups.names[i - 1]) != 0)
			groups.names[n++] = groups.names[i];
	groups.n = n;
	return groups;
}

void report_halves(struct gw_report_data *data, const char *pair, const char *parts[2])
{
	char *text = talloc_strdup(data, pair), *bar = strchr(text, '|');

	*bar = '\0';
	parts[0] = text;
	parts[1] = bar + 1;
}

struct gw_report_cell *report_pair_row(struct gw_report_data *data, struct gw_report *report, struct gw_report_table *table, const char *pair,
				       const char *parts[2])
{
	struct gw_report_cell *row = gw_report_row(report, table);

	report_halves(data, pair, parts);
	row[0] = gw_report_text(parts[0]);
	row[1] = gw_report_text(parts[1]);
	return row;
}

/* ---- the catalogue ---- */

static struct gw_report_cell day_cell(const char *text)
{
	uint16_t day;

	return text && gw_usage_day_read(text, &day) ? gw_report_number(day) : (struct gw_report_cell){ 0 };
}

/* Notified, not live, and past the day by which it was due. */
static bool is_late(const struct gw_report_data *data, const struct gw_catalogue_entry *entry, uint16_t *due)
{
	const char *text = entry->dates[GW_CATALOGUE_DUE];

	return (entry->state == GW_CATALOGUE_NOTIFIED || entry->state == GW_CATALOGUE_LATE) && text && gw_usage_day_read(text, due) &&
	       *due < data->today;
}

static void make_services(struct gw_report_data *data, struct gw_report *report)
{
	static const struct gw_report_column columns[] = {
		TEXT("service", "شناسه", "Name"), TITLE(FA, "title_fa", "خدمت", "Title (Persian)"), TITLE(EN, "title_en", "عنوان انگلیسی", "Title"),
		TEXT("agency", "دستگاه", "Agency"), WORD("domain", "حوزه", "Domain"), WORD("state", "وضعیت", "State"),
		DAY("notified", "ابلاغ", "Notified"), DAY("live", "آغاز خدمت", "Live since"), DAY("due", "موعد", "Due"), LAST };
	struct gw_report_table *table = gw_report_add(report, "services", "خدمات و وضعیت آنها", "Services and their state",
		"از فهرست خدمات در روز تهیه گزارش.", "As the catalogue of services has them on the day of the report.", columns);

	for (size_t i = 0; data->catalogue && i < data->catalogue->n; i++) {
		const struct gw_catalogue_entry *entry = &data->catalogue->entries[i];
		struct gw_report_cell *row = gw_report_row(report, table);
		uint16_t due;

		row[0] = gw_report_text(entry->name);
		row[1] = gw_report_text(entry->title_fa);
		row[2] = gw_report_text(entry->title_en);
		row[3] = gw_report_agency(data, entry->agency);
		row[4] = gw_report_text(entry->domain);
		row[5] = gw_report_text(is_late(data, entry, &due) ? "late" : gw_service_state_name(entry->state));
		row[6] = day_cell(entry->dates[GW_CATALOGUE_ON_NOTIFIED]);
		row[7] = day_cell(entry->dates[GW_CATALOGUE_ON_LIVE]);
		row[8] = day_cell(entry->dates[GW_CATALOGUE_DUE]);
	}
}

static void make_states(struct gw_report_data *data, struct gw_report *report)
{
	static const struct gw_report_column columns[] = { WORD("state", "وضعیت", "State"), BAR("services", "شمار خدمات", "Services"), LAST };
	struct gw_report_table *table = gw_report_add(report, "states", "شمار خدمات در هر وضعیت", "Services by state", "", "", columns);

	for (enum gw_catalogue_state state = 0; state < GW_CATALOGUE_STATES; state++) {
		struct gw_report_cell *row = gw_report_row(report, table);
		uint16_t due;
		int64_t n = 0;

		for (size_t i = 0; data->catalogue && i < data->catalogue->n; i++) {
			bool late = is_late(data, &data->catalogue->entries[i], &due);

			n += late ? state == GW_CATALOGUE_LATE : data->catalogue->entries[i].state == state;
		}
		row[0] = gw_report_text(gw_service_state_name(state));
		if (data->catalogue)
			row[1] = gw_report_number(n);
	}
}

/* ---- times ---- */

/* The bound below which `percent` of all lie; unknown: none, or it lies beyond the last bound. */
static struct gw_report_cell percentile(const int64_t *counts, const unsigned int *bounds, size_t n, int64_t all, int64_t percent)
{
	int64_t seen = 0;

	for (size_t i = 0; all && i < n; i++) {
		seen += counts[i];
		if (seen * 100 >= all * percent)
			return bounds[i] ? gw_report_number(bounds[i]) : (struct gw_report_cell){ 0 };
	}
	return (struct gw_report_cell){ 0 };
}

/* Count, mean, and three percentiles into five cells. dims[at] is the bucket. */
static void put_times(const struct gw_report_data *data, enum gw_usage_table table, const char *dims[GW_USAGE_DIMS_MAX], size_t at,
		      const unsigned int *bounds, size_t n, struct gw_report_cell cells[5])
{
	int64_t counts[16], all = 0;
	char name[12];

	for (size_t i = 0; i < n; i++) {
		dims[at] = gw_usage_bucket_name(bounds, i, name);
		counts[i] = gw_report_total(data, table, dims);
		all += counts[i];
	}
	dims[at] = "sum";
	cells[0] = gw_report_number(all);
	if (all)
		cells[1] = gw_report_number(gw_report_total(data, table, dims) / all);
	cells[2] = percentile(counts, bounds, n, all, 50);
	cells[3] = percentile(counts, bounds, n, all, 95);
	cells[4] = percentile(counts, bounds, n, all, 99);
}

#define TIME_NOTE_FA "صدک‌ها کران بالای بازه‌های شمارش‌اند؛ آنچه از آخرین کران بیشتر است نامعلوم است."
#define TIME_NOTE_EN "Percentiles are the upper bounds of the intervals that were counted in; what lies beyond the last bound is unknown."

/* What put_times fills: five cells. */
#define TIME_COLUMNS \
	BAR("answers", "پاسخ‌ها", "Answers"), NUMBER("mean_ms", "میانگین (هزارم ثانیه)", "Mean (ms)"), \
	NUMBER("p50_ms", "صدک ۵۰ (هزارم ثانیه)", "p50 (ms)"), NUMBER("p95_ms", "صدک ۹۵ (هزارم ثانیه)", "p95 (ms)"), \
	NUMBER("p99_ms", "صدک ۹۹ (هزارم ثانیه)", "p99 (ms)")

static void make_agencies(struct gw_report_data *data, struct gw_report *report)
{
	static const struct gw_report_column columns[] = { TEXT("agency", "دستگاه", "Agency"), TIME_COLUMNS,
		NUMBER("failed", "بی پاسخ یا نادرست", "Failed"), NUMBER("outages", "قطعی‌ها", "Outages"), LAST };
	struct gw_report_table *table = gw_report_add(report, "agencies", "زمان پاسخ دستگاه‌ها", "Answer times of agencies", TIME_NOTE_FA, TIME_NOTE_EN,
		columns);
	struct report_groups groups = report_group_by(data, GW_USAGE_CALLS, 0, -1);

	for (size_t i = 0; i < groups.n; i++) {
		const char *dims[GW_USAGE_DIMS_MAX] = { groups.names[i] };
		struct gw_report_cell *row = gw_report_row(report, table);

		row[0] = gw_report_agency(data, groups.names[i]);
		put_times(data, GW_USAGE_CALLS, dims, 1, gw_usage_times_ms, GW_USAGE_TIMES, row + 1);
		row[6] = gw_report_number(TOTAL(data, GW_USAGE_CALLS, groups.names[i], "failed"));
		row[7] = gw_report_number(TOTAL(data, GW_USAGE_OUTAGES, "agency", groups.names[i]));
	}
}

static void make_answers(struct gw_report_data *data, struct gw_report *report)
{
	static const struct gw_report_column columns[] = { WORD("channel", "کانال", "Channel"), TEXT("operator", "اپراتور", "Operator"), TIME_COLUMNS,
		LAST };
	struct gw_report_table *table = gw_report_add(report, "answers", "زمان پاسخ دروازه", "Answer times of the gateway",
		"از رسیدن یک گام تا پاسخ به شبکه.", "From a step's arrival to its answer to the network.", columns);
	struct report_groups groups = report_group_by(data, GW_USAGE_ANSWERS, 0, 1);

	for (size_t i = 0; i < groups.n; i++) {
		const char *dims[GW_USAGE_DIMS_MAX] = { NULL };
		struct gw_report_cell *row = report_pair_row(data, report, table, groups.names[i], dims);

		put_times(data, GW_USAGE_ANSWERS, dims, 2, gw_usage_times_ms, GW_USAGE_TIMES, row + 2);
	}
}

/* ---- requests, lateness ---- */

static struct gw_report_cell overdue_of(const struct gw_report_data *data, const char *agency)
{
	if (!data->has_ledger)
		return (struct gw_report_cell){ 0 };
	for (size_t i = 0; i < data->n_overdue; i++)
		if (strcmp(data->overdue[i].agency, agency) == 0)
			return gw_report_number(data->overdue[i].n);
	return gw_report_number(0);
}

static int64_t total_overdue(const struct gw_report_data *data)
{
	int64_t n = 0;

	for (size_t i = 0; i < data->n_overdue; i++)
		n += data->overdue[i].n;
	return n;
}

static void make_requests(struct gw_report_data *data, struct gw_report *report)
{
	static const struct gw_report_column columns[] = { TEXT("agency", "دستگاه", "Agency"), BAR("received", "رسیده", "Received"),
		NUMBER("delivered", "تحویل شده", "Delivered"), NUMBER("answered", "پاسخ داده", "Answered"), NUMBER("refused", "رد شده", "Refused"),
		NUMBER("mean_s", "میانگین نخستین پاسخ (ثانیه)", "Mean first answer (s)"), NUMBER("p50_s", "صدک ۵۰ (ثانیه)", "p50 (s)"),
		NUMBER("p95_s", "صدک ۹۵ (ثانیه)", "p95 (s)"), LAST };
	struct gw_report_table *table = gw_report_add(report, "requests", "درخواست‌های شهروندان", "Requests of citizens",
		"از پیامک و منو. " TIME_NOTE_FA, "By SMS and in menus. " TIME_NOTE_EN, columns);
	struct report_groups groups = report_group_by(data, GW_USAGE_REQUESTS, 0, -1);

	for (size_t i = 0; i < groups.n; i++) {
		const char *dims[GW_USAGE_DIMS_MAX] = { groups.names[i] }, *agency = groups.names[i];
		struct gw_report_cell *row = gw_report_row(report, table), times[5] = { { 0 } };

		row[0] = gw_report_agency(data, agency);
		row[1] = gw_report_number(TOTAL(data, GW_USAGE_REQUESTS, agency, NULL, "received"));
		row[2] = gw_report_number(TOTAL(data, GW_USAGE_REQUESTS, agency, NULL, "delivered"));
		row[3] = gw_report_number(TOTAL(data, GW_USAGE_REQUESTS, agency, NULL, "answered"));
		row[4] = gw_report_number(TOTAL(data, GW_USAGE_REQUESTS, agency, NULL, "refused"));
		put_times(data, GW_USAGE_WAITS, dims, 1, gw_usage_waits_s, GW_USAGE_WAITS_N, times);
		memcpy(row + 5, times + 1, 3 * sizeof(times[0]));
	}
}

static void make_late(struct gw_report_data *data, struct gw_report *report)
{
	static const struct gw_report_column columns[] = { TEXT("agency", "دستگاه", "Agency"), TEXT("late_with", "خدمت", "Late with"),
		DAY("due", "موعد", "Due"), NUMBER("days", "روز تاخیر", "Days late"), NUMBER("requests", "درخواست بی پاسخ", "Requests"), LAST };
	struct gw_report_table *table = gw_report_add(report, "late", "دستگاه‌های دیر", "Agencies that are late",
		"خدمتی که ابلاغ شده و موعدش گذشته، و درخواست‌هایی که بیش از مهلت پاسخ نگرفته‌اند؛ در روز تهیه گزارش.",
		"With services that they were notified of and that are past their day, and with requests unanswered beyond the time that was configured; "
		"on the day of the report.", columns);

	for (size_t i = 0; data->catalogue && i < data->catalogue->n; i++) {
		const struct gw_catalogue_entry *entry = &data->catalogue->entries[i];
		struct gw_report_cell *row;
		uint16_t due;

		if (!is_late(data, entry, &due))
			continue;
		row = gw_report_row(report, table);
		row[0] = gw_report_agency(data, entry->agency);
		row[1] = (struct gw_report_cell){ .known = true, .text = entry->name, .title = { entry->title_fa, entry->title_en } };
		row[2] = gw_report_number(due);
		row[3] = gw_report_number(data->today - due);
		row[4] = overdue_of(data, entry->agency);
	}
	for (size_t i = 0; i < data->n_overdue; i++) {
		struct gw_report_cell *row = gw_report_row(report, table);

		row[0] = gw_report_agency(data, data->overdue[i].agency);
		row[1] = (struct gw_report_cell){ .known = true, .text = "requests",
			.title = { gw_report_word("requests", GW_REPORT_FA), gw_report_word("requests", GW_REPORT_EN) } };
		row[4] = gw_report_number(data->overdue[i].n);
	}
}

/* ---- notices, bills ---- */

static void make_notices(struct gw_report_data *data, struct gw_report *report)
{
	static const struct gw_report_column columns[] = { TEXT("agency", "دستگاه", "Agency"), WORD("class", "نوع", "Class"),
		BAR("accepted", "پذیرفته", "Accepted"), NUMBER("sent", "فرستاده", "Sent"), NUMBER("delivered", "رسیده", "Delivered"),
		NUMBER("failed", "ناموفق", "Failed"), NUMBER("expired", "منقضی", "Expired"), NUMBER("cancelled", "لغو شده", "Cancelled"),
		NUMBER("refused", "نخواسته", "Refused"), NUMBER("read", "خوانده", "Read"), LAST };
	struct gw_report_table *table = gw_report_add(report, "notices", "ابلاغ‌ها", "Notices",
		"دستگاه نامعلوم: خود دروازه. خوانده: در صندوق پیام.", "Unknown agency: the gateway itself. Read: opened in the inbox.", columns);
	struct report_groups groups = report_group_by(data, GW_USAGE_NOTICES, 0, 1);

	for (size_t i = 0; i < groups.n; i++) {
		const char *parts[2];
		struct gw_report_cell *row = report_pair_row(data, report, table, groups.names[i], parts);

		row[0] = gw_report_agency(data, parts[0]);
		for (size_t c = 2; c < table->n_columns; c++)
			row[c] = gw_report_number(TOTAL(data, GW_USAGE_NOTICES, parts[0], parts[1], columns[c].name));
	}
}

static void make_bills(struct gw_report_data *data, struct gw_report *report)
{
	static const struct gw_report_column columns[] = { TEXT("agency", "دستگاه", "Agency"), TEXT("period", "دوره", "Period"),
		NUMBER("paper", "کاغذی", "On paper"), BAR("paperless", "بی کاغذ", "Without paper"), DAY("told", "روز اعلام", "Told on"), LAST };
	struct gw_report_table *table = gw_report_add(report, "bills", "قبض‌های صادر شده", "Bills issued, on paper and without",
		"چنان که دستگاه‌ها اعلام کرده‌اند، برای دوره‌هایی که در این بازه آغاز می‌شوند. دستگاهی که اعلام نکرده اینجا نیست.",
		"As agencies told them, of months that begin in the period. Who told nothing does not stand here.", columns);

	if (!data->has_ledger) { /* nobody could tell */
		gw_report_row(report, table);
		return;
	}
	for (size_t i = 0; i < data->n_bills; i++) {
		const struct gw_report_bills *bills = &data->bills[i];
		struct gw_report_cell *row = gw_report_row(report, table);

		row[0] = gw_report_agency(data, bills->agency);
		row[1] = gw_report_text(bills->period);
		row[2] = gw_report_number(bills->paper);
		row[3] = gw_report_number(bills->paperless);
		row[4] = gw_report_number(bills->told);
	}
}

/* ---- outages ---- */

static void make_outages(struct gw_report_data *data, struct gw_report *report)
{
	static const struct gw_report_column columns[] = { WORD("what", "چه", "What"), TEXT("name", "نام", "Name"), NUMBER("times", "بار", "Times"),
		BAR("away_s", "مدت (ثانیه)", "Time away (s)"), LAST };
	struct gw_report_table *table = gw_report_add(report, "outages", "قطعی‌های دیده شده", "Outages that were seen",
		"دستگاه: بارهایی که پس از چند خطای پیاپی مدتی از آن پرسیده نشد. اپراتور: هیچ پیوندی برقرار نبود. Redis: پاسخ نمی‌داد. چنان که هر دروازه دید؛ "
		"از چند دروازه جمع می‌شود. شمرده نشده: آنچه جایی برای شمارشش نبود.",
		"Agency: how often it was left alone for a while, after some failures in a row. Operator: none of its links was up. Redis: it did not answer. As "
		"each gateway saw it; of several the times add up. Not counted: counts for which there was no room.", columns);
	struct report_groups groups = report_group_by(data, GW_USAGE_OUTAGES, 0, 1);

	for (size_t i = 0; i < groups.n; i++) {
		const char *parts[2];
		struct gw_report_cell *row = report_pair_row(data, report, table, groups.names[i], parts);

		if (strcmp(parts[0], "agency") == 0)
			row[1] = gw_report_agency(data, parts[1]);
		row[2] = gw_report_number(TOTAL(data, GW_USAGE_OUTAGES, parts[0], parts[1]));
		if (strcmp(parts[0], "uncounted") != 0)
			row[3] = gw_report_number(TOTAL(data, GW_USAGE_AWAY, parts[0], parts[1]));
	}
}

/* ---- all of it on half a page ---- */

static struct gw_report_cell sum_of(const struct gw_report *report, const char *name, const char *column)
{
	const struct gw_report_table *table = gw_report_find(report, name);
	struct gw_report_cell sum = { 0 };
	size_t c = 0;

	while (strcmp(table->columns[c].name, column) != 0)
		c++;
	for (size_t i = 0; i < table->n; i++)
		if (table->rows[i].cells[c].known)
			sum = gw_report_number(sum.number + table->rows[i].cells[c].number);
	return sum;
}

static struct gw_report_cell in_state(const struct gw_report *report, enum gw_catalogue_state state)
{
	return gw_report_find(report, "states")->rows[state].cells[1];
}

/* Made last, for it is made from the others; people read it first. */
static void make_summary(struct gw_report_data *data, struct gw_report *report)
{
	static const struct gw_report_column columns[] = { WORD("measure", "شاخص", "Measure"), NUMBER("value", "شمار", "Number"), LAST };
	static const char note_fa[] = "جمع جدول‌های زیر. آنچه در جدولی نامعلوم است در جمع آن نیست.";
	static const char note_en[] = "Sums of the tables below. What is unknown in a table is not in its sum.";
	const struct { const char *word; struct gw_report_cell value; } rows[] = {
		{ "services_live", in_state(report, GW_CATALOGUE_LIVE) }, { "services_late", in_state(report, GW_CATALOGUE_LATE) },
		{ "uses_begun", sum_of(report, "uses", "begun") }, { "uses_success", sum_of(report, "uses", "success") },
		{ "visits_avoided", sum_of(report, "visits", "avoided") },
		{ "requests_received", sum_of(report, "requests", "received") }, { "requests_answered", sum_of(report, "requests", "answered") },
		{ "requests_overdue", data->has_ledger ? gw_report_number(total_overdue(data)) : (struct gw_report_cell){ 0 } },
		{ "notices_accepted", sum_of(report, "notices", "accepted") }, { "notices_delivered", sum_of(report, "notices", "delivered") },
		{ "bills_paper", sum_of(report, "bills", "paper") }, { "bills_paperless", sum_of(report, "bills", "paperless") },
	};
	struct gw_report_table *table = gw_report_add_first(report, "summary", "چکیده", "Summary", note_fa, note_en, columns);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct gw_report_cell *row = gw_report_row(report, table);

		row[0] = gw_report_text(rows[i].word);
		row[1] = rows[i].value;
	}
}

/* ---- all ---- */

/* The texts of the sums, in order, cut into dimensions. */
static void list_sums(struct gw_report_data *data)
{
	size_t n = json_object_size(data->sums), i = 0;
	const char **texts = talloc_zero_array(data, const char *, (unsigned int)n + 1), *name;
	json_t *value;

	json_object_foreach(data->sums, name, value)
		texts[i++] = name;
	qsort(texts, n, sizeof(texts[0]), by_text);
	data->list = talloc_zero_array(data, struct gw_report_sum, (unsigned int)n + 1);
	data->n_sums = 0;
	for (i = 0; i < n; i++) {
		struct gw_report_sum *sum = &data->list[data->n_sums];

		sum->value = json_integer_value(json_object_get(data->sums, texts[i]));
		data->n_sums += gw_usage_parse(talloc_strdup(data->list, texts[i]), &sum->table, sum->dims);
	}
}

static void print_zone(int utc_offset, char text[8])
{
	unsigned int minutes = (unsigned int)abs(utc_offset);

	snprintf(text, 8, "%c%02u:%02u", utc_offset < 0 ? '-' : '+', minutes / 60 % 100, minutes % 60);
}

struct gw_report *gw_report_make(struct gw_report_data *data)
{
	struct gw_report *report = talloc_zero(data, struct gw_report);

	report->from = data->from;
	report->to = data->to;
	report->drawn = data->today;
	print_zone(data->utc_offset, report->zone);
	list_sums(data);
	make_services(data, report);
	make_states(data, report);
	report_make_uses(data, report);
	report_make_visits(data, report);
	make_requests(data, report);
	make_late(data, report);
	make_agencies(data, report);
	make_answers(data, report);
	make_notices(data, report);
	make_bills(data, report);
	report_make_screens(data, report);
	make_outages(data, report);
	make_summary(data, report);
	return report;
}
