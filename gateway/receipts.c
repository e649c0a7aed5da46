/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See receipts.h. One receipt at work is a *hearing*:
 *
 *   load the keys of its ids and the early ones ──found──> load the notice ──> change the part, and what follows, commit ──> accept
 *                      │ none                                  ^
 *                      └──> notices of unknown outcome ──its───┘
 *                                      └──none──> among the early ones, if no key was written meanwhile ──> accept
 *
 * A conflict anywhere begins anew. No answer from the ledger: the network is told to come later. */
#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/early.h"
#include "gateway/log.h"
#include "gateway/receipts.h"
#include "sessions/clock.h"
#include "sessions/store.h"

#define TRIES_MAX 8
#define UNSURE_MAX 16           /* of one citizen, the newest */
#define KEEP_MS 86400000LL      /* early ones */
#define KEY_KEEP_MS (7 * 86400000LL)
#define AGE_EVERY_MS 1000
#define AGE_BATCH 16

struct gw_receipts {
	struct gw_receipts_config config;
	struct gw_receipts_counters counters;
	unsigned int n;
	int64_t next_age_ms;
	unsigned int age_partition;
	bool aging;
};

struct hearing {
	struct gw_receipts *receipts;
	struct gw_bearer *bearer;
	struct gw_ticket ticket;
	char msisdn[GW_MSISDN_MAX + 1];
	struct gw_early_receipt receipt;
	unsigned int tries;
	sess_ledger_stamp early_stamp;
	struct gw_early early;
	char id[GW_NOTICE_ID_OCTETS];    /* the notice */
	unsigned int part;
	size_t n_unsure;
	char unsure[UNSURE_MAX][GW_NOTICE_ID_OCTETS];
	uint64_t *counter;               /* grows when it is committed */
	unsigned int dropped;            /* early ones of before, with it */
};

void gw_receipt_key(char key[SESS_LEDGER_KEY_OCTETS], uint16_t route, const char *msisdn, const char *id)
{
	unsigned int partition = sess_store_partition(msisdn);
	char name[GW_SMS_ID_OCTETS + GW_MSISDN_MAX + 8], hex[33];
	uint8_t hash[16];

	snprintf(name, sizeof(name), "%04x.%s.%s", route, msisdn, id);
	if (sess_ledger_key(key, "receipt", partition, name))
		return;
	crypto_generichash(hash, sizeof(hash), (const uint8_t *)id, strlen(id), NULL, 0);
	snprintf(name, sizeof(name), "%04x.%s.h%s", route, msisdn, sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash)));
	sess_ledger_key(key, "receipt", partition, name);
}

struct gw_receipts *gw_receipts_alloc(void *ctx, const struct gw_receipts_config *config)
{
	struct gw_receipts *receipts = talloc_zero(ctx, struct gw_receipts);

	receipts->config = *config;
	return receipts;
}

const struct gw_receipts_counters *gw_receipts_counters(const struct gw_receipts *receipts)
{
	return &receipts->counters;
}

/* ---- the end of a hearing ---- */

static void accept(struct hearing *hearing, uint64_t *counter)
{
	++*counter;
	hearing->receipts->n--;
	hearing->bearer->ops->accept(hearing->bearer, &hearing->ticket);
	talloc_free(hearing);
}

static void come_later(struct hearing *hearing)
{
	hearing->receipts->counters.later++;
	hearing->receipts->n--;
	hearing->bearer->ops->refuse(hearing->bearer, &hearing->ticket, GW_REFUSE_LATER);
	talloc_free(hearing);
}

static void begin(struct hearing *hearing);

static void on_committed(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct hearing *hearing = ctx;

	(void)token;
	(void)there;
	hearing->receipts->counters.unmatched += result == SESS_LEDGER_OK ? hearing->dropped : 0;
	if (result == SESS_LEDGER_OK)
		accept(hearing, hearing->counter);
	else if (result == SESS_LEDGER_CONFLICT && ++hearing->tries < TRIES_MAX)
		begin(hearing);
	else
		come_later(hearing);
}

static struct sess_ledger_commit *commit_of(struct hearing *hearing)
{
	return sess_ledger_commit_begin(hearing, hearing->receipts->config.ledger, sess_store_partition(hearing->msisdn));
}

static void go(struct hearing *hearing, struct sess_ledger_commit *commit, uint64_t *counter)
{
	int rc = sess_ledger_commit_go(commit, on_committed, hearing, 0);

	hearing->counter = counter;
	talloc_free(commit);
	if (rc < 0)
		come_later(hearing);
}

/* ---- of a part that is known ---- */

static bool has_unknown(const struct gw_notice *notice)
{
	for (unsigned int i = 0; i < notice->n_parts; i++)
		if (notice->parts[i].state == GW_PART_UNKNOWN)
			return true;
	return false;
}

/* It is of this part, which was of unknown outcome: from now on its repetitions find it. */
static void resolve(struct hearing *hearing, struct gw_notice *notice, struct sess_ledger_commit *commit)
{
	const struct gw_early_receipt *receipt = &hearing->receipt;
	char key[SESS_LEDGER_KEY_OCTETS], value[64];

	if (receipt->n_ids) {
		osmo_strlcpy(notice->parts[hearing->part].id, receipt->ids[0], GW_SMS_ID_OCTETS);
		gw_receipt_key(key, receipt->route, hearing->msisdn, receipt->ids[0]);
		sess_ledger_put(commit, key, 0, value, (size_t)snprintf(value, sizeof(value), "[\"%s\",%u]", notice->id, hearing->part), KEY_KEEP_MS);
	}
	if (!has_unknown(notice) && gw_unsure_key(key, hearing->msisdn))
		sess_ledger_unindex(commit, key, notice->id);
}

static void apply(struct hearing *hearing, struct gw_notice *notice, sess_ledger_stamp stamp, bool was_unknown)
{
	struct gw_receipts *receipts = hearing->receipts;
	const struct gw_early_receipt *receipt = &hearing->receipt;
	struct gw_notice_part *part = &notice->parts[hearing->part];
	struct sess_ledger_commit *commit;

	if (!gw_part_hear(part, receipt->delivered, receipt->state, receipt->at_ms)) {
		accept(hearing, &receipts->counters.repeated);
		return;
	}
	commit = commit_of(hearing);
	if (was_unknown)
		resolve(hearing, notice, commit);
	gw_notices_note(commit, notice, "notice.receipt", json_pack("{s:i, s:i, s:s}", "part", (int)hearing->part + 1, "parts", (int)notice->n_parts,
								    "state", receipt->state));
	gw_notices_follow(receipts->config.notices, notice, commit);
	gw_notices_put(receipts->config.notices, commit, notice, stamp);
	go(hearing, commit, was_unknown ? &receipts->counters.resolved : receipt->delivered ? &receipts->counters.delivered : &receipts->counters.failed);
}

static bool is_its_part(const struct hearing *hearing, const struct gw_notice *notice)
{
	return hearing->part < notice->n_parts &&
	       gw_early_has_id(&hearing->receipt, hearing->receipt.route, notice->parts[hearing->part].id);
}

static void on_notice(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct hearing *hearing = ctx;
	struct gw_notice *notice;

	(void)token;
	(void)n;
	if (result != SESS_LEDGER_OK) {
		come_later(hearing);
		return;
	}
	notice = records->stamp ? gw_notice_decode(hearing, records->value, records->octets) : NULL;
	if (notice && is_its_part(hearing, notice))
		apply(hearing, notice, records->stamp, false);
	else /* it has expired, or goes by another way since */
		accept(hearing, &hearing->receipts->counters.repeated);
}

/* ["n17...", 2] */
static bool read_place(struct hearing *hearing, const struct sess_ledger_record *record)
{
	json_t *place = record->octets ? json_loadb(record->value, record->octets, 0, NULL) : NULL;
	const char *id = json_string_value(json_array_get(place, 0));
	json_int_t part = json_integer_value(json_array_get(place, 1));
	bool good = id && gw_notice_partition(id) >= 0 && part >= 0 && part < GW_SMS_PARTS_MAX;

	if (good) {
		osmo_strlcpy(hearing->id, id, sizeof(hearing->id));
		hearing->part = (unsigned int)part;
	}
	json_decref(place);
	return good;
}

static void load_notice(struct hearing *hearing)
{
	char key[SESS_LEDGER_KEY_OCTETS];
	const char *keys[] = { key };

	if (!gw_notices_key(key, hearing->id) || sess_ledger_load(hearing->receipts->config.ledger, keys, 1, on_notice, hearing, 0) < 0)
		come_later(hearing);
}

/* ---- of no part that is known ---- */

static void index_early(struct hearing *hearing, struct sess_ledger_commit *commit)
{
	char key[SESS_LEDGER_KEY_OCTETS];

	if (sess_ledger_key(key, "early-log", sess_store_partition(hearing->msisdn), "all"))
		sess_ledger_index(commit, key, (double)hearing->early.at[0].at_ms, hearing->msisdn);
}

/* Only if no key for it was written since we looked: else both would wait for each other. */
static void keep(struct hearing *hearing)
{
	struct gw_early *early = &hearing->early;
	struct sess_ledger_commit *commit = commit_of(hearing);
	char key[SESS_LEDGER_KEY_OCTETS] = "", *text;
	size_t octets;

	for (size_t i = 0; i < hearing->receipt.n_ids; i++) {
		gw_receipt_key(key, hearing->receipt.route, hearing->msisdn, hearing->receipt.ids[i]);
		sess_ledger_check(commit, key, 0);
	}
	gw_early_age(early, hearing->receipt.at_ms - KEEP_MS);
	gw_early_add(early, &hearing->receipt);
	text = gw_early_encode(early, &octets);
	sess_ledger_key(key, "early", sess_store_partition(hearing->msisdn), hearing->msisdn);
	sess_ledger_put(commit, key, hearing->early_stamp, text, octets, 0);
	free(text);
	index_early(hearing, commit);
	hearing->dropped = early->dropped;
	go(hearing, commit, &hearing->receipts->counters.early);
}

static void on_unsure_notices(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct hearing *hearing = ctx;

	(void)token;
	if (result != SESS_LEDGER_OK) {
		come_later(hearing);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct gw_notice *notice = records[i].stamp ? gw_notice_decode(hearing, records[i].value, records[i].octets) : NULL;
		int part = notice ? gw_part_of_unknown(notice, &hearing->receipt, false) : -1;

		if (part >= 0) {
			hearing->part = (unsigned int)part;
			apply(hearing, notice, records[i].stamp, true);
			return;
		}
		talloc_free(notice);
	}
	keep(hearing);
}

static void on_unsure(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_member *members, size_t n)
{
	struct hearing *hearing = ctx;
	char keys[UNSURE_MAX][SESS_LEDGER_KEY_OCTETS];
	const char *pointers[UNSURE_MAX];
	size_t found = 0;

	(void)token;
	if (result != SESS_LEDGER_OK) {
		come_later(hearing);
		return;
	}
	for (size_t i = 0; i < n && found < UNSURE_MAX; i++)
		if (gw_notices_key(keys[found], members[i].member)) {
			pointers[found] = keys[found];
			found++;
		}
	if (!found)
		keep(hearing);
	else if (sess_ledger_load(hearing->receipts->config.ledger, pointers, found, on_unsure_notices, hearing, 0) < 0)
		come_later(hearing);
}

/* A receipt without a reference is not looked for there: it waits among the early ones until whoever sends the notice again, or gives
 * it up, knows that no other can be meant. */
static void look_among_unsure(struct hearing *hearing)
{
	char key[SESS_LEDGER_KEY_OCTETS] = "";
	const struct sess_ledger_range range = { .key = key, .min = 0, .max = 1e18, .newest_first = true, .n = UNSURE_MAX };

	if (!hearing->receipt.has_reference)
		keep(hearing);
	else if (!gw_unsure_key(key, hearing->msisdn) || sess_ledger_range(hearing->receipts->config.ledger, &range, on_unsure, hearing, 0) < 0)
		come_later(hearing);
}

/* ---- the beginning ---- */

static void on_places(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct hearing *hearing = ctx;

	(void)token;
	if (result != SESS_LEDGER_OK) {
		come_later(hearing);
		return;
	}
	hearing->early_stamp = records[n - 1].stamp;
	gw_early_decode(&hearing->early, records[n - 1].value, records[n - 1].octets);
	for (size_t i = 0; i + 1 < n; i++)
		if (records[i].stamp && read_place(hearing, &records[i])) {
			load_notice(hearing);
			return;
		}
	look_among_unsure(hearing);
}

static void begin(struct hearing *hearing)
{
	char keys[GW_RECEIPT_KEYS_MAX + 1][SESS_LEDGER_KEY_OCTETS];
	const char *pointers[GW_RECEIPT_KEYS_MAX + 1];
	size_t n = hearing->receipt.n_ids;

	for (size_t i = 0; i < n; i++) {
		gw_receipt_key(keys[i], hearing->receipt.route, hearing->msisdn, hearing->receipt.ids[i]);
		pointers[i] = keys[i];
	}
	pointers[n] = keys[n];
	if (!sess_ledger_key(keys[n], "early", sess_store_partition(hearing->msisdn), hearing->msisdn) ||
	    sess_ledger_load(hearing->receipts->config.ledger, pointers, n + 1, on_places, hearing, 0) < 0)
		come_later(hearing);
}

void gw_receipts_hear(struct gw_receipts *receipts, const struct gw_receipt *receipt)
{
	struct gw_bearer *bearer = receipt->route->bearer;
	struct hearing *hearing;

	if (receipt->verdict == GW_RECEIPT_PENDING || !receipt->msisdn[0]) { /* nothing that can be used */
		bearer->ops->accept(bearer, &receipt->ticket);
		return;
	}
	receipts->counters.heard++;
	if (receipts->n >= receipts->config.in_work) {
		receipts->counters.later++;
		bearer->ops->refuse(bearer, &receipt->ticket, GW_REFUSE_LATER);
		return;
	}
	receipts->n++;
	hearing = talloc_zero(receipts, struct hearing);
	hearing->receipts = receipts;
	hearing->bearer = bearer;
	hearing->ticket = receipt->ticket;
	osmo_strlcpy(hearing->msisdn, receipt->msisdn, sizeof(hearing->msisdn));
	gw_early_from(&hearing->receipt, receipt, sess_clock_wall_ms());
	begin(hearing);
}

/* ---- what waited for a day ---- */

struct aging {
	struct gw_receipts *receipts;
	unsigned int partition, dropped;
	char msisdn[GW_MSISDN_MAX + 1];
};

static void on_aged(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct aging *aging = ctx;

	(void)token;
	(void)there;
	if (result == SESS_LEDGER_OK)
		aging->receipts->counters.unmatched += aging->dropped;
	talloc_free(aging);
}

static void age(struct aging *aging, const struct sess_ledger_record *record)
{
	struct gw_early *early = talloc_zero(aging, struct gw_early);
	char key[SESS_LEDGER_KEY_OCTETS] = "", list[SESS_LEDGER_KEY_OCTETS] = "", *text;
	struct sess_ledger_commit *commit = sess_ledger_commit_begin(aging, aging->receipts->config.ledger, aging->partition);
	size_t octets;

	sess_ledger_key(key, "early", aging->partition, aging->msisdn);
	sess_ledger_key(list, "early-log", aging->partition, "all");
	gw_early_decode(early, record->value, record->octets);
	gw_early_age(early, sess_clock_wall_ms() - KEEP_MS);
	aging->dropped = early->dropped;
	if (early->n) {
		text = gw_early_encode(early, &octets);
		sess_ledger_put(commit, key, record->stamp, text, octets, 0);
		free(text);
		sess_ledger_index(commit, list, (double)early->at[0].at_ms, aging->msisdn);
	} else {
		if (record->stamp)
			sess_ledger_drop(commit, key, record->stamp);
		sess_ledger_unindex(commit, list, aging->msisdn);
	}
	if (sess_ledger_commit_go(commit, on_aged, aging, 0) < 0)
		talloc_free(aging);
}

static void on_old(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	(void)token;
	(void)n;
	if (result == SESS_LEDGER_OK)
		age(ctx, records);
	else
		talloc_free(ctx);
}

static void on_old_numbers(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_member *members, size_t n)
{
	struct gw_receipts *receipts = ctx;

	receipts->aging = false;
	for (size_t i = 0; result == SESS_LEDGER_OK && i < n; i++) {
		struct aging *aging = talloc_zero(receipts, struct aging);
		char key[SESS_LEDGER_KEY_OCTETS];
		const char *keys[] = { key };

		aging->receipts = receipts;
		aging->partition = (unsigned int)token;
		osmo_strlcpy(aging->msisdn, members[i].member, sizeof(aging->msisdn));
		if (!sess_ledger_key(key, "early", aging->partition, aging->msisdn) ||
		    sess_ledger_load(receipts->config.ledger, keys, 1, on_old, aging, 0) < 0)
			talloc_free(aging);
	}
}

void gw_receipts_tick(struct gw_receipts *receipts)
{
	char key[SESS_LEDGER_KEY_OCTETS] = "";
	struct sess_ledger_range range = { .key = key, .min = 0, .n = AGE_BATCH };
	int64_t now_ms = sess_clock_ms();

	if (receipts->aging || now_ms < receipts->next_age_ms)
		return;
	receipts->next_age_ms = now_ms + AGE_EVERY_MS;
	receipts->age_partition = (receipts->age_partition + 1) % SESS_QUEUE_PARTITIONS;
	range.max = (double)(sess_clock_wall_ms() - KEEP_MS);
	receipts->aging = sess_ledger_key(key, "early-log", receipts->age_partition, "all") &&
			  sess_ledger_range(receipts->config.ledger, &range, on_old_numbers, receipts, receipts->age_partition) == 0;
}
