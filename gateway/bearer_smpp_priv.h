/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the files of the SMPP bearer share. Private to them.
 *
 * What goes to the network is an *outgoing*: one message PDU to be, kept until the network has said what became of it, so
 * that a throttled one can be sent again. Outgoings come from one bounded pool. */
#pragma once

#include <osmocom/core/linuxlist.h>

#include "gateway/bearer_smpp.h"
#include "smpp/rate.h"
#include "smpp/sms.h"

#define GW_OUTGOING_MAX 65536
#define GW_SMS_SENDER_OCTETS 24

enum outgoing_kind { OUTGOING_ANSWER, OUTGOING_SMS, OUTGOING_PUSH };

struct outgoing {
	struct llist_head entry;         /* in its route's queue; or in the pool's free list */
	struct route *route;
	uint32_t token;                  /* its place in the pool + 1; how a link names it */
	uint64_t number;                 /* their order */
	enum outgoing_kind kind;
	char msisdn[GW_MSISDN_MAX + 1];
	int64_t expire_ms, resume_ms;
	unsigned int attempts;
	union {
		struct {
			uint32_t version;
			uint32_t link;           /* preferred */
			enum smpp_ussd_answer what;
			uint8_t context_octets;
			uint8_t context[GW_CONTEXT_OCTETS];
		} answer;
		struct {
			uint64_t token;          /* its sender's; 0: nobody is told */
			int64_t valid_until_s;   /* wall clock; 0: as long as the network likes */
			bool receipt;
			char sender[GW_SMS_SENDER_OCTETS]; /* "": the operator's own */
			struct smpp_sms_part part;
		} sms;
		struct {
			uint64_t token;
			bool ask;
			uint16_t session;        /* by which we would name it */
		} push;
	};
	uint16_t octets;
	char text[SMPP_DIALECT_TEXT_OCTETS]; /* UTF-8 of an answer or a push; encoded octets of a part of an SMS */
};

struct slot {                            /* a link and whose it is */
	struct bearer_smpp *bearer;
	struct route *route;
	struct smpp_link *link;
	uint32_t index;
	bool transmits, receives;
};

enum { ANSWERS, TEXT_MESSAGES, QUEUES };

struct route {
	struct gw_route base;            /* first: routes are handed out as this */
	const struct gw_config_operator *config;
	struct slot **slots;
	size_t n_slots, next_slot;
	struct llist_head queues[QUEUES]; /* in the order in which they are served */
	struct llist_head resting;       /* refused for now, alone: each waits for its resume_ms, in this order */
	size_t n_queue;                  /* of all three */
	size_t n_answers;                /* of these, answers and pushes */
	int64_t rest_until_ms;
	struct smpp_rate rate;           /* of text messages, in parts */
	struct smpp_sms_profile sms;
	uint16_t sms_reference;
	uint16_t push_session;           /* the last that we have named */
};

struct bearer_smpp {
	struct gw_bearer base;           /* first */
	struct gw_counters *counters;
	struct route *routes;
	size_t n_routes;
	struct slot *slots;
	size_t n_slots;
	struct outgoing **pool;          /* by index + 1 = token; grows up to OUTGOING_MAX */
	uint32_t n_pool;
	uint64_t n_given;
	unsigned int n_texts;            /* tickets of texts and receipts that are open */
	bool stopping;
	uint32_t *free_tokens;
	uint32_t n_free;
};

static inline struct bearer_smpp *gw_smpp_of(struct gw_bearer *bearer)
{
	return (struct bearer_smpp *)bearer;
}

/* ---- bearer_smpp_out.c ---- */

/* A new one, to be filled and dispatched; NULL: the pool is empty. */
struct outgoing *gw_smpp_out_get(struct bearer_smpp *bearer, struct route *route, enum outgoing_kind kind, const char *msisdn);
void gw_smpp_out_put(struct bearer_smpp *bearer, struct outgoing *out);
uint32_t gw_smpp_out_free(const struct bearer_smpp *bearer); /* how many more there may be */
/* Sends, or queues. 0 or the error for which it was put back. */
int gw_smpp_out_dispatch(struct bearer_smpp *bearer, struct outgoing *out);
/* Queues: behind all others, or, if it came back, where it stood. */
void gw_smpp_out_enqueue(struct outgoing *out, bool came_back);
/* It alone waits; the others go on. */
void gw_smpp_out_rest(struct outgoing *out, unsigned int pause_ms);
/* Takes what waits here and was never sent out of the queue, for those who can keep it elsewhere: text messages. */
void gw_smpp_out_give_back(struct bearer_smpp *bearer, struct route *route);
/* After each turn: what can leave now leaves. Where the first cannot, nothing behind it can. */
void gw_smpp_out_drain(struct bearer_smpp *bearer, struct route *route);
/* What became of what a link had. */
void gw_smpp_out_response(struct slot *slot, uint64_t token, enum smpp_link_outcome outcome, uint32_t status,
			  const struct smpp_pdu *response);

/* ---- bearer_smpp_sms.c: text messages, down ---- */

int gw_smpp_sms(struct gw_bearer *bearer, const struct gw_route *route, const struct gw_sms *sms);
int gw_smpp_sms_parts(const struct gw_bearer *bearer, const struct gw_route *route, const struct gw_sms *sms);
unsigned int gw_smpp_sms_room(const struct gw_bearer *bearer, const struct gw_route *route);
/* What the PDU of a part points to. */
struct gw_smpp_sms_room { struct smpp_sms_room tlvs; char until[SMPP_TIME_MAX + 1]; };
void gw_smpp_sms_encode(const struct slot *slot, const struct outgoing *out, struct smpp_pdu *pdu, struct gw_smpp_sms_room *room);
void gw_smpp_sms_response(struct bearer_smpp *bearer, struct outgoing *out, enum smpp_link_outcome outcome, uint32_t status,
			  const struct smpp_pdu *response);
/* No link has had it: it waited too long (-ETIMEDOUT), we stop (-ESHUTDOWN), or it can never be sent. */
void gw_smpp_sms_unsent(struct bearer_smpp *bearer, struct outgoing *out, int error);

/* ---- bearer_smpp_push.c: what begins with us ---- */

int gw_smpp_push(struct gw_bearer *bearer, const struct gw_route *route, const struct gw_push *push);
int gw_smpp_push_encode(const struct outgoing *out, struct smpp_pdu *pdu, struct smpp_dialect_room *room);

/* ---- bearer_smpp_up.c: what the network asks of us ---- */

void gw_smpp_up_request(void *slot, struct smpp_link *link, const struct smpp_pdu *pdu); /* smpp_link_ops.on_request */
void gw_smpp_up_accept(struct gw_bearer *bearer, const struct gw_ticket *ticket);
void gw_smpp_up_refuse(struct gw_bearer *bearer, const struct gw_ticket *ticket, enum gw_refusal why);
