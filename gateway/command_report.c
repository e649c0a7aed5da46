/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* `dolat-gateway report ...`: what citizens did in a period and how they were served, as files for people and machines, signed. Makes a
 * folder that must not be there; what goes wrong on the way leaves it without a signature, so nobody takes it for a report. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <osmocom/core/utils.h>
#include <talloc.h>

#include "gateway/command.h"
#include "gateway/loop.h"
#include "gateway/report_load.h"
#include "gateway/report_sign.h"
#include "gateway/rfc3339.h"
#include "menus/unicode.h"

#define FILES_MAX (GW_REPORT_TABLES_MAX + 5)

static const struct option options[] = {
	{ "from", required_argument, NULL, 'f' }, { "to", required_argument, NULL, 't' }, { "out", required_argument, NULL, 'o' },
	{ "key", required_argument, NULL, 'k' },  { "calendar", required_argument, NULL, 'c' }, { NULL, 0, NULL, 0 },
};

struct wish {
	const char *allowed;             /* letters of the options that this command has */
	const char *from, *to, *out, *key, *calendar, *argument;
	uint16_t first, last;
};

static int take_option(void *ctx, int option, const char *value)
{
	struct wish *wish = ctx;
	const char **into = option == 'f' ? &wish->from : option == 't' ? &wish->to : option == 'o' ? &wish->out : option == 'k' ? &wish->key :
			    &wish->calendar;

	if (!strchr(wish->allowed, option))
		return GW_COMMAND_USAGE;
	*into = value;
	return 0;
}

/* 0, or the exit status. allowed: of the options' letters; argument: one beside them is wanted. */
static int read_arguments(struct wish *wish, int argc, char **argv, const char *allowed, bool argument)
{
	char **rest;
	int rc;

	*wish = (struct wish){ .allowed = allowed };
	rc = gw_command_options(argc, argv, options, take_option, wish, argument, &rest);
	if (rc == 0 && argument)
		wish->argument = rest[0];
	return rc;
}

/* ---- days ---- */

/* "1405/08/10" is of the Persian calendar, "2026-11-01" is not; --calendar says it where somebody writes 1405-08-10. */
static bool read_day(const char *text, const char *calendar, uint16_t *day)
{
	bool jalali = calendar && strcmp(calendar, "jalali") == 0;
	char same[16];

	if (strlen(text) != 10)
		return false;
	osmo_strlcpy(same, text, sizeof(same));
	if (jalali)
		same[4] = same[7] = '/';
	return gw_usage_day_read(same, day);
}

static int read_period(struct wish *wish)
{
	if (!wish->from || !wish->to || !wish->out)
		return GW_COMMAND_USAGE;
	if (wish->calendar && strcmp(wish->calendar, "jalali") != 0 && strcmp(wish->calendar, "gregorian") != 0)
		return gw_command_fail("--calendar is jalali or gregorian");
	if (!read_day(wish->from, wish->calendar, &wish->first))
		return gw_command_fail("--from %s is no day like 2026-11-01 or 1405/08/10", wish->from);
	if (!read_day(wish->to, wish->calendar, &wish->last))
		return gw_command_fail("--to %s is no day like 2026-11-01 or 1405/08/10", wish->to);
	if (wish->first > wish->last)
		return gw_command_fail("--from is later than --to");
	if (wish->last - wish->first >= (int)GW_REPORT_DAYS_MAX)
		return gw_command_fail("a report is of %u days at most", GW_REPORT_DAYS_MAX);
	return 0;
}

/* ---- files ---- */

struct files {
	void *ctx;
	const char *folder;
	const char *names[FILES_MAX];
	size_t n;
};

static int add_file(struct files *files, const char *name, char *text, size_t octets)
{
	const char *path = talloc_asprintf(files->ctx, "%s/%s", files->folder, name);
	int fd = text ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644) : -1;
	bool good = fd >= 0 && write(fd, text, octets) == (ssize_t)octets;

	if (fd >= 0)
		good = close(fd) == 0 && good;
	free(text);
	files->names[files->n++] = name;
	return good ? 0 : gw_command_fail("%s: %s", path, strerror(errno));
}

/* For people, in one language. */
static int write_pages(struct files *files, const struct gw_report *report, enum gw_report_language language)
{
	static const char *const names[GW_REPORT_LANGUAGES][2] = { { "report.html", "report.pdf" }, { "report.en.html", "report.en.pdf" } };
	const char *pdf = talloc_asprintf(files->ctx, "%s/%s", files->folder, names[language][1]);
	size_t octets;
	char *text = gw_report_html(report, language, &octets);
	int rc = add_file(files, names[language][0], text, octets);

	if (rc != 0)
		return rc;
	files->names[files->n++] = names[language][1];
	return gw_report_pdf(report, language, pdf) == 0 ? 0 : gw_command_fail("%s cannot be written", pdf);
}

static int write_all(struct files *files, const struct gw_report *report)
{
	size_t octets;
	char *text = gw_report_json(report, &octets);
	int rc = add_file(files, "report.json", text, octets);

	for (size_t i = 0; rc == 0 && i < report->n; i++) {
		text = gw_report_csv(&report->tables[i], &octets);
		rc = add_file(files, talloc_asprintf(files->ctx, "%s.csv", report->tables[i].name), text, octets);
	}
	for (int language = 0; rc == 0 && language < GW_REPORT_LANGUAGES; language++)
		rc = write_pages(files, report, (enum gw_report_language)language);
	return rc;
}

static int sign(const struct files *files, const struct gw_report *report, const char *key_file)
{
	char from[16], to[16], at[GW_RFC3339_OCTETS], why[GW_REPORT_WHY_OCTETS];
	json_t *head;
	bool good;

	gw_usage_day_text(report->from, from);
	gw_usage_day_text(report->to, to);
	gw_rfc3339_print(gw_clock_wall_ms(), at);
	head = json_pack("{s:s, s:s, s:s, s:s}", "report", "dolat-hamrah", "from", from, "to", to, "signed", at);
	good = gw_report_sign(files->folder, files->names, files->n, head, key_file, why);
	json_decref(head);
	return good ? 0 : gw_command_fail("not signed: %s", why);
}

/* ---- commands ---- */

static int draw_up(struct gw_command_world *world, const struct wish *wish)
{
	struct gw_report_data *data;
	const struct gw_report *report;
	struct files files = { .ctx = world->ctx, .folder = wish->out };
	int rc, zone;

	menu_unicode_init();
	if (!gw_command_open_counts(world))
		return EXIT_FAILURE;
	zone = world->config->notices.quiet.utc_offset;
	data = gw_report_data_alloc(world->ctx, wish->first, wish->last, gw_usage_day(gw_clock_wall_ms(), zone));
	data->utc_offset = zone;
	if (!gw_report_load(world, data))
		return EXIT_FAILURE;
	report = gw_report_make(data);
	if (mkdir(wish->out, 0755) < 0)
		return gw_command_fail("%s: %s", wish->out, strerror(errno));
	rc = write_all(&files, report);
	if (rc == 0)
		rc = sign(&files, report, world->config->report.key_file);
	if (rc == 0)
		printf("%s\n", wish->out);
	return rc;
}

static int report(struct gw_command_world *world, int argc, char **argv)
{
	struct wish wish;
	int rc = read_arguments(&wish, argc, argv, "ftoc", false);

	menu_unicode_init();
	if (rc == 0)
		rc = read_period(&wish);
	if (rc != 0)
		return rc;
	if (!world->config)
		return gw_command_fail("-c FILE is needed for this");
	if (!world->config->report.key_file)
		return gw_command_fail("%s has no report.key_file to sign with: `report keygen FILE` makes one", world->config->file);
	return draw_up(world, &wish);
}

static int keygen(struct gw_command_world *world, int argc, char **argv)
{
	char public_key[GW_REPORT_KEY_OCTETS];
	struct wish wish;
	int rc = read_arguments(&wish, argc, argv, "", true);

	(void)world;
	if (rc != 0)
		return rc;
	rc = gw_report_keygen(wish.argument, public_key);
	if (rc < 0)
		return gw_command_fail("%s: %s", wish.argument, strerror(-rc));
	puts(public_key);
	return EXIT_SUCCESS;
}

static int verify(struct gw_command_world *world, int argc, char **argv)
{
	char why[GW_REPORT_WHY_OCTETS];
	struct wish wish;
	int rc = read_arguments(&wish, argc, argv, "k", true);

	(void)world;
	if (rc != 0 || !wish.key)
		return GW_COMMAND_USAGE;
	if (!gw_report_verify(wish.argument, wish.key, why)) {
		printf("WRONG: %s\n", why);
		return EXIT_FAILURE;
	}
	puts("good: every file is as it was signed");
	return EXIT_SUCCESS;
}

const struct gw_command gw_report_commands[] = {
	{ "report", "", "--from DAY --to DAY [--calendar jalali|gregorian] --out FOLDER",
	  "what citizens did in this period: HTML and PDF (Persian, English), JSON and CSV in a new folder, signed; a day is 2026-11-01 or 1405/08/10",
	  report },
	{ "report", "keygen", "FILE", "a new secret key in FILE, which signs reports; the public key is printed", keygen },
	{ "report", "verify", "FOLDER --key PUBLIC", "whether every file is as it was signed; PUBLIC: as keygen printed it, or a file of it", verify },
	{ 0 },
};
