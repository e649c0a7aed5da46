/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Which addresses are near: both sides of every border. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "gateway/near.h"

static bool near_text(const char *text)
{
	union { struct sockaddr any; struct sockaddr_in four; struct sockaddr_in6 six; } address;
	memset(&address, 0, sizeof(address));
	if (inet_pton(AF_INET, text, &address.four.sin_addr) == 1) {
		address.four.sin_family = AF_INET;
	} else {
		assert_int_equal(inet_pton(AF_INET6, text, &address.six.sin6_addr), 1);
		address.six.sin6_family = AF_INET6;
	}
	return gw_near(&address.any);
}

static void near(void **state)
{
	static const char *const all[] = {
		"127.0.0.1", "127.255.255.255", "10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255",
		"::1", "fc00::1", "fdff:ffff::1", "::ffff:10.1.2.3", "::ffff:127.0.0.1",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!near_text(all[i]))
			fail_msg("%s is near", all[i]);
}

static void not_near(void **state)
{
	static const char *const all[] = {
		"126.255.255.255", "128.0.0.0", "9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0",
		"0.0.0.0", "169.254.169.254", "224.0.0.1", "255.255.255.255", "100.64.0.1", "::", "::2", "fbff::1", "fe00::1", "fe80::1", "2001:db8::1",
		"::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1",
	};
	struct sockaddr other = { .sa_family = AF_UNIX };
	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (near_text(all[i]))
			fail_msg("%s is not near", all[i]);
	assert_false(gw_near(&other));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(near), cmocka_unit_test(not_near) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
