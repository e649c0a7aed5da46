/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Comviva's structured text: "state|key:base64|key:base64 ...", ASCII whatever data_coding says. Private to the dialects. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum smpp_structured_key {
	SMPP_STRUCTURED_INPUT = 109, SMPP_STRUCTURED_SESSION = 110, SMPP_STRUCTURED_STATUS = 116,
	SMPP_STRUCTURED_RESPONSE = 121, SMPP_STRUCTURED_NEW_REQUEST = 123,
};

/* Decodes the first field with this key into out. Its octets, -ENOENT (no such field), -EBADMSG (not base64), -ENOSPC. */
ssize_t smpp_structured_get(const uint8_t *text, size_t octets, unsigned int key, char *out, size_t cap);
/* Writes an answer: its text, whether it is the last, the session (session_octets 0: none). Octets, -ENOSPC. */
ssize_t smpp_structured_print(uint8_t *out, size_t cap, const char *utf8, size_t octets, bool last, const char *session,
                              size_t session_octets);
