/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What step.c, step_dial.c and step_answer.c share: one step at work. Nobody else includes it. */
#pragma once

#include "menus/place.h"
#include "menus/template.h"

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

static inline struct menu_view view_of(const struct step *s)
{
	return (struct menu_view){ s->place, s->medium, NULL, 0 };
}

static inline const char *phrase(const struct step *s, enum menu_phrase which)
{
	return s->set->phrases[which][s->place->language];
}

/* step.c: moving */
void menu_step_follow(struct step *s, uint16_t to);   /* on to this screen and as far as it leads without anybody */
void menu_step_forward(struct step *s, uint16_t to);  /* the same, from a screen where the citizen has answered: back leads here */
void menu_step_end(struct step *s, enum menu_state state);
void menu_step_typed(struct step *s, const char *text, size_t octets, bool by_citizen); /* not by_citizen: from a dial string */
uint16_t menu_step_outcome(const struct menu_screen *call, const char *outcome);
bool menu_step_is_secret(const struct menu_place *place, uint16_t var, const void *unused);

void menu_step_home(struct step *s);
void menu_step_back(struct step *s);

/* step_proof.c: where state is MENU_ST_PROOF, and how it comes to be */
void menu_step_prove(struct step *s);                 /* before the screen where the place stands */
void menu_step_proof_answer(struct step *s);
void menu_step_proof_input(struct step *s, const char *text, size_t octets, const char *typed); /* typed: the text, folded */
void menu_step_proof_age(struct step *s);             /* level 3 is not good for ever */
void menu_step_proof_forget(struct step *s);          /* after a cut */
void menu_step_proof_show(struct step *s);

/* step_dial.c */
void menu_step_dial(struct step *s, const char *text, size_t octets);
void menu_step_resume(struct step *s);
void menu_step_parts(struct step *s);

/* step_answer.c */
void menu_step_answer(struct step *s);
