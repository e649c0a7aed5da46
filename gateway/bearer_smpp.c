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

#define SMS_PATIENCE_MS 300000  /* a text message that no link takes for so long is given up, with a log line */
#define BACKLOG_MAX 16384       /* answers of a route that wait: beyond it the network is told to bring its steps later. At full
                                   speed (200,000 steps a second) a network that stops reading for 80 ms */

static_assert(GW_CONTEXT_OCTETS == SMPP_DIALECT_CONTEXT_OCTETS && GW_REFERENCE_OCTETS >= SMPP_MESSAGE_ID_MAX &&
	      GW_MSISDN_MAX == SMPP_MSISDN_MAX && GW_TEXT_OCTETS == SMPP_DIALECT_TEXT_OCTETS &&
	      SMPP_DIALECT_TEXT_OCTETS >= SMPP_SMS_PAYLOAD_OCTETS, "what a dialect remembers fits what a bearer may");

uint16_t gw_route_id(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619u;
	hash = (hash >> 16) ^ (hash & 0xffff);
	return hash ? (uint16_t)hash : 1;
}

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
	(void)response;
	gw_smpp_out_response(ctx, token, outcome, status);
}

static void respond(const struct slot *slot, const struct smpp_pdu *pdu, uint32_t status)
{
	smpp_link_respond(slot->link, smpp_link_epoch(slot->link), pdu->command_id, pdu->sequence, status, NULL);
}

static struct gw_ticket ticket_of(const struct slot *slot, const struct smpp_pdu *pdu, const struct smpp_ussd_event *event)
{
	struct gw_ticket ticket = {
		.link = slot->index, .epoch = smpp_link_epoch(slot->link), .command = pdu->command_id, .sequence = pdu->sequence,
	};

	smpp_dialect_response_id(&slot->route->config->dialect, event->context, event->context_octets, ticket.reference);
	return ticket;
}

static void pass_up(struct slot *slot, const struct smpp_pdu *pdu, const struct smpp_ussd_event *event)
{
	static const enum gw_step_kind kinds[] = {
		[SMPP_USSD_BEGIN] = GW_STEP_DIAL, [SMPP_USSD_CONTINUE] = GW_STEP_INPUT, [SMPP_USSD_END] = GW_STEP_GONE,
		[SMPP_USSD_ABORT] = GW_STEP_GONE,
	};
	struct gw_step step = {
		.kind = kinds[event->kind],
		.route = &slot->route->base,
		.msisdn = event->msisdn,
		.text = event->text,
		.octets = event->text_octets,
		.session = event->session,
		.fingerprint = event->fingerprint,
		.context = event->context,
		.context_octets = event->context_octets,
		.ticket = ticket_of(slot, pdu, event),
	};

	slot->bearer->base.user->on_step(slot->bearer->base.user->ctx, &step);
}

/* The handset has shown the last text of a dialog that ends by release (smpp/dialect.h): only now it may be released. */
static void release(struct slot *slot, const struct smpp_ussd_event *event)
{
	struct outgoing *out;

	if (!smpp_dialect_releases(&slot->route->config->dialect))
		return;
	out = gw_smpp_out_get(slot->bearer, slot->route, event->msisdn);
	if (!out)
		return; /* the network's own timer will do it */
	out->version = 0;
	out->link = slot->index;
	out->is_sms = false;
	out->answer = SMPP_ANSWER_RELEASE;
	out->expire_ms = gw_clock_ms() + slot->route->base.answer_ms;
	out->context_octets = event->context_octets;
	memcpy(out->context, event->context, event->context_octets);
	out->octets = 0;
	gw_smpp_out_dispatch(slot->bearer, out);
}

/* A network that takes no answers gets no more steps: they would only wait for their deadline. */
static bool is_backlogged(const struct route *route, enum smpp_ussd_kind kind)
{
	return route->n_answers >= BACKLOG_MAX && (kind == SMPP_USSD_BEGIN || kind == SMPP_USSD_CONTINUE);
}

static void on_request(void *ctx, struct smpp_link *link, const struct smpp_pdu *pdu)
{
	struct slot *slot = ctx;
	const struct smpp_dialect *dialect = &slot->route->config->dialect;
	struct smpp_ussd_event event;
	uint32_t status;

	(void)link;
	if (pdu->command_id == SMPP_ALERT_NOTIFICATION)
		return;
	status = smpp_dialect_decode(dialect, pdu, &event);
	if (status != ESME_ROK || event.kind == SMPP_USSD_UNKNOWN) {
		LOGP(GW_LOG_LINK, LOGL_INFO, "link(%s) %s refused: %s\n", smpp_link_name(slot->link),
		     smpp_pdu_command_name(pdu->command_id), status ? smpp_status_name(status) : "unknown USSD operation");
		respond(slot, pdu, status ? status : dialect->refuse_status);
	} else if (event.kind == SMPP_USSD_NONE) {
		/* a receipt may be taken; a text message has nobody here to answer it */
		respond(slot, pdu, (pdu->message.esm_class & 0x3c) ? ESME_ROK : ESME_RX_R_APPN);
	} else if (event.kind == SMPP_USSD_NOTIFIED) {
		respond(slot, pdu, ESME_ROK);
		release(slot, &event);
	} else if (is_backlogged(slot->route, event.kind)) {
		slot->bearer->counters->at[GW_CTR_REFUSED_LATER]++;
		respond(slot, pdu, ESME_RX_T_APPN);
	} else {
		pass_up(slot, pdu, &event);
	}
}

static const struct smpp_link_ops link_ops = { .on_state = on_state, .on_request = on_request, .on_response = on_response };

/* ---- the bearer's verbs ---- */

static struct bearer_smpp *of(struct gw_bearer *bearer)
{
	return (struct bearer_smpp *)bearer;
}

static void settle_ticket(struct gw_bearer *base, const struct gw_ticket *ticket, uint32_t status)
{
	const struct slot *slot = &of(base)->slots[ticket->link];

	/* a link that is gone needs no answer: the network sends the step again, and the session knows it */
	smpp_link_respond(slot->link, ticket->epoch, ticket->command, ticket->sequence, status,
			  ticket->reference[0] ? ticket->reference : NULL);
}

static void op_accept(struct gw_bearer *base, const struct gw_ticket *ticket)
{
	settle_ticket(base, ticket, ESME_ROK);
}

static void op_refuse(struct gw_bearer *base, const struct gw_ticket *ticket, enum gw_refusal why)
{
	const struct slot *slot = &of(base)->slots[ticket->link];

	settle_ticket(base, ticket, why == GW_REFUSE_LATER ? ESME_RX_T_APPN :
				    why == GW_REFUSE_TEXT ? ESME_RX_R_APPN : slot->route->config->dialect.refuse_status);
}

static int op_answer(struct gw_bearer *base, const struct gw_route *route, const struct gw_answer *answer)
{
	struct outgoing *out;

	if (answer->octets > sizeof(out->text) || answer->context_octets > sizeof(out->context))
		return -EMSGSIZE;
	out = gw_smpp_out_get(of(base), (struct route *)route, answer->msisdn);
	if (!out)
		return -ENOBUFS;
	out->version = answer->version;
	out->link = answer->link;
	out->is_sms = false;
	out->answer = answer->kind == GW_ANSWER_ASK ? SMPP_ANSWER_CONTINUE : SMPP_ANSWER_END;
	out->expire_ms = gw_clock_ms() + route->answer_ms;
	out->context_octets = answer->context_octets;
	memcpy(out->context, answer->context, answer->context_octets);
	out->octets = (uint16_t)answer->octets;
	memcpy(out->text, answer->text, answer->octets);
	return gw_smpp_out_dispatch(of(base), out);
}

static int op_sms(struct gw_bearer *base, const struct gw_route *base_route, const struct gw_sms *sms)
{
	struct bearer_smpp *bearer = of(base);
	struct route *route = (struct route *)base_route;
	struct smpp_sms_parts parts;
	int n = smpp_sms_split(&route->sms, sms->text, sms->octets, sms->flash, ++route->sms_reference, &parts);

	if (n < 0)
		return n;
	if (gw_smpp_out_free(bearer) < (uint32_t)n)
		return -ENOBUFS;
	for (int i = 0; i < n; i++) {
		struct outgoing *out = gw_smpp_out_get(bearer, route, sms->msisdn);

		out->is_sms = true;
		out->expire_ms = gw_clock_ms() + SMS_PATIENCE_MS;
		out->part = parts.at[i];
		out->part.text = memcpy(out->text, parts.at[i].text, parts.at[i].octets);
		n = gw_smpp_out_dispatch(bearer, out) < 0 ? -EIO : n;
	}
	bearer->counters->at[GW_CTR_SMS_OUT] += n > 0;
	return n;
}

static unsigned int op_sms_room(const struct gw_bearer *base, const struct gw_route *route)
{
	const struct bearer_smpp *bearer = (const struct bearer_smpp *)base;

	return route->bearer == base && gw_smpp_out_free(bearer) ? 1 : 0;
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
	struct bearer_smpp *bearer = of(base);

	for (size_t i = 0; i < bearer->n_routes; i++)
		if (bearer->routes[i].n_queue)
			gw_smpp_out_drain(bearer, &bearer->routes[i]);
	for (size_t i = 0; i < bearer->n_slots; i++)
		smpp_link_flush(bearer->slots[i].link);
}

static void op_tick(struct gw_bearer *base)
{
	struct bearer_smpp *bearer = of(base);

	for (size_t i = 0; i < bearer->n_slots; i++)
		smpp_link_tick(bearer->slots[i].link);
}

static void op_stop(struct gw_bearer *base)
{
	struct bearer_smpp *bearer = of(base);

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

static const struct gw_bearer_ops ops = {
	.accept = op_accept, .refuse = op_refuse, .answer = op_answer, .sms = op_sms, .sms_room = op_sms_room, .push = op_push,
	.flush = op_flush, .tick = op_tick, .stop = op_stop, .stopped = op_stopped, .ready = op_ready,
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
	route->sms = (struct smpp_sms_profile){ .default_alphabet = config->dialect.default_alphabet, .long_sms = config->long_sms };
	route->base = (struct gw_route){
		.name = config->name, .id = gw_route_id(config->name), .bearer = &bearer->base, .answer_ms = config->answer_ms,
		.user_ms = config->user_ms, .session_ms = config->session_ms, .resume_ms = config->resume_ms,
		.fits = fits, .fits_ctx = &config->dialect,
	};
	for (unsigned int i = 0; i < QUEUES; i++)
		INIT_LLIST_HEAD(&route->queues[i]);
	INIT_LLIST_HEAD(&route->resting);
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

void gw_bearer_smpp_start(struct gw_bearer *base)
{
	for (size_t i = 0; i < of(base)->n_slots; i++)
		smpp_link_start(of(base)->slots[i].link);
}

const struct gw_route *gw_bearer_smpp_route(const struct gw_bearer *base, size_t index)
{
	const struct bearer_smpp *bearer = (const struct bearer_smpp *)base;

	return index < bearer->n_routes ? &bearer->routes[index].base : NULL;
}

const struct smpp_link *gw_bearer_smpp_link(const struct gw_bearer *base, size_t index, const struct gw_route **route)
{
	const struct bearer_smpp *bearer = (const struct bearer_smpp *)base;

	if (index >= bearer->n_slots)
		return NULL;
	*route = &bearer->slots[index].route->base;
	return bearer->slots[index].link;
}

const struct gw_route *gw_bearer_smpp_find(const struct gw_bearer *base, uint16_t id)
{
	const struct bearer_smpp *bearer = (const struct bearer_smpp *)base;

	for (size_t i = 0; i < bearer->n_routes; i++)
		if (bearer->routes[i].base.id == id)
			return &bearer->routes[i].base;
	return NULL;
}

size_t gw_bearer_smpp_waiting(const struct gw_bearer *base)
{
	const struct bearer_smpp *bearer = (const struct bearer_smpp *)base;
	size_t n = 0;

	for (size_t i = 0; i < bearer->n_routes; i++)
		n += bearer->routes[i].n_queue;
	return n;
}
