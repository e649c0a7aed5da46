/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Dialogs that begin with us: as if the citizen had dialled, but nobody waits for the first page. It is made and saved as any other,
 * and then handed to the network, which shows it and brings the citizen's reply as an input of a session that we have not met.
 *
 * Until that reply the session has neither a bearer's session nor its context nor a step that could be repeated: that is how it is
 * known as not seen yet, by every process and after any crash. The reply makes it an ordinary one (dialog_decide.c), which remembers only
 * that we began it, for networks that want such a one ended otherwise.
 *
 * A citizen's own dialog is never broken: with one open, waiting, or cut a moment ago, nothing is begun. What fails on the way leaves
 * no session behind. */
#include <errno.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "gateway/dialog_priv.h"

bool gw_dialog_is_pushed(const struct session *session)
{
	return session->version && !session->bearer_octets && !session->bearer_session && !session->step_fingerprint;
}

#define CUT_MS 60000            /* a dialog that was cut is likely to be taken up again for so long */

/* ---- begun ---- */

static struct gw_inflight *take(struct gw_dialogs *dialogs, const struct gw_route *route, const char *msisdn, enum gw_step_kind kind)
{
	struct gw_inflight *step = gw_inflight_get(dialogs->pool, msisdn);

	if (!step)
		return NULL;
	step->arrived_us = gw_dialog_now_us();
	step->arrived_wall_us = gw_clock_wall_us();
	step->deadline_ms = INT64_MAX; /* no network waits */
	step->kind = kind;
	step->route = route;
	step->text[0] = '\0';
	return step;
}

int gw_dialogs_push(struct gw_dialogs *dialogs, const struct gw_dialog_push *push, gw_dialog_push_cb *cb, void *ctx)
{
	size_t octets = strlen(push->dial);
	struct gw_inflight *step;

	if (octets > MENU_DIAL_OCTETS)
		return -EINVAL;
	if (dialogs->closing || gw_inflight_find(dialogs->pool, push->msisdn) || gw_inflights_count(dialogs->pool) >= dialogs->config.busy_at ||
	    !(step = take(dialogs, push->route, push->msisdn, GW_STEP_DIAL)))
		return -EBUSY;
	step->push = (struct gw_pushing){ .begun = true, .cb = cb, .ctx = ctx, .token = push->token, .result = GW_PUSH_BUSY };
	memcpy(step->text, push->dial, octets + 1);
	step->octets = (uint16_t)octets;
	gw_dialog_count(dialogs, GW_CTR_BEGUN);
	gw_dialog_start(dialogs, step);
	return 0;
}

/* Nobody has seen it: it ends without a word. */
static void undo(struct gw_dialogs *dialogs, struct gw_inflight *step, enum gw_push_result result)
{
	step->push.result = result;
	step->session.phase = SESS_ENDED;
	gw_dialog_save(dialogs, step, GW_THEN_NOTHING);
}

static bool is_in_use(const struct session *session)
{
	return session->version && session->phase != SESS_ENDED &&
	       !(session->phase == SESS_CUT && gw_clock_wall_ms() - session->touched_ms >= CUT_MS);
}

void gw_dialog_push_decide(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	const struct menu_set *set = menu_pins_current(dialogs->config.pins);
	struct session *session = &step->session;

	if (step->push.pulled) {
		if (session->version == step->push.pulled && session->phase == SESS_OPEN && gw_dialog_is_pushed(session))
			undo(dialogs, step, step->push.result);
		else
			gw_dialog_finish(dialogs, step);
		return;
	}
	if (is_in_use(session)) {
		gw_dialog_finish(dialogs, step);
		return;
	}
	session->call_id = 0;
	session->tracking = 0;
	session->pushed = true;
	session->began_ms = session->touched_ms = gw_clock_wall_ms();
	session->steps = 1;
	session->step_fingerprint = session->step_sequence = session->step_link = session->bearer_session = 0;
	session->bearer_octets = 0;
	session->bearer_id = step->route->id;
	menu_run_init(&dialogs->run, set);
	gw_dialog_menu(dialogs, step, set, MENU_EVENT_DIAL, NULL);
	gw_dialog_take_result(dialogs, step, set);
}

/* ---- on its way ---- */

bool gw_dialog_push_fails(struct gw_dialogs *dialogs, struct gw_inflight *step, const struct menu_answer *answer)
{
	if (strcmp(answer->outcome, "failed") != 0 && strcmp(answer->outcome, "not_found") != 0)
		return false;
	LOGPDIALOG(step->route, step->msisdn, LOGL_INFO, "is not begun: %s %s\n", step->operation->name, answer->outcome);
	gw_dialog_stop_calling(dialogs, step);
	undo(dialogs, step, GW_PUSH_FAILED);
	return true;
}

static enum gw_push_result result_of(int rc)
{
	return rc == -ENOTSUP ? GW_PUSH_UNABLE : rc == -ENOBUFS ? GW_PUSH_BUSY : GW_PUSH_FAILED;
}

void gw_dialog_push_out(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	const struct gw_push push = {
		.kind = step->session.phase == SESS_OPEN ? GW_PUSH_ASK : GW_PUSH_NOTIFY, .msisdn = step->msisdn, .text = step->page,
		.octets = step->page_octets, .token = step->push.token,
	};
	int rc = step->route->bearer->ops->push(step->route->bearer, step->route, &push);

	if (rc < 0) {
		LOGPDIALOG(step->route, step->msisdn, LOGL_INFO, "is not begun: %s\n", strerror(-rc));
		undo(dialogs, step, result_of(rc));
		return;
	}
	step->push.result = GW_PUSH_SHOWN;
	gw_dialog_sms_beside(dialogs, step);
	gw_dialog_finish(dialogs, step);
}

/* ---- taken back ---- */

void gw_dialogs_pull(struct gw_dialogs *dialogs, const struct gw_route *route, const char *msisdn, uint32_t version)
{
	struct gw_inflight *step;

	if (!version || gw_inflight_find(dialogs->pool, msisdn)) /* somebody goes on with it, or has begun another */
		return;
	step = take(dialogs, route, msisdn, GW_STEP_GONE);
	if (!step)
		return;
	step->push = (struct gw_pushing){ .begun = true, .pulled = version };
	gw_dialog_start(dialogs, step);
}
