/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Tables of the report that say what citizens did: uses by everything that was counted of them, visits avoided, and where they leave. */
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/utils.h>
#include <talloc.h>

#include "gateway/report_make_priv.h"

#define SCREENS_SHOWN 25u
#define OUTCOMES_SHOWN (GW_USAGE_WRONG + 1) /* visits have a table of their own */

/* The domain of a menu's service, or of a keyword; "": the catalogue does not have it. */
static const char *domain_of(const struct gw_report_data *data, const char *channel, const char *service)
{
	const char *domain = "";

	for (size_t i = 0; data->catalogue && i < data->catalogue->n; i++) {
		const struct gw_catalogue_entry *entry = &data->catalogue->entries[i];

		if (gw_report_is_of(entry, channel, service))
			domain = !*domain || strcmp(domain, entry->domain) == 0 ? entry->domain : "several";
	}
	return domain;
}

/* ---- uses ---- */

#define USE_COLUMNS \
	BAR("begun", "آغاز شده", "Begun"), NUMBER("finished", "پایان یافته", "Finished"), NUMBER("success", "موفق", "Success"), \
	NUMBER("not_found", "یافت نشد", "Not found"), NUMBER("refused", "رد شده", "Refused"), NUMBER("failed", "ناموفق", "Failed"), \
	NUMBER("late", "دیر", "Late"), NUMBER("cut", "قطع شده", "Cut"), NUMBER("timed_out", "بی پاسخ", "Timed out"), \
	NUMBER("wrong", "نادرست", "Wrong input")
#define USE_NOTE_FA "کاربرد: رفتن شهروند به یک خدمت در منو، پیامکی که فهمیده شد، یا کاری که درگاه یا کارپوشه با API برای شهروند کرد. پایان یافته، موفق: " \
	"هر کاربرد حداکثر یک بار؛ بقیه رویدادند."
#define USE_NOTE_EN "A use: a citizen enters a service in a dialog, or writes a text message that is understood, or a portal or the national inbox does " \
	"something for a citizen by the API. Finished (came to an end, to a page that " \
	"offers nothing further, or to an agency's answer) and success (an agency's answer was ok, or a request was accepted) count once a use; the others are events."

static void put_outcomes(const struct gw_report_data *data, struct gw_report_cell *row, const char *const dims[GW_USAGE_DIMS_MAX])
{
	const char *wanted[GW_USAGE_DIMS_MAX];

	memcpy(wanted, dims, sizeof(wanted));
	for (enum gw_usage_outcome i = 0; i < OUTCOMES_SHOWN; i++) {
		wanted[3] = gw_usage_outcomes[i];
		row[i] = gw_report_number(gw_report_total(data, GW_USAGE_USES, wanted));
	}
}

static void make_uses(struct gw_report_data *data, struct gw_report *report)
{
	static const struct gw_report_column columns[] = { WORD("channel", "کانال", "Channel"), TEXT("service", "خدمت", "Service"), USE_COLUMNS, LAST };
	struct gw_report_table *table = gw_report_add(report, "uses", "کاربرد خدمات", "Uses of services", USE_NOTE_FA, USE_NOTE_EN, columns);
	struct report_groups groups = report_group_by(data, GW_USAGE_USES, 0, 2);

	for (size_t i = 0; i < groups.n; i++) {
		const char *parts[2];
		struct gw_report_cell *row = report_pair_row(data, report, table, groups.names[i], parts);

		row[1] = gw_report_service(data, parts[1]);
		put_outcomes(data, row + 2, (const char *const[GW_USAGE_DIMS_MAX]){ parts[0], NULL, parts[1] });
	}
}

static void make_uses_by(struct gw_report_data *data, struct gw_report *report, const char *name, const char *fa, const char *en,
			 unsigned int dim, const struct gw_report_column *columns, const char *note_fa, const char *note_en)
{
	struct gw_report_table *table = gw_report_add(report, name, fa, en, note_fa, note_en, columns);
	struct report_groups groups = report_group_by(data, GW_USAGE_USES, dim, -1);

	for (size_t i = 0; i < groups.n; i++) {
		const char *dims[GW_USAGE_DIMS_MAX] = { NULL };
		struct gw_report_cell *row = gw_report_row(report, table);

		dims[dim] = groups.names[i];
		row[0] = gw_report_text(groups.names[i]);
		put_outcomes(data, row + 1, dims);
	}
}

static void make_domains(struct gw_report_data *data, struct gw_report *report)
{
	static const struct gw_report_column columns[] = { WORD("domain", "حوزه", "Domain"), USE_COLUMNS, LAST };
	struct gw_report_table *table = gw_report_add(report, "domains", "کاربرد به حوزه", "Uses by domain",
		"حوزه از فهرست خدمات؛ خدمتی که در چند حوزه است «چند حوزه» است.", "By the catalogue; a service of several domains counts under \"several\".",
		columns);
	const struct gw_report_table *uses = gw_report_find(report, "uses");

	for (size_t i = 0; i < uses->n; i++) {
		const struct gw_report_cell *from = uses->rows[i].cells;
		const char *domain = domain_of(data, from[0].text ? from[0].text : "", from[1].text ? from[1].text : "");
		size_t at = 0;

		while (at < table->n && strcmp(table->rows[at].cells[0].text, domain) != 0)
			at++;
		if (at == table->n)
			gw_report_row(report, table)[0] = gw_report_text(domain);
		for (size_t c = 0; c < OUTCOMES_SHOWN; c++)
			table->rows[at].cells[1 + c] = gw_report_number(table->rows[at].cells[1 + c].number + from[2 + c].number);
	}
}

/* Who somebody is is proved on the way: what came before has no province, and no number of it would be true. */
static void make_provinces(struct gw_report_data *data, struct gw_report *report)
{
	static const struct gw_report_column columns[] = { TEXT("province", "استان", "Province"), BAR("finished", "پایان یافته", "Finished"),
		NUMBER("success", "موفق", "Success"), LAST };
	struct gw_report_table *table = gw_report_add(report, "provinces", "کاربرد به استان", "Uses by province",
		"استان شماره پس از اثبات هویت معلوم است، پس فقط پایان کاربردها شمرده شده؛ هرگز از پیش‌شماره حدس زده نمی‌شود.",
		"Of the number, known once the citizen has proved who they are: so only how uses ended is counted. Never guessed from the prefix.", columns);
	struct report_groups groups = report_group_by(data, GW_USAGE_USES, 5, -1);

	for (size_t i = 0; i < groups.n; i++) {
		struct gw_report_cell *row = gw_report_row(report, table);

		row[0] = gw_report_text(groups.names[i]);
		row[1] = gw_report_number(TOTAL(data, GW_USAGE_USES, NULL, NULL, NULL, "finished", NULL, groups.names[i]));
		row[2] = gw_report_number(TOTAL(data, GW_USAGE_USES, NULL, NULL, NULL, "success", NULL, groups.names[i]));
	}
}

static void make_days(struct gw_report_data *data, struct gw_report *report)
{
	static const struct gw_report_column columns[] = { DAY("day", "روز", "Day"), BAR("begun", "آغاز شده", "Begun"),
		NUMBER("finished", "پایان یافته", "Finished"), NUMBER("success", "موفق", "Success"), LAST };
	struct gw_report_table *table = gw_report_add(report, "days", "کاربرد به روز", "Uses by day",
		"روزی که هیچ شمارشی از آن نیست نامعلوم است.", "A day of which nothing was counted is unknown.", columns);

	for (uint16_t i = 0; i <= data->to - data->from; i++) {
		struct gw_report_cell *row = gw_report_row(report, table);

		row[0] = gw_report_number(data->from + i);
		for (size_t c = 0; data->counted[i] && c < 3; c++)
			row[1 + c] = gw_report_number(data->days[i][c]);
	}
}

void report_make_uses(struct gw_report_data *data, struct gw_report *report)
{
	static const struct gw_report_column channel[] = { WORD("channel", "کانال", "Channel"), USE_COLUMNS, LAST };
	static const struct gw_report_column operator[] = { TEXT("operator", "اپراتور یا حساب", "Operator or account"), USE_COLUMNS, LAST };
	static const struct gw_report_column language[] = { WORD("language", "زبان", "Language"), USE_COLUMNS, LAST };

	make_uses(data, report);
	make_domains(data, report);
	make_uses_by(data, report, "channels", "کاربرد به کانال", "Uses by channel", 0, channel, "", "");
	make_uses_by(data, report, "operators", "کاربرد به اپراتور", "Uses by operator", 1, operator,
		     "حساب: از آن درگاهی که با API می‌آید.", "Account: of the portal that comes by the API.");
	make_provinces(data, report);
	make_uses_by(data, report, "languages", "کاربرد به زبان", "Uses by language", 4, language, "", "");
	make_days(data, report);
}

/* ---- visits ---- */

/* In a menu a page says that it stands in place of a visit; elsewhere what was accepted does, if the catalogue says so. */
static bool count_visits(const struct gw_report_data *data, const char *channel, const char *service, struct gw_report_cell *each, int64_t *n)
{
	bool is_menu = strcmp(channel, "ussd") == 0;

	*n = TOTAL(data, GW_USAGE_USES, channel, NULL, service, gw_usage_outcomes[is_menu ? GW_USAGE_VISIT : GW_USAGE_SUCCESS]);
	*each = gw_report_visits(data, channel, service);
	if (is_menu && !each->known)
		*each = gw_report_number(1);
	return *n > 0;
}

void report_make_visits(struct gw_report_data *data, struct gw_report *report)
{
	static const struct gw_report_column columns[] = { WORD("channel", "کانال", "Channel"), TEXT("service", "خدمت", "Service"),
		NUMBER("uses", "کاربرد جانشین مراجعه", "Uses in place of a visit"), NUMBER("visits_each", "مراجعه هر بار", "Visits each"),
		BAR("avoided", "مراجعه‌های کم شده", "Visits avoided"), LAST };
	struct gw_report_table *table = gw_report_add(report, "visits", "مراجعه‌های کم شده", "Visits avoided",
		"تعریف: در منو، کاربردهایی که در آنها شهروند صفحه‌ای را دید که جانشین مراجعه است (در منو با visit نشان شده: بدهی و موعد آن، وضعیت پرونده، پرداخت، نوبت، "
		"شکایت)، هر کاربرد حداکثر یک بار؛ در پیامک و API، درخواست‌های پذیرفته. ضربدر شمار مراجعه‌ای که فهرست خدمات برای هر بار می‌گوید. اگر فهرست چیزی نگوید، در منو "
		"یک است و در کانال‌های دیگر نامعلوم.",
		"Definition: in menus, uses in which the citizen saw a page that stands in place of a visit to an office (marked `visit` in the menu: what is owed "
		"and by when, how a file stands, a payment, an appointment, a complaint), once a use; by SMS and the API, requests that were accepted. Times the "
		"visits that the catalogue says each takes the place of; where it says none, it is one in menus, and unknown elsewhere.", columns);
	const struct gw_report_table *uses = gw_report_find(report, "uses");

	for (size_t i = 0; i < uses->n; i++) {
		const struct gw_report_cell *from = uses->rows[i].cells;
		struct gw_report_cell *row, each;
		int64_t n;

		if (!count_visits(data, from[0].text ? from[0].text : "", from[1].text ? from[1].text : "", &each, &n))
			continue;
		row = gw_report_row(report, table);
		row[0] = from[0];
		row[1] = from[1];
		row[2] = gw_report_number(n);
		row[3] = each;
		if (each.known)
			row[4] = gw_report_number(each.number * n);
	}
}

/* ---- where citizens leave ---- */

struct leave { const char *service, *screen; int64_t shown, left, cut; };

static int by_left(const void *a, const void *b)
{
	const struct leave *x = a, *y = b;
	int named = strcmp(x->service, y->service);

	if (x->left != y->left)
		return x->left < y->left ? 1 : -1;
	return named ? named : strcmp(x->screen, y->screen);
}

void report_make_screens(struct gw_report_data *data, struct gw_report *report)
{
	static const struct gw_report_column columns[] = { TEXT("service", "خدمت", "Service"), TEXT("screen", "صفحه", "Screen"),
		NUMBER("shown", "نشان داده", "Shown"), BAR("left", "رها شده", "Left"), NUMBER("cut", "قطع شده", "Cut"), LAST };
	struct gw_report_table *table = gw_report_add(report, "screens", "صفحه‌هایی که رها می‌شوند", "Where citizens leave",
		"صفحه‌هایی که نشان داده شدند و پاسخی نگرفتند و صفحه خواندنی نیستند؛ ۲۵ صفحه نخست. خدمت نامعلوم: صفحه نخست منو.",
		"Pages shown that got no answer and are not for reading; the first 25. Unknown service: the menu's first pages.", columns);
	struct report_groups groups = report_group_by(data, GW_USAGE_SCREENS, 0, 1);
	struct leave *leaves = talloc_zero_array(data, struct leave, (unsigned int)groups.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < groups.n; i++) {
		struct leave *leave = &leaves[n];
		const char *parts[2];

		report_halves(data, groups.names[i], parts);
		*leave = (struct leave){ .service = parts[0], .screen = parts[1], .shown = TOTAL(data, GW_USAGE_SCREENS, parts[0], parts[1], "shown"),
			.cut = TOTAL(data, GW_USAGE_SCREENS, parts[0], parts[1], "cut") };
		leave->left = leave->shown - TOTAL(data, GW_USAGE_SCREENS, parts[0], parts[1], "answered");
		n += leave->left > 0 && !TOTAL(data, GW_USAGE_SCREENS, parts[0], parts[1], "read");
	}
	qsort(leaves, n, sizeof(leaves[0]), by_left);
	for (size_t i = 0; i < n && i < SCREENS_SHOWN; i++) {
		struct gw_report_cell *row = gw_report_row(report, table);

		row[0] = gw_report_service(data, leaves[i].service);
		row[1] = gw_report_text(leaves[i].screen);
		row[2] = gw_report_number(leaves[i].shown);
		row[3] = gw_report_number(leaves[i].left);
		row[4] = gw_report_number(leaves[i].cut);
	}
}

