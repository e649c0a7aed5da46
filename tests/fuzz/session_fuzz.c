/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Any octets as a session's value: refused, or exactly what we would have written ourselves. The same octets then serve as the
 * session's fields, which must come back. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sessions/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t value[SESS_VALUE_OCTETS_MAX];

static void decode_any(const uint8_t *data, size_t size)
{
	static struct session s;
	if (sess_session_decode(&s, data, size) < 0)
		return;
	if (sess_session_encode(&s, value, sizeof(value)) != (ssize_t)size || memcmp(value, data, size) != 0)
		abort();
}

static void encode_any(const uint8_t *data, size_t size)
{
	static struct session in, out;
	memset(&in, 0, sizeof(in));
	memset(&out, 0, sizeof(out));
	memcpy(&in, data, size < offsetof(struct session, phase) ? size : offsetof(struct session, phase));
	if (size > 64) {
		in.phase = data[16] % 8;
		in.sealed = data[17] & 1;
		in.pushed = data[17] & 2;
		memcpy(&in.bearer_id, data + 18, 2);
		memcpy(&in.step_fingerprint, data + 20, 12);
		memcpy(&in.menu_version, data + 32, 24);
		memcpy(&in.call_id, data + 56, 8);
	}
	in.place_octets = (uint16_t)size;
	memcpy(in.place, data, size < SESS_PLACE_OCTETS_MAX ? size : SESS_PLACE_OCTETS_MAX);
	ssize_t n = sess_session_encode(&in, value, sizeof(value));
	if (n < 0)
		return;
	if (sess_session_decode(&out, value, (size_t)n) < 0)
		abort();
	if (in.version != out.version || in.nonce != out.nonce || in.phase != out.phase || in.sealed != out.sealed || in.pushed != out.pushed ||
	    in.bearer_id != out.bearer_id || in.step_fingerprint != out.step_fingerprint || in.step_sequence != out.step_sequence ||
	    in.step_link != out.step_link || in.menu_version != out.menu_version || in.began_ms != out.began_ms ||
	    in.touched_ms != out.touched_ms || in.call_id != out.call_id || in.place_octets != out.place_octets ||
	    memcmp(in.place, out.place, in.place_octets) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	decode_any(data, size);
	encode_any(data, size);
	return 0;
}
