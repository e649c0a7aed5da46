/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The payment agency as payments.c asks it: the operations `pay`, `state` and `void` of the agency that `payments.agency` names.
 *
 *   pay    ok with payment.state "paid" | already (the bill was paid by another way) | any other outcome: refused, by that word
 *   state  ok with payment.state "paid", "refused", "void" | not_found: never seen
 *   void   ok with payment.state "void", "paid", "refused"
 *
 * All else, and any other state, is no answer. Inputs: id, msisdn, bill_id, payment_id, amount. */
#pragma once

#include "gateway/payments.h"

struct gw;
struct gw_config;
struct menu_agencies;
struct menu_diags;

/* For gw_payments_config; ctx: the gateway. */
int gw_payment_call(void *ctx, enum gw_payment_act what, const json_t *record, uint64_t token);
/* An agency that is configured and does not have all of it is a mistake. */
void gw_payment_call_check(const struct gw_config *config, const struct menu_agencies *agencies, struct menu_diags *diags);
