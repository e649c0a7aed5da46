/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The queues of what goes down. A route has two, of those that no link could take: answers (and pushes) and text messages. Order within
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
#define PAUSE_MS 500            /* how long a route rests after an answer was throttled, and one answer after another status */

struct outgoing *gw_smpp_out_get(struct bearer_smpp *bearer, struct route *route, enum outgoing_kind kind, const char *msisdn)
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
	out->kind = kind;
	out->resume_ms = 0;
	out->attempts = 0;
	osmo_strlcpy(out->msisdn, msisdn, sizeof(out->msisdn));
	return out;
}

uint32_t gw_smpp_out_free(const struct bearer_smpp *bearer)
{
	return bearer->n_free + (GW_OUTGOING_MAX - bearer->n_pool);
}

void gw_smpp_out_put(struct bearer_smpp *bearer, struct outgoing *out)
{
	bearer->free_tokens[bearer->n_free++] = out->token;
}

/* Of an answer or a push. */
static void settle(struct bearer_smpp *bearer, struct outgoing *out, enum gw_sent sent)
{
	static const enum gw_counter counters[][2] = {
		[GW_SENT_TAKEN] = { GW_CTR_ANSWERS, GW_CTR_PUSHES }, [GW_SENT_REFUSED] = { GW_CTR_ANSWERS_REFUSED, GW_CTR_PUSHES_FAILED },
		[GW_SENT_UNKNOWN] = { GW_CTR_ANSWERS_UNKNOWN, GW_CTR_PUSHES_FAILED },
	};
	const struct gw_text_user *texts = bearer->base.texts;

	bearer->counters->at[counters[sent][out->kind == OUTGOING_PUSH]]++;
	if (out->kind == OUTGOING_ANSWER)
		bearer->base.user->on_sent(bearer->base.user->ctx, &out->route->base, out->msisdn, out->answer.version, sent);
	else if (texts)
		texts->on_push(texts->ctx, &out->route->base, out->msisdn, out->push.token, sent);
	gw_smpp_out_put(bearer, out);
}

static int encode(const struct outgoing *out, struct smpp_pdu *pdu, struct smpp_dialect_room *room)
{
	if (out->kind == OUTGOING_PUSH)
		return gw_smpp_push_encode(out, pdu, room);
	return smpp_dialect_encode(&out->route->config->dialect, out->answer.context, out->answer.context_octets, out->answer.what, out->msisdn,
				   out->text, out->octets, pdu, room);
}

static int send_by(const struct slot *slot, const struct outgoing *out)
{
	struct smpp_dialect_room room;
	struct gw_smpp_sms_room sms_room;
	struct smpp_pdu pdu;
	int rc = 0;

	if (!slot->transmits || !smpp_link_ready(slot->link))
		return -EAGAIN;
	if (out->kind == OUTGOING_SMS)
		gw_smpp_sms_encode(slot, out, &pdu, &sms_room);
	else
		rc = encode(out, &pdu, &room);
	return rc < 0 ? rc : smpp_link_send(slot->link, &pdu, out->token);
}

/* 0: a link has it. -EAGAIN: no link can take it now. Anything else: it can never be sent. */
static int send_now(struct bearer_smpp *bearer, const struct outgoing *out)
{
	struct route *route = out->route;
	bool is_sms = out->kind == OUTGOING_SMS;
	int rc = -EAGAIN;

	if (is_sms && !smpp_rate_take(&route->rate, 1, gw_clock_ms()))
		return -EAGAIN;
	if (out->kind == OUTGOING_ANSWER && out->answer.link < bearer->n_slots && bearer->slots[out->answer.link].route == route)
		rc = send_by(&bearer->slots[out->answer.link], out);
	for (size_t i = 0; i < route->n_slots && (rc == -EAGAIN || rc == -ENOTCONN); i++)
		rc = send_by(route->slots[route->next_slot++ % route->n_slots], out);
	if (is_sms && rc < 0)
		smpp_rate_give_back(&route->rate, 1);
	return rc == -ENOTCONN ? -EAGAIN : rc;
}

static const char *name_of(const struct outgoing *out)
{
	return out->kind == OUTGOING_PUSH ? "what we began" : "an answer";
}

static void give_up(struct bearer_smpp *bearer, struct outgoing *out, const char *why)
{
	LOGPDIALOG(&out->route->base, out->msisdn, LOGL_NOTICE, "%s was not sent: %s\n", name_of(out), why);
	bearer->counters->at[GW_CTR_ANSWERS_UNSENT] += out->kind == OUTGOING_ANSWER;
	settle(bearer, out, GW_SENT_REFUSED);
}

/* What comes back (a window of them at most) stands before what was never sent, so its place is near the head. */
static void insert(struct outgoing *out, bool came_back)
{
	struct llist_head *queue = &out->route->queues[out->kind == OUTGOING_SMS ? TEXT_MESSAGES : ANSWERS];
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
	out->route->n_answers += out->kind != OUTGOING_SMS;
}

void gw_smpp_out_enqueue(struct outgoing *out, bool came_back)
{
	note_waiting(out);
	insert(out, came_back);
}

/* In the order in which they are due. */
void gw_smpp_out_rest(struct outgoing *out, unsigned int pause_ms)
{
	struct outgoing *later;

	note_waiting(out);
	out->resume_ms = gw_clock_ms() + pause_ms;
	llist_for_each_entry_reverse(later, &out->route->resting, entry)
		if (later->resume_ms <= out->resume_ms) {
			llist_add(&out->entry, &later->entry);
			return;
		}
	llist_add(&out->entry, &out->route->resting);
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
	       (out->kind == OUTGOING_SMS && !llist_empty(&route->queues[TEXT_MESSAGES]));
}

int gw_smpp_out_dispatch(struct bearer_smpp *bearer, struct outgoing *out)
{
	int rc = must_wait(out) ? -EAGAIN : send_now(bearer, out);

	if (rc == -EAGAIN) {
		gw_smpp_out_enqueue(out, false);
		return 0;
	}
	if (rc < 0)
		gw_smpp_out_put(bearer, out);
	return rc;
}

static void unqueue(struct outgoing *out)
{
	llist_del(&out->entry);
	out->route->n_queue--;
	out->route->n_answers -= out->kind != OUTGOING_SMS;
}

/* The first of the queue, if a link takes it, or it can never be sent. False: not now. */
static bool drain_one(struct bearer_smpp *bearer, const struct route *route, struct llist_head *queue)
{
	struct outgoing *out = llist_first_entry(queue, struct outgoing, entry);
	bool rests = gw_clock_ms() < route->rest_until_ms;
	int rc = gw_clock_ms() >= out->expire_ms ? -ETIMEDOUT : rests ? -EAGAIN : send_now(bearer, out);

	if (rc == -EAGAIN)
		return false;
	unqueue(out);
	if (rc < 0 && out->kind == OUTGOING_SMS)
		gw_smpp_sms_unsent(bearer, out, rc);
	else if (rc < 0)
		give_up(bearer, out, strerror(-rc));
	return true;
}

void gw_smpp_out_give_back(struct bearer_smpp *bearer, struct route *route)
{
	struct llist_head *queue = &route->queues[TEXT_MESSAGES];

	while (!llist_empty(queue)) {
		struct outgoing *out = llist_first_entry(queue, struct outgoing, entry);

		unqueue(out);
		gw_smpp_sms_unsent(bearer, out, -ESHUTDOWN);
	}
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
	} else if (smpp_status_verdict(status) == SMPP_VERDICT_SLOW_DOWN) {
		out->route->rest_until_ms = gw_clock_ms() + PAUSE_MS;
		gw_smpp_out_enqueue(out, true);
	} else {
		gw_smpp_out_rest(out, PAUSE_MS);
	}
}

static void take_response(struct slot *slot, struct outgoing *out, enum smpp_link_outcome outcome, uint32_t status)
{
	struct bearer_smpp *bearer = slot->bearer;
	enum smpp_verdict verdict = smpp_status_verdict(status);

	if (outcome != SMPP_LINK_ANSWERED) {
		settle(bearer, out, GW_SENT_UNKNOWN); /* it may have arrived: sending it again could show it twice */
	} else if (verdict == SMPP_VERDICT_OK) {
		settle(bearer, out, GW_SENT_TAKEN);
	} else if (verdict == SMPP_VERDICT_REFUSED || smpp_dialect_stale(&out->route->config->dialect, status)) {
		LOGPDIALOG(&out->route->base, out->msisdn, LOGL_INFO, "%s was refused by link(%s): %s\n", name_of(out),
			   smpp_link_name(slot->link), smpp_status_name(status));
		settle(bearer, out, GW_SENT_REFUSED);
	} else {
		send_again(bearer, out, status);
	}
}

void gw_smpp_out_response(struct slot *slot, uint64_t token, enum smpp_link_outcome outcome, uint32_t status,
			  const struct smpp_pdu *response)
{
	struct outgoing *out = slot->bearer->pool[token - 1];

	if (out->kind == OUTGOING_SMS)
		gw_smpp_sms_response(slot->bearer, out, outcome, status, response);
	else
		take_response(slot, out, outcome, status);
}
