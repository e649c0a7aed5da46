/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* dolat-gateway: the daemon, and the commands of its binary (command.h). Options, signals, and the loop; everything else is in gateway.c.
 *
 * SIGTERM and SIGINT drain; SIGHUP reads the menus and the API's certificate again. Exit status: 0 drained or checked, 1 it could not start, 2 usage. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <osmocom/core/fsm.h>
#include <osmocom/core/select.h>
#include <osmocom/core/talloc.h>
#include <sodium.h>

#include "gateway/api.h"
#include "gateway/bearer_conend.h"
#include "gateway/command.h"
#include "gateway/catalogue.h"
#include "gateway/config.h"
#include "gateway/gateway.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "gateway/vty.h"
#include "menus/unicode.h"

#ifndef DOLAT_VERSION
#define DOLAT_VERSION "unknown" /* the Makefile knows it; a linter does not */
#endif

static volatile sig_atomic_t wants_drain, wants_reload;

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "check", no_argument, NULL, 'n' },
	{ "help-config", no_argument, NULL, 'H' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *to)
{
	fputs("usage: dolat-gateway -c FILE [--check | COMMAND]\n       dolat-gateway audit verify --file FILE\n"
	      "  -c, --config FILE  the configuration\n"
	      "  -n, --check        check the configuration, the menus and the agencies' files, and exit\n"
	      "      --help-config  print the table of options\n"
	      "  -h, --help         this\n"
	      "  -V, --version\n"
	      "commands, for the ledger that the gateways of this configuration share:\n", to);
	gw_command_help(to);
}

static void on_signal(int number)
{
	if (number == SIGHUP)
		wants_reload = 1;
	else
		wants_drain = 1;
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
}

static int check(void *ctx, const struct gw_config *config)
{
	struct menu_diags *diags = menu_diags_alloc(ctx);
	struct menu_set *set;

	menu_unicode_init();
	set = gw_read_menus(ctx, config, diags);
	if (config->catalogue && !gw_catalogue_read(ctx, config->catalogue, diags))
		set = NULL;
	menu_diags_print(diags, stderr);
	return set ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int serve(void *ctx, const struct gw_config *config)
{
	struct gw *gw;

	if (gw_loop_init(ctx) < 0) {
		LOGP(GW_LOG_MAIN, LOGL_ERROR, "the event loop cannot be made: %s\n", strerror(errno));
		return EXIT_FAILURE;
	}
	gw_vty_init(ctx);
	gw = gw_alloc(ctx, config);
	if (!gw || gw_vty_open(gw, config->vty.listen, (uint16_t)config->vty.port) < 0)
		return EXIT_FAILURE;
	LOGP(GW_LOG_MAIN, LOGL_NOTICE, "dolat-gateway " DOLAT_VERSION " serves\n");
	while (gw->life != GW_STOPPED) {
		gw_loop_turn();
		if (wants_reload) {
			wants_reload = 0;
			gw_reload(gw, NULL);
			if (gw->api)
				gw_api_reload(gw->api);
			if (gw->http_ussd)
				gw_bearer_conend_reload(gw->http_ussd);
		}
		if (wants_drain) {
			wants_drain = 0;
			gw_drain(gw);
		}
	}
	LOGP(GW_LOG_MAIN, LOGL_NOTICE, "stopped\n");
	talloc_free(gw);
	gw_loop_fini();
	return EXIT_SUCCESS;
}

/* What the configuration is read for. */
struct task { bool only_check; int argc; char **argv; /* a command; argc 0: none */ };

static int do_task(void *ctx, const struct gw_config *config, const struct task *task)
{
	if (task->argc)
		return gw_command_main(ctx, config, task->argc, task->argv);
	if (gw_log_configure(config->log.target, config->log.level) < 0)
		LOGP(GW_LOG_MAIN, LOGL_ERROR, "the journal cannot be written to: lines go to stderr\n");
	return task->only_check ? check(ctx, config) : serve(ctx, config);
}

static int run(const char *path, const struct task *task)
{
	void *ctx = talloc_named_const(NULL, 0, "dolat-gateway");
	struct menu_diags *diags = menu_diags_alloc(ctx);
	struct gw_config *config;
	int rc = EXIT_FAILURE;

	osmo_fsm_set_dealloc_ctx(OTC_SELECT);
	catch_signals();
	if (sodium_init() < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != 0 || gw_log_init(ctx) < 0)
		return EXIT_FAILURE;
	config = path ? gw_config_read(ctx, path, diags) : NULL;
	if (config || !path)
		rc = do_task(ctx, config, task);
	else
		menu_diags_print(diags, stderr);
	talloc_free(ctx);
	curl_global_cleanup();
	return rc;
}

int main(int argc, char **argv)
{
	const char *path = NULL;
	struct task task = { .only_check = false };
	int option;

	while ((option = getopt_long(argc, argv, "+c:nhV", long_options, NULL)) != -1) {
		switch (option) {
		case 'c':
			path = optarg;
			break;
		case 'n':
			task.only_check = true;
			break;
		case 'H':
			gw_config_help(stdout);
			return EXIT_SUCCESS;
		case 'h':
			usage(stdout);
			return EXIT_SUCCESS;
		case 'V':
			puts("dolat-gateway " DOLAT_VERSION);
			return EXIT_SUCCESS;
		default:
			usage(stderr);
			return 2;
		}
	}
	task.argc = argc - optind;
	task.argv = argv + optind;
	if ((!path && !task.argc) || (task.only_check && task.argc)) { /* a command may need no configuration: it says so if it does */
		usage(stderr);
		return 2;
	}
	return run(path, &task);
}
