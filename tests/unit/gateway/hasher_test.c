/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Hashes beside the loop: right and wrong secrets, other parameters, a full queue, an end in the middle. The parameters are the smallest that
 * the configuration takes: what is tested is who is told what, and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <time.h>

#include <osmocom/core/fsm.h>
#include <osmocom/core/select.h>
#include <osmocom/core/talloc.h>
#include <sodium.h>

#include "gateway/hasher.h"
#include "gateway/log.h"
#include "gateway/loop.h"

#define QUEUE 4
#define PATIENCE_S 60

static struct { void *ctx; struct gw_hasher *hasher; unsigned int told; uint64_t tokens[16]; enum gw_hashed result; char hash[GW_HASHER_HASH_OCTETS]; bool again; } t;

static struct gw_hasher *make(unsigned int passes, unsigned int memory_kib)
{
	static const struct gw_agency_io io = { gw_loop_add, gw_loop_update, gw_loop_del };

	return gw_hasher_alloc(t.ctx, &(struct gw_hasher_config){ .passes = passes, .memory_kib = memory_kib, .queue = QUEUE, .io = &io });
}

static int setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	t.ctx = talloc_named_const(NULL, 0, "test");
	assert_int_equal(0, gw_loop_init(t.ctx));
	t.hasher = make(1, 1024);
	assert_non_null(t.hasher);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	talloc_free(t.ctx);
	gw_loop_fini();
	return 0;
}

static void on_hashed(void *ctx, uint64_t token, enum gw_hashed result, const char *hash)
{
	assert_ptr_equal(&t, ctx);
	t.tokens[t.told++ % 16] = token;
	t.result = result;
	strcpy(t.hash, hash);
	if (t.again) { /* who is told may ask again */
		t.again = false;
		assert_int_equal(0, gw_hasher_hash(t.hasher, "again", on_hashed, &t, 99));
	}
}

static void until_told(unsigned int n)
{
	time_t end = time(NULL) + PATIENCE_S;

	while (t.told < n && time(NULL) < end)
		gw_loop_turn();
	assert_int_equal(n, t.told);
}

static void hash(const char *secret)
{
	unsigned int told = t.told;

	assert_int_equal(0, gw_hasher_hash(t.hasher, secret, on_hashed, &t, 7));
	assert_int_equal(told, t.told); /* never from inside */
	until_told(told + 1);
	assert_int_equal(7, t.tokens[told % 16]);
}

static enum gw_hashed verify(const char *secret, const char *against)
{
	unsigned int told = t.told;

	assert_int_equal(0, gw_hasher_verify(t.hasher, secret, against, on_hashed, &t, 8));
	until_told(told + 1);
	return t.result;
}

static void right_and_wrong(void **state)
{
	char first[GW_HASHER_HASH_OCTETS];

	(void)state;
	hash("7402");
	assert_int_equal(GW_HASHED_YES, t.result);
	assert_memory_equal("$argon2id$", t.hash, 10);
	strcpy(first, t.hash);
	hash("7402");
	assert_string_not_equal(first, t.hash); /* salted */
	assert_int_equal(GW_HASHED_YES, verify("7402", first));
	assert_string_equal("", t.hash);
	assert_int_equal(GW_HASHED_NO, verify("7403", first));
	assert_int_equal(GW_HASHED_NO, verify("", first));
	assert_int_equal(3, gw_hasher_counters(t.hasher)->verified);
	assert_int_equal(2, gw_hasher_counters(t.hasher)->hashed);
}

static void hostile_hashes(void **state)
{
	static const char *const bad[] = { "", "x", "$argon2id$", "$argon2id$v=19$m=4294967295,t=1,p=1$AAAA$AAAA", "$argon2i$v=19$m=1024,t=3,p=1$AAAA$AAAA" };
	char secret[GW_HASHER_SECRET_OCTETS + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_not_equal(GW_HASHED_YES, verify("7402", bad[i]));
	memset(secret, 'x', sizeof(secret) - 1);
	secret[sizeof(secret) - 1] = '\0';
	assert_int_equal(-EINVAL, gw_hasher_hash(t.hasher, secret, on_hashed, &t, 0));
	secret[sizeof(secret) - 2] = '\0';
	hash(secret);
	assert_int_equal(GW_HASHED_YES, t.result);
}

/* A ledger in which somebody wrote a hash that costs days and all memory: it is not begun. */
static void dear_hashes(void **state)
{
#define REST ",p=1$c2FsdHNhbHRzYWx0c2FsdA$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI"
	static const char *const dear[] = { "$argon2id$v=19$m=8192,t=4000000" REST, "$argon2id$v=19$m=4194304,t=1" REST, "$argon2id$v=19$m=1048577,t=1" REST,
		"$argon2id$v=19$m=8192,t=99999999999999999999" REST, "$argon2id$v=19$m=8192,t=1025" REST };

	(void)state;
	for (size_t i = 0; i < sizeof(dear) / sizeof(dear[0]); i++)
		assert_int_equal(GW_HASHED_FAILED, verify("7402", dear[i]));
	assert_int_equal(GW_HASHED_NO, verify("7402", "$argon2id$v=19$m=8192,t=2" REST)); /* not because of its form */
}

static void other_parameters(void **state)
{
	char old[GW_HASHER_HASH_OCTETS], new[GW_HASHER_HASH_OCTETS];

	(void)state;
	hash("7402");
	strcpy(old, t.hash);
	talloc_free(t.hasher);
	t.hasher = make(2, 2048);
	assert_int_equal(GW_HASHED_YES, verify("7402", old));
	strcpy(new, t.hash);
	assert_memory_equal("$argon2id$", new, 10);
	assert_string_not_equal(old, new);
	assert_int_equal(GW_HASHED_NO, verify("7403", old));
	assert_string_equal("", t.hash);
	assert_int_equal(GW_HASHED_YES, verify("7402", new));
	assert_string_equal("", t.hash);
}

static void a_full_queue(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < QUEUE; i++)
		assert_int_equal(0, gw_hasher_hash(t.hasher, "7402", on_hashed, &t, i));
	assert_int_equal(QUEUE, gw_hasher_pending(t.hasher));
	assert_int_equal(-EBUSY, gw_hasher_hash(t.hasher, "7402", on_hashed, &t, 100));
	assert_int_equal(1, gw_hasher_counters(t.hasher)->refused);
	t.again = true; /* there is room when one is told */
	until_told(QUEUE + 1);
	for (uint64_t i = 0; i < QUEUE; i++)
		assert_int_equal(i, t.tokens[i]); /* in order */
	assert_int_equal(99, t.tokens[QUEUE]);
	assert_int_equal(0, gw_hasher_pending(t.hasher));
}

static void on_end(void *ctx, uint64_t token, enum gw_hashed result, const char *hash_)
{
	(void)ctx;
	(void)token;
	assert_int_equal(GW_HASHED_FAILED, result);
	assert_string_equal("", hash_);
	assert_int_equal(-EBUSY, gw_hasher_hash(t.hasher, "more", on_end, &t, 0));
	t.told++;
}

static void freed_in_the_middle(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < QUEUE; i++)
		assert_int_equal(0, gw_hasher_hash(t.hasher, "7402", on_end, &t, i));
	TALLOC_FREE(t.hasher);
	assert_int_equal(QUEUE, t.told);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(right_and_wrong), STORY(hostile_hashes), STORY(dear_hashes), STORY(other_parameters), STORY(a_full_queue), STORY(freed_in_the_middle),
	};

	if (sodium_init() < 0)
		return 1;
	osmo_fsm_set_dealloc_ctx(OTC_SELECT);
	gw_log_init(NULL);
	gw_log_configure("stderr", "error");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
