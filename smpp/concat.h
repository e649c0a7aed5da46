/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Long SMS: splitting one into parts (join.h puts them together). 3GPP TS 23.040 9.2.3.24.1 and .8 (a reference of 8 or 16
 * bits in the user data header), SMPP v3.4 5.3.2.22 to .24 (the same as TLVs, "SAR"). Nothing allocates. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "smpp/text.h"

#define SMPP_CONCAT_PARTS_MAX 16
#define SMPP_CONCAT_PART_OCTETS 160

/* How an operator takes a long SMS. */
enum smpp_concat_mode {
	SMPP_CONCAT_UDH8,       /* 153 septets, 134 octets or 67 UCS-2 units a part */
	SMPP_CONCAT_UDH16,      /* 152, 133 or 66 */
	SMPP_CONCAT_SAR,        /* the same: the network may make either header of the TLVs */
	SMPP_CONCAT_PAYLOAD,    /* whole, in message_payload: the network splits it */
};
#define SMPP_CONCAT_MODES "udh8|udh16|sar|payload"
/* False: no such mode. */
bool smpp_concat_mode_find(const char *name, enum smpp_concat_mode *mode);

struct smpp_concat_part {
	uint8_t data[SMPP_CONCAT_PART_OCTETS]; /* with the UDH in front, if the message has more than one part and the mode has one */
	uint8_t octets;
};

/* Splits text into at most `max` parts (<= SMPP_CONCAT_PARTS_MAX) in the alphabet GSM7 (unpacked), LATIN1, ASCII or UCS2. One
 * part has no UDH; more have one with this reference in the modes UDH8 (its low octet) and UDH16, and esm_class must carry
 * UDHI (0x40). Never cuts an escape or surrogate pair. Parts written, -E2BIG if more would be needed, -EILSEQ as
 * smpp_text_encode, also for another alphabet, -EINVAL for PAYLOAD, which is not split. */
int smpp_concat_split(enum smpp_concat_mode mode, enum smpp_alphabet alphabet, const char *utf8, size_t octets, uint16_t reference,
                      struct smpp_concat_part *parts, unsigned int max);
/* Parts that a text needs: what smpp_concat_split would say, without writing them; PAYLOAD: 1. */
int smpp_concat_count(enum smpp_concat_mode mode, enum smpp_alphabet alphabet, const char *utf8, size_t octets);
/* True if the text fits one SMS, whatever the mode. False too if the alphabet cannot say it. */
bool smpp_concat_is_single(enum smpp_alphabet alphabet, const char *utf8, size_t octets);
