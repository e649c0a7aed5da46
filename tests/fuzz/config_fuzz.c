/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Any text as the gateway's configuration: refused with at least one diagnostic that can be printed, or taken, and then
 * everything in it is within its bounds. It is read by its path, as a real one is, from memory that has a path. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <osmocom/core/talloc.h>

#include "gateway/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libconfig 1.5 forgets the one string that it was reading when it meets a syntax error. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig_yylex\nleak:libconfig_yyparse\nleak:strbuf_append\n";
}

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_operator(const struct gw_config_operator *op)
{
	must(op->name && op->name[0] && op->dialect_name && op->n_links > 0);
	must(smpp_dialect_check(&op->dialect) == NULL);
	must(strlen(op->sms_sender) <= 21 && op->retries.n <= SMPP_RETRIES_MAX && op->sms_queue_parts >= 1 && op->answer_ms >= 500);
	for (size_t i = 0; i < op->n_links; i++) {
		const struct gw_config_link *link = &op->links[i];

		must(link->name && link->name[0] && link->host && link->system_id && strlen(link->system_id) <= 15);
		must(link->port >= 1 && link->port <= 65535 && link->window >= 1 && link->window <= 1024);
		must(link->retry_min_ms <= link->retry_max_ms && link->bind);
	}
}

static void check_config(const struct gw_config *config)
{
	must(config->n_menus > 0 && config->n_operators > 0 && config->menus[config->n_menus - 1]);
	must(!config->sessions.path != !config->sessions.host);
	must(config->http.listen && config->http.port <= 65535 && config->log.target && config->log.level);
	for (size_t i = 0; i < config->n_operators; i++)
		check_operator(&config->operators[i]);
}

static void check_diags(const struct menu_diags *diags)
{
	must(menu_diags_count(diags) > 0);
	for (size_t i = 0; i < menu_diags_count(diags); i++) {
		const struct menu_diag *diag = menu_diags_at(diags, i);

		must(diag->file && diag->rule && diag->text && diag->text[0]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	static char path[64];
	void *ctx = talloc_named_const(NULL, 0, "fuzz");
	struct menu_diags *diags = menu_diags_alloc(ctx);
	struct gw_config *config;

	if (fd < 0) {
		fd = memfd_create("gateway.cfg", MFD_CLOEXEC);
		must(fd >= 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	must(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
	config = gw_config_read(ctx, path, diags);
	if (config)
		check_config(config);
	else
		check_diags(diags);
	talloc_free(ctx);
	return 0;
}
