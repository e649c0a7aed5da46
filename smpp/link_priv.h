/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the files of a link share; nobody else includes this, save its tests.
 *
 *   link.c     the life of a link, the owner's requests and responses, deadlines
 *   link_fsm.c its state machine
 *   link_io.c  the socket and its two buffers; says what arrived and when it broke
 *   link_rx.c  what each PDU of the peer does
 *
 * Back-pressure. A request of the peer that was handed to the owner is *owed* until the owner responds. The tx buffer has
 * room for tx_octets_max, one PDU of the owner, a response of the largest size for each owed request, and a few PDUs of our
 * own: that is link->tx_limit. A PDU of the peer is taken up only while at most tx_octets_max octets are unsent and fewer
 * than SMPP_LINK_OWED_MAX requests are owed; else reading pauses and the kernel tells the peer to wait. So a response always
 * finds room, without growth. */
#pragma once

#include <osmocom/core/fsm.h>
#include <osmocom/core/logging.h>
#include <osmocom/core/timer.h>

#include "smpp/link.h"
#include "smpp/window.h"

#define SMPP_LINK_OWED_MAX 4096
#define SMPP_LINK_RESPONSE_OCTETS (SMPP_HEADER_OCTETS + SMPP_MESSAGE_ID_MAX)
#define SMPP_LINK_OWN_OCTETS 1024    /* bind, enquire_link, unbind and the answers that the link gives itself */
#define SMPP_LINK_BURST_OCTETS 65536 /* read at once */
#define SMPP_LINK_WINDOW_MAX 1024
#define SMPP_LINK_TX_OCTETS_MAX (64u << 20)

enum smpp_link_event {
	SMPP_LINK_EV_START,     /* the owner wants it, or the pause is over */
	SMPP_LINK_EV_CONNECTED, /* the socket is */
	SMPP_LINK_EV_BOUND,     /* the peer took our bind */
	SMPP_LINK_EV_REFUSED,   /* the peer refused it */
	SMPP_LINK_EV_LOST,      /* the connection is of no use any more */
	SMPP_LINK_EV_STOP,      /* the owner wants no more of it */
	SMPP_LINK_EV_QUIET,     /* nothing is in flight and nothing owed */
	SMPP_LINK_EV_UNBOUND,   /* the peer answered our unbind */
};

/* What was asked for inside a call that must not call back; done by the `later` timer. */
struct smpp_link_wishes {
	bool start, stop, resume;
	int write_error; /* errno of a failed write, or 0 */
};

struct smpp_link {
	struct smpp_link_config config; /* its strings are children of the link */
	struct smpp_link_ops ops;
	void *ops_ctx;
	struct osmo_fsm_inst *fi;
	struct smpp_link_counters counters;
	struct smpp_window window;
	bool stopping, unbinding, peer_tlvs;
	uint32_t bind_sequence;

	/* the socket */
	struct osmo_fd ofd;
	unsigned int when;              /* what the loop was last told */
	int doomed_fd;                  /* taken from the loop, to be closed in the next turn; -1: none */
	uint32_t epoch, attempts;
	uint8_t *rx, *tx;
	size_t rx_octets, rx_room;
	size_t tx_head, tx_tail, tx_limit; /* tx holds 2 * tx_limit, so that moving it together costs less than sending it */
	uint32_t owed;                  /* requests handed to the owner and not yet answered */
	bool paused;                    /* not reading, because too much is unsent or owed */

	/* time, monotonic */
	int64_t heard_ms, asked_ms;     /* asked_ms: when enquire_link went out; 0: it did not since we last heard */
	int64_t bound_ms, ticked_ms, grumbled_ms;
	bool overslept;
	uint64_t octets_out_seen;       /* at the last tick */
	uint64_t grumbles;              /* log lines held back */

	unsigned int pause_ms;          /* the next back-off */
	uint32_t jitter;                /* state of the generator */
	struct smpp_link_wishes wishes;
	struct osmo_timer_list later;
};

#define LOGLINK(link, level, fmt, ...) \
	LOGPFSMSL((link)->fi, (link)->config.log_category, level, fmt "\n", ##__VA_ARGS__)
/* For what a hostile peer can cause as often as it likes: one line a second, with the number of those left out. */
#define GRUMBLE(link, fmt, ...) do { \
	uint64_t left_out_; \
	if (smpp_link_grumble(link, &left_out_)) \
		LOGLINK(link, LOGL_NOTICE, fmt " (%llu such lines left out)", ##__VA_ARGS__, (unsigned long long)left_out_); \
} while (0)

/* link.c: queues a PDU of our own (bind, enquire_link, unbind) with the next sequence number, which it returns. */
uint32_t smpp_link_ask(struct smpp_link *link, struct smpp_pdu *pdu);

/* link_fsm.c */
void smpp_link_fsm_alloc(struct smpp_link *link);
int64_t smpp_link_now_ms(void);
/* Does the wishes in the next turn of the loop. */
void smpp_link_later(struct smpp_link *link);
/* The connection is of no use: says why in the log and lets go of it. No effect where there is none. */
void smpp_link_lost(struct smpp_link *link, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Goes on with draining if nothing is in flight and nothing owed. */
void smpp_link_check_quiet(struct smpp_link *link);
bool smpp_link_grumble(struct smpp_link *link, uint64_t *left_out);

/* link_io.c */
int smpp_link_io_open(struct smpp_link *link);   /* begins to connect: 0 or -errno */
void smpp_link_io_close(struct smpp_link *link); /* nothing of this connection is left, its fd is closed in the next turn */
void smpp_link_io_reap(struct smpp_link *link);  /* closes the fd of the last connection */
size_t smpp_link_io_unsent(const struct smpp_link *link);
/* Room for `octets` more; the caller has made sure of tx_limit. What was written into it counts after _commit. */
uint8_t *smpp_link_io_room(struct smpp_link *link, size_t octets);
void smpp_link_io_commit(struct smpp_link *link, size_t octets);
int smpp_link_io_write(struct smpp_link *link);  /* one write of what is unsent: 0 or -errno */
void smpp_link_io_read(struct smpp_link *link);  /* one read, and all whole PDUs in it */
bool smpp_link_io_may_resume(const struct smpp_link *link);
void smpp_link_io_resume(struct smpp_link *link);

/* link_rx.c: one whole frame of the peer. It may let go of the connection. */
void smpp_link_rx_frame(struct smpp_link *link, const uint8_t *frame, size_t octets);
