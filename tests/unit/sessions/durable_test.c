/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a real server says of its own durability, allowed to and not, and when it is gone. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <osmocom/core/application.h>
#include <osmocom/core/fsm.h>
#include <osmocom/core/logging.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "sessions/durable.h"
#include "tests/unit/redis_server.h"

static struct redis_server server;
static void *root;
static struct sess_redis *redis;

static struct {
	unsigned int answers;
	enum sess_durable durable;
	char how[160];
} seen;

static void on_durable(void *ctx, uint64_t token, enum sess_durable durable, const char *how)
{
	assert_ptr_equal(ctx, &seen);
	assert_int_equal(token, 77);
	seen.answers++;
	seen.durable = durable;
	snprintf(seen.how, sizeof(seen.how), "%s", how);
}

static void update(struct osmo_fd *ofd, unsigned int when)
{
	osmo_fd_update_when(ofd, 0, when);
}

static void turn(void)
{
	osmo_select_main_ctx(1);
	sess_redis_tick(redis);
	sess_redis_flush(redis);
	usleep(200);
}

static void ask(void)
{
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(sess_durable_check(redis, on_durable, &seen, 77), 0);
	assert_int_equal(seen.answers, 0);
	for (int turns = 0; !seen.answers; turns++) {
		assert_in_range(turns, 0, 100000);
		turn();
	}
}

static void set(const char *only, const char *sync)
{
	const char *const argv[] = { "CONFIG", "SET", "appendonly", only, "appendfsync", sync };
	size_t octets[ARRAY_SIZE(argv)];

	for (size_t i = 0; i < ARRAY_SIZE(argv); i++)
		octets[i] = strlen(argv[i]);
	assert_int_equal(sess_redis_command(redis, NULL, NULL, 0, ARRAY_SIZE(argv), argv, octets), 0);
}

static void it_is_told_as_it_is(void **state)
{
	(void)state;
	ask();
	assert_int_equal(seen.durable, SESS_DURABLE_NO);
	assert_string_equal(seen.how, "appendonly no, appendfsync everysec");
	set("yes", "everysec");
	ask();
	assert_int_equal(seen.durable, SESS_DURABLE_NO);
	set("yes", "always");
	ask();
	assert_int_equal(seen.durable, SESS_DURABLE_YES);
	assert_string_equal(seen.how, "appendonly yes, appendfsync always");
	set("no", "everysec");
}

static void a_server_that_does_not_tell_is_unknown(void **state)
{
	static const char *const argv[] = { "ACL", "SETUSER", "default", "-config" };
	static const size_t octets[] = { 3, 7, 7, 7 };

	(void)state;
	assert_int_equal(sess_redis_command(redis, NULL, NULL, 0, ARRAY_SIZE(argv), argv, octets), 0);
	ask();
	assert_int_equal(seen.durable, SESS_DURABLE_UNKNOWN);
	assert_non_null(strstr(seen.how, "NOPERM"));
}

static void one_that_goes_away_is_unknown(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(sess_durable_check(redis, on_durable, &seen, 77), 0);
	talloc_free(redis);
	assert_int_equal(seen.answers, 1);
	assert_int_equal(seen.durable, SESS_DURABLE_UNKNOWN);
	assert_string_equal(seen.how, "no answer");
}

static int set_up(void **state)
{
	const struct sess_redis_config config = {
		.name = "test", .path = server.path, .deadline_ms = 10000, .connect_ms = 5000, .retry_min_ms = 10, .retry_max_ms = 40,
		.pending_max = 1000, .io = { osmo_fd_register, update, osmo_fd_unregister }, .log_category = DLGLOBAL,
	};

	(void)state;
	redis = sess_redis_alloc(root, &config, NULL, NULL);
	assert_int_equal(sess_durable_check(redis, on_durable, &seen, 77), -ENOTCONN);
	sess_redis_start(redis);
	for (int turns = 0; !sess_redis_up(redis); turns++) {
		assert_in_range(turns, 0, 100000);
		turn();
	}
	return 0;
}

static const struct log_info_cat no_categories[] = { { .name = "none" } };
static const struct log_info log_info = { .cat = no_categories, .num_cat = 0 };

static int start(void **state)
{
	(void)state;
	osmo_fsm_set_dealloc_ctx(OTC_SELECT);
	root = talloc_named_const(NULL, 0, "durable_test");
	osmo_init_logging2(root, &log_info);
	redis_server_start(&server, NULL);
	return set_up(NULL);
}

static int stop(void **state)
{
	(void)state;
	redis_server_stop(&server);
	talloc_free(root);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_told_as_it_is),
		cmocka_unit_test(a_server_that_does_not_tell_is_unknown),
		cmocka_unit_test(one_that_goes_away_is_unknown),
	};

	return cmocka_run_group_tests_name("sessions/durable", tests, start, stop);
}
