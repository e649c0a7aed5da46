/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The sample agency's HTTP server, in one thread: libmicrohttpd with epoll, and a list of answers that are held back.
 * Its faults distort the answer after the effect: a payment whose answer is late, cut or lost has been made.
 *
 *   GET  /v1/bills/{bill_id}            GET  /v1/subscribers/{msisdn}/bills     GET /v1/balances/{national_id}
 *   POST /v1/payments {"bill_id": ...}  with Idempotency-Key                    GET /v1/effects
 *   GET  /stats                         POST /control {"operation": "bills", "mode": "slow", "ms": 500, "count": 3}
 *   POST /hooks: a webhook              GET  /hooks, GET /hooks/events?after=N&limit=M: what came (agency_hooks.h)
 *   /AGENCY/...: the agencies of the national menu (agency_country.h)
 *
 * A webhook that is answered with a status that is not 2xx was not taken; with all other faults it was, and comes again. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tests/sim/agency_client.h"
#include "tests/sim/agency_country.h"
#include "tests/sim/agency_hooks.h"

struct sim_server;

enum sim_mode {
	SIM_MODE_NONE, SIM_MODE_SLOW, SIM_MODE_HANG, SIM_MODE_FAIL, SIM_MODE_STATUS, SIM_MODE_GARBAGE, SIM_MODE_TYPE, SIM_MODE_JSON,
	SIM_MODE_UTF8, SIM_MODE_DEEP, SIM_MODE_HUGE, SIM_MODE_CUT, SIM_MODE_TRICKLE, SIM_MODE_REDIRECT, SIM_MODE_LOST, SIM_MODE_LATE, SIM_MODES
};
struct sim_mode_row { const char *name, *text; };
const struct sim_mode_row *sim_mode_row(unsigned int index); /* NULL past the last */

struct sim_server_config {
	const char *listen;           /* numeric address */
	uint16_t port;                /* 0: any */
	const char *data_file;        /* NULL: built in */
	const char *cert_file, *key_file; /* both or none: TLS */
	const char *authorization;    /* NULL, or what the header Authorization must be: else 401 */
	bool log;                     /* a line for each request on stderr */
	struct sim_country_config country; /* the agencies of the national menu */
	struct sim_hooks_config hooks;
	struct sim_client_config client;  /* of the gateway's API: answers requests */
};

struct sim_fault {
	enum sim_mode mode;
	unsigned int ms;              /* SLOW, LATE, and TRICKLE between octets */
	unsigned int status;          /* STATUS */
	unsigned int retry_after_s;   /* with STATUS: says so */
	int count;                    /* so many answers; -1: from now on */
};

struct sim_stats { uint64_t requests, connections, in_flight, in_flight_max, unkeyed_posts; };

/* NULL with a line on stderr. */
struct sim_server *sim_server_open(const struct sim_server_config *config);
uint16_t sim_server_port(const struct sim_server *server);
/* Serves what is there, waiting for at most timeout_ms. */
void sim_server_turn(struct sim_server *server, int timeout_ms);
/* operation: "bills", "subscribers", "balances", "payments", "hooks"; an agency of the country: "tax"; "" for all. False: no such operation. */
bool sim_server_fault(struct sim_server *server, const char *operation, const struct sim_fault *fault);
struct sim_stats sim_server_stats(const struct sim_server *server);
/* The last Idempotency-Key ("key"), "authorization", "path", "body" and webhook "signature" that came in, for tests. Valid until the next turn. */
const char *sim_server_last(const struct sim_server *server, const char *what);
struct sim_hooks *sim_server_hooks(struct sim_server *server);
/* Ends all connections, also those that wait. */
void sim_server_close(struct sim_server *server);
