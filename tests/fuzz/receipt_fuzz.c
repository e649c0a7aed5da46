/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Any octets as the body of a deliver_sm: as a receipt, its ids as keys in every base. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "smpp/receipt.h"

#define INPUT_MAX 1400
#define MUST(what) do { if (!(what)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t octets);

static void keys_of(const struct smpp_receipt *receipt, enum smpp_id_base in_response, enum smpp_id_base in_receipt)
{
	struct smpp_receipt_keys keys;
	char kept[SMPP_MESSAGE_ID_MAX], again[SMPP_MESSAGE_ID_MAX];
	bool met = false;

	smpp_receipt_keys(receipt, in_response, in_receipt, &keys);
	smpp_receipt_key(receipt->id, kept);
	MUST(keys.n <= SMPP_RECEIPT_KEYS_MAX);
	for (size_t i = 0; i < keys.n; i++) {
		MUST(keys.at[i][0] && memchr(keys.at[i], '\0', SMPP_MESSAGE_ID_MAX));
		smpp_receipt_key(keys.at[i], again);
		MUST(strcmp(again, keys.at[i]) == 0);
		met |= strcmp(keys.at[i], kept) == 0;
		for (size_t j = 0; j < i; j++)
			MUST(strcmp(keys.at[i], keys.at[j]) != 0);
	}
	MUST(met || !kept[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t octets)
{
	struct smpp_receipt receipt;
	struct smpp_pdu pdu = { .command_id = SMPP_DELIVER_SM };
	bool payload;
	int rc;

	if (octets < 3 || octets > INPUT_MAX)
		return 0;
	payload = data[2] & 1;
	pdu.message = (struct smpp_message){ .esm_class = data[0], .data_coding = data[1] };
	if (payload) {
		pdu.tlvs[pdu.n_tlvs++] = (struct smpp_tlv){ SMPP_TAG_MESSAGE_PAYLOAD, (uint16_t)(octets - 3), data + 3 };
	} else {
		pdu.message.short_message = data + 3;
		pdu.message.sm_length = (uint8_t)(octets - 3 < 255 ? octets - 3 : 255);
	}
	if (data[2] & 2)
		pdu.tlvs[pdu.n_tlvs++] = (struct smpp_tlv){ SMPP_TAG_RECEIPTED_MESSAGE_ID, (uint16_t)(octets - 3), data + 3 };
	if (data[2] & 4)
		pdu.tlvs[pdu.n_tlvs++] = (struct smpp_tlv){ SMPP_TAG_MESSAGE_STATE, (uint16_t)(data[2] >> 6), data };
	rc = smpp_receipt_parse(&pdu, &receipt);
	MUST((rc == -ENOMSG) == !smpp_receipt_is(&pdu));
	MUST(rc != 0 || receipt.id[0]);
	MUST(smpp_receipt_verdict(&receipt) <= SMPP_RECEIPT_VERDICT_FAILED && smpp_receipt_state_name(receipt.state));
	for (unsigned int bases = 0; bases < 9; bases++)
		keys_of(&receipt, (enum smpp_id_base)(bases % 3), (enum smpp_id_base)(bases / 3));
	return 0;
}
