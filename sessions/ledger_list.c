/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See ledger_list.h. */
#include "sessions/ledger_list.h"

#include <math.h>
#include <talloc.h>

#include <osmocom/core/utils.h>

struct reading {
	struct sess_ledger *ledger;
	struct sess_ledger_list list;
	char **names;
	size_t n_names, at;              /* at: those before it were told, */
	size_t batch[SESS_LEDGER_LOAD_MAX], n_batch; /* and these are asked for */
};

static void finish(struct reading *reading, enum sess_ledger_result result)
{
	const struct sess_ledger_list list = reading->list;

	talloc_free(reading);
	list.done(list.ctx, result);
}

static void load_batch(struct reading *reading);

static void on_records(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct reading *reading = ctx;

	(void)token;
	if (result != SESS_LEDGER_OK) {
		finish(reading, result);
		return;
	}
	for (size_t i = 0; i < n; i++)
		reading->list.each(reading->list.ctx, reading->names[reading->batch[i]], &records[i]);
	load_batch(reading);
}

static void load_batch(struct reading *reading)
{
	char keys[SESS_LEDGER_LOAD_MAX][SESS_LEDGER_KEY_OCTETS];
	const char *pointers[SESS_LEDGER_LOAD_MAX];
	size_t n = 0;

	for (; n < ARRAY_SIZE(keys) && reading->at < reading->n_names; reading->at++)
		if (sess_ledger_key(keys[n], reading->list.kind, reading->list.partition, reading->names[reading->at])) {
			pointers[n] = keys[n];
			reading->batch[n++] = reading->at;
		}
	if (n == 0)
		finish(reading, SESS_LEDGER_OK);
	else if (sess_ledger_load(reading->ledger, pointers, n, on_records, reading, 0) < 0)
		finish(reading, SESS_LEDGER_DOWN);
}

static int ask_names(struct reading *reading);

static void on_names(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_member *members, size_t n)
{
	struct reading *reading = ctx;

	(void)token;
	if (result != SESS_LEDGER_OK) {
		finish(reading, result);
		return;
	}
	reading->names = talloc_realloc(reading, reading->names, char *, (unsigned int)(reading->n_names + n + 1));
	for (size_t i = 0; i < n; i++)
		reading->names[reading->n_names++] = talloc_strdup(reading, members[i].member);
	if (n < SESS_LEDGER_RANGE_MAX || reading->n_names >= reading->list.max)
		load_batch(reading);
	else if (ask_names(reading) < 0)
		finish(reading, SESS_LEDGER_DOWN);
}

static int ask_names(struct reading *reading)
{
	const struct sess_ledger_range range = {
		.key = reading->list.index, .min = -INFINITY, .max = INFINITY, .skip = (unsigned int)reading->n_names,
		.n = (unsigned int)OSMO_MIN(reading->list.max - reading->n_names, (size_t)SESS_LEDGER_RANGE_MAX),
	};

	return sess_ledger_range(reading->ledger, &range, on_names, reading, 0);
}

int sess_ledger_list(void *parent, struct sess_ledger *ledger, const struct sess_ledger_list *list)
{
	struct reading *reading = talloc_zero(parent, struct reading);
	int rc;

	OSMO_ASSERT(reading);
	reading->ledger = ledger;
	reading->list = *list;
	rc = ask_names(reading);
	if (rc < 0)
		talloc_free(reading);
	return rc;
}
