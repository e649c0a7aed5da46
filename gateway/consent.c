/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See consent.h. A sender is the same however it is written: without '+', in small letters. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/audit_note.h"
#include "gateway/bearer.h"
#include "gateway/consent.h"
#include "gateway/log.h"
#include "sessions/clock.h"
#include "sessions/store.h"

#define CHANGES_MAX 8
#define OWN "own"               /* the operator's number, in the record */

struct gw_consent {
	struct sess_ledger *ledger;
};

struct change {
	struct gw_consent *consent;
	char msisdn[GW_MSISDN_MAX + 1], sender[GW_MSISDN_MAX + 1], via[8];
	bool stopped;
	unsigned int tries;
	gw_consent_cb *cb;
	void *ctx;
	uint64_t token;
};

struct gw_consent *gw_consent_alloc(void *ctx, struct sess_ledger *ledger)
{
	struct gw_consent *consent = talloc_zero(ctx, struct gw_consent);

	consent->ledger = ledger;
	return consent;
}

bool gw_consent_key(char key[SESS_LEDGER_KEY_OCTETS], const char *msisdn)
{
	return sess_ledger_key(key, "consent", sess_store_partition(msisdn), msisdn);
}

static const char *canonical(const char *sender, char out[GW_MSISDN_MAX + 1])
{
	size_t n = 0;

	for (const char *at = sender; *at && n < GW_MSISDN_MAX; at++)
		if (isalnum((unsigned char)*at))
			out[n++] = (char)tolower((unsigned char)*at);
	out[n] = '\0';
	return n ? out : OWN;
}

bool gw_consent_stopped(const void *value, size_t octets, const char *sender)
{
	json_t *record = octets ? json_loadb(value, octets, 0, NULL) : NULL;
	char name[GW_MSISDN_MAX + 1];
	bool stopped = json_is_true(json_object_get(json_object_get(record, canonical(sender, name)), "stopped"));

	json_decref(record);
	return stopped;
}

/* ---- changing it ---- */

static void answer(struct change *change, enum sess_ledger_result result)
{
	if (change->cb)
		change->cb(change->ctx, change->token, result);
	talloc_free(change);
}

static void forget_oldest(json_t *record)
{
	const char *name, *oldest = NULL;
	json_int_t at = 0;
	json_t *row;

	json_object_foreach(record, name, row) {
		json_int_t since = json_integer_value(json_object_get(row, "at"));

		if (!oldest || since < at) {
			oldest = name;
			at = since;
		}
	}
	if (oldest)
		json_object_del(record, oldest);
}

static void note(const struct change *change, const char *name, struct sess_ledger_commit *commit)
{
	gw_audit_note(commit, sess_clock_wall_ms(), change->stopped ? "consent.stopped" : "consent.started",
		      json_pack("{s:s, s:s, s:s}", "number", gw_log_mask(change->msisdn), "sender", name, "via", change->via));
}

static int begin(struct change *change);

static void on_committed(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct change *change = ctx;

	(void)token;
	(void)there;
	if (result != SESS_LEDGER_CONFLICT || ++change->tries >= CHANGES_MAX)
		answer(change, result);
	else if (begin(change) < 0)
		answer(change, SESS_LEDGER_DOWN);
}

static void on_loaded(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct change *change = ctx;
	struct sess_ledger_commit *commit;
	char key[SESS_LEDGER_KEY_OCTETS] = "", sender[GW_MSISDN_MAX + 1], *text;
	const char *name = canonical(change->sender, sender);
	json_t *record;
	int rc;

	(void)token;
	(void)n;
	if (result != SESS_LEDGER_OK) {
		answer(change, result);
		return;
	}
	record = records->octets ? json_loadb(records->value, records->octets, 0, NULL) : NULL;
	if (!json_is_object(record)) {
		json_decref(record);
		record = json_object();
	}
	if (json_object_size(record) >= GW_CONSENT_SENDERS_MAX && !json_object_get(record, name))
		forget_oldest(record);
	json_object_set_new(record, name, json_pack("{s:b, s:I, s:s}", "stopped", change->stopped, "at", (json_int_t)sess_clock_wall_ms(),
						    "via", change->via));
	text = json_dumps(record, JSON_COMPACT);
	json_decref(record);
	commit = sess_ledger_commit_begin(change, change->consent->ledger, sess_store_partition(change->msisdn));
	gw_consent_key(key, change->msisdn);
	sess_ledger_put(commit, key, records->stamp, text, strlen(text), 0);
	free(text);
	note(change, name, commit);
	rc = sess_ledger_commit_go(commit, on_committed, change, 0);
	talloc_free(commit);
	if (rc < 0)
		answer(change, SESS_LEDGER_DOWN);
}

static int begin(struct change *change)
{
	char key[SESS_LEDGER_KEY_OCTETS];
	const char *keys[] = { key };

	return gw_consent_key(key, change->msisdn) ? sess_ledger_load(change->consent->ledger, keys, 1, on_loaded, change, 0) : -EINVAL;
}

int gw_consent_set(struct gw_consent *consent, const char *msisdn, const char *sender, bool stopped, const char *via, gw_consent_cb *cb,
		   void *ctx, uint64_t token)
{
	struct change *change = talloc_zero(consent, struct change);
	int rc;

	change->consent = consent;
	osmo_strlcpy(change->msisdn, msisdn, sizeof(change->msisdn));
	osmo_strlcpy(change->sender, sender, sizeof(change->sender));
	osmo_strlcpy(change->via, via, sizeof(change->via));
	change->stopped = stopped;
	change->cb = cb;
	change->ctx = ctx;
	change->token = token;
	rc = begin(change);
	if (rc < 0)
		talloc_free(change);
	return rc;
}
