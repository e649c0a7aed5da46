/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What begins with us, in each shipped dialect, octet by octet: a text that is shown, a page that asks, and how a dialog that we
 * began ends. Dialects of which nobody knows how they would say it say nothing. */
#include "tests/unit/smpp/dialect_wire.h"

/* The number 0x0122 of ours becomes its_session_info 0x0246: one more, and bit 0 free. */
#define SESSION 0x0122

struct row {
	const char *dialect;
	const char *notify, *ask;       /* TLVs; NULL: not possible */
	struct { const char *came, *last; } end; /* the citizen's answer, and our last page */
	const char *release;            /* after the confirmation `shown`; NULL: none */
	const char *shown;
	uint32_t command;               /* 0: submit_sm */
	uint8_t esm_class, registered, coding;
	const char *type;               /* NULL: "USSD" */
};

static const struct row rows[] = {
	{ .dialect = "its", .notify = "0501 0001 03  1383 0002 0247", .ask = "0501 0001 02  1383 0002 0246",
	  .end = { "0501 0001 12  1383 0002 0246", "0501 0001 03  1383 0002 0247" } },
	{ .dialect = "huawei", .notify = "0501 0001 03  1383 0002 0246", .ask = "0501 0001 02  1383 0002 0246",
	  .end = { "0501 0001 12  1383 0002 0246", "0501 0001 03  1383 0002 0246" },
	  .release = "0501 0001 20  1383 0002 0247", .shown = "0501 0001 13  1383 0002 0246", .coding = 0x0F },
	{ .dialect = "ericsson", .notify = "0501 0001 03  1383 0002 0246", .ask = "0501 0001 02  1383 0002 0246",
	  .end = { "0501 0001 12  1383 0002 0246", "0501 0001 03  1383 0002 0246" } },
	{ .dialect = "eyeline", .notify = "0501 0001 03", .ask = "0501 0001 02",
	  .end = { "0501 0001 12  0204 0002 0033", "0501 0001 03  0204 0002 0033" } },
	{ .dialect = "velcom", .notify = "0501 0001 03",
	  .release = "0501 0001 20  0204 0002 0033", .shown = "0501 0001 13  0204 0002 0033" },
	{ .dialect = "ussrel", .notify = "0501 0001 83", .command = SMPP_DATA_SM },
	{ .dialect = "sessionless", .notify = "0501 0001 03", .type = "" },
};
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static int push(const struct smpp_dialect *d, bool ask, const char *text, struct bytes *out)
{
	const struct smpp_push it = { .ask = ask, .msisdn = NUMBER, .code = { 0, 1, "4040" }, .session = SESSION, .utf8 = text, .octets = strlen(text) };
	struct smpp_dialect_room room;
	struct smpp_pdu pdu;
	ssize_t n;
	int rc;

	memset(&pdu, 0xA5, sizeof(pdu));
	memset(&room, 0xA5, sizeof(room));
	rc = smpp_dialect_push(d, &it, &pdu, &room);
	if (rc < 0)
		return rc;
	pdu.sequence = 7;
	n = smpp_pdu_encode(out->at, sizeof(out->at), &pdu);
	assert_true(n > 0);
	out->n = (size_t)n;
	return 0;
}

static struct wire from_us(const struct row *row, const char *tlvs, const char *text)
{
	return (struct wire){ .command = row->command ? row->command : SMPP_SUBMIT_SM, .type = row->type ? row->type : "USSD", .source_ton = 0,
		.source_npi = 1, .source = "4040", .destination_ton = 1, .destination_npi = 1, .destination = NUMBER, .esm_class = row->esm_class,
		.registered_delivery = row->registered, .data_coding = row->coding, .tlvs = tlvs, .text = text };
}

static struct wire to_us(const struct row *row, const char *tlvs, const char *text)
{
	return (struct wire){ .command = SMPP_DELIVER_SM, .type = "USSD", .source_ton = 1, .source_npi = 1, .source = NUMBER,
		.destination_ton = 0, .destination_npi = 1, .destination = "4040", .data_coding = row->coding, .tlvs = tlvs, .text = text };
}

static void each_dialect_says_it_its_own_way(void **state)
{
	struct bytes got;

	(void)state;
	for (size_t i = 0; i < N_ROWS; i++) {
		const struct smpp_dialect *d = dialect(rows[i].dialect);
		struct wire want = from_us(&rows[i], rows[i].notify, "'Hello'");

		printf("%s\n", d->name);
		assert_int_equal(push(d, false, "Hello", &got), 0);
		assert_wire(&got, &want);
		if (!rows[i].ask) {
			assert_int_equal(push(d, true, "Hello", &got), -ENOTSUP);
			continue;
		}
		want.tlvs = rows[i].ask;
		assert_int_equal(push(d, true, "Hello", &got), 0);
		assert_wire(&got, &want);
	}
}

static void a_dialog_that_we_began_ends_its_own_way(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ROWS; i++) {
		const struct smpp_dialect *d = dialect(rows[i].dialect);
		struct wire came = to_us(&rows[i], rows[i].end.came, "'1'"), last = from_us(&rows[i], rows[i].end.last, "'Bye'");
		struct smpp_ussd_event event;
		struct bytes got;

		if (!rows[i].end.came)
			continue;
		printf("%s\n", d->name);
		assert_int_equal(hear(d, &came, &event), 0);
		assert_int_equal(event.kind, SMPP_USSD_CONTINUE);
		assert_int_equal(say(d, &event, SMPP_ANSWER_END_PUSHED, "Bye", &got), 0);
		assert_wire(&got, &last);
	}
}

static void what_was_shown_is_released(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ROWS; i++) {
		const struct smpp_dialect *d = dialect(rows[i].dialect);
		struct wire shown = to_us(&rows[i], rows[i].shown ? rows[i].shown : "0501 0001 13", ""), release = from_us(&rows[i], rows[i].release, "");
		struct smpp_ussd_event event;
		struct bytes got;

		assert_int_equal(smpp_dialect_releases(d), rows[i].release != NULL);
		assert_int_equal(hear(d, &shown, &event), 0);
		assert_int_equal(event.kind, SMPP_USSD_NOTIFIED);
		if (!rows[i].release)
			continue;
		assert_int_equal(say(d, &event, SMPP_ANSWER_RELEASE, "", &got), 0);
		assert_wire(&got, &release);
	}
}

static void the_others_say_nothing(void **state)
{
	struct bytes got;

	(void)state;
	for (size_t i = 0; smpp_dialect_row(i); i++) {
		const struct smpp_dialect *d = smpp_dialect_row(i);
		bool listed = false;

		for (size_t j = 0; j < N_ROWS; j++)
			listed |= strcmp(rows[j].dialect, d->name) == 0;
		assert_int_equal(push(d, false, "Hello", &got), listed ? 0 : -ENOTSUP);
		if (!listed)
			assert_int_equal(push(d, true, "Hello", &got), -ENOTSUP);
	}
}

/* An operator's knobs say what a shipped row does not know; what a citizen began ends as before. */
static void knobs_of_a_push(void **state)
{
	static const char *const knobs[][2] = { { "push", "both" }, { "push_session", "network" }, { "push_notify_out", "77" }, { "push_end_out", "78" },
		{ "release_out", "32" }, { "notify_confirm_in", "19" }, { "push_releases", "true" }, { "source_address", "123" }, { "source_ton", "6" } };
	struct wire want = from_us(&(struct row){ 0 }, "0501 0001 4D", "'Hello'"), came = begin_wire("0501 0001 12  0204 0002 0044", "'1'");
	struct smpp_dialect d = *dialect("mica");
	struct smpp_ussd_event event;
	struct bytes got;

	(void)state;
	for (size_t i = 0; i < sizeof(knobs) / sizeof(knobs[0]); i++)
		assert_int_equal(smpp_dialect_set(&d, knobs[i][0], knobs[i][1]), 0);
	assert_null(smpp_dialect_check(&d));
	want.source = "123";
	want.source_ton = 6;
	assert_int_equal(push(&d, false, "Hello", &got), 0);
	assert_wire(&got, &want);
	assert_true(smpp_dialect_releases(&d));
	assert_int_equal(hear(&d, &came, &event), 0);
	want.tlvs = "0501 0001 4E  0204 0002 0044";
	assert_int_equal(say(&d, &event, SMPP_ANSWER_END_PUSHED, "Hello", &got), 0);
	assert_wire(&got, &want);
	want.tlvs = "0501 0001 11  0204 0002 0044";
	assert_int_equal(say(&d, &event, SMPP_ANSWER_END, "Hello", &got), 0);
	assert_wire(&got, &want);
}

static void a_text_of_any_alphabet_or_none(void **state)
{
	static char long_text[300];
	struct bytes got;
	struct wire want = from_us(&(struct row){ .coding = 8 }, "0501 0001 03  1383 0002 0247", "0633");

	(void)state;
	assert_int_equal(push(dialect("its"), false, "س", &got), 0);
	assert_wire(&got, &want);
	memset(long_text, 'x', sizeof(long_text) - 1);
	assert_int_equal(push(dialect("its"), false, long_text, &got), -EMSGSIZE);
	assert_int_equal(push(dialect("its"), false, "\xff", &got), -EILSEQ);
}

static void a_number_of_ours_needs_its_place(void **state)
{
	struct smpp_dialect d = *dialect("its");
	struct bytes got;

	(void)state;
	d.echo_session = false;
	assert_int_equal(push(&d, false, "Hello", &got), -ENOTSUP);
	d = *dialect("eyeline");
	d.push_session = SMPP_PUSH_SESSION_OURS;
	assert_int_equal(push(&d, false, "Hello", &got), -ENOTSUP);
}

/* Sessions of ours never look like none, and leave the end bit alone. */
static void every_number_of_ours_is_a_session(void **state)
{
	(void)state;
	for (unsigned int i = 0; i <= UINT16_MAX; i++) {
		const struct smpp_push it = { .ask = true, .msisdn = NUMBER, .code = { 0, 1, "4040" }, .session = (uint16_t)i, .utf8 = "x", .octets = 1 };
		struct smpp_dialect_room room;
		struct smpp_pdu pdu;
		uint32_t its;

		assert_int_equal(smpp_dialect_push(dialect("its"), &it, &pdu, &room), 0);
		assert_true(smpp_pdu_tlv_number(&pdu, SMPP_TAG_ITS_SESSION_INFO, &its) && its > 0 && (its & 1) == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_dialect_says_it_its_own_way), cmocka_unit_test(a_dialog_that_we_began_ends_its_own_way),
		cmocka_unit_test(what_was_shown_is_released), cmocka_unit_test(the_others_say_nothing), cmocka_unit_test(knobs_of_a_push),
		cmocka_unit_test(a_text_of_any_alphabet_or_none), cmocka_unit_test(a_number_of_ours_needs_its_place), cmocka_unit_test(every_number_of_ours_is_a_session),
	};

	return cmocka_run_group_tests_name("dialect_push", tests, NULL, NULL);
}
