/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See receipt.h. The text of appendix B is read as words with a colon behind their name, in any case and any order; what is not
 * known is passed over, and behind "text:" nothing is read, because there stands what was sent. */
#include "smpp/receipt.h"

#include <errno.h>
#include <string.h>

#include "smpp/text.h"

#define ESM_TYPE 0x3C
#define ESM_UDHI 0x40
#define CODING_UCS2 0x08

static const struct { uint8_t esm_class; enum smpp_receipt_kind kind; } kinds[] = {
	{ 0x04, SMPP_RECEIPT_FINAL }, { 0x08, SMPP_RECEIPT_DELIVERY_ACK }, { 0x10, SMPP_RECEIPT_USER_ACK }, { 0x20, SMPP_RECEIPT_INTERMEDIATE },
};

static const struct {
	const char *name;
	enum smpp_receipt_verdict verdict;
} states[] = {
	[SMPP_RECEIPT_SCHEDULED] = { "SCHEDLD", SMPP_RECEIPT_VERDICT_PENDING },
	[SMPP_RECEIPT_ENROUTE] = { "ENROUTE", SMPP_RECEIPT_VERDICT_PENDING },
	[SMPP_RECEIPT_DELIVERED] = { "DELIVRD", SMPP_RECEIPT_VERDICT_DELIVERED },
	[SMPP_RECEIPT_EXPIRED] = { "EXPIRED", SMPP_RECEIPT_VERDICT_FAILED },
	[SMPP_RECEIPT_DELETED] = { "DELETED", SMPP_RECEIPT_VERDICT_FAILED },
	[SMPP_RECEIPT_UNDELIVERABLE] = { "UNDELIV", SMPP_RECEIPT_VERDICT_FAILED },
	[SMPP_RECEIPT_ACCEPTED] = { "ACCEPTD", SMPP_RECEIPT_VERDICT_PENDING },
	[SMPP_RECEIPT_UNKNOWN] = { "UNKNOWN", SMPP_RECEIPT_VERDICT_PENDING },
	[SMPP_RECEIPT_REJECTED] = { "REJECTD", SMPP_RECEIPT_VERDICT_FAILED },
	[SMPP_RECEIPT_SKIPPED] = { "SKIPPED", SMPP_RECEIPT_VERDICT_FAILED },
};
#define STATES (sizeof(states) / sizeof(states[0]))

/* What networks write instead; "stat:" has seven letters by appendix B, some spell it out. */
static const struct { const char *name; enum smpp_receipt_state state; } other_names[] = {
	{ "DELIVERED", SMPP_RECEIPT_DELIVERED }, { "UNDELIVERABLE", SMPP_RECEIPT_UNDELIVERABLE }, { "UNDELIVERED", SMPP_RECEIPT_UNDELIVERABLE },
	{ "ACCEPTED", SMPP_RECEIPT_ACCEPTED }, { "ACKED", SMPP_RECEIPT_ACCEPTED }, { "REJECTED", SMPP_RECEIPT_REJECTED },
	{ "BUFFRED", SMPP_RECEIPT_ENROUTE }, { "BUFFERD", SMPP_RECEIPT_ENROUTE }, { "BUFFERED", SMPP_RECEIPT_ENROUTE },
	{ "SCHEDULED", SMPP_RECEIPT_SCHEDULED },
};

/* ---- text ---- */

enum field { FIELD_ID, FIELD_SUB, FIELD_DLVRD, FIELD_SUBMIT, FIELD_DONE, FIELD_STAT, FIELD_ERR, FIELD_TEXT, FIELDS };
static const char *const names[FIELDS] = {
	[FIELD_ID] = "id:", [FIELD_SUB] = "sub:", [FIELD_DLVRD] = "dlvrd:", [FIELD_SUBMIT] = "submit date:", [FIELD_DONE] = "done date:",
	[FIELD_STAT] = "stat:", [FIELD_ERR] = "err:", [FIELD_TEXT] = "text:",
};

struct words {
	const char *at, *end;
};

struct word {
	const char *at;
	size_t n;
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool same(struct word word, const char *name)
{
	size_t i = 0;

	for (; i < word.n && name[i]; i++)
		if (lower(word.at[i]) != lower(name[i]))
			return false;
	return i == word.n && !name[i];
}

/* The field whose name stands here; FIELDS: none. */
static enum field field_at(const struct words *words)
{
	for (enum field field = FIELD_ID; field < FIELDS; field++) {
		size_t n = strlen(names[field]);

		if ((size_t)(words->end - words->at) >= n && same((struct word){ words->at, n }, names[field]))
			return field;
	}
	return FIELDS;
}

static void skip_space(struct words *words)
{
	while (words->at < words->end && is_space(*words->at))
		words->at++;
}

static struct word take_word(struct words *words)
{
	struct word word = { words->at, 0 };

	while (words->at < words->end && !is_space(*words->at))
		words->at++;
	word.n = (size_t)(words->at - word.at);
	return word;
}

/* False: at the end, or behind "text:". */
static bool next_field(struct words *words, struct word values[FIELDS])
{
	enum field field;

	skip_space(words);
	field = field_at(words);
	if (words->at == words->end || field == FIELD_TEXT)
		return false;
	if (field == FIELDS) {
		take_word(words);
		return true;
	}
	words->at += strlen(names[field]);
	skip_space(words);
	if (field_at(words) == FIELDS && !values[field].n)
		values[field] = take_word(words);
	return true;
}

/* ---- values ---- */

static void copy(struct word word, char *out, size_t cap)
{
	size_t n = word.n < cap - 1 ? word.n : cap - 1;

	if (n)
		memcpy(out, word.at, n);
	out[n] = '\0';
}

/* An id that is cut would be another's. */
static void copy_id(struct word word, char *out)
{
	copy(word.n < SMPP_MESSAGE_ID_MAX ? word : (struct word){ NULL, 0 }, out, SMPP_MESSAGE_ID_MAX);
}

static int32_t number_of(struct word word)
{
	int32_t number = 0;

	if (!word.n || word.n > 9)
		return -1;
	for (size_t i = 0; i < word.n; i++) {
		if (word.at[i] < '0' || word.at[i] > '9')
			return -1;
		number = number * 10 + (word.at[i] - '0');
	}
	return number;
}

static void copy_date(struct word word, char *out)
{
	bool digits = word.n == 10 || word.n == 12 || word.n == 14;

	for (size_t i = 0; i < word.n; i++)
		digits = digits && word.at[i] >= '0' && word.at[i] <= '9';
	copy(digits ? word : (struct word){ NULL, 0 }, out, SMPP_RECEIPT_DATE_MAX + 1);
}

static enum smpp_receipt_state state_of(struct word word)
{
	for (size_t i = 0; i < STATES; i++)
		if (same(word, states[i].name))
			return (enum smpp_receipt_state)i;
	for (size_t i = 0; i < sizeof(other_names) / sizeof(other_names[0]); i++)
		if (same(word, other_names[i].name))
			return other_names[i].state;
	return SMPP_RECEIPT_UNKNOWN;
}

/* The octets of the text, without a user data header; in UCS-2 made readable in *room. */
static struct words text_of(const struct smpp_pdu *pdu, char room[SMPP_RECEIPT_TEXT_OCTETS])
{
	size_t octets, header;
	const uint8_t *text = smpp_pdu_text(pdu, &octets);
	struct words words = { room, room };
	ssize_t n;

	header = (pdu->message.esm_class & ESM_UDHI) && octets ? 1u + text[0] : 0;
	if (!octets || header > octets)
		return words;
	octets -= header;
	octets = octets < SMPP_RECEIPT_TEXT_OCTETS ? octets : SMPP_RECEIPT_TEXT_OCTETS;
	if (pdu->message.data_coding == CODING_UCS2) {
		octets = octets < SMPP_RECEIPT_TEXT_OCTETS / 2 ? octets : SMPP_RECEIPT_TEXT_OCTETS / 2; /* two become three at most */
		n = smpp_text_decode(SMPP_ALPHABET_UCS2, text + header, octets, room, SMPP_RECEIPT_TEXT_OCTETS);
		words.end += n > 0 ? n : 0;
	} else {
		memcpy(room, text + header, octets);
		words.end += octets;
	}
	return words;
}

/* ---- a receipt ---- */

static bool kind_of(const struct smpp_pdu *pdu, enum smpp_receipt_kind *kind)
{
	uint8_t type = pdu->message.esm_class & ESM_TYPE;

	if (pdu->command_id != SMPP_DELIVER_SM && pdu->command_id != SMPP_DATA_SM)
		return false;
	*kind = SMPP_RECEIPT_FINAL;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (type == kinds[i].esm_class) {
			*kind = kinds[i].kind;
			return true;
		}
	return type == 0 && smpp_pdu_tlv(pdu, SMPP_TAG_RECEIPTED_MESSAGE_ID) && smpp_pdu_tlv(pdu, SMPP_TAG_MESSAGE_STATE);
}

bool smpp_receipt_is(const struct smpp_pdu *pdu)
{
	enum smpp_receipt_kind kind;

	return kind_of(pdu, &kind);
}

static struct word tlv_id(const struct smpp_pdu *pdu)
{
	const struct smpp_tlv *tlv = smpp_pdu_tlv(pdu, SMPP_TAG_RECEIPTED_MESSAGE_ID);
	struct words words = { NULL, NULL };

	if (!tlv || !tlv->octets)
		return (struct word){ NULL, 0 };
	words.at = (const char *)tlv->value;
	words.end = words.at + strnlen(words.at, tlv->octets);
	skip_space(&words);
	return take_word(&words);
}

/* True if the PDU says what became of the message. */
static bool read_state(const struct smpp_pdu *pdu, struct word stat, struct smpp_receipt *receipt, bool *by_tlv)
{
	uint32_t state;

	*by_tlv = smpp_pdu_tlv_number(pdu, SMPP_TAG_MESSAGE_STATE, &state);
	if (*by_tlv)
		receipt->state = state < STATES ? (enum smpp_receipt_state)state : SMPP_RECEIPT_UNKNOWN;
	else
		receipt->state = state_of(stat);
	return *by_tlv || stat.n;
}

static void read_network_error(const struct smpp_pdu *pdu, struct smpp_receipt *receipt)
{
	const struct smpp_tlv *tlv = smpp_pdu_tlv(pdu, SMPP_TAG_NETWORK_ERROR_CODE);

	if (!tlv || tlv->octets != 3)
		return;
	receipt->network_type = tlv->value[0];
	receipt->network_error = (uint16_t)(tlv->value[1] << 8 | tlv->value[2]);
}

static void read_ids(struct word by_tlv, struct word by_text, bool prefer_tlv, struct smpp_receipt *receipt)
{
	bool tlv_first = (prefer_tlv && by_tlv.n) || !by_text.n;

	copy_id(tlv_first ? by_tlv : by_text, receipt->id);
	copy_id(tlv_first ? by_text : by_tlv, receipt->other_id);
	if (!receipt->id[0]) {
		memcpy(receipt->id, receipt->other_id, sizeof(receipt->id));
		receipt->other_id[0] = '\0';
	}
	if (strcmp(receipt->id, receipt->other_id) == 0)
		receipt->other_id[0] = '\0';
}

int smpp_receipt_parse(const struct smpp_pdu *pdu, struct smpp_receipt *receipt)
{
	char room[SMPP_RECEIPT_TEXT_OCTETS];
	struct word values[FIELDS] = { { NULL, 0 } };
	struct words words;
	bool has_state, state_by_tlv;

	*receipt = (struct smpp_receipt){ .submitted = -1, .delivered = -1 };
	if (!kind_of(pdu, &receipt->kind))
		return -ENOMSG;
	words = text_of(pdu, room);
	while (next_field(&words, values))
		;
	has_state = read_state(pdu, values[FIELD_STAT], receipt, &state_by_tlv);
	read_ids(tlv_id(pdu), values[FIELD_ID], state_by_tlv, receipt);
	read_network_error(pdu, receipt);
	copy(values[FIELD_STAT], receipt->stat, sizeof(receipt->stat));
	copy(values[FIELD_ERR], receipt->error, sizeof(receipt->error));
	receipt->submitted = number_of(values[FIELD_SUB]);
	receipt->delivered = number_of(values[FIELD_DLVRD]);
	copy_date(values[FIELD_SUBMIT], receipt->submit_date);
	copy_date(values[FIELD_DONE], receipt->done_date);
	return receipt->id[0] && has_state ? 0 : -EBADMSG;
}

enum smpp_receipt_verdict smpp_receipt_verdict(const struct smpp_receipt *receipt)
{
	return receipt->kind == SMPP_RECEIPT_INTERMEDIATE ? SMPP_RECEIPT_VERDICT_PENDING : states[receipt->state].verdict;
}

const char *smpp_receipt_state_name(enum smpp_receipt_state state)
{
	return (size_t)state < STATES ? states[state].name : "UNKNOWN";
}
