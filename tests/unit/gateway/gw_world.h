/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A whole gateway in the test's own process, for what looks at it from outside: a copy of the sample menu, an operator at a
 * port where nobody listens, sessions at a socket that a redis-server may or may not hold. Its log lines are kept, and the
 * ports are read from them, as an operator would. */
#pragma once

#include <arpa/inet.h>
#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <osmocom/core/application.h>
#include <osmocom/core/fsm.h>
#include <osmocom/core/logging.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/gateway.h"
#include "gateway/log.h"
#include "gateway/loop.h"

#define WORLD_TURNS_MAX 100000 /* of at most a tick each: far more than anything takes */

struct world {
	char folder[64], lines[65536];
	size_t octets;
	struct gw_config *config;
	struct gw *gw;
};
static struct world world;
static void *world_ctx;

static void keep_line(struct log_target *target, unsigned int level, const char *line)
{
	size_t n = strlen(line);

	(void)target;
	(void)level;
	if (world.octets + n >= sizeof(world.lines))
		world.octets = 0; /* only what is new matters */
	memcpy(world.lines + world.octets, line, n + 1);
	world.octets += n;
}

/* Once in a program. */
static int world_init(void **state)
{
	struct log_target *target;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	osmo_fsm_set_dealloc_ctx(OTC_SELECT);
	world_ctx = talloc_named_const(NULL, 0, "test");
	if (sodium_init() < 0 || gw_log_init(world_ctx) < 0)
		return -1;
	log_del_target(osmo_stderr_target);
	target = log_target_create();
	target->output = keep_line;
	log_set_all_filter(target, 1);
	log_set_use_color(target, 0);
	log_set_print_timestamp(target, 0);
	log_add_target(target);
	return 0;
}

__attribute__((unused)) static void world_write(const char *name, const char *mode, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", world.folder, name);
	file = fopen(path, mode);
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* A test may have others, or none. */
static const char *world_operators =
	"operators = ( { name = \"m\\\"c\\\\i\"; dialect = \"its\"; links = ( { name = \"one\"; host = \"127.0.0.1\"; port = 1; "
	"system_id = \"dolat\"; }, { name = \"two\"; host = \"127.0.0.1\"; port = 1; system_id = \"dolat\"; } ); } );\n";

/* `more`: further settings of the configuration; ledger: the same Redis is the ledger, too. */
__attribute__((unused)) static void world_begin_with(const char *redis_path, bool ledger, const char *more)
{
	char command[256], text[4096], path[128], role[160] = "";
	struct menu_diags *diags;

	memset(&world, 0, sizeof(world));
	strcpy(world.folder, "/tmp/dolat-gw-XXXXXX");
	assert_non_null(mkdtemp(world.folder));
	snprintf(command, sizeof(command), "cp -r menus/sample %s/menu", world.folder);
	assert_int_equal(system(command), 0);
	if (ledger)
		snprintf(role, sizeof(role), "ledger = { path = \"%s\"; retry_min_ms = 10; retry_max_ms = 50; };", redis_path);
	snprintf(text, sizeof(text),
		 "menus = ( \"menu\" );\nsession_key_file = \"session.key\";\nredis = { sessions = { path = \"%s\"; retry_min_ms = 10; retry_max_ms = 50; }; %s };\n"
		 "http = { port = 0; };\nvty = { port = 0; };\n%s%s", redis_path ? redis_path : "nobody", role, world_operators, more);
	world_write("gateway.cfg", "w", text);
	world_write("session.key", "w", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n");
	snprintf(path, sizeof(path), "%s/gateway.cfg", world.folder);
	diags = menu_diags_alloc(world_ctx);
	world.config = gw_config_read(world_ctx, path, diags);
	if (!world.config)
		menu_diags_print(diags, stdout);
	assert_non_null(world.config);
	talloc_free(diags);
	assert_int_equal(gw_loop_init(world_ctx), 0);
	world.gw = gw_alloc(world_ctx, world.config);
	if (!world.gw)
		puts(world.lines);
	assert_non_null(world.gw);
}

__attribute__((unused)) static void world_begin(const char *redis_path, const char *more)
{
	world_begin_with(redis_path, false, more);
}

static int world_remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

__attribute__((unused)) static void world_end(void)
{
	talloc_free(world.gw);
	gw_loop_fini();
	osmo_select_main_ctx(1); /* what was freed late */
	talloc_free(world.config);
	nftw(world.folder, world_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* The number behind `what` in the last log line that has it. */
__attribute__((unused)) static unsigned int world_number(const char *what)
{
	const char *found = NULL;

	for (const char *at = world.lines; (at = strstr(at, what)); at++)
		found = at;
	assert_non_null(found);
	return (unsigned int)strtoul(found + strlen(what), NULL, 10);
}

/* A socket to our own port; the loop turns until it is connected. */
__attribute__((unused)) static int world_connect(unsigned int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0); /* the kernel accepts for us */
	return fd;
}

__attribute__((unused)) static void world_send(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Turns the loop and appends what comes to `into` until done(into) or the peer closes. True: it closed. */
__attribute__((unused)) static bool world_read(int fd, char *into, size_t cap, bool (*done)(const char *into))
{
	size_t n = strlen(into);

	for (unsigned int i = 0; i < WORLD_TURNS_MAX; i++) {
		ssize_t got = recv(fd, into + n, cap - 1 - n, MSG_DONTWAIT);

		if (got == 0 || (got < 0 && errno == ECONNRESET))
			return true;
		if (got > 0) {
			n += (size_t)got;
			for (size_t k = n - (size_t)got; k < n; k++)
				if (!into[k])
					into[k] = '?'; /* telnet's options */
			into[n] = '\0';
			assert_true(n < cap - 1);
		}
		if (done && done(into))
			return false;
		gw_loop_turn();
	}
	fail_msg("nothing more came behind: %s", into);
	return false;
}
