/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The way of a service through the catalogue: a whole gateway with the national catalogue's file, real HTTP, a real ledger. Agencies
 * propose before and after the closing (the clock is moved); operators decide, two at once; agencies acknowledge. Then what is written
 * for the file is read again and says the same. */
#include "tests/unit/gateway/api_world.h"

#include "gateway/catalogue_state.h"
#include "gateway/event.h"
#include "gateway/service_proposal.h"
#include "menus/unicode.h"
#include "sessions/clock.h"

#define DAY_S 86400

static struct api_reply reply;
static struct account_wish bills = { .name = "bills", .scopes = 1u << GW_SCOPE_PROPOSE | 1u << GW_SCOPE_EVENTS, .fetches = true };
static struct account_wish tax = { .name = "tax", .scopes = 1u << GW_SCOPE_PROPOSE, .fetches = true };
static struct account_wish greedy = { .name = "greedy", .scopes = 1u << GW_SCOPE_PROPOSE, .fetches = true };
static struct account_wish reader = { .name = "reader" };

static int begin(void **state)
{
	struct account_wish *const all[] = { &bills, &tax, &greedy, &reader };
	int rc = world_init(state);

	if (rc < 0)
		return rc;
	api_world_begin("");
	account_world_add_all(all, ARRAY_SIZE(all));
	world.config->catalogue = "menus/dolat-hamrah/catalogue.cfg";
	assert_int_equal(gw_reload(world.gw, NULL), 0);
	assert_non_null(world.gw->catalogue);
	gettimeofday(&osmo_gettimeofday_override_time, NULL);
	osmo_gettimeofday_override = true;
	return 0;
}

static int end(void **state)
{
	(void)state;
	osmo_gettimeofday_override = false;
	json_decref(reply.json);
	api_world_end();
	return 0;
}

/* ---- calls ---- */

#define METER(name) "{\"name\":\"" name "\",\"title\":{\"fa\":\"کنتور\",\"en\":\"Meter\"},\"kind\":\"general\",\"domain\":\"bills\"," \
	"\"channels\":[\"ussd\"],\"inputs\":[\"bill-id\"],\"level\":0}"

static void propose(const struct account_wish *who, const char *key, const char *body)
{
	char more[96] = "";

	if (key)
		snprintf(more, sizeof(more), "Idempotency-Key: %s\r\n", key);
	api_call(&reply, "POST", "/v1/catalogue/proposals", who->key, more, body);
}

static void acknowledge(const struct account_wish *who, const char *name)
{
	char path[96];

	snprintf(path, sizeof(path), "/v1/catalogue/%s/acknowledge", name);
	api_call(&reply, "POST", path, who->key, "Content-Length: 0\r\n", NULL);
}

/* One of the answered list; NULL: it is not there. */
static json_t *listed(const struct account_wish *who, const char *path, const char *name)
{
	json_t *list;

	api_call(&reply, "GET", path, who->key, "", NULL);
	assert_int_equal(reply.status, 200);
	list = json_object_get(reply.json, "services");
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(gw_service_text(json_array_get(list, i), "name"), name) == 0)
			return json_array_get(list, i);
	return NULL;
}

/* ---- what operators do ---- */

struct told { bool done; enum gw_service_changed changed; char why[128]; };

static void on_changed(void *ctx, uint64_t token, enum gw_service_changed changed, const json_t *record, const char *why)
{
	struct told *told = ctx;

	(void)token;
	assert_int_equal(record != NULL, changed == GW_SERVICE_CHANGED);
	*told = (struct told){ .done = true, .changed = changed };
	snprintf(told->why, sizeof(told->why), "%s", why ? why : "");
}

static void on_opened(void *ctx, uint64_t token, enum gw_service_changed changed, const json_t *record, const char *why)
{
	struct told *told = ctx;

	(void)token;
	(void)record;
	(void)why;
	*told = (struct told){ .done = true, .changed = changed };
}

/* ctx: "proposed>final" */
static const char *move(void *ctx, json_t *record, const char *today)
{
	const char *from = ctx, *to = strchr(from, '>') + 1, *state = gw_service_text(record, "state");

	if (strlen(state) != (size_t)(to - from - 1) || strncmp(state, from, strlen(state)) != 0)
		return "not now";
	json_object_set_new(record, "state", json_string(to));
	json_object_set_new(record, to, json_string(today));
	if (strcmp(to, "notified") == 0)
		json_object_set_new(record, "due", json_string(today));
	return NULL;
}

static int start(const char *name, const char *what, const char *how, struct told *told)
{
	const struct gw_service_change change = {
		.ledger = world.gw->ledger, .events = world.gw->events, .file = world.gw->catalogue, .name = name, .what = what, .by = "operator",
		.edit = move, .edit_ctx = (void *)(uintptr_t)how, .cb = on_changed, .cb_ctx = told,
	};

	*told = (struct told){ .done = false };
	return gw_service_change(world.gw, &change);
}

static void wait_for(const struct told *told)
{
	for (int i = 0; i < WORLD_TURNS_MAX && !told->done; i++)
		gw_loop_turn();
	assert_true(told->done);
}

static enum gw_service_changed decide(const char *name, const char *what, const char *how)
{
	struct told told;

	assert_int_equal(start(name, what, how, &told), 0);
	wait_for(&told);
	return told.changed;
}

static void open_until(int64_t until_ms)
{
	struct told told = { .done = false };

	assert_int_equal(gw_services_open(world.gw, world.gw->ledger, until_ms, "operator", on_opened, &told), 0);
	wait_for(&told);
	assert_int_equal(told.changed, GW_SERVICE_CHANGED);
}

static void on_services(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_services *services)
{
	(void)token;
	assert_int_equal(result, SESS_LEDGER_OK);
	*(struct gw_services **)ctx = talloc_steal(world_ctx, services);
}

static struct gw_services *load(const struct gw_catalogue *file)
{
	struct gw_services *services = NULL;

	assert_int_equal(gw_services_load(world.gw, world.gw->ledger, file, on_services, &services, 0), 0);
	for (int i = 0; i < WORLD_TURNS_MAX && !services; i++)
		gw_loop_turn();
	assert_non_null(services);
	return services;
}

/* An event of this type has come into the agency's feed. */
static void assert_told(const char *type, const char *name)
{
	for (int tries = 0; tries < 200; tries++) {
		const json_t *events;

		api_call(&reply, "GET", "/v1/events?limit=200", bills.key, "", NULL);
		events = json_object_get(reply.json, "events");
		for (size_t i = 0; i < json_array_size(events); i++)
			if (strcmp(gw_service_text(json_array_get(events, i), "type"), type) == 0 &&
			    strcmp(gw_service_text(json_object_get(json_array_get(events, i), "data"), "name"), name) == 0)
				return;
		for (int i = 0; i < 10; i++)
			gw_loop_turn();
	}
	fail_msg("%s was not told", type);
}

/* ---- days ---- */

static void test_days(void **state)
{
	static const char *const good[] = { "1405/01/01", "1405/08/02", "1403/12/30", "1300/01/01", "1499/12/29", "0001/01/02" };
	static const char *const bad[] = { "", "1405/8/2", "1405/13/01", "1404/12/30", "1405/08/02 ", "x405/08/02", "1405-08-02" };
	char day[GW_DAY_OCTETS];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		int64_t last_ms = gw_service_day_end(good[i]);

		assert_int_not_equal(last_ms, 0);
		gw_service_day(last_ms, day);
		assert_string_equal(day, good[i]);
		gw_service_day(last_ms + 1, day);
		assert_true(strcmp(day, good[i]) > 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(gw_service_day_end(bad[i]), 0);
}

/* ---- the whole way ---- */

static void test_from_proposal_to_live(void **state)
{
	(void)state;
	open_until(sess_clock_wall_ms() + DAY_S * INT64_C(1000));
	propose(&bills, "k1", METER("a_meter"));
	assert_int_equal(reply.status, 201);
	assert_string_equal(api_text(&reply, "state"), "proposed");
	assert_true(json_is_false(json_object_get(reply.json, "after_closing")));
	propose(&bills, "k1", METER("a_meter")); /* the same, once */
	assert_int_equal(reply.status, 201);
	propose(&bills, "k1", METER("another"));
	assert_api_problem(&reply, 409, "idempotency-conflict");
	assert_null(listed(&reader, "/v1/catalogue", "a_meter")); /* nobody's business yet */
	assert_non_null(listed(&reader, "/v1/catalogue", "bill"));
	assert_true(json_is_true(json_object_get(reply.json, "open")));
	assert_non_null(listed(&bills, "/v1/catalogue/proposals", "a_meter"));
	assert_null(listed(&tax, "/v1/catalogue/proposals", "a_meter"));
	acknowledge(&bills, "a_meter");
	assert_api_problem(&reply, 409, "wrong-state");
	assert_int_equal(decide("a_meter", "catalogue.final", "proposed>final"), GW_SERVICE_CHANGED);
	assert_int_equal(decide("a_meter", "catalogue.final", "proposed>final"), GW_SERVICE_REFUSED);
	assert_told("catalogue.final", "a_meter");
	assert_string_equal(gw_service_text(listed(&reader, "/v1/catalogue", "a_meter"), "state"), "final");
	assert_int_equal(decide("a_meter", "catalogue.notified", "final>notified"), GW_SERVICE_CHANGED);
	assert_told("catalogue.notified", "a_meter");
	acknowledge(&tax, "a_meter");
	assert_api_problem(&reply, 404, "unknown-service");
	for (int i = 0; i < 2; i++) {
		acknowledge(&bills, "a_meter");
		assert_int_equal(reply.status, 200);
		assert_true(api_text(&reply, "acknowledged")[0]);
	}
	osmo_gettimeofday_override_add(2 * DAY_S, 0);  /* it was due, and is not live */
	gw_loop_turn();
	assert_string_equal(gw_service_text(listed(&reader, "/v1/catalogue", "a_meter"), "state"), "late");
	assert_int_equal(decide("a_meter", "catalogue.live", "notified>live"), GW_SERVICE_CHANGED);
	assert_string_equal(gw_service_text(listed(&reader, "/v1/catalogue", "a_meter"), "state"), "live");
}

static void test_after_the_closing(void **state)
{
	(void)state;
	open_until(sess_clock_wall_ms() + 60000);
	propose(&tax, NULL, METER("in_time"));
	assert_true(json_is_false(json_object_get(reply.json, "after_closing")));
	osmo_gettimeofday_override_add(61, 0);
	gw_loop_turn();
	propose(&tax, NULL, METER("too_late"));
	assert_int_equal(reply.status, 201);                    /* kept all the same, and marked */
	assert_true(json_is_true(json_object_get(reply.json, "after_closing")));
	listed(&tax, "/v1/catalogue/proposals", "too_late");
	assert_true(json_is_false(json_object_get(reply.json, "open")));
}

static void test_rejected_and_proposed_again(void **state)
{
	(void)state;
	propose(&tax, NULL, METER("unwanted"));
	assert_int_equal(reply.status, 201);
	assert_int_equal(decide("unwanted", "catalogue.rejected", "proposed>rejected"), GW_SERVICE_CHANGED);
	assert_null(listed(&tax, "/v1/catalogue", "unwanted"));
	assert_string_equal(gw_service_text(listed(&tax, "/v1/catalogue/proposals", "unwanted"), "state"), "rejected");
	propose(&bills, NULL, METER("unwanted"));               /* another's name stays another's */
	assert_api_problem(&reply, 409, "name-taken");
	propose(&tax, NULL, METER("unwanted"));
	assert_int_equal(reply.status, 201);
	assert_string_equal(gw_service_text(listed(&tax, "/v1/catalogue/proposals", "unwanted"), "state"), "proposed");
}

static void test_names_that_are_taken(void **state)
{
	(void)state;
	propose(&tax, NULL, METER("bill"));                     /* by the file */
	assert_api_problem(&reply, 409, "name-taken");
	propose(&tax, NULL, METER("mine"));
	assert_int_equal(reply.status, 201);
	propose(&tax, NULL, METER("mine"));
	assert_api_problem(&reply, 409, "name-taken");
	propose(&bills, NULL, METER("mine"));
	assert_api_problem(&reply, 409, "name-taken");
}

static void test_two_operators_at_once(void **state)
{
	struct told one, two;

	(void)state;
	propose(&tax, NULL, METER("wanted_twice"));
	assert_int_equal(start("wanted_twice", "catalogue.final", "proposed>final", &one), 0);
	assert_int_equal(start("wanted_twice", "catalogue.rejected", "proposed>rejected", &two), 0);
	wait_for(&one);
	wait_for(&two);
	assert_int_equal((one.changed == GW_SERVICE_CHANGED) + (two.changed == GW_SERVICE_CHANGED), 1);
	assert_int_equal((one.changed == GW_SERVICE_REFUSED) + (two.changed == GW_SERVICE_REFUSED), 1);
	assert_int_equal(start("Wanted", "catalogue.final", "proposed>final", &one), -EINVAL);
	assert_int_equal(decide("nobody_knows_it", "catalogue.final", "proposed>final"), GW_SERVICE_NONE);
}

/* A service of the file has no record until it is changed; then the ledger says how far it is. */
static void test_a_service_of_the_file(void **state)
{
	const struct gw_catalogue *file = world.gw->catalogue;
	const struct gw_catalogue_entry *entry = &file->entries[0];
	struct gw_services *services = load(NULL);
	const struct gw_service *service;

	(void)state;
	assert_null(gw_services_find(services, entry->name));
	talloc_free(services);
	assert_int_equal(decide(entry->name, "catalogue.notified", "live>notified"), GW_SERVICE_CHANGED);
	services = load(file);
	service = gw_services_find(services, entry->name);
	assert_int_equal(service->state, GW_CATALOGUE_NOTIFIED);
	assert_string_equal(service->title_fa, entry->title_fa);
	assert_string_equal(service->dates[GW_CATALOGUE_ON_PROPOSED], entry->dates[GW_CATALOGUE_ON_PROPOSED]);
	assert_true(services->n >= file->n);
	talloc_free(services);
	assert_int_equal(decide(entry->name, "catalogue.live", "notified>live"), GW_SERVICE_CHANGED);
}

static void test_written_and_read_again(void **state)
{
	struct gw_services *services = load(world.gw->catalogue);
	struct menu_diags *diags = menu_diags_alloc(world_ctx);
	const struct gw_catalogue *again;
	char path[128];
	size_t n = 0;
	FILE *file;

	(void)state;
	snprintf(path, sizeof(path), "%s/catalogue.cfg", world.folder);
	file = fopen(path, "w");
	gw_catalogue_write(services, file);
	fclose(file);
	again = gw_catalogue_read(world_ctx, path, diags);
	menu_diags_print(diags, stdout);
	assert_non_null(again);
	for (size_t i = 0; i < services->n; i++)
		n += services->at[i].state != GW_CATALOGUE_REJECTED;
	assert_int_equal(again->n, n);
	for (size_t i = 0; i < again->n; i++) {
		const struct gw_service *service = gw_services_find(services, again->entries[i].name);

		assert_int_equal(again->entries[i].state, service->state);
		assert_string_equal(again->entries[i].title_fa, service->title_fa);
		assert_string_equal(again->entries[i].agency, service->agency);
	}
	talloc_free(services);
}

/* ---- who may, and rubbish ---- */

static void test_not_without_end(void **state)
{
	char body[512];

	(void)state;
	for (int i = 0; i <= GW_SERVICES_OF_AGENCY_MAX; i++) {
		snprintf(body, sizeof(body), "{\"name\":\"more_%d\",\"title\":{\"fa\":\"x\",\"en\":\"y\"},\"kind\":\"general\",\"domain\":\"bills\","
			 "\"channels\":[\"sms\"],\"level\":3}", i);
		propose(&greedy, NULL, body);
		assert_true(reply.status == 201 || i == GW_SERVICES_OF_AGENCY_MAX);
	}
	assert_api_problem(&reply, 409, "too-many-services");
	propose(&tax, NULL, METER("still_room"));
	assert_int_equal(reply.status, 201);
}

static void test_scopes(void **state)
{
	(void)state;
	propose(&reader, NULL, METER("not_mine"));
	assert_api_problem(&reply, 403, "forbidden-scope");
	acknowledge(&reader, "bill");
	assert_api_problem(&reply, 403, "forbidden-scope");
	api_call(&reply, "GET", "/v1/catalogue/proposals", reader.key, "", NULL);
	assert_api_problem(&reply, 403, "forbidden-scope");
	api_call(&reply, "GET", "/v1/catalogue", NULL, "", NULL);
	assert_api_problem(&reply, 401, "unauthorized");
}

static void test_proposals_that_are_none(void **state)
{
	static const struct { const char *member, *value, *pointer; } rows[] = {
		{ "name", "\"A\"", "/name" }, { "name", "\"\"", "/name" }, { "name", "7", "/name" }, { "name", "\"a-b\"", "/name" },
		{ "title", "\"x\"", "/title/fa" }, { "title", "{\"fa\":\"x\"}", "/title/en" }, { "title", "{\"fa\":\"x\",\"en\":\"y\\n\"}", "/title/en" },
		{ "title", "{\"fa\":\"x\",\"en\":\"y\",\"de\":\"z\"}", "/title" }, { "kind", "\"other\"", "/kind" }, { "kind", "null", "/kind" },
		{ "domain", "\"weather\"", "/domain" }, { "channels", "[]", "/channels" }, { "channels", "[\"fax\"]", "/channels" },
		{ "channels", "[\"sms\",\"sms\"]", "/channels" }, { "channels", "\"sms\"", "/channels" }, { "inputs", "[\"star-sign\"]", "/inputs" },
		{ "inputs", "[[]]", "/inputs" }, { "inputs", "{}", "/inputs" }, { "level", "4", "/level" }, { "level", "-1", "/level" },
		{ "level", "\"1\"", "/level" }, { "waits_for", "\"\"", "/waits_for" }, { "state", "\"live\"", "/state" }, { "agency", "\"tax\"", "/agency" },
		{ "order", "1", "/order" },
	};
	char *text;
	json_t *body;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		body = json_loads(METER("good"), 0, NULL);
		json_object_set_new(body, rows[i].member, json_loads(rows[i].value, JSON_DECODE_ANY, NULL));
		text = json_dumps(body, JSON_COMPACT);
		propose(&tax, NULL, text);
		assert_api_problem(&reply, 422, "bad-field");
		assert_string_equal(api_text(&reply, "pointer"), rows[i].pointer);
		free(text);
		json_decref(body);
	}
	propose(&tax, NULL, "[]");
	assert_api_problem(&reply, 422, "bad-field");
	acknowledge(&tax, "UPPER");
	assert_api_problem(&reply, 404, "unknown-service");
	acknowledge(&tax, "none_such");
	assert_api_problem(&reply, 404, "unknown-service");
	assert_null(listed(&tax, "/v1/catalogue/proposals", "good"));
}

static void test_no_ledger_no_answer(void **state)
{
	(void)state;
	redis_server_kill(&api_redis);
	propose(&tax, NULL, METER("in_vain"));
	assert_int_equal(reply.status, 503);
	acknowledge(&tax, "mine");
	assert_int_equal(reply.status, 503);
	api_call(&reply, "GET", "/v1/catalogue", tax.key, "", NULL);
	assert_int_equal(reply.status, 503);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_from_proposal_to_live),
		cmocka_unit_test(test_after_the_closing),
		cmocka_unit_test(test_rejected_and_proposed_again),
		cmocka_unit_test(test_names_that_are_taken),
		cmocka_unit_test(test_two_operators_at_once),
		cmocka_unit_test(test_a_service_of_the_file),
		cmocka_unit_test(test_written_and_read_again),
		cmocka_unit_test(test_not_without_end),
		cmocka_unit_test(test_scopes),
		cmocka_unit_test(test_proposals_that_are_none),
		cmocka_unit_test(test_no_ledger_no_answer), /* the last */
	};

	return cmocka_run_group_tests(tests, begin, end);
}
