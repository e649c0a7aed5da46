/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* smpp/pdu against what networks send although the specification says otherwise (all of it is taken), and against what
 * only an enemy or a broken line sends (none of it hurts).
 *
 * A PDU is written here as hex without its command_length, spaces as you like. Every one of them, good or bad, goes
 * through tests/fuzz/pdu_fuzz.c: whole, every prefix, every bit of every octet flipped, and seeded mutations; each in
 * a heap block of just its size, so that the sanitizer or valgrind sees a read past its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "smpp/pdu.h"
#include "smpp/status.h"
#include "tests/fuzz/pdu_fuzz.c"

#define FRAME_MAX 4096
#define MUTATIONS 200000u

/* Parts of the hex below. */
#define NUL "00 "
#define DELIVER "00000005 00000000 00000001 "
#define SUBMIT "00000004 00000000 00000001 "
#define DATA "00000103 00000000 00000001 "
#define USSD "55535344 00 "
#define FROM "01 01 393839313231323334353637 00 "
#define TO "00 00 34 00 "
#define DIAL "08 2a342a3230323023 "
#define REST "00 00 00  00 00  00 00 00 00 " /* esm_class ... sm_default_msg_id */
#define A16 "41414141414141414141414141414141 "
#define A64 A16 A16 A16 A16

struct wanted {
	const char *why, *hex;
	uint16_t n_tlvs;
	uint16_t tag;     /* 0, or a TLV that must be there ... */
	int64_t number;   /* ... with this value, or -1 if it is no number */
};

/* Legitimate, or at least meant well: every one is accepted. */
static const struct wanted accepted[] = {
	{ "vendor status", "80000004 00000400 00000001", 0, 0, 0 },
	{ "status of version 5", "80000004 00000103 00000001", 0, 0, 0 },
	{ "status of all ones", "80000005 ffffffff 00000001 00", 0, 0, 0 },
	{ "a request with a status", "00000015 00000008 00000001", 0, 0, 0 },
	{ "nack, sequence 0", "80000000 00000003 00000000", 0, 0, 0 },
	{ "enquire_link, sequence 0", "00000015 00000000 00000000", 0, 0, 0 },
	{ "enquire_link, sequence above 31 bits", "00000015 00000000 ffffffff", 0, 0, 0 },
	{ "bind_receiver_resp refused, no body", "80000001 0000000e 00000001", 0, 0, 0 },
	{ "bind_transmitter_resp refused, no body", "80000002 0000000d 00000001", 0, 0, 0 },
	{ "bind_transceiver_resp refused, no body", "80000009 0000000f 00000001", 0, 0, 0 },
	{ "bind_transceiver_resp refused, NUL body", "80000009 0000000f 00000001 00", 0, 0, 0 },
	{ "bind_transceiver_resp refused, with a name", "80000009 0000000f 00000001 534d534300", 0, 0, 0 },
	{ "bind_transceiver_resp, long name", "80000009 00000000 00000001" A16 "4100 0210000134", 1, 0x0210, 0x34 },
	{ "bind_transceiver_resp, version in two octets", "80000009 00000000 00000001 534d534300 021000020034", 1, 0x0210, 0x34 },
	{ "bind_transceiver_resp ok, no body", "80000009 00000000 00000001", 0, 0, 0 },
	{ "submit_sm_resp error, no body", "80000004 00000058 00000001", 0, 0, 0 },
	{ "submit_sm_resp error, NUL body", "80000004 00000058 00000001 00", 0, 0, 0 },
	{ "submit_sm_resp ok, no body", "80000004 00000000 00000001", 0, 0, 0 },
	{ "submit_sm_resp with TLVs", "80000004 00000000 00000001 616200 1501 0004 0000002a", 1, 0x1501, 42 },
	{ "submit_sm_resp, id of 64", "80000004 00000000 00000001" A64 "00", 0, 0, 0 },
	{ "data_sm_resp with TLVs", "80000103 00000045 00000001 00 0425 0001 02", 1, 0x0425, 2 },
	{ "data_sm_resp error, no body", "80000103 000000fe 00000001", 0, 0, 0 },
	{ "deliver_sm_resp with TLVs", "80000005 00000000 00000001 00 0501 0001 12", 1, 0x0501, 18 },
	{ "deliver_sm_resp with an id", "80000005 00000000 00000001 616200", 0, 0, 0 },
	{ "deliver_sm_resp, no body", "80000005 00000000 00000001", 0, 0, 0 },
	{ "query_sm_resp error, no body", "80000003 00000067 00000001", 0, 0, 0 },
	{ "query_sm_resp, body", "80000003 00000000 00000001 6100 00 02 00", 0, 0, 0 },
	{ "submit_multi_resp, body", "80000021 00000000 00000001 6100 00", 0, 0, 0 },
	{ "cancel_sm_resp", "80000008 00000011 00000001", 0, 0, 0 },
	{ "replace_sm_resp", "80000007 00000013 00000001", 0, 0, 0 },
	{ "validity period in deliver_sm", DELIVER USSD FROM TO "00 00 00 00 3030303030303030303130303030305200 00000000" DIAL, 0, 0, 0 },
	{ "schedule in deliver_sm", DELIVER USSD FROM TO "00 00 00 3235303130313030303030303030302b00 00 00000000" DIAL, 0, 0, 0 },
	{ "TON 7, NPI 2", DELIVER USSD "07 02 3900 05 05 3400" REST DIAL, 0, 0, 0 },
	{ "TON 255, NPI 255", DELIVER USSD "ff ff 3900 ff 07 3400" REST DIAL, 0, 0, 0 },
	{ "service type of 6 characters", DELIVER "555353445f5f00" FROM TO REST DIAL, 0, 0, 0 },
	{ "addresses of 64 characters", DELIVER USSD "0101" A64 "00 0000" A64 "00" REST DIAL, 0, 0, 0 },
	{ "address of 21 characters in submit_sm", SUBMIT USSD "0101" A16 "4141414141 00" TO REST DIAL, 0, 0, 0 },
	{ "its_session_info of 1 octet", DELIVER USSD FROM TO REST DIAL "0501 0001 01 1383 0001 0b", 2, 0x1383, 0x0B },
	{ "its_session_info of 4 octets", DELIVER USSD FROM TO REST DIAL "0501 0001 01 1383 0004 00000b01", 2, 0x1383, 0x0B01 },
	{ "reference of 1 octet", DELIVER USSD FROM TO REST DIAL "0204 0001 07", 1, 0x0204, 7 },
	{ "reference of 4 octets", DELIVER USSD FROM TO REST DIAL "0204 0004 00010007", 1, 0x0204, 0x10007 },
	{ "message_state of 2 octets", DELIVER USSD FROM TO REST DIAL "0427 0002 0002", 1, 0x0427, 2 },
	{ "operation of 2 octets", SUBMIT USSD FROM TO REST DIAL "0501 0002 0011", 1, 0x0501, 17 },
	{ "network_error_code of 4 octets", DELIVER USSD FROM TO REST DIAL "0423 0004 03000001", 1, 0x0423, 0x03000001 },
	{ "receipted id of 66 octets", DELIVER USSD FROM TO REST "00" "001e 0042" A64 "4100", 1, 0x001E, -1 },
	{ "unknown and vendor TLVs", DELIVER USSD FROM TO REST DIAL "4001 0000 ffff 0001 aa 0000 0000", 3, 0x4001, -1 },
	{ "the same TLV twice", DELIVER USSD FROM TO REST DIAL "0501 0001 01 0501 0001 02", 2, 0x0501, 1 },
	{ "data_sm with payload", DATA USSD FROM TO "01 01 08 0424 0002 0641 0501 0001 12", 2, 0x0501, 18 },
	{ "data_sm, nothing else", DATA NUL "0000 00 0000 00 00 00 00", 0, 0, 0 },
	{ "trailing octet after enquire_link", "00000015 00000000 00000001 00", 0, 0, 0 },
	{ "trailing octets after unbind", "00000006 00000000 00000001 0000", 0, 0, 0 },
	{ "trailing octet after unbind_resp", "80000006 00000000 00000001 00", 0, 0, 0 },
	{ "trailing octet after generic_nack", "80000000 00000003 00000001 00", 0, 0, 0 },
	{ "bind of version 0x33", "00000009 00000000 00000001 6100 6200 00 33 00 00 00", 0, 0, 0 },
	{ "bind of version 0x50", "00000001 00000000 00000001 6100 6200 00 50 07 02 00", 0, 0, 0 },
	{ "bind with a password of 16", "00000002 00000000 00000001 6100" A16 "00 00 34 00 00 00", 0, 0, 0 },
	{ "outbind", "0000000b 00000000 00000001 534d534300 70617373 00", 0, 0, 0 },
	{ "alert_notification", "00000102 00000000 00000001" FROM TO "0422 0001 00", 1, 0x0422, 0 },
	{ "a Tele2 begin: subaddresses, callback number, session 0",
	  DELIVER "555353445f 00" FROM "01 01 32303100" REST "00 0501 0001 01 1383 0002 0000 0203 0002 a02a 0381 0009 010106 323530303130", 4, 0x1383, 0 },
};

/* Refused, each by the status that its sender can make something of. */
static const struct refusal {
	const char *why, *hex;
	uint32_t status;
} refused[] = {
	{ "unknown command", "00000111 00000000 00000001", ESME_RINVCMDID },
	{ "command 0", "00000000 00000000 00000001", ESME_RINVCMDID },
	{ "unknown response", "80000102 00000000 00000001", ESME_RINVCMDID },
	{ "query_sm", "00000003 00000000 00000001 6100 0000 00", ESME_RINVCMDID },
	{ "submit_multi", "00000021 00000000 00000001 00", ESME_RINVCMDID },
	{ "deliver_sm without a body", DELIVER, ESME_RINVCMDLEN },
	{ "address without an end", DELIVER USSD "0101 3938", ESME_RINVCMDLEN },
	{ "sm_length beyond the frame", DELIVER USSD FROM TO REST "09 2a342a3230323023", ESME_RINVCMDLEN },
	{ "sm_length missing", DELIVER USSD FROM TO REST, ESME_RINVCMDLEN },
	{ "sm_length 255 and nothing behind", DELIVER USSD FROM TO REST "ff", ESME_RINVCMDLEN },
	{ "message id without an end", "80000004 00000000 00000001 6162", ESME_RINVCMDLEN },
	{ "service type of 7", DELIVER "55535344414141 00" FROM TO REST DIAL, ESME_RINVSERTYP },
	{ "source of 65", DELIVER USSD "0101" A64 "4100" TO REST DIAL, ESME_RINVSRCADR },
	{ "destination of 65", DELIVER USSD FROM "0101" A64 "4100" REST DIAL, ESME_RINVDSTADR },
	{ "validity of 17", DELIVER USSD FROM TO "00 00 00 00" A16 "4100 00000000" DIAL, ESME_RINVEXPIRY },
	{ "schedule of 17", DELIVER USSD FROM TO "00 00 00" A16 "4100 00 00000000" DIAL, ESME_RINVSCHED },
	{ "message id of 65", "80000004 00000000 00000001" A64 "4100", ESME_RINVMSGID },
	{ "TLV longer than the frame", DELIVER USSD FROM TO REST DIAL "0501 0002 01", ESME_RINVOPTPARSTREAM },
	{ "TLV of 65535", DELIVER USSD FROM TO REST DIAL "0424 ffff 41", ESME_RINVOPTPARSTREAM },
	{ "TLV cut in its length", DELIVER USSD FROM TO REST DIAL "0501 00", ESME_RINVOPTPARSTREAM },
	{ "one stray octet", DELIVER USSD FROM TO REST DIAL "00", ESME_RINVOPTPARSTREAM },
};

/* Whole frames that broke another implementation: they must only survive. */
static const char *const broke_others[] = {
	/* 29 empty TLVs: overflows a log buffer */
	"00000095 00000005 00000000 00000001 0000000000000000000000000000000000"
	"14000000 14000000 14000000 14000000 14000000 14000000 14000000 14000000 14000000 14000000"
	"14000000 14000000 14000000 14000000 14000000 14000000 14000000 14000000 14000000 14000000"
	"14000000 14000000 14000000 14000000 14000000 14000000 14000000 14000000 14000000",
	"00000011 80000009 00000000 00000001 41",                 /* a string without an end */
	"00000010",                                               /* a length and nothing else */
	"",
	"00000013 80000009 00000000 00000001 00 1400",            /* a TLV that ends too early */
	"00000016 80000009 00000000 00000001 78 00 1400 0000",    /* an empty TLV after a string without room */
	"ffffffff ffffffff ffffffff ffffffff ffffffff",
	"00000000 00000000 00000000 00000000",
};

static size_t from_hex(const char *hex, uint8_t *out)
{
	size_t digits = 0;
	for (; *hex; hex++) {
		if (*hex == ' ')
			continue;
		unsigned int value = (unsigned int)(*hex <= '9' ? *hex - '0' : *hex - 'a' + 10);
		assert_true(value < 16 && digits / 2 < FRAME_MAX);
		out[digits / 2] = (uint8_t)(digits % 2 ? out[digits / 2] | value : value << 4);
		digits++;
	}
	assert_int_equal(digits % 2, 0);
	return digits / 2;
}

static void set_length(uint8_t *frame, size_t octets)
{
	for (unsigned int i = 0; i < 4; i++)
		frame[i] = (uint8_t)(octets >> (24 - 8 * i));
}

static size_t frame_from_hex(const char *hex, uint8_t *frame)
{
	size_t octets = 4 + from_hex(hex, frame + 4);
	set_length(frame, octets);
	return octets;
}

/* A heap block of just this size; the caller frees it. */
static uint8_t *exact(const uint8_t *data, size_t octets)
{
	uint8_t *copy = malloc(octets ? octets : 1);
	assert_non_null(copy);
	memcpy(copy, data, octets);
	return copy;
}

static void attack(const uint8_t *data, size_t octets)
{
	uint8_t *copy = exact(data, octets);
	LLVMFuzzerTestOneInput(copy, octets);
	free(copy);
}

static void test_accepted(void **state)
{
	uint8_t frame[FRAME_MAX];
	struct smpp_pdu pdu;
	(void)state;
	for (size_t i = 0; i < sizeof(accepted) / sizeof(accepted[0]); i++) {
		const struct wanted *w = &accepted[i];
		size_t octets = frame_from_hex(w->hex, frame);
		uint8_t *copy = exact(frame, octets);
		uint32_t status = smpp_pdu_decode(&pdu, copy, octets), number = 0;
		if (status != ESME_ROK)
			fail_msg("%s: %s", w->why, smpp_status_name(status));
		if (pdu.n_tlvs != w->n_tlvs)
			fail_msg("%s: %u TLVs", w->why, pdu.n_tlvs);
		bool has_number = w->tag && smpp_pdu_tlv_number(&pdu, w->tag, &number);
		if (w->tag && (!smpp_pdu_tlv(&pdu, w->tag) || has_number != (w->number >= 0) || (has_number && number != w->number)))
			fail_msg("%s: %s is 0x%x", w->why, smpp_pdu_tag_name(w->tag), number);
		free(copy);
	}
}

static void test_refused(void **state)
{
	uint8_t frame[FRAME_MAX];
	struct smpp_pdu pdu;
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		size_t octets = frame_from_hex(refused[i].hex, frame);
		uint8_t *copy = exact(frame, octets);
		uint32_t status = smpp_pdu_decode(&pdu, copy, octets);
		if (status != refused[i].status)
			fail_msg("%s: %s", refused[i].why, smpp_status_name(status));
		/* Whatever is wrong behind it, the header is there to be answered. */
		assert_int_equal(pdu.sequence, 1);
		assert_int_equal(pdu.command_id, (uint32_t)frame[4] << 24 | (uint32_t)frame[6] << 8 | frame[7]);
		free(copy);
	}
}

static void test_short_message_of_every_length(void **state)
{
	uint8_t frame[FRAME_MAX];
	struct smpp_pdu pdu;
	size_t octets, head = frame_from_hex(DELIVER USSD FROM TO REST, frame);
	(void)state;
	for (size_t length = 0; length <= 255; length++) {
		frame[head] = (uint8_t)length;
		memset(frame + head + 1, 'x', length);
		set_length(frame, head + 1 + length);
		uint8_t *copy = exact(frame, head + 1 + length);
		assert_int_equal(smpp_pdu_decode(&pdu, copy, head + 1 + length), ESME_ROK);
		assert_ptr_equal(smpp_pdu_text(&pdu, &octets), copy + head + 1);
		assert_int_equal(octets, length);
		attack(copy, head + 1 + length);
		free(copy);
	}
}

static void test_long_payload(void **state)
{
	static uint8_t frame[FRAME_MAX];
	static const size_t lengths[] = { 0, 1, 254, 1024, 1025, 3000 };
	struct smpp_pdu pdu;
	size_t octets, head = frame_from_hex(DELIVER USSD FROM TO REST NUL, frame);
	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		const uint8_t tlv[] = { 0x04, 0x24, (uint8_t)(lengths[i] >> 8), (uint8_t)lengths[i] };
		size_t total = head + sizeof(tlv) + lengths[i];
		memcpy(frame + head, tlv, sizeof(tlv));
		memset(frame + head + sizeof(tlv), 'y', lengths[i]);
		set_length(frame, total);
		uint8_t *copy = exact(frame, total);
		assert_int_equal(smpp_pdu_decode(&pdu, copy, total), ESME_ROK);
		assert_ptr_equal(smpp_pdu_text(&pdu, &octets), copy + head + sizeof(tlv));
		assert_int_equal(octets, lengths[i]);
		free(copy);
	}
}

static void test_number_of_tlvs(void **state)
{
	static uint8_t frame[FRAME_MAX];
	struct smpp_pdu pdu;
	size_t head = frame_from_hex(DELIVER USSD FROM TO REST DIAL, frame);
	(void)state;
	for (size_t n = 0; n <= 200; n++) {
		size_t total = head + 4 * n;
		memcpy(frame + total, (const uint8_t[]){ 0x14, (uint8_t)n, 0, 0 }, 4);
		set_length(frame, total);
		uint32_t expected = n <= SMPP_TLVS_MAX ? ESME_ROK : ESME_RINVOPTPARSTREAM;
		uint8_t *copy = exact(frame, total);
		assert_int_equal(smpp_pdu_decode(&pdu, copy, total), expected);
		attack(copy, total);
		free(copy);
	}
}

static void test_command_length_is_the_frames(void **state)
{
	static const uint32_t lengths[] = { 0, 15, 16, 18, 0x01000011, 0xFFFFFFFF };
	uint8_t frame[17] = { 0, 0, 0, 17, 0x80, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 9, 0 };
	struct smpp_pdu pdu;
	(void)state;
	assert_int_equal(smpp_pdu_decode(&pdu, frame, sizeof(frame)), ESME_ROK);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		set_length(frame, lengths[i]);
		assert_int_equal(smpp_pdu_decode(&pdu, frame, sizeof(frame)), ESME_RINVCMDLEN);
		assert_int_equal(pdu.command_id, SMPP_DELIVER_SM_RESP);
		assert_int_equal(pdu.sequence, 9);
	}
}

static void test_less_than_a_header(void **state)
{
	static const uint8_t frame[15] = { 0, 0, 0, 15, 0x80, 0, 0, 5, 1, 1, 1, 1, 1, 1, 1 };
	(void)state;
	for (size_t octets = 0; octets < SMPP_HEADER_OCTETS; octets++) {
		struct smpp_pdu pdu;
		memset(&pdu, 0xA5, sizeof(pdu));
		uint8_t *copy = exact(frame, octets);
		assert_int_equal(smpp_pdu_decode(&pdu, copy, octets), ESME_RINVCMDLEN);
		assert_int_equal(pdu.command_id | pdu.command_status | pdu.sequence | pdu.n_tlvs, 0);
		assert_string_equal(pdu.message.source.digits, "");
		free(copy);
	}
}

/* Everything above, cut and bent. */
struct corpus {
	size_t n;
	struct { size_t octets; uint8_t *frame; } items[128];
};

static void corpus_add(struct corpus *corpus, const uint8_t *frame, size_t octets)
{
	assert_true(corpus->n < sizeof(corpus->items) / sizeof(corpus->items[0]));
	corpus->items[corpus->n].octets = octets;
	corpus->items[corpus->n++].frame = exact(frame, octets);
}

static int corpus_load(void **state)
{
	uint8_t frame[FRAME_MAX];
	struct corpus *corpus = calloc(1, sizeof(*corpus));
	for (size_t i = 0; i < sizeof(accepted) / sizeof(accepted[0]); i++)
		corpus_add(corpus, frame, frame_from_hex(accepted[i].hex, frame));
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		corpus_add(corpus, frame, frame_from_hex(refused[i].hex, frame));
	for (size_t i = 0; i < sizeof(broke_others) / sizeof(broke_others[0]); i++)
		corpus_add(corpus, frame, from_hex(broke_others[i], frame));
	*state = corpus;
	return 0;
}

static int corpus_free(void **state)
{
	struct corpus *corpus = *state;
	for (size_t i = 0; i < corpus->n; i++)
		free(corpus->items[i].frame);
	free(corpus);
	return 0;
}

static void test_every_prefix(void **state)
{
	struct corpus *corpus = *state;
	for (size_t i = 0; i < corpus->n; i++)
		for (size_t octets = 0; octets <= corpus->items[i].octets; octets++)
			attack(corpus->items[i].frame, octets);
}

static void test_every_bit_flipped(void **state)
{
	struct corpus *corpus = *state;
	for (size_t i = 0; i < corpus->n; i++)
		for (size_t at = 0; at < corpus->items[i].octets; at++)
			for (unsigned int bits = 1; bits <= 256; bits *= 2) {
				uint8_t flip = bits == 256 ? 0xFF : (uint8_t)bits;
				corpus->items[i].frame[at] ^= flip;
				attack(corpus->items[i].frame, corpus->items[i].octets);
				corpus->items[i].frame[at] ^= flip;
			}
}

static uint32_t random_state = 0x20250101;

static uint32_t random_below(uint32_t bound)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state % bound;
}

/* One to eight changes: an octet set, a piece of another PDU laid over, a piece cut out or doubled. */
static size_t mutate(const struct corpus *corpus, uint8_t *frame, size_t octets)
{
	static const uint8_t favourites[] = { 0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF, 0x41, 0x04 };
	for (uint32_t changes = 1 + random_below(8); changes > 0; changes--) {
		size_t at = octets ? random_below((uint32_t)octets) : 0, room = octets - at, other = random_below((uint32_t)corpus->n);
		size_t length = room ? random_below((uint32_t)room) : 0, theirs = corpus->items[other].octets;
		switch (random_below(5)) {
		case 0:
			frame[at] = (uint8_t)random_below(256);
			break;
		case 1:
			frame[at] = favourites[random_below(sizeof(favourites))];
			break;
		case 2:
			if (at < theirs)
				memcpy(frame + at, corpus->items[other].frame + at, length < theirs - at ? length : theirs - at);
			break;
		case 3:
			memmove(frame + at, frame + at + length, room - length);
			octets -= length;
			break;
		case 4:
			if (octets + length < FRAME_MAX) {
				memmove(frame + at + length, frame + at, room);
				octets += length;
			}
			break;
		}
	}
	return octets;
}

static void test_mutations(void **state)
{
	struct corpus *corpus = *state;
	static uint8_t frame[FRAME_MAX];
	fuzz_accepted = 0;
	for (uint32_t i = 0; i < MUTATIONS; i++) {
		uint32_t seed = random_below((uint32_t)corpus->n);
		memcpy(frame, corpus->items[seed].frame, corpus->items[seed].octets);
		attack(frame, mutate(corpus, frame, corpus->items[seed].octets));
	}
	/* They were neither all destroyed nor all left whole. */
	assert_in_range(fuzz_accepted, MUTATIONS / 10, 2 * MUTATIONS / 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_short_message_of_every_length),
		cmocka_unit_test(test_long_payload),
		cmocka_unit_test(test_number_of_tlvs),
		cmocka_unit_test(test_command_length_is_the_frames),
		cmocka_unit_test(test_less_than_a_header),
		cmocka_unit_test_setup_teardown(test_every_prefix, corpus_load, corpus_free),
		cmocka_unit_test_setup_teardown(test_every_bit_flipped, corpus_load, corpus_free),
		cmocka_unit_test_setup_teardown(test_mutations, corpus_load, corpus_free),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
