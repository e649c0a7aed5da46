/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The ledger under chance, from a seed. One story is told by two processes in turn, and a model in C foretells every answer and
 * what is there in the end. In the other, two processes work at the same time on the same records while the server is killed again
 * and again: whatever they were told was done, was done once. */
#include "tests/unit/sessions/redis_world.h"

#include "sessions/chain.h"
#include "sessions/ledger.h"
#include "sessions/queue.h"

#define PARTITION 7
#define LENGTH_MAX 6

static struct sess_ledger *ledgers[2];
static struct sess_queue *queues[2];
static unsigned int seed;

static unsigned int rnd(unsigned int below)
{
	return (unsigned int)rand_r(&seed) % below;
}

static const char *key_of(const char *kind, unsigned int i)
{
	static char keys[32][SESS_LEDGER_KEY_OCTETS];
	static unsigned int next;
	char id[16], *key = keys[next++ % 32];
	snprintf(id, sizeof(id), "%u", i);
	assert_true(sess_ledger_key(key, kind, PARTITION, id));
	return key;
}

static void open_all(unsigned int length_max)
{
	static const char *const names[] = { "one", "two" };
	for (unsigned int i = 0; i < 2; i++) {
		world_connect(i, 1000, 10000);
		ledgers[i] = sess_ledger_alloc(root, redises[i]);
		queues[i] = sess_queue_alloc(root, redises[i], &(struct sess_queue_config){
			.name = "work", .group = "gateway", .consumer = names[i], .length_max = length_max, .claims_max = 100000 });
	}
	world_connect(2, 100, 10000);
	TURN_UNTIL(sess_redis_up(redises[0]) && sess_redis_up(redises[1]) && sess_redis_up(redises[2]));
}

static void close_all(void)
{
	for (unsigned int i = 0; i < 2; i++) {
		talloc_free(ledgers[i]);
		talloc_free(queues[i]);
	}
	for (unsigned int i = 0; i < WORLD_REDISES; i++)
		world_disconnect(i);
}

/* ------------------------------------------------------------------ one after the other, foretold */

#define RECORDS 6
#define STEPS 4000

/* What should be there. */
struct model {
	struct { sess_ledger_stamp stamp; unsigned int value; } records[RECORDS];
	int64_t tally;
	bool members[RECORDS];
	unsigned int notes, waiting, adds;
	bool known[4];                     /* the keys that adds were made with */
	bool holding;                      /* an entry that was taken, and by whom */
	unsigned int holder;
	struct sess_queue_handle handle;
};
static struct model model;

static struct { bool there; enum sess_ledger_result result; sess_ledger_stamp stamp; unsigned int value; } said;

static void on_commit(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	(void)ctx;
	(void)token;
	said.there = true;
	said.result = result;
	said.stamp = there ? there->stamp : 0;
	said.value = there ? (unsigned int)atoi(there->value) : 0;
}

static enum sess_ledger_result go(const struct sess_ledger_commit *commit)
{
	said.there = false;
	assert_int_equal(sess_ledger_commit_go(commit, on_commit, NULL, 0), 0);
	TURN_UNTIL(said.there);
	return said.result;
}

/* A commit, what it would make of the model, and the answer that it should have. The order of checks is the ledger's. */
struct attempt {
	struct sess_ledger_commit *commit;
	struct model after;
	unsigned int there;
	bool is_there, conflict, lost, full;
};

static void add_record(struct attempt *a, unsigned int i)
{
	sess_ledger_stamp stamp = model.records[i].stamp, over = rnd(8) ? stamp : rnd(2) ? 0 : stamp + 1;
	unsigned int value = rnd(100000), verb = rnd(10);
	char text[16];
	snprintf(text, sizeof(text), "%u", value);
	if (verb < 2) {
		if (stamp && !a->is_there)
			a->there = i;
		a->is_there |= stamp != 0;
		sess_ledger_new(a->commit, key_of("record", i), text, strlen(text), rnd(2) ? 0 : 10000000);
		a->after.records[i].stamp = sess_ledger_commit_stamp(a->commit);
		a->after.records[i].value = value;
		return;
	}
	a->conflict |= over != stamp;
	if (verb < 7) {
		sess_ledger_put(a->commit, key_of("record", i), over, text, strlen(text), rnd(2) ? 0 : 10000000);
		a->after.records[i].stamp = sess_ledger_commit_stamp(a->commit);
		a->after.records[i].value = value;
	} else if (verb < 9) {
		sess_ledger_drop(a->commit, key_of("record", i), over);
		a->after.records[i].stamp = 0;
	} else {
		sess_ledger_check(a->commit, key_of("record", i), over);
	}
}

static void add_entry(struct attempt *a, unsigned int who)
{
	static const char *const keys[] = { "k0", "k1", "k2", "k3" };
	unsigned int key = rnd(8);
	bool with_key = key < 4, repeated = with_key && a->after.known[key], was_there = with_key && model.known[key];
	a->full |= model.waiting >= LENGTH_MAX && !was_there;
	sess_ledger_enqueue(a->commit, queues[who], &(struct sess_queue_add){ .key = with_key ? keys[key] : NULL, .body = "x", .octets = 1 });
	if (with_key)
		a->after.known[key] = true;
	a->after.waiting += !repeated;
	a->after.adds += !repeated;
}

static void add_settlement(struct attempt *a, unsigned int who)
{
	struct sess_queue_handle handle = model.handle;
	bool right = rnd(6) != 0;
	if (!right)
		handle.attempt++;
	a->lost |= !right || !model.holding || model.holder != who;
	switch (rnd(3)) {
	case 0:
		sess_ledger_done(a->commit, queues[who], &handle);
		a->after.waiting--;
		break;
	case 1:
		sess_ledger_bury(a->commit, queues[who], &handle, "by chance");
		a->after.waiting--;
		break;
	default:
		sess_ledger_later(a->commit, queues[who], &handle, 0);
		break;
	}
	a->after.holding = false;
}

static struct attempt draw_attempt(unsigned int who)
{
	struct attempt a = { .commit = sess_ledger_commit_begin(root, ledgers[who], PARTITION), .after = model };
	unsigned int first = rnd(RECORDS), n = rnd(4);
	for (unsigned int i = 0; i < n; i++)
		add_record(&a, (first + i) % RECORDS);
	if (rnd(3) == 0)
		add_entry(&a, who);
	if (rnd(6) == 0)
		add_entry(&a, who);
	if (model.handle.attempt && rnd(3) == 0)
		add_settlement(&a, who);
	if (rnd(3) == 0) {
		int64_t by = (int64_t)rnd(2000) - 1000;
		sess_ledger_tally_add(a.commit, key_of("tally", 0), by, 10000000);
		a.after.tally += by;
	}
	for (unsigned int i = rnd(3); i; i--) {
		unsigned int member = rnd(RECORDS);
		char name[16];
		snprintf(name, sizeof(name), "%u", member);
		a.after.members[member] = rnd(2);
		if (a.after.members[member])
			sess_ledger_index(a.commit, key_of("index", 0), member * 1.5, name);
		else
			sess_ledger_unindex(a.commit, key_of("index", 0), name);
	}
	for (unsigned int i = rnd(3); i; i--) {
		sess_ledger_note(a.commit, "line", 4);
		a.after.notes++;
	}
	return a;
}

static void assert_foretold(const struct attempt *a)
{
	enum sess_ledger_result foretold = a->is_there ? SESS_LEDGER_THERE : a->conflict ? SESS_LEDGER_CONFLICT : a->lost ? SESS_LEDGER_LOST :
					   a->full ? SESS_LEDGER_FULL : SESS_LEDGER_OK;
	assert_int_equal(said.result, foretold);
	if (foretold == SESS_LEDGER_THERE) {
		assert_true(said.stamp == model.records[a->there].stamp);
		assert_int_equal(said.value, model.records[a->there].value);
	}
	if (foretold == SESS_LEDGER_OK)
		model = a->after;
}

static void on_load(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	(void)ctx;
	(void)token;
	assert_int_equal(result, SESS_LEDGER_OK);
	assert_int_equal(n, RECORDS);
	for (unsigned int i = 0; i < RECORDS; i++) {
		assert_true(records[i].stamp == model.records[i].stamp);
		if (records[i].stamp)
			assert_int_equal(atoi(records[i].value), model.records[i].value);
	}
	said.there = true;
}

static void on_range(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_member *members, size_t n)
{
	size_t at = 0;
	(void)ctx;
	(void)token;
	assert_int_equal(result, SESS_LEDGER_OK);
	for (unsigned int i = 0; i < RECORDS; i++) {
		if (!model.members[i])
			continue;
		assert_true(at < n && members[at].score == i * 1.5);
		assert_int_equal(atoi(members[at].member), i);
		at++;
	}
	assert_int_equal(at, n);
	said.there = true;
}

static void on_tally(void *ctx, uint64_t token, enum sess_ledger_result result, int64_t count)
{
	(void)ctx;
	(void)token;
	assert_int_equal(result, SESS_LEDGER_OK);
	assert_int_equal(count, model.tally);
	said.there = true;
}

static void assert_all_there(unsigned int who)
{
	const char *keys[RECORDS];
	char key[32];
	for (unsigned int i = 0; i < RECORDS; i++)
		keys[i] = key_of("record", i);
	said.there = false;
	assert_int_equal(sess_ledger_load(ledgers[who], keys, RECORDS, on_load, NULL, 0), 0);
	TURN_UNTIL(said.there);
	said.there = false;
	struct sess_ledger_range range = { .key = key_of("index", 0), .min = 0, .max = 100, .n = 100 };
	assert_int_equal(sess_ledger_range(ledgers[who], &range, on_range, NULL, 0), 0);
	TURN_UNTIL(said.there);
	said.there = false;
	assert_int_equal(sess_ledger_tally(ledgers[who], key_of("tally", 0), on_tally, NULL, 0), 0);
	TURN_UNTIL(said.there);
	snprintf(key, sizeof(key), "audit:{p%02u}", PARTITION);
	assert_int_equal(REDIS("XLEN", key).integer, model.notes);
	snprintf(key, sizeof(key), "work:{p%02u}", PARTITION);
	assert_int_equal(REDIS("XLEN", key).integer, model.waiting);
}

static void on_take(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_entry *entries, size_t n)
{
	(void)ctx;
	(void)token;
	assert_int_equal(result, SESS_QUEUE_OK);
	if (n) {
		model.handle = entries[0].handle;
		model.holding = true;
	}
	said.there = true;
}

/* One is held at a time; the entry that was given back is the first to come again. */
static void take(unsigned int who)
{
	if (model.holding)
		return;
	model.holder = who;
	said.there = false;
	assert_int_equal(sess_queue_take(queues[who], 1, on_take, NULL, 0), 0);
	TURN_UNTIL(said.there);
	assert_int_equal(model.holding, model.waiting != 0);
}

static void every_answer_is_as_foretold(void **state)
{
	unsigned int counts[SESS_LEDGER_BUSY + 1] = { 0 };
	struct sess_ledger_commit *old[4] = { 0 };
	(void)state;
	seed = 20260403;
	open_all(LENGTH_MAX);
	for (unsigned int step = 0; step < STEPS; step++) {
		unsigned int who = rnd(2), slot = rnd(4);
		struct attempt a = draw_attempt(who);
		counts[go(a.commit)]++;
		assert_foretold(&a);
		/* What was done may be made again, at once or much later; what was not done is drawn anew. */
		if (said.result != SESS_LEDGER_OK) {
			talloc_free(a.commit);
		} else {
			if (old[slot])
				talloc_free(old[slot]);
			old[slot] = a.commit;
		}
		slot = rnd(4);
		if (old[slot])
			assert_int_equal(go(old[slot]), SESS_LEDGER_OK);
		if (step % 3 == 0)
			take(rnd(2));
		if (step % 16 == 0)
			assert_all_there(who);
		if (step % 500 == 0)
			REDIS("SCRIPT", "FLUSH");
	}
	assert_all_there(0);
	/* It was a story of all kinds. */
	for (enum sess_ledger_result result = SESS_LEDGER_OK; result <= SESS_LEDGER_FULL; result++)
		assert_in_range(counts[result], STEPS / 100, STEPS);
	for (int i = 0; i < 4; i++)
		talloc_free(old[i]);
	REDIS("FLUSHALL");
	close_all();
}

/* ------------------------------------------------------------------ at once, while the server dies */

#define ACCOUNTS 12
#define TRANSFERS 1500
#define LANES 16

/* A lane moves one coin at a time from one account to another: load, decide, commit; on CONFLICT it loads again, on DOWN it makes the
 * same commit again. */
struct lane {
	unsigned int who, from, to;
	bool waiting;
	struct sess_ledger_commit *commit;   /* to be made, or made again */
};
static struct lane lanes[LANES];
static struct { unsigned int begun, done, conflicts, again; } coins;

static void begin_transfer(struct lane *lane)
{
	if (coins.begun >= TRANSFERS)
		return;
	coins.begun++;
	lane->from = rnd(ACCOUNTS);
	lane->to = (lane->from + 1 + rnd(ACCOUNTS - 1)) % ACCOUNTS;
}

static bool lane_idle(const struct lane *lane)
{
	return lane->from == lane->to;
}

static void on_moved(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct lane *lane = ctx;
	(void)token;
	(void)there;
	lane->waiting = false;
	coins.again += result == SESS_LEDGER_DOWN;
	if (result == SESS_LEDGER_DOWN || result == SESS_LEDGER_BUSY)
		return;
	assert_true(result == SESS_LEDGER_OK || result == SESS_LEDGER_CONFLICT);
	talloc_free(lane->commit);
	lane->commit = NULL;
	coins.conflicts += result == SESS_LEDGER_CONFLICT;
	if (result == SESS_LEDGER_OK) {
		coins.done++;
		lane->from = lane->to = 0;
	}
}

static void put_coins(struct sess_ledger_commit *commit, unsigned int account, const struct sess_ledger_record *record, int by)
{
	char text[16];
	int had = record->stamp ? atoi(record->value) : 0;
	snprintf(text, sizeof(text), "%d", had + by);
	sess_ledger_put(commit, key_of("account", account), record->stamp, text, strlen(text), 0);
}

static void on_accounts(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct lane *lane = ctx;
	(void)token;
	(void)n;
	lane->waiting = false;
	if (result != SESS_LEDGER_OK)
		return;
	lane->commit = sess_ledger_commit_begin(root, ledgers[lane->who], PARTITION);
	put_coins(lane->commit, lane->from, &records[0], -1);
	put_coins(lane->commit, lane->to, &records[1], 1);
	sess_ledger_tally_add(lane->commit, key_of("moved", 0), 1, 0);
	sess_ledger_enqueue(lane->commit, queues[lane->who], &(struct sess_queue_add){ .body = "moved", .octets = 5 });
	sess_ledger_note(lane->commit, "moved", 5);
}

static void lane_step(struct lane *lane)
{
	if (lane->waiting || !sess_redis_up(redises[lane->who]))
		return;
	if (lane_idle(lane))
		begin_transfer(lane);
	if (lane_idle(lane))
		return;
	lane->waiting = true;
	if (lane->commit) {
		assert_int_equal(sess_ledger_commit_go(lane->commit, on_moved, lane, 0), 0);
		return;
	}
	const char *keys[] = { key_of("account", lane->from), key_of("account", lane->to) };
	assert_int_equal(sess_ledger_load(ledgers[lane->who], keys, 2, on_accounts, lane, 0), 0);
}

static void what_was_done_was_done_once_whatever_died(void **state)
{
	static const char *const options[] = { "--appendonly", "yes", "--appendfsync", "always", NULL };
	struct redis_server saved = server;
	unsigned int kills = 0, turns = 0;
	struct sess_chain *chain;
	char sum[64];
	(void)state;
	seed = 20260404;
	redis_server_start(&server, options);
	open_all(0);
	chain = sess_chain_alloc(root, redises[0]);
	memset(&coins, 0, sizeof(coins));
	for (unsigned int i = 0; i < LANES; i++)
		lanes[i] = (struct lane){ .who = i % 2 };
	while (coins.done < TRANSFERS) {
		assert_in_range(turns++, 0, 400000);
		for (unsigned int i = 0; i < LANES; i++)
			lane_step(&lanes[i]);
		if (rnd(2))
			sess_chain_hint(chain, PARTITION);
		sess_chain_tick(chain, sess_clock_ms());
		turn();
		if (kills < 8 && rnd(60) == 0) {
			redis_server_kill(&server);
			redis_server_restart(&server);
			kills++;
		}
	}
	assert_in_range(coins.conflicts, 1, 1000000);
	assert_in_range(coins.again, 1, 1000000);
	snprintf(sum, sizeof(sum), "moved:{p%02u}:0", PARTITION);
	assert_int_equal(atoi(REDIS("GET", sum).text), TRANSFERS);
	snprintf(sum, sizeof(sum), "work:{p%02u}", PARTITION);
	assert_int_equal(REDIS("XLEN", sum).integer, TRANSFERS);
	assert_int_equal(REDIS("EVAL", "local sum=0 for _,k in ipairs(redis.call('KEYS','account:*')) do "
			       "sum=sum+tonumber(redis.call('GET',k):sub(9)) end return sum", "0").integer, 0);
	/* And each of them stands in the chain. */
	snprintf(sum, sizeof(sum), "chain:{p%02u}", PARTITION);
	for (int64_t n = 0; n < TRANSFERS; n = REDIS("XLEN", sum).integer) {
		sess_chain_hint(chain, PARTITION);
		sess_chain_tick(chain, sess_clock_ms());
	}
	assert_int_equal(REDIS("XLEN", sum).integer, TRANSFERS);
	talloc_free(chain);
	close_all();
	redis_server_stop(&server);
	server = saved;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_answer_is_as_foretold),
		cmocka_unit_test(what_was_done_was_done_once_whatever_died),
	};
	world_begin("ledger_story_test", NULL);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	world_end();
	return failed;
}
