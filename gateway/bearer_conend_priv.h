/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the two files of the bearer of USSD over HTTP share. Private to them. */
#pragma once

#include <osmocom/core/linuxlist.h>

#include "gateway/api.h"
#include "gateway/bearer_conend.h"
#include "gateway/gateway.h"

#define CONEND_CONTEXT_OCTETS 16         /* of a session: hash of its name, hash of the request */
#define CONEND_BUCKETS 1024u
#define CONEND_SECRET_HASH_OCTETS 32

struct conend_bearer;

struct conend_route {
	struct gw_route base;            /* first: routes are handed out as this */
	struct conend_bearer *bearer;
	const struct gw_config_http_route *config;
	uint8_t secret[CONEND_SECRET_HASH_OCTETS];
	unsigned int open;
	uint64_t counters[GW_CONEND_CTRS];
};

/* A request at work; a child of its call. Found by what an answer knows of it. */
struct conend_call {
	struct llist_head entry;
	struct conend_route *route;
	uint64_t handle;
	uint32_t version;                /* of the session that its answer shows */
	char msisdn[GW_MSISDN_MAX + 1];
	uint8_t context[CONEND_CONTEXT_OCTETS];
	json_t *fields;                  /* that `request` points into */
	struct conend_request request;
};

struct conend_bearer {
	struct gw_bearer base;           /* first */
	struct gw *gw;
	struct gw_api *server;
	struct conend_route *routes;
	size_t n_routes;
	struct gw_api_route *table;      /* a path for each, and the end */
	const struct gw_api_route *tables[2];
	struct llist_head calls[CONEND_BUCKETS];
	bool started, freed;
};

static inline struct conend_bearer *conend_of(struct gw_bearer *bearer)
{
	return (struct conend_bearer *)bearer;
}

/* ---- bearer_conend_up.c ---- */

/* The hash of what a request has to bring as its secret. */
void conend_hash_secret(const char *given, uint8_t hash[CONEND_SECRET_HASH_OCTETS]);
bool conend_admit(struct gw_api_call *call);     /* gw_api_server.admit */
void conend_begin(struct gw_api_call *call);     /* and of each path */
void conend_gone(struct gw_api_call *call);
void conend_done(struct gw_api_call *call, bool handed_over);
void conend_late(struct gw_api_call *call);
struct llist_head *conend_bucket(struct conend_bearer *bearer, const uint8_t *context);
struct conend_call *conend_find(struct conend_bearer *bearer, const struct gw_ticket *ticket); /* NULL: it is over */
/* Answers it; it may not be touched any more. */
void conend_answer(struct conend_call *call, unsigned int status, const char *page, size_t octets, bool ends);
void conend_say(struct conend_call *call, unsigned int status, enum menu_phrase phrase);
