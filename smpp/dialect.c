/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A message PDU -> a USSD event, and an answer -> a message PDU, both by the knobs of a dialect and by nothing else.
 *
 * The rows that ship stand in dialect_table.c, the knobs' names and bounds in dialect_knobs.c. SMPP v3.4 5.3.2.44 gives
 * ussd_service_op its values and 5.3.2.43 its_session_info its end bit; neither is listed there for deliver_sm, where
 * every network sends them. Operations are unsigned octets, and decimal wherever they are written.
 *
 * Huawei's centres are said to read its_session_info as a little-endian number. Here it is octets: those that name the
 * session are compared and sent back as they came, so that their order never matters. */
#include "smpp/dialect.h"

#include <errno.h>
#include <string.h>

#include "smpp/addr.h"
#include "smpp/dialect_coding.h"
#include "smpp/dialect_context.h"
#include "smpp/dialect_structured.h"
#include "smpp/status.h"

#define TYPE_MASK 0x3C          /* of esm_class: the message type, 5.2.12 */
#define TYPE_RECEIPT 0x04
#define TYPE_INTERMEDIATE 0x20
#define TYPE_ABORT 0x18         /* Conversation Abort, of CDMA networks */
#define ITS_END 0x01            /* of octet 2 of its_session_info */
#define SHORT_MESSAGE_MAX 254
#define TON_INTERNATIONAL 1
#define NPI_ISDN 1
#define FNV_START 2166136261u
#define FNV_PRIME 16777619u

static uint32_t hash_octets(uint32_t hash, const void *data, size_t octets)
{
	const uint8_t *at = data;

	for (size_t i = 0; i < octets; i++)
		hash = (hash ^ at[i]) * FNV_PRIME;
	return hash;
}

static uint32_t never_zero(uint32_t hash)
{
	return hash ? hash : 1;
}

/* --- what kind of message it is --- */

static bool type_matches(const char *pattern, const char *type)
{
	if (!*pattern)
		return false;
	for (; *pattern && *type; pattern++, type++)
		if (*pattern != '?' && *pattern != *type)
			return false;
	return *pattern == *type;
}

static enum smpp_ussd_kind kind_of_type(const struct smpp_dialect *d, const char *type)
{
	return type_matches(d->begin_type_in, type) ? SMPP_USSD_BEGIN
	       : type_matches(d->continue_type_in, type) ? SMPP_USSD_CONTINUE
	       : type_matches(d->end_type_in, type) ? SMPP_USSD_END
	       : type_matches(d->abort_type_in, type) ? SMPP_USSD_ABORT : SMPP_USSD_NONE;
}

/* op is 0..255, so SMPP_DIALECT_NO_OP never equals it */
static enum smpp_ussd_kind kind_of_op(const struct smpp_dialect *d, int op)
{
	if (op == d->begin_in)
		return SMPP_USSD_BEGIN;
	if (op == d->continue_in || op == d->continue_in_alt)
		return SMPP_USSD_CONTINUE;
	if (op == d->end_in)
		return SMPP_USSD_END;
	if (op == d->abort_in || op == d->abort_in_alt || op == d->abort_in_third)
		return SMPP_USSD_ABORT;
	if (op == d->notify_confirm_in)
		return SMPP_USSD_NOTIFIED;
	return SMPP_USSD_UNKNOWN;
}

static bool ends_by_bit(const struct smpp_dialect *d, const struct smpp_pdu *pdu)
{
	const struct smpp_tlv *its = d->end & SMPP_END_BY_ITS_BIT ? smpp_pdu_tlv(pdu, SMPP_TAG_ITS_SESSION_INFO) : NULL;

	return its && its->octets >= 2 && its->value[1] & ITS_END;
}

static bool is_receipt(const struct smpp_message *message)
{
	uint8_t type = message->esm_class & TYPE_MASK;

	return type == TYPE_RECEIPT || type == TYPE_INTERMEDIATE;
}

/* The end bit and the abort of CDMA win over the operation, an operation that we know over none. */
static uint32_t find_kind(const struct smpp_dialect *d, const struct smpp_pdu *pdu, enum smpp_ussd_kind *kind, int *op)
{
	const struct smpp_message *message = &pdu->message;
	const struct smpp_tlv *tlv = smpp_pdu_tlv(pdu, SMPP_TAG_USSD_SERVICE_OP);
	uint32_t number = 0;

	*op = SMPP_DIALECT_NO_OP;
	*kind = SMPP_USSD_NONE;
	if (is_receipt(message))
		return 0;
	if (tlv) {
		if (!smpp_pdu_tlv_number(pdu, SMPP_TAG_USSD_SERVICE_OP, &number) || number > UINT8_MAX)
			return ESME_RINVOPTPARAMVAL;
		*op = (int)number;
	}
	*kind = kind_of_type(d, message->service_type);
	if (*kind == SMPP_USSD_NONE && tlv)
		*kind = kind_of_op(d, *op);
	else if (*kind == SMPP_USSD_NONE && strncmp(message->service_type, "USSD", 4) == 0)
		*kind = SMPP_USSD_UNKNOWN;
	if (*kind == SMPP_USSD_NONE)
		return 0;
	if (*kind == SMPP_USSD_UNKNOWN && d->unknown_op_continues)
		*kind = SMPP_USSD_CONTINUE;
	if ((message->esm_class & TYPE_MASK) == TYPE_ABORT)
		*kind = SMPP_USSD_ABORT;
	else if (*kind != SMPP_USSD_ABORT && ends_by_bit(d, pdu))
		*kind = SMPP_USSD_END;
	return 0;
}

/* --- whose it is, and which dialog --- */

static uint16_t session_tag(enum smpp_session_source source)
{
	static const uint16_t tags[] = {
		[SMPP_SESSION_ITS] = SMPP_TAG_ITS_SESSION_INFO, [SMPP_SESSION_UMR] = SMPP_TAG_USER_MESSAGE_REFERENCE,
		[SMPP_SESSION_COMVERSE] = SMPP_TAG_COMVERSE_SESSION_ID, [SMPP_SESSION_RECEIPTED_ID] = SMPP_TAG_RECEIPTED_MESSAGE_ID,
		[SMPP_SESSION_TEXT_FIELD] = 0, [SMPP_SESSION_NONE] = 0,
	};

	return tags[source];
}

static uint32_t read_number(const struct smpp_pdu *pdu, uint16_t tag, struct smpp_dialect_number *number)
{
	const struct smpp_tlv *tlv = smpp_pdu_tlv(pdu, tag);

	if (!tlv)
		return 0;
	if (tlv->octets == 0 || tlv->octets > sizeof(number->value))
		return ESME_RINVOPTPARAMVAL;
	number->octets = (uint8_t)tlv->octets;
	memcpy(number->value, tlv->value, tlv->octets);
	return 0;
}

/* A session id that is a text; it goes back into a C string, so it may hold no NUL but those at its end. */
static uint32_t keep_id(const struct smpp_dialect *d, struct smpp_dialect_context *context, const char *id, size_t octets)
{
	while (octets > 0 && id[octets - 1] == '\0')
		octets--;
	if (octets > SMPP_DIALECT_STRING_MAX || memchr(id, '\0', octets))
		return d->refuse_status;
	memcpy(context->id, id, octets);
	context->id[octets] = '\0';
	context->id_octets = (uint8_t)octets;
	return 0;
}

static uint32_t read_id(const struct smpp_dialect *d, const struct smpp_pdu *pdu, struct smpp_dialect_context *context)
{
	char id[SMPP_DIALECT_STRING_MAX + 1];
	const uint8_t *text;
	size_t octets;
	ssize_t n;

	if (d->session == SMPP_SESSION_RECEIPTED_ID) {
		const struct smpp_tlv *tlv = smpp_pdu_tlv(pdu, SMPP_TAG_RECEIPTED_MESSAGE_ID);
		return tlv ? keep_id(d, context, (const char *)tlv->value, tlv->octets) : 0;
	}
	text = smpp_pdu_text(pdu, &octets);
	n = smpp_structured_get(text, octets, SMPP_STRUCTURED_SESSION, id, sizeof(id));
	if (n == -ENOENT)
		return 0;
	return n < 0 ? d->refuse_status : keep_id(d, context, id, (size_t)n);
}

static uint32_t read_session(const struct smpp_dialect *d, const struct smpp_pdu *pdu, struct smpp_dialect_context *context)
{
	uint32_t status = 0;

	if (d->session == SMPP_SESSION_RECEIPTED_ID || d->session == SMPP_SESSION_TEXT_FIELD)
		status = read_id(d, pdu, context);
	else if (d->session != SMPP_SESSION_NONE)
		status = read_number(pdu, session_tag(d->session), &context->number);
	if (status == 0 && d->echo_its && d->session != SMPP_SESSION_ITS)
		status = read_number(pdu, SMPP_TAG_ITS_SESSION_INFO, &context->its);
	if (status == 0 && d->echo_umr && d->session != SMPP_SESSION_UMR)
		status = read_number(pdu, SMPP_TAG_USER_MESSAGE_REFERENCE, &context->umr);
	return status;
}

static uint32_t hash_session(const struct smpp_dialect *d, const struct smpp_dialect_context *context)
{
	struct smpp_dialect_number number = context->number;

	if (context->id_octets > 0)
		return never_zero(hash_octets(FNV_START, context->id, context->id_octets));
	if (number.octets == 0)
		return 0;
	if (d->session == SMPP_SESSION_ITS) {
		number.value[0] &= (uint8_t)(d->its_mask >> 8);
		if (number.octets >= 2)
			number.value[1] &= (uint8_t)(d->its_mask & ~ITS_END);
	}
	return never_zero(hash_octets(FNV_START, number.value, number.octets));
}

/* How `written` differs from the normal form; what cannot be written again the same way is written internationally. */
static enum smpp_dialect_form form_of(const char *written, const char *msisdn, const char *country)
{
	size_t code = strlen(country);
	const char *national = strncmp(msisdn, country, code) == 0 ? msisdn + code : NULL;

	if (written[0] == '+' && strcmp(written + 1, msisdn) == 0)
		return SMPP_FORM_PLUS;
	if (strncmp(written, "00", 2) == 0 && strcmp(written + 2, msisdn) == 0)
		return SMPP_FORM_ZEROS;
	if (national && written[0] == '0' && strcmp(written + 1, national) == 0)
		return SMPP_FORM_TRUNK;
	if (national && strcmp(written, national) == 0)
		return SMPP_FORM_NATIONAL;
	return SMPP_FORM_INTERNATIONAL;
}

static uint32_t read_addresses(const struct smpp_dialect *d, const struct smpp_pdu *pdu, struct smpp_dialect_context *context, char *msisdn)
{
	const struct smpp_address *source = &pdu->message.source, *destination = &pdu->message.destination;
	size_t n = strlen(destination->digits);

	if (smpp_addr_msisdn(source, d->country, msisdn, SMPP_MSISDN_MAX + 1) < 0 || n > SMPP_DIALECT_STRING_MAX)
		return d->refuse_status;
	memcpy(context->code, destination->digits, n + 1);
	context->code_ton = destination->ton;
	context->code_npi = destination->npi;
	context->number_ton = source->ton;
	context->number_npi = source->npi;
	context->form = form_of(source->digits, msisdn, d->country);
	return 0;
}

/* --- what it says --- */

static uint32_t read_structured(const struct smpp_dialect *d, const uint8_t *text, size_t octets, struct smpp_ussd_event *event)
{
	ssize_t n = smpp_structured_get(text, octets, SMPP_STRUCTURED_INPUT, event->text, SMPP_DIALECT_TEXT_OCTETS);

	if (n == -ENOENT)
		return 0;
	if (n == -ENOSPC)
		return ESME_RINVMSGLEN;
	if (n < 0 || smpp_text_units(SMPP_ALPHABET_UCS2, event->text, (size_t)n) < 0)
		return d->refuse_status;
	event->text_octets = (size_t)n;
	return 0;
}

static uint32_t read_text(const struct smpp_dialect *d, const struct smpp_pdu *pdu, struct smpp_ussd_event *event)
{
	size_t octets, skip;
	const uint8_t *text = smpp_pdu_text(pdu, &octets);
	enum smpp_alphabet alphabet;
	ssize_t n;

	event->text_octets = 0;
	if (octets == 0)
		return 0;
	if (d->text == SMPP_TEXT_STRUCTURED)
		return read_structured(d, text, octets, event);
	alphabet = smpp_dialect_alphabet(d, pdu->message.data_coding, text, octets, &skip);
	n = smpp_text_decode(alphabet, text + skip, octets - skip, event->text, SMPP_DIALECT_TEXT_OCTETS);
	if (n < 0)
		return n == -ENOSPC ? ESME_RINVMSGLEN : d->refuse_status;
	event->text_octets = (size_t)n;
	return 0;
}

static bool looks_dialled(const char *text)
{
	return text[0] == '*' || text[0] == '#';
}

/* What stands before the code in the destination's subaddress, less its type octet: "*". */
static size_t read_prefix(const struct smpp_pdu *pdu, char *out, size_t cap)
{
	const struct smpp_tlv *tlv = smpp_pdu_tlv(pdu, SMPP_TAG_DEST_SUBADDRESS);
	size_t n = 0;

	for (size_t i = 1; tlv && i < tlv->octets && n < cap && (tlv->value[i] == '*' || tlv->value[i] == '#'); i++)
		out[n++] = (char)tlv->value[i];
	return n;
}

/* "#2020*4*": the order in which right-to-left pages show a code, and in which some people type it. */
static bool is_mirrored(const struct smpp_ussd_event *event)
{
	return event->text[0] == '#' && event->text_octets > 1 && event->text[event->text_octets - 1] == '*';
}

/* Puts the dial string together from an address: "201" -> "*201#", "*4*2020#" as it is. */
static void dial_address(const struct smpp_dialect *d, const struct smpp_pdu *pdu, struct smpp_ussd_event *event)
{
	const char *digits = pdu->message.destination.digits;
	size_t n = 0, length = strlen(digits);

	if (!looks_dialled(digits)) {
		if (d->code == SMPP_CODE_SUBADDRESS)
			n = read_prefix(pdu, event->text, 4);
		if (n == 0)
			event->text[n++] = '*';
	}
	memcpy(event->text + n, digits, length);
	n += length;
	event->text_octets = n;
	if (event->text[n - 1] != '#' && !is_mirrored(event))
		event->text[event->text_octets++] = '#';
}

/* What a citizen dialled ends with '#', whether or not the network has taken it away. */
static void finish_dialled(const struct smpp_dialect *d, struct smpp_ussd_event *event)
{
	const char *last;

	event->text[event->text_octets] = '\0';
	last = strrchr(event->text, '#');
	if (!looks_dialled(event->text) || is_mirrored(event))
		return;
	if (d->cut_at_hash && last && last > event->text)
		event->text_octets = (size_t)(last - event->text) + 1;
	else if ((!last || last == event->text) && event->text_octets < SMPP_DIALECT_TEXT_OCTETS)
		event->text[event->text_octets++] = '#';
}

static bool is_printable(const char *text)
{
	while (*text > ' ' && *text < 0x7f)
		text++;
	return !*text;
}

static void read_dialled(const struct smpp_dialect *d, const struct smpp_pdu *pdu, struct smpp_ussd_event *event)
{
	bool has_text = event->text_octets > 0, in_text;

	event->text[event->text_octets] = '\0';
	switch (d->code) {
	case SMPP_CODE_TEXT:
		in_text = has_text;
		break;
	case SMPP_CODE_EITHER:
		in_text = has_text && looks_dialled(event->text);
		break;
	default:
		in_text = false;
	}
	if (!in_text && !is_printable(pdu->message.destination.digits))
		event->text_octets = 0; /* what cannot be dialled opens the first page; an event's text is UTF-8 */
	else if (!in_text && pdu->message.destination.digits[0])
		dial_address(d, pdu, event);
	finish_dialled(d, event);
}

/* A dialog that the network has closed is closed whatever its last text is. */
static bool text_matters(enum smpp_ussd_kind kind)
{
	return kind == SMPP_USSD_BEGIN || kind == SMPP_USSD_CONTINUE;
}

static void hash_event(const struct smpp_dialect_context *context, const char *service_type, int op, struct smpp_ussd_event *event)
{
	uint32_t hash = hash_octets(FNV_START, &op, sizeof(op));

	hash = hash_octets(hash, service_type, strlen(service_type));
	hash = hash_octets(hash, context->number.value, context->number.octets);
	hash = hash_octets(hash, context->its.value, context->its.octets);
	hash = hash_octets(hash, context->umr.value, context->umr.octets);
	hash = hash_octets(hash, context->id, context->id_octets);
	event->fingerprint = never_zero(hash_octets(hash, event->text, event->text_octets));
}

uint32_t smpp_dialect_decode(const struct smpp_dialect *d, const struct smpp_pdu *pdu, struct smpp_ussd_event *event)
{
	struct smpp_dialect_context context = { .source = d->session };
	uint32_t status;
	ssize_t octets;
	int op;

	event->kind = SMPP_USSD_NONE;
	if (pdu->command_id != SMPP_DELIVER_SM && pdu->command_id != SMPP_DATA_SM)
		return 0;
	status = find_kind(d, pdu, &event->kind, &op);
	if (status != 0 || event->kind == SMPP_USSD_NONE || event->kind == SMPP_USSD_UNKNOWN)
		return status;
	context.data_coding = pdu->message.data_coding;
	status = read_addresses(d, pdu, &context, event->msisdn);
	if (status == 0)
		status = read_session(d, pdu, &context);
	if (status != 0)
		return status;
	octets = smpp_dialect_context_encode(&context, event->context);
	if (octets < 0)
		return d->refuse_status;
	event->context_octets = (uint8_t)octets;
	status = read_text(d, pdu, event);
	if (status != 0 && text_matters(event->kind))
		return status;
	if (event->kind == SMPP_USSD_BEGIN)
		read_dialled(d, pdu, event);
	event->text[event->text_octets] = '\0';
	event->session = hash_session(d, &context);
	hash_event(&context, pdu->message.service_type, op, event);
	return 0;
}

/* --- answers --- */

/* How one answer is marked. */
struct marks {
	int op;
	const char *type;     /* "": the dialect's own service_type */
	bool last;            /* the session's end bit */
};

static struct marks marks_of_end(const struct smpp_dialect *d)
{
	return (struct marks){
		.op = d->end & SMPP_END_BY_OP ? d->end_out : d->end & SMPP_END_BY_RELEASE ? d->notify_out : d->continue_out,
		.type = d->end & SMPP_END_BY_SERVICE_TYPE ? d->end_type_out : "",
		.last = !(d->end & SMPP_END_BY_RELEASE),
	};
}

/* Of a dialog that we began, or of a text that is shown without one. Where a release follows, it is not over yet. */
static struct marks marks_of_pushed(const struct smpp_dialect *d, int op)
{
	if (op == SMPP_DIALECT_NO_OP)
		return marks_of_end(d);
	return (struct marks){ .op = op, .type = "", .last = !smpp_dialect_releases(d) };
}

static struct marks marks_of(const struct smpp_dialect *d, enum smpp_ussd_answer answer)
{
	switch (answer) {
	case SMPP_ANSWER_CONTINUE:
		return (struct marks){ .op = d->continue_out, .type = d->continue_type_out };
	case SMPP_ANSWER_END:
		return marks_of_end(d);
	case SMPP_ANSWER_NOTIFY:
		return (struct marks){ .op = d->notify_out, .type = "" };
	case SMPP_ANSWER_ABORT:
		return (struct marks){ .op = d->abort_out, .type = d->abort_type_out, .last = true };
	case SMPP_ANSWER_RELEASE:
		return (struct marks){ .op = d->release_out, .type = "", .last = true };
	case SMPP_ANSWER_END_PUSHED:
		return marks_of_pushed(d, d->push_end_out);
	}
	return (struct marks){ .op = SMPP_DIALECT_NO_OP, .type = "" };
}

/* Writes the subscriber's number as the network wrote it. */
static int put_number_form(const struct smpp_dialect *d, const struct smpp_dialect_context *context, const char *msisdn, char *out)
{
	static const char *const prefixes[] = {
		[SMPP_FORM_INTERNATIONAL] = "", [SMPP_FORM_PLUS] = "+", [SMPP_FORM_ZEROS] = "00", [SMPP_FORM_TRUNK] = "0", [SMPP_FORM_NATIONAL] = "",
	};
	enum smpp_dialect_form form = d->destination_form == SMPP_NUMBER_AS_CAME ? context->form : SMPP_FORM_INTERNATIONAL;
	size_t code = strlen(d->country), n;

	if ((form == SMPP_FORM_TRUNK || form == SMPP_FORM_NATIONAL) && strncmp(msisdn, d->country, code) == 0)
		msisdn += code;
	n = strlen(msisdn);
	if (n == 0 || n > SMPP_MSISDN_MAX)
		return -EINVAL;
	out += strlen(strcpy(out, prefixes[form]));
	memcpy(out, msisdn, n + 1);
	return 0;
}

static uint8_t type_or_npi(int16_t knob, uint8_t came)
{
	return knob == SMPP_DIALECT_AS_CAME ? came : (uint8_t)knob;
}

static int put_addresses(const struct smpp_dialect *d, const struct smpp_dialect_context *context, const char *msisdn,
                         struct smpp_message *message, struct smpp_dialect_room *room)
{
	uint8_t ton = d->destination_form == SMPP_NUMBER_INTERNATIONAL ? TON_INTERNATIONAL : context->number_ton;

	strcpy(room->source, d->source_address[0] ? d->source_address : context->code);
	message->source = (struct smpp_address){ .ton = type_or_npi(d->source_ton, context->code_ton),
		.npi = type_or_npi(d->source_npi, context->code_npi), .digits = room->source };
	message->destination = (struct smpp_address){ .ton = type_or_npi(d->destination_ton, ton),
		.npi = type_or_npi(d->destination_npi, context->number_npi), .digits = room->destination };
	return put_number_form(d, context, msisdn, room->destination);
}

/* TLV values stand one after the other in room->values; there is room for the most that any context gives. */
static void put_tlv(struct smpp_pdu *pdu, uint8_t **at, uint16_t tag, const void *value, size_t octets)
{
	memcpy(*at, value, octets);
	pdu->tlvs[pdu->n_tlvs++] = (struct smpp_tlv){ .tag = tag, .octets = (uint16_t)octets, .value = *at };
	*at += octets;
}

/* To the length that the operator wants: its_session_info keeps its first octets, a number its last. */
static void fit_number(struct smpp_dialect_number *number, size_t octets, bool is_its)
{
	struct smpp_dialect_number fitted = { .octets = (uint8_t)octets };

	for (size_t i = 0; i < octets && i < number->octets; i++) {
		if (is_its)
			fitted.value[i] = number->value[i];
		else
			fitted.value[octets - 1 - i] = number->value[number->octets - 1u - i];
	}
	*number = fitted;
}

/* The end bit is the answer's own: that of the message is never sent back. Where it is the only mark of an end, it needs
 * a TLV to stand in, whether or not the network sent one. */
static void put_its(const struct smpp_dialect *d, struct smpp_pdu *pdu, uint8_t **at, struct smpp_dialect_number its, bool last)
{
	bool end = last && d->end & SMPP_END_BY_ITS_BIT;

	if (end && its.octets < 2 && !(d->end & SMPP_END_BY_OP))
		fit_number(&its, 2, true);
	if (its.octets == 0)
		return;
	if (its.octets >= 2)
		its.value[1] = (uint8_t)((its.value[1] & ~ITS_END) | (end ? ITS_END : 0));
	put_tlv(pdu, at, SMPP_TAG_ITS_SESSION_INFO, its.value, its.octets);
}

static void put_session(const struct smpp_dialect *d, const struct smpp_dialect_context *context, struct smpp_pdu *pdu, uint8_t **at, bool last)
{
	struct smpp_dialect_number number = context->number;
	bool is_its = d->session == SMPP_SESSION_ITS;

	if (!d->echo_session)
		number.octets = 0;
	if (number.octets > 0 && d->session_octets > 0)
		fit_number(&number, d->session_octets, is_its);
	if (d->echo_session && d->session == SMPP_SESSION_RECEIPTED_ID && context->id_octets > 0)
		put_tlv(pdu, at, SMPP_TAG_RECEIPTED_MESSAGE_ID, context->id, context->id_octets + 1u);
	else if (!is_its && number.octets > 0)
		put_tlv(pdu, at, session_tag(d->session), number.value, number.octets);
	put_its(d, pdu, at, is_its ? number : context->its, last);
	if (context->umr.octets > 0)
		put_tlv(pdu, at, SMPP_TAG_USER_MESSAGE_REFERENCE, context->umr.value, context->umr.octets);
}

/* The text in the alphabet of this data_coding, in room->text. */
static ssize_t put_coded(const struct smpp_dialect *d, uint8_t data_coding, const char *utf8, size_t octets, struct smpp_dialect_room *room)
{
	size_t skip;

	return smpp_text_encode(smpp_dialect_alphabet(d, data_coding, NULL, 0, &skip), utf8, octets, room->text, sizeof(room->text));
}

/* An echoed UCS-2 must not make a page of Latin letters too long for the handset. */
static bool may_echo(const struct smpp_dialect *d, uint8_t data_coding, const char *utf8, size_t octets)
{
	size_t skip;

	if (!d->echo_data_coding)
		return false;
	return smpp_dialect_alphabet(d, data_coding, NULL, 0, &skip) != SMPP_ALPHABET_UCS2 ||
	       smpp_text_units(SMPP_ALPHABET_UCS2, utf8, octets) <= d->page_ucs2_units;
}

/* In the first data_coding in which it can be said: the echoed one, the GSM one, UCS-2. */
static ssize_t put_text(const struct smpp_dialect *d, uint8_t came, const char *utf8, size_t octets, uint8_t *data_coding,
                        struct smpp_dialect_room *room)
{
	ssize_t n = -EILSEQ;

	if (may_echo(d, came, utf8, octets))
		n = put_coded(d, *data_coding = came, utf8, octets, room);
	if (n == -EILSEQ)
		n = put_coded(d, *data_coding = d->data_coding_gsm7, utf8, octets, room);
	if (n == -EILSEQ)
		n = put_coded(d, *data_coding = d->data_coding_ucs2, utf8, octets, room);
	return n;
}

/* Into short_message, or message_payload where that is the place or the text is too long and the operator takes it. */
static int place_text(const struct smpp_dialect *d, struct smpp_pdu *pdu, const uint8_t *text, size_t octets)
{
	bool payload = d->pdu == SMPP_DATA_SM || d->text == SMPP_TEXT_PAYLOAD || (octets > SHORT_MESSAGE_MAX && d->long_text_in_payload);

	if (!payload && octets > SHORT_MESSAGE_MAX)
		return -EMSGSIZE;
	if (payload) {
		pdu->tlvs[pdu->n_tlvs++] = (struct smpp_tlv){ .tag = SMPP_TAG_MESSAGE_PAYLOAD, .octets = (uint16_t)octets, .value = text };
	} else {
		pdu->message.short_message = text;
		pdu->message.sm_length = (uint8_t)octets;
	}
	return 0;
}

static int encode(const struct smpp_dialect *d, const struct smpp_dialect_context *dialog, struct marks marks, const char *msisdn,
                  const char *utf8, size_t octets, struct smpp_pdu *pdu, struct smpp_dialect_room *room)
{
	struct smpp_message *message = &pdu->message;
	uint8_t *at = room->values;
	uint8_t op = (uint8_t)marks.op;
	ssize_t n;

	pdu->command_id = d->pdu;
	pdu->command_status = 0;
	pdu->sequence = 0;
	pdu->n_tlvs = 0;
	*message = (struct smpp_message){ .service_type = marks.type[0] ? marks.type : d->service_type,
		.esm_class = d->esm_class, .registered_delivery = d->registered_delivery, .data_coding = d->data_coding_gsm7 };
	if (put_addresses(d, dialog, msisdn, message, room) < 0)
		return -EINVAL;
	if (marks.op != SMPP_DIALECT_NO_OP)
		put_tlv(pdu, &at, SMPP_TAG_USSD_SERVICE_OP, &op, 1);
	put_session(d, dialog, pdu, &at, marks.last);
	if (d->text == SMPP_TEXT_STRUCTURED)
		n = smpp_structured_print(room->text, sizeof(room->text), utf8, octets, marks.last, dialog->id,
		                          d->echo_session ? dialog->id_octets : 0u);
	else
		n = put_text(d, dialog->data_coding, utf8, octets, &message->data_coding, room);
	if (n < 0)
		return n == -ENOSPC ? -EMSGSIZE : (int)n;
	return place_text(d, pdu, room->text, (size_t)n);
}

int smpp_dialect_encode(const struct smpp_dialect *d, const uint8_t *context, size_t context_octets, enum smpp_ussd_answer answer,
                        const char *msisdn, const char *utf8, size_t octets, struct smpp_pdu *pdu, struct smpp_dialect_room *room)
{
	struct smpp_dialect_context dialog;
	struct marks marks = marks_of(d, answer);

	if (marks.op == SMPP_DIALECT_NO_OP && !marks.type[0])
		return -ENOTSUP;
	if (smpp_dialect_context_decode(&dialog, d->session, context, context_octets) < 0)
		return -EINVAL;
	return encode(d, &dialog, marks, msisdn, utf8, octets, pdu, room);
}

/* A session number of its_session_info as the ESME assigns it, 5.3.2.43: bit 0 stays free, 0 is none. */
static void name_session(struct smpp_dialect_context *dialog, uint16_t session)
{
	unsigned int number = (session % 0x7FFFu + 1) << 1;

	dialog->number = (struct smpp_dialect_number){ .octets = 2, .value = { (uint8_t)(number >> 8), (uint8_t)number } };
}

/* Where a number of ours would stand is known of its_session_info only. */
static bool may_push(const struct smpp_dialect *d, bool ask)
{
	bool named = d->push_session == SMPP_PUSH_SESSION_NETWORK || (d->session == SMPP_SESSION_ITS && d->echo_session);

	return named && d->push != SMPP_PUSH_NONE && (!ask || d->push == SMPP_PUSH_BOTH);
}

int smpp_dialect_push(const struct smpp_dialect *d, const struct smpp_push *push, struct smpp_pdu *pdu, struct smpp_dialect_room *room)
{
	struct smpp_dialect_context dialog = { .source = d->session, .data_coding = d->data_coding_gsm7, .form = SMPP_FORM_INTERNATIONAL,
		.code_ton = push->code.ton, .code_npi = push->code.npi, .number_ton = TON_INTERNATIONAL, .number_npi = NPI_ISDN };
	size_t n = strlen(push->code.digits);

	if (!may_push(d, push->ask))
		return -ENOTSUP;
	if (n > SMPP_DIALECT_STRING_MAX)
		return -EINVAL;
	memcpy(dialog.code, push->code.digits, n + 1);
	if (d->push_session == SMPP_PUSH_SESSION_OURS)
		name_session(&dialog, push->session);
	return encode(d, &dialog, push->ask ? marks_of(d, SMPP_ANSWER_CONTINUE) : marks_of_pushed(d, d->push_notify_out), push->msisdn,
	              push->utf8, push->octets, pdu, room);
}

/* The alphabet of a page is the one of put_text; structured texts are cut by what the handset will get. */
bool smpp_dialect_fits(const struct smpp_dialect *d, const char *utf8, size_t octets)
{
	size_t skip;
	enum smpp_alphabet narrow = d->text == SMPP_TEXT_STRUCTURED ? SMPP_ALPHABET_GSM7
	                                                            : smpp_dialect_alphabet(d, d->data_coding_gsm7, NULL, 0, &skip);
	ssize_t units = narrow == SMPP_ALPHABET_UCS2 ? -EILSEQ : smpp_text_units(narrow, utf8, octets);

	if (units >= 0)
		return units <= d->page_septets;
	units = smpp_text_units(SMPP_ALPHABET_UCS2, utf8, octets);
	return units >= 0 && units <= d->page_ucs2_units;
}

bool smpp_dialect_releases(const struct smpp_dialect *d)
{
	return d->end & SMPP_END_BY_RELEASE || d->push_releases;
}

bool smpp_dialect_stale(const struct smpp_dialect *d, uint32_t command_status)
{
	return command_status != 0 && (command_status == d->stale_status || command_status == d->stale_status_alt);
}

bool smpp_dialect_response_id(const struct smpp_dialect *d, const uint8_t *context, size_t context_octets, char *id)
{
	struct smpp_dialect_context dialog;

	id[0] = '\0';
	if (smpp_dialect_context_decode(&dialog, d->session, context, context_octets) < 0)
		return false;
	if (d->session_in_response)
		memcpy(id, dialog.id, dialog.id_octets + 1u);
	return true;
}
