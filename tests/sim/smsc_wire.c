/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See smsc_wire.h. What libsmpp34 1.14.1 cannot do and is done here by hand: PDUs of a header alone, statuses that are not
 * in its list, reading responses, TLVs whose length is not the one it assumes. Everything else goes through it. */
#include <stdint.h>

#include <smpp34.h>
#include <smpp34_structs.h>
#include <smpp34_params.h>

#include <string.h>

#include "tests/sim/smsc_wire.h"

enum where { IN_SUBMIT = 1, IN_DELIVER = 2, IN_DATA = 4, IN_ALL = 7 };
enum form { NUMBER, OCTETS };

/* How libsmpp34 reads the value of a TLV: a number of exactly so many octets, or at most so many octets. What is not
 * listed it takes as up to 1024 octets. */
static const struct shape {
	uint16_t tag;
	enum form form;
	uint8_t octets, where;
} shapes[] = {
	{ 0x0005, NUMBER, 1, IN_SUBMIT | IN_DATA }, { 0x0006, NUMBER, 1, IN_DATA }, { 0x0007, NUMBER, 1, IN_DATA },
	{ 0x0008, NUMBER, 2, IN_DATA }, { 0x000D, NUMBER, 1, IN_SUBMIT | IN_DATA },
	{ 0x000E, NUMBER, 1, IN_DELIVER | IN_DATA }, { 0x000F, NUMBER, 1, IN_DATA }, { 0x0010, NUMBER, 1, IN_DATA },
	{ 0x0017, NUMBER, 4, IN_DATA }, { 0x0019, NUMBER, 1, IN_ALL }, { 0x001E, OCTETS, 65, IN_DELIVER | IN_DATA },
	{ 0x0030, NUMBER, 1, IN_SUBMIT | IN_DATA }, { 0x0201, NUMBER, 1, IN_ALL }, { 0x0202, OCTETS, 23, IN_ALL },
	{ 0x0203, OCTETS, 23, IN_ALL }, { 0x0204, NUMBER, 2, IN_ALL }, { 0x0205, NUMBER, 1, IN_ALL },
	{ 0x020A, NUMBER, 2, IN_ALL }, { 0x020B, NUMBER, 2, IN_ALL }, { 0x020C, NUMBER, 2, IN_ALL },
	{ 0x020D, NUMBER, 1, IN_ALL }, { 0x020E, NUMBER, 1, IN_ALL }, { 0x020F, NUMBER, 1, IN_ALL },
	{ 0x0302, NUMBER, 1, IN_SUBMIT | IN_DATA }, { 0x0303, OCTETS, 65, IN_SUBMIT | IN_DATA },
	{ 0x0304, NUMBER, 1, IN_SUBMIT | IN_DATA }, { 0x0381, OCTETS, 19, IN_ALL },
	{ 0x0421, NUMBER, 1, IN_DELIVER | IN_DATA }, { 0x0423, OCTETS, 3, IN_DELIVER | IN_DATA },
	{ 0x0426, NUMBER, 1, IN_SUBMIT | IN_DATA }, { 0x0427, NUMBER, 1, IN_DELIVER | IN_DATA },
	{ 0x0501, OCTETS, 1, IN_SUBMIT }, { 0x1201, NUMBER, 1, IN_SUBMIT | IN_DATA },
	{ 0x1203, NUMBER, 2, IN_SUBMIT | IN_DATA }, { 0x1204, NUMBER, 1, IN_SUBMIT | IN_DATA },
	{ 0x130C, OCTETS, 0, IN_SUBMIT | IN_DATA }, { 0x1380, NUMBER, 1, IN_SUBMIT | IN_DATA },
	{ 0x1383, NUMBER, 2, IN_ALL },
};

static const struct shape *shape_of(uint16_t tag, unsigned int where)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (shapes[i].tag == tag && (shapes[i].where & where))
			return &shapes[i];
	return NULL;
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put32(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 24);
	at[1] = (uint8_t)(value >> 16);
	at[2] = (uint8_t)(value >> 8);
	at[3] = (uint8_t)value;
}

struct smsc_header smsc_wire_header(const uint8_t *frame)
{
	return (struct smsc_header){ get32(frame), get32(frame + 4), get32(frame + 8), get32(frame + 12) };
}

size_t smsc_wire_encode_header(uint32_t command, uint32_t status, uint32_t sequence, uint8_t *buf)
{
	put32(buf, 16);
	put32(buf + 4, command);
	put32(buf + 8, status);
	put32(buf + 12, sequence);
	return 16;
}

/* --- TLVs of a message --- */

const struct smsc_tlv *smsc_message_tlv(const struct smsc_message *message, uint16_t tag)
{
	for (size_t i = 0; i < message->n_tlvs; i++)
		if (message->tlvs[i].tag == tag)
			return &message->tlvs[i];
	return NULL;
}

static uint32_t big_endian(const uint8_t *octets, size_t n)
{
	uint32_t number = 0;

	for (size_t i = 0; i < n; i++)
		number = number << 8 | octets[i];
	return number;
}

bool smsc_message_number(const struct smsc_message *message, uint16_t tag, uint32_t *number)
{
	const struct smsc_tlv *tlv = smsc_message_tlv(message, tag);

	if (!tlv || tlv->octets < 1 || tlv->octets > 4)
		return false;
	*number = big_endian(tlv->value, tlv->octets);
	return true;
}

bool smsc_message_add(struct smsc_message *message, uint16_t tag, const void *value, size_t octets)
{
	struct smsc_tlv *tlv = &message->tlvs[message->n_tlvs];

	if (message->n_tlvs == SMSC_TLVS || octets > SMSC_TLV_OCTETS)
		return false;
	tlv->tag = tag;
	tlv->octets = (uint16_t)octets;
	memcpy(tlv->value, value, octets);
	message->n_tlvs++;
	return true;
}

bool smsc_message_add_number(struct smsc_message *message, uint16_t tag, uint32_t number, size_t octets)
{
	uint8_t value[4];

	for (size_t i = 0; i < octets; i++)
		value[i] = (uint8_t)(number >> 8 * (octets - 1 - i));
	return smsc_message_add(message, tag, value, octets);
}

/* --- sending --- */

/* Our TLV in libsmpp34's form: it wants numbers in the host's order in one of three fields. */
static void to_library(tlv_t *out, const struct smsc_tlv *in, unsigned int where)
{
	const struct shape *shape = shape_of(in->tag, where);

	memset(out, 0, sizeof(*out));
	out->tag = in->tag;
	out->length = in->octets;
	if (!shape || shape->form == OCTETS)
		memcpy(out->value.octet, in->value, in->octets);
	else if (shape->octets == 1)
		out->value.val08 = in->value[0];
	else if (shape->octets == 2)
		out->value.val16 = (uint16_t)big_endian(in->value, 2);
	else
		out->value.val32 = big_endian(in->value, 4);
}

/* It prepends, so what shall come first is given last. */
static void build_tlvs(tlv_t **list, const struct smsc_message *message, unsigned int where)
{
	tlv_t one;

	if (message->payload) {
		memset(&one, 0, sizeof(one));
		one.tag = TLVID_message_payload;
		one.length = message->text_octets;
		memcpy(one.value.octet, message->text, message->text_octets);
		build_tlv(list, &one);
	}
	for (size_t i = message->n_tlvs; i-- > 0;) {
		to_library(&one, &message->tlvs[i], where);
		build_tlv(list, &one);
	}
}

/* Its string fields are arrays of octets that it reads with strlen: they are zeroed and filled one short. */
#define COPY(to, from) copy_string((to), sizeof(to), (from))
static void copy_string(void *to, size_t cap, const void *from)
{
	size_t octets = strnlen(from, cap - 1);

	memcpy(to, from, octets);
	((char *)to)[octets] = '\0';
}

static ssize_t pack(uint8_t *buf, size_t cap, void *pdu)
{
	int octets = 0;

	return smpp34_pack2(buf, (int)cap, &octets, pdu) == 0 ? octets : -1;
}

/* The fields that deliver_sm and data_sm have in common. */
#define FILL(pdu, message) \
	do { \
		(pdu).command_id = (message)->command; \
		(pdu).sequence_number = (message)->sequence; \
		COPY((pdu).service_type, (message)->service_type); \
		(pdu).source_addr_ton = (message)->source_ton; \
		(pdu).source_addr_npi = (message)->source_npi; \
		COPY((pdu).source_addr, (message)->source); \
		(pdu).dest_addr_ton = (message)->destination_ton; \
		(pdu).dest_addr_npi = (message)->destination_npi; \
		COPY((pdu).destination_addr, (message)->destination); \
		(pdu).esm_class = (message)->esm_class; \
		(pdu).registered_delivery = (message)->registered_delivery; \
		(pdu).data_coding = (message)->data_coding; \
	} while (0)

static ssize_t encode_deliver(const struct smsc_message *message, uint8_t *buf, size_t cap)
{
	deliver_sm_t pdu;
	ssize_t octets;

	memset(&pdu, 0, sizeof(pdu));
	FILL(pdu, message);
	pdu.protocol_id = message->protocol_id;
	if (!message->payload) {
		pdu.sm_length = (uint8_t)message->text_octets;
		memcpy(pdu.short_message, message->text, message->text_octets);
	}
	build_tlvs(&pdu.tlv, message, IN_DELIVER);
	octets = pack(buf, cap, &pdu);
	destroy_tlv(pdu.tlv);
	return octets;
}

static ssize_t encode_data(const struct smsc_message *message, uint8_t *buf, size_t cap)
{
	data_sm_t pdu;
	ssize_t octets;

	memset(&pdu, 0, sizeof(pdu));
	FILL(pdu, message);
	build_tlvs(&pdu.tlv, message, IN_DATA);
	octets = pack(buf, cap, &pdu);
	destroy_tlv(pdu.tlv);
	return octets;
}

static ssize_t encode_response(const struct smsc_message *message, uint8_t *buf, size_t cap)
{
	submit_sm_resp_t pdu;

	/* Both responses are a header and a message_id; an error has no body (4.4.2) and any status. */
	if (message->status)
		return (ssize_t)smsc_wire_encode_header(message->command, message->status, message->sequence, buf);
	memset(&pdu, 0, sizeof(pdu));
	pdu.command_id = message->command;
	pdu.sequence_number = message->sequence;
	COPY(pdu.message_id, message->message_id);
	return pack(buf, cap, &pdu);
}

ssize_t smsc_wire_encode(const struct smsc_message *message, uint8_t *buf, size_t cap)
{
	if (message->text_octets > (message->payload ? SMSC_TEXT_OCTETS : SMSC_SHORT_OCTETS))
		return -1;
	switch (message->command) {
	case DELIVER_SM: return encode_deliver(message, buf, cap);
	case DATA_SM: return message->payload || !message->text_octets ? encode_data(message, buf, cap) : -1;
	case SUBMIT_SM_RESP:
	case DATA_SM_RESP: return encode_response(message, buf, cap);
	default: return -1;
	}
}

ssize_t smsc_wire_encode_bind_resp(uint32_t command, uint32_t sequence, const char *system_id, uint8_t *buf, size_t cap)
{
	bind_transceiver_resp_t pdu; /* the three have one form */
	tlv_t version;
	ssize_t octets;

	memset(&pdu, 0, sizeof(pdu));
	memset(&version, 0, sizeof(version));
	pdu.command_id = command;
	pdu.sequence_number = sequence;
	COPY(pdu.system_id, system_id);
	version.tag = TLVID_sc_interface_version;
	version.length = 1;
	version.value.val08 = SMPP_VERSION;
	build_tlv(&pdu.tlv, &version);
	octets = pack(buf, cap, &pdu);
	destroy_tlv(pdu.tlv);
	return octets;
}

/* --- receiving --- */

/* Where the TLVs begin. plan: 's' a string with its NUL, '1' an octet, 'm' an octet that counts the octets after it. */
static size_t skip_mandatory(const uint8_t *frame, size_t octets, const char *plan)
{
	size_t at = 16;

	for (; *plan; plan++) {
		if (*plan == 's') {
			const uint8_t *nul = at < octets ? memchr(frame + at, 0, octets - at) : NULL;

			if (!nul)
				return 0;
			at = (size_t)(nul - frame) + 1;
		} else {
			if (at >= octets)
				return 0;
			at += *plan == 'm' ? 1u + frame[at] : 1u;
		}
	}
	return at <= octets ? at : 0;
}

static bool library_reads(uint16_t tag, size_t octets, unsigned int where)
{
	const struct shape *shape = shape_of(tag, where);

	if (!shape)
		return octets <= MAX_TLV_SIZE;
	return shape->form == NUMBER ? octets == shape->octets : octets <= shape->octets;
}

/* Copies to `out` the TLVs that libsmpp34 reads right and keeps the others in *message. Octets of out, or -1 for TLVs that
 * do not fit the frame, are too many or too long to keep. */
static ssize_t sift_tlvs(struct smsc_message *message, const uint8_t *frame, size_t from, size_t octets, unsigned int where,
                         uint8_t *out)
{
	size_t length = 0, n = 0;

	while (from < octets) {
		uint16_t tag;
		size_t size;

		if (octets - from < 4 || ++n > SMSC_TLVS)
			return -1;
		tag = (uint16_t)big_endian(frame + from, 2);
		size = 4 + big_endian(frame + from + 2, 2);
		if (size > octets - from)
			return -1;
		if (library_reads(tag, size - 4, where)) {
			memcpy(out + length, frame + from, size);
			length += size;
		} else if (!smsc_message_add(message, tag, frame + from + 4, size - 4)) {
			return -1;
		}
		from += size;
	}
	return (ssize_t)length;
}

static bool from_library(struct smsc_message *message, const tlv_t *in, unsigned int where)
{
	const struct shape *shape = shape_of(in->tag, where);

	if (in->tag == TLVID_message_payload) {
		message->payload = true;
		message->text_octets = in->length;
		memcpy(message->text, in->value.octet, in->length);
		return true;
	}
	if (!shape || shape->form == OCTETS)
		return smsc_message_add(message, in->tag, in->value.octet, in->length);
	return smsc_message_add_number(message, in->tag, shape->octets == 1 ? in->value.val08
	                               : shape->octets == 2 ? in->value.val16 : in->value.val32, shape->octets);
}

static uint32_t take_tlvs(struct smsc_message *message, const tlv_t *list, unsigned int where)
{
	for (const tlv_t *tlv = list; tlv; tlv = tlv->next)
		if (!from_library(message, tlv, where))
			return ESME_RINVOPTPARSTREAM;
	return ESME_ROK;
}

#define TAKE(message, pdu) \
	do { \
		COPY((message)->service_type, (pdu).service_type); \
		(message)->source_ton = (pdu).source_addr_ton; \
		(message)->source_npi = (pdu).source_addr_npi; \
		COPY((message)->source, (pdu).source_addr); \
		(message)->destination_ton = (pdu).dest_addr_ton; \
		(message)->destination_npi = (pdu).dest_addr_npi; \
		COPY((message)->destination, (pdu).destination_addr); \
		(message)->esm_class = (pdu).esm_class; \
		(message)->registered_delivery = (pdu).registered_delivery; \
		(message)->data_coding = (pdu).data_coding; \
	} while (0)

static uint32_t decode_submit(struct smsc_message *message, const uint8_t *frame, size_t octets)
{
	submit_sm_t pdu;
	uint32_t status = ESME_RSYSERR; /* libsmpp34 knows better than the specification what is legal, and does not say */

	memset(&pdu, 0, sizeof(pdu));
	if (smpp34_unpack2(&pdu, frame, (int)octets) == 0) {
		TAKE(message, pdu);
		message->protocol_id = pdu.protocol_id;
		message->text_octets = pdu.sm_length;
		memcpy(message->text, pdu.short_message, pdu.sm_length);
		status = take_tlvs(message, pdu.tlv, IN_SUBMIT);
	}
	destroy_tlv(pdu.tlv);
	return status;
}

static uint32_t decode_data(struct smsc_message *message, const uint8_t *frame, size_t octets)
{
	data_sm_t pdu;
	uint32_t status = ESME_RSYSERR;

	memset(&pdu, 0, sizeof(pdu));
	if (smpp34_unpack2(&pdu, frame, (int)octets) == 0) {
		TAKE(message, pdu);
		status = take_tlvs(message, pdu.tlv, IN_DATA);
	}
	destroy_tlv(pdu.tlv);
	return status;
}

static uint32_t decode_message(struct smsc_message *message, const uint8_t *frame, size_t octets)
{
	static _Alignas(8) uint8_t clean[SMSC_PDU_OCTETS];
	bool is_submit = message->command == SUBMIT_SM;
	size_t body = skip_mandatory(frame, octets, is_submit ? "s11s11s111ss1111m" : "s11s11s111");
	ssize_t tlvs;

	if (!body)
		return ESME_RINVCMDLEN;
	memcpy(clean, frame, body);
	tlvs = sift_tlvs(message, frame, body, octets, is_submit ? IN_SUBMIT : IN_DATA, clean + body);
	if (tlvs < 0)
		return ESME_RINVOPTPARSTREAM;
	put32(clean, (uint32_t)(body + (size_t)tlvs));
	return (is_submit ? decode_submit : decode_data)(message, clean, body + (size_t)tlvs);
}

/* A response: the header, and a message_id if there is one. */
static uint32_t decode_response(struct smsc_message *message, const uint8_t *frame, size_t octets)
{
	size_t length = strnlen((const char *)frame + 16, octets - 16);

	if (length < sizeof(message->message_id))
		memcpy(message->message_id, frame + 16, length);
	return ESME_ROK;
}

uint32_t smsc_wire_decode(struct smsc_message *message, const uint8_t *frame, size_t octets)
{
	struct smsc_header header = smsc_wire_header(frame);

	memset(message, 0, sizeof(*message));
	message->command = header.command;
	message->status = header.status;
	message->sequence = header.sequence;
	if (octets > SMSC_PDU_OCTETS)
		return ESME_RINVCMDLEN;
	if (header.command & 0x80000000u)
		return decode_response(message, frame, octets);
	if (header.command != SUBMIT_SM && header.command != DATA_SM)
		return ESME_RINVCMDID;
	return decode_message(message, frame, octets);
}

uint32_t smsc_wire_decode_bind(struct smsc_credentials *credentials, const uint8_t *frame, size_t octets)
{
	static uint8_t clean[SMSC_PDU_OCTETS];
	size_t version = octets <= sizeof(clean) ? skip_mandatory(frame, octets, "sss") : 0;
	size_t body = octets <= sizeof(clean) ? skip_mandatory(frame, octets, "sss111s") : 0;
	bind_transceiver_t pdu; /* the three have one form, and are told apart by the caller */

	if (!body)
		return ESME_RINVCMDLEN;
	memset(&pdu, 0, sizeof(pdu));
	memcpy(clean, frame, body);
	put32(clean, (uint32_t)body);
	put32(clean + 4, BIND_TRANSCEIVER);
	clean[version] = SMPP_VERSION; /* it takes no other, but ESMEs of 3.3 and 5.0 bind as well */
	if (smpp34_unpack2(&pdu, clean, (int)body) != 0)
		return ESME_RBINDFAIL;
	COPY(credentials->system_id, pdu.system_id);
	COPY(credentials->password, pdu.password);
	COPY(credentials->system_type, pdu.system_type);
	return ESME_ROK;
}
