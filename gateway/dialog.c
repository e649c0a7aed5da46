/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See dialog.h, and dialog_priv.h for the other files. Here a step arrives. One step of a subscriber is at work at a time: the
 * same one again joins it, one other may queue behind it, and what comes when there is no room is refused for later. */
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/dialog_priv.h"
#include "menus/unicode.h"

#define MARGIN_PART 8           /* an answer leaves this part of the network's patience before its end */

/* ---- taken in ---- */

static size_t keep_text(char text[GW_TEXT_OCTETS + 1], const struct gw_step *from)
{
	ssize_t dialled = -1;
	size_t octets = OSMO_MIN(from->octets, (size_t)GW_TEXT_OCTETS);

	if (from->kind == GW_STEP_DIAL) /* as it is stored in Persian pages, too: "#1420*4*" */
		dialled = menu_dial_normalise(from->text, from->octets, text, MENU_DIAL_OCTETS + 1);
	if (dialled >= 0)
		return (size_t)dialled;
	memcpy(text, from->text, octets); /* an input; or a code that is none, to which the menu has an answer */
	text[octets] = '\0';
	return octets;
}

static struct gw_inflight *take_step(struct gw_dialogs *dialogs, const struct gw_step *from)
{
	struct gw_inflight *step = gw_inflight_get(dialogs->pool, from->msisdn);

	if (!step)
		return NULL;
	OSMO_ASSERT(from->context_octets <= sizeof(step->context));
	step->arrived_us = gw_dialog_now_us();
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
	step->octets = (uint16_t)keep_text(step->text, from);
	step->order = from->order;
	if (from->dial && strlen(from->dial) <= MENU_DIAL_OCTETS) {
		step->dial_octets = (uint16_t)strlen(from->dial);
		memcpy(step->dial, from->dial, step->dial_octets + 1u);
	}
	return step;
}

/* ---- turned away ---- */

static void refuse(struct gw_dialogs *dialogs, const struct gw_step *from)
{
	from->route->bearer->ops->refuse(from->route->bearer, &from->ticket, GW_REFUSE_LATER);
	gw_dialog_count(dialogs, GW_CTR_REFUSED_LATER);
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
	gw_dialog_count(dialogs, counter);
	from->route->bearer->ops->accept(from->route->bearer, &from->ticket);
	if (from->route->bearer->ops->answer(from->route->bearer, from->route, &answer) < 0)
		gw_dialog_count(dialogs, GW_CTR_ANSWERS_UNSENT);
}

static bool is_turned_away(struct gw_dialogs *dialogs, const struct gw_step *from)
{
	if (from->kind != GW_STEP_DIAL)
		return false;
	if (dialogs->closing)
		turn_away(dialogs, from, MENU_PHRASE_CLOSING, GW_CTR_BUSY);
	else if (!gw_limit_dial(&dialogs->limit, from->msisdn, gw_clock_ms(), dialogs->config.dials_per_minute))
		turn_away(dialogs, from, MENU_PHRASE_TOO_OFTEN, GW_CTR_TOO_OFTEN);
	else if (gw_inflights_count(dialogs->pool) >= dialogs->config.busy_at)
		turn_away(dialogs, from, MENU_PHRASE_BUSY, GW_CTR_BUSY);
	else
		return false;
	return true;
}

/* ---- one at work for each subscriber ---- */

static bool is_same(const struct gw_inflight *step, const struct gw_step *from)
{
	return step && step->fingerprint == from->fingerprint && step->session_hash == from->session && step->route == from->route;
}

/* The network repeats itself: one answer will do for both, if it is still to come. */
static void join(struct gw_dialogs *dialogs, struct gw_inflight *step, const struct gw_step *from)
{
	gw_dialog_count(dialogs, GW_CTR_REPEATED);
	if (step->n_tickets == GW_INFLIGHT_TICKETS) {
		refuse(dialogs, from);
		return;
	}
	step->tickets[step->n_tickets++] = from->ticket;
	if (step->stage != GW_STAGE_CALLING)
		return;
	gw_dialog_accept(step); /* it is safe already */
	if (step->late)
		gw_dialog_answer(dialogs, step, GW_ANSWER_END, step->page, step->page_octets, step->session.version);
}

static void on_step(void *ctx, const struct gw_step *from)
{
	static const enum gw_counter counters[] = {
		[GW_STEP_DIAL] = GW_CTR_DIALS, [GW_STEP_INPUT] = GW_CTR_INPUTS, [GW_STEP_GONE] = GW_CTR_GONE,
	};
	struct gw_dialogs *dialogs = ctx;
	struct gw_inflight *at_work = gw_inflight_find(dialogs->pool, from->msisdn), *step;

	gw_dialog_count(dialogs, counters[from->kind]);
	if (at_work && at_work->stage == GW_STAGE_HELD && !is_same(at_work, from)) {
		gw_dialog_finish(dialogs, at_work); /* somebody reacted to the answer: its copy needs none */
		at_work = NULL;
	}
	if (is_same(at_work, from)) {
		join(dialogs, at_work, from);
	} else if (at_work && is_same(at_work->queued, from)) {
		join(dialogs, at_work->queued, from);
	} else if (is_turned_away(dialogs, from)) {
		return;
	} else if ((at_work && at_work->queued) || !(step = take_step(dialogs, from))) {
		refuse(dialogs, from);
	} else if (!at_work) {
		gw_dialog_start(dialogs, step);
	} else if (at_work->stage == GW_STAGE_CALLING) {
		gw_dialog_during_call(dialogs, at_work, step);
	} else {
		at_work->queued = step;
	}
}

static void on_sent(void *ctx, const struct gw_route *route, const char *msisdn, uint32_t version, enum gw_sent sent)
{
	struct gw_dialogs *dialogs = ctx;

	(void)route;
	if (sent != GW_SENT_TAKEN || !version)
		return;
	sess_acked_note(dialogs->config.acked, msisdn, version, gw_clock_wall_us());
}

/* ---- life ---- */

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

void gw_dialogs_tick(struct gw_dialogs *dialogs)
{
	gw_dialog_calls_tick(dialogs);
	gw_dialog_held_tick(dialogs);
	sess_acked_tick(dialogs->config.acked, gw_clock_ms());
}

void gw_dialogs_close(struct gw_dialogs *dialogs)
{
	dialogs->closing = true;
}

void gw_dialogs_abandon(struct gw_dialogs *dialogs)
{
	struct gw_inflight *step;
	unsigned int at = 0;

	dialogs->abandoned = true;
	while ((step = gw_inflights_next(dialogs->pool, &at))) {
		const struct gw_pushing push = step->push;

		gw_dialog_forget(dialogs, step);
		if (push.cb)
			push.cb(push.ctx, push.token, GW_PUSH_DOWN, 0);
	}
}

unsigned int gw_dialogs_in_flight(const struct gw_dialogs *dialogs)
{
	return gw_inflights_count(dialogs->pool) + dialogs->n_texts;
}

unsigned int gw_dialogs_calling(const struct gw_dialogs *dialogs)
{
	return dialogs->n_calling;
}
