/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Who serves menus in the gateway's own process: a new noun is a table of its own file, and a line here. */
#include "gateway/builtin.h"

const struct gw_builtin_row *const gw_builtin_tables[] = {
	gw_builtin_inbox_rows, gw_builtin_request_rows, gw_builtin_identity_rows, gw_builtin_payment_rows, NULL,
};
