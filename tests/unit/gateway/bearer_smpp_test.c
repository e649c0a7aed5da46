/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The SMPP bearer with real links, against an SMSC of the test's own on 127.0.0.1: bytes are written and read by hand here, so
 * that the two ends share no code. The SMSC answers a submit_sm only when the story says so. */
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include <osmocom/core/fsm.h>
#include <osmocom/core/select.h>
#include <osmocom/core/talloc.h>

#include "gateway/bearer_smpp.h"
#include "gateway/log.h"
#include "gateway/loop.h"

#define PATIENCE_S 60
#define PEERS_MAX 4
#define SEEN_MAX 64
#define BIND_TRANSCEIVER 9u
#define DELIVER 5u
#define SUBMIT 4u
#define RESPONSE 0x80000000u
#define THROTTLED 0x58u

/* ---- the SMSC ---- */

struct peer { struct osmo_fd ofd; uint8_t in[65536]; size_t n; };
static struct peer peers[PEERS_MAX];
static unsigned int n_peers;
static struct osmo_fd listener;
static uint16_t port;

struct seen { struct peer *peer; uint32_t command, status, sequence; uint8_t body[512]; size_t octets; };
static struct seen submits[SEEN_MAX], responses[SEEN_MAX];
static unsigned int n_submits, n_responses;

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void say(const struct peer *peer, uint32_t command, uint32_t status, uint32_t sequence, const void *body, size_t octets)
{
	uint8_t pdu[1024];

	put32(pdu, (uint32_t)(16 + octets));
	put32(pdu + 4, command);
	put32(pdu + 8, status);
	put32(pdu + 12, sequence);
	if (octets)
		memcpy(pdu + 16, body, octets);
	assert_int_equal(16 + octets, write(peer->ofd.fd, pdu, 16 + octets));
}

static void hear(struct peer *peer, const uint8_t *pdu, uint32_t octets)
{
	uint32_t command = get32(pdu + 4);
	struct seen *seen = command == SUBMIT ? &submits[n_submits++] : (command & RESPONSE) ? &responses[n_responses++] : NULL;

	assert_true(n_submits < SEEN_MAX && n_responses < SEEN_MAX);
	if (!seen) { /* a bind, an enquire_link, an unbind */
		say(peer, command | RESPONSE, 0, get32(pdu + 12), "smsc", command <= BIND_TRANSCEIVER && command != 6 ? 5 : 0);
		return;
	}
	*seen = (struct seen){ .peer = peer, .command = command, .status = get32(pdu + 8), .sequence = get32(pdu + 12), .octets = octets - 16 };
	assert_true(seen->octets <= sizeof(seen->body));
	memcpy(seen->body, pdu + 16, seen->octets);
}

static void hang_up(struct peer *peer)
{
	if (peer->ofd.fd < 0)
		return;
	gw_loop_del(&peer->ofd);
	close(peer->ofd.fd);
	peer->ofd.fd = -1;
}

static int on_peer(struct osmo_fd *ofd, unsigned int what)
{
	struct peer *peer = ofd->data;
	ssize_t n = read(ofd->fd, peer->in + peer->n, sizeof(peer->in) - peer->n);

	(void)what;
	if (n <= 0) {
		hang_up(peer);
		return 0;
	}
	peer->n += (size_t)n;
	while (peer->n >= 16 && peer->n >= get32(peer->in)) {
		uint32_t octets = get32(peer->in);

		hear(peer, peer->in, octets);
		memmove(peer->in, peer->in + octets, peer->n - octets);
		peer->n -= octets;
	}
	return 0;
}

static int on_listener(struct osmo_fd *ofd, unsigned int what)
{
	struct peer *peer = &peers[n_peers++];

	(void)what;
	assert_true(n_peers <= PEERS_MAX);
	peer->n = 0;
	osmo_fd_setup(&peer->ofd, accept4(ofd->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), OSMO_FD_READ, on_peer, peer, 0);
	return gw_loop_add(&peer->ofd);
}

static void smsc_start(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t octets = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_int_equal(0, bind(fd, (struct sockaddr *)&address, sizeof(address)));
	assert_int_equal(0, listen(fd, 8));
	assert_int_equal(0, getsockname(fd, (struct sockaddr *)&address, &octets));
	port = ntohs(address.sin_port);
	osmo_fd_setup(&listener, fd, OSMO_FD_READ, on_listener, NULL, 0);
	assert_int_equal(0, gw_loop_add(&listener));
}

/* A deliver_sm of 98912 to 4; op: ussd_service_op, or -1 for none. */
static void deliver(const struct peer *peer, uint32_t sequence, int op, uint8_t esm_class, const char *text)
{
	static const uint8_t head[] = { 1, 1, '9', '8', '9', '1', '2', 0, 0, 1, '4', 0 };
	uint8_t body[256] = { 0 };
	size_t at = 0;

	if (op >= 0) {
		memcpy(body, "USSD", 4);
		at = 4;
	}
	at++;
	memcpy(body + at, head, sizeof(head));
	at += sizeof(head);
	body[at] = esm_class;
	at += 9;
	body[at++] = (uint8_t)strlen(text);
	memcpy(body + at, text, strlen(text));
	at += strlen(text);
	if (op >= 0) {
		const uint8_t tlv[] = { 0x05, 0x01, 0, 1, (uint8_t)op };

		memcpy(body + at, tlv, sizeof(tlv));
		at += sizeof(tlv);
	}
	say(peer, DELIVER, 0, sequence, body, at);
}

static void respond(unsigned int submit, uint32_t status)
{
	say(submits[submit].peer, SUBMIT | RESPONSE, status, submits[submit].sequence, "id", status ? 0 : 3);
}

/* A text that no other field of these PDUs holds. */
static bool holds(unsigned int submit, const char *text)
{
	return memmem(submits[submit].body, submits[submit].octets, text, strlen(text)) != NULL;
}

/* The field that stands `skip` octets behind the two addresses of a submit_sm: 0 is esm_class, 6 data_coding. */
static uint8_t field(unsigned int submit, size_t skip)
{
	const uint8_t *at = submits[submit].body;

	at += strlen((const char *)at) + 1;
	for (int i = 0; i < 2; i++)
		at += 2 + strlen((const char *)at + 2) + 1;
	if (skip > 2) /* two times, empty or not */
		skip += strlen((const char *)at + 3) + strlen((const char *)at + 3 + strlen((const char *)at + 3) + 1);
	return at[skip];
}
#define ESM_CLASS 0
#define DATA_CODING 7

/* ---- the gateway's side ---- */

static void *ctx;
static struct gw_config config;
static struct gw_config_operator operator_config;
static struct gw_config_link links[2];
static struct gw_counters counters;
static struct gw_bearer *bearer;
static const struct gw_route *route;

static struct gw_step steps[SEEN_MAX];
static uint8_t contexts[SEEN_MAX][GW_CONTEXT_OCTETS];
static struct { uint32_t version; enum gw_sent sent; } sents[SEEN_MAX];
static unsigned int n_steps, n_sents;

static void on_step(void *user, const struct gw_step *step)
{
	(void)user;
	assert_string_equal("98912", step->msisdn);
	memcpy(contexts[n_steps], step->context, step->context_octets);
	steps[n_steps] = *step;
	steps[n_steps].context = contexts[n_steps];
	n_steps++;
}

static void on_sent(void *user, const struct gw_route *sent_route, const char *msisdn, uint32_t version, enum gw_sent sent)
{
	(void)user;
	assert_ptr_equal(route, sent_route);
	assert_string_equal("98912", msisdn);
	sents[n_sents].version = version;
	sents[n_sents++].sent = sent;
}

static const struct gw_bearer_user user = { .on_step = on_step, .on_sent = on_sent };

static void turn(const char *what)
{
	static time_t since;

	if (!what) {
		since = 0;
		return;
	}
	since = since ? since : time(NULL);
	if (time(NULL) - since > PATIENCE_S) {
		since = 0;
		fail_msg("waited in vain: %s", what);
	}
	gw_loop_turn();
}
#define UNTIL(condition) do { while (!(condition)) turn(#condition); turn(NULL); } while (0)

static void after_turn(void *none)
{
	(void)none;
	if (bearer)
		bearer->ops->flush(bearer);
}

static void every_tick(void *none)
{
	(void)none;
	if (bearer)
		bearer->ops->tick(bearer);
}

static int start(void **state)
{
	(void)state;
	ctx = talloc_named_const(NULL, 0, "bearer");
	n_peers = n_submits = n_responses = n_steps = n_sents = 0;
	memset(&counters, 0, sizeof(counters));
	assert_int_equal(0, gw_loop_init(ctx));
	gw_loop_after_turn(after_turn, NULL);
	gw_loop_every(every_tick, NULL);
	smsc_start();
	for (int i = 0; i < 2; i++)
		links[i] = (struct gw_config_link){
			.name = i ? "two" : "one", .host = "127.0.0.1", .bind = "transceiver", .system_id = "dolat", .system_type = "",
			.address_range = "", .port = port, .window = 64, .enquire_ms = 30000, .response_ms = 30000, .bind_ms = 30000,
			.retry_min_ms = 30000, .retry_max_ms = 30000, .retry_refused_ms = 30000, .interface_version = 0x34,
			.pdu_octets_max = 4096, .buffer_octets = 65536,
		};
	operator_config = (struct gw_config_operator){
		.name = "first", .country = "98", .sms_sender = "4040", .dialect = *smpp_dialect_find("its"), .answer_ms = 60000,
		.user_ms = 60000, .session_ms = 60000, .resume_ms = 60000, .n_links = 1, .links = links,
	};
	config = (struct gw_config){ .n_operators = 1, .operators = &operator_config };
	return 0;
}

static void open_bearer(void)
{
	bearer = gw_bearer_smpp_alloc(ctx, &config, &user, &counters);
	assert_non_null(bearer);
	route = gw_bearer_smpp_route(bearer, 0);
	assert_ptr_equal(route, gw_bearer_smpp_find(bearer, gw_route_id("first")));
	gw_bearer_smpp_start(bearer);
	UNTIL(bearer->ops->ready(bearer));
	for (size_t i = 0; i < operator_config.n_links; i++) {
		const struct gw_route *its;

		UNTIL(smpp_link_state(gw_bearer_smpp_link(bearer, i, &its)) == SMPP_LINK_BOUND);
	}
}

static int stop(void **state)
{
	(void)state;
	TALLOC_FREE(bearer);
	for (unsigned int i = 0; i < n_peers; i++)
		hang_up(&peers[i]);
	gw_loop_del(&listener);
	close(listener.fd);
	gw_loop_fini();
	talloc_free(ctx);
	return 0;
}

/* The answer to the first step, by this text. */
static int answer(uint32_t version, enum gw_answer_kind kind, const char *text)
{
	const struct gw_answer it = {
		.kind = kind, .msisdn = "98912", .context = steps[0].context, .context_octets = steps[0].context_octets, .text = text,
		.octets = strlen(text), .link = steps[0].ticket.link, .version = version,
	};

	return bearer->ops->answer(bearer, route, &it);
}

static int sms(const char *text)
{
	const struct gw_sms it = { .msisdn = "98912", .sender = "", .text = text, .octets = strlen(text) };

	return bearer->ops->sms(bearer, route, &it);
}

static void begin(void)
{
	open_bearer();
	deliver(&peers[0], 1, 1, 0, "*4#");
	UNTIL(n_steps == 1);
}

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

static void what_is_no_dialog(void **state)
{
	(void)state;
	open_bearer();
	deliver(&peers[0], 1, -1, 4, "id:7 stat:DELIVRD"); /* a receipt: taken */
	deliver(&peers[0], 2, -1, 0, "hello");             /* a text message: nobody is here to answer it */
	deliver(&peers[0], 3, 77, 0, "x");                 /* an operation that the dialect does not have */
	UNTIL(n_responses == 3);
	assert_int_equal(0, responses[0].status);
	assert_int_equal(0x66, responses[1].status);       /* ESME_RX_R_APPN */
	assert_int_not_equal(0, responses[2].status);
	assert_int_equal(0, n_steps);
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
	UNTIL(gw_bearer_smpp_waiting(bearer) == 3);
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
	assert_int_equal(3, gw_bearer_smpp_waiting(bearer));
	for (unsigned int i = 0; i < 4; i++) {
		UNTIL(n_submits == i + 1);
		respond(i, 0);
	}
	UNTIL(n_sents == 3);
	assert_true(holds(0, "page-1") && holds(1, "page-2") && holds(2, "page-3") && holds(3, "short message"));
	assert_int_equal(0, gw_bearer_smpp_waiting(bearer));
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
	UNTIL(gw_bearer_smpp_waiting(bearer) == 1);
	answer(2, GW_ANSWER_ASK, "page-2");
	UNTIL(n_submits == 3);
	assert_true(holds(1, "page-2") && holds(2, "page-1"));
	respond(1, 0);
	respond(2, 0);
	UNTIL(n_sents == 2);
	assert_int_equal(2, counters.at[GW_CTR_ANSWERS]);
	assert_int_equal(0, gw_bearer_smpp_waiting(bearer));
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

static void a_text_message_survives_a_lost_link_once(void **state)
{
	(void)state;
	operator_config.n_links = 2;
	open_bearer();
	sms("short message");
	UNTIL(n_submits == 1);
	hang_up(submits[0].peer);
	UNTIL(n_submits == 2);
	assert_true(holds(1, "short message"));
	hang_up(submits[1].peer);
	UNTIL(counters.at[GW_CTR_SMS_LOST] == 1);
	assert_int_equal(0, n_sents);
	assert_int_equal(0, counters.at[GW_CTR_ANSWERS_UNKNOWN]);
}

static void a_long_text_message_has_parts(void **state)
{
	char text[401], persian[401] = "";

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < 100; i++)
		strcat(persian, "ق");
	open_bearer();
	assert_true(sms(text) > 0);
	UNTIL(n_submits == 3);
	for (unsigned int i = 0; i < 3; i++) {
		const uint8_t udh[] = { 5, 0, 3, 1, 3, (uint8_t)(i + 1) };

		assert_int_equal(0x40, field(i, ESM_CLASS));
		assert_int_equal(0, field(i, DATA_CODING));
		assert_non_null(memmem(submits[i].body, submits[i].octets, udh, sizeof(udh)));
		assert_true(holds(i, "4040"));
	}
	assert_true(sms(persian) > 0);
	UNTIL(n_submits == 5);
	assert_int_equal(8, field(3, DATA_CODING));
	assert_int_equal(2, counters.at[GW_CTR_SMS_OUT]);
}

/* Five parts by a bucket of two: the first two at once, the rest as it fills; an answer never waits for it. */
static void parts_are_counted(void **state)
{
	const struct gw_answer answer = { .kind = GW_ANSWER_END, .msisdn = "98912", .text = "now", .octets = 3, .version = 7 };
	char text[701];
	int64_t began_ms = gw_clock_ms();

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	operator_config.sms_parts_per_second = 2;
	open_bearer();
	deliver(&peers[0], 1, 1, 0, "*4#");
	UNTIL(n_steps == 1);
	assert_true(sms(text) > 0);
	struct gw_answer with_context = answer;
	with_context.context = contexts[0];
	with_context.context_octets = steps[0].context_octets;
	assert_int_equal(0, bearer->ops->answer(bearer, route, &with_context));
	UNTIL(n_submits == 3);
	assert_true(holds(2, "now"));
	UNTIL(n_submits == 6);
	assert_true(gw_clock_ms() - began_ms >= 1000); /* three parts more than the bucket holds, at two a second */
	assert_int_equal(0, gw_bearer_smpp_waiting(bearer));
	bearer->ops->accept(bearer, &steps[0].ticket);
}

/* As the operator's profile says: 161 letters are two parts, or one with a payload. */
static void a_long_text_message_in_each_mode(void **state)
{
	static const struct { enum smpp_concat_mode mode; unsigned int n; uint8_t esm_class; const char *octets; size_t n_octets; } rows[] = {
		{ SMPP_CONCAT_UDH16, 2, 0x40, "\x06\x08\x04\x00\x01\x02\x02xxxxxxxxx", 16 },
		{ SMPP_CONCAT_SAR, 2, 0, "xxxxxxxxx\x02\x0c\x00\x02\x00\x01\x02\x0e\x00\x01\x02\x02\x0f\x00\x01\x02", 25 },
		{ SMPP_CONCAT_PAYLOAD, 1, 0, "\x00\x04\x24\x00\xa1xxx", 8 },
	};
	char text[162] = "";
	unsigned int sent = 0;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		operator_config.long_sms = rows[i].mode;
		n_peers = 0;
		open_bearer();
		assert_true(sms(text) > 0);
		sent += rows[i].n;
		UNTIL(n_submits == sent);
		assert_int_equal(rows[i].esm_class, field(sent - 1, ESM_CLASS));
		assert_non_null(memmem(submits[sent - 1].body, submits[sent - 1].octets, rows[i].octets, rows[i].n_octets));
		TALLOC_FREE(bearer);
	}
	open_bearer();
}

/* What data_coding means to an operator's USSD says nothing about its text messages. */
static void text_messages_do_not_speak_the_dialect(void **state)
{
	(void)state;
	operator_config.dialect.data_coding_gsm7 = 0x0f;
	open_bearer();
	sms("plain");
	UNTIL(n_submits == 1);
	assert_int_equal(0, field(0, DATA_CODING));
	TALLOC_FREE(bearer);
	operator_config.dialect.default_alphabet = SMPP_ALPHABET_LATIN1;
	n_peers = 0;
	open_bearer();
	sms("plain");
	UNTIL(n_submits == 2);
	assert_int_equal(8, field(1, DATA_CODING));
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
	assert_int_equal(1, gw_bearer_smpp_waiting(bearer));
}

static int group_start(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	gw_log_init(NULL);
	gw_log_configure("stderr", "error");
	osmo_fsm_set_dealloc_ctx(OTC_SELECT);
	return 0;
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		STORY(a_password_fits_a_bind_or_is_refused),
		STORY(a_step_is_settled_and_answered),
		STORY(a_step_is_refused_for_later),
		STORY(what_is_no_dialog),
		STORY(throttled_answers_go_again_in_order),
		STORY(answers_wait_for_the_window_and_go_before_text_messages),
		STORY(what_waits_too_long_is_given_up),
		STORY(an_answer_is_refused),
		STORY(one_that_fails_for_now_rests_alone),
		STORY(a_network_that_takes_no_answers_gets_no_more_steps),
		STORY(another_link_takes_over),
		STORY(a_text_message_survives_a_lost_link_once),
		STORY(a_long_text_message_has_parts),
		STORY(a_long_text_message_in_each_mode),
		STORY(parts_are_counted),
		STORY(text_messages_do_not_speak_the_dialect),
		STORY(a_dialog_that_ends_by_release),
		STORY(it_unbinds),
	};

	return cmocka_run_group_tests_name("bearer_smpp", tests, group_start, NULL);
}
