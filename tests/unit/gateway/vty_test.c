/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The operators' console over a real socket: what it lists, what it changes, and what libosmovty must not be let do. */
#include "tests/unit/gateway/vty_world.h"
#include "tests/unit/redis_server.h"

#define ALICE "989121234567"

static char text[262144];

static void begin(const char *redis_path)
{
	world_begin(redis_path, "");
	vty_world_open();
	assert_true(world_number("vty port ") > 0);
}

static int vty_begin(void **state)
{
	(void)state;
	begin(NULL);
	return 0;
}

static int vty_end(void **state)
{
	(void)state;
	world_end();
	return 0;
}

/* As a script does it: all in one go, and what comes until the console closes. */
static const char *say(const char *commands)
{
	int fd = vty_world_type(commands);

	text[0] = '\0';
	world_send(fd, "exit\r\n");
	world_read(fd, text, sizeof(text), NULL);
	close(fd);
	return text;
}

static void lists_are_printed(void **state)
{
	(void)state;
	assert_non_null(strstr(say("show links"), "one (m\"c\\i)"));
	assert_non_null(strstr(text, "two (m\"c\\i)"));
	assert_non_null(strstr(say("show operators"), "its              m\"c\\i"));
	assert_non_null(strstr(say("show agencies"), "breaker closed;"));
	assert_non_null(strstr(say("show sessions"), "redis: down, 0 pending"));
	assert_non_null(strstr(text, "nobody"));
}

static void every_counter_is_listed(void **state)
{
	char line[64];

	(void)state;
	for (uint64_t i = 0; i < GW_COUNTERS; i++)
		world.gw->counters.at[i] = 7000 + i;
	gw_counter_step(&world.gw->counters, 500);
	say("show counters");
	for (size_t i = 0; i < GW_COUNTERS; i++) {
		snprintf(line, sizeof(line), "%12zu  %s ", 7000 + i, gw_counter_infos[i].name);
		assert_non_null(strstr(text, line));
	}
	assert_non_null(strstr(text, "         500  step_us "));
}

static void every_service_is_listed(void **state)
{
	const struct menu_set *set = menu_pins_current(world.gw->pins);
	struct menu_service_info info;
	char version[64];

	(void)state;
	snprintf(version, sizeof(version), "version %016llx is current", (unsigned long long)menu_set_version(set));
	assert_non_null(strstr(say("show menus"), version));
	for (size_t i = 0; i < menu_set_services(set); i++) {
		menu_set_service(set, i, &info);
		assert_non_null(strstr(text, info.file));
		assert_non_null(strstr(text, info.title_fa));
	}
}

static void a_menu_is_reloaded_or_refused(void **state)
{
	const struct menu_set *first = menu_pins_current(world.gw->pins);

	(void)state;
	world_write("menu/menu.cfg", "a", "# a remark makes another version\n");
	assert_non_null(strstr(say("enable\r\nmenu reload"), " is current"));
	assert_ptr_not_equal(menu_pins_current(world.gw->pins), first);
	first = menu_pins_current(world.gw->pins);
	world_write("menu/menu.cfg", "a", "no_such_key = 1;\n");
	say("enable\r\nmenu reload");
	assert_non_null(strstr(text, "menu.cfg:")); /* the mistake, with its file and line */
	assert_non_null(strstr(text, "no_such_key"));
	assert_non_null(strstr(text, "% the menu was refused: the one before stays"));
	assert_ptr_equal(menu_pins_current(world.gw->pins), first);
	assert_int_equal(world.gw->reload_failures, 1);
}

static void what_changes_wants_enable(void **state)
{
	(void)state;
	say("drain\r\nd\r\nmenu reload");
	assert_int_equal(world.gw->life, GW_SERVING);
	assert_int_equal(world.gw->reloads, 1);
	assert_non_null(strstr(say("enable\r\ndrain"), "draining: 0 steps at work"));
	assert_int_not_equal(world.gw->life, GW_SERVING);
	for (int i = 0; i < WORLD_TURNS_MAX && world.gw->life != GW_STOPPED; i++)
		gw_loop_turn();
	assert_int_equal(world.gw->life, GW_STOPPED);
}

static void no_file_is_written_nor_read(void **state)
{
	static const char *const refused[] = { "shutdown", "configure terminal", "write", "write memory", "write file", "copy running-config startup-config",
					       "show startup-config" };
	char command[160], path[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		snprintf(command, sizeof(command), "enable\r\n%s", refused[i]);
		assert_non_null(strstr(say(command), "% not here: "));
	}
	snprintf(path, sizeof(path), "%s/written", world.folder);
	snprintf(command, sizeof(command), "enable\r\nwrite file %s", path);
	say(command);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_non_null(strstr(say("show version"), DOLAT_VERSION)); /* it lives */
}

static bool has_log_line(const char *into)
{
	return strstr(into, "a line for the console");
}

static void log_lines_come_to_the_console(void **state)
{
	int fd = world_connect(world_number("vty port "));

	(void)state;
	text[0] = '\0';
	world_send(fd, "logging enable\r\nlogging filter all 1\r\nlogging level menu debug\r\nlogp menu debug a line for the console\r\n");
	world_read(fd, text, sizeof(text), has_log_line);
	close(fd); /* the target goes with its console: what is logged next hurts nobody */
	for (int i = 0; i < 5; i++)
		gw_loop_turn();
	LOGP(GW_LOG_MENU, LOGL_ERROR, "nobody listens\n");
	assert_non_null(strstr(say("show version"), DOLAT_VERSION));
}

static bool has_answer(const char *into)
{
	const char *percent = strchr(into, '%');

	return strstr(into, " octets\r\n") || (percent && strchr(percent, '\n'));
}

static const char *ask_session(const char *number)
{
	int fd = world_connect(world_number("vty port "));
	char command[64];

	text[0] = '\0';
	snprintf(command, sizeof(command), "show session %s\r\n", number);
	world_send(fd, command);
	world_read(fd, text, sizeof(text), has_answer);
	close(fd);
	return text;
}

static void on_saved(void *ctx, uint64_t token, enum sess_store_result result, const struct session *session)
{
	(void)token;
	(void)session;
	*(enum sess_store_result *)ctx = result;
}

static void save(struct sess_store *store, struct session *session)
{
	const struct sess_store_save save = { .id = ALICE, .session = session, .expire_ms = gw_clock_wall_ms() + 600000, .replace = true };
	enum sess_store_result result = SESS_STORE_NONE;

	sess_store_save(store, &save, on_saved, &result, 1);
	for (int i = 0; i < WORLD_TURNS_MAX && result == SESS_STORE_NONE; i++)
		gw_loop_turn();
	assert_int_equal(result, SESS_STORE_OK);
}

static void assert_is_alices(const char *said)
{
	assert_non_null(strstr(said, "98912*****67 at m\"c\\i: open: the citizen has a page and may answer"));
	assert_non_null(strstr(said, "5 steps"));
	assert_non_null(strstr(said, "menu version 0123456789abcdef (not in memory)"));
	assert_null(strstr(strstr(said, "98912*****67"), ALICE)); /* before it stands the echo of what was typed */
}

/* A session that this process holds, one that only Redis has, one that nobody has, and no Redis. */
static void a_session_is_shown(void **state)
{
	struct sess_store *other;
	struct redis_server redis;
	struct session session = { .phase = SESS_OPEN, .menu_version = 0x0123456789abcdef, .steps = 5 };

	(void)state;
	redis_server_start(&redis, NULL);
	begin(redis.path);
	for (int i = 0; i < WORLD_TURNS_MAX && !sess_redis_up(world.gw->redis); i++)
		gw_loop_turn();
	assert_non_null(strstr(ask_session(ALICE), "% 98912*****67: there is no session"));
	session.bearer_id = gw_route_id("m\"c\\i");
	session.began_ms = session.touched_ms = gw_clock_wall_ms() - 90000;
	other = sess_store_alloc(world.gw, world.gw->redis, &(struct sess_store_config){ .cache_entries = 0 });
	save(other, &session); /* as another process would */
	assert_is_alices(ask_session(ALICE));
	assert_null(strstr(text, "as this process saved it last"));
	save(world.gw->store, &session);
	assert_is_alices(ask_session("+" ALICE));
	assert_non_null(strstr(text, "as this process saved it last"));
	assert_non_null(strstr(ask_session("nobody"), "% a number is at most 20 digits"));
	talloc_free(other);
	world_end();
	redis_server_stop(&redis);
	begin(NULL);
	assert_non_null(strstr(ask_session(ALICE), "% 98912*****67: the session store does not answer"));
	world_end();
}

/* The answer comes when the console is gone: it finds nobody. */
static void a_console_may_go_before_its_answer(void **state)
{
	struct redis_server redis;
	int fd;

	(void)state;
	redis_server_start(&redis, NULL);
	begin(redis.path);
	for (int i = 0; i < WORLD_TURNS_MAX && !sess_redis_up(world.gw->redis); i++)
		gw_loop_turn();
	redis_server_hang(&redis);
	fd = world_connect(world_number("vty port "));
	world_send(fd, "show session " ALICE "\r\nexit\r\n");
	text[0] = '\0';
	world_read(fd, text, sizeof(text), NULL);
	close(fd);
	redis_server_resume(&redis);
	for (int i = 0; i < 10; i++)
		gw_loop_turn();
	assert_null(strchr(text, '%'));
	world_end();
	redis_server_stop(&redis);
}

static void it_ends_with_the_gateway(void **state)
{
	int fd = world_connect(world_number("vty port "));
	unsigned int port = world_number("vty port ");
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int again = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	world_send(fd, "logging enable\r\nlogging filter all 1\r\n");
	for (int i = 0; i < 5; i++)
		gw_loop_turn();
	world_end(); /* says things in the log while it goes */
	assert_int_not_equal(connect(again, (struct sockaddr *)&address, sizeof(address)), 0);
	close(again);
	close(fd);
	begin(NULL);
}

static void a_port_that_is_taken(void **state)
{
	(void)state;
	world_begin(NULL, "");
	assert_int_equal(gw_vty_open(world.gw, "", 1), 0); /* none wanted */
	assert_true(gw_vty_open(world.gw, "127.0.0.1", (uint16_t)world_number("http port ")) < 0);
	assert_non_null(strstr(world.lines, "vty cannot listen at 127.0.0.1"));
	world_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lists_are_printed, vty_begin, vty_end),
		cmocka_unit_test_setup_teardown(every_counter_is_listed, vty_begin, vty_end),
		cmocka_unit_test_setup_teardown(every_service_is_listed, vty_begin, vty_end),
		cmocka_unit_test_setup_teardown(a_menu_is_reloaded_or_refused, vty_begin, vty_end),
		cmocka_unit_test_setup_teardown(what_changes_wants_enable, vty_begin, vty_end),
		cmocka_unit_test_setup_teardown(no_file_is_written_nor_read, vty_begin, vty_end),
		cmocka_unit_test_setup_teardown(log_lines_come_to_the_console, vty_begin, vty_end),
		cmocka_unit_test(a_session_is_shown),
		cmocka_unit_test(a_console_may_go_before_its_answer),
		cmocka_unit_test_setup_teardown(it_ends_with_the_gateway, vty_begin, vty_end),
		cmocka_unit_test(a_port_that_is_taken),
	};

	return cmocka_run_group_tests(tests, vty_world_init, NULL);
}
