/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* RESP by hand, octet for octet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sessions/resp.h"

static void write_all(struct sess_resp *c, char *buf, size_t cap)
{
	sess_resp_begin(c, buf, cap, 5);
	sess_resp_text(c, "SET");
	sess_resp_arg(c, "a\0\r\n", 4);
	sess_resp_arg(c, NULL, 0);
	sess_resp_integer(c, 1795000000000);
	sess_resp_integer(c, INT64_MIN);
}

static const char expected[] = "*5\r\n$3\r\nSET\r\n$4\r\na\0\r\n\r\n$0\r\n\r\n$13\r\n1795000000000\r\n$20\r\n-9223372036854775808\r\n";

static void a_command_is_written(void **state)
{
	struct sess_resp c;
	char buf[128];
	(void)state;
	memset(buf, 'x', sizeof(buf));
	write_all(&c, buf, sizeof(buf));
	assert_int_equal(sess_resp_octets(&c), sizeof(expected) - 1);
	assert_memory_equal(buf, expected, sizeof(expected)); /* with the 0 behind it */
}

static void what_does_not_fit_fails(void **state)
{
	struct sess_resp c;
	char buf[128];
	(void)state;
	for (size_t cap = 0; cap < sizeof(buf); cap++) {
		memset(buf, 'x', sizeof(buf));
		write_all(&c, buf, cap);
		assert_int_equal(sess_resp_octets(&c), cap < sizeof(expected) ? 0 : sizeof(expected) - 1);
		for (size_t i = cap; i < sizeof(buf); i++)
			assert_int_equal(buf[i], 'x');
	}
}

static void parts_and_what_was_written_before_are_joined(void **state)
{
	static const char joined[] = "*4\r\n$1\r\nX\r\n$2\r\nab\r\n$5\r\nstamp\r\n$1\r\ny\r\n";
	struct sess_resp c, before;
	char buf[64], earlier[64];
	(void)state;
	for (size_t cap = 0; cap < sizeof(buf); cap++) {
		before = (struct sess_resp){ .buf = earlier, .cap = sizeof(earlier) - 1 };
		sess_resp_parts(&before, "st", 2, "amp", 3);
		sess_resp_text(&before, "y");
		memset(buf, 'x', sizeof(buf));
		sess_resp_begin(&c, buf, cap, 4);
		sess_resp_text(&c, "X");
		sess_resp_parts(&c, "ab", 2, NULL, 0);
		sess_resp_written(&c, earlier, sess_resp_octets(&before));
		assert_int_equal(sess_resp_octets(&c), cap < sizeof(joined) ? 0 : sizeof(joined) - 1);
		if (cap >= sizeof(joined))
			assert_memory_equal(buf, joined, sizeof(joined));
		for (size_t i = cap; i < sizeof(buf); i++)
			assert_int_equal(buf[i], 'x');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_is_written),
		cmocka_unit_test(what_does_not_fit_fails),
		cmocka_unit_test(parts_and_what_was_written_before_are_joined),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
