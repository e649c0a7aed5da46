/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A TCP connection for the modes that measure: our own codec, one big read, one big write. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "smpp/pdu.h"

#define SMSC_STREAM_RX (256u << 10)
#define SMSC_STREAM_TX (4u << 20)

struct smsc_stream {
	int fd;
	bool broken;               /* closed by the peer, or a fault */
	size_t rx_used, tx_used, tx_sent;
	uint8_t *rx, *tx;
};

/* Takes over the descriptor. */
bool smsc_stream_init(struct smsc_stream *stream, int fd);
void smsc_stream_fini(struct smsc_stream *stream);
/* Reads what there is and calls on_pdu for each whole PDU; a frame or a PDU that is none breaks the stream. */
void smsc_stream_read(struct smsc_stream *stream, void (*on_pdu)(void *ctx, const struct smpp_pdu *pdu), void *ctx);
/* Room for one more PDU of at most `octets` at the end of what waits to be written, or NULL: the peer does not read. */
uint8_t *smsc_stream_room(struct smsc_stream *stream, size_t octets);
void smsc_stream_put(struct smsc_stream *stream, const struct smpp_pdu *pdu);
void smsc_stream_put_response(struct smsc_stream *stream, uint32_t request, uint32_t sequence, uint32_t status);
void smsc_stream_flush(struct smsc_stream *stream);
/* CPU time of this process in microseconds. */
int64_t smsc_cpu_us(void);
