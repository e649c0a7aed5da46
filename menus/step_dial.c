/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Dialling: what a dial string opens, what it types for the citizen, and the offer to go on after a cut. What is behind a
 * service's code waits in the place (":parts"), since a call may come between two parts. */
#include <stdio.h>
#include <string.h>

#include "menus/step_priv.h"

#define OPTION_DIGITS 2    /* what is longer is no number of an option, but a value for the screen `direct` */

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

const char *menu_set_code(const struct menu_set *set, size_t index)
{
	return index < set->n_codes ? set->codes[index] : NULL;
}

bool menu_set_has_code(const struct menu_set *set, const char *dial)
{
	return behind_code(set, dial) != NULL;
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
	menu_step_follow(s, greet && !known && s->set->greeting != MENU_NONE ? s->set->greeting : s->set->root);
}

/* The remembered one. Who begins anew in the middle has not been asked for it again: the page spoke their language already. */
static void set_language(struct step *s, int before)
{
	int language = s->medium->language && s->medium->language[0] ? menu_language_find(s->medium->language) : before;
	size_t i;
	for (i = 0; i < s->set->n_languages; i++)
		if (s->set->languages[i] == language)
			s->place->language = (uint8_t)language;
}

void menu_step_dial(struct step *s, const char *text, size_t octets)
{
	char dial[MENU_DIAL_OCTETS + 1];
	const struct menu_service *service;
	int before = s->place->language;
	const char *rest;
	size_t part;
	bool direct;

	menu_run_init(s->run, s->set);
	set_language(s, before);
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
	if (!service && s->event->typed) {
		start_at_root(s, true, NULL);
		menu_place_set(s->place, MENU_VAR_PARTS, 0, rest + 1, strlen(rest + 1));
		return;
	}
	if (!service) {
		start_at_root(s, false, phrase(s, MENU_PHRASE_UNKNOWN_CODE));
		return;
	}
	rest += 1 + part;
	direct = service->direct != MENU_NONE && rest[0] == '*' && strcspn(rest + 1, "*#") > OPTION_DIGITS;
	if (!direct || menu_tree_waits(s->set->screens[service->start].kind)) /* a first page is behind the value, a call is not made for it */
		menu_step_forward(s, service->start);
	if (direct)
		menu_step_forward(s, service->direct);
	if (rest[0] == '*')
		menu_place_set(s->place, MENU_VAR_PARTS, 0, rest + 1, strlen(rest + 1));
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

/* Types what the dial string still holds. A secret or a consent never comes from a dial string: phones keep those, and networks
 * that tell all that was typed may tell it again. */
void menu_step_parts(struct step *s)
{
	char part[MENU_DIAL_OCTETS + 1];
	size_t octets;
	while (s->place->state == MENU_ST_WAIT && !s->place->resuming && menu_place_value(s->place, MENU_VAR_PARTS, 0)) {
		const struct menu_screen *screen = menu_place_screen(s->place);
		octets = screen->secret || screen->kind == MENU_SCREEN_CONFIRM ? 0 : take_part(s->place, part);
		if (octets)
			menu_step_typed(s, part, octets, s->event->typed);
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
void menu_step_resume(struct step *s)
{
	struct menu_place *p = s->place;
	bool inside = menu_place_screen(p)->service != 0 && (p->state == MENU_ST_WAIT || p->state == MENU_ST_CALL || p->state == MENU_ST_PROOF);
	if (!s->set->resume || !inside || !dials_here(s) ||
	    !menu_place_set(p, MENU_VAR_DIAL, 0, s->event->text, s->event->octets)) {
		menu_step_dial(s, s->event->text, s->event->octets);
		return;
	}
	p->resuming = true;
	p->tries = 0;
	menu_step_proof_forget(s);
}
