/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* How each operator's network speaks USSD over SMPP, seen from the network: what it sends for what the subscriber does, and
 * what it understands of what the ESME sends. Written from the facts, not from the gateway's table (smpp/dialect.c), so that
 * a mistake in either is seen. Names are the same in both. Pure: no sockets, no clock.
 *
 * A row is data; what the network finds wrong in an ESME's PDU but lives with becomes a complaint, which tests look at. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "smpp/text.h"
#include "tests/sim/smsc_wire.h"

#define SMSC_UTF8_OCTETS 3072    /* any text of SMSC_TEXT_OCTETS, decoded */

enum smsc_mo { SMSC_MO_BEGIN, SMSC_MO_CONTINUE, SMSC_MO_HANGUP, SMSC_MO_TIMEOUT, SMSC_MO_CONFIRM, SMSC_MO_KINDS };
enum smsc_mt { SMSC_MT_CONTINUE, SMSC_MT_END, SMSC_MT_NOTIFY, SMSC_MT_ABORT, SMSC_MT_RELEASE, SMSC_MT_KINDS,
	SMSC_MT_SMS = SMSC_MT_KINDS, /* no USSD at all */
	SMSC_MT_WRONG,               /* USSD, but nothing that this network knows */
};
enum smsc_key { SMSC_KEY_NONE, SMSC_KEY_ITS, SMSC_KEY_UMR, SMSC_KEY_SID, SMSC_KEY_RECEIPTED, SMSC_KEY_FIELD };
enum smsc_code_at { SMSC_CODE_TEXT, SMSC_CODE_DESTINATION, SMSC_CODE_SUBADDRESS };
enum smsc_text_in { SMSC_TEXT_SHORT, SMSC_TEXT_PAYLOAD, SMSC_TEXT_FIELDS };

struct smsc_dialect {
	const char *name;
	enum smsc_key key;
	bool its_zero;                         /* its_session_info is there and always 0 */
	int mo[SMSC_MO_KINDS], mt[SMSC_MT_KINDS]; /* ussd_service_op; -1: the network has none */
	const char *mo_type[SMSC_MO_KINDS], *mt_type[SMSC_MT_KINDS]; /* service types in place of operations; NULL: not used */
	const char *service_type;              /* of every PDU of the network's */
	bool end_bit;                          /* bit 0 of its_session_info ends, both ways */
	bool end_bit_alone;                    /* ... with any operation */
	bool release_follows;                  /* the last page is a notify; its confirmation is answered by a release */
	bool data_sm;
	enum smsc_text_in text;
	enum smsc_code_at code;
	bool zero_is_ascii;                    /* data_coding 0 is ASCII, not the GSM alphabet */
	uint8_t coding_gsm7, coding_ucs2;
	int push_notify, push_ask;             /* ussd_service_op of a text and of a dialog that the ESME begins; 0: it may not */
	bool push_names;                       /* the ESME names their sessions; else the network does, in its first message */
	bool push_released;                    /* what the ESME began ends with a release, after its last page is confirmed */
	uint32_t stale_status;                 /* what a submit for no session is answered with */
};

struct smsc_dialog {
	char msisdn[21];
	char code[SMSC_TEXT_OCTETS + 1];       /* as dialled */
	uint32_t session;                      /* the number the network gave it, from 1 */
};

const struct smsc_dialect *smsc_dialect_find(const char *name);
const struct smsc_dialect *smsc_dialect_row(size_t index); /* NULL past the last */

/* What the network sends. 1: message is made; 0: this network says nothing then; -1: the text or code cannot be sent. */
int smsc_dialect_send(const struct smsc_dialect *dialect, const struct smsc_dialog *dialog, enum smsc_mo what, const char *utf8,
                      struct smsc_message *message);

struct smsc_answer {
	enum smsc_mt what;
	int op;                                /* ussd_service_op; -1: none */
	bool has_session;
	uint32_t session;                      /* the same number as in smsc_dialog; some dialects know only its low bits */
	enum smpp_alphabet alphabet;
	size_t octets;
	char text[SMSC_UTF8_OCTETS + 1];
	const char *complaint;                 /* NULL, or what a strict network would not have liked */
};
void smsc_dialect_receive(const struct smsc_dialect *dialect, const struct smsc_message *message, struct smsc_answer *answer);
/* True if the answer's session is this dialog's. */
bool smsc_dialect_same(const struct smsc_dialect *dialect, const struct smsc_dialog *dialog, const struct smsc_answer *answer);
/* The number of a session that the ESME has named in what it begins: smsc_dialect_same then holds. */
uint32_t smsc_dialect_adopt(const struct smsc_dialect *dialect, const struct smsc_answer *answer);
/* The message_id that the ESME owes to this data_sm, or NULL. */
const char *smsc_dialect_owed_id(const struct smsc_dialect *dialect, const struct smsc_message *message, char room[16]);
/* The alphabet that a data_coding stands for. */
enum smpp_alphabet smsc_dialect_alphabet(const struct smsc_dialect *dialect, uint8_t data_coding);
