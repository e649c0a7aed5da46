/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The network's end of SMPP: operators that listen, the ESME's links to each, what is to be delivered over them, and the
 * faults that a test may ask for. Behaves as a real network does: a deliver_sm that is not answered in time, or whose link
 * goes before the answer, is sent again with a new sequence number over any other link that may receive; a retryable refusal
 * is tried again later; nothing goes to a transmitter and nothing is taken from a receiver.
 *
 * One struct smsc for a process. Operators and handsets live until the end; links come and go and are referred to by id. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/sim/smsc_dialect.h"
#include "tests/sim/smsc_loop.h"
#include "tests/sim/smsc_wire.h"

#define SMSC_OPERATORS 16
#define SMSC_LINKS 64               /* of one operator */
#define SMSC_DELIVERIES 8192        /* queued and in flight, of one operator */
#define SMSC_TX_OCTETS (1u << 20)
#define SMSC_HELD 16

struct smsc_handset;
struct smsc;

/* How receipts are written (smsc_receipt.c). 0: the way appendix B has them, at once. */
enum smsc_receipt_id { SMSC_RECEIPT_HEX, SMSC_RECEIPT_DECIMAL, SMSC_RECEIPT_PADDED, SMSC_RECEIPT_LOWER, SMSC_RECEIPT_MIXED };
enum smsc_receipt_place { SMSC_RECEIPT_BOTH, SMSC_RECEIPT_TEXT, SMSC_RECEIPT_TLV };
struct smsc_receipts {
	enum smsc_receipt_id id;
	enum smsc_receipt_place place;
	bool off, reference;                 /* reference: they repeat user_message_reference */
	unsigned int late_ms, early;         /* early: of the next so many messages they go before the response */
	unsigned int fate, fates;            /* the next so many messages end so */
};

/* What a network does wrong, on request. 0: not. */
struct smsc_faults {
	unsigned int late_ms, coalesce_ms, reorder, refuse_binds, throttle, queue_full, no_answer, repeat, stale;
	unsigned int statuses;
	uint32_t refuse_status, status;      /* status: of the next `statuses` submit_sm_resp */
	struct smsc_receipts receipts;
	bool split, no_enquire, no_response;
};

struct smsc_bytes {
	uint8_t *data;
	size_t used, cap;
};

struct smsc_link {
	struct smsc_link *next;
	struct smsc_operator *operator;
	uint32_t id;
	int fd;
	bool receives, sends, dead, closing; /* closing: dead once tx is written */
	char system_id[17];
	uint32_t next_sequence;
	unsigned int in_flight;
	int64_t heard_ms, asked_ms, flush_at_ms;
	size_t rx_used;
	uint8_t rx[4 * SMSC_PDU_OCTETS];
	struct smsc_bytes tx, held[SMSC_HELD];
	unsigned int n_held;
};

struct smsc_delivery {
	struct smsc_delivery *next;
	struct smsc_handset *handset;
	uint32_t link, last_link, sequence, dialog; /* link 0: not in flight; dialog: the handset's session it belongs to */
	unsigned int tries;
	int64_t due_ms;                      /* to be sent, or given up waiting for its response */
	struct smsc_message message;
};

struct smsc_counters {
	uint64_t binds, refused_binds, lost_links, delivers, resent, refused, submits, stale, duplicates, sms, complaints, nacks, odd;
};

struct smsc_operator {
	struct smsc *smsc;
	char name[32], host[64], system_id[17], password[10];
	const struct smsc_dialect *dialect;
	uint16_t port;
	int listen_fd;                       /* -1: the network is down */
	unsigned int window, tries, enquire_ms, retry_ms, answer_ms, user_ms, page_septets, page_ucs2, inbox, push;
	struct smsc_link *links;
	unsigned int n_links, n_deliveries;
	struct smsc_delivery *deliveries;
	struct smsc_faults faults;
	struct smsc_counters counters;
	uint32_t next_link, next_session, next_id, late_pending;
	char complaint[200];                 /* the last one */
	uint64_t hostile_left, hostile_state; /* PDUs still to be sent by the fault `hostile`, and its random numbers */
};

struct smsc {
	struct smsc_loop loop;
	struct smsc_operator operators[SMSC_OPERATORS];
	size_t n_operators;
	struct smsc_handset **handsets;
	size_t n_handsets;
	int64_t ticked_ms;
	bool verbose, quiet;
	int journal_fd;                      /* -1: none (smsc_journal.h) */
};

/* Prints to stderr unless quiet (verbose_only: only when verbose). */
void smsc_log(const struct smsc *smsc, bool verbose_only, const char *format, ...) __attribute__((format(printf, 3, 4)));

struct smsc_operator *smsc_operator_add(struct smsc *smsc, const char *name);
struct smsc_operator *smsc_operator_find(struct smsc *smsc, const char *name);
/* Listens (again); a port of 0 becomes the one that it got. 0, or -errno. */
int smsc_operator_up(struct smsc_operator *op);
/* Stops listening and cuts every link. */
void smsc_operator_down(struct smsc_operator *op);
/* Cuts every link; what was not acknowledged goes again over the next. */
void smsc_operator_drop(struct smsc_operator *op);
/* Links that are bound; of these, those that may receive. */
unsigned int smsc_operator_bound(const struct smsc_operator *op, bool receiving);
void smsc_operator_complain(struct smsc_operator *op, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Sends bytes as they are over every bound link. false: there is none, or no room now. */
bool smsc_operator_raw(struct smsc_operator *op, const uint8_t *data, size_t octets);

/* Queues a deliver_sm or data_sm for a handset. 0, or -ENOBUFS. */
int smsc_deliver(struct smsc_operator *op, struct smsc_handset *handset, uint32_t dialog, const struct smsc_message *message);
/* The same, after a while. */
int smsc_deliver_after(struct smsc_operator *op, struct smsc_handset *handset, uint32_t dialog, const struct smsc_message *message, int64_t ms);

/* One turn of everything; returns after at most max_ms. */
void smsc_turn(struct smsc *smsc, int64_t max_ms);
void smsc_fini(struct smsc *smsc);
