/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See agency_server.h. A request is answered in the call in which its last octet came, or suspended and put into the list
 * of those that wait; MHD calls again when it is resumed. */
#include "tests/sim/agency_server.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/sim/agency_country.h"
#include "tests/sim/agency_data.h"

#define BODY_OCTETS_MAX 65536
#define HUGE_OCTETS (16u * 1024 * 1024)
#define NEVER_MS INT64_MAX
#define OPERATIONS 5
#define LISTED_MAX 1000

struct waiting {                      /* a suspended connection */
	struct waiting *next, **at;
	struct MHD_Connection *connection;
	int64_t due_ms;
};

struct request {
	struct sim_server *server;
	char body[BODY_OCTETS_MAX];
	size_t octets;
	bool too_long, chosen, made, held; /* chosen: the fault is; made: the text is */
	struct sim_fault fault;
	char *text;
	unsigned int status;
	struct waiting wait;
};

struct sim_server {
	struct MHD_Daemon *daemon;
	struct sim_data *data;
	struct sim_country *country;
	struct sim_hooks *hooks;
	struct sim_client *client;       /* or NULL */
	struct sim_server_config config;
	struct sim_fault faults[OPERATIONS + SIM_AGENCIES_MAX]; /* of the operations, then of the agencies */
	struct sim_stats stats;
	struct waiting *waiting;
	uint32_t seed;
	char *cert, *key;
	char last_key[128], last_authorization[512], last_path[512], last_body[1024], last_signature[256];
	bool closing;
};

static const struct sim_mode_row modes[SIM_MODES] = {
	[SIM_MODE_NONE] = { "none", "answers as it should" },
	[SIM_MODE_SLOW] = { "slow", "answers after some milliseconds" },
	[SIM_MODE_HANG] = { "hang", "never answers" },
	[SIM_MODE_FAIL] = { "fail", "status 500" },
	[SIM_MODE_STATUS] = { "status", "another status, with the right document" },
	[SIM_MODE_GARBAGE] = { "garbage", "random octets that call themselves JSON" },
	[SIM_MODE_TYPE] = { "type", "the right document as text/html" },
	[SIM_MODE_JSON] = { "json", "a document that ends in its middle" },
	[SIM_MODE_UTF8] = { "utf8", "a text that is not UTF-8" },
	[SIM_MODE_DEEP] = { "deep", "a hundred thousand brackets" },
	[SIM_MODE_HUGE] = { "huge", "16 MiB" },
	[SIM_MODE_CUT] = { "cut", "the connection ends in the middle of the answer" },
	[SIM_MODE_TRICKLE] = { "trickle", "one octet at a time" },
	[SIM_MODE_REDIRECT] = { "redirect", "302 to itself" },
	[SIM_MODE_LOST] = { "lost", "has no effect, and never answers" },
	[SIM_MODE_LATE] = { "late", "has its effect, and answers, after some milliseconds" },
};
static const char *const operations[OPERATIONS] = { "bills", "subscribers", "balances", "payments", "hooks" };

const struct sim_mode_row *sim_mode_row(unsigned int index)
{
	return index < SIM_MODES ? &modes[index] : NULL;
}

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- holding back --- */

static void hold(struct request *r, struct MHD_Connection *connection, int64_t due_ms)
{
	struct sim_server *s = r->server;

	r->wait = (struct waiting){ .next = s->waiting, .at = &s->waiting, .connection = connection, .due_ms = due_ms };
	if (s->waiting)
		s->waiting->at = &r->wait.next;
	s->waiting = &r->wait;
	MHD_suspend_connection(connection);
}

static void unhold(struct waiting *w)
{
	if (!w->at)
		return;
	*w->at = w->next;
	if (w->next)
		w->next->at = w->at;
	w->at = NULL;
}

/* Resumes what is due; milliseconds until there is something to do, or -1. */
static int64_t release(struct sim_server *s, int64_t now_ms)
{
	int64_t next_ms = -1;

	for (struct waiting *w = s->waiting, *after; w; w = after) {
		after = w->next;
		if (w->due_ms <= now_ms || s->closing) {
			unhold(w);
			MHD_resume_connection(w->connection);
			next_ms = 0;
		} else if (w->due_ms != NEVER_MS && (next_ms < 0 || w->due_ms - now_ms < next_ms)) {
			next_ms = w->due_ms - now_ms;
		}
	}
	return next_ms;
}

/* --- answers --- */

static void add_type(struct MHD_Response *response, const char *type)
{
	MHD_add_response_header(response, "Content-Type", type);
}

static enum MHD_Result queue(struct MHD_Connection *connection, unsigned int status, struct MHD_Response *response, const char *type,
                             unsigned int retry_after_s)
{
	enum MHD_Result result;
	char seconds[16];

	add_type(response, type);
	if (retry_after_s) {
		snprintf(seconds, sizeof(seconds), "%u", retry_after_s);
		MHD_add_response_header(response, "Retry-After", seconds);
	}
	if (status == 302)
		MHD_add_response_header(response, "Location", "/v1/bills/7748317800142");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result send_text(struct MHD_Connection *connection, unsigned int status, char *text, const char *type)
{
	return queue(connection, status, MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE), type, 0);
}

static ssize_t read_cut(void *ctx, uint64_t at, char *out, size_t cap)
{
	struct request *r = ctx;
	size_t half = strlen(r->text) / 2;

	if (at >= half)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	cap = cap < half - at ? cap : half - at;
	memcpy(out, r->text + at, cap);
	return (ssize_t)cap;
}

static ssize_t read_trickle(void *ctx, uint64_t at, char *out, size_t cap)
{
	struct request *r = ctx;

	(void)cap;
	if (!r->held && r->fault.ms && !r->server->closing) {
		r->held = true;
		hold(r, r->wait.connection, clock_ms() + r->fault.ms);
		return 0;
	}
	r->held = false;
	out[0] = r->text[at];
	return 1;
}

static ssize_t read_huge(void *ctx, uint64_t at, char *out, size_t cap)
{
	(void)ctx;
	memset(out, 'a', cap);
	if (at == 0)
		out[0] = '"';
	return (ssize_t)cap;
}

static char *filled(size_t octets, char with)
{
	char *text = malloc(octets + 1);

	memset(text, with, octets);
	text[octets] = '\0';
	return text;
}

static char *garbage(struct sim_server *s)
{
	char *text = filled(4096, 'x');

	for (size_t i = 0; i < 4096; i++) {
		s->seed = s->seed * 1664525 + 1013904223;
		text[i] = (char)(s->seed >> 24 ? s->seed >> 24 : 1);
	}
	return text;
}

static enum MHD_Result send_callback(struct request *r, struct MHD_Connection *connection, uint64_t octets, MHD_ContentReaderCallback reader)
{
	r->wait.connection = connection;
	return queue(connection, r->status, MHD_create_response_from_callback(octets, 4096, reader, r, NULL), "application/json", 0);
}

static enum MHD_Result answer(struct request *r, struct MHD_Connection *connection)
{
	static const char json[] = "application/json; charset=utf-8";
	char *text = r->text;

	switch (r->fault.mode) {
	case SIM_MODE_CUT:
		return send_callback(r, connection, strlen(text), read_cut);
	case SIM_MODE_TRICKLE:
		return send_callback(r, connection, strlen(text), read_trickle);
	case SIM_MODE_HUGE:
		return send_callback(r, connection, r->fault.ms ? MHD_SIZE_UNKNOWN : HUGE_OCTETS, read_huge);
	case SIM_MODE_FAIL:
		return send_text(connection, 500, strdup("{\"error\":\"INTERNAL\"}"), json);
	case SIM_MODE_STATUS:
		return queue(connection, r->fault.status, MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_COPY), json,
		             r->fault.retry_after_s);
	case SIM_MODE_REDIRECT:
		return send_text(connection, 302, strdup(text), json);
	case SIM_MODE_GARBAGE:
		return send_text(connection, r->status, garbage(r->server), json);
	case SIM_MODE_TYPE:
		return send_text(connection, r->status, strdup(text), "text/html");
	case SIM_MODE_JSON:
		return send_text(connection, r->status, strndup(text, strlen(text) / 2), json);
	case SIM_MODE_UTF8:
		return send_text(connection, r->status, strdup("{\"title\":\"\xd9\"}"), json);
	case SIM_MODE_DEEP:
		return send_text(connection, r->status, filled(100000, '['), json);
	default:
		r->text = NULL;
		return send_text(connection, r->status, text, json);
	}
}

/* --- requests --- */

static char *stats_text(const struct sim_server *s)
{
	char *text = malloc(256);

	snprintf(text, 256, "{\"requests\":%llu,\"connections\":%llu,\"in_flight\":%llu,\"in_flight_max\":%llu,\"unkeyed_posts\":%llu}",
	         (unsigned long long)s->stats.requests, (unsigned long long)s->stats.connections, (unsigned long long)s->stats.in_flight,
	         (unsigned long long)s->stats.in_flight_max, (unsigned long long)s->stats.unkeyed_posts);
	return text;
}

static enum sim_mode mode_named(const char *name)
{
	for (unsigned int i = 0; name && i < SIM_MODES; i++)
		if (strcmp(modes[i].name, name) == 0)
			return (enum sim_mode)i;
	return SIM_MODES;
}

/* {"country": "reset"}, or "new_sim" with its msisdn. */
static bool control_country(struct sim_server *s, const json_t *json)
{
	const char *what = json_string_value(json_object_get(json, "country")), *msisdn = json_string_value(json_object_get(json, "msisdn"));

	if (strcmp(what, "reset") == 0)
		return sim_country_reset(s->country);
	return strcmp(what, "new_sim") == 0 && msisdn && sim_country_new_sim(s->country, msisdn);
}

static char *control(struct request *r)
{
	json_t *json = json_loadb(r->body, r->octets, 0, NULL);
	const char *secret = json_string_value(json_object_get(json, "hook_secret"));
	const char *operation = json_string_value(json_object_get(json, "operation"));
	const json_t *count = json_object_get(json, "count");
	struct sim_fault fault = {
		.mode = mode_named(json_string_value(json_object_get(json, "mode"))),
		.ms = (unsigned int)json_integer_value(json_object_get(json, "ms")),
		.status = (unsigned int)json_integer_value(json_object_get(json, "status")),
		.retry_after_s = (unsigned int)json_integer_value(json_object_get(json, "retry_after")),
		.count = count ? (int)json_integer_value(count) : -1,
	};
	bool good = !json_object_get(json, "country") && fault.mode != SIM_MODES &&
	            (fault.mode != SIM_MODE_STATUS || (fault.status >= 200 && fault.status <= 599)) &&
	            sim_server_fault(r->server, operation ? operation : "", &fault);

	if (secret)
		good = sim_hooks_secret(r->server->hooks, secret);
	if (json_object_get(json, "country"))
		good = json_is_string(json_object_get(json, "country")) && control_country(r->server, json);
	json_decref(json);
	r->status = good ? 200 : 400;
	return strdup(good ? "{}" : "{\"error\":\"BAD_REQUEST\"}");
}

static struct sim_fault take_fault(struct sim_server *s, unsigned int operation)
{
	struct sim_fault *fault = &s->faults[operation], taken = *fault;

	if (fault->count == 0)
		return (struct sim_fault){ .mode = SIM_MODE_NONE };
	if (fault->count > 0)
		fault->count--;
	return taken;
}

/* The one segment after the prefix, and what must follow it. */
static bool path_is(const char *path, const char *prefix, const char *suffix, char *segment, size_t cap)
{
	size_t before = strlen(prefix), n;

	if (strncmp(path, prefix, before) != 0)
		return false;
	n = strcspn(path + before, "/");
	if (n == 0 || n >= cap || strcmp(path + before + n, suffix) != 0)
		return false;
	memcpy(segment, path + before, n);
	segment[n] = '\0';
	return true;
}

/* What it does not take it does not remember: such faults come before the effect, all others behind it. */
static bool takes(const struct sim_fault *fault)
{
	return fault->mode != SIM_MODE_FAIL && fault->mode != SIM_MODE_REDIRECT &&
	       (fault->mode != SIM_MODE_STATUS || (fault->status >= 200 && fault->status < 300));
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static char *take_hook(struct request *r, struct MHD_Connection *connection)
{
	struct sim_server *s = r->server;
	const struct sim_hook hook = {
		.id = header(connection, "webhook-id"), .timestamp = header(connection, "webhook-timestamp"),
		.signature = header(connection, "webhook-signature"), .body = r->body, .octets = r->octets,
	};

	snprintf(s->last_key, sizeof(s->last_key), "%s", hook.id ? hook.id : "");
	snprintf(s->last_signature, sizeof(s->last_signature), "%s", hook.signature ? hook.signature : "");
	r->fault = take_fault(s, OPERATIONS - 1);
	return sim_hooks_take(s->hooks, &hook, time(NULL), takes(&r->fault), &r->status);
}

static uint64_t argument(struct MHD_Connection *connection, const char *name, uint64_t standard)
{
	const char *text = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, name);

	return text ? strtoull(text, NULL, 10) : standard;
}

static char *list_hooks(struct request *r, struct MHD_Connection *connection)
{
	uint64_t limit = argument(connection, "limit", LISTED_MAX);

	return sim_hooks_list(r->server->hooks, argument(connection, "after", 0), limit < LISTED_MAX ? (unsigned int)limit : LISTED_MAX);
}

static enum MHD_Result add_argument(void *given, enum MHD_ValueKind kind, const char *name, const char *value)
{
	(void)kind;
	json_object_set_new(given, name, json_string(value ? value : ""));
	return MHD_YES;
}

static char *ask_country(struct request *r, struct MHD_Connection *connection, const char *method, const char *path)
{
	struct sim_country_ask ask = { .method = method, .path = path, .key = header(connection, "Idempotency-Key"), .query = json_object(),
	                               .body = r->body, .octets = r->octets };
	char *text;

	MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, add_argument, ask.query);
	text = sim_country_answer(r->server->country, &ask, &r->status);
	json_decref(ask.query);
	return text;
}

static char *route_get(struct request *r, struct MHD_Connection *connection, const char *path)
{
	struct sim_server *s = r->server;
	char segment[256];

	if (path_is(path, "/v1/bills/", "", segment, sizeof(segment))) {
		r->fault = take_fault(s, 0);
		return sim_data_bill(s->data, segment, &r->status);
	}
	if (path_is(path, "/v1/subscribers/", "/bills", segment, sizeof(segment))) {
		r->fault = take_fault(s, 1);
		return sim_data_bills_of(s->data, segment, &r->status);
	}
	if (path_is(path, "/v1/balances/", "", segment, sizeof(segment))) {
		r->fault = take_fault(s, 2);
		return sim_data_balance(s->data, segment, &r->status);
	}
	r->status = 200;
	if (strcmp(path, "/v1/effects") == 0)
		return sim_data_effects(s->data);
	if (strcmp(path, "/stats") == 0)
		return stats_text(s);
	if (strcmp(path, "/hooks") == 0)
		return sim_hooks_text(s->hooks);
	if (strcmp(path, "/hooks/events") == 0)
		return list_hooks(r, connection);
	r->status = 404;
	return strdup("{\"error\":\"NO_SUCH_PATH\"}");
}

static char *route(struct request *r, struct MHD_Connection *connection, const char *method, const char *path)
{
	struct sim_server *s = r->server;
	const char *key = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Idempotency-Key");
	const char *authorization = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization");

	snprintf(s->last_key, sizeof(s->last_key), "%s", key ? key : "");
	snprintf(s->last_authorization, sizeof(s->last_authorization), "%s", authorization ? authorization : "");
	snprintf(s->last_path, sizeof(s->last_path), "%s", path);
	snprintf(s->last_body, sizeof(s->last_body), "%.*s", (int)r->octets, r->body);
	if (s->config.authorization && (!authorization || strcmp(authorization, s->config.authorization) != 0)) {
		r->status = 401;
		return strdup("{\"error\":\"UNAUTHORIZED\"}");
	}
	if (sim_country_agency(path) < SIM_AGENCIES_MAX)
		return ask_country(r, connection, method, path);
	if (strcmp(method, "GET") == 0)
		return route_get(r, connection, path);
	if (strcmp(method, "POST") == 0 && strcmp(path, "/control") == 0)
		return control(r);
	if (strcmp(method, "POST") == 0 && strcmp(path, "/hooks") == 0)
		return take_hook(r, connection);
	if (strcmp(method, "POST") == 0 && strcmp(path, "/v1/payments") == 0) {
		s->stats.unkeyed_posts += !key;
		r->fault = take_fault(s, 3);
		return sim_data_pay(s->data, key, r->body, r->octets, &r->status);
	}
	r->status = 404;
	return strdup("{\"error\":\"NO_SUCH_PATH\"}");
}

static struct request *begin(struct sim_server *s, const char *method, const char *path)
{
	struct request *r = malloc(sizeof(*r));

	if (!r)
		return NULL;
	memset(r, 0, offsetof(struct request, body)); /* not 64 KiB for each */
	memset((char *)r + offsetof(struct request, octets), 0, sizeof(*r) - offsetof(struct request, octets));
	r->server = s;
	s->stats.requests++;
	s->stats.in_flight++;
	if (s->stats.in_flight > s->stats.in_flight_max)
		s->stats.in_flight_max = s->stats.in_flight;
	if (s->config.log)
		fprintf(stderr, "dolat-agency: %s %s\n", method, path);
	return r;
}

/* The fault of an agency is known before it is asked: what is lost has no effect, what is late has it late. */
static bool hold_before(struct request *r, struct MHD_Connection *connection, const char *path)
{
	size_t agency = sim_country_agency(path);

	r->chosen = true;
	if (agency < SIM_AGENCIES_MAX)
		r->fault = take_fault(r->server, OPERATIONS + (unsigned int)agency);
	if ((r->fault.mode != SIM_MODE_LOST && r->fault.mode != SIM_MODE_LATE) || r->server->closing)
		return false;
	hold(r, connection, r->fault.mode == SIM_MODE_LOST ? NEVER_MS : clock_ms() + r->fault.ms);
	return true;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *path, const char *method, const char *version,
                                  const char *data, size_t *octets, void **request)
{
	struct request *r = *request;

	(void)version;
	if (!r) {
		*request = r = begin(ctx, method, path);
		return r ? MHD_YES : MHD_NO;
	}
	if (*octets) {
		r->too_long |= r->octets + *octets > sizeof(r->body);
		if (!r->too_long) {
			memcpy(r->body + r->octets, data, *octets);
			r->octets += *octets;
		}
		*octets = 0;
		return MHD_YES;
	}
	if (r->too_long)
		return send_text(connection, 413, strdup("{\"error\":\"TOO_LONG\"}"), "application/json");
	if (!r->chosen && hold_before(r, connection, path))
		return MHD_YES;
	if (r->fault.mode == SIM_MODE_LOST)
		return MHD_NO;
	if (!r->made) {
		r->made = true;
		r->text = route(r, connection, method, path);
		if ((r->fault.mode == SIM_MODE_SLOW || r->fault.mode == SIM_MODE_HANG) && !r->server->closing) {
			hold(r, connection, r->fault.mode == SIM_MODE_HANG ? NEVER_MS : clock_ms() + r->fault.ms);
			return MHD_YES;
		}
	}
	return answer(r, connection);
}

static void on_completed(void *ctx, struct MHD_Connection *connection, void **request, enum MHD_RequestTerminationCode code)
{
	struct sim_server *s = ctx;
	struct request *r = *request;

	(void)connection, (void)code;
	if (!r)
		return;
	s->stats.in_flight--;
	unhold(&r->wait);
	free(r->text);
	free(r);
	*request = NULL;
}

static void on_connection(void *ctx, struct MHD_Connection *connection, void **own, enum MHD_ConnectionNotificationCode code)
{
	struct sim_server *s = ctx;

	(void)connection, (void)own;
	s->stats.connections += code == MHD_CONNECTION_NOTIFY_STARTED;
}

/* --- life --- */

static char *whole_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = calloc(1, 65536);

	if (!file || !text || fread(text, 1, 65535, file) == 0) {
		perror(path);
		free(text);
		text = NULL;
	}
	if (file)
		fclose(file);
	return text;
}

/* A NUL would end the path in its middle, so that more would be asked than is looked up: it becomes an octet that no path has. */
static size_t unescape(void *ctx, struct MHD_Connection *connection, char *text)
{
	(void)ctx, (void)connection;
	for (char *at = text; (at = strstr(at, "%00")); at += 3)
		at[2] = '1';
	return MHD_http_unescape(text);
}

static bool start(struct sim_server *s)
{
	struct sockaddr_storage address = { .ss_family = strchr(s->config.listen, ':') ? AF_INET6 : AF_INET };
	struct sockaddr_in *v4 = (struct sockaddr_in *)&address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address;
	bool six = address.ss_family == AF_INET6;
	unsigned int flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO | (six ? MHD_USE_IPv6 : 0) | (s->cert ? MHD_USE_TLS : 0);

	v4->sin_port = htons(s->config.port); /* at the same place in both */
	if (inet_pton(address.ss_family, s->config.listen, six ? (void *)&v6->sin6_addr : (void *)&v4->sin_addr) != 1)
		return false;
	s->daemon = MHD_start_daemon(flags, s->config.port, NULL, NULL, on_request, s, MHD_OPTION_SOCK_ADDR, &address,
	                             MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
	                             MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL, MHD_OPTION_CONNECTION_LIMIT, 4096u, MHD_OPTION_LISTEN_BACKLOG_SIZE, 1024u,
	                             s->cert ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, s->cert, MHD_OPTION_HTTPS_MEM_KEY, s->key,
	                             MHD_OPTION_END);
	return s->daemon != NULL;
}

struct sim_server *sim_server_open(const struct sim_server_config *config)
{
	struct sim_server *s = calloc(1, sizeof(*s));
	bool tls = config->cert_file && config->key_file;

	s->config = *config;
	s->seed = 20200315;
	s->data = sim_data_open(config->data_file);
	s->country = sim_country_open(&config->country);
	s->hooks = sim_hooks_open(&config->hooks);
	s->client = s->hooks && config->client.api ? sim_client_open(&config->client, s->hooks) : NULL;
	if (tls) {
		s->cert = whole_file(config->cert_file);
		s->key = whole_file(config->key_file);
	}
	if (!s->data || !s->country || !s->hooks || (config->client.api && !s->client) || (tls && (!s->cert || !s->key)) || !start(s)) {
		fprintf(stderr, "dolat-agency: cannot serve on %s:%u\n", config->listen, config->port);
		sim_server_close(s);
		return NULL;
	}
	return s;
}

uint16_t sim_server_port(const struct sim_server *s)
{
	return MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

void sim_server_turn(struct sim_server *s, int timeout_ms)
{
	struct pollfd fd = { .fd = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, .events = POLLIN };
	int64_t next_ms = release(s, clock_ms());
	MHD_UNSIGNED_LONG_LONG due_ms;

	if (next_ms >= 0 && next_ms < timeout_ms)
		timeout_ms = (int)next_ms;
	if (MHD_get_timeout(s->daemon, &due_ms) == MHD_YES && due_ms < (unsigned long long)timeout_ms)
		timeout_ms = (int)due_ms;
	if (s->client)
		sim_client_turn(s->client, fd.fd, timeout_ms);
	else
		poll(&fd, 1, timeout_ms);
	MHD_run(s->daemon);
}

bool sim_server_fault(struct sim_server *s, const char *operation, const struct sim_fault *fault)
{
	bool known = false;

	for (unsigned int i = 0; i < OPERATIONS; i++) {
		if (operation[0] && strcmp(operations[i], operation) != 0)
			continue;
		s->faults[i] = *fault;
		known = true;
	}
	for (size_t i = 0; sim_country_name(i); i++) {
		if (operation[0] && strcmp(sim_country_name(i), operation) != 0)
			continue;
		s->faults[OPERATIONS + i] = *fault;
		known = true;
	}
	return known;
}

struct sim_stats sim_server_stats(const struct sim_server *s)
{
	return s->stats;
}

const char *sim_server_last(const struct sim_server *s, const char *what)
{
	if (strcmp(what, "key") == 0)
		return s->last_key;
	if (strcmp(what, "authorization") == 0)
		return s->last_authorization;
	if (strcmp(what, "signature") == 0)
		return s->last_signature;
	return strcmp(what, "path") == 0 ? s->last_path : s->last_body;
}

struct sim_hooks *sim_server_hooks(struct sim_server *s)
{
	return s->hooks;
}

void sim_server_close(struct sim_server *s)
{
	s->closing = true;
	if (s->daemon) {
		release(s, NEVER_MS - 1);
		MHD_run(s->daemon);
		MHD_stop_daemon(s->daemon);
	}
	if (s->data)
		sim_data_close(s->data);
	if (s->country)
		sim_country_close(s->country);
	if (s->client)
		sim_client_close(s->client);
	if (s->hooks)
		sim_hooks_close(s->hooks);
	free(s->cert);
	free(s->key);
	free(s);
}
