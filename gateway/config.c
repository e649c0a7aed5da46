/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See config.h. A section is a table of options over one struct; a list of groups (operators, links) is read group by group
 * with the table of its kind. What spans two options (a unix path or a host, a known dialect) is checked after the table. */
#include <arpa/inet.h>
#include <errno.h>
#include <libgen.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/bearer.h"
#include "gateway/config.h"
#include "menus/source.h"
#include "smpp/link.h"

enum kind { NUMBER, STRING, FILE_PATH };

struct option {
	const char *name;
	enum kind kind;
	size_t offset;
	int64_t min, max, standard;      /* of a NUMBER */
	const char *standard_text;       /* of the others; NULL: must be given (REQUIRED) or stays NULL */
	bool required;
	const char *choices;             /* "a|b|c" */
	const char *text;
};

#define AT(type, field) offsetof(struct type, field)
#define N(type, field, key, low, high, def, help) { .name = key, .kind = NUMBER, .offset = AT(type, field), .min = low, .max = high, .standard = def, .text = help }
#define S(type, field, key, def, help) { .name = key, .kind = STRING, .offset = AT(type, field), .standard_text = def, .text = help }
#define R(type, field, key, help) { .name = key, .kind = STRING, .offset = AT(type, field), .required = true, .text = help }
#define C(type, field, key, all, def, help) { .name = key, .kind = STRING, .offset = AT(type, field), .choices = all, .standard_text = def, .text = help }
#define F(type, field, key, help) { .name = key, .kind = FILE_PATH, .offset = AT(type, field), .text = help }

static const struct option top_options[] = {
	N(gw_config, drain_ms, "drain_ms", 0, 600000, 10000, "at SIGTERM: how long running dialogs may go on (ms)"),
	F(gw_config, session_key_file, "session_key_file", "file with 64 hexadecimal digits, the same for all gateways: seals secret inputs"),
};
static const struct option redis_options[] = {
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
static const struct option http_options[] = {
	S(gw_config, http.listen, "listen", "127.0.0.1", "address of /metrics, /healthz and /readyz; \"\" for none"),
	N(gw_config, http.port, "port", 0, 65535, 9404, "its TCP port (0: any, told in the log)"),
};
static const struct option vty_options[] = {
	S(gw_config, vty.listen, "listen", "127.0.0.1", "address of the VTY; \"\" for none"),
	N(gw_config, vty.port, "port", 0, 65535, 4260, "its TCP port"),
};
static const struct option log_options[] = {
	C(gw_config, log.target, "target", "stderr|journal", "stderr", "where log lines go"),
	C(gw_config, log.level, "level", "debug|info|notice|error", "notice", "the least grave line that is written"),
};
static const struct option limit_options[] = {
	N(gw_config, limits.dialogs_in_flight, "dialogs_in_flight", 1, 1000000, 20000, "steps being worked on; beyond: the network is told to come later"),
	N(gw_config, limits.busy_at, "busy_at", 1, 1000000, 15000, "steps being worked on; beyond: a dial gets the busy page"),
	N(gw_config, limits.dials_per_minute, "dials_per_minute", 0, 100000, 20, "dials of one number in a minute (0: no limit)"),
	N(gw_config, limits.agency_calls, "agency_calls", 1, 100000, 2000, "agency calls in flight, all agencies together"),
	N(gw_config, limits.late_calls, "late_calls", 0, 100000, 2000, "calls that go on after their dialog has ended"),
};
static const struct option operator_options[] = {
	R(gw_config_operator, name, "name", "the operator, unique; in logs and metrics"),
	R(gw_config_operator, dialect_name, "dialect", "how it carries USSD: a shipped dialect, refined by knobs"),
	N(gw_config_operator, answer_ms, "answer_ms", 500, 120000, 8000, "the network waits so long for an answer (ms)"),
	N(gw_config_operator, user_ms, "user_ms", 1000, 600000, 60000, "a citizen may think so long (ms)"),
	N(gw_config_operator, session_ms, "session_ms", 1000, 3600000, 180000, "a whole dialog lasts at most so long (ms)"),
	N(gw_config_operator, resume_ms, "resume_ms", 0, 86400000, 300000, "a cut dialog may be taken up again for so long (ms)"),
	S(gw_config_operator, sms_sender, "sms_sender", "4040", "source address of text messages"),
	N(gw_config_operator, sms_sender_ton, "sms_sender_ton", 0, 255, 0, "its TON"),
	N(gw_config_operator, sms_sender_npi, "sms_sender_npi", 0, 255, 1, "its NPI"),
	N(gw_config_operator, sms_parts_per_second, "sms_parts_per_second", 0, 100000, 0, "parts of text messages in a second (0: no limit)"),
	C(gw_config_operator, long_sms_name, "long_sms", SMPP_CONCAT_MODES, "udh8", "how a text of more than one SMS is sent: parts with a header, with SAR TLVs, or whole in message_payload"),
};
static const struct option link_options[] = {
	R(gw_config_link, name, "name", "the link, unique; in logs and metrics"),
	R(gw_config_link, host, "host", "address of the SMSC"),
	N(gw_config_link, port, "port", 1, 65535, 2775, "its TCP port"),
	C(gw_config_link, bind, "bind", "transceiver|transmitter|receiver", "transceiver", "what is bound"),
	R(gw_config_link, system_id, "system_id", "at most 15 characters"),
	F(gw_config_link, password_file, "password_file", "file whose first line is the password (at most 8 characters)"),
	S(gw_config_link, system_type, "system_type", "", "at most 12 characters"),
	S(gw_config_link, address_range, "address_range", "", "at most 40 characters"),
	N(gw_config_link, interface_version, "interface_version", 0, 255, 0x34, "0x34 is SMPP 3.4"),
	N(gw_config_link, addr_ton, "addr_ton", 0, 255, 0, "TON in the bind"),
	N(gw_config_link, addr_npi, "addr_npi", 0, 255, 0, "NPI in the bind"),
	N(gw_config_link, window, "window", 1, 1024, 64, "our requests in flight"),
	N(gw_config_link, enquire_ms, "enquire_ms", 100, 3600000, 30000, "silence before we ask whether the peer lives (ms)"),
	N(gw_config_link, response_ms, "response_ms", 100, 600000, 10000, "deadline of our requests (ms)"),
	N(gw_config_link, bind_ms, "bind_ms", 100, 600000, 5000, "time to connect and bind (ms)"),
	N(gw_config_link, retry_min_ms, "retry_min_ms", 10, 600000, 500, "first pause after a lost link (ms), doubled each time"),
	N(gw_config_link, retry_max_ms, "retry_max_ms", 10, 3600000, 30000, "longest pause (ms)"),
	N(gw_config_link, retry_refused_ms, "retry_refused_ms", 10, 3600000, 15000, "first pause after a refused bind (ms)"),
	N(gw_config_link, pdu_octets_max, "pdu_octets_max", 256, SMPP_PDU_OCTETS_MAX, 4096, "a longer PDU closes the link"),
	N(gw_config_link, buffer_octets, "buffer_octets", 16384, 67108864, 1048576, "unsent octets above which we stop reading"),
};

/* Sections of the file as a table, for reading and for --help-config. */
struct section {
	const char *path;                /* in the help */
	const struct option *options;
	size_t n;
};
enum { SECTION_TOP, SECTION_REDIS, SECTION_LEDGER, SECTION_HTTP, SECTION_VTY, SECTION_LOG, SECTION_LIMITS, SECTION_OPERATOR, SECTION_LINK };
static const struct section sections[] = {
	[SECTION_TOP] = { "", top_options, ARRAY_SIZE(top_options) },
	[SECTION_REDIS] = { "redis.sessions", redis_options, ARRAY_SIZE(redis_options) },
	[SECTION_LEDGER] = { "redis.ledger", redis_options, N_REDIS_COMMON },
	[SECTION_HTTP] = { "http", http_options, ARRAY_SIZE(http_options) },
	[SECTION_VTY] = { "vty", vty_options, ARRAY_SIZE(vty_options) },
	[SECTION_LOG] = { "log", log_options, ARRAY_SIZE(log_options) },
	[SECTION_LIMITS] = { "limits", limit_options, ARRAY_SIZE(limit_options) },
	[SECTION_OPERATOR] = { "operators.()", operator_options, ARRAY_SIZE(operator_options) },
	[SECTION_LINK] = { "operators.().links.()", link_options, ARRAY_SIZE(link_options) },
};

struct reader {
	void *ctx;
	const char *folder;              /* of the file: relative paths start there */
	struct menu_diags *diags;
};

static void complain(const struct reader *reader, const struct menu_node *node, const char *rule, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
static void complain(const struct reader *reader, const struct menu_node *node, const char *rule, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	menu_diag_add(reader->diags, node->file, node->line, rule, "%s", text);
}

static bool is_choice(const char *choices, const char *value)
{
	size_t n = strlen(value);

	for (const char *at = strchr(value, '|') ? NULL : choices; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
		if (strncmp(at, value, n) == 0 && (at[n] == '|' || at[n] == '\0') && n)
			return true;
	return false;
}

static const char *path_from(const struct reader *reader, const char *path)
{
	return path[0] == '/' ? talloc_strdup(reader->ctx, path) : talloc_asprintf(reader->ctx, "%s/%s", reader->folder, path);
}

static void read_option(const struct reader *reader, const struct option *option, const struct menu_node *node, void *into)
{
	void *at = (char *)into + option->offset;

	if (option->kind == NUMBER) {
		if (node->kind != MENU_NODE_INT)
			complain(reader, node, "wrong-type", "%s is a whole number", option->name);
		else if (node->integer < option->min || node->integer > option->max)
			complain(reader, node, "out-of-bounds", "%s is from %lld to %lld", option->name, (long long)option->min,
				 (long long)option->max);
		else
			*(unsigned int *)at = (unsigned int)node->integer;
		return;
	}
	if (node->kind != MENU_NODE_STRING) {
		complain(reader, node, "wrong-type", "%s is a text in quotes", option->name);
		return;
	}
	if (option->required && !node->string[0])
		complain(reader, node, "missing-key", "%s is empty: %s", option->name, option->text);
	else if (option->choices && !is_choice(option->choices, node->string))
		complain(reader, node, "unknown-choice", "%s is one of %s", option->name, option->choices);
	*(const char **)at = option->kind == FILE_PATH ? path_from(reader, node->string) : talloc_strdup(reader->ctx, node->string);
}

/* Fills *into from the group (NULL: the section was left out) and complains about what is unknown or missing.
 * nested: names, "a|b", of keys that are groups or lists of their own and are read elsewhere. */
static void read_section(const struct reader *reader, const struct section *section, const struct menu_node *group,
			 const struct menu_node *blame, void *into, const char *nested)
{
	for (size_t i = 0; i < section->n; i++) {
		const struct option *option = &section->options[i];
		const struct menu_node *node = group ? menu_node_find(group, option->name) : NULL;

		if (option->kind == NUMBER)
			*(unsigned int *)((char *)into + option->offset) = (unsigned int)option->standard;
		else if (option->standard_text)
			*(const char **)((char *)into + option->offset) = option->standard_text;
		if (node)
			read_option(reader, option, node, into);
		else if (option->required)
			complain(reader, blame, "missing-key", "%s needs %s: %s", section->path, option->name, option->text);
	}
	for (size_t i = 0; group && i < group->n; i++) {
		const struct menu_node *node = &group->children[i];
		bool known = is_choice(nested, node->name);

		for (size_t j = 0; j < section->n && !known; j++)
			known = strcmp(section->options[j].name, node->name) == 0;
		if (!known)
			complain(reader, node, "unknown-key", "%s is not a key of %s", node->name, section->path[0] ? section->path : "the file");
	}
}

static const struct menu_node *find_kind(const struct reader *reader, const struct menu_node *group, const char *name,
					 enum menu_node_kind kind)
{
	const struct menu_node *node = menu_node_find(group, name);

	if (node && node->kind != kind) {
		complain(reader, node, "wrong-type", "%s is a %s", name, kind == MENU_NODE_GROUP ? "group { }" : "list ( )");
		return NULL;
	}
	return node;
}

/* Names are not looked up: that would hold up the loop, and here the start. */
static void check_numeric(const struct reader *reader, const struct menu_node *group, const char *name, const char *address)
{
	uint8_t octets[16];

	if (group && address && address[0] && inet_pton(AF_INET, address, octets) != 1 && inet_pton(AF_INET6, address, octets) != 1)
		complain(reader, menu_node_find(group, name), "not-an-address", "%s is a numeric address", name);
}

/* A list that must be there and hold something: NULL after a complaint, which is one however it is missing. */
static const struct menu_node *find_full_list(const struct reader *reader, const struct menu_node *group, const char *name, const char *text)
{
	const struct menu_node *list = find_kind(reader, group, name, MENU_NODE_LIST);

	if (list && list->n)
		return list;
	if (list || !menu_node_find(group, name))
		complain(reader, list ? list : group, "missing-key", "%s", text);
	return NULL;
}

static void read_port(const struct reader *reader, int which, const char *name, const struct menu_node *root, struct gw_config *config,
		      const char *const *listen)
{
	const struct menu_node *group = find_kind(reader, root, name, MENU_NODE_GROUP);

	read_section(reader, &sections[which], group, root, config, "");
	check_numeric(reader, group, "listen", *listen);
}

static void read_plain_section(const struct reader *reader, int which, const char *name, const struct menu_node *root,
			       struct gw_config *config)
{
	read_section(reader, &sections[which], find_kind(reader, root, name, MENU_NODE_GROUP), root, config, "");
}

static void check_redis(const struct reader *reader, const char *path, const struct menu_node *blame, const struct menu_node *role,
			const struct gw_config_redis *redis)
{
	bool has_path = role && menu_node_find(role, "path"), has_host = role && menu_node_find(role, "host");

	if (!has_path && !has_host)
		complain(reader, blame, "missing-key", "%s needs path or host", path);
	if (has_path && has_host)
		complain(reader, blame, "too-many-keys", "%s takes path or host, not both", path);
	check_numeric(reader, role, "host", redis->host);
	if (redis->retry_min_ms > redis->retry_max_ms)
		complain(reader, blame, "out-of-bounds", "retry_min_ms is above retry_max_ms");
}

/* A role that must be there, or may be. True if it is. */
static bool read_role(const struct reader *reader, const struct menu_node *root, int which, const char *name, bool required,
		      struct gw_config_redis *redis)
{
	const struct menu_node *group = find_kind(reader, root, "redis", MENU_NODE_GROUP);
	const struct menu_node *role = group ? find_kind(reader, group, name, MENU_NODE_GROUP) : NULL;
	bool mistaken = (!group && menu_node_find(root, "redis")) || (group && !role && menu_node_find(group, name));

	read_section(reader, &sections[which], role, role ? role : root, redis, "");
	if (!mistaken && (role || required))
		check_redis(reader, sections[which].path, role ? role : root, role, redis);
	return role != NULL;
}

static void read_redis(const struct reader *reader, const struct menu_node *root, struct gw_config *config)
{
	const struct menu_node *group = menu_node_find(root, "redis");

	read_role(reader, root, SECTION_REDIS, "sessions", true, &config->sessions);
	if (group && group->kind != MENU_NODE_GROUP)
		return; /* was complained of */
	config->has_ledger = read_role(reader, root, SECTION_LEDGER, "ledger", false, &config->ledger);
	for (size_t i = 0; group && i < group->n; i++)
		if (!is_choice("sessions|ledger", group->children[i].name))
			complain(reader, &group->children[i], "unknown-key", "%s is not a role of redis", group->children[i].name);
}

static void read_menus(const struct reader *reader, const struct menu_node *root, struct gw_config *config)
{
	const struct menu_node *list = find_full_list(reader, root, "menus", "menus lists the files and folders of the menu");

	if (!list)
		return;
	config->menus = talloc_zero_array(reader->ctx, const char *, (unsigned int)list->n);
	for (size_t i = 0; i < list->n; i++) {
		if (list->children[i].kind == MENU_NODE_STRING)
			config->menus[config->n_menus++] = path_from(reader, list->children[i].string);
		else
			complain(reader, &list->children[i], "wrong-type", "menus is a list of texts");
	}
}

static void read_knob(const struct reader *reader, const struct menu_node *node, struct smpp_dialect *dialect)
{
	char number[24];
	const char *value = node->string;

	if (node->kind == MENU_NODE_INT || node->kind == MENU_NODE_BOOL) {
		snprintf(number, sizeof(number), "%lld", (long long)node->integer);
		value = node->kind == MENU_NODE_INT ? number : node->integer ? "true" : "false";
	} else if (node->kind != MENU_NODE_STRING) {
		complain(reader, node, "wrong-type", "the knob %s is a text, a number or true or false", node->name);
		return;
	}
	switch (smpp_dialect_set(dialect, node->name, value)) {
	case 0:
		return;
	case -ENOENT:
		complain(reader, node, "unknown-knob", "%s is not a knob of a dialect (see --help-config)", node->name);
		return;
	case -ERANGE:
		complain(reader, node, "out-of-bounds", "%s is out of its bounds (see --help-config)", node->name);
		return;
	default:
		complain(reader, node, "unknown-choice", "%s cannot be \"%s\" (see --help-config)", node->name, value);
	}
}

static void check_length(const struct reader *reader, const struct menu_node *node, const char *name, const char *value, size_t max)
{
	if (value && strlen(value) > max)
		complain(reader, node, "too-long", "%s has at most %zu characters", name, max);
}

static void read_link(const struct reader *reader, const struct menu_node *node, struct gw_config_link *link)
{
	if (node->kind != MENU_NODE_GROUP) {
		complain(reader, node, "wrong-type", "a link is a group { }");
		return;
	}
	read_section(reader, &sections[SECTION_LINK], node, node, link, "");
	check_length(reader, node, "system_id", link->system_id, 15);
	check_length(reader, node, "system_type", link->system_type, 12);
	check_length(reader, node, "address_range", link->address_range, 40);
	if (link->retry_min_ms > link->retry_max_ms)
		complain(reader, node, "out-of-bounds", "retry_min_ms is above retry_max_ms");
}

static void read_operator(const struct reader *reader, const struct menu_node *node, struct gw_config_operator *op)
{
	const struct menu_node *knobs, *links;
	const struct smpp_dialect *dialect;

	if (node->kind != MENU_NODE_GROUP) {
		complain(reader, node, "wrong-type", "an operator is a group { }");
		return;
	}
	read_section(reader, &sections[SECTION_OPERATOR], node, node, op, "links|knobs");
	check_length(reader, node, "sms_sender", op->sms_sender, 20);
	smpp_concat_mode_find(op->long_sms_name, &op->long_sms); /* another choice was complained of */
	dialect = op->dialect_name ? smpp_dialect_find(op->dialect_name) : NULL;
	if (dialect)
		op->dialect = *dialect;
	else if (op->dialect_name)
		complain(reader, menu_node_find(node, "dialect"), "unknown-dialect", "%s is not a shipped dialect (see --help-config)",
			 op->dialect_name);
	knobs = find_kind(reader, node, "knobs", MENU_NODE_GROUP);
	for (size_t i = 0; dialect && knobs && i < knobs->n; i++)
		read_knob(reader, &knobs->children[i], &op->dialect);
	if (dialect && smpp_dialect_check(&op->dialect))
		complain(reader, knobs ? knobs : node, "contradicting-knobs", "%s", smpp_dialect_check(&op->dialect));
	links = find_full_list(reader, node, "links", "an operator needs links");
	if (!links)
		return;
	op->links = talloc_zero_array(reader->ctx, struct gw_config_link, (unsigned int)links->n);
	op->n_links = links->n;
	for (size_t i = 0; i < links->n; i++)
		read_link(reader, &links->children[i], &op->links[i]);
}

/* Sessions know their operator by the number that is made of its name, and metrics a link by its name alone. */
static void check_unique(const struct reader *reader, const struct menu_node *list, const struct gw_config *config)
{
	for (size_t i = 0; i < config->n_operators; i++) {
		const char *name = config->operators[i].name;

		for (size_t j = 0; j < i; j++) {
			const char *before = config->operators[j].name;

			if (name && before && gw_route_id(name) == gw_route_id(before))
				complain(reader, &list->children[i], "duplicate-name", "there is an operator %s already%s", before,
					 strcmp(name, before) == 0 ? "" : ", and its number is the same: rename one of them");
		}
	}
}

static const struct gw_config_link *find_link(const struct gw_config *config, const char *name, const struct gw_config_link *before)
{
	for (size_t i = 0; i < config->n_operators; i++)
		for (size_t j = 0; j < config->operators[i].n_links; j++) {
			const struct gw_config_link *link = &config->operators[i].links[j];

			if (link == before)
				return NULL;
			if (link->name && strcmp(link->name, name) == 0)
				return link;
		}
	return NULL;
}

static void check_unique_links(const struct reader *reader, const struct menu_node *list, const struct gw_config *config)
{
	for (size_t i = 0; i < config->n_operators; i++)
		for (size_t j = 0; j < config->operators[i].n_links; j++) {
			const struct gw_config_link *link = &config->operators[i].links[j];
			const struct menu_node *node = &menu_node_find(&list->children[i], "links")->children[j];

			if (link->name && find_link(config, link->name, link))
				complain(reader, node, "duplicate-name", "there is a link %s already", link->name);
		}
}

static void read_operators(const struct reader *reader, const struct menu_node *root, struct gw_config *config)
{
	const struct menu_node *list = find_full_list(reader, root, "operators", "operators lists the mobile networks");

	if (!list)
		return;
	config->operators = talloc_zero_array(reader->ctx, struct gw_config_operator, (unsigned int)list->n);
	config->n_operators = list->n;
	for (size_t i = 0; i < list->n; i++)
		read_operator(reader, &list->children[i], &config->operators[i]);
	check_unique(reader, list, config);
	check_unique_links(reader, list, config);
}

struct gw_config *gw_config_read(void *ctx, const char *path, struct menu_diags *diags)
{
	struct gw_config *config = talloc_zero(ctx, struct gw_config);
	struct reader reader = { .ctx = config, .diags = diags };
	size_t before = menu_diags_count(diags);
	const struct menu_node *root = menu_source_read(config, path, diags);

	if (!root) {
		talloc_free(config);
		return NULL;
	}
	config->file = talloc_strdup(config, path);
	reader.folder = dirname(talloc_strdup(config, path));
	read_section(&reader, &sections[SECTION_TOP], root, root, config, "redis|menus|http|vty|log|limits|operators");
	read_redis(&reader, root, config);
	read_port(&reader, SECTION_HTTP, "http", root, config, &config->http.listen);
	read_port(&reader, SECTION_VTY, "vty", root, config, &config->vty.listen);
	read_plain_section(&reader, SECTION_LOG, "log", root, config);
	read_plain_section(&reader, SECTION_LIMITS, "limits", root, config);
	read_menus(&reader, root, config);
	read_operators(&reader, root, config);
	if (menu_diags_count(diags) != before) {
		talloc_free(config);
		return NULL;
	}
	return config;
}

static void help_option(FILE *to, const struct option *option)
{
	if (option->kind == NUMBER)
		fprintf(to, "  %-20s %lld..%lld (%lld)  %s\n", option->name, (long long)option->min, (long long)option->max,
			(long long)option->standard, option->text);
	else
		fprintf(to, "  %-20s %s (%s)  %s\n", option->name,
			option->choices ? option->choices : option->kind == FILE_PATH ? "path" : "text",
			option->required ? "required" : option->standard_text ? option->standard_text : "none", option->text);
}

static void help_knobs(FILE *to)
{
	const struct smpp_dialect_knob *knob;

	fprintf(to, "operators.().knobs\n");
	for (size_t i = 0; (knob = smpp_dialect_knob(i)); i++) {
		fprintf(to, "  %-24s ", knob->name);
		if (knob->kind == SMPP_KNOB_NUMBER)
			fprintf(to, "%lld..%lld%s%s", (long long)knob->min, (long long)knob->max, knob->word ? " or " : "",
				knob->word ? knob->word : "");
		else if (knob->kind == SMPP_KNOB_STRING)
			fprintf(to, "text of at most %lld", (long long)knob->max);
		else if (knob->kind == SMPP_KNOB_BOOL)
			fprintf(to, "true|false");
		for (size_t c = 0; knob->kind == SMPP_KNOB_CHOICE && knob->choices[c]; c++)
			fprintf(to, "%s%s", c ? "|" : "", knob->choices[c]);
		fprintf(to, "  %s\n", knob->text);
	}
}

void gw_config_help(FILE *to)
{
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		fprintf(to, "%s\n", sections[i].path[0] ? sections[i].path : "top level: lists menus ( ), operators ( ), and");
		for (size_t j = 0; j < sections[i].n; j++)
			help_option(to, &sections[i].options[j]);
	}
	help_knobs(to);
	fprintf(to, "dialects:");
	for (size_t i = 0; smpp_dialect_row(i); i++)
		fprintf(to, " %s", smpp_dialect_row(i)->name);
	fprintf(to, "\n");
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
