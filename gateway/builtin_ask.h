/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a menu asks of records in the ledger that belong to a citizen (requests, payments): one of them by its code, or a page of the list.
 * A record of another number, or of who had the number before, is as unknown as one that
 * does not exist.
 *
 * An ask is a child of the builtin, found by pointer: only its own callbacks know it. Answering frees it. */
#pragma once

#include <jansson.h>

#include "gateway/builtin.h"
#include "gateway/gateway.h"

#define GW_BUILTIN_ROWS 6                /* of a list's page: what fits into the values of an answer */
#define GW_BUILTIN_SKIP_MAX 1000

struct gw_builtin_ask {
	struct gw *gw;
	struct gw_builtin *builtin;
	uint64_t token;
	char msisdn[GW_MSISDN_MAX + 1], language[4];
	int64_t from_ms;                 /* what is older is as unknown as another's */
	unsigned int skip, limit;        /* of a list */
};
/* served: who serves it; NULL: answered already (503), there is nobody. */
struct gw_builtin_ask *gw_builtin_ask(const struct gw_builtin_call *call, const void *served);
/* body: taken over, or NULL. */
void gw_builtin_ask_answer(struct gw_builtin_ask *ask, unsigned int status, json_t *body);

/* What a menu gets of a record; a new reference. */
typedef json_t *gw_builtin_show(const struct gw_builtin_ask *ask, const json_t *record);
/* Answers with the record that was loaded (NULL: there is none). */
void gw_builtin_ask_one(struct gw_builtin_ask *ask, enum sess_ledger_result result, const json_t *record, gw_builtin_show *show);
/* Answers with the list under this name; n may be one more than the limit: then there is a next page. */
void gw_builtin_ask_list(struct gw_builtin_ask *ask, enum sess_ledger_result result, const char *name, json_t *const *records, size_t n,
			 gw_builtin_show *show);
