/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Calls to the agencies: HTTP by libcurl's multi interface, one live state for each agency, known by its name. An agency that is
 * the gateway itself (builtin.h) is one like the others, but for how an attempt is made.
 *
 * Life: alloc -> adopt (each time a menu set is loaded) -> call, call, ... -> talloc_free (answers what is open: "failed").
 * What belongs to an agency - breaker, connections, queue, counters, remembered answers - survives a reload of the menus;
 * its settings (URL, secret, limits) are those of the set that was adopted last, also for operations of older sets.
 *
 * One call is answered exactly once, always later: from gw_agencies_turn, gw_agencies_tick or talloc_free, never from
 * inside gw_agency_call. A callback may call again; it may not free the agencies.
 *
 * A call waits for a place (at most `queue` of them), makes up to 1 + retries attempts of `timeout_ms` each, and begins no
 * attempt after its deadline. So it is answered within deadline_ms + timeout_ms. A caller that cannot wait so long
 * (a dialog) makes up its own mind at its deadline; the call goes on and its answer comes to the same callback. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <osmocom/core/select.h>

#include "menus/operation.h"

#define GW_AGENCY_REQUEST_OCTETS 4096 /* URL and body of a call, written out, together */

struct gw_agencies;
struct gw_builtin;
struct gw_usage;

/* Where sockets live: osmo_fd_register and its kin, or the owner's epoll set with the same meaning. */
struct gw_agency_io {
	int (*add)(struct osmo_fd *ofd);
	void (*update)(struct osmo_fd *ofd, unsigned int when);
	void (*del)(struct osmo_fd *ofd);
};

/* The answer and all it points to die with the callback. outcome "failed": there is none that can be trusted.
 * as_of_ms is set where an older answer stands in. */
typedef void gw_agency_cb(void *ctx, uint64_t token, const struct menu_answer *answer);

struct gw_agency_request {
	const struct menu_operation *operation; /* must live until the answer: the caller holds its menu set */
	const char *(*value)(void *ctx, const char *name); /* of the operation's inputs; called inside gw_agency_call only */
	void *value_ctx;
	uint64_t idempotency; /* sent with what is not safe to repeat, the same in every attempt */
	const char *msisdn, *language; /* whose dialog it is and in what language: for the gateway's own operations only; read during the call */
	uint64_t dialog;      /* and which; 0: none */
	uint16_t route;       /* and of which operator; 0: not known */
	int64_t deadline_ms;  /* from now: no attempt begins after it */
	int64_t patience_ms;  /* from now, of calls side by side only (agency_together.h): from then on one answer is enough; 0: all are waited for */
};

/* A child of ctx in talloc; its destructor closes all sockets through io. */
struct gw_agencies *gw_agencies_alloc(void *ctx, const struct gw_agency_io *io, int log_category);

/* Takes over the settings of these agencies and reads their secrets. What is wrong with a secret goes to diags (NULL: to
 * the log only); the calls of that agency then answer "failed" until it is mended and adopted again. The strings are copied. */
void gw_agencies_adopt(struct gw_agencies *agencies, const struct menu_agencies *set, struct menu_diags *diags);

/* Who serves agencies whose url is "gateway:". Without, their calls are answered "failed". Must outlive the agencies. */
void gw_agencies_serve_own(struct gw_agencies *agencies, struct gw_builtin *builtin);

/* Where answers and outages are counted; NULL: nowhere. It must outlive the agencies' calls, which their freeing ends. */
void gw_agencies_count_in(struct gw_agencies *agencies, struct gw_usage *usage);

/* An operation that asks others side by side (menu_operation.members) is called as any other: see agency_together.h.
 * 0: cb will be called. -EBUSY: the agency's queue is full. -EINVAL: an input is missing, empty in the path, not a number
 * where the body has it outside quotes, or makes a path like "..". -EMSGSIZE: longer than GW_AGENCY_REQUEST_OCTETS. */
int gw_agency_call(struct gw_agencies *agencies, const struct gw_agency_request *request, gw_agency_cb *cb, void *ctx, uint64_t token);

/* What an older good answer to this request says, or NULL if there is none that is young enough (as_of_s): for a caller
 * whose time is up while its call goes on. Valid until the next turn or tick. Only operation, value and value_ctx are used. */
const struct menu_answer *gw_agency_as_of(struct gw_agencies *agencies, const struct gw_agency_request *request);

/* After each turn of the loop: starts what waits, curl's time-outs, delivers answers. Cheap when there is nothing. */
void gw_agencies_turn(struct gw_agencies *agencies);
/* About ten times a second: retries that are due, calls that waited too long. */
void gw_agencies_tick(struct gw_agencies *agencies);
/* Calls that are not answered yet, of all agencies. */
unsigned int gw_agencies_open_calls(const struct gw_agencies *agencies);

enum gw_agency_ctr {
	GW_AGENCY_CTR_CALLS,          /* accepted by gw_agency_call */
	GW_AGENCY_CTR_REFUSED,        /* queue full */
	GW_AGENCY_CTR_ATTEMPTS,
	GW_AGENCY_CTR_RETRIES,
	GW_AGENCY_CTR_CONNECTS,
	GW_AGENCY_CTR_ANSWERED,       /* with an outcome of the agency's own */
	GW_AGENCY_CTR_FAILED,         /* told "failed" */
	GW_AGENCY_CTR_AS_OF,          /* answered with a remembered answer */
	GW_AGENCY_CTR_BREAKER_OPENS,
	GW_AGENCY_CTR_BREAKER_REFUSED,/* attempts that an open breaker spared the agency */
	GW_AGENCY_CTR_QUEUE_LATE,     /* waited for a place beyond the deadline */
	GW_AGENCY_CTR_NO_CONNECT,     /* attempts that failed, by reason, from here on */
	GW_AGENCY_CTR_TLS,
	GW_AGENCY_CTR_TIMEOUT,
	GW_AGENCY_CTR_BROKEN,         /* the connection ended in mid-answer, or was not HTTP */
	GW_AGENCY_CTR_TOO_LARGE,
	GW_AGENCY_CTR_STATUS,         /* a status that no rule knows */
	GW_AGENCY_CTR_TYPE,           /* not application/json */
	GW_AGENCY_CTR_JSON,           /* not JSON */
	GW_AGENCY_CTR_UTF8,
	GW_AGENCY_CTR_DEPTH,
	GW_AGENCY_CTR_DUPLICATE,
	GW_AGENCY_CTR_NUL,
	GW_AGENCY_CTR_NUMBER,         /* beyond 64 bits, or beyond a double */
	GW_AGENCY_CTR_MISSING,        /* a required field */
	GW_AGENCY_CTR_UNFIT,          /* could not be sent: no secret, no memory */
	GW_AGENCY_CTRS
};
struct gw_agency_ctr_row { const char *name, *text; };
const struct gw_agency_ctr_row *gw_agency_ctr_row(size_t index); /* NULL past the last */

/* Listing, for the VTY and metrics, by name. */
struct gw_agency_info {
	const char *name, *title_en, *base_url;
	const char *breaker;          /* "closed", "open", "half-open" */
	unsigned int in_flight, queued, retrying, concurrency, queue;
	uint64_t answer_ms;           /* sum over all answered attempts */
	uint64_t counters[GW_AGENCY_CTRS];
};
size_t gw_agencies_count(const struct gw_agencies *agencies);
void gw_agencies_info(const struct gw_agencies *agencies, size_t index, struct gw_agency_info *info);
