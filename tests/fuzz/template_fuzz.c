/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Texts: any string as a template and as a condition; what compiles is rendered and cut to pages of a size that the first
 * octet says. Pages fit, are UTF-8, come to an end, and leave nothing out. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "menus/page.h"
#include "menus/template.h"
#include "menus/unicode.h"
#include "menus/utf8.h"

#define HOLD(condition) do { if (!(condition)) abort(); } while (0)

static bool fits(const void *ctx, const char *text, size_t octets)
{
	(void)text;
	return octets <= *(const size_t *)ctx;
}

static size_t letters(const char *text, size_t octets)
{
	size_t n = 0, i;
	for (i = 0; i < octets; i++)
		n += text[i] != ' ' && text[i] != '\n';
	return n;
}

static void cut(const char *text, size_t octets, size_t limit)
{
	const struct menu_line back = { "\n0- B", 5 }, more = { "\n9- M", 5 };
	const struct menu_page page = { text, octets, 0, NULL, &back, NULL, &more, fits, &limit };
	char out[MENU_PAGE_OCTETS + 1];
	size_t seen = 0, n;
	unsigned int i, index;
	bool follows = true;

	for (i = 0; follows && i < 255; i++) {
		index = i;
		n = menu_page_cut(&page, &index, out, &follows);
		HOLD(index == i && menu_utf8_valid(out, n) && n <= MENU_PAGE_OCTETS && out[n] == '\0');
		HOLD(n <= limit);
		seen += letters(out, n) - letters(back.text, back.octets) - (follows ? letters(more.text, more.octets) : 0);
	}
	HOLD(follows || seen == letters(text, octets));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const paths[] = { "tests/data/menus/story" };
	static struct menu_set *set;
	static struct menu_run run;
	const struct menu_medium medium = { fits, &size, 1584264600000, "+989120000000", "" };
	void *ctx = talloc_new(NULL);
	struct menu_site site = { ctx, NULL, menu_diags_alloc(ctx), "x", 1 };
	struct menu_view view = { menu_place_of(&run), &medium, NULL, 0 };
	struct menu_template template;
	struct menu_condition condition;
	char out[2000], *text;

	if (!set) {
		menu_unicode_init();
		set = menu_set_load(NULL, paths, 1, site.diags);
		HOLD(set);
		menu_run_init(&run, set);
	}
	site.service = &set->services[0];
	if (size > 1 && menu_utf8_valid((const char *)data + 1, size - 1) && !memchr(data + 1, 0, size - 1)) {
		text = talloc_strndup(ctx, (const char *)data + 1, size - 1);
		template = menu_template_compile(&site, text);
		cut(out, menu_template_render(&template, &view, out, sizeof(out)), 20u + data[0]);
		condition = menu_condition_compile(&site, text);
		menu_condition_holds(&condition, &view);
	}
	talloc_free(ctx);
	return 0;
}
