/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* HTTP transfers to one agency: easy handles, kept and reused with all their costly options, its headers and its secret; or
 * webhooks to many, whose headers come with each request. With loop_curl.c the only user of libcurl.
 *
 * A transfer is started, and ends with one on_done: from gw_agency_http_collect or gw_agency_http_abort. What a request
 * points to must live until then. How many run at once is the caller's business. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/loop_curl.h"
#include "menus/operation.h"

struct gw_agency_http;

#define GW_AGENCY_HTTP_HEADERS_MAX 4

struct gw_agency_http_request {
	const char *method, *url;
	const char *body;             /* NULL: none */
	size_t body_octets;
	bool keyed;                   /* with an Idempotency-Key */
	uint64_t idempotency;
	size_t n_headers;             /* further ones, "Name: value" each, at most GW_AGENCY_HTTP_HEADERS_MAX */
	char *const *headers;
	bool near_only;               /* to a near address (near.h), else NO_CONNECT */
	unsigned int timeout_ms;
};

enum gw_agency_http_fault {
	GW_AGENCY_HTTP_NONE,          /* there is an answer, whatever its status */
	GW_AGENCY_HTTP_NO_CONNECT,    /* no address, refused */
	GW_AGENCY_HTTP_TLS,
	GW_AGENCY_HTTP_TIMEOUT,
	GW_AGENCY_HTTP_BROKEN,
	GW_AGENCY_HTTP_TOO_LARGE,
	GW_AGENCY_HTTP_ABORTED,       /* we gave it up */
};

struct gw_agency_http_result {        /* dies with on_done */
	enum gw_agency_http_fault fault;
	const char *why;              /* for the log: curl's words, nothing of the request */
	unsigned int status;          /* with NONE; with TOO_LARGE, too, where it is known */
	const char *content_type;     /* or NULL */
	const char *body;             /* "" where answers are dropped */
	size_t octets;
	unsigned int connects;        /* new connections that it took */
	int64_t retry_after_s;        /* 0: the agency did not say */
};
/* May start further transfers; may not free or abort. */
typedef void gw_agency_http_done(void *transfer_ctx, const struct gw_agency_http_result *result);

struct gw_agency_http *gw_agency_http_alloc(void *ctx, struct gw_loop_curl *loop, gw_agency_http_done *on_done);
/* Reads the secret and takes over the settings for what is started from now on. 0, with a warning or "" in why; or -errno
 * with the reason in why: nothing can be started then. */
int gw_agency_http_configure(struct gw_agency_http *http, const struct menu_agency *agency, char *why, size_t cap);
/* The same for what is no agency of a menu: no secret; of an answer only the status counts, its octets (at most so many, else
 * TOO_LARGE) are read and dropped. ca_file: authorities in place of the system's, or NULL. */
struct gw_agency_http_plain { const char *ca_file; size_t answer_octets_max; };
int gw_agency_http_configure_plain(struct gw_agency_http *http, const struct gw_agency_http_plain *plain, char *why, size_t cap);
/* 0; -EACCES: not configured (its secret cannot be read); -ENOMEM, -EINVAL: curl does not take it. */
int gw_agency_http_start(struct gw_agency_http *http, const struct gw_agency_http_request *request, void *transfer_ctx);
/* All transfers of this agency end now, with GW_AGENCY_HTTP_ABORTED. */
void gw_agency_http_abort(struct gw_agency_http *http);
/* on_done for every transfer that has ended, of whatever agency on this loop. */
void gw_agency_http_collect(struct gw_loop_curl *loop);
