/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Base64 (RFC 4648 section 4) for the networks whose text is a list of fields. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/* Characters written, NUL not counted; nothing is written past cap, which must hold octets * 4 / 3 + 4. */
size_t smsc_base64_encode(const char *in, size_t octets, char *out, size_t cap);
/* Octets written, or -1: not base64, or longer than cap. */
ssize_t smsc_base64_decode(const char *in, size_t characters, char *out, size_t cap);
