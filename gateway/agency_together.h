/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Calls side by side: an operation that has members asks all of them at once, and what they said is one answer (together.h).
 *
 * One call is answered exactly once, always later, as any other of agency.h: when all members have answered, or after the
 * operation's timeout_ms. The caller's patience may end sooner (patience_ms): from then on one answer is enough. If there is not even one, the
 * members are waited for to the end, so that a dialog can be late with it.
 *
 * A member that does not answer in time, whose breaker is open or whose queue is full is silent; an older answer that its agency allows
 * stands in for it (as_of_s). What it says later is nobody's any more, but its call goes on to its end: it is remembered for as_of_s, and its
 * breaker hears of it. */
#pragma once

#include "gateway/agency.h"

struct gw_agency_together; /* all of them; a talloc object */

/* A child of ctx. When the agencies answer what is open with "failed", as they do when they are freed, so does this. */
struct gw_agency_together *gw_agency_together_alloc(void *ctx, struct gw_agencies *agencies, int log_category);

/* As gw_agency_call, for an operation with members, which must come of menu_agencies_load. -EINVAL: an input is missing. Otherwise an
 * error only if no member could be called: the first one's. */
int gw_agency_together_call(struct gw_agency_together *together, const struct gw_agency_request *request, gw_agency_cb *cb, void *ctx, uint64_t token);
/* About ten times a second: those that waited long enough. */
void gw_agency_together_tick(struct gw_agency_together *together);
