/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See config.h. The sections of the file, by the tables of config_table.h; operators are read by config_operator.c. What spans
 * two options (a unix path or a host) is checked after the table. */
#include <errno.h>
#include <libgen.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/config_table.h"
#include "menus/source.h"

static const struct gw_option top_options[] = {
	N(gw_config, drain_ms, "drain_ms", 0, 600000, 10000, "at SIGTERM: how long running dialogs may go on (ms)"),
	F(gw_config, session_key_file, "session_key_file", "file with 64 hexadecimal digits, the same for all gateways: seals secret inputs"),
	F(gw_config, catalogue, "catalogue", "the catalogue of services, catalogue.cfg beside a menu: what /v1/catalogue and the command catalogue begin with; read again with the menus"),
};
static const struct gw_option redis_options[] = {
	F(gw_config_redis, path, "path", "unix socket of the server; or host and port"),
	S(gw_config_redis, host, "host", NULL, "numeric address of the server"),
	N(gw_config_redis, port, "port", 1, 65535, 6379, "TCP port of the server"),
	S(gw_config_redis, user, "user", NULL, "ACL user"),
	F(gw_config_redis, password_file, "password_file", "file whose first line is the password"),
	N(gw_config_redis, database, "database", 0, 15, 0, "number of the database"),
	N(gw_config_redis, deadline_ms, "deadline_ms", 10, 60000, 1000, "a request without an answer for so long cuts the connection (ms)"),
	N(gw_config_redis, connect_ms, "connect_ms", 10, 60000, 1000, "time to connect and set up (ms)"),
	N(gw_config_redis, retry_min_ms, "retry_min_ms", 1, 60000, 50, "first pause before a new connection (ms)"),
	N(gw_config_redis, retry_max_ms, "retry_max_ms", 1, 600000, 2000, "longest pause before a new connection (ms)"),
	N(gw_config_redis, pending, "pending", 16, 1000000, 65536, "requests in flight at once"),
	/* the last is of the role `sessions` only */
	N(gw_config_redis, cache_sessions, "cache_sessions", 0, 10000000, 65536, "sessions kept in this process (about 600 octets each)"),
};
#define N_REDIS_COMMON (ARRAY_SIZE(redis_options) - 1)
static const struct gw_option http_options[] = {
	S(gw_config, http.listen, "listen", "127.0.0.1", "address of /metrics, /healthz and /readyz; \"\" for none"),
	N(gw_config, http.port, "port", 0, 65535, 9404, "its TCP port (0: any, told in the log)"),
};
static const struct gw_option vty_options[] = {
	S(gw_config, vty.listen, "listen", "127.0.0.1", "address of the VTY; \"\" for none"),
	N(gw_config, vty.port, "port", 0, 65535, 4260, "its TCP port"),
};
static const struct gw_option log_options[] = {
	C(gw_config, log.target, "target", "stderr|journal", "stderr", "where log lines go"),
	C(gw_config, log.level, "level", "debug|info|notice|error", "notice", "the least grave line that is written"),
};
static const struct gw_option limit_options[] = {
	N(gw_config, limits.dialogs_in_flight, "dialogs_in_flight", 1, 1000000, 20000, "steps being worked on; beyond: the network is told to come later"),
	N(gw_config, limits.busy_at, "busy_at", 1, 1000000, 15000, "steps being worked on; beyond: a dial gets the busy page"),
	N(gw_config, limits.dials_per_minute, "dials_per_minute", 0, 100000, 20, "dials of one number in a minute (0: no limit)"),
	N(gw_config, limits.agency_calls, "agency_calls", 1, 100000, 2000, "agency calls in flight, all agencies together"),
	N(gw_config, limits.late_calls, "late_calls", 0, 100000, 2000, "calls that go on after their dialog has ended"),
};
/* As a table, for reading and for --help-config. */
enum { SECTION_TOP, SECTION_REDIS, SECTION_LEDGER, SECTION_HTTP, SECTION_VTY, SECTION_LOG, SECTION_LIMITS };
static const struct gw_section sections[] = {
	[SECTION_TOP] = { "", top_options, ARRAY_SIZE(top_options) },
	[SECTION_REDIS] = { "redis.sessions", redis_options, ARRAY_SIZE(redis_options) },
	[SECTION_LEDGER] = { "redis.ledger", redis_options, N_REDIS_COMMON },
	[SECTION_HTTP] = { "http", http_options, ARRAY_SIZE(http_options) },
	[SECTION_VTY] = { "vty", vty_options, ARRAY_SIZE(vty_options) },
	[SECTION_LOG] = { "log", log_options, ARRAY_SIZE(log_options) },
	[SECTION_LIMITS] = { "limits", limit_options, ARRAY_SIZE(limit_options) },
};

static void read_port(const struct gw_config_reader *reader, int which, const char *name, const struct menu_node *root, struct gw_config *config,
		      const char *const *listen)
{
	const struct menu_node *group = gw_config_find(reader, root, name, MENU_NODE_GROUP);

	gw_config_section(reader, &sections[which], group, root, config, "");
	gw_config_numeric(reader, group, "listen", *listen);
}

static void read_plain_section(const struct gw_config_reader *reader, int which, const char *name, const struct menu_node *root,
			       struct gw_config *config)
{
	gw_config_section(reader, &sections[which], gw_config_find(reader, root, name, MENU_NODE_GROUP), root, config, "");
}

static void check_redis(const struct gw_config_reader *reader, const char *path, const struct menu_node *blame, const struct menu_node *role,
			const struct gw_config_redis *redis)
{
	bool has_path = role && menu_node_find(role, "path"), has_host = role && menu_node_find(role, "host");

	if (!has_path && !has_host)
		gw_config_complain(reader, blame, "missing-key", "%s needs path or host", path);
	if (has_path && has_host)
		gw_config_complain(reader, blame, "too-many-keys", "%s takes path or host, not both", path);
	gw_config_numeric(reader, role, "host", redis->host);
	if (redis->retry_min_ms > redis->retry_max_ms)
		gw_config_complain(reader, blame, "out-of-bounds", "retry_min_ms is above retry_max_ms");
}

/* A role that must be there, or may be. True if it is. */
static bool read_role(const struct gw_config_reader *reader, const struct menu_node *root, int which, const char *name, bool required,
		      struct gw_config_redis *redis)
{
	const struct menu_node *group = gw_config_find(reader, root, "redis", MENU_NODE_GROUP);
	const struct menu_node *role = group ? gw_config_find(reader, group, name, MENU_NODE_GROUP) : NULL;
	bool mistaken = (!group && menu_node_find(root, "redis")) || (group && !role && menu_node_find(group, name));

	gw_config_section(reader, &sections[which], role, role ? role : root, redis, "");
	if (!mistaken && (role || required))
		check_redis(reader, sections[which].path, role ? role : root, role, redis);
	return role != NULL;
}

static void read_redis(const struct gw_config_reader *reader, const struct menu_node *root, struct gw_config *config)
{
	const struct menu_node *group = menu_node_find(root, "redis");

	read_role(reader, root, SECTION_REDIS, "sessions", true, &config->sessions);
	if (group && group->kind != MENU_NODE_GROUP)
		return; /* was complained of */
	config->has_ledger = read_role(reader, root, SECTION_LEDGER, "ledger", false, &config->ledger);
	for (size_t i = 0; group && i < group->n; i++)
		if (!gw_config_is_choice("sessions|ledger", group->children[i].name))
			gw_config_complain(reader, &group->children[i], "unknown-key", "%s is not a role of redis", group->children[i].name);
}

static void read_menus(const struct gw_config_reader *reader, const struct menu_node *root, struct gw_config *config)
{
	const struct menu_node *list = gw_config_full_list(reader, root, "menus", "menus lists the files and folders of the menu");

	if (!list)
		return;
	config->menus = talloc_zero_array(reader->ctx, const char *, (unsigned int)list->n);
	for (size_t i = 0; i < list->n; i++) {
		if (list->children[i].kind == MENU_NODE_STRING)
			config->menus[config->n_menus++] = gw_config_path(reader, list->children[i].string);
		else
			gw_config_complain(reader, &list->children[i], "wrong-type", "menus is a list of texts");
	}
}

struct gw_config *gw_config_read(void *ctx, const char *path, struct menu_diags *diags)
{
	struct gw_config *config = talloc_zero(ctx, struct gw_config);
	struct gw_config_reader reader = { .ctx = config, .diags = diags };
	size_t before = menu_diags_count(diags);
	const struct menu_node *root = menu_source_read(config, path, diags);

	if (!root) {
		talloc_free(config);
		return NULL;
	}
	config->file = talloc_strdup(config, path);
	reader.folder = dirname(talloc_strdup(config, path));
	gw_config_section(&reader, &sections[SECTION_TOP], root, root, config, "redis|menus|http|api|webhooks|requests|notices|report|identity|payments|vty|log|limits|operators|http_ussd");
	read_redis(&reader, root, config);
	read_port(&reader, SECTION_HTTP, "http", root, config, &config->http.listen);
	gw_config_api(&reader, root, config);
	gw_config_webhooks(&reader, root, config);
	gw_config_requests(&reader, root, config);
	gw_config_notices(&reader, root, config);
	gw_config_report(&reader, root, config);
	gw_config_identity(&reader, root, config);
	gw_config_payments(&reader, root, config);
	read_port(&reader, SECTION_VTY, "vty", root, config, &config->vty.listen);
	read_plain_section(&reader, SECTION_LOG, "log", root, config);
	read_plain_section(&reader, SECTION_LIMITS, "limits", root, config);
	read_menus(&reader, root, config);
	gw_config_operators(&reader, root, config);
	gw_config_http_ussd(&reader, root, config);
	if (menu_diags_count(diags) != before) {
		talloc_free(config);
		return NULL;
	}
	return config;
}

void gw_config_help(FILE *to)
{
	fprintf(to, "top level: lists menus ( ), operators ( ), and\n");
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		gw_config_section_help(to, &sections[i]);
	gw_config_api_help(to);
	gw_config_webhooks_help(to);
	gw_config_requests_help(to);
	gw_config_notices_help(to);
	gw_config_report_help(to);
	gw_config_identity_help(to);
	gw_config_payments_help(to);
	gw_config_operators_help(to);
	gw_config_http_ussd_help(to);
}

int gw_config_secret(const char *path, char *secret, size_t cap)
{
	FILE *file = fopen(path, "re");
	size_t n;
	int rc, next;

	if (!file)
		return -errno;
	setvbuf(file, NULL, _IONBF, 0); /* no copy of it stays in a buffer */
	errno = 0;
	n = fread(secret, 1, cap - 1, file);
	rc = ferror(file) ? -errno : 0;
	next = rc == 0 && n == cap - 1 && !memchr(secret, '\n', n) ? fgetc(file) : EOF;
	if (next != EOF && next != '\n' && next != '\r')
		rc = -E2BIG; /* a part of a secret is none */
	fclose(file);
	secret[n] = '\0';
	secret[strcspn(secret, "\r\n")] = '\0';
	return rc < 0 ? rc : secret[0] ? 0 : -ENODATA;
}
