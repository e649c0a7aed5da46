/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Calls of the agencies' API by real requests over real sockets: their way from a head to an answer, at once or later, or to none.
 * Who may call is in api_auth_test.c, what hostile clients do in api_hostile_test.c. */
#include "gateway/api_priv.h"
#include "gateway/metrics.h"
#include "tests/unit/gateway/api_world.h"

static struct api_reply reply;
static struct account_wish tax = { .name = "tax", .scopes = 1u << GW_SCOPE_NOTICES_SEND };

/* ---- a noun of the test's own */
static struct {
	uint64_t handle;                 /* of the last call that began */
	unsigned int begun, pieces, ended, gone;
	size_t octets;
	uint32_t sum;
	bool pause_each, pause_at_head, refuse;
	char type[64];
} seen;

static void begin_later(struct gw_api_call *call)
{
	seen.handle = gw_api_handle(call);
	seen.begun++;
	assert_ptr_equal(gw_api_call_at(world.gw->api, seen.handle), call);
	assert_string_equal(call->agency, "tax");
	assert_string_equal(call->account->name, "tax");
}

static void begin_echo(struct gw_api_call *call)
{
	json_t *query = json_object();
	unsigned int n;

	if (!gw_api_query_number(call, "n", 1, 100, 7, &n)) {
		json_decref(query);
		return;
	}
	if (gw_api_query(call, "text"))
		json_object_set_new(query, "text", json_string(gw_api_query(call, "text")));
	json_object_set_new(query, "n", json_integer(n));
	gw_api_answer(call, 201, json_pack("{s:O, s:o, s:s*, s:s}", "body", call->body, "query", query, "key", call->idempotency_key, "id",
					   call->request_id));
}

static void begin_nothing(struct gw_api_call *call)
{
	if (call->n_params == 2 && strcmp(call->params[0], "a b") != 0)
		gw_api_answer(call, 204, NULL);
	else
		gw_api_problem(call, 404, "unknown-notice", "%s", "there is none");
}

static void begin_stream(struct gw_api_call *call)
{
	begin_later(call);
	snprintf(seen.type, sizeof(seen.type), "%s", gw_api_header(call, "Content-Type") ? gw_api_header(call, "Content-Type") : "");
	if (seen.pause_at_head)
		gw_api_pause(call);
}

static void piece(struct gw_api_call *call, const char *data, size_t octets)
{
	seen.pieces++;
	seen.octets += octets;
	for (size_t i = 0; i < octets; i++)
		seen.sum = seen.sum * 31 + (unsigned char)data[i];
	if (seen.refuse)
		gw_api_problem(call, 422, "bad-field", "row 1 is bad");
	else if (seen.pause_each)
		gw_api_pause(call);
}

static void end_stream(struct gw_api_call *call)
{
	seen.ended++;
	gw_api_answer(call, 200, json_pack("{s:I}", "octets", (json_int_t)seen.octets));
}

static void count_gone(struct gw_api_call *call)
{
	(void)call;
	seen.gone++;
}

static const struct gw_api_route test_routes[] = {
	{ .method = "GET", .path = "/v1/test/later", .scope = GW_SCOPE_ANY, .begin = begin_later, .gone = count_gone },
	{ .method = "POST", .path = "/v1/test/later", .scope = GW_SCOPE_NOTICES_SEND, .body = GW_API_JSON, .begin = begin_later, .gone = count_gone },
	{ .method = "POST", .path = "/v1/test/echo", .scope = GW_SCOPE_ANY, .body = GW_API_JSON, .body_max = 20000, .begin = begin_echo, .gone = count_gone },
	{ .method = "DELETE", .path = "/v1/test/{one}/of/{two}", .scope = GW_SCOPE_ANY, .begin = begin_nothing },
	{ .method = "POST", .path = "/v1/test/stream", .scope = GW_SCOPE_ANY, .body = GW_API_STREAM, .body_max = 32 << 20, .begin = begin_stream,
	  .piece = piece, .end = end_stream, .gone = count_gone },
	{ .path = NULL },
};
static const struct gw_api_route *const test_tables[] = { gw_api_base_routes, test_routes, NULL };

static int begin_with(const char *more)
{
	memset(&seen, 0, sizeof(seen));
	api_world_begin(more);
	account_world_add(&tax);
	world.gw->api->tables = test_tables;
	return 0;
}

static int begin(void **state)
{
	(void)state;
	return begin_with("");
}

static int begin_hasty(void **state)
{
	(void)state;
	return begin_with("deadline_ms = 300;");
}

static int end(void **state)
{
	(void)state;
	json_decref(reply.json);
	reply.json = NULL;
	api_world_end();
	return 0;
}

static void turn(unsigned int n)
{
	while (n--)
		gw_loop_turn();
}

static void turn_until_begun(unsigned int n)
{
	for (int i = 0; i < WORLD_TURNS_MAX && seen.begun < n; i++)
		gw_loop_turn();
	assert_int_equal(seen.begun, n);
}

/* A request's head, sent on a new connection. */
static int send_head(const char *method, const char *path, const char *more)
{
	char head[1024];
	int fd = api_connect();

	snprintf(head, sizeof(head), "%s %s HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer %s\r\n%s\r\n", method, path, tax.key, more);
	world_send(fd, head);
	return fd;
}

/* ---- at once */
static void an_account_sees_itself(void **state)
{
	(void)state;
	api_call(&reply, "GET", "/v1/account", tax.key, "", NULL);
	assert_int_equal(reply.status, 200);
	assert_string_equal(api_text(&reply, "name"), "tax");
	assert_string_equal(api_text(&reply, "delivery"), "fetch");
	assert_true(json_is_null(json_object_get(reply.json, "notices_per_day")));
	assert_string_equal(json_string_value(json_array_get(json_object_get(reply.json, "scopes"), 0)), "notices:send");
	assert_non_null(strstr(reply.text, "Content-Type: application/json\r\n"));
	assert_non_null(strstr(reply.text, "Cache-Control: no-store\r\n"));
}

static void problems_have_pages(void **state)
{
	const struct api_problem_row *row;
	char path[128];

	(void)state;
	for (size_t i = 0; (row = api_problem_row(i)); i++) {
		snprintf(path, sizeof(path), "/v1/problems/%s", row->type);
		api_call(&reply, "GET", path, NULL, "", NULL);
		assert_int_equal(reply.status, 200);
		assert_string_equal(api_text(&reply, "title"), row->title);
	}
	api_call(&reply, "GET", "/v1/problems/none-such", NULL, "", NULL);
	assert_api_problem(&reply, 404, "unknown-problem");
}

static void a_body_a_query_and_headers_arrive(void **state)
{
	(void)state;
	api_call(&reply, "POST", "/v1/test/echo?text=%D8%B3%D9%84%D8%A7%D9%85+1%2B1%26&n=100", tax.key, "Idempotency-Key: order-7\r\nX-Request-Id: mine.7_-\r\n",
		 "{\"list\": [1, \"دو\", null]}");
	assert_int_equal(reply.status, 201);
	assert_string_equal(json_string_value(json_object_get(json_object_get(reply.json, "query"), "text")), "سلام 1+1&");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(reply.json, "query"), "n")), 100);
	assert_string_equal(api_text(&reply, "key"), "order-7");
	assert_string_equal(api_text(&reply, "id"), "mine.7_-");
	assert_non_null(strstr(reply.text, "X-Request-Id: mine.7_-\r\n"));
	assert_int_equal(json_array_size(json_object_get(json_object_get(reply.json, "body"), "list")), 3);
	assert_int_equal(seen.gone, 1);
}

static void request_ids_are_sane(void **state)
{
	static const char *const bad[] = { "", "X-Request-Id: \r\n", "X-Request-Id: a b\r\n", "X-Request-Id: \xd8\xb3\r\n", "X-Request-Id: <x>\r\n",
					   "X-Request-Id: 0123456789012345678901234567890123456789\r\n" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		api_call(&reply, "POST", "/v1/test/echo", tax.key, bad[i], "{}");
		assert_int_equal(reply.status, 201);
		assert_int_equal(strncmp(api_text(&reply, "id"), "req_", 4), 0);
		assert_int_equal(strlen(api_text(&reply, "id")), 28);
	}
}

static void numbers_of_the_query_are_bounded(void **state)
{
	static const char *const bad[] = { "0", "101", "-1", "", "1.5", "0x10", "99999999999999999999", "1a", "%31%00" };
	char path[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(path, sizeof(path), "/v1/test/echo?n=%s", bad[i]);
		api_call(&reply, "POST", path, tax.key, "", "{}");
		assert_api_problem(&reply, 400, "bad-query");
	}
}

static void parameters_of_a_path(void **state)
{
	(void)state;
	api_call(&reply, "DELETE", "/v1/test/n%31/of/x", tax.key, "", NULL);
	assert_int_equal(reply.status, 204);
	assert_string_equal(reply.body, "");
	api_call(&reply, "DELETE", "/v1/test/a%20b/of/x", tax.key, "", NULL);
	assert_api_problem(&reply, 404, "unknown-path"); /* a name has no space */
	api_call(&reply, "DELETE", "/v1/test/n/of/x", tax.key, "", "{}"); /* a body that is not asked for is not looked at */
	assert_int_equal(reply.status, 204);
}

static void methods(void **state)
{
	(void)state;
	api_call(&reply, "PUT", "/v1/test/later", tax.key, "", "{}");
	assert_api_problem(&reply, 405, "method-not-allowed");
	assert_non_null(strstr(reply.text, "Allow: GET, HEAD, POST\r\n"));
	api_call(&reply, "OPTIONS", "/v1/account", NULL, "", NULL);
	assert_api_problem(&reply, 405, "method-not-allowed");
	api_call(&reply, "get", "/v1/account", tax.key, "", NULL);
	assert_api_problem(&reply, 405, "method-not-allowed");
}

static bool has_head(const char *text)
{
	return strstr(text, "\r\n\r\n");
}

static void head_is_get_without_a_body(void **state)
{
	static char text[4096];
	int fd = send_head("HEAD", "/v1/account", "Connection: close\r\n");

	(void)state;
	text[0] = '\0';
	world_read(fd, text, sizeof(text), has_head);
	assert_true(world_read(fd, text, sizeof(text), NULL));
	assert_int_equal(strncmp(text, "HTTP/1.1 200 ", 13), 0);
	assert_string_equal(strstr(text, "\r\n\r\n"), "\r\n\r\n");
	close(fd);
}

/* ---- later */
static void an_answer_may_come_later(void **state)
{
	int fd = send_head("GET", "/v1/test/later", "");
	char octet;

	(void)state;
	turn_until_begun(1);
	turn(10);
	assert_int_equal(recv(fd, &octet, 1, MSG_DONTWAIT), -1);
	assert_int_equal(gw_api_open(world.gw->api), 1);
	gw_api_answer(gw_api_call_at(world.gw->api, seen.handle), 200, json_pack("{s:s}", "it", "is"));
	assert_null(gw_api_call_at(world.gw->api, seen.handle));
	assert_int_equal(seen.gone, 0); /* nothing is called from inside */
	turn(3); /* at once: not at the next tick of anything */
	assert_int_equal(recv(fd, &octet, 1, MSG_DONTWAIT | MSG_PEEK), 1);
	api_take(&reply, fd);
	assert_int_equal(reply.status, 200);
	assert_string_equal(api_text(&reply, "it"), "is");
	assert_int_equal(seen.gone, 1);
	/* the connection is good for more */
	world_send(fd, "GET /v1/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n");
	api_take(&reply, fd);
	assert_int_equal(reply.status, 200);
	close(fd);
}

/* A hundred clients wait at once; they are answered in another order. */
static void many_wait_side_by_side(void **state)
{
	uint64_t handles[50];
	int fds[50];

	(void)state;
	for (unsigned int i = 0; i < 50; i++) {
		fds[i] = send_head("GET", "/v1/test/later", "");
		turn_until_begun(i + 1);
		handles[i] = seen.handle;
	}
	for (unsigned int i = 0; i < 50; i++) {
		unsigned int which = (i * 7 + 3) % 50;

		gw_api_answer(gw_api_call_at(world.gw->api, handles[which]), 200, json_pack("{s:i}", "which", (int)which));
	}
	for (unsigned int i = 0; i < 50; i++) {
		api_take(&reply, fds[i]);
		assert_int_equal(reply.status, 200);
		assert_int_equal(json_integer_value(json_object_get(reply.json, "which")), i);
		close(fds[i]);
	}
	assert_int_equal(seen.gone, 50);
	assert_int_equal(gw_api_open(world.gw->api), 0);
}

static void a_client_may_hang_up_in_the_middle(void **state)
{
	int fd = send_head("GET", "/v1/test/later", "");

	(void)state;
	turn_until_begun(1);
	close(fd);
	turn(10); /* a suspended connection is not looked at: its call is answered all the same */
	gw_api_answer(gw_api_call_at(world.gw->api, seen.handle), 200, json_object());
	for (int i = 0; i < WORLD_TURNS_MAX && !seen.gone; i++)
		gw_loop_turn();
	assert_int_equal(seen.gone, 1);
	assert_null(gw_api_call_at(world.gw->api, seen.handle));
	fd = send_head("GET", "/v1/test/later", "");
	turn_until_begun(2);
	gw_api_answer(gw_api_call_at(world.gw->api, seen.handle), 200, json_object());
	api_take(&reply, fd);
	assert_int_equal(reply.status, 200);
	close(fd);
}

static void whoever_is_too_late_answers_nobody(void **state)
{
	int fd = send_head("POST", "/v1/test/later", "Content-Type: application/json\r\nContent-Length: 2\r\n");

	(void)state;
	world_send(fd, "{}");
	api_take(&reply, fd);
	assert_api_problem(&reply, 503, "too-late");
	assert_non_null(strstr(reply.text, "Retry-After: "));
	assert_null(gw_api_call_at(world.gw->api, seen.handle));
	assert_int_equal(gw_api_counters(world.gw->api)->late, 1);
	assert_int_equal(seen.gone, 1);
	close(fd);
}

static void handles_are_not_used_twice(void **state)
{
	uint64_t first;
	int fd = send_head("GET", "/v1/test/later", "");

	(void)state;
	turn_until_begun(1);
	first = seen.handle;
	gw_api_answer(gw_api_call_at(world.gw->api, first), 200, json_object());
	api_take(&reply, fd);
	close(fd);
	fd = send_head("GET", "/v1/test/later", "");
	turn_until_begun(2);
	assert_null(gw_api_call_at(world.gw->api, first));
	assert_null(gw_api_call_at(world.gw->api, 0));
	assert_null(gw_api_call_at(world.gw->api, UINT64_MAX));
	assert_null(gw_api_call_at(NULL, seen.handle));
	close(fd); /* and it is open still when all ends */
}

/* ---- streams */
static void send_all(int fd, const char *data, size_t octets)
{
	for (size_t at = 0; at < octets;) {
		ssize_t n = send(fd, data + at, octets - at, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0)
			at += (size_t)n;
		else
			assert_true(errno == EAGAIN);
		gw_loop_turn();
	}
}

static char flood[4 << 20];
static uint32_t sum_of_flood(void)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < sizeof(flood); i++) {
		flood[i] = (char)(i * 7 + i / 1000);
		sum = sum * 31 + (unsigned char)flood[i];
	}
	return sum;
}

static void a_stream_comes_piece_by_piece(void **state)
{
	uint32_t sum = sum_of_flood();
	char length[128];
	int fd;

	(void)state;
	snprintf(length, sizeof(length), "Content-Type: text/csv\r\nContent-Length: %zu\r\n", sizeof(flood));
	fd = send_head("POST", "/v1/test/stream", length);
	turn_until_begun(1);
	assert_string_equal(seen.type, "text/csv");
	send_all(fd, flood, sizeof(flood));
	api_take(&reply, fd);
	assert_int_equal(reply.status, 200);
	assert_int_equal(json_integer_value(json_object_get(reply.json, "octets")), sizeof(flood));
	assert_int_equal(seen.sum, sum);
	assert_true(seen.pieces > 10);
	assert_int_equal(seen.ended, 1);
	assert_int_equal(seen.gone, 1);
	close(fd);
}

/* A chunk is told piece by piece, too, and libmicrohttpd offers more while the connection is suspended already. */
static void a_paused_stream_waits(void **state)
{
	static char chunks[8192];
	size_t n = 0, before;
	int fd;

	(void)state;
	seen.pause_each = seen.pause_at_head = true;
	for (int i = 0; i < 100; i++)
		n += (size_t)sprintf(chunks + n, "10\r\n0123456789abcdef\r\n");
	n += (size_t)sprintf(chunks + n, "0\r\n\r\n");
	fd = send_head("POST", "/v1/test/stream", "Transfer-Encoding: chunked\r\n");
	turn_until_begun(1);
	send_all(fd, chunks, n);
	turn(10);
	assert_int_equal(seen.pieces, 0); /* it was paused at its head */
	for (int i = 0; i < 10000 && !seen.ended; i++) {
		struct gw_api_call *call = gw_api_call_at(world.gw->api, seen.handle);

		if (call)
			gw_api_go_on(call);
		before = seen.pieces;
		turn(3);
		assert_true(seen.pieces <= before + 1); /* no piece behind a pause */
	}
	assert_int_equal(seen.ended, 1);
	assert_int_equal(seen.pieces, 100);
	assert_int_equal(seen.octets, 1600);
	api_take(&reply, fd);
	assert_int_equal(reply.status, 200);
	close(fd);
}

/* What a client can push into a paused call ends up in the kernel's buffers and no further. */
static void a_paused_stream_holds_its_client(void **state)
{
	ssize_t n = 0;
	int idle = 0, fd;

	(void)state;
	seen.pause_each = true;
	fd = send_head("POST", "/v1/test/stream", "Content-Length: 33554432\r\n");
	turn_until_begun(1);
	for (size_t sent = 0; idle < 200 && sent < 32 << 20; sent += n > 0 ? (size_t)n : 0) {
		n = send(fd, flood, sizeof(flood), MSG_NOSIGNAL | MSG_DONTWAIT);
		idle = n > 0 ? 0 : idle + 1;
		gw_loop_turn();
	}
	assert_int_equal(idle, 200);
	assert_int_equal(seen.pieces, 1);
	assert_true(seen.octets <= 65536);
	close(fd);
}

/* It paused, and nothing more happened: that is a call that nobody answers. */
static void a_stream_that_is_forgotten_ends(void **state)
{
	int fd;

	(void)state;
	seen.pause_each = true;
	fd = send_head("POST", "/v1/test/stream", "Content-Length: 10\r\n");
	world_send(fd, "01234");
	turn_until_begun(1);
	for (int i = 0; i < WORLD_TURNS_MAX && gw_api_call_at(world.gw->api, seen.handle); i++)
		gw_loop_turn();
	assert_int_equal(seen.pieces, 1);
	world_send(fd, "56789"); /* the answer comes behind what is left of the body */
	api_take(&reply, fd);
	assert_api_problem(&reply, 503, "too-late");
	assert_int_equal(seen.gone, 1);
	close(fd);
}

static void a_stream_may_be_refused_in_the_middle(void **state)
{
	char length[64];
	int fd;

	(void)state;
	seen.refuse = true;
	snprintf(length, sizeof(length), "Content-Length: %zu\r\n", sizeof(flood));
	fd = send_head("POST", "/v1/test/stream", length);
	turn_until_begun(1);
	send_all(fd, flood, sizeof(flood));
	api_take(&reply, fd);
	assert_api_problem(&reply, 422, "bad-field");
	assert_int_equal(seen.pieces, 1);
	assert_int_equal(seen.ended, 0);
	assert_int_equal(seen.gone, 1);
	assert_false(reply.closed);
	close(fd);
}

static void a_client_may_hang_up_in_a_stream(void **state)
{
	int fd;

	(void)state;
	fd = send_head("POST", "/v1/test/stream", "Content-Length: 1000000\r\n");
	turn_until_begun(1);
	world_send(fd, "begin");
	turn(5);
	close(fd);
	for (int i = 0; i < WORLD_TURNS_MAX && !seen.gone; i++)
		gw_loop_turn();
	assert_int_equal(seen.gone, 1);
	assert_int_equal(seen.ended, 0);
	assert_int_equal(gw_api_counters(world.gw->api)->hung_up, 1);
	assert_int_equal(gw_api_open(world.gw->api), 0);
}

/* ---- what is counted */
static void calls_are_counted(void **state)
{
	char *text;
	size_t octets;
	FILE *to = open_memstream(&text, &octets);

	(void)state;
	api_call(&reply, "GET", "/v1/account", tax.key, "", NULL);
	api_call(&reply, "GET", "/v1/account", "dh_wrong", "", NULL);
	gw_metrics_print(to, world.gw);
	fclose(to);
	assert_non_null(strstr(text, "\ndolat_api_calls_total 2\n"));
	assert_non_null(strstr(text, "\ndolat_api_refused_keys_total 1\n"));
	assert_non_null(strstr(text, "\ndolat_api_answers_total{status=\"2xx\"} 1\n"));
	assert_non_null(strstr(text, "\ndolat_api_answers_total{status=\"4xx\"} 1\n"));
	assert_non_null(strstr(text, "\ndolat_api_open 0\n"));
	free(text);
}

/* ---- the end */
static void whoever_comes_while_it_closes_is_sent_away(void **state)
{
	int fd = send_head("GET", "/v1/test/later", "");

	(void)state;
	turn_until_begun(1);
	assert_false(gw_api_close(world.gw->api));
	api_call(&reply, "GET", "/v1/account", tax.key, "", NULL);
	assert_api_problem(&reply, 503, "closing");
	assert_non_null(strcasestr(reply.text, "\r\nConnection: close\r\n"));
	gw_api_answer(gw_api_call_at(world.gw->api, seen.handle), 200, json_object());
	assert_true(gw_api_close(world.gw->api));
	api_take(&reply, fd);
	assert_int_equal(reply.status, 200);
	close(fd);
}

static void whoever_waits_at_the_end_hears_of_it(void **state)
{
	int fd = send_head("GET", "/v1/test/later", ""), stream;

	(void)state;
	turn_until_begun(1);
	seen.pause_at_head = true;
	stream = send_head("POST", "/v1/test/stream", "Content-Length: 5\r\n");
	world_send(stream, "12345");
	turn_until_begun(2);
	turn(5);
	TALLOC_FREE(world.gw->api);
	assert_int_equal(seen.gone, 2);
	memset(reply.text, 0, sizeof(reply.text));
	assert_true(recv(fd, reply.text, sizeof(reply.text) - 1, 0) > 0);
	assert_non_null(strstr(reply.text, "/v1/problems/closing"));
	close(fd);
	close(stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_account_sees_itself, begin, end),
		cmocka_unit_test_setup_teardown(problems_have_pages, begin, end),
		cmocka_unit_test_setup_teardown(a_body_a_query_and_headers_arrive, begin, end),
		cmocka_unit_test_setup_teardown(request_ids_are_sane, begin, end),
		cmocka_unit_test_setup_teardown(numbers_of_the_query_are_bounded, begin, end),
		cmocka_unit_test_setup_teardown(parameters_of_a_path, begin, end),
		cmocka_unit_test_setup_teardown(methods, begin, end),
		cmocka_unit_test_setup_teardown(head_is_get_without_a_body, begin, end),
		cmocka_unit_test_setup_teardown(an_answer_may_come_later, begin, end),
		cmocka_unit_test_setup_teardown(many_wait_side_by_side, begin, end),
		cmocka_unit_test_setup_teardown(a_client_may_hang_up_in_the_middle, begin, end),
		cmocka_unit_test_setup_teardown(whoever_is_too_late_answers_nobody, begin_hasty, end),
		cmocka_unit_test_setup_teardown(handles_are_not_used_twice, begin, end),
		cmocka_unit_test_setup_teardown(a_stream_comes_piece_by_piece, begin, end),
		cmocka_unit_test_setup_teardown(a_paused_stream_waits, begin, end),
		cmocka_unit_test_setup_teardown(a_paused_stream_holds_its_client, begin, end),
		cmocka_unit_test_setup_teardown(a_stream_that_is_forgotten_ends, begin_hasty, end),
		cmocka_unit_test_setup_teardown(a_stream_may_be_refused_in_the_middle, begin, end),
		cmocka_unit_test_setup_teardown(a_client_may_hang_up_in_a_stream, begin, end),
		cmocka_unit_test_setup_teardown(calls_are_counted, begin, end),
		cmocka_unit_test_setup_teardown(whoever_comes_while_it_closes_is_sent_away, begin, end),
		cmocka_unit_test_setup_teardown(whoever_waits_at_the_end_hears_of_it, begin, end),
	};

	return cmocka_run_group_tests(tests, world_init, NULL);
}
