/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Text messages outside dialogs. Down: a text becomes the message PDUs in which an operator takes it. Up: a deliver_sm or
 * data_sm becomes who wrote to whom, and a text, a part of one (smpp/join.h puts them together) or a receipt (smpp/receipt.h).
 * Pure; SMPP v3.4 4.4, 4.6, 5.2, 3GPP TS 23.038 4 and 23.040 9.2.3.24. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "smpp/concat.h"
#include "smpp/dialect.h"
#include "smpp/join.h"
#include "smpp/pdu.h"

#define SMPP_SMS_PAYLOAD_OCTETS 1024   /* the longest text that is put into message_payload: networks take no more */
#define SMPP_SMS_SENDER_MAX 11         /* characters of a sender's name, TS 23.040 9.1.2.5 */

enum smpp_sms_flash {
	SMPP_SMS_FLASH_CLASS,           /* data_coding 0xF0 or 0x18: message class 0 */
	SMPP_SMS_FLASH_SUBUNIT,         /* dest_addr_subunit 1, as note e of 5.2.19 advises */
};

/* What an operator wants of every text message. */
struct smpp_sms_profile {
	/* What default data means in a text message is only certain where it is GSM 7-bit; elsewhere every text is UCS-2. */
	enum smpp_alphabet default_alphabet;
	enum smpp_concat_mode long_sms;
	enum smpp_sms_flash flash;
};

/* One message PDU to be. The rest of it is in struct smpp_sms_envelope. */
struct smpp_sms_part {
	uint8_t data_coding, number, total;
	enum smpp_concat_mode mode;     /* if total is 1, only PAYLOAD has a meaning */
	bool flash_subunit;
	uint16_t reference, octets;
	const uint8_t *text;
};

struct smpp_sms_parts {
	struct smpp_sms_part at[SMPP_CONCAT_PARTS_MAX];
	union {
		struct smpp_concat_part split[SMPP_CONCAT_PARTS_MAX];
		uint8_t payload[SMPP_SMS_PAYLOAD_OCTETS];
	} room;                         /* what at[].text points to */
};

/* Makes the parts of a text: GSM 7-bit if it can be said in it, else UCS-2. `reference` tells this message's parts from those
 * of the one before. A text that is too long for message_payload goes in parts with an 8-bit UDH. How many (one, in most
 * cases), -E2BIG (longer than the operator can take), -EILSEQ (not UTF-8). */
int smpp_sms_split(const struct smpp_sms_profile *profile, const char *utf8, size_t octets, bool flash, uint16_t reference,
                   struct smpp_sms_parts *parts);

/* From whom, to whom, until when. */
struct smpp_sms_envelope {
	struct smpp_address source, destination;
	const char *validity_period;    /* of smpp_sms_time; NULL: the network's own */
	uint8_t registered_delivery;    /* 0, or 1: send a receipt */
	bool user_message_reference;    /* the part's reference is told as a TLV, too; some networks repeat it in receipts */
};

/* Room for the values of TLVs. */
struct smpp_sms_room { uint8_t values[7]; };

/* Makes the submit_sm of a part into *pdu (sequence left 0); its pointers lead into part, envelope and room. */
void smpp_sms_encode(const struct smpp_sms_part *part, const struct smpp_sms_envelope *envelope, struct smpp_pdu *pdu,
                     struct smpp_sms_room *room);

/* The source address of a sender: a name of at most 11 characters (TON 5), "+98..." (TON 1, NPI 1; the '+' is skipped) or a short
 * number, which has the operator's own TON and NPI. 0, or -EINVAL: neither. address->digits leads into `sender`. */
int smpp_sms_sender(const char *sender, uint8_t short_ton, uint8_t short_npi, struct smpp_address *address);

/* "YYMMDDhhmmss000+": an absolute time (7.1.1) in UTC, of Unix seconds, with its NUL. -ERANGE before 2000 or after 2099. */
int smpp_sms_time(int64_t unix_s, char out[SMPP_TIME_MAX + 1]);

enum smpp_sms_kind {
	SMPP_SMS_TEXT,
	SMPP_SMS_PART,                  /* of a long one */
	SMPP_SMS_RECEIPT,               /* for smpp_receipt_parse */
	SMPP_SMS_OTHER,                 /* another esm_class: a Conversation Abort, or reserved */
};

/* What a network has sent; its pointers lead into itself and into the PDU. */
struct smpp_sms {
	enum smpp_sms_kind kind;
	bool sender_is_number;          /* `sender` is in the normal form of smpp_addr_msisdn; else it is as it came: a name, a short number */
	char sender[SMPP_ADDRESS_MAX + 1];
	const char *destination;        /* as it came */
	bool has_port;                  /* meant for a program on a handset (23.040 9.2.3.24.3 and .4), not for people */
	uint16_t port;
	struct smpp_join_part part;     /* TEXT: total 1, number 1. The alphabet and the text behind any header, of both */
};

/* Reads a deliver_sm or data_sm that is not USSD (smpp_dialect_decode says so). 0, or the command_status by which to refuse it:
 * ESME_RINVESMCLASS, its user data header is broken; ESME_RINVCMDID, it is another PDU. Concatenation whose numbers make no
 * sense is taken for none, as 23.040 9.2.3.24.1 wants it. */
uint32_t smpp_sms_parse(const struct smpp_dialect *dialect, const struct smpp_pdu *pdu, struct smpp_sms *sms);
/* The text of a TEXT, or of a PART by itself. Octets of UTF-8, -ENOSPC, -EINVAL: it is not text. */
ssize_t smpp_sms_text(const struct smpp_sms *sms, char *utf8, size_t cap);
