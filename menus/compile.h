/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Nodes -> the compiled menu. compile.c: the root, the services and the first page; compile_screen.c: what is in a screen.
 *
 * Everything is compiled as far as it goes, so that one run tells every mistake: what cannot be resolved becomes MENU_NONE,
 * and a set with a diagnostic is never handed out. */
#pragma once

#include "menus/load.h"
#include "menus/template.h"

struct menu_compiler {
	struct menu_set *set;
	struct menu_diags *diags;
	struct menu_service *service;      /* the one at hand */
	const struct menu_node *node;      /* its file */
};

/* A set, with mistakes in diags or without. NULL if there is no root at all. */
struct menu_set *menu_compile(void *ctx, const struct menu_sources *sources, struct menu_diags *diags);

/* compile_screen.c */
void menu_compile_variables(struct menu_compiler *c, const struct menu_node *screens);
void menu_compile_screen(struct menu_compiler *c, const struct menu_node *node, struct menu_screen *screen);

/* for both */
struct menu_site menu_compile_site(const struct menu_compiler *c, const struct menu_node *node);
struct menu_text menu_compile_text(struct menu_compiler *c, const struct menu_node *node);
/* A text without variables; "" in a language that the menu does not have. */
void menu_compile_plain(struct menu_compiler *c, const struct menu_node *node, const char *out[MENU_LANGUAGES]);
/* A whole number within bounds, or the default where the key is missing or wrong. */
unsigned int menu_compile_number(struct menu_compiler *c, const struct menu_node *node, unsigned int low, unsigned int high, unsigned int otherwise);
