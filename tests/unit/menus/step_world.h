/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A citizen at a phone, for the tests of dialogs: what is typed, what the page says. Between any two steps the place is encoded and
 * decoded, as the gateway does it. Each test is one program, so all of it is static. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "menus/step.h"
#include "menus/unicode.h"

static struct menu_set *set;                /* what is dialled in */
static struct menu_run run;
static struct menu_result result;
static uint8_t place[MENU_PLACE_OCTETS];
static size_t place_octets;
static int64_t now_ms = 1584264600000;
static const char *remembered;              /* the language */

/* A phone: 80 characters, or 160 if all is ASCII. */
static inline bool fits(const void *ctx, const char *text, size_t octets)
{
	size_t i, units = 0;
	bool wide = false;
	(void)ctx;
	for (i = 0; i < octets; i++) {
		units += ((unsigned char)text[i] & 0xc0) != 0x80;
		wide = wide || (unsigned char)text[i] >= 0x80;
	}
	return units <= (wide ? 80 : 160);
}

static inline void step(enum menu_event_kind kind, const char *text, const struct menu_answer *answer, bool late)
{
	const struct menu_medium medium = { fits, NULL, now_ms, "+989120000000", remembered };
	const struct menu_event event = { .kind = kind, .text = text, .octets = text ? strlen(text) : 0, .answer = answer, .late = late };
	ssize_t n;

	if (kind == MENU_EVENT_DIAL)
		menu_run_init(&run, set);
	else
		assert_int_equal(menu_run_decode(&run, set, place, place_octets), 0);
	memset(&result, 0x5a, sizeof(result));
	menu_step(&run, set, &medium, &event, &result);
	n = menu_run_encode(&run, place, sizeof(place));
	assert_true(n > 0);
	place_octets = (size_t)n;
	assert_int_equal(strlen(result.text), result.octets);
	if (result.verdict != MENU_CALL && !late)
		assert_true(result.octets > 0 && fits(NULL, result.text, result.octets));
}

/* --- what the citizen does, and the agency --- */

static inline void dial(const char *code) { step(MENU_EVENT_DIAL, code, NULL, false); }
static inline void type(const char *text) { step(MENU_EVENT_INPUT, text, NULL, false); }
static inline void redial(const char *code) { step(MENU_EVENT_RESUME, code, NULL, false); }
static inline void again(void) { step(MENU_EVENT_AGAIN, NULL, NULL, false); }

static inline void answers(const char *outcome, const struct menu_value *values, size_t n)
{
	const struct menu_answer answer = { outcome, 0, n, values };
	step(MENU_EVENT_ANSWER, NULL, &answer, false);
}

/* --- what came of it --- */

static inline void shows(const char *page)
{
	assert_int_equal(result.verdict, MENU_SHOW);
	assert_string_equal(result.text, page);
}

static inline void ends(const char *page)
{
	assert_int_equal(result.verdict, MENU_END);
	assert_string_equal(result.text, page);
}

static inline void calls(const char *operation)
{
	assert_int_equal(result.verdict, MENU_CALL);
	assert_string_equal(result.operation->name, operation);
	assert_int_equal(result.octets, 0);
}

/* --- the menu --- */

static inline struct menu_set *load(const char *folder)
{
	const char *const paths[] = { folder };
	struct menu_diags *diags = menu_diags_alloc(NULL);
	struct menu_set *loaded = menu_set_load(NULL, paths, 1, diags);
	if (!loaded)
		menu_diags_print(diags, stdout);
	talloc_free(diags);
	return loaded;
}
