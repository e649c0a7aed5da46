/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See identity.h. A step: its record is loaded, the core decides (identity_step.c), facts are asked for until it can, what changed is committed
 * over the record that was loaded - with the audit lines, and with the notice that brings a code - and then it is answered. Whoever loses a
 * race decides again on the record that won, with the facts that are known already: so guesses that are made side by side are counted one
 * by one, and beyond the limit none of them is told whether it was right. */
#include "gateway/identity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/audit_note.h"
#include "gateway/gateway.h"
#include "gateway/identity_priv.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "gateway/say.h"
#include "sessions/store.h"

/* ---- records ---- */

bool gw_identity_key(char key[SESS_LEDGER_KEY_OCTETS], const char *msisdn)
{
	return sess_ledger_key(key, "identity", sess_store_partition(msisdn), msisdn);
}

void gw_identity_put(struct gw_identities *identities, struct sess_ledger_commit *commit, const char *msisdn, const struct gw_identity *record,
		     sess_ledger_stamp over)
{
	char key[SESS_LEDGER_KEY_OCTETS] = "", *text;
	size_t octets;

	text = gw_identity_encode(record, identities->config.seal, msisdn, &octets);
	gw_identity_key(key, msisdn);
	sess_ledger_put(commit, key, over, text, octets, identities->config.limits.remember_ms + RECORD_KEEP_MS);
	free(text);
}

void gw_identity_audit(struct sess_ledger_commit *commit, const char *msisdn, const char *what, json_t *more)
{
	json_t *line = json_pack("{s:s}", "number", gw_log_mask(msisdn));

	json_object_update(line, more);
	json_decref(more);
	gw_audit_note(commit, gw_clock_wall_ms(), what, line);
}

bool gw_identity_read(const struct gw_identities *identities, const char *msisdn, const struct sess_ledger_record *from, struct gw_identity *record)
{
	int rc = 0;

	memset(record, 0, sizeof(*record));
	if (from->stamp)
		rc = gw_identity_decode(record, identities->config.seal, msisdn, from->value, from->octets);
	if (rc == -EKEYREJECTED)
		LOGP(GW_LOG_DIALOG, LOGL_NOTICE, "identity(%s) was sealed with another key: it has to be proved anew\n", gw_log_mask(msisdn));
	else if (rc < 0)
		LOGP(GW_LOG_DIALOG, LOGL_ERROR, "identity(%s) its record cannot be read: nobody is let in by it (identity forget NUMBER)\n", gw_log_mask(msisdn));
	return rc == 0 || rc == -EKEYREJECTED;
}

/* ---- an ask and its end ---- */

int gw_identity_ask_free(struct gw_identity_ask *ask)
{
	if (ask->set)
		menu_pins_put(ask->identities->config.pins, ask->set);
	sodium_memzero(ask, sizeof(*ask));
	return 0;
}

static void answer(struct gw_identity_ask *ask, unsigned int status, json_t *body)
{
	gw_builtin_answer(ask->builtin, ask->token, status, body);
	talloc_free(ask);
}

void gw_identity_fail(struct gw_identity_ask *ask)
{
	ask->identities->counters.failures++;
	if (ask->view)
		gw_identity_view_fail(ask);
	else
		answer(ask, 503, NULL);
}

static json_t *proof_of(const struct gw_identity_ask *ask)
{
	const struct gw_identity *record = &ask->record;
	json_t *body = json_pack("{s:s, s:i, s:s}", "ask", "", "level", (int)ask->verdict.level, "id", record->id);

	if (record->province[0])
		json_object_set_new(body, "province", json_string(record->province));
	if (ask->request.business)
		json_object_set_new(body, "legal_id", json_string(record->flow.legal_id));
	return body;
}

static json_t *body_of(const struct gw_identity_ask *ask)
{
	const struct gw_identity_verdict *v = &ask->verdict;
	json_t *body;

	if (v->status == 200 && v->question == GW_ASK_NOTHING)
		return proof_of(ask);
	if (v->status == 200) {
		body = json_pack("{s:s, s:s}", "ask", gw_identity_questions[v->question], "hint", gw_identity_hints[v->hint]);
		if (v->left)
			json_object_set_new(body, "left", json_integer(v->left));
		return body;
	}
	body = json_pack("{s:s}", "why", v->why);
	if (v->until_ms)
		json_object_set_new(body, "until", json_integer((v->until_ms + 999) / 1000));
	return body;
}

static void count(struct gw_identity_counters *counters, enum gw_identity_note note, unsigned int level)
{
	uint64_t *const at[GW_NOTES] = {
		[GW_NOTE_ID_REFUSED] = &counters->refused_ids, [GW_NOTE_OFTEN] = &counters->too_often, [GW_NOTE_DROPPED_SIM] = &counters->dropped,
		[GW_NOTE_NOT_REPRESENTED] = &counters->refused_legal_ids, [GW_NOTE_PIN_SET] = &counters->pins_set, [GW_NOTE_PIN_RESET] = &counters->pins_reset,
		[GW_NOTE_PIN_WRONG] = &counters->wrong_pins, [GW_NOTE_LOCKED] = &counters->lockouts, [GW_NOTE_CODE_SENT] = &counters->codes_sent,
		[GW_NOTE_CODE_WRONG] = &counters->wrong_codes, [GW_NOTE_PROVED] = &counters->proved[OSMO_MIN(OSMO_MAX(level, 1u), 3u) - 1],
	};

	if (at[note])
		++*at[note];
}

static void tell(struct gw_identity_ask *ask)
{
	const struct gw_identity_verdict *v = &ask->verdict;

	for (size_t i = 0; i < v->n_notes; i++) {
		count(&ask->identities->counters, v->notes[i], v->level);
		LOGP(GW_LOG_DIALOG, LOGL_INFO, "identity(%s) %s\n", gw_log_mask(ask->msisdn), gw_identity_notes[v->notes[i]]);
	}
	answer(ask, v->status, body_of(ask));
}

/* ---- the commit ---- */

/* At any hour, in full, to the number itself; of no use once the code has expired. Sealed in the ledger like a confidential notice. */
static bool add_code(struct gw_identity_ask *ask, struct sess_ledger_commit *commit)
{
	struct gw_identities *identities = ask->identities;
	enum menu_phrase phrase = ask->record.code_resets ? MENU_PHRASE_SMS_CODE_RESET : MENU_PHRASE_SMS_CODE;
	struct gw_notice *notice = gw_notice_alloc(commit);
	int language = gw_notice_name_find(gw_notice_languages, ask->language);
	char text[GW_SAY_OCTETS] = "";
	bool good = gw_say(menu_pins_current(identities->config.pins), phrase, ask->language, "", ask->new_code, "", text) > 0;

	OSMO_STRLCPY_ARRAY(notice->msisdn, ask->msisdn);
	gw_notice_set(notice, &notice->text[language < 0 ? 0 : language], text);
	sodium_memzero(text, sizeof(text));
	if (language >= 0)
		OSMO_STRLCPY_ARRAY(notice->language, ask->language);
	notice->klass = GW_NOTICE_SERVICE;
	notice->priority = GW_NOTICE_URGENT;
	notice->channels = GW_CHANNEL_SMS;
	notice->aloud = notice->give_up = true;
	notice->not_after_ms = ask->record.code_ms;
	notice->route = ask->route;
	return good && gw_notices_seal(identities->config.notices, notice, ask->record.id) == 0 &&
	       gw_notices_add(identities->config.notices, commit, notice) == 0;
}

static void on_committed(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct gw_identity_ask *ask = ctx;

	(void)token;
	(void)there;
	if (result == SESS_LEDGER_CONFLICT && ++ask->conflicts < CONFLICTS_MAX) {
		ask->identities->counters.conflicts++;
		gw_identity_load(ask);
	} else if (result == SESS_LEDGER_OK) {
		tell(ask);
	} else {
		gw_identity_fail(ask);
	}
}

static void commit_it(struct gw_identity_ask *ask)
{
	const struct gw_identity_verdict *v = &ask->verdict;
	struct sess_ledger_commit *commit = sess_ledger_commit_begin(ask, ask->identities->config.ledger, sess_store_partition(ask->msisdn));
	bool good = true;

	gw_identity_put(ask->identities, commit, ask->msisdn, &ask->record, ask->stamp);
	for (size_t i = 0; i < v->n_notes; i++)
		gw_identity_audit(commit, ask->msisdn, gw_identity_notes[v->notes[i]],
				  v->notes[i] == GW_NOTE_PROVED ? json_pack("{s:i}", "level", (int)v->level) : NULL);
	if (v->send_code)
		good = add_code(ask, commit);
	if (!good)
		LOGP(GW_LOG_DIALOG, LOGL_ERROR, "identity(%s) no code can be sent: no operator takes it\n", gw_log_mask(ask->msisdn));
	if (!good || sess_ledger_commit_go(commit, on_committed, ask, 0) < 0)
		gw_identity_fail(ask);
	else
		talloc_free(commit);
}

/* ---- deciding ---- */

static void decide(struct gw_identity_ask *ask)
{
	ask->record = ask->loaded;
	gw_identity_step(&ask->identities->config.limits, &ask->record, &ask->request, &ask->facts, gw_clock_wall_ms(), &ask->verdict);
	if (ask->verdict.need != GW_NEED_NOTHING)
		gw_identity_find_out(ask);
	else if (ask->verdict.store)
		commit_it(ask);
	else
		tell(ask);
}

void gw_identity_go_on(struct gw_identity_ask *ask)
{
	if (++ask->rounds > ROUNDS_MAX)
		gw_identity_fail(ask);
	else if (ask->view)
		gw_identity_view_go_on(ask);
	else
		decide(ask);
}

static void on_loaded(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct gw_identity_ask *ask = ctx;

	(void)token;
	(void)n;
	if (result != SESS_LEDGER_OK || !gw_identity_read(ask->identities, ask->msisdn, records, &ask->loaded)) {
		gw_identity_fail(ask);
		return;
	}
	ask->stamp = records->stamp;
	gw_identity_go_on(ask);
}

void gw_identity_load(struct gw_identity_ask *ask)
{
	char key[SESS_LEDGER_KEY_OCTETS];
	const char *keys[] = { key };

	if (!gw_identity_key(key, ask->msisdn) || sess_ledger_load(ask->identities->config.ledger, keys, 1, on_loaded, ask, 0) < 0)
		gw_identity_fail(ask);
}

/* ---- what a menu says ---- */

static int question_of(const char *name)
{
	for (int i = 0; name && i < GW_ASKS; i++)
		if (strcmp(gw_identity_questions[i], name) == 0)
			return i;
	return -1;
}

static bool read_body(const json_t *body, struct gw_identity_ask *ask)
{
	json_int_t level = json_integer_value(json_object_get(body, "level")), proved = json_integer_value(json_object_get(body, "proved"));
	const char *subject = json_string_value(json_object_get(body, "subject")), *typed = json_string_value(json_object_get(body, "typed"));
	int asked = question_of(json_string_value(json_object_get(body, "asked")));

	if (level < 1 || level > 3 || proved < 0 || proved > 3 || asked < 0 || !typed || !subject ||
	    (strcmp(subject, "person") != 0 && strcmp(subject, "business") != 0))
		return false;
	osmo_strlcpy(ask->typed, strlen(typed) < sizeof(ask->typed) ? typed : "", sizeof(ask->typed)); /* what is longer is as wrong as nothing */
	ask->request.level = (unsigned int)level;
	ask->request.proved = (unsigned int)proved;
	ask->request.business = strcmp(subject, "business") == 0;
	ask->request.asked = (enum gw_identity_question)asked;
	return true;
}

/* Of a code, bound to its number: there are few codes, so that their hashes must not be the same for everybody. */
static void hash_code(const struct gw_identity_ask *ask, const char *code, char out[GW_IDENTITY_HASH_OCTETS])
{
	char text[GW_MSISDN_MAX + GW_IDENTITY_TYPED_OCTETS + 2];

	snprintf(text, sizeof(text), "%s:%s", ask->msisdn, code);
	gw_seal_hash(ask->identities->config.seal, "identity-code", text, out);
	sodium_memzero(text, sizeof(text));
}

static void hash_last(struct gw_identity_ask *ask)
{
	char text[GW_MSISDN_MAX + GW_IDENTITY_TYPED_OCTETS + 40];

	snprintf(text, sizeof(text), "%s:%016llx:%s:%s", ask->msisdn, (unsigned long long)ask->request.dialog,
		 gw_identity_questions[ask->request.asked], ask->typed);
	gw_seal_hash(ask->identities->config.seal, "identity-typed", text, ask->last);
	sodium_memzero(text, sizeof(text));
}

static void prepare(struct gw_identity_ask *ask, const struct gw_builtin_call *call)
{
	struct gw_identity_request *request = &ask->request;

	OSMO_STRLCPY_ARRAY(ask->msisdn, call->msisdn);
	OSMO_STRLCPY_ARRAY(ask->language, call->language);
	ask->route = call->route;
	request->msisdn = ask->msisdn;
	request->dialog = call->dialog;
	request->typed = ask->typed;
	request->last = ask->last;
	request->code = ask->code;
	snprintf(ask->new_code, sizeof(ask->new_code), "%06u", randombytes_uniform(1000000));
	hash_code(ask, ask->new_code, ask->facts.new_code);
	hash_code(ask, ask->typed, ask->code);
	hash_last(ask);
}

static void serve(const struct gw_builtin_call *call, const char *const *params)
{
	struct gw_identities *identities = call->gw->identities;
	struct gw_identity_ask *ask;

	(void)params;
	if (!identities || call->account[0]) { /* nobody proves who they are through another */
		gw_builtin_answer(call->builtin, call->token, identities ? 403 : 503, NULL);
		return;
	}
	ask = talloc_zero(call->builtin, struct gw_identity_ask);
	talloc_set_destructor(ask, gw_identity_ask_free);
	ask->identities = identities;
	ask->builtin = call->builtin;
	ask->token = call->token;
	identities->counters.asked++;
	if (!read_body(call->body, ask)) {
		answer(ask, 422, NULL);
		return;
	}
	prepare(ask, call);
	gw_identity_load(ask);
}

const struct gw_builtin_row gw_builtin_identity_rows[] = {
	{ "POST", "/identity", serve, false },
	{ 0 },
};

/* ---- life ---- */

struct gw_identities *gw_identities_alloc(void *ctx, const struct gw_identities_config *config)
{
	struct gw_identities *identities = talloc_zero(ctx, struct gw_identities);

	identities->config = *config;
	identities->config.agency = talloc_strdup(identities, config->agency);
	identities->hasher = gw_hasher_alloc(identities, &config->hasher);
	if (!identities->hasher)
		TALLOC_FREE(identities);
	return identities;
}

const struct gw_identity_counters *gw_identity_counters(const struct gw_identities *identities)
{
	return &identities->counters;
}

const struct gw_hasher *gw_identities_hasher(const struct gw_identities *identities)
{
	return identities->hasher;
}
