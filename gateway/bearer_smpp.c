/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The SMPP bearer: joins links (smpp/link.h) and dialects (smpp/dialect.h) to the gateway's idea of a bearer. What goes down
 * passes through the queues of bearer_smpp_out.c. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/bearer_smpp_priv.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "smpp/status.h"

static_assert(GW_CONTEXT_OCTETS == SMPP_DIALECT_CONTEXT_OCTETS && GW_REFERENCE_OCTETS >= SMPP_MESSAGE_ID_MAX &&
	      GW_MSISDN_MAX == SMPP_MSISDN_MAX && GW_TEXT_OCTETS == SMPP_DIALECT_TEXT_OCTETS &&
	      SMPP_DIALECT_TEXT_OCTETS >= SMPP_SMS_PAYLOAD_OCTETS, "what a dialect remembers fits what a bearer may");

/* ---- what a link reports ---- */

static void on_state(void *ctx, struct smpp_link *link, enum smpp_link_state state)
{
	(void)ctx;
	LOGP(GW_LOG_LINK, LOGL_INFO, "link(%s) is %s\n", smpp_link_name(link), smpp_link_state_name(state));
}

static void on_response(void *ctx, struct smpp_link *link, uint64_t token, enum smpp_link_outcome outcome, uint32_t status,
			const struct smpp_pdu *response)
{
	(void)link;
	gw_smpp_out_response(ctx, token, outcome, status, response);
}

static const struct smpp_link_ops link_ops = { .on_state = on_state, .on_request = gw_smpp_up_request, .on_response = on_response };

/* ---- the bearer's verbs ---- */

static void op_start(struct gw_bearer *base)
{
	for (size_t i = 0; i < gw_smpp_of(base)->n_slots; i++)
		smpp_link_start(gw_smpp_of(base)->slots[i].link);
}

static const struct gw_route *op_route(const struct gw_bearer *base, size_t index)
{
	const struct bearer_smpp *bearer = (const struct bearer_smpp *)base;

	return index < bearer->n_routes ? &bearer->routes[index].base : NULL;
}

static int op_answer(struct gw_bearer *base, const struct gw_route *route, const struct gw_answer *answer)
{
	struct outgoing *out;

	if (answer->octets > sizeof(out->text) || answer->context_octets > sizeof(out->answer.context))
		return -EMSGSIZE;
	out = gw_smpp_out_get(gw_smpp_of(base), (struct route *)route, OUTGOING_ANSWER, answer->msisdn);
	if (!out)
		return -ENOBUFS;
	out->answer.version = answer->version;
	out->answer.link = answer->link;
	out->answer.what = answer->kind == GW_ANSWER_ASK ? SMPP_ANSWER_CONTINUE : answer->pushed ? SMPP_ANSWER_END_PUSHED : SMPP_ANSWER_END;
	out->expire_ms = gw_clock_ms() + route->answer_ms;
	out->answer.context_octets = answer->context_octets;
	memcpy(out->answer.context, answer->context, answer->context_octets);
	out->octets = (uint16_t)answer->octets;
	memcpy(out->text, answer->text, answer->octets);
	return gw_smpp_out_dispatch(gw_smpp_of(base), out);
}

static void op_flush(struct gw_bearer *base)
{
	struct bearer_smpp *bearer = gw_smpp_of(base);

	for (size_t i = 0; i < bearer->n_routes; i++)
		if (bearer->routes[i].n_queue && !bearer->stopping)
			gw_smpp_out_drain(bearer, &bearer->routes[i]);
		else if (bearer->routes[i].n_queue)
			gw_smpp_out_give_back(bearer, &bearer->routes[i]);
	for (size_t i = 0; i < bearer->n_slots; i++)
		smpp_link_flush(bearer->slots[i].link);
}

static void op_tick(struct gw_bearer *base)
{
	struct bearer_smpp *bearer = gw_smpp_of(base);

	for (size_t i = 0; i < bearer->n_slots; i++)
		smpp_link_tick(bearer->slots[i].link);
}

static void op_stop(struct gw_bearer *base)
{
	struct bearer_smpp *bearer = gw_smpp_of(base);

	bearer->stopping = true;
	for (size_t i = 0; i < bearer->n_slots; i++)
		smpp_link_stop(bearer->slots[i].link);
}

static bool op_stopped(const struct gw_bearer *base)
{
	const struct bearer_smpp *bearer = (const struct bearer_smpp *)base;

	for (size_t i = 0; i < bearer->n_slots; i++)
		if (smpp_link_state(bearer->slots[i].link) != SMPP_LINK_STOPPED)
			return false;
	return true;
}

static bool route_ready(const struct route *route)
{
	bool receives = false, transmits = false;

	for (size_t i = 0; i < route->n_slots; i++) {
		bool bound = smpp_link_state(route->slots[i]->link) == SMPP_LINK_BOUND;

		receives |= bound && route->slots[i]->receives;
		transmits |= bound && route->slots[i]->transmits;
	}
	return receives && transmits;
}

static bool op_ready(const struct gw_bearer *base)
{
	const struct bearer_smpp *bearer = (const struct bearer_smpp *)base;

	for (size_t i = 0; i < bearer->n_routes; i++)
		if (!route_ready(&bearer->routes[i]))
			return false;
	return true;
}

static size_t op_waiting(const struct gw_bearer *base)
{
	const struct bearer_smpp *bearer = (const struct bearer_smpp *)base;
	size_t n = 0;

	for (size_t i = 0; i < bearer->n_routes; i++)
		n += bearer->routes[i].n_queue;
	return n;
}

static const struct gw_bearer_ops ops = {
	.start = op_start, .route = op_route,
	.accept = gw_smpp_up_accept, .refuse = gw_smpp_up_refuse, .answer = op_answer, .sms = gw_smpp_sms,
	.sms_parts = gw_smpp_sms_parts, .sms_room = gw_smpp_sms_room, .push = gw_smpp_push,
	.flush = op_flush, .tick = op_tick, .stop = op_stop, .stopped = op_stopped, .ready = op_ready, .waiting = op_waiting,
};

/* ---- making it ---- */

static bool fits(const void *ctx, const char *utf8, size_t octets)
{
	return smpp_dialect_fits(ctx, utf8, octets);
}

static enum smpp_command bind_of(const char *name)
{
	return strcmp(name, "transmitter") == 0 ? SMPP_BIND_TRANSMITTER :
	       strcmp(name, "receiver") == 0 ? SMPP_BIND_RECEIVER : SMPP_BIND_TRANSCEIVER;
}

static bool make_link(struct bearer_smpp *bearer, struct slot *slot, const struct gw_config_link *link)
{
	char password[8 + 1] = ""; /* what a bind has room for */
	int rc = link->password_file ? gw_config_secret(link->password_file, password, sizeof(password)) : 0;
	const struct smpp_link_config config = {
		.name = link->name, .host = link->host, .port = (uint16_t)link->port, .bind = bind_of(link->bind),
		.credentials = { .system_id = link->system_id, .password = password, .system_type = link->system_type,
				 .interface_version = (uint8_t)link->interface_version, .addr_ton = (uint8_t)link->addr_ton,
				 .addr_npi = (uint8_t)link->addr_npi, .address_range = link->address_range },
		.window = link->window, .enquire_ms = link->enquire_ms, .response_ms = link->response_ms, .bind_ms = link->bind_ms,
		.drain_ms = 2000, .retry_min_ms = link->retry_min_ms, .retry_max_ms = link->retry_max_ms,
		.retry_refused_ms = link->retry_refused_ms, .pdu_octets_max = link->pdu_octets_max,
		.tx_octets_max = link->buffer_octets, .io = { gw_loop_add, gw_loop_update, gw_loop_del }, .log_category = GW_LOG_LINK,
	};

	if (rc < 0) {
		LOGP(GW_LOG_LINK, LOGL_ERROR, "link(%s) password file %s: %s\n", link->name, link->password_file,
		     rc == -E2BIG ? "more than 8 characters" : strerror(-rc));
		return false;
	}
	slot->receives = config.bind != SMPP_BIND_TRANSMITTER;
	slot->transmits = config.bind != SMPP_BIND_RECEIVER;
	slot->link = smpp_link_alloc(bearer, &config, &link_ops, slot);
	sodium_memzero(password, sizeof(password));
	if (!slot->link)
		LOGP(GW_LOG_LINK, LOGL_ERROR, "link(%s) is refused: a value is out of bounds\n", link->name);
	return slot->link != NULL;
}

static bool make_route(struct bearer_smpp *bearer, struct route *route, const struct gw_config_operator *config)
{
	route->config = config;
	route->sms = (struct smpp_sms_profile){ .default_alphabet = config->dialect.default_alphabet, .long_sms = config->long_sms,
						.flash = config->flash };
	route->base = (struct gw_route){
		.name = config->name, .id = gw_route_id(config->name), .bearer = &bearer->base, .answer_ms = config->answer_ms,
		.user_ms = config->user_ms, .session_ms = config->session_ms, .resume_ms = config->resume_ms,
		.receipts = config->receipts, .fits = fits, .fits_ctx = &config->dialect,
	};
	for (unsigned int i = 0; i < QUEUES; i++)
		INIT_LLIST_HEAD(&route->queues[i]);
	INIT_LLIST_HEAD(&route->resting);
	/* not the numbers that a process before this one has just used */
	randombytes_buf(&route->push_session, sizeof(route->push_session));
	smpp_rate_init(&route->rate, config->sms_parts_per_second, config->sms_parts_per_second, gw_clock_ms());
	route->slots = talloc_zero_array(bearer, struct slot *, (unsigned int)config->n_links);
	for (size_t i = 0; i < config->n_links; i++) {
		struct slot *slot = &bearer->slots[bearer->n_slots];

		*slot = (struct slot){ .bearer = bearer, .route = route, .index = (uint32_t)bearer->n_slots++ };
		route->slots[route->n_slots++] = slot;
		if (!make_link(bearer, slot, &config->links[i]))
			return false;
	}
	return true;
}

struct gw_bearer *gw_bearer_smpp_alloc(void *ctx, const struct gw_config *config, const struct gw_bearer_user *user,
				       struct gw_counters *counters)
{
	struct bearer_smpp *bearer = talloc_zero(ctx, struct bearer_smpp);
	size_t n_links = 0;

	for (size_t i = 0; i < config->n_operators; i++)
		n_links += config->operators[i].n_links;
	bearer->base = (struct gw_bearer){ .ops = &ops, .user = user };
	bearer->counters = counters;
	bearer->pool = talloc_array(bearer, struct outgoing *, GW_OUTGOING_MAX);
	bearer->free_tokens = talloc_array(bearer, uint32_t, GW_OUTGOING_MAX);
	bearer->routes = talloc_zero_array(bearer, struct route, (unsigned int)config->n_operators);
	bearer->slots = talloc_zero_array(bearer, struct slot, (unsigned int)n_links);
	for (size_t i = 0; i < config->n_operators; i++) {
		if (!make_route(bearer, &bearer->routes[bearer->n_routes++], &config->operators[i])) {
			talloc_free(bearer);
			return NULL;
		}
	}
	return &bearer->base;
}

const struct smpp_link *gw_bearer_smpp_link(const struct gw_bearer *base, size_t index, const struct gw_route **route)
{
	const struct bearer_smpp *bearer = (const struct bearer_smpp *)base;

	if (index >= bearer->n_slots)
		return NULL;
	*route = &bearer->slots[index].route->base;
	return bearer->slots[index].link;
}

unsigned int gw_bearer_smpp_links(const struct gw_bearer *base, const struct gw_route *route, bool only_bound)
{
	const struct bearer_smpp *bearer = (const struct bearer_smpp *)base;
	unsigned int n = 0;

	for (size_t i = 0; i < bearer->n_slots; i++)
		n += &bearer->slots[i].route->base == route && (!only_bound || smpp_link_state(bearer->slots[i].link) == SMPP_LINK_BOUND);
	return n;
}

static size_t prefix_of(const struct route *route, const char *msisdn)
{
	size_t longest = 0;

	for (size_t i = 0; i < route->config->n_prefixes; i++) {
		size_t n = strlen(route->config->prefixes[i]);

		if (n > longest && strncmp(msisdn, route->config->prefixes[i], n) == 0)
			longest = n;
	}
	return longest;
}

const struct gw_route *gw_bearer_smpp_route_of(const struct gw_bearer *base, const char *msisdn)
{
	const struct bearer_smpp *bearer = (const struct bearer_smpp *)base;
	const struct route *best = NULL, *otherwise = bearer->routes;
	size_t longest = 0;

	for (size_t i = 0; i < bearer->n_routes; i++) {
		const struct route *route = &bearer->routes[i];
		size_t n = prefix_of(route, msisdn);

		if (n > longest) {
			longest = n;
			best = route;
		}
		otherwise = route->config->is_default ? route : otherwise;
	}
	if (!bearer->n_routes)
		return NULL;
	return best ? &best->base : &otherwise->base;
}
