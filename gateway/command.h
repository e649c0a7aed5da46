/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Commands of dolat-gateway that are no daemon: `dolat-gateway -c FILE agency add ...`. They work on the ledger of the configuration,
 * beside the gateways that run. Tables of them, one for each command_<noun>.c; the usage is printed from the same tables.
 *
 * What a script may want to take stands alone on stdout; all else goes to stderr. Exit status: 0; 1 a mistake, told in a
 * sentence; 2 usage. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "gateway/config.h"
#include "sessions/ledger.h"

struct gw_command_world {
	void *ctx;
	const struct gw_config *config;  /* NULL: none was given; then the ledger cannot be opened */
	struct sess_redis *redis;        /* of the ledger; NULL until gw_command_open */
	struct sess_ledger *ledger;
};

#define GW_COMMAND_USAGE 2

struct gw_command {
	const char *noun, *verb;         /* "agency", "add"; verb "": the noun alone, with options */
	const char *arguments, *text;    /* for the usage */
	/* argv[0] is the verb. The arguments are looked at before the ledger is opened. */
	int (*run)(struct gw_command_world *world, int argc, char **argv);
};
/* Ended by a row without a noun; command.c lists them. */
extern const struct gw_command gw_agency_commands[], gw_audit_commands[], gw_catalogue_commands[], gw_report_commands[];

/* Runs the command that argv begins with; the exit status. ctx: what it makes is its child. */
int gw_command_main(void *ctx, const struct gw_config *config, int argc, char **argv);
void gw_command_help(FILE *to);

struct option;
/* Reads what stands behind the verb. take is called for each option (`option`: its val); 0, or the exit status that ends it, after a sentence if
 * it is a mistake. n: how many arguments are wanted beside the options; *rest: the first of them. 0, or the exit status. */
typedef int gw_command_take(void *ctx, int option, const char *value);
int gw_command_options(int argc, char **argv, const struct option *options, gw_command_take *take, void *ctx, int n, char ***rest);

/* ---- what a command does */
/* Connects to the ledger. False after a sentence: there is none, or it does not answer. */
bool gw_command_open(struct gw_command_world *world);
/* The same where tallies are kept: the ledger, or, where there is none, the sessions' Redis; world->ledger is NULL then. */
bool gw_command_open_counts(struct gw_command_world *world);
/* Turns the loop for so long. */
void gw_command_pause(int64_t ms);
/* Turns the loop until *done; what is asked of the ledger has its own deadlines. */
void gw_command_wait(const bool *done);
/* "dolat-gateway: ..." on stderr; returns 1. */
int gw_command_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
