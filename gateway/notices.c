/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See notices.h. What is pending is an object of its own (struct ask), which its last answer frees. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/audit_note.h"
#include "gateway/notices_priv.h"
#include "gateway/usage.h"
#include "sessions/clock.h"
#include "sessions/store.h"

#define CHANGES_MAX 8           /* tries against others who change the same record */

struct ask {
	struct gw_notices *notices;
	char id[GW_NOTICE_ID_OCTETS];
	struct gw_notice *notice;
	unsigned int tries;
	gw_notice_change *change;
	void *change_ctx;
	gw_notices_cb *accepted;
	gw_notices_load_cb *loaded;
	void *ctx;
	uint64_t token;
};

struct gw_notices *gw_notices_alloc(void *ctx, const struct gw_notices_config *config)
{
	struct gw_notices *notices = talloc_zero(ctx, struct gw_notices);

	notices->config = *config;
	return notices;
}

static struct ask *ask_alloc(struct gw_notices *notices, const char *id, gw_notices_load_cb *cb, void *ctx, uint64_t token)
{
	struct ask *ask = talloc_zero(notices, struct ask);

	ask->notices = notices;
	osmo_strlcpy(ask->id, id, sizeof(ask->id));
	ask->loaded = cb;
	ask->ctx = ctx;
	ask->token = token;
	return ask;
}

static void answer(struct ask *ask, enum sess_ledger_result result, struct gw_notice *notice)
{
	if (ask->loaded)
		ask->loaded(ask->ctx, ask->token, result, result == SESS_LEDGER_OK ? notice : NULL);
	else
		ask->accepted(ask->ctx, ask->token, result);
	talloc_free(ask);
}

bool gw_notices_key(char key[SESS_LEDGER_KEY_OCTETS], const char *id)
{
	int partition = gw_notice_partition(id);

	return partition >= 0 && sess_ledger_key(key, "notice", (unsigned int)partition, id);
}

/* ---- what goes into a commit ---- */

void gw_notices_note(struct sess_ledger_commit *commit, const struct gw_notice *notice, const char *what, json_t *more)
{
	json_t *line = json_pack("{s:s}", "notice", notice->id);

	if (notice->agency[0])
		json_object_set_new(line, "agency", json_string(notice->agency));
	json_object_update(line, more);
	json_decref(more);
	gw_audit_note(commit, sess_clock_wall_ms(), what, line);
}

static int64_t expire_ms(const struct gw_notices *notices, const struct gw_notice *notice)
{
	int64_t ahead = OSMO_MAX(notice->not_before_ms, notice->not_after_ms) - sess_clock_wall_ms();

	return notices->config.keep_ms + OSMO_MAX(ahead, 0);
}

void gw_notices_put(struct gw_notices *notices, struct sess_ledger_commit *commit, const struct gw_notice *notice, sess_ledger_stamp over)
{
	char key[SESS_LEDGER_KEY_OCTETS] = "", *text;
	size_t octets;

	text = gw_notice_encode(notice, &octets);
	gw_notices_key(key, notice->id);
	sess_ledger_put(commit, key, over, text, octets, expire_ms(notices, notice));
	free(text);
}

void gw_notices_tell_national(struct gw_notices *notices, struct sess_ledger_commit *commit, const struct gw_notice *notice, const char *what,
			      const char *account)
{
	const char *national = notices->config.national ? notices->config.national(notices->config.ctx) : NULL;
	bool whole = strcmp(what, "karpousheh.notice") == 0;
	json_t *data;

	if (!national || !notices->config.events || !notice->agency[0] || strcmp(national, account) == 0)
		return;
	data = whole ? gw_notice_show(notice) : gw_notice_show_briefly(notice);
	if (whole && notice->n_replies)
		json_object_set_new(data, "replies", json_array());
	for (unsigned int i = 0; whole && i < notice->n_replies; i++)
		json_array_append_new(json_object_get(data, "replies"), json_string(notice->replies[i]));
	json_object_set_new(data, "agency", json_string(notice->agency));
	gw_event_add(notices->config.events, commit, national, what, data);
	json_decref(data);
}

void gw_notices_set_state(struct gw_notices *notices, struct gw_notice *notice, enum gw_notice_state state, const char *error,
			  struct sess_ledger_commit *commit)
{
	enum gw_notice_state before = notice->state;
	char what[32];
	json_t *data;

	notice->state = state;
	notice->state_ms = sess_clock_wall_ms();
	gw_notice_set(notice, &notice->error, error ? error : "");
	snprintf(what, sizeof(what), "notice.%s", gw_notice_state_name(state));
	gw_notices_note(commit, notice, what, error ? json_pack("{s:s}", "error", error) : NULL);
	if (notices->config.on_state)
		notices->config.on_state(commit, notice, before);
	if (gw_notice_over(state))
		gw_notices_tell_national(notices, commit, notice, "karpousheh.state", "");
	gw_usage_notice(notices->config.usage, commit, notice, gw_notice_state_name(state));
	if (state == GW_NOTICE_ACCEPTED || state == GW_NOTICE_SENDING || !notices->config.events || !notice->agency[0])
		return;
	data = gw_notice_show_briefly(notice);
	gw_event_add(notices->config.events, commit, notice->agency, what, data);
	json_decref(data);
}

bool gw_unsure_key(char key[SESS_LEDGER_KEY_OCTETS], const char *msisdn)
{
	return sess_ledger_key(key, "unsure", sess_store_partition(msisdn), msisdn);
}

bool gw_unsure_log_key(char key[SESS_LEDGER_KEY_OCTETS], unsigned int partition)
{
	return sess_ledger_key(key, "unsure-log", partition, "all");
}

/* ---- what follows from what became of the parts ---- */

static unsigned int parts_in(const struct gw_notice *notice, enum gw_part_state state)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < notice->n_parts; i++)
		n += notice->parts[i].state == state;
	return n;
}

/* The next way is tried under a key of its own: an entry of the first way that is still there is of a notice that has gone on. */
void gw_notices_fail(struct gw_notices *notices, struct gw_notice *notice, const char *error, struct sess_ledger_commit *commit)
{
	char key[GW_NOTICE_ID_OCTETS + 8];

	if (notice->by != GW_CHANNEL_SMS || !(notice->channels & GW_CHANNEL_USSD)) {
		gw_notices_set_state(notices, notice, GW_NOTICE_FAILED, error, commit);
		return;
	}
	gw_notices_note(commit, notice, "notice.sms-failed", json_pack("{s:s}", "error", error));
	notice->by = GW_CHANNEL_USSD;
	notice->state = GW_NOTICE_ACCEPTED;
	notice->state_ms = sess_clock_wall_ms();
	notice->n_parts = 0;
	gw_notice_set(notice, &notice->error, error);
	snprintf(key, sizeof(key), "%s.ussd", notice->id);
	gw_notices_enqueue(notices, commit, notice, key);
}

static const char *error_of(const struct gw_notice *notice)
{
	for (unsigned int i = 0; i < notice->n_parts; i++)
		if (notice->parts[i].state == GW_PART_FAILED)
			return notice->parts[i].error;
	return "";
}

void gw_notices_follow(struct gw_notices *notices, struct gw_notice *notice, struct sess_ledger_commit *commit)
{
	bool given_up = notice->state == GW_NOTICE_FAILED && strcmp(notice->error, GW_NOTICE_UNKNOWN) == 0;
	unsigned int delivered = parts_in(notice, GW_PART_DELIVERED), sent = parts_in(notice, GW_PART_SENT);

	if (gw_notice_over(notice->state) && !given_up)
		return;
	if (parts_in(notice, GW_PART_WAITING) || parts_in(notice, GW_PART_INTENT) || !notice->n_parts)
		return;
	if (parts_in(notice, GW_PART_FAILED))
		gw_notices_fail(notices, notice, error_of(notice), commit);
	else if (parts_in(notice, GW_PART_UNKNOWN))
		return;
	else if (delivered == notice->n_parts)
		gw_notices_set_state(notices, notice, GW_NOTICE_DELIVERED, NULL, commit);
	else if (delivered + sent == notice->n_parts && notice->state != GW_NOTICE_SENT)
		gw_notices_set_state(notices, notice, GW_NOTICE_SENT, NULL, commit);
}

/* ---- a new one ---- */

/* Everybody's order is that of acceptance; but what waits for its time, or goes out by the hundred thousand, must not hold up what comes
 * behind it. */
static bool keeps_order(const struct gw_notice *notice)
{
	return notice->priority != GW_NOTICE_BULK && notice->not_before_ms <= sess_clock_wall_ms();
}

int gw_notices_enqueue(struct gw_notices *notices, struct sess_ledger_commit *commit, const struct gw_notice *notice, const char *key)
{
	const struct gw_lane *lane = gw_lane_of(notices->config.lanes, notice->route, notice->priority);
	char body[144];
	const struct sess_queue_add add = {
		.key = key, .order = keeps_order(notice) ? notice->msisdn : NULL, .body = body,
		.octets = (size_t)snprintf(body, sizeof(body), "{\"notice\":\"%s\",\"to\":\"%s\",\"agency\":\"%s\"}", notice->id,
		                           notice->msisdn, notice->agency),
	};

	if (!lane)
		return -EINVAL;
	sess_ledger_enqueue(commit, lane->queue, &add);
	return 0;
}

/* SHA-256 of what the citizen is sent: so it can be proved later which text it was, without keeping it. */
static json_t *proof(const struct gw_notice *notice)
{
	crypto_hash_sha256_state state;
	uint8_t hash[crypto_hash_sha256_BYTES];
	char text[2 * sizeof(hash) + 1];

	crypto_hash_sha256_init(&state);
	for (size_t i = 0; i < GW_NOTICE_LANGUAGES; i++)
		crypto_hash_sha256_update(&state, (const uint8_t *)notice->text[i], strlen(notice->text[i]) + 1);
	crypto_hash_sha256_final(&state, hash);
	return json_pack("{s:s, s:s}", "class", gw_notice_classes[notice->klass], "sha256",
			 sodium_bin2hex(text, sizeof(text), hash, sizeof(hash)));
}

static int complete(struct gw_notices *notices, struct gw_notice *notice)
{
	const struct gw_route *route;

	if (!notice->id[0])
		gw_notice_make_id(notice->id, notice->msisdn, NULL, 0);
	if (!notice->accepted_ms)
		notice->accepted_ms = sess_clock_wall_ms();
	notice->state_ms = notice->accepted_ms;
	notice->inbox = notice->channels & GW_CHANNEL_INBOX ? GW_INBOX_UNREAD : GW_INBOX_NOT;
	notice->by = notice->channels & GW_CHANNEL_SMS ? GW_CHANNEL_SMS : notice->channels & GW_CHANNEL_USSD ? GW_CHANNEL_USSD : GW_CHANNEL_INBOX;
	notice->state = notice->by == GW_CHANNEL_INBOX ? GW_NOTICE_SENT : GW_NOTICE_ACCEPTED;
	if (!notice->sms_reference)
		notice->sms_reference = (uint16_t)(1 + randombytes_uniform(UINT16_MAX));
	if (gw_lane_of(notices->config.lanes, notice->route, notice->priority))
		return 0;
	route = gw_lanes_route(notices->config.lanes, notice->msisdn);
	notice->route = route ? route->id : 0;
	return route || notice->by == GW_CHANNEL_INBOX ? 0 : -EINVAL;
}

int gw_notices_add(struct gw_notices *notices, struct sess_ledger_commit *commit, struct gw_notice *notice)
{
	char key[SESS_LEDGER_KEY_OCTETS], inbox[SESS_LEDGER_KEY_OCTETS], *text;
	size_t octets;

	if (!notice->channels || complete(notices, notice) < 0 || !gw_notices_key(key, notice->id) ||
	    !sess_ledger_key(inbox, "inbox", sess_store_partition(notice->msisdn), notice->msisdn))
		return -EINVAL;
	text = gw_notice_encode(notice, &octets);
	sess_ledger_new(commit, key, text, octets, expire_ms(notices, notice));
	free(text);
	if (notice->by != GW_CHANNEL_INBOX)
		gw_notices_enqueue(notices, commit, notice, NULL); /* that the record is new makes it once */
	if (notice->inbox != GW_INBOX_NOT)
		sess_ledger_index(commit, inbox, (double)notice->accepted_ms, notice->id);
	gw_notices_note(commit, notice, "notice.accepted", proof(notice));
	gw_notices_tell_national(notices, commit, notice, "karpousheh.notice", "");
	gw_usage_notice(notices->config.usage, commit, notice, gw_notice_state_name(GW_NOTICE_ACCEPTED));
	if (notice->state != GW_NOTICE_ACCEPTED && notices->config.on_state)
		notices->config.on_state(commit, notice, GW_NOTICE_ACCEPTED);
	return 0;
}

static void on_accepted(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	(void)token;
	(void)there;
	answer(ctx, result, NULL);
}

int gw_notices_accept(struct gw_notices *notices, struct gw_notice *notice, gw_notices_cb *cb, void *ctx, uint64_t token)
{
	struct sess_ledger_commit *commit = sess_ledger_commit_begin(notices, notices->config.ledger, sess_store_partition(notice->msisdn));
	struct ask *ask = ask_alloc(notices, notice->id, NULL, ctx, token);
	int rc = gw_notices_add(notices, commit, notice);

	ask->accepted = cb;
	if (rc == 0)
		rc = sess_ledger_commit_go(commit, on_accepted, ask, 0);
	talloc_free(commit);
	if (rc < 0)
		talloc_free(ask);
	return rc;
}

/* ---- one that is there ---- */

static void on_loaded(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct ask *ask = ctx;

	(void)token;
	(void)n;
	answer(ask, result, result == SESS_LEDGER_OK && records->stamp ? gw_notice_decode(ask, records->value, records->octets) : NULL);
}

static int load(struct gw_notices *notices, const char *id, sess_ledger_load_cb *cb, struct ask *ask)
{
	char key[SESS_LEDGER_KEY_OCTETS];
	const char *keys[] = { key };

	return gw_notices_key(key, id) ? sess_ledger_load(notices->config.ledger, keys, 1, cb, ask, 0) : -EINVAL;
}

int gw_notices_load(struct gw_notices *notices, const char *id, gw_notices_load_cb *cb, void *ctx, uint64_t token)
{
	struct ask *ask = ask_alloc(notices, id, cb, ctx, token);
	int rc = load(notices, id, on_loaded, ask);

	if (rc < 0)
		talloc_free(ask);
	return rc;
}

/* ---- changing it ---- */

static void on_to_change(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n);

static void on_changed(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct ask *ask = ctx;

	(void)token;
	(void)there;
	if (result != SESS_LEDGER_CONFLICT || ++ask->tries >= CHANGES_MAX) {
		answer(ask, result, ask->notice);
		return;
	}
	TALLOC_FREE(ask->notice);
	if (load(ask->notices, ask->id, on_to_change, ask) < 0)
		answer(ask, SESS_LEDGER_DOWN, NULL);
}

static void on_to_change(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct ask *ask = ctx;
	struct gw_notices *notices = ask->notices;
	struct sess_ledger_commit *commit;
	int rc;

	(void)token;
	(void)n;
	if (result == SESS_LEDGER_OK && records->stamp)
		ask->notice = gw_notice_decode(ask, records->value, records->octets);
	if (!ask->notice) {
		answer(ask, result, NULL);
		return;
	}
	commit = sess_ledger_commit_begin(ask, notices->config.ledger, (unsigned int)gw_notice_partition(ask->id));
	if (!ask->change(ask->change_ctx, ask->notice, commit)) {
		answer(ask, SESS_LEDGER_OK, ask->notice);
		return;
	}
	gw_notices_put(notices, commit, ask->notice, records->stamp);
	rc = sess_ledger_commit_go(commit, on_changed, ask, 0);
	talloc_free(commit);
	if (rc < 0)
		answer(ask, SESS_LEDGER_DOWN, NULL);
}

int gw_notices_change(struct gw_notices *notices, const char *id, gw_notice_change *change, void *change_ctx, gw_notices_load_cb *cb,
		      void *ctx, uint64_t token)
{
	struct ask *ask = ask_alloc(notices, id, cb, ctx, token);
	int rc = load(notices, id, on_to_change, ask);

	ask->change = change;
	ask->change_ctx = change_ctx;
	if (rc < 0)
		talloc_free(ask);
	return rc;
}
