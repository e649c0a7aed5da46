/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a job writes: its notice and all that hangs on it in one commit with the settling of its entry, made again as it is until the
 * ledger has answered. After a conflict the records are loaded again: an intent is then decided anew; an outcome, which the network has told
 * us and nobody else, is put into what stands there now, even if the entry has become another's meanwhile. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/log.h"
#include "gateway/outbox_priv.h"

struct sess_ledger_commit *gw_job_commit(struct gw_job *job)
{
	talloc_free(job->commit);
	job->commit = sess_ledger_commit_begin(job->outbox, job->outbox->config.ledger, job->handle.partition);
	memset(job->counts, 0, sizeof(job->counts));
	return job->commit;
}

void gw_job_count(struct gw_job *job, uint64_t *counter)
{
	for (size_t i = 0; i < ARRAY_SIZE(job->counts); i++)
		if (!job->counts[i]) {
			job->counts[i] = counter;
			return;
		}
}

/* The next try is later than the one before, and nobody's are in step. */
void gw_job_pause(struct gw_job *job)
{
	job->outbox->counters.failures++;
	job->pause_ms = OSMO_MIN(OSMO_MAX(2 * job->pause_ms, (int64_t)RETRY_MIN_MS), (int64_t)RETRY_MAX_MS);
	job->retry_ms = job->outbox->now_ms + job->pause_ms / 2 + randombytes_uniform((uint32_t)job->pause_ms / 2 + 1);
}

/* ---- a commit ---- */

static bool early_key(char key[SESS_LEDGER_KEY_OCTETS], const struct gw_job *job)
{
	return sess_ledger_key(key, "early", job->handle.partition, job->msisdn);
}

/* Early receipts: those that were used are taken out. And an outcome is only written if none came in since we looked: a receipt that
 * found no key of ours is in that record, or finds the key. */
static void add_early(struct gw_job *job, enum job_stage stage)
{
	char key[SESS_LEDGER_KEY_OCTETS] = "", *text;
	size_t octets;

	early_key(key, job);
	if (job->early && job->early_used && !job->early->n) {
		sess_ledger_drop(job->commit, key, job->early_stamp);
	} else if (job->early && job->early_used) {
		text = gw_early_encode(job->early, &octets);
		sess_ledger_put(job->commit, key, job->early_stamp, text, octets, 0);
		free(text);
	} else if (stage == JOB_REPORTING) {
		sess_ledger_check(job->commit, key, job->early_stamp);
	}
}

static bool has_unknown(const struct gw_notice *notice)
{
	for (unsigned int i = 0; i < notice->n_parts; i++)
		if (notice->parts[i].state == GW_PART_UNKNOWN)
			return true;
	return false;
}

static void add_verb(struct gw_job *job)
{
	struct sess_queue *queue = job->lane->queue;

	if (job->lost || job->stage == JOB_INTENT)
		return;
	if (job->verb == VERB_LATER)
		sess_ledger_later(job->commit, queue, &job->handle, job->verb_ms);
	else
		sess_ledger_done(job->commit, queue, &job->handle);
}

static void on_committed(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there);

static void go(struct gw_job *job)
{
	int rc = sess_ledger_commit_go(job->commit, on_committed, job->outbox, gw_job_token(job));

	if (rc == -ENOTCONN) { /* the ledger is going: whoever claims the entry goes on */
		gw_job_free(job);
	} else if (rc < 0) {
		LOGP(GW_LOG_NOTICE, LOGL_ERROR, "notice(%s) cannot be written: %s\n", job->id, strerror(-rc));
		gw_job_settle(job, VERB_BURY, 0, "its record cannot be written");
	}
}

void gw_job_go(struct gw_job *job, enum job_stage stage, enum job_verb verb, unsigned int verb_ms)
{
	char key[SESS_LEDGER_KEY_OCTETS];

	gw_job_stage(job, stage);
	job->verb = verb;
	job->verb_ms = verb_ms;
	gw_notices_put(job->outbox->config.notices, job->commit, job->notice, job->stamp);
	add_early(job, stage);
	if (job->listed && !has_unknown(job->notice) && gw_unsure_key(key, job->msisdn))
		sess_ledger_unindex(job->commit, key, job->id);
	add_verb(job);
	go(job);
}

static void on_done(struct gw_job *job)
{
	for (size_t i = 0; i < ARRAY_SIZE(job->counts) && job->counts[i]; i++)
		++*job->counts[i];
	if (job->stage != JOB_INTENT) {
		gw_job_free(job);
		return;
	}
	job->stamp = sess_ledger_commit_stamp(job->commit);
	if (job->early && job->early_used)
		job->early_stamp = job->early->n ? job->stamp : 0;
	job->early_used = false;
	job->listed = job->again = false;
	TALLOC_FREE(job->commit);
	gw_job_hand_over(job);
}

static void load_again(struct gw_job *job)
{
	TALLOC_FREE(job->commit);
	if (!job->mask || job->stage == JOB_INTENT)
		gw_job_stage(job, JOB_LOADING);
	gw_jobs_load(job->outbox, &job, 1);
}

static void on_committed(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct gw_job *job = gw_job_at(ctx, token);

	(void)there;
	if (!job)
		return;
	switch (result) {
	case SESS_LEDGER_OK:
		on_done(job);
		return;
	case SESS_LEDGER_LOST:
		job->outbox->counters.lost++;
		job->lost = true;
		if (job->mask) /* what the network has told us stands nowhere else */
			load_again(job);
		else
			gw_job_free(job);
		return;
	case SESS_LEDGER_THERE:
	case SESS_LEDGER_CONFLICT:
		job->outbox->counters.conflicts++;
		load_again(job);
		return;
	case SESS_LEDGER_FULL:
	case SESS_LEDGER_DOWN:
	case SESS_LEDGER_BUSY:
		gw_job_pause(job);
		return;
	}
}

/* ---- only the entry ---- */

static void on_settled(void *ctx, uint64_t token, enum sess_queue_result result)
{
	struct gw_job *job = gw_job_at(ctx, token);

	if (!job)
		return;
	if (result == SESS_QUEUE_DOWN || result == SESS_QUEUE_BUSY)
		gw_job_pause(job);
	else
		gw_job_free(job);
}

static void settle(struct gw_job *job)
{
	uint64_t token = gw_job_token(job);
	struct sess_queue *queue = job->lane->queue;
	int rc = job->verb == VERB_DONE ? sess_queue_done(queue, &job->handle, NULL, on_settled, job->outbox, token) :
		 job->verb == VERB_LATER ? sess_queue_later(queue, &job->handle, job->verb_ms, on_settled, job->outbox, token) :
		 sess_queue_bury(queue, &job->handle, job->reason, on_settled, job->outbox, token);

	if (rc < 0)
		gw_job_free(job);
}

void gw_job_settle(struct gw_job *job, enum job_verb verb, unsigned int verb_ms, const char *reason)
{
	gw_job_stage(job, JOB_SETTLING);
	job->verb = verb;
	job->verb_ms = verb_ms;
	job->reason = reason;
	if (job->lost)
		gw_job_free(job);
	else
		settle(job);
}

/* What the ledger has not answered, once more. */
void gw_job_again(struct gw_job *job)
{
	job->retry_ms = 0;
	if (job->stage == JOB_SETTLING)
		settle(job);
	else if (job->commit)
		go(job);
	else
		gw_jobs_load(job->outbox, &job, 1);
}
