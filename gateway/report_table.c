/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See report_table.h. Here tables grow, and words are found. */
#include "gateway/report_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <talloc.h>

#include <osmocom/core/utils.h>

#include "gateway/usage.h"
#include "menus/unicode.h"

#define ROWS_STEP 16u

struct gw_report_table *gw_report_add(struct gw_report *report, const char *name, const char *fa, const char *en, const char *note_fa,
				      const char *note_en, const struct gw_report_column *columns)
{
	struct gw_report_table *table = &report->tables[report->n];

	OSMO_ASSERT(report->n < GW_REPORT_TABLES_MAX);
	report->n++;
	*table = (struct gw_report_table){ .name = name, .fa = fa, .en = en, .note_fa = note_fa, .note_en = note_en, .columns = columns };
	while (columns[table->n_columns].name)
		table->n_columns++;
	OSMO_ASSERT(table->n_columns <= GW_REPORT_COLUMNS_MAX);
	return table;
}

struct gw_report_cell *gw_report_row(void *ctx, struct gw_report_table *table)
{
	if (table->n % ROWS_STEP == 0)
		table->rows = talloc_realloc(ctx, table->rows, struct gw_report_row, (unsigned int)(table->n + ROWS_STEP));
	table->rows[table->n] = (struct gw_report_row){ 0 };
	return table->rows[table->n++].cells;
}

const struct gw_report_table *gw_report_find(const struct gw_report *report, const char *name)
{
	for (size_t i = 0; i < report->n; i++)
		if (strcmp(report->tables[i].name, name) == 0)
			return &report->tables[i];
	return NULL;
}

int64_t gw_report_max(const struct gw_report_table *table, size_t column)
{
	int64_t most = 0;

	for (size_t i = 0; i < table->n; i++)
		if (table->rows[i].cells[column].known)
			most = OSMO_MAX(most, table->rows[i].cells[column].number);
	return most;
}

/* ---- words ---- */

static const struct { const char *word, *shown[2]; } words[] = {
	{ "ussd", { "USSD", "USSD" } }, { "sms", { "پیامک", "SMS" } }, { "inbox", { "صندوق پیام", "inbox" } }, { "api", { "API", "API" } },
	{ "proposed", { "پیشنهاد شده", "proposed" } }, { "final", { "نهایی", "final" } }, { "notified", { "ابلاغ شده", "notified" } },
	{ "live", { "در حال خدمت", "live" } }, { "late", { "دیر", "late" } },
	{ "begun", { "آغاز شده", "begun" } }, { "finished", { "پایان یافته", "finished" } }, { "success", { "موفق", "success" } },
	{ "not_found", { "یافت نشد", "not found" } }, { "refused", { "رد شده", "refused" } }, { "failed", { "ناموفق", "failed" } },
	{ "cut", { "قطع شده", "cut" } }, { "timed_out", { "بی پاسخ مانده", "timed out" } }, { "wrong", { "ورودی نادرست", "wrong input" } },
	{ "tax", { "مالیات", "tax" } }, { "workshop", { "بیمه کارگاه", "workshop" } }, { "health", { "درمان", "health" } },
	{ "supplementary", { "بیمه تکمیلی", "supplementary insurance" } }, { "pension", { "بازنشستگی", "pension" } }, { "bills", { "قبض", "bills" } },
	{ "vehicles", { "خودرو", "vehicles" } }, { "banking", { "بانک", "banking" } }, { "judicial", { "قضایی", "judicial" } },
	{ "correspondence", { "مکاتبات", "correspondence" } }, { "general", { "عمومی", "general" } }, { "several", { "چند حوزه", "several" } },
	{ "fa", { "فارسی", "Persian" } }, { "en", { "انگلیسی", "English" } }, { "info", { "آگاهی", "information" } },
	{ "service", { "خدمت", "service" } }, { "legal", { "قانونی", "legal" } },
	{ "agency", { "دستگاه", "agency" } }, { "operator", { "اپراتور", "operator" } }, { "redis", { "Redis", "Redis" } }, { "requests", { "درخواست ها", "requests" } }, { "uncounted", { "شمرده نشده", "not counted" } },
};

const char *gw_report_word(const char *word, unsigned int language)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(words[i].word, word) == 0)
			return words[i].shown[language];
	return word;
}

void gw_report_jalali(uint16_t day, char text[16])
{
	struct menu_jalali at;

	if (menu_unicode_jalali((int64_t)day * 86400000 + 43200000, &at)) /* noon: the same day in Tehran and Greenwich */
		snprintf(text, 16, "%04d/%02d/%02d", at.year % 10000, at.month % 100, at.day % 100);
	else
		memcpy(text, "?", 2);
}

static const char *group(int64_t number, char *text, size_t cap)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%" PRId64, number), first = digits[0] == '-' ? 1 : 0;
	size_t at = 0;

	for (int i = 0; i < n && at + 2 < cap; i++) {
		if (i > first && (n - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = digits[i];
	}
	text[at] = '\0';
	return text;
}

const char *gw_report_shown(const struct gw_report_column *column, const struct gw_report_cell *cell, unsigned int language, char *text, size_t cap)
{
	if (!cell->known)
		return language == 0 ? "نامعلوم" : "unknown";
	switch (column->kind) {
	case GW_REPORT_NUMBER:
		return group(cell->number, text, cap);
	case GW_REPORT_DAY:
		if (language == 0)
			gw_report_jalali((uint16_t)cell->number, text);
		else
			gw_usage_day_text((uint16_t)cell->number, text);
		return text;
	case GW_REPORT_TEXT:
		return cell->text;
	case GW_REPORT_WORD:
		break;
	}
	return gw_report_word(cell->text, language);
}
