/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See paper_bills.h. What is pending is an object of its own (struct ask), which its last answer frees. */
#include "gateway/paper_bills.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <osmocom/core/utils.h>
#include <talloc.h>

#include "gateway/audit_note.h"
#include "gateway/usage.h"
#include "sessions/clock.h"
#include "sessions/store.h"

#define KIND "paper-bills"
#define TRIES_MAX 8

struct ask {
	struct sess_ledger *ledger;
	struct gw_paper_bills bills;             /* of telling */
	unsigned int tries;
	gw_paper_bills_told_cb *told;
	gw_paper_bills_cb *loaded;
	void *ctx;
	uint64_t token;
	size_t n_names, at, n;                   /* of loading */
	char (*names)[48];
	struct gw_paper_bills *all;
};

/* ---- names ---- */

bool gw_paper_bills_day(const char *period, uint16_t *day)
{
	char text[GW_PAPER_PERIOD_OCTETS + 3];

	if (strlen(period) != GW_PAPER_PERIOD_OCTETS - 1 || period[4] != '/')
		return false;
	snprintf(text, sizeof(text), "%s/01", period);
	return gw_usage_day_read(text, day);
}

static unsigned int partition(void)
{
	return sess_store_partition(KIND);
}

static void make_name(const struct gw_paper_bills *bills, char name[48])
{
	snprintf(name, 48, "%.32s.%.4s-%.2s", bills->agency, bills->period, bills->period + 5);
}

static bool make_key(const char *name, char key[SESS_LEDGER_KEY_OCTETS])
{
	return sess_ledger_key(key, KIND, partition(), name);
}

static bool read_record(const struct sess_ledger_record *record, struct gw_paper_bills *bills)
{
	json_t *json = record->stamp ? json_loadb(record->value, record->octets, 0, NULL) : NULL;
	const char *agency = json_string_value(json_object_get(json, "agency")), *period = json_string_value(json_object_get(json, "period"));

	*bills = (struct gw_paper_bills){ .paper = json_integer_value(json_object_get(json, "paper")),
		.paperless = json_integer_value(json_object_get(json, "paperless")), .told_ms = json_integer_value(json_object_get(json, "told")) };
	OSMO_STRLCPY_ARRAY(bills->agency, agency ? agency : "");
	OSMO_STRLCPY_ARRAY(bills->period, period ? period : "");
	json_decref(json);
	return agency && period;
}

/* ---- telling ---- */

static void tell(struct ask *ask, enum sess_ledger_result result)
{
	ask->told(ask->ctx, ask->token, result);
	talloc_free(ask);
}

static void look(struct ask *ask);

static void on_committed(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct ask *ask = ctx;

	(void)token;
	(void)there;
	if (result == SESS_LEDGER_CONFLICT && ++ask->tries < TRIES_MAX)
		look(ask);
	else
		tell(ask, result);
}

static void note(struct sess_ledger_commit *commit, const struct gw_paper_bills *bills)
{
	gw_audit_note(commit, bills->told_ms, "report.bills",
		      json_pack("{s:s, s:s, s:I, s:I}", "agency", bills->agency, "period", bills->period, "paper", (json_int_t)bills->paper, "paperless",
				(json_int_t)bills->paperless));
}

static void on_there(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct ask *ask = ctx;
	const struct gw_paper_bills *bills = &ask->bills;
	struct sess_ledger_commit *commit;
	char key[SESS_LEDGER_KEY_OCTETS] = "", name[48], *text;
	json_t *json;
	int rc;

	(void)token;
	(void)n;
	if (result != SESS_LEDGER_OK) {
		tell(ask, result);
		return;
	}
	commit = sess_ledger_commit_begin(ask, ask->ledger, partition());
	make_name(bills, name);
	make_key(name, key);
	json = json_pack("{s:s, s:s, s:I, s:I, s:I}", "agency", bills->agency, "period", bills->period, "paper", (json_int_t)bills->paper, "paperless",
			 (json_int_t)bills->paperless, "told", (json_int_t)bills->told_ms);
	text = json_dumps(json, JSON_COMPACT);
	sess_ledger_put(commit, key, records->stamp, text, strlen(text), 0);
	make_key("all", key);
	sess_ledger_index(commit, key, 0, name);
	note(commit, bills);
	rc = sess_ledger_commit_go(commit, on_committed, ask, 0);
	talloc_free(commit);
	free(text);
	json_decref(json);
	if (rc < 0)
		tell(ask, SESS_LEDGER_DOWN);
}

static int load_one(struct ask *ask)
{
	char key[SESS_LEDGER_KEY_OCTETS], name[48];
	const char *keys[] = { key };

	make_name(&ask->bills, name);
	return make_key(name, key) ? sess_ledger_load(ask->ledger, keys, 1, on_there, ask, 0) : -EINVAL;
}

static void look(struct ask *ask)
{
	if (load_one(ask) < 0)
		tell(ask, SESS_LEDGER_DOWN);
}

int gw_paper_bills_tell(void *ctx, struct sess_ledger *ledger, const struct gw_paper_bills *bills, gw_paper_bills_told_cb *cb, void *cb_ctx,
			uint64_t token)
{
	struct ask *ask;
	uint16_t day;
	int rc;

	if (!gw_paper_bills_day(bills->period, &day) || bills->paper < 0 || bills->paper > GW_PAPER_BILLS_MAX || bills->paperless < 0 ||
	    bills->paperless > GW_PAPER_BILLS_MAX)
		return -EINVAL;
	ask = talloc_zero(ctx, struct ask);
	ask->ledger = ledger;
	ask->bills = *bills;
	ask->bills.told_ms = sess_clock_wall_ms();
	ask->told = cb;
	ask->ctx = cb_ctx;
	ask->token = token;
	rc = load_one(ask);
	if (rc < 0)
		talloc_free(ask);
	return rc;
}

/* ---- loading ---- */

static void finish(struct ask *ask, bool ok)
{
	ask->loaded(ask->ctx, ok, ask->all, ok ? ask->n : 0);
	talloc_free(ask);
}

static void load_more(struct ask *ask);

static void on_records(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct ask *ask = ctx;

	(void)token;
	if (result != SESS_LEDGER_OK) {
		finish(ask, false);
		return;
	}
	for (size_t i = 0; i < n; i++)
		ask->n += read_record(&records[i], &ask->all[ask->n]);
	ask->at += n;
	load_more(ask);
}

static void load_more(struct ask *ask)
{
	char keys[SESS_LEDGER_LOAD_MAX][SESS_LEDGER_KEY_OCTETS];
	const char *list[SESS_LEDGER_LOAD_MAX];
	size_t n = OSMO_MIN(ask->n_names - ask->at, (size_t)SESS_LEDGER_LOAD_MAX);

	for (size_t i = 0; i < n; i++) {
		make_key(ask->names[ask->at + i], keys[i]);
		list[i] = keys[i];
	}
	if (!n)
		finish(ask, true);
	else if (sess_ledger_load(ask->ledger, list, n, on_records, ask, 0) < 0)
		finish(ask, false);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void ask_names(struct ask *ask);

static void on_names(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_member *members, size_t n)
{
	struct ask *ask = ctx;

	(void)token;
	if (result != SESS_LEDGER_OK) {
		finish(ask, false);
		return;
	}
	ask->names = talloc_realloc_size(ask, ask->names, (ask->n_names + n + 1) * sizeof(ask->names[0]));
	for (size_t i = 0; i < n; i++)
		osmo_strlcpy(ask->names[ask->n_names + i], members[i].member, sizeof(ask->names[0]));
	ask->n_names += n;
	if (n == SESS_LEDGER_RANGE_MAX) {
		ask_names(ask);
		return;
	}
	qsort(ask->names, ask->n_names, sizeof(ask->names[0]), by_name);
	ask->all = talloc_zero_array(ask, struct gw_paper_bills, (unsigned int)ask->n_names + 1);
	load_more(ask);
}

static int range_names(struct ask *ask)
{
	char key[SESS_LEDGER_KEY_OCTETS];
	const struct sess_ledger_range range = { .key = key, .min = 0, .max = 0, .skip = (unsigned int)ask->n_names, .n = SESS_LEDGER_RANGE_MAX };

	make_key("all", key);
	return sess_ledger_range(ask->ledger, &range, on_names, ask, 0);
}

static void ask_names(struct ask *ask)
{
	if (range_names(ask) < 0)
		finish(ask, false);
}

int gw_paper_bills_load(void *ctx, struct sess_ledger *ledger, gw_paper_bills_cb *cb, void *cb_ctx)
{
	struct ask *ask = talloc_zero(ctx, struct ask);
	int rc;

	ask->ledger = ledger;
	ask->loaded = cb;
	ask->ctx = cb_ctx;
	rc = range_names(ask);
	if (rc < 0)
		talloc_free(ask);
	return rc;
}
