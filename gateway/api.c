/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See api.h. Here are the server and its life, its connections, and the list of tables.
 *
 * A client may be slow in four ways, and each has its bound: a head has `idle_s` to come, whole, whatever trickles in (a connection
 * that is kept counts from its last answer); a body of JSON has BODY_MS; a STREAM must bring STREAM_OCTETS in every BODY_MS; an
 * answer must be taken within ANSWER_MS. Beyond, the socket is shut down under libmicrohttpd, which then closes the connection.
 * What libmicrohttpd itself refuses (a head above CONNECTION_OCTETS, a broken chunk) it answers in its own words. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/api_mhd.h"
#include "gateway/api_priv.h"
#include "gateway/api_tls.h"
#include "gateway/http_listen.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "gateway/loop_mhd.h"

#define CONNECTION_OCTETS 32768     /* of each: the head, and what of the body is read at once */
#define SWEEP_MS 1000
#define BODY_MS 30000
#define STREAM_OCTETS 32768
#define ANSWER_MS 60000

const struct gw_api_route *const api_tables[] = {
	gw_api_base_routes,
	gw_api_notice_routes,
	gw_api_template_routes,
	gw_api_event_routes,
	gw_api_dead_routes,
	gw_api_request_routes,
	gw_api_bulk_routes,
	gw_api_citizen_routes,
	gw_api_report_routes,
	gw_api_identity_routes, gw_api_citizen_payment_routes,
	gw_api_catalogue_routes,
	NULL,
};

/* ---- connections ---- */
static void set_address(struct api_link *link, const struct sockaddr *address)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)address;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)address;

	if (address && address->sa_family == AF_INET)
		inet_ntop(AF_INET, &four->sin_addr, link->address, sizeof(link->address));
	else if (address && address->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
		inet_ntop(AF_INET, &six->sin6_addr.s6_addr[12], link->address, sizeof(link->address));
	else if (address && address->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &six->sin6_addr, link->address, sizeof(link->address));
}

static void on_connection(void *ctx, struct MHD_Connection *connection, void **link_ctx, enum MHD_ConnectionNotificationCode code)
{
	struct gw_api *api = ctx;
	struct api_link *link = *link_ctx;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		llist_del(&link->entry);
		talloc_free(link);
		return;
	}
	link = talloc_zero(api, struct api_link);
	link->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	set_address(link, MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr);
	api_phase(link, API_PHASE_HEAD);
	llist_add(&link->entry, &api->links);
	*link_ctx = link;
}

static bool is_stream(const struct api_link *link)
{
	return link->call && !link->call->answer.status && link->call->route && link->call->route->body == GW_API_STREAM;
}

/* A phase that has gone on for too long. */
static bool is_too_slow(const struct gw_api *api, struct api_link *link, int64_t now_ms)
{
	int64_t ms = now_ms - link->since_ms;

	switch (link->phase) {
	case API_PHASE_HEAD:
		return ms >= (int64_t)api->server.config->idle_s * 1000;
	case API_PHASE_BODY:
		if (ms < BODY_MS)
			return false;
		if (!is_stream(link) || link->call->octets - link->octets_then < STREAM_OCTETS)
			return true;
		api_phase(link, API_PHASE_BODY);
		return false;
	case API_PHASE_HANDLER:
		return false;
	case API_PHASE_ANSWER:
		return ms >= ANSWER_MS;
	}
	return false;
}

static void sweep(struct gw_api *api, int64_t now_ms)
{
	struct api_link *link;

	if (now_ms < api->sweep_ms)
		return;
	api->sweep_ms = now_ms + SWEEP_MS;
	llist_for_each_entry(link, &api->links, entry) {
		if (link->is_cut || !is_too_slow(api, link, now_ms))
			continue;
		link->is_cut = true;
		api->counters.too_slow++;
		shutdown(link->fd, SHUT_RDWR);
	}
}

/* ---- life ---- */
/* A path and a query are decoded by us: here they would lose what tells "%2f" from "/". */
static size_t leave_escaped(void *ctx, struct MHD_Connection *connection, char *text)
{
	(void)ctx;
	(void)connection;
	return strlen(text);
}

static struct MHD_Daemon *start_daemon(struct gw_api *api, int fd)
{
	const struct gw_config_api *config = api->server.config;
	const struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_CERT_CALLBACK, 0, api->tls ? gw_api_tls_callback(api->tls) : NULL },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)GW_API_TLS_PRIORITIES },
		{ MHD_OPTION_END, 0, NULL },
	};
	const struct MHD_OptionItem options[] = {
		{ MHD_OPTION_LISTEN_SOCKET, fd, NULL },
		{ MHD_OPTION_CONNECTION_LIMIT, config->connections, NULL },
		{ MHD_OPTION_PER_IP_CONNECTION_LIMIT, config->connections_of_address, NULL },
		{ MHD_OPTION_CONNECTION_TIMEOUT, config->idle_s, NULL },
		{ MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_OCTETS, NULL },
		{ MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL },
		{ api->tls ? MHD_OPTION_ARRAY : MHD_OPTION_END, 0, api->tls ? (void *)tls : NULL },
		{ MHD_OPTION_END, 0, NULL },
	};

	return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (api->tls ? MHD_USE_TLS : 0), 0, NULL, NULL, api_on_request, api,
				MHD_OPTION_NOTIFY_COMPLETED, api_on_completed, api, MHD_OPTION_NOTIFY_CONNECTION, on_connection, api,
				MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

/* 0 or -errno. */
static int open_api(struct gw_api *api)
{
	const struct gw_config_api *config = api->server.config;
	uint16_t port = (uint16_t)config->port;
	struct MHD_Daemon *daemon;
	int fd = gw_http_listen(config->listen, &port);

	if (fd < 0)
		return fd;
	daemon = start_daemon(api, fd);
	if (!daemon) {
		close(fd);
		return -ENOMEM;
	}
	api->mhd = gw_loop_mhd_alloc(api, daemon);
	if (!api->mhd)
		return -ENOMEM;
	LOGP(GW_LOG_API, LOGL_NOTICE, "%s port %u at %s%s\n", api->server.name, port, config->listen, api->tls ? ", TLS" : "");
	return 0;
}

/* Whoever waits hears that it is over; then libmicrohttpd closes all connections, and tells us of each. */
static int free_api(struct gw_api *api)
{
	api->closing = true;
	if (!api->mhd)
		return 0;
	api_calls_abandon(api);
	gw_loop_mhd_run(api->mhd);
	TALLOC_FREE(api->mhd);
	return 0;
}

struct gw_api *gw_api_serve(void *ctx, struct gw *gw, const struct gw_api_server *server)
{
	const struct gw_config_api *config = server->config;
	struct gw_api *api = talloc_zero(ctx, struct gw_api);
	int rc;

	talloc_set_destructor(api, free_api);
	api->gw = gw;
	api->server = *server;
	api->tables = server->tables;
	INIT_LLIST_HEAD(&api->links);
	api->places = config->connections;
	api->calls = talloc_zero_array(api, struct api_call *, api->places);
	api->failures = api_failures_alloc(api);
	if (config->cert_file && !(api->tls = gw_api_tls_alloc(api, config->cert_file, config->key_file)))
		goto failed;
	rc = open_api(api);
	if (rc == 0)
		return api;
	LOGP(GW_LOG_API, LOGL_ERROR, "the %s cannot listen at %s, port %u: %s\n", server->name, config->listen, config->port, gw_http_listen_error(rc));
failed:
	talloc_free(api);
	return NULL;
}

struct gw_api *gw_api_alloc(struct gw *gw)
{
	const struct gw_api_server server = { .name = "api", .config = &gw->config->api, .tables = api_tables };

	return gw_api_serve(gw, gw, &server);
}

void gw_api_tick(struct gw_api *api)
{
	int64_t now_ms = gw_clock_ms();

	api_calls_tick(api, now_ms);
	sweep(api, now_ms);
	if (api->tls)
		gw_api_tls_tick(api->tls, now_ms);
}

void gw_api_turn(struct gw_api *api)
{
	gw_loop_mhd_turn(api->mhd);
}

bool gw_api_reload(struct gw_api *api)
{
	return !api->tls || gw_api_tls_reload(api->tls, gw_clock_ms());
}

bool gw_api_close(struct gw_api *api)
{
	api->closing = true;
	return api->open == 0;
}

unsigned int gw_api_open(const struct gw_api *api)
{
	return api->open;
}

const struct gw_api_counters *gw_api_counters(const struct gw_api *api)
{
	return &api->counters;
}
