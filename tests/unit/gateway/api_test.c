/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The agencies' API by real requests over real sockets: good, wrong and hostile ones. */
#include "tests/unit/gateway/api_world.h"

static struct api_reply reply;
static struct account_wish tax = { .name = "tax", .scopes = 1u << GW_SCOPE_NOTICES_SEND };

static int begin(void **state)
{
	(void)state;
	api_world_begin("");
	account_world_add(&tax);
	return 0;
}

static int end(void **state)
{
	(void)state;
	api_world_end();
	return 0;
}

static void an_account_sees_itself(void **state)
{
	(void)state;
	api_call(&reply, "GET", "/v1/account", tax.key, "", NULL);
	assert_int_equal(reply.status, 200);
	assert_string_equal(api_text(&reply, "name"), "tax");
	api_call(&reply, "GET", "/v1/account", "dh_wrong", "", NULL);
	assert_api_problem(&reply, 401, "unauthorized");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_account_sees_itself, begin, end),
	};

	return cmocka_run_group_tests(tests, world_init, NULL);
}
