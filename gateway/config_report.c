/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The section `report`: how long what is counted is kept, and what `dolat-gateway report` signs with. It may be left out. */
#include <osmocom/core/utils.h>

#include "gateway/config_table.h"

static const struct gw_option options[] = {
	F(gw_config_report, key_file, "key_file", "file of the secret key that signs reports, as `report keygen` makes it"),
	N(gw_config_report, keep_days, "keep_days", 1, 36500, 1100, "what was counted on a day is kept so long (days)"),
	N(gw_config_report, late_days, "late_days", 1, 3650, 10, "an agency is late with a request that it has not answered within this (days)"),
};
static const struct gw_section section = { "report", options, ARRAY_SIZE(options) };

void gw_config_report(const struct gw_config_reader *reader, const struct menu_node *root, struct gw_config *config)
{
	gw_config_section(reader, &section, gw_config_find(reader, root, "report", MENU_NODE_GROUP), root, &config->report, "");
}

void gw_config_report_help(FILE *to)
{
	gw_config_section_help(to, &section);
}
