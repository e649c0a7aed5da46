/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See smsc_dialect.h. One row for each network; ops are ussd_service_op (SMPP v3.4 5.3.2.44), decimal. Where the facts are
 * silent on how a network tells of a hang-up, it tells nothing, as such networks do: the dialog just dies. */
#include "tests/sim/smsc_dialect.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/smsc_base64.h"

enum { TAG_RECEIPTED = 0x001E, TAG_SOURCE_SUB = 0x0202, TAG_DEST_SUB = 0x0203, TAG_UMR = 0x0204, TAG_CALLBACK = 0x0381,
	TAG_OP = 0x0501, TAG_ITS = 0x1383, TAG_SID = 0x1501, TAG_IMSI = 0x4001 };
enum { STATUS_SYSERR = 0x08, STATUS_REFUSED = 0x66, STATUS_DIALOG_MISMATCH = 1038 };
#define IMSI "432110000000001"

#define MO(begin, more, hangup, timeout, confirm) .mo = { begin, more, hangup, timeout, confirm }
/* notify, ask: how what the ESME begins is marked. */
#define PUSH(notify, ask, names) .push_notify = notify, .push_ask = ask, .push_names = names
#define MT(more, end, notify, abort, release) .mt = { more, end, notify, abort, release }

static const struct smsc_dialect rows[] = {
	{ .name = "its", .key = SMSC_KEY_ITS, MO(1, 18, 18, 18, 19), MT(2, 17, 3, -1, -1), .end_bit = true,
	  PUSH(3, 2, true), .coding_ucs2 = 8, .stale_status = STATUS_REFUSED },
	{ .name = "tata", .key = SMSC_KEY_ITS, MO(1, 18, 17, 17, -1), MT(2, -1, -1, -1, -1), .end_bit = true, .end_bit_alone = true,
	  .code = SMSC_CODE_DESTINATION, .coding_ucs2 = 8, .stale_status = STATUS_REFUSED },
	{ .name = "mica", .key = SMSC_KEY_UMR, MO(1, 18, 129, 129, -1), MT(2, 17, -1, -1, -1),
	  .coding_ucs2 = 8, .stale_status = STATUS_REFUSED },
	{ .name = "6d", .key = SMSC_KEY_ITS, MO(1, 18, 129, 18, -1), MT(2, 17, -1, -1, -1), .end_bit = true,
	  .coding_ucs2 = 8, .stale_status = STATUS_REFUSED },
	{ .name = "huawei", .key = SMSC_KEY_ITS, MO(1, 18, 33, 33, 19), MT(2, 17, 3, 33, 32), .end_bit = true,
	  PUSH(3, 2, true), .push_released = true,
	  .coding_gsm7 = 0x0F, .coding_ucs2 = 0x48, .stale_status = STATUS_REFUSED },
	{ .name = "huawei-service-type", MO(-1, -1, -1, -1, -1), MT(-1, -1, -1, -1, -1),
	  .mo_type = { "PSSRR", "USSRC", "RELC", "RELC", NULL }, .mt_type = { "USSRR", "PSSRC", NULL, "RELC", NULL },
	  .coding_gsm7 = 0x0F, .coding_ucs2 = 0x48, .stale_status = STATUS_REFUSED },
	{ .name = "velcom", .key = SMSC_KEY_UMR, MO(1, 18, 33, 33, 19), MT(2, -1, 3, 33, 32), .release_follows = true,
	  PUSH(3, 0, false), .push_released = true,
	  .coding_ucs2 = 8, .stale_status = STATUS_REFUSED },
	{ .name = "comverse", .key = SMSC_KEY_SID, MO(1, 18, 129, 129, 19), MT(2, 17, 3, 128, -1),
	  .coding_ucs2 = 0x48, .stale_status = STATUS_REFUSED },
	{ .name = "comviva", .key = SMSC_KEY_FIELD, MO(1, 18, -1, -1, -1), MT(2, 17, -1, -1, -1), .end_bit = true,
	  .text = SMSC_TEXT_FIELDS, .code = SMSC_CODE_DESTINATION, .zero_is_ascii = true, .coding_ucs2 = 8, .stale_status = STATUS_REFUSED },
	{ .name = "cellicium", .key = SMSC_KEY_RECEIPTED, MO(1, 18, 65, 66, 19), MT(2, 17, 3, 68, -1), .data_sm = true,
	  .text = SMSC_TEXT_PAYLOAD, .coding_ucs2 = 8, .stale_status = STATUS_SYSERR },
	{ .name = "ussrel", .key = SMSC_KEY_RECEIPTED, MO(1, 18, 129, 129, 19), MT(2, 17, 3, 128, -1), PUSH(131, 0, false), .data_sm = true,
	  .text = SMSC_TEXT_PAYLOAD, .coding_ucs2 = 8, .stale_status = STATUS_REFUSED },
	{ .name = "ericsson", .key = SMSC_KEY_ITS, MO(1, 18, 5, 5, 19), MT(2, 17, 3, -1, -1), PUSH(3, 2, true),
	  .zero_is_ascii = true, .coding_ucs2 = 8, .stale_status = STATUS_REFUSED },
	{ .name = "eyeline", .key = SMSC_KEY_UMR, MO(1, 18, 129, 129, 19), MT(2, 17, 3, 128, -1), PUSH(3, 2, false),
	  .coding_ucs2 = 8, .stale_status = STATUS_DIALOG_MISMATCH },
	{ .name = "tele2-kz", .its_zero = true, MO(1, 18, -1, -1, -1), MT(2, 17, -1, -1, -1), .service_type = "USSD_",
	  .code = SMSC_CODE_SUBADDRESS, .coding_ucs2 = 8, .stale_status = STATUS_REFUSED },
	{ .name = "sessionless", MO(1, 18, -1, -1, 19), MT(2, 17, 3, -1, -1), PUSH(3, 0, false),
	  .coding_ucs2 = 0x48, .stale_status = STATUS_REFUSED },
	{ .name = "jsmpp", MO(-1, -1, -1, -1, -1), MT(-1, -1, -1, -1, -1),
	  .mo_type = { "BR", "CA", "AR", "AR", NULL }, .mt_type = { "CR", "EF", NULL, "AF", NULL },
	  .coding_ucs2 = 8, .stale_status = STATUS_REFUSED },
};

const struct smsc_dialect *smsc_dialect_row(size_t index)
{
	return index < sizeof(rows) / sizeof(rows[0]) ? &rows[index] : NULL;
}

const struct smsc_dialect *smsc_dialect_find(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

enum smpp_alphabet smsc_dialect_alphabet(const struct smsc_dialect *dialect, uint8_t coding)
{
	static const struct { uint8_t coding; enum smpp_alphabet alphabet; } known[] = {
		{ 1, SMPP_ALPHABET_ASCII }, { 3, SMPP_ALPHABET_LATIN1 }, { 2, SMPP_ALPHABET_LATIN1 }, { 4, SMPP_ALPHABET_LATIN1 },
		{ 0x44, SMPP_ALPHABET_LATIN1 }, { 8, SMPP_ALPHABET_UCS2 }, { 0x18, SMPP_ALPHABET_UCS2 },
		{ 0x11, SMPP_ALPHABET_UCS2 }, { 0x48, SMPP_ALPHABET_UCS2 },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].coding == coding)
			return known[i].alphabet;
	return coding == 0 && dialect->zero_is_ascii ? SMPP_ALPHABET_ASCII : SMPP_ALPHABET_GSM7;
}

/* --- the session's number on the wire --- */

/* its_session_info keeps bit 0 for the end, so the number has 15 bits and 0 means none. */
static uint32_t its_number(uint32_t session)
{
	return session % 0x7FFF + 1;
}

static uint32_t umr_number(uint32_t session)
{
	return session % 0xFFFF + 1;
}

static const char *receipted_id(uint32_t session, char *room)
{
	snprintf(room, 16, "%08x", session);
	return room;
}

const char *smsc_dialect_owed_id(const struct smsc_dialect *dialect, const struct smsc_message *message, char room[16])
{
	const struct smsc_tlv *id = dialect->key == SMSC_KEY_RECEIPTED ? smsc_message_tlv(message, TAG_RECEIPTED) : NULL;

	if (!id)
		return NULL;
	snprintf(room, 16, "%.*s", (int)id->octets, (const char *)id->value);
	return room;
}

static void add_session(const struct smsc_dialect *dialect, const struct smsc_dialog *dialog, bool ends, struct smsc_message *message)
{
	char id[16];

	switch (dialect->key) {
	case SMSC_KEY_NONE:
		if (dialect->its_zero)
			smsc_message_add_number(message, TAG_ITS, 0, 2);
		break;
	case SMSC_KEY_ITS:
	case SMSC_KEY_FIELD:
		smsc_message_add_number(message, TAG_ITS, its_number(dialog->session) << 1 | (ends && dialect->end_bit), 2);
		break;
	case SMSC_KEY_UMR:
		smsc_message_add_number(message, TAG_UMR, umr_number(dialog->session), 2);
		break;
	case SMSC_KEY_SID:
		smsc_message_add_number(message, TAG_SID, 0x5C000000u | dialog->session, 4);
		break;
	case SMSC_KEY_RECEIPTED:
		smsc_message_add(message, TAG_RECEIPTED, receipted_id(dialog->session, id), 8);
		break;
	}
}

bool smsc_dialect_same(const struct smsc_dialect *dialect, const struct smsc_dialog *dialog, const struct smsc_answer *answer)
{
	if (dialect->key == SMSC_KEY_NONE)
		return true; /* the subscriber is the session */
	if (!answer->has_session)
		return false;
	switch (dialect->key) {
	case SMSC_KEY_ITS: return answer->session == its_number(dialog->session);
	case SMSC_KEY_UMR: return answer->session == umr_number(dialog->session);
	case SMSC_KEY_SID: return answer->session == (0x5C000000u | dialog->session);
	default: return answer->session == dialog->session;
	}
}

/* its_number's other way; only there the facts say that the ESME may name a session. */
uint32_t smsc_dialect_adopt(const struct smsc_dialect *dialect, const struct smsc_answer *answer)
{
	return dialect->key == SMSC_KEY_ITS && answer->session ? answer->session + 0x7FFF - 1 : answer->session;
}

/* --- structured text: state|key:base64|... --- */

enum { FIELD_MSISDN = 100, FIELD_INPUT = 109, FIELD_SESSION = 110, FIELD_STATUS = 116, FIELD_RESPONSE = 121, FIELD_NEW = 123 };

static size_t put_field(char *out, size_t cap, int key, const char *value, size_t octets)
{
	size_t at = (size_t)snprintf(out, cap, "|%d:", key);

	return at + smsc_base64_encode(value, octets, out + at, cap - at);
}

static size_t put_fields(const struct smsc_dialog *dialog, enum smsc_mo what, const char *utf8, char *out, size_t cap)
{
	const char *begins = what == SMSC_MO_BEGIN ? "1" : "0";
	char session[16];
	size_t at = (size_t)snprintf(out, cap, "%s", what == SMSC_MO_BEGIN ? "1" : "2");

	snprintf(session, sizeof(session), "%u", dialog->session);
	at += put_field(out + at, cap - at, FIELD_MSISDN, dialog->msisdn, strlen(dialog->msisdn));
	at += put_field(out + at, cap - at, FIELD_INPUT, utf8, strlen(utf8));
	at += put_field(out + at, cap - at, FIELD_SESSION, session, strlen(session));
	at += put_field(out + at, cap - at, FIELD_NEW, begins, 1);
	return at;
}

/* The decoded value of a field of a NUL-terminated structured text; octets, or -1. */
static ssize_t get_field(const char *text, int key, char *out, size_t cap)
{
	for (const char *at = strchr(text, '|'); at; at = strchr(at + 1, '|')) {
		char *end;

		if (strtol(at + 1, &end, 10) == key && *end == ':')
			return smsc_base64_decode(end + 1, strcspn(end + 1, "|"), out, cap);
	}
	return -1;
}

/* --- sending --- */

static bool put_text(const struct smsc_dialect *dialect, const char *utf8, size_t octets, struct smsc_message *message)
{
	enum smpp_alphabet alphabet = smpp_text_choose(utf8, octets);
	bool ascii = dialect->zero_is_ascii && alphabet == SMPP_ALPHABET_GSM7;
	ssize_t written = smpp_text_encode(ascii ? SMPP_ALPHABET_ASCII : alphabet, utf8, octets, message->text, sizeof(message->text));

	message->data_coding = alphabet == SMPP_ALPHABET_UCS2 ? dialect->coding_ucs2 : dialect->coding_gsm7;
	message->payload = dialect->text == SMSC_TEXT_PAYLOAD || written > SMSC_SHORT_OCTETS;
	message->text_octets = (uint16_t)(written < 0 ? 0 : written);
	return written >= 0;
}

/* "*4*2020#" -> "4" */
static void service_number(const char *code, char *out, size_t cap)
{
	size_t n = 0;

	while (*code && !isdigit((unsigned char)*code))
		code++;
	while (isdigit((unsigned char)*code) && n + 1 < cap)
		out[n++] = *code++;
	out[n] = '\0';
}

/* "*201#" -> destination "201", its first character in the subaddress */
static bool split_code(const struct smsc_dialog *dialog, struct smsc_message *message)
{
	const char prefix[2] = { (char)0xA0, dialog->code[0] };
	size_t length = strlen(dialog->code);

	if (length < 2 || length > 22)
		return false;
	length -= dialog->code[length - 1] == '#' ? 2 : 1;
	if (length > 20)
		return false;
	memcpy(message->destination, dialog->code + 1, length);
	return smsc_message_add(message, TAG_DEST_SUB, prefix, 2) &&
	       smsc_message_add(message, TAG_CALLBACK, "\x01\x01\x06" IMSI, 18) &&
	       smsc_message_add(message, TAG_SOURCE_SUB, "\xA0" "98912000", 9);
}

static bool put_destination(const struct smsc_dialect *dialect, const struct smsc_dialog *dialog, struct smsc_message *message)
{
	switch (dialect->code) {
	case SMSC_CODE_TEXT:
		service_number(dialog->code, message->destination, 21);
		return true;
	case SMSC_CODE_DESTINATION:
		if (strlen(dialog->code) > 20)
			return false; /* destination_addr of a deliver_sm has 20 characters */
		snprintf(message->destination, 21, "%.20s", dialog->code);
		return true;
	case SMSC_CODE_SUBADDRESS:
		return split_code(dialog, message);
	}
	return false;
}

static void put_operation(const struct smsc_dialect *dialect, enum smsc_mo what, struct smsc_message *message)
{
	const char *type = dialect->mo_type[what] ? dialect->mo_type[what] : dialect->service_type;

	snprintf(message->service_type, sizeof(message->service_type), "%s", type ? type : "USSD");
	if (dialect->mo[what] >= 0)
		smsc_message_add_number(message, TAG_OP, (uint32_t)dialect->mo[what], 1);
}

int smsc_dialect_send(const struct smsc_dialect *dialect, const struct smsc_dialog *dialog, enum smsc_mo what, const char *utf8,
                      struct smsc_message *message)
{
	char fields[SMSC_TEXT_OCTETS];
	bool code_apart = what == SMSC_MO_BEGIN && dialect->code != SMSC_CODE_TEXT && dialect->text != SMSC_TEXT_FIELDS;
	bool ends = what == SMSC_MO_HANGUP || what == SMSC_MO_TIMEOUT;

	if (dialect->mo[what] < 0 && !dialect->mo_type[what])
		return 0;
	memset(message, 0, offsetof(struct smsc_message, text));
	message->n_tlvs = 0;
	message->command = dialect->data_sm ? 0x103 : 5;
	message->source_ton = message->source_npi = message->destination_npi = 1;
	snprintf(message->source, sizeof(message->source), "%s", dialog->msisdn);
	put_operation(dialect, what, message);
	add_session(dialect, dialog, ends, message);
	if (dialect->data_sm) {
		message->esm_class = message->registered_delivery = 1;
		smsc_message_add(message, TAG_SOURCE_SUB, "\xA0" IMSI, 16);
	}
	if (strcmp(dialect->name, "huawei") == 0)
		smsc_message_add(message, TAG_IMSI, IMSI, 15);
	if (!put_destination(dialect, dialog, message))
		return -1;
	if (dialect->text == SMSC_TEXT_FIELDS) {
		if (strlen(utf8) > 256)
			return -1;
		put_fields(dialog, what, utf8, fields, sizeof(fields));
		utf8 = fields;
	}
	return put_text(dialect, code_apart ? "" : utf8, code_apart ? 0 : strlen(utf8), message) ? 1 : -1;
}

/* --- receiving --- */

static enum smsc_mt kind_by_type(const struct smsc_dialect *dialect, const struct smsc_message *message)
{
	for (int i = 0; i < SMSC_MT_KINDS; i++)
		if (dialect->mt_type[i] && strcmp(dialect->mt_type[i], message->service_type) == 0)
			return (enum smsc_mt)i;
	return SMSC_MT_SMS;
}

static enum smsc_mt kind_by_op(const struct smsc_dialect *dialect, const struct smsc_message *message, struct smsc_answer *answer)
{
	uint32_t op, its = 0;
	bool has_its = smsc_message_number(message, TAG_ITS, &its);

	if (!smsc_message_number(message, TAG_OP, &op))
		return SMSC_MT_SMS;
	answer->op = (int)op;
	if (dialect->push_notify && op == (uint32_t)dialect->push_notify)
		return SMSC_MT_NOTIFY;
	if (dialect->end_bit && dialect->end_bit_alone && has_its && its & 1)
		return SMSC_MT_END;
	for (int i = 0; i < SMSC_MT_KINDS; i++) {
		if (dialect->mt[i] < 0 || (uint32_t)dialect->mt[i] != op)
			continue;
		if (dialect->end_bit && has_its && i <= SMSC_MT_END && (its & 1) != (i == SMSC_MT_END))
			answer->complaint = "the operation and bit 0 of its_session_info disagree";
		return (enum smsc_mt)i;
	}
	answer->complaint = "ussd_service_op is not one of this network's";
	return SMSC_MT_WRONG;
}

static void take_session(const struct smsc_dialect *dialect, const struct smsc_message *message, struct smsc_answer *answer)
{
	static const struct { enum smsc_key key; uint16_t tag, octets, shift; } numbers[] = {
		{ SMSC_KEY_ITS, TAG_ITS, 2, 1 }, { SMSC_KEY_UMR, TAG_UMR, 2, 0 }, { SMSC_KEY_SID, TAG_SID, 4, 0 },
	};
	const struct smsc_tlv *id = smsc_message_tlv(message, TAG_RECEIPTED);
	char room[32];

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const struct smsc_tlv *tlv = smsc_message_tlv(message, numbers[i].tag);

		if (numbers[i].key != dialect->key || !tlv)
			continue;
		if (tlv->octets != numbers[i].octets)
			answer->complaint = "the session's TLV has a wrong length";
		answer->has_session = smsc_message_number(message, numbers[i].tag, &answer->session);
		answer->session >>= numbers[i].shift;
	}
	if (dialect->key == SMSC_KEY_RECEIPTED && id && id->octets >= 8 && id->octets <= 9) {
		memcpy(room, id->value, 8);
		room[8] = '\0';
		answer->session = (uint32_t)strtoul(room, NULL, 16);
		answer->has_session = true;
	}
}

/* The text of a network with fields is inside of a field, and so is its session. */
static void take_fields(struct smsc_answer *answer, uint32_t its)
{
	char fields[SMSC_UTF8_OCTETS + 1], value[32];
	ssize_t octets;

	memcpy(fields, answer->text, answer->octets + 1);
	octets = get_field(fields, FIELD_SESSION, value, sizeof(value) - 1);
	if (octets > 0) {
		value[octets] = '\0';
		answer->session = (uint32_t)strtoul(value, NULL, 10);
		answer->has_session = true;
		if (its >> 1 != its_number(answer->session))
			answer->complaint = "its_session_info is not the one of the session in the text";
	}
	octets = get_field(fields, FIELD_RESPONSE, answer->text, sizeof(answer->text) - 1);
	if (octets < 0)
		answer->complaint = "the text has no field 121";
	answer->octets = octets < 0 ? 0 : (size_t)octets;
	answer->text[answer->octets] = '\0';
	/* what the network sends on to the handset is not what stood in the PDU */
	answer->alphabet = smpp_text_choose(answer->text, answer->octets);
}

void smsc_dialect_receive(const struct smsc_dialect *dialect, const struct smsc_message *message, struct smsc_answer *answer)
{
	ssize_t octets;
	uint32_t its = 0;

	memset(answer, 0, offsetof(struct smsc_answer, text));
	answer->complaint = NULL;
	answer->op = -1;
	answer->alphabet = smsc_dialect_alphabet(dialect, message->data_coding);
	octets = smpp_text_decode(answer->alphabet, message->text, message->text_octets, answer->text, sizeof(answer->text) - 1);
	answer->octets = octets < 0 ? 0 : (size_t)octets;
	answer->text[answer->octets] = '\0';
	answer->what = dialect->mt_type[0] ? kind_by_type(dialect, message) : kind_by_op(dialect, message, answer);
	if (answer->what == SMSC_MT_SMS)
		return;
	take_session(dialect, message, answer);
	smsc_message_number(message, TAG_ITS, &its);
	if (dialect->text == SMSC_TEXT_FIELDS)
		take_fields(answer, its);
	if (dialect->its_zero && (its & ~1u))
		answer->complaint = "its_session_info is not 0";
	if (dialect->data_sm != (message->command == 0x103))
		answer->complaint = dialect->data_sm ? "submit_sm where this network wants data_sm" : "data_sm where this network wants submit_sm";
	if (dialect->text == SMSC_TEXT_PAYLOAD && !message->payload && message->text_octets)
		answer->complaint = "the text is not in message_payload";
}
