/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A world for calls to sample agencies, which are real HTTP servers in the same thread: agencies of files in a folder of their own,
 * what was told last, and a clock that the test moves. Each test is one program, so all of it is static; the servers are the test's. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <osmocom/core/application.h>
#include <osmocom/core/fsm.h>
#include <osmocom/core/logging.h>
#include <osmocom/core/select.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/timer.h>
#include <osmocom/core/utils.h>

#include "gateway/agency.h"
#include "tests/sim/agency_server.h"

static struct {
	void *ctx;
	char folder[64];
	struct gw_agencies *agencies;
	struct menu_agencies *set;           /* adopted last */
} world;

/* Since the test last forgot it; but for the counts, of the last answer. */
static struct {
	unsigned int times, failed;
	uint64_t token;
	char outcome[32], text[1024];        /* text: of its values, as the test's on_told writes them */
	int64_t as_of_ms;
} told;

/* The test's own: world_turn(), its servers, a pause, a millisecond. And world_told(), and the text. */
static void turn(void);
static void on_told(void *ctx, uint64_t token, const struct menu_answer *answer);

/* --- the loop and the clock --- */

static inline int add_fd(struct osmo_fd *ofd)
{
	return osmo_fd_register(ofd);
}

static inline void update_fd(struct osmo_fd *ofd, unsigned int when)
{
	osmo_fd_update_when(ofd, 0, when);
}

static inline void del_fd(struct osmo_fd *ofd)
{
	osmo_fd_unregister(ofd);
}

static inline void jump_ms(int ms)
{
	osmo_clock_override_add(CLOCK_MONOTONIC, ms / 1000, (long)(ms % 1000) * 1000000);
}

static inline int64_t real_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline void world_turn(void)
{
	osmo_select_main_ctx(1);
	gw_agencies_turn(world.agencies);
	gw_agencies_tick(world.agencies);
}

/* Until so many were told; half a minute is not an expectation but an end. */
static inline void until_told(unsigned int times)
{
	int64_t end = real_ms() + 30000;

	while (told.times < times && real_ms() < end)
		turn();
	assert_int_equal(told.times, times);
}

/* --- calls --- */

static inline void world_told(void *ctx, uint64_t token, const struct menu_answer *answer)
{
	assert_ptr_equal(ctx, &told);
	told.times++;
	told.token = token;
	told.failed += strcmp(answer->outcome, "failed") == 0;
	told.as_of_ms = answer->as_of_ms;
	snprintf(told.outcome, sizeof(told.outcome), "%s", answer->outcome);
	told.text[0] = '\0';
}

static inline int world_call(const struct gw_agency_request *request)
{
	unsigned int before = told.times;
	int rc = gw_agency_call(world.agencies, request, on_told, &told, 77);

	assert_int_equal(told.times, before); /* always later */
	return rc;
}

static inline uint64_t world_counter(const char *agency, enum gw_agency_ctr ctr)
{
	struct gw_agency_info info;

	for (size_t i = 0; i < gw_agencies_count(world.agencies); i++) {
		gw_agencies_info(world.agencies, i, &info);
		if (strcmp(info.name, agency) == 0)
			return info.counters[ctr];
	}
	return 0;
}

/* --- files --- */

/* Writes a file into the world's folder; its path lives as long as the world. */
static inline const char *world_write(const char *name, const char *text)
{
	char *path = talloc_asprintf(world.ctx, "%s/%s", world.folder, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	return path;
}

/* Loads and adopts the agencies of these files, which must be right. The set before stays: pinned menus do. */
static inline struct menu_diags *world_adopt(const char *const *paths, size_t n)
{
	struct menu_diags *diags = menu_diags_alloc(world.ctx);

	world.set = menu_agencies_load(world.ctx, paths, n, diags);
	menu_diags_print(diags, stdout);
	assert_int_equal(menu_diags_count(diags), 0);
	gw_agencies_adopt(world.agencies, world.set, diags); /* may add to them */
	return diags;
}

/* --- begin and end, of a test and of the program --- */

static inline void world_begin(void)
{
	static const struct gw_agency_io io = { add_fd, update_fd, del_fd };

	memset(&world, 0, sizeof(world));
	memset(&told, 0, sizeof(told));
	world.ctx = talloc_named_const(NULL, 0, "test");
	strcpy(world.folder, "/tmp/agency-test-XXXXXX");
	assert_non_null(mkdtemp(world.folder));
	world.agencies = gw_agencies_alloc(world.ctx, &io, 0);
	assert_non_null(world.agencies);
}

/* After the test has freed the agencies, which answers all calls, and closed its servers. */
static inline void world_end(void)
{
	char command[128];

	talloc_free(world.ctx);
	snprintf(command, sizeof(command), "rm -r '%s'", world.folder);
	assert_int_equal(system(command), 0);
}

static void *world_root;

static inline int world_group_begin(void **state)
{
	static const struct log_info_cat category = { .name = "DAGENCY", .description = "calls", .enabled = 1, .loglevel = LOGL_DEBUG };
	static const struct log_info log_info = { .cat = &category, .num_cat = 1 };

	(void)state;
	world_root = talloc_named_const(NULL, 0, "agencies");
	signal(SIGPIPE, SIG_IGN);
	osmo_init_logging2(world_root, &log_info);
	log_set_log_level(osmo_stderr_target, LOGL_FATAL);
	osmo_fsm_set_dealloc_ctx(OTC_SELECT);
	osmo_clock_override_enable(CLOCK_MONOTONIC, true);
	clock_gettime(CLOCK_MONOTONIC, osmo_clock_override_gettimespec(CLOCK_MONOTONIC));
	return 0;
}

static inline int world_group_end(void **state)
{
	(void)state;
	talloc_free(world_root);
	return 0;
}
