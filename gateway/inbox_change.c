/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a citizen does with a notice: reads it, replies from its list, deletes it. Each is one commit with what is told of it: the
 * agency's event and the line of the audit chain. Done again (by a process that takes a call over), it is done once. */
#include <string.h>

#include "gateway/event.h"
#include "gateway/inbox.h"
#include "gateway/loop.h"
#include "gateway/usage.h"
#include "sessions/store.h"

/* The agency hears of it, and of the notice as it is now; so does the national inbox. */
static void tell(const struct gw_inbox_ask *ask, const struct gw_notice *notice, struct sess_ledger_commit *commit, const char *what,
		 const char *national)
{
	json_t *data = gw_notice_show_briefly(notice);

	if (ask->gw->events)
		gw_event_add(ask->gw->events, commit, notice->agency, what, data);
	json_decref(data);
	gw_notices_tell_national(ask->gw->notices, commit, notice, national, ask->account);
}

void gw_inbox_note(const struct gw_inbox_ask *ask, const struct gw_notice *notice, struct sess_ledger_commit *commit, const char *what, json_t *more)
{
	json_t *line = more ? more : json_object();

	if (ask->account[0]) {
		json_object_set_new(line, "door", json_string(ask->door));
		json_object_set_new(line, "account", json_string(ask->account));
	}
	gw_notices_note(commit, notice, what, line);
}

/* ---- read ---- */

bool gw_inbox_mark_read(const struct gw_inbox_ask *ask, struct gw_notice *notice, struct sess_ledger_commit *commit)
{
	if (notice->inbox != GW_INBOX_UNREAD)
		return false;
	notice->inbox = GW_INBOX_READ;
	notice->read_ms = gw_clock_wall_ms();
	gw_notice_set(notice, &notice->read_by, ask->door);
	gw_inbox_note(ask, notice, commit, "notice.read", NULL);
	gw_usage_notice(ask->gw->usage, commit, notice, "read");
	tell(ask, notice, commit, "notice.read", "karpousheh.read");
	return true;
}

static bool read_it(void *ctx, struct gw_notice *notice, struct sess_ledger_commit *commit)
{
	const struct gw_inbox_ask *ask = ctx;

	return gw_inbox_has(ask, notice) && !notice->sensitive && gw_inbox_mark_read(ask, notice, commit);
}

static void on_read(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_notice *notice)
{
	struct gw_inbox_ask *ask = ctx;
	json_t *whole;

	(void)token;
	if (result != SESS_LEDGER_OK) {
		gw_inbox_answer(ask, 503, NULL);
	} else if (!gw_inbox_has(ask, notice)) {
		gw_inbox_answer(ask, 404, NULL);
	} else if (notice->sensitive) {
		gw_inbox_answer(ask, 403, gw_inbox_title(ask, notice));
	} else {
		whole = gw_inbox_whole(ask, notice);
		gw_inbox_answer(ask, whole ? 200 : 500, whole);
	}
}

static void change(struct gw_inbox_ask *ask, gw_notice_change *how, gw_notices_load_cb *cb)
{
	if (ask && gw_notices_change(ask->gw->notices, ask->id, how, ask, cb, ask, 0) < 0)
		gw_inbox_answer(ask, 503, NULL);
}

void gw_inbox_read(const struct gw_builtin_call *call, const char *const *params)
{
	change(gw_inbox_ask(call, params[0]), read_it, on_read);
}

/* ---- replied to ---- */

/* What is sensitive must have been opened before. */
static bool may_reply(const struct gw_inbox_ask *ask, const struct gw_notice *notice)
{
	return gw_inbox_has(ask, notice) && !(notice->sensitive && notice->inbox != GW_INBOX_READ);
}

static bool reply_to_it(void *ctx, struct gw_notice *notice, struct sess_ledger_commit *commit)
{
	const struct gw_inbox_ask *ask = ctx;

	if (!may_reply(ask, notice) || notice->reply >= 0 || (unsigned int)ask->choice >= notice->n_replies)
		return false;
	notice->reply = ask->choice;
	gw_inbox_note(ask, notice, commit, "notice.replied", json_pack("{s:i}", "choice", ask->choice + 1));
	tell(ask, notice, commit, "notice.replied", "karpousheh.replied");
	return true;
}

static void on_replied(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_notice *notice)
{
	struct gw_inbox_ask *ask = ctx;

	(void)token;
	if (result != SESS_LEDGER_OK)
		gw_inbox_answer(ask, 503, NULL);
	else if (!gw_inbox_has(ask, notice) || (unsigned int)ask->choice >= notice->n_replies)
		gw_inbox_answer(ask, 404, NULL);
	else if (!may_reply(ask, notice))
		gw_inbox_answer(ask, 403, NULL);
	else
		gw_inbox_answer(ask, notice->reply == ask->choice ? 200 : 409, NULL);
}

void gw_inbox_reply(const struct gw_builtin_call *call, const char *const *params)
{
	const json_t *choice = json_object_get(call->body, "choice");
	json_int_t n = json_is_integer(choice) ? json_integer_value(choice) : 0;
	struct gw_inbox_ask *ask;

	if (n < 1 || n > GW_NOTICE_REPLIES_MAX) {
		gw_builtin_answer(call->builtin, call->token, 404, NULL);
		return;
	}
	ask = gw_inbox_ask(call, params[0]);
	if (ask)
		ask->choice = (int)n - 1;
	change(ask, reply_to_it, on_replied);
}

/* ---- deleted ---- */

static bool is_theirs(const struct gw_inbox_ask *ask, const struct gw_notice *notice)
{
	return gw_inbox_has(ask, notice) || (notice && notice->inbox == GW_INBOX_DELETED && strcmp(notice->msisdn, ask->msisdn) == 0);
}

static bool delete_it(void *ctx, struct gw_notice *notice, struct sess_ledger_commit *commit)
{
	const struct gw_inbox_ask *ask = ctx;
	unsigned int partition = sess_store_partition(ask->msisdn);
	char inbox[SESS_LEDGER_KEY_OCTETS];

	if (!gw_inbox_has(ask, notice) || !sess_ledger_key(inbox, "inbox", partition, ask->msisdn))
		return false;
	notice->inbox = GW_INBOX_DELETED;
	sess_ledger_unindex(commit, inbox, notice->id);
	gw_inbox_note(ask, notice, commit, "notice.deleted", NULL);
	gw_notices_tell_national(ask->gw->notices, commit, notice, "karpousheh.deleted", ask->account);
	return true;
}

static void on_deleted(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_notice *notice)
{
	struct gw_inbox_ask *ask = ctx;

	(void)token;
	gw_inbox_answer(ask, result != SESS_LEDGER_OK ? 503 : is_theirs(ask, notice) ? 200 : 404, NULL);
}

void gw_inbox_delete(const struct gw_builtin_call *call, const char *const *params)
{
	change(gw_inbox_ask(call, params[0]), delete_it, on_deleted);
}
