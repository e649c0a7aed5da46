/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The session's value: what is written is read, and nothing else is read at all. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "sessions/session.h"

static uint64_t seed = 20260101;

static uint64_t any(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Small and huge numbers alike, so that every length of a varint is met. */
static uint64_t any_width(unsigned int bits)
{
	return any() >> (64 - bits) >> any() % bits;
}

static void make_plain(struct session *s)
{
	memset(s, 0, sizeof(*s));
	*s = (struct session){ .version = 3, .nonce = 0xdeadbeef, .base_version = 3, .base_nonce = 0xdeadbeef, .bearer_id = 2,
		.bearer_session = 0x8899aabb, .step_fingerprint = 0x12345678, .step_sequence = 90211, .step_link = 3,
		.menu_version = 0x1122334455667788, .began_ms = 1795000000000, .touched_ms = 1795000042000, .steps = 4,
		.bearer_octets = 12, .place_octets = 60 };
	memset(s->bearer, 'b', 12);
	memset(s->place, 'p', 60);
}

static void make_random(struct session *s)
{
	memset(s, 0, sizeof(*s));
	s->version = s->base_version = (uint32_t)any_width(32) | 1;
	s->nonce = s->base_nonce = (uint32_t)any();
	s->phase = any() % (SESS_CUT + 1);
	s->sealed = any() & 1;
	s->pushed = any() & 1;
	s->bearer_id = (uint16_t)any_width(16);
	s->bearer_session = (uint32_t)any();
	s->step_fingerprint = (uint32_t)any();
	s->step_sequence = (uint32_t)any_width(32);
	s->step_link = (uint32_t)any_width(32);
	s->menu_version = any();
	s->began_ms = (int64_t)any_width(63);
	s->touched_ms = (int64_t)any_width(63);
	s->call_id = any() & 1 ? any() : 0;
	s->tracking = (uint32_t)any_width(32);
	s->steps = (uint16_t)any_width(16);
	s->use = any() % 4 ? 0 : (uint8_t)any();
	s->bearer_octets = any() % (SESS_BEARER_OCTETS_MAX + 1);
	s->place_octets = any() % 8 ? any() % 200 : any() % (SESS_PLACE_OCTETS_MAX + 1);
	for (size_t i = 0; i < s->bearer_octets; i++)
		s->bearer[i] = (uint8_t)any();
	for (size_t i = 0; i < s->place_octets; i++)
		s->place[i] = (uint8_t)any();
}

static void assert_same(const struct session *a, const struct session *b)
{
	assert_int_equal(a->version, b->version);
	assert_int_equal(a->nonce, b->nonce);
	assert_int_equal(a->base_version, b->base_version);
	assert_int_equal(a->base_nonce, b->base_nonce);
	assert_int_equal(a->phase, b->phase);
	assert_int_equal(a->sealed, b->sealed);
	assert_int_equal(a->pushed, b->pushed);
	assert_int_equal(a->use, b->use);
	assert_int_equal(a->bearer_id, b->bearer_id);
	assert_int_equal(a->bearer_session, b->bearer_session);
	assert_int_equal(a->step_fingerprint, b->step_fingerprint);
	assert_int_equal(a->step_sequence, b->step_sequence);
	assert_int_equal(a->step_link, b->step_link);
	assert_true(a->menu_version == b->menu_version);
	assert_true(a->began_ms == b->began_ms);
	assert_true(a->touched_ms == b->touched_ms);
	assert_true(a->call_id == b->call_id);
	assert_int_equal(a->tracking, b->tracking);
	assert_int_equal(a->steps, b->steps);
	assert_int_equal(a->bearer_octets, b->bearer_octets);
	assert_memory_equal(a->bearer, b->bearer, a->bearer_octets);
	assert_int_equal(a->place_octets, b->place_octets);
	assert_memory_equal(a->place, b->place, a->place_octets);
}

static void random_sessions_come_back(void **state)
{
	static struct session in, out;
	static uint8_t value[SESS_VALUE_OCTETS_MAX];
	(void)state;
	for (int i = 0; i < 20000; i++) {
		make_random(&in);
		memset(&out, 0xa5, offsetof(struct session, place));
		ssize_t n = sess_session_encode(&in, value, sizeof(value));
		assert_true(n > 0);
		assert_int_equal(sess_session_decode(&out, value, (size_t)n), 0);
		assert_same(&in, &out);
	}
}

static void the_largest_fits_what_the_header_promises(void **state)
{
	static struct session in, out;
	static uint8_t value[SESS_VALUE_OCTETS_MAX];
	(void)state;
	memset(&in, 0xff, sizeof(in));
	in.phase = SESS_CUT;
	in.sealed = in.pushed = true;
	in.use = 255;
	in.began_ms = 0;
	in.touched_ms = INT64_MAX;
	in.base_version = in.version;
	in.bearer_octets = SESS_BEARER_OCTETS_MAX;
	in.place_octets = SESS_PLACE_OCTETS_MAX;
	ssize_t n = sess_session_encode(&in, value, sizeof(value));
	assert_true(n > 0);
	assert_int_equal(sess_session_decode(&out, value, (size_t)n), 0);
	assert_same(&in, &out);
	in.began_ms = INT64_MAX;
	in.touched_ms = 0;
	assert_true(sess_session_encode(&in, value, sizeof(value)) > 0);
	for (size_t cap = 0; cap < (size_t)n; cap++)
		assert_int_equal(sess_session_encode(&in, value, cap), -ENOSPC);
}

static void a_plain_session_is_small(void **state)
{
	static struct session in;
	uint8_t value[256];
	(void)state;
	make_plain(&in);
	assert_in_range(sess_session_encode(&in, value, sizeof(value)), 1, 120);
}

static void what_is_out_of_bounds_is_not_written(void **state)
{
	static struct session in;
	static uint8_t value[SESS_VALUE_OCTETS_MAX];
	(void)state;
#define REFUSED(field, bad) make_plain(&in); in.field = (bad); assert_int_equal(sess_session_encode(&in, value, sizeof(value)), -EINVAL)
	REFUSED(version, 0);
	REFUSED(phase, SESS_CUT + 1);
	REFUSED(bearer_octets, SESS_BEARER_OCTETS_MAX + 1);
	REFUSED(place_octets, SESS_PLACE_OCTETS_MAX + 1);
	REFUSED(began_ms, -1);
	REFUSED(touched_ms, -1);
#undef REFUSED
}

/* The octets end at the end of a page, behind which nothing may be read. */
static uint8_t *guarded(const uint8_t *octets, size_t n)
{
	static uint8_t *pages;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	if (!pages) {
		pages = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		mprotect(pages + 2 * page, page, PROT_NONE);
	}
	if (n)
		memcpy(pages + 2 * page - n, octets, n);
	return pages + 2 * page - n;
}

static void every_prefix_is_refused(void **state)
{
	static struct session in, out;
	static uint8_t value[SESS_VALUE_OCTETS_MAX];
	(void)state;
	for (int i = 0; i < 50; i++) {
		do make_random(&in);
		while (in.place_octets > 300);
		size_t n = (size_t)sess_session_encode(&in, value, sizeof(value));
		for (size_t cut = 0; cut < n; cut++)
			assert_int_equal(sess_session_decode(&out, guarded(value, cut), cut), -EBADMSG);
		value[n] = 0;
		assert_int_equal(sess_session_decode(&out, guarded(value, n + 1), n + 1), -EBADMSG);
	}
}

static void what_we_do_not_know_is_refused(void **state)
{
	static struct session in, out;
	uint8_t value[256], bad[256];
	(void)state;
	make_plain(&in);
	size_t n = (size_t)sess_session_encode(&in, value, sizeof(value));
	static const struct { size_t at; uint8_t octet; } changes[] = {
		{ 8, 0 }, { 8, 2 }, { 8, 255 },      /* the format */
		{ 9, 0x05 },                         /* an unknown phase */
		{ 9, 0x10 }, { 9, 0x40 },            /* a call, a use that is not there: everything moves */
		{ 9, 0x80 },                         /* a flag that is none */
	};
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		memcpy(bad, value, n);
		bad[changes[i].at] = changes[i].octet;
		assert_int_equal(sess_session_decode(&out, bad, n), -EBADMSG);
	}
	memcpy(bad, value, n);
	memset(bad, 0, 4); /* version 0 */
	assert_int_equal(sess_session_decode(&out, bad, n), -EBADMSG);
}

/* Whatever is accepted is what we would have written: no second spelling. */
static void mutations_are_refused_or_canonical(void **state)
{
	static struct session in, out;
	static uint8_t value[SESS_VALUE_OCTETS_MAX], back[SESS_VALUE_OCTETS_MAX];
	unsigned int accepted = 0;
	(void)state;
	for (int i = 0; i < 100000; i++) {
		make_plain(&in);
		size_t n = (size_t)sess_session_encode(&in, value, sizeof(value));
		for (uint64_t k = any() % 3 + 1; k; k--)
			value[any() % n] = (uint8_t)any();
		if (sess_session_decode(&out, guarded(value, n), n) < 0)
			continue;
		accepted++;
		assert_int_equal(sess_session_encode(&out, back, sizeof(back)), n);
		assert_memory_equal(value, back, n);
	}
	assert_in_range(accepted, 1000, 99999);
}

static void the_stamp_is_the_head(void **state)
{
	static struct session in;
	uint8_t value[256], stamp[SESS_STAMP_OCTETS];
	(void)state;
	make_plain(&in);
	sess_session_encode(&in, value, sizeof(value));
	sess_session_stamp(in.version, in.nonce, stamp);
	assert_memory_equal(value, stamp, sizeof(stamp));
	assert_memory_equal(stamp, "\x03\0\0\0\xef\xbe\xad\xde", 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_sessions_come_back),
		cmocka_unit_test(the_largest_fits_what_the_header_promises),
		cmocka_unit_test(a_plain_session_is_small),
		cmocka_unit_test(what_is_out_of_bounds_is_not_written),
		cmocka_unit_test(every_prefix_is_refused),
		cmocka_unit_test(what_we_do_not_know_is_refused),
		cmocka_unit_test(mutations_are_refused_or_canonical),
		cmocka_unit_test(the_stamp_is_the_head),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
