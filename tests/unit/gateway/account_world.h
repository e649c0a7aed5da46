/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Accounts for tests of what stands on them: written as the commands write them. */
#pragma once

#include "gateway/account_change.h"
#include "tests/unit/gateway/gw_world.h"

struct account_wish { /* of an account of a test; what is not said is 0, and keys are good for ever */
	const char *name;
	uint32_t scopes;
	unsigned int notices_per_day, calls_per_minute;
	const char *address, *webhook;
	bool disabled, fetches;
	int64_t ends_ms;
	char key[ACCOUNT_KEY_OCTETS]; /* out */
};

static enum account_changed account_changed_to;
static bool account_is_changed;
static char account_why[128];

static void on_account_changed(void *ctx, enum account_changed changed, const struct account *account, const char *why)
{
	(void)ctx;
	(void)account;
	account_changed_to = changed;
	account_is_changed = true;
	snprintf(account_why, sizeof(account_why), "%s", why ? why : "");
}

/* Turns the loop until it is done. */
static enum account_changed account_world_change(const char *name, bool is_new, account_edit *edit, void *ctx)
{
	const struct account_change change = { .name = name, .is_new = is_new, .what = "account.test", .edit = edit, .edit_ctx = ctx,
					       .cb = on_account_changed };

	for (int i = 0; i < WORLD_TURNS_MAX && !sess_redis_up(world.gw->ledger_redis); i++)
		gw_loop_turn();
	account_is_changed = false;
	assert_int_equal(account_change(world.gw, world.gw->ledger, &change), 0);
	for (int i = 0; i < WORLD_TURNS_MAX && !account_is_changed; i++)
		gw_loop_turn();
	assert_true(account_is_changed);
	return account_changed_to;
}

static const char *account_as_wished(void *ctx, struct account *account)
{
	const struct account_wish *wish = ctx;

	account->pub.title_fa = "اداره";
	account->pub.title_en = "Office";
	account->pub.scopes = wish->scopes;
	account->pub.disabled = wish->disabled;
	account->pub.notices_per_day = wish->notices_per_day;
	account->pub.calls_per_minute = wish->calls_per_minute;
	account->pub.webhook_url = wish->webhook ? wish->webhook : "";
	account->pub.n_addresses = wish->address != NULL;
	account->pub.addresses[0] = wish->address;
	account->pub.delivery = wish->fetches ? GW_DELIVERY_FETCH : GW_DELIVERY_WEBHOOK;
	account->n_keys = 1;
	memcpy(account->keys[0].id, wish->key + 3, ACCOUNT_KEY_ID_OCTETS - 1);
	account_key_hash(wish->key, account->keys[0].hash);
	account->keys[0].ends_ms = wish->ends_ms;
	return NULL;
}

/* Adds accounts with one key each and waits until the gateway knows them. */
__attribute__((unused)) static void account_world_add_all(struct account_wish *const *wishes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		account_key_make(wishes[i]->key);
		assert_int_equal(account_world_change(wishes[i]->name, true, account_as_wished, wishes[i]), ACCOUNT_CHANGED);
	}
	for (size_t i = 0; i < n; i++) {
		for (int k = 0; k < WORLD_TURNS_MAX && !gw_accounts_find(world.gw->accounts, wishes[i]->name); k++)
			gw_loop_turn();
		assert_non_null(gw_accounts_find(world.gw->accounts, wishes[i]->name));
	}
}

__attribute__((unused)) static void account_world_add(struct account_wish *wish)
{
	account_world_add_all(&wish, 1);
}
