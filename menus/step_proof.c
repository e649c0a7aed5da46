/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The proof that the engine puts before a screen that requires more than the dialog has proved.
 *
 *   prove     the place stands on that screen already, but nothing of it is shown: the operation of the root's `identity` is called
 *   answer    it asks something, refuses, or has proved: then, and only then, the screen is gone to
 *   input     what was asked is typed, checked for its form and given to the operation, once: it is wiped with the answer
 *
 * A proof ends: by rounds that are counted, and by tries of what is no answer at all. What the operation says is not trusted to
 * make sense: what is no question, no level or not enough of it is a refusal. Whatever a dial string still holds waits behind the
 * proof, and is forgotten where the citizen turns away from it. */
#include <stdio.h>
#include <string.h>

#include "menus/phrase.h"
#include "menus/proof.h"
#include "menus/step_priv.h"

#define UNTIL_DIGITS_MAX 12
#define TRIES_LEFT_MAX 99

static void drop_asked(struct menu_place *p)
{
	menu_place_drop(p, MENU_ID_TYPED, 0);
	menu_place_drop(p, MENU_ID_UNTIL, 0);
}

/* From here on the operation has the word. */
static void call(struct menu_place *p, uint8_t row, uint8_t rounds)
{
	p->state = MENU_ST_PROOF;
	p->ladder.turn = MENU_PROOF_CALL;
	p->ladder.row = row;
	p->ladder.hint = MENU_PROOF_FINE;
	p->ladder.left = 0;
	p->ladder.rounds = rounds;
}

/* Before the screen where the place stands. */
void menu_step_prove(struct step *s)
{
	drop_asked(s->place);
	call(s->place, MENU_PROOF_NOTHING, 1);
	s->place->tries = 0;
	s->hint = NULL;
	s->result->again = false;
}

static void refuse(struct step *s, enum menu_proof_why why, const char *until)
{
	struct menu_place *p = s->place;
	drop_asked(p);
	menu_place_drop(p, MENU_VAR_PARTS, 0);
	p->ladder.turn = MENU_PROOF_NO;
	p->ladder.row = (uint8_t)why;
	p->ladder.hint = MENU_PROOF_FINE;
	p->tries = 0;
	if (until)
		menu_place_set(p, MENU_ID_UNTIL, 0, until, strlen(until));
}

/* --- the operation's answer --- */

static const char *field(const struct menu_answer *answer, const char *name)
{
	size_t i;
	for (i = 0; i < answer->n; i++)
		if (!answer->values[i].list && strcmp(answer->values[i].name, name) == 0)
			return answer->values[i].value;
	return "";
}

/* A small number of the answer; 0 where there is none. */
static unsigned int number(const struct menu_answer *answer, const char *name, unsigned int most)
{
	const char *t = field(answer, name);
	unsigned int value = 0;
	if (t[0] == '\0' || strlen(t) > 2 || t[strspn(t, "0123456789")])
		return 0;
	for (; *t; t++)
		value = 10 * value + (unsigned int)(*t - '0');
	return value <= most ? value : 0;
}

static void take_refusal(struct step *s, const struct menu_answer *answer, const char *why)
{
	int row = menu_proof_row_find(menu_proof_whys, MENU_PROOF_WHYS, why);
	const char *until = field(answer, "until");
	bool limited = row == MENU_PROOF_OFTEN || row == MENU_PROOF_LOCKED;
	bool is_time = until[0] && strlen(until) <= UNTIL_DIGITS_MAX && until[strspn(until, "0123456789")] == '\0';
	if (row < 0 || (limited && !is_time)) /* "locked until" wants an end */
		refuse(s, MENU_PROOF_FAILED, NULL);
	else
		refuse(s, (enum menu_proof_why)row, limited ? until : NULL);
}

static void take_question(struct step *s, const struct menu_answer *answer, const char *ask)
{
	struct menu_ladder *l = &s->place->ladder;
	int row = menu_proof_question_find(ask), hint = menu_proof_row_find(menu_proof_hints, MENU_PROOF_HINTS, field(answer, "hint"));
	if (row < 0 || l->rounds >= MENU_PROOF_ROUNDS_MAX) {
		refuse(s, MENU_PROOF_FAILED, NULL);
		return;
	}
	l->turn = MENU_PROOF_ASK;
	l->row = (uint8_t)row;
	l->hint = (uint8_t)(hint < 0 ? MENU_PROOF_FINE : hint);
	l->left = (uint8_t)number(answer, "left", TRIES_LEFT_MAX);
	s->place->tries = 0;
}

static bool take_value(struct step *s, uint16_t var, const char *value)
{
	if (value[0] == '\0')
		return true;
	return strlen(value) <= MENU_OPERATION_VALUE_OCTETS && menu_place_set(s->place, var, 0, value, strlen(value));
}

/* Level 3 leaves behind what was proved before it: some day it is too old. */
static void climb(struct step *s, unsigned int level, bool business)
{
	struct menu_ladder *l = &s->place->ladder;
	l->business = l->business || business;
	if (level < l->level)
		return;
	if (level < MENU_LEVEL_MAX)
		l->under = (uint8_t)level;
	else if (l->level < MENU_LEVEL_MAX)
		l->under = l->level ? l->level : 1;
	l->level = (uint8_t)level;
	l->at = (uint32_t)(s->medium->now_ms / 1000);
}

static void take_proof(struct step *s, const struct menu_answer *answer)
{
	struct menu_place *p = s->place;
	const char *id = field(answer, "id"), *legal_id = field(answer, "legal_id");
	unsigned int level = number(answer, "level", MENU_LEVEL_MAX), wanted;
	const struct menu_back before = { p->screen, p->page };
	bool business;

	wanted = menu_proof_wants(p, menu_place_screen(p), &business);
	if (level < wanted || id[0] == '\0' || (business && legal_id[0] == '\0') || !take_value(s, MENU_ID_PERSON, id) ||
	    !take_value(s, MENU_ID_BUSINESS, legal_id) || !take_value(s, MENU_ID_PROVINCE, field(answer, "province"))) {
		refuse(s, MENU_PROOF_FAILED, NULL);
		return;
	}
	climb(s, level, business);
	menu_step_follow(s, p->screen);
	if (p->screen == before.screen)
		p->page = before.page; /* where the citizen was when the proof was asked for; a screen that is new begins at its first */
}

/* An answer from the store says who was there, not who is. */
static bool is_good(const struct menu_answer *answer)
{
	return answer && answer->as_of_ms == 0 && strcmp(answer->outcome, "ok") == 0;
}

void menu_step_proof_answer(struct step *s)
{
	const struct menu_answer *answer = s->event->answer;
	struct menu_place *p = s->place;
	const char *why = answer ? field(answer, "why") : "";

	if (p->resuming || p->ladder.turn != MENU_PROOF_CALL) {
		s->result->again = true;
		return;
	}
	menu_place_drop(p, MENU_ID_TYPED, 0);
	if (s->event->late) /* nobody is there who could be asked, or shown what was proved */
		call(p, MENU_PROOF_NOTHING, 1);
	else if (why[0] && strcmp(answer->outcome, "ok") != 0)
		take_refusal(s, answer, why);
	else if (!is_good(answer))
		refuse(s, MENU_PROOF_FAILED, NULL);
	else if (field(answer, "ask")[0])
		take_question(s, answer, field(answer, "ask"));
	else
		take_proof(s, answer);
}

/* --- what was typed --- */

static void wrong(struct step *s, const char *hint)
{
	s->result->again = true;
	s->hint = hint;
	if (++s->place->tries >= s->set->tries)
		menu_step_end(s, MENU_ST_TRIES);
}

static void take_typed(struct step *s, const char *text, size_t octets)
{
	const struct menu_proof_question_row *q = &menu_proof_questions[s->place->ladder.row];
	const struct menu_input_with with[] = { { "min_length", q->min_length }, { "max_length", q->max_length } };
	struct menu_input_result checked;

	menu_input_check(menu_input_find(q->check), text, octets, with, q->min_length ? 2 : 0, &checked);
	if (!checked.ok) {
		snprintf(s->reason, sizeof(s->reason), "%s", s->place->language == 0 ? checked.reason_fa : checked.reason_en);
		wrong(s, s->reason);
	} else if (!menu_place_set(s->place, MENU_ID_TYPED, 0, checked.normal, strlen(checked.normal))) {
		menu_step_end(s, MENU_ST_LATER);
	} else {
		call(s->place, s->place->ladder.row, (uint8_t)(s->place->ladder.rounds + 1));
	}
	explicit_bzero(&checked, sizeof(checked));
}

/* Back to what may be seen as things are: a page that wants the same proof would only ask again. */
static void turn_back(struct step *s)
{
	struct menu_place *p = s->place;
	bool some = p->depth > 0;
	while (p->depth && menu_proof_lacks(p, &s->set->screens[p->back[p->depth - 1].screen]))
		p->depth--;
	if (some && p->depth == 0)
		menu_step_home(s);
	else
		menu_step_back(s);
}

void menu_step_proof_input(struct step *s, const char *text, size_t octets, const char *typed)
{
	struct menu_place *p = s->place;
	bool back = strcmp(typed, s->set->keys[MENU_KEY_BACK]) == 0, home = strcmp(typed, s->set->keys[MENU_KEY_HOME]) == 0;

	if (p->ladder.turn == MENU_PROOF_CALL) {
		s->result->again = true;
	} else if (back || home) {
		drop_asked(p);
		menu_place_drop(p, MENU_VAR_PARTS, 0);
		back ? turn_back(s) : menu_step_home(s);
	} else if (typed[0] == '\0') {
		wrong(s, phrase(s, MENU_PHRASE_EMPTY));
	} else if (p->ladder.turn == MENU_PROOF_NO) {
		wrong(s, phrase(s, MENU_PHRASE_WRONG_CHOICE));
	} else {
		take_typed(s, text, octets);
	}
}

/* --- for the other events --- */

/* Ten minutes after it was sent, a code no longer says who holds the phone. A clock that went back says nothing, either. */
void menu_step_proof_age(struct step *s)
{
	struct menu_ladder *l = &s->place->ladder;
	int64_t now = s->medium->now_ms / 1000;
	if (l->level == MENU_LEVEL_MAX && (now < l->at || now - l->at >= MENU_PROOF_GOOD_S))
		l->level = l->under;
}

static bool was_proved(const struct menu_place *place, uint16_t var, const void *arg)
{
	(void)arg;
	return menu_place_service(place)->vars[var].kind == MENU_VAR_PROVED;
}

/* After a cut somebody else may hold the phone. */
void menu_step_proof_forget(struct step *s)
{
	struct menu_ladder *l = &s->place->ladder;
	if (s->place->state == MENU_ST_PROOF)
		call(s->place, MENU_PROOF_NOTHING, 1);
	l->level = l->under = 0;
	l->business = false;
	l->at = 0;
	l->resumed = l->held > 0;
	menu_place_drop_if(s->place, was_proved, NULL);
}

/* "Wrong. 2 more tries.": what the operation said of the last answer. */
static const char *hint_of(struct step *s)
{
	const struct menu_ladder *l = &s->place->ladder;
	char digits[4], left[64] = "";
	const struct menu_say say[] = { { "left", digits } };
	if (s->hint || l->turn != MENU_PROOF_ASK || l->hint == MENU_PROOF_FINE)
		return s->hint;
	snprintf(digits, sizeof(digits), "%u", l->left % 100u);
	if (l->left)
		menu_phrase_say(phrase(s, MENU_PHRASE_PROOF_LEFT), say, 1, left, sizeof(left));
	snprintf(s->reason, sizeof(s->reason), "%s%s%s", phrase(s, menu_proof_hints[l->hint].phrase), left[0] ? " " : "", left);
	return s->reason;
}

void menu_step_proof_show(struct step *s)
{
	struct menu_result *r = s->result;
	const struct menu_ladder *l = &s->place->ladder;

	r->screen = "proof";
	if (l->turn == MENU_PROOF_CALL) {
		r->verdict = MENU_CALL;
		r->operation = s->set->identity;
		menu_run_attend(s->run, s->medium);
		return;
	}
	menu_proof_show(s->place, s->medium, hint_of(s), r);
	r->verdict = MENU_SHOW;
	r->secret = l->turn == MENU_PROOF_ASK && menu_proof_questions[l->row].secret;
}
