/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See builtin_ask.h. */
#include "gateway/builtin_ask.h"

#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/request_record.h"

struct gw_builtin_ask *gw_builtin_ask(const struct gw_builtin_call *call, const void *served)
{
	struct gw_builtin_ask *ask;

	if (!served) {
		gw_builtin_answer(call->builtin, call->token, 503, NULL);
		return NULL;
	}
	ask = talloc_zero(call->builtin, struct gw_builtin_ask);
	ask->gw = call->gw;
	ask->builtin = call->builtin;
	ask->token = call->token;
	ask->from_ms = call->from_ms;
	OSMO_STRLCPY_ARRAY(ask->msisdn, call->msisdn);
	OSMO_STRLCPY_ARRAY(ask->language, call->language);
	return ask;
}

void gw_builtin_ask_answer(struct gw_builtin_ask *ask, unsigned int status, json_t *body)
{
	gw_builtin_answer(ask->builtin, ask->token, status, body);
	talloc_free(ask);
}

/* A request says when it was received, a payment when it began. */
static bool is_for(const struct gw_builtin_ask *ask, const json_t *record)
{
	const json_t *received = json_object_get(record, "received");

	return json_integer_value(received ? received : json_object_get(record, "at")) >= ask->from_ms;
}

void gw_builtin_ask_one(struct gw_builtin_ask *ask, enum sess_ledger_result result, const json_t *record, gw_builtin_show *show)
{
	if (result != SESS_LEDGER_OK)
		gw_builtin_ask_answer(ask, 503, NULL);
	else if (!record || strcmp(gw_request_text(record, "msisdn"), ask->msisdn) != 0 || !is_for(ask, record))
		gw_builtin_ask_answer(ask, 404, NULL);
	else
		gw_builtin_ask_answer(ask, 200, show(ask, record));
}

void gw_builtin_ask_list(struct gw_builtin_ask *ask, enum sess_ledger_result result, const char *name, json_t *const *records, size_t n,
			 gw_builtin_show *show)
{
	json_t *list, *body;

	if (result != SESS_LEDGER_OK) {
		gw_builtin_ask_answer(ask, 503, NULL);
		return;
	}
	list = json_array();
	while (n && !is_for(ask, records[n - 1])) /* the newest stand first */
		n--;
	for (size_t i = 0; i < n && i < ask->limit; i++)
		json_array_append_new(list, show(ask, records[i]));
	body = json_pack("{s:o}", name, list);
	if (n > ask->limit)
		json_object_set_new(body, "next", json_integer((json_int_t)ask->skip + ask->limit));
	gw_builtin_ask_answer(ask, 200, body);
}
