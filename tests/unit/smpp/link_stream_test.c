/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What comes out of the stream: split, joined, short, flooding, malformed, and requests of the peer. */
#include "tests/unit/smpp/link_world.h"

/* The stream */

static void pdus_may_be_split_at_every_octet(void **state)
{
	uint32_t sequence = 1;

	(void)state;
	bring_up();
	for (size_t cut = 1; cut < SMPP_HEADER_OCTETS + sizeof(deliver_body); cut++, sequence++) {
		smsc_deliver(sequence);
		smsc.tx_chunk = cut;
		smsc_turn();
		turn(0);
		assert_int_equal(owner.n_requests, sequence - 1);
		smsc.tx_chunk = 0;
		UNTIL(owner.n_requests == sequence);
	}
	smsc.tx_chunk = 1; /* and octet by octet */
	for (int i = 0; i < 5; i++)
		smsc_deliver(sequence++);
	UNTIL(owner.n_requests == sequence - 1);
	for (uint32_t i = 0; i < owner.n_requests; i++)
		assert_int_equal(owner.requests[i].sequence, i + 1);
	UNTIL(smsc_saw(SMPP_DELIVER_SM_RESP) == sequence - 1);
}

static void pdus_may_come_many_at_once(void **state)
{
	(void)state;
	bring_up();
	for (uint32_t i = 1; i <= 50; i++)
		smsc_deliver(i);
	smsc_turn();
	turn(1);
	assert_int_equal(owner.n_requests, 50); /* one read */
	UNTIL(smsc_saw(SMPP_DELIVER_SM_RESP) == 50);
	for (uint32_t i = 0; i < 50; i++)
		assert_int_equal(smsc.seen[smsc.n_seen - 50 + i].sequence, i + 1);
}

/* Long and short PDUs in turn, in pieces that hold more or less than one of them. */
static void a_stream_may_be_cut_anywhere(void **state)
{
	static const size_t pieces[] = { 13, 17, 52, 67, 68, 100, 131, 1009 };
	uint32_t n = 0;

	(void)state;
	bring_up();
	for (unsigned int i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		smsc.tx_chunk = pieces[i];
		for (unsigned int k = 0; k < 100; k++, n++) {
			smsc_deliver(n);
			smsc_put(SMPP_ENQUIRE_LINK, 0, 100000 + n, NULL, 0);
		}
		UNTIL(smsc_saw(SMPP_ENQUIRE_LINK_RESP) == n);
	}
	assert_int_equal(owner.n_requests, n);
	assert_int_equal(smsc.n_seen, 1 + 2 * n);
	for (uint32_t i = 0; i < n; i++) {
		assert_int_equal(owner.requests[i].sequence, i);
		assert_int_equal(smsc.seen[1 + 2 * i].sequence, i);
		assert_int_equal(smsc.seen[2 + 2 * i].sequence, 100000 + i);
	}
	assert_int_equal(smpp_link_counters(link_)->malformed, 0);
}

/* Neither end has much room in the kernel, and the SMSC does not read at first. */
static void short_writes_lose_nothing(void **state)
{
	const int small = 4096;
	unsigned int sent = 0, refused = 0;

	(void)state;
	config.window = 1024;
	config.tx_octets_max = 100000;
	setsockopt(smsc.listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	bring_up();
	setsockopt(link_->ofd.fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	smsc.deaf = true;
	smsc.no_submit_resp = true;
	while (sent < 1024 && refused < 20) {
		int rc = owner_send(sent, (char)('a' + sent % 26), 200);

		assert_true(rc == 0 || rc == -EAGAIN);
		refused += rc != 0;
		sent += rc == 0;
		if (sent % 32 == 0 || rc)
			turn(0);
	}
	assert_in_range(refused, 1, 20);
	assert_false(smpp_link_ready(link_));
	assert_in_range(smpp_link_io_unsent(link_), 100000, 100000 + 300);
	assert_true(link_->when & OSMO_FD_WRITE);
	smsc.deaf = false;
	UNTIL(smsc_saw(SMPP_SUBMIT_SM) == sent);
	assert_int_equal(smpp_link_io_unsent(link_), 0);
	assert_false(link_->when & OSMO_FD_WRITE);
	for (unsigned int i = 0; i < sent; i++) {
		assert_int_equal(smsc.seen[1 + i].first, 'a' + i % 26);
		assert_int_equal(smsc.seen[1 + i].sequence, smsc.seen[1].sequence + i);
	}
	assert_true(smpp_link_ready(link_) == (sent < 1024));
}

/* A peer that is slower than we are, for longer than the buffer is long: it never empties, and its ends must meet. */
static void a_buffer_that_never_empties_stays_in_order(void **state)
{
	const int small = 4096;
	unsigned int sent = 0;

	(void)state;
	config.window = 1024;
	config.tx_octets_max = 100000;
	setsockopt(smsc.listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	bring_up();
	setsockopt(link_->ofd.fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	smsc.rx_chunk = 3000;
	while (smpp_link_counters(link_)->octets_out < 3 * link_->tx_limit) {
		int rc = owner_send(sent, (char)('a' + sent % 26), (uint8_t)(1 + sent % 254));

		assert_true(rc == 0 || rc == -EAGAIN);
		sent += rc == 0;
		if (rc) {
			turn(0);
			assert_in_range(smpp_link_io_unsent(link_), 1, config.tx_octets_max + 400);
		}
	}
	smsc.rx_chunk = 0;
	UNTIL(owner.n_responses == sent);
	for (unsigned int i = 0; i < sent; i++) {
		assert_int_equal(smsc.seen[1 + i].first, 'a' + i % 26);
		assert_int_equal(owner.responses[i].token, i);
	}
}

static void the_peer_may_flood_without_reading(void **state)
{
	const uint32_t flood = 15000;
	const int small = 4096;
	size_t most = 0;

	(void)state;
	setsockopt(smsc.listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	bring_up();
	setsockopt(link_->ofd.fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	smsc.deaf = true;
	for (uint32_t i = 1; i <= flood; i++)
		smsc_deliver(i);
	for (int i = 0; i < 2000; i++) {
		turn(0);
		most = most > smpp_link_io_unsent(link_) ? most : smpp_link_io_unsent(link_);
	}
	assert_true(link_->paused);
	assert_in_range(owner.n_requests, 1, flood - 1);
	assert_in_range(most, 1, config.tx_octets_max + 100);
	assert_int_equal(owner_send(1, 'x', 1), -EAGAIN);
	smsc.deaf = false;
	UNTIL(smsc_saw(SMPP_DELIVER_SM_RESP) == flood);
	assert_int_equal(owner.n_requests, flood);
	for (uint32_t i = 0; i < flood; i++) {
		assert_int_equal(owner.requests[i].sequence, i + 1);
		assert_int_equal(smsc.seen[1 + i].sequence, i + 1);
	}
	assert_true(IS(BOUND));
	turn(1);
	turn(1);
	assert_false(link_->paused);
	assert_true(smpp_link_ready(link_));
}

/* The owner does not answer: it is not handed more than it may owe, and every answer it then gives finds room. */
static void what_is_owed_is_bounded(void **state)
{
	const uint32_t flood = 6000;
	char id[65];
	uint32_t answered = 0;

	(void)state;
	memset(id, 'i', 64);
	id[64] = '\0';
	owner.answer = false;
	config.tx_octets_max = config.pdu_octets_max;
	bring_up();
	for (uint32_t i = 1; i <= flood; i++)
		smsc_deliver(i);
	pass(500, 0);
	assert_int_equal(owner.n_requests, SMPP_LINK_OWED_MAX);
	assert_true(link_->paused);
	/* all at once, without a write between */
	while (answered < owner.n_requests)
		assert_int_equal(owner_respond(1, owner.requests[answered++].sequence, ESME_ROK, id), 0);
	UNTIL(owner.n_requests == flood);
	while (answered < owner.n_requests)
		assert_int_equal(owner_respond(1, owner.requests[answered++].sequence, ESME_ROK, id), 0);
	UNTIL(smsc_saw(SMPP_DELIVER_SM_RESP) == flood);
	assert_int_equal(link_->owed, 0);
}

/* An owner that never answers does not hold a link for ever. */
static void a_jammed_link_is_given_up(void **state)
{
	(void)state;
	owner.answer = false;
	bring_up();
	for (uint32_t i = 1; i <= SMPP_LINK_OWED_MAX + 1; i++)
		smsc_deliver(i);
	pass(500, 0);
	assert_true(link_->paused);
	pass(110, 100);
	assert_true(IS(BOUND));
	pass(110, 100);
	UNTIL(IS(BOUND) && smpp_link_epoch(link_) == 2);
	assert_int_equal(smpp_link_counters(link_)->losses, 1);
}

static void a_hang_up_while_paused_is_noticed(void **state)
{
	uint64_t octets_in;

	(void)state;
	owner.answer = false;
	bring_up();
	for (uint32_t i = 1; i <= SMPP_LINK_OWED_MAX + 1; i++)
		smsc_deliver(i);
	pass(500, 0);
	assert_true(link_->paused);
	octets_in = smpp_link_counters(link_)->octets_in;
	for (uint32_t i = 0; i < 5000; i++)
		smsc_deliver(i);
	for (int i = 0; i < 10; i++) {
		smsc_turn();
		link_->ofd.cb(&link_->ofd, OSMO_FD_READ); /* some loops say this of a hang-up; here is none */
	}
	assert_true(IS(BOUND));
	assert_int_equal(smpp_link_counters(link_)->octets_in, octets_in);
	smsc_close(true);
	link_->ofd.cb(&link_->ofd, OSMO_FD_READ);
	assert_true(IS(DOWN));
}

/* Requests of the peer */

static void responses_belong_to_their_connection(void **state)
{
	(void)state;
	owner.answer = false;
	bring_up();
	smsc_deliver(0); /* a number that some peers use */
	smsc_deliver(0xFFFFFFFF);
	UNTIL(owner.n_requests == 2);
	assert_int_equal(owner_respond(1, 0, ESME_RX_T_APPN, NULL), 0);
	assert_int_equal(owner_respond(1, 0xFFFFFFFF, 0x400, "abc"), 0);
	assert_int_equal(owner_respond(1, 0, ESME_ROK, NULL), -EINVAL); /* twice */
	UNTIL(smsc_saw(SMPP_DELIVER_SM_RESP) == 2);
	assert_int_equal(smsc.seen[1].status, ESME_RX_T_APPN);
	assert_int_equal(smsc.seen[2].status, 0x400);
	assert_int_equal(smsc.seen[2].sequence, 0xFFFFFFFF);
	smsc_deliver(3);
	UNTIL(owner.n_requests == 3);
	smsc_close(false);
	UNTIL(IS(DOWN));
	assert_int_equal(owner_respond(1, 3, ESME_ROK, NULL), -ENOTCONN);
	UNTIL(IS(BOUND));
	assert_int_equal(owner_respond(1, 3, ESME_ROK, NULL), -ENOTCONN);
	pass(10, 1);
	assert_int_equal(smsc_saw(SMPP_DELIVER_SM_RESP), 2);
}

static void a_response_too_long_may_be_given_again(void **state)
{
	char id[80];

	(void)state;
	memset(id, 'x', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	owner.answer = false;
	bring_up();
	smsc_deliver(1);
	UNTIL(owner.n_requests == 1);
	assert_true(owner_respond(1, 1, ESME_ROK, id) < 0);
	assert_int_equal(owner_respond(1, 1, ESME_ROK, NULL), 0);
	UNTIL(smsc_saw(SMPP_DELIVER_SM_RESP) == 1);
}

static void an_alert_is_handed_up_and_not_answered(void **state)
{
	(void)state;
	owner.answer = false;
	bring_up();
	smsc_put(SMPP_ALERT_NOTIFICATION, 0, 7, "\1\1" "1\0\1\1" "2", 8);
	UNTIL(owner.n_requests == 1);
	assert_int_equal(owner.requests[0].command, SMPP_ALERT_NOTIFICATION);
	assert_int_equal(owner_respond(1, 7, ESME_ROK, NULL), -EINVAL);
}

static void what_it_does_not_know_it_says(void **state)
{
	static const uint32_t strangers[] = { 0x199, SMPP_SUBMIT_SM, SMPP_QUERY_SM, SMPP_BIND_TRANSCEIVER, SMPP_CANCEL_SM,
					      0x00010200, 0 };

	(void)state;
	bring_up();
	for (unsigned int i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
		smsc_put(strangers[i], 0, 500 + i, deliver_body, strangers[i] == SMPP_SUBMIT_SM ? sizeof(deliver_body) : 0);
		UNTIL(smsc.n_seen == 2 + i);
		assert_int_equal(smsc.seen[1 + i].sequence, 500 + i);
	}
	assert_int_equal(smsc_saw(SMPP_GENERIC_NACK) + smsc_saw(SMPP_QUERY_SM_RESP) + smsc_saw(SMPP_CANCEL_SM_RESP) +
			 smsc_saw(SMPP_BIND_TRANSCEIVER_RESP), 7);
	assert_true(smsc_saw(SMPP_GENERIC_NACK) >= 4);
	assert_int_equal(smsc_last(SMPP_GENERIC_NACK)->status, ESME_RINVCMDID);
	/* responses to nothing, outbind and nacks are not answered: that could go on for ever */
	smsc_put(0x80000199, 0, 600, NULL, 0);
	smsc_put(SMPP_UNBIND_RESP, 0, 601, NULL, 0);
	smsc_put(SMPP_ENQUIRE_LINK_RESP, 0, 602, NULL, 0);
	smsc_put(SMPP_BIND_TRANSCEIVER_RESP, 0, 603, "x", 2);
	smsc_put(SMPP_OUTBIND, 0, 604, "a\0b", 4);
	smsc_put(SMPP_GENERIC_NACK, 3, 605, NULL, 0);
	smsc_deliver(606);
	UNTIL(smsc_last(SMPP_DELIVER_SM_RESP));
	assert_int_equal(smsc.n_seen, 1 + 7 + 1);
	assert_true(IS(BOUND));
	assert_int_equal(owner.n_requests, 1);
}

static void malformed_requests_are_answered_and_counted(void **state)
{
	uint8_t bad_tlv[sizeof(deliver_body)];

	(void)state;
	bring_up();
	smsc_put(SMPP_DELIVER_SM, 0, 1, deliver_body, 12);
	memcpy(bad_tlv, deliver_body, sizeof(bad_tlv));
	bad_tlv[sizeof(bad_tlv) - 2] = 200;
	smsc_put(SMPP_DELIVER_SM, 0, 2, bad_tlv, sizeof(bad_tlv));
	smsc_put(SMPP_ALERT_NOTIFICATION, 0, 3, "\1", 1);
	smsc_deliver(4);
	UNTIL(smsc_saw(SMPP_DELIVER_SM_RESP) == 3);
	assert_int_equal(smsc.seen[1].status, ESME_RINVCMDLEN);
	assert_int_equal(smsc.seen[2].status, ESME_RINVOPTPARSTREAM);
	assert_int_equal(smsc.seen[3].status, ESME_ROK);
	assert_int_equal(smsc.n_seen, 4);
	assert_int_equal(smpp_link_counters(link_)->malformed, 3);
	assert_int_equal(owner.n_requests, 1);
}

static void a_bad_length_closes(void **state)
{
	static const uint32_t lengths[] = { 0, 15, 4097, 0x80000000, 0xFFFFFFFF };

	(void)state;
	bring_up();
	for (uint32_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		uint8_t length[4];

		put32(length, lengths[i]);
		smsc_deliver(i);
		smsc_send(length, 4);
		UNTIL(IS(DOWN));
		assert_int_equal(owner.n_requests, i + 1); /* what stood before it was good */
		assert_int_equal(smpp_link_counters(link_)->losses, i + 1);
		UNTIL(IS(BOUND));
	}
}

/* Garbage of all kinds in good frames, then in bad ones: it must live, stay bounded and still serve at the end. */
static void it_outlives_garbage(void **state)
{
	static const uint32_t commands[] = { SMPP_DELIVER_SM, SMPP_DATA_SM, SMPP_SUBMIT_SM_RESP, SMPP_ALERT_NOTIFICATION,
					     SMPP_GENERIC_NACK, SMPP_BIND_TRANSCEIVER_RESP, SMPP_UNBIND_RESP, SMPP_OUTBIND,
					     SMPP_ENQUIRE_LINK, SMPP_DATA_SM_RESP, 0x12345, 0x80012345 };
	uint8_t body[300];
	uint32_t seed = 1;

	(void)state;
	config.bind = SMPP_BIND_TRANSMITTER; /* nothing but garbage is handed up */
	bring_up();
	for (unsigned int i = 0; i < 10000; i++) {
		size_t octets;

		for (size_t k = 0; k < sizeof(body); k++)
			body[k] = (uint8_t)((seed = seed * 1103515245u + 12345u) >> 24);
		body[0] = 0xFF; /* a service_type that does not end in time: never a good message */
		memset(body + 1, 0xFF, 80);
		octets = seed % sizeof(body);
		smsc_put(commands[seed / 7 % (sizeof(commands) / sizeof(commands[0]))], seed, seed / 3, body, octets);
		if (i % 100 == 0)
			turn(0);
		smsc.n_seen = 0;
		assert_in_range(smpp_link_io_unsent(link_), 0, config.tx_octets_max + 100);
	}
	UNTIL(smsc.tx_octets == 0);
	pass(10, 0);
	assert_true(IS(BOUND));
	assert_int_equal(owner.n_requests, 0);
	assert_in_range(smpp_link_counters(link_)->malformed, 3000, 10000);
	smsc.n_seen = 0;
	for (unsigned int i = 0; i < 50; i++) {
		UNTIL(IS(BOUND));
		for (size_t k = 0; k < sizeof(body); k++)
			body[k] = (uint8_t)((seed = seed * 1103515245u + 12345u) >> 24);
		body[0] |= 0x80;
		smsc_send(body, sizeof(body));
		UNTIL(smpp_link_counters(link_)->losses == i + 1);
		smsc.n_seen = 0;
	}
	UNTIL(IS(BOUND));
	assert_int_equal(owner_send(1, 'g', 1), 0);
	UNTIL(owner.n_responses == 1 && owner.responses[0].outcome == SMPP_LINK_ANSWERED);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		STORY(pdus_may_be_split_at_every_octet),
		STORY(pdus_may_come_many_at_once),
		STORY(a_stream_may_be_cut_anywhere),
		STORY(short_writes_lose_nothing),
		STORY(a_buffer_that_never_empties_stays_in_order),
		STORY(the_peer_may_flood_without_reading),
		STORY(what_is_owed_is_bounded),
		STORY(a_jammed_link_is_given_up),
		STORY(a_hang_up_while_paused_is_noticed),
		STORY(responses_belong_to_their_connection),
		STORY(a_response_too_long_may_be_given_again),
		STORY(an_alert_is_handed_up_and_not_answered),
		STORY(what_it_does_not_know_it_says),
		STORY(malformed_requests_are_answered_and_counted),
		STORY(a_bad_length_closes),
		STORY(it_outlives_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return run_stories(run);
}
