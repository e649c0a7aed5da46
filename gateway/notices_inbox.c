/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A citizen's inbox: the index of their notices by time, and the records, in batches. Members whose record has expired are taken out
 * of the index by whoever meets them; that may fail, and is then done by the next. */
#include <errno.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/notices_priv.h"
#include "sessions/clock.h"
#include "sessions/store.h"

#define LOOK_MAX 256            /* of the newest */
#define BATCH SESS_LEDGER_LOAD_MAX
#define SWEEP_MAX 16            /* members taken out at once */

struct look {
	struct gw_notices *notices;
	char key[SESS_LEDGER_KEY_OCTETS];
	unsigned int partition;
	int64_t from_ms;
	unsigned int skip, n;            /* wanted */
	size_t found, at;                /* ids; loaded so far */
	char ids[LOOK_MAX][GW_NOTICE_ID_OCTETS];
	struct gw_notice *page[GW_NOTICES_INBOX_MAX];
	size_t n_page;
	unsigned int seen, unread;
	struct sess_ledger_commit *sweep;
	unsigned int swept;
	gw_notices_inbox_cb *cb;
	void *ctx;
	uint64_t token;
};

static void answer(struct look *look, enum sess_ledger_result result)
{
	bool good = result == SESS_LEDGER_OK;

	if (good && look->sweep)
		sess_ledger_commit_go(look->sweep, NULL, NULL, 0);
	look->cb(look->ctx, look->token, result, look->page, good ? look->n_page : 0, good ? look->seen : 0, good ? look->unread : 0);
	talloc_free(look);
}

static void sweep(struct look *look, const char *id)
{
	if (look->swept++ >= SWEEP_MAX)
		return;
	if (!look->sweep)
		look->sweep = sess_ledger_commit_begin(look, look->notices->config.ledger, look->partition);
	sess_ledger_unindex(look->sweep, look->key, id);
}

static void take(struct look *look, struct gw_notice *notice)
{
	if (notice->inbox == GW_INBOX_NOT || notice->inbox == GW_INBOX_DELETED || notice->accepted_ms < look->from_ms ||
	    notice->not_before_ms > sess_clock_wall_ms()) {
		talloc_free(notice);
		return;
	}
	look->unread += notice->inbox == GW_INBOX_UNREAD;
	if (look->seen++ >= look->skip && look->n_page < look->n)
		look->page[look->n_page++] = notice;
	else
		talloc_free(notice);
}

static void load_more(struct look *look);

static void on_records(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct look *look = ctx;

	(void)token;
	if (result != SESS_LEDGER_OK) {
		answer(look, result);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct gw_notice *notice = records[i].stamp ? gw_notice_decode(look, records[i].value, records[i].octets) : NULL;

		if (notice)
			take(look, notice);
		else if (!records[i].stamp)
			sweep(look, look->ids[look->at + i]);
	}
	look->at += n;
	load_more(look);
}

static void load_more(struct look *look)
{
	size_t n = OSMO_MIN(look->found - look->at, (size_t)BATCH);
	char keys[BATCH][SESS_LEDGER_KEY_OCTETS];
	const char *pointers[BATCH];

	if (n == 0) {
		answer(look, SESS_LEDGER_OK);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		sess_ledger_key(keys[i], "notice", look->partition, look->ids[look->at + i]);
		pointers[i] = keys[i];
	}
	if (sess_ledger_load(look->notices->config.ledger, pointers, n, on_records, look, 0) < 0)
		answer(look, SESS_LEDGER_DOWN);
}

static void on_members(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_member *members, size_t n)
{
	struct look *look = ctx;

	(void)token;
	if (result != SESS_LEDGER_OK) {
		answer(look, result);
		return;
	}
	for (size_t i = 0; i < n && look->found < LOOK_MAX; i++)
		if (gw_notice_partition(members[i].member) == (int)look->partition)
			osmo_strlcpy(look->ids[look->found++], members[i].member, GW_NOTICE_ID_OCTETS);
	load_more(look);
}

int gw_notices_inbox(struct gw_notices *notices, const char *msisdn, int64_t from_ms, unsigned int skip, unsigned int n, gw_notices_inbox_cb *cb, void *ctx,
		     uint64_t token)
{
	struct look *look = talloc_zero(notices, struct look);
	const struct sess_ledger_range range = { .key = look->key, .min = 0, .max = 1e18, .newest_first = true, .n = LOOK_MAX };
	int rc = -EINVAL;

	look->notices = notices;
	look->partition = sess_store_partition(msisdn);
	look->from_ms = from_ms;
	look->skip = skip;
	look->n = OSMO_MIN(n, (unsigned int)GW_NOTICES_INBOX_MAX);
	look->cb = cb;
	look->ctx = ctx;
	look->token = token;
	if (sess_ledger_key(look->key, "inbox", look->partition, msisdn))
		rc = sess_ledger_range(notices->config.ledger, &range, on_members, look, 0);
	if (rc < 0)
		talloc_free(look);
	return rc;
}
