/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* `dolat-gateway catalogue ...`: what operators decide of the catalogue (catalogue_state.h). Each decision is one commit with its line in
 * the audit chain, which names who ran the command, and the agency's event; of two operators at once the second hears what the first
 * has done. */
#include <errno.h>
#include <getopt.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/catalogue_state.h"
#include "gateway/command.h"
#include "gateway/event.h"
#include "gateway/loop.h"
#include "gateway/rfc3339.h"
#include "menus/unicode.h"

#define WHY_OCTETS 500

/* ---- options: what was not given is NULL, or not there */
struct wish {
	const char *name, *day;          /* arguments */
	const char *until, *why, *due, *state, *agency;
	long order;
	bool unacknowledged;
	char by[80];
};
enum { OPT_UNTIL = 256, OPT_WHY, OPT_DUE, OPT_STATE, OPT_AGENCY, OPT_ORDER, OPT_UNACKNOWLEDGED };
static const struct option open_options[] = { { "until", required_argument, NULL, OPT_UNTIL }, { NULL, 0, NULL, 0 } };
static const struct option list_options[] = {
	{ "state", required_argument, NULL, OPT_STATE }, { "agency", required_argument, NULL, OPT_AGENCY },
	{ "unacknowledged", no_argument, NULL, OPT_UNACKNOWLEDGED }, { NULL, 0, NULL, 0 },
};
static const struct option finalise_options[] = { { "order", required_argument, NULL, OPT_ORDER }, { NULL, 0, NULL, 0 } };
static const struct option reject_options[] = { { "why", required_argument, NULL, OPT_WHY }, { NULL, 0, NULL, 0 } };
static const struct option notify_options[] = { { "due", required_argument, NULL, OPT_DUE }, { NULL, 0, NULL, 0 } };
static const struct option no_options[] = { { NULL, 0, NULL, 0 } };

static bool take_order(struct wish *wish, const char *text)
{
	wish->order = text[0] && strlen(text) <= 4 && strspn(text, "0123456789") == strlen(text) ? strtol(text, NULL, 10) : 0;
	if (wish->order >= 1 && wish->order <= GW_SERVICES_MAX)
		return true;
	gw_command_fail("--order is a whole number from 1 to %d", GW_SERVICES_MAX);
	return false;
}

static int take_option(void *ctx, int option, const char *value)
{
	struct wish *wish = ctx;

	switch (option) {
	case OPT_UNTIL:
		wish->until = value;
		return 0;
	case OPT_WHY:
		wish->why = value;
		return 0;
	case OPT_DUE:
		wish->due = value;
		return 0;
	case OPT_STATE:
		wish->state = value;
		return 0;
	case OPT_AGENCY:
		wish->agency = value;
		return 0;
	case OPT_ORDER:
		return take_order(wish, value) ? 0 : EXIT_FAILURE;
	case OPT_UNACKNOWLEDGED:
		wish->unacknowledged = true;
		return 0;
	default:
		return GW_COMMAND_USAGE;
	}
}

/* Who runs it, as the system knows them; for root by sudo, who asked. */
static void find_who(char by[80])
{
	const char *sudo = getuid() == 0 ? getenv("SUDO_USER") : NULL;
	struct passwd user, *found = NULL;
	char buffer[4096];

	if (sudo && sudo[0])
		osmo_strlcpy(by, sudo, 80);
	else if (getpwuid_r(getuid(), &user, buffer, sizeof(buffer), &found) == 0 && found)
		osmo_strlcpy(by, found->pw_name, 80);
	else
		snprintf(by, 80, "uid %u", (unsigned int)getuid());
	for (char *at = by; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
}

/* 0, or the exit status. n: arguments beside the options: a name, a day. */
static int read_arguments(struct wish *wish, int argc, char **argv, const struct option *options, int n)
{
	char **rest;
	int rc;

	memset(wish, 0, sizeof(*wish));
	rc = gw_command_options(argc, argv, options, take_option, wish, n, &rest);
	if (rc)
		return rc;
	wish->name = n > 0 ? rest[0] : NULL;
	wish->day = n > 1 ? rest[1] : wish->due;
	if (wish->name && !gw_service_name_ok(wish->name))
		return gw_command_fail("%s is not a name: at most %d small letters, digits and '_'", wish->name, GW_SERVICE_NAME_MAX);
	if (wish->day && !gw_service_day_end(wish->day))
		return gw_command_fail("%s is no day of the Persian calendar like 1405/01/31", wish->day);
	find_who(wish->by);
	return 0;
}

/* ---- the file and the ledger */

/* False after the mistakes, or a sentence. *file: NULL if none is configured. */
static bool open_both(struct gw_command_world *world, const struct gw_catalogue **file)
{
	struct menu_diags *diags = menu_diags_alloc(world->ctx);

	*file = NULL;
	menu_unicode_init();
	if (world->config && world->config->catalogue) {
		*file = gw_catalogue_read(world->ctx, world->config->catalogue, diags);
		if (!*file) {
			menu_diags_print(diags, stderr);
			return false;
		}
	}
	return gw_command_open(world);
}

struct got { bool done; enum sess_ledger_result result; struct gw_services *services; void *ctx; };

static void on_services(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_services *services)
{
	struct got *got = ctx;

	(void)token;
	got->result = result;
	got->services = services ? talloc_steal(got->ctx, services) : NULL;
	got->done = true;
}

/* NULL after a sentence. */
static const struct gw_services *load(struct gw_command_world *world)
{
	const struct gw_catalogue *file;
	struct got got = { .ctx = world->ctx };

	if (!open_both(world, &file))
		return NULL;
	if (gw_services_load(world->ctx, world->ledger, file, on_services, &got, 0) == 0)
		gw_command_wait(&got.done);
	if (!got.services)
		gw_command_fail("the ledger does not answer");
	return got.services;
}

/* ---- what there is */

static const char *or_dash(const char *text)
{
	return text && text[0] ? text : "-";
}

/* Whom it concerns and who has not said that they know. */
static bool is_unacknowledged(const struct gw_service *service)
{
	return (service->state == GW_CATALOGUE_NOTIFIED || service->state == GW_CATALOGUE_LATE) && !service->acknowledged;
}

static bool is_wanted(const struct wish *wish, const struct gw_service *service)
{
	return (!wish->state || strcmp(wish->state, gw_service_state_name(service->state)) == 0) &&
	       (!wish->agency || strcmp(wish->agency, service->agency) == 0) && (!wish->unacknowledged || is_unacknowledged(service));
}

static bool is_state(const char *name)
{
	for (int state = 0; state <= GW_CATALOGUE_REJECTED; state++)
		if (strcmp(gw_service_state_name((enum gw_catalogue_state)state), name) == 0)
			return true;
	return false;
}

static int list(struct gw_command_world *world, int argc, char **argv)
{
	const struct gw_services *services;
	struct wish wish;
	int rc = read_arguments(&wish, argc, argv, list_options, 0);

	if (rc)
		return rc;
	if (wish.state && !is_state(wish.state))
		return gw_command_fail("%s is no state: proposed, final, notified, live, late, rejected", wish.state);
	services = load(world);
	if (!services)
		return EXIT_FAILURE;
	printf("%-32s %-14s %-9s %-10s %-10s %-10s %-10s %-10s %s\n", "SERVICE", "AGENCY", "STATE", "PROPOSED", "FINAL", "NOTIFIED", "DUE", "KNOWN",
	       "TITLE");
	for (size_t i = 0; i < services->n; i++) {
		const struct gw_service *s = &services->at[i];

		if (is_wanted(&wish, s))
			printf("%-32s %-14s %-9s %-10s %-10s %-10s %-10s %-10s %s%s\n", s->name, s->agency, gw_service_state_name(s->state),
			       or_dash(s->dates[GW_CATALOGUE_ON_PROPOSED]), or_dash(s->dates[GW_CATALOGUE_ON_FINAL]),
			       or_dash(s->dates[GW_CATALOGUE_ON_NOTIFIED]), or_dash(s->dates[GW_CATALOGUE_DUE]), or_dash(s->acknowledged), s->title_en,
			       s->after_closing ? "; proposed after the closing" : "");
	}
	return EXIT_SUCCESS;
}

static int show(struct gw_command_world *world, int argc, char **argv)
{
	const struct gw_services *services;
	const struct gw_service *service;
	struct wish wish;
	int rc = read_arguments(&wish, argc, argv, no_options, 1);
	char *text;

	if (rc)
		return rc;
	services = load(world);
	if (!services)
		return EXIT_FAILURE;
	service = gw_services_find(services, wish.name);
	if (!service)
		return gw_command_fail("%s: there is no such service", wish.name);
	text = json_dumps(service->record, JSON_INDENT(2));
	printf("%s: %s\n%s\n", wish.name, gw_service_state_name(service->state), text);
	free(text);
	return EXIT_SUCCESS;
}

static int print(struct gw_command_world *world, int argc, char **argv)
{
	const struct gw_services *services;
	struct wish wish;
	int rc = read_arguments(&wish, argc, argv, no_options, 0);

	if (rc)
		return rc;
	services = load(world);
	if (!services)
		return EXIT_FAILURE;
	gw_catalogue_write(services, stdout);
	return EXIT_SUCCESS;
}

/* ---- what is decided */
struct outcome { bool done; enum gw_service_changed changed; char why[160]; };

static void on_changed(void *ctx, uint64_t token, enum gw_service_changed changed, const json_t *record, const char *why)
{
	struct outcome *outcome = ctx;

	(void)token;
	(void)record;
	outcome->done = true;
	outcome->changed = changed;
	osmo_strlcpy(outcome->why, why ? why : "", sizeof(outcome->why));
}

/* Everybody who may be told has an account, as far as a command can tell. */
static bool known(void *ctx, const char *agency)
{
	(void)ctx;
	return agency[0];
}

static int decide(struct gw_command_world *world, struct wish *wish, const char *what, gw_service_edit *edit)
{
	const struct gw_events_config config = { .consumer = "command", .known = known };
	struct gw_events_config events = config;
	struct gw_service_change change = { .name = wish->name, .what = what, .by = wish->by, .edit = edit, .edit_ctx = wish, .cb = on_changed };
	struct outcome outcome = { .done = false };

	if (!open_both(world, &change.file))
		return EXIT_FAILURE;
	events.redis = world->redis;
	change.ledger = world->ledger;
	change.events = gw_events_alloc(world->ctx, &events);
	change.cb_ctx = &outcome;
	if (gw_service_change(world->ctx, &change) < 0)
		return gw_command_fail("the ledger does not answer");
	gw_command_wait(&outcome.done);
	talloc_free(change.events);
	return outcome.changed == GW_SERVICE_CHANGED ? EXIT_SUCCESS : gw_command_fail("%s: %s", wish->name, outcome.why);
}

static bool is_in(const json_t *record, const char *state)
{
	return strcmp(gw_service_text(record, "state"), state) == 0;
}

static void set_state(json_t *record, const char *state, const char *today)
{
	json_object_set_new(record, "state", json_string(state));
	json_object_set_new(record, state, json_string(today));
}

static const char *to_final(void *ctx, json_t *record, const char *today)
{
	const struct wish *wish = ctx;

	if (!is_in(record, "proposed"))
		return "only what is proposed becomes final: catalogue show tells how it stands";
	set_state(record, "final", today);
	if (wish->order)
		json_object_set_new(record, "order", json_integer(wish->order));
	return NULL;
}

static const char *to_rejected(void *ctx, json_t *record, const char *today)
{
	const struct wish *wish = ctx;

	if (!is_in(record, "proposed") && !is_in(record, "final"))
		return "only what is proposed or final is rejected: catalogue show tells how it stands";
	set_state(record, "rejected", today);
	json_object_del(record, "final");
	json_object_set_new(record, "why", json_string(wish->why));
	return NULL;
}

static const char *to_notified(void *ctx, json_t *record, const char *today)
{
	const struct wish *wish = ctx;

	if (!is_in(record, "final"))
		return "only what is final is notified: catalogue show tells how it stands";
	if (wish->day && strcmp(wish->day, today) < 0)
		return "the day on which it is due is over";
	set_state(record, "notified", today);
	if (wish->day)
		json_object_set_new(record, "due", json_string(wish->day));
	return NULL;
}

static const char *to_live(void *ctx, json_t *record, const char *today)
{
	(void)ctx;
	if (!is_in(record, "notified"))
		return "only what is notified goes live: catalogue show tells how it stands";
	set_state(record, "live", today);
	return NULL;
}

static const char *to_due(void *ctx, json_t *record, const char *today)
{
	const struct wish *wish = ctx;

	(void)today;
	if (!is_in(record, "notified"))
		return "only what is notified and not live is due: catalogue show tells how it stands";
	json_object_set_new(record, "due", json_string(wish->day));
	return NULL;
}

static int finalise(struct gw_command_world *world, int argc, char **argv)
{
	struct wish wish;
	int rc = read_arguments(&wish, argc, argv, finalise_options, 1);

	return rc ? rc : decide(world, &wish, "catalogue.final", to_final);
}

static int reject(struct gw_command_world *world, int argc, char **argv)
{
	struct wish wish;
	int rc = read_arguments(&wish, argc, argv, reject_options, 1);
	json_t *why;

	if (rc)
		return rc;
	why = wish.why && wish.why[0] && strlen(wish.why) <= WHY_OCTETS ? json_string(wish.why) : NULL;
	if (!why)
		return gw_command_fail("--why is needed: its agency reads it; at most %d octets of UTF-8", WHY_OCTETS);
	json_decref(why);
	return decide(world, &wish, "catalogue.rejected", to_rejected);
}

static int notify(struct gw_command_world *world, int argc, char **argv)
{
	struct wish wish;
	int rc = read_arguments(&wish, argc, argv, notify_options, 1);

	return rc ? rc : decide(world, &wish, "catalogue.notified", to_notified);
}

static int live(struct gw_command_world *world, int argc, char **argv)
{
	struct wish wish;
	int rc = read_arguments(&wish, argc, argv, no_options, 1);

	return rc ? rc : decide(world, &wish, "catalogue.live", to_live);
}

static int due(struct gw_command_world *world, int argc, char **argv)
{
	struct wish wish;
	int rc = read_arguments(&wish, argc, argv, no_options, 2);

	return rc ? rc : decide(world, &wish, "catalogue.due", to_due);
}

static int open_proposals(struct gw_command_world *world, int argc, char **argv)
{
	struct outcome outcome = { .done = false };
	struct wish wish;
	int rc = read_arguments(&wish, argc, argv, open_options, 0);
	int64_t until_ms;

	if (rc)
		return rc;
	if (!wish.until)
		return GW_COMMAND_USAGE;
	menu_unicode_init();
	until_ms = gw_service_day_end(wish.until);
	if (!until_ms && !gw_rfc3339_parse(wish.until, &until_ms))
		return gw_command_fail("--until is a day like 1405/08/02, or a moment like 2026-10-24T14:00:00+03:30");
	if (!gw_command_open(world))
		return EXIT_FAILURE;
	if (gw_services_open(world->ctx, world->ledger, until_ms, wish.by, on_changed, &outcome) < 0)
		return gw_command_fail("the ledger does not answer");
	gw_command_wait(&outcome.done);
	return outcome.changed == GW_SERVICE_CHANGED ? EXIT_SUCCESS : gw_command_fail("%s", outcome.why);
}

const struct gw_command gw_catalogue_commands[] = {
	{ "catalogue", "open", "--until DAY|TIME", "agencies propose services until then; what comes later is marked", open_proposals },
	{ "catalogue", "list", "[--state S] [--agency NAME] [--unacknowledged]", "all services; those of whom nobody said that they know", list },
	{ "catalogue", "show", "NAME", "one, with all that is known of it", show },
	{ "catalogue", "print", "", "all but those that were rejected, as catalogue.cfg has them", print },
	{ "catalogue", "finalise", "NAME [--order N]", "it is to be in the catalogue", finalise },
	{ "catalogue", "reject", "NAME --why TEXT", "it is not; its agency may propose it again", reject },
	{ "catalogue", "notify", "NAME [--due DAY]", "its agency is told that it is to be served, by that day", notify },
	{ "catalogue", "due", "NAME DAY", "another day for what was notified", due },
	{ "catalogue", "live", "NAME", "it is served", live },
	{ NULL, NULL, NULL, NULL, NULL },
};
