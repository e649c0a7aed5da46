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
struct smpp_join_part;

/* An operator's route: what the dialog must know of it. Owned by its bearer, lives as long as that. */
struct gw_route {
	const char *name;
	uint16_t id;                 /* of the name: equal in all processes (gw_route_id) */
	struct gw_bearer *bearer;
	unsigned int answer_ms;      /* the network waits this long for an answer */
	unsigned int user_ms;        /* a citizen may think this long */
	unsigned int session_ms;     /* a whole dialog lasts this long at most */
	unsigned int resume_ms;      /* a cut dialog may be taken up again for this long */
	bool receipts;               /* the network tells what becomes of a text message */
	bool answers_each;           /* it waits for an answer to each of its requests, to a copy, too */
	bool exact;                  /* equal fingerprints are copies, whatever has happened between them; steps have an order */
	bool (*fits)(const void *fits_ctx, const char *utf8, size_t octets); /* one page? */
	const void *fits_ctx;
};

enum gw_step_kind { GW_STEP_DIAL, GW_STEP_INPUT, GW_STEP_GONE /* hung up, or ended by the network */ };

/* Names one request of the network, so that it can be settled later, when its connection may be gone. The rest is the
 * bearer's own. */
struct gw_ticket {
	uint32_t link, epoch, command, sequence;
	bool is_text;                /* of a text message or a receipt: how many are open is bounded */
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
	uint32_t order;              /* of an exact route: grows from step to step of a session; 0: not known */
	const char *dial;            /* INPUT: the same as the dial string of all that was typed so far, "*4*1*2#": it is dialled if the
	                                session is not known; NULL: the network does not tell */
	const uint8_t *context;
	uint8_t context_octets;
	struct gw_ticket ticket;
};

enum gw_refusal { GW_REFUSE_LATER /* overloaded: the network may try again */, GW_REFUSE_SESSION /* no such dialog */,
	GW_REFUSE_TEXT /* a text message that nobody here can use */ };
enum gw_answer_kind { GW_ANSWER_ASK, GW_ANSWER_END };
enum gw_sent { GW_SENT_TAKEN, GW_SENT_REFUSED, GW_SENT_UNKNOWN /* no response, or the link went away */,
	GW_SENT_LATER /* of text messages: refused for now */ };

struct gw_answer {
	enum gw_answer_kind kind;
	bool pushed;                 /* we began this dialog (GW_PUSH_ASK): some networks want it ended otherwise */
	const char *msisdn;
	const uint8_t *context;
	uint8_t context_octets;
	const char *text;
	size_t octets;
	uint32_t link;               /* preferred: the one by which the step came */
	uint32_t version;            /* comes back in on_sent */
};

/* ---- text messages ---- */

#define GW_SMS_PARTS_MAX 16
#define GW_SMS_ID_OCTETS 65

/* A text message outside any dialog, in as many parts as it needs. */
struct gw_sms {
	const char *msisdn;
	const char *sender;          /* a name of at most 11 characters, or a number; "": the operator's own */
	const char *text;
	size_t octets;
	bool flash;
	bool receipt;                /* ask the network what becomes of each part */
	unsigned int validity_s;     /* 0: the network's own */
	uint16_t reference;          /* names the message in its parts' headers and as user_message_reference: the same in every attempt */
	uint32_t parts;              /* bit i: part i is to be sent (from 0); 0: all of them */
	uint64_t token;              /* comes back with each part; 0: nobody is told, the bearer does what it can, and names the message itself */
};
/* What became of one part of it, once for each that was to be sent. */
struct gw_sms_result {
	uint64_t token;
	unsigned int part, parts;    /* which, of how many */
	enum gw_sent sent;
	uint32_t status;             /* the network's own number, where it has answered */
	const char *why;             /* its name; for log, records and people */
	const char *id;              /* TAKEN: the network's id of it, in the form in which receipts are looked for; "": it gave none */
	unsigned int pause_ms, times;/* LATER: not before, and at most so often in all for this status; 0: it was never sent, and may wait again */
};

/* A text message from a citizen, or one part of it. */
struct gw_text {                     /* valid during the call */
	const struct gw_route *route;
	const char *msisdn;          /* who wrote; "": not a number */
	const char *to;              /* the number that was written to, as it came */
	const struct smpp_join_part *part; /* total 1: the whole; its source and destination are msisdn and to (gateway/long_sms.h joins) */
	struct gw_ticket ticket;     /* to be accepted or refused, once, by GW_REFUSE_LATER or GW_REFUSE_TEXT */
};

/* What a network says became of a part that was sent before. */
enum gw_receipt_verdict { GW_RECEIPT_PENDING, GW_RECEIPT_DELIVERED, GW_RECEIPT_FAILED };
#define GW_RECEIPT_KEYS_MAX 6
struct gw_receipt {                  /* valid during the call */
	const struct gw_route *route;
	const char *msisdn;          /* to whom it was sent */
	enum gw_receipt_verdict verdict;
	const char *state, *error;   /* "DELIVRD", "000"; "" if there is none */
	size_t n_ids;                /* under which gw_sms_result.id it may have gone, likeliest first */
	const char *ids[GW_RECEIPT_KEYS_MAX];
	bool has_reference;
	uint16_t reference;          /* gw_sms.reference, where the network says it */
	struct gw_ticket ticket;
};

/* Dialogs and displays that we start. */
enum gw_push_kind { GW_PUSH_NOTIFY /* USSN: shown, no answer */, GW_PUSH_ASK /* USSR: the first page of a dialog */ };
struct gw_push {
	enum gw_push_kind kind;
	const char *msisdn;
	const char *text;            /* one page (route->fits) */
	size_t octets;
	uint64_t token;
};

struct gw_bearer_ops {
	void (*start)(struct gw_bearer *bearer);   /* meets its networks: there is a store to serve them from */
	/* Its routes, one after the other; NULL past the last. */
	const struct gw_route *(*route)(const struct gw_bearer *bearer, size_t index);
	void (*accept)(struct gw_bearer *bearer, const struct gw_ticket *ticket);
	void (*refuse)(struct gw_bearer *bearer, const struct gw_ticket *ticket, enum gw_refusal why);
	/* 0, or -errno: the network cannot be told (no link, text that cannot be sent). */
	int (*answer)(struct gw_bearer *bearer, const struct gw_route *route, const struct gw_answer *answer);
	/* How many parts of it there are (on_sms comes for each that is to be sent, later), or -errno and nothing comes: -E2BIG, -EILSEQ,
	 * -EINVAL (sender), -ENOBUFS (no room now: see sms_room). */
	int (*sms)(struct gw_bearer *bearer, const struct gw_route *route, const struct gw_sms *sms);
	/* How many parts it would have; or -errno as above: it could not be sent. */
	int (*sms_parts)(const struct gw_bearer *bearer, const struct gw_route *route, const struct gw_sms *sms);
	/* How many parts may be handed over now so that they do not only wait here; 0 while the route rests or has no link. */
	unsigned int (*sms_room)(const struct gw_bearer *bearer, const struct gw_route *route);
	/* 0, and on_push comes; -ENOTSUP: this network's profile has no such thing; -EMSGSIZE, -ENOBUFS. */
	int (*push)(struct gw_bearer *bearer, const struct gw_route *route, const struct gw_push *push);
	void (*flush)(struct gw_bearer *bearer);   /* after each turn of the loop */
	void (*tick)(struct gw_bearer *bearer);    /* every GW_LOOP_TICK_MS */
	void (*stop)(struct gw_bearer *bearer);    /* unbind: stopped() becomes true */
	bool (*stopped)(const struct gw_bearer *bearer);
	bool (*ready)(const struct gw_bearer *bearer); /* each of its routes can take and give */
	/* What it holds that is not handed over yet: answers, text messages, requests that wait for an answer. */
	size_t (*waiting)(const struct gw_bearer *bearer);
};

/* What a bearer calls. Never from inside accept, refuse, answer or sms. */
struct gw_bearer_user {
	void *ctx;
	void (*on_step)(void *ctx, const struct gw_step *step);
	/* What became of an answer: the network has taken it, or not. */
	void (*on_sent)(void *ctx, const struct gw_route *route, const char *msisdn, uint32_t version, enum gw_sent sent);
};

/* What a bearer calls for all that is no dialog. Every ticket is settled by its receiver. Never from inside sms or push. */
struct gw_text_user {
	void *ctx;
	void (*on_text)(void *ctx, const struct gw_text *text);
	void (*on_receipt)(void *ctx, const struct gw_receipt *receipt);
	void (*on_sms)(void *ctx, const struct gw_route *route, const struct gw_sms_result *result);
	void (*on_push)(void *ctx, const struct gw_route *route, const char *msisdn, uint64_t token, enum gw_sent sent);
};

struct gw_bearer {
	const struct gw_bearer_ops *ops;
	const struct gw_bearer_user *user;
	const struct gw_text_user *texts; /* NULL: there is no ledger. Text messages are refused, receipts are accepted */
};

/* The bearer's route with this id, or NULL. */
const struct gw_route *gw_bearer_find(const struct gw_bearer *bearer, uint16_t id);
/* FNV-1a of the name, folded to 16 bits, never 0. */
uint16_t gw_route_id(const char *name);
