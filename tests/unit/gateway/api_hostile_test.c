/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What clients of the API may do wrong, or mean ill by: heads that never end, bodies that are too large, connections without number,
 * rubbish. Others are served all the while. */
#include "gateway/api_priv.h"
#include "tests/unit/gateway/api_world.h"

static struct api_reply reply;
static struct account_wish tax = { .name = "tax", .scopes = 1u << GW_SCOPE_NOTICES_SEND };
static unsigned int begun;

static void say_ok(struct gw_api_call *call)
{
	begun++;
	gw_api_answer(call, 200, json_pack("{s:I}", "n", (json_int_t)json_array_size(call->body)));
}

static void say_much(struct gw_api_call *call)
{
	json_t *list = json_array();

	for (int i = 0; i < 100000; i++)
		json_array_append_new(list, json_string("0123456789012345678901234567890123456789"));
	gw_api_answer(call, 200, list);
}

static const struct gw_api_route routes[] = {
	{ .method = "POST", .path = "/v1/test", .scope = GW_SCOPE_ANY, .body = GW_API_JSON, .body_max = 3000, .begin = say_ok },
	{ .method = "GET", .path = "/v1/test", .scope = GW_SCOPE_ANY, .begin = say_ok },
	{ .method = "GET", .path = "/v1/test/much", .scope = GW_SCOPE_ANY, .begin = say_much },
	{ .path = NULL },
};
static const struct gw_api_route *const tables[] = { gw_api_base_routes, routes, NULL };

static int begin(void **state)
{
	(void)state;
	begun = 0;
	api_world_begin("idle_s = 1; connections = 20; connections_of_address = 20; failures_per_minute = 0;");
	account_world_add(&tax);
	world.gw->api->tables = tables;
	return 0;
}

static int end(void **state)
{
	(void)state;
	json_decref(reply.json);
	reply.json = NULL;
	api_world_end();
	return 0;
}

static void others_are_served(void)
{
	api_call(&reply, "GET", "/v1/test", tax.key, "", NULL);
	assert_int_equal(reply.status, 200);
}

static void turn(unsigned int n)
{
	while (n--)
		gw_loop_turn();
}

static bool is_closed(int fd)
{
	char octets[4096];
	ssize_t n;

	while ((n = recv(fd, octets, sizeof(octets), MSG_DONTWAIT)) > 0)
		;
	return n == 0 || errno == ECONNRESET;
}

static void heads_may_be_cut_anywhere(void **state)
{
	char request[512];
	int fd = api_connect();

	(void)state;
	snprintf(request, sizeof(request), "POST /v1/test HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"
		 "Transfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n", tax.key);
	for (const char *at = request; *at; at++) {
		assert_int_equal(send(fd, at, 1, MSG_NOSIGNAL), 1);
		if ((at - request) % 3 == 0)
			gw_api_tick(world.gw->api), gw_loop_turn();
	}
	api_take(&reply, fd);
	assert_int_equal(reply.status, 200);
	assert_int_equal(json_integer_value(json_object_get(reply.json, "n")), 2);
	close(fd);
}

static void calls_may_follow_one_another(void **state)
{
	static char requests[8192];
	size_t n = 0, answers = 0;
	int fd = api_connect();

	(void)state;
	for (int i = 0; i < 20; i++)
		n += (size_t)sprintf(requests + n, "GET /v1/test HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n%s\r\n", tax.key, i == 19 ? "Connection: close\r\n" : "");
	world_send(fd, requests);
	memset(reply.text, 0, sizeof(reply.text));
	assert_true(world_read(fd, reply.text, sizeof(reply.text), NULL));
	for (const char *at = reply.text; (at = strstr(at, "HTTP/1.1 200 ")); at++)
		answers++;
	assert_int_equal(answers, 20);
	assert_int_equal(begun, 20);
	close(fd);
}

static void bodies_are_bounded(void **state)
{
	static char body[8192];
	char head[512];
	int fd;

	(void)state;
	memset(body, ' ', sizeof(body) - 1);
	body[0] = '[';
	body[2999] = ']';
	body[3000] = '\0';
	api_call(&reply, "POST", "/v1/test", tax.key, "", body);
	assert_int_equal(reply.status, 200);
	body[2999] = ' ';
	body[3000] = ']';
	body[3001] = '\0';
	api_call(&reply, "POST", "/v1/test", tax.key, "", body);
	assert_api_problem(&reply, 413, "body-too-large");
	assert_non_null(strstr(api_text(&reply, "detail"), "3000"));
	assert_false(reply.closed); /* what is a little too much is swallowed, and the connection stays good */
	/* it does not say how much it is */
	snprintf(head, sizeof(head), "POST /v1/test HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
		 tax.key);
	fd = api_connect();
	world_send(fd, head);
	for (int i = 0; i < 4; i++)
		world_send(fd, "400\r\n"), assert_int_equal(send(fd, body + 1, 1024, MSG_NOSIGNAL), 1024), world_send(fd, "\r\n"), turn(2);
	world_send(fd, "0\r\n\r\n");
	api_take(&reply, fd);
	assert_api_problem(&reply, 413, "body-too-large");
	close(fd);
	assert_int_equal(begun, 1);
}

/* It says that it brings 8 GB, or does so without saying: it is answered before, or cut off; nothing of it is kept. */
static void huge_bodies_are_not_taken(void **state)
{
	static char data[65536];
	size_t sent = 0;
	bool cut = false;
	char head[512];
	int fd = api_connect();

	(void)state;
	snprintf(head, sizeof(head), "POST /v1/test HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 8589934592\r\n\r\n",
		 tax.key);
	world_send(fd, head);
	api_take(&reply, fd);
	assert_api_problem(&reply, 413, "body-too-large");
	for (int i = 0; i < 1000 && !is_closed(fd); i++)
		gw_loop_turn();
	assert_true(is_closed(fd));
	close(fd);
	fd = api_connect(); /* and without a key */
	world_send(fd, "POST /v1/test HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n");
	for (int i = 0; i < 20000 && !cut; i++) {
		ssize_t n = send(fd, data, sizeof(data), MSG_NOSIGNAL | MSG_DONTWAIT);

		sent += n > 0 ? (size_t)n : 0;
		cut = n < 0 && errno != EAGAIN;
		gw_loop_turn();
	}
	assert_true(cut);
	assert_true(sent < 16 << 20); /* a million, and what the kernel holds */
	close(fd);
	others_are_served();
	assert_int_equal(begun, 1);
}

/* Who asks before sending is told before sending. */
static void whoever_asks_first_is_told_first(void **state)
{
	int fd = api_connect();

	(void)state;
	world_send(fd, "POST /v1/test HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n");
	api_take(&reply, fd);
	assert_api_problem(&reply, 401, "unauthorized");
	close(fd);
}

static void heads_are_bounded(void **state)
{
	static char more[40000];

	(void)state;
	snprintf(more, sizeof(more), "X-More: %08200d\r\n", 0);
	api_call(&reply, "GET", "/v1/test", tax.key, more, NULL);
	assert_api_problem(&reply, 431, "head-too-large");
	snprintf(more, sizeof(more), "X-More: %039000d\r\n", 0); /* above what libmicrohttpd has for a connection: its words */
	api_call(&reply, "GET", "/v1/test", tax.key, more, NULL);
	assert_int_equal(reply.status, 431);
	assert_int_equal(begun, 0);
	others_are_served();
}

static void queries_are_bounded(void **state)
{
	static const char *const bad[] = { "?a=1&a=2", "?a=%", "?a=%00", "?a=%ff", "?a=%d8", "?a=%zz", "?a=1&b=2&c&d&e&f&g&h&i&j&k&l&m&n&o&p&q" };
	char path[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(path, sizeof(path), "/v1/test%s", bad[i]);
		api_call(&reply, "GET", path, tax.key, "", NULL);
		assert_api_problem(&reply, 400, "bad-query");
	}
	api_call(&reply, "GET", "/v1/test?&&=&a=&b", tax.key, "", NULL);
	assert_true(reply.status == 200 || reply.status == 400);
}

static void idempotency_keys_are_bounded(void **state)
{
	char line[256];

	(void)state;
	snprintf(line, sizeof(line), "Idempotency-Key: %064d\r\n", 0);
	api_call(&reply, "POST", "/v1/test", tax.key, line, "[]");
	assert_int_equal(reply.status, 200);
	snprintf(line, sizeof(line), "Idempotency-Key: %065d\r\n", 0);
	api_call(&reply, "POST", "/v1/test", tax.key, line, "[]");
	assert_api_problem(&reply, 400, "bad-idempotency-key");
	api_call(&reply, "POST", "/v1/test", tax.key, "Idempotency-Key: a b\r\n", "[]");
	assert_api_problem(&reply, 400, "bad-idempotency-key");
	api_call(&reply, "POST", "/v1/test", tax.key, "Idempotency-Key: \xd8\xb3\r\n", "[]");
	assert_api_problem(&reply, 400, "bad-idempotency-key");
}

static void types_are_looked_at(void **state)
{
	static const struct { const char *type; bool good; } types[] = {
		{ "application/json", true }, { "Application/JSON; charset=UTF-8", true }, { "application/json;charset=\"utf-8\"", true },
		{ "application/json; charset=latin1", false }, { "application/jsonx", false }, { "application/problem+json", false }, { "text/plain", false },
		{ "", false }, { "application/x-www-form-urlencoded", false },
	};
	char line[256];
	int fd;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		char request[1024];

		snprintf(line, sizeof(line), "Content-Type: %s\r\n", types[i].type);
		snprintf(request, sizeof(request), "POST /v1/test HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n%sContent-Length: 2\r\n\r\n[]", tax.key, line);
		fd = api_connect();
		world_send(fd, request);
		api_take(&reply, fd);
		assert_int_equal(reply.status, types[i].good ? 200 : 415);
		close(fd);
	}
	api_call(&reply, "POST", "/v1/test", tax.key, "Content-Encoding: gzip\r\n", "[]");
	assert_api_problem(&reply, 415, "unsupported-type");
}

/* A head that trickles in has as long as one that does not come at all. */
static void a_slow_head_is_cut(void **state)
{
	int fd = api_connect();
	int64_t began_ms = gw_clock_ms();

	(void)state;
	world_send(fd, "GET /v1/test HTTP/1.1\r\nHost: a\r\nX-Slow: ");
	while (!is_closed(fd) && gw_clock_ms() - began_ms < 10000) {
		send(fd, "a", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
		turn(3);
	}
	assert_in_range(gw_clock_ms() - began_ms, 900, 6000);
	assert_int_equal(gw_api_counters(world.gw->api)->too_slow, 1);
	close(fd);
}

/* An answer of 4 MB that nobody reads holds its place no longer than one of the kernel's: it is cut in the end. */
static void an_answer_that_is_not_taken(void **state)
{
	char request[256];
	int fd = api_connect(), size = 4096;

	(void)state;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	snprintf(request, sizeof(request), "GET /v1/test/much HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n", tax.key);
	world_send(fd, request);
	for (time_t end = time(NULL) + 60; time(NULL) < end && gw_api_counters(world.gw->api)->hung_up == 0;)
		gw_loop_turn();
	assert_int_equal(gw_api_counters(world.gw->api)->hung_up, 1); /* by libmicrohttpd's own idle time */
	assert_int_equal(gw_api_open(world.gw->api), 0);
	close(fd);
	others_are_served();
}

/* More than there is room for: the others wait, or are closed, and all is well when these go. */
static void connections_are_bounded(void **state)
{
	int fds[70]; /* with those that are accepted, fewer than the kernel keeps waiting */

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = api_connect();
		if (i % 10 == 0)
			gw_loop_turn();
	}
	turn(20);
	others_are_served(); /* the first twenty say nothing and make room within idle_s */
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
	turn(20);
	others_are_served();
}

static void rubbish_is_refused(void **state)
{
	static const char *const rubbish[] = {
		"\r\n\r\n\r\n", "GET\r\n\r\n", "GET /v1/test\r\n\r\n", "GET /v1/test HTTP/9.9\r\n\r\n", "\x16\x03\x01\x02", "GET /v1/test HTTP/1.1\r\n\r\n",
		"GET /v1/test HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", "GET /v1/test HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
		"GET /v1/test HTTP/1.1\r\nHost a\r\n\r\n", "POST /v1/test HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
		"POST /v1/test HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "GET /v1/\x01test HTTP/1.1\r\nHost: a\r\n\r\n",
		"POST /v1/test HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", "GET /v1/test?%00 HTTP/1.1\r\nHost: a\r\n\r\n",
	};
	int fds[ARRAY_SIZE(rubbish)];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rubbish); i++) {
		fds[i] = api_connect();
		world_send(fds[i], rubbish[i]);
		turn(3);
	}
	assert_int_equal(begun, 0);
	others_are_served();
	for (size_t i = 0; i < ARRAY_SIZE(rubbish); i++)
		close(fds[i]);
	turn(10);
	others_are_served();
}

/* Requests that chance has damaged, thousands of them: nothing but answers of 2xx and 4xx, and a server that lives. */
static void chance_damages_requests(void **state)
{
	char request[512], damaged[512];
	unsigned int seed = 20261;
	int n;

	(void)state;
	n = snprintf(request, sizeof(request), "POST /v1/test?a=b%%20c HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"
		     "Idempotency-Key: k-1\r\nX-Request-Id: r-1\r\nContent-Length: 9\r\n\r\n[1,{\"a\":2]", tax.key);
	for (int i = 0; i < 800; i++) {
		int fd = api_connect(), cut;

		memcpy(damaged, request, (size_t)n);
		for (int k = rand_r(&seed) % 4; k >= 0; k--)
			damaged[rand_r(&seed) % n] = (char)rand_r(&seed);
		cut = rand_r(&seed) % 3 ? n : rand_r(&seed) % n;
		assert_int_equal(send(fd, damaged, (size_t)cut, MSG_NOSIGNAL), cut);
		turn(4);
		close(fd);
	}
	turn(50);
	others_are_served();
	assert_int_equal(gw_api_counters(world.gw->api)->answers[5], 0);
	assert_int_equal(gw_api_open(world.gw->api), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(heads_may_be_cut_anywhere, begin, end),
		cmocka_unit_test_setup_teardown(calls_may_follow_one_another, begin, end),
		cmocka_unit_test_setup_teardown(bodies_are_bounded, begin, end),
		cmocka_unit_test_setup_teardown(huge_bodies_are_not_taken, begin, end),
		cmocka_unit_test_setup_teardown(whoever_asks_first_is_told_first, begin, end),
		cmocka_unit_test_setup_teardown(heads_are_bounded, begin, end),
		cmocka_unit_test_setup_teardown(queries_are_bounded, begin, end),
		cmocka_unit_test_setup_teardown(idempotency_keys_are_bounded, begin, end),
		cmocka_unit_test_setup_teardown(types_are_looked_at, begin, end),
		cmocka_unit_test_setup_teardown(a_slow_head_is_cut, begin, end),
		cmocka_unit_test_setup_teardown(an_answer_that_is_not_taken, begin, end),
		cmocka_unit_test_setup_teardown(connections_are_bounded, begin, end),
		cmocka_unit_test_setup_teardown(rubbish_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(chance_damages_requests, begin, end),
	};

	return cmocka_run_group_tests(tests, world_init, NULL);
}
