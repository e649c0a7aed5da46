/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See usage.h. Here is the way into the ledger, and the hooks but for those of dialogs. */
#include "gateway/usage.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <osmocom/core/utils.h>
#include <sodium.h>
#include <talloc.h>

#include "gateway/usage_priv.h"
#include "menus/unicode.h"
#include "sessions/clock.h"
#include "sessions/store.h"
#include "sessions/tally.h"

#define FLUSH_MS 5000
#define RETRY_MS 1000
#define MARK_KEEP_MS INT64_C(604800000)  /* a week: longer than anybody waits for Redis with the same counts */
#define MINUTE_MS INT64_C(60000)
#define TEHRAN_MINUTES 210               /* where menu_unicode_time has the midnight of a day that is written, in summer time up to 2022 */
#define MORNING_MS (6 * 60 * MINUTE_MS)
#define DAY_MS INT64_C(86400000)

const char *const gw_usage_outcomes[GW_USAGE_OUTCOMES] = {
	[GW_USAGE_BEGUN] = "begun", [GW_USAGE_FINISHED] = "finished", [GW_USAGE_SUCCESS] = "success", [GW_USAGE_NOT_FOUND] = "not_found",
	[GW_USAGE_REFUSED] = "refused", [GW_USAGE_FAILED] = "failed", [GW_USAGE_LATE] = "late", [GW_USAGE_CUT] = "cut",
	[GW_USAGE_TIMED_OUT] = "timed_out", [GW_USAGE_WRONG] = "wrong",
	[GW_USAGE_VISIT] = "visit",
};
const unsigned int gw_usage_times_ms[] = { 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 0 };
const unsigned int gw_usage_waits_s[] = { 60, 3600, 21600, 86400, 259200, 604800, 2592000, 0 };
_Static_assert(ARRAY_SIZE(gw_usage_times_ms) == GW_USAGE_TIMES && ARRAY_SIZE(gw_usage_waits_s) == GW_USAGE_WAITS_N, "as the header says");

/* ---- names and days ---- */

const char *gw_usage_bucket_name(const unsigned int *bounds, size_t i, char text[12])
{
	if (bounds[i])
		snprintf(text, 12, "%u", bounds[i]);
	else
		memcpy(text, "more", 5);
	return text;
}

uint16_t gw_usage_day(int64_t wall_ms, int utc_offset)
{
	return (uint16_t)((wall_ms + utc_offset * MINUTE_MS) / DAY_MS);
}

bool gw_usage_day_read(const char *text, uint16_t *day)
{
	int64_t ms;
	bool clock;

	if (!menu_unicode_time(text, &ms, &clock) || clock || ms < 0)
		return false;
	*day = gw_usage_day(ms + MORNING_MS, TEHRAN_MINUTES);
	return true;
}

void gw_usage_day_text(uint16_t day, char text[12])
{
	time_t at = (time_t)day * 86400;
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(text, 12, "%Y-%m-%d", &tm);
}

static void make_key(uint16_t day, const char *kind, const char *id, char key[GW_USAGE_KEY_OCTETS])
{
	char text[12];

	gw_usage_day_text(day, text);
	snprintf(key, GW_USAGE_KEY_OCTETS, "%s:{p%02u}:%s", kind, sess_store_partition(text), id ? id : text);
}

void gw_usage_key(uint16_t day, char key[GW_USAGE_KEY_OCTETS])
{
	make_key(day, "usage", NULL, key);
}

/* ---- counting ---- */

void usage_add(struct gw_usage *usage, enum gw_usage_table table, const gw_usage_name *dims, size_t n, uint64_t by)
{
	gw_usage_cells_add(usage->cells, usage->today, table, dims, n, by);
}

/* The bucket that it falls into, and the sum of all. dims[n] is for the bucket. */
void usage_add_time(struct gw_usage *usage, enum gw_usage_table table, gw_usage_name *dims, size_t n, const gw_usage_name *names,
		    const unsigned int *bounds, uint64_t time)
{
	size_t i;

	for (i = 0; bounds[i] && time > bounds[i]; i++)
		;
	dims[n] = names[i];
	usage_add(usage, table, dims, n + 1, 1);
	dims[n] = usage->name.sum;
	if (time)
		usage_add(usage, table, dims, n + 1, time);
}

void gw_usage_called(struct gw_usage *usage, const char *agency, int64_t ms, bool good)
{
	gw_usage_name dims[GW_USAGE_DIMS_MAX];

	if (!usage)
		return;
	dims[0] = gw_usage_name_of(usage->cells, agency);
	if (good) {
		usage_add_time(usage, GW_USAGE_CALLS, dims, 1, usage->name.times, gw_usage_times_ms, ms < 0 ? 0 : (uint64_t)ms);
		return;
	}
	dims[1] = usage->name.outcomes[GW_USAGE_FAILED];
	usage_add(usage, GW_USAGE_CALLS, dims, 2, 1);
}

void gw_usage_act(struct gw_usage *usage, const char *account, const char *service, const char *language, enum gw_usage_outcome outcome)
{
	const enum gw_usage_outcome all[] = { GW_USAGE_BEGUN, outcome, GW_USAGE_FINISHED };
	gw_usage_name dims[5];

	if (!usage)
		return;
	dims[0] = usage->name.api;
	dims[1] = gw_usage_name_of(usage->cells, account);
	dims[2] = gw_usage_name_of(usage->cells, service);
	dims[4] = gw_usage_name_of(usage->cells, language);
	for (size_t i = 0; i < (outcome == GW_USAGE_SUCCESS ? 3 : 2); i++) {
		dims[3] = usage->name.outcomes[all[i]];
		usage_add(usage, GW_USAGE_USES, dims, 5, 1);
	}
}

void gw_usage_text_request(struct gw_usage *usage, const char *route, const char *service, const char *language, enum gw_usage_outcome outcome)
{
	if (usage)
		usage_add(usage, GW_USAGE_USES, (const gw_usage_name[]){ usage->name.sms, gw_usage_name_of(usage->cells, route),
			  gw_usage_name_of(usage->cells, service), usage->name.outcomes[outcome], gw_usage_name_of(usage->cells, language) }, 5, 1);
}

void gw_usage_request(struct gw_usage *usage, const char *agency, const char *channel, const char *state, int64_t waited_ms)
{
	gw_usage_name dims[3];

	if (!usage)
		return;
	dims[0] = gw_usage_name_of(usage->cells, agency);
	dims[1] = gw_usage_name_of(usage->cells, channel);
	dims[2] = gw_usage_name_of(usage->cells, state);
	usage_add(usage, GW_USAGE_REQUESTS, dims, 3, 1);
	if (waited_ms >= 0)
		usage_add_time(usage, GW_USAGE_WAITS, dims, 1, usage->name.waits, gw_usage_waits_s, (uint64_t)waited_ms / 1000);
}

/* ---- into the ledger ---- */

static void on_added(void *ctx, bool ok)
{
	struct gw_usage *usage = ctx;

	usage->under_way = false;
	if (!ok) {
		usage->failures++;
		usage->next_ms = sess_clock_ms() + RETRY_MS;
		return;
	}
	gw_usage_cells_settle(usage->cells);
	usage->n = 0;
	usage->flushes++;
}

/* Takes what there is of the oldest day into the add that is under way until it is known as done. */
static void gather(struct gw_usage *usage)
{
	struct gw_usage_cell *cell;
	size_t at = 0;

	if (!gw_usage_cells_oldest(usage->cells, &usage->day))
		return;
	usage->number++;
	if (gw_usage_cells_lost(usage->cells) > usage->lost_told) {
		usage->items[usage->n++] = (struct sess_tally){ "outages|uncounted|", (int64_t)(gw_usage_cells_lost(usage->cells) - usage->lost_told) };
		usage->lost_told = gw_usage_cells_lost(usage->cells);
	}
	while (usage->n < SESS_TALLY_ADD_MAX && (cell = gw_usage_cells_next(usage->cells, usage->day, &at))) {
		if (!gw_usage_print(usage->cells, cell, usage->texts[usage->n], sizeof(usage->texts[0])))
			continue; /* cannot be: names and dimensions are bounded */
		cell->sent = (uint32_t)OSMO_MIN(cell->value, (uint64_t)UINT32_MAX);
		usage->items[usage->n] = (struct sess_tally){ usage->texts[usage->n], cell->sent };
		usage->n++;
	}
}

static bool send(struct gw_usage *usage)
{
	char key[GW_USAGE_KEY_OCTETS], mark[GW_USAGE_KEY_OCTETS];
	const struct sess_tallies_add add = { .key = key, .mark = mark, .number = usage->number, .keep_ms = usage->config.keep_ms,
		.mark_keep_ms = MARK_KEEP_MS, .items = usage->items, .n = usage->n };

	gw_usage_key(usage->day, key);
	make_key(usage->day, "usage-mark", usage->process, mark);
	usage->under_way = sess_tallies_add(usage->tallies, &add, on_added, usage) == 0;
	return usage->under_way;
}

static void flush(struct gw_usage *usage)
{
	if (usage->under_way || !sess_redis_up(usage->config.redis))
		return;
	if (!usage->n)
		gather(usage);
	if (usage->n)
		send(usage);
}

void gw_usage_tick(struct gw_usage *usage)
{
	int64_t now_ms = sess_clock_ms();

	if (!usage)
		return;
	usage->today = gw_usage_day(sess_clock_wall_ms(), usage->config.utc_offset);
	if (now_ms < usage->next_ms)
		return;
	usage->next_ms = now_ms + FLUSH_MS;
	flush(usage);
}

bool gw_usage_close(struct gw_usage *usage)
{
	uint16_t day;

	if (!usage)
		return true;
	flush(usage);
	return !usage->under_way && !usage->n && !gw_usage_cells_oldest(usage->cells, &day);
}

/* ---- life ---- */

static void name_all(struct gw_usage *usage)
{
	struct usage_names *name = &usage->name;
	char text[12];

	name->ussd = gw_usage_name_of(usage->cells, "ussd");
	name->sms = gw_usage_name_of(usage->cells, "sms");
	name->api = gw_usage_name_of(usage->cells, "api");
	name->sum = gw_usage_name_of(usage->cells, "sum");
	name->shown = gw_usage_name_of(usage->cells, "shown");
	name->answered = gw_usage_name_of(usage->cells, "answered");
	name->read = gw_usage_name_of(usage->cells, "read");
	for (size_t i = 0; i < GW_USAGE_OUTCOMES; i++)
		name->outcomes[i] = gw_usage_name_of(usage->cells, gw_usage_outcomes[i]);
	for (size_t i = 0; i < GW_USAGE_TIMES; i++)
		name->times[i] = gw_usage_name_of(usage->cells, gw_usage_bucket_name(gw_usage_times_ms, i, text));
	for (size_t i = 0; i < GW_USAGE_WAITS_N; i++)
		name->waits[i] = gw_usage_name_of(usage->cells, gw_usage_bucket_name(gw_usage_waits_s, i, text));
}

struct gw_usage *gw_usage_alloc(void *ctx, const struct gw_usage_config *config)
{
	struct gw_usage *usage = talloc_zero(ctx, struct gw_usage);
	uint8_t random[8];

	usage->config = *config;
	usage->cells = gw_usage_cells_alloc(usage);
	usage->tallies = sess_tallies_alloc(usage, config->redis);
	usage->next_ms = sess_clock_ms() + FLUSH_MS;
	usage->today = gw_usage_day(sess_clock_wall_ms(), config->utc_offset);
	randombytes_buf(random, sizeof(random));
	sodium_bin2hex(usage->process, sizeof(usage->process), random, sizeof(random));
	name_all(usage);
	return usage;
}

uint64_t gw_usage_lost(const struct gw_usage *usage)
{
	return gw_usage_cells_lost(usage->cells);
}

uint64_t gw_usage_flushes(const struct gw_usage *usage)
{
	return usage->flushes;
}

uint64_t gw_usage_failures(const struct gw_usage *usage)
{
	return usage->failures;
}
