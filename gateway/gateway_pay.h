/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The part of the gateway that pays bills. Made where a payment agency is configured. */
#pragma once

#include "gateway/gateway.h"

/* After gw_out_make. False after a log line. */
bool gw_pay_make(struct gw *gw);
void gw_pay_tick(struct gw *gw);
/* True: nothing is being worked on. */
bool gw_pay_close(struct gw *gw);
