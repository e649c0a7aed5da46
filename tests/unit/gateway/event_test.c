/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Events: how one is written and read, what is no event, and who is told nothing. What reaches the ledger is caught here: that
 * it comes out of the queue as it went in is tested with the webhooks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <osmocom/core/application.h>
#include <osmocom/core/fsm.h>
#include <osmocom/core/logging.h>
#include <osmocom/core/select.h>
#include <osmocom/core/talloc.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/event.h"
#include "gateway/log.h"

static void *ctx;
static struct sess_redis *redis;
static struct gw_events *events;
static struct { unsigned int times; char key[GW_EVENT_ID_OCTETS], body[512]; size_t octets; } caught;

void sess_ledger_enqueue(struct sess_ledger_commit *commit, struct sess_queue *queue, const struct sess_queue_add *add)
{
	(void)commit;
	assert_ptr_equal(queue, gw_events_queue(events));
	assert_null(add->order);
	assert_in_range(add->octets, 1, sizeof(caught.body));
	caught.times++;
	strcpy(caught.key, add->key);
	memcpy(caught.body, add->body, add->octets);
	caught.octets = add->octets;
}

static bool known(void *unused, const char *agency)
{
	(void)unused;
	return strcmp(agency, "tax") == 0;
}

static int no_fd(struct osmo_fd *ofd)
{
	(void)ofd;
	return 0;
}

static void no_update(struct osmo_fd *ofd, unsigned int when)
{
	(void)ofd;
	(void)when;
}

static void no_del(struct osmo_fd *ofd)
{
	(void)ofd;
}

static int begin(void **state)
{
	const struct sess_redis_config config = {
		.name = "ledger", .path = "nobody", .deadline_ms = 1000, .connect_ms = 1000, .retry_min_ms = 10, .retry_max_ms = 10,
		.pending_max = 100, .io = { no_fd, no_update, no_del }, .log_category = GW_LOG_REDIS,
	};
	(void)state;
	memset(&caught, 0, sizeof(caught));
	redis = sess_redis_alloc(ctx, &config, NULL, NULL);
	events = gw_events_alloc(ctx, &(struct gw_events_config){ .redis = redis, .consumer = "one", .known = known });
	assert_non_null(events);
	return 0;
}

static int end(void **state)
{
	(void)state;
	talloc_free(events);
	talloc_free(redis);
	osmo_select_main_ctx(1);
	return 0;
}

static void what_happened_is_told(void **state)
{
	json_t *data = json_pack("{s:s}", "code", "123456789"), *event;
	struct gw_event read;
	(void)state;
	gw_event_add(events, NULL, "tax", "request.received", data);
	assert_int_equal(json_object_size(data), 1); /* borrowed */
	json_decref(data);
	assert_int_equal(caught.times, 1);
	assert_true(gw_event_read(caught.body, caught.octets, &read));
	assert_string_equal(read.agency, "tax");
	assert_string_equal(read.type, "request.received");
	event = json_loadb(read.body, read.octets, 0, NULL);
	assert_non_null(event);
	assert_int_equal(json_object_size(event), 4);
	assert_string_equal(json_string_value(json_object_get(event, "id")), caught.key);
	assert_int_equal(strlen(caught.key), 30);
	assert_int_equal(strncmp(caught.key, "evt_", 4), 0);
	assert_string_equal(json_string_value(json_object_get(event, "type")), "request.received");
	assert_string_equal(json_string_value(json_object_get(json_object_get(event, "data"), "code")), "123456789");
	assert_int_equal(strlen(json_string_value(json_object_get(event, "at"))), 24);
	json_decref(event);
}

static void nobody_is_told_nothing(void **state)
{
	json_t *data = json_object();
	(void)state;
	gw_event_add(events, NULL, "", "notice.sent", data);
	gw_event_add(events, NULL, "gone", "notice.sent", data);
	assert_int_equal(caught.times, 0);
	json_decref(data);
}

static void every_type_has_a_text_and_fits(void **state)
{
	size_t n = 0;
	(void)state;
	for (const struct gw_event_type *type; (type = gw_event_type(n)); n++) {
		assert_in_range(strlen(type->name), 3, GW_EVENT_TYPE_OCTETS - 1);
		assert_true(strlen(type->text) > 10);
	}
	assert_in_range(n, 5, 100);
}

static void times_are_utc_with_milliseconds(void **state)
{
	char text[32];
	(void)state;
	gw_event_time(INT64_C(1584264600123), text);
	assert_string_equal(text, "2020-03-15T09:30:00.123Z");
	gw_event_time(0, text);
	assert_string_equal(text, "1970-01-01T00:00:00.000Z");
}

static void what_is_no_event(void **state)
{
	static const char *const bad[] = {
		"", "tax", "tax request.received", "tax request.received\n", " request.received\n{}", "tax \n{}", "tax request.received{}",
		"an_agency_with_a_name_that_is_too_long request.received\n{}", "tax a.type.that.is.longer.than.any.of.ours\n{}",
	};
	struct gw_event read;
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *copy = malloc(strlen(bad[i]) + 1); /* so that a step too far is seen */
		memcpy(copy, bad[i], strlen(bad[i]));
		assert_false(gw_event_read(copy, strlen(bad[i]), &read));
		free(copy);
	}
	assert_false(gw_event_read("t\0x request.received\n{}", 23, &read));
	assert_true(gw_event_read("t x\n{}", 6, &read));
	assert_int_equal(read.octets, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_happened_is_told, begin, end),
		cmocka_unit_test_setup_teardown(nobody_is_told_nothing, begin, end),
		cmocka_unit_test(every_type_has_a_text_and_fits),
		cmocka_unit_test(times_are_utc_with_milliseconds),
		cmocka_unit_test(what_is_no_event),
	};
	osmo_fsm_set_dealloc_ctx(OTC_SELECT);
	ctx = talloc_named_const(NULL, 0, "test");
	if (sodium_init() < 0 || gw_log_init(ctx) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
