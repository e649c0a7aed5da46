/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Before what is kept of a number - letters, requests, payments - is served: from when on it is for who has the number now (identity.h), which
 * goes with the call (from_ms). Whoever serves a row that is `kept` shows nothing that is older. */
#pragma once

#include "gateway/builtin.h"

/* True: the row is served later, or the call answered. False: there is nothing to wait for; the call may be served as it is. */
bool gw_builtin_guard(const struct gw_builtin_row *row, const struct gw_builtin_call *call);
