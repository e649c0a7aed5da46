/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A line of the audit chain (sessions/chain.h) as the gateway writes them: when, what happened, and then what it happened to. */
#pragma once

#include <stdint.h>

#include <jansson.h>

#include "sessions/ledger.h"

/* Adds {"at": RFC 3339, "what": what, then the members of more} to the commit. more: taken over, or NULL. */
void gw_audit_note(struct sess_ledger_commit *commit, int64_t at_ms, const char *what, json_t *more);
