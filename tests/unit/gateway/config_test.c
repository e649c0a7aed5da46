/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The configuration: what a good file gives, what is told of a bad one, and secrets in files. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/bearer.h"
#include "gateway/config.h"

static char folder[64], path[96];
static void *ctx;
static struct menu_diags *diags;

static int begin(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/dolat-config-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/gateway.cfg", folder);
	ctx = talloc_named_const(NULL, 0, "test");
	return 0;
}

static int end(void **state)
{
	(void)state;
	unlink(path);
	rmdir(folder);
	talloc_free(ctx);
	return 0;
}

static void write_file(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static struct gw_config *read_text(const char *text)
{
	write_file(text);
	talloc_free(diags);
	diags = menu_diags_alloc(ctx);
	return gw_config_read(ctx, path, diags);
}

#define REDIS "redis = { sessions = { path = \"redis.sock\"; }; };\n"
#define LEDGER "redis = { sessions = { path = \"redis.sock\"; }; ledger = { path = \"ledger.sock\"; }; };\n"
#define MENUS "menus = ( \"menu\", \"/etc/more\" );\n"
#define LINK(name) "{ name = \"" name "\"; host = \"smsc.example\"; system_id = \"dolat\"; }"
#define OPERATOR(name, link) "{ name = \"" name "\"; dialect = \"its\"; links = ( " LINK(link) " ); }"
#define WITH(options) MENUS REDIS "operators = ( { name = \"a\"; dialect = \"its\"; " options " links = ( " LINK("a") " ); } );\n"
#define OPERATORS "operators = ( " OPERATOR("mci", "mci-1") " );\n"

/* TLS, or somebody said that it shall have none, or nobody can reach it from elsewhere. */
static void where_the_api_may_listen(void **state)
{
	static const char *const good[] = { "", "listen = \"127.0.0.2\";", "listen = \"::1\";", "listen = \"0.0.0.0\"; plain = true;",
					    "listen = \"0.0.0.0\"; cert_file = \"a\"; key_file = \"b\";" };
	const struct gw_config *config;
	char text[1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		snprintf(text, sizeof(text), MENUS LEDGER OPERATORS "api = { %s };\n", good[i]);
		config = read_text(text);
		assert_non_null(config);
		assert_true(config->has_api);
		assert_int_equal(config->api.port, 8480);
	}
	assert_string_equal(strrchr(config->api.cert_file, '/'), "/a"); /* relative to the file */
	assert_false(read_text(MENUS LEDGER OPERATORS)->has_api);
}

static void the_least_has_standard_values(void **state)
{
	struct gw_config *config = read_text(MENUS REDIS OPERATORS);
	char expected[128];

	(void)state;
	assert_non_null(config);
	assert_int_equal(menu_diags_count(diags), 0);
	assert_string_equal(config->file, path);
	assert_int_equal(config->n_menus, 2);
	snprintf(expected, sizeof(expected), "%s/menu", folder);
	assert_string_equal(config->menus[0], expected);
	assert_string_equal(config->menus[1], "/etc/more");
	snprintf(expected, sizeof(expected), "%s/redis.sock", folder);
	assert_string_equal(config->sessions.path, expected);
	assert_null(config->sessions.host);
	assert_null(config->sessions.password_file);
	assert_int_equal(config->sessions.deadline_ms, 1000);
	assert_string_equal(config->http.listen, "127.0.0.1");
	assert_int_equal(config->http.port, 9404);
	assert_int_equal(config->vty.port, 4260);
	assert_string_equal(config->log.target, "stderr");
	assert_string_equal(config->log.level, "notice");
	assert_int_equal(config->drain_ms, 10000);
	assert_int_equal(config->limits.dials_per_minute, 20);
	assert_string_equal(config->identity.agency, "identity");
	assert_int_equal(config->identity.ids_per_hour, 3);
	assert_int_equal(config->identity.ids_per_day, 6);
	assert_int_equal(config->identity.pin_memory_kib, 65536);
	assert_int_equal(config->identity.rest_hours, 24);
	assert_int_equal(config->n_operators, 1);
	assert_string_equal(config->operators[0].name, "mci");
	assert_string_equal(config->operators[0].dialect.name, "its");
	assert_string_equal(config->operators[0].sms_sender, "4040");
	assert_int_equal(config->operators[0].n_links, 1);
	assert_string_equal(config->operators[0].links[0].bind, "transceiver");
	assert_int_equal(config->operators[0].links[0].port, 2775);
	assert_int_equal(config->operators[0].links[0].interface_version, 0x34);
	talloc_free(config);
}

static void what_is_given_is_taken(void **state)
{
	struct gw_config *config = read_text(
		MENUS "redis = { sessions = { host = \"::1\"; port = 7000; user = \"u\"; password_file = \"/p\"; database = 3; cache_sessions = 0; }; };\n"
		"http = { listen = \"\"; port = 0; }; vty = { listen = \"::1\"; port = 1; }; log = { target = \"journal\"; level = \"debug\"; };\n"
		"limits = { dialogs_in_flight = 7; busy_at = 6; dials_per_minute = 0; agency_calls = 5; late_calls = 0; }; drain_ms = 0;\n"
		"operators = ( { name = \"a\"; dialect = \"its\"; answer_ms = 500; sms_sender_ton = 255; long_sms = \"sar\"; links = ( " LINK("a") ", { name = \"b\"; "
		"host = \"h\"; system_id = \"s\"; password_file = \"secret\"; port = 65535; bind = \"receiver\"; window = 1024; } ); }, " OPERATOR("b", "c") " );\n");
	char expected[128];

	(void)state;
	assert_non_null(config);
	assert_string_equal(config->sessions.host, "::1");
	assert_int_equal(config->sessions.port, 7000);
	assert_string_equal(config->sessions.user, "u");
	assert_string_equal(config->sessions.password_file, "/p");
	assert_int_equal(config->sessions.database, 3);
	assert_int_equal(config->sessions.cache_sessions, 0);
	assert_string_equal(config->http.listen, "");
	assert_int_equal(config->http.port, 0);
	assert_string_equal(config->log.target, "journal");
	assert_int_equal(config->limits.dialogs_in_flight, 7);
	assert_int_equal(config->limits.late_calls, 0);
	assert_int_equal(config->drain_ms, 0);
	assert_int_equal(config->n_operators, 2);
	assert_int_equal(config->operators[0].answer_ms, 500);
	assert_int_equal(config->operators[0].sms_sender_ton, 255);
	assert_int_equal(config->operators[0].long_sms, SMPP_CONCAT_SAR);
	assert_int_equal(config->operators[1].long_sms, SMPP_CONCAT_UDH8);
	assert_int_equal(config->operators[0].n_links, 2);
	assert_string_equal(config->operators[0].links[1].bind, "receiver");
	assert_int_equal(config->operators[0].links[1].window, 1024);
	snprintf(expected, sizeof(expected), "%s/secret", folder);
	assert_string_equal(config->operators[0].links[1].password_file, expected);
	talloc_free(config);
}

static void how_an_operator_takes_text_messages(void **state)
{
	struct gw_config *config = read_text(WITH(""));
	const struct gw_config_operator *op = &config->operators[0];

	(void)state;
	assert_true(op->receipts && op->user_message_reference && !op->is_default);
	assert_int_equal(op->flash, SMPP_SMS_FLASH_CLASS);
	assert_int_equal(op->response_id_base, SMPP_ID_TEXT);
	assert_int_equal(op->sms_queue_parts, 256);
	assert_int_equal(op->n_prefixes, 0);
	assert_int_equal(smpp_retries_find(&op->retries, 0x08)->pause_ms, 30000);
	talloc_free(config);
	config = read_text(WITH("receipts = false; user_message_reference = false; default = true; flash = \"subunit\"; response_id_base = \"hex\"; "
				"receipt_id_base = \"decimal\"; sms_queue_parts = 16; prefixes = ( \"98910\", \"98911\" ); sms_sender = \"DOLAT\"; "
				"retries = ( { status = \"ESME_RSYSERR\"; times = 7; pause_ms = 1; }, { status = \"0x400\"; times = 2; rest_ms = 5; } );"));
	assert_non_null(config);
	op = &config->operators[0];
	assert_true(!op->receipts && !op->user_message_reference && op->is_default);
	assert_int_equal(op->flash, SMPP_SMS_FLASH_SUBUNIT);
	assert_int_equal(op->response_id_base, SMPP_ID_HEX);
	assert_int_equal(op->receipt_id_base, SMPP_ID_DECIMAL);
	assert_int_equal(op->sms_queue_parts, 16);
	assert_int_equal(op->n_prefixes, 2);
	assert_string_equal(op->prefixes[1], "98911");
	assert_int_equal(smpp_retries_find(&op->retries, 0x08)->times, 7);
	assert_int_equal(smpp_retries_find(&op->retries, 0x400)->pause_ms, 30000);
	assert_int_equal(smpp_retries_find(&op->retries, 0x400)->rest_ms, 5);
	assert_int_equal(smpp_retries_find(&op->retries, 0x58)->times, 20);
	talloc_free(config);
}

static void a_knob_refines_its_operator_only(void **state)
{
	static const char both[] = MENUS REDIS "operators = ( { name = \"a\"; dialect = \"its\"; knobs = { data_coding_ucs2 = 24; }; links = ( " LINK("a")
					       " ); }, " OPERATOR("b", "b") " );\n";
	static const char wrong[] = MENUS REDIS "operators = ( { name = \"a\"; dialect = \"its\"; knobs = { data_coding_ucs2 = 256; }; links = ( "
						LINK("a") " ); } );\n";
	struct gw_config *config = read_text(both);

	(void)state;
	assert_non_null(config);
	assert_memory_not_equal(&config->operators[0].dialect, &config->operators[1].dialect, sizeof(struct smpp_dialect));
	assert_memory_equal(&config->operators[1].dialect, smpp_dialect_find("its"), sizeof(struct smpp_dialect));
	talloc_free(config);
	assert_null(read_text(wrong));
	assert_int_equal(menu_diags_count(diags), 1);
	assert_string_equal(menu_diags_at(diags, 0)->rule, "out-of-bounds");
}

/* Each file has one mistake, in this line, of this rule. */
static void every_mistake_has_its_line(void **state)
{
	static const struct { const char *text, *rule; unsigned int line; } bad[] = {
		{ "menus = (", "syntax", 1 },
		{ REDIS OPERATORS, "missing-key", 0 },
		{ "menus = ( );\n" REDIS OPERATORS, "missing-key", 1 },
		{ "menus = \"menu\";\n" REDIS OPERATORS, "wrong-type", 1 },
		{ "menus = ( 1 );\n" REDIS OPERATORS, "wrong-type", 1 },
		{ MENUS OPERATORS, "missing-key", 0 },
		{ MENUS REDIS, "missing-key", 0 },
		{ MENUS REDIS "operators = ( );\n", "missing-key", 3 },
		{ MENUS REDIS OPERATORS "http = {\nporl = 1; };\n", "unknown-key", 5 },
		{ MENUS REDIS OPERATORS "htpp = { };\n", "unknown-key", 4 },
		{ MENUS REDIS OPERATORS "http = ( );\n", "wrong-type", 4 },
		{ MENUS REDIS OPERATORS "http = { port = \"80\"; };\n", "wrong-type", 4 },
		{ MENUS REDIS OPERATORS "http = { port = 65536; };\n", "out-of-bounds", 4 },
		{ MENUS REDIS OPERATORS "http = { port = -1; };\n", "out-of-bounds", 4 },
		{ MENUS REDIS OPERATORS "http = { port = 4294967297L; };\n", "out-of-bounds", 4 },
		{ MENUS REDIS OPERATORS "http = { port = 1.5; };\n", "wrong-type", 4 },
		{ MENUS REDIS OPERATORS "http = { listen = 1; };\n", "wrong-type", 4 },
		{ MENUS REDIS OPERATORS "http = { listen = \"localhost\"; };\n", "not-an-address", 4 },
		{ MENUS REDIS OPERATORS "vty = { listen = \"0\"; };\n", "not-an-address", 4 },
		{ MENUS REDIS OPERATORS "log = { level = \"loud\"; };\n", "unknown-choice", 4 },
		{ MENUS REDIS OPERATORS "log = { level = \"debug|info\"; };\n", "unknown-choice", 4 },
		{ MENUS REDIS OPERATORS "log = { level = \"\"; };\n", "unknown-choice", 4 },
		{ MENUS REDIS OPERATORS "drain_ms = true;\n", "wrong-type", 4 },
		{ MENUS OPERATORS "redis = { sessions = { }; };\n", "missing-key", 3 },
		{ MENUS OPERATORS "redis = { };\n", "missing-key", 0 },
		{ MENUS OPERATORS "redis = 1;\n", "wrong-type", 3 },
		{ MENUS OPERATORS "redis = { sessions = ( ); };\n", "wrong-type", 3 },
		{ MENUS OPERATORS "redis = { sessions = { path = 1; }; };\n", "wrong-type", 3 },
		{ MENUS OPERATORS "redis = { sessions = { path = \"a\";\nhost = \"::1\"; }; };\n", "too-many-keys", 3 },
		{ MENUS OPERATORS "redis = { sessions = { host = \"redis.example\"; }; };\n", "not-an-address", 3 },
		{ MENUS OPERATORS "redis = { sessions = { path = \"a\"; }; ledger = { }; };\n", "missing-key", 3 },
		{ MENUS OPERATORS "redis = { sessions = { path = \"a\"; }; ledger = 1; };\n", "wrong-type", 3 },
		{ MENUS OPERATORS "redis = { sessions = { path = \"a\"; }; ledger = { path = \"b\"; cache_sessions = 1; }; };\n", "unknown-key", 3 },
		{ MENUS REDIS OPERATORS "api = { };\n", "missing-key", 4 },
		{ MENUS REDIS OPERATORS "api = ( );\n", "wrong-type", 4 },
		{ MENUS LEDGER OPERATORS "api = { port = 70000; };\n", "out-of-bounds", 4 },
		{ MENUS LEDGER OPERATORS "api = { colour = 1; };\n", "unknown-key", 4 },
		{ MENUS LEDGER OPERATORS "api = { listen = \"\"; };\n", "not-an-address", 4 },
		{ MENUS LEDGER OPERATORS "api = { listen = \"localhost\"; };\n", "not-an-address", 4 },
		{ MENUS LEDGER OPERATORS "api = { listen = \"0.0.0.0\"; };\n", "missing-key", 4 },
		{ MENUS LEDGER OPERATORS "api = { listen = \"::\"; plain = false; };\n", "missing-key", 4 },
		{ MENUS LEDGER OPERATORS "api = { cert_file = \"a\"; };\n", "missing-key", 4 },
		{ MENUS LEDGER OPERATORS "api = { key_file = \"a\"; listen = \"::1\"; };\n", "missing-key", 4 },
		{ MENUS OPERATORS "redis = { sessions = { path = \"a\"; }; other = { }; };\n", "unknown-key", 3 },
		{ MENUS REDIS OPERATORS "notices = { quiet_from = \"24:00\"; };\n", "bad-time", 4 },
		{ MENUS REDIS OPERATORS "notices = { quiet_to = \"8\"; };\n", "bad-time", 4 },
		{ MENUS REDIS OPERATORS "notices = { time_zone = \"Tehran\"; };\n", "bad-zone", 4 },
		{ MENUS REDIS OPERATORS "notices = { time_zone = \"+15:00\"; };\n", "bad-zone", 4 },
		{ MENUS REDIS OPERATORS "notices = { keep_days = 0; };\n", "out-of-bounds", 4 },
		{ MENUS REDIS OPERATORS "identity = { ids_per_hour = 7; };\n", "out-of-bounds", 4 },
		{ MENUS REDIS OPERATORS "identity = { codes_per_hour = 11; };\n", "out-of-bounds", 4 },
		{ MENUS REDIS OPERATORS "identity = { pin_passes = 100; pin_memory_kib = 1048576; };\n", "out-of-bounds", 4 },
		{ MENUS REDIS OPERATORS "identity = { lock_s = 7200; lock_max_s = 3600; };\n", "out-of-bounds", 4 },
		{ MENUS REDIS OPERATORS "identity = { pin_memory_kib = 512; };\n", "out-of-bounds", 4 },
		{ MENUS REDIS OPERATORS "identity = { pin = \"1234\"; };\n", "unknown-key", 4 },
		{ MENUS OPERATORS "redis = { sessions = { path = \"a\"; retry_min_ms = 3000; }; };\n", "out-of-bounds", 3 },
		{ MENUS REDIS "operators = (\n" OPERATOR("a", "1") ",\n" OPERATOR("a", "2") " );\n", "duplicate-name", 5 },
		{ MENUS REDIS "operators = (\n" OPERATOR("a", "1") ",\n" OPERATOR("b", "1") " );\n", "duplicate-name", 5 },
		{ MENUS REDIS "operators = ( 1 );\n", "wrong-type", 3 },
		{ MENUS REDIS "operators = ( { dialect = \"its\"; links = ( " LINK("a") " ); } );\n", "missing-key", 3 },
		{ MENUS REDIS "operators = ( { name = \"\"; dialect = \"its\"; links = ( " LINK("a") " ); } );\n", "missing-key", 3 },
		{ MENUS REDIS "operators = ( { name = \"a\"; dialect = \"morse\"; links = ( " LINK("a") " ); } );\n", "unknown-dialect", 3 },
		{ MENUS REDIS "operators = ( { name = \"a\"; dialect = \"its\"; } );\n", "missing-key", 3 },
		{ MENUS REDIS "operators = ( { name = \"a\"; dialect = \"its\"; links = ( 1 ); } );\n", "wrong-type", 3 },
		{ MENUS REDIS "operators = ( { name = \"a\"; dialect = \"its\"; links = ( { name = \"b\"; host = \"c\"; } ); } );\n", "missing-key", 3 },
		{ MENUS REDIS "operators = ( { name = \"a\"; dialect = \"its\"; knobs = { nob = 1; }; links = ( " LINK("a") " ); } );\n", "unknown-knob", 3 },
		{ MENUS REDIS "operators = ( { name = \"a\"; dialect = \"its\"; long_sms = \"udh\"; links = ( " LINK("a") " ); } );\n", "unknown-choice", 3 },
		{ MENUS REDIS "operators = ( { name = \"a\"; dialect = \"its\"; sms_sender = \"123456789012345678901\"; links = ( " LINK("a") " ); } );\n", "not-an-address", 3 },
		{ WITH("sms_sender = \"twelve chars\";"), "not-an-address", 3 },
		{ WITH("push_source = \"123456789012345678901\";"), "too-long", 3 },
		{ WITH("receipts = 1;"), "wrong-type", 3 },
		{ WITH("flash = \"red\";"), "unknown-choice", 3 },
		{ WITH("response_id_base = \"octal\";"), "unknown-choice", 3 },
		{ WITH("sms_queue_parts = 0;"), "out-of-bounds", 3 },
		{ WITH("prefixes = \"98910\";"), "wrong-type", 3 },
		{ WITH("prefixes = ( \"0910\" );"), "not-a-prefix", 3 },
		{ WITH("prefixes = ( \"+98910\" );"), "not-a-prefix", 3 },
		{ WITH("prefixes = ( \"\" );"), "not-a-prefix", 3 },
		{ WITH("prefixes = ( 98910 );"), "not-a-prefix", 3 },
		{ WITH("retries = { };"), "wrong-type", 3 },
		{ WITH("retries = ( 1 );"), "wrong-type", 3 },
		{ WITH("retries = ( { times = 1; } );"), "missing-key", 3 },
		{ WITH("retries = ( { status = \"ESME_ROK\"; } );"), "unknown-status", 3 },
		{ WITH("retries = ( { status = \"ESME_\"; } );"), "unknown-status", 3 },
		{ WITH("retries = ( { status = \"8\"; time = 1; } );"), "unknown-key", 3 },
		{ WITH("retries = ( { status = \"8\"; times = 1001; } );"), "out-of-bounds", 3 },
		{ MENUS REDIS "operators = ( { name = \"a\"; dialect = \"its\"; prefixes = ( \"98910\" ); links = ( " LINK("a") " ); },\n"
		  "{ name = \"b\"; dialect = \"its\"; prefixes = ( \"98911\", \"98910\" ); links = ( " LINK("b") " ); } );\n", "duplicate-name", 4 },
		{ MENUS REDIS "operators = ( { name = \"a\"; dialect = \"its\"; default = true; links = ( " LINK("a") " ); },\n"
		  "{ name = \"b\"; dialect = \"its\"; default = true; links = ( " LINK("b") " ); } );\n", "duplicate-name", 4 },
		{ MENUS REDIS "operators = ( { name = \"a\"; dialect = \"its\"; links = ( { name = \"b\"; host = \"c\";\nsystem_id = \"1234567890123456\"; } ); } );\n",
		  "too-long", 3 },
		{ MENUS REDIS "operators = ( { name = \"a\"; dialect = \"its\"; links = ( { name = \"b\"; host = \"c\"; system_id = \"d\"; retry_min_ms = 600000; } ); } );\n",
		  "out-of-bounds", 3 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const struct menu_diag *diag;

		if (read_text(bad[i].text))
			fail_msg("was taken: %s", bad[i].text);
		diag = menu_diags_at(diags, 0);
		if (menu_diags_count(diags) != 1 || strcmp(diag->rule, bad[i].rule) != 0 || (bad[i].line && diag->line != bad[i].line)) {
			menu_diags_print(diags, stdout);
			fail_msg("%s was expected in line %u of: %s", bad[i].rule, bad[i].line, bad[i].text);
		}
		assert_string_equal(diag->file, path);
	}
}

static void all_mistakes_at_once(void **state)
{
	(void)state;
	assert_null(read_text("http = { port = 70000; };\nvty = { prot = 1; };\nmenus = ( 3 );\n" REDIS
			      "operators = ( { name = \"a\"; dialect = \"x\"; links = ( { name = \"b\"; } ); } );\n"));
	assert_int_equal(menu_diags_count(diags), 6);
}

static void a_file_that_is_not_there(void **state)
{
	(void)state;
	unlink(path);
	talloc_free(diags);
	diags = menu_diags_alloc(ctx);
	assert_null(gw_config_read(ctx, path, diags));
	assert_int_equal(menu_diags_count(diags), 1);
	assert_string_equal(menu_diags_at(diags, 0)->rule, "read");
}

/* Two operators whose names give one number would find one another's sessions. */
static void operators_with_one_number(void **state)
{
	static unsigned int seen[65536];
	char text[1024], one[16], two[16] = "";

	(void)state;
	for (unsigned int i = 1; !two[0]; i++) {
		uint16_t id;

		snprintf(one, sizeof(one), "op%u", i);
		id = gw_route_id(one);
		if (seen[id])
			snprintf(two, sizeof(two), "op%u", seen[id]);
		seen[id] = i;
	}
	snprintf(text, sizeof(text), MENUS REDIS "operators = ( { name = \"%s\"; dialect = \"its\"; links = ( " LINK("a") " ); },\n"
		 "{ name = \"%s\"; dialect = \"its\"; links = ( " LINK("b") " ); } );\n", one, two);
	assert_null(read_text(text));
	assert_int_equal(menu_diags_count(diags), 1);
	assert_string_equal(menu_diags_at(diags, 0)->rule, "duplicate-name");
	assert_non_null(strstr(menu_diags_at(diags, 0)->text, "rename one of them"));
}

static void the_help_names_every_option(void **state)
{
	static const char *const names[] = { "redis.sessions", "deadline_ms", "http", "drain_ms", "operators.()", "answer_ms", "operators.().links.()", "prefixes", "operators.().retries.()", "ESME_RTHROTTLED      times 20",
					     "password_file", "debug|info|notice|error", "dials_per_minute", "0..100000 (20)", "dialects:", " its" };
	char *text;
	size_t octets;
	FILE *to = open_memstream(&text, &octets);

	(void)state;
	gw_config_help(to);
	fclose(to);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_non_null(strstr(text, names[i]));
	for (size_t i = 0; smpp_dialect_knob(i); i++)
		assert_non_null(strstr(text, smpp_dialect_knob(i)->name));
	for (size_t i = 0; smpp_dialect_row(i); i++)
		assert_non_null(strstr(text, smpp_dialect_row(i)->name));
	free(text);
}

static void secrets(void **state)
{
	static const struct { const char *text, *secret; int rc; } files[] = {
		{ "secret\n", "secret", 0 },   { "secret", "secret", 0 },   { "secret\r\nmore\n", "secret", 0 }, { "", "", -ENODATA },
		{ "\nsecret\n", "", -ENODATA }, { "1234567", "1234567", 0 }, { "1234567\n", "1234567", 0 },       { "1234567\r\n", "1234567", 0 },
		{ "12345678", NULL, -E2BIG },  { "12345678\n", NULL, -E2BIG }, { "pass word\n", NULL, -E2BIG }, { "pa ss\nsecond line", "pa ss", 0 },
	};
	char secret[8];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		write_file(files[i].text);
		memset(secret, 'x', sizeof(secret));
		assert_int_equal(gw_config_secret(path, secret, sizeof(secret)), files[i].rc);
		if (files[i].secret)
			assert_string_equal(secret, files[i].secret);
	}
	assert_int_equal(gw_config_secret(folder, secret, sizeof(secret)), -EISDIR);
	unlink(path);
	assert_int_equal(gw_config_secret(path, secret, sizeof(secret)), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_least_has_standard_values), cmocka_unit_test(where_the_api_may_listen), cmocka_unit_test(what_is_given_is_taken), cmocka_unit_test(a_knob_refines_its_operator_only),
		cmocka_unit_test(how_an_operator_takes_text_messages),
		cmocka_unit_test(every_mistake_has_its_line),    cmocka_unit_test(all_mistakes_at_once),   cmocka_unit_test(a_file_that_is_not_there),
		cmocka_unit_test(operators_with_one_number),     cmocka_unit_test(the_help_names_every_option), cmocka_unit_test(secrets),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
