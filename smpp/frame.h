/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A stream of octets -> whole PDUs. The caller owns the buffer and reads from the network into it; this file only says
 * where the next PDU ends. SMPP v3.4 3.2: command_length counts itself. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Looks at the start of data. >0: the octets of a whole PDU that stands there; 0: more octets are needed;
 * -EBADMSG: command_length is below 16 or above max_octets, and the stream cannot be resynchronised: close the link. */
ssize_t smpp_frame_next(const uint8_t *data, size_t octets, size_t max_octets);
