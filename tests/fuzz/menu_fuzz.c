/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The loader: any octets as a service beside a sound root. Whatever compiles without a mistake must also run: every screen
 * is walked with a few inputs and answers, and each place survives encoding. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "menus/check.h"
#include "menus/compile.h"
#include "menus/step.h"
#include "menus/unicode.h"
#include "menus/utf8.h"

#define HOLD(condition) do { if (!(condition)) abort(); } while (0)

static const char root[] = "codes = ( \"*4#\" ); languages = ( \"fa\" ); title = { fa = \"x\"; }; services = ( \"s\" );";
static const char *const agencies[] = { "tests/data/menus/base/agencies/bills.cfg", "tests/data/menus/base/agencies/tax.cfg" };

/* libconfig 1.5 forgets the one string that it was reading when it meets a syntax error. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig_yylex\nleak:libconfig_yyparse\nleak:strbuf_append\n";
}

static bool fits(const void *ctx, const char *text, size_t octets)
{
	(void)ctx;
	(void)text;
	return octets <= 120;
}

static void one_step(struct menu_run *run, const struct menu_set *set, const struct menu_event *event, struct menu_result *result)
{
	const struct menu_medium medium = { fits, NULL, 1584264600000, "+989120000000", "" };
	uint8_t place[MENU_PLACE_OCTETS];
	ssize_t n;

	menu_step(run, set, &medium, event, result);
	HOLD(strlen(result->text) == result->octets && menu_utf8_valid(result->text, result->octets));
	HOLD(result->verdict == MENU_CALL || result->octets > 0);
	n = menu_run_encode(run, place, sizeof(place));
	HOLD(n > 0);
	HOLD(menu_run_decode(run, set, place, (size_t)n) == 0);
}

static void walk(const struct menu_set *set)
{
	static const char *const typed[] = { "1", "2", "7748317800142", "99", "9", "0", "1", "3", "x" };
	static const struct menu_value values[] = { { "bill.amount", "5", NULL, 0 }, { "id", "7748317800142", "bills", 0 }, { "amount", "7", "bills", 1 } };
	static const struct menu_answer answer = { "ok", 0, 3, values };
	static struct menu_run run;
	static struct menu_result result;
	size_t i;

	one_step(&run, set, &(struct menu_event){ MENU_EVENT_DIAL, "*4#", 3, NULL, false }, &result);
	for (i = 0; i < 64 && result.verdict != MENU_END; i++) {
		const char *text = typed[i % (sizeof(typed) / sizeof(typed[0]))];
		if (result.verdict == MENU_CALL)
			one_step(&run, set, &(struct menu_event){ MENU_EVENT_ANSWER, NULL, 0, &answer, i % 7 == 6 }, &result);
		else
			one_step(&run, set, &(struct menu_event){ MENU_EVENT_INPUT, text, strlen(text), NULL, false }, &result);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	struct menu_diags *diags = menu_diags_alloc(ctx);
	struct menu_source_file service = { "s", menu_source_parse(ctx, "s.cfg", (const char *)data, size, diags) };
	struct menu_sources sources = { .n = 1, .services = &service, .version = 1 };
	struct menu_set *set;

	menu_unicode_init();
	if (service.node) {
		sources.root = menu_source_parse(ctx, "menu.cfg", root, sizeof(root) - 1, diags);
		sources.agencies = menu_agencies_load(ctx, agencies, 2, diags);
		set = menu_compile(ctx, &sources, diags);
		menu_check(set, diags);
		if (menu_diags_count(diags) == 0)
			walk(set);
	}
	talloc_free(ctx);
	return 0;
}
