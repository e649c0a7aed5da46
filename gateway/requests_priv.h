/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What requests.c (raising, changing), requests_answer.c and requests_list.c share. */
#pragma once

#include "gateway/request_record.h"
#include "gateway/requests.h"

struct gw_requests {
	struct gw_requests_config config;
	struct gw_requests_counters counters;
};

bool gw_requests_key(char key[SESS_LEDGER_KEY_OCTETS], const char *code);
/* Of an agency's list: all (state NULL), or those in a state. */
bool gw_requests_list_key(char key[SESS_LEDGER_KEY_OCTETS], unsigned int partition, const char *agency, const char *state);
/* What stands in it: "<code>.<number>". */
#define GW_REQUEST_MEMBER_OCTETS (GW_REQUEST_CODE_OCTETS + GW_MSISDN_MAX + 1)
void gw_requests_member(const char *code, const char *msisdn, char member[GW_REQUEST_MEMBER_OCTETS]);
bool gw_requests_citizen_key(char key[SESS_LEDGER_KEY_OCTETS], const char *msisdn);
/* The record over the one that was loaded, whose state was `before`; lists follow. Four operations. */
void gw_requests_put(struct gw_requests *requests, struct sess_ledger_commit *commit, const json_t *record, sess_ledger_stamp over,
		     enum gw_request_state before);
/* A line of the audit chain. */
void gw_requests_note(struct sess_ledger_commit *commit, const json_t *record, const char *what);
