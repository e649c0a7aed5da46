/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Calls to a real HTTP server (the sample agency, in the same thread): every way in which they end. The gateway's clock is
 * moved by a millisecond a turn, or by a jump, so that pauses and the breaker's time are not waited for. */
#include <netdb.h>
#include <pthread.h>

#include "tests/unit/gateway/agency_world.h"

static const char operations[] =
	"operations = {\n"
	"  inquire = { path = \"/v1/bills/{bill_id}\"; timeout_ms = 3000; retries = 0;\n"
	"    answer = { bill = { kind = \"/kind_en\"; amount = \"/amount\"; unpaid = \"/unpaid\"; }; }; required = ( \"bill.amount\" ); };\n"
	"  again = { path = \"/v1/bills/{bill_id}\"; timeout_ms = 3000; retries = 3; answer = { amount = \"/amount\"; }; };\n"
	"  brief = { path = \"/v1/bills/{bill_id}\"; timeout_ms = 50; retries = 0; answer = { amount = \"/amount\"; }; };\n"
	"  kept = { path = \"/v1/bills/{bill_id}\"; timeout_ms = 3000; retries = 0; as_of_s = 60; answer = { amount = \"/amount\"; }; };\n"
	"  mine = { path = \"/v1/subscribers/{msisdn}/bills\"; lists = { bills = { at = \"/bills\"; rows = 3; each = { id = \"/bill_id\"; }; }; }; };\n"
	"  pay = { method = \"POST\"; path = \"/v1/payments\"; body = \"{\\\"bill_id\\\":\\\"{bill_id}\\\"}\"; retries = 3;\n"
	"    answer = { reference = \"/reference\"; }; outcomes = ( { status = 409; at = \"/error\"; equals = \"ALREADY_PAID\"; outcome = \"paid\"; } ); };\n"
	"};\n";

static struct {
	struct sim_server *server;
	struct menu_diags *diags;
	const char *bill_id;
} t;

/* --- the stage --- */

static void turn(void)
{
	world_turn();
	if (t.server)
		sim_server_turn(t.server, 1);
	else
		usleep(1000);
	jump_ms(1);
}

static void on_told(void *ctx, uint64_t token, const struct menu_answer *answer)
{
	size_t used = 0;
	world_told(ctx, token, answer);
	for (size_t i = 0; i < answer->n && used < sizeof(told.text); i++)
		used += (size_t)snprintf(told.text + used, sizeof(told.text) - used, "%s=%s;", answer->values[i].name, answer->values[i].value);
}

static const char *value(void *ctx, const char *name)
{
	(void)ctx;
	if (strcmp(name, "bill_id") == 0)
		return t.bill_id;
	return strcmp(name, "msisdn") == 0 ? "989121234567" : NULL;
}

static struct gw_agency_request request_of(const char *operation)
{
	struct gw_agency_request request = {
		.operation = menu_operation_find(world.set, operation), .value = value, .idempotency = 0x1234abcd, .deadline_ms = 60000,
	};
	assert_non_null(request.operation);
	return request;
}

static int call_within(const char *operation, int64_t deadline_ms)
{
	struct gw_agency_request request = request_of(operation);
	request.deadline_ms = deadline_ms;
	return world_call(&request);
}

static const char *outcome_of(const char *operation)
{
	memset(&told, 0, sizeof(told));
	assert_int_equal(call_within(operation, 60000), 0);
	until_told(1);
	assert_int_equal(told.token, 77);
	assert_int_equal(gw_agencies_open_calls(world.agencies), 0);
	return told.outcome;
}

static uint64_t counter(enum gw_agency_ctr ctr)
{
	return world_counter("bills", ctr);
}

static void fault(const char *operation, enum sim_mode mode, unsigned int ms, int count)
{
	struct sim_fault f = { .mode = mode, .ms = ms, .status = 503, .count = count };
	assert_true(sim_server_fault(t.server, operation, &f));
}

/* The agency "bills" at this URL, with these further settings. */
static void adopt_url(const char *url, const char *settings)
{
	const char *text = talloc_asprintf(world.ctx, "title = { fa = \"ق\"; en = \"Bills\"; };\nurl = \"%s\";\n%s\n%s", url, settings, operations);
	const char *paths[] = { world_write("bills.cfg", text) };
	t.diags = world_adopt(paths, 1);
}

static void adopt(const char *settings)
{
	char url[64];
	snprintf(url, sizeof(url), "http://127.0.0.1:%u", sim_server_port(t.server));
	adopt_url(url, settings);
}

static void open_server(uint16_t port)
{
	struct sim_server_config config = { .listen = "127.0.0.1", .port = port };
	t.server = sim_server_open(&config);
	assert_non_null(t.server);
}

static int setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	t.bill_id = "7748317800142";
	world_begin();
	open_server(0);
	adopt("");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	talloc_free(world.agencies);
	if (t.server)
		sim_server_close(t.server);
	world_end();
	return 0;
}

/* --- good answers --- */

static void a_bill(void **state)
{
	(void)state;
	assert_string_equal(outcome_of("bills.inquire"), "ok");
	assert_string_equal(told.text, "bill.kind=Landline;bill.amount=17000;bill.unpaid=true;");
	assert_int_equal(told.as_of_ms, 0);
	t.bill_id = "1";
	assert_string_equal(outcome_of("bills.inquire"), "not_found");
	assert_int_equal(counter(GW_AGENCY_CTR_ANSWERED), 2);
	assert_int_equal(counter(GW_AGENCY_CTR_FAILED), 0);
}

static void a_list(void **state)
{
	(void)state;
	assert_string_equal(outcome_of("bills.mine"), "ok");
	assert_string_equal(told.text, "id=7748317800142;id=9903166297039;id=8603274811744;");
}

static void a_value_stays_one_segment(void **state)
{
	(void)state;
	t.bill_id = "../../v1/effects?x=y#z";
	assert_string_equal(outcome_of("bills.inquire"), "not_found");
	assert_string_equal(sim_server_last(t.server, "path"), "/v1/bills/../../v1/effects?x=y#z");
	t.bill_id = "..";
	assert_int_equal(call_within("bills.inquire", 1000), -EINVAL);
	t.bill_id = "";
	assert_int_equal(call_within("bills.inquire", 1000), -EINVAL);
	t.bill_id = NULL;
	assert_int_equal(call_within("bills.inquire", 1000), -EINVAL);
	assert_int_equal(gw_agencies_open_calls(world.agencies), 0);
}

static void connections_are_kept(void **state)
{
	(void)state;
	for (int i = 0; i < 50; i++)
		assert_string_equal(outcome_of("bills.inquire"), "ok");
	assert_int_equal(sim_server_stats(t.server).connections, 1);
	assert_int_equal(counter(GW_AGENCY_CTR_CONNECTS), 1);
}

/* --- every fault --- */

static const struct { enum sim_mode mode; unsigned int ms; enum gw_agency_ctr ctr; } faults[] = {
	{ SIM_MODE_FAIL, 0, GW_AGENCY_CTR_STATUS }, { SIM_MODE_STATUS, 0, GW_AGENCY_CTR_STATUS },
	{ SIM_MODE_REDIRECT, 0, GW_AGENCY_CTR_STATUS }, { SIM_MODE_TYPE, 0, GW_AGENCY_CTR_TYPE },
	{ SIM_MODE_JSON, 0, GW_AGENCY_CTR_JSON }, { SIM_MODE_UTF8, 0, GW_AGENCY_CTR_UTF8 },
	{ SIM_MODE_DEEP, 0, GW_AGENCY_CTR_TOO_LARGE }, { SIM_MODE_HUGE, 0, GW_AGENCY_CTR_TOO_LARGE },
	{ SIM_MODE_HUGE, 1 /* without a length */, GW_AGENCY_CTR_TOO_LARGE }, { SIM_MODE_CUT, 0, GW_AGENCY_CTR_BROKEN },
};

static void every_fault_is_told_and_counted(void **state)
{
	(void)state;
	adopt("breaker = { failures = 0; };");
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		uint64_t before = counter(faults[i].ctr);
		fault("bills", faults[i].mode, faults[i].ms, 1);
		if (strcmp(outcome_of("bills.inquire"), "failed") != 0 || counter(faults[i].ctr) != before + 1)
			fail_msg("%s: %s, counted %d", sim_mode_row(faults[i].mode)->name, told.outcome, (int)(counter(faults[i].ctr) - before));
		assert_string_equal(told.text, "");
		assert_string_equal(outcome_of("bills.inquire"), "ok"); /* and nothing stays behind */
	}
	adopt("breaker = { failures = 0; }; answer_octets = 200000;");
	fault("bills", SIM_MODE_DEEP, 0, 1);
	assert_string_equal(outcome_of("bills.inquire"), "failed");
	assert_int_equal(counter(GW_AGENCY_CTR_DEPTH), 1);
	fault("bills", SIM_MODE_GARBAGE, 0, 20);
	for (int i = 0; i < 20; i++)
		assert_string_equal(outcome_of("bills.inquire"), "failed");
}

static void slow_is_not_broken(void **state)
{
	(void)state;
	fault("bills", SIM_MODE_SLOW, 30, 1);
	assert_string_equal(outcome_of("bills.inquire"), "ok");
	fault("bills", SIM_MODE_TRICKLE, 0, 1);
	assert_string_equal(outcome_of("bills.inquire"), "ok");
}

static void too_slow_times_out(void **state)
{
	(void)state;
	fault("bills", SIM_MODE_HANG, 0, 1);
	assert_string_equal(outcome_of("bills.brief"), "failed");
	assert_int_equal(counter(GW_AGENCY_CTR_TIMEOUT), 1);
	fault("bills", SIM_MODE_TRICKLE, 20, 1);
	assert_string_equal(outcome_of("bills.brief"), "failed");
	assert_int_equal(counter(GW_AGENCY_CTR_TIMEOUT), 2);
}

static void nobody_listens(void **state)
{
	(void)state;
	sim_server_close(t.server);
	t.server = NULL;
	assert_string_equal(outcome_of("bills.again"), "failed");
	assert_int_equal(counter(GW_AGENCY_CTR_NO_CONNECT), 4);
	assert_int_equal(counter(GW_AGENCY_CTR_RETRIES), 3);
}

static void the_server_dies_in_mid_answer_and_comes_back(void **state)
{
	uint16_t port = sim_server_port(t.server);
	(void)state;
	fault("bills", SIM_MODE_TRICKLE, 100000, 1);
	assert_int_equal(call_within("bills.inquire", 60000), 0);
	for (int i = 0; i < 30; i++)
		turn();
	assert_int_equal(told.times, 0);
	sim_server_close(t.server);
	t.server = NULL;
	until_told(1);
	assert_string_equal(told.outcome, "failed");
	open_server(port);
	assert_string_equal(outcome_of("bills.inquire"), "ok");
}

/* The server hangs up on a connection that nobody uses: it must leave the loop, or that spins. */
static void an_idle_connection_is_hung_up(void **state)
{
	uint16_t port = sim_server_port(t.server);
	(void)state;
	assert_string_equal(outcome_of("bills.inquire"), "ok");
	sim_server_close(t.server);
	t.server = NULL;
	for (int i = 0; i < 5; i++)
		turn();
	assert_int_equal(osmo_select_main_ctx(1), 0); /* nothing is ready */
	open_server(port);
	assert_string_equal(outcome_of("bills.inquire"), "ok");
	assert_int_equal(counter(GW_AGENCY_CTR_CONNECTS), 2);
}

/* --- retries --- */

static void what_is_safe_is_tried_again(void **state)
{
	(void)state;
	fault("bills", SIM_MODE_FAIL, 0, 2);
	assert_string_equal(outcome_of("bills.again"), "ok");
	assert_int_equal(counter(GW_AGENCY_CTR_ATTEMPTS), 3);
	assert_int_equal(counter(GW_AGENCY_CTR_RETRIES), 2);
	fault("bills", SIM_MODE_FAIL, 0, 9);
	assert_string_equal(outcome_of("bills.again"), "failed");
	assert_int_equal(counter(GW_AGENCY_CTR_ATTEMPTS), 7);
}

static void a_refusal_is_final(void **state)
{
	struct sim_fault refusal = { .mode = SIM_MODE_STATUS, .status = 403, .count = 9 };
	(void)state;
	assert_true(sim_server_fault(t.server, "bills", &refusal));
	for (int i = 0; i < 8; i++)
		assert_string_equal(outcome_of("bills.again"), "failed");
	assert_int_equal(counter(GW_AGENCY_CTR_ATTEMPTS), 8);
	assert_int_equal(counter(GW_AGENCY_CTR_BREAKER_OPENS), 0); /* it answers: it works */
}

static void no_attempt_after_the_deadline(void **state)
{
	(void)state;
	fault("bills", SIM_MODE_FAIL, 0, 9);
	assert_int_equal(call_within("bills.again", 20), 0); /* the first pause is longer */
	until_told(1);
	assert_string_equal(told.outcome, "failed");
	assert_int_equal(counter(GW_AGENCY_CTR_ATTEMPTS), 1);
}

static void a_payment_takes_effect_once(void **state)
{
	(void)state;
	fault("payments", SIM_MODE_CUT, 0, 2); /* paid, but the answer is lost, twice */
	assert_string_equal(outcome_of("bills.pay"), "ok");
	assert_string_equal(told.text, "reference=00000001;");
	assert_string_equal(sim_server_last(t.server, "key"), "000000001234abcd");
	assert_string_equal(sim_server_last(t.server, "body"), "{\"bill_id\":\"7748317800142\"}");
	assert_int_equal(counter(GW_AGENCY_CTR_ATTEMPTS), 3);
	assert_int_equal(sim_server_stats(t.server).unkeyed_posts, 0);
	{
		struct gw_agency_request other = request_of("bills.pay");
		other.idempotency = 99;
		memset(&told, 0, sizeof(told));
		assert_int_equal(gw_agency_call(world.agencies, &other, on_told, &told, 1), 0);
		until_told(1);
		assert_string_equal(told.outcome, "paid"); /* so the retries above were one payment */
	}
}

static void what_is_safe_has_no_key(void **state)
{
	(void)state;
	assert_string_equal(outcome_of("bills.inquire"), "ok");
	assert_string_equal(sim_server_last(t.server, "key"), "");
}

/* --- breaker, limits --- */

static void the_breaker_spares_and_tries_again(void **state)
{
	struct gw_agency_info info;
	uint64_t asked;
	(void)state;
	adopt("breaker = { failures = 3; open_ms = 500000; };");
	fault("bills", SIM_MODE_FAIL, 0, -1);
	for (int i = 0; i < 3; i++)
		assert_string_equal(outcome_of("bills.inquire"), "failed");
	gw_agencies_info(world.agencies, 0, &info);
	assert_string_equal(info.breaker, "open");
	asked = sim_server_stats(t.server).requests;
	for (int i = 0; i < 5; i++)
		assert_string_equal(outcome_of("bills.inquire"), "failed");
	assert_int_equal(sim_server_stats(t.server).requests, asked);
	assert_int_equal(counter(GW_AGENCY_CTR_BREAKER_REFUSED), 5);
	jump_ms(500000);
	assert_string_equal(outcome_of("bills.inquire"), "failed"); /* the probe */
	assert_int_equal(sim_server_stats(t.server).requests, asked + 1);
	assert_int_equal(counter(GW_AGENCY_CTR_BREAKER_OPENS), 2);
	fault("bills", SIM_MODE_NONE, 0, -1);
	jump_ms(500000);
	assert_string_equal(outcome_of("bills.inquire"), "ok");
	gw_agencies_info(world.agencies, 0, &info);
	assert_string_equal(info.breaker, "closed");
	assert_string_equal(outcome_of("bills.inquire"), "ok");
}

static void never_more_at_once_than_agreed(void **state)
{
	(void)state;
	adopt("concurrency = 4; queue = 1000;");
	fault("bills", SIM_MODE_SLOW, 1, -1);
	for (int i = 0; i < 100; i++)
		assert_int_equal(call_within("bills.inquire", 60000), 0);
	assert_int_equal(gw_agencies_open_calls(world.agencies), 100);
	until_told(100);
	assert_int_equal(told.failed, 0);
	assert_int_equal(sim_server_stats(t.server).in_flight_max, 4);
	assert_int_equal(sim_server_stats(t.server).connections, 4);
}

static void a_full_queue_refuses(void **state)
{
	(void)state;
	adopt("concurrency = 2; queue = 3;");
	fault("bills", SIM_MODE_HANG, 0, -1);
	for (int i = 0; i < 5; i++)
		assert_int_equal(call_within("bills.brief", 60000), 0);
	assert_int_equal(call_within("bills.brief", 60000), -EBUSY);
	turn();
	assert_int_equal(call_within("bills.brief", 60000), -EBUSY);
	assert_int_equal(counter(GW_AGENCY_CTR_REFUSED), 2);
	until_told(5);
	assert_int_equal(told.failed, 5);
	adopt("concurrency = 2; queue = 0;");
	fault("bills", SIM_MODE_NONE, 0, -1);
	jump_ms(100000);
	assert_string_equal(outcome_of("bills.inquire"), "ok");
}

static void waiting_ends_at_the_deadline(void **state)
{
	(void)state;
	adopt("concurrency = 1;");
	fault("bills", SIM_MODE_HANG, 0, 1);
	assert_int_equal(call_within("bills.inquire", 600000), 0);
	turn();
	assert_int_equal(call_within("bills.inquire", 5000), 0);
	jump_ms(5001);
	until_told(1);
	assert_string_equal(told.outcome, "failed");
	assert_int_equal(counter(GW_AGENCY_CTR_QUEUE_LATE), 1);
	assert_int_equal(gw_agencies_open_calls(world.agencies), 1);
}

/* --- older answers --- */

static void an_older_answer_stands_in(void **state)
{
	struct gw_agency_request request = request_of("bills.kept");
	(void)state;
	assert_null(gw_agency_as_of(world.agencies, &request));
	assert_string_equal(outcome_of("bills.kept"), "ok");
	assert_int_equal(told.as_of_ms, 0);
	fault("bills", SIM_MODE_FAIL, 0, -1);
	assert_string_equal(outcome_of("bills.kept"), "ok");
	assert_true(told.as_of_ms > 0);
	assert_string_equal(told.text, "amount=17000;");
	assert_int_equal(counter(GW_AGENCY_CTR_AS_OF), 1);
	assert_non_null(gw_agency_as_of(world.agencies, &request));
	t.bill_id = "5247410154610"; /* nobody else's answer */
	assert_null(gw_agency_as_of(world.agencies, &request));
	assert_string_equal(outcome_of("bills.kept"), "failed");
	t.bill_id = "7748317800142";
	assert_string_equal(outcome_of("bills.inquire"), "failed"); /* it did not ask for one */
}

static void an_older_answer_grows_too_old(void **state)
{
	struct gw_agency_request request = request_of("bills.kept");
	(void)state;
	assert_string_equal(outcome_of("bills.kept"), "ok");
	osmo_clock_override_enable(CLOCK_REALTIME, true);
	clock_gettime(CLOCK_REALTIME, osmo_clock_override_gettimespec(CLOCK_REALTIME));
	osmo_clock_override_add(CLOCK_REALTIME, 59, 0);
	assert_non_null(gw_agency_as_of(world.agencies, &request));
	osmo_clock_override_add(CLOCK_REALTIME, 2, 0);
	assert_null(gw_agency_as_of(world.agencies, &request));
	osmo_clock_override_enable(CLOCK_REALTIME, false);
}

/* --- secrets, TLS --- */

static void open_secured(const char *authorization, bool tls)
{
	struct sim_server_config config = { .listen = "127.0.0.1", .authorization = authorization };
	sim_server_close(t.server);
	if (tls) {
		config.cert_file = "tests/data/tls/server.pem";
		config.key_file = "tests/data/tls/server.key";
	}
	t.server = sim_server_open(&config);
	assert_non_null(t.server);
}

static void secrets(void **state)
{
	(void)state;
	world_write("secret", "s3cret:pass\n");
	open_secured("Bearer s3cret:pass", false);
	adopt("");
	assert_string_equal(outcome_of("bills.inquire"), "failed");
	adopt("auth = { kind = \"bearer\"; secret_file = \"secret\"; };");
	assert_string_equal(outcome_of("bills.inquire"), "ok");
	open_secured("Basic czNjcmV0OnBhc3M=", false);
	adopt("auth = { kind = \"basic\"; secret_file = \"secret\"; };");
	assert_string_equal(outcome_of("bills.inquire"), "ok");
	open_secured("s3cret:pass", false);
	adopt("auth = { kind = \"header\"; header = \"Authorization\"; secret_file = \"secret\"; };");
	assert_string_equal(outcome_of("bills.inquire"), "ok");
	assert_string_equal(outcome_of("bills.pay"), "ok");
}

static void a_secret_that_cannot_be(void **state)
{
	static const char *const bad[] = { "", "\n", "two\nlines", "with\rreturn", "tab\there" };
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		world_write("secret", bad[i]);
		adopt("auth = { kind = \"bearer\"; secret_file = \"secret\"; };");
		assert_int_equal(menu_diags_count(t.diags), 1);
		assert_string_equal(menu_diags_at(t.diags, 0)->rule, "secret");
		assert_null(strstr(menu_diags_at(t.diags, 0)->text, "two"));
	}
	adopt("auth = { kind = \"bearer\"; secret_file = \"none\"; };");
	assert_int_equal(menu_diags_count(t.diags), 1);
	assert_string_equal(outcome_of("bills.inquire"), "failed");
	assert_int_equal(counter(GW_AGENCY_CTR_UNFIT), 1);
	assert_int_equal(sim_server_stats(t.server).requests, 0); /* never without its secret */
	world_write("none", "now");
	adopt("auth = { kind = \"bearer\"; secret_file = \"none\"; };");
	assert_string_equal(outcome_of("bills.inquire"), "ok");
	assert_string_equal(sim_server_last(t.server, "authorization"), "Bearer now");
}

static void certificates_are_verified(void **state)
{
	char url[64], settings[512], folder[256];
	(void)state;
	open_secured(NULL, true);
	snprintf(url, sizeof(url), "https://127.0.0.1:%u", sim_server_port(t.server));
	adopt_url(url, "");
	assert_string_equal(outcome_of("bills.inquire"), "failed");
	assert_int_equal(counter(GW_AGENCY_CTR_TLS), 1);
	assert_non_null(getcwd(folder, sizeof(folder)));
	snprintf(settings, sizeof(settings), "ca_file = \"%s/tests/data/tls/ca.pem\";", folder);
	adopt_url(url, settings);
	assert_string_equal(outcome_of("bills.inquire"), "ok");
	snprintf(url, sizeof(url), "https://localhost:%u", sim_server_port(t.server)); /* the certificate is for 127.0.0.1 */
	adopt_url(url, settings);
	assert_string_equal(outcome_of("bills.inquire"), "failed");
	assert_int_equal(counter(GW_AGENCY_CTR_TLS), 2);
	adopt_url(url, "ca_file = \"/nonexistent/ca.pem\";");
	assert_int_equal(menu_diags_count(t.diags), 1);
}

/* --- life --- */

static void settings_change_while_a_call_runs(void **state)
{
	struct sim_server *first = t.server;
	(void)state;
	fault("bills", SIM_MODE_SLOW, 50, 1);
	assert_int_equal(call_within("bills.inquire", 60000), 0);
	turn();
	turn();
	open_server(0);
	adopt("concurrency = 2;");
	for (int i = 0; i < 3000 && told.times == 0; i++) {
		sim_server_turn(first, 0);
		turn();
	}
	assert_int_equal(told.times, 1);
	assert_string_equal(told.outcome, "ok");
	assert_string_equal(outcome_of("bills.inquire"), "ok"); /* at the new place */
	assert_int_equal(sim_server_stats(t.server).requests, 1);
	assert_int_equal(gw_agencies_count(world.agencies), 1);
	sim_server_close(first);
}

static void call_again(void *ctx, uint64_t token, const struct menu_answer *answer)
{
	struct gw_agency_request request = request_of("bills.inquire");
	on_told(ctx, token, answer);
	if (token < 20)
		assert_int_equal(gw_agency_call(world.agencies, &request, call_again, ctx, token + 1), 0);
}

static void a_callback_may_call(void **state)
{
	struct gw_agency_request request = request_of("bills.inquire");
	(void)state;
	assert_int_equal(gw_agency_call(world.agencies, &request, call_again, &told, 1), 0);
	until_told(20);
	assert_int_equal(told.failed, 0);
}

static void freeing_answers_everybody(void **state)
{
	(void)state;
	adopt("concurrency = 3; queue = 50;");
	fault("bills", SIM_MODE_HANG, 0, 4);
	for (int i = 0; i < 20; i++)
		assert_int_equal(call_within("bills.inquire", 60000), 0);
	for (int i = 0; i < 5; i++)
		turn();
	assert_int_equal(told.times, 0);
	talloc_free(world.agencies);
	world.agencies = NULL;
	assert_int_equal(told.times, 20);
	assert_int_equal(told.failed, 20);
}

static void an_operation_of_an_agency_that_was_not_adopted(void **state)
{
	static const struct menu_agency stranger = {
		.name = "another", .title_en = "Another", .base_url = "http://127.0.0.1:1", .concurrency = 1, .queue = 1, .breaker_open_ms = 1,
		.answer_octets_max = 1000, .file = "another.cfg",
	};
	static const struct menu_operation op = { .agency = &stranger, .name = "another.x", .method = "GET", .path = "/", .safe = true, .timeout_ms = 1000 };
	struct gw_agency_request request = { .operation = &op, .value = value, .deadline_ms = 1000 };
	struct gw_agency_info info;
	(void)state;
	assert_int_equal(gw_agency_call(world.agencies, &request, on_told, &told, 3), 0);
	until_told(1);
	assert_string_equal(told.outcome, "failed");
	assert_int_equal(gw_agencies_count(world.agencies), 2);
	gw_agencies_info(world.agencies, 0, &info);
	assert_string_equal(info.name, "another"); /* listed by name */
	gw_agencies_info(world.agencies, 1, &info);
	assert_string_equal(info.name, "bills");
}

static void every_counter_has_a_text(void **state)
{
	size_t n = 0;
	(void)state;
	while (gw_agency_ctr_row(n)) {
		assert_non_null(gw_agency_ctr_row(n)->name);
		assert_non_null(gw_agency_ctr_row(n)->text);
		n++;
	}
	assert_int_equal(n, GW_AGENCY_CTRS);
}

/* A name server that does not answer must not stop the loop. curl looks names up in a thread: here it finds us. */
static pthread_mutex_t looking = PTHREAD_MUTEX_INITIALIZER;
static volatile int looked_up;

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
	(void)name, (void)service, (void)hints, (void)found;
	looked_up++;
	pthread_mutex_lock(&looking);
	pthread_mutex_unlock(&looking);
	return EAI_NONAME;
}

static void a_name_that_is_not_found_stops_nobody(void **state)
{
	(void)state;
	adopt_url("http://slow.invalid:9", "");
	pthread_mutex_lock(&looking);
	assert_int_equal(call_within("bills.brief", 60000), 0);
	until_told(1); /* by its time-out, while the look-up still hangs: were it waited for, this would never come */
	assert_string_equal(told.outcome, "failed");
	assert_int_equal(counter(GW_AGENCY_CTR_TIMEOUT), 1);
	assert_int_equal(looked_up, 1);
	pthread_mutex_unlock(&looking);
	assert_string_equal(outcome_of("bills.inquire"), "failed");
	assert_int_equal(counter(GW_AGENCY_CTR_NO_CONNECT), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(a_bill), T(a_list), T(a_value_stays_one_segment), T(connections_are_kept),
		T(every_fault_is_told_and_counted), T(slow_is_not_broken), T(too_slow_times_out), T(nobody_listens),
		T(the_server_dies_in_mid_answer_and_comes_back), T(an_idle_connection_is_hung_up),
		T(what_is_safe_is_tried_again), T(a_refusal_is_final), T(no_attempt_after_the_deadline), T(a_payment_takes_effect_once),
		T(what_is_safe_has_no_key), T(the_breaker_spares_and_tries_again), T(never_more_at_once_than_agreed), T(a_full_queue_refuses),
		T(waiting_ends_at_the_deadline), T(an_older_answer_stands_in), T(an_older_answer_grows_too_old),
		T(secrets), T(a_secret_that_cannot_be), T(certificates_are_verified),
		T(settings_change_while_a_call_runs), T(a_callback_may_call), T(freeing_answers_everybody),
		T(an_operation_of_an_agency_that_was_not_adopted), T(every_counter_has_a_text), T(a_name_that_is_not_found_stops_nobody),
	};

	return cmocka_run_group_tests(tests, world_group_begin, world_group_end);
}
