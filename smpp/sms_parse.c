/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Text messages, up. See sms.h.
 *
 * data_coding up to 14 is SMPP's own table (5.2.19), as in the dialects; from 15 it is the SMS Data Coding Scheme of TS 23.038 4,
 * where USSD has the Cell Broadcast one: 0x11 is a GSM 7-bit text of class 1 here, and no language. */
#include <string.h>

#include "smpp/addr.h"
#include "smpp/dialect_coding.h"
#include "smpp/receipt.h"
#include "smpp/sms.h"
#include "smpp/status.h"

#define ESM_TYPE 0x3C
#define ESM_UDHI 0x40
#define COMPRESSED 0x20

/* Information elements, TS 23.040 9.2.3.24. */
#define IE_CONCAT_8 0x00
#define IE_CONCAT_16 0x08
#define IE_PORT_8 0x04
#define IE_PORT_16 0x05

/* Bits 3 and 2 of the general groups. */
static const enum smpp_alphabet general[4] = {
	SMPP_ALPHABET_GSM7, SMPP_ALPHABET_OCTETS, SMPP_ALPHABET_UCS2, SMPP_ALPHABET_GSM7 /* reserved */
};

static enum smpp_alphabet scheme(uint8_t data_coding)
{
	switch (data_coding >> 4) {
	case 0xE: /* a message waits, in UCS-2 */
		return SMPP_ALPHABET_UCS2;
	case 0xF:
		return data_coding & 0x04 ? SMPP_ALPHABET_OCTETS : SMPP_ALPHABET_GSM7;
	case 0x8: case 0x9: case 0xA: case 0xB: case 0xC: case 0xD: /* reserved, or a message waits: GSM 7-bit */
		return SMPP_ALPHABET_GSM7;
	default:
		return data_coding & COMPRESSED ? SMPP_ALPHABET_OCTETS : general[data_coding >> 2 & 3];
	}
}

static bool is_eight_bit(uint8_t data_coding)
{
	return scheme(data_coding) == SMPP_ALPHABET_OCTETS && (data_coding >> 4 == 0xF || !(data_coding & COMPRESSED));
}

static enum smpp_alphabet alphabet_of(const struct smpp_dialect *dialect, uint8_t data_coding)
{
	enum smpp_alphabet alphabet;
	size_t skip;

	if (data_coding < 15)
		return smpp_dialect_alphabet(dialect, data_coding, NULL, 0, &skip);
	alphabet = is_eight_bit(data_coding) ? dialect->eight_bit_alphabet : scheme(data_coding);
	if (alphabet == SMPP_ALPHABET_GSM7 && dialect->default_alphabet == SMPP_ALPHABET_GSM7_PACKED)
		return SMPP_ALPHABET_GSM7_PACKED;
	return alphabet;
}

static void set_concat(struct smpp_join_part *part, enum smpp_concat_mode mode, uint32_t reference, uint32_t total, uint32_t number)
{
	if (total < 2 || total > UINT8_MAX || number < 1 || number > total)
		return;
	part->mode = mode;
	part->reference = (uint16_t)reference;
	part->total = (uint8_t)total;
	part->number = (uint8_t)number;
}

/* One information element; those that we do not know, or of another length, are passed over. */
static void read_element(struct smpp_sms *sms, uint8_t id, const uint8_t *value, size_t octets)
{
	if (id == IE_CONCAT_8 && octets == 3)
		set_concat(&sms->part, SMPP_CONCAT_UDH8, value[0], value[1], value[2]);
	if (id == IE_CONCAT_16 && octets == 4)
		set_concat(&sms->part, SMPP_CONCAT_UDH16, (uint32_t)value[0] << 8 | value[1], value[2], value[3]);
	if ((id == IE_PORT_8 && octets == 2) || (id == IE_PORT_16 && octets == 4)) {
		sms->has_port = true;
		sms->port = (uint16_t)(id == IE_PORT_8 ? value[0] : value[0] << 8 | value[1]);
	}
}

/* False: an element does not fit the header, or the header the message. */
static bool read_header(struct smpp_sms *sms)
{
	const uint8_t *data = sms->part.data;
	size_t end = sms->part.octets ? 1u + data[0] : 0, at = 1;

	if (!end || end > sms->part.octets)
		return false;
	while (at < end) {
		if (end - at < 2 || end - at - 2 < data[at + 1])
			return false;
		read_element(sms, data[at], data + at + 2, data[at + 1]);
		at += 2u + data[at + 1];
	}
	sms->part.data += end;
	sms->part.octets -= end;
	return true;
}

static void read_sar(const struct smpp_pdu *pdu, struct smpp_sms *sms)
{
	uint32_t reference, total, number;

	if (smpp_pdu_tlv_number(pdu, SMPP_TAG_SAR_MSG_REF_NUM, &reference) && smpp_pdu_tlv_number(pdu, SMPP_TAG_SAR_TOTAL_SEGMENTS, &total) &&
	    smpp_pdu_tlv_number(pdu, SMPP_TAG_SAR_SEGMENT_SEQNUM, &number))
		set_concat(&sms->part, SMPP_CONCAT_SAR, reference, total, number);
}

static enum smpp_sms_kind kind_of(const struct smpp_pdu *pdu, const struct smpp_sms *sms)
{
	if (smpp_receipt_is(pdu))
		return SMPP_SMS_RECEIPT;
	if (pdu->message.esm_class & ESM_TYPE)
		return SMPP_SMS_OTHER;
	return sms->part.total > 1 ? SMPP_SMS_PART : SMPP_SMS_TEXT;
}

static void read_sender(const struct smpp_dialect *dialect, const struct smpp_address *source, struct smpp_sms *sms)
{
	size_t n = strnlen(source->digits, SMPP_ADDRESS_MAX);

	sms->sender_is_number = smpp_addr_msisdn(source, dialect->country, sms->sender, sizeof(sms->sender)) == 0;
	if (sms->sender_is_number)
		return;
	memcpy(sms->sender, source->digits, n);
	sms->sender[n] = '\0';
}

uint32_t smpp_sms_parse(const struct smpp_dialect *dialect, const struct smpp_pdu *pdu, struct smpp_sms *sms)
{
	if (pdu->command_id != SMPP_DELIVER_SM && pdu->command_id != SMPP_DATA_SM)
		return ESME_RINVCMDID;
	memset(sms, 0, sizeof(*sms));
	read_sender(dialect, &pdu->message.source, sms);
	sms->destination = pdu->message.destination.digits;
	sms->part = (struct smpp_join_part){ .source = sms->sender, .destination = sms->destination, .total = 1, .number = 1 };
	sms->part.alphabet = alphabet_of(dialect, pdu->message.data_coding);
	sms->part.data = smpp_pdu_text(pdu, &sms->part.octets);
	read_sar(pdu, sms);
	if ((pdu->message.esm_class & ESM_UDHI) && !read_header(sms))
		return ESME_RINVESMCLASS;
	sms->kind = kind_of(pdu, sms);
	return ESME_ROK;
}

ssize_t smpp_sms_text(const struct smpp_sms *sms, char *utf8, size_t cap)
{
	return smpp_text_decode(sms->part.alphabet, sms->part.data, sms->part.octets, utf8, cap);
}
