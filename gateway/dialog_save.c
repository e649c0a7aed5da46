/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the menu decided goes into the session, the session into the store, and only then is it done. */
#include <errno.h>
#include <assert.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <sodium.h>

#include "gateway/dialog_priv.h"

#define ENDED_KEEP_MS 60000     /* an ended session answers a repeated last step for so long */
#define WAIT_GRACE_MS 5000      /* beyond an agency's own time: then another process may take the step over */
#define CONFLICTS_MAX 3         /* then the network may send the step again later */
#define WAIT_KEEP_MS 3600000    /* what was promised outlives an outage of all gateways for so long */

static_assert(GW_CONTEXT_OCTETS == SESS_BEARER_OCTETS_MAX && MENU_PLACE_OCTETS <= SESS_PLACE_OCTETS_MAX,
	      "what bearers and menus must remember fits a session");

void gw_dialog_keep_page(struct gw_inflight *step, const struct menu_result *result)
{
	step->page_octets = (uint16_t)result->octets;
	memcpy(step->page, result->text, result->octets + 1);
}

static void keep_sms(struct gw_dialogs *dialogs, struct gw_inflight *step, const struct menu_result *result)
{
	TALLOC_FREE(step->sms);
	if (result->sms_octets)
		step->sms = talloc_strndup(dialogs, result->sms, result->sms_octets);
}

/* A call that was not answered keeps its number, so that taking it up again is the same call for the agency. */
static void number_call(struct session *session)
{
	if (!session->call_id)
		randombytes_buf(&session->call_id, sizeof(session->call_id));
}

static enum sess_phase phase_after(const struct gw_inflight *step, enum menu_verdict verdict)
{
	if (verdict == MENU_CALL)
		return step->late ? SESS_LATE : SESS_WAITING;
	if (step->late)
		return SESS_ENDED;
	if (step->gone)
		return SESS_CUT;
	return verdict == MENU_SHOW ? SESS_OPEN : SESS_ENDED;
}

int gw_dialog_keep_place(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	struct session *session = &step->session;
	ssize_t octets = menu_run_encode(&dialogs->run, session->place, sizeof(session->place));

	session->sealed = menu_run_secret(&dialogs->run) || (step->typed && dialogs->config.seal); /* typed: what waits may be a secret */
	if (octets >= 0 && session->sealed) {
		octets = dialogs->config.seal ? gw_seal_close(dialogs->config.seal, step->msisdn, session->place, (size_t)octets,
							      sizeof(session->place)) : -ENOKEY;
		sodium_memzero(&dialogs->run, sizeof(dialogs->run));
	}
	if (octets < 0)
		return (int)octets;
	session->place_octets = (uint16_t)octets;
	return 0;
}

void gw_dialog_take_result(struct gw_dialogs *dialogs, struct gw_inflight *step, const struct menu_set *set)
{
	const struct menu_result *result = &dialogs->result;
	struct session *session = &step->session;

	if (gw_dialog_keep_place(dialogs, step) < 0) { /* our own mistake; the citizen still gets an end */
		LOGPDIALOG(step->route, step->msisdn, LOGL_ERROR, "its place does not fit the session\n");
		gw_dialog_finish_with_phrase(dialogs, step, MENU_PHRASE_TRY_AGAIN);
		return;
	}
	session->menu_version = menu_set_version(set);
	session->phase = phase_after(step, result->verdict);
	keep_sms(dialogs, step, result);
	if (result->language_chosen) {
		sess_store_set_profile(dialogs->config.store, step->msisdn, result->language, strlen(result->language));
		gw_dialog_count(dialogs, GW_CTR_LANGUAGE);
	}
	if (result->verdict == MENU_CALL) {
		number_call(session);
		gw_dialog_want_call(dialogs, step, set);
		gw_dialog_promise(dialogs, step, GW_THEN_CALL);
	} else {
		gw_dialog_keep_page(step, result);
		gw_dialog_promise(dialogs, step, GW_THEN_ANSWER);
	}
}

static int64_t keep_ms(const struct gw_inflight *step)
{
	switch (step->session.phase) {
	case SESS_OPEN:
		return (int64_t)step->route->user_ms + step->route->resume_ms;
	case SESS_WAITING:
	case SESS_LATE:
		return gw_dialog_call_ms(step->operation) + WAIT_KEEP_MS;
	case SESS_CUT:
		return step->route->resume_ms ? step->route->resume_ms : 1;
	case SESS_ENDED:
		break;
	}
	return ENDED_KEEP_MS;
}

/* ---- saved: it is done ---- */

/* The page to the citizen; or, where the dialog has ended already, by SMS. */
static void do_answer(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	bool ends = step->session.phase != SESS_OPEN;

	if (step->push.begun) {
		gw_dialog_push_out(dialogs, step);
		return;
	}
	gw_dialog_accept(step);
	if (step->late) {
		gw_dialog_sms_page(dialogs, step);
		gw_dialog_count(dialogs, GW_CTR_LATE_SENT);
	} else if (!step->gone) {
		gw_dialog_answer(dialogs, step, ends ? GW_ANSWER_END : GW_ANSWER_ASK, step->page, step->page_octets, step->session.version);
	}
	gw_dialog_sms_beside(dialogs, step);
	if (ends) {
		gw_dialog_count(dialogs, step->gone ? GW_CTR_CUT : GW_CTR_ENDED);
		if (step->gone)
			gw_usage_became(dialogs->config.usage, step->route->name, &step->use, GW_USAGE_CUT);
		LOGPDIALOG(step->route, step->msisdn, LOGL_INFO, "ended after %u steps\n", step->session.steps);
	}
	gw_dialog_finish(dialogs, step);
}

static void after_save(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	switch (step->then) {
	case GW_THEN_ANSWER:
		do_answer(dialogs, step);
		return;
	case GW_THEN_CALL:
		gw_dialog_call(dialogs, step);
		return;
	case GW_THEN_LATE:
		gw_dialog_late(dialogs, step);
		return;
	case GW_THEN_NOTHING:
		gw_dialog_finish(dialogs, step);
		return;
	}
}

/* ---- not saved ---- */

/* A step of the citizen's is looked at anew from what stands there now: mostly it turns out to be a repeated one. */
static void decide_anew(struct gw_dialogs *dialogs, struct gw_inflight *step, const struct session *present)
{
	step->asked = step->from_cache = false;
	step->stage = GW_STAGE_LOADING;
	step->operation = NULL;
	gw_dialog_let_go(dialogs, step);
	TALLOC_FREE(step->sms);
	gw_dialog_take_session(step, present);
	step->replace = present->version == 0; /* what stands there is no session that this program can read */
	gw_dialog_decide(dialogs, step);
}

/* Another process was faster. What an agency or a deadline brought to a dialog that is no longer ours is dropped: whoever
 * wrote last answers for the session. But a text message that was promised for it, and that the other does not know of (the
 * tracking code is gone from the session), is still owed. */
static void on_conflict(struct gw_dialogs *dialogs, struct gw_inflight *step, const struct session *present)
{
	bool from_citizen = !step->takeover && !step->is_calling && step->n_tickets;
	bool owed = step->late && step->session.tracking && present->tracking != step->session.tracking;

	gw_dialog_count(dialogs, GW_CTR_CONFLICTS);
	if (step->then == GW_THEN_LATE) {
		gw_dialog_not_late(dialogs, step, false);
	} else if (from_citizen && ++step->conflicts < CONFLICTS_MAX) {
		decide_anew(dialogs, step, present);
	} else if (owed && !step->takeover && step->then == GW_THEN_ANSWER) {
		do_answer(dialogs, step);
	} else if (owed && !step->takeover) {
		gw_dialog_late_aside(dialogs, step);
	} else {
		gw_dialog_refuse(dialogs, step, GW_REFUSE_LATER);
		gw_dialog_finish(dialogs, step);
	}
}

/* Redis does not answer. It may have been saved or not; the citizen is told an end that is true in both cases. */
static void on_down(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	if (step->then == GW_THEN_LATE)
		gw_dialog_not_late(dialogs, step, true);
	else if (step->late && step->then == GW_THEN_ANSWER)
		do_answer(dialogs, step); /* the screen is here and was promised; that it may come twice is better than never */
	else
		gw_dialog_finish_store_down(dialogs, step);
}

static void on_saved(void *ctx, uint64_t token, enum sess_store_result result, const struct session *present)
{
	struct gw_dialogs *dialogs = ctx;
	struct gw_inflight *step = gw_inflight_at(dialogs->pool, token);

	if (!step)
		return;
	if (result == SESS_STORE_OK) {
		step->was_waiting = gw_dialog_waits(&step->session);
		if (step->use.pending)
			gw_usage_saved(dialogs->config.usage, step->route->name, &step->use);
		after_save(dialogs, step);
	} else if (result == SESS_STORE_CONFLICT) {
		on_conflict(dialogs, step, present);
	} else {
		on_down(dialogs, step);
	}
}

void gw_dialog_save(struct gw_dialogs *dialogs, struct gw_inflight *step, enum gw_then then)
{
	int64_t now_ms = gw_clock_wall_ms();
	struct sess_store_save save = {
		.id = step->msisdn, .session = &step->session, .expire_ms = now_ms + keep_ms(step), .was_waiting = step->was_waiting,
		.replace = step->replace,
	};

	if (gw_dialog_waits(&step->session))
		save.wait_until_ms = now_ms + gw_dialog_call_ms(step->operation) + WAIT_GRACE_MS;
	step->stage = GW_STAGE_SAVING;
	step->then = then;
	sess_store_save(dialogs->config.store, &save, on_saved, dialogs, gw_inflight_handle(step));
}
