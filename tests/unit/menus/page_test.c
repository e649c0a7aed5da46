/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Cutting pages: by lines, by words, by characters; with a hint; and with a phone that nothing fits on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "menus/page.h"

static const struct menu_line back = { "\n0- B", 5 }, home = { "\n00- H", 6 }, more = { "\n9- M", 5 };

static bool fits(const void *ctx, const char *text, size_t octets)
{
	size_t i, units = 0;
	for (i = 0; i < octets; i++)
		units += ((unsigned char)text[i] & 0xc0) != 0x80;
	return units <= *(const size_t *)ctx;
}

struct phone { size_t limit, head, prose; const char *hint; bool home; };

static const char *page_of(const char *text, struct phone phone, unsigned int index, bool *follows)
{
	static char out[MENU_PAGE_OCTETS + 1];
	const struct menu_page page = {
		.text = text, .octets = strlen(text), .head = phone.head, .prose = phone.prose, .hint = phone.hint, .back = &back,
		.home = phone.home ? &home : NULL, .more = &more, .fits = fits, .ctx = &phone.limit,
	};
	size_t n = menu_page_cut(&page, &index, out, follows);
	assert_int_equal(strlen(out), n);
	return out;
}

static void expect(const char *text, struct phone phone, unsigned int index, const char *wanted, bool wanted_more)
{
	bool follows;
	assert_string_equal(page_of(text, phone, index, &follows), wanted);
	assert_int_equal(follows, wanted_more);
}

static void test_lines(void **state)
{
	const char *menu = "Title\n1- one\n2- two\n3- three";
	(void)state;
	expect(menu, (struct phone){ .limit = 80 }, 0, "Title\n1- one\n2- two\n3- three\n0- B", false);
	expect(menu, (struct phone){ .limit = 24 }, 0, "Title\n1- one\n9- M\n0- B", true);
	expect(menu, (struct phone){ .limit = 24 }, 1, "2- two\n3- three\n0- B", false);
	expect(menu, (struct phone){ .limit = 24 }, 9, "2- two\n3- three\n0- B", false); /* there are only two */
	expect("", (struct phone){ .limit = 24 }, 0, "0- B", false);
}

static void test_home_gives_way(void **state)
{
	(void)state;
	expect("Text", (struct phone){ .limit = 15, .home = true }, 0, "Text\n0- B\n00- H", false);
	expect("Text", (struct phone){ .limit = 14, .home = true }, 0, "Text\n0- B", false);
}

static void test_words_and_characters(void **state)
{
	(void)state;
	expect("alpha beta gamma", (struct phone){ .limit = 20 }, 0, "alpha beta\n9- M\n0- B", true);
	expect("alpha beta gamma", (struct phone){ .limit = 20 }, 1, "gamma\n0- B", false);
	expect("سلام‌سلام‌سلام", (struct phone){ .limit = 16 }, 0, "سلام‌س\n9- M\n0- B", true); /* never inside a character */
	expect("سلام‌سلام‌سلام", (struct phone){ .limit = 16 }, 1, "لام‌سلام\n0- B", false);
}

static void test_prose_fills_its_page(void **state)
{
	const char *letter = "Hi,\nyour request is done.\n1- Thank you\n2- Why so";
	(void)state;
	expect(letter, (struct phone){ .limit = 30, .prose = 26 }, 0, "Hi,\nyour request is\n9- M\n0- B", true);
	expect(letter, (struct phone){ .limit = 30, .prose = 26 }, 1, "done.\n1- Thank you\n9- M\n0- B", true);
	expect(letter, (struct phone){ .limit = 30, .prose = 26 }, 2, "2- Why so\n0- B", false); /* what can be chosen stays whole */
	expect(letter, (struct phone){ .limit = 30 }, 0, "Hi,\n9- M\n0- B", true);
	expect("Dear citizen,\nyour request is done", (struct phone){ .limit = 30, .prose = 34 }, 0, "Dear citizen,\n9- M\n0- B", true); /* half of it is enough */
}

static void test_a_hint_stands_above_or_in_place_of_the_head(void **state)
{
	const char *menu = "Title\n1- one";
	(void)state;
	expect(menu, (struct phone){ .limit = 80, .head = 5, .hint = "No!" }, 0, "No!\nTitle\n1- one\n0- B", false);
	expect(menu, (struct phone){ .limit = 19, .head = 5, .hint = "No!" }, 0, "No!\n1- one\n0- B", false);
	expect(menu, (struct phone){ .limit = 18, .head = 5, .hint = "No such option!" }, 0, "Title\n1- one\n0- B", false);
	expect("Question?", (struct phone){ .limit = 16, .head = 9, .hint = "Ten digits." }, 0, "Ten digits.\n0- B", false);
}

static void test_a_phone_on_which_nothing_fits(void **state)
{
	bool follows = true;
	unsigned int i;
	(void)state;
	for (i = 0; follows && i < 100; i++)
		page_of("words that cannot be shown", (struct phone){ .limit = 3 }, i, &follows);
	assert_false(follows); /* it comes to an end */
	assert_true(i < 50);
}

static void test_more_than_a_page_can_ever_hold(void **state)
{
	char text[3000];
	bool follows;
	size_t i, octets;
	(void)state;
	for (i = 0; i < sizeof(text); i++)
		text[i] = i % 10 == 9 ? '\n' : 'x';
	text[sizeof(text) - 1] = '\0';
	octets = strlen(page_of(text, (struct phone){ .limit = SIZE_MAX, .home = true }, 0, &follows));
	assert_true(follows && octets > MENU_PAGE_OCTETS - 30 && octets <= MENU_PAGE_OCTETS);
	octets = strlen(page_of(text, (struct phone){ .limit = SIZE_MAX, .home = true }, 2, &follows));
	assert_true(!follows && octets > 900);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_home_gives_way),
		cmocka_unit_test(test_words_and_characters),
		cmocka_unit_test(test_prose_fills_its_page),
		cmocka_unit_test(test_a_hint_stands_above_or_in_place_of_the_head),
		cmocka_unit_test(test_a_phone_on_which_nothing_fits),
		cmocka_unit_test(test_more_than_a_page_can_ever_hold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
