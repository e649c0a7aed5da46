/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Any text message to any number, against the sample's keywords: the same message is always understood in the same way, a
 * request has all that it must have, each value passes its own check again, and what is said back fits. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "menus/keyword.h"
#include "menus/set.h"
#include "menus/unicode.h"

#define HOLD(condition) do { if (!(condition)) abort(); } while (0)
#define FITS 140

static struct menu_set *set;

static const struct menu_keywords *load(void)
{
	static const char *const folder[] = { "menus/sample" };
	struct menu_diags *diags;

	if (!set) {
		diags = menu_diags_alloc(NULL);
		set = menu_set_load(NULL, folder, 1, diags);
		talloc_free(diags);
	}
	HOLD(set);
	return menu_set_keywords(set);
}

static bool fits(const void *ctx, const char *text, size_t octets)
{
	(void)ctx;
	HOLD(strlen(text) == octets);
	return octets <= FITS;
}

static void check_request(const struct menu_sms *sms)
{
	HOLD(sms->n_fields >= sms->keyword->n_required && sms->n_fields <= sms->keyword->n_fields);
	for (size_t i = 0; i < sms->n_fields; i++) {
		HOLD(strcmp(sms->fields[i].name, sms->keyword->fields[i].name) == 0);
		HOLD(sms->fields[i].value[0]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const numbers[] = { "40402020", "+9840401463", "", "404" };
	static struct menu_sms first, second;
	const struct menu_keywords *keywords = load();
	char answer[2048], *text;
	const char *to;

	if (size == 0)
		return 0;
	to = numbers[data[0] % 4];
	text = malloc(size);                     /* exactly as long as it is: a step beyond is seen */
	memcpy(text, data + 1, size - 1);
	menu_sms_read(keywords, to, text, size - 1, &first);
	menu_sms_read(keywords, to, text, size - 1, &second);
	HOLD(first.kind == second.kind && first.keyword == second.keyword && first.n_fields == second.n_fields && first.rule == second.rule);
	HOLD((first.kind == MENU_SMS_REQUEST || first.kind == MENU_SMS_HELP) == (first.keyword != NULL));
	if (first.kind == MENU_SMS_REQUEST)
		check_request(&first);
	for (unsigned int language = 0; language < MENU_LANGUAGES && first.kind == MENU_SMS_HELP; language++)
		HOLD(menu_sms_help(&first, language, fits, NULL, answer, sizeof(answer)) <= FITS);
	HOLD(menu_sms_list(keywords, to, 0, fits, NULL, answer, sizeof(answer)) <= FITS);
	free(text);
	return 0;
}
