/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the API tells of itself: its description, an account as the one who calls has it, and what a problem's type means. */
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/api_openapi.h"
#include "gateway/api_priv.h"
#include "gateway/loop.h"
#include "gateway/quota.h"

static void serve_openapi(struct gw_api_call *call)
{
	json_t *document = gw_api_openapi();

	if (document)
		gw_api_answer(call, 200, document);
	else
		gw_api_problem(call, 500, "internal", "the description cannot be put together");
}

static void serve_problem(struct gw_api_call *call)
{
	const struct api_problem_row *row = api_problem_find(call->params[0]);

	if (row)
		gw_api_answer(call, 200, json_pack("{s:s, s:s, s:s}", "type", row->type, "title", row->title, "text", row->text));
	else
		gw_api_problem(call, 404, "unknown-problem", "no problem has this type");
}

static json_t *list_scopes(const struct gw_account *account)
{
	json_t *list = json_array();

	for (size_t i = 0; gw_scope_row(i); i++)
		if (account->scopes & 1u << i)
			json_array_append_new(list, json_string(gw_scope_row(i)->name));
	return list;
}

static json_t *list_addresses(const struct gw_account *account)
{
	json_t *list = json_array();

	for (size_t i = 0; i < account->n_addresses; i++)
		json_array_append_new(list, json_string(account->addresses[i]));
	return list;
}

static json_t *limit_of(unsigned int limit)
{
	return limit ? json_integer(limit) : json_null();
}

static json_t *left_of(const struct gw_api_call *call)
{
	unsigned int limit = call->account->notices_per_day;

	return limit ? json_integer((json_int_t)gw_quotas_left(call->gw->quotas, call->agency, limit, gw_clock_wall_ms())) : json_null();
}

static void serve_account(struct gw_api_call *call)
{
	const struct gw_account *account = call->account;
	bool webhook = account->delivery == GW_DELIVERY_WEBHOOK;

	gw_api_answer(call, 200, json_pack("{s:s, s:{s:s, s:s}, s:s, s:o, s:o, s:o, s:o, s:s, s:o, s:o}", "name", account->name, "title", "fa",
					   account->title_fa, "en", account->title_en, "sender", account->sender, "scopes", list_scopes(account),
					   "notices_per_day", limit_of(account->notices_per_day), "notices_left_today", left_of(call),
					   "calls_per_minute", limit_of(account->calls_per_minute), "delivery", webhook ? "webhook" : "fetch",
					   "webhook", webhook ? json_string(account->webhook_url) : json_null(), "addresses",
					   list_addresses(account)));
}

const struct gw_api_route gw_api_base_routes[] = {
	{ .method = "GET", .path = "/v1/openapi.json", .scope = GW_SCOPE_NONE, .begin = serve_openapi },
	{ .method = "GET", .path = "/v1/problems/{type}", .scope = GW_SCOPE_NONE, .begin = serve_problem },
	{ .method = "GET", .path = "/v1/account", .scope = GW_SCOPE_ANY, .begin = serve_account },
	{ .path = NULL },
};
