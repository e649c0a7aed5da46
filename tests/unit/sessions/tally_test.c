/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Tallies on a real Redis: added once however often they are sent, over a server that hangs, dies, forgets the script; hands in the way. */
#include <errno.h>

#include "tests/unit/sessions/redis_world.h"

#include "sessions/tally.h"

static struct sess_tallies *tallies;
static struct { unsigned int answers; bool ok; size_t n; char name[4][32]; int64_t value[4]; } told;

static int begin(void **state)
{
	(void)state;
	world_connect(0, 5000, 2000);
	tallies = sess_tallies_alloc(root, redises[0]);
	world_empty(0);
	memset(&told, 0, sizeof(told));
	return 0;
}

static int end(void **state)
{
	(void)state;
	talloc_free(tallies);
	world_disconnect(0);
	osmo_select_main_ctx(1);
	return 0;
}

static void on_added(void *ctx, bool ok)
{
	assert_ptr_equal(ctx, &told);
	told.answers++;
	told.ok = ok;
}

static void on_loaded(void *ctx, uint64_t token, const struct sess_tally *items, size_t n)
{
	assert_ptr_equal(ctx, &told);
	assert_int_equal(token, 9);
	told.answers++;
	told.ok = items != NULL;
	told.n = n;
	for (size_t i = 0; i < n && i < 4; i++) {
		snprintf(told.name[i], sizeof(told.name[i]), "%s", items[i].name);
		told.value[i] = items[i].value;
	}
}

static const struct sess_tally two[] = { { "a", 2 }, { "b|c", 3 } };

static bool add(const char *mark, uint64_t number)
{
	const struct sess_tallies_add what = { .key = "t:{p00}:day", .mark = mark, .number = number, .keep_ms = 100000, .mark_keep_ms = 50000,
		.items = two, .n = 2 };

	told.answers = 0;
	assert_int_equal(sess_tallies_add(tallies, &what, on_added, &told), 0);
	assert_int_equal(told.answers, 0);
	TURN_UNTIL(told.answers);
	return told.ok;
}

static int64_t load(const char *name)
{
	told.answers = 0;
	assert_int_equal(sess_tallies_load(tallies, "t:{p00}:day", on_loaded, &told, 9), 0);
	TURN_UNTIL(told.answers);
	assert_true(told.ok);
	for (size_t i = 0; i < told.n; i++)
		if (strcmp(told.name[i], name) == 0)
			return told.value[i];
	return 0;
}

static void test_once(void **state)
{
	(void)state;
	assert_int_equal(load("a"), 0);
	assert_int_equal(told.n, 0);
	assert_true(add("m:{p00}:x", 1));
	assert_true(add("m:{p00}:x", 1));           /* the same again */
	assert_int_equal(load("a"), 2);
	assert_true(add("m:{p00}:y", 1));           /* another adder */
	assert_true(add("m:{p00}:x", 2));
	assert_true(add("m:{p00}:x", 1));           /* an old one that came late */
	assert_int_equal(load("a"), 6);
	assert_int_equal(load("b|c"), 9);
	assert_int_equal(sess_tallies_counters(tallies)->adds, 3);
	assert_int_equal(sess_tallies_counters(tallies)->repeated, 2);
}

/* A server that hangs does what it was told after all, when its answer is nobody's any more. */
static void test_lost_answer(void **state)
{
	(void)state;
	assert_true(add("m:{p00}:x", 1));
	redis_server_hang(&server);
	assert_false(add("m:{p00}:x", 2));
	redis_server_resume(&server);
	TURN_UNTIL(sess_redis_up(redises[0]));
	while (!add("m:{p00}:x", 2))
		turn();
	assert_int_equal(load("a"), 4);
}

static void test_forgotten_script(void **state)
{
	(void)state;
	assert_int_equal(sess_redis_command(redises[0], NULL, NULL, 0, 2, (const char *const[]){ "SCRIPT", "FLUSH" }, NULL), 0);
	assert_true(add("m:{p00}:x", 1));
	assert_int_equal(load("a"), 2);
	assert_int_equal(sess_tallies_counters(tallies)->reloads, 1);
}

/* What somebody's hand has put there hinders nothing else, and is not done again and again. */
static void test_hands(void **state)
{
	const char *const set[] = { "HSET", "t:{p00}:day", "a", "many" }, *const wrong[] = { "SET", "t:{p00}:day", "x" };
	const char *const mark[] = { "SET", "m:{p00}:z", "rubbish" };

	(void)state;
	sess_redis_command(redises[0], NULL, NULL, 0, 4, set, NULL);
	assert_true(add("m:{p00}:x", 1));
	assert_true(add("m:{p00}:x", 1));
	assert_int_equal(load("b|c"), 3);
	sess_redis_command(redises[0], NULL, NULL, 0, 3, mark, NULL);
	assert_true(add("m:{p00}:z", 1));
	assert_int_equal(load("b|c"), 6);
	sess_redis_command(redises[0], NULL, NULL, 0, 3, wrong, NULL);
	assert_true(add("m:{p00}:x", 2));
	told.answers = 0;
	assert_int_equal(sess_tallies_load(tallies, "t:{p00}:day", on_loaded, &told, 9), 0);
	TURN_UNTIL(told.answers);
	assert_false(told.ok);
}

static void test_refused(void **state)
{
	char longest[300];
	const struct sess_tally bad[] = { { longest, 1 } }, empty[] = { { "", 1 } };
	struct sess_tallies_add what = { .key = "t:{p00}:day", .mark = "m:{p00}:x", .number = 1, .items = bad, .n = 1 };

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(sess_tallies_add(tallies, &what, on_added, &told), -EINVAL);
	what.items = empty;
	assert_int_equal(sess_tallies_add(tallies, &what, on_added, &told), -EINVAL);
	what.items = two;
	what.n = 0;
	assert_int_equal(sess_tallies_add(tallies, &what, on_added, &told), -EINVAL);
	what.n = SESS_TALLY_ADD_MAX + 1;
	assert_int_equal(sess_tallies_add(tallies, &what, on_added, &told), -EINVAL);
	what.n = 1;
	what.number = 0;
	assert_int_equal(sess_tallies_add(tallies, &what, on_added, &told), -EINVAL);
	what.number = 1;
	what.keep_ms = -1;
	assert_int_equal(sess_tallies_add(tallies, &what, on_added, &told), -EINVAL);
	what.keep_ms = 0;
	what.key = longest;
	assert_int_equal(sess_tallies_add(tallies, &what, on_added, &told), -EINVAL);
	assert_int_equal(sess_tallies_load(tallies, "", on_loaded, &told, 9), -EINVAL);
	assert_int_equal(told.answers, 0);
}

/* Freed with an add under way: it is answered as failed, and its reply finds nobody. */
static void test_freed(void **state)
{
	const struct sess_tallies_add what = { .key = "t:{p00}:day", .mark = "m:{p00}:x", .number = 1, .items = two, .n = 2 };

	(void)state;
	assert_int_equal(sess_tallies_add(tallies, &what, on_added, &told), 0);
	talloc_free(tallies);
	tallies = NULL;
	assert_int_equal(told.answers, 1);
	assert_false(told.ok);
	for (int i = 0; i < 50; i++)
		turn();
	assert_int_equal(told.answers, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_once, begin, end),
		cmocka_unit_test_setup_teardown(test_lost_answer, begin, end),
		cmocka_unit_test_setup_teardown(test_forgotten_script, begin, end),
		cmocka_unit_test_setup_teardown(test_hands, begin, end),
		cmocka_unit_test_setup_teardown(test_refused, begin, end),
		cmocka_unit_test_setup_teardown(test_freed, begin, end),
	};

	world_begin("tally_test", NULL);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	world_end();
	return failed;
}
