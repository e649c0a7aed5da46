/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* An agency's answer: its values become variables, as far as they are the operation's, clean and not too many; its outcome
 * says where to go on. */
#include <stdio.h>
#include <string.h>

#include "menus/step_priv.h"
#include "menus/utf8.h"

/* Marks of direction (U+200E, U+200F, U+202A..E, U+2066..9): an agency has no business turning our lines around. */
static bool is_direction_mark(const char *t)
{
	const unsigned char *u = (const unsigned char *)t;
	return u[0] == 0xe2 && ((u[1] == 0x80 && (u[2] == 0x8e || u[2] == 0x8f || (u[2] >= 0xaa && u[2] <= 0xae))) ||
	                        (u[1] == 0x81 && u[2] >= 0xa6 && u[2] <= 0xa9));
}

/* What an agency says, as far as it can stand on a screen: valid UTF-8, no controls, bounded. */
static size_t clean(const char *text, char *out, size_t cap)
{
	size_t at = 0, left = strlen(text), n;
	for (; left; text += n, left -= n) {
		n = menu_utf8_char(text, left);
		if (n == 0 || at + n > cap)
			break;
		if (n == 3 && is_direction_mark(text))
			continue;
		memcpy(out + at, text, n);
		if (n == 1 && (unsigned char)out[at] < ' ' && out[at] != '\n')
			out[at] = ' ';
		at += n;
	}
	return at;
}

static bool same(const char *a, const char *b)
{
	return a == b || strcmp(a, b) == 0;
}

/* The variable of a value and how long it may be, or MENU_NONE: not one of this operation's. */
static uint16_t var_of(const struct menu_screen *call, const struct menu_value *value, size_t *cap)
{
	const struct menu_operation *op = call->operation;
	size_t i, k;
	*cap = MENU_OPERATION_VALUE_OCTETS;
	for (i = 0; !value->list && i < op->n_fields; i++)
		if (same(op->fields[i].name, value->name)) {
			*cap = op->fields[i].is_long ? MENU_OPERATION_LONG_OCTETS : MENU_OPERATION_VALUE_OCTETS;
			return call->fields[i];
		}
	for (i = 0; value->list && i < op->n_lists; i++)
		for (k = 0; same(op->lists[i].name, value->list) && k < op->lists[i].n_fields; k++)
			if (same(op->lists[i].fields[k].name, value->name))
				return call->lists[i].columns[k];
	return MENU_NONE;
}

static bool is_given_by(const struct menu_place *place, uint16_t var, const void *arg)
{
	const struct menu_screen *call = arg;
	size_t i, k;
	(void)place;
	for (i = 0; i < call->operation->n_fields; i++)
		if (call->fields[i] == var)
			return true;
	for (i = 0; i < call->operation->n_lists; i++)
		for (k = 0; k < call->lists[i].list->n_fields; k++)
			if (call->lists[i].columns[k] == var)
				return true;
	return false;
}

/* False if there is more than a place can hold. */
static bool take_values(struct step *s, const struct menu_screen *call, const struct menu_answer *answer)
{
	char text[MENU_OPERATION_LONG_OCTETS];
	size_t i, cap;
	menu_place_drop_if(s->place, is_given_by, call);
	for (i = 0; i < answer->n; i++) {
		uint16_t var = var_of(call, &answer->values[i], &cap);
		if (var == MENU_NONE || answer->values[i].row >= MENU_OPERATION_ROWS_MAX)
			continue;
		if (!menu_place_set(s->place, var, answer->values[i].list ? answer->values[i].row : 0, text, clean(answer->values[i].value, text, cap)))
			return false;
	}
	return true;
}

/* An answer from the store says when it was true; a fresh one does not. */
static void take_time(struct step *s, const struct menu_answer *answer)
{
	char seconds[24];
	int n;
	menu_place_drop(s->place, MENU_VAR_AS_OF, 0);
	if (!answer || answer->as_of_ms <= 0)
		return;
	n = snprintf(seconds, sizeof(seconds), "%lld", (long long)(answer->as_of_ms / 1000));
	menu_place_set(s->place, MENU_VAR_AS_OF, 0, seconds, (size_t)n);
}

void menu_step_answer(struct step *s)
{
	const struct menu_screen *call = menu_place_screen(s->place);
	const struct menu_answer *answer = s->event->answer;
	const char *outcome = answer ? answer->outcome : "failed";

	if (s->place->state == MENU_ST_PROOF) {
		menu_step_proof_answer(s);
		return;
	}
	if (s->place->state != MENU_ST_CALL) {
		s->result->again = true;
		return;
	}
	s->place->resuming = false;
	if (answer && (answer->n || strcmp(outcome, "ok") == 0) && !take_values(s, call, answer)) {
		menu_place_drop_if(s->place, is_given_by, call);
		outcome = "failed";
	}
	take_time(s, answer);
	menu_place_drop_if(s->place, menu_step_is_secret, NULL);
	if (!call->operation->safe) /* what was done cannot be done again by going back */
		s->place->depth = s->place->depth && s->place->back[0].screen == s->set->root;
	menu_step_follow(s, menu_step_outcome(call, outcome));
}
