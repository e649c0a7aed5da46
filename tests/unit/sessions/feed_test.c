/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Feeds on a real Redis: reading and acknowledging in pieces, what is put twice, a full feed, cursors that are none, a server that dies. */
#include <errno.h>

#include "tests/unit/sessions/redis_world.h"

#include "sessions/feed.h"

static struct sess_feeds *feeds;
static struct { unsigned int answers; enum sess_feed_result result; size_t n; char cursor[1001][SESS_FEED_CURSOR_OCTETS], body[1001][32]; } told;

static int begin(void **state)
{
	(void)state;
	world_connect(0, 5000, 10000);
	feeds = sess_feeds_alloc(root, redises[0], 5);
	world_empty(0);
	memset(&told, 0, sizeof(told));
	return 0;
}

static int end(void **state)
{
	(void)state;
	talloc_free(feeds);
	world_disconnect(0);
	osmo_select_main_ctx(1);
	return 0;
}

static void on_done(void *ctx, uint64_t token, enum sess_feed_result result)
{
	assert_ptr_equal(ctx, &told);
	assert_int_equal(token, 7);
	told.answers++;
	told.result = result;
}

static void on_read(void *ctx, uint64_t token, enum sess_feed_result result, const struct sess_feed_entry *entries, size_t n)
{
	on_done(ctx, token, result);
	told.n = n;
	for (size_t i = 0; i < n; i++) {
		strcpy(told.cursor[i], entries[i].cursor);
		snprintf(told.body[i], sizeof(told.body[i]), "%.*s", (int)entries[i].octets, entries[i].body);
	}
}

static enum sess_feed_result answered(int rc)
{
	unsigned int before = told.answers;
	assert_int_equal(rc, 0);
	TURN_UNTIL(told.answers > before);
	return told.result;
}

static enum sess_feed_result put(const char *name, const char *key, const char *body)
{
	return answered(sess_feed_put(feeds, name, key, body, strlen(body), on_done, &told, 7));
}

static enum sess_feed_result ack(const char *name, const char *cursor)
{
	return answered(sess_feed_ack(feeds, name, cursor, on_done, &told, 7));
}

static size_t count(const char *name, const char *after, unsigned int n)
{
	assert_int_equal(answered(sess_feed_read(feeds, name, after, n, on_read, &told, 7)), SESS_FEED_OK);
	return told.n;
}

static void read_and_acknowledged_in_pieces(void **state)
{
	char second[SESS_FEED_CURSOR_OCTETS];
	(void)state;
	assert_int_equal(count("tax", NULL, 10), 0);
	assert_int_equal(put("tax", "a", "one"), SESS_FEED_OK);
	assert_int_equal(put("tax", "b", "two"), SESS_FEED_OK);
	assert_int_equal(put("tax", "c", "three"), SESS_FEED_OK);
	assert_int_equal(put("police", "a", "theirs"), SESS_FEED_OK);
	assert_int_equal(count("tax", NULL, 2), 2);
	assert_string_equal(told.body[0], "one");
	assert_string_equal(told.body[1], "two");
	strcpy(second, told.cursor[1]);
	assert_int_equal(count("tax", second, 2), 1);
	assert_string_equal(told.body[0], "three");
	assert_int_equal(count("tax", NULL, 10), 3); /* nothing goes by being read */
	assert_int_equal(ack("tax", second), SESS_FEED_OK);
	assert_int_equal(count("tax", NULL, 10), 1);
	assert_string_equal(told.body[0], "three");
	assert_int_equal(ack("tax", second), SESS_FEED_OK); /* again */
	assert_int_equal(count("tax", NULL, 10), 1);
	assert_int_equal(ack("tax", told.cursor[0]), SESS_FEED_OK);
	assert_int_equal(count("tax", NULL, 10), 0);
	assert_int_equal(put("tax", "d", "four"), SESS_FEED_OK);
	assert_int_equal(count("tax", second, 10), 1); /* an old cursor still leads on */
	assert_int_equal(count("police", NULL, 10), 1);
}

static void put_twice_is_put_once(void **state)
{
	(void)state;
	assert_int_equal(put("tax", "a", "one"), SESS_FEED_OK);
	assert_int_equal(put("tax", "a", "one"), SESS_FEED_AGAIN);
	assert_int_equal(count("tax", NULL, 10), 1);
	assert_int_equal(ack("tax", told.cursor[0]), SESS_FEED_OK);
	assert_int_equal(put("tax", "a", "one"), SESS_FEED_AGAIN); /* also when it was fetched and is gone */
	assert_int_equal(count("tax", NULL, 10), 0);
}

static void a_full_feed_takes_nothing(void **state)
{
	char key[2] = "a";
	(void)state;
	for (int i = 0; i < 5; i++, key[0]++)
		assert_int_equal(put("tax", key, "x"), SESS_FEED_OK);
	assert_int_equal(put("tax", "new", "x"), SESS_FEED_FULL);
	assert_int_equal(put("tax", "a", "x"), SESS_FEED_AGAIN);
	assert_int_equal(count("tax", NULL, 10), 5);
	assert_int_equal(ack("tax", told.cursor[0]), SESS_FEED_OK);
	assert_int_equal(put("tax", "new", "x"), SESS_FEED_OK);
}

static void cursors_that_are_none(void **state)
{
	static const char *const bad[] = { "", "-", "1", "1-", "-1", "1-1-1", "1-1 ", " 1-1", "a-1", "1-a", "+1-1", "1234567890123456789-1", "1-1234567890123456789",
	                                   "$", "(1-1", "99999999999999999999999999-99999999999999999999999" };
	(void)state;
	assert_int_equal(put("tax", "a", "one"), SESS_FEED_OK);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_false(sess_feed_cursor_ok(bad[i]));
		assert_int_equal(sess_feed_ack(feeds, "tax", bad[i], on_done, &told, 7), -EINVAL);
		assert_int_equal(sess_feed_read(feeds, "tax", bad[i], 1, on_read, &told, 7), -EINVAL);
	}
	/* ahead of all that was ever put: it would take away what nobody has seen */
	assert_int_equal(ack("tax", "999999999999999999-999999999999999999"), SESS_FEED_UNKNOWN);
	assert_int_equal(ack("nobody", "1-1"), SESS_FEED_UNKNOWN);
	assert_int_equal(count("tax", NULL, 10), 1);
	assert_int_equal(ack("tax", "0-0"), SESS_FEED_OK); /* behind all: nothing to do */
	assert_int_equal(count("tax", NULL, 10), 1);
	assert_int_equal(count("tax", "999999999999999999-999999999999999999", 10), 0);
}

static void names_and_sizes_have_bounds(void **state)
{
	static char large[65537];
	(void)state;
	assert_int_equal(sess_feed_put(feeds, "", "k", "b", 1, on_done, &told, 7), -EINVAL);
	assert_int_equal(sess_feed_put(feeds, "Tax", "k", "b", 1, on_done, &told, 7), -EINVAL);
	assert_int_equal(sess_feed_put(feeds, "a{p00}", "k", "b", 1, on_done, &told, 7), -EINVAL);
	assert_int_equal(sess_feed_put(feeds, "abcdefghijklmnopqrstuvwxyz1234567", "k", "b", 1, on_done, &told, 7), -EINVAL);
	assert_int_equal(sess_feed_put(feeds, "tax", "", "b", 1, on_done, &told, 7), -EINVAL);
	assert_int_equal(sess_feed_put(feeds, "tax", "a b", "b", 1, on_done, &told, 7), -EINVAL);
	assert_int_equal(sess_feed_put(feeds, "tax", "k", large, sizeof(large), on_done, &told, 7), -EINVAL);
	assert_int_equal(sess_feed_read(feeds, "tax", NULL, 0, on_read, &told, 7), -EINVAL);
	assert_int_equal(sess_feed_read(feeds, "tax", NULL, SESS_FEED_READ_MAX + 1, on_read, &told, 7), -EINVAL);
	assert_int_equal(told.answers, 0);
}

/* What is no stream under our key, and a stream with other fields. */
static void what_others_wrote(void **state)
{
	(void)state;
	assert_int_equal(put("tax", "a", "one"), SESS_FEED_OK);
	assert_int_equal(sess_redis_command(redises[0], NULL, NULL, 0, 3, (const char *const[]){ "EVAL",
		"for _,k in ipairs(redis.call('KEYS','feed:*:tax')) do redis.call('XADD',k,'*','x','y') redis.call('XADD',k,'*','k','a','b','two') end", "0" }, NULL), 0);
	assert_int_equal(count("tax", NULL, 10), 2);
	assert_string_equal(told.body[1], "two");
	assert_int_equal(sess_redis_command(redises[0], NULL, NULL, 0, 3, (const char *const[]){ "EVAL",
		"for _,k in ipairs(redis.call('KEYS','feed:*:tax')) do redis.call('SET',k,'z') end", "0" }, NULL), 0);
	assert_int_equal(put("tax", "b", "one"), SESS_FEED_DOWN);
	assert_int_equal(ack("tax", "1-1"), SESS_FEED_DOWN);
	assert_int_equal(answered(sess_feed_read(feeds, "tax", NULL, 1, on_read, &told, 7)), SESS_FEED_DOWN);
}

static void freed_with_questions_open(void **state)
{
	(void)state;
	assert_int_equal(sess_feed_put(feeds, "tax", "a", "b", 1, on_done, &told, 7), 0);
	assert_int_equal(sess_feed_read(feeds, "tax", NULL, 1, on_read, &told, 7), 0);
	assert_int_equal(told.answers, 0);
	TALLOC_FREE(feeds);
	assert_int_equal(told.answers, 2);
	assert_int_equal(told.result, SESS_FEED_DOWN);
	for (int i = 0; i < 50; i++)
		turn();
	assert_int_equal(told.answers, 2);
}

static void forgotten_scripts_are_loaded_again(void **state)
{
	(void)state;
	assert_int_equal(put("tax", "a", "one"), SESS_FEED_OK);
	assert_int_equal(sess_redis_command(redises[0], NULL, NULL, 0, 2, (const char *const[]){ "SCRIPT", "FLUSH" }, NULL), 0);
	assert_int_equal(put("tax", "b", "two"), SESS_FEED_OK);
	assert_int_equal(count("tax", NULL, 10), 2);
	assert_int_equal(ack("tax", told.cursor[1]), SESS_FEED_OK);
	assert_int_equal(sess_feeds_counters(feeds)->reloads, 2);
}

static void the_server_dies(void **state)
{
	(void)state;
	redis_server_hang(&server);
	assert_int_equal(sess_feed_put(feeds, "tax", "a", "b", 1, on_done, &told, 7), 0);
	turn();
	redis_server_kill(&server);
	TURN_UNTIL(told.answers == 1);
	assert_int_equal(told.result, SESS_FEED_DOWN);
	TURN_UNTIL(!sess_redis_up(redises[0]));
	assert_int_equal(put("tax", "a", "b"), SESS_FEED_DOWN); /* later, as ever */
	redis_server_restart(&server);
	TURN_UNTIL(sess_redis_up(redises[0]));
	assert_int_equal(put("tax", "a", "b"), SESS_FEED_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(read_and_acknowledged_in_pieces, begin, end),
		cmocka_unit_test_setup_teardown(put_twice_is_put_once, begin, end),
		cmocka_unit_test_setup_teardown(a_full_feed_takes_nothing, begin, end),
		cmocka_unit_test_setup_teardown(cursors_that_are_none, begin, end),
		cmocka_unit_test_setup_teardown(names_and_sizes_have_bounds, begin, end),
		cmocka_unit_test_setup_teardown(what_others_wrote, begin, end),
		cmocka_unit_test_setup_teardown(freed_with_questions_open, begin, end),
		cmocka_unit_test_setup_teardown(forgotten_scripts_are_loaded_again, begin, end),
		cmocka_unit_test_setup_teardown(the_server_dies, begin, end),
	};
	world_begin("feed_test", NULL);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	world_end();
	return failed;
}
