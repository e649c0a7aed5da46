/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A request of an aggregator, from the door to its answer.
 *
 * The door: the address it comes from, and the secret it brings, compared as hashes, in the same time whatever it is. Whoever passes it
 * speaks for every number, so a route has one of the two at least (config_conend.c). Then the fields, then a step; what cannot be
 * understood is a mistake of the aggregator's, which no citizen could do anything about: a status and a problem document say what. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/account_priv.h"
#include "gateway/api_json.h"
#include "gateway/bearer_conend_priv.h"
#include "gateway/log.h"

/* ---- the door ---- */

void conend_hash_secret(const char *given, uint8_t hash[CONEND_SECRET_HASH_OCTETS])
{
	crypto_generichash(hash, CONEND_SECRET_HASH_OCTETS, (const uint8_t *)given, strlen(given), NULL, 0);
}

static struct conend_route *route_of(const struct gw_api_call *call)
{
	return (struct conend_route *)call->ctx;
}

static bool is_from_there(const struct conend_route *route, const char *address)
{
	const struct gw_config_http_route *config = route->config;

	for (size_t i = 0; i < config->n_addresses; i++)
		if (account_address_has(config->addresses[i], address))
			return true;
	return config->n_addresses == 0;
}

static bool has_secret(const struct conend_route *route, const struct gw_api_call *call)
{
	const struct gw_config_http_route *config = route->config;
	const char *given = gw_api_header(call, config->user[0] ? "Authorization" : config->secret_header);
	uint8_t hash[CONEND_SECRET_HASH_OCTETS];

	if (!config->secret_file)
		return true;
	if (given && config->user[0])
		given = strncasecmp(given, "Basic ", 6) == 0 ? given + 6 : NULL;
	conend_hash_secret(given ? given : "", hash);
	return sodium_memcmp(hash, route->secret, sizeof(hash)) == 0;
}

bool conend_admit(struct gw_api_call *call)
{
	static const char starting[] = "starting\n";
	struct conend_route *route = route_of(call);

	route->counters[GW_CONEND_CTR_REQUESTS]++;
	if (!route->bearer->started) {
		gw_api_answer_text(call, 503, "text/plain; charset=utf-8", starting, sizeof(starting) - 1, 1);
		return false;
	}
	if (!is_from_there(route, gw_api_address(call))) {
		route->counters[GW_CONEND_CTR_ADDRESSES]++;
		gw_api_problem(call, 403, "forbidden-address", "%s is no address of %s's", gw_api_address(call), route->base.name);
		return false;
	}
	if (!gw_api_may_try(call))
		return false;
	if (has_secret(route, call))
		return true;
	route->counters[GW_CONEND_CTR_SECRETS]++;
	gw_api_refuse_secret(call, route->config->user[0] ? "Basic realm=\"ussd\"" : route->config->secret_header);
	return false;
}

/* ---- requests at work ---- */

struct llist_head *conend_bucket(struct conend_bearer *bearer, const uint8_t *context)
{
	uint32_t number;

	memcpy(&number, context + CONEND_CONTEXT_OCTETS / 2, sizeof(number));
	return &bearer->calls[number % CONEND_BUCKETS];
}

static struct gw_ticket ticket_of(uint64_t handle)
{
	return (struct gw_ticket){ .link = (uint32_t)(handle & 0xffff), .sequence = (uint32_t)(handle >> 16), .epoch = (uint32_t)(handle >> 48) };
}

struct conend_call *conend_find(struct conend_bearer *bearer, const struct gw_ticket *ticket)
{
	struct gw_api_call *call = gw_api_call_at(bearer->server, (uint64_t)ticket->epoch << 48 | (uint64_t)ticket->sequence << 16 | ticket->link);

	return call ? call->state : NULL;
}

void conend_gone(struct gw_api_call *call)
{
	struct conend_call *at = call->state;

	if (!at)
		return;
	llist_del(&at->entry);
	at->route->open--;
	json_decref(at->fields);
	at->fields = NULL;
	sodium_memzero(at->request.typed, sizeof(at->request.typed));
}

/* To whom a page was handed over may react to it. */
void conend_done(struct gw_api_call *call, bool handed_over)
{
	const struct conend_call *at = call->state;
	struct conend_bearer *bearer = route_of(call)->bearer;

	if (!at || !at->version || bearer->freed)
		return;
	bearer->gw->counters.at[handed_over ? GW_CTR_ANSWERS : GW_CTR_ANSWERS_UNKNOWN]++;
	bearer->base.user->on_sent(bearer->base.user->ctx, &at->route->base, at->msisdn, at->version, handed_over ? GW_SENT_TAKEN : GW_SENT_UNKNOWN);
}

void conend_answer(struct conend_call *call, unsigned int status, const char *page, size_t octets, bool ends)
{
	const char *type;
	size_t n;
	char *text = conend_write(&call->route->config->dialect, &call->request, page, octets, ends, &n, &type);

	call->route->counters[ends ? GW_CONEND_CTR_ENDS : GW_CONEND_CTR_PAGES]++;
	OSMO_ASSERT(text);
	llist_del(&call->entry); /* one answer for each; conend_gone comes later */
	INIT_LLIST_HEAD(&call->entry);
	gw_api_answer_text(gw_api_call_at(call->route->bearer->server, call->handle), status, type, text, n, status == 503 ? 1 : 0);
	free(text);
}

void conend_say(struct conend_call *call, unsigned int status, enum menu_phrase phrase)
{
	char text[MENU_PAGE_OCTETS];
	size_t octets = menu_set_phrase(menu_pins_current(call->route->bearer->gw->pins), phrase, "", "", text, sizeof(text));

	conend_answer(call, status, text, octets, true);
}

/* Whatever became of the step: the citizen is not left without a word. */
void conend_late(struct gw_api_call *call)
{
	struct conend_call *at = call->state;

	at->route->counters[GW_CONEND_CTR_LATE]++;
	conend_say(at, 200, MENU_PHRASE_TRY_AGAIN);
}

/* ---- what it asks for ---- */

static void refuse(struct gw_api_call *call, const char *why)
{
	route_of(call)->counters[GW_CONEND_CTR_BAD]++;
	LOGP(GW_LOG_API, LOGL_INFO, "http_ussd %s: %s (%s)\n", route_of(call)->base.name, why, call->request_id);
	gw_api_problem(call, 400, "bad-field", "%s", why);
}

static bool is_type(const struct gw_api_call *call, const char *wanted)
{
	const char *type = gw_api_header(call, "Content-Type");
	size_t n = strlen(wanted);

	return type && strncasecmp(type, wanted, n) == 0 && (!type[n] || strchr("; \t", type[n]));
}

/* A new reference to the request's fields; NULL: it was answered. */
static json_t *read_fields(struct gw_api_call *call)
{
	static const char *const types[] = { [CONEND_FORM] = "application/x-www-form-urlencoded", [CONEND_JSON] = "application/json" };
	enum conend_form form = route_of(call)->config->dialect.form;
	char why[200] = "the form cannot be read: UTF-8, percent-encoded, no name twice, at most 16 of them";
	json_t *fields;

	if (form == CONEND_QUERY)
		return json_incref((json_t *)gw_api_queries(call));
	if (!is_type(call, types[form])) {
		route_of(call)->counters[GW_CONEND_CTR_BAD]++;
		gw_api_problem(call, 415, "unsupported-type", "Content-Type must be %s", types[form]);
		return NULL;
	}
	fields = form == CONEND_JSON ? api_json_parse(call->raw, call->raw_octets, why, sizeof(why)) : conend_form_parse(call->raw, call->raw_octets);
	if (!fields)
		refuse(call, why);
	return fields;
}

/* What the network calls the code becomes what the menu calls it. NULL: good. */
static const char *make_step(const struct conend_call *call, struct conend_step *step)
{
	const struct gw_config_http_route *config = call->route->config;
	const struct menu_set *set = menu_pins_current(call->route->bearer->gw->pins);
	const char *ours = menu_set_code(set, 0);
	char code[CONEND_CODE_MAX + 3];

	conend_code(call->request.code, code);
	if (config->dialect.code[0] && !code[0])
		return "the code is none: it is like *4#";
	conend_step(&config->dialect, &call->request, code[0] ? code : config->service_code[0] ? config->service_code : ours, step);
	if (step->dial[0] && ((config->service_code[0] && !conend_map(step, config->service_code, ours)) || !menu_set_has_code(set, step->dial)))
		return "that code is none of ours";
	return NULL;
}

/* The two hashes that name it, here and in all gateways. */
static void make_context(struct conend_call *call)
{
	static const uint8_t key[crypto_generichash_KEYBYTES] = "conend";
	const struct conend_request *request = &call->request;
	crypto_generichash_state state;
	uint8_t hash[crypto_generichash_BYTES];

	crypto_generichash(hash, sizeof(hash), (const uint8_t *)request->session, strlen(request->session), key, sizeof(key));
	memcpy(call->context, hash, CONEND_CONTEXT_OCTETS / 2);
	crypto_generichash_init(&state, key, sizeof(key), sizeof(hash));
	crypto_generichash_update(&state, (const uint8_t *)request->session, strlen(request->session) + 1);
	crypto_generichash_update(&state, (const uint8_t *)request->sequence, strlen(request->sequence) + 1);
	crypto_generichash_update(&state, (const uint8_t *)request->typed, strlen(request->typed) + 1);
	crypto_generichash_final(&state, hash, sizeof(hash));
	memcpy(call->context + CONEND_CONTEXT_OCTETS / 2, hash, CONEND_CONTEXT_OCTETS / 2);
}

static uint32_t number_at(const uint8_t *octets)
{
	uint32_t number;

	memcpy(&number, octets, sizeof(number));
	return number ? number : 1; /* 0: none */
}

static void pass_step(const struct conend_call *call, const struct conend_step *from)
{
	const struct gw_bearer_user *user = call->route->bearer->base.user;
	struct gw_step step = {
		.kind = from->kind, .route = &call->route->base, .msisdn = call->msisdn, .text = from->text, .octets = strlen(from->text),
		.session = number_at(call->context), .fingerprint = number_at(call->context + CONEND_CONTEXT_OCTETS / 2), .order = from->order,
		.dial = from->has_dial ? from->dial : NULL, .context = call->context, .context_octets = CONEND_CONTEXT_OCTETS,
		.ticket = ticket_of(call->handle),
	};

	user->on_step(user->ctx, &step);
}

static const char *read_request(struct conend_call *call, struct conend_step *step, char *why, size_t cap)
{
	const struct gw_config_http_route *config = call->route->config;

	if (conend_read(&config->dialect, call->fields, &call->request, why, cap))
		return why;
	if (conend_msisdn(call->request.number, config->country, call->msisdn, sizeof(call->msisdn)) < 0)
		return "the number is none: it is like +989121234567";
	return make_step(call, step);
}

void conend_begin(struct gw_api_call *call)
{
	struct conend_route *route = route_of(call);
	json_t *fields = read_fields(call);
	struct conend_call *at;
	struct conend_step step;
	char text[200];
	const char *why;

	if (!fields)
		return;
	at = talloc_zero(call, struct conend_call);
	at->route = route;
	at->handle = gw_api_handle(call);
	at->fields = fields;
	why = read_request(at, &step, text, sizeof(text));
	if (why) {
		json_decref(fields);
		talloc_free(at);
		refuse(call, why);
		return;
	}
	make_context(at);
	call->state = at;
	route->open++;
	llist_add_tail(&at->entry, conend_bucket(route->bearer, at->context));
	pass_step(at, &step);
	sodium_memzero(&step, sizeof(step));
}
