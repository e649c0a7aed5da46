/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The part of the gateway that brings notices to citizens: the operators' lanes, the records, the outbox, receipts, stop words. Made
 * where there is a ledger; without one its functions do nothing. */
#pragma once

#include "gateway/gateway.h"

/* After the bearer and the dialogs. False after a log line. */
bool gw_out_make(struct gw *gw);
/* What dialogs send (gw_dialogs_config.text), as a notice: ctx is the gateway. */
int gw_out_text(void *ctx, const struct gw_dialog_text *text, gw_dialog_text_cb *cb, void *cb_ctx, uint64_t token);
void gw_out_turn(struct gw *gw);   /* after each turn, before what gathered is sent */
void gw_out_tick(struct gw *gw);   /* every GW_LOOP_TICK_MS */
/* Nothing new is begun; true when nothing is in work any more. */
bool gw_out_close(struct gw *gw);
