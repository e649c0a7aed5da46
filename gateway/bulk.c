/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See bulk.h. Here is what the parts share: the object itself, what is written into the ledger, what the outbox is told. */
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/audit_note.h"
#include "gateway/bulk_priv.h"
#include "sessions/clock.h"

#define STATES_MAX 256           /* jobs whose state is remembered for the outbox: those that have notices under way */
#define STATE_MS 1000            /* so old an answer may be before it is asked for again, */
#define STATE_STALE_MS 10000     /* and so old before it is none, when the ledger does not answer */

struct gw_bulk *gw_bulk_alloc(struct gw *gw)
{
	struct gw_bulk *bulk = talloc_zero(gw, struct gw_bulk);
	uint8_t random[8];

	bulk->gw = gw;
	randombytes_buf(random, sizeof(random));
	sodium_bin2hex(bulk->token, sizeof(bulk->token), random, sizeof(random));
	INIT_LLIST_HEAD(&bulk->uploads);
	INIT_LLIST_HEAD(&bulk->feeds);
	INIT_LLIST_HEAD(&bulk->states);
	return bulk;
}

void gw_bulk_tick(struct gw_bulk *bulk)
{
	int64_t now_ms = sess_clock_ms();

	bulk_uploads_tick(bulk, now_ms);
	bulk_room_tick(bulk, now_ms);
	bulk_feeds_tick(bulk, now_ms);
}

bool gw_bulk_close(struct gw_bulk *bulk)
{
	bulk->closing = true;
	return llist_empty(&bulk->uploads) && bulk_feeds_idle(bulk);
}

const struct gw_bulk_counters *gw_bulk_counters(const struct gw_bulk *bulk)
{
	return &bulk->counters;
}

/* ---- what is written ---- */

void bulk_put_job(struct sess_ledger_commit *commit, const struct gw_bulk_job *job, sess_ledger_stamp over)
{
	char key[SESS_LEDGER_KEY_OCTETS], *text;
	size_t octets;

	gw_bulk_job_key(key, job->id);
	text = gw_bulk_job_encode(job, &octets);
	sess_ledger_put(commit, key, over, text, octets, GW_BULK_KEEP_MS);
	free(text);
}

void bulk_note(struct sess_ledger_commit *commit, const struct gw_bulk_job *job, const char *what)
{
	gw_audit_note(commit, sess_clock_wall_ms(), what,
		      json_pack("{s:s, s:s, s:I, s:I, s:I}", "bulk", job->id, "agency", job->agency, "rows", (json_int_t)job->rows, "accepted",
				(json_int_t)job->accepted, "failed", (json_int_t)job->failed));
}

static void put_batch(struct sess_ledger_commit *commit, struct gw_bulk_job *job, const json_t *batch)
{
	char key[SESS_LEDGER_KEY_OCTETS], *text = json_dumps(batch, JSON_COMPACT);

	gw_bulk_errors_key(key, job->id, job->batches++);
	sess_ledger_new(commit, key, text, strlen(text), GW_BULK_KEEP_MS);
	job->errors += json_array_size(batch);
	free(text);
}

void bulk_put_errors(struct sess_ledger_commit *commit, struct gw_bulk_job *job, const json_t *errors)
{
	size_t room = job->errors < GW_BULK_ERRORS_KEPT ? GW_BULK_ERRORS_KEPT - job->errors : 0, n = json_array_size(errors);
	json_t *batch = json_array();

	for (size_t i = 0; i < n && i < room; i++) {
		json_array_append(batch, json_array_get(errors, i));
		if (json_array_size(batch) == GW_BULK_ERRORS_BATCH) {
			put_batch(commit, job, batch);
			json_array_clear(batch);
		}
	}
	if (json_array_size(batch))
		put_batch(commit, job, batch);
	json_decref(batch);
}

/* ---- what the outbox is told ---- */

static struct bulk_state_entry *find_state(const struct gw_bulk *bulk, const char *id)
{
	struct bulk_state_entry *entry;

	llist_for_each_entry(entry, &bulk->states, entry)
		if (strcmp(entry->id, id) == 0)
			return entry;
	return NULL;
}

/* The one that was not asked for the longest time makes place. */
static struct bulk_state_entry *make_state(struct gw_bulk *bulk, const char *id)
{
	struct bulk_state_entry *entry;

	if (bulk->n_states < STATES_MAX) {
		entry = talloc_zero(bulk, struct bulk_state_entry);
		bulk->n_states++;
	} else {
		entry = llist_entry(bulk->states.prev, struct bulk_state_entry, entry);
		llist_del(&entry->entry);
		memset(entry, 0, sizeof(*entry));
	}
	OSMO_STRLCPY_ARRAY(entry->id, id);
	llist_add(&entry->entry, &bulk->states);
	return entry;
}

/* The key of an answer: by its id, because an entry may stand for another job by then. */
struct asked { char id[GW_BULK_ID_OCTETS]; struct gw_bulk *bulk; };

static void on_state(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct asked *asked = ctx;
	struct bulk_state_entry *entry = find_state(asked->bulk, asked->id);
	struct gw_bulk_job *job = result == SESS_LEDGER_OK ? gw_bulk_job_decode(asked, records[0].value, records[0].octets) : NULL;

	(void)token;
	(void)n;
	if (entry) {
		entry->asking = false;
		if (result == SESS_LEDGER_OK) {
			entry->state = job ? job->state : GW_BULK_FINISHED;
			entry->known_ms = sess_clock_ms();
		}
	}
	talloc_free(asked);
}

static void ask_state(struct gw_bulk *bulk, struct bulk_state_entry *entry, int64_t now_ms)
{
	struct asked *asked = talloc_zero(bulk, struct asked);
	char key[SESS_LEDGER_KEY_OCTETS];
	const char *keys[] = { key };

	entry->asked_ms = now_ms;
	OSMO_STRLCPY_ARRAY(asked->id, entry->id);
	asked->bulk = bulk;
	gw_bulk_job_key(key, entry->id);
	entry->asking = sess_ledger_load(bulk->gw->ledger, keys, 1, on_state, asked, 0) == 0;
	if (!entry->asking)
		talloc_free(asked);
}

enum gw_bulk_state gw_bulk_state(struct gw_bulk *bulk, const char *id)
{
	int64_t now_ms = sess_clock_ms();
	struct bulk_state_entry *entry;

	if (gw_bulk_partition(id) < 0)
		return GW_BULK_FINISHED;
	entry = find_state(bulk, id);
	if (!entry)
		entry = make_state(bulk, id);
	llist_move(&entry->entry, &bulk->states);
	if (!entry->asking && (!entry->asked_ms || now_ms - entry->asked_ms >= STATE_MS))
		ask_state(bulk, entry, now_ms);
	return entry->known_ms && now_ms - entry->known_ms < STATE_STALE_MS ? entry->state : GW_BULK_UNKNOWN;
}

void bulk_learn_state(struct gw_bulk *bulk, const char *id, enum gw_bulk_state state)
{
	struct bulk_state_entry *entry = find_state(bulk, id);

	if (!entry)
		return;
	entry->state = state;
	entry->known_ms = sess_clock_ms();
}
