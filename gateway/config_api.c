/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The section `api`. A server that can be reached from elsewhere has TLS, or somebody has said that it shall have none. */
#include <osmocom/core/utils.h>

#include "gateway/config_table.h"
#include "gateway/http_listen.h"

static const struct gw_option options[] = {
	S(gw_config_api, listen, "listen", "127.0.0.1", "address of the agencies' API"),
	N(gw_config_api, port, "port", 0, 65535, 8480, "its TCP port (0: any, told in the log)"),
	F(gw_config_api, cert_file, "cert_file", "the certificate and those between it and its authority (PEM): with it and key_file, TLS"),
	F(gw_config_api, key_file, "key_file", "the certificate's key (PEM)"),
	B(gw_config_api, plain, "plain", false, "without TLS on an address that can be reached from elsewhere: for a proxy that has TLS"),
	N(gw_config_api, deadline_ms, "deadline_ms", 100, 600000, 10000, "a call that has no answer by then gets 503 (ms)"),
	N(gw_config_api, body_octets, "body_octets", 1024, 16777216, 1048576, "a JSON body above this is refused; above less where a path says so"),
	N(gw_config_api, connections, "connections", 1, 65536, 512, "connections at once; beyond: they wait to be accepted"),
	N(gw_config_api, connections_of_address, "connections_of_address", 1, 65536, 64, "of these, from one address; beyond: closed"),
	N(gw_config_api, idle_s, "idle_s", 1, 3600, 15, "within this a request's head must have come, whole (s)"),
	N(gw_config_api, failures_per_minute, "failures_per_minute", 0, 100000, 30,
	  "wrong keys from one address; beyond: no key from there is looked at for the rest of the minute (0: no limit)"),
};
static const struct gw_section section = { "api", options, ARRAY_SIZE(options) };

static void check(const struct gw_config_reader *reader, const struct menu_node *group, const struct gw_config *config)
{
	const struct gw_config_api *api = &config->api;

	if (!config->has_ledger)
		gw_config_complain(reader, group, "missing-key", "the api needs redis.ledger: accounts, notices and requests are kept there");
	if (!api->cert_file != !api->key_file)
		gw_config_complain(reader, group, "missing-key", "cert_file and key_file go together");
	else if (!api->listen[0])
		gw_config_complain(reader, menu_node_find(group, "listen"), "not-an-address", "listen is empty; for no API leave the section out");
	else if (!api->cert_file && !api->plain && !gw_http_is_loopback(api->listen))
		gw_config_complain(reader, group, "missing-key", "%s can be reached from elsewhere: give cert_file and key_file, or plain = true "
				   "behind a proxy that has TLS", api->listen);
}

void gw_config_api(const struct gw_config_reader *reader, const struct menu_node *root, struct gw_config *config)
{
	const struct menu_node *group = gw_config_find(reader, root, "api", MENU_NODE_GROUP);
	size_t before = menu_diags_count(reader->diags);

	gw_config_section(reader, &section, group, root, &config->api, "");
	gw_config_numeric(reader, group, "listen", config->api.listen);
	config->has_api = group != NULL;
	if (group && menu_diags_count(reader->diags) == before)
		check(reader, group, config);
}

void gw_config_api_help(FILE *to)
{
	gw_config_section_help(to, &section);
}
