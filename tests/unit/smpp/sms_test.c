/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* smpp/sms: the PDUs of a text, octet for octet as an operator's profile wants them; and what comes, in every
 * form that is known. */
#include "tests/unit/smpp/dialect_wire.h"

#include "smpp/sms.h"

#define ROOM 160

static struct smpp_sms_parts parts;

/* What part `i` looks like on the wire. */
static void sent(unsigned int i, const struct smpp_sms_envelope *envelope, struct bytes *out)
{
	struct smpp_sms_room room;
	struct smpp_pdu pdu;
	ssize_t n;

	memset(&pdu, 0xA5, sizeof(pdu));
	memset(&room, 0xA5, sizeof(room));
	smpp_sms_encode(&parts.at[i], envelope, &pdu, &room);
	pdu.sequence = 7;
	n = smpp_pdu_encode(out->at, sizeof(out->at), &pdu);
	assert_true(n > 0);
	out->n = (size_t)n;
}

static const struct smpp_sms_envelope plain = {
	.source = { .ton = 5, .npi = 0, .digits = "Bimeh" }, .destination = { .ton = 1, .npi = 1, .digits = NUMBER },
};

static struct wire plain_wire(unsigned int esm_class, unsigned int coding, const char *tlvs, const char *text)
{
	return (struct wire){ .command = SMPP_SUBMIT_SM, .type = "", .source_ton = 5, .source = "Bimeh", .destination_ton = 1,
		.destination_npi = 1, .destination = NUMBER, .esm_class = (uint8_t)esm_class, .data_coding = (uint8_t)coding, .tlvs = tlvs,
		.text = text };
}

static void short_texts(void **state)
{
	(void)state;
	static const struct {
		struct smpp_sms_profile profile;
		bool flash;
		const char *text;
		uint8_t coding;
		const char *tlvs, *octets;
	} rows[] = {
		{ { .long_sms = SMPP_CONCAT_UDH8 }, false, "a@[", 0x00, "", "61 00 1B3C" },
		{ { .long_sms = SMPP_CONCAT_PAYLOAD }, false, "a", 0x00, "", "61" },
		{ { .long_sms = SMPP_CONCAT_SAR }, false, "ق", 0x08, "", "0642" },
		{ { .long_sms = SMPP_CONCAT_UDH8 }, false, "", 0x00, "", "" },
		{ { .default_alphabet = SMPP_ALPHABET_LATIN1 }, false, "a", 0x08, "", "0061" },
		{ { .default_alphabet = SMPP_ALPHABET_GSM7_PACKED }, false, "a", 0x08, "", "0061" },
		{ { .flash = SMPP_SMS_FLASH_CLASS }, true, "a", 0xF0, "", "61" },
		{ { .flash = SMPP_SMS_FLASH_CLASS }, true, "ق", 0x18, "", "0642" },
		{ { .flash = SMPP_SMS_FLASH_SUBUNIT }, true, "a", 0x00, "0005 0001 01", "61" },
		{ { .flash = SMPP_SMS_FLASH_SUBUNIT }, true, "ق", 0x08, "0005 0001 01", "0642" },
		{ { .flash = SMPP_SMS_FLASH_SUBUNIT }, false, "a", 0x00, "", "61" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wire want = plain_wire(0, rows[i].coding, rows[i].tlvs, rows[i].octets);
		struct bytes got;

		assert_int_equal(smpp_sms_split(&rows[i].profile, rows[i].text, strlen(rows[i].text), rows[i].flash, 9, &parts), 1);
		sent(0, &plain, &got);
		assert_wire(&got, &want);
	}
}

static char *repeated(const char *text, size_t times)
{
	static char all[8192];

	all[0] = '\0';
	for (size_t i = 0; i < times; i++)
		strcat(all, text);
	return all;
}

/* The last part of 161 letters, and of 71 Persian ones. */
static void long_texts(void **state)
{
	(void)state;
	static const struct {
		enum smpp_concat_mode mode;
		bool flash;
		const char *letter;
		size_t times;
		int n;
		uint8_t esm_class, coding;
		const char *tlvs, *octets;
	} rows[] = {
		{ SMPP_CONCAT_UDH8, false, "a", 161, 2, 0x40, 0, "", "050003 34 0202 'aaaaaaaa'" },
		{ SMPP_CONCAT_UDH16, false, "a", 161, 2, 0x40, 0, "", "060804 1234 0202 'aaaaaaaaa'" },
		{ SMPP_CONCAT_SAR, false, "a", 161, 2, 0, 0, "020C 0002 1234 020E 0001 02 020F 0001 02", "'aaaaaaaaa'" },
		{ SMPP_CONCAT_SAR, true, "ق", 71, 2, 0, 8, "0005 0001 01 020C 0002 1234 020E 0001 02 020F 0001 02", "0642 0642 0642 0642 0642" },
		{ SMPP_CONCAT_UDH8, false, "ق", 71, 2, 0x40, 8, "", "050003 34 0202 0642 0642 0642 0642" },
		{ SMPP_CONCAT_UDH16, false, "ق", 71, 2, 0x40, 8, "", "060804 1234 0202 0642 0642 0642 0642 0642" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct smpp_sms_profile profile = { .long_sms = rows[i].mode, .flash = SMPP_SMS_FLASH_SUBUNIT };
		const char *text = repeated(rows[i].letter, rows[i].times);
		struct wire want = plain_wire(rows[i].esm_class, rows[i].coding, rows[i].tlvs, rows[i].octets);
		struct bytes got;

		assert_int_equal(smpp_sms_split(&profile, text, strlen(text), rows[i].flash, 0x1234, &parts), rows[i].n);
		sent(1, &plain, &got);
		assert_wire(&got, &want);
	}
}

static void whole_in_the_payload(void **state)
{
	(void)state;
	struct smpp_sms_profile profile = { .long_sms = SMPP_CONCAT_PAYLOAD };
	struct bytes got, want = { .n = 0 };
	struct wire empty = plain_wire(0, 8, "", "");

	assert_int_equal(smpp_sms_split(&profile, repeated("ق", 71), 142, false, 1, &parts), 1);
	sent(0, &plain, &got);
	put_wire(&want, &empty);
	put_hex(&want, "0424 008E");
	for (int i = 0; i < 71; i++)
		put_hex(&want, "0642");
	want.at[3] = (uint8_t)want.n;
	assert_int_equal(got.n, want.n);
	assert_memory_equal(got.at, want.at, want.n);

	/* the most that goes into a payload; beyond, parts */
	assert_int_equal(smpp_sms_split(&profile, repeated("ق", SMPP_SMS_PAYLOAD_OCTETS / 2), SMPP_SMS_PAYLOAD_OCTETS, false, 1, &parts), 1);
	assert_int_equal(parts.at[0].octets, SMPP_SMS_PAYLOAD_OCTETS);
	assert_int_equal(smpp_sms_split(&profile, repeated("ق", SMPP_SMS_PAYLOAD_OCTETS / 2 + 1), SMPP_SMS_PAYLOAD_OCTETS + 2, false, 1, &parts), 8);
	assert_int_equal(parts.at[0].mode, SMPP_CONCAT_UDH8);
	sent(0, &plain, &got);
	assert_non_null(memmem(got.at, got.n, "\x05\x00\x03\x01\x08\x01", 6));
}

static void what_cannot_be_sent(void **state)
{
	(void)state;
	for (unsigned int mode = SMPP_CONCAT_UDH8; mode <= SMPP_CONCAT_PAYLOAD; mode++) {
		struct smpp_sms_profile profile = { .long_sms = (enum smpp_concat_mode)mode };

		assert_int_equal(smpp_sms_split(&profile, repeated("a", 16 * 153 + 1), 16 * 153 + 1, false, 1, &parts), -E2BIG);
		assert_int_equal(smpp_sms_split(&profile, "\xC0", 1, false, 1, &parts), -EILSEQ);
		assert_int_equal(smpp_sms_split(&profile, repeated("\xC0", 400), 400, false, 1, &parts), -EILSEQ);
	}
}

static void envelopes(void **state)
{
	(void)state;
	struct smpp_sms_profile profile = { 0 };
	struct smpp_sms_envelope envelope = plain;
	struct bytes got;
	struct smpp_pdu pdu;

	assert_int_equal(smpp_sms_split(&profile, "a", 1, false, 1, &parts), 1);
	envelope.validity_period = "260102030405000+";
	envelope.registered_delivery = 1;
	sent(0, &envelope, &got);
	assert_int_equal(smpp_pdu_decode(&pdu, got.at, got.n), 0);
	assert_string_equal(pdu.message.validity_period, "260102030405000+");
	assert_int_equal(pdu.message.registered_delivery, 1);
}

static void senders(void **state)
{
	(void)state;
	static const struct { const char *sender; int rc; uint8_t ton, npi; const char *digits; } rows[] = {
		{ "4040", 0, 3, 9, "4040" }, { "98123456789012345678", 0, 3, 9, "98123456789012345678" },
		{ "+989121234567", 0, 1, 1, "989121234567" }, { "Bimeh", 0, 5, 0, "Bimeh" }, { "Tax-4040", 0, 5, 0, "Tax-4040" },
		{ "A 2345678 B", 0, 5, 0, "A 2345678 B" }, { "A23456789012", -EINVAL, 0, 0, NULL }, { "", -EINVAL, 0, 0, NULL },
		{ "+", -EINVAL, 0, 0, NULL }, { "+98x", 0, 5, 0, "+98x" }, { "981234567890123456789", -EINVAL, 0, 0, NULL },
		{ "12-34", -EINVAL, 0, 0, NULL }, { "بیمه", -EINVAL, 0, 0, NULL }, { "a[b", -EINVAL, 0, 0, NULL }, { "a\tb", -EINVAL, 0, 0, NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct smpp_address address;

		assert_int_equal(smpp_sms_sender(rows[i].sender, 3, 9, &address), rows[i].rc);
		if (rows[i].rc)
			continue;
		assert_int_equal(address.ton, rows[i].ton);
		assert_int_equal(address.npi, rows[i].npi);
		assert_string_equal(address.digits, rows[i].digits);
	}
}

static void times(void **state)
{
	(void)state;
	static const struct { int64_t at; const char *time; } rows[] = {
		{ 946684800, "000101000000000+" }, { 1709251199, "240229235959000+" }, { 1767323045, "260102030405000+" },
		{ 4102444799, "991231235959000+" }, { 946684799, NULL }, { 4102444800, NULL }, { -1, NULL }, { INT64_MAX, NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char time[SMPP_TIME_MAX + 1];

		assert_int_equal(smpp_sms_time(rows[i].at, time), rows[i].time ? 0 : -ERANGE);
		if (rows[i].time)
			assert_string_equal(time, rows[i].time);
	}
}

/* ---- what comes ---- */

static struct smpp_sms sms;
static uint8_t *frame;
static char text_room[SMPP_JOIN_UTF8_MAX];

/* Parses from memory that ends where the PDU ends; it lives until the next call. */
static uint32_t parse(const struct smpp_dialect *d, const struct wire *wire)
{
	static struct smpp_pdu pdu;
	struct bytes b;

	put_wire(&b, wire);
	free(frame);
	frame = malloc(b.n);
	assert_non_null(frame);
	memcpy(frame, b.at, b.n);
	assert_int_equal(smpp_pdu_decode(&pdu, frame, b.n), 0);
	memset(&sms, 0xA5, sizeof(sms));
	return smpp_sms_parse(d, &pdu, &sms);
}

static int drop_frame(void **state)
{
	(void)state;
	free(frame);
	frame = NULL;
	return 0;
}

static struct wire incoming(unsigned int esm_class, unsigned int coding, const char *tlvs, const char *text)
{
	return (struct wire){ .command = SMPP_DELIVER_SM, .type = "", .source_ton = 2, .source_npi = 1, .source = "09121234567",
		.destination_npi = 1, .destination = "4040", .esm_class = (uint8_t)esm_class, .data_coding = (uint8_t)coding, .tlvs = tlvs,
		.text = text };
}

static void kinds_of_messages(void **state)
{
	(void)state;
	static const struct {
		uint8_t esm_class, coding;
		const char *tlvs, *octets;
		enum smpp_sms_kind kind;
		enum smpp_concat_mode mode;
		uint16_t reference;
		uint8_t total, number;
		const char *text;  /* NULL: none */
	} rows[] = {
		{ 0x00, 0, "", "'BILL ' 00 1B3C", SMPP_SMS_TEXT, 0, 0, 1, 1, "BILL @[" },
		{ 0x00, 0, "", "", SMPP_SMS_TEXT, 0, 0, 1, 1, "" },
		{ 0x00, 0, "0424 0002 'ab'", "", SMPP_SMS_TEXT, 0, 0, 1, 1, "ab" },
		{ 0x00, 8, "", "0642", SMPP_SMS_TEXT, 0, 0, 1, 1, "ق" },
		{ 0x40, 8, "", "050003070201 0642", SMPP_SMS_PART, SMPP_CONCAT_UDH8, 7, 2, 1, "ق" },
		{ 0x40, 0, "", "06080401070202 'ab'", SMPP_SMS_PART, SMPP_CONCAT_UDH16, 0x107, 2, 2, "ab" },
		{ 0x00, 0, "020C00020107 020E000103 020F000102", "'ab'", SMPP_SMS_PART, SMPP_CONCAT_SAR, 0x107, 3, 2, "ab" },
		{ 0x40, 0, "0424 0008 050003070201 'ab'", "", SMPP_SMS_PART, SMPP_CONCAT_UDH8, 7, 2, 1, "ab" },
		/* a header and TLVs: the header is believed */
		{ 0x40, 0, "020C00020107 020E000103 020F000102", "050003090201 'ab'", SMPP_SMS_PART, SMPP_CONCAT_UDH8, 9, 2, 1, "ab" },
		/* other elements around it, before and behind; of another length */
		{ 0x40, 0, "", "0B 7F017F 000309FF0A 240101 'ab'", SMPP_SMS_PART, SMPP_CONCAT_UDH8, 9, 255, 10, "ab" },
		{ 0x40, 0, "", "04 00020201 'ab'", SMPP_SMS_TEXT, 0, 0, 1, 1, "ab" },
		{ 0x40, 0, "", "00 'ab'", SMPP_SMS_TEXT, 0, 0, 1, 1, "ab" },
		/* numbers that make no sense */
		{ 0x40, 0, "", "050003070000 'ab'", SMPP_SMS_TEXT, 0, 0, 1, 1, "ab" },
		{ 0x40, 0, "", "050003070101 'ab'", SMPP_SMS_TEXT, 0, 0, 1, 1, "ab" },
		{ 0x40, 0, "", "050003070203 'ab'", SMPP_SMS_TEXT, 0, 0, 1, 1, "ab" },
		{ 0x40, 0, "", "050003070200 'ab'", SMPP_SMS_TEXT, 0, 0, 1, 1, "ab" },
		{ 0x00, 0, "020C00020107 020E000103", "'ab'", SMPP_SMS_TEXT, 0, 0, 1, 1, "ab" },
		{ 0x00, 0, "020C00020107 020E00020103 020F000102", "'ab'", SMPP_SMS_TEXT, 0, 0, 1, 1, "ab" },
		/* data_coding: SMPP's own, then the scheme of SMS */
		{ 0x00, 1, "", "'a'", SMPP_SMS_TEXT, 0, 0, 1, 1, "a" },
		{ 0x00, 3, "", "E9", SMPP_SMS_TEXT, 0, 0, 1, 1, "é" },
		{ 0x00, 0x11, "", "00", SMPP_SMS_TEXT, 0, 0, 1, 1, "@" },
		{ 0x00, 0x18, "", "0642", SMPP_SMS_TEXT, 0, 0, 1, 1, "ق" },
		{ 0x00, 0x48, "", "0642", SMPP_SMS_TEXT, 0, 0, 1, 1, "ق" },
		{ 0x00, 0xC8, "", "00", SMPP_SMS_TEXT, 0, 0, 1, 1, "@" },
		{ 0x00, 0xE0, "", "0642", SMPP_SMS_TEXT, 0, 0, 1, 1, "ق" },
		{ 0x00, 0xF0, "", "00", SMPP_SMS_TEXT, 0, 0, 1, 1, "@" },
		{ 0x00, 0x04, "", "00", SMPP_SMS_TEXT, 0, 0, 1, 1, NULL },
		{ 0x00, 0x15, "", "00", SMPP_SMS_TEXT, 0, 0, 1, 1, NULL },
		{ 0x00, 0x28, "", "00", SMPP_SMS_TEXT, 0, 0, 1, 1, NULL },
		{ 0x00, 0xF5, "", "00", SMPP_SMS_TEXT, 0, 0, 1, 1, NULL },
		{ 0x00, 0x05, "", "00", SMPP_SMS_TEXT, 0, 0, 1, 1, NULL },
		/* the rest */
		{ 0x04, 0, "", "'id:7 stat:DELIVRD'", SMPP_SMS_RECEIPT, 0, 0, 1, 1, "id:7 stat:DELIVRD" },
		{ 0x20, 0, "", "'id:7 stat:DELIVRD'", SMPP_SMS_RECEIPT, 0, 0, 1, 1, "id:7 stat:DELIVRD" },
		{ 0x00, 0, "001E00023700 0427000102", "", SMPP_SMS_RECEIPT, 0, 0, 1, 1, "" },
		{ 0x18, 0, "", "'x'", SMPP_SMS_OTHER, 0, 0, 1, 1, "x" },
		{ 0x3C, 0, "", "'x'", SMPP_SMS_OTHER, 0, 0, 1, 1, "x" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wire wire = incoming(rows[i].esm_class, rows[i].coding, rows[i].tlvs, rows[i].octets);
		ssize_t n;

		if (parse(dialect("its"), &wire) != ESME_ROK || sms.kind != rows[i].kind)
			fail_msg("row %zu", i);
		assert_int_equal(sms.part.total, rows[i].total);
		assert_int_equal(sms.part.number, rows[i].number);
		assert_int_equal(sms.part.reference, rows[i].reference);
		assert_int_equal(sms.part.mode, rows[i].mode);
		assert_string_equal(sms.sender, "989121234567");
		assert_true(sms.sender_is_number);
		assert_string_equal(sms.destination, "4040");
		n = smpp_sms_text(&sms, text_room, sizeof(text_room));
		assert_int_equal(n, rows[i].text ? (ssize_t)strlen(rows[i].text) : -EINVAL);
		if (n > 0)
			assert_memory_equal(text_room, rows[i].text, (size_t)n);
	}
}

static void what_default_data_is(void **state)
{
	(void)state;
	static const enum smpp_alphabet rows[] = { SMPP_ALPHABET_GSM7, SMPP_ALPHABET_LATIN1, SMPP_ALPHABET_GSM7_PACKED };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct smpp_dialect d = *dialect("its");
		struct wire wire = incoming(0, 0, "", "00");

		d.default_alphabet = rows[i];
		assert_int_equal(parse(&d, &wire), ESME_ROK);
		assert_int_equal(sms.part.alphabet, rows[i]);
		wire.data_coding = 0xF0;
		parse(&d, &wire);
		assert_int_equal(sms.part.alphabet, i == 2 ? SMPP_ALPHABET_GSM7_PACKED : SMPP_ALPHABET_GSM7);
		d.eight_bit_alphabet = SMPP_ALPHABET_LATIN1;
		wire.data_coding = 0xF5;
		parse(&d, &wire);
		assert_int_equal(sms.part.alphabet, SMPP_ALPHABET_LATIN1);
	}
}

static void broken_headers(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "01", "05", "0500030702", "03 000307", "03 00 03 07 02", "01 00", "02 00 01", "FF 0003070201 'ab'",
		"05 00 04 07 02 01 'ab'", "06 00 03 07 02 01 00" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct wire wire = incoming(0x40, 0, "", texts[i]);

		if (parse(dialect("its"), &wire) != ESME_RINVESMCLASS)
			fail_msg("%s", texts[i]);
	}
}

static void ports_and_senders(void **state)
{
	(void)state;
	struct wire wire = incoming(0x40, 0, "", "06 05 04 0B84 23F0 'ab'");

	assert_int_equal(parse(dialect("its"), &wire), ESME_ROK);
	assert_true(sms.has_port);
	assert_int_equal(sms.port, 0x0B84);
	wire = incoming(0x40, 0, "", "04 04 02 F0 F1 'ab'");
	assert_int_equal(parse(dialect("its"), &wire), ESME_ROK);
	assert_true(sms.has_port);
	assert_int_equal(sms.port, 0xF0);
	wire = incoming(0, 0, "", "");
	wire.source_ton = 5;
	wire.source = "Bank";
	assert_int_equal(parse(dialect("its"), &wire), ESME_ROK);
	assert_false(sms.sender_is_number || sms.has_port);
	assert_string_equal(sms.sender, "Bank");
	wire.command = SMPP_DATA_SM;
	assert_int_equal(parse(dialect("its"), &wire), ESME_ROK);
	wire = plain_wire(0, 0, "", "");
	assert_int_equal(parse(dialect("its"), &wire), ESME_RINVCMDID);
}

/* What we send in parts, we would join. */
static void there_and_back(void **state)
{
	(void)state;
	static struct smpp_join_slot slots[3];
	struct smpp_join join;
	const struct smpp_join_message *message = NULL;
	const char *letters[] = { "a[", "ق\xF0\x9F\x93\xB1" };

	smpp_join_init(&join, slots, 3, 1000);
	for (unsigned int mode = SMPP_CONCAT_UDH8; mode <= SMPP_CONCAT_SAR; mode++)
		for (size_t l = 0; l < 2; l++) {
			struct smpp_sms_profile profile = { .long_sms = (enum smpp_concat_mode)mode };
			const char *text = repeated(letters[l], 200);
			int n = smpp_sms_split(&profile, text, strlen(text), false, 0x102, &parts);
			ssize_t octets;

			assert_in_range(n, 4, 16);
			for (int i = n; i-- > 0;) {
				struct smpp_sms_room room;
				struct smpp_pdu pdu;

				smpp_sms_encode(&parts.at[i], &plain, &pdu, &room);
				pdu.command_id = SMPP_DELIVER_SM;
				assert_int_equal(smpp_sms_parse(dialect("its"), &pdu, &sms), ESME_ROK);
				assert_int_equal(sms.kind, SMPP_SMS_PART);
				assert_int_equal(smpp_join_take(&join, &sms.part, 0, &message), i ? SMPP_JOIN_KEPT : SMPP_JOIN_WHOLE);
			}
			octets = smpp_join_text(message, text_room, sizeof(text_room));
			assert_int_equal(octets, strlen(text));
			assert_memory_equal(text_room, text, (size_t)octets);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_texts), cmocka_unit_test(long_texts), cmocka_unit_test(whole_in_the_payload),
		cmocka_unit_test(what_cannot_be_sent), cmocka_unit_test(envelopes), cmocka_unit_test(senders), cmocka_unit_test(times),
		cmocka_unit_test_teardown(kinds_of_messages, drop_frame), cmocka_unit_test_teardown(what_default_data_is, drop_frame),
		cmocka_unit_test_teardown(broken_headers, drop_frame), cmocka_unit_test_teardown(ports_and_senders, drop_frame),
		cmocka_unit_test(there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
