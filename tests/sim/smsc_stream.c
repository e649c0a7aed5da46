/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See smsc_stream.h. */
#include "tests/sim/smsc_stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "smpp/frame.h"

bool smsc_stream_init(struct smsc_stream *stream, int fd)
{
	int one = 1;

	*stream = (struct smsc_stream){ .fd = fd, .rx = malloc(SMSC_STREAM_RX), .tx = malloc(SMSC_STREAM_TX) };
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return stream->rx && stream->tx;
}

void smsc_stream_fini(struct smsc_stream *stream)
{
	close(stream->fd);
	free(stream->rx);
	free(stream->tx);
}

static size_t take_pdus(struct smsc_stream *stream, void (*on_pdu)(void *ctx, const struct smpp_pdu *pdu), void *ctx)
{
	struct smpp_pdu pdu;
	size_t at = 0;
	ssize_t octets;

	while (!stream->broken && (octets = smpp_frame_next(stream->rx + at, stream->rx_used - at, SMPP_PDU_OCTETS_MAX)) != 0) {
		if (octets < 0 || smpp_pdu_decode(&pdu, stream->rx + at, (size_t)octets)) {
			stream->broken = true;
			break;
		}
		on_pdu(ctx, &pdu);
		at += (size_t)octets;
	}
	return at;
}

void smsc_stream_read(struct smsc_stream *stream, void (*on_pdu)(void *ctx, const struct smpp_pdu *pdu), void *ctx)
{
	ssize_t octets = recv(stream->fd, stream->rx + stream->rx_used, SMSC_STREAM_RX - stream->rx_used, MSG_DONTWAIT);
	size_t taken;

	if (octets == 0 || (octets < 0 && errno != EAGAIN && errno != EINTR))
		stream->broken = true;
	if (octets <= 0)
		return;
	stream->rx_used += (size_t)octets;
	taken = take_pdus(stream, on_pdu, ctx);
	memmove(stream->rx, stream->rx + taken, stream->rx_used - taken);
	stream->rx_used -= taken;
}

uint8_t *smsc_stream_room(struct smsc_stream *stream, size_t octets)
{
	return SMSC_STREAM_TX - stream->tx_used >= octets ? stream->tx + stream->tx_used : NULL;
}

void smsc_stream_put(struct smsc_stream *stream, const struct smpp_pdu *pdu)
{
	ssize_t octets = smpp_pdu_encode(stream->tx + stream->tx_used, SMSC_STREAM_TX - stream->tx_used, pdu);

	if (octets < 0)
		stream->broken = true; /* four megabytes unread */
	else
		stream->tx_used += (size_t)octets;
}

void smsc_stream_put_response(struct smsc_stream *stream, uint32_t request, uint32_t sequence, uint32_t status)
{
	uint8_t *at = smsc_stream_room(stream, SMPP_HEADER_OCTETS + 1);

	if (at)
		stream->tx_used += smpp_pdu_encode_response(at, request, sequence, status);
	else
		stream->broken = true;
}

void smsc_stream_flush(struct smsc_stream *stream)
{
	ssize_t octets;

	if (stream->tx_sent == stream->tx_used)
		return;
	octets = send(stream->fd, stream->tx + stream->tx_sent, stream->tx_used - stream->tx_sent, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (octets < 0 && errno != EAGAIN && errno != EINTR)
		stream->broken = true;
	if (octets > 0)
		stream->tx_sent += (size_t)octets;
	if (stream->tx_sent == stream->tx_used) {
		stream->tx_sent = stream->tx_used = 0;
	} else if (stream->tx_sent > SMSC_STREAM_TX / 2) {
		memmove(stream->tx, stream->tx + stream->tx_sent, stream->tx_used - stream->tx_sent);
		stream->tx_used -= stream->tx_sent;
		stream->tx_sent = 0;
	}
}

int64_t smsc_cpu_us(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000LL + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}
