/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the files of the identity ladder's shell share; nobody else includes this.
 *
 *   identity.c        a step that a menu asked for: load, decide, commit, answer
 *   identity_fact.c   what a step has to ask others for
 *   identity_change.c what is dropped from outside; what is looked at
 *   identity_view.c   what of a number's is for who has it now
 *
 * A step is a struct gw_identity_ask, a child of the builtin, which lives longer than all that it waits for. After gw_identity_go_on,
 * _answer and _fail it must not be touched. */
#pragma once

#include <jansson.h>

#include "gateway/bearer.h"
#include "gateway/identity.h"
#include "gateway/identity_record.h"

#define CONFLICTS_MAX 8
#define ROUNDS_MAX 8             /* facts that a step may ask for, conflicts included */
#define RECORD_KEEP_MS (400 * INT64_C(86400000)) /* after it was last changed, and longer than what is remembered: the PIN is missed late */

#define SIMS_KEPT 4096

struct gw_identities {
	struct gw_identities_config config;
	struct gw_hasher *hasher;
	struct gw_identity_counters counters;
	struct { uint64_t dialog; char since[GW_IDENTITY_SINCE_OCTETS]; } sims[SIMS_KEPT]; /* of identity_view.c: asked for in this dialog, by its number */
	uint64_t complained;             /* the menu's version that has no such agency, and was said so */
};

struct gw_identity_ask {
	struct gw_identities *identities;
	struct gw_builtin *builtin;
	uint64_t token;
	char msisdn[GW_MSISDN_MAX + 1], language[4];
	uint16_t route;
	char typed[GW_IDENTITY_TYPED_OCTETS], last[GW_IDENTITY_HASH_OCTETS], code[GW_IDENTITY_HASH_OCTETS], new_code[8];
	struct gw_identity_request request;
	struct gw_identity_facts facts;
	struct gw_identity loaded, record; /* as it is in the ledger; as it is to be */
	sess_ledger_stamp stamp;
	struct gw_identity_verdict verdict;
	unsigned int conflicts, rounds;
	const struct menu_set *set;      /* held while its operation is called */
	gw_identity_from_cb *view;       /* of identity_view.c: it is no step, and whom it is for */
	void *view_ctx;
	uint64_t view_token;
};

/* ---- identity.c */
void gw_identity_go_on(struct gw_identity_ask *ask);   /* with one fact more */
void gw_identity_fail(struct gw_identity_ask *ask);    /* 503 */
void gw_identity_load(struct gw_identity_ask *ask);    /* its record; then go_on or fail */
int gw_identity_ask_free(struct gw_identity_ask *ask); /* its destructor */
bool gw_identity_key(char key[SESS_LEDGER_KEY_OCTETS], const char *msisdn);
/* Into the commit; over: as it was loaded. */
void gw_identity_put(struct gw_identities *identities, struct sess_ledger_commit *commit, const char *msisdn, const struct gw_identity *record,
		     sess_ledger_stamp over);
/* A line of the audit chain; more: taken over, or NULL. Never whose ID, never what was typed. */
void gw_identity_audit(struct sess_ledger_commit *commit, const char *msisdn, const char *what, json_t *more);
/* False: what lies there is no record, which is logged: nobody is let in by it. */
bool gw_identity_read(const struct gw_identities *identities, const char *msisdn, const struct sess_ledger_record *from, struct gw_identity *record);

/* ---- identity_view.c: the same of a view */
void gw_identity_view_go_on(struct gw_identity_ask *ask);
void gw_identity_view_fail(struct gw_identity_ask *ask);

/* ---- identity_fact.c */
/* Asks for what the verdict says is needed. */
void gw_identity_find_out(struct gw_identity_ask *ask);
