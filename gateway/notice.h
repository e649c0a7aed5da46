/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A notice: everything that goes to a citizen as text outside a dialog - what an agency sends, the confirmation of a request,
 * an answer, a screen that goes out by SMS. Here is its record: fields, states, JSON of the ledger and of the API. Pure.
 *
 *   accepted ──> sending ──> sent ──> delivered
 *       │           │  ^       └────> failed (the network's receipt), expired
 *       │           v  │(later)
 *       └──> cancelled, refused (the citizen does not want it), expired, failed
 *
 * In the inbox a notice lives on beside that: unread, read, deleted. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "gateway/bearer.h"

#define GW_NOTICE_ID_OCTETS 24           /* with its NUL */
#define GW_NOTICE_TEXT_OCTETS 2048       /* UTF-8 of one language */
#define GW_NOTICE_REPLIES_MAX 6
#define GW_NOTICE_LANGUAGES 2            /* fa, en */
#define GW_NOTICE_TITLE_OCTETS 160
#define GW_NOTICE_REFERENCE_OCTETS 128
#define GW_NOTICE_REPLY_OCTETS 80
#define GW_NOTICE_SENDER_OCTETS 21       /* with its NUL */
#define GW_NOTICE_DOOR_OCTETS 16         /* with its NUL */

enum gw_notice_class {
	GW_NOTICE_INFO,                  /* may be refused (stop words) */
	GW_NOTICE_SERVICE,               /* an answer to what the citizen asked for */
	GW_NOTICE_LEGAL,                 /* what the law requires: never refused */
};
enum gw_notice_priority { GW_NOTICE_NORMAL, GW_NOTICE_HIGH, GW_NOTICE_URGENT /* at any hour */, GW_NOTICE_BULK /* behind all others */ };
enum gw_notice_state {
	GW_NOTICE_ACCEPTED, GW_NOTICE_SENDING, GW_NOTICE_SENT, GW_NOTICE_DELIVERED, GW_NOTICE_FAILED, GW_NOTICE_EXPIRED,
	GW_NOTICE_CANCELLED, GW_NOTICE_REFUSED,
};
enum gw_notice_inbox { GW_INBOX_NOT, GW_INBOX_UNREAD, GW_INBOX_READ, GW_INBOX_DELETED };
enum gw_part_state { GW_PART_WAITING, GW_PART_INTENT, GW_PART_SENT, GW_PART_DELIVERED, GW_PART_FAILED, GW_PART_UNKNOWN };
/* Ways to a citizen, tried in this order as far as they are wanted; the inbox has it in any case where it is wanted. */
enum gw_channel { GW_CHANNEL_SMS = 1, GW_CHANNEL_USSD = 2, GW_CHANNEL_INBOX = 4 };

struct gw_notice_part {
	enum gw_part_state state;
	char id[GW_SMS_ID_OCTETS];       /* the network's */
	char error[48];                  /* its word for what went wrong, or its state of a receipt */
	int64_t at_ms;                   /* of the state; of UNKNOWN: when it was to be sent */
	uint32_t status;                 /* by which the network refused it for now, */
	unsigned int tries;              /* and so often in a row */
};

/* Text and lists are talloc children of the notice. */
struct gw_notice {
	char id[GW_NOTICE_ID_OCTETS];
	char msisdn[GW_MSISDN_MAX + 1];
	char *agency;                    /* "": the gateway's own */
	char *sender;                    /* "": the operator's */
	char *title;                     /* one line for the inbox's list; "": the text's beginning */
	char *text[GW_NOTICE_LANGUAGES]; /* "": not in this language; of a sensitive one sealed (gw_notices_read) */
	char *reference;                 /* the agency's own word for it, comes back in events; "" */
	char *request;                   /* tracking code that it answers or confirms; "" */
	char *bulk;                      /* of which job; "" */
	enum gw_notice_class klass;
	enum gw_notice_priority priority;
	unsigned int channels;           /* enum gw_channel, added up */
	bool flash, sensitive;
	bool aloud;                      /* of a sensitive one: its SMS says it (a code, sealed in the ledger only), and does not announce it */
	char *subject;                   /* of a sensitive one: keyed hash of the national ID that opens it */
	bool give_up;                    /* policy for an unknown outcome: else send again */
	int64_t accepted_ms, not_before_ms, not_after_ms; /* wall clock; 0: no bound */
	char language[4];                /* wanted; "": the citizen's, else Persian */
	uint16_t route;                  /* operator it goes by; 0: not decided yet */
	uint16_t sms_reference;
	unsigned int n_replies;
	char *replies[GW_NOTICE_REPLIES_MAX]; /* among which the citizen may choose; what was chosen: */
	int reply;                       /* -1: none yet */

	enum gw_notice_state state;
	int64_t state_ms;
	char *error;                     /* why it failed; "" */
	enum gw_channel by;              /* the way that is being tried or that worked */
	unsigned int attempts;           /* each time that parts were to be handed to a network */
	unsigned int unknowns;           /* of those, so many of unknown outcome */
	unsigned int n_parts;            /* 0: not handed over yet; of a USSD push 1 */
	struct gw_notice_part parts[GW_SMS_PARTS_MAX];
	enum gw_notice_inbox inbox;
	int64_t read_ms;
	char *read_by;                   /* the door by which it was: "ussd", "portal", "karpousheh"; "" */
};

/* Everything empty, state ACCEPTED, reply -1; a child of ctx. */
struct gw_notice *gw_notice_alloc(void *ctx);
/* Replaces one of its texts. */
void gw_notice_set(struct gw_notice *notice, char **field, const char *value);
/* id: "n" + partition of msisdn + 20 random characters; or, for a key that is repeated, the same 20 each time (a hash of seed). */
void gw_notice_make_id(char id[GW_NOTICE_ID_OCTETS], const char *msisdn, const void *seed, size_t octets);
/* The partition that an id names, or -1: not an id. */
int gw_notice_partition(const char *id);
/* The record's JSON: malloc'ed text; and back: NULL if it is no notice. Keys that a later version may add are passed over. */
char *gw_notice_encode(const struct gw_notice *notice, size_t *octets);
struct gw_notice *gw_notice_decode(void *ctx, const void *value, size_t octets);
/* What the API shows of it; a new reference. Never the text of a sensitive one. */
json_t *gw_notice_show(const struct gw_notice *notice);
/* The same without what the agency said itself and is long: for events. */
json_t *gw_notice_show_briefly(const struct gw_notice *notice);
const char *gw_notice_state_name(enum gw_notice_state state);
bool gw_notice_over(enum gw_notice_state state);   /* nothing more will be sent */
/* The text in a language ("fa", "en"), else in another that is there. */
const char *gw_notice_text(const struct gw_notice *notice, const char *language);

/* Text that may go to a citizen: no control characters, but \n where it may have lines. */
bool gw_notice_text_is_clean(const char *text, bool lines);

/* Names of enumerators, NULL past the last; by index and back (-1: no such name). */
extern const char *const gw_notice_classes[], *const gw_notice_priorities[], *const gw_notice_states[], *const gw_part_states[],
	*const gw_inbox_states[], *const gw_channels[] /* 1 << index is the channel */, *const gw_notice_languages[];
int gw_notice_name_find(const char *const *names, const char *name);
