/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* keywords/AGENCY.cfg -> compiled keywords, with every mistake told. A parent stands in the array before its sub-keywords, and
 * behind the last one stands an empty one, so that a walk over sub-keywords ends there.
 *
 * Two words that mean two things at one number are a mistake (duplicate-word), and so is a word that the gateway keeps for itself
 * (reserved-word): a citizen who writes STOP must be sure of what it does. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "menus/compile.h"
#include "menus/grammar.h"
#include "menus/keyword_priv.h"

#define NAME_OCTETS_MAX 32
#define NUMBER_DIGITS_MAX 15
#define NUMBERS_MAX 16
#define PART_UNITS 70u          /* of UCS-2 in one part of an SMS */
#define PART_SEPTETS 160u

static void complain(struct menu_compiler *c, const struct menu_node *node, const char *rule, const char *text)
{
	menu_diag_add(c->diags, node->file, node->line, rule, "%s \"%s\"", text, node->string ? node->string : node->name);
}

static bool good_name(const char *name)
{
	size_t i;
	if (!islower((unsigned char)name[0]) || strlen(name) > NAME_OCTETS_MAX)
		return false;
	for (i = 0; name[i]; i++)
		if (!islower((unsigned char)name[i]) && !isdigit((unsigned char)name[i]) && name[i] != '_')
			return false;
	return true;
}

/* A string for every language there is: those that the menu lacks speak its default. */
static void compile_strings(struct menu_compiler *c, const struct menu_node *node, const char *out[MENU_LANGUAGES])
{
	size_t i;
	menu_compile_plain(c, node, out);
	for (i = 0; i < MENU_LANGUAGES; i++)
		if (!out[i][0])
			out[i] = out[c->set->languages[0]];
}

/* --- fields --- */

static bool knows(const char *const *names, size_t n, const char *name)
{
	size_t i;
	for (i = 0; i < n && names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void compile_bounds(struct menu_compiler *c, const struct menu_node *with, struct menu_keyword_field *field)
{
	size_t i, n_bounds = sizeof(field->check->bounds) / sizeof(field->check->bounds[0]);
	for (i = 0; with && i < with->n; i++) {
		const struct menu_node *node = &with->children[i];
		if (!knows(field->check->bounds, n_bounds, node->name)) {
			menu_diag_add(c->diags, node->file, node->line, "unknown-key", "the check \"%s\" knows no bound \"%s\"", field->check->name, node->name);
		} else if ((node->kind != MENU_NODE_INT && node->kind != MENU_NODE_STRING) || field->n_with == MENU_KEYWORD_BOUNDS_MAX) {
			menu_diag_add(c->diags, node->file, node->line, "wrong-type", "\"%s\" wants a number or a string", node->name);
		} else {
			struct menu_input_with *bound = &field->with[field->n_with++];
			bound->name = talloc_strdup(c->set, node->name);
			bound->value = node->kind == MENU_NODE_STRING ? talloc_strdup(c->set, node->string)
			                                              : talloc_asprintf(c->set, "%lld", (long long)node->integer);
		}
	}
}

static void compile_field(struct menu_compiler *c, const struct menu_node *node, struct menu_keyword *keyword, struct menu_keyword_field *field)
{
	const struct menu_key_rule *keys = menu_keyword_field_keys;
	const struct menu_node *name = menu_grammar_get(node, keys, "name"), *check = menu_grammar_get(node, keys, "check");
	const struct menu_node *optional = menu_grammar_get(node, keys, "optional");
	size_t i;

	field->name = name ? talloc_strdup(c->set, name->string) : "";
	if (name && !good_name(name->string))
		complain(c, name, "bad-name", "a name is small letters, digits and _, not");
	for (i = 0; name && i < keyword->n_fields; i++)
		if (strcmp(keyword->fields[i].name, name->string) == 0)
			complain(c, name, "duplicate-name", "the keyword has it twice:");
	compile_strings(c, menu_grammar_get(node, keys, "label"), field->labels);
	field->optional = optional && optional->integer;
	field->check = check ? menu_input_find(check->string) : NULL;
	if (check && !field->check)
		complain(c, check, "unknown-check", "there is no input check");
	if (field->check)
		compile_bounds(c, menu_grammar_get(node, keys, "with"), field);
	else
		field->check = menu_input_row(0); /* so that the rest can be judged */
	if (!field->optional && keyword->n_fields > keyword->n_required)
		menu_diag_add(c->diags, node->file, node->line, "optional-before-required", "\"%s\" must be there, and stands behind a field that may be missing",
		              field->name);
	keyword->n_required += !field->optional;
}

static void compile_fields(struct menu_compiler *c, const struct menu_node *list, struct menu_keyword *keyword)
{
	struct menu_keyword_field *fields = talloc_zero_array(c->set, struct menu_keyword_field, MENU_KEYWORD_FIELDS_MAX);
	size_t i;
	keyword->fields = fields;
	for (i = 0; list && i < list->n; i++) {
		const struct menu_node *node = &list->children[i];
		if (i == MENU_KEYWORD_FIELDS_MAX) {
			menu_diag_add(c->diags, node->file, node->line, "too-many", "a keyword has at most %d fields", MENU_KEYWORD_FIELDS_MAX);
			return;
		}
		if (node->kind != MENU_NODE_GROUP) {
			menu_diag_add(c->diags, node->file, node->line, "wrong-type", "a field is a group: { ... }");
			continue;
		}
		menu_grammar_check(node, menu_keyword_field_keys, false, "a field", c->diags);
		compile_field(c, node, keyword, &fields[keyword->n_fields]);
		keyword->n_fields++;
	}
}

/* --- words and numbers --- */

static bool has_persian(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return true;
	return false;
}

/* A word that the parser would find again in a message. */
static bool good_word(const char *word, const char *folded)
{
	struct menu_sms_tokens tokens;
	return menu_sms_split(&tokens, word, strlen(word)) && menu_sms_word_at(&tokens, 0, tokens.n, false, folded) == tokens.n;
}

static void check_reserved(struct menu_compiler *c, const struct menu_node *node, const struct menu_keyword *keyword, const char *folded)
{
	const struct menu_sms_word *word;
	size_t i;
	bool reserved = menu_sms_word_before(folded) != MENU_SMS_NOTHING;
	for (i = 0; (word = menu_sms_word(i)) && !keyword->parent && keyword->n_required == 0 && !keyword->group; i++)
		reserved = reserved || strcmp(word->word, folded) == 0;
	if (reserved)
		complain(c, node, "reserved-word", "stop, start, help and state words are the gateway's own:");
}

static void compile_word(struct menu_compiler *c, const struct menu_node *node, struct menu_keyword *keyword)
{
	char folded[MENU_KEYWORD_WORD_OCTETS];
	const char *word = node->kind == MENU_NODE_STRING ? node->string : "";
	unsigned int language = has_persian(word) ? 0 : 1;

	if (menu_keyword_fold(word, folded, sizeof(folded)) <= 0 || !good_word(word, folded)) {
		complain(c, node, "bad-word", "a word is letters and digits, at most 60 octets, not");
		return;
	}
	if (keyword->n_words == MENU_KEYWORD_WORDS_MAX) {
		menu_diag_add(c->diags, node->file, node->line, "too-many", "a keyword has at most %d words", MENU_KEYWORD_WORDS_MAX);
		return;
	}
	check_reserved(c, node, keyword, folded);
	keyword->words[keyword->n_words++] = talloc_strdup(c->set, folded);
	if (!keyword->shown[language])
		keyword->shown[language] = menu_template_plain(c->set, word);
}

static void compile_words(struct menu_compiler *c, const struct menu_node *list, struct menu_keyword *keyword)
{
	size_t i;
	keyword->words = talloc_zero_array(c->set, const char *, MENU_KEYWORD_WORDS_MAX);
	for (i = 0; list && i < list->n; i++)
		compile_word(c, &list->children[i], keyword);
	for (i = 0; i < MENU_LANGUAGES; i++)
		if (!keyword->shown[i])
			keyword->shown[i] = keyword->shown[1 - i] ? keyword->shown[1 - i] : "";
	if (list && list->n == 0)
		complain(c, list, "bad-word", "a keyword wants a word in");
}

static void compile_numbers(struct menu_compiler *c, const struct menu_node *list, struct menu_keyword *keyword)
{
	size_t i;
	keyword->numbers = talloc_zero_array(c->set, const char *, NUMBERS_MAX);
	for (i = 0; list && i < list->n; i++) {
		const struct menu_node *node = &list->children[i];
		const char *digits = node->kind == MENU_NODE_STRING ? node->string : "";
		if (!digits[0] || strlen(digits) > NUMBER_DIGITS_MAX || digits[strspn(digits, "0123456789")])
			complain(c, node, "bad-number", "a number is digits in quotes, without a plus, not");
		else if (keyword->n_numbers == NUMBERS_MAX)
			menu_diag_add(c->diags, node->file, node->line, "too-many", "a keyword has at most %d numbers", NUMBERS_MAX);
		else
			keyword->numbers[keyword->n_numbers++] = talloc_strdup(c->set, digits);
	}
}

/* --- what must fit into one part of an SMS --- */

static void check_part(struct menu_compiler *c, const struct menu_node *node, const char *text)
{
	unsigned int units = 0;
	const char *t;
	for (t = text; *t; t++)
		units += ((unsigned char)*t & 0xc0) != 0x80;
	if (units > (has_persian(text) ? PART_UNITS : PART_SEPTETS))
		menu_diag_add(c->diags, node->file, node->line, "text-too-long", "more than one part of an SMS: \"%s\"", text);
}

/* The line that says how it is written. What is said beside it gives way to it. */
static void check_help(struct menu_compiler *c, const struct menu_node *node, const struct menu_keyword *keyword)
{
	char text[2048];
	size_t i;

	for (i = 0; i < c->set->n_languages; i++) {
		unsigned int language = c->set->languages[i];
		if (keyword->help[language])
			check_part(c, node, keyword->help[language]);
		else if (!keyword->group && menu_keyword_format(keyword, language, text, sizeof(text)) > 0)
			check_part(c, node, text);
	}
}

/* --- keywords --- */

static void compile_help(struct menu_compiler *c, const struct menu_node *node, struct menu_keyword *keyword)
{
	if (node)
		compile_strings(c, node, keyword->help);
}

static void check_bare(struct menu_compiler *c, const struct menu_node *node, const struct menu_keyword *keyword)
{
	static const char *const vague[] = { "text", "choice", "digits", "amount" };
	bool good = keyword->n_required > 0 && !knows(vague, sizeof(vague) / sizeof(vague[0]), keyword->fields[0].check->name);
	if (keyword->bare && !good)
		complain(c, node, "bare-value", "what stands without its word needs a first field whose check tells it from others:");
}

static struct menu_keyword *compile_keyword(struct menu_compiler *c, const struct menu_node *node, const char *agency, const struct menu_keyword *parent,
                                            const struct menu_node *numbers)
{
	const struct menu_key_rule *keys = parent ? menu_sub_keyword_keys : menu_keyword_keys;
	struct menu_keywords *all = c->set->keywords;
	const struct menu_node *bare = menu_grammar_get(node, keys, "bare"), *own = menu_grammar_get(node, menu_keyword_keys, "numbers");
	struct menu_keyword *keyword = &all->at[all->n++];

	menu_grammar_check(node, keys, false, parent ? "a sub-keyword" : "a keyword", c->diags);
	if (!good_name(node->name))
		complain(c, node, "bad-name", "a name is small letters, digits and _, not");
	keyword->agency = agency;
	keyword->parent = parent;
	keyword->service = parent ? talloc_asprintf(c->set, "%s.%s", parent->service, node->name) : talloc_strdup(c->set, node->name);
	keyword->file = talloc_strdup(c->set, node->file);
	keyword->line = node->line;
	compile_strings(c, menu_grammar_get(node, keys, "title"), keyword->titles);
	compile_fields(c, menu_grammar_get(node, keys, "fields"), keyword);
	keyword->group = !parent && menu_grammar_get(node, keys, "keywords") && !menu_grammar_get(node, keys, "fields");
	compile_words(c, menu_grammar_get(node, keys, "words"), keyword);
	compile_numbers(c, own && !parent ? own : numbers, keyword);
	compile_help(c, menu_grammar_get(node, keys, "help"), keyword);
	keyword->bare = bare && bare->integer;
	check_bare(c, node, keyword);
	check_help(c, node, keyword);
	return keyword;
}

static bool has_room(struct menu_compiler *c, const struct menu_node *node)
{
	if (node->kind != MENU_NODE_GROUP)
		menu_diag_add(c->diags, node->file, node->line, "wrong-type", "a keyword is a group: { ... }");
	else if (c->set->keywords->n < MENU_KEYWORDS_MAX)
		return true;
	else
		menu_diag_add(c->diags, node->file, node->line, "too-many", "a menu has at most %d keywords", MENU_KEYWORDS_MAX);
	return false;
}

static void compile_file(struct menu_compiler *c, const struct menu_source_file *file)
{
	const struct menu_node *list = menu_grammar_get(file->node, menu_keyword_file_keys, "keywords"), *subs;
	const struct menu_node *numbers = menu_grammar_get(file->node, menu_keyword_file_keys, "numbers");
	const char *agency = talloc_strdup(c->set, file->name);
	size_t i, k;

	menu_grammar_check(file->node, menu_keyword_file_keys, false, "a file of keywords", c->diags);
	if (!good_name(agency))
		menu_diag_add(c->diags, file->node->file, 0, "bad-name", "the file is named after its agency: small letters, digits and _, not \"%s\"", agency);
	for (i = 0; list && i < list->n; i++) {
		const struct menu_node *node = &list->children[i];
		const struct menu_keyword *parent;
		if (!has_room(c, node))
			continue;
		parent = compile_keyword(c, node, agency, NULL, numbers);
		subs = menu_grammar_get(node, menu_keyword_keys, "keywords");
		for (k = 0; subs && k < subs->n; k++)
			if (has_room(c, &subs->children[k]))
				compile_keyword(c, &subs->children[k], agency, parent, NULL);
	}
}

/* --- duplicate-word --- */

struct spelling { const char *word; const struct menu_keyword *keyword; };

static int by_word(const void *a, const void *b)
{
	const struct spelling *x = a, *y = b;
	int order = strcmp(x->word, y->word);
	return order ? order : (x->keyword > y->keyword) - (x->keyword < y->keyword);
}

static bool meet(const struct menu_keyword *a, const struct menu_keyword *b)
{
	size_t i, k;
	if (a->parent != b->parent)
		return false;
	if (a->parent || a->n_numbers == 0 || b->n_numbers == 0)
		return true;
	for (i = 0; i < a->n_numbers; i++)
		for (k = 0; k < b->n_numbers; k++) {
			char x[32], y[32];
			if (menu_keyword_number(a->numbers[i], x, sizeof(x)) && menu_keyword_number(b->numbers[k], y, sizeof(y)) && strcmp(x, y) == 0)
				return true;
		}
	return false;
}

static void check_duplicates(struct menu_compiler *c)
{
	struct menu_keywords *all = c->set->keywords;
	struct spelling *rows = talloc_array(c->set, struct spelling, (unsigned int)(all->n * MENU_KEYWORD_WORDS_MAX + 1));
	size_t n = 0, i, k;

	for (i = 0; i < all->n; i++)
		for (k = 0; k < all->at[i].n_words; k++)
			rows[n++] = (struct spelling){ all->at[i].words[k], &all->at[i] };
	qsort(rows, n, sizeof(*rows), by_word);
	for (i = 0; i < n; i++)
		for (k = i + 1; k < n && strcmp(rows[i].word, rows[k].word) == 0; k++)
			if (meet(rows[i].keyword, rows[k].keyword))
				menu_diag_add(c->diags, rows[k].keyword->file, rows[k].keyword->line, "duplicate-word",
				              "the word \"%s\" is taken by \"%s\" of %s", rows[k].word, rows[i].keyword->service, rows[i].keyword->agency);
	talloc_free(rows);
}

void menu_keywords_compile(struct menu_compiler *c, const struct menu_sources *sources)
{
	struct menu_keywords *all = talloc_zero(c->set, struct menu_keywords);
	size_t i;

	c->set->keywords = all;
	/* All at once: a sub-keyword points to its parent. One more, empty, ends the last parent's. */
	all->at = talloc_zero_array(all, struct menu_keyword, sources->n_keywords ? MENU_KEYWORDS_MAX + 1 : 1);
	for (i = 0; i < sources->n_keywords; i++)
		compile_file(c, &sources->keywords[i]);
	check_duplicates(c);
}
