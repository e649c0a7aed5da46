/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A menu as the outside sees it: loaded whole or not at all. load.c reads, compile.c compiles, check.c and flow.c judge. */
#include "menus/set.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "menus/check.h"
#include "menus/compile.h"
#include "menus/grammar.h"
#include "menus/phrase.h"
#include "menus/utf8.h"

struct menu_set *menu_set_load(void *ctx, const char *const *paths, size_t n, struct menu_diags *diags)
{
	void *files = talloc_new(ctx);
	size_t before = menu_diags_count(diags);
	struct menu_sources sources;
	struct menu_set *set;

	menu_sources_load(files, paths, n, diags, &sources);
	set = menu_compile(ctx, &sources, diags);
	if (set) {
		talloc_steal(set, sources.agencies);
		menu_check(set, diags);
	}
	talloc_free(files);
	if (menu_diags_count(diags) == before)
		return set;
	talloc_free(set);
	return NULL;
}

uint64_t menu_set_version(const struct menu_set *set)
{
	return set->version;
}

const struct menu_agencies *menu_set_agencies(const struct menu_set *set)
{
	return set->agencies;
}

const struct menu_keywords *menu_set_keywords(const struct menu_set *set)
{
	return set->keywords;
}

size_t menu_set_say(const struct menu_set *set, enum menu_phrase phrase, const char *language, const struct menu_say *values, size_t n,
                    char *out, size_t cap)
{
	int known = menu_language_find(language);

	return menu_phrase_say(set->phrases[phrase][known >= 0 ? known : set->languages[0]], values, n, out, cap);
}

size_t menu_set_phrase(const struct menu_set *set, enum menu_phrase phrase, const char *language, const char *code, char *out, size_t cap)
{
	const struct menu_say values[] = { { "code", code } };

	return menu_set_say(set, phrase, language, values, 1, out, cap);
}

size_t menu_set_services(const struct menu_set *set)
{
	return set->n_services - 1;
}

void menu_set_service(const struct menu_set *set, size_t index, struct menu_service_info *info)
{
	const struct menu_service *service = &set->services[index + 1];
	*info = (struct menu_service_info){ service->name, service->titles[0], service->titles[1], service->dial, service->file, service->n_screens };
}

size_t menu_set_screens(const struct menu_set *set)
{
	return set->n_screens;
}

void menu_set_screen(const struct menu_set *set, size_t index, struct menu_screen_info *info)
{
	const struct menu_screen *screen = &set->screens[index];

	*info = (struct menu_screen_info){
		.service = set->services[screen->service].name, .name = screen->name, .kind = menu_kind_rules[screen->kind].main,
		.file = screen->file, .line = screen->line, .shown = menu_tree_waits(screen->kind) || screen->kind == MENU_SCREEN_END,
		.check = screen->check ? screen->check->name : NULL, .operation = screen->operation, .secret = screen->secret,
		.requires = screen->requires,
	};
}

bool menu_set_dial(const struct menu_set *set, const char *service, const char *value, char *out, size_t cap)
{
	for (size_t i = 1; i < set->n_services; i++) {
		const struct menu_service *s = &set->services[i];
		int n;

		if (strcmp(s->name, service) != 0 || !s->dial || (value[0] && s->direct == MENU_NONE))
			continue;
		n = snprintf(out, cap, "%s*%s%s%s#", set->codes[0], s->dial, value[0] ? "*" : "", value);
		return n > 0 && (size_t)n < cap;
	}
	return false;
}

bool menu_set_has_secrets(const struct menu_set *set)
{
	for (size_t i = 0; i < set->n_services; i++)
		for (size_t k = 0; k < set->services[i].n_vars; k++)
			if (set->services[i].vars[k].secret || set->services[i].vars[k].private)
				return true;
	return false;
}
