/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Places: any octets. What is taken for a place encodes to itself, and a dialog goes on from it without harm. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "menus/place.h"
#include "menus/unicode.h"

#define HOLD(condition) do { if (!(condition)) abort(); } while (0)

static bool fits(const void *ctx, const char *text, size_t octets)
{
	(void)ctx;
	(void)text;
	return octets <= 120;
}

static struct menu_set *load(void)
{
	static const char *const paths[] = { "tests/data/menus/story" };
	struct menu_diags *diags = menu_diags_alloc(NULL);
	struct menu_set *set = menu_set_load(NULL, paths, 1, diags);
	menu_unicode_init();
	talloc_free(diags);
	HOLD(set);
	return set;
}

static void go_on(struct menu_run *run, const struct menu_set *set, unsigned int how)
{
	static const struct menu_value values[] = { { "name", "a", "rows", 0 }, { "paid.ref", "b", NULL, 0 } };
	static const struct menu_answer answer = { "ok", 0, 2, values };
	static const struct menu_event events[] = {
		{ MENU_EVENT_AGAIN, NULL, 0, NULL, false },    { MENU_EVENT_INPUT, "1", 1, NULL, false }, { MENU_EVENT_INPUT, "0", 1, NULL, false },
		{ MENU_EVENT_INPUT, "99", 2, NULL, false },    { MENU_EVENT_INPUT, "5000", 4, NULL, false },
		{ MENU_EVENT_ANSWER, NULL, 0, &answer, false }, { MENU_EVENT_ANSWER, NULL, 0, &answer, true }, { MENU_EVENT_RESUME, "*4#", 3, NULL, false },
	};
	const struct menu_medium medium = { fits, NULL, 1584264600000, "+989120000000", "" };
	static struct menu_result result;
	uint8_t place[MENU_PLACE_OCTETS];
	ssize_t n;

	menu_step(run, set, &medium, &events[how % (sizeof(events) / sizeof(events[0]))], &result);
	HOLD(strlen(result.text) == result.octets);
	n = menu_run_encode(run, place, sizeof(place));
	HOLD(n > 0 && menu_run_decode(run, set, place, (size_t)n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct menu_set *set;
	static struct menu_run run;
	uint8_t bytes[MENU_PLACE_OCTETS], again[MENU_PLACE_OCTETS];
	ssize_t n;
	size_t i;

	if (!set)
		set = load();
	if (size < 8 || size > sizeof(bytes))
		return 0;
	memcpy(bytes, data, size);
	for (i = 0; i < 4; i++) /* the version would only be guessed */
		bytes[1 + i] = (uint8_t)(set->version >> (8 * i));
	bytes[0] = 1;
	if (menu_run_decode(&run, set, bytes, size) != 0)
		return 0;
	n = menu_run_encode(&run, again, sizeof(again));
	HOLD(n > 0 && (size_t)n <= size && menu_run_decode(&run, set, again, (size_t)n) == 0);
	for (i = 0; i < 6; i++)
		go_on(&run, set, data[1] + (unsigned int)i * data[2]);
	return 0;
}
