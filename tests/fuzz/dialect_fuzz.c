/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Any frame, and any fields put together, through every dialect: what is taken for USSD gives a whole event, whose context is understood by the dialect
 * that made it; every answer to it is a PDU that the codec encodes and that names the same session. Any octets as a
 * context are refused or give such a PDU too. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "smpp/dialect.h"

#define MUST(what) do { if (!(what)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t octets);

static void answer(const struct smpp_dialect *d, const uint8_t *context, size_t octets, const char *msisdn, const char *text)
{
	static uint8_t out[SMPP_PDU_OCTETS_MAX];
	static struct smpp_dialect_room room;

	for (unsigned int a = SMPP_ANSWER_CONTINUE; a <= SMPP_ANSWER_END_PUSHED; a++) {
		struct smpp_pdu pdu, again;
		int rc = smpp_dialect_encode(d, context, octets, (enum smpp_ussd_answer)a, msisdn, text, strlen(text), &pdu, &room);
		ssize_t n;

		if (rc < 0) {
			MUST(rc == -ENOTSUP || rc == -EINVAL || rc == -EMSGSIZE);
			continue;
		}
		n = smpp_pdu_encode(out, sizeof(out), &pdu);
		MUST(n > 0);
		MUST(smpp_pdu_decode(&again, out, (size_t)n) == 0 && again.n_tlvs == pdu.n_tlvs);
	}
}

static void hear(const struct smpp_dialect *d, const struct smpp_pdu *pdu)
{
	static struct smpp_ussd_event event, repeated;
	char id[SMPP_MESSAGE_ID_MAX];

	if (smpp_dialect_decode(d, pdu, &event) != 0 || event.kind == SMPP_USSD_NONE || event.kind == SMPP_USSD_UNKNOWN)
		return;
	MUST(event.context_octets > 0 && event.context_octets <= SMPP_DIALECT_CONTEXT_OCTETS);
	MUST(event.text_octets <= SMPP_DIALECT_TEXT_OCTETS && strlen(event.text) == event.text_octets);
	MUST(smpp_text_units(SMPP_ALPHABET_UCS2, event.text, event.text_octets) >= 0);
	MUST(strlen(event.msisdn) >= 5 && strlen(event.msisdn) <= SMPP_MSISDN_MAX && event.fingerprint != 0);
	MUST(smpp_dialect_response_id(d, event.context, event.context_octets, id));
	MUST(smpp_dialect_decode(d, pdu, &repeated) == 0);
	MUST(repeated.fingerprint == event.fingerprint && repeated.session == event.session && repeated.context_octets == event.context_octets);
	MUST(memcmp(repeated.context, event.context, event.context_octets) == 0);
	answer(d, event.context, event.context_octets, event.msisdn, "قبض");
	answer(d, event.context, event.context_octets, event.msisdn, event.text);
}

/* A PDU that is likelier to be USSD than any octets are: fields chosen by the input, the rest of it as TLVs and text. */
static void assemble(struct smpp_pdu *pdu, const uint8_t *data, size_t octets)
{
	static const char *const types[] = { "USSD", "", "PSSRR", "USSRC", "RELC", "BR", "CA", "AF" };
	static const char *const sources[] = { "989121234567", "+989121234567", "09121234567", "9121234567" };
	static const char *const codes[] = { "4", "*4*2020#", "", "alpha" };
	static const uint16_t tags[] = { SMPP_TAG_USSD_SERVICE_OP, SMPP_TAG_ITS_SESSION_INFO, SMPP_TAG_USER_MESSAGE_REFERENCE,
		SMPP_TAG_COMVERSE_SESSION_ID, SMPP_TAG_RECEIPTED_MESSAGE_ID, SMPP_TAG_DEST_SUBADDRESS, SMPP_TAG_MESSAGE_PAYLOAD, 0x1400 };
	size_t at = 6;

	memset(pdu, 0, sizeof(*pdu));
	pdu->command_id = data[0] & 1 ? SMPP_DATA_SM : SMPP_DELIVER_SM;
	pdu->message = (struct smpp_message){ .service_type = types[data[0] >> 1 & 7], .esm_class = data[1], .data_coding = data[2],
		.source = { data[3] >> 4, data[3] & 15, sources[data[3] & 3] }, .destination = { data[4] >> 4, data[4] & 15, codes[data[4] & 3] },
		.schedule_delivery_time = "", .validity_period = "" };
	for (unsigned int i = 0; i < (data[5] & 7u) && at + 1 < octets; i++) {
		size_t n = data[at] >> 3;

		n = n < octets - at - 1 ? n : octets - at - 1;
		pdu->tlvs[pdu->n_tlvs++] = (struct smpp_tlv){ .tag = tags[data[at] & 7], .octets = (uint16_t)n, .value = data + at + 1 };
		at += n + 1;
	}
	pdu->message.short_message = data + at;
	pdu->message.sm_length = (uint8_t)(octets - at < 254 ? octets - at : 254);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t octets)
{
	const struct smpp_dialect *d;
	struct smpp_pdu pdu, assembled;
	bool is_pdu = octets <= SMPP_PDU_OCTETS_MAX && smpp_pdu_decode(&pdu, data, octets) == 0;

	if (octets >= 6)
		assemble(&assembled, data, octets);
	for (size_t i = 0; (d = smpp_dialect_row(i)); i++) {
		if (is_pdu)
			hear(d, &pdu);
		if (octets >= 6)
			hear(d, &assembled);
		if (octets > 0 && octets <= SMPP_DIALECT_CONTEXT_OCTETS)
			answer(d, data, octets, "989121234567", "1");
	}
	return 0;
}
