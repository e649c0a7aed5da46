/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* dolat-smsc: a small SMSC with USSD, for the demonstration, the tests and the benchmark. This file reads the command line,
 * opens the operators' ports and starts a mode (smsc_mode.h). What it can do is in dolat-smsc.1 and README.md. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/sim/smsc_fault.h"
#include "tests/sim/smsc_journal.h"
#include "tests/sim/smsc_mode.h"
#include "tests/sim/smsc_verb.h"

volatile bool smsc_stopping;

/* Options that are settings of an operator: given by themselves they hold for every operator that follows, and within
 * --operator for that one. */
struct setting {
	const char *name, *argument, *text;
	size_t offset;
	unsigned int max;
};
#define AT(field) offsetof(struct smsc_operator, field)
static const struct setting settings[] = {
	{ "window", "N", "deliver_sm in flight on a link (64)", AT(window), 1000 },
	{ "tries", "N", "how often a deliver_sm is sent before the dialog is cut (8)", AT(tries), 1000 },
	{ "retry", "MS", "a deliver_sm without response is sent again after (5000)", AT(retry_ms), 3600000 },
	{ "answer-time", "MS", "the network waits for a page (30000)", AT(answer_ms), 3600000 },
	{ "user-time", "MS", "the network waits for the subscriber (120000)", AT(user_ms), 3600000 },
	{ "enquire", "MS", "silence before enquire_link; 0: never (30000)", AT(enquire_ms), 3600000 },
	{ "page-ucs2", "N", "UCS-2 units of a page that the network takes without complaint (80)", AT(page_ucs2), 1000 },
	{ "inbox", "N", "SMS that a phone keeps; the oldest gives way (16)", AT(inbox), 100000 },
	{ "push", "0|1", "the gateway may begin dialogs, and show texts on phones that never dialled (0)", AT(push), 1 },
	{ "page-septets", "N", "septets of a page, likewise (182)", AT(page_septets), 1000 },
};
#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

static struct smsc smsc;
static struct smsc_operator defaults; /* what the options before an --operator have said */

static void on_signal(int signal_number)
{
	(void)signal_number;
	smsc_stopping = true;
}

static int wrong(const char *what, const char *value)
{
	fprintf(stderr, "dolat-smsc: %s: '%s'\n", what, value);
	return -1;
}

static int read_password(struct smsc_operator *op, const char *path)
{
	FILE *file = fopen(path, "r");
	char line[64] = "";

	if (!file || !fgets(line, sizeof(line), file)) {
		if (file)
			fclose(file);
		return wrong("cannot read the password", path);
	}
	fclose(file);
	line[strcspn(line, "\r\n")] = '\0';
	if (strlen(line) > 8)
		return wrong("SMPP passwords have at most 8 characters", path);
	snprintf(op->password, sizeof(op->password), "%.8s", line);
	return 0;
}

static int set_number(struct smsc_operator *op, const struct setting *setting, const char *value)
{
	char *end;
	unsigned long number = strtoul(value, &end, 10);

	if (end == value || *end || number > setting->max)
		return wrong(setting->name, value);
	*(unsigned int *)((char *)op + setting->offset) = (unsigned int)number;
	return 0;
}

/* One name=value of an operator. */
static int set(struct smsc_operator *op, const char *name, const char *value)
{
	for (size_t i = 0; i < SETTINGS; i++)
		if (strcmp(settings[i].name, name) == 0)
			return set_number(op, &settings[i], value);
	if (strcmp(name, "port") == 0) {
		op->port = (uint16_t)strtoul(value, NULL, 10);
	} else if (strcmp(name, "host") == 0) {
		snprintf(op->host, sizeof(op->host), "%s", value);
	} else if (strcmp(name, "system-id") == 0) {
		snprintf(op->system_id, sizeof(op->system_id), "%s", value);
	} else if (strcmp(name, "password-file") == 0) {
		return read_password(op, value);
	} else if (strcmp(name, "dialect") == 0) {
		op->dialect = smsc_dialect_find(value);
		return op->dialect ? 0 : wrong("no such dialect", value);
	} else {
		return wrong("an operator has no setting", name);
	}
	return 0;
}

/* "name=mci,port=0,dialect=its" */
static int add_operator(char *list)
{
	char *name = strncmp(list, "name=", 5) == 0 ? list + 5 : NULL, *rest;
	struct smsc_operator *op;

	if (!name || !*name)
		return wrong("an operator begins with name=", list);
	rest = name + strcspn(name, ",");
	if (*rest)
		*rest++ = '\0';
	op = strlen(name) < sizeof(op->name) ? smsc_operator_add(&smsc, name) : NULL;
	if (!op)
		return wrong("an operator's name is too long or there twice", name);
	for (size_t i = 0; i < SETTINGS; i++)
		*(unsigned int *)((char *)op + settings[i].offset) = *(unsigned int *)((char *)&defaults + settings[i].offset);
	op->dialect = defaults.dialect;
	memcpy(op->host, defaults.host, sizeof(op->host));
	memcpy(op->system_id, defaults.system_id, sizeof(op->system_id));
	memcpy(op->password, defaults.password, sizeof(op->password));
	for (char *pair = strtok(rest, ","); pair; pair = strtok(NULL, ",")) {
		char *value = strchr(pair, '=');

		if (!value)
			return wrong("a setting is NAME=VALUE", pair);
		*value++ = '\0';
		if (set(op, pair, value))
			return -1;
	}
	return 0;
}

static int listen_option(const char *where)
{
	const char *colon = strrchr(where, ':');

	if (!colon || (size_t)(colon - where) >= sizeof(defaults.host))
		return wrong("--listen wants HOST:PORT", where);
	snprintf(defaults.host, sizeof(defaults.host), "%.*s", (int)(colon - where), where);
	defaults.port = (uint16_t)strtoul(colon + 1, NULL, 10);
	return 0;
}

static int write_ports(const char *path)
{
	char temporary[512];
	FILE *file;

	/* Written aside and renamed: whoever waits for the file finds it whole. */
	if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int)sizeof(temporary))
		return wrong("the name is too long", path);
	file = fopen(temporary, "w");
	if (!file)
		return wrong(strerror(errno), path);
	for (size_t i = 0; i < smsc.n_operators; i++)
		fprintf(file, "%s %u\n", smsc.operators[i].name, smsc.operators[i].port);
	if (fclose(file) || rename(temporary, path))
		return wrong(strerror(errno), path);
	return 0;
}

bool smsc_wait_bound(struct smsc *all, int64_t ms)
{
	int64_t until = smsc_now_ms() + ms;

	for (;;) {
		size_t bound = 0;

		for (size_t i = 0; i < all->n_operators; i++)
			bound += smsc_operator_bound(&all->operators[i], true) > 0;
		if (bound == all->n_operators || !ms)
			return true;
		if (smsc_stopping || smsc_now_ms() >= until)
			return false;
		smsc_turn(all, 10);
	}
}

static int open_operators(const char *port_file, char *const *faults, size_t n_faults)
{
	for (size_t i = 0; i < smsc.n_operators; i++) {
		struct smsc_operator *op = &smsc.operators[i];
		int error = smsc_operator_up(op);

		if (error) {
			fprintf(stderr, "dolat-smsc: %s, %s:%u: %s\n", op->name, op->host, op->port, strerror(-error));
			return -1;
		}
		smsc_log(&smsc, false, "%s: listening on %s:%u, dialect %s", op->name, op->host, op->port, op->dialect->name);
		for (size_t f = 0; f < n_faults; f++)
			if (smsc_fault_apply(op, faults[f]))
				return wrong("no such fault, or wrong arguments", faults[f]);
	}
	return port_file ? write_ports(port_file) : 0;
}

static int help(void)
{
	printf("usage: dolat-smsc [OPTION...] phone [HINTS] | play SCRIPT... | serve | load [OPTION...] | traffic [OPTION...]\n"
	       "       dolat-smsc echo --connect HOST:PORT [OPTION...]\n\n"
	       "  --listen HOST:PORT     where the operators that follow listen; port 0 is any (127.0.0.1:2775)\n"
	       "  --port-file FILE       write a line `NAME PORT` for each operator, once they listen\n"
	       "  --operator LIST        name=mci,port=0,dialect=its,... ; may be repeated; settings as below\n"
	       "  --dialect NAME, --system-id X, --password-file FILE\n");
	for (size_t i = 0; i < SETTINGS; i++)
		printf("  --%s %s%*s%s\n", settings[i].name, settings[i].argument,
		       (int)(20 - strlen(settings[i].name) - strlen(settings[i].argument)), "", settings[i].text);
	printf("  --fault 'NAME ARGS'    from the start, at every operator; may be repeated\n"
	       "  --msisdn NUMBER        of the phone (989121234567)\n"
	       "  --use OPERATOR         that the phone belongs to (the first)\n"
	       "  --bind-wait MS         play: how long to wait for the gateway; 0: do not (30000)\n"
	       "  --control PATH         serve: the unix socket that takes the words of the scripts\n"
	       "  --journal FILE         append what phones and the gateway have got, a line of JSON each\n"
	       "  --verbose, --quiet     log every PDU; log nothing\n"
	       "  --list dialects|words|faults\n");
	return 0;
}

static int list(const char *what)
{
	const struct smsc_dialect *dialect;
	const struct smsc_verb *verb;
	const struct smsc_fault *fault;

	if (strcmp(what, "dialects") == 0)
		for (size_t i = 0; (dialect = smsc_dialect_row(i)); i++)
			puts(dialect->name);
	else if (strcmp(what, "words") == 0)
		for (size_t i = 0; (verb = smsc_verb_row(i)); i++)
			printf("%-14s %-18s %s\n", verb->name, verb->arguments, verb->text);
	else if (strcmp(what, "faults") == 0)
		for (size_t i = 0; (fault = smsc_fault_row(i)); i++)
			printf("%-14s %-18s %s\n", fault->name, fault->arguments, fault->text);
	else
		return wrong("--list dialects, words or faults, not", what);
	return 0;
}

enum { OPT_LISTEN = 256, OPT_PORT_FILE, OPT_OPERATOR, OPT_DIALECT, OPT_SYSTEM_ID, OPT_PASSWORD, OPT_FAULT, OPT_MSISDN, OPT_USE,
	OPT_BIND_WAIT, OPT_CONTROL, OPT_JOURNAL, OPT_VERBOSE, OPT_QUIET, OPT_LIST, OPT_HELP, OPT_SETTINGS };

struct line {
	struct smsc_options mode;
	const char *port_file, *use, *mode_name;
	char *faults[16];
	size_t n_faults;
	bool exits;                 /* after printing help or a list */
};

static int take_option(struct line *line, int option, char *value)
{
	switch (option) {
	case OPT_LISTEN: return listen_option(value);
	case OPT_PORT_FILE: line->port_file = value; return 0;
	case OPT_OPERATOR: return add_operator(value);
	case OPT_DIALECT: return set(&defaults, "dialect", value);
	case OPT_SYSTEM_ID: return set(&defaults, "system-id", value);
	case OPT_PASSWORD: return read_password(&defaults, value);
	case OPT_FAULT:
		if (line->n_faults == 16)
			return wrong("too many faults", value);
		line->faults[line->n_faults++] = value;
		return 0;
	case OPT_MSISDN: line->mode.msisdn = value; return 0;
	case OPT_USE: line->use = value; return 0;
	case OPT_BIND_WAIT: line->mode.bind_wait_ms = strtol(value, NULL, 10); return 0;
	case OPT_CONTROL: line->mode.control = value; return 0;
	case OPT_JOURNAL: return smsc_journal_open(&smsc, value) < 0 ? wrong("the journal cannot be written to", value) : 0;
	case OPT_VERBOSE: smsc.verbose = true; return 0;
	case OPT_QUIET: smsc.quiet = true; return 0;
	case OPT_LIST: line->exits = true; return list(value);
	case OPT_HELP: line->exits = true; return help();
	default:
		if (option >= OPT_SETTINGS)
			return set_number(&defaults, &settings[option - OPT_SETTINGS], value);
		return -1;
	}
}

static int read_line(struct line *line, int argc, char **argv)
{
	static struct option options[40] = {
		{ "listen", 1, NULL, OPT_LISTEN }, { "port-file", 1, NULL, OPT_PORT_FILE }, { "operator", 1, NULL, OPT_OPERATOR },
		{ "dialect", 1, NULL, OPT_DIALECT }, { "system-id", 1, NULL, OPT_SYSTEM_ID }, { "password-file", 1, NULL, OPT_PASSWORD },
		{ "fault", 1, NULL, OPT_FAULT }, { "msisdn", 1, NULL, OPT_MSISDN }, { "use", 1, NULL, OPT_USE },
		{ "bind-wait", 1, NULL, OPT_BIND_WAIT }, { "control", 1, NULL, OPT_CONTROL }, { "verbose", 0, NULL, OPT_VERBOSE },
		{ "quiet", 0, NULL, OPT_QUIET }, { "list", 1, NULL, OPT_LIST }, { "help", 0, NULL, OPT_HELP },
		{ "journal", 1, NULL, OPT_JOURNAL },
	};
	size_t n = 16;
	int option;

	for (size_t i = 0; i < SETTINGS; i++)
		options[n++] = (struct option){ settings[i].name, 1, NULL, OPT_SETTINGS + (int)i };
	/* "+": the options after the mode's name are the mode's */
	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
		if (take_option(line, option, optarg))
			return -1;
	if (line->exits)
		return 0;
	if (optind == argc)
		return wrong("say phone, play, serve, load, traffic or echo; --help says more", "");
	line->mode_name = argv[optind];
	line->mode.arguments = argv + optind + 1;
	line->mode.n_arguments = argc - optind - 1;
	return 0;
}

static void only_operator(void)
{
	char list_text[] = "name=mci";

	add_operator(list_text);
	smsc.operators[0].port = defaults.port;
}

/* The phone's operator stands first. */
static int use_operator(const char *name)
{
	struct smsc_operator *op = name ? smsc_operator_find(&smsc, name) : smsc.operators, swap;

	if (!op)
		return wrong("no such operator", name);
	swap = *op;
	*op = smsc.operators[0];
	smsc.operators[0] = swap;
	return 0;
}

static int run_mode(struct line *line)
{
	static const struct {
		const char *name;
		int (*run)(struct smsc *all, const struct smsc_options *options);
	} modes[] = { { "play", smsc_play }, { "serve", smsc_serve }, { "phone", smsc_phone }, { "load", smsc_load },
		    { "traffic", smsc_traffic } };

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(modes[i].name, line->mode_name) != 0)
			continue;
		if (!smsc.n_operators)
			only_operator();
		if (use_operator(line->use) || open_operators(line->port_file, line->faults, line->n_faults))
			return 2;
		return modes[i].run(&smsc, &line->mode);
	}
	wrong("no such mode", line->mode_name);
	return 2;
}

int main(int argc, char **argv)
{
	struct line line = { .mode = { .msisdn = "989121234567", .bind_wait_ms = 30000 } };
	struct sigaction stop = { .sa_handler = on_signal };
	struct smsc_operator *first = smsc_operator_add(&smsc, "defaults");
	int result;

	smsc.journal_fd = -1;
	defaults = *first;
	defaults.port = 2775;
	smsc.n_operators = 0;
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	if (argc > 1 && strcmp(argv[1], "echo") == 0)
		return smsc_echo(argc - 1, argv + 1);
	result = read_line(&line, argc, argv) ? 2 : 0;
	if (!result && !line.exits)
		result = run_mode(&line);
	smsc_fini(&smsc);
	return result;
}
