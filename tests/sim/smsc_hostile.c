/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See smsc_hostile.h. */
#include "tests/sim/smsc_hostile.h"

#include <string.h>

/* Bodies after command_id, status and sequence; `fill` repeats the last `unit` octets so many times. */
struct seed {
	uint32_t command, status, sequence;
	const char *body;
	uint16_t octets, unit, fill;
};
#define BODY(text) .body = text, .octets = sizeof(text) - 1
#define ZEROS17 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define USSD(op, its) "USSD\0\1\1" "989121234567\0\0\1" "4\0\0\0\0\0\0\0\0\0\0\3*4#" "\x05\x01\0\1" op "\x13\x83\0\2" its

static const struct seed seeds[] = {
	/* floods of empty TLVs: each costs its reader a log line and an allocation */
	{ 0x00000005, 0, 1, BODY(ZEROS17 "\x14\0\0\0"), .unit = 4, .fill = 28 },
	{ 0x00000005, 0, 1, BODY(ZEROS17 "\x14\0\0\0"), .unit = 4, .fill = 64 },
	{ 0x00000005, 0, 1, BODY(ZEROS17 "\x14\0\0\0"), .unit = 4, .fill = 480 },
	{ 0x00000103, 0, 1, BODY("\0\0\0\0\0\0\0\0\0\0\x14\0\0\0"), .unit = 4, .fill = 35 },
	{ 0x00000102, 0, 1, BODY("\0\0\0\0\0\0\x14\0\0\0"), .unit = 4, .fill = 35 },
	{ 0x80000009, 0, 1, BODY("x\0\x14\0\0\0"), .unit = 4, .fill = 36 },
	{ 0x00000021, 0, 1, BODY("\0\0\0\0\x3A\2A\0"), .unit = 3, .fill = 58 },
	{ 0x80000021, 0, 1, BODY("id\0\x14\1\1A\0\0\0\0\x45"), .unit = 8, .fill = 20 },
	/* strings without an end, TLVs that break off or do not fit, octets after the end */
	{ 0x80000009, 0, 1, BODY("A") }, { 0x80000009, 0, 1, BODY("\0\x14\0") },
	{ 0x80000009, 0, 1, BODY("\0\x78\0\x14\0\0\0") }, { 0x00000005, 0, 1, BODY("USSD\0\1\1" "98912") },
	{ 0x00000005, 0, 1, BODY(ZEROS17 "\x05\x01\xFF\xFF\1") }, { 0x00000005, 0, 1, BODY(ZEROS17 "\x05\x01\0") },
	{ 0x00000005, 0, 1, BODY("USSD\0\1\1" "989121234567\0\0\1" "4\0\0\0\0\0\0\0\0\0\0\xFF*4#") },
	{ 0x00000015, 0, 1, BODY("\0") }, { 0x00000006, 0x0A, 1, BODY("") },
	/* legitimate, and wrongly refused elsewhere: statuses of vendors and of 5.0, sequence number 0, errors with and without a
	 * body, TLVs in responses, times in deliver_sm, unknown TON and NPI, TLVs of a wrong length */
	{ 0x80000004, 0x400, 1, BODY("") }, { 0x80000004, 0x103, 1, BODY("\0") }, { 0x80000000, 3, 0, BODY("") },
	{ 0x00000015, 0, 0, BODY("") }, { 0x80000009, 0x0D, 1, BODY("") }, { 0x80000004, 0x45, 1, BODY("\0") },
	{ 0x80000004, 0, 1, BODY("id\0\x04\x23\0\3abc") }, { 0x80000004, 0, 1, BODY("") }, { 0x80000005, 0, 1, BODY("id\0") },
	{ 0x80000103, 8, 1, BODY("") }, { 0x80000003, 0x67, 1, BODY("") },
	{ 0x00000005, 0, 1, BODY("USSD\0\1\1" "989121234567\0\0\1" "4\0\0\0\0" "201123130000000+\0" "000001000000000R\0\0\0\0\0\1x") },
	{ 0x00000005, 0, 1, BODY("LONGTYPE\0\x09\x13" "989121234567\0\x07\x05" "4\0\0\0\0\0\0\0\0\0\0\1x") },
	{ 0x00000005, 0, 1, BODY("USSD\0\1\1" "98912123456798912123456789121234567\0\0\1" "4\0\0\0\0\0\0\0\0\0\0\1x") },
	{ 0x00000005, 0, 1, BODY(USSD("\1", "\0\x10") "\x02\x04\0\1\7") }, { 0x00000005, 0, 1, BODY(USSD("\1", "\0\x10") "\x13\x83\0\4\0\0\0\1") },
	{ 0x00000005, 0, 1, BODY(USSD("\1", "\0\x10") "\x04\x27\0\2\0\2") }, { 0x00000005, 0, 1, BODY(USSD("\1", "\0\x10") "\x04\x23\0\5abcde") },
	{ 0x00000005, 0, 1, BODY(USSD("\1", "\0\x10") "\x05\x01\0\0") }, { 0x00000005, 0, 1, BODY(USSD("\1", "\0\x10") "\x15\x01\0\4\0\0\0\0") },
	/* whole dialogs' PDUs, for the mutations */
	{ 0x00000005, 0, 1, BODY(USSD("\1", "\0\x10")) }, { 0x00000005, 0, 1, BODY(USSD("\x12", "\0\x10")) },
	{ 0x00000005, 0, 1, BODY(USSD("\x12", "\0\x11")) }, { 0x00000103, 0, 1, BODY("USSD\0\1\1" "989121234567\0\0\1" "4\0\1\1\0" "\x05\x01\0\1\1\0\x1E\0\2ab\x04\x24\0\3*4#") },
	{ 0x00000005, 0, 1, BODY("\0\1\1" "989121234567\0\0\1" "4\0\x40\0\0\0\0\0\0\x08\0\x08\5\0\3\1\2\1\6\x42") },
	{ 0x00000005, 0, 1, BODY("\0\1\1" "989121234567\0\0\1" "4\0\4\0\0\0\0\0\0\0\0\x20id:1 sub:1 dlvrd:1 stat:DELIVRD e") },
	{ 0x00000102, 0, 1, BODY("\1\1" "989121234567\0\0\1" "4\0\x04\x22\0\1\1") },
	{ 0x00000111, 0, 1, BODY("\0\1\1x\0") }, { 0x7FFFFFFF, 0, 1, BODY("") }, { 0x000000FF, 0, 0x7FFFFFFF, BODY("abc") },
};

uint32_t smsc_hostile_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)(*state >> 16);
}

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static size_t write_seed(const struct seed *seed, uint8_t *pdu)
{
	size_t octets = 16 + seed->octets;

	memcpy(pdu + 16, seed->body, seed->octets);
	for (unsigned int i = 0; i < seed->fill && octets + seed->unit <= SMSC_HOSTILE_OCTETS; i++, octets += seed->unit)
		memcpy(pdu + octets, pdu + octets - seed->unit, seed->unit);
	put32(pdu + 4, seed->command);
	put32(pdu + 8, seed->status);
	put32(pdu + 12, seed->sequence);
	return octets;
}

static size_t mutate(uint64_t *state, uint8_t *pdu, size_t octets)
{
	static const uint8_t spicy[] = { 0, 1, 2, 0x12, 0x7F, 0x80, 0xFF, 0x1B, 0xD8, 0xDC };
	size_t body = octets - 16, at = body ? 16 + smsc_hostile_random(state) % body : 16;

	switch (body ? smsc_hostile_random(state) % 6 : 4) {
	case 0: pdu[at] ^= (uint8_t)(1u << smsc_hostile_random(state) % 8); break;
	case 1: pdu[at] = spicy[smsc_hostile_random(state) % sizeof(spicy)]; break;
	case 2: octets = at; break; /* ends early */
	case 3: /* an octet more, in the middle */
		memmove(pdu + at + 1, pdu + at, octets - at);
		octets++;
		break;
	case 4: put32(pdu + 12, smsc_hostile_random(state)); break;
	default: /* a piece of it, once more */
		if (2 * octets - at <= SMSC_HOSTILE_OCTETS - 16) {
			memcpy(pdu + octets, pdu + at, octets - at);
			octets += octets - at;
		}
	}
	return octets;
}

/* unbind and outbind would end the link: they are turned into something else. */
static void keep_alive(uint8_t *pdu)
{
	if ((pdu[7] == 0x06 || pdu[7] == 0x0B) && !pdu[6] && !pdu[5])
		pdu[7] = 0x05;
}

size_t smsc_hostile_next(uint64_t *state, uint8_t pdu[SMSC_HOSTILE_OCTETS])
{
	const struct seed *seed = &seeds[smsc_hostile_random(state) % (sizeof(seeds) / sizeof(seeds[0]))];
	size_t octets = write_seed(seed, pdu);
	unsigned int rounds = smsc_hostile_random(state) % 4;

	while (rounds--)
		if (octets < SMSC_HOSTILE_OCTETS - 32)
			octets = mutate(state, pdu, octets);
	keep_alive(pdu);
	put32(pdu, (uint32_t)octets);
	return octets;
}
