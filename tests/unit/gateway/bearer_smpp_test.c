/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Steps, answers and links of the SMPP bearer. Text messages: bearer_sms_test, bearer_texts_test; bearer_push_test. */
#include "tests/unit/gateway/bearer_world.h"

static struct gw_bearer *with_password(const char *secret)
{
	char path[] = "/tmp/dolat-bind-XXXXXX";
	int fd = mkstemp(path);
	struct gw_bearer *made;

	assert_int_equal((ssize_t)strlen(secret), write(fd, secret, strlen(secret)));
	close(fd);
	links[0].password_file = path;
	made = gw_bearer_smpp_alloc(ctx, &config, &user, &counters);
	links[0].password_file = NULL;
	unlink(path);
	return made;
}

/* ---- stories ---- */

static void a_password_fits_a_bind_or_is_refused(void **state)
{
	(void)state;
	assert_null(with_password("nine-char\n"));
	assert_null(with_password("\n"));
	bearer = with_password("8-chars!\nwhat follows is no part of it\n");
	assert_non_null(bearer);
}

static void a_step_is_settled_and_answered(void **state)
{
	(void)state;
	begin();
	assert_int_equal(GW_STEP_DIAL, steps[0].kind);
	assert_int_equal(0, n_responses); /* not before it is safe */
	bearer->ops->accept(bearer, &steps[0].ticket);
	assert_int_equal(0, answer(5, GW_ANSWER_ASK, "page"));
	UNTIL(n_submits == 1);
	assert_int_equal(1, n_responses);
	assert_int_equal(0, responses[0].status);
	assert_int_equal(1, responses[0].sequence);
	assert_true(holds(0, "page"));
	assert_int_equal(0, n_sents);
	respond(0, 0);
	UNTIL(n_sents == 1);
	assert_int_equal(5, sents[0].version);
	assert_int_equal(GW_SENT_TAKEN, sents[0].sent);
	assert_int_equal(1, counters.at[GW_CTR_ANSWERS]);
}

static void a_step_is_refused_for_later(void **state)
{
	(void)state;
	begin();
	bearer->ops->refuse(bearer, &steps[0].ticket, GW_REFUSE_LATER);
	UNTIL(n_responses == 1);
	assert_int_equal(0x64, responses[0].status); /* ESME_RX_T_APPN */
}

static void throttled_answers_go_again_in_order(void **state)
{
	(void)state;
	begin();
	answer(1, GW_ANSWER_ASK, "page-1");
	answer(2, GW_ANSWER_ASK, "page-2");
	answer(3, GW_ANSWER_ASK, "page-3");
	UNTIL(n_submits == 3);
	respond(0, THROTTLED);
	respond(1, THROTTLED);
	respond(2, THROTTLED);
	UNTIL(bearer->ops->waiting(bearer) == 3);
	answer(4, GW_ANSWER_ASK, "page-4"); /* does not overtake them */
	UNTIL(n_submits == 7);
	assert_true(holds(3, "page-1") && holds(4, "page-2") && holds(5, "page-3") && holds(6, "page-4"));
	for (unsigned int i = 3; i < 7; i++)
		respond(i, 0);
	UNTIL(n_sents == 4);
	assert_int_equal(4, counters.at[GW_CTR_ANSWERS]);
}

static void answers_wait_for_the_window_and_go_before_text_messages(void **state)
{
	(void)state;
	links[0].window = 1;
	begin();
	answer(1, GW_ANSWER_ASK, "page-1");
	sms("short message");
	answer(2, GW_ANSWER_ASK, "page-2");
	answer(3, GW_ANSWER_END, "page-3");
	assert_int_equal(3, bearer->ops->waiting(bearer));
	for (unsigned int i = 0; i < 4; i++) {
		UNTIL(n_submits == i + 1);
		respond(i, 0);
	}
	UNTIL(n_sents == 3);
	assert_true(holds(0, "page-1") && holds(1, "page-2") && holds(2, "page-3") && holds(3, "short message"));
	assert_int_equal(0, bearer->ops->waiting(bearer));
}

static void what_waits_too_long_is_given_up(void **state)
{
	(void)state;
	links[0].window = 1;
	operator_config.answer_ms = 1;
	begin();
	answer(1, GW_ANSWER_ASK, "page-1");
	answer(2, GW_ANSWER_ASK, "page-2"); /* expires before the first is answered */
	UNTIL(n_sents == 1);
	assert_int_equal(2, sents[0].version);
	assert_int_equal(GW_SENT_REFUSED, sents[0].sent);
	assert_int_equal(1, counters.at[GW_CTR_ANSWERS_UNSENT]);
	UNTIL(n_submits == 1);
	assert_true(holds(0, "page-1"));
	respond(0, 0);
	UNTIL(n_sents == 2);
	assert_int_equal(1, n_submits);
}

static void an_answer_is_refused(void **state)
{
	(void)state;
	begin();
	answer(1, GW_ANSWER_ASK, "page-1");
	UNTIL(n_submits == 1);
	respond(0, 0x0b); /* ESME_RINVDSTADR */
	UNTIL(n_sents == 1);
	assert_int_equal(GW_SENT_REFUSED, sents[0].sent);
}

/* One message that fails for now does not hold up the others, as a throttled one does. */
static void one_that_fails_for_now_rests_alone(void **state)
{
	(void)state;
	begin();
	answer(1, GW_ANSWER_ASK, "page-1");
	UNTIL(n_submits == 1);
	respond(0, 0x45); /* ESME_RSUBMITFAIL */
	UNTIL(bearer->ops->waiting(bearer) == 1);
	answer(2, GW_ANSWER_ASK, "page-2");
	UNTIL(n_submits == 3);
	assert_true(holds(1, "page-2") && holds(2, "page-1"));
	respond(1, 0);
	respond(2, 0);
	UNTIL(n_sents == 2);
	assert_int_equal(2, counters.at[GW_CTR_ANSWERS]);
	assert_int_equal(0, bearer->ops->waiting(bearer));
}

static void a_network_that_takes_no_answers_gets_no_more_steps(void **state)
{
	(void)state;
	links[0].window = 1;
	begin();
	for (uint32_t i = 0; i < 1 + 16384; i++)
		assert_int_equal(0, answer(i + 1, GW_ANSWER_ASK, "page"));
	deliver(&peers[0], 2, 18, 0, "1");
	UNTIL(n_responses == 1);
	assert_int_equal(0x64, responses[0].status); /* ESME_RX_T_APPN */
	assert_int_equal(1, n_steps);
	assert_int_equal(1, counters.at[GW_CTR_REFUSED_LATER]);
	UNTIL(n_submits == 1);
	respond(0, 0);
	UNTIL(n_submits == 2);
	deliver(&peers[0], 3, 18, 0, "1"); /* one has gone */
	UNTIL(n_steps == 2);
}

static void another_link_takes_over(void **state)
{
	unsigned int other;

	(void)state;
	operator_config.n_links = 2;
	begin();
	answer(1, GW_ANSWER_ASK, "page-1");
	UNTIL(n_submits == 1);
	assert_ptr_equal(&peers[0], submits[0].peer); /* by the link of its step */
	hang_up(&peers[0]);
	UNTIL(n_sents == 1);
	assert_int_equal(GW_SENT_UNKNOWN, sents[0].sent); /* it may have arrived: not sent again */
	answer(2, GW_ANSWER_ASK, "page-2");
	UNTIL(n_submits == 2);
	other = submits[1].peer == &peers[1];
	assert_int_equal(1, other);
	assert_true(holds(1, "page-2"));
	bearer->ops->accept(bearer, &steps[0].ticket); /* its link is gone: nobody is told, nothing happens */
	deliver(&peers[1], 9, 1, 0, "*4#");
	UNTIL(n_steps == 2);
	bearer->ops->accept(bearer, &steps[1].ticket);
	UNTIL(n_responses == 1);
	assert_int_equal(9, responses[0].sequence);
}

static void a_dialog_that_ends_by_release(void **state)
{
	(void)state;
	operator_config.dialect = *smpp_dialect_find("velcom");
	begin();
	bearer->ops->accept(bearer, &steps[0].ticket);
	answer(1, GW_ANSWER_END, "the last");
	UNTIL(n_submits == 1);
	respond(0, 0);
	UNTIL(n_sents == 1);
	deliver(&peers[0], 2, operator_config.dialect.notify_confirm_in, 0, ""); /* it was shown */
	UNTIL(n_submits == 2);
	assert_int_equal(2, n_responses);
	assert_int_equal(0, responses[1].status);
	assert_non_null(memmem(submits[1].body, submits[1].octets, "\x05\x01\x00\x01\x20", 5)); /* operation 32 */
	assert_int_equal(1, n_steps);
}

static void it_unbinds(void **state)
{
	(void)state;
	begin();
	bearer->ops->accept(bearer, &steps[0].ticket);
	bearer->ops->stop(bearer);
	UNTIL(bearer->ops->stopped(bearer));
	assert_false(bearer->ops->ready(bearer));
	assert_int_equal(0, answer(1, GW_ANSWER_END, "too late")); /* it waits for a link, and is freed with the bearer */
	assert_int_equal(1, bearer->ops->waiting(bearer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(a_password_fits_a_bind_or_is_refused),
		STORY(a_step_is_settled_and_answered),
		STORY(a_step_is_refused_for_later),
		STORY(throttled_answers_go_again_in_order),
		STORY(answers_wait_for_the_window_and_go_before_text_messages),
		STORY(what_waits_too_long_is_given_up),
		STORY(an_answer_is_refused),
		STORY(one_that_fails_for_now_rests_alone),
		STORY(a_network_that_takes_no_answers_gets_no_more_steps),
		STORY(another_link_takes_over),
		STORY(a_dialog_that_ends_by_release),
		STORY(it_unbinds),
	};

	return cmocka_run_group_tests_name("bearer_smpp", tests, group_start, NULL);
}
