/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Dialogs that ask an agency: in time, late, never; citizens who hang up or dial anew meanwhile; gateways that die. */
#include <stdio.h>

#include "tests/unit/gateway/dialog_world.h"

#define BILL "{\"amount\":1500}"

/* Up to the question whose answer makes the call. */
static struct gateway *stands_at_the_question(unsigned int which)
{
	struct gateway *gateway = gateway_start(which);

	SAYS(dial(gateway, 1, "*4*2020#"), "Your bills");
	SAYS(type(gateway, 1, "1"), "Which bill?");
	return gateway;
}

static uint32_t asks(struct gateway *gateway, const char *text)
{
	unsigned int before = world.n_requests;
	uint32_t ticket = deliver(gateway, GW_STEP_INPUT, 1, 77, text);

	UNTIL(world.n_requests > before);
	assert_int_equal(ACCEPTED, gateway->tickets[ticket]); /* saved as waiting */
	assert_int_equal(1, gw_dialogs_calling(gateway->dialogs));
	return ticket;
}

static void pays(struct gateway *gateway)
{
	dial(gateway, 1, "*4*2020#");
	SAYS(type(gateway, 1, "3"), "Really pay?");
	asks(gateway, "1");
}

static void waits_until_late(struct gateway *gateway)
{
	unsigned int before = gateway->n_answers;

	UNTIL(gateway->n_answers > before);
	assert_int_equal(GW_ANSWER_END, last_answer(gateway)->kind);
}

static void is_idle(struct gateway *gateway)
{
	UNTIL(gw_dialogs_in_flight(gateway->dialogs) == 0);
}

static void a_bill_is_shown_and_sent(void **state)
{
	struct gateway *a = stands_at_the_question(0);

	(void)state;
	asks(a, "42");
	SAYS(world.requests[0].line, "GET /bills/42 ");
	agency_answer(0, 200, BILL);
	is_idle(a);
	SAYS(last_answer(a)->text, "Bill 42 is 1500");
	taken(a);
	SAYS(type(a, 1, "1"), "It is sent");
	assert_int_equal(1, a->n_sms);
	SAYS(a->sms[0].text, "Bill 42, pay 1500");
}

/* What a place does not store, the number, is there when the call is made. */
static void an_agency_is_told_who_asks(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	dial(a, 1, "*4*2020#");
	asks(a, "2");
	SAYS(world.requests[0].line, "GET /of/" CITIZEN " ");
	agency_answer(0, 200, "{\"n\":3}");
	is_idle(a);
	SAYS(last_answer(a)->text, "You have 3");
}

static void other_outcomes(void **state)
{
	struct gateway *a = stands_at_the_question(0);

	(void)state;
	asks(a, "42");
	agency_answer(0, 404, "{}");
	is_idle(a);
	SAYS(last_answer(a)->text, "There is none");
	taken(a);
	type(a, 1, "0");
	asks(a, "43");
	agency_answer(1, 500, "{}");
	is_idle(a);
	SAYS(last_answer(a)->text, "No answer, later");
}

static void a_repetition_while_an_agency_is_asked(void **state)
{
	struct gateway *a = stands_at_the_question(0);
	uint32_t again, impatient;

	(void)state;
	asks(a, "42");
	again = deliver(a, GW_STEP_INPUT, 1, 78, "42");
	impatient = deliver(a, GW_STEP_INPUT, 1, 79, "43");
	assert_int_equal(ACCEPTED, a->tickets[again]);
	assert_int_equal(ACCEPTED, a->tickets[impatient]);
	agency_answer(0, 200, BILL);
	is_idle(a);
	assert_int_equal(3, a->n_answers);
	assert_int_equal(1, world.n_requests);
}

static void a_late_answer_goes_out_by_sms(void **state)
{
	struct gateway *a = stands_at_the_question(0);
	uint32_t again;

	(void)state;
	a->route.answer_ms = 1;
	asks(a, "42");
	UNTIL(a->n_answers == 3);
	assert_int_equal(GW_ANSWER_END, last_answer(a)->kind);
	again = deliver(a, GW_STEP_INPUT, 1, 78, "42"); /* the network repeats itself: the same code */
	assert_int_equal(ACCEPTED, a->tickets[again]);
	assert_int_equal(4, a->n_answers);
	assert_string_equal(a->answers[2].text, a->answers[3].text);
	agency_answer(0, 200, BILL);
	is_idle(a);
	assert_int_equal(4, a->n_answers);
	assert_int_equal(1, a->n_sms);
	SAYS(a->sms[0].text, "Bill 42 is 1500");
	assert_string_equal(CITIZEN, a->sms[0].msisdn);
	assert_int_equal(1, counted(a, GW_CTR_LATE));
	assert_int_equal(1, counted(a, GW_CTR_LATE_SENT));
}

/* The agency's file says that an answer of this age will do: the dialog goes on with it, and no SMS is owed. */
static void an_older_answer_stands_in_for_a_late_one(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	dial(a, 1, "*4*2020#");
	asks(a, "2");
	agency_answer(0, 200, "{\"n\":3}");
	is_idle(a);
	taken(a);
	hang_up(a, 1);
	a->route.answer_ms = 1;
	deliver(a, GW_STEP_DIAL, 2, 90, "*4*2020*2#");
	UNTIL(a->n_answers == 3);
	assert_int_equal(GW_ANSWER_ASK, last_answer(a)->kind);
	SAYS(last_answer(a)->text, "You have 3");
	assert_int_equal(2, world.n_requests);
	agency_answer(1, 200, "{\"n\":4}"); /* what the call still brings is for the next one who asks */
	is_idle(a);
	assert_int_equal(3, a->n_answers);
	assert_int_equal(0, a->n_sms);
	assert_int_equal(0, counted(a, GW_CTR_LATE));
}

static void a_late_dialog_repeated_on_another_gateway(void **state)
{
	struct gateway *a = stands_at_the_question(0), *b = gateway_start(1);

	(void)state;
	a->route.answer_ms = 1;
	asks(a, "42");
	UNTIL(a->n_answers == 3);
	deliver(b, GW_STEP_INPUT, 1, 78, "42");
	is_idle(b);
	assert_string_equal(last_answer(a)->text, last_answer(b)->text);
	agency_answer(0, 200, BILL);
	is_idle(a);
	assert_int_equal(1, a->n_sms);
}

static void who_hangs_up_finds_the_answer_at_the_next_dial(void **state)
{
	struct gateway *a = stands_at_the_question(0);

	(void)state;
	asks(a, "42");
	hang_up(a, 1);
	agency_answer(0, 200, BILL);
	is_idle(a);
	assert_int_equal(2, a->n_answers);
	dial(a, 2, "*4#");
	SAYS(type(a, 2, "1"), "Bill 42 is 1500");
	assert_int_equal(0, a->n_sms);
}

/* The hang-up comes while the step is still being saved. */
static void who_hangs_up_early_is_not_lost(void **state)
{
	struct gateway *a = stands_at_the_question(0);
	uint32_t gone;

	(void)state;
	deliver(a, GW_STEP_INPUT, 1, 77, "42");
	gone = deliver(a, GW_STEP_GONE, 1, 78, "");
	agency_answer(0, 200, BILL);
	is_idle(a);
	assert_int_equal(ACCEPTED, a->tickets[gone]);
	assert_int_equal(2, a->n_answers);
	dial(a, 2, "*4#");
	SAYS(type(a, 2, "1"), "Bill 42 is 1500");
	assert_int_equal(1, world.n_requests);
}

static void nobody_who_hung_up_is_told_that_it_is_late(void **state)
{
	struct gateway *a = stands_at_the_question(0);

	(void)state;
	a->route.answer_ms = 600000;
	asks(a, "42");
	hang_up(a, 1);
	a->route.answer_ms = 1;
	for (int i = 0; i < 20; i++)
		world_turn("some turns");
	world_turn(NULL);
	assert_int_equal(0, counted(a, GW_CTR_LATE));
	agency_answer(0, 200, BILL);
	is_idle(a);
	assert_int_equal(0, a->n_sms);
}

static void a_new_dial_does_not_wait_for_an_agency(void **state)
{
	struct gateway *a = stands_at_the_question(0);

	(void)state;
	asks(a, "42");
	dial(a, 2, "*4*77#");
	SAYS(last_answer(a)->text, "First");
	agency_answer(0, 200, BILL); /* nobody's */
	is_idle(a);
	SAYS(type(a, 2, "1"), "Second");
	assert_int_equal(0, a->n_sms);
}

static void a_new_dial_takes_the_question_up_again(void **state)
{
	struct gateway *a = stands_at_the_question(0);

	(void)state;
	asks(a, "42");
	dial(a, 2, "*4#");
	assert_int_equal(1, counted(a, GW_CTR_RESUMED));
	deliver(a, GW_STEP_INPUT, 2, 90, "1");
	agency_answer(0, 200, BILL);
	agency_answer(1, 200, BILL);
	is_idle(a);
	SAYS(last_answer(a)->text, "Bill 42 is 1500");
	assert_int_equal(2, last_answer(a)->session);
	assert_int_equal(0, a->n_sms);
}

/* What may have changed something is never forgotten. */
static void the_outcome_of_a_payment_comes_by_sms_after_a_new_dial(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	pays(a);
	SAYS(dial(a, 2, "*4*77#"), "First");
	agency_answer(0, 200, "{\"receipt\":\"R7\"}");
	is_idle(a);
	assert_int_equal(1, a->n_sms);
	SAYS(a->sms[0].text, "receipt R7");
	SAYS(type(a, 2, "1"), "Second");
}

static void a_promise_outlives_a_new_dial(void **state)
{
	struct gateway *a = stands_at_the_question(0);

	(void)state;
	a->route.answer_ms = 1;
	asks(a, "42");
	UNTIL(a->n_answers == 3);
	a->route.answer_ms = 600000;
	SAYS(dial(a, 2, "*4*77#"), "First");
	agency_answer(0, 200, BILL);
	is_idle(a);
	assert_int_equal(1, a->n_sms);
	SAYS(a->sms[0].text, "Bill 42 is 1500");
}

static void a_promise_outlives_a_new_dial_at_another_gateway(void **state)
{
	struct gateway *a = stands_at_the_question(0), *b = gateway_start(1);

	(void)state;
	a->route.answer_ms = 1;
	asks(a, "42");
	UNTIL(a->n_answers == 3);
	SAYS(dial(b, 2, "*4*77#"), "First");
	agency_answer(0, 200, BILL);
	is_idle(a);
	assert_int_equal(1, counted(a, GW_CTR_CONFLICTS));
	assert_int_equal(1, a->n_sms);
	SAYS(type(b, 2, "1"), "Second");
}

static void a_dead_gateways_call_is_taken_over(void **state)
{
	struct gateway *a = gateway_start(0), *b = gateway_start(1);
	char key[64];

	(void)state;
	pays(a);
	SAYS(world.requests[0].line, "POST /pay");
	SAYS(world.requests[0].key, "dempotency-");
	strcpy(key, world.requests[0].key);
	gateway_kill(a);
	make_due(b, CITIZEN);
	UNTIL(world.n_requests == 2);
	assert_string_equal(key, world.requests[1].key);
	agency_answer(1, 200, "{\"receipt\":\"R7\"}");
	is_idle(b);
	assert_int_equal(1, counted(b, GW_CTR_TAKEN_OVER));
	assert_int_equal(0, b->n_answers);
	assert_int_equal(1, b->n_sms);
	SAYS(b->sms[0].text, "receipt R7");
}

/* The survivor knows an older state of the session: that must not make it forget the promise. */
static void an_old_cache_does_not_forget_what_is_due(void **state)
{
	struct gateway *a = gateway_start(0), *b = gateway_start(1);

	(void)state;
	dial(b, 1, "*4*2020#");
	type(a, 1, "1");
	asks(a, "42");
	gateway_kill(a);
	make_due(b, CITIZEN);
	UNTIL(world.n_requests == 2);
	agency_answer(1, 200, BILL);
	is_idle(b);
	assert_int_equal(1, b->n_sms);
}

static void a_dead_gateways_step_is_repeated_at_another(void **state)
{
	struct gateway *a = gateway_start(0), *b = gateway_start(1);
	char key[64];

	(void)state;
	pays(a);
	strcpy(key, world.requests[0].key);
	gateway_kill(a);
	deliver(b, GW_STEP_INPUT, 1, 99, "1");
	UNTIL(world.n_requests == 2);
	assert_string_equal(key, world.requests[1].key);
	agency_answer(1, 200, "{\"receipt\":\"R7\"}");
	is_idle(b);
	SAYS(last_answer(b)->text, "receipt R7");
}

static void a_step_repeated_while_it_is_taken_over(void **state)
{
	struct gateway *a = stands_at_the_question(0), *b = gateway_start(1);

	(void)state;
	asks(a, "42");
	gateway_kill(a);
	make_due(b, CITIZEN);
	UNTIL(world.n_requests == 2);
	deliver(b, GW_STEP_INPUT, 1, 99, "42");
	assert_int_equal(1, b->n_answers);
	assert_int_equal(GW_ANSWER_END, last_answer(b)->kind);
	assert_null(strstr(last_answer(b)->text, "00000000"));
	agency_answer(1, 200, BILL);
	is_idle(b);
	assert_int_equal(1, b->n_sms);
}

static void only_so_many_may_be_late(void **state)
{
	struct gateway *a;

	(void)state;
	world.late_calls = 0;
	a = stands_at_the_question(0);
	a->route.answer_ms = 1;
	asks(a, "42");
	UNTIL(a->n_answers == 3);
	assert_int_equal(GW_ANSWER_END, last_answer(a)->kind);
	assert_int_equal(1, gw_dialogs_calling(a->dialogs)); /* its menu is held until the agency answers */
	make_due(a, CITIZEN);
	for (int i = 0; i < 100; i++)                        /* it is not taken over either */
		world_turn("some turns");
	world_turn(NULL);
	agency_answer(0, 200, BILL);
	is_idle(a);
	assert_int_equal(0, a->n_sms);
	assert_int_equal(0, counted(a, GW_CTR_TAKEN_OVER));
	a->route.answer_ms = 600000;
	dial(a, 2, "*4#");
	deliver(a, GW_STEP_INPUT, 2, 90, "1");
	agency_answer(1, 200, BILL);
	is_idle(a);
	SAYS(last_answer(a)->text, "Bill 42 is 1500");
}

static void only_so_many_calls(void **state)
{
	struct gateway *a;

	(void)state;
	world.agency_calls = 1;
	a = stands_at_the_question(0);
	asks(a, "42");
	deliver_of(a, "98911", GW_STEP_DIAL, 5, 1, "*4*2020#");
	UNTIL(a->n_answers == 3);
	deliver_of(a, "98911", GW_STEP_INPUT, 5, 2, "2");
	UNTIL(a->n_answers == 4);
	SAYS(last_answer(a)->text, "No answer, later");
	agency_answer(0, 200, BILL);
	is_idle(a);
	assert_int_equal(1, world.n_requests);
	type(a, 1, "0"); /* and one after the other there may be as many as there are */
	asks(a, "43");
	agency_answer(1, 200, BILL);
	is_idle(a);
	SAYS(last_answer(a)->text, "Bill 43");
}

static void redis_hangs_when_it_gets_late(void **state)
{
	struct gateway *a = stands_at_the_question(0);

	(void)state;
	a->route.answer_ms = 100;
	asks(a, "42");
	redis_server_hang(&world.redis);
	waits_until_late(a);
	assert_int_equal(1, counted(a, GW_CTR_STORE_DOWN));
	assert_int_equal(0, last_answer(a)->version);
	redis_server_resume(&world.redis);
	agency_answer(0, 200, BILL);
	is_idle(a);
	assert_int_equal(0, a->n_sms); /* nothing was promised */
	UNTIL(sess_redis_up(a->redis));
}

static void redis_hangs_when_a_promised_answer_comes(void **state)
{
	struct gateway *a = stands_at_the_question(0);

	(void)state;
	a->route.answer_ms = 1;
	asks(a, "42");
	UNTIL(a->n_answers == 3);
	redis_server_hang(&world.redis);
	agency_answer(0, 200, BILL);
	is_idle(a);
	assert_int_equal(1, a->n_sms);
	redis_server_resume(&world.redis);
	UNTIL(sess_redis_up(a->redis));
}

static void a_gateway_stops_with_everything_open(void **state)
{
	struct gateway *a = stands_at_the_question(0);

	(void)state;
	a->route.answer_ms = 1;
	asks(a, "42");
	UNTIL(a->n_answers == 3);
	deliver_of(a, "98911", GW_STEP_DIAL, 5, 1, "*4*2020#");
	deliver_of(a, "98911", GW_STEP_INPUT, 5, 2, "1");
	gateway_kill(a);
}

/* ---- whose a call is ---- */

static struct { unsigned int n; uint64_t dialog; uint16_t route; } own;

static void serve_letter(const struct gw_builtin_call *call, const char *const *params)
{
	(void)params;
	own.n++;
	own.dialog = call->dialog;
	own.route = call->route;
	gw_builtin_answer(call->builtin, call->token, 404, NULL);
}

/* What is proved in a dialog is bound to its name: every call of it has the same, those of another have another. */
static void a_call_names_its_dialog(void **state)
{
	static const struct gw_builtin_row rows[] = { { "GET", "/letters/{id}", serve_letter, false }, { 0 } };
	static const struct gw_builtin_row *const tables[] = { rows, NULL };
	struct gateway *one;
	uint64_t first;

	(void)state;
	memset(&own, 0, sizeof(own));
	world.tables = tables;
	one = gateway_start(0);
	SAYS(dial(one, 1, "*4*100*x#"), "No such letter");
	first = own.dialog;
	assert_true(first && own.route);
	SAYS(type(one, 1, "0"), "Which letter?");
	SAYS(type(one, 1, "y"), "No such letter");
	assert_int_equal(2, own.n);
	assert_true(first == own.dialog);
	hang_up(one, 1);
	dial(one, 2, "*4*100*x#");
	if (own.n == 2)
		type(one, 2, "2"); /* begin anew */
	assert_int_equal(3, own.n);
	assert_true(own.dialog && own.dialog != first);
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)
	const struct CMUnitTest tests[] = {
		STORY(a_bill_is_shown_and_sent),
		STORY(an_agency_is_told_who_asks),
		STORY(a_call_names_its_dialog),
		STORY(other_outcomes),
		STORY(a_repetition_while_an_agency_is_asked),
		STORY(a_late_answer_goes_out_by_sms),
		STORY(an_older_answer_stands_in_for_a_late_one),
		STORY(a_late_dialog_repeated_on_another_gateway),
		STORY(who_hangs_up_finds_the_answer_at_the_next_dial),
		STORY(who_hangs_up_early_is_not_lost),
		STORY(nobody_who_hung_up_is_told_that_it_is_late),
		STORY(a_new_dial_does_not_wait_for_an_agency),
		STORY(a_new_dial_takes_the_question_up_again),
		STORY(the_outcome_of_a_payment_comes_by_sms_after_a_new_dial),
		STORY(a_promise_outlives_a_new_dial),
		STORY(a_promise_outlives_a_new_dial_at_another_gateway),
		STORY(a_dead_gateways_call_is_taken_over),
		STORY(an_old_cache_does_not_forget_what_is_due),
		STORY(a_dead_gateways_step_is_repeated_at_another),
		STORY(a_step_repeated_while_it_is_taken_over),
		STORY(only_so_many_may_be_late),
		STORY(only_so_many_calls),
		STORY(redis_hangs_when_it_gets_late),
		STORY(redis_hangs_when_a_promised_answer_comes),
		STORY(a_gateway_stops_with_everything_open),
	};

	return cmocka_run_group_tests_name("dialog_call", tests, world_group_start, world_group_stop);
}
