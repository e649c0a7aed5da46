/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Between the files of keywords: a message in pieces (keyword_split.c), and values for the fields of one keyword (keyword_fill.c). */
#pragma once

#include "menus/keyword.h"

#define MENU_SMS_TOKENS_MAX 256
#define MENU_SMS_FOLDED_OCTETS (3 * MENU_KEYWORD_TEXT_OCTETS)

/* What stands between two tokens, the weakest first. */
enum menu_sms_gap { MENU_GAP_GLUED /* nothing: a letter and a digit meet */, MENU_GAP_SPACE, MENU_GAP_MARK /* '*', '#', a comma ... */ };

struct menu_sms_token {
	uint16_t from, to;               /* in the folded text */
	enum menu_sms_gap gap;           /* before it */
	bool digits;                     /* begins with a digit */
	bool keyed;
	char key[MENU_KEYWORD_WORD_OCTETS]; /* folded for comparing; "": longer than any word (lazily) */
};
struct menu_sms_tokens {
	char text[MENU_SMS_FOLDED_OCTETS];
	size_t n;
	struct menu_sms_token at[MENU_SMS_TOKENS_MAX];
};

/* False: not UTF-8, too long, or nothing in it. */
bool menu_sms_split(struct menu_sms_tokens *tokens, const char *text, size_t octets);
/* How many tokens from `from` on (or, backward, before `to`) make this folded word; 0: they do not. */
size_t menu_sms_word_at(struct menu_sms_tokens *tokens, size_t from, size_t to, bool backward, const char *word);

/* Fills the fields of the keyword from the tokens from..to - 1 into sms: REQUEST; or HELP that tells what is wrong. */
void menu_sms_fill(const struct menu_keyword *keyword, const struct menu_sms_tokens *tokens, size_t from, size_t to, struct menu_sms *sms);
