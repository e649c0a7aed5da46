/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The first octet says which: any text as a catalogue.cfg, refused with diagnostics or written and read again as it is; any JSON as a
 * proposal by the API, refused with mistakes or a record, and that a line of a catalogue.cfg; any text as a day. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <talloc.h>

#include "gateway/api_json.h"
#include "gateway/service_proposal.h"
#include "menus/unicode.h"

#define HOLD(condition) do { if (!(condition)) abort(); } while (0)
#define TODAY "1405/09/03"

/* libconfig 1.5 forgets the one string that it was reading when it meets a syntax error. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig_yylex\nleak:libconfig_yyparse\nleak:strbuf_append\n";
}

/* A file in memory, with a path. */
static int file = -1;
static char path[64];

static void open_file(void)
{
	if (file < 0) {
		file = memfd_create("catalogue.cfg", MFD_CLOEXEC);
		HOLD(file >= 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	}
	HOLD(ftruncate(file, 0) == 0 && lseek(file, 0, SEEK_SET) == 0);
}

/* Services of this many, written as a file and read again: all of them, but those that were rejected. */
static void write_and_read(void *ctx, struct gw_service *services, size_t n)
{
	const struct gw_services all = { .n = n, .at = services };
	struct menu_diags *diags = menu_diags_alloc(ctx);
	const struct gw_catalogue *again;
	FILE *to;

	open_file();
	to = fdopen(dup(file), "w");
	HOLD(to);
	gw_catalogue_write(&all, to);
	fclose(to);
	again = gw_catalogue_read(ctx, path, diags);
	HOLD(again && again->n == n);
	for (size_t i = 0; i < n; i++)
		HOLD(strcmp(again->entries[i].name, services[i].name) == 0 && strcmp(again->entries[i].title_fa, services[i].title_fa) == 0 &&
		     strcmp(again->entries[i].title_en, services[i].title_en) == 0 && strcmp(again->entries[i].agency, services[i].agency) == 0);
}

static void try_file(void *ctx, const char *text, size_t octets)
{
	struct menu_diags *diags = menu_diags_alloc(ctx);
	const struct gw_catalogue *catalogue;
	struct gw_service *services;

	open_file();
	HOLD(pwrite(file, text, octets, 0) == (ssize_t)octets);
	catalogue = gw_catalogue_read(ctx, path, diags);
	HOLD((catalogue == NULL) == (menu_diags_count(diags) > 0));
	if (!catalogue)
		return;
	services = talloc_zero_array(ctx, struct gw_service, catalogue->n);
	for (size_t i = 0; i < catalogue->n; i++) {
		json_t *record = gw_service_of_file(&catalogue->entries[i]);

		HOLD(record && gw_service_read(record, TODAY, &services[i]));
		json_decref(record);
	}
	write_and_read(ctx, services, catalogue->n);
	for (size_t i = 0; i < catalogue->n; i++)
		json_decref(services[i].record);
}

static void try_proposal(void *ctx, const char *text, size_t octets)
{
	static struct gw_mistakes mistakes;
	struct gw_service service;
	char why[200];
	json_t *body = api_json_parse(text, octets, why, sizeof(why)), *record;

	if (!body)
		return;
	memset(&mistakes, 0, sizeof(mistakes));
	record = gw_service_proposal(body, "tax", TODAY, false, &mistakes);
	HOLD((record == NULL) == (mistakes.n > 0));
	if (record) {
		HOLD(gw_service_read(record, TODAY, &service) && service.state == GW_CATALOGUE_PROPOSED && strcmp(service.agency, "tax") == 0);
		write_and_read(ctx, &service, 1);
		json_decref(service.record);
	}
	json_decref(record);
	json_decref(body);
}

static void try_day(void *ctx, const char *text, size_t octets)
{
	char *day = talloc_strndup(ctx, text, octets), again[GW_DAY_OCTETS];
	int64_t end = gw_service_day_end(day);

	if (!end)
		return;
	gw_service_day(end, again);
	HOLD(strcmp(again, day) == 0);
	gw_service_day(end + 1, again);
	HOLD(strcmp(again, day) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const tries[])(void *ctx, const char *text, size_t octets) = { try_file, try_proposal, try_day };
	void *ctx;

	if (size < 1)
		return 0;
	menu_unicode_init();
	ctx = talloc_named_const(NULL, 0, "fuzz");
	tries[data[0] % (sizeof(tries) / sizeof(tries[0]))](ctx, (const char *)data + 1, size - 1);
	talloc_free(ctx);
	return 0;
}
