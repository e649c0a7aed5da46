/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* USSD over HTTP in the CON/END convention, as aggregators and sandboxes of operators speak it: each page is asked for by a request
 * that names a session, a number, a code and what was typed; the answer is the page, and whether the dialog goes on.
 *
 * They differ in small things: how the request is written, what its fields are called, whether it tells all that was typed so far
 * ("1*2*3") or only the last of it ("3"), how the answer is written. A *dialect* is a row of these; the knobs of a route refine it.
 * Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "gateway/bearer.h"
#include "menus/step.h"

#define CONEND_NAME_MAX 64               /* of a field */
#define CONEND_SESSION_MAX 128
#define CONEND_NUMBER_MAX 32
#define CONEND_CODE_MAX 64
#define CONEND_SEQUENCE_MAX 64

enum conend_form { CONEND_FORM /* POST, application/x-www-form-urlencoded */, CONEND_QUERY /* GET */, CONEND_JSON /* POST, an object */ };
enum conend_answer { CONEND_PREFIX /* text/plain: "CON page", "END page" */, CONEND_OBJECT /* {"message": page, "continue": true} */ };

struct conend_dialect {
	const char *name, *text;
	enum conend_form form;
	const char *session, *number, *typed;           /* names of fields that must be there */
	const char *code, *begins, *sequence;           /* and of those that a network may have; "": it has none */
	bool cumulative;                                /* `typed` is all that was typed so far, joined by '*' */
	enum conend_answer answer;
	const char *message, *goes_on;                  /* CONEND_OBJECT: names of its members */
	bool echo;                                      /* and it says session and number again */
	unsigned int page_septets, page_ucs2_units;     /* what fits on one page */
};
const struct conend_dialect *conend_dialect_row(size_t index); /* NULL past the last */
const struct conend_dialect *conend_dialect_find(const char *name);
bool conend_fits(const void *dialect, const char *utf8, size_t octets); /* gw_route.fits */

/* ---- a request ---- */

struct conend_request {
	char session[CONEND_SESSION_MAX + 1], number[CONEND_NUMBER_MAX + 1], code[CONEND_CODE_MAX + 1], sequence[CONEND_SEQUENCE_MAX + 1];
	char typed[GW_TEXT_OCTETS + 1];
	bool says_begins, begins;                       /* its field was there, and what it said */
	json_t *session_value, *number_value;           /* as they came, for `echo`; borrowed from the fields */
};
/* A form as an object of texts; NULL: not percent-encoded UTF-8, a name twice, more than 16 fields. */
json_t *conend_form_parse(const char *text, size_t octets);
/* NULL: good. Else a sentence of what is wrong, written into why. */
const char *conend_read(const struct conend_dialect *dialect, const json_t *fields, struct conend_request *out, char *why, size_t cap);
/* "+98912…", "0912…", and " 98912…", which is "+98912…" in a form whose sender did not escape it, become "98912…". 0 or -EINVAL. */
int conend_msisdn(const char *number, const char *country, char *out, size_t cap);
/* "*4#", "*4", "4#" become "*4"; "": it is no code. */
void conend_code(const char *code, char out[CONEND_CODE_MAX + 3]);

/* ---- what it asks for ---- */

struct conend_step {
	enum gw_step_kind kind;                         /* a dial or an input */
	const char *text;                               /* what was dialled or typed; in `dial` or in the request */
	bool has_dial;                                  /* INPUT: all that was typed is known, and is in `dial` as a dial string */
	uint32_t order;                                 /* gw_step.order */
	char dial[2 * CONEND_CODE_MAX + GW_TEXT_OCTETS + 8]; /* "": none is known */
};
/* code: what was dialled, by conend_code, or by default. (Where what was typed is a whole code, that is dialled.) */
void conend_step(const struct conend_dialect *dialect, const struct conend_request *request, const char *code, struct conend_step *out);
/* In the step's dial string the network's code becomes ours. False: it does not begin with that code. */
bool conend_map(struct conend_step *step, const char *network_code, const char *our_code);
/* True if equal requests are copies of one another for sure. */
bool conend_is_exact(const struct conend_dialect *dialect);

/* ---- the answer ---- */

/* malloc'ed; *type: its media type. */
char *conend_write(const struct conend_dialect *dialect, const struct conend_request *request, const char *page, size_t octets, bool ends,
		   size_t *out_octets, const char **type);
