/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See bulk_job.h. The record is compact JSON, read by a table; a record that is not what the table says is no job. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/bulk_job.h"
#include "gateway/rfc3339.h"
#include "sessions/store.h"

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

static const char *const states[] = { "unknown", "uploading", "running", "paused", "cancelled", "finished", NULL };
static_assert(ARRAY_SIZE(states) == GW_BULK_FINISHED + 2, "every state has a name");
static_assert(GW_NOTICE_ACCEPTED < GW_BULK_FIRST && GW_NOTICE_SENDING < GW_BULK_FIRST, "what is still to be sent has no tally");

#define AT(field) offsetof(struct gw_bulk_job, field)
static const struct { const char *key; size_t offset, octets; } texts[] = {
	{ "id", AT(id), GW_BULK_ID_OCTETS }, { "agency", AT(agency), 33 }, { "sender", AT(sender), GW_NOTICE_SENDER_OCTETS },
	{ "nonce", AT(nonce), GW_BULK_NONCE_OCTETS }, { "feeder", AT(feeder), 17 },
};
static const struct { const char *key; size_t offset; } numbers[] = { /* all of 64 bits, none below 0 */
	{ "created", AT(created_ms) }, { "state_at", AT(state_ms) }, { "not_before", AT(not_before_ms) }, { "rows", AT(rows) },
	{ "octets", AT(octets) }, { "accepted", AT(accepted) }, { "failed", AT(failed) }, { "errors", AT(errors) }, { "batches", AT(batches) },
	{ "chunks", AT(chunks) }, { "place", AT(place) },
};
static_assert(sizeof(int64_t) == sizeof(uint64_t), "one way to read them all");

const char *gw_bulk_state_name(enum gw_bulk_state state)
{
	return states[state];
}

bool gw_bulk_over(enum gw_bulk_state state)
{
	return state == GW_BULK_CANCELLED || state == GW_BULK_FINISHED;
}

static const char *tally_name(unsigned int tally)
{
	return tally == GW_BULK_LEFT ? "left" : gw_notice_state_name((enum gw_notice_state)tally);
}

static int free_job(struct gw_bulk_job *job)
{
	json_decref(job->notice);
	json_decref(job->template_text);
	return 0;
}

struct gw_bulk_job *gw_bulk_job_alloc(void *ctx)
{
	struct gw_bulk_job *job = talloc_zero(ctx, struct gw_bulk_job);

	talloc_set_destructor(job, free_job);
	job->notice = json_object();
	return job;
}

/* ---- names ---- */

static void fill_random(char *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = alphabet[randombytes_uniform(sizeof(alphabet) - 1)];
	out[n] = '\0';
}

void gw_bulk_make_nonce(char nonce[GW_BULK_NONCE_OCTETS])
{
	fill_random(nonce, GW_BULK_NONCE_OCTETS - 1);
}

void gw_bulk_make_id(char id[GW_BULK_ID_OCTETS], const char *agency, const char *key)
{
	unsigned int partition = sess_store_partition(agency);
	uint8_t hash[20];

	id[0] = 'b';
	id[1] = (char)('0' + partition / 10);
	id[2] = (char)('0' + partition % 10);
	fill_random(id + 3, sizeof(hash));
	if (!key)
		return;
	/* the agency is the hash's key: what one agency calls its upload is nothing to another */
	crypto_generichash(hash, sizeof(hash), (const uint8_t *)key, strlen(key), (const uint8_t *)agency, strlen(agency));
	for (size_t i = 0; i < sizeof(hash); i++)
		id[3 + i] = alphabet[hash[i] % 32];
}

int gw_bulk_partition(const char *id)
{
	int partition;

	if (strnlen(id, GW_BULK_ID_OCTETS) != GW_BULK_ID_OCTETS - 1 || id[0] != 'b' || id[1] < '0' || id[1] > '9' || id[2] < '0' || id[2] > '9' ||
	    strspn(id + 3, alphabet) != GW_BULK_ID_OCTETS - 4)
		return -1;
	partition = (id[1] - '0') * 10 + (id[2] - '0');
	return partition < SESS_QUEUE_PARTITIONS ? partition : -1;
}

static void make_key(char key[SESS_LEDGER_KEY_OCTETS], const char *kind, int partition, const char *id)
{
	OSMO_ASSERT(partition >= 0 && sess_ledger_key(key, kind, (unsigned int)partition, id));
}

void gw_bulk_job_key(char key[SESS_LEDGER_KEY_OCTETS], const char *id)
{
	make_key(key, "bulk", gw_bulk_partition(id), id);
}

void gw_bulk_rows_key(char key[SESS_LEDGER_KEY_OCTETS], const struct gw_bulk_job *job, uint64_t chunk)
{
	char name[96];

	snprintf(name, sizeof(name), "%s.%s.%llu", job->id, job->nonce, (unsigned long long)chunk);
	make_key(key, "rows", gw_bulk_partition(job->id), name);
}

void gw_bulk_errors_key(char key[SESS_LEDGER_KEY_OCTETS], const char *id, uint64_t batch)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.%llu", id, (unsigned long long)batch);
	make_key(key, "bulk-errors", gw_bulk_partition(id), name);
}

void gw_bulk_tally_key(char key[SESS_LEDGER_KEY_OCTETS], unsigned int partition, const char *id, unsigned int tally)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.%s", id, tally_name(tally));
	make_key(key, "bulk-tally", (int)partition, name);
}

void gw_bulk_open_key(char key[SESS_LEDGER_KEY_OCTETS], unsigned int partition)
{
	make_key(key, "bulk-open", (int)partition, "all");
}

void gw_bulk_list_key(char key[SESS_LEDGER_KEY_OCTETS], const char *agency)
{
	make_key(key, "bulks", (int)sess_store_partition(agency), agency);
}

/* ---- the record ---- */

char *gw_bulk_job_encode(const struct gw_bulk_job *job, size_t *octets)
{
	json_t *object = json_pack("{s:s, s:O}", "state", states[job->state], "notice", job->notice);
	const char *base = (const char *)job;
	char *text;

	if (job->template_text)
		json_object_set_nocheck(object, "template", job->template_text);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (base[texts[i].offset])
			json_object_set_new_nocheck(object, texts[i].key, json_string(base + texts[i].offset));
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		int64_t value;

		memcpy(&value, base + numbers[i].offset, sizeof(value));
		if (value)
			json_object_set_new_nocheck(object, numbers[i].key, json_integer(value));
	}
	text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	*octets = text ? strlen(text) : 0;
	return text;
}

static bool take_texts(const json_t *object, struct gw_bulk_job *job)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const json_t *value = json_object_get(object, texts[i].key);

		if (!value)
			continue;
		if (!json_is_string(value) || json_string_length(value) >= texts[i].octets)
			return false;
		memcpy((char *)job + texts[i].offset, json_string_value(value), json_string_length(value) + 1);
	}
	return true;
}

static bool take_numbers(const json_t *object, struct gw_bulk_job *job)
{
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		const json_t *value = json_object_get(object, numbers[i].key);
		int64_t number = json_integer_value(value);

		if (!value)
			continue;
		if (!json_is_integer(value) || number < 0)
			return false;
		memcpy((char *)job + numbers[i].offset, &number, sizeof(number));
	}
	return true;
}

/* They become parts of keys: nothing but what we write ourselves. */
static bool names_are_sane(const struct gw_bulk_job *job)
{
	return gw_bulk_partition(job->id) >= 0 && (unsigned int)gw_bulk_partition(job->id) == sess_store_partition(job->agency) && job->nonce[0] &&
	       strspn(job->nonce, alphabet) == strlen(job->nonce) && job->place <= job->chunks;
}

static bool take_all(const json_t *object, struct gw_bulk_job *job)
{
	const char *state = json_string_value(json_object_get(object, "state"));
	json_t *notice = json_object_get(object, "notice");
	int found = state ? gw_notice_name_find(states, state) : -1;

	if (found <= GW_BULK_UNKNOWN || !json_is_object(notice) || !take_texts(object, job) || !take_numbers(object, job) || !names_are_sane(job))
		return false;
	job->state = (enum gw_bulk_state)found;
	json_decref(job->notice);
	job->notice = json_incref(notice);
	job->template_text = json_incref(json_object_get(object, "template"));
	return true;
}

struct gw_bulk_job *gw_bulk_job_decode(void *ctx, const void *value, size_t octets)
{
	json_t *object = value ? json_loadb(value, octets, 0, NULL) : NULL;
	struct gw_bulk_job *job = json_is_object(object) ? gw_bulk_job_alloc(ctx) : NULL;

	if (job && !take_all(object, job))
		TALLOC_FREE(job);
	json_decref(object);
	return job;
}

/* ---- what is shown of it ---- */

static json_t *show_time(int64_t wall_ms)
{
	char text[GW_RFC3339_OCTETS];

	gw_rfc3339_print(wall_ms, text);
	return json_string(text);
}

/* waiting: those that are still to be sent. What was accepted is counted a moment later than what has left. */
static json_t *show_tallies(const struct gw_bulk_job *job, const int64_t tallies[GW_BULK_TALLIES])
{
	json_t *object = json_object();

	json_object_set_new_nocheck(object, "waiting", json_integer(OSMO_MAX((int64_t)job->accepted - tallies[GW_BULK_LEFT], 0)));
	for (unsigned int i = GW_BULK_FIRST; i < GW_BULK_LEFT; i++)
		json_object_set_new_nocheck(object, tally_name(i), json_integer(tallies[i]));
	return object;
}

json_t *gw_bulk_job_show(const struct gw_bulk_job *job, const int64_t tallies[GW_BULK_TALLIES])
{
	json_t *object = json_pack("{s:s, s:s, s:o, s:o, s:I, s:I, s:I, s:I}", "id", job->id, "state", states[job->state], "created_at",
				   show_time(job->created_ms), "state_at", show_time(job->state_ms), "rows", (json_int_t)job->rows, "octets",
				   (json_int_t)job->octets, "accepted", (json_int_t)job->accepted, "failed", (json_int_t)job->failed);

	if (job->not_before_ms)
		json_object_set_new_nocheck(object, "not_before", show_time(job->not_before_ms));
	json_object_set_nocheck(object, "notice", job->notice);
	if (tallies)
		json_object_set_new_nocheck(object, "notices", show_tallies(job, tallies));
	return object;
}
