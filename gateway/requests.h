/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Requests of citizens to agencies: accepted by SMS (text.c) or raised by a menu, known by a tracking code, answered by the
 * agency. A request, its confirmation and its event are one commit.
 *
 *   received ──> delivered (the agency has it) ──> answered | progress ... ──> closed
 *
 * A tracking code has 9 digits: 6 random ones (the first not 0), 2 of the partition of the number, 1 check digit (Luhn). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "gateway/bearer.h"
#include "sessions/ledger.h"

#define GW_REQUEST_CODE_OCTETS 10        /* with its NUL */
#define GW_REQUEST_FIELDS_MAX 12

struct gw_requests;

enum gw_request_state { GW_REQUEST_RECEIVED, GW_REQUEST_DELIVERED, GW_REQUEST_PROGRESS, GW_REQUEST_ANSWERED, GW_REQUEST_REFUSED };

struct gw_request_field { const char *name, *value; };
struct gw_request_new {
	const char *agency, *service;    /* "tax", "balance" */
	const char *title_fa, *title_en; /* of the service: in the confirmation */
	const char *msisdn, *channel;    /* "sms", "ussd" */
	const char *language;
	uint16_t route;                  /* operator; 0: not known */
	size_t n_fields;
	struct gw_request_field fields[GW_REQUEST_FIELDS_MAX];
	const void *once;                /* what a repetition has in common: raised again within repeat_s, it is the same request */
	size_t once_octets;
	bool silent;                     /* no confirmation by SMS (a menu shows the code) */
};
/* OK: code is new; THERE: it is that of the request before; else code is NULL. */
typedef void gw_requests_cb(void *ctx, uint64_t token, enum sess_ledger_result result, const char *code);
int gw_requests_raise(struct gw_requests *requests, const struct gw_request_new *request, gw_requests_cb *cb, void *ctx, uint64_t token);

/* What the API shows; NULL: there is none (OK), or no answer. Borrowed. */
typedef void gw_requests_load_cb(void *ctx, uint64_t token, enum sess_ledger_result result, const json_t *request);
int gw_requests_load(struct gw_requests *requests, const char *code, gw_requests_load_cb *cb, void *ctx, uint64_t token);
/* The events' side: the agency has taken it. */
int gw_requests_delivered(struct gw_requests *requests, const char *code);
/* A code as it is typed: digits folded, marks dropped, check digit. False: it is none. */
bool gw_request_code_read(const char *text, char code[GW_REQUEST_CODE_OCTETS]);
