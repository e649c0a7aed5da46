/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Calls side by side to three real HTTP servers (sample agencies, in the same thread): all answer, some are slow, dead, hostile,
 * left alone, or too busy; and in every case there is one answer, later, and no call that does not end. */
#include "tests/unit/gateway/agency_world.h"

enum { WATER, POWER, GAS, MEMBERS };
static const char *const names[MEMBERS] = { "water", "power", "gas" };

static struct {
	char settings[128];                  /* further lines of power.cfg */
	struct sim_server *servers[MEMBERS];
	const char *msisdn;
	char silent[64], more[16];
	bool again;                          /* the callback calls once more */
} t;

/* --- the stage --- */

static void turn(void)
{
	world_turn();
	for (int i = 0; i < MEMBERS; i++)
		if (t.servers[i])
			sim_server_turn(t.servers[i], 0);
	usleep(500);
	jump_ms(1);
}

static void until_all_ended(void)
{
	int64_t end = real_ms() + 30000;

	while (gw_agencies_open_calls(world.agencies) > 0 && real_ms() < end)
		turn();
	assert_int_equal(gw_agencies_open_calls(world.agencies), 0);
}

static const char *value(void *ctx, const char *name)
{
	(void)ctx;
	return strcmp(name, "msisdn") == 0 ? t.msisdn : NULL;
}

static struct gw_agency_request request_of(const char *operation)
{
	struct gw_agency_request request = { .operation = menu_operation_find(world.set, operation), .value = value, .deadline_ms = 60000 };

	assert_non_null(request.operation);
	return request;
}

static void on_told(void *ctx, uint64_t token, const struct menu_answer *answer)
{
	size_t used = 0;

	world_told(ctx, token, answer);
	t.silent[0] = t.more[0] = '\0';
	for (size_t i = 0; i < answer->n; i++) {
		const struct menu_value *v = &answer->values[i];

		if (v->list && strcmp(v->name, "id") == 0)
			used += (size_t)snprintf(told.text + used, sizeof(told.text) - used, "%u:%.4s ", v->row, v->value);
		else if (strcmp(v->name, "silent_en") == 0)
			snprintf(t.silent, sizeof(t.silent), "%s", v->value);
		else if (strcmp(v->name, "more") == 0)
			snprintf(t.more, sizeof(t.more), "%s", v->value);
	}
	if (t.again) {
		struct gw_agency_request request = request_of("bills.mine");

		t.again = false;
		assert_int_equal(gw_agency_call(world.agencies, &request, on_told, &told, token + 1), 0);
	}
}

static int call_within(const char *operation, int64_t patience_ms)
{
	struct gw_agency_request request = request_of(operation);

	request.patience_ms = patience_ms;
	return world_call(&request);
}

/* Called, and told once. */
static const char *rows_within(const char *operation, int64_t patience_ms)
{
	told.times = 0;
	assert_int_equal(call_within(operation, patience_ms), 0);
	until_told(1);
	assert_int_equal(told.token, 77);
	return told.text;
}

static uint64_t counter(int member, enum gw_agency_ctr ctr)
{
	return world_counter(names[member], ctr);
}

static void fault(int member, enum sim_mode mode, unsigned int ms, int count)
{
	struct sim_fault f = { .mode = mode, .ms = ms, .status = 403, .count = count };

	assert_true(sim_server_fault(t.servers[member], "subscribers", &f));
}

static const char *member_file(int member)
{
	return world_write(talloc_asprintf(world.ctx, "%s.cfg", names[member]), talloc_asprintf(world.ctx,
		"title = { fa = \"%s\"; en = \"%s\"; }; url = \"http://127.0.0.1:%u\"; %s\noperations = {\n"
		"  mine = { path = \"/v1/subscribers/{msisdn}/bills\"; timeout_ms = 3000; retries = 0; as_of_s = %d;\n"
		"    lists = { bills = { at = \"/bills\"; rows = 3; each = { id = \"/bill_id\"; amount = \"/amount\"; }; }; }; }; };\n",
		names[member], names[member], t.servers[member] ? sim_server_port(t.servers[member]) : 1, member == POWER ? t.settings : "",
		member == POWER ? 60 : 0));
}

/* Loads and adopts the menu's agencies; the ones before go, as those of a menu that was replaced. */
static void adopt(const char *settings)
{
	struct menu_agencies *before = world.set;
	const char *paths[MEMBERS + 1];

	snprintf(t.settings, sizeof(t.settings), "%s", settings);
	for (int i = 0; i < MEMBERS; i++)
		paths[i] = member_file(i);
	paths[MEMBERS] = world_write("bills.cfg", "title = { fa = \"ق\"; en = \"Bills\"; }; url = \"http://127.0.0.1:1\"; operations = {\n"
		"  mine = { together = ( \"water.mine\", \"power.mine\", \"gas.mine\" ); timeout_ms = 2000; };\n"
		"  few  = { together = ( \"water.mine\", \"power.mine\", \"gas.mine\" ); timeout_ms = 2000; rows = 4; }; };\n");
	world_adopt(paths, MEMBERS + 1);
	talloc_free(before);
}

static int setup(void **state)
{
	struct sim_server_config config = { .listen = "127.0.0.1" };

	(void)state;
	memset(&t, 0, sizeof(t));
	t.msisdn = "989121234567";
	world_begin();
	for (int i = 0; i < MEMBERS; i++)
		assert_non_null(t.servers[i] = sim_server_open(&config));
	adopt("");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	talloc_free(world.agencies);
	for (int i = 0; i < MEMBERS; i++)
		if (t.servers[i])
			sim_server_close(t.servers[i]);
	world_end();
	return 0;
}

/* What each sample agency says has three rows: 7748..., 9903..., 8603... */
#define THREE_OF(a, b, c) #a ":7748 " #b ":9903 " #c ":8603 "

/* --- stories --- */

static void all_answer(void **state)
{
	(void)state;
	assert_string_equal(rows_within("bills.mine", 0), THREE_OF(0, 1, 2) THREE_OF(3, 4, 5) THREE_OF(6, 7, 8));
	assert_string_equal(told.outcome, "ok");
	assert_string_equal(t.silent, "");
	assert_string_equal(t.more, "0");
	assert_int_equal(gw_agencies_open_calls(world.agencies), 0);
	for (int i = 0; i < MEMBERS; i++)
		assert_int_equal(sim_server_stats(t.servers[i]).requests, 1);
}

static void each_has_its_first_rows(void **state)
{
	(void)state;
	assert_string_equal(rows_within("bills.few", 0), "0:7748 1:9903 2:7748 3:7748 ");
	assert_string_equal(t.more, "5");
}

static void side_by_side_and_not_in_turn(void **state)
{
	int64_t before, took;
	struct timespec now;

	(void)state;
	for (int i = 0; i < MEMBERS; i++)
		fault(i, SIM_MODE_SLOW, 300, 1);
	osmo_clock_gettime(CLOCK_MONOTONIC, &now);
	before = real_ms();
	rows_within("bills.mine", 0);
	took = real_ms() - before;
	assert_string_equal(t.silent, "");
	assert_in_range(took, 250, 850); /* not three times as long */
}

static void one_is_slow(void **state)
{
	(void)state;
	fault(POWER, SIM_MODE_HANG, 0, 1);
	assert_int_equal(call_within("bills.mine", 0), 0);
	for (int i = 0; i < 100; i++)
		turn();
	assert_int_equal(told.times, 0); /* all are waited for */
	jump_ms(2000);
	until_told(1);
	assert_string_equal(told.text, THREE_OF(0, 1, 2) THREE_OF(3, 4, 5));
	assert_string_equal(t.silent, "power");
	assert_int_equal(gw_agencies_open_calls(world.agencies), 1); /* goes on to its own end */
	until_all_ended();
	assert_int_equal(told.times, 1);
	assert_int_equal(counter(POWER, GW_AGENCY_CTR_TIMEOUT), 1);
}

static void the_callers_patience_ends_sooner(void **state)
{
	(void)state;
	fault(GAS, SIM_MODE_SLOW, 150, 1);
	rows_within("bills.mine", 50);
	assert_string_equal(t.silent, "gas");
	until_all_ended();
	assert_int_equal(told.times, 1); /* what came late is nobody's */
	assert_int_equal(counter(GAS, GW_AGENCY_CTR_ANSWERED), 1);
}

static void nobody_by_then_so_all_are_waited_for(void **state)
{
	(void)state;
	for (int i = 0; i < MEMBERS; i++)
		fault(i, SIM_MODE_HANG, 0, 1);
	fault(GAS, SIM_MODE_SLOW, 150, 1);
	rows_within("bills.mine", 20);
	assert_string_equal(told.text, THREE_OF(0, 1, 2));
	assert_string_equal(t.silent, "water, power");
	until_all_ended();
}

static void nobody_at_all(void **state)
{
	(void)state;
	for (int i = 0; i < MEMBERS; i++)
		fault(i, SIM_MODE_HANG, 0, 1);
	assert_int_equal(call_within("bills.mine", 20), 0);
	for (int i = 0; i < 50; i++)
		turn();
	assert_int_equal(told.times, 0);
	jump_ms(2000);
	until_told(1);
	assert_string_equal(told.outcome, "failed");
	assert_string_equal(t.silent, "water, power, gas");
	until_all_ended();
}

static void one_is_dead_and_one_has_nothing(void **state)
{
	(void)state;
	sim_server_close(t.servers[WATER]);
	t.servers[WATER] = NULL;
	fault(GAS, SIM_MODE_STATUS, 0, 1); /* 403: an answer, but none that says what there is */
	assert_string_equal(rows_within("bills.mine", 0), THREE_OF(0, 1, 2));
	assert_string_equal(t.silent, "water, gas");
	t.msisdn = "989120000000"; /* who has no bills */
	rows_within("bills.mine", 0);
	assert_string_equal(told.outcome, "ok");
	assert_string_equal(told.text, "");
	assert_string_equal(t.silent, "water");
}

static void a_hostile_one_spoils_nothing(void **state)
{
	static const enum sim_mode modes[] = { SIM_MODE_GARBAGE, SIM_MODE_TYPE, SIM_MODE_JSON, SIM_MODE_UTF8, SIM_MODE_DEEP, SIM_MODE_HUGE, SIM_MODE_CUT,
		                               SIM_MODE_REDIRECT, SIM_MODE_FAIL };

	(void)state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		fault(WATER, modes[i], 0, 1);
		rows_within("bills.mine", 0);
		if (strcmp(t.silent, "water") != 0 || strcmp(told.text, THREE_OF(0, 1, 2) THREE_OF(3, 4, 5)) != 0)
			fail_msg("%s: silent %s, rows %s", sim_mode_row(modes[i])->name, t.silent, told.text);
		adopt(""); /* the breaker is not this test's */
		rows_within("bills.mine", 0);
		assert_string_equal(t.silent, "");
	}
}

static void an_older_answer_stands_in(void **state)
{
	(void)state;
	rows_within("bills.mine", 0);
	fault(POWER, SIM_MODE_FAIL, 0, 1);
	rows_within("bills.mine", 0);
	assert_string_equal(t.silent, "");
	assert_true(told.as_of_ms > 0);
	fault(POWER, SIM_MODE_HANG, 0, 1); /* also for one that has said nothing yet */
	told.times = 0;
	assert_int_equal(call_within("bills.mine", 30), 0);
	until_told(1);
	assert_string_equal(told.text, THREE_OF(0, 1, 2) THREE_OF(3, 4, 5) THREE_OF(6, 7, 8));
	assert_true(told.as_of_ms > 0);
	until_all_ended();
	t.msisdn = "989129999999"; /* nobody else's answer */
	fault(POWER, SIM_MODE_FAIL, 0, 1);
	rows_within("bills.mine", 0);
	assert_string_equal(t.silent, "power");
}

static void a_breaker_and_a_full_queue_are_silence(void **state)
{
	(void)state;
	adopt("breaker = { failures = 1; open_ms = 500000; };");
	fault(POWER, SIM_MODE_FAIL, 0, -1);
	rows_within("bills.mine", 0);
	assert_string_equal(t.silent, "power");
	rows_within("bills.mine", 0);
	assert_string_equal(t.silent, "power");
	assert_int_equal(counter(POWER, GW_AGENCY_CTR_BREAKER_REFUSED), 1);
	jump_ms(500000);
	adopt("concurrency = 1; queue = 0; breaker = { failures = 0; };");
	fault(POWER, SIM_MODE_HANG, 0, 1);
	told.times = 0;
	assert_int_equal(call_within("bills.mine", 0), 0);
	assert_int_equal(call_within("bills.mine", 0), 0);
	until_told(1); /* the second one: power had no place for it */
	assert_string_equal(t.silent, "power");
	assert_int_equal(counter(POWER, GW_AGENCY_CTR_REFUSED), 1);
	jump_ms(3000);
	until_told(2);
	until_all_ended();
}

static void an_input_is_missing(void **state)
{
	(void)state;
	t.msisdn = NULL;
	assert_int_equal(call_within("bills.mine", 0), -EINVAL);
	t.msisdn = "..";
	assert_int_equal(call_within("bills.mine", 0), -EINVAL);
	assert_int_equal(gw_agencies_open_calls(world.agencies), 0);
	turn();
	assert_int_equal(told.times, 0);
}

/* The menu is replaced, and its memory gone, while a late member still runs. */
static void the_menu_goes_before_the_last_answer(void **state)
{
	(void)state;
	fault(POWER, SIM_MODE_SLOW, 150, 2);
	told.times = 0;
	assert_int_equal(call_within("bills.mine", 30), 0);
	assert_int_equal(call_within("bills.mine", 30), 0);
	until_told(2);
	assert_int_equal(gw_agencies_open_calls(world.agencies), 2);
	adopt("");
	until_all_ended();
	assert_int_equal(told.times, 2);
	assert_int_equal(counter(POWER, GW_AGENCY_CTR_ANSWERED), 2);
}

static void a_callback_may_call(void **state)
{
	(void)state;
	t.again = true;
	assert_int_equal(call_within("bills.mine", 0), 0);
	until_told(2);
	assert_int_equal(told.token, 78);
}

/* Some answered, some late already, some not: all are told once, and what there is, is shown. */
static void freeing_answers_everybody(void **state)
{
	(void)state;
	fault(POWER, SIM_MODE_HANG, 0, -1);
	told.times = 0;
	assert_int_equal(call_within("bills.mine", 30), 0);
	until_told(1);
	assert_int_equal(call_within("bills.mine", 0), 0);
	for (int i = 0; i < 100; i++)
		turn();
	assert_int_equal(call_within("bills.mine", 0), 0);
	assert_int_equal(told.times, 1);
	talloc_free(world.agencies);
	world.agencies = NULL;
	assert_int_equal(told.times, 3);
	assert_string_equal(told.outcome, "failed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(all_answer), T(each_has_its_first_rows), T(side_by_side_and_not_in_turn), T(one_is_slow), T(the_callers_patience_ends_sooner),
		T(nobody_by_then_so_all_are_waited_for), T(nobody_at_all), T(one_is_dead_and_one_has_nothing), T(a_hostile_one_spoils_nothing),
		T(an_older_answer_stands_in), T(a_breaker_and_a_full_queue_are_silence), T(an_input_is_missing),
		T(the_menu_goes_before_the_last_answer), T(a_callback_may_call), T(freeing_answers_everybody),
	};

	return cmocka_run_group_tests(tests, world_group_begin, world_group_end);
}
