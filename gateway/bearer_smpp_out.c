/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The queues of what goes down. A route has two, of those that no link could take: answers and text messages. Order within
 * each is kept, and answers go first, because somebody waits for them. An answer prefers the link by which its step came,
 * and takes any other of the same operator that can transmit when that one is gone. */
#include <errno.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/bearer_smpp_priv.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "smpp/status.h"

#define ATTEMPTS_MAX 20
#define PAUSE_MS 500            /* how long a route rests after ESME_RTHROTTLED or ESME_RMSGQFUL, and one message after another status */

struct outgoing *gw_smpp_out_get(struct bearer_smpp *bearer, struct route *route, const char *msisdn)
{
	struct outgoing *out;

	if (!bearer->n_free) {
		if (bearer->n_pool == GW_OUTGOING_MAX)
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

uint32_t gw_smpp_out_free(const struct bearer_smpp *bearer)
{
	return bearer->n_free + (GW_OUTGOING_MAX - bearer->n_pool);
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

int gw_smpp_out_dispatch(struct bearer_smpp *bearer, struct outgoing *out)
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

void gw_smpp_out_drain(struct bearer_smpp *bearer, struct route *route)
{
	wake(route);
	for (unsigned int i = 0; i < QUEUES; i++)
		while (!llist_empty(&route->queues[i]))
			if (!drain_one(bearer, route, &route->queues[i]))
				return;
}

/* ---- what a link reports ---- */

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

void gw_smpp_out_response(struct slot *slot, uint64_t token, enum smpp_link_outcome outcome, uint32_t status)
{
	struct bearer_smpp *bearer = slot->bearer;
	struct outgoing *out = bearer->pool[token - 1];
	enum smpp_verdict verdict = smpp_status_verdict(status);

	if (outcome != SMPP_LINK_ANSWERED && out->is_sms && out->attempts == 0) {
		out->attempts++; /* it may have arrived; better twice than never, but not for ever */
		enqueue(out, true);
	} else if (outcome != SMPP_LINK_ANSWERED) {
		settle(bearer, out, GW_SENT_UNKNOWN); /* it may have arrived: sending it again could show it twice */
	} else if (verdict == SMPP_VERDICT_OK) {
		settle(bearer, out, GW_SENT_TAKEN);
	} else if (verdict == SMPP_VERDICT_REFUSED || smpp_dialect_stale(&out->route->config->dialect, status)) {
		LOGPDIALOG(&out->route->base, out->msisdn, LOGL_INFO, "%s refused by link(%s): %s\n",
			   out->is_sms ? "text message" : "answer", smpp_link_name(slot->link), smpp_status_name(status));
		settle(bearer, out, GW_SENT_REFUSED);
	} else {
		send_again(bearer, out, status);
	}
}
