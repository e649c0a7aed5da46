/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* smpp/receipt: every form of a receipt that networks are known to send, every prefix of each, and ids in any base. */
#include "tests/unit/smpp/dialect_wire.h"

#include "smpp/receipt.h"

#define STANDARD "'id:0489708364 sub:001 dlvrd:001 submit date:2601020304 done date:2601020305 stat:DELIVRD err:000 text:hello'"
#define TLV_ID "001E 0009 '1d305b4c' 00 "
#define TLV_STATE "0427 0001 02 "

static struct wire receipt_wire(unsigned int esm_class, const char *tlvs, const char *text)
{
	return (struct wire){ .command = SMPP_DELIVER_SM, .type = "", .source_ton = 1, .source_npi = 1, .source = NUMBER,
		.destination_npi = 1, .destination = "4040", .esm_class = (uint8_t)esm_class, .tlvs = tlvs, .text = text };
}

/* Parses from memory that ends where the PDU ends. */
static int parse(const struct wire *wire, struct smpp_receipt *receipt)
{
	struct bytes b;
	struct smpp_pdu pdu;
	uint8_t *frame;
	int rc;

	put_wire(&b, wire);
	frame = malloc(b.n);
	assert_non_null(frame);
	memcpy(frame, b.at, b.n);
	assert_int_equal(smpp_pdu_decode(&pdu, frame, b.n), 0);
	memset(receipt, 0xA5, sizeof(*receipt));
	rc = smpp_receipt_parse(&pdu, receipt);
	assert_int_equal(smpp_receipt_is(&pdu), rc != -ENOMSG);
	free(frame);
	return rc;
}

struct row {
	uint8_t esm_class;
	const char *tlvs, *text;
	int rc;
	enum smpp_receipt_kind kind;
	const char *id, *other_id;
	enum smpp_receipt_state state;
	enum smpp_receipt_verdict verdict;
	const char *error, *submit_date, *done_date;
	int32_t submitted, delivered;
};
#define FINAL SMPP_RECEIPT_FINAL
#define DELIVERED SMPP_RECEIPT_DELIVERED, SMPP_RECEIPT_VERDICT_DELIVERED
#define PENDING(state) SMPP_RECEIPT_##state, SMPP_RECEIPT_VERDICT_PENDING
#define FAILED(state) SMPP_RECEIPT_##state, SMPP_RECEIPT_VERDICT_FAILED
#define NO_MORE "", "", "", -1, -1
static const struct row rows[] = {
	{ 0x04, "", STANDARD, 0, FINAL, "0489708364", "", DELIVERED, "000", "2601020304", "2601020305", 1, 1 },
	{ 0x04, TLV_ID TLV_STATE, STANDARD, 0, FINAL, "1d305b4c", "0489708364", DELIVERED, "000", "2601020304", "2601020305", 1, 1 },
	/* one TLV of the two: the text leads */
	{ 0x04, TLV_ID, STANDARD, 0, FINAL, "0489708364", "1d305b4c", DELIVERED, "000", "2601020304", "2601020305", 1, 1 },
	{ 0x04, TLV_ID, "'stat:EXPIRED'", 0, FINAL, "1d305b4c", "", FAILED(EXPIRED), NO_MORE },
	{ 0x04, "0427 0001 05", "'id:7 stat:DELIVRD'", 0, FINAL, "7", "", FAILED(UNDELIVERABLE), NO_MORE },
	{ 0x04, TLV_ID TLV_STATE, "", 0, FINAL, "1d305b4c", "", DELIVERED, NO_MORE },
	{ 0x04, "001E 0008 '1d305b4c'" TLV_STATE, "'id:1d305b4c'", 0, FINAL, "1d305b4c", "", DELIVERED, NO_MORE },
	{ 0x04, "001E 0000 " TLV_STATE, "'id:7'", 0, FINAL, "7", "", DELIVERED, NO_MORE },
	/* without an esm_class, by both TLVs */
	{ 0x00, TLV_ID TLV_STATE, "", 0, FINAL, "1d305b4c", "", DELIVERED, NO_MORE },
	{ 0x00, TLV_ID, STANDARD, -ENOMSG, 0, "", "", 0, 0, NO_MORE },
	{ 0x00, "", STANDARD, -ENOMSG, 0, "", "", 0, 0, NO_MORE },
	{ 0x18, TLV_ID TLV_STATE, STANDARD, -ENOMSG, 0, "", "", 0, 0, NO_MORE },
	/* the other kinds */
	{ 0x08, "", "'id:7 stat:DELIVRD'", 0, SMPP_RECEIPT_DELIVERY_ACK, "7", "", DELIVERED, NO_MORE },
	{ 0x10, "", "'id:7 stat:DELIVRD'", 0, SMPP_RECEIPT_USER_ACK, "7", "", DELIVERED, NO_MORE },
	{ 0x20, "", "'id:7 stat:DELIVRD'", 0, SMPP_RECEIPT_INTERMEDIATE, "7", "", PENDING(DELIVERED), NO_MORE },
	{ 0x44, "", "03 'xyz' 'id:7 stat:DELIVRD'", 0, FINAL, "7", "", DELIVERED, NO_MORE },
	{ 0x44, "", "FF 'id:7 stat:DELIVRD'", -EBADMSG, 0, "", "", 0, 0, NO_MORE },
	/* text in message_payload */
	{ 0x04, "0424 0011 'id:7 stat:DELIVRD'", "", 0, FINAL, "7", "", DELIVERED, NO_MORE },
	/* how vendors write it */
	{ 0x04, "", "'id:7 submit date:260102030405 done date:260102030506 stat:DELIVRD err:0 Text:'", 0, FINAL, "7", "", DELIVERED, "0", "260102030405", "260102030506", -1, -1 },
	{ 0x04, "", "'ID:7 SUB:000 DLVRD:000 SUBMIT DATE:20260102030405 DONE DATE:2601 STAT:undeliv ERR:E5'", 0, FINAL, "7", "", FAILED(UNDELIVERABLE), "E5", "20260102030405", "", 0, 0 },
	{ 0x04, "", "'id:7 sub: dlvrd: submit date: done date: stat:REJECTD err: text:'", 0, FINAL, "7", "", FAILED(REJECTED), NO_MORE },
	{ 0x04, "", "'  id: 7' 0D0A 'stat: EXPIRED' 09 'err: 12'", 0, FINAL, "7", "", FAILED(EXPIRED), "12", "", "", -1, -1 },
	{ 0x04, "", "'stat:DELETED new:1 id:a-b-c'", 0, FINAL, "a-b-c", "", FAILED(DELETED), NO_MORE },
	{ 0x04, "", "'id:7 stat:ENROUTE'", 0, FINAL, "7", "", PENDING(ENROUTE), NO_MORE },
	{ 0x04, "", "'id:7 stat:BUFFRED'", 0, FINAL, "7", "", PENDING(ENROUTE), NO_MORE },
	{ 0x04, "", "'id:7 stat:BUFFERD'", 0, FINAL, "7", "", PENDING(ENROUTE), NO_MORE },
	{ 0x04, "", "'id:7 stat:ACCEPTD'", 0, FINAL, "7", "", PENDING(ACCEPTED), NO_MORE },
	{ 0x04, "", "'id:7 stat:ACKED'", 0, FINAL, "7", "", PENDING(ACCEPTED), NO_MORE },
	{ 0x04, "", "'id:7 stat:UNKNOWN'", 0, FINAL, "7", "", PENDING(UNKNOWN), NO_MORE },
	{ 0x04, "", "'id:7 stat:SOMETHINGTHATNOBODYKNOWS'", 0, FINAL, "7", "", PENDING(UNKNOWN), NO_MORE },
	{ 0x04, "0427 0001 FF", "'id:7'", 0, FINAL, "7", "", PENDING(UNKNOWN), NO_MORE },
	{ 0x04, "", "'id:7 stat:DELIVRD sub:1x dlvrd:9999999999 err:1234567890123456789'", 0, FINAL, "7", "", DELIVERED, "123456789012345", "", "", -1, -1 },
	/* the first of a kind counts, and nothing behind text: */
	{ 0x04, "", "'id:7 stat:DELIVRD id:8 stat:REJECTD'", 0, FINAL, "7", "", DELIVERED, NO_MORE },
	{ 0x04, "", "'id:7 stat:DELIVRD text:id:8 err:9'", 0, FINAL, "7", "", DELIVERED, NO_MORE },
	/* nothing to be had */
	{ 0x04, "", "'id:7'", -EBADMSG, 0, "", "", 0, 0, NO_MORE },
	{ 0x04, "", "'stat:DELIVRD'", -EBADMSG, 0, "", "", 0, 0, NO_MORE },
	{ 0x04, "", "", -EBADMSG, 0, "", "", 0, 0, NO_MORE },
	{ 0x04, "", "'id:12345678901234567890123456789012345678901234567890123456789012345 stat:DELIVRD'", -EBADMSG, 0, "", "", 0, 0, NO_MORE },
	{ 0x04, "", "'id:1234567890123456789012345678901234567890123456789012345678901234 stat:DELIVRD'", 0, FINAL, "1234567890123456789012345678901234567890123456789012345678901234", "", DELIVERED, NO_MORE },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void every_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		struct wire wire = receipt_wire(rows[i].esm_class, rows[i].tlvs, rows[i].text);
		struct smpp_receipt receipt;

		if (parse(&wire, &receipt) != rows[i].rc)
			fail_msg("row %zu: %s", i, rows[i].text);
		if (rows[i].rc)
			continue;
		assert_int_equal(receipt.kind, rows[i].kind);
		assert_string_equal(receipt.id, rows[i].id);
		assert_string_equal(receipt.other_id, rows[i].other_id);
		assert_int_equal(receipt.state, rows[i].state);
		assert_int_equal(smpp_receipt_verdict(&receipt), rows[i].verdict);
		assert_string_equal(receipt.error, rows[i].error);
		assert_string_equal(receipt.submit_date, rows[i].submit_date);
		assert_string_equal(receipt.done_date, rows[i].done_date);
		assert_int_equal(receipt.submitted, rows[i].submitted);
		assert_int_equal(receipt.delivered, rows[i].delivered);
	}
}

/* A receipt that was cut has a cut id at worst; it is read to its end and no further, and never as another kind. */
static void every_prefix(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		struct bytes text = { .n = 0 };

		put_hex(&text, rows[i].text);
		for (size_t n = 0; n <= text.n && n < 255; n++) {
			uint8_t *octets = malloc(n + !n);
			struct smpp_receipt receipt;
			struct smpp_pdu pdu = { .command_id = SMPP_DELIVER_SM };
			int rc;

			assert_non_null(octets);
			memcpy(octets, text.at, n);
			pdu.message = (struct smpp_message){ .esm_class = rows[i].esm_class, .short_message = octets, .sm_length = (uint8_t)n };
			rc = smpp_receipt_parse(&pdu, &receipt);
			assert_true(rc == 0 || rc == -EBADMSG || rc == -ENOMSG);
			assert_true(rc != 0 || receipt.id[0]);
			pdu.message.data_coding = 8;
			smpp_receipt_parse(&pdu, &receipt);
			free(octets);
		}
	}
}

static void in_ucs2(void **state)
{
	(void)state;
	struct wire wire = receipt_wire(0x04, "", "0069 0064 003A 0037 0020 0073 0074 0061 0074 003A 0044 0045 004C 0049 0056 0052 0044");
	struct smpp_receipt receipt;

	wire.data_coding = 8;
	assert_int_equal(parse(&wire, &receipt), 0);
	assert_string_equal(receipt.id, "7");
	assert_string_equal(receipt.stat, "DELIVRD");
}

static void what_the_network_says(void **state)
{
	(void)state;
	struct wire wire = receipt_wire(0x04, TLV_ID TLV_STATE "0423 0003 03 0122", "");
	struct smpp_receipt receipt;

	assert_int_equal(parse(&wire, &receipt), 0);
	assert_int_equal(receipt.network_type, 3);
	assert_int_equal(receipt.network_error, 0x122);
	wire = receipt_wire(0x04, TLV_ID TLV_STATE "0423 0002 0301", "");
	assert_int_equal(parse(&wire, &receipt), 0);
	assert_int_equal(receipt.network_type, 0);
	wire.command = SMPP_DATA_SM;
	assert_int_equal(parse(&wire, &receipt), 0);
	wire.command = SMPP_SUBMIT_SM;
	assert_int_equal(parse(&wire, &receipt), -ENOMSG);
}

static void forms_of_a_key(void **state)
{
	(void)state;
	static const char *const forms[][2] = {
		{ "1D305B4C", "1d305b4c" }, { "0000001d305b4c", "1d305b4c" }, { " 0489708364 ", "489708364" }, { "0", "0" }, { "0000", "0" },
		{ "", "" }, { "   ", "" }, { "00 ", "0" }, { "A-0B", "a-0b" }, { "0x1F", "x1f" },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		char key[SMPP_MESSAGE_ID_MAX];

		smpp_receipt_key(forms[i][0], key);
		assert_string_equal(key, forms[i][1]);
	}
}

#define NINES "9999999999999999999999999999999999999999999999999999999999999999"
#define EFFS "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
static void candidates(void **state)
{
	(void)state;
	static const struct {
		const char *id, *other_id;
		enum smpp_id_base in_response, in_receipt;
		const char *keys;
	} cases[] = {
		{ "1d305b4c", "0489708364", SMPP_ID_TEXT, SMPP_ID_TEXT, "1d305b4c 489708364 19485721444:" },
		{ "0489708364", "", SMPP_ID_HEX, SMPP_ID_DECIMAL, "1d305b4c 489708364 19485721444:" },
		{ "1D305B4C", "", SMPP_ID_DECIMAL, SMPP_ID_HEX, "489708364 1d305b4c:" },
		{ "10", "", SMPP_ID_TEXT, SMPP_ID_TEXT, "10 16 a:" },
		{ "10", "", SMPP_ID_HEX, SMPP_ID_HEX, "10 16 a:" },
		{ "10", "", SMPP_ID_HEX, SMPP_ID_DECIMAL, "a 10 16:" },
		{ "10", "", SMPP_ID_DECIMAL, SMPP_ID_HEX, "16 10 a:" },
		{ "7", "7", SMPP_ID_TEXT, SMPP_ID_TEXT, "7:" },
		{ "0", "", SMPP_ID_TEXT, SMPP_ID_TEXT, "0:" },
		{ "ab-12", "0012", SMPP_ID_HEX, SMPP_ID_DECIMAL, "ab-12 c 12 18:" },
		{ "10", "20", SMPP_ID_TEXT, SMPP_ID_TEXT, "10 16 a 20 32 14:" },
		{ "18446744073709551616", "", SMPP_ID_HEX, SMPP_ID_DECIMAL, "10000000000000000 18446744073709551616 114598615266301018707478:" },
		{ EFFS, "", SMPP_ID_TEXT, SMPP_ID_TEXT, EFFS ":" }, /* 78 decimal digits: no id */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct smpp_receipt receipt = { 0 };
		struct smpp_receipt_keys keys;
		char all[512] = "";

		strcpy(receipt.id, cases[i].id);
		strcpy(receipt.other_id, cases[i].other_id);
		smpp_receipt_keys(&receipt, cases[i].in_response, cases[i].in_receipt, &keys);
		for (size_t k = 0; k < keys.n; k++)
			sprintf(all + strlen(all), "%s%s", k ? " " : "", keys.at[k]);
		strcat(all, ":");
		assert_string_equal(all, cases[i].keys);
	}
}

/* Whatever the network writes in its response and in its receipt, they meet. */
static void both_sides_meet(void **state)
{
	(void)state;
	static const char *const forms[] = { "1d305b4c", "1D305B4C", "000000001D305B4C", "489708364", "0489708364" };

	for (size_t r = 0; r < 5; r++)
		for (size_t c = 0; c < 5; c++) {
			struct smpp_receipt receipt = { 0 };
			struct smpp_receipt_keys keys;
			char kept[SMPP_MESSAGE_ID_MAX];
			bool met = false;

			smpp_receipt_key(forms[r], kept);
			strcpy(receipt.id, forms[c]);
			smpp_receipt_keys(&receipt, SMPP_ID_TEXT, SMPP_ID_TEXT, &keys);
			for (size_t k = 0; k < keys.n; k++)
				met |= strcmp(keys.at[k], kept) == 0;
			assert_true(met);
		}
}

static void long_numbers_come_back(void **state)
{
	(void)state;
	struct smpp_receipt receipt = { .id = NINES };
	struct smpp_receipt_keys keys, back;

	smpp_receipt_keys(&receipt, SMPP_ID_HEX, SMPP_ID_DECIMAL, &keys);
	memcpy(receipt.id, keys.at[0], sizeof(receipt.id));
	smpp_receipt_keys(&receipt, SMPP_ID_DECIMAL, SMPP_ID_HEX, &back);
	assert_string_equal(back.at[0], NINES);
}

static void names_of_states(void **state)
{
	(void)state;
	assert_string_equal(smpp_receipt_state_name(SMPP_RECEIPT_DELIVERED), "DELIVRD");
	assert_string_equal(smpp_receipt_state_name(SMPP_RECEIPT_SKIPPED), "SKIPPED");
	assert_string_equal(smpp_receipt_state_name((enum smpp_receipt_state)77), "UNKNOWN");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form), cmocka_unit_test(every_prefix), cmocka_unit_test(in_ucs2), cmocka_unit_test(what_the_network_says),
		cmocka_unit_test(forms_of_a_key), cmocka_unit_test(candidates), cmocka_unit_test(both_sides_meet),
		cmocka_unit_test(long_numbers_come_back), cmocka_unit_test(names_of_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
