/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The tables of the identity ladder; proof.h tells what they are for. */
#include "menus/proof.h"

#include <string.h>

#include "menus/filter.h"
#include "menus/page.h"
#include "menus/phrase.h"

#define SAID_OCTETS 512
#define UNTIL_OCTETS 64

/* A PIN of one digit is a choice: 1 says that it is forgotten. What is too weak is the operation's to say. */
const struct menu_proof_question_row menu_proof_questions[MENU_PROOF_QUESTIONS] = {
	[MENU_PROOF_ID] = { "id", MENU_PHRASE_PROOF_ID, "national-id", NULL, NULL, true },
	[MENU_PROOF_LEGAL_ID] = { "legal_id", MENU_PHRASE_PROOF_LEGAL_ID, "legal-id", NULL, NULL, false },
	[MENU_PROOF_PIN] = { "pin", MENU_PHRASE_PROOF_PIN, "digits", "1", "12", true },
	[MENU_PROOF_NEW_PIN] = { "new_pin", MENU_PHRASE_PROOF_NEW_PIN, "digits", "4", "8", true },
	[MENU_PROOF_AGAIN_PIN] = { "again_pin", MENU_PHRASE_PROOF_AGAIN_PIN, "digits", "4", "8", true },
	[MENU_PROOF_CODE] = { "code", MENU_PHRASE_PROOF_CODE, "digits", "4", "10", true },
};

const struct menu_proof_row menu_proof_hints[MENU_PROOF_HINTS] = {
	[MENU_PROOF_FINE] = { "", MENU_PHRASES },
	[MENU_PROOF_WRONG] = { "wrong", MENU_PHRASE_PROOF_WRONG },
	[MENU_PROOF_WEAK] = { "weak", MENU_PHRASE_PROOF_WEAK },
	[MENU_PROOF_DIFFERS] = { "differs", MENU_PHRASE_PROOF_DIFFERS },
	[MENU_PROOF_EXPIRED] = { "expired", MENU_PHRASE_PROOF_EXPIRED },
};

const struct menu_proof_row menu_proof_whys[MENU_PROOF_WHYS] = {
	[MENU_PROOF_NOT_YOURS] = { "not_yours", MENU_PHRASE_PROOF_NOT_YOURS },
	[MENU_PROOF_NOT_REPRESENTED] = { "not_represented", MENU_PHRASE_PROOF_NOT_REPRESENTED },
	[MENU_PROOF_CHANGED] = { "changed", MENU_PHRASE_PROOF_CHANGED },
	[MENU_PROOF_OFTEN] = { "often", MENU_PHRASE_PROOF_OFTEN },
	[MENU_PROOF_LOCKED] = { "locked", MENU_PHRASE_PROOF_LOCKED },
	[MENU_PROOF_FAILED] = { "failed", MENU_PHRASE_PROOF_FAILED },
};

const char *const menu_proof_answers[] = { "ask", "hint", "left", "level", "id", "legal_id", "province", "why", "until", NULL };

int menu_proof_question_find(const char *name)
{
	int i;
	for (i = 0; i < MENU_PROOF_QUESTIONS; i++)
		if (strcmp(menu_proof_questions[i].name, name) == 0)
			return i;
	return -1;
}

int menu_proof_row_find(const struct menu_proof_row *rows, size_t n, const char *name)
{
	size_t i;
	for (i = 0; i < n; i++)
		if (strcmp(rows[i].name, name) == 0)
			return (int)i;
	return -1;
}

bool menu_proof_row_exists(enum menu_proof_turn turn, uint8_t row)
{
	switch (turn) {
	case MENU_PROOF_CALL:
		return row <= MENU_PROOF_NOTHING;
	case MENU_PROOF_ASK:
		return row < MENU_PROOF_QUESTIONS;
	case MENU_PROOF_NO:
		return row < MENU_PROOF_WHYS;
	default:
		return false;
	}
}

unsigned int menu_proof_wants(const struct menu_place *place, const struct menu_screen *screen, bool *business)
{
	const struct menu_ladder *l = &place->ladder;
	bool held = l->resumed && screen->service == menu_place_screen(place)->service;
	*business = screen->business || (held && l->held_business);
	return held && l->held > screen->requires ? l->held : screen->requires;
}

bool menu_proof_lacks(const struct menu_place *place, const struct menu_screen *screen)
{
	bool business;
	return (screen->requires || place->ladder.resumed) &&
	       (menu_proof_wants(place, screen, &business) > place->ladder.level || (business && !place->ladder.business));
}

const char *menu_proof_digit(unsigned int level)
{
	static const char *const digits[MENU_LEVEL_MAX + 1] = { "0", "1", "2", "3" };
	return digits[level <= MENU_LEVEL_MAX ? level : 0];
}

/* --- what the operation is given --- */

static const char *input_level(const struct menu_place *place)
{
	bool business;
	return menu_proof_digit(menu_proof_wants(place, menu_place_screen(place), &business));
}

static const char *input_subject(const struct menu_place *place)
{
	bool business;
	menu_proof_wants(place, menu_place_screen(place), &business);
	return business ? "business" : "person";
}

static const char *input_proved(const struct menu_place *place)
{
	return menu_proof_digit(place->ladder.level);
}

static const char *input_asked(const struct menu_place *place)
{
	return place->ladder.row < MENU_PROOF_QUESTIONS ? menu_proof_questions[place->ladder.row].name : "";
}

static const char *input_typed(const struct menu_place *place)
{
	const char *typed = menu_place_value(place, MENU_ID_TYPED, 0);
	return typed ? typed : "";
}

static const struct { const char *name; const char *(*value)(const struct menu_place *place); } inputs[] = {
	{ "level", input_level }, { "subject", input_subject }, { "proved", input_proved }, { "asked", input_asked }, { "typed", input_typed },
};

bool menu_proof_is_input(const char *name)
{
	size_t i;
	for (i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++)
		if (strcmp(inputs[i].name, name) == 0)
			return true;
	return false;
}

const char *menu_proof_input(const struct menu_place *place, const char *name)
{
	size_t i;
	for (i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++)
		if (strcmp(inputs[i].name, name) == 0)
			return inputs[i].value(place);
	return NULL;
}

/* --- what the citizen sees --- */

/* The day and the hour until which a refusal holds. */
static void until_of(const struct menu_place *place, char *out)
{
	const char *seconds = menu_place_value(place, MENU_ID_UNTIL, 0);
	const struct menu_filter *filter = menu_filter_find("datetime");
	if (!seconds || filter->apply(menu_languages[place->language].code, seconds, out, UNTIL_OCTETS) < 0)
		out[0] = '\0';
}

static size_t text_of(const struct menu_place *place, char *out)
{
	const struct menu_ladder *l = &place->ladder;
	enum menu_phrase which = l->turn == MENU_PROOF_ASK ? menu_proof_questions[l->row].phrase : menu_proof_whys[l->row].phrase;
	char until[UNTIL_OCTETS] = "";
	const struct menu_say say[] = { { "until", until } };
	if (l->turn == MENU_PROOF_NO)
		until_of(place, until);
	return menu_phrase_say(place->set->phrases[which][place->language], say, 1, out, SAID_OCTETS);
}

/* Home is where back leads, too, where only the first page lies behind. */
static bool home_is_back(const struct menu_place *place)
{
	return place->depth == 1 && place->back[0].screen == place->set->root;
}

void menu_proof_show(const struct menu_place *place, const struct menu_medium *medium, const char *hint, struct menu_result *result)
{
	const struct menu_set *set = place->set;
	char text[SAID_OCTETS];
	size_t octets = text_of(place, text);
	unsigned int index = 0;
	bool more;
	struct menu_page page = {
		.text = text, .octets = octets, .head = octets, .prose = octets, .hint = hint, .fits = medium->fits, .ctx = medium->ctx,
		.back = &set->nav[place->depth ? MENU_NAV_BACK : MENU_NAV_EXIT][place->language],
		.home = home_is_back(place) ? NULL : &set->nav[MENU_NAV_HOME][place->language],
		.more = &set->nav[MENU_NAV_MORE][place->language],
	};
	result->octets = menu_page_cut(&page, &index, result->text, &more);
}
