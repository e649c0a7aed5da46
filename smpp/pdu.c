/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The PDU codec. One table says what each command's body is made of; one cursor reads by it, one writer writes by it.
 *
 * The order of fields follows SMPP v3.4 Issue 1.2 chapter 4, the order of `struct field` rows below. Where we take more
 * than the specification allows stands in README.md of this folder, section "Deviations of the codec".
 *
 * libsmpp34 is the vocabulary: the numbers of our enums are checked against its constants when this file is compiled,
 * and the names of TLVs come from its list. It neither reads nor writes PDUs here: it is slow, can be made to write
 * past its buffers, and refuses much of what networks send (binds of interface version 0x33 and vendor statuses among
 * it). The tests hold every octet of ours against its own wherever it accepts the PDU. */
#include "smpp/pdu.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "smpp/status.h"
/* After status.h: it defines the same names as macros. */
#include <smpp34.h>

#define OPERACION(name) static_assert((uint32_t)SMPP_##name == (uint32_t)name, "libsmpp34 differs on " #name);
#include <def_list/command_id.list>
#undef OPERACION

#define SAME_TAG(ours, theirs) static_assert((int)SMPP_TAG_##ours == TLVID_##theirs, "libsmpp34 differs on " #theirs)
SAME_TAG(DEST_ADDR_SUBUNIT, dest_addr_subunit);
SAME_TAG(PAYLOAD_TYPE, payload_type);
SAME_TAG(ADDITIONAL_STATUS_INFO_TEXT, additional_status_info_text);
SAME_TAG(RECEIPTED_MESSAGE_ID, receipted_message_id);
SAME_TAG(SOURCE_SUBADDRESS, source_subaddress);
SAME_TAG(DEST_SUBADDRESS, dest_subaddress);
SAME_TAG(USER_MESSAGE_REFERENCE, user_message_reference);
SAME_TAG(SAR_MSG_REF_NUM, sar_msg_ref_num);
SAME_TAG(LANGUAGE_INDICATOR, language_indicator);
SAME_TAG(SAR_TOTAL_SEGMENTS, sar_total_segments);
SAME_TAG(SAR_SEGMENT_SEQNUM, sar_segment_seqnum);
SAME_TAG(SC_INTERFACE_VERSION, sc_interface_version);
SAME_TAG(NETWORK_ERROR_CODE, network_error_code);
SAME_TAG(MESSAGE_PAYLOAD, message_payload);
SAME_TAG(MORE_MESSAGES_TO_SEND, more_messages_to_send);
SAME_TAG(MESSAGE_STATE, message_state);
SAME_TAG(USSD_SERVICE_OP, ussd_service_op);
SAME_TAG(ITS_REPLY_TYPE, its_reply_type);
SAME_TAG(ITS_SESSION_INFO, its_session_info);

/* What the commands are made of. */

enum field_kind {
	FIELD_STRING, /* C-octet string of at most `max` characters and its NUL */
	FIELD_OCTET,
	FIELD_TEXT,   /* sm_length and short_message */
};

struct field {
	uint8_t kind, max;
	uint16_t offset; /* in struct smpp_pdu */
	uint16_t status; /* by which a longer string is refused */
};

#define STRING(member, most, bad) { FIELD_STRING, most, offsetof(struct smpp_pdu, member), bad }
#define OCTET(member) { FIELD_OCTET, 0, offsetof(struct smpp_pdu, member), 0 }
#define ADDRESS(member, bad) OCTET(member.ton), OCTET(member.npi), STRING(member.digits, SMPP_ADDRESS_MAX, bad)

static const struct field short_message_fields[] = {
	STRING(message.service_type, SMPP_SERVICE_TYPE_MAX, ESME_RINVSERTYP),
	ADDRESS(message.source, ESME_RINVSRCADR),
	ADDRESS(message.destination, ESME_RINVDSTADR),
	OCTET(message.esm_class),
	OCTET(message.protocol_id),
	OCTET(message.priority_flag),
	STRING(message.schedule_delivery_time, SMPP_TIME_MAX, ESME_RINVSCHED),
	STRING(message.validity_period, SMPP_TIME_MAX, ESME_RINVEXPIRY),
	OCTET(message.registered_delivery),
	OCTET(message.replace_if_present_flag),
	OCTET(message.data_coding),
	OCTET(message.sm_default_msg_id),
	{ .kind = FIELD_TEXT },
};

static const struct field data_fields[] = {
	STRING(message.service_type, SMPP_SERVICE_TYPE_MAX, ESME_RINVSERTYP),
	ADDRESS(message.source, ESME_RINVSRCADR),
	ADDRESS(message.destination, ESME_RINVDSTADR),
	OCTET(message.esm_class),
	OCTET(message.registered_delivery),
	OCTET(message.data_coding),
};

static const struct field alert_fields[] = {
	ADDRESS(message.source, ESME_RINVSRCADR),
	ADDRESS(message.destination, ESME_RINVDSTADR),
};

static const struct field bind_fields[] = {
	STRING(bind.system_id, SMPP_CREDENTIAL_MAX, ESME_RINVSYSID),
	STRING(bind.password, SMPP_CREDENTIAL_MAX, ESME_RINVPASWD),
	STRING(bind.system_type, SMPP_CREDENTIAL_MAX, ESME_RINVSYSTYP),
	OCTET(bind.interface_version),
	OCTET(bind.addr_ton),
	OCTET(bind.addr_npi),
	STRING(bind.address_range, SMPP_CREDENTIAL_MAX, ESME_RINVCMDLEN),
};

static const struct field outbind_fields[] = {
	STRING(bind.system_id, SMPP_CREDENTIAL_MAX, ESME_RINVSYSID),
	STRING(bind.password, SMPP_CREDENTIAL_MAX, ESME_RINVPASWD),
};

static const struct field bind_resp_fields[] = { STRING(bind.system_id, SMPP_CREDENTIAL_MAX, ESME_RINVSYSID) };

static const struct field id_fields[] = { STRING(message_id, SMPP_MESSAGE_ID_MAX - 1, ESME_RINVMSGID) };

/* What stands in the union before the first field is read, so that a view never holds a NULL string. */
enum body { BODY_NONE, BODY_MESSAGE, BODY_BIND, BODY_ID };

/* What becomes of a body. */
enum form {
	FORM_UNKNOWN,     /* neither read nor written: this floor has no use for it */
	FORM_HEADER,      /* header only; what follows is skipped */
	FORM_FIELDS,      /* all fields, then TLVs */
	FORM_MAYBE,       /* a response: fields and TLVs, or nothing at all */
	FORM_MAYBE_IF_OK, /* the same; and we write nothing when it reports an error (4.1.2, 4.4.2) */
};

struct command {
	const char *name;
	uint8_t form, body, n_fields;
	const struct field *fields;
};

/* Commands stand in the table by number: 0x00 to 0x21, then 0x102 and 0x103; the responses in a second half. */
#define SLOTS_LOW 0x22u
#define SLOTS_HALF (SLOTS_LOW + 2u)
#define SLOT(id) \
	((((id) & ~SMPP_RESPONSE_BIT) < SLOTS_LOW ? (id) & ~SMPP_RESPONSE_BIT : ((id) & 1u) + SLOTS_LOW) + \
	 ((id) & SMPP_RESPONSE_BIT ? SLOTS_HALF : 0u))
static_assert(SLOT(0x102u) == SLOTS_LOW && SLOT(0x80000103u) == 2u * SLOTS_HALF - 1u, "the slots do not add up");

#define COMMAND(id, its_name, its_form, its_body, its_fields) \
	[SLOT((uint32_t)(id))] = { its_name, its_form, its_body, sizeof(its_fields) / sizeof((its_fields)[0]), its_fields }
#define BARE(id, its_name, its_form) [SLOT((uint32_t)(id))] = { its_name, its_form, BODY_NONE, 0, NULL }

static const struct command commands[2 * SLOTS_HALF] = {
	BARE(SMPP_GENERIC_NACK, "generic_nack", FORM_HEADER),
	COMMAND(SMPP_BIND_RECEIVER, "bind_receiver", FORM_FIELDS, BODY_BIND, bind_fields),
	COMMAND(SMPP_BIND_RECEIVER_RESP, "bind_receiver_resp", FORM_MAYBE_IF_OK, BODY_BIND, bind_resp_fields),
	COMMAND(SMPP_BIND_TRANSMITTER, "bind_transmitter", FORM_FIELDS, BODY_BIND, bind_fields),
	COMMAND(SMPP_BIND_TRANSMITTER_RESP, "bind_transmitter_resp", FORM_MAYBE_IF_OK, BODY_BIND, bind_resp_fields),
	BARE(SMPP_QUERY_SM, "query_sm", FORM_UNKNOWN),
	BARE(SMPP_QUERY_SM_RESP, "query_sm_resp", FORM_HEADER),
	COMMAND(SMPP_SUBMIT_SM, "submit_sm", FORM_FIELDS, BODY_MESSAGE, short_message_fields),
	COMMAND(SMPP_SUBMIT_SM_RESP, "submit_sm_resp", FORM_MAYBE_IF_OK, BODY_ID, id_fields),
	COMMAND(SMPP_DELIVER_SM, "deliver_sm", FORM_FIELDS, BODY_MESSAGE, short_message_fields),
	COMMAND(SMPP_DELIVER_SM_RESP, "deliver_sm_resp", FORM_MAYBE, BODY_ID, id_fields),
	BARE(SMPP_UNBIND, "unbind", FORM_HEADER),
	BARE(SMPP_UNBIND_RESP, "unbind_resp", FORM_HEADER),
	BARE(SMPP_REPLACE_SM, "replace_sm", FORM_UNKNOWN),
	BARE(SMPP_REPLACE_SM_RESP, "replace_sm_resp", FORM_HEADER),
	BARE(SMPP_CANCEL_SM, "cancel_sm", FORM_UNKNOWN),
	BARE(SMPP_CANCEL_SM_RESP, "cancel_sm_resp", FORM_HEADER),
	COMMAND(SMPP_BIND_TRANSCEIVER, "bind_transceiver", FORM_FIELDS, BODY_BIND, bind_fields),
	COMMAND(SMPP_BIND_TRANSCEIVER_RESP, "bind_transceiver_resp", FORM_MAYBE_IF_OK, BODY_BIND, bind_resp_fields),
	COMMAND(SMPP_OUTBIND, "outbind", FORM_FIELDS, BODY_BIND, outbind_fields),
	BARE(SMPP_ENQUIRE_LINK, "enquire_link", FORM_HEADER),
	BARE(SMPP_ENQUIRE_LINK_RESP, "enquire_link_resp", FORM_HEADER),
	BARE(SMPP_SUBMIT_MULTI, "submit_multi", FORM_UNKNOWN),
	BARE(SMPP_SUBMIT_MULTI_RESP, "submit_multi_resp", FORM_HEADER),
	COMMAND(SMPP_ALERT_NOTIFICATION, "alert_notification", FORM_FIELDS, BODY_MESSAGE, alert_fields),
	COMMAND(SMPP_DATA_SM, "data_sm", FORM_FIELDS, BODY_MESSAGE, data_fields),
	COMMAND(SMPP_DATA_SM_RESP, "data_sm_resp", FORM_MAYBE, BODY_ID, id_fields),
};

/* The row of a command, or one without a name. */
static const struct command *find_command(uint32_t id)
{
	static const struct command unknown = { .name = NULL };
	uint32_t low = id & ~SMPP_RESPONSE_BIT;
	if (low >= SLOTS_LOW && low != SMPP_ALERT_NOTIFICATION && low != SMPP_DATA_SM)
		return &unknown;
	return &commands[SLOT(id)];
}

/* Reading */

struct cursor {
	const uint8_t *at, *end;
};

static size_t left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

static uint32_t read32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint16_t read16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static void blank(struct smpp_pdu *pdu, enum body body)
{
	static const struct smpp_message no_message = {
		.service_type = "", .source.digits = "", .destination.digits = "", .schedule_delivery_time = "",
		.validity_period = "", .short_message = (const uint8_t *)"",
	};
	static const struct smpp_bind no_bind = { .system_id = "", .password = "", .system_type = "", .address_range = "" };

	if (body == BODY_ID)
		pdu->message_id = "";
	else if (body == BODY_BIND)
		pdu->bind = no_bind;
	else
		pdu->message = no_message;
}

static uint32_t read_string(struct cursor *c, const struct field *field, const char **out)
{
	size_t room = left(c), most = field->max + 1u;
	const uint8_t *nul = memchr(c->at, 0, room < most ? room : most);
	if (!nul)
		return room < most ? ESME_RINVCMDLEN : field->status;
	*out = (const char *)c->at;
	c->at = nul + 1;
	return ESME_ROK;
}

static uint32_t read_text(struct cursor *c, struct smpp_message *message)
{
	if (left(c) < 1 || left(c) < 1u + c->at[0])
		return ESME_RINVCMDLEN;
	message->sm_length = c->at[0];
	message->short_message = c->at + 1;
	c->at += 1u + message->sm_length;
	return ESME_ROK;
}

static uint32_t read_fields(struct cursor *c, const struct command *command, struct smpp_pdu *pdu)
{
	uint32_t status = ESME_ROK;
	const struct field *field = command->fields, *end = field + command->n_fields;
	for (; field < end && status == ESME_ROK; field++) {
		void *member = (uint8_t *)pdu + field->offset;
		if (field->kind == FIELD_STRING)
			status = read_string(c, field, member);
		else if (field->kind == FIELD_TEXT)
			status = read_text(c, &pdu->message);
		else if (c->at == c->end)
			status = ESME_RINVCMDLEN;
		else
			*(uint8_t *)member = *c->at++;
	}
	return status;
}

static uint32_t read_tlvs(struct cursor *c, struct smpp_pdu *pdu)
{
	while (c->at < c->end) {
		if (left(c) < 4 || left(c) < 4u + read16(c->at + 2) || pdu->n_tlvs == SMPP_TLVS_MAX)
			return ESME_RINVOPTPARSTREAM;
		struct smpp_tlv *tlv = &pdu->tlvs[pdu->n_tlvs++];
		tlv->tag = read16(c->at);
		tlv->octets = read16(c->at + 2);
		tlv->value = c->at + 4;
		c->at += 4u + tlv->octets;
	}
	return ESME_ROK;
}

uint32_t smpp_pdu_decode(struct smpp_pdu *pdu, const uint8_t *frame, size_t octets)
{
	pdu->n_tlvs = 0;
	if (octets < SMPP_HEADER_OCTETS) {
		pdu->command_id = pdu->command_status = pdu->sequence = 0;
		blank(pdu, BODY_MESSAGE);
		return ESME_RINVCMDLEN;
	}
	pdu->command_id = read32(frame + 4);
	pdu->command_status = read32(frame + 8);
	pdu->sequence = read32(frame + 12);

	const struct command *command = find_command(pdu->command_id);
	struct cursor c = { frame + SMPP_HEADER_OCTETS, frame + octets };
	blank(pdu, command->body);
	if (read32(frame) != octets)
		return ESME_RINVCMDLEN;
	if (command->form == FORM_UNKNOWN)
		return ESME_RINVCMDID;
	if (command->form == FORM_HEADER || (command->form != FORM_FIELDS && left(&c) == 0))
		return ESME_ROK;
	uint32_t status = read_fields(&c, command, pdu);
	return status == ESME_ROK ? read_tlvs(&c, pdu) : status;
}

const struct smpp_tlv *smpp_pdu_tlv(const struct smpp_pdu *pdu, uint16_t tag)
{
	for (size_t i = 0; i < pdu->n_tlvs; i++)
		if (pdu->tlvs[i].tag == tag)
			return &pdu->tlvs[i];
	return NULL;
}

bool smpp_pdu_tlv_number(const struct smpp_pdu *pdu, uint16_t tag, uint32_t *number)
{
	const struct smpp_tlv *tlv = smpp_pdu_tlv(pdu, tag);
	if (!tlv || tlv->octets < 1 || tlv->octets > 4)
		return false;
	*number = 0;
	for (size_t i = 0; i < tlv->octets; i++)
		*number = *number << 8 | tlv->value[i];
	return true;
}

const uint8_t *smpp_pdu_text(const struct smpp_pdu *pdu, size_t *octets)
{
	const struct smpp_tlv *payload = pdu->message.sm_length ? NULL : smpp_pdu_tlv(pdu, SMPP_TAG_MESSAGE_PAYLOAD);
	*octets = payload ? payload->octets : pdu->message.sm_length;
	return payload ? payload->value : pdu->message.short_message;
}

/* Writing: every put checks its own room; the first error stays, and is looked at once at the end. */

struct writer {
	uint8_t *at, *end;
	int error;
};

static uint8_t *reserve(struct writer *w, size_t octets)
{
	if (w->error == 0 && (size_t)(w->end - w->at) < octets)
		w->error = -ENOSPC;
	if (w->error)
		return NULL;
	uint8_t *at = w->at;
	w->at += octets;
	return at;
}

static void write32(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 24);
	at[1] = (uint8_t)(value >> 16);
	at[2] = (uint8_t)(value >> 8);
	at[3] = (uint8_t)value;
}

static void put_octet(struct writer *w, uint8_t octet)
{
	uint8_t *at = reserve(w, 1);
	if (at)
		*at = octet;
}

static void put_octets(struct writer *w, const void *octets, size_t n)
{
	if (n && !octets)
		w->error = -EINVAL;
	uint8_t *at = reserve(w, n);
	if (at && n)
		memcpy(at, octets, n);
}

static void put_string(struct writer *w, const char *string, size_t max)
{
	size_t octets = string ? strnlen(string, max + 1) : 0;
	if (octets > max)
		w->error = -EINVAL;
	put_octets(w, string, octets);
	put_octet(w, 0);
}

static void put_fields(struct writer *w, const struct command *command, const struct smpp_pdu *pdu)
{
	const struct field *field = command->fields, *end = field + command->n_fields;
	for (; field < end && w->error == 0; field++) {
		const void *member = (const uint8_t *)pdu + field->offset;
		if (field->kind == FIELD_STRING) {
			put_string(w, *(const char *const *)member, field->max);
		} else if (field->kind == FIELD_TEXT) {
			put_octet(w, pdu->message.sm_length);
			put_octets(w, pdu->message.short_message, pdu->message.sm_length);
		} else {
			put_octet(w, *(const uint8_t *)member);
		}
	}
}

static void put_tlvs(struct writer *w, const struct smpp_pdu *pdu)
{
	for (size_t i = 0; i < pdu->n_tlvs; i++) {
		const struct smpp_tlv *tlv = &pdu->tlvs[i];
		uint8_t *at = reserve(w, 4);
		if (!at)
			return;
		write32(at, (uint32_t)tlv->tag << 16 | tlv->octets);
		put_octets(w, tlv->value, tlv->octets);
	}
}

/* A response that reports an error and has nothing else to say has no body at all. */
static bool has_body(const struct command *command, const struct smpp_pdu *pdu)
{
	if (command->form == FORM_HEADER)
		return false;
	if (command->form != FORM_MAYBE_IF_OK || pdu->command_status == ESME_ROK || pdu->n_tlvs)
		return true;
	const char *string = command->body == BODY_ID ? pdu->message_id : pdu->bind.system_id;
	return string && *string;
}

static void write_header(uint8_t *at, size_t octets, uint32_t command_id, uint32_t status, uint32_t sequence)
{
	write32(at, (uint32_t)octets);
	write32(at + 4, command_id);
	write32(at + 8, status);
	write32(at + 12, sequence);
}

ssize_t smpp_pdu_encode(uint8_t *buf, size_t cap, const struct smpp_pdu *pdu)
{
	const struct command *command = find_command(pdu->command_id);
	if (command->form == FORM_UNKNOWN || pdu->n_tlvs > (command->form == FORM_HEADER ? 0 : SMPP_TLVS_MAX))
		return -EINVAL;
	struct writer w = { buf, buf + cap, 0 };
	reserve(&w, SMPP_HEADER_OCTETS);
	if (has_body(command, pdu)) {
		put_fields(&w, command, pdu);
		put_tlvs(&w, pdu);
	}
	if (w.error)
		return w.error;
	write_header(buf, (size_t)(w.at - buf), pdu->command_id, pdu->command_status, pdu->sequence);
	return w.at - buf;
}

size_t smpp_pdu_encode_response(uint8_t *buf, uint32_t request_command, uint32_t sequence, uint32_t status)
{
	uint32_t command_id = request_command | SMPP_RESPONSE_BIT;
	uint8_t form = find_command(command_id)->form;
	size_t octets = SMPP_HEADER_OCTETS;
	if (form == FORM_MAYBE || (form == FORM_MAYBE_IF_OK && status == ESME_ROK))
		buf[octets++] = 0;
	write_header(buf, octets, command_id, status, sequence);
	return octets;
}

/* Names */

const char *smpp_pdu_command_name(uint32_t command_id)
{
	static char number[sizeof("0x00000000")];
	const char *name = find_command(command_id)->name;
	if (name)
		return name;
	snprintf(number, sizeof(number), "0x%08x", command_id);
	return number;
}

const char *smpp_pdu_tag_name(uint16_t tag)
{
	static const struct {
		uint16_t tag;
		const char *name;
	} names[] = {
#define OPERACION(name) { name, &#name[sizeof("TLVID_") - 1] },
#include <def_list/tlv_id.list>
#undef OPERACION
		{ SMPP_TAG_COMVERSE_SESSION_ID, "ussd_session_id" },
	};
	static char number[sizeof("0x0000")];
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].tag == tag)
			return names[i].name;
	snprintf(number, sizeof(number), "0x%04x", tag);
	return number;
}
