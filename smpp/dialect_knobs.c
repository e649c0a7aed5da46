/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The knobs of a dialect: names, bounds, where each is kept; setting them from text and printing them again; and what
 * they may not say together. Help and reference are printed from this table, so its texts are what an operator reads.
 *
 * Numbers are decimal: an operation "17" once was read as hexadecimal by a widely used gateway, which then sent 23. */
#include "smpp/dialect.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "smpp/dialect_coding.h"

enum store { STORE_BOOL, STORE_U8, STORE_U16, STORE_I16, STORE_U32, STORE_TEXT };

struct knob {
	struct smpp_dialect_knob face;
	size_t offset;
	enum store store;
	const uint32_t *values;      /* of a CHOICE: what each word stores; NULL: its index */
};

static const char *const sessions[] = { "none", "its", "umr", "comverse", "receipted_message_id", "text_field", NULL };
static const char *const ends[] = { "op", "its_bit", "both", "service_type", "release", NULL };
static const uint32_t end_values[] = { SMPP_END_BY_OP, SMPP_END_BY_ITS_BIT, SMPP_END_BY_BOTH, SMPP_END_BY_SERVICE_TYPE, SMPP_END_BY_RELEASE };
static const char *const pdus[] = { "submit_sm", "data_sm", NULL };
static const uint32_t pdu_values[] = { SMPP_SUBMIT_SM, SMPP_DATA_SM };
static const char *const texts[] = { "short_message", "message_payload", "structured", NULL };
static const char *const codes[] = { "either", "destination_addr", "text", "subaddress", NULL };
static const char *const alphabets[] = { "GSM7", "GSM7_PACKED", "LATIN1", "ASCII", "UCS2", "OCTETS", NULL };
static const char *const pushes[] = { "none", "notify", "both", NULL };
static const char *const push_sessions[] = { "network", "ours", NULL };
static const char *const forms[] = { "as_came", "international", NULL };

/* Choices are kept in enums, and those as 32 bits. */
_Static_assert(sizeof(enum smpp_session_source) == 4 && sizeof(enum smpp_alphabet) == 4 && sizeof(unsigned int) == 4, "enums of 32 bits");
_Static_assert(sizeof(alphabets) / sizeof(alphabets[0]) == SMPP_ALPHABET_OCTETS + 2, "every alphabet has a word");
_Static_assert(sizeof(sessions) / sizeof(sessions[0]) == SMPP_SESSION_TEXT_FIELD + 2, "every session source has a word");

#define AT(field) .offset = offsetof(struct smpp_dialect, field)
#define CHOICE(field, words, stored, help) \
	{ { .name = #field, .text = help, .kind = SMPP_KNOB_CHOICE, .choices = words }, AT(field), STORE_U32, stored }
#define FLAG(field, help) { { .name = #field, .text = help, .kind = SMPP_KNOB_BOOL }, AT(field), STORE_BOOL, NULL }
#define NUMBER(field, stored, low, high, named, help) \
	{ { .name = #field, .text = help, .kind = SMPP_KNOB_NUMBER, .min = low, .max = high, .word = named }, AT(field), stored, NULL }
#define OP(field, help) NUMBER(field, STORE_I16, SMPP_DIALECT_NO_OP, 255, "none", help)
#define TON(field, help) NUMBER(field, STORE_I16, SMPP_DIALECT_AS_CAME, 255, "as_came", help)
#define OCTET(field, help) NUMBER(field, STORE_U8, 0, 255, NULL, help)
#define TEXT(field, help) \
	{ { .name = #field, .text = help, .kind = SMPP_KNOB_STRING, .max = sizeof(((struct smpp_dialect *)0)->field) - 1 }, \
	  AT(field), STORE_TEXT, NULL }

static const struct knob knobs[] = {
	CHOICE(session, sessions, NULL, "what names a session; none: the subscriber's number"),
	NUMBER(its_mask, STORE_U16, 0, 65535, NULL, "the bits of its_session_info that name the session; its bit 0 never does"),
	FLAG(echo_session, "answers carry the session's TLV or field"),
	FLAG(echo_its, "answers carry its_session_info where it came but is not the session"),
	FLAG(echo_umr, "answers carry user_message_reference where it came but is not the session"),
	NUMBER(session_octets, STORE_U8, 0, 4, NULL, "length of the session's TLV in answers; 0: as it came"),
	CHOICE(end, ends, end_values, "how the last answer is marked"),
	CHOICE(pdu, pdus, pdu_values, "the PDU of answers"),
	CHOICE(text, texts, NULL, "where an answer's text stands"),
	FLAG(long_text_in_payload, "a text above 254 octets goes into message_payload"),
	CHOICE(code, codes, NULL, "where the dialled code stands in a begin"),
	FLAG(cut_at_hash, "what is dialled ends at its last #"),
	OP(begin_in, "operation of a begin from the network"),
	OP(continue_in, "operation of a citizen's answer"),
	OP(continue_in_alt, "another one"),
	OP(end_in, "operation by which the network ends"),
	OP(abort_in, "operation by which the network breaks off"),
	OP(abort_in_alt, "another one"),
	OP(abort_in_third, "a third one"),
	OP(notify_confirm_in, "operation that says that a notify was shown"),
	OP(continue_out, "operation of a page that awaits an answer"),
	OP(end_out, "operation of the last page"),
	OP(notify_out, "operation of a page that awaits a key press only"),
	OP(abort_out, "operation by which we break off"),
	OP(release_out, "operation that closes what a notify has left open"),
	CHOICE(push, pushes, NULL, "what may begin with us: texts that are shown; both: dialogs, too"),
	CHOICE(push_session, push_sessions, NULL, "who names the session of what begins with us; network: its first message does"),
	OP(push_notify_out, "operation of a text that is shown without a dialog"),
	OP(push_end_out, "operation of the last page of a dialog that we began"),
	FLAG(push_releases, "when either was shown, release_out must follow"),
	FLAG(unknown_op_continues, "take an operation not listed for a citizen's answer"),
	TEXT(begin_type_in, "service_type of a begin; ? is any one character"),
	TEXT(continue_type_in, "service_type of a citizen's answer"),
	TEXT(end_type_in, "service_type by which the network ends"),
	TEXT(abort_type_in, "service_type by which the network breaks off"),
	TEXT(continue_type_out, "service_type of a page that awaits an answer"),
	TEXT(end_type_out, "service_type of the last page"),
	TEXT(abort_type_out, "service_type by which we break off"),
	TEXT(service_type, "service_type of every other answer"),
	CHOICE(default_alphabet, alphabets, NULL, "what data_coding 0 is; GSM7_PACKED packs every GSM 7-bit text"),
	CHOICE(eight_bit_alphabet, alphabets, NULL, "what 8-bit data is taken for; OCTETS: refused"),
	OCTET(data_coding_gsm7, "data_coding of answers in the default alphabet"),
	OCTET(data_coding_ucs2, "data_coding of answers in UCS-2"),
	FLAG(echo_data_coding, "answer in the data_coding that came, where the text can be said in it"),
	TON(source_ton, "TON of the short code in answers"),
	TON(source_npi, "NPI of the short code in answers"),
	TON(destination_ton, "TON of the subscriber in answers"),
	TON(destination_npi, "NPI of the subscriber in answers"),
	TEXT(source_address, "the short code in answers; empty: the one that was written to"),
	CHOICE(destination_form, forms, NULL, "how the subscriber's number is written in answers"),
	TEXT(country, "calling code of national numbers"),
	NUMBER(refuse_status, STORE_U32, 1, UINT32_MAX, NULL, "command_status by which a message is refused for good"),
	NUMBER(stale_status, STORE_U32, 0, UINT32_MAX, NULL, "command_status that says: no such session; 0: none"),
	NUMBER(stale_status_alt, STORE_U32, 0, UINT32_MAX, NULL, "another one"),
	FLAG(session_in_response, "the response's message_id is the session"),
	OCTET(esm_class, "esm_class of answers"),
	OCTET(registered_delivery, "registered_delivery of answers"),
	NUMBER(page_septets, STORE_U16, 20, 1000, NULL, "what fits on one page, GSM 7-bit septets"),
	NUMBER(page_ucs2_units, STORE_U16, 20, 500, NULL, "what fits on one page, UCS-2 units"),
};
#define N_KNOBS (sizeof(knobs) / sizeof(knobs[0]))

const struct smpp_dialect_knob *smpp_dialect_knob(size_t index)
{
	return index < N_KNOBS ? &knobs[index].face : NULL;
}

static const struct knob *find(const char *name)
{
	for (size_t i = 0; i < N_KNOBS; i++)
		if (strcmp(name, knobs[i].face.name) == 0)
			return &knobs[i];
	return NULL;
}

static void store(struct smpp_dialect *dialect, const struct knob *knob, int64_t number)
{
	char *at = (char *)dialect + knob->offset;

	switch (knob->store) {
	case STORE_BOOL:
		memcpy(at, &(bool){ number != 0 }, sizeof(bool));
		break;
	case STORE_U8:
		memcpy(at, &(uint8_t){ (uint8_t)number }, sizeof(uint8_t));
		break;
	case STORE_U16:
		memcpy(at, &(uint16_t){ (uint16_t)number }, sizeof(uint16_t));
		break;
	case STORE_I16:
		memcpy(at, &(int16_t){ (int16_t)number }, sizeof(int16_t));
		break;
	case STORE_U32:
		memcpy(at, &(uint32_t){ (uint32_t)number }, sizeof(uint32_t));
		break;
	case STORE_TEXT:
		break;
	}
}

static int64_t fetch(const struct smpp_dialect *dialect, const struct knob *knob)
{
	const void *at = (const char *)dialect + knob->offset;

	switch (knob->store) {
	case STORE_BOOL:
		return *(const bool *)at;
	case STORE_U8:
		return *(const uint8_t *)at;
	case STORE_U16:
		return *(const uint16_t *)at;
	case STORE_I16:
		return *(const int16_t *)at;
	case STORE_U32:
		return *(const uint32_t *)at;
	case STORE_TEXT:
		break;
	}
	return 0;
}

static int64_t choice_value(const struct knob *knob, size_t index)
{
	return knob->values ? knob->values[index] : (int64_t)index;
}

static int set_choice(struct smpp_dialect *dialect, const struct knob *knob, const char *value)
{
	for (size_t i = 0; knob->face.choices[i]; i++) {
		if (strcmp(value, knob->face.choices[i]) == 0) {
			store(dialect, knob, choice_value(knob, i));
			return 0;
		}
	}
	return -EINVAL;
}

static int set_bool(struct smpp_dialect *dialect, const struct knob *knob, const char *value)
{
	bool yes = strcmp(value, "true") == 0;

	if (!yes && strcmp(value, "false") != 0)
		return -EINVAL;
	store(dialect, knob, yes);
	return 0;
}

static int set_number(struct smpp_dialect *dialect, const struct knob *knob, const char *value)
{
	size_t sign = value[0] == '-', digits = strspn(value + sign, "0123456789");
	int64_t number;

	if (knob->face.word && strcmp(value, knob->face.word) == 0) {
		store(dialect, knob, knob->face.min);
		return 0;
	}
	if (digits == 0 || value[sign + digits] != '\0')
		return -EINVAL;
	errno = 0;
	number = strtoll(value, NULL, 10);
	if (errno != 0 || number < knob->face.min || number > knob->face.max)
		return -ERANGE;
	store(dialect, knob, number);
	return 0;
}

static int set_text(struct smpp_dialect *dialect, const struct knob *knob, const char *value)
{
	size_t n = strlen(value);

	if (n > (size_t)knob->face.max)
		return -ERANGE;
	for (size_t i = 0; i < n; i++)
		if (!isgraph((unsigned char)value[i]))
			return -EINVAL;
	memcpy((char *)dialect + knob->offset, value, n + 1);
	return 0;
}

int smpp_dialect_set(struct smpp_dialect *dialect, const char *name, const char *value)
{
	const struct knob *knob = find(name);

	if (!knob)
		return -ENOENT;
	switch (knob->face.kind) {
	case SMPP_KNOB_CHOICE:
		return set_choice(dialect, knob, value);
	case SMPP_KNOB_BOOL:
		return set_bool(dialect, knob, value);
	case SMPP_KNOB_NUMBER:
		return set_number(dialect, knob, value);
	case SMPP_KNOB_STRING:
		return set_text(dialect, knob, value);
	}
	return -EINVAL;
}

int smpp_dialect_get(const struct smpp_dialect *dialect, const char *name, char *out, size_t cap)
{
	const struct knob *knob = find(name);
	const char *word = NULL;
	int64_t number;
	int n;

	if (!knob)
		return -ENOENT;
	number = fetch(dialect, knob);
	if (knob->face.kind == SMPP_KNOB_STRING)
		word = (const char *)dialect + knob->offset;
	else if (knob->face.kind == SMPP_KNOB_BOOL)
		word = number ? "true" : "false";
	else if (knob->face.kind == SMPP_KNOB_NUMBER && knob->face.word && number == knob->face.min)
		word = knob->face.word;
	for (size_t i = 0; knob->face.kind == SMPP_KNOB_CHOICE && knob->face.choices[i]; i++)
		if (choice_value(knob, i) == number)
			word = knob->face.choices[i];
	n = word ? snprintf(out, cap, "%s", word) : snprintf(out, cap, "%" PRId64, number);
	return (size_t)n < cap ? 0 : -ENOSPC;
}

/* --- what the knobs may not say together --- */

static bool is_none(int op)
{
	return op == SMPP_DIALECT_NO_OP;
}

static bool begin_is_missing(const struct smpp_dialect *d)
{
	return is_none(d->begin_in) && !d->begin_type_in[0];
}

static bool continue_is_missing(const struct smpp_dialect *d)
{
	return is_none(d->continue_out) && !d->continue_type_out[0];
}

static bool end_op_is_missing(const struct smpp_dialect *d)
{
	return (d->end & SMPP_END_BY_OP) && is_none(d->end_out);
}

static bool end_bit_has_no_op(const struct smpp_dialect *d)
{
	return d->end == SMPP_END_BY_ITS_BIT && is_none(d->continue_out);
}

static bool end_type_is_missing(const struct smpp_dialect *d)
{
	return (d->end & SMPP_END_BY_SERVICE_TYPE) && !d->end_type_out[0];
}

static bool release_is_incomplete(const struct smpp_dialect *d)
{
	return (d->end & SMPP_END_BY_RELEASE) && (is_none(d->notify_out) || is_none(d->release_out) || is_none(d->notify_confirm_in));
}

/* The first meaning in the list would win, and the other never be seen. */
static bool op_has_two_meanings(const struct smpp_dialect *d)
{
	const int16_t ops[] = { d->begin_in, d->continue_in, d->continue_in_alt, d->end_in, d->abort_in, d->abort_in_alt,
		                d->abort_in_third, d->notify_confirm_in };

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		for (size_t j = 0; j < i; j++)
			if (!is_none(ops[i]) && ops[i] == ops[j])
				return true;
	return false;
}

static bool field_without_structure(const struct smpp_dialect *d)
{
	return d->session == SMPP_SESSION_TEXT_FIELD && d->text != SMPP_TEXT_STRUCTURED;
}

static bool gsm7_is_no_text(const struct smpp_dialect *d)
{
	size_t skip;

	return smpp_dialect_alphabet(d, d->data_coding_gsm7, NULL, 0, &skip) == SMPP_ALPHABET_OCTETS;
}

static bool ucs2_is_not(const struct smpp_dialect *d)
{
	size_t skip;

	return smpp_dialect_alphabet(d, d->data_coding_ucs2, NULL, 0, &skip) != SMPP_ALPHABET_UCS2;
}

static bool country_is_wrong(const struct smpp_dialect *d)
{
	size_t digits = strspn(d->country, "0123456789");

	return digits == 0 || d->country[digits] != '\0' || d->country[0] == '0';
}

static bool page_is_too_long(const struct smpp_dialect *d)
{
	bool short_message = d->pdu == SMPP_SUBMIT_SM && d->text == SMPP_TEXT_SHORT_MESSAGE && !d->long_text_in_payload;

	return short_message && (d->page_septets > 254 || d->page_ucs2_units > 127);
}

/* A whole page in base64, with the fields around it, does not go into 254 octets. */
static bool structured_is_too_long(const struct smpp_dialect *d)
{
	return d->pdu == SMPP_SUBMIT_SM && d->text == SMPP_TEXT_STRUCTURED && !d->long_text_in_payload;
}

static bool push_has_no_op(const struct smpp_dialect *d)
{
	return d->push != SMPP_PUSH_NONE && is_none(d->push_notify_out);
}

static bool push_cannot_ask(const struct smpp_dialect *d)
{
	return d->push == SMPP_PUSH_BOTH && (is_none(d->continue_out) || is_none(d->push_end_out));
}

static bool push_cannot_release(const struct smpp_dialect *d)
{
	return d->push_releases && (is_none(d->release_out) || is_none(d->notify_confirm_in));
}

static const struct {
	bool (*broken)(const struct smpp_dialect *dialect);
	const char *text;
} rules[] = {
	{ begin_is_missing, "neither begin_in nor begin_type_in says what a begin is" },
	{ continue_is_missing, "neither continue_out nor continue_type_out says how a page is sent" },
	{ end_op_is_missing, "the end is marked by an operation, but end_out is none" },
	{ end_bit_has_no_op, "the end is marked by its_session_info, but continue_out is none" },
	{ end_type_is_missing, "the end is marked by a service_type, but end_type_out is empty" },
	{ release_is_incomplete, "the end is a release, which needs notify_out, notify_confirm_in and release_out" },
	{ push_has_no_op, "something may begin with us, but push_notify_out is none" },
	{ push_cannot_ask, "dialogs may begin with us, which need continue_out and push_end_out" },
	{ push_cannot_release, "what begins with us is released, which needs release_out and notify_confirm_in" },
	{ op_has_two_meanings, "an operation from the network has two meanings" },
	{ field_without_structure, "the session is a field of the text, but text is not structured" },
	{ gsm7_is_no_text, "data_coding_gsm7 is not text here" },
	{ ucs2_is_not, "data_coding_ucs2 is not UCS-2 here" },
	{ country_is_wrong, "country is not a calling code" },
	{ page_is_too_long, "a page is longer than short_message; long_text_in_payload is false" },
	{ structured_is_too_long, "a structured text is longer than short_message; long_text_in_payload is false" },
};

const char *smpp_dialect_check(const struct smpp_dialect *dialect)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].broken(dialect))
			return rules[i].text;
	return NULL;
}
