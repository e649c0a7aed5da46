/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Masked numbers, levels, and lines on stderr that carry category and level. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <osmocom/core/talloc.h>

#include "gateway/bearer.h"
#include "gateway/log.h"

static void numbers_are_masked(void **state)
{
	(void)state;
	assert_string_equal(gw_log_mask("989121234567"), "98912*****67");
	assert_string_equal(gw_log_mask("09121234567"), "09121****67");
	assert_string_equal(gw_log_mask("123456789"), "12345**89");
	assert_string_equal(gw_log_mask("12345678"), "******78");
	assert_string_equal(gw_log_mask("4040"), "**40");
	assert_string_equal(gw_log_mask("1"), "1");
	assert_string_equal(gw_log_mask(""), "");
	/* longer than any number is: cut, and the end of what is left is what shows */
	assert_int_equal(strlen(gw_log_mask("1234567890123456789012345678901234567890")), 23);
}

static void four_masks_stand_at_once(void **state)
{
	const char *first = gw_log_mask("989121234501"), *second = gw_log_mask("989121234502"), *third = gw_log_mask("989121234503"),
		   *fourth = gw_log_mask("989121234504");

	(void)state;
	assert_string_equal(first, "98912*****01");
	assert_string_equal(second, "98912*****02");
	assert_string_equal(third, "98912*****03");
	assert_string_equal(fourth, "98912*****04");
}

/* What is logged by say(), as it arrives on stderr. */
static const char *capture(void (*say)(void))
{
	static char text[4096];
	char path[] = "/tmp/dolat-log-XXXXXX";
	int fd = mkstemp(path), before = dup(2);
	ssize_t n;

	assert_true(fd >= 0);
	unlink(path);
	dup2(fd, 2);
	say();
	fflush(stderr);
	dup2(before, 2);
	close(before);
	n = pread(fd, text, sizeof(text) - 1, 0);
	close(fd);
	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void say_all(void)
{
	const struct gw_route route = { .name = "mci" };

	LOGP(GW_LOG_MAIN, LOGL_ERROR, "an error\n");
	LOGP(GW_LOG_LINK, LOGL_NOTICE, "a notice\n");
	LOGPDIALOG(&route, "989121234567", LOGL_INFO, "ended after %d steps\n", 4);
	LOGP(GW_LOG_AGENCY, LOGL_DEBUG, "a detail\n");
}

static void a_level_hides_what_is_less_grave(void **state)
{
	static const struct { const char *level; int lines; } levels[] = { { "error", 1 }, { "notice", 2 }, { "info", 3 }, { "debug", 4 } };
	static const char *const parts[] = { "DMAIN ERROR an error\n", "DLINK NOTICE a notice\n", "DDIALOG INFO dialog(98912*****67@mci) ended after 4 steps\n",
					     "DAGENCY DEBUG a detail\n" };

	(void)state;
	for (int i = 0; i < 4; i++) {
		const char *text;

		assert_int_equal(gw_log_configure("stderr", levels[i].level), 0);
		text = capture(say_all);
		for (int part = 0; part < 4; part++) {
			if (part < levels[i].lines)
				assert_non_null(strstr(text, parts[part]));
			else
				assert_null(strstr(text, parts[part]));
		}
	}
}

/* Where there is no journal the lines do not vanish, and the level holds. */
static void without_a_journal_it_is_stderr(void **state)
{
	(void)state;
	if (access("/run/systemd/journal/socket", W_OK) == 0)
		skip();
	assert_int_equal(gw_log_configure("journal", "info"), -ENOENT);
	assert_non_null(strstr(capture(say_all), "ended after 4 steps"));
	assert_null(strstr(capture(say_all), "a detail"));
}

static int begin(void **state)
{
	(void)state;
	return gw_log_init(talloc_named_const(NULL, 0, "log"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_masked),
		cmocka_unit_test(four_masks_stand_at_once),
		cmocka_unit_test(a_level_hides_what_is_less_grave),
		cmocka_unit_test(without_a_journal_it_is_stderr),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
