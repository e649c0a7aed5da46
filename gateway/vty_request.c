/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* `show request CODE`: how one request stands, for the operator who has its citizen or its agency on the telephone; the number masked, and
 * not a word of what was asked or answered. `show texts`: what citizens write, in numbers.
 *
 * The ledger answers later (vty_question.h). */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "gateway/gateway.h"
#include "gateway/log.h"
#include "gateway/request_record.h"
#include "gateway/requests.h"
#include "gateway/rfc3339.h"
#include "gateway/text.h"
#include "gateway/vty_priv.h"
#include "gateway/vty_question.h"

static const char *moment(const json_t *record, const char *name, char out[GW_RFC3339_OCTETS])
{
	gw_rfc3339_print(json_integer_value(json_object_get(record, name)), out);
	return out;
}

static void print_request(struct vty *vty, const json_t *record)
{
	char at[GW_RFC3339_OCTETS];
	const json_t *answers = json_object_get(record, "answers");

	gw_vty_line(vty, "%s: %s.%s of %s, by %s", gw_request_text(record, "code"), gw_request_text(record, "agency"), gw_request_text(record, "service"),
		    gw_log_mask(gw_request_text(record, "msisdn")), gw_request_text(record, "channel"));
	gw_vty_line(vty, "  received %s", moment(record, "received", at));
	gw_vty_line(vty, "  %s since %s%s", gw_request_text(record, "state"), moment(record, "changed", at),
		    json_is_true(json_object_get(record, "closed")) ? ", closed" : "");
	for (size_t i = 0; i < json_array_size(answers); i++) {
		const json_t *answer = json_array_get(answers, i);
		const char *notice = gw_request_text(answer, "notice");

		gw_vty_line(vty, "  answer %s %s%s%s", moment(answer, "at", at), gw_request_text(answer, "state"), notice[0] ? ", notice " : "", notice);
	}
}

static void on_loaded(void *ctx, uint64_t token, enum sess_ledger_result result, const json_t *record)
{
	struct gw_vty_question *question = gw_vty_question_at(token);

	(void)ctx;
	if (!question)
		return;
	if (record)
		print_request(question->vty, record);
	else
		gw_vty_line(question->vty, "%% %s", result == SESS_LEDGER_OK ? "there is no such request" : "the ledger does not answer");
	gw_vty_question_end(question);
}

void gw_vty_show_request(struct vty *vty, struct gw *gw, const char *argument)
{
	char code[GW_REQUEST_CODE_OCTETS];
	struct gw_vty_question *question;

	if (!gw->requests) {
		gw_vty_line(vty, "%% there is no ledger: redis.ledger is not configured");
		return;
	}
	if (!gw_request_code_read(argument, code)) {
		gw_vty_line(vty, "%% that is no tracking code: nine digits, of which the last checks the others");
		return;
	}
	question = gw_vty_question_alloc(vty, sizeof(*question));
	if (gw_requests_load(gw->requests, code, on_loaded, gw, question->token) < 0) {
		gw_vty_line(vty, "%% the ledger does not answer");
		gw_vty_question_end(question);
	}
}

void gw_vty_show_texts(struct vty *vty, struct gw *gw, const char *argument)
{
	const struct gw_text_ctr_row *row;

	(void)argument;
	if (!gw->texts) {
		gw_vty_line(vty, "%% there is no ledger: redis.ledger is not configured");
		return;
	}
	for (size_t i = 0; (row = gw_text_ctr_row(i)); i++)
		gw_vty_line(vty, "%12" PRIu64 "  %s (%s)", gw_texts_counter(gw->texts, (enum gw_text_ctr)i), row->text, row->name);
	gw_vty_line(vty, "%u in work", gw_texts_in_work(gw->texts));
}
