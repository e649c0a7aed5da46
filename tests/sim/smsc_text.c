/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* SMS that a subscriber sends, in as many parts as it needs or as a script wants. Cut here, not by smpp/concat.c, for the same
 * reason that libsmpp34 is used. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "smpp/pdu.h"
#include "tests/sim/smsc_handset.h"

/* How a text is cut, and how its parts are marked. */
struct cut {
	enum smpp_alphabet alphabet;
	bool sar;
	uint16_t reference;
	size_t n, at[SMSC_SMS_PARTS], octets[SMSC_SMS_PARTS];
};

static int send_part(struct smsc_handset *handset, const char *to, const struct cut *cut, size_t i, const char *text)
{
	static struct smsc_message message;
	const uint8_t udh[6] = { 5, 0, 3, (uint8_t)cut->reference, (uint8_t)cut->n, (uint8_t)(i + 1) };
	size_t header = cut->n > 1 && !cut->sar ? sizeof(udh) : 0;
	ssize_t written;

	memset(&message, 0, offsetof(struct smsc_message, text));
	message.n_tlvs = 0;
	message.command = SMPP_DELIVER_SM;
	message.source_ton = message.source_npi = 1;
	message.esm_class = header ? 0x40 : 0;
	message.data_coding = cut->alphabet == SMPP_ALPHABET_UCS2 ? 8 : 0;
	snprintf(message.source, sizeof(message.source), "%s", handset->dialog.msisdn);
	snprintf(message.destination, sizeof(message.destination), "%s", to);
	memcpy(message.text, udh, header);
	if (cut->n > 1 && cut->sar) {
		smsc_message_add_number(&message, SMPP_TAG_SAR_MSG_REF_NUM, cut->reference, 2);
		smsc_message_add_number(&message, SMPP_TAG_SAR_TOTAL_SEGMENTS, (uint32_t)cut->n, 1);
		smsc_message_add_number(&message, SMPP_TAG_SAR_SEGMENT_SEQNUM, (uint32_t)i + 1, 1);
	}
	written = smpp_text_encode(cut->alphabet, text + cut->at[i], cut->octets[i], message.text + header, SMSC_SHORT_OCTETS - header);
	if (written < 0)
		return -EINVAL;
	message.text_octets = (uint16_t)(header + (size_t)written);
	return smsc_deliver(handset->operator, handset, 0, &message);
}

/* In parts of so many units at most. */
static int cut_text(struct smsc_handset *handset, const char *text, size_t room, struct cut *cut)
{
	size_t octets = strlen(text);

	*cut = (struct cut){ .alphabet = smpp_text_choose(text, octets), .reference = (uint16_t)++handset->operator->next_id };
	for (size_t at = 0; at < octets; at += cut->octets[cut->n++]) {
		if (cut->n == SMSC_SMS_PARTS)
			return -EINVAL;
		cut->at[cut->n] = at;
		cut->octets[cut->n] = smpp_text_cut(cut->alphabet, text + at, octets - at, room);
		if (!cut->octets[cut->n])
			return -EINVAL;
	}
	return cut->n ? 0 : -EINVAL;
}

int smsc_handset_send_sms(struct smsc_handset *handset, const char *to, const char *text)
{
	bool wide = smpp_text_choose(text, strlen(text)) == SMPP_ALPHABET_UCS2;
	ssize_t units = smpp_text_units(wide ? SMPP_ALPHABET_UCS2 : SMPP_ALPHABET_GSM7, text, strlen(text));
	struct cut cut;
	int error = units <= 0 || strlen(to) > 20 ? -EINVAL : cut_text(handset, text, units <= (wide ? 70 : 160) ? 160 : wide ? 67 : 153, &cut);

	for (size_t i = 0; !error && i < cut.n; i++)
		error = send_part(handset, to, &cut, i, text);
	return error;
}

/* "2,1,2/3": numbers of parts as they are to be sent, and how many there are in all (else the highest of them). Their count; 0: wrong. */
static size_t read_order(const char *order, size_t numbers[SMSC_SMS_PARTS], size_t *total)
{
	size_t n = 0;
	char *end = (char *)(uintptr_t)order;

	*total = 0;
	do {
		numbers[n] = strtoul(order, &end, 10);
		if (end == order || numbers[n] < 1 || numbers[n] > SMSC_SMS_PARTS)
			return 0;
		*total = numbers[n] > *total ? numbers[n] : *total;
		order = end + 1;
	} while (++n < SMSC_SMS_PARTS && *end == ',');
	if (*end == '/') {
		size_t all = strtoul(order, &end, 10);

		*total = all >= *total && all <= SMSC_SMS_PARTS ? all : 0;
	}
	return *end || !*total ? 0 : n;
}

int smsc_handset_send_parts(struct smsc_handset *handset, const char *to, const char *order, const char *text)
{
	bool sar = strncmp(order, "sar:", 4) == 0;
	size_t numbers[SMSC_SMS_PARTS], total, n = read_order(order + (sar ? 4 : 0), numbers, &total);
	ssize_t units = smpp_text_units(smpp_text_choose(text, strlen(text)), text, strlen(text));
	struct cut cut;
	int error = n && units >= (ssize_t)total && strlen(to) <= 20 ? cut_text(handset, text, ((size_t)units + total - 1) / total, &cut) : -EINVAL;

	if (error || cut.n != total)
		return -EINVAL;
	cut.sar = sar;
	for (size_t i = 0; !error && i < n; i++)
		error = send_part(handset, to, &cut, numbers[i] - 1, text);
	return error;
}
