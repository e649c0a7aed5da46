/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The input is a series of messages, each a few octets of who, how and what, through smpp_sms_parse into a table that is too
 * small for them. Every part that was kept must come out in exactly one message, whole or not, with the octets it came with. */
#include <stdlib.h>
#include <string.h>

#include "smpp/sms.h"
#include "smpp/status.h"

#define INPUT_MAX 4000
#define HEAD 7
#define SLOTS 4
#define TIMEOUT 50
#define MUST(what) do { if (!(what)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t octets);

static struct smpp_join_slot slots[SLOTS];
static struct smpp_join join;
static int64_t now_ms;
static unsigned int kept, came_out;
static const uint8_t *input;

/* The tag is where in the input the part's text stood. */
static void look_at(const struct smpp_join_message *message)
{
	static char utf8[SMPP_JOIN_UTF8_MAX];
	unsigned int n = 0;
	ssize_t octets;

	MUST(message->total > 1 && message->total <= SMPP_JOIN_PARTS_MAX);
	for (unsigned int i = 0; i < message->total; i++) {
		const struct smpp_join_piece *piece = &message->pieces[i];

		n += piece->came;
		MUST(!piece->came || memcmp(message->data + piece->at, input + piece->tag, piece->octets) == 0);
	}
	MUST(n == message->n_came && n > 0);
	came_out += n;
	octets = smpp_join_text(message, utf8, sizeof(utf8));
	MUST(octets < 0 || smpp_text_units(SMPP_ALPHABET_UCS2, utf8, (size_t)octets) >= 0);
}

static void take(const struct smpp_sms *sms)
{
	struct smpp_join_part part = sms->part;
	const struct smpp_join_message *message;
	enum smpp_join_taken taken;

	part.tag = part.octets ? (uint64_t)(part.data - input) : 0;
	taken = smpp_join_take(&join, &part, now_ms, &message);
	kept += taken == SMPP_JOIN_KEPT || taken == SMPP_JOIN_WHOLE;
	MUST(taken == SMPP_JOIN_KEPT || taken == SMPP_JOIN_WHOLE || !message);
	MUST(taken != SMPP_JOIN_WHOLE || message->n_came == message->total);
	MUST(taken != SMPP_JOIN_KEPT || !message || message->n_came < message->total);
	if (message)
		look_at(message);
	while ((message = smpp_join_expired(&join, now_ms)))
		look_at(message);
}

/* head: sender, esm_class, data_coding, milliseconds, octets, total and number of SAR */
static void one(const uint8_t *head, const uint8_t *text, size_t octets)
{
	static char utf8[3 * 255];
	static const char *const senders[] = { "989121234567", "Bank", "4040", "" };
	const uint8_t reference = 1;
	struct smpp_pdu pdu = { .command_id = SMPP_DELIVER_SM };
	struct smpp_sms sms;

	pdu.message = (struct smpp_message){
		.source = { .ton = 1, .npi = 1, .digits = senders[head[0] % 4] }, .destination = { .digits = "4040" }, .esm_class = head[1],
		.data_coding = head[2], .short_message = text, .sm_length = (uint8_t)octets,
	};
	now_ms += head[3] % 16;
	if (head[0] & 0x80) {
		pdu.tlvs[pdu.n_tlvs++] = (struct smpp_tlv){ SMPP_TAG_SAR_MSG_REF_NUM, 1, &reference };
		pdu.tlvs[pdu.n_tlvs++] = (struct smpp_tlv){ SMPP_TAG_SAR_TOTAL_SEGMENTS, 1, &head[5] };
		pdu.tlvs[pdu.n_tlvs++] = (struct smpp_tlv){ SMPP_TAG_SAR_SEGMENT_SEQNUM, 1, &head[6] };
	}
	if (smpp_sms_parse(smpp_dialect_row(0), &pdu, &sms) != ESME_ROK)
		return;
	MUST(sms.part.octets <= octets && sms.part.data + sms.part.octets == text + octets);
	MUST((sms.kind != SMPP_SMS_PART) || (sms.part.total > 1 && sms.part.number >= 1 && sms.part.number <= sms.part.total));
	MUST(smpp_sms_text(&sms, utf8, sizeof(utf8)) <= (ssize_t)sizeof(utf8));
	if (sms.kind == SMPP_SMS_PART)
		take(&sms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t octets)
{
	const struct smpp_join_message *message;

	if (octets > INPUT_MAX)
		return 0;
	input = data;
	now_ms = 0;
	kept = came_out = 0;
	smpp_join_init(&join, slots, SLOTS, TIMEOUT);
	for (size_t at = 0; octets - at > HEAD;) {
		size_t n = data[at + 4] < octets - at - HEAD ? data[at + 4] : octets - at - HEAD;

		one(data + at, data + at + HEAD, n);
		at += HEAD + n;
	}
	while ((message = smpp_join_expired(&join, INT64_MAX)))
		look_at(message);
	MUST(kept == came_out);
	return 0;
}
