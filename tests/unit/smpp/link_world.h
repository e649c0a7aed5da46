/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A link and the world around it, for link_test.c and link_stream_test.c: an SMSC on a real socket of 127.0.0.1, an owner
 * that notes what it is told, and a clock that is moved by hand, so that no test waits and none depends on how long
 * something took. Each story is told from the SMSC's side: what it does, and what the link makes of it. */
#pragma once

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
	uint8_t rx[1 << 17], *tx;
	size_t rx_octets, tx_octets, tx_done, tx_cap;
	size_t rx_chunk, tx_chunk;          /* octets read and written in each turn; 0: all */
	struct seen seen[SEEN_MAX];
	unsigned int n_seen;
} smsc;

/* What the owner of the link was told */

static struct {
	char states[4096];
	int64_t entered_ms[SMPP_LINK_STOPPED + 1]; /* each state, when last */
	int64_t pauses_ms[64];               /* in DOWN before each new attempt */
	unsigned int n_pauses;
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

static inline void put32(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 24);
	at[1] = (uint8_t)(value >> 16);
	at[2] = (uint8_t)(value >> 8);
	at[3] = (uint8_t)value;
}

static inline uint32_t get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline void smsc_send(const void *octets, size_t n)
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
static inline void smsc_put(uint32_t command, uint32_t status, uint32_t sequence, const void *body, size_t octets)
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

static inline void smsc_deliver(uint32_t sequence)
{
	smsc_put(SMPP_DELIVER_SM, 0, sequence, deliver_body, sizeof(deliver_body));
}

static inline void smsc_close(bool reset)
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

static inline void smsc_bind(uint32_t command, uint32_t sequence)
{
	static const uint8_t body[] = { 's', 'm', 's', 'c', 0, 0x02, 0x10, 0, 1, 0x34 };
	size_t octets = smsc.no_body ? 0 : smsc.no_version ? 5 : sizeof(body);

	if (smsc.no_bind_resp)
		return;
	smsc_put(smsc.bind_resp ? smsc.bind_resp : command | SMPP_RESPONSE_BIT, smsc.bind_status, sequence, body, octets);
}

static inline void smsc_take(const uint8_t *frame, size_t octets)
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

static inline void smsc_read(void)
{
	size_t done = 0;
	size_t room = smsc.rx_chunk ? smsc.rx_chunk : sizeof(smsc.rx) - smsc.rx_octets;
	ssize_t n = recv(smsc.fd, smsc.rx + smsc.rx_octets, room, 0);

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

static inline void smsc_write(void)
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

static inline void smsc_turn(void)
{
	const int yes = 1;

	if (smsc.fd < 0 && smsc.listener >= 0) {
		smsc.fd = accept4(smsc.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (smsc.fd >= 0) {
			/* the clock of the tests does not wait for delayed acknowledgements */
			setsockopt(smsc.fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
			smsc.accepted++;
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

static inline void smsc_listen(int family)
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

static inline unsigned int smsc_saw(uint32_t command)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < smsc.n_seen; i++)
		n += smsc.seen[i].command == command;
	return n;
}

static inline const struct seen *smsc_last(uint32_t command)
{
	for (unsigned int i = smsc.n_seen; i-- > 0;)
		if (smsc.seen[i].command == command)
			return &smsc.seen[i];
	return NULL;
}

/* The owner */

static inline int owner_send(uint64_t token, char fill, uint8_t octets)
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

static inline int owner_respond(uint32_t epoch, uint32_t sequence, uint32_t status, const char *message_id)
{
	bool was_inside = owner.inside;
	int rc;

	owner.inside = true;
	rc = smpp_link_respond(link_, epoch, SMPP_DELIVER_SM, sequence, status, message_id);
	owner.inside = was_inside;
	return rc;
}

static inline void owner_flush(void)
{
	owner.inside = true;
	smpp_link_flush(link_);
	owner.inside = false;
}

static inline void on_state(void *data, struct smpp_link *link, enum smpp_link_state state)
{
	size_t at = strlen(owner.states);

	assert_false(owner.inside);
	assert_ptr_equal(data, &owner);
	assert_int_equal(smpp_link_state(link), state);
	if (state == SMPP_LINK_CONNECTING && owner.entered_ms[SMPP_LINK_DOWN])
		owner.pauses_ms[owner.n_pauses++ % 64] = clock_ms - owner.entered_ms[SMPP_LINK_DOWN];
	owner.entered_ms[state] = clock_ms;
	snprintf(owner.states + at, sizeof(owner.states) - at, "%s ", smpp_link_state_name(state));
	if (owner.stop_on_bound && state == SMPP_LINK_BOUND)
		smpp_link_stop(link);
}

static inline void on_request(void *data, struct smpp_link *link, const struct smpp_pdu *pdu)
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

static inline void on_response(void *data, struct smpp_link *link, uint64_t token, enum smpp_link_outcome outcome, uint32_t status,
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

static inline void io_update(struct osmo_fd *ofd, unsigned int when)
{
	osmo_fd_update_when(ofd, 0, when);
}

static struct smpp_link_config config;
static const struct smpp_link_ops ops = { on_state, on_request, on_response };

static inline void link_make(void)
{
	config.port = config.port ? config.port : smsc.port;
	link_ = smpp_link_alloc(ctx, &config, &ops, &owner);
	assert_non_null(link_);
}

/* The loop */

static inline void advance(unsigned int ms)
{
	clock_ms += ms;
	osmo_clock_override_add(CLOCK_MONOTONIC, 0, (long)ms * 1000000);
	osmo_gettimeofday_override_add(0, (suseconds_t)ms * 1000);
}

static inline void turn(unsigned int ms)
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
		if (++turns_ % 16 == 0) \
			usleep(200); \
		turn(1); \
	} \
} while (0)

/* So many turns of so many ms; what should not happen had time to. */
static inline void pass(unsigned int turns, unsigned int ms)
{
	for (unsigned int i = 0; i < turns; i++) {
		if (ms)
			usleep(100); /* time for the kernel too, of which it needs little */
		turn(ms);
	}
}

#define IS(state) (smpp_link_state(link_) == SMPP_LINK_##state)

static inline void bring_up(void)
{
	link_make();
	smpp_link_start(link_);
	UNTIL(IS(BOUND));
	turn(1);
}

static inline int setup(void **state)
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

static inline int teardown(void **state)
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

/* Runs the stories of one program. */
static inline int run_stories(int (*run)(void))
{
	static const struct log_info_cat categories[] = {
		{ .name = "TEST", .description = "test", .enabled = 0, .loglevel = LOGL_FATAL },
	};
	static const struct log_info info = { .cat = categories, .num_cat = 1 };
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
	failed = run();
	log_fini();
	talloc_free(log_ctx);
	talloc_free(ctx);
	return failed;
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
