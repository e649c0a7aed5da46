/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The section `api`. A server that can be reached from elsewhere has TLS, or somebody has said that it shall have none. */
#include <osmocom/core/utils.h>

#include "gateway/config_table.h"
#include "gateway/http_listen.h"

static const struct gw_option options[] = {
	SERVER_AT("the agencies' API", 8480),
	N(gw_config_api, deadline_ms, "deadline_ms", 100, 600000, 10000, "a call that has no answer by then gets 503 (ms)"),
	N(gw_config_api, body_octets, "body_octets", 1024, 16777216, 1048576, "a JSON body above this is refused; above less where a path says so"),
	SERVER_BOUNDS(512, 64, 15, "keys"),
};
static const struct gw_section section = { "api", options, ARRAY_SIZE(options) };

void gw_config_server(const struct gw_config_reader *reader, const struct menu_node *group, const struct gw_config_api *server)
{
	if (!server->cert_file != !server->key_file)
		gw_config_complain(reader, group, "missing-key", "cert_file and key_file go together");
	else if (!server->listen[0])
		gw_config_complain(reader, menu_node_find(group, "listen"), "not-an-address", "listen is empty; for none leave the section out");
	else if (!server->cert_file && !server->plain && !gw_http_is_loopback(server->listen))
		gw_config_complain(reader, group, "missing-key", "%s can be reached from elsewhere: give cert_file and key_file, or plain = true "
				   "behind a proxy that has TLS", server->listen);
}

void gw_config_api(const struct gw_config_reader *reader, const struct menu_node *root, struct gw_config *config)
{
	const struct menu_node *group = gw_config_find(reader, root, "api", MENU_NODE_GROUP);
	size_t before = menu_diags_count(reader->diags);

	gw_config_section(reader, &section, group, root, &config->api, "");
	gw_config_numeric(reader, group, "listen", config->api.listen);
	config->has_api = group != NULL;
	if (!group || menu_diags_count(reader->diags) != before)
		return;
	if (!config->has_ledger)
		gw_config_complain(reader, group, "missing-key", "the api needs redis.ledger: accounts, notices and requests are kept there");
	gw_config_server(reader, group, &config->api);
}

void gw_config_api_help(FILE *to)
{
	gw_config_section_help(to, &section);
}
