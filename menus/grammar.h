/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The grammar of the menu language as tables: which keys a group may have, of which type, and which it must have. README.md
 * says what they mean. */
#pragma once

#include "menus/diag.h"
#include "menus/source.h"
#include "menus/tree.h"

#define MENU_STRING (1u << MENU_NODE_STRING)
#define MENU_INT (1u << MENU_NODE_INT)
#define MENU_BOOL (1u << MENU_NODE_BOOL)
#define MENU_LIST (1u << MENU_NODE_LIST)
#define MENU_GROUP (1u << MENU_NODE_GROUP)
#define MENU_TEXT (MENU_STRING | MENU_GROUP)

struct menu_key_rule { const char *name; unsigned int types; bool required; }; /* tables end in a NULL name */

extern const struct menu_key_rule menu_root_keys[], menu_group_keys[], menu_service_keys[], menu_option_keys[], menu_branch_keys[],
	menu_nav_keys[], menu_keyword_file_keys[], menu_keyword_keys[], menu_sub_keyword_keys[], menu_keyword_field_keys[];

/* One row for each kind of screen. Its main key says what it is. */
struct menu_kind_rule { const char *main; const struct menu_key_rule *keys; bool open; }; /* open: other keys are outcomes */
extern const struct menu_kind_rule menu_kind_rules[MENU_SCREEN_KINDS];

/* Tells unknown-key, missing-key and wrong-type. False if something required is missing or wrong. `what`: "a screen". */
bool menu_grammar_check(const struct menu_node *group, const struct menu_key_rule *keys, bool open, const char *what, struct menu_diags *diags);
/* The child, if it is there and of a type that its rule allows. */
const struct menu_node *menu_grammar_get(const struct menu_node *group, const struct menu_key_rule *keys, const char *name);
