/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* smpp/sms: the PDUs of a text, octet for octet as an operator's profile wants them. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_texts), cmocka_unit_test(long_texts), cmocka_unit_test(whole_in_the_payload),
		cmocka_unit_test(what_cannot_be_sent), cmocka_unit_test(envelopes), cmocka_unit_test(senders), cmocka_unit_test(times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
