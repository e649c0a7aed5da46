/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The session's value, format 1. Little-endian; `v` is a varint: seven bits an octet, low ones first, the shortest form only.
 *
 *     u32 version   u32 nonce                    the stamp: never moves, whatever the format
 *     u8 format (1)
 *     u8 flags: bits 0-2 phase, 3 sealed, 4 a call_id follows, 5 pushed, 6 use follows; 7 is 0
 *     v bearer_id   u32 bearer_session
 *     u32 step_fingerprint   v step_sequence   v step_link
 *     u64 menu_version
 *     v began_ms   v touched_ms - began_ms (zigzag)
 *     [u64 call_id]   [u8 use]   v tracking   v steps
 *     v octets, bearer   v octets, place
 *
 * What is as good as random (hashes, identifiers) has a fixed width, what is small is a varint: Redis holds 100,000s of
 * these. A value ends with its last octet: what is longer or shorter is refused, so no two values mean the same session. */
#include <errno.h>
#include <string.h>

#include "sessions/session.h"

#define FORMAT 1
#define FLAG_PHASE 0x07
#define FLAG_SEALED 0x08
#define FLAG_CALL 0x10
#define FLAG_PUSHED 0x20
#define FLAG_USE 0x40
#define FLAGS 0x7f

/* A cursor that remembers that it ran over: encode straight, check once. */
struct writer { uint8_t *at, *end; bool over; };
struct reader { const uint8_t *at, *end; bool bad; };

static void put_octets(struct writer *w, const void *from, size_t octets)
{
	if ((size_t)(w->end - w->at) < octets) {
		w->over = true;
		w->end = w->at;
		return;
	}
	if (octets)
		memcpy(w->at, from, octets);
	w->at += octets;
}

static void put_fixed(struct writer *w, uint64_t value, unsigned int octets)
{
	uint8_t le[8];
	for (unsigned int i = 0; i < octets; i++)
		le[i] = (uint8_t)(value >> (8 * i));
	put_octets(w, le, octets);
}

static void put_varint(struct writer *w, uint64_t value)
{
	uint8_t out[10];
	unsigned int n = 0;
	for (; value > 0x7f; value >>= 7)
		out[n++] = (uint8_t)(value | 0x80);
	out[n++] = (uint8_t)value;
	put_octets(w, out, n);
}

static const uint8_t *take(struct reader *r, size_t octets)
{
	static const uint8_t zeros[8]; /* what a fixed field reads as once the value is bad */
	if (r->bad || (size_t)(r->end - r->at) < octets) {
		r->bad = true;
		return octets <= sizeof(zeros) ? zeros : NULL;
	}
	const uint8_t *here = r->at;
	r->at += octets;
	return here;
}

static uint64_t get_fixed(struct reader *r, unsigned int octets)
{
	const uint8_t *le = take(r, octets);
	uint64_t value = 0;
	for (unsigned int i = 0; i < octets; i++)
		value |= (uint64_t)le[i] << (8 * i);
	return value;
}

static uint64_t get_varint(struct reader *r, uint64_t max)
{
	uint64_t value = 0;
	for (unsigned int shift = 0; shift < 64; shift += 7) {
		uint8_t octet = *take(r, 1);
		uint64_t bits = octet & 0x7f;
		if (shift == 63 && bits > 1)
			break;
		value |= bits << shift;
		if (octet & 0x80)
			continue;
		if ((shift && !octet) || value > max) /* not the shortest form, or out of bounds */
			break;
		return value;
	}
	r->bad = true;
	return 0;
}

static uint64_t zigzag(int64_t value)
{
	return ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);
}

static int64_t unzigzag(uint64_t value)
{
	return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

void sess_session_stamp(uint32_t version, uint32_t nonce, uint8_t stamp[SESS_STAMP_OCTETS])
{
	struct writer w = { stamp, stamp + SESS_STAMP_OCTETS, false };
	put_fixed(&w, version, 4);
	put_fixed(&w, nonce, 4);
}

static bool may_be_stored(const struct session *s)
{
	return s->version && (unsigned int)s->phase <= SESS_CUT && s->bearer_octets <= SESS_BEARER_OCTETS_MAX &&
	       s->place_octets <= SESS_PLACE_OCTETS_MAX && s->began_ms >= 0 && s->touched_ms >= 0;
}

ssize_t sess_session_encode(const struct session *s, uint8_t *buf, size_t cap)
{
	struct writer w = { buf, buf + cap, false };
	if (!may_be_stored(s))
		return -EINVAL;
	put_fixed(&w, s->version, 4);
	put_fixed(&w, s->nonce, 4);
	put_fixed(&w, FORMAT, 1);
	put_fixed(&w, (uint64_t)s->phase | (s->sealed ? FLAG_SEALED : 0) | (s->call_id ? FLAG_CALL : 0) | (s->pushed ? FLAG_PUSHED : 0) |
	                  (s->use ? FLAG_USE : 0), 1);
	put_varint(&w, s->bearer_id);
	put_fixed(&w, s->bearer_session, 4);
	put_fixed(&w, s->step_fingerprint, 4);
	put_varint(&w, s->step_sequence);
	put_varint(&w, s->step_link);
	put_fixed(&w, s->menu_version, 8);
	put_varint(&w, (uint64_t)s->began_ms);
	put_varint(&w, zigzag(s->touched_ms - s->began_ms));
	if (s->call_id)
		put_fixed(&w, s->call_id, 8);
	if (s->use)
		put_fixed(&w, s->use, 1);
	put_varint(&w, s->tracking);
	put_varint(&w, s->steps);
	put_varint(&w, s->bearer_octets);
	put_octets(&w, s->bearer, s->bearer_octets);
	put_varint(&w, s->place_octets);
	put_octets(&w, s->place, s->place_octets);
	return w.over ? -ENOSPC : w.at - buf;
}

/* The two times: touched_ms is kept as its distance, which must not lead before 1970 nor overflow. */
static void get_times(struct reader *r, struct session *s)
{
	uint64_t began = get_varint(r, INT64_MAX);
	int64_t distance = unzigzag(get_varint(r, UINT64_MAX));
	s->began_ms = (int64_t)began;
	if (distance < 0 ? distance < -s->began_ms : distance > INT64_MAX - s->began_ms)
		r->bad = true;
	else
		s->touched_ms = s->began_ms + distance;
}

static size_t get_part(struct reader *r, uint8_t *part, size_t max)
{
	size_t octets = get_varint(r, max);
	const uint8_t *from = take(r, octets);
	if (r->bad)
		return 0;
	if (octets)
		memcpy(part, from, octets);
	return octets;
}

int sess_session_decode(struct session *s, const uint8_t *value, size_t octets)
{
	struct reader r = { value, value + octets, false };
	s->version = s->base_version = (uint32_t)get_fixed(&r, 4);
	s->nonce = s->base_nonce = (uint32_t)get_fixed(&r, 4);
	if (get_fixed(&r, 1) != FORMAT || !s->version)
		return -EBADMSG;
	unsigned int flags = (unsigned int)get_fixed(&r, 1);
	if ((flags & FLAG_PHASE) > SESS_CUT || flags & ~(unsigned int)FLAGS)
		return -EBADMSG;
	s->phase = (enum sess_phase)(flags & FLAG_PHASE);
	s->sealed = flags & FLAG_SEALED;
	s->pushed = flags & FLAG_PUSHED;
	s->bearer_id = (uint16_t)get_varint(&r, UINT16_MAX);
	s->bearer_session = (uint32_t)get_fixed(&r, 4);
	s->step_fingerprint = (uint32_t)get_fixed(&r, 4);
	s->step_sequence = (uint32_t)get_varint(&r, UINT32_MAX);
	s->step_link = (uint32_t)get_varint(&r, UINT32_MAX);
	s->menu_version = get_fixed(&r, 8);
	get_times(&r, s);
	s->call_id = flags & FLAG_CALL ? get_fixed(&r, 8) : 0;
	s->use = flags & FLAG_USE ? (uint8_t)get_fixed(&r, 1) : 0;
	if (((flags & FLAG_CALL) && !s->call_id) || ((flags & FLAG_USE) && !s->use))
		return -EBADMSG;
	s->tracking = (uint32_t)get_varint(&r, UINT32_MAX);
	s->steps = (uint16_t)get_varint(&r, UINT16_MAX);
	s->bearer_octets = (uint8_t)get_part(&r, s->bearer, SESS_BEARER_OCTETS_MAX);
	s->place_octets = (uint16_t)get_part(&r, s->place, SESS_PLACE_OCTETS_MAX);
	return r.bad || r.at != r.end ? -EBADMSG : 0;
}
