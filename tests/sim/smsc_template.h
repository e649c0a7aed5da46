/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A PDU of the network's that is encoded once and then only patched: sequence number, subscriber and session. What makes
 * the load generator cheaper than the gateway that it loads. */
#pragma once

#include "tests/sim/smsc_dialect.h"
#include "tests/sim/smsc_stream.h"

#define SMSC_TEMPLATE_OCTETS 512
#define SMSC_NUMBER_DIGITS 12    /* of every subscriber's number */

struct smsc_template {
	size_t octets, number_at, session_at;
	uint8_t data[SMSC_TEMPLATE_OCTETS];
};

/* Through the dialect's own code and our encoder. 0; -1: this network cannot carry it, or not in a fixed place. */
int smsc_template_make(struct smsc_template *template, const struct smsc_dialect *dialect, enum smsc_mo what, const char *code,
                       const char *utf8);
/* Puts a copy for this subscriber on the stream. False: no room. */
bool smsc_template_send(const struct smsc_template *template, const struct smsc_dialect *dialect, struct smsc_stream *stream,
                        uint32_t sequence, uint64_t number, uint32_t session);
