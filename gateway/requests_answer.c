/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What an agency says to a request: the record with its new state, and the notice that brings the answer to the citizen's phone and
 * inbox, in one commit. An answer with an idempotency key that the record has already is the same answer. */
#include <errno.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/log.h"
#include "gateway/notices.h"
#include "gateway/requests_priv.h"
#include "gateway/usage.h"
#include "sessions/clock.h"
#include "sessions/store.h"

#define CHANGES_MAX 8

struct answering {
	struct gw_requests *requests;
	char key[SESS_LEDGER_KEY_OCTETS];
	unsigned int tries;
	/* a copy of what is answered */
	const char *agency, *sender, *text[2], *national_id;
	enum gw_request_state state;
	bool close;
	char once[GW_REQUEST_HASH_OCTETS], content[GW_REQUEST_HASH_OCTETS]; /* once "": no key */
	json_t *record;
	gw_requests_answer_cb *cb;
	void *ctx;
	uint64_t token;
};

static int answering_free(struct answering *a)
{
	json_decref(a->record);
	return 0;
}

static void tell(struct answering *a, enum sess_ledger_result result, enum gw_answered verdict)
{
	struct gw_requests *requests = a->requests;

	requests->counters.answered += result == SESS_LEDGER_OK && verdict == GW_ANSWERED;
	requests->counters.failures += result != SESS_LEDGER_OK;
	a->cb(a->ctx, a->token, result, verdict, result == SESS_LEDGER_OK ? a->record : NULL);
	talloc_free(a);
}

/* ---- may it be answered so? ---- */

static enum gw_answered with_key(const struct answering *a)
{
	const json_t *answers = json_object_get(a->record, "answers");

	for (size_t i = 0; a->once[0] && i < json_array_size(answers); i++) {
		const json_t *answer = json_array_get(answers, i);

		if (strcmp(gw_request_text(answer, "key"), a->once) == 0)
			return strcmp(gw_request_text(answer, "content"), a->content) == 0 ? GW_ANSWERED_BEFORE : GW_ANSWERED_OTHERWISE;
	}
	return GW_ANSWERED;
}

static enum gw_answered judge(const struct answering *a)
{
	enum gw_answered verdict;

	if (!a->record || strcmp(gw_request_text(a->record, "agency"), a->agency) != 0)
		return GW_ANSWERED_NO_REQUEST;
	verdict = with_key(a);
	if (verdict != GW_ANSWERED)
		return verdict;
	if (json_is_true(json_object_get(a->record, "closed")))
		return GW_ANSWERED_CLOSED;
	return json_array_size(json_object_get(a->record, "answers")) < GW_REQUEST_ANSWERS_MAX ? GW_ANSWERED : GW_ANSWERED_TOO_OFTEN;
}

/* ---- the notice ---- */

static bool is_silent(const struct answering *a)
{
	return !a->text[0][0] && !a->text[1][0];
}

static struct gw_notice *make_notice(const struct answering *a, void *ctx)
{
	struct gw_notice *notice = gw_notice_alloc(ctx);
	const char *to = gw_request_text(a->record, "to");

	osmo_strlcpy(notice->msisdn, gw_request_text(a->record, "msisdn"), sizeof(notice->msisdn));
	notice->klass = GW_NOTICE_SERVICE;
	notice->priority = GW_NOTICE_HIGH;
	notice->channels = GW_CHANNEL_SMS | GW_CHANNEL_INBOX;
	gw_notice_set(notice, &notice->agency, a->agency);
	gw_notice_set(notice, &notice->sender, to[0] ? to : a->sender); /* from where the citizen asked */
	gw_notice_set(notice, &notice->title, gw_request_title(a->record, gw_request_text(a->record, "language")));
	gw_notice_set(notice, &notice->request, gw_request_text(a->record, "code"));
	for (size_t i = 0; i < 2; i++)
		gw_notice_set(notice, &notice->text[i], a->text[i]);
	/* The language of the request only if the citizen has chosen none; the answer may be in one alone. */
	return notice;
}

/* *id: of the notice, "" if there is nothing to say. */
static enum gw_answered add_notice(struct answering *a, struct sess_ledger_commit *commit, char id[GW_NOTICE_ID_OCTETS])
{
	struct gw_notices *notices = a->requests->config.notices;
	struct gw_notice *notice;

	id[0] = '\0';
	if (is_silent(a))
		return GW_ANSWERED;
	notice = make_notice(a, commit);
	if (a->national_id && gw_notices_seal(notices, notice, a->national_id) < 0)
		return GW_ANSWERED_NO_SEAL;
	if (gw_notices_add(notices, commit, notice) < 0)
		return GW_ANSWERED_NOWAY;
	osmo_strlcpy(id, notice->id, GW_NOTICE_ID_OCTETS);
	return GW_ANSWERED;
}

/* ---- the record ---- */

static void change_record(struct answering *a, const char *notice)
{
	int64_t now_ms = sess_clock_wall_ms();
	bool over = a->close || a->state == GW_REQUEST_ANSWERED || a->state == GW_REQUEST_REFUSED;
	json_t *answer = json_pack("{s:I, s:s, s:b}", "at", (json_int_t)now_ms, "state", gw_request_states[a->state], "sensitive", a->national_id != NULL);
	json_t *text = json_object();

	for (size_t i = 0; i < 2 && !a->national_id; i++) /* what only one may read does not stand here in clear */
		if (a->text[i][0])
			json_object_set_new(text, i == 0 ? "fa" : "en", json_string(a->text[i]));
	if (json_object_size(text) > 0)
		json_object_set(answer, "text", text);
	json_decref(text);
	if (notice[0])
		json_object_set_new(answer, "notice", json_string(notice));
	if (a->once[0]) {
		json_object_set_new(answer, "key", json_string(a->once));
		json_object_set_new(answer, "content", json_string(a->content));
	}
	json_array_append_new(json_object_get(a->record, "answers"), answer);
	gw_request_set_state(a->record, a->state, now_ms);
	if (over) {
		json_object_set_new(a->record, "closed", json_true());
		json_object_del(a->record, "fields"); /* the agency needs them no more, and nobody else ever did */
	}
}

static void on_loaded(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n);

static void load_again(struct answering *a)
{
	const char *keys[] = { a->key };

	json_decref(a->record);
	a->record = NULL;
	if (sess_ledger_load(a->requests->config.ledger, keys, 1, on_loaded, a, 0) < 0)
		tell(a, SESS_LEDGER_DOWN, GW_ANSWERED);
}

/* Until the first answer; of a later one nobody waited: -1. */
static int64_t waited_ms(const json_t *record)
{
	if (json_array_size(json_object_get(record, "answers")) != 1)
		return -1;
	return json_integer_value(json_object_get(record, "changed")) - json_integer_value(json_object_get(record, "received"));
}

static void on_committed(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct answering *a = ctx;

	(void)token;
	(void)there;
	if (result == SESS_LEDGER_CONFLICT && ++a->tries < CHANGES_MAX) {
		a->requests->counters.conflicts++;
		load_again(a);
		return;
	}
	if (result == SESS_LEDGER_OK)
		gw_usage_request(a->requests->config.usage, a->agency, gw_request_text(a->record, "channel"), gw_request_states[a->state],
				 waited_ms(a->record));
	if (result == SESS_LEDGER_OK)
		LOGP(GW_LOG_AGENCY, LOGL_INFO, "request(%s) %s by %s\n", gw_request_text(a->record, "code"), gw_request_states[a->state], a->agency);
	tell(a, result, GW_ANSWERED);
}

static void on_loaded(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct answering *a = ctx;
	struct gw_requests *requests = a->requests;
	struct sess_ledger_commit *commit;
	char notice[GW_NOTICE_ID_OCTETS];
	enum gw_request_state before;
	enum gw_answered verdict;
	int rc = 0;

	(void)token;
	(void)n;
	if (result != SESS_LEDGER_OK) {
		tell(a, result, GW_ANSWERED);
		return;
	}
	a->record = records->stamp ? gw_request_decode(records->value, records->octets) : NULL;
	verdict = judge(a);
	if (verdict != GW_ANSWERED) {
		tell(a, SESS_LEDGER_OK, verdict);
		return;
	}
	before = gw_request_state(a->record);
	commit = sess_ledger_commit_begin(a, requests->config.ledger, sess_store_partition(gw_request_text(a->record, "msisdn")));
	verdict = add_notice(a, commit, notice);
	if (verdict == GW_ANSWERED) {
		change_record(a, notice);
		gw_requests_put(requests, commit, a->record, records->stamp, before);
		gw_requests_note(commit, a->record, "request.answered");
		rc = sess_ledger_commit_go(commit, on_committed, a, 0);
	}
	talloc_free(commit);
	if (verdict != GW_ANSWERED || rc < 0)
		tell(a, rc < 0 ? SESS_LEDGER_DOWN : SESS_LEDGER_OK, verdict);
}

/* ---- */

static void hash_keys(struct answering *a, const struct gw_request_answer *answer)
{
	const char *state = gw_request_states[a->state], *id = a->national_id ? a->national_id : "";
	const struct gw_piece key[] = { { a->agency, strlen(a->agency) }, { answer->once, answer->once_octets } };
	const struct gw_piece content[] = { { state, strlen(state) }, { &a->close, sizeof(a->close) }, { a->text[0], strlen(a->text[0]) },
		{ a->text[1], strlen(a->text[1]) }, { id, strlen(id) } };

	if (answer->once)
		gw_request_hash(key, ARRAY_SIZE(key), a->once);
	gw_request_hash(content, ARRAY_SIZE(content), a->content);
}

int gw_requests_answer(struct gw_requests *requests, const char *code, const struct gw_request_answer *answer, gw_requests_answer_cb *cb,
		       void *ctx, uint64_t token)
{
	struct answering *a = talloc_zero(requests, struct answering);
	const char *keys[] = { a->key };
	int rc = -EINVAL;

	talloc_set_destructor(a, answering_free);
	a->requests = requests;
	a->agency = talloc_strdup(a, answer->agency);
	a->sender = talloc_strdup(a, answer->sender ? answer->sender : "");
	a->state = answer->state;
	a->close = answer->close;
	for (size_t i = 0; i < 2; i++)
		a->text[i] = talloc_strdup(a, answer->text[i] ? answer->text[i] : "");
	a->national_id = answer->national_id ? talloc_strdup(a, answer->national_id) : NULL;
	hash_keys(a, answer);
	a->cb = cb;
	a->ctx = ctx;
	a->token = token;
	if (gw_requests_key(a->key, code))
		rc = sess_ledger_load(requests->config.ledger, keys, 1, on_loaded, a, 0);
	if (rc < 0)
		talloc_free(a);
	return rc;
}
