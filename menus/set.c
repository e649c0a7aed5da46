/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A menu as the outside sees it: loaded whole or not at all. load.c reads, compile.c compiles, check.c and flow.c judge. */
#include "menus/set.h"

#include <string.h>
#include <talloc.h>

#include "menus/check.h"
#include "menus/compile.h"
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

size_t menu_set_phrase(const struct menu_set *set, enum menu_phrase phrase, const char *language, const char *code, char *out, size_t cap)
{
	static const char mark[] = "{code}";
	int known = menu_language_find(language);
	const char *text = set->phrases[phrase][known >= 0 ? known : set->languages[0]], *at = strstr(text, mark);
	size_t head = at ? (size_t)(at - text) : strlen(text), n_code = at && code ? strlen(code) : 0, octets;

	octets = head + n_code + (at ? strlen(at) - strlen(mark) : 0);
	if (octets >= cap) {
		if (cap)
			out[0] = '\0';
		return 0;
	}
	memcpy(out, text, head);
	if (n_code)
		memcpy(out + head, code, n_code);
	if (at)
		memcpy(out + head + n_code, at + strlen(mark), strlen(at) - strlen(mark));
	out[octets] = '\0';
	return octets;
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

bool menu_set_has_secrets(const struct menu_set *set)
{
	for (size_t i = 0; i < set->n_services; i++)
		for (size_t k = 0; k < set->services[i].n_vars; k++)
			if (set->services[i].vars[k].secret || set->services[i].vars[k].private)
				return true;
	return false;
}
