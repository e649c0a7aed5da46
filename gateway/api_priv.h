/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The insides of the API's server, for api*.c only: how a connection, a call and the server hang together.
 *
 * A *link* is a connection, from its being accepted until it is closed; it knows since when it does what it does, so that one that
 * is too slow can be cut. A *call* is a request on it: made when its head is there, over when its answer is handed to
 * libmicrohttpd or the connection breaks. */
#pragma once

#include <osmocom/core/linuxlist.h>

#include "gateway/account.h"
#include "gateway/api.h"
#include "gateway/gateway.h"

#define API_QUERY_MAX 16
#define API_RETRY_AFTER_S 2
#define API_DRAIN_OCTETS (1024 * 1024)   /* of a body that nobody wants, so that its client hears why */

struct MHD_Connection;
struct gw_loop_mhd;
struct gw_api_tls;
struct gw_api_failures;

enum api_phase {
	API_PHASE_HEAD,                  /* nothing yet, or a part of a head */
	API_PHASE_BODY,                  /* the body comes */
	API_PHASE_HANDLER,               /* ours to do: `deadline_ms` of the call bounds it */
	API_PHASE_ANSWER,                /* the answer goes */
};
struct api_link {
	struct llist_head entry;
	int fd;
	char address[48];
	enum api_phase phase;
	bool is_cut;
	int64_t since_ms;
	uint64_t octets_then;            /* of a STREAM, at since_ms */
	struct api_call *call;           /* or NULL */
};

/* What is sent. */
struct api_answer {
	unsigned int status;             /* 0: none yet */
	char *text;                      /* malloc'ed, or NULL; */
	const char *still;               /* or one that stays */
	size_t octets;
	const char *type;                /* its media type; NULL: JSON */
	const char *challenge;           /* of 401; NULL: "Bearer" */
	unsigned int retry_after_s;      /* 0: not said */
};

struct api_call {
	struct gw_api_call pub;          /* first: the handler's pointer is ours */
	uint64_t handle;
	const struct gw_api_route *route;/* NULL: none was found */
	struct MHD_Connection *connection;
	struct api_link *link;
	json_t *query, *json;
	char *gathered;
	size_t n_gathered;
	uint64_t octets, drained;        /* of the body: taken; thrown away */
	bool begun, ended;               /* the handler was told */
	bool handed_over;                /* the answer, whole */
	bool paused, suspended;
	bool parked;                     /* waits for the account's quota to be known */
	bool over;                       /* `gone` was called, or was not due */
	int64_t deadline_ms;             /* 0: the client's turn */
	struct api_answer answer;
	char allow[64];                  /* of 405 */
	char params[256];
};

struct gw_api {
	struct gw *gw;
	struct gw_api_server server;
	const struct gw_api_route *const *tables; /* the server's; a test has others */
	struct gw_loop_mhd *mhd;
	struct gw_api_tls *tls;          /* NULL: without */
	struct gw_api_failures *failures;
	struct llist_head links;
	struct api_call **calls;         /* by place; `places` of them */
	unsigned int places, open;
	uint64_t sequence;
	int64_t sweep_ms;
	bool closing;
	struct gw_api_counters counters;
};

/* ---- api_call.c: the libmicrohttpd side. */
struct api_link *api_link_of(struct MHD_Connection *connection);
void api_phase(struct api_link *link, enum api_phase phase);
/* Goes on with what waits: deadlines, parked calls. */
void api_calls_tick(struct gw_api *api, int64_t now_ms);
/* Answers all that is open with 503. */
void api_calls_abandon(struct gw_api *api);

/* ---- api_head.c */
/* All that can be said before the body is there: answered if something is wrong. */
void api_check_head(struct api_call *call, const char *path, const char *method);
const char *api_header(const struct api_call *call, const char *name); /* NULL: not given */
bool api_has_body(const struct api_call *call);
uint64_t api_told_octets(const struct api_call *call);  /* what the head says that comes; 0: it does not say */
size_t api_body_max(const struct api_call *call);       /* what its route takes */
void api_say_too_large(struct api_call *call);

/* ---- api_auth.c */
/* Who calls, and may they? False: it was answered. */
bool api_admit(struct api_call *call, const char *authorization);
struct gw_api_failures *api_failures_alloc(void *ctx);
/* True: too many in this minute. */
bool api_failures_many(struct gw_api_failures *failures, const char *address, unsigned int per_minute, int64_t now_ms);
void api_failures_count(struct gw_api_failures *failures, const char *address, int64_t now_ms);

/* ---- api_problem.c */
void api_problem_retry(struct api_call *call, unsigned int status, const char *type, unsigned int retry_after_s, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
struct api_problem_row { const char *type, *title, *text; };
const struct api_problem_row *api_problem_row(size_t index); /* NULL past the last */
const struct api_problem_row *api_problem_find(const char *type);
/* ---- api_call.c: hands an answer over; `answer->text` is taken. */
void api_give(struct api_call *call, const struct api_answer *answer);

/* ---- api.c: all tables of the agencies' API, ended by NULL. */
extern const struct gw_api_route *const api_tables[];
