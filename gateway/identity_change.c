/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What is dropped from outside - an operator's network says that a SIM was swapped or sold (api_identity.c), somebody at the console forgets a
 * number (vty_identity.c) - and what is looked at. */
#include <errno.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/identity_priv.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "sessions/store.h"

struct change {
	struct gw_identities *identities;
	char msisdn[GW_MSISDN_MAX + 1], why[16], by[33];
	unsigned int conflicts;
	gw_identity_cb *looked;
	gw_identity_dropped_cb *dropped;
	void *ctx;
	uint64_t token;
};

static bool is_all(const struct change *change)
{
	return strcmp(change->why, "operator") == 0;
}

static void answer(struct change *change, enum sess_ledger_result result, const struct gw_identity *record)
{
	if (change->looked)
		change->looked(change->ctx, change->token, result, record);
	else
		change->dropped(change->ctx, change->token, result);
	talloc_free(change);
}

static int load(struct change *change);

static void on_committed(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct change *change = ctx;

	(void)token;
	(void)there;
	if (result == SESS_LEDGER_CONFLICT && ++change->conflicts < CONFLICTS_MAX) {
		change->identities->counters.conflicts++;
		if (load(change) < 0)
			answer(change, SESS_LEDGER_DOWN, NULL);
		return;
	}
	if (result == SESS_LEDGER_OK) {
		change->identities->counters.dropped++;
		LOGP(GW_LOG_DIALOG, LOGL_INFO, "identity(%s) dropped: %s, said %s\n", gw_log_mask(change->msisdn), change->why, change->by);
	}
	answer(change, result, NULL);
}

/* By an operator, who was told to: limits and all. What is hidden from who has the number now stays so. */
static void forget(struct change *change, struct sess_ledger_commit *commit, const char *key, const struct gw_identity *record, sess_ledger_stamp over)
{
	struct gw_identity left = { .changed_ms = record->changed_ms, .hidden_ms = record->hidden_ms };

	memcpy(left.was, record->was, sizeof(left.was));
	if (left.changed_ms || left.hidden_ms)
		gw_identity_put(change->identities, commit, change->msisdn, &left, over);
	else
		sess_ledger_drop(commit, key, over);
	sodium_memzero(&left, sizeof(left));
}

/* Also of a number that nothing is known of: what came to it before is not for who has it now. A record that cannot be read lets nobody in. */
static int drop(struct change *change, const struct sess_ledger_record *from)
{
	struct sess_ledger_commit *commit = sess_ledger_commit_begin(change, change->identities->config.ledger, sess_store_partition(change->msisdn));
	enum gw_identity_change what = strcmp(change->why, "owner") == 0 ? GW_CHANGED_OWNER : GW_CHANGED_SIM;
	struct gw_identity record;
	char key[SESS_LEDGER_KEY_OCTETS] = "";
	bool good = gw_identity_read(change->identities, change->msisdn, from, &record);
	int rc;

	gw_identity_key(key, change->msisdn);
	if (is_all(change)) {
		forget(change, commit, key, &record, from->stamp);
	} else if (good) {
		gw_identity_change(&change->identities->config.limits, &record, what, gw_clock_wall_ms());
		gw_identity_put(change->identities, commit, change->msisdn, &record, from->stamp);
	}
	sodium_memzero(&record, sizeof(record));
	gw_identity_audit(commit, change->msisdn, is_all(change) ? "identity.forgotten" : "identity.dropped",
			  json_pack("{s:s, s:s}", "why", change->why, "by", change->by));
	rc = sess_ledger_commit_go(commit, on_committed, change, 0);
	talloc_free(commit);
	return rc;
}

static void on_loaded(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct change *change = ctx;
	struct gw_identity record;

	(void)token;
	(void)n;
	if (result != SESS_LEDGER_OK || (!records->stamp && (change->looked || is_all(change)))) {
		answer(change, result, NULL);
	} else if (change->looked) {
		answer(change, SESS_LEDGER_OK, gw_identity_read(change->identities, change->msisdn, records, &record) ? &record : NULL);
		sodium_memzero(&record, sizeof(record));
	} else if (drop(change, records) < 0) {
		answer(change, SESS_LEDGER_DOWN, NULL);
	}
}

static int load(struct change *change)
{
	char key[SESS_LEDGER_KEY_OCTETS];
	const char *keys[] = { key };

	return gw_identity_key(key, change->msisdn) ? sess_ledger_load(change->identities->config.ledger, keys, 1, on_loaded, change, 0) : -EINVAL;
}

static int begin(struct gw_identities *identities, const char *msisdn, const struct change *what)
{
	struct change *change;
	int rc;

	if (!msisdn[0] || strlen(msisdn) > GW_MSISDN_MAX || strspn(msisdn, "0123456789") != strlen(msisdn))
		return -EINVAL;
	change = talloc_memdup(identities, what, sizeof(*what));
	change->identities = identities;
	OSMO_STRLCPY_ARRAY(change->msisdn, msisdn);
	rc = load(change);
	if (rc < 0)
		talloc_free(change);
	return rc;
}

int gw_identities_load(struct gw_identities *identities, const char *msisdn, gw_identity_cb *cb, void *ctx, uint64_t token)
{
	const struct change what = { .looked = cb, .ctx = ctx, .token = token };

	return begin(identities, msisdn, &what);
}

int gw_identities_drop(struct gw_identities *identities, const char *msisdn, const char *why, const char *by, gw_identity_dropped_cb *cb, void *ctx,
		       uint64_t token)
{
	struct change what = { .dropped = cb, .ctx = ctx, .token = token };

	OSMO_STRLCPY_ARRAY(what.why, why);
	OSMO_STRLCPY_ARRAY(what.by, by);
	return begin(identities, msisdn, &what);
}
