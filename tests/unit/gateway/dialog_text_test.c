/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Text messages of dialogs where there is a ledger: promised before the page that tells of them, once, whoever dies when. */
#include "tests/unit/gateway/dialog_world.h"

#define BILL "{\"amount\":1500}"
#define PAID "{\"receipt\":\"R7\"}"

static void is_idle(struct gateway *gateway)
{
	UNTIL(gw_dialogs_in_flight(gateway->dialogs) == 0);
}

/* "1" will send it. */
static struct gateway *has_a_bill(enum keeper keeper)
{
	struct gateway *a;

	world.keeper = keeper;
	a = gateway_start(0);
	dial(a, 1, "*4*2020#");
	type(a, 1, "1");
	deliver(a, GW_STEP_INPUT, 1, 77, "42");
	agency_answer(0, 200, BILL);
	is_idle(a);
	SAYS(last_answer(a)->text, "Bill 42 is 1500");
	taken(a);
	return a;
}

static void pays(struct gateway *gateway)
{
	dial(gateway, 1, "*4*2020#");
	type(gateway, 1, "3");
	deliver(gateway, GW_STEP_INPUT, 1, 77, "1");
	UNTIL(world.n_requests == 1);
}

static void first_the_promise_then_the_page(void **state)
{
	struct gateway *a = has_a_bill(HOLDS);
	unsigned int answers = a->n_answers;
	uint32_t ticket = deliver(a, GW_STEP_INPUT, 1, 78, "1"), again;

	(void)state;
	assert_int_equal(1, world.n_kept);
	for (int i = 0; i < 20; i++)
		world_turn("some turns");
	world_turn(NULL);
	assert_int_equal(answers, a->n_answers);
	assert_int_equal(PENDING, a->tickets[ticket]);
	again = deliver(a, GW_STEP_INPUT, 1, 79, "1"); /* the network repeats itself meanwhile */
	keeper_says(SESS_LEDGER_OK);
	is_idle(a);
	assert_int_equal(ACCEPTED, a->tickets[ticket]);
	assert_int_equal(ACCEPTED, a->tickets[again]);
	SAYS(last_answer(a)->text, "It is sent");
	assert_string_equal(world.kept[0].text, "Bill 42, pay 1500");
	assert_string_equal(world.kept[0].msisdn, CITIZEN);
	assert_string_equal(world.kept[0].language, "en");
	assert_int_equal(0, a->n_sms);
	assert_int_equal(1, counted(a, GW_CTR_DIALOG_TEXTS));
	assert_int_equal(0, counted(a, GW_CTR_DIALOG_TEXTS_MEMORY));
}

static void killed_between_promise_and_page(void **state)
{
	struct gateway *a = has_a_bill(HOLDS), *b = gateway_start(1);

	(void)state;
	deliver(a, GW_STEP_INPUT, 1, 78, "1");
	assert_int_equal(1, world.n_kept);
	gateway_kill(a);
	world.keeper = KEEPS;
	deliver(b, GW_STEP_INPUT, 1, 5, "1");
	is_idle(b);
	SAYS(last_answer(b)->text, "It is sent");
	assert_int_equal(1, world.n_kept);
	assert_int_equal(1, world.n_kept_again);
	assert_int_equal(0, b->n_sms);
}

/* Both gateways get the step: the one whose save comes too late finds that it was done. */
static void two_gateways_at_once(void **state)
{
	struct gateway *a = has_a_bill(HOLDS), *b = gateway_start(1);

	(void)state;
	deliver(a, GW_STEP_INPUT, 1, 78, "1");
	deliver(b, GW_STEP_INPUT, 1, 5, "1");
	UNTIL(world.n_kept_again == 1);
	keeper_says(SESS_LEDGER_OK);
	is_idle(a);
	is_idle(b);
	assert_int_equal(1, world.n_kept);
	assert_int_equal(0, a->n_sms + b->n_sms);
}

static void what_is_wanted_twice_comes_twice(void **state)
{
	struct gateway *a = has_a_bill(KEEPS);

	(void)state;
	SAYS(type(a, 1, "1"), "It is sent");
	dial(a, 2, "*4*2020#");
	type(a, 2, "1");
	deliver(a, GW_STEP_INPUT, 2, 77, "42");
	agency_answer(1, 200, BILL);
	is_idle(a);
	taken(a);
	SAYS(type(a, 2, "1"), "It is sent");
	assert_int_equal(2, world.n_kept);
	assert_int_equal(0, world.n_kept_again);
}

/* The same session ids and keys, for one and the same bill: it is another call. */
static void late_pages_have_names_of_their_own(void **state)
{
	struct gateway *a;

	(void)state;
	world.keeper = KEEPS;
	a = gateway_start(0);
	for (unsigned int i = 0; i < 2; i++) {
		a->route.answer_ms = 600000;
		dial(a, 1, "*4*2020#");
		type(a, 1, "1");
		a->route.answer_ms = 1;
		deliver(a, GW_STEP_INPUT, 1, 77, "42");
		UNTIL(counted(a, GW_CTR_LATE) == i + 1);
		agency_answer(i, 200, BILL);
		is_idle(a);
		assert_int_equal(i + 1, world.n_kept);
		SAYS(world.kept[i].text, "Bill 42 is 1500");
	}
	assert_int_equal(0, a->n_sms);
	assert_int_equal(2, counted(a, GW_CTR_LATE_SENT));
}

/* The first has promised the outcome and dies; who takes over asks the agency by the same key, and promises it again. */
static void a_late_page_that_was_promised_is_taken_over(void **state)
{
	struct gateway *a, *b;

	(void)state;
	world.keeper = HOLDS;
	world.answer_ms = 1;
	a = gateway_start(0);
	b = gateway_start(1);
	a->route.answer_ms = 600000;
	dial(a, 1, "*4*2020#");
	type(a, 1, "3");
	a->route.answer_ms = 1;
	deliver(a, GW_STEP_INPUT, 1, 77, "1");
	UNTIL(counted(a, GW_CTR_LATE) == 1);
	agency_answer(0, 200, PAID);
	UNTIL(world.n_kept == 1);
	gateway_kill(a);
	world.keeper = KEEPS;
	make_due(b, CITIZEN);
	agency_answer(1, 200, PAID);
	is_idle(b);
	assert_string_equal(world.requests[0].key, world.requests[1].key);
	assert_int_equal(1, world.n_kept);
	assert_int_equal(1, world.n_kept_again);
	SAYS(world.kept[0].text, "receipt R7");
	assert_int_equal(0, b->n_sms);
}

/* A new dial has taken the session: the outcome is promised all the same, and nothing waits for it. */
static void the_outcome_after_a_new_dial(void **state)
{
	struct gateway *a;

	(void)state;
	world.keeper = KEEPS;
	a = gateway_start(0);
	pays(a);
	SAYS(dial(a, 2, "*4*77#"), "First");
	agency_answer(0, 200, PAID);
	is_idle(a);
	assert_int_equal(1, world.n_kept);
	SAYS(world.kept[0].text, "receipt R7");
	assert_int_equal(0, a->n_sms);
	assert_int_equal(1, counted(a, GW_CTR_LATE_SENT));
}

/* The ledger would keep it as plain text for months. */
static void what_is_private_is_not_kept(void **state)
{
	struct gateway *a;

	(void)state;
	world.keeper = KEEPS;
	world.has_private = true;
	a = gateway_start(0);
	pays(a);
	dial(a, 2, "*4*77#");
	agency_answer(0, 200, PAID);
	is_idle(a);
	assert_int_equal(0, world.n_kept);
	assert_int_equal(1, a->n_sms);
	SAYS(a->sms[0].text, "receipt R7");
}

static void a_ledger_that_is_down_stops_no_dialog(void **state)
{
	struct gateway *a = has_a_bill(IS_DOWN);

	(void)state;
	SAYS(type(a, 1, "1"), "It is sent");
	is_idle(a);
	assert_int_equal(1, a->n_sms);
	SAYS(a->sms[0].text, "Bill 42, pay 1500");
	assert_int_equal(1, counted(a, GW_CTR_DIALOG_TEXTS_MEMORY));
	assert_int_equal(0, counted(a, GW_CTR_DIALOG_TEXTS));
}

static void nor_does_one_that_refuses(void **state)
{
	struct gateway *a = has_a_bill(REFUSES);

	(void)state;
	SAYS(type(a, 1, "1"), "It is sent");
	is_idle(a);
	assert_int_equal(1, a->n_sms);
}

static void the_outcome_after_a_new_dial_without_a_ledger(void **state)
{
	struct gateway *a;

	(void)state;
	world.keeper = IS_DOWN;
	a = gateway_start(0);
	pays(a);
	dial(a, 2, "*4*77#");
	agency_answer(0, 200, PAID);
	is_idle(a);
	assert_int_equal(1, a->n_sms);
	SAYS(a->sms[0].text, "receipt R7");
}

/* It was only slow: behind the page it is asked again, by the same name. */
static void a_ledger_that_was_slow(void **state)
{
	struct gateway *a = has_a_bill(HOLDS);

	(void)state;
	deliver(a, GW_STEP_INPUT, 1, 78, "1");
	keeper_says(SESS_LEDGER_DOWN);
	UNTIL(world.n_kept_again == 1);
	SAYS(last_answer(a)->text, "It is sent");
	assert_int_equal(1, gw_dialogs_in_flight(a->dialogs)); /* a drain waits for it */
	keeper_says(SESS_LEDGER_THERE);
	is_idle(a);
	assert_int_equal(0, a->n_sms);
	assert_int_equal(1, world.n_kept);
}

/* Stopped before it is known: nothing is sent any more by who is going away. */
static void stopped_before_the_ledger_answers(void **state)
{
	struct gateway *a = has_a_bill(HOLDS);

	(void)state;
	deliver(a, GW_STEP_INPUT, 1, 78, "1");
	keeper_says(SESS_LEDGER_DOWN);
	UNTIL(world.n_kept_again == 1);
	gw_dialogs_abandon(a->dialogs);
	keeper_says(SESS_LEDGER_DOWN);
	assert_int_equal(0, a->n_sms);
	assert_int_equal(0, gw_dialogs_in_flight(a->dialogs));
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(first_the_promise_then_the_page), STORY(killed_between_promise_and_page), STORY(two_gateways_at_once),
		STORY(what_is_wanted_twice_comes_twice), STORY(late_pages_have_names_of_their_own),
		STORY(a_late_page_that_was_promised_is_taken_over), STORY(the_outcome_after_a_new_dial),
		STORY(what_is_private_is_not_kept), STORY(a_ledger_that_is_down_stops_no_dialog), STORY(nor_does_one_that_refuses),
		STORY(the_outcome_after_a_new_dial_without_a_ledger), STORY(a_ledger_that_was_slow), STORY(stopped_before_the_ledger_answers),
	};

	return cmocka_run_group_tests(tests, world_group_start, world_group_stop);
}
