/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* All records that an index lists, for lists that are read whole: some thousands at most. The names come a page at a time, in the index's
 * order, then the records a batch at a time. What others change meanwhile may be seen or not; a record that is listed and has gone is told
 * with stamp 0. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sessions/ledger.h"

/* Of one call of `each`, all is valid during it only; it may not free what the list is a child of. */
typedef void sess_ledger_list_each(void *ctx, const char *name, const struct sess_ledger_record *record);
/* The last: OK, or why not all of them were told. It may free what it likes. */
typedef void sess_ledger_list_done(void *ctx, enum sess_ledger_result result);

struct sess_ledger_list {
	const char *index;               /* its key; lives as long as the list is read */
	const char *kind;                /* of the records: "account"; lives as long, too */
	unsigned int partition;          /* and theirs */
	size_t max;                      /* names beyond are not read */
	sess_ledger_list_each *each;     /* for each, in order; a name that makes no key is left out */
	sess_ledger_list_done *done;
	void *ctx;
};

/* What is under way is a child of `parent`, which must live until `done` or be freed behind the ledger. 0, -EINVAL, -ENOTCONN: nothing is called. */
int sess_ledger_list(void *parent, struct sess_ledger *ledger, const struct sess_ledger_list *list);
