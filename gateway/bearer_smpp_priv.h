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

struct outgoing {
	struct llist_head entry;         /* in its route's queue; or in the pool's free list */
	struct route *route;
	uint32_t token;                  /* its place in the pool + 1; how a link names it */
	uint64_t number;                 /* their order */
	char msisdn[GW_MSISDN_MAX + 1];
	uint32_t version;
	uint32_t link;                   /* preferred */
	int64_t expire_ms, resume_ms;
	unsigned int attempts;
	bool is_sms;
	enum smpp_ussd_answer answer;
	uint8_t context_octets;
	uint8_t context[GW_CONTEXT_OCTETS];
	struct smpp_sms_part part;       /* of an SMS */
	uint16_t octets;
	char text[SMPP_DIALECT_TEXT_OCTETS]; /* UTF-8 of an answer; encoded octets of a part of an SMS */
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
	size_t n_answers;                /* of these, answers */
	int64_t rest_until_ms;
	struct smpp_rate rate;           /* of text messages, in parts */
	struct smpp_sms_profile sms;
	uint16_t sms_reference;
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
	uint32_t *free_tokens;
	uint32_t n_free;
};

/* ---- bearer_smpp_out.c ---- */

/* A new one, to be filled and dispatched; NULL: the pool is empty. */
struct outgoing *gw_smpp_out_get(struct bearer_smpp *bearer, struct route *route, const char *msisdn);
uint32_t gw_smpp_out_free(const struct bearer_smpp *bearer); /* how many more there may be */
/* Sends, or queues. 0 or the error for which it was put back. */
int gw_smpp_out_dispatch(struct bearer_smpp *bearer, struct outgoing *out);
/* After each turn: what can leave now leaves. Where the first cannot, nothing behind it can. */
void gw_smpp_out_drain(struct bearer_smpp *bearer, struct route *route);
/* What became of what a link had. */
void gw_smpp_out_response(struct slot *slot, uint64_t token, enum smpp_link_outcome outcome, uint32_t status);
