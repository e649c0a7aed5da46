/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What is known at each point of a service: for every screen, the variables that have been set on every way that leads to it
 * (a forward analysis to the greatest fixed point; a way is what tree.c says it is). From it follow
 *   unset-variable     a text speaks of something that may not be known there
 *   missing-input      an operation is called without one of its inputs
 *   list-without-call  a list is shown that no call has given on some way
 *   unconfirmed-call   a call that changes something is made without asking the citizen first: "confirmed" is followed like a
 *                      variable, set by the yes of a confirmation and used up by the call
 * Going back only leads to screens that were passed, with at least what was known there: it needs no ways of its own. */
#include <string.h>
#include <talloc.h>

#include "menus/check.h"

#define WORDS (MENU_VARS_MAX / 64)

struct known { uint64_t bits[WORDS]; };
struct flow {
	const struct menu_set *set;
	const struct menu_service *service;
	struct menu_diags *diags;
	struct known at[MENU_SCREENS_MAX]; /* by screen of the service */
	bool reached[MENU_SCREENS_MAX];
	bool changed;
};

static bool has(const struct known *known, uint16_t var)
{
	return known->bits[var / 64] >> (var % 64) & 1;
}

static void put(struct known *known, uint16_t var, bool is)
{
	uint64_t bit = UINT64_C(1) << (var % 64);
	known->bits[var / 64] = is ? known->bits[var / 64] | bit : known->bits[var / 64] & ~bit;
}

/* Where a screen requires it, who is there is known. */
static struct known known_at(const struct flow *f, const struct menu_screen *screen)
{
	struct known known = f->at[(size_t)(screen - f->set->screens) - f->service->first];
	if (screen->requires) {
		put(&known, MENU_ID_PERSON, true);
		put(&known, MENU_ID_PROVINCE, true);
	}
	if (screen->business)
		put(&known, MENU_ID_BUSINESS, true);
	return known;
}

static void arrive(struct flow *f, uint16_t screen, const struct known *known)
{
	size_t index = (size_t)screen - f->service->first, i;
	if (!f->reached[index]) {
		f->reached[index] = f->changed = true;
		f->at[index] = *known;
		return;
	}
	for (i = 0; i < WORDS; i++) {
		uint64_t both = f->at[index].bits[i] & known->bits[i];
		f->changed = f->changed || both != f->at[index].bits[i];
		f->at[index].bits[i] = both;
	}
}

static void go(void *arg, const struct menu_screen *from, const struct menu_way *way)
{
	struct flow *f = arg;
	struct known known = known_at(f, from);
	size_t i;
	if (way->to == MENU_NONE || f->set->screens[way->to].service != from->service)
		return;
	for (i = 0; i < way->n_set; i++)
		put(&known, way->set[i], true);
	for (i = 0; from->kind == MENU_SCREEN_CALL && i < f->service->n_vars; i++)
		if (f->service->vars[i].secret) /* a secret serves one call and is gone */
			put(&known, (uint16_t)i, false);
	if (way->confirms || way->changes)
		put(&known, MENU_VAR_CONFIRMED, way->confirms);
	arrive(f, way->to, &known);
}

/* --- the rules --- */

static bool is_column_of(const struct menu_screen *screen, uint16_t var)
{
	size_t i;
	for (i = 0; i < screen->n_columns; i++)
		if (screen->columns[i].item == var)
			return true;
	return false;
}

static void check_text(struct flow *f, const struct menu_screen *screen, unsigned int line, const struct menu_text *text, const struct known *known, bool row)
{
	size_t i, k;
	for (i = 0; i < MENU_LANGUAGES; i++)
		for (k = 0; k < text->in[i].n; k++) {
			uint16_t var = text->in[i].segments[k].var;
			if (var == MENU_NONE || has(known, var) || (row && is_column_of(screen, var)))
				continue;
			menu_diag_add(f->diags, screen->file, line, "unset-variable", "\"%s\" may have no value yet on screen \"%s\"",
			              f->service->vars[var].name, screen->name);
		}
}

static void check_call(struct flow *f, const struct menu_screen *screen, const struct known *known)
{
	size_t i;
	for (i = 0; i < screen->n_operands; i++) {
		uint16_t var = screen->operands[i].var;
		if (var != MENU_NONE && !has(known, var))
			menu_diag_add(f->diags, screen->file, screen->line, "missing-input", "%s is called where \"%s\" may have no value yet",
			              screen->operation->name, f->service->vars[var].name);
	}
	if (screen->operation && !screen->operation->safe && !has(known, MENU_VAR_CONFIRMED))
		menu_diag_add(f->diags, screen->file, screen->line, "unconfirmed-call", "%s changes something: a \"confirm\" screen must come before it",
		              screen->operation->name);
}

static void check_screen(struct flow *f, const struct menu_screen *screen, const struct known *known)
{
	size_t i;
	check_text(f, screen, screen->line, &screen->text, known, false);
	check_text(f, screen, screen->line, &screen->row, known, true);
	for (i = 0; i < screen->n_options; i++)
		check_text(f, screen, screen->options[i].line, &screen->options[i].text, known, false);
	if (screen->kind == MENU_SCREEN_CALL)
		check_call(f, screen, known);
	if (screen->kind == MENU_SCREEN_LIST && screen->list != MENU_NONE && !has(known, screen->list))
		menu_diag_add(f->diags, screen->file, screen->line, "list-without-call", "screen \"%s\" may be reached before its list was asked for",
		              screen->name);
}

void menu_flow_check(const struct menu_set *set, const struct menu_service *service, struct menu_diags *diags)
{
	struct flow *f;
	struct known begin = { { 0 } };
	uint16_t i;

	if (service->start == MENU_NONE)
		return;
	f = talloc_zero(NULL, struct flow); /* too large for the stack */
	f->set = set;
	f->service = service;
	f->diags = diags;
	for (i = MENU_VAR_MSISDN; i < (uint16_t)MENU_VARS_BUILTIN; i++)
		put(&begin, i, true);
	if (set->identity)
		put(&begin, MENU_ID_LEVEL, true);
	arrive(f, service->start, &begin);
	if (service->direct != MENU_NONE)
		arrive(f, service->direct, &begin);
	while (f->changed) {
		f->changed = false;
		for (i = 0; i < service->n_screens; i++)
			if (f->reached[i])
				menu_tree_ways(&set->screens[service->first + i], go, f);
	}
	for (i = 0; i < service->n_screens; i++)
		if (f->reached[i]) {
			const struct known known = known_at(f, &set->screens[service->first + i]);
			check_screen(f, &set->screens[service->first + i], &known);
		}
	talloc_free(f);
}
