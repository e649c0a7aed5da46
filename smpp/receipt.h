/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Delivery receipts: what a network says became of a message. SMPP v3.4 5.2.12 (esm_class), 5.3.2.12 and .35 (TLVs) and
 * appendix B, whose text every vendor writes in its own way; README.md lists what is taken.
 *
 * The id of a message comes in another form than in the submit_sm_resp at many networks: hexadecimal here and decimal there,
 * padded with zeros, in another case. Whoever keeps what was sent keeps smpp_receipt_key() of the id in the response, and looks
 * for smpp_receipt_keys() of the receipt, in their order. An id that is read in another base may meet that of another
 * message: compare the subscriber's number too. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "smpp/pdu.h"

#define SMPP_RECEIPT_DATE_MAX 14
#define SMPP_RECEIPT_STAT_MAX 15
#define SMPP_RECEIPT_TEXT_OCTETS 1024 /* of the text of a receipt, what is read */

enum smpp_receipt_kind {
	SMPP_RECEIPT_FINAL,             /* 0x04, and a message that has both TLVs without saying what it is */
	SMPP_RECEIPT_DELIVERY_ACK,      /* 0x08: the handset's, or the other party's */
	SMPP_RECEIPT_USER_ACK,          /* 0x10 */
	SMPP_RECEIPT_INTERMEDIATE,      /* 0x20: says how it stands, whatever the state is */
};

/* 5.2.28; 0 and 9 are SMPP 5.0's. */
enum smpp_receipt_state {
	SMPP_RECEIPT_SCHEDULED, SMPP_RECEIPT_ENROUTE, SMPP_RECEIPT_DELIVERED, SMPP_RECEIPT_EXPIRED, SMPP_RECEIPT_DELETED,
	SMPP_RECEIPT_UNDELIVERABLE, SMPP_RECEIPT_ACCEPTED, SMPP_RECEIPT_UNKNOWN, SMPP_RECEIPT_REJECTED, SMPP_RECEIPT_SKIPPED,
};

enum smpp_receipt_verdict {
	SMPP_RECEIPT_VERDICT_PENDING,   /* another may follow: on its way, or a state that we do not know */
	SMPP_RECEIPT_VERDICT_DELIVERED,
	SMPP_RECEIPT_VERDICT_FAILED,
};

struct smpp_receipt {
	enum smpp_receipt_kind kind;
	char id[SMPP_MESSAGE_ID_MAX];       /* as it came: the TLV's, if both TLVs came, else the text's; the other if there is none */
	char other_id[SMPP_MESSAGE_ID_MAX]; /* the one of the two that is not `id`; "": there is none */
	enum smpp_receipt_state state;
	char stat[SMPP_RECEIPT_STAT_MAX + 1];  /* the word in the text, cut to fit; "": none */
	char error[SMPP_RECEIPT_STAT_MAX + 1]; /* of "err:", the vendor's own; "": none */
	uint8_t network_type;               /* network_error_code: 1 ANSI-136, 2 IS-95, 3 GSM; 0: it did not come */
	uint16_t network_error;
	int32_t submitted, delivered;       /* "sub:", "dlvrd:"; -1: missing */
	/* digits as they came, YYMMDDhhmm with or without ss, or with a year of four: the network's own time zone; "": none */
	char submit_date[SMPP_RECEIPT_DATE_MAX + 1], done_date[SMPP_RECEIPT_DATE_MAX + 1];
};

/* True if this deliver_sm or data_sm is a receipt, by its esm_class or, where that says nothing, by its two TLVs. */
bool smpp_receipt_is(const struct smpp_pdu *pdu);
/* 0, or -ENOMSG: not a receipt; -EBADMSG: it does not say of which message, or what became of it. */
int smpp_receipt_parse(const struct smpp_pdu *pdu, struct smpp_receipt *receipt);
/* What to do about it. */
enum smpp_receipt_verdict smpp_receipt_verdict(const struct smpp_receipt *receipt);
/* "DELIVRD", "EXPIRED" ... */
const char *smpp_receipt_state_name(enum smpp_receipt_state state);

/* In which base a network writes ids. */
enum smpp_id_base { SMPP_ID_TEXT /* not a number, or not known */, SMPP_ID_DECIMAL, SMPP_ID_HEX };

#define SMPP_RECEIPT_KEYS_MAX 6
struct smpp_receipt_keys {
	size_t n;
	char at[SMPP_RECEIPT_KEYS_MAX][SMPP_MESSAGE_ID_MAX];
};

/* The one form in which an id is kept: lower case, no spaces around, no zeros before it. */
void smpp_receipt_key(const char *id, char key[SMPP_MESSAGE_ID_MAX]);
/* The keys under which the message may be kept, likeliest first, none twice: the id turned from the base that receipts have here
 * into that of responses, the id as it came, hexadecimal as decimal, decimal as hexadecimal; then the same of the other id. */
void smpp_receipt_keys(const struct smpp_receipt *receipt, enum smpp_id_base in_response, enum smpp_id_base in_receipt,
                       struct smpp_receipt_keys *keys);
