/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the gateway knows of a network: *bearers* that carry dialogs with subscribers. SMPP is the first (bearer_smpp.c);
 * nothing above this file knows SMPP.
 *
 * Up come steps: a citizen dialled, typed, or is gone. Down go answers. A bearer keeps no dialogs: what it must remember
 * of one is its context, at most GW_CONTEXT_OCTETS, which comes with each step, is stored with the session and is handed
 * back with the answer. A step carries a ticket, and each ticket is settled exactly once: accepted (the network may forget
 * the step, because it is safe) or refused. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GW_CONTEXT_OCTETS 40
#define GW_MSISDN_MAX 20
#define GW_TEXT_OCTETS 1024       /* of what a citizen dials or types, at most */
#define GW_REFERENCE_OCTETS 65

struct gw_bearer;

/* An operator's route: what the dialog must know of it. Owned by its bearer, lives as long as that. */
struct gw_route {
	const char *name;
	uint16_t id;                 /* of the name: equal in all processes (gw_route_id) */
	struct gw_bearer *bearer;
	unsigned int answer_ms;      /* the network waits this long for an answer */
	unsigned int user_ms;        /* a citizen may think this long */
	unsigned int session_ms;     /* a whole dialog lasts this long at most */
	unsigned int resume_ms;      /* a cut dialog may be taken up again for this long */
	bool (*fits)(const void *fits_ctx, const char *utf8, size_t octets); /* one page? */
	const void *fits_ctx;
};

enum gw_step_kind { GW_STEP_DIAL, GW_STEP_INPUT, GW_STEP_GONE /* hung up, or ended by the network */ };

/* Names one request of the network, so that it can be settled later, when its connection may be gone. The rest is the
 * bearer's own. */
struct gw_ticket {
	uint32_t link, epoch, command, sequence;
	char reference[GW_REFERENCE_OCTETS];
};

struct gw_step {                     /* valid during the call */
	enum gw_step_kind kind;
	const struct gw_route *route;
	const char *msisdn;
	const char *text;            /* what was dialled or typed; UTF-8, NUL-terminated */
	size_t octets;
	uint32_t session;            /* equal for the steps of one network session; 0: the network has none */
	uint32_t fingerprint;        /* equal for a repeated step */
	const uint8_t *context;
	uint8_t context_octets;
	struct gw_ticket ticket;
};

enum gw_refusal { GW_REFUSE_LATER /* overloaded: the network may try again */, GW_REFUSE_SESSION /* no such dialog */ };
enum gw_answer_kind { GW_ANSWER_ASK, GW_ANSWER_END };
enum gw_sent { GW_SENT_TAKEN, GW_SENT_REFUSED, GW_SENT_UNKNOWN /* no response, or the link went away */ };

struct gw_answer {
	enum gw_answer_kind kind;
	const char *msisdn;
	const uint8_t *context;
	uint8_t context_octets;
	const char *text;
	size_t octets;
	uint32_t link;               /* preferred: the one by which the step came */
	uint32_t version;            /* comes back in on_sent */
};

struct gw_bearer_ops {
	void (*accept)(struct gw_bearer *bearer, const struct gw_ticket *ticket);
	void (*refuse)(struct gw_bearer *bearer, const struct gw_ticket *ticket, enum gw_refusal why);
	/* 0, or -errno: the network cannot be told (no link, text that cannot be sent). */
	int (*answer)(struct gw_bearer *bearer, const struct gw_route *route, const struct gw_answer *answer);
	/* A text message outside any dialog, in as many parts as it needs. 0 or -errno. */
	int (*sms)(struct gw_bearer *bearer, const struct gw_route *route, const char *msisdn, const char *utf8, size_t octets);
	void (*flush)(struct gw_bearer *bearer);   /* after each turn of the loop */
	void (*tick)(struct gw_bearer *bearer);    /* every GW_LOOP_TICK_MS */
	void (*stop)(struct gw_bearer *bearer);    /* unbind: stopped() becomes true */
	bool (*stopped)(const struct gw_bearer *bearer);
	bool (*ready)(const struct gw_bearer *bearer); /* each of its routes can take and give */
};

/* What a bearer calls. Never from inside accept, refuse, answer or sms. */
struct gw_bearer_user {
	void *ctx;
	void (*on_step)(void *ctx, const struct gw_step *step);
	/* What became of an answer: the network has taken it, or not. */
	void (*on_sent)(void *ctx, const struct gw_route *route, const char *msisdn, uint32_t version, enum gw_sent sent);
};

struct gw_bearer {
	const struct gw_bearer_ops *ops;
	const struct gw_bearer_user *user;
};

/* FNV-1a of the name, folded to 16 bits, never 0. */
uint16_t gw_route_id(const char *name);
