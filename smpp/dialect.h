/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* How each operator carries USSD over SMPP: which TLV holds the operation and the session, how a session ends, where the
 * text and the dialled code stand. A dialect is a row of knobs (`smpp_dialect_knobs`), not code; operators' files may
 * set each knob, starting from a shipped row (`smpp_dialect_find`). Facts: README.md of this folder, table of dialects.
 *
 * Pure: a message PDU becomes a USSD event, an answer becomes a message PDU. What must be remembered of a dialog between
 * the two is its *context*, at most SMPP_DIALECT_CONTEXT_OCTETS, which the caller stores with the session. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "smpp/pdu.h"
#include "smpp/text.h"

#define SMPP_DIALECT_CONTEXT_OCTETS 40
#define SMPP_DIALECT_TEXT_OCTETS 1024  /* the longest decoded text, UTF-8 */
#define SMPP_MSISDN_MAX 20

enum smpp_session_source {
	SMPP_SESSION_NONE,             /* the subscriber's number is the session */
	SMPP_SESSION_ITS,              /* its_session_info, big endian, less its bit 0 */
	SMPP_SESSION_ITS_LE,           /* the same read as Huawei's: octet 1, octet 2 >> 1 */
	SMPP_SESSION_UMR,              /* user_message_reference */
	SMPP_SESSION_COMVERSE,         /* 0x1501, 4 octets */
	SMPP_SESSION_RECEIPTED_ID,     /* receipted_message_id, a string */
	SMPP_SESSION_TEXT_FIELD,       /* field 110 of a structured text (Comviva) */
};
enum smpp_end_marker { SMPP_END_BY_OP = 1, SMPP_END_BY_ITS_BIT = 2, SMPP_END_BY_BOTH = 3, SMPP_END_BY_SERVICE_TYPE = 4,
	SMPP_END_BY_RELEASE = 8 /* the last text is a notify; after its confirmation an empty release op follows (velcom) */ };
enum smpp_text_place { SMPP_TEXT_SHORT_MESSAGE, SMPP_TEXT_PAYLOAD, SMPP_TEXT_STRUCTURED };
enum smpp_code_place { SMPP_CODE_EITHER, SMPP_CODE_DESTINATION, SMPP_CODE_TEXT, SMPP_CODE_SUBADDRESS };

#define SMPP_DIALECT_NO_OP (-1)

struct smpp_dialect {
	char name[32];
	enum smpp_session_source session;
	bool echo_session;             /* answers carry the session TLV */
	uint8_t session_octets;        /* length of the echoed TLV; 0: as it came */
	unsigned int end;              /* enum smpp_end_marker, added up */
	uint32_t pdu;                  /* SMPP_SUBMIT_SM or SMPP_DATA_SM */
	enum smpp_text_place text;
	enum smpp_code_place code;
	/* operations (ussd_service_op), decimal; SMPP_DIALECT_NO_OP: not used. *_in come from the network. */
	int16_t begin_in, continue_in, continue_in_alt, end_in, abort_in, abort_in_alt, notify_confirm_in;
	int16_t continue_out, end_out, notify_out, abort_out, release_out;
	/* service types that stand for operations (Huawei, jsmpp); "" : not used */
	char service_type[7];          /* of every answer */
	char begin_service_type[7], continue_service_type[7], end_service_type[7], abort_service_type[7];
	/* data_coding of answers: raw octets, decimal 0..255 */
	uint8_t data_coding_gsm7, data_coding_ucs2;
	enum smpp_alphabet default_alphabet; /* what data_coding 0 means here, both ways */
	bool echo_data_coding;
	bool unknown_op_continues;     /* an operation not listed is taken for a continue instead of being refused */
	uint8_t source_ton, source_npi, destination_ton, destination_npi; /* of answers */
	uint32_t refuse_status;        /* command_status by which a message is refused for good */
	uint32_t stale_status;         /* command_status in a response that says: no such session */
	uint8_t esm_class, registered_delivery;
	uint16_t page_septets, page_ucs2_units; /* what fits on one page of this operator's */
};

/* A shipped dialect by name ("its", "tata", "mica", ...), or NULL; NULL also past the last row of the listing. */
const struct smpp_dialect *smpp_dialect_find(const char *name);
const struct smpp_dialect *smpp_dialect_row(size_t index);

enum smpp_knob_kind { SMPP_KNOB_CHOICE, SMPP_KNOB_BOOL, SMPP_KNOB_NUMBER, SMPP_KNOB_STRING };
/* The knobs as a table, so that configuration, help and documents are printed from it. */
struct smpp_dialect_knob {
	const char *name, *text;
	enum smpp_knob_kind kind;
	int64_t min, max;              /* of a NUMBER; of a STRING, max is its length */
	const char *const *choices;    /* of a CHOICE, NULL-terminated */
};
const struct smpp_dialect_knob *smpp_dialect_knob(size_t index); /* NULL past the last */
/* Sets one knob from text (numbers decimal; "none" where an op is not used). 0, -ENOENT no such knob, -EINVAL wrong kind
 * or unknown choice, -ERANGE out of bounds. */
int smpp_dialect_set(struct smpp_dialect *dialect, const char *knob, const char *value);

enum smpp_ussd_kind {
	SMPP_USSD_NONE,            /* not USSD: an SMS or a receipt */
	SMPP_USSD_BEGIN, SMPP_USSD_CONTINUE, SMPP_USSD_END, SMPP_USSD_ABORT,
	SMPP_USSD_NOTIFIED,        /* the handset has shown what was sent as a notify */
	SMPP_USSD_UNKNOWN,         /* USSD, but an operation that this dialect does not have: refuse it */
};

struct smpp_ussd_event {
	enum smpp_ussd_kind kind;
	char msisdn[SMPP_MSISDN_MAX + 1];  /* digits, international, without '+' (smpp_addr_msisdn) */
	uint32_t session;                  /* hash of the session id; equal ids have equal hashes; 0 if the dialect has none */
	uint32_t fingerprint;              /* hash of operation, session and text: equal for a repeated PDU */
	uint8_t context[SMPP_DIALECT_CONTEXT_OCTETS];
	uint8_t context_octets;
	size_t text_octets;
	char text[SMPP_DIALECT_TEXT_OCTETS + 1]; /* BEGIN: what was dialled, "*4*2020#"; CONTINUE: what was typed; UTF-8, NUL-terminated */
};

/* 0, or the command_status by which to refuse the PDU (bad TLV length, no subscriber, text that is not text). */
uint32_t smpp_dialect_decode(const struct smpp_dialect *dialect, const struct smpp_pdu *pdu, struct smpp_ussd_event *event);

enum smpp_ussd_answer { SMPP_ANSWER_CONTINUE, SMPP_ANSWER_END, SMPP_ANSWER_NOTIFY, SMPP_ANSWER_ABORT, SMPP_ANSWER_RELEASE };

/* Room for what the PDU of an answer points to. */
struct smpp_dialect_room {
	char source[SMPP_ADDRESS_MAX + 1], destination[SMPP_ADDRESS_MAX + 1];
	uint8_t text[SMPP_DIALECT_TEXT_OCTETS * 2];
	uint8_t values[64];
};

/* Makes the submit_sm or data_sm of an answer into *pdu (sequence left 0); its pointers lead into *room, dialect and
 * context. 0, -EILSEQ (text that the alphabet lacks: cannot happen for valid UTF-8), -EMSGSIZE (too long for the PDU),
 * -ENOTSUP (this dialect has no such answer), -EINVAL (context is not one of this dialect's). */
int smpp_dialect_encode(const struct smpp_dialect *dialect, const uint8_t *context, size_t context_octets,
                        enum smpp_ussd_answer answer, const char *msisdn, const char *utf8, size_t octets,
                        struct smpp_pdu *pdu, struct smpp_dialect_room *room);
/* True if the text fits on one page of this operator's, in the alphabet in which it would be sent. */
bool smpp_dialect_fits(const struct smpp_dialect *dialect, const char *utf8, size_t octets);
