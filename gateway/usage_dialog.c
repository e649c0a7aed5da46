/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the steps of dialogs are counted as. A step is looked at twice: before and behind the menu's decision, which tells what it did; and
 * it counts when it is saved, so that one that is decided anew, or comes again, counts once. Who is asked of nothing but where he
 * stood and stands needs no memory of his own; that a use was finished, or had success, are two flags in the session. */
#include <string.h>

#include "gateway/usage_priv.h"

#define STEPS_PROVINCE "identity.province"   /* once it is proved; never guessed from the number */

static gw_usage_name name_of(struct gw_usage *usage, const char *text)
{
	return gw_usage_name_of(usage->cells, text);
}

void gw_usage_from(struct gw_usage *usage, struct gw_usage_step *step, const struct menu_run *run)
{
	const char *service, *screen;

	if (!usage)
		return;
	menu_run_at(run, &service, &screen);
	*step = (struct gw_usage_step){ .from_service = name_of(usage, service), .from_screen = name_of(usage, screen) };
}

static enum gw_usage_outcome outcome_of(const struct menu_answer *answer)
{
	static const struct { const char *name; enum gw_usage_outcome outcome; } rows[] = {
		{ "ok", GW_USAGE_SUCCESS }, { "not_found", GW_USAGE_NOT_FOUND }, { "failed", GW_USAGE_FAILED },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(answer->outcome, rows[i].name) == 0)
			return rows[i].outcome;
	return GW_USAGE_REFUSED;
}

/* True the first time in a use. */
static bool first(uint8_t *use, unsigned int flag)
{
	bool was = *use & flag;

	*use = (uint8_t)(*use | flag);
	return !was;
}

static void look_at_answer(struct gw_usage_step *step, const struct menu_answer *answer, uint8_t *use)
{
	step->called = true;
	step->outcome = outcome_of(answer);
	if (step->outcome == GW_USAGE_SUCCESS && !first(use, GW_USAGE_USE_SUCCESS))
		step->called = false;
}

void gw_usage_to(struct gw_usage *usage, struct gw_usage_step *step, const struct menu_run *run, enum menu_event_kind kind,
		 const struct menu_answer *answer, const struct menu_result *result, uint8_t *use)
{
	bool same, ok = answer && outcome_of(answer) == GW_USAGE_SUCCESS;

	if (!usage || kind == MENU_EVENT_AGAIN)
		return;
	step->pending = true;
	step->service = name_of(usage, result->service);
	step->screen = name_of(usage, result->screen);
	step->language = name_of(usage, result->language);
	same = step->service == step->from_service && kind != MENU_EVENT_DIAL;
	step->typed = kind == MENU_EVENT_INPUT;
	step->shown = result->verdict != MENU_CALL;
	step->wrong = result->wrong;
	if (answer) /* it is of the use in which it was asked for, wherever it leads */
		look_at_answer(step, answer, use);
	if (!same)
		*use = 0;
	step->begun = !same && step->service;
	if (step->service && (result->reading || (ok && step->shown && !result->wrong)) && first(use, GW_USAGE_USE_FINISHED))
		step->finished = true;
	step->visit = step->service && result->visit && first(use, GW_USAGE_USE_VISIT);
	if (step->begun || step->finished || step->called || step->visit)
		step->province = name_of(usage, menu_run_value(run, STEPS_PROVINCE));
}

static void count(struct gw_usage *usage, gw_usage_name route, const struct gw_usage_step *step, gw_usage_name service, enum gw_usage_outcome outcome)
{
	if (service)
		usage_add(usage, GW_USAGE_USES, (const gw_usage_name[]){ usage->name.ussd, route, service, usage->name.outcomes[outcome],
			  step->language, step->province }, 6, 1);
}

static void count_screen(struct gw_usage *usage, gw_usage_name service, gw_usage_name screen, gw_usage_name what)
{
	usage_add(usage, GW_USAGE_SCREENS, (const gw_usage_name[]){ service, screen, what }, 3, 1);
}

void gw_usage_saved(struct gw_usage *usage, const char *route, struct gw_usage_step *step)
{
	gw_usage_name operator;

	if (!usage || !step->pending)
		return;
	step->pending = false;
	operator = name_of(usage, route);
	if (step->typed)
		count_screen(usage, step->from_service, step->from_screen, usage->name.answered);
	if (step->called)
		count(usage, operator, step, step->from_service, step->outcome);
	if (step->begun)
		count(usage, operator, step, step->service, GW_USAGE_BEGUN);
	if (step->finished)
		count(usage, operator, step, step->service, GW_USAGE_FINISHED);
	if (step->visit)
		count(usage, operator, step, step->service, GW_USAGE_VISIT);
	if (step->wrong)
		count(usage, operator, step, step->service, GW_USAGE_WRONG);
	if (step->shown) {
		usage_add(usage, GW_USAGE_STEPS, (const gw_usage_name[]){ usage->name.ussd, step->service }, 2, 1);
		count_screen(usage, step->service, step->screen, usage->name.shown);
	}
	if (step->finished)
		count_screen(usage, step->service, step->screen, usage->name.read);
}

void gw_usage_became(struct gw_usage *usage, const char *route, const struct gw_usage_step *step, enum gw_usage_outcome outcome)
{
	if (usage)
		count(usage, name_of(usage, route), step, step->service, outcome);
}

void gw_usage_left(struct gw_usage *usage, const char *route, const struct menu_run *run, uint8_t use, enum gw_usage_outcome outcome)
{
	struct gw_usage_step step;

	if (!usage || use & GW_USAGE_USE_FINISHED)
		return;
	gw_usage_from(usage, &step, run);
	step.language = name_of(usage, menu_run_value(run, "language"));
	count(usage, name_of(usage, route), &step, step.from_service, outcome);
	if (step.from_service)
		count_screen(usage, step.from_service, step.from_screen, usage->name.outcomes[outcome]);
}

void gw_usage_answered(struct gw_usage *usage, const char *route, uint64_t us)
{
	gw_usage_name dims[3];

	if (!usage)
		return;
	dims[0] = usage->name.ussd;
	dims[1] = name_of(usage, route);
	usage_add_time(usage, GW_USAGE_ANSWERS, dims, 2, usage->name.times, gw_usage_times_ms, us / 1000);
}
