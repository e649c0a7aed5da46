/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See payment_call.h. The menu set whose operation is being called is held until its answer. */
#include "gateway/payment_call.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/gateway.h"

#define CALL_MS 2000            /* no attempt begins later */

static const char *const names[] = { [GW_PAYMENT_PUT] = "pay", [GW_PAYMENT_GET] = "state", [GW_PAYMENT_DELETE] = "void" };
static const char *const inputs[] = { "id", "msisdn", "bill_id", "payment_id", "amount" };

struct asking {
	struct gw *gw;
	const struct menu_set *set;
	enum gw_payment_act what;
	uint64_t token;
	const json_t *record;            /* during the call only */
	char amount[24];
};

static const struct menu_operation *operation_of(const struct gw_config *config, const struct menu_agencies *agencies, enum gw_payment_act what)
{
	char name[80];

	snprintf(name, sizeof(name), "%.60s.%s", config->payments.agency, names[what]);
	return menu_operation_find(agencies, name);
}

/* ---- what an answer means ---- */

static const char *value_of(const struct menu_answer *answer, const char *name)
{
	for (size_t i = 0; i < answer->n; i++)
		if (!answer->values[i].list && strcmp(answer->values[i].name, name) == 0)
			return answer->values[i].value;
	return "";
}

static enum gw_payment_event of_pay(const char *outcome, const char *state)
{
	if (strcmp(outcome, "ok") == 0)
		return strcmp(state, "paid") == 0 ? GW_PAYMENT_PUT_PAID : GW_PAYMENT_PUT_SILENT;
	if (strcmp(outcome, "already") == 0)
		return GW_PAYMENT_PUT_ALREADY;
	return strcmp(outcome, "failed") == 0 || strcmp(outcome, "not_found") == 0 ? GW_PAYMENT_PUT_SILENT : GW_PAYMENT_PUT_REFUSED;
}

static enum gw_payment_event of_state(const char *outcome, const char *state)
{
	if (strcmp(outcome, "not_found") == 0)
		return GW_PAYMENT_GET_NEVER;
	return strcmp(outcome, "ok") != 0 ? GW_PAYMENT_GET_SILENT : strcmp(state, "paid") == 0 ? GW_PAYMENT_GET_PAID :
	       strcmp(state, "refused") == 0 ? GW_PAYMENT_GET_REFUSED : strcmp(state, "void") == 0 ? GW_PAYMENT_GET_VOID : GW_PAYMENT_GET_SILENT;
}

static enum gw_payment_event of_void(const char *outcome, const char *state)
{
	return strcmp(outcome, "ok") != 0 ? GW_PAYMENT_DELETE_SILENT : strcmp(state, "paid") == 0 ? GW_PAYMENT_DELETE_PAID :
	       strcmp(state, "refused") == 0 ? GW_PAYMENT_DELETE_REFUSED : strcmp(state, "void") == 0 ? GW_PAYMENT_DELETE_VOID : GW_PAYMENT_DELETE_SILENT;
}

static void on_answer(void *ctx, uint64_t token, const struct menu_answer *answer)
{
	struct asking *asking = ctx;
	struct gw *gw = asking->gw;
	const char *state = value_of(answer, "payment.state"), *why = value_of(answer, "payment.why");
	enum gw_payment_event event = asking->what == GW_PAYMENT_PUT ? of_pay(answer->outcome, state) :
				      asking->what == GW_PAYMENT_GET ? of_state(answer->outcome, state) : of_void(answer->outcome, state);

	menu_pins_put(gw->pins, asking->set);
	talloc_free(asking);
	if (gw->payments)
		gw_payments_heard(gw->payments, token, event, value_of(answer, "payment.reference"), why[0] ? why : answer->outcome);
}

/* ---- asking ---- */

static const char *input(void *ctx, const char *name)
{
	const struct asking *asking = ctx;

	return strcmp(name, "amount") == 0 ? asking->amount : json_string_value(json_object_get(asking->record, name));
}

/* Of the payment, not of who asks: the same after this process has died, and never another payment's. */
static uint64_t idempotency(enum gw_payment_act what, const json_t *record)
{
	const char *id = gw_request_text(record, "id");
	const struct gw_piece pieces[] = { { names[what], strlen(names[what]) }, { id, strlen(id) } };
	char hash[GW_REQUEST_HASH_OCTETS];

	gw_request_hash(pieces, ARRAY_SIZE(pieces), hash);
	hash[16] = '\0';
	return strtoull(hash, NULL, 16);
}

int gw_payment_call(void *ctx, enum gw_payment_act what, const json_t *record, uint64_t token)
{
	struct gw *gw = ctx;
	const struct menu_set *set = menu_pins_current(gw->pins);
	const struct menu_operation *operation = set ? operation_of(gw->config, menu_set_agencies(set), what) : NULL;
	struct asking *asking;
	int rc;

	if (!operation)
		return -ENOENT;
	asking = talloc_zero(gw->agencies, struct asking);
	*asking = (struct asking){ .gw = gw, .set = set, .what = what, .token = token, .record = record };
	snprintf(asking->amount, sizeof(asking->amount), "%" PRId64, (int64_t)json_integer_value(json_object_get(record, "amount")));
	rc = gw_agency_call(gw->agencies, &(struct gw_agency_request){ .operation = operation, .value = input, .value_ctx = asking,
		.idempotency = idempotency(what, record), .deadline_ms = CALL_MS }, on_answer, asking, token);
	asking->record = NULL;
	if (rc == 0)
		menu_pins_get(gw->pins, set);
	else
		talloc_free(asking);
	return rc;
}

/* ---- the check ---- */

static bool knows_input(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(inputs); i++)
		if (strcmp(inputs[i], name) == 0)
			return true;
	return false;
}

static void check_operation(const struct gw_config *config, const struct menu_operation *op, struct menu_diags *diags)
{
	bool state = false;

	for (size_t i = 0; i < op->n_inputs; i++)
		if (!knows_input(op->inputs[i]))
			menu_diag_add(diags, op->file, op->line, "payments", "%s: %s is not known of a payment", op->name, op->inputs[i]);
	for (size_t i = 0; i < op->n_fields; i++)
		state = state || (strcmp(op->fields[i].name, "payment.state") == 0 && op->fields[i].required);
	if (!state)
		menu_diag_add(diags, op->file, op->line, "payments", "%s: payment.state is needed, and required (%s is payments.agency)", op->name, config->payments.agency);
}

void gw_payment_call_check(const struct gw_config *config, const struct menu_agencies *agencies, struct menu_diags *diags)
{
	static const enum gw_payment_act acts[] = { GW_PAYMENT_PUT, GW_PAYMENT_GET, GW_PAYMENT_DELETE };

	for (size_t i = 0; config->payments.agency && i < ARRAY_SIZE(acts); i++) {
		const struct menu_operation *op = operation_of(config, agencies, acts[i]);

		if (op)
			check_operation(config, op, diags);
		else
			menu_diag_add(diags, config->file, 0, "payments", "payments.agency: there is no operation %s.%s", config->payments.agency, names[acts[i]]);
	}
}
