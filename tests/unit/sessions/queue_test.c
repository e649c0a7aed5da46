/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Queues on a real Redis: two processes (two queues on two connections) that race and die, answers that are lost, groups and
 * scripts that are forgotten, servers that are killed in the middle. */
#include <errno.h>

#include "tests/unit/sessions/redis_world.h"

#include "sessions/queue.h"
#include "sessions/store.h"

#define ALICE "989121234567"
#define BOB "989359876543"
#define KEPT 64

/* What a callback was given, copied. */
struct taken {
	struct sess_queue_handle handle;
	char key[SESS_QUEUE_KEY_MAX + 1], body[64];
};

/* A process: a connection and a queue. */
struct process {
	struct sess_queue *queue;
	unsigned int answers;
	enum sess_queue_result result;
	struct sess_queue_id id;
	bool has_id, inside, free_queue;
	struct taken taken[KEPT];
	size_t n;
	struct sess_queue_dead dead[KEPT];
	char reason[SESS_QUEUE_REASON_MAX + 1];
	struct sess_queue_stats stats;
	char text[200];
	int64_t integer;
};
static struct process one, two;

/* Of the world's connections. */
static unsigned int which(const struct process *p)
{
	return p == &two;
}

static void begin_as(struct process *p, const struct sess_queue_config *queue_config, unsigned int pending_max)
{
	memset(p, 0, sizeof(*p));
	world_connect(which(p), pending_max, 10000);
	p->queue = sess_queue_alloc(root, redises[which(p)], queue_config);
	assert_non_null(p->queue);
}

static void begin(struct process *p, const char *consumer)
{
	begin_as(p, &(struct sess_queue_config){ .name = "outbox", .group = "gateways", .consumer = consumer, .claims_max = 3 }, 5000);
}

static void end(struct process *p)
{
	if (p->queue)
		talloc_free(p->queue);
	world_disconnect(which(p));
	memset(p, 0, sizeof(*p));
}

static int both_up(void **state)
{
	(void)state;
	begin(&one, "one");
	begin(&two, "two");
	TURN_UNTIL(sess_redis_up(redises[0]) && sess_redis_up(redises[1]));
	return 0;
}

static void on_reply(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	struct process *p = ctx;
	(void)token;
	assert_int_equal(outcome, SESS_REDIS_OK);
	p->answers++;
	p->integer = reply->integer;
	snprintf(p->text, sizeof(p->text), "%.*s", reply->text ? (int)reply->octets : 0, reply->text ? reply->text : "");
}

/* Any command, by its words. */
static void says(struct process *p, int argc, const char *const *argv)
{
	unsigned int before = p->answers;
	assert_int_equal(sess_redis_command(redises[which(p)], on_reply, p, 0, argc, argv, NULL), 0);
	TURN_UNTIL(p->answers > before);
}

#define SAYS(p, ...) says(p, (int)ARRAY_SIZE(((const char *const[]){ __VA_ARGS__ })), (const char *const[]){ __VA_ARGS__ })

static int both_end(void **state)
{
	(void)state;
	if (!redises[0] || !sess_redis_up(redises[0])) {
		end(&one);
		begin(&one, "one");
		TURN_UNTIL(sess_redis_up(redises[0]));
	}
	SAYS(&one, "FLUSHALL");
	end(&one);
	end(&two);
	return 0;
}

/* ------------------------------------------------------------------ the verbs, waited for */

static void answered(struct process *p, uint64_t token, enum sess_queue_result result)
{
	assert_int_equal(token, 77);
	assert_false(p->inside);
	p->answers++;
	p->result = result;
	if (p->free_queue) {
		talloc_free(p->queue);
		p->queue = NULL;
		p->free_queue = false;
	}
}

static void on_add(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_id *id)
{
	struct process *p = ctx;
	p->has_id = id != NULL;
	if (id)
		p->id = *id;
	answered(p, token, result);
}

static void on_take(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_entry *entries, size_t n)
{
	struct process *p = ctx;
	assert_in_range(n, 0, KEPT);
	p->n = n;
	for (size_t i = 0; i < n; i++) {
		p->taken[i].handle = entries[i].handle;
		snprintf(p->taken[i].key, sizeof(p->taken[i].key), "%s", entries[i].key);
		snprintf(p->taken[i].body, sizeof(p->taken[i].body), "%.*s", (int)entries[i].octets, (const char *)entries[i].body);
	}
	answered(p, token, result);
}

static void on_settle(void *ctx, uint64_t token, enum sess_queue_result result)
{
	answered(ctx, token, result);
}

static void on_dead(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_dead *dead, size_t n)
{
	struct process *p = ctx;
	assert_in_range(n, 0, KEPT);
	p->n = n;
	for (size_t i = 0; i < n; i++) {
		p->dead[i] = dead[i];
		snprintf(p->taken[i].key, sizeof(p->taken[i].key), "%s", dead[i].key);
		snprintf(p->taken[i].body, sizeof(p->taken[i].body), "%.*s", (int)dead[i].octets, (const char *)dead[i].body);
		snprintf(p->reason, sizeof(p->reason), "%s", dead[i].reason);
	}
	answered(p, token, result);
}

static void on_stats(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_stats *stats)
{
	struct process *p = ctx;
	assert_true(!!stats == (result == SESS_QUEUE_OK));
	if (stats)
		p->stats = *stats;
	answered(p, token, result);
}

/* The call, and its one answer. */
#define WAIT(p, call) \
	do { \
		unsigned int before_ = (p)->answers; \
		(p)->inside = true; \
		assert_int_equal(call, 0); \
		(p)->inside = false; \
		TURN_UNTIL((p)->answers > before_); \
		assert_int_equal((p)->answers, before_ + 1); \
	} while (0)

static enum sess_queue_result add(struct process *p, const char *number, const char *key, const char *order, const char *body)
{
	struct sess_queue_add what = { .partition_by = number, .key = key, .order = order, .body = body, .octets = strlen(body) };
	WAIT(p, sess_queue_add(p->queue, &what, on_add, p, 77));
	return p->result;
}

static size_t take(struct process *p, unsigned int n)
{
	WAIT(p, sess_queue_take(p->queue, n, on_take, p, 77));
	assert_int_equal(p->result, SESS_QUEUE_OK);
	assert_in_range(p->n, 0, n);
	return p->n;
}

static size_t claim(struct process *p, unsigned int idle_ms)
{
	WAIT(p, sess_queue_claim(p->queue, idle_ms, on_take, p, 77));
	assert_int_equal(p->result, SESS_QUEUE_OK);
	return p->n;
}

static enum sess_queue_result done(struct process *p, const struct sess_queue_handle *handle)
{
	WAIT(p, sess_queue_done(p->queue, handle, NULL, on_settle, p, 77));
	return p->result;
}

static enum sess_queue_result later(struct process *p, const struct sess_queue_handle *handle, unsigned int pause_ms)
{
	WAIT(p, sess_queue_later(p->queue, handle, pause_ms, on_settle, p, 77));
	return p->result;
}

static enum sess_queue_result bury(struct process *p, const struct sess_queue_handle *handle, const char *reason)
{
	WAIT(p, sess_queue_bury(p->queue, handle, reason, on_settle, p, 77));
	return p->result;
}

static const struct sess_queue_stats *stats(struct process *p)
{
	WAIT(p, sess_queue_stats(p->queue, on_stats, p, 77));
	assert_int_equal(p->result, SESS_QUEUE_OK);
	return &p->stats;
}

static void assert_body(const struct process *p, size_t i, const char *body)
{
	assert_in_range(i, 0, p->n - 1);
	assert_string_equal(p->taken[i].body, body);
}

/* ------------------------------------------------------------------ add, take, done */

static void what_is_added_is_taken_once_and_done(void **state)
{
	(void)state;
	assert_int_equal(add(&one, ALICE, "k1", NULL, "salam"), SESS_QUEUE_OK);
	struct sess_queue_id id = one.id;
	assert_true(sess_queue_likely(one.queue));
	assert_false(sess_queue_likely(two.queue));
	assert_int_equal(take(&two, 10), 1);
	assert_body(&two, 0, "salam");
	assert_string_equal(two.taken[0].key, "k1");
	assert_int_equal(two.taken[0].handle.attempt, 1);
	assert_int_equal(two.taken[0].handle.partition, sess_store_partition(ALICE));
	assert_false(two.taken[0].handle.claimed);
	assert_memory_equal(&two.taken[0].handle.id, &id, sizeof(id));
	assert_int_equal(take(&one, 10), 0);
	assert_false(sess_queue_likely(one.queue));
	assert_int_equal(stats(&one)->taken, 1);
	assert_int_equal(one.stats.oldest_ms, id.ms);
	assert_int_equal(done(&two, &two.taken[0].handle), SESS_QUEUE_OK);
	assert_int_equal(stats(&one)->length, 0);
	assert_int_equal(one.stats.oldest_ms, 0);
	assert_int_equal(done(&two, &two.taken[0].handle), SESS_QUEUE_GONE);
	assert_int_equal(sess_queue_counters(two.queue)->done, 1);
}

static void an_add_that_is_repeated_adds_once(void **state)
{
	(void)state;
	assert_int_equal(add(&one, ALICE, "k1", NULL, "first"), SESS_QUEUE_OK);
	struct sess_queue_id id = one.id;
	assert_int_equal(add(&two, ALICE, "k1", NULL, "again"), SESS_QUEUE_AGAIN);
	assert_true(two.has_id);
	assert_memory_equal(&two.id, &id, sizeof(id));
	assert_int_equal(take(&one, 10), 1);
	assert_body(&one, 0, "first");
	assert_int_equal(done(&one, &one.taken[0].handle), SESS_QUEUE_OK);
	assert_int_equal(add(&two, ALICE, "k1", NULL, "and when it is done"), SESS_QUEUE_AGAIN);
	/* Another key, no key, another partition: other entries. */
	assert_int_equal(add(&one, ALICE, "k2", NULL, "x"), SESS_QUEUE_OK);
	assert_int_equal(add(&one, ALICE, NULL, NULL, "x"), SESS_QUEUE_OK);
	assert_int_equal(add(&one, ALICE, NULL, NULL, "x"), SESS_QUEUE_OK);
	assert_int_equal(add(&one, BOB, "k1", NULL, "x"), SESS_QUEUE_OK);
	assert_int_equal(take(&one, 10), 4);
	char key[64];
	snprintf(key, sizeof(key), "done:{p%02u}:outbox:k1", sess_store_partition(ALICE));
	SAYS(&one, "PTTL", key);
	assert_in_range(one.integer, 80000000, 86400000);
}

static void a_take_is_bounded_fair_and_oldest_first(void **state)
{
	char number[32], body[32];
	(void)state;
	for (int i = 0; i < 20; i++) {
		snprintf(body, sizeof(body), "%d", i);
		add(&one, ALICE, NULL, NULL, body);
	}
	for (int i = 0; i < 5; i++) {
		snprintf(number, sizeof(number), "98912000000%d", i * 2);
		assert_int_not_equal(sess_store_partition(number), sess_store_partition(ALICE));
		add(&one, number, NULL, NULL, "other");
	}
	/* Two of each of the six partitions first, as far as there are, then from where there is more; the oldest first. */
	assert_int_equal(take(&one, 12), 12);
	int others = 0, next = 0;
	for (size_t i = 0; i < one.n; i++) {
		if (strcmp(one.taken[i].body, "other") == 0)
			others++;
		else
			assert_int_equal(atoi(one.taken[i].body), next++);
	}
	assert_int_equal(others, 5);
	assert_true(sess_queue_likely(one.queue));
	/* Who knows of nothing finds all the same, in one answer. */
	assert_int_equal(take(&two, 3), 3);
	assert_body(&two, 0, "7");
	assert_body(&two, 2, "9");
	assert_int_equal(take(&one, 64), 10);
	assert_int_equal(take(&one, 64), 0);
	assert_false(sess_queue_likely(one.queue));
}

static void what_does_not_fit_is_refused_at_once(void **state)
{
	char long_key[SESS_QUEUE_KEY_MAX + 2];
	struct sess_queue_add what = { .partition_by = ALICE, .body = "", .octets = SESS_QUEUE_BODY_MAX + 1 };
	struct sess_queue_handle handle = { .partition = 64 };
	struct sess_queue_effect effect = { .key = "elsewhere:{p63}", .value = "", .octets = 0 };
	(void)state;
	assert_int_equal(sess_queue_add(one.queue, &what, on_add, &one, 0), -EINVAL);
	memset(long_key, 'k', sizeof(long_key));
	long_key[sizeof(long_key) - 1] = 0;
	what = (struct sess_queue_add){ .partition_by = ALICE, .key = long_key };
	assert_int_equal(sess_queue_add(one.queue, &what, on_add, &one, 0), -EINVAL);
	what = (struct sess_queue_add){ .partition_by = ALICE, .order = "two words" };
	assert_int_equal(sess_queue_add(one.queue, &what, on_add, &one, 0), -EINVAL);
	what = (struct sess_queue_add){ .partition_by = ALICE, .order = "1234567890123456789012345" };
	assert_int_equal(sess_queue_add(one.queue, &what, on_add, &one, 0), -EINVAL);
	assert_int_equal(sess_queue_take(one.queue, 0, on_take, &one, 0), -EINVAL);
	assert_int_equal(sess_queue_done(one.queue, &handle, NULL, on_settle, &one, 0), -EINVAL);
	handle.partition = 1;
	assert_int_equal(sess_queue_done(one.queue, &handle, &effect, on_settle, &one, 0), -EINVAL);
	for (int i = 0; i < 10; i++)
		turn();
	assert_int_equal(one.answers, 0);
	assert_null(sess_queue_alloc(root, redises[0], &(struct sess_queue_config){ .name = "Out:box", .group = "g", .consumer = "c" }));
	assert_null(sess_queue_alloc(root, redises[0], &(struct sess_queue_config){ .name = "outbox", .group = "g", .consumer = "parked" }));
}

static void the_largest_of_everything_passes(void **state)
{
	static char body[SESS_QUEUE_BODY_MAX], key[SESS_QUEUE_KEY_MAX + 1];
	char effect_key[257];
	(void)state;
	memset(body, 'b', sizeof(body));
	memset(key, 'k', sizeof(key) - 1);
	struct sess_queue_add what = { .partition_by = ALICE, .key = key, .order = "123456789012345678901234", .body = body, .octets = sizeof(body) };
	WAIT(&one, sess_queue_add(one.queue, &what, on_add, &one, 77));
	assert_int_equal(one.result, SESS_QUEUE_OK);
	assert_int_equal(take(&one, SESS_QUEUE_TAKE_MAX), 1);
	assert_string_equal(one.taken[0].key, key);
	assert_string_equal(one.taken[0].handle.order, what.order);
	memset(effect_key, 'e', sizeof(effect_key) - 1);
	effect_key[256] = 0;
	char tag[8];
	memcpy(effect_key, tag, (size_t)snprintf(tag, sizeof(tag), "{p%02u}", sess_store_partition(ALICE)));
	memcpy(effect_key, tag, 5);
	struct sess_queue_effect effect = { .key = effect_key, .value = body, .octets = sizeof(body), .expire_ms = UINT32_MAX,
					    .next_queue = one.queue, .next = what };
	key[0] = 'n';
	effect.next.key_ms = UINT32_MAX;
	WAIT(&one, sess_queue_done(one.queue, &one.taken[0].handle, &effect, on_settle, &one, 77));
	assert_int_equal(one.result, SESS_QUEUE_OK);
	assert_int_equal(take(&one, 10), 1);
	assert_int_equal(bury(&one, &one.taken[0].handle, body), SESS_QUEUE_OK);
	WAIT(&one, sess_queue_dead_list(one.queue, NULL, 10, on_dead, &one, 77));
	assert_int_equal(one.n, 1);
	assert_int_equal(strlen(one.reason), SESS_QUEUE_REASON_MAX);
	assert_int_equal(one.dead[0].octets, sizeof(body));
}

static void a_full_partition_says_so(void **state)
{
	(void)state;
	end(&two);
	begin_as(&two, &(struct sess_queue_config){ .name = "outbox", .group = "gateways", .consumer = "two", .length_max = 2 }, 100);
	TURN_UNTIL(sess_redis_up(redises[1]));
	assert_int_equal(add(&two, ALICE, "a", NULL, "a"), SESS_QUEUE_OK);
	assert_int_equal(add(&two, ALICE, "b", NULL, "b"), SESS_QUEUE_OK);
	assert_int_equal(add(&two, ALICE, "c", NULL, "c"), SESS_QUEUE_FULL);
	assert_false(two.has_id);
	assert_int_equal(add(&two, ALICE, "a", NULL, "a"), SESS_QUEUE_AGAIN);
	assert_int_equal(add(&two, BOB, "c", NULL, "c"), SESS_QUEUE_OK);
	assert_int_equal(take(&two, 1), 1);
	assert_int_equal(done(&two, &two.taken[0].handle), SESS_QUEUE_OK);
	/* A refused add left no key behind. */
	if (two.taken[0].handle.partition == sess_store_partition(ALICE))
		assert_int_equal(add(&two, ALICE, "c", NULL, "c"), SESS_QUEUE_OK);
	else
		assert_int_equal(add(&two, BOB, "d", NULL, "d"), SESS_QUEUE_OK);
}

/* ------------------------------------------------------------------ claims and fencing */

static void the_work_of_the_dead_is_claimed_and_done_once(void **state)
{
	char key[64];
	(void)state;
	snprintf(key, sizeof(key), "sent:{p%02u}:1", sess_store_partition(ALICE));
	struct sess_queue_effect effect = { .key = key, .value = "by two", .octets = 6 };
	add(&one, ALICE, "k", NULL, "work");
	assert_int_equal(take(&one, 10), 1);
	struct sess_queue_handle held_by_one = one.taken[0].handle;
	assert_int_equal(claim(&two, 3600000), 0);    /* it is not idle for long enough */
	assert_int_equal(claim(&two, 0), 1);
	assert_body(&two, 0, "work");
	assert_true(two.taken[0].handle.claimed);
	assert_int_equal(two.taken[0].handle.attempt, 2);
	/* It was not dead, only slow: every verb of it is refused, and does nothing. */
	struct sess_queue_effect late = { .key = key, .value = "by one", .octets = 6 };
	WAIT(&one, sess_queue_done(one.queue, &held_by_one, &late, on_settle, &one, 77));
	assert_int_equal(one.result, SESS_QUEUE_LOST);
	assert_int_equal(later(&one, &held_by_one, 0), SESS_QUEUE_LOST);
	assert_int_equal(bury(&one, &held_by_one, "no"), SESS_QUEUE_LOST);
	WAIT(&one, sess_queue_renew(one.queue, &held_by_one, on_settle, &one, 77));
	assert_int_equal(one.result, SESS_QUEUE_LOST);
	SAYS(&one, "EXISTS", key);
	assert_int_equal(one.integer, 0);
	WAIT(&two, sess_queue_done(two.queue, &two.taken[0].handle, &effect, on_settle, &two, 77));
	assert_int_equal(two.result, SESS_QUEUE_OK);
	SAYS(&one, "GET", key);
	assert_string_equal(one.text, "by two");
	assert_int_equal(done(&one, &held_by_one), SESS_QUEUE_GONE);
	assert_int_equal(claim(&one, 0), 0);
	assert_int_equal(stats(&one)->length, 0);
	assert_int_equal(sess_queue_counters(one.queue)->lost, 5);
}

/* The answer to a take was lost: what it took is ours, and we do not know. The same process finds it by the same way. */
static void a_process_claims_from_itself_and_the_old_handle_is_void(void **state)
{
	(void)state;
	add(&one, ALICE, "k", NULL, "work");
	take(&one, 1);
	struct sess_queue_handle old = one.taken[0].handle;
	assert_int_equal(claim(&one, 0), 1);
	assert_int_equal(done(&one, &old), SESS_QUEUE_LOST);
	assert_int_equal(done(&one, &one.taken[0].handle), SESS_QUEUE_OK);
}

static void what_is_renewed_is_not_idle(void **state)
{
	(void)state;
	add(&one, ALICE, "k", NULL, "work");
	take(&one, 1);
	int64_t began = sess_clock_ms();
	TURN_UNTIL(sess_clock_ms() >= began + 60);
	WAIT(&one, sess_queue_renew(one.queue, &one.taken[0].handle, on_settle, &one, 77));
	assert_int_equal(one.result, SESS_QUEUE_OK);
	began = sess_clock_ms();
	size_t found = claim(&two, 60);
	if (sess_clock_ms() < began + 50)     /* else the machine slept in between, and nothing can be said */
		assert_int_equal(found, 0);
	if (!found)
		assert_int_equal(done(&one, &one.taken[0].handle), SESS_QUEUE_OK);
}

static void an_effect_that_stands_there_is_not_written_again(void **state)
{
	char key[64];
	(void)state;
	snprintf(key, sizeof(key), "sent:{p%02u}:1", sess_store_partition(ALICE));
	add(&one, ALICE, NULL, NULL, "a");
	add(&one, ALICE, NULL, NULL, "the same again");
	take(&one, 2);
	struct sess_queue_effect effect = { .key = key, .value = "first", .octets = 5, .expire_ms = 100000 };
	effect.next_queue = two.queue;
	/* Another queue on another redis object cannot be in one script. */
	assert_int_equal(sess_queue_done(one.queue, &one.taken[0].handle, &effect, on_settle, &one, 77), -EINVAL);
	struct sess_queue *events = sess_queue_alloc(root, redises[0], &(struct sess_queue_config){ .name = "events", .group = "g", .consumer = "one" });
	effect.next_queue = events;
	effect.next = (struct sess_queue_add){ .key = "e1", .body = "it was sent", .octets = 11 };
	WAIT(&one, sess_queue_done(one.queue, &one.taken[0].handle, &effect, on_settle, &one, 77));
	assert_int_equal(one.result, SESS_QUEUE_OK);
	effect.value = "other";
	effect.next.key = "e2";
	WAIT(&one, sess_queue_done(one.queue, &one.taken[1].handle, &effect, on_settle, &one, 77));
	assert_int_equal(one.result, SESS_QUEUE_AGAIN);
	assert_int_equal(stats(&one)->length, 0);
	SAYS(&one, "GET", key);
	assert_string_equal(one.text, "first");
	SAYS(&one, "PTTL", key);
	assert_in_range(one.integer, 1, 100000);
	/* The event stands once, and its own key is known to an add. */
	WAIT(&one, sess_queue_take(events, 10, on_take, &one, 77));
	assert_int_equal(one.n, 1);
	assert_body(&one, 0, "it was sent");
	struct sess_queue_add again = { .partition_by = ALICE, .key = "e1", .body = "", .octets = 0 };
	WAIT(&one, sess_queue_add(events, &again, on_add, &one, 77));
	assert_int_equal(one.result, SESS_QUEUE_AGAIN);
	talloc_free(events);
}

/* An entry that kills its takers is buried after claims_max of them; a neighbour that was only held beside it is not. */
static void a_poisonous_entry_is_buried_its_neighbours_are_not(void **state)
{
	(void)state;
	add(&one, ALICE, "bad", NULL, "poison");
	add(&one, ALICE, "good", NULL, "innocent");
	take(&one, 2);
	int deaths = 0, innocents = 0;
	while (claim(&two, 0)) {
		if (strcmp(two.taken[0].body, "poison") == 0) {
			deaths++;
			continue;
		}
		innocents++;
		assert_int_equal(done(&two, &two.taken[0].handle), SESS_QUEUE_OK);
	}
	assert_int_equal(deaths, 3);
	assert_int_equal(innocents, 1);
	WAIT(&one, sess_queue_dead_list(one.queue, NULL, 10, on_dead, &one, 77));
	assert_int_equal(one.n, 1);
	assert_body(&one, 0, "poison");
	assert_int_equal(one.dead[0].attempts, 4);
	assert_true(strstr(one.reason, "takers") != NULL);
	assert_int_equal(stats(&one)->length, 0);
}

/* ------------------------------------------------------------------ later, order */

static void a_retry_is_not_before_its_time_and_counts_attempts(void **state)
{
	(void)state;
	add(&one, ALICE, "k", NULL, "work");
	take(&one, 1);
	assert_int_equal(later(&one, &one.taken[0].handle, 3600000), SESS_QUEUE_OK);
	assert_int_equal(done(&one, &one.taken[0].handle), SESS_QUEUE_LOST);
	assert_int_equal(take(&one, 10), 0);
	assert_int_equal(claim(&two, 0), 0);     /* delayed is not idle */
	assert_int_equal(stats(&one)->delayed, 1);
	assert_int_equal(one.stats.taken, 0);
	/* Its time comes. */
	char key[64];
	snprintf(key, sizeof(key), "later:{p%02u}:outbox", sess_store_partition(ALICE));
	SAYS(&one, "ZPOPMIN", key);
	char id[64];
	snprintf(id, sizeof(id), "%llu-%llu", (unsigned long long)one.id.ms, (unsigned long long)one.id.seq);
	SAYS(&one, "ZADD", key, "1", id);
	assert_int_equal(take(&two, 10), 1);
	assert_int_equal(two.taken[0].handle.attempt, 2);
	assert_int_equal(later(&two, &two.taken[0].handle, 0), SESS_QUEUE_OK);
	assert_int_equal(take(&two, 10), 1);
	assert_int_equal(two.taken[0].handle.attempt, 3);
	assert_int_equal(done(&two, &two.taken[0].handle), SESS_QUEUE_OK);
}

static void entries_of_one_key_come_one_at_a_time_in_order(void **state)
{
	char body[16];
	(void)state;
	for (int i = 0; i < 6; i++) {
		snprintf(body, sizeof(body), "%d", i);
		add(&one, ALICE, body, ALICE, body);
	}
	add(&one, ALICE, "b", BOB, "of another");     /* the same partition, another order */
	assert_int_equal(take(&one, 10), 2);
	assert_body(&one, 0, "0");
	assert_body(&one, 1, "of another");
	struct sess_queue_handle head = one.taken[0].handle;
	assert_string_equal(head.order, ALICE);
	assert_int_equal(take(&two, 10), 0);
	assert_int_equal(stats(&two)->held, 5);
	/* A retry holds them back too, for as long as it takes ... */
	assert_int_equal(later(&one, &head, 3600000), SESS_QUEUE_OK);
	assert_int_equal(take(&two, 10), 0);
	assert_int_equal(claim(&two, 0), 1);
	assert_body(&two, 0, "of another");
	assert_int_equal(claim(&two, 0), 1);          /* not those held */
	assert_body(&two, 0, "of another");
	char key[64], id[64];
	snprintf(key, sizeof(key), "later:{p%02u}:outbox", sess_store_partition(ALICE));
	snprintf(id, sizeof(id), "%llu-%llu", (unsigned long long)head.id.ms, (unsigned long long)head.id.seq);
	SAYS(&one, "ZADD", key, "1", id);
	/* ... and then one follows the other, whoever takes them, however they end. */
	for (int i = 0; i < 6; i++) {
		struct process *p = i % 2 ? &one : &two;
		assert_int_equal(take(p, 10), 1);
		assert_int_equal(atoi(p->taken[0].body), i);
		assert_int_equal(p->taken[0].handle.attempt, i ? 1 : 2);
		if (i == 3) {
			assert_int_equal(bury(p, &p->taken[0].handle, "no such number"), SESS_QUEUE_OK);
			continue;
		}
		assert_int_equal(done(p, &p->taken[0].handle), SESS_QUEUE_OK);
		assert_true(i == 5 || sess_queue_likely(p->queue));
	}
	assert_int_equal(stats(&one)->held, 0);
	snprintf(key, sizeof(key), "turn:{p%02u}:outbox", sess_store_partition(ALICE));
	SAYS(&one, "HLEN", key);
	assert_int_equal(one.integer, 1);             /* the other's, which was never settled */
}

static void followers_wait_for_the_dead_too(void **state)
{
	(void)state;
	add(&one, ALICE, "1", ALICE, "first");
	add(&one, ALICE, "2", ALICE, "second");
	assert_int_equal(take(&one, 1), 1);
	assert_int_equal(take(&two, 10), 0);
	end(&one);
	begin(&one, "one-again");
	TURN_UNTIL(sess_redis_up(redises[0]));
	assert_int_equal(take(&one, 10), 0);
	assert_int_equal(claim(&two, 0), 1);
	assert_body(&two, 0, "first");
	assert_int_equal(take(&one, 10), 0);
	assert_int_equal(done(&two, &two.taken[0].handle), SESS_QUEUE_OK);
	assert_int_equal(take(&one, 10), 1);
	assert_body(&one, 0, "second");
	assert_int_equal(one.taken[0].handle.attempt, 1);
}

static void what_is_held_is_bounded(void **state)
{
	char body[16];
	(void)state;
	end(&two);
	begin_as(&two, &(struct sess_queue_config){ .name = "outbox", .group = "gateways", .consumer = "two", .held_max = 4 }, 5000);
	TURN_UNTIL(sess_redis_up(redises[1]));
	for (int i = 0; i < 40; i++) {
		snprintf(body, sizeof(body), "%d", i);
		add(&two, ALICE, body, ALICE, body);
	}
	assert_int_equal(take(&two, 2), 1);
	struct sess_queue_handle head = two.taken[0].handle;
	take(&two, 2);
	assert_in_range(stats(&two)->held, 4, 6);
	assert_false(sess_queue_likely(two.queue));   /* no spinning while nothing can come */
	for (int i = 0; i < 40; i++) {
		assert_int_equal(done(&two, &head), SESS_QUEUE_OK);
		assert_int_equal(take(&two, 2), i < 39 ? 1 : 0);
		if (i < 39)
			assert_int_equal(atoi(two.taken[0].body), i + 1);
		head = two.taken[0].handle;
	}
}

static void followers_of_an_entry_that_was_deleted_by_hand_go_on(void **state)
{
	char stream[64], id[64];
	(void)state;
	add(&one, ALICE, "1", ALICE, "first");
	snprintf(id, sizeof(id), "%llu-%llu", (unsigned long long)one.id.ms, (unsigned long long)one.id.seq);
	add(&one, ALICE, "2", ALICE, "second");
	take(&one, 1);
	assert_int_equal(take(&one, 10), 0);
	snprintf(stream, sizeof(stream), "outbox:{p%02u}", sess_store_partition(ALICE));
	SAYS(&one, "XDEL", stream, id);
	assert_int_equal(claim(&two, 0), 0);
	WAIT(&one, sess_queue_tend(one.queue, on_settle, &one, 77));
	assert_int_equal(take(&one, 10), 1);
	assert_body(&one, 0, "second");
}

/* ------------------------------------------------------------------ dead letters */

static void dead_letters_are_listed_retried_and_dropped(void **state)
{
	char number[32];
	(void)state;
	for (int i = 0; i < 9; i++) {
		snprintf(number, sizeof(number), "98935000000%d", i % 3);
		add(&one, number, number + 3, NULL, number);
	}
	for (int i = 0; i < 3; i++) {
		add(&one, ALICE, NULL, ALICE, "a letter");
	}
	size_t buried = 0;
	while (take(&one, 10)) {
		for (size_t i = 0; i < one.n; i++, buried++)
			assert_int_equal(bury(&one, &one.taken[i].handle, "agency says no"), SESS_QUEUE_OK);
	}
	assert_int_equal(buried, 6);                  /* three keys once, three without */
	assert_int_equal(stats(&one)->dead, 6);
	assert_int_equal(one.stats.length, 0);
	assert_true(one.stats.dead_oldest_ms > 0);
	/* In pages of four. */
	WAIT(&two, sess_queue_dead_list(two.queue, NULL, 4, on_dead, &two, 77));
	assert_int_equal(two.n, 4);
	struct sess_queue_dead_id last = two.dead[3].id, first = two.dead[0].id;
	assert_string_equal(two.reason, "agency says no");
	assert_int_equal(two.dead[0].attempts, 1);
	WAIT(&two, sess_queue_dead_list(two.queue, &last, 4, on_dead, &two, 77));
	assert_int_equal(two.n, 2);
	struct sess_queue_dead_id end_of_all = two.dead[1].id, fifth = two.dead[0].id;
	WAIT(&two, sess_queue_dead_list(two.queue, &end_of_all, 4, on_dead, &two, 77));
	assert_int_equal(two.n, 0);
	WAIT(&two, sess_queue_dead_drop(two.queue, &first, on_settle, &two, 77));
	assert_int_equal(two.result, SESS_QUEUE_OK);
	WAIT(&two, sess_queue_dead_drop(two.queue, &first, on_settle, &two, 77));
	assert_int_equal(two.result, SESS_QUEUE_GONE);
	WAIT(&two, sess_queue_dead_retry(two.queue, &fifth, on_add, &two, 77));
	assert_int_equal(two.result, SESS_QUEUE_OK);
	assert_true(two.has_id);
	WAIT(&two, sess_queue_dead_retry(two.queue, &fifth, on_add, &two, 77));
	assert_int_equal(two.result, SESS_QUEUE_GONE);
	assert_int_equal(take(&two, 10), 1);
	assert_int_equal(two.taken[0].handle.attempt, 1);
	assert_memory_equal(&two.taken[0].handle.id, &two.id, sizeof(two.id));
	assert_int_equal(stats(&one)->dead, 4);
}

/* ------------------------------------------------------------------ upkeep */

/* Two groups on one stream: trimmed is what both have done. */
static void a_trim_never_takes_what_a_group_still_needs(void **state)
{
	char stream[64];
	(void)state;
	end(&one);
	end(&two);
	begin_as(&one, &(struct sess_queue_config){ .name = "events", .group = "senders", .consumer = "one", .shared = true }, 5000);
	begin_as(&two, &(struct sess_queue_config){ .name = "events", .group = "auditors", .consumer = "two", .shared = true }, 5000);
	TURN_UNTIL(sess_redis_up(redises[0]) && sess_redis_up(redises[1]));
	snprintf(stream, sizeof(stream), "events:{p%02u}", sess_store_partition(ALICE));
	for (int i = 0; i < 8; i++)
		add(&one, ALICE, NULL, NULL, (char[]){ (char)('0' + i), 0 });
	WAIT(&one, sess_queue_tend(one.queue, on_settle, &one, 77));
	assert_int_equal(take(&one, 10), 8);
	assert_int_equal(take(&two, 6), 6);
	for (int i = 0; i < 8; i++)
		assert_int_equal(done(&one, &one.taken[i].handle), SESS_QUEUE_OK);
	for (int i = 0; i < 6; i++) {
		if (i == 3)
			assert_int_equal(later(&two, &two.taken[i].handle, 3600000), SESS_QUEUE_OK);
		else
			assert_int_equal(done(&two, &two.taken[i].handle), SESS_QUEUE_OK);
	}
	SAYS(&one, "XLEN", stream);
	assert_int_equal(one.integer, 8);
	WAIT(&one, sess_queue_tend(one.queue, on_settle, &one, 77));
	SAYS(&one, "XLEN", stream);
	assert_int_equal(one.integer, 5);             /* from the delayed one on */
	assert_int_equal(take(&two, 10), 2);
	assert_body(&two, 0, "6");
	for (int i = 0; i < 2; i++)
		done(&two, &two.taken[i].handle);
	char later_key[64];
	snprintf(later_key, sizeof(later_key), "later:{p%02u}:events", sess_store_partition(ALICE));
	WAIT(&two, sess_queue_tend(two.queue, on_settle, &two, 77));
	SAYS(&one, "XLEN", stream);
	assert_int_equal(one.integer, 5);
	SAYS(&one, "ZRANGE", later_key, "0", "-1");
	assert_int_equal(stats(&two)->delayed, 1);
	assert_true(two.stats.oldest_ms > 0);
	assert_int_equal(stats(&one)->oldest_ms, 0);
}

static void without_its_group_a_queue_is_read_from_the_start(void **state)
{
	char stream[64];
	(void)state;
	snprintf(stream, sizeof(stream), "outbox:{p%02u}", sess_store_partition(ALICE));
	add(&one, ALICE, "1", ALICE, "a");            /* before there is any group */
	add(&one, ALICE, "2", ALICE, "b");
	assert_int_equal(take(&two, 10), 1);
	SAYS(&one, "XGROUP", "DESTROY", stream, "gateways");
	assert_int_equal(done(&two, &two.taken[0].handle), SESS_QUEUE_GONE);
	assert_int_equal(claim(&two, 0), 0);
	assert_int_equal(stats(&one)->length, 2);
	assert_int_equal(take(&one, 10), 1);          /* nothing lost, and still in order */
	assert_body(&one, 0, "a");
	done(&one, &one.taken[0].handle);
	assert_int_equal(take(&one, 10), 1);
	assert_body(&one, 0, "b");
	/* A failover to an empty server. */
	SAYS(&one, "FLUSHALL");
	assert_int_equal(done(&one, &one.taken[0].handle), SESS_QUEUE_GONE);
	assert_int_equal(take(&one, 10), 0);
	assert_int_equal(add(&one, ALICE, "1", ALICE, "new"), SESS_QUEUE_OK);
	assert_int_equal(take(&two, 10), 1);
	assert_body(&two, 0, "new");
	WAIT(&two, sess_queue_tend(two.queue, on_settle, &two, 77));
	assert_int_equal(two.result, SESS_QUEUE_OK);
}

static void forgotten_scripts_are_loaded_again(void **state)
{
	(void)state;
	SAYS(&one, "SCRIPT", "FLUSH");
	assert_int_equal(add(&one, ALICE, "k", ALICE, "a"), SESS_QUEUE_OK);
	assert_int_equal(sess_queue_counters(one.queue)->reloads, 1);
	assert_int_equal(add(&one, ALICE, "k2", ALICE, "b"), SESS_QUEUE_OK);
	assert_int_equal(sess_queue_counters(one.queue)->reloads, 1);
	assert_int_equal(take(&one, 10), 1);
	SAYS(&one, "SCRIPT", "FLUSH");
	assert_int_equal(done(&one, &one.taken[0].handle), SESS_QUEUE_OK);
	assert_int_equal(stats(&one)->length, 1);
	assert_int_equal(sess_queue_counters(one.queue)->failures, 0);
}

/* ------------------------------------------------------------------ Redis goes away */

static void every_call_is_answered_when_redis_is_gone(void **state)
{
	(void)state;
	add(&one, ALICE, "k", NULL, "a");
	add(&one, ALICE, "k2", NULL, "b");
	take(&one, 1);
	struct sess_queue_handle handle = one.taken[0].handle;
	struct sess_queue_dead_id dead = { .partition = 3, .id = { 5, 0 } };
	/* The connections break with an answer under way, and then there are none. */
	redis_server_kill(&server);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(add(&one, ALICE, "l", NULL, "c"), SESS_QUEUE_DOWN);
		assert_int_equal(done(&one, &handle), SESS_QUEUE_DOWN);
		WAIT(&one, sess_queue_take(one.queue, 10, on_take, &one, 77));
		assert_int_equal(one.result, SESS_QUEUE_DOWN);
		assert_int_equal(one.n, 0);
		WAIT(&one, sess_queue_claim(one.queue, 10, on_take, &one, 77));
		assert_int_equal(one.result, SESS_QUEUE_DOWN);
		WAIT(&one, sess_queue_stats(one.queue, on_stats, &one, 77));
		assert_int_equal(one.result, SESS_QUEUE_DOWN);
		WAIT(&one, sess_queue_tend(one.queue, on_settle, &one, 77));
		assert_int_equal(one.result, SESS_QUEUE_DOWN);
		WAIT(&one, sess_queue_dead_list(one.queue, NULL, 10, on_dead, &one, 77));
		assert_int_equal(one.result, SESS_QUEUE_DOWN);
		WAIT(&one, sess_queue_dead_drop(one.queue, &dead, on_settle, &one, 77));
		assert_int_equal(one.result, SESS_QUEUE_DOWN);
	}
	redis_server_restart(&server);
	TURN_UNTIL(sess_redis_up(redises[0]) && sess_redis_up(redises[1]));
	assert_int_equal(add(&one, ALICE, "k", NULL, "a"), SESS_QUEUE_OK);
}

static void too_much_at_once_is_busy(void **state)
{
	(void)state;
	end(&two);
	begin_as(&two, &(struct sess_queue_config){ .name = "outbox", .group = "gateways", .consumer = "two" }, 4);
	TURN_UNTIL(sess_redis_up(redises[1]));
	struct sess_queue_add what = { .partition_by = ALICE, .body = "x", .octets = 1 };
	for (int i = 0; i < 10; i++)
		assert_int_equal(sess_queue_add(two.queue, &what, on_add, &two, 77), 0);
	TURN_UNTIL(two.answers == 10);
	assert_int_equal(sess_queue_counters(two.queue)->added, 4);
	assert_int_equal(sess_queue_counters(two.queue)->failures, 6);
	WAIT(&two, sess_queue_stats(two.queue, on_stats, &two, 77));
	assert_int_equal(two.result, SESS_QUEUE_BUSY);
}

/* Whatever is under way when the queue is freed, from outside or from a callback, is answered once; replies find nobody. */
static void freeing_answers_everything(void **state)
{
	struct sess_queue_add what = { .partition_by = ALICE, .key = "k", .body = "x", .octets = 1 };
	(void)state;
	for (int from_callback = 0; from_callback < 2; from_callback++) {
		struct sess_queue_handle handle = { .attempt = 1 };
		unsigned int before = one.answers;
		assert_int_equal(sess_queue_add(one.queue, &what, on_add, &one, 77), 0);
		assert_int_equal(sess_queue_take(one.queue, 100, on_take, &one, 77), 0);
		assert_int_equal(sess_queue_claim(one.queue, 0, on_take, &one, 77), 0);
		assert_int_equal(sess_queue_done(one.queue, &handle, NULL, on_settle, &one, 77), 0);
		assert_int_equal(sess_queue_stats(one.queue, on_stats, &one, 77), 0);
		assert_int_equal(sess_queue_tend(one.queue, on_settle, &one, 77), 0);
		assert_int_equal(sess_queue_dead_list(one.queue, NULL, 5, on_dead, &one, 77), 0);
		if (from_callback)
			one.free_queue = true;
		else
			talloc_free(one.queue);
		TURN_UNTIL(one.answers == before + 7);
		assert_int_equal(one.result, SESS_QUEUE_DOWN);
		TURN_UNTIL(sess_redis_pending(redises[0]) == 0);
		assert_int_equal(one.answers, before + 7);
		one.queue = sess_queue_alloc(root, redises[0], &(struct sess_queue_config){ .name = "outbox", .group = "gateways", .consumer = "1" });
	}
}

/* ------------------------------------------------------------------ everything dies */

#define STORY_ENTRIES 2000
#define STORY_NUMBERS 40

/* Adds until each is accepted, under keys; two takers that let go at random; a server that is killed at random and keeps its
 * log. What was accepted is done once, counted by an effect in the same script, and in order for each number. */
struct story {
	bool looking[2];
	unsigned int seed, next_add, accepted, in_flight, wrong_order;
	unsigned int state[STORY_ENTRIES];       /* 0 not sent, 1 under way, 2 accepted */
	unsigned int settled_ok;
};
static struct story story;

static unsigned int rnd(unsigned int below)
{
	return (unsigned int)rand_r(&story.seed) % below;
}

static void story_added(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_id *id)
{
	(void)ctx;
	(void)id;
	story.in_flight--;
	if (result == SESS_QUEUE_OK || result == SESS_QUEUE_AGAIN) {
		story.state[token] = 2;
		story.accepted++;
	} else
		story.state[token] = 0;
}

/* Up to a window, the oldest that is not accepted first; a number's next only when the one before it is accepted. */
static void story_add(void)
{
	for (unsigned int i = story.next_add; i < STORY_ENTRIES && i < story.next_add + 200 && story.in_flight < 32; i++) {
		char number[16], key[16], body[16];
		if (i == story.next_add && story.state[i] == 2)
			story.next_add++;
		if (story.state[i] || (i >= STORY_NUMBERS && story.state[i - STORY_NUMBERS] != 2))
			continue;
		snprintf(number, sizeof(number), "98912%07u", i % STORY_NUMBERS);
		snprintf(key, sizeof(key), "k%u", i);
		snprintf(body, sizeof(body), "%u", i);
		struct sess_queue_add what = { .partition_by = number, .key = key, .order = number, .body = body, .octets = strlen(body) };
		story.state[i] = 1;
		story.in_flight++;
		assert_int_equal(sess_queue_add(one.queue, &what, story_added, NULL, i), 0);
	}
}

/* token: 1, if the entry came after a later one of its number. Then it must have been another's already: its answer had waited in our socket
 * for longer than the claim's idle time. */
static void story_settled(void *ctx, uint64_t token, enum sess_queue_result result)
{
	(void)ctx;
	story.in_flight--;
	assert_int_not_equal(result, SESS_QUEUE_AGAIN);   /* the effect was written before: done twice */
	if (result == SESS_QUEUE_OK) {
		story.settled_ok++;
		story.wrong_order += (unsigned int)token;
	}
}

static void story_take_one(struct process *p, const struct sess_queue_entry *entry, uint64_t late)
{
	char key[64], value[16];
	int fate = (int)rnd(10);
	if (fate == 0)
		return;                                   /* let go: as if it had died */
	story.in_flight++;
	if (fate == 1) {
		assert_int_equal(sess_queue_later(p->queue, &entry->handle, rnd(20), story_settled, p, late), 0);
		return;
	}
	snprintf(key, sizeof(key), "effect:{p%02u}:%.*s", entry->handle.partition, (int)entry->octets, (const char *)entry->body);
	/* The number's own sequence of effects, to look at the order. */
	snprintf(value, sizeof(value), "%.*s", (int)entry->octets, (const char *)entry->body);
	struct sess_queue_effect effect = { .key = key, .value = value, .octets = strlen(value) };
	assert_int_equal(sess_queue_done(p->queue, &entry->handle, &effect, story_settled, p, late), 0);
}

static unsigned int last_seen[STORY_NUMBERS];

static void story_taken(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_entry *entries, size_t n)
{
	(void)result;
	story.looking[token] = false;
	story.in_flight--;
	for (size_t i = 0; i < n; i++) {
		unsigned int number = (unsigned int)atoi(entries[i].body);
		bool late = number < last_seen[number % STORY_NUMBERS];
		if (!late)
			last_seen[number % STORY_NUMBERS] = number;
		story_take_one(ctx, &entries[i], late);
	}
}

static uint64_t effects(void)
{
	SAYS(&two, "EVAL", "return #redis.call('KEYS','effect:*')", "0");
	return (uint64_t)two.integer;
}

static void nothing_accepted_is_lost_and_nothing_done_twice(void **state)
{
	const char *const options[] = { "--appendonly", "yes", "--appendfsync", "always", NULL };
	struct redis_server saved = server;
	unsigned int turns = 0, kills = 0;
	(void)state;
	redis_server_start(&server, options);
	begin_as(&one, &(struct sess_queue_config){ .name = "outbox", .group = "gateways", .consumer = "one", .claims_max = 1000 }, 5000);
	begin_as(&two, &(struct sess_queue_config){ .name = "outbox", .group = "gateways", .consumer = "two", .claims_max = 1000 }, 5000);
	story = (struct story){ .seed = 20260401 };
	memset(last_seen, 0, sizeof(last_seen));
	uint64_t found = 0;
	while (found < STORY_ENTRIES) {
		assert_in_range(turns, 0, 400000);
		if (sess_redis_up(redises[0]))
			story_add();
		for (int i = 0; i < 2; i++) {
			struct process *p = i ? &two : &one;
			if (!sess_redis_up(redises[which(p)]) || story.looking[i])
				continue;
			story.looking[i] = true;
			story.in_flight++;
			if (rnd(3) == 0)
				assert_int_equal(sess_queue_claim(p->queue, 30, story_taken, p, (uint64_t)i), 0);
			else
				assert_int_equal(sess_queue_take(p->queue, 1 + rnd(20), story_taken, p, (uint64_t)i), 0);
		}
		turn();
		if (kills < 12 && rnd(120) == 0) {
			redis_server_kill(&server);
			redis_server_restart(&server);
			kills++;
		}
		if (++turns % 50 == 0 && story.accepted == STORY_ENTRIES && kills == 12) {
			TURN_UNTIL(story.in_flight == 0 && sess_redis_up(redises[1]));
			found = effects();
		}
	}
	TURN_UNTIL(story.in_flight == 0 && sess_redis_up(redises[0]));
	assert_int_equal(story.wrong_order, 0);
	assert_int_equal(found, STORY_ENTRIES);
	assert_in_range(story.settled_ok, 1, 1000000);
	assert_in_range(sess_queue_counters(one.queue)->claimed + sess_queue_counters(two.queue)->claimed, 1, 1000000);
	assert_in_range(sess_redis_counters(redises[0])->connects, 2, kills + 1);
	assert_int_equal(stats(&one)->length, 0);
	assert_int_equal(one.stats.held, 0);
	assert_int_equal(one.stats.delayed, 0);
	assert_int_equal(one.stats.dead, 0);
	end(&one);
	end(&two);
	redis_server_stop(&server);
	server = saved;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, both_up, both_end)
		TEST(what_is_added_is_taken_once_and_done),
		TEST(an_add_that_is_repeated_adds_once),
		TEST(a_take_is_bounded_fair_and_oldest_first),
		TEST(what_does_not_fit_is_refused_at_once),
		TEST(the_largest_of_everything_passes),
		TEST(a_full_partition_says_so),
		TEST(the_work_of_the_dead_is_claimed_and_done_once),
		TEST(a_process_claims_from_itself_and_the_old_handle_is_void),
		TEST(what_is_renewed_is_not_idle),
		TEST(an_effect_that_stands_there_is_not_written_again),
		TEST(a_poisonous_entry_is_buried_its_neighbours_are_not),
		TEST(a_retry_is_not_before_its_time_and_counts_attempts),
		TEST(entries_of_one_key_come_one_at_a_time_in_order),
		TEST(followers_wait_for_the_dead_too),
		TEST(what_is_held_is_bounded),
		TEST(followers_of_an_entry_that_was_deleted_by_hand_go_on),
		TEST(dead_letters_are_listed_retried_and_dropped),
		TEST(a_trim_never_takes_what_a_group_still_needs),
		TEST(without_its_group_a_queue_is_read_from_the_start),
		TEST(forgotten_scripts_are_loaded_again),
		TEST(every_call_is_answered_when_redis_is_gone),
		TEST(too_much_at_once_is_busy),
		TEST(freeing_answers_everything),
		cmocka_unit_test(nothing_accepted_is_lost_and_nothing_done_twice),
	};
	world_begin("queue_test", NULL);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	world_end();
	return failed;
}
