/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Dialogs that begin with us, and notices that go out by them: what the citizen gets and replies, on one gateway or two; and that a
 * citizen's own dialog is never broken, nothing is promised twice, and nothing is left behind where it fails. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/loop.h"
#include "gateway/push.h"
#include "tests/unit/gateway/dialog_world.h"

#define ID "n42abcdefghijklmnopqrst"
#define DIAL "*4*100*" ID "#"

/* ---- letters ---- */

static struct {
	unsigned int status;             /* 0: not answered until the test does */
	unsigned int asked;
	char msisdn[GW_MSISDN_MAX + 1], id[64], language[4];
	struct gw_builtin *builtin;
	uint64_t token;
} letter;

static void answer_letter(unsigned int status)
{
	gw_builtin_answer(letter.builtin, letter.token, status, status == 200 ? json_pack("{s:s}", "title", "Tax") : NULL);
}

static void serve_letter(const struct gw_builtin_call *call, const char *const *params)
{
	letter.asked++;
	snprintf(letter.msisdn, sizeof(letter.msisdn), "%s", call->msisdn);
	snprintf(letter.id, sizeof(letter.id), "%s", params[0]);
	snprintf(letter.language, sizeof(letter.language), "%s", call->language);
	letter.builtin = call->builtin;
	letter.token = call->token;
	if (letter.status)
		answer_letter(letter.status);
}

static const struct gw_builtin_row rows[] = { { "GET", "/letters/{id}", serve_letter, false }, { 0 } };
static const struct gw_builtin_row *const tables[] = { rows, NULL };

/* ---- pushes ---- */

static struct { unsigned int times; enum gw_push_result result; uint32_t version; } told;
static struct { unsigned int times; enum gw_sent sent; } outcome;

static int begin(void **state)
{
	int rc = world_start(state);

	memset(&letter, 0, sizeof(letter));
	memset(&told, 0, sizeof(told));
	memset(&outcome, 0, sizeof(outcome));
	letter.status = 200;
	world.tables = tables;
	return rc;
}

static void on_told(void *ctx, uint64_t token, enum gw_push_result result, uint32_t version)
{
	(void)ctx;
	assert_int_equal(99, token);
	told.times++;
	told.result = result;
	told.version = version;
}

static int push_dial(struct gateway *gateway, const char *dial_string)
{
	const struct gw_dialog_push push = { .route = &gateway->route, .msisdn = CITIZEN, .dial = dial_string, .token = 99 };
	unsigned int before = told.times;
	int rc = gw_dialogs_push(gateway->dialogs, &push, on_told, NULL);

	assert_int_equal(before, told.times); /* always later */
	return rc;
}

static enum gw_push_result push(struct gateway *gateway, const char *dial_string)
{
	unsigned int before = told.times;

	assert_int_equal(0, push_dial(gateway, dial_string));
	UNTIL(told.times > before);
	assert_int_equal(before + 1, told.times);
	return told.result;
}

static const struct pushed *last_push(const struct gateway *gateway)
{
	assert_true(gateway->n_pushes > 0);
	return &gateway->pushes[gateway->n_pushes - 1];
}


/* ---- stories: a dialog ---- */

static void a_page_and_a_reply(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	assert_int_equal(GW_PUSH_SHOWN, push(a, DIAL));
	assert_string_equal(CITIZEN, letter.msisdn); /* of the session, not of the menu */
	assert_string_equal(ID, letter.id);
	assert_string_equal("en", letter.language);
	assert_int_equal(1, a->n_pushes);
	assert_int_equal(GW_PUSH_ASK, last_push(a)->kind);
	assert_int_equal(99, last_push(a)->token);
	assert_string_equal(CITIZEN, last_push(a)->msisdn);
	SAYS(last_push(a)->text, "A letter: Tax\n1- Read");
	assert_int_equal(0, a->n_answers);
	SAYS(type(a, 7001, "1"), "It says hello"); /* in a session of the network's that was never seen */
	assert_int_equal(GW_ANSWER_END, last_answer(a)->kind);
	assert_true(last_answer(a)->pushed);
	assert_int_equal(1, counted(a, GW_CTR_BEGUN));
	assert_int_equal(1, counted(a, GW_CTR_BEGUN_REPLIES));
}

static void a_dialog_of_several_steps(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	assert_int_equal(GW_PUSH_SHOWN, push(a, "*4*2020#"));
	SAYS(last_push(a)->text, "Your bills");
	SAYS(type(a, 7001, "1"), "Which bill?");
	assert_true(last_answer(a)->pushed);
	deliver(a, GW_STEP_INPUT, 8888, 1, "12"); /* once it has a session, no other will do */
	UNTIL(counted(a, GW_CTR_STALE) == 1);
	assert_false(last_answer(a)->pushed);
	SAYS(type(a, 7001, "0"), "Your bills");
	assert_true(last_answer(a)->pushed); /* to the end */
	hang_up(a, 7001);
	SAYS(dial(a, 7002, "*4#"), "1- ");
	assert_false(last_answer(a)->pushed); /* the same dialog may go on, but this one the citizen began */
}

static void the_reply_arrives_at_another_gateway(void **state)
{
	struct gateway *a = gateway_start(0), *b = gateway_start(1);

	(void)state;
	SAYS(dial(b, 5000, "*4#"), "Services"); /* b has an older session of this citizen in its cache */
	SAYS(type(b, 5000, "0"), "");
	assert_int_equal(GW_PUSH_SHOWN, push(a, DIAL));
	SAYS(type(b, 7001, "1"), "It says hello");
}

static void a_network_without_session_ids(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	assert_int_equal(GW_PUSH_SHOWN, push(a, "*4*2020#"));
	SAYS(type(a, 0, "1"), "Which bill?");
	SAYS(type(a, 0, "0"), "Your bills");
}

static void the_reply_again(void **state)
{
	struct gateway *a = gateway_start(0);
	uint32_t first, second;

	(void)state;
	assert_int_equal(GW_PUSH_SHOWN, push(a, "*4*2020#"));
	first = deliver(a, GW_STEP_INPUT, 7001, 1, "1");
	second = deliver(a, GW_STEP_INPUT, 7001, 1, "1");
	UNTIL(a->tickets[first] == ACCEPTED && a->tickets[second] == ACCEPTED);
	assert_int_equal(1, a->n_answers);
	SAYS(last_answer(a)->text, "Which bill?");
}

/* The end of a dialog before, that comes late, is not the end of this one. */
static void another_s_end(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	assert_int_equal(GW_PUSH_SHOWN, push(a, "*4*2020#"));
	hang_up(a, 6999);
	SAYS(type(a, 7001, "1"), "Which bill?");
}

static void in_the_citizen_s_language(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	dial(a, 1, "*4*98#");
	type(a, 1, "2");
	type(a, 1, "0");
	assert_int_equal(GW_PUSH_SHOWN, push(a, DIAL));
	SAYS(last_push(a)->text, "نامه: Tax");
	assert_string_equal("fa", letter.language);
}

/* ---- stories: never in the way ---- */

static void an_open_dialog_is_not_broken(void **state)
{
	struct gateway *a = gateway_start(0), *b = gateway_start(1);

	(void)state;
	SAYS(dial(a, 1, "*4*2020#"), "Your bills");
	assert_int_equal(GW_PUSH_BUSY, push(a, DIAL));
	assert_int_equal(GW_PUSH_BUSY, push(b, DIAL));
	assert_int_equal(0, letter.asked);
	SAYS(type(a, 1, "1"), "Which bill?");
	hang_up(a, 1); /* it may be taken up again */
	assert_int_equal(GW_PUSH_BUSY, push(a, DIAL));
	dial(a, 2, "*4#");
	SAYS(type(a, 2, "1"), "Which bill?");
	SAYS(type(a, 2, "00"), "Services");
	type(a, 2, "0"); /* the end */
	assert_int_equal(GW_PUSH_SHOWN, push(b, DIAL));
	assert_int_equal(GW_PUSH_BUSY, push(a, DIAL)); /* and not twice */
	assert_int_equal(0, a->n_pushes);
	assert_int_equal(1, b->n_pushes);
}

static void a_citizen_dials_meanwhile(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	letter.status = 0;
	assert_int_equal(0, push_dial(a, DIAL));
	UNTIL(letter.asked == 1);
	assert_int_equal(-EBUSY, push_dial(a, DIAL));
	SAYS(dial(a, 1, "*4#"), "Services"); /* not "go on": the citizen has seen nothing of it */
	answer_letter(200);
	UNTIL(told.times == 1);
	assert_int_equal(GW_PUSH_BUSY, told.result);
	assert_int_equal(0, a->n_pushes);
	assert_int_equal(0, a->n_sms);
	SAYS(type(a, 1, "1"), "Your bills");
}

static void a_dial_while_it_is_loaded(void **state)
{
	struct gateway *a = gateway_start(0);
	uint32_t ticket;

	(void)state;
	assert_int_equal(0, push_dial(a, "*4*2020#"));
	ticket = deliver(a, GW_STEP_DIAL, 1, 1, "*4#");
	UNTIL(a->tickets[ticket] == ACCEPTED && told.times == 1);
	assert_int_equal(GW_PUSH_SHOWN, told.result);
	assert_int_equal(1, a->n_answers); /* whatever it says, the citizen is answered */
}

static void not_when_closing_or_crowded(void **state)
{
	struct gateway *a;

	(void)state;
	world.busy_at = 0;
	a = gateway_start(0);
	assert_int_equal(-EBUSY, push_dial(a, DIAL));
	gateway_kill(a);
	world.busy_at = 100;
	a = gateway_start(0);
	gw_dialogs_close(a->dialogs);
	assert_int_equal(-EBUSY, push_dial(a, DIAL));
	assert_int_equal(0, told.times);
}

/* ---- stories: it fails ---- */

static void nobody_is_bothered_with_a_failure(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	letter.status = 404;
	assert_int_equal(GW_PUSH_FAILED, push(a, DIAL));
	letter.status = 500;
	assert_int_equal(GW_PUSH_FAILED, push(a, DIAL));
	assert_int_equal(0, a->n_pushes);
	assert_int_equal(0, a->n_sms);
	SAYS(dial(a, 1, "*4#"), "Services"); /* nothing is there to go on with */
}

static void a_network_that_has_no_such_thing(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	a->push_result = -ENOTSUP;
	assert_int_equal(GW_PUSH_UNABLE, push(a, DIAL));
	a->push_result = -ENOBUFS;
	assert_int_equal(GW_PUSH_BUSY, push(a, DIAL));
	a->push_result = -EMSGSIZE;
	assert_int_equal(GW_PUSH_FAILED, push(a, DIAL));
	a->push_result = 0;
	assert_int_equal(GW_PUSH_SHOWN, push(a, DIAL)); /* what failed is not in the way */
}

static void taken_back(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	assert_int_equal(GW_PUSH_SHOWN, push(a, DIAL));
	gw_dialogs_pull(a->dialogs, &a->route, CITIZEN, told.version + 1); /* of another */
	UNTIL(gw_dialogs_in_flight(a->dialogs) == 0);
	assert_int_equal(GW_PUSH_BUSY, push(a, DIAL));
	gw_dialogs_pull(a->dialogs, &a->route, CITIZEN, told.version);
	UNTIL(gw_dialogs_in_flight(a->dialogs) == 0);
	assert_int_equal(GW_PUSH_SHOWN, push(a, "*4*2020#"));
	SAYS(type(a, 7001, "1"), "Which bill?");
	gw_dialogs_pull(a->dialogs, &a->route, CITIZEN, told.version); /* too late: the citizen goes on with it */
	UNTIL(gw_dialogs_in_flight(a->dialogs) == 0);
	SAYS(type(a, 7001, "0"), "Your bills");
}

static void the_store_is_down(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	redis_server_kill(&world.redis);
	assert_int_equal(GW_PUSH_DOWN, push(a, DIAL));
	assert_int_equal(0, a->n_pushes);
	redis_server_restart(&world.redis);
	UNTIL(sess_redis_up(a->redis));
}

static bool comes_through(struct gateway *gateway)
{
	unsigned int before = told.times;

	if (push_dial(gateway, DIAL) < 0)
		return false;
	while (told.times == before)
		gw_loop_turn();
	return told.result == GW_PUSH_SHOWN;
}

static void its_process_dies_while_it_asks(void **state)
{
	struct gateway *a = gateway_start(0), *b;

	(void)state;
	letter.status = 0;
	assert_int_equal(0, push_dial(a, DIAL));
	UNTIL(letter.asked == 1);
	gateway_kill(a);
	assert_int_equal(1, told.times); /* told so at the last moment; a dead one tells nothing */
	b = gateway_start(1);
	make_due(b, CITIZEN);
	letter.status = 200;
	UNTIL(comes_through(b)); /* as soon as it was cleared away */
	assert_int_equal(0, b->n_sms); /* nobody gets an SMS of it */
	assert_int_equal(1, letter.asked - 1);
}

/* ---- stories: a notice ---- */

static struct gw_pushes *pushes;

static void on_outcome(void *ctx, uint64_t token, enum gw_sent sent)
{
	(void)ctx;
	assert_int_equal(5, token);
	outcome.times++;
	outcome.sent = sent;
}

static int notice(struct gateway *gateway, const char *id, const char *text)
{
	const struct gw_push_notice from = { .route = &gateway->route, .msisdn = CITIZEN, .notice = id, .text = text };
	unsigned int before = outcome.times;
	int rc = gw_push_notice(pushes, &from, on_outcome, NULL, 5);

	assert_int_equal(before, outcome.times);
	return rc;
}

static struct gateway *start_notices(void)
{
	struct gateway *gateway = gateway_start(0);

	pushes = gw_pushes_alloc(world.ctx, gateway->dialogs, gateway->pins);
	return gateway;
}

static void network_says(struct gateway *gateway, enum gw_sent sent)
{
	gw_pushes_on_push(pushes, last_push(gateway)->token, sent);
}

static void a_notice_as_a_dialog(void **state)
{
	struct gateway *a = start_notices();

	(void)state;
	assert_int_equal(0, notice(a, ID, "Your tax is due"));
	UNTIL(a->n_pushes == 1);
	assert_int_equal(GW_PUSH_ASK, last_push(a)->kind);
	SAYS(last_push(a)->text, "A letter: Tax");
	network_says(a, GW_SENT_TAKEN);
	assert_int_equal(1, outcome.times);
	assert_int_equal(GW_SENT_TAKEN, outcome.sent);
	network_says(a, GW_SENT_REFUSED); /* once more: nobody listens */
	assert_int_equal(1, outcome.times);
	SAYS(type(a, 7001, "1"), "It says hello");
}

static void a_notice_as_a_text(void **state)
{
	struct gateway *a = start_notices();

	(void)state;
	assert_int_equal(0, notice(a, "", "Your tax is due")); /* not in the inbox */
	assert_int_equal(1, a->n_pushes);
	assert_int_equal(GW_PUSH_NOTIFY, last_push(a)->kind);
	assert_string_equal("Your tax is due", last_push(a)->text);
	network_says(a, GW_SENT_UNKNOWN);
	assert_int_equal(GW_SENT_UNKNOWN, outcome.sent);
	letter.status = 404; /* no dialog leads to it */
	assert_int_equal(0, notice(a, ID, "Your tax is due"));
	UNTIL(a->n_pushes == 2);
	assert_int_equal(GW_PUSH_NOTIFY, last_push(a)->kind);
	network_says(a, GW_SENT_TAKEN);
	assert_int_equal(2, outcome.times);
	assert_int_equal(0, letter.asked - 1);
}

static void a_network_that_refuses_the_dialog(void **state)
{
	struct gateway *a = start_notices();

	(void)state;
	assert_int_equal(0, notice(a, ID, "Your tax is due"));
	UNTIL(a->n_pushes == 1);
	network_says(a, GW_SENT_REFUSED);
	assert_int_equal(0, outcome.times);
	assert_int_equal(2, a->n_pushes);
	assert_int_equal(GW_PUSH_NOTIFY, last_push(a)->kind);
	network_says(a, GW_SENT_REFUSED);
	assert_int_equal(GW_SENT_REFUSED, outcome.sent);
	UNTIL(gw_dialogs_in_flight(a->dialogs) == 0);
	SAYS(dial(a, 1, "*4#"), "Services"); /* the dialog that nobody saw is gone */
}

static void neither_way(void **state)
{
	struct gateway *a = start_notices();
	char text[400];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(-EMSGSIZE, notice(a, "", text));
	assert_int_equal(-EMSGSIZE, notice(a, "", ""));
	a->push_result = -ENOTSUP;
	assert_int_equal(-ENOTSUP, notice(a, "", "Your tax is due"));
	assert_int_equal(0, notice(a, ID, "Your tax is due"));
	UNTIL(outcome.times == 1);
	assert_int_equal(GW_SENT_REFUSED, outcome.sent);
	a->push_result = 0;
	letter.status = 404;
	assert_int_equal(0, notice(a, ID, ""));
	UNTIL(outcome.times == 2);
	assert_int_equal(GW_SENT_REFUSED, outcome.sent);
	assert_int_equal(0, a->n_pushes);
}

static void not_now(void **state)
{
	struct gateway *a = start_notices();

	(void)state;
	SAYS(dial(a, 1, "*4#"), "Services");
	assert_int_equal(0, notice(a, ID, "Your tax is due")); /* in a dialog of their own */
	UNTIL(outcome.times == 1);
	assert_int_equal(GW_SENT_LATER, outcome.sent);
	type(a, 1, "0");
	letter.status = 0;
	assert_int_equal(0, notice(a, ID, "Your tax is due"));
	assert_int_equal(0, notice(a, ID, "Your tax is due")); /* one is being begun */
	gw_pushes_tick(pushes);
	assert_int_equal(2, outcome.times);
	assert_int_equal(GW_SENT_LATER, outcome.sent);
	UNTIL(letter.asked == 1);
	answer_letter(200);
	UNTIL(a->n_pushes == 1);
	network_says(a, GW_SENT_LATER);
	assert_int_equal(3, outcome.times);
	UNTIL(gw_dialogs_in_flight(a->dialogs) == 0);
	letter.status = 200;
	assert_int_equal(0, notice(a, ID, "Your tax is due")); /* what was refused for now is not in the way */
	UNTIL(a->n_pushes == 2);
	gw_pushes_on_push(pushes, 12345, GW_SENT_TAKEN);
	gw_pushes_on_push(pushes, UINT64_MAX, GW_SENT_TAKEN);
	assert_int_equal(3, outcome.times);
}

static void too_many_notices(void **state)
{
	struct gateway *a = start_notices();
	unsigned int taken;

	(void)state;
	for (taken = 0; taken < ANSWERS_MAX; taken++)
		assert_int_equal(0, notice(a, "", "Hello"));
	a->n_pushes = 0; /* the network of this test keeps so many */
	for (; taken < GW_PUSHES_MAX; taken++) {
		assert_int_equal(0, notice(a, "", "Hello"));
		a->n_pushes = 0;
	}
	assert_int_equal(-ENOBUFS, notice(a, "", "Hello"));
	gw_pushes_on_push(pushes, a->pushes[0].token, GW_SENT_TAKEN);
	assert_int_equal(1, outcome.times);
	assert_int_equal(0, notice(a, "", "Hello"));
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, world_stop)
	const struct CMUnitTest tests[] = {
		STORY(a_page_and_a_reply),
		STORY(a_dialog_of_several_steps),
		STORY(the_reply_arrives_at_another_gateway),
		STORY(a_network_without_session_ids),
		STORY(the_reply_again),
		STORY(another_s_end),
		STORY(in_the_citizen_s_language),
		STORY(an_open_dialog_is_not_broken),
		STORY(a_citizen_dials_meanwhile),
		STORY(a_dial_while_it_is_loaded),
		STORY(not_when_closing_or_crowded),
		STORY(nobody_is_bothered_with_a_failure),
		STORY(a_network_that_has_no_such_thing),
		STORY(taken_back),
		STORY(the_store_is_down),
		STORY(its_process_dies_while_it_asks),
		STORY(a_notice_as_a_dialog),
		STORY(a_notice_as_a_text),
		STORY(a_network_that_refuses_the_dialog),
		STORY(neither_way),
		STORY(not_now),
		STORY(too_many_notices),
	};

	return cmocka_run_group_tests(tests, world_group_start, world_group_stop);
}
