/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See bearer_conend.h: the bearer's verbs, and how it is made. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/bearer_conend_priv.h"
#include "gateway/bearer_smpp.h"
#include "gateway/log.h"

static_assert(CONEND_CONTEXT_OCTETS <= GW_CONTEXT_OCTETS, "what is remembered of a request fits a session");

/* ---- the bearer's verbs ---- */

static void op_start(struct gw_bearer *base)
{
	conend_of(base)->started = true;
}

static const struct gw_route *op_route(const struct gw_bearer *base, size_t index)
{
	const struct conend_bearer *bearer = (const struct conend_bearer *)base;

	return index < bearer->n_routes ? &bearer->routes[index].base : NULL;
}

/* The request is settled by its response: there is nothing else to say. */
static void op_accept(struct gw_bearer *base, const struct gw_ticket *ticket)
{
	(void)base;
	(void)ticket;
}

/* The citizen reads that we are busy, if the aggregator shows what comes with such a status; and it may ask again. */
static void op_refuse(struct gw_bearer *base, const struct gw_ticket *ticket, enum gw_refusal why)
{
	struct conend_call *call = conend_find(conend_of(base), ticket);

	if (!call)
		return;
	call->route->counters[GW_CONEND_CTR_BUSY] += why == GW_REFUSE_LATER;
	conend_say(call, why == GW_REFUSE_LATER ? 503 : 200, why == GW_REFUSE_LATER ? MENU_PHRASE_BUSY : MENU_PHRASE_OVER);
}

/* All requests that ask for the same get the same. */
static int op_answer(struct gw_bearer *base, const struct gw_route *route, const struct gw_answer *answer)
{
	struct conend_bearer *bearer = conend_of(base);
	struct llist_head *bucket;
	struct conend_call *call, *next;
	bool heard = false;

	if (answer->context_octets != CONEND_CONTEXT_OCTETS)
		return -EINVAL;
	bucket = conend_bucket(bearer, answer->context);
	llist_for_each_entry_safe(call, next, bucket, entry) {
		if (&call->route->base != route || strcmp(call->msisdn, answer->msisdn) != 0 ||
		    memcmp(call->context, answer->context, CONEND_CONTEXT_OCTETS) != 0)
			continue;
		heard = true;
		call->version = answer->version;
		conend_answer(call, 200, answer->text, answer->octets, answer->kind == GW_ANSWER_END);
	}
	if (!heard) /* its client hung up */
		((struct conend_route *)(void *)route)->counters[GW_CONEND_CTR_UNHEARD]++;
	return 0;
}

/* By whom a text message goes out: this bearer has none. NULL: by nobody. */
static const struct gw_route *carrier(const struct gw_bearer *base, const char *msisdn)
{
	return gw_bearer_smpp_route_of(((const struct conend_bearer *)base)->gw->smpp, msisdn);
}

static int op_sms(struct gw_bearer *base, const struct gw_route *route, const struct gw_sms *sms)
{
	const struct gw_route *by = carrier(base, sms->msisdn);

	(void)route;
	return by ? by->bearer->ops->sms(by->bearer, by, sms) : -ENOTSUP;
}

static int op_sms_parts(const struct gw_bearer *base, const struct gw_route *route, const struct gw_sms *sms)
{
	const struct gw_route *by = carrier(base, sms->msisdn);

	(void)route;
	return by ? by->bearer->ops->sms_parts(by->bearer, by, sms) : -ENOTSUP;
}

/* It is no lane of the outbox: nobody asks. */
static unsigned int op_sms_room(const struct gw_bearer *base, const struct gw_route *route)
{
	(void)base;
	(void)route;
	return 0;
}

static int op_push(struct gw_bearer *base, const struct gw_route *route, const struct gw_push *push)
{
	(void)base;
	(void)route;
	(void)push;
	return -ENOTSUP;
}

static void op_flush(struct gw_bearer *base)
{
	(void)base; /* see gw_bearer_conend_turn */
}

static void op_tick(struct gw_bearer *base)
{
	gw_api_tick(conend_of(base)->server);
}

static void op_stop(struct gw_bearer *base)
{
	gw_api_close(conend_of(base)->server);
}

static bool op_stopped(const struct gw_bearer *base)
{
	return gw_api_open(((const struct conend_bearer *)base)->server) == 0;
}

static bool op_ready(const struct gw_bearer *base)
{
	(void)base; /* it listens */
	return true;
}

static size_t op_waiting(const struct gw_bearer *base)
{
	return gw_api_open(((const struct conend_bearer *)base)->server);
}

static const struct gw_bearer_ops ops = {
	.start = op_start, .route = op_route, .accept = op_accept, .refuse = op_refuse, .answer = op_answer, .sms = op_sms,
	.sms_parts = op_sms_parts, .sms_room = op_sms_room, .push = op_push, .flush = op_flush, .tick = op_tick, .stop = op_stop,
	.stopped = op_stopped, .ready = op_ready, .waiting = op_waiting,
};

void gw_bearer_conend_turn(struct gw_bearer *base)
{
	gw_api_turn(conend_of(base)->server);
}

/* ---- making it ---- */

/* What the header has to hold, hashed. False after a log line. */
static bool read_secret(struct conend_route *route)
{
	const struct gw_config_http_route *config = route->config;
	char secret[GW_HTTP_SECRET_MAX + 1] = "", pair[sizeof(secret) + 80] = "", basic[sizeof(pair) * 2] = "";
	bool is_basic = config->user[0] != '\0';
	int rc = config->secret_file ? gw_config_secret(config->secret_file, secret, sizeof(secret)) : 0;

	if (rc == 0 && is_basic) {
		snprintf(pair, sizeof(pair), "%s:%s", config->user, secret);
		sodium_bin2base64(basic, sizeof(basic), (const uint8_t *)pair, strlen(pair), sodium_base64_VARIANT_ORIGINAL);
	}
	conend_hash_secret(is_basic ? basic : secret, route->secret);
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(pair, sizeof(pair));
	sodium_memzero(basic, sizeof(basic));
	if (rc < 0)
		LOGP(GW_LOG_API, LOGL_ERROR, "http_ussd %s: secret file %s: %s\n", config->name, config->secret_file,
		     rc == -E2BIG ? "it is too long" : strerror(-rc));
	return rc == 0;
}

static bool make_route(struct conend_bearer *bearer, struct conend_route *route, const struct gw_config_http_route *config)
{
	bool is_query = config->dialect.form == CONEND_QUERY;

	route->bearer = bearer;
	route->config = config;
	route->base = (struct gw_route){
		.name = config->name, .id = gw_route_id(config->name), .bearer = &bearer->base, .answer_ms = config->answer_ms,
		.user_ms = config->user_ms, .session_ms = config->session_ms, .resume_ms = config->resume_ms, .answers_each = true,
		.exact = conend_is_exact(&config->dialect), .fits = conend_fits, .fits_ctx = &config->dialect,
	};
	bearer->table[route - bearer->routes] = (struct gw_api_route){
		.method = is_query ? "GET" : "POST", .path = config->path, .scope = GW_SCOPE_NONE, .body = is_query ? GW_API_NO_BODY : GW_API_RAW,
		.no_head = true, .begin = conend_begin, .gone = conend_gone, .done = conend_done, .deadline_ms = config->answer_ms,
		.late = conend_late, .ctx = route,
	};
	return read_secret(route);
}

/* What is still open is answered while it is freed; nobody is told of that any more. */
static int free_bearer(struct conend_bearer *bearer)
{
	bearer->freed = true;
	TALLOC_FREE(bearer->server);
	return 0;
}

static bool serve(struct conend_bearer *bearer)
{
	const struct gw_api_server server = { .name = "http_ussd", .config = &bearer->gw->config->http_ussd.server, .tables = bearer->tables,
					      .admit = conend_admit };

	bearer->server = gw_api_serve(bearer, bearer->gw, &server);
	return bearer->server != NULL;
}

struct gw_bearer *gw_bearer_conend_alloc(struct gw *gw, const struct gw_bearer_user *user)
{
	const struct gw_config_http_ussd *config = &gw->config->http_ussd;
	struct conend_bearer *bearer = talloc_zero(gw, struct conend_bearer);
	bool good = true;

	bearer->base = (struct gw_bearer){ .ops = &ops, .user = user };
	bearer->gw = gw;
	for (unsigned int i = 0; i < CONEND_BUCKETS; i++)
		INIT_LLIST_HEAD(&bearer->calls[i]);
	bearer->routes = talloc_zero_array(bearer, struct conend_route, (unsigned int)config->n_routes);
	bearer->table = talloc_zero_array(bearer, struct gw_api_route, (unsigned int)config->n_routes + 1);
	bearer->tables[0] = bearer->table;
	for (; good && bearer->n_routes < config->n_routes; bearer->n_routes++)
		good = make_route(bearer, &bearer->routes[bearer->n_routes], &config->routes[bearer->n_routes]);
	talloc_set_destructor(bearer, free_bearer);
	if (good && serve(bearer))
		return &bearer->base;
	talloc_free(bearer);
	return NULL;
}

/* ---- listing ---- */

static const struct gw_conend_ctr_row ctr_rows[] = {
	[GW_CONEND_CTR_REQUESTS] = { "requests", "requests that came to its path" },
	[GW_CONEND_CTR_PAGES] = { "pages", "of these, answered with a page that goes on" },
	[GW_CONEND_CTR_ENDS] = { "ends", "answered with a last page" },
	[GW_CONEND_CTR_BAD] = { "bad", "refused for a field, a number or a code" },
	[GW_CONEND_CTR_SECRETS] = { "bad_secrets", "refused for a wrong secret" },
	[GW_CONEND_CTR_ADDRESSES] = { "bad_addresses", "refused for the address that they came from" },
	[GW_CONEND_CTR_BUSY] = { "busy", "told to come again" },
	[GW_CONEND_CTR_LATE] = { "late", "that had no page in time, and got an end in its place" },
	[GW_CONEND_CTR_UNHEARD] = { "unheard", "pages whose request had been broken off" },
};
static_assert(ARRAY_SIZE(ctr_rows) == GW_CONEND_CTRS, "every counter has a name and a text");

const struct gw_conend_ctr_row *gw_conend_ctr_row(size_t index)
{
	return index < ARRAY_SIZE(ctr_rows) ? &ctr_rows[index] : NULL;
}

bool gw_bearer_conend_at(const struct gw_bearer *base, size_t index, struct gw_conend_info *info)
{
	const struct conend_bearer *bearer = (const struct conend_bearer *)base;
	const struct conend_route *route = bearer && index < bearer->n_routes ? &bearer->routes[index] : NULL;

	if (!route)
		return false;
	*info = (struct gw_conend_info){ .route = &route->base, .path = route->config->path, .dialect = route->config->dialect.name,
					 .open = route->open, .counters = route->counters };
	return true;
}

const struct gw_api *gw_bearer_conend_server(const struct gw_bearer *base)
{
	return ((const struct conend_bearer *)base)->server;
}

bool gw_bearer_conend_reload(struct gw_bearer *base)
{
	return gw_api_reload(conend_of(base)->server);
}
