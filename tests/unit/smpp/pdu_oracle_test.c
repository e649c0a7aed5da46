/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* smpp/pdu beside libsmpp34, octet for octet, for every PDU that libsmpp34 accepts.
 *
 * A case is one of our `struct smpp_pdu`. It is copied into the struct of libsmpp34, which packs it; we encode it; the
 * octets must be the same. Then each reads what the other wrote: ours must give the case back; libsmpp34's must pack to
 * the same octets again. Cases are hand-made first, then drawn at random within what libsmpp34 accepts.
 *
 * libsmpp34 needs a gentle hand: structs zeroed, one octet of room to spare, few TLVs (its log buffer overflows), never
 * its dump functions, never a name of its global buffers in this program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "smpp/pdu.h"
#include "smpp/status.h"

#include <smpp34.h>
#include <smpp34_structs.h>
#include <smpp34_params.h>

#define FRAME_MAX 4096
#define TLVS_MAX 6
#define STORIES 20000u

/* Every struct of libsmpp34 begins with the four fields of the header; this is room for the largest. */
union theirs {
	struct { uint32_t command_length, command_id, command_status, sequence_number; } header;
	bind_transceiver_t bind;
	bind_transceiver_resp_t bind_resp;
	outbind_t outbind;
	submit_sm_t submit;
	submit_sm_resp_t submit_resp;
	deliver_sm_t deliver;
	deliver_sm_resp_t deliver_resp;
	data_sm_t data;
	data_sm_resp_t data_resp;
	alert_notification_t alert;
	query_sm_t query;
	query_sm_resp_t query_resp;
	cancel_sm_t cancel;
	replace_sm_t replace;
};

/* Tags that libsmpp34 holds as a number of two octets in the order of the machine; the rest are octets. */
static bool is_wide(uint16_t tag)
{
	return tag == TLVID_user_message_reference || tag == TLVID_its_session_info || tag == TLVID_sar_msg_ref_num ||
	       tag == TLVID_source_port || tag == TLVID_destination_port;
}

/* build_tlv puts each in front of the others: the last goes first. */
static tlv_t *their_tlvs(const struct smpp_pdu *pdu)
{
	tlv_t *list = NULL;
	for (size_t i = pdu->n_tlvs; i-- > 0;) {
		tlv_t tlv = { .tag = pdu->tlvs[i].tag, .length = pdu->tlvs[i].octets };
		if (is_wide(tlv.tag))
			tlv.value.val16 = (uint16_t)(pdu->tlvs[i].value[0] << 8 | pdu->tlvs[i].value[1]);
		else if (tlv.length)
			memcpy(tlv.value.octet, pdu->tlvs[i].value, tlv.length);
		assert_int_equal(build_tlv(&list, &tlv), 0);
	}
	return list;
}

#define COPY(to, from) snprintf((char *)(to), sizeof(to), "%s", (from))
#define COPY_ADDRESSES(t, m) do { \
	(t)->source_addr_ton = (m)->source.ton; \
	(t)->source_addr_npi = (m)->source.npi; \
	COPY((t)->source_addr, (m)->source.digits); \
	(t)->dest_addr_ton = (m)->destination.ton; \
	(t)->dest_addr_npi = (m)->destination.npi; \
	COPY((t)->destination_addr, (m)->destination.digits); \
} while (0)
#define COPY_MESSAGE(t, m) do { \
	COPY((t)->service_type, (m)->service_type); \
	COPY_ADDRESSES(t, m); \
	(t)->esm_class = (m)->esm_class; \
	(t)->registered_delivery = (m)->registered_delivery; \
	(t)->data_coding = (m)->data_coding; \
} while (0)
#define COPY_SHORT_MESSAGE(t, m) do { \
	COPY_MESSAGE(t, m); \
	(t)->protocol_id = (m)->protocol_id; \
	(t)->priority_flag = (m)->priority_flag; \
	COPY((t)->schedule_delivery_time, (m)->schedule_delivery_time); \
	COPY((t)->validity_period, (m)->validity_period); \
	(t)->replace_if_present_flag = (m)->replace_if_present_flag; \
	(t)->sm_default_msg_id = (m)->sm_default_msg_id; \
	(t)->sm_length = (m)->sm_length; \
	memcpy((t)->short_message, (m)->short_message, (m)->sm_length); \
} while (0)

static tlv_t **their_list(union theirs *t)
{
	switch (t->header.command_id) {
	case SMPP_SUBMIT_SM: return &t->submit.tlv;
	case SMPP_DELIVER_SM: return &t->deliver.tlv;
	case SMPP_DATA_SM: return &t->data.tlv;
	case SMPP_ALERT_NOTIFICATION: return &t->alert.tlv;
	case SMPP_BIND_RECEIVER_RESP: case SMPP_BIND_TRANSMITTER_RESP: case SMPP_BIND_TRANSCEIVER_RESP:
		return &t->bind_resp.tlv;
	default: return NULL;
	}
}

static void to_theirs(union theirs *t, const struct smpp_pdu *pdu)
{
	const struct smpp_message *m = &pdu->message;

	memset(t, 0, sizeof(*t));
	t->header.command_id = pdu->command_id;
	t->header.command_status = pdu->command_status;
	t->header.sequence_number = pdu->sequence;
	switch (pdu->command_id) {
	case SMPP_SUBMIT_SM: COPY_SHORT_MESSAGE(&t->submit, m); break;
	case SMPP_DELIVER_SM: COPY_SHORT_MESSAGE(&t->deliver, m); break;
	case SMPP_DATA_SM: COPY_MESSAGE(&t->data, m); break;
	case SMPP_SUBMIT_SM_RESP: COPY(t->submit_resp.message_id, pdu->message_id); break;
	case SMPP_DELIVER_SM_RESP: COPY(t->deliver_resp.message_id, pdu->message_id); break;
	case SMPP_DATA_SM_RESP: COPY(t->data_resp.message_id, pdu->message_id); break;
	case SMPP_ALERT_NOTIFICATION:
		t->alert.source_addr_ton = m->source.ton;
		t->alert.source_addr_npi = m->source.npi;
		COPY(t->alert.source_addr, m->source.digits);
		t->alert.esme_addr_ton = m->destination.ton;
		t->alert.esme_addr_npi = m->destination.npi;
		COPY(t->alert.esme_addr, m->destination.digits);
		break;
	case SMPP_BIND_RECEIVER: case SMPP_BIND_TRANSMITTER: case SMPP_BIND_TRANSCEIVER:
		COPY(t->bind.system_id, pdu->bind.system_id);
		COPY(t->bind.password, pdu->bind.password);
		COPY(t->bind.system_type, pdu->bind.system_type);
		t->bind.interface_version = pdu->bind.interface_version;
		t->bind.addr_ton = pdu->bind.addr_ton;
		t->bind.addr_npi = pdu->bind.addr_npi;
		COPY(t->bind.address_range, pdu->bind.address_range);
		break;
	case SMPP_OUTBIND:
		COPY(t->outbind.system_id, pdu->bind.system_id);
		COPY(t->outbind.password, pdu->bind.password);
		break;
	case SMPP_BIND_RECEIVER_RESP: case SMPP_BIND_TRANSMITTER_RESP: case SMPP_BIND_TRANSCEIVER_RESP:
		COPY(t->bind_resp.system_id, pdu->bind.system_id);
		break;
	}
	if (their_list(t))
		*their_list(t) = their_tlvs(pdu);
}

static void free_theirs(union theirs *t)
{
	if (their_list(t))
		destroy_tlv(*their_list(t));
}

static size_t their_pack(union theirs *t, uint8_t *frame)
{
	int octets = 0;
	int rc = smpp34_pack2(frame, FRAME_MAX, &octets, t);
	if (rc != 0)
		fail_msg("libsmpp34 does not pack this %s", smpp_pdu_command_name(t->header.command_id));
	return (size_t)octets;
}

/* Reads a frame with libsmpp34 and writes it again. Its lists come out reversed each time, so twice is once. */
static void their_round_trip(uint8_t *frame, size_t octets)
{
	union theirs t;
	for (int turn = 0; turn < 2; turn++) {
		memset(&t, 0, sizeof(t));
		if (smpp34_unpack2(&t, frame, (int)octets) != 0)
			fail_msg("libsmpp34 does not read our %s", smpp_pdu_command_name(t.header.command_id));
		assert_int_equal(their_pack(&t, frame), octets);
		free_theirs(&t);
	}
}

static void assert_same_strings(const char *a, const char *b)
{
	assert_string_equal(a ? a : "", b ? b : "");
}

/* got was decoded from what libsmpp34 made of wanted. */
static void assert_decoded(const struct smpp_pdu *got, const struct smpp_pdu *wanted)
{
	const struct smpp_message *a = &got->message, *b = &wanted->message;

	assert_int_equal(got->command_id, wanted->command_id);
	assert_int_equal(got->command_status, wanted->command_status);
	assert_int_equal(got->sequence, wanted->sequence);
	assert_int_equal(got->n_tlvs, wanted->n_tlvs);
	for (size_t i = 0; i < got->n_tlvs; i++) {
		assert_int_equal(got->tlvs[i].tag, wanted->tlvs[i].tag);
		assert_int_equal(got->tlvs[i].octets, wanted->tlvs[i].octets);
		assert_memory_equal(got->tlvs[i].value, wanted->tlvs[i].value, wanted->tlvs[i].octets);
	}
	switch (got->command_id) {
	case SMPP_SUBMIT_SM: case SMPP_DELIVER_SM:
		assert_int_equal(a->protocol_id, b->protocol_id);
		assert_int_equal(a->priority_flag, b->priority_flag);
		assert_same_strings(a->schedule_delivery_time, b->schedule_delivery_time);
		assert_same_strings(a->validity_period, b->validity_period);
		assert_int_equal(a->replace_if_present_flag, b->replace_if_present_flag);
		assert_int_equal(a->sm_default_msg_id, b->sm_default_msg_id);
		assert_int_equal(a->sm_length, b->sm_length);
		assert_memory_equal(a->short_message, b->short_message, b->sm_length);
		/* fall through */
	case SMPP_DATA_SM:
		assert_same_strings(a->service_type, b->service_type);
		assert_int_equal(a->esm_class, b->esm_class);
		assert_int_equal(a->registered_delivery, b->registered_delivery);
		assert_int_equal(a->data_coding, b->data_coding);
		/* fall through */
	case SMPP_ALERT_NOTIFICATION:
		assert_int_equal(a->source.ton, b->source.ton);
		assert_int_equal(a->source.npi, b->source.npi);
		assert_same_strings(a->source.digits, b->source.digits);
		assert_int_equal(a->destination.ton, b->destination.ton);
		assert_int_equal(a->destination.npi, b->destination.npi);
		assert_same_strings(a->destination.digits, b->destination.digits);
		break;
	case SMPP_SUBMIT_SM_RESP: case SMPP_DELIVER_SM_RESP: case SMPP_DATA_SM_RESP:
		assert_same_strings(got->message_id, wanted->message_id);
		break;
	case SMPP_BIND_RECEIVER: case SMPP_BIND_TRANSMITTER: case SMPP_BIND_TRANSCEIVER:
		assert_same_strings(got->bind.system_type, wanted->bind.system_type);
		assert_same_strings(got->bind.address_range, wanted->bind.address_range);
		assert_int_equal(got->bind.interface_version, wanted->bind.interface_version);
		assert_int_equal(got->bind.addr_ton, wanted->bind.addr_ton);
		assert_int_equal(got->bind.addr_npi, wanted->bind.addr_npi);
		/* fall through */
	case SMPP_OUTBIND:
		assert_same_strings(got->bind.password, wanted->bind.password);
		/* fall through */
	case SMPP_BIND_RECEIVER_RESP: case SMPP_BIND_TRANSMITTER_RESP: case SMPP_BIND_TRANSCEIVER_RESP:
		assert_same_strings(got->bind.system_id, wanted->bind.system_id);
		break;
	}
}

static void compare(const struct smpp_pdu *pdu)
{
	static uint8_t theirs[FRAME_MAX], ours[FRAME_MAX];
	union theirs t;
	struct smpp_pdu got;

	to_theirs(&t, pdu);
	size_t octets = their_pack(&t, theirs);
	free_theirs(&t);
	ssize_t n = smpp_pdu_encode(ours, sizeof(ours), pdu);
	if (n != (ssize_t)octets || memcmp(ours, theirs, octets) != 0)
		fail_msg("%s: %zd octets of ours differ from %zu of theirs", smpp_pdu_command_name(pdu->command_id), n, octets);
	assert_int_equal(smpp_pdu_decode(&got, theirs, octets), ESME_ROK);
	assert_decoded(&got, pdu);
	their_round_trip(ours, octets);
	assert_memory_equal(ours, theirs, octets);
}

static void test_header_only(void **state)
{
	static const uint32_t commands[] = {
		SMPP_GENERIC_NACK, SMPP_UNBIND, SMPP_UNBIND_RESP, SMPP_ENQUIRE_LINK, SMPP_ENQUIRE_LINK_RESP, SMPP_CANCEL_SM_RESP,
		SMPP_REPLACE_SM_RESP,
	};
	(void)state;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		compare(&(struct smpp_pdu){ .command_id = commands[i], .sequence = 1 });
		compare(&(struct smpp_pdu){ .command_id = commands[i], .command_status = ESME_RINVCMDID, .sequence = 0x7FFFFFFF });
	}
}

static void test_binds(void **state)
{
	static const uint32_t commands[] = { SMPP_BIND_RECEIVER, SMPP_BIND_TRANSMITTER, SMPP_BIND_TRANSCEIVER };
	static const uint8_t version = 0x34;
	(void)state;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct smpp_pdu pdu = { .command_id = commands[i], .sequence = 1, .bind = {
			.system_id = "dolat", .password = "s3cr3t78", .system_type = "USSD", .interface_version = 0x34,
			.addr_ton = 1, .addr_npi = 1, .address_range = "^4$" } };
		compare(&pdu);
		pdu.bind = (struct smpp_bind){ .interface_version = 0x34, .system_id = "", .password = "", .system_type = "", .address_range = "" };
		compare(&pdu);
		pdu = (struct smpp_pdu){ .command_id = commands[i] | SMPP_RESPONSE_BIT, .sequence = 1, .bind.system_id = "SMSC" };
		compare(&pdu);
		pdu.n_tlvs = 1;
		pdu.tlvs[0] = (struct smpp_tlv){ SMPP_TAG_SC_INTERFACE_VERSION, 1, &version };
		compare(&pdu);
		pdu.command_status = ESME_RBINDFAIL;
		compare(&pdu);
	}
	compare(&(struct smpp_pdu){ .command_id = SMPP_OUTBIND, .sequence = 3, .bind = { .system_id = "SMSC", .password = "pass" } });
}

static void test_responses(void **state)
{
	static const uint32_t commands[] = { SMPP_SUBMIT_SM_RESP, SMPP_DATA_SM_RESP };
	(void)state;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct smpp_pdu pdu = { .command_id = commands[i], .sequence = 77, .message_id = "1d305b4c" };
		compare(&pdu);
		pdu.message_id = "0123456789012345678901234567890123456789012345678901234567890123";
		compare(&pdu);
		pdu.command_status = ESME_RTHROTTLED;
		pdu.message_id = "";
		compare(&pdu);
	}
	compare(&(struct smpp_pdu){ .command_id = SMPP_DELIVER_SM_RESP, .sequence = 77, .message_id = "" });
	compare(&(struct smpp_pdu){ .command_id = SMPP_DELIVER_SM_RESP, .command_status = ESME_RX_T_APPN, .sequence = 77, .message_id = "" });
}

/* The response of the hot path, against libsmpp34's. */
static void test_fast_response(void **state)
{
	static const uint32_t requests[] = { SMPP_DELIVER_SM, SMPP_DATA_SM, SMPP_ENQUIRE_LINK, SMPP_UNBIND };
	uint8_t ours[SMPP_HEADER_OCTETS + 1], theirs[FRAME_MAX];
	union theirs t;
	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		for (unsigned int failed = 0; failed < 2; failed++) {
			uint32_t status = failed ? ESME_RX_T_APPN : ESME_ROK;
			struct smpp_pdu pdu = { .command_id = requests[i] | SMPP_RESPONSE_BIT, .command_status = status, .sequence = 5, .message_id = "" };
			to_theirs(&t, &pdu);
			size_t octets = their_pack(&t, theirs);
			assert_int_equal(smpp_pdu_encode_response(ours, requests[i], 5, status), octets);
			assert_memory_equal(ours, theirs, octets);
		}
}

/* Commands that we know of and do not look into: recognised by what libsmpp34 makes of them. */
static void test_commands_not_looked_into(void **state)
{
	static const struct { uint32_t command, status; } cases[] = {
		{ SMPP_QUERY_SM, ESME_RINVCMDID }, { SMPP_CANCEL_SM, ESME_RINVCMDID }, { SMPP_REPLACE_SM, ESME_RINVCMDID },
		{ SMPP_QUERY_SM_RESP, ESME_ROK },
	};
	uint8_t frame[FRAME_MAX];
	union theirs t;
	struct smpp_pdu got;
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&t, 0, sizeof(t));
		t.header.command_id = cases[i].command;
		t.header.sequence_number = 12;
		size_t octets = their_pack(&t, frame);
		assert_true(octets > SMPP_HEADER_OCTETS);
		assert_int_equal(smpp_pdu_decode(&got, frame, octets), cases[i].status);
		assert_int_equal(got.command_id, cases[i].command);
		assert_int_equal(got.sequence, 12);
	}
}

static void test_short_messages_of_every_length(void **state)
{
	static const uint32_t commands[] = { SMPP_SUBMIT_SM, SMPP_DELIVER_SM };
	uint8_t text[253];
	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 7);
	for (size_t i = 0; i < 2; i++)
		for (unsigned int n = 0; n <= sizeof(text); n++)
			compare(&(struct smpp_pdu){ .command_id = commands[i], .sequence = 9, .message = {
				.service_type = "USSD", .source = { 0, 0, "4" }, .destination = { 1, 1, "989121234567" },
				.schedule_delivery_time = "", .validity_period = "", .data_coding = 8, .short_message = text, .sm_length = (uint8_t)n } });
}

/* Random PDUs within what libsmpp34 accepts. */

static uint32_t random_state = 0x5A5A1234;

static uint32_t below(uint32_t bound)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state % bound;
}

/* Room for what a random PDU points to. */
struct room {
	char strings[8][65];
	unsigned int used;
	uint8_t text[253], values[TLVS_MAX][1024];
};

static const char *any_string(struct room *room, uint32_t max)
{
	char *string = room->strings[room->used++];
	uint32_t n = below(4) ? below(max + 1) : max;
	for (uint32_t i = 0; i < n; i++)
		string[i] = (char)(1 + below(255));
	string[n] = '\0';
	return string;
}

static const char *any_time(struct room *room)
{
	const char *string = any_string(room, 16);
	return strlen(string) == 16 ? string : "";
}

static struct smpp_address any_address(struct room *room, uint32_t max)
{
	static const uint8_t npis[] = { 0, 1, 3, 4, 6, 8, 9, 10, 14, 18 };
	return (struct smpp_address){ (uint8_t)below(7), npis[below(sizeof(npis))], any_string(room, max) };
}

static void any_tlvs(struct smpp_pdu *pdu, struct room *room)
{
	static const struct { uint16_t tag, min, max; } kinds[] = {
		{ TLVID_user_message_reference, 2, 2 }, { TLVID_its_session_info, 2, 2 }, { TLVID_sar_msg_ref_num, 2, 2 },
		{ TLVID_source_port, 2, 2 }, { TLVID_destination_port, 2, 2 }, { TLVID_sar_total_segments, 1, 1 },
		{ TLVID_sar_segment_seqnum, 1, 1 }, { TLVID_payload_type, 1, 1 }, { TLVID_language_indicator, 1, 1 },
		{ TLVID_privacy_indicator, 1, 1 }, { TLVID_ussd_service_op, 1, 1 }, { TLVID_source_subaddress, 2, 22 },
		{ TLVID_dest_subaddress, 2, 22 }, { TLVID_callback_num, 4, 18 }, { TLVID_message_payload, 0, 1023 },
		{ SMPP_TAG_COMVERSE_SESSION_ID, 4, 4 }, { 0x1400, 0, 40 }, { 0x4001, 0, 300 }, { 0xFFFE, 0, 12 },
	};
	pdu->n_tlvs = (uint16_t)below(TLVS_MAX + 1);
	for (size_t i = 0; i < pdu->n_tlvs; i++) {
		uint32_t kind = below(sizeof(kinds) / sizeof(kinds[0]));
		uint16_t octets = (uint16_t)(kinds[kind].min + below(kinds[kind].max - kinds[kind].min + 1u));
		for (size_t j = 0; j < octets; j++)
			room->values[i][j] = (uint8_t)below(256);
		pdu->tlvs[i] = (struct smpp_tlv){ kinds[kind].tag, octets, room->values[i] };
	}
}

static struct smpp_pdu any_message(struct room *room)
{
	static const uint32_t commands[] = { SMPP_SUBMIT_SM, SMPP_DELIVER_SM, SMPP_DATA_SM };
	struct smpp_pdu pdu = { .command_id = commands[below(3)], .sequence = 1 + below(0x7FFFFFFF) };
	bool submit = pdu.command_id == SMPP_SUBMIT_SM, data = pdu.command_id == SMPP_DATA_SM;

	for (size_t i = 0; i < sizeof(room->text); i++)
		room->text[i] = (uint8_t)below(256);
	pdu.message = (struct smpp_message){
		.service_type = any_string(room, 5), .source = any_address(room, 20), .destination = any_address(room, data ? 64 : 20),
		.esm_class = (uint8_t)below(256), .registered_delivery = (uint8_t)below(256), .data_coding = (uint8_t)below(256),
	};
	if (!data) {
		pdu.message.protocol_id = (uint8_t)below(256);
		pdu.message.priority_flag = (uint8_t)below(256);
		pdu.message.schedule_delivery_time = submit ? any_time(room) : "";
		pdu.message.validity_period = submit ? any_time(room) : "";
		pdu.message.replace_if_present_flag = (uint8_t)below(256);
		pdu.message.sm_default_msg_id = (uint8_t)below(256);
		pdu.message.short_message = room->text;
		pdu.message.sm_length = (uint8_t)below(254);
	}
	any_tlvs(&pdu, room);
	return pdu;
}

static void test_random_messages(void **state)
{
	static struct room room;
	(void)state;
	for (uint32_t i = 0; i < STORIES; i++) {
		room.used = 0;
		struct smpp_pdu pdu = any_message(&room);
		compare(&pdu);
	}
}

static void test_random_others(void **state)
{
	static struct room room;
	(void)state;
	for (uint32_t i = 0; i < STORIES / 10; i++) {
		static const uint32_t binds[] = { SMPP_BIND_RECEIVER, SMPP_BIND_TRANSMITTER, SMPP_BIND_TRANSCEIVER };
		room.used = 0;
		struct smpp_pdu pdu = { .command_id = binds[below(3)], .sequence = 1 + below(0x7FFFFFFF), .bind = {
			.system_id = any_string(&room, 15), .password = any_string(&room, 8), .system_type = any_string(&room, 12),
			.interface_version = 0x34, .addr_ton = (uint8_t)below(7), .addr_npi = 1, .address_range = any_string(&room, 40) } };
		compare(&pdu);
		pdu = (struct smpp_pdu){ .command_id = SMPP_ALERT_NOTIFICATION, .sequence = 1 + below(0x7FFFFFFF),
			.message = { .source = any_address(&room, 64), .destination = any_address(&room, 64) } };
		compare(&pdu);
		pdu = (struct smpp_pdu){ .command_id = SMPP_SUBMIT_SM_RESP, .sequence = 1 + below(0x7FFFFFFF), .message_id = any_string(&room, 64) };
		compare(&pdu);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header_only),
		cmocka_unit_test(test_binds),
		cmocka_unit_test(test_responses),
		cmocka_unit_test(test_fast_response),
		cmocka_unit_test(test_commands_not_looked_into),
		cmocka_unit_test(test_short_messages_of_every_length),
		cmocka_unit_test(test_random_messages),
		cmocka_unit_test(test_random_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
