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

struct gw_report_table *gw_report_add_first(struct gw_report *report, const char *name, const char *fa, const char *en, const char *note_fa,
					    const char *note_en, const struct gw_report_column *columns)
{
	const struct gw_report_table added = *gw_report_add(report, name, fa, en, note_fa, note_en, columns);

	memmove(report->tables + 1, report->tables, (report->n - 1) * sizeof(report->tables[0]));
	report->tables[0] = added;
	return &report->tables[0];
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
	{ "none", { "هیچ", "none" } }, { "unknown", { "نامعلوم", "unknown" } },
	{ "fa", { "فارسی", "Persian" } }, { "en", { "انگلیسی", "English" } }, { "info", { "آگاهی", "information" } },
	{ "service", { "خدمت", "service" } }, { "legal", { "قانونی", "legal" } },
	{ "agency", { "دستگاه", "agency" } }, { "operator", { "اپراتور", "operator" } }, { "redis", { "Redis", "Redis" } },
	{ "requests", { "درخواست‌ها", "requests" } }, { "uncounted", { "شمرده نشده", "not counted" } },
	{ "services_live", { "خدمات در حال خدمت", "Services that are live" } }, { "services_late", { "خدمات دیر", "Services that are late" } },
	{ "uses_begun", { "کاربردهای آغاز شده", "Uses begun" } }, { "uses_success", { "کاربردهای موفق", "Successful uses" } },
	{ "visits_avoided", { "مراجعه‌های کم شده", "Visits avoided" } },
	{ "requests_received", { "درخواست‌های رسیده", "Requests received" } }, { "requests_answered", { "درخواست‌های پاسخ داده", "Requests answered" } },
	{ "requests_overdue", { "درخواست‌های دیرمانده", "Requests overdue" } },
	{ "notices_accepted", { "ابلاغ‌های پذیرفته", "Notices accepted" } }, { "notices_delivered", { "ابلاغ‌های رسیده", "Notices delivered" } },
	{ "bills_paper", { "قبض‌های کاغذی", "Bills on paper" } }, { "bills_paperless", { "قبض‌های بی کاغذ", "Bills without paper" } },
};

const char *gw_report_word(const char *word, enum gw_report_language language)
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

/* Persian digits in place of ours, and their separator of thousands. */
static void to_persian(char *text, size_t cap)
{
	char from[64];
	size_t at = 0;

	osmo_strlcpy(from, text, sizeof(from));
	for (const char *c = from; *c && at + 3 < cap; c++) {
		if (*c >= '0' && *c <= '9') {
			text[at++] = (char)0xdb; /* U+06F0 ... U+06F9 */
			text[at++] = (char)(0xb0 + (*c - '0'));
		} else if (*c == ',') {
			text[at++] = (char)0xd9; /* U+066C */
			text[at++] = (char)0xac;
		} else {
			text[at++] = *c;
		}
	}
	text[at] = '\0';
}

static void group(int64_t number, char *text, size_t cap)
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
}

void gw_report_day(uint16_t day, enum gw_report_language language, char text[32])
{
	if (language == GW_REPORT_EN) {
		gw_usage_day_text(day, text);
		return;
	}
	gw_report_jalali(day, text);
	to_persian(text, 32);
}

const char *gw_report_shown(const struct gw_report_column *column, const struct gw_report_cell *cell, enum gw_report_language language, char *text,
			    size_t cap)
{
	if (!cell->known)
		return gw_report_word("unknown", language);
	switch (column->kind) {
	case GW_REPORT_NUMBER:
		group(cell->number, text, cap);
		if (language == GW_REPORT_FA)
			to_persian(text, cap);
		return text;
	case GW_REPORT_DAY:
		gw_report_day((uint16_t)cell->number, language, text);
		return text;
	case GW_REPORT_TEXT:
		return cell->title[language] ? cell->title[language] : cell->text;
	case GW_REPORT_WORD:
		break;
	}
	return gw_report_word(cell->text, language);
}

/* ---- what stands at the head ---- */

const char *const gw_report_title[GW_REPORT_LANGUAGES] = { "گزارش دولت همراه", "Dolat Hamrah: report" };

void gw_report_period(const struct gw_report *report, enum gw_report_language language, char text[192])
{
	char from[32], to[32], drawn[32];

	gw_report_day(report->from, language, from);
	gw_report_day(report->to, language, to);
	gw_report_day(report->drawn, language, drawn);
	if (language == GW_REPORT_FA) /* isolates keep the days whole */
		snprintf(text, 192, "از \u2066%s\u2069 تا \u2066%s\u2069، تهیه شده در \u2066%s\u2069", from, to, drawn);
	else
		snprintf(text, 192, "From %s to %s, drawn up on %s", from, to, drawn);
}

void gw_report_remark(const struct gw_report *report, enum gw_report_language language, char text[256])
{
	char zone[32];

	osmo_strlcpy(zone, report->zone, sizeof(zone));
	if (language == GW_REPORT_FA) {
		to_persian(zone, sizeof(zone));
		snprintf(text, 256, "«نامعلوم» یعنی داده\u200cای نیست؛ هرگز صفر نیست. هر روز از نیمه\u200cشب آغاز می\u200cشود، به وقت "
			 "\u2066UTC%s\u2069.", zone);
	} else {
		snprintf(text, 256, "\"Unknown\" means that there is no data; it is never zero. A day begins at midnight, UTC%s.", zone);
	}
}

void gw_report_page(unsigned int page, unsigned int n, enum gw_report_language language, char text[64])
{
	snprintf(text, 64, language == GW_REPORT_FA ? "صفحه %u از %u" : "Page %u of %u", page, n);
	if (language == GW_REPORT_FA)
		to_persian(text, 64);
}
