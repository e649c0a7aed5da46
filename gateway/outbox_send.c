/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* From a notice that may go to one of which is known what became of it: room, intent, handing over, outcomes, and what follows. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/log.h"
#include "gateway/outbox_priv.h"
#include "gateway/receipts.h"

#define AGAIN_MS 1000           /* after a refusal for now that says no pause */
#define SETTLED_MS 30000        /* a receipt that nobody knew for so long is not of a message that is on its way */

static struct gw_bearer *bearer_of(const struct gw_job *job)
{
	return job->lane->route->bearer;
}

static const char *why_not(int rc)
{
	return rc == -E2BIG ? "the text is too long" : rc == -EILSEQ ? "the text cannot be written in an SMS" :
	       rc == -EINVAL ? "the network takes no such sender" : rc == -EMSGSIZE ? "the text is too long for a page" :
	       rc == -ENOTSUP ? "the network takes no pushes" : rc == -EBADMSG ? "its text is sealed with another key" : strerror(-rc);
}

/* By this way it cannot go at all. Behind the intent its parts say so, for whoever finds the record changed meanwhile. */
static void cannot(struct gw_job *job, int rc)
{
	struct gw_outbox *outbox = job->outbox;

	if (job->mask) {
		for (unsigned int i = 0; i < job->notice->n_parts; i++)
			if (job->mask >> i & 1) {
				job->notice->parts[i].state = GW_PART_FAILED;
				osmo_strlcpy(job->notice->parts[i].error, why_not(rc), sizeof(job->notice->parts[i].error));
			}
		gw_job_report(job);
		return;
	}
	gw_notices_fail(outbox->config.notices, job->notice, why_not(rc), gw_job_commit(job));
	if (job->notice->state == GW_NOTICE_FAILED)
		gw_job_count(job, &outbox->counters.failed);
	gw_job_go(job, JOB_REPORTING, VERB_DONE, 0);
}

/* ---- the text ---- */

static uint32_t bits(unsigned int n)
{
	return (uint32_t)((1ULL << n) - 1);
}

static void describe(const struct gw_job *job, struct gw_sms *sms)
{
	const struct gw_notice *notice = job->notice;

	*sms = (struct gw_sms){ .msisdn = notice->msisdn, .sender = notice->sender, .text = job->text, .octets = strlen(job->text),
		.flash = notice->flash, .receipt = true, .reference = notice->sms_reference, .parts = job->mask, .token = gw_job_token(job) };
	if (notice->not_after_ms)
		sms->validity_s = (unsigned int)OSMO_MAX((notice->not_after_ms - job->outbox->wall_ms) / 1000, (int64_t)1);
}

static char *announcement(const struct gw_job *job)
{
	char text[MENU_PAGE_OCTETS];
	size_t octets = job->outbox->config.announce(job->outbox->config.ctx, job->language, job->notice, text, sizeof(text));

	return talloc_strndup(job->outbox, text, octets);
}

static int wipe(char *text)
{
	sodium_memzero(text, strlen(text));
	return 0;
}

/* What was sealed is said only where it is meant to be, and opened only here. NULL: it cannot be opened. */
static char *write_text(struct gw_job *job)
{
	const struct gw_notice *notice = job->notice;
	char opened[GW_NOTICE_TEXT_OCTETS + 1], *text = NULL;

	if (notice->sensitive && !notice->aloud)
		return announcement(job);
	if (gw_notices_read(job->outbox->config.notices, notice, job->language, opened, sizeof(opened)) >= 0) {
		text = talloc_strdup(job->outbox, opened);
		talloc_set_destructor(text, wipe);
	}
	sodium_memzero(opened, sizeof(opened));
	return text;
}

/* How many parts, and which of them are still to be sent. */
static int measure_sms(struct gw_job *job)
{
	struct gw_notice *notice = job->notice;
	struct gw_sms sms;
	int n;

	job->mask = 0;
	describe(job, &sms);
	n = bearer_of(job)->ops->sms_parts(bearer_of(job), job->lane->route, &sms);
	if (n <= 0 || n > GW_SMS_PARTS_MAX)
		return n < 0 ? n : -E2BIG;
	if (notice->n_parts != (unsigned int)n) { /* a new one; or the network's way of splitting has changed since */
		memset(notice->parts, 0, sizeof(notice->parts));
		notice->n_parts = (unsigned int)n;
	}
	for (unsigned int i = 0; i < notice->n_parts; i++)
		if (notice->parts[i].state == GW_PART_WAITING)
			job->mask |= 1U << i;
	return 0;
}

/* A page; of what does not fit on one only that it is there, where it can be read in the inbox. */
static int measure_push(struct gw_job *job)
{
	const struct gw_route *route = job->lane->route;
	struct gw_notice *notice = job->notice;

	job->mask = 0;
	if (!route->fits(route->fits_ctx, job->text, strlen(job->text))) {
		talloc_free(job->text);
		job->text = announcement(job);
		if (!(notice->channels & GW_CHANNEL_INBOX) || !route->fits(route->fits_ctx, job->text, strlen(job->text)))
			return -EMSGSIZE;
	}
	if (notice->n_parts != 1) {
		memset(notice->parts, 0, sizeof(notice->parts));
		notice->n_parts = 1;
	}
	job->mask = 1;
	return 0;
}

void gw_job_prepare(struct gw_job *job)
{
	struct gw_notice *notice = job->notice;
	int rc;

	if (gw_notice_name_find(gw_notice_languages, job->language) < 0)
		osmo_strlcpy(job->language, gw_notice_languages[0], sizeof(job->language));
	talloc_free(job->text);
	job->text = write_text(job);
	rc = !job->text ? -EBADMSG : notice->by == GW_CHANNEL_USSD ? measure_push(job) : measure_sms(job);
	if (rc < 0) {
		cannot(job, rc);
		return;
	}
	gw_job_stage(job, JOB_READY);
	gw_job_reserve(job, (unsigned int)__builtin_popcount(job->mask));
}

/* ---- intent ---- */

static void intend(struct gw_job *job)
{
	struct gw_notice *notice = job->notice;

	for (unsigned int i = 0; i < notice->n_parts; i++)
		if (job->mask >> i & 1) {
			notice->parts[i].state = GW_PART_INTENT;
			notice->parts[i].at_ms = job->outbox->wall_ms;
		}
	if (notice->state != GW_NOTICE_SENDING)
		notice->state_ms = job->outbox->wall_ms;
	notice->state = GW_NOTICE_SENDING;
	notice->attempts++;
	notice->route = job->lane->route->id;
	osmo_strlcpy(notice->language, job->language, sizeof(notice->language));
	gw_job_commit(job);
	if (job->again)
		gw_job_count(job, &job->outbox->counters.unknown_again);
	gw_job_go(job, JOB_INTENT, VERB_DONE, 0);
}

/* Those that are READY, in their order, as far as each network has room. What needs more than there ever is goes alone. */
void gw_outbox_pump(struct gw_outbox *outbox)
{
	struct gw_job *job, *next;

	if (outbox->closing || llist_empty(&outbox->ready))
		return;
	for (size_t i = 0; i < outbox->n_lanes / GW_LANES; i++) {
		struct route_state *to = &outbox->routes[i];

		to->room = to->route->bearer->ops->sms_room(to->route->bearer, to->route);
	}
	llist_for_each_entry_safe(job, next, &outbox->ready, entry) {
		struct route_state *to = job->to;

		if (to->room && (to->intended + job->room <= to->room || !to->intended))
			intend(job);
		else
			to->room = 0; /* nothing overtakes it */
	}
}

/* ---- handing over ---- */

/* Whether the entry is still ours is not known any more: another may be about to send it. */
static void take_back(struct gw_job *job)
{
	for (unsigned int i = 0; i < job->notice->n_parts; i++)
		if (job->mask >> i & 1)
			job->notice->parts[i].state = GW_PART_WAITING;
	job->mask = 0;
	gw_job_commit(job);
	gw_job_go(job, JOB_REPORTING, VERB_LATER, 0);
}

static int give_push(struct gw_job *job)
{
	const struct gw_outbox_config *config = &job->outbox->config;
	struct gw_push push = { .kind = GW_PUSH_NOTIFY, .msisdn = job->msisdn, .text = job->text, .octets = strlen(job->text),
				.token = gw_job_token(job) };
	int rc = config->push ? config->push(config->ctx, job->lane->route, job->notice, job->text, push.token) :
				bearer_of(job)->ops->push(bearer_of(job), job->lane->route, &push);

	return rc < 0 ? rc : 1;
}

static int give(struct gw_job *job)
{
	struct gw_bearer *bearer = bearer_of(job);
	struct gw_sms sms;

	if (job->notice->by == GW_CHANNEL_USSD)
		return give_push(job);
	describe(job, &sms);
	return bearer->ops->sms(bearer, job->lane->route, &sms);
}

void gw_job_hand_over(struct gw_job *job)
{
	int n;

	if (job->lost || job->outbox->now_ms > job->ours_ms) {
		take_back(job);
		return;
	}
	n = give(job);
	if (n == -ENOBUFS) {
		gw_job_stage(job, JOB_HANDING);
		return;
	}
	if (n < 0) {
		cannot(job, n);
		return;
	}
	gw_job_stage(job, JOB_SENDING);
	job->waiting = (unsigned int)__builtin_popcount(job->mask & bits((unsigned int)n));
	job->outbox->counters.parts += job->waiting;
	if (!job->waiting)
		gw_job_report(job);
}

/* ---- outcomes ---- */

/* Refused for now, so often in a row for the same reason. */
static void put_off(struct gw_job *job, struct gw_notice_part *part, const struct gw_sms_result *result)
{
	part->tries = part->tries && part->status == result->status ? part->tries + 1 : 1;
	part->status = result->status;
	job->outbox->counters.put_off++;
	if (!result->times) {
		part->tries = 0; /* it was never sent */
	} else if (part->tries >= result->times) {
		part->state = GW_PART_FAILED;
		return;
	}
	part->state = GW_PART_WAITING;
	job->later_ms = OSMO_MAX(job->later_ms, result->pause_ms ? result->pause_ms : AGAIN_MS);
}

static void take_outcome(struct gw_job *job, struct gw_notice_part *part, const struct gw_sms_result *result)
{
	osmo_strlcpy(part->error, result->sent == GW_SENT_TAKEN || !result->why ? "" : result->why, sizeof(part->error));
	switch (result->sent) {
	case GW_SENT_TAKEN:
		part->state = GW_PART_SENT;
		part->at_ms = job->outbox->wall_ms;
		part->tries = part->status = 0;
		osmo_strlcpy(part->id, result->id ? result->id : "", sizeof(part->id));
		return;
	case GW_SENT_REFUSED:
		part->state = GW_PART_FAILED;
		part->at_ms = job->outbox->wall_ms;
		return;
	case GW_SENT_UNKNOWN: /* since it was to be sent */
		part->state = GW_PART_UNKNOWN;
		return;
	case GW_SENT_LATER:
		put_off(job, part, result);
		return;
	}
}

void gw_outbox_on_sms(struct gw_outbox *outbox, const struct gw_sms_result *result)
{
	struct gw_job *job = gw_job_at(outbox, result->token);
	struct gw_notice_part *part = job && job->stage == JOB_SENDING && result->part < job->notice->n_parts ? &job->notice->parts[result->part] : NULL;

	if (!part || part->state != GW_PART_INTENT || !(job->mask >> result->part & 1))
		return;
	take_outcome(job, part, result);
	if (--job->waiting == 0)
		gw_job_report(job);
}

void gw_outbox_on_push(struct gw_outbox *outbox, uint64_t token, enum gw_sent sent)
{
	static const char *const why[] = { [GW_SENT_REFUSED] = "the network refused the push", [GW_SENT_UNKNOWN] = "no response",
					   [GW_SENT_LATER] = "refused for now" };

	gw_outbox_on_sms(outbox, &(struct gw_sms_result){ .token = token, .parts = 1, .sent = sent, .why = why[sent], .times = 10,
							  .pause_ms = 30000 });
}

/* ---- what follows ---- */

bool gw_job_hear(struct gw_job *job)
{
	if (!job->early || !gw_early_match(job->early, job->notice, job->lane->route->id, job->outbox->wall_ms - SETTLED_MS))
		return false;
	job->early_used = true;
	return true;
}

/* Where a receipt finds it. */
static void add_receipt_keys(struct gw_job *job)
{
	char key[SESS_LEDGER_KEY_OCTETS], value[64];

	for (unsigned int i = 0; i < job->notice->n_parts; i++) {
		const char *id = job->notice->parts[i].id;

		if (!(job->mask >> i & 1) || !id[0])
			continue;
		gw_receipt_key(key, job->lane->route->id, job->msisdn, id);
		sess_ledger_put(job->commit, key, job->receipt_stamps[i], value,
				(size_t)snprintf(value, sizeof(value), "[\"%s\",%u]", job->id, i), RECEIPT_KEEP_MS);
	}
}

static unsigned int parts_in(const struct gw_job *job, enum gw_part_state state)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < job->notice->n_parts; i++)
		n += job->notice->parts[i].state == state;
	return n;
}

/* For the first time: it is listed, where its receipt and its operators find it. */
static void list_unknown(struct gw_job *job)
{
	char key[SESS_LEDGER_KEY_OCTETS], member[64];
	struct gw_outbox *outbox = job->outbox;

	job->notice->unknowns++;
	gw_job_count(job, &outbox->counters.unknown);
	if (gw_unsure_key(key, job->msisdn))
		sess_ledger_index(job->commit, key, (double)outbox->wall_ms, job->id);
	snprintf(member, sizeof(member), "%s %s", job->notice->agency[0] ? job->notice->agency : "-", job->id);
	if (gw_unsure_log_key(key, job->handle.partition))
		sess_ledger_index(job->commit, key, (double)outbox->wall_ms, member);
	LOGP(GW_LOG_NOTICE, LOGL_NOTICE, "notice(%s) to %s: not known whether it went out\n", job->id, gw_log_mask(job->msisdn));
}

/* What of it is still to be done, after which pause; 0: nothing. */
static unsigned int left_ms(const struct gw_job *job)
{
	unsigned int pause_ms = 0;

	if (parts_in(job, GW_PART_FAILED) || gw_notice_over(job->notice->state))
		return 0; /* as a whole it will not arrive: the rest is not sent */
	if (parts_in(job, GW_PART_WAITING))
		pause_ms = OSMO_MAX(job->later_ms, 1u);
	if (parts_in(job, GW_PART_UNKNOWN))
		pause_ms = (unsigned int)OSMO_MAX((int64_t)pause_ms, OSMO_MIN(job->outbox->config.unsure_wait_ms, (int64_t)3600000));
	return pause_ms;
}

/* Those that wait count as failed with the one that has: what follows is said of the whole. */
static void follow(struct gw_job *job)
{
	struct gw_outbox *outbox = job->outbox;
	struct gw_notice *notice = job->notice;
	enum gw_notice_state before = notice->state;

	if (parts_in(job, GW_PART_FAILED))
		for (unsigned int i = 0; i < notice->n_parts; i++)
			if (notice->parts[i].state == GW_PART_WAITING) {
				notice->parts[i].state = GW_PART_FAILED;
				osmo_strlcpy(notice->parts[i].error, "not sent", sizeof(notice->parts[i].error));
			}
	gw_notices_follow(outbox->config.notices, notice, job->commit);
	if (notice->state == before)
		return;
	if (notice->state == GW_NOTICE_SENT || notice->state == GW_NOTICE_DELIVERED)
		gw_job_count(job, &outbox->counters.sent);
	else if (notice->state == GW_NOTICE_FAILED)
		gw_job_count(job, &outbox->counters.failed);
}

void gw_job_report(struct gw_job *job)
{
	unsigned int pause_ms;

	for (unsigned int i = 0; i < job->notice->n_parts; i++) /* an outcome that never came */
		if (job->notice->parts[i].state == GW_PART_INTENT)
			job->notice->parts[i].state = GW_PART_UNKNOWN;
	gw_job_hear(job);
	gw_job_commit(job);
	add_receipt_keys(job);
	if (parts_in(job, GW_PART_UNKNOWN) && !job->listed)
		list_unknown(job);
	pause_ms = left_ms(job);
	if (!pause_ms)
		follow(job);
	gw_job_go(job, JOB_REPORTING, pause_ms ? VERB_LATER : VERB_DONE, pause_ms);
}

/* What stands there now has been changed by others - read in the inbox, cancelled, heard of by a receipt, begun anew by a process that
 * thought us dead: only what we alone know is put into it. */
void gw_job_merge(struct gw_job *job, struct gw_notice *present)
{
	struct gw_notice *ours = job->notice;

	if (!present) {
		gw_job_settle(job, VERB_DONE, 0, NULL);
		return;
	}
	job->notice = present;
	job->listed = parts_in(job, GW_PART_UNKNOWN) > 0;
	for (unsigned int i = 0; i < present->n_parts && i < ours->n_parts && present->attempts == ours->attempts; i++) {
		struct gw_notice_part *part = &present->parts[i];

		if (!(job->mask >> i & 1))
			continue;
		if (part->state == GW_PART_INTENT || part->state == GW_PART_UNKNOWN)
			*part = ours->parts[i];
		else if (!part->id[0])
			osmo_strlcpy(part->id, ours->parts[i].id, sizeof(part->id));
	}
	if (present->attempts != ours->attempts) { /* sent again by another: its outcome is that one's to tell */
		talloc_free(ours);
		gw_job_settle(job, VERB_DONE, 0, NULL);
		return;
	}
	talloc_free(ours);
	gw_job_report(job);
}
