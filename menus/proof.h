/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The identity ladder as tables: what may be asked of a citizen before a screen that requires a proof, what may have been wrong
 * with an answer, why it was refused; and what such a screen still lacks. step_proof.c goes by them.
 *
 * Who is there is proved by one operation, which the root names (`identity`). It is called again and again, each time with what was
 * asked last and what was typed, until it says that it is proved or refuses: the engine knows the questions, the operation knows
 * whom to ask them and what is right. agencies.md has its contract. */
#pragma once

#include "menus/place.h"

#define MENU_PROOF_GOOD_S 600          /* level 3 is good for so long */
#define MENU_PROOF_ROUNDS_MAX 24       /* calls of one proof: who is not proved by then never will be */

enum menu_proof_question {
	MENU_PROOF_ID, MENU_PROOF_LEGAL_ID, MENU_PROOF_PIN, MENU_PROOF_NEW_PIN, MENU_PROOF_AGAIN_PIN, MENU_PROOF_CODE,
	MENU_PROOF_QUESTIONS,
	MENU_PROOF_NOTHING = MENU_PROOF_QUESTIONS  /* nothing was asked yet */
};
enum menu_proof_hint { MENU_PROOF_FINE, MENU_PROOF_WRONG, MENU_PROOF_WEAK, MENU_PROOF_DIFFERS, MENU_PROOF_EXPIRED, MENU_PROOF_HINTS };
enum menu_proof_why {
	MENU_PROOF_NOT_YOURS, MENU_PROOF_NOT_REPRESENTED, MENU_PROOF_CHANGED, MENU_PROOF_OFTEN, MENU_PROOF_LOCKED, MENU_PROOF_FAILED,
	MENU_PROOF_WHYS
};

/* How the operation calls it, and the phrase that the citizen reads. */
struct menu_proof_row { const char *name; enum menu_phrase phrase; };
extern const struct menu_proof_row menu_proof_hints[MENU_PROOF_HINTS], menu_proof_whys[MENU_PROOF_WHYS];
/* check, with its bounds in digits: what is certainly none is not sent. */
struct menu_proof_question_row { const char *name; enum menu_phrase phrase; const char *check, *min_length, *max_length; bool secret; };
extern const struct menu_proof_question_row menu_proof_questions[MENU_PROOF_QUESTIONS];

/* The index of this name, or -1. */
int menu_proof_question_find(const char *name);
int menu_proof_row_find(const struct menu_proof_row *rows, size_t n, const char *name);
/* False: nothing that a proof can stand at. */
bool menu_proof_row_exists(enum menu_proof_turn turn, uint8_t row);

/* The level that this screen wants in this dialog; *business: and a business, too. 0: nothing. */
unsigned int menu_proof_wants(const struct menu_place *place, const struct menu_screen *screen, bool *business);
/* True if that is more than the dialog has proved. */
bool menu_proof_lacks(const struct menu_place *place, const struct menu_screen *screen);

/* The operation's inputs (level, subject, proved, asked, typed) and the fields that its answers must be able to have (a NULL at the end). */
bool menu_proof_is_input(const char *name);
const char *menu_proof_input(const struct menu_place *place, const char *name);
extern const char *const menu_proof_answers[];
/* "0" to "3" */
const char *menu_proof_digit(unsigned int level);

/* The question or the refusal where the place stands, as one page, with a hint above it (or NULL). */
void menu_proof_show(const struct menu_place *place, const struct menu_medium *medium, const char *hint, struct menu_result *result);
