/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What became of a job's notices: tallies, one for each partition and kind, added to in the commits that change the notices - a tally of
 * a whole job would lie in a partition where most of them are not - and summed when somebody asks.
 *
 * Each notice is counted once in each state that it comes to, and once more when it has *left*: when it is no longer to be sent. (A notice
 * whose SMS failed after it had been sent, and that then goes by USSD, is to be sent once more, and leaves twice.) */
#include <errno.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/bulk_priv.h"

static void add(struct sess_ledger_commit *commit, const struct gw_notice *notice, unsigned int tally)
{
	char key[SESS_LEDGER_KEY_OCTETS];

	gw_bulk_tally_key(key, (unsigned int)gw_notice_partition(notice->id), notice->bulk, tally);
	sess_ledger_tally_add(commit, key, 1, GW_BULK_KEEP_MS);
}

/* A receipt may be faster than the network's answer: then it was sent, too. */
void gw_bulk_count(struct sess_ledger_commit *commit, const struct gw_notice *notice, enum gw_notice_state before)
{
	if (!notice->bulk[0] || gw_notice_partition(notice->id) < 0 || gw_bulk_partition(notice->bulk) < 0 ||
	    notice->state < GW_BULK_FIRST)
		return;
	add(commit, notice, notice->state);
	if (before >= GW_BULK_FIRST)
		return;
	add(commit, notice, GW_BULK_LEFT);
	if (notice->state == GW_NOTICE_DELIVERED)
		add(commit, notice, GW_NOTICE_SENT);
}

/* ---- sums: one tally after the other, all partitions of it at once ---- */

struct sum {
	struct gw_bulk *bulk;
	char id[GW_BULK_ID_OCTETS];
	unsigned int wanted;             /* 1 << tally, added up: those that are still to be asked for, */
	unsigned int asked;              /* and the one that is */
	unsigned int pending;
	bool failed;
	int64_t tallies[GW_BULK_TALLIES];
	bulk_sum_cb *cb;
	void *ctx;
	uint64_t token;
};

static int ask_next(struct sum *sum);

static void on_tally(void *ctx, uint64_t token, enum sess_ledger_result result, int64_t count)
{
	struct sum *sum = ctx;

	(void)token;
	if (result == SESS_LEDGER_OK)
		sum->tallies[sum->asked] += count;
	else
		sum->failed = true;
	if (--sum->pending)
		return;
	if (!sum->failed && sum->wanted && ask_next(sum) == 0)
		return;
	sum->cb(sum->ctx, sum->token, sum->failed || sum->wanted ? NULL : sum->tallies);
	talloc_free(sum);
}

/* -ENOTCONN: the ledger is being freed. */
static int ask_next(struct sum *sum)
{
	char key[SESS_LEDGER_KEY_OCTETS];

	sum->asked = 0;
	while (!(sum->wanted & 1U << sum->asked))
		sum->asked++;
	sum->wanted &= ~(1U << sum->asked);
	for (unsigned int p = 0; p < SESS_QUEUE_PARTITIONS; p++) {
		gw_bulk_tally_key(key, p, sum->id, sum->asked);
		if (sess_ledger_tally(sum->bulk->gw->ledger, key, on_tally, sum, 0) == 0)
			sum->pending++;
		else
			sum->failed = true;
	}
	return sum->pending ? 0 : -ENOTCONN;
}

int bulk_sum(struct gw_bulk *bulk, const char *id, unsigned int wanted, bulk_sum_cb *cb, void *ctx, uint64_t token)
{
	struct sum *sum = talloc_zero(bulk, struct sum);
	int rc;

	sum->bulk = bulk;
	OSMO_STRLCPY_ARRAY(sum->id, id);
	sum->wanted = wanted;
	sum->cb = cb;
	sum->ctx = ctx;
	sum->token = token;
	rc = ask_next(sum);
	if (rc < 0)
		talloc_free(sum);
	return rc;
}
