/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The HTTP port by real requests over a real socket, good, wrong and hostile. */
#include "tests/unit/gateway/gw_world.h"

#include <jansson.h>

#include "gateway/http.h"
#include "tests/unit/redis_server.h"

struct reply {
	unsigned int status;
	char text[131072];
	const char *head, *body;
	bool closed;
};

static int http_begin(void **state)
{
	(void)state;
	world_begin(NULL, "");
	return 0;
}

static int http_end(void **state)
{
	(void)state;
	world_end();
	return 0;
}

static bool is_whole(const char *text)
{
	const char *body = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "content-length:");

	return body && length && strlen(body + 4) >= strtoul(length + 15, NULL, 10);
}

static void take(struct reply *reply, int fd)
{
	memset(reply, 0, sizeof(*reply));
	reply->closed = world_read(fd, reply->text, sizeof(reply->text), is_whole);
	if (sscanf(reply->text, "HTTP/1.1 %u ", &reply->status) != 1)
		return;
	reply->head = reply->text;
	reply->body = strstr(reply->text, "\r\n\r\n") + 4;
}

static void ask(struct reply *reply, const char *request)
{
	int fd = world_connect(world_number("http port "));

	world_send(fd, request);
	take(reply, fd);
	close(fd);
}

static void get(struct reply *reply, const char *path)
{
	char request[512];

	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: gateway\r\n\r\n", path);
	ask(reply, request);
}

static void assert_problem(const struct reply *reply, unsigned int status, const char *detail)
{
	json_t *json = json_loads(reply->body, 0, NULL);

	assert_int_equal(reply->status, status);
	assert_non_null(strstr(reply->head, "Content-Type: application/problem+json\r\n"));
	assert_non_null(json);
	assert_int_equal(json_integer_value(json_object_get(json, "status")), status);
	assert_string_equal(json_string_value(json_object_get(json, "type")), "about:blank");
	assert_non_null(json_string_value(json_object_get(json, "title")));
	assert_string_equal(json_string_value(json_object_get(json, "detail")), detail);
	json_decref(json);
}

static void it_is_healthy(void **state)
{
	static struct reply reply;

	(void)state;
	get(&reply, "/healthz");
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, "ok\n");
	assert_non_null(strstr(reply.head, "Content-Type: text/plain; charset=utf-8\r\n"));
	assert_non_null(strstr(reply.head, "Cache-Control: no-store\r\n"));
}

static void metrics_are_of_their_type(void **state)
{
	static struct reply reply;

	(void)state;
	get(&reply, "/metrics?with=a&query");
	assert_int_equal(reply.status, 200);
	assert_non_null(strstr(reply.head, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
	assert_non_null(strstr(reply.body, "\ndolat_ready 0\n"));
	assert_true(reply.body[strlen(reply.body) - 1] == '\n');
}

static bool is_ready(const struct gw_bearer *bearer)
{
	(void)bearer;
	return true;
}

static void readiness_says_what_is_missing(void **state)
{
	static struct reply reply;
	struct gw_bearer_ops ops = *world.gw->smpp->ops;
	struct redis_server redis;

	(void)state;
	get(&reply, "/readyz");
	assert_problem(&reply, 503, "the session store is down");
	world_end();
	redis_server_start(&redis, NULL);
	world_begin(redis.path, "");
	for (int i = 0; i < WORLD_TURNS_MAX && !sess_redis_up(world.gw->redis); i++)
		gw_loop_turn();
	get(&reply, "/readyz");
	assert_problem(&reply, 503, "an operator has no link that takes and gives");
	ops.ready = is_ready;
	world.gw->smpp->ops = &ops;
	get(&reply, "/readyz");
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, "ok\n");
	gw_drain(world.gw);
	get(&reply, "/readyz");
	assert_problem(&reply, 503, "it is being stopped");
	get(&reply, "/healthz");
	assert_int_equal(reply.status, 200);
	redis_server_stop(&redis);
}

static void other_paths_and_methods(void **state)
{
	static const char *const paths[] = { "/", "/metrics/", "//metrics", "/Metrics", "/../../etc/passwd", "/%2e%2e/etc/passwd", "/healthz%00", "*" };
	static struct reply reply;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		get(&reply, paths[i]);
		if (strcmp(paths[i], "/healthz%00") != 0) /* a name that ends early names nothing else, here */
			assert_problem(&reply, 404, "there are /metrics, /healthz and /readyz");
	}
	ask(&reply, "DELETE /metrics HTTP/1.1\r\nHost: gateway\r\n\r\n");
	assert_problem(&reply, 405, "only GET and HEAD");
	assert_non_null(strstr(reply.head, "Allow: GET, HEAD\r\n"));
	ask(&reply, "POST /metrics HTTP/1.1\r\nHost: gateway\r\nContent-Length: 100000\r\n\r\nbegin");
	assert_problem(&reply, 405, "only GET and HEAD");
	ask(&reply, "get /metrics HTTP/1.1\r\nHost: gateway\r\n\r\n");
	assert_int_not_equal(reply.status, 200);
}

static bool has_head(const char *text)
{
	return strstr(text, "\r\n\r\n");
}

static void head_is_without_a_body(void **state)
{
	static char text[65536];
	int fd = world_connect(world_number("http port "));

	(void)state;
	text[0] = '\0';
	world_send(fd, "HEAD /metrics HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n");
	world_read(fd, text, sizeof(text), has_head);
	assert_true(world_read(fd, text, sizeof(text), NULL));
	assert_int_equal(strncmp(text, "HTTP/1.1 200 ", 13), 0);
	assert_string_equal(strstr(text, "\r\n\r\n"), "\r\n\r\n");
	close(fd);
}

static void a_connection_is_kept(void **state)
{
	static struct reply reply;
	int fd = world_connect(world_number("http port "));

	(void)state;
	for (int i = 0; i < 20; i++) {
		world_send(fd, "GET /healthz HT");
		gw_loop_turn();
		world_send(fd, "TP/1.1\r\nHost: gateway\r\n\r\n");
		take(&reply, fd);
		assert_int_equal(reply.status, 200);
		assert_false(reply.closed);
	}
	close(fd);
}

/* What is not a request, or one that does not end, gets no memory and does not keep others from being served. */
static void rubbish_is_refused(void **state)
{
	static const char *const rubbish[] = { "\r\n\r\n\r\n", "GET\r\n\r\n", "GET /healthz HTTP/9.9\r\n\r\n", "\x16\x03\x01\x02", "GET / HTTP/1.1\r\n\r\n",
					       "GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
					       "POST /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n" };
	static struct reply reply;
	static char flood[65536];
	int fds[ARRAY_SIZE(rubbish)];
	int fd = world_connect(world_number("http port "));

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rubbish); i++) {
		fds[i] = world_connect(world_number("http port "));
		world_send(fds[i], rubbish[i]);
		gw_loop_turn();
	}
	memset(flood, 'a', sizeof(flood) - 1);
	memcpy(flood, "GET /", 5);
	send(fd, flood, sizeof(flood) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	take(&reply, fd);
	assert_int_not_equal(reply.status, 200);
	close(fd);
	get(&reply, "/healthz");
	assert_int_equal(reply.status, 200);
	for (size_t i = 0; i < ARRAY_SIZE(rubbish); i++)
		close(fds[i]);
	get(&reply, "/healthz");
	assert_int_equal(reply.status, 200);
}

/* Beyond the bound a connection waits or is closed; when the others go, all is well. */
static void connections_are_bounded(void **state)
{
	static struct reply reply;
	int fds[100];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = world_connect(world_number("http port "));
		if (i % 10 == 0)
			gw_loop_turn();
	}
	for (int i = 0; i < 20; i++)
		gw_loop_turn();
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
	for (int i = 0; i < 20; i++)
		gw_loop_turn();
	get(&reply, "/healthz");
	assert_int_equal(reply.status, 200);
}

static void only_numeric_addresses_that_are_free(void **state)
{
	struct gw_http *none = gw_http_alloc(world.gw, "", 0), *six;

	(void)state;
	assert_non_null(none);
	talloc_free(none);
	assert_null(gw_http_alloc(world.gw, "localhost", 0));
	assert_non_null(strstr(world.lines, "http cannot listen at localhost, port 0: not a numeric address"));
	assert_null(gw_http_alloc(world.gw, "127.0.0.1", (uint16_t)world_number("http port ")));
	assert_non_null(strstr(world.lines, "Address already in use"));
	six = gw_http_alloc(world.gw, "::1", 0);
	if (six) /* not every machine has it */
		assert_true(world_number("http port ") > 0);
	talloc_free(six);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_is_healthy, http_begin, http_end),
		cmocka_unit_test_setup_teardown(metrics_are_of_their_type, http_begin, http_end),
		cmocka_unit_test_setup_teardown(readiness_says_what_is_missing, http_begin, http_end),
		cmocka_unit_test_setup_teardown(other_paths_and_methods, http_begin, http_end),
		cmocka_unit_test_setup_teardown(head_is_without_a_body, http_begin, http_end),
		cmocka_unit_test_setup_teardown(a_connection_is_kept, http_begin, http_end),
		cmocka_unit_test_setup_teardown(rubbish_is_refused, http_begin, http_end),
		cmocka_unit_test_setup_teardown(connections_are_bounded, http_begin, http_end),
		cmocka_unit_test_setup_teardown(only_numeric_addresses_that_are_free, http_begin, http_end),
	};

	return cmocka_run_group_tests(tests, world_init, NULL);
}
