/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A subscriber's phone as its network sees it: one dialog, the page on its screen, and an inbox of SMS. The network's own
 * timers run here too: it cuts a dialog when the ESME does not answer, or the subscriber does not. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/sim/smsc_net.h"

#define SMSC_HANDSETS 65536
#define SMSC_SMS_PARTS 32
#define SMSC_SMS_OCTETS 140
#define SMSC_SMS_UTF8 (SMSC_SMS_PARTS * SMSC_SMS_OCTETS * 3)
#define SMSC_JOINS 4               /* long messages being put together at once */

enum smsc_dialog_state {
	SMSC_IDLE,
	SMSC_WAITING,               /* for the network side */
	SMSC_OPEN,                  /* a page is shown and an input is wanted */
	SMSC_ENDED,                 /* a last page is shown: the network side has ended it */
	SMSC_CUT,                   /* it ended without a last page: `why` */
	SMSC_HUNG_UP,
};

struct smsc_sms {
	char from[66], *text;
	size_t octets;
	unsigned int parts;
	enum smpp_alphabet alphabet;
};

struct smsc_join {
	char from[66];
	uint16_t reference, total;
	unsigned int got, age;
	uint8_t coding;
	uint8_t octets[SMSC_SMS_PARTS];
	uint8_t data[SMSC_SMS_PARTS][SMSC_SMS_OCTETS + 20];
};

struct smsc_handset {
	struct smsc_handset *next;
	struct smsc_operator *operator;
	struct smsc_dialog dialog;
	enum smsc_dialog_state state;
	bool releasing, notified;   /* releasing: the last page is shown, the release has yet to come */
	bool pushed;                /* the ESME began this dialog */
	unsigned int pushes, pushes_seen; /* texts and dialogs that the ESME began; of these, how many a script has looked at */
	int64_t asked_ns, answered_ns, since_ms;
	unsigned int pages;         /* shown in this dialog */
	size_t octets;
	long units;
	enum smpp_alphabet alphabet;
	char page[SMSC_UTF8_OCTETS + 1], why[120];
	uint64_t sms_count;         /* ever received; the last so many are kept (smsc_inbox_kept) */
	uint64_t sms_read;          /* of these, how many a script has looked at */
	struct smsc_sms *inbox;     /* of operator->inbox places, the newest at (sms_count - 1) modulo them; made when first needed */
	struct smsc_join *joins;
	unsigned int joined;
};

/* A handset lives until the end. The one with this number at this operator, made if need be; NULL when there are too many. */
struct smsc_handset *smsc_handset_get(struct smsc_operator *op, const char *msisdn);
struct smsc_handset *smsc_handset_find(const struct smsc_operator *op, const char *msisdn);

/* What the subscriber does. 0, or -errno: -EINVAL (this network cannot carry it), -ENOTCONN (no dialog is open),
 * -ENOBUFS. A new dial while a dialog is open leaves that one as a real network does: silently. */
int smsc_handset_dial(struct smsc_handset *handset, const char *code);
int smsc_handset_reply(struct smsc_handset *handset, const char *text);
int smsc_handset_hang_up(struct smsc_handset *handset);
/* The network's user timer fires now. */
int smsc_handset_expire(struct smsc_handset *handset);
/* An SMS from the handset to a short number, in as many parts as it needs. */
int smsc_handset_send_sms(struct smsc_handset *handset, const char *to, const char *text);
/* The same in the parts and the order that a script wants: "2,1,2" (the second twice), "1/3" (two are missing), "sar:1,2". -EINVAL
 * too where the order is none. */
int smsc_handset_send_parts(struct smsc_handset *handset, const char *to, const char *order, const char *text);

/* From the links. submit: the command_status to answer with. */
uint32_t smsc_handset_submit(struct smsc_operator *op, const struct smsc_message *message, const char *message_id);
void smsc_handset_refused(struct smsc_handset *handset, uint32_t dialog, const char *why);
void smsc_handset_tick(struct smsc *smsc, int64_t now_ms);
const char *smsc_state_name(enum smsc_dialog_state state);
void smsc_handset_free_all(struct smsc *smsc);
