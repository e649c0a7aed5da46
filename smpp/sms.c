/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Text messages, down: text -> parts -> submit_sm. See sms.h; what comes up is in sms_parse.c. */
#include "smpp/sms.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define UDHI 0x40
#define CODING_DEFAULT 0x00
#define CODING_UCS2 0x08
#define CODING_GSM7_FLASH 0xF0
#define CODING_UCS2_FLASH 0x18
#define SUBUNIT_DISPLAY 1
#define TON_INTERNATIONAL 1
#define TON_ALPHANUMERIC 5
#define NPI_ISDN 1
#define NUMBER_MAX 20
#define FIRST_SECOND 946684800   /* 2000-01-01 */
#define LAST_SECOND 4102444799   /* 2099-12-31 23:59:59 */

static uint8_t coding_of(enum smpp_alphabet alphabet, bool class_0)
{
	if (alphabet == SMPP_ALPHABET_UCS2)
		return class_0 ? CODING_UCS2_FLASH : CODING_UCS2;
	return class_0 ? CODING_GSM7_FLASH : CODING_DEFAULT;
}

static int fill_payload(enum smpp_alphabet alphabet, const char *utf8, size_t octets, struct smpp_sms_parts *parts)
{
	ssize_t n = smpp_text_encode(alphabet, utf8, octets, parts->room.payload, sizeof(parts->room.payload));

	if (n < 0)
		return (int)n;
	parts->at[0].octets = (uint16_t)n;
	parts->at[0].text = parts->room.payload;
	return 1;
}

static int fill_parts(enum smpp_concat_mode mode, enum smpp_alphabet alphabet, const char *utf8, size_t octets, uint16_t reference,
                      struct smpp_sms_parts *parts)
{
	int n = smpp_concat_split(mode, alphabet, utf8, octets, reference, parts->room.split, SMPP_CONCAT_PARTS_MAX);

	for (int i = 0; i < n; i++) {
		parts->at[i].octets = parts->room.split[i].octets;
		parts->at[i].text = parts->room.split[i].data;
	}
	return n;
}

int smpp_sms_split(const struct smpp_sms_profile *profile, const char *utf8, size_t octets, bool flash, uint16_t reference,
                   struct smpp_sms_parts *parts)
{
	enum smpp_alphabet alphabet =
		profile->default_alphabet == SMPP_ALPHABET_GSM7 ? smpp_text_choose(utf8, octets) : SMPP_ALPHABET_UCS2;
	bool single = smpp_concat_is_single(alphabet, utf8, octets);
	enum smpp_concat_mode mode = single ? SMPP_CONCAT_UDH8 : profile->long_sms;
	int n = mode == SMPP_CONCAT_PAYLOAD ? fill_payload(alphabet, utf8, octets, parts) : -ENOSPC;

	if (n == -ENOSPC) {
		mode = mode == SMPP_CONCAT_PAYLOAD ? SMPP_CONCAT_UDH8 : mode;
		n = fill_parts(mode, alphabet, utf8, octets, reference, parts);
	}
	for (int i = 0; i < n; i++) {
		struct smpp_sms_part *part = &parts->at[i];

		part->data_coding = coding_of(alphabet, flash && profile->flash == SMPP_SMS_FLASH_CLASS);
		part->flash_subunit = flash && profile->flash == SMPP_SMS_FLASH_SUBUNIT;
		part->mode = mode;
		part->number = (uint8_t)(i + 1);
		part->total = (uint8_t)n;
		part->reference = reference;
	}
	return n;
}

/* The value is written at room + *used. */
static void add_number(struct smpp_pdu *pdu, struct smpp_sms_room *room, size_t *used, uint16_t tag, uint16_t number, uint16_t octets)
{
	uint8_t *value = room->values + *used;

	value[0] = (uint8_t)(octets == 2 ? number >> 8 : number);
	if (octets == 2)
		value[1] = (uint8_t)number;
	pdu->tlvs[pdu->n_tlvs++] = (struct smpp_tlv){ .tag = tag, .octets = octets, .value = value };
	*used += octets;
}

static void add_tlvs(const struct smpp_sms_part *part, bool with_reference, struct smpp_pdu *pdu, struct smpp_sms_room *room)
{
	size_t used = 0;

	if (with_reference)
		add_number(pdu, room, &used, SMPP_TAG_USER_MESSAGE_REFERENCE, part->reference, 2);
	if (part->flash_subunit)
		add_number(pdu, room, &used, SMPP_TAG_DEST_ADDR_SUBUNIT, SUBUNIT_DISPLAY, 1);
	if (part->mode == SMPP_CONCAT_SAR && part->total > 1) {
		add_number(pdu, room, &used, SMPP_TAG_SAR_MSG_REF_NUM, part->reference, 2);
		add_number(pdu, room, &used, SMPP_TAG_SAR_TOTAL_SEGMENTS, part->total, 1);
		add_number(pdu, room, &used, SMPP_TAG_SAR_SEGMENT_SEQNUM, part->number, 1);
	}
	if (part->mode == SMPP_CONCAT_PAYLOAD)
		pdu->tlvs[pdu->n_tlvs++] = (struct smpp_tlv){ SMPP_TAG_MESSAGE_PAYLOAD, part->octets, part->text };
}

void smpp_sms_encode(const struct smpp_sms_part *part, const struct smpp_sms_envelope *envelope, struct smpp_pdu *pdu,
                     struct smpp_sms_room *room)
{
	bool has_header = part->total > 1 && (part->mode == SMPP_CONCAT_UDH8 || part->mode == SMPP_CONCAT_UDH16);
	bool is_payload = part->mode == SMPP_CONCAT_PAYLOAD;

	pdu->command_id = SMPP_SUBMIT_SM;
	pdu->command_status = 0;
	pdu->sequence = 0;
	pdu->n_tlvs = 0;
	pdu->message = (struct smpp_message){
		.service_type = "",
		.source = envelope->source,
		.destination = envelope->destination,
		.esm_class = has_header ? UDHI : 0,
		.validity_period = envelope->validity_period,
		.registered_delivery = envelope->registered_delivery,
		.data_coding = part->data_coding,
		.short_message = is_payload ? NULL : part->text,
		.sm_length = is_payload ? 0 : (uint8_t)part->octets,
	};
	add_tlvs(part, envelope->user_message_reference, pdu, room);
}

static bool all_digits(const char *text, size_t max)
{
	size_t n = strspn(text, "0123456789");

	return n && n <= max && !text[n];
}

/* A name that a network would not show as it is written is refused here, where somebody can be told. */
static bool is_name(const char *sender)
{
	size_t n = strlen(sender);
	bool letter = false;

	for (size_t i = 0; i < n; i++) {
		if (sender[i] < ' ' || sender[i] > '~' || strchr("`^{}\\[~]|", sender[i]))
			return false;
		letter |= isalpha((unsigned char)sender[i]) != 0;
	}
	return letter && n <= SMPP_SMS_SENDER_MAX;
}

int smpp_sms_sender(const char *sender, uint8_t short_ton, uint8_t short_npi, struct smpp_address *address)
{
	if (sender[0] == '+' && all_digits(sender + 1, NUMBER_MAX))
		*address = (struct smpp_address){ .ton = TON_INTERNATIONAL, .npi = NPI_ISDN, .digits = sender + 1 };
	else if (all_digits(sender, NUMBER_MAX))
		*address = (struct smpp_address){ .ton = short_ton, .npi = short_npi, .digits = sender };
	else if (is_name(sender))
		*address = (struct smpp_address){ .ton = TON_ALPHANUMERIC, .npi = 0, .digits = sender };
	else
		return -EINVAL;
	return 0;
}

int smpp_sms_time(int64_t unix_s, char out[SMPP_TIME_MAX + 1])
{
	const time_t at = (time_t)unix_s;
	struct tm utc;

	if (unix_s < FIRST_SECOND || unix_s > LAST_SECOND || !gmtime_r(&at, &utc))
		return -ERANGE;
	snprintf(out, SMPP_TIME_MAX + 1, "%02u%02u%02u%02u%02u%02u000+", (unsigned int)utc.tm_year % 100, ((unsigned int)utc.tm_mon + 1) % 100,
	         (unsigned int)utc.tm_mday % 100, (unsigned int)utc.tm_hour % 100, (unsigned int)utc.tm_min % 100, (unsigned int)utc.tm_sec % 100);
	return 0;
}
