/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Dialogs without an agency: from the first dial to the last page, and what a network, a second gateway and an overload do to
 * them. Calls to agencies are in dialog_call_test.c. */
#include <stdio.h>

#include "tests/unit/gateway/dialog_world.h"

static void goes_from_dial_to_end(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	SAYS(dial(a, 1, "*4#"), "Services");
	assert_int_equal(GW_ANSWER_ASK, last_answer(a)->kind);
	SAYS(type(a, 1, "2"), "First");
	SAYS(type(a, 1, "1"), "Second");
	SAYS(type(a, 1, "1"), "Third"); /* looks like the step before, and is not: the answer was taken */
	SAYS(type(a, 1, "1"), "Finished");
	assert_int_equal(GW_ANSWER_END, last_answer(a)->kind);
	assert_int_equal(1, counted(a, GW_CTR_ENDED));
	assert_int_equal(0, counted(a, GW_CTR_REPEATED));
}

static void answers_a_repeated_step_once_more(void **state)
{
	struct gateway *a = gateway_start(0);
	uint32_t ticket;

	(void)state;
	dial(a, 1, "*4*77#");
	deliver(a, GW_STEP_INPUT, 1, 7, "1");
	UNTIL(a->n_answers == 2);
	deliver(a, GW_STEP_INPUT, 1, 8, "1"); /* the answer is not acknowledged yet: the network cannot mean a new one */
	UNTIL(a->n_answers == 3);
	SAYS(last_answer(a)->text, "Second");
	assert_int_equal(1, counted(a, GW_CTR_REPEATED));
	taken(a);
	ticket = deliver(a, GW_STEP_INPUT, 1, 7, "1"); /* the very same PDU: accepted, it was answered */
	UNTIL(a->tickets[ticket] == ACCEPTED);
	assert_int_equal(3, a->n_answers);
	deliver(a, GW_STEP_INPUT, 1, 9, "1"); /* now it is a new step */
	UNTIL(a->n_answers == 4);
	SAYS(last_answer(a)->text, "Third");
	assert_int_equal(2, counted(a, GW_CTR_REPEATED));
}

static void repeats_the_last_page_and_the_first(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	deliver(a, GW_STEP_DIAL, 1, 1, "*4*77#");
	UNTIL(a->n_answers == 1);
	deliver(a, GW_STEP_DIAL, 1, 2, "*4*77#");
	UNTIL(a->n_answers == 2);
	SAYS(last_answer(a)->text, "First");
	taken(a);
	type(a, 1, "1");
	type(a, 1, "1");
	deliver(a, GW_STEP_INPUT, 1, 5, "1");
	UNTIL(a->n_answers == 5);
	deliver(a, GW_STEP_INPUT, 1, 6, "1");
	UNTIL(a->n_answers == 6);
	SAYS(last_answer(a)->text, "Finished");
	assert_int_equal(GW_ANSWER_END, last_answer(a)->kind);
	assert_int_equal(1, counted(a, GW_CTR_ENDED));
}

/* News of the answer come while the copy is held: one answer is enough. So it is when somebody reacts to it. */
static void a_copy_that_overtook_the_news_gets_no_answer(void **state)
{
	struct gateway *a = gateway_start(0);
	uint32_t copy;

	(void)state;
	dial(a, 1, "*4*77#");
	deliver(a, GW_STEP_INPUT, 1, 7, "1");
	UNTIL(a->n_answers == 2);
	copy = deliver(a, GW_STEP_INPUT, 1, 8, "1");
	taken(a);
	UNTIL(a->tickets[copy] == ACCEPTED);
	assert_int_equal(2, a->n_answers);
	deliver(a, GW_STEP_INPUT, 1, 9, "1");
	UNTIL(a->n_answers == 3);
	copy = deliver(a, GW_STEP_INPUT, 1, 10, "1");
	deliver(a, GW_STEP_INPUT, 1, 11, "2");
	UNTIL(a->n_answers == 4);
	SAYS(last_answer(a)->text, "Write");
	assert_int_equal(ACCEPTED, a->tickets[copy]);
}

static void goes_on_after_a_repetition_without_a_cache(void **state)
{
	struct gateway *a = gateway_start(0), *b;

	(void)state;
	dial(a, 1, "*4*77#");
	type(a, 1, "1");
	gateway_kill(a);
	b = gateway_start(0); /* the same gateway, anew: it does not know that the answer was taken */
	SAYS(type(b, 1, "1"), "Second");
	SAYS(type(b, 1, "1"), "Third");
}

static void a_repetition_at_work_gets_one_answer(void **state)
{
	struct gateway *a = gateway_start(0);
	uint32_t first = deliver(a, GW_STEP_DIAL, 1, 1, "*4#"), others[5];

	(void)state;
	for (unsigned int i = 0; i < 5; i++)
		others[i] = deliver(a, GW_STEP_DIAL, 1, 2 + i, "*4#");
	assert_int_equal(REFUSED, a->tickets[others[3]]); /* more than can be kept: may come again */
	assert_int_equal(PENDING, a->tickets[first]);     /* not before it is safe */
	UNTIL(gw_dialogs_in_flight(a->dialogs) == 0);
	assert_int_equal(1, a->n_answers);
	assert_int_equal(ACCEPTED, a->tickets[first]);
	assert_int_equal(ACCEPTED, a->tickets[others[2]]);
}

static void steps_queue_behind_one_another(void **state)
{
	struct gateway *a = gateway_start(0);
	uint32_t queued, again, third;

	(void)state;
	deliver(a, GW_STEP_DIAL, 1, 1, "*4*77#");
	queued = deliver(a, GW_STEP_INPUT, 1, 2, "1");
	again = deliver(a, GW_STEP_INPUT, 1, 3, "1");
	third = deliver(a, GW_STEP_GONE, 1, 4, "");
	assert_int_equal(REFUSED, a->tickets[third]);
	UNTIL(gw_dialogs_in_flight(a->dialogs) == 0);
	assert_int_equal(2, a->n_answers);
	SAYS(a->answers[0].text, "First");
	SAYS(a->answers[1].text, "Second");
	assert_int_equal(ACCEPTED, a->tickets[queued]);
	assert_int_equal(ACCEPTED, a->tickets[again]);
}

static void another_gateway_goes_on(void **state)
{
	struct gateway *a = gateway_start(0), *b = gateway_start(1);

	(void)state;
	UNTIL(sess_acked_others(a->acked) == 1 && sess_acked_others(b->acked) == 1);
	SAYS(dial(a, 1, "*4*77#"), "First");
	SAYS(type(b, 1, "1"), "Second");
	SAYS(type(a, 1, "1"), "Third"); /* a's cache is behind; b has told that its answer was taken */
	SAYS(type(b, 1, "1"), "Finished");
	assert_int_equal(0, counted(a, GW_CTR_STALE) + counted(b, GW_CTR_STALE));
}

static void a_step_repeated_on_another_gateway_is_done_once(void **state)
{
	struct gateway *a = gateway_start(0), *b = gateway_start(1);

	(void)state;
	dial(a, 1, "*4*77#");
	deliver(a, GW_STEP_INPUT, 1, 7, "1");
	UNTIL(a->n_answers == 2);
	deliver(b, GW_STEP_INPUT, 1, 70, "1"); /* never acknowledged */
	UNTIL(b->n_answers == 1);
	SAYS(last_answer(b)->text, "Second");
	assert_int_equal(1, counted(b, GW_CTR_REPEATED));
}

/* The copy of a dial may be under way by another link while the dialog goes on: it is no second dial. */
static void a_dial_that_comes_behind_its_dialog_is_no_new_one(void **state)
{
	struct gateway *a = gateway_start(0), *b = gateway_start(1);
	uint32_t copy;

	(void)state;
	UNTIL(sess_acked_others(a->acked) == 1);
	dial(a, 1, "*4*77#");
	SAYS(type(a, 1, "1"), "Second");
	copy = deliver(b, GW_STEP_DIAL, 1, 70, "*4*77#");
	UNTIL(b->tickets[copy] == ACCEPTED);
	assert_int_equal(0, b->n_answers);
	assert_int_equal(1, counted(b, GW_CTR_REPEATED));
	SAYS(type(b, 1, "1"), "Third");
}

/* The gateway that noted the acknowledgement may be gone when it is asked for. */
static void an_acknowledgement_outlives_its_gateway(void **state)
{
	struct gateway *a = gateway_start(0), *b = gateway_start(1);

	(void)state;
	UNTIL(sess_acked_others(a->acked) == 1);
	dial(a, 1, "*4*77#");
	SAYS(type(a, 1, "1"), "Second");
	UNTIL(sess_redis_pending(a->redis) == 0);
	gateway_kill(a);
	UNTIL(sess_acked_others(b->acked) == 0);
	SAYS(type(b, 1, "1"), "Third");
}

/* What a cache knows of an old dialog must not end a new one that another gateway began. */
static void an_old_cache_does_not_end_a_dialog(void **state)
{
	struct gateway *a = gateway_start(0), *b = gateway_start(1);

	(void)state;
	dial(a, 1, "*4#");
	hang_up(b, 1);
	SAYS(dial(b, 2, "*4*77#"), "First");
	SAYS(type(a, 2, "1"), "Second");
	assert_int_equal(0, counted(a, GW_CTR_STALE));
	assert_int_equal(1, counted(b, GW_CTR_CUT));
}

static void the_same_step_at_two_gateways_at_once(void **state)
{
	struct gateway *a = gateway_start(0), *b = gateway_start(1);

	(void)state;
	dial(a, 1, "*4*77#");
	type(b, 1, "1"); /* both know the dialog */
	deliver(a, GW_STEP_INPUT, 1, 7, "1");
	deliver(b, GW_STEP_INPUT, 1, 8, "1");
	UNTIL(gw_dialogs_in_flight(a->dialogs) + gw_dialogs_in_flight(b->dialogs) == 0);
	assert_true(counted(a, GW_CTR_CONFLICTS) + counted(b, GW_CTR_CONFLICTS) > 0);
	SAYS(last_answer(a)->text, "Third");
	SAYS(last_answer(b)->text, "Third");
}

static void a_cut_dialog_is_taken_up_again(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	dial(a, 1, "*4*77#");
	type(a, 1, "1");
	hang_up(a, 1);
	assert_int_equal(1, counted(a, GW_CTR_CUT));
	SAYS(dial(a, 2, "*4#"), "1");
	assert_int_equal(1, counted(a, GW_CTR_RESUMED));
	SAYS(type(a, 2, "1"), "Second");
	SAYS(type(a, 2, "1"), "Third");
}

static void a_second_dial_replaces_the_first(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	dial(a, 1, "*4*77#");
	SAYS(dial(a, 2, "*4#"), "1");
	assert_int_equal(1, counted(a, GW_CTR_RESUMED));
	SAYS(type(a, 2, "2"), "Services"); /* anew */
	type(a, 1, "1");                   /* the old session: a proper end, and the new one is not touched */
	assert_int_equal(GW_ANSWER_END, last_answer(a)->kind);
	assert_int_equal(1, counted(a, GW_CTR_STALE));
	SAYS(type(a, 2, "2"), "First");
}

static void an_operator_may_switch_resuming_off(void **state)
{
	struct gateway *a;

	(void)state;
	world.resume_ms = 0;
	a = gateway_start(0);
	dial(a, 1, "*4*77#");
	SAYS(dial(a, 2, "*4#"), "Services");
	assert_int_equal(0, counted(a, GW_CTR_RESUMED));
}

/* The end that a stale step gets must not count as the acknowledgement of what the session last showed. */
static void the_end_of_a_stale_step_acknowledges_nothing(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	dial(a, 1, "*4#");
	deliver(a, GW_STEP_DIAL, 2, 1, "*4*77#");
	UNTIL(a->n_answers == 2);
	type(a, 1, "1");
	deliver(a, GW_STEP_DIAL, 2, 2, "*4*77#");
	UNTIL(a->n_answers == 4);
	SAYS(last_answer(a)->text, "First");
	assert_int_equal(1, counted(a, GW_CTR_REPEATED));
}

static void redis_hangs_and_comes_back(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	dial(a, 1, "*4*77#");
	redis_server_hang(&world.redis);
	type(a, 1, "1");
	assert_int_equal(GW_ANSWER_END, last_answer(a)->kind);
	assert_int_equal(1, counted(a, GW_CTR_STORE_DOWN));
	dial(a, 2, "*4#");
	assert_int_equal(GW_ANSWER_END, last_answer(a)->kind);
	hang_up(a, 2);
	redis_server_resume(&world.redis);
	UNTIL(sess_redis_up(a->redis));
	dial(a, 3, "*4#");
	assert_int_equal(GW_ANSWER_ASK, last_answer(a)->kind);
}

static void nothing_is_saved_while_redis_is_gone(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	redis_server_kill(&world.redis);
	UNTIL(!sess_redis_up(a->redis));
	dial(a, 1, "*4#");
	assert_int_equal(GW_ANSWER_END, last_answer(a)->kind);
	assert_int_equal(0, last_answer(a)->version);
	redis_server_restart(&world.redis);
	UNTIL(sess_redis_up(a->redis));
	assert_string_equal("", redis_do(a, "KEYS ussd:*"));
	SAYS(dial(a, 2, "*4#"), "Services");
}

static void a_session_that_nobody_can_read_is_replaced(void **state)
{
	struct gateway *a = gateway_start(0);
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "SET ussd:{p%02u}:%s rubbish", sess_store_partition(CITIZEN), CITIZEN);
	redis_do(a, command);
	SAYS(dial(a, 1, "*4*77#"), "First");
	SAYS(type(a, 1, "1"), "Second");
}

static void a_version_that_is_not_here(void **state)
{
	struct gateway *a = gateway_start(0), *b;

	(void)state;
	dial(a, 1, "*4*77#");
	world.menu_tail = "tries = 2;";
	b = gateway_start(1); /* it holds only the new version */
	type(b, 1, "1");
	assert_int_equal(GW_ANSWER_END, last_answer(b)->kind);
	assert_int_equal(1, counted(b, GW_CTR_STALE));
	SAYS(dial(b, 2, "*4*77#"), "First");
	SAYS(type(b, 2, "1"), "Second");
}

static void publishing_moves_nobody(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	dial(a, 1, "*4*77#");
	world.menu_tail = "tries = 2;";
	gateway_publish(a);
	assert_int_equal(2, menu_pins_count(a->pins));
	SAYS(type(a, 1, "1"), "Second");
}

static void a_language_is_remembered(void **state)
{
	struct gateway *a = gateway_start(0), *b = gateway_start(1);

	(void)state;
	dial(a, 1, "*4*98#");
	SAYS(type(a, 1, "2"), "خدمات");
	assert_int_equal(1, counted(a, GW_CTR_LANGUAGE));
	hang_up(a, 1);
	SAYS(dial(b, 2, "*4*77#"), "یک");
	SAYS(type(b, 2, "1"), "دو");
}

static void limits_are_answered(void **state)
{
	struct gateway *a;
	uint32_t ticket;

	(void)state;
	world.in_flight_max = 3;
	world.busy_at = 2;
	world.dials_per_minute = 2;
	a = gateway_start(0);
	deliver_of(a, "98911", GW_STEP_DIAL, 1, 1, "*4#");
	deliver_of(a, "98912", GW_STEP_DIAL, 2, 2, "*4#");
	ticket = deliver_of(a, "98913", GW_STEP_DIAL, 3, 3, "*4#"); /* busy: an end at once */
	assert_int_equal(ACCEPTED, a->tickets[ticket]);
	assert_int_equal(GW_ANSWER_END, last_answer(a)->kind);
	assert_int_equal(1, counted(a, GW_CTR_BUSY));
	deliver_of(a, "98914", GW_STEP_INPUT, 4, 4, "1");           /* who is in the middle still gets in */
	ticket = deliver_of(a, "98915", GW_STEP_INPUT, 5, 5, "1");  /* full */
	assert_int_equal(REFUSED, a->tickets[ticket]);
	UNTIL(gw_dialogs_in_flight(a->dialogs) == 0);
	deliver_of(a, "98911", GW_STEP_DIAL, 6, 6, "*4#");
	UNTIL(gw_dialogs_in_flight(a->dialogs) == 0);
	deliver_of(a, "98911", GW_STEP_DIAL, 7, 7, "*4#");
	assert_int_equal(1, counted(a, GW_CTR_TOO_OFTEN));
	assert_int_equal(GW_ANSWER_END, last_answer(a)->kind);
}

static void a_gateway_that_closes(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	dial(a, 1, "*4*77#");
	gw_dialogs_close(a->dialogs);
	SAYS(type(a, 1, "1"), "Second");
	deliver(a, GW_STEP_INPUT, 1, 50, "1");
	deliver(a, GW_STEP_DIAL, 2, 51, "*4#"); /* also while a step is at work */
	assert_int_equal(GW_ANSWER_END, last_answer(a)->kind);
	assert_int_equal(1, counted(a, GW_CTR_BUSY));
	UNTIL(gw_dialogs_in_flight(a->dialogs) == 0);
	SAYS(last_answer(a)->text, "Third");
}

static void a_dialog_does_not_last_for_ever(void **state)
{
	struct gateway *a;

	(void)state;
	world.session_ms = 1;
	a = gateway_start(0);
	SAYS(dial(a, 1, "*4*77#"), "First");
	redis_do(a, "PING");
	while (!counted(a, GW_CTR_TOO_LONG))
		type(a, 1, "1");
	assert_int_equal(GW_ANSWER_END, last_answer(a)->kind);
}

static void a_long_input_is_the_menus_to_judge(void **state)
{
	struct gateway *a = gateway_start(0);
	char text[GW_TEXT_OCTETS + 200];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	dial(a, 1, "*4*77#");
	type(a, 1, "1");
	type(a, 1, "1");
	SAYS(type(a, 1, "2"), "Write");
	type(a, 1, text);
	assert_int_equal(GW_ANSWER_ASK, last_answer(a)->kind); /* not cut until it passes: refused */
	SAYS(type(a, 1, "word"), "Finished");
	text[600] = '\0';
	deliver(a, GW_STEP_DIAL, 2, 1, text);
	UNTIL(gw_dialogs_in_flight(a->dialogs) == 0);
	SAYS(last_answer(a)->text, "Services");
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)
	const struct CMUnitTest tests[] = {
		STORY(goes_from_dial_to_end),
		STORY(answers_a_repeated_step_once_more),
		STORY(repeats_the_last_page_and_the_first),
		STORY(a_copy_that_overtook_the_news_gets_no_answer),
		STORY(goes_on_after_a_repetition_without_a_cache),
		STORY(a_repetition_at_work_gets_one_answer),
		STORY(steps_queue_behind_one_another),
		STORY(another_gateway_goes_on),
		STORY(a_step_repeated_on_another_gateway_is_done_once),
		STORY(a_dial_that_comes_behind_its_dialog_is_no_new_one),
		STORY(an_acknowledgement_outlives_its_gateway),
		STORY(an_old_cache_does_not_end_a_dialog),
		STORY(the_same_step_at_two_gateways_at_once),
		STORY(a_cut_dialog_is_taken_up_again),
		STORY(a_second_dial_replaces_the_first),
		STORY(an_operator_may_switch_resuming_off),
		STORY(the_end_of_a_stale_step_acknowledges_nothing),
		STORY(redis_hangs_and_comes_back),
		STORY(nothing_is_saved_while_redis_is_gone),
		STORY(a_session_that_nobody_can_read_is_replaced),
		STORY(a_version_that_is_not_here),
		STORY(publishing_moves_nobody),
		STORY(a_language_is_remembered),
		STORY(limits_are_answered),
		STORY(a_gateway_that_closes),
		STORY(a_dialog_does_not_last_for_ever),
		STORY(a_long_input_is_the_menus_to_judge),
	};

	return cmocka_run_group_tests_name("dialog", tests, world_group_start, world_group_stop);
}
