/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See smsc_template.h. The places to patch are found by making the PDU twice, for another subscriber and session. */
#include "tests/sim/smsc_template.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static ssize_t encode(const struct smsc_message *message, uint8_t *buf, size_t cap)
{
	struct smpp_pdu pdu = { .command_id = message->command, .sequence = 1 };

	pdu.message = (struct smpp_message){
		.service_type = message->service_type,
		.source = { message->source_ton, message->source_npi, message->source },
		.destination = { message->destination_ton, message->destination_npi, message->destination },
		.esm_class = message->esm_class, .registered_delivery = message->registered_delivery,
		.data_coding = message->data_coding,
		.short_message = message->text, .sm_length = (uint8_t)(message->payload ? 0 : message->text_octets),
	};
	for (size_t i = 0; i < message->n_tlvs; i++)
		pdu.tlvs[pdu.n_tlvs++] = (struct smpp_tlv){ message->tlvs[i].tag, message->tlvs[i].octets, message->tlvs[i].value };
	if (message->payload)
		pdu.tlvs[pdu.n_tlvs++] = (struct smpp_tlv){ SMPP_TAG_MESSAGE_PAYLOAD, message->text_octets, message->text };
	return smpp_pdu_encode(buf, cap, &pdu);
}

static uint16_t session_tag(enum smsc_key key)
{
	switch (key) {
	case SMSC_KEY_ITS: return SMPP_TAG_ITS_SESSION_INFO;
	case SMSC_KEY_UMR: return SMPP_TAG_USER_MESSAGE_REFERENCE;
	case SMSC_KEY_SID: return SMPP_TAG_COMVERSE_SESSION_ID;
	case SMSC_KEY_RECEIPTED: return SMPP_TAG_RECEIPTED_MESSAGE_ID;
	default: return 0;
	}
}

static size_t find(const struct smsc_template *template, const void *what, size_t octets)
{
	const uint8_t *at = memmem(template->data, template->octets, what, octets);

	return at ? (size_t)(at - template->data) : 0;
}

int smsc_template_make(struct smsc_template *template, const struct smsc_dialect *dialect, enum smsc_mo what, const char *code,
                       const char *utf8)
{
	static struct smsc_message message;
	struct smsc_dialog dialog = { .msisdn = "989128888888", .session = 1 };
	uint16_t tag = session_tag(dialect->key);
	const struct smsc_tlv *tlv;
	uint8_t pattern[4 + SMSC_TLV_OCTETS];
	ssize_t octets;

	snprintf(dialog.code, sizeof(dialog.code), "%s", code);
	if (dialect->text == SMSC_TEXT_FIELDS || dialect->release_follows || smsc_dialect_send(dialect, &dialog, what, utf8, &message) != 1)
		return -1;
	octets = encode(&message, template->data, sizeof(template->data));
	if (octets < 0)
		return -1;
	template->octets = (size_t)octets;
	template->number_at = find(template, dialog.msisdn, SMSC_NUMBER_DIGITS);
	template->session_at = 0;
	tlv = tag ? smsc_message_tlv(&message, tag) : NULL;
	if (tlv) {
		memcpy(pattern, (uint8_t[]){ (uint8_t)(tag >> 8), (uint8_t)tag, 0, (uint8_t)tlv->octets }, 4);
		memcpy(pattern + 4, tlv->value, tlv->octets);
		template->session_at = find(template, pattern, 4u + tlv->octets) + 4;
	}
	return template->number_at ? 0 : -1;
}

static void put_number(uint8_t *at, uint64_t number)
{
	for (int i = SMSC_NUMBER_DIGITS - 1; i >= 0; i--, number /= 10)
		at[i] = (uint8_t)('0' + number % 10);
}

static void put_session(uint8_t *at, const struct smsc_dialect *dialect, uint32_t session)
{
	char hex[16];
	uint32_t value;

	switch (dialect->key) {
	case SMSC_KEY_ITS:
		value = (session % 0x7FFF + 1) << 1;
		at[0] = (uint8_t)(value >> 8);
		at[1] = (uint8_t)(value | (at[1] & 1)); /* bit 0 stays: it may be the end */
		break;
	case SMSC_KEY_UMR:
		value = session % 0xFFFF + 1;
		at[0] = (uint8_t)(value >> 8);
		at[1] = (uint8_t)value;
		break;
	case SMSC_KEY_SID:
		at[1] = (uint8_t)(session >> 16);
		at[2] = (uint8_t)(session >> 8);
		at[3] = (uint8_t)session;
		break;
	default:
		snprintf(hex, sizeof(hex), "%08" PRIx32, session);
		memcpy(at, hex, 8);
	}
}

bool smsc_template_send(const struct smsc_template *template, const struct smsc_dialect *dialect, struct smsc_stream *stream,
                        uint32_t sequence, uint64_t number, uint32_t session)
{
	uint8_t *at = smsc_stream_room(stream, template->octets);

	if (!at)
		return false;
	memcpy(at, template->data, template->octets);
	at[12] = (uint8_t)(sequence >> 24);
	at[13] = (uint8_t)(sequence >> 16);
	at[14] = (uint8_t)(sequence >> 8);
	at[15] = (uint8_t)sequence;
	put_number(at + template->number_at, number);
	if (template->session_at)
		put_session(at + template->session_at, dialect, session);
	stream->tx_used += template->octets;
	return true;
}
