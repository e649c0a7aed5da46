/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The ledger on a real Redis: what is committed is there whole or not at all; two processes that race; answers that are lost,
 * commits that are made again when others have gone over their records; scripts that are forgotten, servers that die or hang. */
#include <errno.h>
#include <math.h>

#include "tests/unit/sessions/redis_world.h"

#include "sessions/ledger.h"
#include "sessions/queue.h"
#include "sessions/store.h"

#define ALICE "989121234567"
#define BOB "989359876543"
#define KEPT 8

/* A process: a connection, a ledger, two queues. And what its callbacks were given, copied. */
struct process {
	unsigned int redis;
	struct sess_ledger *ledger;
	struct sess_queue *outbox, *events;
	unsigned int answers;
	bool inside, free_ledger, free_queue;
	enum sess_ledger_result result;
	size_t n;
	struct { sess_ledger_stamp stamp; size_t octets; char value[64]; } records[SESS_LEDGER_LOAD_MAX];
	struct { char member[32]; double score; } members[KEPT];
	int64_t count;
	struct sess_queue_handle handle;
	char key[SESS_QUEUE_KEY_MAX + 1], body[64];
	struct sess_queue_stats stats;
};
static struct process one, two;

static struct sess_queue *queue_open(struct process *p, const char *name, const char *consumer, unsigned int length_max)
{
	const struct sess_queue_config config = { .name = name, .group = "gateway", .consumer = consumer, .length_max = length_max };
	return sess_queue_alloc(root, redises[p->redis], &config);
}

static void begin(struct process *p, unsigned int redis, unsigned int pending_max, unsigned int deadline_ms)
{
	*p = (struct process){ .redis = redis };
	world_connect(redis, pending_max, deadline_ms);
	p->ledger = sess_ledger_alloc(root, redises[redis]);
	p->outbox = queue_open(p, "outbox", redis ? "two" : "one", 3);
	p->events = queue_open(p, "events", redis ? "two" : "one", 0);
	assert_ptr_equal(sess_ledger_redis(p->ledger), redises[redis]);
}

static void end(struct process *p)
{
	talloc_free(p->ledger);
	talloc_free(p->outbox);
	talloc_free(p->events);
	world_disconnect(p->redis);
}

static int both_up(void **state)
{
	(void)state;
	begin(&one, 0, 5000, 10000);
	begin(&two, 1, 5000, 10000);
	world_connect(2, 100, 10000);
	TURN_UNTIL(sess_redis_up(redises[0]) && sess_redis_up(redises[1]) && sess_redis_up(redises[2]));
	return 0;
}

static int both_end(void **state)
{
	(void)state;
	REDIS("FLUSHALL");
	end(&one);
	end(&two);
	world_disconnect(2);
	return 0;
}

/* ------------------------------------------------------------------ the verbs, waited for */

static const char *key_of(const char *kind, const char *number, const char *id)
{
	static char keys[16][SESS_LEDGER_KEY_OCTETS];
	static unsigned int next;
	char *key = keys[next++ % 16];
	assert_true(sess_ledger_key(key, kind, sess_store_partition(number), id));
	return key;
}

#define NOTICE key_of("notice", ALICE, "n1")
#define REQUEST key_of("request", ALICE, "123456789")
#define INBOX key_of("inbox", ALICE, ALICE)
#define QUOTA key_of("quota", ALICE, "agency.today")

static struct sess_ledger_commit *begin_commit(struct process *p)
{
	return sess_ledger_commit_begin(root, p->ledger, sess_store_partition(ALICE));
}

static void answered(struct process *p, uint64_t token, enum sess_ledger_result result)
{
	assert_int_equal(token, 77);
	assert_false(p->inside);
	p->answers++;
	p->result = result;
	if (p->free_ledger) {
		p->free_ledger = false;
		talloc_free(p->ledger);
		p->ledger = NULL;
	}
}

static void keep(struct process *p, size_t i, const struct sess_ledger_record *record)
{
	p->records[i].stamp = record->stamp;
	p->records[i].octets = record->octets;
	assert_true(!record->stamp == !record->value);
	if (record->value)
		assert_int_equal(((const char *)record->value)[record->octets], 0);
	snprintf(p->records[i].value, sizeof(p->records[i].value), "%s", record->value ? (const char *)record->value : "");
}

static void on_commit(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct process *p = ctx;
	assert_true(!there == (result != SESS_LEDGER_THERE));
	if (there)
		keep(p, 0, there);
	answered(p, token, result);
}

static void on_load(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct process *p = ctx;
	assert_true(!records == (result != SESS_LEDGER_OK));
	p->n = n;
	for (size_t i = 0; i < n; i++)
		keep(p, i, &records[i]);
	answered(p, token, result);
}

static void on_range(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_member *members, size_t n)
{
	struct process *p = ctx;
	p->n = n;
	for (size_t i = 0; i < n && i < KEPT; i++) {
		snprintf(p->members[i].member, sizeof(p->members[i].member), "%s", members[i].member);
		p->members[i].score = members[i].score;
	}
	answered(p, token, result);
}

static void on_count(void *ctx, uint64_t token, enum sess_ledger_result result, int64_t count)
{
	struct process *p = ctx;
	p->count = count;
	answered(p, token, result);
}

static void on_take(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_entry *entries, size_t n)
{
	struct process *p = ctx;
	p->n = n;
	if (n) {
		p->handle = entries[0].handle;
		snprintf(p->key, sizeof(p->key), "%s", entries[0].key);
		snprintf(p->body, sizeof(p->body), "%.*s", (int)entries[0].octets, (const char *)entries[0].body);
	}
	answered(p, token, result == SESS_QUEUE_OK ? SESS_LEDGER_OK : SESS_LEDGER_DOWN);
}

static void on_stats(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_stats *stats)
{
	struct process *p = ctx;
	(void)result;
	p->stats = *stats;
	answered(p, token, SESS_LEDGER_OK);
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

static enum sess_ledger_result go(struct process *p, struct sess_ledger_commit *commit)
{
	WAIT(p, sess_ledger_commit_go(commit, on_commit, p, 77));
	return p->result;
}

static enum sess_ledger_result go_once(struct process *p, struct sess_ledger_commit *commit)
{
	enum sess_ledger_result result = go(p, commit);
	talloc_free(commit);
	return result;
}

/* Its stamp; value and octets in p->records[0]. */
static sess_ledger_stamp load(struct process *p, const char *key)
{
	WAIT(p, sess_ledger_load(p->ledger, &key, 1, on_load, p, 77));
	assert_int_equal(p->result, SESS_LEDGER_OK);
	assert_int_equal(p->n, 1);
	return p->records[0].stamp;
}

static void assert_value(struct process *p, const char *key, const char *value)
{
	assert_true(load(p, key) || !value);
	assert_string_equal(p->records[0].value, value ? value : "");
	if (!value)
		assert_int_equal(p->records[0].stamp, 0);
}

static enum sess_ledger_result put(struct process *p, const char *key, sess_ledger_stamp over, const char *value)
{
	struct sess_ledger_commit *commit = begin_commit(p);
	sess_ledger_put(commit, key, over, value, strlen(value), 0);
	return go_once(p, commit);
}

static size_t take(struct process *p, struct sess_queue *queue)
{
	WAIT(p, sess_queue_take(queue, 1, on_take, p, 77));
	assert_int_equal(p->result, SESS_LEDGER_OK);
	return p->n;
}

static const struct sess_queue_stats *stats(struct process *p, struct sess_queue *queue)
{
	WAIT(p, sess_queue_stats(queue, on_stats, p, 77));
	return &p->stats;
}

static int64_t length(const char *kind)
{
	char key[SESS_LEDGER_KEY_OCTETS];
	snprintf(key, sizeof(key), "%s:{p%02u}", kind, sess_store_partition(ALICE));
	return REDIS("XLEN", key).integer;
}

/* ------------------------------------------------------------------ records */

static void a_record_is_new_once_then_put_over_its_stamp_then_dropped(void **state)
{
	(void)state;
	assert_int_equal(load(&one, NOTICE), 0);
	struct sess_ledger_commit *commit = begin_commit(&one);
	sess_ledger_new(commit, NOTICE, "a\0b", 3, 0);
	sess_ledger_stamp first = sess_ledger_commit_stamp(commit);
	assert_true(first);
	assert_int_equal(go_once(&one, commit), SESS_LEDGER_OK);
	assert_true(load(&two, NOTICE) == first);
	assert_int_equal(two.records[0].octets, 3);
	commit = begin_commit(&two);
	sess_ledger_new(commit, NOTICE, "other", 5, 0);
	assert_int_equal(go_once(&two, commit), SESS_LEDGER_THERE);
	assert_true(two.records[0].stamp == first);
	assert_int_equal(two.records[0].octets, 3);
	assert_int_equal(put(&two, NOTICE, first, "second"), SESS_LEDGER_OK);
	assert_int_equal(put(&one, NOTICE, first, "late"), SESS_LEDGER_CONFLICT);
	assert_int_equal(put(&one, NOTICE, 0, "late"), SESS_LEDGER_CONFLICT);
	assert_value(&one, NOTICE, "second");
	sess_ledger_stamp second = one.records[0].stamp;
	commit = begin_commit(&one);
	sess_ledger_drop(commit, NOTICE, first);
	assert_int_equal(go_once(&one, commit), SESS_LEDGER_CONFLICT);
	commit = begin_commit(&one);
	sess_ledger_drop(commit, NOTICE, second);
	assert_int_equal(go_once(&one, commit), SESS_LEDGER_OK);
	assert_value(&two, NOTICE, NULL);
	assert_int_equal(put(&two, NOTICE, second, "late"), SESS_LEDGER_CONFLICT);
	assert_int_equal(put(&two, NOTICE, 0, ""), SESS_LEDGER_OK);
	assert_true(load(&two, NOTICE) != 0);
	assert_int_equal(two.records[0].octets, 0);
	assert_int_equal(sess_ledger_counters(two.ledger)->commits, 2);
	assert_int_equal(sess_ledger_counters(two.ledger)->conflicts, 1);
}

/* One condition fails: nothing of the commit happens, whatever the order in which it was added. */
static void a_commit_is_all_or_nothing(void **state)
{
	(void)state;
	struct sess_queue_add add = { .key = "e1", .body = "event", .octets = 5 };
	assert_int_equal(put(&one, NOTICE, 0, "notice"), SESS_LEDGER_OK);
	sess_ledger_stamp stamp = load(&one, NOTICE);
	for (int wrong = 0; wrong < 5; wrong++) {
		struct sess_ledger_commit *commit = begin_commit(&one);
		sess_ledger_note(commit, "line", 4);
		sess_ledger_tally_add(commit, QUOTA, 1, 0);
		sess_ledger_index(commit, INBOX, 1, "n1");
		sess_ledger_enqueue(commit, one.events, &add);
		sess_ledger_put(commit, NOTICE, wrong == 1 ? stamp + 1 : stamp, "changed", 7, 0);
		sess_ledger_check(commit, REQUEST, wrong == 2 ? stamp : 0);
		sess_ledger_drop(commit, key_of("join", ALICE, "x"), wrong == 3 ? 5 : 0);
		sess_ledger_new(commit, wrong == 4 ? NOTICE : key_of("event", ALICE, "e"), "new", 3, 0);
		assert_int_equal(go_once(&one, commit), wrong == 0 ? SESS_LEDGER_OK : wrong == 4 ? SESS_LEDGER_THERE : SESS_LEDGER_CONFLICT);
		assert_value(&one, NOTICE, wrong ? "notice" : "changed");
		assert_int_equal(length("audit"), wrong ? 0 : 1);
		assert_int_equal(length("events"), wrong ? 0 : 1);
		WAIT(&one, sess_ledger_size(one.ledger, INBOX, on_count, &one, 77));
		assert_int_equal(one.count, wrong ? 0 : 1);
		WAIT(&one, sess_ledger_tally(one.ledger, QUOTA, on_count, &one, 77));
		assert_int_equal(one.count, wrong ? 0 : 1);
		assert_value(&one, key_of("event", ALICE, "e"), wrong ? NULL : "new");
		if (!wrong) {
			assert_int_equal(sess_queue_counters(one.events)->added, 1);
			REDIS("FLUSHALL");
			assert_int_equal(put(&one, NOTICE, 0, "notice"), SESS_LEDGER_OK);
			stamp = load(&one, NOTICE);
		}
	}
}

static void records_expire_when_they_are_told_to(void **state)
{
	(void)state;
	struct sess_ledger_commit *commit = begin_commit(&one);
	sess_ledger_new(commit, NOTICE, "v", 1, 50000);
	sess_ledger_put(commit, REQUEST, 0, "v", 1, 1);
	assert_int_equal(go_once(&one, commit), SESS_LEDGER_OK);
	assert_in_range(REDIS("PTTL", NOTICE).integer, 1, 50000);
	TURN_UNTIL(!load(&one, REQUEST));
	assert_int_equal(put(&one, NOTICE, load(&one, NOTICE), "stays"), SESS_LEDGER_OK);
	assert_int_equal(REDIS("PTTL", NOTICE).integer, -1);
	/* Marks do not stay for ever. */
	char mark[64];
	commit = begin_commit(&one);
	snprintf(mark, sizeof(mark), "mark:{p%02u}:%016llx", sess_store_partition(ALICE), (unsigned long long)sess_ledger_commit_stamp(commit));
	sess_ledger_note(commit, "x", 1);
	assert_int_equal(go_once(&one, commit), SESS_LEDGER_OK);
	assert_in_range(REDIS("PTTL", mark).integer, 60000, 120000);
}

static void many_are_loaded_in_the_order_asked_for(void **state)
{
	const char *keys[SESS_LEDGER_LOAD_MAX];
	char names[SESS_LEDGER_LOAD_MAX][SESS_LEDGER_KEY_OCTETS];
	(void)state;
	for (unsigned int i = 0; i < SESS_LEDGER_LOAD_MAX; i++) {
		char id[8];
		snprintf(id, sizeof(id), "%u", i);
		assert_true(sess_ledger_key(names[i], "notice", i, id));
		keys[i] = names[i];
		struct sess_ledger_commit *commit = sess_ledger_commit_begin(root, one.ledger, i);
		sess_ledger_new(commit, keys[i], id, strlen(id), 0);
		if (i % 3)
			assert_int_equal(go(&one, commit), SESS_LEDGER_OK);
		talloc_free(commit);
	}
	REDIS("SET", keys[4], "short");          /* somebody else's */
	REDIS("DEL", keys[5]);
	REDIS("LPUSH", keys[5], "of another type than ours");
	WAIT(&two, sess_ledger_load(two.ledger, keys, SESS_LEDGER_LOAD_MAX, on_load, &two, 77));
	assert_int_equal(two.n, SESS_LEDGER_LOAD_MAX);
	for (int i = 0; i < SESS_LEDGER_LOAD_MAX; i++) {
		bool there = i % 3 && i != 4 && i != 5;
		assert_int_equal(two.records[i].stamp != 0, there);
		if (there)
			assert_int_equal(atoi(two.records[i].value), i);
	}
}

/* ------------------------------------------------------------------ queues */

static void an_entry_is_settled_with_what_it_caused(void **state)
{
	struct sess_queue_add add = { .key = "k1", .order = ALICE, .body = "notice n1", .octets = 9 };
	(void)state;
	struct sess_ledger_commit *commit = begin_commit(&one);
	sess_ledger_new(commit, NOTICE, "accepted", 8, 0);
	sess_ledger_enqueue(commit, one.outbox, &add);
	add.key = "k2";
	add.body = "notice n2";
	sess_ledger_enqueue(commit, one.outbox, &add);
	assert_int_equal(go_once(&one, commit), SESS_LEDGER_OK);
	assert_true(sess_queue_likely(one.outbox));
	assert_int_equal(take(&two, two.outbox), 1);
	assert_string_equal(two.key, "k1");
	assert_string_equal(two.body, "notice n1");
	assert_int_equal(take(&one, one.outbox), 0);     /* the order holds */
	commit = begin_commit(&two);
	sess_ledger_put(commit, NOTICE, load(&two, NOTICE), "sent", 4, 0);
	sess_ledger_enqueue(commit, two.events, &(struct sess_queue_add){ .key = "sent", .body = "sent", .octets = 4 });
	sess_ledger_done(commit, two.outbox, &two.handle);
	assert_int_equal(go_once(&two, commit), SESS_LEDGER_OK);
	assert_true(sess_queue_likely(two.outbox));      /* the follower is due, and we know */
	assert_int_equal(sess_queue_counters(two.outbox)->done, 1);
	assert_int_equal(take(&two, two.outbox), 1);
	assert_string_equal(two.key, "k2");
	assert_int_equal(take(&one, one.events), 1);
	assert_string_equal(one.body, "sent");
	/* Later, and the attempt that gave it back cannot settle it any more. */
	struct sess_queue_handle old = two.handle;
	commit = begin_commit(&two);
	sess_ledger_later(commit, two.outbox, &two.handle, 0);
	assert_int_equal(go_once(&two, commit), SESS_LEDGER_OK);
	assert_int_equal(take(&one, one.outbox), 1);
	assert_int_equal(one.handle.attempt, 2);
	commit = begin_commit(&two);
	sess_ledger_done(commit, two.outbox, &old);
	sess_ledger_note(commit, "x", 1);
	assert_int_equal(go_once(&two, commit), SESS_LEDGER_LOST);
	assert_int_equal(length("audit"), 0);
	assert_int_equal(sess_queue_counters(two.outbox)->lost, 1);
	commit = begin_commit(&one);
	sess_ledger_bury(commit, one.outbox, &one.handle, "no such number");
	assert_int_equal(go_once(&one, commit), SESS_LEDGER_OK);
	assert_int_equal(stats(&one, one.outbox)->dead, 1);
	assert_int_equal(one.stats.length, 0);
	/* Settled already. */
	commit = begin_commit(&one);
	sess_ledger_bury(commit, one.outbox, &one.handle, "no such number");
	assert_int_equal(go_once(&one, commit), SESS_LEDGER_LOST);
	assert_int_equal(sess_ledger_counters(one.ledger)->lost, 1);
	assert_int_equal(sess_queue_counters(one.outbox)->buried, 1);
}

static void an_entry_that_stands_there_is_not_added_again_and_a_full_queue_stops_all(void **state)
{
	struct sess_queue_add add = { .key = "a", .body = "x", .octets = 1 };
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct sess_ledger_commit *commit = begin_commit(&one);
		sess_ledger_enqueue(commit, one.outbox, &add);
		assert_int_equal(go_once(&one, commit), SESS_LEDGER_OK);
	}
	assert_int_equal(length("outbox"), 1);
	assert_int_equal(sess_queue_counters(one.outbox)->added, 1);
	assert_int_equal(sess_queue_counters(one.outbox)->repeated, 1);
	for (int i = 0; i < 2; i++) {
		struct sess_ledger_commit *commit = begin_commit(&one);
		add.key = i ? "c" : "b";
		sess_ledger_enqueue(commit, one.outbox, &add);
		assert_int_equal(go_once(&one, commit), SESS_LEDGER_OK);
	}
	/* Three is its bound. What stands there already still counts as added, and goes with the rest. */
	for (int i = 0; i < 2; i++) {
		struct sess_ledger_commit *commit = begin_commit(&one);
		sess_ledger_new(commit, NOTICE, "x", 1, 0);
		add.key = i ? "b" : "d";
		sess_ledger_enqueue(commit, one.outbox, &add);
		assert_int_equal(go_once(&one, commit), i ? SESS_LEDGER_OK : SESS_LEDGER_FULL);
		assert_value(&one, NOTICE, i ? "x" : NULL);
	}
	assert_int_equal(sess_ledger_counters(one.ledger)->full, 1);
}

/* ------------------------------------------------------------------ indexes, tallies */

static void an_index_is_read_from_both_ends_in_pages(void **state)
{
	static const char *const ids[] = { "n1", "n2", "n3", "n4" };
	(void)state;
	struct sess_ledger_commit *commit = begin_commit(&one);
	for (int i = 0; i < 4; i++)
		sess_ledger_index(commit, INBOX, 1790000000000.0 + i, ids[i]);
	sess_ledger_index(commit, INBOX, -0.5, "half");
	sess_ledger_unindex(commit, INBOX, "n2");
	sess_ledger_unindex(commit, INBOX, "never there");
	assert_int_equal(go_once(&one, commit), SESS_LEDGER_OK);
	struct sess_ledger_range range = { .key = INBOX, .min = -INFINITY, .max = INFINITY, .n = 10 };
	WAIT(&one, sess_ledger_range(one.ledger, &range, on_range, &one, 77));
	assert_int_equal(one.n, 4);
	assert_string_equal(one.members[0].member, "half");
	assert_true(one.members[0].score == -0.5);
	assert_true(one.members[3].score == 1790000000003.0);
	range = (struct sess_ledger_range){ .key = INBOX, .min = 0, .max = 1790000000003.0, .newest_first = true, .skip = 1, .n = 1 };
	WAIT(&one, sess_ledger_range(one.ledger, &range, on_range, &one, 77));
	assert_int_equal(one.n, 1);
	assert_string_equal(one.members[0].member, "n3");
	WAIT(&one, sess_ledger_size(one.ledger, INBOX, on_count, &one, 77));
	assert_int_equal(one.count, 4);
	WAIT(&one, sess_ledger_between(one.ledger, INBOX, -0.5, 1790000000002.0, on_count, &one, 77));
	assert_int_equal(one.count, 3);
	WAIT(&one, sess_ledger_between(one.ledger, key_of("inbox", BOB, "none"), 0, 1, on_count, &one, 77));
	assert_int_equal(one.count, 0);
	range.key = key_of("inbox", BOB, "none");
	WAIT(&one, sess_ledger_range(one.ledger, &range, on_range, &one, 77));
	assert_int_equal(one.n, 0);
	range.n = SESS_LEDGER_RANGE_MAX + 1;
	assert_int_equal(sess_ledger_range(one.ledger, &range, on_range, &one, 77), -EINVAL);
	range = (struct sess_ledger_range){ .key = INBOX, .min = NAN, .max = 1, .n = 1 };
	assert_int_equal(sess_ledger_range(one.ledger, &range, on_range, &one, 77), -EINVAL);
}

static void a_tally_adds_up_and_ends_when_it_was_begun(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct sess_ledger_commit *commit = begin_commit(&one);
		sess_ledger_tally_add(commit, QUOTA, 1000000000000, i ? 90000000 : 50000);
		assert_int_equal(go_once(&one, commit), SESS_LEDGER_OK);
	}
	WAIT(&one, sess_ledger_tally(one.ledger, QUOTA, on_count, &one, 77));
	assert_int_equal(one.count, 3000000000000);
	assert_in_range(REDIS("PTTL", QUOTA).integer, 1, 50000);
	struct sess_ledger_commit *commit = begin_commit(&one);
	sess_ledger_tally_add(commit, QUOTA, INT64_MIN / 2, 0);
	assert_int_equal(go_once(&one, commit), SESS_LEDGER_OK);
	WAIT(&one, sess_ledger_tally(one.ledger, QUOTA, on_count, &one, 77));
	assert_true(one.count < 0);
	WAIT(&one, sess_ledger_tally(one.ledger, key_of("quota", BOB, "none"), on_count, &one, 77));
	assert_int_equal(one.count, 0);
}

/* ------------------------------------------------------------------ what does not fit */

static void what_does_not_fit_is_refused(void **state)
{
	static char big[SESS_LEDGER_VALUE_MAX + 1];
	char key[SESS_LEDGER_KEY_OCTETS], id[SESS_LEDGER_KEY_OCTETS];
	const char *keys[SESS_LEDGER_LOAD_MAX + 1] = { 0 };
	unsigned int p = sess_store_partition(ALICE);
	struct sess_queue *elsewhere = queue_open(&two, "outbox", "x", 0);
	(void)state;
	assert_true(sess_ledger_key(key, "receipt", 7, "op.989.abc"));
	assert_string_equal(key, "receipt:{p07}:op.989.abc");
	assert_false(sess_ledger_key(key, "Receipt", 7, "x"));
	assert_false(sess_ledger_key(key, "", 7, "x"));
	assert_false(sess_ledger_key(key, "receipt", 64, "x"));
	assert_false(sess_ledger_key(key, "receipt", 7, ""));
	assert_false(sess_ledger_key(key, "receipt", 7, "a b"));
	assert_false(sess_ledger_key(key, "receipt", 7, "a{b"));
	assert_false(sess_ledger_key(key, "receipt", 7, "a}b"));
	assert_false(sess_ledger_key(key, "receipt", 7, "a\x7f"));
	assert_false(sess_ledger_key(key, "receipt", 7, "\xd9\x85"));
	memset(id, 'i', sizeof(id));
	id[SESS_LEDGER_KEY_OCTETS - 1 - strlen("receipt:{p07}:")] = 0;
	assert_true(sess_ledger_key(key, "receipt", 7, id));
	assert_int_equal(strlen(key), SESS_LEDGER_KEY_OCTETS - 1);
	id[SESS_LEDGER_KEY_OCTETS - 1] = 0;
	id[SESS_LEDGER_KEY_OCTETS - 1 - strlen("receipt:{p07}:")] = 'i';
	assert_false(sess_ledger_key(key, "receipt", 7, id));

	for (int wrong = 0; wrong < 16; wrong++) {
		struct sess_ledger_commit *commit = sess_ledger_commit_begin(root, one.ledger, wrong == 0 ? 64 : p);
		struct sess_queue_handle handle = { .partition = (uint8_t)p };
		struct sess_queue_add add = { .body = big, .octets = wrong == 4 ? sizeof(big) : 1 };
		char other[32];
		snprintf(other, sizeof(other), "notice:{p%02u}:x{p%02u}", (p + 1) % 64, p);
		switch (wrong) {
		case 1: sess_ledger_new(commit, other, "", 0, 0); break;
		case 2: sess_ledger_put(commit, NOTICE, 0, big, sizeof(big), 0); break;
		case 3: sess_ledger_put(commit, NOTICE, 0, "", 0, -1); break;
		case 4: sess_ledger_enqueue(commit, one.outbox, &add); break;
		case 5: sess_ledger_enqueue(commit, elsewhere, &add); break;
		case 6: handle.partition = (uint8_t)((p + 1) % 64); sess_ledger_done(commit, one.outbox, &handle); break;
		case 7: sess_ledger_done(commit, elsewhere, &handle); break;
		case 8: sess_ledger_done(commit, one.outbox, &handle); sess_ledger_later(commit, one.outbox, &handle, 1); break;
		case 9: sess_ledger_index(commit, INBOX, NAN, "x"); break;
		case 10: sess_ledger_index(commit, INBOX, INFINITY, "x"); break;
		case 11: sess_ledger_note(commit, big, sizeof(big)); break;
		case 12: sess_ledger_tally_add(commit, other, 1, 0); break;
		case 13: sess_ledger_put(commit, NOTICE, 0, "", 0, INT64_MAX); break;
		case 14: memset(handle.order, 'x', sizeof(handle.order)); sess_ledger_bury(commit, one.outbox, &handle, ""); break;
		case 15: for (int i = 0; i <= SESS_LEDGER_OPS_MAX; i++) sess_ledger_check(commit, NOTICE, 0); break;
		default: break;
		}
		sess_ledger_note(commit, "x", 1);    /* what comes after does not heal it */
		assert_int_equal(sess_ledger_commit_go(commit, on_commit, &one, 0), -EINVAL);
		talloc_free(commit);
	}
	assert_int_equal(sess_ledger_load(one.ledger, keys, 0, on_load, &one, 0), -EINVAL);
	assert_int_equal(sess_ledger_load(one.ledger, keys, SESS_LEDGER_LOAD_MAX + 1, on_load, &one, 0), -EINVAL);
	keys[0] = "";
	assert_int_equal(sess_ledger_load(one.ledger, keys, 1, on_load, &one, 0), -EINVAL);
	assert_int_equal(sess_ledger_size(one.ledger, "", on_count, &one, 0), -EINVAL);
	assert_int_equal(sess_ledger_between(one.ledger, "", 0, 1, on_count, &one, 0), -EINVAL);
	assert_int_equal(sess_ledger_between(one.ledger, INBOX, NAN, 1, on_count, &one, 0), -EINVAL);
	for (int i = 0; i < 10; i++)
		turn();
	assert_int_equal(one.answers, 0);
	talloc_free(elsewhere);
}

static void the_largest_of_everything_passes(void **state)
{
	static char big[SESS_LEDGER_VALUE_MAX];
	char key[SESS_QUEUE_KEY_MAX + 1], name[12];
	(void)state;
	memset(big, 'b', sizeof(big));
	memset(key, 'k', sizeof(key) - 1);
	key[sizeof(key) - 1] = 0;
	struct sess_ledger_commit *commit = begin_commit(&one);
	for (int i = 0; i < SESS_LEDGER_OPS_MAX; i++) {
		snprintf(name, sizeof(name), "%d", i);
		struct sess_queue_add add = { .key = key, .order = "123456789012345678901234", .body = big, .octets = sizeof(big), .key_ms = UINT32_MAX };
		key[0] = (char)('A' + i);
		if (i % 4 == 0)
			sess_ledger_enqueue(commit, one.events, &add);
		else if (i % 4 == 1)
			sess_ledger_note(commit, big, sizeof(big));
		else
			sess_ledger_put(commit, key_of("notice", ALICE, name), 0, big, sizeof(big), 1000000000000);
	}
	assert_int_equal(go(&one, commit), SESS_LEDGER_OK);
	assert_int_equal(go_once(&one, commit), SESS_LEDGER_OK);
	assert_int_equal(length("events"), SESS_LEDGER_OPS_MAX / 4);
	assert_int_equal(length("audit"), SESS_LEDGER_OPS_MAX / 4);
	assert_true(load(&one, key_of("notice", ALICE, "2")) != 0);
	assert_int_equal(one.records[0].octets, sizeof(big));
}

/* ------------------------------------------------------------------ made again */

/* Whatever others did with the records since, and whatever kind of commit it is: once. */
static void a_commit_made_again_does_nothing_twice(void **state)
{
	(void)state;
	for (int since = 0; since < 4; since++) {
		struct sess_queue_add add = { .body = "no key: a repeated add would add twice", .octets = 4 };
		REDIS("FLUSHALL");
		struct sess_ledger_commit *commit = begin_commit(&one);
		sess_ledger_new(commit, NOTICE, "ours", 4, 0);
		sess_ledger_enqueue(commit, one.events, &add);
		sess_ledger_tally_add(commit, QUOTA, 5, 0);
		sess_ledger_note(commit, "line", 4);
		sess_ledger_put(commit, REQUEST, 0, "ours", 4, 0);
		assert_int_equal(go(&one, commit), SESS_LEDGER_OK);
		sess_ledger_stamp stamp = load(&two, NOTICE);
		struct sess_ledger_commit *other = begin_commit(&two);
		if (since & 1)
			sess_ledger_drop(other, NOTICE, stamp);
		if (since & 2)
			sess_ledger_put(other, REQUEST, stamp, "theirs", 6, 0);
		assert_int_equal(go_once(&two, other), SESS_LEDGER_OK);
		assert_int_equal(go(&one, commit), SESS_LEDGER_OK);
		assert_value(&one, NOTICE, since & 1 ? NULL : "ours");
		assert_value(&one, REQUEST, since & 2 ? "theirs" : "ours");
		assert_int_equal(length("events"), 1);
		assert_int_equal(length("audit"), 1);
		WAIT(&one, sess_ledger_tally(one.ledger, QUOTA, on_count, &one, 77));
		assert_int_equal(one.count, 5);
		talloc_free(commit);
	}
}

static void a_commit_that_writes_no_record_or_settles_is_made_once_too(void **state)
{
	struct sess_queue_add add = { .body = "x", .octets = 1 };
	(void)state;
	struct sess_ledger_commit *commit = begin_commit(&one);
	sess_ledger_enqueue(commit, one.outbox, &add);
	for (int i = 0; i < 3; i++)
		assert_int_equal(go(&one, commit), SESS_LEDGER_OK);
	talloc_free(commit);
	assert_int_equal(length("outbox"), 1);
	assert_int_equal(take(&one, one.outbox), 1);
	commit = begin_commit(&one);
	sess_ledger_later(commit, one.outbox, &one.handle, 0);
	assert_int_equal(go(&one, commit), SESS_LEDGER_OK);
	assert_int_equal(go(&one, commit), SESS_LEDGER_OK);
	assert_int_equal(take(&two, two.outbox), 1);
	assert_int_equal(go_once(&one, commit), SESS_LEDGER_OK);
	commit = begin_commit(&two);
	sess_ledger_done(commit, two.outbox, &two.handle);
	assert_int_equal(go(&two, commit), SESS_LEDGER_OK);
	assert_int_equal(go_once(&two, commit), SESS_LEDGER_OK);
	/* When the mark has gone, the record still tells. */
	commit = begin_commit(&one);
	sess_ledger_tally_add(commit, QUOTA, 1, 0);
	sess_ledger_put(commit, NOTICE, 0, "x", 1, 0);
	assert_int_equal(go(&one, commit), SESS_LEDGER_OK);
	char mark[64];
	snprintf(mark, sizeof(mark), "mark:{p%02u}:%016llx", sess_store_partition(ALICE), (unsigned long long)sess_ledger_commit_stamp(commit));
	assert_int_equal(REDIS("DEL", mark).integer, 1);
	assert_int_equal(go_once(&one, commit), SESS_LEDGER_OK);
	WAIT(&one, sess_ledger_tally(one.ledger, QUOTA, on_count, &one, 77));
	assert_int_equal(one.count, 1);
}

/* A hung server does the first attempt after the second: the same must hold. */
static void an_attempt_that_comes_late_does_nothing(void **state)
{
	(void)state;
	end(&one);
	begin(&one, 0, 100, 60);
	TURN_UNTIL(sess_redis_up(redises[0]));
	struct sess_ledger_commit *commit = begin_commit(&one);
	sess_ledger_tally_add(commit, QUOTA, 1, 0);
	sess_ledger_note(commit, "x", 1);
	redis_server_hang(&server);
	assert_int_equal(go(&one, commit), SESS_LEDGER_DOWN);
	redis_server_resume(&server);
	TURN_UNTIL(sess_redis_up(redises[0]));
	assert_int_equal(go_once(&one, commit), SESS_LEDGER_OK);
	assert_int_equal(length("audit"), 1);
	WAIT(&one, sess_ledger_tally(one.ledger, QUOTA, on_count, &one, 77));
	assert_int_equal(one.count, 1);
}

/* Somebody's hand put a key of another type where ours should be. It fails, and is not taken for done when it is made again. */
static void a_commit_that_fails_is_not_known_as_made(void **state)
{
	(void)state;
	REDIS("SET", INBOX, "not a sorted set");
	struct sess_ledger_commit *commit = begin_commit(&one);
	sess_ledger_put(commit, NOTICE, 0, "x", 1, 0);
	sess_ledger_index(commit, INBOX, 1, "n1");
	assert_int_equal(go(&one, commit), SESS_LEDGER_DOWN);
	assert_int_equal(go(&one, commit), SESS_LEDGER_DOWN);
	assert_value(&one, NOTICE, NULL);
	REDIS("DEL", INBOX);
	assert_int_equal(go_once(&one, commit), SESS_LEDGER_OK);
	assert_value(&one, NOTICE, "x");
	/* A server without memory refuses before anything was written. */
	REDIS("CONFIG", "SET", "maxmemory", "1");
	commit = begin_commit(&one);
	sess_ledger_put(commit, REQUEST, 0, "x", 1, 0);
	sess_ledger_tally_add(commit, QUOTA, 1, 0);
	assert_int_equal(go(&one, commit), SESS_LEDGER_DOWN);
	REDIS("CONFIG", "SET", "maxmemory", "0");
	WAIT(&one, sess_ledger_tally(one.ledger, QUOTA, on_count, &one, 77));
	assert_int_equal(one.count, 0);
	assert_int_equal(go_once(&one, commit), SESS_LEDGER_OK);
}

/* ------------------------------------------------------------------ Redis goes away */

static void a_forgotten_script_is_loaded_again(void **state)
{
	(void)state;
	REDIS("SCRIPT", "FLUSH");
	assert_int_equal(put(&one, NOTICE, 0, "x"), SESS_LEDGER_OK);
	assert_int_equal(sess_ledger_counters(one.ledger)->reloads, 1);
	assert_int_equal(put(&one, REQUEST, 0, "x"), SESS_LEDGER_OK);
	assert_int_equal(sess_ledger_counters(one.ledger)->reloads, 1);
	assert_int_equal(sess_ledger_counters(one.ledger)->failures, 0);
	/* One that was opened on a connection that is up does not know the digest yet. */
	struct process late = { .ledger = sess_ledger_alloc(root, redises[0]) };
	struct sess_ledger_commit *commit = sess_ledger_commit_begin(root, late.ledger, 0);
	assert_int_equal(go_once(&late, commit), SESS_LEDGER_OK);
	talloc_free(late.ledger);
}

static void every_call_is_answered_when_redis_is_gone(void **state)
{
	const char *keys[] = { NOTICE };
	struct sess_ledger_range range = { .key = INBOX, .n = 1 };
	(void)state;
	redis_server_kill(&server);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(put(&one, NOTICE, 0, "x"), SESS_LEDGER_DOWN);
		WAIT(&one, sess_ledger_load(one.ledger, keys, 1, on_load, &one, 77));
		assert_int_equal(one.result, SESS_LEDGER_DOWN);
		WAIT(&one, sess_ledger_range(one.ledger, &range, on_range, &one, 77));
		assert_int_equal(one.result, SESS_LEDGER_DOWN);
		WAIT(&one, sess_ledger_size(one.ledger, INBOX, on_count, &one, 77));
		assert_int_equal(one.result, SESS_LEDGER_DOWN);
		assert_int_equal(one.count, -1);
	}
	assert_int_equal(sess_ledger_counters(one.ledger)->failures, 8);
	redis_server_restart(&server);
	TURN_UNTIL(sess_redis_up(redises[0]) && sess_redis_up(redises[1]) && sess_redis_up(redises[2]));
	assert_int_equal(put(&one, NOTICE, 0, "x"), SESS_LEDGER_OK);
}

static void too_much_at_once_is_busy_and_may_be_made_again(void **state)
{
	struct sess_ledger_commit *commits[10];
	(void)state;
	end(&two);
	begin(&two, 1, 4, 10000);
	TURN_UNTIL(sess_redis_up(redises[1]));
	for (int i = 0; i < 10; i++) {
		commits[i] = begin_commit(&two);
		sess_ledger_tally_add(commits[i], QUOTA, 1, 0);
		assert_int_equal(sess_ledger_commit_go(commits[i], on_commit, &two, 77), 0);
	}
	TURN_UNTIL(two.answers == 10);
	assert_int_equal(sess_ledger_counters(two.ledger)->commits, 4);
	assert_int_equal(sess_ledger_counters(two.ledger)->failures, 6);
	for (int i = 0; i < 10; i++)
		assert_int_equal(go_once(&two, commits[i]), SESS_LEDGER_OK);
	WAIT(&two, sess_ledger_tally(two.ledger, QUOTA, on_count, &two, 77));
	assert_int_equal(two.count, 10);
}

/* Whatever is under way when ledger or queues are freed, from outside or from a callback, is answered once. */
static void freeing_answers_everything(void **state)
{
	const char *keys[] = { NOTICE };
	struct sess_queue_add add = { .body = "x", .octets = 1 };
	(void)state;
	for (int how = 0; how < 3; how++) {
		unsigned int before = one.answers;
		struct sess_ledger_commit *commit = begin_commit(&one);
		sess_ledger_enqueue(commit, one.events, &add);
		sess_ledger_enqueue(commit, one.outbox, &add);
		assert_int_equal(sess_ledger_commit_go(commit, on_commit, &one, 77), 0);
		assert_int_equal(sess_ledger_load(one.ledger, keys, 1, on_load, &one, 77), 0);
		assert_int_equal(sess_ledger_size(one.ledger, INBOX, on_count, &one, 77), 0);
		talloc_free(one.events);
		one.events = NULL;
		if (how == 0)
			one.free_ledger = true;
		else if (how == 1)
			talloc_free(one.ledger);
		TURN_UNTIL(one.answers == before + 3);
		assert_int_equal(one.result, how == 2 ? SESS_LEDGER_OK : SESS_LEDGER_DOWN);
		TURN_UNTIL(sess_redis_pending(redises[0]) == 0);
		assert_int_equal(one.answers, before + 3);
		talloc_free(commit);
		if (how < 2)
			one.ledger = sess_ledger_alloc(root, redises[0]);
		one.events = queue_open(&one, "events", "one", 0);
	}
	assert_int_equal(sess_queue_counters(one.outbox)->added, 2);    /* the first freed in its own answer */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, both_up, both_end)
		TEST(a_record_is_new_once_then_put_over_its_stamp_then_dropped),
		TEST(a_commit_is_all_or_nothing),
		TEST(records_expire_when_they_are_told_to),
		TEST(many_are_loaded_in_the_order_asked_for),
		TEST(an_entry_is_settled_with_what_it_caused),
		TEST(an_entry_that_stands_there_is_not_added_again_and_a_full_queue_stops_all),
		TEST(an_index_is_read_from_both_ends_in_pages),
		TEST(a_tally_adds_up_and_ends_when_it_was_begun),
		TEST(what_does_not_fit_is_refused),
		TEST(the_largest_of_everything_passes),
		TEST(a_commit_made_again_does_nothing_twice),
		TEST(a_commit_that_writes_no_record_or_settles_is_made_once_too),
		TEST(an_attempt_that_comes_late_does_nothing),
		TEST(a_commit_that_fails_is_not_known_as_made),
		TEST(a_forgotten_script_is_loaded_again),
		TEST(every_call_is_answered_when_redis_is_gone),
		TEST(too_much_at_once_is_busy_and_may_be_made_again),
		TEST(freeing_answers_everything),
	};
	world_begin("ledger_test", NULL);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	world_end();
	return failed;
}
