/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Finds the end of the PDU at the start of a buffer, by its command_length alone (SMPP v3.4 3.2).
 *
 * We deviate from gateways that answer a bad length with generic_nack and read on: nothing says where the next PDU
 * begins, so the only safe answer is to close the connection. A length is judged as soon as its four octets are there,
 * so that a peer that announces 4 GB is not waited for. */
#include "smpp/frame.h"

#include <errno.h>

#include "smpp/pdu.h"

#define LENGTH_OCTETS 4

ssize_t smpp_frame_next(const uint8_t *data, size_t octets, size_t max_octets)
{
	if (octets < LENGTH_OCTETS)
		return 0;
	uint32_t length = (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
	if (length < SMPP_HEADER_OCTETS || length > max_octets)
		return -EBADMSG;
	return length <= octets ? (ssize_t)length : 0;
}
