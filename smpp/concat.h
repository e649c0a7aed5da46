/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Long SMS: splitting. 3GPP TS 23.040 9.2.3.24.1 (8-bit reference: 153 septets or 67 UCS-2 units a part). */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "smpp/text.h"

#define SMPP_CONCAT_PARTS_MAX 16
#define SMPP_CONCAT_PART_OCTETS 160

struct smpp_concat_part {
	uint8_t data[SMPP_CONCAT_PART_OCTETS]; /* with the UDH in front when the message has more than one part */
	uint8_t octets;
};

/* Splits text into at most `max` parts (<= SMPP_CONCAT_PARTS_MAX) in the alphabet GSM7 (unpacked) or UCS2. One part
 * has no UDH; more have an 8-bit UDH with this reference, and esm_class must carry UDHI (0x40). Never cuts an escape
 * or surrogate pair. Parts written, -E2BIG if more would be needed, -EILSEQ as smpp_text_encode. */
int smpp_concat_split(enum smpp_alphabet alphabet, const char *utf8, size_t octets, uint8_t reference,
                      struct smpp_concat_part *parts, unsigned int max);
/* Parts that a text needs: what smpp_concat_split would say, without writing them. */
int smpp_concat_count(enum smpp_alphabet alphabet, const char *utf8, size_t octets);
