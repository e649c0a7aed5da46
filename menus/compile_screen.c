/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Compiling what is in a screen. First the variables of the whole service are declared (a text may speak of what a later
 * screen sets: whether it is set in time is flow.c's to prove), then each screen is filled in, one function for each kind. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "menus/compile.h"
#include "menus/grammar.h"

#define NAME_OCTETS_MAX 60

static const struct menu_node *get(const struct menu_node *node, enum menu_screen_kind kind, const char *name)
{
	return menu_grammar_get(node, menu_kind_rules[kind].keys, name);
}

/* The kind whose main key the screen has; a "text" without one is a page. MENU_SCREEN_KINDS and a diagnostic otherwise. */
static enum menu_screen_kind kind_of(const struct menu_node *node, struct menu_diags *diags)
{
	int i, found = MENU_SCREEN_KINDS;
	for (i = 0; i < MENU_SCREEN_KINDS; i++) {
		if (!menu_node_find(node, menu_kind_rules[i].main))
			continue;
		if (i == MENU_SCREEN_PAGE && menu_node_find(node, menu_kind_rules[MENU_SCREEN_LIST].main))
			continue; /* a list may have options behind its rows */
		if (found != MENU_SCREEN_KINDS && diags)
			menu_diag_add(diags, node->file, node->line, "two-kinds", "screen \"%s\" has both \"%s\" and \"%s\"", node->name,
			              menu_kind_rules[found].main, menu_kind_rules[i].main);
		found = found == MENU_SCREEN_KINDS ? i : found;
	}
	if (found == MENU_SCREEN_KINDS && menu_node_find(node, "text"))
		return MENU_SCREEN_PAGE;
	if (found == MENU_SCREEN_KINDS && diags)
		menu_diag_add(diags, node->file, node->line, "missing-key",
		              "screen \"%s\" has no key that says what it is (text, options, ask, list, call, branch, confirm, sms, language, end)",
		              node->name);
	return (enum menu_screen_kind)found;
}

/* --- variables --- */

static bool good_name(const char *name)
{
	size_t i;
	if (!islower((unsigned char)name[0]) || strlen(name) > NAME_OCTETS_MAX)
		return false;
	for (i = 0; name[i]; i++)
		if (!islower((unsigned char)name[i]) && !isdigit((unsigned char)name[i]) && name[i] != '_' && name[i] != '.')
			return false;
	return true;
}

/* The variable's index; declared before with the same kind is the same variable, with another a mistake. */
static uint16_t declare(struct menu_compiler *c, const struct menu_node *node, const char *name, enum menu_var_kind kind, bool secret)
{
	struct menu_service *service = c->service;
	uint16_t var = menu_tree_var(service, name);

	if (var != MENU_NONE) {
		struct menu_var *known = &service->vars[var];
		bool typed = kind == MENU_VAR_SET || kind == MENU_VAR_INPUT, was_typed = known->kind == MENU_VAR_SET || known->kind == MENU_VAR_INPUT;
		if (known->kind != kind && !(typed && was_typed))
			menu_diag_add(c->diags, node->file, node->line, "duplicate-name", "\"%s\" is already something else in this service", name);
		known->secret = known->secret || secret;
		return var;
	}
	if (service->n_vars == MENU_VARS_MAX) {
		menu_diag_add(c->diags, node->file, node->line, "too-many", "a service has at most %d variables", MENU_VARS_MAX);
		return MENU_NONE;
	}
	service->vars = talloc_realloc(c->set, service->vars, struct menu_var, service->n_vars + 1u);
	service->vars[service->n_vars] = (struct menu_var){ .name = talloc_strdup(c->set, name), .kind = kind, .secret = secret };
	return service->n_vars++;
}

static uint16_t declare_named(struct menu_compiler *c, const struct menu_node *node, enum menu_var_kind kind, bool secret)
{
	const char *name = kind == MENU_VAR_SET ? node->name : node->string;
	if (good_name(name))
		return declare(c, node, name, kind, secret);
	menu_diag_add(c->diags, node->file, node->line, "bad-name", "a name is lower case letters, digits, _ and ., not \"%s\"", name);
	return MENU_NONE;
}

static void declare_call(struct menu_compiler *c, const struct menu_node *node)
{
	const struct menu_node *call = get(node, MENU_SCREEN_CALL, "call");
	const struct menu_operation *operation = call ? menu_operation_find(c->set->agencies, call->string) : NULL;
	char name[2 * NAME_OCTETS_MAX + 8];
	size_t i, k;

	for (i = 0; operation && i < operation->n_fields; i++) {
		uint16_t var = declare(c, call, operation->fields[i].name, MENU_VAR_FIELD, false);
		if (var != MENU_NONE && operation->fields[i].is_private)
			c->service->vars[var].private = true;
	}
	for (i = 0; operation && i < operation->n_lists; i++) {
		const struct menu_list *list = &operation->lists[i];
		snprintf(name, sizeof(name), "%s[]", list->name);
		declare(c, call, name, MENU_VAR_LIST, false);
		for (k = 0; k < list->n_fields; k++) {
			snprintf(name, sizeof(name), "%s[].%s", list->name, list->fields[k].name);
			declare(c, call, name, MENU_VAR_COLUMN, false);
		}
	}
}

/* item.FIELD for every column of the list. */
static void declare_items(struct menu_compiler *c, const struct menu_node *node)
{
	const struct menu_node *list = get(node, MENU_SCREEN_LIST, "list"), *into = get(node, MENU_SCREEN_LIST, "into");
	char prefix[NAME_OCTETS_MAX + 8], name[2 * NAME_OCTETS_MAX + 8];
	uint16_t i, n = c->service->n_vars;
	if (!list || !into)
		return;
	if (!good_name(into->string)) {
		declare_named(c, into, MENU_VAR_ITEM, false);
		return;
	}
	snprintf(prefix, sizeof(prefix), "%.*s[].", NAME_OCTETS_MAX, list->string);
	for (i = 0; i < n; i++) {
		const struct menu_var *var = &c->service->vars[i];
		if (var->kind != MENU_VAR_COLUMN || strncmp(var->name, prefix, strlen(prefix)) != 0)
			continue;
		snprintf(name, sizeof(name), "%s.%s", into->string, var->name + strlen(prefix));
		declare(c, into, name, MENU_VAR_ITEM, false);
	}
}

static void declare_settings(struct menu_compiler *c, const struct menu_node *rows)
{
	size_t i, k;
	for (i = 0; rows && i < rows->n; i++) {
		const struct menu_node *set = rows->children[i].kind == MENU_NODE_GROUP ? menu_grammar_get(&rows->children[i], menu_branch_keys, "set") : NULL;
		for (k = 0; set && k < set->n; k++)
			declare_named(c, &set->children[k], MENU_VAR_SET, false);
	}
}

/* INTO.FACT for what the check makes of the input. */
static void declare_facts(struct menu_compiler *c, const struct menu_node *node, const struct menu_node *into, bool secret)
{
	const struct menu_node *check = get(node, MENU_SCREEN_ASK, "check");
	const struct menu_input_kind *kind = check ? menu_input_find(check->string) : NULL;
	char name[2 * NAME_OCTETS_MAX + 8];
	size_t i;
	for (i = 0; kind && good_name(into->string) && i < sizeof(kind->facts) / sizeof(kind->facts[0]) && kind->facts[i]; i++) {
		snprintf(name, sizeof(name), "%s.%s", into->string, kind->facts[i]);
		declare(c, into, name, MENU_VAR_INPUT, secret);
	}
}

static void declare_typed(struct menu_compiler *c, const struct menu_node *node, enum menu_screen_kind kind)
{
	const struct menu_node *into, *secret;
	if (kind == MENU_SCREEN_ASK) {
		into = get(node, kind, "into");
		secret = get(node, kind, "secret");
		if (into) {
			declare_named(c, into, MENU_VAR_INPUT, secret && secret->integer);
			declare_facts(c, node, into, secret && secret->integer);
		}
	}
	if (kind == MENU_SCREEN_PAGE || kind == MENU_SCREEN_LIST)
		declare_settings(c, get(node, kind, "options"));
	if (kind == MENU_SCREEN_BRANCH)
		declare_settings(c, get(node, kind, "branch"));
}

/* First what agencies name, then what the menu's author does: a clash is told where it can be mended. */
void menu_compile_variables(struct menu_compiler *c, const struct menu_node *screens)
{
	enum { CALLS, LISTS, TYPED, PASSES } pass;
	size_t i;
	for (pass = CALLS; pass < PASSES; pass++)
		for (i = 0; i < screens->n; i++) {
			const struct menu_node *node = &screens->children[i];
			enum menu_screen_kind kind = node->kind == MENU_NODE_GROUP ? kind_of(node, NULL) : MENU_SCREEN_KINDS;
			if (pass == CALLS && kind == MENU_SCREEN_CALL)
				declare_call(c, node);
			if (pass == LISTS && kind == MENU_SCREEN_LIST)
				declare_items(c, node);
			if (pass == TYPED)
				declare_typed(c, node, kind);
		}
}

/* --- what screens are made of --- */

/* The screen of this service that the string names. */
static uint16_t compile_go(struct menu_compiler *c, const struct menu_node *node)
{
	size_t i;
	if (!node)
		return MENU_NONE;
	for (i = 0; i < c->service->n_screens; i++)
		if (strcmp(c->set->screens[c->service->first + i].name, node->string) == 0)
			return (uint16_t)(c->service->first + i);
	menu_diag_add(c->diags, node->file, node->line, "unknown-screen", "no screen is called \"%s\"", node->string);
	return MENU_NONE;
}

/* A string or a number that stands for itself. NULL and a diagnostic if it is neither. */
static const char *literal(struct menu_compiler *c, const struct menu_node *node)
{
	if (node->kind == MENU_NODE_STRING && strlen(node->string) <= MENU_OPERATION_VALUE_OCTETS)
		return talloc_strdup(c->set, node->string);
	if (node->kind == MENU_NODE_INT)
		return talloc_asprintf(c->set, "%lld", (long long)node->integer);
	menu_diag_add(c->diags, node->file, node->line, "wrong-type", "\"%s\" wants a short string or a whole number", node->name);
	return NULL;
}

static void compile_settings(struct menu_compiler *c, const struct menu_node *set, struct menu_option *option)
{
	struct menu_setting *settings;
	size_t i;
	if (!set)
		return;
	settings = talloc_zero_array(c->set, struct menu_setting, (unsigned int)set->n);
	for (i = 0; i < set->n; i++) {
		settings[option->n_settings].var = menu_tree_var(c->service, set->children[i].name);
		settings[option->n_settings].value = literal(c, &set->children[i]);
		option->n_settings += settings[option->n_settings].var != MENU_NONE && settings[option->n_settings].value;
	}
	option->settings = settings;
}

static void compile_options(struct menu_compiler *c, const struct menu_node *rows, bool branch, struct menu_screen *screen)
{
	const struct menu_key_rule *keys = branch ? menu_branch_keys : menu_option_keys;
	const size_t most = screen->kind == MENU_SCREEN_LIST ? MENU_CHOICES_MAX - MENU_OPERATION_ROWS_MAX : MENU_CHOICES_MAX;
	struct menu_option *options;
	size_t i;

	if (!rows)
		return;
	if (rows->n > most)
		menu_diag_add(c->diags, rows->file, rows->line, "too-many", "at most %zu options", most);
	options = talloc_zero_array(c->set, struct menu_option, (unsigned int)rows->n);
	for (i = 0; i < rows->n && i < most; i++) {
		const struct menu_node *row = &rows->children[i], *when;
		struct menu_option *option = &options[screen->n_options];
		struct menu_site site;
		if (row->kind != MENU_NODE_GROUP) {
			menu_diag_add(c->diags, row->file, row->line, "wrong-type", "an option is a group: { ... }");
			continue;
		}
		menu_grammar_check(row, keys, false, branch ? "a branch" : "an option", c->diags);
		option->line = row->line;
		option->text = menu_compile_text(c, branch ? NULL : menu_grammar_get(row, keys, "text"));
		option->go = compile_go(c, menu_grammar_get(row, keys, "go"));
		when = menu_grammar_get(row, keys, "when");
		if (when) {
			site = menu_compile_site(c, when);
			option->when = menu_condition_compile(&site, when->string);
		}
		compile_settings(c, menu_grammar_get(row, keys, "set"), option);
		screen->n_options++;
	}
	screen->options = options;
}

/* --- the kinds --- */

static void compile_page(struct menu_compiler *c, const struct menu_node *node, struct menu_screen *screen)
{
	screen->text = menu_compile_text(c, get(node, screen->kind, "text"));
	compile_options(c, get(node, screen->kind, "options"), false, screen);
}

static bool listed(const char *const *names, size_t n, const char *name)
{
	size_t i;
	for (i = 0; i < n && names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void add_operand(struct menu_compiler *c, struct menu_screen *screen, struct menu_operand operand)
{
	struct menu_operand *operands = (struct menu_operand *)(uintptr_t)screen->operands;
	operands = talloc_realloc(c->set, operands, struct menu_operand, (unsigned int)(screen->n_operands + 1));
	operands[screen->n_operands++] = operand;
	screen->operands = operands;
}

/* A variable's name; MENU_NONE and a diagnostic if it is none. */
static uint16_t variable(struct menu_compiler *c, const struct menu_node *node)
{
	uint16_t var = node->kind == MENU_NODE_STRING ? menu_tree_named(c->service, node->string) : MENU_NONE;
	if (var == MENU_NONE)
		menu_diag_add(c->diags, node->file, node->line, "unknown-variable", "nothing sets \"%s\"", node->string ? node->string : node->name);
	return var;
}

/* `with` of a check: other values by the name of their variable, bounds as they are. A value that is not named is taken from
 * the variable of the same name, where the service has one. */
static void compile_check_operands(struct menu_compiler *c, const struct menu_node *with, struct menu_screen *screen)
{
	const struct menu_input_kind *check = screen->check;
	const size_t n_with = sizeof(check->with) / sizeof(check->with[0]), n_bounds = sizeof(check->bounds) / sizeof(check->bounds[0]);
	size_t i;

	for (i = 0; with && i < with->n; i++) {
		const struct menu_node *node = &with->children[i];
		const char *name = talloc_strdup(c->set, node->name);
		if (listed(check->with, n_with, name))
			add_operand(c, screen, (struct menu_operand){ name, NULL, variable(c, node) });
		else if (listed(check->bounds, n_bounds, name))
			add_operand(c, screen, (struct menu_operand){ name, literal(c, node), MENU_NONE });
		else
			menu_diag_add(c->diags, node->file, node->line, "unknown-key", "the check \"%s\" knows no \"%s\"", check->name, name);
	}
	for (i = 0; i < n_with && check->with[i]; i++) {
		uint16_t var = menu_tree_named(c->service, check->with[i]);
		if (var != MENU_NONE && !menu_tree_operand(screen, check->with[i]))
			add_operand(c, screen, (struct menu_operand){ check->with[i], NULL, var });
	}
}

static void map_facts(struct menu_compiler *c, const char *into, struct menu_screen *screen)
{
	char name[2 * NAME_OCTETS_MAX + 8];
	size_t i;
	for (i = 0; i < sizeof(screen->facts) / sizeof(screen->facts[0]); i++) {
		snprintf(name, sizeof(name), "%.*s.%s", NAME_OCTETS_MAX, into, screen->check->facts[i] ? screen->check->facts[i] : "");
		screen->facts[i] = screen->check->facts[i] ? menu_tree_var(c->service, name) : MENU_NONE;
	}
}

static void compile_ask(struct menu_compiler *c, const struct menu_node *node, struct menu_screen *screen)
{
	const struct menu_node *check = get(node, screen->kind, "check"), *into = get(node, screen->kind, "into");
	const struct menu_node *secret = get(node, screen->kind, "secret");

	screen->text = menu_compile_text(c, get(node, screen->kind, "ask"));
	screen->into = into ? menu_tree_var(c->service, into->string) : MENU_NONE;
	screen->secret = secret && secret->integer;
	screen->go = compile_go(c, get(node, screen->kind, "go"));
	screen->check = check ? menu_input_find(check->string) : NULL;
	if (screen->check && into)
		map_facts(c, into->string, screen);
	if (screen->check)
		compile_check_operands(c, get(node, screen->kind, "with"), screen);
	else if (check)
		menu_diag_add(c->diags, check->file, check->line, "unknown-check", "there is no input check \"%s\"", check->string);
}

static void compile_list(struct menu_compiler *c, const struct menu_node *node, struct menu_screen *screen)
{
	const struct menu_node *list = get(node, screen->kind, "list"), *into = get(node, screen->kind, "into");
	struct menu_column *columns = talloc_array(c->set, struct menu_column, c->service->n_vars);
	char prefix[NAME_OCTETS_MAX + 8], name[2 * NAME_OCTETS_MAX + 8];
	uint16_t i;

	screen->text = menu_compile_text(c, get(node, screen->kind, "text"));
	screen->row = menu_compile_text(c, get(node, screen->kind, "row"));
	screen->go = compile_go(c, get(node, screen->kind, "go"));
	screen->other = compile_go(c, get(node, screen->kind, "empty"));
	screen->columns = columns;
	compile_options(c, get(node, screen->kind, "options"), false, screen);
	if (!list || !into)
		return;
	snprintf(prefix, sizeof(prefix), "%.*s[]", NAME_OCTETS_MAX, list->string);
	screen->list = menu_tree_var(c->service, prefix);
	if (screen->list == MENU_NONE)
		menu_diag_add(c->diags, list->file, list->line, "list-without-call", "no operation that this service calls gives a list \"%s\"", list->string);
	for (i = 0; i < c->service->n_vars; i++) {
		const struct menu_var *var = &c->service->vars[i];
		if (var->kind != MENU_VAR_COLUMN || strncmp(var->name, prefix, strlen(prefix)) != 0)
			continue;
		snprintf(name, sizeof(name), "%.*s.%s", NAME_OCTETS_MAX, into->string, var->name + strlen(prefix) + 1);
		columns[screen->n_columns++] = (struct menu_column){ i, menu_tree_var(c->service, name) };
	}
}

static void compile_language(struct menu_compiler *c, const struct menu_node *node, struct menu_screen *screen)
{
	screen->text = menu_compile_text(c, get(node, screen->kind, "language"));
	screen->go = compile_go(c, get(node, screen->kind, "go"));
}

static void compile_confirm(struct menu_compiler *c, const struct menu_node *node, struct menu_screen *screen)
{
	screen->text = menu_compile_text(c, get(node, screen->kind, "confirm"));
	screen->go = compile_go(c, get(node, screen->kind, "go"));
	screen->other = compile_go(c, get(node, screen->kind, "no"));
}

/* One operand for each input of the operation: from `with` ('text' or a number stands for itself), or the variable of its name. */
static void compile_call_operands(struct menu_compiler *c, const struct menu_node *node, struct menu_screen *screen)
{
	const struct menu_node *with = get(node, screen->kind, "with"), *value;
	const struct menu_operation *operation = screen->operation;
	size_t i;

	for (i = 0; with && i < with->n; i++)
		if (!listed(operation->inputs, operation->n_inputs, with->children[i].name))
			menu_diag_add(c->diags, with->children[i].file, with->children[i].line, "unknown-key", "%s has no input \"%s\"", operation->name,
			              with->children[i].name);
	for (i = 0; i < operation->n_inputs; i++) {
		struct menu_operand operand = { operation->inputs[i], NULL, MENU_NONE };
		value = with ? menu_node_find(with, operand.name) : NULL;
		if (value && value->kind == MENU_NODE_STRING && value->string[0] == '\'')
			operand.literal = talloc_strndup(c->set, value->string + 1, strcspn(value->string + 1, "'"));
		else if (value && value->kind == MENU_NODE_INT)
			operand.literal = literal(c, value);
		else if (value)
			operand.var = variable(c, value);
		else
			operand.var = menu_tree_named(c->service, operand.name);
		if (!value && operand.var == MENU_NONE)
			menu_diag_add(c->diags, node->file, node->line, "missing-input", "%s needs \"%s\", which nothing sets", operation->name, operand.name);
		add_operand(c, screen, operand);
	}
}

static void map_answer(struct menu_compiler *c, struct menu_screen *screen)
{
	const struct menu_operation *operation = screen->operation;
	uint16_t *fields = talloc_array(c->set, uint16_t, (unsigned int)operation->n_fields);
	struct menu_call_list *lists = talloc_zero_array(c->set, struct menu_call_list, (unsigned int)operation->n_lists);
	char name[2 * NAME_OCTETS_MAX + 8];
	size_t i, k;

	for (i = 0; i < operation->n_fields; i++)
		fields[i] = menu_tree_var(c->service, operation->fields[i].name);
	for (i = 0; i < operation->n_lists; i++) {
		uint16_t *columns = talloc_array(c->set, uint16_t, (unsigned int)operation->lists[i].n_fields);
		snprintf(name, sizeof(name), "%s[]", operation->lists[i].name);
		lists[i] = (struct menu_call_list){ &operation->lists[i], menu_tree_var(c->service, name), columns };
		for (k = 0; k < operation->lists[i].n_fields; k++) {
			snprintf(name, sizeof(name), "%s[].%s", operation->lists[i].name, operation->lists[i].fields[k].name);
			columns[k] = menu_tree_var(c->service, name);
		}
	}
	screen->fields = fields;
	screen->lists = lists;
}

/* A call's other keys are its outcomes. */
static bool is_outcome(const char *name)
{
	const struct menu_key_rule *key;
	for (key = menu_kind_rules[MENU_SCREEN_CALL].keys; key->name; key++)
		if (strcmp(key->name, name) == 0)
			return false;
	return true;
}

static void compile_outcomes(struct menu_compiler *c, const struct menu_node *node, struct menu_screen *screen)
{
	struct menu_outcome *outcomes = talloc_zero_array(c->set, struct menu_outcome, (unsigned int)node->n);
	size_t i;
	screen->outcomes = outcomes;
	for (i = 0; i < node->n; i++) {
		const struct menu_node *child = &node->children[i];
		if (!is_outcome(child->name))
			continue;
		if (screen->operation && !menu_operation_has_outcome(screen->operation, child->name)) {
			menu_diag_add(c->diags, child->file, child->line, "unknown-outcome", "%s never ends in \"%s\"", screen->operation->name, child->name);
			continue;
		}
		if (child->kind != MENU_NODE_STRING) {
			menu_diag_add(c->diags, child->file, child->line, "wrong-type", "\"%s\" wants a string", child->name);
			continue;
		}
		outcomes[screen->n_outcomes++] = (struct menu_outcome){ talloc_strdup(c->set, child->name), compile_go(c, child) };
	}
}

static void compile_call(struct menu_compiler *c, const struct menu_node *node, struct menu_screen *screen)
{
	const struct menu_node *call = get(node, screen->kind, "call");

	screen->operation = call ? menu_operation_find(c->set->agencies, call->string) : NULL;
	screen->fallback = compile_go(c, get(node, screen->kind, "default"));
	compile_outcomes(c, node, screen);
	if (screen->operation) {
		compile_call_operands(c, node, screen);
		map_answer(c, screen);
	} else if (call) {
		menu_diag_add(c->diags, call->file, call->line, "unknown-operation", "no agency has an operation \"%s\"", call->string);
	}
}

static void compile_branch(struct menu_compiler *c, const struct menu_node *node, struct menu_screen *screen)
{
	compile_options(c, get(node, screen->kind, "branch"), true, screen);
}

static void compile_sms(struct menu_compiler *c, const struct menu_node *node, struct menu_screen *screen)
{
	screen->text = menu_compile_text(c, get(node, screen->kind, "sms"));
	screen->go = compile_go(c, get(node, screen->kind, "go"));
}

static void compile_end(struct menu_compiler *c, const struct menu_node *node, struct menu_screen *screen)
{
	screen->text = menu_compile_text(c, get(node, screen->kind, "end"));
}

static void (*const compile_kind[MENU_SCREEN_KINDS])(struct menu_compiler *, const struct menu_node *, struct menu_screen *) = {
	[MENU_SCREEN_PAGE] = compile_page,         [MENU_SCREEN_ASK] = compile_ask,     [MENU_SCREEN_LIST] = compile_list,
	[MENU_SCREEN_LANGUAGE] = compile_language, [MENU_SCREEN_CONFIRM] = compile_confirm, [MENU_SCREEN_CALL] = compile_call,
	[MENU_SCREEN_BRANCH] = compile_branch,     [MENU_SCREEN_SMS] = compile_sms,     [MENU_SCREEN_END] = compile_end,
};

/* What must be proved before the screen is shown: what it says itself, and at least what its operation wants. */
static void compile_ladder(struct menu_compiler *c, const struct menu_node *node, struct menu_screen *screen)
{
	const struct menu_node *requires = get(node, screen->kind, "requires"), *subject = get(node, screen->kind, "subject");

	screen->requires = (uint8_t)menu_compile_number(c, requires, 1, MENU_LEVEL_MAX, 0);
	screen->business = subject && strcmp(subject->string, "business") == 0;
	if (subject && !screen->business && strcmp(subject->string, "person") != 0)
		menu_diag_add(c->diags, subject->file, subject->line, "bad-subject", "\"person\" or \"business\", not \"%s\"", subject->string);
	if (subject && !requires)
		menu_diag_add(c->diags, subject->file, subject->line, "missing-key", "\"subject\" wants \"requires\" beside it");
	if (screen->operation && screen->operation->requires > screen->requires)
		screen->requires = (uint8_t)screen->operation->requires;
	screen->business = screen->business || (screen->operation && screen->operation->business);
	if (screen->requires && !c->set->identity)
		menu_diag_add(c->diags, node->file, requires ? requires->line : node->line, "no-identity",
		              "screen \"%s\" requires a proof, and the root names no operation that proves (identity)", node->name);
}

void menu_compile_screen(struct menu_compiler *c, const struct menu_node *node, struct menu_screen *screen)
{
	enum menu_screen_kind kind = kind_of(node, c->diags);
	const struct menu_node *visit;
	char what[NAME_OCTETS_MAX + 32];

	screen->file = talloc_strdup(c->set, node->file);
	screen->line = node->line;
	screen->go = screen->other = screen->fallback = screen->into = screen->list = MENU_NONE;
	screen->tries = c->set->tries;
	if (kind == MENU_SCREEN_KINDS) {
		screen->kind = MENU_SCREEN_END; /* so that the rest can be judged */
		return;
	}
	screen->kind = kind;
	snprintf(what, sizeof(what), "screen \"%.*s\"", NAME_OCTETS_MAX, node->name);
	menu_grammar_check(node, menu_kind_rules[kind].keys, menu_kind_rules[kind].open, what, c->diags);
	compile_kind[kind](c, node, screen);
	compile_ladder(c, node, screen);
	visit = get(node, kind, "visit");
	screen->visit = visit && visit->integer;
	screen->tries = menu_compile_number(c, get(node, kind, "tries"), 1, MENU_TRIES_MAX, c->set->tries);
}
