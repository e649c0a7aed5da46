/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See log.h. */
#include <errno.h>
#include <string.h>

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
	[GW_LOG_HTTP] = { .name = "DHTTP", .description = "metrics and health over HTTP", .enabled = 1, .loglevel = LOGL_NOTICE },
};
static const struct log_info info = { .cat = categories, .num_cat = GW_LOG_CATEGORIES };

int gw_log_init(void *ctx)
{
	int rc = osmo_init_logging2(ctx, &info);

	if (rc < 0)
		return rc;
	log_set_use_color(osmo_stderr_target, 0);
	log_set_print_timestamp(osmo_stderr_target, 1);
	log_set_print_category_hex(osmo_stderr_target, 0);
	log_set_print_category(osmo_stderr_target, 1);
	log_set_print_level(osmo_stderr_target, 1);
	log_set_print_filename2(osmo_stderr_target, LOG_FILENAME_NONE);
	return 0;
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
	struct log_target *target = osmo_stderr_target;

	if (strcmp(target_name, "journal") == 0) {
		target = log_target_create_systemd(true);
		if (!target)
			return -ENOTSUP; /* libosmocore was built without it */
		log_del_target(osmo_stderr_target);
		log_add_target(target);
	}
	for (int i = 0; i < GW_LOG_CATEGORIES; i++)
		log_set_category_filter(target, i, 1, level_of(level));
	return 0;
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
