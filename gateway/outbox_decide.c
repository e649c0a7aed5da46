/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What is to be done with a notice that was taken: nothing, because it is over; something, but not now; or to send it, in which language
 * and as which text. And what is to be done with parts that somebody else was about to send. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/consent.h"
#include "gateway/log.h"
#include "gateway/outbox_priv.h"
#include "gateway/receipts.h"

#define AHEAD_MAX_MS 3600000    /* what is not due is looked at again at least this often */
#define QUIET_SPREAD_MS 300000  /* not everything at once when the night is over */
#define BULK_PAUSE_MS 5000      /* a paused job's notices are looked at again */
#define BULK_UNKNOWN_MS 300     /* whether it is paused is being asked for */
#define KEYS_MAX (3 + GW_SMS_PARTS_MAX)

/* ---- loading: notice, consent, early receipts; behind a conflict the places of receipts, too ---- */

struct batch {
	struct gw_outbox *outbox;
	bool again;                      /* one job, which has an outcome to report */
	size_t n;
	uint64_t tokens[SESS_LEDGER_LOAD_MAX / 3];
};

static void take_records(struct gw_job *job, const struct sess_ledger_record *records)
{
	const struct sess_ledger_record *notice = &records[0], *early = &records[2];

	job->stamp = notice->stamp;
	job->early_stamp = early->stamp;
	job->early_used = false;
	TALLOC_FREE(job->early);
	if (!early->stamp)
		return;
	job->early = talloc_zero(job->outbox, struct gw_early);
	gw_early_decode(job->early, early->value, early->octets);
}

static void on_loaded_again(struct gw_job *job, const struct sess_ledger_record *records, size_t n)
{
	struct gw_notice *present = records[0].stamp ? gw_notice_decode(job->outbox, records[0].value, records[0].octets) : NULL;

	take_records(job, records);
	for (size_t i = 0, next = 3; i < job->notice->n_parts && next < n; i++)
		if (job->mask >> i & 1 && job->notice->parts[i].id[0])
			job->receipt_stamps[i] = records[next++].stamp;
	gw_job_merge(job, present);
}

static void on_loaded_first(struct gw_job *job, const struct sess_ledger_record *records)
{
	TALLOC_FREE(job->notice);
	if (records[0].stamp)
		job->notice = gw_notice_decode(job->outbox, records[0].value, records[0].octets);
	take_records(job, records);
	if (!records[0].stamp) { /* it has expired: whoever kept it so long in the queue */
		gw_job_settle(job, VERB_DONE, 0, NULL);
		return;
	}
	if (!job->notice || strcmp(job->notice->msisdn, job->msisdn) != 0) {
		LOGP(GW_LOG_NOTICE, LOGL_ERROR, "notice(%s) its record cannot be read: it is buried\n", job->id);
		gw_job_settle(job, VERB_BURY, 0, "its record cannot be read");
		return;
	}
	job->refused = job->notice->klass == GW_NOTICE_INFO && gw_consent_stopped(records[1].value, records[1].octets, job->notice->sender);
	gw_job_decide(job);
}

static void on_loaded(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct batch *batch = ctx;

	(void)token;
	for (size_t i = 0; i < batch->n; i++) {
		struct gw_job *job = gw_job_at(batch->outbox, batch->tokens[i]);

		if (!job)
			continue;
		if (result != SESS_LEDGER_OK)
			gw_job_pause(job);
		else if (batch->again)
			on_loaded_again(job, records, n);
		else
			on_loaded_first(job, &records[3 * i]);
	}
	talloc_free(batch);
}

static size_t keys_of(const struct gw_job *job, bool again, char (*keys)[SESS_LEDGER_KEY_OCTETS])
{
	size_t n = 3;

	gw_notices_key(keys[0], job->id);
	gw_consent_key(keys[1], job->msisdn);
	sess_ledger_key(keys[2], "early", job->handle.partition, job->msisdn);
	for (unsigned int i = 0; again && i < job->notice->n_parts; i++)
		if (job->mask >> i & 1 && job->notice->parts[i].id[0])
			gw_receipt_key(keys[n++], job->lane->route->id, job->msisdn, job->notice->parts[i].id);
	return n;
}

void gw_jobs_load(struct gw_outbox *outbox, struct gw_job *const *jobs, size_t n)
{
	bool again = n == 1 && jobs[0]->stage == JOB_REPORTING;
	char keys[SESS_LEDGER_LOAD_MAX][SESS_LEDGER_KEY_OCTETS];
	const char *pointers[SESS_LEDGER_LOAD_MAX];
	struct batch *batch = talloc_zero(outbox, struct batch);
	size_t n_keys = 0;

	batch->outbox = outbox;
	batch->again = again;
	batch->n = n;
	for (size_t i = 0; i < n; i++) {
		batch->tokens[i] = gw_job_token(jobs[i]);
		n_keys += keys_of(jobs[i], again, &keys[n_keys]);
	}
	for (size_t i = 0; i < n_keys; i++)
		pointers[i] = keys[i];
	if (sess_ledger_load(outbox->config.ledger, pointers, n_keys, on_loaded, batch, 0) == 0)
		return;
	talloc_free(batch); /* the ledger is going */
	for (size_t i = 0; i < n; i++)
		gw_job_free(jobs[i]);
}

/* ---- parts that somebody was about to send ---- */

static bool has_part(const struct gw_notice *notice, enum gw_part_state state)
{
	for (unsigned int i = 0; i < notice->n_parts; i++)
		if (notice->parts[i].state == state)
			return true;
	return false;
}

static int64_t oldest_unknown_ms(const struct gw_notice *notice)
{
	int64_t oldest = INT64_MAX;

	for (unsigned int i = 0; i < notice->n_parts; i++)
		if (notice->parts[i].state == GW_PART_UNKNOWN)
			oldest = OSMO_MIN(oldest, notice->parts[i].at_ms);
	return oldest;
}

static void turn_parts(struct gw_notice *notice, enum gw_part_state from, enum gw_part_state to)
{
	for (unsigned int i = 0; i < notice->n_parts; i++)
		if (notice->parts[i].state == from)
			notice->parts[i].state = to;
}

/* Nobody will send them any more, and so nothing is left to do but to write down what is known. */
static void gave_up(struct gw_job *job)
{
	struct gw_outbox *outbox = job->outbox;

	gw_notices_set_state(outbox->config.notices, job->notice, GW_NOTICE_FAILED, GW_NOTICE_UNKNOWN, gw_job_commit(job));
	gw_job_count(job, &outbox->counters.unknown_given_up);
	gw_job_count(job, &outbox->counters.failed);
	gw_job_go(job, JOB_REPORTING, VERB_DONE, 0);
}

/* Its parts are of unknown outcome. True: so it is left for now; false: what is still to be sent is sent. */
static bool settle_unknown(struct gw_job *job)
{
	struct gw_notice *notice = job->notice;
	int64_t left_ms = oldest_unknown_ms(notice) + job->outbox->config.unsure_wait_ms - job->outbox->wall_ms;

	if (left_ms > 0) {
		gw_job_settle(job, VERB_LATER, (unsigned int)OSMO_MIN(left_ms, (int64_t)AHEAD_MAX_MS), NULL);
		return true;
	}
	if (notice->give_up || notice->unknowns > UNKNOWNS_MAX) {
		gave_up(job);
		return true;
	}
	turn_parts(notice, GW_PART_UNKNOWN, GW_PART_WAITING);
	job->again = true;
	return false;
}

/* Looks for what is known of parts that were to be sent. True: that settles it, or it is to be waited for. */
static bool look_back(struct gw_job *job)
{
	struct gw_notice *notice = job->notice;
	bool interrupted = has_part(notice, GW_PART_INTENT);

	job->listed = has_part(notice, GW_PART_UNKNOWN);
	if (!interrupted && !job->listed)
		return false;
	turn_parts(notice, GW_PART_INTENT, GW_PART_UNKNOWN);
	if (!interrupted && !gw_job_hear(job))
		return settle_unknown(job);
	gw_job_report(job); /* writes down that they are unknown, or what became of them */
	return true;
}

/* ---- is it to be sent, and now? Each says true if not, and has then settled it ---- */

static bool end_as(struct gw_job *job, enum gw_notice_state state, const char *error, uint64_t *counter)
{
	gw_notices_set_state(job->outbox->config.notices, job->notice, state, error, gw_job_commit(job));
	gw_job_count(job, counter);
	gw_job_go(job, JOB_REPORTING, VERB_DONE, 0);
	return true;
}

static bool put_off(struct gw_job *job, int64_t ms, uint64_t *counter)
{
	++*counter;
	gw_job_settle(job, VERB_LATER, (unsigned int)ms, NULL);
	return true;
}

static bool is_over(struct gw_job *job)
{
	const struct gw_notice *notice = job->notice;

	if (!gw_notice_over(notice->state) && notice->state != GW_NOTICE_SENT && notice->by != GW_CHANNEL_INBOX)
		return false;
	gw_job_settle(job, VERB_DONE, 0, NULL);
	return true;
}

static bool is_expired(struct gw_job *job)
{
	if (!job->notice->not_after_ms || job->outbox->wall_ms < job->notice->not_after_ms)
		return false;
	return end_as(job, GW_NOTICE_EXPIRED, "its latest time came first", &job->outbox->counters.expired);
}

static bool is_too_early(struct gw_job *job)
{
	int64_t ahead_ms = job->notice->not_before_ms - job->outbox->wall_ms;

	return ahead_ms > 0 && put_off(job, OSMO_MIN(ahead_ms, (int64_t)AHEAD_MAX_MS), &job->outbox->counters.early);
}

static bool is_held_by_job(struct gw_job *job)
{
	struct gw_outbox *outbox = job->outbox;
	const struct gw_notice *notice = job->notice;
	enum gw_bulk_state state;

	if (!notice->bulk[0] || !outbox->config.bulk_state)
		return false;
	state = outbox->config.bulk_state(outbox->config.ctx, notice->bulk);
	if (state == GW_BULK_CANCELLED)
		return end_as(job, GW_NOTICE_CANCELLED, "its job was cancelled", &outbox->counters.cancelled);
	if (state == GW_BULK_PAUSED)
		return put_off(job, BULK_PAUSE_MS + randombytes_uniform(BULK_PAUSE_MS), &outbox->counters.paused);
	return state == GW_BULK_UNKNOWN && put_off(job, BULK_UNKNOWN_MS, &outbox->counters.paused);
}

static bool is_refused(struct gw_job *job)
{
	return job->refused && end_as(job, GW_NOTICE_REFUSED, "the citizen has stopped this sender", &job->outbox->counters.refused);
}

static bool is_quiet(struct gw_job *job)
{
	struct gw_outbox *outbox = job->outbox;
	int64_t left_ms = job->notice->priority == GW_NOTICE_URGENT ? 0 : gw_quiet_left_ms(&outbox->config.quiet, outbox->wall_ms);

	return left_ms && put_off(job, left_ms + randombytes_uniform(QUIET_SPREAD_MS), &outbox->counters.quiet);
}

static bool (*const reasons[])(struct gw_job *job) = {
	is_over, look_back, is_expired, is_too_early, is_held_by_job, is_refused, is_quiet,
};

/* ---- as what ---- */

static void on_profile(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	struct gw_job *job = gw_job_at(ctx, token);

	if (!job || job->stage != JOB_PROFILE)
		return;
	if (outcome == SESS_REDIS_OK && reply->kind == SESS_REPLY_STRING && reply->octets < sizeof(job->language))
		memcpy(job->language, reply->text, reply->octets);
	gw_job_prepare(job);
}

void gw_job_decide(struct gw_job *job)
{
	const struct gw_notice *notice = job->notice;
	bool choice = (notice->text[0][0] && notice->text[1][0]) || notice->sensitive;

	/* what has begun is brought to its end, whatever the hour */
	for (size_t i = 0; i < (has_part(notice, GW_PART_SENT) ? 2 : ARRAY_SIZE(reasons)); i++)
		if (reasons[i](job))
			return;
	osmo_strlcpy(job->language, notice->language, sizeof(job->language));
	if (job->language[0] || !choice || !job->outbox->config.store) {
		gw_job_prepare(job);
		return;
	}
	gw_job_stage(job, JOB_PROFILE);
	sess_store_get_profile(job->outbox->config.store, job->msisdn, on_profile, job->outbox, gw_job_token(job));
}
