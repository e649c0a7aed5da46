/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See outbox.h. Here: the pool of jobs, the lanes from which they are filled, and what keeps them going.
 *
 * A lane is looked into when this process has reason to think that something is there (sess_queue_likely), and from time to time. From
 * the dead it claims one entry at a time, so that an entry that kills its takers is told from its neighbours. */
#include <string.h>

#include <jansson.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/log.h"
#include "gateway/outbox_priv.h"
#include "sessions/clock.h"

#define TAKE_MAX 64             /* at once */
#define BATCH_MAX 21            /* loaded at once: three records each */
#define CLAIM_EVERY_MS 2000     /* when there was nothing to be claimed */

/* How often a lane is looked into unasked: others add to it, and what was put off becomes due. */
static const unsigned int look_ms[GW_LANES] = { [GW_LANE_URGENT] = 100, [GW_LANE_NORMAL] = 250, [GW_LANE_BULK] = 500 };

void gw_outbox_now(struct gw_outbox *outbox)
{
	outbox->now_ms = sess_clock_ms();
	outbox->wall_ms = sess_clock_wall_ms();
}

/* ---- jobs ---- */

uint64_t gw_job_token(const struct gw_job *job)
{
	return (uint64_t)job->generation << 32 | (job->index + 1);
}

struct gw_job *gw_job_at(struct gw_outbox *outbox, uint64_t token)
{
	uint32_t place = (uint32_t)token;
	struct gw_job *job = place && place <= outbox->config.in_work ? &outbox->jobs[place - 1] : NULL;

	gw_outbox_now(outbox);
	return job && job->stage != JOB_FREE && job->generation == (uint32_t)(token >> 32) ? job : NULL;
}

static bool is_intended(enum job_stage stage)
{
	return stage == JOB_INTENT || stage == JOB_HANDING;
}

/* Changes what it has reserved at its operator, and what of that is about to leave. */
static void account(struct gw_job *job, enum job_stage stage, unsigned int room)
{
	job->to->reserved += room - job->room;
	job->to->intended += (is_intended(stage) ? room : 0) - (is_intended(job->stage) ? job->room : 0);
	job->room = room;
}

void gw_job_reserve(struct gw_job *job, unsigned int parts)
{
	account(job, job->stage, parts);
}

void gw_job_stage(struct gw_job *job, enum job_stage stage)
{
	struct gw_outbox *outbox = job->outbox;

	if (job->stage == stage)
		return;
	account(job, stage, stage >= JOB_SENDING ? 0 : job->room);
	if ((job->stage == JOB_READY) != (stage == JOB_READY)) {
		llist_del(&job->entry);
		llist_add_tail(&job->entry, stage == JOB_READY ? &outbox->ready : &outbox->work);
	}
	job->stage = stage;
	job->since_ms = outbox->now_ms;
	job->retry_ms = job->pause_ms = 0;
}

static void hold(struct gw_job *job, const struct sess_queue_handle *handle)
{
	job->handle = *handle;
	job->ours_ms = job->outbox->now_ms + SAFE_MS;
	job->renew_ms = job->outbox->now_ms + RENEW_MS;
}

/* One is free: whoever takes entries asks for no more than that. */
static struct gw_job *job_get(struct lane_state *state, const struct sess_queue_handle *handle)
{
	struct gw_outbox *outbox = state->outbox;
	struct gw_job *job = llist_first_entry(&outbox->free, struct gw_job, entry);

	llist_del(&job->entry);
	llist_add_tail(&job->entry, &outbox->work);
	outbox->n_jobs++;
	job->stage = JOB_LOADING;
	job->lane = state->lane;
	job->to = state->to;
	job->since_ms = outbox->now_ms;
	hold(job, handle);
	gw_job_reserve(job, 1); /* until it is known */
	return job;
}

void gw_job_free(struct gw_job *job)
{
	struct gw_outbox *outbox = job->outbox;

	account(job, JOB_FREE, 0);
	talloc_free(job->notice);
	talloc_free(job->early);
	talloc_free(job->text);
	talloc_free(job->commit);
	llist_del(&job->entry);
	*job = (struct gw_job){ .outbox = outbox, .index = job->index, .generation = job->generation + 1 };
	llist_add(&job->entry, &outbox->free);
	outbox->n_jobs--;
}

/* ---- entries ---- */

/* What an entry says: which notice, and to whom, so that the citizen's other records can be loaded with it. */
static bool read_entry(struct gw_job *job, const struct sess_queue_entry *entry)
{
	json_t *body = json_loadb(entry->body, entry->octets, 0, NULL);
	const char *id = json_string_value(json_object_get(body, "notice")), *to = json_string_value(json_object_get(body, "to"));
	bool good = id && to && gw_notice_partition(id) == job->handle.partition && to[0] && strlen(to) <= GW_MSISDN_MAX &&
		    strspn(to, "0123456789") == strlen(to) && sess_store_partition(to) == job->handle.partition;

	if (good) {
		osmo_strlcpy(job->id, id, sizeof(job->id));
		osmo_strlcpy(job->msisdn, to, sizeof(job->msisdn));
	}
	json_decref(body);
	return good;
}

/* The same entry once more, because the answer to a take, or our renewals, were lost: whoever is at work on it goes on. */
static bool is_at_work(struct lane_state *state, const struct sess_queue_entry *entry)
{
	for (unsigned int i = 0; i < state->outbox->config.in_work; i++) {
		struct gw_job *job = &state->outbox->jobs[i];

		if (job->stage == JOB_FREE || job->lane != state->lane || job->handle.partition != entry->handle.partition ||
		    job->handle.id.ms != entry->handle.id.ms || job->handle.id.seq != entry->handle.id.seq)
			continue;
		hold(job, &entry->handle);
		job->lost = false;
		return true;
	}
	return false;
}

static void begin(struct lane_state *state, const struct sess_queue_entry *entries, size_t n)
{
	struct gw_job *batch[BATCH_MAX];
	size_t in_batch = 0;

	for (size_t i = 0; i < n; i++) {
		struct gw_job *job;

		if (entries[i].handle.claimed && is_at_work(state, &entries[i]))
			continue;
		job = job_get(state, &entries[i].handle);
		if (!read_entry(job, &entries[i])) {
			LOGP(GW_LOG_NOTICE, LOGL_ERROR, "outbox(%s) an entry that is none is buried\n", state->lane->name);
			gw_job_settle(job, VERB_BURY, 0, "it names no notice");
			continue;
		}
		batch[in_batch++] = job;
		if (in_batch < BATCH_MAX)
			continue;
		gw_jobs_load(state->outbox, batch, in_batch);
		in_batch = 0;
	}
	if (in_batch)
		gw_jobs_load(state->outbox, batch, in_batch);
}

/* ---- taking ---- */

static void rest(struct lane_state *state, bool failed)
{
	struct gw_outbox *outbox = state->outbox;

	outbox->counters.failures += failed;
	state->pause_ms = failed ? OSMO_MIN(OSMO_MAX(2 * state->pause_ms, (int64_t)RETRY_MIN_MS), (int64_t)RETRY_MAX_MS) : 0;
	state->next_take_ms = outbox->now_ms + (failed ? state->pause_ms : look_ms[state->lane->kind]);
}

static void on_taken(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_entry *entries, size_t n)
{
	struct lane_state *state = ctx;
	struct gw_outbox *outbox = state->outbox;

	(void)token;
	gw_outbox_now(outbox);
	outbox->n_taking -= state->taking;
	state->taking = 0;
	rest(state, result != SESS_QUEUE_OK);
	outbox->counters.taken += n;
	begin(state, entries, n);
}

/* Bulk leaves half of the places to the others. */
static unsigned int places(const struct lane_state *state)
{
	const struct gw_outbox *outbox = state->outbox;
	unsigned int all = state->lane->kind == GW_LANE_BULK ? (outbox->config.in_work + 1) / 2 : outbox->config.in_work;
	unsigned int used = outbox->n_jobs + outbox->n_taking;

	return used < all ? all - used : 0;
}

static unsigned int room_left(const struct route_state *to, unsigned int used)
{
	unsigned int room = to->route->bearer->ops->sms_room(to->route->bearer, to->route);

	return used < room ? room - used : 0;
}

static void take(struct lane_state *state)
{
	struct gw_outbox *outbox = state->outbox;
	bool due = outbox->now_ms >= state->next_take_ms || (!state->pause_ms && sess_queue_likely(state->lane->queue));
	unsigned int n;

	if (state->taking || !due)
		return;
	n = OSMO_MIN(places(state), (unsigned int)TAKE_MAX);
	if (n)
		n = OSMO_MIN(n, room_left(state->to, state->to->reserved));
	if (!n || sess_queue_take(state->lane->queue, n, on_taken, state, 0) < 0)
		return;
	state->taking = n;
	outbox->n_taking += n;
}

/* ---- claiming ---- */

static void on_claimed(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_entry *entries, size_t n)
{
	struct lane_state *state = ctx;
	struct gw_outbox *outbox = state->outbox;

	(void)token;
	gw_outbox_now(outbox);
	outbox->n_taking--;
	state->claiming = false;
	state->next_claim_ms = n ? 0 : outbox->now_ms + CLAIM_EVERY_MS + randombytes_uniform(CLAIM_EVERY_MS / 4);
	outbox->counters.claimed += n;
	outbox->counters.failures += result != SESS_QUEUE_OK;
	begin(state, entries, n);
}

static void claim(struct lane_state *state)
{
	struct gw_outbox *outbox = state->outbox;

	if (state->claiming || outbox->now_ms < state->next_claim_ms || outbox->n_jobs + outbox->n_taking >= outbox->config.in_work ||
	    sess_queue_claim(state->lane->queue, CLAIM_IDLE_MS, on_claimed, state, 0) < 0)
		return;
	state->claiming = true;
	outbox->n_taking++;
}

/* ---- upkeep of what is in work ---- */

static void on_renewed(void *ctx, uint64_t token, enum sess_queue_result result)
{
	struct gw_job *job = gw_job_at(ctx, token);

	if (!job)
		return;
	if (result == SESS_QUEUE_OK)
		job->ours_ms = job->renew_ms - RENEW_MS + SAFE_MS; /* from when it was asked, not from now */
	else if (result == SESS_QUEUE_LOST || result == SESS_QUEUE_GONE)
		job->lost = true;
}

static void renew(struct gw_job *job)
{
	if (job->lost || job->outbox->now_ms < job->renew_ms)
		return;
	job->renew_ms = job->outbox->now_ms + RENEW_MS;
	sess_queue_renew(job->lane->queue, &job->handle, on_renewed, job->outbox, gw_job_token(job));
}

/* What waits for the network too long waits in the ledger; what never heard of its outcome has an unknown one. */
static void watch(struct gw_job *job)
{
	struct gw_outbox *outbox = job->outbox;
	int64_t in_stage_ms = outbox->now_ms - job->since_ms;

	if (job->retry_ms && outbox->now_ms >= job->retry_ms)
		gw_job_again(job);
	else if (job->stage == JOB_READY && (job->lost || outbox->closing || in_stage_ms > READY_MS))
		gw_job_settle(job, VERB_LATER, outbox->closing ? 0 : 200, NULL);
	else if (job->stage == JOB_HANDING)
		gw_job_hand_over(job);
	else if (job->stage == JOB_SENDING && in_stage_ms > OUTCOME_MS)
		gw_job_report(job);
}

static void upkeep(struct gw_outbox *outbox)
{
	for (unsigned int i = 0; i < outbox->config.in_work; i++) {
		if (outbox->jobs[i].stage == JOB_FREE)
			continue;
		renew(&outbox->jobs[i]);
		watch(&outbox->jobs[i]);
	}
}

void gw_outbox_turn(struct gw_outbox *outbox)
{
	gw_outbox_now(outbox);
	for (size_t i = 0; i < outbox->n_lanes && !outbox->closing; i++)
		take(&outbox->lanes[i]);
	gw_outbox_pump(outbox);
}

void gw_outbox_tick(struct gw_outbox *outbox)
{
	gw_outbox_now(outbox);
	upkeep(outbox);
	for (size_t i = 0; i < outbox->n_lanes && !outbox->closing; i++)
		claim(&outbox->lanes[i]);
}

/* ---- life ---- */

static void make_lanes(struct gw_outbox *outbox)
{
	while (gw_lane_at(outbox->config.lanes, outbox->n_lanes))
		outbox->n_lanes++;
	outbox->lanes = talloc_zero_array(outbox, struct lane_state, (unsigned int)outbox->n_lanes);
	outbox->routes = talloc_zero_array(outbox, struct route_state, (unsigned int)(outbox->n_lanes / GW_LANES));
	for (size_t i = 0; i < outbox->n_lanes; i++) {
		const struct gw_lane *lane = gw_lane_at(outbox->config.lanes, i);

		outbox->routes[i / GW_LANES].route = lane->route;
		outbox->lanes[i] = (struct lane_state){ .outbox = outbox, .lane = lane, .to = &outbox->routes[i / GW_LANES] };
	}
}

struct gw_outbox *gw_outbox_alloc(void *ctx, const struct gw_outbox_config *config)
{
	struct gw_outbox *outbox = talloc_zero(ctx, struct gw_outbox);

	outbox->config = *config;
	INIT_LLIST_HEAD(&outbox->free);
	INIT_LLIST_HEAD(&outbox->ready);
	INIT_LLIST_HEAD(&outbox->work);
	outbox->jobs = talloc_zero_array(outbox, struct gw_job, config->in_work);
	for (unsigned int i = 0; i < config->in_work; i++) {
		outbox->jobs[i].outbox = outbox;
		outbox->jobs[i].index = i;
		llist_add_tail(&outbox->jobs[i].entry, &outbox->free);
	}
	make_lanes(outbox);
	gw_outbox_now(outbox);
	return outbox;
}

bool gw_outbox_close(struct gw_outbox *outbox)
{
	outbox->closing = true;
	return outbox->n_jobs + outbox->n_taking == 0;
}

unsigned int gw_outbox_in_work(const struct gw_outbox *outbox)
{
	return outbox->n_jobs;
}

const struct gw_outbox_counters *gw_outbox_counters(const struct gw_outbox *outbox)
{
	return &outbox->counters;
}
