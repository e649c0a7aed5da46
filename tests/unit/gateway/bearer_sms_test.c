/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Text messages, down: what is sent, what becomes of it, and that each part's end is told once. */
#include "tests/unit/gateway/bearer_world.h"

#define LONG_OCTETS 400 /* three parts */
static char long_text[LONG_OCTETS + 1];

static void make_long(void)
{
	memset(long_text, 'x', LONG_OCTETS);
}

/* The TLV of a submit_sm, or NULL; walked by hand. */
static const uint8_t *tlv(unsigned int submit, uint16_t tag)
{
	const uint8_t *at = submits[submit].body, *end = at + submits[submit].octets;

	at += strlen((const char *)at) + 1;
	for (int i = 0; i < 2; i++)
		at += 2 + strlen((const char *)at + 2) + 1;
	at += 3;
	for (int i = 0; i < 2; i++)
		at += strlen((const char *)at) + 1;
	at += 4;
	at += 1 + at[0];
	for (; at < end; at += 4 + (at[2] << 8 | at[3]))
		if ((at[0] << 8 | at[1]) == tag)
			return at + 4;
	assert_ptr_equal(at, end);
	return NULL;
}

static const char *validity(unsigned int submit)
{
	const uint8_t *at = submits[submit].body;

	at += strlen((const char *)at) + 1;
	for (int i = 0; i < 2; i++)
		at += 2 + strlen((const char *)at + 2) + 1;
	at += 3;
	return (const char *)at + strlen((const char *)at) + 1;
}
#define REGISTERED_DELIVERY 5

static void a_message_is_what_its_sender_says(void **state)
{
	const struct gw_sms bill = { .msisdn = "98912", .sender = "TAMIN", .text = "your bill", .octets = 9, .receipt = true, .validity_s = 3600,
				     .reference = 0x1234, .token = 7 };
	char soon[SMPP_TIME_MAX + 1], late[SMPP_TIME_MAX + 1];

	(void)state;
	open_bearer();
	smpp_sms_time(time(NULL) + 3600, soon);
	assert_int_equal(1, sms_it(&bill));
	smpp_sms_time(time(NULL) + 3600, late);
	UNTIL(n_submits == 1);
	assert_memory_equal("\0\5\0TAMIN\0\1\1" "98912\0", submits[0].body, 17);
	assert_int_equal(1, field(0, REGISTERED_DELIVERY));
	assert_true(strcmp(soon, validity(0)) <= 0 && strcmp(validity(0), late) <= 0);
	assert_memory_equal("\x12\x34", tlv(0, 0x0204), 2);
	assert_int_equal(0, n_results);
	respond_id(0, "00AB");
	UNTIL(n_results == 1);
	assert_int_equal(7, results[0].token);
	assert_int_equal(GW_SENT_TAKEN, results[0].sent);
	assert_int_equal(0, results[0].part);
	assert_int_equal(1, results[0].parts);
	assert_string_equal("ab", results[0].id); /* as receipts are looked for */
	assert_int_equal(1, counters.at[GW_CTR_SMS_OUT]);
	assert_int_equal(0, counters.at[GW_CTR_SMS_LOST]);
}

static void the_least_message(void **state)
{
	(void)state;
	operator_config.sms_sender_npi = 1;
	open_bearer();
	assert_int_equal(1, sms_token(7, "short"));
	UNTIL(n_submits == 1);
	assert_memory_equal("\0\0\1" "4040\0\1\1" "98912\0", submits[0].body, 16);
	assert_int_equal(0, field(0, REGISTERED_DELIVERY));
	assert_string_equal("", validity(0));
	respond_id(0, "");
	UNTIL(n_results == 1);
	assert_string_equal("", results[0].id);
}

static void what_an_operator_does_not_take_is_left_out(void **state)
{
	const struct gw_sms bill = { .msisdn = "98912", .sender = "+98211234", .text = "your bill", .octets = 9, .receipt = true, .flash = true,
				     .reference = 0x1234, .token = 7 };

	(void)state;
	operator_config.receipts = operator_config.user_message_reference = false;
	operator_config.flash = SMPP_SMS_FLASH_SUBUNIT;
	open_bearer();
	assert_false(route->receipts);
	assert_int_equal(1, sms_it(&bill));
	UNTIL(n_submits == 1);
	assert_memory_equal("\0\1\1" "98211234\0", submits[0].body, 12);
	assert_int_equal(0, field(0, REGISTERED_DELIVERY));
	assert_int_equal(0, field(0, DATA_CODING));
	assert_null(tlv(0, 0x0204));
	assert_int_equal(1, tlv(0, 0x0005)[0]);
}

/* A peer that does not say that it knows TLVs may refuse a message because of one. */
static void no_reference_for_old_peers(void **state)
{
	(void)state;
	knows_tlvs = false;
	open_bearer();
	assert_int_equal(1, sms_token(7, "short"));
	UNTIL(n_submits == 1);
	assert_null(tlv(0, 0x0204));
	bearer->ops->sms(bearer, route, &(struct gw_sms){ .msisdn = "98912", .sender = "", .text = "red", .octets = 3, .flash = true, .token = 8 });
	UNTIL(n_submits == 2);
	assert_int_equal(0xF0, field(1, DATA_CODING));
}

static void what_cannot_be_sent_is_said_at_once(void **state)
{
	static char too_long[16 * 153 + 2];
	struct gw_sms it = { .msisdn = "98912", .sender = "", .text = "x", .octets = 1, .token = 7 };

	(void)state;
	open_bearer();
	it.sender = "twelve chars";
	assert_int_equal(-EINVAL, sms_it(&it));
	it.sender = "";
	it.parts = 2; /* there is only one, the first */
	assert_int_equal(-EINVAL, sms_it(&it));
	it.parts = 0;
	it.text = "\xff";
	assert_int_equal(-EILSEQ, sms_it(&it));
	memset(too_long, 'x', sizeof(too_long) - 1);
	it.text = too_long;
	it.octets = sizeof(too_long) - 1;
	assert_int_equal(-E2BIG, sms_it(&it));
	it.octets--;
	assert_int_equal(16, sms_it(&it));
	UNTIL(n_submits == 16);
	assert_int_equal(0, n_results);
}

static void only_the_parts_that_are_wanted(void **state)
{
	struct gw_sms it = { .msisdn = "98912", .sender = "", .text = long_text, .octets = LONG_OCTETS, .reference = 0x0142, .parts = 5, .token = 7 };

	(void)state;
	make_long();
	open_bearer();
	assert_int_equal(3, sms_it(&it));
	UNTIL(n_submits == 2);
	assert_non_null(memmem(submits[0].body, submits[0].octets, "\5\0\3\x42\3\1", 6));
	assert_non_null(memmem(submits[1].body, submits[1].octets, "\5\0\3\x42\3\3", 6));
	respond(1, 0);
	respond(0, 0x0b);
	UNTIL(n_results == 2);
	assert_int_equal(2, results[0].part);
	assert_int_equal(GW_SENT_TAKEN, results[0].sent);
	assert_int_equal(0, results[1].part);
	assert_int_equal(GW_SENT_REFUSED, results[1].sent);
	assert_int_equal(0x0b, results[1].status);
	assert_string_equal("ESME_RINVDSTADR", results[1].why);
	it.parts = 2; /* the same message again: the same reference */
	assert_int_equal(3, sms_it(&it));
	UNTIL(n_submits == 3);
	assert_non_null(memmem(submits[2].body, submits[2].octets, "\5\0\3\x42\3\2", 6));
}

/* It may have arrived: whoever sent it must decide. */
static void without_a_response_it_is_unknown_and_never_sent_again(void **state)
{
	(void)state;
	operator_config.n_links = 2;
	open_bearer();
	sms_token(7, "one");
	sms("of a dialog");
	UNTIL(n_submits == 2);
	hang_up(&peers[0]);
	hang_up(&peers[1]);
	UNTIL(n_results == 1 && counters.at[GW_CTR_SMS_LOST] == 2);
	assert_int_equal(GW_SENT_UNKNOWN, results[0].sent);
	assert_string_equal("the link was lost before the response", results[0].why);
	assert_int_equal(0, bearer->ops->waiting(bearer));
	assert_int_equal(2, n_submits);
	assert_int_equal(0, n_sents);
	assert_int_equal(0, counters.at[GW_CTR_ANSWERS_UNKNOWN]);
}

static void a_response_that_does_not_come_in_time(void **state)
{
	(void)state;
	links[0].response_ms = 100;
	open_bearer();
	sms_token(7, "one");
	UNTIL(n_results == 1);
	assert_int_equal(GW_SENT_UNKNOWN, results[0].sent);
	assert_string_equal("no response in time", results[0].why);
	assert_int_equal(1, n_submits);
	respond(0, 0); /* too late: told once */
	sms_token(8, "two");
	UNTIL(n_submits == 2);
	respond(1, 0);
	UNTIL(n_results == 2);
	assert_int_equal(8, results[1].token);
}

static void what_was_not_sent_waits_for_the_next_link(void **state)
{
	(void)state;
	links[0].window = 1;
	links[0].retry_min_ms = links[0].retry_max_ms = 10;
	open_bearer();
	sms_token(7, "one");
	sms_token(8, "two");
	UNTIL(n_submits == 1);
	hang_up(&peers[0]);
	UNTIL(n_submits == 2); /* over the next link */
	assert_true(holds(1, "two"));
	assert_int_equal(1, n_results);
	assert_int_equal(7, results[0].token);
	respond(1, 0);
	UNTIL(n_results == 2);
	assert_int_equal(8, results[1].token);
}

/* Throttled: the route rests, and nothing overtakes what was refused. */
static void throttled_messages_keep_their_order(void **state)
{
	const struct smpp_retry soon = { 0x58, 20, 30000, 50 };

	(void)state;
	smpp_retries_set(&operator_config.retries, &soon);
	open_bearer();
	sms_token(1, "text-1");
	sms_token(2, "text-2");
	sms_token(3, "text-3");
	UNTIL(n_submits == 3);
	for (unsigned int i = 0; i < 3; i++)
		respond(i, THROTTLED);
	UNTIL(bearer->ops->waiting(bearer) == 3);
	assert_int_equal(0, bearer->ops->sms_room(bearer, route)); /* it rests */
	sms_token(4, "text-4");
	UNTIL(n_submits == 7);
	assert_true(holds(3, "text-1") && holds(4, "text-2") && holds(5, "text-3") && holds(6, "text-4"));
	for (unsigned int i = 3; i < 7; i++)
		respond(i, 0);
	UNTIL(n_results == 4);
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(i + 1, results[i].token);
		assert_int_equal(GW_SENT_TAKEN, results[i].sent);
	}
	assert_int_equal(0, counters.at[GW_CTR_SMS_PUT_OFF]);
}

static void throttled_for_too_long_is_put_off(void **state)
{
	const struct smpp_retry soon = { 0x58, 2, 30000, 10 };

	(void)state;
	smpp_retries_set(&operator_config.retries, &soon);
	open_bearer();
	sms_token(7, "text");
	for (unsigned int i = 0; i < 3; i++) {
		UNTIL(n_submits == i + 1);
		respond(i, THROTTLED);
	}
	UNTIL(n_results == 1);
	assert_int_equal(GW_SENT_LATER, results[0].sent);
	assert_int_equal(THROTTLED, results[0].status);
	assert_int_equal(30000, results[0].pause_ms);
	assert_int_equal(2, results[0].times);
	assert_int_equal(1, counters.at[GW_CTR_SMS_PUT_OFF]);
	assert_int_equal(0, counters.at[GW_CTR_SMS_LOST]);
}

static void other_refusals_for_now_are_told(void **state)
{
	const struct smpp_retry vendor = { 0x480, 4, 5000, 0 }, never = { 0x45, 0, 0, 0 };
	static const struct { uint32_t status; enum gw_sent sent; unsigned int pause_ms, times; } rows[] = {
		{ 0x08, GW_SENT_LATER, 30000, 2 }, { 0x61, GW_SENT_LATER, 300000, 2 }, { 0x480, GW_SENT_LATER, 5000, 4 },
		{ 0x45, GW_SENT_REFUSED, 0, 0 }, { 0x481, GW_SENT_REFUSED, 0, 0 }, { 0x0a, GW_SENT_REFUSED, 0, 0 },
	};

	(void)state;
	smpp_retries_set(&operator_config.retries, &vendor);
	smpp_retries_set(&operator_config.retries, &never);
	open_bearer();
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sms_token(i + 1, "text");
		UNTIL(n_submits == i + 1);
		respond(i, rows[i].status);
		UNTIL(n_results == i + 1);
		assert_int_equal(rows[i].sent, results[i].sent);
		assert_int_equal(rows[i].status, results[i].status);
		assert_int_equal(rows[i].pause_ms, results[i].pause_ms);
		assert_int_equal(rows[i].times, results[i].times);
		assert_true(bearer->ops->sms_room(bearer, route) > 0); /* the others go on */
	}
}

/* Nobody waits for what a dialog has sent: it is tried again here. */
static void a_dialogs_message_is_tried_again_alone(void **state)
{
	const struct smpp_retry twice = { 0x08, 2, 10, 0 };

	(void)state;
	smpp_retries_set(&operator_config.retries, &twice);
	open_bearer();
	sms("of a dialog");
	UNTIL(n_submits == 1);
	respond(0, 0x08);
	UNTIL(bearer->ops->waiting(bearer) == 1);
	for (unsigned int i = 1; i < 3; i++) {
		UNTIL(n_submits == i + 1);
		assert_true(holds(i, "of a dialog"));
		respond(i, 0x08);
	}
	UNTIL(counters.at[GW_CTR_SMS_LOST] == 1);
	assert_int_equal(0, bearer->ops->waiting(bearer));
	assert_int_equal(0, n_results);
}

/* Those that rest are woken as each is due, whatever the order in which they were refused. */
static void each_rests_as_long_as_its_status_says(void **state)
{
	const struct smpp_retry slow = { 0x08, 2, 400, 0 }, quick = { 0x64, 2, 10, 0 };

	(void)state;
	smpp_retries_set(&operator_config.retries, &slow);
	smpp_retries_set(&operator_config.retries, &quick);
	open_bearer();
	sms("slow");
	sms("quick");
	UNTIL(n_submits == 2);
	respond(0, 0x08);
	respond(1, 0x64);
	UNTIL(n_submits == 4);
	assert_true(holds(2, "quick") && holds(3, "slow"));
}

static void no_more_waits_here_than_may(void **state)
{
	(void)state;
	links[0].window = 1;
	operator_config.sms_queue_parts = 4;
	operator_config.sms_parts_per_second = 3;
	make_long();
	open_bearer();
	assert_int_equal(3, bearer->ops->sms_room(bearer, route)); /* what goes in a second */
	assert_int_equal(3, sms_token(7, long_text));
	assert_int_equal(0, bearer->ops->sms_room(bearer, route));
	assert_int_equal(-ENOBUFS, sms_token(8, "more"));
	assert_int_equal(1, sms("of a dialog: that is bounded by the pool alone"));
	UNTIL(n_submits == 1);
	hang_up(&peers[0]);
	UNTIL(n_results == 1);
	assert_int_equal(0, bearer->ops->sms_room(bearer, route)); /* no link */
	assert_int_equal(3, bearer->ops->waiting(bearer));
}

static void what_waits_too_long_goes_back(void **state)
{
	(void)state;
	links[0].window = 1;
	open_bearer();
	sms_token(7, "first");
	sms_it(&(struct gw_sms){ .msisdn = "98912", .sender = "", .text = "second", .octets = 6, .validity_s = 1, .token = 8 });
	UNTIL(n_results == 1);
	assert_int_equal(8, results[0].token);
	assert_int_equal(GW_SENT_LATER, results[0].sent);
	assert_int_equal(0, results[0].times);
	assert_string_equal("no link could take it", results[0].why);
	assert_int_equal(1, n_submits);
}

static void at_the_end_what_was_not_sent_goes_back(void **state)
{
	(void)state;
	links[0].window = 1;
	open_bearer();
	sms_token(7, "first");
	sms_token(8, "second");
	UNTIL(n_submits == 1);
	bearer->ops->stop(bearer);
	UNTIL(n_results == 1);
	assert_int_equal(8, results[0].token);
	assert_int_equal(GW_SENT_LATER, results[0].sent);
	assert_int_equal(-ENOBUFS, sms_token(9, "third"));
	respond(0, 0);
	UNTIL(n_results == 2);
	assert_int_equal(7, results[1].token);
	assert_int_equal(GW_SENT_TAKEN, results[1].sent);
	UNTIL(bearer->ops->stopped(bearer));
}

/* When the process frees the bearer nothing is told: who sent it finds its intent, and knows. */
static void nothing_is_told_when_it_is_freed(void **state)
{
	(void)state;
	links[0].window = 1;
	open_bearer();
	sms_token(7, "first");
	sms_token(8, "second");
	UNTIL(n_submits == 1);
	TALLOC_FREE(bearer);
	assert_int_equal(0, n_results);
}

static void whose_network_a_number_is(void **state)
{
	static const char *ours[] = { "9891", "98920" }, *theirs[] = { "98912", "98935" };
	struct gw_config_operator two[2];

	(void)state;
	two[0] = two[1] = operator_config;
	two[1].name = "second";
	two[0].n_prefixes = two[1].n_prefixes = 2;
	two[0].prefixes = ours;
	two[1].prefixes = theirs;
	config = (struct gw_config){ .n_operators = 2, .operators = two };
	bearer = gw_bearer_smpp_alloc(ctx, &config, &user, &counters);
	assert_string_equal("second", gw_bearer_smpp_route_of(bearer, "989121234567")->name);
	assert_string_equal("first", gw_bearer_smpp_route_of(bearer, "989101234567")->name);
	assert_string_equal("second", gw_bearer_smpp_route_of(bearer, "989351234567")->name);
	assert_string_equal("first", gw_bearer_smpp_route_of(bearer, "447700900123")->name);
	assert_string_equal("first", gw_bearer_smpp_route_of(bearer, "")->name);
	two[1].is_default = true;
	assert_string_equal("second", gw_bearer_smpp_route_of(bearer, "447700900123")->name);
	assert_string_equal("first", gw_bearer_smpp_route_of(bearer, "989201234567")->name);
}

/* Tokens are 64 bits; the most parts, in every mode, each told once. */
static void a_thousand_parts_are_each_told_once(void **state)
{
	unsigned int seen[64][16] = { { 0 } }, answered = 0;
	static char text[16 * 153 + 1];

	(void)state;
	operator_config.sms_queue_parts = 16384;
	memset(text, 'x', sizeof(text) - 1);
	open_bearer();
	for (uint64_t i = 0; i < 64; i++)
		assert_int_equal(16, sms_token(i << 40 | 1, text));
	while (n_results < 1024) {
		UNTIL(n_submits > answered);
		for (; answered < n_submits; answered++)
			respond(answered, answered % 3 ? 0 : 0x0b);
		UNTIL(n_results == answered);
	}
	for (unsigned int i = 0; i < 1024; i++)
		assert_int_equal(0, seen[results[i].token >> 40][results[i].part]++);
}

static void a_long_text_message_has_parts(void **state)
{
	char text[401], persian[401] = "";

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < 100; i++)
		strcat(persian, "ق");
	open_bearer();
	assert_true(sms(text) > 0);
	UNTIL(n_submits == 3);
	for (unsigned int i = 0; i < 3; i++) {
		const uint8_t udh[] = { 5, 0, 3, 1, 3, (uint8_t)(i + 1) };

		assert_int_equal(0x40, field(i, ESM_CLASS));
		assert_int_equal(0, field(i, DATA_CODING));
		assert_non_null(memmem(submits[i].body, submits[i].octets, udh, sizeof(udh)));
		assert_true(holds(i, "4040"));
	}
	assert_true(sms(persian) > 0);
	UNTIL(n_submits == 5);
	assert_int_equal(8, field(3, DATA_CODING));
	assert_int_equal(2, counters.at[GW_CTR_SMS_OUT]);
}

/* As the operator's profile says: 161 letters are two parts, or one with a payload. */
static void a_long_text_message_in_each_mode(void **state)
{
	static const struct { enum smpp_concat_mode mode; unsigned int n; uint8_t esm_class; const char *octets; size_t n_octets; } rows[] = {
		{ SMPP_CONCAT_UDH16, 2, 0x40, "\x06\x08\x04\x00\x01\x02\x02xxxxxxxxx", 16 },
		{ SMPP_CONCAT_SAR, 2, 0, "xxxxxxxxx\x02\x0c\x00\x02\x00\x01\x02\x0e\x00\x01\x02\x02\x0f\x00\x01\x02", 25 },
		{ SMPP_CONCAT_PAYLOAD, 1, 0, "\x00\x04\x24\x00\xa1xxx", 8 },
	};
	char text[162] = "";
	unsigned int sent = 0;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		operator_config.long_sms = rows[i].mode;
		n_peers = 0;
		open_bearer();
		assert_true(sms(text) > 0);
		sent += rows[i].n;
		UNTIL(n_submits == sent);
		assert_int_equal(rows[i].esm_class, field(sent - 1, ESM_CLASS));
		assert_non_null(memmem(submits[sent - 1].body, submits[sent - 1].octets, rows[i].octets, rows[i].n_octets));
		TALLOC_FREE(bearer);
	}
	open_bearer();
}

/* Five parts by a bucket of two: the first two at once, the rest as it fills; an answer never waits for it. */
static void parts_are_counted(void **state)
{
	const struct gw_answer answer = { .kind = GW_ANSWER_END, .msisdn = "98912", .text = "now", .octets = 3, .version = 7 };
	char text[701];
	int64_t began_ms = gw_clock_ms();

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	operator_config.sms_parts_per_second = 2;
	open_bearer();
	deliver(&peers[0], 1, 1, 0, "*4#");
	UNTIL(n_steps == 1);
	assert_int_equal(5, sms(text));
	UNTIL(n_submits == 2);
	struct gw_answer with_context = answer;
	with_context.context = contexts[0];
	with_context.context_octets = steps[0].context_octets;
	assert_int_equal(0, bearer->ops->answer(bearer, route, &with_context));
	UNTIL(n_submits == 3);
	assert_true(holds(2, "now"));
	UNTIL(n_submits == 6);
	assert_true(gw_clock_ms() - began_ms >= 1000); /* three parts more than the bucket holds, at two a second */
	assert_int_equal(0, bearer->ops->waiting(bearer));
	bearer->ops->accept(bearer, &steps[0].ticket);
}

/* What data_coding means to an operator's USSD says nothing about its text messages. */
static void text_messages_do_not_speak_the_dialect(void **state)
{
	(void)state;
	operator_config.dialect.data_coding_gsm7 = 0x0f;
	open_bearer();
	sms("plain");
	UNTIL(n_submits == 1);
	assert_int_equal(0, field(0, DATA_CODING));
	TALLOC_FREE(bearer);
	operator_config.dialect.default_alphabet = SMPP_ALPHABET_LATIN1;
	n_peers = 0;
	open_bearer();
	sms("plain");
	UNTIL(n_submits == 2);
	assert_int_equal(8, field(1, DATA_CODING));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(a_message_is_what_its_sender_says),
		STORY(the_least_message),
		STORY(what_an_operator_does_not_take_is_left_out),
		STORY(no_reference_for_old_peers),
		STORY(what_cannot_be_sent_is_said_at_once),
		STORY(only_the_parts_that_are_wanted),
		STORY(without_a_response_it_is_unknown_and_never_sent_again),
		STORY(a_response_that_does_not_come_in_time),
		STORY(what_was_not_sent_waits_for_the_next_link),
		STORY(throttled_messages_keep_their_order),
		STORY(throttled_for_too_long_is_put_off),
		STORY(other_refusals_for_now_are_told),
		STORY(a_dialogs_message_is_tried_again_alone),
		STORY(each_rests_as_long_as_its_status_says),
		STORY(no_more_waits_here_than_may),
		STORY(what_waits_too_long_goes_back),
		STORY(at_the_end_what_was_not_sent_goes_back),
		STORY(nothing_is_told_when_it_is_freed),
		STORY(whose_network_a_number_is),
		STORY(a_thousand_parts_are_each_told_once),
		STORY(a_long_text_message_has_parts),
		STORY(a_long_text_message_in_each_mode),
		STORY(parts_are_counted),
		STORY(text_messages_do_not_speak_the_dialect),
	};

	return cmocka_run_group_tests_name("bearer_sms", tests, group_start, NULL);
}
