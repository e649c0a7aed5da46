/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Payments that are looked at: one, a citizen's, those of unknown outcome. */
#include "gateway/payments_priv.h"

#include <errno.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "sessions/store.h"

/* ---- one ---- */

struct load { gw_payments_load_cb *cb; void *ctx; uint64_t token; };

static void on_loaded(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct load *load = ctx;
	json_t *record = result == SESS_LEDGER_OK && records->stamp ? gw_payment_decode(records->value, records->octets) : NULL;

	(void)token;
	(void)n;
	load->cb(load->ctx, load->token, result, record);
	json_decref(record);
	talloc_free(load);
}

int gw_payments_load(struct gw_payments *payments, const char *code, gw_payments_load_cb *cb, void *ctx, uint64_t token)
{
	char key[SESS_LEDGER_KEY_OCTETS];
	const char *keys[] = { key };
	struct load *load;
	int rc;

	if (!payment_key(key, code))
		return -EINVAL;
	load = talloc(payments, struct load);
	*load = (struct load){ cb, ctx, token };
	rc = sess_ledger_load(payments->config.ledger, keys, 1, on_loaded, load, 0);
	if (rc < 0)
		talloc_free(load);
	return rc;
}

/* ---- many ---- */

struct look {
	struct gw_payments *payments;
	char msisdn[GW_MSISDN_MAX + 1];  /* "": the unsure ones */
	unsigned int limit, waiting;
	enum sess_ledger_result result;
	size_t n;
	char codes[GW_PAYMENTS_PAGE_MAX][GW_REQUEST_CODE_OCTETS];
	gw_payments_list_cb *cb;
	void *ctx;
	uint64_t token;
};

static void answer(struct look *look, json_t *const *records, size_t n)
{
	look->cb(look->ctx, look->token, look->result, records, n);
	talloc_free(look);
}

/* What has expired is taken out of its list by whoever meets it. */
static void take_out(const struct look *look, const char *code)
{
	struct sess_ledger_commit *commit = sess_ledger_commit_begin(look->payments, look->payments->config.ledger, (unsigned int)gw_request_partition(code));
	char key[SESS_LEDGER_KEY_OCTETS];

	if (payment_citizen_key(key, look->msisdn))
		sess_ledger_unindex(commit, key, code);
	if (payment_key(key, code))
		sess_ledger_check(commit, key, 0); /* only if it is still not there */
	sess_ledger_commit_go(commit, NULL, NULL, 0);
	talloc_free(commit);
}

static void on_records(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *loaded, size_t n)
{
	json_t *records[GW_PAYMENTS_PAGE_MAX] = { NULL };
	struct look *look = ctx;
	size_t found = 0;

	(void)token;
	look->result = result;
	for (size_t i = 0; result == SESS_LEDGER_OK && i < n; i++) {
		json_t *record = loaded[i].stamp ? gw_payment_decode(loaded[i].value, loaded[i].octets) : NULL;

		if (record)
			records[found++] = record;
		else if (!loaded[i].stamp && look->msisdn[0])
			take_out(look, look->codes[i]);
	}
	answer(look, records, found);
	for (size_t i = 0; i < found; i++)
		json_decref(records[i]);
}

static void load_page(struct look *look)
{
	char keys[GW_PAYMENTS_PAGE_MAX][SESS_LEDGER_KEY_OCTETS];
	const char *pointers[GW_PAYMENTS_PAGE_MAX];

	for (size_t i = 0; i < look->n; i++) {
		payment_key(keys[i], look->codes[i]);
		pointers[i] = keys[i];
	}
	if (look->result != SESS_LEDGER_OK || look->n == 0) {
		answer(look, NULL, 0);
	} else if (sess_ledger_load(look->payments->config.ledger, pointers, look->n, on_records, look, 0) < 0) {
		look->result = SESS_LEDGER_DOWN;
		answer(look, NULL, 0);
	}
}

static void on_members(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_member *members, size_t n)
{
	struct look *look = ctx;

	(void)token;
	if (result != SESS_LEDGER_OK)
		look->result = result;
	for (size_t i = 0; result == SESS_LEDGER_OK && i < n && look->n < look->limit; i++)
		look->n += gw_payment_code_read(members[i].member, look->codes[look->n]);
	if (--look->waiting == 0)
		load_page(look);
}

static struct look *look_alloc(struct gw_payments *payments, unsigned int limit, gw_payments_list_cb *cb, void *ctx, uint64_t token)
{
	struct look *look = talloc_zero(payments, struct look);

	look->payments = payments;
	look->limit = OSMO_MIN(limit, (unsigned int)GW_PAYMENTS_PAGE_MAX);
	look->result = SESS_LEDGER_OK;
	look->cb = cb;
	look->ctx = ctx;
	look->token = token;
	return look;
}

static bool ask(struct look *look, const char *key, unsigned int skip)
{
	const struct sess_ledger_range range = { .key = key, .min = 0, .max = 1e18, .newest_first = look->msisdn[0] != '\0', .skip = skip, .n = look->limit };

	if (sess_ledger_range(look->payments->config.ledger, &range, on_members, look, 0) < 0)
		return false;
	look->waiting++;
	return true;
}

int gw_payments_of_citizen(struct gw_payments *payments, const char *msisdn, unsigned int skip, unsigned int limit, gw_payments_list_cb *cb, void *ctx,
			   uint64_t token)
{
	struct look *look = look_alloc(payments, limit, cb, ctx, token);
	char key[SESS_LEDGER_KEY_OCTETS];

	OSMO_STRLCPY_ARRAY(look->msisdn, msisdn);
	if (payment_citizen_key(key, msisdn) && ask(look, key, skip))
		return 0;
	talloc_free(look);
	return -EINVAL;
}

int gw_payments_unsure(struct gw_payments *payments, gw_payments_list_cb *cb, void *ctx, uint64_t token)
{
	struct look *look = look_alloc(payments, GW_PAYMENTS_PAGE_MAX, cb, ctx, token);
	char key[SESS_LEDGER_KEY_OCTETS];

	for (unsigned int partition = 0; partition < SESS_QUEUE_PARTITIONS; partition++)
		if (!payment_unsure_key(key, partition) || !ask(look, key, 0))
			look->result = SESS_LEDGER_DOWN; /* those that were sent are waited for */
	if (look->waiting > 0)
		return 0;
	talloc_free(look);
	return -ENOTCONN;
}
