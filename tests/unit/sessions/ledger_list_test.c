/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* All records that an index lists, on a real Redis: over pages and batches, with records that have gone and names that make no key, to a
 * bound, and with a server that is away or a ledger that is freed. */
#include <errno.h>

#include "tests/unit/sessions/redis_world.h"

#include "sessions/ledger_list.h"

#define INDEX "things:{p07}:all"
#define MANY 2300

static struct sess_ledger *ledger;
static struct { unsigned int n, there, dones; bool ordered; enum sess_ledger_result result; char last[32]; } told;

static int begin(void **state)
{
	(void)state;
	world_connect(0, 5000, 2000);
	world_connect(WORLD_REDISES - 1, 100, 10000); /* for the test itself */
	ledger = sess_ledger_alloc(root, redises[0]);
	world_empty(0);
	memset(&told, 0, sizeof(told));
	told.ordered = true;
	return 0;
}

static int end(void **state)
{
	(void)state;
	talloc_free(ledger);
	world_disconnect(0);
	world_disconnect(WORLD_REDISES - 1);
	osmo_select_main_ctx(1);
	return 0;
}

static void on_each(void *ctx, const char *name, const struct sess_ledger_record *record)
{
	assert_ptr_equal(ctx, &told);
	assert_int_equal(told.dones, 0);
	told.n++;
	told.there += record->stamp != 0;
	told.ordered &= strcmp(told.last, name) < 0;
	snprintf(told.last, sizeof(told.last), "%s", name);
	if (record->stamp)
		assert_memory_equal(record->value, name, record->octets);
}

static void on_done(void *ctx, enum sess_ledger_result result)
{
	assert_ptr_equal(ctx, &told);
	told.dones++;
	told.result = result;
}

static void on_committed(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	(void)token;
	(void)there;
	assert_int_equal(result, SESS_LEDGER_OK);
	++*(unsigned int *)ctx;
}

/* Names "000000" and on, all of them listed; of each third there is no record. */
static void make(unsigned int n)
{
	unsigned int made = 0;

	for (unsigned int first = 0; first < n; first += 8) {
		struct sess_ledger_commit *commit = sess_ledger_commit_begin(root, ledger, 7);

		for (unsigned int i = first; i < n && i < first + 8; i++) {
			char name[16], key[SESS_LEDGER_KEY_OCTETS];

			snprintf(name, sizeof(name), "%06u", i);
			assert_true(sess_ledger_key(key, "thing", 7, name));
			sess_ledger_index(commit, INDEX, 0, name);
			if (i % 3)
				sess_ledger_new(commit, key, name, strlen(name), 0);
		}
		assert_int_equal(sess_ledger_commit_go(commit, on_committed, &made, 0), 0);
		talloc_free(commit);
	}
	TURN_UNTIL(made == (n + 7) / 8);
}

static void read_list(size_t max)
{
	const struct sess_ledger_list list = { .index = INDEX, .kind = "thing", .partition = 7, .max = max, .each = on_each, .done = on_done, .ctx = &told };

	assert_int_equal(sess_ledger_list(root, ledger, &list), 0);
	assert_int_equal(told.n + told.dones, 0); /* later, never from inside the call */
	TURN_UNTIL(told.dones);
	assert_int_equal(told.dones, 1);
}

static void nothing_is_listed(void **state)
{
	(void)state;
	read_list(SIZE_MAX);
	assert_int_equal(told.result, SESS_LEDGER_OK);
	assert_int_equal(told.n, 0);
}

static void pages_and_batches(void **state)
{
	(void)state;
	make(MANY);
	read_list(SIZE_MAX);
	assert_int_equal(told.result, SESS_LEDGER_OK);
	assert_int_equal(told.n, MANY);
	assert_int_equal(told.there, MANY - (MANY + 2) / 3);
	assert_true(told.ordered);
}

static void a_bound(void **state)
{
	(void)state;
	make(MANY);
	read_list(1100);
	assert_int_equal(told.n, 1100);
	assert_string_equal(told.last, "001099");
}

/* What somebody's hand has put there. */
static void a_name_that_makes_no_key(void **state)
{
	(void)state;
	make(2);
	REDIS("ZADD", INDEX, "0", "a b", "0", "{p09}", "0", "000000x");
	read_list(SIZE_MAX);
	assert_int_equal(told.result, SESS_LEDGER_OK);
	assert_int_equal(told.n, 3);
	assert_int_equal(told.there, 1);
}

static void a_server_that_says_nothing(void **state)
{
	(void)state;
	make(20);
	redis_server_hang(&server);
	read_list(SIZE_MAX);
	assert_int_equal(told.result, SESS_LEDGER_DOWN);
	redis_server_resume(&server);
	TURN_UNTIL(sess_redis_up(redises[0]));
}

/* Freed in the middle it is answered, once, and nothing begins any more. */
static void a_ledger_that_is_freed(void **state)
{
	const struct sess_ledger_list list = { .index = INDEX, .kind = "thing", .partition = 7, .max = 10, .each = on_each, .done = on_done, .ctx = &told };

	(void)state;
	make(20);
	assert_int_equal(sess_ledger_list(root, ledger, &list), 0);
	talloc_free(ledger);
	assert_int_equal(told.dones, 1);
	assert_int_equal(told.result, SESS_LEDGER_DOWN);
	ledger = sess_ledger_alloc(root, redises[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_listed, begin, end),
		cmocka_unit_test_setup_teardown(pages_and_batches, begin, end),
		cmocka_unit_test_setup_teardown(a_bound, begin, end),
		cmocka_unit_test_setup_teardown(a_name_that_makes_no_key, begin, end),
		cmocka_unit_test_setup_teardown(a_server_that_says_nothing, begin, end),
		cmocka_unit_test_setup_teardown(a_ledger_that_is_freed, begin, end),
	};
	int failed;

	world_begin("ledger_list_test", NULL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	world_end();
	return failed;
}
