/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* smpp/window: one answer for every request, in any order, across the wrap of the numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "smpp/pdu.h"
#include "smpp/window.h"

#define LIMIT 5
#define SLOTS 16

struct fixture {
	struct smpp_window window;
	struct smpp_window_entry entries[SLOTS];
};

static void setup(struct fixture *f)
{
	memset(f, 0xA5, sizeof(*f));
	smpp_window_init(&f->window, f->entries, SLOTS, LIMIT);
}

static uint32_t add(struct fixture *f, uint64_t token, int64_t deadline_ms)
{
	return smpp_window_add(&f->window, SMPP_SUBMIT_SM, token, 1000, deadline_ms);
}

static void test_what_goes_in_comes_out(void **state)
{
	struct fixture f;
	struct smpp_window_entry e;
	(void)state;
	setup(&f);
	uint32_t sequence = smpp_window_add(&f.window, SMPP_DATA_SM, 0xFEDCBA9876543210u, 1234, 5678);
	assert_int_equal(sequence, 1);
	assert_true(smpp_window_take(&f.window, sequence, &e));
	assert_int_equal(e.sequence, 1);
	assert_int_equal(e.command_id, SMPP_DATA_SM);
	assert_int_equal(e.token, 0xFEDCBA9876543210u);
	assert_int_equal(e.sent_ms, 1234);
	assert_int_equal(e.deadline_ms, 5678);
	assert_int_equal(f.window.used, 0);
	assert_int_equal(f.window.earliest_ms, INT64_MAX);
	assert_false(smpp_window_take(&f.window, sequence, &e));
}

static void test_full(void **state)
{
	struct fixture f;
	struct smpp_window_entry e;
	(void)state;
	setup(&f);
	for (uint32_t i = 1; i <= LIMIT; i++) {
		assert_false(smpp_window_full(&f.window));
		assert_int_equal(add(&f, i, 2000), i);
	}
	assert_true(smpp_window_full(&f.window));
	assert_int_equal(add(&f, 99, 2000), 0);
	assert_true(smpp_window_take(&f.window, 3, &e));
	assert_int_equal(add(&f, 6, 2000), LIMIT + 1);
	assert_true(smpp_window_full(&f.window));
}

static void test_out_of_order(void **state)
{
	static const uint32_t order[] = { 3, 1, 5, 2, 4 };
	struct fixture f;
	struct smpp_window_entry e;
	(void)state;
	setup(&f);
	for (uint32_t i = 1; i <= LIMIT; i++)
		add(&f, 100 + i, 2000);
	for (size_t i = 0; i < LIMIT; i++) {
		assert_true(smpp_window_take(&f.window, order[i], &e));
		assert_int_equal(e.token, 100 + order[i]);
		assert_false(smpp_window_take(&f.window, order[i], &e));
	}
	assert_int_equal(f.window.used, 0);
}

static void test_strangers(void **state)
{
	struct fixture f;
	struct smpp_window_entry e;
	(void)state;
	setup(&f);
	add(&f, 1, 2000);
	static const uint32_t strangers[] = { 0, 2, 1 + SLOTS, 0x7FFFFFFF, 0x80000001, 0xFFFFFFFF };
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
		assert_false(smpp_window_take(&f.window, strangers[i], &e));
	assert_int_equal(f.window.used, 1);
}

static void test_wrap(void **state)
{
	struct fixture f;
	struct smpp_window_entry e;
	(void)state;
	setup(&f);
	f.window.next_sequence = 0x7FFFFFFE;
	assert_int_equal(add(&f, 1, 2000), 0x7FFFFFFE);
	assert_int_equal(add(&f, 2, 2000), 0x7FFFFFFF);
	assert_int_equal(add(&f, 3, 2000), 1);
	assert_int_equal(add(&f, 4, 2000), 2);
	assert_true(smpp_window_take(&f.window, 0x7FFFFFFF, &e));
	assert_int_equal(e.token, 2);
	assert_true(smpp_window_take(&f.window, 1, &e));
	assert_int_equal(e.token, 3);
}

/* One request stays unanswered while all 2^31 numbers go by (here: while the counter is moved round to it). */
static void test_number_in_flight_is_not_given_again(void **state)
{
	struct fixture f;
	struct smpp_window_entry e;
	(void)state;
	setup(&f);
	assert_int_equal(add(&f, 1, 2000), 1);
	assert_int_equal(add(&f, 2, 2000), 2);
	f.window.next_sequence = 0x7FFFFFFF;
	assert_int_equal(add(&f, 3, 2000), 0x7FFFFFFF);
	assert_int_equal(add(&f, 4, 2000), 3);
	assert_true(smpp_window_take(&f.window, 1, &e));
	assert_int_equal(e.token, 1);
	assert_true(smpp_window_take(&f.window, 2, &e));
	assert_int_equal(e.token, 2);
}

static void test_expire(void **state)
{
	struct fixture f;
	struct smpp_window_entry e;
	(void)state;
	setup(&f);
	assert_false(smpp_window_expire(&f.window, INT64_MAX, &e));
	add(&f, 1, 3000);
	add(&f, 2, 1500);
	add(&f, 3, 2000);
	assert_false(smpp_window_expire(&f.window, 1499, &e));
	assert_true(smpp_window_expire(&f.window, 1500, &e));
	assert_int_equal(e.token, 2);
	assert_false(smpp_window_expire(&f.window, 1500, &e));
	assert_int_equal(f.window.earliest_ms, 2000);
	/* An earlier deadline than all others, after a search has raised the bound. */
	add(&f, 4, 1600);
	assert_int_equal(f.window.earliest_ms, 1600);
	assert_true(smpp_window_expire(&f.window, 1999, &e));
	assert_int_equal(e.token, 4);
	assert_false(smpp_window_expire(&f.window, 1999, &e));
	/* What is answered is never late. */
	assert_true(smpp_window_take(&f.window, 3, &e));
	assert_false(smpp_window_expire(&f.window, 2999, &e));
	assert_true(smpp_window_expire(&f.window, 3000, &e));
	assert_int_equal(e.token, 1);
	assert_int_equal(f.window.used, 0);
	assert_int_equal(f.window.earliest_ms, INT64_MAX);
}

static void test_expire_any(void **state)
{
	struct fixture f;
	struct smpp_window_entry e;
	unsigned int seen = 0;
	(void)state;
	setup(&f);
	add(&f, 0, 1);
	add(&f, 1, INT64_MAX);
	add(&f, 2, 500);
	while (smpp_window_expire(&f.window, INT64_MAX, &e))
		seen |= 1u << e.token;
	assert_int_equal(seen, 7);
	assert_int_equal(f.window.used, 0);
}

/* Against a plain list of what is in flight: a long random story with the numbers near their end. */
static void test_random_story(void **state)
{
	struct fixture f;
	struct smpp_window_entry e;
	struct { uint32_t sequence; uint64_t token; int64_t deadline_ms; } model[LIMIT];
	unsigned int used = 0;
	uint32_t random = 20250101;
	int64_t now_ms = 0;
	(void)state;
	setup(&f);
	f.window.next_sequence = 0x7FFFFF00;
	for (uint64_t step = 1; step <= 100000; step++) {
		random = random * 1664525 + 1013904223;
		unsigned int dice = random >> 24, pick = (random >> 16 & 0xFF) % LIMIT;
		now_ms += dice & 3;
		if (dice < 110) {
			int64_t deadline_ms = now_ms + (random >> 8 & 0x3F);
			uint32_t sequence = smpp_window_add(&f.window, SMPP_SUBMIT_SM, step, now_ms, deadline_ms);
			assert_int_equal(sequence == 0, used == LIMIT);
			if (sequence == 0)
				continue;
			assert_true(sequence <= 0x7FFFFFFF);
			for (unsigned int i = 0; i < used; i++)
				assert_int_not_equal(model[i].sequence, sequence);
			model[used].sequence = sequence;
			model[used].token = step;
			model[used++].deadline_ms = deadline_ms;
		} else if (dice < 200 && pick < used) {
			assert_true(smpp_window_take(&f.window, model[pick].sequence, &e));
			assert_int_equal(e.token, model[pick].token);
			model[pick] = model[--used];
		} else if (smpp_window_expire(&f.window, now_ms, &e)) {
			unsigned int i = 0;
			while (i < used && model[i].sequence != e.sequence)
				i++;
			assert_true(i < used && model[i].deadline_ms <= now_ms && model[i].token == e.token);
			model[i] = model[--used];
		} else {
			for (unsigned int i = 0; i < used; i++)
				assert_true(model[i].deadline_ms > now_ms);
		}
		assert_int_equal(f.window.used, used);
	}
	assert_true(f.window.next_sequence < 0x7FFFFF00); /* it did wrap */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_goes_in_comes_out),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_out_of_order),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_number_in_flight_is_not_given_again),
		cmocka_unit_test(test_expire),
		cmocka_unit_test(test_expire_any),
		cmocka_unit_test(test_random_story),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
