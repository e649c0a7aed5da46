/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Questions about a compiled menu that more than one file asks. The ways out of a screen are told here and nowhere else, so
 * that what check.c and flow.c prove is about the ways that step.c goes. */
#include "menus/tree.h"

#include <string.h>

const struct menu_language menu_languages[MENU_LANGUAGES] = { { "fa", "فارسی" }, { "en", "English" } };

int menu_language_find(const char *code)
{
	int i;
	for (i = 0; i < MENU_LANGUAGES; i++)
		if (strcmp(menu_languages[i].code, code) == 0)
			return i;
	return -1;
}

uint16_t menu_tree_var(const struct menu_service *service, const char *name)
{
	uint16_t i;
	for (i = 0; i < service->n_vars; i++)
		if (strcmp(service->vars[i].name, name) == 0)
			return i;
	return MENU_NONE;
}

uint16_t menu_tree_named(const struct menu_service *service, const char *name)
{
	uint16_t var = menu_tree_var(service, name);
	if (var == MENU_NONE || name[0] == ':' || service->vars[var].kind == MENU_VAR_COLUMN || service->vars[var].kind == MENU_VAR_LIST)
		return MENU_NONE;
	return var;
}

bool menu_tree_waits(enum menu_screen_kind kind)
{
	return kind <= MENU_SCREEN_CONFIRM;
}

const struct menu_operand *menu_tree_operand(const struct menu_screen *screen, const char *name)
{
	size_t i;
	for (i = 0; i < screen->n_operands; i++)
		if (strcmp(screen->operands[i].name, name) == 0)
			return &screen->operands[i];
	return NULL;
}

static void add(struct menu_way *way, uint16_t var)
{
	if (var != MENU_NONE && way->n_set < MENU_VARS_MAX)
		way->set[way->n_set++] = var;
}

static void option_ways(const struct menu_screen *from, menu_way_fn *fn, void *arg)
{
	size_t i, k;
	for (i = 0; i < from->n_options; i++) {
		struct menu_way way;
		way.to = from->options[i].go;
		way.confirms = way.changes = false;
		way.name = "option";
		way.n_set = 0;
		for (k = 0; k < from->options[i].n_settings; k++)
			add(&way, from->options[i].settings[k].var);
		fn(arg, from, &way);
	}
}

/* An answer that is "failed", "late" or "not_found" gives no values; any other gives them all. */
static bool gives_values(const char *outcome)
{
	return strcmp(outcome, "failed") != 0 && strcmp(outcome, "late") != 0 && strcmp(outcome, "not_found") != 0;
}

static void add_answer(struct menu_way *way, const struct menu_screen *from)
{
	size_t i, k;
	for (i = 0; i < from->operation->n_fields; i++)
		add(way, from->fields[i]);
	for (i = 0; i < from->operation->n_lists; i++) {
		add(way, from->lists[i].var);
		for (k = 0; k < from->lists[i].list->n_fields; k++)
			add(way, from->lists[i].columns[k]);
	}
}

static void call_ways(const struct menu_screen *from, menu_way_fn *fn, void *arg)
{
	struct menu_way way;
	size_t i;
	way.confirms = false;
	way.changes = from->operation && !from->operation->safe;
	for (i = 0; i < from->n_outcomes; i++) {
		way.to = from->outcomes[i].go;
		way.name = from->outcomes[i].name;
		way.n_set = 0;
		if (from->operation && gives_values(way.name))
			add_answer(&way, from);
		fn(arg, from, &way);
	}
	way.to = from->fallback;
	way.name = "default";
	way.n_set = 0;
	fn(arg, from, &way);
}

static void plain_way(const struct menu_screen *from, uint16_t to, bool confirms, menu_way_fn *fn, void *arg)
{
	struct menu_way way;
	size_t i;
	way.to = to;
	way.confirms = confirms;
	way.changes = false;
	way.name = "go";
	way.n_set = 0;
	if (from->kind == MENU_SCREEN_ASK)
		add(&way, from->into);
	for (i = 0; from->check && i < sizeof(from->facts) / sizeof(from->facts[0]) && from->check->facts[i]; i++)
		add(&way, from->facts[i]);
	if (from->kind == MENU_SCREEN_LIST && to == from->go)
		for (i = 0; i < from->n_columns; i++)
			add(&way, from->columns[i].item);
	fn(arg, from, &way);
}

void menu_tree_ways(const struct menu_screen *from, menu_way_fn *fn, void *arg)
{
	switch (from->kind) {
	case MENU_SCREEN_PAGE:
	case MENU_SCREEN_BRANCH:
		option_ways(from, fn, arg);
		break;
	case MENU_SCREEN_CALL:
		call_ways(from, fn, arg);
		break;
	case MENU_SCREEN_CONFIRM:
		plain_way(from, from->go, true, fn, arg);
		plain_way(from, from->other, false, fn, arg);
		break;
	case MENU_SCREEN_LIST:
		plain_way(from, from->go, false, fn, arg);
		plain_way(from, from->other, false, fn, arg);
		option_ways(from, fn, arg);
		break;
	case MENU_SCREEN_ASK:
	case MENU_SCREEN_LANGUAGE:
	case MENU_SCREEN_SMS:
		plain_way(from, from->go, false, fn, arg);
		break;
	default:
		break;
	}
}
