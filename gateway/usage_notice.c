/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Notices, by the states that they come to. What is in a commit counts when the commit is made, and not again when another was faster and it
 * is made anew. */
#include <assert.h>

#include "gateway/notice.h"
#include "gateway/usage_priv.h"
#include "sessions/ledger.h"

#define NOTICE_DIM_BITS 12
static_assert(GW_USAGE_NAMES_MAX <= 1u << NOTICE_DIM_BITS, "three names are one token");

static void on_notice(void *ctx, uint64_t token)
{
	const gw_usage_name mask = (1u << NOTICE_DIM_BITS) - 1;

	usage_add(ctx, GW_USAGE_NOTICES, (const gw_usage_name[]){ (gw_usage_name)(token >> 2 * NOTICE_DIM_BITS & mask),
		  (gw_usage_name)(token >> NOTICE_DIM_BITS & mask), (gw_usage_name)(token & mask) }, 3, 1);
}

void gw_usage_notice(struct gw_usage *usage, struct sess_ledger_commit *commit, const struct gw_notice *notice, const char *state)
{
	uint64_t token;

	if (!usage)
		return;
	token = gw_usage_name_of(usage->cells, notice->agency);
	token = token << NOTICE_DIM_BITS | gw_usage_name_of(usage->cells, gw_notice_classes[notice->klass]);
	token = token << NOTICE_DIM_BITS | gw_usage_name_of(usage->cells, state);
	sess_ledger_then(commit, on_notice, usage, token);
}
