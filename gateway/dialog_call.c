/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Calls to agencies on behalf of a dialog: made when the session says so, answered in time or late, taken over from a process
 * that is gone.
 *
 * The network's patience ends before an agency's may. Then the session is saved as late, the citizen gets a tracking code,
 * and what the agency says goes out by SMS. Too many late ones, or no store: the citizen is told to try again, and the call
 * is *set aside*: its answer is heard (its menu must be held until then) and dropped; the session stays listed as waiting,
 * so whoever has room takes it over.
 *
 * A new dial of somebody whose call is running sets the old step aside, too: the session is the new dialog's. What was
 * promised by SMS still goes out, and so does the outcome of a call that may have changed something. A citizen who
 * hung up is not told that it takes long: the outcome is kept in the session, where the next dial finds it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/answer_copy.h"
#include "gateway/dialog_priv.h"

#define TAKEOVER_EVERY_MS 1000
#define TAKEOVER_BATCH 16       /* of each partition */
#define TOGETHER_SPARE_MS 200   /* calls side by side are content with what there is so long before the network's patience ends */

int64_t gw_dialog_call_ms(const struct menu_operation *operation)
{
	return (int64_t)operation->timeout_ms * (2 + (int64_t)operation->retries);
}

void gw_dialog_let_go(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	if (step->set)
		menu_pins_put(dialogs->config.pins, step->set);
	step->set = NULL;
}

void gw_dialog_want_call(struct gw_dialogs *dialogs, struct gw_inflight *step, const struct menu_set *set)
{
	menu_pins_get(dialogs->config.pins, set);
	gw_dialog_let_go(dialogs, step);
	step->set = set;
	step->operation = dialogs->result.operation;
}

void gw_dialog_stop_calling(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	if (!step->is_calling)
		return;
	llist_del(&step->calling);
	step->is_calling = false;
	dialogs->n_calling--;
}

static void start_calling(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	step->stage = GW_STAGE_CALLING;
	if (step->is_calling)
		return;
	llist_add_tail(&step->calling, &dialogs->calling);
	step->is_calling = true;
	dialogs->n_calling++;
}

static bool is_late_room(const struct gw_dialogs *dialogs)
{
	return dialogs->n_late < dialogs->config.late_calls;
}

static void become_late(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	if (!step->late)
		dialogs->n_late++;
	step->late = true;
}

/* Nobody's any more: only the agency's answer finds it. The next step of the subscriber has the way free. */
static void set_aside(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	struct gw_inflight *next = step->queued;

	step->queued = NULL;
	start_calling(dialogs, step);
	gw_inflight_unlist(step);
	if (next)
		gw_dialog_start(dialogs, next);
}

/* From here on only the agency is waited for, and it may take long: a step that queued behind this one need not. */
static void wait_for_agency(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	struct gw_inflight *next = step->queued;

	step->queued = NULL;
	start_calling(dialogs, step);
	if (next)
		gw_dialog_during_call(dialogs, step, next);
}

void gw_dialog_during_call(struct gw_dialogs *dialogs, struct gw_inflight *at_work, struct gw_inflight *step)
{
	bool same = step->session_hash == at_work->session_hash && !at_work->late;

	if (step->kind == GW_STEP_DIAL) {
		if (!at_work->operation->safe && !at_work->push.begun && is_late_room(dialogs))
			become_late(dialogs, at_work);
		set_aside(dialogs, at_work);
		gw_dialog_start(dialogs, step);
	} else if (step->kind == GW_STEP_INPUT && !same) {
		gw_dialog_count(dialogs, GW_CTR_STALE);
		gw_dialog_finish_with_phrase(dialogs, step, MENU_PHRASE_OVER);
	} else { /* an impatient input needs no answer of its own: one is on its way */
		at_work->gone = at_work->gone || (same && step->kind == GW_STEP_GONE);
		gw_dialog_finish(dialogs, step);
	}
}

/* ---- asking ---- */

static const char *value_of(void *ctx, const char *name)
{
	return menu_run_value(ctx, name);
}

/* The idempotency key: the call's number, and what is asked. A citizen who begins anew before the answer came, and asks
 * something else, makes another call by the same number. The time is no part of what is asked: another process asks again. */
static uint64_t key_of_call(const struct gw_dialogs *dialogs, const struct gw_inflight *step)
{
	const struct menu_operation *operation = step->operation;
	uint8_t hash[crypto_generichash_BYTES_MIN];
	crypto_generichash_state state;
	uint64_t key;

	crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	crypto_generichash_update(&state, (const uint8_t *)&step->session.call_id, sizeof(step->session.call_id));
	crypto_generichash_update(&state, (const uint8_t *)operation->name, strlen(operation->name) + 1);
	for (size_t i = 0; i < operation->n_inputs; i++) {
		const char *value = strcmp(operation->inputs[i], "now") != 0 ? menu_run_value(&dialogs->run, operation->inputs[i]) : "";

		crypto_generichash_update(&state, (const uint8_t *)(value ? value : ""), value ? strlen(value) + 1 : 1);
	}
	crypto_generichash_final(&state, hash, sizeof(hash));
	memcpy(&key, hash, sizeof(key));
	return key;
}

/* Unlike that of any other dialog of the number: a dial or a resumption begins another. */
static uint64_t name_of_dialog(const struct gw_inflight *step)
{
	const struct session *session = &step->session;
	const uint64_t values[] = { session->bearer_id, session->bearer_session, (uint64_t)session->began_ms };
	uint8_t hash[crypto_generichash_BYTES_MIN];
	uint64_t name;

	crypto_generichash(hash, sizeof(hash), (const uint8_t *)values, sizeof(values), NULL, 0);
	memcpy(&name, hash, sizeof(name));
	return name;
}

static void on_agency(void *ctx, uint64_t token, const struct menu_answer *answer);

/* How long all of several agencies are waited for. Whoever is told by SMS anyway waits as long as the operation says. */
static int64_t patience_ms(const struct gw_inflight *step)
{
	int64_t left_ms;

	if (!step->listed || step->late || step->deadline_ms == INT64_MAX)
		return 0;
	left_ms = step->deadline_ms - gw_clock_ms() - TOGETHER_SPARE_MS;
	return OSMO_MAX(left_ms, 1);
}

static int ask_agency(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	struct gw_agency_request request = {
		.operation = step->operation, .value = value_of, .value_ctx = &dialogs->run,
		.deadline_ms = gw_dialog_call_ms(step->operation) - step->operation->timeout_ms, .patience_ms = patience_ms(step),
	};
	const struct menu_medium medium = { .now_ms = gw_clock_wall_ms(), .msisdn = step->msisdn };

	step->call_key = step->session.call_id;
	if (dialogs->n_calling - step->is_calling >= dialogs->config.agency_calls)
		return -EBUSY;
	if (gw_dialog_set(dialogs, step) != step->set)
		return -EBADMSG;
	menu_run_attend(&dialogs->run, &medium);
	request.msisdn = step->msisdn;
	request.dialog = name_of_dialog(step);
	request.route = step->route->id;
	request.language = menu_run_value(&dialogs->run, "language");
	step->call_key = key_of_call(dialogs, step);
	if (!step->operation->safe)
		request.idempotency = step->call_key;
	return gw_agency_call(dialogs->config.agencies, &request, on_agency, dialogs, gw_inflight_handle(step));
}

void gw_dialog_call(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	const struct menu_answer failed = { .outcome = "failed" };
	uint64_t handle = gw_inflight_handle(step);
	int rc;

	gw_dialog_accept(step); /* it is recorded as waiting: whoever takes it over needs no repetition */
	gw_dialog_sms_beside(dialogs, step);
	gw_dialog_count(dialogs, GW_CTR_CALLS);
	rc = ask_agency(dialogs, step);
	if (rc < 0)
		LOGPDIALOG(step->route, step->msisdn, LOGL_INFO, "%s not called: %s\n", step->operation->name, strerror(-rc));
	wait_for_agency(dialogs, step);
	if (rc < 0)
		on_agency(dialogs, handle, &failed);
}

/* ---- late ---- */

void gw_dialog_late_page(struct gw_inflight *step, const struct menu_set *set)
{
	char code[12];

	snprintf(code, sizeof(code), "%08" PRIu32, step->session.tracking);
	step->page_octets = (uint16_t)menu_set_phrase(set, MENU_PHRASE_LATE, step->language, code, step->page, sizeof(step->page));
}

static void new_tracking(struct session *session)
{
	session->tracking = 10000000 + randombytes_uniform(90000000);
}

/* An older answer that the agency's file allows to stand in (as_of_s), or NULL. */
static const struct menu_answer *older_answer(struct gw_dialogs *dialogs, const struct gw_inflight *step)
{
	const struct gw_agency_request request = { .operation = step->operation, .value = value_of, .value_ctx = &dialogs->run };
	const struct menu_medium medium = { .now_ms = gw_clock_wall_ms(), .msisdn = step->msisdn };

	if (!step->operation->as_of_s || gw_dialog_set(dialogs, step) != step->set)
		return NULL;
	menu_run_attend(&dialogs->run, &medium);
	return gw_agency_as_of(dialogs->config.agencies, &request);
}

/* The network will not wait longer. An older answer is better than none; else the dialog ends with a tracking code. The call
 * goes on in both cases: for the next one who asks, or for this one's SMS. */
static void on_deadline(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	const struct menu_answer *older = older_answer(dialogs, step);

	if (older) {
		gw_inflight_renew(step); /* what the call still brings is not for this step any more */
		on_agency(dialogs, gw_inflight_handle(step), older);
		return;
	}
	if (!is_late_room(dialogs)) {
		gw_dialog_say(dialogs, step, MENU_PHRASE_TRY_AGAIN);
		set_aside(dialogs, step);
		return;
	}
	become_late(dialogs, step);
	new_tracking(&step->session);
	step->session.phase = SESS_LATE;
	gw_dialog_late_page(step, step->set);
	gw_dialog_save(dialogs, step, GW_THEN_LATE);
}

void gw_dialog_late(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	struct menu_answer *answer = step->answer;
	uint64_t handle = gw_inflight_handle(step);

	gw_dialog_count(dialogs, GW_CTR_LATE);
	gw_usage_became(dialogs->config.usage, step->route->name, &step->use, GW_USAGE_LATE);
	gw_dialog_accept(step);
	gw_dialog_answer(dialogs, step, GW_ANSWER_END, step->page, step->page_octets, step->session.version);
	LOGPDIALOG(step->route, step->msisdn, LOGL_INFO, "%s is late: tracking code %08" PRIu32 "\n", step->operation->name,
		   step->session.tracking);
	step->answer = NULL;
	wait_for_agency(dialogs, step);
	if (answer) /* it came while we saved */
		on_agency(dialogs, handle, answer);
	talloc_free(answer);
}

void gw_dialog_not_late(struct gw_dialogs *dialogs, struct gw_inflight *step, bool tell)
{
	step->late = false;
	dialogs->n_late--;
	if (tell) {
		gw_dialog_count(dialogs, GW_CTR_STORE_DOWN);
		gw_dialog_say(dialogs, step, MENU_PHRASE_TRY_AGAIN);
	}
	gw_dialog_accept(step);
	if (step->answer)
		gw_dialog_finish(dialogs, step);
	else
		set_aside(dialogs, step);
}

/* ---- answered ---- */

void gw_dialog_late_aside(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	int rc;

	gw_dialog_sms_beside(dialogs, step);
	set_aside(dialogs, step);
	rc = ask_agency(dialogs, step);
	if (rc < 0) {
		LOGPDIALOG(step->route, step->msisdn, LOGL_ERROR, "%s not called, though its outcome was promised: %s\n",
			   step->operation->name, strerror(-rc));
		gw_dialog_finish(dialogs, step);
	}
}

/* The session is not ours any more, so nothing is saved; a promised text message is still owed. */
static void answer_aside(struct gw_dialogs *dialogs, struct gw_inflight *step, const struct menu_answer *answer)
{
	struct menu_result *result = &dialogs->result;
	const struct menu_set *set = step->late ? gw_dialog_set(dialogs, step) : NULL;

	if (!set) {
		gw_dialog_finish(dialogs, step);
		return;
	}
	gw_dialog_menu(dialogs, step, set, MENU_EVENT_ANSWER, answer);
	gw_usage_saved(dialogs->config.usage, step->route->name, &step->use);
	gw_dialog_caused_by_call(step, answer);
	if (result->sms_octets)
		gw_dialog_sms(dialogs, step, result->sms, result->sms_octets, false);
	if (result->verdict == MENU_CALL && gw_dialog_keep_place(dialogs, step) == 0) {
		randombytes_buf(&step->session.call_id, sizeof(step->session.call_id));
		gw_dialog_want_call(dialogs, step, set);
		gw_dialog_late_aside(dialogs, step);
		return;
	}
	gw_dialog_sms(dialogs, step, result->text, result->octets, true);
	gw_dialog_count(dialogs, GW_CTR_LATE_SENT);
	gw_dialog_finish(dialogs, step);
}

static void on_agency(void *ctx, uint64_t token, const struct menu_answer *answer)
{
	struct gw_dialogs *dialogs = ctx;
	struct gw_inflight *step = gw_inflight_at(dialogs->pool, token);

	if (!step)
		return;
	if (step->stage == GW_STAGE_SAVING) { /* as late; gw_dialog_late hears it then */
		step->answer = gw_answer_copy(dialogs, answer);
		return;
	}
	if (!step->listed) {
		answer_aside(dialogs, step, answer);
		return;
	}
	if (step->push.begun && gw_dialog_push_fails(dialogs, step, answer))
		return;
	OSMO_ASSERT(gw_dialog_set(dialogs, step) == step->set); /* held since the call was made */
	gw_dialog_menu(dialogs, step, step->set, MENU_EVENT_ANSWER, answer);
	gw_dialog_caused_by_call(step, answer);
	step->session.touched_ms = gw_clock_wall_ms();
	step->session.call_id = 0;
	gw_dialog_take_result(dialogs, step, step->set);
}

/* ---- what a process that is gone has left ---- */

void gw_dialog_take_over(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	struct session *session = &step->session;
	const struct menu_set *set = gw_dialog_set(dialogs, step);

	if (!session->version || !gw_dialog_waits(session)) {
		sess_store_unlist(dialogs->config.store, step->msisdn);
		gw_dialog_finish(dialogs, step);
		return;
	}
	step->route = dialogs->config.find_route(dialogs->config.find_route_ctx, session->bearer_id);
	if (gw_dialog_is_pushed(session)) { /* nobody waits for it: whoever began it begins anew */
		session->phase = SESS_ENDED;
		gw_dialog_save(dialogs, step, GW_THEN_NOTHING);
		return;
	}
	if (!step->route || !set) { /* another process may know the operator and hold the version */
		gw_dialog_finish(dialogs, step);
		return;
	}
	become_late(dialogs, step);
	step->session_hash = session->bearer_session;
	step->fingerprint = session->step_fingerprint;
	step->context_octets = session->bearer_octets;
	memcpy(step->context, session->bearer, session->bearer_octets);
	gw_dialog_menu(dialogs, step, set, MENU_EVENT_AGAIN, NULL);
	if (dialogs->result.verdict != MENU_CALL) {
		gw_dialog_finish(dialogs, step);
		return;
	}
	if (!session->tracking)
		new_tracking(session);
	gw_dialog_late_page(step, set);
	gw_dialog_count(dialogs, GW_CTR_TAKEN_OVER);
	LOGPDIALOG(step->route, step->msisdn, LOGL_NOTICE, "waited for %s in a process that is gone: taken over\n",
		   dialogs->result.operation->name);
	gw_dialog_take_result(dialogs, step, set);
}

static void on_due(void *ctx, const char *id)
{
	struct gw_dialogs *dialogs = ctx;
	struct gw_inflight *step;

	if (gw_inflight_find(dialogs->pool, id) || !is_late_room(dialogs) || dialogs->n_calling >= dialogs->config.agency_calls)
		return; /* ours, and at work; or no room now: it stays listed */
	step = gw_inflight_get(dialogs->pool, id);
	if (!step)
		return;
	step->takeover = true;
	step->arrived_us = gw_dialog_now_us();
	step->kind = GW_STEP_INPUT;
	step->text[0] = '\0';
	gw_dialog_start(dialogs, step);
}

void gw_dialog_calls_tick(struct gw_dialogs *dialogs)
{
	struct gw_inflight *step, *next;
	int64_t now_ms = gw_clock_ms();

	llist_for_each_entry_safe(step, next, &dialogs->calling, calling)
		if (step->listed && !step->late && !step->gone && step->stage == GW_STAGE_CALLING && now_ms >= step->deadline_ms)
			on_deadline(dialogs, step);
	if (now_ms >= dialogs->next_takeover_ms) {
		dialogs->next_takeover_ms = now_ms + TAKEOVER_EVERY_MS;
		sess_store_due(dialogs->config.store, gw_clock_wall_ms(), TAKEOVER_BATCH, on_due, dialogs);
	}
}
