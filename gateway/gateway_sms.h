/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The part of the gateway that stands on ledger and networks both: requests, what citizens write, what becomes of messages. Made where
 * there is a ledger; without one its functions do nothing. */
#pragma once

#include "gateway/gateway.h"

/* After gw_out_make. */
void gw_sms_make(struct gw *gw);
void gw_sms_tick(struct gw *gw);   /* every GW_LOOP_TICK_MS */
/* Nothing new is taken; true when nothing is in work any more. */
bool gw_sms_close(struct gw *gw);
