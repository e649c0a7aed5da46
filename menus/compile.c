/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Compiling the root file and the services, and making the pages that nobody writes: the first page, one for each group of
 * services, the question for the language. */
#include "menus/compile.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "menus/grammar.h"
#include "menus/keyword.h"
#include "menus/phrase.h"
#include "menus/proof.h"
#include "menus/utf8.h"

#define DIAL_DIGITS_MAX 10
#define KEY_DIGITS_MAX 3
#define PHRASE_OCTETS_MAX 400
#define DIGITS "0123456789"

static const char *const key_names[MENU_KEYS] = { "back", "home", "more" };
static const char *const key_defaults[MENU_KEYS] = { "0", "00", "9" };

struct menu_site menu_compile_site(const struct menu_compiler *c, const struct menu_node *node)
{
	return (struct menu_site){ c->set, c->service, c->diags, node->file, node->line };
}

static void complain(struct menu_compiler *c, const struct menu_node *node, const char *rule, const char *text)
{
	menu_diag_add(c->diags, node->file, node->line, rule, "%s \"%s\"", text, node->string ? node->string : "");
}

unsigned int menu_compile_number(struct menu_compiler *c, const struct menu_node *node, unsigned int low, unsigned int high, unsigned int otherwise)
{
	if (!node)
		return otherwise;
	if (node->integer >= (int64_t)low && node->integer <= (int64_t)high)
		return (unsigned int)node->integer;
	menu_diag_add(c->diags, node->file, node->line, "out-of-bounds", "\"%s\" is %u to %u", node->name, low, high);
	return otherwise;
}

/* A string for all languages has nothing to translate: no letter outside of {...}. */
static bool needs_translation(const char *text)
{
	bool inside = false;
	for (; *text; text++) {
		inside = *text == '{' ? true : *text == '}' ? false : inside;
		if (!inside && ((unsigned char)*text >= 0x80 || isalpha((unsigned char)*text)))
			return true;
	}
	return false;
}

/* The string for this language, or NULL and a diagnostic. */
static const char *translation(struct menu_compiler *c, const struct menu_node *node, const char *code)
{
	const struct menu_node *child = node->kind == MENU_NODE_GROUP ? menu_node_find(node, code) : node;
	if (!child || child->kind != MENU_NODE_STRING || child->string[0] == '\0') {
		menu_diag_add(c->diags, node->file, node->line, "missing-translation", "\"%s\" has no text in \"%s\"", node->name, code);
		return NULL;
	}
	if (child == node && c->set->n_languages > 1 && needs_translation(node->string)) {
		menu_diag_add(c->diags, node->file, node->line, "missing-translation", "\"%s\" is words: it wants a text in each language", node->name);
		return NULL;
	}
	return child->string;
}

static void check_languages(struct menu_compiler *c, const struct menu_node *node)
{
	size_t i;
	for (i = 0; i < node->n; i++)
		if (menu_language_find(node->children[i].name) < 0)
			menu_diag_add(c->diags, node->children[i].file, node->children[i].line, "unknown-key", "\"%s\" is no language", node->children[i].name);
}

struct menu_text menu_compile_text(struct menu_compiler *c, const struct menu_node *node)
{
	struct menu_text text = { 0 };
	size_t i;
	if (!node)
		return text;
	check_languages(c, node);
	for (i = 0; i < c->set->n_languages; i++) {
		unsigned int language = c->set->languages[i];
		const char *string = translation(c, node, menu_languages[language].code);
		const struct menu_node *child = menu_node_find(node, menu_languages[language].code);
		struct menu_site site = menu_compile_site(c, child ? child : node);
		if (string)
			text.in[language] = menu_template_compile(&site, string);
	}
	return text;
}

void menu_compile_plain(struct menu_compiler *c, const struct menu_node *node, const char *out[MENU_LANGUAGES])
{
	size_t i;
	for (i = 0; i < MENU_LANGUAGES; i++)
		out[i] = "";
	if (!node)
		return;
	check_languages(c, node);
	for (i = 0; i < c->set->n_languages; i++) {
		unsigned int language = c->set->languages[i];
		const char *string = translation(c, node, menu_languages[language].code);
		if (string)
			out[language] = menu_template_plain(c->set, string);
	}
}

static struct menu_text literal_text(struct menu_compiler *c, const char *const in[MENU_LANGUAGES])
{
	struct menu_text text = { 0 };
	size_t i;
	for (i = 0; i < MENU_LANGUAGES; i++) {
		struct menu_segment *segment = talloc_zero(c->set, struct menu_segment);
		segment->text = in[i];
		segment->octets = (uint16_t)strlen(in[i]);
		segment->var = MENU_NONE;
		text.in[i] = (struct menu_template){ segment, 1 };
	}
	return text;
}

/* --- the root file --- */

static void compile_languages(struct menu_compiler *c, const struct menu_node *node)
{
	struct menu_set *set = c->set;
	size_t i, k;
	for (i = 0; node && i < node->n; i++) {
		const struct menu_node *child = &node->children[i];
		int language = child->kind == MENU_NODE_STRING ? menu_language_find(child->string) : -1;
		for (k = 0; k < set->n_languages; k++)
			if (language == set->languages[k])
				language = -1;
		if (language < 0)
			complain(c, child, "unknown-language", "known, and each once, are \"fa\" and \"en\", not");
		else
			set->languages[set->n_languages++] = (uint8_t)language;
	}
	if (set->n_languages == 0) /* so that the rest can be judged */
		set->n_languages = 1;
}

static bool is_code(const char *code)
{
	size_t digits;
	if (strlen(code) > 20 || code[0] != '*')
		return false;
	while (*code == '*') {
		digits = strspn(++code, DIGITS);
		if (digits == 0)
			return false;
		code += digits;
	}
	return strcmp(code, "#") == 0;
}

static void compile_codes(struct menu_compiler *c, const struct menu_node *node)
{
	size_t i;
	for (i = 0; node && i < node->n; i++) {
		const struct menu_node *child = &node->children[i];
		if (child->kind != MENU_NODE_STRING || !is_code(child->string)) {
			complain(c, child, "bad-dial", "a code looks like \"*4#\", not");
			continue;
		}
		c->set->codes = talloc_realloc(c->set, c->set->codes, const char *, (unsigned int)(c->set->n_codes + 1));
		c->set->codes[c->set->n_codes++] = talloc_strndup(c->set, child->string, strlen(child->string) - 1);
	}
	if (node && c->set->n_codes == 0)
		menu_diag_add(c->diags, node->file, node->line, "bad-dial", "a menu wants a code, \"*4#\"");
}

static void compile_keys(struct menu_compiler *c, const struct menu_node *node)
{
	size_t i, k;
	for (i = 0; i < MENU_KEYS; i++)
		c->set->keys[i] = key_defaults[i];
	if (!node)
		return;
	menu_grammar_check(node, menu_nav_keys, false, "keys", c->diags);
	for (i = 0; i < MENU_KEYS; i++) {
		const struct menu_node *child = menu_grammar_get(node, menu_nav_keys, key_names[i]);
		if (!child)
			continue;
		c->set->keys[i] = talloc_strdup(c->set, child->string);
		if (child->string[0] == '\0' || strlen(child->string) > KEY_DIGITS_MAX || child->string[strspn(child->string, DIGITS)])
			complain(c, child, "bad-key", "a key is one to three digits (* and # do not arrive from every phone), not");
	}
	for (i = 0; i < MENU_KEYS; i++)
		for (k = 0; k < i; k++)
			if (strcmp(c->set->keys[i], c->set->keys[k]) == 0)
				menu_diag_add(c->diags, node->file, node->line, "bad-key", "\"%s\" and \"%s\" are the same key", key_names[k], key_names[i]);
}

static int phrase_find(const char *name)
{
	int i;
	for (i = 0; i < MENU_PHRASES; i++)
		if (strcmp(menu_phrase_table[i].name, name) == 0)
			return i;
	return -1;
}

static void compile_phrases(struct menu_compiler *c, const struct menu_node *node)
{
	size_t i, k;
	for (i = 0; i < MENU_PHRASES; i++)
		for (k = 0; k < MENU_LANGUAGES; k++)
			c->set->phrases[i][k] = menu_template_plain(c->set, menu_phrase_table[i].text[k]);
	for (i = 0; node && i < node->n; i++) {
		const struct menu_node *child = &node->children[i];
		int phrase = phrase_find(child->name);
		const char *texts[MENU_LANGUAGES];
		if (phrase < 0) {
			menu_diag_add(c->diags, child->file, child->line, "unknown-key", "there is no phrase \"%s\"", child->name);
			continue;
		}
		menu_compile_plain(c, child, texts);
		for (k = 0; k < MENU_LANGUAGES; k++) {
			if (strlen(texts[k]) > PHRASE_OCTETS_MAX)
				menu_diag_add(c->diags, child->file, child->line, "text-too-long", "a phrase is at most one page");
			else if (texts[k][0])
				c->set->phrases[phrase][k] = texts[k];
		}
	}
}

/* "\n0- Back" for each line and language, and the numbers of options, which are no keys. */
static void make_lines(struct menu_set *set)
{
	static const struct { enum menu_key key; enum menu_phrase label; } navs[MENU_NAVS] = {
		[MENU_NAV_BACK] = { MENU_KEY_BACK, MENU_PHRASE_BACK }, [MENU_NAV_EXIT] = { MENU_KEY_BACK, MENU_PHRASE_EXIT },
		[MENU_NAV_HOME] = { MENU_KEY_HOME, MENU_PHRASE_HOME }, [MENU_NAV_MORE] = { MENU_KEY_MORE, MENU_PHRASE_MORE },
	};
	unsigned int number = 0, i, k;
	char digits[8];
	for (i = 0; i < MENU_NAVS; i++)
		for (k = 0; k < MENU_LANGUAGES; k++) {
			const char *text = talloc_asprintf(set, "\n%s- %s", set->keys[navs[i].key], set->phrases[navs[i].label][k]);
			set->nav[i][k] = (struct menu_line){ text, strlen(text) };
		}
	for (i = 0; i < MENU_CHOICES_MAX; i++) {
		do {
			snprintf(digits, sizeof(digits), "%u", ++number);
			for (k = 0; k < MENU_KEYS && strcmp(set->keys[k], digits) != 0; k++)
				;
		} while (k < MENU_KEYS);
		set->numbers[i] = (uint16_t)number;
	}
}

/* --- the proof --- */

/* Where it stands; one of its mistakes: what the engine gives to it and takes from it is fixed (proof.c). */
static void check_identity(struct menu_compiler *c, const struct menu_node *node, const struct menu_operation *operation)
{
	const char *wrong;
	size_t i;
	for (i = 0; i < operation->n_inputs; i++)
		if (!menu_proof_is_input(operation->inputs[i]))
			menu_diag_add(c->diags, node->file, node->line, "bad-identity", "%s wants \"%s\", which a proof does not give", operation->name,
			              operation->inputs[i]);
	for (i = 0; (wrong = menu_proof_answers[i]); i++)
		if (!menu_operation_gives(operation, wrong))
			menu_diag_add(c->diags, node->file, node->line, "bad-identity", "%s has no \"%s\" among its answers", operation->name, wrong);
	if (!operation->safe)
		menu_diag_add(c->diags, node->file, node->line, "bad-identity", "%s is not safe, and a question may be put again", operation->name);
	if (operation->as_of_s)
		menu_diag_add(c->diags, node->file, node->line, "bad-identity", "%s may be answered from the store: who was there is not who is", operation->name);
	if (operation->requires)
		menu_diag_add(c->diags, node->file, node->line, "bad-identity", "%s requires what it is to prove", operation->name);
}

static void compile_identity(struct menu_compiler *c, const struct menu_node *node)
{
	if (!node)
		return;
	c->set->identity = menu_operation_find(c->set->agencies, node->string);
	if (c->set->identity)
		check_identity(c, node, c->set->identity);
	else
		complain(c, node, "unknown-operation", "no agency has an operation");
}

/* --- services --- */

static void add_identity(struct menu_compiler *c, struct menu_service *service)
{
	static const struct menu_var proved[MENU_ID_END - MENU_VARS_BUILTIN] = {
#define AT(var) [MENU_ID_##var - MENU_VARS_BUILTIN]
		AT(TYPED) = { .name = ":typed", .kind = MENU_VAR_PROVED, .secret = true }, AT(UNTIL) = { .name = ":until", .kind = MENU_VAR_PROVED },
		AT(PERSON) = { .name = "identity.id", .kind = MENU_VAR_PROVED, .private = true },
		AT(BUSINESS) = { .name = "identity.legal_id", .kind = MENU_VAR_PROVED, .private = true },
		AT(PROVINCE) = { .name = "identity.province", .kind = MENU_VAR_PROVED }, AT(LEVEL) = { .name = "identity.level", .kind = MENU_VAR_LEVEL },
#undef AT
	};
	service->vars = talloc_realloc(c->set, service->vars, struct menu_var, MENU_ID_END);
	memcpy(&service->vars[MENU_VARS_BUILTIN], proved, sizeof(proved));
	service->n_vars = MENU_ID_END;
}

static void add_builtins(struct menu_compiler *c, struct menu_service *service)
{
	static const struct menu_var builtins[MENU_VARS_BUILTIN] = {
		[MENU_VAR_PARTS] = { .name = ":parts", .kind = MENU_VAR_PARTS },       [MENU_VAR_DIAL] = { .name = ":dial", .kind = MENU_VAR_DIAL },
		[MENU_VAR_CONFIRMED] = { .name = ":confirmed", .kind = MENU_VAR_CONFIRMED }, [MENU_VAR_MSISDN] = { .name = "msisdn", .kind = MENU_VAR_MSISDN },
		[MENU_VAR_LANGUAGE] = { .name = "language", .kind = MENU_VAR_LANGUAGE }, [MENU_VAR_NOW] = { .name = "now", .kind = MENU_VAR_NOW },
		[MENU_VAR_AS_OF] = { .name = "as_of", .kind = MENU_VAR_AS_OF },
	};
	service->vars = talloc_memdup(c->set, builtins, sizeof(builtins));
	service->n_vars = MENU_VARS_BUILTIN;
	if (c->set->identity)
		add_identity(c, service);
}

static void compile_dial(struct menu_compiler *c, struct menu_service *service, const struct menu_node *node)
{
	size_t i;
	if (!node)
		return;
	if (node->string[0] == '\0' || strlen(node->string) > DIAL_DIGITS_MAX || node->string[strspn(node->string, DIGITS)]) {
		complain(c, node, "bad-dial", "a service's dial is one to ten digits, not");
		return;
	}
	for (i = 1; i < c->set->n_services; i++)
		if (c->set->services[i].dial && strcmp(c->set->services[i].dial, node->string) == 0)
			menu_diag_add(c->diags, node->file, node->line, "duplicate-dial", "\"%s\" opens the service \"%s\" already", node->string,
			              c->set->services[i].name);
	service->dial = talloc_strdup(c->set, node->string);
}

/* First pass: what other files may name. Screens get their indexes. */
static void declare_service(struct menu_compiler *c, struct menu_service *service, const struct menu_source_file *file)
{
	const struct menu_node *screens, *scope;
	size_t i;

	service->name = talloc_strdup(c->set, file->name);
	service->file = talloc_strdup(c->set, file->node->file);
	service->line = 1;
	add_builtins(c, service);
	menu_grammar_check(file->node, menu_service_keys, false, "a service", c->diags);
	menu_compile_plain(c, menu_grammar_get(file->node, menu_service_keys, "title"), service->titles);
	compile_dial(c, service, menu_grammar_get(file->node, menu_service_keys, "dial"));
	scope = menu_grammar_get(file->node, menu_service_keys, "scope");
	service->specific = scope && strcmp(scope->string, "specific") == 0;
	if (scope && !service->specific && strcmp(scope->string, "general") != 0)
		complain(c, scope, "bad-scope", "\"general\" or \"specific\", not");
	screens = menu_grammar_get(file->node, menu_service_keys, "screens");
	service->first = (uint16_t)c->set->n_screens;
	for (i = 0; screens && i < screens->n; i++) {
		const struct menu_node *node = &screens->children[i];
		struct menu_screen *screen;
		if (node->kind != MENU_NODE_GROUP) {
			menu_diag_add(c->diags, node->file, node->line, "wrong-type", "a screen is a group: { ... }");
			continue;
		}
		if (c->set->n_screens >= MENU_SCREENS_MAX) {
			menu_diag_add(c->diags, node->file, node->line, "too-many", "a menu has at most %d screens", MENU_SCREENS_MAX);
			break;
		}
		screen = &c->set->screens[c->set->n_screens++];
		screen->name = talloc_strdup(c->set, node->name);
		screen->service = (uint16_t)(service - c->set->services);
		service->n_screens++;
	}
}

/* The screen that this key of the service names, or MENU_NONE: with a diagnostic if it names none. */
static uint16_t find_screen(struct menu_compiler *c, const struct menu_service *service, const struct menu_node *file, const char *key)
{
	const struct menu_node *node = menu_grammar_get(file, menu_service_keys, key);

	for (uint16_t i = service->first; node && i < service->first + service->n_screens; i++)
		if (strcmp(c->set->screens[i].name, node->string) == 0)
			return i;
	if (node)
		complain(c, node, "unknown-screen", "no screen is called");
	return MENU_NONE;
}

/* Second pass: everything inside. */
static void compile_service(struct menu_compiler *c, struct menu_service *service, const struct menu_node *file)
{
	const struct menu_node *screens = menu_grammar_get(file, menu_service_keys, "screens");
	size_t i, index = service->first, end = service->first + service->n_screens;

	c->service = service;
	c->node = file;
	if (screens)
		menu_compile_variables(c, screens);
	for (i = 0; screens && i < screens->n; i++)
		if (screens->children[i].kind == MENU_NODE_GROUP && index < end)
			menu_compile_screen(c, &screens->children[i], &c->set->screens[index++]);
	service->start = find_screen(c, service, file, "start");
	service->direct = find_screen(c, service, file, "direct");
}

/* --- the pages that nobody writes --- */

static struct menu_screen *add_page(struct menu_compiler *c, const char *name, const struct menu_node *node, const char *const title[MENU_LANGUAGES])
{
	struct menu_screen *page = &c->set->screens[c->set->n_screens++];
	page->name = name;
	page->file = c->set->file;
	page->line = node->line;
	page->tries = c->set->tries;
	page->go = page->other = page->fallback = MENU_NONE;
	page->text = literal_text(c, title);
	return page;
}

static uint16_t service_index(const struct menu_set *set, const char *name)
{
	size_t i;
	for (i = 1; i < set->n_services; i++)
		if (strcmp(set->services[i].name, name) == 0)
			return (uint16_t)i;
	return MENU_NONE;
}

static struct menu_option *add_option(struct menu_compiler *c, struct menu_screen *page, const struct menu_node *node, const char *const title[MENU_LANGUAGES])
{
	struct menu_option *options = (struct menu_option *)(uintptr_t)page->options;
	if (page->n_options == MENU_CHOICES_MAX) {
		menu_diag_add(c->diags, node->file, node->line, "too-many", "a page has at most %d options", MENU_CHOICES_MAX);
		return NULL;
	}
	options = talloc_realloc(c->set, options, struct menu_option, (unsigned int)(page->n_options + 1));
	page->options = options;
	options = &options[page->n_options++];
	*options = (struct menu_option){ .text = literal_text(c, title), .go = MENU_NONE, .line = node->line };
	return options;
}

/* An option for each service that the list names; a group becomes a page of its own. listed: where each was named first. */
static void list_services(struct menu_compiler *c, struct menu_screen *page, const struct menu_node *list, const struct menu_node **listed, bool top)
{
	size_t i;
	for (i = 0; i < list->n; i++) {
		const struct menu_node *node = &list->children[i];
		struct menu_option *option;
		if (node->kind == MENU_NODE_STRING) {
			uint16_t index = service_index(c->set, node->string);
			if (index == MENU_NONE)
				complain(c, node, "unknown-service", "there is no file for the service");
			else if (listed[index])
				complain(c, node, "duplicate-name", "the menu has it twice:");
			else if ((option = add_option(c, page, node, c->set->services[index].titles)))
				option->go = c->set->services[index].start;
			if (index != MENU_NONE)
				listed[index] = node;
		} else if (top && node->kind == MENU_NODE_GROUP && menu_grammar_check(node, menu_group_keys, false, "a group of services", c->diags)) {
			const char *title[MENU_LANGUAGES];
			struct menu_screen *group;
			menu_compile_plain(c, menu_node_find(node, "title"), title);
			option = add_option(c, page, node, title);
			if (!option)
				return;
			option->go = (uint16_t)c->set->n_screens;
			group = add_page(c, talloc_asprintf(c->set, "group%zu", i + 1), node, title);
			list_services(c, group, menu_node_find(node, "services"), listed, false);
		} else if (node->kind != MENU_NODE_GROUP || !top) {
			menu_diag_add(c->diags, node->file, node->line, "wrong-type", "a service's name is wanted%s", top ? ", or a group" : "");
		}
	}
}

static void make_greeting(struct menu_compiler *c, const struct menu_node *root)
{
	static const char *const both[MENU_LANGUAGES] = { "زبان / Language", "زبان / Language" };
	const struct menu_node *ask = menu_grammar_get(root, menu_root_keys, "ask_language");
	struct menu_screen *page;
	c->set->greeting = MENU_NONE;
	if (!ask || !ask->integer || c->set->n_languages < 2)
		return;
	c->set->greeting = (uint16_t)c->set->n_screens;
	page = add_page(c, "language", ask, both);
	page->kind = MENU_SCREEN_LANGUAGE;
	page->go = c->set->root;
}

/* The root's screens stand at the front of the array: room for them was left. */
static void make_root_pages(struct menu_compiler *c, const struct menu_node *root)
{
	const struct menu_node *list = menu_grammar_get(root, menu_root_keys, "services");
	const struct menu_node **listed = talloc_zero_array(c->set, const struct menu_node *, (unsigned int)c->set->n_services);
	size_t i, all = c->set->n_screens;

	c->set->n_screens = c->set->root = 0;
	add_page(c, "home", root, c->set->services[0].titles);
	make_greeting(c, root);
	if (list)
		list_services(c, &c->set->screens[0], list, listed, true);
	c->set->services[0].n_screens = (uint16_t)c->set->n_screens;
	c->set->n_screens = all;
	for (i = 1; i < c->set->n_services; i++)
		if (!listed[i] && !c->set->services[i].dial)
			menu_diag_add(c->diags, c->set->services[i].file, 1, "unreachable-service",
			              "it is neither among the root's services nor has it a dial");
	talloc_free(listed);
}

static size_t count_root_pages(const struct menu_set *set, const struct menu_node *root)
{
	const struct menu_node *list = menu_grammar_get(root, menu_root_keys, "services");
	const struct menu_node *ask = menu_grammar_get(root, menu_root_keys, "ask_language");
	size_t n = 1 + (ask && ask->integer && set->n_languages > 1), i;
	for (i = 0; list && i < list->n; i++)
		n += list->children[i].kind == MENU_NODE_GROUP;
	return n;
}

static void compile_root(struct menu_compiler *c, const struct menu_node *root)
{
	const struct menu_node *resume = menu_grammar_get(root, menu_root_keys, "resume");
	struct menu_service *home = &c->set->services[0];

	menu_grammar_check(root, menu_root_keys, false, "the root", c->diags);
	c->set->file = home->file = talloc_strdup(c->set, root->file);
	home->name = "";
	compile_identity(c, menu_grammar_get(root, menu_root_keys, "identity"));
	add_builtins(c, home);
	c->service = home;
	compile_languages(c, menu_grammar_get(root, menu_root_keys, "languages"));
	compile_codes(c, menu_grammar_get(root, menu_root_keys, "codes"));
	compile_keys(c, menu_grammar_get(root, menu_root_keys, "keys"));
	compile_phrases(c, menu_grammar_get(root, menu_root_keys, "phrases"));
	menu_compile_plain(c, menu_grammar_get(root, menu_root_keys, "title"), home->titles);
	c->set->tries = menu_compile_number(c, menu_grammar_get(root, menu_root_keys, "tries"), 1, MENU_TRIES_MAX, 3);
	c->set->resume = !resume || resume->integer;
	make_lines(c->set);
}

/* Only in a menu with mistakes there are fewer of the root's pages than were counted: leave no screen that is none. */
static void fill_gap(struct menu_set *set, size_t reserved)
{
	size_t i;
	for (i = set->services[0].n_screens; i < reserved; i++)
		set->screens[i] = set->screens[0];
}

static bool lists(const struct menu_node *list, const char *name)
{
	size_t i;
	for (i = 0; i < list->n; i++)
		if (list->children[i].kind == MENU_NODE_STRING && strcmp(list->children[i].string, name) == 0)
			return true;
	return false;
}

/* The services in the order of the root's list (groups in their place), then the others by name. */
static void declare_services(struct menu_compiler *c, const struct menu_sources *sources, const struct menu_node **files)
{
	const struct menu_node *top = menu_grammar_get(sources->root, menu_root_keys, "services");
	const struct menu_node self = { .kind = MENU_NODE_LIST };
	bool *done = talloc_zero_array(c->set, bool, (unsigned int)(sources->n + 1));
	size_t i, k;

	for (k = 0; k <= (top ? top->n : 0); k++) {
		const struct menu_node *row = top && k < top->n ? &top->children[k] : NULL;
		const struct menu_node *group = row && row->kind == MENU_NODE_GROUP ? menu_grammar_get(row, menu_group_keys, "services") : &self;
		for (i = 0; i < sources->n; i++) {
			const char *name = sources->services[i].name;
			bool here = !row || (row->kind == MENU_NODE_STRING && strcmp(row->string, name) == 0) || (group && lists(group, name));
			if (done[i] || !here)
				continue;
			done[i] = true;
			files[c->set->n_services] = sources->services[i].node;
			declare_service(c, &c->set->services[c->set->n_services], &sources->services[i]);
			c->set->n_services++;
		}
	}
	talloc_free(done);
}

struct menu_set *menu_compile(void *ctx, const struct menu_sources *sources, struct menu_diags *diags)
{
	struct menu_compiler c = { .diags = diags };
	const struct menu_node **files;
	size_t i, reserved;

	if (!sources->root)
		return NULL;
	c.set = talloc_zero(ctx, struct menu_set);
	c.set->version = sources->version;
	c.set->agencies = sources->agencies;
	c.set->screens = talloc_zero_array(c.set, struct menu_screen, MENU_SCREENS_MAX + MENU_SERVICES_MAX);
	c.set->services = talloc_zero_array(c.set, struct menu_service, (unsigned int)(sources->n + 1));
	files = talloc_zero_array(c.set, const struct menu_node *, (unsigned int)(sources->n + 1));
	c.set->n_services = 1;
	compile_root(&c, sources->root);
	reserved = count_root_pages(c.set, sources->root);
	if (reserved > MENU_SERVICES_MAX) {
		menu_diag_add(diags, sources->root->file, 0, "too-many", "so many groups of services");
		talloc_free(c.set);
		return NULL;
	}
	c.set->n_screens = reserved;
	declare_services(&c, sources, files);
	for (i = 1; i < c.set->n_services; i++)
		compile_service(&c, &c.set->services[i], files[i]);
	c.service = &c.set->services[0];
	make_root_pages(&c, sources->root);
	fill_gap(c.set, reserved);
	talloc_free(files);
	menu_keywords_compile(&c, sources);
	c.set->screens = talloc_realloc(c.set, c.set->screens, struct menu_screen, (unsigned int)c.set->n_screens);
	return c.set;
}
