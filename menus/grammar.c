/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The tables of the language, and the three rules that follow from them alone. */
#include "menus/grammar.h"

#include <string.h>

#define END { NULL, 0, false }
#define LADDER { "requires", MENU_INT, false }, { "subject", MENU_STRING, false }  /* any screen may want a proof */

const struct menu_key_rule menu_root_keys[] = {
	{ "codes", MENU_LIST, true },      { "languages", MENU_LIST, true },  { "title", MENU_TEXT, true },
	{ "services", MENU_LIST, true },   { "keys", MENU_GROUP, false },     { "tries", MENU_INT, false },
	{ "resume", MENU_BOOL, false },    { "ask_language", MENU_BOOL, false }, { "phrases", MENU_GROUP, false },
	{ "identity", MENU_STRING, false }, END
};
const struct menu_key_rule menu_group_keys[] = { { "title", MENU_TEXT, true }, { "services", MENU_LIST, true }, END };
const struct menu_key_rule menu_nav_keys[] = { { "back", MENU_STRING, false }, { "home", MENU_STRING, false }, { "more", MENU_STRING, false }, END };
const struct menu_key_rule menu_service_keys[] = {
	{ "title", MENU_TEXT, true },   { "scope", MENU_STRING, true },   { "dial", MENU_STRING, false },
	{ "start", MENU_STRING, true }, { "direct", MENU_STRING, false }, { "screens", MENU_GROUP, true }, END
};
const struct menu_key_rule menu_option_keys[] = {
	{ "text", MENU_TEXT, true }, { "go", MENU_STRING, true }, { "when", MENU_STRING, false }, { "set", MENU_GROUP, false }, END
};
const struct menu_key_rule menu_branch_keys[] = {
	{ "go", MENU_STRING, true }, { "when", MENU_STRING, false }, { "set", MENU_GROUP, false }, END
};
const struct menu_key_rule menu_keyword_file_keys[] = { { "numbers", MENU_LIST, false }, { "keywords", MENU_GROUP, true }, END };
const struct menu_key_rule menu_keyword_keys[] = {
	{ "words", MENU_LIST, true },  { "title", MENU_TEXT, true }, { "numbers", MENU_LIST, false }, { "fields", MENU_LIST, false },
	{ "help", MENU_TEXT, false },  { "bare", MENU_BOOL, false }, { "keywords", MENU_GROUP, false }, END
};
const struct menu_key_rule menu_sub_keyword_keys[] = {
	{ "words", MENU_LIST, true }, { "title", MENU_TEXT, true }, { "fields", MENU_LIST, false }, { "help", MENU_TEXT, false },
	{ "bare", MENU_BOOL, false }, END
};
const struct menu_key_rule menu_keyword_field_keys[] = {
	{ "name", MENU_STRING, true }, { "label", MENU_TEXT, true },     { "check", MENU_STRING, true },
	{ "with", MENU_GROUP, false }, { "optional", MENU_BOOL, false }, END
};

static const struct menu_key_rule page_keys[] = {
	{ "text", MENU_TEXT, true }, { "options", MENU_LIST, false }, { "tries", MENU_INT, false }, { "visit", MENU_BOOL, false }, LADDER, END
};
static const struct menu_key_rule ask_keys[] = {
	{ "ask", MENU_TEXT, true },     { "into", MENU_STRING, true }, { "check", MENU_STRING, true }, { "go", MENU_STRING, true },
	{ "with", MENU_GROUP, false },  { "tries", MENU_INT, false },  { "secret", MENU_BOOL, false }, LADDER, END
};
static const struct menu_key_rule list_keys[] = {
	{ "list", MENU_STRING, true },  { "text", MENU_TEXT, true },    { "row", MENU_TEXT, true }, { "into", MENU_STRING, true },
	{ "go", MENU_STRING, true },    { "empty", MENU_STRING, true }, { "options", MENU_LIST, false }, { "tries", MENU_INT, false }, LADDER, END
};
static const struct menu_key_rule language_keys[] = { { "language", MENU_TEXT, true }, { "go", MENU_STRING, false }, { "tries", MENU_INT, false }, LADDER, END };
static const struct menu_key_rule confirm_keys[] = {
	{ "confirm", MENU_TEXT, true }, { "go", MENU_STRING, true }, { "no", MENU_STRING, false }, { "tries", MENU_INT, false }, LADDER, END
};
static const struct menu_key_rule call_keys[] = {
	{ "call", MENU_STRING, true }, { "with", MENU_GROUP, false }, { "default", MENU_STRING, false }, LADDER, END
};
static const struct menu_key_rule branch_keys[] = { { "branch", MENU_LIST, true }, LADDER, END };
static const struct menu_key_rule sms_keys[] = { { "sms", MENU_TEXT, true }, { "go", MENU_STRING, true }, LADDER, END };
static const struct menu_key_rule end_keys[] = { { "end", MENU_TEXT, true }, { "visit", MENU_BOOL, false }, LADDER, END };

const struct menu_kind_rule menu_kind_rules[MENU_SCREEN_KINDS] = {
	[MENU_SCREEN_PAGE] = { "options", page_keys, false }, /* or a "text" alone */
	[MENU_SCREEN_ASK] = { "ask", ask_keys, false },
	[MENU_SCREEN_LIST] = { "list", list_keys, false },
	[MENU_SCREEN_LANGUAGE] = { "language", language_keys, false },
	[MENU_SCREEN_CONFIRM] = { "confirm", confirm_keys, false },
	[MENU_SCREEN_CALL] = { "call", call_keys, true },
	[MENU_SCREEN_BRANCH] = { "branch", branch_keys, false },
	[MENU_SCREEN_SMS] = { "sms", sms_keys, false },
	[MENU_SCREEN_END] = { "end", end_keys, false },
};

static const struct menu_key_rule *find(const struct menu_key_rule *keys, const char *name)
{
	for (; keys->name; keys++)
		if (strcmp(keys->name, name) == 0)
			return keys;
	return NULL;
}

static const char *type_name(unsigned int types)
{
	switch (types) {
	case MENU_STRING: return "a string";
	case MENU_INT: return "a whole number";
	case MENU_BOOL: return "true or false";
	case MENU_LIST: return "a list: ( ... )";
	case MENU_GROUP: return "a group: { ... }";
	default: return "a text in each language: { fa = \"...\"; en = \"...\"; }";
	}
}

bool menu_grammar_check(const struct menu_node *group, const struct menu_key_rule *keys, bool open, const char *what, struct menu_diags *diags)
{
	const struct menu_key_rule *key;
	bool good = true;
	size_t i;

	for (i = 0; i < group->n; i++) {
		const struct menu_node *child = &group->children[i];
		key = find(keys, child->name);
		if (!key && !open)
			menu_diag_add(diags, child->file, child->line, "unknown-key", "%s has no key \"%s\"", what, child->name);
		if (key && !(key->types & 1u << child->kind)) {
			menu_diag_add(diags, child->file, child->line, "wrong-type", "\"%s\" wants %s", child->name, type_name(key->types));
			good = good && !key->required;
		}
	}
	for (key = keys; key->name; key++)
		if (key->required && !menu_node_find(group, key->name)) {
			menu_diag_add(diags, group->file, group->line, "missing-key", "%s wants the key \"%s\"", what, key->name);
			good = false;
		}
	return good;
}

const struct menu_node *menu_grammar_get(const struct menu_node *group, const struct menu_key_rule *keys, const char *name)
{
	const struct menu_key_rule *key = find(keys, name);
	const struct menu_node *node = menu_node_find(group, name);
	return node && key && key->types & 1u << node->kind ? node : NULL;
}
