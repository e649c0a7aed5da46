/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The compiled menu as it lies in memory: flat arrays, names resolved to indexes. Filled by compile.c, judged by check.c and
 * flow.c, walked by step.c and screen.c; nobody else looks inside. Immutable once loaded; talloc children of the set.
 *
 * A screen's index is its place in set->screens; the root's own pages come first. Variables belong to a service: entering
 * another one forgets them, so that an index of a variable is small and a place in a service is, too. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "menus/filter.h"
#include "menus/input.h"
#include "menus/operation.h"
#include "menus/set.h"

#define MENU_NONE UINT16_MAX
#define MENU_LANGUAGES 2              /* "fa" and "en": what the filters and the input checks can say */
#define MENU_CHOICES_MAX 64           /* options of a page, rows of a list */
#define MENU_VARS_MAX 256             /* of a service */
#define MENU_SCREENS_MAX 4096
#define MENU_TRIES_MAX 9

struct menu_language { const char *code, *name; }; /* name: in the language itself */
extern const struct menu_language menu_languages[MENU_LANGUAGES];
/* 0.., or -1. */
int menu_language_find(const char *code);

enum menu_var_kind {
	MENU_VAR_PARTS,       /* ":parts": what of a dial string has still to be applied */
	MENU_VAR_DIAL,        /* ":dial": the string that "begin anew" would dial */
	MENU_VAR_CONFIRMED,   /* ":confirmed": never stored; flow.c follows it like a variable */
	MENU_VAR_MSISDN, MENU_VAR_LANGUAGE, MENU_VAR_NOW,
	MENU_VAR_AS_OF,       /* "as_of": when the last answer was true, if it was not fresh */
	MENU_VARS_BUILTIN,    /* the kinds above are variables 0.. of every service, in this order */
	MENU_VAR_INPUT = MENU_VARS_BUILTIN, /* what a citizen typed, and what its check made of it */
	MENU_VAR_FIELD,       /* of an operation's answer */
	MENU_VAR_LIST,        /* "bills[]": never stored; flow.c follows it like a variable */
	MENU_VAR_COLUMN,      /* "bills[].amount": one value for each row */
	MENU_VAR_ITEM,        /* "item.amount": of the row that was chosen */
	MENU_VAR_SET,         /* set by an option */
	MENU_VAR_PROVED,      /* of enum menu_identity_var: kept until the dialog ends */
	MENU_VAR_LEVEL,       /* "identity.level": never stored as a value */
};
/* In a menu with an `identity` these stand behind the built-in ones, in every service at the same place: what was proved
 * outlives a service. In a menu without they do not exist, so that its places stay what they were. */
enum menu_identity_var {
	MENU_ID_TYPED = MENU_VARS_BUILTIN, /* ":typed": the answer to a question of the proof, until it was judged */
	MENU_ID_UNTIL,        /* ":until": until when a refusal holds, in seconds */
	MENU_ID_PERSON, MENU_ID_BUSINESS, MENU_ID_PROVINCE, /* "identity.id", "identity.legal_id", "identity.province" */
	MENU_ID_LEVEL,
	MENU_ID_END
};
/* secret: typed, serves one call, never shown. private: answered, may be shown. A place that holds either is to be sealed. */
struct menu_var { const char *name; enum menu_var_kind kind; bool secret, private; };

/* A compiled text. var == MENU_NONE: the literal; else the variable through the filter, if there is one. */
struct menu_segment { const char *text; const struct menu_filter *filter; uint16_t octets, var; };
struct menu_template { const struct menu_segment *segments; size_t n; };
struct menu_text { struct menu_template in[MENU_LANGUAGES]; };

enum menu_compare { MENU_IS_TRUE, MENU_EQ, MENU_NE, MENU_LT, MENU_LE, MENU_GT, MENU_GE };
struct menu_term { uint16_t var; enum menu_compare compare; bool negate, begins_or; const char *literal; };
struct menu_condition { const struct menu_term *terms; size_t n; }; /* no terms: true */

struct menu_operand { const char *name, *literal; uint16_t var; };  /* var == MENU_NONE: the literal */
struct menu_setting { uint16_t var; const char *value; };
struct menu_option {
	struct menu_text text;
	struct menu_condition when;
	uint16_t go;
	size_t n_settings;
	const struct menu_setting *settings;
	unsigned int line;
};
struct menu_outcome { const char *name; uint16_t go; };
struct menu_call_list { const struct menu_list *list; uint16_t var; const uint16_t *columns; };
struct menu_column { uint16_t column, item; };

enum menu_screen_kind {
	/* wait for the citizen */
	MENU_SCREEN_PAGE, MENU_SCREEN_ASK, MENU_SCREEN_LIST, MENU_SCREEN_LANGUAGE, MENU_SCREEN_CONFIRM,
	/* pass on */
	MENU_SCREEN_CALL, MENU_SCREEN_BRANCH, MENU_SCREEN_SMS,
	/* ends the dialog */
	MENU_SCREEN_END,
	MENU_SCREEN_KINDS
};

struct menu_screen {
	const char *name, *file;
	unsigned int line;
	enum menu_screen_kind kind;
	uint16_t service;
	uint8_t requires;                  /* level of the identity ladder, its operation's included; 0: none */
	bool business;                     /* and that the citizen represents a business */
	uint16_t go;                       /* the next screen: ASK, LIST, LANGUAGE, CONFIRM (yes), SMS */
	uint16_t other;                    /* LIST: when it is empty; CONFIRM: no (MENU_NONE: back) */
	struct menu_text text;
	bool visit;                        /* PAGE, END: it stands in place of a visit to an office */
	size_t n_options;                  /* PAGE; LIST, behind its rows; BRANCH (without texts) */
	const struct menu_option *options;
	/* ASK */
	const struct menu_input_kind *check;
	uint16_t into, facts[4];           /* facts[i]: the variable of check->facts[i] */
	bool secret;
	unsigned int tries;                /* ASK, and wherever there is something to choose */
	size_t n_operands;                 /* ASK: what the check is given; CALL: one for each input of the operation */
	const struct menu_operand *operands;
	/* CALL */
	const struct menu_operation *operation;
	const uint16_t *fields;            /* the variable of each of the operation's fields */
	const struct menu_call_list *lists;/* for each of its lists */
	size_t n_outcomes;
	const struct menu_outcome *outcomes;
	uint16_t fallback;                 /* outcomes that are not listed; MENU_NONE: the polite "later" */
	/* LIST */
	struct menu_text row;
	uint16_t list;                     /* its MENU_VAR_LIST */
	size_t n_columns;
	const struct menu_column *columns;
};

struct menu_service {
	const char *name, *file, *dial;    /* dial: NULL if there is none; name "" for the root */
	const char *titles[MENU_LANGUAGES];
	bool specific;
	uint16_t start, first, n_screens;  /* its screens are first .. first + n_screens - 1 */
	uint16_t direct;                   /* where a value dialled behind the code is typed; MENU_NONE: at the start */
	uint16_t n_vars;
	struct menu_var *vars;
	unsigned int line;
};

enum menu_key { MENU_KEY_BACK, MENU_KEY_HOME, MENU_KEY_MORE, MENU_KEYS };
struct menu_line { const char *text; size_t octets; }; /* "\n0- Back" */
enum menu_nav { MENU_NAV_BACK, MENU_NAV_EXIT, MENU_NAV_HOME, MENU_NAV_MORE, MENU_NAVS };

struct menu_set {
	uint64_t version;
	struct menu_agencies *agencies;
	const char *file;                  /* the root's */
	size_t n_codes;
	const char **codes;                /* without the last #: "*4", "*500*4" */
	size_t n_languages;
	uint8_t languages[MENU_LANGUAGES]; /* indexes of menu_languages; the first is the default */
	const char *keys[MENU_KEYS];
	unsigned int tries;
	bool resume;
	uint16_t root;                     /* the first page */
	const struct menu_operation *identity; /* proves who is there; NULL: no screen requires it */
	uint16_t greeting;                 /* where a subscriber without a language begins; MENU_NONE: at the root */
	size_t n_services;
	struct menu_service *services;     /* [0] is the root, then in the menu's order */
	size_t n_screens;
	struct menu_screen *screens;
	const char *phrases[MENU_PHRASES][MENU_LANGUAGES];
	struct menu_line nav[MENU_NAVS][MENU_LANGUAGES];
	struct menu_keywords *keywords;    /* never NULL */
	uint16_t numbers[MENU_CHOICES_MAX];/* what the first, second ... option is called: 1, 2, ... but no key */
};

/* The variable of this name in the service, or MENU_NONE. */
uint16_t menu_tree_var(const struct menu_service *service, const char *name);
/* The same, but only what a menu may speak of. */
uint16_t menu_tree_named(const struct menu_service *service, const char *name);
/* True if a dialog can stand on a screen of this kind and wait. */
bool menu_tree_waits(enum menu_screen_kind kind);
/* The operand of this name, or NULL. */
const struct menu_operand *menu_tree_operand(const struct menu_screen *screen, const char *name);

/* Every way from a screen to another. set: the variables that this way sets (at most MENU_VARS_MAX). */
struct menu_way { uint16_t to; bool confirms, changes; const char *name; size_t n_set; uint16_t set[MENU_VARS_MAX]; };
typedef void menu_way_fn(void *arg, const struct menu_screen *from, const struct menu_way *way);
void menu_tree_ways(const struct menu_screen *from, menu_way_fn *fn, void *arg);
