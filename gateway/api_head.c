/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a call's head says: which route, who calls, which body; and all that can be found wrong before the body is there. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <microhttpd.h>
#include <osmocom/core/utils.h>

#include "gateway/api_priv.h"
#include "gateway/api_route.h"

#define HEAD_OCTETS 8192

const char *api_header(const struct api_call *call, const char *name)
{
	return MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, name);
}

bool api_has_body(const struct api_call *call)
{
	const char *length = api_header(call, MHD_HTTP_HEADER_CONTENT_LENGTH);

	return api_header(call, MHD_HTTP_HEADER_TRANSFER_ENCODING) || (length && strspn(length, "0") != strlen(length));
}

/* What the head says that is still to come; 0: it does not say. */
uint64_t api_told_octets(const struct api_call *call)
{
	const char *length = api_header(call, MHD_HTTP_HEADER_CONTENT_LENGTH);

	return length ? strtoull(length, NULL, 10) : 0;
}

struct query {
	struct api_call *call;
	bool bad;
};

/* A '+' has become a space already; a name twice says two things. */
static enum MHD_Result add_query(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct query *query = ctx;
	char decoded[1024];
	json_t *text;

	(void)kind;
	if (api_decode(value ? value : "", value ? strlen(value) : 0, decoded, sizeof(decoded)) < 0 ||
	    json_object_size(query->call->query) >= API_QUERY_MAX || json_object_get(query->call->query, name))
		query->bad = true;
	text = query->bad ? NULL : json_string(decoded); /* NULL, too, if it is not UTF-8 */
	if (!text || json_object_set_new(query->call->query, name, text) < 0)
		query->bad = true;
	return query->bad ? MHD_NO : MHD_YES;
}

static bool read_query(struct api_call *call)
{
	struct query query = { .call = call };

	call->query = json_object();
	MHD_get_connection_values(call->connection, MHD_GET_ARGUMENT_KIND, add_query, &query);
	if (query.bad)
		gw_api_problem(&call->pub, 400, "bad-query", "the query cannot be read: UTF-8, percent-encoded, no name twice, at most %d of them",
			       API_QUERY_MAX);
	return !query.bad;
}

static bool find_route(struct api_call *call, const char *path, const char *method)
{
	struct api_match match;

	switch (api_route_find(call->pub.api->tables, method, path, call->params, sizeof(call->params), &match)) {
	case API_FOUND:
		call->route = match.route;
		call->pub.method = match.route->method;
		call->pub.head = strcmp(method, match.route->method) != 0;
		call->pub.ctx = match.route->ctx;
		call->pub.n_params = match.n_params;
		memcpy(call->pub.params, match.params, sizeof(match.params));
		return true;
	case API_NO_METHOD:
		OSMO_STRLCPY_ARRAY(call->allow, match.allow);
		gw_api_problem(&call->pub, 405, "method-not-allowed", "it takes %s", match.allow);
		return false;
	case API_NO_PATH:
		break;
	}
	gw_api_problem(&call->pub, 404, "unknown-path", "/v1/openapi.json describes what there is");
	return false;
}

static bool check_idempotency(struct api_call *call)
{
	const char *key = api_header(call, "Idempotency-Key");

	if (!key || strcmp(call->pub.method, "POST") != 0)
		return true;
	for (const char *at = key; *at; at++)
		if (*at <= ' ' || *at > '~')
			key = "";
	if (!key[0] || strlen(key) > GW_API_KEY_MAX) {
		gw_api_problem(&call->pub, 400, "bad-idempotency-key", "it has 1 to %d printable ASCII characters, no space", GW_API_KEY_MAX);
		return false;
	}
	call->pub.idempotency_key = key; /* lives as long as the request */
	return true;
}

static bool is_json_type(const char *type)
{
	static const char json[] = "application/json";
	const char *rest;

	if (!type || strncasecmp(type, json, sizeof(json) - 1) != 0)
		return false;
	rest = type + sizeof(json) - 1;
	rest += strspn(rest, " \t");
	if (*rest != ';')
		return !*rest;
	rest += 1 + strspn(rest + 1, " \t");
	return !*rest || strcasecmp(rest, "charset=utf-8") == 0 || strcasecmp(rest, "charset=\"utf-8\"") == 0;
}

size_t api_body_max(const struct api_call *call)
{
	size_t general = call->pub.api->server.config->body_octets, own = call->route->body_max;

	switch (call->route->body) {
	case GW_API_STREAM:
		return own ? own : SIZE_MAX;
	case GW_API_JSON:
	case GW_API_RAW:
		return own && own < general ? own : general;
	case GW_API_NO_BODY:
		break;
	}
	return API_DRAIN_OCTETS; /* "{}", and clients that send something always: it is not looked at */
}

void api_say_too_large(struct api_call *call)
{
	gw_api_problem(&call->pub, 413, "body-too-large", "at most %zu octets are taken here", api_body_max(call));
}

static bool check_body(struct api_call *call)
{
	if (api_header(call, MHD_HTTP_HEADER_CONTENT_ENCODING) && call->route->body != GW_API_NO_BODY)
		gw_api_problem(&call->pub, 415, "unsupported-type", "Content-Encoding is not taken");
	else if (call->route->body == GW_API_JSON && !is_json_type(api_header(call, MHD_HTTP_HEADER_CONTENT_TYPE)))
		gw_api_problem(&call->pub, 415, "unsupported-type", "Content-Type must be application/json");
	else if (api_told_octets(call) > api_body_max(call))
		api_say_too_large(call);
	return !call->answer.status;
}

static bool is_admitted(struct api_call *call)
{
	if (call->pub.api->server.admit)
		return call->pub.api->server.admit(&call->pub);
	return call->route->scope == GW_SCOPE_NONE || api_admit(call, api_header(call, MHD_HTTP_HEADER_AUTHORIZATION));
}

/* All that can be said before the body is there: answered if something is wrong. */
void api_check_head(struct api_call *call, const char *path, const char *method)
{
	call->pub.method = "other";
	if (MHD_get_connection_info(call->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)->header_size > HEAD_OCTETS) {
		gw_api_problem(&call->pub, 431, "head-too-large", "it may have %d octets", HEAD_OCTETS);
		return;
	}
	if (call->pub.api->closing) {
		gw_api_problem(&call->pub, 503, "closing", "ask again: another one takes over");
		return;
	}
	if (!read_query(call) || !find_route(call, path, method))
		return;
	if (!is_admitted(call))
		return;
	if (check_idempotency(call))
		check_body(call);
}

/* ---- what a handler asks ---- */
const char *gw_api_query(const struct gw_api_call *pub, const char *name)
{
	return json_string_value(json_object_get(((const struct api_call *)pub)->query, name));
}

const char *gw_api_header(const struct gw_api_call *pub, const char *name)
{
	return api_header(((const struct api_call *)pub), name);
}

const json_t *gw_api_queries(const struct gw_api_call *pub)
{
	return ((const struct api_call *)pub)->query;
}

const char *gw_api_address(const struct gw_api_call *pub)
{
	return ((const struct api_call *)pub)->link->address;
}

bool gw_api_query_number(struct gw_api_call *pub, const char *name, unsigned int min, unsigned int max, unsigned int standard,
			 unsigned int *out)
{
	const char *text = gw_api_query(pub, name);
	unsigned long long value = standard;

	*out = standard;
	if (!text)
		return true;
	if (text[0] && strlen(text) <= 10 && strspn(text, "0123456789") == strlen(text))
		value = strtoull(text, NULL, 10);
	else
		value = ULLONG_MAX;
	if (value < min || value > max) {
		gw_api_problem(pub, 400, "bad-query", "%s is a whole number from %u to %u", name, min, max);
		return false;
	}
	*out = (unsigned int)value;
	return true;
}
