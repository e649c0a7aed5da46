/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Changes of accounts, for commands and tests: load, edit, commit with the mark that tells gateways, and a line in the audit chain;
 * again if somebody else was faster. */
#pragma once

#include "gateway/account_priv.h"

enum account_changed {
	ACCOUNT_CHANGED,
	ACCOUNT_NONE,                    /* there is no such account */
	ACCOUNT_THERE,                   /* a new one: there is one already */
	ACCOUNT_REFUSED,                 /* `edit` said no, or what it made is not as it must be: why */
	ACCOUNT_FAILED,                  /* the ledger does not answer, or not as it must: why */
};

/* Edits it in place (new strings are its talloc children). NULL, or why not. It may be called several times, each time on what was
 * loaded, and only its last call counts. */
typedef const char *account_edit(void *ctx, struct account *account);
typedef void account_changed_cb(void *ctx, enum account_changed changed, const struct account *account, const char *why);

struct account_change {
	const char *name;
	bool is_new;                     /* there must be none */
	const char *what;                /* in the audit chain: "account.key", ... */
	account_edit *edit;
	void *edit_ctx;
	account_changed_cb *cb;          /* once, later */
	void *ctx;
};
/* 0, or -ENOTCONN and nothing is called. A change that is under way is a talloc child of ctx. */
int account_change(void *ctx, struct sess_ledger *ledger, const struct account_change *change);
