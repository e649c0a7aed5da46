/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The SMPP bearer: joins links (smpp/link.h) and dialects (smpp/dialect.h) to the gateway's idea of a bearer.
 *
 * What goes to the network is an *outgoing*: one message PDU to be, kept until the network has said what became of it, so
 * that a throttled one can be sent again. Outgoings come from one bounded pool. A route has two queues of those that no link
 * could take, answers and text messages: order within each is kept, and answers go first, because somebody waits for them.
 * An answer prefers the link by which its step came, and takes any other of the same operator that can transmit when that
 * one is gone. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include <osmocom/core/linuxlist.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/bearer_smpp.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "smpp/rate.h"
#include "smpp/sms.h"
#include "smpp/status.h"

#define OUTGOING_MAX 65536
#define ATTEMPTS_MAX 20
#define PAUSE_MS 500            /* how long a route rests after ESME_RTHROTTLED or ESME_RMSGQFUL, and one message after another status */
#define SMS_PATIENCE_MS 300000  /* a text message that no link takes for so long is given up, with a log line */
#define BACKLOG_MAX 16384       /* answers of a route that wait: beyond it the network is told to bring its steps later. At full
                                   speed (200,000 steps a second) a network that stops reading for 80 ms */

static_assert(GW_CONTEXT_OCTETS == SMPP_DIALECT_CONTEXT_OCTETS && GW_REFERENCE_OCTETS >= SMPP_MESSAGE_ID_MAX &&
	      GW_MSISDN_MAX == SMPP_MSISDN_MAX && GW_TEXT_OCTETS == SMPP_DIALECT_TEXT_OCTETS &&
	      SMPP_DIALECT_TEXT_OCTETS >= SMPP_SMS_PAYLOAD_OCTETS, "what a dialect remembers fits what a bearer may");

struct outgoing {
	struct llist_head entry;         /* in its route's queue; or in the pool's free list */
	struct route *route;
	uint32_t token;                  /* its place in the pool + 1; how a link names it */
	uint64_t number;                 /* their order */
	char msisdn[GW_MSISDN_MAX + 1];
	uint32_t version;
	uint32_t link;                   /* preferred */
	int64_t expire_ms, resume_ms;
	unsigned int attempts;
	bool is_sms;
	enum smpp_ussd_answer answer;
	uint8_t context_octets;
	uint8_t context[GW_CONTEXT_OCTETS];
	struct smpp_sms_part part;       /* of an SMS */
	uint16_t octets;
	char text[SMPP_DIALECT_TEXT_OCTETS]; /* UTF-8 of an answer; encoded octets of a part of an SMS */
};

struct slot {                            /* a link and whose it is */
	struct bearer_smpp *bearer;
	struct route *route;
	struct smpp_link *link;
	uint32_t index;
	bool transmits, receives;
};

enum { ANSWERS, TEXT_MESSAGES, QUEUES };

struct route {
	struct gw_route base;            /* first: routes are handed out as this */
	const struct gw_config_operator *config;
	struct slot **slots;
	size_t n_slots, next_slot;
	struct llist_head queues[QUEUES]; /* in the order in which they are served */
	struct llist_head resting;       /* refused for now, alone: each waits for its resume_ms, in this order */
	size_t n_queue;                  /* of all three */
	size_t n_answers;                /* of these, answers */
	int64_t rest_until_ms;
	struct smpp_rate rate;           /* of text messages, in parts */
	struct smpp_sms_profile sms;
	uint16_t sms_reference;
};

struct bearer_smpp {
	struct gw_bearer base;           /* first */
	struct gw_counters *counters;
	struct route *routes;
	size_t n_routes;
	struct slot *slots;
	size_t n_slots;
	struct outgoing **pool;          /* by index + 1 = token; grows up to OUTGOING_MAX */
	uint32_t n_pool;
	uint64_t n_given;
	uint32_t *free_tokens;
	uint32_t n_free;
};

uint16_t gw_route_id(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619u;
	hash = (hash >> 16) ^ (hash & 0xffff);
	return hash ? (uint16_t)hash : 1;
}

/* ---- outgoings ---- */

static struct outgoing *outgoing_get(struct bearer_smpp *bearer, struct route *route, const char *msisdn)
{
	struct outgoing *out;

	if (!bearer->n_free) {
		if (bearer->n_pool == OUTGOING_MAX)
			return NULL;
		bearer->pool[bearer->n_pool] = talloc_size(bearer, sizeof(*out));
		bearer->free_tokens[bearer->n_free++] = ++bearer->n_pool;
	}
	out = bearer->pool[bearer->free_tokens[--bearer->n_free] - 1];
	out->token = bearer->free_tokens[bearer->n_free];
	out->number = bearer->n_given++;
	out->route = route;
	out->resume_ms = 0;
	out->attempts = 0;
	osmo_strlcpy(out->msisdn, msisdn, sizeof(out->msisdn));
	return out;
}

static void outgoing_put(struct bearer_smpp *bearer, struct outgoing *out)
{
	bearer->free_tokens[bearer->n_free++] = out->token;
}

static void settle(struct bearer_smpp *bearer, struct outgoing *out, enum gw_sent sent)
{
	static const enum gw_counter counters[] = {
		[GW_SENT_TAKEN] = GW_CTR_ANSWERS, [GW_SENT_REFUSED] = GW_CTR_ANSWERS_REFUSED, [GW_SENT_UNKNOWN] = GW_CTR_ANSWERS_UNKNOWN,
		[GW_SENT_LATER] = GW_CTR_ANSWERS_REFUSED,
	};

	if (out->is_sms) {
		bearer->counters->at[GW_CTR_SMS_LOST] += sent != GW_SENT_TAKEN;
	} else {
		bearer->counters->at[counters[sent]]++;
		bearer->base.user->on_sent(bearer->base.user->ctx, &out->route->base, out->msisdn, out->version, sent);
	}
	outgoing_put(bearer, out);
}

static void make_sms(const struct outgoing *out, struct smpp_pdu *pdu, struct smpp_sms_room *room)
{
	const struct gw_config_operator *config = out->route->config;
	const struct smpp_sms_envelope envelope = {
		.source = { .ton = (uint8_t)config->sms_sender_ton, .npi = (uint8_t)config->sms_sender_npi, .digits = config->sms_sender },
		.destination = { .ton = 1, .npi = 1, .digits = out->msisdn },
	};

	smpp_sms_encode(&out->part, &envelope, pdu, room);
}

static int send_by(const struct slot *slot, const struct outgoing *out)
{
	struct smpp_dialect_room room;
	struct smpp_sms_room sms_room;
	struct smpp_pdu pdu;
	int rc = 0;

	if (!slot->transmits || !smpp_link_ready(slot->link))
		return -EAGAIN;
	if (out->is_sms)
		make_sms(out, &pdu, &sms_room);
	else
		rc = smpp_dialect_encode(&out->route->config->dialect, out->context, out->context_octets, out->answer, out->msisdn,
					 out->text, out->octets, &pdu, &room);
	return rc < 0 ? rc : smpp_link_send(slot->link, &pdu, out->token);
}

/* 0: a link has it. -EAGAIN: no link can take it now. Anything else: it can never be sent. */
static int send_now(struct bearer_smpp *bearer, const struct outgoing *out)
{
	struct route *route = out->route;
	int rc = -EAGAIN;

	if (out->is_sms && !smpp_rate_take(&route->rate, 1, gw_clock_ms()))
		return -EAGAIN;
	if (!out->is_sms && out->link < bearer->n_slots && bearer->slots[out->link].route == route)
		rc = send_by(&bearer->slots[out->link], out);
	for (size_t i = 0; i < route->n_slots && (rc == -EAGAIN || rc == -ENOTCONN); i++)
		rc = send_by(route->slots[route->next_slot++ % route->n_slots], out);
	if (out->is_sms && rc < 0)
		smpp_rate_give_back(&route->rate, 1);
	return rc == -ENOTCONN ? -EAGAIN : rc;
}

static void give_up(struct bearer_smpp *bearer, struct outgoing *out, const char *why)
{
	LOGPDIALOG(&out->route->base, out->msisdn, LOGL_NOTICE, "%s not sent: %s\n",
		   out->is_sms ? "a text message was" : "an answer was", why);
	bearer->counters->at[GW_CTR_ANSWERS_UNSENT] += !out->is_sms;
	settle(bearer, out, GW_SENT_REFUSED);
}

/* What comes back (a window of them at most) stands before what was never sent, so its place is near the head. */
static void insert(struct outgoing *out, bool came_back)
{
	struct llist_head *queue = &out->route->queues[out->is_sms ? TEXT_MESSAGES : ANSWERS];
	struct outgoing *later;

	if (came_back)
		llist_for_each_entry(later, queue, entry)
			if (later->number > out->number) {
				llist_add_tail(&out->entry, &later->entry);
				return;
			}
	llist_add_tail(&out->entry, queue);
}

static void note_waiting(struct outgoing *out)
{
	out->route->n_queue++;
	out->route->n_answers += !out->is_sms;
}

static void enqueue(struct outgoing *out, bool came_back)
{
	note_waiting(out);
	insert(out, came_back);
}

static void wake(struct route *route)
{
	while (!llist_empty(&route->resting)) {
		struct outgoing *out = llist_first_entry(&route->resting, struct outgoing, entry);

		if (gw_clock_ms() < out->resume_ms)
			return;
		llist_del(&out->entry);
		insert(out, true);
	}
}

/* True if something waits that goes before this one, or the network wants rest. */
static bool must_wait(const struct outgoing *out)
{
	const struct route *route = out->route;

	return gw_clock_ms() < route->rest_until_ms || !llist_empty(&route->queues[ANSWERS]) ||
	       (out->is_sms && !llist_empty(&route->queues[TEXT_MESSAGES]));
}

/* Sends, or queues. 0 or the error for which it was put back. */
static int dispatch(struct bearer_smpp *bearer, struct outgoing *out)
{
	int rc = must_wait(out) ? -EAGAIN : send_now(bearer, out);

	if (rc == -EAGAIN) {
		enqueue(out, false);
		return 0;
	}
	if (rc < 0)
		outgoing_put(bearer, out);
	return rc;
}

/* The first of the queue, if a link takes it, or it can never be sent. False: not now. */
static bool drain_one(struct bearer_smpp *bearer, struct route *route, struct llist_head *queue)
{
	struct outgoing *out = llist_first_entry(queue, struct outgoing, entry);
	bool rests = gw_clock_ms() < route->rest_until_ms;
	int rc = gw_clock_ms() >= out->expire_ms ? -ETIMEDOUT : rests ? -EAGAIN : send_now(bearer, out);

	if (rc == -EAGAIN)
		return false;
	llist_del(&out->entry);
	route->n_queue--;
	route->n_answers -= !out->is_sms;
	if (rc < 0)
		give_up(bearer, out, strerror(-rc));
	return true;
}

/* Where the first cannot leave, nothing behind it can. */
static void drain_queues(struct bearer_smpp *bearer, struct route *route)
{
	wake(route);
	for (unsigned int i = 0; i < QUEUES; i++)
		while (!llist_empty(&route->queues[i]))
			if (!drain_one(bearer, route, &route->queues[i]))
				return;
}

/* ---- what a link reports ---- */

static void on_state(void *ctx, struct smpp_link *link, enum smpp_link_state state)
{
	(void)ctx;
	LOGP(GW_LOG_LINK, LOGL_INFO, "link(%s) is %s\n", smpp_link_name(link), smpp_link_state_name(state));
}

/* The network may take it later. Where it wants less of everything, the whole route rests; else only this one. */
static void send_again(struct bearer_smpp *bearer, struct outgoing *out, uint32_t status)
{
	if (++out->attempts >= ATTEMPTS_MAX || gw_clock_ms() >= out->expire_ms) {
		give_up(bearer, out, smpp_status_name(status));
		return;
	}
	if (smpp_status_verdict(status) == SMPP_VERDICT_SLOW_DOWN) {
		out->route->rest_until_ms = gw_clock_ms() + PAUSE_MS;
		enqueue(out, true);
		return;
	}
	out->resume_ms = gw_clock_ms() + PAUSE_MS;
	note_waiting(out);
	llist_add_tail(&out->entry, &out->route->resting);
}

static void on_response(void *ctx, struct smpp_link *link, uint64_t token, enum smpp_link_outcome outcome, uint32_t status,
			const struct smpp_pdu *response)
{
	struct slot *slot = ctx;
	struct bearer_smpp *bearer = slot->bearer;
	struct outgoing *out = bearer->pool[token - 1];
	enum smpp_verdict verdict = smpp_status_verdict(status);

	(void)response;
	if (outcome != SMPP_LINK_ANSWERED && out->is_sms && out->attempts == 0) {
		out->attempts++; /* it may have arrived; better twice than never, but not for ever */
		enqueue(out, true);
	} else if (outcome != SMPP_LINK_ANSWERED) {
		settle(bearer, out, GW_SENT_UNKNOWN); /* it may have arrived: sending it again could show it twice */
	} else if (verdict == SMPP_VERDICT_OK) {
		settle(bearer, out, GW_SENT_TAKEN);
	} else if (verdict == SMPP_VERDICT_REFUSED || smpp_dialect_stale(&out->route->config->dialect, status)) {
		LOGPDIALOG(&out->route->base, out->msisdn, LOGL_INFO, "%s refused by link(%s): %s\n",
			   out->is_sms ? "text message" : "answer", smpp_link_name(link), smpp_status_name(status));
		settle(bearer, out, GW_SENT_REFUSED);
	} else {
		send_again(bearer, out, status);
	}
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
	out = outgoing_get(slot->bearer, slot->route, event->msisdn);
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
	dispatch(slot->bearer, out);
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
	out = outgoing_get(of(base), (struct route *)route, answer->msisdn);
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
	return dispatch(of(base), out);
}

static int op_sms(struct gw_bearer *base, const struct gw_route *base_route, const struct gw_sms *sms)
{
	struct bearer_smpp *bearer = of(base);
	struct route *route = (struct route *)base_route;
	struct smpp_sms_parts parts;
	int n = smpp_sms_split(&route->sms, sms->text, sms->octets, sms->flash, ++route->sms_reference, &parts);

	if (n < 0)
		return n;
	if (bearer->n_free + (OUTGOING_MAX - bearer->n_pool) < (uint32_t)n)
		return -ENOBUFS;
	for (int i = 0; i < n; i++) {
		struct outgoing *out = outgoing_get(bearer, route, sms->msisdn);

		out->is_sms = true;
		out->expire_ms = gw_clock_ms() + SMS_PATIENCE_MS;
		out->part = parts.at[i];
		out->part.text = memcpy(out->text, parts.at[i].text, parts.at[i].octets);
		n = dispatch(bearer, out) < 0 ? -EIO : n;
	}
	bearer->counters->at[GW_CTR_SMS_OUT] += n > 0;
	return n;
}

static unsigned int op_sms_room(const struct gw_bearer *base, const struct gw_route *route)
{
	const struct bearer_smpp *bearer = (const struct bearer_smpp *)base;

	return route->bearer == base && bearer->n_free + (OUTGOING_MAX - bearer->n_pool) ? 1 : 0;
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
			drain_queues(bearer, &bearer->routes[i]);
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
	bearer->pool = talloc_array(bearer, struct outgoing *, OUTGOING_MAX);
	bearer->free_tokens = talloc_array(bearer, uint32_t, OUTGOING_MAX);
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
