/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The part of the gateway that proves who a citizen is. Made where there are a ledger and a session key; without them nobody can prove it. */
#pragma once

#include "gateway/gateway.h"

/* After gw_out_make. False after a log line. */
bool gw_identity_make(struct gw *gw);
