/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* How many bills an agency issued in a month of the Persian calendar, on paper and without: told by the agency (POST /v1/reports/bills), kept
 * in the ledger, shown in the report. Telling a month again replaces what was told before.
 *
 *   paper-bills:{p}:<agency>.<1405-08>   the record; paper-bills:{p}:all lists them. One partition for all: they are few. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sessions/ledger.h"

#define GW_PAPER_PERIOD_OCTETS 8         /* "1405/08" with its NUL */
#define GW_PAPER_BILLS_MAX 1000000000000ll

struct gw_paper_bills {
	char agency[33], period[GW_PAPER_PERIOD_OCTETS];
	int64_t paper, paperless, told_ms;
};

/* The first day of a month "1405/08"; false: it is none. */
bool gw_paper_bills_day(const char *period, uint16_t *day);

typedef void gw_paper_bills_told_cb(void *ctx, uint64_t token, enum sess_ledger_result result);
/* 0, -EINVAL (a period that is none, a number out of bounds), -ENOTCONN. */
int gw_paper_bills_tell(void *ctx, struct sess_ledger *ledger, const struct gw_paper_bills *bills, gw_paper_bills_told_cb *cb, void *cb_ctx,
			uint64_t token);

/* All of them, by agency and period; ok false: the ledger does not answer. Valid during the callback. */
typedef void gw_paper_bills_cb(void *ctx, bool ok, const struct gw_paper_bills *bills, size_t n);
int gw_paper_bills_load(void *ctx, struct sess_ledger *ledger, gw_paper_bills_cb *cb, void *cb_ctx);
