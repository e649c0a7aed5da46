/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The identity step: a sensitive notice is opened by the national ID of whom it is meant for, and wrong ones are limited for each
 * number, over all its notices and all gateways: TRIES_MAX in TRIES_MS from the first of them.
 *
 * Nothing is learnt from a try that is not counted. A wrong one is answered when its count is in the ledger; a right one is
 * committed only if the count is still what it was when it was looked at. Whoever loses such a race looks again.
 *
 * A right one does not reset the count: who may open one notice must not have tries without end at another's. */
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/inbox.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "sessions/store.h"

#define TRIES_MAX 3
#define TRIES_MS 3600000
#define CONFLICTS_MAX 8

static void look(struct gw_inbox_ask *ask);

/* The number's record of wrong tries. */
static bool tries_key(const struct gw_inbox_ask *ask, char key[SESS_LEDGER_KEY_OCTETS])
{
	return sess_ledger_key(key, "tries", sess_store_partition(ask->msisdn), ask->msisdn);
}

/* True: it is to be looked at again, and will be. */
static bool lost_race(struct gw_inbox_ask *ask, enum sess_ledger_result result)
{
	if (result != SESS_LEDGER_CONFLICT || ++ask->conflicts >= CONFLICTS_MAX)
		return false;
	look(ask);
	return true;
}

/* ---- it is theirs ---- */

static bool open_it(void *ctx, struct gw_notice *notice, struct sess_ledger_commit *commit)
{
	struct gw_inbox_ask *ask = ctx;
	char key[SESS_LEDGER_KEY_OCTETS];

	if (!gw_inbox_has(ask, notice) || !tries_key(ask, key))
		return false;
	gw_inbox_mark_read(ask, notice, commit);
	gw_inbox_note(ask, notice, commit, "notice.opened", NULL);
	sess_ledger_check(commit, key, ask->tries_stamp);
	return true;
}

static void on_opened(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_notice *notice)
{
	struct gw_inbox_ask *ask = ctx;
	json_t *whole = NULL;

	(void)token;
	if (lost_race(ask, result))
		return;
	if (result != SESS_LEDGER_OK) {
		gw_inbox_answer(ask, 503, NULL);
	} else if (!gw_inbox_has(ask, notice)) {
		gw_inbox_answer(ask, 404, NULL);
	} else {
		whole = gw_inbox_whole(ask, notice);
		gw_inbox_answer(ask, whole ? 200 : 500, whole);
	}
}

/* ---- it is not ---- */

static void on_counted(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct gw_inbox_ask *ask = ctx;

	(void)token;
	(void)there;
	if (!lost_race(ask, result))
		gw_inbox_answer(ask, result == SESS_LEDGER_OK ? 403 : 503, NULL);
}

static void count(struct gw_inbox_ask *ask)
{
	struct sess_ledger_commit *commit = sess_ledger_commit_begin(ask, ask->gw->ledger, sess_store_partition(ask->msisdn));
	int64_t now_ms = gw_clock_wall_ms();
	char key[SESS_LEDGER_KEY_OCTETS] = "", value[64];
	int octets;

	if (!ask->tries)
		ask->tries_from_ms = now_ms;
	octets = snprintf(value, sizeof(value), "{\"n\":%u,\"from\":%lld}", ask->tries + 1, (long long)ask->tries_from_ms);
	tries_key(ask, key);
	sess_ledger_put(commit, key, ask->tries_stamp, value, (size_t)octets, OSMO_MAX(ask->tries_from_ms + TRIES_MS - now_ms, 1));
	gw_inbox_note(ask, ask->notice, commit, "notice.identity_refused", json_pack("{s:i}", "tries", (int)ask->tries + 1));
	LOGP(GW_LOG_DIALOG, LOGL_NOTICE, "notice(%s) identity refused to %s: %u of %u\n", ask->id, gw_log_mask(ask->msisdn), ask->tries + 1, TRIES_MAX);
	if (sess_ledger_commit_go(commit, on_counted, ask, 0) < 0)
		gw_inbox_answer(ask, 503, NULL);
	else
		talloc_free(commit);
}

/* ---- is it? ---- */

/* A record that cannot be read lets nobody in. */
static void read_tries(struct gw_inbox_ask *ask, const struct sess_ledger_record *record)
{
	json_t *value = record->stamp ? json_loadb(record->value, record->octets, 0, NULL) : NULL;
	json_int_t n = json_integer_value(json_object_get(value, "n"));

	ask->tries_stamp = record->stamp;
	ask->tries_from_ms = json_integer_value(json_object_get(value, "from"));
	ask->tries = !record->stamp ? 0 : n > 0 && n < TRIES_MAX ? (unsigned int)n : TRIES_MAX;
	if (ask->tries && value && gw_clock_wall_ms() - ask->tries_from_ms >= TRIES_MS)
		ask->tries = 0;
	json_decref(value);
}

static void on_tries(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct gw_inbox_ask *ask = ctx;

	(void)token;
	(void)n;
	if (result != SESS_LEDGER_OK) {
		gw_inbox_answer(ask, 503, NULL);
		return;
	}
	read_tries(ask, records);
	if (ask->tries >= TRIES_MAX)
		gw_inbox_answer(ask, 429, NULL);
	else if (ask->notice->sensitive && !gw_notices_opens(ask->gw->notices, ask->notice, ask->national_id))
		count(ask);
	else if (gw_notices_change(ask->gw->notices, ask->id, open_it, ask, on_opened, ask, 0) < 0)
		gw_inbox_answer(ask, 503, NULL);
}

static void look(struct gw_inbox_ask *ask)
{
	char key[SESS_LEDGER_KEY_OCTETS];
	const char *keys[] = { key };

	if (!tries_key(ask, key) || sess_ledger_load(ask->gw->ledger, keys, 1, on_tries, ask, 0) < 0)
		gw_inbox_answer(ask, 503, NULL);
}

static void on_notice(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_notice *notice)
{
	struct gw_inbox_ask *ask = ctx;

	(void)token;
	if (result != SESS_LEDGER_OK) {
		gw_inbox_answer(ask, 503, NULL);
	} else if (!gw_inbox_has(ask, notice)) {
		gw_inbox_answer(ask, 404, NULL);
	} else {
		ask->notice = talloc_steal(ask, notice);
		look(ask);
	}
}

void gw_inbox_open(const struct gw_builtin_call *call, const char *const *params)
{
	const char *national_id = json_string_value(json_object_get(call->body, "national_id"));
	struct gw_inbox_ask *ask = gw_inbox_ask(call, params[0]);

	if (!ask)
		return;
	/* What is too long to be one is cut: it is none either way, and counts as a try. */
	osmo_strlcpy(ask->national_id, national_id ? national_id : "", sizeof(ask->national_id));
	if (gw_notices_load(ask->gw->notices, ask->id, on_notice, ask, 0) < 0)
		gw_inbox_answer(ask, 503, NULL);
}
