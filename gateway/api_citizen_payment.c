/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* /v1/citizens/{msisdn}/payments: bills that a portal pays for a citizen whom it has proved as strictly as a dialog would (level 3): so the
 * scope is one of its own. It is the same payment as under *4#: once or never, with its receipt by SMS, and the citizen finds it there. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "gateway/api_citizen_priv.h"
#include "gateway/gateway.h"
#include "gateway/payment_record.h"

#define SKIP_MAX 1000
#define BODY_OCTETS 2048

/* ---- a new one ---- */

static const char *text_of(const json_t *object, const char *name, size_t max)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text && strlen(text) <= max ? text : NULL;
}

/* The body's members and no others; its fault, as a pointer, or NULL. */
static const char *fault_of(const json_t *body)
{
	static const char *const names[] = { "bill_id", "payment_id", "amount", "kind", "issuer" };
	const json_t *kind = json_object_get(body, "kind");
	size_t known = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		known += json_object_get(body, names[i]) != NULL;
	if (!json_is_object(body) || known != json_object_size(body))
		return "";
	if (!text_of(body, "bill_id", GW_PAYMENT_TYPED_MAX))
		return "/bill_id";
	if (!text_of(body, "payment_id", GW_PAYMENT_TYPED_MAX))
		return "/payment_id";
	if (!json_is_integer(json_object_get(body, "amount")))
		return "/amount";
	if (json_object_size(kind) != 2 || !text_of(kind, "fa", GW_PAYMENT_KIND_MAX) || !text_of(kind, "en", GW_PAYMENT_KIND_MAX))
		return "/kind";
	return json_object_get(body, "issuer") && !text_of(body, "issuer", GW_PAYMENT_ISSUER_MAX) ? "/issuer" : NULL;
}

/* False: it was answered. */
static bool read_bill(struct gw_api_call *call, char bill_id[GW_PAYMENT_NUMBER_OCTETS], char payment_id[GW_PAYMENT_NUMBER_OCTETS])
{
	const char *fault = fault_of(call->body);
	char pointer[24];

	if (fault) {
		gw_api_problem_at(call, 422, "bad-field", fault, "the body is {bill_id, payment_id, amount, kind: {fa, en}}, and issuer or none");
		return false;
	}
	fault = gw_payment_check_bill(text_of(call->body, "bill_id", GW_PAYMENT_TYPED_MAX), text_of(call->body, "payment_id", GW_PAYMENT_TYPED_MAX),
				      json_integer_value(json_object_get(call->body, "amount")), bill_id, payment_id);
	if (!fault)
		return true;
	snprintf(pointer, sizeof(pointer), "/%s", fault);
	gw_api_problem_at(call, 422, "bad-field", pointer, "bill_id, payment_id and amount belong together by their check digits");
	return false;
}

static void serve_new(struct gw_api_call *call)
{
	static const struct api_citizen_manner manner = { .what = "citizen.payment", .service = "bills", .unknown = "unknown-payment",
		.conflict = "idempotency-conflict", .standing = "already-paid", .told = true };
	char bill_id[GW_PAYMENT_NUMBER_OCTETS], payment_id[GW_PAYMENT_NUMBER_OCTETS];
	const json_t *kind = json_object_get(call->body, "kind");
	const char *issuer = text_of(call->body, "issuer", GW_PAYMENT_ISSUER_MAX);
	struct api_citizen_act *act;

	if (!read_bill(call, bill_id, payment_id))
		return;
	act = api_citizen_act(call, call->params[0], &manner, "POST");
	if (!act)
		return;
	OSMO_STRLCPY_ARRAY(act->path, "/payments");
	act->body = json_pack("{s:s, s:s, s:O, s:O, s:O, s:s}", "bill_id", bill_id, "payment_id", payment_id, "amount",
			      json_object_get(call->body, "amount"), "kind_fa", json_object_get(kind, "fa"), "kind_en", json_object_get(kind, "en"),
			      "issuer", issuer ? issuer : "");
	act->idempotency = api_citizen_idempotency(call);
	api_citizen_go(act);
}

/* ---- one, and many ---- */

static void serve_one(struct gw_api_call *call)
{
	static const struct api_citizen_manner manner = { .what = "citizen.payment.look", .service = "bills", .unknown = "unknown-payment",
		.told = true };
	char code[GW_REQUEST_CODE_OCTETS];
	struct api_citizen_act *act;

	if (!gw_payment_code_read(call->params[1], code)) {
		gw_api_problem(call, 404, "unknown-payment", "for this citizen there is none");
		return;
	}
	act = api_citizen_act(call, call->params[0], &manner, "GET");
	if (!act)
		return;
	OSMO_STRLCPY_ARRAY(act->on, code);
	snprintf(act->path, sizeof(act->path), "/payments/%s", code);
	api_citizen_go(act);
}

static void serve_list(struct gw_api_call *call)
{
	static const struct api_citizen_manner manner = { .what = "citizen.payments", .service = "bills", .unknown = "unknown-payment",
		.told = true };
	unsigned int skip;
	struct api_citizen_act *act;

	if (!gw_api_query_number(call, "skip", 0, SKIP_MAX, 0, &skip))
		return;
	act = api_citizen_act(call, call->params[0], &manner, "GET");
	if (!act)
		return;
	snprintf(act->path, sizeof(act->path), "/payments?skip=%u", skip);
	api_citizen_go(act);
}

#define PAYMENTS "/v1/citizens/{msisdn}/payments"

const struct gw_api_route gw_api_citizen_payment_routes[] = {
	{ .method = "POST", .path = PAYMENTS, .scope = GW_SCOPE_PAYMENTS, .body = GW_API_JSON, .body_max = BODY_OCTETS, .begin = serve_new },
	{ .method = "GET", .path = PAYMENTS, .scope = GW_SCOPE_PAYMENTS, .begin = serve_list },
	{ .method = "GET", .path = PAYMENTS "/{code}", .scope = GW_SCOPE_PAYMENTS, .begin = serve_one },
	{ .path = NULL },
};
