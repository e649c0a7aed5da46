/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One service of the catalogue as JSON: what file and ledger know of it put together, read whatever stands there, and written for the file
 * with whatever a title may hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <talloc.h>

#include "gateway/catalogue_state.h"
#include "menus/unicode.h"

#define TODAY "1405/09/03"

static json_t *record(const char *text)
{
	json_t *json = json_loads(text, 0, NULL);

	assert_non_null(json);
	return json;
}

/* ---- put together ---- */

static void test_two_that_know_of_one(void **state)
{
	json_t *file = record("{\"name\":\"a\",\"dial\":\"2020\",\"order\":3,\"state\":\"final\",\"proposed\":\"1405/08/01\",\"final\":\"1405/08/05\",\"due\":\"1405/10/01\"}");
	json_t *ledger = record("{\"name\":\"a\",\"order\":9,\"state\":\"live\",\"proposed\":\"1405/08/02\",\"live\":\"1405/09/01\",\"acknowledged\":\"1405/08/09\"}");
	json_t *merged = gw_service_merge(file, ledger), *alone;

	(void)state;
	assert_string_equal(gw_service_text(merged, "dial"), "2020");           /* how it is: the file */
	assert_int_equal(json_integer_value(json_object_get(merged, "order")), 3);
	assert_string_equal(gw_service_text(merged, "state"), "live");          /* how far it is: the ledger */
	assert_string_equal(gw_service_text(merged, "proposed"), "1405/08/02");
	assert_string_equal(gw_service_text(merged, "acknowledged"), "1405/08/09");
	assert_null(json_object_get(merged, "due"));
	assert_null(json_object_get(merged, "final"));
	alone = gw_service_merge(NULL, ledger);
	assert_true(json_equal(alone, ledger));
	json_decref(alone);
	alone = gw_service_merge(file, NULL);
	assert_true(json_equal(alone, file));
	json_decref(alone);
	json_decref(merged);
	json_decref(file);
	json_decref(ledger);
}

/* ---- read ---- */

static enum gw_catalogue_state state_of(const char *state, const char *due)
{
	struct gw_service service;
	json_t *json = json_pack("{s:s, s:s, s:s}", "name", "a", "agency", "b", "state", state);

	if (due)
		json_object_set_new(json, "due", json_string(due));
	assert_true(gw_service_read(json, TODAY, &service));
	json_decref(service.record);
	json_decref(json);
	return service.state;
}

static void test_late(void **state)
{
	(void)state;
	assert_int_equal(state_of("notified", NULL), GW_CATALOGUE_NOTIFIED);
	assert_int_equal(state_of("notified", TODAY), GW_CATALOGUE_NOTIFIED); /* the day is not over */
	assert_int_equal(state_of("notified", "1405/09/02"), GW_CATALOGUE_LATE);
	assert_int_equal(state_of("live", "1405/09/02"), GW_CATALOGUE_LIVE);
	assert_int_equal(state_of("rejected", "1405/09/02"), GW_CATALOGUE_REJECTED);
}

static void test_what_is_none(void **state)
{
	static const char *const rows[] = {
		"{}", "{\"name\":\"a\",\"agency\":\"b\"}", "{\"name\":\"a\",\"agency\":\"b\",\"state\":\"odd\"}", "{\"name\":7,\"agency\":\"b\",\"state\":\"live\"}",
		"{\"name\":\"a\",\"agency\":[],\"state\":\"live\"}", "{\"name\":\"a\",\"agency\":\"b\",\"state\":{}}", "{\"name\":\"\",\"agency\":\"b\",\"state\":\"live\"}",
	};
	struct gw_service service;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *json = record(rows[i]);

		assert_false(gw_service_read(json, TODAY, &service));
		assert_int_equal(json->refcount, 1);
		json_decref(json);
	}
}

/* Members of other types than they must be are as if they were not there. */
static void test_what_is_odd(void **state)
{
	json_t *json = record("{\"name\":\"a\",\"agency\":\"b\",\"state\":\"live\",\"title\":7,\"live\":{},\"after_closing\":\"yes\",\"service\":[1],\"acknowledged\":1}");
	struct gw_service service;

	(void)state;
	assert_true(gw_service_read(json, TODAY, &service));
	assert_string_equal(service.title_fa, "");
	assert_null(service.dates[GW_CATALOGUE_ON_LIVE]);
	assert_null(service.service);
	assert_null(service.acknowledged);
	assert_false(service.after_closing);
	json_decref(service.record);
	json_decref(json);
}

static void test_names(void **state)
{
	static const char *const bad[] = { "", "A", "a-b", "a b", "ش", "../x", "{p00}", "a:b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
	char key[SESS_LEDGER_KEY_OCTETS];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(gw_service_key(key, bad[i]));
	assert_true(gw_service_key(key, "gas_meter_2"));
	assert_string_equal(key, "service:{p00}:gas_meter_2");
}

/* ---- written ---- */

static void test_written(void **state)
{
	void *ctx = talloc_named_const(NULL, 0, "test");
	json_t *json = record("{\"name\":\"a\",\"agency\":\"b\",\"title\":{\"fa\":\"یک \\\"دو\\\" \\\\ سه\",\"en\":\"\\\\\\\"; }; x = \\\"\"},\"kind\":\"general\","
			      "\"domain\":\"tax\",\"channels\":[\"sms\"],\"inputs\":[],\"level\":2,\"state\":\"proposed\",\"proposed\":\"1405/08/01\",\"waits_for\":\"a # b\"}");
	struct gw_service service;
	struct gw_services services = { .n = 1, .at = &service };
	struct menu_diags *diags = menu_diags_alloc(ctx);
	const struct gw_catalogue *again;
	char path[] = "/tmp/dolat-catalogue-XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");

	(void)state;
	assert_true(gw_service_read(json, TODAY, &service));
	gw_catalogue_write(&services, file);
	fclose(file);
	again = gw_catalogue_read(ctx, path, diags);
	unlink(path);
	assert_non_null(again);
	assert_int_equal(again->n, 1);
	assert_string_equal(again->entries[0].title_fa, service.title_fa);
	assert_string_equal(again->entries[0].title_en, service.title_en);
	assert_string_equal(again->entries[0].waits_for, "a # b");
	assert_int_equal(again->entries[0].order, 1);
	assert_int_equal(again->entries[0].level, 2);
	json_decref(service.record);
	json_decref(json);
	talloc_free(ctx);
}

static int begin(void **state)
{
	(void)state;
	menu_unicode_init();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_that_know_of_one),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_what_is_none),
		cmocka_unit_test(test_what_is_odd),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_written),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
