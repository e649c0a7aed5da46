/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The agencies' HTTP API, /v1: a server on a port of its own, over libmicrohttpd on our loop. Here is what all its paths share -
 * who calls (account, scope, address, quota), the bounds of a request, JSON, problem answers (RFC 9457), pages of lists, request
 * ids - and a table of routes; what a path does is in api_<noun>.c.
 *
 * A request becomes a *call*. Its handler answers it once, from inside or any time later; meanwhile the connection is suspended.
 * Between calls out and their answers a call is known by its handle: the client may hang up. A call that nobody answers within
 * `api.deadline_ms` is answered 503.
 *
 * The server is not bound to /v1: struct gw_api_server describes another one, with tables, bounds and a door of its own. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "sessions/ledger.h"

struct gw;
struct gw_api;
struct gw_account;
struct gw_config_api;

#define GW_API_PARAMS_MAX 3
#define GW_API_KEY_MAX 64                /* of an Idempotency-Key: printable ASCII */
#define GW_API_REQUEST_ID_OCTETS 40
#define GW_API_HASH_OCTETS 32

/* What a key may be good for. The table with names and texts is in account.c. */
enum gw_scope {
	GW_SCOPE_NONE,                   /* no key is needed: the API's description */
	GW_SCOPE_ANY,                    /* a key is needed, whatever it is good for */
	GW_SCOPE_NOTICES_SEND, GW_SCOPE_NOTICES_READ, GW_SCOPE_REQUESTS_READ, GW_SCOPE_REQUESTS_ANSWER, GW_SCOPE_EVENTS,
	GW_SCOPE_BULK, GW_SCOPE_TEMPLATES, GW_SCOPE_DEAD,
	GW_SCOPE_PORTAL, GW_SCOPE_KARPOUSHEH, GW_SCOPE_IDENTITY, GW_SCOPE_PROPOSE, GW_SCOPE_REPORT, GW_SCOPE_PAYMENTS,
	GW_SCOPES
};

struct gw_api_call {
	struct gw *gw;
	struct gw_api *api;
	const struct gw_account *account;/* who calls; holds until the handler returns: keep `agency`. NULL with GW_SCOPE_NONE */
	char agency[33];                 /* the account's name */
	const char *method;              /* "GET" ... */
	bool head;                       /* of a GET: it is HEAD, and nobody will see the body */
	size_t n_params;
	const char *params[GW_API_PARAMS_MAX]; /* what stands for each {name} of the route's path, decoded */
	const json_t *body;              /* of a route that takes JSON: an object or array; else NULL */
	const char *idempotency_key;     /* of POST; NULL: none was given */
	uint8_t body_hash[GW_API_HASH_OCTETS]; /* with such a key: of the JSON as it came, so that another body is told from the same */
	const char *raw;                 /* of a route that takes RAW: its octets, while the handler begins; not NUL-ended */
	size_t raw_octets;
	const void *ctx;                 /* the route's */
	char request_id[GW_API_REQUEST_ID_OCTETS];
	void *state;                     /* the handler's own, a talloc child of the call or NULL */
};

enum gw_api_body { GW_API_NO_BODY, GW_API_JSON, GW_API_STREAM /* the body comes piece by piece */, GW_API_RAW /* whole, of whatever type */ };

struct gw_api_route {
	const char *method, *path;       /* "/v1/notices/{id}" */
	bool no_head;                    /* of a GET that does something: HEAD, which nobody sees the answer of, is not taken */
	enum gw_scope scope, other_scope; /* one of them is needed; other_scope NONE: the first */
	enum gw_api_body body;
	size_t body_max;                 /* octets; more is 413 */
	/* The call begins: of JSON and NO_BODY when all of it is there; of a STREAM when its head is. */
	void (*begin)(struct gw_api_call *call);
	/* STREAM: a piece came; after gw_api_pause none comes until gw_api_go_on. Not called once the call is answered. */
	void (*piece)(struct gw_api_call *call, const char *data, size_t octets);
	void (*end)(struct gw_api_call *call);   /* STREAM: that was all */
	/* Anything: the call is over, answered or not (the client is gone): the last that is heard of it. May be NULL. */
	void (*gone)(struct gw_api_call *call);
	/* The answer was handed to the client's connection, whole; or not: then nobody has it. Comes after gone. May be NULL. */
	void (*done)(struct gw_api_call *call, bool handed_over);
	unsigned int deadline_ms;        /* 0: the server's */
	void (*late)(struct gw_api_call *call);  /* it is over, and this must answer; NULL: 503 */
	const void *ctx;                 /* comes with each call */
};
/* The tables, one for each api_<noun>.c, ended by a row without a path; api.c lists them. */
extern const struct gw_api_route gw_api_base_routes[], gw_api_notice_routes[], gw_api_template_routes[], gw_api_request_routes[],
	gw_api_event_routes[], gw_api_bulk_routes[], gw_api_dead_routes[], gw_api_citizen_routes[], gw_api_identity_routes[], gw_api_citizen_payment_routes[],
	gw_api_catalogue_routes[], gw_api_report_routes[];

/* ---- what a handler does */
uint64_t gw_api_handle(const struct gw_api_call *call);
/* NULL: it is over. api: that of the gateway as it is now, gw->api: NULL (nothing is open any more) while the gateway is being freed
 * and what is pending elsewhere is answered. */
struct gw_api_call *gw_api_call_at(struct gw_api *api, uint64_t handle);
/* 2xx with a JSON body, which is taken over; NULL: none (204). The call is over when this returns to the loop; it may not be
 * touched any more. */
void gw_api_answer(struct gw_api_call *call, unsigned int status, json_t *body);
/* The same with a text, which is copied. type: its media type, a constant; retry_after_s: 0, or what Retry-After says. */
void gw_api_answer_text(struct gw_api_call *call, unsigned int status, const char *type, const char *text, size_t octets,
			unsigned int retry_after_s);
/* A problem. type: the last part of its address, "unknown-notice"; listed with its title in the table of api_problem.c. */
void gw_api_problem(struct gw_api_call *call, unsigned int status, const char *type, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* The same with one pointer into the body that is at fault ("/messages/3/text/fa"), as "pointer". */
void gw_api_problem_at(struct gw_api_call *call, unsigned int status, const char *type, const char *pointer, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
/* The same with all that is at fault: [{"pointer": .., "detail": ..}, ...], one at least, taken over. The first is said twice, for those
 * who read only one. */
void gw_api_problem_list(struct gw_api_call *call, unsigned int status, const char *type, json_t *errors);
/* A problem that is a part of an answer (of many things that were asked for, this one failed): without a request id. A new reference.
 * errors: as above, taken over; or NULL, and then detail is said. */
json_t *gw_api_problem_part(unsigned int status, const char *type, json_t *errors, const char *detail);
/* The status and type that tell a result which is not OK, and a sentence. */
void gw_api_ledger_words(enum sess_ledger_result result, unsigned int *status, const char **type, const char **detail);
/* Ledger down, busy, full: 503 or 429 with Retry-After. */
void gw_api_problem_ledger(struct gw_api_call *call, enum sess_ledger_result result);
const char *gw_api_query(const struct gw_api_call *call, const char *name);  /* decoded, UTF-8; NULL: not given */
/* As it came; NULL: not given. Valid until the call is over. */
const char *gw_api_header(const struct gw_api_call *call, const char *name);
const json_t *gw_api_queries(const struct gw_api_call *call); /* all of the query, an object of texts */
const char *gw_api_address(const struct gw_api_call *call);  /* the caller's, as text */
/* A number from the query. False: it was answered with a problem already. */
bool gw_api_query_number(struct gw_api_call *call, const char *name, unsigned int min, unsigned int max, unsigned int standard,
			 unsigned int *out);
/* Takes n from the account's quota of notices for today (quota.h). False: it is used up, and the call was answered (429). */
bool gw_api_take_quota(struct gw_api_call *call, unsigned int n);
/* Of a STREAM. While a call is paused its client waits, and deadline_ms runs as while a handler works. */
void gw_api_pause(struct gw_api_call *call);
void gw_api_go_on(struct gw_api_call *call);

/* ---- who may call, for a server with a door of its own */
/* False: it was answered, for too many wrong secrets came from there within a minute. */
bool gw_api_may_try(struct gw_api_call *call);
/* Counts a wrong secret, and answers 401. challenge: of WWW-Authenticate; NULL: "Bearer". */
void gw_api_refuse_secret(struct gw_api_call *call, const char *challenge);

/* ---- life */
/* A server: what is its own. All of it must outlive the server. */
struct gw_api_server {
	const char *name;                /* in the log: "api" */
	const struct gw_config_api *config;
	const struct gw_api_route *const *tables; /* ended by NULL */
	bool (*admit)(struct gw_api_call *call);  /* False: it was answered. NULL: accounts, by each route's scope */
};
/* A child of ctx. Reads the certificate and key, listens; the log tells "<name> port". NULL after a log line. */
struct gw_api *gw_api_serve(void *ctx, struct gw *gw, const struct gw_api_server *server);
/* The agencies' API. A child of gw. Reads the certificate and key, listens; the log tells the port. NULL after a log line. */
struct gw_api *gw_api_alloc(struct gw *gw);
void gw_api_tick(struct gw_api *api);
/* At the end of each turn of the loop, before what is flushed: those who were answered go on. */
void gw_api_turn(struct gw_api *api);
/* Reads certificate and key again: connections that are made from now on get them. False after a log line: those before stay. */
bool gw_api_reload(struct gw_api *api);
/* No new calls (503); true when none is open. */
bool gw_api_close(struct gw_api *api);
struct gw_api_counters {
	uint64_t calls, answers[6];      /* by the hundreds of the status */
	uint64_t refused_keys, refused_quota;
	uint64_t hung_up;                /* clients that did not wait for their answer */
	uint64_t too_slow;               /* connections that were cut */
	uint64_t late;                   /* calls that were not answered in time */
	uint64_t for_citizens;           /* acts for citizens, by other doors than their dialog */
};
unsigned int gw_api_open(const struct gw_api *api); /* calls without an answer */
const struct gw_api_counters *gw_api_counters(const struct gw_api *api);
