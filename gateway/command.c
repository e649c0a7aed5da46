/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See command.h. */
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/command.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "gateway/redis_role.h"

#define OPEN_MS 5000

static const struct gw_command *const tables[] = {
	gw_agency_commands, gw_audit_commands, gw_catalogue_commands, gw_report_commands,
};

int gw_command_fail(const char *format, ...)
{
	va_list args;

	fputs("dolat-gateway: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return EXIT_FAILURE;
}

void gw_command_help(FILE *to)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct gw_command *row = tables[i]; row->noun; row++)
			fprintf(to, "  %s%s%s %s\n        %s\n", row->noun, row->verb[0] ? " " : "", row->verb, row->arguments, row->text);
}

static void help_noun(FILE *to, const char *noun)
{
	fputs("usage: dolat-gateway -c FILE ...\n", to);
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct gw_command *row = tables[i]; row->noun; row++)
			if (strcmp(row->noun, noun) == 0)
				fprintf(to, "  %s%s%s %s\n", row->noun, row->verb[0] ? " " : "", row->verb, row->arguments);
}

int gw_command_options(int argc, char **argv, const struct option *options, gw_command_take *take, void *ctx, int n, char ***rest)
{
	int option, rc;

	optind = 0; /* anew */
	opterr = 0;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == '?')
			return GW_COMMAND_USAGE;
		rc = take(ctx, option, optarg);
		if (rc)
			return rc;
	}
	if (argc - optind != n)
		return GW_COMMAND_USAGE;
	*rest = argv + optind;
	return 0;
}

/* ---- the loop, with nothing on it but the ledger */
static void flush(void *ctx)
{
	sess_redis_flush(((struct gw_command_world *)ctx)->redis);
}

static void tick(void *ctx)
{
	sess_redis_tick(((struct gw_command_world *)ctx)->redis);
}

static bool open_role(struct gw_command_world *world, const char *name, const struct gw_config_redis *role)
{
	int64_t until_ms = gw_clock_ms() + OPEN_MS;

	world->redis = gw_redis_role_alloc(world->ctx, name, role, NULL, NULL);
	if (!world->redis)
		return false;
	gw_loop_after_turn(flush, world);
	gw_loop_every(tick, world);
	sess_redis_start(world->redis);
	while (!sess_redis_up(world->redis) && gw_clock_ms() < until_ms)
		gw_loop_turn();
	if (sess_redis_up(world->redis))
		return true;
	gw_command_fail("the Redis of the %s at %s does not answer", name, role->path ? role->path : role->host);
	return false;
}

bool gw_command_open(struct gw_command_world *world)
{
	if (!world->config) {
		gw_command_fail("-c FILE is needed for this");
		return false;
	}
	if (!world->config->has_ledger) {
		gw_command_fail("%s has no redis.ledger", world->config->file);
		return false;
	}
	if (!open_role(world, "ledger", &world->config->ledger))
		return false;
	world->ledger = sess_ledger_alloc(world->ctx, world->redis);
	return true;
}

bool gw_command_open_counts(struct gw_command_world *world)
{
	if (!world->config || world->config->has_ledger)
		return gw_command_open(world);
	return open_role(world, "sessions", &world->config->sessions);
}

void gw_command_wait(const bool *done)
{
	while (!*done)
		gw_loop_turn();
}

void gw_command_pause(int64_t ms)
{
	int64_t until_ms = gw_clock_ms() + ms;

	while (gw_clock_ms() < until_ms)
		gw_loop_turn();
}

/* ---- which one */
static int run(void *ctx, const struct gw_config *config, const struct gw_command *command, int argc, char **argv)
{
	struct gw_command_world world = { .ctx = ctx, .config = config };
	int rc;

	gw_log_configure("stderr", "error"); /* of a command nobody wants to hear that a connection is up */
	if (gw_loop_init(ctx) < 0)
		return gw_command_fail("the event loop cannot be made");
	rc = command->run(&world, argc, argv);
	TALLOC_FREE(world.ledger);
	TALLOC_FREE(world.redis);
	gw_loop_fini();
	if (rc == GW_COMMAND_USAGE)
		fprintf(stderr, "usage: dolat-gateway -c FILE %s%s%s %s\n", command->noun, command->verb[0] ? " " : "", command->verb,
			command->arguments);
	return rc;
}

int gw_command_main(void *ctx, const struct gw_config *config, int argc, char **argv)
{
	bool known = false;

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct gw_command *row = tables[i]; row->noun; row++) {
			if (strcmp(row->noun, argv[0]) != 0)
				continue;
			known = true;
			if (argc > 1 && strcmp(row->verb, argv[1]) == 0)
				return run(ctx, config, row, argc - 1, argv + 1);
			if (!row->verb[0] && argc > 1 && strncmp(argv[1], "--", 2) == 0)
				return run(ctx, config, row, argc, argv);
		}
	if (known) {
		help_noun(stderr, argv[0]);
	} else {
		fprintf(stderr, "dolat-gateway: there is no command %s; these there are:\n", argv[0]);
		gw_command_help(stderr);
	}
	return GW_COMMAND_USAGE;
}
