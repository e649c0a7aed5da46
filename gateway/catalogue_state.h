/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The catalogue as it stands now: what catalogue.cfg says (catalogue.h), with what has been decided since in the ledger.
 *
 *   proposed ──> final ──> notified (due on a day) ──> live
 *      └──> rejected <┘        └──> late: computed, while it is not live after that day
 *
 * The ledger has a record for each service that was proposed by API or changed by a command, `service:{p00}:NAME`, listed in
 * `services:{p00}:all`, and `catalogue:{p00}:closing`. What the two know of one service is put together: how it is (title, dial, keywords,
 * place) as the file says it, how far it is (state, days) as the ledger does. Days are those of the Persian calendar in Tehran.
 *
 * A service is JSON on its way (the record, with the file's keys of the same names), and a struct for those who read: gw_service.
 *
 * Asynchronous as the ledger is: nothing is called back from inside a call; every call that returned 0 has exactly one answer. What is
 * under way is a talloc child of the ctx given. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "gateway/catalogue.h"
#include "sessions/ledger.h"

struct gw_events;

#define GW_SERVICE_NAME_MAX 32           /* small letters, digits, '_' */
#define GW_SERVICES_MAX 1000             /* with those that were rejected */
#define GW_SERVICES_OF_AGENCY_MAX 100
#define GW_SERVICE_PARTITION 0u
#define GW_DAY_OCTETS 16                 /* "1405/08/01" */

struct gw_service {                      /* texts: of the record */
	const char *name, *title_fa, *title_en, *agency, *kind, *domain;
	const char *service;             /* its file in the menu; NULL: not said */
	enum gw_catalogue_state state;   /* LATE: computed; GW_CATALOGUE_REJECTED */
	const char *dates[GW_CATALOGUE_DATES]; /* days; NULL: not yet */
	const char *acknowledged;        /* the day on which its agency said that it knows; NULL: not yet */
	bool after_closing, by_api;      /* proposed after the closing; by API, else by the file */
	json_t *record;                  /* all of it */
};
struct gw_services {
	int64_t closing_ms;              /* the last moment for proposals; 0: none is set */
	size_t n;
	struct gw_service *at;           /* by order, those without one behind, by name */
	const struct gw_service *first_late; /* NULL: none is late */
};

/* services: NULL unless OK; valid during the callback; steal it to keep it. */
typedef void gw_services_cb(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_services *services);
/* All of them as they are now. file: what catalogue.cfg says, read during the call only; NULL: there is none. 0, -ENOTCONN. */
int gw_services_load(void *ctx, struct sess_ledger *ledger, const struct gw_catalogue *file, gw_services_cb *cb, void *cb_ctx, uint64_t token);
const struct gw_service *gw_services_find(const struct gw_services *services, const char *name);
const char *gw_service_state_name(enum gw_catalogue_state state);

/* ---- one is changed */
enum gw_service_changed {
	GW_SERVICE_CHANGED,
	GW_SERVICE_NONE,                 /* there is no such service, or it is not `agency`'s */
	GW_SERVICE_REFUSED,              /* `edit` said no: why */
	GW_SERVICE_FAILED,               /* the ledger: why */
};
/* Changes it in place. NULL, or why not. It may be called several times, each time on what was loaded, and only its last call counts. today: a day. */
typedef const char *gw_service_edit(void *ctx, json_t *record, const char *today);
/* record: with CHANGED; borrowed. */
typedef void gw_service_changed_cb(void *ctx, uint64_t token, enum gw_service_changed changed, const json_t *record, const char *why);
struct gw_service_change {
	struct sess_ledger *ledger;
	struct gw_events *events;        /* NULL: nobody is told */
	const struct gw_catalogue *file;
	const char *name, *agency;       /* agency: whose it must be; NULL: anybody's */
	const char *what;                /* in the audit chain: "catalogue.final"; and the event, if it is one of the event types */
	const char *by;                  /* in the audit chain: who */
	gw_service_edit *edit;
	void *edit_ctx;
	gw_service_changed_cb *cb;
	void *cb_ctx;
	uint64_t token;
};
/* 0; -EINVAL (that is no name), -ENOTCONN: nothing is called. */
int gw_service_change(void *ctx, const struct gw_service_change *change);
/* The closing is set. cb: record is NULL. */
int gw_services_open(void *ctx, struct sess_ledger *ledger, int64_t until_ms, const char *by, gw_service_changed_cb *cb, void *cb_ctx);

/* ---- for those who make commits of their own, and for files (service_record.c) */
bool gw_service_key(char key[SESS_LEDGER_KEY_OCTETS], const char *name); /* false: that is no name */
#define GW_SERVICES_INDEX "services:{p00}:all"
#define GW_SERVICES_CLOSING "catalogue:{p00}:closing"
bool gw_service_name_ok(const char *name);
/* A line of the audit chain: what, which service, by whom, and `more` (taken over; NULL: nothing). */
void gw_service_note(struct sess_ledger_commit *commit, const char *what, const char *name, const char *by, json_t *more);
/* Today in Tehran. */
void gw_service_day(int64_t wall_ms, char day[GW_DAY_OCTETS]);
/* The last moment of a day "1405/08/02" in Tehran; 0: that is no day. */
int64_t gw_service_day_end(const char *day);
json_t *gw_service_of_file(const struct gw_catalogue_entry *entry);
/* Of two that know of one service; either may be NULL. A new reference. */
json_t *gw_service_merge(const json_t *file, const json_t *ledger);
/* Points into the record, of which it takes a new reference. False: it is no record. */
bool gw_service_read(json_t *record, const char *today, struct gw_service *service);
const char *gw_service_text(const json_t *record, const char *name); /* "" if there is none */
