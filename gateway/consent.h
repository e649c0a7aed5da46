/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a citizen does not want: by sender, notices of the class INFO. Answers and what the law requires are never refused, and so are
 * not asked for here. The record `consent:{pNN}:<msisdn>` is {"<sender>": {"stopped": true, "at": ms, "via": "sms"}, ...}. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sessions/ledger.h"

#define GW_CONSENT_SENDERS_MAX 64        /* of one citizen; who has stopped so many has the oldest forgotten */

struct gw_consent;
/* A child of ctx. */
struct gw_consent *gw_consent_alloc(void *ctx, struct sess_ledger *ledger);

/* "stop" and "start" words, with a line in the audit chain. sender: as it stands in a notice; "": the operator's own number. via: "sms",
 * "ussd", "api". OK, DOWN, BUSY. 0, -EINVAL, -ENOTCONN. */
typedef void gw_consent_cb(void *ctx, uint64_t token, enum sess_ledger_result result);
int gw_consent_set(struct gw_consent *consent, const char *msisdn, const char *sender, bool stopped, const char *via, gw_consent_cb *cb,
		   void *ctx, uint64_t token);

bool gw_consent_key(char key[SESS_LEDGER_KEY_OCTETS], const char *msisdn);
/* The record says so. Pure; no record (octets 0) stops nothing. */
bool gw_consent_stopped(const void *value, size_t octets, const char *sender);
