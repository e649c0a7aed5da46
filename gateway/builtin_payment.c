/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Payments as menus reach them (builtin.h; paths and answers: menus/agencies.md): a bill is paid, a citizen's own payments, how one stands.
 * The number is that of the session: a code of somebody else's is as unknown as one that does not exist. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gateway/builtin_ask.h"
#include "gateway/builtin_path.h"
#include "gateway/payments.h"

static json_t *show(const struct gw_builtin_ask *ask, const json_t *record)
{
	return json_pack("{s:O, s:s, s:O, s:O, s:O, s:O, s:s, s:I}", "code", json_object_get(record, "code"), "state", gw_payment_word(record), "reference",
			 json_object_get(record, "reference"), "why", json_object_get(record, "why"), "bill_id", json_object_get(record, "bill_id"),
			 "amount", json_object_get(record, "amount"), "kind", gw_payment_kind(record, ask->language), "at",
			 (json_int_t)(json_integer_value(json_object_get(record, "at")) / 1000));
}

/* ---- one, and many ---- */

static void on_loaded(void *ctx, uint64_t token, enum sess_ledger_result result, const json_t *record)
{
	(void)token;
	gw_builtin_ask_one(ctx, result, record, show);
}

static void serve_one(const struct gw_builtin_call *call, const char *const *params)
{
	struct gw_builtin_ask *ask = gw_builtin_ask(call, call->gw->payments);
	char code[GW_REQUEST_CODE_OCTETS];

	if (!ask)
		return;
	if (!gw_payment_code_read(params[0], code))
		gw_builtin_ask_answer(ask, 404, NULL);
	else if (gw_payments_load(ask->gw->payments, code, on_loaded, ask, 0) < 0)
		gw_builtin_ask_answer(ask, 503, NULL);
}

static void on_list(void *ctx, uint64_t token, enum sess_ledger_result result, json_t *const *records, size_t n)
{
	(void)token;
	gw_builtin_ask_list(ctx, result, "payments", records, n, show);
}

static void serve_list(const struct gw_builtin_call *call, const char *const *params)
{
	struct gw_builtin_ask *ask = gw_builtin_ask(call, call->gw->payments);

	(void)params;
	if (!ask)
		return;
	ask->skip = gw_builtin_skip(call->path, GW_BUILTIN_SKIP_MAX);
	ask->limit = GW_BUILTIN_ROWS;
	if (gw_payments_of_citizen(ask->gw->payments, ask->msisdn, ask->skip, ask->limit + 1, on_list, ask, 0) < 0)
		gw_builtin_ask_answer(ask, 503, NULL);
}

/* ---- a new one ---- */

static void on_paid(void *ctx, uint64_t token, enum sess_ledger_result result, enum gw_paid verdict, const json_t *record)
{
	struct gw_builtin_ask *ask = ctx;
	const char *word = record ? gw_payment_word(record) : "";

	(void)token;
	if (result != SESS_LEDGER_OK)
		gw_builtin_ask_answer(ask, 503, NULL);
	else if (verdict == GW_PAID_UNKNOWN)
		gw_builtin_ask_answer(ask, 202, json_pack("{s:s}", "state", "unknown"));
	else if (verdict == GW_PAID_OTHERWISE || verdict == GW_PAID_ALREADY || strcmp(gw_request_text(record, "why"), "already") == 0)
		gw_builtin_ask_answer(ask, 409, record ? show(ask, record) : verdict == GW_PAID_ALREADY ? json_pack("{s:s}", "why", "already") :
				      NULL);
	else if (strcmp(word, "unknown") == 0)
		gw_builtin_ask_answer(ask, 202, show(ask, record));
	else
		gw_builtin_ask_answer(ask, strcmp(word, "paid") == 0 ? 200 : 402, show(ask, record));
}

static const char *text_of(const json_t *body, const char *name, size_t max)
{
	const char *text = json_string_value(json_object_get(body, name));

	return text && strlen(text) <= max ? text : "";
}

static void serve_new(const struct gw_builtin_call *call, const char *const *params)
{
	struct gw_builtin_ask *ask = gw_builtin_ask(call, call->gw->payments);
	char bill_id[GW_PAYMENT_NUMBER_OCTETS], payment_id[GW_PAYMENT_NUMBER_OCTETS], content[2 * GW_PAYMENT_NUMBER_OCTETS];
	struct gw_payment_new payment = { .msisdn = call->msisdn, .channel = call->door, .account = call->account, .language = call->language,
		.bill_id = bill_id, .payment_id = payment_id, .amount = json_integer_value(json_object_get(call->body, "amount")),
		.kind_fa = text_of(call->body, "kind_fa", GW_PAYMENT_KIND_MAX), .kind_en = text_of(call->body, "kind_en", GW_PAYMENT_KIND_MAX),
		.issuer = text_of(call->body, "issuer", GW_PAYMENT_ISSUER_MAX), .once = call->idempotency ? &call->idempotency : NULL,
		.once_octets = sizeof(call->idempotency), .content = content };
	int rc;

	(void)params;
	if (!ask)
		return;
	if (gw_payment_check_bill(text_of(call->body, "bill_id", GW_PAYMENT_TYPED_MAX), text_of(call->body, "payment_id", GW_PAYMENT_TYPED_MAX), payment.amount,
				 bill_id, payment_id)) {
		gw_builtin_ask_answer(ask, 422, NULL);
		return;
	}
	payment.content_octets = (size_t)snprintf(content, sizeof(content), "%s.%s", bill_id, payment_id);
	rc = gw_payments_pay(ask->gw->payments, &payment, on_paid, ask, 0);
	if (rc < 0)
		gw_builtin_ask_answer(ask, rc == -EINVAL ? 422 : 503, NULL);
}

const struct gw_builtin_row gw_builtin_payment_rows[] = {
	{ "POST", "/payments", serve_new, false },
	{ "GET", "/payments", serve_list, true },
	{ "GET", "/payments/{code}", serve_one, true },
	{ 0 },
};
