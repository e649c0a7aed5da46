/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One connection against real servers that hang, die, refuse and forget, and against peers that are no Redis at all. The rule
 * under test in all of it: each accepted command has exactly one answer, later. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <talloc.h>
#include <unistd.h>
#include <cmocka.h>
#include <osmocom/core/application.h>
#include <osmocom/core/fsm.h>
#include <osmocom/core/logging.h>
#include <osmocom/core/timer.h>
#include <osmocom/core/utils.h>

#include "sessions/redis.h"
#include "sessions/resp.h"
#include "tests/unit/redis_server.h"

static struct redis_server server;
static void *root;

/* What the callbacks saw. */
static struct {
	unsigned int answers, ok, error, timeout, lost, ups, downs;
	uint64_t last_token;
	char text[256];
	size_t octets;
	bool inside;          /* a call into redis is running: nothing may be answered */
} seen;

static void on_answer(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	(void)ctx;
	assert_false(seen.inside);
	seen.answers++;
	seen.ok += outcome == SESS_REDIS_OK;
	seen.error += outcome == SESS_REDIS_ERROR;
	seen.timeout += outcome == SESS_REDIS_TIMEOUT;
	seen.lost += outcome == SESS_REDIS_LOST;
	assert_int_equal(reply == NULL, outcome == SESS_REDIS_TIMEOUT || outcome == SESS_REDIS_LOST);
	if (token) {
		assert_int_equal(token, seen.last_token + 1); /* in order */
		seen.last_token = token;
	}
	seen.octets = reply ? reply->octets : 0;
	if (reply && reply->text)
		snprintf(seen.text, sizeof(seen.text), "%.*s", (int)reply->octets, reply->text);
}

static void on_state(void *ctx, struct sess_redis *redis, bool up)
{
	(void)ctx;
	assert_int_equal(sess_redis_up(redis), up);
	up ? seen.ups++ : seen.downs++;
}

static void update(struct osmo_fd *ofd, unsigned int when)
{
	osmo_fd_update_when(ofd, 0, when);
}

static struct sess_redis_config config(void)
{
	return (struct sess_redis_config){
		.name = "test", .path = server.path, .deadline_ms = 10000, .connect_ms = 5000, .retry_min_ms = 10, .retry_max_ms = 40,
		.pending_max = 1000, .io = { osmo_fd_register, update, osmo_fd_unregister }, .log_category = DLGLOBAL,
	};
}

static struct sess_redis *open_with(const struct sess_redis_config *with)
{
	struct sess_redis *redis;
	memset(&seen, 0, sizeof(seen));
	redis = sess_redis_alloc(root, with, on_state, NULL);
	sess_redis_start(redis);
	return redis;
}

/* One turn of the owner's loop. Any of its steps may free redis, so the caller's own variable is looked at each time. */
static void turn_at(struct sess_redis **redis)
{
	osmo_select_main_ctx(1);
	if (*redis)
		sess_redis_tick(*redis);
	if (*redis)
		sess_redis_flush(*redis);
	usleep(200);
}

/* Turns the loop until it holds; failing to is a failed test, after far longer than it ever takes. */
#define TURN_UNTIL(redis, condition) \
	do { \
		for (int turns_ = 0; !(condition); turns_++) { \
			assert_in_range(turns_, 0, 100000); \
			turn_at(&(redis)); \
		} \
	} while (0)

static struct sess_redis *open_up(void)
{
	struct sess_redis_config with = config();
	struct sess_redis *redis = open_with(&with);
	TURN_UNTIL(redis, sess_redis_up(redis));
	return redis;
}

static int command(struct sess_redis *redis, uint64_t token, const char *a, const char *b, const char *c)
{
	const char *argv[] = { a, b, c };
	seen.inside = true;
	int rc = sess_redis_command(redis, on_answer, NULL, token, c ? 3 : b ? 2 : 1, argv, NULL);
	seen.inside = false;
	return rc;
}

/* While nothing of it frees redis. */
static void some_turns(struct sess_redis *redis, int n)
{
	while (n--)
		turn_at(&redis);
}

static int start(void **state)
{
	(void)state;
	redis_server_start(&server, NULL);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	redis_server_stop(&server);
	return 0;
}

static void commands_are_answered_in_order(void **state)
{
	struct sess_redis *redis = open_up();
	char value[16];
	(void)state;
	assert_int_equal(seen.ups, 1);
	for (unsigned int i = 1; i <= 400; i += 2) {
		snprintf(value, sizeof(value), "v%u", i);
		assert_int_equal(command(redis, i, "SET", "key", value), 0);
		assert_int_equal(command(redis, i + 1, "GET", "key", NULL), 0);
	}
	assert_int_equal(sess_redis_pending(redis), 400);
	some_turns(NULL, 3);
	assert_int_equal(seen.answers, 0); /* not flushed: nothing has left */
	TURN_UNTIL(redis, seen.answers == 400);
	assert_int_equal(seen.ok, 400);
	assert_string_equal(seen.text, "v399");
	assert_int_equal(sess_redis_counters(redis)->commands, 400);
	talloc_free(redis);
	assert_int_equal(seen.answers, 400);
}

static void on_kinds(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	struct sess_redis_reply e, inner;
	(void)token;
	assert_int_equal(outcome, SESS_REDIS_OK);
	assert_int_equal(reply->kind, SESS_REPLY_ARRAY);
	assert_int_equal(reply->n, 5);
	sess_redis_element(reply, 0, &e);
	assert_int_equal(e.kind, SESS_REPLY_INTEGER);
	assert_true(e.integer == -7);
	sess_redis_element(reply, 1, &e);
	assert_int_equal(e.kind, SESS_REPLY_STRING);
	assert_int_equal(e.octets, 3);
	assert_memory_equal(e.text, "a\0b", 3);
	sess_redis_element(reply, 2, &e);
	assert_int_equal(e.kind, SESS_REPLY_STATUS);
	assert_string_equal(e.text, "fine");
	sess_redis_element(reply, 3, &e);
	assert_int_equal(e.kind, SESS_REPLY_NIL);
	sess_redis_element(reply, 4, &e);
	assert_int_equal(e.kind, SESS_REPLY_ARRAY);
	assert_int_equal(e.n, 1);
	sess_redis_element(&e, 0, &inner);
	assert_true(inner.integer == 1);
	*(bool *)ctx = true;
}

static void every_kind_of_reply_is_decoded(void **state)
{
	struct sess_redis *redis = open_up();
	const char *argv[] = { "EVAL", "return {-7,'a\\0b',{ok='fine'},false,{1}}", "0" };
	bool done = false;
	(void)state;
	assert_int_equal(sess_redis_command(redis, on_kinds, &done, 0, 3, argv, NULL), 0);
	TURN_UNTIL(redis, done);
	command(redis, 0, "NOSUCH", NULL, NULL);
	TURN_UNTIL(redis, seen.answers == 1);
	assert_int_equal(seen.error, 1);
	assert_int_equal(sess_redis_counters(redis)->errors, 1);
	talloc_free(redis);
}

static void a_command_nobody_waits_for(void **state)
{
	struct sess_redis *redis = open_up();
	const char *argv[] = { "SET", "key", "silent" };
	(void)state;
	assert_int_equal(sess_redis_command(redis, NULL, NULL, 0, 3, argv, NULL), 0);
	command(redis, 0, "GET", "key", NULL);
	TURN_UNTIL(redis, seen.answers == 1);
	assert_string_equal(seen.text, "silent");
	talloc_free(redis);
}

/* Larger than any socket buffer: written in parts, and read back whole. */
static void large_values_are_written_in_parts(void **state)
{
	struct sess_redis *redis = open_up();
	size_t octets = 8 << 20;
	char *large = malloc(octets + 1);
	(void)state;
	memset(large, 'x', octets);
	large[octets] = 0;
	assert_int_equal(command(redis, 1, "SET", "large", large), 0);
	assert_int_equal(command(redis, 2, "GET", "large", NULL), 0);
	sess_redis_flush(redis);
	assert_int_equal(command(redis, 3, "STRLEN", "large", NULL), 0); /* while the rest waits */
	assert_int_equal(command(redis, 4, "GET", "large", NULL), 0);
	TURN_UNTIL(redis, seen.answers == 4);
	assert_int_equal(seen.ok, 4);
	assert_int_equal(seen.octets, octets);
	free(large);
	talloc_free(redis);
}

static void too_much_is_refused(void **state)
{
	struct sess_redis_config with = config();
	(void)state;
	with.pending_max = 3;
	struct sess_redis *redis = open_with(&with);
	assert_int_equal(command(redis, 1, "PING", NULL, NULL), -ENOTCONN);
	TURN_UNTIL(redis, sess_redis_up(redis));
	for (int round = 0; round < 30; round++) { /* the ring goes round */
		assert_int_equal(command(redis, 0, "PING", NULL, NULL), 0);
		assert_int_equal(command(redis, 0, "PING", NULL, NULL), 0);
		assert_int_equal(command(redis, 0, "PING", NULL, NULL), 0);
		assert_int_equal(command(redis, 0, "PING", NULL, NULL), -EAGAIN);
		TURN_UNTIL(redis, sess_redis_pending(redis) == 0);
	}
	assert_int_equal(seen.ok, 90);
	assert_int_equal(seen.answers, 90);
	talloc_free(redis);
}

static void a_hung_server_ends_requests_at_their_deadline(void **state)
{
	struct sess_redis *redis = open_up();
	(void)state;
	osmo_clock_override_enable(CLOCK_MONOTONIC, true);
	redis_server_hang(&server);
	command(redis, 1, "SET", "hung", "1");
	command(redis, 2, "SET", "hung", "2");
	sess_redis_flush(redis);
	osmo_clock_override_add(CLOCK_MONOTONIC, 5, 0);
	command(redis, 3, "SET", "hung", "3");
	some_turns(redis, 5);
	osmo_clock_override_add(CLOCK_MONOTONIC, 4, 999000000);
	some_turns(redis, 5);
	assert_int_equal(seen.answers, 0);
	osmo_clock_override_add(CLOCK_MONOTONIC, 0, 1000000);
	turn_at(&redis);
	assert_int_equal(seen.timeout, 2);
	assert_int_equal(seen.lost, 1);
	assert_int_equal(seen.answers, 3);
	assert_int_equal(seen.downs, 1);
	assert_false(sess_redis_up(redis));
	assert_int_equal(command(redis, 4, "PING", NULL, NULL), -ENOTCONN);
	osmo_clock_override_enable(CLOCK_MONOTONIC, false);
	some_turns(redis, 100);
	assert_false(sess_redis_up(redis)); /* it accepts, but does not answer the set-up */
	redis_server_resume(&server);
	TURN_UNTIL(redis, sess_redis_up(redis));
	command(redis, 4, "PING", NULL, NULL);
	TURN_UNTIL(redis, seen.answers == 4);
	assert_int_equal(sess_redis_counters(redis)->timeouts, 2);
	assert_int_equal(sess_redis_counters(redis)->connects, 2);
	talloc_free(redis);
}

static void a_hung_set_up_is_given_up(void **state)
{
	struct sess_redis_config with = config();
	(void)state;
	with.connect_ms = 20;
	redis_server_hang(&server);
	struct sess_redis *redis = open_with(&with);
	some_turns(redis, 400);
	assert_int_equal(seen.ups, 0);
	redis_server_resume(&server);
	TURN_UNTIL(redis, sess_redis_up(redis));
	talloc_free(redis);
}

static void a_killed_server_is_found_again(void **state)
{
	struct sess_redis *redis = open_up();
	(void)state;
	redis_server_hang(&server);
	command(redis, 1, "PING", NULL, NULL);
	command(redis, 2, "PING", NULL, NULL);
	sess_redis_flush(redis);
	command(redis, 3, "PING", NULL, NULL); /* never left */
	redis_server_kill(&server);
	TURN_UNTIL(redis, seen.answers == 3);
	assert_int_equal(seen.lost, 3);
	assert_int_equal(seen.downs, 1);
	some_turns(redis, 300); /* several refusals */
	assert_false(sess_redis_up(redis));
	redis_server_restart(&server);
	TURN_UNTIL(redis, sess_redis_up(redis));
	assert_int_equal(seen.ups, 2);
	assert_int_equal(seen.downs, 1);
	talloc_free(redis);
}

/* Written to when it is dead already: the flush finds out. */
static void a_flush_that_fails(void **state)
{
	struct sess_redis *redis = open_up();
	(void)state;
	redis_server_kill(&server);
	command(redis, 1, "PING", NULL, NULL);
	sess_redis_flush(redis);
	TURN_UNTIL(redis, seen.answers == 1);
	assert_int_equal(seen.lost, 1);
	redis_server_restart(&server);
	TURN_UNTIL(redis, sess_redis_up(redis));
	talloc_free(redis);
}

static void freeing_answers_what_is_pending(void **state)
{
	struct sess_redis *redis = open_up();
	(void)state;
	command(redis, 1, "PING", NULL, NULL);
	sess_redis_flush(redis);
	command(redis, 2, "PING", NULL, NULL);
	talloc_free(redis);
	assert_int_equal(seen.lost, 2);
	assert_int_equal(seen.downs, 0);
	some_turns(NULL, 10);
	assert_int_equal(seen.answers, 2);
}

static void on_free_owner(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	struct sess_redis **redis = ctx, *doomed = *redis;
	on_answer(NULL, token, outcome, reply);
	if (!doomed)
		return;
	*redis = NULL;
	assert_int_equal(talloc_free(doomed), 0);
}

static void a_callback_may_free_us(void **state)
{
	const char *argv[] = { "PING" };
	(void)state;
	for (int how = 0; how < 3; how++) { /* in an answer, in a time-out, in a lost connection */
		struct sess_redis *redis = open_up();
		if (how)
			redis_server_hang(&server);
		osmo_clock_override_enable(CLOCK_MONOTONIC, how == 1);
		for (unsigned int i = 1; i <= 5; i++)
			assert_int_equal(sess_redis_command(redis, on_free_owner, &redis, i, 1, argv, NULL), 0);
		sess_redis_flush(redis);
		if (how == 1)
			osmo_clock_override_add(CLOCK_MONOTONIC, 11, 0);
		if (how == 2)
			redis_server_kill(&server);
		TURN_UNTIL(redis, !redis);
		assert_int_equal(seen.answers, 5);
		assert_int_equal(seen.ok, how == 0);
		assert_int_equal(seen.timeout, how == 1);
		some_turns(NULL, 10);
		assert_int_equal(seen.answers, 5);
		osmo_clock_override_enable(CLOCK_MONOTONIC, false);
		if (how == 1)
			redis_server_resume(&server);
		if (how == 2)
			redis_server_restart(&server);
	}
}

static struct sess_redis *state_owner;

static void free_on_state(void *ctx, struct sess_redis *redis, bool up)
{
	if (up != *(bool *)ctx)
		return;
	state_owner = NULL;
	talloc_free(redis);
}

static void a_state_callback_may_free_us(void **state)
{
	struct sess_redis_config with = config();
	(void)state;
	for (int up = 0; up < 2; up++) {
		bool when = up;
		memset(&seen, 0, sizeof(seen));
		state_owner = sess_redis_alloc(root, &with, free_on_state, &when);
		sess_redis_start(state_owner);
		TURN_UNTIL(state_owner, !state_owner || sess_redis_up(state_owner));
		if (!up) {
			command(state_owner, 1, "PING", NULL, NULL);
			redis_server_kill(&server);
			TURN_UNTIL(state_owner, !state_owner);
			assert_int_equal(seen.lost, 1);
			redis_server_restart(&server);
		}
		assert_null(state_owner);
	}
}

static void on_ask_again(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	const char *argv[] = { "PING" };
	int rc = sess_redis_command(ctx, on_answer, NULL, 0, 1, argv, NULL);
	on_answer(NULL, token, outcome, reply);
	assert_int_equal(rc, outcome == SESS_REDIS_OK ? 0 : -ENOTCONN);
	sess_redis_flush(ctx);
	sess_redis_tick(ctx);
}

/* From inside an answer: accepted while up, refused when that answer is the end. */
static void asking_again_from_a_callback(void **state)
{
	struct sess_redis *redis = open_up();
	const char *argv[] = { "PING" };
	(void)state;
	sess_redis_command(redis, on_ask_again, redis, 0, 1, argv, NULL);
	TURN_UNTIL(redis, seen.answers == 2);
	redis_server_hang(&server);
	sess_redis_command(redis, on_ask_again, redis, 0, 1, argv, NULL);
	sess_redis_flush(redis);
	redis_server_kill(&server);
	TURN_UNTIL(redis, seen.answers == 3);
	redis_server_restart(&server);
	TURN_UNTIL(redis, sess_redis_up(redis));
	sess_redis_command(redis, on_ask_again, redis, 0, 1, argv, NULL);
	talloc_free(redis);
	assert_int_equal(seen.answers, 4);
}

/* The script's digest comes from the server; a script that is added late is loaded at once. */
static void scripts_are_loaded_at_each_connect(void **state)
{
	struct sess_redis_config with = config();
	struct sess_redis *redis = open_with(&with);
	const char *one = sess_redis_script(redis, "return 'one'");
	(void)state;
	assert_string_equal(one, "");
	TURN_UNTIL(redis, sess_redis_up(redis));
	assert_int_equal(strlen(one), 40);
	const char *two = sess_redis_script(redis, "return 'two'");
	TURN_UNTIL(redis, *two);
	redis_server_kill(&server);
	TURN_UNTIL(redis, !sess_redis_up(redis));
	redis_server_restart(&server);
	TURN_UNTIL(redis, sess_redis_up(redis));
	command(redis, 1, "EVALSHA", one, "0");
	TURN_UNTIL(redis, seen.answers == 1);
	assert_string_equal(seen.text, "one");
	command(redis, 2, "EVALSHA", two, "0");
	TURN_UNTIL(redis, seen.answers == 2);
	assert_string_equal(seen.text, "two");
	talloc_free(redis);
}

static void a_bad_script_keeps_us_down(void **state)
{
	struct sess_redis_config with = config();
	struct sess_redis *redis = open_with(&with);
	(void)state;
	sess_redis_script(redis, "this is no Lua");
	some_turns(redis, 300);
	assert_int_equal(seen.ups, 0);
	talloc_free(redis);
}

static void set_password(struct sess_redis *redis, const char *password)
{
	const char *argv[] = { "CONFIG", "SET", "requirepass", password };
	assert_int_equal(sess_redis_command(redis, on_answer, NULL, 0, 4, argv, NULL), 0);
	TURN_UNTIL(redis, seen.answers == 1);
	talloc_free(redis);
}

static void a_password_and_a_database(void **state)
{
	struct sess_redis_config with = config();
	(void)state;
	set_password(open_up(), "right");
	with.password = "wrong";
	struct sess_redis *redis = open_with(&with);
	some_turns(redis, 300);
	assert_int_equal(seen.ups, 0);
	talloc_free(redis);
	with.password = NULL;
	redis = open_with(&with);
	some_turns(redis, 300);
	assert_int_equal(seen.ups, 0);
	talloc_free(redis);
	with.user = "default";
	with.password = "right";
	with.database = 3;
	redis = open_with(&with);
	TURN_UNTIL(redis, sess_redis_up(redis));
	command(redis, 1, "CLIENT", "INFO", NULL);
	TURN_UNTIL(redis, seen.answers == 1);
	assert_non_null(strstr(seen.text, " db=3 "));
	memset(&seen, 0, sizeof(seen));
	set_password(redis, "");
}

static void a_replica_is_refused(void **state)
{
	struct sess_redis *redis = open_up(), *other;
	struct sess_redis_config with = config();
	(void)state;
	command(redis, 1, "REPLICAOF", "127.0.0.1", "1");
	command(redis, 2, "SET", "key", "value"); /* demoted while we are connected */
	TURN_UNTIL(redis, seen.downs == 1);
	assert_int_equal(seen.error, 1);
	some_turns(redis, 300);
	assert_int_equal(seen.ups, 1);
	talloc_free(redis);
	other = open_with(&with);
	some_turns(other, 300);
	assert_int_equal(seen.ups, 0);
	redis_server_kill(&server);
	redis_server_restart(&server);
	TURN_UNTIL(other, sess_redis_up(other));
	talloc_free(other);
}

static void addresses_that_lead_nowhere(void **state)
{
	struct sess_redis_config with = config();
	char longest[200];
	(void)state;
	memset(longest, 'p', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = 0;
	const struct { const char *path, *host; uint16_t port; } nowhere[] = {
		{ "/nonexistent/socket", NULL, 0 }, { longest, NULL, 0 }, { "/tmp", NULL, 0 },
		{ NULL, "127.0.0.1", 1 }, { NULL, "::1", 1 }, { NULL, "localhost", 1 }, { NULL, NULL, 1 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(nowhere); i++) {
		with.path = nowhere[i].path;
		with.host = nowhere[i].host;
		with.port = nowhere[i].port;
		struct sess_redis *redis = open_with(&with);
		some_turns(redis, 150);
		assert_int_equal(seen.ups + seen.downs, 0);
		assert_int_equal(command(redis, 1, "PING", NULL, NULL), -ENOTCONN);
		talloc_free(redis);
	}
}

static int listen_on_tcp(uint16_t *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(fd, 8), 0);
	getsockname(fd, (struct sockaddr *)&address, &len);
	*port = ntohs(address.sin_port);
	return fd;
}

/* Peers that speak first, speak something else, or say more than they were asked: never an assertion, never up. */
static void peers_that_are_no_redis(void **state)
{
	static const char *const greetings[] = {
		"220 mail ready\r\n", "+OK pop3 ready\r\n", "+OK\r\n+OK\r\n+OK\r\n+OK\r\n", "-ERR max number of clients reached\r\n",
		"*-1\r\n", "*1000000000\r\n", "$-1\r\n", "$99\r\nshort", ":1\r\n:2\r\n:3\r\n", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n", "",
		"+PONG\r\n*1\r\n$5\r\nslave\r\n", "+PONG\r\n*0\r\n", "+PONG\r\n$6\r\nmaster\r\n",
	};
	struct sess_redis_config with = config();
	(void)state;
	with.path = NULL;
	with.host = "127.0.0.1";
	for (size_t i = 0; i < ARRAY_SIZE(greetings); i++) {
		int listening = listen_on_tcp(&with.port);
		struct sess_redis *redis = open_with(&with);
		int peer = accept(listening, NULL, NULL);
		assert_int_equal(send(peer, greetings[i], strlen(greetings[i]), 0), strlen(greetings[i]));
		some_turns(redis, 30);
		close(peer);
		some_turns(redis, 5);
		assert_int_equal(seen.ups, 0);
		talloc_free(redis);
		close(listening);
	}
}

/* And one that is a good server until it says what nobody asked. */
static void a_server_that_answers_what_was_not_asked(void **state)
{
	static const char set_up[] = "+PONG\r\n*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n";
	static const char *const unasked[] = { "+OK\r\n", ":1\r\n", "$-1\r\n", "*0\r\n", "$1\r\nx\r\n", "-ERR going\r\n" };
	struct sess_redis_config with = config();
	(void)state;
	with.path = NULL;
	with.host = "127.0.0.1";
	for (size_t i = 0; i < 2 * ARRAY_SIZE(unasked); i++) {
		int listening = listen_on_tcp(&with.port);
		struct sess_redis *redis = open_with(&with);
		const char *more = unasked[i / 2];
		int peer = accept(listening, NULL, NULL);
		assert_int_equal(send(peer, set_up, sizeof(set_up) - 1, 0), sizeof(set_up) - 1);
		TURN_UNTIL(redis, sess_redis_up(redis));
		if (i & 1) { /* behind an answer, in one read */
			command(redis, 1, "PING", NULL, NULL);
			sess_redis_flush(redis);
			assert_int_equal(send(peer, "+PONG\r\n", 7, MSG_MORE), 7);
		}
		assert_int_equal(send(peer, more, strlen(more), 0), strlen(more));
		TURN_UNTIL(redis, seen.downs == 1);
		assert_int_equal(seen.answers, i & 1);
		assert_int_equal(seen.ok, i & 1);
		close(peer);
		talloc_free(redis);
		close(listening);
	}
}

static const struct log_info_cat no_categories[] = { { .name = "none" } };
static const struct log_info log_info = { .cat = no_categories, .num_cat = 0 };

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	root = talloc_named_const(NULL, 0, "test");
	osmo_init_logging2(root, &log_info);
	osmo_fsm_set_dealloc_ctx(OTC_SELECT);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_are_answered_in_order),
		cmocka_unit_test(every_kind_of_reply_is_decoded),
		cmocka_unit_test(a_command_nobody_waits_for),
		cmocka_unit_test(large_values_are_written_in_parts),
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(a_hung_server_ends_requests_at_their_deadline),
		cmocka_unit_test(a_hung_set_up_is_given_up),
		cmocka_unit_test(a_killed_server_is_found_again),
		cmocka_unit_test(a_flush_that_fails),
		cmocka_unit_test(freeing_answers_what_is_pending),
		cmocka_unit_test(a_callback_may_free_us),
		cmocka_unit_test(a_state_callback_may_free_us),
		cmocka_unit_test(asking_again_from_a_callback),
		cmocka_unit_test(scripts_are_loaded_at_each_connect),
		cmocka_unit_test(a_bad_script_keeps_us_down),
		cmocka_unit_test(a_password_and_a_database),
		cmocka_unit_test(a_replica_is_refused),
		cmocka_unit_test(addresses_that_lead_nowhere),
		cmocka_unit_test(peers_that_are_no_redis),
		cmocka_unit_test(a_server_that_answers_what_was_not_asked),
	};
	int failed = cmocka_run_group_tests(tests, start, stop);
	talloc_free(root);
	return failed;
}
