/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Queues and dead letters at the console. Redis is asked, so answers come behind the next prompt (vty_question.h).
 * What a letter carries is not shown: it may be what a citizen wrote. */
#include <inttypes.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "gateway/dead.h"
#include "gateway/gateway.h"
#include "gateway/loop.h"
#include "gateway/vty_priv.h"
#include "gateway/vty_question.h"

#define SHOWN 50
#define RETRIED_AT_ONCE 100

struct job {
	struct gw_vty_question question;
	const struct gw_queue *only;
	bool drops;
	int64_t began_ms;                /* what is buried later is not retried: it may be the same again */
	struct gw_dead_at next;          /* of `retry all` */
	bool has_next;
	unsigned int asked, answered, good;
	bool listed;
};

static struct job *job_new(struct vty *vty)
{
	struct job *job = gw_vty_question_alloc(vty, sizeof(*job));

	job->began_ms = gw_clock_wall_ms();
	return job;
}

static bool has_queues(struct vty *vty, const struct gw *gw)
{
	if (!gw->queues)
		gw_vty_line(vty, "%% there are no queues: redis.ledger is not configured");
	return gw->queues != NULL;
}

static const struct gw_queue *queue_named(struct vty *vty, const struct gw *gw, const char *name)
{
	const struct gw_queue *queue = gw_queues_find(gw->queues, name, strlen(name));

	if (!queue)
		gw_vty_line(vty, "%% there is no queue %s: see show queues", name);
	return queue;
}

static int64_t age_s(int64_t then_ms)
{
	return then_ms ? (gw_clock_wall_ms() - then_ms) / 1000 : 0;
}

/* ---- show queues ---- */

void gw_vty_show_queues(struct vty *vty, struct gw *gw, const char *argument)
{
	const struct gw_queue *queue;

	(void)argument;
	if (!has_queues(vty, gw))
		return;
	gw_vty_line(vty, "%9s %9s %9s %9s %9s %9s %9s  %s", "length", "taken", "delayed", "held", "oldest s", "dead", "dead s", "queue");
	for (size_t i = 0; (queue = gw_queues_at(gw->queues, i)); i++) {
		const struct sess_queue_stats *stats = &queue->stats;

		if (!queue->sampled) {
			gw_vty_line(vty, "%69s  %s: %s", "not known", queue->name, queue->text);
			continue;
		}
		gw_vty_line(vty, "%9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRId64 " %9" PRIu64 " %9" PRId64 "  %s: %s", stats->length,
			    stats->taken, stats->delayed, stats->held, age_s(stats->oldest_ms), stats->dead, age_s(stats->dead_oldest_ms), queue->name,
			    queue->text);
	}
}

/* ---- show dead ---- */

static void on_shown(void *ctx, uint64_t token, const struct gw_dead *letter)
{
	const struct job *job = gw_vty_question_at(token);
	char id[GW_DEAD_ID_OCTETS];

	(void)ctx;
	if (!job)
		return;
	gw_dead_id_print(&letter->at, id);
	gw_vty_line(job->question.vty, "%s  dead for %" PRId64 " s, %u attempts, %s: %s", id, age_s((int64_t)letter->at.id.id.ms), letter->dead->attempts,
		    letter->agency[0] ? letter->agency : "-", letter->dead->reason);
}

static void on_shown_end(void *ctx, uint64_t token, enum sess_queue_result result, const struct gw_dead_at *next)
{
	struct job *job = gw_vty_question_at(token);

	(void)ctx;
	if (!job)
		return;
	if (result != SESS_QUEUE_OK)
		gw_vty_line(job->question.vty, "%% the ledger does not answer");
	else if (next)
		gw_vty_line(job->question.vty, "and more");
	else
		gw_vty_line(job->question.vty, "that were all");
	gw_vty_question_end(job);
}

void gw_vty_show_dead(struct vty *vty, struct gw *gw, const char *argument)
{
	struct gw_dead_list list = { .queues = gw->queues, .n = SHOWN };

	if (!has_queues(vty, gw) || (argument && !(list.only = queue_named(vty, gw, argument))))
		return;
	gw_dead_list(&list, on_shown, on_shown_end, gw, job_new(vty)->question.token);
}

/* ---- retry, drop ---- */

static void tell_one(uint64_t token, enum sess_queue_result result)
{
	struct job *job = gw_vty_question_at(token);

	if (!job)
		return;
	if (result == SESS_QUEUE_OK)
		gw_vty_line(job->question.vty, job->drops ? "dropped" : "it is in its queue again");
	else if (result == SESS_QUEUE_GONE)
		gw_vty_line(job->question.vty, "%% there is no such letter");
	else
		gw_vty_line(job->question.vty, "%% the ledger does not answer: it is not known whether it was done");
	gw_vty_question_end(job);
}

static void on_retried_one(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_id *id)
{
	(void)ctx;
	(void)id;
	tell_one(token, result);
}

static void on_dropped_one(void *ctx, uint64_t token, enum sess_queue_result result)
{
	(void)ctx;
	tell_one(token, result);
}

static void one(struct vty *vty, struct gw *gw, const char *id, bool drops)
{
	struct gw_dead_at at;
	struct job *job;
	int rc;

	if (!has_queues(vty, gw))
		return;
	if (!gw_dead_id_read(gw->queues, id, &at)) {
		gw_vty_line(vty, "%% %s is no id of a dead letter: see show dead", id);
		return;
	}
	job = job_new(vty);
	job->drops = drops;
	rc = drops ? sess_queue_dead_drop(at.queue->queue, &at.id, on_dropped_one, gw, job->question.token)
	           : sess_queue_dead_retry(at.queue->queue, &at.id, on_retried_one, gw, job->question.token);
	if (rc < 0)
		tell_one(job->question.token, SESS_QUEUE_DOWN);
}

void gw_vty_dead_retry(struct vty *vty, struct gw *gw, const char *argument)
{
	one(vty, gw, argument, false);
}

void gw_vty_dead_drop(struct vty *vty, struct gw *gw, const char *argument)
{
	one(vty, gw, argument, true);
}

/* ---- retry all: page by page ---- */

static void retry_page(struct gw *gw, struct job *job);

/* When the page was listed and all of it is answered: the next, or the end. */
static void go_on(struct gw *gw, struct job *job)
{
	if (!job->listed || job->answered < job->asked)
		return;
	if (job->has_next) {
		retry_page(gw, job);
		return;
	}
	gw_vty_line(job->question.vty, "%u are in their queue again%s", job->good, job->good < job->asked ? "; others are gone, or the ledger did not answer" : "");
	gw_vty_question_end(job);
}

static void on_retried(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_id *id)
{
	struct job *job = gw_vty_question_at(token);

	(void)id;
	if (!job)
		return;
	job->answered++;
	job->good += result == SESS_QUEUE_OK;
	go_on(ctx, job);
}

static void on_to_retry(void *ctx, uint64_t token, const struct gw_dead *letter)
{
	struct job *job = gw_vty_question_at(token);

	if (job && (int64_t)letter->at.id.id.ms < job->began_ms &&
	    sess_queue_dead_retry(letter->at.queue->queue, &letter->at.id, on_retried, ctx, token) == 0)
		job->asked++;
}

static void on_page_end(void *ctx, uint64_t token, enum sess_queue_result result, const struct gw_dead_at *next)
{
	struct job *job = gw_vty_question_at(token);

	if (!job)
		return;
	if (result != SESS_QUEUE_OK)
		gw_vty_line(job->question.vty, "%% the ledger does not answer");
	job->listed = true;
	job->has_next = next != NULL;
	if (next)
		job->next = *next;
	go_on(ctx, job);
}

static void retry_page(struct gw *gw, struct job *job)
{
	const struct gw_dead_list list = { .queues = gw->queues, .only = job->only, .after = job->next, .n = RETRIED_AT_ONCE };

	job->listed = false;
	gw_dead_list(&list, on_to_retry, on_page_end, gw, job->question.token);
}

void gw_vty_dead_retry_all(struct vty *vty, struct gw *gw, const char *argument)
{
	const struct gw_queue *only = has_queues(vty, gw) ? queue_named(vty, gw, argument) : NULL;
	struct job *job;

	if (!only)
		return;
	job = job_new(vty);
	job->only = only;
	retry_page(gw, job);
}
