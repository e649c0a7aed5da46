/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Keywords: what a citizen writes by SMS -> what is meant. `KEYWORD FIELDS` is a request to an agency; which keywords there are
 * stands in the menu's folder, keywords/AGENCY.cfg (keywords.md is the reference, and tells the grammar that people really type).
 *
 * Matching is pure: the compiled keywords, the text and the number that was written to come in, one struct goes out. Labels,
 * titles and help texts have a string for each of MENU_LANGUAGES; where the menu lacks a language, that of its default. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "menus/code.h"
#include "menus/diag.h"
#include "menus/input.h"
#include "menus/tree.h"

#define MENU_KEYWORD_FIELDS_MAX 12
#define MENU_KEYWORD_WORDS_MAX 12
#define MENU_KEYWORD_WORD_OCTETS 64      /* of a word, folded */
#define MENU_KEYWORDS_MAX 2000           /* sub-keywords included */
#define MENU_KEYWORD_TEXT_OCTETS 2048    /* a longer message is no request */
#define MENU_KEYWORD_BOUNDS_MAX 3

struct menu_keyword_field {
	const char *name;                /* "bill_id" */
	const char *labels[MENU_LANGUAGES];
	const struct menu_input_kind *check;
	bool optional;
	size_t n_with;                   /* bounds of the check; other values are the fields before it, by name */
	struct menu_input_with with[MENU_KEYWORD_BOUNDS_MAX];
};

struct menu_keyword {
	const char *agency, *service;    /* "bills", "pay"; of a sub-keyword "pay.late" */
	const struct menu_keyword *parent; /* NULL: none */
	const char *file;
	unsigned int line;
	const char *titles[MENU_LANGUAGES];
	const char *help[MENU_LANGUAGES];  /* NULL: made from the fields */
	size_t n_words;
	const char **words;              /* folded for comparing (menu_keyword_fold) */
	const char *shown[MENU_LANGUAGES]; /* the word that a help text in this language names, as the file has it */
	size_t n_numbers;                /* 0: every number */
	const char **numbers;            /* digits */
	size_t n_fields, n_required;
	const struct menu_keyword_field *fields;
	bool bare;                       /* its fields alone, without the word, are a request too */
	bool group;                      /* stands for its sub-keywords only */
};
struct menu_keywords { size_t n; struct menu_keyword *at; }; /* a parent stands before its sub-keywords */

/* ---- matching ---- */

enum menu_sms_kind {
	MENU_SMS_NOTHING,                /* not understood */
	MENU_SMS_REQUEST,
	MENU_SMS_HELP,                   /* of one keyword: asked for, or because something is wrong */
	MENU_SMS_STATE,                  /* of a request: by its code, or (no code) of the last one */
	MENU_SMS_STOP, MENU_SMS_START,
	MENU_SMS_LIST,                   /* which keywords are there? */
	MENU_SMS_KINDS
};

struct menu_sms {
	enum menu_sms_kind kind;
	const struct menu_keyword *keyword; /* REQUEST, HELP */
	size_t n_fields;                 /* REQUEST: in the keyword's order; optional ones may be missing */
	struct { const char *name; char value[MENU_INPUT_OCTETS + 1]; } fields[MENU_KEYWORD_FIELDS_MAX];
	const struct menu_keyword_field *field; /* HELP: at which something is wrong; NULL: nothing is, or too much was written */
	const char *rule;                /* HELP: NULL, "missing", "too-many", or the rule of the field's check */
	char reasons[MENU_LANGUAGES][192]; /* the same in words; "" with a rule of our own */
	char code[MENU_CODE_DIGITS + 1]; /* STATE: of which, or "". REQUEST, NOTHING, HELP: the whole message reads as a code, too */
};

/* to: the number that was written to, as it came. sms->keyword and names live as long as the keywords. */
void menu_sms_read(const struct menu_keywords *keywords, const char *to, const char *text, size_t octets, struct menu_sms *sms);
const char *menu_sms_kind_name(enum menu_sms_kind kind);
/* The keywords (no sub-keywords) of a number, in their order: NULL past the last. */
const struct menu_keyword *menu_keywords_of(const struct menu_keywords *keywords, const char *to, size_t index);
/* The one that asks an agency for this service, a sub-keyword or not; NULL: there is none. Each may be NULL. */
const struct menu_keyword *menu_keywords_find(const struct menu_keywords *keywords, const char *agency, const char *service);

/* ---- for those who compile and write ---- */

/* A word as it is compared: without case, ZWNJ, spaces and marks, hamza and madda ignored. Octets, or negative: not UTF-8, too long. */
ssize_t menu_keyword_fold(const char *word, char *out, size_t cap);
/* A number as it is compared: its digits without 0, 00 or +98 before them. False: it has none, or does not fit. */
bool menu_keyword_number(const char *number, char *out, size_t cap);
/* What a whole message may mean beside keywords. */
struct menu_sms_word { const char *word; enum menu_sms_kind kind; };
const struct menu_sms_word *menu_sms_word(size_t index); /* folded; NULL past the last */
/* STATE or LIST: such a word stands before what it asks for ("help bill"); else NOTHING. */
enum menu_sms_kind menu_sms_word_before(const char *folded);

/* ---- help texts ---- */

typedef bool menu_sms_fits(const void *ctx, const char *utf8, size_t octets); /* in one part of an SMS? */
/* How a keyword is written: "قبض (شناسه قبض)". Octets; 0: it does not fit cap. */
size_t menu_keyword_format(const struct menu_keyword *keyword, unsigned int language, char *out, size_t cap);
/* What is wrong (if something is) and how it is written; what does not fit is left out, the least important first. Octets. */
size_t menu_sms_help(const struct menu_sms *sms, unsigned int language, menu_sms_fits *fits, const void *ctx, char *out, size_t cap);
/* A line for each keyword of the number, as many as fit. */
size_t menu_sms_list(const struct menu_keywords *keywords, const char *to, unsigned int language, menu_sms_fits *fits, const void *ctx,
                     char *out, size_t cap);

/* ---- loading (keyword_load.c) ---- */
struct menu_compiler;
struct menu_sources;
/* Into c->set->keywords; mistakes into c->diags. */
void menu_keywords_compile(struct menu_compiler *c, const struct menu_sources *sources);
