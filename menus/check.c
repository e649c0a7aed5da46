/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The shape of a menu: unreachable-screen, dead-end, silent-loop, missing-outcome, one-agency, duplicate-dial of options,
 * text-too-long. Pure; every rule is a function over a service or a screen. */
#include "menus/check.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

#define UCS2_UNITS 80u
#define SEPTETS 160u

static void tell(struct menu_diags *diags, const struct menu_screen *screen, const char *rule, const char *text)
{
	menu_diag_add(diags, screen->file, screen->line, rule, "screen \"%s\" %s", screen->name, text);
}

/* --- unreachable-screen --- */

struct reach { const struct menu_set *set; uint16_t first; bool seen[MENU_SCREENS_MAX]; size_t n; uint16_t queue[MENU_SCREENS_MAX]; };

static void visit(struct reach *r, uint16_t screen)
{
	if (screen == MENU_NONE || r->set->screens[screen].service != r->set->screens[r->first].service)
		return;
	if (r->seen[screen - r->first])
		return;
	r->seen[screen - r->first] = true;
	r->queue[r->n++] = screen;
}

static void reach_way(void *arg, const struct menu_screen *from, const struct menu_way *way)
{
	(void)from;
	visit(arg, way->to);
}

static void check_reach(const struct menu_set *set, const struct menu_service *service, struct menu_diags *diags)
{
	struct reach *r;
	size_t i;
	if (service->start == MENU_NONE)
		return;
	r = talloc_zero(NULL, struct reach); /* too large for the stack */
	r->set = set;
	r->first = service->first;
	visit(r, service->start);
	if (service->direct != MENU_NONE)
		visit(r, service->direct);
	for (i = 0; i < r->n; i++)
		menu_tree_ways(&set->screens[r->queue[i]], reach_way, r);
	for (i = 0; i < service->n_screens; i++)
		if (!r->seen[i])
			tell(diags, &set->screens[service->first + i], "unreachable-screen", "is reached from nowhere");
	talloc_free(r);
}

/* --- silent-loop: a way round on which nobody waits for the citizen --- */

enum colour { WHITE, GREY, BLACK };
struct walk { const struct menu_set *set; struct menu_diags *diags; uint16_t first; unsigned char colour[MENU_SCREENS_MAX]; };

static bool is_silent(const struct menu_screen *screen)
{
	return screen->kind == MENU_SCREEN_CALL || screen->kind == MENU_SCREEN_BRANCH || screen->kind == MENU_SCREEN_SMS;
}

static void walk_from(struct walk *w, uint16_t index);

static void walk_way(void *arg, const struct menu_screen *from, const struct menu_way *way)
{
	struct walk *w = arg;
	if (way->to == MENU_NONE || w->set->screens[way->to].service != from->service || !is_silent(&w->set->screens[way->to]))
		return;
	if (w->colour[way->to - w->first] == GREY)
		tell(w->diags, from, "silent-loop", "leads back to itself without ever waiting for the citizen");
	else if (w->colour[way->to - w->first] == WHITE)
		walk_from(w, way->to);
}

/* Recursion is as deep as the longest silent chain; a menu has at most MENU_SCREENS_MAX screens. */
static void walk_from(struct walk *w, uint16_t index)
{
	w->colour[index - w->first] = GREY;
	menu_tree_ways(&w->set->screens[index], walk_way, w);
	w->colour[index - w->first] = BLACK;
}

static void check_loops(const struct menu_set *set, const struct menu_service *service, struct menu_diags *diags)
{
	struct walk w = { .set = set, .diags = diags, .first = service->first };
	uint16_t i;
	for (i = service->first; i < service->first + service->n_screens; i++)
		if (is_silent(&set->screens[i]) && w.colour[i - service->first] == WHITE)
			walk_from(&w, i);
}

/* --- dead-end, missing-outcome --- */

static void leaves(void *arg, const struct menu_screen *from, const struct menu_way *way)
{
	(void)from;
	*(bool *)arg = *(bool *)arg || way->to != MENU_NONE;
}

static void check_branch(const struct menu_screen *screen, struct menu_diags *diags)
{
	size_t i;
	if (screen->n_options == 0 || screen->options[screen->n_options - 1].when.n)
		tell(diags, screen, "dead-end", "may find no branch: the last one has no \"when\"");
	for (i = 0; i + 1 < screen->n_options; i++)
		if (screen->options[i].when.n == 0)
			menu_diag_add(diags, screen->file, screen->options[i].line, "dead-end", "the branches after this one are never taken");
}

static bool has_outcome(const struct menu_screen *screen, const char *name)
{
	size_t i;
	for (i = 0; i < screen->n_outcomes; i++)
		if (strcmp(screen->outcomes[i].name, name) == 0)
			return true;
	return false;
}

static void want_outcome(const struct menu_screen *screen, const char *name, struct menu_diags *diags)
{
	if (!has_outcome(screen, name))
		menu_diag_add(diags, screen->file, screen->line, "missing-outcome", "%s may end in \"%s\", and there is no \"default\"",
		              screen->operation->name, name);
}

static void check_call(const struct menu_screen *screen, struct menu_diags *diags)
{
	static const char *const always[] = { "ok", "not_found", "failed" };
	bool left = false;
	size_t i;
	menu_tree_ways(screen, leaves, &left);
	if (!left && screen->operation)
		tell(diags, screen, "dead-end", "goes nowhere after its call");
	if (screen->fallback != MENU_NONE || !screen->operation)
		return;
	for (i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		if (menu_operation_has_outcome(screen->operation, always[i]))
			want_outcome(screen, always[i], diags);
	for (i = 0; i < screen->operation->n_rules; i++)
		want_outcome(screen, screen->operation->rules[i].outcome, diags);
}

/* --- text-too-long --- */

struct length { unsigned int units; bool wide; };

static void measure(struct length *length, const char *text)
{
	for (; *text; text++) {
		length->wide = length->wide || (unsigned char)*text >= 0x80;
		length->units += ((unsigned char)*text & 0xc0) != 0x80;
	}
}

static void measure_template(struct length *length, const struct menu_template *template)
{
	size_t i;
	for (i = 0; i < template->n; i++)
		measure(length, template->segments[i].var == MENU_NONE ? template->segments[i].text : "0");
}

/* One line that can be chosen, with the lines below that every page of it has. */
static bool line_fits(const struct menu_set *set, unsigned int language, const struct menu_template *template)
{
	struct length length = { 0, false };
	measure(&length, "10- ");
	measure_template(&length, template);
	measure(&length, set->nav[MENU_NAV_BACK][language].text);
	measure(&length, set->nav[MENU_NAV_MORE][language].text);
	return length.units <= (length.wide ? UCS2_UNITS : SEPTETS);
}

static void check_line(const struct menu_set *set, const struct menu_screen *screen, unsigned int line, const struct menu_text *text, struct menu_diags *diags)
{
	size_t i;
	for (i = 0; i < set->n_languages; i++)
		if (!line_fits(set, set->languages[i], &text->in[set->languages[i]]))
			menu_diag_add(diags, screen->file, line, "text-too-long", "this line alone is more than a page in \"%s\"",
			              menu_languages[set->languages[i]].code);
}

static void check_lengths(const struct menu_set *set, const struct menu_screen *screen, struct menu_diags *diags)
{
	size_t i;
	for (i = 0; screen->kind != MENU_SCREEN_BRANCH && i < screen->n_options; i++)
		check_line(set, screen, screen->options[i].line, &screen->options[i].text, diags);
	if (screen->kind == MENU_SCREEN_LIST)
		check_line(set, screen, screen->line, &screen->row, diags);
}

/* What stands on a page of its own with the lines below: the questions of a proof and its refusals. */
static bool stands_alone(size_t phrase)
{
	return phrase >= MENU_PHRASE_PROOF_ID && phrase <= MENU_PHRASE_PROOF_FAILED;
}

static void check_phrases(const struct menu_set *set, struct menu_diags *diags)
{
	size_t i, k;
	for (i = 0; i < MENU_PHRASES; i++)
		for (k = 0; k < set->n_languages; k++) {
			struct length length = { 0, false };
			measure(&length, set->phrases[i][set->languages[k]]);
			if (stands_alone(i))
				measure(&length, set->nav[MENU_NAV_BACK][set->languages[k]].text);
			if (length.units > (length.wide ? UCS2_UNITS : SEPTETS))
				menu_diag_add(diags, set->file, 0, "text-too-long", "a phrase is more than a page: \"%s\"", set->phrases[i][set->languages[k]]);
		}
}

/* --- one-agency: a "specific" service belongs to one owner; what the gateway does itself (pays, keeps requests) is for all of them --- */

static void check_owner(const struct menu_set *set, const struct menu_service *service, struct menu_diags *diags)
{
	const struct menu_agency *owner = NULL;
	size_t i, k;
	for (i = service->first; service->specific && i < (size_t)service->first + service->n_screens; i++) {
		const struct menu_operation *operation = set->screens[i].operation;
		if (operation && operation->agency->own)
			continue;
		if (operation && owner && operation->agency != owner)
			menu_diag_add(diags, service->file, set->screens[i].line, "one-agency", "a specific service calls one agency only: %s here, %s before",
			              operation->agency->name, owner->name);
		for (k = 0; operation && k < operation->n_members; k++)
			if (operation->members[k]->agency != operation->agency)
				menu_diag_add(diags, service->file, set->screens[i].line, "one-agency", "a specific service calls one agency only: %s asks %s",
				              operation->name, operation->members[k]->name);
		owner = operation ? operation->agency : owner;
	}
}

static void check_screen(const struct menu_set *set, const struct menu_screen *screen, struct menu_diags *diags)
{
	if (screen->kind == MENU_SCREEN_BRANCH)
		check_branch(screen, diags);
	if (screen->kind == MENU_SCREEN_CALL)
		check_call(screen, diags);
	check_lengths(set, screen, diags);
}

void menu_check(const struct menu_set *set, struct menu_diags *diags)
{
	size_t i, k;
	for (i = 0; i < set->n_services; i++) {
		const struct menu_service *service = &set->services[i];
		for (k = 0; k < service->n_screens; k++)
			check_screen(set, &set->screens[service->first + k], diags);
		if (i == 0)
			continue;
		check_reach(set, service, diags);
		check_loops(set, service, diags);
		check_owner(set, service, diags);
		menu_flow_check(set, service, diags);
	}
	if (set->screens[set->root].n_options == 0)
		menu_diag_add(diags, set->file, 0, "dead-end", "the first page has no service");
	check_phrases(set, diags);
}
