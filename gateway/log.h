/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Log categories and masking. Lines go to stderr or the journal. ERROR: an operator must act; NOTICE: links and versions
 * change; INFO: one line a dialog; DEBUG: the rest. A number is written masked; what a citizen typed is never written. */
#pragma once

#include <stdbool.h>
#include <osmocom/core/logging.h>

enum gw_log_category { GW_LOG_MAIN, GW_LOG_LINK, GW_LOG_REDIS, GW_LOG_DIALOG, GW_LOG_AGENCY, GW_LOG_MENU, GW_LOG_HTTP, GW_LOG_API, GW_LOG_NOTICE, GW_LOG_CATEGORIES };

/* target: "stderr" or "journal"; level: "debug", "info", "notice", "error". -ENOENT: there is no journal, so that
 * lines go to stderr. */
int gw_log_init(void *ctx);
int gw_log_configure(const char *target, const char *level);

/* "98912*****67", in one of a few static buffers: for log and VTY lines only. */
const char *gw_log_mask(const char *msisdn);

/* One dialog's line: names the subscriber (masked) and the operator. */
#define LOGPDIALOG(route, msisdn, level, format, ...) \
	LOGP(GW_LOG_DIALOG, level, "dialog(%s@%s) " format, gw_log_mask(msisdn), (route)->name, ##__VA_ARGS__)
