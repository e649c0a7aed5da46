/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The section `requests`: what citizens ask of agencies, by SMS and in menus. It may be left out. */
#include <osmocom/core/utils.h>

#include "gateway/config_table.h"

static const struct gw_option options[] = {
	N(gw_config_requests, repeat_s, "repeat_s", 1, 86400, 600, "the same message of a number to the same place within this is the same request (s)"),
	N(gw_config_requests, keep_days, "keep_days", 1, 3650, 90, "a request is kept so long after it was last changed (days)"),
	N(gw_config_requests, join_ms, "join_ms", 1000, 86400000, 180000, "the parts of a long SMS are waited for so long (ms)"),
	N(gw_config_requests, texts_per_minute, "texts_per_minute", 0, 100000, 10, "messages of one number in a minute; beyond, it is told so once (0: no limit)"),
	N(gw_config_requests, answers_per_hour, "answers_per_hour", 0, 100000, 40,
	  "answers to one number in an hour, confirmations of requests apart: machines write, too (0: no limit)"),
	N(gw_config_requests, in_work, "in_work", 1, 1000000, 10000, "messages being worked on; beyond: the network is told to come later"),
};
static const struct gw_section section = { "requests", options, ARRAY_SIZE(options) };

void gw_config_requests(const struct gw_config_reader *reader, const struct menu_node *root, struct gw_config *config)
{
	gw_config_section(reader, &section, gw_config_find(reader, root, "requests", MENU_NODE_GROUP), root, &config->requests, "");
}

void gw_config_requests_help(FILE *to)
{
	gw_config_section_help(to, &section);
}
