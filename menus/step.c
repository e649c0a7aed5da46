/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The engine: one event moves a place to the next point where somebody else is waited for, and shows it.
 *
 *   act      one function for each event changes the place (and only they do)
 *   parts    what a dial string still holds is typed for the citizen, until it fails or runs out
 *   show     the place becomes a page, a call or an end
 *
 * Moving on follows screens that nobody waits at (branch, sms, a call that cannot be made) as far as they lead; flow and loop
 * checks at load prove that this ends, and a bound on the hops holds even if they were wrong. Nothing is allocated. */
#include "menus/step.h"

#include <stdio.h>
#include <string.h>

#include "menus/proof.h"
#include "menus/screen.h"
#include "menus/step_priv.h"
#include "menus/unicode.h"

#define TYPED_OCTETS 1024

/* --- moving --- */

bool menu_step_is_secret(const struct menu_place *place, uint16_t var, const void *arg)
{
	(void)arg;
	return menu_place_service(place)->vars[var].secret;
}

static bool is_of_service(const struct menu_place *place, uint16_t var, const void *arg)
{
	enum menu_var_kind kind = menu_place_service(place)->vars[var].kind;
	(void)arg;
	return (var >= MENU_VARS_BUILTIN && kind != MENU_VAR_PROVED) || var == MENU_VAR_AS_OF;
}

/* Stands on this screen; another service begins with nothing known. */
static void stand(struct step *s, uint16_t screen)
{
	if (s->set->screens[screen].service != menu_place_screen(s->place)->service) {
		menu_place_drop_if(s->place, is_of_service, NULL);
		s->place->ladder.held = 0;
		s->place->ladder.held_business = s->place->ladder.resumed = false;
	}
	s->place->screen = screen;
	s->place->page = s->place->tries = 0;
}

static void push(struct menu_place *p)
{
	if (p->depth == MENU_BACK_MAX) { /* the first page stays at the bottom, what came after it is forgotten */
		memmove(&p->back[1], &p->back[2], (MENU_BACK_MAX - 2) * sizeof(p->back[0]));
		p->depth--;
	}
	p->back[p->depth++] = (struct menu_back){ p->screen, p->page };
}

/* Waits on this screen. Where the citizen has been here before, it is a return: what came since is forgotten. */
static void wait_here(struct step *s)
{
	struct menu_place *p = s->place;
	uint8_t i;
	for (i = 0; i < p->depth; i++)
		if (p->back[i].screen == p->screen)
			p->depth = i;
	p->state = MENU_ST_WAIT;
}

void menu_step_end(struct step *s, enum menu_state state)
{
	s->place->state = state;
	s->place->resuming = false;
	menu_place_drop(s->place, MENU_VAR_PARTS, 0);
	menu_place_drop_if(s->place, menu_step_is_secret, NULL);
}

uint16_t menu_step_outcome(const struct menu_screen *call, const char *outcome)
{
	size_t i;
	for (i = 0; i < call->n_outcomes; i++)
		if (strcmp(call->outcomes[i].name, outcome) == 0)
			return call->outcomes[i].go;
	return call->fallback;
}

static bool inputs_are_there(const struct step *s, const struct menu_screen *call)
{
	const struct menu_view view = view_of(s);
	size_t i;
	for (i = 0; i < call->n_operands; i++) {
		const char *value = call->operands[i].literal ? call->operands[i].literal : menu_view_value(&view, call->operands[i].var);
		if (!value || value[0] == '\0')
			return false;
	}
	return true;
}

static void apply_settings(struct step *s, const struct menu_option *option)
{
	size_t i;
	for (i = 0; i < option->n_settings; i++)
		menu_place_set(s->place, option->settings[i].var, 0, option->settings[i].value, strlen(option->settings[i].value));
}

/* The kinds that nobody waits at: each tells the next screen; MENU_NONE: there is none, we wait or end here. */

static uint16_t pass_call(struct step *s, const struct menu_screen *screen)
{
	if (!inputs_are_there(s, screen))
		return menu_step_outcome(screen, "failed");
	s->place->state = MENU_ST_CALL;
	return MENU_NONE;
}

static uint16_t pass_branch(struct step *s, const struct menu_screen *screen)
{
	const struct menu_view view = view_of(s);
	size_t i;
	for (i = 0; i < screen->n_options; i++)
		if (menu_condition_holds(&screen->options[i].when, &view)) {
			apply_settings(s, &screen->options[i]);
			return screen->options[i].go;
		}
	return MENU_NONE;
}

static uint16_t pass_sms(struct step *s, const struct menu_screen *screen)
{
	const struct menu_view view = view_of(s);
	struct menu_result *r = s->result;
	if (r->sms_octets && r->sms_octets < MENU_PAGE_OCTETS)
		r->sms[r->sms_octets++] = '\n';
	r->sms_octets += menu_template_render(&screen->text.in[s->place->language], &view, r->sms + r->sms_octets,
	                                      sizeof(r->sms) - r->sms_octets);
	return screen->go;
}

static uint16_t pass_list(struct step *s, const struct menu_screen *screen)
{
	if (menu_place_rows(s->place, screen->columns, screen->n_columns) == 0)
		return screen->other;
	wait_here(s);
	return MENU_NONE;
}

static uint16_t pass_end(struct step *s, const struct menu_screen *screen)
{
	(void)screen;
	menu_step_end(s, MENU_ST_END);
	return MENU_NONE;
}

static uint16_t pass_wait(struct step *s, const struct menu_screen *screen)
{
	(void)screen;
	wait_here(s);
	return MENU_NONE;
}

static uint16_t (*const pass[MENU_SCREEN_KINDS])(struct step *, const struct menu_screen *) = {
	[MENU_SCREEN_PAGE] = pass_wait,     [MENU_SCREEN_ASK] = pass_wait,   [MENU_SCREEN_LIST] = pass_list,
	[MENU_SCREEN_LANGUAGE] = pass_wait, [MENU_SCREEN_CONFIRM] = pass_wait, [MENU_SCREEN_CALL] = pass_call,
	[MENU_SCREEN_BRANCH] = pass_branch, [MENU_SCREEN_SMS] = pass_sms,    [MENU_SCREEN_END] = pass_end,
};

/* False: it wants a proof first. What becomes of a screen that may be entered is held under what it wanted. */
static bool may_enter(struct step *s, const struct menu_screen *screen)
{
	struct menu_ladder *l = &s->place->ladder;
	if (!screen->requires && !l->resumed)
		return true;
	if (menu_proof_lacks(s->place, screen)) {
		menu_step_prove(s);
		return false;
	}
	l->held = screen->requires > l->held ? screen->requires : l->held;
	l->held_business = l->held_business || screen->business;
	l->resumed = false;
	return true;
}

/* On to this screen and as far as it leads without anybody. */
void menu_step_follow(struct step *s, uint16_t to)
{
	size_t hops;
	s->place->state = MENU_ST_START; /* until somebody is waited for */
	for (hops = 0; to != MENU_NONE && hops <= s->set->n_screens; hops++) {
		stand(s, to);
		if (!may_enter(s, &s->set->screens[to]))
			return;
		to = pass[s->set->screens[to].kind](s, &s->set->screens[to]);
	}
	if (s->place->state == MENU_ST_START || to != MENU_NONE)
		menu_step_end(s, MENU_ST_LATER);
}

/* Forward from a screen where the citizen has answered. */
void menu_step_forward(struct step *s, uint16_t to)
{
	push(s->place);
	menu_step_follow(s, to);
}

void menu_step_home(struct step *s)
{
	s->place->depth = 0;
	s->place->resuming = false;
	menu_step_follow(s, s->set->root);
}

void menu_step_back(struct step *s)
{
	struct menu_back back;
	if (s->place->depth == 0) {
		menu_step_end(s, MENU_ST_GOODBYE);
		return;
	}
	back = s->place->back[--s->place->depth];
	menu_step_follow(s, back.screen);
	s->place->page = back.page;
}

static void turn_page(struct step *s)
{
	s->place->page++;
	s->result->again = true;
}

/* --- what was typed --- */

static void refuse(struct step *s, const char *hint)
{
	struct menu_place *p = s->place;
	s->result->again = true;
	s->hint = hint;
	if (++p->tries >= menu_place_screen(p)->tries)
		menu_step_end(s, MENU_ST_TRIES);
}

static void answer_page(struct step *s, const struct menu_screen *screen, int choice)
{
	apply_settings(s, &screen->options[choice]);
	menu_step_forward(s, screen->options[choice].go);
}

static void answer_list(struct step *s, const struct menu_screen *screen, int choice)
{
	struct menu_place *p = s->place;
	char value[MENU_OPERATION_VALUE_OCTETS + 1];
	size_t i, octets, rows = menu_place_rows(p, screen->columns, screen->n_columns);
	if ((size_t)choice >= rows) { /* an option behind the rows */
		answer_page(s, screen, choice - (int)rows);
		return;
	}
	for (i = 0; i < screen->n_columns; i++) {
		const char *cell;
		menu_place_drop(p, screen->columns[i].item, 0);
		cell = menu_place_value(p, screen->columns[i].column, (unsigned int)choice);
		if (!cell)
			continue;
		octets = strnlen(cell, sizeof(value) - 1);
		memcpy(value, cell, octets); /* setting moves the values, the cell among them */
		if (!menu_place_set(p, screen->columns[i].item, 0, value, octets)) {
			menu_step_end(s, MENU_ST_LATER);
			return;
		}
	}
	menu_step_forward(s, screen->go);
}

static void answer_language(struct step *s, const struct menu_screen *screen, int choice)
{
	s->place->language = s->set->languages[choice];
	s->result->language_chosen = true;
	if (screen->go == MENU_NONE || screen->go == s->set->root)
		menu_step_home(s);
	else
		menu_step_forward(s, screen->go);
}

static void answer_confirm(struct step *s, const struct menu_screen *screen, int choice)
{
	if (choice == 0)
		menu_step_forward(s, screen->go);
	else if (screen->other != MENU_NONE)
		menu_step_forward(s, screen->other);
	else
		menu_step_back(s);
}

static void answer_resume(struct step *s, int choice)
{
	struct menu_place *p = s->place;
	char dial[MENU_DIAL_OCTETS + 1] = "";
	const char *stored = menu_place_value(p, MENU_VAR_DIAL, 0);

	snprintf(dial, sizeof(dial), "%s", stored ? stored : "");
	p->resuming = false;
	p->tries = 0;
	menu_place_drop(p, MENU_VAR_DIAL, 0);
	if (choice == 1)
		menu_step_dial(s, dial, strlen(dial));
	else if (p->state == MENU_ST_CALL && !menu_place_screen(p)->operation->safe)
		menu_step_back(s); /* it may have been done: the citizen confirms anew */
	else if (p->state == MENU_ST_CALL && menu_proof_lacks(p, menu_place_screen(p)))
		menu_step_prove(s);
}

static void answer_choice(struct step *s, const char *typed)
{
	static void (*const answer[MENU_SCREEN_KINDS])(struct step *, const struct menu_screen *, int) = {
		[MENU_SCREEN_PAGE] = answer_page, [MENU_SCREEN_LIST] = answer_list,
		[MENU_SCREEN_LANGUAGE] = answer_language, [MENU_SCREEN_CONFIRM] = answer_confirm,
	};
	int choice = menu_screen_choice(s->place, s->medium, typed);
	if (choice < 0)
		refuse(s, phrase(s, MENU_PHRASE_WRONG_CHOICE));
	else if (s->place->resuming)
		answer_resume(s, choice);
	else
		answer[menu_place_screen(s->place)->kind](s, menu_place_screen(s->place), choice);
}

/* What the check made of the input: the amount of a payment ID. What it did not make this time is not known any more. */
static bool take_facts(struct step *s, const struct menu_screen *screen, const struct menu_input_result *checked)
{
	size_t i, k;
	for (i = 0; i < sizeof(screen->facts) / sizeof(screen->facts[0]) && screen->check->facts[i]; i++) {
		menu_place_drop(s->place, screen->facts[i], 0);
		for (k = 0; k < checked->n_facts; k++)
			if (strcmp(checked->facts[k].name, screen->check->facts[i]) == 0 &&
			    !menu_place_set(s->place, screen->facts[i], 0, checked->facts[k].value, strlen(checked->facts[k].value)))
				return false;
	}
	return true;
}

static void answer_ask(struct step *s, const struct menu_screen *screen, const char *text, size_t octets)
{
	struct menu_input_with with[8];
	const struct menu_view view = view_of(s);
	struct menu_input_result checked;
	size_t i, n = 0;

	for (i = 0; i < screen->n_operands && n < sizeof(with) / sizeof(with[0]); i++) {
		const struct menu_operand *o = &screen->operands[i];
		const char *value = o->literal ? o->literal : menu_view_value(&view, o->var);
		if (value)
			with[n++] = (struct menu_input_with){ o->name, value };
	}
	menu_input_check(screen->check, text, octets, with, n, &checked);
	if (!checked.ok) {
		snprintf(s->reason, sizeof(s->reason), "%s", s->place->language == 0 ? checked.reason_fa : checked.reason_en);
		refuse(s, s->reason);
	} else if (!menu_place_set(s->place, screen->into, 0, checked.normal, strlen(checked.normal)) || !take_facts(s, screen, &checked)) {
		menu_step_end(s, MENU_ST_LATER);
	} else {
		menu_step_forward(s, screen->go);
	}
	if (screen->secret)
		explicit_bzero(&checked, sizeof(checked));
}

/* What was typed in one form. ASCII, which nearly all of it is, needs no ICU. */
static void fold(const char *text, size_t octets, char *out, size_t cap)
{
	size_t i;
	for (i = 0; i < octets && (unsigned char)text[i] < 0x80; i++)
		;
	if (i < octets) {
		if (menu_unicode_fold(text, octets, out, cap) < 0)
			out[0] = '\0';
		return;
	}
	while (octets && (unsigned char)text[octets - 1] <= ' ')
		octets--;
	for (; octets && (unsigned char)text[0] <= ' '; octets--)
		text++;
	if (octets > 1 && text[octets - 1] == '#') /* some send it behind everything */
		octets--;
	if (octets > cap - 1)
		octets = cap - 1;
	memcpy(out, text, octets);
	out[octets] = '\0';
}

/* True if it was a key of navigation. */
static bool navigate(struct step *s, const char *typed)
{
	const char *const *keys = s->set->keys;
	if (strcmp(typed, keys[MENU_KEY_BACK]) == 0)
		s->place->resuming ? menu_step_end(s, MENU_ST_GOODBYE) : menu_step_back(s);
	else if (strcmp(typed, keys[MENU_KEY_HOME]) == 0)
		menu_step_home(s);
	else if (strcmp(typed, keys[MENU_KEY_MORE]) == 0 && menu_screen_has_more(s->place, s->medium))
		turn_page(s);
	else
		return false;
	return true;
}

void menu_step_typed(struct step *s, const char *text, size_t octets, bool by_citizen)
{
	const struct menu_screen *screen = menu_place_screen(s->place);
	char typed[TYPED_OCTETS];

	fold(text, octets, typed, sizeof(typed));
	if (s->place->state == MENU_ST_PROOF && !s->place->resuming) {
		menu_step_proof_input(s, text, octets, typed);
		return;
	}
	if (by_citizen && navigate(s, typed))
		return;
	if (typed[0] == '\0')
		refuse(s, phrase(s, MENU_PHRASE_EMPTY));
	else if (!s->place->resuming && menu_proof_lacks(s->place, screen))
		menu_step_prove(s); /* its proof has aged: what is typed at it does not count before it is renewed */
	else if (screen->kind == MENU_SCREEN_ASK && !s->place->resuming)
		answer_ask(s, screen, text, octets);
	else
		answer_choice(s, typed);
}

/* An end screen may have pages; whatever is typed behind the last one, or but "more", is the goodbye. */
static void typed_at_end(struct step *s)
{
	char typed[TYPED_OCTETS];
	fold(s->event->text, s->event->octets, typed, sizeof(typed));
	if (strcmp(typed, s->set->keys[MENU_KEY_MORE]) == 0 && menu_screen_has_more(s->place, s->medium))
		turn_page(s);
	else
		menu_step_end(s, MENU_ST_GOODBYE);
}

static void act_input(struct step *s)
{
	switch (s->place->state) {
	case MENU_ST_START:
		menu_step_home(s);
		break;
	case MENU_ST_WAIT:
	case MENU_ST_PROOF:
		menu_step_typed(s, s->event->text, s->event->octets, true);
		break;
	case MENU_ST_CALL:
		if (s->place->resuming)
			menu_step_typed(s, s->event->text, s->event->octets, true);
		else
			s->result->again = true;
		break;
	case MENU_ST_END:
		typed_at_end(s);
		break;
	default:
		break;
	}
}

/* --- showing --- */

static void show_phrase(struct step *s, enum menu_phrase which)
{
	struct menu_result *r = s->result;
	r->verdict = MENU_END;
	r->octets = strlen(phrase(s, which));
	memcpy(r->text, phrase(s, which), r->octets + 1);
}

void menu_run_attend(struct menu_run *run, const struct menu_medium *medium)
{
	struct menu_place *p = menu_place_of(run);

	snprintf(p->msisdn, sizeof(p->msisdn), "%s", medium->msisdn ? medium->msisdn : "");
	snprintf(p->now, sizeof(p->now), "%lld", (long long)(medium->now_ms / 1000));
}

static void show_call(struct step *s)
{
	struct menu_result *r = s->result;
	r->verdict = MENU_CALL;
	r->operation = menu_place_screen(s->place)->operation;
	menu_run_attend(s->run, s->medium);
}

/* Nothing is offered but the ways back: it is this page that the citizen came for. */
static bool is_for_reading(const struct menu_place *p)
{
	const struct menu_screen *screen = menu_place_screen(p);
	return !p->resuming && (screen->kind == MENU_SCREEN_END || (screen->kind == MENU_SCREEN_PAGE && screen->n_options == 0));
}

static void show_screen(struct step *s)
{
	struct menu_result *r = s->result;
	bool more;
	r->reading = is_for_reading(s->place);
	r->visit = !s->place->resuming && menu_place_screen(s->place)->visit;
	if (s->event->kind == MENU_EVENT_ANSWER && s->event->late) {
		menu_screen_whole(s->place, s->medium, r);
		r->verdict = MENU_END;
		return;
	}
	more = menu_screen_show(s->place, s->medium, s->hint, r);
	r->verdict = s->place->state == MENU_ST_END && !more ? MENU_END : MENU_SHOW;
	r->secret = r->verdict == MENU_SHOW && menu_place_screen(s->place)->secret && !s->place->resuming;
}

/* A late answer ended before a proof: who holds the phone when the text comes is not known. */
static void show_proof(struct step *s)
{
	if (s->place->resuming)
		show_screen(s);
	else if (s->event->kind == MENU_EVENT_ANSWER && s->event->late)
		show_phrase(s, MENU_PHRASE_DIAL_TO_GO_ON);
	else
		menu_step_proof_show(s);
}

static void show(struct step *s)
{
	const struct menu_place *p = s->place;
	s->result->service = menu_place_service(p)->name;
	s->result->screen = menu_place_screen(p)->name;
	s->result->language = menu_languages[p->language].code;
	switch (p->state) {
	case MENU_ST_CALL:
		p->resuming ? show_screen(s) : show_call(s);
		break;
	case MENU_ST_WAIT:
	case MENU_ST_END:
		show_screen(s);
		break;
	case MENU_ST_PROOF:
		show_proof(s);
		break;
	case MENU_ST_TRIES:
		s->result->wrong = true;
		show_phrase(s, MENU_PHRASE_TOO_MANY_TRIES);
		break;
	case MENU_ST_LATER:
		show_phrase(s, MENU_PHRASE_TRY_AGAIN);
		break;
	default:
		show_phrase(s, MENU_PHRASE_GOODBYE);
	}
}

/* Whatever led here: what is not proved (any more) is not shown. */
static void guard(struct step *s)
{
	const struct menu_place *p = s->place;
	if ((p->state == MENU_ST_WAIT || p->state == MENU_ST_END) && !p->resuming && menu_proof_lacks(p, menu_place_screen(p)))
		menu_step_prove(s);
}

static void act(struct step *s)
{
	switch (s->event->kind) {
	case MENU_EVENT_DIAL:
		menu_step_dial(s, s->event->text, s->event->octets);
		break;
	case MENU_EVENT_INPUT:
		act_input(s);
		break;
	case MENU_EVENT_ANSWER:
		menu_step_answer(s);
		break;
	case MENU_EVENT_RESUME:
		menu_step_resume(s);
		break;
	case MENU_EVENT_AGAIN:
		s->result->again = true;
		if (s->place->state == MENU_ST_START)
			menu_step_home(s);
		break;
	}
}

static void clear(struct menu_result *r)
{
	memset(r, 0, offsetof(struct menu_result, text)); /* not the two texts: they are large */
	r->text[0] = r->sms[0] = '\0';
	r->service = r->screen = r->language = "";
}

void menu_step(struct menu_run *run, const struct menu_set *set, const struct menu_medium *medium, const struct menu_event *event,
               struct menu_result *result)
{
	struct step s = { .run = run, .place = menu_place_of(run), .set = set, .medium = medium, .event = event, .result = result };

	s.reason[0] = '\0';
	clear(result);
	menu_step_proof_age(&s);
	act(&s);
	menu_step_parts(&s);
	guard(&s);
	snprintf(s.place->msisdn, sizeof(s.place->msisdn), "%s", medium->msisdn ? medium->msisdn : "");
	show(&s);
}
