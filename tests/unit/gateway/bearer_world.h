/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The SMPP bearer with real links, against an SMSC of the test's own on 127.0.0.1: bytes are written and read by hand here, so
 * that the two ends share no code. The SMSC answers a submit_sm only when the story says so. One program, one world. */
#pragma once

#include <errno.h>
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
#define SEEN_MAX 4096
#define BIND_TRANSCEIVER 9u
#define DELIVER 5u
#define SUBMIT 4u
#define DATA_SM 0x103u
#define RESPONSE 0x80000000u
#define THROTTLED 0x58u

/* ---- the SMSC ---- */

struct peer { struct osmo_fd ofd; uint8_t in[65536]; size_t n; };
static struct peer peers[PEERS_MAX];
static unsigned int n_peers;
static struct osmo_fd listener;
static uint16_t port;
static bool knows_tlvs = true; /* the bind's response has sc_interface_version */

struct seen { struct peer *peer; uint32_t command, status, sequence; uint8_t body[1200]; size_t octets; };
static struct seen submits[SEEN_MAX], responses[SEEN_MAX];
static unsigned int n_submits, n_responses;

static inline uint32_t get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static inline void say(const struct peer *peer, uint32_t command, uint32_t status, uint32_t sequence, const void *body, size_t octets)
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

static inline void hear(struct peer *peer, const uint8_t *pdu, uint32_t octets)
{
	uint32_t command = get32(pdu + 4);
	struct seen *seen = command == SUBMIT || command == DATA_SM ? &submits[n_submits++] : (command & RESPONSE) ? &responses[n_responses++] : NULL;

	assert_true(n_submits < SEEN_MAX && n_responses < SEEN_MAX);
	if (!seen) { /* a bind, an enquire_link, an unbind */
		bool binds = command <= BIND_TRANSCEIVER && command != 6;

		say(peer, command | RESPONSE, 0, get32(pdu + 12), "smsc\0\x02\x10\0\x01\x34", binds ? (knows_tlvs ? 10 : 5) : 0);
		return;
	}
	*seen = (struct seen){ .peer = peer, .command = command, .status = get32(pdu + 8), .sequence = get32(pdu + 12), .octets = octets - 16 };
	assert_true(seen->octets <= sizeof(seen->body));
	memcpy(seen->body, pdu + 16, seen->octets);
}

static inline void hang_up(struct peer *peer)
{
	if (peer->ofd.fd < 0)
		return;
	gw_loop_del(&peer->ofd);
	close(peer->ofd.fd);
	peer->ofd.fd = -1;
}

static inline int on_peer(struct osmo_fd *ofd, unsigned int what)
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

static inline int on_listener(struct osmo_fd *ofd, unsigned int what)
{
	struct peer *peer = &peers[n_peers++];

	(void)what;
	assert_true(n_peers <= PEERS_MAX);
	peer->n = 0;
	osmo_fd_setup(&peer->ofd, accept4(ofd->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), OSMO_FD_READ, on_peer, peer, 0);
	return gw_loop_add(&peer->ofd);
}

static inline void smsc_start(void)
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

/* A deliver_sm, part by part. */
struct delivery {
	uint32_t sequence;
	const char *service_type, *source, *destination;
	uint8_t esm_class, data_coding;
	const void *text;
	size_t octets;
	const void *tlvs;
	size_t tlv_octets;
};

static inline void deliver_it(const struct peer *peer, const struct delivery *it)
{
	uint8_t body[1000] = { 0 };
	size_t at = 0;

	at += (size_t)sprintf((char *)body, "%s", it->service_type ? it->service_type : "") + 1;
	for (int i = 0; i < 2; i++) {
		const char *address = i ? it->destination : it->source;

		body[at++] = 1;
		body[at++] = 1;
		at += (size_t)sprintf((char *)body + at, "%s", address ? address : i ? "4" : "98912") + 1;
	}
	body[at] = it->esm_class;
	body[at + 7] = it->data_coding;
	at += 9;
	body[at++] = (uint8_t)it->octets;
	if (it->octets)
		memcpy(body + at, it->text, it->octets);
	at += it->octets;
	if (it->tlv_octets)
		memcpy(body + at, it->tlvs, it->tlv_octets);
	say(peer, DELIVER, 0, it->sequence, body, at + it->tlv_octets);
}

/* Of 98912 to 4; op: ussd_service_op, or -1 for none. */
static inline void deliver(const struct peer *peer, uint32_t sequence, int op, uint8_t esm_class, const char *text)
{
	const uint8_t tlv[] = { 0x05, 0x01, 0, 1, (uint8_t)op };
	const struct delivery it = {
		.sequence = sequence, .service_type = op >= 0 ? "USSD" : "", .esm_class = esm_class, .text = text, .octets = strlen(text),
		.tlvs = tlv, .tlv_octets = op >= 0 ? sizeof(tlv) : 0,
	};

	deliver_it(peer, &it);
}

static inline void respond_id(unsigned int submit, const char *id)
{
	say(submits[submit].peer, submits[submit].command | RESPONSE, 0, submits[submit].sequence, id, strlen(id) + 1);
}

static inline void respond(unsigned int submit, uint32_t status)
{
	if (status)
		say(submits[submit].peer, submits[submit].command | RESPONSE, status, submits[submit].sequence, NULL, 0);
	else
		respond_id(submit, "id");
}

/* A text that no other field of these PDUs holds. */
static inline bool holds(unsigned int submit, const char *text)
{
	return memmem(submits[submit].body, submits[submit].octets, text, strlen(text)) != NULL;
}

/* The field that stands `skip` octets behind the two addresses of a submit_sm: 0 is esm_class, 6 data_coding. */
static inline uint8_t field(unsigned int submit, size_t skip)
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

static inline void on_step(void *user, const struct gw_step *step)
{
	(void)user;
	assert_string_equal("98912", step->msisdn);
	memcpy(contexts[n_steps], step->context, step->context_octets);
	steps[n_steps] = *step;
	steps[n_steps].context = contexts[n_steps];
	n_steps++;
}

static inline void on_sent(void *user, const struct gw_route *sent_route, const char *msisdn, uint32_t version, enum gw_sent sent)
{
	(void)user;
	assert_ptr_equal(route, sent_route);
	assert_string_equal("98912", msisdn);
	sents[n_sents].version = version;
	sents[n_sents++].sent = sent;
}

/* What came up or back of text messages, kept. */
static struct { struct gw_ticket ticket; char msisdn[24], to[24], text[256]; size_t octets; unsigned int number, total; uint16_t reference; } texts[SEEN_MAX];
static struct { struct gw_ticket ticket; char msisdn[24], state[20], error[20], ids[GW_RECEIPT_KEYS_MAX][70]; size_t n_ids;
	enum gw_receipt_verdict verdict; bool has_reference; uint16_t reference; } receipts[SEEN_MAX];
static struct { uint64_t token; unsigned int part, parts, pause_ms, times; enum gw_sent sent; uint32_t status; char why[80], id[70]; } results[SEEN_MAX];
static struct { uint64_t token; enum gw_sent sent; } pushed[SEEN_MAX];
static unsigned int n_texts, n_receipts, n_results, n_pushed;
static bool inside;                 /* a call of the bearer's: nothing may be told from there */

static inline void on_text(void *user, const struct gw_text *text)
{
	(void)user;
	assert_ptr_equal(route, text->route);
	assert_string_equal(text->to, text->part->destination);
	texts[n_texts].ticket = text->ticket;
	strcpy(texts[n_texts].msisdn, text->msisdn);
	strcpy(texts[n_texts].to, text->to);
	memcpy(texts[n_texts].text, text->part->data, text->part->octets);
	texts[n_texts].octets = text->part->octets;
	texts[n_texts].number = text->part->number;
	texts[n_texts].total = text->part->total;
	texts[n_texts++].reference = text->part->reference;
}

static inline void on_receipt(void *user, const struct gw_receipt *receipt)
{
	(void)user;
	assert_ptr_equal(route, receipt->route);
	receipts[n_receipts].ticket = receipt->ticket;
	strcpy(receipts[n_receipts].msisdn, receipt->msisdn);
	strcpy(receipts[n_receipts].state, receipt->state);
	strcpy(receipts[n_receipts].error, receipt->error);
	receipts[n_receipts].verdict = receipt->verdict;
	receipts[n_receipts].has_reference = receipt->has_reference;
	receipts[n_receipts].reference = receipt->reference;
	for (size_t i = 0; i < receipt->n_ids; i++)
		strcpy(receipts[n_receipts].ids[i], receipt->ids[i]);
	receipts[n_receipts++].n_ids = receipt->n_ids;
}

static inline void on_sms(void *user, const struct gw_route *its, const struct gw_sms_result *result)
{
	(void)user;
	assert_false(inside);
	assert_ptr_equal(route, its);
	assert_true(n_results < SEEN_MAX);
	results[n_results].token = result->token;
	results[n_results].part = result->part;
	results[n_results].parts = result->parts;
	results[n_results].pause_ms = result->pause_ms;
	results[n_results].times = result->times;
	results[n_results].sent = result->sent;
	results[n_results].status = result->status;
	snprintf(results[n_results].why, sizeof(results[0].why), "%s", result->why);
	snprintf(results[n_results++].id, sizeof(results[0].id), "%s", result->id);
}

static inline void on_push(void *user, const struct gw_route *its, const char *msisdn, uint64_t token, enum gw_sent sent)
{
	(void)user;
	assert_false(inside);
	assert_ptr_equal(route, its);
	assert_string_equal("98912", msisdn);
	pushed[n_pushed].token = token;
	pushed[n_pushed++].sent = sent;
}

static const struct gw_text_user text_user = { .on_text = on_text, .on_receipt = on_receipt, .on_sms = on_sms, .on_push = on_push };
static const struct gw_bearer_user user = { .on_step = on_step, .on_sent = on_sent };

static inline void turn(const char *what)
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

static inline void after_turn(void *none)
{
	(void)none;
	if (bearer)
		bearer->ops->flush(bearer);
}

static inline void every_tick(void *none)
{
	(void)none;
	if (bearer)
		bearer->ops->tick(bearer);
}

static inline int start(void **state)
{
	(void)state;
	ctx = talloc_named_const(NULL, 0, "bearer");
	n_peers = n_submits = n_responses = n_steps = n_sents = n_texts = n_receipts = n_results = n_pushed = 0;
	bearer = NULL;
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
		.user_ms = 60000, .session_ms = 60000, .resume_ms = 60000, .n_links = 1, .links = links, .sms_queue_parts = 256, .push_source = "", .receipts = true,
		.user_message_reference = true,
	};
	smpp_retries_init(&operator_config.retries);
	knows_tlvs = true;
	config = (struct gw_config){ .n_operators = 1, .operators = &operator_config };
	return 0;
}

static inline void open_bearer(void)
{
	bearer = gw_bearer_smpp_alloc(ctx, &config, &user, &counters);
	assert_non_null(bearer);
	bearer->texts = &text_user;
	route = bearer->ops->route(bearer, 0);
	assert_ptr_equal(route, gw_bearer_find(bearer, gw_route_id("first")));
	bearer->ops->start(bearer);
	UNTIL(bearer->ops->ready(bearer));
	for (size_t i = 0; i < operator_config.n_links; i++) {
		const struct gw_route *its;

		UNTIL(smpp_link_state(gw_bearer_smpp_link(bearer, i, &its)) == SMPP_LINK_BOUND);
	}
}

static inline int stop(void **state)
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
static inline int answer(uint32_t version, enum gw_answer_kind kind, const char *text)
{
	const struct gw_answer it = {
		.kind = kind, .msisdn = "98912", .context = steps[0].context, .context_octets = steps[0].context_octets, .text = text,
		.octets = strlen(text), .link = steps[0].ticket.link, .version = version,
	};

	return bearer->ops->answer(bearer, route, &it);
}

static inline int sms_it(const struct gw_sms *it)
{
	int rc;

	inside = true;
	rc = bearer->ops->sms(bearer, route, it);
	inside = false;
	return rc;
}

/* Of a dialog: nobody is told. */
static inline int sms(const char *text)
{
	return sms_it(&(struct gw_sms){ .msisdn = "98912", .sender = "", .text = text, .octets = strlen(text) });
}

static inline int sms_token(uint64_t token, const char *text)
{
	return sms_it(&(struct gw_sms){ .msisdn = "98912", .sender = "", .text = text, .octets = strlen(text), .token = token });
}

static inline void begin(void)
{
	open_bearer();
	deliver(&peers[0], 1, 1, 0, "*4#");
	UNTIL(n_steps == 1);
}

static inline int group_start(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	gw_log_init(NULL);
	gw_log_configure("stderr", "error");
	osmo_fsm_set_dealloc_ctx(OTC_SELECT);
	return 0;
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, start, stop)
