/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The gateway as an agency: operations of an agency file whose url is `gateway:` are served in this process, so that a menu
 * reaches the inbox and requests as it reaches any agency, by a call with outcomes, answers and lists.
 *
 * A path and its method name a service of the tables ("GET /inbox/{id}"); the answer is a status and JSON, read by the same rules
 * as an HTTP answer. The number is that of the session, never what a menu says; or, at another door (api_citizen.c), that of a citizen
 * whom the account which knocks there has authenticated.
 *
 * A call is begun by agency.c, which waits for one `done`: always later, from gw_builtin_collect, tick or abort. Whoever serves
 * it may answer at once, later, or never: then its time ends it, and an answer that still comes finds nobody. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "menus/operation.h"

struct gw;
struct gw_builtin;

/* ---- for those who serve */

struct gw_builtin_call {                 /* all of it is valid during serve() only */
	struct gw *gw;
	struct gw_builtin *builtin;
	const char *msisdn;              /* of the citizen in the dialog */
	const char *method, *path;       /* the path with its variables in place, percent-encoded, with its query (builtin_path.h) */
	const json_t *body;              /* or NULL */
	const char *language;            /* of the dialog: "fa", "en" */
	const char *door;                /* by which they came: "ussd", "portal", "karpousheh" */
	const char *account;             /* that acts for the citizen; "": they do so themselves */
	uint64_t idempotency;            /* the same in every attempt of what is not safe; else 0 */
	uint64_t dialog;                 /* the same in every call of a dialog, and unlike any other's; 0: not known */
	uint16_t route;                  /* the operator whose dialog it is; 0: not known */
	int64_t from_ms;                 /* of a row that is `kept`: what is older (wall clock) is not for who has the number now */
	uint64_t token;                  /* for gw_builtin_answer */
};
/* Answers later or at once, with the token; body: taken over, or NULL. What is answered twice or too late is dropped. */
void gw_builtin_answer(struct gw_builtin *builtin, uint64_t token, unsigned int status, json_t *body);

struct gw_builtin_row {
	const char *method, *path;       /* "/inbox/{id}" */
	void (*serve)(const struct gw_builtin_call *call, const char *const *params); /* params: what stands for each {name}, decoded */
	bool kept;                       /* of what is kept of a number, which may have changed hands: builtin_guard.h */
};
/* Tables of those who serve, each ended by a row without a path, all of them by NULL: builtin_tables.c. */
extern const struct gw_builtin_row *const gw_builtin_tables[];
extern const struct gw_builtin_row gw_builtin_inbox_rows[], gw_builtin_request_rows[], gw_builtin_identity_rows[], gw_builtin_payment_rows[];

/* ---- for agency.c and the gateway */

#define GW_BUILTIN_CALLS_MAX 4096        /* that are not answered yet */

struct gw_builtin_request {              /* read during gw_builtin_start only */
	const char *method, *path;
	const char *body;                /* JSON, or NULL */
	size_t body_octets;
	const char *msisdn, *language;
	const char *door, *account;      /* NULL: a dialog of the citizen's own */
	uint64_t idempotency, dialog;
	uint16_t route;
	int64_t until_ms;                /* monotonic: then it has taken too long */
};
/* status 0: there was no answer in time, or there will be none. body: borrowed, or NULL. May start further calls. */
typedef void gw_builtin_done(void *ctx, unsigned int status, const json_t *body);

/* A child of ctx; gw: for those who serve. */
struct gw_builtin *gw_builtin_alloc(void *ctx, struct gw *gw, const struct gw_builtin_row *const *tables);
/* 0; -EBUSY: too many are open; -EINVAL: the body is no JSON. What no row serves is answered 501. */
int gw_builtin_start(struct gw_builtin *builtin, const struct gw_builtin_request *request, gw_builtin_done *done, void *ctx);
/* Tells what was answered. True if there was anything. */
bool gw_builtin_collect(struct gw_builtin *builtin);
/* Ends what took too long. now_ms: monotonic. */
void gw_builtin_tick(struct gw_builtin *builtin, int64_t now_ms);
/* Ends all. */
void gw_builtin_abort(struct gw_builtin *builtin);

/* Operations of agencies with `url = "gateway:"` that no row serves are mistakes. */
void gw_builtin_check(const struct gw_builtin_row *const *tables, const struct menu_agencies *agencies, struct menu_diags *diags);
