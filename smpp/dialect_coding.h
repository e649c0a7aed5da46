/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* data_coding of a USSD message -> the alphabet of its text. Private to the dialects. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "smpp/dialect.h"

/* The alphabet of a text in this data_coding; SMPP_ALPHABET_OCTETS if it is not text here. *skip: octets before the text (a
 * language indication). text may be NULL, for the question what alphabet an answer would be in: then a data_coding that
 * demands a language indication is OCTETS. */
enum smpp_alphabet smpp_dialect_alphabet(const struct smpp_dialect *dialect, uint8_t data_coding, const uint8_t *text, size_t octets,
                                         size_t *skip);
