/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A gateway with its API, and a client: for tests of what is served under /v1. */
#pragma once

#include <jansson.h>

#include "gateway/api.h"
#include "tests/unit/gateway/account_world.h"
#include "tests/unit/redis_server.h"

struct api_reply {
	unsigned int status;
	char text[262144];
	const char *body;
	json_t *json;                    /* or NULL */
	bool closed;
};
static struct redis_server api_redis;

__attribute__((unused)) static void api_world_begin(const char *more)
{
	char text[2048];

	redis_server_start(&api_redis, NULL);
	snprintf(text, sizeof(text), "api = { port = 0; %s };", more);
	world_begin_with(api_redis.path, true, text);
	for (int i = 0; i < WORLD_TURNS_MAX && !gw_accounts_loaded(world.gw->accounts); i++)
		gw_loop_turn();
	assert_true(gw_accounts_loaded(world.gw->accounts));
}

__attribute__((unused)) static void api_world_end(void)
{
	world_end();
	redis_server_stop(&api_redis);
}

static int api_connect(void)
{
	return world_connect(world_number("api port "));
}

static bool api_is_whole(const char *text)
{
	const char *body = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "content-length:");

	while (body && strncmp(text, "HTTP/1.1 100 ", 13) == 0) {
		text = body + 4;
		body = strstr(text, "\r\n\r\n");
	}
	return body && (strncmp(text, "HTTP/1.1 204 ", 13) == 0 || (length && strlen(body + 4) >= strtoul(length + 15, NULL, 10)));
}

/* Frees what the reply had before. */
__attribute__((unused)) static void api_take(struct api_reply *reply, int fd)
{
	const char *text = reply->text;

	json_decref(reply->json);
	memset(reply, 0, sizeof(*reply));
	reply->closed = world_read(fd, reply->text, sizeof(reply->text), api_is_whole);
	while (strncmp(text, "HTTP/1.1 100 ", 13) == 0)
		text = strstr(text, "\r\n\r\n") + 4;
	if (sscanf(text, "HTTP/1.1 %u ", &reply->status) != 1)
		return;
	reply->body = strstr(text, "\r\n\r\n") + 4;
	reply->json = json_loads(reply->body, 0, NULL);
}

/* One call on a connection of its own. key, body may be NULL; more: header lines, each ended by \r\n. */
__attribute__((unused)) static void api_call(struct api_reply *reply, const char *method, const char *path, const char *key, const char *more,
					     const char *body)
{
	static char request[262144];
	int fd = api_connect();
	int n = snprintf(request, sizeof(request), "%s %s HTTP/1.1\r\nHost: gateway\r\n%s%s%s%s", method, path, key ? "Authorization: Bearer " : "",
			 key ? key : "", key ? "\r\n" : "", more);

	if (body)
		snprintf(request + n, sizeof(request) - (size_t)n, "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
	else
		strcpy(request + n, "\r\n");
	world_send(fd, request);
	api_take(reply, fd);
	close(fd);
}

__attribute__((unused)) static const char *api_text(const struct api_reply *reply, const char *name)
{
	return json_string_value(json_object_get(reply->json, name));
}

__attribute__((unused)) static void assert_api_problem(const struct api_reply *reply, unsigned int status, const char *type)
{
	char address[128];

	if (reply->status != status)
		print_message("%s\n", reply->text);
	assert_int_equal(reply->status, status);
	assert_non_null(strstr(reply->text, "Content-Type: application/problem+json\r\n"));
	assert_non_null(strstr(reply->text, "X-Request-Id: "));
	assert_non_null(reply->json);
	snprintf(address, sizeof(address), "/v1/problems/%s", type);
	assert_string_equal(api_text(reply, "type"), address);
	assert_int_equal(json_integer_value(json_object_get(reply->json, "status")), status);
	assert_non_null(api_text(reply, "title"));
	assert_non_null(api_text(reply, "detail"));
	assert_non_null(api_text(reply, "request_id"));
}
