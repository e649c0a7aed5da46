/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* SMPP PDUs <-> bytes: a small, bounded, table-driven codec for what an ESME receives and for what it sends often.
 *
 * Follows SMPP v3.4 Issue 1.2, sections 3 and 4. A decoded PDU is a view: its pointers lead into the frame that it
 * was decoded from and live as long as that. Nothing here allocates, logs or asks the time.
 *
 * We accept more than the text of the specification, because operators send more (README of this floor: deviations):
 * responses without a body or with one where none belongs, any command_status, any TON and NPI, sequence number 0,
 * and unknown TLVs, which are kept with their length and never interpreted. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SMPP_HEADER_OCTETS 16
#define SMPP_PDU_OCTETS_MAX 8192   /* the largest cap that a link may be configured with */
#define SMPP_TLVS_MAX 32           /* a PDU with more is refused: no network sends them */
#define SMPP_ADDRESS_MAX 64        /* octets of an address we take; the specification says 20, or 64 in data_sm */
#define SMPP_MESSAGE_ID_MAX 65     /* 4.4.2, with its NUL */
#define SMPP_SERVICE_TYPE_MAX 6    /* characters; the specification says 5 */
#define SMPP_TIME_MAX 16           /* characters, 7.1.1 */
#define SMPP_CREDENTIAL_MAX 64     /* characters; the specification says 15, 8, 12 and 40, operators say otherwise */
#define SMPP_RESPONSE_BIT 0x80000000u

/* __extension__: ISO C11 wants enumerators that fit in an int. */
__extension__ enum smpp_command {
	SMPP_GENERIC_NACK = 0x80000000u,
	SMPP_BIND_RECEIVER = 0x00000001, SMPP_BIND_RECEIVER_RESP = 0x80000001u,
	SMPP_BIND_TRANSMITTER = 0x00000002, SMPP_BIND_TRANSMITTER_RESP = 0x80000002u,
	SMPP_QUERY_SM = 0x00000003, SMPP_QUERY_SM_RESP = 0x80000003u,
	SMPP_SUBMIT_SM = 0x00000004, SMPP_SUBMIT_SM_RESP = 0x80000004u,
	SMPP_DELIVER_SM = 0x00000005, SMPP_DELIVER_SM_RESP = 0x80000005u,
	SMPP_UNBIND = 0x00000006, SMPP_UNBIND_RESP = 0x80000006u,
	SMPP_REPLACE_SM = 0x00000007, SMPP_REPLACE_SM_RESP = 0x80000007u,
	SMPP_CANCEL_SM = 0x00000008, SMPP_CANCEL_SM_RESP = 0x80000008u,
	SMPP_BIND_TRANSCEIVER = 0x00000009, SMPP_BIND_TRANSCEIVER_RESP = 0x80000009u,
	SMPP_OUTBIND = 0x0000000B,
	SMPP_ENQUIRE_LINK = 0x00000015, SMPP_ENQUIRE_LINK_RESP = 0x80000015u,
	SMPP_SUBMIT_MULTI = 0x00000021, SMPP_SUBMIT_MULTI_RESP = 0x80000021u,
	SMPP_ALERT_NOTIFICATION = 0x00000102,
	SMPP_DATA_SM = 0x00000103, SMPP_DATA_SM_RESP = 0x80000103u,
};

/* TLV tags that this project gives a meaning to (5.3.2); every other is carried as it came. */
enum smpp_tag {
	SMPP_TAG_DEST_ADDR_SUBUNIT = 0x0005,
	SMPP_TAG_PAYLOAD_TYPE = 0x0019,
	SMPP_TAG_ADDITIONAL_STATUS_INFO_TEXT = 0x001D,
	SMPP_TAG_RECEIPTED_MESSAGE_ID = 0x001E,
	SMPP_TAG_SOURCE_SUBADDRESS = 0x0202,
	SMPP_TAG_DEST_SUBADDRESS = 0x0203,
	SMPP_TAG_USER_MESSAGE_REFERENCE = 0x0204,
	SMPP_TAG_SAR_MSG_REF_NUM = 0x020C,
	SMPP_TAG_LANGUAGE_INDICATOR = 0x020D,
	SMPP_TAG_SAR_TOTAL_SEGMENTS = 0x020E,
	SMPP_TAG_SAR_SEGMENT_SEQNUM = 0x020F,
	SMPP_TAG_SC_INTERFACE_VERSION = 0x0210,
	SMPP_TAG_NETWORK_ERROR_CODE = 0x0423,
	SMPP_TAG_MESSAGE_PAYLOAD = 0x0424,
	SMPP_TAG_MORE_MESSAGES_TO_SEND = 0x0426,
	SMPP_TAG_MESSAGE_STATE = 0x0427,
	SMPP_TAG_USSD_SERVICE_OP = 0x0501,
	SMPP_TAG_ITS_REPLY_TYPE = 0x1380,
	SMPP_TAG_ITS_SESSION_INFO = 0x1383,
	SMPP_TAG_COMVERSE_SESSION_ID = 0x1501,
};

struct smpp_tlv {
	uint16_t tag;
	uint16_t octets;
	const uint8_t *value;
};

struct smpp_address {
	uint8_t ton, npi;         /* any value: networks use reserved ones */
	const char *digits;       /* NUL-terminated, at most SMPP_ADDRESS_MAX characters; never NULL in a decoded PDU */
};

/* The body of submit_sm, deliver_sm and data_sm; data_sm lacks the times, the priority and the short message.
 * alert_notification has its two addresses here: the subscriber is the source, the ESME the destination. */
struct smpp_message {
	const char *service_type;
	struct smpp_address source, destination;
	uint8_t esm_class, protocol_id, priority_flag;
	const char *schedule_delivery_time, *validity_period; /* never NULL in a decoded PDU; NULL encodes as empty */
	uint8_t registered_delivery, replace_if_present_flag, data_coding, sm_default_msg_id;
	const uint8_t *short_message;
	uint8_t sm_length;        /* octets */
};

struct smpp_bind {
	const char *system_id, *password, *system_type;
	uint8_t interface_version, addr_ton, addr_npi;
	const char *address_range;
};

struct smpp_pdu {
	uint32_t command_id, command_status, sequence;
	union {
		struct smpp_message message;    /* submit_sm, deliver_sm, data_sm, alert_notification */
		struct smpp_bind bind;          /* bind_*; outbind: system_id and password; bind_*_resp: system_id ("" without a body) */
		const char *message_id;         /* submit_sm_resp, deliver_sm_resp, data_sm_resp: "" when there was no body */
	};
	uint16_t n_tlvs;
	struct smpp_tlv tlvs[SMPP_TLVS_MAX];
};

/* Decodes one whole frame (from smpp_frame_next) of `octets` octets.
 * 0, or what to answer: a command_status such as ESME_RINVCMDID (the command is unknown: generic_nack),
 * ESME_RINVCMDLEN (the body ends early), ESME_RINVOPTPARSTREAM (TLVs do not fit the frame). The header fields of *pdu
 * are set in every case, if octets >= SMPP_HEADER_OCTETS; with less, the answer is ESME_RINVCMDLEN and they are 0.
 * ESME_RINVCMDID too for query_sm, cancel_sm, replace_sm and submit_multi: an ESME is never asked these. The bodies of
 * their responses are skipped, as is whatever follows the header of a PDU that has only that. */
uint32_t smpp_pdu_decode(struct smpp_pdu *pdu, const uint8_t *frame, size_t octets);

/* The first TLV with this tag, or NULL. */
const struct smpp_tlv *smpp_pdu_tlv(const struct smpp_pdu *pdu, uint16_t tag);
/* The big-endian number in a TLV of 1 to 4 octets; false if the TLV is missing, empty or longer. */
bool smpp_pdu_tlv_number(const struct smpp_pdu *pdu, uint16_t tag, uint32_t *number);
/* The text of a message: message_payload if sm_length is 0 and the TLV is there (5.2.21), else short_message. */
const uint8_t *smpp_pdu_text(const struct smpp_pdu *pdu, size_t *octets);

/* Encodes any PDU of `enum smpp_command` that this floor sends (message PDUs, binds, header-only PDUs and all responses)
 * into buf. TLVs follow in the order of pdu->tlvs. Returns the octets written, -ENOSPC if cap is too small, -EINVAL if a
 * field does not fit the protocol (a string above its maximum, more TLVs than SMPP_TLVS_MAX or any where only a header
 * is sent, octets at NULL, a command we never send). */
ssize_t smpp_pdu_encode(uint8_t *buf, size_t cap, const struct smpp_pdu *pdu);

/* A response whose body is empty or one empty message_id, by the request's command; the hot path of deliver_sm_resp.
 * buf holds at least SMPP_HEADER_OCTETS + 1 octets. Returns the octets written. */
size_t smpp_pdu_encode_response(uint8_t *buf, uint32_t request_command, uint32_t sequence, uint32_t status);

/* "deliver_sm_resp", or "0x00000199" for a command unknown to us (in a static buffer). */
const char *smpp_pdu_command_name(uint32_t command_id);
const char *smpp_pdu_tag_name(uint16_t tag);
