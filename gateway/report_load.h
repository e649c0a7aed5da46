/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a report is made from, out of the ledger (or the sessions' Redis, where there is none), the catalogue and the accounts; with a
 * command's loop, which waits. */
#pragma once

#include "gateway/command.h"
#include "gateway/report_data.h"

/* world->redis is open. Fills data; catalogue and menus are read from the configuration's files. False after a sentence. */
bool gw_report_load(struct gw_command_world *world, struct gw_report_data *data);
