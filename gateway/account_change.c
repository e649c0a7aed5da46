/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See account_change.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/account_change.h"
#include "gateway/loop.h"

#define TRIES 8

struct going {
	struct sess_ledger *ledger;
	struct account_change change;
	char name[GW_ACCOUNT_NAME_MAX + 1], key[SESS_LEDGER_KEY_OCTETS];
	unsigned int tries;
	struct account *account;
};

static void finish(struct going *going, enum account_changed changed, const char *why)
{
	going->change.cb(going->change.ctx, changed, changed == ACCOUNT_CHANGED ? going->account : NULL, why);
	talloc_free(going);
}

static int load(struct going *going);

static void on_committed(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct going *going = ctx;

	(void)token;
	(void)there;
	if (result == SESS_LEDGER_OK)
		finish(going, ACCOUNT_CHANGED, NULL);
	else if (result == SESS_LEDGER_CONFLICT && ++going->tries < TRIES && load(going) == 0)
		return;
	else
		finish(going, ACCOUNT_FAILED, result == SESS_LEDGER_CONFLICT ? "others change accounts all the time" :
			       "the ledger does not answer: it is not known whether it was done");
}

static void add_note(struct sess_ledger_commit *commit, const struct account_change *change)
{
	json_t *note = json_pack("{s:s, s:I, s:s}", "what", change->what, "at", (json_int_t)gw_clock_wall_ms(), "agency", change->name);
	char *text = json_dumps(note, JSON_COMPACT);

	sess_ledger_note(commit, text, strlen(text));
	free(text);
	json_decref(note);
}

static int commit_change(struct going *going, sess_ledger_stamp account_stamp, sess_ledger_stamp mark_stamp)
{
	struct sess_ledger_commit *commit = sess_ledger_commit_begin(going, going->ledger, ACCOUNT_PARTITION);
	json_t *json = account_print(going->account);
	char *text = json_dumps(json, JSON_COMPACT);
	int rc;

	sess_ledger_put(commit, going->key, account_stamp, text, strlen(text), 0);
	sess_ledger_put(commit, ACCOUNT_MARK, mark_stamp, "1", 1, 0);
	sess_ledger_index(commit, ACCOUNT_INDEX, 0, going->name);
	add_note(commit, &going->change);
	rc = sess_ledger_commit_go(commit, on_committed, going, 0);
	talloc_free(commit);
	free(text);
	json_decref(json);
	return rc;
}

/* What the account is now, or a new one. NULL after the answer. */
static struct account *begin_edit(struct going *going, const struct sess_ledger_record *record)
{
	struct account *account = NULL;

	if (going->change.is_new && record->stamp) {
		finish(going, ACCOUNT_THERE, "there is an account of this name already");
	} else if (going->change.is_new) {
		account = talloc_zero(going, struct account);
		account->pub.name = going->name;
		account->pub.title_fa = account->pub.title_en = account->pub.sender = account->pub.webhook_url = "";
		account->made_ms = gw_clock_wall_ms();
	} else if (!record->stamp) {
		finish(going, ACCOUNT_NONE, "there is no such account");
	} else {
		account = account_read(going, record->value, record->octets);
		if (!account)
			finish(going, ACCOUNT_FAILED, "the account cannot be read: was it written by a later version?");
	}
	return account;
}

static void on_loaded(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct going *going = ctx;
	struct account *account;
	const char *why;

	(void)token;
	TALLOC_FREE(going->account);
	if (result != SESS_LEDGER_OK || n != 2) {
		finish(going, ACCOUNT_FAILED, "the ledger does not answer: nothing was done");
		return;
	}
	account = begin_edit(going, &records[0]);
	if (!account)
		return;
	going->account = account;
	why = going->change.edit(going->change.edit_ctx, account);
	if (!why)
		why = account_check(account);
	if (why)
		finish(going, ACCOUNT_REFUSED, why);
	else if (commit_change(going, records[0].stamp, records[1].stamp) < 0)
		finish(going, ACCOUNT_FAILED, "the ledger does not answer: nothing was done");
}

static int load(struct going *going)
{
	const char *const keys[] = { going->key, ACCOUNT_MARK };

	return sess_ledger_load(going->ledger, keys, ARRAY_SIZE(keys), on_loaded, going, 0);
}

int account_change(void *ctx, struct sess_ledger *ledger, const struct account_change *change)
{
	struct going *going = talloc_zero(ctx, struct going);
	int rc = -EINVAL;

	going->ledger = ledger;
	going->change = *change;
	OSMO_STRLCPY_ARRAY(going->name, change->name);
	going->change.name = going->name;
	if (sess_ledger_key(going->key, "account", ACCOUNT_PARTITION, going->name))
		rc = load(going);
	if (rc < 0)
		talloc_free(going);
	return rc;
}
