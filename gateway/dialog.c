/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See dialog.h. The file reads in the order of a step: it arrives, its session is loaded, the menu decides, the outcome is
 * saved, the network and the citizen are answered, or an agency is called and the menu decides again.
 *
 * What tells a repeated step from a new one that looks the same ("1", and on the next page "1" again): nobody reacts to an
 * answer that the network has not taken. So a step that looks like the last one is a copy of it if it came before the
 * network took the answer (sessions/acked.h). While it is not known whether it took it, the copy is held for a moment: mostly
 * the answer is on its way, and one is enough. If it is still not known then, it was lost, and is given again.
 *
 * A new dial of somebody whose agency call is still running sets the old step aside: what it brings is not saved any more,
 * because the session is another's, but a screen that was promised by SMS still goes out. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/answer_copy.h"
#include "gateway/dialog.h"
#include "gateway/inflight.h"
#include "gateway/limit.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "menus/unicode.h"

#define ENDED_KEEP_MS 60000     /* an ended session answers a repeated last step for so long */
#define WAIT_GRACE_MS 5000      /* beyond an agency's own time: then another process may take the step over */
#define TAKEOVER_EVERY_MS 1000
#define TAKEOVER_BATCH 16       /* of each partition */
#define HOLD_MS 300             /* how long a copy waits for news of its answer */
#define REUSE_MS 60000          /* no network gives one subscriber the same session id again within this time */
#define MARGIN_PART 8           /* an answer leaves this part of the network's patience before its end */

struct gw_dialogs {
	struct gw_dialogs_config config;
	struct gw_bearer_user user;
	struct gw_inflights *pool;
	struct llist_head calling, held;
	unsigned int n_calling, n_late;
	int64_t next_takeover_ms;
	bool closing;
	uint32_t process;                /* random: tells our sequence numbers from another process's */
	struct gw_limit limit;
	/* one step is made at a time: these are its working memory */
	struct menu_run run;
	struct menu_result result;
};

static void count(struct gw_dialogs *dialogs, enum gw_counter counter)
{
	dialogs->config.counters->at[counter]++;
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void begin(struct gw_dialogs *dialogs, struct gw_inflight *step);
static void decide(struct gw_dialogs *dialogs, struct gw_inflight *step);
static bool doubt(struct gw_dialogs *dialogs, struct gw_inflight *step);
static void save(struct gw_dialogs *dialogs, struct gw_inflight *step, enum gw_then then);

/* ---- settling with the network ---- */

static void accept_tickets(struct gw_inflight *step)
{
	for (unsigned int i = 0; i < step->n_tickets; i++)
		step->route->bearer->ops->accept(step->route->bearer, &step->tickets[i]);
	step->n_tickets = 0;
}

static void refuse_tickets(struct gw_dialogs *dialogs, struct gw_inflight *step, enum gw_refusal why)
{
	for (unsigned int i = 0; i < step->n_tickets; i++)
		step->route->bearer->ops->refuse(step->route->bearer, &step->tickets[i], why);
	if (step->n_tickets && why == GW_REFUSE_LATER)
		count(dialogs, GW_CTR_REFUSED_LATER);
	step->n_tickets = 0;
}

static void send_answer(struct gw_dialogs *dialogs, struct gw_inflight *step, enum gw_answer_kind kind, const char *text, size_t octets)
{
	const struct gw_answer answer = {
		.kind = kind, .msisdn = step->msisdn, .context = step->context, .context_octets = step->context_octets,
		.text = text, .octets = octets, .link = step->link, .version = step->session.version,
	};
	int rc = step->route->bearer->ops->answer(step->route->bearer, step->route, &answer);

	gw_counter_step(dialogs->config.counters, (uint64_t)(now_us() - step->arrived_us));
	if (rc < 0) {
		LOGPDIALOG(step->route, step->msisdn, LOGL_ERROR, "cannot be answered: %s\n", strerror(-rc));
		count(dialogs, GW_CTR_ANSWERS_UNSENT);
	}
}

static void send_sms(struct gw_dialogs *dialogs, const struct gw_inflight *step, const char *text, size_t octets)
{
	int rc = step->route->bearer->ops->sms(step->route->bearer, step->route, step->msisdn, text, octets);

	(void)dialogs;
	if (rc < 0)
		LOGPDIALOG(step->route, step->msisdn, LOGL_ERROR, "text message cannot be sent: %s\n", strerror(-rc));
}

static void hold(struct gw_dialogs *dialogs, struct gw_inflight *step, const struct menu_set *set)
{
	menu_pins_get(dialogs->config.pins, set);
	step->set = set;
}

static void let_go(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	if (step->set)
		menu_pins_put(dialogs->config.pins, step->set);
	step->set = NULL;
}

static void stop_calling(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	if (!step->is_calling)
		return;
	llist_del(&step->calling);
	step->is_calling = false;
	dialogs->n_calling--;
}

/* The step is over. The next one of the same subscriber begins. */
static void finish(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	struct gw_inflight *next = step->queued;

	stop_calling(dialogs, step);
	let_go(dialogs, step);
	if (step->late)
		dialogs->n_late--;
	TALLOC_FREE(step->answer);
	TALLOC_FREE(step->sms);
	accept_tickets(step);
	gw_inflight_put(dialogs->pool, step);
	if (next) {
		gw_inflight_list(dialogs->pool, next);
		begin(dialogs, next);
	}
}

/* Ends the dialog with one of the gateway's own sentences; the session stays as it is. */
static void finish_with_phrase(struct gw_dialogs *dialogs, struct gw_inflight *step, enum menu_phrase phrase)
{
	char text[MENU_PAGE_OCTETS];
	size_t octets = menu_set_phrase(menu_pins_current(dialogs->config.pins), phrase, step->language, "", text, sizeof(text));

	accept_tickets(step);
	if (!step->late && !step->takeover && !step->gone && step->kind != GW_STEP_GONE)
		send_answer(dialogs, step, GW_ANSWER_END, text, octets);
	finish(dialogs, step);
}

static void finish_store_down(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	count(dialogs, GW_CTR_STORE_DOWN);
	if (!step->route) { /* to be taken over: it stays on the list of those that wait */
		finish(dialogs, step);
		return;
	}
	LOGPDIALOG(step->route, step->msisdn, LOGL_INFO, "ends: the session store does not answer\n");
	finish_with_phrase(dialogs, step, MENU_PHRASE_TRY_AGAIN);
}

/* ---- the menu decides ---- */

/* Folds the outcome of the menu's step into the session and saves it. */
static void take_result(struct gw_dialogs *dialogs, struct gw_inflight *step, const struct menu_set *set);

static void menu_go(struct gw_dialogs *dialogs, struct gw_inflight *step, const struct menu_set *set, enum menu_event_kind kind,
		    const struct menu_answer *answer)
{
	const struct menu_medium medium = {
		.fits = step->route->fits, .ctx = step->route->fits_ctx, .now_ms = gw_clock_wall_ms(), .msisdn = step->msisdn,
		.language = step->language,
	};
	const struct menu_event event = {
		.kind = kind, .text = step->text, .octets = step->octets, .answer = answer, .late = step->late,
	};

	menu_step(&dialogs->run, set, &medium, &event, &dialogs->result);
	if (dialogs->result.language && dialogs->result.language[0])
		osmo_strlcpy(step->language, dialogs->result.language, sizeof(step->language));
}

/* A call that was not answered keeps its number, so that taking it up again is the same call for the agency. */
static void number_call(struct session *session)
{
	if (!session->call_id)
		randombytes_buf(&session->call_id, sizeof(session->call_id));
}

/* The idempotency key: the number, and what is asked. A citizen who begins anew before the answer came, and asks something
 * else, makes another call by the same number. */
static uint64_t key_of_call(const struct gw_dialogs *dialogs, const struct gw_inflight *step)
{
	const struct menu_operation *operation = step->operation;
	crypto_generichash_state state;
	uint64_t key;

	crypto_generichash_init(&state, NULL, 0, crypto_generichash_BYTES_MIN);
	crypto_generichash_update(&state, (const uint8_t *)&step->session.call_id, sizeof(step->session.call_id));
	crypto_generichash_update(&state, (const uint8_t *)operation->name, strlen(operation->name) + 1);
	for (size_t i = 0; i < operation->n_inputs; i++) {
		const char *value = menu_run_value(&dialogs->run, operation->inputs[i]);

		crypto_generichash_update(&state, (const uint8_t *)(value ? value : ""), value ? strlen(value) + 1 : 1);
	}
	uint8_t hash[crypto_generichash_BYTES_MIN];
	crypto_generichash_final(&state, hash, sizeof(hash));
	memcpy(&key, hash, sizeof(key));
	return key;
}

static void keep_sms(struct gw_inflight *step, const struct menu_result *result)
{
	if (step->late)
		step->sms = talloc_strndup(NULL, result->text, result->octets);
	else if (result->sms_octets)
		step->sms = talloc_strndup(NULL, result->sms, result->sms_octets);
}

static void keep_page(struct gw_inflight *step, const struct menu_result *result)
{
	step->page_octets = (uint16_t)result->octets;
	memcpy(step->page, result->text, result->octets + 1);
}

static void take_result(struct gw_dialogs *dialogs, struct gw_inflight *step, const struct menu_set *set)
{
	const struct menu_result *result = &dialogs->result;
	struct session *session = &step->session;
	ssize_t octets = menu_run_encode(&dialogs->run, session->place, sizeof(session->place));

	if (octets < 0) { /* the engine bounds a place, so this would be our own mistake; the citizen still gets an end */
		LOGPDIALOG(step->route, step->msisdn, LOGL_ERROR, "its place does not fit the session\n");
		finish_with_phrase(dialogs, step, MENU_PHRASE_TRY_AGAIN);
		return;
	}
	session->place_octets = (uint16_t)octets;
	session->menu_version = menu_set_version(set);
	session->secret = result->secret;
	if (result->language_chosen) {
		sess_store_set_profile(dialogs->config.store, step->msisdn, result->language, strlen(result->language));
		count(dialogs, GW_CTR_LANGUAGE);
	}
	if (result->verdict == MENU_CALL) {
		number_call(session);
		step->operation = result->operation;
		let_go(dialogs, step);
		hold(dialogs, step, set);
		session->phase = step->late ? SESS_LATE : SESS_WAITING;
		save(dialogs, step, GW_THEN_CALL);
		return;
	}
	keep_page(step, result);
	keep_sms(step, result);
	if (step->late)
		session->phase = SESS_ENDED;
	else if (step->gone)
		session->phase = SESS_CUT;
	else
		session->phase = result->verdict == MENU_SHOW ? SESS_OPEN : SESS_ENDED;
	save(dialogs, step, result->verdict == MENU_SHOW ? GW_THEN_ANSWER : GW_THEN_END);
}

/* ---- a loaded session and a step: what is it? ---- */

static bool waits(const struct session *session)
{
	return session->phase == SESS_WAITING || session->phase == SESS_LATE;
}

static void take_session(struct gw_inflight *step, const struct session *session)
{
	memcpy(&step->session, session, offsetof(struct session, place) + session->place_octets);
	step->was_waiting = session->version && waits(session);
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
	session->step_sequence = step->tickets[0].sequence;
	session->step_link = link_stamp(dialogs, &step->tickets[0]);
	session->bearer_session = step->session_hash;
	session->bearer_id = step->route->id;
	session->touched_ms = gw_clock_wall_ms();
	session->steps++;
	session->bearer_octets = step->context_octets;
	memcpy(session->bearer, step->context, step->context_octets);
}

/* Makes the page that tells the tracking code. */
static void say_late(struct gw_inflight *step, const struct menu_set *set)
{
	char code[12];

	snprintf(code, sizeof(code), "%08" PRIu32, step->session.tracking);
	step->page_octets = (uint16_t)menu_set_phrase(set, MENU_PHRASE_LATE, step->language, code, step->page, sizeof(step->page));
}

/* The network sent a step again: the same answer once more, and nothing is done. */
static void answer_again(struct gw_dialogs *dialogs, struct gw_inflight *step, const struct menu_set *set)
{
	count(dialogs, GW_CTR_REPEATED);
	if (step->session.phase == SESS_LATE) {
		accept_tickets(step);
		say_late(step, set);
		send_answer(dialogs, step, GW_ANSWER_END, step->page, step->page_octets);
		finish(dialogs, step);
		return;
	}
	menu_go(dialogs, step, set, MENU_EVENT_AGAIN, NULL);
	if (dialogs->result.verdict == MENU_CALL) { /* it waits for an agency, and nobody here does: take it over */
		count(dialogs, GW_CTR_TAKEN_OVER);
		take_result(dialogs, step, set);
		return;
	}
	accept_tickets(step);
	send_answer(dialogs, step, dialogs->result.verdict == MENU_SHOW ? GW_ANSWER_ASK : GW_ANSWER_END, dialogs->result.text,
		    dialogs->result.octets);
	finish(dialogs, step);
}

static const struct menu_set *set_of(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	const struct menu_set *set = menu_pins_find(dialogs->config.pins, step->session.menu_version);

	if (!set || menu_run_decode(&dialogs->run, set, step->session.place, step->session.place_octets) < 0)
		return NULL;
	return set;
}

static bool may_resume(const struct gw_inflight *step)
{
	const struct session *session = &step->session;

	return (session->phase == SESS_OPEN || session->phase == SESS_CUT || session->phase == SESS_WAITING) &&
	       session->bearer_id == step->route->id;
}

static void do_dial(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	struct session *session = &step->session;
	const struct menu_set *set = session->version ? set_of(dialogs, step) : NULL;

	if (set && may_resume(step)) {
		count(dialogs, GW_CTR_RESUMED);
		menu_go(dialogs, step, set, MENU_EVENT_RESUME, NULL);
	} else {
		set = menu_pins_current(dialogs->config.pins);
		session->call_id = 0;
		menu_run_init(&dialogs->run, set);
		menu_go(dialogs, step, set, MENU_EVENT_DIAL, NULL);
	}
	session->began_ms = gw_clock_wall_ms();
	session->steps = 0;
	session->tracking = 0;
	stamp_step(dialogs, step);
	take_result(dialogs, step, set);
}

static void do_stale(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	if (doubt(dialogs, step))
		return;
	count(dialogs, GW_CTR_STALE);
	finish_with_phrase(dialogs, step, MENU_PHRASE_OVER);
}

static void do_input(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	struct session *session = &step->session;
	const struct menu_set *set = session->version ? set_of(dialogs, step) : NULL;

	if (!set || session->bearer_session != step->session_hash || session->bearer_id != step->route->id) {
		do_stale(dialogs, step);
		return;
	}
	if (session->phase != SESS_OPEN) {
		do_stale(dialogs, step);
		return;
	}
	if (gw_clock_wall_ms() - session->began_ms > step->route->session_ms) {
		if (doubt(dialogs, step))
			return;
		count(dialogs, GW_CTR_TOO_LONG);
		finish_with_phrase(dialogs, step, MENU_PHRASE_OVER);
		return;
	}
	menu_go(dialogs, step, set, MENU_EVENT_INPUT, NULL);
	stamp_step(dialogs, step);
	take_result(dialogs, step, set);
}

static void do_gone(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	struct session *session = &step->session;

	if (!session->version || session->phase != SESS_OPEN || session->bearer_session != step->session_hash) {
		if (!doubt(dialogs, step))
			finish(dialogs, step);
		return;
	}
	session->phase = SESS_CUT;
	count(dialogs, GW_CTR_CUT);
	save(dialogs, step, GW_THEN_NOTHING);
}

/* Another process asked an agency and did not live to hear the answer. */
static void do_takeover(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	struct session *session = &step->session;
	const struct menu_set *set = session->version ? set_of(dialogs, step) : NULL;

	if (!session->version || !waits(session)) {
		sess_store_unlist(dialogs->config.store, step->msisdn);
		finish(dialogs, step);
		return;
	}
	step->route = dialogs->config.find_route(dialogs->config.find_route_ctx, session->bearer_id);
	if (!step->route || !set) { /* another process may know the operator and hold the version */
		finish(dialogs, step);
		return;
	}
	step->late = true;
	dialogs->n_late++;
	step->context_octets = session->bearer_octets;
	memcpy(step->context, session->bearer, session->bearer_octets);
	menu_go(dialogs, step, set, MENU_EVENT_AGAIN, NULL);
	if (dialogs->result.verdict != MENU_CALL) {
		finish(dialogs, step);
		return;
	}
	count(dialogs, GW_CTR_TAKEN_OVER);
	LOGPDIALOG(step->route, step->msisdn, LOGL_NOTICE, "waited for %s in a process that is gone: taken over\n",
		   dialogs->result.operation->name);
	take_result(dialogs, step, set);
}

/* ---- is it a copy? ---- */

static bool looks_repeated(const struct gw_inflight *step)
{
	const struct session *session = &step->session;

	return !step->takeover && step->kind != GW_STEP_GONE && session->version && session->step_fingerprint == step->fingerprint &&
	       session->bearer_session == step->session_hash && session->bearer_id == step->route->id;
}

/* The network has taken the answer: did this step come before that, or is it the same request, or does it begin a session that
 * was begun already? */
static bool is_copy(const struct gw_dialogs *dialogs, const struct gw_inflight *step)
{
	const struct session *session = &step->session;

	return step->arrived_wall_us < step->taken_us ||
	       (session->step_link == link_stamp(dialogs, &step->tickets[0]) && session->step_sequence == step->tickets[0].sequence) ||
	       (step->kind == GW_STEP_DIAL && step->session_hash && step->arrived_wall_us / 1000 - session->touched_ms < REUSE_MS);
}

static void on_acked(void *ctx, uint64_t token, uint32_t version, int64_t when_us)
{
	struct gw_dialogs *dialogs = ctx;
	struct gw_inflight *step = gw_inflight_at(dialogs->pool, token);

	if (!step)
		return;
	step->taken_us = version == step->session.version ? when_us : 0;
	decide(dialogs, step);
}

/* True if the step only looked like a new one, or waits until more is known. */
static bool met_copy(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	const struct menu_set *set;

	if (!looks_repeated(step))
		return false;
	if (!step->taken_us)
		step->taken_us = sess_acked_when(dialogs->config.acked, step->msisdn, step->session.version);
	if (step->taken_us) {
		if (!is_copy(dialogs, step))
			return false;
		if (doubt(dialogs, step))
			return true;
		count(dialogs, GW_CTR_REPEATED);
		finish(dialogs, step);
		return true;
	}
	if (doubt(dialogs, step))
		return true;
	if (!step->asked && sess_acked_others(dialogs->config.acked) &&
	    sess_acked_ask(dialogs->config.acked, step->msisdn, on_acked, dialogs, gw_inflight_handle(step)) == 0) {
		step->asked = true;
		return true;
	}
	if (!step->held) {
		step->held = true;
		step->stage = GW_STAGE_HELD;
		step->hold_until_ms = gw_clock_ms() + HOLD_MS;
		llist_add_tail(&step->calling, &dialogs->held);
		return true;
	}
	set = set_of(dialogs, step);
	if (!set)
		return false;
	answer_again(dialogs, step, set);
	return true;
}

/* It was held long enough: what is known now? The session may have gone on meanwhile, elsewhere. */
static void release(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	llist_del(&step->calling);
	step->asked = false;
	begin(dialogs, step);
}

static void decide(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	if (met_copy(dialogs, step))
		return;
	if (step->takeover)
		do_takeover(dialogs, step);
	else if (step->kind == GW_STEP_DIAL)
		do_dial(dialogs, step);
	else if (step->kind == GW_STEP_INPUT)
		do_input(dialogs, step);
	else
		do_gone(dialogs, step);
}

/* ---- loading ---- */

static void on_loaded(void *ctx, uint64_t token, enum sess_store_result result, const struct session *session)
{
	struct gw_dialogs *dialogs = ctx;
	struct gw_inflight *step = gw_inflight_at(dialogs->pool, token);

	if (!step)
		return;
	if (result == SESS_STORE_OK)
		take_session(step, session);
	if (result != SESS_STORE_OK && result != SESS_STORE_NONE) {
		step->awaiting = 0;
		finish_store_down(dialogs, step);
	} else if (--step->awaiting == 0) {
		decide(dialogs, step);
	}
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
		decide(dialogs, step);
}

/* What this process remembers may be older than what stands in Redis. A save finds that out by itself; what is to be done
 * without one must be decided on what stands there. True if it is being asked: the step is decided anew then. */
static bool doubt(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	if (!step->from_cache)
		return false;
	step->from_cache = false;
	step->awaiting = 1;
	sess_store_load(dialogs->config.store, step->msisdn, on_loaded, dialogs, gw_inflight_handle(step));
	return true;
}

static void begin(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	const struct session *cached = step->takeover ? NULL : sess_store_cached(dialogs->config.store, step->msisdn);
	bool wants_profile = step->kind == GW_STEP_DIAL;

	step->stage = GW_STAGE_LOADING;
	step->awaiting = (cached ? 0 : 1) + (wants_profile ? 1 : 0);
	step->from_cache = cached != NULL;
	if (cached)
		take_session(step, cached);
	if (!step->awaiting) {
		decide(dialogs, step);
		return;
	}
	if (wants_profile)
		sess_store_get_profile(dialogs->config.store, step->msisdn, on_profile, dialogs, gw_inflight_handle(step));
	if (!cached)
		sess_store_load(dialogs->config.store, step->msisdn, on_loaded, dialogs, gw_inflight_handle(step));
}

/* ---- saving, and what follows ---- */

static int64_t keep_ms(const struct gw_inflight *step)
{
	switch (step->session.phase) {
	case SESS_OPEN:
		return (int64_t)step->route->user_ms + step->route->resume_ms;
	case SESS_WAITING:
	case SESS_LATE:
		return (int64_t)step->operation->timeout_ms * (1 + step->operation->retries) + 10 * WAIT_GRACE_MS + step->route->resume_ms;
	case SESS_CUT:
		return step->route->resume_ms ? step->route->resume_ms : 1;
	case SESS_ENDED:
		break;
	}
	return ENDED_KEEP_MS;
}

static void on_saved(void *ctx, uint64_t token, enum sess_store_result result, const struct session *present);

static void save(struct gw_dialogs *dialogs, struct gw_inflight *step, enum gw_then then)
{
	int64_t now_ms = gw_clock_wall_ms();
	struct sess_store_save save = {
		.id = step->msisdn, .session = &step->session, .expire_ms = now_ms + keep_ms(step), .was_waiting = step->was_waiting,
		.replace = step->replace,
	};

	if (waits(&step->session))
		save.wait_until_ms = now_ms + (int64_t)step->operation->timeout_ms * (1 + step->operation->retries) + WAIT_GRACE_MS;
	step->stage = GW_STAGE_SAVING;
	step->then = then;
	sess_store_save(dialogs->config.store, &save, on_saved, dialogs, gw_inflight_handle(step));
}

static void do_answer(struct gw_dialogs *dialogs, struct gw_inflight *step, enum gw_answer_kind kind)
{
	accept_tickets(step);
	if (step->late)
		count(dialogs, GW_CTR_LATE_SENT);
	else if (!step->gone)
		send_answer(dialogs, step, kind, step->page, step->page_octets);
	if (step->sms)
		send_sms(dialogs, step, step->sms, strlen(step->sms));
	if (kind == GW_ANSWER_END) {
		count(dialogs, GW_CTR_ENDED);
		LOGPDIALOG(step->route, step->msisdn, LOGL_INFO, "ended after %u steps\n", step->session.steps);
	}
	finish(dialogs, step);
}

static const char *value_of(void *ctx, const char *name)
{
	return menu_run_value(ctx, name);
}

static void on_agency(void *ctx, uint64_t token, const struct menu_answer *answer);

/* From here on only the agency is waited for, and it may take long: a step that queued behind this one need not. */
static void enter_calling(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	struct gw_inflight *next = step->queued;

	step->stage = GW_STAGE_CALLING;
	if (!step->is_calling) {
		llist_add_tail(&step->calling, &dialogs->calling);
		step->is_calling = true;
		dialogs->n_calling++;
	}
	if (next) {
		step->queued = NULL;
		gw_inflight_unlist(step);
		gw_inflight_list(dialogs->pool, next);
		begin(dialogs, next);
	}
}

static int call_agency(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	struct gw_agency_request request = {
		.operation = step->operation, .value = value_of, .value_ctx = &dialogs->run,
		.deadline_ms = (int64_t)step->operation->timeout_ms * (1 + step->operation->retries),
	};
	const struct menu_medium medium = { .now_ms = gw_clock_wall_ms(), .msisdn = step->msisdn };

	if (dialogs->n_calling > dialogs->config.agency_calls)
		return -EBUSY;
	if (menu_run_decode(&dialogs->run, step->set, step->session.place, step->session.place_octets) < 0)
		return -EBADMSG;
	menu_run_attend(&dialogs->run, &medium);
	if (!step->operation->safe)
		request.idempotency = key_of_call(dialogs, step);
	return gw_agency_call(dialogs->config.agencies, &request, on_agency, dialogs, gw_inflight_handle(step));
}

static void do_call(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	const struct menu_answer failed = { .outcome = "failed" };
	uint64_t handle = gw_inflight_handle(step);
	int rc;

	accept_tickets(step); /* it is recorded as waiting: whoever takes it over needs no repetition */
	count(dialogs, GW_CTR_CALLS);
	rc = call_agency(dialogs, step);
	if (rc < 0)
		LOGPDIALOG(step->route, step->msisdn, LOGL_INFO, "%s not called: %s\n", step->operation->name, strerror(-rc));
	enter_calling(dialogs, step);
	if (rc < 0)
		on_agency(dialogs, handle, &failed);
}

/* The agency is too slow for the network, and the session says so: tell the citizen, and let the call go on. */
static void do_late(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	struct menu_answer *answer = step->answer;

	count(dialogs, GW_CTR_LATE);
	if (!step->gone)
		send_answer(dialogs, step, GW_ANSWER_END, step->page, step->page_octets);
	LOGPDIALOG(step->route, step->msisdn, LOGL_INFO, "%s is late: tracking code %08u\n", step->operation->name,
		   step->session.tracking);
	enter_calling(dialogs, step);
	if (answer) { /* it came while we saved */
		step->answer = NULL;
		on_agency(dialogs, gw_inflight_handle(step), answer);
		talloc_free(answer);
	}
}

static void after_save(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	switch (step->then) {
	case GW_THEN_ANSWER:
		do_answer(dialogs, step, GW_ANSWER_ASK);
		return;
	case GW_THEN_END:
		do_answer(dialogs, step, GW_ANSWER_END);
		return;
	case GW_THEN_CALL:
		do_call(dialogs, step);
		return;
	case GW_THEN_LATE:
		do_late(dialogs, step);
		return;
	case GW_THEN_NOTHING:
		finish(dialogs, step);
		return;
	}
}

/* Another process was faster. A step of the citizen's is looked at anew from what stands there now: mostly it turns out to
 * be a repeated one. What an agency or a deadline brought is dropped: whoever wrote last answers for the session. */
static void on_conflict(struct gw_dialogs *dialogs, struct gw_inflight *step, const struct session *present)
{
	bool from_citizen = !step->takeover && !step->is_calling && step->n_tickets;

	count(dialogs, GW_CTR_CONFLICTS);
	TALLOC_FREE(step->sms);
	if (!from_citizen || step->retried) {
		refuse_tickets(dialogs, step, GW_REFUSE_LATER);
		finish(dialogs, step);
		return;
	}
	step->retried = true;
	step->operation = NULL;
	let_go(dialogs, step);
	take_session(step, present);
	step->replace = present->version == 0; /* what stands there is no session that this program can read */
	decide(dialogs, step);
}

static void on_saved(void *ctx, uint64_t token, enum sess_store_result result, const struct session *present)
{
	struct gw_dialogs *dialogs = ctx;
	struct gw_inflight *step = gw_inflight_at(dialogs->pool, token);

	if (!step)
		return;
	if (result == SESS_STORE_OK) {
		step->was_waiting = waits(&step->session);
		after_save(dialogs, step);
	} else if (result == SESS_STORE_CONFLICT) {
		on_conflict(dialogs, step, present);
	} else if (step->late && step->sms) {
		/* the screen is here and the citizen waits for it; that it may come twice is better than never */
		do_answer(dialogs, step, GW_ANSWER_END);
	} else {
		finish_store_down(dialogs, step);
	}
}

/* ---- agencies ---- */

/* Set aside by a new dial: the session is not ours any more, a promised text message still is. */
static void answer_aside(struct gw_dialogs *dialogs, struct gw_inflight *step, const struct menu_answer *answer)
{
	const struct menu_set *set = step->late ? set_of(dialogs, step) : NULL;

	if (set) {
		menu_go(dialogs, step, set, MENU_EVENT_ANSWER, answer);
		if (dialogs->result.verdict != MENU_CALL) {
			send_sms(dialogs, step, dialogs->result.text, dialogs->result.octets);
			count(dialogs, GW_CTR_LATE_SENT);
		}
	}
	finish(dialogs, step);
}

static void on_agency(void *ctx, uint64_t token, const struct menu_answer *answer)
{
	struct gw_dialogs *dialogs = ctx;
	struct gw_inflight *step = gw_inflight_at(dialogs->pool, token);
	const struct menu_set *set;

	if (!step)
		return;
	if (step->stage == GW_STAGE_SAVING) {
		step->answer = gw_answer_copy(NULL, answer);
		return;
	}
	if (!step->listed) {
		answer_aside(dialogs, step, answer);
		return;
	}
	set = set_of(dialogs, step);
	OSMO_ASSERT(set == step->set); /* held since the call was made */
	menu_go(dialogs, step, set, MENU_EVENT_ANSWER, answer);
	step->session.touched_ms = gw_clock_wall_ms();
	step->session.call_id = 0;
	take_result(dialogs, step, set);
}

/* The network will not wait longer. The dialog ends with a tracking code; the call goes on. */
static void on_deadline(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	if (dialogs->n_late >= dialogs->config.late_calls) {
		/* Too many are late already. The session stays listed as waiting: whoever has room takes it over. (The call that
		 * runs will find nobody; its menu outlives it, because old versions are kept longer than any call lasts.) */
		finish_with_phrase(dialogs, step, MENU_PHRASE_TRY_AGAIN);
		return;
	}
	step->late = true;
	dialogs->n_late++;
	step->session.tracking = 10000000 + randombytes_uniform(90000000);
	step->session.phase = SESS_LATE;
	say_late(step, step->set);
	save(dialogs, step, GW_THEN_LATE);
}

static void on_due(void *ctx, const char *id)
{
	struct gw_dialogs *dialogs = ctx;
	struct gw_inflight *step;

	if (gw_inflight_find(dialogs->pool, id))
		return; /* ours, and at work */
	step = gw_inflight_get(dialogs->pool, id);
	if (!step)
		return;
	step->takeover = true;
	step->kind = GW_STEP_INPUT;
	step->text[0] = '\0';
	step->octets = 0;
	step->arrived_us = now_us();
	step->route = dialogs->config.find_route(dialogs->config.find_route_ctx, 0);
	gw_inflight_list(dialogs->pool, step);
	begin(dialogs, step);
}

void gw_dialogs_tick(struct gw_dialogs *dialogs)
{
	struct gw_inflight *step, *next;
	int64_t now_ms = gw_clock_ms();

	llist_for_each_entry_safe(step, next, &dialogs->calling, calling)
		if (!step->late && step->listed && step->stage == GW_STAGE_CALLING && now_ms >= step->deadline_ms)
			on_deadline(dialogs, step);
	llist_for_each_entry_safe(step, next, &dialogs->held, calling)
		if (now_ms >= step->hold_until_ms)
			release(dialogs, step);
	sess_acked_tick(dialogs->config.acked, gw_clock_wall_ms());
	if (now_ms >= dialogs->next_takeover_ms) {
		dialogs->next_takeover_ms = now_ms + TAKEOVER_EVERY_MS;
		sess_store_due(dialogs->config.store, gw_clock_wall_ms(), TAKEOVER_BATCH, on_due, dialogs);
	}
}

/* ---- a step arrives ---- */

static struct gw_inflight *take_step(struct gw_dialogs *dialogs, const struct gw_step *from)
{
	struct gw_inflight *step = gw_inflight_get(dialogs->pool, from->msisdn);
	size_t octets = OSMO_MIN(from->octets, (size_t)MENU_DIAL_OCTETS);
	ssize_t dialled = -1;

	if (!step)
		return NULL;
	step->arrived_us = now_us();
	step->arrived_wall_us = gw_clock_wall_us();
	step->deadline_ms = gw_clock_ms() + from->route->answer_ms - from->route->answer_ms / MARGIN_PART;
	step->kind = from->kind;
	step->route = from->route;
	step->session_hash = from->session;
	step->fingerprint = from->fingerprint;
	step->link = from->ticket.link;
	step->context_octets = from->context_octets;
	memcpy(step->context, from->context, from->context_octets);
	step->tickets[0] = from->ticket;
	step->n_tickets = 1;
	if (from->kind == GW_STEP_DIAL) /* as it is stored in Persian pages, too: "#1420*4*" */
		dialled = menu_dial_normalise(from->text, from->octets, step->text, sizeof(step->text));
	if (dialled < 0) { /* an input; or a code that is none, to which the menu has an answer */
		memcpy(step->text, from->text, octets);
		step->text[octets] = '\0';
	}
	step->octets = (uint16_t)(dialled < 0 ? octets : (size_t)dialled);
	return step;
}

static void refuse(struct gw_dialogs *dialogs, const struct gw_step *from)
{
	from->route->bearer->ops->refuse(from->route->bearer, &from->ticket, GW_REFUSE_LATER);
	count(dialogs, GW_CTR_REFUSED_LATER);
}

/* Answers a dial without a session. */
static void turn_away(struct gw_dialogs *dialogs, const struct gw_step *from, enum menu_phrase phrase, enum gw_counter counter)
{
	char text[MENU_PAGE_OCTETS];
	struct gw_answer answer = {
		.kind = GW_ANSWER_END, .msisdn = from->msisdn, .context = from->context, .context_octets = from->context_octets,
		.text = text, .link = from->ticket.link,
	};

	answer.octets = menu_set_phrase(menu_pins_current(dialogs->config.pins), phrase, "", "", text, sizeof(text));
	count(dialogs, counter);
	from->route->bearer->ops->accept(from->route->bearer, &from->ticket);
	if (from->route->bearer->ops->answer(from->route->bearer, from->route, &answer) < 0)
		count(dialogs, GW_CTR_ANSWERS_UNSENT);
}

static bool same_step(const struct gw_inflight *step, const struct gw_step *from)
{
	return step->kind == from->kind && step->fingerprint == from->fingerprint && step->session_hash == from->session &&
	       !step->takeover;
}

static void work_on(struct gw_dialogs *dialogs, const struct gw_step *from);

/* Something of this subscriber is being worked on already. */
static void join(struct gw_dialogs *dialogs, struct gw_inflight *at_work, const struct gw_step *from)
{
	const struct gw_bearer *bearer = from->route->bearer;
	struct gw_inflight *step;

	if (same_step(at_work, from)) { /* the network repeats itself: one answer will do for both */
		count(dialogs, GW_CTR_REPEATED);
		if (at_work->stage == GW_STAGE_CALLING || at_work->n_tickets == GW_INFLIGHT_TICKETS)
			bearer->ops->accept(from->route->bearer, &from->ticket);
		else
			at_work->tickets[at_work->n_tickets++] = from->ticket;
		return;
	}
	if (at_work->stage == GW_STAGE_HELD) { /* somebody reacted to the answer: the copy needs none */
		llist_del(&at_work->calling);
		finish(dialogs, at_work);
		work_on(dialogs, from);
		return;
	}
	if (from->kind == GW_STEP_GONE && at_work->session_hash == from->session && at_work->is_calling) {
		at_work->gone = true;
		bearer->ops->accept(from->route->bearer, &from->ticket);
		return;
	}
	if (at_work->queued || !(step = take_step(dialogs, from))) {
		refuse(dialogs, from);
		return;
	}
	if (at_work->stage == GW_STAGE_CALLING) { /* an agency may take long: the new step does not wait for it */
		gw_inflight_unlist(at_work);
		gw_inflight_list(dialogs->pool, step);
		begin(dialogs, step);
	} else {
		at_work->queued = step;
	}
}

/* True if a new dialog may begin; else the dial was answered. */
static bool admit(struct gw_dialogs *dialogs, const struct gw_step *from)
{
	if (dialogs->closing)
		turn_away(dialogs, from, MENU_PHRASE_CLOSING, GW_CTR_BUSY);
	else if (!gw_limit_dial(&dialogs->limit, from->msisdn, gw_clock_ms(), dialogs->config.dials_per_minute))
		turn_away(dialogs, from, MENU_PHRASE_TOO_OFTEN, GW_CTR_TOO_OFTEN);
	else if (gw_inflights_count(dialogs->pool) >= dialogs->config.busy_at)
		turn_away(dialogs, from, MENU_PHRASE_BUSY, GW_CTR_BUSY);
	else
		return true;
	return false;
}

static void work_on(struct gw_dialogs *dialogs, const struct gw_step *from)
{
	struct gw_inflight *at_work = gw_inflight_find(dialogs->pool, from->msisdn), *step;

	if (at_work) {
		join(dialogs, at_work, from);
		return;
	}
	if (from->kind == GW_STEP_DIAL && !admit(dialogs, from))
		return;
	step = take_step(dialogs, from);
	if (!step) {
		refuse(dialogs, from);
		return;
	}
	gw_inflight_list(dialogs->pool, step);
	begin(dialogs, step);
}

static void on_step(void *ctx, const struct gw_step *from)
{
	static const enum gw_counter counters[] = {
		[GW_STEP_DIAL] = GW_CTR_DIALS, [GW_STEP_INPUT] = GW_CTR_INPUTS, [GW_STEP_GONE] = GW_CTR_GONE,
	};

	count(ctx, counters[from->kind]);
	work_on(ctx, from);
}

static void on_sent(void *ctx, const struct gw_route *route, const char *msisdn, uint32_t version, enum gw_sent sent)
{
	struct gw_dialogs *dialogs = ctx;

	(void)route;
	if (sent != GW_SENT_TAKEN || !version)
		return;
	sess_acked_note(dialogs->config.acked, msisdn, version, gw_clock_wall_us());
}

struct gw_dialogs *gw_dialogs_alloc(void *ctx, const struct gw_dialogs_config *config)
{
	struct gw_dialogs *dialogs = talloc_zero(ctx, struct gw_dialogs);

	dialogs->config = *config;
	dialogs->user = (struct gw_bearer_user){ .ctx = dialogs, .on_step = on_step, .on_sent = on_sent };
	dialogs->pool = gw_inflights_alloc(dialogs, config->in_flight_max);
	INIT_LLIST_HEAD(&dialogs->calling);
	INIT_LLIST_HEAD(&dialogs->held);
	randombytes_buf(&dialogs->process, sizeof(dialogs->process));
	return dialogs;
}

const struct gw_bearer_user *gw_dialogs_user(const struct gw_dialogs *dialogs)
{
	return &dialogs->user;
}

void gw_dialogs_close(struct gw_dialogs *dialogs)
{
	dialogs->closing = true;
}

void gw_dialogs_abandon(struct gw_dialogs *dialogs)
{
	gw_inflights_clear(dialogs->pool);
	INIT_LLIST_HEAD(&dialogs->calling);
	INIT_LLIST_HEAD(&dialogs->held);
}

unsigned int gw_dialogs_in_flight(const struct gw_dialogs *dialogs)
{
	return gw_inflights_count(dialogs->pool);
}

unsigned int gw_dialogs_calling(const struct gw_dialogs *dialogs)
{
	return dialogs->n_calling;
}
