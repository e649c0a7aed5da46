/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See smsc_handset.h. The inbox is in smsc_inbox.c. */
#include "tests/sim/smsc_handset.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "smpp/status.h"
#include "tests/sim/smsc_inbox.h"

const char *smsc_state_name(enum smsc_dialog_state state)
{
	static const char *const names[] = { [SMSC_IDLE] = "idle", [SMSC_WAITING] = "waiting", [SMSC_OPEN] = "open",
		[SMSC_ENDED] = "ended", [SMSC_CUT] = "cut", [SMSC_HUNG_UP] = "hung up" };

	return names[state];
}

/* --- the table of handsets: a hash of lists, made when first needed --- */

#define BUCKETS 4096

static size_t bucket_of(const struct smsc_operator *op, const char *msisdn)
{
	size_t hash = (size_t)(op - op->smsc->operators);

	while (*msisdn)
		hash = hash * 31 + (unsigned char)*msisdn++;
	return hash % BUCKETS;
}

struct smsc_handset *smsc_handset_find(const struct smsc_operator *op, const char *msisdn)
{
	struct smsc_handset *handset = op->smsc->handsets ? op->smsc->handsets[bucket_of(op, msisdn)] : NULL;

	while (handset && (handset->operator != op || strcmp(handset->dialog.msisdn, msisdn) != 0))
		handset = handset->next;
	return handset;
}

struct smsc_handset *smsc_handset_get(struct smsc_operator *op, const char *msisdn)
{
	struct smsc *smsc = op->smsc;
	struct smsc_handset *handset = smsc_handset_find(op, msisdn), **bucket;

	if (handset || smsc->n_handsets == SMSC_HANDSETS || strlen(msisdn) > 20)
		return handset;
	if (!smsc->handsets)
		smsc->handsets = calloc(BUCKETS, sizeof(*smsc->handsets));
	handset = smsc->handsets ? calloc(1, sizeof(*handset)) : NULL;
	if (!handset)
		return NULL;
	bucket = &smsc->handsets[bucket_of(op, msisdn)];
	handset->operator = op;
	snprintf(handset->dialog.msisdn, sizeof(handset->dialog.msisdn), "%s", msisdn);
	handset->next = *bucket;
	*bucket = handset;
	smsc->n_handsets++;
	return handset;
}

void smsc_handset_free_all(struct smsc *smsc)
{
	for (size_t i = 0; smsc->handsets && i < BUCKETS; i++) {
		while (smsc->handsets[i]) {
			struct smsc_handset *handset = smsc->handsets[i];

			smsc->handsets[i] = handset->next;
			smsc_inbox_free(handset);
			free(handset);
		}
	}
	free(smsc->handsets);
	smsc->handsets = NULL;
}

/* --- what the subscriber does --- */

static void enter(struct smsc_handset *handset, enum smsc_dialog_state state, const char *why)
{
	handset->state = state;
	handset->since_ms = smsc_now_ms();
	snprintf(handset->why, sizeof(handset->why), "%s", why);
}

/* Tells the ESME. The fault `stale` puts a session on it that nobody has. */
static int tell(struct smsc_handset *handset, enum smsc_mo what, const char *text)
{
	static struct smsc_message message;
	struct smsc_operator *op = handset->operator;
	uint32_t session = handset->dialog.session;
	int said;

	if (op->faults.stale && what != SMSC_MO_BEGIN) {
		op->faults.stale--;
		handset->dialog.session = session ^ 0x2A55;
	}
	said = smsc_dialect_send(op->dialect, &handset->dialog, what, text, &message);
	handset->dialog.session = session;
	if (said <= 0)
		return said < 0 ? -EINVAL : 0;
	return smsc_deliver(op, handset, session, &message);
}

static int ask(struct smsc_handset *handset, enum smsc_mo what, const char *text)
{
	int error;

	handset->asked_ns = smsc_now_ns();
	enter(handset, SMSC_WAITING, "");
	error = tell(handset, what, text);
	if (error)
		enter(handset, SMSC_CUT, error == -EINVAL ? "this network cannot carry that" : "the network is full");
	return error;
}

int smsc_handset_dial(struct smsc_handset *handset, const char *code)
{
	if (strlen(code) >= sizeof(handset->dialog.code))
		return -EINVAL;
	snprintf(handset->dialog.code, sizeof(handset->dialog.code), "%s", code);
	handset->dialog.session = ++handset->operator->next_session;
	handset->pages = 0;
	handset->octets = 0;
	handset->page[0] = '\0';
	handset->releasing = handset->notified = handset->pushed = false;
	return ask(handset, SMSC_MO_BEGIN, code);
}

int smsc_handset_reply(struct smsc_handset *handset, const char *text)
{
	return handset->state == SMSC_OPEN ? ask(handset, SMSC_MO_CONTINUE, text) : -ENOTCONN;
}

static int leave(struct smsc_handset *handset, enum smsc_mo what, enum smsc_dialog_state state, const char *why)
{
	if (handset->state != SMSC_OPEN && handset->state != SMSC_WAITING)
		return -ENOTCONN;
	enter(handset, state, why);
	return tell(handset, what, "");
}

int smsc_handset_hang_up(struct smsc_handset *handset)
{
	return leave(handset, SMSC_MO_HANGUP, SMSC_HUNG_UP, "");
}

int smsc_handset_expire(struct smsc_handset *handset)
{
	return leave(handset, SMSC_MO_TIMEOUT, SMSC_CUT, "the subscriber did not answer in time");
}

void smsc_handset_refused(struct smsc_handset *handset, uint32_t dialog, const char *why)
{
	if (dialog != handset->dialog.session || handset->state != SMSC_WAITING)
		return; /* that dialog is over */
	enter(handset, SMSC_CUT, why);
}

void smsc_handset_tick(struct smsc *smsc, int64_t now_ms)
{
	for (size_t i = 0; smsc->handsets && i < BUCKETS; i++) {
		for (struct smsc_handset *handset = smsc->handsets[i]; handset; handset = handset->next) {
			int64_t waited = now_ms - handset->since_ms;

			if (handset->state == SMSC_WAITING && waited > handset->operator->answer_ms)
				leave(handset, SMSC_MO_TIMEOUT, SMSC_CUT, "no answer within the network's time");
			else if (handset->state == SMSC_OPEN && waited > handset->operator->user_ms)
				smsc_handset_expire(handset);
		}
	}
}

/* --- what the ESME sends --- */

static void show(struct smsc_handset *handset, const struct smsc_answer *answer)
{
	struct smsc_operator *op = handset->operator;
	long limit = answer->alphabet == SMPP_ALPHABET_UCS2 ? op->page_ucs2 : op->page_septets;

	handset->answered_ns = smsc_now_ns();
	handset->alphabet = answer->alphabet;
	handset->octets = answer->octets;
	memcpy(handset->page, answer->text, answer->octets + 1);
	handset->units = smpp_text_units(answer->alphabet, answer->text, answer->octets);
	handset->pages++;
	if (handset->units < 0)
		smsc_operator_complain(op, "the page has characters outside of its alphabet");
	if (handset->units > limit)
		smsc_operator_complain(op, "a page of %ld units, but %ld fit on this network", handset->units, limit);
}

/* A second page for one step: the gateway repeats itself, or contradicts itself. */
static void second_page(struct smsc_handset *handset, const struct smsc_answer *answer)
{
	if (answer->octets == handset->octets && memcmp(answer->text, handset->page, answer->octets) == 0)
		handset->operator->counters.duplicates++;
	else
		smsc_operator_complain(handset->operator, "%s: a second, other page for one step", handset->dialog.msisdn);
}

static bool release_follows(const struct smsc_handset *handset)
{
	const struct smsc_dialect *dialect = handset->operator->dialect;

	return handset->pushed ? dialect->push_released : dialect->release_follows;
}

/* A dialog that the ESME began ends with a notify: there is no request of the subscriber's that 17 could answer. */
static void take_last(struct smsc_handset *handset, const struct smsc_answer *answer)
{
	if (handset->pushed && answer->what == SMSC_MT_END)
		smsc_operator_complain(handset->operator, "%s: a dialog that the gateway began ends as one of the subscriber's", handset->dialog.msisdn);
	if (answer->what == SMSC_MT_END || (handset->pushed && !release_follows(handset)))
		enter(handset, SMSC_ENDED, "");
}

static void take_page(struct smsc_handset *handset, const struct smsc_answer *answer)
{

	if (handset->state == SMSC_OPEN || handset->releasing) {
		second_page(handset, answer);
		return;
	}
	show(handset, answer);
	if (answer->what == SMSC_MT_CONTINUE)
		enter(handset, SMSC_OPEN, "");
	else
		take_last(handset, answer);
	if (answer->what == SMSC_MT_NOTIFY) {
		handset->notified = true;
		handset->releasing = release_follows(handset);
		tell(handset, SMSC_MO_CONFIRM, "");
	}
}

static void take_release(struct smsc_handset *handset)
{
	if (release_follows(handset) && !handset->releasing)
		smsc_operator_complain(handset->operator, "%s: a release that no last page went before", handset->dialog.msisdn);
	enter(handset, handset->pages ? SMSC_ENDED : SMSC_CUT, "released");
	handset->releasing = false;
}

/* What the ESME begins, on a phone that is in no dialog: a text is shown and confirmed, a page waits for an answer. */
static void begin_pushed(struct smsc_handset *handset, const struct smsc_message *message, const struct smsc_answer *answer)
{
	const struct smsc_dialect *dialect = handset->operator->dialect;

	handset->pushed = true;
	handset->pushes++;
	handset->pages = 0;
	handset->dialog.session = dialect->push_names ? smsc_dialect_adopt(dialect, answer) : ++handset->operator->next_session;
	snprintf(handset->dialog.code, sizeof(handset->dialog.code), "%s", message->source);
	if (dialect->push_names && !answer->has_session)
		smsc_operator_complain(handset->operator, "%s: what begins with the gateway names no session", handset->dialog.msisdn);
	show(handset, answer);
	enter(handset, answer->what == SMSC_MT_NOTIFY ? SMSC_ENDED : SMSC_OPEN, "");
	if (answer->what == SMSC_MT_NOTIFY) {
		handset->notified = true;
		handset->releasing = release_follows(handset);
		tell(handset, SMSC_MO_CONFIRM, "");
	}
}

/* Where the network is not told to take dialogs from the ESME, a page for no dialog is a late one. */
static bool may_begin(const struct smsc_operator *op, const struct smsc_handset *handset, const struct smsc_answer *answer)
{
	int wanted = answer->what == SMSC_MT_NOTIFY && (handset || op->push) ? op->dialect->push_notify :
	             answer->what == SMSC_MT_CONTINUE && op->push ? op->dialect->push_ask : 0;

	return wanted && wanted == answer->op;
}

static uint32_t take_ussd(struct smsc_operator *op, struct smsc_handset *handset, const struct smsc_message *message, const struct smsc_answer *answer)
{
	bool live = handset && (handset->state == SMSC_WAITING || handset->state == SMSC_OPEN);

	if (!live && handset && may_begin(op, handset, answer)) {
		begin_pushed(handset, message, answer);
		return ESME_ROK;
	}
	if (handset && handset->pushed && handset->releasing && answer->what == SMSC_MT_RELEASE) {
		take_release(handset);
		return ESME_ROK;
	}
	if (!live || !smsc_dialect_same(op->dialect, &handset->dialog, answer)) {
		op->counters.stale++;
		if (live && answer->what != SMSC_MT_ABORT && !answer->has_session)
			smsc_operator_complain(op, "%s: a page without the session that this network wants", handset->dialog.msisdn);
		return op->dialect->stale_status;
	}
	if (answer->what == SMSC_MT_ABORT)
		enter(handset, SMSC_CUT, "aborted by the gateway");
	else if (answer->what == SMSC_MT_RELEASE)
		take_release(handset);
	else
		take_page(handset, answer);
	return ESME_ROK;
}

uint32_t smsc_handset_submit(struct smsc_operator *op, const struct smsc_message *message, const char *message_id)
{
	static struct smsc_answer answer;
	const char *digits = message->destination + (message->destination[0] == '+');
	struct smsc_handset *handset = smsc_handset_find(op, digits);

	smsc_dialect_receive(op->dialect, message, &answer);
	if (answer.what == SMSC_MT_SMS) {
		if (!handset)
			handset = smsc_handset_get(op, digits);
		return handset ? smsc_inbox_take(handset, message, message_id) : ESME_RINVDSTADR;
	}
	if (answer.complaint)
		smsc_operator_complain(op, "%s: %s", digits, answer.complaint);
	if (answer.what == SMSC_MT_WRONG)
		return ESME_RINVOPTPARAMVAL;
	if (!handset && may_begin(op, handset, &answer))
		handset = smsc_handset_get(op, digits);
	return take_ussd(op, handset, message, &answer);
}
