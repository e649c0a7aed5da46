/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Payments by a portal (/v1/citizens/{msisdn}/payments): a whole gateway, real HTTP, a real ledger, and a payment agency that is this file.
 * Paid, refused and not known yet; the same call again, the same key for another bill, the same bill under another key; what is another
 * citizen's; who may not; and bodies that are rubbish. */
#include "tests/unit/gateway/api_world.h"

#include <osmocom/core/timer.h>

#include "gateway/payments.h"

#define CITIZEN "989120000001"
#define OTHER "989120000002"
#define KIND ",\"kind\":{\"fa\":\"برق\",\"en\":\"Electricity\"}"
#define PAID "{\"bill_id\":\"7748317800142\",\"payment_id\":\"1770160\",\"amount\":17000" KIND "}"
#define REFUSED "{\"bill_id\":\"2273482444320\",\"payment_id\":\"9876580379\",\"amount\":98765000" KIND ",\"issuer\":\"bills\"}"
#define SILENT "{\"bill_id\":\"41234577784\",\"payment_id\":\"1250090269\",\"amount\":12500000" KIND "}"

static struct api_reply reply;
static struct account_wish portal = { .name = "portal", .scopes = 1u << GW_SCOPE_PAYMENTS };
static struct account_wish shy = { .name = "shy", .scopes = 1u << GW_SCOPE_PORTAL };

/* ---- the payment agency ---- */

static struct osmo_timer_list timer;
static struct { enum gw_payment_act what; uint64_t token; char bill[20]; } asked;
static unsigned int n_paid;

static void on_timer(void *data)
{
	bool silent = strcmp(asked.bill, "41234577784") == 0, refused = strcmp(asked.bill, "2273482444320") == 0;

	(void)data;
	if (!world.gw->payments)
		return;
	n_paid += asked.what == GW_PAYMENT_PUT && !silent && !refused;
	if (asked.what == GW_PAYMENT_PUT)
		gw_payments_heard(world.gw->payments, asked.token, silent ? GW_PAYMENT_PUT_SILENT : refused ? GW_PAYMENT_PUT_REFUSED : GW_PAYMENT_PUT_PAID,
				  "R7", "not enough money");
	else
		gw_payments_heard(world.gw->payments, asked.token, asked.what == GW_PAYMENT_GET ? GW_PAYMENT_GET_SILENT : GW_PAYMENT_DELETE_SILENT, "", "");
}

static int ask_agency(void *ctx, enum gw_payment_act what, const json_t *record, uint64_t token)
{
	(void)ctx;
	asked.what = what;
	asked.token = token;
	snprintf(asked.bill, sizeof(asked.bill), "%s", json_string_value(json_object_get(record, "bill_id")));
	osmo_timer_schedule(&timer, 0, 1000);
	return 0;
}

static int begin(void **state)
{
	struct account_wish *const all[] = { &portal, &shy };
	int rc = world_init(state);

	if (rc < 0)
		return rc;
	api_world_begin("");
	account_world_add_all(all, ARRAY_SIZE(all));
	osmo_timer_setup(&timer, on_timer, NULL);
	world.gw->payments = gw_payments_alloc(world.gw, &(struct gw_payments_config){ .ledger = world.gw->ledger, .consumer = world.gw->consumer,
		.lanes = world.gw->lanes, .notices = world.gw->notices, .events = world.gw->events, .pins = world.gw->pins, .answer_ms = 4000,
		.idle_ms = 150000, .keep_ms = 3600000, .in_work = 16, .call = ask_agency,
		.settings = { .call_ms = 600000, .pause_min_ms = 1000, .pause_max_ms = 1000, .void_after_ms = 900000, .unsure_after_ms = 9000000 } });
	assert_non_null(world.gw->payments);
	return 0;
}

static int end(void **state)
{
	(void)state;
	osmo_timer_del(&timer);
	json_decref(reply.json);
	api_world_end();
	return 0;
}

static void ask(const struct account_wish *who, const char *method, const char *msisdn, const char *rest, const char *key, const char *body)
{
	char path[160], more[96] = "";

	snprintf(path, sizeof(path), "/v1/citizens/%s/payments%s", msisdn, rest);
	if (key)
		snprintf(more, sizeof(more), "Idempotency-Key: %s\r\n", key);
	api_call(&reply, method, path, who->key, more, body);
}

static void post(const char *key, const char *body)
{
	ask(&portal, "POST", CITIZEN, "?language=en", key, body);
}

/* ---- what comes of it ---- */

static void test_pays_once(void **state)
{
	char code[16], rest[32];

	(void)state;
	post("a-1", PAID);
	assert_int_equal(reply.status, 200);
	assert_string_equal(api_text(&reply, "state"), "paid");
	assert_string_equal(api_text(&reply, "reference"), "R7");
	assert_string_equal(api_text(&reply, "kind"), "Electricity");
	snprintf(code, sizeof(code), "%s", api_text(&reply, "code"));
	post("a-1", PAID); /* no answer came, say */
	assert_int_equal(reply.status, 200);
	assert_string_equal(api_text(&reply, "code"), code);
	post("a-1", REFUSED);
	assert_api_problem(&reply, 409, "idempotency-conflict");
	post("a-2", PAID);
	assert_api_problem(&reply, 409, "already-paid");
	post(NULL, PAID);
	assert_api_problem(&reply, 409, "already-paid");
	assert_int_equal(n_paid, 1);

	snprintf(rest, sizeof(rest), "/%s", code);
	ask(&portal, "GET", "09120000001", rest, NULL, NULL);
	assert_int_equal(reply.status, 200);
	assert_string_equal(api_text(&reply, "state"), "paid");
	assert_non_null(strchr(api_text(&reply, "at"), 'T'));
	ask(&portal, "GET", OTHER, rest, NULL, NULL);
	assert_api_problem(&reply, 404, "unknown-payment");
	ask(&portal, "GET", CITIZEN, "", NULL, NULL);
	assert_int_equal(reply.status, 200);
	assert_int_equal(json_array_size(json_object_get(reply.json, "payments")), 1);
	assert_true(json_is_null(json_object_get(reply.json, "next")));
	ask(&portal, "GET", OTHER, "", NULL, NULL);
	assert_int_equal(json_array_size(json_object_get(reply.json, "payments")), 0);
}

static void test_refused(void **state)
{
	(void)state;
	post("b-1", REFUSED);
	assert_int_equal(reply.status, 200);
	assert_string_equal(api_text(&reply, "state"), "refused");
	assert_string_equal(api_text(&reply, "why"), "not enough money");
	post("b-2", REFUSED); /* may be tried anew */
	assert_int_equal(reply.status, 200);
}

static void test_not_known_yet(void **state)
{
	(void)state;
	post("c-1", SILENT);
	assert_int_equal(reply.status, 202);
	assert_string_equal(api_text(&reply, "state"), "unknown");
	assert_non_null(api_text(&reply, "code"));
	post("c-1", SILENT);
	assert_int_equal(reply.status, 202);
	post("c-2", SILENT);
	assert_api_problem(&reply, 409, "already-paid");
}

/* ---- attacks ---- */

static void test_who_may_not(void **state)
{
	(void)state;
	ask(&shy, "POST", CITIZEN, "", "d-1", PAID);
	assert_api_problem(&reply, 403, "forbidden-scope");
	ask(&shy, "GET", CITIZEN, "", NULL, NULL);
	assert_api_problem(&reply, 403, "forbidden-scope");
	ask(&portal, "POST", "12", "", "d-1", PAID);
	assert_api_problem(&reply, 400, "bad-number");
	ask(&portal, "GET", CITIZEN, "/123456789", NULL, NULL);
	assert_api_problem(&reply, 404, "unknown-payment");
	ask(&portal, "GET", CITIZEN, "?skip=1001", NULL, NULL);
	assert_api_problem(&reply, 400, "bad-query");
}

static void test_rubbish(void **state)
{
#define BILL "\"bill_id\":\"7748317800142\",\"payment_id\":\"1770160\""
	static const struct { const char *body, *pointer; } bodies[] = {
		{ "[]", "" }, { "{}", "/bill_id" }, { "{" BILL "}", "/amount" }, { "{" BILL ",\"amount\":17000}", "/kind" },
		{ "{" BILL ",\"amount\":\"17000\"" KIND "}", "/amount" }, { "{" BILL ",\"amount\":17000.0" KIND "}", "/amount" },
		{ "{" BILL ",\"amount\":-17000" KIND "}", "/amount" }, { "{" BILL ",\"amount\":9223372036854775807" KIND "}", "/amount" },
		{ "{" BILL ",\"amount\":17001" KIND "}", "/amount" }, { "{" BILL ",\"amount\":17000,\"kind\":\"x\"}", "/kind" },
		{ "{" BILL ",\"amount\":17000,\"kind\":{\"fa\":\"x\"}}", "/kind" }, { "{" BILL ",\"amount\":17000,\"kind\":{\"fa\":\"x\",\"de\":\"x\"}}", "/kind" },
		{ "{" BILL ",\"amount\":17000" KIND ",\"issuer\":7}", "/issuer" },
		{ "{" BILL ",\"amount\":17000" KIND ",\"issuer\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}", "/issuer" },
		{ "{" BILL ",\"amount\":17000" KIND ",\"national_id\":\"1\"}", "" },
		{ "{\"bill_id\":\"7748317800143\",\"payment_id\":\"1770160\",\"amount\":17000" KIND "}", "/bill_id" },
		{ "{\"bill_id\":7748317800142,\"payment_id\":\"1770160\",\"amount\":17000" KIND "}", "/bill_id" },
		{ "{\"bill_id\":\"7748317800142\",\"payment_id\":\"1770161\",\"amount\":17000" KIND "}", "/payment_id" },
		{ "{\"bill_id\":\"7748317800142\",\"payment_id\":[],\"amount\":17000" KIND "}", "/payment_id" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		const char *pointer;

		post("e-1", bodies[i].body);
		assert_api_problem(&reply, 422, "bad-field");
		pointer = api_text(&reply, "pointer");
		if (strcmp(pointer ? pointer : "", bodies[i].pointer) != 0)
			fail_msg("%s: %s", bodies[i].body, reply.body);
	}
	post("e-1", "{\"bill_id\":");
	assert_api_problem(&reply, 400, "bad-json");
}

/* Where nothing is paid, nothing begins. */
static void test_no_payment_agency(void **state)
{
	struct gw_payments *payments = world.gw->payments;

	(void)state;
	world.gw->payments = NULL;
	post("f-1", PAID);
	assert_int_equal(reply.status, 503);
	world.gw->payments = payments;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pays_once), cmocka_unit_test(test_refused), cmocka_unit_test(test_not_known_yet), cmocka_unit_test(test_who_may_not),
		cmocka_unit_test(test_rubbish), cmocka_unit_test(test_no_payment_agency),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
