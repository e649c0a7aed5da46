/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The audit chain on a real Redis: lines are sealed once and in order, whoever races and dies; and whatever is done to a sealed
 * record by hand is found, and told of the right record. */
#include <errno.h>

#include "tests/unit/sessions/redis_world.h"

#include "sessions/chain.h"
#include "sessions/ledger.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define CHAIN "chain:{p05}"
#define AUDIT "audit:{p05}"
#define HEAD "chain-head:{p05}"

static struct sess_chain *chains[2];
static int64_t skipped_ms;                 /* how far this test's clock is ahead */

static void tick(void)
{
	for (int i = 0; i < 2; i++) {
		if (chains[i])
			sess_chain_tick(chains[i], sess_clock_ms() + skipped_ms);
	}
}

static void open_chain(int i)
{
	if (!redises[i])
		world_connect((unsigned int)i, 1000, 10000);
	chains[i] = sess_chain_alloc(root, redises[i]);
	TURN_UNTIL(sess_redis_up(redises[i]));
}

static void close_chain(int i)
{
	if (chains[i])
		talloc_free(chains[i]);
	chains[i] = NULL;
}

static int begin(void **state)
{
	(void)state;
	world_tick = tick;
	world_connect(2, 100, 10000);
	open_chain(0);
	open_chain(1);
	return 0;
}

static int end(void **state)
{
	(void)state;
	world_tick = NULL;
	REDIS("FLUSHALL");
	for (int i = 0; i < 2; i++) {
		close_chain(i);
		world_disconnect((unsigned int)i);
	}
	world_disconnect(2);
	return 0;
}

/* ------------------------------------------------------------------ the verbs */

static void line(const char *body)
{
	REDIS("XADD", AUDIT, "*", "b", body);
}

static void lines(unsigned int from, unsigned int to)
{
	char body[32];
	for (unsigned int i = from; i <= to; i++) {
		snprintf(body, sizeof(body), "line %u", i);
		line(body);
	}
}

static uint64_t sealed(void)
{
	return (chains[0] ? sess_chain_counters(chains[0])->sealed : 0) + (chains[1] ? sess_chain_counters(chains[1])->sealed : 0);
}

static void seal(unsigned int from, unsigned int to)
{
	uint64_t before = sealed();
	lines(from, to);
	sess_chain_hint(chains[0], 5);
	TURN_UNTIL(sealed() == before + to - from + 1);
}

static struct {
	bool ended, answered, close;
	struct sess_chain_verdict verdict;
	uint64_t told, in_order;           /* in_order: those whose body is "line <n>" */
	unsigned int partition;
	uint64_t n;
	char body[32], hash[SESS_CHAIN_HASH_OCTETS];
} heard;

static void on_record(void *ctx, const struct sess_chain_record *record)
{
	assert_ptr_equal(ctx, &heard);
	if (heard.told++)
		assert_true(record->partition > heard.partition || (record->partition == heard.partition && record->n == heard.n + 1));
	heard.partition = record->partition;
	heard.n = record->n;
	snprintf(heard.hash, sizeof(heard.hash), "%s", record->hash);
	snprintf(heard.body, sizeof(heard.body), "%.*s", (int)record->octets, (const char *)record->body);
	char expected[32];
	snprintf(expected, sizeof(expected), "line %u", (unsigned int)record->n);
	heard.in_order += strcmp(heard.body, expected) == 0;
}

static void on_end(void *ctx, const struct sess_chain_verdict *verdict)
{
	assert_ptr_equal(ctx, &heard);
	assert_false(heard.ended);
	heard.ended = true;
	heard.answered = verdict != NULL;
	if (verdict)
		heard.verdict = *verdict;
	if (heard.close)
		close_chain(0);
}

static const struct sess_chain_verdict *verify(void)
{
	memset(&heard, 0, sizeof(heard));
	assert_int_equal(sess_chain_verify(chains[0], on_record, on_end, &heard), 0);
	assert_int_equal(sess_chain_verify(chains[0], on_record, on_end, &heard), -EBUSY);
	TURN_UNTIL(heard.ended);
	assert_true(heard.answered);
	assert_int_equal(heard.told, heard.verdict.records);
	return &heard.verdict;
}

static void assert_good(uint64_t records, uint64_t unsealed)
{
	const struct sess_chain_verdict *verdict = verify();
	if (!verdict->good)
		fail_msg("p%u: %s", verdict->partition, verdict->why);
	assert_int_equal(verdict->records, records);
	assert_int_equal(verdict->unsealed, unsealed);
}

static void assert_bad(uint64_t n, const char *why)
{
	const struct sess_chain_verdict *verdict = verify();
	assert_false(verdict->good);
	assert_string_equal(verdict->why, why);
	assert_int_equal(verdict->n, n);
	assert_int_equal(verdict->partition, 5);
}

/* ------------------------------------------------------------------ the hash */

/* Computed with coreutils: printf 'dolat-chain-1\n5\n1\n%s\nbody' "$(printf '0%.0s' $(seq 64))" | sha256sum */
static void the_hash_is_what_its_description_says(void **state)
{
	char hash[SESS_CHAIN_HASH_OCTETS] = ZEROS;
	(void)state;
	sess_chain_hash(5, 1, hash, "body", 4, hash);
	assert_string_equal(hash, "ec3ad673b625e3c8b243e45748b184bab56bdfd408df56e0346fca96c9b561e4");
	sess_chain_hash(5, 2, hash, "", 0, hash);
	assert_string_equal(hash, "4721cc0b62961df5eb71534aee893942db334bda12578ea53be02fd60f9716aa");
	sess_chain_hash(63, UINT64_MAX, hash, "a\0b", 3, hash);
	assert_string_equal(hash, "e87f14a8a2c22db584cecad0d46ab1a05fc152b2ed55a58984b83080caff1a6e");
}

/* ------------------------------------------------------------------ sealing */

static void lines_are_sealed_once_in_their_order(void **state)
{
	(void)state;
	assert_good(0, 0);
	seal(1, 300);                      /* more than two batches */
	assert_int_equal(REDIS("XLEN", AUDIT).integer, 0);
	assert_int_equal(REDIS("XLEN", CHAIN).integer, 300);
	assert_good(300, 0);
	assert_int_equal(heard.in_order, 300);
	seal(301, 301);
	assert_good(301, 0);
	char head[100];
	snprintf(head, sizeof(head), "301 %s", heard.hash);
	assert_string_equal(REDIS("GET", HEAD).text, head);
	assert_int_equal(sess_chain_counters(chains[0])->failures, 0);
}

static void what_the_ledger_notes_is_sealed_without_a_hint_too(void **state)
{
	struct sess_ledger *ledger = sess_ledger_alloc(root, redises[0]);
	(void)state;
	close_chain(0);
	close_chain(1);
	for (unsigned int p = 0; p < 64; p++) {
		struct sess_ledger_commit *commit = sess_ledger_commit_begin(root, ledger, p);
		sess_ledger_note(commit, "a\0b", 3);
		assert_int_equal(sess_ledger_commit_go(commit, NULL, NULL, 0), 0);
		talloc_free(commit);
	}
	TURN_UNTIL(sess_redis_pending(redises[0]) == 0);
	open_chain(1);                     /* its first tick looks everywhere: for what the dead left */
	TURN_UNTIL(sealed() == 64);
	open_chain(0);
	assert_good(64, 0);
	assert_int_equal(heard.partition, 63);
	/* Who knows who seals, hints. */
	sess_ledger_seal_by(ledger, chains[0]);
	struct sess_ledger_commit *commit = sess_ledger_commit_begin(root, ledger, 7);
	sess_ledger_note(commit, "a", 1);
	assert_int_equal(sess_ledger_commit_go(commit, NULL, NULL, 0), 0);
	talloc_free(commit);
	uint64_t before = sess_chain_counters(chains[0])->sealed;
	TURN_UNTIL(sealed() == 65);
	assert_int_equal(sess_chain_counters(chains[0])->sealed, before + 1);
	sess_ledger_seal_by(ledger, NULL);
	lines(1, 1);
	int64_t began = sess_clock_ms();
	TURN_UNTIL(sess_clock_ms() > began + 20);
	assert_good(65, 1);
	skipped_ms += 6000;                /* and so does every round */
	TURN_UNTIL(sealed() == 66);
	assert_good(66, 0);
	talloc_free(ledger);
}

static void two_race_and_all_is_sealed_once(void **state)
{
	uint64_t raced = 0;
	(void)state;
	for (unsigned int round = 0; round < 20; round++) {
		lines(round * 10 + 1, round * 10 + 10);
		sess_chain_hint(chains[0], 5);
		sess_chain_hint(chains[1], 5);
		TURN_UNTIL(sealed() == (round + 1) * 10);
		raced = sess_chain_counters(chains[0])->raced + sess_chain_counters(chains[1])->raced;
	}
	assert_in_range(raced, 1, 1000);
	assert_good(200, 0);
	assert_int_equal(heard.in_order, 200);
}

/* Chains that end in the middle of everything, at a different point each time. */
static void the_dead_lose_nothing_and_seal_nothing_twice(void **state)
{
	unsigned int n = 0, seed = 20260402;
	(void)state;
	for (unsigned int round = 0; round < 60; round++) {
		unsigned int more = (unsigned int)rand_r(&seed) % 300, turns = (unsigned int)rand_r(&seed) % 8;
		if (round % 10 == 0) {
			lines(n + 1, n + more);
			n += more;
		}
		sess_chain_hint(chains[0], 5);
		sess_chain_hint(chains[1], 5);
		while (turns--)
			turn();
		int i = rand_r(&seed) % 2;
		close_chain(i);
		if (rand_r(&seed) % 3 == 0)
			world_disconnect((unsigned int)i);
		open_chain(i);
	}
	TURN_UNTIL(REDIS("XLEN", AUDIT).integer == 0);
	assert_good(n, 0);
	assert_int_equal(heard.in_order, n);
}

static void large_lines_are_sealed_in_smaller_batches(void **state)
{
	static char big[65537];
	(void)state;
	memset(big, 'b', sizeof(big) - 1);
	for (int i = 0; i < 10; i++)
		line(big);
	line("");
	sess_chain_hint(chains[0], 5);
	TURN_UNTIL(sealed() == 11);
	assert_good(11, 0);
	assert_string_equal(heard.body, "");
}

static void a_forgotten_script_is_loaded_again(void **state)
{
	(void)state;
	REDIS("SCRIPT", "FLUSH");
	seal(1, 3);
	assert_int_equal(sess_chain_counters(chains[0])->reloads + sess_chain_counters(chains[1])->reloads, 1);
	assert_good(3, 0);
}

/* ------------------------------------------------------------------ hands in it */

/* The chain as it was, but for what the test does to records: read, deleted, and written again. */
struct kept { char hash[SESS_CHAIN_HASH_OCTETS], body[32]; };

static void keep_all(struct kept kept[], unsigned int n)
{
	char id[32], hash[SESS_CHAIN_HASH_OCTETS] = ZEROS;
	for (unsigned int i = 1; i <= n; i++) {
		snprintf(kept[i].body, sizeof(kept[i].body), "line %u", i);
		sess_chain_hash(5, i, hash, kept[i].body, strlen(kept[i].body), hash);
		snprintf(id, sizeof(id), "%u-0", i);
		strcpy(kept[i].hash, hash);
	}
}

static void write_again(const char *id, const struct kept *record)
{
	REDIS("XADD", CHAIN, id, "h", record->hash, "b", record->body);
}

static void write_all_again(const struct kept kept[], unsigned int from, unsigned int n)
{
	char id[32];
	for (unsigned int i = from; i <= n; i++) {
		snprintf(id, sizeof(id), "%u-0", i);
		write_again(id, &kept[i]);
	}
}

#define N 140         /* the second batch of a walk too */

static void what_is_changed_is_told(void **state)
{
	static struct kept kept[N + 1];
	(void)state;
	seal(1, N);
	keep_all(kept, N);
	REDIS("DEL", CHAIN);
	write_all_again(kept, 1, N);
	assert_good(N, 0);                 /* the test writes what sealing writes */
	static const unsigned int which[] = { 1, 2, 128, 129, N };
	for (size_t i = 0; i < ARRAY_SIZE(which); i++) {
		unsigned int n = which[i];
		struct kept right = kept[n];
		char why[64];
		snprintf(why, sizeof(why), "record %u was changed", n);
		strcpy(kept[n].body, "another line");
		REDIS("DEL", CHAIN);
		write_all_again(kept, 1, N);
		assert_bad(n, why);
		assert_int_equal(heard.verdict.records, n - 1);
		/* With a hash that fits it is the next that does not follow; and the last is not what the head says. */
		sess_chain_hash(5, n, n > 1 ? kept[n - 1].hash : ZEROS, kept[n].body, strlen(kept[n].body), kept[n].hash);
		REDIS("DEL", CHAIN);
		write_all_again(kept, 1, N);
		snprintf(why, sizeof(why), "record %u was changed", n + 1);
		if (n < N)
			assert_bad(n + 1, why);
		else
			assert_bad(N, "the head is not that of the last record");
		kept[n] = right;
		kept[n].hash[5] ^= 1;
		snprintf(why, sizeof(why), "record %u was changed", n);
		REDIS("DEL", CHAIN);
		write_all_again(kept, 1, N);
		assert_bad(n, why);
		kept[n] = right;
	}
	/* Of another form than ours. */
	REDIS("DEL", CHAIN);
	write_again("1-0", &kept[1]);
	REDIS("XADD", CHAIN, "2-0", "b", kept[2].body, "h", kept[2].hash);
	assert_bad(2, "record 2 was changed");
	REDIS("XDEL", CHAIN, "2-0");
	REDIS("XADD", CHAIN, "3-0", "x", "y");
	assert_bad(2, "record 2 is missing");
}

static void what_is_deleted_is_told(void **state)
{
	(void)state;
	seal(1, N);
	REDIS("XDEL", CHAIN, "140-0");
	assert_bad(140, "record 140 is missing");
	REDIS("XDEL", CHAIN, "129-0", "130-0");
	assert_bad(129, "record 129 is missing");
	REDIS("XDEL", CHAIN, "77-0");
	assert_bad(77, "record 77 is missing");
	REDIS("XDEL", CHAIN, "1-0");
	assert_bad(1, "record 1 is missing");
	REDIS("DEL", CHAIN);
	assert_bad(1, "record 1 is missing");
	REDIS("DEL", HEAD);
	assert_good(0, 0);                 /* what verification alone cannot know: README */
}

static void what_is_slipped_in_or_put_in_another_order_is_told(void **state)
{
	static struct kept kept[N + 2];
	(void)state;
	seal(1, N);
	keep_all(kept, N);
	REDIS("DEL", CHAIN);
	write_all_again(kept, 1, 10);
	write_again("10-1", &kept[10]);
	write_all_again(kept, 11, N);
	assert_bad(11, "a record was slipped in before record 11");
	/* The numbers moved on, so that there is no gap. */
	REDIS("DEL", CHAIN);
	memmove(&kept[11], &kept[10], (N - 9) * sizeof(kept[0]));
	write_all_again(kept, 1, N + 1);
	assert_bad(11, "record 11 was changed");
	memmove(&kept[10], &kept[11], (N - 9) * sizeof(kept[0]));
	struct kept tenth = kept[10];
	kept[10] = kept[11];
	kept[11] = tenth;
	REDIS("DEL", CHAIN);
	write_all_again(kept, 1, N);
	assert_bad(10, "record 10 was changed");
	/* At the end, with a hash that fits. */
	kept[11] = kept[10];
	kept[10] = tenth;
	strcpy(kept[N + 1].body, "and one more");
	sess_chain_hash(5, N + 1, kept[N].hash, kept[N + 1].body, strlen(kept[N + 1].body), kept[N + 1].hash);
	REDIS("DEL", CHAIN);
	write_all_again(kept, 1, N + 1);
	assert_bad(N + 1, "the head is not that of the last record");
	/* Sealing does not go on over that: the lines wait. */
	line("a line");
	sess_chain_hint(chains[0], 5);
	TURN_UNTIL(sess_chain_counters(chains[0])->failures > 2);
	assert_bad(N + 1, "the head is not that of the last record");
	assert_int_equal(REDIS("XLEN", AUDIT).integer, 1);
}

static void a_head_that_is_not_right_is_told(void **state)
{
	static const char *const heads[] = { "", "x", "4", "4 ", "4 abc", "3 " ZEROS, "4 " ZEROS, "04 " ZEROS, "4  " ZEROS, "4 " ZEROS "0",
					     "-4 " ZEROS, "4 0000000000000000000000000000000000000000000000000000000000000Z00" };
	(void)state;
	seal(1, 4);
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		REDIS("SET", HEAD, heads[i]);
		assert_bad(4, "the head is not that of the last record");
	}
	REDIS("DEL", HEAD);
	assert_bad(4, "the head is not that of the last record");
	REDIS("SET", HEAD, "99999999999999999999999999 " ZEROS);
	assert_bad(5, "record 5 is missing");
	REDIS("SET", HEAD, "rubbish");
	line("waits");
	sess_chain_hint(chains[0], 5);
	TURN_UNTIL(sess_chain_counters(chains[0])->failures > 0);
	assert_int_equal(REDIS("XLEN", AUDIT).integer, 1);
}

/* ------------------------------------------------------------------ together with all else */

static void a_chain_that_grows_is_verified(void **state)
{
	(void)state;
	seal(1, 100);
	for (int i = 0; i < 20; i++) {
		lines(1, 40);
		sess_chain_hint(chains[1], 5);
		assert_true(verify()->good);
	}
	TURN_UNTIL(sealed() == 900);
	assert_good(900, 0);
}

static void every_verification_ends(void **state)
{
	(void)state;
	seal(1, 10);
	/* From its own end, and in the middle. */
	memset(&heard, 0, sizeof(heard));
	heard.close = true;
	assert_int_equal(sess_chain_verify(chains[0], on_record, on_end, &heard), 0);
	TURN_UNTIL(heard.ended);
	assert_true(heard.answered && heard.verdict.good);
	for (int turns = 0; turns < 6; turns++) {
		open_chain(0);
		memset(&heard, 0, sizeof(heard));
		assert_int_equal(sess_chain_verify(chains[0], NULL, on_end, &heard), 0);
		sess_chain_hint(chains[0], 5);
		for (int i = 0; i < turns; i++)
			turn();
		close_chain(0);
		assert_true(heard.ended && !heard.answered);
		turn();
	}
	open_chain(0);
	redis_server_kill(&server);
	for (int i = 0; i < 2; i++) {
		memset(&heard, 0, sizeof(heard));
		sess_chain_hint(chains[0], 5);
		assert_int_equal(sess_chain_verify(chains[0], on_record, on_end, &heard), 0);
		assert_false(heard.ended);
		TURN_UNTIL(heard.ended);
		assert_false(heard.answered);
	}
	redis_server_restart(&server);
	TURN_UNTIL(sess_redis_up(redises[0]) && sess_redis_up(redises[1]));
	seal(1, 10);
	assert_good(10, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
		cmocka_unit_test(the_hash_is_what_its_description_says),
		TEST(lines_are_sealed_once_in_their_order),
		TEST(what_the_ledger_notes_is_sealed_without_a_hint_too),
		TEST(two_race_and_all_is_sealed_once),
		TEST(the_dead_lose_nothing_and_seal_nothing_twice),
		TEST(large_lines_are_sealed_in_smaller_batches),
		TEST(a_forgotten_script_is_loaded_again),
		TEST(what_is_changed_is_told),
		TEST(what_is_deleted_is_told),
		TEST(what_is_slipped_in_or_put_in_another_order_is_told),
		TEST(a_head_that_is_not_right_is_told),
		TEST(a_chain_that_grows_is_verified),
		TEST(every_verification_ends),
	};
	world_begin("chain_test", NULL);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	world_end();
	return failed;
}
