/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The section `http_ussd`: USSD over HTTP in the CON/END convention. One server; a path, a dialect and a door for each route. */
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/account_priv.h"
#include "gateway/config_table.h"

static const struct gw_option server_options[] = {
	SERVER_AT("the server that aggregators ask for pages", 8481),
	N(gw_config_api, body_octets, "body_octets", 1024, 65536, 8192, "a request's body above this is refused"),
	SERVER_BOUNDS(1024, 1024, 60, "secrets"),
};
static const struct gw_option route_options[] = {
	R(gw_config_http_route, name, "name", "the route, unique among these and the operators; in sessions, logs and metrics"),
	R(gw_config_http_route, path, "path", "where it is asked: \"/ussd/aggregator\""),
	S(gw_config_http_route, dialect_name, "dialect", "conend", "how it asks and wants its answers: a shipped dialect, refined by knobs"),
	F(gw_config_http_route, secret_file, "secret_file", "file whose first line is the secret that each request brings (at most 128 characters)"),
	S(gw_config_http_route, secret_header, "secret_header", "X-Ussd-Secret", "the header that it stands in, whole; not used with user"),
	S(gw_config_http_route, user, "user", "", "with it the secret is the password of HTTP Basic authentication"),
	S(gw_config_http_route, country, "country", "98", "calling code of numbers that begin with 0"),
	S(gw_config_http_route, service_code, "service_code", "", "what the network calls the menu's first code, if not so: \"*384*77#\""),
	N(gw_config_http_route, answer_ms, "answer_ms", 500, 120000, 8000, "the network waits so long for an answer (ms)"),
	N(gw_config_http_route, user_ms, "user_ms", 1000, 600000, 60000, "a citizen may think so long (ms)"),
	N(gw_config_http_route, session_ms, "session_ms", 1000, 3600000, 180000, "a whole dialog lasts at most so long (ms)"),
	N(gw_config_http_route, resume_ms, "resume_ms", 0, 86400000, 300000, "a cut dialog may be taken up again for so long (ms)"),
};
struct knobs {
	const char *request, *session, *number, *code, *typed, *text_is, *begins, *sequence, *answer, *message, *goes_on, *echo;
	unsigned int page_septets, page_ucs2_units;
};
#define K(field, key, help) { .name = key, .kind = GW_OPTION_STRING, .offset = AT(knobs, field), .text = help }
#define KC(field, key, all, help) { .name = key, .kind = GW_OPTION_STRING, .offset = AT(knobs, field), .choices = all, .text = help }
static const struct gw_option knob_options[] = {
	KC(request, "request", "form|query|json", "how a request is written: a form or a JSON object by POST, or the query of a GET"),
	K(session, "session_field", "name of the field with the session"),
	K(number, "number_field", "with the subscriber's number"),
	K(code, "code_field", "with the code that was dialled; \"\": there is none"),
	K(typed, "text_field", "with what was typed"),
	KC(text_is, "text_is", "all|last", "all: all that was typed so far, joined by '*'; last: what was typed last"),
	K(begins, "begins_field", "with whether it begins a session (true, 1, \"yes\"); \"\": there is none, and it is seen from what was typed"),
	K(sequence, "sequence_field", "with what tells a request of a session from the others, so that a copy is known as one; \"\": there is none"),
	KC(answer, "answer", "prefix|json", "how the answer is written: CON or END before the page, or a JSON object"),
	K(message, "message_field", "of such an object: the page"),
	K(goes_on, "continue_field", "and whether the dialog goes on, true or false"),
	KC(echo, "echo", "yes|no", "it holds session and number, too, as they came"),
	{ .name = "page_septets", .kind = GW_OPTION_NUMBER, .offset = AT(knobs, page_septets), .min = 20, .max = 1000,
	  .text = "what fits on one page in GSM 7-bit, with 0 for the dialect's" },
	{ .name = "page_ucs2_units", .kind = GW_OPTION_NUMBER, .offset = AT(knobs, page_ucs2_units), .min = 20, .max = 500,
	  .text = "and in any other alphabet" },
};
static const struct gw_section server_section = { "http_ussd", server_options, ARRAY_SIZE(server_options) };
static const struct gw_section route_section = { "http_ussd.routes.()", route_options, ARRAY_SIZE(route_options) };
static const struct gw_section knob_section = { "http_ussd.routes.().knobs", knob_options, ARRAY_SIZE(knob_options) };

/* ---- knobs ---- */

static void set_name(const struct gw_config_reader *reader, const struct menu_node *node, const char *given, bool needed, const char **name)
{
	if (!given)
		return;
	if ((needed && !given[0]) || strlen(given) > CONEND_NAME_MAX)
		gw_config_complain(reader, node, "out-of-bounds", "the name of a field has 1 to %d characters", CONEND_NAME_MAX);
	*name = given;
}

static void apply_knobs(const struct gw_config_reader *reader, const struct menu_node *node, const struct knobs *knobs, struct conend_dialect *to)
{
	if (knobs->request)
		to->form = strcmp(knobs->request, "query") == 0 ? CONEND_QUERY : strcmp(knobs->request, "json") == 0 ? CONEND_JSON : CONEND_FORM;
	if (knobs->answer)
		to->answer = strcmp(knobs->answer, "json") == 0 ? CONEND_OBJECT : CONEND_PREFIX;
	if (knobs->text_is)
		to->cumulative = strcmp(knobs->text_is, "all") == 0;
	if (knobs->echo)
		to->echo = strcmp(knobs->echo, "yes") == 0;
	set_name(reader, node, knobs->session, true, &to->session);
	set_name(reader, node, knobs->number, true, &to->number);
	set_name(reader, node, knobs->typed, true, &to->typed);
	set_name(reader, node, knobs->code, false, &to->code);
	set_name(reader, node, knobs->begins, false, &to->begins);
	set_name(reader, node, knobs->sequence, false, &to->sequence);
	set_name(reader, node, knobs->message, true, &to->message);
	set_name(reader, node, knobs->goes_on, true, &to->goes_on);
	to->page_septets = knobs->page_septets ? knobs->page_septets : to->page_septets;
	to->page_ucs2_units = knobs->page_ucs2_units ? knobs->page_ucs2_units : to->page_ucs2_units;
}

static void read_dialect(const struct gw_config_reader *reader, const struct menu_node *node, struct gw_config_http_route *route)
{
	const struct conend_dialect *dialect = conend_dialect_find(route->dialect_name);
	const struct menu_node *group = gw_config_find(reader, node, "knobs", MENU_NODE_GROUP);
	struct knobs knobs = { 0 };

	if (!dialect) {
		gw_config_complain(reader, menu_node_find(node, "dialect"), "unknown-dialect", "%s is not a shipped dialect (see --help-config)",
				   route->dialect_name);
		return;
	}
	route->dialect = *dialect;
	gw_config_section(reader, &knob_section, group, node, &knobs, "");
	apply_knobs(reader, group ? group : node, &knobs, &route->dialect);
}

/* ---- routes ---- */

static void read_addresses(const struct gw_config_reader *reader, const struct menu_node *node, struct gw_config_http_route *route)
{
	const struct menu_node *list = gw_config_find(reader, node, "addresses", MENU_NODE_LIST);

	if (!list || !list->n)
		return;
	route->addresses = talloc_zero_array(reader->ctx, const char *, (unsigned int)list->n);
	for (size_t i = 0; i < list->n; i++) {
		const char *address = list->children[i].kind == MENU_NODE_STRING ? list->children[i].string : "";

		if (!account_address_is_good(address))
			gw_config_complain(reader, &list->children[i], "not-an-address", "an address is like 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32, "
					   "with no bits behind the network's");
		route->addresses[route->n_addresses++] = talloc_strdup(reader->ctx, address);
	}
}

static bool is_path(const char *path)
{
	for (const char *at = path; *at; at++)
		if (*at <= ' ' || *at > '~' || strchr("{}%?#", *at))
			return false;
	return path[0] == '/' && strlen(path) <= 128;
}

static void check_route(const struct gw_config_reader *reader, const struct menu_node *node, struct gw_config_http_route *route)
{
	char code[CONEND_CODE_MAX + 3];

	if (!route->secret_file && !route->n_addresses)
		gw_config_complain(reader, node, "missing-key", "a route needs secret_file or addresses: whoever may ask speaks for every number");
	if (route->user[0] && !route->secret_file)
		gw_config_complain(reader, menu_node_find(node, "user"), "missing-key", "user goes together with secret_file");
	gw_config_length(reader, node, "user", route->user, 64);
	if (strchr(route->user, ':'))
		gw_config_complain(reader, menu_node_find(node, "user"), "out-of-bounds", "a user's name has no colon");
	if (route->path && !is_path(route->path))
		gw_config_complain(reader, menu_node_find(node, "path"), "not-a-path", "a path begins with '/' and has at most 128 plain characters");
	if (!route->country[0] || strlen(route->country) > 3 || route->country[strspn(route->country, "0123456789")])
		gw_config_complain(reader, menu_node_find(node, "country"), "out-of-bounds", "country is 1 to 3 digits");
	conend_code(route->service_code, code);
	if (route->service_code[0] && !code[0])
		gw_config_complain(reader, menu_node_find(node, "service_code"), "not-a-code", "service_code is like *384*77#");
	route->service_code = talloc_strdup(reader->ctx, code);
}

static void read_route(const struct gw_config_reader *reader, const struct menu_node *node, struct gw_config_http_route *route)
{
	if (node->kind != MENU_NODE_GROUP) {
		gw_config_complain(reader, node, "wrong-type", "a route is a group { }");
		return;
	}
	gw_config_section(reader, &route_section, node, node, route, "knobs|addresses");
	read_dialect(reader, node, route);
	read_addresses(reader, node, route);
	check_route(reader, node, route);
}

/* Sessions know their route by the number that is made of its name, an operator or not. */
static void check_unique(const struct gw_config_reader *reader, const struct menu_node *list, const struct gw_config *config)
{
	const struct gw_config_http_ussd *ussd = &config->http_ussd;

	for (size_t i = 0; i < ussd->n_routes; i++) {
		const char *name = ussd->routes[i].name, *path = ussd->routes[i].path;

		for (size_t j = 0; name && j < config->n_operators; j++)
			if (config->operators[j].name && gw_route_id(name) == gw_route_id(config->operators[j].name))
				gw_config_complain(reader, &list->children[i], "duplicate-name", "there is an operator %s already", config->operators[j].name);
		for (size_t j = 0; j < i; j++) {
			if (name && ussd->routes[j].name && gw_route_id(name) == gw_route_id(ussd->routes[j].name))
				gw_config_complain(reader, &list->children[i], "duplicate-name", "there is a route %s already", ussd->routes[j].name);
			if (path && ussd->routes[j].path && strcmp(path, ussd->routes[j].path) == 0)
				gw_config_complain(reader, &list->children[i], "duplicate-name", "there is a route at %s already", path);
		}
	}
}

/* ---- the section ---- */

void gw_config_http_ussd(const struct gw_config_reader *reader, const struct menu_node *root, struct gw_config *config)
{
	struct gw_config_http_ussd *ussd = &config->http_ussd;
	const struct menu_node *group = gw_config_find(reader, root, "http_ussd", MENU_NODE_GROUP), *list;

	if (!group)
		return;
	gw_config_section(reader, &server_section, group, root, &ussd->server, "routes");
	gw_config_numeric(reader, group, "listen", ussd->server.listen);
	gw_config_server(reader, group, &ussd->server);
	ussd->server.deadline_ms = 120000; /* each route has its own */
	list = gw_config_full_list(reader, group, "routes", "http_ussd needs routes");
	if (!list)
		return;
	ussd->routes = talloc_zero_array(reader->ctx, struct gw_config_http_route, (unsigned int)list->n);
	ussd->n_routes = list->n;
	for (size_t i = 0; i < list->n; i++)
		read_route(reader, &list->children[i], &ussd->routes[i]);
	check_unique(reader, list, config);
}

void gw_config_http_ussd_help(FILE *to)
{
	gw_config_section_help(to, &server_section);
	gw_config_section_help(to, &route_section);
	fprintf(to, "  %-20s list of texts (none)  where its requests may come from: ( \"192.0.2.0/24\", \"2001:db8::7\" ); none: from anywhere\n", "addresses");
	gw_config_section_help(to, &knob_section);
	fprintf(to, "dialects of USSD over HTTP:\n");
	for (size_t i = 0; conend_dialect_row(i); i++)
		fprintf(to, "  %-20s %s\n", conend_dialect_row(i)->name, conend_dialect_row(i)->text);
}
