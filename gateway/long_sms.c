/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See long_sms.h. The record is {"since": ms, "whole": bool, "msisdn", "to", "route", "mode", "reference", "total", "parts": [[number,
 * alphabet, "hexadecimal"], ...]}, the parts in the order in which they came. */
#include "gateway/long_sms.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "smpp/join.h"
#include "sessions/clock.h"
#include "sessions/store.h"

#define CHANGES_MAX 8
#define SLOTS 3                 /* one message, one that makes way for it, and the free one */
#define FORGET_MS 86400000      /* an incomplete one that nobody swept: a day without any gateway */
#define SWEEP_MAX 8
#define PART_OCTETS_MAX 1024
#define MEMBER_OCTETS 64
#define HASH_DIGITS 16

struct gw_long_sms {
	struct gw_long_sms_config config;
	struct gw_long_sms_counters counters;
	struct smpp_join_slot slots[SLOTS];      /* only used within one call */
	struct smpp_join join;
	char text[SMPP_JOIN_UTF8_MAX];
	unsigned int partition;                  /* that is looked at next */
	bool sweeping;
};

struct part { uint8_t number; enum smpp_alphabet alphabet; uint16_t octets; uint8_t data[PART_OCTETS_MAX]; };

/* What names a message. */
struct name {
	char msisdn[GW_MSISDN_MAX + 1], to[SMPP_ADDRESS_MAX + 1];
	uint16_t route, reference;
	enum smpp_concat_mode mode;
	uint8_t total;
	char member[MEMBER_OCTETS], key[SESS_LEDGER_KEY_OCTETS], index[SESS_LEDGER_KEY_OCTETS];
};

struct taking {
	struct gw_long_sms *sms;
	struct name name;
	struct part part;
	unsigned int tries;
	bool whole, loses;                       /* what is committed makes it so; tells of one that had to make way */
	char *text;                              /* of it */
	size_t octets;
	gw_long_sms_cb *cb;
	void *ctx;
	uint64_t token;
};

struct gw_long_sms *gw_long_sms_alloc(void *ctx, const struct gw_long_sms_config *config)
{
	struct gw_long_sms *sms = talloc_zero(ctx, struct gw_long_sms);

	sms->config = *config;
	return sms;
}

const struct gw_long_sms_counters *gw_long_sms_counters(const struct gw_long_sms *sms)
{
	return &sms->counters;
}

/* ---- names ---- */

static bool index_key(char key[SESS_LEDGER_KEY_OCTETS], unsigned int partition)
{
	return snprintf(key, SESS_LEDGER_KEY_OCTETS, "joins:{p%02u}", partition) > 0;
}

static bool make_name(struct name *name)
{
	unsigned int partition = sess_store_partition(name->msisdn);
	uint8_t digest[crypto_generichash_BYTES];
	char text[128], hash[2 * sizeof(digest) + 1];
	int n = snprintf(text, sizeof(text), "%s\n%d\n%u\n%u", name->to, (int)name->mode, name->reference, name->total);

	crypto_generichash(digest, sizeof(digest), (const uint8_t *)text, (size_t)n, NULL, 0);
	sodium_bin2hex(hash, sizeof(hash), digest, sizeof(digest));
	snprintf(name->member, sizeof(name->member), "%s.%.*s", name->msisdn, HASH_DIGITS, hash);
	return index_key(name->index, partition) && sess_ledger_key(name->key, "join", partition, name->member);
}

static struct smpp_join_part to_join(const struct name *name, const struct part *part)
{
	return (struct smpp_join_part){ .source = name->msisdn, .destination = name->to, .mode = name->mode, .reference = name->reference,
		.total = name->total, .number = part->number, .alphabet = part->alphabet, .data = part->data, .octets = part->octets };
}

/* ---- the record ---- */

static json_t *make_record(const struct name *name, int64_t now_ms)
{
	return json_pack("{s:I, s:b, s:s, s:s, s:i, s:i, s:i, s:i, s:[]}", "since", (json_int_t)now_ms, "whole", 0, "msisdn", name->msisdn, "to",
			 name->to, "route", (int)name->route, "mode", (int)name->mode, "reference", (int)name->reference, "total",
			 (int)name->total, "parts");
}

static void add_part(json_t *record, const struct part *part)
{
	char hex[2 * PART_OCTETS_MAX + 1];

	sodium_bin2hex(hex, sizeof(hex), part->data, part->octets);
	json_array_append_new(json_object_get(record, "parts"), json_pack("[i, i, s]", (int)part->number, (int)part->alphabet, hex));
}

static bool read_part(const json_t *row, struct part *part)
{
	const char *hex = json_string_value(json_array_get(row, 2));
	json_int_t number = json_integer_value(json_array_get(row, 0)), alphabet = json_integer_value(json_array_get(row, 1));
	size_t octets;

	if (!hex || number < 1 || number > SMPP_JOIN_PARTS_MAX || alphabet < 0 || alphabet > SMPP_ALPHABET_OCTETS ||
	    sodium_hex2bin(part->data, sizeof(part->data), hex, strlen(hex), NULL, &octets, NULL) != 0)
		return false;
	part->number = (uint8_t)number;
	part->alphabet = (enum smpp_alphabet)alphabet;
	part->octets = (uint16_t)octets;
	return true;
}

static const char *text_of(const json_t *record, const char *name)
{
	const char *text = json_string_value(json_object_get(record, name));

	return text ? text : "";
}

static int64_t number_of(const json_t *record, const char *name)
{
	return json_integer_value(json_object_get(record, name));
}

static void read_name(const json_t *record, struct name *name)
{
	*name = (struct name){ .route = (uint16_t)number_of(record, "route"), .reference = (uint16_t)number_of(record, "reference"),
		.mode = (enum smpp_concat_mode)number_of(record, "mode"), .total = (uint8_t)number_of(record, "total") };
	osmo_strlcpy(name->msisdn, text_of(record, "msisdn"), sizeof(name->msisdn));
	osmo_strlcpy(name->to, text_of(record, "to"), sizeof(name->to));
}

/* Puts all parts of the record through the table; *message: the whole, or NULL. */
static void replay(struct gw_long_sms *sms, const struct name *name, const json_t *record, const struct smpp_join_message **message)
{
	const json_t *parts = json_object_get(record, "parts");

	smpp_join_init(&sms->join, sms->slots, SLOTS, sms->config.join_ms);
	*message = NULL;
	for (size_t i = 0; i < json_array_size(parts); i++) {
		struct smpp_join_part joined;
		struct part part;

		if (!read_part(json_array_get(parts, i), &part))
			continue;
		joined = to_join(name, &part);
		smpp_join_take(&sms->join, &joined, 0, message);
	}
}

static void tell_lost(struct gw_long_sms *sms, struct sess_ledger_commit *commit, const struct name *name, const struct smpp_join_message *message)
{
	ssize_t n = message ? smpp_join_text(message, sms->text, sizeof(sms->text)) : 0;
	const struct gw_long_sms_lost lost = { name->msisdn, name->to, name->route, sms->text, n > 0 ? (size_t)n : 0 };

	sms->config.lost(sms->config.ctx, commit, &lost);
}

/* ---- a part ---- */

static void tell(struct taking *t, enum gw_joined joined)
{
	struct gw_long_sms_counters *counters = &t->sms->counters;

	counters->whole += joined == GW_JOINED_WHOLE;
	counters->alone += joined == GW_JOINED_ALONE;
	counters->failures += joined == GW_JOINED_LATER;
	t->cb(t->ctx, t->token, joined, joined == GW_JOINED_WHOLE ? t->text : "", joined == GW_JOINED_WHOLE ? t->octets : 0);
	talloc_free(t);
}

static void keep_text(struct taking *t, const struct smpp_join_message *message)
{
	ssize_t n = smpp_join_text(message, t->sms->text, sizeof(t->sms->text));

	t->octets = n > 0 ? (size_t)n : 0;
	t->text = talloc_strndup(t, t->sms->text, t->octets);
}

static void on_loaded(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n);

static void load(struct taking *t)
{
	const char *keys[] = { t->name.key };

	if (sess_ledger_load(t->sms->config.ledger, keys, 1, on_loaded, t, 0) < 0)
		tell(t, GW_JOINED_LATER);
}

static void on_kept(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct taking *t = ctx;

	(void)token;
	(void)there;
	if (result == SESS_LEDGER_CONFLICT && ++t->tries < CHANGES_MAX) {
		t->sms->counters.conflicts++;
		TALLOC_FREE(t->text);
		load(t);
	} else {
		t->sms->counters.lost += result == SESS_LEDGER_OK && t->loses;
		tell(t, result != SESS_LEDGER_OK ? GW_JOINED_LATER : t->whole ? GW_JOINED_WHOLE : GW_JOINED_KEPT);
	}
}

static void put(struct taking *t, struct sess_ledger_commit *commit, json_t *record, sess_ledger_stamp over)
{
	char *text;

	add_part(record, &t->part);
	json_object_set_new(record, "whole", json_boolean(t->whole));
	text = json_dumps(record, JSON_COMPACT);
	sess_ledger_put(commit, t->name.key, over, text, strlen(text), t->whole ? t->sms->config.join_ms : FORGET_MS);
	free(text);
	if (t->whole)
		sess_ledger_unindex(commit, t->name.index, t->name.member);
	else
		sess_ledger_index(commit, t->name.index, (double)(number_of(record, "since") + t->sms->config.join_ms), t->name.member);
}

/* The part goes into the record, or into a new one in its place; what had to make way is told of in the same commit. */
static void keep(struct taking *t, json_t **record, sess_ledger_stamp over, bool anew, const struct smpp_join_message *lost)
{
	struct sess_ledger_commit *commit = sess_ledger_commit_begin(t, t->sms->config.ledger, sess_store_partition(t->name.msisdn));
	int rc;

	t->loses = lost != NULL;
	if (lost)
		tell_lost(t->sms, commit, &t->name, lost);
	if (anew) {
		json_decref(*record);
		*record = make_record(&t->name, sess_clock_wall_ms());
	}
	put(t, commit, *record, over);
	rc = sess_ledger_commit_go(commit, on_kept, t, 0);
	talloc_free(commit);
	if (rc < 0)
		tell(t, GW_JOINED_LATER);
}

/* The time of what stands there is over. */
static bool is_over(const struct taking *t, const json_t *record)
{
	return number_of(record, "since") + t->sms->config.join_ms <= sess_clock_wall_ms();
}

static void decide(struct taking *t, json_t **record, sess_ledger_stamp over)
{
	struct gw_long_sms *sms = t->sms;
	const struct smpp_join_part joined = to_join(&t->name, &t->part);
	bool was_whole = json_is_true(json_object_get(*record, "whole"));
	const struct smpp_join_message *message, *lost = NULL;
	enum smpp_join_taken taken;

	replay(sms, &t->name, *record, &message);
	if (message)
		keep_text(t, message);
	if (*record && is_over(t, *record)) { /* the table gives it back, and begins anew */
		lost = was_whole ? NULL : smpp_join_expired(&sms->join, INT64_MAX);
		if (was_whole)
			smpp_join_init(&sms->join, sms->slots, SLOTS, sms->config.join_ms);
		TALLOC_FREE(t->text);
		keep(t, record, over, true, lost);
		return;
	}
	taken = smpp_join_take(&sms->join, &joined, 0, &message);
	if (taken == SMPP_JOIN_REPEATED) {
		sms->counters.repeated++;
		tell(t, was_whole ? GW_JOINED_WHOLE : GW_JOINED_KEPT);
		return;
	}
	TALLOC_FREE(t->text);
	if (taken == SMPP_JOIN_ALONE) {
		tell(t, GW_JOINED_ALONE);
		return;
	}
	t->whole = taken == SMPP_JOIN_WHOLE;
	if (t->whole)
		keep_text(t, message);
	/* A message that was whole, or one that the table has handed out, makes way: the reference is used again. */
	keep(t, record, over, !*record || was_whole || (!t->whole && message), t->whole ? NULL : message);
}

static void on_loaded(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct taking *t = ctx;
	json_t *record;

	(void)token;
	(void)n;
	if (result != SESS_LEDGER_OK) {
		tell(t, GW_JOINED_LATER);
		return;
	}
	record = records->stamp ? json_loadb(records->value, records->octets, 0, NULL) : NULL;
	decide(t, &record, records->stamp);
	json_decref(record);
}

int gw_long_sms_take(struct gw_long_sms *sms, const struct gw_text *text, gw_long_sms_cb *cb, void *ctx, uint64_t token)
{
	const struct smpp_join_part *part = text->part;
	const char *keys[1];
	struct taking *t;
	int rc = -EINVAL;

	sms->counters.parts++;
	if (part->octets > PART_OCTETS_MAX || part->total < 2 || part->number < 1 || part->number > part->total ||
	    part->total > SMPP_JOIN_PARTS_MAX || part->mode == SMPP_CONCAT_PAYLOAD || strlen(text->to) > SMPP_ADDRESS_MAX) {
		sms->counters.alone++;
		return -EINVAL;
	}
	t = talloc_zero(sms, struct taking);
	t->sms = sms;
	t->name = (struct name){ .route = text->route->id, .reference = part->reference, .mode = part->mode, .total = part->total };
	osmo_strlcpy(t->name.msisdn, text->msisdn, sizeof(t->name.msisdn));
	osmo_strlcpy(t->name.to, text->to, sizeof(t->name.to));
	t->part = (struct part){ .number = part->number, .alphabet = part->alphabet, .octets = (uint16_t)part->octets };
	if (part->octets)
		memcpy(t->part.data, part->data, part->octets);
	t->cb = cb;
	t->ctx = ctx;
	t->token = token;
	keys[0] = t->name.key;
	if (make_name(&t->name))
		rc = sess_ledger_load(sms->config.ledger, keys, 1, on_loaded, t, 0);
	if (rc < 0)
		talloc_free(t);
	return rc;
}

/* ---- what stayed incomplete ---- */

struct sweep { struct gw_long_sms *sms; unsigned int partition; size_t n; char members[SWEEP_MAX][MEMBER_OCTETS], keys[SWEEP_MAX][SESS_LEDGER_KEY_OCTETS]; };

static void on_taken_out(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct gw_long_sms *sms = ctx;

	(void)there;
	sms->counters.lost += result == SESS_LEDGER_OK && token;
}

/* Another gateway may be at it, or a part come meanwhile: then this commit fails, and nothing was said. */
static void take_out(struct sweep *sweep, const char *member, const char *key, const struct sess_ledger_record *loaded)
{
	struct gw_long_sms *sms = sweep->sms;
	json_t *record = loaded->stamp ? json_loadb(loaded->value, loaded->octets, 0, NULL) : NULL;
	struct sess_ledger_commit *commit = sess_ledger_commit_begin(sweep, sms->config.ledger, sweep->partition);
	const struct smpp_join_message *message;
	char index[SESS_LEDGER_KEY_OCTETS];
	bool incomplete = record && !json_is_true(json_object_get(record, "whole"));
	struct name name;

	index_key(index, sweep->partition);
	sess_ledger_unindex(commit, index, member);
	if (loaded->stamp)
		sess_ledger_drop(commit, key, loaded->stamp);
	else
		sess_ledger_check(commit, key, 0);
	if (incomplete) {
		read_name(record, &name);
		replay(sms, &name, record, &message);
		tell_lost(sms, commit, &name, smpp_join_expired(&sms->join, INT64_MAX));
	}
	sess_ledger_commit_go(commit, on_taken_out, sms, incomplete);
	talloc_free(commit);
	json_decref(record);
}

static void end_sweep(struct sweep *sweep)
{
	sweep->sms->sweeping = false;
	talloc_free(sweep);
}

static void on_due(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct sweep *sweep = ctx;

	(void)token;
	for (size_t i = 0; result == SESS_LEDGER_OK && i < n; i++)
		take_out(sweep, sweep->members[i], sweep->keys[i], &records[i]);
	end_sweep(sweep);
}

static void on_members(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_member *members, size_t n)
{
	struct sweep *sweep = ctx;
	const char *keys[SWEEP_MAX];

	(void)token;
	for (size_t i = 0; result == SESS_LEDGER_OK && i < n && sweep->n < SWEEP_MAX; i++) {
		if (!sess_ledger_key(sweep->keys[sweep->n], "join", sweep->partition, members[i].member))
			continue;
		osmo_strlcpy(sweep->members[sweep->n], members[i].member, MEMBER_OCTETS);
		keys[sweep->n] = sweep->keys[sweep->n];
		sweep->n++;
	}
	if (sweep->n == 0 || sess_ledger_load(sweep->sms->config.ledger, keys, sweep->n, on_due, sweep, 0) < 0)
		end_sweep(sweep);
}

void gw_long_sms_tick(struct gw_long_sms *sms)
{
	char key[SESS_LEDGER_KEY_OCTETS];
	const struct sess_ledger_range range = { .key = key, .min = 0, .max = (double)sess_clock_wall_ms(), .n = SWEEP_MAX };
	struct sweep *sweep;

	if (sms->sweeping)
		return;
	sms->partition = (sms->partition + 1) % SESS_QUEUE_PARTITIONS;
	index_key(key, sms->partition);
	sweep = talloc_zero(sms, struct sweep);
	sweep->sms = sms;
	sweep->partition = sms->partition;
	if (sess_ledger_range(sms->config.ledger, &range, on_members, sweep, 0) == 0)
		sms->sweeping = true;
	else
		talloc_free(sweep);
}
