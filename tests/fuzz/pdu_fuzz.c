/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Any octets whatever into smpp/pdu. They are decoded as they are, and once more with command_length set right, or
 * else nearly every input would end at that check. What was decoded is looked at from all sides; what was accepted is
 * encoded again: a request must come back octet for octet, a response in a form that no longer changes.
 *
 * tests/unit/smpp/pdu_hostile_test.c drives the same function with a corpus, its prefixes and seeded mutations. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "smpp/frame.h"
#include "smpp/pdu.h"
#include "smpp/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t octets);

#define REQUIRE(what) do { if (!(what)) { fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what); abort(); } } while (0)

static uint32_t fuzz_sum;      /* what was read goes here, so that no reading is optimised away */
static uint32_t fuzz_accepted; /* frames that were taken, whatever they looked like */

static void touch(const uint8_t *octets, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fuzz_sum += octets[i];
}

static void touch_string(const char *string, size_t max)
{
	REQUIRE(string && strlen(string) <= max);
	touch((const uint8_t *)string, strlen(string));
}

static void touch_body(const struct smpp_pdu *pdu)
{
	const struct smpp_message *m = &pdu->message;
	const uint8_t *text;
	size_t octets;

	switch (pdu->command_id) {
	case SMPP_SUBMIT_SM: case SMPP_DELIVER_SM: case SMPP_DATA_SM: case SMPP_ALERT_NOTIFICATION:
		touch_string(m->service_type, SMPP_SERVICE_TYPE_MAX);
		touch_string(m->source.digits, SMPP_ADDRESS_MAX);
		touch_string(m->destination.digits, SMPP_ADDRESS_MAX);
		touch_string(m->schedule_delivery_time, SMPP_TIME_MAX);
		touch_string(m->validity_period, SMPP_TIME_MAX);
		touch(m->short_message, m->sm_length);
		text = smpp_pdu_text(pdu, &octets);
		touch(text, octets);
		break;
	case SMPP_BIND_RECEIVER: case SMPP_BIND_TRANSMITTER: case SMPP_BIND_TRANSCEIVER: case SMPP_OUTBIND:
	case SMPP_BIND_RECEIVER_RESP: case SMPP_BIND_TRANSMITTER_RESP: case SMPP_BIND_TRANSCEIVER_RESP:
		touch_string(pdu->bind.system_id, SMPP_CREDENTIAL_MAX);
		touch_string(pdu->bind.password, SMPP_CREDENTIAL_MAX);
		touch_string(pdu->bind.system_type, SMPP_CREDENTIAL_MAX);
		touch_string(pdu->bind.address_range, SMPP_CREDENTIAL_MAX);
		break;
	case SMPP_SUBMIT_SM_RESP: case SMPP_DELIVER_SM_RESP: case SMPP_DATA_SM_RESP:
		touch_string(pdu->message_id, SMPP_MESSAGE_ID_MAX - 1);
		break;
	}
}

static void touch_tlvs(const struct smpp_pdu *pdu)
{
	uint32_t number;

	REQUIRE(pdu->n_tlvs <= SMPP_TLVS_MAX);
	for (size_t i = 0; i < pdu->n_tlvs; i++) {
		const struct smpp_tlv *tlv = &pdu->tlvs[i];
		touch(tlv->value, tlv->octets);
		REQUIRE(smpp_pdu_tlv(pdu, tlv->tag)->tag == tlv->tag);
		if (smpp_pdu_tlv_number(pdu, tlv->tag, &number))
			fuzz_sum += number;
		touch_string(smpp_pdu_tag_name(tlv->tag), 64);
	}
}

/* Encodes and decodes and encodes: the second time nothing changes any more. */
static void back_and_forth(const struct smpp_pdu *pdu, const uint8_t *frame, size_t octets)
{
	struct smpp_pdu again;
	uint8_t *first = malloc(octets + 1), *second = malloc(octets + 1);

	REQUIRE(first && second);
	ssize_t n = smpp_pdu_encode(first, octets + 1, pdu);
	REQUIRE(n >= SMPP_HEADER_OCTETS);
	if (!(pdu->command_id & SMPP_RESPONSE_BIT) && n > SMPP_HEADER_OCTETS)
		REQUIRE((size_t)n == octets && memcmp(first, frame, octets) == 0);
	REQUIRE(smpp_frame_next(first, (size_t)n, (size_t)n) == n);
	REQUIRE(smpp_pdu_decode(&again, first, (size_t)n) == ESME_ROK);
	REQUIRE(again.n_tlvs == pdu->n_tlvs || n == SMPP_HEADER_OCTETS);
	REQUIRE(smpp_pdu_encode(second, octets + 1, &again) == n && memcmp(first, second, (size_t)n) == 0);
	free(first);
	free(second);
}

static void try_one(const uint8_t *frame, size_t octets)
{
	struct smpp_pdu pdu;

	memset(&pdu, 0xA5, sizeof(pdu)); /* a pointer that was not set leads nowhere */
	uint32_t status = smpp_pdu_decode(&pdu, frame, octets);
	touch_string(smpp_pdu_command_name(pdu.command_id), 32);
	touch_body(&pdu);
	touch_tlvs(&pdu);
	if (status != ESME_ROK)
		return;
	fuzz_accepted++;
	back_and_forth(&pdu, frame, octets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t octets)
{
	try_one(data, octets);
	if (octets < SMPP_HEADER_OCTETS)
		return 0;
	uint8_t *fixed = malloc(octets);
	REQUIRE(fixed);
	memcpy(fixed, data, octets);
	for (unsigned int i = 0; i < 4; i++)
		fixed[i] = (uint8_t)(octets >> (24 - 8 * i));
	try_one(fixed, octets);
	free(fixed);
	return 0;
}
