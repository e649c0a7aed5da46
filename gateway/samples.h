/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Answers of agencies from a file, for trying a menu without them. The file (libconfig):
 *
 *     samples = (
 *       { operation = "bills.inquire";
 *         when    = { bill_id = "7748317800142"; };          # all of these inputs have these values; none: always
 *         outcome = "ok";                                    # the default
 *         values  = { bill = { amount = 120000; due = "1398/12/29"; unpaid = true; }; };
 *         lists   = { items = ( { id = "1"; amount = 5000; }, { id = "2"; amount = 7000; } ); }; } );
 *
 * The first sample that fits answers. An operation that asks others side by side is answered by theirs, merged as the gateway does it. */
#pragma once

#include "menus/diag.h"
#include "menus/operation.h"

struct gw_samples; /* a talloc object */

/* NULL with diagnostics (rules "sample-...") if anything in the file names what the menu's agencies do not have. */
struct gw_samples *gw_samples_load(void *ctx, const char *path, const struct menu_agencies *agencies, struct menu_diags *diags);
/* The answer to a call with these inputs, or NULL: no sample fits. Lives as long as the samples;
 * of an operation with members, until the next call. */
const struct menu_answer *gw_samples_find(const struct gw_samples *samples, const struct menu_operation *operation,
                                          const char *(*value)(void *ctx, const char *name), void *value_ctx);
