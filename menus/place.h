/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a struct menu_run really is: the place of a dialog in its menu, and its encoding.
 *
 *   octet    0      1..4              5                          6     7      varint  octet
 *            form   version of menu   state, resuming, language  page  tries  screen  depth
 *   then depth times (varint screen, octet page), then the values to the end, each
 *            varint variable, [octet row: columns of lists only], varint octets, text, NUL
 *
 * Of a dialog that has proved something, or is about to (bit 6 of octet 5), what it has proved stands before the values:
 *
 *   octet                                     octet     4 octets      in the state PROOF:  octet  octet  octet  octet  octet
 *   level, under, held, business, held        resumed   proved at, s                       turn   row    hint   left   rounds
 *
 * The values are kept encoded, so that encoding is a copy of what is used, and a value is found by walking: there are few.
 * A page of the menu takes about 12 octets. Everything that is decoded is checked against the menu: a place from elsewhere
 * is refused as a whole. */
#pragma once

#include "menus/step.h"
#include "menus/tree.h"

#define MENU_BACK_MAX 16
#define MENU_PLACE_HEAD 96            /* the most octets that all but the values take */
#define MENU_PLACE_VALUE_OCTETS MENU_OPERATION_LONG_OCTETS /* of one value; what is typed is shorter (MENU_INPUT_OCTETS) */

enum menu_state {
	MENU_ST_START,        /* nothing has been dialled yet */
	MENU_ST_WAIT,         /* on a screen that waits for the citizen */
	MENU_ST_CALL,         /* an operation was asked for */
	MENU_ST_END,          /* on an end screen (its last page, or one before) */
	MENU_ST_GOODBYE, MENU_ST_TRIES, MENU_ST_LATER, /* ended with a phrase */
	MENU_ST_PROOF,        /* on its way to a screen that requires more than is proved: step_proof.c */
	MENU_STATES
};

struct menu_back { uint16_t screen; uint8_t page; };

enum menu_proof_turn { MENU_PROOF_CALL, MENU_PROOF_ASK, MENU_PROOF_NO, MENU_PROOF_TURNS }; /* whose: the operation's, the citizen's; refused */

/* What a dialog has proved. */
struct menu_ladder {
	uint8_t level;                     /* 0..3 */
	uint8_t under;                     /* what is left of it when level 3 has aged */
	uint8_t held;                      /* under which level the values of this service came to be */
	bool business, held_business;      /* the same of the business */
	bool resumed;                      /* after a cut: what was shown of this service wants `held` again */
	uint32_t at;                       /* when it was proved: seconds, wall clock */
	/* state PROOF */
	enum menu_proof_turn turn;
	uint8_t row;                       /* CALL: the question that was answered; ASK: that is put; NO: why not (proof.h) */
	uint8_t hint, left, rounds;        /* ASK: what was wrong with the last answer, tries that are left; calls of this proof */
};

struct menu_place {
	const struct menu_set *set;
	/* not encoded: for menu_run_value */
	char msisdn[24], now[24];
	/* encoded */
	enum menu_state state;
	bool resuming;                     /* the question "go on?" is on the screen */
	uint8_t language, page, tries, depth;
	uint16_t screen;
	struct menu_back back[MENU_BACK_MAX];
	struct menu_ladder ladder;
	uint16_t used;
	uint8_t values[MENU_PLACE_OCTETS - MENU_PLACE_HEAD];
};
_Static_assert(MENU_INPUT_OCTETS <= MENU_PLACE_VALUE_OCTETS, "what is typed fits");
_Static_assert(sizeof(struct menu_place) <= sizeof(struct menu_run), "a place lives in a menu_run");

struct menu_place *menu_place_of(struct menu_run *run);
const struct menu_place *menu_place_of_const(const struct menu_run *run);
const struct menu_screen *menu_place_screen(const struct menu_place *place);
const struct menu_service *menu_place_service(const struct menu_place *place);

/* NULL if it has none; row 0 for what is no column. NUL-terminated, holds until a value is set or dropped. */
const char *menu_place_value(const struct menu_place *place, uint16_t var, unsigned int row);
/* False where the place would grow beyond its bound; the old value is gone then. */
bool menu_place_set(struct menu_place *place, uint16_t var, unsigned int row, const char *text, size_t octets);
void menu_place_drop(struct menu_place *place, uint16_t var, unsigned int row);
/* Drops every value for which drop() is true. */
void menu_place_drop_if(struct menu_place *place, bool (*drop)(const struct menu_place *place, uint16_t var, const void *arg), const void *arg);
/* How many rows the list has whose columns these are. */
unsigned int menu_place_rows(const struct menu_place *place, const struct menu_column *columns, size_t n);
