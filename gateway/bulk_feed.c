/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The feeder: which jobs there are, whose they are, and how far they are.
 *
 * Every gateway knows all jobs that are open: it lists them partition by partition, all within some seconds, and looks at the record
 * of each once a second. A job that nobody is at is taken by writing one's token into its record; the record is written again every
 * second by whoever is at it. One that was not written for BULK_LEASE_MS - by our own clock, since we saw it change: the
 * clocks of others do not matter - belongs to a dead gateway, and is taken over. Who pauses, resumes or cancels takes the token
 * out, so that the feeder finds the record changed and lets go; a feeder that was only slow finds the same.
 *
 *     watching ──take──> ours ──chunk loaded──> feeding ──all are notices──> place saved, chunk dropped ──> next chunk
 *        ^                │                                                    └─ the last ──all have left──> finished
 *        └── changed by another ── what is under way comes to its end unheard; whoever is next meets it again
 *
 * A cancelled job, and an upload that broke off, are taken the same way, and their chunks dropped. */
#include <inttypes.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/bulk_priv.h"
#include "gateway/event.h"
#include "gateway/log.h"
#include "gateway/notices.h"
#include "sessions/clock.h"

#define SCAN_MS 50                   /* from one partition to the next: all within 3.2 s */
#define SCANS_MAX 4                  /* under way */
#define FEEDS_MAX 512                /* jobs known at once */
#define LOOK_MS 1000
#define WAIT_MS 100                  /* for room */
#define SUM_MS 2000                  /* all rows are notices: from one look whether they are sent to the next */
#define UNFEEDABLE_MS 60000
#define DROP_AT_ONCE 12              /* chunks in a commit */

enum purpose { TAKE, RENEW, SAVE, FINISH, DROP, FORGET, RELEASE };

struct feed {
	struct llist_head entry;
	struct gw_bulk *bulk;
	uint32_t serial;
	char id[GW_BULK_ID_OCTETS];
	struct gw_bulk_job *job;         /* NULL: not loaded yet */
	sess_ledger_stamp stamp;
	int64_t changed_ms;              /* when we saw the record change */
	int64_t due_ms;                  /* of the next look, or step */
	bool ours;
	bool asking;                     /* a load, or a sum, is under way */
	int64_t summed_ms;               /* when it was last asked how many notices have left */
	struct sess_ledger_commit *commit; /* one at a time: under way, or to be made again */
	enum purpose purpose;
	int64_t again_ms;
	struct gw_bulk_maker *maker;
	struct bulk_chunk *chunk;
};

static void step(struct feed *feed, int64_t now_ms);

static struct feed *find(const struct gw_bulk *bulk, uint64_t serial)
{
	struct feed *feed;

	llist_for_each_entry(feed, &bulk->feeds, entry)
		if (feed->serial == serial)
			return feed;
	return NULL;
}

static struct feed *find_id(const struct gw_bulk *bulk, const char *id)
{
	struct feed *feed;

	llist_for_each_entry(feed, &bulk->feeds, entry)
		if (strcmp(feed->id, id) == 0)
			return feed;
	return NULL;
}

static int unlink_feed(struct feed *feed)
{
	llist_del(&feed->entry);
	return 0;
}

static struct feed *meet(struct gw_bulk *bulk, const char *id)
{
	struct feed *feed = find_id(bulk, id);

	if (feed || gw_bulk_partition(id) < 0 || llist_count(&bulk->feeds) >= FEEDS_MAX)
		return feed;
	feed = talloc_zero(bulk, struct feed);
	feed->bulk = bulk;
	feed->serial = (uint32_t)++bulk->serial;
	OSMO_STRLCPY_ARRAY(feed->id, id);
	llist_add_tail(&feed->entry, &bulk->feeds);
	talloc_set_destructor(feed, unlink_feed);
	return feed;
}

static void let_go(struct feed *feed)
{
	feed->ours = false;
	TALLOC_FREE(feed->chunk);
	TALLOC_FREE(feed->maker);
}

/* ---- commits ---- */

static const char *key_of(char key[SESS_LEDGER_KEY_OCTETS], const char *id)
{
	gw_bulk_job_key(key, id);
	return key;
}

static void committed(struct feed *feed, int64_t now_ms)
{
	struct gw_bulk *bulk = feed->bulk;

	switch (feed->purpose) {
	case TAKE:
		feed->ours = true;
		break;
	case SAVE:
		bulk->counters.fed += feed->chunk ? feed->chunk->accepted : 0;
		bulk->counters.feed_failures += feed->chunk ? feed->chunk->failed : 0;
		TALLOC_FREE(feed->chunk);
		break;
	case FINISH:
		LOGP(GW_LOG_API, LOGL_INFO, "bulk %s of %s: %s, %" PRIu64 " notices, %" PRIu64 " rows failed\n", feed->id, feed->job->agency,
		     gw_bulk_state_name(feed->job->state), feed->job->accepted, feed->job->failed);
		bulk->counters.finished += feed->job->state == GW_BULK_FINISHED;
		bulk_learn_state(bulk, feed->id, feed->job->state);
		let_go(feed); /* a cancelled one still has chunks: the next look finds it so */
		break;
	case FORGET:
		talloc_free(feed);
		return;
	case RELEASE:
		let_go(feed);
		feed->due_ms = now_ms + LOOK_MS;
		return;
	case RENEW:
	case DROP:
		break;
	}
	step(feed, now_ms);
}

static void on_commit(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct feed *feed = find(ctx, token);
	int64_t now_ms = sess_clock_ms();

	(void)there;
	if (!feed || !feed->commit)
		return;
	if (result == SESS_LEDGER_DOWN || result == SESS_LEDGER_BUSY || result == SESS_LEDGER_FULL) {
		feed->again_ms = now_ms + BULK_AGAIN_MS;
		return;
	}
	if (result == SESS_LEDGER_OK) {
		feed->stamp = sess_ledger_commit_stamp(feed->commit);
		feed->changed_ms = now_ms;
		TALLOC_FREE(feed->commit);
		committed(feed, now_ms);
		return;
	}
	TALLOC_FREE(feed->commit); /* another was faster, and what we meant to write is void */
	let_go(feed);
	TALLOC_FREE(feed->job);
	feed->due_ms = now_ms;
}

static void send(struct feed *feed)
{
	int rc = sess_ledger_commit_go(feed->commit, on_commit, feed->bulk, feed->serial);

	feed->again_ms = rc < 0 ? sess_clock_ms() + BULK_AGAIN_MS : 0;
}

static void begin(struct feed *feed, enum purpose purpose)
{
	feed->purpose = purpose;
	feed->commit = sess_ledger_commit_begin(feed, feed->bulk->gw->ledger, (unsigned int)gw_bulk_partition(feed->id));
}

static void write_feeder(struct feed *feed, enum purpose purpose)
{
	begin(feed, purpose);
	strcpy(feed->job->feeder, purpose == RELEASE ? "" : feed->bulk->token);
	bulk_put_job(feed->commit, feed->job, feed->stamp);
	send(feed);
}

/* All rows of the chunk are notices, or never will be. chunk NULL: it was not there. */
static void save_place(struct feed *feed)
{
	struct gw_bulk_job *job = feed->job;
	char key[SESS_LEDGER_KEY_OCTETS];

	begin(feed, SAVE);
	if (feed->chunk) {
		job->accepted += feed->chunk->accepted;
		job->failed += feed->chunk->failed;
		bulk_put_errors(feed->commit, job, feed->chunk->errors);
		gw_bulk_rows_key(key, job, job->place);
		sess_ledger_drop(feed->commit, key, feed->chunk->stamp);
	}
	job->place++;
	bulk_put_job(feed->commit, job, feed->stamp);
	send(feed);
}

static void unindex(struct feed *feed, bool from_list)
{
	char key[SESS_LEDGER_KEY_OCTETS];

	gw_bulk_open_key(key, (unsigned int)gw_bulk_partition(feed->id));
	sess_ledger_unindex(feed->commit, key, feed->id);
	if (!from_list)
		return;
	gw_bulk_list_key(key, feed->job->agency);
	sess_ledger_unindex(feed->commit, key, feed->id);
}

static void finish(struct feed *feed, enum gw_bulk_state state)
{
	const char *what = state == GW_BULK_FINISHED ? "bulk.finished" : "bulk.cancelled";
	struct gw_bulk_job *job = feed->job;
	json_t *data;

	begin(feed, FINISH);
	job->state = state;
	job->state_ms = sess_clock_wall_ms();
	job->feeder[0] = '\0';
	if (state == GW_BULK_FINISHED) {
		job->failed = job->rows - OSMO_MIN(job->accepted, job->rows); /* also those of a chunk that was lost */
		unindex(feed, false);
	}
	data = gw_bulk_job_show(job, NULL);
	bulk_put_job(feed->commit, job, feed->stamp);
	bulk_note(feed->commit, job, what);
	if (feed->bulk->gw->events)
		gw_event_add(feed->bulk->gw->events, feed->commit, job->agency, what, data);
	json_decref(data);
	send(feed);
}

/* ---- chunks ---- */

static void on_accepted(void *ctx, uint64_t token, enum sess_ledger_result result)
{
	const struct gw_bulk *bulk = ctx;
	struct feed *feed;

	llist_for_each_entry(feed, &bulk->feeds, entry) {
		if (!feed->chunk || feed->chunk->serial != token >> 32)
			continue;
		bulk_chunk_answer(feed->chunk, (uint32_t)token, result);
		step(feed, sess_clock_ms());
		return;
	}
}

static void take_chunk(struct feed *feed, const struct sess_ledger_record *record)
{
	if (record->stamp) {
		feed->chunk = bulk_chunk_alloc(feed, feed->bulk, record);
		return;
	}
	LOGP(GW_LOG_API, LOGL_ERROR, "bulk %s: chunk %" PRIu64 " is gone from the ledger; its rows count as failed\n", feed->id, feed->job->place);
	save_place(feed);
}

/* Chunks of what will never be fed. */
static void drop_chunks(struct feed *feed, const struct sess_ledger_record *records, size_t n)
{
	struct gw_bulk_job *job = feed->job;
	char key[SESS_LEDGER_KEY_OCTETS];
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += records[i].stamp != 0;
	if (found == 0 && job->place >= job->chunks) { /* an upload may have written more than it had said: look until there is none */
		begin(feed, FORGET);
		unindex(feed, job->state == GW_BULK_UPLOADING);
		if (job->state == GW_BULK_UPLOADING)
			sess_ledger_drop(feed->commit, key_of(key, feed->id), feed->stamp);
		else
			bulk_put_job(feed->commit, job, feed->stamp);
		send(feed);
		return;
	}
	begin(feed, DROP);
	for (size_t i = 0; i < n; i++) {
		gw_bulk_rows_key(key, job, job->place + i);
		if (records[i].stamp)
			sess_ledger_drop(feed->commit, key, records[i].stamp);
	}
	job->place += n;
	job->chunks = OSMO_MAX(job->chunks, job->place);
	bulk_put_job(feed->commit, job, feed->stamp);
	send(feed);
}

static void on_chunks(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct feed *feed = find(ctx, token);
	int64_t now_ms = sess_clock_ms();

	if (!feed)
		return;
	feed->asking = false;
	if (!feed->ours || feed->commit)
		return;
	if (result != SESS_LEDGER_OK) {
		feed->due_ms = now_ms + BULK_AGAIN_MS;
		return;
	}
	if (feed->job->state == GW_BULK_RUNNING)
		take_chunk(feed, &records[0]);
	else
		drop_chunks(feed, records, n);
	step(feed, now_ms);
}

static void load_chunks(struct feed *feed, size_t n)
{
	char texts[DROP_AT_ONCE][SESS_LEDGER_KEY_OCTETS];
	const char *keys[DROP_AT_ONCE];

	for (size_t i = 0; i < n; i++) {
		gw_bulk_rows_key(texts[i], feed->job, feed->job->place + i);
		keys[i] = texts[i];
	}
	feed->asking = sess_ledger_load(feed->bulk->gw->ledger, keys, n, on_chunks, feed->bulk, feed->serial) == 0;
}

static void feed_rows(struct feed *feed)
{
	struct bulk_feeding feeding = { .bulk = feed->bulk, .cb = on_accepted };
	struct gw_bulk_bad bad;

	if (!feed->maker)
		feed->maker = gw_bulk_maker_alloc(feed, feed->job, &bad);
	if (!feed->maker) { /* its record was written by hand, or by a later version */
		LOGP(GW_LOG_API, LOGL_ERROR, "bulk %s cannot be fed: %s: %s\n", feed->id, bad.pointer, bad.detail);
		feed->due_ms = sess_clock_ms() + UNFEEDABLE_MS;
		return;
	}
	feeding.maker = feed->maker;
	feeding.priority = gw_bulk_maker_priority(feed->maker);
	bulk_chunk_feed(feed->chunk, &feeding);
}

/* ---- a job that is ours ---- */

/* A job is over when its last notice has left: until then it can be paused and cancelled. */
static void on_left(void *ctx, uint64_t token, const int64_t *tallies)
{
	struct feed *feed = find(ctx, token);

	if (!feed)
		return;
	feed->asking = false;
	if (feed->ours && !feed->commit && tallies && tallies[GW_BULK_LEFT] >= (int64_t)feed->job->accepted)
		finish(feed, GW_BULK_FINISHED);
}

static void step_fed(struct feed *feed, int64_t now_ms)
{
	bool too_old = sess_clock_wall_ms() - feed->job->created_ms > GW_BULK_LIFE_MS;

	if (feed->job->accepted == 0 || too_old) {
		finish(feed, GW_BULK_FINISHED);
	} else if (now_ms - feed->changed_ms >= BULK_RENEW_MS) {
		write_feeder(feed, RENEW);
	} else if (now_ms - feed->summed_ms >= SUM_MS) {
		feed->summed_ms = now_ms;
		feed->asking = bulk_sum(feed->bulk, feed->id, 1U << GW_BULK_LEFT, on_left, feed->bulk, feed->serial) == 0;
	}
}

static void step_running(struct feed *feed, int64_t now_ms)
{
	const struct gw_bulk_job *job = feed->job;

	feed->due_ms = now_ms + WAIT_MS;
	if (feed->chunk)
		feed_rows(feed);
	if (feed->chunk && bulk_chunk_done(feed->chunk))
		save_place(feed);
	else if (!feed->chunk && job->place == job->chunks)
		step_fed(feed, now_ms);
	else if (!feed->chunk && sess_clock_wall_ms() - job->created_ms > GW_BULK_LIFE_MS)
		finish(feed, GW_BULK_CANCELLED);
	else if (now_ms - feed->changed_ms >= BULK_RENEW_MS)
		write_feeder(feed, RENEW);
	else if (!feed->chunk)
		load_chunks(feed, 1);
}

static void step_ours(struct feed *feed, int64_t now_ms)
{
	if (feed->bulk->closing) {
		if (!feed->chunk || feed->chunk->out == 0)
			write_feeder(feed, RELEASE);
	} else if (feed->job->state == GW_BULK_RUNNING) {
		step_running(feed, now_ms);
	} else {
		load_chunks(feed, DROP_AT_ONCE);
	}
}

/* ---- a job that is watched ---- */

/* Is there something to be done that nobody is at? */
static bool is_to_take(const struct feed *feed, int64_t now_ms)
{
	const struct gw_bulk_job *job = feed->job;
	int64_t wall_ms = sess_clock_wall_ms();
	bool work = job->state == GW_BULK_RUNNING ? wall_ms >= job->not_before_ms || wall_ms - job->created_ms > GW_BULK_LIFE_MS :
		    job->state == GW_BULK_PAUSED  ? wall_ms - job->created_ms > GW_BULK_LIFE_MS : true;
	bool free = !job->feeder[0] || strcmp(job->feeder, feed->bulk->token) == 0 || now_ms - feed->changed_ms >= BULK_LEASE_MS;

	return work && free && !feed->bulk->closing && !bulk_is_uploading(feed->bulk, feed->id);
}

static void look_at(struct feed *feed, int64_t now_ms)
{
	struct gw_bulk_job *job = feed->job;

	feed->due_ms = now_ms + LOOK_MS;
	if (!is_to_take(feed, now_ms))
		return;
	if (job->feeder[0] && strcmp(job->feeder, feed->bulk->token) != 0) {
		LOGP(GW_LOG_API, LOGL_NOTICE, "bulk %s: taken over from a gateway that is gone\n", feed->id);
		feed->bulk->counters.takeovers++;
	}
	if (job->state == GW_BULK_PAUSED)
		finish(feed, GW_BULK_CANCELLED); /* it has waited for as long as a job may live */
	else
		write_feeder(feed, TAKE);
}

static void on_record(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct feed *feed = find(ctx, token);
	int64_t now_ms = sess_clock_ms();

	(void)n;
	if (!feed)
		return;
	feed->asking = false;
	if (result != SESS_LEDGER_OK || feed->commit) {
		feed->due_ms = now_ms + BULK_AGAIN_MS;
		return;
	}
	if (feed->job && records[0].stamp == feed->stamp) {
		look_at(feed, now_ms);
		return;
	}
	let_go(feed);
	TALLOC_FREE(feed->job);
	feed->job = gw_bulk_job_decode(feed, records[0].value, records[0].octets);
	if (!feed->job || feed->job->state == GW_BULK_FINISHED) {
		talloc_free(feed); /* listed still, perhaps, but not to be met */
		return;
	}
	feed->stamp = records[0].stamp;
	feed->changed_ms = now_ms;
	bulk_learn_state(feed->bulk, feed->id, feed->job->state);
	look_at(feed, now_ms);
}

static void load_record(struct feed *feed)
{
	char key[SESS_LEDGER_KEY_OCTETS];
	const char *keys[] = { key_of(key, feed->id) };

	feed->asking = sess_ledger_load(feed->bulk->gw->ledger, keys, 1, on_record, feed->bulk, feed->serial) == 0;
}

static void step(struct feed *feed, int64_t now_ms)
{
	if (feed->asking || feed->commit)
		return;
	if (feed->ours)
		step_ours(feed, now_ms);
	else if (now_ms >= feed->due_ms)
		load_record(feed);
}

/* ---- time ---- */

void bulk_feed_hint(struct gw_bulk *bulk, const char *id)
{
	struct feed *feed = meet(bulk, id);

	if (!feed)
		return;
	feed->due_ms = 0;
	if (feed->ours && !feed->commit)
		write_feeder(feed, RENEW); /* finds out at once what has changed */
}

static void on_open(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_member *members, size_t n)
{
	struct gw_bulk *bulk = ctx;

	(void)token;
	bulk->scans--;
	for (size_t i = 0; result == SESS_LEDGER_OK && i < n; i++)
		meet(bulk, members[i].member);
}

static void scan(struct gw_bulk *bulk, int64_t now_ms)
{
	char key[SESS_LEDGER_KEY_OCTETS];
	const struct sess_ledger_range range = { .key = key, .min = 0, .max = 1e15, .n = FEEDS_MAX };

	bulk->scan_ms = now_ms;
	gw_bulk_open_key(key, bulk->scan++ % SESS_QUEUE_PARTITIONS);
	if (sess_ledger_range(bulk->gw->ledger, &range, on_open, bulk, 0) == 0)
		bulk->scans++;
}

void bulk_feeds_tick(struct gw_bulk *bulk, int64_t now_ms)
{
	struct feed *feed, *next;

	if (now_ms - bulk->scan_ms >= SCAN_MS && bulk->scans < SCANS_MAX)
		scan(bulk, now_ms);
	llist_for_each_entry_safe(feed, next, &bulk->feeds, entry) {
		if (feed->commit && feed->again_ms && now_ms >= feed->again_ms)
			send(feed);
		else if (now_ms >= feed->due_ms)
			step(feed, now_ms);
	}
}

bool bulk_feeds_idle(const struct gw_bulk *bulk)
{
	const struct feed *feed;

	llist_for_each_entry(feed, &bulk->feeds, entry)
		if (feed->ours)
			return false;
	return true;
}

bool gw_bulk_at(const struct gw_bulk *bulk, size_t index, struct gw_bulk_info *info)
{
	const struct feed *feed;

	llist_for_each_entry(feed, &bulk->feeds, entry) {
		const struct gw_bulk_job *job = feed->job;

		if (index-- > 0)
			continue;
		*info = (struct gw_bulk_info){ .id = feed->id, .agency = job ? job->agency : "", .state = job ? job->state : GW_BULK_UNKNOWN,
					       .rows = job ? job->rows : 0, .accepted = job ? job->accepted : 0, .failed = job ? job->failed : 0,
					       .in_flight = feed->chunk ? (unsigned int)feed->chunk->out : 0, .ours = feed->ours };
		return true;
	}
	return false;
}
