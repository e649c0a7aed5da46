/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Events and dead letters for tests of what is served of them: told in a commit of the ledger, as they are told in earnest. */
#pragma once

#include "gateway/event.h"
#include "gateway/webhook.h"
#include "tests/unit/gateway/api_world.h"

static unsigned int event_answers;

static void on_event_committed(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	(void)ctx;
	(void)token;
	(void)there;
	assert_int_equal(result, SESS_LEDGER_OK);
	event_answers++;
}

/* Something that happened in this partition: the agency is told. */
__attribute__((unused)) static void event_world_tell(const char *agency, const char *type, unsigned int partition, const char *code)
{
	struct sess_ledger_commit *commit = sess_ledger_commit_begin(world_ctx, world.gw->ledger, partition);
	json_t *data = json_pack("{s:s}", "code", code);
	unsigned int before = event_answers;

	gw_event_add(world.gw->events, commit, agency, type, data);
	json_decref(data);
	assert_int_equal(sess_ledger_commit_go(commit, on_event_committed, NULL, 0), 0);
	for (int i = 0; i < WORLD_TURNS_MAX && event_answers == before; i++)
		gw_loop_turn();
	assert_int_equal(event_answers, before + 1);
	talloc_free(commit);
}

/* Until as many events of the agency have come to this end. */
__attribute__((unused)) static void event_world_until(const char *agency, enum gw_webhook_ctr ctr, uint64_t count)
{
	for (int turns = 0; turns < WORLD_TURNS_MAX; turns++) {
		struct gw_webhook_info info;

		for (size_t i = 0; i < gw_webhooks_count(world.gw->webhooks); i++) {
			gw_webhooks_info(world.gw->webhooks, i, &info);
			if (strcmp(info.agency, agency) == 0 && info.counters[ctr] >= count && gw_webhooks_held(world.gw->webhooks) == 0)
				return;
		}
		gw_loop_turn();
	}
	fail_msg("%s: %s did not come to %d", agency, gw_webhook_ctr_row(ctr)->name, (int)count);
}
