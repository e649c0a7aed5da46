/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Two gateways on one ledger that share nothing else, as far as requests and text messages go: for the tests of what they do with
 * both. The menu is the sample. Each test is one program, so all of it is static. */
#pragma once

#include <errno.h>

#include "tests/unit/gateway/menu_world.h"

#include "gateway/event.h"
#include "gateway/lane.h"
#include "gateway/notices.h"
#include "gateway/request_record.h"
#include "gateway/requests.h"
#include "sessions/store.h"

#define NUMBER "989120000001"
#define KEEP_MS 60000

static struct gw_route route = { .name = "mci", .id = 77 };
static struct one { /* gateway */
	struct sess_ledger *ledger;
	struct gw_lanes *lanes;
	struct gw_events *events;
	struct gw_notices *notices;
	struct gw_requests *requests;
} gateways[2];
static bool accounts_known;
static const char *absent = "nobody"; /* the agency that has no account */

__attribute__((unused)) static enum gw_agency_there there(void *ctx, const char *name)
{
	(void)ctx;
	return !accounts_known ? GW_AGENCY_NOT_KNOWN_YET : strcmp(name, absent) == 0 ? GW_AGENCY_NOT_THERE : GW_AGENCY_THERE;
}

__attribute__((unused)) static bool known(void *ctx, const char *name)
{
	return there(ctx, name) == GW_AGENCY_THERE;
}

static const struct gw_route *route_of(const void *ctx, const char *msisdn)
{
	(void)ctx;
	return strncmp(msisdn, "98912", 5) == 0 ? &route : NULL;
}

__attribute__((unused)) static void start(unsigned int i, int64_t repeat_ms)
{
	char consumer[8];
	struct one *one = &gateways[i];

	snprintf(consumer, sizeof(consumer), "gw%u", i);
	world_connect(i, 4096, 5000);
	one->ledger = sess_ledger_alloc(root, redises[i]);
	one->lanes = gw_lanes_alloc(root, redises[i], consumer, route_of, NULL);
	assert_int_equal(gw_lanes_add(one->lanes, &route), 0);
	one->events = gw_events_alloc(root, &(struct gw_events_config){ .redis = redises[i], .consumer = consumer, .known = known });
	one->notices = gw_notices_alloc(root, &(struct gw_notices_config){ .ledger = one->ledger, .lanes = one->lanes, .events = one->events, .keep_ms = KEEP_MS });
	one->requests = gw_requests_alloc(root, &(struct gw_requests_config){ .ledger = one->ledger, .notices = one->notices, .events = one->events,
		.pins = pins, .agency = there, .repeat_ms = repeat_ms, .keep_ms = KEEP_MS });
	TURN_UNTIL(sess_redis_up(redises[i]));
}

__attribute__((unused)) static void stop(unsigned int i)
{
	TALLOC_FREE(gateways[i].ledger);
	TALLOC_FREE(gateways[i].requests);
	TALLOC_FREE(gateways[i].notices);
	TALLOC_FREE(gateways[i].events);
	TALLOC_FREE(gateways[i].lanes);
	world_disconnect(i);
}

__attribute__((unused)) static int begin(void **state)
{
	(void)state;
	menu_world_begin("requests");
	return 0;
}

__attribute__((unused)) static int end(void **state)
{
	(void)state;
	world_end();
	return 0;
}

__attribute__((unused)) static int64_t count(const char *command, const char *kind, const char *id)
{
	char key[SESS_LEDGER_KEY_OCTETS];

	assert_true(snprintf(key, sizeof(key), "%s:{p%02u}%s%s", kind, sess_store_partition(NUMBER), id ? ":" : "", id ? id : "") > 0);
	return REDIS(command, key).integer;
}
