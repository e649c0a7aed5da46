/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* `show payments unsure`: payments that the payment agency does not say the outcome of, for the operator who asks its people. Numbers are
 * masked; `id` is what the agency knows a payment by. `dead retry` asks again. */
#include <inttypes.h>

#include "gateway/gateway.h"
#include "gateway/log.h"
#include "gateway/payments.h"
#include "gateway/rfc3339.h"
#include "gateway/vty_priv.h"
#include "gateway/vty_question.h"

static void print_payment(struct vty *vty, const json_t *record)
{
	char at[GW_RFC3339_OCTETS];

	gw_rfc3339_print(json_integer_value(json_object_get(record, "at")), at);
	gw_vty_line(vty, "%s: %" PRId64 " rial of %s since %s, id %s", gw_request_text(record, "code"), (int64_t)json_integer_value(json_object_get(record, "amount")),
		    gw_log_mask(gw_request_text(record, "msisdn")), at, gw_request_text(record, "id"));
}

static void on_list(void *ctx, uint64_t token, enum sess_ledger_result result, json_t *const *records, size_t n)
{
	struct gw_vty_question *question = gw_vty_question_at(token);

	(void)ctx;
	if (!question)
		return;
	if (result != SESS_LEDGER_OK)
		gw_vty_line(question->vty, "%% the ledger does not answer");
	for (size_t i = 0; i < n; i++)
		print_payment(question->vty, records[i]);
	if (result == SESS_LEDGER_OK)
		gw_vty_line(question->vty, "%zu payments of unknown outcome%s", n, n == GW_PAYMENTS_PAGE_MAX ? ", or more" : "");
	gw_vty_question_end(question);
}

void gw_vty_show_payments_unsure(struct vty *vty, struct gw *gw, const char *argument)
{
	struct gw_vty_question *question;

	(void)argument;
	if (!gw->payments) {
		gw_vty_line(vty, "%% nothing is paid here: payments.agency is not configured");
		return;
	}
	question = gw_vty_question_alloc(vty, sizeof(*question));
	if (gw_payments_unsure(gw->payments, on_list, gw, question->token) < 0) {
		gw_vty_line(vty, "%% the ledger does not answer");
		gw_vty_question_end(question);
	}
}
