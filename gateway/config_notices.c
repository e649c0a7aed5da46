/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The section `notices`: when and how what is sent to citizens goes out. It may be left out. */
#include <stdio.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "gateway/config_table.h"

#define OFFSET_HOURS_MAX 14

static const struct gw_option options[] = {
	S(gw_config_notices, quiet_from, "quiet_from", "22:00", "quiet hours begin: what is not urgent waits until they end"),
	S(gw_config_notices, quiet_to, "quiet_to", "08:00", "and end; the same time as quiet_from: there are none"),
	S(gw_config_notices, zone, "time_zone", "+03:30",
	  "where days begin and quiet hours lie, east of Greenwich: also of notices_per_day and of what the report counts"),
	N(gw_config_notices, unsure_wait_s, "unsure_wait_s", 1, 86400, 120,
	  "where a network's response was lost, its receipt is waited for so long before it is sent again or given up, as the notice says (s)"),
	N(gw_config_notices, keep_days, "keep_days", 1, 3650, 90, "a notice is kept so long after it last changed (days)"),
	N(gw_config_notices, in_work, "in_work", 1, 100000, 1024, "notices that this process is sending at once"),
	N(gw_config_notices, receipts_in_work, "receipts_in_work", 1, 100000, 1024, "receipts at once; beyond: the network is told to come later"),
};
static const struct gw_section section = { "notices", options, ARRAY_SIZE(options) };

/* "+03:30", "-05:00" to minutes. False: it is none. */
static bool read_zone(const char *text, int *minutes)
{
	unsigned int hours, rest;
	int n = 0;

	if ((text[0] != '+' && text[0] != '-') || sscanf(text + 1, "%2u:%2u%n", &hours, &rest, &n) != 2 || n != 5 || text[6] ||
	    hours > OFFSET_HOURS_MAX || rest > 59)
		return false;
	*minutes = (int)(hours * 60 + rest) * (text[0] == '-' ? -1 : 1);
	return true;
}

static void read_time(const struct gw_config_reader *reader, const struct menu_node *group, const char *name, const char *text, int *minutes)
{
	*minutes = gw_quiet_time(text);
	if (*minutes < 0)
		gw_config_complain(reader, menu_node_find(group, name), "bad-time", "%s is a time of the day, \"22:00\"", name);
}

void gw_config_notices(const struct gw_config_reader *reader, const struct menu_node *root, struct gw_config *config)
{
	const struct menu_node *group = gw_config_find(reader, root, "notices", MENU_NODE_GROUP);
	struct gw_config_notices *notices = &config->notices;

	gw_config_section(reader, &section, group, root, notices, "");
	read_time(reader, group, "quiet_from", notices->quiet_from, &notices->quiet.from);
	read_time(reader, group, "quiet_to", notices->quiet_to, &notices->quiet.to);
	if (!read_zone(notices->zone, &notices->quiet.utc_offset))
		gw_config_complain(reader, menu_node_find(group, "time_zone"), "bad-zone", "time_zone is \"+03:30\" or the like");
}

void gw_config_notices_help(FILE *to)
{
	gw_config_section_help(to, &section);
}
