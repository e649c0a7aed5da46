/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See payment_decide.h. One function for each kind of event. */
#include "gateway/payment_decide.h"

#include <string.h>

#define ALREADY "already"        /* why: the bill was paid by another way */
#define TRIES_AGAIN 5            /* of an unsure one that the operators have sent back */

static const struct gw_payment_next again = { .act = GW_PAYMENT_LATER, .reference = "", .why = "" };

static struct gw_payment_next act(enum gw_payment_act what)
{
	return (struct gw_payment_next){ .act = what, .reference = "", .why = "" };
}

static struct gw_payment_next change(enum gw_payment_act what, enum gw_payment_state state, const char *reference, const char *why)
{
	return (struct gw_payment_next){ what, state, reference ? reference : "", why ? why : "", 0 };
}

/* Doubled each time, somewhere between a half and all of it: a crowd does not come back at once. */
static struct gw_payment_next later(const struct gw_payment_happened *happened, const struct gw_payment_settings *settings)
{
	unsigned int doublings = happened->attempt > 20 ? 20 : happened->attempt ? happened->attempt - 1 : 0;
	int64_t longest = settings->pause_min_ms << doublings;
	struct gw_payment_next next = again;

	if (longest > settings->pause_max_ms)
		longest = settings->pause_max_ms;
	next.pause_ms = longest / 2 + (int64_t)(happened->random % (uint32_t)(longest / 2 + 1));
	return next;
}

static int64_t age_ms(const json_t *record, int64_t now_ms)
{
	return now_ms - json_integer_value(json_object_get(record, "at"));
}

/* ---- events ---- */

static struct gw_payment_next on_taken(const json_t *record, const struct gw_payment_happened *happened, const struct gw_payment_settings *settings)
{
	enum gw_payment_state state = gw_payment_state(record);
	int64_t age = age_ms(record, happened->now_ms);
	struct gw_payment_next next = again;

	if (gw_payment_over(state))
		return act(GW_PAYMENT_DONE);
	if (state != GW_PAYMENT_OPEN)
		return act(GW_PAYMENT_DELETE);
	if (happened->held && age >= 0 && age < settings->call_ms) { /* a clock that went back holds nobody up */
		next.pause_ms = settings->call_ms - age;
		return next;
	}
	return act(GW_PAYMENT_GET);
}

/* The agency does not know it. For a while it may be paid again; then it is made sure that it never is. */
static struct gw_payment_next on_never(const json_t *record, const struct gw_payment_happened *happened, const struct gw_payment_settings *settings)
{
	if (gw_payment_state(record) != GW_PAYMENT_OPEN)
		return act(GW_PAYMENT_DELETE);
	return age_ms(record, happened->now_ms) < settings->void_after_ms ? act(GW_PAYMENT_PUT) : change(GW_PAYMENT_MARK, GW_PAYMENT_VOIDING, "", "");
}

static struct gw_payment_next on_silent(const json_t *record, const struct gw_payment_happened *happened, const struct gw_payment_settings *settings)
{
	enum gw_payment_state state = gw_payment_state(record);
	const char *why = gw_request_text(record, "why");
	int64_t age = age_ms(record, happened->now_ms);

	if (!happened->held)
		return again;
	if (state == GW_PAYMENT_OPEN && age >= settings->void_after_ms)
		return change(GW_PAYMENT_MARK, GW_PAYMENT_VOIDING, "", "");
	if (state == GW_PAYMENT_VOIDING && age >= settings->unsure_after_ms)
		return change(GW_PAYMENT_BURY, GW_PAYMENT_UNSURE, "", why);
	if (state == GW_PAYMENT_UNSURE && happened->attempt >= TRIES_AGAIN)
		return change(GW_PAYMENT_BURY, GW_PAYMENT_UNSURE, "", why);
	return later(happened, settings);
}

/* It will never be paid: because the bill was paid by another way, or because it took too long. */
static struct gw_payment_next on_void(const json_t *record)
{
	bool already = strcmp(gw_request_text(record, "why"), ALREADY) == 0;

	return change(GW_PAYMENT_SETTLE, already ? GW_PAYMENT_REFUSED : GW_PAYMENT_VOID, "", already ? ALREADY : "");
}

struct gw_payment_next gw_payment_decide(const json_t *record, const struct gw_payment_happened *happened, const struct gw_payment_settings *settings)
{
	if (gw_payment_over(gw_payment_state(record)))
		return act(GW_PAYMENT_DONE);
	switch (happened->event) {
	case GW_PAYMENT_BEGUN:
		return gw_payment_state(record) == GW_PAYMENT_OPEN ? act(GW_PAYMENT_PUT) : act(GW_PAYMENT_DELETE);
	case GW_PAYMENT_TAKEN:
		return on_taken(record, happened, settings);
	case GW_PAYMENT_PUT_PAID:
	case GW_PAYMENT_GET_PAID:
	case GW_PAYMENT_DELETE_PAID:
		return change(GW_PAYMENT_SETTLE, GW_PAYMENT_PAID, happened->reference, "");
	case GW_PAYMENT_PUT_REFUSED:
	case GW_PAYMENT_GET_REFUSED:
	case GW_PAYMENT_DELETE_REFUSED:
		return change(GW_PAYMENT_SETTLE, GW_PAYMENT_REFUSED, "", happened->why);
	case GW_PAYMENT_PUT_ALREADY:
		return change(GW_PAYMENT_MARK, GW_PAYMENT_VOIDING, "", ALREADY);
	case GW_PAYMENT_GET_VOID:
	case GW_PAYMENT_DELETE_VOID:
		return on_void(record);
	case GW_PAYMENT_GET_NEVER:
		return on_never(record, happened, settings);
	default:
		return on_silent(record, happened, settings);
	}
}
