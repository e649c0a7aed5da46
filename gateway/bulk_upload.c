/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* An upload: pieces of a file come in, rows are checked and gathered into chunks, chunks go to the ledger, and at the end the job
 * begins to run, all at once.
 *
 *   LOADING ──> COUNTING ──> OPENING ──> TAKING ──end──> ENDING ──all chunks are there──> CLOSING ──> 202
 *      └ it is there already: 202           └────────────── broken off ──────> LEAVING: others tidy up (bulk_feed.c)
 *
 * What it owns: its parser, one chunk being gathered, and at most CHUNKS_MAX of them under way; while there are that many, the
 * client is held back. A commit that Redis did not answer is made again as it is, for as long as the client waits. The record is
 * written once a second meanwhile, as the sign that the upload lives.
 *
 * An upload outlives its call (the client may hang up while commits are under way), so they know each other by number only. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/bulk_notice.h"
#include "gateway/bulk_priv.h"
#include "gateway/bulk_row.h"
#include "gateway/log.h"
#include "sessions/clock.h"

#define CHUNK_OCTETS 32000u
#define CHUNKS_MAX 8                 /* under way; from so many on the client is held back, */
#define CHUNKS_LOW 4                 /* and goes on again when there are not more than these */
#define UPLOADS_MAX 8                /* at once in this process, */
#define UPLOADS_OF_AGENCY_MAX 2      /* and of one agency */
#define OPEN_JOBS_MAX 64             /* of the agencies of a partition, that are not over */
#define RECORD_TOKEN UINT32_MAX      /* where a chunk's number stands in a token */

enum phase { LOADING, COUNTING, OPENING, TAKING, ENDING, CLOSING, LEAVING };

struct chunk {
	struct llist_head entry;
	uint32_t number;
	struct sess_ledger_commit *commit;
	int64_t again_ms;                /* 0: it is under way */
};

struct upload {
	struct llist_head entry;
	struct gw_bulk *bulk;
	uint32_t serial;
	uint64_t call;
	enum phase phase;
	bool left;                       /* nobody waits for it any more */
	struct gw_bulk_job *job;
	sess_ledger_stamp stamp;
	struct sess_ledger_commit *commit; /* of the record, under way or to be made again; NULL: none */
	int64_t again_ms, written_ms;
	bool paused, held;               /* the job begins so; the client is held back */
	enum gw_bulk_format format;
	bool has_head;
	struct gw_bulk_columns columns;
	struct gw_bulk_maker *maker;
	struct gw_bulk_rows rows;
	json_t *errors;
	struct llist_head chunks;
	unsigned int n_chunks;
	size_t octets;                   /* gathered */
	char gathered[CHUNK_OCTETS];
};

static void advance(struct upload *upload);

/* ---- finding each other ---- */

static uint64_t token_of(const struct upload *upload, uint32_t what)
{
	return (uint64_t)upload->serial << 32 | what;
}

static struct upload *find(struct gw_bulk *bulk, uint32_t serial)
{
	struct upload *upload;

	llist_for_each_entry(upload, &bulk->uploads, entry)
		if (upload->serial == serial)
			return upload;
	return NULL;
}

static struct upload *upload_of(const struct gw_api_call *call)
{
	return call->state && call->gw->bulk ? find(call->gw->bulk, *(const uint32_t *)call->state) : NULL;
}

static struct gw_api_call *call_of(const struct upload *upload)
{
	return gw_api_call_at(upload->bulk->gw->api, upload->call);
}

bool bulk_is_uploading(const struct gw_bulk *bulk, const char *id)
{
	const struct upload *upload;

	llist_for_each_entry(upload, &bulk->uploads, entry)
		if (upload->phase != LEAVING && strcmp(upload->job->id, id) == 0)
			return true;
	return false;
}

static int free_upload(struct upload *upload)
{
	llist_del(&upload->entry);
	json_decref(upload->errors);
	return 0;
}

/* The client was told, or is gone. What was begun is left for others to tidy up. */
static void leave(struct upload *upload)
{
	if (!upload->left && upload->phase >= TAKING)
		upload->bulk->counters.uploads_broken++;
	upload->left = true;
	advance(upload);
}

/* After the problem was given; the upload may be gone when this returns. */
static void give_problem(struct upload *upload, unsigned int status, const char *type, const char *detail)
{
	struct gw_api_call *call = call_of(upload);

	if (call)
		gw_api_problem(call, status, type, "%s", detail);
	leave(upload);
}

/* ---- chunks ---- */

static void hold(struct upload *upload, bool held)
{
	struct gw_api_call *call = call_of(upload);

	if (upload->held == held || !call)
		return;
	upload->held = held;
	if (held)
		gw_api_pause(call);
	else
		gw_api_go_on(call);
}

static struct chunk *find_chunk(struct upload *upload, uint32_t number)
{
	struct chunk *chunk;

	llist_for_each_entry(chunk, &upload->chunks, entry)
		if (chunk->number == number)
			return chunk;
	return NULL;
}

static void on_chunk(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct upload *upload = find(ctx, (uint32_t)(token >> 32));
	struct chunk *chunk = upload ? find_chunk(upload, (uint32_t)token) : NULL;

	(void)there;
	if (!chunk)
		return;
	if (result != SESS_LEDGER_OK) { /* its key is new: nothing but Redis can be in the way */
		chunk->again_ms = sess_clock_ms() + BULK_AGAIN_MS;
		return;
	}
	llist_del(&chunk->entry);
	talloc_free(chunk);
	upload->n_chunks--;
	if (upload->phase == TAKING && upload->n_chunks <= CHUNKS_LOW)
		hold(upload, false);
	advance(upload);
}

static void send_chunk(struct upload *upload, struct chunk *chunk)
{
	int rc = sess_ledger_commit_go(chunk->commit, on_chunk, upload->bulk, token_of(upload, chunk->number));

	chunk->again_ms = rc < 0 ? sess_clock_ms() + BULK_AGAIN_MS : 0;
}

static void flush_chunk(struct upload *upload)
{
	struct gw_bulk *bulk = upload->bulk;
	struct chunk *chunk;
	char key[SESS_LEDGER_KEY_OCTETS];

	if (!upload->octets)
		return;
	chunk = talloc_zero(upload, struct chunk);
	gw_bulk_rows_key(key, upload->job, upload->job->chunks);
	chunk->number = (uint32_t)upload->job->chunks++;
	chunk->commit = sess_ledger_commit_begin(chunk, bulk->gw->ledger, (unsigned int)gw_bulk_partition(upload->job->id));
	sess_ledger_new(chunk->commit, key, upload->gathered, upload->octets, GW_BULK_ROWS_MS);
	llist_add_tail(&chunk->entry, &upload->chunks);
	upload->n_chunks++;
	upload->octets = 0;
	send_chunk(upload, chunk);
	if (upload->n_chunks >= CHUNKS_MAX)
		hold(upload, true);
}

/* ---- rows ---- */

static void refuse_row(struct upload *upload, uint64_t line, const struct gw_bulk_bad *bad)
{
	upload->job->failed++;
	upload->bulk->counters.rows_refused++;
	if (json_array_size(upload->errors) < GW_BULK_ERRORS_KEPT)
		json_array_append_new(upload->errors, json_pack("[I, s, s]", (json_int_t)line, bad->pointer, bad->detail));
}

static bool keep_row(struct upload *upload, uint64_t line, json_t *notice, struct gw_bulk_bad *bad)
{
	json_t *pair = json_pack("[I, O]", (json_int_t)line, notice);
	char *text = json_dumps(pair, JSON_COMPACT);
	size_t octets = text ? strlen(text) : SIZE_MAX;
	bool fits = octets < CHUNK_OCTETS;

	if (fits && upload->octets + octets + 1 > CHUNK_OCTETS)
		flush_chunk(upload);
	if (fits) {
		memcpy(upload->gathered + upload->octets, text, octets);
		upload->octets += octets;
		upload->gathered[upload->octets++] = '\n';
	}
	snprintf(bad->detail, sizeof(bad->detail), "it is too long");
	free(text);
	json_decref(pair);
	return fits;
}

static void take_row(struct upload *upload, const struct gw_bulk_row *row)
{
	struct gw_bulk_bad bad = { .pointer = "" };
	json_t *notice = gw_bulk_row_read(upload->format == GW_BULK_CSV ? &upload->columns : NULL, row, &bad);
	struct gw_notice *made;

	upload->job->rows++;
	upload->bulk->counters.rows++;
	made = notice ? gw_bulk_maker_make(upload->maker, upload, notice, row->line, &bad) : NULL;
	if (!made || !keep_row(upload, row->line, notice, &bad))
		refuse_row(upload, row->line, &bad);
	talloc_free(made);
	json_decref(notice);
}

/* False: the file is no good, and the client was told. */
static bool take(struct upload *upload, const struct gw_bulk_row *row)
{
	struct gw_bulk_bad bad = { .pointer = "" };

	if (upload->format == GW_BULK_NDJSON || upload->has_head) {
		take_row(upload, row);
		return true;
	}
	if (!gw_bulk_columns_read(&upload->columns, row, upload->job->template_text != NULL, &bad)) {
		give_problem(upload, 400, "bad-file", bad.detail);
		return false;
	}
	upload->has_head = true;
	return true;
}

/* What ends the file before its end: rc as of gw_bulk_rows_take. */
static void give_file_problem(struct upload *upload, int rc)
{
	char detail[160];

	snprintf(detail, sizeof(detail), rc == -EMSGSIZE ? "the row at line %" PRIu64 " has more than %u octets: a quote that is not closed?" :
		 "the quote that is opened in the row at line %" PRIu64 " is never closed", upload->rows.begun, GW_BULK_ROW_OCTETS);
	give_problem(upload, 400, "bad-file", detail);
}

void bulk_upload_piece(struct gw_api_call *call, const char *data, size_t octets)
{
	struct upload *upload = upload_of(call);
	struct gw_bulk_row row;
	int rc = 0;

	if (!upload || upload->left)
		return;
	upload->job->octets += octets;
	while ((rc = gw_bulk_rows_take(&upload->rows, &data, &octets, &row)) == 1)
		if (!take(upload, &row))
			return;
	if (rc < 0)
		give_file_problem(upload, rc);
}

void bulk_upload_end(struct gw_api_call *call)
{
	struct upload *upload = upload_of(call);
	struct gw_bulk_row row;
	int rc;

	if (!upload || upload->left)
		return;
	rc = gw_bulk_rows_end(&upload->rows, &row);
	if (rc < 0)
		give_file_problem(upload, rc);
	else if (rc == 0 || take(upload, &row)) {
		if (upload->job->rows == 0)
			give_problem(upload, 400, "bad-file", "there is no row in it");
		else if (!gw_api_take_quota(call, (unsigned int)(upload->job->rows - upload->job->failed)))
			leave(upload);
		else {
			flush_chunk(upload);
			upload->phase = ENDING;
			advance(upload);
		}
	}
}

/* ---- the record ---- */

static void opened(struct upload *upload)
{
	struct gw_api_call *call = call_of(upload);

	upload->phase = TAKING;
	upload->bulk->counters.uploads++;
	if (call)
		gw_api_go_on(call);
}

static void closed(struct upload *upload)
{
	struct gw_bulk *bulk = upload->bulk;
	struct gw_api_call *call = call_of(upload);
	const struct gw_bulk_job *job = upload->job;

	LOGP(GW_LOG_API, LOGL_INFO, "bulk %s of %s: %" PRIu64 " rows, %" PRIu64 " of them bad\n", job->id, job->agency, job->rows, job->failed);
	if (call)
		gw_api_answer(call, 202, gw_bulk_job_show(job, NULL));
	bulk_feed_hint(bulk, job->id);
	talloc_free(upload);
}

static void on_written(struct upload *upload)
{
	switch (upload->phase) {
	case OPENING:
		opened(upload);
		break;
	case CLOSING:
		closed(upload);
		return;
	case LEAVING:
		bulk_feed_hint(upload->bulk, upload->job->id);
		talloc_free(upload);
		return;
	default: /* the sign of life */
		break;
	}
	advance(upload);
}

/* The record is not as we left it: another gateway took us for dead, or the same key is being uploaded elsewhere. */
static void on_overwritten(struct upload *upload)
{
	enum phase phase = upload->phase;

	upload->phase = LOADING; /* nothing of it is ours any more */
	give_problem(upload, 409, "upload-under-way", phase == OPENING ? "the same upload is under way" :
							      "another gateway took over: upload it again");
}

static void on_record(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct upload *upload = find(ctx, (uint32_t)(token >> 32));

	(void)there;
	if (!upload || !upload->commit)
		return;
	if (result == SESS_LEDGER_DOWN || result == SESS_LEDGER_BUSY) {
		upload->again_ms = sess_clock_ms() + BULK_AGAIN_MS;
		return;
	}
	upload->stamp = sess_ledger_commit_stamp(upload->commit);
	upload->written_ms = sess_clock_ms();
	TALLOC_FREE(upload->commit);
	if (result == SESS_LEDGER_OK)
		on_written(upload);
	else
		on_overwritten(upload);
}

static void send_record(struct upload *upload)
{
	int rc = sess_ledger_commit_go(upload->commit, on_record, upload->bulk, token_of(upload, RECORD_TOKEN));

	upload->again_ms = rc < 0 ? sess_clock_ms() + BULK_AGAIN_MS : 0;
}

static void write_record(struct upload *upload)
{
	struct gw_bulk_job *job = upload->job;
	unsigned int partition = (unsigned int)gw_bulk_partition(job->id);
	char key[SESS_LEDGER_KEY_OCTETS];

	if (upload->phase == CLOSING) {
		job->state = upload->paused ? GW_BULK_PAUSED : GW_BULK_RUNNING;
		job->state_ms = sess_clock_wall_ms();
	}
	strcpy(job->feeder, upload->phase == CLOSING || upload->phase == LEAVING ? "" : upload->bulk->token);
	upload->commit = sess_ledger_commit_begin(upload, upload->bulk->gw->ledger, partition);
	if (upload->phase == CLOSING)
		bulk_put_errors(upload->commit, job, upload->errors);
	bulk_put_job(upload->commit, job, upload->stamp);
	if (upload->phase == OPENING) {
		gw_bulk_open_key(key, partition);
		sess_ledger_index(upload->commit, key, (double)job->created_ms, job->id);
		gw_bulk_list_key(key, job->agency);
		sess_ledger_index(upload->commit, key, (double)job->created_ms, job->id);
	}
	if (upload->phase == CLOSING)
		bulk_note(upload->commit, job, "bulk.accepted");
	send_record(upload);
}

/* What can be done next, whatever happened; the upload may be gone when this returns. */
static void advance(struct upload *upload)
{
	if (upload->commit)
		return; /* one at a time */
	if (upload->left && upload->phase <= COUNTING) {
		talloc_free(upload);
	} else if (upload->left && upload->phase < CLOSING) {
		upload->phase = LEAVING;
		write_record(upload);
	} else if (upload->phase == ENDING && upload->n_chunks == 0) {
		upload->phase = CLOSING;
		write_record(upload);
	}
}

void bulk_upload_gone(struct gw_api_call *call)
{
	struct upload *upload = upload_of(call);

	if (upload)
		leave(upload);
}

/* ---- the beginning ---- */

static void on_counted(void *ctx, uint64_t token, enum sess_ledger_result result, int64_t count)
{
	struct upload *upload = find(ctx, (uint32_t)(token >> 32));
	struct gw_api_call *call = upload ? call_of(upload) : NULL;

	if (!call)
		return;
	if (result != SESS_LEDGER_OK) {
		gw_api_problem_ledger(call, result);
		leave(upload);
	} else if (count >= OPEN_JOBS_MAX) {
		give_problem(upload, 429, "too-many-jobs", "too many jobs are not over yet");
	} else {
		upload->phase = OPENING;
		write_record(upload);
	}
}

/* The same upload again: the job is what it is by now. */
static void answer_existing(struct upload *upload, const struct sess_ledger_record *record)
{
	struct gw_bulk_job *job = gw_bulk_job_decode(upload, record->value, record->octets);
	struct gw_api_call *call = call_of(upload);

	if (job && !json_equal(job->notice, upload->job->notice)) {
		give_problem(upload, 409, "idempotency-conflict", "this key was used for an upload with other parameters");
	} else if (job && job->state != GW_BULK_UPLOADING) {
		gw_api_answer(call, 202, gw_bulk_job_show(job, NULL));
		leave(upload);
	} else {
		give_problem(upload, 409, "upload-under-way", "the same upload is under way, or broke off a moment ago: try again in some seconds");
	}
}

static void on_loaded(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct upload *upload = find(ctx, (uint32_t)(token >> 32));
	struct gw_api_call *call = upload ? call_of(upload) : NULL;
	char key[SESS_LEDGER_KEY_OCTETS];

	(void)n;
	if (!call)
		return;
	if (result != SESS_LEDGER_OK) {
		gw_api_problem_ledger(call, result);
		leave(upload);
		return;
	}
	if (records[0].stamp) {
		answer_existing(upload, &records[0]);
		return;
	}
	upload->phase = COUNTING;
	gw_bulk_open_key(key, (unsigned int)gw_bulk_partition(upload->job->id));
	if (sess_ledger_size(upload->bulk->gw->ledger, key, on_counted, upload->bulk, token) < 0)
		give_problem(upload, 503, "closing", "ask again: another one takes over");
}

static void load(struct upload *upload)
{
	char key[SESS_LEDGER_KEY_OCTETS];
	const char *keys[] = { key };

	gw_bulk_job_key(key, upload->job->id);
	if (sess_ledger_load(upload->bulk->gw->ledger, keys, 1, on_loaded, upload->bulk, token_of(upload, RECORD_TOKEN)) < 0)
		give_problem(upload, 503, "closing", "ask again: another one takes over");
}

/* False: it was answered. */
static bool has_place(struct gw_bulk *bulk, struct gw_api_call *call)
{
	const struct upload *upload;
	unsigned int all = 0, own = 0;

	llist_for_each_entry(upload, &bulk->uploads, entry) {
		all++;
		own += strcmp(upload->job->agency, call->agency) == 0;
	}
	if (all < UPLOADS_MAX && own < UPLOADS_OF_AGENCY_MAX)
		return true;
	gw_api_problem(call, 429, "too-many-uploads", "at most %d uploads at once, %d of one agency", UPLOADS_MAX, UPLOADS_OF_AGENCY_MAX);
	return false;
}

void bulk_upload_begin(struct gw_bulk *bulk, struct gw_api_call *call, struct gw_bulk_job *job, struct gw_bulk_maker *maker,
		       enum gw_bulk_format format, bool paused)
{
	struct upload *upload;

	if (!has_place(bulk, call)) {
		talloc_free(maker);
		talloc_free(job);
		return;
	}
	upload = talloc_zero(bulk, struct upload);
	upload->bulk = bulk;
	upload->serial = (uint32_t)++bulk->serial;
	upload->call = gw_api_handle(call);
	upload->job = talloc_steal(upload, job);
	upload->maker = talloc_steal(upload, maker);
	upload->format = format;
	upload->paused = paused;
	upload->errors = json_array();
	INIT_LLIST_HEAD(&upload->chunks);
	gw_bulk_rows_init(&upload->rows, format);
	llist_add_tail(&upload->entry, &bulk->uploads);
	talloc_set_destructor(upload, free_upload);
	call->state = talloc_memdup(call, &upload->serial, sizeof(upload->serial));
	gw_api_pause(call);
	load(upload);
}

/* ---- time ---- */

static void tick(struct upload *upload, int64_t now_ms)
{
	struct chunk *chunk;

	llist_for_each_entry(chunk, &upload->chunks, entry)
		if (chunk->again_ms && now_ms >= chunk->again_ms)
			send_chunk(upload, chunk);
	if (upload->commit && upload->again_ms && now_ms >= upload->again_ms)
		send_record(upload);
	else if (!upload->commit && (upload->phase == TAKING || upload->phase == ENDING) && now_ms - upload->written_ms >= BULK_RENEW_MS)
		write_record(upload);
}

void bulk_uploads_tick(struct gw_bulk *bulk, int64_t now_ms)
{
	struct upload *upload, *next;

	llist_for_each_entry_safe(upload, next, &bulk->uploads, entry)
		tick(upload, now_ms);
}
