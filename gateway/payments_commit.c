/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What is written of payments. All of it lies in the partition of the citizen:
 *
 *   payment:{pNN}:<code>          the record (payment_record.h); it expires only once it is over
 *   pays:{pNN}:<msisdn>           lists a citizen's
 *   paying:{pNN}:<msisdn>.<bill_id>.<payment_id>   {"paying": code}: there while a payment of the bill is not over, and once it is paid
 *   once:{pNN}:<hash>             {"once": code}: what a repetition leads to
 *   unsure-pay:{pNN}:all          lists those that nobody can tell the outcome of */
#include "gateway/payments_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/audit_note.h"
#include "gateway/log.h"
#include "menus/filter.h"
#include "menus/pin.h"
#include "menus/utf8.h"
#include "sessions/clock.h"
#include "sessions/store.h"

#define KIND_OCTETS 60          /* of a bill's kind in a receipt, which is one or two parts */
#define RECEIPT_OCTETS 1024

/* ---- keys ---- */

bool payment_key(char key[SESS_LEDGER_KEY_OCTETS], const char *code)
{
	int partition = gw_request_partition(code);

	return partition >= 0 && sess_ledger_key(key, "payment", (unsigned int)partition, code);
}

bool payment_bill_key(char key[SESS_LEDGER_KEY_OCTETS], const char *msisdn, const char *bill_id, const char *payment_id)
{
	char id[80];

	snprintf(id, sizeof(id), "%.20s.%.20s.%.20s", msisdn, bill_id, payment_id);
	return sess_ledger_key(key, "paying", sess_store_partition(msisdn), id);
}

bool payment_citizen_key(char key[SESS_LEDGER_KEY_OCTETS], const char *msisdn)
{
	return sess_ledger_key(key, "pays", sess_store_partition(msisdn), msisdn);
}

bool payment_unsure_key(char key[SESS_LEDGER_KEY_OCTETS], unsigned int partition)
{
	return sess_ledger_key(key, "unsure-pay", partition, "all");
}

/* ---- pieces ---- */

static void note(struct sess_ledger_commit *commit, const json_t *record, const char *what)
{
	gw_audit_note(commit, sess_clock_wall_ms(), what,
		      json_pack("{s:O, s:O, s:O, s:O, s:O}", "payment", json_object_get(record, "code"), "id", json_object_get(record, "id"), "amount",
				json_object_get(record, "amount"), "channel", json_object_get(record, "channel"), "account",
				json_object_get(record, "account")));
}

static void tell_account(struct payment_work *work, struct sess_ledger_commit *commit, const char *account, const char *type)
{
	json_t *data = gw_payment_show(work->record);

	gw_event_add(work->payments->config.events, commit, account, type, data);
	json_decref(data);
}

/* As the pages have it: 1,543,000. */
static void print_amount(const json_t *record, const char *language, char *out, size_t cap)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRId64, (int64_t)json_integer_value(json_object_get(record, "amount")));
	menu_filter_find("number")->apply(language, digits, out, cap);
}

/* What the citizen is told of the outcome; 0: it cannot be said. */
static size_t say(const struct payment_work *work, const char *language, char *out, size_t cap)
{
	static const enum menu_phrase phrases[] = {
		[GW_PAYMENT_PAID] = MENU_PHRASE_SMS_PAID, [GW_PAYMENT_REFUSED] = MENU_PHRASE_SMS_NOT_PAID, [GW_PAYMENT_VOID] = MENU_PHRASE_SMS_NOT_PAID,
	};
	const struct menu_set *set = menu_pins_current(work->payments->config.pins);
	const json_t *record = work->record;
	const char *kind = gw_payment_kind(record, language);
	char cut[KIND_OCTETS + 1], amount[32];
	size_t n = menu_utf8_floor(kind, strlen(kind), KIND_OCTETS);
	const struct menu_say values[] = { { "what", cut }, { "amount", amount }, { "code", work->code }, { "state", gw_request_text(record, "reference") } };

	memcpy(cut, kind, n);
	cut[n] = '\0';
	print_amount(record, language, amount, sizeof(amount));
	return set ? menu_set_say(set, phrases[gw_payment_state(record)], language, values, ARRAY_SIZE(values), out, cap) : 0;
}

/* By SMS and in the inbox, at any hour: the citizen waits for it. */
static void add_receipt(struct payment_work *work, struct sess_ledger_commit *commit)
{
	const char *language = gw_request_text(work->record, "language");
	struct gw_notice *notice = gw_notice_alloc(work);
	char text[RECEIPT_OCTETS];

	osmo_strlcpy(notice->msisdn, gw_request_text(work->record, "msisdn"), sizeof(notice->msisdn));
	notice->klass = GW_NOTICE_SERVICE;
	notice->priority = GW_NOTICE_URGENT;
	notice->channels = GW_CHANNEL_SMS | GW_CHANNEL_INBOX;
	osmo_strlcpy(notice->language, language, sizeof(notice->language));
	gw_notice_set(notice, &notice->request, work->code);
	if (say(work, language, text, sizeof(text)) > 0)
		gw_notice_set(notice, &notice->text[strcmp(language, "en") == 0 ? 1 : 0], text);
	if (!gw_lanes_route(work->payments->config.lanes, notice->msisdn)) /* its operator was taken away since */
		notice->channels = GW_CHANNEL_INBOX;
	if (!gw_notice_text(notice, language)[0] || gw_notices_add(work->payments->config.notices, commit, notice) < 0)
		LOGP(GW_LOG_AGENCY, LOGL_ERROR, "payment(%s): its outcome cannot be told to the citizen\n", work->code);
	talloc_free(notice);
}

static void put_record(struct payment_work *work, struct sess_ledger_commit *commit, bool is_new)
{
	char key[SESS_LEDGER_KEY_OCTETS] = "", *text = json_dumps(work->record, JSON_COMPACT);

	payment_key(key, work->code);
	if (is_new)
		sess_ledger_new(commit, key, text, strlen(text), 0);
	else
		sess_ledger_put(commit, key, work->stamp, text, strlen(text), gw_payment_over(gw_payment_state(work->record)) ? work->payments->config.keep_ms : 0);
	free(text);
}

/* ---- an intent ---- */

static void put_pointer(struct payment_work *work, struct sess_ledger_commit *commit, const char *key, const char *name, int64_t expire_ms)
{
	char text[64];

	snprintf(text, sizeof(text), "{\"%s\":\"%s\"}", name, work->code);
	sess_ledger_new(commit, key, text, strlen(text), expire_ms);
}

void payment_put_intent(struct payment_work *work, struct sess_ledger_commit *commit)
{
	char key[SESS_LEDGER_KEY_OCTETS] = "", body[40];
	const struct sess_queue_add add = { .body = body, .octets = (size_t)snprintf(body, sizeof(body), "{\"payment\":\"%s\"}", work->code) };
	char born[20];

	/* The pointer of the bill is written here and once more at the end: its stamp is this commit's. */
	snprintf(born, sizeof(born), "%016" PRIx64, sess_ledger_commit_stamp(commit));
	json_object_set_new(work->record, "born", json_string(born));
	if (work->once[0])
		put_pointer(work, commit, work->once, "once", work->payments->config.keep_ms);
	put_pointer(work, commit, work->bill, "paying", 0);
	put_record(work, commit, true);
	payment_citizen_key(key, gw_request_text(work->record, "msisdn"));
	sess_ledger_index(commit, key, (double)json_integer_value(json_object_get(work->record, "at")), work->code);
	sess_ledger_enqueue(commit, work->payments->queue, &add);
	note(commit, work->record, "payment.begun");
}

/* ---- an outcome ---- */

static void tell_all(struct payment_work *work, struct sess_ledger_commit *commit)
{
	const char *issuer = gw_request_text(work->record, "issuer"), *account = gw_request_text(work->record, "account");
	char type[GW_EVENT_TYPE_OCTETS];

	snprintf(type, sizeof(type), "payment.%s", gw_payment_word(work->record));
	add_receipt(work, commit);
	if (gw_payment_state(work->record) != GW_PAYMENT_VOID) /* to the issuer nothing has happened */
		tell_account(work, commit, issuer, type);
	if (strcmp(account, issuer) != 0)
		tell_account(work, commit, account, type);
}

/* A bill that is paid is remembered as long as its payment; one that is not may be paid anew. */
static void put_bill(struct payment_work *work, struct sess_ledger_commit *commit)
{
	const json_t *record = work->record;
	sess_ledger_stamp born = strtoull(gw_request_text(record, "born"), NULL, 16);
	char key[SESS_LEDGER_KEY_OCTETS], text[64];
	int n = snprintf(text, sizeof(text), "{\"paying\":\"%s\"}", work->code);

	if (!payment_bill_key(key, gw_request_text(record, "msisdn"), gw_request_text(record, "bill_id"), gw_request_text(record, "payment_id")))
		return;
	if (gw_payment_state(record) == GW_PAYMENT_PAID)
		sess_ledger_put(commit, key, born, text, (size_t)n, work->payments->config.keep_ms);
	else
		sess_ledger_drop(commit, key, born);
}

void payment_put_outcome(struct payment_work *work, struct sess_ledger_commit *commit)
{
	unsigned int partition = sess_store_partition(gw_request_text(work->record, "msisdn"));
	bool was_unsure = gw_payment_state(work->record) == GW_PAYMENT_UNSURE;
	char unsure[SESS_LEDGER_KEY_OCTETS] = "", what[32];

	gw_payment_set(work->record, work->next.state, work->reference, work->why, sess_clock_wall_ms());
	snprintf(what, sizeof(what), "payment.%s", gw_payment_states[work->next.state]);
	put_record(work, commit, false);
	note(commit, work->record, what);
	payment_unsure_key(unsure, partition);
	if (work->next.act == GW_PAYMENT_SETTLE) {
		put_bill(work, commit);
		tell_all(work, commit);
		if (was_unsure)
			sess_ledger_unindex(commit, unsure, work->code);
		if (work->held)
			sess_ledger_done(commit, work->payments->queue, &work->handle);
	} else if (work->next.act == GW_PAYMENT_BURY) {
		sess_ledger_index(commit, unsure, (double)json_integer_value(json_object_get(work->record, "at")), work->code);
		sess_ledger_bury(commit, work->payments->queue, &work->handle, "the payment agency does not say what became of it");
	}
}
