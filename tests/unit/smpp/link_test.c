/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The life of a link: binding and backing off, requests and their outcomes, signs of life, stopping. */
#include "tests/unit/smpp/link_world.h"

/* Binding */

static void binds_in_all_three_ways(void **state)
{
	static const enum smpp_command binds[] = { SMPP_BIND_TRANSCEIVER, SMPP_BIND_TRANSMITTER, SMPP_BIND_RECEIVER };

	for (unsigned int i = 0; i < 3; i++) {
		setup(state);
		config.bind = binds[i];
		bring_up();
		assert_int_equal(smsc.seen[0].command, binds[i]);
		assert_string_equal(owner.states, "CONNECTING BINDING BOUND ");
		assert_true(smpp_link_peer_tlvs(link_));
		assert_int_equal(smpp_link_epoch(link_), 1);
		assert_string_equal(smpp_link_name(link_), "mci.1");
		assert_int_equal(smpp_link_ready(link_), binds[i] != SMPP_BIND_RECEIVER);
		assert_int_equal(owner_send(1, 'x', 1), binds[i] == SMPP_BIND_RECEIVER ? -ENOTCONN : 0);
		teardown(state);
	}
	setup(state);
}

static void a_peer_of_version_3_3_is_noted(void **state)
{
	(void)state;
	smsc.no_version = true;
	bring_up();
	assert_false(smpp_link_peer_tlvs(link_));
}

static void binds_over_ipv6_and_by_name(void **state)
{
	(void)state;
	config.host = "localhost";
	bring_up();
	assert_string_equal(owner.states, "CONNECTING BINDING BOUND ");
	talloc_free(link_);
	link_ = NULL;
	smsc_close(false);
	close(smsc.listener);
	smsc_listen(AF_INET6);
	if (smsc.listener < 0)
		skip(); /* no IPv6 here */
	config.host = "::1";
	config.port = 0;
	bring_up();
}

/* Each pause lies in the upper half of one that doubles, starting at 400 and ending at 1600. */
static void a_refused_bind_backs_off(void **state)
{
	int64_t most = 400;

	(void)state;
	smsc.bind_status = ESME_RINVPASWD;
	smsc.no_body = true;
	link_make();
	smpp_link_start(link_);
	UNTIL(owner.n_pauses == 7);
	for (unsigned int i = 0; i < 7; i++) {
		assert_in_range(owner.pauses_ms[i], most / 2, most + 1);
		most = most < 1600 ? most * 2 : most;
	}
	assert_int_equal(smpp_link_counters(link_)->bind_refusals, 7);
	assert_null(strstr(owner.states, "BOUND"));
	smsc.bind_status = 0;
	UNTIL(IS(BOUND));
}

static void a_refused_connection_backs_off(void **state)
{
	(void)state;
	close(smsc.listener);
	smsc.listener = -1;
	link_make();
	smpp_link_start(link_);
	UNTIL(strlen(owner.states) > 4 * strlen("CONNECTING DOWN "));
	assert_memory_equal(owner.states, "CONNECTING DOWN CONNECTING DOWN CONNECTING DOWN ", 48);
	assert_int_equal(smpp_link_counters(link_)->connects, 0);
	assert_int_equal(smpp_link_epoch(link_), 0);
}

static void a_host_that_is_none_backs_off(void **state)
{
	(void)state;
	config.host = "no such host.invalid";
	link_make();
	smpp_link_start(link_);
	UNTIL(strlen(owner.states) > 2 * strlen("CONNECTING DOWN "));
	assert_memory_equal(owner.states, "CONNECTING DOWN CONNECTING DOWN ", 32);
}

/* Bound and hung up on at once, again and again: the pauses must grow all the same; after a long life they are short. */
static void a_link_that_dies_at_once_does_not_hot_loop(void **state)
{
	(void)state;
	smsc.hang_up_after_bind = true;
	link_make();
	smpp_link_start(link_);
	UNTIL(owner.n_pauses == 9);
	assert_in_range(smpp_link_counters(link_)->connects, 9, 10);
	for (unsigned int i = 4; i < 9; i++)
		assert_in_range(owner.pauses_ms[i], 800, 1601);
	smsc.hang_up_after_bind = false;
	UNTIL(IS(BOUND));
	pass(20, 100);
	smsc_close(false);
	UNTIL(owner.n_pauses == 10);
	assert_in_range(owner.pauses_ms[9], 50, 101);
}

static void a_silent_smsc_is_left_after_bind_ms(void **state)
{
	(void)state;
	smsc.silent = true;
	link_make();
	smpp_link_start(link_);
	UNTIL(IS(DOWN) && *owner.states);
	assert_string_equal(owner.states, "CONNECTING BINDING DOWN ");
	assert_in_range(owner.entered_ms[SMPP_LINK_DOWN] - owner.entered_ms[SMPP_LINK_CONNECTING], 3000, 3001);
}

static void only_the_right_answer_binds(void **state)
{
	(void)state;
	smsc.bind_resp = SMPP_BIND_TRANSMITTER_RESP;
	link_make();
	smpp_link_start(link_);
	UNTIL(IS(DOWN) && smsc.accepted == 1);
	assert_int_equal(smpp_link_counters(link_)->bind_refusals, 1);
	smsc.bind_resp = SMPP_GENERIC_NACK;
	smsc.no_body = true;
	UNTIL(smpp_link_counters(link_)->bind_refusals == 2);
	smsc.bind_resp = SMPP_SUBMIT_SM_RESP;
	UNTIL(smpp_link_counters(link_)->bind_refusals == 3);
	assert_null(strstr(owner.states, "BOUND"));
	/* a number that is not ours is nobody's answer */
	smsc.no_bind_resp = true;
	UNTIL(IS(BINDING) && smsc_last(SMPP_BIND_TRANSCEIVER) && smsc.fd >= 0);
	smsc_put(SMPP_BIND_TRANSCEIVER_RESP, 0, 0x1234567, "x", 2);
	UNTIL(smpp_link_counters(link_)->unmatched == 1);
	assert_true(IS(BINDING));
	/* number 0: it could not read our number */
	smsc_put(SMPP_GENERIC_NACK, ESME_RINVCMDLEN, 0, NULL, 0);
	UNTIL(IS(DOWN));
	assert_int_equal(smpp_link_counters(link_)->bind_refusals, 4);
}

static void before_the_bind_it_answers_but_takes_nothing(void **state)
{
	(void)state;
	smsc.no_bind_resp = true;
	link_make();
	smpp_link_start(link_);
	UNTIL(smsc_saw(SMPP_BIND_TRANSCEIVER) == 1);
	smsc_put(SMPP_ENQUIRE_LINK, 0, 77, NULL, 0);
	smsc_deliver(78);
	smsc_put(SMPP_ALERT_NOTIFICATION, 0, 79, "\1\1" "1\0\1\1" "2", 8);
	UNTIL(smsc_saw(SMPP_DELIVER_SM_RESP) == 1);
	assert_int_equal(smsc_last(SMPP_ENQUIRE_LINK_RESP)->sequence, 77);
	assert_int_equal(smsc_last(SMPP_DELIVER_SM_RESP)->sequence, 78);
	assert_int_equal(smsc_last(SMPP_DELIVER_SM_RESP)->status, ESME_RINVBNDSTS);
	assert_int_equal(owner.n_requests, 0);
	assert_int_equal(owner_send(1, 'x', 1), -ENOTCONN);
	smsc_put(SMPP_BIND_TRANSCEIVER_RESP, 0, smsc_last(SMPP_BIND_TRANSCEIVER)->sequence, "x", 2);
	UNTIL(IS(BOUND));
}

/* Requests */

static void a_full_window_waits_for_a_response(void **state)
{
	(void)state;
	smsc.no_submit_resp = true;
	bring_up();
	for (uint64_t i = 0; i < 10; i++)
		assert_int_equal(owner_send(i, 'w', 1), 0);
	assert_int_equal(owner_send(10, 'w', 1), -EAGAIN);
	assert_false(smpp_link_ready(link_));
	assert_int_equal(smpp_link_in_flight(link_), 10);
	UNTIL(smsc_saw(SMPP_SUBMIT_SM) == 10);
	owner.send_on_response = true;
	smsc_put(SMPP_SUBMIT_SM_RESP, ESME_RTHROTTLED, smsc.seen[4].sequence, NULL, 0);
	UNTIL(owner.n_responses == 1);
	assert_int_equal(owner.responses[0].token, 3);
	assert_int_equal(owner.responses[0].outcome, SMPP_LINK_ANSWERED);
	assert_int_equal(owner.responses[0].status, ESME_RTHROTTLED);
	assert_string_equal(owner.responses[0].message_id, "");
	assert_int_equal(owner.rc_in_callback, 0);
	UNTIL(smsc_saw(SMPP_SUBMIT_SM) == 11);
	assert_int_equal(owner_send(11, 'w', 1), -EAGAIN);
}

static void answers_find_their_tokens_in_any_order(void **state)
{
	static const unsigned int order[] = { 7, 0, 9, 3, 1, 8, 2, 6, 4, 5 };

	(void)state;
	smsc.no_submit_resp = true;
	bring_up();
	for (uint64_t i = 0; i < 10; i++)
		assert_int_equal(owner_send(100 + i, 'w', 1), 0);
	UNTIL(smsc_saw(SMPP_SUBMIT_SM) == 10);
	for (unsigned int i = 0; i < 10; i++)
		smsc_put(SMPP_SUBMIT_SM_RESP, 0, smsc.seen[1 + order[i]].sequence, "id", 3);
	smsc_put(SMPP_SUBMIT_SM_RESP, 0, smsc.seen[1].sequence, "id", 3); /* once more: nobody's */
	UNTIL(smpp_link_counters(link_)->unmatched == 1);
	assert_int_equal(owner.n_responses, 10);
	for (unsigned int i = 0; i < 10; i++) {
		assert_int_equal(owner.responses[i].token, 100 + order[i]);
		assert_string_equal(owner.responses[i].message_id, "id");
	}
}

static void no_answer_is_a_timeout(void **state)
{
	(void)state;
	smsc.no_submit_resp = true;
	bring_up();
	assert_int_equal(owner_send(5, 't', 1), 0);
	UNTIL(smsc_saw(SMPP_SUBMIT_SM) == 1);
	pass(48, 100);
	assert_int_equal(owner.n_responses, 0);
	pass(4, 100);
	assert_int_equal(owner.n_responses, 1);
	assert_int_equal(owner.responses[0].token, 5);
	assert_int_equal(owner.responses[0].outcome, SMPP_LINK_TIMEOUT);
	assert_int_not_equal(owner.responses[0].status, ESME_ROK);
	assert_int_equal(smpp_link_counters(link_)->timeouts, 1);
	assert_int_equal(smpp_link_in_flight(link_), 0);
	smsc_put(SMPP_SUBMIT_SM_RESP, 0, smsc_last(SMPP_SUBMIT_SM)->sequence, "x", 2);
	UNTIL(smpp_link_counters(link_)->unmatched == 1);
	assert_int_equal(owner.n_responses, 1);
}

/* The process was stopped for a minute; the answer had come long before. */
static void who_slept_reads_before_he_judges(void **state)
{
	(void)state;
	smsc.no_submit_resp = true;
	bring_up();
	pass(2, 10);
	assert_int_equal(owner_send(5, 't', 1), 0);
	UNTIL(smsc_saw(SMPP_SUBMIT_SM) == 1);
	smsc_put(SMPP_SUBMIT_SM_RESP, 0, smsc_last(SMPP_SUBMIT_SM)->sequence, "x", 2);
	smsc_turn();
	advance(60000);
	smpp_link_tick(link_);
	assert_int_equal(owner.n_responses, 0);
	UNTIL(owner.n_responses == 1);
	assert_int_equal(owner.responses[0].outcome, SMPP_LINK_ANSWERED);
	assert_true(IS(BOUND));
}

static void a_lost_link_answers_all_once(void **state)
{
	bool told[10] = { false };

	(void)state;
	smsc.no_submit_resp = true;
	bring_up();
	for (uint64_t i = 0; i < 10; i++)
		assert_int_equal(owner_send(i, 'l', 1), 0);
	UNTIL(smsc_saw(SMPP_SUBMIT_SM) == 10);
	owner.send_on_response = true;
	smsc_close(false);
	UNTIL(owner.n_responses == 10);
	for (unsigned int i = 0; i < 10; i++) {
		assert_int_equal(owner.responses[i].outcome, SMPP_LINK_LOST);
		assert_false(told[owner.responses[i].token]);
		told[owner.responses[i].token] = true;
	}
	assert_int_equal(owner.rc_in_callback, -ENOTCONN);
	UNTIL(IS(BOUND));
	assert_int_equal(smpp_link_epoch(link_), 2);
	pass(100, 100);
	assert_int_equal(owner.n_responses, 10);
	assert_string_equal(owner.states, "CONNECTING BINDING BOUND DOWN CONNECTING BINDING BOUND ");
}

/* What the peer said just before it went away still counts. */
static void last_words_are_heard(void **state)
{
	(void)state;
	smsc.no_submit_resp = true;
	bring_up();
	for (uint64_t i = 0; i < 6; i++)
		assert_int_equal(owner_send(i, 'l', 1), 0);
	UNTIL(smsc_saw(SMPP_SUBMIT_SM) == 6);
	for (unsigned int i = 1; i <= 4; i++)
		smsc_put(SMPP_SUBMIT_SM_RESP, 0, smsc.seen[i].sequence, "x", 2);
	smsc_write();
	smsc_close(false);
	UNTIL(owner.n_responses == 6);
	for (unsigned int i = 0; i < 6; i++)
		assert_int_equal(owner.responses[i].outcome, i < 4 ? SMPP_LINK_ANSWERED : SMPP_LINK_LOST);
}

/* The link finds out while it writes: nobody may be called back from flush (on_... assert that), and all are told later. */
static void a_loss_in_flush_is_told_later(void **state)
{
	(void)state;
	smsc.no_submit_resp = true;
	bring_up();
	smsc_close(true);
	usleep(1000);
	assert_int_equal(owner_send(1, 'f', 1), 0);
	owner_flush();
	assert_int_equal(owner_send(2, 'f', 1), 0);
	owner_flush();
	assert_int_not_equal(link_->wishes.write_error, 0);
	assert_true(IS(BOUND));
	assert_int_equal(owner.n_responses, 0);
	osmo_select_main_ctx(1);
	assert_true(IS(DOWN));
	assert_int_equal(owner.n_responses, 2);
	assert_int_equal(owner.responses[1].outcome, SMPP_LINK_LOST);
}

/* The same where it is the write that fails. */
static void last_words_are_heard_after_a_failed_write(void **state)
{
	(void)state;
	smsc.no_submit_resp = true;
	bring_up();
	assert_int_equal(owner_send(1, 'f', 1), 0);
	UNTIL(smsc_saw(SMPP_SUBMIT_SM) == 1);
	smsc_put(SMPP_SUBMIT_SM_RESP, 0, smsc_last(SMPP_SUBMIT_SM)->sequence, "x", 2);
	smsc_write();
	smsc_close(false);
	usleep(1000);
	for (int i = 0; i < 1000 && !link_->wishes.write_error; i++) {
		/* the first finds nobody, which the kernel says to the next */
		assert_int_equal(owner_send(2, 'f', 1), i < 9 ? 0 : -EAGAIN);
		owner_flush();
		usleep(100);
	}
	assert_int_not_equal(link_->wishes.write_error, 0);
	osmo_select_main_ctx(1);
	assert_true(IS(DOWN));
	assert_int_equal(owner.responses[0].token, 1);
	assert_int_equal(owner.responses[0].outcome, SMPP_LINK_ANSWERED);
	assert_int_equal(owner.responses[1].outcome, SMPP_LINK_LOST);
}

static void what_cannot_be_encoded_is_not_accepted(void **state)
{
	struct smpp_pdu pdu = { .command_id = SMPP_SUBMIT_SM };

	(void)state;
	bring_up();
	pdu.message.service_type = "LONGERTHANSIX";
	pdu.message.source.digits = pdu.message.destination.digits = "1";
	assert_int_equal(smpp_link_send(link_, &pdu, 1), -EINVAL);
	pdu.command_id = SMPP_UNBIND;
	assert_int_equal(smpp_link_send(link_, &pdu, 1), -EINVAL);
	assert_int_equal(smpp_link_in_flight(link_), 0);
	pass(100, 100);
	assert_int_equal(owner.n_responses, 0);
}

static void a_generic_nack_settles_its_request(void **state)
{
	(void)state;
	smsc.no_submit_resp = true;
	bring_up();
	assert_int_equal(owner_send(9, 'n', 1), 0);
	assert_int_equal(owner_send(10, 'n', 1), 0);
	UNTIL(smsc_saw(SMPP_SUBMIT_SM) == 2);
	smsc_put(SMPP_GENERIC_NACK, ESME_RINVCMDLEN, 0, NULL, 0); /* whose? nobody's */
	smsc_put(SMPP_GENERIC_NACK, ESME_RINVCMDID, smsc.seen[1].sequence, NULL, 0);
	smsc_put(SMPP_GENERIC_NACK, ESME_ROK, smsc.seen[2].sequence, NULL, 0);
	UNTIL(owner.n_responses == 2);
	assert_int_equal(owner.responses[0].token, 9);
	assert_int_equal(owner.responses[0].outcome, SMPP_LINK_ANSWERED);
	assert_int_equal(owner.responses[0].status, ESME_RINVCMDID);
	assert_int_not_equal(owner.responses[1].status, ESME_ROK);
	assert_int_equal(smpp_link_counters(link_)->unmatched, 1);
}

static void a_malformed_response_is_a_response(void **state)
{
	(void)state;
	smsc.no_submit_resp = true;
	bring_up();
	assert_int_equal(owner_send(9, 'm', 1), 0);
	UNTIL(smsc_saw(SMPP_SUBMIT_SM) == 1);
	smsc_put(SMPP_SUBMIT_SM_RESP, 0x400, smsc_last(SMPP_SUBMIT_SM)->sequence, "no end", 6);
	UNTIL(owner.n_responses == 1);
	assert_int_equal(owner.responses[0].outcome, SMPP_LINK_ANSWERED);
	assert_int_equal(owner.responses[0].status, 0x400);
	assert_string_equal(owner.responses[0].message_id, "");
	assert_int_equal(smpp_link_counters(link_)->malformed, 1);
}

static void sequence_numbers_wrap(void **state)
{
	static const uint32_t expected[] = { 0x7FFFFFFE, 0x7FFFFFFF, 1, 2 };

	(void)state;
	bring_up();
	link_->window.next_sequence = 0x7FFFFFFE;
	for (uint64_t i = 0; i < 4; i++)
		assert_int_equal(owner_send(i, 's', 1), 0);
	UNTIL(owner.n_responses == 4);
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(smsc.seen[1 + i].sequence, expected[i]);
		assert_int_equal(owner.responses[i].token, i);
	}
	link_->window.next_sequence = 0x7FFFFFFF; /* and so do those of our own */
	UNTIL(smsc_saw(SMPP_ENQUIRE_LINK) == 1);
	assert_int_equal(smsc_last(SMPP_ENQUIRE_LINK)->sequence, 0x7FFFFFFF);
	assert_int_equal(owner_send(5, 's', 1), 0);
	UNTIL(owner.n_responses == 5);
	assert_int_equal(smsc_last(SMPP_SUBMIT_SM)->sequence, 1);
}

/* Life signs */

static void silence_is_asked_and_answered(void **state)
{
	(void)state;
	bring_up();
	pass(98, 100);
	assert_int_equal(smsc_saw(SMPP_ENQUIRE_LINK), 0);
	pass(5, 100);
	assert_int_equal(smsc_saw(SMPP_ENQUIRE_LINK), 1);
	pass(300, 100);
	assert_true(IS(BOUND));
	assert_in_range(smsc_saw(SMPP_ENQUIRE_LINK), 3, 4);
	smsc_put(SMPP_ENQUIRE_LINK, 0, 4711, NULL, 0);
	UNTIL(smsc_saw(SMPP_ENQUIRE_LINK_RESP) == 1);
	assert_int_equal(smsc_last(SMPP_ENQUIRE_LINK_RESP)->sequence, 4711);
}

static void whatever_is_heard_is_life(void **state)
{
	(void)state;
	bring_up();
	for (uint32_t i = 0; i < 10; i++) {
		pass(50, 100);
		smsc_deliver(i);
		pass(2, 100);
	}
	assert_int_equal(smsc_saw(SMPP_ENQUIRE_LINK), 0);
	assert_true(IS(BOUND));
}

static void a_dead_peer_is_left(void **state)
{
	(void)state;
	bring_up();
	smsc.silent = true;
	assert_int_equal(owner_send(1, 'd', 1), 0);
	pass(195, 100);
	assert_true(IS(BOUND));
	pass(10, 100);
	assert_non_null(strstr(owner.states, "DOWN"));
	assert_int_equal(smpp_link_counters(link_)->losses, 1);
	assert_int_equal(owner.n_responses, 1);
	smsc.silent = false;
	UNTIL(IS(BOUND));
}

static void the_peer_may_unbind(void **state)
{
	(void)state;
	smsc.no_submit_resp = true;
	bring_up();
	assert_int_equal(owner_send(1, 'u', 1), 0);
	smsc_put(SMPP_UNBIND, 0, 33, NULL, 0);
	UNTIL(smsc_saw(SMPP_UNBIND_RESP) == 1);
	assert_int_equal(smsc_last(SMPP_UNBIND_RESP)->sequence, 33);
	assert_int_equal(smsc_saw(SMPP_SUBMIT_SM), 1);
	UNTIL(owner.n_responses == 1);
	assert_int_equal(owner.responses[0].outcome, SMPP_LINK_LOST);
	UNTIL(IS(BOUND));
	assert_string_equal(owner.states, "CONNECTING BINDING BOUND DOWN CONNECTING BINDING BOUND ");
}

/* Stopping */

static void stop_waits_for_what_is_in_flight(void **state)
{
	(void)state;
	owner.answer = false;
	smsc.no_submit_resp = true;
	bring_up();
	assert_int_equal(owner_send(1, 'q', 1), 0);
	smsc_deliver(50);
	UNTIL(smsc_saw(SMPP_SUBMIT_SM) == 1 && owner.n_requests == 1);
	smpp_link_stop(link_);
	smpp_link_stop(link_);
	assert_int_equal(owner_send(2, 'q', 1), -ENOTCONN);
	assert_false(smpp_link_ready(link_));
	UNTIL(IS(DRAINING));
	smsc_deliver(51); /* still taken, as it was not told */
	UNTIL(owner.n_requests == 2);
	smsc_put(SMPP_SUBMIT_SM_RESP, 0, smsc_last(SMPP_SUBMIT_SM)->sequence, "x", 2);
	UNTIL(owner.n_responses == 1);
	assert_int_equal(owner.responses[0].outcome, SMPP_LINK_ANSWERED);
	pass(10, 1);
	assert_int_equal(smsc_saw(SMPP_UNBIND), 0);
	smsc.no_unbind_resp = true;
	assert_int_equal(owner_respond(1, 50, ESME_ROK, NULL), 0);
	assert_int_equal(owner_respond(1, 51, ESME_ROK, NULL), 0);
	UNTIL(smsc_saw(SMPP_UNBIND) == 1);
	assert_int_equal(smsc_saw(SMPP_DELIVER_SM_RESP), 2);
	smsc_deliver(52); /* crossed our unbind */
	UNTIL(smsc_saw(SMPP_DELIVER_SM_RESP) == 3);
	assert_int_equal(smsc_last(SMPP_DELIVER_SM_RESP)->status, ESME_RX_T_APPN);
	assert_int_equal(owner.n_requests, 2);
	smsc_put(SMPP_UNBIND_RESP, 0, smsc_last(SMPP_UNBIND)->sequence, NULL, 0);
	UNTIL(IS(STOPPED));
	assert_string_equal(owner.states, "CONNECTING BINDING BOUND DRAINING STOPPED ");
	pass(100, 100);
	assert_true(IS(STOPPED));
	assert_int_equal(smsc.accepted, 1);
}

static void stop_does_not_wait_for_ever(void **state)
{
	(void)state;
	smsc.no_submit_resp = smsc.no_unbind_resp = true;
	bring_up();
	assert_int_equal(owner_send(1, 'q', 1), 0);
	smpp_link_stop(link_);
	pass(18, 100);
	assert_int_equal(smsc_saw(SMPP_UNBIND), 0);
	pass(5, 100);
	assert_int_equal(smsc_saw(SMPP_UNBIND), 1);
	assert_true(IS(DRAINING));
	pass(25, 100);
	assert_true(IS(STOPPED));
	assert_int_equal(owner.n_responses, 1);
	assert_int_equal(owner.responses[0].outcome, SMPP_LINK_LOST);
}

static void a_link_lost_while_draining_is_stopped(void **state)
{
	(void)state;
	smsc.no_submit_resp = true;
	bring_up();
	assert_int_equal(owner_send(1, 'q', 1), 0);
	UNTIL(smsc_saw(SMPP_SUBMIT_SM) == 1);
	smpp_link_stop(link_);
	UNTIL(IS(DRAINING));
	smsc_put(SMPP_UNBIND, 0, 9, NULL, 0);
	UNTIL(IS(STOPPED));
	assert_int_equal(owner.n_responses, 1);
	UNTIL(smsc_saw(SMPP_UNBIND_RESP) == 1);
}

static void stop_where_nothing_is_bound(void **state)
{
	(void)state;
	link_make(); /* never started */
	smpp_link_stop(link_);
	smpp_link_start(link_);
	assert_string_equal(owner.states, "");
	turn(1);
	assert_string_equal(owner.states, "STOPPED ");
	talloc_free(link_);

	memset(owner.states, 0, sizeof(owner.states));
	smsc.silent = true;
	link_make();
	smpp_link_start(link_);
	UNTIL(IS(BINDING));
	smpp_link_stop(link_);
	turn(1);
	assert_string_equal(owner.states, "CONNECTING BINDING STOPPED ");
	talloc_free(link_);

	memset(owner.states, 0, sizeof(owner.states));
	smsc_close(false);
	close(smsc.listener);
	smsc.listener = -1;
	link_make();
	smpp_link_start(link_);
	UNTIL(IS(DOWN) && *owner.states);
	smpp_link_stop(link_);
	pass(50, 100);
	assert_string_equal(owner.states, "CONNECTING DOWN STOPPED ");
}

static void callbacks_may_stop(void **state)
{
	(void)state;
	owner.stop_on_bound = true;
	link_make();
	smpp_link_start(link_);
	UNTIL(IS(STOPPED));
	assert_string_equal(owner.states, "CONNECTING BINDING BOUND DRAINING STOPPED ");
	talloc_free(link_);

	memset(&owner, 0, sizeof(owner));
	owner.stop_on_response = owner.send_on_response = true;
	bring_up();
	for (uint64_t i = 0; i < 5; i++)
		assert_int_equal(owner_send(i, 's', 1), 0);
	UNTIL(IS(STOPPED));
	assert_int_equal(owner.n_responses, 6); /* the first answer sent one more before it stopped the link */
	for (unsigned int i = 0; i < 6; i++)
		assert_int_equal(owner.responses[i].outcome, SMPP_LINK_ANSWERED);
}

static void freeing_a_bound_link_closes_it(void **state)
{
	(void)state;
	smsc.no_submit_resp = true;
	bring_up();
	assert_int_equal(owner_send(1, 'q', 1), 0);
	talloc_free(link_);
	link_ = NULL;
	assert_int_equal(owner.n_responses, 0);
	UNTIL(smsc.fd < 0);
}

/* Each row breaks one bound of a configuration that is otherwise good. */
static void a_configuration_out_of_bounds_is_refused(void **state)
{
	char endless[2000];

	(void)state;
#define REFUSED(field, value) do { \
	struct smpp_link_config bad = config; \
	bad.field = value; \
	assert_null(smpp_link_alloc(ctx, &bad, &ops, &owner)); \
} while (0)
	config.port = smsc.port;
	REFUSED(name, NULL);
	REFUSED(host, NULL);
	REFUSED(port, 0);
	REFUSED(bind, SMPP_SUBMIT_SM);
	REFUSED(window, 0);
	REFUSED(window, 1025);
	REFUSED(enquire_ms, 0);
	REFUSED(response_ms, 0);
	REFUSED(bind_ms, 0);
	REFUSED(drain_ms, 0);
	REFUSED(retry_min_ms, 0);
	REFUSED(retry_max_ms, 99);
	REFUSED(retry_refused_ms, 0);
	REFUSED(pdu_octets_max, 15);
	REFUSED(pdu_octets_max, SMPP_PDU_OCTETS_MAX + 1);
	REFUSED(tx_octets_max, 100);
	REFUSED(io.add, NULL);
	REFUSED(credentials.password, NULL);
	memset(endless, 'x', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	REFUSED(credentials.password, endless);
	link_make();
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		STORY(binds_in_all_three_ways),
		STORY(a_peer_of_version_3_3_is_noted),
		STORY(binds_over_ipv6_and_by_name),
		STORY(a_refused_bind_backs_off),
		STORY(a_refused_connection_backs_off),
		STORY(a_host_that_is_none_backs_off),
		STORY(a_link_that_dies_at_once_does_not_hot_loop),
		STORY(a_silent_smsc_is_left_after_bind_ms),
		STORY(only_the_right_answer_binds),
		STORY(before_the_bind_it_answers_but_takes_nothing),
		STORY(a_full_window_waits_for_a_response),
		STORY(answers_find_their_tokens_in_any_order),
		STORY(no_answer_is_a_timeout),
		STORY(who_slept_reads_before_he_judges),
		STORY(a_lost_link_answers_all_once),
		STORY(last_words_are_heard),
		STORY(a_loss_in_flush_is_told_later),
		STORY(last_words_are_heard_after_a_failed_write),
		STORY(what_cannot_be_encoded_is_not_accepted),
		STORY(a_generic_nack_settles_its_request),
		STORY(a_malformed_response_is_a_response),
		STORY(sequence_numbers_wrap),
		STORY(silence_is_asked_and_answered),
		STORY(whatever_is_heard_is_life),
		STORY(a_dead_peer_is_left),
		STORY(the_peer_may_unbind),
		STORY(stop_waits_for_what_is_in_flight),
		STORY(stop_does_not_wait_for_ever),
		STORY(a_link_lost_while_draining_is_stopped),
		STORY(stop_where_nothing_is_bound),
		STORY(callbacks_may_stop),
		STORY(freeing_a_bound_link_closes_it),
		STORY(a_configuration_out_of_bounds_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return run_stories(run);
}
