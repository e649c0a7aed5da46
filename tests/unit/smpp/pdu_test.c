/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* smpp/pdu: what its header promises. That its octets are the right ones is shown beside an independent
 * implementation in pdu_oracle_test.c; that nothing a peer sends can hurt it, in pdu_hostile_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <cmocka.h>

#include "smpp/pdu.h"
#include "smpp/status.h"

static const uint8_t its_value[] = { 0x2A, 0x01 };

static struct smpp_pdu sample_deliver(void)
{
	static const uint8_t op[] = { 1 };
	return (struct smpp_pdu){
		.command_id = SMPP_DELIVER_SM, .sequence = 7,
		.message = {
			.service_type = "USSD",
			.source = { 1, 1, "989121234567" }, .destination = { 0, 0, "4" },
			.esm_class = 0x18, .protocol_id = 3, .priority_flag = 1,
			.registered_delivery = 0x11, .replace_if_present_flag = 1, .data_coding = 0x48, .sm_default_msg_id = 9,
			.short_message = (const uint8_t *)"*4*2020#", .sm_length = 8,
		},
		.n_tlvs = 2,
		.tlvs = { { SMPP_TAG_USSD_SERVICE_OP, 1, op }, { SMPP_TAG_ITS_SESSION_INFO, 2, its_value } },
	};
}

static void assert_message_equal(const struct smpp_pdu *a, const struct smpp_pdu *b)
{
	const struct smpp_message *x = &a->message, *y = &b->message;
	assert_string_equal(x->service_type, y->service_type);
	assert_int_equal(x->source.ton, y->source.ton);
	assert_int_equal(x->source.npi, y->source.npi);
	assert_string_equal(x->source.digits, y->source.digits);
	assert_int_equal(x->destination.ton, y->destination.ton);
	assert_int_equal(x->destination.npi, y->destination.npi);
	assert_string_equal(x->destination.digits, y->destination.digits);
	assert_int_equal(x->esm_class, y->esm_class);
	assert_int_equal(x->registered_delivery, y->registered_delivery);
	assert_int_equal(x->data_coding, y->data_coding);
}

static void test_deliver_there_and_back(void **state)
{
	uint8_t frame[256];
	struct smpp_pdu sent = sample_deliver(), got;
	(void)state;
	ssize_t octets = smpp_pdu_encode(frame, sizeof(frame), &sent);
	assert_true(octets > 0);
	assert_int_equal(smpp_pdu_decode(&got, frame, (size_t)octets), ESME_ROK);
	assert_int_equal(got.command_id, SMPP_DELIVER_SM);
	assert_int_equal(got.sequence, 7);
	assert_message_equal(&sent, &got);
	assert_int_equal(got.message.protocol_id, 3);
	assert_int_equal(got.message.priority_flag, 1);
	assert_int_equal(got.message.replace_if_present_flag, 1);
	assert_int_equal(got.message.sm_default_msg_id, 9);
	assert_string_equal(got.message.schedule_delivery_time, "");
	assert_string_equal(got.message.validity_period, "");
	assert_int_equal(got.message.sm_length, 8);
	assert_memory_equal(got.message.short_message, "*4*2020#", 8);
	assert_int_equal(got.n_tlvs, 2);
	assert_memory_equal(smpp_pdu_tlv(&got, SMPP_TAG_ITS_SESSION_INFO)->value, its_value, 2);
	assert_null(smpp_pdu_tlv(&got, SMPP_TAG_MESSAGE_PAYLOAD));
}

static void test_data_has_no_null(void **state)
{
	uint8_t frame[256];
	size_t text_octets = 99;
	struct smpp_pdu sent = sample_deliver(), got;
	(void)state;
	sent.command_id = SMPP_DATA_SM;
	memset(&got, 0xA5, sizeof(got));
	ssize_t octets = smpp_pdu_encode(frame, sizeof(frame), &sent);
	assert_int_equal(smpp_pdu_decode(&got, frame, (size_t)octets), ESME_ROK);
	assert_message_equal(&sent, &got);
	assert_string_equal(got.message.schedule_delivery_time, "");
	assert_string_equal(got.message.validity_period, "");
	assert_int_equal(got.message.sm_length, 0);
	assert_non_null(smpp_pdu_text(&got, &text_octets));
	assert_int_equal(text_octets, 0);
}

static void test_text_is_payload_only_without_short_message(void **state)
{
	struct smpp_pdu pdu = sample_deliver();
	size_t octets;
	(void)state;
	pdu.tlvs[0] = (struct smpp_tlv){ SMPP_TAG_MESSAGE_PAYLOAD, 3, (const uint8_t *)"abc" };
	assert_memory_equal(smpp_pdu_text(&pdu, &octets), "*4*2020#", 8);
	assert_int_equal(octets, 8);
	pdu.message.sm_length = 0;
	assert_memory_equal(smpp_pdu_text(&pdu, &octets), "abc", 3);
	assert_int_equal(octets, 3);
}

static void test_tlv_number(void **state)
{
	static const uint8_t octets[] = { 0xDE, 0xAD, 0xBE, 0xEF, 0x01 };
	static const uint32_t expected[] = { 0, 0xDE, 0xDEAD, 0xDEADBE, 0xDEADBEEF };
	struct smpp_pdu pdu = { .n_tlvs = 1 };
	uint32_t number = 77;
	(void)state;
	for (uint16_t n = 0; n <= 5; n++) {
		pdu.tlvs[0] = (struct smpp_tlv){ 0x1501, n, octets };
		bool good = n >= 1 && n <= 4;
		assert_int_equal(smpp_pdu_tlv_number(&pdu, 0x1501, &number), good);
		if (good)
			assert_int_equal(number, expected[n]);
	}
	number = 77;
	assert_false(smpp_pdu_tlv_number(&pdu, 0x1502, &number));
	assert_int_equal(number, 77);
}

static void test_first_tlv_wins(void **state)
{
	struct smpp_pdu pdu = { .n_tlvs = 2, .tlvs = { { 5, 1, (const uint8_t *)"a" }, { 5, 1, (const uint8_t *)"b" } } };
	(void)state;
	assert_int_equal(*smpp_pdu_tlv(&pdu, 5)->value, 'a');
}

static void test_every_cap_too_small(void **state)
{
	struct smpp_pdu pdu = sample_deliver();
	uint8_t whole[256];
	ssize_t octets = smpp_pdu_encode(whole, sizeof(whole), &pdu);
	(void)state;
	assert_true(octets > 0);
	for (size_t cap = 0; cap < (size_t)octets; cap++) {
		uint8_t *buf = malloc(cap + 1);
		assert_int_equal(smpp_pdu_encode(buf, cap, &pdu), -ENOSPC);
		free(buf);
	}
	assert_int_equal(smpp_pdu_encode(whole, (size_t)octets, &pdu), octets);
}

static void test_encode_refuses(void **state)
{
	uint8_t buf[512];
	char longer[SMPP_ADDRESS_MAX + 2];
	struct smpp_pdu pdu;
	(void)state;
	memset(longer, '9', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
#define REFUSED(change) do { pdu = sample_deliver(); change; assert_int_equal(smpp_pdu_encode(buf, sizeof(buf), &pdu), -EINVAL); } while (0)
	REFUSED(pdu.message.service_type = "SEVENCH");
	REFUSED(pdu.message.source.digits = longer);
	REFUSED(pdu.message.destination.digits = longer);
	REFUSED(pdu.message.validity_period = "00000000000000000");
	REFUSED(pdu.message.schedule_delivery_time = "00000000000000000");
	REFUSED(pdu.message.short_message = NULL);
	REFUSED(pdu.n_tlvs = SMPP_TLVS_MAX + 1);
	REFUSED(pdu.tlvs[1].value = NULL);
	REFUSED(pdu.command_id = SMPP_UNBIND); /* its TLVs would be lost */
	REFUSED(pdu.command_id = SMPP_QUERY_SM);
	REFUSED(pdu.command_id = SMPP_CANCEL_SM);
	REFUSED(pdu.command_id = SMPP_REPLACE_SM);
	REFUSED(pdu.command_id = SMPP_SUBMIT_MULTI);
	REFUSED(pdu.command_id = 0x00000111);
	REFUSED(pdu.command_id = 0);
	REFUSED(pdu = ((struct smpp_pdu){ .command_id = SMPP_DELIVER_SM_RESP, .message_id = "12345678901234567890123456789012345678901234567890123456789012345" }));
#undef REFUSED
}

static void test_null_strings_are_empty(void **state)
{
	uint8_t buf[64], *body = buf + SMPP_HEADER_OCTETS;
	struct smpp_pdu pdu = { .command_id = SMPP_BIND_TRANSCEIVER, .sequence = 1 };
	static const uint8_t zeros[7];
	(void)state;
	assert_int_equal(smpp_pdu_encode(buf, sizeof(buf), &pdu), SMPP_HEADER_OCTETS + 7);
	assert_memory_equal(body, zeros, 7);
}

/* Every response that the fast way writes is what the general way writes for a response with nothing in it. */
static void test_fast_responses(void **state)
{
	static const uint32_t requests[] = {
		SMPP_BIND_RECEIVER, SMPP_BIND_TRANSMITTER, SMPP_BIND_TRANSCEIVER, SMPP_QUERY_SM, SMPP_SUBMIT_SM, SMPP_DELIVER_SM,
		SMPP_UNBIND, SMPP_REPLACE_SM, SMPP_CANCEL_SM, SMPP_ENQUIRE_LINK, SMPP_SUBMIT_MULTI, SMPP_DATA_SM,
	};
	static const uint32_t statuses[] = { ESME_ROK, ESME_RX_T_APPN, 0x400, 0xFFFFFFFF };
	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		for (size_t j = 0; j < sizeof(statuses) / sizeof(statuses[0]); j++) {
			uint8_t *fast = malloc(SMPP_HEADER_OCTETS + 1), slow[32];
			struct smpp_pdu pdu = { .command_id = requests[i] | SMPP_RESPONSE_BIT, .command_status = statuses[j], .sequence = 0xFFFFFFFE };
			ssize_t octets = smpp_pdu_encode(slow, sizeof(slow), &pdu);
			assert_int_equal(smpp_pdu_encode_response(fast, requests[i], 0xFFFFFFFE, statuses[j]), octets);
			assert_memory_equal(fast, slow, (size_t)octets);
			free(fast);
		}
}

/* There is no response to an unknown command but generic_nack; if one is asked for all the same, it has no body. */
static void test_fast_response_to_the_unknown(void **state)
{
	uint8_t buf[SMPP_HEADER_OCTETS];
	(void)state;
	assert_int_equal(smpp_pdu_encode_response(buf, 0x111, 1, ESME_ROK), SMPP_HEADER_OCTETS);
	assert_int_equal(smpp_pdu_encode_response(buf, SMPP_GENERIC_NACK, 1, ESME_RINVCMDID), SMPP_HEADER_OCTETS);
	assert_memory_equal(buf + 4, ((const uint8_t[]){ 0x80, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 1 }), 12);
}

static void test_error_responses_have_no_body(void **state)
{
	uint8_t buf[64];
	struct smpp_pdu pdu = { .command_id = SMPP_SUBMIT_SM_RESP, .command_status = ESME_RTHROTTLED, .message_id = "" };
	(void)state;
	assert_int_equal(smpp_pdu_encode(buf, sizeof(buf), &pdu), 16);
	pdu.message_id = "a";
	assert_int_equal(smpp_pdu_encode(buf, sizeof(buf), &pdu), 18);
	pdu.message_id = NULL;
	pdu.n_tlvs = 1;
	pdu.tlvs[0] = (struct smpp_tlv){ SMPP_TAG_ADDITIONAL_STATUS_INFO_TEXT, 1, (const uint8_t *)"x" };
	assert_int_equal(smpp_pdu_encode(buf, sizeof(buf), &pdu), 22);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(smpp_pdu_command_name(SMPP_DELIVER_SM_RESP), "deliver_sm_resp");
	assert_string_equal(smpp_pdu_command_name(SMPP_GENERIC_NACK), "generic_nack");
	assert_string_equal(smpp_pdu_command_name(SMPP_DATA_SM), "data_sm");
	assert_string_equal(smpp_pdu_command_name(0x199), "0x00000199");
	assert_string_equal(smpp_pdu_command_name(0), "0x00000000");
	assert_string_equal(smpp_pdu_command_name(0x80000102u), "0x80000102");
	assert_string_equal(smpp_pdu_command_name(0xFFFFFFFFu), "0xffffffff");
	assert_string_equal(smpp_pdu_tag_name(SMPP_TAG_USSD_SERVICE_OP), "ussd_service_op");
	assert_string_equal(smpp_pdu_tag_name(SMPP_TAG_COMVERSE_SESSION_ID), "ussd_session_id");
	assert_string_equal(smpp_pdu_tag_name(0x4001), "0x4001");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deliver_there_and_back),
		cmocka_unit_test(test_data_has_no_null),
		cmocka_unit_test(test_text_is_payload_only_without_short_message),
		cmocka_unit_test(test_tlv_number),
		cmocka_unit_test(test_first_tlv_wins),
		cmocka_unit_test(test_every_cap_too_small),
		cmocka_unit_test(test_encode_refuses),
		cmocka_unit_test(test_null_strings_are_empty),
		cmocka_unit_test(test_fast_responses),
		cmocka_unit_test(test_fast_response_to_the_unknown),
		cmocka_unit_test(test_error_responses_have_no_body),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
