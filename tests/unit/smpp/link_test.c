/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A link against an SMSC made here, over real sockets on 127.0.0.1. Time is moved by hand: no test waits and none depends
 * on how long something took. Each story is told from the SMSC's side: what it does, and what the link makes of it. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include <osmocom/core/application.h>
#include <osmocom/core/fsm.h>
#include <osmocom/core/logging.h>
#include <osmocom/core/select.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/timer.h>

#include "smpp/link_priv.h"
#include "smpp/status.h"

#define SEEN_MAX 20000
#define TURNS_MAX 20000

/* The SMSC: one listener, one connection, and knobs for its faults */

struct seen {
	uint32_t command, status, sequence;
	uint8_t first; /* octet of the short message of a submit_sm */
};

static struct {
	int listener, fd;
	uint16_t port;
	uint32_t bind_status, bind_resp;    /* bind_resp 0: the right one */
	bool no_version, no_body;
	bool silent;                        /* reads, never answers */
	bool deaf;                          /* does not even read */
	bool no_submit_resp, no_unbind_resp, no_bind_resp;
	bool hang_up_after_bind;
	unsigned int accepted;
	int64_t accepted_ms[256];
	uint8_t rx[1 << 17], *tx;
	size_t rx_octets, tx_octets, tx_done, tx_cap, tx_chunk; /* tx_chunk: octets written in each turn; 0: all */
	struct seen seen[SEEN_MAX];
	unsigned int n_seen;
} smsc;

/* What the owner of the link was told */

static struct {
	char states[4096];
	struct { uint64_t token; enum smpp_link_outcome outcome; uint32_t status; char message_id[66]; } responses[SEEN_MAX];
	unsigned int n_responses;
	struct { uint32_t command, sequence, epoch; } requests[SEEN_MAX];
	unsigned int n_requests;
	bool answer;                         /* deliver_sm at once */
	bool send_on_response, stop_on_response, stop_on_bound;
	int rc_in_callback;
	bool inside;                         /* a call from which no callback may come */
} owner;

static void *ctx;
static struct smpp_link *link_;
static int64_t clock_ms;

static void put32(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 24);
	at[1] = (uint8_t)(value >> 16);
	at[2] = (uint8_t)(value >> 8);
	at[3] = (uint8_t)value;
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void smsc_send(const void *octets, size_t n)
{
	if (smsc.tx_octets + n > smsc.tx_cap) {
		smsc.tx_cap = 2 * (smsc.tx_octets + n);
		smsc.tx = realloc(smsc.tx, smsc.tx_cap);
		assert_non_null(smsc.tx);
	}
	memcpy(smsc.tx + smsc.tx_octets, octets, n);
	smsc.tx_octets += n;
}

/* A PDU with this header and body. */
static void smsc_put(uint32_t command, uint32_t status, uint32_t sequence, const void *body, size_t octets)
{
	uint8_t header[SMPP_HEADER_OCTETS];

	put32(header, (uint32_t)(SMPP_HEADER_OCTETS + octets));
	put32(header + 4, command);
	put32(header + 8, status);
	put32(header + 12, sequence);
	smsc_send(header, sizeof(header));
	if (octets)
		smsc_send(body, octets);
}

/* "USSD" from 98912 to 4, dc 0, "*4#" */
static const uint8_t deliver_body[] = {
	'U', 'S', 'S', 'D', 0, 1, 1, '9', '8', '9', '1', '2', 0, 0, 1, '4', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, '*', '4', '#',
	0x05, 0x01, 0, 1, 1,
};

static void smsc_deliver(uint32_t sequence)
{
	smsc_put(SMPP_DELIVER_SM, 0, sequence, deliver_body, sizeof(deliver_body));
}

static void smsc_close(bool reset)
{
	const struct linger hard = { 1, 0 };

	if (smsc.fd < 0)
		return;
	if (reset)
		setsockopt(smsc.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(smsc.fd);
	smsc.fd = -1;
	smsc.rx_octets = smsc.tx_octets = smsc.tx_done = 0;
}

static void smsc_bind(uint32_t command, uint32_t sequence)
{
	static const uint8_t body[] = { 's', 'm', 's', 'c', 0, 0x02, 0x10, 0, 1, 0x34 };
	size_t octets = smsc.no_body ? 0 : smsc.no_version ? 5 : sizeof(body);

	if (smsc.no_bind_resp)
		return;
	smsc_put(smsc.bind_resp ? smsc.bind_resp : command | SMPP_RESPONSE_BIT, smsc.bind_status, sequence, body, octets);
}

static void smsc_take(const uint8_t *frame, size_t octets)
{
	uint32_t command = get32(frame + 4), sequence = get32(frame + 12);
	struct seen *seen = &smsc.seen[smsc.n_seen++];
	struct smpp_pdu pdu;
	char id[16];

	assert_in_range(smsc.n_seen, 1, SEEN_MAX - 1);
	*seen = (struct seen){ command, get32(frame + 8), sequence, 0 };
	if (command == SMPP_SUBMIT_SM) {
		assert_int_equal(smpp_pdu_decode(&pdu, frame, octets), ESME_ROK);
		seen->first = pdu.message.sm_length ? pdu.message.short_message[0] : 0;
		for (unsigned int i = 0; i < pdu.message.sm_length; i++)
			assert_int_equal(pdu.message.short_message[i], seen->first);
	}
	if (smsc.silent)
		return;
	if (command == SMPP_BIND_RECEIVER || command == SMPP_BIND_TRANSMITTER || command == SMPP_BIND_TRANSCEIVER)
		smsc_bind(command, sequence);
	else if (command == SMPP_ENQUIRE_LINK)
		smsc_put(SMPP_ENQUIRE_LINK_RESP, 0, sequence, NULL, 0);
	else if (command == SMPP_UNBIND && !smsc.no_unbind_resp)
		smsc_put(SMPP_UNBIND_RESP, 0, sequence, NULL, 0);
	else if (command == SMPP_SUBMIT_SM && !smsc.no_submit_resp)
		smsc_put(SMPP_SUBMIT_SM_RESP, 0, sequence, id, (size_t)snprintf(id, sizeof(id), "m%u", sequence) + 1);
}

static void smsc_read(void)
{
	size_t done = 0;
	ssize_t n = recv(smsc.fd, smsc.rx + smsc.rx_octets, sizeof(smsc.rx) - smsc.rx_octets, 0);

	if (n == 0 || (n < 0 && errno != EAGAIN)) {
		smsc_close(false);
		return;
	}
	smsc.rx_octets += n > 0 ? (size_t)n : 0;
	while (smsc.rx_octets - done >= 4 && smsc.rx_octets - done >= get32(smsc.rx + done)) {
		smsc_take(smsc.rx + done, get32(smsc.rx + done));
		done += get32(smsc.rx + done);
	}
	smsc.rx_octets -= done;
	memmove(smsc.rx, smsc.rx + done, smsc.rx_octets);
}

static void smsc_write(void)
{
	size_t left = smsc.tx_octets - smsc.tx_done;
	ssize_t n;

	if (smsc.tx_chunk && left > smsc.tx_chunk)
		left = smsc.tx_chunk;
	if (left == 0)
		return;
	n = send(smsc.fd, smsc.tx + smsc.tx_done, left, MSG_NOSIGNAL);
	if (n > 0)
		smsc.tx_done += (size_t)n;
	if (smsc.tx_done == smsc.tx_octets)
		smsc.tx_done = smsc.tx_octets = 0;
}

static void smsc_turn(void)
{
	const int yes = 1;

	if (smsc.fd < 0 && smsc.listener >= 0) {
		smsc.fd = accept4(smsc.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (smsc.fd >= 0) {
			/* the clock of the tests does not wait for delayed acknowledgements */
			setsockopt(smsc.fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
			smsc.accepted_ms[smsc.accepted++ % 256] = clock_ms;
		}
	}
	if (smsc.fd >= 0 && !smsc.deaf)
		smsc_read();
	if (smsc.fd >= 0)
		smsc_write();
	if (smsc.fd >= 0 && smsc.hang_up_after_bind && smsc.n_seen && smsc.tx_octets == 0 &&
	    smsc.seen[smsc.n_seen - 1].command == SMPP_BIND_TRANSCEIVER) {
		smsc.n_seen = 0;
		smsc_close(false);
	}
}

static void smsc_listen(int family)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr *at = family == AF_INET6 ? (struct sockaddr *)&six : (struct sockaddr *)&four;
	socklen_t octets = family == AF_INET6 ? sizeof(six) : sizeof(four);

	smsc.listener = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (smsc.listener < 0)
		return;
	if (bind(smsc.listener, at, octets) < 0 || listen(smsc.listener, 8) < 0) {
		close(smsc.listener);
		smsc.listener = -1;
		return;
	}
	getsockname(smsc.listener, at, &octets);
	smsc.port = ntohs(family == AF_INET6 ? six.sin6_port : four.sin_port);
}

static unsigned int smsc_saw(uint32_t command)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < smsc.n_seen; i++)
		n += smsc.seen[i].command == command;
	return n;
}

static const struct seen *smsc_last(uint32_t command)
{
	for (unsigned int i = smsc.n_seen; i-- > 0;)
		if (smsc.seen[i].command == command)
			return &smsc.seen[i];
	return NULL;
}

/* The owner */

static int owner_send(uint64_t token, char fill, uint8_t octets)
{
	uint8_t text[254];
	struct smpp_pdu pdu = { .command_id = SMPP_SUBMIT_SM };
	bool was_inside = owner.inside;
	int rc;

	memset(text, fill, sizeof(text));
	pdu.message.service_type = "USSD";
	pdu.message.source.digits = "4";
	pdu.message.destination.digits = "98912";
	pdu.message.short_message = text;
	pdu.message.sm_length = octets;
	owner.inside = true;
	rc = smpp_link_send(link_, &pdu, token);
	owner.inside = was_inside;
	return rc;
}

static int owner_respond(uint32_t epoch, uint32_t sequence, uint32_t status, const char *message_id)
{
	bool was_inside = owner.inside;
	int rc;

	owner.inside = true;
	rc = smpp_link_respond(link_, epoch, SMPP_DELIVER_SM, sequence, status, message_id);
	owner.inside = was_inside;
	return rc;
}

static void owner_flush(void)
{
	owner.inside = true;
	smpp_link_flush(link_);
	owner.inside = false;
}

static void on_state(void *data, struct smpp_link *link, enum smpp_link_state state)
{
	size_t at = strlen(owner.states);

	assert_false(owner.inside);
	assert_ptr_equal(data, &owner);
	assert_int_equal(smpp_link_state(link), state);
	snprintf(owner.states + at, sizeof(owner.states) - at, "%s ", smpp_link_state_name(state));
	if (owner.stop_on_bound && state == SMPP_LINK_BOUND)
		smpp_link_stop(link);
}

static void on_request(void *data, struct smpp_link *link, const struct smpp_pdu *pdu)
{
	assert_false(owner.inside);
	assert_ptr_equal(data, &owner);
	assert_in_range(owner.n_requests, 0, SEEN_MAX - 1);
	owner.requests[owner.n_requests].command = pdu->command_id;
	owner.requests[owner.n_requests].epoch = smpp_link_epoch(link);
	owner.requests[owner.n_requests++].sequence = pdu->sequence;
	if (pdu->command_id == SMPP_DELIVER_SM) {
		assert_string_equal(pdu->message.source.digits, "98912");
		assert_int_equal(pdu->message.sm_length, 3);
		assert_memory_equal(pdu->message.short_message, "*4#", 3);
	}
	if (owner.answer)
		assert_int_equal(owner_respond(smpp_link_epoch(link), pdu->sequence, ESME_ROK, NULL), 0);
}

static void on_response(void *data, struct smpp_link *link, uint64_t token, enum smpp_link_outcome outcome, uint32_t status,
			const struct smpp_pdu *response)
{
	assert_false(owner.inside);
	assert_ptr_equal(data, &owner);
	assert_in_range(owner.n_responses, 0, SEEN_MAX - 1);
	assert_int_equal(response != NULL, outcome == SMPP_LINK_ANSWERED);
	owner.responses[owner.n_responses].token = token;
	owner.responses[owner.n_responses].outcome = outcome;
	owner.responses[owner.n_responses].status = status;
	snprintf(owner.responses[owner.n_responses++].message_id, 66, "%s", response ? response->message_id : "");
	if (owner.send_on_response)
		owner.rc_in_callback = owner_send(1000 + token, 'c', 10);
	if (owner.stop_on_response)
		smpp_link_stop(link);
}

static void io_update(struct osmo_fd *ofd, unsigned int when)
{
	osmo_fd_update_when(ofd, 0, when);
}

static struct smpp_link_config config;
static const struct smpp_link_ops ops = { on_state, on_request, on_response };

static void link_make(void)
{
	config.port = config.port ? config.port : smsc.port;
	link_ = smpp_link_alloc(ctx, &config, &ops, &owner);
	assert_non_null(link_);
}

/* The loop */

static void advance(unsigned int ms)
{
	clock_ms += ms;
	osmo_clock_override_add(CLOCK_MONOTONIC, 0, (long)ms * 1000000);
	osmo_gettimeofday_override_add(0, (suseconds_t)ms * 1000);
}

static void turn(unsigned int ms)
{
	advance(ms);
	osmo_select_main_ctx(1);
	if (link_) {
		smpp_link_tick(link_);
		owner_flush();
	}
	smsc_turn();
}

/* Turns of 1 ms until it holds; now and then the kernel gets a moment to carry what is on its way. */
#define UNTIL(condition) do { \
	unsigned int turns_ = 0; \
	while (!(condition)) { \
		assert_in_range(turns_, 0, TURNS_MAX); \
		if (++turns_ % 64 == 0) \
			usleep(200); \
		turn(1); \
	} \
} while (0)

/* So many turns of so many ms; what should not happen had time to. */
static void pass(unsigned int turns, unsigned int ms)
{
	for (unsigned int i = 0; i < turns; i++)
		turn(ms);
}

#define IS(state) (smpp_link_state(link_) == SMPP_LINK_##state)

static void bring_up(void)
{
	link_make();
	smpp_link_start(link_);
	UNTIL(IS(BOUND));
	turn(1);
}

static int setup(void **state)
{
	(void)state;
	free(smsc.tx);
	memset(&smsc, 0, sizeof(smsc));
	memset(&owner, 0, sizeof(owner));
	smsc.fd = smsc.listener = -1;
	smsc_listen(AF_INET);
	owner.answer = true;
	config = (struct smpp_link_config){
		.name = "mci.1", .host = "127.0.0.1", .bind = SMPP_BIND_TRANSCEIVER,
		.credentials = { .system_id = "dolat", .password = "s3cret", .system_type = "USSD",
				 .interface_version = 0x34, .address_range = "" },
		.window = 10, .enquire_ms = 10000, .response_ms = 5000, .bind_ms = 3000, .drain_ms = 2000,
		.retry_min_ms = 100, .retry_max_ms = 1600, .retry_refused_ms = 400,
		.pdu_octets_max = 4096, .tx_octets_max = 8192,
		.io = { osmo_fd_register, io_update, osmo_fd_unregister },
		.log_category = DLGLOBAL,
	};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	talloc_free(link_);
	link_ = NULL;
	osmo_select_main_ctx(1);
	smsc_close(false);
	if (smsc.listener >= 0)
		close(smsc.listener);
	free(smsc.tx);
	smsc.tx = NULL;
	return talloc_total_blocks(ctx) == 1 ? 0 : -1;
}

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
	UNTIL(smsc.accepted == 8);
	for (unsigned int i = 1; i < 8; i++) {
		int64_t gap = smsc.accepted_ms[i] - smsc.accepted_ms[i - 1];

		assert_in_range(gap, most / 2, most + 20);
		most = most < 1600 ? most * 2 : most;
	}
	assert_in_range(smpp_link_counters(link_)->bind_refusals, 7, 8);
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
	int64_t lost_ms;

	(void)state;
	smsc.hang_up_after_bind = true;
	link_make();
	smpp_link_start(link_);
	UNTIL(smsc.accepted == 10);
	for (unsigned int i = 6; i < 10; i++)
		assert_in_range(smsc.accepted_ms[i] - smsc.accepted_ms[i - 1], 800, 1640);
	smsc.hang_up_after_bind = false;
	UNTIL(IS(BOUND));
	pass(20, 100);
	smsc_close(false);
	lost_ms = clock_ms;
	UNTIL(smsc.accepted >= 11 && IS(BOUND));
	assert_in_range(smsc.accepted_ms[smsc.accepted - 1] - lost_ms, 50, 120);
}

static void a_silent_smsc_is_left_after_bind_ms(void **state)
{
	int64_t began_ms;

	(void)state;
	smsc.silent = true;
	link_make();
	smpp_link_start(link_);
	UNTIL(IS(BINDING));
	began_ms = clock_ms;
	UNTIL(IS(DOWN));
	assert_in_range(clock_ms - began_ms, 2900, 3100);
	assert_string_equal(owner.states, "CONNECTING BINDING DOWN ");
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
	(void)state;
	owner.answer = false;
	bring_up();
	for (uint32_t i = 1; i <= SMPP_LINK_OWED_MAX + 1; i++)
		smsc_deliver(i);
	pass(500, 0);
	assert_true(link_->paused);
	link_->ofd.cb(&link_->ofd, OSMO_FD_READ); /* some loops say this of a hang-up; here is none */
	assert_true(IS(BOUND));
	smsc_close(true);
	link_->ofd.cb(&link_->ofd, OSMO_FD_READ);
	assert_true(IS(DOWN));
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

int main(void)
{
	static const struct log_info_cat categories[] = {
		{ .name = "TEST", .description = "test", .enabled = 0, .loglevel = LOGL_FATAL },
	};
	static const struct log_info info = { .cat = categories, .num_cat = 1 };
#define STORY(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
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
		STORY(pdus_may_be_split_at_every_octet),
		STORY(pdus_may_come_many_at_once),
		STORY(short_writes_lose_nothing),
		STORY(the_peer_may_flood_without_reading),
		STORY(what_is_owed_is_bounded),
		STORY(a_jammed_link_is_given_up),
		STORY(a_hang_up_while_paused_is_noticed),
		STORY(a_full_window_waits_for_a_response),
		STORY(answers_find_their_tokens_in_any_order),
		STORY(no_answer_is_a_timeout),
		STORY(who_slept_reads_before_he_judges),
		STORY(a_lost_link_answers_all_once),
		STORY(last_words_are_heard),
		STORY(a_loss_in_flush_is_told_later),
		STORY(what_cannot_be_encoded_is_not_accepted),
		STORY(a_generic_nack_settles_its_request),
		STORY(a_malformed_response_is_a_response),
		STORY(sequence_numbers_wrap),
		STORY(responses_belong_to_their_connection),
		STORY(a_response_too_long_may_be_given_again),
		STORY(an_alert_is_handed_up_and_not_answered),
		STORY(what_it_does_not_know_it_says),
		STORY(malformed_requests_are_answered_and_counted),
		STORY(a_bad_length_closes),
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
		STORY(it_outlives_garbage),
		STORY(a_configuration_out_of_bounds_is_refused),
	};
	void *log_ctx = talloc_named_const(NULL, 0, "log");
	int failed;

	ctx = talloc_named_const(NULL, 0, "link_test");
	osmo_init_logging2(log_ctx, &info);
	log_set_print_category_hex(osmo_stderr_target, 0);
	log_set_log_level(osmo_stderr_target, getenv("LINK_TEST_LOG") ? LOGL_DEBUG : LOGL_FATAL);
	osmo_fsm_set_dealloc_ctx(OTC_SELECT);
	osmo_clock_override_enable(CLOCK_MONOTONIC, true);
	osmo_clock_override_add(CLOCK_MONOTONIC, 1000, 0);
	osmo_gettimeofday_override = true;
	osmo_gettimeofday_override_time = (struct timeval){ 1700000000, 0 };
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	log_fini();
	talloc_free(log_ctx);
	talloc_free(ctx);
	return failed;
}
