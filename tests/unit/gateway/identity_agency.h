/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A small identity agency for tests, over HTTP, in a thread of its own: one person with one number and one business. It counts what it is
 * asked, and can be told to be down. Each test is one program, so all of it is static. */
#pragma once

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <microhttpd.h>

#define AGENCY_PERSON "0012345679"
#define AGENCY_BUSINESS "14007650912"

static struct {
	struct MHD_Daemon *daemon;
	const char *msisdn;              /* whose number AGENCY_PERSON has */
	atomic_uint since;               /* changes with the SIM; 0: it knows no such number */
	atomic_bool down;
	atomic_uint matches, sims, represents;
} identity_agency;

struct identity_body { char text[512]; size_t octets; };

static enum MHD_Result agency_say(struct MHD_Connection *connection, unsigned int status, json_t *body)
{
	char *text = json_dumps(body, JSON_COMPACT);
	struct MHD_Response *response = MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result rc;

	json_decref(body);
	MHD_add_response_header(response, "Content-Type", "application/json");
	rc = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return rc;
}

static bool agency_says(const json_t *body, const char *name, const char *value)
{
	const char *text = json_string_value(json_object_get(body, name));

	return text && strcmp(text, value) == 0;
}

static enum MHD_Result agency_answer(struct MHD_Connection *connection, const char *url, const json_t *body)
{
	unsigned int since = atomic_load(&identity_agency.since);
	json_t *sim = json_pack("{s:o, s:s}", "since", json_sprintf("sim-%u", since), "province", "تهران");
	bool good;

	if (strcmp(url, "/v1/match") == 0) {
		identity_agency.matches++;
		good = since && agency_says(body, "msisdn", identity_agency.msisdn) && agency_says(body, "national_id", AGENCY_PERSON);
	} else if (strncmp(url, "/v1/sims/", 9) == 0) {
		identity_agency.sims++;
		good = since && strcmp(url + 9, identity_agency.msisdn) == 0;
	} else {
		identity_agency.represents++;
		good = agency_says(body, "national_id", AGENCY_PERSON) && agency_says(body, "legal_id", AGENCY_BUSINESS);
	}
	if (atomic_load(&identity_agency.down))
		return agency_say(connection, 500, sim);
	if (good)
		return agency_say(connection, 200, sim);
	json_decref(sim);
	return agency_say(connection, strncmp(url, "/v1/sims/", 9) == 0 ? 404 : 403, json_object());
}

static enum MHD_Result agency_on_request(void *ctx, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
					 const char *data, size_t *octets, void **state)
{
	struct identity_body *body = *state;
	enum MHD_Result rc;
	json_t *json;

	(void)ctx;
	(void)method;
	(void)version;
	if (!body) {
		*state = calloc(1, sizeof(*body));
		return MHD_YES;
	}
	if (*octets) {
		size_t n = *octets < sizeof(body->text) - body->octets ? *octets : sizeof(body->text) - body->octets;

		memcpy(body->text + body->octets, data, n);
		body->octets += n;
		*octets = 0;
		return MHD_YES;
	}
	json = json_loadb(body->text, body->octets, 0, NULL);
	rc = agency_answer(connection, url, json);
	json_decref(json);
	return rc;
}

static void agency_on_end(void *ctx, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode why)
{
	(void)ctx;
	(void)connection;
	(void)why;
	free(*state);
}

/* Its port. */
static unsigned int identity_agency_start(const char *msisdn)
{
	const union MHD_DaemonInfo *info;

	memset(&identity_agency, 0, sizeof(identity_agency));
	identity_agency.msisdn = msisdn;
	identity_agency.since = 1;
	identity_agency.daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL, 0, NULL, NULL, agency_on_request, NULL,
						  MHD_OPTION_NOTIFY_COMPLETED, agency_on_end, NULL, MHD_OPTION_END);
	info = identity_agency.daemon ? MHD_get_daemon_info(identity_agency.daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
	return info ? info->port : 0;
}

static void identity_agency_stop(void)
{
	MHD_stop_daemon(identity_agency.daemon);
}
