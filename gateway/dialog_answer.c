/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The end of a step: its tickets are settled, the citizen is answered, the next step of the same subscriber begins. */
#include <string.h>
#include <time.h>

#include <osmocom/core/talloc.h>
#include <sodium.h>

#include "gateway/dialog_priv.h"

void gw_dialog_accept(struct gw_inflight *step)
{
	for (unsigned int i = 0; i < step->n_tickets; i++)
		step->route->bearer->ops->accept(step->route->bearer, &step->tickets[i]);
	step->n_tickets = 0;
}

void gw_dialog_refuse(struct gw_dialogs *dialogs, struct gw_inflight *step, enum gw_refusal why)
{
	for (unsigned int i = 0; i < step->n_tickets; i++)
		step->route->bearer->ops->refuse(step->route->bearer, &step->tickets[i], why);
	if (step->n_tickets && why == GW_REFUSE_LATER)
		gw_dialog_count(dialogs, GW_CTR_REFUSED_LATER);
	step->n_tickets = 0;
}

int64_t gw_dialog_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Of the dialog in which the step was made: what is said to a stranger's step says nothing of the session that stands there. */
static bool was_pushed(const struct gw_inflight *step)
{
	const struct session *session = &step->session;

	return session->version && session->pushed && session->bearer_id == step->route->id &&
	       (session->bearer_session == step->session_hash || gw_dialog_is_pushed(session));
}

void gw_dialog_answer(struct gw_dialogs *dialogs, struct gw_inflight *step, enum gw_answer_kind kind, const char *text,
		      size_t octets, uint32_t version)
{
	const struct gw_answer answer = {
		.kind = kind, .pushed = was_pushed(step), .msisdn = step->msisdn, .context = step->context, .context_octets = step->context_octets,
		.text = text, .octets = octets, .link = step->link, .version = version,
	};
	int rc = step->route->bearer->ops->answer(step->route->bearer, step->route, &answer);
	uint64_t took_us = (uint64_t)(gw_dialog_now_us() - step->arrived_us);

	gw_counter_step(dialogs->config.counters, took_us);
	gw_usage_answered(dialogs->config.usage, step->route->name, took_us);
	if (rc < 0) {
		LOGPDIALOG(step->route, step->msisdn, LOGL_ERROR, "cannot be answered: %s\n", strerror(-rc));
		gw_dialog_count(dialogs, GW_CTR_ANSWERS_UNSENT);
	}
}

/* Nobody reads the answer to a step that no citizen made, whose citizen hung up, or who was told that an SMS comes. */
static bool is_awaited(const struct gw_inflight *step)
{
	return !step->takeover && !step->late && !step->gone && !step->push.begun && step->kind != GW_STEP_GONE;
}

void gw_dialog_say(struct gw_dialogs *dialogs, struct gw_inflight *step, enum menu_phrase phrase)
{
	char text[MENU_PAGE_OCTETS];
	size_t octets = menu_set_phrase(menu_pins_current(dialogs->config.pins), phrase, step->language, "", text, sizeof(text));

	gw_dialog_accept(step);
	if (is_awaited(step))
		gw_dialog_answer(dialogs, step, GW_ANSWER_END, text, octets, 0);
}

void gw_dialog_forget(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	if (step->stage == GW_STAGE_HELD)
		llist_del(&step->calling);
	gw_dialog_stop_calling(dialogs, step);
	gw_dialog_let_go(dialogs, step);
	if (step->late)
		dialogs->n_late--;
	TALLOC_FREE(step->answer);
	TALLOC_FREE(step->sms);
	sodium_memzero(step->text, step->octets); /* it may have been a secret */
	sodium_memzero(step->dial, step->dial_octets);
	gw_inflight_put(dialogs->pool, step);
}

void gw_dialog_start(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	gw_inflight_list(dialogs->pool, step);
	gw_dialog_begin(dialogs, step);
}

void gw_dialog_finish(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	struct gw_inflight *next = step->queued;
	const struct gw_pushing push = step->push;
	uint32_t version = step->session.version;

	if (step->route->answers_each && step->kind != GW_STEP_GONE)
		gw_dialog_refuse(dialogs, step, GW_REFUSE_LATER); /* what has not been answered until now */
	gw_dialog_accept(step);
	gw_dialog_forget(dialogs, step);
	if (next)
		gw_dialog_start(dialogs, next);
	if (push.cb)
		push.cb(push.ctx, push.token, push.result, version);
}

void gw_dialog_finish_with_phrase(struct gw_dialogs *dialogs, struct gw_inflight *step, enum menu_phrase phrase)
{
	gw_dialog_say(dialogs, step, phrase);
	gw_dialog_finish(dialogs, step);
}

/* The session stays as it is: nothing is answered from one that could not be loaded or saved. */
void gw_dialog_finish_store_down(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	gw_dialog_count(dialogs, GW_CTR_STORE_DOWN);
	step->push.result = GW_PUSH_DOWN;
	if (step->takeover) { /* it stays on the list of those that wait */
		gw_dialog_finish(dialogs, step);
		return;
	}
	LOGPDIALOG(step->route, step->msisdn, LOGL_INFO, "ends: the session store does not answer\n");
	gw_dialog_finish_with_phrase(dialogs, step, MENU_PHRASE_TRY_AGAIN);
}
