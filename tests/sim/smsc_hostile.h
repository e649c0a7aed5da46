/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Bad PDUs: the ones that crashed or were wrongly refused by other software, and mutations of them. Each is framed
 * rightly (its command_length is its length), so that the link lives on; what is wrong is inside. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SMSC_HOSTILE_OCTETS 2048

/* A random number; state is any number but 0. The same seed gives the same PDUs. */
uint32_t smsc_hostile_random(uint64_t *state);
/* Writes the next PDU; its octets. */
size_t smsc_hostile_next(uint64_t *state, uint8_t pdu[SMSC_HOSTILE_OCTETS]);
