/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* All accounts, as a gateway holds them: see account.h. Once a second the mark is read, one small record that each change of an
 * account changes, too; if it is another one, all accounts are read again. The new set replaces the old one when it is
 * whole. While the ledger is away the last set serves. */
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/account_priv.h"
#include "gateway/log.h"
#include "sessions/ledger_list.h"

#define LOOK_MS 1000

struct set {
	size_t n;
	struct account **at;             /* by name */
};
struct gw_accounts {
	struct sess_ledger *ledger;
	struct set *set;                 /* NULL: none is known yet */
	sess_ledger_stamp mark, coming_mark;
	bool marked;                     /* `mark` is that of `set` */
	struct set *coming;
	bool under_way;
	int64_t next_ms;
};

static int by_name(const void *one, const void *two)
{
	return strcmp((*(struct account *const *)one)->pub.name, (*(struct account *const *)two)->pub.name);
}

/* ---- reading them */
static void stop_reading(struct gw_accounts *accounts)
{
	TALLOC_FREE(accounts->coming);
	accounts->under_way = false;
}

static void take_set(struct gw_accounts *accounts)
{
	if (accounts->coming->n)
		qsort(accounts->coming->at, accounts->coming->n, sizeof(struct account *), by_name);
	talloc_free(accounts->set);
	accounts->set = accounts->coming;
	accounts->coming = NULL;
	accounts->mark = accounts->coming_mark;
	accounts->marked = true;
	stop_reading(accounts);
	LOGP(GW_LOG_API, LOGL_INFO, "%zu accounts are known\n", accounts->set->n);
}

static void on_account(void *ctx, const char *name, const struct sess_ledger_record *record)
{
	struct gw_accounts *accounts = ctx;
	struct set *set = accounts->coming;
	struct account *account = record->stamp ? account_read(set, record->value, record->octets) : NULL;

	if (!account) {
		if (record->stamp)
			LOGP(GW_LOG_API, LOGL_ERROR, "account %s cannot be read: it is left out\n", name);
		return;
	}
	set->at = talloc_realloc(set, set->at, struct account *, (unsigned int)(set->n + 1));
	set->at[set->n++] = account;
}

static void on_all(void *ctx, enum sess_ledger_result result)
{
	if (result == SESS_LEDGER_OK)
		take_set(ctx);
	else
		stop_reading(ctx);
}

static void on_mark(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct gw_accounts *accounts = ctx;
	const struct sess_ledger_list all = { .index = ACCOUNT_INDEX, .kind = "account", .partition = ACCOUNT_PARTITION, .max = ACCOUNTS_MAX,
					      .each = on_account, .done = on_all, .ctx = accounts };

	(void)token;
	if (result != SESS_LEDGER_OK || n != 1 || (accounts->marked && records[0].stamp == accounts->mark)) {
		stop_reading(accounts);
		return;
	}
	accounts->coming_mark = records[0].stamp;
	accounts->coming = talloc_zero(accounts, struct set);
	if (sess_ledger_list(accounts, accounts->ledger, &all) < 0)
		stop_reading(accounts);
}

/* The secret before is forgotten when its day is over. */
static void forget_secrets(struct set *set, int64_t wall_ms)
{
	for (size_t i = 0; set && i < set->n; i++)
		if (set->at[i]->pub.webhook_secrets[1] && wall_ms >= set->at[i]->before_until_ms)
			set->at[i]->pub.webhook_secrets[1] = NULL;
}

void gw_accounts_tick(struct gw_accounts *accounts, int64_t now_ms, int64_t wall_ms)
{
	const char *const mark = ACCOUNT_MARK;

	if (now_ms < accounts->next_ms)
		return;
	accounts->next_ms = now_ms + (accounts->set ? LOOK_MS : LOOK_MS / 10);
	forget_secrets(accounts->set, wall_ms);
	if (!accounts->under_way)
		accounts->under_way = sess_ledger_load(accounts->ledger, &mark, 1, on_mark, accounts, 0) == 0;
}

struct gw_accounts *gw_accounts_alloc(void *ctx, struct sess_ledger *ledger)
{
	struct gw_accounts *accounts = talloc_zero(ctx, struct gw_accounts);

	accounts->ledger = ledger;
	return accounts;
}

/* ---- asking for them */
bool gw_accounts_loaded(const struct gw_accounts *accounts)
{
	return accounts->set != NULL;
}

const struct gw_account *gw_accounts_at(const struct gw_accounts *accounts, size_t index)
{
	return accounts->set && index < accounts->set->n ? &accounts->set->at[index]->pub : NULL;
}

const struct gw_account *gw_accounts_find(const struct gw_accounts *accounts, const char *name)
{
	struct account wanted = { .pub.name = name }, *pointer = &wanted;
	struct account **found = accounts->set && accounts->set->n ? bsearch(&pointer, accounts->set->at, accounts->set->n,
									     sizeof(struct account *), by_name) : NULL;

	return found ? &(*found)->pub : NULL;
}

static const struct account_key *find_key(const struct set *set, const char *id, const struct account **account)
{
	for (size_t i = 0; set && i < set->n; i++)
		for (size_t k = 0; k < set->at[i]->n_keys; k++)
			if (strcmp(set->at[i]->keys[k].id, id) == 0) {
				*account = set->at[i];
				return &set->at[i]->keys[k];
			}
	return NULL;
}

static bool is_from_there(const struct gw_account *account, const char *address)
{
	for (size_t i = 0; i < account->n_addresses; i++)
		if (account_address_has(account->addresses[i], address))
			return true;
	return account->n_addresses == 0;
}

enum gw_key_verdict gw_accounts_check(const struct gw_accounts *accounts, const char *key, const char *address, int64_t now_ms,
				      const struct gw_account **out)
{
	static const struct account_key nobody;
	const struct account *account = NULL;
	const struct account_key *found;
	uint8_t hash[ACCOUNT_HASH_OCTETS];
	char id[ACCOUNT_KEY_ID_OCTETS] = "";

	*out = NULL;
	account_key_id(key, id);
	found = find_key(accounts->set, id, &account);
	account_key_hash(key, hash); /* whatever it is, so that it takes the same time */
	if (sodium_memcmp(hash, found ? found->hash : nobody.hash, sizeof(hash)) != 0 || !found)
		return GW_KEY_UNKNOWN;
	if (!account_key_has(found, now_ms))
		return GW_KEY_ENDED;
	*out = &account->pub;
	return account->pub.disabled ? GW_KEY_DISABLED : !is_from_there(&account->pub, address) ? GW_KEY_ADDRESS : GW_KEY_GOOD;
}
