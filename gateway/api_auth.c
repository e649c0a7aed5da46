/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Who calls, and may they? A key is asked for first, then what it may do. Whatever is wrong with a key - unknown, ended, revoked,
 * not a key at all - is answered in the same words after the same work, so that nothing is learnt from it; only whoever has a good
 * key hears that the account is disabled, or may not be used from there, or not for this.
 *
 * Addresses from which wrong keys come are counted, an IPv6 one by its /64. Beyond `failures_per_minute` no key from there is looked
 * at until the minute is over, a good one neither, or guessing would go on all the same. The table is small and fixed: of four
 * addresses that fall on the same places the one with the fewest failures makes room. */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/api_priv.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "gateway/quota.h"

#define BUCKETS 1024u
#define WAYS 4u
#define MINUTE_MS 60000

struct failure {
	uint8_t address[16];
	int64_t since_ms;                /* of its minute; 0: nobody is here */
	unsigned int count;
};
struct gw_api_failures {
	uint8_t key[crypto_shorthash_KEYBYTES];
	struct failure at[BUCKETS][WAYS];
};

struct gw_api_failures *api_failures_alloc(void *ctx)
{
	struct gw_api_failures *failures = talloc_zero(ctx, struct gw_api_failures);

	randombytes_buf(failures->key, sizeof(failures->key));
	return failures;
}

static void read_address(const char *text, uint8_t address[16])
{
	memset(address, 0, 16);
	if (inet_pton(AF_INET, text, address + 12) == 1)
		memset(address + 10, 0xff, 2);
	else if (inet_pton(AF_INET6, text, address) == 1)
		memset(address + 8, 0, 8); /* a network has 2^64 of them */
}

static struct failure *bucket_of(struct gw_api_failures *failures, const uint8_t address[16])
{
	union { uint8_t octets[crypto_shorthash_BYTES]; uint64_t number; } hash;

	crypto_shorthash(hash.octets, address, 16, failures->key);
	return failures->at[hash.number % BUCKETS];
}

static struct failure *find_failure(struct gw_api_failures *failures, const uint8_t address[16], int64_t now_ms)
{
	struct failure *bucket = bucket_of(failures, address);

	for (unsigned int i = 0; i < WAYS; i++)
		if (bucket[i].since_ms && now_ms - bucket[i].since_ms < MINUTE_MS && memcmp(bucket[i].address, address, 16) == 0)
			return &bucket[i];
	return NULL;
}

bool api_failures_many(struct gw_api_failures *failures, const char *text, unsigned int per_minute, int64_t now_ms)
{
	const struct failure *failure;
	uint8_t address[16];

	if (!per_minute)
		return false;
	read_address(text, address);
	failure = find_failure(failures, address, now_ms);
	return failure && failure->count >= per_minute;
}

void api_failures_count(struct gw_api_failures *failures, const char *text, int64_t now_ms)
{
	struct failure *failure, *bucket;
	uint8_t address[16];

	read_address(text, address);
	failure = find_failure(failures, address, now_ms);
	if (failure) {
		failure->count++;
		return;
	}
	failure = bucket = bucket_of(failures, address);
	for (unsigned int i = 0; i < WAYS; i++) {
		bool old = !bucket[i].since_ms || now_ms - bucket[i].since_ms >= MINUTE_MS;

		if (old || bucket[i].count < failure->count)
			failure = &bucket[i];
		if (old)
			break;
	}
	memcpy(failure->address, address, sizeof(failure->address));
	failure->since_ms = now_ms;
	failure->count = 1;
}

/* ---- who calls */
static const char *key_of(const char *authorization)
{
	if (!authorization || strncasecmp(authorization, "Bearer ", 7) != 0)
		return "";
	authorization += 7;
	return authorization + strspn(authorization, " ");
}

bool gw_api_may_try(struct gw_api_call *pub)
{
	struct api_call *call = (struct api_call *)pub;
	struct gw_api *api = pub->api;

	if (!api_failures_many(api->failures, call->link->address, api->server.config->failures_per_minute, gw_clock_ms()))
		return true;
	api->counters.refused_keys++;
	api_problem_retry(call, 429, "too-many-failures", 60, "wait a minute");
	return false;
}

void gw_api_refuse_secret(struct gw_api_call *pub, const char *challenge)
{
	struct api_call *call = (struct api_call *)pub;
	struct gw_api *api = pub->api;

	api->counters.refused_keys++;
	api_failures_count(api->failures, call->link->address, gw_clock_ms());
	LOGP(GW_LOG_API, LOGL_INFO, "%s: no good key from %s\n", api->server.name, call->link->address);
	gw_api_problem(pub, 401, "unauthorized", "a good key is needed");
	call->answer.challenge = challenge;
}

static bool check_key(struct api_call *call, const char *authorization, const struct gw_account **account)
{
	switch (gw_accounts_check(call->pub.gw->accounts, key_of(authorization), call->link->address, gw_clock_wall_ms(), account)) {
	case GW_KEY_GOOD:
		return true;
	case GW_KEY_DISABLED:
		gw_api_problem(&call->pub, 403, "account-disabled", "%s is disabled", (*account)->name);
		return false;
	case GW_KEY_ADDRESS:
		gw_api_problem(&call->pub, 403, "forbidden-address", "%s may not be used from %s", (*account)->name, call->link->address);
		return false;
	case GW_KEY_UNKNOWN:
	case GW_KEY_ENDED:
		break;
	}
	gw_api_refuse_secret(&call->pub, NULL);
	return false;
}

/* A good key, and not too many calls. */
static bool identify(struct api_call *call, const char *authorization, const struct gw_account **account)
{
	struct gw *gw = call->pub.gw;
	unsigned int wait_s;

	if (!gw_accounts_loaded(gw->accounts)) {
		gw_api_problem(&call->pub, 503, "ledger-down", "the accounts are not known yet");
		return false;
	}
	if (!gw_api_may_try(&call->pub) || !check_key(call, authorization, account))
		return false;
	OSMO_STRLCPY_ARRAY(call->pub.agency, (*account)->name);
	wait_s = gw_quotas_call(gw->quotas, (*account)->name, (*account)->calls_per_minute, gw_clock_ms());
	if (!wait_s)
		return true;
	call->pub.api->counters.refused_quota++;
	api_problem_retry(call, 429, "too-many-calls", wait_s, "%u calls a minute", (*account)->calls_per_minute);
	return false;
}

bool api_admit(struct api_call *call, const char *authorization)
{
	enum gw_scope scope = call->route->scope, other = call->route->other_scope;
	const struct gw_account *account = NULL;

	if (!identify(call, authorization, &account))
		return false;
	if (scope == GW_SCOPE_ANY || (account->scopes & 1u << scope) || (other && (account->scopes & 1u << other)))
		return true;
	gw_api_problem(&call->pub, 403, "forbidden-scope", "the scope %s is needed", gw_scope_row(scope)->name);
	return false;
}
