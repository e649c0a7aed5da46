/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The section http_ussd: its standard values, its knobs, and every mistake with its rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/config.h"

static void *ctx;
static struct menu_diags *diags;

#define OPERATORS "operators = ( { name = \"mci\"; dialect = \"its\"; links = ( { name = \"one\"; host = \"h\"; system_id = \"d\"; } ); } );\n"

static struct gw_config *read_file(const char *operators, const char *section)
{
	char path[] = "/tmp/dolat-conend-XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
	struct gw_config *config;

	assert_non_null(file);
	fprintf(file, "menus = ( \"menu\" );\nredis = { sessions = { path = \"redis.sock\"; }; };\n%s%s", operators, section);
	fclose(file);
	talloc_free(ctx);
	ctx = talloc_named_const(NULL, 0, "test");
	diags = menu_diags_alloc(ctx);
	config = gw_config_read(ctx, path, diags);
	remove(path);
	return config;
}

static struct gw_config *read_section(const char *section)
{
	return read_file(OPERATORS, section);
}

static struct gw_config *read_route(const char *route)
{
	char text[1024];

	snprintf(text, sizeof(text), "http_ussd = { routes = ( { %s } ); };", route);
	return read_section(text);
}
#define DOOR "name = \"a\"; path = \"/a\"; addresses = ( \"127.0.0.1\" ); "

/* Aggregators only: then, and only then, operators may be left out. */
static void operators_are_left_out(void **state)
{
	const struct gw_config *config = read_file("", "http_ussd = { routes = ( { " DOOR "} ); };");

	(void)state;
	assert_non_null(config);
	assert_int_equal(config->n_operators, 0);
	assert_int_equal(config->http_ussd.n_routes, 1);
	assert_null(read_file("", ""));
	assert_non_null(strstr(menu_diags_at(diags, 0)->text, "left out only where http_ussd is there"));
	assert_null(read_file("operators = ( );\n", "http_ussd = { routes = ( { " DOOR "} ); };"));
}

static void what_stands_there(void **state)
{
	const struct gw_config *config = read_section("");
	const struct gw_config_http_route *route;

	(void)state;
	assert_non_null(config);
	assert_int_equal(config->http_ussd.n_routes, 0);
	config = read_route(DOOR);
	assert_non_null(config);
	assert_int_equal(config->http_ussd.n_routes, 1);
	assert_int_equal(config->http_ussd.server.port, 8481);
	route = &config->http_ussd.routes[0];
	assert_string_equal(route->dialect.name, "conend");
	assert_true(route->dialect.cumulative);
	assert_int_equal(route->answer_ms, 8000);
	assert_string_equal(route->service_code, "");
	config = read_route(DOOR "service_code = \"384*77#\"; dialect = \"turns\"; knobs = { request = \"query\"; session_field = \"s\"; number_field = \"n\"; "
			    "code_field = \"c\"; text_field = \"t\"; text_is = \"all\"; begins_field = \"\"; sequence_field = \"q\"; answer = \"prefix\"; "
			    "message_field = \"m\"; continue_field = \"g\"; echo = \"no\"; page_septets = 160; page_ucs2_units = 70; };");
	assert_non_null(config);
	route = &config->http_ussd.routes[0];
	assert_string_equal(route->service_code, "*384*77");
	assert_int_equal(route->dialect.form, CONEND_QUERY);
	assert_int_equal(route->dialect.answer, CONEND_PREFIX);
	assert_true(route->dialect.cumulative && !route->dialect.echo);
	assert_string_equal(route->dialect.session, "s");
	assert_string_equal(route->dialect.begins, "");
	assert_string_equal(route->dialect.sequence, "q");
	assert_string_equal(route->dialect.goes_on, "g");
	assert_int_equal(route->dialect.page_septets, 160);
	assert_int_equal(route->dialect.page_ucs2_units, 70);
}

static void mistakes(void **state)
{
	static const struct { const char *section, *rule; } rows[] = {
		{ "http_ussd = { };", "missing-key" },
		{ "http_ussd = { routes = ( ); };", "missing-key" },
		{ "http_ussd = { routes = ( 1 ); };", "wrong-type" },
		{ "http_ussd = { listen = \"0.0.0.0\"; routes = ( { " DOOR " } ); };", "missing-key" },
		{ "http_ussd = { listen = \"here\"; plain = true; routes = ( { " DOOR " } ); };", "not-an-address" },
		{ "http_ussd = { cert_file = \"c\"; routes = ( { " DOOR " } ); };", "missing-key" },
		{ "http_ussd = { routes = ( { name = \"a\"; path = \"/a\"; } ); };", "missing-key" },
		{ "http_ussd = { routes = ( { name = \"mci\"; path = \"/a\"; addresses = ( \"::1\" ); } ); };", "duplicate-name" },
		{ "http_ussd = { routes = ( { " DOOR " }, { " DOOR " } ); };", "duplicate-name" },
	};
	static const struct { const char *route, *rule; } routes[] = {
		{ DOOR "dialect = \"none\";", "unknown-dialect" },
		{ DOOR "knobs = { text_is = \"some\"; };", "unknown-choice" },
		{ DOOR "knobs = { session_field = \"\"; };", "out-of-bounds" },
		{ DOOR "knobs = { page_septets = 10; };", "out-of-bounds" },
		{ DOOR "knobs = { more = 1; };", "unknown-key" },
		{ DOOR "service_code = \"four\";", "not-a-code" },
		{ DOOR "country = \"+98\";", "out-of-bounds" },
		{ DOOR "user = \"u\";", "missing-key" },
		{ DOOR "user = \"u:v\"; secret_file = \"s\";", "out-of-bounds" },
		{ "name = \"a\"; path = \"a\"; addresses = ( \"::1\" );", "not-a-path" },
		{ "name = \"a\"; path = \"/{a}\"; addresses = ( \"::1\" );", "not-a-path" },
		{ "name = \"a\"; path = \"/a\"; addresses = ( \"127.0.0.1/8\" );", "not-an-address" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_null(read_section(rows[i].section));
		assert_string_equal(menu_diags_at(diags, 0)->rule, rows[i].rule);
	}
	for (size_t i = 0; i < ARRAY_SIZE(routes); i++) {
		assert_null(read_route(routes[i].route));
		assert_string_equal(menu_diags_at(diags, 0)->rule, routes[i].rule);
	}
}

static int finish(void **state)
{
	(void)state;
	talloc_free(ctx);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(what_stands_there), cmocka_unit_test(operators_are_left_out), cmocka_unit_test(mistakes) };

	return cmocka_run_group_tests(tests, NULL, finish);
}
