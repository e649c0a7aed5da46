/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One TCP connection from an ESME: accept, bind, read whole PDUs, answer, write, and the transport's faults. */
#pragma once

#include "tests/sim/smsc_net.h"

/* For the loop: ctx is the operator. */
void smsc_link_accept(void *ctx, short revents);
/* The next sequence number; 1..0x7FFFFFFF. */
uint32_t smsc_link_sequence(struct smsc_link *link);
/* Queues bytes; they are written by smsc_links_tend. may_hold: it is a request, which the reorder fault may keep back. */
void smsc_link_put(struct smsc_link *link, const uint8_t *data, size_t octets, bool may_hold);
/* Frees what is dead. */
void smsc_links_reap(struct smsc_operator *op);
/* Writes what waits, asks silent ESMEs for a sign of life. */
void smsc_links_tend(struct smsc_operator *op, int64_t now_ms);

/* In smsc_net.c: the response to a delivery. */
void smsc_net_response(struct smsc_link *link, const struct smsc_message *response);
