/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The record of a payment: JSON as it lies in the ledger, and what others are shown of it. Pure.
 *
 *   {"code", "id", "msisdn", "bill_id", "payment_id", "amount", "kind": {fa, en}, "issuer", "channel", "account", "language", "content",
 *    "state", "at": ms, "changed": ms, "reference", "why"}
 *
 *   open ──> paid | refused            by the payment agency's word
 *     └────> voiding ──> void | paid   it took too long: the agency is to make sure that it is never paid
 *               └─(silent)─> unsure    nobody knows: the operators have it, and the question goes on when they say so
 *
 * A tracking code has the form of a request's (request_record.h). Its sixth digit is odd where a request's is even: so the two are never
 * the same, without a look at the ledger. `id` is what the payment agency knows the payment by: never drawn twice, codes may be. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "gateway/request_record.h"

#define GW_PAYMENT_ID_OCTETS 28          /* with its NUL */
#define GW_PAYMENT_WORD_OCTETS 65        /* of a reference, or of why */
/* Of a new one, as it is written: octets at most of a number with its spaces, of a kind, of an issuer. */
#define GW_PAYMENT_TYPED_MAX 64
#define GW_PAYMENT_KIND_MAX 120
#define GW_PAYMENT_ISSUER_MAX 32
#define GW_PAYMENT_AMOUNT_MAX INT64_C(99999999000) /* rial; a payment ID can say no more */

enum gw_payment_state { GW_PAYMENT_OPEN, GW_PAYMENT_VOIDING, GW_PAYMENT_UNSURE, GW_PAYMENT_PAID, GW_PAYMENT_REFUSED, GW_PAYMENT_VOID };
extern const char *const gw_payment_states[]; /* by enum; NULL past the last */

struct gw_payment_new {
	const char *msisdn, *channel;    /* "ussd", "portal" ... */
	const char *account;             /* that acts for the citizen; "": they do so themselves */
	const char *language;
	const char *bill_id, *payment_id; /* in their normal form (gw_payment_check_bill) */
	int64_t amount;                  /* rial */
	const char *kind_fa, *kind_en;   /* "electricity": named in the receipt */
	const char *issuer;              /* the account that is told; "": nobody */
	const void *once;                /* NULL, or what a repetition has in common: the same payment */
	size_t once_octets;
	const void *content;             /* NULL, or what a repetition must not have changed */
	size_t content_octets;
};

/* The numbers of a bill, folded to their normal form into bill_id and payment_id: NULL, or which is at fault ("bill_id", "payment_id",
 * "amount"). amount must be what the payment ID says. */
#define GW_PAYMENT_NUMBER_OCTETS 16
const char *gw_payment_check_bill(const char *bill, const char *payment, int64_t amount, char bill_id[GW_PAYMENT_NUMBER_OCTETS],
				  char payment_id[GW_PAYMENT_NUMBER_OCTETS]);

void gw_payment_draw_code(unsigned int partition, char code[GW_REQUEST_CODE_OCTETS]);
/* True: a code of a payment, and not of a request. */
bool gw_payment_code_read(const char *text, char code[GW_REQUEST_CODE_OCTETS]);
/* Open, with code and id drawn. NULL: it cannot be said in JSON. */
json_t *gw_payment_make(const struct gw_payment_new *payment, unsigned int partition, int64_t wall_ms);
/* NULL: it is no record, or one with a number or a word out of its bounds. */
json_t *gw_payment_decode(const void *value, size_t octets);
enum gw_payment_state gw_payment_state(const json_t *record);
bool gw_payment_over(enum gw_payment_state state);           /* paid, refused, void: for good */
/* reference, why: an agency's words; only what is printable ASCII of them is kept, and as much as fits. */
void gw_payment_set(json_t *record, enum gw_payment_state state, const char *reference, const char *why, int64_t wall_ms);
/* "electricity" in a language, "" if there is none in any. */
const char *gw_payment_kind(const json_t *record, const char *language);
/* What citizens and accounts are told: "paid", "refused", "void" or, as long as it is none of these, "unknown". */
const char *gw_payment_word(const json_t *record);
/* For the API and events; a new reference. */
json_t *gw_payment_show(const json_t *record);
