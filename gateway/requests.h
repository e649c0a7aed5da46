/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Requests of citizens to agencies: accepted by SMS (text.c) or raised by a menu, known by a tracking code, answered by the
 * agency. A request, its confirmation and its event are one commit, and so are an answer and the notice that brings it.
 *
 *   received ──> delivered (the agency has it) ──> progress ... ──> answered | refused: closed
 *
 * A tracking code has 9 digits: 6 random ones (the first not 0, the last even: an odd one is of a payment), 2 of the partition of the
 * number, 1 check digit (Luhn).
 *
 * Everything of a request lies in the partition of its citizen, the agency's lists too: `asked:{pNN}:<agency>` and
 * `asked:{pNN}:<agency>.<state>` are written in the commit that makes or changes the record, so that no crash can part them; a list of
 * an agency is put together from the 64 of them. `asks:{pNN}:<msisdn>` lists those of a citizen.
 *
 * Asynchronous as the ledger is: nothing is called back from inside a call; every call that returned 0 has exactly one answer. Freed
 * after the ledger, which answers what is pending; before it, what is pending is not answered any more. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "gateway/bearer.h"
#include "sessions/ledger.h"

#define GW_REQUEST_CODE_OCTETS 10        /* with its NUL */
#define GW_REQUEST_FIELDS_MAX 12
#define GW_REQUESTS_PAGE_MAX SESS_LEDGER_LOAD_MAX

struct gw_requests;
struct gw_notices;
struct gw_events;
struct menu_pins;

enum gw_request_state { GW_REQUEST_RECEIVED, GW_REQUEST_DELIVERED, GW_REQUEST_PROGRESS, GW_REQUEST_ANSWERED, GW_REQUEST_REFUSED };
enum gw_agency_there { GW_AGENCY_THERE, GW_AGENCY_NOT_THERE, GW_AGENCY_NOT_KNOWN_YET };

struct gw_requests_config {
	struct sess_ledger *ledger;
	struct gw_notices *notices;
	struct gw_events *events;
	const struct menu_pins *pins;    /* whose words the confirmation has */
	/* Is there an account that a request could be for? */
	enum gw_agency_there (*agency)(void *ctx, const char *name);
	void *ctx;
	struct gw_usage *usage;          /* where they are counted; NULL: nowhere */
	int64_t repeat_ms;               /* the same from the same number within this time is one request */
	int64_t keep_ms;                 /* a record is kept so long after it was last changed */
};
/* A child of ctx. */
struct gw_requests *gw_requests_alloc(void *ctx, const struct gw_requests_config *config);

struct gw_request_field { const char *name, *value; };
struct gw_request_new {
	const char *agency, *service;    /* "tax", "balance" */
	const char *title_fa, *title_en; /* of the service: in the confirmation */
	const char *msisdn, *channel;    /* "sms", "ussd", "portal" */
	const char *language;
	const char *to;                  /* the number that was written to, from which the answers come; NULL: the operator's own */
	uint16_t route;                  /* operator; 0: not known */
	size_t n_fields;
	struct gw_request_field fields[GW_REQUEST_FIELDS_MAX];
	const void *once;                /* what a repetition has in common: raised again within repeat_s, it is the same request */
	size_t once_octets;
	const void *content;             /* NULL, or what a repetition must not have changed */
	size_t content_octets;
	int64_t once_ms;                 /* instead of repeat_ms of the config; 0: that */
	bool silent;                     /* no confirmation by SMS (a menu shows the code) */
};
/* OK: code is new; THERE: it is that of the request before; CONFLICT: there is one before with other content; else code is NULL. 0; -ENOENT: there is no such agency; -EAGAIN: the
 * agencies are not known yet; -EINVAL: it is no request, or no operator serves the number. */
typedef void gw_requests_cb(void *ctx, uint64_t token, enum sess_ledger_result result, const char *code);
int gw_requests_raise(struct gw_requests *requests, const struct gw_request_new *request, gw_requests_cb *cb, void *ctx, uint64_t token);

/* The record (request_record.h); NULL: there is none (OK), or no answer. Borrowed. -EINVAL: that is no code. */
typedef void gw_requests_load_cb(void *ctx, uint64_t token, enum sess_ledger_result result, const json_t *request);
int gw_requests_load(struct gw_requests *requests, const char *code, gw_requests_load_cb *cb, void *ctx, uint64_t token);
/* The events' side: the agency has taken it. Nobody is told what became of this; a state that is further already stays. */
int gw_requests_delivered(struct gw_requests *requests, const char *code);
/* A code as it is typed: digits folded, marks dropped, check digit. False: it is none. */
bool gw_request_code_read(const char *text, char code[GW_REQUEST_CODE_OCTETS]);

/* ---- answers */
struct gw_request_answer {
	const char *agency;              /* who answers: it must be its request */
	const char *sender;              /* of the SMS where the citizen wrote to no number; "": the operator's own */
	enum gw_request_state state;     /* PROGRESS, ANSWERED, REFUSED; the last two close it */
	bool close;                      /* nothing more will come, whatever the state */
	const char *text[2];             /* fa, en; "" or NULL: not in this language. Without any the citizen is told nothing */
	const char *national_id;         /* NULL, or: only who has this opens it */
	const void *once;                /* NULL, or an idempotency key */
	size_t once_octets;
};
enum gw_answered {
	GW_ANSWERED, GW_ANSWERED_BEFORE /* with this key */, GW_ANSWERED_NO_REQUEST, GW_ANSWERED_CLOSED /* it is over already */,
	GW_ANSWERED_OTHERWISE /* with this key, something else */, GW_ANSWERED_TOO_OFTEN, GW_ANSWERED_NO_SEAL /* no key to seal it with */,
	GW_ANSWERED_NOWAY /* no operator serves the number */,
};
/* verdict: with OK only. request: the record as it is now. */
typedef void gw_requests_answer_cb(void *ctx, uint64_t token, enum sess_ledger_result result, enum gw_answered verdict, const json_t *request);
/* The answer is read during the call only. */
int gw_requests_answer(struct gw_requests *requests, const char *code, const struct gw_request_answer *answer, gw_requests_answer_cb *cb,
		       void *ctx, uint64_t token);

/* ---- lists */
/* records: borrowed. next: where to go on, "" at the end. */
typedef void gw_requests_list_cb(void *ctx, uint64_t token, enum sess_ledger_result result, json_t *const *records, size_t n, const char *next);
/* Of an agency, oldest first, from behind `cursor` (a `next`; NULL: the beginning) on; state -1: in any. -EINVAL: that is no cursor. */
int gw_requests_of_agency(struct gw_requests *requests, const char *agency, int state, const char *cursor, unsigned int limit,
			  gw_requests_list_cb *cb, void *ctx, uint64_t token);
/* Of a citizen, newest first. next is "". */
int gw_requests_of_citizen(struct gw_requests *requests, const char *msisdn, unsigned int skip, unsigned int limit, gw_requests_list_cb *cb,
			   void *ctx, uint64_t token);

/* Takes out of one agency's lists what has expired, a partition at a time: call it every second or so for each agency in turn. */
void gw_requests_sweep(struct gw_requests *requests, const char *agency, unsigned int partition);

struct gw_requests_counters { uint64_t raised, repeated, delivered, answered, collisions, conflicts, failures, swept; };
const struct gw_requests_counters *gw_requests_counters(const struct gw_requests *requests);
