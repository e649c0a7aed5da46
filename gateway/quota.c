/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See quota.h. One record for each agency that was here since the start; there are as many as accounts at most.
 *
 *   IDLE --something was taken--> ADDING --done--> READING --read--> IDLE
 *   IDLE --not known yet, or read long ago-------> READING
 *
 * An addition whose answer was lost is made again as it is: the ledger knows it by its stamp and counts it once. */
#include <stdio.h>
#include <string.h>

#include <osmocom/core/linuxlist.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/account.h"
#include "gateway/quota.h"
#include "sessions/store.h"

#define ADD_EVERY_MS 250
#define READ_EVERY_MS 2000
#define USED_MS 60000          /* who did nothing for so long is not looked after */
#define RETRY_MS 250
#define MINUTE_MS INT64_C(60000)
#define DAY_MS 86400000
#define KEEP_MS (3 * (int64_t)DAY_MS)

enum step { IDLE, ADDING, READING };

struct quota {
	struct llist_head entry;
	uint64_t token;
	char agency[GW_ACCOUNT_NAME_MAX + 1];
	int64_t minute_ms;               /* when the minute began; 0: never */
	unsigned int calls;
	int64_t day;
	bool known;
	int64_t tally, taken;            /* as it was read; here, and not in it yet: below 0 if more was given back */
	enum step step;
	bool under_way;
	int64_t adding;                  /* of `taken` */
	int64_t adding_day;
	struct sess_ledger_commit *commit;
	int64_t used_ms, next_ms, read_ms; /* monotonic */
};

struct gw_quotas {
	struct sess_ledger *ledger;
	int utc_offset;
	struct llist_head all;
	uint64_t tokens;
	int64_t now_ms;
};

static int64_t day_of(const struct gw_quotas *quotas, int64_t wall_ms)
{
	return (wall_ms + quotas->utc_offset * MINUTE_MS) / DAY_MS;
}

unsigned int gw_quotas_day_left_s(const struct gw_quotas *quotas, int64_t wall_ms)
{
	return (unsigned int)((DAY_MS - (wall_ms + quotas->utc_offset * MINUTE_MS) % DAY_MS + 999) / 1000);
}

static struct quota *find(struct gw_quotas *quotas, const char *agency)
{
	struct quota *quota;

	llist_for_each_entry(quota, &quotas->all, entry)
		if (strcmp(quota->agency, agency) == 0)
			return quota;
	quota = talloc_zero(quotas, struct quota);
	OSMO_STRLCPY_ARRAY(quota->agency, agency);
	quota->token = ++quotas->tokens;
	llist_add(&quota->entry, &quotas->all);
	return quota;
}

static struct quota *at_token(struct gw_quotas *quotas, uint64_t token)
{
	struct quota *quota;

	llist_for_each_entry(quota, &quotas->all, entry)
		if (quota->token == token)
			return quota;
	return NULL;
}

/* Today's. What was taken yesterday and is not in its tally yet does not matter any more. */
static struct quota *find_today(struct gw_quotas *quotas, const char *agency, int64_t wall_ms)
{
	struct quota *quota = find(quotas, agency);
	int64_t day = day_of(quotas, wall_ms);

	quota->used_ms = quotas->now_ms;
	if (quota->day != day) {
		quota->day = day;
		quota->known = false;
		quota->tally = quota->taken = 0;
		quota->next_ms = 0;
	}
	return quota;
}

/* ---- calls of a minute ---- */
unsigned int gw_quotas_call(struct gw_quotas *quotas, const char *agency, unsigned int per_minute, int64_t now_ms)
{
	struct quota *quota = find(quotas, agency);

	if (!per_minute)
		return 0;
	if (!quota->minute_ms || now_ms - quota->minute_ms >= 60000) {
		quota->minute_ms = now_ms;
		quota->calls = 0;
	}
	if (quota->calls >= per_minute)
		return (unsigned int)((60000 - (now_ms - quota->minute_ms) + 999) / 1000);
	quota->calls++;
	return 0;
}

/* ---- notices of a day ---- */
static uint64_t used(const struct quota *quota)
{
	int64_t sum = quota->tally + quota->taken;

	return sum > 0 ? (uint64_t)sum : 0;
}

bool gw_quotas_known(struct gw_quotas *quotas, const char *agency, int64_t wall_ms)
{
	return find_today(quotas, agency, wall_ms)->known;
}

uint64_t gw_quotas_used(struct gw_quotas *quotas, const char *agency, int64_t wall_ms)
{
	return used(find_today(quotas, agency, wall_ms));
}

uint64_t gw_quotas_left(struct gw_quotas *quotas, const char *agency, unsigned int per_day, int64_t wall_ms)
{
	uint64_t gone = gw_quotas_used(quotas, agency, wall_ms);

	return gone < per_day ? per_day - gone : 0;
}

bool gw_quotas_take(struct gw_quotas *quotas, const char *agency, unsigned int per_day, unsigned int n, int64_t wall_ms)
{
	struct quota *quota = find_today(quotas, agency, wall_ms);

	if (per_day && used(quota) + n > per_day)
		return false;
	quota->taken += n;
	return true;
}

void gw_quotas_give(struct gw_quotas *quotas, const char *agency, unsigned int n, int64_t wall_ms)
{
	find_today(quotas, agency, wall_ms)->taken -= n;
}

/* ---- the tally ---- */
static void make_key(char key[SESS_LEDGER_KEY_OCTETS], const struct quota *quota, int64_t day)
{
	char id[64];

	snprintf(id, sizeof(id), "%s.%lld", quota->agency, (long long)day);
	if (!sess_ledger_key(key, "quota", sess_store_partition(quota->agency), id))
		OSMO_ASSERT(false); /* an agency's name fits */
}

static void on_read(void *ctx, uint64_t token, enum sess_ledger_result result, int64_t count)
{
	struct gw_quotas *quotas = ctx;
	struct quota *quota = at_token(quotas, token);

	quota->under_way = false;
	quota->step = IDLE;
	quota->next_ms = quotas->now_ms + (result == SESS_LEDGER_OK ? ADD_EVERY_MS : RETRY_MS);
	if (result != SESS_LEDGER_OK || quota->adding_day != quota->day)
		return;
	quota->tally = count > 0 ? count : 0;
	quota->known = true;
	quota->read_ms = quotas->now_ms;
}

static void read_tally(struct gw_quotas *quotas, struct quota *quota)
{
	char key[SESS_LEDGER_KEY_OCTETS];

	quota->adding_day = quota->day;
	make_key(key, quota, quota->day);
	quota->under_way = sess_ledger_tally(quotas->ledger, key, on_read, quotas, quota->token) == 0;
	quota->next_ms = quotas->now_ms + RETRY_MS; /* if it is not */
}

static void on_added(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct gw_quotas *quotas = ctx;
	struct quota *quota = at_token(quotas, token);

	(void)there;
	quota->under_way = false;
	quota->next_ms = quotas->now_ms + RETRY_MS;
	if (result == SESS_LEDGER_DOWN || result == SESS_LEDGER_BUSY)
		return; /* the same again */
	if (quota->adding_day == quota->day && result == SESS_LEDGER_OK) {
		quota->tally += quota->adding;
		quota->taken -= quota->adding;
	}
	TALLOC_FREE(quota->commit);
	quota->step = READING;
	quota->next_ms = 0;
}

static void go_add(struct gw_quotas *quotas, struct quota *quota)
{
	quota->under_way = sess_ledger_commit_go(quota->commit, on_added, quotas, quota->token) == 0;
	quota->next_ms = quotas->now_ms + RETRY_MS;
}

static void begin_add(struct gw_quotas *quotas, struct quota *quota)
{
	char key[SESS_LEDGER_KEY_OCTETS];

	quota->step = ADDING;
	quota->adding = quota->taken;
	quota->adding_day = quota->day;
	make_key(key, quota, quota->day);
	quota->commit = sess_ledger_commit_begin(quota, quotas->ledger, sess_store_partition(quota->agency));
	sess_ledger_tally_add(quota->commit, key, quota->adding, KEEP_MS);
	go_add(quotas, quota);
}

static void tick_idle(struct gw_quotas *quotas, struct quota *quota)
{
	bool in_use = quotas->now_ms - quota->used_ms < USED_MS;

	if (quota->taken) {
		begin_add(quotas, quota);
	} else if (in_use && (!quota->known || quotas->now_ms - quota->read_ms >= READ_EVERY_MS)) {
		quota->step = READING;
		read_tally(quotas, quota);
	}
}

static void tick_one(struct gw_quotas *quotas, struct quota *quota)
{
	if (quota->under_way || !quota->day || quotas->now_ms < quota->next_ms)
		return;
	switch (quota->step) {
	case IDLE:
		tick_idle(quotas, quota);
		return;
	case ADDING:
		go_add(quotas, quota);
		return;
	case READING:
		read_tally(quotas, quota);
		return;
	}
}

void gw_quotas_tick(struct gw_quotas *quotas, int64_t now_ms)
{
	struct quota *quota;

	quotas->now_ms = now_ms;
	llist_for_each_entry(quota, &quotas->all, entry)
		tick_one(quotas, quota);
}

struct gw_quotas *gw_quotas_alloc(void *ctx, struct sess_ledger *ledger, int utc_offset)
{
	struct gw_quotas *quotas = talloc_zero(ctx, struct gw_quotas);

	quotas->ledger = ledger;
	quotas->utc_offset = utc_offset;
	INIT_LLIST_HEAD(&quotas->all);
	return quotas;
}
