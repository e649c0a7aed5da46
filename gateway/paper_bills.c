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
#include "sessions/ledger_list.h"
#include "sessions/store.h"

#define KIND "paper-bills"
#define ALL "all"                        /* lists them */
#define TRIES_MAX 8

struct ask {
	struct sess_ledger *ledger;
	struct gw_paper_bills bills;             /* of telling */
	unsigned int tries;
	gw_paper_bills_told_cb *told;
	gw_paper_bills_cb *loaded;
	void *ctx;
	uint64_t token;
	char index[SESS_LEDGER_KEY_OCTETS];      /* of loading */
	size_t n;
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
	make_key(ALL, key);
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

static void on_bills(void *ctx, const char *name, const struct sess_ledger_record *record)
{
	struct ask *ask = ctx;

	(void)name;
	ask->all = talloc_realloc(ask, ask->all, struct gw_paper_bills, (unsigned int)(ask->n + 1));
	ask->n += read_record(record, &ask->all[ask->n]);
}

static void on_all(void *ctx, enum sess_ledger_result result)
{
	struct ask *ask = ctx;
	bool ok = result == SESS_LEDGER_OK;

	ask->loaded(ask->ctx, ok, ask->all, ok ? ask->n : 0);
	talloc_free(ask);
}

int gw_paper_bills_load(void *ctx, struct sess_ledger *ledger, gw_paper_bills_cb *cb, void *cb_ctx)
{
	struct ask *ask = talloc_zero(ctx, struct ask);
	const struct sess_ledger_list list = { .index = ask->index, .kind = KIND, .partition = partition(), .max = SIZE_MAX, .each = on_bills,
					       .done = on_all, .ctx = ask };
	int rc;

	make_key(ALL, ask->index);
	ask->loaded = cb;
	ask->ctx = cb_ctx;
	rc = sess_ledger_list(ask, ledger, &list);
	if (rc < 0)
		talloc_free(ask);
	return rc;
}
