/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The network's PDUs <-> bytes, through libsmpp34, so that the gateway's own codec meets an independent one.
 *
 * libsmpp34 is not safe to hand bytes from the network to (it writes past a global for PDUs of many TLVs, reads numeric
 * TLVs without looking at their length, refuses legitimate responses). Therefore: the header and responses are
 * read here by hand, commands are listed, TLVs are walked before it sees them, those that it would misread are taken out and
 * kept by us, its structures are zeroed first, and its log text is never touched. This is the only file of the simulator
 * that includes libsmpp34's headers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SMSC_PDU_OCTETS 4096     /* a peer that sends more is cut off */
#define SMSC_TEXT_OCTETS 1024    /* libsmpp34's limit of message_payload */
#define SMSC_SHORT_OCTETS 253    /* libsmpp34 packs no longer short_message */
#define SMSC_TLVS 16
#define SMSC_TLV_OCTETS 80

struct smsc_tlv {
	uint16_t tag, octets;
	uint8_t value[SMSC_TLV_OCTETS];
};

/* submit_sm, deliver_sm, data_sm and their responses. */
struct smsc_message {
	uint32_t command, status, sequence;
	char service_type[7], source[66], destination[66];
	uint8_t source_ton, source_npi, destination_ton, destination_npi;
	uint8_t esm_class, protocol_id, registered_delivery, data_coding;
	bool payload;             /* the text is, or shall be, in message_payload */
	uint16_t text_octets;
	uint8_t text[SMSC_TEXT_OCTETS];
	uint8_t n_tlvs;           /* without message_payload */
	struct smsc_tlv tlvs[SMSC_TLVS];
	char message_id[66];      /* of responses */
};

struct smsc_header {
	uint32_t octets, command, status, sequence;
};

struct smsc_credentials {
	char system_id[17], password[10], system_type[14];
};

/* The header of a frame of at least 16 octets. */
struct smsc_header smsc_wire_header(const uint8_t *frame);
/* deliver_sm, data_sm, and the responses to submit_sm and data_sm. Octets written; -1: libsmpp34 cannot express it. */
ssize_t smsc_wire_encode(const struct smsc_message *message, uint8_t *buf, size_t cap);
/* A PDU of a header and nothing else: enquire_link, unbind, generic_nack, responses that carry an error. Any status. */
size_t smsc_wire_encode_header(uint32_t command, uint32_t status, uint32_t sequence, uint8_t *buf);
/* bind_*_resp of success, with sc_interface_version. */
ssize_t smsc_wire_encode_bind_resp(uint32_t command, uint32_t sequence, const char *system_id, uint8_t *buf, size_t cap);
/* submit_sm, data_sm and every response. 0, or the command_status to answer with. */
uint32_t smsc_wire_decode(struct smsc_message *message, const uint8_t *frame, size_t octets);
uint32_t smsc_wire_decode_bind(struct smsc_credentials *credentials, const uint8_t *frame, size_t octets);

const struct smsc_tlv *smsc_message_tlv(const struct smsc_message *message, uint16_t tag);
/* The big-endian number in a TLV of 1 to 4 octets. */
bool smsc_message_number(const struct smsc_message *message, uint16_t tag, uint32_t *number);
/* false when there is no room for one more. */
bool smsc_message_add(struct smsc_message *message, uint16_t tag, const void *value, size_t octets);
bool smsc_message_add_number(struct smsc_message *message, uint16_t tag, uint32_t number, size_t octets);
