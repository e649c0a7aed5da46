/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See http.h. Meant for a scraper and a load balancer on the same machine or network, so the bounds are small: few
 * connections, short time-outs, little memory for each; what a request carries beyond its head is not read. An answer that is
 * not good is a problem document (RFC 9457). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/gateway.h"
#include "gateway/http.h"
#include "gateway/http_listen.h"
#include "gateway/log.h"
#include "gateway/loop_mhd.h"
#include "gateway/metrics.h"

#define CONNECTIONS 64u
#define CONNECTIONS_OF_ADDRESS 32u
#define IDLE_S 15u             /* a connection on which nothing moves is closed */
#define CONNECTION_OCTETS 8192 /* a request's head must fit in it */
#define TEXT "text/plain; charset=utf-8"

struct gw_http {
	struct gw *gw;
	struct gw_loop_mhd *mhd;
};

/* ---- what is served ---- */
struct answer {
	unsigned int status;
	const char *type, *detail; /* detail: of a problem */
	char *body;                /* malloc'ed: libmicrohttpd frees it */
	size_t octets;
};

/* A writer into memory; NULL: there is none left. */
static void print_body(struct answer *answer, const struct gw *gw, void (*print)(FILE *to, const struct gw *gw))
{
	FILE *to = open_memstream(&answer->body, &answer->octets);

	if (!to)
		return;
	print(to, gw);
	if (fclose(to) != 0) {
		free(answer->body);
		answer->body = NULL;
	}
}

static void metrics(struct answer *answer, const struct gw *gw)
{
	answer->type = "text/plain; version=0.0.4; charset=utf-8";
	print_body(answer, gw, gw_metrics_print);
}

static void print_ok(FILE *to, const struct gw *gw)
{
	(void)gw;
	fputs("ok\n", to);
}

static void health(struct answer *answer, const struct gw *gw)
{
	print_body(answer, gw, print_ok);
}

static void readiness(struct answer *answer, const struct gw *gw)
{
	if (!gw_ready(gw, &answer->detail))
		answer->status = MHD_HTTP_SERVICE_UNAVAILABLE;
	else
		print_body(answer, gw, print_ok);
}

static const struct route {
	const char *path;
	void (*serve)(struct answer *answer, const struct gw *gw);
} routes[] = {
	{ "/metrics", metrics },
	{ "/healthz", health },
	{ "/readyz", readiness },
};

static const struct { unsigned int status; const char *title, *detail; } problems[] = {
	{ MHD_HTTP_NOT_FOUND, "Not Found", "there are /metrics, /healthz and /readyz" },
	{ MHD_HTTP_METHOD_NOT_ALLOWED, "Method Not Allowed", "only GET and HEAD" },
	{ MHD_HTTP_SERVICE_UNAVAILABLE, "Service Unavailable", NULL },
};

static void make_problem(struct answer *answer)
{
	for (size_t i = 0; i < ARRAY_SIZE(problems); i++) {
		const struct gw_http_problem problem = { .type = "about:blank", .title = problems[i].title, .status = answer->status,
							 .detail = answer->detail ? answer->detail : problems[i].detail };

		if (problems[i].status != answer->status)
			continue;
		answer->type = GW_HTTP_PROBLEM_TYPE;
		answer->body = gw_http_problem_print(&problem, &answer->octets);
		return;
	}
}

static bool is_read(const char *method)
{
	return strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
}

static void make_answer(struct answer *answer, const struct gw *gw, const char *path, const char *method)
{
	const struct route *route = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(routes) && !route; i++)
		if (strcmp(routes[i].path, path) == 0)
			route = &routes[i];
	if (!route)
		answer->status = MHD_HTTP_NOT_FOUND;
	else if (!is_read(method))
		answer->status = MHD_HTTP_METHOD_NOT_ALLOWED;
	else
		route->serve(answer, gw);
	if (answer->status != MHD_HTTP_OK)
		make_problem(answer);
}

/* ---- libmicrohttpd ---- */
static enum MHD_Result send_answer(struct MHD_Connection *connection, const struct answer *answer)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	if (!answer->body)
		return MHD_NO; /* no memory: the connection is closed */
	response = MHD_create_response_from_buffer(answer->octets, answer->body, MHD_RESPMEM_MUST_FREE);
	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	if (answer->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(connection, answer->status, response);
	MHD_destroy_response(response);
	return result;
}

static bool has_body(struct MHD_Connection *connection)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH) ||
	       MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_TRANSFER_ENCODING);
}

/* Called when the head is there, and again at the request's end. Answered on the first call, libmicrohttpd closes the
 * connection: that is for a request with a body, which is then not read; others are answered on the second. */
static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url, const char *method,
				  const char *version, const char *upload, size_t *upload_octets, void **request_ctx)
{
	const struct gw_http *http = ctx;
	struct answer answer = { .status = MHD_HTTP_OK, .type = TEXT };

	(void)version;
	(void)upload;
	(void)upload_octets;
	if (!*request_ctx && !has_body(connection)) {
		*request_ctx = connection;
		return MHD_YES;
	}
	make_answer(&answer, http->gw, url, method);
	LOGP(GW_LOG_HTTP, LOGL_DEBUG, "http %s %s: %u\n", is_read(method) ? method : "other", answer.status == MHD_HTTP_NOT_FOUND ? "elsewhere" : url,
	     answer.status);
	return send_answer(connection, &answer);
}

static struct MHD_Daemon *start_daemon(struct gw_http *http, int fd)
{
	return MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, http, MHD_OPTION_LISTEN_SOCKET, fd,
				MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS, MHD_OPTION_PER_IP_CONNECTION_LIMIT, CONNECTIONS_OF_ADDRESS,
				MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_OCTETS,
				MHD_OPTION_END);
}

/* 0 or -errno. */
static int open_http(struct gw_http *http, const char *listen_text, uint16_t port)
{
	struct MHD_Daemon *daemon;
	int fd = gw_http_listen(listen_text, &port);

	if (fd < 0)
		return fd;
	daemon = start_daemon(http, fd);
	if (!daemon) {
		close(fd);
		return -ENOMEM;
	}
	http->mhd = gw_loop_mhd_alloc(http, daemon);
	if (!http->mhd)
		return -ENOMEM;
	LOGP(GW_LOG_HTTP, LOGL_NOTICE, "http port %u at %s\n", port, listen_text);
	return 0;
}

struct gw_http *gw_http_alloc(struct gw *gw, const char *listen_text, uint16_t port)
{
	struct gw_http *http = talloc_zero(gw, struct gw_http);
	int rc;

	http->gw = gw;
	if (!listen_text[0])
		return http;
	rc = open_http(http, listen_text, port);
	if (rc == 0)
		return http;
	LOGP(GW_LOG_HTTP, LOGL_ERROR, "http cannot listen at %s, port %u: %s\n", listen_text, port,
	     gw_http_listen_error(rc));
	talloc_free(http);
	return NULL;
}
