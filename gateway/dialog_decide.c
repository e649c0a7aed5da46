/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A step and its session: what is it, and what does the menu say?
 *
 * What tells a repeated step from a new one that looks the same ("1", and on the next page "1" again): nobody reacts to an
 * answer that the network has not taken. So a step that looks like the last one is a copy of it if it came before the
 * network took the answer (sessions/acked.h). While it is not known whether it took it, the copy is held for a moment: mostly
 * the answer is on its way, and one is enough. If it is still not known then, it was lost, and is given again.
 *
 * Of some networks all of that is known from the step itself (route->exact): then a copy is answered like the first, at once, and
 * so is what is older than the last step. Where a network waits for an answer to each request (route->answers_each) no copy is met
 * with silence.
 *
 * The cache may be behind what another gateway has done. A save finds that out; what would be decided without one is
 * decided again from what Redis holds (look_again). */
#include <errno.h>
#include <string.h>

#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/dialog_priv.h"

#define HOLD_MS 300             /* how long a copy waits for news of its answer */
/* A dial with the session id of the dialog that is open is a copy for so long after its last step, and a new dial later: there
 * are networks that give everybody one and the same id, and a citizen must not be met with silence for long. */
#define REUSE_MS 15000

/* ---- the session ---- */

void gw_dialog_take_session(struct gw_inflight *step, const struct session *session)
{
	if (session)
		memcpy(&step->session, session, offsetof(struct session, place) + session->place_octets);
	else
		step->session.version = 0;
	step->taken_us = 0;
	step->was_waiting = step->session.version && gw_dialog_waits(&step->session);
}

static void on_loaded(void *ctx, uint64_t token, enum sess_store_result result, const struct session *session)
{
	struct gw_dialogs *dialogs = ctx;
	struct gw_inflight *step = gw_inflight_at(dialogs->pool, token);

	if (!step)
		return;
	if (result != SESS_STORE_OK && result != SESS_STORE_NONE) {
		gw_dialog_finish_store_down(dialogs, step);
		return;
	}
	gw_dialog_take_session(step, session);
	if (--step->awaiting == 0)
		gw_dialog_decide(dialogs, step);
}

static void on_profile(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	struct gw_dialogs *dialogs = ctx;
	struct gw_inflight *step = gw_inflight_at(dialogs->pool, token);

	if (!step)
		return;
	if (outcome == SESS_REDIS_OK && reply->kind == SESS_REPLY_STRING && reply->octets < sizeof(step->language)) {
		memcpy(step->language, reply->text, reply->octets);
		step->language[reply->octets] = '\0';
	}
	/* without a profile the page is in the menu's own language: no reason to fail */
	if (--step->awaiting == 0)
		gw_dialog_decide(dialogs, step);
}

static void load(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	step->awaiting++;
	sess_store_load(dialogs->config.store, step->msisdn, on_loaded, dialogs, gw_inflight_handle(step));
}

void gw_dialog_begin(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	const struct session *cached = step->takeover || step->held || step->push.begun ? NULL : sess_store_cached(dialogs->config.store, step->msisdn);

	step->stage = GW_STAGE_LOADING;
	step->awaiting = 0;
	step->from_cache = cached != NULL;
	gw_dialog_take_session(step, cached);
	if (step->kind == GW_STEP_DIAL) {
		step->awaiting++;
		sess_store_get_profile(dialogs->config.store, step->msisdn, on_profile, dialogs, gw_inflight_handle(step));
	}
	if (!cached)
		load(dialogs, step);
	if (!step->awaiting)
		gw_dialog_decide(dialogs, step);
}

/* True if the step is decided later, from what Redis holds. */
static bool look_again(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	if (!step->from_cache)
		return false;
	step->from_cache = false;
	step->stage = GW_STAGE_LOADING;
	load(dialogs, step);
	return true;
}

static uint32_t link_stamp(const struct gw_dialogs *dialogs, const struct gw_ticket *ticket)
{
	return dialogs->process ^ (ticket->link << 24) ^ ticket->epoch;
}

/* The step is now the one that was done last. */
static void stamp_step(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	struct session *session = &step->session;

	session->step_fingerprint = step->fingerprint;
	session->step_sequence = step->route->exact ? step->order : step->tickets[0].sequence;
	session->step_link = link_stamp(dialogs, &step->tickets[0]);
	session->bearer_session = step->session_hash;
	session->bearer_id = step->route->id;
	session->touched_ms = gw_clock_wall_ms();
	session->bearer_octets = step->context_octets;
	memcpy(session->bearer, step->context, step->context_octets);
}

/* ---- the menu ---- */

static int read_place(struct gw_dialogs *dialogs, const struct gw_inflight *step, const struct menu_set *set)
{
	const struct session *session = &step->session;
	uint8_t place[SESS_PLACE_OCTETS_MAX];
	ssize_t octets;
	int rc;

	if (!session->sealed)
		return menu_run_decode(&dialogs->run, set, session->place, session->place_octets);
	if (!dialogs->config.seal)
		return -ENOKEY;
	octets = gw_seal_open(dialogs->config.seal, step->msisdn, session->place, session->place_octets, place);
	rc = octets < 0 ? (int)octets : menu_run_decode(&dialogs->run, set, place, (size_t)octets);
	sodium_memzero(place, sizeof(place));
	return rc;
}

const struct menu_set *gw_dialog_set(struct gw_dialogs *dialogs, const struct gw_inflight *step)
{
	const struct menu_set *set = step->session.version ? menu_pins_find(dialogs->config.pins, step->session.menu_version) : NULL;

	return set && read_place(dialogs, step, set) == 0 ? set : NULL;
}

void gw_dialog_menu(struct gw_dialogs *dialogs, struct gw_inflight *step, const struct menu_set *set, enum menu_event_kind kind,
		    const struct menu_answer *answer)
{
	const struct menu_medium medium = {
		.fits = step->route->fits, .ctx = step->route->fits_ctx, .now_ms = gw_clock_wall_ms(), .msisdn = step->msisdn,
		.language = step->language,
	};
	const struct menu_event event = {
		.kind = kind, .text = step->text, .octets = step->octets, .answer = answer, .late = step->late, .typed = step->typed,
	};

	step->is_private = menu_run_secret(&dialogs->run); /* a secret is forgotten when it has been used */
	if (kind == MENU_EVENT_DIAL)
		step->session.use = 0;
	gw_usage_from(dialogs->config.usage, &step->use, &dialogs->run);
	menu_step(&dialogs->run, set, &medium, &event, &dialogs->result);
	gw_usage_to(dialogs->config.usage, &step->use, &dialogs->run, kind, answer, &dialogs->result, &step->session.use);
	step->is_private = step->is_private || menu_run_secret(&dialogs->run);
	if (dialogs->result.language && dialogs->result.language[0])
		osmo_strlcpy(step->language, dialogs->result.language, sizeof(step->language));
}

/* ---- is it a copy? ---- */

/* The same answer once more, and nothing is done. */
static void answer_again(struct gw_dialogs *dialogs, struct gw_inflight *step, const struct menu_set *set)
{
	const struct menu_result *result = &dialogs->result;

	gw_dialog_count(dialogs, GW_CTR_REPEATED);
	gw_dialog_menu(dialogs, step, set, MENU_EVENT_AGAIN, NULL);
	gw_dialog_keep_page(step, result);
	if (step->session.phase == SESS_LATE) {
		gw_dialog_late_page(step, set);
	} else if (result->verdict == MENU_CALL) { /* it waits for an agency, and nobody here does: take it over */
		gw_dialog_count(dialogs, GW_CTR_TAKEN_OVER);
		gw_dialog_take_result(dialogs, step, set);
		return;
	}
	gw_dialog_accept(step);
	gw_dialog_answer(dialogs, step, result->verdict == MENU_SHOW ? GW_ANSWER_ASK : GW_ANSWER_END, step->page, step->page_octets,
			 step->session.version);
	gw_dialog_finish(dialogs, step);
}

/* Without session ids, a step after a hang-up begins anew, whatever it looks like. */
static bool looks_repeated(const struct gw_inflight *step)
{
	const struct session *session = &step->session;

	return step->kind != GW_STEP_GONE && session->version && session->step_fingerprint == step->fingerprint &&
	       session->bearer_session == step->session_hash && session->bearer_id == step->route->id &&
	       (session->phase != SESS_CUT || step->session_hash);
}

static bool dials_open_session(const struct gw_inflight *step)
{
	const struct session *session = &step->session;

	return step->kind == GW_STEP_DIAL && step->session_hash && session->bearer_session == step->session_hash &&
	       session->bearer_id == step->route->id && session->phase != SESS_ENDED && session->phase != SESS_CUT &&
	       step->arrived_wall_us / 1000 - session->touched_ms < REUSE_MS;
}

/* The network has taken the answer: did this step come before that, or is it the same request, or does it begin a session that
 * was begun already? */
static bool is_copy(const struct gw_dialogs *dialogs, const struct gw_inflight *step)
{
	const struct session *session = &step->session;

	return step->arrived_wall_us < step->taken_us ||
	       (session->step_link == link_stamp(dialogs, &step->tickets[0]) && session->step_sequence == step->tickets[0].sequence) ||
	       dials_open_session(step);
}

/* The dial of a session that has taken steps since: a copy that was under way by another link. Its answer was taken. */
static bool is_belated_dial(const struct gw_inflight *step)
{
	return step->session.version && step->session.steps > 1 && dials_open_session(step);
}

/* A copy of the last step of an exact route, or of one before it: it came late, by another way. */
static bool is_exact_copy(const struct gw_inflight *step)
{
	const struct session *session = &step->session;

	if (!step->route->exact || step->kind == GW_STEP_GONE || !session->version || session->bearer_id != step->route->id ||
	    session->bearer_session != step->session_hash)
		return false;
	return session->step_fingerprint == step->fingerprint || (step->order && step->order <= session->step_sequence);
}

static void finish_copy(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	const struct menu_set *set = step->route->answers_each ? gw_dialog_set(dialogs, step) : NULL;

	if (set) {
		answer_again(dialogs, step, set);
		return;
	}
	gw_dialog_count(dialogs, GW_CTR_REPEATED);
	gw_dialog_finish(dialogs, step);
}

static void on_acked(void *ctx, uint64_t token, uint32_t version, int64_t when_us)
{
	struct gw_dialogs *dialogs = ctx;
	struct gw_inflight *step = gw_inflight_at(dialogs->pool, token);

	if (!step)
		return;
	step->taken_us = version == step->session.version ? when_us : 0;
	gw_dialog_decide(dialogs, step);
}

static bool ask_others(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	if (step->asked)
		return false;
	step->asked = true;
	return sess_acked_ask(dialogs->config.acked, step->msisdn, on_acked, dialogs, gw_inflight_handle(step)) == 0;
}

/* True if the step only looked like a new one, or waits until more is known. */
static bool met_copy(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	const struct menu_set *set;

	if (is_exact_copy(step)) {
		if (look_again(dialogs, step))
			return true;
		set = gw_dialog_set(dialogs, step);
		if (set)
			answer_again(dialogs, step, set);
		return set != NULL;
	}
	if (step->route->exact || !looks_repeated(step))
		return false;
	if (!step->taken_us)
		step->taken_us = sess_acked_when(dialogs->config.acked, step->msisdn, step->session.version);
	if (step->taken_us && !is_copy(dialogs, step))
		return false;
	if (look_again(dialogs, step) || (!step->taken_us && ask_others(dialogs, step)))
		return true;
	if (step->taken_us) {
		finish_copy(dialogs, step);
	} else if (step->queued) { /* somebody reacted to the answer */
		finish_copy(dialogs, step);
	} else if (!step->held) {
		step->held = true;
		step->stage = GW_STAGE_HELD;
		step->hold_until_ms = gw_clock_ms() + HOLD_MS;
		llist_add_tail(&step->calling, &dialogs->held);
	} else {
		set = gw_dialog_set(dialogs, step);
		if (!set)
			return false;
		answer_again(dialogs, step, set);
	}
	return true;
}

/* It was held long enough: what is known now? The session may have gone on meanwhile, elsewhere. */
static void release(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	llist_del(&step->calling);
	step->asked = false;
	gw_dialog_begin(dialogs, step);
}

void gw_dialog_held_tick(struct gw_dialogs *dialogs)
{
	struct gw_inflight *step, *next;

	llist_for_each_entry_safe(step, next, &dialogs->held, calling)
		if (gw_clock_ms() >= step->hold_until_ms)
			release(dialogs, step);
}

/* ---- what each step comes to ---- */

/* Ends a step that the session does not know, in the citizen's language where that is known. */
static void turn_out(struct gw_dialogs *dialogs, struct gw_inflight *step, const struct menu_set *set, enum gw_counter counter)
{
	if (look_again(dialogs, step))
		return;
	gw_dialog_count(dialogs, counter);
	if (set)
		gw_dialog_menu(dialogs, step, set, MENU_EVENT_AGAIN, NULL);
	gw_dialog_finish_with_phrase(dialogs, step, MENU_PHRASE_OVER);
}

static bool may_resume(const struct gw_inflight *step)
{
	const struct session *session = &step->session;

	if (session->phase == SESS_WAITING && gw_dialog_is_pushed(session))
		return false; /* of which the citizen has seen nothing */
	return (session->phase == SESS_OPEN || session->phase == SESS_CUT || session->phase == SESS_WAITING) &&
	       session->bearer_id == step->route->id && step->route->resume_ms;
}

static void do_dial(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	struct session *session = &step->session;
	const struct menu_set *set = gw_dialog_set(dialogs, step);

	if (set && session->phase == SESS_OPEN)
		gw_usage_left(dialogs->config.usage, step->route->name, &dialogs->run, session->use, GW_USAGE_TIMED_OUT);
	if (set && may_resume(step)) {
		gw_dialog_count(dialogs, GW_CTR_RESUMED);
		gw_dialog_menu(dialogs, step, set, MENU_EVENT_RESUME, NULL);
	} else {
		set = menu_pins_current(dialogs->config.pins);
		session->call_id = 0;
		menu_run_init(&dialogs->run, set);
		gw_dialog_menu(dialogs, step, set, MENU_EVENT_DIAL, NULL);
	}
	session->began_ms = gw_clock_wall_ms();
	session->pushed = false; /* whoever began what is taken up: this time the citizen dialled */
	session->steps = 1;
	session->tracking = 0;
	stamp_step(dialogs, step);
	gw_dialog_take_result(dialogs, step, set);
}

/* A dialog that began with us is of the network session in which the citizen replies. (Its end alone does not tell: it may be
 * that of the dialog before.) */
static bool is_reply_to_push(const struct gw_inflight *step)
{
	return step->kind == GW_STEP_INPUT && gw_dialog_is_pushed(&step->session) && step->session.phase == SESS_OPEN;
}

static bool is_of_session(const struct gw_inflight *step)
{
	return step->session.version && step->session.bearer_id == step->route->id &&
	       (step->session.bearer_session == step->session_hash || is_reply_to_push(step));
}

/* The step is a dial of all that was typed, as if the citizen had known the way from the beginning. */
static void dial_instead(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	step->kind = GW_STEP_DIAL;
	step->typed = true;
	step->octets = step->dial_octets;
	memcpy(step->text, step->dial, step->dial_octets + 1u);
	if (dialogs->closing) {
		gw_dialog_count(dialogs, GW_CTR_BUSY);
		gw_dialog_finish_with_phrase(dialogs, step, MENU_PHRASE_CLOSING);
	} else if (!gw_limit_dial(&dialogs->limit, step->msisdn, gw_clock_ms(), dialogs->config.dials_per_minute)) {
		gw_dialog_count(dialogs, GW_CTR_TOO_OFTEN);
		gw_dialog_finish_with_phrase(dialogs, step, MENU_PHRASE_TOO_OFTEN);
	} else {
		gw_dialog_count(dialogs, GW_CTR_DIALS);
		gw_dialog_begin(dialogs, step);
	}
}

static void do_input(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	struct session *session = &step->session;
	const struct menu_set *set = gw_dialog_set(dialogs, step);

	if (step->dial_octets && !is_of_session(step)) {
		if (!look_again(dialogs, step))
			dial_instead(dialogs, step);
		return;
	}
	if (!set || !is_of_session(step) || session->phase != SESS_OPEN) {
		turn_out(dialogs, step, set, GW_CTR_STALE);
	} else if (gw_clock_wall_ms() - session->began_ms > step->route->session_ms) {
		turn_out(dialogs, step, set, GW_CTR_TOO_LONG);
	} else {
		if (is_reply_to_push(step))
			gw_dialog_count(dialogs, GW_CTR_BEGUN_REPLIES);
		gw_dialog_menu(dialogs, step, set, MENU_EVENT_INPUT, NULL);
		session->steps++;
		stamp_step(dialogs, step);
		gw_dialog_take_result(dialogs, step, set);
	}
}

static void do_gone(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	if (is_of_session(step) && step->session.phase == SESS_OPEN) {
		if (gw_dialog_set(dialogs, step))
			gw_usage_left(dialogs->config.usage, step->route->name, &dialogs->run, step->session.use, GW_USAGE_CUT);
		step->session.phase = SESS_CUT;
		gw_dialog_count(dialogs, GW_CTR_CUT);
		gw_dialog_save(dialogs, step, GW_THEN_NOTHING);
	} else if (is_of_session(step) || !look_again(dialogs, step)) {
		gw_dialog_finish(dialogs, step);
	}
}

void gw_dialog_decide(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	if (step->takeover)
		gw_dialog_take_over(dialogs, step);
	else if (step->push.begun)
		gw_dialog_push_decide(dialogs, step);
	else if (is_belated_dial(step))
		finish_copy(dialogs, step);
	else if (met_copy(dialogs, step))
		return;
	else if (step->kind == GW_STEP_DIAL)
		do_dial(dialogs, step);
	else if (step->kind == GW_STEP_INPUT)
		do_input(dialogs, step);
	else
		do_gone(dialogs, step);
}
