/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What each PDU of the peer does. The table at the end lists all that an ESME takes; what is not in it is answered by
 * generic_nack if it is a request and dropped if it is a response (answering those could go on for ever).
 *
 * Lenient where networks are sloppy: enquire_link is answered in any state, a response settles the request of its sequence
 * number even if its kind or its body is wrong (the peer has answered: a time-out would only say less). Strict where
 * leniency would hide a mistake: the response to a bind must be of that bind. */
#include <string.h>

#include "smpp/link_priv.h"
#include "smpp/status.h"

/* The link answers by itself. Its room: SMPP_LINK_OWN_OCTETS and what link_io.c keeps free for a PDU taken up. */
static void reply(struct smpp_link *link, uint32_t request_command, uint32_t sequence, uint32_t status)
{
	uint8_t *room = smpp_link_io_room(link, SMPP_HEADER_OCTETS + 1);

	smpp_link_io_commit(link, smpp_pdu_encode_response(room, request_command, sequence, status));
}

static void nack(struct smpp_link *link, uint32_t sequence, uint32_t status)
{
	const struct smpp_pdu pdu = { .command_id = SMPP_GENERIC_NACK, .command_status = status, .sequence = sequence };
	ssize_t octets = smpp_pdu_encode(smpp_link_io_room(link, SMPP_HEADER_OCTETS), SMPP_HEADER_OCTETS, &pdu);

	OSMO_ASSERT(octets == SMPP_HEADER_OCTETS);
	smpp_link_io_commit(link, SMPP_HEADER_OCTETS);
}

static bool is_response(const struct smpp_pdu *pdu)
{
	return pdu->command_id & SMPP_RESPONSE_BIT;
}

/* alert_notification and outbind have no response (4.12, 4.1.7). */
static bool is_one_way(const struct smpp_pdu *pdu)
{
	return pdu->command_id == SMPP_ALERT_NOTIFICATION || pdu->command_id == SMPP_OUTBIND;
}

static void unmatched(struct smpp_link *link, const struct smpp_pdu *pdu)
{
	link->counters.unmatched++;
	GRUMBLE(link, "%s with sequence number %u answers nothing that waits", smpp_pdu_command_name(pdu->command_id),
		pdu->sequence);
}

/* Requests of the peer */

static void take_message(struct smpp_link *link, struct smpp_pdu *pdu)
{
	if (link->fi->state == SMPP_LINK_BINDING || link->unbinding) {
		/* before the bind it has no right to; after our unbind somebody else will take it */
		if (!is_one_way(pdu))
			reply(link, pdu->command_id, pdu->sequence,
			      link->unbinding ? ESME_RX_T_APPN : ESME_RINVBNDSTS);
		return;
	}
	if (!is_one_way(pdu))
		link->owed++;
	link->ops.on_request(link->ops_ctx, link, pdu);
}

static void take_enquire_link(struct smpp_link *link, struct smpp_pdu *pdu)
{
	reply(link, pdu->command_id, pdu->sequence, ESME_ROK);
}

static void take_unbind(struct smpp_link *link, struct smpp_pdu *pdu)
{
	reply(link, pdu->command_id, pdu->sequence, ESME_ROK);
	smpp_link_io_write(link); /* the connection goes now: this is the only chance, and a failure changes nothing */
	smpp_link_lost(link, "the peer unbound");
}

static void take_outbind(struct smpp_link *link, struct smpp_pdu *pdu)
{
	(void)pdu;
	GRUMBLE(link, "outbind ignored: this side opened the connection");
}

/* Responses to us */

static void refused(struct smpp_link *link, const struct smpp_pdu *pdu)
{
	link->counters.bind_refusals++;
	if (pdu->command_status == ESME_ROK)
		LOGLINK(link, LOGL_ERROR, "%s as \"%s\" was answered by %s", smpp_pdu_command_name(link->config.bind),
			link->config.credentials.system_id, smpp_pdu_command_name(pdu->command_id));
	else
		LOGLINK(link, LOGL_ERROR, "%s as \"%s\" refused: %s, %s", smpp_pdu_command_name(link->config.bind),
			link->config.credentials.system_id, smpp_status_name(pdu->command_status),
			smpp_status_text(pdu->command_status));
	osmo_fsm_inst_dispatch(link->fi, SMPP_LINK_EV_REFUSED, NULL);
}

static bool answers_bind(const struct smpp_link *link, const struct smpp_pdu *pdu)
{
	return link->fi->state == SMPP_LINK_BINDING && pdu->sequence == link->bind_sequence;
}

/* Absence of sc_interface_version means a peer of version 3.3, which knows no TLVs (4.1.6). */
static void take_bind_resp(struct smpp_link *link, struct smpp_pdu *pdu)
{
	uint32_t version;

	if (!answers_bind(link, pdu)) {
		unmatched(link, pdu);
		return;
	}
	if (pdu->command_status != ESME_ROK || pdu->command_id != (link->config.bind | SMPP_RESPONSE_BIT)) {
		refused(link, pdu);
		return;
	}
	link->peer_tlvs = smpp_pdu_tlv_number(pdu, SMPP_TAG_SC_INTERFACE_VERSION, &version) && version >= 0x34;
	osmo_fsm_inst_dispatch(link->fi, SMPP_LINK_EV_BOUND, NULL);
}

static void settle(struct smpp_link *link, struct smpp_pdu *pdu, uint32_t status)
{
	struct smpp_window_entry entry;

	if (answers_bind(link, pdu)) {
		refused(link, pdu);
		return;
	}
	if (!smpp_window_take(&link->window, pdu->sequence, &entry)) {
		unmatched(link, pdu);
		return;
	}
	link->ops.on_response(link->ops_ctx, link, entry.token, SMPP_LINK_ANSWERED, status, pdu);
}

static void take_response(struct smpp_link *link, struct smpp_pdu *pdu)
{
	settle(link, pdu, pdu->command_status);
}

/* Never success, whatever its status says. A peer that could not read our bind may answer with number 0 (3.2). */
static void take_nack(struct smpp_link *link, struct smpp_pdu *pdu)
{
	uint32_t status = pdu->command_status == ESME_ROK ? ESME_RUNKNOWNERR : pdu->command_status;

	if (pdu->sequence == 0 && link->fi->state == SMPP_LINK_BINDING)
		refused(link, pdu);
	else
		settle(link, pdu, status);
}

static void take_enquire_link_resp(struct smpp_link *link, struct smpp_pdu *pdu)
{
	(void)link; /* it was heard: that is all it is for */
	(void)pdu;
}

static void take_unbind_resp(struct smpp_link *link, struct smpp_pdu *pdu)
{
	if (link->unbinding)
		osmo_fsm_inst_dispatch(link->fi, SMPP_LINK_EV_UNBOUND, NULL);
	else
		unmatched(link, pdu);
}

/* The busy ones first. */
static const struct {
	uint32_t command;
	void (*take)(struct smpp_link *link, struct smpp_pdu *pdu);
} takers[] = {
	{ SMPP_DELIVER_SM, take_message },
	{ SMPP_SUBMIT_SM_RESP, take_response },
	{ SMPP_DATA_SM, take_message },
	{ SMPP_DATA_SM_RESP, take_response },
	{ SMPP_ENQUIRE_LINK, take_enquire_link },
	{ SMPP_ENQUIRE_LINK_RESP, take_enquire_link_resp },
	{ SMPP_GENERIC_NACK, take_nack },
	{ SMPP_ALERT_NOTIFICATION, take_message },
	{ SMPP_BIND_TRANSCEIVER_RESP, take_bind_resp },
	{ SMPP_BIND_TRANSMITTER_RESP, take_bind_resp },
	{ SMPP_BIND_RECEIVER_RESP, take_bind_resp },
	{ SMPP_UNBIND, take_unbind },
	{ SMPP_UNBIND_RESP, take_unbind_resp },
	{ SMPP_OUTBIND, take_outbind },
};

static void take_unknown(struct smpp_link *link, const struct smpp_pdu *pdu)
{
	if (is_response(pdu)) {
		unmatched(link, pdu);
		return;
	}
	GRUMBLE(link, "%s is nothing that an ESME takes", smpp_pdu_command_name(pdu->command_id));
	nack(link, pdu->sequence, ESME_RINVCMDID);
}

/* True if the header alone is enough to go on with. */
static bool take_malformed(struct smpp_link *link, struct smpp_pdu *pdu, uint32_t fault)
{
	link->counters.malformed++;
	GRUMBLE(link, "malformed %s: %s", smpp_pdu_command_name(pdu->command_id), smpp_status_name(fault));
	if (is_response(pdu)) {
		memset(&pdu->message, 0, sizeof(pdu->message));
		pdu->message_id = "";
		pdu->n_tlvs = 0;
		return true;
	}
	if (fault == ESME_RINVCMDID)
		nack(link, pdu->sequence, fault);
	else if (!is_one_way(pdu))
		reply(link, pdu->command_id, pdu->sequence, fault);
	return false;
}

void smpp_link_rx_frame(struct smpp_link *link, const uint8_t *frame, size_t octets)
{
	struct smpp_pdu pdu;
	uint32_t fault = smpp_pdu_decode(&pdu, frame, octets);

	link->counters.pdus_in++;
	LOGLINK(link, LOGL_DEBUG, "in: %s %u, status 0x%x, %zu octets", smpp_pdu_command_name(pdu.command_id), pdu.sequence,
		pdu.command_status, octets);
	if (fault != ESME_ROK && !take_malformed(link, &pdu, fault))
		return;
	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++) {
		if (takers[i].command == pdu.command_id) {
			takers[i].take(link, &pdu);
			return;
		}
	}
	take_unknown(link, &pdu);
}
