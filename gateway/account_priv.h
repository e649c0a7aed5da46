/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* An account as it is kept in the ledger: what a gateway knows of it (account.h), its keys' hashes, and when things end.
 *
 * All accounts lie in one partition, whatever they are called, so that a change of one and the mark that tells gateways of it are
 * one commit: `account:{p00}:<name>`, listed in the index `accounts:{p00}:all`; `account-mark:{p00}:all` changes with each. */
#pragma once

#include <jansson.h>

#include "gateway/account.h"
#include "sessions/ledger.h"

#define ACCOUNT_PARTITION 0
#define ACCOUNT_INDEX "accounts:{p00}:all"
#define ACCOUNT_MARK "account-mark:{p00}:all"
#define ACCOUNTS_MAX SESS_LEDGER_RANGE_MAX

#define ACCOUNT_KEY_ID_OCTETS 9              /* with its NUL */
#define ACCOUNT_KEY_OCTETS 56                /* "dh_" 8 "_" 43 and its NUL */
#define ACCOUNT_HASH_OCTETS 32
#define ACCOUNT_TITLE_MAX 100                /* octets */
#define ACCOUNT_SENDER_MAX 20
#define ACCOUNT_URL_MAX 500
#define ACCOUNT_SECRET_OCTETS 64             /* "whsec_", base64 of 32 octets, NUL */
#define ACCOUNT_OVERLAP_MS 86400000          /* a secret that was replaced is good for another day */

struct account_key {
	char id[ACCOUNT_KEY_ID_OCTETS];
	uint8_t hash[ACCOUNT_HASH_OCTETS];
	int64_t made_ms, ends_ms;            /* wall clock; 0: never */
};
struct account {
	struct gw_account pub;               /* first */
	size_t n_keys;
	struct account_key keys[GW_ACCOUNT_KEYS_MAX];
	int64_t made_ms, before_until_ms;    /* until then the secret before is used, too */
};

/* What a pointer from gw_accounts_find or _at lies in; NULL: NULL. */
static inline const struct account *account_of(const struct gw_account *pub)
{
	return (const struct account *)(const void *)pub;
}

/* A child of ctx; NULL: it is not an account, or of a later program. */
struct account *account_read(void *ctx, const void *json, size_t octets);
json_t *account_print(const struct account *account);
/* Names, bounds. NULL, or what is wrong. */
const char *account_check(const struct account *account);

bool account_name_is_good(const char *name);
bool account_address_is_good(const char *cidr);
bool account_address_has(const char *cidr, const char *address);
bool account_key_has(const struct account_key *key, int64_t now_ms); /* it has not ended */
/* "dh_<id>_..." -> id; false: it does not look like a key. */
bool account_key_id(const char *key, char id[ACCOUNT_KEY_ID_OCTETS]);
void account_key_hash(const char *key, uint8_t hash[ACCOUNT_HASH_OCTETS]);
/* A new one, at random. */
void account_key_make(char key[ACCOUNT_KEY_OCTETS]);
void account_secret_make(char secret[ACCOUNT_SECRET_OCTETS]);
/* "notices:send" -> scope; GW_SCOPES: there is none. */
enum gw_scope account_scope(const char *name);
