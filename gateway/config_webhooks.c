/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The section `webhooks`: how events are brought to agencies. It may be left out. */
#include <osmocom/core/utils.h>

#include "gateway/config_table.h"

static const struct gw_option options[] = {
	N(gw_webhooks_settings, concurrency, "concurrency", 1, 1000, 16, "requests to one agency at once"),
	N(gw_webhooks_settings, waiting, "waiting", 1, 10000, 64, "events that wait for one agency in this process; beyond: in the queue"),
	N(gw_webhooks_settings, in_flight, "in_flight", 65, 100000, 1024, "events that this process holds, all agencies together"),
	N(gw_webhooks_settings, timeout_ms, "timeout_ms", 100, 60000, 10000, "an agency answers a webhook within this, or it is sent again later (ms)"),
	N(gw_webhooks_settings, breaker_failures, "breaker_failures", 0, 1000, 5, "failures in a row after which an agency is left alone (0: never)"),
	N(gw_webhooks_settings, breaker_open_ms, "breaker_open_ms", 100, 3600000, 30000, "for so long; then one event tries (ms)"),
	B(gw_webhooks_settings, plain, "plain", false, "http is taken, too, to this machine and to private networks only; else https"),
	F(gw_webhooks_settings, ca_file, "ca_file", "authorities (PEM) for the agencies' certificates, in place of the system's"),
	N(gw_webhooks_settings, feed_length, "feed_length", 1, 10000000, 1000000, "events in the feed of an agency that fetches; beyond: in the queue"),
};
static const struct gw_section section = { "webhooks", options, ARRAY_SIZE(options) };

void gw_config_webhooks(const struct gw_config_reader *reader, const struct menu_node *root, struct gw_config *config)
{
	gw_config_section(reader, &section, gw_config_find(reader, root, "webhooks", MENU_NODE_GROUP), root, &config->webhooks, "");
}

void gw_config_webhooks_help(FILE *to)
{
	gw_config_section_help(to, &section);
}
