/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One ESME connection to an SMSC, as an osmo_fsm: connect, bind, serve, drain, back off (SMPP v3.4 chapters 2 and 7.2).
 *
 * Life: alloc -> start -> (up, down, up, ...) -> stop (unbinds, drains) -> on_state(SMPP_LINK_STOPPED) -> talloc_free.
 * What is sent gathers in a buffer; smpp_link_flush writes it: the owner calls that once after each turn of its loop.
 * Each accepted request is answered by exactly one on_response. No callback comes from inside smpp_link_send, _respond
 * or _flush. A callback may call send, respond and stop; it may not free the link. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <osmocom/core/select.h>

#include "smpp/pdu.h"

struct smpp_link;

/* Where sockets live: osmo_fd_register and its kin, or the owner's epoll set with the same meaning. */
struct smpp_link_io {
	int (*add)(struct osmo_fd *ofd);
	void (*update)(struct osmo_fd *ofd, unsigned int when);
	void (*del)(struct osmo_fd *ofd);
};

struct smpp_link_config {
	const char *name;              /* in logs */
	const char *host;              /* numeric address, or a name that is looked up at every connect */
	uint16_t port;
	enum smpp_command bind;        /* SMPP_BIND_TRANSCEIVER, _TRANSMITTER or _RECEIVER */
	struct smpp_bind credentials;  /* strings are copied by alloc */
	unsigned int window;           /* our requests in flight, 1..1024 */
	unsigned int enquire_ms;       /* silence before we ask; nothing heard for twice that: dead */
	unsigned int response_ms;      /* deadline of our requests */
	unsigned int bind_ms;          /* connect and bind */
	unsigned int drain_ms;         /* stop: how long to wait for responses, then for unbind_resp */
	unsigned int retry_min_ms, retry_max_ms; /* back-off after a lost link, doubled each time, jittered */
	unsigned int retry_refused_ms; /* first pause after a refused bind */
	uint32_t pdu_octets_max;
	size_t tx_octets_max;          /* unsent octets above which smpp_link_send refuses and reading pauses */
	struct smpp_link_io io;
	int log_category;
};

enum smpp_link_state { SMPP_LINK_DOWN, SMPP_LINK_CONNECTING, SMPP_LINK_BINDING, SMPP_LINK_BOUND, SMPP_LINK_DRAINING, SMPP_LINK_STOPPED };

enum smpp_link_outcome {
	SMPP_LINK_ANSWERED,            /* status is the peer's */
	SMPP_LINK_TIMEOUT,             /* unknown: it may have been done */
	SMPP_LINK_LOST,                /* unknown: the link went away after it was handed over */
};

struct smpp_link_ops {
	void (*on_state)(void *ctx, struct smpp_link *link, enum smpp_link_state state);
	/* A deliver_sm, data_sm or alert_notification. The PDU is a view that dies with the call. To be answered (not the
	 * alert) by smpp_link_respond, now or later. */
	void (*on_request)(void *ctx, struct smpp_link *link, const struct smpp_pdu *pdu);
	/* response: NULL unless ANSWERED, when it may also be a generic_nack; status is never ESME_ROK unless the peer said so.
	 * All that was in flight on a connection is told before the on_state of its end. */
	void (*on_response)(void *ctx, struct smpp_link *link, uint64_t token, enum smpp_link_outcome outcome, uint32_t status,
	                    const struct smpp_pdu *response);
};

struct smpp_link_counters {
	uint64_t pdus_in, pdus_out, octets_in, octets_out, connects, bind_refusals, losses, timeouts, malformed, unmatched;
};

/* A child of ctx in talloc. NULL if the configuration is out of bounds. */
struct smpp_link *smpp_link_alloc(void *ctx, const struct smpp_link_config *config, const struct smpp_link_ops *ops, void *ops_ctx);
void smpp_link_start(struct smpp_link *link);
/* No new requests; waits for responses (the peer's, and those that the owner still owes) and unbinds. STOPPED in the next
 * turn of the loop if it is not bound. A stopped link stays stopped; free it outside its callbacks. */
void smpp_link_stop(struct smpp_link *link);

/* Queues a request (submit_sm, data_sm). 0, -ENOTCONN (also: stopping, or bound as a receiver, which may not send), -EAGAIN
 * (window or buffer full: try after the next response), -EINVAL for another command, or the error of smpp_pdu_encode. pdu->sequence is set. */
int smpp_link_send(struct smpp_link *link, struct smpp_pdu *pdu, uint64_t token);
/* Answers a request of the peer; it always finds room. message_id may be NULL. -ENOTCONN if the link that it came by is gone
 * (epoch differs), -EINVAL if nothing is owed or message_id is too long (then it is still owed). A link stops reading while
 * its owner owes 4096 responses, and is given up when none of them comes for twice enquire_ms. */
int smpp_link_respond(struct smpp_link *link, uint32_t epoch, uint32_t request_command, uint32_t sequence, uint32_t status,
                      const char *message_id);
/* Writes what has gathered; cheap when there is nothing. Call it after each turn of the loop. */
void smpp_link_flush(struct smpp_link *link);
/* Deadlines of requests, enquire_link; call it about ten times a second. */
void smpp_link_tick(struct smpp_link *link);

/* The number of this connection: a response belongs to the connection that its request came by. */
uint32_t smpp_link_epoch(const struct smpp_link *link);
enum smpp_link_state smpp_link_state(const struct smpp_link *link);
const char *smpp_link_state_name(enum smpp_link_state state);
/* Requests in flight, and whether another may be sent now. */
unsigned int smpp_link_in_flight(const struct smpp_link *link);
bool smpp_link_ready(const struct smpp_link *link);
/* The peer named version 3.4 or later when it took our bind; without that it may refuse TLVs (4.1.6). */
bool smpp_link_peer_tlvs(const struct smpp_link *link);
const char *smpp_link_name(const struct smpp_link *link);
const struct smpp_link_counters *smpp_link_counters(const struct smpp_link *link);
