/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Notices at the console. `show notice ID`: how one stands, for the operator who is asked where it is; the number masked, and not a word
 * of what it says. `show notices`: the outbox and the receipts in numbers. `show unsure`: the notices of which it was at some time not
 * known whether they had gone out - of all agencies, the newest of them - each as it is now.
 *
 * The ledger answers later (vty_question.h). */
#include <inttypes.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/gateway.h"
#include "gateway/log.h"
#include "gateway/metrics_priv.h"
#include "gateway/notices.h"
#include "gateway/outbox.h"
#include "gateway/receipts.h"
#include "gateway/rfc3339.h"
#include "gateway/vty_priv.h"
#include "gateway/vty_question.h"

#define SHOWN SESS_LEDGER_LOAD_MAX       /* of unsure ones: one load */

struct row { char id[GW_NOTICE_ID_OCTETS]; int64_t at_ms; };
struct job {
	struct gw_vty_question question;
	/* of `show unsure`: */
	unsigned int partition;          /* that was asked last */
	size_t n;
	bool more;                       /* than are shown */
	struct row rows[SHOWN];          /* newest first */
};

static void end_job_down(struct job *job)
{
	gw_vty_line(job->question.vty, "%% the ledger does not answer");
	gw_vty_question_end(job);
}

static bool has_notices(struct vty *vty, const struct gw *gw)
{
	if (!gw->notices)
		gw_vty_line(vty, "%% there is no ledger: redis.ledger is not configured");
	return gw->notices != NULL;
}

static const char *moment(int64_t ms, char out[GW_RFC3339_OCTETS])
{
	gw_rfc3339_print(ms, out);
	return out;
}

/* ---- show notices ---- */

static void show_counters(struct vty *vty, const char *title, const struct gw_metrics_field *fields, size_t n, const void *counters)
{
	gw_vty_line(vty, "%s:", title);
	for (size_t i = 0; i < n; i++)
		gw_vty_line(vty, "%12" PRIu64 "  %s (%s)", *(const uint64_t *)((const char *)counters + fields[i].offset), fields[i].help, fields[i].name);
}

void gw_vty_show_notices(struct vty *vty, struct gw *gw, const char *argument)
{
	(void)argument;
	if (!has_notices(vty, gw))
		return;
	show_counters(vty, "outbox", gw_metrics_outbox, gw_metrics_n_outbox, gw_outbox_counters(gw->outbox));
	show_counters(vty, "receipts", gw_metrics_receipts, gw_metrics_n_receipts, gw_receipts_counters(gw->receipts));
	gw_vty_line(vty, "%u in work (at most %u); what waits: show queues; unknown outcomes: show unsure", gw_outbox_in_work(gw->outbox),
		    gw->config->notices.in_work);
}

/* ---- show notice ---- */

static const char *channel_name(enum gw_channel channel)
{
	for (size_t i = 0; gw_channels[i]; i++)
		if (channel == 1u << i)
			return gw_channels[i];
	return "?";
}

static const char *owner_of(const struct gw_notice *notice)
{
	return notice->agency[0] ? notice->agency : "the gateway";
}

static void print_parts(struct vty *vty, const struct gw_notice *notice)
{
	char at[GW_RFC3339_OCTETS];

	for (unsigned int i = 0; i < notice->n_parts; i++) {
		const struct gw_notice_part *part = &notice->parts[i];

		gw_vty_line(vty, "  part %u of %u: %s since %s%s%s%s%s", i + 1, notice->n_parts, gw_part_states[part->state], moment(part->at_ms, at),
			    part->id[0] ? ", the network's id " : "", part->id, part->error[0] ? ", " : "", part->error);
	}
}

static void print_notice(struct vty *vty, const struct gw *gw, const struct gw_notice *notice)
{
	const struct gw_route *route = gw_find_route(gw, notice->route);
	char at[GW_RFC3339_OCTETS];

	gw_vty_line(vty, "%s: of %s to %s (%s, %s), by %s at %s", notice->id, owner_of(notice), gw_log_mask(notice->msisdn),
		    gw_notice_classes[notice->klass], gw_notice_priorities[notice->priority], channel_name(notice->by),
		    route ? route->name : "an operator that is not configured here");
	gw_vty_line(vty, "  accepted %s", moment(notice->accepted_ms, at));
	gw_vty_line(vty, "  %s since %s%s%s", gw_notice_state_name(notice->state), moment(notice->state_ms, at), notice->error[0] ? ": " : "",
		    notice->error);
	if (notice->not_before_ms)
		gw_vty_line(vty, "  not before %s", moment(notice->not_before_ms, at));
	if (notice->not_after_ms)
		gw_vty_line(vty, "  not after %s", moment(notice->not_after_ms, at));
	gw_vty_line(vty, "  handed over %u times, %u of them of unknown outcome; inbox: %s", notice->attempts, notice->unknowns,
		    gw_inbox_states[notice->inbox]);
	print_parts(vty, notice);
}

static void on_notice(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_notice *notice)
{
	struct job *job = gw_vty_question_at(token);

	if (!job)
		return;
	if (result != SESS_LEDGER_OK) {
		end_job_down(job);
		return;
	}
	if (notice)
		print_notice(job->question.vty, ctx, notice);
	else
		gw_vty_line(job->question.vty, "%% there is no such notice");
	gw_vty_question_end(job);
}

void gw_vty_show_notice(struct vty *vty, struct gw *gw, const char *argument)
{
	struct job *job;

	if (!has_notices(vty, gw))
		return;
	if (gw_notice_partition(argument) < 0) {
		gw_vty_line(vty, "%% that is no notice's id: n, its partition, and 20 small letters and digits");
		return;
	}
	job = gw_vty_question_alloc(vty, sizeof(struct job));
	if (gw_notices_load(gw->notices, argument, on_notice, gw, job->question.token) < 0)
		end_job_down(job);
}

/* ---- show unsure ---- */

static void print_row(struct job *job, const struct row *row, const struct sess_ledger_record *record)
{
	struct gw_notice *notice = record->stamp ? gw_notice_decode(job, record->value, record->octets) : NULL;
	char at[GW_RFC3339_OCTETS];

	if (notice)
		gw_vty_line(job->question.vty, "%s  %s  %s, %u times unknown, %s  %s", moment(row->at_ms, at), row->id, gw_log_mask(notice->msisdn), notice->unknowns,
			    gw_notice_state_name(notice->state), owner_of(notice));
	else
		gw_vty_line(job->question.vty, "%s  %s  is not kept any more", moment(row->at_ms, at), row->id);
	talloc_free(notice);
}

static void on_records(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct job *job = gw_vty_question_at(token);

	(void)ctx;
	if (!job)
		return;
	if (result != SESS_LEDGER_OK) {
		end_job_down(job);
		return;
	}
	for (size_t i = 0; i < n; i++)
		print_row(job, &job->rows[i], &records[i]);
	if (job->more)
		gw_vty_line(job->question.vty, "and older ones, which their agencies see (GET /v1/notices/unsure)");
	gw_vty_question_end(job);
}

static void load_rows(struct job *job, struct gw *gw)
{
	char keys[SHOWN][SESS_LEDGER_KEY_OCTETS];
	const char *pointers[SHOWN];

	if (!job->n) {
		gw_vty_line(job->question.vty, "there is none");
		gw_vty_question_end(job);
		return;
	}
	for (size_t i = 0; i < job->n; i++) {
		gw_notices_key(keys[i], job->rows[i].id);
		pointers[i] = keys[i];
	}
	if (sess_ledger_load(gw->ledger, pointers, job->n, on_records, gw, job->question.token) < 0)
		end_job_down(job);
}

/* "<agency> <id>", among the newest. */
static void take_member(struct job *job, const struct sess_ledger_member *member)
{
	const char *id = strrchr(member->member, ' ');
	int64_t at_ms = (int64_t)member->score;
	size_t at = job->n;

	if (!id || gw_notice_partition(id + 1) < 0)
		return;
	while (at && job->rows[at - 1].at_ms < at_ms)
		at--;
	job->more = job->more || job->n == SHOWN;
	if (at == SHOWN)
		return;
	if (job->n < SHOWN)
		job->n++;
	memmove(&job->rows[at + 1], &job->rows[at], (job->n - at - 1) * sizeof(job->rows[0]));
	job->rows[at].at_ms = at_ms;
	OSMO_STRLCPY_ARRAY(job->rows[at].id, id + 1);
}

static void look(struct job *job, struct gw *gw);

static void on_members(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_member *members, size_t n)
{
	struct job *job = gw_vty_question_at(token);

	if (!job)
		return;
	if (result != SESS_LEDGER_OK) {
		end_job_down(job);
		return;
	}
	for (size_t i = 0; i < n; i++)
		take_member(job, &members[i]);
	if (++job->partition == SESS_QUEUE_PARTITIONS)
		load_rows(job, ctx);
	else
		look(job, ctx);
}

/* One partition after the other; of each, one more than can be shown. */
static void look(struct job *job, struct gw *gw)
{
	char key[SESS_LEDGER_KEY_OCTETS];
	const struct sess_ledger_range range = { .key = key, .min = 0, .max = 1e18, .newest_first = true, .n = SHOWN + 1 };

	if (!gw_unsure_log_key(key, job->partition) || sess_ledger_range(gw->ledger, &range, on_members, gw, job->question.token) < 0)
		end_job_down(job);
}

void gw_vty_show_unsure(struct vty *vty, struct gw *gw, const char *argument)
{
	(void)argument;
	if (has_notices(vty, gw))
		look(gw_vty_question_alloc(vty, sizeof(struct job)), gw);
}
