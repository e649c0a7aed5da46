/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See smsc_inbox.h. Parts are kept as octets and decoded when whole, so that a character cut in two comes out right. */
#include "tests/sim/smsc_inbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "smpp/pdu.h"
#include "smpp/status.h"
#include "tests/sim/smsc_journal.h"
#include "tests/sim/smsc_receipt.h"

struct part {
	uint16_t reference, total, number;
	size_t header;             /* octets of UDH in front of the text */
};

/* The concatenation element of a user data header, 8-bit (0x00) or 16-bit (0x08). False: the header is broken. */
static bool read_udh(const uint8_t *text, size_t octets, struct part *part)
{
	size_t end = octets ? 1u + text[0] : 0;

	if (!octets || end > octets)
		return false;
	part->header = end;
	for (size_t at = 1; at + 2 <= end; at += 2u + text[at + 1]) {
		const uint8_t *value = text + at + 2;

		if (at + 2 + text[at + 1] > end)
			return false;
		if (text[at] == 0x00 && text[at + 1] == 3)
			*part = (struct part){ value[0], value[1], value[2], end };
		if (text[at] == 0x08 && text[at + 1] == 4)
			*part = (struct part){ (uint16_t)(value[0] << 8 | value[1]), value[2], value[3], end };
	}
	return true;
}

static bool read_part(const struct smsc_message *message, struct part *part)
{
	uint32_t reference, total, number;

	*part = (struct part){ .total = 1, .number = 1 };
	if (message->esm_class & 0x40)
		return read_udh(message->text, message->text_octets, part);
	if (smsc_message_number(message, SMPP_TAG_SAR_MSG_REF_NUM, &reference) &&
	    smsc_message_number(message, SMPP_TAG_SAR_TOTAL_SEGMENTS, &total) &&
	    smsc_message_number(message, SMPP_TAG_SAR_SEGMENT_SEQNUM, &number))
		*part = (struct part){ (uint16_t)reference, (uint16_t)total, (uint16_t)number, 0 };
	return true;
}

static size_t places(const struct smsc_handset *handset)
{
	return handset->operator->inbox ? handset->operator->inbox : 1;
}

static void keep(struct smsc_handset *handset, const char *from, uint8_t coding, const uint8_t *data, size_t octets, unsigned int parts,
		 const char *message_id)
{
	static char utf8[SMSC_SMS_UTF8];
	struct smsc_sms *sms;
	ssize_t length;

	if (!handset->inbox && !(handset->inbox = calloc(places(handset), sizeof(*handset->inbox))))
		abort();
	sms = &handset->inbox[handset->sms_count % places(handset)];
	sms->alphabet = smsc_dialect_alphabet(handset->operator->dialect, coding);
	length = smpp_text_decode(sms->alphabet, data, octets, utf8, sizeof(utf8));
	sms->octets = length < 0 ? 0 : (size_t)length;
	free(sms->text);
	sms->text = malloc(sms->octets + 1);
	if (!sms->text)
		abort();
	memcpy(sms->text, utf8, sms->octets);
	sms->text[sms->octets] = '\0';
	sms->parts = parts;
	snprintf(sms->from, sizeof(sms->from), "%s", from);
	smsc_journal_sms(handset, sms, message_id);
	handset->sms_count++;
	handset->operator->counters.sms++;
}

/* The long message that this part belongs to; the one least lately begun gives way to a new one. */
static struct smsc_join *join_of(struct smsc_handset *handset, const char *from, const struct part *part)
{
	struct smsc_join *oldest;

	if (!handset->joins)
		handset->joins = calloc(SMSC_JOINS, sizeof(*handset->joins));
	if (!handset->joins)
		return NULL;
	oldest = handset->joins;
	for (size_t i = 0; i < SMSC_JOINS; i++) {
		struct smsc_join *join = &handset->joins[i];

		if (join->total == part->total && join->reference == part->reference && strcmp(join->from, from) == 0)
			return join;
		if (join->age < oldest->age)
			oldest = join;
	}
	memset(oldest, 0, sizeof(*oldest));
	snprintf(oldest->from, sizeof(oldest->from), "%s", from);
	oldest->reference = part->reference;
	oldest->total = part->total;
	oldest->age = ++handset->joined;
	return oldest;
}

static void finish(struct smsc_handset *handset, struct smsc_join *join, const char *message_id)
{
	static uint8_t whole[SMSC_SMS_PARTS * sizeof(join->data[0])];
	size_t octets = 0;

	for (unsigned int i = 0; i < join->total; i++) {
		memcpy(whole + octets, join->data[i], join->octets[i]);
		octets += join->octets[i];
	}
	keep(handset, join->from, join->coding, whole, octets, join->total, message_id);
	memset(join, 0, sizeof(*join));
}

static uint32_t take_part(struct smsc_handset *handset, const struct smsc_message *message, const struct part *part, const char *message_id)
{
	size_t octets = message->text_octets - part->header;
	struct smsc_join *join;

	if (part->number < 1 || part->number > part->total || part->total > SMSC_SMS_PARTS || octets > sizeof(join->data[0]) || !octets) {
		smsc_operator_complain(handset->operator, "part %u of %u of a long SMS, %zu octets", part->number, part->total, octets);
		return ESME_RSUBMITFAIL;
	}
	join = join_of(handset, message->source, part);
	if (!join)
		return ESME_RSYSERR;
	join->coding = message->data_coding;
	join->got += join->octets[part->number - 1] == 0;
	join->octets[part->number - 1] = (uint8_t)octets;
	memcpy(join->data[part->number - 1], message->text + part->header, octets);
	if (join->got == join->total)
		finish(handset, join, message_id);
	return ESME_ROK;
}

/* What TS 23.040 lets into one part: 140 octets, which are 160 septets, less the header. */
static void check_length(struct smsc_handset *handset, const struct smsc_message *message, const struct part *part)
{
	size_t octets = message->text_octets, limit = 140;

	if (message->payload)
		return; /* the network cuts it itself */
	if (smsc_dialect_alphabet(handset->operator->dialect, message->data_coding) == SMPP_ALPHABET_GSM7) {
		limit = 160 - (part->header * 8 + 6) / 7;
		octets -= part->header;
	}
	if (octets > limit)
		smsc_operator_complain(handset->operator, "an SMS of %zu octets, but %zu fit", octets, limit);
}

uint32_t smsc_inbox_take(struct smsc_handset *handset, const struct smsc_message *message, const char *message_id)
{
	const struct smsc_fate *fate;
	struct part part;
	uint32_t status = ESME_ROK;

	if (!read_part(message, &part)) {
		smsc_operator_complain(handset->operator, "an SMS with a broken user data header");
		return ESME_RSUBMITFAIL;
	}
	check_length(handset, message, &part);
	fate = smsc_receipt_fate(handset->operator, message);
	if (fate->arrives && part.total == 1)
		keep(handset, message->source, message->data_coding, message->text + part.header, message->text_octets - part.header, 1, message_id);
	else if (fate->arrives)
		status = take_part(handset, message, &part, message_id);
	if (!status)
		smsc_receipt_send(handset, message, message_id, fate);
	return status;
}

uint64_t smsc_inbox_kept(const struct smsc_handset *handset)
{
	return handset->sms_count < places(handset) ? handset->sms_count : places(handset);
}

const struct smsc_sms *smsc_inbox_at(const struct smsc_handset *handset, size_t index)
{
	uint64_t kept = smsc_inbox_kept(handset);

	return index < kept ? &handset->inbox[(handset->sms_count - kept + index) % places(handset)] : NULL;
}

void smsc_inbox_free(struct smsc_handset *handset)
{
	for (size_t i = 0; i < smsc_inbox_kept(handset); i++)
		free(handset->inbox[i].text);
	free(handset->inbox);
	free(handset->joins);
}
