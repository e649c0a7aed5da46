/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The cache: what was put is found until it expires, is dropped, or gives way to something newer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <cmocka.h>

#include "sessions/cache.h"

static void put_text(struct sess_cache *cache, const char *id, const char *text, int64_t expire_ms)
{
	sess_cache_put(cache, id, (const uint8_t *)text, strlen(text), expire_ms);
}

static void assert_found(struct sess_cache *cache, const char *id, const char *text)
{
	struct sess_cache_entry *entry = sess_cache_find(cache, id, 0);
	assert_non_null(entry);
	assert_int_equal(entry->octets, strlen(text));
	assert_memory_equal(entry->value, text, entry->octets);
}

static void what_was_put_is_found(void **state)
{
	struct sess_cache *cache = sess_cache_alloc(NULL, 64, 1);
	(void)state;
	put_text(cache, "989121234567", "one", 100);
	put_text(cache, "989121234568", "two", 100);
	assert_found(cache, "989121234567", "one");
	assert_found(cache, "989121234568", "two");
	assert_null(sess_cache_find(cache, "98912123456", 0));
	put_text(cache, "989121234567", "three", 100);
	assert_found(cache, "989121234567", "three");
	sess_cache_drop(cache, "989121234567");
	assert_null(sess_cache_find(cache, "989121234567", 0));
	assert_found(cache, "989121234568", "two");
	talloc_free(cache);
}

static void the_expired_is_not_served(void **state)
{
	struct sess_cache *cache = sess_cache_alloc(NULL, 64, 1);
	(void)state;
	put_text(cache, "1", "one", 100);
	assert_non_null(sess_cache_find(cache, "1", 99));
	assert_null(sess_cache_find(cache, "1", 100));
	assert_null(sess_cache_find(cache, "1", 99)); /* not even if the clock goes back */
	talloc_free(cache);
}

static void the_longest_unused_gives_way(void **state)
{
	struct sess_cache *cache = sess_cache_alloc(NULL, 4, 7); /* one set */
	(void)state;
	put_text(cache, "a", "1", 100);
	put_text(cache, "b", "2", 100);
	put_text(cache, "c", "3", 100);
	put_text(cache, "d", "4", 100);
	assert_found(cache, "a", "1");
	put_text(cache, "e", "5", 100);
	assert_null(sess_cache_find(cache, "b", 0));
	assert_found(cache, "a", "1");
	assert_found(cache, "c", "3");
	assert_found(cache, "d", "4");
	assert_found(cache, "e", "5");
	talloc_free(cache);
}

static void the_large_are_not_kept(void **state)
{
	struct sess_cache *cache = sess_cache_alloc(NULL, 4, 7);
	static uint8_t large[SESS_CACHE_VALUE_MAX + 1];
	(void)state;
	sess_cache_put(cache, "a", large, SESS_CACHE_VALUE_MAX, 100);
	assert_int_equal(sess_cache_find(cache, "a", 0)->octets, SESS_CACHE_VALUE_MAX);
	sess_cache_put(cache, "a", large, SESS_CACHE_VALUE_MAX + 1, 100);
	assert_null(sess_cache_find(cache, "a", 0)); /* and what stood there is stale */
	talloc_free(cache);
}

static void many_share_what_there_is(void **state)
{
	struct sess_cache *cache = sess_cache_alloc(NULL, 1000, 3); /* rounded up to 1024 */
	char id[SESS_ID_MAX + 1];
	unsigned int found = 0;
	(void)state;
	for (int i = 0; i < 100000; i++) {
		snprintf(id, sizeof(id), "98912%07d", i);
		put_text(cache, id, id, 100);
		assert_found(cache, id, id);
	}
	for (int i = 0; i < 100000; i++) {
		snprintf(id, sizeof(id), "98912%07d", i);
		if (sess_cache_find(cache, id, 0)) {
			assert_found(cache, id, id);
			found++;
		}
	}
	assert_int_equal(found, 1024);
	talloc_free(cache);
}

static void none_is_a_size_too(void **state)
{
	struct sess_cache *cache = sess_cache_alloc(NULL, 0, 3);
	(void)state;
	put_text(cache, "a", "1", 100);
	assert_null(sess_cache_find(cache, "a", 0));
	sess_cache_drop(cache, "a");
	talloc_free(cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_is_found),
		cmocka_unit_test(the_expired_is_not_served),
		cmocka_unit_test(the_longest_unused_gives_way),
		cmocka_unit_test(the_large_are_not_kept),
		cmocka_unit_test(many_share_what_there_is),
		cmocka_unit_test(none_is_a_size_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
