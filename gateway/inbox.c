/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See inbox.h. Here is the table of what is served, the list, and what a menu gets of a notice. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/account.h"
#include "gateway/builtin_path.h"
#include "gateway/inbox.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "menus/utf8.h"

#define ROWS 6                  /* of a list's page: what fits into the values of an answer; */
#define ROWS_MAX (GW_NOTICES_INBOX_MAX - 1) /* more if they are asked for */
#define SKIP_MAX 255
#define TITLE_CHARS 30          /* of a text that has no title */

/* ---- asked ---- */

static int wipe(struct gw_inbox_ask *ask)
{
	sodium_memzero(ask->national_id, sizeof(ask->national_id));
	return 0;
}

struct gw_inbox_ask *gw_inbox_ask(const struct gw_builtin_call *call, const char *id)
{
	struct gw_inbox_ask *ask;

	if (!call->gw->notices || (id && gw_notice_partition(id) < 0)) {
		gw_builtin_answer(call->builtin, call->token, call->gw->notices ? 404 : 503, NULL);
		return NULL;
	}
	ask = talloc_zero(call->builtin, struct gw_inbox_ask);
	talloc_set_destructor(ask, wipe);
	ask->gw = call->gw;
	ask->builtin = call->builtin;
	ask->token = call->token;
	ask->from_ms = call->from_ms;
	osmo_strlcpy(ask->msisdn, call->msisdn, sizeof(ask->msisdn));
	osmo_strlcpy(ask->language, call->language, sizeof(ask->language));
	osmo_strlcpy(ask->id, id ? id : "", sizeof(ask->id));
	osmo_strlcpy(ask->door, call->door, sizeof(ask->door));
	osmo_strlcpy(ask->account, call->account, sizeof(ask->account));
	return ask;
}

void gw_inbox_answer(struct gw_inbox_ask *ask, unsigned int status, json_t *body)
{
	gw_builtin_answer(ask->builtin, ask->token, status, body);
	talloc_free(ask);
}

bool gw_inbox_has(const struct gw_inbox_ask *ask, const struct gw_notice *notice)
{
	return notice && strcmp(notice->msisdn, ask->msisdn) == 0 && (notice->inbox == GW_INBOX_UNREAD || notice->inbox == GW_INBOX_READ) &&
	       notice->accepted_ms >= ask->from_ms && notice->not_before_ms <= gw_clock_wall_ms();
}

/* ---- what a menu gets ---- */

static bool is_english(const struct gw_inbox_ask *ask)
{
	return strcmp(ask->language, "en") == 0;
}

/* The text's beginning: its first line, at most so many characters of it. */
static json_t *beginning(const char *text)
{
	size_t line = strcspn(text, "\n"), at = 0, n, chars = 0;

	while (at < line && chars++ < TITLE_CHARS && (n = menu_utf8_char(text + at, line - at)))
		at += n;
	if (at < line)
		return json_sprintf("%.*s...", (int)at, text);
	return json_stringn(text, at);
}

static json_t *title_of(const struct gw_inbox_ask *ask, const struct gw_notice *notice)
{
	if (notice->title[0])
		return json_string(notice->title);
	if (notice->sensitive)
		return json_string(is_english(ask) ? "Confidential" : "پیام محرمانه");
	return beginning(gw_notice_text(notice, ask->language));
}

json_t *gw_inbox_title(const struct gw_inbox_ask *ask, const struct gw_notice *notice)
{
	bool unread = notice->inbox == GW_INBOX_UNREAD;

	return json_pack("{s:s, s:o, s:I, s:b, s:b, s:s}", "id", notice->id, "title", title_of(ask, notice), "at",
			 (json_int_t)(notice->accepted_ms / 1000), "unread", unread, "sensitive", notice->sensitive, "mark", unread ? "* " : "");
}

static const char *sender_of(const struct gw_inbox_ask *ask, const struct gw_notice *notice)
{
	const struct gw_account *account = ask->gw->accounts && notice->agency[0] ? gw_accounts_find(ask->gw->accounts, notice->agency) : NULL;

	if (!account)
		return notice->sender;
	return is_english(ask) ? account->title_en : account->title_fa;
}

static json_t *replies_of(const struct gw_notice *notice)
{
	json_t *replies = json_array();

	for (unsigned int i = 0; i < notice->n_replies; i++)
		json_array_append_new(replies, json_pack("{s:i, s:s}", "n", (int)i + 1, "text", notice->replies[i]));
	return replies;
}

json_t *gw_inbox_whole(const struct gw_inbox_ask *ask, const struct gw_notice *notice)
{
	bool replied = notice->reply >= 0 && (unsigned int)notice->reply < notice->n_replies;
	char text[GW_NOTICE_TEXT_OCTETS + 1];
	json_t *whole;
	ssize_t octets = gw_notices_read(ask->gw->notices, notice, ask->language, text, sizeof(text));

	if (octets < 0) {
		LOGP(GW_LOG_DIALOG, LOGL_ERROR, "notice(%s) cannot be opened: %s\n", notice->id, strerror((int)-octets));
		return NULL;
	}
	whole = gw_inbox_title(ask, notice);
	json_object_set_new(whole, "text", json_stringn(text, (size_t)octets));
	json_object_set_new(whole, "from", json_string(sender_of(ask, notice)));
	json_object_set_new(whole, "can_reply", json_boolean(notice->n_replies && !replied));
	json_object_set_new(whole, "reply", json_string(replied ? notice->replies[notice->reply] : ""));
	json_object_set_new(whole, "replies", replies_of(notice));
	sodium_memzero(text, sizeof(text));
	return whole;
}

/* ---- the list ---- */

static void on_list(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_notice *const *notices, size_t n, unsigned int count,
		    unsigned int unread)
{
	struct gw_inbox_ask *ask = ctx;
	json_t *body, *rows;

	(void)token;
	if (result != SESS_LEDGER_OK) {
		gw_inbox_answer(ask, 503, NULL);
		return;
	}
	rows = json_array();
	for (size_t i = 0; i < n && i < ask->limit; i++)
		json_array_append_new(rows, gw_inbox_title(ask, notices[i]));
	body = json_pack("{s:i, s:i, s:o}", "count", (int)count, "unread", (int)unread, "notices", rows);
	if (n > ask->limit)
		json_object_set_new(body, "next", json_integer((json_int_t)ask->skip + ask->limit));
	gw_inbox_answer(ask, 200, body);
}

static void serve_list(const struct gw_builtin_call *call, const char *const *params)
{
	struct gw_inbox_ask *ask = gw_inbox_ask(call, NULL);

	(void)params;
	if (!ask)
		return;
	ask->skip = gw_builtin_skip(call->path, SKIP_MAX);
	ask->limit = gw_builtin_limit(call->path, ROWS, ROWS_MAX);
	if (gw_notices_inbox(ask->gw->notices, ask->msisdn, ask->from_ms, ask->skip, ask->limit + 1, on_list, ask, 0) < 0)
		gw_inbox_answer(ask, 503, NULL);
}

/* ---- its title ---- */

static void on_title(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_notice *notice)
{
	struct gw_inbox_ask *ask = ctx;

	(void)token;
	if (result != SESS_LEDGER_OK)
		gw_inbox_answer(ask, 503, NULL);
	else if (!gw_inbox_has(ask, notice))
		gw_inbox_answer(ask, 404, NULL);
	else
		gw_inbox_answer(ask, 200, gw_inbox_title(ask, notice));
}

static void serve_title(const struct gw_builtin_call *call, const char *const *params)
{
	struct gw_inbox_ask *ask = gw_inbox_ask(call, params[0]);

	if (ask && gw_notices_load(ask->gw->notices, ask->id, on_title, ask, 0) < 0)
		gw_inbox_answer(ask, 503, NULL);
}

const struct gw_builtin_row gw_builtin_inbox_rows[] = {
	{ "GET", "/inbox", serve_list, true },
	{ "GET", "/inbox/{id}", gw_inbox_read, true },
	{ "GET", "/inbox/{id}/title", serve_title, true },
	{ "POST", "/inbox/{id}/open", gw_inbox_open, true },
	{ "POST", "/inbox/{id}/reply", gw_inbox_reply, true },
	{ "POST", "/inbox/{id}/delete", gw_inbox_delete, true },
	{ 0 }
};
