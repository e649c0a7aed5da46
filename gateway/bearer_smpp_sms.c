/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Text messages, down. A message becomes its parts, each an outgoing of its own, and what became of each is told once.
 *
 * What a refusal means stands in the operator's table (smpp/retry.h). Where the route must rest, the part comes back to where it
 * stood, so that nothing overtakes it, and goes again, until the table's bound. Every other refusal that is not for good is
 * told to whoever sent it, who can wait longer and survives this process. A part without a response is never sent again
 * from here: it may have arrived. Messages that nobody answers for (token 0: those of dialogs) are tried again here instead. */
#include <errno.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "gateway/bearer_smpp_priv.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "smpp/receipt.h"
#include "smpp/status.h"

#define PATIENCE_MS 300000      /* what no link has taken for so long goes back to its sender */

/* ---- what became of it ---- */

static void count(struct bearer_smpp *bearer, const struct outgoing *out, enum gw_sent sent)
{
	if (sent == GW_SENT_LATER && out->sms.token)
		bearer->counters->at[GW_CTR_SMS_PUT_OFF]++;
	else if (sent != GW_SENT_TAKEN)
		bearer->counters->at[GW_CTR_SMS_LOST]++;
}

/* The outgoing goes first: whoever is told may want to send the next. */
static void settle(struct bearer_smpp *bearer, struct outgoing *out, struct gw_sms_result *result)
{
	const struct gw_text_user *user = bearer->base.texts;

	result->token = out->sms.token;
	result->part = out->sms.part.number - 1u;
	result->parts = out->sms.part.total;
	result->id = result->id ? result->id : "";
	count(bearer, out, result->sent);
	gw_smpp_out_put(bearer, out);
	if (result->token && user)
		user->on_sms(user->ctx, &out->route->base, result);
}

static void settle_taken(struct bearer_smpp *bearer, struct outgoing *out, const struct smpp_pdu *response)
{
	bool has_id = response && (response->command_id == SMPP_SUBMIT_SM_RESP || response->command_id == SMPP_DATA_SM_RESP);
	char id[SMPP_MESSAGE_ID_MAX];

	smpp_receipt_key(has_id ? response->message_id : "", id);
	settle(bearer, out, &(struct gw_sms_result){ .sent = GW_SENT_TAKEN, .why = smpp_status_name(ESME_ROK), .id = id });
}

static void settle_refused(struct bearer_smpp *bearer, struct outgoing *out, uint32_t status)
{
	LOGPDIALOG(&out->route->base, out->msisdn, LOGL_INFO, "text message refused: %s\n", smpp_status_name(status));
	settle(bearer, out, &(struct gw_sms_result){ .sent = GW_SENT_REFUSED, .status = status, .why = smpp_status_name(status) });
}

static void settle_later(struct bearer_smpp *bearer, struct outgoing *out, const struct smpp_retry *retry)
{
	settle(bearer, out, &(struct gw_sms_result){ .sent = GW_SENT_LATER, .status = retry->status, .why = smpp_status_name(retry->status),
						     .pause_ms = retry->pause_ms, .times = retry->times });
}

/* Refused for now. */
static void put_off(struct bearer_smpp *bearer, struct outgoing *out, const struct smpp_retry *retry)
{
	bool again = ++out->attempts <= retry->times && gw_clock_ms() < out->expire_ms;

	if (retry->rest_ms)
		out->route->rest_until_ms = gw_clock_ms() + retry->rest_ms;
	if (retry->rest_ms && again)
		gw_smpp_out_enqueue(out, true);
	else if (!out->sms.token && again)
		gw_smpp_out_rest(out, retry->pause_ms);
	else
		settle_later(bearer, out, retry);
}

void gw_smpp_sms_response(struct bearer_smpp *bearer, struct outgoing *out, enum smpp_link_outcome outcome, uint32_t status,
			  const struct smpp_pdu *response)
{
	const struct smpp_retry *retry = smpp_retries_find(&out->route->config->retries, status);

	if (outcome != SMPP_LINK_ANSWERED)
		settle(bearer, out, &(struct gw_sms_result){ .sent = GW_SENT_UNKNOWN,
			.why = outcome == SMPP_LINK_TIMEOUT ? "no response in time" : "the link was lost before the response" });
	else if (status == ESME_ROK)
		settle_taken(bearer, out, response);
	else if (retry)
		put_off(bearer, out, retry);
	else
		settle_refused(bearer, out, status);
}

void gw_smpp_sms_unsent(struct bearer_smpp *bearer, struct outgoing *out, int error)
{
	const char *why = error == -ETIMEDOUT ? "no link could take it" : error == -ESHUTDOWN ? "the gateway stops" : strerror(-error);
	bool later = error == -ETIMEDOUT || error == -ESHUTDOWN;

	LOGPDIALOG(&out->route->base, out->msisdn, out->sms.token ? LOGL_INFO : LOGL_NOTICE, "a text message was not sent: %s\n", why);
	settle(bearer, out, &(struct gw_sms_result){ .sent = later ? GW_SENT_LATER : GW_SENT_REFUSED, .why = why });
}

/* ---- sending ---- */

void gw_smpp_sms_encode(const struct slot *slot, const struct outgoing *out, struct smpp_pdu *pdu, struct gw_smpp_sms_room *room)
{
	const struct gw_config_operator *config = out->route->config;
	struct smpp_sms_envelope envelope = {
		.destination = { .ton = 1, .npi = 1, .digits = out->msisdn },
		.validity_period = out->sms.valid_until_s && smpp_sms_time(out->sms.valid_until_s, room->until) == 0 ? room->until : NULL,
		.registered_delivery = out->sms.receipt,
		/* a peer that does not say that it knows TLVs may refuse a message because of one (4.1.6) */
		.user_message_reference = out->sms.token && config->user_message_reference && smpp_link_peer_tlvs(slot->link),
	};
	const char *sender = out->sms.sender[0] ? out->sms.sender : config->sms_sender;

	if (smpp_sms_sender(sender, (uint8_t)config->sms_sender_ton, (uint8_t)config->sms_sender_npi, &envelope.source) < 0)
		envelope.source = (struct smpp_address){ .digits = "" }; /* the network fills in its own, 4.4.1 */
	smpp_sms_encode(&out->sms.part, &envelope, pdu, &room->tlvs);
}

static void fill(struct outgoing *out, const struct gw_sms *sms, const struct smpp_sms_part *part)
{
	int64_t patience_ms = PATIENCE_MS;

	if (sms->validity_s && sms->validity_s < PATIENCE_MS / 1000)
		patience_ms = (int64_t)sms->validity_s * 1000;
	out->expire_ms = gw_clock_ms() + patience_ms;
	out->sms.token = sms->token;
	out->sms.valid_until_s = sms->validity_s ? gw_clock_wall_ms() / 1000 + sms->validity_s : 0;
	out->sms.receipt = sms->receipt && out->route->config->receipts;
	osmo_strlcpy(out->sms.sender, sms->sender, sizeof(out->sms.sender));
	out->sms.part = *part;
	out->sms.part.text = memcpy(out->text, part->text, part->octets);
}

/* Parts that may wait here: no more than the network takes in a second, where it says how many that is, because what waits here
 * is of unknown outcome if this process dies. */
static unsigned int queue_max(const struct route *route)
{
	unsigned int rate = route->config->sms_parts_per_second;

	return rate && rate < route->config->sms_queue_parts ? rate : route->config->sms_queue_parts;
}

static unsigned int queue_room(const struct route *route)
{
	size_t waiting = route->n_queue - route->n_answers;

	return waiting < queue_max(route) ? queue_max(route) - (unsigned int)waiting : 0;
}

static uint32_t wanted(const struct gw_sms *sms, int n)
{
	uint32_t all = (1u << n) - 1;

	return sms->parts ? sms->parts & all : all;
}

static int split(const struct route *route, const struct gw_sms *sms, uint16_t reference, struct smpp_sms_parts *parts)
{
	struct smpp_address address;

	if (sms->sender[0] && smpp_sms_sender(sms->sender, 0, 0, &address) < 0)
		return -EINVAL;
	return smpp_sms_split(&route->sms, sms->text, sms->octets, sms->flash, reference, parts);
}

int gw_smpp_sms_parts(const struct gw_bearer *bearer, const struct gw_route *route, const struct gw_sms *sms)
{
	struct smpp_sms_parts parts;

	(void)bearer;
	return split((const struct route *)route, sms, sms->reference, &parts);
}

int gw_smpp_sms(struct gw_bearer *base, const struct gw_route *base_route, const struct gw_sms *sms)
{
	struct bearer_smpp *bearer = gw_smpp_of(base);
	struct route *route = (struct route *)base_route;
	uint16_t reference = sms->token ? sms->reference : ++route->sms_reference;
	struct smpp_sms_parts parts;
	int n;

	n = split(route, sms, reference, &parts);
	if (n < 0)
		return n;
	if (!wanted(sms, n))
		return -EINVAL;
	if (gw_smpp_out_free(bearer) < (uint32_t)n || (sms->token && (bearer->stopping || !queue_room(route))))
		return -ENOBUFS;
	for (int i = 0; i < n; i++) {
		struct outgoing *out;

		if (!(wanted(sms, n) >> i & 1))
			continue;
		out = gw_smpp_out_get(bearer, route, OUTGOING_SMS, sms->msisdn);
		fill(out, sms, &parts.at[i]);
		gw_smpp_out_enqueue(out, false); /* it leaves after this turn: nothing is told from inside the call */
	}
	bearer->counters->at[GW_CTR_SMS_OUT]++;
	return n;
}

unsigned int gw_smpp_sms_room(const struct gw_bearer *base, const struct gw_route *base_route)
{
	const struct route *route = (const struct route *)base_route;

	(void)base;
	if (gw_clock_ms() < route->rest_until_ms)
		return 0;
	for (size_t i = 0; i < route->n_slots; i++)
		if (route->slots[i]->transmits && smpp_link_state(route->slots[i]->link) == SMPP_LINK_BOUND)
			return queue_room(route);
	return 0;
}
