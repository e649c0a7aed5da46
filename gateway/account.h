/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Accounts of agencies: who may use the API, for what, from where and how often; how they are told what happens; from which
 * sender their notices come. They live in the ledger, are written by `dolat-gateway agency ...`, and are known to every gateway
 * within two seconds (all of them are held in memory: there are hundreds, not millions).
 *
 * A key is "dh_" + 8 characters that name it + "_" + 43 characters of base64url: 256 random bits. It is shown once; what is kept
 * is the SHA-256 of the whole. Several may be good at once, so that a key can be rotated with overlap; each may end
 * at a time or be revoked. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/api.h"

struct sess_ledger;
struct gw_accounts;

#define GW_ACCOUNT_NAME_MAX 32           /* small letters, digits, '_' */
#define GW_ACCOUNT_KEYS_MAX 8
#define GW_ACCOUNT_ADDRESSES_MAX 16

enum gw_delivery { GW_DELIVERY_WEBHOOK, GW_DELIVERY_FETCH /* the feed only */ };

struct gw_account {                      /* immutable; replaced as a whole */
	const char *name, *title_fa, *title_en;
	bool disabled;
	const char *sender;              /* of its notices; "": the operator's own */
	uint32_t scopes;                 /* bit 1 << enum gw_scope */
	unsigned int notices_per_day;    /* 0: no limit */
	unsigned int calls_per_minute;   /* of the API; 0: no limit */
	enum gw_delivery delivery;
	const char *webhook_url;         /* "" unless WEBHOOK */
	const char *webhook_secrets[2];  /* "whsec_..." (Standard Webhooks): the current one and, while they overlap, the one before; or NULL */
	size_t n_addresses;              /* 0: from anywhere */
	const char *addresses[GW_ACCOUNT_ADDRESSES_MAX]; /* "192.0.2.0/24", "2001:db8::/32" */
};

/* A child of ctx. Loads them as soon as the ledger is up. */
struct gw_accounts *gw_accounts_alloc(void *ctx, struct sess_ledger *ledger);
/* now_ms: monotonic; wall_ms: since 1970. */
void gw_accounts_tick(struct gw_accounts *accounts, int64_t now_ms, int64_t wall_ms);
bool gw_accounts_loaded(const struct gw_accounts *accounts);
/* NULL: there is none, or none is loaded yet. Holds until the loop's next turn. A disabled one is found: look. */
const struct gw_account *gw_accounts_find(const struct gw_accounts *accounts, const char *name);
const struct gw_account *gw_accounts_at(const struct gw_accounts *accounts, size_t index); /* by name; NULL past the last */

enum gw_key_verdict { GW_KEY_GOOD, GW_KEY_UNKNOWN, GW_KEY_ENDED, GW_KEY_DISABLED, GW_KEY_ADDRESS };
/* Compares in constant time. address: the caller's, as text. now_ms: wall clock. */
enum gw_key_verdict gw_accounts_check(const struct gw_accounts *accounts, const char *key, const char *address, int64_t now_ms,
                                      const struct gw_account **account);
/* "notices:send"; named: `all` does not mean it, for with it one acts for citizens, or is told of all agencies' notices, or takes proofs away. */
struct gw_scope_row { const char *name, *text; bool named; };
const struct gw_scope_row *gw_scope_row(size_t scope); /* NULL past the last; GW_SCOPE_NONE has the name "" */
