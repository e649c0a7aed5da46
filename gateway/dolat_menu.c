/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* dolat-menu: what a menu's author works with. Checks menus, tries them on a phone in the terminal, and asks the floors
 * below what they make of an input or a text. It needs no gateway, no Redis and no network (but for `try` without
 * samples). Exit: 0 good, 1 a mistake in what was given to be checked, 2 a mistake in the command. */
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/application.h>
#include <osmocom/core/fsm.h>
#include <osmocom/core/utils.h>
#include <talloc.h>

#include "gateway/builtin.h"
#include "gateway/catalogue.h"
#include "gateway/log.h"
#include "gateway/samples.h"
#include "gateway/try.h"
#include "menus/filter.h"
#include "menus/input.h"
#include "menus/keyword.h"
#include "menus/set.h"
#include "menus/unicode.h"
#include "smpp/concat.h"
#include "smpp/dialect.h"
#include "smpp/text.h"

#define EXIT_MISTAKE 1
#define EXIT_USAGE 2
#define WITH_MAX 8
#define DEFAULT_OPERATOR "its"
#define DEFAULT_NUMBER "989120000001" /* of nobody */

struct options {
	const char *language, *samples, *dial, *number, *to;
	const struct smpp_dialect *dialect;
	size_t n_with;
	struct menu_input_with with[WITH_MAX];
	bool facts, screens;
	int n;           /* what stands beside the options */
	char **args;
};

struct command {
	const char *name, *usage, *text;
	const char *options;   /* letters of the options that it takes */
	int args_min, args_max;
	int (*run)(void *ctx, const struct options *options);
};

/* ---- check and try ---- */

/* NULL, after its mistakes were printed. */
static struct menu_set *load(void *ctx, const struct options *options)
{
	struct menu_diags *diags = menu_diags_alloc(ctx);
	struct menu_set *set = menu_set_load(ctx, (const char *const *)options->args, (size_t)options->n, diags);

	if (set)
		gw_builtin_check(gw_builtin_tables, menu_set_agencies(set), diags);
	if (menu_diags_count(diags) == 0)
		return set;
	menu_diags_print(diags, stderr);
	talloc_free(set);
	return NULL;
}

static int run_check(void *ctx, const struct options *options)
{
	struct menu_set *set = load(ctx, options);
	size_t screens = 0;

	if (!set)
		return EXIT_MISTAKE;
	for (size_t i = 0; i < menu_set_services(set); i++) {
		struct menu_service_info info;

		menu_set_service(set, i, &info);
		screens += info.screens;
	}
	printf("%016llx: services: %zu, screens: %zu, agencies: %zu, keywords: %zu, no mistakes\n", (unsigned long long)menu_set_version(set),
	       menu_set_services(set), screens, menu_agencies_count(menu_set_agencies(set)), menu_set_keywords(set)->n);
	return 0;
}

static int run_try(void *ctx, const struct options *options)
{
	struct gw_try phone = {
		.set = load(ctx, options), .dialect = options->dialect, .language = options->language ? options->language : "",
		.number = options->number, .dial = options->dial, .screens = options->screens,
	};

	if (!phone.set)
		return EXIT_MISTAKE;
	if (options->samples) {
		struct menu_diags *diags = menu_diags_alloc(ctx);

		phone.samples = gw_samples_load(ctx, options->samples, menu_set_agencies(phone.set), diags);
		if (!phone.samples) {
			menu_diags_print(diags, stderr);
			return EXIT_MISTAKE;
		}
	}
	return gw_try_run(ctx, &phone);
}

/* ---- screens and catalogue ---- */

static int run_screens(void *ctx, const struct options *options)
{
	struct menu_set *set = load(ctx, options);

	if (!set)
		return EXIT_MISTAKE;
	for (size_t i = 0; i < menu_set_screens(set); i++) {
		struct menu_screen_info screen;

		menu_set_screen(set, i, &screen);
		printf("%s.%s\t%s\t%s\t%s:%u\n", screen.service, screen.name, screen.kind, screen.shown ? "shown" : "passed", screen.file, screen.line);
	}
	return 0;
}

static int run_catalogue(void *ctx, const struct options *options)
{
	struct menu_set *set = load(ctx, options);
	struct menu_diags *diags = menu_diags_alloc(ctx);
	const struct gw_catalogue *catalogue;

	if (!set)
		return EXIT_MISTAKE;
	catalogue = gw_catalogue_load(ctx, options->args[0], set, diags);
	if (!catalogue) {
		menu_diags_print(diags, stderr);
		return EXIT_MISTAKE;
	}
	gw_catalogue_print(catalogue, stdout);
	return 0;
}

/* ---- sms ---- */

static bool one_part(const void *ctx, const char *text, size_t octets)
{
	(void)ctx;
	return smpp_concat_count(SMPP_CONCAT_UDH8, smpp_text_choose(text, octets), text, octets) == 1;
}

static unsigned int language_of(const struct options *options)
{
	int language = menu_language_find(options->language ? options->language : "fa");

	return language < 0 ? 0 : (unsigned int)language;
}

static void print_answer(const struct menu_keywords *keywords, const struct options *options, const struct menu_sms *sms)
{
	char text[1024] = "";

	if (sms->kind == MENU_SMS_HELP)
		menu_sms_help(sms, language_of(options), one_part, NULL, text, sizeof(text));
	if (sms->kind == MENU_SMS_LIST || sms->kind == MENU_SMS_NOTHING)
		menu_sms_list(keywords, options->to, language_of(options), one_part, NULL, text, sizeof(text));
	if (text[0])
		printf("%s\n", text);
}

static int run_sms(void *ctx, const struct options *options)
{
	const char *text = options->args[options->n - 1];
	const struct menu_keywords *keywords;
	struct options files = *options;
	struct menu_sms sms;
	struct menu_set *set;

	files.n--;
	set = load(ctx, &files);
	if (!set)
		return EXIT_MISTAKE;
	keywords = menu_set_keywords(set);
	menu_sms_read(keywords, options->to, text, strlen(text), &sms);
	printf("%s%s%s%s%s%s%s\n", menu_sms_kind_name(sms.kind), sms.keyword ? " " : "", sms.keyword ? sms.keyword->agency : "", sms.keyword ? "." : "",
	       sms.keyword ? sms.keyword->service : "", sms.rule ? ": " : "", sms.rule ? sms.rule : "");
	for (size_t i = 0; i < sms.n_fields; i++)
		printf("%s=%s\n", sms.fields[i].name, sms.fields[i].value);
	if (sms.code[0])
		printf("code=%s\n", sms.code);
	print_answer(keywords, options, &sms);
	return sms.kind == MENU_SMS_NOTHING || sms.rule ? EXIT_MISTAKE : 0;
}

/* ---- input ---- */

static void print_names(const char *const *names, const char *before)
{
	for (; *names; names++, before = ", ")
		printf("%s%s", before, *names);
}

static int list_kinds(void)
{
	const struct menu_input_kind *kind;

	for (size_t i = 0; (kind = menu_input_row(i)); i++) {
		printf("%-17s %s: %s", kind->name, kind->title, kind->format_en);
		print_names(kind->with, "; with ");
		print_names(kind->bounds, "; with ");
		printf("\n");
	}
	return 0;
}

static bool knows(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static int run_input(void *ctx, const struct options *options)
{
	const struct menu_input_kind *kind;
	struct menu_input_result result;

	(void)ctx;
	if (options->n == 0)
		return list_kinds();
	kind = menu_input_find(options->args[0]);
	if (!kind || options->n != 2) {
		fprintf(stderr, kind ? "input %s: one value is needed\n" : "input: no kind \"%s\"; `dolat-menu input` lists them\n", options->args[0]);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < options->n_with; i++)
		if (!knows(kind->with, options->with[i].name) && !knows(kind->bounds, options->with[i].name)) {
			fprintf(stderr, "input %s: it has no use for \"%s\"\n", kind->name, options->with[i].name);
			return EXIT_USAGE;
		}
	menu_input_check(kind, options->args[1], strlen(options->args[1]), options->with, options->n_with, &result);
	if (!result.ok) {
		printf("%s\n%s\n", result.reason_fa, result.reason_en);
		return EXIT_MISTAKE;
	}
	printf("%s\n", result.normal);
	for (size_t i = 0; options->facts && i < result.n_facts; i++)
		printf("%s=%s\n", result.facts[i].name, result.facts[i].value);
	return 0;
}

/* ---- text and filters ---- */

/* "\n" is how a line feed is written on a command line, and in menus. */
static size_t unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++)
		if (from[0] == '\\' && from[1] == 'n') {
			*to++ = '\n';
			from++;
		} else
			*to++ = *from;
	*to = '\0';
	return (size_t)(to - text);
}

/* Pages of the operator's that the bare text fills, without the lines that lead to the next one. */
static size_t pages(const struct smpp_dialect *dialect, enum smpp_alphabet alphabet, const char *text, size_t octets)
{
	size_t room = alphabet == SMPP_ALPHABET_GSM7 ? dialect->page_septets : dialect->page_ucs2_units, n = 0;

	do {
		size_t taken = smpp_text_cut(alphabet, text, octets, room);

		if (taken == 0) /* the end, or a room too small for one character */
			break;
		text += taken;
		octets -= taken;
		n++;
	} while (octets > 0);
	return n > 0 ? n : 1;
}

static int run_text(void *ctx, const struct options *options)
{
	char *text = talloc_strdup(ctx, options->args[0]);
	size_t octets = unescape(text);
	enum smpp_alphabet alphabet = smpp_text_choose(text, octets);
	ssize_t units = smpp_text_units(alphabet, text, octets);

	if (units < 0) {
		fprintf(stderr, "text: this is not UTF-8\n");
		return EXIT_MISTAKE;
	}
	printf("%s %zd %d %zu\n", smpp_text_alphabet_name(alphabet), units, smpp_concat_count(SMPP_CONCAT_UDH8, alphabet, text, octets),
	       pages(options->dialect, alphabet, text, octets));
	return 0;
}

static int run_filters(void *ctx, const struct options *options)
{
	const struct menu_filter *filter;

	(void)ctx;
	(void)options;
	for (size_t i = 0; (filter = menu_filter_row(i)); i++)
		printf("%-9s %s\n", filter->name, filter->text);
	return 0;
}

static int run_operators(void *ctx, const struct options *options)
{
	const struct smpp_dialect *dialect;

	(void)ctx;
	(void)options;
	for (size_t i = 0; (dialect = smpp_dialect_row(i)); i++)
		printf("%-20s %3u septets, %2u UCS-2 units: %s\n", dialect->name, dialect->page_septets, dialect->page_ucs2_units, smpp_dialect_text(i));
	return 0;
}

/* ---- the command line ---- */

static const struct command commands[] = {
	{ "check", "FILE... | FOLDER", "tells every mistake of a menu as FILE:LINE: RULE: TEXT", "", 1, 1000, run_check },
	{ "try", "FILE... | FOLDER", "a phone in the terminal", "losdnc", 1, 1000, run_try },
	{ "screens", "FILE... | FOLDER", "lists the screens: name, kind, shown or passed, where", "", 1, 1000, run_screens },
	{ "catalogue", "FOLDER", "lists the services of catalogue.cfg, which must agree with the menu", "", 1, 1, run_catalogue },
	{ "sms", "FILE... | FOLDER TEXT", "what a text message is understood as, and its help", "lt", 2, 1000, run_sms },
	{ "input", "[KIND VALUE]", "what an input check makes of a value; without one, the kinds", "wf", 0, 2, run_input },
	{ "text", "TEXT", "prints its encoding, units, SMS parts, USSD pages", "o", 1, 1, run_text },
	{ "filters", "", "lists the filters of templates", "", 0, 0, run_filters },
	{ "operators", "", "lists the operators' dialects, for --operator", "", 0, 0, run_operators },
};

static const struct { struct option option; const char *value, *text; } option_table[] = {
	{ { "lang", required_argument, NULL, 'l' }, "fa|en", "the language that the subscriber chose before" },
	{ { "operator", required_argument, NULL, 'o' }, "NAME", "whose pages (" DEFAULT_OPERATOR ")" },
	{ { "samples", required_argument, NULL, 's' }, "FILE", "agencies' answers from a file instead of the agencies" },
	{ { "dial", required_argument, NULL, 'd' }, "CODE", "what is dialled first (*4#)" },
	{ { "number", required_argument, NULL, 'n' }, "MSISDN", "the subscriber's number (" DEFAULT_NUMBER ")" },
	{ { "screens", no_argument, NULL, 'c' }, "", "the screen's name above each page" },
	{ { "to", required_argument, NULL, 't' }, "NUMBER", "the short number that is written to; without it keywords for every number" },
	{ { "with", required_argument, NULL, 'w' }, "NAME=VALUE", "another value or a bound for the check; may be repeated" },
	{ { "facts", no_argument, NULL, 'f' }, "", "prints what else the check knows, as NAME=VALUE" },
};

static void print_help(void)
{
	printf("usage: dolat-menu COMMAND [OPTIONS] [ARGUMENTS]\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		printf("  %-9s %-21s %s\n", commands[i].name, commands[i].usage, commands[i].text);
		for (size_t k = 0; k < ARRAY_SIZE(option_table); k++)
			if (strchr(commands[i].options, option_table[k].option.val))
				printf("    --%-8s %-15s %s\n", option_table[k].option.name, option_table[k].value, option_table[k].text);
	}
	printf("\n  --help, --version\n\nExit: 0 good, 1 a mistake in what was checked, 2 a mistake in the command.\n");
}

static bool set_operator(struct options *options, const char *name)
{
	const struct smpp_dialect *dialect;

	options->dialect = smpp_dialect_find(name);
	if (options->dialect)
		return true;
	fprintf(stderr, "--operator: no dialect \"%s\"; there are", name);
	for (size_t i = 0; (dialect = smpp_dialect_row(i)); i++)
		fprintf(stderr, " %s", dialect->name);
	fprintf(stderr, "\n");
	return false;
}

static bool set_with(struct options *options, char *pair)
{
	char *equals = strchr(pair, '=');

	if (!equals || options->n_with == WITH_MAX) {
		fprintf(stderr, "--with: NAME=VALUE, at most %d times\n", WITH_MAX);
		return false;
	}
	*equals = '\0';
	options->with[options->n_with++] = (struct menu_input_with){ pair, equals + 1 };
	return true;
}

static bool set_option(struct options *options, int letter, char *value)
{
	switch (letter) {
	case 'l':
		options->language = value;
		if (strcmp(value, "fa") == 0 || strcmp(value, "en") == 0)
			return true;
		fprintf(stderr, "--lang: fa or en\n");
		return false;
	case 'n':
		options->number = value;
		if (strlen(value) <= SMPP_MSISDN_MAX && *value && strspn(value, "0123456789") == strlen(value))
			return true;
		fprintf(stderr, "--number: digits, international, without a plus\n");
		return false;
	case 'o':
		return set_operator(options, value);
	case 't':
		options->to = value;
		if (*value && strspn(value, "+0123456789") == strlen(value))
			return true;
		fprintf(stderr, "--to: a number\n");
		return false;
	case 'w':
		return set_with(options, value);
	case 's':
		options->samples = value;
		return true;
	case 'd':
		options->dial = value;
		return true;
	case 'c':
		options->screens = true;
		return true;
	case 'f':
		options->facts = true;
		return true;
	default:
		return false; /* getopt has said why */
	}
}

/* Reads the arguments behind the command's name; false after saying what is wrong. */
static bool read_options(const struct command *command, int argc, char **argv, struct options *options)
{
	struct option longs[ARRAY_SIZE(option_table) + 1] = { 0 };
	int letter;

	for (size_t i = 0; i < ARRAY_SIZE(option_table); i++)
		longs[i] = option_table[i].option;
	while ((letter = getopt_long(argc, argv, "", longs, NULL)) >= 0) {
		if (letter != '?' && !strchr(command->options, letter)) {
			fprintf(stderr, "%s: not an option of this command\n", command->name);
			return false;
		}
		if (!set_option(options, letter, optarg))
			return false;
	}
	options->args = argv + optind;
	options->n = argc - optind;
	if (options->n >= command->args_min && options->n <= command->args_max)
		return true;
	fprintf(stderr, "usage: dolat-menu %s %s\n", command->name, command->usage);
	return false;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct options options = { .dialect = smpp_dialect_find(DEFAULT_OPERATOR), .number = DEFAULT_NUMBER, .dial = "*4#", .to = "" };
	void *ctx;
	int rc;

	if (!read_options(command, argc, argv, &options))
		return EXIT_USAGE;
	ctx = talloc_named_const(NULL, 0, "dolat-menu");
	osmo_fsm_set_dealloc_ctx(OTC_SELECT);
	menu_unicode_init();
	if (gw_log_init(ctx) < 0 || gw_log_configure("stderr", "error") < 0)
		return EXIT_MISTAKE;
	rc = command->run(ctx, &options);
	talloc_free(ctx);
	return rc;
}

int main(int argc, char **argv)
{
	const struct command *command;

	setlocale(LC_CTYPE, ""); /* the line editor must know how wide a letter is */
	if (argc >= 2 && strcmp(argv[1], "--version") == 0) {
		printf("dolat-menu %s\n", DOLAT_VERSION);
		return 0;
	}
	if (argc >= 2 && strcmp(argv[1], "--help") == 0) {
		print_help();
		return 0;
	}
	command = argc >= 2 ? find_command(argv[1]) : NULL;
	if (!command) {
		fprintf(stderr, "dolat-menu: %s; try --help\n", argc >= 2 ? "no such command" : "which command?");
		return EXIT_USAGE;
	}
	return run(command, argc - 1, argv + 1);
}
