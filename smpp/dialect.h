/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* How each operator carries USSD over SMPP: which TLV holds the operation and the session, how a session ends, where the
 * text and the dialled code stand. A dialect is a row of knobs (`smpp_dialect_knob`), not code; operators' files may
 * set each knob, starting from a shipped row (`smpp_dialect_find`). Facts: README.md of this folder, table of dialects.
 *
 * Pure: a message PDU becomes a USSD event, an answer becomes a message PDU. What must be remembered of a dialog between
 * the two is its *context*, at most SMPP_DIALECT_CONTEXT_OCTETS, which the caller stores with the session.
 *
 * The bound of a context: seven octets of its own, then the short code and a session id that is a text (receipted_message_id,
 * Comviva's field 110), each with a length octet and two characters in an octet if it is made of digits, '*', '#' and '+' or
 * is hexadecimal, else one; then the numeric TLVs that are echoed, each with a length octet. A short code of five digits
 * leaves room for a session id of 28 characters, or of 56 digits. A PDU whose dialog cannot be kept is refused. */
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
	SMPP_SESSION_ITS,              /* its_session_info, masked by its_mask */
	SMPP_SESSION_UMR,              /* user_message_reference */
	SMPP_SESSION_COMVERSE,         /* 0x1501, 4 octets */
	SMPP_SESSION_RECEIPTED_ID,     /* receipted_message_id, a string */
	SMPP_SESSION_TEXT_FIELD,       /* field 110 of a structured text (Comviva) */
};
enum smpp_end_marker { SMPP_END_BY_OP = 1, SMPP_END_BY_ITS_BIT = 2, SMPP_END_BY_BOTH = 3, SMPP_END_BY_SERVICE_TYPE = 4,
	SMPP_END_BY_RELEASE = 8 /* the last text is a notify; after its confirmation an empty release op follows (velcom) */ };
enum smpp_text_place { SMPP_TEXT_SHORT_MESSAGE, SMPP_TEXT_PAYLOAD, SMPP_TEXT_STRUCTURED };
enum smpp_code_place { SMPP_CODE_EITHER, SMPP_CODE_DESTINATION, SMPP_CODE_TEXT, SMPP_CODE_SUBADDRESS };
enum smpp_number_form { SMPP_NUMBER_AS_CAME, SMPP_NUMBER_INTERNATIONAL };

/* What may begin with us: a text that is shown, or a page that awaits an answer. */
enum smpp_push_kinds { SMPP_PUSH_NONE, SMPP_PUSH_NOTIFY, SMPP_PUSH_BOTH };
enum smpp_push_session { SMPP_PUSH_SESSION_NETWORK /* none is said; the network's first message names it */, SMPP_PUSH_SESSION_OURS };

#define SMPP_DIALECT_NO_OP (-1)
#define SMPP_DIALECT_AS_CAME (-1)      /* a TON or NPI: that of the message that is answered */

struct smpp_dialect {
	char name[32];
	enum smpp_session_source session;
	uint16_t its_mask;             /* which bits of its_session_info name the session; bit 0 never does */
	bool echo_session;             /* answers carry the session's TLV (or its field of a structured text) */
	bool echo_its, echo_umr;       /* and these, where they came but are not the session */
	uint8_t session_octets;        /* length of an echoed numeric session TLV; 0: as it came */
	unsigned int end;              /* enum smpp_end_marker, added up */
	uint32_t pdu;                  /* SMPP_SUBMIT_SM or SMPP_DATA_SM */
	enum smpp_text_place text;
	bool long_text_in_payload;     /* a text above 254 octets goes into message_payload instead of being refused */
	enum smpp_code_place code;
	bool cut_at_hash;              /* what is dialled ends at its last '#' */
	/* operations (ussd_service_op), decimal; SMPP_DIALECT_NO_OP: not used. *_in come from the network. */
	int16_t begin_in, continue_in, continue_in_alt, end_in, abort_in, abort_in_alt, abort_in_third, notify_confirm_in;
	int16_t continue_out, end_out, notify_out, abort_out, release_out;
	enum smpp_push_kinds push;
	enum smpp_push_session push_session;
	int16_t push_notify_out, push_end_out; /* what we show without a dialog; the last page of a dialog that we began */
	bool push_releases;            /* when either was shown, the release must follow */
	bool unknown_op_continues;     /* an operation not listed is taken for a continue instead of being refused */
	/* service types that stand for operations (Huawei, jsmpp); "": not used; '?' stands for any one character */
	char begin_type_in[7], continue_type_in[7], end_type_in[7], abort_type_in[7];
	char continue_type_out[7], end_type_out[7], abort_type_out[7];
	char service_type[7];          /* of every other answer */
	enum smpp_alphabet default_alphabet;   /* what data_coding 0 is here, both ways; GSM7_PACKED: every GSM 7-bit text is packed */
	enum smpp_alphabet eight_bit_alphabet; /* what 8-bit data is taken for; OCTETS: refused */
	uint8_t data_coding_gsm7, data_coding_ucs2; /* of answers, raw */
	bool echo_data_coding;         /* answer in the data_coding that came, where the text can be said in it */
	int16_t source_ton, source_npi, destination_ton, destination_npi; /* of answers */
	char source_address[21];       /* of answers; "": the address that was written to */
	enum smpp_number_form destination_form; /* the subscriber's number in answers */
	char country[4];               /* calling code of national numbers */
	uint32_t refuse_status;        /* command_status by which a message is refused for good */
	uint32_t stale_status, stale_status_alt; /* command_status that says: no such session; 0: none */
	bool session_in_response;      /* the response's message_id is the session id (data_sm kinds) */
	uint8_t esm_class, registered_delivery;
	uint16_t page_septets, page_ucs2_units; /* what fits on one page of this operator's */
};

/* A shipped dialect by name ("its", "tata", "mica", ...), or NULL; NULL also past the last row of the listing. */
const struct smpp_dialect *smpp_dialect_find(const char *name);
const struct smpp_dialect *smpp_dialect_row(size_t index);
/* One sentence on where a shipped dialect is spoken. */
const char *smpp_dialect_text(size_t index);

enum smpp_knob_kind { SMPP_KNOB_CHOICE, SMPP_KNOB_BOOL, SMPP_KNOB_NUMBER, SMPP_KNOB_STRING };
/* The knobs as a table, so that configuration, help and documents are printed from it. */
struct smpp_dialect_knob {
	const char *name, *text;
	enum smpp_knob_kind kind;
	int64_t min, max;              /* of a NUMBER; of a STRING, max is its length */
	const char *const *choices;    /* of a CHOICE, NULL-terminated */
	const char *word;              /* of a NUMBER: the word that stands for min ("none", "as_came"), or NULL */
};
const struct smpp_dialect_knob *smpp_dialect_knob(size_t index); /* NULL past the last */
/* Sets one knob from text (numbers decimal; "none" where an op is not used). 0, -ENOENT no such knob, -EINVAL wrong kind
 * or unknown choice, -ERANGE out of bounds. */
int smpp_dialect_set(struct smpp_dialect *dialect, const char *knob, const char *value);
/* Prints one knob as smpp_dialect_set takes it. 0, -ENOENT, -ENOSPC. */
int smpp_dialect_get(const struct smpp_dialect *dialect, const char *knob, char *out, size_t cap);
/* Knobs that contradict one another: a sentence that says which, or NULL. To be asked once all knobs are set. */
const char *smpp_dialect_check(const struct smpp_dialect *dialect);

enum smpp_ussd_kind {
	SMPP_USSD_NONE,            /* not USSD: an SMS or a receipt */
	SMPP_USSD_BEGIN, SMPP_USSD_CONTINUE,
	SMPP_USSD_END,             /* the network has closed the session: an end operation or the end bit */
	SMPP_USSD_ABORT,           /* it was broken off: hung up, timed out, failed */
	SMPP_USSD_NOTIFIED,        /* the handset has shown what was sent as a notify */
	SMPP_USSD_UNKNOWN,         /* USSD, but an operation that this dialect does not have: refuse it. Only kind is set */
};

struct smpp_ussd_event {
	enum smpp_ussd_kind kind;
	char msisdn[SMPP_MSISDN_MAX + 1];  /* digits, international, without '+' (smpp_addr_msisdn) */
	uint32_t session;                  /* hash of the session id; equal ids have equal hashes; 0 if there is none */
	uint32_t fingerprint;              /* hash of operation, session TLV and text: equal for a repeated PDU; never 0 */
	uint8_t context[SMPP_DIALECT_CONTEXT_OCTETS];
	uint8_t context_octets;
	size_t text_octets;
	char text[SMPP_DIALECT_TEXT_OCTETS + 1]; /* BEGIN: what was dialled, "*4*2020#"; CONTINUE: what was typed; UTF-8, NUL-terminated */
};

/* 0, or the command_status by which to refuse the PDU (bad TLV length, no subscriber, text that is not text, a dialog that
 * does not fit a context). Without an error and with another kind than NONE and UNKNOWN every field is set. */
uint32_t smpp_dialect_decode(const struct smpp_dialect *dialect, const struct smpp_pdu *pdu, struct smpp_ussd_event *event);

enum smpp_ussd_answer { SMPP_ANSWER_CONTINUE, SMPP_ANSWER_END, SMPP_ANSWER_NOTIFY, SMPP_ANSWER_ABORT, SMPP_ANSWER_RELEASE,
	SMPP_ANSWER_END_PUSHED /* END, of a dialog that we began: many networks want it marked otherwise */ };

/* Room for what the PDU of an answer points to. */
struct smpp_dialect_room {
	char source[SMPP_ADDRESS_MAX + 1], destination[SMPP_ADDRESS_MAX + 1];
	uint8_t text[SMPP_DIALECT_TEXT_OCTETS * 2];
	uint8_t values[96];
};

/* Makes the submit_sm or data_sm of an answer into *pdu (sequence left 0); its pointers lead into *room, dialect and
 * context. 0, -EILSEQ (text that the alphabet lacks: cannot happen for valid UTF-8), -EMSGSIZE (too long for the PDU),
 * -ENOTSUP (this dialect has no such answer), -EINVAL (context is not one of this dialect's). */
int smpp_dialect_encode(const struct smpp_dialect *dialect, const uint8_t *context, size_t context_octets,
                        enum smpp_ussd_answer answer, const char *msisdn, const char *utf8, size_t octets,
                        struct smpp_pdu *pdu, struct smpp_dialect_room *room);
/* What begins with us. */
struct smpp_push {
	bool ask;                      /* a page that awaits an answer; else a text that is shown */
	const char *msisdn;
	struct smpp_address code;      /* whom it comes from; its TON and NPI where the dialect's own are `as_came` */
	uint16_t session;              /* a number of ours, another for each */
	const char *utf8;
	size_t octets;
};
/* As smpp_dialect_encode. -ENOTSUP: this dialect has no such thing, or nobody knows how it would say it. */
int smpp_dialect_push(const struct smpp_dialect *dialect, const struct smpp_push *push, struct smpp_pdu *pdu, struct smpp_dialect_room *room);
/* True if the text fits on one page of this operator's, in the alphabet in which it would be sent. */
bool smpp_dialect_fits(const struct smpp_dialect *dialect, const char *utf8, size_t octets);
/* True if what ends here, or what we began, is only a notify: when the event NOTIFIED comes, SMPP_ANSWER_RELEASE must follow. */
bool smpp_dialect_releases(const struct smpp_dialect *dialect);
/* True if this command_status, in the response to an answer, says that the network does not know the session. */
bool smpp_dialect_stale(const struct smpp_dialect *dialect, uint32_t command_status);
/* The message_id that the response to a message must carry, into id[SMPP_MESSAGE_ID_MAX]; "" in most dialects.
 * False, and "", if the context is not one of this dialect's. */
bool smpp_dialect_response_id(const struct smpp_dialect *dialect, const uint8_t *context, size_t context_octets, char *id);
