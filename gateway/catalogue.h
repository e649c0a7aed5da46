/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The catalogue of services: FOLDER/catalogue.cfg beside a menu. It tells people what there is, for whom, by which channel, and how far it is;
 * the gateway serves the menu without it. What it says of a service that is live must be what the menu has. What has been decided since it
 * was written stands in the ledger (catalogue_state.h). */
#pragma once

#include <stdio.h>

#include "menus/set.h"
#include "menus/source.h"

#define GW_CATALOGUE_INPUTS_MAX 8
#define GW_CATALOGUE_KEYWORDS_MAX 8

enum gw_catalogue_state {
	GW_CATALOGUE_PROPOSED, GW_CATALOGUE_FINAL, GW_CATALOGUE_NOTIFIED, GW_CATALOGUE_LIVE, GW_CATALOGUE_LATE, GW_CATALOGUE_STATES,
	GW_CATALOGUE_REJECTED = GW_CATALOGUE_STATES /* in the ledger only: a file does not list it */
};
enum gw_catalogue_date {
	GW_CATALOGUE_ON_PROPOSED, GW_CATALOGUE_ON_FINAL, GW_CATALOGUE_ON_NOTIFIED, GW_CATALOGUE_ON_LIVE, GW_CATALOGUE_DUE, GW_CATALOGUE_DATES
};

struct gw_catalogue_entry {
	const struct menu_node *node;             /* for file and line */
	const char *name, *title_fa, *title_en, *agency, *domain;
	bool general, ussd, sms, after_closing;
	const char *service, *dial, *waits_for;   /* NULL: not said */
	unsigned int level, order;                /* level: 0 to 3 of the identity ladder */
	int visits;                               /* to an office, that it takes the place of each time; -1: not said */
	enum gw_catalogue_state state;
	const char *dates[GW_CATALOGUE_DATES];    /* of the Persian calendar, 1405/01/31; NULL: not yet */
	size_t n_inputs, n_keywords;
	const char *inputs[GW_CATALOGUE_INPUTS_MAX], *keywords[GW_CATALOGUE_KEYWORDS_MAX];
};
struct gw_catalogue {
	const char *file;
	const char *closing;                      /* the last day for proposals; NULL: not said */
	size_t n;
	struct gw_catalogue_entry *entries;       /* by order */
};

/* Reads the catalogue of the menu in this folder and compares the two. NULL with every mistake in diags (rules of README.md of the menus). */
const struct gw_catalogue *gw_catalogue_load(void *ctx, const char *folder, const struct menu_set *set, struct menu_diags *diags);
/* The same of a file that is compared with nothing: what is wrong with itself only. */
const struct gw_catalogue *gw_catalogue_read(void *ctx, const char *path, struct menu_diags *diags);
bool gw_catalogue_is_domain(const char *name);
/* A line for each service, with a head. */
void gw_catalogue_print(const struct gw_catalogue *catalogue, FILE *to);
/* Services of catalogue_state.h in the file's own format, those that were rejected left out: catalogue_write.c. */
struct gw_services;
void gw_catalogue_write(const struct gw_services *services, FILE *to);

/* The second half, catalogue_check.c: does it agree with the menu? */
void gw_catalogue_check(const struct gw_catalogue *catalogue, const struct menu_set *set, struct menu_diags *diags);
