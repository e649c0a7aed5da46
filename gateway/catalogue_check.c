/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Does the catalogue say what the menu has? Both ways: what is live must be there as it is written, and what the menu has must stand in the
 * catalogue as live. Of what is not live only that is compared which it names. */
#include "gateway/catalogue.h"

#include <string.h>

#include "menus/keyword.h"

#define OWN_CODE_LEVEL 2u
#define complain(entry, rule, ...) menu_diag_add(diags, (entry)->node->file, (entry)->node->line, rule, __VA_ARGS__)

static bool find_service(const struct menu_set *set, const char *name, struct menu_service_info *info)
{
	for (size_t i = 0; i < menu_set_services(set); i++) {
		menu_set_service(set, i, info);
		if (strcmp(info->name, name) == 0)
			return true;
	}
	return false;
}

static bool is_keyword(const struct menu_keyword *keyword, const char *name)
{
	size_t agency = strlen(keyword->agency);

	return strncmp(name, keyword->agency, agency) == 0 && name[agency] == '.' && strcmp(name + agency + 1, keyword->service) == 0;
}

static const struct menu_keyword *find_keyword(const struct menu_set *set, const char *name)
{
	const struct menu_keywords *keywords = menu_set_keywords(set);

	for (size_t i = 0; i < keywords->n; i++)
		if (is_keyword(&keywords->at[i], name))
			return &keywords->at[i];
	return NULL;
}

static bool has_agency(const struct menu_set *set, const char *name)
{
	for (size_t i = 0; i < menu_agencies_count(menu_set_agencies(set)); i++)
		if (strcmp(menu_agencies_at(menu_set_agencies(set), i)->name, name) == 0)
			return true;
	return false;
}

static void check_service(const struct gw_catalogue_entry *entry, const struct menu_set *set, struct menu_diags *diags)
{
	struct menu_service_info info;

	if (!entry->service) {
		if (entry->state == GW_CATALOGUE_LIVE && entry->ussd)
			complain(entry, "missing-service", "\"%s\" is live by ussd: it needs \"service\", the name of its file", entry->name);
		return;
	}
	if (!find_service(set, entry->service, &info)) {
		complain(entry, "unknown-service", "the menu has no service \"%s\"", entry->service);
		return;
	}
	if (!entry->dial != !info.dial || (entry->dial && strcmp(entry->dial, info.dial) != 0))
		complain(entry, "other-dial", "in the menu the dial of \"%s\" is \"%s\"", entry->service, info.dial ? info.dial : "");
}

/* A specific service has one agency beside the gateway itself, and it is this one; a general one calls it among others, or is asked for by a keyword only. */
static void check_agency(const struct gw_catalogue_entry *entry, const struct menu_set *set, struct menu_diags *diags)
{
	bool called = false, calls = false;

	if (entry->state == GW_CATALOGUE_LIVE && !has_agency(set, entry->agency))
		complain(entry, "unknown-agency", "the menu has no agency \"%s\"", entry->agency);
	for (size_t i = 0; entry->service && i < menu_set_screens(set); i++) {
		struct menu_screen_info screen;

		menu_set_screen(set, i, &screen);
		if (!screen.operation || strcmp(screen.service, entry->service) != 0)
			continue;
		calls = true;
		if (strcmp(screen.operation->agency->name, entry->agency) == 0)
			called = true;
		else if (!entry->general && !screen.operation->agency->own)
			complain(entry, "other-agency", "\"%s\" is of one agency, but its file calls \"%s\"", entry->name, screen.operation->name);
	}
	if (calls && !called)
		complain(entry, "other-agency", "the file of \"%s\" calls nothing of \"%s\"", entry->name, entry->agency);
}

static bool asks(const struct gw_catalogue_entry *entry, const struct menu_set *set, const char *input)
{
	for (size_t i = 0; entry->service && i < menu_set_screens(set); i++) {
		struct menu_screen_info screen;

		menu_set_screen(set, i, &screen);
		if (screen.check && strcmp(screen.service, entry->service) == 0 && strcmp(screen.check, input) == 0)
			return true;
	}
	for (size_t i = 0; i < entry->n_keywords; i++) {
		const struct menu_keyword *keyword = find_keyword(set, entry->keywords[i]);

		for (size_t k = 0; keyword && k < keyword->n_fields; k++)
			if (strcmp(keyword->fields[k].check->name, input) == 0)
				return true;
	}
	return false;
}

static void check_inputs(const struct gw_catalogue_entry *entry, const struct menu_set *set, struct menu_diags *diags)
{
	for (size_t i = 0; entry->state == GW_CATALOGUE_LIVE && i < entry->n_inputs; i++)
		if (!asks(entry, set, entry->inputs[i]))
			complain(entry, "unused-input", "neither the menu nor a keyword of \"%s\" asks for \"%s\"", entry->name, entry->inputs[i]);
}

static void check_keywords(const struct gw_catalogue_entry *entry, const struct menu_set *set, struct menu_diags *diags)
{
	if (entry->state == GW_CATALOGUE_LIVE && entry->sms != (entry->n_keywords > 0))
		complain(entry, "missing-keyword", "\"%s\" must have keywords if \"sms\" is one of its channels, and only then", entry->name);
	for (size_t i = 0; i < entry->n_keywords; i++)
		if (!find_keyword(set, entry->keywords[i]))
			complain(entry, "unknown-keyword", "the menu has no keyword \"%s\"", entry->keywords[i]);
}

/* What a file can prove: what its screens require, or level 2 by a code that is the agency's own and that the file itself asks for. */
static void levels_of(const struct menu_set *set, const char *service, unsigned int *required, unsigned int *proved)
{
	*required = *proved = 0;
	for (size_t i = 0; i < menu_set_screens(set); i++) {
		struct menu_screen_info screen;

		menu_set_screen(set, i, &screen);
		if (strcmp(screen.service, service) != 0)
			continue;
		if (screen.requires > *required)
			*required = screen.requires;
		if (screen.secret)
			*proved = OWN_CODE_LEVEL;
	}
	if (*required > *proved)
		*proved = *required;
}

/* The highest level that a live service of this file says it needs. */
static unsigned int level_told(const struct gw_catalogue *catalogue, const char *service)
{
	unsigned int level = 0;

	for (size_t i = 0; i < catalogue->n; i++) {
		const struct gw_catalogue_entry *entry = &catalogue->entries[i];

		if (entry->state == GW_CATALOGUE_LIVE && entry->service && strcmp(entry->service, service) == 0 && entry->level > level)
			level = entry->level;
	}
	return level;
}

/* A file may hold services of several levels: none of them more than it proves, and one of them as much as it requires. */
static void check_level(const struct gw_catalogue *catalogue, const struct gw_catalogue_entry *entry, const struct menu_set *set, struct menu_diags *diags)
{
	unsigned int required, proved;

	if (entry->state != GW_CATALOGUE_LIVE || !entry->service)
		return;
	levels_of(set, entry->service, &required, &proved);
	if (entry->level > proved)
		complain(entry, "other-level", "\"%s\" needs level %u, but nothing in its file requires it", entry->name, entry->level);
	if (level_told(catalogue, entry->service) < required)
		complain(entry, "other-level", "the file of \"%s\" requires level %u, and no live service of it says so", entry->name, required);
}

static bool lists_keyword(const struct gw_catalogue *catalogue, const struct menu_keyword *keyword)
{
	for (size_t i = 0; i < catalogue->n; i++)
		for (size_t k = 0; k < catalogue->entries[i].n_keywords; k++)
			if (is_keyword(keyword, catalogue->entries[i].keywords[k]) && catalogue->entries[i].state == GW_CATALOGUE_LIVE)
				return true;
	return false;
}

static bool lists_service(const struct gw_catalogue *catalogue, const char *name)
{
	for (size_t i = 0; i < catalogue->n; i++)
		if (catalogue->entries[i].service && strcmp(catalogue->entries[i].service, name) == 0 && catalogue->entries[i].state == GW_CATALOGUE_LIVE)
			return true;
	return false;
}

static void check_menu(const struct gw_catalogue *catalogue, const struct menu_set *set, struct menu_diags *diags)
{
	const struct menu_keywords *keywords = menu_set_keywords(set);

	for (size_t i = 0; i < menu_set_services(set); i++) {
		struct menu_service_info info;

		menu_set_service(set, i, &info);
		if (!lists_service(catalogue, info.name))
			menu_diag_add(diags, info.file, 1, "not-in-catalogue", "no service of the catalogue that is live has this file");
	}
	for (size_t i = 0; i < keywords->n; i++)
		if (!keywords->at[i].group && !lists_keyword(catalogue, &keywords->at[i]))
			menu_diag_add(diags, keywords->at[i].file, keywords->at[i].line, "not-in-catalogue",
			              "no service of the catalogue that is live has the keyword \"%s.%s\"", keywords->at[i].agency, keywords->at[i].service);
}

void gw_catalogue_check(const struct gw_catalogue *catalogue, const struct menu_set *set, struct menu_diags *diags)
{
	for (size_t i = 0; i < catalogue->n; i++) {
		const struct gw_catalogue_entry *entry = &catalogue->entries[i];

		check_service(entry, set, diags);
		check_agency(entry, set, diags);
		check_inputs(entry, set, diags);
		check_keywords(entry, set, diags);
		check_level(catalogue, entry, set, diags);
	}
	check_menu(catalogue, set, diags);
}
