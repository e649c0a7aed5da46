/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The record of a request: JSON as it lies in the ledger, and what others are shown of it. Pure.
 *
 *   {"code", "agency", "service", "title": {fa, en}, "msisdn", "channel", "language", "route", "to", "fields": {name: value},
 *    "state", "received": ms, "changed": ms, "closed": bool,
 *    "answers": [{"at": ms, "state", "text": {fa, en}, "sensitive", "notice", "key", "content"}]}
 *
 * Fields hold what the agency needs and nobody else (national IDs ...): they are taken out when the agency has answered. */
#pragma once

#include "gateway/requests.h"

#define GW_REQUEST_ANSWERS_MAX 20
#define GW_REQUEST_HASH_OCTETS 33       /* hexadecimal, with its NUL */

extern const char *const gw_request_states[]; /* by enum gw_request_state; NULL past the last */
/* -1: no such state. */
int gw_request_state_find(const char *name);

/* A new one, with the check digit; NULL if it cannot be said in JSON. */
void gw_request_draw_code(unsigned int partition, char code[GW_REQUEST_CODE_OCTETS]);
/* The partition that a code names, or -1. */
int gw_request_partition(const char *code);
json_t *gw_request_make(const struct gw_request_new *request, const char *code, int64_t wall_ms);
/* NULL: it is no record. */
json_t *gw_request_decode(const void *value, size_t octets);

const char *gw_request_text(const json_t *record, const char *name); /* "" if there is none */
enum gw_request_state gw_request_state(const json_t *record);
void gw_request_set_state(json_t *record, enum gw_request_state state, int64_t wall_ms);
/* The title in a language, "" if there is none in any. */
const char *gw_request_title(const json_t *record, const char *language);

/* For the agency: new references. Briefly: in lists, without fields and answers. */
json_t *gw_request_show(const json_t *record);
json_t *gw_request_show_briefly(const json_t *record);
/* Hexadecimal digits of a hash over pieces, each with its length. */
struct gw_piece { const void *data; size_t octets; };
void gw_request_hash(const struct gw_piece *pieces, size_t n, char hash[GW_REQUEST_HASH_OCTETS]);
