/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See smsc_receipt.h. The id in a submit_sm_resp is eight hexadecimal digits in capitals. */
#include "tests/sim/smsc_receipt.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "smpp/pdu.h"

static const struct smsc_fate fates[] = {
	{ "DELIVRD", 2, true }, { "ENROUTE", 1, true }, { "EXPIRED", 3, false }, { "DELETED", 4, false }, { "UNDELIV", 5, false },
	{ "ACCEPTD", 6, true }, { "UNKNOWN", 7, true }, { "REJECTD", 8, false },
};

static const char *const ids[] = { [SMSC_RECEIPT_HEX] = "hex", [SMSC_RECEIPT_DECIMAL] = "decimal", [SMSC_RECEIPT_PADDED] = "padded",
	[SMSC_RECEIPT_LOWER] = "lower", [SMSC_RECEIPT_MIXED] = "mixed" };
static const char *const places[] = { [SMSC_RECEIPT_BOTH] = "both", [SMSC_RECEIPT_TEXT] = "text", [SMSC_RECEIPT_TLV] = "tlv" };

static bool find(const char *const *words, size_t n, const char *word, unsigned int *out)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(words[i], word) == 0) {
			*out = (unsigned int)i;
			return true;
		}
	}
	return false;
}

int smsc_receipt_set_form(struct smsc_receipts *receipts, const char *words)
{
	char word[2][16] = { "", "" };
	int n = sscanf(words, "%15s %15s", word[0], word[1]);
	unsigned int id = SMSC_RECEIPT_HEX, place = SMSC_RECEIPT_BOTH;

	for (int i = 0; i < n; i++)
		if (!find(ids, sizeof(ids) / sizeof(ids[0]), word[i], &id) && !find(places, sizeof(places) / sizeof(places[0]), word[i], &place))
			return -1;
	receipts->id = (enum smsc_receipt_id)id;
	receipts->place = (enum smsc_receipt_place)place;
	return 0;
}

int smsc_receipt_set_state(struct smsc_receipts *receipts, const char *words)
{
	char state[16] = "DELIVRD";
	unsigned int times = 1000000;

	sscanf(words, "%15s %u", state, &times);
	for (unsigned int i = 0; i < sizeof(fates) / sizeof(fates[0]); i++) {
		if (strcmp(fates[i].state, state) == 0) {
			receipts->fate = i;
			receipts->fates = times;
			return 0;
		}
	}
	return -1;
}

static bool is_asked(const struct smsc_message *message)
{
	return (message->registered_delivery & 3) == 1;
}

const struct smsc_fate *smsc_receipt_fate(struct smsc_operator *op, const struct smsc_message *message)
{
	struct smsc_receipts *receipts = &op->faults.receipts;

	if (!receipts->fates || !is_asked(message))
		return &fates[0];
	receipts->fates--;
	return &fates[receipts->fate];
}

/* The id as this network writes it in a receipt. */
static void write_id(enum smsc_receipt_id how, const char *message_id, char out[24])
{
	unsigned long number = strtoul(message_id, NULL, 16);

	snprintf(out, 24, how == SMSC_RECEIPT_DECIMAL ? "%lu" : how == SMSC_RECEIPT_PADDED || how == SMSC_RECEIPT_MIXED ? "%012lu" : "%08lX", number);
	for (char *at = out; how == SMSC_RECEIPT_LOWER && *at; at++)
		*at = (char)tolower((unsigned char)*at);
}

static void put_text(const struct smsc_fate *fate, const char *id, struct smsc_message *receipt)
{
	char date[16];
	time_t now = time(NULL);
	struct tm utc;

	gmtime_r(&now, &utc);
	snprintf(date, sizeof(date), "%02u%02u%02u%02u%02u", (unsigned int)utc.tm_year % 100, (unsigned int)utc.tm_mon % 12 + 1,
	         (unsigned int)utc.tm_mday % 32, (unsigned int)utc.tm_hour % 24, (unsigned int)utc.tm_min % 60);
	receipt->text_octets = (uint16_t)snprintf((char *)receipt->text, sizeof(receipt->text),
		"id:%s sub:001 dlvrd:%03u submit date:%s done date:%s stat:%s err:%03u text:", id, fate->number == 2, date, date, fate->state,
		fate->arrives ? 0u : 1u);
}

static void put_tlvs(const struct smsc_receipts *how, const struct smsc_fate *fate, const char *id, const char *message_id, struct smsc_message *receipt)
{
	/* mixed: as some networks do, the TLV has the id of the response and the text the same number in decimal */
	const char *in_tlv = how->id == SMSC_RECEIPT_MIXED ? message_id : id;

	smsc_message_add(receipt, SMPP_TAG_RECEIPTED_MESSAGE_ID, in_tlv, strlen(in_tlv) + 1);
	smsc_message_add_number(receipt, SMPP_TAG_MESSAGE_STATE, fate->number, 1);
}

void smsc_receipt_send(struct smsc_handset *handset, const struct smsc_message *request, const char *message_id, const struct smsc_fate *fate)
{
	static struct smsc_message receipt;
	const struct smsc_receipts *how = &handset->operator->faults.receipts;
	uint32_t reference;
	char id[24];

	if (how->off || !is_asked(request))
		return;
	memset(&receipt, 0, offsetof(struct smsc_message, text));
	receipt.text_octets = 0;
	receipt.n_tlvs = 0;
	receipt.command = SMPP_DELIVER_SM;
	receipt.esm_class = 0x04;
	receipt.source_ton = receipt.source_npi = 1;
	snprintf(receipt.source, sizeof(receipt.source), "%s", handset->dialog.msisdn);
	snprintf(receipt.destination, sizeof(receipt.destination), "%.20s", request->source);
	write_id(how->id, message_id, id);
	if (how->place != SMSC_RECEIPT_TLV)
		put_text(fate, id, &receipt);
	if (how->place != SMSC_RECEIPT_TEXT)
		put_tlvs(how, fate, id, message_id, &receipt);
	if (how->reference && smsc_message_number(request, SMPP_TAG_USER_MESSAGE_REFERENCE, &reference))
		smsc_message_add_number(&receipt, SMPP_TAG_USER_MESSAGE_REFERENCE, reference, 2);
	smsc_deliver_after(handset->operator, handset, 0, &receipt, how->late_ms);
}
