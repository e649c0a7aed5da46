/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See log.h. libosmocore can write to the journal itself, but Debian builds it without: the target for it is ours. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <errno.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <systemd/sd-journal.h>

#include <osmocom/core/application.h>
#include <osmocom/core/utils.h>

#include "gateway/log.h"

static const struct log_info_cat categories[GW_LOG_CATEGORIES] = {
	[GW_LOG_MAIN] = { .name = "DMAIN", .description = "start, reload, drain", .enabled = 1, .loglevel = LOGL_NOTICE },
	[GW_LOG_LINK] = { .name = "DLINK", .description = "links to the SMSCs", .enabled = 1, .loglevel = LOGL_NOTICE },
	[GW_LOG_REDIS] = { .name = "DREDIS", .description = "connections to Redis", .enabled = 1, .loglevel = LOGL_NOTICE },
	[GW_LOG_DIALOG] = { .name = "DDIALOG", .description = "dialogs of citizens", .enabled = 1, .loglevel = LOGL_NOTICE },
	[GW_LOG_AGENCY] = { .name = "DAGENCY", .description = "calls to agencies", .enabled = 1, .loglevel = LOGL_NOTICE },
	[GW_LOG_MENU] = { .name = "DMENU", .description = "menus: loading and publishing", .enabled = 1, .loglevel = LOGL_NOTICE },
	[GW_LOG_API] = { .name = "DAPI", .description = "the agencies' API and their accounts", .enabled = 1, .loglevel = LOGL_NOTICE },
	[GW_LOG_NOTICE] = { .name = "DNOTICE", .description = "notices: outbox, receipts", .enabled = 1, .loglevel = LOGL_NOTICE },
	[GW_LOG_HTTP] = { .name = "DHTTP", .description = "metrics and health over HTTP", .enabled = 1, .loglevel = LOGL_NOTICE },
};
static const struct log_info info = { .cat = categories, .num_cat = GW_LOG_CATEGORIES };

static void set_layout(struct log_target *target, bool timestamp)
{
	log_set_use_color(target, 0);
	log_set_print_timestamp(target, timestamp);
	log_set_print_category_hex(target, 0);
	log_set_print_category(target, 1);
	log_set_print_level(target, 1);
	log_set_print_filename2(target, LOG_FILENAME_NONE);
}

int gw_log_init(void *ctx)
{
	int rc = osmo_init_logging2(ctx, &info);

	if (rc < 0)
		return rc;
	set_layout(osmo_stderr_target, true);
	return 0;
}

static void write_to_journal(struct log_target *target, unsigned int level, const char *line)
{
	int priority = level >= LOGL_FATAL ? LOG_CRIT : level >= LOGL_ERROR ? LOG_ERR : level >= LOGL_NOTICE ? LOG_NOTICE :
		       level >= LOGL_INFO ? LOG_INFO : LOG_DEBUG;

	(void)target;
	sd_journal_send("MESSAGE=%.*s", (int)strcspn(line, "\n"), line, "PRIORITY=%d", priority, NULL);
}

/* NULL if there is no journal: libsystemd would drop the lines in silence. */
static struct log_target *make_journal_target(void)
{
	struct log_target *target = access("/run/systemd/journal/socket", W_OK) == 0 ? log_target_create() : NULL;

	if (!target)
		return NULL;
	target->output = write_to_journal;
	log_set_all_filter(target, 1);
	set_layout(target, false); /* the journal has the time */
	return target;
}

static int level_of(const char *name)
{
	static const struct { const char *name; int level; } levels[] = {
		{ "debug", LOGL_DEBUG }, { "info", LOGL_INFO }, { "notice", LOGL_NOTICE }, { "error", LOGL_ERROR },
	};

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		if (strcmp(levels[i].name, name) == 0)
			return levels[i].level;
	return LOGL_NOTICE;
}

int gw_log_configure(const char *target_name, const char *level)
{
	struct log_target *journal = strcmp(target_name, "journal") == 0 ? make_journal_target() : NULL;
	struct log_target *target = journal ? journal : osmo_stderr_target;

	if (journal) {
		log_del_target(osmo_stderr_target);
		log_add_target(journal);
	}
	for (int i = 0; i < GW_LOG_CATEGORIES; i++)
		log_set_category_filter(target, i, 1, level_of(level));
	return !journal && strcmp(target_name, "journal") == 0 ? -ENOENT : 0;
}

const char *gw_log_mask(const char *msisdn)
{
	static char buffers[4][24];
	static unsigned int next;
	char *out = buffers[next++ % ARRAY_SIZE(buffers)];
	size_t n = strnlen(msisdn, sizeof(buffers[0]) - 1);

	memcpy(out, msisdn, n);
	out[n] = '\0';
	/* the country, the range and the last two digits stay: enough to tell lines apart, too little to call anybody */
	for (size_t i = n > 8 ? 5 : 0; i + 2 < n; i++)
		out[i] = '*';
	return out;
}
