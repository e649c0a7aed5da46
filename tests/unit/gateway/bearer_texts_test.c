/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Text messages and receipts, up: what is told, with a ticket; what is refused, and by which status. */
#include "tests/unit/gateway/bearer_world.h"

#define RECEIPT 0x04
#define INTERMEDIATE 0x20
#define UDHI 0x40

static void a_text_is_told_and_settled_later(void **state)
{
	(void)state;
	open_bearer();
	deliver(&peers[0], 1, -1, 0, "BILL 12");
	deliver(&peers[0], 2, -1, 0, "again");
	deliver(&peers[0], 3, -1, 0, "nonsense");
	UNTIL(n_texts == 3);
	assert_string_equal("98912", texts[0].msisdn);
	assert_string_equal("4", texts[0].to);
	assert_memory_equal("BILL 12", texts[0].text, 7);
	assert_int_equal(1, texts[0].total);
	assert_int_equal(0, n_responses);
	bearer->ops->refuse(bearer, &texts[1].ticket, GW_REFUSE_LATER);
	bearer->ops->refuse(bearer, &texts[2].ticket, GW_REFUSE_TEXT);
	bearer->ops->accept(bearer, &texts[0].ticket);
	UNTIL(n_responses == 3);
	assert_int_equal(2, responses[0].sequence);
	assert_int_equal(0x64, responses[0].status);
	assert_int_equal(3, responses[1].sequence);
	assert_int_equal(0x66, responses[1].status);
	assert_int_equal(1, responses[2].sequence);
	assert_int_equal(0, responses[2].status);
	assert_int_equal(3, counters.at[GW_CTR_SMS_IN]);
	assert_int_equal(1, counters.at[GW_CTR_SMS_UNUSABLE]);
	assert_int_equal(1, counters.at[GW_CTR_TEXTS_LATER]);
}

static void parts_are_told_as_parts(void **state)
{
	static const struct delivery udh = { .sequence = 1, .esm_class = UDHI, .text = "\5\0\3\x2a\3\2part", .octets = 10 };
	static const struct delivery sar = { .sequence = 2, .text = "part", .octets = 4, .tlvs = "\x02\x0c\0\2\x01\x02\x02\x0e\0\1\x02\x02\x0f\0\1\1", .tlv_octets = 16 };

	(void)state;
	open_bearer();
	deliver_it(&peers[0], &udh);
	deliver_it(&peers[0], &sar);
	UNTIL(n_texts == 2);
	assert_int_equal(3, texts[0].total);
	assert_int_equal(2, texts[0].number);
	assert_int_equal(0x2a, texts[0].reference);
	assert_int_equal(4, texts[0].octets);
	assert_int_equal(2, texts[1].total);
	assert_int_equal(1, texts[1].number);
	assert_int_equal(0x0102, texts[1].reference);
}

static void a_sender_that_is_no_number(void **state)
{
	(void)state;
	open_bearer();
	deliver_it(&peers[0], &(struct delivery){ .sequence = 1, .source = "Bank", .text = "x", .octets = 1 });
	UNTIL(n_texts == 1);
	assert_string_equal("", texts[0].msisdn);
}

static void what_nobody_here_can_use(void **state)
{
	static const struct { struct delivery it; uint32_t status; } rows[] = {
		{ { .esm_class = UDHI, .text = "\6\5\4\x0b\x84\x23\xf0MMS", .octets = 10 }, 0x66 },  /* for a program: a port */
		{ { .esm_class = UDHI, .text = "\xff\0", .octets = 2 }, 0x43 },                     /* a header that is none */
		{ { .esm_class = UDHI }, 0x43 },
		{ { .esm_class = 0x18, .text = "x", .octets = 1 }, 0x43 },                          /* Conversation Abort */
		{ { .esm_class = 0x3c, .text = "x", .octets = 1 }, 0x43 },                          /* reserved */
	};

	(void)state;
	open_bearer();
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct delivery it = rows[i].it;

		it.sequence = i + 1;
		deliver_it(&peers[0], &it);
		UNTIL(n_responses == i + 1);
		assert_int_equal(rows[i].status, responses[i].status);
	}
	assert_int_equal(0, n_texts);
	assert_int_equal(sizeof(rows) / sizeof(rows[0]), counters.at[GW_CTR_SMS_UNUSABLE]);
}

static void a_receipt_is_told(void **state)
{
	static const char text[] = "id:0489708364 sub:001 dlvrd:001 submit date:2611230000 done date:2611230001 stat:DELIVRD err:000 text:";
	static const char tlvs[] = "\x00\x1e\x00\x09" "1d305b4c\0" "\x04\x27\x00\x01\x02" "\x02\x04\x00\x02\x12\x34";
	struct delivery it = { .sequence = 1, .esm_class = RECEIPT, .text = text, .octets = sizeof(text) - 1, .tlvs = tlvs, .tlv_octets = sizeof(tlvs) - 1 };

	(void)state;
	open_bearer();
	deliver_it(&peers[0], &it);
	UNTIL(n_receipts == 1);
	assert_string_equal("98912", receipts[0].msisdn);
	assert_int_equal(GW_RECEIPT_DELIVERED, receipts[0].verdict);
	assert_string_equal("DELIVRD", receipts[0].state);
	assert_string_equal("000", receipts[0].error);
	assert_true(receipts[0].has_reference);
	assert_int_equal(0x1234, receipts[0].reference);
	assert_string_equal("1d305b4c", receipts[0].ids[0]);
	assert_true(receipts[0].n_ids >= 2);
	assert_int_equal(0, n_responses);
	bearer->ops->accept(bearer, &receipts[0].ticket);
	UNTIL(n_responses == 1);
	assert_int_equal(0, responses[0].status);
	assert_int_equal(1, counters.at[GW_CTR_RECEIPTS]);
}

/* The id as its operator writes it, first. */
static void the_ids_of_a_receipt_follow_the_operators_bases(void **state)
{
	(void)state;
	operator_config.response_id_base = SMPP_ID_HEX;
	operator_config.receipt_id_base = SMPP_ID_DECIMAL;
	open_bearer();
	deliver(&peers[0], 1, -1, RECEIPT, "id:0489708364 stat:UNDELIV err:2a");
	UNTIL(n_receipts == 1);
	assert_string_equal("1d305b4c", receipts[0].ids[0]);
	assert_string_equal("489708364", receipts[0].ids[1]);
	assert_int_equal(GW_RECEIPT_FAILED, receipts[0].verdict);
	assert_string_equal("UNDELIV", receipts[0].state);
	assert_string_equal("2a", receipts[0].error);
	assert_false(receipts[0].has_reference);
}

static void receipts_that_are_not_the_last_word(void **state)
{
	static const struct { uint8_t esm_class; const char *text; enum gw_receipt_verdict verdict; } rows[] = {
		{ INTERMEDIATE, "id:1 stat:DELIVRD", GW_RECEIPT_PENDING }, { RECEIPT, "id:1 stat:ENROUTE", GW_RECEIPT_PENDING },
		{ RECEIPT, "id:1 stat:ACCEPTD", GW_RECEIPT_PENDING }, { RECEIPT, "id:1 stat:EXPIRED", GW_RECEIPT_FAILED },
		{ RECEIPT, "id:1 stat:REJECTD", GW_RECEIPT_FAILED }, { RECEIPT, "id:1 stat:DELETED", GW_RECEIPT_FAILED },
	};

	(void)state;
	open_bearer();
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		deliver(&peers[0], i + 1, -1, rows[i].esm_class, rows[i].text);
		UNTIL(n_receipts == i + 1);
		assert_int_equal(rows[i].verdict, receipts[i].verdict);
	}
}

/* Some networks leave the addresses as they were in the message. */
static void a_receipt_with_its_addresses_as_they_were(void **state)
{
	(void)state;
	operator_config.sms_sender = "98304040";
	open_bearer();
	deliver_it(&peers[0], &(struct delivery){ .sequence = 1, .esm_class = RECEIPT, .source = "98304040", .destination = "98935123",
						  .text = "id:1 stat:DELIVRD", .octets = 17 });
	deliver_it(&peers[0], &(struct delivery){ .sequence = 2, .esm_class = RECEIPT, .source = "TAMIN", .destination = "98935124",
						  .text = "id:1 stat:DELIVRD", .octets = 17 });
	UNTIL(n_receipts == 2);
	assert_string_equal("98935123", receipts[0].msisdn);
	assert_string_equal("98935124", receipts[1].msisdn);
}

/* The network must not send it for ever. */
static void an_unreadable_receipt_is_accepted_and_counted(void **state)
{
	(void)state;
	open_bearer();
	deliver(&peers[0], 1, -1, RECEIPT, "hello");
	deliver(&peers[0], 2, -1, RECEIPT, "");
	deliver_it(&peers[0], &(struct delivery){ .sequence = 3, .esm_class = RECEIPT, .source = "x", .destination = "y", .text = "id:1 stat:DELIVRD", .octets = 17 });
	UNTIL(n_responses == 3);
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(0, responses[i].status);
	assert_int_equal(0, n_receipts);
	assert_int_equal(3, counters.at[GW_CTR_RECEIPTS_UNREADABLE]);
}

static void without_a_ledger(void **state)
{
	(void)state;
	open_bearer();
	bearer->texts = NULL;
	deliver(&peers[0], 1, -1, RECEIPT, "id:7 stat:DELIVRD"); /* taken: nobody waits for it */
	deliver(&peers[0], 2, -1, 0, "hello");                   /* nobody is here to keep it */
	deliver(&peers[0], 3, 77, 0, "x");                       /* an operation that the dialect does not have */
	sms_token(7, "told to nobody");
	UNTIL(n_responses == 3 && n_submits == 1);
	respond(0, 0x0b);
	UNTIL(counters.at[GW_CTR_SMS_LOST] == 1);
	assert_int_equal(0, responses[0].status);
	assert_int_equal(0x66, responses[1].status);
	assert_int_not_equal(0, responses[2].status);
	assert_int_equal(0, n_steps + n_texts + n_receipts + n_results);
}

/* More than are worked on at once are told to come later; dialogs go on, and it opens again as tickets are settled. */
static void too_many_at_once(void **state)
{
	const unsigned int max = 2048;

	(void)state;
	open_bearer();
	for (unsigned int i = 0; i < max; i++) {
		deliver(&peers[0], i + 1, -1, i % 2 ? RECEIPT : 0, "id:1 stat:DELIVRD");
		if (i % 64 == 63)
			UNTIL(n_texts + n_receipts == i + 1);
	}
	deliver(&peers[0], 5001, -1, 0, "one more");
	deliver(&peers[0], 5002, -1, RECEIPT, "id:1 stat:DELIVRD");
	UNTIL(n_responses == 2);
	assert_int_equal(0x64, responses[0].status);
	assert_int_equal(0x64, responses[1].status);
	assert_int_equal(2, counters.at[GW_CTR_TEXTS_LATER]);
	deliver(&peers[0], 5003, 1, 0, "*4#");
	UNTIL(n_steps == 1);
	bearer->ops->accept(bearer, &steps[0].ticket); /* a dialog's is not one of them */
	deliver(&peers[0], 5004, -1, 0, "one more");
	UNTIL(n_responses == 4);
	assert_int_equal(0x64, responses[3].status);
	bearer->ops->accept(bearer, &texts[0].ticket);
	deliver(&peers[0], 5005, -1, 0, "one more");
	UNTIL(n_texts == max / 2 + 1);
}

/* A ticket whose link is gone is settled all the same, and counts no longer. */
static void tickets_outlive_their_link(void **state)
{
	(void)state;
	operator_config.n_links = 2;
	open_bearer();
	deliver(&peers[0], 1, -1, 0, "text");
	UNTIL(n_texts == 1);
	hang_up(&peers[0]);
	deliver(&peers[1], 1, -1, 0, "text");
	UNTIL(n_texts == 2);
	bearer->ops->accept(bearer, &texts[0].ticket);
	bearer->ops->accept(bearer, &texts[1].ticket);
	UNTIL(n_responses == 1);
	assert_int_equal(1, responses[0].sequence);
	assert_ptr_equal(&peers[1], responses[0].peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(a_text_is_told_and_settled_later),
		STORY(parts_are_told_as_parts),
		STORY(a_sender_that_is_no_number),
		STORY(what_nobody_here_can_use),
		STORY(a_receipt_is_told),
		STORY(the_ids_of_a_receipt_follow_the_operators_bases),
		STORY(receipts_that_are_not_the_last_word),
		STORY(a_receipt_with_its_addresses_as_they_were),
		STORY(an_unreadable_receipt_is_accepted_and_counted),
		STORY(without_a_ledger),
		STORY(too_many_at_once),
		STORY(tickets_outlive_their_link),
	};

	return cmocka_run_group_tests_name("bearer_texts", tests, group_start, NULL);
}
