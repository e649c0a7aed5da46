/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Texts and dialogs that begin with us, by the SMPP bearer. What each dialect makes of them: smpp/dialect_push_test. */
#include "tests/unit/gateway/bearer_world.h"

static int push(enum gw_push_kind kind, uint64_t token, const char *text)
{
	const struct gw_push it = { .kind = kind, .msisdn = "98912", .text = text, .octets = strlen(text), .token = token };
	int rc;

	inside = true;
	rc = bearer->ops->push(bearer, route, &it);
	inside = false;
	return rc;
}

static bool has_op(unsigned int submit, uint8_t op)
{
	const uint8_t tlv[] = { 0x05, 0x01, 0, 1, op };

	return memmem(submits[submit].body, submits[submit].octets, tlv, sizeof(tlv)) != NULL;
}

/* its_session_info of a submit_sm. */
static uint16_t session_of(unsigned int submit)
{
	const uint8_t *at = memmem(submits[submit].body, submits[submit].octets, "\x13\x83\0\2", 4);

	return at ? (uint16_t)(at[4] << 8 | at[5]) : 0;
}

static void a_text_is_shown(void **state)
{
	(void)state;
	open_bearer();
	assert_int_equal(0, push(GW_PUSH_NOTIFY, 7, "your bill"));
	UNTIL(n_submits == 1);
	assert_true(has_op(0, 3) && holds(0, "your bill") && holds(0, "4040"));
	assert_int_equal(0, n_pushed);
	respond(0, 0);
	UNTIL(n_pushed == 1);
	assert_int_equal(7, pushed[0].token);
	assert_int_equal(GW_SENT_TAKEN, pushed[0].sent);
	deliver(&peers[0], 1, 19, 0, ""); /* it was shown */
	UNTIL(n_responses == 1);
	assert_int_equal(0, responses[0].status);
	assert_int_equal(1, n_submits);
	assert_int_equal(0, n_steps);
	assert_int_equal(1, counters.at[GW_CTR_PUSHES]);
	assert_int_equal(0, n_sents + n_results);
}

static void a_dialog_begins_with_us_and_ends(void **state)
{
	uint8_t tlvs[] = { 0x05, 0x01, 0, 1, 18, 0x13, 0x83, 0, 2, 0, 0 };
	struct gw_answer last = { .kind = GW_ANSWER_END, .pushed = true, .msisdn = "98912", .text = "bye", .octets = 3, .version = 1 };

	(void)state;
	operator_config.push_source = "*4#";
	open_bearer();
	assert_int_equal(0, push(GW_PUSH_ASK, 7, "1 yes 2 no"));
	assert_int_equal(0, push(GW_PUSH_ASK, 8, "1 yes 2 no"));
	UNTIL(n_submits == 2);
	assert_true(has_op(0, 2) && holds(0, "*4#"));
	assert_int_not_equal(0, session_of(0));
	assert_int_not_equal(session_of(0), session_of(1));
	respond(0, 0);
	UNTIL(n_pushed == 1);
	tlvs[9] = (uint8_t)(session_of(0) >> 8);
	tlvs[10] = (uint8_t)session_of(0);
	deliver_it(&peers[0], &(struct delivery){ .sequence = 1, .service_type = "USSD", .text = "1", .octets = 1, .tlvs = tlvs, .tlv_octets = sizeof(tlvs) });
	UNTIL(n_steps == 1);
	assert_int_equal(GW_STEP_INPUT, steps[0].kind);
	last.context = contexts[0];
	last.context_octets = steps[0].context_octets;
	assert_int_equal(0, bearer->ops->answer(bearer, route, &last));
	UNTIL(n_submits == 3);
	assert_true(has_op(2, 3)); /* not 17: no request of the citizen's is answered */
	assert_int_equal(session_of(0) | 1, session_of(2));
	bearer->ops->accept(bearer, &steps[0].ticket);
}

static void what_was_shown_is_released_where_the_network_wants_it(void **state)
{
	(void)state;
	operator_config.dialect = *smpp_dialect_find("huawei");
	open_bearer();
	assert_int_equal(0, push(GW_PUSH_NOTIFY, 7, "your bill"));
	UNTIL(n_submits == 1);
	respond(0, 0);
	UNTIL(n_pushed == 1);
	deliver(&peers[0], 1, 19, 0, "");
	UNTIL(n_submits == 2);
	assert_true(has_op(1, 32));
	assert_int_equal(1, n_responses);
}

static void what_cannot_be_pushed(void **state)
{
	static char page[200];

	(void)state;
	memset(page, 'x', sizeof(page) - 1);
	open_bearer();
	assert_int_equal(-EMSGSIZE, push(GW_PUSH_NOTIFY, 7, page));
	assert_int_equal(-EMSGSIZE, push(GW_PUSH_NOTIFY, 7, "\xff"));
	TALLOC_FREE(bearer);
	operator_config.dialect = *smpp_dialect_find("tata");
	n_peers = 0;
	open_bearer();
	assert_int_equal(-ENOTSUP, push(GW_PUSH_NOTIFY, 7, "x"));
	TALLOC_FREE(bearer);
	operator_config.dialect = *smpp_dialect_find("velcom");
	n_peers = 0;
	open_bearer();
	assert_int_equal(-ENOTSUP, push(GW_PUSH_ASK, 7, "x"));
	assert_int_equal(0, push(GW_PUSH_NOTIFY, 7, "x"));
	UNTIL(n_submits == 1);
	assert_int_equal(0, n_pushed);
}

static void a_push_is_refused_or_unknown_or_tried_again(void **state)
{
	(void)state;
	open_bearer();
	push(GW_PUSH_NOTIFY, 1, "first");
	UNTIL(n_submits == 1);
	respond(0, 0x0b);
	UNTIL(n_pushed == 1);
	assert_int_equal(GW_SENT_REFUSED, pushed[0].sent);
	push(GW_PUSH_NOTIFY, 2, "second");
	UNTIL(n_submits == 2);
	respond(1, THROTTLED);
	UNTIL(n_submits == 3);
	assert_true(holds(2, "second"));
	hang_up(&peers[0]);
	UNTIL(n_pushed == 2);
	assert_int_equal(2, pushed[1].token);
	assert_int_equal(GW_SENT_UNKNOWN, pushed[1].sent); /* it may have been shown */
	assert_int_equal(2, counters.at[GW_CTR_PUSHES_FAILED]);
}

static void a_push_that_no_link_takes(void **state)
{
	(void)state;
	links[0].window = 1;
	operator_config.answer_ms = 200;
	open_bearer();
	push(GW_PUSH_NOTIFY, 1, "first");
	push(GW_PUSH_NOTIFY, 2, "second");
	UNTIL(n_pushed == 1);
	assert_int_equal(2, pushed[0].token);
	assert_int_equal(GW_SENT_REFUSED, pushed[0].sent);
	bearer->ops->stop(bearer);
	assert_int_equal(-ENOBUFS, push(GW_PUSH_NOTIFY, 3, "third"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(a_text_is_shown),
		STORY(a_dialog_begins_with_us_and_ends),
		STORY(what_was_shown_is_released_where_the_network_wants_it),
		STORY(what_cannot_be_pushed),
		STORY(a_push_is_refused_or_unknown_or_tried_again),
		STORY(a_push_that_no_link_takes),
	};

	return cmocka_run_group_tests_name("bearer_push", tests, group_start, NULL);
}
