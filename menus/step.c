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

#include "menus/place.h"
#include "menus/screen.h"
#include "menus/template.h"
#include "menus/unicode.h"
#include "menus/utf8.h"

#define TYPED_OCTETS 1024

struct step {
	struct menu_run *run;
	struct menu_place *place;
	const struct menu_set *set;
	const struct menu_medium *medium;
	const struct menu_event *event;
	struct menu_result *result;
	const char *hint;                  /* above the page; points into the menu, or to reason */
	char reason[192];
};

static void act_dial(struct step *s, const char *text, size_t octets);

static struct menu_view view_of(const struct step *s)
{
	return (struct menu_view){ s->place, s->medium, NULL, 0 };
}

static const char *phrase(const struct step *s, enum menu_phrase which)
{
	return s->set->phrases[which][s->place->language];
}

/* --- moving --- */

static bool is_secret(const struct menu_place *place, uint16_t var, const void *arg)
{
	(void)arg;
	return menu_place_service(place)->vars[var].secret;
}

static bool is_of_service(const struct menu_place *place, uint16_t var, const void *arg)
{
	(void)place;
	(void)arg;
	return var >= MENU_VARS_BUILTIN || var == MENU_VAR_AS_OF;
}

/* Stands on this screen; another service begins with nothing known. */
static void stand(struct step *s, uint16_t screen)
{
	if (s->set->screens[screen].service != menu_place_screen(s->place)->service)
		menu_place_drop_if(s->place, is_of_service, NULL);
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

static void end_with(struct step *s, enum menu_state state)
{
	s->place->state = state;
	s->place->resuming = false;
	menu_place_drop(s->place, MENU_VAR_PARTS, 0);
	menu_place_drop_if(s->place, is_secret, NULL);
}

static uint16_t outcome_go(const struct menu_screen *call, const char *outcome)
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
		return outcome_go(screen, "failed");
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
	end_with(s, MENU_ST_END);
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

/* On to this screen and as far as it leads without anybody. */
static void follow(struct step *s, uint16_t to)
{
	size_t hops;
	s->place->state = MENU_ST_START; /* until somebody is waited for */
	for (hops = 0; to != MENU_NONE && hops <= s->set->n_screens; hops++) {
		stand(s, to);
		to = pass[s->set->screens[to].kind](s, &s->set->screens[to]);
	}
	if (s->place->state == MENU_ST_START || to != MENU_NONE)
		end_with(s, MENU_ST_LATER);
}

/* Forward from a screen where the citizen has answered. */
static void forward(struct step *s, uint16_t to)
{
	push(s->place);
	follow(s, to);
}

static void go_home(struct step *s)
{
	s->place->depth = 0;
	s->place->resuming = false;
	follow(s, s->set->root);
}

static void go_back(struct step *s)
{
	struct menu_back back;
	if (s->place->depth == 0) {
		end_with(s, MENU_ST_GOODBYE);
		return;
	}
	back = s->place->back[--s->place->depth];
	follow(s, back.screen);
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
		end_with(s, MENU_ST_TRIES);
}

static void answer_page(struct step *s, const struct menu_screen *screen, int choice)
{
	apply_settings(s, &screen->options[choice]);
	forward(s, screen->options[choice].go);
}

static void answer_list(struct step *s, const struct menu_screen *screen, int choice)
{
	struct menu_place *p = s->place;
	char value[MENU_OPERATION_VALUE_OCTETS + 1];
	size_t i, octets;
	for (i = 0; i < screen->n_columns; i++) {
		const char *cell;
		menu_place_drop(p, screen->columns[i].item, 0);
		cell = menu_place_value(p, screen->columns[i].column, (unsigned int)choice);
		if (!cell)
			continue;
		octets = strnlen(cell, sizeof(value) - 1);
		memcpy(value, cell, octets); /* setting moves the values, the cell among them */
		if (!menu_place_set(p, screen->columns[i].item, 0, value, octets)) {
			end_with(s, MENU_ST_LATER);
			return;
		}
	}
	forward(s, screen->go);
}

static void answer_language(struct step *s, const struct menu_screen *screen, int choice)
{
	s->place->language = s->set->languages[choice];
	s->result->language_chosen = true;
	if (screen->go == MENU_NONE || screen->go == s->set->root)
		go_home(s);
	else
		forward(s, screen->go);
}

static void answer_confirm(struct step *s, const struct menu_screen *screen, int choice)
{
	if (choice == 0)
		forward(s, screen->go);
	else if (screen->other != MENU_NONE)
		forward(s, screen->other);
	else
		go_back(s);
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
		act_dial(s, dial, strlen(dial));
	else if (p->state == MENU_ST_CALL && !menu_place_screen(p)->operation->safe)
		go_back(s); /* it may have been done: the citizen confirms anew */
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
		end_with(s, MENU_ST_LATER);
	} else {
		forward(s, screen->go);
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
		s->place->resuming ? end_with(s, MENU_ST_GOODBYE) : go_back(s);
	else if (strcmp(typed, keys[MENU_KEY_HOME]) == 0)
		go_home(s);
	else if (strcmp(typed, keys[MENU_KEY_MORE]) == 0 && menu_screen_has_more(s->place, s->medium))
		turn_page(s);
	else
		return false;
	return true;
}

static void typed_at_screen(struct step *s, const char *text, size_t octets, bool by_citizen)
{
	const struct menu_screen *screen = menu_place_screen(s->place);
	char typed[TYPED_OCTETS];

	fold(text, octets, typed, sizeof(typed));
	if (by_citizen && navigate(s, typed))
		return;
	if (typed[0] == '\0')
		refuse(s, phrase(s, MENU_PHRASE_EMPTY));
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
		end_with(s, MENU_ST_GOODBYE);
}

static void act_input(struct step *s)
{
	switch (s->place->state) {
	case MENU_ST_START:
		go_home(s);
		break;
	case MENU_ST_WAIT:
		typed_at_screen(s, s->event->text, s->event->octets, true);
		break;
	case MENU_ST_CALL:
		if (s->place->resuming)
			typed_at_screen(s, s->event->text, s->event->octets, true);
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

/* --- dialling --- */

/* What stands behind the longest code that begins the dial string: "#", "*2020#", "*2020*77...#"; NULL: none of ours. */
static const char *behind_code(const struct menu_set *set, const char *dial)
{
	size_t i, n, best = 0;
	for (i = 0; i < set->n_codes; i++) {
		n = strlen(set->codes[i]);
		if (n > best && strncmp(dial, set->codes[i], n) == 0 && (dial[n] == '*' || dial[n] == '#'))
			best = n;
	}
	return best ? dial + best : NULL;
}

static const struct menu_service *service_of_dial(const struct menu_set *set, const char *digits, size_t octets)
{
	size_t i;
	for (i = 1; i < set->n_services; i++) {
		const char *dial = set->services[i].dial;
		if (dial && strlen(dial) == octets && memcmp(dial, digits, octets) == 0)
			return &set->services[i];
	}
	return NULL;
}

static void start_at_root(struct step *s, bool greet, const char *hint)
{
	bool known = s->medium->language && s->medium->language[0];
	s->hint = hint;
	follow(s, greet && !known && s->set->greeting != MENU_NONE ? s->set->greeting : s->set->root);
}

static void set_language(struct step *s)
{
	int language = s->medium->language ? menu_language_find(s->medium->language) : -1;
	size_t i;
	for (i = 0; i < s->set->n_languages; i++)
		if (s->set->languages[i] == language)
			s->place->language = (uint8_t)language;
}

static void act_dial(struct step *s, const char *text, size_t octets)
{
	char dial[MENU_DIAL_OCTETS + 1];
	const struct menu_service *service;
	const char *rest;
	size_t part;

	menu_run_init(s->run, s->set);
	set_language(s);
	octets = octets < sizeof(dial) - 1 ? octets : sizeof(dial) - 1;
	memcpy(dial, text, octets);
	dial[octets] = '\0';
	rest = behind_code(s->set, dial);
	if (!rest || *rest == '#') {
		start_at_root(s, rest, rest || octets == 0 ? NULL : phrase(s, MENU_PHRASE_UNKNOWN_CODE));
		return;
	}
	part = strcspn(rest + 1, "*#");
	service = service_of_dial(s->set, rest + 1, part);
	if (!service) {
		start_at_root(s, false, phrase(s, MENU_PHRASE_UNKNOWN_CODE));
		return;
	}
	rest += 1 + part;
	if (rest[0] == '*')
		menu_place_set(s->place, MENU_VAR_PARTS, 0, rest + 1, strlen(rest + 1));
	forward(s, service->start);
}

/* Takes the next part of the dial string; octets, 0: none is left. */
static size_t take_part(struct menu_place *p, char *out)
{
	char rest[MENU_DIAL_OCTETS + 1];
	const char *parts = menu_place_value(p, MENU_VAR_PARTS, 0);
	size_t octets, part;
	if (!parts)
		return 0;
	octets = strnlen(parts, sizeof(rest) - 1);
	memcpy(rest, parts, octets);
	rest[octets] = '\0';
	part = strcspn(rest, "*#");
	memcpy(out, rest, part);
	menu_place_drop(p, MENU_VAR_PARTS, 0);
	if (rest[part] == '*')
		menu_place_set(p, MENU_VAR_PARTS, 0, rest + part + 1, octets - part - 1);
	return part;
}

/* Types what the dial string still holds. A secret or a consent never comes from a dial string: phones keep those. */
static void type_parts(struct step *s)
{
	char part[MENU_DIAL_OCTETS + 1];
	size_t octets;
	while (s->place->state == MENU_ST_WAIT && !s->place->resuming && menu_place_value(s->place, MENU_VAR_PARTS, 0)) {
		const struct menu_screen *screen = menu_place_screen(s->place);
		octets = screen->secret || screen->kind == MENU_SCREEN_CONFIRM ? 0 : take_part(s->place, part);
		if (octets)
			typed_at_screen(s, part, octets, false);
		if (octets == 0 || s->hint)
			menu_place_drop(s->place, MENU_VAR_PARTS, 0);
	}
}

/* A dial of the first page, or of the service in which the dialog broke: who dials something else wants that. */
static bool dials_here(const struct step *s)
{
	char dial[MENU_DIAL_OCTETS + 1];
	const char *rest;
	size_t part;

	if (s->event->octets >= sizeof(dial))
		return false;
	memcpy(dial, s->event->text, s->event->octets);
	dial[s->event->octets] = '\0';
	rest = behind_code(s->set, dial);
	if (!rest || *rest == '#')
		return rest != NULL;
	part = strcspn(rest + 1, "*#");
	return rest[1 + part] == '#' && service_of_dial(s->set, rest + 1, part) == menu_place_service(s->place);
}

/* Only what lies inside a service is worth going back to. */
static void act_resume(struct step *s)
{
	struct menu_place *p = s->place;
	bool inside = menu_place_screen(p)->service != 0 && (p->state == MENU_ST_WAIT || p->state == MENU_ST_CALL);
	if (!s->set->resume || !inside || !dials_here(s) ||
	    !menu_place_set(p, MENU_VAR_DIAL, 0, s->event->text, s->event->octets)) {
		act_dial(s, s->event->text, s->event->octets);
		return;
	}
	p->resuming = true;
	p->tries = 0;
}

/* --- an agency's answer --- */

/* Marks of direction (U+200E, U+200F, U+202A..E, U+2066..9): an agency has no business turning our lines around. */
static bool is_direction_mark(const char *t)
{
	const unsigned char *u = (const unsigned char *)t;
	return u[0] == 0xe2 && ((u[1] == 0x80 && (u[2] == 0x8e || u[2] == 0x8f || (u[2] >= 0xaa && u[2] <= 0xae))) ||
	                        (u[1] == 0x81 && u[2] >= 0xa6 && u[2] <= 0xa9));
}

/* What an agency says, as far as it can stand on a screen: valid UTF-8, no controls, bounded. */
static size_t clean(const char *text, char *out)
{
	size_t at = 0, left = strlen(text), n;
	for (; left; text += n, left -= n) {
		n = menu_utf8_char(text, left);
		if (n == 0 || at + n > MENU_OPERATION_VALUE_OCTETS)
			break;
		if (n == 3 && is_direction_mark(text))
			continue;
		memcpy(out + at, text, n);
		if (n == 1 && (unsigned char)out[at] < ' ' && out[at] != '\n')
			out[at] = ' ';
		at += n;
	}
	return at;
}

static bool same(const char *a, const char *b)
{
	return a == b || strcmp(a, b) == 0;
}

/* The variable of a value, or MENU_NONE: not one of this operation's. */
static uint16_t var_of(const struct menu_screen *call, const struct menu_value *value)
{
	const struct menu_operation *op = call->operation;
	size_t i, k;
	for (i = 0; !value->list && i < op->n_fields; i++)
		if (same(op->fields[i].name, value->name))
			return call->fields[i];
	for (i = 0; value->list && i < op->n_lists; i++)
		for (k = 0; same(op->lists[i].name, value->list) && k < op->lists[i].n_fields; k++)
			if (same(op->lists[i].fields[k].name, value->name))
				return call->lists[i].columns[k];
	return MENU_NONE;
}

static bool is_given_by(const struct menu_place *place, uint16_t var, const void *arg)
{
	const struct menu_screen *call = arg;
	size_t i, k;
	(void)place;
	for (i = 0; i < call->operation->n_fields; i++)
		if (call->fields[i] == var)
			return true;
	for (i = 0; i < call->operation->n_lists; i++)
		for (k = 0; k < call->lists[i].list->n_fields; k++)
			if (call->lists[i].columns[k] == var)
				return true;
	return false;
}

/* False if there is more than a place can hold. */
static bool take_values(struct step *s, const struct menu_screen *call, const struct menu_answer *answer)
{
	char text[MENU_OPERATION_VALUE_OCTETS];
	size_t i;
	menu_place_drop_if(s->place, is_given_by, call);
	for (i = 0; i < answer->n; i++) {
		uint16_t var = var_of(call, &answer->values[i]);
		if (var == MENU_NONE || answer->values[i].row >= MENU_OPERATION_ROWS_MAX)
			continue;
		if (!menu_place_set(s->place, var, answer->values[i].list ? answer->values[i].row : 0, text, clean(answer->values[i].value, text)))
			return false;
	}
	return true;
}

/* An answer from the store says when it was true; a fresh one does not. */
static void take_time(struct step *s, const struct menu_answer *answer)
{
	char seconds[24];
	int n;
	menu_place_drop(s->place, MENU_VAR_AS_OF, 0);
	if (!answer || answer->as_of_ms <= 0)
		return;
	n = snprintf(seconds, sizeof(seconds), "%lld", (long long)(answer->as_of_ms / 1000));
	menu_place_set(s->place, MENU_VAR_AS_OF, 0, seconds, (size_t)n);
}

static void act_answer(struct step *s)
{
	const struct menu_screen *call = menu_place_screen(s->place);
	const struct menu_answer *answer = s->event->answer;
	const char *outcome = answer ? answer->outcome : "failed";

	if (s->place->state != MENU_ST_CALL) {
		s->result->again = true;
		return;
	}
	s->place->resuming = false;
	if (answer && (answer->n || strcmp(outcome, "ok") == 0) && !take_values(s, call, answer)) {
		menu_place_drop_if(s->place, is_given_by, call);
		outcome = "failed";
	}
	take_time(s, answer);
	menu_place_drop_if(s->place, is_secret, NULL);
	if (!call->operation->safe) /* what was done cannot be done again by going back */
		s->place->depth = s->place->depth && s->place->back[0].screen == s->set->root;
	follow(s, outcome_go(call, outcome));
}

/* --- showing --- */

static void show_phrase(struct step *s, enum menu_phrase which)
{
	struct menu_result *r = s->result;
	r->verdict = MENU_END;
	r->octets = strlen(phrase(s, which));
	memcpy(r->text, phrase(s, which), r->octets + 1);
}

static void show_call(struct step *s)
{
	struct menu_result *r = s->result;
	r->verdict = MENU_CALL;
	r->operation = menu_place_screen(s->place)->operation;
	snprintf(s->place->now, sizeof(s->place->now), "%lld", (long long)(s->medium->now_ms / 1000));
}

static void show_screen(struct step *s)
{
	struct menu_result *r = s->result;
	bool more;
	if (s->event->kind == MENU_EVENT_ANSWER && s->event->late) {
		menu_screen_whole(s->place, s->medium, r);
		r->verdict = MENU_END;
		return;
	}
	more = menu_screen_show(s->place, s->medium, s->hint, r);
	r->verdict = s->place->state == MENU_ST_END && !more ? MENU_END : MENU_SHOW;
	r->secret = r->verdict == MENU_SHOW && menu_place_screen(s->place)->secret && !s->place->resuming;
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
	case MENU_ST_TRIES:
		show_phrase(s, MENU_PHRASE_TOO_MANY_TRIES);
		break;
	case MENU_ST_LATER:
		show_phrase(s, MENU_PHRASE_TRY_AGAIN);
		break;
	default:
		show_phrase(s, MENU_PHRASE_GOODBYE);
	}
}

static void act(struct step *s)
{
	switch (s->event->kind) {
	case MENU_EVENT_DIAL:
		act_dial(s, s->event->text, s->event->octets);
		break;
	case MENU_EVENT_INPUT:
		act_input(s);
		break;
	case MENU_EVENT_ANSWER:
		act_answer(s);
		break;
	case MENU_EVENT_RESUME:
		act_resume(s);
		break;
	case MENU_EVENT_AGAIN:
		s->result->again = true;
		if (s->place->state == MENU_ST_START)
			go_home(s);
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
	act(&s);
	type_parts(&s);
	snprintf(s.place->msisdn, sizeof(s.place->msisdn), "%s", medium->msisdn ? medium->msisdn : "");
	show(&s);
}
