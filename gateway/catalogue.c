/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* catalogue.cfg -> entries in their order, and the table of them. What is wrong with an entry itself is told here, what does not agree
 * with the menu in catalogue_check.c; an entry that cannot be read is not compared. */
#include "gateway/catalogue.h"

#include <stdlib.h>
#include <string.h>

#include <osmocom/core/utils.h>
#include <talloc.h>

#include "menus/grammar.h"
#include "menus/input.h"

#define ENTRIES_MAX 1000
#define VISITS_MAX 20

static const struct menu_key_rule root_keys[] = { { "closing", MENU_STRING, false }, { "services", MENU_LIST, true }, { NULL, 0, false } };
static const struct menu_key_rule title_keys[] = { { "fa", MENU_STRING, true }, { "en", MENU_STRING, true }, { NULL, 0, false } };
static const struct menu_key_rule entry_keys[] = {
	{ "name", MENU_STRING, true },      { "title", MENU_GROUP, true },    { "agency", MENU_STRING, true },    { "kind", MENU_STRING, true },
	{ "domain", MENU_STRING, true },    { "channels", MENU_LIST, true },  { "level", MENU_INT, true },        { "order", MENU_INT, true },
	{ "state", MENU_STRING, true },     { "inputs", MENU_LIST, false },   { "service", MENU_STRING, false },  { "dial", MENU_STRING, false },
	{ "keywords", MENU_LIST, false },   { "proposed", MENU_STRING, true },{ "final", MENU_STRING, false },    { "notified", MENU_STRING, false },
	{ "live", MENU_STRING, false },     { "due", MENU_STRING, false },    { "waits_for", MENU_STRING, false },
	{ "visits", MENU_INT, false },      { NULL, 0, false }
};
static const char *const state_names[] = {
	[GW_CATALOGUE_PROPOSED] = "proposed", [GW_CATALOGUE_FINAL] = "final", [GW_CATALOGUE_NOTIFIED] = "notified", [GW_CATALOGUE_LIVE] = "live",
	[GW_CATALOGUE_LATE] = "late",
};
static const char *const date_names[] = {
	[GW_CATALOGUE_ON_PROPOSED] = "proposed", [GW_CATALOGUE_ON_FINAL] = "final", [GW_CATALOGUE_ON_NOTIFIED] = "notified",
	[GW_CATALOGUE_ON_LIVE] = "live", [GW_CATALOGUE_DUE] = "due",
};
/* The last date that a state has; those before it must be there, too. What is late was notified and has a day by which it was due. */
static const enum gw_catalogue_date last_dates[] = {
	[GW_CATALOGUE_PROPOSED] = GW_CATALOGUE_ON_PROPOSED, [GW_CATALOGUE_FINAL] = GW_CATALOGUE_ON_FINAL,
	[GW_CATALOGUE_NOTIFIED] = GW_CATALOGUE_ON_NOTIFIED, [GW_CATALOGUE_LIVE] = GW_CATALOGUE_ON_LIVE, [GW_CATALOGUE_LATE] = GW_CATALOGUE_ON_NOTIFIED,
};
_Static_assert(ARRAY_SIZE(state_names) == GW_CATALOGUE_STATES && ARRAY_SIZE(last_dates) == GW_CATALOGUE_STATES, "a row for each state");
_Static_assert(ARRAY_SIZE(date_names) == GW_CATALOGUE_DATES, "a name for each date");
/* What was asked of Dolat Hamrah: ten domains, and what serves all of them. */
static const char *const domains[] = { "tax", "workshop", "health", "supplementary", "pension", "bills", "vehicles", "banking", "judicial",
	                               "correspondence", "general" };

struct reader { struct gw_catalogue *catalogue; struct menu_diags *diags; const char *closing; };

#define complain(r, node, rule, ...) menu_diag_add((r)->diags, (node)->file, (node)->line, rule, __VA_ARGS__)

static int find(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

static const char *string(struct reader *r, const struct menu_node *group, const char *name)
{
	const struct menu_node *node = menu_node_find(group, name);

	return node ? talloc_strdup(r->catalogue, node->string) : NULL;
}

static const char *date(struct reader *r, const struct menu_node *group, const char *name)
{
	const struct menu_node *node = menu_node_find(group, name);
	struct menu_input_result result;

	if (!node)
		return NULL;
	menu_input_check(menu_input_find("jalali-date"), node->string, strlen(node->string), NULL, 0, &result);
	if (!result.ok || strcmp(result.normal, node->string) != 0)
		complain(r, node, "bad-date", "\"%s\" must be a day of the Persian calendar like 1405/01/31", name);
	return talloc_strdup(r->catalogue, node->string);
}

/* Strings of a list into out; their number. */
static size_t strings(struct reader *r, const struct menu_node *group, const char *name, const char **out, size_t max)
{
	const struct menu_node *list = menu_node_find(group, name);
	size_t n = 0;

	for (size_t i = 0; list && i < list->n; i++)
		if (list->children[i].kind != MENU_NODE_STRING || n == max)
			complain(r, &list->children[i], "wrong-type", "\"%s\" is a list of at most %zu strings", name, max);
		else
			out[n++] = talloc_strdup(r->catalogue, list->children[i].string);
	return n;
}

static unsigned int number(struct reader *r, const struct menu_node *group, const char *name, int64_t min, int64_t max)
{
	const struct menu_node *node = menu_node_find(group, name);

	if (node->integer >= min && node->integer <= max)
		return (unsigned int)node->integer;
	complain(r, node, "out-of-bounds", "\"%s\" is %lld to %lld", name, (long long)min, (long long)max);
	return 0;
}

static int choice(struct reader *r, const struct menu_node *group, const char *name, const char *const *names, size_t n)
{
	const struct menu_node *node = menu_node_find(group, name);
	int at = find(names, n, node->string);

	if (at < 0)
		complain(r, node, "unknown-value", "\"%s\" is no %s", node->string, name);
	return at < 0 ? 0 : at;
}

static void read_channels(struct reader *r, const struct menu_node *node, struct gw_catalogue_entry *entry)
{
	const struct menu_node *list = menu_node_find(node, "channels");
	const char *channels[2];
	size_t n = strings(r, node, "channels", channels, ARRAY_SIZE(channels));

	for (size_t i = 0; i < n; i++) {
		entry->ussd |= strcmp(channels[i], "ussd") == 0;
		entry->sms |= strcmp(channels[i], "sms") == 0;
	}
	if ((size_t)entry->ussd + entry->sms != n || n == 0)
		complain(r, list, "unknown-value", "\"channels\" are \"ussd\", \"sms\" or both");
}

/* Every date of the state is there, none of a later one, and none lies before the one in front of it. */
static void read_dates(struct reader *r, const struct menu_node *node, struct gw_catalogue_entry *entry)
{
	enum gw_catalogue_date last = last_dates[entry->state];
	const char *before = NULL;

	for (size_t i = 0; i < GW_CATALOGUE_DATES; i++) {
		const char *day = entry->dates[i] = date(r, node, date_names[i]);

		if (i == GW_CATALOGUE_DUE ? entry->state == GW_CATALOGUE_LATE && !day : i <= last && !day)
			complain(r, node, "missing-date", "what is %s has the date \"%s\"", state_names[entry->state], date_names[i]);
		if (i != GW_CATALOGUE_DUE && i > last && day)
			complain(r, node, "bad-date", "what is %s cannot have the date \"%s\"", state_names[entry->state], date_names[i]);
		if (i != GW_CATALOGUE_DUE && day && before && strcmp(day, before) < 0)
			complain(r, node, "bad-date", "\"%s\" lies before the date in front of it", date_names[i]);
		before = day ? day : before;
	}
	entry->after_closing = r->closing && entry->dates[GW_CATALOGUE_ON_PROPOSED] && strcmp(entry->dates[GW_CATALOGUE_ON_PROPOSED], r->closing) > 0;
}

static void read_entry(struct reader *r, const struct menu_node *node, struct gw_catalogue_entry *entry)
{
	static const char *const kinds[] = { "specific", "general" };
	const struct menu_node *title = menu_node_find(node, "title");

	*entry = (struct gw_catalogue_entry){ .node = node, .name = string(r, node, "name"), .agency = string(r, node, "agency") };
	if (menu_grammar_check(title, title_keys, false, "a title", r->diags)) {
		entry->title_fa = string(r, title, "fa");
		entry->title_en = string(r, title, "en");
	}
	entry->general = choice(r, node, "kind", kinds, ARRAY_SIZE(kinds)) == 1;
	entry->domain = domains[choice(r, node, "domain", domains, ARRAY_SIZE(domains))];
	entry->state = (enum gw_catalogue_state)choice(r, node, "state", state_names, ARRAY_SIZE(state_names));
	entry->level = number(r, node, "level", 0, 3);
	entry->order = number(r, node, "order", 1, ENTRIES_MAX);
	entry->visits = menu_node_find(node, "visits") ? (int)number(r, node, "visits", 0, VISITS_MAX) : -1;
	entry->service = string(r, node, "service");
	entry->dial = string(r, node, "dial");
	entry->waits_for = string(r, node, "waits_for");
	read_channels(r, node, entry);
	entry->n_inputs = strings(r, node, "inputs", entry->inputs, GW_CATALOGUE_INPUTS_MAX);
	entry->n_keywords = strings(r, node, "keywords", entry->keywords, GW_CATALOGUE_KEYWORDS_MAX);
	for (size_t i = 0; i < entry->n_inputs; i++)
		if (!menu_input_find(entry->inputs[i]))
			complain(r, node, "unknown-check", "\"%s\" is no input check", entry->inputs[i]);
	read_dates(r, node, entry);
}

static void refuse_twins(struct reader *r, size_t n)
{
	const struct gw_catalogue_entry *entries = r->catalogue->entries;

	for (size_t i = 0; i < n; i++)
		if (strcmp(entries[i].name, entries[n].name) == 0)
			complain(r, entries[n].node, "duplicate-name", "\"%s\" stands in line %u already", entries[n].name, entries[i].node->line);
		else if (entries[i].order == entries[n].order)
			complain(r, entries[n].node, "duplicate-order", "\"%s\" has the order %u already", entries[i].name, entries[n].order);
}

static int by_order(const void *a, const void *b)
{
	const struct gw_catalogue_entry *x = a, *y = b;

	return (x->order > y->order) - (x->order < y->order);
}

static void read_entries(struct reader *r, const struct menu_node *list)
{
	struct gw_catalogue *catalogue = r->catalogue;

	if (list->n > ENTRIES_MAX) {
		complain(r, list, "too-many", "a catalogue has at most %d services", ENTRIES_MAX);
		return;
	}
	catalogue->entries = talloc_zero_array(catalogue, struct gw_catalogue_entry, (unsigned int)list->n);
	for (size_t i = 0; i < list->n; i++)
		if (list->children[i].kind != MENU_NODE_GROUP)
			complain(r, &list->children[i], "wrong-type", "a service is a group: { ... }");
		else if (menu_grammar_check(&list->children[i], entry_keys, false, "a service of the catalogue", r->diags)) {
			read_entry(r, &list->children[i], &catalogue->entries[catalogue->n]);
			refuse_twins(r, catalogue->n++);
		}
	if (catalogue->n)
		qsort(catalogue->entries, catalogue->n, sizeof(*catalogue->entries), by_order);
}

/* set: NULL: it is compared with nothing. */
static const struct gw_catalogue *read_file(void *ctx, const char *path, const struct menu_set *set, struct menu_diags *diags)
{
	struct gw_catalogue *catalogue = talloc_zero(ctx, struct gw_catalogue);
	struct reader r = { .catalogue = catalogue, .diags = diags };
	size_t before = menu_diags_count(diags);
	const struct menu_node *root;

	catalogue->file = talloc_strdup(catalogue, path);
	root = menu_source_read(catalogue, catalogue->file, diags);
	if (root && menu_grammar_check(root, root_keys, false, "the catalogue", diags)) {
		r.closing = catalogue->closing = date(&r, root, "closing");
		read_entries(&r, menu_node_find(root, "services"));
		if (set)
			gw_catalogue_check(catalogue, set, diags);
	}
	if (menu_diags_count(diags) == before)
		return catalogue;
	talloc_free(catalogue);
	return NULL;
}

const struct gw_catalogue *gw_catalogue_load(void *ctx, const char *folder, const struct menu_set *set, struct menu_diags *diags)
{
	char *path = talloc_asprintf(NULL, "%s/catalogue.cfg", folder);
	const struct gw_catalogue *catalogue = read_file(ctx, path, set, diags);

	talloc_free(path);
	return catalogue;
}

const struct gw_catalogue *gw_catalogue_read(void *ctx, const char *path, struct menu_diags *diags)
{
	return read_file(ctx, path, NULL, diags);
}

bool gw_catalogue_is_domain(const char *name)
{
	return find(domains, ARRAY_SIZE(domains), name) >= 0;
}

/* ---- the table ---- */

static const char *since(const struct gw_catalogue_entry *entry)
{
	return entry->dates[entry->state == GW_CATALOGUE_LATE ? GW_CATALOGUE_DUE : last_dates[entry->state]];
}

void gw_catalogue_print(const struct gw_catalogue *catalogue, FILE *to)
{
	fprintf(to, "%3s  %-20s %-14s %-11s %-8s %-8s %-5s %-5s %-8s %-10s %s\n", "NO.", "SERVICE", "DOMAIN", "AGENCY", "KIND", "CHANNELS", "LEVEL",
	        "DIAL", "STATE", "SINCE", "TITLE; INPUTS; KEYWORDS");
	for (size_t i = 0; i < catalogue->n; i++) {
		const struct gw_catalogue_entry *e = &catalogue->entries[i];

		fprintf(to, "%3u  %-20s %-14s %-11s %-8s %-8s %-5u %-5s %-8s %-10s %s", e->order, e->name, e->domain, e->agency,
		        e->general ? "general" : "specific", e->ussd && e->sms ? "ussd,sms" : e->ussd ? "ussd" : "sms", e->level,
		        e->dial ? e->dial : "-", state_names[e->state], since(e), e->title_en);
		for (size_t k = 0; k < e->n_inputs; k++)
			fprintf(to, "%s%s", k ? "," : "; ", e->inputs[k]);
		for (size_t k = 0; k < e->n_keywords; k++)
			fprintf(to, "%s%s", k ? "," : "; ", e->keywords[k]);
		if (e->waits_for)
			fprintf(to, "; waits for: %s", e->waits_for);
		fprintf(to, "%s\n", e->after_closing ? "; proposed after the closing" : "");
	}
}
