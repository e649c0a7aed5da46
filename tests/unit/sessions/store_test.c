/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The store on a real Redis: two processes (two stores on two connections) that race, answers that are lost, scripts that are
 * forgotten, servers that stop. */
#include <errno.h>

#include "tests/unit/sessions/redis_world.h"

#include "sessions/store.h"

#define ALICE "989121234567"
#define BOB "989359876543"

/* A process: a connection and a store. */
struct process {
	struct sess_store *store;
	unsigned int answers;
	enum sess_store_result result;
	struct session got;
	bool has_got, inside;
	char text[SESS_VALUE_OCTETS_MAX];
	int64_t integer;
	char due[8][SESS_ID_MAX + 1];
	unsigned int due_n;
};
static struct process one, two;

/* Of the world's connections. */
static unsigned int which(const struct process *p)
{
	return p == &two;
}

static void begin(struct process *p, unsigned int cache_entries)
{
	memset(p, 0, sizeof(*p));
	world_connect(which(p), 5000, 10000);
	p->store = sess_store_alloc(root, redises[which(p)], &(struct sess_store_config){ .cache_entries = cache_entries });
}

static void end(struct process *p)
{
	if (p->store)
		talloc_free(p->store);
	world_disconnect(which(p));
	memset(p, 0, sizeof(*p));
}

static int both_up(void **state)
{
	(void)state;
	begin(&one, 64);
	begin(&two, 64);
	TURN_UNTIL(sess_redis_up(redises[0]) && sess_redis_up(redises[1]));
	return 0;
}

static void on_reply(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	struct process *p = ctx;
	(void)token;
	assert_false(p->inside);
	p->answers++;
	p->result = outcome == SESS_REDIS_OK ? SESS_STORE_OK : SESS_STORE_DOWN;
	p->integer = reply ? reply->integer : 0;
	snprintf(p->text, sizeof(p->text), "%.*s", reply && reply->text ? (int)reply->octets : 0, reply && reply->text ? reply->text : "");
}

/* Any command, by its words. */
static void says(struct process *p, const char *a, const char *b, const char *c, const char *d)
{
	const char *argv[] = { a, b, c, d };
	unsigned int before = p->answers;
	assert_int_equal(sess_redis_command(redises[which(p)], on_reply, p, 0, d ? 4 : c ? 3 : b ? 2 : 1, argv, NULL), 0);
	TURN_UNTIL(p->answers > before);
	assert_int_equal(p->result, SESS_STORE_OK);
}

static int both_end(void **state)
{
	(void)state;
	if (!sess_redis_up(redises[0])) {
		end(&one);
		begin(&one, 0);
		TURN_UNTIL(sess_redis_up(redises[0]));
	}
	says(&one, "FLUSHALL", NULL, NULL, NULL);
	end(&one);
	end(&two);
	return 0;
}

static void on_result(void *ctx, uint64_t token, enum sess_store_result result, const struct session *session)
{
	struct process *p = ctx;
	assert_int_equal(token, 77);
	assert_false(p->inside);
	p->answers++;
	p->result = result;
	p->has_got = session != NULL;
	if (session)
		p->got = *session;
}

static void wait_answer(struct process *p, unsigned int before)
{
	TURN_UNTIL(p->answers > before);
	assert_int_equal(p->answers, before + 1);
}

static void save_soon(struct process *p, struct sess_store_save save)
{
	if (!save.expire_ms)
		save.expire_ms = sess_clock_wall_ms() + 100000;
	p->inside = true;
	sess_store_save(p->store, &save, on_result, p, 77);
	p->inside = false;
}

static enum sess_store_result save_as(struct process *p, struct sess_store_save save)
{
	unsigned int before = p->answers;
	save_soon(p, save);
	wait_answer(p, before);
	return p->result;
}

#define SAVE(p, ...) save_as(p, (struct sess_store_save){ __VA_ARGS__ })

static enum sess_store_result load(struct process *p, const char *id)
{
	unsigned int before = p->answers;
	p->inside = true;
	sess_store_load(p->store, id, on_result, p, 77);
	p->inside = false;
	wait_answer(p, before);
	assert_int_equal(p->has_got, p->result == SESS_STORE_OK);
	return p->result;
}

static struct session make(const char *place)
{
	struct session s;
	memset(&s, 0, sizeof(s));
	s.bearer_id = 1;
	s.bearer_octets = 12;
	s.menu_version = 0x1122334455667788;
	s.step_fingerprint = s.bearer_session = s.step_sequence = 0x99887766;
	s.began_ms = 1795000000000;
	s.touched_ms = 1795000010000;
	s.steps = 3;
	s.place_octets = (uint16_t)strlen(place);
	memcpy(s.place, place, s.place_octets);
	return s;
}

static void assert_place(const struct session *s, const char *place)
{
	assert_int_equal(s->place_octets, strlen(place));
	assert_memory_equal(s->place, place, s->place_octets);
}

static void what_was_saved_is_loaded_elsewhere(void **state)
{
	struct session s = make("first");
	(void)state;
	assert_int_equal(load(&one, ALICE), SESS_STORE_NONE);
	assert_int_equal(SAVE(&one, .id = ALICE, .session = &s), SESS_STORE_OK);
	assert_int_equal(s.version, 1);
	assert_int_equal(load(&two, ALICE), SESS_STORE_OK);
	assert_place(&two.got, "first");
	assert_int_equal(two.got.version, 1);
	assert_int_equal(two.got.nonce, s.nonce);
	struct session next = two.got;
	next.place[0] = 'F';
	assert_int_equal(SAVE(&two, .id = ALICE, .session = &next), SESS_STORE_OK);
	assert_int_equal(next.version, 2);
	assert_int_equal(load(&one, BOB), SESS_STORE_NONE);
}

static void keys_carry_their_partition(void **state)
{
	struct session s = make("x");
	char key[64];
	(void)state;
	/* The check value of CRC16/XMODEM, 0x31c3. */
	assert_int_equal(sess_store_partition("123456789"), 0x31c3 % 64);
	assert_int_equal(sess_store_partition(""), 0);
	SAVE(&one, .id = ALICE, .session = &s);
	snprintf(key, sizeof(key), "ussd:{p%02u}:" ALICE, sess_store_partition(ALICE));
	says(&one, "EXISTS", key, NULL, NULL);
	assert_int_equal(one.integer, 1);
	says(&one, "PTTL", key, NULL, NULL);
	assert_in_range(one.integer, 1, 100000);
}

static void only_one_of_two_writers_wins(void **state)
{
	struct session a = make("by one"), b = make("by two");
	unsigned int before = two.answers;
	(void)state;
	save_soon(&two, (struct sess_store_save){ .id = ALICE, .session = &b });
	save_soon(&one, (struct sess_store_save){ .id = ALICE, .session = &a });
	TURN_UNTIL(one.answers && two.answers > before);
	struct process *loser = one.result == SESS_STORE_CONFLICT ? &one : &two, *winner = loser == &one ? &two : &one;
	assert_int_equal(winner->result, SESS_STORE_OK);
	assert_int_equal(loser->result, SESS_STORE_CONFLICT);
	assert_true(loser->has_got);
	assert_int_equal(loser->got.version, 1);
	assert_place(&loser->got, winner == &one ? "by one" : "by two");
	assert_null(sess_store_cached(loser->store, ALICE));
	assert_non_null(sess_store_cached(winner->store, ALICE));
	/* The loser goes on from what it was given. */
	struct session next = loser->got;
	assert_int_equal(save_as(loser, (struct sess_store_save){ .id = ALICE, .session = &next }), SESS_STORE_OK);
	assert_int_equal(next.version, 2);
	/* Now the winner's cache is stale: its save fails, with the present value. */
	struct session stale = *sess_store_cached(winner->store, ALICE);
	assert_int_equal(stale.version, 1);
	assert_int_equal(save_as(winner, (struct sess_store_save){ .id = ALICE, .session = &stale }), SESS_STORE_CONFLICT);
	assert_int_equal(winner->got.version, 2);
	assert_int_equal(winner->got.nonce, next.nonce);
	assert_int_equal(sess_store_counters(winner->store)->conflicts, 1);
}

/* The same version by another writer is another session: after a failover, say, that lost the newer half. */
static void the_nonce_tells_writers_apart(void **state)
{
	struct session a = make("a"), b = make("b");
	(void)state;
	SAVE(&one, .id = ALICE, .session = &a);
	assert_int_equal(SAVE(&two, .id = ALICE, .session = &b, .replace = true), SESS_STORE_OK);
	assert_int_equal(a.version, b.version);
	assert_int_not_equal(a.nonce, b.nonce);
	assert_int_equal(SAVE(&one, .id = ALICE, .session = &a), SESS_STORE_CONFLICT);
	assert_place(&one.got, "b");
}

static void a_session_that_went_away_conflicts_with_nothing(void **state)
{
	struct session s = make("gone");
	(void)state;
	SAVE(&one, .id = ALICE, .session = &s);
	says(&one, "FLUSHALL", NULL, NULL, NULL);
	assert_int_equal(SAVE(&one, .id = ALICE, .session = &s), SESS_STORE_CONFLICT);
	assert_true(one.has_got);
	assert_int_equal(one.got.version, 0);
}

static void a_dial_replaces_whatever_stands_there(void **state)
{
	struct session old = make("old"), new = make("new");
	(void)state;
	SAVE(&one, .id = ALICE, .session = &old);
	SAVE(&one, .id = ALICE, .session = &old);
	assert_int_equal(SAVE(&two, .id = ALICE, .session = &new, .replace = true), SESS_STORE_OK);
	assert_int_equal(SAVE(&one, .id = ALICE, .session = &old), SESS_STORE_CONFLICT);
	assert_place(&one.got, "new");
	/* A later step that still says so compares all the same. */
	SAVE(&one, .id = ALICE, .session = &one.got);
	assert_int_equal(SAVE(&two, .id = ALICE, .session = &new, .replace = true), SESS_STORE_CONFLICT);
}

static void sessions_expire(void **state)
{
	struct session s = make("short");
	(void)state;
	int64_t soon = sess_clock_wall_ms() + 50;
	SAVE(&one, .id = ALICE, .session = &s, .expire_ms = soon);
	TURN_UNTIL(sess_clock_wall_ms() > soon + 1);
	assert_null(sess_store_cached(one.store, ALICE));
	assert_int_equal(load(&one, ALICE), SESS_STORE_NONE);
}

static void what_was_saved_here_is_cached(void **state)
{
	struct session s = make("mine");
	(void)state;
	assert_null(sess_store_cached(one.store, ALICE));
	save_soon(&one, (struct sess_store_save){ .id = ALICE, .session = &s });
	assert_null(sess_store_cached(one.store, ALICE)); /* not before Redis has it */
	wait_answer(&one, 0);
	const struct session *cached = sess_store_cached(one.store, ALICE);
	assert_non_null(cached);
	assert_place(cached, "mine");
	assert_int_equal(cached->version, 1);
	sess_store_cached(one.store, ALICE);
	assert_non_null(sess_store_cached(one.store, ALICE));
	s = *sess_store_cached(one.store, ALICE);
	save_soon(&one, (struct sess_store_save){ .id = ALICE, .session = &s });
	assert_null(sess_store_cached(one.store, ALICE)); /* a save is in flight */
	wait_answer(&one, 1);
	assert_int_equal(sess_store_cached(one.store, ALICE)->version, 2);
	assert_int_equal(load(&one, ALICE), SESS_STORE_OK);
	assert_null(sess_store_cached(one.store, ALICE)); /* a load may have found something newer */
	assert_true(sess_store_counters(one.store)->cache_hits >= 5);
}

/* The server did the save, but its answer never came: the same attempt again is recognised. */
static void our_own_lost_write_is_ours(void **state)
{
	struct session s = make("lost"), other;
	(void)state;
	SAVE(&one, .id = ALICE, .session = &s);
	osmo_clock_override_enable(CLOCK_MONOTONIC, true);
	redis_server_hang(&server);
	save_soon(&one, (struct sess_store_save){ .id = ALICE, .session = &s });
	sess_redis_flush(redises[0]);
	uint32_t version = s.version, nonce = s.nonce;
	osmo_clock_override_add(CLOCK_MONOTONIC, 11, 0);
	wait_answer(&one, 1);
	assert_int_equal(one.result, SESS_STORE_DOWN);
	assert_null(sess_store_cached(one.store, ALICE));
	osmo_clock_override_enable(CLOCK_MONOTONIC, false);
	redis_server_resume(&server);
	TURN_UNTIL(sess_redis_up(redises[0]));
	assert_int_equal(load(&two, ALICE), SESS_STORE_OK);
	assert_int_equal(two.got.version, version); /* so it was done */
	assert_int_equal(SAVE(&one, .id = ALICE, .session = &s, .again = true), SESS_STORE_OK);
	assert_int_equal(s.version, version);
	assert_int_equal(s.nonce, nonce);
	assert_int_equal(sess_store_counters(one.store)->conflicts, 0);
	assert_int_equal(sess_store_cached(one.store, ALICE)->version, version);
	/* Had another been there meanwhile, it would be a conflict. */
	other = two.got;
	assert_int_equal(SAVE(&two, .id = ALICE, .session = &other), SESS_STORE_OK);
	assert_int_equal(SAVE(&one, .id = ALICE, .session = &s, .again = true), SESS_STORE_CONFLICT);
	assert_int_equal(one.got.nonce, other.nonce);
}

/* And a save that was not done is done by the second attempt, over the base of the first. */
static void a_save_that_was_not_done_is_done_again(void **state)
{
	struct session s = make("again");
	(void)state;
	SAVE(&one, .id = ALICE, .session = &s);
	osmo_clock_override_enable(CLOCK_MONOTONIC, true);
	save_soon(&one, (struct sess_store_save){ .id = ALICE, .session = &s });
	osmo_clock_override_add(CLOCK_MONOTONIC, 11, 0);
	sess_redis_tick(redises[0]); /* before the flush: it never leaves */
	osmo_clock_override_enable(CLOCK_MONOTONIC, false);
	assert_int_equal(one.answers, 2);
	assert_int_equal(one.result, SESS_STORE_DOWN);
	assert_int_equal(s.version, 2);
	TURN_UNTIL(sess_redis_up(redises[0]));
	assert_int_equal(load(&two, ALICE), SESS_STORE_OK);
	assert_int_equal(two.got.version, 1);
	assert_int_equal(SAVE(&one, .id = ALICE, .session = &s, .again = true), SESS_STORE_OK);
	assert_int_equal(load(&two, ALICE), SESS_STORE_OK);
	assert_int_equal(two.got.version, 2);
	assert_int_equal(two.got.nonce, s.nonce);
}

static void while_down_everything_is_answered_later(void **state)
{
	struct session s = make("down");
	(void)state;
	redis_server_kill(&server);
	TURN_UNTIL(!sess_redis_up(redises[0]));
	assert_int_equal(SAVE(&one, .id = ALICE, .session = &s), SESS_STORE_DOWN);
	assert_int_equal(load(&one, ALICE), SESS_STORE_DOWN);
	unsigned int before = one.answers;
	one.inside = true;
	sess_store_get_profile(one.store, ALICE, on_reply, &one, 0);
	sess_store_due(one.store, 1, 1, NULL, NULL);
	one.inside = false;
	assert_int_equal(sess_store_set_profile(one.store, ALICE, "fa", 2), -ENOTCONN);
	wait_answer(&one, before);
	s = make("first");
	for (int i = 0; i < 10; i++)
		save_soon(&one, (struct sess_store_save){ .id = BOB, .session = &s, .again = i > 0 });
	TURN_UNTIL(one.answers == before + 11);
	assert_int_equal(sess_store_counters(one.store)->failures, 13);
	redis_server_restart(&server);
	TURN_UNTIL(sess_redis_up(redises[0]) && sess_redis_up(redises[1]));
	assert_int_equal(SAVE(&one, .id = BOB, .session = &s, .again = true), SESS_STORE_OK);
	assert_int_equal(s.version, 1);
}

static void too_much_is_busy(void **state)
{
	static struct session many[5001];
	(void)state;
	char id[SESS_ID_MAX + 1];
	for (int i = 0; i < 5001; i++) {
		many[i] = make("many");
		snprintf(id, sizeof(id), "98912%07d", i);
		save_soon(&one, (struct sess_store_save){ .id = id, .session = &many[i] });
	}
	TURN_UNTIL(one.answers == 1);
	assert_int_equal(one.result, SESS_STORE_BUSY);
	TURN_UNTIL(one.answers == 5001);
	assert_int_equal(one.result, SESS_STORE_OK);
	assert_int_equal(SAVE(&one, .id = id, .session = &many[5000], .again = true), SESS_STORE_OK);
	assert_int_equal(many[5000].version, 1);
}

static void a_forgotten_script_is_sent_again(void **state)
{
	static struct session large, large_back;
	struct session s = make("script");
	(void)state;
	SAVE(&one, .id = ALICE, .session = &s);
	says(&two, "SCRIPT", "FLUSH", NULL, NULL);
	assert_int_equal(SAVE(&one, .id = ALICE, .session = &s), SESS_STORE_OK);
	assert_int_equal(sess_store_counters(one.store)->reloads, 1);
	assert_int_equal(SAVE(&one, .id = ALICE, .session = &s), SESS_STORE_OK);
	assert_int_equal(sess_store_counters(one.store)->reloads, 1); /* it is known again */
	says(&two, "SCRIPT", "FLUSH", NULL, NULL);
	assert_int_equal(SAVE(&one, .id = ALICE, .session = &s, .wait_until_ms = 5), SESS_STORE_OK);
	large = make("");
	large.place_octets = SESS_PLACE_OCTETS_MAX;
	memset(large.place, 'L', SESS_PLACE_OCTETS_MAX);
	assert_int_equal(SAVE(&one, .id = BOB, .session = &large), SESS_STORE_OK);
	says(&two, "SCRIPT", "FLUSH", NULL, NULL);
	assert_int_equal(SAVE(&one, .id = BOB, .session = &large), SESS_STORE_OK);
	assert_int_equal(sess_store_counters(one.store)->reloads, 3);
	assert_null(sess_store_cached(one.store, BOB)); /* too large to keep */
	assert_int_equal(load(&two, BOB), SESS_STORE_OK);
	large_back = two.got;
	assert_int_equal(large_back.place_octets, SESS_PLACE_OCTETS_MAX);
	assert_memory_equal(large_back.place, large.place, SESS_PLACE_OCTETS_MAX);
}

/* A first save needs no script; what it meets is told by one, even by one that Redis has forgotten. */
static void a_first_save_asks_what_it_met(void **state)
{
	struct session first = make("first"), late = make("late");
	(void)state;
	assert_int_equal(SAVE(&one, .id = ALICE, .session = &first, .expire_ms = 1), SESS_STORE_OK); /* expires at once */
	assert_int_equal(load(&one, ALICE), SESS_STORE_NONE);
	first = make("first");
	says(&two, "SCRIPT", "FLUSH", NULL, NULL);
	assert_int_equal(SAVE(&one, .id = ALICE, .session = &first), SESS_STORE_OK);
	assert_int_equal(sess_store_counters(one.store)->reloads, 0);
	assert_int_equal(SAVE(&two, .id = ALICE, .session = &late), SESS_STORE_CONFLICT);
	assert_place(&two.got, "first");
	assert_int_equal(sess_store_counters(two.store)->reloads, 1);
}

static void on_due(void *ctx, const char *id)
{
	struct process *p = ctx;
	assert_false(p->inside);
	assert_in_range(p->due_n, 0, 7);
	strcpy(p->due[p->due_n++], id);
}

static unsigned int look(struct process *p, int64_t now_ms, unsigned int limit)
{
	p->due_n = 0;
	p->inside = true;
	sess_store_due(p->store, now_ms, limit, on_due, p);
	sess_store_due(p->store, now_ms, limit, on_due, p); /* not twice at a time */
	p->inside = false;
	TURN_UNTIL(sess_redis_pending(redises[which(p)]) == 0);
	return p->due_n;
}

static void those_who_wait_are_found(void **state)
{
	struct session a = make("a"), b = make("b");
	(void)state;
	assert_int_equal(look(&two, 5000, 10), 0);
	SAVE(&one, .id = ALICE, .session = &a, .wait_until_ms = 1000);
	SAVE(&one, .id = BOB, .session = &b, .wait_until_ms = 2000, .replace = true);
	assert_int_equal(look(&two, 999, 10), 0);
	assert_int_equal(look(&two, 1000, 10), 1);
	assert_string_equal(two.due[0], ALICE);
	assert_int_equal(look(&two, 2000, 10), 2);
	/* Waiting longer; then not any more. */
	assert_int_equal(SAVE(&one, .id = ALICE, .session = &a, .wait_until_ms = 3000, .was_waiting = true), SESS_STORE_OK);
	assert_int_equal(look(&two, 2000, 10), 1);
	assert_string_equal(two.due[0], BOB);
	/* A conflict changes nothing in the list. */
	struct session stale = make("stale");
	assert_int_equal(SAVE(&two, .id = BOB, .session = &stale, .was_waiting = true), SESS_STORE_CONFLICT);
	assert_int_equal(look(&two, 2000, 10), 1);
	assert_int_equal(SAVE(&one, .id = BOB, .session = &b, .was_waiting = true), SESS_STORE_OK);
	assert_int_equal(look(&two, 2999, 10), 0);
	assert_int_equal(look(&two, 3000, 0), 0);
	sess_store_unlist(one.store, ALICE);
	TURN_UNTIL(sess_redis_pending(redises[0]) == 0);
	assert_int_equal(look(&two, 3000, 10), 0);
}

static void profiles_are_kept(void **state)
{
	(void)state;
	unsigned int before = one.answers;
	sess_store_get_profile(one.store, ALICE, on_reply, &one, 0);
	wait_answer(&one, before);
	assert_string_equal(one.text, "");
	assert_int_equal(sess_store_set_profile(one.store, ALICE, "lang=en", 7), 0);
	sess_store_get_profile(one.store, ALICE, on_reply, &one, 0);
	wait_answer(&one, before + 1);
	assert_string_equal(one.text, "lang=en");
	assert_int_equal(sess_store_set_profile(one.store, "9891212345678901234567890", "x", 1), -EINVAL);
}

static void what_we_cannot_read_counts_as_none(void **state)
{
	struct session s = make("new");
	char key[64];
	(void)state;
	snprintf(key, sizeof(key), "ussd:{p%02u}:" ALICE, sess_store_partition(ALICE));
	says(&one, "SET", key, "rubbish of some length", NULL);
	assert_int_equal(load(&one, ALICE), SESS_STORE_NONE);
	assert_int_equal(SAVE(&one, .id = ALICE, .session = &s), SESS_STORE_CONFLICT);
	assert_int_equal(one.got.version, 0);
	assert_int_equal(sess_store_counters(one.store)->unreadable, 2);
	s = make("new");
	assert_int_equal(SAVE(&one, .id = ALICE, .session = &s, .replace = true), SESS_STORE_OK);
	says(&one, "DEL", key, NULL, NULL);
	says(&one, "LPUSH", key, "a list", NULL);
	assert_int_equal(load(&one, ALICE), SESS_STORE_DOWN); /* Redis refuses */
	assert_int_equal(SAVE(&one, .id = ALICE, .session = &s), SESS_STORE_DOWN);
}

static void freeing_the_store_answers_what_is_pending(void **state)
{
	struct session s = make("freed");
	(void)state;
	save_soon(&one, (struct sess_store_save){ .id = ALICE, .session = &s });
	sess_store_load(one.store, ALICE, on_result, &one, 77);
	sess_store_get_profile(one.store, ALICE, on_reply, &one, 0);
	sess_store_due(one.store, 1, 1, on_due, &one);
	talloc_free(one.store);
	one.store = NULL;
	assert_int_equal(one.answers, 3);
	assert_int_equal(one.result, SESS_STORE_DOWN);
	TURN_UNTIL(sess_redis_pending(redises[0]) == 0);
	assert_int_equal(one.answers, 3);
	/* The other way round: the connection first. */
	save_soon(&two, (struct sess_store_save){ .id = BOB, .session = &s });
	world_disconnect(1);
	assert_int_equal(two.answers, 1);
	assert_int_equal(two.result, SESS_STORE_DOWN);
}

static void on_free_store(void *ctx, uint64_t token, enum sess_store_result result, const struct session *session)
{
	struct process *p = ctx;
	struct sess_store *store = p->store;
	on_result(ctx, token, result, session);
	if (!store)
		return;
	p->store = NULL;
	talloc_free(store);
}

static void a_callback_may_free_the_store(void **state)
{
	struct session s = make("freed");
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct sess_store_save save = { .id = ALICE, .session = &s, .expire_ms = INT64_C(1) << 42, .replace = true };
		s.version = 0;
		sess_store_save(one.store, &save, on_free_store, &one, 77);
	}
	TURN_UNTIL(!one.store);
	assert_int_equal(one.answers, 3);
	/* And from the timer that answers what could not be sent. */
	redis_server_kill(&server);
	TURN_UNTIL(!sess_redis_up(redises[1]));
	for (int i = 0; i < 3; i++)
		sess_store_load(two.store, ALICE, on_free_store, &two, 77);
	TURN_UNTIL(!two.store);
	assert_int_equal(two.answers, 3);
	redis_server_restart(&server);
}

/* 100,000 open sessions cost Redis at most 500 octets each (here 20,000: the hash table's share is alike). */
static void sessions_are_small_in_redis(void **state)
{
	enum { N = 20000 };
	char id[SESS_ID_MAX + 1];
	size_t before, after;
	(void)state;
	says(&one, "INFO", "memory", NULL, NULL);
	before = strtoul(strstr(one.text, "used_memory:") + 12, NULL, 10);
	one.answers = 0;
	for (unsigned int i = 0; i < N; i++) {
		struct session s = make("a place of the menu engine, which takes about sixty octets...");
		snprintf(id, sizeof(id), "98912%07u", i);
		save_soon(&one, (struct sess_store_save){ .id = id, .session = &s });
		if (i % 1000 == 999)
			TURN_UNTIL(one.answers == i + 1);
	}
	assert_int_equal(one.result, SESS_STORE_OK);
	says(&one, "INFO", "memory", NULL, NULL);
	after = strtoul(strstr(one.text, "used_memory:") + 12, NULL, 10);
	print_message("%zu octets of Redis for each session\n", (after - before) / N);
	assert_in_range((after - before) / N, 100, 500);
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, both_up, both_end)
	const struct CMUnitTest tests[] = {
		STORY(what_was_saved_is_loaded_elsewhere),
		STORY(keys_carry_their_partition),
		STORY(only_one_of_two_writers_wins),
		STORY(the_nonce_tells_writers_apart),
		STORY(a_session_that_went_away_conflicts_with_nothing),
		STORY(a_dial_replaces_whatever_stands_there),
		STORY(sessions_expire),
		STORY(what_was_saved_here_is_cached),
		STORY(our_own_lost_write_is_ours),
		STORY(a_save_that_was_not_done_is_done_again),
		STORY(while_down_everything_is_answered_later),
		STORY(too_much_is_busy),
		STORY(a_forgotten_script_is_sent_again),
		STORY(a_first_save_asks_what_it_met),
		STORY(those_who_wait_are_found),
		STORY(profiles_are_kept),
		STORY(what_we_cannot_read_counts_as_none),
		STORY(freeing_the_store_answers_what_is_pending),
		STORY(a_callback_may_free_the_store),
		STORY(sessions_are_small_in_redis),
	};
	world_begin("store_test", NULL);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	world_end();
	return failed;
}
