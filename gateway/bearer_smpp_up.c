/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the network asks of us: a step of a dialog, a text message, a receipt. Each is told with a ticket, which its receiver
 * settles when it is safe. What cannot be used is refused here and at once, but for a receipt that cannot be read: that is
 * taken, for else the network would send it for ever. */
#include <stdio.h>
#include <string.h>

#include "gateway/bearer_smpp_priv.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "smpp/addr.h"
#include "smpp/receipt.h"
#include "smpp/status.h"

#define BACKLOG_MAX 16384       /* answers of a route that wait: beyond it the network is told to bring its steps later. At full
                                   speed (200,000 steps a second) a network that stops reading for 80 ms */
#define TEXTS_MAX 2048          /* texts and receipts being worked on: half of what a link may owe, so that dialogs go on */

/* ---- tickets ---- */

static void respond(const struct slot *slot, const struct smpp_pdu *pdu, uint32_t status)
{
	smpp_link_respond(slot->link, smpp_link_epoch(slot->link), pdu->command_id, pdu->sequence, status, NULL);
}

static struct gw_ticket ticket_of(const struct slot *slot, const struct smpp_pdu *pdu)
{
	return (struct gw_ticket){ .link = slot->index, .epoch = smpp_link_epoch(slot->link), .command = pdu->command_id, .sequence = pdu->sequence };
}

/* Of USSD: some networks want the session in the response. */
static struct gw_ticket ticket_in(const struct slot *slot, const struct smpp_pdu *pdu, const struct smpp_ussd_event *event)
{
	struct gw_ticket ticket = ticket_of(slot, pdu);

	smpp_dialect_response_id(&slot->route->config->dialect, event->context, event->context_octets, ticket.reference);
	return ticket;
}

static void settle_ticket(struct bearer_smpp *bearer, const struct gw_ticket *ticket, uint32_t status)
{
	const struct slot *slot = &bearer->slots[ticket->link];

	bearer->n_texts -= ticket->is_text && bearer->n_texts;
	/* a link that is gone needs no answer: the network sends it again, and we know it */
	smpp_link_respond(slot->link, ticket->epoch, ticket->command, ticket->sequence, status,
			  ticket->reference[0] ? ticket->reference : NULL);
}

void gw_smpp_up_accept(struct gw_bearer *base, const struct gw_ticket *ticket)
{
	settle_ticket(gw_smpp_of(base), ticket, ESME_ROK);
}

void gw_smpp_up_refuse(struct gw_bearer *base, const struct gw_ticket *ticket, enum gw_refusal why)
{
	struct bearer_smpp *bearer = gw_smpp_of(base);
	const struct slot *slot = &bearer->slots[ticket->link];

	if (ticket->is_text)
		bearer->counters->at[why == GW_REFUSE_LATER ? GW_CTR_TEXTS_LATER : GW_CTR_SMS_UNUSABLE]++;
	settle_ticket(bearer, ticket, why == GW_REFUSE_LATER ? ESME_RX_T_APPN :
				      why == GW_REFUSE_TEXT ? ESME_RX_R_APPN : slot->route->config->dialect.refuse_status);
}

/* ---- steps ---- */

static void pass_step(const struct slot *slot, const struct smpp_pdu *pdu, const struct smpp_ussd_event *event)
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
		.ticket = ticket_in(slot, pdu, event),
	};

	slot->bearer->base.user->on_step(slot->bearer->base.user->ctx, &step);
}

/* The handset has shown the last text of a dialog that ends by release, or what began with us (smpp/dialect.h): only now it may be released. */
static void release(struct slot *slot, const struct smpp_ussd_event *event)
{
	struct outgoing *out;

	if (!smpp_dialect_releases(&slot->route->config->dialect))
		return;
	out = gw_smpp_out_get(slot->bearer, slot->route, OUTGOING_ANSWER, event->msisdn);
	if (!out)
		return; /* the network's own timer will do it */
	out->answer.version = 0;
	out->answer.link = slot->index;
	out->answer.what = SMPP_ANSWER_RELEASE;
	out->expire_ms = gw_clock_ms() + slot->route->base.answer_ms;
	out->answer.context_octets = event->context_octets;
	memcpy(out->answer.context, event->context, event->context_octets);
	out->octets = 0;
	gw_smpp_out_dispatch(slot->bearer, out);
}

/* A network that takes no answers gets no more steps: they would only wait for their deadline. */
static bool is_backlogged(const struct route *route, enum smpp_ussd_kind kind)
{
	return route->n_answers >= BACKLOG_MAX && (kind == SMPP_USSD_BEGIN || kind == SMPP_USSD_CONTINUE);
}

/* ---- text messages ---- */

static void refuse_text(struct slot *slot, const struct smpp_pdu *pdu, uint32_t status)
{
	LOGP(GW_LOG_LINK, LOGL_INFO, "link(%s) text message refused: %s\n", smpp_link_name(slot->link), smpp_status_name(status));
	slot->bearer->counters->at[GW_CTR_SMS_UNUSABLE]++;
	respond(slot, pdu, status);
}

static void pass_text(struct slot *slot, const struct smpp_pdu *pdu, const struct smpp_sms *sms)
{
	const struct gw_text_user *user = slot->bearer->base.texts;
	struct gw_text text = {
		.route = &slot->route->base, .msisdn = sms->sender_is_number ? sms->sender : "", .to = sms->destination, .part = &sms->part,
		.ticket = ticket_of(slot, pdu),
	};

	text.ticket.is_text = true;
	slot->bearer->n_texts++;
	user->on_text(user->ctx, &text);
}

/* ---- receipts ---- */

/* To whom the message went: the receipt's source, but for networks that leave the addresses as they were. False: no number. */
static bool receipt_msisdn(const struct slot *slot, const struct smpp_pdu *pdu, const struct smpp_sms *sms, char *msisdn)
{
	const struct gw_config_operator *config = slot->route->config;

	if (sms->sender_is_number && strcmp(pdu->message.source.digits, config->sms_sender) != 0) {
		strcpy(msisdn, sms->sender);
		return true;
	}
	return smpp_addr_msisdn(&pdu->message.destination, config->dialect.country, msisdn, GW_MSISDN_MAX + 1) == 0;
}

static void read_error(const struct smpp_receipt *receipt, char *error, size_t cap)
{
	if (receipt->error[0] || !receipt->network_type)
		snprintf(error, cap, "%s", receipt->error);
	else
		snprintf(error, cap, "%u", receipt->network_error);
}

static void pass_receipt(struct slot *slot, const struct smpp_pdu *pdu, const struct smpp_receipt *receipt, const char *msisdn)
{
	static const enum gw_receipt_verdict verdicts[] = {
		[SMPP_RECEIPT_VERDICT_PENDING] = GW_RECEIPT_PENDING, [SMPP_RECEIPT_VERDICT_DELIVERED] = GW_RECEIPT_DELIVERED,
		[SMPP_RECEIPT_VERDICT_FAILED] = GW_RECEIPT_FAILED,
	};
	const struct gw_config_operator *config = slot->route->config;
	const struct gw_text_user *user = slot->bearer->base.texts;
	char error[SMPP_RECEIPT_STAT_MAX + 1];
	struct smpp_receipt_keys keys;
	uint32_t reference = 0;
	struct gw_receipt up = {
		.route = &slot->route->base, .msisdn = msisdn, .verdict = verdicts[smpp_receipt_verdict(receipt)],
		.state = receipt->stat[0] ? receipt->stat : smpp_receipt_state_name(receipt->state), .error = error,
		.ticket = ticket_of(slot, pdu),
	};

	read_error(receipt, error, sizeof(error));
	smpp_receipt_keys(receipt, config->response_id_base, config->receipt_id_base, &keys);
	for (up.n_ids = 0; up.n_ids < keys.n; up.n_ids++)
		up.ids[up.n_ids] = keys.at[up.n_ids];
	up.has_reference = smpp_pdu_tlv_number(pdu, SMPP_TAG_USER_MESSAGE_REFERENCE, &reference) && reference <= UINT16_MAX;
	up.reference = (uint16_t)reference;
	up.ticket.is_text = true;
	slot->bearer->n_texts++;
	user->on_receipt(user->ctx, &up);
}

static void take_receipt(struct slot *slot, const struct smpp_pdu *pdu, const struct smpp_sms *sms)
{
	struct smpp_receipt receipt;
	char msisdn[GW_MSISDN_MAX + 1];

	if (smpp_receipt_parse(pdu, &receipt) == 0 && receipt_msisdn(slot, pdu, sms, msisdn)) {
		pass_receipt(slot, pdu, &receipt, msisdn);
		return;
	}
	LOGP(GW_LOG_LINK, LOGL_INFO, "link(%s) sent a receipt that cannot be read\n", smpp_link_name(slot->link));
	slot->bearer->counters->at[GW_CTR_RECEIPTS_UNREADABLE]++;
	respond(slot, pdu, ESME_ROK);
}

/* Without a ledger nobody is here to keep a text, and nobody waits for a receipt. */
static void take_text(struct slot *slot, const struct smpp_pdu *pdu)
{
	struct bearer_smpp *bearer = slot->bearer;
	struct smpp_sms sms;
	uint32_t status = smpp_sms_parse(&slot->route->config->dialect, pdu, &sms);
	bool is_receipt = status == ESME_ROK && sms.kind == SMPP_SMS_RECEIPT;

	bearer->counters->at[is_receipt ? GW_CTR_RECEIPTS : GW_CTR_SMS_IN]++;
	if (status != ESME_ROK)
		refuse_text(slot, pdu, status);
	else if (!bearer->base.texts && is_receipt)
		respond(slot, pdu, ESME_ROK);
	else if (sms.kind == SMPP_SMS_OTHER)
		refuse_text(slot, pdu, ESME_RINVESMCLASS);
	else if (!bearer->base.texts || (sms.has_port && !is_receipt))
		refuse_text(slot, pdu, ESME_RX_R_APPN);
	else if (bearer->n_texts >= TEXTS_MAX) {
		bearer->counters->at[GW_CTR_TEXTS_LATER]++;
		respond(slot, pdu, ESME_RX_T_APPN);
	} else if (is_receipt)
		take_receipt(slot, pdu, &sms);
	else
		pass_text(slot, pdu, &sms);
}

/* ---- any of them ---- */

void gw_smpp_up_request(void *ctx, struct smpp_link *link, const struct smpp_pdu *pdu)
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
		take_text(slot, pdu);
	} else if (event.kind == SMPP_USSD_NOTIFIED) {
		const struct gw_ticket ticket = ticket_in(slot, pdu, &event);

		gw_smpp_up_accept(&slot->bearer->base, &ticket);
		release(slot, &event);
	} else if (is_backlogged(slot->route, event.kind)) {
		slot->bearer->counters->at[GW_CTR_REFUSED_LATER]++;
		respond(slot, pdu, ESME_RX_T_APPN);
	} else {
		pass_step(slot, pdu, &event);
	}
}
