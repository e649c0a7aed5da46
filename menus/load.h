/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* From paths to what stands in the files: which is the root, which are services, agencies, keywords, and the version. */
#pragma once

#include "menus/diag.h"
#include "menus/operation.h"
#include "menus/source.h"

#define MENU_ROOT_NAME "menu"         /* menu.cfg; any other NAME.cfg is the service NAME */
#define MENU_CATALOGUE_NAME "catalogue" /* catalogue.cfg tells people of the services; it is no part of the menu, nor of its version */
#define MENU_SERVICES_MAX 500

struct menu_source_file { const char *name; const struct menu_node *node; };
struct menu_sources {
	const struct menu_node *root;      /* NULL if there is none, or none that can be read */
	size_t n;
	struct menu_source_file *services; /* sorted by name */
	struct menu_agencies *agencies;
	size_t n_keywords;
	struct menu_source_file *keywords; /* sorted by name, which is the agency's */
	uint64_t version;                  /* never 0 */
};

/* All of it becomes children of ctx. What could not be read is missing, with diagnostics. */
void menu_sources_load(void *ctx, const char *const *paths, size_t n, struct menu_diags *diags, struct menu_sources *sources);
