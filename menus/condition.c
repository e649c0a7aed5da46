/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Conditions, `when = "bill.unpaid and bill.amount > 10000"`.
 *
 *   condition = all { "or" all } .     all = term { "and" term } .
 *   term      = [ "not" ] variable [ ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) literal ] .
 *   literal   = 'text' | number .
 *
 * A variable alone is true unless it is unset, empty, "0" or "false". == and != compare text; the others compare numbers
 * and are false where either side is none. Compiled to a flat array of terms: "and" binds closer, there are no brackets. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "menus/template.h"

#define WORD_OCTETS_MAX 64

struct reading {
	const struct menu_site *site;
	const char *at;
	char word[WORD_OCTETS_MAX + 1];    /* a name, a number or an operator; "" at the end */
	bool quoted;                       /* word was a 'text' */
};

static const struct { const char *sign; enum menu_compare compare; } signs[] = {
	{ "==", MENU_EQ }, { "!=", MENU_NE }, { "<", MENU_LT }, { "<=", MENU_LE }, { ">", MENU_GT }, { ">=", MENU_GE },
};

/* Reads the next word; false (and a diagnostic) where there is none that can be. */
static bool next(struct reading *r)
{
	size_t n;
	r->at += strspn(r->at, " ");
	r->quoted = *r->at == '\'';
	if (r->quoted) {
		r->at++;
		n = strcspn(r->at, "'");
	} else {
		n = strspn(r->at, "=!<>");
		if (n == 0)
			n = strcspn(r->at, " =!<>'");
	}
	if (n > WORD_OCTETS_MAX || (r->quoted && r->at[n] == '\0')) {
		menu_diag_add(r->site->diags, r->site->file, r->site->line, "bad-condition", "a text without its end, or too long");
		return false;
	}
	memcpy(r->word, r->at, n);
	r->word[n] = '\0';
	r->at += n + r->quoted;
	return true;
}

static bool is_word(const struct reading *r, const char *word)
{
	return !r->quoted && strcmp(r->word, word) == 0;
}

static bool number(const char *text, long long *value)
{
	char *end;
	errno = 0;
	*value = strtoll(text, &end, 10);
	return text[0] != '\0' && *end == '\0' && errno == 0;
}

static bool read_comparison(struct reading *r, struct menu_term *term)
{
	long long unused;
	size_t i;
	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (is_word(r, signs[i].sign))
			break;
	if (i == sizeof(signs) / sizeof(signs[0]))
		return true; /* the variable alone */
	term->compare = signs[i].compare;
	if (!next(r))
		return false;
	if (!r->quoted && !number(r->word, &unused)) {
		menu_diag_add(r->site->diags, r->site->file, r->site->line, "bad-condition",
		              "after \"%s\" comes a number or a 'text', not \"%s\"", signs[i].sign, r->word);
		return false;
	}
	term->literal = talloc_strdup(r->site->ctx, r->word);
	return next(r);
}

/* Reads one term and the word behind it. */
static bool read_term(struct reading *r, struct menu_term *term)
{
	if (!next(r))
		return false;
	term->negate = is_word(r, "not");
	if (term->negate && !next(r))
		return false;
	if (r->quoted || !(isalpha((unsigned char)r->word[0]) || r->word[0] == '_')) {
		menu_diag_add(r->site->diags, r->site->file, r->site->line, "bad-condition", "a variable is wanted, not \"%s\"", r->word);
		return false;
	}
	term->var = menu_tree_named(r->site->service, r->word);
	if (term->var == MENU_NONE) {
		menu_diag_add(r->site->diags, r->site->file, r->site->line, "unknown-variable", "nothing sets \"%s\"", r->word);
		return false;
	}
	return next(r) && read_comparison(r, term);
}

struct menu_condition menu_condition_compile(const struct menu_site *site, const char *text)
{
	struct reading r = { .site = site, .at = text };
	struct menu_term *terms = NULL;
	size_t n = 0;
	bool or = false;

	for (;;) {
		terms = talloc_realloc(site->ctx, terms, struct menu_term, (unsigned int)(n + 1));
		terms[n] = (struct menu_term){ .begins_or = or };
		if (!read_term(&r, &terms[n++]))
			return (struct menu_condition){ NULL, 0 };
		or = is_word(&r, "or");
		if (r.word[0] == '\0' && !r.quoted)
			return (struct menu_condition){ terms, n };
		if (!or && !is_word(&r, "and")) {
			menu_diag_add(site->diags, site->file, site->line, "bad-condition", "\"and\" or \"or\" is wanted, not \"%s\"", r.word);
			return (struct menu_condition){ NULL, 0 };
		}
	}
}

static bool is_true(const char *value)
{
	return value[0] != '\0' && strcmp(value, "0") != 0 && strcmp(value, "false") != 0;
}

static bool compare_numbers(enum menu_compare compare, const char *a, const char *b)
{
	long long x, y;
	if (!number(a, &x) || !number(b, &y))
		return false;
	return compare == MENU_LT ? x < y : compare == MENU_LE ? x <= y : compare == MENU_GT ? x > y : x >= y;
}

static bool term_holds(const struct menu_term *term, const struct menu_view *view)
{
	const char *value = menu_view_value(view, term->var);
	if (!value)
		value = "";
	switch (term->compare) {
	case MENU_IS_TRUE:
		return is_true(value);
	case MENU_EQ:
		return strcmp(value, term->literal) == 0;
	case MENU_NE:
		return strcmp(value, term->literal) != 0;
	default:
		return compare_numbers(term->compare, value, term->literal);
	}
}

bool menu_condition_holds(const struct menu_condition *condition, const struct menu_view *view)
{
	bool all = true;
	size_t i;
	for (i = 0; i < condition->n; i++) {
		const struct menu_term *term = &condition->terms[i];
		if (term->begins_or) {
			if (all)
				return true;
			all = true;
		}
		all = all && term_holds(term, view) != term->negate;
	}
	return all;
}
