/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* `show session MSISDN`: where one citizen's dialog stands, for the operator who has that citizen on the telephone. It tells
 * the phase, the ages and the menu's version; never what was shown or typed, and the number only masked.
 *
 * The store may have to ask Redis (vty_question.h). */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "gateway/gateway.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "gateway/vty_priv.h"
#include "gateway/vty_question.h"

struct lookup {
	struct gw_vty_question question;
	char msisdn[SESS_ID_MAX + 1];
};

static const char *const phases[] = {
	[SESS_OPEN] = "open: the citizen has a page and may answer",
	[SESS_WAITING] = "waiting for an agency",
	[SESS_LATE] = "ended with a tracking code; the answer will go out by SMS",
	[SESS_ENDED] = "ended",
	[SESS_CUT] = "cut in the middle; a new dial may go on",
};
static_assert(ARRAY_SIZE(phases) == SESS_CUT + 1, "every phase has a text");

static int64_t seconds_since(int64_t then_ms)
{
	return (gw_clock_wall_ms() - then_ms) / 1000;
}

static void print_session(struct vty *vty, const struct gw *gw, const char *msisdn, const struct session *session)
{
	const struct gw_route *route = gw_find_route(gw, session->bearer_id);

	gw_vty_line(vty, "%s at %s: %s", gw_log_mask(msisdn), route ? route->name : "an operator that is not configured here",
		    (unsigned int)session->phase < ARRAY_SIZE(phases) ? phases[session->phase] : "?");
	gw_vty_line(vty, "  began %" PRId64 " s ago, last step %" PRId64 " s ago, %u steps, version %u of the session",
		    seconds_since(session->began_ms), seconds_since(session->touched_ms), session->steps, session->version);
	gw_vty_line(vty, "  menu version %016" PRIx64 "%s; it takes %u octets", session->menu_version,
		    menu_pins_find(gw->pins, session->menu_version) ? "" : " (not in memory)", session->place_octets + session->bearer_octets);
	if (session->tracking)
		gw_vty_line(vty, "  tracking code %u", session->tracking);
}

static void on_loaded(void *ctx, uint64_t token, enum sess_store_result result, const struct session *session)
{
	struct lookup *lookup = gw_vty_question_at(token);

	if (!lookup)
		return;
	if (result == SESS_STORE_OK)
		print_session(lookup->question.vty, ctx, lookup->msisdn, session);
	else
		gw_vty_line(lookup->question.vty, "%% %s: %s", gw_log_mask(lookup->msisdn),
			    result == SESS_STORE_NONE ? "there is no session" : "the session store does not answer");
	gw_vty_question_end(lookup);
}

static bool is_number(const char *text)
{
	size_t n = strspn(text, "0123456789");

	return n && n <= GW_MSISDN_MAX && text[n] == '\0';
}

void gw_vty_show_session(struct vty *vty, struct gw *gw, const char *argument)
{
	const char *msisdn = argument[0] == '+' ? argument + 1 : argument;
	const struct session *session;
	struct lookup *lookup;

	if (!is_number(msisdn)) {
		gw_vty_line(vty, "%% a number is at most %d digits, with its country code", GW_MSISDN_MAX);
		return;
	}
	session = sess_store_cached(gw->store, msisdn);
	if (session) {
		gw_vty_line(vty, "as this process saved it last:");
		print_session(vty, gw, msisdn, session);
		return;
	}
	lookup = gw_vty_question_alloc(vty, sizeof(*lookup));
	osmo_strlcpy(lookup->msisdn, msisdn, sizeof(lookup->msisdn));
	sess_store_load(gw->store, msisdn, on_loaded, gw, lookup->question.token);
}
