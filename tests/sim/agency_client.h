/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The sample agency as a client of the gateway's API: every request.received that came by webhook is answered, with the event's id as
 * Idempotency-Key; again after a pause where there was no answer, and again after a restart of ours: it has one effect. */
#pragma once

#include <stdint.h>

#include "tests/sim/agency_hooks.h"

struct sim_client;

struct sim_client_config {
	const char *api;              /* "http://127.0.0.1:8480"; NULL: no client */
	const char *key_file;         /* whose first line is the key */
	const char *ca_file;          /* of the API's certificate; NULL: the system's */
};

/* NULL with a line on stderr. hooks live longer. */
struct sim_client *sim_client_open(const struct sim_client_config *config, struct sim_hooks *hooks);
void sim_client_close(struct sim_client *client);
/* Starts what is unanswered and takes what was answered. Until there is something to do, on `fd` (readable) too, it waits, timeout_ms at most. */
void sim_client_turn(struct sim_client *client, int fd, int timeout_ms);
/* Answers that the API did not take for good (4xx). */
uint64_t sim_client_refused(const struct sim_client *client);
